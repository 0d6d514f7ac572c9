"""Scores, weights and the share of weightings, against slow and plain computations."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.key_clients.key_list import key_list
from kam_analysis.key_clients.score import (
    CRITERIA,
    brand_points,
    criterion_values,
    is_yes,
    membership,
    mid_rank_scores,
    rank_by_score,
    score_customers,
    sureness,
    used_weights,
    weighted_score,
)
from kam_analysis.params import KeyClients, Weights
from kam_analysis.tables import ASSESSMENT, CUSTOMER_FACTS, SURVEY

RULES = KeyClients(weight_draws=300)


def brute_mid_rank(values):
    present = [value for value in values if not np.isnan(value)]
    ranked = [
        (sum(other < value for other in present) + 1 + sum(other <= value for other in present)) / 2 / len(present)
        if not np.isnan(value)
        else np.nan
        for value in values
    ]
    middle = np.nanmedian(ranked) if present else np.nan
    return [middle if np.isnan(rank) else rank for rank in ranked]


@given(st.lists(st.one_of(st.integers(0, 6).map(float), st.just(np.nan)), min_size=1, max_size=25))
def test_mid_rank_against_counting(values):
    expected = brute_mid_rank(values) if not np.isnan(values).all() else [np.nan] * len(values)
    assert mid_rank_scores(pd.DataFrame({"volume": values})).volume.tolist() == pytest.approx(expected, nan_ok=True)


def test_everybody_equal_gets_the_middle():
    # ranks 1…4, all tied: mid-rank (1 + 4) / 2 = 2.5, over n = .625
    assert mid_rank_scores(pd.DataFrame({"volume": [3.0] * 4})).volume.tolist() == [0.625] * 4


def test_weight_of_absent_criteria_is_spread_in_proportion():
    values = pd.DataFrame({name: [1.0, np.nan] for name in CRITERIA}).assign(brand=np.nan, strategic=np.nan)
    weights = used_weights(values, KeyClients())
    # .30 .15 .15 .10 .10 remain, .80 together
    assert weights.tolist() == pytest.approx([0.375, 0.1875, 0.1875, 0.125, 0.125, 0, 0])
    assert weights.sum() == pytest.approx(1)


def test_weights_without_any_data_fall_back_to_volume():
    rules = KeyClients(weights=Weights(volume=0, frequency=0, margin=0, growth=0, lifetime=0, brand=0.5, strategic=0.5))
    values = pd.DataFrame({name: [1.0] for name in CRITERIA}).assign(brand=np.nan, strategic=np.nan)
    assert used_weights(values, rules).to_dict() == dict.fromkeys(CRITERIA, 0.0) | {"volume": 1.0}


def test_score_and_rank_by_hand():
    scores = pd.DataFrame({"volume": [1.0, 0.5, 0.25], "margin": [0.0, 1.0, 1.0]}, index=["c", "b", "a"])
    # 3/4 and 1/4: c .75, b .375 + .25 = .625, a .1875 + .25 = .4375
    score = weighted_score(scores, pd.Series({"volume": 0.75, "margin": 0.25}))
    assert score.tolist() == [0.75, 0.625, 0.4375]
    assert rank_by_score(pd.Series([0.5, 0.5, 0.9], index=["10", "1", "9"])).to_dict() == {"10": 3, "1": 2, "9": 1}


def oracle(scores, weights, k, rules):
    used = [name for name in weights.index if weights[name] > 0]
    draws = np.random.default_rng(rules.seed).dirichlet(
        [rules.weight_concentration * weights[name] for name in used], rules.weight_draws
    )
    counts = dict.fromkeys(scores.index, 0)
    points = dict(zip(scores.index, scores[used].to_numpy(), strict=True))
    for draw in draws:
        totals = {one: round(float(of @ draw), 12) for one, of in points.items()}
        for one in sorted(points, key=lambda one: (-totals[one], one))[:k]:
            counts[one] += 1
    return {one: count / len(draws) for one, count in counts.items()}


@settings(max_examples=settings.default.max_examples // 4)
@given(st.data())
def test_membership_against_sorting_every_draw(data):
    n, k = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 6))
    grid = st.lists(st.integers(0, 4), min_size=n, max_size=n)
    scores = pd.DataFrame(
        {name: np.array(data.draw(grid)) / 4 for name in ("volume", "margin", "brand")},
        index=[f"{i:02}" for i in range(n)],
    )
    weights = pd.Series({"volume": 0.5, "margin": 0.3, "brand": 0.2})
    rules = KeyClients(weight_draws=40)
    found = membership(scores, weights, k, rules)
    assert found.to_dict() == oracle(scores, weights, k, rules)
    assert found.sum() == pytest.approx(min(k, n))


def many(n, seed=5):
    generator = np.random.default_rng(seed)
    size = generator.normal(size=n)
    raw = pd.DataFrame(
        {name: size + generator.normal(size=n) for name in ("volume", "frequency", "margin", "lifetime")}
    )
    return mid_rank_scores(raw.round(2).set_axis([f"{i:05}" for i in generator.permutation(n)]))


WEIGHTS = pd.Series({"volume": 0.4, "frequency": 0.3, "margin": 0.2, "lifetime": 0.1})


def test_leaving_out_who_can_never_be_on_the_list_changes_nothing():
    scores, k = many(3000), 20
    draws = np.random.default_rng(RULES.seed).dirichlet(
        RULES.weight_concentration * WEIGHTS.to_numpy(), RULES.weight_draws
    )
    ordered = scores.sort_index()
    totals = np.round(ordered.to_numpy() @ draws.T, 12)
    places = np.lexsort((np.arange(len(ordered))[:, None] + 0 * totals, -totals), axis=0)[:k]
    expected = np.bincount(places.ravel(), minlength=len(ordered)) / len(draws)
    found = membership(scores, WEIGHTS, k, RULES)
    assert found.sort_index().tolist() == expected.tolist()
    assert 0 < ((found > 0) & (found < 1)).sum() < 200


def test_membership_does_not_see_the_order_of_rows_or_the_clock():
    scores = many(200)
    found = membership(scores, WEIGHTS, 10, RULES)
    shuffled = membership(scores.sample(frac=1, random_state=2), WEIGHTS, 10, RULES)
    assert found.sort_index().equals(shuffled.sort_index())
    assert not found.equals(membership(scores, WEIGHTS, 10, KeyClients(weight_draws=300, seed=8)))


def test_everybody_equal_goes_by_id():
    scores = pd.DataFrame(0.5, index=["c", "a", "b"], columns=["volume", "margin"])
    found = membership(scores, pd.Series({"volume": 0.5, "margin": 0.5}), 2, RULES)
    assert found.to_dict() == {"c": 0.0, "a": 1.0, "b": 1.0}


def test_more_places_than_customers_and_no_customer():
    scores = many(3)
    assert membership(scores, WEIGHTS, 20, RULES).tolist() == [1.0] * 3
    assert membership(scores.head(0), WEIGHTS, 20, RULES).empty


def test_sureness_edges():
    edges = pd.Series([0.95, np.nextafter(0.95, 0), 0.05, np.nextafter(0.05, 0)])
    assert sureness(edges, KeyClients()).tolist() == ["sure", "borderline", "borderline", "out"]


def test_flags_read_as_people_write_them():
    assert is_yes(pd.Series([" YES ", "Да", "1", "no", "нет", "", None])).tolist() == [True] * 3 + [False] * 4


def test_brand_is_the_best_of_what_is_known(make_assessment, make_survey):
    survey = make_survey(
        ("1", "2025-01-01", "NPS", 10),
        ("1", "2025-05-01", "nps", 4),
        ("1", "2025-05-01", "nps", 6),
        ("2", "2025-05-01", "csat", 5),
        ("4", "2025-05-01", "nps", 0),
    )
    rated = make_assessment(**{"2": {"brand": 3}, "3": {"referrals": 2}, "5": {"reference_customer": "no"}})
    # 1: the latest day, (4 + 6) / 2; 2: 2 · 3, csat is no recommendation; 3: brought others; 4: an answer of 0 is known
    assert brand_points(rated, survey).dropna().to_dict() == {"1": 5.0, "2": 6.0, "3": 10.0, "4": 0.0}
    assert brand_points(ASSESSMENT.empty(), SURVEY.empty()).empty


def test_growth_takes_the_potential_then_the_wallet(make_facts, make_assessment):
    rated = make_assessment(**{"1": {"potential": 5.0, "wallet": 9.0}, "2": {"wallet": 7.0}})
    values = criterion_values(make_facts({"1": 1.0, "2": 1.0, "3": 1.0}), rated, SURVEY.empty())
    assert values.growth.dropna().to_dict() == {"1": 5.0, "2": 7.0}


def test_only_customers_above_zero_are_scored(make_facts):
    facts = make_facts({"1": 5.0, "2": 0.1 + 0.2 - 0.3, "3": -4.0})
    customers, _, _ = score_customers(facts, ASSESSMENT.empty(), SURVEY.empty(), RULES)
    assert customers.index.tolist() == ["1"]


def test_filled_in_criteria_are_counted(make_facts, make_assessment):
    rated = make_assessment(**{"1": {"strategic": 4.0}})
    customers, _, weights = score_customers(make_facts({"1": 5.0, "2": 4.0}), rated, SURVEY.empty(), RULES)
    # volume, frequency and strategic have data; 2 lacks only strategic and gets its median, that of 1
    assert weights[weights > 0].index.tolist() == ["volume", "frequency", "strategic"]
    assert customers.criteria_without_data.to_dict() == {"1": 0, "2": 1}
    assert customers.strategic_score.tolist() == [1.0, 1.0]
    assert customers.margin_score.isna().all()


def test_inputs_stay_as_they_are(make_facts, make_assessment, make_survey, calendar):
    facts = make_facts({"1": 5.0, "2": 4.0})
    rated, survey = make_assessment(**{"1": {"strategic": 5.0}}), make_survey(("1", "2025-01-01", "nps", 9))
    copies = [frame.copy() for frame in (facts, rated, survey)]
    first, second = (key_list(facts, rated, survey, calendar, RULES) for _ in range(2))
    assert all(copy.equals(frame) for copy, frame in zip(copies, (facts, rated, survey), strict=True))
    assert first.keys.equals(second.keys) and first.scores.equals(second.scores)


def test_a_hundred_thousand_customers(make_facts, calendar):
    n, generator = 100_000, np.random.default_rng(1)
    size = generator.lognormal(6, 2, n)
    row = make_facts({"0": 1.0})
    facts = CUSTOMER_FACTS.conform(
        row.loc[[0] * n].assign(
            customer_id=[f"{i:06}" for i in range(n)],
            net_sales_12m=(size * generator.lognormal(0, 0.3, n)).round(2),
            margin_12m=(size * generator.uniform(0.05, 0.4, n)).round(2),
            orders_12m=generator.poisson(1 + np.log1p(size)),
            formula_ltv=(size * generator.lognormal(0, 1, n)).round(2),
        ).reset_index(drop=True)
    )  # fmt: skip
    found = key_list(facts, ASSESSMENT.empty(), SURVEY.empty(), calendar, KeyClients())
    assert found.scores.membership.sum() == pytest.approx(20)


def test_memory_of_the_weightings_does_not_grow_with_the_customers():
    scores = many(20_000)
    tracemalloc.start()
    membership(scores, WEIGHTS, 20, KeyClients())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 20,000 · 2,000 totals at once would be 320 MB
    assert peak < 150e6
