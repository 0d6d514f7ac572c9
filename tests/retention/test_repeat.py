"""Repeat rates: second order day, observation long enough, Wilson interval."""

from __future__ import annotations

import datetime as dt

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Retention
from kam_analysis.retention import how_many_repeat

CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 1))


def test_rates_by_hand(make_frames) -> None:
    orders, _ = make_frames(
        [
            ("at 30", "2024-01-01", 1.0),
            ("at 30", "2024-01-31", 1.0),
            ("at 31", "2024-01-01", 1.0),
            ("at 31", "2024-02-01", 1.0),
            ("same day", "2024-01-02", 1.0),
            ("same day", "2024-01-02", 1.0),
            ("just observed", "2024-01-31", 1.0),  # 30 days before 1 March 2024
            ("just observed", "2024-02-01", 1.0),
            ("too late", "2024-02-01", 1.0),
            ("too late", "2024-02-02", 1.0),
        ]
    )
    found = how_many_repeat(orders, CALENDAR, Retention(repeat_days=(30, 90)))
    assert found.numbers["repeat_rate.30d"] == 0.5  # at 30 and just observed, of four
    assert found.numbers["repeat_rate.30d.n"] == 4
    assert found.numbers["repeat_rate.90d"] is None
    assert found.numbers["repeat_rate.90d.n"] == 0
    assert found.numbers["repeat_rate.90d_absent"] == "no buyer was observed for 90 days"


def test_orders_on_the_reference_date_are_unknown(make_frames) -> None:
    orders, _ = make_frames([("a", "2024-01-01", 1.0), ("a", "2024-03-01", 1.0)])
    assert how_many_repeat(orders, CALENDAR, Retention(repeat_days=(60,))).numbers["repeat_rate.60d"] == 0.0


def test_nobody_observed_long_enough_is_absent(make_frames) -> None:
    orders, _ = make_frames([("a", "2024-02-20", 1.0)])
    found = how_many_repeat(orders, CALENDAR, Retention())
    assert found.absent is not None and found.drawing is None
