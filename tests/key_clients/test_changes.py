"""What moved on the list, and what did it."""

from __future__ import annotations

import numpy as np
import pytest

from kam_analysis.key_clients import key_list, key_tile, what_changed
from kam_analysis.key_clients.tables import KEY_CHANGES
from kam_analysis.params import KeyClients, Weights
from kam_analysis.tables import ASSESSMENT, SURVEY

FLAT = Weights(volume=0.5, frequency=0.5, margin=0, growth=0, lifetime=0, brand=0, strategic=0)
RULES = KeyClients(weights=FLAT, top_k=2, weight_draws=20)
TWELVE = {f"{i:02}": 100.0 - i for i in range(12)}


@pytest.fixture
def changed(make_facts, calendar):
    def change(before, now, rules=RULES, rated=(None, None)):
        lists, frames = [], []
        for (sales, orders), assessment in zip((before, now), rated, strict=True):
            facts = make_facts(sales, orders_12m=orders)
            answers = ASSESSMENT.empty() if assessment is None else assessment
            frames.append(facts)
            lists.append(key_list(facts, answers, SURVEY.empty(), calendar, rules))
        found = what_changed(lists[1], lists[0], frames[1], frames[0])
        return KEY_CHANGES.check(found.table).set_index("customer_id")

    return change


def test_the_criterion_that_did_it(changed):
    # before 00 and 01 lead; then 05 orders most: orders 12/12 instead of 6.5/12, volume stays at 7/12 (rank 7 of 12)
    table = changed((TWELVE, {}), (TWELVE, {"05": 9}))
    # 01: volume 11/12 and orders 6.5/12, then 6/12: .5 · −.5/12; 05: .5 · 5.5/12
    # 05: (7 + 12)/24 and 00: (12 + 6)/24, so that 00 falls from the first place to the second
    assert table.move.to_dict() == {"05": "entered", "01": "left", "00": "down"}
    assert (table.cause["05"], table.cause["01"]) == ("frequency", "frequency")
    assert table.points_change["05"] == pytest.approx(0.5 * 5.5 / 12)
    assert table.points_change["01"] == pytest.approx(-0.5 * 0.5 / 12)


def test_a_list_by_another_rule_is_not_compared(make_facts, calendar, say_it):
    before, now = make_facts(TWELVE | {"00": 900.0}), make_facts(TWELVE)  # one above 10 %, then none
    lists = [key_list(facts, ASSESSMENT.empty(), SURVEY.empty(), calendar, RULES) for facts in (before, now)]
    moved = what_changed(lists[1], lists[0], now, before)
    tile = key_tile(lists[1], moved, RULES)
    assert say_it(tile.change) == "not compared: the list was made by another rule"
    same = key_tile(lists[1], what_changed(lists[1], lists[1], now, now), RULES)
    assert say_it(same.change) == "0 entered, 0 left"


def test_volume_did_it(changed):
    now = TWELVE | {"11": 99.5}
    # 11 climbs from the last to the second place by volume, orders are equal for all
    table = changed((TWELVE, {}), (now, {}))
    assert (table.move["11"], table.cause["11"]) == ("entered", "volume")
    assert (table.move["01"], table.cause["01"]) == ("left", "volume")
    assert (table.move["00"], table.points_change.isna()["00"]) == ("stayed", True)


def test_no_sales_before_or_any_more(changed):
    table = changed((TWELVE, {}), (TWELVE | {"00": 0.0, "99": 101.0}, {}))
    assert table.cause.to_dict()["99"] == "no_sales_before"
    assert table.cause.to_dict()["00"] == "no_sales_now"


def test_by_share_and_by_a_change_of_rule(changed):
    shares = {"a": 60.0, "b": 39.0, "c": 1.0}
    table = changed((shares, {}), ({"a": 60.0, "b": 5.0, "c": 39.0}, {}))
    assert table.cause[["b", "c"]].tolist() == ["share", "share"]
    # now nobody passes 10 %: a is off the list because its share fell, 00 and 01 are on it by another rule
    table = changed((TWELVE | {"a": 900.0}, {}), (TWELVE | {"a": 1.0}, {}))
    assert table.cause.to_dict() == {"00": "rule", "01": "rule", "a": "share"}
    # and back: 00 and 01 leave because the list goes by share again
    table = changed((TWELVE | {"a": 1.0}, {}), (TWELVE | {"a": 900.0}, {}))
    assert table.cause.to_dict() == {"a": "share", "00": "rule", "01": "rule"}


def test_by_an_analysts_flag(changed, make_assessment):
    rated = make_assessment(**{"11": {"well_known": "yes"}})
    assert changed((TWELVE, {}), (TWELVE, {}), rated=(None, rated)).cause["11"] == "flag"
    assert changed((TWELVE, {}), (TWELVE, {}), rated=(rated, None)).cause["11"] == "flag"


def test_others_moved(changed, make_assessment):
    # ranks of volume and of orders, 12 best: 11 has 6 and 6; 10 has 9 and 4, then 9 and 2, and falls behind 11, which
    # keeps its points; the others fill the places
    others = [f"{i:02}" for i in range(10)]

    def ranks(eleven, ten):
        free = [rank for rank in range(1, 13) if rank not in (eleven, ten)]
        return dict(zip(others, free, strict=True)) | {"10": ten, "11": eleven}

    sales = {one: 100.0 + rank for one, rank in ranks(6, 9).items()}
    rated = make_assessment(**{"11": {"well_known": "yes"}})
    table = changed((sales, ranks(6, 4)), (sales, ranks(6, 2)), rated=(rated, rated))
    assert (table.move["11"], table.cause["11"]) == ("up", "others")
    assert np.isnan(table.points_change["11"])


def test_demo_changes_name_a_cause(demo):
    from kam_analysis.facts.calendar import Calendar, add_months

    earlier = Calendar(demo.calendar.first_order_on, add_months(demo.calendar.as_of, -12))
    now = key_list(demo.customer_facts, demo.assessment, demo.survey, demo.calendar, demo.rules)
    before = key_list(demo.customer_facts_before, demo.assessment, demo.survey, earlier, demo.rules)
    table = what_changed(now, before, demo.customer_facts, demo.customer_facts_before).table
    assert table.cause[table.move != "stayed"].notna().all()
    assert table.cause[table.move == "stayed"].isna().all()
