"""The demo company's large leavers stand on the call list."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kam_analysis.actions import call_list
from kam_analysis.actions.tables import CALL_LIST
from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine
from kam_analysis.facts.accounts import unit_customers
from kam_analysis.facts.key_list import key_list
from kam_analysis.params import Params
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import SHARED

ROOT = Path(__file__).parents[2]


def classes_of(facts):
    """ABC of all history in whole cents, without the segments room."""
    ordered = facts.assign(cents=(facts.net_sales * 100).round().astype("int64")).sort_values(
        ["cents", "customer_id"], ascending=[False, True]
    )
    positive = ordered.cents.clip(lower=0)
    before, total = positive.cumsum() - positive, positive.sum()
    words = np.select([ordered.cents <= 0, 10 * before < 8 * total, 20 * before < 19 * total], ["N", "A", "B"], "C")
    return pd.DataFrame({"customer_id": ordered.customer_id, "abc": words})


@pytest.fixture(scope="module")
def demo():
    engine, params = Engine(), Params()
    cleaned = clean_source(engine, load_profile(ROOT / "sources/demo.yaml"), ROOT / "data/raw/demo", params)
    facts, assessment, survey = (engine.frame(t, SHARED[t]) for t in ("customer_facts", "assessment", "survey"))
    orders = engine.frame("customer_orders", SHARED["customer_orders"])
    units = unit_customers(engine, cleaned.calendar.as_of, params.key_clients.units)
    keys = key_list(facts, units, assessment, survey, cleaned.calendar, params.key_clients).members
    calls = call_list(facts, keys, classes_of(facts), cleaned.calendar, params.actions, str, orders)
    return facts.set_index("customer_id"), set(keys.customer_id), calls


def test_large_leavers_who_qualify_are_called(demo):
    facts, keys, calls = demo
    truth = json.loads((ROOT / "data/truth/demo.json").read_text(encoding="utf-8"))
    CALL_LIST.check(calls.table)
    a_customers = set(classes_of(facts.reset_index()).query("abc == 'A'").customer_id)
    large = facts.loc[truth["leavers"]["large"]]
    qualify = large[
        large.index.isin(a_customers | keys)
        & (large.order_days >= 4)
        & (large.recency_days > large.median_gap_days)
        & (large.silence_chance < 0.5)
    ]
    assert set(qualify.index) <= set(calls.table.customer_id)
    assert len(qualify) >= 6
    planted = {leaver["customer_id"]: leaver["last_order_on"] for leaver in truth["leavers"]["all"]}
    called = calls.table.set_index("customer_id")
    assert {one: day.isoformat()[:10] for one, day in called.last_order_on[qualify.index].items()} == {
        one: planted[one] for one in qualify.index
    }


def test_the_key_client_who_left_comes_first(demo):
    facts, _, calls = demo
    first = calls.table.iloc[0]
    assert (first.customer_id, first.manager, first.is_key) == ("0002", "Jelena Đurić", True)
    assert first.money_at_stake == pytest.approx(facts.loc["0002", "margin_12m"], rel=0.01)  # alarm near 1
