"""Rows of the tables in web pages, XML spreadsheets, JSON and SQLite files, as programs export them."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.parsers import expat

from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.containers import READ_CURE, Content

LARGEST_TEXT = 512 << 20
LARGEST_CELL = 1 << 20
MOST_SPANNED = 1_000
CHARSET = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)
BARE_AND = re.compile(rb"&(?!#?[0-9A-Za-z]+;)")  # as careless programs write it
UNSEEN = frozenset({"script", "style", "title"})

Rows = list[list[object]]


def structured_tables(
    path: Path, content: Content, shown: str, most_rows: int | None
) -> tuple[dict[str, Rows], set[str]]:
    """Give the tables of a file by name, the head as the first row, and the names of those that are hidden.

    Parameters
    ----------
    path : Path
        The file; it is only read.
    content : Content
        Web page, XML spreadsheet, JSON or SQLite database.
    shown : str
        How messages call it.
    most_rows : int, optional
        Rows of every table that are enough.

    Raises
    ------
    UserError
        When the file is damaged, holds no table, holds lists within its rows, or more text than any export.
    """
    if content is Content.SQLITE:
        return _database(path, shown, most_rows), set()
    if path.stat().st_size > LARGEST_TEXT:
        raise UserError(Problem(f"is larger than {LARGEST_TEXT:,} bytes", shown, cure="export as CSV or Parquet"))
    data, hidden = path.read_bytes(), set[str]()
    if content is Content.HTML:
        tables = _page(_decoded(data, shown))
    elif content is Content.XML:
        tables, hidden = _xml(data, shown)
    else:
        tables = _json(_decoded(data, shown), path.stem, shown)
    if not tables:
        raise UserError(Problem(f"a {content.value} without a table", shown, cure=READ_CURE))
    return {name: rows[:most_rows] for name, rows in tables.items()}, hidden


def _decoded(data: bytes, shown: str) -> str:
    told = CHARSET.search(data[:4096])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") or not told else told[1].decode()
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        what = f"is not readable as {encoding.removesuffix('-sig')}"
        raise UserError(Problem(what, shown, cure="save it again as UTF-8, or export as XLSX")) from None


class _Page(HTMLParser):
    """Tables of a page that hold no other table; a cell over several rows is repeated, one over columns is not."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Rows] = []
        self.open: list[Rows] = []
        self.has_inner: list[bool] = []
        self.below: dict[int, tuple[int, str]] = {}
        self.cell: list[str] | None = None
        self.span = (1, 1)
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in UNSEEN
        if tag == "table":
            self._end_row()
            self.has_inner = [True for _ in self.has_inner]
            self.open.append([])
            self.has_inner.append(False)
        elif tag == "tr" and self.open:
            self._end_row()
            self.open[-1].append([])
        elif tag in ("td", "th") and self.open:
            self._end_cell()
            if not self.open[-1]:
                self.open[-1].append([])
            told = dict(attrs)
            self.span = _count(told.get("colspan")), _count(told.get("rowspan"))
            self.cell = []
        elif tag in ("br", "p", "div") and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in UNSEEN and self.unseen > 0
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table" and self.open:
            self._end_row()
            rows, has_inner = self.open.pop(), self.has_inner.pop()
            self.below = {}
            if rows and not has_inner:
                self.tables.append(rows)

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.unseen:
            self.cell.append(data)

    def close(self) -> None:
        super().close()
        while self.open:
            self.handle_endtag("table")

    def _end_cell(self) -> None:
        if self.cell is None:
            return
        text, row = " ".join("".join(self.cell).split()), self.open[-1][-1]
        self.cell = None
        self._fill_down(row)
        if self.span[1] > 1:
            self.below[len(row)] = (self.span[1], text)
        row += [text, *[""] * (self.span[0] - 1)]

    def _fill_down(self, row: list[object]) -> None:
        while (told := self.below.get(len(row))) and told[0] > 1:
            self.below[len(row)] = (told[0] - 1, told[1])
            row.append(told[1])

    def _end_row(self) -> None:
        self._end_cell()
        if self.open and self.open[-1]:
            self._fill_down(self.open[-1][-1])


def _count(text: str | None) -> int:
    return min(int(text), MOST_SPANNED) if text and text.isdecimal() and int(text) else 1


def _page(text: str) -> dict[str, Rows]:
    page = _Page()
    page.feed(text)
    page.close()
    found = [[row for row in rows if any(row)] for rows in page.tables]
    return {f"table {number}": rows for number, rows in enumerate([rows for rows in found if len(rows) > 1], 1)}


class _Sheets:
    """Sheets of an XML spreadsheet (Excel 2003) while it is read."""

    def __init__(self) -> None:
        self.tables: dict[str, Rows] = {}
        self.hidden: set[str] = set()
        self.name = ""
        self.kind = ""
        self.text: list[str] | None = None
        self.after = 0

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("|")[2]
        told = {key.rpartition("|")[2]: value for key, value in attributes.items()}
        if name == "Worksheet":
            self.name = told.get("Name", f"sheet {len(self.tables) + 1}")
            self.tables[self.name] = []
        elif name == "Row" and self.name:
            rows = self.tables[self.name]
            rows += [[] for _ in range(min(_count(told.get("Index")) - 1 - len(rows), LARGEST_CELL))]
            rows.append([])
        elif name == "Cell" and self.name:
            row = self.tables[self.name][-1]
            row += [""] * (min(_count(told.get("Index")), MOST_SPANNED * 2) - 1 - len(row))
            row.append("")
            self.after = _count(told["MergeAcross"]) if told.get("MergeAcross", "0") != "0" else 0
        elif name in ("Data", "Visible"):
            self.kind, self.text = told.get("Type", name), []

    def end(self, tag: str) -> None:
        name = tag.rpartition("|")[2]
        if name == "Data" and self.text is not None and self.name:
            self.tables[self.name][-1][-1] = _typed("".join(self.text), self.kind)
        elif name == "Visible" and self.text is not None and "".join(self.text).startswith("SheetHidden"):
            self.hidden.add(self.name)
        elif name == "Cell" and self.after:
            self.tables[self.name][-1] += [""] * self.after
            self.after = 0
        elif name == "Worksheet":
            self.name = ""
        if name in ("Data", "Visible"):
            self.text = None

    def say(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)


