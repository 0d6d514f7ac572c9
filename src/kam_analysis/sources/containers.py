"""What a file is by its content, whatever its name says; one table out of an archive; what is no table is refused."""

from __future__ import annotations

import codecs
import gzip
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO

from kam_analysis.errors import Problem, UserError

LARGEST_UNPACKED, LARGEST_RATIO, BOMB_FROM = 4 << 30, 400, 64 << 20
BLOCK, HEAD = 1 << 20, 8 << 10
TEXTS = frozenset({".csv", ".tsv", ".txt"})
WORKBOOKS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".docx"})
JSONS, DATABASES = frozenset({".json", ".jsonl", ".ndjson"}), frozenset({".db", ".sqlite", ".sqlite3"})
PAGES, PACKED = frozenset({".html", ".htm", ".xml"}), frozenset({".gz", ".zip"})
READ = TEXTS | WORKBOOKS | JSONS | DATABASES | PAGES | PACKED | {".parquet"}
READ_CURE = "export as CSV, XLSX, XLS, ODS or Parquet"
REFUSED: Mapping[bytes, str] = {
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document (RTF)",
    b"7z\xbc\xaf\x27\x1c": "an archive (7z)",
    b"Rar!": "an archive (RAR)",
    b"BZh": "an archive (bzip2)",
    b"\xfd7zXZ\x00": "an archive (xz)",
    b"\x28\xb5\x2f\xfd": "an archive (zstd)",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x00\x01\x00\x00Standard": "an Access database",
    b"ARROW1": "an Arrow file",
    b"MIME-Version:": "a web archive (MHTML)",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
}
OLE, ZIP, GZ, PARQUET, SQLITE = (
    b"\xd0\xcf\x11\xe0",
    (b"PK\x03\x04", b"PK\x05\x06"),
    b"\x1f\x8b",
    b"PAR1",
    b"SQLite format 3\x00",
)
MARKUP = re.compile(r"\s*<")
PAGE = re.compile(r"<(?:html|table|body|frameset)\b", re.IGNORECASE)
OBJECTS = re.compile(r'\s*(?:\[\s*)?\{\s*(?:"|\})')
SPREADSHEET_ML = "urn:schemas-microsoft-com:office:spreadsheet"


class Content(StrEnum):
    """What a file holds."""

    TEXT = "text"
    WORKBOOK = "workbook"
    DOCUMENT = "document"
    HTML = "web page"
    XML = "XML spreadsheet"
    JSON = "JSON"
    SQLITE = "SQLite database"
    PARQUET = "parquet"
    GZ = "gz"
    ZIP = "zip"


KNOWN = {
    b"\xd0\xcf\x11\xe0": Content.WORKBOOK,
    b"PAR1": Content.PARQUET,
    b"SQLite format 3\x00": Content.SQLITE,
    b"\x1f\x8b": Content.GZ,
}


def opened(path: Path, shown: str, scratch: Path) -> tuple[Path, Content]:
    """Say what a file is by its content; of an archive, the one table in it, unpacked.

    Parameters
    ----------
    path : Path
        The file; it is only read.
    shown : str
        How messages call it.
    scratch : Path
        A folder for what is unpacked, which must live as long as it is read.

    Returns
    -------
    tuple of (Path, Content)
        Never `Content.GZ` or `Content.ZIP`.

    Raises
    ------
    UserError
        When the file is nothing that is read here, or an archive that is damaged, locked, larger than it should be,
        holds links, paths out of its folder, or another number of tables than one.
    """
    content = content_of(path, shown)
    if content not in (Content.GZ, Content.ZIP):
        return path, content
    folder = Path(tempfile.mkdtemp(dir=scratch))
    inner = _gunzipped(path, shown, folder) if content is Content.GZ else _unzipped(path, shown, folder)
    content = content_of(inner, f"{shown}, {inner.name}")
    if content in (Content.GZ, Content.ZIP):
        raise UserError(Problem("an archive within an archive: not read", shown, cure="unpack it, then map the table"))
    return inner, content


def content_of(path: Path, shown: str) -> Content:
    """What a file holds, by its first bytes.

    Raises
    ------
    UserError
        When it is nothing that is read here.
    """
    suffix = path.suffix.lower()
    if suffix and suffix not in READ:
        raise UserError(Problem(f"files of type {suffix} are not read", shown, cure=READ_CURE))
    with path.open("rb") as raw:
        first = raw.read(HEAD)
    if first.startswith(ZIP):
        return _kind_of_zip(path, shown)
    for magic, content in KNOWN.items():
        if first.startswith(magic):
            return content
    for magic, what in REFUSED.items():
        if first.startswith(magic):
            raise UserError(Problem(f"is {what}: not read", shown, cure=READ_CURE))
    if first[257:262] == b"ustar":
        raise UserError(Problem("is an archive (tar): not read", shown, cure="unpack it, then map the table"))
    return _kind_of_text(_text(first), suffix, shown)


def _text(first: bytes) -> str:
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return first.decode("utf-16", errors="ignore")
    return first.decode("utf-8-sig", errors="ignore")


