"""Needs: planted ones are found, mixes without groups have none, and what is read of the lines."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.engine import Engine
from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Needs
from kam_analysis.segments.clusters.measures import adjusted_rand
from kam_analysis.segments.needs import Mix, customer_needs, find_needs, needs, product_mix

CALENDAR, RULES = Calendar(dt.date(2023, 1, 1), dt.date(2024, 1, 1)), Needs(repeats=2)


def mix_of(values: np.ndarray) -> Mix:
    names = [f"c{n:03}" for n in range(len(values))]
    return Mix(pd.DataFrame(values, names, [f"p{n}" for n in range(values.shape[1])]), True)


def three_needs(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three hundred customers of three needs, each of five products of its own."""
    random = np.random.default_rng(seed)
    need = random.integers(3, size=300)
    wanted = np.repeat(np.eye(3), 5, axis=1) * 4 + 0.2
    return np.array([random.dirichlet(wanted[kind]) for kind in need]), need


@pytest.mark.parametrize("seed", range(3))
def test_planted_needs_are_found(seed: int) -> None:
    values, need = three_needs(seed)
    topics = find_needs(mix_of(values), RULES)
    assert topics.weight.shape[1] == 3
    assert adjusted_rand(need, topics.weight.to_numpy().argmax(axis=1)) >= 0.95
    assert topics.fit is not None and topics.fit > 0.3
    assert topics.weight.sum(axis=1).to_numpy() == pytest.approx(1)
    assert topics.content.sum(axis=1).to_numpy() == pytest.approx(1)
    for _, content in topics.content.iterrows():  # five products of one block lead every topic
        assert len({int(name[1:]) // 5 for name in content.nlargest(5).index}) == 1


@pytest.mark.parametrize("seed", range(5))
def test_mixes_without_groups_have_no_needs(seed: int) -> None:
    random = np.random.default_rng(seed)
    mean = random.dirichlet(np.ones(15))
    bought = np.array([random.multinomial(random.integers(5, 40), mean) for _ in range(300)])
    topics = find_needs(mix_of(bought / bought.sum(axis=1, keepdims=True)), RULES)
    assert topics.weight.shape[1] == 0 and customer_needs(topics).empty


def test_the_order_of_customers_changes_no_need() -> None:
    values, _ = three_needs(1)
    mix = mix_of(values)
    one = customer_needs(find_needs(mix, RULES)).set_index("customer_id")["need"]
    turned = Mix(mix.share.iloc[::-1], True)
    other = customer_needs(find_needs(turned, RULES)).set_index("customer_id")["need"]
    assert adjusted_rand(one.to_numpy() - 1, other[one.index].to_numpy() - 1) >= 0.99


def test_the_finding_counts_every_customer_once_and_names_the_leading_products(make_facts) -> None:
    values, need = three_needs(2)
    mix = mix_of(values)
    facts = make_facts({name: {"net_sales": 2.0} for name in mix.share.index})
    found = needs(mix, find_needs(mix, RULES), facts, RULES)
    assert found.table["customers"].sum() == 300 and found.table["customers"].is_monotonic_decreasing
    assert found.table["net_sales"].sum() == 600
    assert found.numbers["needs.k"] == 3
    assert sorted(found.table["customers"]) == pytest.approx(sorted(np.bincount(need)), abs=6)
    assert all(text.count(" · ") == 2 for text in found.table["leading"])


@pytest.mark.parametrize("shape", [(49, 10), (50, 3), (0, 0)])
def test_too_few_customers_or_products_are_not_measurable(make_facts, shape: tuple[int, int]) -> None:
    mix = mix_of(np.full(shape, 1 / max(shape[1], 1)))
    found = needs(mix, find_needs(mix, RULES), make_facts({}), RULES)
    assert found.absent is not None and found.numbers["needs.k"] is None


def test_equal_mixes_have_no_needs(make_facts) -> None:
    mix = mix_of(np.full((60, 8), 1 / 8))
    found = needs(mix, find_needs(mix, RULES), make_facts({}), RULES)
    assert found.absent is None and found.numbers["needs.k"] == 0 and found.table.empty


def mix_from(lines: list[tuple[str | None, str | None, str, float, bool, str]], rules: Needs = RULES) -> Mix:
    columns = ["customer_id", "category", "item", "net_sales", "is_service", "ordered_on"]
    frame = pd.DataFrame(lines, columns=columns)
    frame = frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"])).astype({"category": "str", "item": "str"})
    with Engine() as engine:
        engine.put("order_lines", frame)
        return product_mix(engine, CALENDAR, rules)


def test_returns_services_and_later_lines_are_no_need() -> None:
    day = "2023-05-05"
    bought = [("a", f"k{n}", 10.0) for n in range(5)] + [("a", "k0", -10.0), ("b", "k1", 30.0), ("b", "k2", 10.0)]
    lines = [(customer, category, "x", money, False, day) for customer, category, money in bought]
    others = [("a", "post", "x", 9.0, True, day), (None, "k1", "x", 9.0, False, day)]
    mix = mix_from([*lines, *others, ("b", "k3", "x", 5.0, False, "2024-01-01")])
    assert mix.by_category and mix.share.columns.tolist() == ["k1", "k2", "k3", "k4"]
    assert mix.share.loc["a"].tolist() == [0.25] * 4
    assert mix.share.loc["b"].tolist() == [0.75, 0.25, 0, 0]


def test_with_three_categories_the_products_serve() -> None:
    lines = [("a", f"k{n}", f"i{n}", 10.0, False, "2023-05-05") for n in range(3)]
    assert not mix_from(lines).by_category


def test_without_categories_the_most_bought_products_serve() -> None:
    day = "2023-05-05"
    lines = [
        (customer, None, f"i{n}", 1.0, False, day) for customer in "abc" for n in range(12) if n < 11 or customer == "a"
    ]
    mix = mix_from(lines, Needs(products=10))
    assert not mix.by_category
    assert mix.share.columns.tolist() == sorted(["i0", "i1", "i10", *[f"i{n}" for n in range(2, 9)]])  # ties by name
    assert mix.share.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
