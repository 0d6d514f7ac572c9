"""Online Retail as the frames that value reads, and small histories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.lifetime_value import MONTH_DAYS, formula_ltv
from kam_analysis.params import Facts
from kam_analysis.tables import CUSTOMER_FACTS, CUSTOMER_LIFE_MONTHS, CUSTOMER_MONTHS, CUSTOMER_ORDERS

DATA = Path(__file__).parents[3] / "shared/data"
LINES = """
    create temp table line as
    select cast("Customer ID" as varchar) as customer_id, Invoice as order_id, cast(InvoiceDate as date) as ordered_on,
        cast(round(Quantity * cast(Price as decimal(14, 4)), 4) as decimal(18, 4)) as net_sales
    from read_parquet($source) where "Customer ID" is not null
"""
Sale = tuple[str, str, float]


def facts_at(orders: pd.DataFrame, months: pd.DataFrame, as_of: dt.date, rules: Facts) -> pd.DataFrame:
    """What value needs of customer_facts, from orders and months."""
    known = orders.groupby("customer_id").agg(
        orders=("ordered_on", "size"), first_order_on=("ordered_on", "min"), last_order_on=("ordered_on", "max")
    )
    sums = months.groupby("customer_id")["net_sales"].sum().round(4)
    facts = known.reindex(sums.index).assign(net_sales=sums, net_sales_12m=sums, margin_base=0.0)
    facts = facts.assign(
        orders=facts["orders"].fillna(0),
        tenure_days=(pd.Timestamp(as_of) - facts["first_order_on"]).dt.days,
        recency_days=(pd.Timestamp(as_of) - facts["last_order_on"]).dt.days,
    ).reset_index()
    zeros = dict.fromkeys(("lines", "order_days", "products", "orders_12m"), 0)
    money = dict.fromkeys(("gross_sales", "gross_sales_12m", "margin_base_12m", "net_sales_before"), 0.0)
    absent = {name: None for name in CUSTOMER_FACTS.names if name not in facts and name not in zeros | money}
    whole = facts.assign(**zeros, **money, **absent).assign(customer_name=facts["customer_id"], margin=np.nan)
    return CUSTOMER_FACTS.conform(whole.assign(formula_ltv=formula_ltv(whole, orders, as_of, rules)))


def life_months_of(orders: pd.DataFrame) -> pd.DataFrame:
    """What value needs of customer_life_months: orders and their net sales by month since the first order."""
    first = orders.groupby("customer_id")["ordered_on"].transform("min")
    month = ((orders["ordered_on"] - first).dt.days // MONTH_DAYS + 1).astype("int64")
    cells = orders.assign(life_month=month).groupby(["customer_id", "life_month"], as_index=False)
    sums = cells.agg(orders=("net_sales", "size"), net_sales=("net_sales", "sum"))
    return CUSTOMER_LIFE_MONTHS.conform(sums.assign(margin=np.nan, margin_base=0.0))


@pytest.fixture(scope="session")
def make_frames() -> Callable[[Iterable[Sale], dt.date], tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]]:
    """Facts, orders and months from lines of (customer, day, net sales)."""

    def make(sales: Iterable[Sale], as_of: dt.date) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        lines = pd.DataFrame(list(sales), columns=["customer_id", "ordered_on", "net_sales"])
        lines = lines.assign(ordered_on=pd.to_datetime(lines["ordered_on"]))
        placed = lines[lines["net_sales"] > 0].sort_values(["customer_id", "ordered_on"], ignore_index=True)
        orders = CUSTOMER_ORDERS.conform(placed.assign(order_no=1, order_id=placed.index.astype("str")))
        month = lines["ordered_on"].dt.to_period("M").dt.start_time
        sums = lines.assign(month=month).groupby(["customer_id", "month"], as_index=False)["net_sales"].sum()
        months = CUSTOMER_MONTHS.conform(sums.assign(margin=None, orders=0))
        return facts_at(orders, months, as_of, Facts()), orders, months

    return make


@pytest.fixture(scope="session")
def online_retail() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Facts, orders and months of Online Retail on 10 December 2011."""
    source = DATA / "online_retail/online_retail_II_2010_2011.parquet"
    if not source.exists():
        pytest.skip("Online Retail is not beside the project")
    with duckdb.connect() as engine:
        engine.execute(LINES, {"source": str(source)})
        orders = engine.sql(
            """select customer_id, order_id, min(ordered_on) filter (net_sales > 0) as ordered_on,
                sum(net_sales)::double as net_sales, 1 as order_no
            from line group by customer_id, order_id having max(net_sales) > 0 order by customer_id, order_id"""
        ).df()
        months = engine.sql(
            """select customer_id, date_trunc('month', ordered_on) as month, sum(net_sales)::double as net_sales,
                null as margin, 0 as orders from line group by all order by customer_id, month"""
        ).df()
    orders, months = CUSTOMER_ORDERS.conform(orders), CUSTOMER_MONTHS.conform(months)
    return facts_at(orders, months, dt.date(2011, 12, 10), Facts()), orders, months
