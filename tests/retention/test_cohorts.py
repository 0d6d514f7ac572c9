"""Cohorts: a triangle with complete cells only, marked first months, means weighted by size."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.retention import cohort_cells, how_cohorts_fare, mean_cohort
from kam_analysis.retention.cohorts import cohort_means

CALENDAR = Calendar(dt.date(2023, 11, 1), dt.date(2024, 4, 10))
SALES = [
    ("a", "2023-11-01", 1.0),
    ("a", "2024-01-31", 1.0),
    ("b", "2023-11-30", 1.0),
    ("c", "2024-02-10", 1.0),
    ("c", "2024-02-20", 1.0),
    ("c", "2024-03-01", 1.0),
    ("d", "2024-02-29", 1.0),
    ("e", "2024-04-02", 1.0),
    ("a", "2024-04-10", 1.0),  # on the reference date: not analysed
]


def cell(cells: pd.DataFrame, cohort: str, months: int) -> pd.Series:
    return cells[(cells["cohort_month"] == cohort) & (cells["months_since"] == months)].iloc[0]


def test_cells_by_hand(make_frames) -> None:
    cells = cohort_cells(make_frames(SALES)[0], CALENDAR)
    assert cell(cells, "2023-11-01", 0)["active_share"] == 1
    assert cell(cells, "2023-11-01", 1)["active_share"] == 0  # nobody in December: a true zero
    assert cell(cells, "2023-11-01", 2)["active_share"] == 0.5
    assert cell(cells, "2024-02-01", 1)[["buyers", "active_buyers"]].tolist() == [2, 1]


def test_incomplete_months_are_blank(make_frames) -> None:
    cells = cohort_cells(make_frames(SALES)[0], CALENDAR)
    assert pd.isna(cell(cells, "2023-11-01", 5)["active_share"])  # April has 9 days
    assert pd.isna(cell(cells, "2024-04-01", 0)["active_share"])
    assert cells["months_since"].max() == 5
    full = cohort_cells(make_frames(SALES)[0], Calendar(dt.date(2023, 11, 1), dt.date(2024, 4, 1)))
    assert full["months_since"].max() == 4 and full["active_share"].notna().all()


def test_first_month_counts_only_when_it_began_on_day_1_to_3(make_frames) -> None:
    orders, _ = make_frames([("a", "2023-11-04", 1.0), ("a", "2023-12-05", 1.0)])
    cells = cohort_cells(orders, Calendar(dt.date(2023, 11, 4), dt.date(2024, 1, 1)))
    assert pd.isna(cell(cells, "2023-11-01", 0)["active_share"])
    assert cell(cells, "2023-11-01", 1)["active_share"] == 1


def test_first_three_months_are_marked(make_frames) -> None:
    orders, _ = make_frames([("a", "2023-11-01", 1.0), ("b", "2024-01-31", 1.0), ("c", "2024-02-01", 1.0)])
    cells = cohort_cells(orders, CALENDAR).drop_duplicates("cohort_month").set_index("cohort_month")
    assert cells["is_left_censored"].tolist() == [True, True, False]


def test_means_are_weighted_by_size_over_mature_cells(make_frames) -> None:
    means = cohort_means(cohort_cells(make_frames(SALES)[0], CALENDAR)).set_index("months_since")
    # month 1: November 0 of 2, February 1 of 2 -> 1/4; unmarked: February only -> 1/2
    assert means.loc[1, ["cohorts", "buyers", "active_share"]].tolist() == [2, 4, 0.25]
    assert means.loc[1, "active_share_unmarked"] == 0.5
    # month 2: February's April is incomplete -> November alone, 1 of 2
    assert means.loc[2, ["cohorts", "active_share"]].tolist() == [1, 0.5]
    assert pd.isna(means.loc[2, "active_share_unmarked"])


def test_orders_of_a_month_add_up(make_frames) -> None:
    orders, _ = make_frames(SALES)
    cells = cohort_cells(orders, CALENDAR)
    serial = cells["cohort_month"].dt.month + 12 * cells["cohort_month"].dt.year + cells["months_since"]
    march = cells[serial == 12 * 2024 + 3]
    in_march = orders["ordered_on"].between("2024-03-01", "2024-03-31")
    assert march["active_buyers"].sum() == orders.loc[in_march, "customer_id"].nunique()


def test_findings_without_a_later_month_are_absent(make_frames) -> None:
    orders, _ = make_frames(SALES[:1])
    calendar = Calendar(dt.date(2023, 11, 1), dt.date(2023, 12, 1))
    cells = cohort_cells(orders, calendar)
    assert how_cohorts_fare(cells, calendar).absent is not None
    assert mean_cohort(cells).absent is not None
    assert cohort_cells(orders[:0], calendar).empty


def test_row_order_does_not_matter(make_frames) -> None:
    orders, _ = make_frames(SALES)
    pd.testing.assert_frame_equal(cohort_cells(orders[::-1], CALENDAR), cohort_cells(orders, CALENDAR))
    assert mean_cohort(cohort_cells(orders, CALENDAR)).numbers["cohort.1m"] == pytest.approx(0.25)
