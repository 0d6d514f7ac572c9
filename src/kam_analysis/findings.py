"""What a room found: a question, a table, its numbers, a sentence filled from them, the name of its drawing, caveats.

Findings are plain data. They hold no formatted text: a `Message` is a template of the language catalogue and the
values that fill it, so the same finding reads in every language and its sentence cannot disagree with its table.

In a template every value names its format: ``{share:share}``. The formats are ``count`` (1,948), ``num1`` and ``num2``
(one and two decimals), ``money`` (short, £3.04 M), ``money_full`` (£8,300,083), ``share`` (3.4 %), ``share0`` (3 %),
``change`` (+3.4 %, 57-fold), ``points`` (+4 points, from a difference of shares), ``hundredths`` (+3.5, the same
without a word), ``date`` (9 Dec 2011), ``month`` (Dec 2011), ``period`` (a pair of dates, last day included: Sep–Nov
2011), ``names`` (a list of names, joined), ``value`` (an industry, a reason or the like of the source, in the reader's
language where the vocabulary knows it), and no format at all for a name, another message or an enum member, which
are put in as they are.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from string import Formatter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


RUNS_A_STAGE = "KAM_RUNS_A_STAGE"  # set in the kernel of a stage


@dataclass(frozen=True)
class Message:
    """A template of the language catalogue with the values that fill it; make one with `say` or `say_n`."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str | None = None
    count: str | None = None


def say(template: str, /, **values: Any) -> Message:
    """Give a sentence of the report: a template and its values.

    Examples
    --------
    >>> say("{who} is {share:share} of net sales.", who="Acme", share=0.035).values["share"]
    0.035
    """
    return Message(template, values)


def say_n(one: str, many: str, /, count: str, two: str | None = None, **values: Any) -> Message:
    """Give a sentence whose form depends on the number called `count`; `two` is the sentence for exactly two.

    Examples
    --------
    >>> say_n("{n:count} client", "{n:count} clients", count="n", n=3).plural
    '{n:count} clients'
    >>> say_n("The only unit", "All {n:count} units", count="n", two="Both units", n=2).template
    'Both units'
    """
    return Message(two, values) if two is not None and values[count] == 2 else Message(one, values, many, count)


def absent_numbers(names: Iterable[str], reason: str) -> dict[str, Any]:
    """Numbers of a finding that cannot be measured: each is None and has its reason beside it.

    Examples
    --------
    >>> absent_numbers(["nrr"], "no base")
    {'nrr': None, 'nrr_absent': 'no base'}
    """
    found: dict[str, Any] = {}
    for name in names:
        found |= {name: None, f"{name}_absent": reason}
    return found


