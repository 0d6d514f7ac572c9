"""Tables of other shapes: rows that head others, cells that stand only in the first row of a block."""

import openpyxl
import pytest

from kam_analysis.errors import UserError

HEAD = "customer,date,no,item,amount\n"


def shaped(source, text, columns, **orders):
    source.values["orders"] = {"files": "*.csv", "columns": columns, **orders}
    return source.write("a.csv", text).read()


def cells(found, *names):
    return found[list(names)].astype(object).where(found[list(names)].notna(), None).values.tolist()


COLUMNS = {"customer_name": "customer", "order_date": "date", "order_id": "no", "item": "item", "amount": "amount"}


def test_values_are_carried_down_to_the_next_filled_cell(source):
    text = HEAD + "Acme,2024-01-05,1,Tea,10\n,,,Cup,20\nBorg,2024-01-06,2,Tea,30\n, ,,Cup,40\n"
    found = shaped(source, text, COLUMNS, fill_down=["customer", "date", "no"])
    assert cells(found, "customer_name", "order_id", "item", "net_sales") == [
        ["Acme", "1", "Tea", 10.0],
        ["Acme", "1", "Cup", 20.0],
        ["Borg", "2", "Tea", 30.0],
        ["Borg", "2", "Cup", 40.0],
    ]
    assert found.ordered_on.dt.day.tolist() == [5, 5, 6, 6]
    assert found.row.tolist() == [2, 3, 4, 5]


def test_only_the_columns_named_are_filled_and_only_below_a_value(source):
    text = HEAD + ",2024-01-05,1,Tea,10\nAcme,2024-01-05,1,,10\n,2024-01-06,,Cup,20\n"
    found = shaped(source, text, COLUMNS, fill_down=["customer"])
    assert cells(found, "customer_name", "order_id", "item") == [
        [None, "1", "Tea"],
        ["Acme", "1", None],
        ["Acme", None, "Cup"],
    ]


def test_nothing_is_carried_from_file_to_file(source):
    source.write("b.csv", HEAD + ",2024-01-05,1,Tea,10\n")
    found = shaped(source, HEAD + "Acme,2024-01-05,1,Tea,10\n", COLUMNS, fill_down=["customer"])
    assert found.customer_name.isna().tolist() == [False, True]


def test_a_row_of_numbers_alone_is_not_filled(source):
    text = HEAD + "Acme,2024-01-05,1,Tea,10\n,,,Cup,20\n,,,,30\n"
    found = shaped(source, text, COLUMNS, fill_down=["customer", "date", "no"])
    assert cells(found, "customer_name", "net_sales")[2] == [None, 30.0] and found.ordered_on.isna().tolist()[2]


def test_rows_are_filled_where_nothing_else_can_tell_them(source):
    columns = {"customer_name": "customer", "order_date": "date", "amount": "amount"}
    found = shaped(source, "customer,date,amount\nAcme,2024-01-05,1\n,,2\n", columns, fill_down=["customer", "date"])
    assert found.customer_name.tolist() == ["Acme", "Acme"]


def test_a_customer_above_its_lines_in_its_own_column(source):
    text = HEAD + "Acme,,,,30\n,2024-01-05,1,Tea,10\n,2024-01-06,2,Cup,20\nBorg,,,,5\n,2024-01-07,3,Tea,5\n"
    found = shaped(source, text, COLUMNS, fill_down=["customer"])
    assert found[found.ordered_on.notna()].customer_name.tolist() == ["Acme", "Acme", "Borg"]
    assert found.ordered_on.isna().tolist() == [True, False, False, True, False]


def test_a_customer_above_its_lines_in_the_column_of_dates(source):
    text = "date,no,amount\nAcme,,30\n2024-01-05,1,10\n2024-01-06,,20\nBorg,,5\n2024-01-07,3,5\n"
    columns = {"customer_name": "group", "order_date": "date", "order_id": "no", "amount": "amount"}
    found = shaped(source, text, columns, group="date", fill_down=["no"])
    lines = found[found.ordered_on.notna()]
    assert cells(lines, "customer_name", "order_id") == [["Acme", "1"], ["Acme", "1"], ["Borg", "3"]]


