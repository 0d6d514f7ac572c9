"""Headline figures of the segments, each beside the one at the comparison date."""

from __future__ import annotations

import pandas as pd

from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import NOTHING_BEFORE, Finding, Message, Tile, say
from kam_analysis.segments.abc_xyz import ABC_XYZ_GRID, is_steadiness_known
from kam_analysis.segments.advice import GridCell
from kam_analysis.segments.ladder import LOYALTY_LADDER
from kam_analysis.segments.life_cycle import LIFE_CYCLE_STATES
from kam_analysis.segments.rfm import RFM_SEGMENTS
from kam_analysis.vocabulary import Labelled, LifeCycle, RfmSegment


def segment_tiles(
    champions: Finding,
    champions_before: Finding,
    grid: Finding,
    states: Finding,
    facts: pd.DataFrame,
    facts_before: pd.DataFrame,
    calendar_before: Calendar | None,
    regular_orders: int,
) -> list[Tile]:
    """Champions' share, class A customers who buy steadily, money at risk, regulars.

    Parameters
    ----------
    champions, champions_before : Finding
        From `rfm_segments` at the reference and at the comparison date.
    grid, states : Finding
        From `abc_xyz_grid` and `life_cycle`.
    facts, facts_before : DataFrame
        Contracts ``customer_facts`` and ``customer_facts_before``.
    calendar_before : Calendar, optional
        The comparison date; None where the data do not reach back.
    regular_orders : int
        ``facts.regular_orders``.

    Returns
    -------
    list of Tile
        A tile without a base says why it is not measurable.
    """
    return [
        _champions(champions, champions_before, calendar_before),
        _large_and_steady(grid),
        _at_risk(states, calendar_before),
        _regulars(facts, facts_before, calendar_before, regular_orders),
    ]


def _row(finding: Finding, column: str, member: Labelled) -> pd.Series:
    return finding.table[finding.table[column] == member].iloc[0]


def _champions(now: Finding, before: Finding, calendar_before: Calendar | None) -> Tile:
    row = _row(now, "rfm_segment", RfmSegment.CHAMPIONS)
    share = _known(row["net_sales_share"])
    share_before = _known(_row(before, "rfm_segment", RfmSegment.CHAMPIONS)["net_sales_share"])
    return Tile(
        key="champions_share",
        name=say("Net sales from champions"),
        value=None if share is None else say("{share:share}", share=share),
        n=say("Champions: {n:count}", n=int(row["customers"])),
        definition=say(
            "Buyers with the best scores in recency, frequency and money; base: net sales of the buyers above 0."
        ),
        change=_change(share, share_before, calendar_before),
        is_up=_is_up(share, share_before),
        table=RFM_SEGMENTS.name,
        absent=say("No customer has net sales above 0."),
    )


def _large_and_steady(grid: Finding) -> Tile:
    row = _row(grid, "cell", GridCell.AX)
    return Tile(
        key="large_and_steady",
        name=say("Steady class A customers"),
        value=say("{n:count}", n=int(row["customers"])) if is_steadiness_known(grid.table) else None,
        n=say("Customers with a class of value: {n:count}", n=int(grid.table["customers"].sum())),
        definition=say("Cell AX of the grid: class A by net sales, class X by variation between periods."),
        table=ABC_XYZ_GRID.name,
        absent=say("No customer of class A has enough history to say how evenly it buys."),
    )


def _at_risk(states: Finding, calendar_before: Calendar | None) -> Tile:
    row = _row(states, "state", LifeCycle.AT_RISK)
    before = _known(row["customers_before"])
    return Tile(
        key="at_risk_net_sales",
        name=say("Net sales of buyers at risk"),
        value=say("{money:money}", money=float(row["net_sales_12m"])),
        n=say("Buyers at risk: {n:count}", n=int(row["customers"])),
        definition=say(
            "Net sales of the last 12 months of the buyers whose current gap is unlikely at their own order rate."
        ),
        change=_too_short()
        if before is None or calendar_before is None
        else say("Buyers at risk on {day:date}: {n:count}", n=int(before), day=calendar_before.last_day),
        table=LIFE_CYCLE_STATES.name,
    )


def _regulars(
    facts: pd.DataFrame, facts_before: pd.DataFrame, calendar_before: Calendar | None, regular_orders: int
) -> Tile:
    share, share_before = (_regular_share(known, regular_orders) for known in (facts, facts_before))
    return Tile(
        key="regular_share",
        name=say("Regular buyers"),
        value=None if share is None else say("{share:share}", share=share),
        n=say("Buyers: {n:count}", n=int((facts["orders"] > 0).sum())),
        definition=say(
            "Buyers with {n:count} orders or more, as a share of all buyers, over all history.", n=regular_orders
        ),
        change=_change(share, share_before, calendar_before),
        is_up=_is_up(share, share_before),
        table=LOYALTY_LADDER.name,
        absent=say("Nobody has ordered."),
    )


def _regular_share(facts: pd.DataFrame, regular_orders: int) -> float | None:
    buyers = facts[facts["orders"] > 0]
    return None if buyers.empty else float((buyers["orders"] >= regular_orders).mean())


def _known(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _change(now: float | None, before: float | None, calendar_before: Calendar | None) -> Message:
    if now is None or before is None or calendar_before is None:
        return _too_short()
    return say(
        "{change:points} from {was:share} ({day:date})",
        change=now - before,
        was=before,
        day=calendar_before.last_day,
    )


def _is_up(now: float | None, before: float | None) -> bool | None:
    return None if now is None or before is None or now == before else now > before


def _too_short() -> Message:
    return NOTHING_BEFORE
