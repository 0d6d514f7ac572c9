"""Order lines out of tables of other shapes: joins, months in columns, rows that head others, blanks that repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kam_analysis.engine import Engine, literal, quoted
from kam_analysis.errors import Collected, Problem, UserError
from kam_analysis.sources.columns import Reading
from kam_analysis.sources.dates import month_of, week_of
from kam_analysis.sources.documents import documented
from kam_analysis.sources.levels import levelled
from kam_analysis.sources.profile import NUMERIC_ROLES, PATTERNS, Join, Orders
from kam_analysis.sources.read import RawPart, missing_columns, raw_parts

MONTH, VALUE, QUANTITY, GROUP = "_month", "amounts of months", "quantities of months", "group"
MONTH_BY = "month by "
FILL_DOWN, ON = "orders.fill_down", "orders.joins.on"


def shaped(
    engine: Engine, parts: Sequence[RawPart], spec: Orders, folder: Path, scratch: Path
) -> tuple[list[RawPart], Orders]:
    """Give parts with one order line per row, and the profile that fits them.

    Row numbers stay those of the file: a row of a wide table has as many lines as filled months, all with its number.

    Raises
    ------
    UserError
        When a file or column is missing, or a row of a joined table is not told by its key alone.
    """
    found = Collected()
    if spec.levels:
        parts = _levelled(engine, parts, spec)
    found.problems.extend(missing_columns(parts, spec.fill_down, FILL_DOWN))
    found.problems.extend(problem for part in parts for problem in _no_month(part, spec))
    found.raise_any()
    made = [_filled_down(engine, part, spec) for part in parts] if spec.fill_down else list(parts)
    if spec.document is not None:
        made = [documented(engine, part, spec.document) for part in made]
    if spec.months:
        made = [_long(engine, part, spec) for part in made]
        columns = {**spec.columns, "order_date": MONTH, "amount": VALUE}
        columns |= {"qty": QUANTITY} if spec.month_quantities else {}
        spec = spec.model_copy(update={"columns": columns, "date_format": None})
    if "month" in spec.columns:
        made = [_dated(engine, part, spec) for part in made]
        columns = {role: column for role, column in spec.columns.items() if role not in ("year", "month")}
        spec = spec.model_copy(update={"columns": {**columns, "order_date": _month_by(spec)}, "date_format": None})
    if spec.group is not None and not spec.levels:
        made = [_grouped(engine, part, spec) for part in made]
    for number, join in enumerate(spec.joins):
        found.problems.extend(missing_columns(made, join.on, ON))
        found.raise_any()
        table = _joined_table(engine, number, join, folder, scratch)
        made = [_joined(engine, part, table, join, spec) for part in made]
    found.problems.extend(missing_columns(made, spec.columns.values(), "orders.columns"))
    found.raise_any()
    return made, spec


def own_columns(spec: Orders) -> tuple[list[str], list[str]]:
    """Columns that every file of the order lines themselves must have, and those that may be blank in some of them.

    Money, date and customer must be there, and whatever a pattern or another key of the profile hangs on.
    """
    joined = tuple(f"{join.name}." for join in spec.joins)
    held = dict.fromkeys(spec.made_columns(), spec.group if spec.levels else spec.document)
    held |= {GROUP: spec.group} if spec.group is not None and not spec.levels else {}
    mapped = {
        role: held.get(column) or column
        for role, column in spec.columns.items()
        if not column.startswith(joined or ("\0",))
    }
    needed = {"order_date", "year", "month", "amount", "discount"}
    needed |= {role for key in PATTERNS for role in getattr(spec, key)}
    needed.add("customer_id" if "customer_id" in mapped else "customer_name")
    needed |= set() if "amount" in mapped else {"qty", "unit_price"}
    must = [column for role, column in mapped.items() if role in needed]
    must += [spec.group] if spec.group is not None else []
    return must, [column for column in mapped.values() if column not in {*must, *spec.fill_down}]


def _levelled(engine: Engine, parts: Sequence[RawPart], spec: Orders) -> list[RawPart]:
    found, made = Collected(), []
    for part in parts:
        try:
            made.append(levelled(engine, part, spec))
        except UserError as error:
            found.problems.extend(error.problems)
    found.raise_any()
    return made


def _no_month(part: RawPart, spec: Orders) -> list[Problem]:
    if not spec.months or any(name in part.columns for name in spec.months):
        return []
    return missing_columns([part], [next(iter(spec.months))], "orders.months")


def _filled_down(engine: Engine, part: RawPart, spec: Orders) -> RawPart:
    """Carry values down, except into a row that holds nothing but numbers beside them: a total without a word."""
    telling = [
        column
        for role, column in spec.columns.items()
        if role not in NUMERIC_ROLES and column in part.columns and column not in spec.fill_down
    ]
    is_line = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in dict.fromkeys(telling)) or "true"
    cells = ", ".join(
        f"coalesce({quoted(name)}, CASE WHEN {is_line} THEN last_value({quoted(name)} IGNORE NULLS) OVER above END) "
        f"AS {quoted(name)}"
        for name in spec.fill_down
    )
    view = f"{part.view}_down"
    engine.materialise(
        view,
        f"SELECT * REPLACE ({cells}) FROM {quoted(part.view)} WINDOW above AS "
        "(ORDER BY _row ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) ORDER BY _row",
    )
    return replace(part, view=view)


def _long(engine: Engine, part: RawPart, spec: Orders) -> RawPart:
    months = {name: month for name, month in spec.months.items() if name in part.columns}
    quantities = {month: name for name, month in spec.month_quantities.items() if name in part.columns}
    others = [name for name in part.columns if name not in {*spec.months, *spec.month_quantities}]
    kept = ", ".join(["_file", "_sheet", "_row", *map(quoted, others)])
    value_type, quantity_type = (_type_of(part, names, spec) for names in (list(months), list(quantities.values())))
    selects = []
    for name, month in months.items():
        quantity = quoted(quantities[month]) if month in quantities else "NULL"
        filled = f"{quoted(name)} IS NOT NULL" + (f" OR {quantity} IS NOT NULL" if month in quantities else "")
        selects.append(
            f"SELECT {kept}, DATE {literal(month + '-01')} AS {MONTH}, "
            f"CAST({quoted(name)} AS {value_type}) AS {quoted(VALUE)}, "
            f"CAST({quantity} AS {quantity_type}) AS {quoted(QUANTITY)} FROM {quoted(part.view)} WHERE {filled}"
        )
    view = f"{part.view}_long"
    engine.materialise(view, f"SELECT * FROM ({' UNION ALL '.join(selects)}) ORDER BY _row, {MONTH}")
    types = {name: part.types[name] for name in others}
    return replace(part, view=view, types=types | {MONTH: "DATE", VALUE: value_type, QUANTITY: quantity_type})


def _month_by(spec: Orders) -> str:
    return MONTH_BY + ", ".join(spec.columns[role] for role in ("year", "month") if role in spec.columns)


def _type_of(part: RawPart, columns: Sequence[str], spec: Orders) -> str:
    are_numbers = columns and all(Reading(name, part.types[name], spec).is_number for name in columns)
    return "DOUBLE" if are_numbers else "VARCHAR"


def _dated(engine: Engine, part: RawPart, spec: Orders) -> RawPart:
    """Date every row by its month: the first day of it, or the text itself where it names none."""
    texts = [
        Reading(spec.columns[role], part.types[spec.columns[role]], spec).identifier() if role in spec.columns else "''"
        for role in ("year", "month")
    ]
    told = f"coalesce({texts[0]}, '') || chr(10) || {texts[1]}"
    days = []
    for text in [text for (text,) in engine.rows(f"SELECT DISTINCT {told} FROM {quoted(part.view)}") if text]:
        year, _, month = text.partition("\n")
        found = month_of(month, year) or month_of(month)
        day = f"{found}-01" if found else week_of(month) or f"{year} {month}".strip()
        days.append(f"{literal(text)}: {literal(day)}")
    view = f"{part.view}_dated"
    day = f"MAP {{{', '.join(days)}}}[{told}]" if days else "CAST(NULL AS VARCHAR)"
    engine.materialise(view, f"SELECT *, {day} AS {quoted(_month_by(spec))} FROM {quoted(part.view)} ORDER BY _row")
    return replace(part, view=view, types={**part.types, _month_by(spec): "VARCHAR"})


def _grouped(engine: Engine, part: RawPart, spec: Orders) -> RawPart:
    date = Reading(spec.columns["order_date"], part.types[spec.columns["order_date"]], part.spec(spec)).order_date()
    head = Reading(str(spec.group), part.types[str(spec.group)], spec).text()
    view = f"{part.view}_grouped"
    engine.materialise(
        view,
        f"SELECT *, last_value(CASE WHEN {date} IS NULL THEN {head} END IGNORE NULLS) OVER "
        f"(ORDER BY _row ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS {quoted(GROUP)} "
        f"FROM {quoted(part.view)} ORDER BY _row",
    )
    return replace(part, view=view, types={**part.types, GROUP: "VARCHAR"})


def _joined_table(engine: Engine, number: int, join: Join, folder: Path, scratch: Path) -> RawPart:
    parts = raw_parts(engine, f"join_{number}", join, folder, scratch, join.on.values(), f"orders.joins.{join.name}")
    first = parts[0]
    selects = [
        f"SELECT {', '.join(f'{_key(part, join, column)} AS {quoted(column)}' for column in first.columns)} "
        f"FROM {quoted(part.view)}"
        for part in parts
    ]
    view = f"joined_{number}"
    engine.materialise(view, " UNION ALL ".join(selects))
    keys = ", ".join(quoted(name) for name in join.on.values())
    twice = engine.rows(f"SELECT {keys}, count(*) FROM {view} GROUP BY {keys} HAVING count(*) > 1 ORDER BY {keys}")
    found = Collected()
    if twice:
        where = f"{first.where}, column {', '.join(join.on.values())}"
        examples = [", ".join(map(str, row[:-1])) for row in twice]
        found.add("a key stands there more than once", where, len(twice), examples, "keep one row of each key")
        found.raise_any()
    return RawPart(view, first.file, first.sheet, dict.fromkeys(first.columns, "VARCHAR"))


def _key(part: RawPart, spec: Join, column: str) -> str:
    return Reading(column, part.types[column], spec).identifier() if column in part.types else "CAST(NULL AS VARCHAR)"


def _joined(engine: Engine, part: RawPart, table: RawPart, join: Join, spec: Orders) -> RawPart:
    added = [name for name in table.columns if name not in join.on.values()]
    names = {name: f"{join.name}.{name}" for name in added}
    matches = " AND ".join(
        f"{Reading(column, part.types[column], spec).identifier(part.view)} = {quoted(table.view)}.{quoted(key)}"
        for column, key in join.on.items()
    )
    cells = ", ".join(f"{quoted(table.view)}.{quoted(name)} AS {quoted(shown)}" for name, shown in names.items())
    view = f"{part.view}_{table.view}"
    engine.materialise(
        view,
        f"SELECT {', '.join(filter(None, [f'{quoted(part.view)}.*', cells]))} FROM {quoted(part.view)} "
        f"LEFT JOIN {quoted(table.view)} ON {matches} ORDER BY _row",
    )
    return replace(part, view=view, types={**part.types, **dict.fromkeys(names.values(), "VARCHAR")})
