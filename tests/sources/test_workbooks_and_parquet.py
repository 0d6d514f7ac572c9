import datetime as dt
import zipfile
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kam_analysis.errors import UserError

HEAD = ["customer", "date", "amount"]


def moment(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC).replace(tzinfo=None)


@pytest.fixture
def book(source):
    """Write a workbook from {sheet: rows}."""
    source.folder.mkdir()

    def write(sheets, name="sales.xlsx", **orders):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
        workbook.save(source.folder / name)
        return source.orders(files=name, **orders)

    return write


def test_cells_keep_their_kind(book):
    rows = [
        HEAD,
        [17850, dt.date(2024, 1, 5), 12.5],
        ["007", moment(2024, 1, 31, 23, 59), -1],
        ["NA", "2024-02-01", "3.25"],
        [17850.5, moment(2024, 2, 2), 0.1 + 0.2],
        [True, dt.date(2024, 2, 3), 2.00005],
    ]
    lines = book({"Sales": rows}).read()
    assert lines.customer_id.tolist() == ["17850", "007", "NA", "17850.5", "1"]
    assert lines.ordered_on.dt.strftime("%m-%d").tolist() == ["01-05", "01-31", "02-01", "02-02", "02-03"]
    assert lines.net_sales.tolist() == [12.5, -1.0, 3.25, 0.3, 2.0001]
    assert lines[["sheet", "row"]].values.tolist() == [["Sales", n] for n in range(2, 7)]


def test_numbers_of_a_sheet_are_numbers_whatever_signs_the_texts_use(book):
    rows = [
        HEAD,
        ["1", dt.date(2024, 1, 5), 12.5],
        ["1", "06.01.2024", "1.234,5"],
        ["1", moment(2024, 1, 7, 10), 1234],
    ]
    lines = book({"S": rows}, decimal=",", thousands=".", date_format="%d.%m.%Y").read()
    assert lines.net_sales.tolist() == [12.5, 1234.5, 1234.0]
    assert lines.ordered_on.dt.day.tolist() == [5, 6, 7]


def test_the_table_may_begin_lower_and_hold_blank_rows(book):
    lines = book({"S": [[], [], HEAD, ["1", "2024-01-05", 1], [], ["2", "2024-01-05", 2, "note"]]}).read()
    assert lines.row.tolist() == [4, 5, 6]
    assert lines.net_sales.fillna(-1).tolist() == [1.0, -1.0, 2.0]
    assert lines.date_text.isna().tolist() == [False, True, False]


def test_all_sheets_or_one(book):
    sheets = {"May": [HEAD, ["1", "2024-05-05", 1]], "June": [HEAD, ["1", "2024-06-05", 2]], "Empty": []}
    assert book(sheets, sheet="June").read()[["sheet", "net_sales"]].values.tolist() == [["June", 2.0]]
    assert book(sheets, sheet="*").read()[["sheet", "net_sales"]].values.tolist() == [["May", 1.0], ["June", 2.0]]


def test_a_sheet_may_have_any_name(book):
    name = "it's «2024» = <b>"
    assert book({name: [HEAD, ["1", "2024-05-05", 1]]}).read().sheet.tolist() == [name]


def test_a_sheet_without_a_head(book):
    source = book({"S": [["1", "2024-05-05", 1], ["2", "2024-05-05", 2]]}, header=False)
    assert source.map(customer_id="1", order_date="2", amount="3").read().row.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("sheets", "orders", "said"),
    [
        (
            {"May": [HEAD], "June": [HEAD]},
            {},
            r"sales\.xlsx: 2 sheets \(e\.g\. May; June\)\. Cure: name one with the key `sheet`",
        ),
        ({"May": [HEAD]}, {"sheet": "July"}, r"sales\.xlsx: no sheet 'July' \(e\.g\. May\)"),
        ({"May": []}, {}, r"sales\.xlsx, sheet May: the sheet is empty"),
        ({"May": [], "June": [[None]]}, {"sheet": "*"}, r"sales\.xlsx, sheet May, June: the sheet is empty"),
        ({"May": [HEAD]}, {}, r"sales\.xlsx, sheet May: no rows"),
        (
            {"May": [[*HEAD, "AMOUNT"], ["1", "2024-05-05", 1, 2]]},
            {},
            r"sheet May: a mapped column stands there more than once \(e\.g\. amount\)",
        ),
        (
            {"May": [HEAD, ["1", "2024-05-05", 1]], "Notes": [["read me"]]},
            {"sheet": "*"},
            r"sheet Notes: no column 'customer' \(e\.g\. 'read me'\)",
        ),
    ],
)
def test_a_workbook_that_does_not_fit_is_refused(book, sheets, orders, said):
    with pytest.raises(UserError, match=said):
        book(sheets, **orders).read()


