"""Reports whose groups stand under one another in one column: the level of every row, and whether subtotals add up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from kam_analysis.engine import Engine, quoted
from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.columns import Reading
from kam_analysis.sources.dates import month_of
from kam_analysis.sources.documents import DAY, document_cells, document_parts
from kam_analysis.sources.profile import HEAD, MADE, TWIN, Orders
from kam_analysis.sources.read import RawPart

SIGNALS = ("outline levels of the sheet", "indents of the cells", "blanks before the texts")
BY_SUMS, BY_PATTERNS = "subtotals and patterns of the cells", "patterns of the cells"
TYPED = ("document", "month", "order_date", "line")
ADDITIVE = ("amount", "qty", "cost", "margin", "discount")
EXACT = "DECIMAL(18,4)"
BEAM = 32
MATCHING = 0.5
IS_DAY = re.compile(rf"(?P<day>{DAY})(?:[\sT,]+[0-9:]+)?\s*(?:г\.?|год[аи]?\.?)?")
TOTAL_WORDS = "(?:(?:общий |grand |sub-?|се )?(?:итоги?|итого|всего|total|вкупно|меѓузбир|ukupno|svega|gesamt|summe))"
BARE_TOTAL = re.compile(rf"\W*{TOTAL_WORDS}\W*", re.IGNORECASE)
NAMED_TOTAL = re.compile(
    rf"{TOTAL_WORDS}\W+(?:по |for |за |by |für )?(?P<after>.+)|(?P<before>.+)\W+{TOTAL_WORDS}\W*", re.I
)


@dataclass(frozen=True)
class Line:
    """A row of a stacked report: the text of its group, its numbers, and what tells its depth.

    `depths` stand in the order of ``SIGNALS``; `is_dated` means a date in a column of its own.
    """

    row: int
    text: str
    values: tuple[Decimal | None, ...]
    depths: tuple[int, ...] = ()
    is_dated: bool = False

    @property
    def has_value(self) -> bool:
        """Whether any number stands in the row."""
        return any(value is not None for value in self.values)


@dataclass(frozen=True)
class Off:
    """A subtotal that its rows do not add up to: the place of the line and of the number, and the sum."""

    place: int
    value: int
    summed: Decimal


@dataclass
class Placed:
    """Levels of the lines (from 0; None outside of the groups), which are totals, what told it, and what is wrong."""

    levels: list[int | None]
    totals: set[int]
    found_by: str = ""
    off: list[Off] = field(default_factory=list)
    broken: dict[str, list[int]] = field(default_factory=dict)
    is_sure: bool = True


TESTS: Mapping[str, Callable[[str], object]] = {
    "document": document_parts,
    "month": month_of,
    "order_date": IS_DAY.fullmatch,
}


def place(lines: Sequence[Line], levels: Sequence[str], within: Decimal = Decimal(0)) -> Placed:
    """Tell of what level every line is: by its depth where the file shows one, else by patterns and subtotals.

    Parameters
    ----------
    lines : sequence of Line
    levels : sequence of str
        `levels` of the profile, the outermost first.
    within : Decimal
        How far a subtotal may be off the sum of its rows.

    Examples
    --------
    >>> rows = [("Acme", 30), ("Tea", 10), ("Cup", 20), ("Borg", 5), ("Tea", 5), ("Total", 35)]
    >>> lines = [Line(row, text, (Decimal(value),)) for row, (text, value) in enumerate(rows, 2)]
    >>> placed = place(lines, ["customer_name", "item"])
    >>> placed.levels, placed.totals, placed.off
    ([0, 1, 1, 0, 1, None], {5}, [])
    """
    last = max((number for number, line in enumerate(lines) if line.has_value), default=-1)
    totals = set(_totals(lines[: last + 1]))
    body = [
        number for number in range(last + 1) if number not in totals and (lines[number].text or lines[number].is_dated)
    ]
    totals |= {number for number in range(last + 1) if number not in body and lines[number].has_value}
    placed = Placed([None] * len(lines), totals)
    shown = [lines[number] for number in body]
    found, found_by, depths = _by_depth(shown, levels)
    if found is None:
        found, placed.is_sure, is_exact = _by_sums(shown, levels, within)
        found_by = BY_SUMS if sum(one not in TYPED for one in levels) > 1 else BY_PATTERNS
        if depths and not (found and is_exact):
            placed.broken[f"the rows have {depths}, and `levels` names {len(levels)} levels"] = body[:3]
            found = None
    for number, level in zip(body, found or [], strict=False):
        placed.levels[number] = level
    placed.found_by = found_by
    if found is None:
        placed.broken = placed.broken or {"the rows do not stand as `levels` says": body[:3]}
    else:
        _hold(lines, placed, len(levels), within)
        _fit(lines, placed, levels)
    return placed


def _totals(lines: Sequence[Line]) -> Iterator[int]:
    """Lines that say that they are totals: alone, or of what a line above them names."""
    above: set[str] = set()
    for number, line in enumerate(lines):
        if BARE_TOTAL.fullmatch(line.text):
            yield number
        named = NAMED_TOTAL.fullmatch(line.text)
        if named and (named["after"] or named["before"]).strip(" :.-–—").casefold() in above:
            yield number
        above.add(line.text.casefold())


def _could(level: str, line: Line, levels: Sequence[str]) -> bool:
    """Whether the text of a line can be of a level: documents, months and days are of no other one."""
    if level == "line" or line.is_dated:
        return (level == "line") == line.is_dated
    if level in TESTS:
        return TESTS[level](line.text) is not None
    return bool(line.text) and not any(TESTS[one](line.text) for one in levels if one in TESTS)


def _by_depth(lines: Sequence[Line], levels: Sequence[str]) -> tuple[list[int] | None, str, str]:
    """Levels by the first signal with as many depths as there are levels, else how many depths there are."""
    has_lines = levels[-1] == "line"
    heads = [line for line in lines if not (has_lines and line.is_dated)]
    wanted = len(levels) - has_lines
    seen = ""
    for number, signal in enumerate(SIGNALS):
        depths = sorted({line.depths[number] for line in heads if len(line.depths) > number})
        if len(depths) == wanted > 1 and all(len(line.depths) > number for line in heads):
            ranks = {depth: rank for rank, depth in enumerate(depths)}
            made = [wanted if has_lines and line.is_dated else ranks[line.depths[number]] for line in lines]
            return made, signal, ""
        if len(depths) > 1 and not seen:
            seen = f"{len(depths)} depths by the {signal}"
    return None, "", seen


@dataclass(frozen=True)
class _State:
    """A way to read the lines so far: open groups with what is left of their subtotals, and how well it fits."""

    open: tuple[tuple[tuple[int | None, ...], bool], ...] = ()
    off: int = 0
    exact: int = 0
    path: tuple | None = None  # type: ignore[type-arg]
    is_sure: bool = True

    @property
    def rank(self) -> tuple[int, int]:
        return self.off, -self.exact


def _by_sums(lines: Sequence[Line], levels: Sequence[str], within: Decimal) -> tuple[list[int] | None, bool, bool]:
    """Levels that fit the patterns of the texts and the most subtotals; whether no others do, and whether all fit."""
    states, deepest, slack = [_State()], len(levels) - 1, int(within * 10**6)
    known: dict[tuple[str, bool], list[int]] = {}
    for line in lines:
        key = (line.text, line.is_dated)
        if key not in known:
            known[key] = [level for level, name in enumerate(levels) if _could(name, line, levels)]
        values = tuple(None if value is None else int(value * 10**6) for value in line.values)
        made: dict[object, _State] = {}
        for state in states:
            for level in known[key]:
                if level > len(state.open) or (level == deepest and not line.has_value):
                    continue
                closed = _closed(state, level, slack)
                if closed is None:
                    continue
                left = closed.open
                if level == deepest:
                    left = tuple((_less(rest, values), True) for rest, _ in left)
                else:
                    left = (*((rest, True) for rest, _ in left), (values, False))
                new = replace(closed, open=left, path=(level, state.path))
                same = made.get(left)
                if same is None or new.rank < same.rank:
                    made[left] = new
                elif new.rank == same.rank:
                    made[left] = replace(same, is_sure=False)
        states = sorted(made.values(), key=lambda state: state.rank)[:BEAM]
    ended = sorted((end for state in states if (end := _closed(state, 0, slack))), key=lambda state: state.rank)
    if not ended:
        return None, True, False
    best, path = ended[0], []
    step = best.path
    while step is not None:
        level, step = step
        path.append(level)
    is_sure = best.is_sure and (len(ended) == 1 or ended[1].rank > best.rank)
    return path[::-1], is_sure, best.off == 0


def _closed(state: _State, level: int, slack: int) -> _State | None:
    """The state with the groups from a level on closed; None where one of them has no rows."""
    off, exact = state.off, state.exact
    for rest, has_rows in state.open[level:]:
        if not has_rows:
            return None
        told = [value for value in rest if value is not None]
        if any(abs(value) > slack for value in told):
            off += 1
        elif told:
            exact += 1
    return replace(state, open=state.open[:level], off=off, exact=exact)


def _less(rest: tuple[int | None, ...], values: tuple[int | None, ...]) -> tuple[int | None, ...]:
    return tuple(None if left is None else left - (value or 0) for left, value in zip(rest, values, strict=True))


def _hold(lines: Sequence[Line], placed: Placed, depth: int, within: Decimal) -> None:
    """Hold every subtotal and total against the sum of the rows below it, and every row against the one above it."""
    width = max((len(line.values) for line in lines), default=0)
    whole = [Decimal(0)] * width
    opened: list[tuple[int, list[Decimal], bool]] = []
    unmet: list[int] = []

    def close(level: int) -> None:
        while len(opened) > level:
            number, sums, has_rows = opened.pop()
            if has_rows:
                placed.off.extend(_off(lines[number], number, sums, within))
            elif any(lines[number].values):
                placed.broken.setdefault("has an amount, and no rows stand below it", []).append(number)

    for number, line in enumerate(lines):
        level = placed.levels[number]
        sums_above = [whole, *(sums for _, sums, _ in opened)]
        if number in placed.totals and all([*_off(line, number, sums, within)] for sums in sums_above):
            unmet.append(number)
        if level is None:
            continue
        if level > len(opened):
            placed.broken.setdefault("stands more than one level below the row above it", []).append(number)
            continue
        close(level)
        opened[:] = [(head, sums, True) for head, sums, _ in opened]
        if level < depth - 1:
            opened.append((number, [Decimal(0)] * width, False))
            continue
        for sums in [whole, *(sums for _, sums, _ in opened)]:
            for column, value in enumerate(line.values):
                sums[column] += value or Decimal(0)
    close(0)
    for number in unmet:
        placed.off.extend(_off(lines[number], number, whole, within))


def _off(line: Line, number: int, sums: Sequence[Decimal], within: Decimal) -> Iterator[Off]:
    for column, value in enumerate(line.values):
        if value is not None and abs(value - sums[column]) > within:
            yield Off(number, column, sums[column])


def _fit(lines: Sequence[Line], placed: Placed, levels: Sequence[str]) -> None:
    """Say where most texts of a level of documents, months or days name none."""
    for level, name in enumerate(levels):
        of_it = [number for number, found in enumerate(placed.levels) if found == level]
        wrong = [number for number in of_it if name in TYPED and not _could(name, lines[number], levels)]
        if len(wrong) > len(of_it) * MATCHING:
            placed.broken[f"most rows of level {level + 1} are no {name}"] = wrong


def levelled(engine: Engine, part: RawPart, spec: Orders) -> RawPart:
    """Give a part of a stacked report with a column for every level; heads and totals are marked, not left out.

    Raises
    ------
    UserError
        When rows do not stand as `levels` says, their levels cannot be told, or a subtotal is not the sum of its rows.
    """
    columns = _added(part, spec)
    group = Reading(str(spec.group), part.types[str(spec.group)], spec).text()
    is_dated = "false"
    if spec.levels[-1] == "line":
        date = spec.columns["order_date"]
        is_dated = f"{Reading(date, part.types[date], part.spec(spec)).order_date()} IS NOT NULL"
    numbers = [Reading(column, part.types[column], spec).number(EXACT) for column in columns]
    asked = ", ".join(["_row", f"coalesce({group}, '')", is_dated, *numbers])
    lines = [
        Line(row, text, tuple(values), part.depths.get(row, ()), dated)
        for row, text, dated, *values in engine.rows(f"SELECT {asked} FROM {quoted(part.view)} ORDER BY _row")
    ]
    placed = place(lines, spec.levels, Decimal(str(spec.subtotals_within)))
    if problems := [*_problems(part, spec, lines, placed, columns)]:
        raise UserError(problems)
    return _with_levels(engine, part, spec, lines, placed)


def _added(part: RawPart, spec: Orders) -> list[str]:
    """Columns whose subtotals are held against their rows."""
    roles = [role for role in ADDITIVE if not (role == "cost" and spec.cost == "unit")]
    roles = [role for role in roles if role != "discount" or spec.discount == "money"]
    columns = [*(spec.columns[role] for role in roles if role in spec.columns), *spec.months, *spec.month_quantities]
    return [column for column in dict.fromkeys(columns) if column in part.types]


def _problems(
    part: RawPart, spec: Orders, lines: Sequence[Line], placed: Placed, columns: Sequence[str]
) -> Iterator[Problem]:
    where = f"{part.where}, column {spec.group}"
    for what, numbers in placed.broken.items():
        examples = [f"row {lines[number].row}: {lines[number].text!r}" for number in numbers]
        cure = "correct orders.levels in the source profile, or export with every grouping on a level of its own"
        yield Problem(f"broken nesting: {what}", where, len(numbers), examples, cure)
    if placed.broken:
        return
    if not placed.is_sure:
        what = "the levels of the rows can be told in more than one way"
        cure = "export as XLSX with outline levels or indents, or with the groupings in columns of their own"
        yield Problem(what, where, cure=cure)
        return
    for number, column in enumerate(columns):
        off = [one for one in placed.off if one.value == number]
        if off:
            examples = [
                f"row {lines[one.place].row}: {lines[one.place].text!r} says {lines[one.place].values[number]}, "
                f"its rows add up to {one.summed}"
                for one in off
            ]
            most = max(abs((lines[one.place].values[number] or 0) - one.summed) for one in off)
            size = f"{most.normalize():f}"
            cure = (
                f"export again, or let them differ: orders.subtotals_within: {size} (kam map --subtotals-within {size})"
            )
            yield Problem(
                "subtotals are not the sums of their rows", f"{part.where}, column {column}", len(off), examples, cure
            )


def _with_levels(engine: Engine, part: RawPart, spec: Orders, lines: Sequence[Line], placed: Placed) -> RawPart:
    import pyarrow as pa

    names = [column.removeprefix(MADE) for column in spec.made_columns()]
    made: Mapping[str, list[str | None]] = {name: [] for name in names}
    heads: list[bool | None] = []
    twins: list[str] = []
    texts: list[str] = []
    times: dict[tuple[object, ...], int] = {}
    for number, line in enumerate(lines):
        level = placed.levels[number]
        texts = [] if level is None else [*texts[:level], line.text]
        cells = cells_of(spec.levels, texts)
        for name in names:
            made[name].append(cells.get(name))
        is_head = number in placed.totals or (level is not None and level < len(spec.levels) - 1)
        heads.append(is_head)
        key = (tuple(texts), line.text, line.values)
        times[key] = times.get(key, 0) + 1
        twins.append(str(times[key]))
    table = pa.table(
        {"_at": [line.row for line in lines]}
        | {f"{MADE}{name}": pa.array(cells, pa.string()) for name, cells in made.items()}
        | {HEAD: pa.array(heads, pa.bool_()), TWIN: pa.array(twins, pa.string())}
    )
    view = f"{part.view}_levelled"
    engine.put(f"{view}_rows", table)
    added = [*spec.made_columns(), HEAD, TWIN]
    engine.materialise(
        view,
        f"SELECT {quoted(part.view)}.*, {', '.join(map(quoted, added))} FROM {quoted(part.view)} "
        f"JOIN {quoted(f'{view}_rows')} ON _row = _at ORDER BY _row",
    )
    types = {**part.types, **dict.fromkeys(spec.made_columns(), "VARCHAR"), HEAD: "BOOLEAN", TWIN: "VARCHAR"}
    return replace(part, view=view, types=types)


def cells_of(levels: Sequence[str], texts: Sequence[str]) -> dict[str, str | None]:
    """Cells of a row, by role, out of the texts of its group and the groups above it."""
    cells: dict[str, str | None] = {}
    for level, text in zip(levels, texts, strict=False):
        if level == "document":
            cells |= document_cells(text)
        elif level == "order_date" and (found := IS_DAY.fullmatch(text)):
            cells[level] = found["day"]
        else:
            cells[level] = text or None
    return cells
