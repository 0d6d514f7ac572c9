"""Expected lifetimes of whole sources, against figures that an independent implementation of the definitions gave."""

from __future__ import annotations

from pathlib import Path

import pytest

from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine
from kam_analysis.facts.lifetime_value import buyers_of, churn_silence, cumulative_means, expected, new_buyers, realised
from kam_analysis.params import Params
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import SHARED

ROOT = Path(__file__).parents[2]
READ = ("customer_facts", "customer_orders", "customer_life_months")
# silence, horizon and orders of new buyers, of all buyers, orders per month
CONTROL = {
    "demo": (82, (26, 13.42), (29, 30.72), 1.12),
    "online_retail": (124.7, (9, 3.68), (12, 7.44), 0.81),
    "northwind": (221, (17, 8.75), (21, 11.68), 0.48),
}


@pytest.mark.parametrize("name", CONTROL)
def test_control_figures(name: str) -> None:
    folder = ROOT / "data/raw/demo" if name == "demo" else ROOT.parent / "shared/data" / name
    if not folder.exists():
        pytest.skip(f"{name} is not beside the project")
    params = Params()
    with Engine() as engine:
        calendar = clean_source(engine, load_profile(ROOT / f"sources/{name}.yaml"), folder, params).calendar
        facts, orders, cells = (SHARED[table].check(engine.frame(table, SHARED[table])) for table in READ)
    silence = churn_silence(orders, calendar, params.facts)
    buyers = buyers_of(facts)
    new, every = (expected(part, cells, silence.days, params.facts) for part in (new_buyers(buyers, calendar), buyers))
    assert new is not None and every is not None and new.orders and every.orders and new.orders_per_month
    days, of_new, of_all, rate = CONTROL[name]
    assert round(silence.days, 1) == days
    assert silence.is_bound == (name == "online_retail")
    assert (new.horizon_months, round(new.orders, 2)) == of_new
    assert (every.horizon_months, round(every.orders, 2)) == of_all
    assert round(new.orders_per_month, 2) == rate
    # two roads to one number: the orders within the months followed, and net sales per buyer
    means = cumulative_means(new_buyers(buyers, calendar), cells, "orders", new.followed_months or 0)["mean"]
    assert new.orders_per_month * (new.lifetime_months or 0) == pytest.approx(means.iloc[-1])
    so_far = realised(facts, params.facts)
    assert so_far is not None
    assert so_far.product == pytest.approx(buyers["net_sales"].sum() / len(buyers))
    for column in ("orders", "net_sales"):  # the months of life leave nothing out
        assert cells[column].sum() == pytest.approx(buyers[column].sum())
