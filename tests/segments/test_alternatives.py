"""Class A by other values and windows, and the average-order axis of the scores."""

from __future__ import annotations

import pandas as pd
import pytest

from kam_analysis.facts.rfm import rfm_scores
from kam_analysis.params import Abc, Rfm
from kam_analysis.segments import value_alternatives
from kam_analysis.segments.abc_xyz import with_classes

BY_SALES = Abc()


def alternatives(facts: pd.DataFrame, rules: Abc = BY_SALES) -> pd.DataFrame:
    return value_alternatives(with_classes(facts, facts, rules), facts, rules).table


def test_every_way_names_its_class_a(make_facts) -> None:
    facts = make_facts({
        "a": {"net_sales": 80.0, "margin": 1.0, "net_sales_12m": 0.0},
        "b": {"net_sales": 20.0, "margin": 9.0, "net_sales_12m": 50.0},
    })  # fmt: skip
    table = alternatives(facts)
    assert table[["value", "window", "a_customers", "same_a", "is_used"]].values.tolist() == [
        ["net_sales", "all", 1, 1, True],
        ["margin", "all", 1, 0, False],
        ["net_sales", "year", 1, 0, False],
    ]
    assert table["n_customers"].tolist() == [0, 0, 1]


def test_the_way_in_use_stands_once_and_without_cost_there_is_no_margin(make_facts) -> None:
    facts = make_facts({"a": {"net_sales": 80.0, "net_sales_12m": 80.0}})
    assert alternatives(facts, Abc(window_months=12))[["window", "is_used"]].values.tolist() == [
        ["year", True], ["all", False]
    ]  # fmt: skip
    assert alternatives(facts, Abc(window_months=6))["window"].tolist() == ["own", "all", "year"]


def test_nobody_in_a_is_said(make_facts) -> None:
    found = value_alternatives(with_classes(make_facts({}), make_facts({}), Abc()), make_facts({}), Abc())
    assert found.absent is not None and found.numbers["abc.same_a"] is None


@pytest.mark.parametrize(
    ("money", "scores"),
    [("net_sales", [1, 2, 3]), ("mean_order", [3, 1, 2])],  # 90/1, 100/10, 200/10; then 90, 10, 20
)
def test_the_money_axis_is_net_sales_or_the_mean_order(money: str, scores: list[int]) -> None:
    window = pd.DataFrame({"customer_id": list("abc"), "recency_days": 1.0, "orders": [1, 10, 10],
                           "net_sales": [90.0, 100.0, 200.0]})  # fmt: skip
    assert rfm_scores(window, Rfm(money=money))["m_score"].tolist() == scores


def test_equal_ratios_tie_and_a_mean_order_at_an_edge_has_reached_it() -> None:
    window = pd.DataFrame(
        {"customer_id": list("ab"), "recency_days": 1.0, "orders": [1, 3], "net_sales": [100.0, 300.0]}
    )
    assert rfm_scores(window, Rfm(money="mean_order"))["m_score"].tolist() == [3, 3]  # ceil(3·(1+2)/4)
    edges = Rfm(money="mean_order", scores="thresholds")
    assert rfm_scores(window, edges)["m_score"].tolist() == [2, 2]
    below = window.assign(net_sales=[99.99, 300.0])
    assert rfm_scores(below, edges)["m_score"].tolist() == [1, 2]
