"""Many k-means at once: the best partition where it can be counted out, the same as scikit-learn where it cannot."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.segments.clusters.means import many_means, settled
from kam_analysis.segments.clusters.measures import nearest


def spread(points: np.ndarray, labels: np.ndarray) -> float:
    return sum(((points[labels == k] - points[labels == k].mean(axis=0)) ** 2).sum() for k in np.unique(labels))


WHOLE_MEANS = 2520.0  # a multiple of 1 to 10: means of up to ten such points are exact
few_points = st.lists(st.integers(0, 30), min_size=3, max_size=7)


@given(few_points.map(set).filter(lambda values: len(values) > 2))
def test_from_all_neighbours_on_a_line_the_best_end_is_the_best_of_all_partitions(values):
    """The best two groups are cut between two neighbours, and centres on these two begin with just that cut."""
    points = np.array(sorted(values), dtype=float)[:, None]
    ends = [settled(points, points[at : at + 2], 1e-9) for at in range(len(points) - 1)]
    ways = product((0, 1), repeat=len(points) - 1)
    best = min(spread(points, np.array((0, *way))) for way in ways if any(way))
    assert min(spread(points, nearest(points, centres)) for centres in ends) == pytest.approx(best)


def test_a_random_start_can_miss_the_best_partition_and_more_starts_find_it():
    points = np.array([4.0, 12, 15, 27, 0, 8, 19])[:, None]
    missed = settled(points, np.array([[0.0], [4.0]]), 1e-9)
    assert spread(points, nearest(points, missed)) == pytest.approx(158.75)  # 0, 4, 8 | 12, 15, 19, 27
    found = many_means(points[None], 2, 200, 1e-9, np.random.default_rng(1))[0]
    assert spread(points, nearest(points, found)) == pytest.approx(80 + 224 / 3)  # 0, 4, 8, 12 | 15, 19, 27


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9), st.integers(2, 3))
def test_at_the_end_every_centre_is_the_mean_of_the_points_nearest_to_it(values, k):
    points = np.array(values, dtype=float) * WHOLE_MEANS
    centres = many_means(points[None], k, 3, 1e-9, np.random.default_rng(1))[0]
    labels = nearest(points, centres)
    for cluster in np.unique(labels):
        assert centres[cluster] == pytest.approx(points[labels == cluster].mean(axis=0))


@given(few_points, st.integers(2, 3))
def test_of_several_starts_the_best_end_is_kept(values, k):
    points = np.array(values, dtype=float)[:, None] * WHOLE_MEANS
    together = many_means(points[None], k, 6, 1e-9, np.random.default_rng(1))[0]
    random = np.random.default_rng(1)
    alone = [many_means(points[None], k, 1, 1e-9, random)[0] for _ in range(6)]
    assert spread(points, nearest(points, together)) == pytest.approx(
        min(spread(points, nearest(points, centres)) for centres in alone)
    )


def test_a_point_as_near_to_two_centres_belongs_to_the_earlier():
    assert settled(np.array([[0.0], [1.0], [2.0]]), np.array([[0.0], [2.0]]), 1e-9).tolist() == [[0.5], [2.0]]


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
