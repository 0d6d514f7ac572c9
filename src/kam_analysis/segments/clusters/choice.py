"""Whether buyers fall into clusters at all, and how many."""

from __future__ import annotations

from kam_analysis.findings import Finding, Message, Show, say
from kam_analysis.params import Clusters
from kam_analysis.segments.clusters.search import CLUSTER_CHOICES, ROWS_PER_CLUSTER, Clustering
from kam_analysis.tables import finds


@finds(CLUSTER_CHOICES)
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
    return say("Clusters need at least {n:count} buyers who are not all alike.", n=ROWS_PER_CLUSTER * rules.k_range[0])


def _search_base(buyers: int, rules: Clusters) -> Message:
    if buyers <= rules.null_sample:
        return say("Buyers: {n:count}", n=buyers)
    if buyers <= rules.sample:
        return say(
            "Buyers: {n:count}; compared with data without groups on samples of {small:count}",
            n=buyers,
            small=rules.null_sample,
        )
    return say(
        "Buyers: {n:count}; silhouette and stability measured on a sample of {sample:count}, compared with data "
        "without groups on samples of {small:count}",
        n=buyers,
        sample=rules.sample,
        small=rules.null_sample,
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
        "No clusters: buyers are no better separated (silhouette {silhouette:num2}) than in "
        "simulated data without groups.",
        silhouette=clustering.silhouette,
    )