def is_absent(value: object) -> bool:
    """Tell whether a value is missing: None, NaN, NaT or NA.

    Examples
    --------
    >>> is_absent(None), is_absent(float("nan")), is_absent(0)
    (True, True, False)
    """
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def fields(template: str) -> list[tuple[str, str]]:
    """Names and formats of the values that a template asks for, in order.

    Examples
    --------
    >>> fields("{who} is {share:share} of sales.")
    [('who', ''), ('share', 'share')]
    """
    return [(name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name is not None]


MULTIPLE_FROM = 2  # growth by so much, +200 %, reads as a multiple: 3-fold
NOTHING_BEFORE = say("The data do not reach back far enough to compare")


class Weight(StrEnum):
    """How much a caveat matters for what the reader may conclude; red ones are printed first."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


@dataclass(frozen=True)
class Caveat:
    """A consequence to keep in mind, computed from the data: a head of a few words and at most two sentences."""

    head: Message
    text: Message
    weight: Weight = Weight.AMBER


@dataclass(frozen=True)
class Words:
    """Text that a page writes in every row from raw columns, so that the table itself holds no sentence.

    Parameters
    ----------
    label : Message
        Head of the column.
    parts : sequence of sequences of Message
        Of every part the first template stands whose values are all there: a value that the message does not bring
        itself is the column of that name. A part without such a template is left out; parts are joined by semicolons.
    none : Message, optional
        What stands where no part does.
    """

    label: Message
    parts: Sequence[Sequence[Message]]
    none: Message | None = None

    def of(self, row: Mapping[str, Any]) -> Message | None:
        """Give the text of a row, None where there is none.

        Examples
        --------
        >>> words = Words(say("Limits"), [[say("{low:num} to {high:num}"), say("over {low:num}")]])
        >>> words.of({"low": 1.0, "high": None})
        Message(template='over {low:num}', values={'low': 1.0}, plural=None, count=None)
        """
        filled = ((_from_row(message, row) for message in part) for part in self.parts)
        texts = [text for part in filled if (text := next((text for text in part if text is not None), None))]
        words = texts[0] if texts else self.none
        for text in texts[1:]:
            words = say("{first}; {then}", first=words, then=text)
        return words


def _from_row(message: Message, row: Mapping[str, Any]) -> Message | None:
    """Fill a message from the columns of a row, nested messages too; None where one of them is missing."""
    values = {name: message.values.get(name, row.get(name)) for name, _ in fields(message.template)}
    values |= {name: _from_row(value, row) for name, value in values.items() if isinstance(value, Message)}
    if any(is_absent(value) for value in values.values()):
        return None
    return Message(message.template, values, message.plural, message.count)


@dataclass(frozen=True)
class Show:
    """How a page shows one column of a finding's table.

    Parameters
    ----------
    column : str
        A column of the finding's table, or the name of what `words` writes.
    bar : bool
        An inline bar left of the number, scaled to the column's maximum (0–1 for a share of weightings).
    chip : str, optional
        ``"plain"``: the words stand in a chip; ``"on"``: filled for the members listed in `strong`.
    strong : tuple of str
        Enum values drawn as a filled chip.
    wide : bool
        Text that needs room (a reason); on a phone it takes the full width of a card.
    words : Words, optional
        Writes the column from others.
    details : mapping of str to (str, str)
        Of several chips in a cell: for a member the columns with the name and the share that stand in its chip.
    strong_above : float, optional
        Of several chips those with a larger share are filled.
    write : str, optional
        Format of the values, where not the one of the column's kind.
    also : sequence of Show
        Columns that stand behind this one in the same cell, where they hold something.
    is_detail : bool
        Left out of the room's own page; pages of their own (board, managers) write it.
    """

    column: str
    bar: bool = False
    chip: bool = False
    strong: tuple[str, ...] = ()
    wide: bool = False
    words: Words | None = None
    details: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    strong_above: float | None = None
    write: str | None = None
    also: Sequence[Show] = ()
    is_detail: bool = False


@dataclass(frozen=True)
class Grid:
    """How a page shows a finding's table as a coloured grid or triangle; a pair without a row stays blank.

    Where several rows hold the same pair, the first is shown.

    Parameters
    ----------
    row, column : str
        Columns of the finding's table that name the rows and columns of the grid, in order of appearance.
    value : str
        The column that is shown first and colours the cell.
    also : tuple of str
        Further columns written under it.
    edges : tuple of float, optional
        Five rising lower edges of the colours; by default sixths of the largest value.
    columns : tuple of str
        Values of `column` in the order of the page; by default in order of appearance.
    words : str
        Column written in place of `value`, which then only colours the cell.
    """

    row: str
    column: str
    value: str
    also: tuple[str, ...] = ()
    edges: tuple[float, float, float, float, float] | None = None
    columns: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Finding:
    """The answer to one question of a room.

    Parameters
    ----------
    name : str
        Name of the table's contract and of ``reports/tables/<name>.csv``.
    question : Message
        What was asked.
    sentence : Message
        The answer with its numbers; the title of the chart or table.
    table : DataFrame
        What the sentence was computed from; checked against the contract `name`.
    numbers : mapping
        The headline numbers by name, raw.
    sub : Message
        Measure, unit, window: the line under the title.
    base : Message
        Source, base, n: the line below.
    show : sequence of str or Show
        Columns of the page's table in order; empty when only the drawing is shown.
    drawing : str, optional
        ``module.function`` of ``drawings``, called with this finding; by name, for no computing hangs on a chart.
    limits : mapping
        Thresholds of the parameters that the drawing shows, by name.
    grid : Grid, optional
        Shows the table as a coloured grid.
    sortable : bool
        Search and sort by every head (for tables of 24 rows and more).
    most_rows : int, optional
        Rows of the table or grid on the page, where fewer than ``report.max_rows`` say enough; the CSV has all.
    is_index : bool
        A list to search: up to 500 rows, whatever ``report.max_rows`` says, with a field to find a row.
    cards : bool
        On a phone every row becomes a card (action lists).
    grouped_by : str, optional
        Column of names under which the page sets the rows apart, the group of the first row first; the index does not.
    marked_by : str, optional
        A column of yes and no: rows with yes have a coloured edge.
    is_wide : bool
        The drawing needs the full width in print.
    on_index : bool
        The index shows the drawing (or the table, where there is none) too.
    caveats : sequence of Caveat
    none : Message, optional
        What an empty table says ("None of 9 salespeople. …").
    absent : Message, optional
        Why the question cannot be answered with these data; then neither table nor drawing is shown.
    """

    name: str
    question: Message
    sentence: Message
    table: pd.DataFrame
    numbers: Mapping[str, Any] = field(default_factory=dict)
    sub: Message | None = None
    base: Message | None = None
    show: Sequence[str | Show] = ()
    drawing: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    grid: Grid | None = None
    sortable: bool = False
    most_rows: int | None = None
    is_index: bool = False
    cards: bool = False
    grouped_by: str | None = None
    marked_by: str | None = None
    is_wide: bool = False
    on_index: bool = False
    caveats: Sequence[Caveat] = ()
    none: Message | None = None
    absent: Message | None = None

    @property
    def columns(self) -> set[str]:
        """Columns of its table that a page shows, or sets apart by; those written from others are not among them."""
        shown = [one if isinstance(one, Show) else Show(one) for one in self.show]
        grid = self.grid and {self.grid.row, self.grid.column, self.grid.value, *self.grid.also} | {
            *filter(None, [self.grid.words])
        }
        return {one.column for one in shown if not one.words} | (grid or set()) | {*filter(None, [self.grouped_by])}

    def _repr_html_(self) -> str | None:
        return preview("finding", self)


def preview(what: str, *values: Any) -> str | None:
    """Draw a finding or a part of a page for whoever works by hand; None in a run, which keeps data only.

    The drawing is found by name: what is computed does not depend on how it is shown.
    """
    if os.environ.get(RUNS_A_STAGE):
        return None
    html: str | None = getattr(import_module("kam_analysis.site.preview"), what)(*values)
    return html


@dataclass(frozen=True)
class Tile:
    """A headline figure: name, value, change from the previous value and its date, n, definition, table.

    `value` is None when the figure is not measurable; `absent` then says what is missing and when it will be there.
    """

    name: Message
    value: Message | None
    n: Message
    definition: Message
    key: str
    change: Message | None = None
    is_up: bool | None = None
    table: str | None = None
    absent: Message | None = None
