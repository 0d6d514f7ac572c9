"""Files of order lines of which one lacks a column."""

import pytest

from kam_analysis.errors import UserError

FULL = "customer,date,amount,rep,status\n1,2024-01-05,10,Ann,ok\n"


def test_a_column_that_a_file_lacks_is_blank_there_and_told(source):
    source.map(manager="rep").write("a.csv", FULL).write("b.csv", "customer,date,amount\n2,2024-01-06,20\n")
    assert source.read().manager.fillna("-").tolist() == ["Ann", "-"]
    assert source.clean().lacking == (("b.csv", "rep"),)


def test_equal_rows_are_equal_though_one_file_lacks_a_blank_column(source):
    source.map(manager="rep").write("a.csv", "customer,date,amount,rep\n1,2024-01-05,10,\n")
    source.write("b.csv", "customer,date,amount\n1,2024-01-05,10\n").clean()
    assert source.engine.rows("SELECT reason FROM rejected_lines") == [("repeated_across_files",)]


@pytest.mark.parametrize(
    ("head", "lacks"), [("customer,date", "amount"), ("customer,amount", "date"), ("date,amount", "customer")]
)
def test_a_needed_column_that_a_file_lacks_stops_the_run(source, head, lacks):
    source.write("a.csv", FULL).write("b.csv", f"{head}\n1,2\n")
    with pytest.raises(UserError, match=rf"b\.csv: no column '{lacks}' .*Cure: correct orders\.columns") as caught:
        source.read()
    assert len(caught.value.problems) == 1


def test_a_column_that_no_file_has_stops_the_run(source):
    source.map(manager="rep").write("a.csv", "customer,date,amount\n1,2024-01-05,1\n")
    with pytest.raises(UserError, match=r"a\.csv: no column 'rep'"):
        source.read()


def test_a_column_on_which_a_pattern_hangs_must_be_in_every_file(source):
    source.map(status="status").orders(cancelled={"status": "^void$"})
    source.write("a.csv", FULL).write("b.csv", "customer,date,amount\n2,2024-01-06,20\n")
    with pytest.raises(UserError, match=r"b\.csv: no column 'status'"):
        source.read()
