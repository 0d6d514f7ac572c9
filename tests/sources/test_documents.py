"""Tables of a DOCX, a pasted table, and workbooks that are none."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from kam_analysis.errors import UserError
from kam_analysis.sources.mapping import Answers, map_pasted
from kam_analysis.sources.workbook import sheets

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def cell(text: str, properties: str = "") -> str:
    runs = "".join(f"<w:p><w:r><w:t>{part}</w:t></w:r></w:p>" for part in text.split("|"))
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{runs}</w:tc>"


def table(*rows: list[str]) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(cells)}</w:tr>" for cells in rows) + "</w:tbl>"


def document(path: Path, body: str, head: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", f'{head}<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>'
        )
    return path


HEAD = [cell("customer"), cell("date"), cell("amount")]


def test_tables_of_a_document_are_read_like_sheets(source) -> None:
    source.folder.mkdir(parents=True)
    restart, go_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table([cell("a note")]) + table(
        HEAD,
        [cell("«Ромашка»|ООО", restart), cell("2024-01-05"), cell("10.5")],
        [cell("", go_on), cell("2024-01-06"), cell("2")],
        [cell("b &amp; c"), cell("2024-01-07"), cell("7")],
    )
    document(source.folder / "sales.docx", body)
    read = source.orders(files="sales.docx", sheet="table 2").read()
    assert read["customer_id"].tolist() == ["«Ромашка» ООО", "«Ромашка» ООО", "b & c"]
    assert read["net_sales"].tolist() == [10.5, 2, 7]
    assert read["sheet"].unique().tolist() == ["table 2"] and read["row"].tolist() == [2, 3, 4]


def test_a_cell_merged_to_the_right_leaves_blanks(tmp_path: Path) -> None:
    path = document(tmp_path / "a.docx", table([cell("x", '<w:gridSpan w:val="3"/>'), cell("y")]))
    assert sheets(path, "a.docx") == {"table 1": [["x", "", "", "y"]]}


@pytest.mark.parametrize(
    ("body", "head", "problem"),
    [
        ("<w:p/>", "", "holds no table"),
        ("<w:p/>", '<!DOCTYPE d [<!ENTITY a "aaaa">]>', "no word processor writes"),
        ("<w:tbl>", "", "not readable as a document"),
    ],
)
def test_a_document_without_a_table_or_with_entities_is_refused(
    tmp_path: Path, body: str, head: str, problem: str
) -> None:
    with pytest.raises(UserError, match=problem):
        sheets(document(tmp_path / "a.docx", body, head), "a.docx")


def test_a_file_that_unpacks_to_far_more_than_it_is_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kam_analysis.sources.containers.BOMB_FROM", 1 << 20)
    for name in ("bomb.xlsx", "bomb.ods", "bomb.docx"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", "0" * (2 << 20))
        with pytest.raises(UserError, match="times its size: not read"):
            sheets(tmp_path / name, name)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"plain words", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods", "a.docx"])
def test_no_workbook_is_told_as_such(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=f"{name}: not readable as a (workbook|document)"):
        sheets(tmp_path / name, name)


PASTED = "Customer\tDate\tAmount\nAlpha\t15.01.2024\t1 200,50\nBeta\t31.01.2024\t70,00\nAlpha\t28.02.2024\t5,25\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_pasted_table_is_mapped(tmp_path: Path, encoding: str) -> None:
    found = map_pasted(tmp_path, "clip", PASTED.encode(encoding), Answers())
    assert found.lines["net_sales"].tolist() == [1200.5, 70.0, 5.25]
    assert (tmp_path / "data" / "raw" / "clip" / "pasted.txt").is_file() and (
        tmp_path / "sources" / "clip.yaml"
    ).is_file()


def test_nothing_pasted_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="standard input: nothing was pasted"):
        map_pasted(tmp_path, "clip", b" \n", Answers())
    assert not list(tmp_path.iterdir())
