"""Whether the clusters hang on the method: k-means beside a Gaussian mixture and Ward's agglomeration."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.rounding import FINE_DIGITS, significant
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say
from kam_analysis.params import Clusters
from kam_analysis.segments.clusters.measures import adjusted_rand, silhouette
from kam_analysis.segments.clusters.search import STARTS, Clustering
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


class ClusterMethod(Labelled):
    """How clusters are drawn."""

    KMEANS = "kmeans", say("k-means")
    MIXTURE = "mixture", say("Gaussian mixture")
    WARD = "ward", say("agglomerative (Ward)")


CLUSTER_METHODS = Table(
    "cluster_methods",
    "one method of drawing clusters",
    (
        col.member("method", say("Method"), "How the clusters were drawn.", ClusterMethod),
        col.count("clusters", say("Clusters"), "Number of clusters, that of the page.", low=2),
        col.count("buyers", say("Buyers compared"), "All, or a sample of many.", low=1),
        col.ratio("agreement", say("Agreement"), "Adjusted Rand index with the clusters of the page."),
        col.SILHOUETTE("How far its clusters lie apart, −1 to 1."),
        col.number("bic", say("BIC"), "Bayesian information criterion; lower is better.", nullable=True),
        col.count(
            "bic_clusters",
            say("Clusters by BIC"),
            "Number of groups with the lowest criterion, from 1.",
            nullable=True,
            low=1,
        ),
    ),
    ("method",),
)


SAME_FROM, ALIKE_FROM = 0.8, 0.5
SMALLEST_VARIANCE = 0.01
NUMBERS = tuple(f"clusters.agreement_{method}" for method in ClusterMethod)


def clustering_pipeline(method: ClusterMethod, k: int, seed: int) -> Pipeline:
    """Scikit-learn pipeline from features in original units to k clusters.

    log1p, features without variation dropped, standardised; then k-means (best of twenty starts), a Gaussian mixture
    (full covariances, variances of at least 0.01, started from k-means) or Ward's agglomeration.

    Parameters
    ----------
    method : ClusterMethod
        Last step.
    k : int
        Number of clusters.
    seed : int
        Of the random starts; Ward's agglomeration has none.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With ``fit_predict``.

    Examples
    --------
    >>> orders = np.array([[1.0], [2.0], [90.0], [99.0]])
    >>> clusters = clustering_pipeline(ClusterMethod.WARD, 2, 7).fit_predict(orders)
    >>> bool(clusters[0] == clusters[1] != clusters[2] == clusters[3])
    True
    """
    from sklearn.cluster import AgglomerativeClustering, KMeans
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.mixture import GaussianMixture
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    last: Any = {
        ClusterMethod.KMEANS: lambda: KMeans(k, n_init=STARTS, random_state=seed),
        ClusterMethod.MIXTURE: lambda: GaussianMixture(k, reg_covar=SMALLEST_VARIANCE, random_state=seed),
        ClusterMethod.WARD: lambda: AgglomerativeClustering(k, linkage="ward"),
    }[method]()
    return make_pipeline(FunctionTransformer(np.log1p), VarianceThreshold(), StandardScaler(), last)


@finds(CLUSTER_METHODS)
def cluster_methods(clustering: Clustering, rules: Clusters) -> Finding:
    """Whether other methods draw the same clusters.

    k-means, a Gaussian mixture and Ward's agglomeration on the same features and with the same number of clusters, each
    against the clusters of this page by the adjusted Rand index over the same buyers. More than `rules.sample` buyers
    are sampled; the agreement of k-means then says what sampling alone costs. The Bayesian information criterion
    −2·log-likelihood + parameters·ln(n) of the mixture is given for that number, and the number from 1 to the largest
    of `rules.k_range` where it is lowest.

    Parameters
    ----------
    clustering : Clustering
        From `find_clusters`.
    rules : Clusters
        `sample`, `k_range`, `seed`.

    Returns
    -------
    Finding
        Table ``cluster_methods``, one row per method, none when there are no clusters; numbers
        ``clusters.agreement_<method>``.

    Notes
    -----
    The mixture counts every spike of equal values (buyers without sales in 12 months, with one order) as a group of its
    own, so its number tends to be high. Source: concepts, cluster analysis; Ward (1963); Schwarz (1978); Hubert and
    Arabie (1985).
    """
    table = _compared(clustering, rules) if clustering.k else CLUSTER_METHODS.empty()
    agreements = dict(zip(table["method"], table["agreement"].astype("float64"), strict=True))
    compared = int(table["buyers"].max()) if clustering.k else 0
    return Finding(
        CLUSTER_METHODS.name,
        question=say("Do other methods give the same clusters?"),
        sentence=_sentence(table),
        table=table,
        numbers={f"clusters.agreement_{method}": agreement for method, agreement in agreements.items()}
        if clustering.k
        else absent_numbers(NUMBERS, "no clusters"),
        sub=say("Agreement: adjusted Rand index with the clusters of this page; 1 identical, 0 by chance"),
        base=_base(len(clustering.members), compared),
        show=("method", "clusters", Show("agreement", bar=True), "silhouette", "bic", "bic_clusters"),
        caveats=_caveats(table),
        none=say("No clusters."),
        absent=say("There are too few different buyers.") if clustering.choices.empty else None,
    )


def _compared(clustering: Clustering, rules: Clusters) -> pd.DataFrame:
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    members = clustering.members
    if len(members) > rules.sample:
        members = members.sample(rules.sample, random_state=rules.seed).sort_index()
    features = members[list(clustering.levels)].to_numpy("float64")
    levels = clustering.levels.loc[members.index].to_numpy("float64")
    numbers = members["cluster"].to_numpy("int64")
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        rows = []
        for method in ClusterMethod:
            labels = clustering_pipeline(method, clustering.k, rules.seed).fit_predict(features).astype("int64")
            rows.append(
                {
                    "method": method.value,
                    "clusters": clustering.k,
                    "buyers": len(members),
                    "agreement": float(significant(adjusted_rand(numbers, labels), FINE_DIGITS)),
                    "silhouette": float(significant(silhouette(levels, labels), FINE_DIGITS)),
                }
            )
        criteria = _criteria(features, rules)
    found = pd.DataFrame(rows)
    is_mixture = found["method"] == ClusterMethod.MIXTURE.value
    return CLUSTER_METHODS.conform(
        found.assign(
            bic=np.where(is_mixture, criteria[clustering.k], np.nan),
            bic_clusters=np.where(is_mixture, min(criteria, key=lambda k: criteria[k]), np.nan),
        )
    )


def _criteria(features: np.ndarray, rules: Clusters) -> dict[int, float]:
    """Bayesian information criterion of the mixture by its number of groups."""
    criteria = {}
    for k in range(1, min(rules.k_range[1], len(features)) + 1):
        fitted = clustering_pipeline(ClusterMethod.MIXTURE, k, rules.seed).fit(features)
        criteria[k] = float(significant(fitted[-1].bic(fitted[:-1].transform(features))))
    return criteria


def _base(buyers: int, compared: int) -> Message:
    if compared in (0, buyers):
        return say("Buyers: {n:count}", n=buyers)
    return say("Buyers: {n:count}; compared on a sample of {sample:count}", n=buyers, sample=compared)


def _sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("No clusters.")
    others = table[table["method"] != ClusterMethod.KMEANS.value]
    weakest = others.sort_values("agreement", kind="stable").iloc[0]
    method, agreement = ClusterMethod(weakest["method"]), float(weakest["agreement"])
    if agreement >= SAME_FROM:
        return say(
            "Other methods give nearly the same clusters; the lowest agreement is {agreement:num2} ({method})",
            agreement=agreement,
            method=method,
        )
    if agreement >= ALIKE_FROM:
        return say(
            "Other methods agree in part; the lowest agreement is {agreement:num2} ({method})",
            agreement=agreement,
            method=method,
        )
    return say(
        "The clusters depend on the method; the lowest agreement is {agreement:num2} ({method})",
        agreement=agreement,
        method=method,
    )


def _caveats(table: pd.DataFrame) -> list[Caveat]:
    others = table[(table["method"] != ClusterMethod.KMEANS.value) & (table["agreement"] < ALIKE_FROM)]
    if others.empty:
        return []
    return [
        Caveat(
            say("Another method, other clusters"),
            say("Use the clusters for description, not as a rule for single customers."),
            Weight.RED if len(others) > 1 else Weight.AMBER,
        )
    ]
