"""What was known of customers on a day: against a second road through frames, and at its edges."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.history import history_before
from kam_analysis.facts.order_history import OrderHistory

DAY = dt.date(2024, 6, 1)


def orders_of(rows: list[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": [r[0] for r in rows], "ordered_on": pd.to_datetime([r[1] for r in rows])})


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.dates(dt.date(1969, 12, 1), dt.date(1970, 3, 1))),
        min_size=1,
    ),
    st.dates(dt.date(1969, 12, 5), dt.date(1970, 3, 9)),
    st.randoms(use_true_random=False),
)
def test_it_agrees_with_frames_on_any_day_and_in_any_order_of_rows(rows, day, random) -> None:
    orders = orders_of([(customer, on.isoformat()) for customer, on in rows])
    expected = history_before(orders.assign(net_sales=1.0), day)
    random.shuffle(rows)
    history = OrderHistory(orders_of([(customer, on.isoformat()) for customer, on in rows]))
    seen = history.known_on(day)
    assert list(history.customers[seen.customer]) == list(expected.customer_id)
    for ours, theirs in (
        (seen.order_days, "order_days"),
        (seen.recency, "recency_days"),
        (seen.tenure, "tenure_days"),
        (seen.lifetime, "lifetime_days"),
    ):
        assert ours.tolist() == expected[theirs].tolist()
    known = orders[orders.ordered_on < pd.Timestamp(day)].drop_duplicates().sort_values("ordered_on")
    gaps = known.groupby("customer_id").ordered_on.apply(lambda days: days.diff().dt.days.dropna().tolist())
    medians = [np.median(gaps[customer]) if gaps[customer] else np.nan for customer in expected.customer_id]
    np.testing.assert_allclose(history.median_gap(seen), medians)
    logs = [float(np.log(gaps[customer]).sum()) for customer in expected.customer_id]
    np.testing.assert_allclose(seen.log_gaps_total, logs, atol=1e-9)


def test_lost_is_who_has_no_order_in_the_last_12_months() -> None:
    history = OrderHistory(orders_of([("exactly", "2023-06-01"), ("a day before", "2023-05-31")]))
    seen = history.known_on(DAY, lost_after_months=12)
    assert history.customers[seen.customer].tolist() == ["exactly"]
    assert len(history.known_on(DAY).customer) == 2


@pytest.mark.parametrize(("on", "count"), [("2024-05-31", 0), ("2024-06-01", 1), ("2024-08-29", 1), ("2024-08-30", 0)])
def test_a_window_holds_its_first_day_and_not_its_last(on: str, count: int) -> None:
    history = OrderHistory(orders_of([("a", "2024-01-01"), ("a", on)]))
    end = DAY + dt.timedelta(days=90)
    assert history.in_window(np.array([0]), DAY, end).tolist() == [count]


def test_nothing_is_known_of_nobody() -> None:
    history = OrderHistory(orders_of([]))
    assert history.first_on is None
    assert not len(history.known_on(DAY).customer)
    assert not len(history.median_gap(history.known_on(DAY)))
