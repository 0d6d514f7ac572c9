"""What the page says of the key list: levels, nominations, sureness, the score."""

from __future__ import annotations

import pytest

from kam_analysis.key_clients import (
    criteria,
    how_sure,
    key_loss_tile,
    key_tile,
    key_title,
    nominations,
    score_breakdown,
    what_changed,
    what_is_at_stake,
    who_is_key,
)
from kam_analysis.key_clients.criteria import CRITERIA
from kam_analysis.key_clients.key_accounts import BORDERLINE, weight_bases
from kam_analysis.params import KeyClients, Weights
from kam_analysis.tables import KEY_LIST, NOMINATIONS

RULES = KeyClients(weight_draws=20)
TWELVE = {f"{i:02}": 100.0 + i for i in range(12)}  # the largest has 111 of 1,266: 8.8 %


def test_levels_are_counted_and_the_groups_of_the_table_follow_them(listed, with_chances, say_it):
    # a has 60 of 105; c is among the first two by volume and by score; the first three by score
    rules = KeyClients(top_volume=2, admit=("company", "volume", "score"), weight_draws=20)
    sales = {"a": 60.0, "c": 9.0, "e": 8.0} | {f"x{i}": 4.0 for i in range(7)}
    now = listed(sales, rules=rules)
    found = who_is_key(now, with_chances(now), rules)
    KEY_LIST.check(found.table)
    assert found.table[["account_id", "level"]].values.tolist() == [["a", "company"], ["c", "volume"], ["e", "score"]]
    assert {name: value for name, value in found.numbers.items() if name.startswith("key_list.")} == {
        "key_list.total": 3,
        "key_list.company": 1,
        "key_list.department": 0,
        "key_list.manager": 0,
        "key_list.volume": 1,
        "key_list.score": 1,
        "key_list.flag": 0,
        "key_list.stopped": 0,
        "key_list.expected_loss": 0.0,
    }
    assert (found.numbers["key_clients"], found.numbers["company_keys"], found.numbers["nominations"]) == (3, 1, 0)
    assert say_it(found.sentence) == "Key accounts: 1 for the company, 1 by volume and 1 by score."
    assert say_it(key_title(now, found.table)) == "3 key accounts bring 73 % of net sales."
    assert say_it(what_is_at_stake(found.table)) == "No earlier day tells how many customers stay away."
    assert key_loss_tile(found.table).value is None


def test_who_stopped_is_said_first_with_its_part_of_the_loss(listed, with_chances, say_it):
    now = listed({"a": 60.0, "b": 30.0, "c": 10.0}, parent_id={"a": "H", "b": "H"})
    keys = with_chances(now, a=(0.02, 100.0), b=(0.1, 40.0), c=(0.95, 20.0)).set_index("account_id")
    # H: (.02 · 100 + .1 · 40)/2 = 3 of 140 · .5; c: .95 · 20 · .5
    assert keys.expected_loss.to_dict() == pytest.approx({"H": 3.0, "c": 9.5})
    assert keys.lost_chance.to_dict() == pytest.approx({"H": 3 / 70, "c": 0.95})
    assert (keys.is_stopped.to_dict(), keys.group_of["H"]) == ({"H": False, "c": True}, 2)
    found = who_is_key(now, keys.reset_index()[KEY_LIST.names], RULES)
    assert say_it(key_title(now, found.table)) == "2 key accounts bring 100 % of net sales; 1 has stopped ordering."
    assert (found.numbers["key_list.stopped"], found.numbers["key_list.expected_loss"]) == (1, 12.5)
    assert say_it(what_is_at_stake(found.table)) == ("Stopped: Client c; 9.50 of the expected loss of 12.50 is theirs.")
    assert say_it(key_loss_tile(found.table).n) == "stopped: 1"


def test_nobody_stopped(listed, with_chances, say_it):
    now = listed({"a": 9.0})
    keys = with_chances(now, a=(0.5, 2000.0))
    assert say_it(key_title(now, keys)) == ("1 key account brings 100 % of net sales; none has stopped ordering.")
    assert say_it(what_is_at_stake(keys)) == "Expected loss of the key accounts: 500."


def test_the_key_share_of_the_company_is_counted_whatever_admits(listed, with_chances):
    rules = KeyClients(admit=("score",), weight_draws=20)
    now = listed({"a": 60.0, "b": 40.0}, rules=rules)
    assert who_is_key(now, with_chances(now), rules).numbers["company_keys"] == 2


def test_nominations_stand_apart(listed, make_assessment, with_chances, say_it):
    rules = KeyClients(admit=("company", "flag"), weight_draws=20)
    rated = make_assessment(b={"well_known": "yes"}, c={"demanding": "yes", "confirmed": "no"})
    now = listed({"a": 90.0, "b": 9.0, "c": 1.0}, assessment=rated, rules=rules)
    found = nominations(now)
    assert NOMINATIONS.check(found.table)[["account_id", "flags", "state"]].values.tolist() == [
        ["b", "well_known", "open"],
        ["c", "demanding", "refused"],
    ]
    assert say_it(found.sentence) == (
        "2 accounts, together 10.0 % of net sales, are named by an analyst's flag only and count nowhere."
    )
    assert who_is_key(now, with_chances(now), rules).numbers["key_clients"] == 1
    assert say_it(nominations(listed({"a": 1.0})).sentence) == "No account is named by an analyst's flag alone."


