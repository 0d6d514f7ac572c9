"""Every buyer is in exactly one state; the rows of the transition matrix sum to 1."""

from __future__ import annotations

import datetime as dt

import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import LifeCycleRules
from kam_analysis.segments.life_cycle import (
    LIFE_CYCLE_MOVES,
    LIFE_CYCLE_STATES,
    comparable_states,
    life_cycle,
    life_cycle_moves,
    life_cycle_states,
)

LONG_AGO = {"first_order_on": "2022-01-10", "last_order_on": "2023-12-01", "gap_survival_probability": 0.9}
RULES = LifeCycleRules()


@pytest.fixture
def state_of(make_facts, make_orders, calendar):
    """State of one buyer from its facts and order dates."""

    def one(given, days=(), rules=RULES):
        states = life_cycle_states(
            make_facts({"a": LONG_AGO | given}), make_orders({"a": list(days)}), calendar, rules, 12
        )
        return states["life_cycle"].item()

    return one


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"last_order_on": "2022-12-31"}, "lost"),  # the last 12 months begin on 1 January 2023
        ({"last_order_on": "2023-01-01"}, "stable"),
        ({"first_order_on": "2023-07-01"}, "new"),  # the last 6 months begin on 1 July
        ({"first_order_on": "2023-06-30"}, "stable"),
        ({"gap_survival_probability": 0.0999}, "at_risk"),
        ({"gap_survival_probability": 0.10}, "stable"),
        ({"gap_survival_probability": None}, "stable"),
        ({"net_sales_12m": 120.0, "net_sales_before": 100.0}, "stable"),  # exactly 20 % more
        ({"net_sales_12m": 120.0001, "net_sales_before": 100.0}, "growing"),
        ({"net_sales_12m": 80.0, "net_sales_before": 100.0}, "stable"),  # exactly 20 % less
        ({"net_sales_12m": 79.9999, "net_sales_before": 100.0}, "declining"),
        ({"net_sales_12m": 0.36, "net_sales_before": 0.30}, "stable"),  # 1.2 · 0.3 is 0.36, not in doubles
        ({"net_sales_12m": 1.0, "net_sales_before": 0.0}, "growing"),
        ({"net_sales_12m": -110.0, "net_sales_before": -100.0}, "stable"),  # 10 % of 100 lower
        ({"net_sales_12m": 5.0, "net_sales_before": -100.0}, "growing"),
    ],
)
def test_states_at_their_edges(state_of, given, state):
    assert state_of(given) == state


def test_the_first_state_that_matches_wins(state_of):
    all_at_once = {"first_order_on": "2023-08-01", "gap_survival_probability": 0.01, "net_sales_12m": 9.0}
    assert state_of(all_at_once) == "new"
    assert state_of({"gap_survival_probability": 0.01, "net_sales_12m": 9.0}) == "at_risk"
    assert state_of({"gap_survival_probability": 0.01}, ["2022-01-10", "2023-12-01"]) == "returned"


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (["2022-12-01", "2023-12-01"], "stable"),  # exactly 12 months of silence
        (["2022-11-30", "2023-12-01"], "returned"),
        (["2022-01-10", "2023-06-30", "2023-12-01"], "stable"),  # came back before the last 6 months
        (["2022-01-10", "2023-07-01", "2023-12-01"], "returned"),
        (["2023-07-01", "2022-01-10"], "returned"),  # whatever the order of the rows
        (["2022-01-10", "2022-12-20", "2024-06-01"], "stable"),  # after the reference date: not known
    ],
)
def test_returned_after_more_than_twelve_months(state_of, days, state):
    assert state_of({}, days) == state


def test_lost_is_the_silence_of_the_facts(make_facts, make_orders, calendar):
    facts, orders = make_facts({"a": LONG_AGO | {"last_order_on": "2023-06-30"}}), make_orders({"a": ["2023-06-30"]})
    for months, state in ((6, "lost"), (7, "stable")):
        assert life_cycle_states(facts, orders, calendar, RULES, months)["life_cycle"].tolist() == [state]


def test_silence_is_the_customers_own(make_facts, make_orders, calendar):
    facts = make_facts({"a": LONG_AGO, "b": LONG_AGO})
    orders = make_orders({"a": ["2022-01-10"], "b": ["2023-10-01", "2023-12-01"]})
    assert life_cycle_states(facts, orders, calendar, RULES, 12)["life_cycle"].tolist() == ["stable", "stable"]


@pytest.fixture
def moved(make_facts, make_orders, calendar):
    """Three buyers a year ago, four now, and one who never ordered."""
    before = Calendar(dt.date(2021, 1, 1), dt.date(2023, 1, 1))
    then = make_facts(
        {
            "a": LONG_AGO | {"last_order_on": "2022-12-01"},
            "b": LONG_AGO | {"last_order_on": "2022-12-01"},
            "c": LONG_AGO | {"first_order_on": "2022-09-01", "last_order_on": "2022-12-01"},
            "x": {"orders": 0},
        }
    )
    now = make_facts(
        {
            "a": LONG_AGO | {"net_sales_12m": 7.0, "net_sales_before": 7.0},
            "b": LONG_AGO | {"last_order_on": "2022-12-01"},
            "c": LONG_AGO | {"net_sales_12m": 9.0},
            "d": LONG_AGO | {"first_order_on": "2023-11-01", "net_sales_12m": 4.0},
            "x": {"orders": 0},
        }
    )
    orders = make_orders({})
    states = (life_cycle_states(now, orders, calendar, RULES, 12), life_cycle_states(then, orders, before, RULES, 12))
    return *states, calendar, before


