"""Rows that head others, and columns that are filled in the first row of a block only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kam_analysis.sources.mapping.content import NUMBER
from kam_analysis.sources.mapping.evidence import TOTAL, Evidence, text_of, undated
from kam_analysis.sources.mapping.sample import TableSample

FEWEST_HEADS = 2
BLANK_FROM = 0.1
BLANK_IN_BLOCKS = 1 / 3


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


def group_of(evidence: Evidence, date: str, customer: str | None = None) -> Group | None:
    """Find the column of the heads of groups.

    Parameters
    ----------
    evidence : Evidence
    date : str
        The column of the dates.
    customer : str or None
        The column known as the customer's: heads may stand in it above texts of another kind.
    """
    sample = evidence.sample
    others = set(undated(sample.cells(date), evidence.of_full_rows(date)))
    dates = [text_of(cell) for cell in sample.cells(date)]
    is_head = [text == "" or text in others for text in dates]
    for column in (date, *(name for name in sample.head if name != date)):
        texts = [text_of(cell) for cell in sample.cells(column)]
        heads = [
            place
            for place, text in enumerate(texts)
            if is_head[place] and text and not TOTAL.match(text) and not NUMBER.match(text)
        ]
        beside = {text for place, text in enumerate(texts) if text and not is_head[place]}
        is_apart = column == customer and heads[:1] == [0] and not beside & {texts[place] for place in heads}
        is_odd = column != customer and any(evidence.full[place] for place in heads)
        if len(heads) < FEWEST_HEADS or is_odd:
            continue
        if beside and column != date and not is_apart:
            continue
        nested = sum(after == before + 1 for before, after in pairwise(heads))
        return Group(column, tuple(texts[place] for place in heads), nested > len(heads) / 4)
    return None


def first_only(evidence: Evidence, columns: Sequence[str], money: Sequence[str]) -> dict[str, int]:
    """Columns that are filled in the first row of every block, with the blank cells below.

    The texts of such a column all differ and a third of its cells or more are blank; or it is blank in the rows in
    which another one is whose texts all differ.

    Parameters
    ----------
    evidence : Evidence
    columns : sequence of str
        Of the order, its date and its customer.
    money : sequence of str
        Columns of the lines, of which the first is filled in every line.
    """
    sold = [text_of(cell) for cell in evidence.sample.cells(money[0])]
    places = [place for place, text in enumerate(sold) if text and evidence.full[place]]
    blank: dict[str, tuple[int, ...]] = {}
    for column in columns:
        texts = [text_of(cell) for cell in evidence.sample.cells(column)]
        empty = tuple(place for place in places if not texts[place])
        if empty and len(empty) >= BLANK_FROM * len(places) and texts[places[0]]:
            blank[column] = empty
    own = {column: [text for text in map(text_of, evidence.sample.cells(column)) if text] for column in blank}
    differ = {column for column, texts in own.items() if len(set(texts)) == len(texts) > FEWEST_HEADS}
    found = {}
    for column, empty in blank.items():
        alike = {other for other, places_of_it in blank.items() if places_of_it == empty}
        is_block = column in differ and len(empty) >= BLANK_IN_BLOCKS * len(places)
        if is_block or (len(alike) > 1 and alike & differ):
            found[column] = len(empty)
    return found


def once_per_order(sample: TableSample, order: str, columns: Sequence[str]) -> list[str]:
    """Columns that are filled on the first line of every order, and blank on all its other lines.

    Parameters
    ----------
    sample : TableSample
    order : str
        The column of the orders' ids, which stand on every line.
    columns : sequence of str
        Columns to be looked at.
    """
    ids = [text_of(cell) for cell in sample.cells(order)]
    places = [place for place, text in enumerate(ids) if text]
    firsts = [place for before, place in pairwise([-1, *places]) if before < 0 or ids[before] != ids[place]]
    others = set(places) - set(firsts)
    found = []
    for column in dict.fromkeys(columns):
        texts = [text_of(cell) for cell in sample.cells(column)]
        if len(others) >= FEWEST_HEADS and all(texts[one] for one in firsts) and not any(texts[one] for one in others):
            found.append(column)
    return found
