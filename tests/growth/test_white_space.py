"""White space: whom an account is compared with, the median of the others, the money, and what stays blank."""

from __future__ import annotations

import pandas as pd
import pytest

from kam_analysis.growth import branch_white_space, category_gaps, compared_accounts, offers, white_space
from kam_analysis.growth.white_space import BRANCH_WHITE_SPACE, OFFERS
from kam_analysis.params import Growth
from kam_analysis.tables import WHITE_SPACE
from tests.growth.conftest import CALENDAR

RULES = Growth(peers=3, order_days=2, least_overlap=0.0)
DAYS = (10, 20)


def bought(**mix):
    """Lines of customers who bought categories for so much, on two days."""
    return [
        (customer, ago, money / len(DAYS), category)
        for customer, sums in mix.items()
        for category, money in sums.items()
        for ago in DAYS
    ]


@pytest.fixture
def compare(sell, place):
    def run(mix, rules=RULES, more=(), **traits):
        engine = sell([*bought(**mix), *more], "category")
        accounts = place(*mix, **traits)
        gaps = category_gaps(engine, CALENDAR, rules)
        found = white_space(gaps, accounts, compared_accounts(engine), rules)
        WHITE_SPACE.check(found.table)
        OFFERS.check(offers(found, accounts).table)
        return found

    return run


FOUR = {  # shares of tea: 0, .1, .3, .2; the median of the three others of a is .2
    "a": {"paper": 1000},
    "b": {"paper": 90, "tea": 10},
    "c": {"paper": 70, "tea": 30},
    "d": {"paper": 80, "tea": 20},
}


def test_the_gap_is_the_median_share_of_the_others_times_own_sales(compare):
    found = compare(FOUR, industry=dict.fromkeys("abcd", "hotel"))
    row = found.table.set_index(["account_id", "category"]).loc[("a", "tea")]
    assert (row["peer_share"], row["gap"], row["peers"], row["buyers"]) == (0.2, 200.0, 3, 3)
    assert (row["kind"], row["likeness"]) == ("never", "industry")
    assert found.numbers["white_space.money"] == 200.0


def test_an_even_number_of_peers_has_the_mean_of_the_two_middle_shares(compare):
    five = FOUR | {"e": {"paper": 60, "tea": 40}}  # others of a: .1 .2 .3 .4
    found = compare(five, industry=dict.fromkeys("abcde", "hotel"))
    assert found.table.set_index("account_id").loc["a", "gap"] == pytest.approx(250.0)


def test_less_than_half_of_the_peers_share_is_a_gap_and_half_of_it_is_none(compare):
    mix = {one: {"paper": 80, "tea": 20} for one in "bcde"}
    below = {"a": {"paper": 901, "tea": 99}} | mix
    found = compare(below, industry=dict.fromkeys("abcde", "hotel"))
    assert found.table[["account_id", "kind", "gap", "net_sales"]].values.tolist() == [["a", "less", 101.0, 99.0]]
    assert compare({"a": {"paper": 900, "tea": 100}} | mix, industry=dict.fromkeys("abcde", "hotel")).table.empty


def test_what_was_bought_more_than_12_months_ago_is_told_apart(compare):
    found = compare(FOUR, more=[("a", 500, 40.0, "tea")], industry=dict.fromkeys("abcd", "hotel"))
    assert found.table["kind"].tolist() == ["before"]
    assert found.table["gap"].tolist() == [200.0]  # old sales are no part of the own sales


def test_the_narrowest_group_with_enough_others_serves(compare):
    mix = {one: {"paper": 80, "tea": 20} for one in "bcdefg"} | {"a": {"paper": 1000}}
    industry = dict.fromkeys("abcdefg", "hotel")
    size, region = dict.fromkeys("abcde", "large"), dict.fromkeys("abcd", "north")
    likeness = compare(mix, industry=industry, size=size, region=region).table.set_index("account_id")["likeness"]
    assert likeness["a"] == "industry_size_region"
    likeness = compare(mix, industry=industry, size=size, region=dict.fromkeys("abc", "north")).table
    assert likeness["likeness"].tolist() == ["industry_size"]
    assert compare(mix, industry=industry).table["likeness"].tolist() == ["industry"]
    assert compare(mix).table["likeness"].tolist() == ["main_category"]


