"""Groups of buyers who behave alike, with their stability, and the verdict that there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.findings import say
from kam_analysis.params import Clusters
from kam_analysis.segments.clusters.features import cluster_features, standardised, standardised_features
from kam_analysis.segments.clusters.means import many_means, settled
from kam_analysis.segments.clusters.measures import (
    Labels,
    Matrix,
    adjusted_rand,
    nearest,
    silhouette,
    silhouettes,
)
from kam_analysis.tables import Table

CLUSTER_CHOICES = Table(
    "cluster_choices",
    "one number of clusters that was tried",
    (
        col.count("k", say("Clusters"), "Number of clusters.", low=2),
        col.SILHOUETTE("How far clusters lie apart, −1 to 1, higher is better.", nullable=True),
        col.ratio(
            "stability",
            say("Stability"),
            "Mean adjusted Rand index between the clusters and those of resamples; 1 is the same.",
        ),
        col.flag("is_stable", say("Stable"), "Stability reaches the limit."),
        col.IS_CHOSEN("Highest silhouette among the stable."),
    ),
    ("k",),
)


ROWS_PER_CLUSTER = 10
STARTS, FINAL_STARTS, QUICK_STARTS = 20, 200, 3
TOLERANCE, SETTLED_TOLERANCE, QUICK_TOLERANCE = 1e-9, 1e-6, 1e-3
NOT_FEATURES = ("customer_id", "net_sales", "cluster")


@dataclass(frozen=True)
class Clustering:
    """What the search for clusters gave.

    Parameters
    ----------
    members : DataFrame
        customer_id, cluster (1… by descending median net sales of 12 months; missing when there are no clusters), net
        sales of all history and the features in original units; every buyer, by customer_id. From `find_groups` the
        given table and cluster.
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
        return [str(name) for name in self.members if name not in NOT_FEATURES]


