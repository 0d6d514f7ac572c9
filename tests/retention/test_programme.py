"""Members of the loyalty programme against the others, by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.params import Retention
from kam_analysis.retention import programme_members
from kam_analysis.tables import CUSTOMERS

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2025, 1, 1))
RULES = Retention(min_cell=2, answer_days=30)
SALES = [
    ("a", "2023-01-01", 100.0),
    ("a", "2024-03-01", 300.0),
    ("b", "2023-05-01", 100.0),
    ("c", "2023-06-01", 100.0),
    ("c", "2024-06-01", 100.0),
    ("d", "2023-07-01", 50.0),
    ("d", "2024-02-20", 40.0),
    ("d", "2024-03-01", 60.0),
]


def records(**programmes: tuple[str | None, str | None]) -> pd.DataFrame:
    """Customers with their programme and day of joining."""
    frame = pd.DataFrame(
        [(name, level, pd.Timestamp(since) if since else pd.NaT) for name, (level, since) in programmes.items()],
        columns=["customer_id", "programme", "programme_since"],
    )
    return CUSTOMERS.conform(frame.reindex(columns=CUSTOMERS.names))


def test_members_and_others_by_hand(make_frames: Callable) -> None:
    orders, months = make_frames(SALES)
    told = records(a=("gold", None), b=("yes", "2023-12-31"), c=("Silver", "2024-01-01"), d=("No", None))
    found = programme_members(told, orders, months, CALENDAR, RULES)
    members, others = (found.table.iloc[place] for place in (0, 1))
    # 2024: a 300, c 100, d 100 of 500; buyers a and c of a, c, d
    assert members[["buyers", "net_sales"]].tolist() == [2, 400.0]
    assert members[["buyer_share", "sales_share"]].tolist() == pytest.approx([2 / 3, 0.8])
    # members on 1 January 2024 were a (no day given) and b; a ordered again. c joined that day: other, with d
    assert members[["base_buyers", "retained_share"]].tolist() == [2, 0.5]
    assert members[["low", "high"]].tolist() == pytest.approx([*wilson(1, 2)])
    assert others[["base_buyers", "retained_share"]].tolist() == [2, 1.0]
    assert found.numbers["programme.members_retained"] == 0.5 and found.numbers["programme.others_retained"] == 1.0


def test_before_and_after_joining_by_hand(make_frames: Callable) -> None:
    # b joined 17 days before the end of the data
    told = records(a=("gold", "2024-02-15"), c=("gold", "2024-05-20"), b=("gold", "2024-12-15"))
    around = [("a", "2024-01-16", 100.0), ("c", "2024-05-20", 7.0), ("c", "2024-04-20", 5.0)]
    orders, months = make_frames([sale for sale in SALES if sale[0] != "c"] + around)
    found = programme_members(told, orders, months, CALENDAR, RULES)
    members, others = (found.table.iloc[place] for place in (0, 1))
    # a: 100 thirty days before, 300 after; c: 5 thirty days before, 7 on the day itself
    assert members[["joined", "sales_ratio"]].tolist() == [2, pytest.approx(307 / 105)]
    assert pd.isna(others["sales_ratio"])  # d bought nothing in the days before 15 February and 20 May


def test_few_members_have_no_share(make_frames: Callable) -> None:
    orders, months = make_frames(SALES)
    found = programme_members(records(a=("gold", None)), orders, months, CALENDAR, RULES)
    assert pd.isna(found.table.loc[0, "retained_share"]) and found.numbers["programme.members_retained_absent"]


@pytest.mark.parametrize("told", [CUSTOMERS.empty(), records(a=(None, None), b=("нет", None))])
def test_without_a_member_it_is_absent(make_frames: Callable, told: pd.DataFrame) -> None:
    orders, months = make_frames(SALES)
    found = programme_members(told, orders, months, CALENDAR, RULES)
    assert found.absent is not None and found.numbers["programme.buyer_share"] is None
