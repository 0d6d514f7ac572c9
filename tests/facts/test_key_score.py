"""The score: logarithms, ratings, weights and the share of weightings, against slow and plain computations."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.facts.accounts import accounts
from kam_analysis.facts.key_score import (
    CRITERIA,
    account_measures,
    brand_ratings,
    criterion_scores,
    is_no,
    is_yes,
    logarithmic_scores,
    membership,
    rank_by_score,
    score_accounts,
    sureness,
    used_weights,
    weighted_score,
)
from kam_analysis.params import KeyClients, Weights
from kam_analysis.tables import ASSESSMENT, SURVEY

RULES = KeyClients(weight_draws=300)
NO_UNITS = pd.DataFrame({"unit_column": [], "unit": [], "customer_id": []}, dtype="str").assign(
    net_sales=pd.Series(dtype="float64"), last_line_on=pd.Series(dtype="datetime64[us]")
)


def plain_log_score(values):
    """The definition once more: linear quantile by hand, logarithms of the standard library."""
    known = [value for value in values if not math.isnan(value)]
    if len(set(known)) <= 1:
        return [1.0 if not math.isnan(value) else value for value in values]
    positive = sorted(value for value in known if value > 0)
    if not positive:
        return [0.0 if not math.isnan(value) else value for value in values]
    at = 0.05 * (len(positive) - 1)
    low = int(at)
    high = min(low + 1, len(positive) - 1)
    small, largest = positive[low] + (at - low) * (positive[high] - positive[low]), positive[-1]
    scores = []
    for value in values:
        if math.isnan(value):
            scores.append(value)
        elif value < small:
            scores.append(0.0)
        else:
            scores.append(math.log(value / small) / math.log(largest / small) if largest > small else 1.0)
    return scores


@given(st.lists(st.one_of(st.integers(-3, 40).map(float), st.just(np.nan)), min_size=1, max_size=30))
def test_logarithmic_scores_against_the_plain_definition(values):
    found = logarithmic_scores(pd.Series(values))
    assert found.tolist() == pytest.approx(plain_log_score(values), abs=1e-9, nan_ok=True)
    assert found.dropna().between(0, 1).all()


def test_a_tenfold_amount_gains_the_same_everywhere():
    # q is 1 (the 5 % quantile of 1, 1 … 1, 10, 100, 1,000), the largest 1,000: a third for every factor of ten
    scores = logarithmic_scores(pd.Series([1.0] * 60 + [10.0, 100.0, 1000.0]))
    assert scores.tolist()[-4:] == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_what_is_not_above_the_small_quantile_scores_nothing():
    # linear interpolation of the 5 % quantile of 1 … 21: exactly the second smallest, 2
    scores = logarithmic_scores(pd.Series([float(one) for one in range(1, 22)]))
    assert scores.tolist()[:2] == [0.0, 0.0]
    assert scores[2] == pytest.approx(math.log(3 / 2) / math.log(21 / 2))


def test_all_equal_score_one_also_at_zero():
    assert logarithmic_scores(pd.Series([0.0, 0.0])).tolist() == [1.0, 1.0]
    assert logarithmic_scores(pd.Series([3.0])).tolist() == [1.0]
    assert criterion_scores(pd.DataFrame({"brand": [2.0, 2.0]})).brand.tolist() == [1.0, 1.0]


def test_nobody_above_zero_scores_nothing():
    assert logarithmic_scores(pd.Series([0.0, -5.0])).tolist() == [0.0, 0.0]


def test_ratings_are_fifths_and_the_median_fills_gaps():
    found = criterion_scores(pd.DataFrame({"strategic": [5.0, 0.0, 2.0, np.nan], "brand": [np.nan] * 4}))
    assert found.strategic.tolist() == [1.0, 0.0, 0.4, 0.4]
    assert found.brand.isna().all()


def test_flags_in_words():
    assert (
        is_yes(pd.Series(["yes", "Y", "true", "1", "да", " Да ", "no", None, "", "maybe"])).tolist()
        == [True] * 6 + [False] * 4
    )
    assert is_no(pd.Series(["no", "нет", "не", "0", "yes", None])).tolist() == [True] * 4 + [False] * 2


def test_brand_takes_the_first_that_is_known(make_assessment, make_survey):
    assessment = make_assessment(
        rated={"brand": 0.0, "reference_customer": "yes"},
        refers={"reference_customer": "yes"},
        brings={"referrals": 1.0},
        silent={"referrals": 0.0},
        asked={"reference_customer": "no"},
    )
    survey = make_survey(
        ("rated", "2025-01-01", "nps", 10.0),
        ("asked", "2025-01-01", "nps", 2.0),
        ("asked", "2025-03-01", "NPS", 9.0),
        ("asked", "2025-03-01", "nps", 6.0),  # several on one day: the lowest
        ("asked", "2025-04-01", "csat", 1.0),
    )
    found = brand_ratings(assessment, survey)
    assert found.rating.dropna().to_dict() == {"rated": 0.0, "refers": 5.0, "brings": 5.0, "asked": 3.0}
    assert found.index[found.is_answered].tolist() == ["asked"]


def test_money_of_members_is_summed_and_ratings_take_the_highest(make_facts, make_assessment):
    facts = make_facts(
        {"a": 6.0, "b": 4.0, "c": 1.0},
        parent_id={"a": "H", "b": "H"},
        orders_12m={"a": 1, "b": 2, "c": 3},
        margin_12m={"a": 2.0, "b": 1.5},
        formula_ltv={"a": 7.0, "c": 3.0},
    )
    rated = make_assessment(
        a={"potential": 10.0, "wallet": 99.0, "strategic": 1.0, "brand": 4.0}, b={"wallet": 5.0, "strategic": 3.0}
    )
    found, _ = account_measures(accounts(facts, NO_UNITS), facts, rated, SURVEY.empty())
    group = {"volume": 10.0, "frequency": 3.0, "margin": 3.5, "growth": 15.0, "lifetime": 7.0, "brand": 4.0}
    assert found.loc["H"].to_dict() == group | {"strategic": 3.0}
    assert found.loc["c"].dropna().to_dict() == {"volume": 1.0, "frequency": 3.0, "lifetime": 3.0}


def test_criteria_without_data_leave_their_weight_to_the_others(make_facts):
    facts = make_facts({"a": 9.0, "b": 1.0}, orders_12m={"a": 1, "b": 1})
    score = score_accounts(accounts(facts, NO_UNITS), facts, ASSESSMENT.empty(), SURVEY.empty(), 1, RULES)
    # volume 0.30 and frequency 0.15 are measured: two thirds and one third
    assert score.weights[score.weights > 0].round(12).to_dict() == {
        "volume": round(2 / 3, 12),
        "frequency": round(1 / 3, 12),
    }
    assert score.table.score.to_dict() == pytest.approx({"a": 1.0, "b": 1 / 3})
    assert score.table.criteria_without_data.tolist() == [0, 0]


def test_the_median_stands_in_and_is_told(make_facts, make_assessment):
    facts = make_facts({"a": 9.0, "b": 1.0, "c": 1.0})
    rated = make_assessment(a={"strategic": 1.0}, b={"strategic": 4.0})
    score = score_accounts(accounts(facts, NO_UNITS), facts, rated, SURVEY.empty(), 1, RULES).table
    assert score.strategic_score.to_dict() == {"a": 0.2, "b": 0.8, "c": 0.5}
    assert score.filled_in.dropna().to_dict() == {"c": "strategic"}


def test_no_weight_on_what_is_known_falls_back_on_volume(make_facts):
    facts = make_facts({"a": 9.0, "b": 1.0})
    rules = KeyClients(
        weight_draws=20, weights=Weights(volume=0, frequency=0, margin=1, growth=0, lifetime=0, brand=0, strategic=0)
    )
    score = score_accounts(accounts(facts, NO_UNITS), facts, ASSESSMENT.empty(), SURVEY.empty(), 1, rules)
    assert score.weights.to_dict()["volume"] == 1.0


def slow_membership(scores, weights, k, rules):
    used = weights[weights > 0]
    draws = np.random.default_rng(rules.seed).dirichlet(
        rules.weight_concentration * used.to_numpy(), rules.weight_draws
    )
    counts = dict.fromkeys(scores.index, 0)
    for draw in draws:
        totals = {one: round(float(scores.loc[one, used.index].to_numpy() @ draw), 12) for one in scores.index}
        for one in sorted(totals, key=lambda name: (-totals[name], name))[:k]:
            counts[one] += 1
    return {one: count / rules.weight_draws for one, count in counts.items()}


@settings(max_examples=settings.default.max_examples // 6)
@given(st.lists(st.tuples(*[st.integers(0, 4).map(lambda x: x / 4)] * 3), min_size=1, max_size=12), st.integers(1, 4))
def test_membership_against_every_weighting_by_itself(rows, k):
    names = [f"{place:02}" for place in range(len(rows))]
    scores = pd.DataFrame(rows, index=names, columns=["volume", "margin", "brand"])
    weights = pd.Series({"volume": 0.5, "margin": 0.0, "brand": 0.5})
    rules = KeyClients(weight_draws=40)
    found = membership(scores.iloc[::-1], weights, k, rules)
    assert found.to_dict() == pytest.approx(slow_membership(scores, weights, k, rules))
    assert found.sum() == pytest.approx(min(k, len(rows)))


def test_ties_go_by_account_id():
    score = pd.Series(0.5, index=["b", "a", "c"])
    assert rank_by_score(score).to_dict() == {"a": 1, "b": 2, "c": 3}
    assert membership(score.to_frame("volume"), pd.Series({"volume": 1.0}), 1, RULES).to_dict() == {
        "a": 1,
        "b": 0,
        "c": 0,
    }


def test_sureness_at_its_edges():
    assert sureness(pd.Series([0.95, np.nextafter(0.95, 0), 0.05, np.nextafter(0.05, 0)]), RULES).tolist() == [
        "sure",
        "borderline",
        "borderline",
        "out",
    ]


def test_weights_and_points_add_up_to_the_score(make_facts, make_assessment):
    facts = make_facts({f"{i:02}": 10.0 + i * i for i in range(20)}, orders_12m={f"{i:02}": i for i in range(20)})
    rated = make_assessment(**{"03": {"strategic": 2.0, "brand": 1.0}, "04": {"strategic": 4.0}})
    found = score_accounts(accounts(facts, NO_UNITS), facts, rated, SURVEY.empty(), 3, RULES)
    points = found.table[[f"{name}_points" for name in CRITERIA]].sum(axis=1)
    assert points.to_numpy() == pytest.approx(found.table.score.to_numpy())
    assert used_weights(found.measures, RULES).sum() == pytest.approx(1)
    scores = found.table[[f"{name}_score" for name in CRITERIA]].set_axis(CRITERIA, axis=1)
    assert weighted_score(scores, found.weights).equals(found.table.score.rename(None))


def test_membership_of_a_hundred_thousand_accounts_is_small():
    random = np.random.default_rng(1)
    scores = pd.DataFrame(random.random((100_000, 7)), columns=CRITERIA, index=[f"{i:06}" for i in range(100_000)])
    weights = pd.Series(KeyClients().weights.model_dump())
    tracemalloc.start()
    found = membership(scores, weights, 20, KeyClients())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.sum() == pytest.approx(20)
    assert peak < 500e6
