"""What an account buys by month, category and item, by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis.accounts import account_categories, account_items, account_months, categories_of, months_of
from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Facts

CHOSEN = pd.DataFrame({"account_id": ["H", "H"], "customer_id": ["a", "b"]})


def test_months_of_a_group_stand_beside_the_year_before(lines, calendar: Calendar) -> None:
    engine = lines(
        ("a", "2024-12-31", 100.0, {}),
        ("a", "2025-12-01", 30.0, {"cost": 20.0}),
        ("b", "2025-12-31", -5.5, {}),
        ("b", "2026-01-01", 9.0, {}),  # not analysed
        a="H", b="H",
    )  # fmt: skip
    found = account_months(months_of(engine, calendar), CHOSEN, calendar).table
    last = found.set_index("month").loc["2025-12-01"]
    assert len(found) == 12 and last[["net_sales", "year_before"]].tolist() == [24.5, 100.0]
    assert found["net_sales"].sum() == 24.5
    months = months_of(engine, calendar).set_index("month")
    assert months.loc["2025-12-01", ["margin", "margin_base"]].tolist() == [10.0, 30.0]


def test_a_year_before_that_is_not_covered_is_missing_not_zero(lines) -> None:
    calendar = Calendar(dt.date(2025, 3, 1), dt.date(2026, 1, 1))
    engine = lines(("a", "2025-03-01", 1.0, {}), a="H")
    found = account_months(months_of(engine, calendar), CHOSEN, calendar).table
    assert len(found) == 10 and found["year_before"].isna().all()


def test_categories_of_two_years_with_what_fell_silent(lines, calendar: Calendar) -> None:
    tea, salt = {"category": "Tea"}, {"category": "Salt"}
    engine = lines(
        ("a", "2025-01-01", 30.0, tea),  # the first day of the last 12 months
        ("b", "2024-12-31", 20.0, tea),
        ("b", "2024-05-01", 8.0, salt),
        ("a", "2025-07-01", -3.0, salt),
        ("a", "2025-07-01", 4.0, salt | {"is_service": True}),
        a="H", b="H",
    )  # fmt: skip
    silent = pd.DataFrame({"customer_id": ["b"], "category": ["Salt"], "last_on": pd.to_datetime(["2024-05-01"])})
    found = account_categories(categories_of(engine, calendar), silent, CHOSEN, calendar).table
    assert found[["category", "net_sales_12m", "net_sales_before", "is_silent"]].values.tolist() == [
        ["Tea", 30.0, 20.0, False],
        ["Salt", -3.0, 8.0, True],
    ]
    assert found["change"].round(4).tolist() == [0.5, -1.375]
    assert found["last_on"].dt.date.tolist() == [dt.date(2025, 1, 1), dt.date(2024, 5, 1)]


def test_lines_without_categories_and_items_say_so(lines, calendar: Calendar) -> None:
    engine = lines(("a", "2025-01-01", 30.0, {}))
    nothing = pd.DataFrame({"customer_id": [], "category": [], "last_on": []}, dtype="str")
    assert account_categories(categories_of(engine, calendar), nothing, CHOSEN, calendar).absent is not None
    assert account_items(engine, calendar, Facts()).absent is not None


def test_an_item_bought_each_day_and_then_never_is_lost(lines, calendar: Calendar) -> None:
    """Bought on 6 of 6 days and on none of 6 since: of the 4 days between all 4, chance Π (½ + j)/(5 + j) = 0.0011."""
    days = [f"2025-{month:02}-05" for month in range(1, 13)]
    rows = [("a", day, 10.0, {"item": "Tea"}) for day in days]
    rows += [("b", day, 40.0, {"item": "Salt"}) for day in days[:6]]
    found = account_items(lines(*rows, a="H", b="H"), calendar, Facts()).table
    assert found[["kind", "place", "item", "net_sales_year"]].values.tolist() == [
        ["lost", 1, "Salt", 240.0],
        ["top", 1, "Salt", 240.0],
        ["top", 2, "Tea", 120.0],
    ]
    fewer = account_items(lines(*rows, a="H", b="H"), calendar, Facts(category_order_days=7)).table
    assert set(fewer["kind"]) == {"top"}
