"""Key clients against the rest: the effect by hand, its limits, hidden features."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.segments.portrait import effect_size, key_portrait, rank_effect

values = st.lists(st.integers(-5, 5), min_size=1, max_size=12)


@given(values, values)
def test_the_effect_counts_pairs_and_turns_with_the_groups(one: list[int], other: list[int]) -> None:
    pairs = np.sign(np.subtract.outer(one, other))
    effect, low, high = rank_effect(one, other)
    assert effect == pytest.approx(pairs.mean())
    assert -1 <= low <= effect <= high <= 1
    assert rank_effect(other, one)[0] == pytest.approx(-effect)


def test_the_interval_covers_the_true_effect() -> None:
    random = np.random.default_rng(4)
    # P(X > Y) = 3/4 for X uniform on (0, 1) and Y its square root's mirror: Y = U·V, P(X > UV) = E[1 − UV] = 3/4
    hits = 0
    for _ in range(300):
        low, high = rank_effect(random.random(40), random.random(60) * random.random(60))[1:]
        hits += low <= 0.5 <= high
    assert 0.91 <= hits / 300 <= 0.99


@pytest.mark.parametrize(
    ("effect", "size"), [(0.0, "negligible"), (0.146, "negligible"), (0.33, "medium"), (1, "large")]
)
def test_sizes_begin_at_their_edges(effect: float, size: str) -> None:
    assert effect_size(effect) == size


def buyers(make_facts, keys: int, rest: int) -> tuple[pd.DataFrame, pd.Series]:
    customers = {
        f"{kind}{n}": {
            "orders_12m": 12 if kind == "k" else 2, "net_sales_12m": 120.0, "gross_sales_12m": 120.0,
            "net_sales_before": 100.0, "recency_days": 9.0, "tenure_days": 400.0,
            "median_gap_days": 30.0 if kind == "k" else None,
        }
        for kind, count in (("k", keys), ("o", rest)) for n in range(count)
    }  # fmt: skip
    return make_facts(customers), pd.Series([name for name in customers if name.startswith("k")])


def test_what_differs_is_named_and_what_few_have_is_hidden(make_facts) -> None:
    found = key_portrait(*buyers(make_facts, 10, 10), 10)
    rows = found.table.set_index("feature")
    assert rows.index[:2].tolist() == ["orders", "order_value"]
    assert rows.loc["orders", ["median_key", "median_rest", "effect", "size"]].tolist() == [12, 2, 1, "large"]
    assert rows.loc["order_value", "effect"] == -1  # 10 against 60 an order
    assert rows.loc["growth", ["median_key", "effect"]].tolist() == [20, 0]
    assert rows.loc["gap", "key_clients"] == 10 and rows.loc["gap", "rest"] == 0 and np.isnan(rows.loc["gap", "effect"])
    assert found.numbers["key_effect.gap"] is None and found.numbers["key_effect.orders"] == 1
    assert found.sentence.values["key"].values == {"value": 12}


@pytest.mark.parametrize("sizes", [(9, 10), (10, 9), (0, 0)])
def test_too_few_on_either_side_is_not_measurable(make_facts, sizes: tuple[int, int]) -> None:
    found = key_portrait(*buyers(make_facts, *sizes), 10)
    assert found.absent is not None and found.table.empty
    assert all(value is None for name, value in found.numbers.items() if not name.endswith("_absent"))


def test_nothing_beyond_chance_is_said_so(make_facts) -> None:
    facts, _ = buyers(make_facts, 0, 30)
    found = key_portrait(facts, facts["customer_id"].iloc[::3], 10)
    assert "No significant difference between key clients" in found.sentence.template
