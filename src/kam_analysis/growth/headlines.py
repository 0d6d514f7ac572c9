"""Title and headline figures of the page on growth."""

from __future__ import annotations

from kam_analysis.findings import Finding, Message, Tile, say


def growth_title(spaces: Finding, decline: Finding) -> Message:
    """Say in one line what the page is about: white space, and who declines."""
    gap, short = spaces.numbers["white_space.money"], decline.numbers["decline.shortfall"]
    if gap is None or short is None:
        return spaces.sentence if short is None else decline.sentence
    return say(
        "Growth: white space of up to {gap:money} a year; {n:count} customers in quiet decline",
        gap=gap,
        n=decline.numbers["decline.customers"],
    )


def growth_tiles(spaces: Finding, decline: Finding) -> list[Tile]:
    """Tiles: white space a year, shortfall of the customers in quiet decline."""
    gap, short = spaces.numbers["white_space.money"], decline.numbers["decline.shortfall"]
    return [
        Tile(
            say("White space a year"),
            None if gap is None else say("{money:money}", money=gap),
            say(
                "{n:count} of {all:count} accounts compared",
                n=spaces.numbers["white_space.accounts"],
                all=spaces.numbers["white_space.compared"],
            ),
            say("What accounts would buy more if they had the median share of their peers in each category they lack."),
            "white_space",
            table=spaces.name,
            absent=spaces.absent,
        ),
        Tile(
            say("Quiet decline"),
            None if short is None else say("{money:money}", money=short),
            say(
                "{n:count} of {all:count} customers who still order",
                n=decline.numbers["decline.customers"],
                all=decline.numbers["decline.ordering"],
            ),
            say("Net sales of the last 90 days below the customer's own rate of the 12 months before."),
            "quiet_decline",
            table=decline.name,
            absent=decline.absent,
        ),
    ]
