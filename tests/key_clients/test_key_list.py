"""Who is key, why, how sure, and what moved."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.key_clients import (
    criteria,
    how_sure,
    key_list,
    key_tile,
    score_breakdown,
    what_changed,
    who_is_key,
)
from kam_analysis.key_clients.tables import BORDERLINE, CRITERIA, CUSTOMER_SCORES, KEY_CHANGES, KEY_LIST
from kam_analysis.params import KeyClients, Weights
from kam_analysis.tables import ASSESSMENT, SURVEY

RULES = KeyClients(weight_draws=200)
TWELVE = {f"{i:02}": 100.0 + i for i in range(12)}  # the largest has 111 of 1,266: 8.8 %


@pytest.fixture
def listed(make_facts, calendar):
    def make(sales, assessment=None, survey=None, rules=RULES, on=calendar, **columns):
        rated = ASSESSMENT.empty() if assessment is None else assessment
        answers = SURVEY.empty() if survey is None else survey
        return key_list(make_facts(sales, **columns), rated, answers, on, rules)

    return make


def check(now):
    KEY_LIST.check(now.keys)
    CUSTOMER_SCORES.check(now.scores)
    return now


def test_by_share_strictly_above_ten_percent(listed):
    # 20 + 10 + 10 · 7 = 100: exactly 10 % is not key
    now = check(listed({"a": 20.0, "b": 10.0} | {f"c{i}": 7.0 for i in range(10)}))
    assert now.keys[["customer_id", "reason", "share_12m"]].values.tolist() == [["a", "share", 0.2]]


def test_by_score_when_nobody_passes(listed):
    now = check(listed(TWELVE, rules=KeyClients(top_k=3, weight_draws=200)))
    assert now.keys.customer_id.tolist() == ["11", "10", "09"]
    assert set(now.keys.reason) == {"score"}
    assert now.scores.membership.sum() == pytest.approx(3)


def test_list_longer_than_the_customers(listed):
    now = check(listed(TWELVE, rules=KeyClients(top_k=50, weight_draws=200)))
    assert len(now.keys) == 12
    assert set(now.keys.sureness) == {"sure"}


def test_flags_stand_outside_the_score_even_at_zero(listed, make_assessment):
    rated = make_assessment(
        a={"well_known": "yes"},
        z={"demanding": "да"},
        n={"strategic": 5},
        m={"strategic": 4.9},
        ghost={"well_known": "yes"},
    )
    now = check(listed({"a": 90.0, "b": 10.0, "m": 0.0, "n": -3.0, "z": 0.0}, rated))
    # a is key by its share already; n and z have no score; a customer without a line is none
    assert now.keys[["customer_id", "reason", "order"]].values.tolist() == [
        ["a", "share", 1],
        ["n", "flag", 2],
        ["z", "flag", 3],
    ]
    assert now.keys.score.isna().tolist() == [False, True, True]
    assert now.keys.membership.isna().tolist() == [False, True, True]


def test_flagged_customers_take_no_place_from_the_score(listed, make_assessment):
    now = check(
        listed(TWELVE, make_assessment(**{"00": {"well_known": "yes"}}), rules=KeyClients(top_k=2, weight_draws=200))
    )
    assert now.keys[["customer_id", "reason"]].values.tolist() == [["11", "score"], ["10", "score"], ["00", "flag"]]
    assert now.scores.set_index("customer_id").is_key[["11", "10", "09", "00"]].tolist() == [True, True, False, True]
    assert how_sure(now, RULES).table.customer_id.tolist() == ["11", "10"]


def test_row_order_does_not_matter(make_facts, calendar):
    facts = make_facts(TWELVE | {"20": 105.0, "21": 105.0})
    lists = [
        key_list(frame, ASSESSMENT.empty(), SURVEY.empty(), calendar, KeyClients(top_k=5, weight_draws=200))
        for frame in (facts, facts.sample(frac=1, random_state=4))
    ]
    assert lists[0].keys.equals(lists[1].keys)
    assert lists[0].scores.equals(lists[1].scores)


def test_answers_from_the_reference_date_on_are_not_known_yet(listed, make_survey, calendar):
    survey = make_survey(("01", "2025-12-31", "nps", 3), ("02", "2026-01-01", "nps", 9))
    assert listed(TWELVE, survey=survey).measures.brand.dropna().to_dict() == {"01": 3.0}


def test_change_needs_24_months(listed):
    before = {"a": 70.0, "b": 10.0}
    long, short = (
        listed({"a": 90.0, "b": 10.0}, on=Calendar(first, dt.date(2026, 1, 1)), net_sales_before=before)
        for first in (dt.date(2024, 1, 1), dt.date(2024, 1, 2))
    )
    assert long.keys.growth_12m.tolist() == [20.0]
    assert short.keys.growth_12m.isna().all()


def test_nobody_and_nothing(listed, say_it):
    now = check(listed({"a": -5.0, "b": 0.0}))
    assert now.keys.empty and now.scores.empty
    found = who_is_key(now, RULES)
    assert say_it(found.sentence) == "There is no key client in the last 12 months."
    assert found.numbers == {"company_keys": 0, "key_clients": 0, "key_clients_flagged": 0, "sure": 0, "borderline": 0}
    assert (
        say_it(how_sure(now, RULES).absent) == "There is no list: nobody has net sales above 0 in the last 12 months."
    )
    assert say_it(score_breakdown(now).sentence) == "No customer is scored."
    tile = key_tile(now, what_changed(now, None, None, None), RULES)
    assert (tile.value, say_it(tile.absent)) == (None, "Nobody has net sales above 0 in the last 12 months.")
    assert CRITERIA.check(criteria(now, RULES).table).coverage.tolist() == [0.0] * 7


@pytest.mark.parametrize(
    ("sales", "rules", "sentence"),
    [
        ({"a": 9.0}, RULES, "1 client brings more than 10 % of net sales: Client a, 100 %."),
        (
            {"a": 60.0, "b": 35.0, "c": 5.0},
            KeyClients(min_share=0.3, weight_draws=9),
            "2 clients bring more than 30 % of net sales each: Client a and Client b, together 95.0 %.",
        ),
        (
            TWELVE,
            KeyClients(min_share=0.01, weight_draws=9),
            "12 clients bring more than 1 % of net sales each, together 100 %; the largest is Client 11.",
        ),
        (
            TWELVE,
            KeyClients(top_k=1, weight_draws=9),
            "Nobody passes 10 % of net sales (largest: Client 11, 8.8 %), so the only key client comes from "
            "the weighted score.",
        ),
        (
            # everybody equal, the tie by id: 1 of 20 is 5 %
            {f"{i:02}": 4.0 for i in range(20)},
            KeyClients(top_k=2, weight_draws=9),
            "Nobody passes 10 % of net sales (largest: Client 00, 5.0 %), so the 2 key clients come from the weighted "
            "score; 2 of them keep their place in at least 95 % of the weightings.",
        ),
    ],
)
def test_who_sentence(listed, say_it, sales, rules, sentence):
    assert say_it(who_is_key(listed(sales, rules=rules), rules).sentence) == sentence


def test_who_sentence_with_flags_alone(listed, make_assessment, say_it):
    now = listed({"a": 0.0, "b": -1.0}, make_assessment(a={"well_known": "yes"}))
    assert say_it(who_is_key(now, RULES).sentence) == (
        "Nobody has net sales above 0 in the last 12 months; an analyst's flag makes 1 customer key."
    )


def test_a_list_by_share_is_not_called_sure_by_weights(listed, say_it):
    # b is key by share; c orders and earns more, so the score may prefer it
    now = listed(
        {"a": 60.0, "b": 30.0, "c": 10.0, "d": 1.0},
        orders_12m={"c": 9, "a": 5, "d": 4},
        margin_12m={"a": 9.0, "b": 0.5, "c": 5.0, "d": 1.0},
    )
    assert now.keys.customer_id.tolist() == ["a", "b"]
    sure = int((now.keys.sureness == "sure").sum())
    assert say_it(how_sure(now, RULES).sentence) == (
        f"The list goes by share, whatever the weights; by the score alone {sure} of 2 would be sure of a place."
    )
    assert say_it(key_tile(now, what_changed(now, None, None, None), RULES).n) == "2 by share, 0 by an analyst's flag"


def test_tile_names_the_rule_in_force(listed, say_it):
    rules = KeyClients(min_share=0.25, top_k=7, weight_draws=9)
    now = listed(TWELVE, rules=rules)
    tile = key_tile(now, what_changed(now, None, None, None), rules)
    assert "above 25 %" in say_it(tile.definition) and "up to 7" in say_it(tile.definition)
    assert say_it(tile.n) == "7 by score, 0 by an analyst's flag"


def test_what_the_score_does_not_know(listed, say_it):
    texts = {say_it(caveat.head): say_it(caveat.text) for caveat in who_is_key(listed(TWELVE), RULES).caveats}
    assert texts["What the score does not know"] == (
        "No data for margin, growth potential, lifetime value, brand influence and strategic importance: their weight "
        "is spread over volume and frequency."
    )
    without = KeyClients(weights=Weights(margin=0, growth=0, lifetime=0, brand=0, strategic=0), weight_draws=9)
    heads = [say_it(caveat.head) for caveat in who_is_key(listed(TWELVE, rules=without), without).caveats]
    assert "What the score does not know" not in heads


def test_criteria_count_weight_and_data_apart(listed, say_it):
    rules = KeyClients(weights=Weights(frequency=0), weight_draws=9)
    found = criteria(listed(TWELVE, rules=rules), rules)
    assert say_it(found.sentence) == "Criteria with weight and data: 1 of 7."
    table = found.table.set_index("criterion")
    # frequency has data and no weight, margin has weight and no data
    assert table.loc["frequency", ["customers", "weight_used"]].tolist() == [12, 0]
    assert table.loc["margin", ["customers", "weight", "weight_used"]].tolist() == [0, 0.15, 0]
    assert found.numbers["weight_used.volume"] == 1


@pytest.mark.parametrize(
    ("sales", "sentence"),
    [
        ({"a": 1.0}, "Client a is the only customer with a score."),
        ({"a": 2.0, "b": 2.0}, "Client a and Client b share the highest score."),
        ({"a": 2.0, "b": 1.0}, "Client a leads the score with 91.7 %, Client b follows with 58.3 %."),
    ],
)
def test_leader_sentence(listed, say_it, sales, sentence):
    # volume .3 and frequency .15 remain, 2/3 and 1/3; nobody orders, so frequency is .75 for both of two:
    # 2/3 · 1 + 1/3 · .75 = .917; 2/3 · .5 + .25 = .583
    assert say_it(score_breakdown(listed(sales)).sentence) == sentence


def test_entered_left_stayed(listed, make_facts, say_it):
    sales_before = {"a": 60.0, "b": 30.0, "c": 8.0}
    now, before = listed({"a": 50.0, "b": 0.0, "c": 8.0, "d": 42.0}), listed(sales_before)
    facts, facts_before = make_facts({"a": 50.0, "b": 0.0, "c": 8.0, "d": 42.0}), make_facts(sales_before)
    found = what_changed(now, before, facts, facts_before)
    moves = KEY_CHANGES.check(found.table).set_index("customer_id").move.to_dict()
    assert moves == {"d": "entered", "b": "left", "a": "stayed"}
    assert found.numbers == {"keys_entered": 1, "keys_left": 1}
    assert say_it(found.sentence) == "Entered the list: 1; left it: 1; stayed: 1, by score up: 0, down: 0."
    assert np.isnan(found.table.rank_before[0]) and np.isnan(found.table.rank_now[1])
    # two sets from the same numbers: before + entered − left = now
    assert len(before.keys) + 1 - 1 == len(now.keys)


def test_an_unchanged_list_is_said_to_be_the_same(listed, make_facts, say_it):
    def changed(sales_before, sales):
        return what_changed(listed(sales), listed(sales_before), make_facts(sales), make_facts(sales_before))

    one = changed({"a": 90.0, "b": 5.0, "c": 5.0}, {"a": 80.0, "b": 10.0, "c": 10.0})  # 10 % of 100 is not above it
    assert say_it(one.sentence) == "The only key client is the same as then."
    two = changed({"a": 60.0, "b": 40.0}, {"a": 70.0, "b": 30.0})
    assert say_it(two.sentence) == "The 2 key clients are the same as then; by score up: 0, down: 0."


def test_a_change_of_rule_is_said(listed, make_facts, say_it):
    rules = KeyClients(top_k=2, weight_draws=9)
    now, before = listed(TWELVE, rules=rules), listed({"00": 9.0}, rules=rules)
    heads = [say_it(c.text) for c in what_changed(now, before, make_facts(TWELVE), make_facts({"00": 9.0})).caveats]
    assert "Then the list was made by share, now it is made by score." in heads


def test_nothing_to_compare_with(listed, say_it):
    found = what_changed(listed(TWELVE), None, None, None)
    assert say_it(found.absent) == "The data do not reach back 3 months."
    assert KEY_CHANGES.check(found.table).empty


def test_borderline_table_keeps_its_contract(listed):
    found = how_sure(listed(TWELVE, orders_12m={f"{i:02}": 12 - i for i in range(12)}), RULES)
    assert BORDERLINE.check(found.table).membership.is_monotonic_decreasing
