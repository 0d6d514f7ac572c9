"""Money that stands twice in exports: hidden sheets and rows, sets beside their parts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kam_analysis.errors import Problem
from kam_analysis.sources.mapping.arithmetic import Floats
from kam_analysis.sources.mapping.content import Content
from kam_analysis.sources.mapping.evidence import MOST_ROWS, agreement, text_of
from kam_analysis.sources.mapping.sample import TableSample
from kam_analysis.sources.workbook import hidden_rows

NO_PARENT = re.compile(r"0*")
FEWEST_SETS = 3
WHOLE = 0.95


@dataclass(frozen=True)
class Sets:
    """Lines that are parts of other lines: the column that says of which, the column it refers to, and their money.

    `agreed` is the share of the sets whose parts add up to them.
    """

    parent: str
    line: str
    of_sets: float
    of_parts: float
    agreed: float


def rows_hidden(sample: TableSample) -> list[int]:
    """Places, among the rows looked at, of those that a workbook hides."""
    if sample.sheet is None or not sample.numbers:
        return []
    hidden = hidden_rows(sample.path, sample.sheet)
    return [place for place, number in enumerate(sample.numbers) if number in hidden]


def ask_hidden(sample: TableSample, places: Sequence[int], column: str, money: Floats) -> Problem:
    """Ask whether hidden rows count, with what they hold."""
    what = f"{len(places):,} of {len(sample.rows):,} rows are hidden"
    if column:
        of_all, of_them = float(np.nansum(money)), float(np.nansum(money[places]))
        what += f"; they hold {of_them:,.2f} of {of_all:,.2f} in {column!r}"
    cure = "say whether they count: --answer hidden_rows=keep, or --answer hidden_rows=drop"
    return Problem(what, sample.where, cure=cure)


def ask_sets(found: Sets, where: str) -> Problem:
    """Ask whether lines below others are parts of them or come on top."""
    what = (
        f"{found.parent!r} says that lines belong to others: they hold {found.of_parts:,.2f}, those others "
        f"{found.of_sets:,.2f}, and they do not add up to them"
    )
    cure = f"say whether they are parts, not counted again: --role 'parent_line_id={found.parent}', or come on top: "
    return Problem(what, where, cure=f"{cure}--role 'parent_line_id='")


def sets_of(
    sample: TableSample, contents: Mapping[str, Content], order: str, money: Floats, spare: Sequence[str]
) -> Sets | None:
    """Find a column that names, for some lines, another line of their order: both have money, so that it stands twice.

    Parameters
    ----------
    sample : TableSample
    contents : mapping of str to Content
        By column.
    order : str
        The column of the orders' ids.
    money : array
        Money of every row.
    spare : sequence of str
        Columns that may name the other line.
    """
    rows = min(len(sample.rows), MOST_ROWS)
    orders = [text_of(cell) for cell in sample.cells(order)[:rows]]
    for parent in spare:
        named = [text_of(cell) for cell in sample.cells(parent)[:rows]]
        named = ["" if NO_PARENT.fullmatch(text) else text for text in named]
        if not any(named) or all(named):
            continue
        for line in _foreign_keys(sample, contents, parent, set(named) - {""}, rows):
            if (found := _held(parent, line, _by_set(sample, line, named, orders, money))) is not None:
                return found
    return None


def _foreign_keys(
    sample: TableSample, contents: Mapping[str, Content], parent: str, named: set[str], rows: int
) -> Iterator[str]:
    """Columns in which every name of a parent stands, and which tell lines apart."""
    for column in sample.head:
        content = contents.get(column)
        if column != parent and content is not None and content.filled and not content.is_date:
            cells = {text_of(cell) for cell in sample.cells(column)[:rows]}
            if len(cells) > 1 and named <= cells:
                yield column


def _by_set(
    sample: TableSample, line: str, named: Sequence[str], orders: Sequence[str], money: Floats
) -> list[tuple[float, float]] | None:
    """Money of every set and of its parts; None where a part belongs to no line of its order."""
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (order, cell) in enumerate(zip(orders, sample.cells(line), strict=False)):
        lines[order, text_of(cell)].append(place)
    parts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (order, text) in enumerate(zip(orders, named, strict=True)):
        if text:
            parts[order, text].append(place)
    if any(key not in lines or set(lines[key]) & set(places) for key, places in parts.items()):
        return None
    return [(float(np.nansum(money[lines[key]])), float(np.nansum(money[places]))) for key, places in parts.items()]


def _held(parent: str, line: str, sets: Sequence[tuple[float, float]] | None) -> Sets | None:
    both = [(one, other) for one, other in sets or () if one and other]
    if len(both) < FEWEST_SETS:
        return None
    whole, parts = (np.array(values) for values in zip(*both, strict=True))
    return Sets(parent, line, float(whole.sum()), float(parts.sum()), agreement(parts, whole))
