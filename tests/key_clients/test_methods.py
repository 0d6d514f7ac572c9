"""Weights that swap places, other ways of ranking, weights from pairwise comparisons: by hand and as published."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from kam_analysis.facts.pairwise import RANDOM_INDEX, consistency_caveat, given_weights, pairwise_weights
from kam_analysis.key_clients import criteria, method_agreement, weight_swaps
from kam_analysis.key_clients.methods import METHOD_AGREEMENT, WEIGHT_SWAPS, min_max_score, swap_weights, topsis_score
from kam_analysis.params import KeyClients, Weights
from kam_analysis.vocabulary import Criterion

ALIKE = (("volume", "margin", 2.0), ("margin", "brand", 2.0), ("volume", "brand", 4.0))
AGAINST = (("volume", "margin", 5.0), ("margin", "brand", 5.0), ("brand", "volume", 5.0))
# Saaty's choice of a leader: experience, education, charisma, age; published priorities .547 .127 .270 .056, CR .044
LEADER = (
    ("volume", "frequency", 4.0),
    ("volume", "margin", 3.0),
    ("volume", "growth", 7.0),
    ("margin", "frequency", 3.0),
    ("frequency", "growth", 3.0),
    ("margin", "growth", 5.0),
)
FLAT = Weights(volume=0.5, frequency=0.5, margin=0, growth=0, lifetime=0, brand=0, strategic=0)


@pytest.fixture
def scored(listed):
    """A list by volume and orders, half and half, with so many places by score."""

    def make(sales, orders, places=20, **rules):
        made = KeyClients(weight_draws=20, weights=FLAT, top_k=places, top_customers=1, **rules)
        return listed(sales, rules=made, orders_12m=orders), made

    return make


# ---- pairwise comparisons -----------------------------------------------------------------------------------------


def test_comparisons_that_agree_give_their_ratios():
    found = pairwise_weights(ALIKE)
    # 4 : 2 : 1
    assert found.weights.tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)


def test_published_example_of_comparisons():
    found = pairwise_weights(LEADER)
    assert found.weights.tolist() == pytest.approx([0.547, 0.127, 0.270, 0.056], abs=0.001)
    assert found.consistency_ratio == pytest.approx(0.044, abs=0.0005)


def test_a_circle_contradicts_itself():
    found = pairwise_weights(AGAINST)
    # every row holds 1, 5 and 1/5: equal weights and λ = 6.2; (6.2 − 3) / 2 / .58
    assert found.weights.tolist() == pytest.approx([1 / 3] * 3)
    assert found.consistency_ratio == pytest.approx(3.2 / 2 / 0.58)
    assert found.worst[2:] == pytest.approx((5.0, 1.0))


@pytest.mark.parametrize(("size", "index"), [(3, 0.58), (4, 0.90), (5, 1.12), (6, 1.24), (7, 1.32)])
def test_the_index_of_random_matrices_goes_by_size(size, index):
    names = [criterion.value for criterion in Criterion][:size]
    # all ones but for the first pair, 9 against 1: no size passes without its check
    ratios = dict.fromkeys(combinations(names, 2), 1.0) | {(names[0], names[1]): 9.0}
    found = pairwise_weights(tuple((*pair, ratio) for pair, ratio in ratios.items()))
    matrix = np.ones((size, size))
    matrix[0, 1], matrix[1, 0] = 9.0, 1 / 9
    largest = max(np.linalg.eigvals(matrix).real)
    assert found.consistency_ratio == pytest.approx((largest - size) / (size - 1) / index, rel=1e-6) and largest > size


def test_no_number_of_criteria_is_without_an_index():
    assert len(Criterion) < len(RANDOM_INDEX)


def by_power(names, comparisons):
    """Weights by multiplying the matrix with a vector again and again."""
    ratio = {(one, one): 1.0 for one in names}
    for first, second, value in comparisons:
        ratio |= {(first, second): value, (second, first): 1 / value}
    weights = dict.fromkeys(names, 1 / len(names))
    for _ in range(500):
        raw = {one: sum(ratio[one, other] * weights[other] for other in names) for one in names}
        weights = {one: raw[one] / sum(raw.values()) for one in names}
    largest = sum(sum(ratio[one, other] * weights[other] for other in names) / weights[one] for one in names)
    return weights, largest / len(names)


@given(st.integers(2, 7), st.data())
def test_comparisons_against_power_iteration(n, data):
    names = list(KeyClients().weights.model_dump())[:n]
    scale = st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5, 9])
    pairs = tuple((one, two, data.draw(scale)) for place, one in enumerate(names) for two in names[place + 1 :])
    weights, largest = by_power(names, pairs)
    found = pairwise_weights(pairs)
    assert found.weights.to_dict() == pytest.approx(weights, rel=1e-6)
    index = {2: math.inf, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32}[n]
    assert found.consistency_ratio == pytest.approx(max(0.0, largest - n) / (n - 1) / index, abs=1e-6)


def test_comparisons_replace_the_weights(listed, say_it):
    rules = KeyClients(comparisons=(("volume", "frequency", 3.0),), weight_draws=20)
    assert given_weights(rules).to_dict() == {"volume": 0.75, "frequency": 0.25} | dict.fromkeys(
        ("margin", "growth", "lifetime", "brand", "strategic"), 0.0
    )
    now = listed({"a": 2.0, "b": 1.0}, rules=rules, orders_12m={"a": 1, "b": 2})
    # the larger of two has 1, the smaller 0
    assert now.scores.score.tolist() == [0.75, 0.25]
    found = criteria(now, rules)
    assert found.table.set_index("criterion").weight["volume"] == 0.75
    assert found.numbers["consistency_ratio"] == 0
    assert say_it(found.caveats[0].text) == (
        "Comparisons by the analyst: 1; consistency ratio 0.00, at most 0.10 is fine."
    )


def test_contradictions_are_said(say_it):
    caveat = consistency_caveat(KeyClients(comparisons=AGAINST))[0]
    assert caveat.weight == "red"
    assert say_it(caveat.text) == (
        "Comparisons by the analyst: 3; they contradict each other: consistency ratio 2.76, above 0.10. Worst fit: "
        "volume against margin, given 5.0, by all others together 1.0."
    )


def test_without_comparisons_the_ratio_is_absent(listed):
    numbers = criteria(listed({"a": 2.0}), KeyClients()).numbers
    assert (numbers["consistency_ratio"], numbers["consistency_ratio_absent"]) == (None, "no_comparisons")


@pytest.mark.parametrize(
    ("comparisons", "said"),
    [
        ([("volume", "volume", 1)], "itself, or a pair twice"),
        ([("volume", "margin", 2), ("margin", "volume", 2)], "itself, or a pair twice"),
        ([("volume", "margin", 2), ("margin", "brand", 2)], "not compared: brand with volume"),
        ([("volume", "margin", 10)], "less than or equal to 9"),
        ([("volume", "sales", 2)], "should be one of volume"),
    ],
)
def test_wrong_comparisons_are_refused(comparisons, said):
    with pytest.raises(ValidationError, match=said):
        KeyClients(comparisons=comparisons)


# ---- other ways of ranking ----------------------------------------------------------------------------------------

# Hwang and Yoon's fighter aircraft; the cost counts downwards; published nearness .643 .268 .613 .312
AIRCRAFT = pd.DataFrame(
    {
        "speed": [2.0, 2.5, 1.8, 2.2],
        "range": [1500.0, 2700.0, 2000.0, 1800.0],
        "payload": [20_000.0, 18_000.0, 21_000.0, 20_000.0],
        "cost": [-5.5, -6.5, -4.5, -5.0],
        "reliability": [5.0, 3.0, 7.0, 5.0],
        "manoeuvre": [9.0, 5.0, 7.0, 5.0],
    }
)
AIRCRAFT_WEIGHTS = pd.Series([0.2, 0.1, 0.1, 0.1, 0.2, 0.3], index=AIRCRAFT.columns)


def test_published_example_of_topsis():
    assert topsis_score(AIRCRAFT, AIRCRAFT_WEIGHTS).tolist() == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=0.001)


def plain_topsis(rows, weights):
    columns = list(zip(*rows, strict=True))
    lengths = [math.sqrt(sum(value**2 for value in column)) for column in columns]
    scaled = [
        [w * v / length if length else 0.0 for v, w, length in zip(row, weights, lengths, strict=True)] for row in rows
    ]
    ends = [[end(column) for column in zip(*scaled, strict=True)] for end in (max, min)]
    best, worst = ([math.dist(row, end) for row in scaled] for end in ends)
    return [w / (b + w) if b + w else 0.0 for b, w in zip(best, worst, strict=True)]


@given(st.lists(st.tuples(*[st.integers(-5, 9)] * 3), min_size=1, max_size=12))
def test_topsis_against_plain_loops(rows):
    values = pd.DataFrame(rows, columns=["volume", "margin", "brand"], dtype="float64")
    weights = pd.Series({"volume": 0.5, "margin": 0.3, "brand": 0.2})
    assert topsis_score(values, weights).tolist() == pytest.approx(plain_topsis(rows, [0.5, 0.3, 0.2]), abs=1e-9)


def test_topsis_of_nobody_and_of_equals():
    weights = pd.Series({"volume": 1.0})
    assert topsis_score(pd.DataFrame({"volume": []}), weights).empty
    assert topsis_score(pd.DataFrame({"volume": [3.0, 3.0]}), weights).tolist() == [0.0, 0.0]
    assert topsis_score(pd.DataFrame({"volume": [0.0, 0.0]}), weights).tolist() == [0.0, 0.0]


def test_min_max_by_hand():
    values = pd.DataFrame({"volume": [-10.0, 0.0, 30.0], "margin": [1.0, 3.0, 2.0], "brand": [7.0] * 3})
    weights = pd.Series({"volume": 0.6, "margin": 0.3, "brand": 0.1})
    # volume 0, 1/4, 1; margin 0, 1, 1/2; nobody differs in brand
    assert min_max_score(values, weights).tolist() == pytest.approx([0.0, 0.15 + 0.3, 0.6 + 0.15])


def test_agreement_by_hand(scored, say_it):
    now, rules = scored({"a": 900.0, "b": 30.0, "c": 20.0, "d": 10.0}, {"a": 1, "b": 3, "c": 2, "d": 4}, places=1)
    # by logarithm: a (1 + 0)/2, d (0 + 1)/2, b (.22 + .77)/2, c (.13 + .44)/2
    assert now.scores.account_id.tolist() == ["a", "d", "b", "c"]
    # mid-ranks: a (4 + 1)/8, b (3 + 3)/8, c (2 + 2)/8, d (1 + 4)/8: b, then a before d by id, then c
    table = METHOD_AGREEMENT.check(method_agreement(now, rules).table).set_index("method")
    row = table.loc["mid_rank"]
    assert (row.places, row.same, row.enter, row.leave) == (1, 0, "Client b", "Client a")
    # ours a d b c, theirs b a d c: differences of ranks a 1, d 1, b 2; 1 − 6 · 6 / (4 · 15)
    assert row.rank_correlation == pytest.approx(0.4)
    # min–max: a (1 + 0)/2, b (20/890 + 2/3)/2, c (10/890 + 1/3)/2, d (0 + 1)/2: a before d by id
    assert table.loc["min_max", "same"] == 1
    assert say_it(method_agreement(now, rules).sentence).startswith(
        "Places by score: 1; the same accounts by mid-ranks: 0, by min–max: 1, by TOPSIS: "
    )


def test_the_same_list_by_every_way(scored, say_it):
    sales = {f"{i:02}": 10.0 + i for i in range(15)}
    now, rules = scored(sales, dict.fromkeys(sales, 3), places=4)
    found = method_agreement(now, rules)
    assert say_it(found.sentence) == "Every way of ranking fills the places (4) with the same accounts."
    assert found.numbers["topsis.same"] == 4
    assert found.numbers["topsis.rank_correlation"] == pytest.approx(1)
    assert found.table.enter.isna().all()


def test_one_customer_has_no_rank_correlation(scored):
    now, rules = scored({"a": 5.0}, {"a": 1}, places=1)
    numbers = method_agreement(now, rules).numbers
    assert (numbers["min_max.rank_correlation"], numbers["min_max.same"]) == (None, 1)
    assert numbers["min_max.rank_correlation_absent"] == "one_customer"


def test_comparisons_are_held_against_the_weights_of_the_parameters(scored):
    sales = {f"{i:02}": 50.0 - i for i in range(12)}
    now, rules = scored(sales, {"11": 30, "05": 29, "04": 1}, places=1, comparisons=(("volume", "frequency", 9.0),))
    # by .9 and .1 the largest, 00, leads; half and half 05, which has much of both; 00 has no order
    row = method_agreement(now, rules).table.set_index("method").loc["parameters"]
    assert now.scores.account_id[0] == "00"
    assert (row.enter, row.leave) == ("Client 05", "Client 00")


def test_many_names_are_cut(scored):
    sales = {f"{i:02}": 1000.0 - i for i in range(20)}
    now, rules = scored(sales, {one: int(one) ** 3 for one in sales}, places=8)
    enter = method_agreement(now, rules).table.enter.dropna()
    assert all(names.count("Client") <= 5 for names in enter)


# ---- weights that swap places -------------------------------------------------------------------------------------


def test_swap_by_hand():
    # a leads in the first (1 against .5), b in the second (.75 against .5); halves: a .75, b .625
    # equal when v · .5 = (1 − v) · .25, v = 1/3
    found = swap_weights(np.array([1.0, 0.5]), np.array([0.5, 0.75]), np.array([0.5, 0.5]))
    assert found.tolist() == pytest.approx([1 / 3, 2 / 3])


def test_who_is_better_in_everything_is_never_passed():
    found = swap_weights(np.array([1.0, 0.75]), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    assert np.isnan(found).all()


def test_the_only_weight_cannot_change():
    assert np.isnan(swap_weights(np.array([1.0]), np.array([0.5]), np.array([1.0]))).all()


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 9)), min_size=2, max_size=7))
def test_at_the_weight_both_have_one_score(rows):
    last, first, raw = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    weights = raw / raw.sum()
    assume(abs((last - first) @ weights) > 1e-9)
    for place, then in enumerate(swap_weights(last, first, weights)):
        changed = weights * (1 - then) / (1 - weights[place])
        changed[place] = then
        if not np.isnan(then):
            assert (last - first) @ changed == pytest.approx(0, abs=1e-9)
            continue
        ends = []
        for end in (0.0, 1.0):
            changed = weights * (1 - end) / (1 - weights[place])
            changed[place] = end
            ends.append((last - first) @ changed)
        assert ends[0] * ends[1] >= -1e-9  # no weight from 0 to 1 changes who is ahead


def test_weight_swaps_on_a_list(scored, say_it):
    # two of three have places. Volume: a 1, b and c by logarithm between 8 and 100; orders the other way round
    now, rules = scored({"a": 100.0, "b": 20.0, "c": 10.0}, {"a": 9, "b": 2, "c": 3}, places=2)
    found = weight_swaps(now, rules)
    table = WEIGHT_SWAPS.check(found.table).set_index("criterion")
    # q of volume is 10 + .1 · 10 = 11, of orders 2 + .1 · 1 = 2.1
    volume, orders = math.log(20 / 11) / math.log(100 / 11), math.log(3 / 2.1) / math.log(9 / 2.1)
    assert table.last_score.tolist() == pytest.approx([volume, 0.0])
    assert table.first_score.tolist() == pytest.approx([0.0, orders])
    assert say_it(found.sub) == "Last in: Client b. First out: Client c."
    # v · volume = (1 − v) · orders
    then = orders / (orders + volume)
    assert table.weight_then.tolist() == pytest.approx([then, 1 - then])
    assert found.numbers["smallest_weight_change"] == pytest.approx(abs(then - 0.5))
    assert say_it(found.sentence).startswith(
        "2 of 2 weights can hand the last place from Client b to Client c; nearest: volume, from 50.0 % to "
    )


def test_nobody_without_a_place(scored, say_it):
    now, rules = scored({"a": 5.0}, {"a": 1})
    assert say_it(weight_swaps(now, rules).absent) == "Every account with net sales above 0 has a place by score."
    nobody, rules = scored({}, {})
    assert weight_swaps(nobody, rules).absent is not None and method_agreement(nobody, rules).absent is not None


def test_where_the_score_admits_nobody_no_weight_matters(scored):
    now, rules = scored({"a": 5.0, "b": 4.0}, {}, admit=("company",))
    for found in (weight_swaps(now, rules), method_agreement(now, rules)):
        assert found.absent is not None and found.table.empty
        assert "score_admits_nobody" in found.numbers.values()


def test_demo_list_by_other_ways(demo):
    table = METHOD_AGREEMENT.check(method_agreement(demo.now, demo.rules).table)
    assert table.places.tolist() == [demo.now.places] * 3
    assert table.rank_correlation.between(0.5, 1).all()
    WEIGHT_SWAPS.check(weight_swaps(demo.now, demo.rules).table)