def test_a_customer_alone_in_its_segment_is_compared_by_main_category_or_not_at_all(compare, say_it):
    found = compare(FOUR, industry={"a": "hotel", "b": "bank", "c": "school", "d": "office"})
    assert found.table["likeness"].tolist() == ["main_category"]
    nobody = compare({"a": {"paper": 1000}, "b": {"tea": 10}})
    assert say_it(nobody.absent).startswith("Not measurable: no 4 accounts of one industry or main category")
    assert nobody.numbers["white_space.money"] is None


def test_who_is_too_different_or_has_stopped_or_ordered_too_seldom_stays_blank(compare, sell, place):
    mix = FOUR | {"a": {"desks": 1000}}
    industry = dict.fromkeys("abcd", "hotel")
    apart = Growth(peers=3, order_days=2, least_overlap=0.5)
    assert "a" in compare(mix, industry=industry).table["account_id"].tolist()
    assert "a" not in compare(mix, rules=apart, industry=industry).table["account_id"].tolist()
    engine = sell(bought(**FOUR), "category")
    accounts = place(*FOUR, industry=industry)
    gaps = category_gaps(engine, CALENDAR, RULES)
    assert white_space(gaps, accounts.assign(is_stopped=accounts["account_id"] == "a"), 4, RULES).table.empty
    assert category_gaps(engine, CALENDAR, Growth(peers=3, order_days=3)).empty


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("a", 10, 5.0, None), ("a", 20, 5.0, None)],  # no line names a category
        [(one, ago, -5.0, "tea") for one in "abcd" for ago in DAYS],  # all returns
        [("a", ago, 5.0, "tea") for ago in DAYS],  # one customer
    ],
)
def test_without_anything_to_compare_it_says_so(sell, place, lines):
    engine = sell(lines, "category")
    accounts = place(*"abcd")
    gaps = category_gaps(engine, CALENDAR, RULES)
    found = white_space(gaps, accounts, compared_accounts(engine), RULES)
    assert found.absent is not None and found.table.empty
    assert offers(found, accounts).absent is found.absent


def test_with_one_category_nothing_is_missing(compare):
    assert compare({one: {"paper": 10} for one in "abcd"}).table.empty


def test_returns_of_a_category_make_no_negative_share(compare):
    mix = FOUR | {"a": {"paper": 1000, "tea": -30}}
    found = compare(mix, industry=dict.fromkeys("abcd", "hotel"))
    assert found.table["gap"].tolist() == [200.0]


def test_a_branch_is_priced_by_the_sisters_that_buy_the_category(sell, place):
    mix = {"x": {"paper": 50, "tea": 50}, "y": {"paper": 90, "tea": 10}, "z": {"paper": 400}}
    engine = sell(bought(**mix), "category")
    accounts = place(*mix, groups=dict.fromkeys("xyz", "H"))
    facts = pd.DataFrame({"customer_id": list("xyz"), "customer_name": list("XYZ"), "manager": "Ana"})
    found = branch_white_space(engine, accounts, facts, CALENDAR, RULES)
    BRANCH_WHITE_SPACE.check(found.table)
    row = found.table.iloc[0]
    assert len(found.table) == 1 and (row["customer_id"], row["category"], row["sisters"]) == ("z", "tea", 2)
    assert (row["sister_share"], row["sister_gap"]) == (0.3, 120.0)  # (50 + 10)/(100 + 100) · 400


def test_without_groups_branches_are_not_measurable(sell, place):
    engine = sell(bought(**FOUR), "category")
    facts = pd.DataFrame({"customer_id": list("abcd"), "customer_name": list("ABCD"), "manager": "Ana"})
    assert branch_white_space(engine, place(*FOUR), facts, CALENDAR, RULES).absent is not None
