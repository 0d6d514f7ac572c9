"""Online Retail meets the published control figures exactly, whatever the order of its rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.rfm import rfm_scores
from kam_analysis.params import Segments
from kam_analysis.segments import (
    abc_xyz_grid,
    loyalty_ladder,
    rfm_heat_map,
    rhythm_classes,
    value_classes,
)
from kam_analysis.segments.abc_xyz import period_sums, with_classes, xyz_classes
from kam_analysis.segments.ladder import ladder_steps
from kam_analysis.tables import ASSESSMENT, CUSTOMER_MONTHS, SURVEY

SOURCE = Path(__file__).parents[3] / "shared/data/online_retail/online_retail_II_2010_2011.parquet"
LINES = """
    create temp table line as
    select cast("Customer ID" as varchar) as customer_id, Invoice as order_id, cast(InvoiceDate as date) as ordered_on,
        cast(round(Quantity * cast(Price as decimal(14, 4)), 4) as decimal(18, 4)) as net_sales
    from read_parquet($source) where "Customer ID" is not null
"""
ORDERS = """
    select customer_id, min(ordered_on) filter (net_sales > 0) as ordered_on
    from line group by customer_id, order_id having max(net_sales) > 0
"""
FACTS = f"""
    select customer_id, coalesce(any_value(orders), 0) as orders, any_value(first_order_on) as first_order_on,
        any_value(recency_days)::double as recency_days, sum(net_sales)::double as net_sales, null::double as margin,
        0.0 as net_sales_12m, coalesce(any_value(orders_12m), 0) as orders_12m
    from line left join (
        select customer_id, count(*) as orders, min(ordered_on) as first_order_on,
            date '2011-12-10' - max(ordered_on) as recency_days,
            count(*) filter (ordered_on >= date '2010-12-10') as orders_12m
        from ({ORDERS}) group by customer_id
    ) using (customer_id) group by customer_id
"""
MONTHS = """
    select customer_id, date_trunc('month', ordered_on) as month, sum(net_sales)::double as net_sales,
        null::double as margin, 0 as orders
    from line group by all
"""
pytestmark = pytest.mark.skipif(not SOURCE.exists(), reason="Online Retail is not beside the project")


@pytest.fixture(scope="module")
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    with duckdb.connect() as engine:
        engine.execute(LINES, {"source": str(SOURCE)})
        facts = engine.sql(FACTS).df().astype({"customer_id": "str", "orders": "int64", "orders_12m": "int64"})
        return facts, CUSTOMER_MONTHS.conform(engine.sql(MONTHS).df())


@pytest.mark.parametrize("seed", [0, 1])
def test_control_figures(frames, seed):
    facts, months = (frame.sample(frac=1, random_state=seed) for frame in frames)
    calendar, rules = Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10)), Segments()
    window = facts[["customer_id", "recency_days", "orders", "net_sales", "margin"]]
    abc = with_classes(window, facts, rules.abc)
    sums = period_sums(facts, months, calendar)
    assessment, survey = ASSESSMENT.empty(), SURVEY.empty()
    steps = ladder_steps(facts, assessment, survey, calendar, rules.ladder, 3)
    scores = rfm_scores(window, rules.rfm)
    numbers = {
        **value_classes(abc, rules.abc).numbers,
        **rhythm_classes(sums, abc, rules.xyz).numbers,
        **rfm_heat_map(scores, rules.rfm).numbers,
        **loyalty_ladder(steps, assessment, survey, calendar, 3).numbers,
    }
    assert {name: numbers[f"abc.{name}"] for name in "ABCN"} == {"A": 1178, "B": 1456, "C": 1683, "N": 55}
    assert [numbers[f"xyz.{name}"] for name in ("X", "Y", "Z", "na")] == [41, 363, 1251, 2683]
    assert numbers["xyz_period"] == "month"
    assert [numbers[f"rfm.F{score}"] for score in range(1, 6)] == [1493, 0, 1343, 630, 872]
    assert [numbers[f"ladder.{step}"] for step in ("one_order", "two_orders", "regular")] == [1493, 835, 2010]
    grid = abc_xyz_grid(abc, xyz_classes(sums, abc, rules.xyz)).table
    assert grid["customers"].sum() == 4372
    assert grid["net_sales"].sum() == pytest.approx(8_300_083.814, abs=1e-6)
