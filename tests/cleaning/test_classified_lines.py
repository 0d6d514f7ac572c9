"""Which lines are kept: rows repeated across files, duplicates within one, reasons, the first day not analysed."""

import datetime as dt

import pytest

from kam_analysis.cleaning.lines import classify_lines
from kam_analysis.errors import UserError
from kam_analysis.params import Cleaning

HEAD = "customer,date,amount\n"


def judge(source, as_of=None, **rules):
    source.read()
    found = classify_lines(source.engine, Cleaning(**rules), as_of)
    reasons = source.engine.rows("SELECT coalesce(reason, 'kept') FROM lines_classified ORDER BY line_no")
    return found, [reason for (reason,) in reasons]


@pytest.mark.parametrize(
    ("a", "b", "c"), [(1, 0, 0), (2, 0, 0), (1, 1, 0), (3, 1, 0), (1, 3, 0), (2, 2, 2), (1, 2, 3), (3, 1, 2)]
)
def test_a_row_that_stands_in_several_files_stays_as_often_as_in_the_fullest(source, a, b, c):
    row, other = "1,2024-01-05,10\n", "2,2024-01-05,1\n"
    for name, times in (("a.csv", a), ("b.csv", b), ("c.csv", c)):
        source.write(name, HEAD + other.replace("2", name[0], 1) + row * times)
    _, reasons = judge(source)
    # the other rows differ between the files and stay
    assert reasons.count("kept") == max(a, b, c) + 3
    assert reasons.count("repeated_across_files") == a + b + c - max(a, b, c)
    assert source.engine.rows("SELECT sum(net_sales) FROM order_lines WHERE customer_id = '1'") == [
        (10 * max(a, b, c),)
    ]


def test_sheets_overlap_like_files(source):
    import openpyxl

    source.folder.mkdir()
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("next")):
        for row in (["customer", "date", "amount"], ["1", dt.date(2024, 1, 5), 10]):
            sheet.append(row)
    book.save(source.folder / "sales.xlsx")
    assert judge(source.orders(files="sales.xlsx", sheet="*"))[1] == ["kept", "repeated_across_files"]


def test_duplicates_within_one_file_are_real_purchases_unless_said_otherwise(source):
    source.write("a.csv", HEAD + "1,2024-01-05,10\n" * 3).write("b.csv", HEAD + "1,2024-01-05,10\n" * 2)
    assert judge(source)[1] == ["kept"] * 3 + ["repeated_across_files"] * 2
    assert (
        judge(source, exact_duplicates="drop")[1]
        == ["kept", "exact_duplicate", "exact_duplicate"] + ["repeated_across_files"] * 2
    )


def test_rows_that_differ_in_a_column_nobody_mapped_are_different(source):
    source.write("a.csv", "customer,date,amount,note\n1,2024-01-05,10,x\n1,2024-01-05,10,y\n")
    assert judge(source, exact_duplicates="drop")[1] == ["kept", "kept"]


def test_every_line_has_the_first_reason_that_holds(source):
    source.map(sku="sku").orders(services={"sku": "POST"}, tests={"sku": "TEST"})
    rows = [
        "1,,x,A",
        "1,31.01.2024,x,A",
        "1,2024-01-05,x,TEST",
        "1,2024-01-05,,TEST",
        "1,2024-01-05,1,TEST",
        "1,2024-01-05,1,POST",
    ]
    plain = [f"1,2024-01-05,{n},A" for n in range(1, 9)]
    source.write("a.csv", "customer,date,amount,sku\n" + "\n".join([*rows, *plain]) + "\n")
    reasons = ["no_date", "unreadable_date", "unreadable_number", "no_amount", "test_line", "kept"]
    assert judge(source)[1] == reasons + ["kept"] * 8
    assert judge(source, service_lines="drop")[1] == [*reasons[:-1], "service_line"] + ["kept"] * 8
    assert judge(source, dt.date(2024, 1, 6), service_lines="drop")[1] == [*reasons[:-1], "service_line"] + ["kept"] * 8


def test_a_rejected_line_keeps_its_place_and_its_money(source):
    source.write("a.csv", HEAD + ",,5\n1,2024-01-05,7\n1,2024-01-05,x\n")
    judge(source)
    rejected = source.frame("rejected_lines")
    assert rejected[["file", "row", "reason"]].values.tolist() == [
        ["a.csv", 2, "no_date"],
        ["a.csv", 4, "unreadable_number"],
    ]
    assert rejected.net_sales.tolist() == [5.0, 0.0]
    assert rejected.customer_id.isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("last", "as_of"),
    [
        ("2024-01-28", "2024-01-29"),  # 31 days: the last three are 29, 30, 31
        ("2024-01-29", "2024-02-01"),
        ("2024-01-31", "2024-02-01"),
        ("2024-02-26", "2024-02-27"),  # a leap year: 27, 28, 29
        ("2024-02-27", "2024-03-01"),
        ("2023-02-26", "2023-03-01"),  # 26, 27, 28
        ("2024-04-27", "2024-04-28"),  # 30 days: 28, 29, 30
        ("2024-04-28", "2024-05-01"),
        ("2024-12-29", "2025-01-01"),
        ("2024-12-28", "2024-12-29"),
    ],
)
def test_the_first_day_not_analysed_follows_the_last_kept_line(source, last, as_of):
    source.write("a.csv", HEAD + f"1,2023-01-05,1\n1,{last},1\n")
    assert judge(source)[0] == dt.date.fromisoformat(as_of)


