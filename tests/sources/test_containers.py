"""Tables in containers and under other names: read as what they are, or refused by it; nothing is written elsewhere."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import stat
import zipfile
from pathlib import Path

import pytest

from kam_analysis.errors import UserError
from kam_analysis.sources.containers import Content, opened
from kam_analysis.sources.workbook import sheets

CSV = b"customer,date,amount\nAda,2024-01-05,10.50\n"
ROWS = [["customer", "date", "amount"], ["Ada", "2024-01-05", "10.50"]]


def named(value: object) -> str | None:
    """Bytes name no test: an archive holds the time of its making."""
    return "data" if isinstance(value, bytes) or len(str(value)) > 60 else None


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def linked() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("sales.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return file.getvalue()


def database(path: Path) -> Path:
    with sqlite3.connect(path) as base:
        base.execute('CREATE TABLE "sales of ""24""" (customer, date, amount, note)')
        base.execute('INSERT INTO "sales of ""24""" VALUES (?, ?, ?, ?)', ("Ada", "2024-01-05", 10.5, b"\x00\xff"))
        base.execute("CREATE TABLE bare (a)")
        base.execute('CREATE VIEW seen AS SELECT * FROM "sales of ""24"""')
    base.close()
    return path


def spreadsheet(rows: str, above: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{above}<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>'
        f"{rows}</Table></Worksheet></Workbook>"
    ).encode()


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("s.csv.gz", gzip.compress(CSV)),
        ("s.gz", gzip.compress(CSV)),
        ("s.zip", packed(**{"year/s.csv": CSV, "__MACOSX/._s.csv": b"x", "read me.pdf": b"%PDF"})),
        ("s.csv", gzip.compress(CSV)),
        ("s.xls", CSV),
    ],
    ids=named,
)
def test_one_table_in_an_archive_or_under_another_name_is_a_text(tmp_path: Path, name: str, data: bytes) -> None:
    path, content = opened(write(tmp_path, name, data), name, tmp_path)
    assert (path.read_bytes(), content) == (CSV, Content.TEXT)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("s.zip", packed(**{"../s.csv": CSV}), "path outside of its folder"),
        ("s.zip", packed(**{"/s.csv": CSV}), "path outside of its folder"),
        ("s.zip", packed(**{"C:\\s.csv": CSV}), "path outside of its folder"),
        ("s.zip", linked(), "holds a link"),
        ("s.zip", packed(**{"a.csv": CSV, "b.csv": CSV}), "an archive of 2 tables.*Cure: unpack it"),
        ("s.zip", packed(), "an archive of 0 tables"),
        ("s.zip", packed(**{"a.zip": packed(**{"s.csv": CSV})}), "an archive within an archive"),
        ("s.zip", packed(**{"s.csv": CSV})[:60], "damaged"),
        ("s.csv.gz", gzip.compress(CSV)[:-9], "damaged"),
        ("s.csv.gz", gzip.compress(b""), "the file is empty"),
        ("s.csv", b"%PDF-1.7", "is a PDF"),
        ("s.csv", b"\x00\x01\x00\x00Standard Jet DB", "is an Access database"),
        ("s.tgz", gzip.compress(b"x"), "files of type .tgz are not read"),
        ("s.csv.gz", gzip.compress(b"\0" * 257 + b"ustar"), "tar"),
        ("s.xls", b"MIME-Version: 1.0\n", "is a web archive"),
        ("s.db", CSV, "is no SQLite database"),
        ("s.xml", b"<?xml version='1.0'?><sales/>", "is an XML file"),
        ("s.xlsx", packed(mimetype=b"application/vnd.oasis.opendocument.text"), "opendocument.text: not read"),
        ("s.zip", packed(**{"Index/Document.iwa": b"x"}), "is a Numbers document"),
    ],
    ids=named,
)
def test_what_is_no_table_is_refused_by_what_it_is(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    with pytest.raises(UserError, match=said):
        opened(write(tmp_path, name, data), name, tmp_path)


@pytest.mark.parametrize("name", ["s.csv.gz", "s.zip"])
def test_what_unpacks_to_far_more_than_it_is_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("kam_analysis.sources.containers.BOMB_FROM", 1 << 20)
    zeros = b"0" * (3 << 20)
    data = gzip.compress(zeros) if name.endswith(".gz") else packed(**{"s.csv": zeros})
    with pytest.raises(UserError, match="times its size: not read"):
        opened(write(tmp_path, name, data), name, tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.csv")) <= 1 << 20


def test_cells_of_a_page_over_rows_are_repeated_and_over_columns_are_not(tmp_path: Path) -> None:
    page = (
        "<table><tr><td><table><tr><th>customer<th>date<th>amount<tr><td rowspan=2>Ada<td>2024-01-05<td>1&nbsp;200"
        "<tr><td>2024-02-05<td>7<tr><td colspan=2>Total<td>1&#160;207</table></table><script><table></script>"
    )
    assert sheets(write(tmp_path, "s.xls", page.encode()), "s.xls") == {
        "table 1": [
            ROWS[0],
            ["Ada", "2024-01-05", "1 200"],
            ["Ada", "2024-02-05", "7"],
            ["Total", "", "1 207"],
        ]
    }


def test_an_xml_spreadsheet_keeps_its_types_and_places(tmp_path: Path) -> None:
    rows = (
        '<Row ss:Index="2"><Cell ss:Index="2"><Data ss:Type="String">A & B</Data></Cell>'
        '<Cell ss:MergeAcross="1"><Data ss:Type="Number">10.50</Data></Cell>'
        '<Cell><Data ss:Type="DateTime">2024-01-05T00:00:00.000</Data></Cell></Row>'
    )
    [[above, row]] = sheets(write(tmp_path, "s.xls", spreadsheet(rows)), "s.xls").values()
    assert above == [] and [str(cell) for cell in row] == ["", "A & B", "10.50", "", "2024-01-05"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_an_xml_spreadsheet_are_refused(tmp_path: Path, encoding: str) -> None:
    types = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    rows = "<Row><Cell><Data>&e;</Data></Cell></Row>"
    data = spreadsheet(rows, types).decode().replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding)
    with pytest.raises(UserError, match="declares types or entities"):
        sheets(write(tmp_path, "s.xls", data), "s.xls")


@pytest.mark.parametrize(
    "made",
    [
        json.dumps([{"customer": "Ada", "order": {"date": "2024-01-05"}, "amount": 10.5, "paid": None}]),
        json.dumps({"next": "/2", "data": [{"customer": "Ada", "order": {"date": "2024-01-05"}, "amount": 10.5}]}),
        '{"customer": "Ada", "order": {"date": "2024-01-05"}, "amount": 10.5}\n{"customer": "Bob"}\n',
    ],
    ids=named,
)
def test_objects_of_json_are_rows_and_objects_in_them_are_columns(tmp_path: Path, made: str) -> None:
    [rows] = sheets(write(tmp_path, "s.json", made.encode()), "s.json").values()
    assert rows[0][:3] == ["customer", "order.date", "amount"]
    assert [str(cell) for cell in rows[1][:3]] == ["Ada", "2024-01-05", "10.5"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("[" * 100_000, "not readable as JSON"),
        ('[{"a": 1}', "not readable as JSON"),
        ('{"a": 1}\n{"a": \n', "line 2"),
        ('[{"order": 1, "lines": [{"sku": "A"}]}]', "lists within its rows, in 'lines'"),
        ('{"a": [{"b": 1}], "c": [{"d": 1}]}', "no list of rows"),
        ("[1, 2]", "no list of rows"),
    ],
    ids=named,
)
def test_json_that_is_no_table_is_refused(tmp_path: Path, data: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        sheets(write(tmp_path, "s.json", data.encode()), "s.json")


def test_tables_of_a_database_are_sheets_and_views_are_not(tmp_path: Path) -> None:
    path = database(tmp_path / "shop.db")
    before = path.read_bytes()
    found = sheets(path, "shop.db")
    assert found == {'sales of "24"': [[*ROWS[0], "note"], ["Ada", "2024-01-05", 10.5, "00ff"]]}
    assert path.read_bytes() == before and [one.name for one in tmp_path.iterdir()] == ["shop.db"]


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    whole = database(tmp_path / "shop.db").read_bytes()
    with pytest.raises(UserError, match="not readable as a SQLite database"):
        sheets(write(tmp_path, "cut.db", whole[:100] + b"\xff" * 4000), "cut.db")
