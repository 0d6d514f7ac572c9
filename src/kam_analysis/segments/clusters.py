"""Clusters of buyers by behaviour, with their stability, and the verdict that there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, say
from kam_analysis.money import SCALE, exact
from kam_analysis.params import Clusters
from kam_analysis.segments.groups import shares
from kam_analysis.segments.tables import CLUSTER_CHOICES, CLUSTER_PROFILES
from kam_analysis.vocabulary import ClusterTrait

FEATURES = ("recency_days", "orders", "mean_order_value", "net_sales_12m", "tenure_days", "products")
TRAITS = {  # below, above
    "recency_days": (ClusterTrait.RECENT, ClusterTrait.SILENT),
    "orders": (ClusterTrait.RARE, ClusterTrait.FREQUENT),
    "mean_order_value": (ClusterTrait.SMALL_ORDERS, ClusterTrait.LARGE_ORDERS),
    "net_sales_12m": (ClusterTrait.LOW_SALES, ClusterTrait.HIGH_SALES),
    "tenure_days": (ClusterTrait.YOUNG, ClusterTrait.LONG_STANDING),
    "products": (ClusterTrait.NARROW_RANGE, ClusterTrait.WIDE_RANGE),
}
TRAIT_FROM = 0.25
BUYERS_PER_CLUSTER = 10
NULL_SAMPLE = 400
STARTS, QUICK_STARTS = 10, 2
TOLERANCE, QUICK_TOLERANCE = 1e-4, 1e-3

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


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


def cluster_features(facts: pd.DataFrame) -> pd.DataFrame:
    """Net sales and behaviour of every buyer in original units.

    Recency and tenure in days, orders, mean order value (net sales / orders), net sales of the last 12 months, and
    products where the source knows items; money below 0 counts as 0.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["b", "a"], "orders": [2, 0], "recency_days": [5.0, None],
    ...     "net_sales": [90.0, -3.0], "net_sales_12m": [-5.0, 0.0], "tenure_days": [60.0, None], "products": [0, 0]})
    >>> cluster_features(facts).to_dict("records")[0]["mean_order_value"]
    45.0
    """
    buyers = facts[facts["orders"] > 0].sort_values("customer_id", ignore_index=True)
    features = pd.DataFrame(
        {
            "customer_id": buyers["customer_id"],
            "net_sales": buyers["net_sales"],
            "recency_days": buyers["recency_days"],
            "orders": buyers["orders"].astype("float64"),
            "mean_order_value": buyers["net_sales"].clip(lower=0) / buyers["orders"],
            "net_sales_12m": buyers["net_sales_12m"].clip(lower=0),
            "tenure_days": buyers["tenure_days"],
            "products": buyers["products"].astype("float64"),
        }
    )
    return features if (features["products"] > 0).any() else features.drop(columns="products")


def standardised_features(features: pd.DataFrame) -> pd.DataFrame:
    """log1p of the features, less their mean, over their standard deviation; features without variation are left out.

    Examples
    --------
    >>> standardised_features(pd.DataFrame({"customer_id": ["a", "b"], "orders": [0.0, 9.0], "products": [3.0, 3.0]}))
       orders
    0    -1.0
    1     1.0
    """
    known = features[[name for name in FEATURES if name in features]]
    logs = pd.DataFrame(np.log1p(known), known.index, known.columns)
    varying = logs.loc[:, logs.max() > logs.min()]
    return (varying - varying.mean()) / varying.std(ddof=0)


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


def _nearest(points: Matrix, centres: Matrix) -> Labels:
    return ((centres**2).sum(axis=1) - 2 * points @ centres.T).argmin(axis=1)


def _quick_silhouette(points: Matrix, k: int, seed: int) -> float:
    return silhouette(points, _nearest(points, _quick_centres(points, k, seed)))


def stability(points: Matrix, labels: Labels, k: int, rules: Clusters) -> float:
    """Mean adjusted Rand index between clusters and those that bootstrap resamples give to the same points."""
    random = np.random.default_rng(rules.seed)
    seeds = random.integers(2**31, size=rules.resamples)
    agreements = []
    for seed in seeds:
        resample = points[random.integers(len(points), size=len(points))]
        agreements.append(adjusted_rand(labels, _nearest(points, _quick_centres(resample, k, int(seed)))))
    return float(np.mean(agreements))


def adjusted_rand(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Agreement of two groupings of the same points: 1 is the same, 0 what chance gives.

    Examples
    --------
    >>> adjusted_rand([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    """
    one, other = np.asarray(one), np.asarray(other)
    table = np.bincount(one * (other.max() + 1) + other).astype(float)
    pairs = [(counts * (counts - 1)).sum() / 2 for counts in (table, np.bincount(one), np.bincount(other))]
    every = len(one) * (len(one) - 1) / 2
    expected = pairs[1] * pairs[2] / every
    most = (pairs[1] + pairs[2]) / 2
    return 1.0 if most == expected else float((pairs[0] - expected) / (most - expected))