def test_a_wide_table_and_a_workbook_are_filled_too(source):
    source.folder.mkdir()
    book = openpyxl.Workbook()
    for row in (["region", "customer", "jan"], ["North", "Acme", 1], [None, "Borg", 2], ["South", "Cern", 3]):
        book.active.append(row)
    book.save(source.folder / "wide.xlsx")
    columns = {"customer_name": "customer", "region": "region"}
    source.values["orders"] = {"files": "wide.xlsx", "columns": columns, "months": {"jan": "2024-01"}}
    found = source.orders(fill_down=["region"]).read()
    assert cells(found, "region", "customer_name") == [["North", "Acme"], ["North", "Borg"], ["South", "Cern"]]


def test_a_column_to_be_filled_must_be_there(source):
    with pytest.raises(UserError, match=r"a\.csv: no column 'client' .*Cure: correct orders\.fill_down"):
        shaped(source, HEAD + "Acme,2024-01-05,1,Tea,10\n", COLUMNS, fill_down=["client"])


def test_subtotals_below_values_carried_down_are_totals(source):
    text = HEAD + "Acme,2024-01-05,1,Tea,10\n,,,Cup,20\nAcme Total,,,,30\nBorg,2024-01-06,2,Tea,30\nTotal,,,,60\n"
    source.values["orders"] = {"files": "*.csv", "columns": COLUMNS, "fill_down": ["customer", "date", "no"]}
    source.write("a.csv", text).clean()
    assert source.engine.rows("SELECT row, reason FROM rejected_lines ORDER BY row") == [
        (4, "totals_row"), (6, "totals_row"),
    ]  # fmt: skip


def test_months_may_hold_quantities_beside_amounts(source):
    text = "customer,jan n,jan sum,feb n,feb sum\nAcme,2,10,,\nBorg,,5,3,\n"
    found = shaped(
        source,
        text,
        {"customer_name": "customer"},
        months={"jan sum": "2024-01", "feb sum": "2024-02"},
        month_quantities={"jan n": "2024-01", "feb n": "2024-02"},
    )
    assert cells(found, "customer_name", "qty", "net_sales") == [
        ["Acme", 2.0, 10.0],
        ["Borg", None, 5.0],
        ["Borg", 3.0, None],
    ]
    assert found.ordered_on.dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2024-01-01", "2024-02-01"]


def test_wide_files_may_hold_other_months_but_not_none(source):
    source.write("b.csv", "customer,feb\nAcme,7\n")
    months = {"jan": "2024-01", "feb": "2024-02"}
    found = shaped(source, "customer,jan\nAcme,3\n", {"customer_name": "customer"}, months=months)
    assert found[["file", "net_sales"]].values.tolist() == [["a.csv", 3.0], ["b.csv", 7.0]]
    source.write("c.csv", "customer,note\nAcme,x\n")
    with pytest.raises(UserError, match=r"c\.csv: no column 'jan' .*Cure: correct orders\.months"):
        source.read()


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        ("2024", "3", "2024-03-01"),
        ("2024 г.", "март", "2024-03-01"),
        ("2023", "December", "2023-12-01"),
        ("2024", "мај", "2024-05-01"),
        ("2024", "Juni", "2024-06-01"),
        ("2024", "2024-07", "2024-07-01"),
    ],
)
def test_a_year_and_a_month_are_the_first_of_the_month(source, year, month, day):
    columns = {"customer_name": "customer", "year": "y", "month": "month", "amount": "amount"}
    found = shaped(source, f"customer,y,month,amount\nAcme,{year},{month},5\n", columns)
    assert found.ordered_on.dt.strftime("%Y-%m-%d").tolist() == [day] and found.net_sales.tolist() == [5.0]


def test_a_month_may_say_its_year_and_one_that_cannot_be_read_is_rejected_with_its_text(source):
    columns = {"customer_name": "customer", "month": "m", "amount": "amount"}
    text = "customer,m,amount\nAcme,Март 2024,5\nAcme,202404,6\nAcme,Q2 2024,7\nAcme,,8\n"
    found = shaped(source, text, columns)
    assert [day.month if day == day else None for day in found.ordered_on] == [3, 4, None, None]
    assert found.date_text.fillna("").tolist() == ["2024-03-01", "2024-04-01", "Q2 2024", ""]


def test_months_that_cannot_be_read_stop_the_run(source):
    columns = {"customer_name": "customer", "year": "y", "month": "m", "amount": "amount"}
    with pytest.raises(
        UserError, match=r"a\.csv, column month by y, m: unreadable dates .*'2024 Q1'.*orders\.columns\.month"
    ):
        shaped(source, "customer,y,m,amount\nAcme,2024,Q1,5\nAcme,2024,13,5\n", columns)
