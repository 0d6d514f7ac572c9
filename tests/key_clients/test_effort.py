"""Cost to serve, the whale curve, and effort against value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kam_analysis.key_clients import effort_by_class, effort_mismatch, whale_curve
from kam_analysis.key_clients.effort import EFFORT_BY_CLASS, EFFORT_MISMATCH, effort_of
from kam_analysis.key_clients.serve import WHALE_CURVE, contact_costs
from kam_analysis.params import Abc, KeyClients
from kam_analysis.tables import INTERACTIONS

RULES = KeyClients()
RATES = KeyClients(serve_rates={"order": 10.0, "visit": 30.0, "call": 5.0})


def seen(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "type", "date", "cost"])
    return INTERACTIONS.conform(frame.assign(date=pd.to_datetime(frame.date)).reindex(columns=INTERACTIONS.names))


def test_cost_of_a_contact(calendar):
    contacts = contact_costs(
        seen(
            ("a", "visit", "2025-01-01", 40.0),  # what the data say
            ("a", "call", "2025-12-31", None),  # the rate
            ("a", "call", "2024-12-31", 9.0),  # before the last 12 months
            ("a", "call", "2026-01-01", 9.0),  # not known yet
            ("b", "return", "2025-06-01", 20.0),
            ("b", "return", "2025-06-02", 30.0),
            ("c", "return", "2025-06-03", None),  # the mean of its type, 25
            ("c", "gift", "2025-06-03", None),  # nobody knows
        ),
        calendar,
        RATES,
    )
    assert contacts.loc[["a", "b", "c"], ["contacts", "cost", "unpriced"]].values.tolist() == [
        [2, 45.0, 0],
        [2, 50.0, 0],
        [2, 25.0, 1],
    ]


def test_whale_by_hand(make_facts, calendar, say_it):
    facts = make_facts(
        {"a": 500.0, "b": 200.0, "c": 100.0, "d": 50.0},
        margin_12m={"a": 100.0, "b": 60.0, "c": 20.0},
        orders_12m={"a": 2, "b": 1, "c": 3},
    )
    contacts = seen(("a", "visit", "2025-06-01", None), ("c", "call", "2025-06-01", None))
    found = whale_curve(facts, contacts, calendar, RATES)
    # a 100 − 20 − 30 = 50; b 60 − 10 = 50; c 20 − 30 − 5 = −15; d has no cost. Peak 100, left 85
    assert WHALE_CURVE.check(found.table)[
        ["customer_id", "cost_to_serve", "profit", "cumulated_profit"]
    ].values.tolist() == [
        ["a", 50.0, 50.0, 50.0],
        ["b", 10.0, 50.0, 100.0],
        ["c", 35.0, -15.0, 85.0],
    ]
    assert found.numbers == {
        "loss_making_customers": 1,
        "loss_making_profit": -15.0,
        "whale_peak_share": pytest.approx(100 / 85),
    }
    assert say_it(found.sentence) == "1 of 3 customers costs more than it brings: 100 is earned, 85 is left."
    assert not found.caveats


def test_what_is_counted_as_free_is_said(make_facts, calendar, say_it):
    facts = make_facts({"a": 500.0}, margin_12m={"a": 100.0}, orders_12m={"a": 2})
    found = whale_curve(facts, seen(("a", "gift", "2025-06-01", None)), calendar, RULES)
    assert say_it(found.caveats[0].text) == (
        "Counted as free: orders (no rate per order in the parameters) and 1 contact without a cost or a rate."
    )
    assert "cost to serve is not known" in say_it(found.sub)
    assert say_it(found.sentence) == "The only customer brings more than it costs: 100."
    nothing = whale_curve(facts, INTERACTIONS.empty(), calendar, RATES)
    assert say_it(nothing.caveats[0].text) == "Counted as free: contacts (the source holds none)."


def test_a_company_that_earns_nothing_has_no_share(make_facts, calendar):
    facts = make_facts({"a": 5.0, "b": 5.0}, margin_12m={"a": -3.0, "b": 1.0})
    found = whale_curve(facts, INTERACTIONS.empty(), calendar, RULES)
    assert found.numbers["whale_peak_share"] is None and found.numbers["whale_peak_share_absent"] == "no_profit"
    assert found.table.cumulated_profit.tolist() == [1.0, -2.0]
    nothing = whale_curve(make_facts({"a": 5.0}), INTERACTIONS.empty(), calendar, RULES)
    assert (nothing.table.empty, dict(nothing.numbers)) == (True, {})


@pytest.fixture
def shop(make_facts):
    """Article C: one client of 3 million, and nine of 300."""
    sales = {"big": 3_000_000.0} | {f"s{i}": 300.0 for i in range(9)}
    return make_facts(sales, margin_12m={one: money / 10 for one, money in sales.items()})


def test_all_treated_alike(shop, calendar, say_it, classes_of):
    alike = seen(*[(one, "visit", "2025-06-01", None) for one in shop.customer_id])
    table = effort_of(shop, classes_of(shop), alike, calendar, RULES).set_index("customer_id")
    # each has a tenth of the effort; the big one 3,000,000 of 3,002,700 of the value
    assert table.effort_share.tolist() == pytest.approx([0.1] * 10)
    # one contact each: the only A customer is the typical one, and nobody gets more
    assert (table.verdict == "balanced").all()
    found = effort_by_class(shop, classes_of(shop), alike, calendar, RULES, Abc())
    by_class = EFFORT_BY_CLASS.check(found.table).set_index("abc")
    assert by_class.loc[["A", "C"], ["customers", "contacts", "per_customer"]].values.tolist() == [[1, 1, 1], [9, 9, 1]]
    assert say_it(found.sentence) == "Class A brings >99 % of the value and gets 10 % of the effort; C and N get 90 %."
    assert say_it(found.sub).startswith("Effort: number of contacts; value: margin.")
    assert by_class[["effort_share", "value_share"]].sum().tolist() == pytest.approx([1, 1])


def test_the_yardstick_is_the_typical_customer_of_class_a(make_facts, calendar, classes_of):
    # A: 90, 40, 40, 40 of 262.5 (before the fourth 64.8 %), B: 52.5 above 80 % only from the fifth on
    sales = {"a1": 90.0, "a2": 40.0, "a3": 40.0, "a4": 40.0, "b1": 30.0, "b2": 22.5}
    facts = make_facts(sales)
    assert classes_of(facts).to_dict() == {"a1": "A", "a2": "A", "a3": "A", "a4": "A", "b1": "B", "b2": "B"}

    def verdicts(**contacts):
        calls = seen(*[(one, "call", "2025-06-01", None) for one, number in contacts.items() for _ in range(number)])
        table = effort_of(facts, classes_of(facts), calls, calendar, RULES).set_index("customer_id")
        return table.verdict[table.verdict != "balanced"].to_dict()

    # median of 8, 4, 4, 1 is 4: half of it is 2, and the largest with twice as much as it is not pampered
    assert verdicts(a1=8, a2=4, a3=4, a4=1, b1=5, b2=4) == {"a4": "too_little", "b1": "too_much"}
    assert verdicts(a1=8, a2=4, a3=4, a4=2, b1=4) == {}
    # nobody of class A is seen by the half: nothing to judge by
    assert verdicts(a1=9, b1=5) == {}


def test_effort_by_cost_when_nine_in_ten_have_one(shop, calendar, say_it, classes_of):
    priced = [("s0", "visit", "2025-06-01", 90.0)] * 9
    by_cost = effort_by_class(
        shop, classes_of(shop), seen(*priced, ("big", "gift", "2025-06-01", None)), calendar, RULES, Abc()
    )
    assert say_it(by_cost.sub).startswith("Effort: what the contacts cost")
    assert by_cost.table.effort_share.tolist() == [0, 0, 1, 0]
    by_number = effort_by_class(
        shop, classes_of(shop), seen(*priced[1:], ("big", "gift", "2025-06-01", None)), calendar, RULES, Abc()
    )
    assert by_number.table.effort_share.tolist() == pytest.approx([1 / 9, 0, 8 / 9, 0])


def test_list_holds_five_of_each(make_facts, calendar, say_it, classes_of):
    sales = {f"v{i:02}": 1000.0 + i for i in range(16)} | {f"w{i:02}": 1.0 for i in range(40)}
    contacts = seen(
        *[(f"w{i:02}", "call", "2025-06-01", None) for i in range(8) for _ in range(5 + i)],
        *[(f"v{i:02}", "call", "2025-06-01", None) for i in range(7, 16) for _ in range(4)],
    )
    facts = make_facts(sales)
    found = effort_mismatch(facts, classes_of(facts), contacts, calendar, RULES)
    table = EFFORT_MISMATCH.check(found.table)
    assert table.verdict.value_counts().to_dict() == {"too_little": 4, "too_much": 5}
    # 13 of class A, nine of them with 4 contacts: the most money without any first, and the most contacts
    assert table.customer_id[table.verdict == "too_little"].tolist() == ["v06", "v05", "v04", "v03"]
    assert table.customer_id[table.verdict == "too_much"].iloc[0] == "w07"
    assert say_it(found.sentence) == (
        "4 customers of class A get less than half the attention of a typical one; 8 others get more than a typical "
        "class A customer."
    )


def test_without_contacts_effort_is_not_measurable(shop, calendar, say_it, classes_of):
    found = effort_by_class(shop, classes_of(shop), INTERACTIONS.empty(), calendar, RULES, Abc())
    assert found.table.empty and "Orders are value, not effort" in say_it(found.absent)
    # the reason is said once
    second = effort_mismatch(shop, classes_of(shop), INTERACTIONS.empty(), calendar, RULES)
    assert second.table.empty and second.absent is None and not second.show
    old = seen(("big", "visit", "2020-01-01", 5.0))
    assert effort_by_class(shop, classes_of(shop), old, calendar, RULES, Abc()).absent is not None


def test_net_sales_stand_for_value_without_cost(make_facts, calendar, say_it, classes_of):
    facts = make_facts({"a": 40.0, "b": 10.0, "c": -5.0})
    found = effort_by_class(facts, classes_of(facts), seen(("c", "call", "2025-06-01", None)), calendar, RULES, Abc())
    assert "value: net sales" in say_it(found.sub)
    assert found.table.set_index("abc").value_share.to_dict() == {"A": 0.8, "B": 0.2, "C": 0.0, "N": 0.0}
    assert np.isnan(found.table.per_customer[2])
