"""Rows of workbooks (XLSX, XLS, XLSB, ODS), of the tables in a DOCX and of other files of tables, sheet by sheet."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.containers import Content, content_of, stop_at_bomb
from kam_analysis.sources.structured import structured_tables

FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](?:1|true)")
LARGEST_DOCUMENT = 512 << 20
LOCKED, LOCKED_WITHIN = "EncryptedPackage".encode("utf-16-le"), 64 << 20
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_ATTRIBUTE = re.compile(rb"""(\w+)=["']([^"']*)["']""")
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

Rows = Sequence[Sequence[object]]


def _every(names: list[str], hidden: set[str]) -> list[str]:
    return names


def sheets(
    path: Path, shown: str, wanted: Callable[[list[str], set[str]], list[str]] = _every, most_rows: int | None = None
) -> dict[str, Rows]:
    """Give the rows of the sheets of a workbook, or of the tables of a document or page ("table 1", "table 2", …).

    Parameters
    ----------
    path : Path
        The file; it is only read.
    shown : str
        How messages call it.
    wanted : callable
        Chooses among the names of the sheets; receives all of them, and those that are hidden.
    most_rows : int, optional
        Rows of every sheet that are enough.

    Raises
    ------
    UserError
        When the file is no workbook, has a password, is a document without a table, or unpacks to far more than it is.
    """
    content = content_of(path, shown)
    if content is Content.DOCUMENT:
        tables = _document_tables(path, shown)
        return {name: tables[name][:most_rows] for name in wanted(list(tables), set())}
    if content in (Content.TEXT, Content.PARQUET):
        raise UserError(Problem("not readable as a workbook: a text", shown, cure="save it again as XLSX or CSV"))
    if content is not Content.WORKBOOK:
        others, unseen = structured_tables(path, content, shown, most_rows)
        return {name: others[name] for name in wanted(list(others), unseen)}
    stop_at_bomb(path, shown)
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with path.open("rb") as raw:  # a path alone would be read as its ending says
            _stop_at_password(raw.read(LOCKED_WITHIN), shown)
            raw.seek(0)
            book = CalamineWorkbook.from_filelike(raw)
        tables_of_it = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        hidden = {sheet.name for sheet in tables_of_it if sheet.visible != SheetVisibleEnum.Visible}
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=most_rows)
            for name in wanted([sheet.name for sheet in tables_of_it], hidden)
        }
    except (CalamineError, ValueError, OverflowError) as error:
        cure = "save it again as XLSX or CSV, without a password"
        raise UserError(Problem(f"not readable as a workbook: {error}", shown, cure=cure)) from None


def _stop_at_password(first: bytes, shown: str) -> None:
    if LOCKED in first:
        raise UserError(Problem("a workbook with a password: not read", shown, cure="save it without a password"))


def row_depths(path: Path, sheet: str, column: int, cells: Mapping[int, object]) -> dict[int, tuple[int, int, int]]:
    """How deep the rows of a sheet stand, by row: its outline level, the indent of a cell, the blanks before its text.

    Outline levels and indents are known of XLSX alone; a file whose styles cannot be read has none.

    Parameters
    ----------
    path : Path
    sheet : str
    column : int
        Place of the column whose cells are looked at, from 0.
    cells : mapping of int to object
        Its cells by row, the first row of the sheet is 1.
    """
    blanks = {
        number: len(text) - len(text.lstrip()) for number, text in cells.items() if isinstance(text, str) and text
    }
    if path.suffix.lower() not in (".xlsx", ".xlsm") or not _shows_depths(path):
        return {number: (0, 0, blank) for number, blank in blanks.items()}
    import openpyxl

    try:
        book = openpyxl.load_workbook(path)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, zipfile.BadZipFile):
        return {number: (0, 0, blank) for number, blank in blanks.items()}
    shown = book[sheet]
    return {
        number: (
            shown.row_dimensions[number].outlineLevel or 0,
            int(shown.cell(number, column + 1).alignment.indent or 0),
            blank,
        )
        for number, blank in blanks.items()
    }


def hidden_rows(path: Path, sheet: str) -> frozenset[int]:
    """Give the rows of a sheet of XLSX that are hidden, from 1; rows that are folded below others are not.

    Parameters
    ----------
    path : Path
    sheet : str
    """
    if not zipfile.is_zipfile(path):
        return frozenset()
    with zipfile.ZipFile(path) as book:
        part = _part_of_sheet(book, sheet)
        text = book.read(part) if part else b""
    if b"hidden=" not in text:
        return frozenset()
    rows = (dict(_ATTRIBUTE.findall(tag)) for tag in _ROW.findall(text))
    return frozenset(
        int(row[b"r"])
        for row in rows
        if row.get(b"hidden") in (b"1", b"true")
        and row.get(b"r", b"").isdigit()
        and not int(row.get(b"outlineLevel", 0))
    )


def _part_of_sheet(book: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the part of a workbook that holds a sheet."""
    try:
        texts = [book.read("xl/workbook.xml"), book.read("xl/_rels/workbook.xml.rels")]
        if any(b"<!DOCTYPE" in text for text in texts):
            return None
        names, targets = map(ElementTree.fromstring, texts)
    except (KeyError, ElementTree.ParseError):
        return None
    keys = [one.get(f"{_RELATED}id") for one in names.iter() if one.tag.endswith("}sheet") and one.get("name") == sheet]
    found = [str(one.get("Target")) for one in targets if keys and one.get("Id") == keys[0]]
    part = found[0].removeprefix("/") if found else ""
    part = part if part.startswith("xl/") else f"xl/{part}"
    return part if part in book.namelist() else None


