"""Categories that fell silent at customers who go on ordering."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.silent_categories import category_gap_survival
from kam_analysis.params import Facts
from kam_analysis.retention import category_habits, silent_categories

CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2025, 1, 1))
RULES = Facts(category_order_days=4)


def habits_of(engine, lines: list[tuple[str, str, str | None, float]]) -> pd.DataFrame:
    """Habits from lines of (customer, day, category, net sales); every day is one order."""
    frame = pd.DataFrame(lines, columns=["customer_id", "ordered_on", "category", "net_sales"])
    frame = frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]), order_id=None, is_service=False)
    frame = frame.assign(cost=frame["net_sales"] / 2)
    engine.put("order_lines", frame.astype({"order_id": "str", "category": "str"}))
    placed = frame[frame["net_sales"] > 0].drop_duplicates(["customer_id", "ordered_on"])
    engine.put("customer_orders", placed.assign(order_id=placed["ordered_on"].dt.strftime("%Y-%m-%d")))
    return category_habits(engine, CALENDAR.as_of)


def test_habits_by_hand(engine) -> None:
    days = [f"2024-{month:02}-05" for month in range(1, 11)]
    lines = [("a", day, "Paper", 10.0) for day in days]
    lines += [("a", days[place], "Coffee", 4.0) for place in (1, 2, 4, 5)]
    lines += [("a", days[5], "Coffee", -1.0), ("a", days[5], None, 9.0), ("b", days[0], "Paper", 1.0)]
    found = habits_of(engine, lines).set_index(["customer_id", "category"])
    coffee = found.loc[("a", "Coffee")]
    # order days 2, 3, 5, 6 of ten; between them 3, 4, 5, of which 3 and 5 have it; 7–10 come after
    names = ["category_days", "days_between", "with_between", "days_since", "categories"]
    assert coffee[names].tolist() == [4, 3, 2, 4, 2]
    assert (coffee["net_sales_year"], coffee["margin_year"]) == (15, 7.5)
    assert found.loc[("a", "Paper"), "days_since"] == 0
    assert found.loc[("b", "Paper"), "categories"] == 1


def test_money_is_that_of_the_twelve_months_up_to_the_last_day(engine) -> None:
    lines = [("a", "2023-06-30", "Paper", 100.0), ("a", "2023-07-01", "Paper", 10.0), ("a", "2024-06-30", "Paper", 1.0)]
    assert habits_of(engine, lines)["net_sales_year"].tolist() == [11]


def test_chance_is_the_mean_over_the_unknown_share() -> None:
    # n = 4, k = 3, m = 2: ∫ (1−p)² Beta(3.5, 1.5) dp by a fine grid
    p = (np.arange(200_000) + 0.5) / 200_000
    weight = p**2.5 * (1 - p) ** 0.5
    assert category_gap_survival([4], [3], [2])[0] == pytest.approx(
        ((1 - p) ** 2 * weight).sum() / weight.sum(), rel=1e-5
    )
    assert category_gap_survival([4], [3], [0])[0] == pytest.approx(1)


def test_chances_of_customers_without_a_change_are_no_alarm() -> None:
    # with p = 0.5 known from many days, m days without have the chance 0.5^m
    assert category_gap_survival([100_000], [50_000], [5])[0] == pytest.approx(0.5**5, rel=1e-3)


def ordering(*customers: str, gone: str | None = None) -> pd.DataFrame:
    """Chances of customers who order as usual, but for one."""
    is_gone = [customer == gone for customer in customers]
    return pd.DataFrame({"customer_id": customers, "is_unusual_silence": False, "is_likely_silent": is_gone})


def habit(customer: str, **given: object) -> dict[str, object]:
    plain = {
        "customer_id": customer, "category": "Paper", "category_days": 10, "last_on": pd.Timestamp("2024-06-01"),
        "days_between": 10, "with_between": 9, "days_since": 12, "categories": 2, "net_sales_year": 50.0,
        "margin_year": None,
    }  # fmt: skip
    return plain | given


def test_only_customers_who_go_on_ordering_and_buy_several_categories_are_looked_at(make_facts) -> None:
    habits = pd.DataFrame(
        [
            habit("large", net_sales_year=900.0), habit("small"), habit("one", categories=1),
            habit("rare", category_days=3),
            habit("gone"), habit("still", days_since=0), habit("short", days_since=1),
        ]
    )  # fmt: skip
    names = ("large", "small", "one", "rare", "gone", "still", "short")
    facts, chances = make_facts({name: {} for name in names}), ordering(*names, gone="gone")
    found = silent_categories(habits, facts, chances, RULES)
    assert found.table["customer_id"].tolist() == ["large", "small"]
    assert found.numbers == {
        "categories.tested": 4, "categories.silent": 2, "categories.customers": 2, "categories.net_sales": 950.0,
    }  # fmt: skip
    turned = silent_categories(habits[::-1], facts[::-1], chances[::-1], RULES)
    pd.testing.assert_frame_equal(turned.table, found.table)


def test_nothing_silent_and_nothing_to_look_at(make_facts) -> None:
    facts, chances = make_facts({"a": {}}), ordering("a")
    quiet = silent_categories(pd.DataFrame([habit("a", days_since=0)]), facts, chances, RULES)
    assert quiet.absent is None and quiet.table.empty and quiet.numbers["categories.silent"] == 0
    assert silent_categories(pd.DataFrame([habit("a", categories=1)]), facts, chances, RULES).absent is not None
    no_category = silent_categories(pd.DataFrame([habit("a")])[:0], facts, chances, RULES)
    assert no_category.numbers["categories.tested_absent"] == "no order names a category"
