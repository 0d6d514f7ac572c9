"""The key list under other thresholds, and when the criteria were last reviewed."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from kam_analysis.key_clients import criteria_review
from kam_analysis.key_clients.review import CRITERIA_REVIEW
from kam_analysis.params import KeyClients, VolumeThreshold

TWELVE = {f"{i:02}": 100.0 - i for i in range(12)}


@pytest.fixture
def reviewed(listed, make_facts, calendar):
    def review(sales, rules, assessment=None, units=()):
        now = listed(sales, units, assessment, rules=rules)
        bought = pd.DataFrame({"customer_id": list(sales), "volume": list(sales.values())}, dtype=object).astype(
            {"customer_id": "str", "volume": "float64"}
        )
        found = criteria_review(now, bought, make_facts(sales), calendar, rules)
        return found, CRITERIA_REVIEW.check(found.table).set_index(["threshold", "step"])

    return review


def test_key_share_a_fifth_lower_and_higher(reviewed, say_it):
    # 60, 11, 9 and 20 · 1 of 100: above 8 % three, above 10 % two, above 12 % one
    sales = {"a": 60.0, "b": 11.0, "c": 9.0} | {f"x{i:02}": 1.0 for i in range(20)}
    found, table = reviewed(sales, KeyClients(admit=("company",), weight_draws=20))
    low, high = table.loc[("min_share", -0.2)], table.loc[("min_share", 0.2)]
    assert (low.value_then, low.counted, low.counted_then, low.entered, low.enter) == (0.08, 2, 3, 1, "Client c")
    assert (high.value_then, high.counted_then, high.left, high.leave) == (0.12, 1, 1, "Client b")
    assert found.numbers["threshold_changes_that_move_keys"] == 2
    assert say_it(found.sentence) == (
        "Thresholds a fifth lower or higher, one at a time: 12 trials, 2 of them with another key list."
    )


def test_places_by_score_and_by_volume(reviewed):
    _, table = reviewed(TWELVE, KeyClients(admit=("score",), top_k=6, top_customers=1, weight_draws=20))
    # 6 · .8 = 4.8, five places; 6 · 1.2 = 7.2, seven
    assert table.loc[("top_k", -0.2), ["value_then", "counted_then", "left"]].tolist() == [5.0, 5, 1]
    assert table.loc[("top_k", 0.2), ["value_then", "counted_then", "entered"]].tolist() == [7.0, 7, 1]
    _, table = reviewed(TWELVE, KeyClients(admit=("volume",), weight_draws=20))
    assert table.loc[("top_volume", -0.2), ["value_then", "counted_then", "leave"]].tolist() == [4.0, 4, "Client 04"]
    # .5 · 12 six places; .4 · 12 = 4.8 five, .6 · 12 = 7.2 eight
    _, table = reviewed(TWELVE, KeyClients(admit=("score",), top_customers=0.5, weight_draws=20))
    assert table.loc["top_customers", "counted_then"].tolist() == [5, 8]


def test_a_rating_names_and_only_the_confirmed_are_key(reviewed, make_assessment):
    rated = make_assessment(
        **{
            "11": {"strategic": 4.0, "confirmed": "yes"},
            "10": {"strategic": 5.0, "confirmed": "yes"},
            "09": {"strategic": 5.0},
        }
    )
    _, table = reviewed(TWELVE, KeyClients(admit=("flag",), weight_draws=20), rated)
    assert table.loc[("strategic_from", -0.2), ["value_then", "counted", "enter"]].tolist() == [4.0, 1, "Client 11"]
    assert table.loc[("strategic_from", 0.2), ["value_then", "left", "leave"]].tolist() == [6.0, 1, "Client 10"]


def test_shares_and_sizes_of_units(reviewed):
    sales = {"a": 11.0, "b": 9.0} | {f"x{i:02}": 2.0 for i in range(40)}
    units = [("manager", "Ana", one, amount) for one, amount in sales.items()]
    # 11 and 9 of 100, 2/42 is lower: above 8 % two, above 10 % one, above 12 % none; the unit has 42 accounts
    _, table = reviewed(sales, KeyClients(admit=("manager",), small_unit=42, weight_draws=20), units=units)
    assert table.loc["min_share", ["counted", "counted_then"]].values.tolist() == [[1, 2], [1, 0]]
    assert table.loc["small_unit", ["value_then", "counted_then"]].values.tolist() == [[34.0, 1], [50.0, 0]]


def test_volume_in_money_and_as_a_part(reviewed):
    rules = KeyClients(volume_threshold=VolumeThreshold(measure="money", above=95.0), weight_draws=20)
    _, table = reviewed(TWELVE, rules)
    # above 95 five, above 76 all, above 114 none
    assert table.loc["volume_threshold", ["counted", "counted_then"]].values.tolist() == [[5, 12], [5, 0]]
    _, table = reviewed(TWELVE, KeyClients(volume_threshold=VolumeThreshold(above=0.9), weight_draws=20))
    assert table.loc[("volume_quantile", 0.2), "value_then"] == 1.0


def test_nothing_moves_a_clear_list(reviewed, say_it):
    found, _ = reviewed({"a": 60.0, "b": 39.0, "c": 1.0}, KeyClients(admit=("company",), weight_draws=20))
    assert say_it(found.sentence) == "No threshold a fifth lower or higher changes the key list."


def test_nobody(reviewed):
    _, table = reviewed({}, KeyClients(weight_draws=20))
    assert (table.counted == 0).all() and table.enter.isna().all()


@pytest.mark.parametrize(
    ("on", "said", "overdue"),
    [
        (None, "No review is on record (key_clients.criteria_reviewed_on); one every 12 months.", 1),
        ("2025-01-01", "The last review of 1 Jan 2025 is 12 months old or older: overdue.", 1),
        ("2025-01-02", "Last reviewed on 2 Jan 2025; due again on 2 Jan 2026.", 0),
    ],
)
def test_when_the_criteria_were_reviewed(reviewed, say_it, on, said, overdue):
    found, _ = reviewed({"a": 1.0}, KeyClients(criteria_reviewed_on=on, weight_draws=20))
    assert say_it(found.caveats[0].text) == said
    assert found.numbers["criteria_review_overdue"] == overdue


def test_a_number_is_no_date():
    with pytest.raises(ValidationError, match="should be a date"):
        KeyClients(criteria_reviewed_on=2025)
