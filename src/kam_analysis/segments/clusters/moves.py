"""Who moved between the clusters of two dates, and whether the clusters still mean the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import NOTHING_BEFORE, Caveat, Finding, Grid, Message, absent_numbers, say, say_n
from kam_analysis.money import SCALE, exact
from kam_analysis.segments.clusters.measures import Labels, adjusted_rand, nearest
from kam_analysis.segments.clusters.search import Clustering
from kam_analysis.tables import Table, finds

CLUSTER_MOVES = Table(
    "cluster_moves",
    "one pair of clusters, at the comparison date and now",
    (
        col.count("cluster_before", say("Cluster before"), "Matched to those of now by common buyers.", low=1),
        col.count("cluster", say("Cluster now"), "By descending median net sales of 12 months.", low=1),
        col.CUSTOMERS("Buyers who made this move."),
        col.SHARE("Of the buyers in the cluster before; sums to 1."),
        col.NET_SALES_12M("Their net sales of the last 12 months."),
        col.count(
            "customers_same_rule",
            say("By today's clusters"),
            "Buyers who made this move when the clusters of now are applied to both dates.",
            nullable=True,
        ),
    ),
    ("cluster_before", "cluster"),
)


NUMBERS = ("clusters.kept", "clusters.kept_same_rule", "clusters.agreement_before")
SAME_MEANING = 0.8


def match_clusters(before: Clustering, now: Clustering) -> Clustering:
    """Give the clusters of an earlier date the numbers of those of now that they share the most buyers with.

    The pairing with the most common buyers in all (Hungarian method); an earlier cluster without a partner, or without
    a common buyer with it, gets a number above those of now, in its old order.

    Parameters
    ----------
    before, now : Clustering
        From `find_clusters` at the two dates, with clusters both.

    Returns
    -------
    Clustering
        The earlier one with other numbers.

    Notes
    -----
    Source: definitions, Clusters; Kuhn (1955).
    """
    from scipy.optimize import linear_sum_assignment

    common = before.members[["customer_id", "cluster"]].merge(
        now.members[["customer_id", "cluster"]], on="customer_id", suffixes=("_before", "")
    )
    overlap = np.zeros((before.k, now.k), dtype="int64")
    pairs = common[["cluster_before", "cluster"]].to_numpy("int64") - 1
    np.add.at(overlap, (pairs[:, 0], pairs[:, 1]), 1)
    partners = dict(zip(*linear_sum_assignment(-overlap), strict=True))
    numbers, free = {}, now.k
    for old in range(before.k):
        partner = partners.get(old)
        if partner is None or overlap[old, partner] == 0:
            free += 1
            numbers[float(old + 1)] = free
        else:
            numbers[float(old + 1)] = int(partner) + 1
    members = before.members.assign(cluster=before.members["cluster"].map(numbers))
    return dataclasses.replace(before, members=members)


@finds(CLUSTER_MOVES)
def cluster_moves(now: Clustering, before: Clustering, calendar: Calendar, calendar_before: Calendar | None) -> Finding:
    """Where the buyers of the comparison date have moved, from cluster to cluster, with their money.

    The earlier clusters are those of `find_clusters` at the comparison date with the numbers of `match_clusters`.
    Beside them stand the moves when the clusters of now are applied to both dates (every buyer then to the nearest
    centre of now): what moved because the clusters were drawn anew is the difference.

    Parameters
    ----------
    now, before : Clustering
        From `find_clusters` at the two dates.
    calendar : Calendar
        The reference date.
    calendar_before : Calendar, optional
        The comparison date.

    Returns
    -------
    Finding
        Table ``cluster_moves``, one row per pair of clusters; numbers ``clusters.kept`` (share of the common buyers in
        the cluster of the same number), ``clusters.kept_same_rule`` and ``clusters.agreement_before`` (adjusted Rand
        index of the two clusterings on common buyers). Absent without a comparison date, without clusters at either
        date, or without a common buyer.

    Notes
    -----
    Buyers since then are in no row. Source: definitions, Clusters.
    """
    reason = _not_comparable(now, before, calendar_before)
    pairs = _common(now, before) if reason is None else pd.DataFrame()
    if reason is None and pairs.empty:
        reason = say("Not comparable: nobody bought both before the comparison date and now.")
    table = CLUSTER_MOVES.empty() if reason else _move_table(pairs, now.k)
    numbers = absent_numbers(NUMBERS, "no clusters at both dates") if reason else _numbers(pairs)
    return Finding(
        CLUSTER_MOVES.name,
        question=say("Who moved between the clusters?"),
        sentence=say("The clusters cannot be compared") if reason else _sentence(pairs, numbers),
        table=table,
        numbers=numbers,
        sub=say(
            "Share of the buyers of a cluster before (rows) that are in a cluster now (columns), with their number and "
            "their net sales of 12 months"
        ),
        base=_base(len(pairs), calendar, calendar_before),
        grid=Grid("cluster_before", "cluster", "share", ("customers", "net_sales_12m")),
        caveats=[] if reason else [*_redrawn(numbers), *_unmatched(now, pairs)],
        absent=reason,
    )


def _not_comparable(now: Clustering, before: Clustering, calendar_before: Calendar | None) -> Message | None:
    if calendar_before is None or before.members.empty:
        return NOTHING_BEFORE
    if not now.k:
        return say("Not comparable: there are no clusters now.")
    if not before.k:
        return say("Not comparable: there were no clusters on {day:date}.", day=calendar_before.last_day)
    return None


def _common(now: Clustering, before: Clustering) -> pd.DataFrame:
    then = match_clusters(before, now).members.assign(same_rule=_by_clusters_of(now, before))
    common = then[["customer_id", "cluster", "same_rule"]].merge(
        now.members[["customer_id", "cluster", "net_sales_12m"]], on="customer_id", suffixes=("_before", "")
    )
    return common.rename(columns={"same_rule": "cluster_same_rule"})


def _by_clusters_of(now: Clustering, before: Clustering) -> Labels | float:
    """Number of the cluster of now whose centre lies nearest to every earlier buyer; missing where a feature is."""
    names = list(now.levels)
    if not set(names) <= set(before.members):
        return np.nan
    logs, logs_before = (np.log1p(clustering.members[names]) for clustering in (now, before))
    levels = (logs_before - logs.mean()) / logs.std(ddof=0)
    centres = now.levels.groupby(now.members["cluster"]).mean()
    return nearest(levels.to_numpy("float64"), centres.to_numpy("float64")) + 1


def _move_table(pairs: pd.DataFrame, k: int) -> pd.DataFrame:
    earlier = np.union1d(np.arange(1, k + 1), pairs["cluster_before"].unique()).astype("int64")
    every = pd.MultiIndex.from_product([earlier, np.arange(1, k + 1)], names=["cluster_before", "cluster"])
    counted = pairs.assign(customers=1, money=exact(pairs["net_sales_12m"]))
    sums = counted.groupby(["cluster_before", "cluster"])[["customers", "money"]].sum().reindex(every, fill_value=0)
    of_cluster = sums.groupby("cluster_before")["customers"].transform("sum")
    same_rule = pairs.groupby(["cluster_same_rule", "cluster"]).size().reindex(every, fill_value=0)
    return CLUSTER_MOVES.conform(
        sums.assign(
            share=sums["customers"] / of_cluster.where(of_cluster > 0),
            net_sales_12m=sums["money"] / SCALE,
            customers_same_rule=same_rule if pairs["cluster_same_rule"].notna().all() else np.nan,
        ).reset_index()
    )


def _numbers(pairs: pd.DataFrame) -> dict[str, object]:
    before, now, same_rule = (pairs[name] for name in ("cluster_before", "cluster", "cluster_same_rule"))
    measured: dict[str, object] = {
        "clusters.kept": float((before == now).mean()),
        "clusters.agreement_before": adjusted_rand(before.astype("int64"), now.astype("int64")),
    }
    if same_rule.isna().any():
        return measured | absent_numbers(["clusters.kept_same_rule"], "a feature was not known then")
    return measured | {"clusters.kept_same_rule": float((same_rule == now).mean())}


def _sentence(pairs: pd.DataFrame, numbers: Mapping[str, object]) -> Message:
    kept = say("Buyers of both dates: {n:count}; in the same cluster as then: {kept:share}", n=len(pairs),
               kept=numbers["clusters.kept"])  # fmt: skip
    if numbers["clusters.kept_same_rule"] is None:
        return kept
    return say(
        "{kept}; by today's clusters at both dates: {same:share}", kept=kept, same=numbers["clusters.kept_same_rule"]
    )


def _base(n: int, calendar: Calendar, calendar_before: Calendar | None) -> Message:
    if calendar_before is None:
        return say("Buyers: {n:count}", n=n)
    return say(
        "Buyers on {then:date}, compared on {day:date}: {n:count}",
        n=n,
        then=calendar_before.last_day,
        day=calendar.last_day,
    )


def _redrawn(numbers: Mapping[str, object]) -> list[Caveat]:
    kept, same = numbers["clusters.kept"], numbers["clusters.kept_same_rule"]
    if not isinstance(kept, float) or not isinstance(same, float) or kept >= SAME_MEANING * same:
        return []
    return [
        Caveat(
            say("Many moves are the clusters' own"),
            say(
                "The clusters of the two dates have different limits: by today's limits {same:share} stayed "
                "where they were, not {kept:share}.",
                same=same,
                kept=kept,
            ),
        )
    ]


def _unmatched(now: Clustering, pairs: pd.DataFrame) -> list[Caveat]:
    numbers = set(pairs["cluster_before"].astype("int64"))
    added = [str(number) for number in range(1, now.k + 1) if number not in numbers]
    gone = [str(number) for number in sorted(numbers) if number > now.k]
    found = []
    if added:
        found.append(
            Caveat(
                say("Not every cluster existed then"),
                say_n(
                    "Today's cluster {numbers:names} has no earlier counterpart.",
                    "Today's clusters {numbers:names} have no earlier counterpart.",
                    count="n",
                    n=len(added),
                    numbers=added,
                ),
            )
        )
    if gone:
        found.append(
            Caveat(
                say("Not every cluster still exists"),
                say_n(
                    "The earlier cluster {numbers:names} has no counterpart now.",
                    "The earlier clusters {numbers:names} have no counterpart now.",
                    count="n",
                    n=len(gone),
                    numbers=gone,
                ),
            )
        )
    return found
