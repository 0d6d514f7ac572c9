"""What each group of new customers brings: the mean cumulative value of its own customers."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Facts
from kam_analysis.value import what_is_each_group_worth

from .conftest import life_months_of

CALENDAR = Calendar(dt.date(2022, 6, 1), dt.date(2024, 1, 1))
RULES = Facts(fewest_new=20)


@pytest.fixture
def frames(make_frames) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Twelve customers of trade, ten of steel, one of wood; three orders each, and one old customer."""
    sales = {f"t{n:02}": 900.0 + n for n in range(12)} | {f"s{n:02}": 40.0 + n for n in range(10)} | {"w": 40.0}
    days = ("2022-10-01", "2022-12-20", "2023-11-01")
    rows = [(name, day, money) for name, money in sales.items() for day in days]
    facts, orders, _ = make_frames([*rows, ("old", "2022-06-01", 5000.0)], CALENDAR.as_of)
    industry = facts["customer_id"].str[0].map({"t": "trade", "s": "steel", "w": "wood", "o": "trade"})
    return facts.assign(industry=industry.astype("str")), life_months_of(orders)


def test_a_group_has_the_means_of_its_own_new_customers(frames) -> None:
    found = what_is_each_group_worth(*frames, CALENDAR, RULES, 10)
    rows = found.table.set_index("group")
    assert rows.index.tolist() == ["trade", "steel", "wood"]
    # within 12 months two orders each; the third came 13 months after the first; the old customer is no new one
    assert rows.loc["trade", ["buyers", "orders"]].tolist() == [12, 2]
    assert rows.loc["trade", "value"] == pytest.approx(2 * (900 + 11 / 2))
    assert rows.loc["steel", "value"] == pytest.approx(2 * (40 + 9 / 2))
    assert rows.loc["trade", "low"] < rows.loc["trade", "value"] < rows.loc["trade", "high"]
    assert rows.loc["trade", "sales_per_order"] == pytest.approx(900 + 11 / 2)
    assert rows.loc["wood", "buyers"] == 1 and rows.loc["wood"].drop(["grouping", "buyers"]).isna().all()
    assert found.numbers == {"worth.horizon_months": 12}
    assert found.sentence.values["group"] == "trade"


def test_groups_of_all_kinds_stand_by_what_they_bring(frames) -> None:
    facts, cells = frames
    size = facts["industry"].map({"trade": "small", "steel": "large"})  # the only wood has no size
    found = what_is_each_group_worth(facts.assign(size=size), cells, CALENDAR, RULES, 10)
    assert found.table["group"].tolist() == ["trade", "small", "steel", "large", "wood"]
    assert found.most_rows == 4


def test_groups_that_do_not_differ_are_not_ranked(frames) -> None:
    facts, cells = frames
    mixed = facts.assign(industry=["odd" if number % 2 else "even" for number in range(len(facts))])
    found = what_is_each_group_worth(mixed, cells, CALENDAR, RULES, 10)
    assert len(found.table) == 2
    assert found.sentence.template.startswith("No group of new customers brings significantly more")


def test_one_known_group_is_no_comparison_and_nobody_is_not_measurable(frames) -> None:
    facts, cells = frames
    one_known = facts["industry"].replace("steel", "wood").where(facts["customer_id"].str[0] != "s", None)
    for none in (facts.assign(industry="trade"), facts.assign(industry=one_known), facts.iloc[:0]):
        found = what_is_each_group_worth(none, cells, CALENDAR, RULES, 10)
        assert found.absent is not None and found.numbers["worth.horizon_months"] is None


def test_row_order_changes_nothing(frames) -> None:
    facts, cells = frames
    one, other = (what_is_each_group_worth(frame, cells, CALENDAR, RULES, 10).table for frame in (facts, facts[::-1]))
    pd.testing.assert_frame_equal(one, other)
