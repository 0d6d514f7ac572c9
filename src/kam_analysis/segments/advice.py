"""What each segment and each cell of the grid means, and what to do with it, one sentence each."""

from __future__ import annotations

from kam_analysis.findings import say
from kam_analysis.vocabulary import Labelled, RfmSegment


class RfmRule(Labelled):
    """The scores that make a segment (``rfm_map.csv``), by the segment's value."""

    CHAMPIONS = RfmSegment.CHAMPIONS.value, say("R 4–5, F 4–5, M 4–5: recent, frequent, large sales")
    LOYAL = RfmSegment.LOYAL.value, say("R 3–5, F 4–5, the rest: frequent and not gone")
    POTENTIAL_LOYALISTS = RfmSegment.POTENTIAL_LOYALISTS.value, say("R 4–5, F 2–3: recent, some orders")
    NEW = RfmSegment.NEW.value, say("R 5, F 1: very recent, fewest orders")
    PROMISING = RfmSegment.PROMISING.value, say("R 4, F 1: recent, fewest orders")
    NEED_ATTENTION = RfmSegment.NEED_ATTENTION.value, say("R 3, F 1–3, M 3–5: good sales, cooling down")
    ABOUT_TO_SLEEP = RfmSegment.ABOUT_TO_SLEEP.value, say("R 3, F 1–3, M 1–2: small sales, cooling down")
    CANNOT_LOSE = RfmSegment.CANNOT_LOSE.value, say("R 1–2, F 4–5, M 4–5: were the best, no order for long")
    AT_RISK = RfmSegment.AT_RISK.value, say("R 1–2, F 3–5 or M 4–5, the rest: bought often or a lot, no order for long")
    HIBERNATING = RfmSegment.HIBERNATING.value, say("R 2, F 1–2, M 1–3: small, no order for long")
    LOST = RfmSegment.LOST.value, say("R 1, F 1–2, M 1–3: small, longest without an order")


class RfmAction(Labelled):
    """What to do with a segment, by the segment's value."""

    CHAMPIONS = RfmSegment.CHAMPIONS.value, say("Give a named manager, agree a yearly plan, ask for a reference.")
    LOYAL = RfmSegment.LOYAL.value, say("Offer a wider range and terms that grow with the volume.")
    POTENTIAL_LOYALISTS = RfmSegment.POTENTIAL_LOYALISTS.value, say("Agree a regular order rhythm and the next order.")
    NEW = RfmSegment.NEW.value, say("Call after the first delivery and agree the second order.")
    PROMISING = RfmSegment.PROMISING.value, say("Remind of the first order and propose what fits it.")
    NEED_ATTENTION = RfmSegment.NEED_ATTENTION.value, say("Ask what has changed and make an offer with an end date.")
    ABOUT_TO_SLEEP = RfmSegment.ABOUT_TO_SLEEP.value, say("Send a reminder; no visits.")
    CANNOT_LOSE = (
        RfmSegment.CANNOT_LOSE.value,
        say("The manager and the director call this week and ask why."),
    )
    AT_RISK = RfmSegment.AT_RISK.value, say("Call in order of expected loss and note why they stopped ordering.")
    HIBERNATING = RfmSegment.HIBERNATING.value, say("Write twice a year with what is new.")
    LOST = RfmSegment.LOST.value, say("Spend no calls; keep in the mailing where consent is given.")


class GridCell(Labelled):
    """A cell of the ABC-XYZ grid."""

    AX = "AX", say("AX")
    AY = "AY", say("AY")
    AZ = "AZ", say("AZ")
    A_NA = "A_na", say("A, n/a")
    BX = "BX", say("BX")
    BY = "BY", say("BY")
    BZ = "BZ", say("BZ")
    B_NA = "B_na", say("B, n/a")
    CX = "CX", say("CX")
    CY = "CY", say("CY")
    CZ = "CZ", say("CZ")
    C_NA = "C_na", say("C, n/a")
    N = "N", say("N")


class GridAction(Labelled):
    """What to do with a cell of the grid, by the cell's value."""

    AX = GridCell.AX.value, say("Yearly contract, a named manager, no stock-outs.")
    AY = GridCell.AY.value, say("Plan the season together; reserve stock ahead.")
    AZ = GridCell.AZ.value, say("Find out what drives the orders; agree a forecast.")
    A_NA = GridCell.A_NA.value, say("Too short a history to judge: secure the next orders.")
    BX = GridCell.BX.value, say("Automatic reorder; offer a wider range.")
    BY = GridCell.BY.value, say("Regular calls before the season; offer a wider range.")
    BZ = GridCell.BZ.value, say("Offer terms for a regular rhythm.")
    B_NA = GridCell.B_NA.value, say("Guide to a regular rhythm in the first year.")
    CX = GridCell.CX.value, say("Self-service; small and reliable.")
    CY = GridCell.CY.value, say("Self-service; mailing before the season.")
    CZ = GridCell.CZ.value, say("Mailing only.")
    C_NA = GridCell.C_NA.value, say("Welcome mailing; watch for the second order.")
    N = GridCell.N.value, say("Check returns, claims and open invoices first.")
