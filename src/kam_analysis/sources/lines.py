"""Order lines of a source with standard columns: what every physical row says, before anything is kept or rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import duckdb

from kam_analysis.columns import TEXTUAL, Column, Kind
from kam_analysis.engine import Engine, literal, quoted
from kam_analysis.errors import Collected, Problem, UserError
from kam_analysis.sources.beside import add_refunds, place_money_beside
from kam_analysis.sources.columns import APOSTROPHES, FLOATS, GROUP_BLANKS, MINUS, Reading
from kam_analysis.sources.profile import BESIDE_LINES, HEAD, FileTable, Orders, Profile
from kam_analysis.sources.read import RawPart, raw_parts, unreadable_rows
from kam_analysis.sources.shape import MONTH_BY, own_columns, shaped
from kam_analysis.tables import ASSESSMENT, OPTIONAL, Table

IDS = (
    "customer_id",
    "order_id",
    "line_id",
    "parent_line_id",
    "sku",
    "manager",
    "department",
    "country",
    "region",
    "channel",
)
WORDS = ("customer_name", "item", "category", "unit", "status", "currency")
NAMES = ("customer_name", "item", "category")
MONEY = "DECIMAL(18,4)"
UNROUNDED = "DECIMAL(22,8)"
NUMBERS = {
    "qty": "DECIMAL(16,6)",
    "unit_price": "DECIMAL(22,10)",
    "amount": MONEY,
    "discount": UNROUNDED,
    "order_discount": MONEY,
    "refund": MONEY,
    "order_refund": MONEY,
    "cost": "DECIMAL(22,10)",
    "margin": MONEY,
}
NUMERAL = rf"^[+0-9., '{GROUP_BLANKS}{APOSTROPHES}{MINUS}]+"  # what stands before the unit of a quantity in one cell
UNREADABLE_SHARE_TO_STOP = 0.5
ROUNDED = r"^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$"  # as a spreadsheet shows a long number
SALT_VARIABLE = "KAM_SALT"
HASH_SIGN = "#"
HASHED = f"'{HASH_SIGN}' || left(sha256(getvariable('salt') || {{}}), 16)"  # missing where there is no salt
TAX_KEY = r"upper(regexp_replace({}, '[^\pL\pN]', '', 'g'))"
TAX_DIGITS = r"regexp_replace({}, '[^0-9]', '', 'g')"
CURES = {"order_date": "orders.date_format", "discount": "orders.discount, orders.decimal and orders.thousands"}


def read_lines(engine: Engine, profile: Profile, folder: Path, scratch: Path) -> list[RawPart]:
    """Make ``lines_read``: one row per physical row of every file, numbered in their order (`line_no`).

    Columns are those of ``order_lines`` and `currency`, `date_text`, `has_money_text`, `is_number_unreadable`,
    `unreadable` (the roles whose text could not be read), `number_text` (of money that could not), `is_test`,
    `is_cancelled`, `is_called_off` (by the status of its order), `is_no_sale`, `is_nobody` (its customer names no one
    buyer), `is_unpivoted` (a month of a wide table), `is_head` (of a report with levels: whether the row heads others
    or is a total), `row_key` and `row_check` (equal rows have equal ones), `line_id` and `parent_line_id` (as the
    source calls its lines), `is_hidden` (a row that the workbook hides and the profile leaves out), `is_kept` (until
    the lines are judged). Only columns that the source has take room: ``lines_held`` is the table behind the view.

    Raises
    ------
    UserError
        When files or columns are missing, when a row does not fit its file, when there is no row at all, when most
        dates or numbers of a column are unreadable, or when there are two currencies.
    """
    needed, welcome = own_columns(profile.orders)
    raw = raw_parts(engine, "orders", profile.orders, folder, scratch, needed, welcome=welcome)
    parts, spec = shaped(engine, raw, profile.orders, folder, scratch)
    lacking = _lacking(spec)
    held = f" EXCLUDE ({', '.join(lacking)})" if lacking else ""
    selects = [f"SELECT *{held} FROM ({_part_select(number, parts, spec)})" for number in range(len(parts))]
    try:
        engine.materialise("lines_held", " UNION ALL ".join(selects))
    except duckdb.Error as error:
        raise (unreadable_rows(engine, parts) or error) from None
    beside = [role for role in BESIDE_LINES if role in spec.columns]
    if beside:
        place_money_beside(engine, beside)
    if profile.refunds:
        parts = [*parts, *add_refunds(engine, profile.refunds, spec, len(parts), folder, scratch)]
    places = [f"{_by_part(part.file for part in parts)} AS file", f"{_by_part(part.sheet for part in parts)} AS sheet"]
    missing = [f"CAST(NULL AS {sql_type}) AS {name}" for name, sql_type in lacking.items()]
    columns = ", ".join(["rowid + 1 AS line_no", "*", *places, *missing])
    engine.view("lines_read", f"SELECT {columns} FROM lines_held")
    _stop_when_unreadable(engine, spec, parts)
    return parts


def _by_part(texts: Iterable[str | None]) -> str:
    values = ", ".join("NULL" if text is None else literal(text) for text in texts)
    return f"CAST([{values}] AS VARCHAR[])[part_no + 1]"


def _lacking(spec: Orders) -> dict[str, str]:
    """Columns of ``lines_read`` in which a source says nothing, with their types."""
    words = [role for role in (*IDS, *WORDS) if role not in spec.columns and role != "customer_id"]
    numbers = {"qty": NUMBERS["qty"], "unit_price": MONEY}
    return {
        **dict.fromkeys(words, "VARCHAR"),
        **{role: sql_type for role, sql_type in numbers.items() if role not in spec.columns},
        **({} if {"cost", "margin"} & spec.columns.keys() else {"cost": MONEY}),
        **({} if {"discount", "order_discount"} & spec.columns.keys() else {"discount": MONEY}),
    }


def _readings(part: RawPart, spec: FileTable, columns: Mapping[str, str]) -> dict[str, Reading]:
    own = part.spec(spec)
    return {role: Reading(column, part.types[column], own) for role, column in columns.items() if column in part.types}


def _part_select(number: int, parts: Sequence[RawPart], spec: Orders) -> str:
    part = parts[number]
    reading = _readings(part, spec, spec.columns)
    words = {role: reading[role].identifier() for role in IDS if role in reading}
    words |= {role: reading[role].text() for role in WORDS if role in reading}
    words |= {role: reading[role].words() for role in NAMES if role in reading}
    if "unit" in reading and spec.columns["unit"] == spec.columns.get("qty"):
        words["unit"] = f"nullif(trim(regexp_replace({words['unit']}, {literal(NUMERAL)}, '', 'g')), '')"
    if "customer_id" not in reading:
        words["customer_id"] = words["customer_name"]
    is_nobody = _matches(reading, spec.nobody)
    if spec.nobody:
        words["customer_id"] = f"CASE WHEN NOT {is_nobody} THEN {words['customer_id']} END"
    numbers = {role: _number(reading[role], role, spec) for role in NUMBERS if role in reading}
    if spec.returns:
        numbers |= _taken_back(numbers, _matches(reading, spec.returns))
    reads = [
        *(f"{words.get(role, 'CAST(NULL AS VARCHAR)')} AS {role}" for role in (*IDS, *WORDS)),
        *(f"{numbers.get(role, f'CAST(NULL AS {sql_type})')} AS {role}" for role, sql_type in NUMBERS.items()),
        *(f"{reading[role].text()} IS NOT NULL AS has_{role}" for role in numbers),
        *(f"{reading[role].text()} AS text_{role}" for role in numbers),
        f"{reading['order_date'].order_date()} AS ordered_on",
        f"{reading['order_date'].text()} AS date_text",
        *(
            f"{_matches(reading, patterns)} AS {name}"
            for name, patterns in (
                ("is_service", spec.services),
                ("is_test", spec.tests),
                ("is_cancelled", spec.cancelled),
                ("is_no_sale", spec.no_sales),
                ("is_called_off", {role: spec.cancelled[role] for role in ("status",) if role in spec.cancelled}),
            )
        ),
        f"{is_nobody} AS is_nobody",
        f"{quoted(HEAD) if spec.levels else 'CAST(NULL AS BOOLEAN)'} AS is_head",
        *(f"{key} AS {name}" for name, key in zip(("row_key", "row_check"), _row_keys(part, parts, spec), strict=True)),
    ]
    money_roles = _money_roles(spec)
    beside = "".join(f"{role}, " for role in BESIDE_LINES if role in numbers)
    unreadable = [f"CASE WHEN has_{role} AND {role} IS NULL THEN '{role}' END" for role in numbers]
    unreadable.append("CASE WHEN date_text IS NOT NULL AND ordered_on IS NULL THEN 'order_date' END")
    return f"""
    SELECT {number} AS part_no, row, customer_id, customer_name, order_id, line_id, parent_line_id, ordered_on,
      date_text, sku, item, category, qty, unit, TRY_CAST(unit_price AS {MONEY}) AS unit_price, net_sales,
      {_signed_discount(spec)} AS discount,
      {_signed_cost(spec)} AS cost, {beside}manager, department, country, region, channel, status, currency,
      {" AND ".join(f"has_{role}" for role in money_roles if role != "discount")} AS has_money_text,
      {" OR ".join(f"(has_{role} AND {role} IS NULL)" for role in money_roles)} AS is_number_unreadable,
      concat_ws(' ', {", ".join(unreadable)}) AS unreadable,
      coalesce({", ".join(f"CASE WHEN has_{role} AND {role} IS NULL THEN text_{role} END" for role in money_roles)})
        AS number_text,
      is_service, is_test, is_cancelled, is_called_off, is_no_sale, is_nobody,
      {"true" if spec.months else "false"} AS is_unpivoted, is_head, {_is_hidden(part, spec)} AS is_hidden,
      row_key, row_check, true AS is_kept
    FROM (
      SELECT *, TRY(CAST({_net_sales(spec)} AS {MONEY})) AS net_sales
      FROM (SELECT _row AS row, {", ".join(reads)} FROM {quoted(part.view)}))"""


def _is_hidden(part: RawPart, spec: Orders) -> str:
    rows = ", ".join(map(str, sorted(part.hidden)))
    return f"row IN ({rows})" if rows and spec.hidden_rows == "drop" else "false"


def _number(reading: Reading, role: str, spec: Orders) -> str:
    sql_type = UNROUNDED if role == "amount" and _has_discount(spec) else NUMBERS[role]
    number = reading.number(sql_type)
    if role in spec.scale:
        number = f"TRY_CAST({reading.number(UNROUNDED)} * {spec.scale[role]} AS {sql_type})"
    if role == "amount":
        return number
    if role != "discount" or spec.discount == "money":
        return number
    return f"CASE WHEN abs({number}) <= {1 if spec.discount == 'rate' else 100} THEN {number} END"


def _taken_back(numbers: Mapping[str, str], is_return: str) -> dict[str, str]:
    """Quantities and money of returns, which are negative even where the source writes them without a sign."""
    size = numbers.get("amount") or numbers["qty"]
    negative = {"qty": "-abs({})", "amount": "-abs({})", "margin": "-({})"}
    return {
        role: f"CASE WHEN {is_return} AND {size} > 0 THEN {form.format(numbers[role])} ELSE {numbers[role]} END"
        for role, form in negative.items()
        if role in numbers
    }


def _has_discount(spec: Orders) -> bool:
    return "discount" in spec.columns and not ("amount" in spec.columns and spec.amount == "net")


def _money_roles(spec: Orders) -> list[str]:
    roles = ["amount"] if "amount" in spec.columns else ["qty", "unit_price"]
    return [*roles, "discount"] if _has_discount(spec) else roles


def _net_sales(spec: Orders) -> str:
    amount = "amount" if "amount" in spec.columns else "qty * unit_price"
    if not _has_discount(spec):
        return amount
    discount = "coalesce(discount, 0)"
    if spec.discount == "money":
        return f"CASE WHEN {amount} < 0 THEN {amount} + abs({discount}) ELSE {amount} - {discount} END"
    return f"{amount} * (1 - {discount}{' * 0.01' if spec.discount == 'percent' else ''})"


def _signed_discount(spec: Orders) -> str:
    """Discount of the line in money, signed like what it is taken off; a net amount shares the rate out again."""
    if "discount" not in spec.columns:
        return f"CAST(NULL AS {MONEY})"
    if _has_discount(spec):
        amount = "amount" if "amount" in spec.columns else "qty * unit_price"
        return f"TRY(CAST({amount} - net_sales AS {MONEY}))"
    whole = 100 if spec.discount == "percent" else 1
    given = f"CAST(net_sales AS DOUBLE) * discount / nullif({whole} - discount, 0)"
    if spec.discount == "money":
        given = "CASE WHEN net_sales < 0 THEN -abs(discount) ELSE discount END"
    return f"CASE WHEN has_discount THEN TRY(CAST({given} AS {MONEY})) ELSE 0 END"


def _signed_cost(spec: Orders) -> str:
    if "margin" in spec.columns:
        return f"TRY(CAST(net_sales - margin AS {MONEY}))"
    cost = f"TRY(CAST({'cost * qty' if spec.cost == 'unit' and 'cost' in spec.columns else 'cost'} AS {MONEY}))"
    return f"CASE sign(net_sales) WHEN 1 THEN abs({cost}) WHEN -1 THEN -abs({cost}) ELSE {cost} END"


def _matches(reading: Mapping[str, Reading], patterns: Mapping[str, str]) -> str:
    tests = [
        f"coalesce(regexp_matches({reading[role].identifier()}, {literal(pattern)}), false)"
        for role, pattern in patterns.items()
    ]
    return f"({' OR '.join(tests)})" if tests else "false"


def _row_keys(part: RawPart, parts: Sequence[RawPart], spec: Orders) -> tuple[str, str]:
    readings = _readings(part, spec, {column: column for column in sorted(part.columns)})
    of_one_type = {
        column
        for column, sql_type in part.types.items()
        if sql_type not in FLOATS and all(other.types.get(column) == sql_type for other in parts)
    }
    cells = [reading.name if column in of_one_type else reading.text() for column, reading in readings.items()]
    row = ", ".join([literal(" ".join(readings)), *cells])
    return f"hash({row})", f"hash('second', {row})"


def _stop_when_unreadable(engine: Engine, spec: Orders, parts: Sequence[RawPart]) -> None:
    found = Collected()
    if not engine.rows("SELECT count(*) FROM lines_read")[0][0]:
        found.add("no rows", ", ".join(part.where for part in parts), cure="export again, with at least one sale")
    suspects = engine.rows(
        "SELECT part_no, list_sort(list_distinct(flatten(list(string_split(unreadable, ' '))))) AS roles "
        "FROM lines_read WHERE unreadable <> '' GROUP BY part_no ORDER BY part_no"
    )
    for part_no, roles in suspects:
        found.problems.extend(_mostly_unreadable(engine, spec, parts[part_no], roles))
    found.problems.extend(_rounded_ids(engine, spec))
    currencies = engine.rows(
        "SELECT currency, count(*) FROM lines_read WHERE currency IS NOT NULL GROUP BY currency ORDER BY currency"
    )
    if len(currencies) > 1:
        examples = [f"{currency}: {lines:,}" for currency, lines in currencies]
        cure = "export one currency, or convert the amounts"
        found.add("amounts of more than one currency", f"column {spec.columns['currency']}", None, examples, cure)
    found.raise_any()


def _rounded_ids(engine: Engine, spec: Orders) -> Iterator[Problem]:
    """Ids of which a spreadsheet kept the first digits alone: different ones have become the same."""
    for role in ("customer_id", "order_id", "sku"):
        column = spec.columns.get(role) or (spec.columns["customer_name"] if role == "customer_id" else None)
        rows = engine.rows(
            f"SELECT {role}, count(*) FROM lines_read WHERE regexp_matches({role}, {literal(ROUNDED)}) GROUP BY ALL "
            "ORDER BY 2 DESC, 1"
        )
        if rows and column:
            what = f"ids that a spreadsheet rounded: different ones have become {len(rows):,}"
            cure = "export again with the column formatted as text; or take another column, or none, for "
            cure += f"orders.columns.{role} (--role '{role}=COLUMN')"
            examples = [f"{text}: {count:,} rows" for text, count in rows[:3]]
            yield Problem(what, f"column {column}", sum(count for _, count in rows), examples, cure)


def _mostly_unreadable(engine: Engine, spec: Orders, part: RawPart, roles: Sequence[str]) -> Iterator[Problem]:
    reading = _readings(part, spec, spec.columns)
    value = {
        role: reading[role].order_date() if role == "order_date" else _number(reading[role], role, spec)
        for role in roles
    }
    is_bad = {role: f"{reading[role].text()} IS NOT NULL AND {value[role]} IS NULL" for role in roles}
    is_good = {role: f"{value[role]} {'<> 0' if role == 'discount' else 'IS NOT NULL'}" for role in roles}
    counts = (f"count(*) FILTER (WHERE {condition[role]})" for role in roles for condition in (is_bad, is_good))
    counted = engine.rows(f"SELECT {', '.join(counts)} FROM {quoted(part.view)}")[0]
    cures = CURES | (
        {"order_date": "orders.columns.month"} if reading["order_date"].column.startswith(MONTH_BY) else {}
    )
    for role, bad, good in zip(roles, counted[::2], counted[1::2], strict=True):
        if bad > (bad + good) * UNREADABLE_SHARE_TO_STOP:
            yield Problem(
                "unreadable dates" if role == "order_date" else "unreadable numbers",
                f"{part.where}, column {reading[role].column}",
                bad,
                _examples(engine, part, reading[role], is_bad[role]),
                f"{cures.get(role, 'orders.decimal and orders.thousands')} in the source profile",
            )


def _examples(engine: Engine, part: RawPart, reading: Reading, condition: str) -> list[str]:
    rows = engine.rows(
        f"SELECT _row, {reading.text()} FROM {quoted(part.view)} WHERE {condition} ORDER BY _row LIMIT 3"
    )
    return [f"row {row}: {text!r}" if text else f"row {row}" for row, text in rows]


def read_optional(
    engine: Engine, profile: Profile, folder: Path, scratch: Path, environment: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Make every optional table of the input model, empty where the source has none.

    Columns that the profile calls sensitive are read as salted hashes: equal values stay equal and say nothing; a
    filler in place of a tax id is not read. The salt comes from ``KAM_SALT`` of the environment; without it such
    columns are not read.

    Raises
    ------
    UserError
        When a table lacks a column it needs, a value cannot be read, a needed value is missing, or a key repeats.
    """
    given = profile.optional()
    found = Collected()
    engine.set_variable("salt", environment.get(SALT_VARIABLE) or None)
    for name, table in OPTIONAL.items():
        if name not in given:
            engine.put(name, table.empty(), table)
            continue
        try:
            columns = given[name].columns
            needed = [column for role, column in columns.items() if not table[role].nullable]
            parts = raw_parts(engine, name, given[name], folder, scratch, needed, welcome=columns.values())
            _read_optional(engine, table, given[name], parts)
        except UserError as error:
            found.problems.extend(error.problems)
    found.raise_any()


