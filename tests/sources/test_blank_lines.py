"""Blank lines of a text file are no rows, and the rows around them keep the numbers that an editor shows."""

import pytest

HEAD = "customer,date,amount\n"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (HEAD + "1,2024-01-05,10\n\n2,2024-01-06,20\n\n\n3,2024-01-07,30\n", [2, 4, 7]),
        (HEAD.strip() + "\r\n1,2024-01-05,10\r\n\r\n2,2024-01-06,20\r\n3,2024-01-07,30", [2, 4, 5]),
        (HEAD + "\n1,2024-01-05,10\n2,2024-01-06,20\n3,2024-01-07,30\n\n\n", [3, 4, 5]),
        ("\n\n" + HEAD + "\n1,2024-01-05,10\n2,2024-01-06,20\n3,2024-01-07,30\n", [5, 6, 7]),
        (HEAD + "1,2024-01-05,10\n2,2024-01-06,20\n3,2024-01-07,30\n", [2, 3, 4]),
        (HEAD + '"1",2024-01-05,10\n\n"2",2024-01-06,20\n\n\n3,2024-01-07,30\n', [2, 4, 7]),
    ],
)
def test_rows_keep_their_numbers(source, text, rows):
    read = source.write("a.csv", text).read()
    assert read["row"].tolist() == rows
    assert read["net_sales"].astype(float).tolist() == [10, 20, 30]


def test_a_rejected_line_behind_a_blank_one_names_its_row(source):
    source.write("a.csv", HEAD + "1,2024-01-05,10\n\n\n2,,20\n").clean()
    assert source.engine.rows("SELECT row, reason FROM rejected_lines") == [(5, "no_date")]


def test_a_blank_line_inside_a_quoted_text_is_part_of_it(source):
    source.write("a.csv", HEAD + '"one\n\ntwo",2024-01-05,10\n2,2024-01-06,20\n')
    assert source.read()["customer_id"].tolist() == ["one\n\ntwo", "2"]


def test_a_stray_quote_leaves_blank_lines_within_later_quotes_alone(source):
    source.write("a.csv", HEAD + '1 1/2",2024-01-05,10\n\n"two\n\nlines",2024-01-06,20\n')
    read = source.read()
    assert read["customer_id"].tolist() == ['1 1/2"', "two\n\nlines"]
    assert read["row"].tolist() == [2, 4]
