"""Orders, months and sums per customer, and the customer's manager."""

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.customers import customer_facts, make_customer_tables, sum_lines
from kam_analysis.params import Facts
from kam_analysis.tables import (
    CUSTOMER_FACTS,
    CUSTOMER_LIFE_MONTHS,
    CUSTOMER_MONTHS,
    CUSTOMER_ORDERS,
    CUSTOMERS,
    ORDER_LINES,
)

EMPTY = dict.fromkeys(ORDER_LINES.names) | {"file": "a.csv", "row": 1, "is_service": False}


@pytest.fixture
def tables(engine):
    """Make the customer tables from lines given as (customer, order, date, net sales, …)."""

    def make(*lines, as_of="2025-01-01", customers=(), suffix=""):
        rows = [EMPTY | {"line_no": n, **line} for n, line in enumerate(lines, start=1)]
        engine.put("order_lines", pd.DataFrame(rows), ORDER_LINES)
        engine.put("customers", CUSTOMERS.conform(pd.DataFrame(list(customers), columns=CUSTOMERS.names)), CUSTOMERS)
        sum_lines(engine)
        make_customer_tables(engine, dt.date.fromisoformat(as_of), suffix)
        sums = engine.frame("customer_sums" + suffix)
        return sums.set_index(sums.customer_id.rename(None))

    return make


def line(customer, on, net, order=None, **values):
    return {"customer_id": customer, "ordered_on": on, "net_sales": net, "order_id": order, **values}


def orders_of(engine):
    frame = CUSTOMER_ORDERS.check(engine.frame("customer_orders", CUSTOMER_ORDERS))
    rows = frame.sort_values(["customer_id", "order_no"])
    return [(r.customer_id, r.order_id, f"{r.ordered_on:%m-%d}", r.net_sales, r.order_no) for r in rows.itertuples()]


def test_an_order_is_a_document_of_one_customer_or_a_day_without_a_document(engine, tables):
    tables(
        line("a", "2024-01-05", 1.0, "7"),
        line("a", "2024-01-06", 2.0, "7"),
        line("b", "2024-01-06", 4.0, "7"),  # the same number, another customer
        line("a", "2024-01-06", 8.0),
        line("a", "2024-01-06", 16.0),
        line("a", "2024-01-07", 32.0),
        line("a", "2024-01-05", 64.0, "8"),  # two orders of one day
    )
    assert orders_of(engine) == [
        ("a", "7", "01-05", 3.0, 1),
        ("a", "8", "01-05", 64.0, 2),
        ("a", "2024-01-06", "01-06", 24.0, 3),
        ("a", "2024-01-07", "01-07", 32.0, 4),
        ("b", "7", "01-06", 4.0, 1),
    ]


def test_free_lines_and_pure_returns_make_no_order(engine, tables):
    sums = tables(
        line("a", "2024-01-05", 0.0, "1"),
        line("a", "2024-01-06", -5.0, "2"),
        line("a", "2024-01-07", 0.0, "2"),
        line("b", "2024-01-05", 10.0, "3"),
        line("b", "2024-01-06", -10.0, "3"),  # taken back within the order: it was an order
    )
    assert orders_of(engine) == [("b", "3", "01-05", 0.0, 1)]
    assert sums.orders.to_dict() == {"a": 0, "b": 1}
    assert sums.net_sales.to_dict() == {"a": -5.0, "b": 0.0}


def test_the_date_of_an_order_is_that_of_its_earliest_line_above_nothing(engine, tables):
    tables(
        line("a", "2024-01-05", -3.0, "1"),
        line("a", "2024-01-06", 0.0, "1"),
        line("a", "2024-01-08", 5.0, "1"),
        line("a", "2024-01-07", 0.0001, "1"),
    )
    assert orders_of(engine) == [("a", "1", "01-07", 2.0001, 1)]


def test_sales_fall_on_the_day_of_the_line_and_orders_on_the_day_of_the_order(engine, tables):
    tables(
        line("a", "2024-01-31", 5.0, "1", cost=3.0),
        line("a", "2024-02-01", 7.0, "1", cost=None),
        line("a", "2024-03-01", -2.0, "1", cost=-1.0),
        line("a", "2024-04-30", 0.0, "2"),
    )
    months = CUSTOMER_MONTHS.check(engine.frame("customer_months", CUSTOMER_MONTHS)).sort_values("month")
    assert [f"{month:%m}" for month in months.month] == ["01", "02", "03", "04"]
    assert months.net_sales.tolist() == [5.0, 7.0, -2.0, 0.0]
    assert months.orders.tolist() == [1, 0, 0, 0]
    # margins: 5 − 3; no cost; −2 − (−1); no cost
    assert months.margin.fillna(99).tolist() == [2.0, 99, -1.0, 99]


