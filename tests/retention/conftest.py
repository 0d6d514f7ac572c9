"""Small histories of orders, and Online Retail, as the frames that retention reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Params
from kam_analysis.retention import key_lists
from kam_analysis.tables import (
    ASSESSMENT,
    CUSTOMER_FACTS,
    CUSTOMER_MONTHS,
    CUSTOMER_ORDERS,
    CUSTOMERS,
    ORDER_LINES,
    SURVEY,
)

DATA = Path(__file__).parents[3] / "shared/data"
SOURCE = DATA / "online_retail/online_retail_II_2010_2011.parquet"
LINES = """
    create temp table line as
    select cast("Customer ID" as varchar) as customer_id, Invoice as order_id, cast(InvoiceDate as date) as ordered_on,
        cast(round(Quantity * cast(Price as decimal(14, 4)), 4) as decimal(18, 4)) as net_sales
    from read_parquet($source) where "Customer ID" is not null
"""
Sale = tuple[str, str, float]


def frames_of(sales: Iterable[Sale]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders and months from lines of (customer, day, net sales); a line of 0 or less makes no order."""
    lines = pd.DataFrame(list(sales), columns=["customer_id", "ordered_on", "net_sales"])
    lines = lines.assign(ordered_on=pd.to_datetime(lines["ordered_on"]))
    placed = lines[lines["net_sales"] > 0].sort_values(["customer_id", "ordered_on"], kind="stable", ignore_index=True)
    number = placed.groupby("customer_id").cumcount() + 1
    orders = CUSTOMER_ORDERS.conform(placed.assign(order_no=number, order_id=placed.index.astype("str")))
    month = lines["ordered_on"].dt.to_period("M").dt.start_time
    sums = lines.assign(month=month, orders=(lines["net_sales"] > 0).astype("int64"))
    months = sums.groupby(["customer_id", "month"], as_index=False)[["net_sales", "orders"]].sum()
    return orders, CUSTOMER_MONTHS.conform(months.assign(margin=None))


@pytest.fixture(scope="session")
def make_frames() -> Callable[[Iterable[Sale]], tuple[pd.DataFrame, pd.DataFrame]]:
    """Orders and months from lines of (customer, day, net sales)."""
    return frames_of


@pytest.fixture
def make_facts() -> Callable[[dict[str, dict[str, object]]], pd.DataFrame]:
    """Frame of the contract customer_facts from what matters per customer."""

    def make(customers: dict[str, dict[str, object]]) -> pd.DataFrame:
        zeros = dict.fromkeys(("lines", "orders", "order_days", "products", "orders_12m"), 0)
        money = dict.fromkeys([name for name in CUSTOMER_FACTS.names if "sales" in name or "base" in name], 0.0)
        rows = [
            dict.fromkeys(CUSTOMER_FACTS.names)
            | zeros
            | money
            | {"customer_id": name, "customer_name": name, "parent_id": name}
            | given
            for name, given in customers.items()
        ]
        return CUSTOMER_FACTS.conform(pd.DataFrame(rows, columns=CUSTOMER_FACTS.names))

    return make


@pytest.fixture
def make_lists(engine):
    """The key lists of small lines of (customer, day, net sales); `parents` names the groups."""

    def make(sales: Iterable[Sale], calendar: Calendar, params: Params, parents: Mapping[str, str] = {}) -> dict:
        empty = dict.fromkeys(ORDER_LINES.names) | {"file": "a.csv", "is_service": False}
        lines = [
            empty
            | {"row": n, "line_no": n, "customer_id": who, "order_id": str(n)}
            | {"ordered_on": pd.Timestamp(day), "net_sales": amount}
            for n, (who, day, amount) in enumerate(sales, 1)
        ]
        engine.put("order_lines", ORDER_LINES.conform(pd.DataFrame(lines, columns=ORDER_LINES.names)), ORDER_LINES)
        named = [dict.fromkeys(CUSTOMERS.names) | {"customer_id": who, "parent_id": of} for who, of in parents.items()]
        engine.put("customers", CUSTOMERS.conform(pd.DataFrame(named, columns=CUSTOMERS.names)), CUSTOMERS)
        return key_lists(engine, ASSESSMENT.empty(), SURVEY.empty(), calendar, params)

    return make


@pytest.fixture(scope="session")
def online_retail() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders and months of Online Retail, every line with a customer."""
    if not SOURCE.exists():
        pytest.skip("Online Retail is not beside the project")
    with duckdb.connect() as engine:
        engine.execute(LINES, {"source": str(SOURCE)})
        orders = engine.sql(
            """select customer_id, order_id, min(ordered_on) filter (net_sales > 0) as ordered_on,
                sum(net_sales)::double as net_sales, 1 as order_no
            from line group by customer_id, order_id having max(net_sales) > 0"""
        ).df()
        months = engine.sql(
            """select customer_id, date_trunc('month', ordered_on) as month, sum(net_sales)::double as net_sales,
                null as margin, 0 as orders from line group by all"""
        ).df()
    return CUSTOMER_ORDERS.conform(orders), CUSTOMER_MONTHS.conform(months)


@pytest.fixture(scope="session")
def cdnow_orders() -> pd.DataFrame:
    """Orders of all CDNOW customers, one per customer and day with money."""
    source = DATA / "cdnow/CDNOW_master.txt"
    if not source.exists():
        pytest.skip("CDNOW is not beside the project")
    rows = [line.split() for line in source.read_text().splitlines()]
    lines = [(row[0], row[1], float(row[3])) for row in rows if row and row[0][0].isdigit()]
    days = pd.DataFrame(lines, columns=["customer_id", "ordered_on", "net_sales"])
    days = days[days["net_sales"] > 0].groupby(["customer_id", "ordered_on"], as_index=False)["net_sales"].sum()
    days = days.assign(ordered_on=pd.to_datetime(days["ordered_on"]), order_id=days["ordered_on"])
    return CUSTOMER_ORDERS.conform(days.assign(order_no=1))


@pytest.fixture
def no_lines(engine):
    """An engine whose order lines name no unit and no item."""
    engine.put("order_lines", ORDER_LINES.empty(), ORDER_LINES)
    return engine