def silhouette(points: Matrix, labels: Labels) -> float:
    """Mean over points of (b − a) / max(a, b): a the mean distance to the own cluster, b to the nearest other one.

    A point alone in its cluster counts 0.

    Examples
    --------
    a = 1 and b = 9.5 for the outer points: 1 − 1/10.5 and 1 − 1/9.5, the same on both sides.

    >>> round(silhouette(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([0, 0, 1, 1])), 4)
    0.8997
    """
    squares = (points**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0))
    np.fill_diagonal(distances, 0)
    member = np.eye(labels.max() + 1)[labels]
    sizes = member.sum(axis=0)
    sums = distances @ member
    own = np.arange(len(points)), labels
    inner = sums[own] / np.maximum(sizes[labels] - 1, 1)
    means = sums / np.maximum(sizes, 1)
    means[:, sizes == 0] = np.inf
    means[own] = np.inf
    outer = means.min(axis=1)
    widths = np.where(
        sizes[labels] > 1, (outer - inner) / np.maximum(np.maximum(outer, inner), np.finfo(float).tiny), 0
    )
    return float(widths.mean())


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


def cluster_choice(clustering: Clustering, rules: Clusters) -> Finding:
    """Whether buyers fall into clusters, how many, and how far to trust them.

    Parameters
    ----------
    clustering : Clustering
        From `find_clusters`.
    rules : Clusters
        Limits that the sentence names.

    Returns
    -------
    Finding
        Table ``cluster_choices``; numbers ``clusters.k`` (0 for "no clusters"), ``clusters.silhouette``,
        ``clusters.stability``. Absent, and the numbers missing, when there are too few or too equal buyers.

    Notes
    -----
    Source: article A; definitions, Clusters.
    """
    numbers = {
        "clusters.k": clustering.k,
        "clusters.silhouette": clustering.silhouette,
        "clusters.stability": clustering.stability,
    }
    too_few = clustering.choices.empty
    if too_few:
        numbers = dict.fromkeys(numbers) | {f"{name}_absent": "too few different buyers" for name in numbers}
    return Finding(
        CLUSTER_CHOICES.name,
        question=say("Do the buyers fall into clusters?"),
        sentence=_verdict(clustering, rules),
        table=clustering.choices,
        numbers=numbers,
        sub=say("Silhouette and stability per number of clusters; stable from {limit:num2}", limit=rules.min_stability),
        base=_search_base(len(clustering.members), rules),
        show=("k", "silhouette", Show("stability", bar=True), "is_stable", "is_chosen"),
        absent=_too_few(rules) if too_few else None,
    )


def _too_few(rules: Clusters) -> Message:
    return say(
        "Clusters need at least {n:count} buyers who are not all alike.", n=BUYERS_PER_CLUSTER * rules.k_range[0]
    )


def _search_base(buyers: int, rules: Clusters) -> Message:
    if buyers <= rules.sample:
        return say("Buyers: {n:count}", n=buyers)
    return say(
        "Buyers: {n:count}; silhouette and stability measured on a sample of {sample:count}",
        n=buyers,
        sample=rules.sample,
    )