@pytest.mark.parametrize("content", [b"garbage", b"customer,date,amount\n1,2024-01-05,1\n"])
@pytest.mark.parametrize("name", ["sales.xlsx", "sales.ods"])
def test_what_is_no_workbook_is_refused(source, name, content):
    with pytest.raises(UserError, match=rf"{name}: not readable as a workbook: .*Cure: save it again"):
        source.orders(files=name).write(name, content).read()


def test_a_zip_without_sheets_is_no_workbook(source):
    source.write("sales.xlsx", b"x").orders(files="sales.xlsx")
    with zipfile.ZipFile(source.folder / "sales.xlsx", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UserError, match="not readable as a workbook"):
        source.read()


@pytest.fixture
def parquet(source):
    source.folder.mkdir()

    def write(name="sales.parquet", **columns):
        pq.write_table(pa.table(columns), source.folder / name)
        return source.orders(files=name)

    return write


def test_a_column_may_be_called_as_the_count_of_rows(parquet):
    found = parquet(customer=pa.array(["1"] * 3), date=DAYS, amount=ONES, file_row_number=ONES).read()
    assert found.row.tolist() == [1, 2, 3]


DAYS = pa.array([dt.date(2024, 1, 5)] * 3)
ONES = pa.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        (pa.array([7, 17850, None], pa.int32()), ["7", "17850", None]),
        (pa.array([7.0, 17850.0, None]), ["7", "17850", None]),
        (pa.array([7.5, float("nan"), float("inf")]), ["7.5", None, None]),
        (pa.array([Decimal("7.00"), Decimal("17850.00"), Decimal("7.50")]), ["7", "17850", "7.50"]),
        (pa.array(["007", " NA ", ""]), ["007", "NA", None]),
        (pa.array(["007", "007", "x"]).dictionary_encode(), ["007", "007", "x"]),
        (pa.array([2**63, 1, 0], pa.uint64()), ["9223372036854775808", "1", "0"]),
        (pa.array(["a", "b", "c"], pa.large_string()), ["a", "b", "c"]),
    ],
)
def test_ids_of_any_type(parquet, values, ids):
    found = parquet(customer=values, date=DAYS, amount=ONES).read().customer_id
    assert [None if value != value else value for value in found] == ids


@pytest.mark.parametrize(
    "values",
    [
        pa.array([moment(2024, 1, 5, 23, 59)] * 3, pa.timestamp("ns")),
        pa.array([moment(2024, 1, 5, 23, 59)] * 3, pa.timestamp("ms")),
        pa.array([dt.datetime(2024, 1, 5, 23, 59, tzinfo=dt.UTC)] * 3, pa.timestamp("us", "UTC")),
        pa.array(["2024-01-05"] * 3),
        pa.array([dt.date(2024, 1, 5)] * 3, pa.date64()),
    ],
)
def test_dates_of_any_type(parquet, values, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    found = parquet(customer=pa.array(["1"] * 3), date=values, amount=ONES).read().ordered_on
    assert found.dt.strftime("%Y-%m-%d").tolist() == ["2024-01-05"] * 3


def test_a_time_with_a_zone_is_a_day_of_utc_and_is_shown_as_such(parquet):
    tokyo = pa.array([dt.datetime(2024, 1, 5, 20, tzinfo=dt.UTC)] * 3, pa.timestamp("us", "Asia/Tokyo"))
    found = parquet(customer=pa.array(["1"] * 3), date=tokyo, amount=ONES).read()
    assert found.ordered_on.dt.strftime("%Y-%m-%d").tolist() == ["2024-01-05"] * 3  # 6 January in Tokyo
    assert found.date_text.tolist() == ["2024-01-05 20:00:00"] * 3


@pytest.mark.parametrize(
    "days", [pa.array([45202] * 3), pa.array([45202.0, 45202.5, 45202.99]), pa.array([Decimal("45202.00")] * 3)]
)
def test_day_numbers_of_any_type(parquet, days):
    found = parquet(customer=pa.array(["1"] * 3), date=days, amount=ONES).orders(date_format="excel").read()
    assert found.ordered_on.dt.strftime("%Y-%m-%d").tolist() == ["2023-10-03"] * 3


def test_day_numbers_stand_beside_dates_in_a_workbook(source):
    source.folder.mkdir()
    book = openpyxl.Workbook()
    for row in (["customer", "date", "amount"], ["1", 45202, 1], ["1", dt.date(2023, 10, 4), 1], ["1", 45204.5, 1]):
        book.active.append(row)
    book.save(source.folder / "sales.xlsx")
    found = source.orders(files="sales.xlsx", date_format="excel", decimal=",").read()
    assert found.ordered_on.dt.day.tolist() == [3, 4, 5]


def test_whole_numbers_are_dates_where_the_format_says_so(parquet):
    source = parquet(customer=pa.array(["1"] * 3), date=pa.array([20240105] * 3), amount=ONES).orders(
        date_format="%Y%m%d"
    )
    assert source.read().ordered_on.dt.day.tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    ("values", "amounts"),
    [
        (pa.array([1, -2, None], pa.int64()), [1.0, -2.0, None]),
        (pa.array([1.00005, -2.00015, 1234.56]), [1.0001, -2.0002, 1234.56]),
        (pa.array([1234.56, 0.1, 2.5], pa.float32()), [1234.56, 0.1, 2.5]),
        (pa.array([Decimal("0.000050"), Decimal("-0.000050"), Decimal("0.000049")]), [0.0001, -0.0001, 0.0]),
        (pa.array(["1.5", "-2", None]), [1.5, -2.0, None]),
        (pa.array([float("nan"), 1.0, 2.0]), [None, 1.0, 2.0]),
    ],
)
def test_amounts_of_any_type(parquet, values, amounts):
    found = parquet(customer=pa.array(["1"] * 3), date=DAYS, amount=values).read().net_sales
    assert [None if value != value else value for value in found] == amounts


