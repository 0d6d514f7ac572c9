"""Groups of buyers who behave alike, with their stability, and the verdict that there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis.params import Clusters
from kam_analysis.segments.clusters.features import FEATURES, cluster_features, standardised_features
from kam_analysis.segments.clusters.measures import Labels, Matrix, adjusted_rand, nearest, silhouette
from kam_analysis.segments.tables import CLUSTER_CHOICES

BUYERS_PER_CLUSTER = 10
NULL_SAMPLE = 400
STARTS, QUICK_STARTS = 10, 2
TOLERANCE, QUICK_TOLERANCE = 1e-4, 1e-3


@dataclass(frozen=True)
class Clustering:
    """What the search for clusters gave.

    Parameters
    ----------
    members : DataFrame
        customer_id, cluster (1… by descending median net sales of 12 months; missing when there are no clusters), net
        sales of all history and the features in original units; every buyer, by customer_id.
    levels : DataFrame
        The standardised features in the same order.
    choices : DataFrame
        Contract ``cluster_choices``.
    k : int
        Number of clusters, 0 when there are none.
    silhouette, stability : float, optional
        Of the chosen k, or of the one with the highest silhouette when none was stable; missing for too few buyers.
    null_silhouette : float, optional
        The quantile of silhouettes in data without groups; missing when no k was stable.
    """

    members: pd.DataFrame
    levels: pd.DataFrame
    choices: pd.DataFrame
    k: int = 0
    silhouette: float | None = None
    stability: float | None = None
    null_silhouette: float | None = None

    @property
    def features(self) -> list[str]:
        """Features that the source knows, in order."""
        return [name for name in FEATURES if name in self.members]


def find_clusters(facts: pd.DataFrame, rules: Clusters) -> Clustering:
    """Find groups of buyers who behave alike, if there are any.

    k-means on the standardised features; k from `rules.k_range` with the highest silhouette among those whose stability
    (mean adjusted Rand index between the clusters and those of `rules.resamples` bootstrap resamples) is at least
    `rules.min_stability`. No clusters when no k is stable, or when the silhouette does not exceed the
    `rules.null_quantile` of `rules.null_draws` draws from a Gaussian copula with the same margins and correlations.
    Silhouette and stability are measured on at most `rules.sample` buyers, the draws and the silhouette compared with
    them on at most 400; the clusters are those of all buyers. The smallest k needs 10 buyers per cluster.

    Parameters
    ----------
    facts : DataFrame
        Contract ``customer_facts``; the order of its rows does not matter.
    rules : Clusters
        Range of k, resamples, limits, sample size, seed.

    Returns
    -------
    Clustering
        Clusters are numbered by descending median net sales of 12 months.

    Notes
    -----
    Source: article A; definitions, Clusters.
    """
    import sklearn.cluster  # noqa: F401 (the limit below binds only libraries that are loaded)
    from threadpoolctl import threadpool_limits

    features = cluster_features(facts)
    levels = standardised_features(features)
    points = levels.to_numpy("float64")
    counts = _possible_counts(points, rules)
    members = features.assign(cluster=np.nan)
    if not counts:
        return Clustering(members, levels, CLUSTER_CHOICES.empty())
    with threadpool_limits(1):
        choices = _tried(points, counts, rules)
        best = choices.sort_values(["is_stable", "silhouette"], ascending=[False, False], kind="stable").iloc[0]
        k, silhouette, stability = int(best["k"]), float(best["silhouette"]), float(best["stability"])
        if not best["is_stable"]:
            return Clustering(members, levels, choices, 0, silhouette, stability)
        null = null_silhouette(points, k, rules)
        if compared_silhouette(points, k, rules) <= null:
            return Clustering(members, levels, choices, 0, silhouette, stability, null)
        labels = _fit(points, k, rules.seed)
    choices = choices.assign(is_chosen=choices["k"] == k)
    numbers = _ordered(labels, features["net_sales_12m"])
    return Clustering(features.assign(cluster=numbers), levels, choices, k, silhouette, stability, null)


def _possible_counts(points: Matrix, rules: Clusters) -> list[int]:
    if not points.shape[1]:
        return []
    distinct = len(np.unique(points, axis=0))
    most = min(len(points) // BUYERS_PER_CLUSTER, distinct - 1, rules.k_range[1])
    return list(range(rules.k_range[0], most + 1))


def _tried(points: Matrix, counts: Sequence[int], rules: Clusters) -> pd.DataFrame:
    sample = _sample(points, rules.sample, np.random.default_rng(rules.seed))
    rows = []
    for k in counts:
        labels = _fit(sample, k, rules.seed)
        rows.append(
            {"k": k, "silhouette": silhouette(sample, labels), "stability": stability(sample, labels, k, rules)}
        )
    choices = pd.DataFrame(rows)
    return CLUSTER_CHOICES.conform(
        choices.assign(is_stable=choices["stability"] >= rules.min_stability, is_chosen=False)
    )


def _sample(points: Matrix, size: int, random: np.random.Generator) -> Matrix:
    if len(points) <= size:
        return points
    return points[np.sort(random.choice(len(points), size, replace=False))]


def _fit(points: Matrix, k: int, seed: int) -> Labels:
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=STARTS, tol=TOLERANCE, random_state=seed).fit(points).labels_.astype("int64")


def _quick_centres(points: Matrix, k: int, seed: int) -> Matrix:
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=QUICK_STARTS, tol=QUICK_TOLERANCE, random_state=seed).fit(points).cluster_centers_


def _quick_silhouette(points: Matrix, k: int, seed: int) -> float:
    return silhouette(points, nearest(points, _quick_centres(points, k, seed)))


def stability(points: Matrix, labels: Labels, k: int, rules: Clusters) -> float:
    """Mean adjusted Rand index between clusters and those that bootstrap resamples give to the same points."""
    random = np.random.default_rng(rules.seed)
    seeds = random.integers(2**31, size=rules.resamples)
    agreements = []
    for seed in seeds:
        resample = points[random.integers(len(points), size=len(points))]
        agreements.append(adjusted_rand(labels, nearest(points, _quick_centres(resample, k, int(seed)))))
    return float(np.mean(agreements))


def compared_silhouette(points: Matrix, k: int, rules: Clusters) -> float:
    """Silhouette measured as in the draws without groups: mean over subsamples of their size."""
    if len(points) <= NULL_SAMPLE:
        return _quick_silhouette(points, k, rules.seed)
    random = np.random.default_rng(rules.seed)
    samples = [_sample(points, NULL_SAMPLE, random) for _ in range(rules.resamples)]
    return float(np.mean([_quick_silhouette(sample, k, rules.seed) for sample in samples]))


def null_silhouette(points: Matrix, k: int, rules: Clusters) -> float:
    """Quantile of the silhouettes that k-means finds in draws from a Gaussian copula with the same margins.

    The draws keep the margins (values of the sorted column) and the correlations of the normal scores, not groups.
    """
    random = np.random.default_rng(rules.seed)
    size = min(len(points), NULL_SAMPLE)
    root = _correlation_root(points)
    margins = np.sort(points, axis=0)
    found = []
    for _ in range(rules.null_draws):
        draw = copula_draw(margins, root, size, random)
        found.append(_quick_silhouette(draw, k, rules.seed))
    return float(np.quantile(found, rules.null_quantile))


def _correlation_root(points: Matrix) -> Matrix:
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores = ndtri((rankdata(points, axis=0) - 0.5) / len(points))
    correlations = np.atleast_2d(np.corrcoef(scores, rowvar=False))
    values, vectors = np.linalg.eigh(correlations)
    return vectors * np.sqrt(np.maximum(values, 0))


def copula_draw(margins: Matrix, root: Matrix, size: int, random: np.random.Generator) -> Matrix:
    """Points with the given sorted margins and the correlations of `root`, without groups."""
    from scipy.special import ndtr

    uniform = ndtr(random.standard_normal((size, root.shape[1])) @ root.T)
    rows = np.minimum((uniform * len(margins)).astype("int64"), len(margins) - 1)
    return np.take_along_axis(margins, rows, axis=0)


def _ordered(labels: Labels, net_sales_12m: pd.Series) -> Labels:
    by_cluster = net_sales_12m.groupby(labels).agg(["median", "mean", "size"])
    order = by_cluster.sort_values(["median", "mean", "size"], ascending=False, kind="stable").index
    return np.argsort(order.to_numpy())[labels] + 1
