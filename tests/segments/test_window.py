"""Money and orders of a window, by the day for 12 months and by whole months for any other."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from kam_analysis.errors import UserError
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.windows import window_facts


@pytest.fixture
def frames(make_facts, make_months, make_orders):
    """One customer of both years, one of the first, one with a return only."""
    facts = make_facts(
        {
            "old": {"orders": 1, "orders_12m": 0, "net_sales": 9.0, "gross_sales": 9.0, "recency_days": 500},
            "both": {
                "orders": 3, "orders_12m": 2, "net_sales": 60.3, "net_sales_12m": 50.3, "gross_sales_12m": 50.3,
                "recency_days": 32, "margin": 6.0, "margin_12m": 5.0,
            },
            "back": {"orders": 0, "orders_12m": 0, "net_sales": -4.0, "net_sales_12m": -4.0},
        }
    )  # fmt: skip
    months = make_months(
        {
            "old": {"2022-08": 9.0},
            "both": {"2022-05": 10.0, "2023-02": 20.1, "2023-11": 30.2},
            "back": {"2023-12": -4.0},
        }
    )
    orders = make_orders({"old": ["2022-08-19"], "both": ["2022-05-05", "2023-02-01", "2023-11-30"]})
    return facts, orders, months


def test_all_history(frames, calendar):
    window = window_facts(*frames, calendar, None)
    assert window["customer_id"].tolist() == ["back", "both", "old"]
    assert window["net_sales"].tolist() == [-4.0, 60.3, 9.0]


def test_twelve_months_two_ways(frames, calendar):
    """The facts of 12 months and the months of the same window agree."""
    by_facts = window_facts(*frames, calendar, 12)
    assert by_facts["customer_id"].tolist() == ["back", "both"]
    assert by_facts["net_sales"].tolist() == [-4.0, 50.3]
    assert by_facts["orders"].tolist() == [0, 2]
    assert np.isnan(by_facts["recency_days"].iloc[0])
    by_months = window_facts(*frames, calendar, 11)  # from 1 February 2023: the same lines and orders
    for column in ("customer_id", "net_sales", "orders"):
        assert by_months[column].tolist() == by_facts[column].tolist()
    assert by_months["recency_days"].iloc[1] == 32  # 30 November to 1 January


def test_a_window_begins_on_its_first_day(frames, calendar):
    assert window_facts(*frames, calendar, 10)["orders"].tolist() == [0, 1]
    assert window_facts(*frames, calendar, 10)["net_sales"].tolist() == [-4.0, 30.2]


def test_another_window_needs_the_first_of_a_month(frames):
    when = Calendar(dt.date(2022, 1, 1), dt.date(2023, 12, 20))
    with pytest.raises(UserError, match="24 months needs a reference date on the first day"):
        window_facts(*frames, when, 24)
