"""Sources at the edge, cleaned end to end: every published table keeps its contract and nothing is made up."""

import datetime as dt
import math

import pytest

from kam_analysis.cleaning.source import OrderSpans
from kam_analysis.errors import UserError
from kam_analysis.tables import (
    CUSTOMER_FACTS,
    CUSTOMER_FACTS_BEFORE,
    CUSTOMER_MONTHS,
    CUSTOMER_ORDERS,
    ORDER_LINES,
    REJECTED_LINES,
)

HEAD = "customer,date,amount\n"


def clean(source, rows, **params):
    """Clean one CSV file, and check every table that later rooms read."""
    cleaned = source.write("a.csv", HEAD + rows).clean(**params)
    for table in (ORDER_LINES, REJECTED_LINES, CUSTOMER_ORDERS, CUSTOMER_MONTHS, CUSTOMER_FACTS, CUSTOMER_FACTS_BEFORE):
        table.check(source.engine.frame(table.name, table), table.name)
    return cleaned


def facts(source):
    return source.engine.frame("customer_facts", CUSTOMER_FACTS).set_index("customer_id")


def test_one_customer_and_one_day(source):
    cleaned = clean(source, "1,2024-01-05,10\n1,2024-01-05,-3\n")
    assert cleaned.calendar.first_order_on == dt.date(2024, 1, 5)
    assert cleaned.calendar.as_of == dt.date(2024, 1, 6)
    assert cleaned.compare_as_of is None
    assert cleaned.order_spans == OrderSpans(0, 0, 0)
    one = facts(source).loc["1"]
    assert (one.lines, one.orders, one.order_days, one.recency_days, one.tenure_days) == (2, 1, 1, 1, 1)
    assert (one.net_sales, one.gross_sales, one.customer_name, one.parent_id) == (7.0, 10.0, "1", "1")
    assert math.isnan(one.median_gap_days) and math.isnan(one.margin)
    assert source.engine.rows("SELECT count(*) FROM customer_facts_before") == [(0,)]


def test_returns_alone_make_no_buyer(source):
    cleaned = clean(source, "1,2024-01-05,-10\n2,2024-03-05,0\n")
    assert (cleaned.calendar.first_order_on, cleaned.calendar.as_of) == (dt.date(2024, 1, 5), dt.date(2024, 3, 6))
    assert len(source.frame("customer_orders")) == 0
    found = facts(source)
    assert found.orders.tolist() == [0, 0]
    assert found.net_sales.tolist() == [-10.0, 0.0]
    absent = [
        "first_order_on",
        "last_order_on",
        "recency_days",
        "tenure_days",
        "gap_survival_probability",
        "formula_ltv",
    ]
    assert found[absent].isna().all(axis=None)
    assert source.frame("customer_months").net_sales.tolist() == [-10.0, 0.0]


def test_customers_are_those_with_a_line_before_the_first_day_not_analysed(source):
    clean(source, "1,2024-01-05,10\n2,2024-01-05,10\n3,2024-02-01,10\n,2024-01-05,10\n", as_of="2024-02-01")
    assert facts(source).index.tolist() == ["1", "2"]


def test_hostile_names_are_only_ever_text(source):
    names = [
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "../../x",
        "'; DROP TABLE order_lines; --",
        "{net_sales}",
        "$as_of",
        "%s\\n",
        "nan",
        "NULL",
    ]
    source.orders(delimiter="|").write(
        "a.csv", "customer|date|amount\n" + "".join(f"{name}|2024-01-05|1\n" for name in names)
    ).clean()
    assert sorted(facts(source).index) == sorted(names)
    assert sorted(facts(source).customer_name) == sorted(names)


def test_stated_dates_are_used(source):
    cleaned = clean(source, "1,2024-01-05,10\n1,2024-06-05,20\n", as_of="2024-06-05", compare_as_of="2024-03-01")
    assert (cleaned.calendar.as_of, cleaned.compare_as_of) == (dt.date(2024, 6, 5), dt.date(2024, 3, 1))
    assert facts(source).net_sales.tolist() == [10.0]
    before = source.engine.frame("customer_facts_before", CUSTOMER_FACTS_BEFORE)
    assert before[["customer_id", "net_sales", "recency_days"]].values.tolist() == [
        ["1", 10.0, 56.0]
    ]  # 5 January to 1 March 2024


