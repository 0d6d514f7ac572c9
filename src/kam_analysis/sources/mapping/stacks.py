"""Reports whose groups stand under one another in one column, and columns that name documents: told and unfolded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.documents import document_cells, document_parts
from kam_analysis.sources.levels import SIGNALS, TESTS, Line, Placed, cells_of, place
from kam_analysis.sources.mapping.arithmetic import numbers
from kam_analysis.sources.mapping.content import Content, bare, marks
from kam_analysis.sources.mapping.evidence import text_of, undated
from kam_analysis.sources.mapping.sample import SAMPLE_ROWS, TableSample
from kam_analysis.sources.mapping.words import order_words, similarity
from kam_analysis.sources.profile import LEVEL_ROLES, LEVELS, MADE
from kam_analysis.sources.workbook import row_depths

DATED, NAMED, TOLD, KNOWN = 0.8, 0.9, 0.5, 0.8
FEWEST_NAMED = 3
MOST_COLUMNS = 3
PLACES = 4
GUESSED: tuple[tuple[str, ...], ...] = (
    *(("customer_name", "document"), ("customer_name", "document", "item"), ("document", "item")),
    *(("customer_name", "month"), ("customer_name", "month", "item")),
)
SUMMED = ("amount", "qty", "cost")
BETWEEN = re.compile(r"\s*[,/\\|>\n]\s*")


@dataclass(frozen=True)
class Stack:
    """A column of groups: its levels, the rows as they were placed, and what told it."""

    column: str
    levels: tuple[str, ...]
    lines: tuple[Line, ...]
    placed: Placed


def unfolded(sample: TableSample, contents: Mapping[str, Content], levels: Sequence[str], within: float) -> TableSample:
    """Give a table with one line per row: groups and documents that a column names become columns of their own.

    Parameters
    ----------
    sample : TableSample
    contents : mapping of str to Content
        By column.
    levels : sequence of str
        As a person answered, the outermost first; empty where the table itself should tell.
    within : float
        How far a subtotal may be off the sum of its rows.

    Raises
    ------
    UserError
        When groups stand under one another and the table does not tell what they are, or not as the answer says.
    """
    if unknown := [level for level in levels if level not in LEVELS]:
        raise UserError(Problem(f"unknown {', '.join(unknown)}", "--levels", cure=f"levels: {', '.join(LEVELS)}"))
    dates = [
        name for name, content in contents.items() if content.is_date and content.filled >= DATED * len(sample.rows)
    ]
    columns = [name for name, content in contents.items() if content.filled and not content.is_number]
    if not levels and dates:
        return sample
    if not levels and (named := _names_documents(sample, columns)):
        return _with_documents(sample, named)
    if not sample.numbers:
        return sample
    found = _stack(sample, contents, [column for column in columns if column not in dates], levels, within)
    return _leaves(sample, found, within) if found else sample


def _names_documents(sample: TableSample, columns: Sequence[str]) -> str | None:
    """The column whose cells nearly all name documents, some of several lines or all of one."""
    for column in columns:
        texts = [text for text in map(text_of, sample.cells(column)) if text]
        named = sum(document_parts(text) is not None for text in texts)
        if named >= max(FEWEST_NAMED, NAMED * len(texts)):
            return column
    return None


def _with_documents(sample: TableSample, column: str) -> TableSample:
    cells = [document_cells(text) if (text := text_of(cell)) else {} for cell in sample.cells(column)]
    return _with(sample, cells, range(len(sample.rows)), {"document": column})


def _leaves(sample: TableSample, stack: Stack, within: float) -> TableSample:
    """The rows of the innermost level, with what stands above them."""
    texts: list[str] = []
    cells, places = [], []
    for number, (line, level) in enumerate(zip(stack.lines, stack.placed.levels, strict=True)):
        if level is None:
            continue
        texts = [*texts[:level], line.text]
        if level == len(stack.levels) - 1:
            cells.append(cells_of(stack.levels, texts))
            places.append(number)
    settings = {"group": stack.column, "levels": list(stack.levels)}
    made = _with(sample, cells, places, settings | ({"subtotals_within": within} if within else {}))
    column = sample.head.index(stack.column)
    head = made.head[:column] + made.head[column + 1 :]
    return replace(made, head=head, rows=[row[:column] + row[column + 1 :] for row in made.rows])


def _with(
    sample: TableSample, cells: Sequence[Mapping[str, str | None]], places: Sequence[int], more: dict[str, Any]
) -> TableSample:
    made = list(dict.fromkeys(role for row in cells for role in row if role in LEVEL_ROLES or role == "kind"))
    width = len(sample.head)
    rows = [
        [*sample.rows[place], *[None] * (width - len(sample.rows[place])), *(row.get(role) for role in made)]
        for place, row in zip(places, cells, strict=True)
    ]
    head = (*sample.head, *(f"{MADE}{role}" for role in made))
    return replace(sample, head=head, rows=rows, settings=sample.settings | more, numbers=())


def _stack(
    sample: TableSample, contents: Mapping[str, Content], columns: Sequence[str], levels: Sequence[str], within: float
) -> Stack | None:
    dated = next((name for name, content in contents.items() if content.is_date and name not in columns), None)
    money = _money(sample, contents)
    for column in columns[:MOST_COLUMNS]:
        lines = _lines(sample, contents, column, dated, money)
        for candidate in [levels] if levels else _candidates(sample, column, lines):
            for shown in _whole(sample, lines, candidate):
                placed = place(shown, candidate, Decimal(str(within)))
                if _fits(placed, sample, candidate):
                    return Stack(column, tuple(candidate), shown, placed)
        if not levels and (depths := _depths(lines)):
            _ask_levels(sample, column, lines, depths, Decimal(str(within)))
    if levels:
        what = "the rows do not stand under one another as said"
        cure = "name every level, the outermost first, or export with every grouping in a column of its own"
        raise UserError(Problem(what, f"{sample.where}, --levels {','.join(levels)}", cure=cure))
    return None


def _whole(sample: TableSample, lines: tuple[Line, ...], levels: Sequence[str]) -> Iterator[tuple[Line, ...]]:
    """The lines; of a sample also without the last ones, which may head rows beyond it."""
    is_cut = len(sample.rows) >= SAMPLE_ROWS
    return (lines[: len(lines) - number] for number in range(len(levels) if is_cut else 1))


def _fits(placed: Placed, sample: TableSample, levels: Sequence[str]) -> bool:
    """Whether rows stand as levels say, and most heads are the sums of their rows; of a sample the last may not be."""
    heads = sum(level is not None and level < len(levels) - 1 for level in placed.levels)
    is_cut = len(sample.rows) >= SAMPLE_ROWS
    off = len({one.place for one in placed.off}) - (len(levels) if is_cut else 0)
    return not placed.broken and placed.is_sure and heads > 0 and off <= heads * (1 - TOLD)


def _lines(
    sample: TableSample, contents: Mapping[str, Content], column: str, dated: str | None, money: Sequence[Sequence[Any]]
) -> tuple[Line, ...]:
    cells = sample.cells(column)
    depths: Mapping[int, tuple[int, ...]] = {}
    if sample.sheet is not None:
        depths = row_depths(
            sample.path, sample.sheet, sample.head.index(column), dict(zip(sample.numbers, cells, strict=True))
        )
    else:
        texts = ["" if cell is None else str(cell) for cell in cells]
        depths = {
            number: (0, 0, len(text) - len(text.lstrip())) for number, text in zip(sample.numbers, texts, strict=True)
        }
    others = set(undated(sample.cells(dated), contents[dated])) if dated else set()
    days = [text_of(cell) for cell in sample.cells(dated)] if dated else [""] * len(cells)
    return tuple(
        Line(number, text_of(cell), tuple(values), depths.get(number, ()), bool(day) and day not in others)
        for number, cell, day, *values in zip(sample.numbers, cells, days, *money, strict=True)
    )


def _money(sample: TableSample, contents: Mapping[str, Content]) -> list[list[Decimal | None]]:
    """Numbers that add up: of the columns whose heads say so, else of the last column of numbers."""
    columns = [name for name, content in contents.items() if content.is_number and not content.is_date]
    known = [name for name in columns if _role_of(name, SUMMED)]
    made = []
    for name in known or columns[-1:]:
        cells = sample.cells(name)
        texts = [bare(text_of(cell), contents[name].units) for cell in cells if isinstance(cell, str) and cell.strip()]
        decimal, thousands = marks(texts) or (".", ",")
        read = np.round(numbers(cells, decimal, thousands, contents[name].units), PLACES)
        made.append([Decimal(str(value)) if np.isfinite(value) else None for value in read])
    return made


def _role_of(words: str, roles: Sequence[str]) -> str | None:
    found = {role: similarity(words, order_words()[role]) for role in roles if role in order_words()}
    scores = {role: one.score for role, one in found.items() if one is not None and one.score >= KNOWN}
    return max(scores, key=lambda role: scores[role]) if scores else None


def _depths(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines by their depth, the outermost first, by the first signal that shows several and begins with the least."""
    has_dates = any(line.is_dated for line in lines)
    body = [line for line in lines if line.text and not line.is_dated and (line.has_value or has_dates)]
    for signal in range(len(SIGNALS)):
        known = [line for line in body if len(line.depths) > signal]
        depths = sorted({line.depths[signal] for line in known})
        if len(depths) > 1 and known[0].depths[signal] == depths[0]:
            return [[line for line in known if line.depths[signal] == depth] for depth in depths]
    return []