def find_clusters(facts: pd.DataFrame, rules: Clusters) -> Clustering:
    """Find groups of buyers who behave alike, if there are any.

    k-means on the standardised features; k from `rules.k_range` with the highest silhouette among those whose stability
    (mean adjusted Rand index between the clusters and those of `rules.resamples` bootstrap resamples) is at least
    `rules.min_stability`. No clusters when no k is stable, or when the silhouette does not exceed the
    `rules.null_quantile` of `rules.null_draws` draws from a Gaussian copula with the same margins and correlations.
    Silhouette and stability are measured on at most `rules.sample` buyers, the draws and the silhouette compared with
    them on at most `rules.null_sample`. The clusters are those of all buyers, from the best centres of the sample (200
    starts) onwards. The smallest k needs 10 buyers per cluster.

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
    features = cluster_features(facts)
    return _search(features, standardised_features(features), features["net_sales_12m"], rules)


def find_groups(table: pd.DataFrame, rules: Clusters | None = None) -> Clustering:
    """Find groups of rows that are alike in any table of numbers, if there are any, as `find_clusters` does for buyers.

    For data without dates, such as yearly spend per category: log1p of every column, standardised; numbers below 0
    count as 0; the same search, the same verdict.

    Parameters
    ----------
    table : DataFrame
        One customer per row, numbers only, none missing; the index names the customers.
    rules : Clusters, optional
        By default those of ``params.yaml`` as delivered.

    Returns
    -------
    Clustering
        `members` is the table with cluster, 1 with the highest median of the rows' sums; missing when there are none.

    Raises
    ------
    ValueError
        When a column is no number or a value is missing.

    Notes
    -----
    The order of rows decides nothing but the sample of very many. Source: article A; definitions, Clusters.

    Examples
    --------
    Forty shops that spend on food and forty that spend on drinks, on another scale.

    >>> spend = np.random.default_rng(1).lognormal([[7, 3]] * 40 + [[4, 8]] * 40, 0.3)
    >>> groups = find_groups(pd.DataFrame(spend, columns=["food", "drinks"]))
    >>> groups.k, groups.members["cluster"].tolist() == [2] * 40 + [1] * 40
    (2, True)
    """
    words = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    if words:
        raise ValueError(f"numbers are needed, not words: {', '.join(words)}")
    if table.isna().any(axis=None):
        raise ValueError("values are missing")
    numbers = table.astype("float64").clip(lower=0)
    return _search(table, standardised(numbers), numbers.sum(axis=1), rules or Clusters())


def _search(members: pd.DataFrame, levels: pd.DataFrame, worth: pd.Series, rules: Clusters) -> Clustering:
    from threadpoolctl import threadpool_limits

    points = levels.to_numpy("float64")
    counts = _possible_counts(points, rules)
    nobody = members.assign(cluster=np.nan)
    if not counts:
        return Clustering(nobody, levels, CLUSTER_CHOICES.empty())
    sample = _sample(points, rules.sample, np.random.default_rng(rules.seed))
    with threadpool_limits(1):
        choices = _tried(sample, counts, rules)
        best = choices.sort_values(["is_stable", "silhouette"], ascending=[False, False], kind="stable").iloc[0]
        k, width, agreement = int(best["k"]), float(best["silhouette"]), float(best["stability"])
        if not best["is_stable"]:
            return Clustering(nobody, levels, choices, 0, width, agreement)
        null = null_silhouette(points, k, rules)
        if compared_silhouette(points, k, rules) <= null:
            return Clustering(nobody, levels, choices, 0, width, agreement, null)
        centres = many_means(sample[None], k, FINAL_STARTS, TOLERANCE, np.random.default_rng(rules.seed))[0]
        width = silhouette(sample, nearest(sample, centres))
        labels = nearest(points, settled(points, centres, SETTLED_TOLERANCE))
    is_chosen = choices["k"] == k
    choices = choices.assign(is_chosen=is_chosen, silhouette=choices["silhouette"].mask(is_chosen, width))
    return Clustering(members.assign(cluster=_ordered(labels, worth)), levels, choices, k, width, agreement, null)


def _possible_counts(points: Matrix, rules: Clusters) -> list[int]:
    if not points.shape[1]:
        return []
    distinct = len(np.unique(points, axis=0))
    most = min(len(points) // ROWS_PER_CLUSTER, distinct - 1, rules.k_range[1])
    return list(range(rules.k_range[0], most + 1))


def _tried(sample: Matrix, counts: Sequence[int], rules: Clusters) -> pd.DataFrame:
    random = np.random.default_rng(rules.seed)
    found = [nearest(sample, many_means(sample[None], k, STARTS, TOLERANCE, random)[0]) for k in counts]
    choices = pd.DataFrame(
        {
            "k": counts,
            "silhouette": silhouettes(sample, found),
            "stability": [stability(sample, labels, k, rules) for k, labels in zip(counts, found, strict=True)],
        }
    )
    return CLUSTER_CHOICES.conform(
        choices.assign(is_stable=choices["stability"] >= rules.min_stability, is_chosen=False)
    )


def _sample(points: Matrix, size: int, random: np.random.Generator) -> Matrix:
    if len(points) <= size:
        return points
    return points[np.sort(random.choice(len(points), size, replace=False))]


def stability(points: Matrix, labels: Labels, k: int, rules: Clusters) -> float:
    """Mean adjusted Rand index between clusters and those that bootstrap resamples give to the same points."""
    random = np.random.default_rng(rules.seed)
    resamples = points.astype("float32")[random.integers(len(points), size=(rules.resamples, len(points)))]
    centres = many_means(resamples, k, QUICK_STARTS, QUICK_TOLERANCE, random)
    return float(np.mean([adjusted_rand(labels, nearest(points, own)) for own in centres]))


def compared_silhouette(points: Matrix, k: int, rules: Clusters) -> float:
    """Silhouette measured as in the draws without groups: mean over subsamples of their size, each fitted anew."""
    random = np.random.default_rng(rules.seed)
    samples = [_sample(points, rules.null_sample, random) for _ in range(rules.resamples)]
    return float(np.mean(_quick_silhouettes(np.stack(samples), k, random)))


def null_silhouette(points: Matrix, k: int, rules: Clusters) -> float:
    """Quantile of the silhouettes that k-means finds in draws from a Gaussian copula with the same margins.

    The draws keep the margins (values of the sorted column) and the correlations of the normal scores, not groups.
    """
    random = np.random.default_rng(rules.seed)
    size = min(len(points), rules.null_sample)
    root = _correlation_root(points)
    margins = np.sort(points, axis=0)
    draws = np.stack([copula_draw(margins, root, size, random) for _ in range(rules.null_draws)])
    return float(np.quantile(_quick_silhouettes(draws, k, random), rules.null_quantile))


def _quick_silhouettes(sets: Matrix, k: int, random: np.random.Generator) -> list[float]:
    """Silhouette of k-means in every set of points; single precision is ample for a comparison."""
    short = sets.astype("float32")
    centres = many_means(short, k, QUICK_STARTS, QUICK_TOLERANCE, random)
    return [silhouette(points, nearest(points, own)) for points, own in zip(short, centres, strict=True)]


def _correlation_root(points: Matrix) -> Matrix:
    from scipy.special import ndtri

    scores = ndtri((pd.DataFrame(points).rank().to_numpy() - 0.5) / len(points))
    correlations = np.atleast_2d(np.corrcoef(scores, rowvar=False))
    values, vectors = np.linalg.eigh(correlations)
    found: Matrix = vectors * np.sqrt(np.maximum(values, 0))
    return found


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
