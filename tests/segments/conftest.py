"""Small customers, months and orders for the segments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.tables import CUSTOMER_FACTS, CUSTOMER_MONTHS, CUSTOMER_ORDERS

AS_OF = dt.date(2024, 1, 1)
PLAIN = {
    "lines": 1,
    "orders": 1,
    "order_days": 1,
    "products": 0,
    "net_sales": 0.0,
    "gross_sales": 0.0,
    "margin_base": 0.0,
    "orders_12m": 1,
    "net_sales_12m": 0.0,
    "gross_sales_12m": 0.0,
    "margin_base_12m": 0.0,
    "net_sales_before": 0.0,
}


@pytest.fixture
def calendar() -> Calendar:
    """Two full years: 24 complete months and 8 complete quarters."""
    return Calendar(dt.date(2022, 1, 1), AS_OF)


@pytest.fixture
def make_facts() -> Callable[[Mapping[str, Mapping[str, Any]]], pd.DataFrame]:
    """Frame of the contract customer_facts from what matters per customer."""

    def make(customers: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
        rows = [
            dict.fromkeys(CUSTOMER_FACTS.names)
            | PLAIN
            | {"customer_id": name, "customer_name": name, "parent_id": name}
            | dict(given)
            for name, given in customers.items()
        ]
        return CUSTOMER_FACTS.conform(pd.DataFrame(rows, columns=CUSTOMER_FACTS.names))

    return make


@pytest.fixture
def make_months() -> Callable[[Mapping[str, Mapping[str, float]]], pd.DataFrame]:
    """Frame of the contract customer_months from {customer: {"2023-01": net sales}}."""

    def make(customers: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
        rows = [
            {"customer_id": name, "month": pd.Timestamp(f"{month}-01"), "net_sales": money, "margin": None, "orders": 1}
            for name, months in customers.items()
            for month, money in months.items()
        ]
        return CUSTOMER_MONTHS.conform(pd.DataFrame(rows, columns=CUSTOMER_MONTHS.names))

    return make


@pytest.fixture
def make_orders() -> Callable[[Mapping[str, list[str]]], pd.DataFrame]:
    """Frame of the contract customer_orders from {customer: [dates]}."""

    def make(customers: Mapping[str, list[str]]) -> pd.DataFrame:
        rows = [
            {
                "customer_id": name,
                "order_id": f"{name}{number}",
                "ordered_on": pd.Timestamp(day),
                "net_sales": 1.0,
                "order_no": number,
            }
            for name, days in customers.items()
            for number, day in enumerate(days, 1)
        ]
        return CUSTOMER_ORDERS.conform(pd.DataFrame(rows, columns=CUSTOMER_ORDERS.names))

    return make
