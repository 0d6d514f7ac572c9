"""Customers, key list and segments as the call list reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.report.language import Language
from kam_analysis.tables import CUSTOMER_FACTS, KEY_MEMBERS

AS_OF = dt.date(2026, 1, 1)
SILENT = {
    "order_days": 4,
    "recency_days": 31.0,
    "median_gap_days": 7.0,
    "gap_survival_probability": 0.25,
    "last_order_on": dt.date(2025, 12, 1),
    "net_sales_12m": 80.0,
    "manager": "Ana",
}


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(dt.date(2023, 1, 1), AS_OF)


@pytest.fixture(scope="session")
def say_it() -> Callable[[object], str]:
    """A message as a reader sees it, with plain blanks."""
    return lambda message: Language("en").text(message).replace("\u00a0", " ")


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., pd.DataFrame]:
    """Customers who would be called, each with what differs: silent for 31 days, usual gap 7, alarm .75, stake 60."""

    def make(**customers: dict[str, object]) -> pd.DataFrame:
        zeros = dict.fromkeys(("orders", "order_days", "products", "orders_12m"), 0) | {"lines": 1}
        money = dict.fromkeys([name for name in CUSTOMER_FACTS.names if "sales" in name or "base" in name], 0.0)
        rows = [
            dict.fromkeys(CUSTOMER_FACTS.names)
            | zeros
            | money
            | {"customer_id": one, "customer_name": f"Client {one}", "parent_id": one}
            | SILENT
            | given
            for one, given in customers.items()
        ]
        return CUSTOMER_FACTS.conform(pd.DataFrame(rows, columns=CUSTOMER_FACTS.names))

    return make


@pytest.fixture(scope="session")
def make_keys() -> Callable[..., pd.DataFrame]:
    """Key accounts of one customer each."""

    def make(*ids: str) -> pd.DataFrame:
        return KEY_MEMBERS.conform(pd.DataFrame({"account_id": list(ids), "customer_id": list(ids)}))

    return make


@pytest.fixture(scope="session")
def make_segments() -> Callable[..., pd.DataFrame]:
    def make(**classes: str) -> pd.DataFrame:
        return pd.DataFrame({"customer_id": list(classes), "abc": list(classes.values())}, dtype="str")

    return make