def test_a_kept_line_without_a_customer_counts_for_that_day_and_a_rejected_one_does_not(source):
    source.map(sku="sku").orders(tests={"sku": "TEST"})
    source.write(
        "a.csv", "customer,date,amount,sku\n1,2024-01-05,1,A\n,2024-01-10,1,A\n1,2024-01-20,1,TEST\n1,2024-01-21,,A\n"
    )
    assert judge(source)[0] == dt.date(2024, 1, 11)


def test_lines_on_and_after_a_stated_day_are_outside_everything(source):
    source.write("a.csv", HEAD + "1,2024-01-04,1\n1,2024-01-05,2\n1,2024-01-06,4\n")
    assert judge(source, dt.date(2024, 1, 5)) == (dt.date(2024, 1, 5), ["kept", "after_as_of", "after_as_of"])


@pytest.mark.parametrize(
    ("rows", "as_of", "said"),
    [
        (
            "1,2024-01-05,1\n1,,2\n",
            dt.date(2024, 1, 5),
            r"order lines: no line is left after cleaning \(e\.g\. on or after the first .*: 1; no date: 1\)",
        ),
        (
            "1,2024-01-05,\n1,,3\n",
            None,
            r"no line is left after cleaning \(e\.g\. no amount: 1; no date: 1\)",
        ),
        (
            ",2024-01-05,1\n ,2024-01-06,1\n",
            None,
            r"order lines: no line names a customer\. Cure: orders\.columns\.customer_id",
        ),
        (
            "1,2024-01-05,899999999999\n1,2024-01-05,-899999999999\n",
            None,
            "amounts of 1,799,999,999,998 in all are too large",
        ),
    ],
)
def test_a_source_without_a_usable_line_is_refused(source, rows, as_of, said):
    with pytest.raises(UserError, match=said):
        judge(source.write("a.csv", HEAD + rows), as_of)


def called_off(source, text):
    """Reasons of lines with an order, an item and a status; void orders are called off."""
    source.map(order_id="no", item="item", status="status").orders(cancelled={"status": "^void$"})
    found = judge(source.write("a.csv", "customer,date,no,item,amount,status\n" + text))[1]
    rows, money = source.engine.rows(
        "SELECT (SELECT count(*) FROM order_lines) + (SELECT count(*) FROM rejected_lines), "
        "(SELECT sum(net_sales) FROM order_lines) + (SELECT sum(net_sales) FROM rejected_lines)"
    )[0]
    assert rows == text.count("\n")
    return found, money


def test_orders_that_were_called_off_are_no_sales_and_rows_and_money_reconcile(source):
    text = "1,2024-01-05,A,tea,10,paid\n1,2024-01-06,B,tea,10,void\n2,2024-01-06,C,cup,5,void\n"
    assert called_off(source, text) == (["kept", "cancelled_order", "cancelled_order"], 25)


def test_the_reversal_of_a_sale_that_was_called_off_goes_with_it(source):
    text = (
        "1,2024-01-05,A,tea,10,void\n"  # called off, and so is the document that takes it back
        "1,2024-01-06,B,tea,-10,void\n"
        "1,2024-01-07,C,tea,-10,void\n"  # takes back D, which stands as a sale: negative, as every cancellation
        "1,2024-01-04,D,tea,10,paid\n"
    )
    assert called_off(source, text)[0] == ["cancelled_order", "cancelled_order", "kept", "kept"]
    assert source.engine.rows("SELECT sum(net_sales) FROM order_lines") == [(0,)]


def test_an_unanswered_cancellation_stays_negative_and_is_counted(source):
    called_off(source, "1,2024-01-05,A,tea,10,paid\n1,2024-01-06,B,cup,-4,void\n")
    reversals = source.clean().reversals
    assert {str(kind): rows for kind, rows in reversals.rows.items()}["unmatched"] == 1
    assert source.engine.rows("SELECT sum(net_sales) FROM order_lines") == [(6,)]


def test_drafts_are_no_sales_and_returns_without_a_sign_are_negative(source):
    source.map(order_id="no", qty="qty", status="status").orders(
        no_sales={"status": "^draft$"}, returns={"status": "^credit$"}
    )
    text = "1,2024-01-05,A,2,10,paid\n1,2024-01-05,B,1,7,draft\n1,2024-01-05,B,1,8,\n2,2024-01-06,C,1,4,credit\n"
    text += "2,2024-01-07,D,-1,-3,credit\n"
    found = judge(source.write("a.csv", "customer,date,no,qty,amount,status\n" + text))[1]
    assert found == ["kept", "no_sale", "no_sale", "kept", "kept"]
    assert source.engine.rows("SELECT qty, net_sales FROM order_lines ORDER BY line_no") == [
        (2, 10),
        (-1, -4),
        (-1, -3),
    ]


def test_a_status_on_the_first_line_of_an_order_is_of_all_its_lines(source):
    text = "1,2024-01-05,A,tea,10,void\n1,2024-01-05,A,cup,5,\n1,2024-01-05,B,tea,10,paid\n1,2024-01-05,B,cup,5,\n"
    assert called_off(source, text)[0] == ["cancelled_order", "cancelled_order", "kept", "kept"]


def test_a_cancellation_told_by_its_number_is_a_document_of_its_own(source):
    source.map(order_id="no").orders(cancelled={"order_id": "^S"})
    text = "customer,date,no,amount\n1,2024-01-05,1,10\n1,2024-01-06,S1,-10\n1,2024-01-06,S2,3\n"
    assert judge(source.write("a.csv", text))[1] == ["kept"] * 3