def test_rows_of_the_transition_matrix_sum_to_1(moved):
    finding = life_cycle_moves(*moved)
    table = LIFE_CYCLE_MOVES.check(finding.table)
    assert len(table) == 49
    sums = table.groupby("state_before")["share"].sum(min_count=1)
    assert sums.dropna().tolist() == [1.0, 1.0]
    moves = table[table["customers"] > 0].set_index(["state_before", "state"])
    assert moves["share"].to_dict() == {("new", "growing"): 1.0, ("stable", "lost"): 0.5, ("stable", "stable"): 0.5}
    assert moves["net_sales_12m"].sum() == 16.0  # 7 + 0 + 9, the buyer since then is in no row
    assert finding.sentence.values == {"n": 3, "lost": 1}


def test_states_stand_beside_those_before(moved):
    finding = life_cycle(*moved)
    table = LIFE_CYCLE_STATES.check(finding.table).set_index("state")
    assert table["customers"].to_dict() == {
        "lost": 1, "new": 1, "returned": 0, "at_risk": 0, "growing": 1, "declining": 0, "stable": 1,
    }  # fmt: skip
    assert table["customers_before"].sum() == 3
    assert finding.numbers["life_cycle.new"] == 1
    assert finding.caveats == ()


def test_growth_without_two_full_years_is_not_measured(make_facts, make_orders):
    orders = make_orders({"grown": ["2022-03-01"], "gone": ["2022-03-01"]})
    facts = make_facts({"grown": LONG_AGO | {"net_sales_12m": 9.0}, "gone": LONG_AGO | {"last_order_on": "2022-12-01"}})
    short = Calendar(dt.date(2022, 1, 2), dt.date(2024, 1, 1))
    states = life_cycle_states(facts, orders, short, RULES, 12)
    assert dict(zip(states.customer_id, states.life_cycle, strict=True)) == {"grown": "active", "gone": "lost"}
    found = life_cycle(states, states.iloc[:0], short, None)
    assert found.table.state.tolist() == ["lost", "new", "returned", "at_risk", "active"]
    assert found.numbers["life_cycle.growing"] is None and found.numbers["life_cycle.active"] == 1
    assert [caveat.head.template for caveat in found.caveats] == ["Growth needs two full years"]
    full = life_cycle(states, states.iloc[:0], Calendar(dt.date(2022, 1, 1), dt.date(2024, 1, 1)), None)
    assert "active" not in full.table.state.tolist()


def test_the_matrix_stands_where_the_data_held_less_than_two_years_then(make_facts, make_orders, calendar):
    before = Calendar(dt.date(2021, 7, 1), dt.date(2023, 1, 1))  # 18 months
    seen = LONG_AGO | {"first_order_on": "2021-08-01"}
    then = make_facts({name: seen | {"last_order_on": "2022-12-01"} for name in "abc"})
    now = make_facts(
        {
            "a": seen | {"net_sales_12m": 9.0},
            "b": seen | {"last_order_on": "2022-12-01"},
            "c": seen | {"net_sales_12m": 7.0, "net_sales_before": 7.0},
        }
    )
    moved = Calendar(before.first_order_on, calendar.as_of)
    states = life_cycle_states(now, make_orders({}), moved, RULES, 12)
    states_before = life_cycle_states(then, make_orders({}), before, RULES, 12)
    found = life_cycle(states, states_before, moved, before)
    table = LIFE_CYCLE_STATES.check(found.table).set_index("state")
    assert table["customers"].to_dict() | {"lost": 1, "growing": 1, "stable": 1} == table["customers"].to_dict()
    assert table["customers_before"].isna().to_dict() == dict.fromkeys(table.index, False) | dict.fromkeys(
        ["growing", "declining", "stable"], True
    )
    assert len(found.caveats) == 1
    matrix = LIFE_CYCLE_MOVES.check(life_cycle_moves(states, states_before, moved, before).table)
    shares = matrix[matrix["customers"] > 0].set_index(["state_before", "state"])["share"]
    assert shares.to_dict() == dict.fromkeys([("active", name) for name in ("lost", "growing", "stable")], 1 / 3)
    assert comparable_states(states, before)["life_cycle"].tolist() == ["active", "lost", "active"]
    assert comparable_states(states, calendar) is states


def test_without_a_comparison_date_moves_are_absent(moved, make_facts, make_orders, calendar):
    nobody = life_cycle_states(make_facts({}), make_orders({}), None, RULES, 12)
    finding = life_cycle(moved[0], nobody, calendar, None)
    assert LIFE_CYCLE_STATES.check(finding.table)["customers_before"].isna().all()
    assert "customers_before" not in finding.show
    moves = life_cycle_moves(moved[0], nobody, calendar, None)
    assert moves.absent is not None
    LIFE_CYCLE_MOVES.check(moves.table)


def test_nobody(make_facts, make_orders, calendar):
    states = life_cycle_states(make_facts({}), make_orders({}), calendar, RULES, 12)
    assert life_cycle(states, states, calendar, None).absent is not None
