"""Weights that swap places, other ways of ranking, weights from pairwise comparisons: by hand and as published."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from kam_analysis.facts.pairwise import consistency_caveat, given_weights, pairwise_weights
from kam_analysis.key_clients import criteria, key_list, method_agreement, weight_swaps
from kam_analysis.key_clients.methods import min_max_score, swap_weights, topsis_score
from kam_analysis.key_clients.tables import METHOD_AGREEMENT, WEIGHT_SWAPS
from kam_analysis.params import KeyClients, Weights
from kam_analysis.tables import ASSESSMENT, SURVEY

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


def listed(make_facts, calendar, sales, orders, **rules):
    made = KeyClients(weight_draws=20, weights=FLAT, **rules)
    facts = make_facts(sales, orders_12m=orders)
    return key_list(facts, ASSESSMENT.empty(), SURVEY.empty(), calendar, made), made


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


def test_comparisons_replace_the_weights(make_facts, calendar, say_it):
    rules = KeyClients(comparisons=(("volume", "frequency", 3.0),), weight_draws=20)
    assert given_weights(rules).to_dict() == {"volume": 0.75, "frequency": 0.25} | dict.fromkeys(
        ("margin", "growth", "lifetime", "brand", "strategic"), 0.0
    )
    facts = make_facts({"a": 2.0, "b": 1.0}, orders_12m={"a": 1, "b": 2})
    now = key_list(facts, ASSESSMENT.empty(), SURVEY.empty(), calendar, rules)
    # a .75 · 1 + .25 · .5, b .75 · .5 + .25 · 1
    assert now.scores.score.tolist() == [0.875, 0.625]
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


def test_without_comparisons_the_ratio_is_absent(make_facts, calendar):
    now = key_list(make_facts({"a": 2.0}), ASSESSMENT.empty(), SURVEY.empty(), calendar, KeyClients(weight_draws=20))
    numbers = criteria(now, KeyClients()).numbers
    assert (numbers["consistency_ratio"], numbers["consistency_ratio_absent"]) == (None, "no_comparisons")


@pytest.mark.parametrize(
    ("comparisons", "said"),
    [
        ([("volume", "volume", 1)], "itself, or a pair twice"),
        ([("volume", "margin", 2), ("margin", "volume", 2)], "itself, or a pair twice"),
        ([("volume", "margin", 2), ("margin", "brand", 2)], "not compared: brand with volume"),
        ([("volume", "margin", 10)], "less than or equal to 9"),
        ([("volume", "sales", 2)], "Input should be 'volume'"),
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


def test_agreement_by_hand(make_facts, calendar, say_it):
    # mid-ranks: a (4+1)/8, b (3+3)/8, c (2+2)/8, d (1+4)/8: b, then a before d by id, then c
    now, rules = listed(
        make_facts,
        calendar,
        {"a": 900.0, "b": 30.0, "c": 20.0, "d": 10.0},
        {"a": 1, "b": 3, "c": 2, "d": 4},
        top_k=1,
        min_share=1,
    )
    # min–max: a (1 + 0)/2, b (20/890 + 2/3)/2, c (10/890 + 1/3)/2, d (0 + 1)/2: a, d
    table = METHOD_AGREEMENT.check(method_agreement(now, rules).table).set_index("method")
    assert now.scores.customer_id.tolist() == ["b", "a", "d", "c"]
    row = table.loc["min_max"]
    assert (row.places, row.same, row.enter, row.leave) == (1, 0, "Client a", "Client b")
    # ours b a d c, theirs a d b c: differences of ranks a 1, b 2, c 0, d 1; 1 − 6 · 6 / (4 · 15)
    assert row.rank_correlation == pytest.approx(0.4)
    assert say_it(method_agreement(now, rules).sentence) == (
        "Places on the list: 1; the same client by min–max: 0, by TOPSIS: 0."
    )


def test_the_same_list_by_every_way(make_facts, calendar, say_it):
    sales = {f"{i:02}": 10.0 + i for i in range(15)}
    now, rules = listed(make_facts, calendar, sales, dict.fromkeys(sales, 3), top_k=4)
    found = method_agreement(now, rules)
    assert say_it(found.sentence) == "Every way of ranking fills the places (4) with the same clients."
    assert found.numbers["topsis.same"] == 4
    assert found.numbers["topsis.rank_correlation"] == pytest.approx(1)
    assert found.table.enter.isna().all()


def test_one_customer_has_no_rank_correlation(make_facts, calendar):
    now, rules = listed(make_facts, calendar, {"a": 5.0}, {"a": 1}, min_share=1)
    numbers = method_agreement(now, rules).numbers
    assert (numbers["min_max.rank_correlation"], numbers["min_max.same"]) == (None, 1)
    assert numbers["min_max.rank_correlation_absent"] == "one_customer"


def test_comparisons_are_held_against_the_weights_of_the_parameters(make_facts, calendar):
    rules = KeyClients(weight_draws=20, weights=FLAT, comparisons=(("volume", "frequency", 9.0),), top_k=1)
    facts = make_facts({f"{i:02}": 50.0 - i for i in range(12)}, orders_12m={"11": 30, "05": 20})
    now = key_list(facts, ASSESSMENT.empty(), SURVEY.empty(), calendar, rules)
    # by .9 and .1 the largest, 00, leads; half and half 05 with mid-ranks 7/12 and 11/12 = .75 beats 00:
    # 12/12 and the mean rank of ten without orders, 5.5/12 = .729
    row = method_agreement(now, rules).table.set_index("method").loc["parameters"]
    assert (row.enter, row.leave) == ("Client 05", "Client 00")


def test_many_names_are_cut(make_facts, calendar):
    sales = {f"{i:02}": 1000.0 - i for i in range(20)}
    now, rules = listed(make_facts, calendar, sales, {one: int(one) ** 3 for one in sales}, top_k=8)
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


def test_weight_swaps_on_a_list(make_facts, calendar, say_it):
    sales = {f"{i:02}": 100.0 - i for i in range(12)}
    now, _ = listed(make_facts, calendar, sales, {"02": 5, "03": 9, "00": 20, "01": 19}, top_k=3)
    # mid-ranks of volume 12 … 1; of orders 00 12, 01 11, 03 10, 02 9: third 02 (10 + 9)/24, fourth 03 (9 + 10)/24, tied
    found = weight_swaps(now)
    table = WEIGHT_SWAPS.check(found.table).set_index("criterion")
    assert say_it(found.sub) == "Last in: Client 02. First out: Client 03."
    assert table.change.tolist() == pytest.approx([0.0, 0.0])
    assert found.numbers["smallest_weight_change"] == pytest.approx(0)


def test_weight_swaps_sentence(make_facts, calendar, say_it):
    sales = {f"{i:02}": 100.0 - i for i in range(12)}
    now, _ = listed(make_facts, calendar, sales, {"02": 5, "03": 9, "04": 30, "00": 20, "01": 19}, top_k=3)
    # orders: 04 12, 00 11, 01 10, 03 9, 02 8, the others 4: 00 23/24, 01 21/24, 04 (8 + 12)/24, then 02 (10 + 8)/24 and
    # 03 (9 + 9)/24: 04 is last in, 02 first out: v · −2 + (1 − v) · 4 = 0 at v = 2/3 for volume
    assert say_it(weight_swaps(now).sentence) == (
        "2 of 2 weights can hand the last place from Client 04 to Client 02; nearest: volume, from 50.0 % to 66.7 %."
    )


def test_nobody_off_the_list(make_facts, calendar, say_it):
    now, _ = listed(make_facts, calendar, {"a": 5.0}, {"a": 1}, min_share=1)
    assert say_it(weight_swaps(now).absent).startswith("Nobody is off the list")
    nobody, rules = listed(make_facts, calendar, {}, {})
    assert weight_swaps(nobody).absent is not None and method_agreement(nobody, rules).absent is not None


def test_demo_list_by_other_ways(demo):
    rules = demo.rules.model_copy(update={"min_share": 1.0})
    now = key_list(demo.customer_facts, demo.assessment, demo.survey, demo.calendar, rules)
    table = METHOD_AGREEMENT.check(method_agreement(now, rules).table)
    assert table.places.tolist() == [demo.rules.top_k] * 2
    assert table.rank_correlation.between(0.5, 1).all()
    WEIGHT_SWAPS.check(weight_swaps(now).table)


def test_a_list_by_share_hangs_on_no_weight(demo):
    now = key_list(demo.customer_facts, demo.assessment, demo.survey, demo.calendar, demo.rules)
    for found in (weight_swaps(now), method_agreement(now, demo.rules)):
        assert found.absent is not None and found.table.empty
        assert "the_list_goes_by_share" in found.numbers.values()
