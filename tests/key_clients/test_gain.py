"""What a return or growth would bring: the mirror of a loss."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.key_clients import client_gain
from kam_analysis.key_clients.gain import CLIENT_GAIN, gain_of
from kam_analysis.key_clients.loss import book_of, loss_of
from kam_analysis.key_clients.shares import concentration_of
from kam_analysis.key_clients.supplies import Supply
from kam_analysis.params import KeyClients
from kam_analysis.tables import ASSESSMENT

RULES = KeyClients()


@pytest.fixture
def gains(listed):
    def find(facts, calendar, assessment=None, supplies=()):
        rated = ASSESSMENT.empty() if assessment is None else assessment
        found = client_gain(facts, listed(facts, assessment=rated, on=calendar), rated, supplies, calendar, RULES)
        CLIENT_GAIN.check(found.table)
        return found

    return find


def test_five_million_a_month_could_be_fifteen(gains, make_facts, make_assessment, calendar, say_it):
    # article C: a client of 5 million a month could buy 15 to 20; here 60 of 200 a year grow to 180
    facts = make_facts({"a": 60.0, "b": 140.0}, margin={"a": 25.0}, margin_base={"a": 100.0})
    found = gains(facts, calendar, make_assessment(a={"potential": 180.0}, b={"potential": 140.0}))
    (row,) = found.table.itertuples()
    assert (row.gain, row.net_sales_now, row.net_sales_gained) == ("grows", 60.0, 120.0)
    # at the own 25 %; 180 of 320 is 56 %: growth makes the company critically dependent
    assert (row.margin_gained, row.share_after, row.band_after) == (30.0, 0.5625, "critical")
    assert row.hhi_after == pytest.approx((180**2 + 140**2) / 320**2)
    assert say_it(found.sentence) == "Client a could buy 120 a year more by the analyst's potential."


def test_return_to_the_year_before(gains, make_facts, calendar, say_it):
    facts = make_facts(
        {"a": 60.0, "b": 0.0, "c": -5.0, "d": 0.0},
        net_sales_before={"a": 90.0, "b": 30.0, "c": 10.0, "d": 0.0},
    )
    found = gains(facts, calendar)
    # a still buys, d never did; c's return of 5 is not counted against it
    assert found.table[["name", "customers", "net_sales_gained"]].fillna("all").values.tolist() == [
        ["Client b", 1, 30.0],
        ["Client c", 1, 10.0],
        ["all", 2, 40.0],
    ]
    assert found.table.share_after.tolist() == pytest.approx([30 / 90, 10 / 70, 40 / 100])
    assert say_it(found.sentence) == (
        "2 clients of the year before bought nothing in the last 12 months; the return of all would bring 40 a year."
    )
    assert found.numbers == {"comes_back_net_sales": 40.0}
    assert "no potential" in say_it(found.caveats[0].text)


def test_less_than_two_years_know_no_return(gains, make_facts, make_assessment, say_it):
    facts = make_facts({"a": 60.0, "b": 0.0}, net_sales_before={"b": 30.0})
    short = Calendar(dt.date(2024, 1, 2), dt.date(2026, 1, 1))
    assert gains(facts, short).absent is not None
    found = gains(facts, short, make_assessment(a={"potential": 61.0}))
    assert "less than 24 months" in say_it(found.caveats[0].text)


def test_return_wins_a_tier(gains, make_facts, calendar):
    bought = pd.DataFrame(
        {"volume": [80.0, 0.0], "cost": [80.0, 0.0], "volume_before": [0.0, 20.0], "cost_before": [0.0, 20.0]},
        index=["a", "b"],
    )
    supply = Supply("S", pd.DataFrame({"tier_from": [100.0], "discount": [0.1]}), bought)
    facts = make_facts({"a": 100.0, "b": 0.0}, net_sales_before={"b": 25.0})
    # 80 + 20 reach the tier: 10 % of what a buys
    assert gains(facts, calendar, supplies=[supply]).table.discount_gained.tolist() == pytest.approx([8.0])
    assert np.isnan(gains(facts, calendar).table.discount_gained).all()


def test_growth_buys_more_of_the_same(gains, make_facts, make_assessment, calendar):
    bought = pd.DataFrame(
        {"volume": [50.0, 40.0], "cost": [50.0, 40.0], "volume_before": 0.0, "cost_before": 0.0}, index=["a", "b"]
    )
    supply = Supply("S", pd.DataFrame({"tier_from": [100.0], "discount": [0.1]}), bought)
    facts = make_facts({"a": 100.0, "b": 80.0})
    # a doubles its sales and its purchases: 100 + 40 reach the tier, on the 90 bought before
    found = gains(facts, calendar, make_assessment(a={"potential": 200.0}), [supply])
    assert found.table.discount_gained.tolist() == pytest.approx([9.0])


def test_nothing_to_gain(gains, make_facts, calendar, say_it):
    found = gains(make_facts({"a": 60.0}), calendar)
    assert say_it(found.absent) == (
        "There is nothing to imagine. Not estimated: growth (the source holds no potential of an analyst)."
    )


def test_everybody_still_buys_all_they_could(gains, make_facts, make_assessment, calendar, say_it):
    # exactly the potential is nothing to gain
    found = gains(make_facts({"a": 60.0}), calendar, make_assessment(a={"potential": 60.0}))
    assert say_it(found.absent) == (
        "Every buyer of the year before still buys, and no potential is above what is bought."
    )


def test_a_group_comes_back_only_when_all_of_it_is_gone(gains, make_facts, calendar):
    # b is gone, but its group still buys; the group of d and e is gone as a whole
    facts = make_facts(
        {"a": 60.0, "b": 0.0, "d": 0.0, "e": 0.0},
        net_sales_before={"b": 30.0, "d": 4.0, "e": 5.0},
        parent_id={"a": "G", "b": "G", "d": "H", "e": "H"},
    )
    assert gains(facts, calendar).table[["name", "net_sales_gained"]].values.tolist() == [["Client d", 9.0]]


def test_a_group_grows_by_its_rated_members(gains, make_facts, make_assessment, calendar):
    # 60 could be 100, 20 has no rating and stays: 120 instead of 80
    facts = make_facts({"a": 60.0, "b": 20.0}, parent_id={"a": "G", "b": "G"})
    found = gains(facts, calendar, make_assessment(a={"potential": 100.0}))
    assert found.table[["net_sales_now", "net_sales_after"]].values.tolist() == [[80.0, 120.0]]


@settings(max_examples=settings.default.max_examples // 10)
@given(st.lists(st.integers(1, 90_000), min_size=2, max_size=12), st.data())
def test_a_gain_undoes_a_loss(chosen, cents, data):
    sales = {f"{i:02}": cent / 100 for i, cent in enumerate(cents)}
    gone = sorted(data.draw(st.sets(st.sampled_from(sorted(sales)), min_size=1)))
    lost = loss_of(gone, book_of(chosen(sales).accounts), [], RULES)
    without = book_of(chosen({one: amount for one, amount in sales.items() if one not in gone}).accounts)
    back = gain_of({one: round(sales[one] * 10_000) for one in gone}, without, {}, np.nan, RULES)
    whole = concentration_of(list(sales.values()))
    assert back["net_sales_gained"] == lost["net_sales_lost"]
    assert back["largest_share_after"] == whole.cr1
    assert back["hhi_after"] == pytest.approx(whole.hhi)
    assert back["share_after"] == pytest.approx(lost["share_lost"])
