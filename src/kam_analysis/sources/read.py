"""Files into the engine: every physical row with its file, sheet and row number; texts trimmed, nothing interpreted."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import duckdb

from kam_analysis.engine import Engine, literal, quoted
from kam_analysis.errors import Collected, Problem, UserError
from kam_analysis.sources.containers import Content, opened
from kam_analysis.sources.dates import DAYS_ZERO, EXCEL, EXCEL_1904
from kam_analysis.sources.profile import FileTable, Orders
from kam_analysis.sources.workbook import counts_from_1904, hidden_rows, row_depths, sheets

DECISIONS = "resolutions.csv"  # the analyst's own file beside the exports: no pattern takes it for one
BLANK = "[" + "".join(f"\\x{{{code:x}}}" for code in (9, 10, 11, 12, 13, 32, 160, 8239, 65279)) + "]"
LAST_LETTER = "\u1fff"  # between the blanks 160 and 8239
DELIMITERS = ";\t|,"
BLOCK = 1 << 20
BLANK_LINE = "chr(26)"
WIDEST = 1_000
ZONED = "TIMESTAMP WITH TIME ZONE"
CLOSE_QUOTES = 'write a quote inside a quoted text twice (""), or export the file again'
NO_TEXT = "[\x00\x80-\x84\x86-\x9f]"  # control signs: a single-byte code page read as another one
NO_WORD = "[À-ÿ]{5}"  # Cyrillic read as a Western code page


@dataclass(frozen=True)
class RawPart:
    """One file or sheet as a view: `_file`, `_sheet`, `_row`, and the source's own columns, their texts trimmed.

    `types` holds the SQL type of each of those columns, by name and in order; `lacking` names columns that the file has
    not and other files of the table have: they are blank. `from_1904`: its day numbers count from 1904. `depths` say
    how deep rows stand, by row: the outline level of the sheet, the indent of the cell, the blanks before the text.
    `hidden` are the rows that a sheet of order lines hides.
    """

    view: str
    file: str
    sheet: str | None
    types: Mapping[str, str]
    lacking: tuple[str, ...] = ()
    from_1904: bool = False
    depths: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the source's own columns."""
        return tuple(self.types)

    @property
    def where(self) -> str:
        """Where a person finds it."""
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file

    def spec(self, spec: FileTable) -> FileTable:
        """How the cells of this very file are read."""
        return spec.model_copy(update={"date_format": EXCEL_1904}) if self.from_1904 else spec