@pytest.mark.parametrize("day", ["2024-01-05", "2023-01-01", "2024-06-06", "2030-01-01"])
def test_a_comparison_date_outside_the_data_is_refused(source, day):
    # first line on 5 January, first day not analysed 6 June
    with pytest.raises(
        UserError, match=r"params\.yaml, compare_as_of: must be after the first line \(2024-01-05\) and before as_of"
    ):
        clean(source, "1,2024-01-05,10\n1,2024-06-05,20\n", compare_as_of=day)


def test_what_became_of_the_rows_reconciles(source):
    source.write("b.csv", HEAD + "1,2024-01-05,10\n9,2024-01-06,1\n")
    cleaned = clean(source, "1,2024-01-05,10\n1,,5\n,2024-01-06,0.1\n,2024-01-06,0.2\n1,2024-01-07,x\n")
    found = cleaned.line_status.fillna({"reason": "kept"})
    assert found.groupby("file").rows.sum().to_dict() == {"a.csv": 5, "b.csv": 2}
    assert found.groupby("reason").rows.sum().to_dict() == {
        "kept": 4,
        "no_date": 1,
        "repeated_across_files": 1,
        "unreadable_number": 1,
    }
    assert found.groupby("reason").net_sales.sum().round(4).to_dict() == {
        "kept": 11.3,
        "no_date": 5,
        "repeated_across_files": 10,
        "unreadable_number": 0,
    }
    assert found[~found.is_identified].rows.sum() == 2


def test_traits_are_counted_over_kept_lines(source):
    source.map(order_id="doc", sku="sku").orders(services={"sku": "POST"}, cancelled={"order_id": "^C"})
    rows = ["1,2024-01-05,10,7,A"] * 2 + [
        "1,2024-01-05,-10,C7,A",
        "1,2024-01-05,0,8,POST",
        ",2024-01-05,3,9,A",
        "1,,-5,C8,POST",
    ]
    cleaned = source.write("a.csv", "customer,date,amount,doc,sku\n" + "\n".join(rows) + "\n").clean()
    found = cleaned.line_flags.set_index("flag")
    assert found.rows.to_dict() == {
        "negative": 1,
        "cancelled": 1,
        "cancelled_positive": 0,
        "service": 1,
        "exact_duplicate": 1,
        "zero": 1,
        "without_customer": 1,
    }
    assert found.net_sales.to_dict() == {
        "negative": -10,
        "cancelled": -10,
        "cancelled_positive": 0,
        "service": 0,
        "exact_duplicate": 10,
        "zero": 0,
        "without_customer": 3,
    }


def test_the_mapping_shows_what_is_used_and_what_is_missing(source):
    source.map(sku="Item", margin="Margin")
    source.write(
        "a.csv",
        "customer,date,amount,Item,Margin\n1,2024-01-05,1,A,1\n,2024-01-05,1,,\n1,2024-01-05,1,A,\n1,2024-01-05,1,A,\n",
    )
    found = source.clean().roles.set_index("role")
    assert found.source_column.dropna().to_dict() == {
        "customer_id": "customer", "order_date": "date", "amount": "amount", "sku": "Item", "margin": "Margin"
    }  # fmt: skip
    assert found.filled_share.dropna().to_dict() == {
        "customer_id": 0.75,
        "order_date": 1.0,
        "amount": 1.0,
        "sku": 0.75,
        "margin": 0.25,
    }
    # margin gives the cost
    assert sorted(found.index[found.source_column.isna()]) == ["country", "department", "manager", "order_id", "qty"]


def test_orders_whose_lines_have_several_dates_are_counted(source):
    source.map(order_id="doc")
    rows = [
        *("1,2024-01-05,1,1", "1,2024-02-05,1,1"),  # 31 days
        *("1,2024-01-05,1,2", "1,2024-02-06,1,2"),  # 32 days
        *("2,2024-03-09,1,2", ",2024-01-01,1,2"),  # the same number, another customer and nobody
        *("2,2024-01-09,-1,3", "2,2024-03-09,-1,3"),  # returns make no order
        *("2,2024-01-09,1,", "2,2024-03-09,1,"),  # no number
    ]
    cleaned = source.write("a.csv", "customer,date,amount,doc\n" + "\n".join(rows) + "\n").clean()
    assert cleaned.order_spans == OrderSpans(orders=3, over_several_days=2, over_31_days=1)


def test_optional_tables_are_counted(source):
    source.orders(files="a.csv").write("c.csv", "customer_id,name\n1,Acme\n2,Nobody\n").table(
        "customers", files="c.csv"
    )
    inputs = clean(source, "1,2024-01-05,10\n").inputs.set_index("input").rows
    assert (inputs["customers"], inputs.sum()) == (2, 2)
    assert facts(source).customer_name.tolist() == ["Acme"]
