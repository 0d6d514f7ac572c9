"""Files into the engine: every physical row with its file, sheet and row number, nothing interpreted yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from kam_analysis.engine import Engine, literal, quoted
from kam_analysis.errors import Collected, Problem, UserError
from kam_analysis.sources.profile import FileTable

WORKBOOKS = {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"}
TEXTS = {".csv", ".tsv", ".txt"}
PLACE = ("_file", "_sheet", "_row")


@dataclass(frozen=True)
class RawPart:
    """One file or sheet as a view of the engine: the source's own columns, and `_file`, `_sheet`, `_row`."""

    view: str
    file: str
    sheet: str | None
    columns: tuple[str, ...]

    @property
    def where(self) -> str:
        """Where a person finds it."""
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file


def raw_parts(engine: Engine, name: str, spec: FileTable, folder: Path, scratch: Path) -> list[RawPart]:
    """Open all files and sheets of one table of a source.

    Parameters
    ----------
    engine : Engine
        Receives a view for every part.
    name : str
        Name of the table in the profile.
    spec : FileTable
        Where it is and how it is read.
    folder : Path
        ``data/raw/NAME``; the files are only read.
    scratch : Path
        A folder for re-encoded copies, which must live as long as the views.

    Raises
    ------
    UserError
        For missing, unreadable or empty files and for columns that the profile names and a file has not; all of
        them at once.
    """
    found = Collected()
    parts: list[RawPart] = []
    for path in _paths(spec, folder, name, found):
        shown = str(path.relative_to(folder))
        try:
            parts.extend(_open(engine, f"raw_{name}_{len(parts)}", spec, path, shown, scratch))
        except UserError as error:
            found.problems.extend(error.problems)
        except (duckdb.Error, OSError) as error:
            found.add(f"cannot be read: {' '.join(str(error).split())[:300]}", shown, cure=f"sources: {name}.encoding, "
                      f"{name}.delimiter, or export the file again")
    for part in parts:
        lacking = [column for column in spec.columns.values() if column not in part.columns]
        for column in lacking:
            found.add(
                f"no column {column!r}",
                part.where,
                examples=[repr(header) for header in part.columns],
                cure=f"correct {name}.columns in the source profile",
            )
    found.raise_any()
    return parts


def _paths(spec: FileTable, folder: Path, name: str, found: Collected) -> list[Path]:
    paths: list[Path] = []
    for pattern in spec.files:
        matching = sorted(path for path in folder.glob(pattern) if path not in paths)
        paths.extend(matching)
        if not matching:
            found.add("no such file", str(Path("data/raw") / folder.name / pattern), cure=f"{name}.files in the source "
                      "profile, or put the export there")
    for path in [path for path in paths if not path.is_file()]:
        found.add("is a folder, not a file", str(path.relative_to(folder)))
        paths.remove(path)
    return paths


def _open(
    engine: Engine, view: str, spec: FileTable, path: Path, shown: str, scratch: Path
) -> Iterator[RawPart]:
    suffix = path.suffix.lower()
    if path.stat().st_size == 0:
        raise UserError(Problem("the file is empty", shown))
    if suffix in WORKBOOKS:
        yield from _open_workbook(engine, view, spec, path, shown)
        return
    if suffix == ".parquet":
        scan = f"read_parquet({literal(str(path))})"
        first_row = 1
    elif suffix in TEXTS:
        readable = _utf8(spec, path, shown, scratch)
        scan = _blank_scan(engine, spec, readable) if spec.delimiter == "blanks" else _csv_scan(spec, readable)
        first_row = 2 if spec.header else 1
    else:
        raise UserError(Problem(f"files of type {suffix or '(none)'} are not read", shown, cure="export as CSV, "
                                "XLSX or Parquet"))
    yield _view(engine, view, scan, shown, None, first_row)


def _view(engine: Engine, view: str, scan: str, file: str, sheet: str | None, first_row: int) -> RawPart:
    engine.view(
        view,
        f"SELECT {literal(file)} AS _file, {literal(sheet) if sheet else 'CAST(NULL AS VARCHAR)'} AS _sheet, "
        f"row_number() OVER () + {first_row - 1} AS _row, * FROM {scan}",
    )
    columns = tuple(name for name in engine.types(view) if name not in PLACE)
    return RawPart(view, file, sheet, columns)


