"""What is typical of a cluster in original units, and how surely."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.findings import Finding, Grid, Message, say
from kam_analysis.segments.clusters.features import BY_FEATURE, CLUSTER, CLUSTER_FEATURE, ClusterFeature
from kam_analysis.segments.clusters.measures import median_interval
from kam_analysis.segments.clusters.search import Clustering
from kam_analysis.tables import Table, finds

CLUSTER_MEDIANS = Table(
    "cluster_medians",
    "one feature in one cluster of buyers",
    (
        CLUSTER_FEATURE,
        CLUSTER,
        col.CUSTOMERS("Buyers in the cluster.", low=1),
        col.number("median", say("Median"), "In original units; hidden when too few.", nullable=True, **BY_FEATURE),
        col.number("low", say("From"), "Lower bound of its 95 % interval.", nullable=True, **BY_FEATURE),
        col.number("high", say("To"), "Upper bound of its 95 % interval.", nullable=True, **BY_FEATURE),
    ),
    ("feature", "cluster"),
)


UNCOLOURED = (np.inf,) * 5


@finds(CLUSTER_MEDIANS)
def cluster_medians(clustering: Clustering, fewest: int) -> Finding:
    """Give the median of every feature in every cluster, in original units, with its 95 % interval.

    The interval lies between two buyers of the cluster in order of the feature (`median_interval`); it assumes no
    distribution. Under `fewest` buyers median and interval are hidden.

    Parameters
    ----------
    clustering : Clustering
        From `find_clusters`.
    fewest : int
        ``segments.min_cell``.

    Returns
    -------
    Finding
        Table ``cluster_medians``, one row per feature and cluster, none when there are no clusters.

    Notes
    -----
    The interval is that of a median among buyers like these; which buyers the cluster holds is taken as given. Source:
    article A; Thompson (1936).
    """
    table = _median_table(clustering, fewest) if clustering.k else CLUSTER_MEDIANS.empty()
    return Finding(
        CLUSTER_MEDIANS.name,
        question=say("What is typical of each cluster?"),
        sentence=_sentence(table),
        table=table,
        sub=say("Median in days, pieces and money; below it the bounds of its 95 % interval"),
        base=say("Buyers: {n:count}; clusters with fewer than {few:count} show no values.", n=len(clustering.members),
                 few=fewest),
        grid=Grid("feature", "cluster", "median", ("low", "high"), UNCOLOURED),
        none=say("No clusters."),
        absent=say("There are too few different buyers.") if clustering.choices.empty else None,
    )  # fmt: skip


def _median_table(clustering: Clustering, fewest: int) -> pd.DataFrame:
    groups = clustering.members.groupby("cluster")
    rows = []
    for name in clustering.features:
        for number, values in groups[name]:
            row: dict[str, object] = {
                "feature": ClusterFeature(name).value,
                "cluster": number,
                "customers": len(values),
            }
            known = median_interval(values.to_numpy("float64")) if len(values) >= fewest else (np.nan,) * 3
            rows.append(row | dict(zip(("median", "low", "high"), known, strict=True)))
    return CLUSTER_MEDIANS.conform(pd.DataFrame(rows, columns=CLUSTER_MEDIANS.names))


def _sentence(table: pd.DataFrame) -> Message:
    money = table[(table["feature"] == ClusterFeature.NET_SALES_12M.value) & table["median"].notna()]
    if table.empty:
        return say("No clusters.")
    if money.empty:
        return say("Every cluster is too small for a typical value")
    first = money.iloc[0]
    return say(
        "Half the buyers of cluster {number:count} bought for {median:money} or more in 12 months (95 % interval: "
        "{low:money} to {high:money})",
        number=int(first["cluster"]),
        median=float(first["median"]),
        low=float(first["low"]),
        high=float(first["high"]),
    )