def _kind_of_text(head: str, suffix: str, shown: str) -> Content:
    if suffix == ".parquet":
        return Content.PARQUET
    if suffix in DATABASES:
        raise UserError(Problem("is no SQLite database: not read", shown, cure=READ_CURE))
    if MARKUP.match(head):
        if SPREADSHEET_ML in head:
            return Content.XML
        if PAGE.search(head) or suffix in (".html", ".htm"):
            return Content.HTML
        if "<?xml" in head[:100] or suffix == ".xml":
            raise UserError(Problem("is an XML file, no spreadsheet: not read", shown, cure=READ_CURE))
    if suffix in JSONS or OBJECTS.match(head):
        return Content.JSON
    if suffix in PAGES:
        raise UserError(Problem("holds no table of a web page or spreadsheet", shown, cure=READ_CURE))
    is_workbook = suffix in WORKBOOKS - {".xls"}  # programs call texts .xls, and nothing else
    return Content.WORKBOOK if is_workbook or (suffix == ".xls" and "\x00" in head) else Content.TEXT


def _kind_of_zip(path: Path, shown: str) -> Content:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mime = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error):
        if path.suffix.lower() in WORKBOOKS:
            return Content.WORKBOOK
        raise UserError(Problem("is a damaged zip archive", shown, cure="pack or download it again")) from None
    if "word/document.xml" in names:
        return Content.DOCUMENT
    if "[Content_Types].xml" in names or b"spreadsheet" in mime:
        return Content.WORKBOOK
    if any(name.endswith(".iwa") for name in names):
        raise UserError(Problem("is a Numbers document: not read", shown, cure="export it as XLSX or CSV"))
    if mime.startswith(b"application/"):
        raise UserError(Problem(f"is {mime.decode(errors='replace')}: not read", shown, cure=READ_CURE))
    return Content.WORKBOOK if path.suffix.lower() in WORKBOOKS else Content.ZIP


def stop_at_bomb(path: Path, shown: str) -> None:
    """Refuse a zip archive that unpacks to far more than it is."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        packed = sum(member.compress_size for member in archive.infolist())
    _stop_at_size(unpacked, packed, shown)


def _stop_at_size(unpacked: int, packed: int, shown: str) -> None:
    ratio = unpacked // max(packed, 1)
    if unpacked > LARGEST_UNPACKED or (unpacked > BOMB_FROM and ratio > LARGEST_RATIO):
        what = f"unpacks to {unpacked:,} bytes or more, {ratio:,} times its size: not read"
        raise UserError(Problem(what, shown, cure="save it again, or export as CSV"))


def _unzipped(path: Path, shown: str, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        for member in members:
            place = PurePosixPath(member.filename.replace("\\", "/"))
            if place.is_absolute() or ".." in place.parts or ":" in place.parts[0]:
                what = "names a path outside of its folder: not read"
                raise UserError(Problem(what, shown, examples=[repr(member.filename)], cure="pack the table again"))
            if stat.S_ISLNK(member.external_attr >> 16):
                what = "holds a link instead of a file: not read"
                raise UserError(Problem(what, shown, examples=[repr(member.filename)], cure="pack the table itself"))
        tables = [member for member in members if _is_table(member.filename)] or members
        if len(tables) != 1:
            names = [repr(member.filename) for member in tables]
            cure = "unpack it, then map the tables in it" if names else "pack the table again"
            raise UserError(Problem(f"an archive of {len(tables)} tables: not read", shown, examples=names, cure=cure))
        if tables[0].flag_bits & 1:
            raise UserError(Problem("an archive with a password: not read", shown, cure="pack it without a password"))
        _stop_at_size(tables[0].file_size, tables[0].compress_size, shown)
        target = folder / PurePosixPath(tables[0].filename.replace("\\", "/")).name
        try:
            with archive.open(tables[0]) as packed:
                _copy(packed, target, path.stat().st_size, shown)
        except _DAMAGED as error:
            raise UserError(_damaged(error, shown)) from None
    return target


def _is_table(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.suffix.lower() in READ - PACKED and not path.name.startswith(".") and "__MACOSX" not in path.parts


def _gunzipped(path: Path, shown: str, folder: Path) -> Path:
    name = path.name[: -len(path.suffix)] if path.suffix.lower() == ".gz" else path.name
    target = folder / (name or "table.csv")
    try:
        with gzip.open(path) as packed:
            _copy(packed, target, path.stat().st_size, shown)
    except _DAMAGED as error:
        raise UserError(_damaged(error, shown)) from None
    if not target.stat().st_size:
        raise UserError(Problem("the file is empty", shown))
    return target


_DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)


def _damaged(error: Exception, shown: str) -> Problem:
    return Problem(f"a damaged archive: {' '.join(str(error).split())[:200]}", shown, cure="pack or download it again")


def _copy(packed: IO[bytes] | gzip.GzipFile, target: Path, size: int, shown: str) -> None:
    unpacked = 0
    with target.open("wb") as copy:
        while block := packed.read(BLOCK):
            unpacked += len(block)
            _stop_at_size(unpacked, size, shown)
            copy.write(block)
