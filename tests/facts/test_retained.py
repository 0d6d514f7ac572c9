"""Counts of who stayed, and what was known of a buyer on an earlier day."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.history import history_before
from kam_analysis.facts.retained import Retained, last_retained, retained

MARCH = dt.date(2024, 3, 1)


def orders_of(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on"])
    return frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]), net_sales=10.0)


def test_counts_by_hand() -> None:
    orders = orders_of(
        ("kept", "2024-02-29"), ("kept", "2024-03-01"), ("lost", "2024-02-01"), ("new", "2024-03-31"),
        ("back", "2024-01-31"), ("back", "2024-03-10"), ("gone", "2024-01-10"), ("later", "2024-04-01"),
    )  # fmt: skip
    counts = retained(orders, MARCH, 1)
    assert counts == Retained(MARCH, 1, base=2, active=3, new=1, kept=1)
    assert counts.retained_share == 0.5
    assert counts.crr_formula == 1.0  # (3 − 1)/2: the returner counts as retained
    assert counts.reactivated == 1


def test_first_day_belongs_to_the_period_and_the_day_after_does_not() -> None:
    assert retained(orders_of(("a", "2024-03-01")), MARCH, 1).active == 1
    assert retained(orders_of(("a", "2024-04-01")), MARCH, 1).active == 0
    assert retained(orders_of(("a", "2024-02-01")), MARCH, 1).base == 1
    assert retained(orders_of(("a", "2024-01-31")), MARCH, 1).base == 0


def test_without_a_base_no_share() -> None:
    counts = retained(orders_of(("a", "2024-03-05")), MARCH, 1)
    assert counts.crr_formula is None and counts.retained_share is None


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2024, 4, 30))


@given(st.lists(st.tuples(st.sampled_from("abcdef"), DAYS), min_size=1, max_size=40))
def test_formula_is_retained_share_plus_reactivated(rows: list[tuple[str, dt.date]]) -> None:
    orders = orders_of(*((name, day.isoformat()) for name, day in rows))
    counts = retained(orders, MARCH, 1)
    assert counts.kept <= min(counts.base, counts.active)
    assert counts.reactivated >= 0
    assert retained(orders[::-1], MARCH, 1) == counts
    if counts.base:
        assert counts.crr_formula == pytest.approx(counts.retained_share + counts.reactivated / counts.base)


def test_period_is_the_longest_that_the_data_allow() -> None:
    orders = orders_of(("a", "2024-01-01"))
    assert last_retained(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 10))) is None
    for as_of, months in ((dt.date(2024, 3, 1), 1), (dt.date(2024, 7, 1), 3), (dt.date(2026, 1, 1), 12)):
        found = last_retained(orders, Calendar(dt.date(2024, 1, 1), as_of))
        assert found is not None and (found.months, found.end_on) == (months, as_of)


def test_history_knows_nothing_of_the_day_itself() -> None:
    orders = orders_of(
        ("a", "2024-01-01"), ("a", "2024-01-01"), ("a", "2024-01-11"), ("a", "2024-03-01"), ("b", "2024-03-02")
    )
    known = history_before(orders, MARCH)
    assert known["customer_id"].tolist() == ["a"]
    row = known.iloc[0]
    assert (row["orders"], row["order_days"], row["lifetime_days"]) == (3, 2, 10)
    assert (row["recency_days"], row["tenure_days"]) == (50, 60)  # 2024 is a leap year: 11 Jan + 50 days = 1 Mar
    assert (row["net_sales"], row["repeat_sales"]) == (30.0, 10.0)
