"""What the demo company has planted is found in its exports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kam_analysis import retention
from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine
from kam_analysis.params import Params
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import SHARED

ROOT = Path(__file__).parents[2]
PARAMS = Params()
AT_RISK = PARAMS.segments.life_cycle.at_risk_below


@pytest.fixture(scope="module")
def demo():
    with Engine() as engine:
        cleaned = clean_source(engine, load_profile(ROOT / "sources/demo.yaml"), ROOT / "data/raw/demo", PARAMS)
        frames = {
            name: engine.frame(name, SHARED[name]) for name in ("customer_facts", "customer_orders", "interactions")
        }
        yield engine, cleaned.calendar, frames


@pytest.fixture(scope="module")
def truth():
    return json.loads((ROOT / "data/truth/demo.json").read_text(encoding="utf-8"))


def test_dropped_categories_are_found_and_hardly_any_other(demo, truth) -> None:
    engine, calendar, frames = demo
    chances = engine.frame("customer_chances", SHARED["customer_chances"])
    habits = retention.category_habits(engine, calendar.as_of)
    found = retention.silent_categories(habits, frames["customer_facts"], chances, PARAMS.facts).table
    listed = set(zip(found["customer_id"], found["category"], strict=True))
    planted = {(leaver["customer_id"], leaver["category"]) for leaver in truth["category_leavers"]}
    assert len(planted) == 10
    assert len(listed & planted) >= 8
    assert len(listed - planted) <= 2
    last = found.set_index("customer_id")["last_on"].dt.strftime("%Y-%m-%d")
    without = {leaver["customer_id"]: leaver["without_from"] for leaver in truth["category_leavers"]}
    assert all(last[customer] < without[customer] for customer, _ in listed & planted)


def test_whoever_left_against_the_rhythm_returns_less_than_the_silent_at_large(demo) -> None:
    _, calendar, frames = demo
    days = retention.order_days(frames["customer_orders"], calendar)
    spans = retention.inter_purchase_gaps(days, frames["interactions"], calendar)
    rows = retention.return_by_silence(spans, AT_RISK, PARAMS.retention).table.set_index(
        ["silence_kind", "silence_days"]
    )
    assert rows.loc[("unusual", 90), "high"] < rows.loc[("any", 90), "low"]
    assert not retention.win_back_results(spans, frames["interactions"], PARAMS.retention).absent
