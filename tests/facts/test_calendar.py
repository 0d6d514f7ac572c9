import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar, add_months, default_as_of, month_of

DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31))


def day(text):
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", -48, "2020-02-29"),
        ("2024-12-15", 1, "2025-01-15"),
        ("2024-01-15", -1, "2023-12-15"),
        ("2024-11-30", 25, "2026-12-30"),
        ("2024-05-05", 0, "2024-05-05"),
    ],
)
def test_months_are_calendar_months(start, months, end):
    assert add_months(day(start), months) == day(end)


@given(DAYS, st.integers(-600, 600), st.integers(-600, 600))
def test_first_days_of_months_shift_without_loss(start, there, further):
    first = month_of(start)
    assert add_months(add_months(first, there), further) == add_months(first, there + further)


def test_old_customers_look_new_in_the_first_three_months():
    for first in ("2024-01-01", "2024-01-31"):
        assert Calendar(day(first), day("2025-01-01")).newcomers_from == day("2024-04-01")


@given(DAYS)
def test_the_default_as_of_is_the_next_day_or_the_next_month(last):
    as_of = default_as_of(last)
    left = calendar.monthrange(last.year, last.month)[1] - last.day
    assert (as_of - last).days == (left + 1 if left < 3 else 1)
    assert (as_of.day == 1) == (left < 3)


@pytest.mark.parametrize(
    ("first", "as_of", "months"),
    [
        ("2024-01-01", "2024-03-01", ["2024-01-01", "2024-02-01"]),
        ("2024-01-03", "2024-03-01", ["2024-01-01", "2024-02-01"]),
        ("2024-01-04", "2024-03-01", ["2024-02-01"]),  # the first month began before the data
        ("2024-01-01", "2024-02-29", ["2024-01-01"]),  # February lacks its last day
        ("2024-01-01", "2024-01-31", []),
        ("2024-01-04", "2024-02-29", []),
        ("2024-01-05", "2024-01-06", []),
        ("2023-12-31", "2024-02-01", ["2024-01-01"]),
    ],
)
def test_complete_months(first, as_of, months):
    assert Calendar(day(first), day(as_of)).complete_months == [day(month) for month in months]


@pytest.mark.parametrize(
    ("first", "as_of", "quarters"),
    [
        ("2024-01-03", "2024-07-01", ["2024-01-01", "2024-04-01"]),
        ("2024-01-04", "2024-07-01", ["2024-04-01"]),
        ("2024-01-03", "2024-06-30", ["2024-01-01"]),
        ("2023-11-01", "2024-03-31", []),
        ("2023-10-01", "2024-01-01", ["2023-10-01"]),
    ],
)
def test_complete_quarters(first, as_of, quarters):
    assert Calendar(day(first), day(as_of)).complete_quarters == [day(quarter) for quarter in quarters]


def test_the_last_12_months_begin_on_the_same_day_a_year_ago():
    assert Calendar(day("2020-01-01"), day("2024-02-29")).year_ago == day("2023-02-28")


@pytest.mark.parametrize(
    ("first", "as_of", "compared"),
    [
        ("2022-06-01", "2024-06-01", "2023-06-01"),
        ("2022-06-02", "2024-06-01", "2024-03-01"),  # a year ago there was no full year before
        ("2024-02-29", "2024-06-01", "2024-03-01"),
        ("2024-03-01", "2024-06-01", None),  # nothing before 1 March
    ],
)
def test_the_comparison_date_reaches_as_far_as_the_data(first, as_of, compared):
    assert Calendar(day(first), day(as_of)).default_compare_as_of() == (day(compared) if compared else None)


@pytest.mark.parametrize(
    ("first", "as_of", "wanted", "period"),
    [
        ("2022-01-01", "2024-01-01", None, ("2023-01-01", 12)),
        ("2022-01-04", "2024-01-01", None, ("2023-10-01", 3)),  # the base of 12 months would begin before February 2022
        ("2022-01-01", "2024-01-31", None, ("2023-01-01", 12)),  # ends with the last complete month
        ("2023-07-01", "2024-01-01", None, ("2023-10-01", 3)),
        ("2023-07-04", "2024-01-01", None, ("2023-12-01", 1)),
        ("2023-11-01", "2024-01-01", None, ("2023-12-01", 1)),
        ("2023-11-04", "2024-01-01", None, None),
        ("2023-12-30", "2024-01-02", None, None),
        ("2022-01-01", "2024-01-01", 6, ("2023-07-01", 6)),
        ("2023-07-01", "2024-01-01", 12, None),
    ],
)
def test_the_last_retention_period(first, as_of, wanted, period):
    found = Calendar(day(first), day(as_of)).retention_period(wanted)
    assert found == ((day(period[0]), period[1]) if period else None)
