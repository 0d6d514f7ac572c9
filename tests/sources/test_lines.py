"""Money of a line: net sales, discount, cost, and the marks of services, tests and cancellations."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.errors import UserError


def lines(source, head, *rows, **orders):
    columns = {"customer_id": "customer", "order_date": "date"} | {name: name for name in head.split(",")}
    source.values["orders"] = {"files": "*.csv", "columns": columns} | orders
    body = "".join(f"1,2024-01-05,{row}\n" for row in rows)
    return source.write("sales.csv", f"customer,date,{head}\n{body}").read()


def net(source, head, *rows, **orders):
    return lines(source, head, *rows, **orders).net_sales.tolist()


def test_quantity_by_price_is_rounded_once(source):
    # 3 · 0.33335 = 1.00005 → 1.0001; rounding the price to four places first would give 3 · 0.3334 = 1.0002
    assert net(source, "qty,unit_price", "3,0.33335", "-3,0.33335", "0,5") == [1.0001, -1.0001, 0.0]
    # 1,000,000 · 0.0001234567 = 123.4567
    assert net(source, "qty,unit_price", "1000000,0.0001234567") == [123.4567]


def test_quantity_by_price_needs_both(source):
    found = lines(source, "qty,unit_price", "2,", ",3", "x,3", "2,3")
    assert found.net_sales.isna().tolist() == [True, True, True, False]
    assert found.has_money_text.tolist() == [False, False, True, True]
    assert found.is_number_unreadable.tolist() == [False, False, True, False]


def test_an_amount_goes_before_quantity_by_price(source):
    assert net(source, "qty,unit_price,amount", "2,3,5", "2,3,5") == [5.0, 5.0]


def test_a_product_too_large_for_money_is_unreadable_and_stops_nothing(source):
    found = lines(source, "qty,unit_price", "9999999999,999999999999", "1,1")
    assert found.net_sales.isna().tolist() == [True, False]
    found = lines(source, "qty,unit_price", "99999999999,1", "1,999999999999999", "1,1", "1,1")
    assert found.is_number_unreadable.tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("kind", "row", "expected"),
    [
        ("rate", "200,0.15", 170.0),
        ("rate", "-200,0.15", -170.0),
        ("rate", "200,", 200.0),
        ("rate", "200,1", 0.0),
        ("rate", "0.0002,0.75", 0.0001),  # 0.0002 · 0.25 = 0.00005
        ("rate", "200,-0.1", 220.0),  # a surcharge
        ("percent", "200,15", 170.0),
        ("percent", "300,33.333333", 200.0),  # 300 · 0.66666667 = 200.000001 → 200.0000
        ("percent", "200,100", 0.0),
        ("money", "200,30", 170.0),
        ("money", "-200,30", -170.0),  # a return gives back what was paid
        ("money", "-200,-30", -170.0),
        ("money", "200,-30", 230.0),
    ],
)
def test_a_discount_comes_off_a_gross_amount(source, kind, row, expected):
    assert net(source, "amount,discount", row, amount="gross", discount=kind) == [expected]


@pytest.mark.parametrize("kind", ["rate", "percent", "money"])
def test_a_net_amount_is_never_reduced_again(source, kind):
    assert net(source, "amount,discount", "200,0.5", "100,x", amount="net", discount=kind) == [200.0, 100.0]


def test_a_discount_comes_off_quantity_by_price_whatever_amount_says(source):
    assert net(source, "qty,unit_price,discount", "2,100,0.15", discount="rate") == [170.0]
    assert net(source, "qty,unit_price,discount", "2,100,30", discount="money") == [170.0]


@pytest.mark.parametrize(
    ("amount", "kind", "row", "expected"),
    [
        ("gross", "rate", "200,0.15", 30.0),
        ("gross", "percent", "-200,15", -30.0),
        ("gross", "money", "-200,30", -30.0),
        ("gross", "percent", "200,100", 200.0),
        ("gross", "rate", "200,", 0.0),
        ("net", "rate", "170,0.15", 30.0),  # 170 / 0.85 = 200
        ("net", "percent", "-170,15", -30.0),
        ("net", "percent", "0,100", None),  # nobody knows what was given away
        ("net", "money", "170,30", 30.0),
        ("net", "money", "-170,30", -30.0),
        ("net", "rate", "170,", 0.0),
        ("net", "rate", "170,x", None),
    ],
)
def test_the_discount_is_what_was_taken_off(source, amount, kind, row, expected):
    filler = ["1,0.5"] * 2  # so that most of the column can be read
    found = lines(source, "amount,discount", row, *filler, amount=amount, discount=kind).discount
    assert found.fillna(-1).iloc[0] == pytest.approx(-1 if expected is None else expected)
    assert lines(source, "amount", "5").discount.isna().all()


def test_an_unreadable_discount_makes_the_line_unreadable(source):
    found = lines(source, "amount,discount", "200,x", "200,2", "200,0.1", "200,0.1", amount="gross", discount="rate")
    assert found.is_number_unreadable.tolist() == [True, True, False, False]


def test_percent_read_as_rate_stops_the_run(source):
    with pytest.raises(
        UserError,
        match=r"column discount: unreadable numbers \(2 times, e\.g\. row 2: '15'; row 3: '5'\)\. Cure: orders\.disc",
    ):
        lines(source, "amount,discount", "200,15", "200,5", *["200,0"] * 9, amount="gross", discount="rate")


def test_a_cost_has_the_sign_of_its_line(source):
    found = lines(source, "amount,cost", "100,60", "-100,60", "-100,-60", "100,-60", "0,5", "100,")
    assert found.cost.fillna(0).tolist() == [60.0, -60.0, -60.0, 60.0, 5.0, 0.0]
    assert found.cost.isna().tolist() == [False] * 5 + [True]


def test_a_cost_per_unit_is_multiplied(source):
    found = lines(source, "qty,amount,cost", "3,100,20.00005", "-3,-100,20", ",100,20", cost="unit")
    # 3 · 20.00005 = 60.00015 → 60.0002
    assert found.cost.fillna(0).tolist() == [60.0002, -60.0, 0.0]


def test_margin_gives_the_cost(source):
    found = lines(source, "amount,margin", "100,40", "-100,-40", "100,120", "100,")
    assert found.cost.fillna(0).tolist() == [60.0, -60.0, -20.0, 0.0]
    # 0.00005 is 0.0001 as net sales and as margin: the cost is 0, not −0.00005 rounded again
    assert lines(source, "amount,margin", "0.00005,0.00005").cost.tolist() == [0.0]


def test_a_unit_price_too_large_to_show_stops_nothing(source):
    assert lines(source, "amount,unit_price", "1,999999999999").unit_price.tolist() == [999999999999.0]


def test_services_tests_and_cancellations_are_marked_by_patterns(source):
    patterns = {"services": {"sku": "^(POST|M)$"}, "tests": {"sku": "^TEST", "order_id": "^0"}}
    patterns["cancelled"] = {"order_id": "^C"}
    found = lines(source, "amount,sku,order_id", "1,POST,C1", "1,m,c1", "1,TEST-1,7", "1,,", "1,A,007", **patterns)
    assert found.is_service.tolist() == [True, False, False, False, False]
    assert found.is_test.tolist() == [False, False, True, False, True]
    assert found.is_cancelled.tolist() == [True, False, False, False, False]


def test_a_customer_without_an_id_column_is_its_name(source):
    source.values["orders"]["columns"] = {"customer_name": "customer", "order_date": "date", "amount": "amount"}
    found = source.write("sales.csv", "customer,date,amount\n Café ,2024-01-05,1\n,2024-01-05,1\n").read()
    assert found[["customer_id", "customer_name"]].fillna("-").values.tolist() == [["Café", "Café"], ["-", "-"]]


def test_a_name_does_not_stand_in_for_an_id_that_is_missing(source):
    source.map(customer_name="name").write(
        "sales.csv", "customer,name,date,amount\n,Acme,2024-01-05,1\n1,Acme,2024-01-05,1\n"
    )
    assert source.read().customer_id.isna().tolist() == [True, False]


def test_equal_rows_have_equal_keys_whatever_the_order_of_columns(source):
    source.write("a.csv", "customer,date,amount\n1,2024-01-05,1\n2,2024-01-05,1\n")
    source.write("b.csv", "amount,customer,date\n1,1,2024-01-05\n1, 2 ,2024-01-05\n").write(
        "c.csv", "customer,date,amount,more\n1,2024-01-05,1,\n"
    )
    source.read()
    keys = source.engine.rows("SELECT row_key FROM lines_read ORDER BY line_no")
    assert keys[0] == keys[2] and keys[1] == keys[3]
    assert len(set(keys)) == 3


DECIMALS = st.decimals(-(10**6), 10**6, places=6, allow_nan=False, allow_infinity=False)


@settings(max_examples=settings.default.max_examples // 5)
@given(st.lists(DECIMALS, min_size=1, max_size=50))
def test_amounts_are_rounded_half_away_from_zero(source, amounts):
    lines(source, "amount", *(f"{amount:f}" for amount in amounts))
    found = [row[0] for row in source.engine.rows("SELECT net_sales FROM lines_read ORDER BY line_no")]
    assert found == [amount.quantize(Decimal("0.0001"), ROUND_HALF_UP) for amount in amounts]
