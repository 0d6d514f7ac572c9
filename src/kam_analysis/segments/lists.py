"""Lists of the customers of each segment, for a mailing or a manager: nobody who refused to be contacted."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.consent import consent_of
from kam_analysis.money import exact
from kam_analysis.tables import Table
from kam_analysis.vocabulary import AbcClass, Consent


class ListedBy(StrEnum):
    """By which classes customers are listed."""

    RFM = "rfm_segment"
    RF = "rf_segment"
    ABC = "abc"
    XYZ = "xyz"
    GRID = "abc_xyz"
    LADDER = "ladder"
    LIFE_CYCLE = "life_cycle"
    DEMAND = "demand_type"
    CLUSTER = "cluster"
    NEED = "need"


SEGMENT_LIST = Table(
    "segment_list",
    "one customer of a segment that may be contacted",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.SEGMENT("The class that makes the list."),
        col.MANAGER("The customer's manager."),
        col.DEPARTMENT("The customer's department."),
        col.NET_SALES_12M("Net sales of the last 12 months."),
        col.ORDERS_12M,
        col.LAST_ORDER_ON("Day of the last order."),
        col.CONSENT("Who refused is in no list."),
    ),
    ("customer_id",),
)


def segment_lists(
    segments: pd.DataFrame, facts: pd.DataFrame, customers: pd.DataFrame, by: ListedBy, only_given: bool = False
) -> dict[str, pd.DataFrame]:
    """List the customers of every segment, the largest net sales of 12 months first, ties by id.

    Who refused is in no list; who did not say is in the list and marked so, or left out with `only_given`.

    Parameters
    ----------
    segments, facts, customers : DataFrame
        Contracts ``customer_segments``, ``customer_facts``, ``customers``; the last may be empty.
    by : ListedBy
        The segmentation.
    only_given : bool
        Whether consent must be given.

    Returns
    -------
    dict of str to DataFrame
        ``segment_list`` per class that has a customer with a class; lists that consent left empty are there, empty.

    Notes
    -----
    Source: article A, segments must be acted upon.
    """
    classes = _classes(segments, by)
    said = dict(zip(customers["customer_id"], customers["consent"], strict=True))
    rows = facts.merge(classes, on="customer_id").assign(
        consent=lambda frame: [consent_of(said.get(name)).value for name in frame["customer_id"]],
        customer_name=lambda frame: [
            _plain(*pair) for pair in zip(frame["customer_name"], frame["customer_id"], strict=True)
        ],
    )
    rows = rows.assign(money=-exact(rows["net_sales_12m"])).sort_values(["money", "customer_id"], kind="stable")
    barred = {Consent.REFUSED.value} | ({Consent.UNKNOWN.value} if only_given else set())
    return {
        str(name): SEGMENT_LIST.conform(part[~part["consent"].isin(barred)].reset_index(drop=True))
        for name, part in rows.groupby("segment", sort=True)
    }


def _classes(segments: pd.DataFrame, by: ListedBy) -> pd.DataFrame:
    classes = _cells(segments) if by is ListedBy.GRID else segments[by.value]
    known = segments.assign(segment=classes)[classes.notna()]
    if by in (ListedBy.CLUSTER, ListedBy.NEED):
        known = known.astype({"segment": "int64"})
    return known[["customer_id", "segment"]].astype("str")


def _cells(segments: pd.DataFrame) -> pd.Series:
    is_n = segments["abc"] == AbcClass.N.value
    joined = segments["abc"].astype("object") + segments["xyz"].astype("object").fillna("_na").replace("na", "_na")
    return pd.Series(np.where(is_n, AbcClass.N.value, joined), segments.index).where(segments["abc"].notna())


def _plain(name: str, customer_id: str) -> str:
    """Name as a letter may use it, without the id that tells namesakes apart on a page."""
    return name.removesuffix(f" ({customer_id})")