def raw_parts(
    engine: Engine,
    name: str,
    spec: FileTable,
    folder: Path,
    scratch: Path,
    needed: Iterable[str] = (),
    key: str = "",
    welcome: Iterable[str] = (),
) -> list[RawPart]:
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
    needed : iterable of str
        Columns that every part must have.
    key : str
        Where the profile names the table, `name` where it is a key itself.
    welcome : iterable of str
        Columns that one part must have; they are blank in the others.

    Raises
    ------
    UserError
        For missing, unreadable or empty files and for columns that the profile names and a file has not; all of
        them at once.
    """
    found = Collected()
    parts: list[RawPart] = []
    key = key or name
    for path in _paths(spec, folder, key, found):
        shown = path.relative_to(folder).as_posix()
        try:
            parts.extend(_open(engine, f"raw_{name}_{len(parts)}", spec, path, shown, scratch))
        except UserError as error:
            found.problems.extend(error.problems)
        except (duckdb.Error, OSError) as error:
            found.problems.append(_unreadable(error, shown))
    parted = [name for names in spec.combine.values() for name in names]
    if lacking := missing_columns(parts, parted, f"{key}.combine"):
        raise UserError([*found.problems, *lacking])
    parts = [_combined(engine, part, spec) for part in parts] if spec.combine else parts
    held = {column for part in parts for column in part.columns}
    optional = dict.fromkeys(welcome)
    unheld = [column for column in optional if column not in held]
    found.problems.extend(missing_columns(parts, [*needed, *unheld], f"{key}.columns"))
    found.raise_any()
    return [_filled_up(engine, part, [name for name in optional if name not in part.columns]) for part in parts]


def _combined(engine: Engine, part: RawPart, spec: FileTable) -> RawPart:
    """Add the columns that are made of others, their texts parted by blanks."""
    made = {
        name: f"nullif(concat_ws(' ', {', '.join(f'CAST({quoted(column)} AS VARCHAR)' for column in columns)}), '')"
        for name, columns in spec.combine.items()
    }
    return _with_columns(engine, part, f"{part.view}_combined", made)


def _filled_up(engine: Engine, part: RawPart, lacking: Sequence[str]) -> RawPart:
    """Add blank columns for those that the file lacks."""
    if not lacking:
        return part
    made = _with_columns(engine, part, f"{part.view}_whole", dict.fromkeys(lacking, "CAST(NULL AS VARCHAR)"))
    return replace(made, lacking=tuple(lacking))


def _with_columns(engine: Engine, part: RawPart, view: str, made: Mapping[str, str]) -> RawPart:
    kept = ["_file", "_sheet", "_row", *(quoted(name) for name in part.columns if name not in made)]
    added = [f"{cell} AS {quoted(name)}" for name, cell in made.items()]
    engine.view(view, f"SELECT {', '.join([*kept, *added])} FROM {quoted(part.view)}")
    types = {name: kind for name, kind in part.types.items() if name not in made} | dict.fromkeys(made, "VARCHAR")
    return replace(part, view=view, types=types)


def missing_columns(parts: Iterable[RawPart], needed: Iterable[str], key: str) -> list[Problem]:
    """One problem per part and column that is needed there and is not there."""
    wanted = list(needed)
    return [
        Problem(
            f"no column {column!r}",
            part.where,
            examples=[repr(header) for header in part.columns],
            cure=f"correct {key} in the source profile",
        )
        for part in parts
        for column in wanted
        if column not in part.columns
    ]


def unreadable_rows(engine: Engine, parts: Sequence[RawPart]) -> UserError | None:
    """Say which parts hold a row that does not fit its head; None where every row can be read."""
    found = Collected()
    for part in parts:
        try:
            engine.rows(
                f"SELECT max(hash({', '.join(quoted(name) for name in part.columns)})) FROM {quoted(part.view)}"
            )
        except duckdb.Error as error:
            found.problems.append(_unreadable(error, part.where))
    return UserError(found.problems) if found.problems else None


def _unreadable(error: Exception, where: str) -> Problem:
    text = str(error)
    row = re.search(r"CSV Error on Line: (\d+)\s+Original Line: (.*)", text)
    counts = re.search(r"Expected Number of Columns: (\d+)", text)
    if row and counts:
        what = f"a row of more than {counts[1]} columns, as many as the head has"
        cure = "put texts that hold the delimiter into quotes, or correct `delimiter` in the source profile"
        return Problem(what, f"{where}, row {row[1]}", examples=[repr(row[2][:100])], cure=cure)
    cure = "`encoding` and `delimiter` in the source profile, or export the file again"
    return Problem(f"cannot be read: {plain_reason(error)}", where, cure=cure)


def plain_reason(error: Exception) -> str:
    """Say what an engine's error says to a person: one line, without advice to programmers and without a traceback.

    Examples
    --------
    >>> plain_reason(ValueError("No magic bytes, due to the following Python exception: Traceback (most recent"))
    'No magic bytes'
    """
    reason = re.split("Possible fixes| file = | in file |LINE [0-9]+:|,? due to the following|Traceback", str(error))[0]
    return " ".join(reason.split())[:300]


def _paths(spec: FileTable, folder: Path, name: str, found: Collected) -> list[Path]:
    paths: list[Path] = []
    for pattern in spec.files:
        exact = folder / pattern
        matching = [exact] if exact.exists() else sorted(set(folder.glob(pattern)) - {folder / DECISIONS})
        paths.extend(path for path in matching if path not in paths)
        if not matching:
            where = Path("data/raw") / folder.name / pattern
            found.add(
                "no such file", where.as_posix(), cure=f"{name}.files in the source profile, or put the export there"
            )
    for path in [path for path in paths if not path.is_file()]:
        found.add("is a folder, not a file", path.relative_to(folder).as_posix())
        paths.remove(path)
    return paths


def _open(engine: Engine, view: str, spec: FileTable, path: Path, shown: str, scratch: Path) -> Iterator[RawPart]:
    if path.stat().st_size == 0:
        raise UserError(Problem("the file is empty", shown))
    path, content = opened(path, shown, scratch)
    if content is Content.TEXT:
        yield _open_text(engine, view, spec, path, shown, scratch)
    elif content is Content.PARQUET:
        scan = f"read_parquet({literal(str(_without_wildcards(path, scratch)))})"
        yield _view(engine, view, scan, spec, shown, None, 1, "file_row_number")
    else:
        yield from _open_workbook(engine, view, spec, path, shown)


def _without_wildcards(path: Path, scratch: Path) -> Path:
    if not set(str(path)) & set("*?[{"):
        return path
    return Path(shutil.copyfile(path, _next(scratch)))


def _next(scratch: Path) -> Path:
    return scratch / f"{len(list(scratch.iterdir()))}.txt"


def _view(
    engine: Engine, view: str, scan: str, spec: FileTable, file: str, sheet: str | None, first_row: int, row: str
) -> RawPart:
    """Trimmed cells of a scan with their place; `row` counts its rows from 0, unless a column bears that name."""
    types = {name: sql_type for name, sql_type, *_ in engine.rows(f"DESCRIBE SELECT * FROM {scan}")}
    _stop_when_too_wide(len(types), file)
    if row in map(str.casefold, types):
        row = "row_number() OVER () - 1"
    cells = [
        _trimmed(name, spec.empty) if sql_type == "VARCHAR" else in_utc(name, sql_type)
        for name, sql_type in types.items()
    ]
    if spec.header and set(types.values()) == {"VARCHAR"}:
        cells = _without_heads(engine, scan, list(types), cells)
    engine.view(
        view,
        f"SELECT {literal(file)} AS _file, {literal(sheet) if sheet else 'CAST(NULL AS VARCHAR)'} AS _sheet, "
        f"{row} + {first_row} AS _row, {', '.join(cells)} FROM {scan}",
    )
    return RawPart(view, file, sheet, {name: "TIMESTAMP" if kind == ZONED else kind for name, kind in types.items()})


def _without_heads(engine: Engine, scan: str, names: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Blank the cells of rows that repeat the head, as lists of several pages do: such a row is no line."""
    told = [name for name in names if not re.fullmatch(r"column \d+|.* \(\d+\)", name)]
    is_head = " AND ".join(f"coalesce(trim({quoted(name)}) = {literal(name)}, false)" for name in told)
    if len(told) < 2 or not engine.rows(f"SELECT 1 FROM {scan} WHERE {is_head} LIMIT 1"):
        return list(cells)
    own = [cell.removesuffix(f" AS {quoted(name)}") for cell, name in zip(cells, names, strict=True)]
    return [
        f"CASE WHEN {is_head} THEN NULL ELSE {cell} END AS {quoted(name)}"
        for cell, name in zip(own, names, strict=True)
    ]


