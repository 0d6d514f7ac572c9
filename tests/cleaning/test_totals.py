"""Rows of totals are told from lines: without a date, in wide tables, and by the sums above them."""

import pytest

from kam_analysis.cleaning.lines import classify_lines
from kam_analysis.params import Cleaning


def rejected(source, text, columns, **orders):
    """Rows of the file that were rejected, with their reasons, and the net sales that are left."""
    source.values["orders"] = {"files": "a.csv", "columns": columns, **orders}
    source.write("a.csv", text).read()
    classify_lines(source.engine, Cleaning(), None)
    rows = source.engine.rows("SELECT DISTINCT row, reason FROM lines_classified WHERE reason IS NOT NULL ORDER BY row")
    kept = source.engine.rows("SELECT sum(net_sales)::DOUBLE FROM lines_classified WHERE reason IS NULL")[0][0]
    return rows, kept


def wide(source, *rows):
    months = {"jan": "2024-01", "feb": "2024-02"}
    return rejected(source, "\n".join(["name,jan,feb", *rows]), {"customer_name": "name"}, months=months)


def dated(source, *rows):
    columns = {"customer_name": "name", "order_date": "date", "amount": "amount", "order_id": "no", "item": "item"}
    return rejected(source, "\n".join(["name,date,amount,no,item", *rows]), columns)


@pytest.mark.parametrize("word", ["Итого", "ВКУПНО", "Total", "Grand Total:", "Всего", "Общий итог", "Ukupno"])
def test_the_last_row_of_a_wide_table_is_its_total(source, word):
    assert wide(source, "Acme,10,20", "Borg,1,", f"{word},11,20") == ([(4, "totals_row")], 31.0)


def test_a_total_of_a_wide_table_need_not_fit_where_it_says_nothing_else(source):
    assert wide(source, "Acme,10,20", "Borg,1,", "Итого,99,99") == ([(4, "totals_row")], 31.0)


def test_subtotals_of_a_wide_table_fit_their_block_in_every_month(source):
    rows = ["Acme,10,20", "Borg,1,2", "Total North,11,22", "Cern,5,5", "Dada,6,6", "South Total,11,11", "Total,22,33"]
    assert wide(source, *rows) == ([(4, "totals_row"), (7, "totals_row"), (8, "totals_row")], 55.0)


def test_a_customer_of_a_wide_table_may_be_called_total_something(source):
    rows = ["Acme,10,20", "Borg,1,2", "Total Energies,11,23", "Итого,22,45"]
    # 11 is the sum of January, 23 is not the one of February: a customer, whose sales are in the total
    assert wide(source, *rows) == ([(5, "totals_row")], 67.0)


def test_a_dated_total_is_the_sum_of_the_lines_above_it(source):
    rows = ["Acme,2024-01-05,10,1,Tea", "Borg,2024-01-06,5,2,Cup", "Итого,2024-01-31,15,,"]
    assert dated(source, *rows) == ([(4, "totals_row")], 15.0)
    assert dated(source, *rows[:2], "Borg,2024-01-31,15,Итого,") == ([(4, "totals_row")], 15.0)
    assert dated(source, *rows[:2], "Borg,2024-01-31,15,,Total:") == ([(4, "totals_row")], 15.0)
    assert dated(source, *rows[:2], "Итого,2024-01-31,16,,") == ([], 31.0)


def test_dated_subtotals_by_customer_and_a_grand_total(source):
    rows = [
        "Acme,2024-01-05,10,1,Tea",
        "Acme Total,2024-01-05,10,,",  # one line, but of that very name
        "Borg,2024-01-06,5,2,Cup",
        "Borg,2024-01-07,-2,3,Cup",
        "Total Borg,2024-01-07,3,,",
        "Grand Total,2024-01-07,13,,",
    ]
    assert dated(source, *rows) == ([(3, "totals_row"), (6, "totals_row"), (7, "totals_row")], 13.0)


