"""TOPSIS and pairwise comparisons beside independent libraries, on the same drawn fixtures."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.pairwise import pairwise_weights
from kam_analysis.key_clients.methods import topsis_score
from kam_analysis.vocabulary import Criterion


@pytest.mark.parametrize(("customers", "criteria"), [(3, 2), (6, 6), (40, 7), (200, 5)])
def test_topsis_as_pymcdm(customers: int, criteria: int) -> None:
    methods, normalizations = pytest.importorskip("pymcdm.methods"), pytest.importorskip("pymcdm.normalizations")
    rng = np.random.default_rng(customers)
    values, weights = rng.lognormal(3, 1, (customers, criteria)), rng.dirichlet(np.ones(criteria))
    theirs = methods.TOPSIS(normalizations.vector_normalization)(values, weights, np.ones(criteria))
    assert topsis_score(pd.DataFrame(values), pd.Series(weights)).to_numpy() == pytest.approx(theirs, abs=1e-9)


# the mean consistency index of random comparisons of 3 … 7 criteria: Saaty's first table here, a later one there
RANDOM_INDEX, THEIR_INDEX = (0.58, 0.90, 1.12, 1.24, 1.32), (0.52, 0.89, 1.11, 1.25, 1.35)


@pytest.mark.parametrize("criteria", [3, 4, 5, 6, 7])
def test_pairwise_weights_as_ahpy(criteria: int) -> None:
    ahpy = pytest.importorskip("ahpy")
    rng = np.random.default_rng(criteria)
    told = [
        (one.value, other.value, float(rng.choice([1 / 5, 1 / 3, 1, 2, 3, 5, 7])))
        for one, other in combinations(list(Criterion)[:criteria], 2)
    ]
    theirs = ahpy.Compare("weights", {(a, b): ratio for a, b, ratio in told}, precision=12, random_index="saaty")
    ours = pairwise_weights(tuple(told))
    assert ours.weights.to_dict() == pytest.approx(theirs.local_weights, abs=1e-9)
    place = criteria - 3
    assert ours.consistency_ratio * RANDOM_INDEX[place] == pytest.approx(
        theirs.consistency_ratio * THEIR_INDEX[place], abs=1e-9
    )
