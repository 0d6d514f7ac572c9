"""The change of margin by price, cost, mix and volume: worked by hand, and an identity for whatever is sold."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.growth import margin_change
from kam_analysis.growth.margin import EFFECTS, MARGIN_CHANGE
from kam_analysis.money import exact
from tests.growth.conftest import AS_OF, CALENDAR

COLUMNS = ("sku", "qty", "cost")
NOW, THEN = 100, 500  # days before the reference date


@pytest.fixture
def explain(sell, place):
    def run(lines, calendar=CALENDAR):
        engine = sell(lines, *COLUMNS)
        found = margin_change(engine, place(*sorted({one for one, *_ in lines} or {"a"})), calendar)
        MARGIN_CHANGE.check(found.table)
        return found

    return run


def effects(found):
    return found.table[list(EFFECTS)].iloc[0].tolist()


def test_price_and_cost_of_the_same_quantity(explain):
    found = explain([("a", THEN, 100.0, "x", 10, 60.0), ("a", NOW, 110.0, "x", 10, 75.0)])
    assert effects(found) == [10.0, -15.0, 0.0, 0.0, 0.0]  # dearer by 1 and costlier by 1.50 apiece
    row = found.table.iloc[0]
    assert (row["squeeze"], row["margin_change"], row["is_hollow_growth"]) == (-5.0, -5.0, True)


def test_volume_and_mix(explain):
    """x at 10 and cost 6, y at 10 and cost 2: 10 of each, then 10 and 30; sales double, margin 120 becomes 280."""
    before = [("a", THEN, 100.0, "x", 10, 60.0), ("a", THEN, 100.0, "y", 10, 20.0)]
    after = [("a", NOW, 100.0, "x", 10, 60.0), ("a", NOW, 300.0, "y", 30, 60.0)]
    assert effects(explain(before + after)) == [0.0, 0.0, 40.0, 120.0, 0.0]


def test_new_and_dropped_items_are_mix_and_volume_not_price(explain):
    """100 of x with margin 40 becomes 100 of y with margin 10: the same volume, another mix."""
    found = explain([("a", THEN, 100.0, "x", 10, 60.0), ("a", NOW, 100.0, "y", 7, 90.0)])
    assert effects(found) == [0.0, 0.0, -30.0, 0.0, 0.0]


def test_what_no_quantity_explains_stands_apart(explain):
    lines = [
        ("a", THEN, 100.0, "x", 10, 60.0),
        ("a", NOW, 100.0, "x", 10, 60.0),
        ("a", NOW, 50.0, "x", None, 20.0),  # no quantity
        ("a", NOW, -10.0, "z", -1, -6.0),  # only a return
        ("a", NOW, 70.0, "y", 5, None),  # no cost: outside the identity
    ]
    found = explain(lines)
    assert effects(found) == [0.0, 0.0, 0.0, 0.0, 26.0]
    assert found.table["costed_after"].tolist() == [140.0]


def test_a_cost_above_the_price_is_a_negative_margin_not_an_error(explain):
    found = explain([("a", THEN, 100.0, "x", 10, 60.0), ("a", NOW, 100.0, "x", 10, 130.0)])
    assert found.table["margin_after"].tolist() == [-30.0]
    assert effects(found) == [0.0, -70.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("lines", "calendar"),
    [
        ([], CALENDAR),
        ([("a", NOW, 100.0, "x", 10, 60.0)], CALENDAR),  # nothing the year before
        ([("a", THEN, -100.0, "x", -10, -60.0), ("a", NOW, -5.0, "x", -1, -3.0)], CALENDAR),  # all returns
        ([("a", THEN, 100.0, "x", 10, None), ("a", NOW, 100.0, "x", 10, None)], CALENDAR),  # no cost
        ([("a", NOW, 100.0, "x", 10, 60.0)], Calendar(dt.date(2024, 1, 2), AS_OF)),  # a day under 24 months
    ],
)
def test_what_cannot_be_explained_says_so(explain, lines, calendar):
    found = explain(lines, calendar)
    assert found.absent is not None and found.numbers["margin.change"] is None


LINE = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from([NOW, THEN]),
    st.integers(-5_000, 90_000).map(lambda cents: cents / 100),
    st.sampled_from("xyz"),
    st.one_of(st.none(), st.integers(-3, 40)),
    st.one_of(st.none(), st.integers(-5_000, 90_000).map(lambda cents: cents / 100)),
)


@given(st.lists(LINE, max_size=14))
def test_the_effects_sum_to_the_change_to_the_cent(explain, lines):
    for _, row in explain(lines).table.iterrows():
        parts = exact([row[name] for name in EFFECTS]).sum()
        assert parts == exact([row["margin_change"]])[0]
        assert exact([row["squeeze"]])[0] == exact([row[name] for name in EFFECTS[:3]]).sum()


def test_a_second_road_to_mix(explain):
    """Mix = Σ q1·(p0 − k0) + margin of new items − old margin · volume index, for lines with all prices known."""
    before = [("a", THEN, 90.0, "x", 9, 50.0), ("a", THEN, 40.0, "y", 2, 10.0)]
    after = [("a", NOW, 66.0, "x", 6, 30.0), ("a", NOW, 63.0, "y", 3, 18.0), ("a", NOW, 20.0, "z", 1, 11.0)]
    at_old = 6 * 10 + 3 * 20 + 20
    at_old_margin = 6 * 40 / 9 + 3 * 15 + 9
    expected = at_old_margin - 70 * at_old / 130
    assert effects(explain(before + after))[2] == pytest.approx(expected, abs=0.001)
