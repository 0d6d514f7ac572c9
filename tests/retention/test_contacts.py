"""Contacts before leaving against comparable stayers, by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.lifetime_value import Silence
from kam_analysis.params import Retention
from kam_analysis.retention import contacts_before_leaving
from kam_analysis.tables import INTERACTIONS

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2025, 1, 1))
ENDS_LIFE, RULES = Silence(180), Retention(min_cell=2)


def contacts(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Contacts of (customer, day, type)."""
    frame = pd.DataFrame([("z", "2023-01-01", "call"), *rows], columns=["customer_id", "date", "type"])
    return INTERACTIONS.conform(frame.reindex(columns=INTERACTIONS.names))


def company() -> list[tuple[str, str, float]]:
    """Leavers x and y, stayers s and t, all alike in the second quarter of 2024."""
    rows = [(name, "2024-04-01", 10.0) for name in "xyst"]
    return rows + [(name, day, 10.0) for name in "st" for day in ("2024-08-01", "2024-12-01")]


def test_leavers_are_held_against_their_stayers(make_frames: Callable) -> None:
    orders, _ = make_frames(company())
    seen = contacts(
        ("x", "2024-03-31", "visit"),  # one day before
        ("y", "2024-04-01", "visit"),  # on the day: not before it
        ("y", "2024-01-02", "call"),  # 90 days before
        ("y", "2024-01-01", "call"),  # 91 days before
        ("s", "2024-03-01", "visit"),
        ("s", "2024-03-02", "call"),
        ("s", "2024-03-03", "complaint"),  # no care
        ("t", "2024-03-01", "call"),
        ("t", "2024-03-02", "call"),
    )
    found = contacts_before_leaving(seen, orders, CALENDAR, ENDS_LIFE, RULES)
    rows = found.table.set_index(found.table["type"].fillna("all"))
    assert rows["leavers"].tolist() == rows["matched"].tolist() == rows["stayers"].tolist() == [2, 2, 2]
    # x 1 and y 1 against the mean of s 2 and t 2
    assert rows.loc["all", ["left_mean", "stayed_mean", "difference"]].tolist() == [1.0, 2.0, -1.0]
    assert rows.loc["all", ["diff_low", "diff_high"]].tolist() == [-1.0, -1.0]
    # visits: x 1, y 0 against 0.5: differences 0.5 and −0.5, sd √0.5, half width 1.959964·√(0.5/2)
    assert rows.loc["visit", "difference"] == 0.0
    assert rows.loc["visit", ["diff_low", "diff_high"]].tolist() == pytest.approx([-0.979982, 0.979982])
    assert found.numbers["contacts_before.difference"] == -1.0


def test_only_comparable_customers_count(make_frames: Callable) -> None:
    others = [("n", day, 10.0) for day in ("2022-01-01", "2024-04-02", "2024-08-01", "2024-12-01")]  # longer a customer
    others += [("r", day, 10.0) for day in ("2024-04-02", "2024-12-31")]  # back after 273 days: neither left nor stayed
    orders, _ = make_frames(company() + others)
    found = contacts_before_leaving(contacts(("n", "2024-04-01", "call")), orders, CALENDAR, ENDS_LIFE, RULES)
    whole = found.table.iloc[0]
    assert whole[["leavers", "matched", "stayers"]].tolist() == [2, 2, 2]
    assert whole[["left_mean", "stayed_mean"]].tolist() == [0.0, 0.0]


def test_few_leavers_have_no_figure(make_frames: Callable) -> None:
    orders, _ = make_frames(company())
    found = contacts_before_leaving(contacts(), orders, CALENDAR, ENDS_LIFE, Retention(min_cell=3))
    assert found.table["difference"].isna().all()
    assert found.numbers["contacts_before.matched"] == 2
    assert found.numbers["contacts_before.difference"] is None and found.numbers["contacts_before.difference_absent"]


def test_days_without_records_are_left_out(make_frames: Callable) -> None:
    orders, _ = make_frames(company())
    late = contacts(("x", "2024-03-01", "visit"))
    late = late[late["customer_id"] != "z"]  # records begin in March: the 90 days before 1 April are not on them
    found = contacts_before_leaving(late, orders, CALENDAR, ENDS_LIFE, RULES)
    assert found.table["leavers"].tolist() == [0, 0]


@pytest.mark.parametrize("seen", [INTERACTIONS.empty(), contacts().assign(type="complaint")])
def test_without_visits_and_calls_it_is_absent(make_frames: Callable, seen: pd.DataFrame) -> None:
    orders, _ = make_frames(company())
    found = contacts_before_leaving(seen, orders, CALENDAR, ENDS_LIFE, RULES)
    assert found.absent is not None and found.numbers["contacts_before.matched"] is None
