"""Rows of totals among the lines: told by their words and by arithmetic, and by arithmetic alone where words lack."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from kam_analysis.engine import Engine, statement

LEADING = (
    *(
        "sub-?total",
        "grand total",
        "total",
        "sum",
        "итого",
        "итог",
        "всего",
        "подытог",
        "общий итог",
        "вкупно",
        "меѓузбир",
        "сума",
    ),
    *("ukupno", "svega", "zusammen", "summe", "gesamt", "gesamtsumme", "gesamtergebnis"),
)
CLOSING = ("total", "итого", "итог", "всего", "вкупно", "ukupno", "gesamt", "ergebnis")
TOTALS = rf"(?mi)^({'|'.join(LEADING)})([^\pL]|$)|(^|[^\pL])({'|'.join(CLOSING)})[^\pL\pN]*$"
WORDS = re.compile(rf"^({'|'.join(LEADING)})(?![^\W\d_])|(?<![^\W\d_])({'|'.join(CLOSING)})\W*$", re.IGNORECASE)
FEWEST_SUMMED, FEWEST_UNNAMED = 2, 3
MOST = 0.5
CENTS = 100


@dataclass(frozen=True)
class Suspect:
    """A line without an item whose texts hold a word of totals, or that has no date or no text at all.

    Parameters
    ----------
    line : int
        Its number.
    block : tuple
        Lines that one column of numbers adds up: the part, and the month of a wide table.
    key : tuple
        Lines that are judged together: those of one row of a wide table, else those with the same text.
    name : str
        The text.
    is_unpivoted : bool
        Whether it comes from a wide table.
    above : str
        Customer of the nearest ordinary line above it.
    amount, sum_before : Decimal
        Its net sales, and those of all ordinary lines of the block above it.
    lines_before : int
        How many they are.
    """

    line: int
    block: tuple[object, ...]
    key: tuple[object, ...]
    name: str
    is_unpivoted: bool
    above: str
    amount: Decimal
    sum_before: Decimal
    lines_before: int

    @property
    def rest(self) -> str:
        """What is left of the text without the word of totals: nothing, or the name of what is summed up."""
        return WORDS.sub("", self.name).strip(" :.,-–—\u00a0")

    @property
    def is_named(self) -> bool:
        """Whether the line has a text of letters or digits."""
        return any(sign.isalnum() for sign in self.name)

    @property
    def fewest(self) -> int:
        """How many lines its amount must add up to be their sum."""
        if not self.is_named:
            return FEWEST_UNNAMED
        return 1 if self.is_bare or self.rest.casefold() == self.above.casefold() else FEWEST_SUMMED

    @property
    def is_bare(self) -> bool:
        """Whether the text says nothing but that it is a total."""
        return not any(sign.isalnum() for sign in self.rest)


def find_totals(engine: Engine) -> None:
    """Make the table ``totals_lines`` out of ``lines_shown``: the lines that are rows of totals."""
    engine.materialise("totals_named", statement(__file__, "totals_named"), totals=TOTALS)
    rows = engine.rows(statement(__file__, "totals_suspects"))
    suspects = [
        Suspect(line, (part, month), (part, row if wide or not name else name), name, wide, above or "", *sums)
        for line, part, month, row, name, wide, above, *sums in rows
    ]
    engine.put("totals_lines", pd.DataFrame({"line": pd.Series(totals_among(suspects), dtype="int64")}))


def totals_among(suspects: Sequence[Suspect]) -> list[int]:
    """Give the lines that are totals.

    Lines that say nothing but "total" are totals in a wide table, and elsewhere where most of them are sums of lines
    above; a line without any text is one where it is the sum of three lines or more. Lines that name something too
    ("Total Acme") are, where all of them are sums of two lines or more, or of lines of that very name: a customer
    called "Total Energies" has lines that are no sums.

    Parameters
    ----------
    suspects : sequence of Suspect
        In the order of the file.
    """
    customers: set[tuple[object, ...]] = set()
    while True:
        sums = _sums(suspects, customers)
        lines, fitting = Counter(one.key for one in suspects), Counter(one.key for one in suspects if one.line in sums)
        wrong = [one for one in suspects if not _are_totals(one, fitting[one.key], lines[one.key])]
        named = {one.key for one in wrong if not one.is_bare} - customers
        more = named or {one.key for one in wrong} - customers
        if not more:
            return [one.line for one in suspects if one.key not in customers]
        customers |= more


def _are_totals(one: Suspect, fitting: int, lines: int) -> bool:
    if one.is_bare:
        return (one.is_unpivoted and one.is_named) or fitting > lines * MOST
    return fitting == lines


def _sums(suspects: Sequence[Suspect], customers: Collection[tuple[object, ...]]) -> set[int]:
    """Lines whose amount is the sum of the ordinary lines since the beginning or since a row of totals."""
    found: set[int] = set()
    bounds: dict[tuple[object, ...], dict[int, int]] = {}
    own: dict[tuple[object, ...], tuple[Decimal, int]] = {}
    for one in suspects:
        added, times = own.get(one.block, (Decimal(0), 0))
        total, lines = one.sum_before + added, one.lines_before + times
        seen = bounds.setdefault(one.block, {0: 0})
        if one.key in customers:
            own[one.block] = (added + one.amount, times + 1)
            continue
        start = round((total - one.amount) * CENTS)
        summed = [lines - seen[bound] for bound in (start - 1, start, start + 1) if bound in seen]
        if one.amount and max(summed, default=0) >= one.fewest:
            found.add(one.line)
        seen[round(total * CENTS)] = lines
    return found
