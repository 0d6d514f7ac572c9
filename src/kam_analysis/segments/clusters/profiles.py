"""What the clusters are like: size, money, medians and the features that mark each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.columns import Column, Kind
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, say
from kam_analysis.money import SCALE, exact
from kam_analysis.segments.clusters.features import CLUSTER
from kam_analysis.segments.clusters.search import Clustering
from kam_analysis.segments.groups import CLASS_SIZE, shares
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import ClusterTrait

_FEATURES = (
    ("recency_days", Kind.DAYS, say("Days since last order, median")),
    ("orders", Kind.NUMBER, say("Orders, median")),
    ("mean_order_value", Kind.MONEY, say("Order value, median")),
    ("net_sales_12m", Kind.MONEY, say("Net sales, 12 months, median")),
    ("tenure_days", Kind.DAYS, say("Days since first order, median")),
    ("products", Kind.NUMBER, say("Products, median")),
)

CLUSTER_PROFILES = Table(
    "cluster_profiles",
    "one cluster of buyers",
    (
        CLUSTER,
        col.member("first_trait", say("Marked by"), "Feature farthest from all buyers.", ClusterTrait),
        col.member("second_trait", say("And by"), "Feature next farthest.", ClusterTrait),
        *CLASS_SIZE,
        *(Column(f"median_{name}", kind, label, "Over the cluster.", nullable=True) for name, kind, label in _FEATURES),
        *(
            col.ratio(
                f"level_{name}",
                label,
                "Median of the standardised feature less that of all buyers; missing where all are alike.",
                nullable=True,
            )
            for name, _, label in _FEATURES
        ),
    ),
    ("cluster",),
)


TRAITS = {  # below, above
    "recency_days": (ClusterTrait.RECENT, ClusterTrait.SILENT),
    "orders": (ClusterTrait.RARE, ClusterTrait.FREQUENT),
    "mean_order_value": (ClusterTrait.SMALL_ORDERS, ClusterTrait.LARGE_ORDERS),
    "net_sales_12m": (ClusterTrait.LOW_SALES, ClusterTrait.HIGH_SALES),
    "tenure_days": (ClusterTrait.YOUNG, ClusterTrait.LONG_STANDING),
    "products": (ClusterTrait.NARROW_RANGE, ClusterTrait.WIDE_RANGE),
}
TRAIT_FROM = 0.25


@finds(CLUSTER_PROFILES)
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
        drawing="segments.cluster_profiles" if clustering.k else None,
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
            say("They are built from behaviour up to the reference date; judge them by what follows it."),
            Weight.GREEN,
        ),
    )


def _profile_sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("No clusters.")
    first = table.iloc[0]
    return say(
        "Cluster {number:count} ({first}, {second}) has {people:share} of the buyers and {money:share} of net sales.",
        number=1,
        first=ClusterTrait(first["first_trait"]),
        second=ClusterTrait(first["second_trait"]),
        people=float(first["customer_share"]),
        money=float(first["net_sales_share"]),
    )
