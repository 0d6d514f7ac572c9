"""Tables of files before anything is known of them: encoding, delimiter, where the head stands."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from unicodedata import category

from kam_analysis.errors import Collected, Problem, UserError
from kam_analysis.sources.containers import Content as Held
from kam_analysis.sources.containers import opened
from kam_analysis.sources.dates import month_number
from kam_analysis.sources.mapping.content import ISO, NUMBER, Content, content_of
from kam_analysis.sources.mapping.names import name_columns
from kam_analysis.sources.mapping.scales import is_unit, measure_of, month_in, scale_of
from kam_analysis.sources.mapping.words import is_known
from kam_analysis.sources.read import (
    CLOSE_QUOTES,
    DELIMITERS,
    WIDEST,
    head_text,
    in_utc,
    merged_head,
    plain_reason,
)
from kam_analysis.sources.workbook import sheets

SAMPLE_BYTES = 4 << 20
SAMPLE_ROWS = 20_000
HEAD_WITHIN = 40
DAY = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
YEAR = re.compile(r"(19|20)\d\d( ?(г|год|година|year))?\.?")
FEWEST_MONTHS = 3
MOST_STACKED = 6
EMPTY = {"NULL", "null", "(null)", "[NULL]", "<NULL>", "\\N", "NaN", "nan", "#N/A", "#Н/Д"}  # as programs write none
MIXED, FULL = 0.5, 0.75
CODE_PAGES = ("cp1251", "cp866", "cp1252", "cp1250", "cp437", "koi8-r", "mac-cyrillic")
LATIN = (  # letters beyond ASCII that one language writes
    *("äöüß", "åäöæøé", "éèêëàâçîïôûùœ", "áéíóúñü", "ãõàáâçéêíóôúü"),
    *("čćžšđ", "áčďéěíňóřšťúůýžľĺŕôä", "ąćęłńóśźż", "áéíóöőúüű", "ăâîşţșț"),
)
FOREIGN = 0.4


@dataclass(frozen=True)
class TableSample:
    """A table in a file.

    Parameters
    ----------
    path : Path
    sheet : str or None
    head : tuple of str
        Names of the columns, as the profile will call them.
    rows : list of list
        Rows below the head, a sample of large files.
    settings : dict
        Keys of the profile for this table: encoding, delimiter, head_row, …
    example : str
        A line of the decoded text with a sign beyond ASCII, for the person to look at.
    title : str
        What stands above the head.
    numbers : tuple of int
        Numbers of the rows in the file, from 1; none where the rows are those of no single file.
    stacked : tuple of str
        Words of the head that stand under one another in one column: the groups of a report, the outermost first.
    is_hidden : bool
        Whether it is a hidden sheet of a workbook that shows others.
    """

    path: Path
    sheet: str | None
    head: tuple[str, ...]
    rows: list[list[Any]]
    settings: dict[str, Any] = field(default_factory=dict)
    example: str = ""
    title: str = ""
    numbers: tuple[int, ...] = ()
    stacked: tuple[str, ...] = ()
    is_hidden: bool = False

    @property
    def where(self) -> str:
        """Where a person finds it."""
        return f"{self.path.name}, sheet {self.sheet}" if self.sheet else self.path.name

    @property
    def name(self) -> str:
        """Short name: the sheet, else the file without its ending."""
        return self.sheet or self.path.stem

    def cells(self, column: str) -> list[Any]:
        """Cells of one column."""
        place = self.head.index(column)
        return [row[place] if place < len(row) else None for row in self.rows]

    def contents(self) -> dict[str, Content]:
        """What the cells of every column look like."""
        return {name: self._content(name) for name in self.head}

    def _content(self, column: str) -> Content:
        """Numbers among which totals are written in another form are told by the full rows."""
        content = content_of(self.cells(column), column)
        if not content.is_number and content.number_share >= MIXED:
            filled = [sum(map(_filled, row)) for row in self.rows]
            usual = Counter(filled).most_common(1)[0][0]
            cells = [cell for cell, count in zip(self.cells(column), filled, strict=True) if count > usual * FULL]
            of_full = content_of(cells, column)
            if of_full.is_number:
                return replace(content, number_share=of_full.number_share, units=of_full.units)
        return content


def inspect(paths: Sequence[Path]) -> list[TableSample]:
    """Inspect all tables of some files.

    Raises
    ------
    UserError
        For every file that cannot be read as a table.
    """
    found = Collected()
    samples: list[TableSample] = []
    for path in paths:
        try:
            with tempfile.TemporaryDirectory(prefix="look-") as scratch:
                samples.extend(_with_names(table) for table in _tables(path, Path(scratch)))
        except UserError as error:
            found.problems.extend(error.problems)
        except OSError as error:
            found.add(f"cannot be read: {error.strerror or error}", path.name)
    found.raise_any()
    return samples


def _with_names(sample: TableSample) -> TableSample:
    """Add a column for every first name that stands beside its last name."""
    combined = name_columns(sample.head)
    if not combined:
        return sample
    parts = {name: [sample.cells(column) for column in columns] for name, columns in combined.items()}
    rows = [
        [*row, *[""] * (len(sample.head) - len(row)), *(_joined(cells, place) for cells in parts.values())]
        for place, row in enumerate(sample.rows)
    ]
    settings = sample.settings | {"combine": {name: list(columns) for name, columns in combined.items()}}
    return replace(sample, head=(*sample.head, *combined), rows=rows, settings=settings)


def _joined(columns: Sequence[Sequence[Any]], place: int) -> str:
    return " ".join(text for cells in columns if (text := head_text(cells[place])))


def _tables(path: Path, scratch: Path) -> Iterator[TableSample]:
    if not path.exists():
        raise UserError(Problem("no such file", str(path)))
    if not path.is_file():
        raise UserError(Problem("is a folder, not a file", path.name, cure="name the files in it"))
    if path.stat().st_size == 0:
        raise UserError(Problem("the file is empty", path.name))
    file, content = opened(path, path.name, scratch)
    if content is Held.TEXT:
        made: Iterator[TableSample] = iter([_text(file)])
    elif content is Held.PARQUET:
        made = iter([_parquet(file)])
    else:
        made = _workbook(file, path.name)
    for sample in made:
        yield replace(sample, path=path)


def _text(path: Path) -> TableSample:
    with path.open("rb") as raw:
        data = raw.read(SAMPLE_BYTES)
    encoding, text = _decoded(data, path, len(data) == SAMPLE_BYTES)
    if "\x00" in text:
        raise UserError(Problem("holds zero bytes: no text file", path.name, cure="export it again as CSV or XLSX"))
    delimiter, rows = _split(text, path)
    if len(data) < SAMPLE_BYTES:
        _stop_at_open_quote(text, delimiter, path)
    settings: dict[str, Any] = {} if encoding == "utf-8" else {"encoding": encoding}
    first = next((line for line in text.splitlines() if line.strip()), "")
    if delimiter == "blanks" or max(DELIMITERS, key=re.sub('"[^"]*"', "", first).count) != delimiter:
        settings["delimiter"] = delimiter
    example = next((line.strip()[:80] for line in text.splitlines() if not line.isascii()), "")
    return _sampled(path, None, rows, settings, example)


def _stop_at_open_quote(text: str, delimiter: str, path: Path) -> None:
    if '"' not in text or len(delimiter) > 1:
        return
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error as error:
        what = f"a quoted text does not end where it should ({error})"
        raise UserError(Problem(what, f"{path.name}, row {line}", cure=CLOSE_QUOTES)) from None


def _decoded(data: bytes, path: Path, is_cut: bool) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", data[: len(data) // 2 * 2].decode("utf-16", errors="ignore" if is_cut else "strict")
    zeros = data[:2000].count(0)
    if zeros > len(data[:2000]) / 4:
        encoding = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
        return encoding, data[: len(data) // 2 * 2].decode(encoding, errors="replace")
    whole = data[: data.rfind(b"\n") + 1] if is_cut and b"\n" in data else data
    try:
        return "utf-8", whole.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    candidates = [(page, text) for page in CODE_PAGES if (text := _as(whole, page)) is not None]
    if not candidates:
        raise UserError(Problem("is in no known encoding", path.name, cure="export it again as UTF-8"))
    return max(candidates, key=lambda pair: _sense(pair[1]))


def _as(data: bytes, page: str) -> str | None:
    try:
        return data.decode(page)
    except UnicodeDecodeError:
        return None


def _sense(text: str) -> float:
    """How far decoded text looks like words: letters of one script and one language, small ones inside, no frames."""
    score, count, latins = 0.0, 0, Counter[str]()
    for found in re.findall(r"[^\s;,|\t\"0-9.:/()-]*[^\x00-\x7f][^\s;,|\t\"0-9.:/()-]*", text[:200_000])[:4000]:
        word = found.lstrip("«„“‘№\u00a0").rstrip("»“”’…\u00a0")
        beyond = [sign for sign in word if not sign.isascii()]
        count += len(beyond)
        if len(word) == 1:  # a sign of money makes sense alone, a letter tells nothing
            score += category(word) == "Sc"
            continue
        letters = [sign for sign in beyond if sign.isalpha()]
        cyrillic = sum("\u0400" <= sign <= "\u04ff" for sign in beyond)
        latin = len(letters) - cyrillic + sum(sign.isascii() and sign.isalpha() for sign in word)
        score += len(letters) - 3 * (len(beyond) - len(letters))
        score -= 2 * min(cyrillic, latin)
        score -= 2 * sum(a.islower() and b.isupper() for a, b in pairwise(word))
        score -= 1.5 * sum(sign in "ЂЃѓЉЊЌЋЏђљњќћџҐґЎўЄєЇїІіЈј" for sign in beyond) * (cyrillic < len(word))
        if not cyrillic:
            score -= 0.5 * max(0, len(letters) - 2)
            latins.update(sign.lower() for sign in letters)
    known = max(sum(latins[sign] for sign in letters) for letters in LATIN)
    score -= FOREIGN * (latins.total() - known)
    return score / max(count, 1)


def _split(text: str, path: Path) -> tuple[str, list[list[Any]]]:
    best: tuple[float, str, list[list[str]]] = (0.0, "", [])
    for delimiter in DELIMITERS:
        rows = _records(text, delimiter, 200)
        widths = [len(row) for row in rows if any(cell.strip() for cell in row)]
        if not widths:
            continue
        usual = max(set(widths), key=widths.count)
        score = widths.count(usual) / len(widths) * (usual > 1) + min(usual, 50) / 1000
        if usual > 1 and score > best[0]:
            best = (score, delimiter, rows)
    if best[1]:
        return best[1], [list(row) for row in _records(text, best[1], SAMPLE_ROWS + HEAD_WITHIN)]
    lines = [line.split() for line in text.splitlines() if line.strip()][: SAMPLE_ROWS + HEAD_WITHIN]
    lengths = {len(line) for line in lines}
    if len(lengths) == 1 and lengths != {1}:
        return "blanks", [list(line) for line in lines]
    if not lines:
        raise UserError(Problem("the file is empty", path.name))
    raise UserError(
        Problem(
            "has only one column", path.name, examples=[repr(" ".join(lines[0])[:80])], cure="export with a delimiter"
        )
    )


def _records(text: str, delimiter: str, most: int) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for row in reader:
            while len(rows) < reader.line_num - 1 and not row:
                break
            rows.append(row)
            if len(rows) >= most:
                break
    except csv.Error:
        pass
    return rows


def _workbook(path: Path, shown: str) -> Iterator[TableSample]:
    hidden: set[str] = set()

    def every(names: list[str], hidden_of_it: set[str]) -> list[str]:
        hidden.update(hidden_of_it if len(hidden_of_it) < len(names) else ())
        return names

    tables = sheets(path, shown, every, SAMPLE_ROWS + HEAD_WITHIN)
    filled = {
        name: rows for name, rows in tables.items() if any(cell not in ("", None) for row in rows for cell in row)
    }
    if not filled:
        raise UserError(Problem("every sheet is empty", path.name))
    for name, rows in filled.items():
        settings = {"sheet": name} if len(tables) > 1 else {}
        yield replace(_sampled(path, name, [list(row) for row in rows], settings, ""), is_hidden=name in hidden)


def _parquet(path: Path) -> TableSample:
    import duckdb

    from kam_analysis.engine import Engine, literal

    with Engine() as engine:
        scan = f"read_parquet({literal(str(path))})"
        try:
            types = {name: sql_type for name, sql_type, *_ in engine.rows(f"DESCRIBE SELECT * FROM {scan}")}
            cells = ", ".join(in_utc(name, sql_type) for name, sql_type in types.items())
            rows = engine.rows(f"SELECT {cells} FROM {scan} LIMIT {SAMPLE_ROWS}")
        except duckdb.Error as error:
            raise UserError(Problem(f"cannot be read: {plain_reason(error)}", path.name)) from None
    if not rows:
        raise UserError(Problem("holds no row", path.name))
    return TableSample(path, None, tuple(types), [list(row) for row in rows])


def _sampled(
    path: Path, sheet: str | None, rows: list[list[Any]], settings: dict[str, Any], example: str
) -> TableSample:
    where = f"{path.name}, sheet {sheet}" if sheet else path.name
    if max(len(row) for row in rows) > WIDEST:
        raise UserError(Problem(f"has more than {WIDEST:,} columns", where, cure="export only the columns you need"))
    top, depth = _head_place(rows)
    if depth == 0:
        width = max(len(row) for row in rows)
        body = rows[top:]
        head = [str(number + 1) for number in range(width)]
        settings = settings | {"header": False}
    else:
        head = merged_head([[head_text(cell) for cell in row] for row in rows[top : top + depth]])
        body = rows[top + depth :]
        # A text file takes its first record for the head, even where all its cells are blank.
        first = next(
            number for number, row in enumerate(rows) if (any(_filled(cell) for cell in row) if sheet else row)
        )
        if top != first:
            settings = settings | {"head_row": top + 1}
        if depth > 1:
            settings = settings | {"head_rows": depth}
    names: list[str] = []
    for number, cell in enumerate(head):
        name = cell or f"column {number + 1}"
        times = sum(other.casefold() == name.casefold() for other in head[:number]) + 1
        names.append(name if times == 1 else f"{name} ({times})")
    if depth and len(head) > 1:
        body = [[] if [head_text(cell) for cell in row] == list(head) else row for row in body]
    numbers = tuple(number for number, row in enumerate(body, top + depth + 1) if any(_filled(cell) for cell in row))
    if words := sorted({cell for row in body for cell in row if isinstance(cell, str) and cell in EMPTY}):
        settings = settings | {"empty": words}
        body = [["" if isinstance(cell, str) and cell in EMPTY else cell for cell in row] for row in body]
    body = [row for row in body if any(_filled(cell) for cell in row)]
    if not body:
        raise UserError(Problem("holds a head and no row", where))
    title = " ".join(text for row in rows[:top] for cell in row if isinstance(cell, str) and (text := cell.strip()))
    stacked = _stacked(rows[top : top + depth]) if depth > 1 else ()
    return TableSample(path, sheet, tuple(names), body, settings, example, title, numbers, stacked)


def _filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _head_place(rows: Sequence[Sequence[Any]]) -> tuple[int, int]:
    """Row of the head, and over how many rows it goes; 0 rows where there is none."""
    if (place_of_months := _month_head(rows)) is not None:
        return place_of_months
    scored = [(_head_score(rows, number), -number) for number in range(min(HEAD_WITHIN, len(rows)))]
    best, place = max(scored)
    if best <= 0:
        first = next(number for number, row in enumerate(rows) if any(_filled(cell) for cell in row))
        return first, 0
    top = -place
    if top and _is_row_of_units(rows[top - 1]):
        return top - 1, 2
    if top + 1 < len(rows) and _is_row_of_units(rows[top + 1]):
        return top, 2
    if top and _is_upper_head(rows[top - 1], rows[top]):
        return top - 1, 2
    if stacked := len(_stacked(rows[top : top + MOST_STACKED])):
        return top, stacked
    if top + 2 < len(rows) and _is_lower_head(rows[top], rows[top + 1], rows[top + 2 :]):
        return top, 2
    return top, 1


def _stacked(rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """Known words that stand under one another in one column of a head whose other columns have one word each."""
    places = [[place for place, cell in enumerate(row) if _filled(cell)] for row in rows]
    if len(places) < 2 or len(places[0]) < 2 or len(places[1]) != 1 or places[1][0] not in places[0]:
        return ()
    words: list[str] = []
    column = places[1][0]
    for row, filled in zip(rows, places, strict=True):
        if (words and filled != [column]) or not is_known(head_text(row[column])):
            break
        words.append(head_text(row[column]))
    return tuple(words) if len(words) > 1 else ()


def _month_head(rows: Sequence[Sequence[Any]]) -> tuple[int, int] | None:
    """Head of a wide table: a row of months, perhaps below a row of years, perhaps above a row of what is counted."""
    for number, row in enumerate(rows[:HEAD_WITHIN]):
        texts = [head_text(cell) for cell in row]
        dated = [place for place, text in enumerate(texts) if month_in(text) is not None]
        months = dated or [place for place, text in enumerate(texts) if month_number(text)]
        others = [cell for place, cell in enumerate(row) if place not in months]
        if len(months) < FEWEST_MONTHS or any(_is_value(cell) for cell in others):
            continue
        top, depth = number, 1
        above = rows[number - 1] if number else []
        if (not dated and any(YEAR.fullmatch(head_text(cell)) for cell in above)) or _covers_blanks(above, texts):
            top, depth = number - 1, 2
        if stacked := len(_stacked(rows[number : number + MOST_STACKED])):
            return top, number - top + stacked
        below = rows[number + 1] if number + 1 < len(rows) else []
        measures = sum(bool(text) and measure_of(text) is not None for text in map(head_text, below))
        is_measured = measures >= len(months) and not any(_is_value(cell) for cell in below)
        return top, depth + (is_measured or _is_lower_head(row, below, rows[number + 2 :]))
    return None


def _covers_blanks(above: Sequence[Any], texts: Sequence[str]) -> bool:
    """Whether words stand above blank cells of a row, and more of them than a title has."""
    filled = [place for place, cell in enumerate(above) if _filled(cell)]
    return len(filled) > 1 and any(place < len(texts) and not texts[place] for place in filled)


def _head_score(rows: Sequence[Sequence[Any]], number: int) -> float:
    filled = [cell for cell in rows[number] if _filled(cell)]
    texts = [head_text(cell) for cell in filled]
    width = max((sum(map(_filled, row)) for row in rows[number + 1 : number + 30]), default=0)
    if len(filled) < 2 or len(filled) < width * 0.5 or any(not isinstance(cell, str) for cell in filled):
        return 0.0
    if sum(bool(NUMBER.match(text) or ISO.match(text)) for text in texts) > len(texts) * 0.7:
        return 0.0
    known = sum(is_known(text) for text in texts)
    below = rows[number + 1 : number + 12]
    data = sum(any(_is_value(cell) for cell in row) for row in below)
    if known == 0 and (len(set(texts)) < len(texts) or any(_is_value(cell) for cell in filled) or data == 0):
        return 0.0
    if known <= 1 and any(_is_value(cell) for cell in filled):
        return 0.0
    return known * 2 + len(filled) / max(width, len(filled)) + (data > 0)


def _is_value(cell: object) -> bool:
    if not _filled(cell):
        return False
    return not isinstance(cell, str) or bool(NUMBER.match(cell.strip()) or DAY.match(cell.strip()))


def _is_row_of_units(row: Sequence[Any]) -> bool:
    """Whether a row says the scale or the currency of several columns, and nothing else."""
    texts = [text for text in map(head_text, row) if text]
    return len(texts) > 1 and any(scale_of(text) > 1 for text in texts) and all(is_unit(text) for text in texts)


def _is_upper_head(above: Sequence[Any], head: Sequence[Any]) -> bool:
    filled = [place for place, cell in enumerate(above) if _filled(cell)]
    blank = [place for place in range(len(above)) if place not in filled]
    is_text = all(isinstance(above[place], str) and not _is_value(above[place]) for place in filled)
    spans = any(place + 1 in blank and place + 1 < len(head) and _filled(head[place + 1]) for place in filled)
    return len(filled) >= 2 and bool(blank) and is_text and spans


def _is_lower_head(head: Sequence[Any], below: Sequence[Any], rest: Sequence[Sequence[Any]]) -> bool:
    holes = [
        place
        for place in range(len(below))
        if _filled(below[place]) and not (place < len(head) and _filled(head[place]))
    ]
    is_text = not any(_is_value(cell) for cell in below)
    has_data = any(_is_value(cell) for row in rest[:5] for cell in row)
    return bool(holes) and is_text and has_data and sum(map(_filled, below)) >= 2
