"""Three methods on the same buyers, and medians with their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from kam_analysis.segments.clusters import cluster_medians, cluster_methods, clustering_pipeline, find_clusters
from kam_analysis.segments.clusters.measures import adjusted_rand, median_interval
from kam_analysis.segments.clusters.medians import CLUSTER_MEDIANS
from kam_analysis.segments.clusters.methods import CLUSTER_METHODS, ClusterMethod
from tests.segments.conftest import QUICK, clustering_of


def test_three_methods_find_the_planted_groups(found):
    finding = cluster_methods(found, QUICK)
    table = CLUSTER_METHODS.check(finding.table).set_index("method")
    assert list(table.index) == ["kmeans", "mixture", "ward"]
    assert table["agreement"].tolist() == pytest.approx([1, 1, 1], abs=0.02)
    assert (table["buyers"] == 300).all()
    assert table["bic"].isna().tolist() == [True, False, True]
    assert table.loc["mixture", "bic_clusters"] == 3
    assert "nearly the same" in finding.sentence.template
    assert finding.caveats == []
    assert finding.numbers["clusters.agreement_ward"] == table.loc["ward", "agreement"]


def test_the_pipeline_of_k_means_is_the_search_itself(found):
    pipeline = clustering_pipeline(ClusterMethod.KMEANS, 3, QUICK.seed)
    labels = pipeline.fit_predict(found.members[found.features].to_numpy())
    assert adjusted_rand(found.members["cluster"].astype(int), labels) == 1


def test_the_criterion_is_minus_two_log_likelihoods_plus_the_price_of_the_parameters(found):
    features = found.members[found.features].to_numpy()
    fitted = clustering_pipeline(ClusterMethod.MIXTURE, 3, QUICK.seed).fit(features)
    likelihood = fitted[-1].score_samples(fitted[:-1].transform(features)).sum()
    parameters = 2 + 3 * 6 + 3 * 21  # weights, means, covariances
    expected = -2 * likelihood + parameters * np.log(300)
    table = cluster_methods(found, QUICK).table.set_index("method")
    assert table.loc["mixture", "bic"] == pytest.approx(expected)


def test_many_buyers_are_sampled_and_it_is_said(found):
    finding = cluster_methods(found, QUICK.model_copy(update={"sample": 120}))
    assert (finding.table["buyers"] == 120).all()
    assert finding.base.values == {"n": 300, "sample": 120}


def test_clusters_that_hang_on_the_method_are_said_to():
    random = np.random.default_rng(5)
    names = {f"c{number:03d}": int(random.integers(1, 3)) for number in range(120)}
    scattered = clustering_of(
        names, orders=random.integers(1, 50, 120).astype(float).tolist(), recency_days=random.uniform(1, 300, 120)
    )
    finding = cluster_methods(scattered, QUICK)
    assert "depend on the method" in finding.sentence.template
    assert [str(caveat.weight) for caveat in finding.caveats] == ["red"]


def test_medians_in_original_units_with_the_values_at_their_places():
    days = [float(day) for day in range(1, 11)] + [100.0] * 9
    clusters = {f"c{number:02d}": 1 if number < 10 else 2 for number in range(19)}
    finding = cluster_medians(clustering_of(clusters, recency_days=days), 10)
    table = CLUSTER_MEDIANS.check(finding.table)
    first = table.iloc[0]
    assert first.tolist() == ["recency_days", 1, 10, 5.5, 2.0, 9.0]
    # the second cluster has nine buyers, fewer than ten
    hidden = table[table["cluster"] == 2]
    assert (hidden["customers"] == 9).all()
    assert hidden[["median", "low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize("n", [6, 7, 10, 25, 100, 1001])
def test_the_interval_covers_95_of_100_and_one_place_less_would_not(n):
    middle, low, high = median_interval(np.arange(1.0, n + 1))
    place = int(low)
    assert high == n + 1 - place
    assert middle == (n + 1) / 2
    # the median lies between the places when at least `place` and at most n − `place` values are below it
    assert binom.cdf(n - place, n, 0.5) - binom.cdf(place - 1, n, 0.5) >= 0.95
    assert binom.cdf(n - place - 1, n, 0.5) - binom.cdf(place, n, 0.5) < 0.95


def test_without_clusters_nothing_is_compared(planted):
    for facts, is_absent in ((planted[0].head(5), True), (planted[0].head(100), False)):
        nothing = find_clusters(facts, QUICK.model_copy(update={"min_stability": 1.0, "k_range": (5, 6)}))
        for finding in (cluster_methods(nothing, QUICK), cluster_medians(nothing, 10)):
            assert finding.table.empty
            assert (finding.absent is not None) == is_absent