def _read_optional(engine: Engine, table: Table, spec: FileTable, parts: Sequence[RawPart]) -> None:
    found = Collected()
    readings = [_readings(part, spec, spec.columns or _same_names(part, table)) for part in parts]
    for part, reading in zip(parts, readings, strict=True):
        for column in table.columns:
            if not column.nullable and column.name not in reading:
                cure = f"map it under {table.name}.columns in the source profile"
                found.add(f"needs {column.name}", part.where, examples=[repr(name) for name in part.columns], cure=cure)
    found.raise_any()
    selects = [_optional_select(part, reading, table, spec) for part, reading in zip(parts, readings, strict=True)]
    latest = " QUALIFY rated_on IS NOT DISTINCT FROM max(rated_on) OVER (PARTITION BY customer_id)"
    try:
        engine.materialise(
            table.name, f"SELECT * FROM ({' UNION ALL '.join(selects)}){latest if table is ASSESSMENT else ''}"
        )
    except duckdb.Error as error:
        raise (unreadable_rows(engine, parts) or error) from None
    for part, reading in zip(parts, readings, strict=True):
        _check_values(engine, part, reading, table, found)
    _check_key(engine, table, found)
    found.raise_any()


def _same_names(part: RawPart, table: Table) -> dict[str, str]:
    return {column: column for column in part.columns if column in table.names}


