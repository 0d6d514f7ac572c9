"""CSV and blank-separated text: no row may be lost or changed without a word."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kam_analysis.errors import UserError
from kam_analysis.sources.profile import FileTable
from kam_analysis.sources.read import raw_parts, unreadable_rows

HEAD = "customer,date,amount\n"
ROW = "007,2024-01-05,10.50\n"


def cells(source, content, **spec):
    """All rows of one text file as the engine reads them, and the names of their columns."""
    source.write("sales.csv", content)
    given = FileTable.model_validate({"files": "sales.csv", **spec})
    with tempfile.TemporaryDirectory() as scratch:
        [part] = raw_parts(source.engine, "orders", given, source.folder, Path(scratch))
        columns = ", ".join(f'"{name}"' for name in part.columns)
        return part.columns, source.engine.rows(f"SELECT {columns} FROM {part.view}")


def test_a_column_may_be_called_as_the_count_of_rows(source):
    lines = source.write("sales.csv", "customer,date,amount,RowID\n1,2024-01-05,10,9\n2,2024-01-06,20,8\n").read()
    assert lines.row.tolist() == [2, 3]


def test_a_plain_file(source):
    lines = source.write("sales.csv", HEAD + ROW + "NA,2024-01-06,-1\n").read()
    assert lines.customer_id.tolist() == ["007", "NA"]
    assert lines.net_sales.tolist() == [10.5, -1.0]
    assert lines.row.tolist() == [2, 3]
    assert lines.line_no.tolist() == [1, 2]
    assert lines.file.unique().tolist() == ["sales.csv"]
    assert lines.sheet.isna().all()


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + (HEAD + ROW).encode(),
        (HEAD + ROW).replace("\n", "\r\n").encode(),
        (HEAD + ROW).replace("\n", "\r").encode(),
        (HEAD + ROW).rstrip().encode(),
        (HEAD + "\n\n" + ROW + "\n").encode(),
        ("\n\n" + HEAD + ROW).encode(),
        (HEAD + ROW).replace(",", ";").encode(),
        (HEAD + ROW).replace(",", "\t").encode(),
        (HEAD + ROW).replace(",", "|").encode(),
        b'"customer","date","amount"\r\n"007","2024-01-05","10.50"\r\n',
        b"date,unused,amount,customer\n2024-01-05,,10.50,007\n",
        b"customer,date,amount,\n007,2024-01-05,10.50,\n",
    ],
    ids=[
        "bom",
        "crlf",
        "cr",
        "no end",
        "blank lines",
        "blank top",
        "semicolon",
        "tab",
        "bar",
        "quoted",
        "order",
        "trailing",
    ],
)
def test_one_row_in_many_dresses(source, content):
    lines = source.write("sales.csv", content).read()
    assert lines[["customer_id", "net_sales"]].values.tolist() == [["007", 10.5]]
    assert lines.ordered_on.dt.strftime("%Y-%m-%d").tolist() == ["2024-01-05"]


def test_a_delimiter_is_not_taken_for_a_decimal_comma(source):
    source.orders(decimal=",").write("sales.csv", "customer;date;amount\n1,5;2024-01-05;2,5\n1,5;2024-01-06;3,5\n")
    assert source.read()[["customer_id", "net_sales"]].values.tolist() == [["1,5", 2.5], ["1,5", 3.5]]


def test_lines_that_begin_with_a_hash_are_lines(source):
    source.write("sales.csv", HEAD + "#1,2024-01-05,1\n#2,2024-01-05,2\n3,2024-01-05,3\n")
    assert source.read().customer_id.tolist() == ["#1", "#2", "3"]


def test_quoted_texts_hold_delimiters_quotes_and_line_ends(source):
    source.map(item="item").write(
        "sales.csv", 'customer,date,amount,item\n1,2024-01-05,1,"a ""b"", c\nd"\n2,2024-01-05,2,12" pipe\n'
    )
    assert source.read()["item"].tolist() == ['a "b", c\nd', '12" pipe']


def test_a_head_of_two_lines_in_quotes_is_one_head(source):
    source.map(amount="amount,\nEUR").write(
        "sales.csv", 'customer,date,"amount,\nEUR"\n1,2024-01-05,5\n2,2024-01-05,6\n'
    )
    assert source.read()[["net_sales", "row"]].values.tolist() == [[5.0, 3], [6.0, 4]]


def test_a_short_row_lacks_its_last_values(source):
    lines = source.write("sales.csv", HEAD + "1,2024-01-05\n" + ROW).read()
    assert lines.net_sales.isna().tolist() == [True, False]
    assert lines.has_money_text.tolist() == [False, True]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            HEAD + ROW + "1,2024-01-05,1,2\n" + ROW,
            r"sales\.csv, row 3: a row of more than 3 columns, as many as the head has .*'1,2024-01-05,1,2'",
        ),
        (HEAD + ROW + '1,2024-01-05,"1\n' + ROW * 5, r"sales\.csv, row 3: a quoted text does not end where it should"),
        (HEAD + ROW * 3000 + '1,2024-01-05,"1\n' + ROW * 20000, r"sales\.csv, row 3002: a quoted text does not end"),
        (HEAD + '1,"x" y,3\n', r"sales\.csv, row 2: a quoted text does not end where it should"),
        (HEAD + ROW + '1, "2024-01-05,1\n' + ROW * 5, r"sales\.csv: quotes are not closed: 2 of 8 rows understood"),
        ('"customer,date,amount\n' + ROW, r"sales\.csv, row 1: a quoted text does not end where it should"),
        (HEAD + "1,2024\x0001-05,3\n", r"sales\.csv: does not read as utf-8 .*\\x00"),
        ("", r"sales\.csv: the file is empty"),
        ("\n\n", r"sales\.csv: the file is empty"),
        (HEAD, r"sales\.csv: no rows"),
        (
            "customer,date\n1,2024-01-05\n",
            r"sales\.csv: no column 'amount' \(e\.g\. 'customer'; 'date'\)\. Cure: correct orders\.columns",
        ),
        (
            "customer,date,amount,Amount\n1,2024-01-05,1,2\n",
            r"sales\.csv: a mapped column stands there more than once \(e\.g\. amount\)",
        ),
        ("Report of May\ncustomer,date,amount\n" + ROW, r"sales\.csv: no column 'customer' \(e\.g\. 'Report of May'\)"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(source, content, said):
    with pytest.raises(UserError, match=said):
        source.write("sales.csv", content).read()


def test_a_column_that_repeats_unmapped_does_no_harm(source):
    lines = source.write("sales.csv", "note,customer,Note,date,,amount,\nx,1,y,2024-01-05,,5,\n").read()
    assert lines.net_sales.tolist() == [5.0]


def test_all_that_is_wrong_with_the_files_is_said_at_once(source):
    source.write("a.csv", "").write("b.csv", "x\n1\n").write("c.pdf", "x").write("d.csv/inside.txt", "x")
    source.orders(files=["*.csv", "c.pdf", "gone/*.csv"])
    with pytest.raises(UserError) as caught:
        source.read()
    told = str(caught.value).splitlines()
    assert "a.csv: the file is empty" in told
    assert "c.pdf: files of type .pdf are not read. Cure: export as CSV, XLSX, XLS, ODS or Parquet" in told
    assert "d.csv: is a folder, not a file" in told
    assert any(line.startswith("data/raw/small/gone/*.csv: no such file. Cure: orders.files") for line in told)
    assert sum(line.startswith("b.csv: no column ") for line in told) == 3
    assert len(told) == 7


@pytest.mark.parametrize("name", ["sales [1].csv", "sales*.csv", "продажи (1).csv", "it's.csv", "{a}.CSV"])
def test_a_file_may_have_any_name(source, name):
    lines = source.orders(files=name).write(name, HEAD + ROW).read()
    assert lines.file.tolist() == [name]


def test_a_folder_may_have_any_name(source):
    source.orders(files="**/*.csv").write("2024 [old]/it's/sales.csv", HEAD + ROW)
    assert source.read().file.tolist() == ["2024 [old]/it's/sales.csv"]


def test_a_source_without_a_folder_has_no_file(source):
    with pytest.raises(UserError, match=r"data/raw/small/\*\.csv: no such file"):
        source.read()


def test_a_file_is_read_once_though_two_patterns_name_it(source):
    source.orders(files=["sales.csv", "*.csv"]).write("sales.csv", HEAD + ROW)
    assert len(source.read()) == 1


NAMES = "customer,date,amount\nООО «Ромашка» ёж №,2024-01-05,1\n"


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-16", "utf-16-le", "koi8-r", "utf-8-sig", "UTF_8"])
def test_a_named_encoding_is_read(source, encoding):
    text = NAMES.replace("«", "").replace("»", "").replace("№", "") if encoding in ("cp866", "koi8-r") else NAMES
    lines = source.orders(encoding=encoding).write("sales.csv", text, encoding).read()
    assert lines.customer_id.tolist() == [text.splitlines()[1].partition(",")[0].strip()]


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16"])
def test_an_encoding_that_is_not_named_is_never_guessed_silently(source, encoding):
    with pytest.raises(UserError, match=r"sales\.csv: is not UTF-8.*add .*encoding"):
        source.write("sales.csv", NAMES * 20, encoding).read()


def test_utf16_without_a_mark_is_refused(source):
    with pytest.raises(UserError, match=r"sales\.csv: does not read as utf-8"):
        source.write("sales.csv", HEAD + ROW, "utf-16-le").read()


@pytest.mark.parametrize(
    ("named", "true"),
    [("latin-1", "cp1251"), ("cp1252", "cp1251"), ("latin-1", "cp866"), ("utf-8", "cp1251"), ("cp1251", "utf-8")],
)
def test_a_wrongly_named_encoding_is_refused_with_a_sample(source, named, true):
    with pytest.raises(UserError, match=r"sales\.csv: (does not read as|is not UTF-8|is UTF-8, not cp1251)"):
        source.orders(encoding=named).write(
            "sales.csv", "customer,date,amount\nРомашка ООО,2024-01-05,1\n", true
        ).read()


def test_western_text_reads_as_latin(source):
    source.orders(encoding="latin-1").write(
        "sales.csv", "customer,date,amount\nCafé Métropole Ångström,2024-01-05,1\n", "latin-1"
    )
    assert source.read().customer_id.tolist() == ["Café Métropole Ångström"]


def test_an_unknown_encoding_is_refused(source):
    with pytest.raises(UserError, match="not readable as klingon"):
        source.orders(encoding="klingon").write("sales.csv", HEAD + ROW).read()


def test_runs_of_blanks(source):
    source.orders(files="sales.txt", delimiter="blanks")
    source.write("sales.txt", "customer  date\tamount\r\n  00007   2024-01-05  12.50\r\n\r\n 1 2024-01-06 \t 3  \r\n")
    assert source.read()[["customer_id", "net_sales"]].values.tolist() == [["00007", 12.5], ["1", 3.0]]


def test_blanks_without_a_head(source):
    source.orders(files="sales.txt", delimiter="blanks", header=False, date_format="%Y%m%d")
    source.map(customer_id="1", order_date="2", amount="4").write(
        "sales.txt", b"\xef\xbb\xbf 00007 19970101 2 12.50\n 1 19970102 1 3\n"
    )
    lines = source.read()
    assert lines[["customer_id", "net_sales", "row"]].values.tolist() == [["00007", 12.5, 1], ["1", 3.0, 2]]


def test_a_row_of_too_many_words_is_refused(source):
    source.orders(files="sales.txt", delimiter="blanks")
    source.write("sales.txt", "customer date amount\n1 2024-01-05 1\nNew York 2024-01-05 1\n1 2024-01-05\n")
    with pytest.raises(
        UserError,
        match=r"sales\.txt: rows that do not hold 3 words as the first row does \(2 times, e\.g\. row 3: 'New York",
    ):
        source.read()


def test_a_csv_without_a_head(source):
    source.orders(header=False).map(customer_id="1", order_date="2", amount="3")
    lines = source.write("sales.csv", ROW + "1,2024-01-06,2\n").read()
    assert lines[["customer_id", "net_sales", "row"]].values.tolist() == [["007", 10.5, 1], ["1", 2.0, 2]]


def test_a_missing_number_of_a_column_is_said(source):
    source.orders(header=False).map(customer_id="1", order_date="2", amount="4")
    with pytest.raises(UserError, match=r"no column '4' \(e\.g\. '1'; '2'; '3'\)"):
        source.write("sales.csv", ROW).read()


TEXT = st.text(st.sampled_from("ab ,;\"\n\t#é'\\"), max_size=6)
ROWS = st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=12)


@given(ROWS, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_writes_is_read_back(source, rows, delimiter, end):
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["x", "y", "z"], *rows])
    columns, read = cells(source, written.getvalue(), delimiter=delimiter)
    assert columns == ("x", "y", "z")
    assert read == [tuple(value.strip() or None for value in row) for row in rows]


@given(st.lists(st.text(st.sampled_from('a," \n'), max_size=12), max_size=6))
@example([' "\n', '"', "a", '"""'])
def test_whatever_the_text_no_row_is_lost(source, lines):
    content = "x,y,z\n" + "\n".join(lines) + "\n"
    try:
        expected = [row for row in csv.reader(io.StringIO(content, newline=""), strict=True) if row]
        _, read = cells(source, content, delimiter=",")
    except (csv.Error, UserError):
        return
    assert len(read) == len(expected) - 1


@given(st.lists(st.text(st.sampled_from('a," \n'), max_size=12), max_size=6))
def test_text_that_is_no_csv_is_refused(source, lines):
    content = "x,y,z\n" + "\n".join([*lines, 'a,"b']) + "\n"
    try:
        list(csv.reader(io.StringIO(content, newline=""), strict=True))
    except csv.Error:
        with pytest.raises(UserError, match="does not end where it should"):
            cells(source, content, delimiter=",")


def test_a_row_that_cannot_be_read_names_its_file_among_several(source):
    source.write("a.csv", HEAD + ROW).write("b.csv", HEAD + ROW + "1,2,3,4,5\n")
    with pytest.raises(UserError, match=r"^b\.csv, row 3: a row of more than 3 columns"):
        source.read()


def test_readable_parts_have_nothing_unreadable(source, tmp_path):
    source.write("a.csv", HEAD + ROW)
    parts = raw_parts(source.engine, "orders", source.profile.orders, source.folder, tmp_path)
    assert unreadable_rows(source.engine, parts) is None
