"""Broken and hostile inputs: each gives the right rows, or an error that names the file; the file stays as it was."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

import duckdb
import openpyxl
import pytest

from kam_analysis.cleaning.lines import classify_lines
from kam_analysis.errors import UserError
from kam_analysis.params import Cleaning
from kam_analysis.sources.profile import Profile

HEAD = "customer,date,amount\n"
GOOD = "".join(f"{n},2024-01-{n:02},10\n" for n in range(1, 10))


@dataclass(frozen=True)
class Case:
    """Files of a source, what the profile says of them, and what must come of it.

    `kept` are the customers of the kept lines, `rejected` the reasons of the others; `error` stands in the message.
    """

    name: str
    files: dict[str, bytes]
    orders: dict[str, object] = field(default_factory=dict)
    kept: tuple[str | None, ...] | None = None
    rejected: tuple[str, ...] = ()
    error: str = ""


def text(rows: str, encoding: str = "utf-8") -> bytes:
    return (HEAD + rows).encode(encoding)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (("customer", "date", "amount"), *rows):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def parquet(folder: Path) -> bytes:
    with duckdb.connect() as engine:
        engine.execute(
            "COPY (SELECT range::VARCHAR AS customer, DATE '2024-01-05' AS date, 10.0 AS amount FROM range(500)) "
            f"TO '{folder / 'whole.parquet'}' (FORMAT parquet)"
        )
    return (folder / "whole.parquet").read_bytes()


def encodings() -> Iterator[Case]:
    words = {"Ромашка": ("utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866", "koi8-r", "mac-cyrillic", "iso8859-5")}
    words |= {
        "Café Métropole": ("cp1252", "cp437", "cp850", "latin-1"),
        "Ќебапчилница": ("cp1251", "utf-16-le", "utf-16-be"),
    }
    for word, codes in words.items():
        for code in codes:
            data = text(f"{word},2024-01-05,10\n", code)
            said = {"encoding": code.replace("utf-8-sig", "utf-8")}
            yield Case(f"{code} said, {word}", {"a.csv": data}, said, kept=(word,))
            if not code.startswith("utf-8"):
                yield Case(f"{code} not said, {word}", {"a.csv": data}, error="a.csv")
    yield Case(
        "an encoding nobody knows",
        {"a.csv": text(GOOD)},
        {"encoding": "cp99999"},
        error="a.csv: not readable as cp99999",
    )
    yield Case(
        "UTF-8 called something else",
        {"a.csv": text("Ромашка,2024-01-05,10\n")},
        {"encoding": "cp1251"},
        error="is UTF-8",
    )


def cut_files(folder: Path) -> Iterator[Case]:
    odd = {"a.xlsx": workbook(*((str(n), "2024-01-05", n) for n in range(200))), "a.parquet": parquet(folder)}
    for name, data in odd.items():
        for share in (1, 10, 50, 90, 99):
            yield Case(
                f"{name} cut at {share} %", {name: data[: len(data) * share // 100]}, {"files": name}, error=name
            )
    contents = {
        "words": b"only words\n",
        "zeros": b"\0" * 2048,
        "half a zip": b"PK\x03\x04\x14\0\0\0",
        "another zip": zipped({"x.txt": b"x"}),
        "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        "nothing": b"",
    }
    for suffix in ("xlsx", "xls", "xlsb", "ods", "docx", "parquet"):
        for what, data in contents.items():
            yield Case(f"{what} as {suffix}", {f"a.{suffix}": data}, {"files": f"a.{suffix}"}, error=f"a.{suffix}")
    for suffix in ("gz", "zip", "csv"):
        packed = {f"a.{suffix}": gzip.compress(text(GOOD))}
        yield Case(f"gz as .{suffix}", packed, {"files": f"a.{suffix}"}, kept=tuple("123456789"))
    for suffix in ("pdf", "exe", "csv.bak"):
        yield Case(
            f"a .{suffix}", {f"a.{suffix}": gzip.compress(text(GOOD))}, {"files": f"a.{suffix}"}, error="are not read"
        )


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def structures() -> Iterator[Case]:
    def one(name: str, data: bytes, **expected: object) -> Case:
        return Case(name, {"a.csv": data}, {}, **expected)  # type: ignore[arg-type]

    yield one("no byte", b"", error="a.csv: the file is empty")
    yield one("only blank lines", b"\n\n\r\n", error="a.csv")
    yield one("only a head", text(""), error="no rows")
    yield one("a head twice over", (HEAD + HEAD + GOOD).encode(), kept=tuple("123456789"), rejected=("no_line",))
    yield one("a column missing", b"customer,date\n1,2024-01-05\n", error="a.csv: no column 'amount'")
    yield one("one column", b"customer\n1\n", error="a.csv: no column 'date'")
    yield one("a mapped head twice", b"customer,date,amount,amount\n1,2024-01-05,1,2\n", error="more than once")
    yield one("another head twice", b"customer,date,amount,x,x\n1,2024-01-05,1,2,3\n", kept=("1",))
    wide = ",".join(["customer", "date", "amount", *(f"c{n}" for n in range(9_997))])
    yield one("10,000 columns", f"{wide}\n1,2024-01-05,10\n".encode(), error="a.csv: has 10,000 columns: not read")
    yield one("a row too long", text(GOOD + "1,2024-01-05,10,extra\n"), error="row 11")
    yield one("a row too short", text(GOOD + "1,2024-01-05\n"), kept=tuple("123456789"), rejected=("no_amount",))
    yield one("a quote never closed", text(GOOD + '"1,2024-01-05,10\n'), error="a.csv")
    yield one("a quote inside a quote", text(GOOD + '"a "b" c",2024-01-05,10\n'), error="a.csv, row 11")
    yield one("quotes within quotes, doubled", text('"a ""b"" c",2024-01-05,10\n'), kept=('a "b" c',))
    yield one("a null byte", text("a\0b,2024-01-05,10\n"), error="a.csv")
    yield one("only null bytes", b"\0" * 500, error="a.csv")
    yield one("old Mac line ends", text("1,2024-01-05,10\n").replace(b"\n", b"\r"), kept=("1",))
    yield one("no line end at the end", text("1,2024-01-05,10")[: -0 or None], kept=("1",))
    yield one("Windows line ends", text("1,2024-01-05,10\n").replace(b"\n", b"\r\n"), kept=("1",))
    yield one("semicolons", text("1,2024-01-05,10\n").replace(b",", b";"), kept=("1",))
    yield one("tabs", text("1,2024-01-05,10\n").replace(b",", b"\t"), kept=("1",))
    yield one("pipes", text("1,2024-01-05,10\n").replace(b",", b"|"), kept=("1",))
    yield one("blanks around everything", b" customer , date , amount \n 1 , 2024-01-05 , 10 \n", kept=("1",))
    yield one("every date unreadable", text("1,one,10\n2,two,10\n"), error="column date")
    yield one("every amount unreadable", text("1,2024-01-05,ten\n2,2024-01-05,two\n"), error="column amount")
    yield one("nobody named", text(",2024-01-05,10\n"), error="no line names a customer")


def dates() -> Iterator[Case]:
    unreadable = (
        *("31.01.2024", "2024-02-30", "2024-13-01", "2024-00-10", "yesterday", "20240105", "1e5", "1900-01-01"),
        *("0000-00-00", "inf", "-1", "2024-01", "2024", "12/31/2024"),
    )
    reasons = {"": "no_date", **dict.fromkeys(unreadable, "unreadable_date")}
    for value, reason in reasons.items():
        yield Case(
            f"date {value!r}", {"a.csv": text(GOOD + f"x,{value},5\n")}, kept=tuple("123456789"), rejected=(reason,)
        )
    many = GOOD * 20
    for value in ("1900-01-02", "2099-12-31", "1970-01-01"):
        yield Case(
            f"a date of {value}",
            {"a.csv": text(many + f"x,{value},5\n")},
            kept=tuple("123456789") * 20,
            rejected=("far_date",),
        )


def numbers() -> Iterator[Case]:
    for value in (
        *(
            "inf",
            "-inf",
            "Infinity",
            "nan",
            "NaN",
            "1e400",
            "1 200 руб.",
            "12 EUR",
            "$5",
            "1,2,3",
            "--5",
            "-5-",
            "(5",
            "٣",
        ),
        *("½", "0x10", "1_000", "=1+1", "#REF!", "#DIV/0!", "ten", "5%", "1.2.3"),
    ):
        case = text(GOOD + f'x,2024-01-05,"{value}"\n')
        yield Case(f"amount {value!r}", {"a.csv": case}, kept=tuple("123456789"), rejected=("unreadable_number",))
    yield Case(
        "an amount of 30 digits",
        {"a.csv": text(GOOD + f"x,2024-01-05,{'9' * 30}\n")},
        kept=tuple("123456789"),
        rejected=("unreadable_number",),
    )
    yield Case("no amount", {"a.csv": text(GOOD + "x,2024-01-05,\n")}, kept=tuple("123456789"), rejected=("no_amount",))
    currencies = b"customer,date,amount,cur\n1,2024-01-05,1,EUR\n2,2024-01-05,1,USD\n"
    columns = {"customer_id": "customer", "order_date": "date", "amount": "amount", "currency": "cur"}
    yield Case("two currencies", {"a.csv": currencies}, {"columns": columns}, error="more than one currency")


def hostile_names() -> Iterator[Case]:
    for name in (
        *(
            "<script>alert(1)</script>",
            '=HYPERLINK("http://x")',
            "../../etc/passwd",
            "'; DROP TABLE order_lines; --",
            "@SUM(A1)",
        ),
        *(
            "-2+3",
            "+1",
            "\u202egnp.exe",
            "😀",
            "a" * 10_000,
            "NULL",
            "nan",
            "None",
            "{{ 7 * 7 }}",
            "%s%n",
            "${x}",
            "\\x41",
            "A\u0301",
        ),
    ):
        quoted = name.replace('"', '""')
        yield Case(
            f"customer {name[:30]!r}", {"a.csv": text(f'"{quoted}",2024-01-05,10\n')}, kept=(normalize("NFC", name),)
        )
    yield Case("a customer of two lines", {"a.csv": text('"two\nlines",2024-01-05,10\n')}, kept=("two\nlines",))
    for file in (
        *(
            "'; drop table x; --.csv",
            'a"b.csv',
            "<b>.csv",
            "[x].csv",
            " a.csv",
            "日本.csv",
            "$HOME.csv",
            "%s.csv",
            "a\nb.csv",
        ),
        *("a,b.csv", "-rf.csv", "{x}.csv", "?.csv", "*.csv", "x" * 200 + ".csv", "UPPER.CSV"),
    ):
        yield Case(f"file {file[:30]!r}", {file: text("1,2024-01-05,10\n")}, {"files": file}, kept=("1",))


def workbooks() -> Iterator[Case]:
    said = {"files": "a.xlsx"}
    yield Case(
        "formulas without a value",
        {"a.xlsx": workbook(("1", "2024-01-05", "=1+1"), ("2", "2024-01-05", 5), ("3", "2024-01-05", 5))},
        said,
        kept=("2", "3"),
        rejected=("no_amount",),
    )
    yield Case(
        "errors of Excel",
        {"a.xlsx": workbook(("1", "2024-01-05", "#REF!"), ("2", "2024-01-05", 5), ("3", "2024-01-05", 5))},
        said,
        kept=("2", "3"),
        rejected=("no_amount",),
    )
    yield Case(
        "yes and no as money",
        {"a.xlsx": workbook(("1", "2024-01-05", True), ("2", "2024-01-05", 5))},
        said,
        kept=("1", "2"),
    )
    yield Case(
        "a sheet that is not there",
        {"a.xlsx": workbook(("1", "2024-01-05", 1))},
        {**said, "sheet": "Sales"},
        error="a.xlsx: no sheet 'Sales'",
    )
    yield Case("an empty sheet", {"a.xlsx": empty_workbook()}, said, error="a.xlsx, sheet Sheet: the sheet is empty")
    bomb = zipped({"xl/workbook.xml": b"0" * (600 << 20)})
    yield Case("a zip bomb", {"a.xlsx": bomb}, said, error="times its size: not read")


def empty_workbook() -> bytes:
    file = io.BytesIO()
    openpyxl.Workbook().save(file)
    return file.getvalue()


def all_cases(folder: Path) -> list[Case]:
    made: tuple[Callable[[], Iterator[Case]], ...] = (encodings, structures, dates, numbers, hostile_names, workbooks)
    return [*cut_files(folder), *(case for make in made for case in make())]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return all_cases(tmp_path_factory.mktemp("whole"))


def wrong_with(case: Case, source) -> str:
    """What is not as it must be, or nothing."""
    for name, data in case.files.items():
        source.write(name, data)
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in source.folder.rglob("*")}
    told, kept, rejected = "", None, ()
    try:
        source.orders(**case.orders).read()
        classify_lines(source.engine, Cleaning(), None)
    except UserError as error:
        told = str(error)
    else:
        kept = tuple(row[0] for row in source.engine.rows("SELECT customer_id FROM order_lines ORDER BY line_no"))
        rejected = tuple(row[0] for row in source.engine.rows("SELECT reason FROM rejected_lines ORDER BY line_no"))
    if {path: hashlib.sha256(path.read_bytes()).digest() for path in source.folder.rglob("*")} != before:
        return "the folder of the source changed"
    if case.error:
        return "" if case.error in told else f"said {told!r}, kept {kept}"
    return (
        ""
        if (kept, rejected) == (case.kept, case.rejected)
        else f"said {told!r}, kept {str(kept)[:200]}, rejected {rejected}"
    )


def test_there_are_150_broken_inputs(cases: list[Case]) -> None:
    assert len(cases) >= 150 and len({case.name for case in cases}) == len(cases)


def test_every_broken_input_gives_the_right_rows_or_names_the_file(cases: list[Case], source_of) -> None:
    sources = (source_of(number) for number in range(len(cases)))
    wrong = {case.name: problem for case, one in zip(cases, sources, strict=True) if (problem := wrong_with(case, one))}
    assert not wrong, "\n".join(f"{name}: {problem}" for name, problem in wrong.items())


def test_things_that_are_no_files_are_told(source) -> None:
    source.folder.mkdir()
    (source.folder / "folder.csv").mkdir()
    (source.folder / "loop.csv").symlink_to(source.folder / "loop.csv")
    (source.folder / "gone.csv").symlink_to(source.folder / "nowhere")
    for name in ("folder.csv", "loop.csv", "gone.csv", "missing.csv"):
        with pytest.raises(UserError, match=name):
            source.orders(files=name).clean()


@pytest.mark.parametrize("files", ["../x.csv", "/etc/passwd", "a/../../x.csv", "..", ""])
def test_a_profile_cannot_leave_its_folder(files: str) -> None:
    orders = {"files": files, "columns": {"customer_id": "c", "order_date": "d", "amount": "a"}}
    with pytest.raises(ValueError, match="own folder"):
        Profile.model_validate({"title": "x", "orders": orders})