def _kind(lines: Sequence[Line]) -> str | None:
    """Whether most texts of a level name documents, months or days."""
    for kind, test in TESTS.items():
        if sum(test(line.text) is not None for line in lines) > TOLD * len(lines):
            return kind
    return None


def _candidates(sample: TableSample, column: str, lines: Sequence[Line]) -> Iterator[tuple[str, ...]]:
    """Levels that the table may have: by its depths and the words of its head, else by forms that are usual."""
    words = sample.stacked if len(sample.stacked) > 1 else tuple(BETWEEN.split(column))
    said = [_level_of(word) for word in words] if len(words) > 1 else []
    depths = _depths(lines)
    has_dates = any(line.is_dated for line in lines)
    if depths:
        kinds = [_kind(level) for level in depths]
        if len(said) == len(depths) + has_dates and len(said) > 1:
            named = [
                kind or (one if one not in ("document", "month", "order_date") else "other")
                for kind, one in zip([*kinds, *["line"] * has_dates], said, strict=True)
            ]
            yield tuple(named)
        elif not has_dates and (guessed := _guessed(kinds)):
            yield guessed
        return
    if has_dates:
        return
    typed = Counter(kind for line in lines for kind in [_kind([line])] if kind)
    if said and (typed or all(one != "other" for one in said)):
        yield tuple(said)
    for levels in GUESSED if len(lines) > sum(typed.values()) else ():
        if set(levels) & {kind for kind, count in typed.items() if count >= FEWEST_NAMED}:
            yield levels


