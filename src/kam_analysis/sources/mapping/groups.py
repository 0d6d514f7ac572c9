"""Rows that head others, and columns that are filled in the first row of a block only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kam_analysis.sources.mapping.content import NUMBER
from kam_analysis.sources.mapping.evidence import Evidence, text_of, undated

TOTAL = re.compile(r"^(sub-?total|grand total|total|sum|итого|всего|подытог|вкупно|меѓузбир|сума|ukupno|summe)\b", re.I)
FEWEST_HEADS = 2
BLANK_FROM = 0.1


@dataclass(frozen=True)
class Group:
    """A column in which rows without a date head the rows below.

    Parameters
    ----------
    column : str
    heads : tuple of str
        Texts of these rows, in order.
    is_nested : bool
        Whether heads stand below heads: then the column does not say which is which.
    """

    column: str
    heads: tuple[str, ...]
    is_nested: bool


def group_of(evidence: Evidence, date: str) -> Group | None:
    """Find the column of the heads of groups.

    Parameters
    ----------
    evidence : Evidence
    date : str
        The column of the dates.
    """
    seen = evidence.seen
    others = set(undated(seen.cells(date), evidence.of_full_rows(date)))
    dates = [text_of(cell) for cell in seen.cells(date)]
    is_head = [text == "" or text in others for text in dates]
    for column in (date, *(name for name in seen.head if name != date)):
        texts = [text_of(cell) for cell in seen.cells(column)]
        heads = [
            place
            for place, text in enumerate(texts)
            if is_head[place] and text and not TOTAL.match(text) and not NUMBER.match(text)
        ]
        beside = sum(bool(text) and not is_head[place] for place, text in enumerate(texts))
        if len(heads) < FEWEST_HEADS or (column != date and beside) or any(evidence.full[place] for place in heads):
            continue
        nested = sum(after == before + 1 for before, after in pairwise(heads))
        return Group(column, tuple(texts[place] for place in heads), nested > len(heads) / 4)
    return None


def first_only(evidence: Evidence, columns: Sequence[str], money: Sequence[str]) -> dict[str, int]:
    """Columns that are filled in the first row of every block, with the blank cells below.

    Either two of the columns are blank in the same rows, or a column's texts all differ.

    Parameters
    ----------
    evidence : Evidence
    columns : sequence of str
        Of the order, its date and its customer.
    money : sequence of str
        Columns of which one is filled in every line.
    """
    places = [
        place
        for place in range(len(evidence.seen.rows))
        if evidence.full[place] and any(text_of(evidence.seen.cells(column)[place]) for column in money[:1])
    ]
    blank: dict[str, tuple[int, ...]] = {}
    for column in columns:
        texts = [text_of(cell) for cell in evidence.seen.cells(column)]
        empty = tuple(place for place in places if not texts[place])
        if len(empty) >= BLANK_FROM * len(places) and empty and texts[places[0]]:
            blank[column] = empty
    found = {}
    for column, empty in blank.items():
        filled = [text for text in (text_of(cell) for cell in evidence.seen.cells(column)) if text]
        differ = len(set(filled)) == len(filled) >= FEWEST_HEADS + 1
        if differ or sum(other == empty for other in blank.values()) > 1:
            found[column] = len(empty)
    return found