def _optional_select(part: RawPart, reading: Mapping[str, Reading], table: Table, spec: FileTable) -> str:
    cells = [
        f"CAST({_cell(reading[column.name], column, spec) if column.name in reading else 'NULL'} "
        f"AS {_sql_type(column.kind)}) AS {quoted(column.name)}"
        for column in table.columns
    ]
    return f"SELECT {', '.join(cells)} FROM {quoted(part.view)}"


def _cell(source: Reading, column: Column, spec: FileTable) -> str:
    if column.name not in spec.sensitive:
        return _value(source, column)
    if column.name != "tax_id":
        return HASHED.format(source.identifier())
    return hashed_tax_id(source.identifier())


def hashed_tax_id(value: str) -> str:
    """SQL of the salted hash of a tax id; missing for a filler in its place."""
    digits = TAX_DIGITS.format(value)
    is_filler = f"len({digits}) < 7 OR len(list_distinct(string_split({digits}, ''))) < 3"
    return f"CASE WHEN {is_filler} THEN NULL ELSE {HASHED.format(TAX_KEY.format(value))} END"


def _value(source: Reading, column: Column) -> str:
    if column.kind is Kind.ID or column.name in IDS:
        return source.identifier()
    if column.kind in TEXTUAL:
        return source.text()
    if column.kind is Kind.DATE:
        return source.date()
    return source.number(_sql_type(column.kind))


