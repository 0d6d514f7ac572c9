"""Returns matched to their sales, giants that were taken back, totals rows, dates far from all others."""

import datetime as dt

import pytest

from kam_analysis.cleaning import high_return_customers, reversals
from kam_analysis.cleaning.lines import plausible_days
from kam_analysis.tables import CUSTOMER_FACTS

HEAD = "customer,date,amount,sku\n"


def clean(source, rows, **params):
    return source.map(sku="sku").write("a.csv", HEAD + "\n".join(rows) + "\n").clean(**params)


def facts(source):
    return source.engine.frame("customer_facts", CUSTOMER_FACTS)


@pytest.mark.parametrize(
    ("rows", "matched", "unmatched"),
    [
        (["1,2024-01-01,10,A", "1,2024-01-05,-10,A"], 1, 0),
        (["1,2024-01-05,-10,A", "1,2024-01-06,10,A"], 0, 1),  # taken back before it was sold
        (["1,2024-01-05,-10,A", "1,2024-01-05,10,A"], 1, 0),  # on one day the sale counts first
        (["1,2024-01-01,10,A", "1,2024-01-05,-10,A", "1,2024-01-06,-10,A"], 1, 1),  # one sale, taken back twice
        (["1,2024-01-05,-10,A", "1,2024-01-06,10,A", "1,2024-01-07,-10,A"], 1, 1),
        (["1,2024-01-01,10,B", "1,2024-01-05,-10,A"], 0, 1),  # another item
        (["2,2024-01-01,10,A", "1,2024-01-05,-10,A"], 0, 1),  # another customer
        (["1,2024-01-01,10.0001,A", "1,2024-01-05,-10,A"], 0, 1),  # another amount
    ],
)
def test_a_return_answers_to_an_earlier_sale_of_the_same_kind(source, rows, matched, unmatched):
    numbers = reversals(clean(source, [*rows, "9,2024-02-01,5,Z"]).reversals).numbers
    assert (numbers["reversals.matched.rows"], numbers["reversals.unmatched.rows"]) == (matched, unmatched)
    assert numbers["reversals.matched.net_sales"] == -10 * matched


def test_every_negative_line_is_counted_once(source):
    rows = ["1,2024-01-01,10,A", "1,2024-01-05,-10,A", ",2024-01-05,-4,A", "1,2024-01-06,-3.5,B"]
    found = reversals(clean(source, rows).reversals)
    assert found.table[["rows", "net_sales"]].values.tolist() == [[1, -10], [1, -3.5], [1, -4]]
    assert found.table["net_sales"].sum() == -17.5


def test_no_return_at_all_is_said(source):
    found = reversals(clean(source, ["1,2024-01-01,10,A"]).reversals)
    assert found.sentence.template == "No kept line is a return or a cancellation."


def test_a_giant_taken_back_is_listed_and_one_with_a_tenth_left_is_not(source):
    rows = [
        "1,2024-01-01,1000,A",
        "1,2024-01-05,-1000,A",
        "2,2024-01-01,100,A",
        "2,2024-01-05,-90,B",
        "3,2024-01-01,50,A",
    ]
    clean(source, rows)
    found = high_return_customers(facts(source))
    assert found.table[["customer_id", "gross_rank", "return_share"]].values.tolist() == [["1", 1, 1.0]]
    assert found.numbers == {"gross_sales": 1150.0, "high_return_customers": 1} and found.caveats


def test_exactly_a_tenth_left_is_left(source):
    # .3 of 3 is a tenth in decimals, and less than 0.1 · 3 in binary numbers
    clean(source, ["1,2024-01-01,3,A", "1,2024-01-05,-2.7,B", "2,2024-01-01,3,A", "2,2024-01-05,-2.71,B"])
    assert high_return_customers(facts(source)).table["customer_id"].tolist() == ["2"]


def test_a_totals_row_is_told_from_a_line_without_a_date(source):
    rows = [
        "1,2024-01-01,10,A",
        "1,,10,A",
        "Итого,,10,",
        "Total January,,10,",
        "Total Energies,2024-01-02,7,A",
        "x,ИТОГО:,3,",
    ]
    cleaned = clean(source, rows)
    reasons = source.engine.rows(
        "SELECT reason, count(*), sum(net_sales)::DOUBLE FROM rejected_lines GROUP BY ALL ORDER BY ALL"
    )
    assert reasons == [("no_date", 1, 10.0), ("totals_row", 3, 23.0)]
    assert cleaned.line_status.net_sales.sum() == 50.0
    clean(source, rows, cleaning={"totals_rows": "keep"})
    assert source.engine.rows("SELECT DISTINCT reason FROM rejected_lines ORDER BY reason") == [
        ("no_date",),
        ("unreadable_date",),
    ]


def test_a_slip_of_the_year_moves_neither_edge_and_keeps_its_money(source):
    rows = [f"{n % 7},2024-0{n % 9 + 1}-15,10,A" for n in range(300)]
    cleaned = clean(source, [*rows, "1,2090-01-01,77,A", "1,1924-01-01,33,A"])
    assert cleaned.calendar.as_of == dt.date(2024, 9, 16) and cleaned.calendar.first_order_on == dt.date(2024, 1, 15)
    assert source.engine.rows("SELECT row, reason, net_sales::DOUBLE FROM rejected_lines ORDER BY row") == [
        (302, "far_date", 77.0), (303, "far_date", 33.0),
    ]  # fmt: skip
    assert clean(source, [*rows, "1,2090-01-01,77,A"], cleaning={"far_dates": "keep"}).calendar.as_of.year == 2090


def test_far_dates_at_their_boundaries():
    day = dt.date(2024, 1, 1)
    later = day + dt.timedelta(days=366)
    assert plausible_days([(day, 999), (later, 1)], 366) == (day, later)  # exactly the gap is no slip
    beyond = later + dt.timedelta(days=1)
    assert plausible_days([(day, 999), (beyond, 1)], 366) == (day, day)
    assert plausible_days([(day, 99), (beyond, 1)], 366) == (day, beyond)  # exactly 1 % is no slip
    assert plausible_days([(day, 5)], 366) == (day, day)


def test_lines_before_the_window_are_rejected(source):
    clean(source, ["1,2024-01-01,10,A", "1,2024-02-01,20,A"], cleaning={"lines_from": "2024-02-01"})
    assert source.engine.rows("SELECT reason, net_sales::DOUBLE FROM rejected_lines") == [("before_window", 10.0)]


def test_no_giant_taken_back_is_said(source):
    clean(source, ["1,2024-01-01,10,A"])
    found = high_return_customers(facts(source))
    assert found.table.empty and found.numbers["high_return_customers"] == 0 and not found.caveats