def _shows_depths(path: Path) -> bool:
    """Whether any row of a workbook has an outline level, or any style an indent: spares reading all styles."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as book:
        names = [name for name in book.namelist() if name.endswith(".xml")]
        sheets_of_it = [name for name in names if name.startswith("xl/worksheets/")]
        return any(b"outlineLevel=" in book.read(name) for name in sheets_of_it) or any(
            b"indent=" in book.read(name) for name in names if name == "xl/styles.xml"
        )


def counts_from_1904(path: Path) -> bool:
    """Whether a workbook counts its days from 1904, as those of old Macintosh programs do."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        try:
            return FROM_1904.search(archive.read("xl/workbook.xml")) is not None
        except KeyError:
            return False


def _document_tables(path: Path, shown: str) -> dict[str, Rows]:
    stop_at_bomb(path, shown)
    try:
        with zipfile.ZipFile(path) as archive, archive.open("word/document.xml") as part:
            text = part.read(LARGEST_DOCUMENT + 1)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, RuntimeError) as error:
        cure = "save it again as DOCX, without a password"
        raise UserError(Problem(f"not readable as a document: {error}", shown, cure=cure)) from None
    if len(text) > LARGEST_DOCUMENT or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise UserError(Problem("holds what no word processor writes: not read", shown, cure="save it again as DOCX"))
    try:
        body = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise UserError(Problem(f"not readable as a document: {error}", shown, cure="save it again as DOCX")) from None
    found = [list(_table_rows(table)) for table in _outer_tables(body)]
    if not found:
        raise UserError(Problem("the document holds no table", shown, cure="paste the table into a workbook"))
    return {f"table {number}": rows for number, rows in enumerate(found, 1)}


def _outer_tables(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for child in element:
        if child.tag == f"{_WORD}tbl":
            yield child
        else:
            yield from _outer_tables(child)


def _table_rows(table: ElementTree.Element) -> Iterator[list[object]]:
    """Rows of a table; a cell merged downwards is repeated, one merged to the right leaves blanks."""
    above: list[object] = []
    for row in table.iter(f"{_WORD}tr"):
        cells: list[object] = []
        for cell in row.findall(f"{_WORD}tc"):
            properties = cell.find(f"{_WORD}tcPr")
            merged = None if properties is None else properties.find(f"{_WORD}vMerge")
            span = None if properties is None else properties.find(f"{_WORD}gridSpan")
            place = len(cells)
            is_continued = merged is not None and merged.get(f"{_WORD}val") != "restart" and place < len(above)
            cells.append(above[place] if is_continued else _cell_text(cell))
            width = str(span.get(f"{_WORD}val")) if span is not None else "1"
            cells += [""] * (min(int(width), 1000) - 1 if width.isdigit() else 0)
        above = cells
        yield cells


def _cell_text(cell: ElementTree.Element) -> str:
    paragraphs = (
        "".join(run.text or "" for run in paragraph.iter(f"{_WORD}t")).strip() for paragraph in cell.iter(f"{_WORD}p")
    )
    return " ".join(text for text in paragraphs if text)