def test_confirmed_and_refused_at_once_is_said(listed, make_assessment, with_chances, say_it):
    rated = make_assessment(a={"strategic": 5.0, "confirmed": "no"}, b={"confirmed": "yes"})
    now = listed({"a": 1.0, "b": 2.0} | TWELVE, assessment=rated, parent_id={"a": "H", "b": "H"})
    texts = [say_it(caveat.text) for caveat in who_is_key(now, with_chances(now), RULES).caveats]
    assert "Confirmed as key for one member and refused for another: Client b. One yes is enough." in texts


def test_without_parent_groups_it_is_said(listed, with_chances, say_it):
    alone, grouped = listed(TWELVE), listed(TWELVE, parent_id={"00": "H", "01": "H"})
    heads = [say_it(caveat.head) for caveat in who_is_key(alone, with_chances(alone), RULES).caveats]
    assert heads == ["Nothing to roll up"]
    assert not who_is_key(grouped, with_chances(grouped), RULES).caveats


def test_nobody_and_nothing(listed, with_chances, say_it):
    now = listed({"a": -5.0, "b": 0.0})
    found = who_is_key(now, with_chances(now), RULES)
    assert say_it(found.sentence) == "There is no key client in the last 12 months."
    assert set(found.numbers.values()) == {0}
    assert say_it(how_sure(now, RULES).absent) == "Nobody has net sales above 0 in the last 12 months."
    assert say_it(score_breakdown(now, RULES).sentence) == "No account is scored."
    tile = key_tile(now, what_changed(now, None))
    assert (tile.value, say_it(tile.absent)) == (None, "Nobody has net sales above 0 in the last 12 months.")
    assert CRITERIA.check(criteria(now, RULES).table).coverage.tolist() == [0.0] * 7


def test_how_sure_speaks_of_the_places_by_score(listed, say_it):
    rules = KeyClients(top_k=3, weight_draws=200)
    now = listed(TWELVE, rules=rules, orders_12m={f"{i:02}": 12 - i for i in range(12)})
    found = how_sure(now, rules)
    table = BORDERLINE.check(found.table)
    assert table.membership.is_monotonic_decreasing
    assert table.is_by_score.sum() == now.places == 3
    assert say_it(found.sentence).startswith("Sure places by score: ")


def test_how_sure_is_absent_where_the_score_admits_nobody(listed, say_it):
    rules = KeyClients(admit=("company", "volume"), weight_draws=20)
    found = how_sure(listed(TWELVE, rules=rules), rules)
    assert say_it(found.absent) == "The score admits nobody to the list (`key_clients.admit`)."


def test_tile(listed, say_it):
    now = listed({"a": 90.0, "b": 5.0, "c": 5.0}, rules=KeyClients(admit=("company",), weight_draws=20))
    tile = key_tile(now, what_changed(now, now))
    assert [say_it(text) for text in (tile.value, tile.n, tile.change)] == [
        "1",
        "90 % of net sales; of 3 accounts",
        "0 entered, 0 left",
    ]
    assert key_tile(now, what_changed(now, None)).change is None


def test_what_the_score_does_not_know(listed, say_it):
    found = score_breakdown(listed(TWELVE), RULES)
    texts = {say_it(caveat.head): say_it(caveat.text) for caveat in found.caveats}
    assert texts["What the score does not know"] == (
        "No data for margin, growth potential, lifetime value, brand influence and strategic importance: their weight "
        "is spread over volume and frequency."
    )
    without = KeyClients(weights=Weights(margin=0, growth=0, lifetime=0, brand=0, strategic=0), weight_draws=9)
    heads = [say_it(caveat.head) for caveat in score_breakdown(listed(TWELVE, rules=without), without).caveats]
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
        ({"a": 1.0}, "Client a is the only account with a score."),
        ({"a": 2.0, "b": 2.0}, "Client a and Client b share the highest score."),
        # volume .3 and frequency .15 remain, 2/3 and 1/3; nobody orders, so all have 1 for frequency; b is the smallest
        ({"a": 2.0, "b": 1.0}, "Client a leads the score with 100 %, Client b follows with 33.3 %."),
    ],
)
def test_leader_sentence(listed, say_it, sales, sentence):
    assert say_it(score_breakdown(listed(sales), RULES).sentence) == sentence


def test_points_add_up_to_the_score_and_rest_on_their_sources(listed, make_assessment, make_survey, say_it):
    rated = make_assessment(a={"strategic": 4.0, "brand": 3.0}, c={"strategic": 2.0, "potential": 5.0})
    answers = make_survey(("b", "2025-01-01", "nps", 8.0))
    now = listed(
        {"a": 70.0, "b": 20.0, "c": 10.0}, assessment=rated, survey=answers, orders_12m={"a": 1, "b": 2, "c": 5}
    )
    table = now.scores.set_index("account_id")
    points = table[[name for name in table.columns if name.endswith("_points")]]
    assert points.sum(axis=1).tolist() == pytest.approx(table.score.tolist())
    # .30 .15 .10 .10 .10 of .75 remain; a is the largest
    assert points.volume_points["a"] == pytest.approx(30 / 75)
    assert table.filled_in.fillna("").to_dict() == {"a": "growth", "b": "growth strategic", "c": "brand"}
    # brand is known of a, by rating, and of b, by its answer: half and half
    assert weight_bases(now).to_dict() == pytest.approx({"measured": 45 / 75, "survey": 5 / 75, "analyst": 25 / 75})
    assert say_it(score_breakdown(now, RULES).base).endswith(
        "Weight that rests on orders: 60 %, on the survey: 7 %, on the analyst's word: 33 %."
    )
