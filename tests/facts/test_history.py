import datetime as dt

import pandas as pd

from kam_analysis.facts.history import history_before

ORDERS = pd.DataFrame(
    {
        "customer_id": ["b", "a", "a", "a", "c"],
        "ordered_on": pd.to_datetime(["2024-01-31", "2024-01-01", "2024-01-01", "2024-01-21", "2024-02-01"]),
        "net_sales": [5.0, 10.0, 20.0, 40.0, 80.0],
    }
)


def test_only_what_was_known_on_the_day_counts():
    found = history_before(ORDERS, dt.date(2024, 2, 1)).set_index("customer_id")
    assert found.index.tolist() == ["a", "b"]
    assert found.loc["a", ["orders", "order_days", "lifetime_days", "recency_days", "tenure_days"]].tolist() == [
        3,
        2,
        20,
        11,
        31,
    ]
    # two orders on the first day: only the third is a repeat
    assert found.loc["a", ["net_sales", "repeat_sales"]].tolist() == [70.0, 40.0]
    assert found.loc["b", ["recency_days", "repeat_sales"]].tolist() == [1, 0.0]


def test_rows_may_stand_in_any_order_and_stay_as_they_are():
    before = ORDERS.copy()
    pd.testing.assert_frame_equal(
        history_before(ORDERS[::-1], dt.date(2025, 1, 1)), history_before(ORDERS, dt.date(2025, 1, 1))
    )
    pd.testing.assert_frame_equal(ORDERS, before)


def test_nothing_is_known_before_the_first_order():
    assert history_before(ORDERS, dt.date(2024, 1, 1)).empty