def _stop_when_too_wide(columns: int, where: str) -> None:
    if columns > WIDEST:
        cure = f"export the columns that are needed, {WIDEST:,} at most"
        raise UserError(Problem(f"has {columns:,} columns: not read", where, cure=cure))


def in_utc(name: str, sql_type: str) -> str:
    """Give a cell as it is, one with a time zone as a time of UTC.

    Examples
    --------
    >>> in_utc("sold", "DATE"), in_utc("sold", "TIMESTAMP WITH TIME ZONE")
    ('"sold"', 'make_timestamp(epoch_us("sold")) AS "sold"')
    """
    return f"make_timestamp(epoch_us({quoted(name)})) AS {quoted(name)}" if sql_type == ZONED else quoted(name)


def _trimmed(name: str, empty: Sequence[str]) -> str:
    cell, edges = quoted(name), literal(f"^{BLANK}+|{BLANK}+$")
    is_trim = " AND ".join(
        f"({edge} BETWEEN '!' AND '~' OR {edge} BETWEEN 'À' AND '{LAST_LETTER}')" for edge in (cell, f"{cell}[-1]")
    )  # spares most cells the pattern, which takes six times as long
    blank = f"WHEN {cell} IN ({', '.join(map(literal, empty))}) THEN NULL " if empty else ""
    trimmed = f"nullif(regexp_replace({cell}, {edges}, '', 'g'), '')"
    return f"CASE {blank}WHEN {is_trim} THEN {cell} ELSE {trimmed} END AS {cell}"


