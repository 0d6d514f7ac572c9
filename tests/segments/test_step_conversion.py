"""Climbing the ladder by hand: who is mature, who climbs in time, who more often."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.report.language import Language
from kam_analysis.segments.step_conversion import GROUP, conversion_groups, step_conversion

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2024, 1, 1))


def climbs(orders: pd.DataFrame, fewest: int = 1) -> pd.DataFrame:
    return step_conversion(orders, CALENDAR, fewest, 3).table.set_index(["step", "days"])


def test_exactly_so_many_days_are_in_time_and_exactly_so_old_is_mature(make_orders) -> None:
    orders = make_orders({
        "a": ["2023-01-01", "2023-01-31"],  # 30 days: in time
        "b": ["2023-01-01", "2023-02-01"],  # 31 days: too late for 30
        "c": ["2023-12-02"],  # 30 days ago: mature for 30, not for 60
        "d": ["2023-12-03"],  # 29 days ago: still has time
    })  # fmt: skip
    table = climbs(orders)
    assert table.loc[("one_order", 30), ["buyers", "climbed", "climbed_share"]].tolist() == [3, 1, 1 / 3]
    assert tuple(table.loc[("one_order", 30), ["low", "high"]]) == wilson(1, 3)
    assert table.loc[("one_order", 60), ["buyers", "climbed"]].tolist() == [2, 2]
    assert table.loc[("two_orders", 90), ["buyers", "climbed"]].tolist() == [2, 0]


def test_a_second_order_on_the_same_day_counts_and_later_orders_are_not_seen(make_orders) -> None:
    table = climbs(make_orders({"a": ["2023-01-01", "2023-01-01", "2023-01-05"], "b": ["2023-01-01", "2024-01-01"]}))
    assert table.loc[("one_order", 365), ["buyers", "climbed"]].tolist() == [2, 1]
    assert table.loc[("two_orders", 30), ["buyers", "climbed"]].tolist() == [1, 1]


def test_with_one_buyer_too_few_the_share_is_hidden(make_orders) -> None:
    orders = make_orders({str(n): ["2023-01-01", "2023-01-02"] for n in range(9)})
    found = step_conversion(orders, CALENDAR, 10, 3)
    assert found.table[["climbed", "climbed_share", "low"]].isna().all(axis=None)
    assert found.numbers["climb.one_order_30d"] is None
    assert "Too few" in found.sentence.template
    assert step_conversion(orders, CALENDAR, 9, 3).numbers["climb.one_order_30d"] == 1


def test_without_orders_it_is_not_measurable(make_orders, make_facts) -> None:
    assert step_conversion(make_orders({}), CALENDAR, 10, 3).absent is not None
    assert conversion_groups(make_orders({}), make_facts({}), CALENDAR, 10).absent is not None


@pytest.fixture
def company(make_orders, make_facts):
    """Forty of trade come again in a day, forty of steel never do; first orders of 1, the last twenty of 500."""
    days = {f"t{n}": ["2023-01-01", "2023-01-02"] for n in range(40)} | {f"s{n}": ["2023-01-01"] for n in range(40)}
    orders = make_orders(days)
    rich = orders["customer_id"].isin([f"s{n}" for n in range(20, 40)])
    orders["net_sales"] = orders["net_sales"].where(~rich, 500.0)
    facts = make_facts({name: {"industry": "trade" if name[0] == "t" else "steel"} for name in days})
    return orders, facts


def test_who_climbs_more_often_is_found(company) -> None:
    found = conversion_groups(*company, CALENDAR, 10)
    language = Language("en", "GBP")
    rows = found.table.set_index(pd.Index([language.text(GROUP.of(row)) for row in found.table.to_dict("records")]))
    assert rows.loc["trade", ["attribute", "buyers", "climbed_share", "verdict"]].tolist() == [
        "industry",
        40,
        1,
        "above",
    ]
    assert rows.loc["steel", "verdict"] == "below"
    # 60 equal orders share mid-rank 30.5 of 80: the second third; 20 of 500 stand in the last; nobody in the first
    assert rows.loc[rows["attribute"] == "first_order", "buyers"].tolist() == [60, 20]
    assert rows.index[rows["attribute"] == "first_order"].tolist() == ["up to £1", "over £1"]
    assert rows.loc["over £1", "verdict"] == "below"
    assert found.numbers == {"climbs.compared": 4, "climbs.below": 2, "climbs.above": 2}


def test_a_group_too_small_is_left_out_and_alone_is_no_comparison(company) -> None:
    orders, facts = company
    found = conversion_groups(orders, facts, CALENDAR, 41)
    assert found.table.empty and found.absent is not None
    assert conversion_groups(orders, facts, CALENDAR, 40).table["attribute"].tolist() == ["industry", "industry"]


def test_row_order_changes_nothing(company) -> None:
    orders, facts = company
    shuffled = conversion_groups(orders.sample(frac=1, random_state=1), facts.iloc[::-1], CALENDAR, 10)
    pd.testing.assert_frame_equal(conversion_groups(orders, facts, CALENDAR, 10).table, shuffled.table)
