"""All classes of a customer in one row."""

from __future__ import annotations

import pandas as pd

from kam_analysis.findings import Finding, say
from kam_analysis.segments.at_date import Segmented
from kam_analysis.segments.needs import Topics, customer_needs
from kam_analysis.tables import CUSTOMER_SEGMENTS, finds

SHOWN_CUSTOMERS = 10


def customer_segments(facts: pd.DataFrame, now: Segmented, before: Segmented, topics: Topics) -> pd.DataFrame:
    """Give one row per customer with every class; a class that does not apply is missing.

    Parameters
    ----------
    facts : DataFrame
        Contract ``customer_facts``.
    now, before : Segmented
        From `segments_on` at the reference date and at the comparison date.
    topics
        From `find_needs`.

    Returns
    -------
    DataFrame
        Contract ``customer_segments``, by customer_id.
    """
    joined = facts[["customer_id", "customer_name", "orders_12m"]].sort_values("customer_id", ignore_index=True)
    for part, columns in (
        (now.scores, ["r_score", "f_score", "m_score", "rfm_segment", "rf_segment"]),
        (now.abc, ["abc"]),
        (now.xyz, ["xyz", "demand_type"]),
        (now.steps, ["ladder"]),
        (now.states, ["life_cycle"]),
        (now.clustering.members, ["cluster"]),
        (_before(before.scores, "rfm_segment"), ["rfm_segment_before"]),
        (_before(before.abc, "abc"), ["abc_before"]),
        (customer_needs(topics), ["need"]),
    ):
        joined = joined.merge(part[["customer_id", *columns]], on="customer_id", how="left")
    return CUSTOMER_SEGMENTS.check(CUSTOMER_SEGMENTS.conform(joined.assign(is_inactive=joined["orders_12m"] == 0)))


def _before(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.rename(columns={column: f"{column}_before"})


@finds(CUSTOMER_SEGMENTS)
def every_customer(segments: pd.DataFrame) -> Finding:
    """Give every customer with all its classes, the best monetary scores first.

    Parameters
    ----------
    segments : DataFrame
        From `customer_segments`.

    Returns
    -------
    Finding
        Table ``customer_segments``, by class of value, monetary score and customer id.
    """
    inactive = int(segments["is_inactive"].sum())
    return Finding(
        CUSTOMER_SEGMENTS.name,
        question=say("Which classes does each customer have?"),
        sentence=say(
            "Customers: {n:count}; without an order in the last 12 months: {inactive:count}.",
            n=len(segments),
            inactive=inactive,
        ),
        table=segments.sort_values(
            ["abc", "m_score", "customer_id"], ascending=[True, False, True], ignore_index=True, kind="stable"
        ),
        sub=say("All classes of a customer; class A and the highest monetary score first"),
        base=say("Customers: {n:count}.", n=len(segments)),
        show=(
            "customer_name",
            "rfm_segment",
            "rfm_segment_before",
            "abc",
            "abc_before",
            "xyz",
            "is_inactive",
            "demand_type",
            "ladder",
            "life_cycle",
            "cluster",
            "need",
        ),
        most_rows=SHOWN_CUSTOMERS,
        none=say("No customers."),
    )