def _open_text(engine: Engine, view: str, spec: FileTable, path: Path, shown: str, scratch: Path) -> RawPart:
    readable = _without_wildcards(_with_one_line_end(_utf8(spec, path, shown, scratch), scratch), scratch)
    if spec.delimiter == "blanks":
        readable, delimiter = _tabbed(readable, shown, scratch), "\t"
    else:
        delimiter = spec.delimiter or _likely_delimiter(readable)
    counted = _quoted_records(readable, delimiter, shown)
    head, records, lines = _head(readable, delimiter, spec, shown)
    _stop_when_too_wide(len(head), shown)
    blank_below = _has_blank_line(readable)
    if blank_below:
        outside_quotes = counted[1] if counted else None
        readable = _with_blank_lines_marked(readable, lines if spec.header else 0, outside_quotes, scratch)
    columns = ", ".join(f"c{n}: 'VARCHAR'" for n in range(len(head)))
    cells = ", ".join(f"c{n} AS {quoted(name)}" for n, name in enumerate(_names(head, spec, shown)))
    scan = (
        f"read_csv({literal(str(readable))}, auto_detect = false, columns = {{{columns}}}, header = false, "
        f"skip = {records if spec.header else 0}, delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
        "null_padding = true, strict_mode = true, parallel = false)"
    )
    text = f"{view}_text"
    try:
        engine.materialise(text, f"SELECT {cells} FROM {scan}")
    except duckdb.Error as error:
        raise UserError(_unreadable(error, shown)) from None
    part = _view(engine, view, quoted(text), spec, shown, None, lines + 1 if spec.header else 1, "rowid")
    if isinstance(spec, Orders) and spec.levels and spec.group in part.columns:
        groups = engine.rows(f"SELECT rowid, {quoted(spec.group)} FROM {quoted(text)}")
        first_row = lines + 1 if spec.header else 1
        part = replace(part, depths={row + first_row: (0, 0, blanks_before(cell)) for row, cell in groups if cell})
    first = quoted(part.columns[0])
    if counted is not None:
        rows = engine.rows(f"SELECT count(*) FROM {quoted(view)} WHERE {first} IS DISTINCT FROM {BLANK_LINE}")[0][0]
        expected = counted[0] - _skipped(readable, delimiter, records, spec)
        if rows != expected:
            what = f"quotes are not closed: {rows} of {counted[0]} rows understood"
            raise UserError(Problem(what, shown, cure=CLOSE_QUOTES))
    if blank_below:
        engine.view(f"{view}_filled", f"SELECT * FROM {quoted(view)} WHERE {first} IS DISTINCT FROM {BLANK_LINE}")
        part = replace(part, view=f"{view}_filled")
    return part


def _with_one_line_end(path: Path, scratch: Path) -> Path:
    """Copy a file whose lines end in two ways, as files put together of two systems do, with one of them."""
    both, every, last = 0, 0, b""
    with path.open("rb") as raw:
        for block in iter(partial(raw.read, BLOCK), b""):
            both, every = both + (last + block).count(b"\r\n"), every + block.count(b"\n")
            last = block[-1:]
    if both in (0, every):
        return path
    target = _next(scratch)
    with path.open("rb") as raw, target.open("wb") as copy:
        for line in raw:
            copy.write(line[:-2] + b"\n" if line.endswith(b"\r\n") else line)
    return target


def _has_blank_line(path: Path) -> bool:
    end = b""
    with path.open("rb") as raw:
        for block in iter(partial(raw.read, BLOCK), b""):
            if re.search(rb"\n\r?\n", end + block):
                return True
            end = block[-2:]
    return False


