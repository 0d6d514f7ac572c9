"""Title and headline figures of the page on growth."""

from __future__ import annotations

from kam_analysis.findings import Finding, Message, Tile, say


def growth_title(spaces: Finding, cheap: Finding) -> Message:
    """Say in one line what the page is about: white space, and prices below those of larger accounts."""
    gap, leak = spaces.numbers["white_space.money"], cheap.numbers["prices.leak"]
    if gap is None or not leak:
        return spaces.sentence if gap is not None or leak is None else cheap.sentence
    return say(
        "Growth: up to {gap:money} a year of white space; {leak:money} lost on prices below those of larger accounts",
        gap=gap,
        leak=leak,
    )


def growth_tiles(spaces: Finding, cheap: Finding, margin: Finding, decline: Finding) -> list[Tile]:
    """Tiles: white space a year, prices below larger accounts, margin lost at equal volume, quiet decline."""
    return [
        _tile(
            say("White space a year"),
            spaces,
            "white_space.money",
            say("{n:count} of {all:count} accounts compared", **_counts(spaces, "white_space.accounts", "compared")),
            say("What accounts would buy more if they had the median share of their peers in each category they lack."),
        ),
        _tile(
            say("Prices below larger accounts"),
            cheap,
            "prices.leak",
            say("{n:count} of {all:count} accounts compared", **_counts(cheap, "prices.below", "accounts")),
            say("What accounts would pay more at the median price level of the accounts with more net sales."),
        ),
        _tile(
            say("Margin at equal volume"),
            margin,
            "margin.squeeze",
            say("{n:count} of {all:count} accounts earn less", **_counts(margin, "margin.squeezed", "accounts")),
            say("Price, cost and mix effect of the accounts that lose by them, against the 12 months before."),
        ),
        Tile(
            say("Quiet decline"),
            None if decline.absent is not None else say("{n:count}", n=decline.numbers["decline.customers"]),
            decline.sentence
            if decline.absent is not None
            else say("customers who still order: {all:count}", all=decline.numbers["decline.ordering"]),
            say("Customers who order significantly more rarely, less or narrower than in the 12 months before."),
            decline.name,
            table=decline.name,
            absent=decline.absent,
        ),
    ]


def _counts(finding: Finding, name: str, all_of: str) -> dict[str, object]:
    return {"n": finding.numbers[name], "all": finding.numbers[f"{name.partition('.')[0]}.{all_of}"]}


def _tile(name: Message, finding: Finding, number: str, n: Message, definition: Message) -> Tile:
    amount = finding.numbers[number]
    value = None if amount is None else say("{money:money}", money=amount)
    known = n if finding.absent is None else finding.sentence
    return Tile(name, value, known, definition, finding.name, table=finding.name, absent=finding.absent)