def _guessed(kinds: Sequence[str | None]) -> tuple[str, ...] | None:
    """Levels of which one names documents, months or days: above it the customer, below it the item."""
    told = [number for number, kind in enumerate(kinds) if kind]
    if len(told) != 1 or told[0] > 1 or len(kinds) - told[0] > 2:
        return None
    return tuple(kind or ("customer_name" if number < told[0] else "item") for number, kind in enumerate(kinds))


def _level_of(words: str) -> str:
    """The level that a word of the head names; documents and orders by number and date are one."""
    role = _role_of(words, LEVEL_ROLES)
    if role == "customer_id":
        return "customer_name"
    if role == "order_id":
        return "document"
    return "item" if role == "sku" else role or "other"


def _ask_levels(
    sample: TableSample, column: str, lines: Sequence[Line], depths: Sequence[Sequence[Line]], within: Decimal
) -> None:
    """Ask what the levels are where the sums prove that there are some."""
    names = (*("other" for _ in depths), *(["line"] if any(line.is_dated for line in lines) else []))
    if not _fits(place(lines, names, within), sample, names):
        return
    what = f"groups stand under one another on {len(depths)} levels, and what they are cannot be told"
    examples = [f"level {number}: {level[0].text}" for number, level in enumerate(depths, 1)]
    cure = "name them, the outermost first, as in --levels manager,customer_name,document"
    raise UserError(Problem(what, f"{sample.where}, column {column}", None, examples, cure))
