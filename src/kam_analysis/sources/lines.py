"""Order lines of a source with standard columns: what every physical row says, before anything is kept or rejected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kam_analysis.engine import Engine, literal, quoted
from kam_analysis.errors import Collected
from kam_analysis.sources.columns import NUMBER, Reading
from kam_analysis.sources.profile import FileTable, Orders, Profile
from kam_analysis.sources.read import RawPart, raw_parts
from kam_analysis.tables import OPTIONAL, TEXTUAL, Kind, Table

IDS = ("customer_id", "order_id")
WORDS = ("customer_name", "sku", "item", "category", "manager", "department", "country", "region", "channel", "status")
MONEY = "DECIMAL(18,4)"
UNREADABLE_SHARE_TO_STOP = 0.5


def read_lines(engine: Engine, profile: Profile, folder: Path, scratch: Path) -> list[RawPart]:
    """Make the table ``lines_read``: one row per physical row of every file, in order.

    Columns are those of ``order_lines`` and `date_text`, `has_money_text`, `is_number_unreadable`, `is_test`,
    `is_cancelled`, `row_key` (equal rows have equal keys).

    Raises
    ------
    UserError
        When files or columns are missing, when there is no row at all, or when most dates or amounts are unreadable.
    """
    parts = raw_parts(engine, "orders", profile.orders, folder, scratch)
    selects = [_part_select(engine, number, part, profile.orders) for number, part in enumerate(parts)]
    engine.materialise(
        "lines_read", "SELECT row_number() OVER () AS line_no, * FROM (" + " UNION ALL ".join(selects) + ")"
    )
    _stop_when_unreadable(engine, profile.orders, parts)
    return parts


def _part_select(engine: Engine, number: int, part: RawPart, spec: Orders) -> str:
    types = engine.types(part.view)
    reading = {role: Reading(column, types[column], spec) for role, column in spec.columns.items()}

    def word(role: str) -> str:
        if role not in reading:
            return "CAST(NULL AS VARCHAR)"
        return reading[role].identifier() if role in IDS else reading[role].text()

    def number_of(role: str) -> str:
        return reading[role].number() if role in reading else f"CAST(NULL AS {NUMBER})"

    def matches(patterns: dict[str, str]) -> str:
        tests = [f"coalesce(regexp_matches({word(role)}, {literal(p)}), false)" for role, p in patterns.items()]
        return f"({' OR '.join(tests)})" if tests else "false"

    money_roles = [role for role in ("amount", *(("qty", "unit_price") if "amount" not in reading else ()), "discount")
                   if role in reading and not (role == "discount" and "amount" in reading and spec.amount == "net")]
    unreadable = " OR ".join(f"({reading[r].text()} IS NOT NULL AND {reading[r].number()} IS NULL)" for r in money_roles)
    has_money = " AND ".join(f"{reading[r].text()} IS NOT NULL" for r in money_roles if r != "discount")
    customer = f"coalesce({word('customer_id')}, {word('customer_name')})" if "customer_id" not in reading else word("customer_id")
    net = _net_sales(spec, number_of, "amount" in reading, "discount" in reading)
    whole_row = ", ".join(quoted(column) for column in part.columns)
    return f"""
    SELECT {number} AS part_no, _file AS file, _sheet AS sheet, _row AS row,
      {customer} AS customer_id, {", ".join(f"{word(role)} AS {role}" for role in ("order_id", *WORDS))},
      {reading["order_date"].date()} AS ordered_on, {reading["order_date"].text()} AS date_text,
      {number_of("qty")} AS qty, CAST({number_of("unit_price")} AS {MONEY}) AS unit_price,
      TRY_CAST({net} AS {MONEY}) AS net_sales, {has_money} AS has_money_text, ({unreadable}) AS is_number_unreadable,
      {_cost(spec, number_of, net, reading)} AS cost,
      {matches(spec.services)} AS is_service, {matches(spec.tests)} AS is_test, {matches(spec.cancelled)} AS is_cancelled,
      concat_ws('-', hash({whole_row}), hash('second', {whole_row})) AS row_key
    FROM {quoted(part.view)}"""


def _net_sales(spec: Orders, value: Callable[[str], str], has_amount: bool, has_discount: bool) -> str:
    amount = value("amount") if has_amount else f"CAST({value('qty')} * {value('unit_price')} AS DECIMAL(28,10))"
    if not has_discount or (has_amount and spec.amount == "net"):
        return amount
    discount = f"coalesce({value('discount')}, 0)"
    if spec.discount == "money":
        return f"{amount} - {discount}"
    rate = discount if spec.discount == "rate" else f"{discount} / 100"
    return f"CAST({amount} AS DECIMAL(24,10)) * (1 - CAST({rate} AS DECIMAL(9,8)))"


def _cost(spec: Orders, value: Callable[[str], str], net: str, reading: dict[str, Reading]) -> str:
    if "margin" in reading:
        return f"CAST({net} - {value('margin')} AS {MONEY})"
    cost = value("cost")
    if spec.cost == "unit" and "qty" in reading:
        cost = f"CAST({cost} * {value('qty')} AS DECIMAL(28,10))"
    return f"CAST(CASE WHEN {net} < 0 THEN -abs({cost}) ELSE {cost} END AS {MONEY})"


def _stop_when_unreadable(engine: Engine, spec: Orders, parts: list[RawPart]) -> None:
    found = Collected()
    if not engine.rows("SELECT count(*) FROM lines_read")[0][0]:
        found.add("no rows", ", ".join(part.where for part in parts), cure="export again, with at least one sale")
    checks = {
        "order_date": ("unreadable dates", "ordered_on IS NULL AND date_text IS NOT NULL", "date_text", "date_format"),
        "amount": ("unreadable numbers", "is_number_unreadable", "row", "decimal and thousands"),
    }
    for role, (what, condition, example, key) in checks.items():
        for part_no, part in enumerate(parts):
            bad, rows = engine.rows(
                f"SELECT count(*) FILTER (WHERE {condition}), count(*) FROM lines_read WHERE part_no = $part", part=part_no
            )[0]
            if bad > rows * UNREADABLE_SHARE_TO_STOP:
                examples = engine.rows(
                    f"SELECT row, {example} FROM lines_read WHERE part_no = $part AND {condition} ORDER BY row LIMIT 3",
                    part=part_no,
                )
                column = spec.columns.get(role) or f"{spec.columns['qty']}, {spec.columns['unit_price']}"
                found.add(
                    what,
                    f"{part.where}, column {column}",
                    bad,
                    [f"row {row}: {value!r}" if example != "row" else f"row {row}" for row, value in examples],
                    f"orders.{key} in the source profile",
                )
    found.raise_any()


def read_optional(engine: Engine, profile: Profile, folder: Path, scratch: Path) -> None:
    """Make every optional table of the input model, empty where the source has none.

    Raises
    ------
    UserError
        When a table lacks a column it needs, or a needed value or key is missing or repeated.
    """
    given = profile.optional()
    found = Collected()
    for name, table in OPTIONAL.items():
        if name not in given:
            engine.put(name, table.empty(), table)
            continue
        spec = given[name]
        parts = raw_parts(engine, name, spec, folder, scratch)
        columns = spec.columns or {column: column for column in parts[0].columns if column in table.names}
        for column in table.columns:
            if not column.nullable and column.name not in columns:
                found.add(f"needs {column.name}", f"{name}.columns", cure="map it in the source profile")
        found.raise_any()
        engine.materialise(name, " UNION ALL ".join(_optional_select(engine, p, spec, columns, table) for p in parts))
        _check_optional(engine, name, table, found)
    found.raise_any()


def _optional_select(engine: Engine, part: RawPart, spec: FileTable, columns: dict[str, str], table: Table) -> str:
    types = engine.types(part.view)
    cells = []
    for column in table.columns:
        if column.name not in columns:
            cells.append(f"CAST(NULL AS {_sql_type(column.kind)}) AS {quoted(column.name)}")
            continue
        source = Reading(columns[column.name], types[columns[column.name]], spec)
        if column.kind is Kind.ID:
            value = source.identifier()
        elif column.kind in TEXTUAL:
            value = source.text()
        elif column.kind is Kind.DATE:
            value = source.date()
        else:
            value = source.number()
        cells.append(f"CAST({value} AS {_sql_type(column.kind)}) AS {quoted(column.name)}")
    return f"SELECT {', '.join(cells)} FROM {quoted(part.view)}"


def _sql_type(kind: Kind) -> str:
    if kind in TEXTUAL:
        return "VARCHAR"
    if kind is Kind.DATE:
        return "DATE"
    return MONEY if kind is Kind.MONEY else "DOUBLE"


def _check_optional(engine: Engine, name: str, table: Table, found: Collected) -> None:
    for column in table.columns:
        if not column.nullable:
            lacking = engine.rows(f"SELECT count(*) FROM {quoted(name)} WHERE {quoted(column.name)} IS NULL")[0][0]
            if lacking:
                found.add("missing or unreadable values", f"table {name}, column {column.name}", lacking)
    if table.key:
        keys = ", ".join(quoted(key) for key in table.key)
        twice = engine.rows(f"SELECT {keys} FROM {quoted(name)} GROUP BY {keys} HAVING count(*) > 1 ORDER BY {keys}")
        if twice:
            found.add(f"{', '.join(table.key)} repeats", f"table {name}", len(twice), [row[0] for row in twice[:3]])
