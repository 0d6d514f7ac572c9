"""Lifetimes by segment and waits for the next order, with open ones censored."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.lifetime_value import MONTH_DAYS, Silence
from kam_analysis.params import Facts, Retention
from kam_analysis.retention import lifetimes, order_days, order_steps, order_waits

CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2024, 5, 1))  # 121 days
RULES = Retention(min_cell=2)
HALF_A_YEAR, LIFE = Silence(6 * MONTH_DAYS), Facts(fewest_followed=1)
SALES = [
    ("a", "2024-01-01"), ("a", "2024-01-01"), ("a", "2024-01-11"), ("a", "2024-03-11"),
    ("b", "2024-01-01"), ("b", "2024-01-31"),
    ("c", "2024-02-01"),
    ("d", "2024-04-21"), ("d", "2024-05-01"),  # the second is on the reference date: not known
]  # fmt: skip


@pytest.fixture
def days(make_frames) -> pd.DataFrame:
    return order_days(make_frames([(who, day, 1.0) for who, day in SALES])[0], CALENDAR)


def test_gaps_are_closed_by_the_next_order_day_or_open_to_the_reference_date(days) -> None:
    assert days[["customer_id", "place", "gap_days", "is_closed"]].values.tolist() == [
        ["a", 1, 10, True], ["a", 2, 60, True], ["a", 3, 51, False],
        ["b", 1, 30, True], ["b", 2, 91, False], ["c", 1, 90, False], ["d", 1, 10, False],
    ]  # fmt: skip


def test_steps_by_hand(days) -> None:
    # waits for order day 2: a 10, b 30, c 90+, d 10+ -> after 10: 3/4; d leaves; after 30: 3/4 · 1/2 = 3/8
    table = order_steps(days, CALENDAR, HALF_A_YEAR, RULES).table.set_index("order_no")
    assert table.loc[2, ["buyers", "ordered"]].tolist() == [4, 2]
    assert table.loc[2, ["share_30d", "share_90d", "median_days"]].tolist() == [0.625, 0.625, 30]
    assert pd.isna(table.loc[2, "share_365d"])  # nobody was followed that long
    # order day 3: a 60, b 91+ -> 1/2; from the first: a 70, b 121+, c 90+, d 10+ -> 2/3 after 70, never half
    assert table.loc[3, ["buyers", "share_90d", "median_days"]].tolist() == [2, 0.5, 60]
    assert pd.isna(table.loc[3, "median_from_first_days"])
    assert table.loc[4, "buyers"] == 1 and pd.isna(table.loc[4, "share_90d"])  # below the minimum


def test_long_gaps_warn_of_too_short_a_silence(make_frames) -> None:
    sales = [(f"c{n}", day, 1.0) for n in range(9) for day in ("2024-01-01", f"2024-0{1 + n % 4}-20")]
    found = order_steps(order_days(make_frames(sales)[0], CALENDAR), CALENDAR, Silence(15), RULES)
    # the 9 closed gaps are 19 (3), 50 and 79 (2 each) and 110 (2) days, the open ones shorter than 102
    assert found.numbers["gap.p90_days"] == 110
    assert found.caveats[0].text.values["days"] == 15
    assert order_steps(order_days(make_frames(sales)[0], CALENDAR), CALENDAR, HALF_A_YEAR, RULES).caveats == []


def test_waits_rise_to_the_share_of_the_steps(days) -> None:
    found = order_waits(days, CALENDAR)
    second = found.table[found.table["order_no"] == 2].set_index("days")["ordered_share"]
    assert second[[0, 7, 14, 28, 35, 84]].tolist() == [0, 0, 0.25, 0.25, 0.625, 0.625]
    assert found.numbers["order_within_90d.2"] == 0.625
    assert found.numbers["order_within_90d.5"] == 0


def test_nobody_followed_for_a_week_is_absent(make_frames) -> None:
    orders, _ = make_frames([("a", "2024-01-01", 1.0)])
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 1, 5))
    for found in (
        order_waits(order_days(orders, calendar), calendar),
        order_steps(order_days(orders, calendar), calendar, HALF_A_YEAR, RULES),
        order_waits(order_days(orders[:0], calendar), calendar),
    ):
        assert found.absent is not None


def buyer(tenure: float, recency: float, industry: str | None) -> dict[str, object]:
    return {"orders": 2, "tenure_days": tenure, "recency_days": recency, "industry": industry}


def test_lifetimes_by_hand(make_facts) -> None:
    # A silence of 6 months ends a life. Months of life: a 4 (ended), b 10 − 6 = 4 (open), c 14 (ended), d 17 − 6 = 11
    # (open); alive after 4: 3/4, after 14: 0. The longest follow-up is that of c, 24 − 6 = 18 months.
    month = MONTH_DAYS
    facts = make_facts(
        {
            "a": buyer(20 * month, 16 * month, "hotel"),
            "b": buyer(10 * month, 2 * month, "hotel"),
            "c": buyer(24 * month, 10 * month, "office"),
            "d": buyer(17 * month, 1 * month, None),
            "e": buyer(5 * month, 1 * month, "school"),  # came too late to be followed
        }
    )
    found = lifetimes(facts, HALF_A_YEAR, Facts(fewest_followed=1, lifetime_cap_months=20), RULES)
    whole = found.table.iloc[0]
    assert pd.isna(whole["unit"]) and whole[["buyers", "ended", "alive_share"]].tolist() == [4, 2, 0.75]
    assert whole["median_months"] == 14
    assert whole["mean_months"] == pytest.approx(4 + 10 * 0.75)
    by_unit = found.table.set_index("unit")
    assert by_unit.loc["hotel", ["buyers", "ended"]].tolist() == [2, 1]
    assert pd.isna(by_unit.loc["hotel", "alive_share"])  # nobody of them was followed for 12 months
    assert by_unit.loc["hotel", "mean_months"] == pytest.approx(4 + 14 * 0.5)
    assert by_unit.loc["office", "buyers"] == 1 and pd.isna(by_unit.loc["office", "mean_months"])
    school = by_unit.loc["school"]  # nobody of the group is followed: it stands without a figure
    assert school["buyers"] == 0 and school[["ended", "mean_months"]].isna().all()
    assert found.numbers["lifetime.alive_12m"] == 0.75
    capped = lifetimes(facts, HALF_A_YEAR, Facts(fewest_followed=1, lifetime_cap_months=10), RULES)
    assert capped.numbers["lifetime.mean_months"] == pytest.approx(4 + 6 * 0.75)
    two = lifetimes(facts, HALF_A_YEAR, Facts(fewest_followed=2), RULES)  # a is followed for 14 months
    assert two.numbers["lifetime.mean_months"] == pytest.approx(4 + 10 * 0.75)


def test_a_share_of_all_has_no_interval(make_facts) -> None:
    month = 30.4375
    facts = make_facts({name: buyer(20 * month, 1 * month, None) for name in "abc"})  # nobody has ended
    whole = lifetimes(facts, HALF_A_YEAR, LIFE, RULES).table.iloc[0]
    assert whole["alive_share"] == 1 and pd.isna(whole["low"]) and pd.isna(whole["high"])


def test_too_few_buyers_have_no_lifetime(make_facts) -> None:
    found = lifetimes(make_facts({"a": buyer(10, 5, None)}), HALF_A_YEAR, LIFE, RULES)
    assert found.absent is not None and found.numbers["lifetime.mean_months"] is None


def test_nobody_followed_beyond_the_silence_has_no_lifetime(make_facts) -> None:
    facts = make_facts({"a": buyer(180, 170, None), "b": buyer(180, 180, None), "c": buyer(90, 90, None)})
    assert lifetimes(facts, Silence(150), LIFE, RULES).absent is not None  # for a month
    assert lifetimes(facts, Silence(149), LIFE, RULES).absent is None  # 31 days are more than a month
    assert lifetimes(facts[:1], Silence(149), LIFE, RULES).absent is not None  # one is too few
    assert lifetimes(facts, Silence(149), Facts(fewest_followed=3), RULES).absent is not None
    assert lifetimes(facts[1:], Silence(20), LIFE, RULES).absent is not None  # nobody came back


def test_once_everybody_came_again_the_curve_is_known_for_ever(make_frames) -> None:
    monthly = [(who, f"2024-0{month}-05", 1.0) for who in "ab" for month in (1, 2, 3, 4, 5)]
    calendar = Calendar(dt.date(2024, 1, 5), dt.date(2024, 12, 1))
    days = order_days(make_frames(monthly)[0], calendar)
    waits = order_waits(days, calendar)
    assert waits.table.days.max() > 121 and waits.sentence.values["fifth"] == 1
    steps = order_steps(days, calendar, HALF_A_YEAR, RULES)
    assert steps.absent is None and steps.table["share_90d"].tolist()[0] == 1


def test_of_one_step_one_thing_is_said_and_no_gap_is_long(make_frames) -> None:
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 12, 1))
    days = order_days(make_frames([(who, "2024-01-01", 1.0) for who in "abc"])[0], calendar)
    steps = order_steps(days, calendar, HALF_A_YEAR, RULES)
    assert steps.sentence.template == "Within 90 days {first:share} go on to order {k:count}"
    assert not steps.caveats
