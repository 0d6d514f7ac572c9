"""Whom to call: who is on the list, in which order, until when, and what the director reads."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.actions import call_list, callable_customers, calls_tile, manager_calls, risk_tile
from kam_analysis.actions.calls import NO_LOSS, due_on, stake_base
from kam_analysis.actions.tables import CALL_LIST, MANAGER_CALLS
from kam_analysis.params import Actions
from kam_analysis.tables import CUSTOMERS

RULES = Actions()


@pytest.fixture
def calls_for(make_keys, make_segments, calendar, say_it):
    def make(facts, keys=(), classes=None, rules=RULES):
        segments = make_segments(**(dict.fromkeys(facts.customer_id, "A") if classes is None else classes))
        found = call_list(facts, make_keys(*keys), segments, calendar, rules, say_it)
        CALL_LIST.check(found.table)
        return found

    return make


def ids(found):
    return found.table.customer_id.tolist()


@pytest.mark.parametrize(
    ("given_values", "is_called"),
    [
        ({}, True),
        ({"order_days": 3}, False),
        ({"recency_days": 7.0}, False),  # as long as usual is not longer
        ({"recency_days": 7.5, "median_gap_days": 7.0}, True),
        ({"silence_chance": 0.5}, False),  # an alarm of exactly .50
        ({"silence_chance": 0.4999}, True),
        ({"silence_chance": None}, False),
        ({"median_gap_days": None}, False),
    ],
)
def test_conditions_at_their_edges(make_facts, calls_for, given_values, is_called):
    assert ids(calls_for(make_facts(a=given_values))) == (["a"] if is_called else [])


def test_who_refused_to_be_contacted_is_told(make_facts, make_keys, make_segments, calendar, say_it):
    facts, given = make_facts(a={}, b={}, c={}), {"a": "no", "b": "да", "c": None}
    people = CUSTOMERS.conform(
        pd.DataFrame({"customer_id": list(given), "consent": list(given.values())}).reindex(columns=CUSTOMERS.names)
    )
    classes = make_segments(**dict.fromkeys(given, "A"))
    found = call_list(facts, make_keys(), classes, calendar, RULES, say_it, people)
    assert CALL_LIST.check(found.table).consent.tolist() == ["refused", "given", "unknown"]
    assert [say_it(caveat.text) for caveat in found.caveats if caveat.weight == "red"] == [
        "Customers on the list who refused to be contacted: 1 of 3; ask the director before you call."
    ]
    assert "consent" in found.show
    assert "consent" not in call_list(facts, make_keys(), classes, calendar, RULES, say_it).show


def test_only_key_clients_and_a_customers(make_facts, calls_for):
    facts = make_facts(a={}, b={}, c={}, k={}, u={}, x={})
    found = calls_for(facts, keys=["k", "u"], classes={"a": "A", "b": "B", "c": "C", "k": "N"})
    # u and x have no class, u is key
    table = found.table.fillna({"abc": "none"})
    assert table[["customer_id", "is_key", "abc"]].values.tolist() == [
        ["a", False, "A"],
        ["k", True, "N"],
        ["u", True, "none"],
    ]


def test_parameters_move_the_edges(make_facts, calls_for):
    facts = make_facts(a={"order_days": 2, "silence_chance": 0.25})
    assert ids(calls_for(facts, rules=Actions(min_order_days=2))) == ["a"]
    assert ids(calls_for(facts, rules=Actions(min_order_days=2, alarm=0.75))) == []


def test_order_is_money_at_stake_then_id(make_facts, calls_for):
    facts = make_facts(
        d={"net_sales_12m": 100.0, "silence_chance": 0.4},  # 60
        c={"net_sales_12m": 80.0},  # 80 · .75 = 60
        b={"net_sales_12m": 70.0, "silence_chance": 0.0},  # 70
        a={"net_sales_12m": 10.0, "silence_chance": 0.0},
    )
    found = calls_for(facts)
    assert ids(found) == ["b", "c", "d", "a"]
    assert found.table.money_at_stake.tolist() == [70.0, 60.0, 60.0, 10.0]
    assert found.table["rank"].tolist() == [1, 2, 3, 4]
    assert ids(calls_for(facts.sample(frac=1, random_state=1))) == ids(found)


def test_due_days_by_rank(make_facts, calls_for):
    found = calls_for(make_facts(**{f"c{i}": {} for i in range(7)}))
    # five days after 1 January for the first five, twelve for the rest
    assert [day.isoformat()[:10] for day in found.table.due_on] == ["2026-01-06"] * 5 + ["2026-01-13"] * 2
    rules = Actions(due_days=(1, 2), first_calls=0)
    assert due_on(pd.Series([1]), pd.Timestamp("2026-01-01").date(), rules).dt.day.tolist() == [3]


def test_revenue_at_risk_is_of_key_clients(make_facts, calls_for):
    found = calls_for(make_facts(a={}, k={"net_sales_12m": 40.0}), keys=["k", "not_silent"])
    # k: 40 · .75 = 30; a: 60
    assert found.numbers == {"calls": 2, "money_at_stake": 90.0, "key_calls": 1, "revenue_at_risk": 30.0}


def test_margin_is_the_stake_where_there_is_cost(make_facts, calls_for, say_it):
    found = calls_for(make_facts(a={"margin_12m": 20.0, "margin_base_12m": 80.0}))
    assert found.table.money_at_stake.tolist() == [15.0]
    assert say_it(found.sub).startswith("Money at stake = margin")
    assert say_it(calls_for(make_facts(a={})).sub).startswith("Money at stake = net sales")


def test_customer_without_cost_among_customers_with_one(make_facts, calls_for, say_it):
    # margin share of what has a cost: (20 + 10) / (80 + 40) = 1/4; b: 80 · 1/4 = 20; all times .75
    facts = make_facts(
        a={"margin_12m": 20.0, "margin_base_12m": 80.0},
        b={},
        c={"margin_12m": 10.0, "margin_base_12m": 40.0, "silence_chance": 0.9},
    )
    found = calls_for(facts)
    assert found.table[["customer_id", "money_at_stake"]].values.tolist() == [["a", 15.0], ["b", 15.0]]
    (caveat,) = (caveat for caveat in found.caveats if caveat is not NO_LOSS)
    assert say_it(caveat.text).startswith("Calls to customers without a cost in the last 12 months: 1 of 2.")


def test_nothing_at_stake_stays_on_the_list_at_its_end(make_facts, calls_for):
    facts = make_facts(
        a={"net_sales_12m": 0.0},
        b={"net_sales_12m": -50.0},
        c={"margin_12m": -4.0, "margin_base_12m": 80.0},
        d={"margin_12m": 9.0, "margin_base_12m": 20.0},
    )
    found = calls_for(facts)
    # margin share 5/100: a 0, b −2.5, c −4: none of them below 0
    assert ids(found) == ["d", "a", "b", "c"]
    assert found.table.money_at_stake.tolist() == [6.75, 0.0, 0.0, 0.0]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 100)), min_size=1, max_size=10))
def test_list_on_a_second_road(make_facts, make_keys, make_segments, customers):
    given_values = {
        f"c{i}": {"net_sales_12m": sales / 100, "silence_chance": chance / 100}
        for i, (sales, chance) in enumerate(customers)
    }
    segments = make_segments(**dict.fromkeys(given_values, "A"))
    found = callable_customers(make_facts(**given_values), make_keys(), segments, RULES)
    stakes = {one: round(v["net_sales_12m"] * (1 - v["silence_chance"]), 4) for one, v in given_values.items()}
    called = [one for one, v in given_values.items() if v["silence_chance"] < 0.5]
    assert found.customer_id.tolist() == sorted(called, key=lambda one: (-stakes[one], one))
    assert found.money_at_stake.tolist() == [stakes[one] for one in found.customer_id]


def test_reason_stands_in_the_table(make_facts, calls_for):
    found = calls_for(make_facts(a={"median_gap_days": 10.5}))
    assert found.table.reason.tolist() == ["Silent 31 days, usual gap 10.5; last order 1 Dec 2025"]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "1 call covers 60 at stake."),
        (3, "3 calls cover 180 at stake."),
        (4, "4 calls cover 240 at stake, 180 of it with the first three."),
    ],
)
def test_sentence(make_facts, calls_for, say_it, number, sentence):
    assert say_it(calls_for(make_facts(**{f"c{i}": {} for i in range(number)})).sentence) == sentence


def test_nobody_to_call(make_facts, calls_for, say_it):
    found = calls_for(make_facts(a={"silence_chance": 0.9}))
    assert say_it(found.sentence) == "No key client or A customer is silent for longer than expected."
    assert found.numbers == {"calls": 0, "money_at_stake": 0.0, "key_calls": 0, "revenue_at_risk": 0.0}
    assert found.caveats == []
    owners = manager_calls(found)
    assert MANAGER_CALLS.check(owners.table).empty
    assert say_it(owners.sentence) == "There is no call."


@pytest.mark.parametrize("values", [{"order_days": 3}, {"silence_chance": None}])
def test_silence_that_cannot_be_judged_is_no_all_clear(make_facts, calls_for, say_it, values):
    assert say_it(calls_for(make_facts(a=values)).sentence) == (
        "No key client or A customer has 4 order days yet, so no silence can be judged."
    )


def test_no_customer_at_all(make_facts, calls_for):
    assert calls_for(make_facts()).table.empty


def test_owners(make_facts, calls_for, say_it):
    found = calls_for(
        make_facts(a={}, b={"manager": "Bo", "net_sales_12m": 90.0}, c={}, d={"manager": None}), keys=["a", "d"]
    )
    owners = manager_calls(found)
    MANAGER_CALLS.check(owners.table)
    # Ana 60 + 60, Bo 67.5, nobody 60
    assert owners.table.drop(columns="manager").values.tolist() == [
        [2, 1, 120.0, "Client a"],
        [1, 0, 67.5, "Client b"],
        [1, 1, 60.0, "Client d"],
    ]
    assert owners.table.manager.fillna("").tolist() == ["Ana", "Bo", ""]
    assert say_it(owners.sentence) == "Ana has most at stake: 120 in 2 calls."
    assert [say_it(caveat.text) for caveat in found.caveats if caveat is not NO_LOSS] == [
        "Calls without a manager in the data: 1 of 4."
    ]
    assert owners.table.money_at_stake.sum() == found.numbers["money_at_stake"]


def test_no_owner_at_all(make_facts, calls_for, say_it):
    owners = manager_calls(calls_for(make_facts(a={"manager": None})))
    assert say_it(owners.sentence) == "The data name no owner for the calls."
    one = manager_calls(calls_for(make_facts(a={})))
    assert say_it(one.sentence) == "Ana has most at stake: 60 in 1 call."


def test_tiles(make_facts, make_keys, calls_for, say_it):
    facts = make_facts(a={}, k={})
    found = calls_for(facts, keys=["k", "l"])
    risk, calls = risk_tile(found, make_keys("k", "l"), facts), calls_tile(found)
    assert [say_it(text) for text in (risk.value, risk.n)] == ["60", "key clients to call: 1 of 2"]
    assert say_it(risk.name) == "Revenue at risk, key clients"
    assert [say_it(text) for text in (calls.value, calls.n)] == ["2", "120 at stake together"]
    nobody = risk_tile(calls_for(make_facts(a={})), make_keys(), make_facts(a={}))
    assert (nobody.value, say_it(nobody.absent)) == (None, "There is no key client.")


def test_hostile_names_are_only_text(make_facts, calls_for):
    name = '<script>alert(1)</script>{0}=HYPERLINK("x")'
    found = calls_for(make_facts(a={"customer_name": name, "manager": "{manager}"}))
    assert found.table.customer_name.tolist() == [name]
    assert manager_calls(found).table.first_call.tolist() == [name]


def test_inputs_stay_as_they_are(make_facts, make_keys, make_segments):
    facts, keys, segments = make_facts(a={}, b={}), make_keys("a"), make_segments(a="A", b="B")
    copies = [frame.copy() for frame in (facts, keys, segments)]
    first, second = (callable_customers(facts, keys, segments, RULES) for _ in range(2))
    assert first.equals(second)
    assert all(copy.equals(frame) for copy, frame in zip(copies, (facts, keys, segments), strict=True))


def test_stake_base_without_any_cost(make_facts):
    assert stake_base(make_facts(a={}, b={"net_sales_12m": -3.0})).tolist() == [80.0, -3.0]
