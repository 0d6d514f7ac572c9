"""A year's value, the share of it that a silence costs, and the expected loss: by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.chance_models import Origin
from kam_analysis.facts.expected_loss import DailySales, loss_share, values_of, years_value
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.params import Facts

AS_OF = dt.date(2024, 1, 1)


def built(rows):
    """Orders and sums of (customer, day, net sales, margin or None); an order where net sales are above 0."""
    days = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "net_sales", "margin"])
    days["ordered_on"] = pd.to_datetime(days["ordered_on"])
    days["margin"] = days["margin"].astype("float64")
    days["margin_base"] = days["net_sales"].where(days["margin"].notna(), 0.0)
    history = OrderHistory(days[days["net_sales"] > 0])
    return history, DailySales(days, history.customers)


def value_at(rows, on=AS_OF):
    history, sales = built(rows)
    origin = Origin(history, on, Facts())
    return dict(zip(origin.customer_ids, years_value(sales, origin).tolist(), strict=True))


def test_a_years_value_is_the_margin_of_the_year_that_ends_with_the_last_order() -> None:
    rows = [
        ("a", "2022-06-10", 1000.0, 500.0),  # exactly 12 months before the last order: outside
        ("a", "2022-06-11", 100.0, 20.0),
        ("a", "2023-06-10", 50.0, 10.0),  # the last order: inside
        ("a", "2023-08-01", -40.0, -8.0),  # a return after the last order: outside
    ]
    assert value_at(rows) == {"a": 30.0}


def test_lines_without_a_cost_earn_the_customers_own_margin_share_else_the_companys() -> None:
    rows = [
        ("own", "2023-05-01", 100.0, 40.0),
        ("own", "2023-05-02", 100.0, None),
        ("none", "2023-05-01", 200.0, None),
        ("other", "2023-05-01", 300.0, 40.0),
    ]
    # own 40/100 · 200; company 80/400 · 200; other 40/300 · 300
    assert value_at(rows) == {"none": 40.0, "other": 40.0, "own": 80.0}


def test_without_any_cost_it_is_net_sales_and_below_0_it_is_0() -> None:
    rows = [("a", "2023-05-01", 10.0, None), ("b", "2023-05-01", 5.0, None), ("b", "2023-04-30", -9.0, None)]
    assert value_at(rows) == {"a": 10.0, "b": 0.0}
    assert value_at([("a", "2023-05-01", 10.0, -3.0)]) == {"a": 0.0}


def test_the_29th_of_february_ends_a_year_that_begins_on_the_28th() -> None:
    rows = [("a", "2023-02-28", 7.0, None), ("a", "2023-03-01", 1.0, None), ("a", "2024-02-29", 2.0, None)]
    assert value_at(rows, dt.date(2024, 6, 1)) == {"a": 3.0}


def test_loss_share_by_hand() -> None:
    steady = [("s", f"2022-{month:02}-15", 10.0, None) for month in range(1, 13)]
    rows = [
        *steady,
        *((c, d.replace("2022", "2023"), n, m) for c, d, n, m in steady),
        ("gone", "2022-03-01", 100.0, None),  # stayed away from July 2022 on, for good
        ("back", "2022-03-01", 60.0, None),  # stayed away for 90 days and came back for 45
        ("back", "2022-12-24", 45.0, None),
        ("more", "2022-03-01", 20.0, None),  # came back for more than before: nothing lost, no gain either
        ("more", "2022-12-24", 90.0, None),
    ]
    history, sales = built(rows)
    origin = Origin(history, dt.date(2022, 7, 1), Facts())
    late = Origin(history, dt.date(2023, 1, 2), Facts())  # less than a year before AS_OF: not measurable yet
    assert set(origin.customer_ids[origin.stayed_away]) == {"gone", "back", "more"}
    # (100 + 15 + 0)/(100 + 60 + 20)
    assert loss_share(sales, [late, origin], AS_OF) == pytest.approx(115 / 180, abs=1e-6)
    assert loss_share(sales, [late], AS_OF) is None
    assert loss_share(sales, [], AS_OF) is None


def test_an_origin_exactly_12_months_back_counts() -> None:
    history, sales = built([("a", "2022-12-01", 10.0, None)])
    assert loss_share(sales, [Origin(history, dt.date(2023, 1, 1), Facts())], AS_OF) == 1.0
    assert loss_share(sales, [Origin(history, dt.date(2023, 1, 2), Facts())], AS_OF) is None


def test_sums_are_exact_over_any_window() -> None:
    days = pd.date_range("2023-01-01", periods=300)
    _, sales = built([("a", day, 0.1, None) for day in days])
    start = int((days[0] - pd.Timestamp("1970-01-01")).days)
    net, _, _ = sales.between(np.array([0]), start, start + 300)
    assert int(net[0]) == 300_000
    assert values_of(np.array([1]), np.array([0]), np.array([0])).tolist() == [0.0001]