def _with_blank_lines_marked(path: Path, from_line: int, outside_quotes: set[int] | None, scratch: Path) -> Path:
    """Copy a file in which every blank line below the head is a row of its own, so that the rows keep their numbers."""
    target = _next(scratch)
    with path.open(encoding="utf-8-sig", newline="") as lines, target.open("w", encoding="utf-8", newline="") as copy:
        for number, line in enumerate(lines, start=1):
            is_blank = not line.strip("\r\n") and (outside_quotes is None or number in outside_quotes)
            copy.write(f"\x1a{line}" if is_blank and number > from_line else line)
    return target


def _likely_delimiter(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as lines:
        first = next((line for line in lines if line.strip()), "")
    outside_quotes = re.sub('"[^"]*"', "", first)
    return max(DELIMITERS, key=outside_quotes.count)


def _head(path: Path, delimiter: str, spec: FileTable, shown: str) -> tuple[list[str], int, int]:
    """Cells of the head, how many records it ends, and on which line."""
    rows: list[list[str]] = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        before = 0
        for records, cells in enumerate(reader, start=1):
            began, before = before + 1, reader.line_num
            if rows or (began >= spec.head_row if spec.head_row else cells):
                rows.append(cells)
                if len(rows) == spec.head_rows:
                    return (merged_head(rows) if spec.head_rows > 1 else rows[0]), records, reader.line_num
    if spec.head_row:
        raise UserError(Problem(f"no row {spec.head_row} to be the head", shown, cure="correct `head_row`"))
    raise UserError(Problem("the file is empty", shown))


def merged_head(rows: Sequence[Sequence[str | None]]) -> list[str]:
    """One head out of several rows: a blank cell carries on the words to its left, except in the last row.

    Words are carried as far as those above them: names that stand under one another belong to their column alone.

    Examples
    --------
    >>> merged_head([["Document", "", "Sum"], ["No", "Date", ""]])
    ['Document No', 'Document Date', 'Sum']
    >>> merged_head([["Customer", "Sum"], ["Document", ""], ["Item", ""]])
    ['Customer Document Item', 'Sum']
    """
    width = max(len(row) for row in rows)
    words: list[list[str]] = [[] for _ in range(width)]
    for place, row in enumerate(rows):
        carried = ""
        for column in range(width):
            cell = " ".join(str(row[column] or "").split()) if column < len(row) else ""
            is_end = place == len(rows) - 1 or any(above[column] for above in rows[:place] if column < len(above))
            carried = cell or ("" if is_end else carried)
            if carried and carried not in words[column]:
                words[column].append(carried)
    return [" ".join(parts) for parts in words]


def _skipped(path: Path, delimiter: str, records: int, spec: FileTable) -> int:
    """Filled records up to the end of the head."""
    if not spec.header:
        return 0
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        return sum(bool(next(reader)) for _ in range(records))


def _names(head: Sequence[str | None], spec: FileTable, where: str) -> list[str]:
    if not spec.header:
        return [str(n + 1) for n in range(len(head))]
    names: list[str] = []
    seen: dict[str, int] = {}
    mapped = set(spec.columns.values())
    for n, cell in enumerate(head):
        name = (cell if cell in mapped else head_text(cell)) or f"column {n + 1}"
        seen[name.casefold()] = times = seen.get(name.casefold(), 0) + 1
        names.append(name if times == 1 else f"{name} ({times})")
    if twice := sorted({column for column in spec.columns.values() if seen.get(column.casefold(), 0) > 1}):
        cure = "give the columns different heads in the export"
        raise UserError(Problem("a mapped column stands there more than once", where, examples=twice, cure=cure))
    return names


def _quoted_records(path: Path, delimiter: str, shown: str) -> tuple[int, set[int]] | None:
    """How many filled records a file with quotes holds, and the numbers of its blank lines outside of quotes."""
    with path.open("rb") as raw:
        if not any(b'"' in block for block in iter(partial(raw.read, BLOCK), b"")):
            return None
    records, line, blank = 0, 1, set[int]()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            for record in reader:
                records, line = records + bool(record), reader.line_num + 1
                if not record:
                    blank.add(reader.line_num)
        except csv.Error as error:
            what = f"a quoted text does not end where it should ({error})"
            raise UserError(Problem(what, f"{shown}, row {line}", cure=CLOSE_QUOTES)) from None
    return records, blank


def _tabbed(path: Path, shown: str, scratch: Path) -> Path:
    target = _next(scratch)
    wrong: list[str] = []
    width = 0
    with path.open(encoding="utf-8-sig") as lines, target.open("w", encoding="utf-8", newline="") as copy:
        writer = csv.writer(copy, delimiter="\t")
        for number, line in enumerate(lines, start=1):
            words = [word for word in re.split("[ \t\r\n]+", line) if word]
            width = width or len(words)
            if words and len(words) != width:
                wrong.append(f"row {number}: {line.strip()[:100]!r}")
            writer.writerow(words)
    if wrong:
        what = f"rows that do not hold {width} words as the first row does"
        raise UserError(Problem(what, shown, len(wrong), wrong, "export with a delimiter"))
    return target


def _utf8(spec: FileTable, path: Path, shown: str, scratch: Path) -> Path:
    encoding = spec.encoding.lower().replace("_", "-")
    if encoding in ("utf-8", "utf8", "utf-8-sig"):
        _check_utf8(path, shown)
        return path
    if not encoding.startswith("utf") and _is_utf8_beyond_ascii(path):
        raise UserError(
            Problem(f"is UTF-8, not {spec.encoding}", shown, cure="delete `encoding` in the source profile")
        )
    target = _next(scratch)
    try:
        with (
            path.open(encoding=spec.encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as copy,
        ):
            while block := source.read(BLOCK):
                _check_signs(block, spec.encoding, shown)
                copy.write(block)
    except (LookupError, UnicodeError) as error:
        cure = "the key `encoding` in the source profile"
        raise UserError(Problem(f"not readable as {spec.encoding}: {error}", shown, cure=cure)) from None
    return target


def _is_utf8_beyond_ascii(path: Path) -> bool:
    is_ascii = True
    try:
        with path.open(encoding="utf-8") as text:
            while block := text.read(BLOCK):
                is_ascii = is_ascii and block.isascii()
    except UnicodeDecodeError:
        return False
    return not is_ascii


def _check_signs(block: str, encoding: str, shown: str) -> None:
    if wrong := re.search(NO_TEXT if encoding.lower().startswith("utf") else f"{NO_TEXT}|{NO_WORD}", block):
        sample = block[max(0, wrong.start() - 20) : wrong.end() + 20]
        cure = "the key `encoding` in the source profile (utf-8, utf-16, cp1251, cp866 …)"
        raise UserError(Problem(f"does not read as {encoding}", shown, examples=[repr(sample)], cure=cure))


def _check_utf8(path: Path, shown: str) -> None:
    try:
        with path.open(encoding="utf-8") as text:
            while block := text.read(BLOCK):
                _check_signs(block, "utf-8", shown)
    except UnicodeDecodeError:
        raise UserError(_other_encoding(path, shown)) from None


def _other_encoding(path: Path, shown: str) -> Problem:
    from charset_normalizer import from_bytes

    with path.open("rb") as raw:
        guess = from_bytes(raw.read(1 << 16)).best()
    if guess is None:
        return Problem("is not UTF-8", shown, cure="add the key `encoding` to the table in the source profile")
    line = next((line for line in str(guess).splitlines() if not line.isascii()), "")
    cure = f"add `encoding: {guess.encoding}` to the table in the source profile, if the example reads well"
    return Problem("is not UTF-8", shown, examples=[repr(line[:100])], cure=cure)


def _open_workbook(engine: Engine, view: str, spec: FileTable, path: Path, shown: str) -> Iterator[RawPart]:
    tables = sheets(path, shown, lambda names, hidden: _sheets(spec, names, hidden, shown))
    filled = {sheet: rows for sheet, rows in tables.items() if any(cell != "" for row in rows for cell in row)}
    if not filled:
        raise UserError(Problem("the sheet is empty", f"{shown}, sheet {', '.join(tables)}"))
    found = Collected()
    from_1904 = spec.date_format == EXCEL and counts_from_1904(path)
    for number, (sheet, rows) in enumerate(filled.items()):
        part = f"{view}_{number}"
        try:
            first_row = _put_sheet(engine, part, rows, spec, f"{shown}, sheet {sheet}")
        except UserError as error:
            found.problems.extend(error.problems)
        else:
            view_of_it = _view(engine, f"{part}_view", quoted(part), spec, shown, sheet, first_row, "rowid")
            depths = {}
            if isinstance(spec, Orders) and spec.levels and spec.group in view_of_it.columns:
                place = view_of_it.columns.index(spec.group)
                cells = {number: row[place] for number, row in enumerate(rows, 1) if place < len(row)}
                depths = row_depths(path, sheet, place, cells)
            hidden = hidden_rows(path, sheet) if isinstance(spec, Orders) else frozenset()
            if hidden and isinstance(spec, Orders) and spec.hidden_rows is None:
                found.problems.append(_rows_are_hidden(hidden, f"{shown}, sheet {sheet}"))
            yield replace(view_of_it, from_1904=from_1904, depths=depths, hidden=hidden)
    found.raise_any()


def _rows_are_hidden(rows: frozenset[int], where: str) -> Problem:
    cure = "say `hidden_rows: keep` or `hidden_rows: drop` under orders in the source profile, or show all rows"
    return Problem("hides rows", where, len(rows), [f"row {row}" for row in sorted(rows)[:3]], cure)


def _sheets(spec: FileTable, names: list[str], hidden: set[str], shown: str) -> list[str]:
    """Sheets to be read: the one named, or all that are not hidden; where all are hidden, all."""
    if spec.sheet in names:
        return [str(spec.sheet)]
    names = [name for name in names if name not in hidden] or names
    if spec.sheet == "*" or (spec.sheet is None and len(names) == 1):
        return names
    what = f"no sheet {spec.sheet!r}" if spec.sheet else f"{len(names)} sheets"
    raise UserError(Problem(what, shown, examples=names, cure='name one with the key `sheet`, or "*" for all'))


def _put_sheet(engine: Engine, name: str, rows: Sequence[Sequence[object]], spec: FileTable, where: str) -> int:
    import pyarrow as pa

    top = next(n for n, row in enumerate(rows) if any(cell != "" for cell in row))
    if spec.head_row:
        top = spec.head_row - 1
    if top + spec.head_rows > len(rows):
        raise UserError(Problem(f"no row {top + spec.head_rows} to be the head", where, cure="correct `head_row`"))
    head = [[head_text(value) for value in row] for row in rows[top : top + spec.head_rows]]
    names = _names(merged_head(head) if spec.head_rows > 1 else head[0], spec, where)
    first = top + spec.head_rows if spec.header else top
    columns = {
        column: pa.array([_cell(row[n], spec) if n < len(row) else None for row in rows[first:]], pa.string())
        for n, column in enumerate(names)
    }
    engine.put(name, pa.table(columns))
    return first + 1


def blanks_before(text: str) -> int:
    """How many blanks stand before a text.

    Examples
    --------
    >>> blanks_before("    Acme"), blanks_before("Acme")
    (4, 0)
    """
    return len(text) - len(text.lstrip())


def head_text(value: object) -> str:
    """Text of a cell of a head: a whole number without ".0", a date without the time of day.

    Examples
    --------
    >>> head_text(2024.0), head_text(dt.datetime(2024, 3, 1)), head_text(" Net  sales "), head_text(None)
    ('2024', '2024-03-01', 'Net sales', '')
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else " ".join(str(value).split())


def _cell(value: object, spec: FileTable) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float | Decimal):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
        return str(int(value) if whole else value).replace(".", spec.decimal)
    if isinstance(value, dt.datetime | dt.date):
        has_form = spec.date_format is not None and spec.date_format not in DAYS_ZERO
        return value.strftime(str(spec.date_format)) if has_form else value.isoformat()
    return str(value)
