"""+5 of retention on own numbers, in both readings."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Facts, Retention
from kam_analysis.retention import retention_what_if, who_stayed

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2025, 1, 1))


def stayed_of(make_frames, stayed: int, left: int, calendar: Calendar = CALENDAR):
    sales = [(f"s{n}", day, 1.0) for n in range(stayed) for day in ("2023-05-01", "2024-05-01")]
    sales += [(f"l{n}", "2023-05-01", 1.0) for n in range(left)]
    return who_stayed(make_frames(sales)[0], calendar, Retention())


@pytest.fixture
def facts(make_facts) -> pd.DataFrame:
    bought = {"orders_12m": 1, "net_sales_12m": 1000.0, "net_sales": 1000.0, "margin": 200.0, "margin_base": 1000.0}
    return make_facts({"a": bought, "b": bought | {"net_sales_12m": 500.0}, "gone": {"orders_12m": 0}})


def test_both_readings_by_hand(make_frames, facts) -> None:
    found = retention_what_if(stayed_of(make_frames, 8, 2), facts, Facts(), Retention(discount_rate=0.10))
    # r = 0.8: 0.8/0.3 = 2.6667; 0.85/0.25 = 3.4 -> +27.5 %; 0.84/0.26 = 3.2308 -> +21.15 %
    rows = found.table.set_index("case")
    assert rows["multiple"].tolist() == [pytest.approx(0.8 / 0.3), pytest.approx(3.4), pytest.approx(0.84 / 0.26)]
    assert rows["change"].tolist() == [0, pytest.approx(0.275), pytest.approx(0.2115, abs=1e-4)]
    # 1,500 of two buyers in 12 months, margin 20 %: 150 a buyer
    assert rows.loc["points", "value"] == pytest.approx(150 * 3.4)
    assert found.numbers["what_if.retention"] == 0.8


def test_a_shorter_period_is_raised_to_a_year_and_says_so(make_frames, facts) -> None:
    sales = [(f"s{n}", day, 1.0) for n in range(3) for day in ("2024-01-05", "2024-02-05")] + [("l", "2024-01-05", 1.0)]
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 1))
    found = retention_what_if(who_stayed(make_frames(sales)[0], calendar, Retention()), facts, Facts(), Retention())
    assert found.numbers["what_if.retention"] == pytest.approx(0.75**12)
    assert len(found.caveats) == 2


def test_the_raised_retention_never_passes_99_per_cent(make_frames, facts) -> None:
    found = retention_what_if(stayed_of(make_frames, 97, 3), facts, Facts(), Retention())
    assert found.table["retention"].tolist() == [0.97, 0.99, 0.99]


def test_without_a_margin_only_the_change_is_given(make_frames, make_facts) -> None:
    stayed = stayed_of(make_frames, 8, 2)
    nothing = make_facts({"a": {"orders_12m": 1, "net_sales_12m": 10.0}})
    assert retention_what_if(stayed, nothing, Facts(), Retention()).table["value"].isna().all()
    assumed = retention_what_if(stayed, nothing, Facts(assumed_margin=0.5), Retention()).table
    assert assumed["value"].iloc[0] == pytest.approx(5 * 0.8 / 0.3)


@pytest.mark.parametrize(("stay", "left"), [(0, 3), (3, 0), (0, 0)])
def test_nobody_everybody_or_no_base_is_absent(make_frames, facts, stay: int, left: int) -> None:
    found = retention_what_if(stayed_of(make_frames, stay, left), facts, Facts(), Retention())
    assert found.absent is not None and found.numbers["what_if.points_absent"]
