"""What each criterion measures and for whom, the volume threshold, one-off sales, regularity."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kam_analysis.engine import Engine
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.classes import volume_limit
from kam_analysis.key_clients import criteria, customer_criteria, purchases
from kam_analysis.key_clients.criteria import CRITERIA, CUSTOMER_CRITERIA
from kam_analysis.params import KeyClients, VolumeThreshold
from kam_analysis.tables import CUSTOMER_MONTHS

AS_OF = dt.date(2026, 1, 1)
NO_MONTHS = CUSTOMER_MONTHS.empty()


def rules_of(**threshold):
    return KeyClients(volume_threshold=VolumeThreshold(**threshold), weight_draws=20)


def bought_by(lines, rules=KeyClients()):  # noqa: B008
    """Lines: customer, order, date, net sales."""
    rows = ", ".join(
        f"('{customer}', {f'{order!r}' if order else 'NULL'}, DATE '{on}', CAST({sales} AS DECIMAL(18,4)))"
        for customer, order, on, sales in lines
    )
    with Engine() as engine:
        engine.view("order_lines", f"SELECT * FROM (VALUES {rows}) AS t(customer_id, order_id, ordered_on, net_sales)")
        return purchases(engine, AS_OF, rules).set_index("customer_id")


def bought_of(**largest):
    """Volume, largest order, orders and order days of 12 months per customer."""
    rows = [(one, *values) for one, values in largest.items()]
    return pd.DataFrame(rows, columns=["customer_id", "volume", "largest_order", "orders", "order_days"])


def found_of(facts, bought, calendar, rules, months=NO_MONTHS):
    found = customer_criteria(facts, bought, months, calendar, rules)
    CUSTOMER_CRITERIA.check(found.table)
    return found


def test_purchases_by_hand():
    found = bought_by(
        [
            ("a", "1", "2025-03-01", 40.0),  # order 1: 40 − 15, the return belongs to it
            ("a", "1", "2025-04-01", -15.0),
            ("a", "2", "2025-10-01", 30.0),
            ("a", "3", "2025-11-05", -5.0),  # a pure return is no order
            ("b", "4", "2024-12-31", 70.0),  # dated before the window, though its second line lies in it
            ("b", "4", "2025-02-01", 9.0),
            ("c", None, "2025-06-01", 3.0),  # without an order id one customer-day is one order
            ("c", None, "2025-06-01", 4.0),
            ("c", None, "2025-06-02", 5.0),
            ("a", "5", "2026-01-01", 900.0),  # not analysed
        ]
    )
    # 12 months: a 40 − 15 + 30 − 5; b only the line of 2025; c 3 + 4 + 5
    assert found.volume.to_dict() == {"a": 50.0, "b": 9.0, "c": 12.0}
    assert found.largest_order.dropna().to_dict() == {"a": 30.0, "c": 7.0}
    assert found.orders.to_dict() == {"a": 2, "b": 0, "c": 2}
    assert found.order_days.to_dict() == {"a": 2, "b": 0, "c": 2}


def test_volume_of_a_quarter():
    lines = [("a", "1", "2025-09-30", 40.0), ("a", "2", "2025-10-01", 7.0)]
    assert bought_by(lines, rules_of(months=3)).volume.to_dict() == {"a": 7.0}
    assert bought_by(lines).volume.to_dict() == {"a": 47.0}


@pytest.mark.parametrize(
    ("threshold", "limit"),
    [
        ({"measure": "money", "above": 25.0}, 25.0),
        ({"measure": "share", "above": 0.3}, 30.0),  # of 10 + 20 + 30 + 40 = 100; the −5 counts for nothing
        ({"measure": "quantile", "above": 0.75}, 30.0),  # three of four have at most 30
        ({"measure": "quantile", "above": 0.76}, 40.0),
        ({"measure": "quantile", "above": 1.0}, 40.0),
        ({"measure": "quantile", "above": 0.0}, 0.0),
    ],
)
def test_volume_limit_by_hand(threshold, limit):
    assert volume_limit(pd.Series([10.0, 40.0, 20.0, 30.0, -5.0]), VolumeThreshold(**threshold)) == limit


def test_volume_limit_of_nobody():
    assert volume_limit(pd.Series([-1.0, 0.0]), VolumeThreshold()) == 0.0


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.sampled_from([0.1, 0.2, 0.5, 0.8, 0.95]))
def test_quantile_limit_against_counting(volumes, part):
    limit = volume_limit(
        pd.Series([float(volume) for volume in volumes]), VolumeThreshold(measure="quantile", above=part)
    )
    reaching = [volume for volume in volumes if sum(other <= volume for other in volumes) >= part * len(volumes) - 1e-9]
    assert limit == min(reaching)


@pytest.mark.parametrize("measure", ["share", "quantile"])
def test_a_part_above_one_is_refused(measure):
    with pytest.raises(ValidationError, match="at most 1"):
        VolumeThreshold(measure=measure, above=80)
    assert VolumeThreshold(measure="money", above=80).above == 80


def test_one_off_is_strictly_more_than_half(make_facts, calendar, say_it):
    facts = make_facts({"a": 100.0, "b": 100.0, "c": 10.0, "d": 100.0}, orders_12m={"a": 3, "b": 2, "c": 1, "d": 5})
    bought = bought_of(a=(100.0, 50.0, 3, 3), b=(100.0, 50.0001, 2, 2), c=(10.0, 10.0, 1, 1), d=(100.0, 20.0, 5, 5))
    found = found_of(facts, bought, calendar, rules_of(measure="money", above=10.0))
    # a: exactly half is no one-off; c: one order, but not above the threshold of 10
    table = found.table.set_index("customer_id")
    assert table.is_one_off[table.is_one_off].index.tolist() == ["b"]
    assert table.is_large.to_dict() == {"a": True, "b": True, "c": False, "d": True}
    assert table.average_order.to_dict() == {"a": 100 / 3, "b": 50.0, "c": 10.0, "d": 20.0}
    assert found.table.customer_id.tolist() == ["b", "a", "d", "c"]
    assert found.numbers["one_off_customers"] == 1
    assert found.numbers["large_customers_share"] == pytest.approx(300 / 310)
    assert say_it(found.sentence) == (
        "1 of the 3 large customers owes more than 50 % of its net sales to one order: Client b."
    )


def test_the_only_large_customer_is_not_one_of_one(make_facts, calendar, say_it):
    facts = make_facts({"a": 100.0, "b": 5.0}, orders_12m={"a": 2, "b": 1})
    bought = bought_of(a=(100.0, 60.0, 2, 2), b=(5.0, 5.0, 1, 1))
    found = found_of(facts, bought, calendar, rules_of(measure="money", above=10.0))
    assert (
        say_it(found.sentence)
        == "The only large customer, Client a, owes more than 50 % of its net sales to one order."
    )


def test_a_large_share_is_strictly_above(make_facts, calendar):
    facts = make_facts({"a": 30.0, "b": 70.0})
    bought = bought_of(a=(30.0, 1.0, 1, 1), b=(70.0, 1.0, 1, 1))
    for above, large in ((0.3, ["b"]), (0.29, ["a", "b"]), (0.7, [])):
        table = found_of(facts, bought, calendar, rules_of(measure="share", above=above)).table
        assert sorted(table.customer_id[table.is_large]) == large


@pytest.mark.parametrize(
    ("sales", "threshold", "sentence"),
    [
        ({}, 5.0, "Nobody's volume is above 5."),
        ({"a": 5.0}, 5.0, "Nobody's volume is above 5."),
        ({"a": 6.0}, 5.0, "1 customer's volume is above 5; it does not come from one order."),
        ({"a": 6.0, "b": 7.0}, 5.0, "The volume of 2 customers is above 5; none of them owes it to one order."),
    ],
)
def test_sentences_without_one_offs(make_facts, calendar, say_it, sales, threshold, sentence):
    bought = bought_of(**{one: (volume, 1.0, 9, 9) for one, volume in sales.items()})
    found = found_of(make_facts(sales), bought, calendar, rules_of(measure="money", above=threshold))
    assert say_it(found.sentence) == sentence
    if not sales:
        assert found.numbers["large_customers_share"] is None


def test_regularity_by_hand(make_facts, calendar):
    facts = make_facts(
        {"a": 90.0, "b": 30.0, "c": 5.0, "d": 8.0},
        first_order_on={"a": "2024-05-01", "b": "2025-10-20", "c": "2025-12-20", "d": "2025-11-05"},
    )
    rows = [("a", f"2025-{month:02}-01", 10.0, 1) for month in (1, 3, 5)] + [
        ("b", "2025-10-01", 12.0, 2),
        ("b", "2025-11-01", 6.0, 0),
        ("b", "2025-12-01", 12.0, 1),
        ("c", "2025-12-01", 5.0, 1),
        ("d", "2025-11-01", 3.0, 1),
        ("d", "2025-12-01", 5.0, 1),
    ]
    months = CUSTOMER_MONTHS.conform(
        pd.DataFrame(rows, columns=["customer_id", "month", "net_sales", "orders"]).assign(margin=None)
    )
    bought = bought_of(a=(90.0, 9.0, 9, 6), b=(30.0, 9.0, 3, 3), c=(5.0, 5.0, 1, 1), d=(8.0, 5.0, 2, 2))
    table = found_of(facts, bought, calendar, KeyClients(weight_draws=20), months).table.set_index("customer_id")
    # a: 3 of 12 months; b: ordered in 2 of October to December; c: its only month
    assert table.active_months.to_dict() == {"a": 0.25, "b": pytest.approx(2 / 3), "c": 1.0, "d": 1.0}
    # a: three tens and nine zeros, mean 2.5, squares 3 · 7.5² + 9 · 2.5² = 225, sd √(225/11); b: mean 10, sd √12
    assert table.variation["a"] == pytest.approx(math.sqrt(225 / 11) / 2.5)
    assert table.variation["b"] == pytest.approx(math.sqrt((4 + 16 + 4) / 2) / 10)
    assert np.isnan(table.variation[["c", "d"]]).all()  # one month or two tell nothing, three do (b)
    # a: 6 order days in the 365 days of the window; b: 3 in 73 days; c: 1 in 12 days counts as a month
    assert table.order_days_per_month["a"] == pytest.approx(6 / (365 / 30.4375))
    assert table.order_days_per_month["b"] == pytest.approx(3 / (73 / 30.4375))
    assert table.order_days_per_month["c"] == 1.0


def test_short_data_count_only_their_months(make_facts):
    calendar = Calendar(dt.date(2025, 11, 1), dt.date(2026, 1, 1))
    facts = make_facts({"a": 9.0}, first_order_on={"a": "2025-11-01"})
    months = CUSTOMER_MONTHS.conform(
        pd.DataFrame({"customer_id": ["a"], "month": ["2025-12-01"], "net_sales": [9.0], "margin": None, "orders": [1]})
    )
    table = found_of(facts, bought_of(a=(9.0, 9.0, 1, 1)), calendar, KeyClients(weight_draws=20), months).table
    assert table.active_months.tolist() == [0.5]


def test_coverage_and_distribution_by_hand(listed, make_assessment):
    rated = make_assessment(a={"strategic": 4}, c={"strategic": 2}, d={"strategic": 1})
    now = listed({"a": 70.0, "b": 20.0, "c": 10.0, "d": -4.0}, assessment=rated, orders_12m={"a": 1, "b": 2, "c": 5})
    table = CRITERIA.check(criteria(now, KeyClients(weight_draws=20)).table).set_index("criterion")
    # strategic: a and c of three customers, 80 of 100 of their net sales; d is not above 0
    assert table.loc["strategic", ["customers", "coverage", "sales_share"]].tolist() == [2, pytest.approx(2 / 3), 0.8]
    assert table.loc["strategic", ["quarter", "median", "three_quarters", "highest"]].tolist() == [2.5, 3.0, 3.5, 4.0]
    assert table.loc["frequency", ["quarter", "median", "highest", "values"]].tolist() == [1.5, 2.0, 5.0, 3]
    assert table.loc["margin", ["customers", "values", "sales_share"]].tolist() == [0, 0, 0.0]
    assert np.isnan(table.loc["margin", "median"])
    assert table.source.to_dict() == {
        "volume": "measured",
        "frequency": "measured",
        "margin": "measured",
        "growth": "analyst",
        "lifetime": "measured",
        "brand": "survey",
        "strategic": "analyst",
    }


def test_criteria_of_nobody(listed):
    table = CRITERIA.check(criteria(listed({}), KeyClients()).table)
    assert table.sales_share.isna().all() and table.customers.sum() == 0


def test_row_order_does_not_matter(make_facts, calendar):
    sales = {f"{i:02}": 10.0 * (i % 5 + 1) for i in range(20)}
    facts, bought = make_facts(sales), bought_of(**{one: (sale, sale / 2, 2, 2) for one, sale in sales.items()})
    first = found_of(facts, bought, calendar, KeyClients(weight_draws=20)).table
    second = found_of(
        facts.sample(frac=1, random_state=3),
        bought.sample(frac=1, random_state=4),
        calendar,
        KeyClients(weight_draws=20),
    ).table
    assert first.equals(second)


def test_demo_orders_agree_with_the_facts(demo):
    bought = purchases(demo.engine, demo.calendar.as_of, demo.rules).set_index("customer_id")
    facts = demo.customer_facts.set_index("customer_id")
    assert bought.volume.to_dict() == facts.net_sales_12m[bought.index].to_dict()
    assert bought.orders.to_dict() == facts.orders_12m[bought.index].to_dict()
    # who has no row has no line in the 12 months
    assert facts.drop(bought.index)[["net_sales_12m", "gross_sales_12m", "orders_12m"]].eq(0).all(axis=None)
    found = customer_criteria(
        demo.customer_facts, bought.reset_index(), demo.customer_months, demo.calendar, demo.rules
    )
    # nobody's volume stands twice at the limit, so that a fifth of the customers lies above the 80 % quantile
    assert found.numbers["large_customers"] == len(found.table) // 5
    giants = [key["customer_id"] for key in demo.truth["keys"]["company"]]
    assert not found.table.set_index("customer_id").is_one_off[giants].any()