def _typed(text: str, kind: str) -> object:
    if kind == "Number":
        try:
            return int(text) if text.lstrip("-").isdecimal() else Decimal(text)
        except ArithmeticError:
            return text
    return re.sub(r"T00:00:00(\.0+)?$", "", text) if kind == "DateTime" else text


def _xml(data: bytes, shown: str) -> tuple[dict[str, Rows], set[str]]:
    made = _Sheets()
    parser = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = made.begin, made.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = made.say, _refuse_types
    try:
        parser.Parse(BARE_AND.sub(b"&amp;", data), True)
    except _TypesError:
        what = "declares types or entities, as no spreadsheet program does: not read"
        raise UserError(Problem(what, shown, cure="save it again as XLSX")) from None
    except (expat.ExpatError, IndexError, ValueError) as error:
        what = f"not readable as an XML spreadsheet: {error}"
        raise UserError(Problem(what, shown, cure="save it again as XLSX")) from None
    return {name: rows for name, rows in made.tables.items() if rows}, made.hidden


class _TypesError(Exception):
    pass


def _refuse_types(*_: object) -> None:
    raise _TypesError


def _json(text: str, name: str, shown: str) -> dict[str, Rows]:
    try:
        made = _loaded(text)
    except (ValueError, RecursionError) as error:
        what = f"not readable as JSON: {' '.join(str(error).split())[:200]}"
        raise UserError(Problem(what, shown, cure="export it again, or as CSV")) from None
    key, rows = _list_in(made, name)
    if rows is None:
        raise UserError(Problem("holds no list of rows", shown, cure="export a list of objects, or CSV"))
    flat = [_flat(row, shown) for row in rows]
    head = list(dict.fromkeys(column for row in flat for column in row))
    return {key: [list(head), *([row.get(column, "") for column in head] for row in flat)]}


def _loaded(text: str) -> Any:
    """One value, or one value per line."""
    try:
        return _value(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if not error.msg.startswith("Extra data") or len(lines) < 2:
            raise
    made = []
    for number, line in enumerate(lines, 1):
        try:
            made.append(_value(line))
        except json.JSONDecodeError as error:
            raise ValueError(f"line {number}: {error.msg}") from None
    return made


def _value(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_constant=lambda _: None)


def _list_in(made: Any, name: str) -> tuple[str, list[dict[str, Any]] | None]:
    """The list of objects that a file is, or that stands under a key of it."""
    if isinstance(made, list):
        is_list = bool(made) and all(isinstance(row, dict) for row in made)
        return name, made if is_list else None
    found = [_list_in(value, key) for key, value in made.items()] if isinstance(made, dict) else []
    lists = [(key, rows) for key, rows in found if rows is not None]
    return lists[0] if len(lists) == 1 else (name, None)


def _flat(row: Mapping[str, Any], shown: str, before: str = "") -> dict[str, object]:
    """Cells of an object; those of objects within it are named "outer.inner"."""
    cells: dict[str, object] = {}
    for key, value in row.items():
        column = f"{before}{key}"
        if isinstance(value, dict):
            cells |= _flat(value, shown, f"{column}.")
        elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
            cure = "export one row per line of an order, as CSV or as a list of plain objects"
            raise UserError(Problem(f"holds lists within its rows, in {column!r}: not read", shown, cure=cure))
        elif isinstance(value, list):
            cells[column] = ", ".join("" if one is None else str(one) for one in value)
        else:
            cells[column] = "" if value is None else str(value).lower() if isinstance(value, bool) else value
    return cells


def _database(path: Path, shown: str, most_rows: int | None) -> dict[str, Rows]:
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as base:
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_CELL)
            base.execute("PRAGMA trusted_schema = OFF")
            names = base.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
            ).fetchall()
            found = {name: _rows(base, name, most_rows) for (name,) in names}
    except (sqlite3.Error, UnicodeDecodeError) as error:
        what = f"not readable as a SQLite database: {' '.join(str(error).split())[:200]}"
        raise UserError(Problem(what, shown, cure="copy it while no program has it open, or export CSV")) from None
    found = {name: rows for name, rows in found.items() if len(rows) > 1}
    if not found:
        raise UserError(Problem("the database holds no table with rows", shown, cure=READ_CURE))
    return found


def _rows(base: sqlite3.Connection, name: str, most_rows: int | None) -> Rows:
    quoted = '"' + name.replace('"', '""') + '"'
    asked = base.execute(f"SELECT * FROM {quoted} LIMIT {-1 if most_rows is None else most_rows}")
    head: Sequence[object] = [column[0] for column in asked.description]
    return [list(head), *([_plain(cell) for cell in row] for row in asked)]


def _plain(cell: object) -> object:
    if isinstance(cell, bytes):
        return cell.hex()
    return "" if cell is None else cell