def _verdict(clustering: Clustering, rules: Clusters) -> Message:
    if clustering.k:
        return say(
            "Clusters of buyers: {k:count}, with a stability of {stability:num2} and a silhouette of "
            "{silhouette:num2}.",
            k=clustering.k,
            stability=clustering.stability,
            silhouette=clustering.silhouette,
        )
    if clustering.null_silhouette is None:
        return say("No clusters: no number of clusters reaches a stability of {limit:num2}.", limit=rules.min_stability)
    return say(
        "No clusters: buyers lie no further apart (silhouette {silhouette:num2}) than in the same data without groups.",
        silhouette=clustering.silhouette,
    )


def cluster_profiles(clustering: Clustering) -> Finding:
    """Show what the clusters are like: size, money, medians, and the two features that mark each.

    A cluster is named by the two features whose median lies farthest from that of all buyers in standard deviations, at
    least 0.25, else "close to the average"; ties go to the earlier feature.

    Parameters
    ----------
    clustering : Clustering
        From `find_clusters`.

    Returns
    -------
    Finding
        Table ``cluster_profiles``, one row per cluster, none when there are no clusters; absent for too few buyers.

    Notes
    -----
    Source: article A; definitions, Clusters.
    """
    table = _profiles(clustering)
    return Finding(
        CLUSTER_PROFILES.name,
        question=say("What are the clusters like?"),
        sentence=_profile_sentence(table),
        table=table,
        sub=say("Median of each feature against all buyers, in standard deviations; darker: higher"),
        base=say("Buyers: {n:count}", n=len(clustering.members)),
        show=(
            "cluster",
            "first_trait",
            "second_trait",
            Show("customers", bar=True),
            "net_sales_share",
            "median_recency_days",
            "median_orders",
            "median_net_sales_12m",
        ),
        drawing="cluster_profiles" if clustering.k else None,
        caveats=_cluster_caveats(clustering),
        none=say("No clusters."),
        absent=say("There are too few different buyers.") if clustering.choices.empty else None,
    )


def _profiles(clustering: Clustering) -> pd.DataFrame:
    if not clustering.k:
        return CLUSTER_PROFILES.empty()
    numbers = clustering.members["cluster"]
    medians = clustering.members[clustering.features].groupby(numbers).median().add_prefix("median_")
    levels = clustering.levels.groupby(numbers).median() - clustering.levels.median()
    marked = pd.DataFrame([_traits(level) for _, level in levels.iterrows()], index=levels.index)
    money = exact(clustering.members["net_sales"])
    sums = pd.DataFrame({"customers": 1, "net_sales": money, "positive": np.maximum(money, 0)}).groupby(numbers).sum()
    sizes = sums.assign(
        customer_share=shares(sums["customers"]),
        net_sales_share=shares(sums["positive"]),
        net_sales=sums["net_sales"] / SCALE,
    )
    joined = pd.concat([sizes, marked, medians, levels.add_prefix("level_")], axis=1)
    return CLUSTER_PROFILES.conform(joined.rename_axis("cluster").reset_index().reindex(columns=CLUSTER_PROFILES.names))


def _traits(level: pd.Series) -> dict[str, str]:
    strongest = level.abs().sort_values(ascending=False, kind="stable").index
    traits = [TRAITS[name][int(level[name] > 0)].value for name in strongest if abs(level[name]) >= TRAIT_FROM]
    first, second, *_ = [*traits, ClusterTrait.AVERAGE.value, ClusterTrait.AVERAGE.value]
    return {"first_trait": first, "second_trait": second}


def _cluster_caveats(clustering: Clustering) -> tuple[Caveat, ...]:
    if not clustering.k:
        return ()
    return (
        Caveat(
            say("Clusters describe, they do not explain"),
            say("They are drawn from behaviour up to the reference date; judge them by what comes after it."),
            Weight.GREEN,
        ),
    )


def _profile_sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("There are no clusters to describe.")
    first = table.iloc[0]
    return say(
        "Cluster {number:count} ({first}, {second}) holds {people:share} of the buyers and {money:share} of net sales.",
        number=1,
        first=ClusterTrait(first["first_trait"]),
        second=ClusterTrait(first["second_trait"]),
        people=float(first["customer_share"]),
        money=float(first["net_sales_share"]),
    )
