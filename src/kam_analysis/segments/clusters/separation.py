"""In what the clusters differ: an effect per feature, and limits that describe each cluster in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.columns import Column, Kind, in_unit
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, Words, absent_numbers, say
from kam_analysis.frames import records, whole
from kam_analysis.params import Clusters
from kam_analysis.segments.clusters.features import (
    BY_FEATURE,
    CLUSTER,
    CLUSTER_FEATURE,
    FEATURE_KINDS,
    FEATURES,
    ClusterFeature,
    limits_of,
)
from kam_analysis.segments.clusters.measures import Matrix, epsilon_squared
from kam_analysis.segments.clusters.search import Clustering
from kam_analysis.tables import Table, finds

CLUSTER_SEPARATION = Table(
    "cluster_separation",
    "one feature of the buyers",
    (
        CLUSTER_FEATURE,
        col.share(
            "effect",
            say("Effect"),
            "Epsilon squared of Kruskal and Wallis: the share of the variance of ranks that lies between clusters.",
        ),
        col.count("lowest_cluster", say("Lowest in cluster"), "Cluster with the lowest median.", low=1),
        col.number("lowest_median", say("Median there"), "Median of the lowest cluster.", **BY_FEATURE),
        col.count("highest_cluster", say("Highest in cluster"), "Cluster with the highest median.", low=1),
        col.number("highest_median", say("Median there"), "Median of the highest cluster.", **BY_FEATURE),
    ),
    ("feature",),
)

CLUSTER_RULES = Table(
    "cluster_rules",
    "one cluster of buyers",
    (
        CLUSTER,
        *(
            Column(name, FEATURE_KINDS.get(feature.value, Kind.NUMBER), label, meaning, nullable=True)
            for feature in ClusterFeature
            for name, label, meaning in zip(
                limits_of(feature),
                (say("From"), say("To")),
                (f"Limit of {feature.value} from below; `_over` is exclusive.", f"Highest {feature.value}, inclusive."),
                strict=True,
            )
        ),
        col.count("buyers", say("Buyers that fit"), "Buyers within the limits."),
        col.count("members", say("of these in the cluster"), "Of them in the cluster."),
        col.share("precision", say("Hits"), "Of the buyers that fit, in the cluster.", nullable=True),
        col.share("recall", say("Covered"), "Of the cluster, buyers that fit."),
    ),
    ("cluster",),
)


WHOLE = ("recency_days", "orders", "tenure_days", "products")
MONEY_DIGITS = 2
FEWEST_IN_LEAF = 5


def _feature_words(name: str) -> list[Message]:
    """Templates for the limits of one feature; values that are no words of a language are not in the catalogue."""
    feature, write = ClusterFeature(name), "count" if name in WHOLE else "money"
    low, high = (Message(f"{{{column}:{write}}}") for column in limits_of(name))
    if name in WHOLE:
        return [
            say("{feature}: {least} to {most}", feature=feature, least=low, most=high),
            say("{feature}: at least {least}", feature=feature, least=low),
            say("{feature}: up to {most}", feature=feature, most=high),
        ]
    return [
        say("{feature}: over {low}, up to {most}", feature=feature, low=low, most=high),
        say("{feature}: over {low}", feature=feature, low=low),
        say("{feature}: up to {most}", feature=feature, most=high),
    ]


RULE = Words(say("Rule"), [_feature_words(name) for name in FEATURES], say("no limits"))


@finds(CLUSTER_SEPARATION)
def cluster_separation(clustering: Clustering) -> Finding:
    """Which features set the clusters apart, the strongest first.

    Formula: epsilon squared = H / (n − 1), H of Kruskal and Wallis corrected for ties: the share of the variance of
    ranks that lies between clusters, 0 when all clusters are alike in the feature, 1 when it tells them apart.

    Parameters
    ----------
    clustering : Clustering
        From `find_clusters`.

    Returns
    -------
    Finding
        Table ``cluster_separation``, one row per feature that varies, none when there are no clusters; numbers
        ``cluster_effect.<feature>``.

    Notes
    -----
    The clusters were made from these features, so there is no test: an effect says which of them did the work. Source:
    Kruskal and Wallis (1952); Tomczak and Tomczak (2014).
    """
    names = [f"cluster_effect.{feature}" for feature in FEATURES]
    table = _separation_table(clustering)
    measured: dict[str, Any] = absent_numbers(names, "no clusters")
    for feature, effect in zip(table["feature"], table["effect"], strict=True):
        measured[f"cluster_effect.{feature}"] = float(effect)
        del measured[f"cluster_effect.{feature}_absent"]
    for name in names if clustering.k else ():
        if measured[name] is None:
            measured |= absent_numbers([name], "not known or the same for all")
    return Finding(
        CLUSTER_SEPARATION.name,
        question=say("Which features distinguish the clusters?"),
        sentence=_separation_sentence(table),
        table=table,
        numbers=measured,
        sub=say("Effect: share of the variance of ranks that lies between clusters"),
        base=say("Buyers: {n:count}", n=len(clustering.members)),
        show=(
            "feature",
            Show("effect", bar=True),
            "lowest_cluster",
            "lowest_median",
            "highest_cluster",
            "highest_median",
        ),
        caveats=_by_construction(clustering),
        none=say("No clusters."),
        absent=say("There are too few different buyers.") if clustering.choices.empty else None,
    )


def _separation_table(clustering: Clustering) -> pd.DataFrame:
    if not clustering.k:
        return CLUSTER_SEPARATION.empty()
    numbers = clustering.members["cluster"]
    rows = []
    for name in clustering.levels:
        medians = clustering.members[name].groupby(numbers).median()
        lowest, highest = whole(medians.idxmin()), whole(medians.idxmax())
        rows.append(
            {
                "feature": ClusterFeature(str(name)).value,
                "effect": epsilon_squared(clustering.members[name].to_numpy("float64"), numbers.to_numpy("int64")),
                "lowest_cluster": lowest,
                "lowest_median": float(medians[lowest]),
                "highest_cluster": highest,
                "highest_median": float(medians[highest]),
            }
        )
    table = pd.DataFrame(rows).sort_values("effect", ascending=False, kind="stable", ignore_index=True)
    return CLUSTER_SEPARATION.conform(table)


def _separation_sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("No clusters.")
    first = table.iloc[0]
    kind = FEATURE_KINDS.get(first["feature"], Kind.NUMBER)
    return say(
        "The clusters differ most in: {feature}; median from {low} (cluster {lowest:count}) to {high} "
        "(cluster {highest:count})",
        feature=ClusterFeature(first["feature"]),
        low=in_unit(float(first["lowest_median"]), kind),
        lowest=int(first["lowest_cluster"]),
        high=in_unit(float(first["highest_median"]), kind),
        highest=int(first["highest_cluster"]),
    )


def _by_construction(clustering: Clustering) -> tuple[Caveat, ...]:
    if not clustering.k:
        return ()
    return (
        Caveat(
            say("Differences by definition"),
            say("The clusters were built from these features; the effect only shows which of them mattered most."),
            Weight.GREEN,
        ),
    )


@dataclass(frozen=True)
class _Limits:
    """Lower (exclusive) and upper (inclusive) limits by feature."""

    above: dict[str, float] = field(default_factory=dict)
    up_to: dict[str, float] = field(default_factory=dict)

    def fit(self, features: pd.DataFrame) -> pd.Series:
        """Tell which rows lie within all limits."""
        fits = pd.Series(True, features.index)
        for name, limit in self.above.items():
            fits &= features[name] > limit
        for name, limit in self.up_to.items():
            fits &= features[name] <= limit
        return fits


@finds(CLUSTER_RULES)
def cluster_rules(clustering: Clustering, rules: Clusters) -> Finding:
    """Describe every cluster by a few limits in original units, and say how often they hit.

    A decision tree of `rules.tree_depth` levels at most tells the clusters apart by the features in original units. A
    cluster is described by the path to the leaf with the most of its buyers, among the leaves where it is in the
    majority where there is one. Limits are whole days, orders and products, and money of two significant digits; the
    shares are those of the limits as they stand.

    Parameters
    ----------
    clustering : Clustering
        From `find_clusters`.
    rules : Clusters
        `tree_depth`, `seed`.

    Returns
    -------
    Finding
        Table ``cluster_rules``, one row per cluster, none when there are no clusters; number ``clusters.rules_hit``
        (share of all buyers that fit the rule of their own cluster).

    Notes
    -----
    Measured on the buyers that the tree was grown from. Source: Breiman and others (1984).
    """
    found = _limits(clustering, rules) if clustering.k else {}
    table = _rule_table(clustering, found)
    hits = float(table["members"].sum() / len(clustering.members)) if clustering.k else None
    return Finding(
        CLUSTER_RULES.name,
        question=say("Which limits identify the clusters?"),
        sentence=_rule_sentence(table),
        table=table,
        numbers={"clusters.rules_hit": hits} if clustering.k else absent_numbers(["clusters.rules_hit"], "no clusters"),
        sub=say("Hits: buyers that fit and are in the cluster, of those that fit; covered: of the cluster"),
        base=say("Buyers: {n:count}; a decision tree of {depth:count} levels at most", n=len(clustering.members),
                 depth=rules.tree_depth),
        show=("cluster", Show("rule", wide=True, words=RULE), "buyers", Show("precision", bar=True), "recall"),
        none=say("No clusters."),
        absent=say("There are too few different buyers.") if clustering.choices.empty else None,
    )  # fmt: skip


def _limits(clustering: Clustering, rules: Clusters) -> dict[int, _Limits]:
    """Limits of the leaf that describes each cluster."""
    from sklearn.tree import DecisionTreeClassifier

    features = clustering.members[list(clustering.levels)]
    grown = DecisionTreeClassifier(
        max_depth=rules.tree_depth, min_samples_leaf=FEWEST_IN_LEAF, random_state=rules.seed
    ).fit(features.to_numpy("float64"), clustering.members["cluster"].to_numpy("int64"))
    tree = grown.tree_
    leaves = list(_leaves(tree, [str(name) for name in features], 0, _Limits()))
    counts: Matrix = (
        tree.value[[leaf for leaf, _ in leaves], 0] * tree.n_node_samples[[leaf for leaf, _ in leaves], None]
    )
    is_majority = counts.argmax(axis=1)[:, None] == np.arange(clustering.k)
    best = np.where(is_majority, counts + len(features), counts).argmax(axis=0)
    return {number + 1: leaves[leaf][1] for number, leaf in enumerate(best)}


def _leaves(tree: Any, names: list[str], node: int, limits: _Limits) -> Iterator[tuple[int, _Limits]]:
    below, above = tree.children_left[node], tree.children_right[node]
    if below == above:
        yield node, limits
        return
    name = names[tree.feature[node]]
    limit = _readable(float(tree.threshold[node]), name)
    yield from _leaves(tree, names, below, _Limits(limits.above, limits.up_to | {name: limit}))
    yield from _leaves(tree, names, above, _Limits(limits.above | {name: limit}, limits.up_to))


def _readable(limit: float, name: str) -> float:
    """Whole units, or money of two significant digits."""
    if name in WHOLE:
        return float(np.floor(limit))
    return float(f"{limit:.{MONEY_DIGITS}g}")


def _rule_table(clustering: Clustering, found: dict[int, _Limits]) -> pd.DataFrame:
    rows = []
    for number, limits in found.items():
        fits, own = limits.fit(clustering.members), clustering.members["cluster"] == number
        both, fitting = int((fits & own).sum()), int(fits.sum())
        rows.append(
            {
                "cluster": number,
                "buyers": fitting,
                "members": both,
                "precision": both / fitting if fitting else np.nan,
                "recall": both / int(own.sum()),
                **_shown_limits(limits),
            }
        )
    return CLUSTER_RULES.conform(pd.DataFrame(rows, columns=CLUSTER_RULES.names))


def _shown_limits(limits: _Limits) -> dict[str, float | None]:
    """Limits as a reader takes them: of whole units the lower one is the least, of money it is exclusive."""
    shown: dict[str, float | None] = {}
    for name in FEATURES:
        lower, upper = limits_of(name)
        above = limits.above.get(name)
        shown |= {lower: above + 1 if above is not None and name in WHOLE else above, upper: limits.up_to.get(name)}
    return shown


def _rule_sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("No clusters.")
    best = records(table.sort_values(["recall", "precision"], ascending=False, kind="stable"))[0]
    return say(
        "Cluster {number:count}: {rule}. Of the buyers that fit, {hits:share0} are in it",
        number=int(best["cluster"]),
        rule=RULE.of(best),
        hits=float(best["precision"]),
    )
