"""Logistic regression and boosted trees: against a peer, by hand, and alike in any order of rows."""

from __future__ import annotations

import numpy as np
import pytest

from kam_analysis.facts.auc import Ranking, auc, interval_of, redrawn_areas
from kam_analysis.facts.models.boosted_trees import fit_boosted_trees
from kam_analysis.facts.models.logistic import chance_of, fit_logistic, logit

RNG = np.random.default_rng(11)
ROWS = RNG.normal(size=(600, 4)) * [1, 50, 0.01, 1] + [0, 300, 0, 5]
TRUE = RNG.random(600) < chance_of(ROWS[:, 0] + (ROWS[:, 1] - 300) / 50)


def test_logistic_agrees_with_a_peer() -> None:
    from sklearn.linear_model import LogisticRegression

    rows = (ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)
    peer = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(rows, TRUE)
    np.testing.assert_allclose(fit_logistic(ROWS, TRUE).logits(ROWS), peer.decision_function(rows), atol=1e-4)


def test_a_feature_that_does_not_differ_says_nothing_and_one_that_splits_has_a_finite_slope() -> None:
    rows = np.column_stack([np.full(40, 7.0), np.arange(40.0)])
    model = fit_logistic(rows, np.arange(40) >= 20)
    assert model.slopes[0] == 0
    assert np.isfinite(model.slopes).all() and model.slopes[1] > 0


def test_with_one_feature_of_two_values_the_mean_chances_are_the_shares() -> None:
    rows = np.repeat([[0.0], [1.0]], 10, axis=0)
    happened = [True] * 2 + [False] * 8 + [True] * 7 + [False] * 3
    chances = chance_of(fit_logistic(rows, happened, 1e-9).logits([[0.0], [1.0]]))
    assert chances == pytest.approx([0.2, 0.7], abs=1e-5)


def test_one_tree_is_the_newton_step_of_its_leaves() -> None:
    rows = np.repeat([[0.0], [1.0]], 30, axis=0)
    happened = np.r_[np.arange(30) < 6, np.arange(30) < 24]  # 6 and 24 of 30: half of all
    model = fit_boosted_trees(rows, happened, trees=1, depth=1, rate=0.5)
    # residuals sum to 6 − 15 and 24 − 15, weights to 30/4: steps −9/7.5 and 9/7.5, halved
    assert model.logits([[0.0], [1.0]]) == pytest.approx([-0.6, 0.6], abs=1e-6)


def test_trees_find_what_no_line_can_and_do_not_mind_the_order_of_rows() -> None:
    rows = RNG.normal(size=(1000, 2))
    happened = rows[:, 0] * rows[:, 1] > 0
    model = fit_boosted_trees(rows, happened, 100, 3, 0.1)
    assert (auc(model.logits(rows), happened) or 0) > 0.95
    shuffled = RNG.permutation(1000)
    again = fit_boosted_trees(rows[shuffled], happened[shuffled], 100, 3, 0.1)
    np.testing.assert_array_equal(model.logits(rows), again.logits(rows))


def test_no_leaf_holds_fewer_than_20_rows() -> None:
    happened = np.arange(39) == 0
    assert len(set(fit_boosted_trees(np.arange(39.0)[:, None], happened, 5, 3, 0.5).logits([[0.0], [38.0]]))) == 1
    happened = np.arange(40) == 0
    assert len(set(fit_boosted_trees(np.arange(40.0)[:, None], happened, 5, 3, 0.5).logits([[0.0], [38.0]]))) == 2


def test_log_odds_and_chances_are_inverse_and_never_overflow() -> None:
    assert chance_of(logit([0.01, 0.5, 0.99])) == pytest.approx([0.01, 0.5, 0.99])
    assert chance_of([-1e6, 1e6]).tolist() == [0.0, 1.0]


def test_a_customer_drawn_twice_counts_twice() -> None:
    ranking = Ranking.of([3, 2, 1], [True, False, True], np.arange(3))
    # drawn twice, once, once: pairs (3>2) twice, (1>2) once
    assert ranking.areas(np.array([[2.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])).tolist() == [2 / 3, 0.5, 0.5]


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(100):
        rng = np.random.default_rng(5000 + seed)
        happened = rng.random(200) < 0.4
        score = rng.normal(size=200) + happened  # area Φ(1/√2) = 0.7602
        ranking = Ranking.of(score, happened, np.arange(200))
        low, high = interval_of(redrawn_areas([ranking], 200, 200, seed)[0])
        held += low <= 0.7602 <= high
    assert 89 <= held <= 99
