"""Lines, facts and key list of a few customers as the dossiers read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from kam_analysis.engine import Engine
from kam_analysis.facts.calendar import Calendar
from kam_analysis.tables import CUSTOMER_CHANCES, CUSTOMER_FACTS, CUSTOMER_ORDERS, ORDER_LINES

AS_OF = dt.date(2026, 1, 1)


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(dt.date(2024, 1, 1), AS_OF)


@pytest.fixture
def lines() -> Iterator[Callable[..., Engine]]:
    """An engine with these lines (customer, day, net sales, what differs), an order each; accounts by customer."""
    with Engine() as engine:

        def make(*rows: tuple[str, str, float, dict[str, Any]], **accounts: str) -> Engine:
            given = [
                dict.fromkeys(ORDER_LINES.names)
                | {"line_no": number, "file": "a.csv", "row": number, "is_service": False, "order_id": str(number)}
                | {"customer_id": customer, "ordered_on": day, "net_sales": sales, **more}
                for number, (customer, day, sales, more) in enumerate(rows, 1)
            ]
            frame = pd.DataFrame(given, columns=ORDER_LINES.names)
            engine.put("order_lines", ORDER_LINES.conform(frame), ORDER_LINES)
            bought = frame[frame["net_sales"] > 0].assign(order_no=1)
            engine.put("customer_orders", CUSTOMER_ORDERS.conform(bought), CUSTOMER_ORDERS)
            ids = sorted(set(frame["customer_id"]))
            chosen = pd.DataFrame({"account_id": [accounts.get(one, one) for one in ids], "customer_id": ids})
            engine.put("account_customers", chosen)
            return engine

        yield make


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., pd.DataFrame]:
    """Customers, each with what differs."""

    def make(**customers: dict[str, object]) -> pd.DataFrame:
        zeros = dict.fromkeys(("orders", "order_days", "products", "orders_12m"), 0) | {"lines": 1}
        money = dict.fromkeys([name for name in CUSTOMER_FACTS.names if "sales" in name or "base" in name], 0.0)
        rows = [
            dict.fromkeys(CUSTOMER_FACTS.names)
            | zeros
            | money
            | {"customer_id": one, "customer_name": f"Client {one}", "parent_id": one}
            | given
            for one, given in customers.items()
        ]
        return CUSTOMER_FACTS.conform(pd.DataFrame(rows, columns=CUSTOMER_FACTS.names))

    return make


@pytest.fixture(scope="session")
def make_chances() -> Callable[..., pd.DataFrame]:
    def make(**customers: dict[str, object]) -> pd.DataFrame:
        flags = dict.fromkeys(("is_stopped", "is_unusual_silence", "is_likely_silent"), False)
        rows = [
            {"customer_id": one, "lost_chance": 0.1, "basis": "model", "years_value": 10.0, "expected_loss": 1.0}
            | {"silence_p_value": None}
            | flags
            | given
            for one, given in customers.items()
        ]
        return CUSTOMER_CHANCES.conform(pd.DataFrame(rows, columns=CUSTOMER_CHANCES.names))

    return make