def test_a_decimal_comma_of_the_profile_leaves_typed_numbers_alone(parquet):
    source = parquet(customer=pa.array([1.5, 2.0, 3.0]), date=DAYS, amount=ONES).orders(decimal=",", thousands=".")
    assert source.read()[["customer_id", "net_sales"]].values.tolist() == [["1.5", 1.0], ["2", 2.0], ["3", 3.0]]


def test_rows_keep_their_order_over_many_groups(source):
    source.folder.mkdir()
    days, ones = pa.array([dt.date(2024, 1, 5)] * 50_000), pa.array([1] * 50_000)
    table = pa.table({"customer": pa.array([str(n) for n in range(50_000)]), "date": days, "amount": ones})
    for name in ("b.parquet", "a.parquet"):
        pq.write_table(table, source.folder / name, row_group_size=5_000)
    source.orders(files="*.parquet").read()
    wrong = "row <> CAST(customer_id AS INT) + 1 OR line_no <> row + CASE file WHEN 'b.parquet' THEN 50000 ELSE 0 END"
    assert source.engine.rows(f"SELECT count(*), count(*) FILTER (WHERE {wrong}) FROM lines_read") == [(100_000, 0)]


def test_what_is_no_parquet_is_refused(source):
    with pytest.raises(UserError, match=r"sales\.parquet: cannot be read"):
        source.orders(files="sales.parquet").write("sales.parquet", b"PAR1 but not really PAR1").read()


def test_an_empty_parquet_has_no_rows(parquet):
    source = parquet(
        customer=pa.array([], pa.string()), date=pa.array([], pa.date32()), amount=pa.array([], pa.float64())
    )
    with pytest.raises(UserError, match=r"sales\.parquet: no rows\. Cure: export again"):
        source.read()


def test_days_may_be_counted_from_1904(source):
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    source.folder.mkdir()
    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    # 5 March 2024 is 43,894 days after 1 January 1904
    for row in (HEAD, ["1", 43894, 1], ["1", dt.date(2024, 3, 6), 1], ["1", "2024-03-07", 1]):
        workbook.active.append(row)
    workbook.save(source.folder / "mac.xlsx")
    found = source.orders(files="mac.xlsx", date_format="excel").read()
    assert found.ordered_on.dt.strftime("%Y-%m-%d").tolist() == ["2024-03-05", "2024-03-06", "2024-03-07"]


def test_a_head_may_hold_years_and_dates(book):
    rows = [[None, 2024, None, None], ["customer", dt.date(2024, 1, 1), "date", "amount"], ["1", 2, "2024-01-05", 3]]
    found = book({"S": rows}, head_rows=2).map(qty="2024 2024-01-01", order_date="2024 date", amount="2024 amount")
    assert found.read()[["qty", "net_sales"]].values.tolist() == [[2.0, 3.0]]
