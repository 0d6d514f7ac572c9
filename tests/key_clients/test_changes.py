"""What moved on the list, and what did it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from kam_analysis.facts.accounts import unit_customers
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.key_list import key_list
from kam_analysis.key_clients import what_changed
from kam_analysis.key_clients.changes import KEY_CHANGES
from kam_analysis.params import KeyClients, Weights

FLAT = Weights(volume=0.5, frequency=0.5, margin=0, growth=0, lifetime=0, brand=0, strategic=0)
BY_SCORE = KeyClients(weights=FLAT, top_k=2, admit=("score",), weight_draws=20)
BY_SHARE = KeyClients(admit=("company", "volume"), top_volume=2, weight_draws=20)
TWELVE = {f"{i:02}": 100.0 - i for i in range(12)}


@pytest.fixture
def changed(listed):
    def change(before, now, rules=BY_SCORE):
        lists = [listed(sales, rules=rules, orders_12m=orders) for sales, orders in (before, now)]
        found = what_changed(lists[1], lists[0])
        return KEY_CHANGES.check(found.table).set_index("account_id")

    return change


def test_entered_left_stayed(listed, say_it):
    now = listed({"a": 50.0, "b": 0.0, "c": 8.0, "d": 42.0}, rules=BY_SHARE)
    before = listed({"a": 60.0, "b": 30.0, "c": 8.0}, rules=BY_SHARE)
    found = what_changed(now, before)
    moves = KEY_CHANGES.check(found.table).set_index("account_id").move.to_dict()
    assert moves == {"d": "entered", "b": "left", "a": "stayed"}
    assert found.numbers == {"keys_entered": 1, "keys_left": 1}
    assert say_it(found.sentence) == "Entered the list: 1, Client d; left it: 1, Client b; stayed: 1."
    # two sets from the same numbers: before + entered − left = now
    assert len(before.keys) + 1 - 1 == len(now.keys)


def test_up_and_down_are_moves_between_levels(changed):
    # a: 60 of 100, then 9 of 100 and only the second by volume; b the other way round
    table = changed(
        ({"a": 60.0, "b": 9.0} | {f"x{i}": 1.0 for i in range(31)}, {}),
        ({"a": 9.0, "b": 60.0} | {f"x{i}": 1.0 for i in range(31)}, {}),
        BY_SHARE,
    )
    assert table[["move", "level_before", "level_now"]].values.tolist() == [
        ["up", "volume", "company"],
        ["down", "company", "volume"],
    ]
    assert table.cause.isna().all()


def test_the_criterion_that_did_it(changed):
    # 00 and 01 lead by volume, nobody orders; then 05 alone does
    table = changed((TWELVE, {}), (TWELVE, {"05": 9}))
    assert table.move.to_dict() == {"05": "entered", "01": "left", "00": "stayed"}
    # where all were equal everybody had 1 of the frequency, now only 05 has: the others lost half a point
    assert (table.cause["05"], table.cause["01"]) == ("others", "frequency")
    assert table.points_change["01"] == pytest.approx(-0.5)


def test_volume_did_it(changed):
    table = changed((TWELVE, {}), (TWELVE | {"11": 99.5}, {}))
    assert (table.move["11"], table.cause["11"]) == ("entered", "volume")
    assert (table.move["01"], table.level_now.isna()["01"]) == ("left", True)
    assert table.points_change.isna()["00"]


def test_no_sales_before_or_any_more(changed):
    table = changed((TWELVE, {}), (TWELVE | {"00": 0.0, "99": 101.0}, {}))
    assert table.cause["99"] == "no_sales_before"
    assert table.cause["00"] == "no_sales_now"
    assert np.isnan(table.share_before["99"]) and np.isnan(table.share_now["00"])


def test_what_was_not_on_record_then_is_said(listed, make_assessment, say_it):
    rated = make_assessment(
        **{"00": {"strategic": 4.0, "rated_on": "2025-06-01"}, "01": {"strategic": 1.0, "rated_on": "2025-06-01"}}
    )
    earlier = Calendar(dt.date(2023, 1, 1), dt.date(2025, 1, 1))
    now, before = (listed(TWELVE, assessment=rated, **on) for on in ({}, {"on": earlier}))
    (caveat,) = what_changed(now, before).caveats
    assert say_it(caveat.text) == (
        "Nothing was on record then for strategic importance, so the score of that date goes without."
    )
    assert not what_changed(now, now).caveats


def test_an_unchanged_list_is_said_to_be_the_same(listed, say_it):
    one = listed({"a": 90.0}, rules=BY_SHARE)
    assert say_it(what_changed(one, one).sentence) == "The only key account is the same as then."
    two = listed({"a": 60.0, "b": 40.0}, rules=BY_SHARE)
    assert say_it(what_changed(two, two).sentence) == "The 2 key accounts are the same as then."


def test_nothing_to_compare_with(listed, say_it):
    found = what_changed(listed(TWELVE), None)
    assert say_it(found.absent) == "The data do not reach back far enough to compare"
    assert KEY_CHANGES.check(found.table).empty


def test_demo_changes_against_two_lists(demo):
    earlier = Calendar(demo.calendar.first_order_on, add_months(demo.calendar.as_of, -12))
    units = unit_customers(demo.engine, earlier.as_of, demo.rules.units)
    before = key_list(demo.customer_facts_before, units, demo.assessment, demo.survey, earlier, demo.rules)
    found = what_changed(demo.now, before)
    entered = set(demo.now.keys.account_id) - set(before.keys.account_id)
    assert set(found.table.account_id[found.table.move == "entered"]) == entered
    assert found.numbers["keys_left"] == len(set(before.keys.account_id) - set(demo.now.keys.account_id))
    by_score = (found.table.move == "entered") & (found.table.level_now == "score")
    assert found.table.cause[by_score].notna().all()
    assert found.table.cause[found.table.move == "stayed"].isna().all()
