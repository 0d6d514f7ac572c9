"""Cohorts: a triangle with complete cells only, marked first months, means weighted by size; the same in net sales."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.retention import cohort_cells, cohort_sales, how_cohorts_fare, mean_cohort, what_cohorts_bring
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
    assert mean_cohort(cells, CALENDAR).absent is not None
    assert cohort_cells(orders[:0], calendar).empty


def test_row_order_does_not_matter(make_frames) -> None:
    orders, _ = make_frames(SALES)
    pd.testing.assert_frame_equal(cohort_cells(orders[::-1], CALENDAR), cohort_cells(orders, CALENDAR))
    assert mean_cohort(cohort_cells(orders, CALENDAR), CALENDAR).numbers["cohort.1m"] == pytest.approx(0.25)


SOLD = [
    ("a", "2023-10-20", -5.0),  # a return before the first order: in no cell
    ("a", "2023-11-01", 60.0),
    ("b", "2023-11-30", 40.0),
    ("a", "2024-01-31", 30.0),
    ("b", "2024-02-10", -10.0),
    ("c", "2024-02-10", 50.0),
    ("c", "2024-03-01", 100.0),
    ("d", "2024-02-11", 150.0),
    ("d", "2024-04-05", 7.0),  # April has 9 days
    ("z", "2024-03-01", -8.0),  # never ordered
]


def test_cells_in_net_sales_by_hand(make_frames) -> None:
    cells = cohort_sales(*make_frames(SOLD), CALENDAR)
    november = cells[cells["cohort_month"] == "2023-11-01"]
    assert november["net_sales"].tolist()[:5] == [100, 0, 30, -10, 0] and pd.isna(november["net_sales"].iloc[5])
    assert november["sales_share"].tolist()[:5] == [1, 0, 0.3, -0.1, 0]
    assert november["sales_per_buyer_so_far"].tolist()[:5] == [50, 50, 65, 60, 60]  # two buyers
    february = cells[cells["cohort_month"] == "2024-02-01"]
    assert february["sales_share"].tolist()[:2] == [1, 0.5] and pd.isna(february["sales_share"].iloc[2])


def test_mean_in_net_sales_is_a_ratio_of_sums(make_frames) -> None:
    finding = what_cohorts_bring(cohort_sales(*make_frames(SOLD), CALENDAR), CALENDAR)
    # month 1: December 0 of 100, March 100 of 200
    assert finding.numbers == {"cohort.sales_1m": pytest.approx(100 / 300), "cohort.sales_3m": pytest.approx(-0.1)}
    assert finding.drawing == "retention.cohort_sales_triangle"


def test_a_first_month_without_a_base_gives_no_share(make_frames) -> None:
    sales = [("a", "2023-11-04", 10.0), ("a", "2023-12-05", 10.0), ("b", "2023-12-07", 5.0), ("b", "2023-12-09", -5.0)]
    sales.append(("b", "2024-01-08", 9.0))
    cells = cohort_sales(*make_frames(sales), Calendar(dt.date(2023, 11, 4), dt.date(2024, 2, 1)))
    assert cells["sales_share"].isna().all()  # November began on the 4th; December's buyer gave all back
    assert cells["net_sales"].tolist()[1:] == [10, 0, 0, 9]
    finding = what_cohorts_bring(cells, CALENDAR)
    assert finding.absent is not None and not finding.numbers


def test_a_year_of_net_sales_per_buyer(make_frames) -> None:
    sales = [("a", "2023-01-01", 10.0), ("b", "2023-01-09", 30.0), ("a", "2023-07-01", 20.0), ("a", "2024-01-31", 40.0)]
    sales += [("c", "2023-02-01", 70.0), ("c", "2024-02-01", 500.0), ("d", "2023-03-01", 1.0)]
    calendar = Calendar(dt.date(2023, 1, 1), dt.date(2024, 2, 1))
    numbers = what_cohorts_bring(cohort_sales(*make_frames(sales), calendar), calendar).numbers
    # only January 2023 has 12 complete months after it: (10 + 30 + 20 + 40) / 2 buyers
    assert numbers["cohort.sales_per_buyer_12m"] == 50
    assert numbers["cohort.sales_12m"] == 1


def test_cells_in_net_sales_add_up_to_the_sales_of_the_buyers(online_retail) -> None:
    orders, months = online_retail
    calendar = Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10))
    cells = cohort_sales(orders, months, calendar)
    first = orders.groupby("customer_id")["ordered_on"].min().dt.to_period("M").dt.start_time
    since = months["month"] >= months["customer_id"].map(first)
    complete = months["month"] < "2011-12-01"
    assert cells["net_sales"].sum() == pytest.approx(months.loc[since & complete, "net_sales"].sum(), abs=0.005)
