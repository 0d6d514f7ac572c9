"""CSV files: plain numbers, exact money, nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.columns import Column, Kind
from kam_analysis.csv_files import neutral, write_csv
from kam_analysis.findings import say
from kam_analysis.tables import Table

TABLE = Table(
    "t",
    "one row",
    (
        Column("name", Kind.NAME, say("Name"), "Name.", nullable=True),
        Column("day", Kind.DATE, say("Day"), "Day.", nullable=True),
        Column("count", Kind.COUNT, say("Count"), "Count.", nullable=True),
        Column("sales", Kind.MONEY, say("Sales"), "Money.", nullable=True),
        Column("share", Kind.SHARE, say("Share"), "Share.", nullable=True),
        Column("is_key", Kind.FLAG, say("Key"), "Flag."),
    ),
)


def written(tmp_path: Path, *rows: tuple[object, ...]) -> str:
    frame = TABLE.conform(pd.DataFrame(list(rows), columns=TABLE.names))
    write_csv(frame, TABLE, tmp_path / "t.csv")
    return (tmp_path / "t.csv").read_bytes().decode()


def test_a_file_to_the_letter(tmp_path: Path) -> None:
    text = written(
        tmp_path,
        ("Köln, “A”", pd.Timestamp(2011, 12, 9), 3, 0.1 + 0.2, 0.1 + 0.2, True),  # 0.30000000000000004
        ("second\nline", None, None, -1234567.89, 1.0, False),
        (None, pd.Timestamp(2012, 2, 29), 0, -0.00001, None, False),  # below a ten-thousandth: 0, not -0
    )
    assert text == (
        "name,day,count,sales,share,is_key\n"
        '"Köln, “A”",2011-12-09,3,0.3,0.3,true\n'
        '"second\nline",,,-1234567.89,1,false\n'
        ",2012-02-29,0,0,,false\n"
    )


def test_an_empty_table_has_its_head(tmp_path: Path) -> None:
    write_csv(TABLE.empty(), TABLE, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"name,day,count,sales,share,is_key\n"


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("x")',
        "+1",
        "-1",
        "@sum",
        "\tx",
        "\rx",
        "  =1",
        "\n=1",
        "\u00a0=1",
        "\uff1d1",
        "\uff0d1",
        "\u200b=1",
        "\ufeff+1",
        "\u202e@x",
        "\x07-1",
    ],
)
def test_formulas_are_neutralised_also_behind_blanks(name: str) -> None:
    assert neutral(name) == "'" + name


@pytest.mark.parametrize("name", ["", "A=B", "1-2", "Ann @ home", "'=1", "../../x", "<script>"])
def test_other_text_stays_as_it_is(name: str) -> None:
    assert neutral(name) == name


def test_numbers_below_zero_are_no_formulas(tmp_path: Path) -> None:
    assert "\nx,,,-5,,false\n" in written(tmp_path, ("x", None, None, -5.0, None, False))


@given(st.integers(-(10**15), 10**15))
def test_money_comes_back_to_the_ten_thousandth(ten_thousandths: int) -> None:
    from kam_analysis.csv_files import _money

    whole, _, part = _money(ten_thousandths / 10_000).lstrip("-").partition(".")
    read = int(whole) * 10_000 + int(part.ljust(4, "0"))
    assert read == abs(ten_thousandths)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r")))
def test_a_reader_gets_the_text_and_never_a_formula(name: str) -> None:
    import io

    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([neutral(name), "x"])
    (read, last) = next(csv.reader(io.StringIO(buffer.getvalue(), newline="")))
    assert read in (name, "'" + name) and last == "x"
    assert not read.lstrip().startswith(("=", "+", "-", "@"))


def test_a_carriage_return_does_not_end_a_row(tmp_path: Path) -> None:
    assert written(tmp_path, ("a\rb\r\nc", None, None, None, None, True)).endswith('\n"a\nb\nc",,,,,true\n')