def _sql_type(kind: Kind) -> str:
    if kind in TEXTUAL:
        return "VARCHAR"
    if kind is Kind.DATE:
        return "DATE"
    return MONEY if kind is Kind.MONEY else UNROUNDED


def _check_values(
    engine: Engine, part: RawPart, reading: Mapping[str, Reading], table: Table, found: Collected
) -> None:
    checks = [(name, *check) for name, source in reading.items() for check in _checks(source, table[name])]
    counts = engine.rows(
        f"SELECT {', '.join(f'count(*) FILTER (WHERE {bad})' for *_, bad in checks)} FROM {quoted(part.view)}"
    )[0]
    for (name, what, bad), count in zip(checks, counts, strict=True):
        if count:
            cure = f"correct the file, or {table.name}.columns, decimal, thousands or date_format in the source profile"
            place = f"{part.where}, column {reading[name].column}"
            found.add(what, place, count, _examples(engine, part, reading[name], bad), cure)


def _checks(source: Reading, column: Column) -> list[tuple[str, str]]:
    value, text = _value(source, column), source.text()
    checks = [("unreadable values", f"{text} IS NOT NULL AND {value} IS NULL")]
    if not column.nullable:
        checks.append(("missing values", f"{text} IS NULL"))
    if column.kind is Kind.SHARE:
        checks.append(("values that are no share from 0 to 1", f"{value} NOT BETWEEN 0 AND 1"))
    return checks


def _check_key(engine: Engine, table: Table, found: Collected) -> None:
    if table.key:
        keys = ", ".join(quoted(key) for key in table.key)
        twice = engine.rows(f"SELECT {keys} FROM {table.name} GROUP BY {keys} HAVING count(*) > 1 ORDER BY {keys}")
        if twice:
            cure = "keep one row of each in the export"
            found.add(
                f"{', '.join(table.key)} repeats", f"table {table.name}", len(twice), [row[0] for row in twice], cure
            )
