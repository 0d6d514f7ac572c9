"""Many k-means at once: the best partition where it can be counted out, the same as scikit-learn where it cannot."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.segments.clusters.means import many_means
from kam_analysis.segments.clusters.measures import nearest


def spread(points: np.ndarray, labels: np.ndarray) -> float:
    return sum(((points[labels == k] - points[labels == k].mean(axis=0)) ** 2).sum() for k in np.unique(labels))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=3, max_size=7, unique=True))
def test_of_few_points_it_is_the_best_of_all_partitions(values):
    points = np.array(values, dtype=float)[:, None]
    centres = many_means(points[None], 2, 20, 1e-9, np.random.default_rng(1))[0]
    ways = product((0, 1), repeat=len(points) - 1)
    best = min(spread(points, np.array((0, *way))) for way in ways if any(way))
    assert spread(points, nearest(points, centres)) == pytest.approx(best)


def test_every_set_has_its_own_clusters_as_scikit_learn_finds_them():
    from sklearn.cluster import KMeans

    random = np.random.default_rng(3)
    sets = np.stack([random.normal(size=(90, 3)) + 5 * random.integers(3, size=(90, 1)) + at for at in (0, 50)])
    centres = many_means(sets, 3, 10, 1e-9, random)
    for points, own in zip(sets, centres, strict=True):
        known = KMeans(3, n_init=10, random_state=1).fit(points)
        assert ((points - own[nearest(points, own)]) ** 2).sum() == pytest.approx(known.inertia_)


def test_points_that_are_all_equal_end_without_a_number_missing():
    centres = many_means(np.ones((1, 8, 2)), 3, 2, 1e-9, np.random.default_rng(0))
    assert np.isfinite(centres).all()
