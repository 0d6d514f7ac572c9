"""Whom to call: who is on the list, in which order, until when, and what the director reads."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.actions import call_list, callable_customers, calls, calls_tile, manager_calls, risk_tile
from kam_analysis.actions.calls import due_on, stake_base
from kam_analysis.actions.tables import CALL_LIST, MANAGER_CALLS
from kam_analysis.params import Actions
from kam_analysis.tables import CUSTOMERS

RULES = Actions()
NO_ORDERS = pd.DataFrame({"customer_id": [], "ordered_on": pd.to_datetime([]), "net_sales": [], "order_id": []})
ON_EVERY_LIST = {"Money at stake is no expected loss", "How many alarms chance alone would give"} | {
    "Does the ranking predict who stays away?"
}


def own_caveats(found):
    """Caveats beside those that stand under every list with a call."""
    return [caveat for caveat in found.caveats if caveat.head.template not in ON_EVERY_LIST]


@pytest.fixture
def calls_for(make_keys, make_segments, calendar, say_it):
    def make(facts, keys=(), classes=None, rules=RULES, orders=NO_ORDERS):
        segments = make_segments(**(dict.fromkeys(facts.customer_id, "A") if classes is None else classes))
        found = call_list(facts, make_keys(*keys), segments, calendar, rules, say_it, orders)
        CALL_LIST.check(found.table)
        return found

    return make


def numbers(**given):
    names = ("calls", "calls_later", "key_calls", "watched", "alarms", "beyond_chance")
    return dict.fromkeys(names, 0) | {"money_at_stake": 0.0, "revenue_at_risk": 0.0} | given


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
    found = call_list(facts, make_keys(), classes, calendar, RULES, say_it, NO_ORDERS, people)
    assert CALL_LIST.check(found.table).consent.tolist() == ["refused", "given", "unknown"]
    assert [say_it(caveat.text) for caveat in found.caveats if caveat.weight == "red"] == [
        "Customers on the list who refused to be contacted: 1 of 3; ask the director before you call."
    ]
    assert "consent" in found.show
    assert "consent" not in call_list(facts, make_keys(), classes, calendar, RULES, say_it, NO_ORDERS).show


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


def test_each_manager_has_so_many_calls_a_week_and_the_rest_stays_in_the_table(make_facts, calls_for, say_it):
    facts = make_facts(
        a={"net_sales_12m": 90.0},
        b={"net_sales_12m": 80.0},
        c={"net_sales_12m": 70.0},
        d={"net_sales_12m": 20.0, "manager": "Bo"},
        e={"net_sales_12m": 60.0, "manager": None},
        f={"net_sales_12m": 50.0, "manager": None},
        g={"net_sales_12m": 40.0, "manager": None},
    )
    found = calls_for(facts, keys=["c"], rules=Actions(calls_per_manager=2))
    assert ids(found) == ["a", "b", "e", "f", "d", "c", "g"]  # the third of Ana and of nobody wait
    assert found.table.is_this_week.tolist() == [True] * 5 + [False] * 2
    assert found.table["rank"].tolist() == [1, 2, 4, 5, 7, 3, 6]
    assert found.table.place.tolist() == [1, 2, 1, 2, 1, 3, 3]
    assert found.table.due_on.isna().tolist() == [False] * 5 + [True] * 2
    assert found.most_rows == 5
    # at stake, times .75: week 90 + 80 + 60 + 50 + 20 = 300; the key client waits, and its money stays at risk
    assert found.numbers["money_at_stake"] == 225.0
    assert (found.numbers["calls"], found.numbers["calls_later"]) == (5, 2)
    assert found.numbers["revenue_at_risk"] == 52.5
    assert say_it(found.base).endswith("At most 2 calls per manager and week: 2 more stand in the table as CSV.")
    owners = manager_calls(found)
    assert owners.table.manager.fillna("").tolist() == ["Ana", "", "Bo"]
    assert owners.table[["calls", "later"]].values.tolist() == [[2, 1], [2, 1], [1, 0]]
    assert "later" in owners.show
    assert say_it(calls_tile(found).n) == "225 at stake together; later: 2"


def test_alarms_are_held_against_chance(make_facts, calls_for, say_it):
    chances = {"a": 0.001, "b": 0.02, "c": 0.04, "d": 0.3, "e": 0.6}
    found = calls_for(make_facts(**{one: {"silence_chance": chance} for one, chance in chances.items()}))
    # limits of Benjamini and Hochberg over five: .01, .02, .03, .04, .05; c is above its own, and d and e too
    assert found.table.set_index("customer_id").is_beyond_chance.to_dict() == {
        "a": True,
        "b": True,
        "c": False,
        "d": False,
    }
    text = next(say_it(one.text) for one in found.caveats if one.head.template.startswith("How many alarms"))
    assert text.startswith("Customers watched: 5, with an alarm above 50 %: 4;")
    assert "chance would give about 2. Silences beyond chance: 2;" in text
    assert "is_beyond_chance" in found.show
    usual = calls_for(make_facts(a={"silence_chance": 0.4}))
    text = next(say_it(one.text) for one in usual.caveats if one.head.template.startswith("How many alarms"))
    assert text.endswith("No silence is by itself beyond chance.") and "is_beyond_chance" not in usual.show
    assert calls_for(
        make_facts(a={"silence_chance": 0.2}), rules=Actions(chance_share=0.3)
    ).table.is_beyond_chance.all()


def verdict(found, say_it):
    caveat = next(one for one in found.caveats if one.head.template.startswith("Does the ranking"))
    return caveat.weight, say_it(caveat.text)


def test_the_verdict_of_the_check_stands_on_the_page(make_facts, calls_for, say_it, monkeypatch):
    facts = make_facts(a={})
    assert verdict(calls_for(facts), say_it) == (
        "amber",
        "Not measurable: there is no earlier day after which some ordered again and some did not.",
    )
    checks = pd.DataFrame(
        {
            "ranked_on": pd.to_datetime(["2025-10-01", "2025-04-01"]),
            "buyers": [7, 5],
            "auc_overdue": [0.9, 0.8],
            "auc_recency": [0.7, 0.8],
            "auc_order_days": 0.5,
            "auc_alarm": [0.6, 0.7],
        }
    )
    monkeypatch.setattr(calls, "ranking_checks", lambda orders, calendar: (checks, 3))
    assert verdict(calls_for(facts), say_it) == (
        "green",
        "Yes, checked from 1 Apr 2025 to 1 Oct 2025: the overdue ranking predicted better than days of silence alone "
        "who orders in the next 3 months, AUC 0.85 against 0.75 (checks: 2; customers with two order days: 5 to 7). "
        "The alarm alone has AUC 0.65: it says whose silence is unusual.",
    )
    checks["auc_recency"] = 0.85
    weight, text = verdict(calls_for(facts), say_it)
    assert weight == "amber" and "the overdue ranking predicted no better than" in text and text.startswith("No, ")


def test_revenue_at_risk_is_of_key_clients(make_facts, calls_for):
    found = calls_for(make_facts(a={}, k={"net_sales_12m": 40.0}), keys=["k", "not_silent"])
    # k: 40 · .75 = 30; a: 60
    assert found.numbers == numbers(
        calls=2, money_at_stake=90.0, key_calls=1, revenue_at_risk=30.0, watched=2, alarms=2
    )


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
    (caveat,) = own_caveats(found)
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


@settings(max_examples=settings.default.max_examples // 5)
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
        (1, "1 call this week covers 60 at stake."),
        (3, "3 calls this week cover 180 at stake."),
        (4, "4 calls this week cover 240 at stake, 180 of it with the first three."),
    ],
)
def test_sentence(make_facts, calls_for, say_it, number, sentence):
    assert say_it(calls_for(make_facts(**{f"c{i}": {} for i in range(number)})).sentence) == sentence


def test_nobody_to_call(make_facts, calls_for, say_it):
    found = calls_for(make_facts(a={"silence_chance": 0.9}))
    assert say_it(found.sentence) == "No key client or A customer is silent for longer than expected."
    assert found.numbers == numbers(watched=1)
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
    assert owners.table.drop(columns=["manager", "later"]).values.tolist() == [
        [2, 1, 120.0, "Client a"],
        [1, 0, 67.5, "Client b"],
        [1, 1, 60.0, "Client d"],
    ]
    assert owners.table.manager.fillna("").tolist() == ["Ana", "Bo", ""]
    assert say_it(owners.sentence) == "Ana has most at stake: 120 in 2 calls."
    assert [say_it(caveat.text) for caveat in own_caveats(found)] == ["Calls without a manager in the data: 1 of 4."]
    assert owners.table.money_at_stake.sum() == found.numbers["money_at_stake"]


def test_no_owner_at_all(make_facts, calls_for, say_it):
    found = calls_for(make_facts(a={"manager": None}))
    owners = manager_calls(found)
    assert say_it(owners.sentence) == "The data name no owner for the calls."
    assert "map the column manager" in say_it(owners.absent) and not own_caveats(found)
    one = manager_calls(calls_for(make_facts(a={})))
    assert say_it(one.sentence) == "Ana has most at stake: 60 in 1 call." and one.absent is None


def test_tiles(make_facts, make_keys, calls_for, say_it):
    facts = make_facts(a={}, k={})
    found = calls_for(facts, keys=["k", "l"])
    risk, this_week = risk_tile(found, make_keys("k", "l"), facts), calls_tile(found)
    assert [say_it(text) for text in (risk.value, risk.n)] == ["60", "key clients on the call list: 1 of 2"]
    assert say_it(risk.name) == "Revenue at risk, key clients"
    assert [say_it(text) for text in (this_week.value, this_week.n)] == ["2", "120 at stake together"]
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