def test_later_lines_do_not_exist(engine, tables):
    lines = [
        line("a", "2024-01-05", 1.0, "1"),
        line("a", "2024-06-01", 2.0, "1"),
        line("b", "2024-06-01", 4.0),
        line(None, "2024-01-05", 8.0),
    ]
    sums = tables(*lines, as_of="2024-06-01", suffix="_before")
    assert sums[["customer_id", "net_sales", "lines", "recency_days"]].values.tolist() == [
        ["a", 1.0, 1, 148]
    ]  # 5 January to 1 June
    assert tables(*lines, as_of="2024-06-02").net_sales.to_dict() == {"a": 3.0, "b": 4.0}
    assert engine.frame("customer_sums_before").net_sales.tolist() == [1.0]


def test_windows_of_12_months_hold_their_first_day_and_not_their_last(tables):
    days = ["2022-12-31", "2023-01-01", "2023-12-31", "2024-01-01", "2024-12-31"]
    one = tables(*(line("a", on, 10.0**n, str(n)) for n, on in enumerate(days)), as_of="2025-01-01").loc["a"]
    assert (one.net_sales_12m, one.orders_12m) == (11_000.0, 2)
    assert one.net_sales_before == 110.0
    assert one.net_sales == 11_111.0


def test_gross_sales_margins_and_products(tables):
    one = tables(
        line("a", "2024-01-05", 10.0, "1", sku="A", cost=6.0),
        line("a", "2022-01-05", 20.0, "2", sku="a", cost=5.0),
        line("a", "2024-01-06", -4.0, "3", sku="B", cost=-3.0),
        line("a", "2024-01-06", 3.0, "3", item="C"),
        line("a", "2024-01-06", 5.0, "3", sku="POST", is_service=True),
    ).loc["a"]
    assert (one.lines, one.products) == (5, 3)  # A, a and C; B only came back, postage is no product
    assert (one.gross_sales, one.gross_sales_12m) == (38.0, 18.0)
    # with a cost: 10 − 6, 20 − 5, −4 + 3
    assert (one.margin, one.margin_base) == (18.0, 26.0)
    assert (one.margin_12m, one.margin_base_12m) == (3.0, 6.0)


def test_order_days_and_the_usual_gap(tables):
    days = ["2024-01-01", "2024-01-01", "2024-01-11", "2024-01-13", "2024-02-12"]
    one = tables(*(line("a", on, 1.0, str(n)) for n, on in enumerate(days)), as_of="2024-02-13").loc["a"]
    # gaps of 10, 2 and 30 days
    assert (one.orders, one.order_days, one.median_gap_days, one.recency_days, one.tenure_days) == (5, 4, 10.0, 1, 43)


def test_the_manager_has_most_of_the_last_12_months(tables):
    old = line("a", "2023-12-31", 1000.0, manager="Old")
    lines = [
        old,
        line("a", "2024-01-01", 10.0, manager="Ann"),
        line("a", "2024-06-01", 11.0, manager="Bob"),
        line("a", "2024-06-02", 99.0),
    ]
    assert tables(*lines).manager.to_dict() == {"a": "Bob"}
    assert tables(*lines, line("a", "2024-03-01", 1.0001, manager="Ann")).manager.to_dict() == {"a": "Ann"}
    assert tables(old).manager.to_dict() == {"a": "Old"}  # where nobody served the customer in the 12 months


def test_equal_managers_are_told_apart_by_the_latest_line_then_by_name(tables):
    ann, bob = line("a", "2024-02-01", 10.0, manager="Ann"), line("a", "2024-03-01", 10.0, manager="Bob")
    assert tables(ann, bob).manager.to_dict() == {"a": "Bob"}
    assert tables(ann, bob | {"ordered_on": "2024-02-01"}).manager.to_dict() == {"a": "Ann"}
    assert tables(bob | {"ordered_on": "2024-02-01"}, ann).manager.to_dict() == {"a": "Ann"}


def test_a_manager_with_losses_only_is_still_the_manager(tables):
    assert tables(line("a", "2024-02-01", -10.0, manager="Ann")).manager.to_dict() == {"a": "Ann"}