def _csv_scan(spec: FileTable, path: Path) -> str:
    delimiter = f"delim = {literal(spec.delimiter)}, " if spec.delimiter else ""
    names = "" if spec.header else ", names = [" + ", ".join(literal(n) for n in _numbered(spec, path)) + "]"
    return (
        f"read_csv({literal(str(path))}, all_varchar = true, {delimiter}header = {str(spec.header).lower()}, "
        f"quote = '\"', escape = '\"', null_padding = true, strict_mode = true, parallel = false{names})"
    )


def _numbered(spec: FileTable, path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig") as lines:
        first = next(lines)
    return [str(n + 1) for n in range(first.count(spec.delimiter or ",") + 1)]


def _blank_scan(engine: Engine, spec: FileTable, path: Path) -> str:
    lines = (
        f"read_csv({literal(str(path))}, columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '', "
        f"header = false, auto_detect = false, skip = {int(spec.header)})"
    )
    with path.open(encoding="utf-8-sig") as text:
        first = next(text).split()
    names = first if spec.header else [str(n + 1) for n in range(len(first))]
    words = "regexp_split_to_array(trim(replace(line, chr(13), '')), '\\s+')"
    columns = ", ".join(f"words[{n + 1}] AS {quoted(name)}" for n, name in enumerate(names))
    return f"(SELECT {columns} FROM (SELECT {words} AS words FROM {lines}))"


def _utf8(spec: FileTable, path: Path, shown: str, scratch: Path) -> Path:
    if spec.encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        _refuse_wrong_encoding(path, shown)
        return path
    target = scratch / f"{len(list(scratch.iterdir()))}_{path.name}"
    try:
        with path.open(encoding=spec.encoding, newline="") as source, target.open("w", encoding="utf-8", newline="") as copy:
            while block := source.read(1 << 20):
                copy.write(block)
    except (LookupError, UnicodeError) as error:
        raise UserError(Problem(f"not readable as {spec.encoding}: {error}", shown, cure="the key encoding in the "
                                "source profile")) from None
    return target


def _refuse_wrong_encoding(path: Path, shown: str) -> None:
    from charset_normalizer import from_bytes

    with path.open(encoding="utf-8") as text:
        try:
            while text.read(1 << 20):
                pass
        except UnicodeDecodeError as error:
            with path.open("rb") as raw:
                guess = from_bytes(raw.read(1 << 16)).best()
            raise UserError(
                Problem(
                    f"not UTF-8 (byte {error.start})",
                    shown,
                    cure=f"add `encoding: {guess.encoding}` to the table in the source profile, if it reads well"
                    if guess
                    else "add the key encoding to the table in the source profile",
                )
            ) from None


def _open_workbook(engine: Engine, view: str, spec: FileTable, path: Path, shown: str) -> Iterator[RawPart]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        wanted = _sheets(spec, workbook.sheet_names, shown)
        for number, sheet in enumerate(wanted):
            part = f"{view}_{number}"
            first_row = _put_sheet(engine, part, workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False),
                                   spec, f"{shown}, sheet {sheet}")
            yield _view(engine, f"{part}_view", quoted(part), shown, sheet, first_row)
    except CalamineError as error:
        raise UserError(Problem(f"not readable as a workbook: {error}", shown, cure="save it again as XLSX or CSV")) from None


def _sheets(spec: FileTable, names: list[str], shown: str) -> list[str]:
    if spec.sheet == "*":
        return names
    if spec.sheet is None and len(names) == 1:
        return names
    if spec.sheet in names:
        return [str(spec.sheet)]
    what = f"no sheet {spec.sheet!r}" if spec.sheet else f"{len(names)} sheets"
    raise UserError(Problem(what, shown, examples=names, cure='name one with the key `sheet`, or "*" for all'))


def _put_sheet(engine: Engine, name: str, rows: list[list[object]], spec: FileTable, where: str) -> int:
    import pyarrow as pa

    if not rows:
        raise UserError(Problem("the sheet is empty", where))
    head = [_cell(value) for value in rows[0]]
    names = [text or f"column {n + 1}" for n, text in enumerate(head)] if spec.header else [
        str(n + 1) for n in range(len(head))
    ]
    if len(set(names)) < len(names):
        raise UserError(Problem("a header repeats", where, examples=sorted({n for n in names if names.count(n) > 1})))
    body = rows[1:] if spec.header else rows
    columns = {
        column: pa.array([_cell(row[n]) if n < len(row) else None for row in body], pa.string())
        for n, column in enumerate(names)
    }
    engine.put(name, pa.table(columns))
    return 2 if spec.header else 1


def _cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value)
