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