def test_ordinary_lines_of_total_energies_are_kept_and_counted_in_the_total(source):
    rows = [
        "Acme,2024-01-05,10,1,Tea",
        "Borg,2024-01-05,10,1,Tea",
        "Total Energies,2024-01-06,20,2,",  # by chance the sum of all above
        "Total Energies,2024-01-07,7,3,",
        "Acme,2024-01-08,3,4,Total Repair",
        "Итого,2024-01-31,50,,",
    ]
    assert dated(source, *rows) == ([(7, "totals_row")], 50.0)


def test_one_line_that_equals_the_line_above_it_is_no_total_of_something_else(source):
    assert dated(source, "Acme,2024-01-05,10,1,Tea", "Total Energies,2024-01-06,10,2,") == ([], 20.0)


def test_a_customer_called_total_keeps_its_lines(source):
    rows = ["Acme,2024-01-05,10,1,Tea", *(f"Total,2024-01-0{day},10,{day},Tea" for day in range(6, 9))]
    assert dated(source, *rows) == ([], 40.0)


def test_half_of_the_lines_being_sums_is_not_most_of_them(source):
    head = "Acme,2024-01-05,10,1,Tea"
    assert dated(source, head, "Total,2024-01-06,10,6,Tea", "Total,2024-01-07,7,7,Tea") == ([], 27.0)


@pytest.mark.parametrize("text", ["March 2024 Total", "Acme Итог", "Acme - Total:", "Müller Ergebnis"])
def test_without_a_date_a_total_may_say_so_at_its_end(source, text):
    assert dated(source, "Acme,2024-01-05,10,1,Tea", f"{text},,10,,") == ([(3, "totals_row")], 10.0)
    assert dated(source, "Acme,2024-01-05,10,1,Tea", f",{text},10,,") == ([(3, "totals_row")], 10.0)


@pytest.mark.parametrize("text", ["Totally Tea", "Subtotalia", "Summers", "Итоговый", "Attotal"])
def test_words_that_only_begin_like_a_total_say_nothing(source, text):
    assert dated(source, "Acme,2024-01-05,10,1,Tea", f"{text},,10,,") == ([(3, "no_date")], 10.0)


def test_sums_are_compared_to_the_cent_within_a_file(source):
    rows = ["Acme,2024-01-05,10.333,1,Tea", "Borg,2024-01-06,5.333,2,Cup", "Итого,2024-01-31,15.67,,"]
    assert dated(source, *rows) == ([(4, "totals_row")], 15.666)
    source.write("b.csv", "name,date,amount,no,item\nCern,2024-01-05,1,1,Tea\nИтого,2024-01-31,1,,\n")
    source.orders(files="*.csv").read()
    classify_lines(source.engine, Cleaning(), None)
    assert source.engine.rows("SELECT file, row FROM rejected_lines ORDER BY ALL") == [("a.csv", 4), ("b.csv", 3)]


def test_totals_are_kept_where_the_parameters_say_so(source):
    dated(source, "Acme,2024-01-05,10,1,Tea", "Borg,2024-01-06,5,2,Cup", "Итого,2024-01-31,15,,")
    source.read()
    classify_lines(source.engine, Cleaning(totals_rows="keep"), None)
    assert source.engine.rows("SELECT count(*) FROM order_lines") == [(3,)]


def test_a_total_may_stand_in_the_column_of_the_managers(source):
    rows = ["Ann,Acme,10,20", ",Borg,1,", "Итого,,11,20"]
    text = "\n".join(["rep,name,jan,feb", *rows])
    months = {"jan": "2024-01", "feb": "2024-02"}
    columns = {"customer_name": "name", "manager": "rep"}
    assert rejected(source, text, columns, months=months) == ([(4, "totals_row")], 31.0)
    named = text.replace("Итого,,", "Total Sales Team,Cern,")
    assert rejected(source, named, columns, months=months) == ([], 62.0)