def record(customer, **values):
    return dict.fromkeys(CUSTOMERS.names) | {"customer_id": customer, **values}


def test_the_customers_table_gives_name_group_and_place_and_a_manager_where_the_lines_name_none(tables):
    lines = [
        line(
            "a",
            "2024-01-05",
            1.0,
            customer_name="On the line",
            country="MK",
            region="South",
            manager="Ann",
            department="North",
        ),
        line("b", "2024-01-05", 1.0, customer_name="Earlier"),
        line("b", "2024-02-05", 1.0, customer_name="Latest"),
        line("b", "2024-03-05", 1.0),
        line("c", "2024-01-05", 1.0),
    ]
    records = [
        record("a", name="Recorded", parent_id="G", country="RS", manager="Zoe", industry="Food"),
        record("c", manager="Zoe"),
        record("x"),
    ]
    found = tables(*lines, customers=records)
    assert found.customer_name.to_dict() == {"a": "Recorded", "b": "Latest", "c": "c"}
    assert found.parent_id.to_dict() == {"a": "G", "b": "b", "c": "c"}
    assert found.manager.fillna("-").to_dict() == {"a": "Ann", "b": "-", "c": "Zoe"}
    assert found.loc["a", ["country", "region", "department", "industry"]].tolist() == ["RS", "South", "North", "Food"]


def test_several_customers_of_one_name_are_told_apart_by_their_ids(tables):
    lines = [line(one, "2024-01-05", 1.0, customer_name="Ann Hill") for one in ("a", "b")]
    found = tables(*lines, line("c", "2024-01-05", 1.0, customer_name="Ann Hills"), line("d", "2024-01-05", 1.0))
    assert found.customer_name.to_dict() == {"a": "Ann Hill (a)", "b": "Ann Hill (b)", "c": "Ann Hills", "d": "d"}


def test_months_of_life_run_from_the_first_order(engine, tables):
    # A month is 30.4375 days: days 0 to 30, 31 to 60, 61 to 91; day 487 is the first of month 17.
    first = dt.date(2023, 1, 1)
    tables(
        line("a", "2022-12-24", -1.0, "0"),  # a return before the first order belongs to its first month
        *(line("a", (first + dt.timedelta(days=days)).isoformat(), 2.0**n, str(n + 1), cost=1.0)
          for n, days in enumerate((0, 30, 31, 60, 61, 486, 487))),
        line("a", "2023-01-02", -3.0, "9"),  # a pure return is no order
        line("b", "2023-05-05", -5.0, "1"),  # never ordered
        line("a", "2025-01-01", 999.0, "8"),  # not analysed
    )  # fmt: skip
    cells = CUSTOMER_LIFE_MONTHS.check(engine.frame("customer_life_months", CUSTOMER_LIFE_MONTHS))
    rows = cells.sort_values("life_month")[["customer_id", "life_month", "orders", "net_sales"]]
    assert rows.values.tolist() == [
        ["a", 1, 2, 1.0 + 2.0 - 1.0 - 3.0], ["a", 2, 2, 4.0 + 8.0], ["a", 3, 1, 16.0], ["a", 16, 1, 32.0],
        ["a", 17, 1, 64.0],
    ]  # fmt: skip
    first_month = cells.set_index("life_month").loc[1]
    assert (first_month.margin, first_month.margin_base) == (1.0, 3.0)  # returns without a cost have no margin


def test_facts_keep_their_contract_and_their_inputs(engine, tables):
    sums = tables(
        *(line("b", f"2024-{month:02}-01", 10.0, str(month), cost=6.0) for month in range(1, 13)),
        line("a", "2024-02-01", -1.0),
        line("c", "2024-02-01", 5.0),
    ).sample(frac=1, random_state=1)
    orders = engine.frame("customer_orders", CUSTOMER_ORDERS)
    before = sums.copy(), orders.copy()
    rules = Facts(fewest_followed=2)
    facts = CUSTOMER_FACTS.check(customer_facts(sums, orders, dt.date(2025, 1, 1), rules, CUSTOMER_FACTS))
    pd.testing.assert_frame_equal(sums, before[0])
    pd.testing.assert_frame_equal(orders, before[1])
    assert facts.customer_id.tolist() == ["a", "b", "c"]
    assert facts.gap_survival_probability.isna().tolist() == [True, False, False]
    assert facts.formula_ltv.isna().tolist() == [True, False, False]
