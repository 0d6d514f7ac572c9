"""Retained share by segment and unit, frozen before the period; mix parted from rate; the planted paradox found."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import chance_of_difference, discoveries
from kam_analysis.facts.mix import mix_and_rate
from kam_analysis.params import Abc, Retention
from kam_analysis.retention import base_groups, common_period, mix_or_rate, stayed_by_segment, stayed_by_unit
from kam_analysis.retention.units import shares_of

CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 1))
MARCH = dt.date(2024, 2, 1)
RULES = Retention(min_cell=2)
UNITS = ("manager", "department", "country", "region", "channel")


def lines_in(engine, rows: list[tuple[str, str, float, str | None]]):
    """Order lines of (customer, day, net sales, manager) in the engine."""
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "net_sales", "manager"])
    frame = frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]), **dict.fromkeys(UNITS[1:]))
    engine.put("order_lines", frame.astype(dict.fromkeys(UNITS, "str")))
    return engine


def grouped(counts: dict[str, tuple[int, int]], grouping: str = "manager") -> pd.DataFrame:
    """Groups of (buyers, stayed) by unit, as `base_groups` gives them."""
    rows = [(unit, place < kept) for unit, (buyers, kept) in counts.items() for place in range(buyers)]
    return pd.DataFrame(rows, columns=["unit", "is_retained"]).assign(
        customer_id=[str(number) for number in range(len(rows))], grouping=grouping
    )


@pytest.fixture
def january(engine, make_frames, make_facts):
    """Three buyers of January; a and b order again in February."""
    lines = [
        ("a", "2024-01-02", 10.0, "Ana"),
        ("a", "2024-01-03", 30.0, "Bo"),
        ("a", "2024-02-05", 500.0, "Cy"),
        ("b", "2024-01-05", 50.0, "Ana"),
        ("b", "2024-02-06", 1.0, "Ana"),
        ("c", "2024-01-09", 5.0, None),
    ]
    orders, months = make_frames([line[:3] for line in lines])
    facts = make_facts({"a": {"industry": "hotel"}, "b": {"industry": "hotel"}, "c": {"industry": "office"}})
    return base_groups(lines_in(engine, lines), facts, orders, months, MARCH, 1, Abc())


def test_groups_are_those_before_the_period(january) -> None:
    found = january.set_index(["grouping", "customer_id"])["unit"]
    assert found["manager"].loc[["a", "b"]].tolist() == ["Bo", "Ana"]  # Cy came after the start
    assert pd.isna(found["manager", "c"])
    assert found["orders"].tolist() == ["two_orders", "one_order", "one_order"]
    # of 95 in January: b 50 (before it 0), a 40 (before it 52.6 %), c 5 (before it 94.7 % < 95 %) -> B
    assert found["abc"].tolist() == ["A", "A", "B"]
    assert found["industry"].tolist() == ["hotel", "hotel", "office"]
    assert set(january["grouping"]) == {"orders", "abc", "manager", "industry"}  # no department, country …


def test_ties_of_units_go_to_the_latest_line_then_to_the_name(engine, make_frames, make_facts) -> None:
    lines = [
        ("late", "2024-01-02", 5.0, "Bo"), ("late", "2024-01-09", 5.0, "Cy"),
        ("name", "2024-01-02", 5.0, "Bo"), ("name", "2024-01-02", 5.0, "Ana"),
    ]  # fmt: skip
    frames = make_frames([line[:3] for line in lines])
    found = base_groups(lines_in(engine, lines), make_facts({"late": {}, "name": {}}), *frames, MARCH, 1, Abc())
    assert found.loc[found["grouping"] == "manager", "unit"].tolist() == ["Cy", "Ana"]


def test_shares_by_hand_and_hidden_below_the_minimum(january) -> None:
    shares = shares_of(january, 2).set_index(["grouping", "unit"])
    assert shares.loc[("industry", "hotel"), ["buyers", "retained_buyers", "retained_share"]].tolist() == [2, 2, 1]
    assert shares.loc[("industry", "office"), "buyers"] == 1
    assert shares.loc[("industry", "office"), ["retained_buyers", "retained_share", "low", "high"]].isna().all()
    assert shares.loc[("orders", "one_order"), "retained_share"] == 0.5


def test_every_segment_stands_in_the_table_and_sums_to_the_base(january) -> None:
    found = stayed_by_segment(january, CALENDAR, RULES, Abc())
    assert len(found.table) == 7
    assert found.table.groupby("grouping")["buyers"].sum().tolist() == [3, 3]
    assert found.numbers["retained_share.one_order"] == 0.5
    assert found.numbers["retained_share.more_orders_absent"] == "fewer than 2 buyers"


def test_a_unit_that_keeps_fewer_stands_out_only_beyond_chance() -> None:
    groups = grouped({"Ana": (40, 38), "Bo": (40, 36), "Cy": (40, 12), "Di": (1, 0)})
    table = stayed_by_unit(groups, CALENDAR, Retention(min_cell=10)).table.set_index("unit")
    assert table["verdict"].to_dict() == {"Cy": "below", "Bo": "above", "Ana": "above", "Di": "hidden"}
    even = stayed_by_unit(grouped({"Ana": (40, 30), "Bo": (40, 27)}), CALENDAR, RULES)
    assert even.numbers == {"units.compared": 2, "units.below": 0, "units.above": 0}


def test_chance_of_a_difference_counts_the_ways_to_draw() -> None:
    stayed = [1, 1, 1, 1, 0, 0, 0]  # 4 of 7 stay; a unit of 3 kept 1
    drawn = [sum(chosen) for chosen in combinations(stayed, 3)]
    few, many = sum(n <= 1 for n in drawn) / len(drawn), sum(n >= 1 for n in drawn) / len(drawn)
    assert chance_of_difference(1, 3, 4, 7) == pytest.approx(min(1, 2 * min(few, many)))
    assert chance_of_difference(3, 3, 3, 3) == 1


def test_discoveries_by_hand() -> None:
    # m = 4: 0.012 ≤ 0.0125, 0.02 ≤ 0.025, 0.2 > 0.0375, 0.04 ≤ 0.05 is no longer reached because 0.2 ranks last
    assert discoveries([0.2, 0.012, 0.02, 0.04]).tolist() == [False, True, True, False]
    assert discoveries([0.05, 0.05]).tolist() == [True, True]  # the second limit carries the first
    assert discoveries([]).tolist() == []


def test_simpsons_paradox_is_found_when_planted() -> None:
    # then: 90 of 100 small 50 %, 10 large 90 % -> 54 %; now: 20 small 45 %, 80 large 85 % -> 77 %
    before, now = grouped({"small": (90, 45), "large": (10, 9)}), grouped({"small": (20, 9), "large": (80, 68)})
    found = mix_or_rate(now, before, 1, CALENDAR, Retention())
    row = found.table.iloc[0]
    assert row["is_reversed"] and found.caveats
    # mix: (0.2 − 0.9)·0.475 + (0.8 − 0.1)·0.875 = 0.28; rate: −0.05·0.55 − 0.05·0.45 = −0.05
    assert (row["change"], row["mix_effect"], row["rate_effect"]) == (
        pytest.approx(0.23), pytest.approx(0.28), pytest.approx(-0.05),
    )  # fmt: skip
    assert found.numbers["mix.manager"] == pytest.approx(0.28)
    assert mix_or_rate(before, now, 1, CALENDAR, Retention()).table["is_reversed"].all()  # the other way round


def test_no_paradox_where_one_group_moves_with_the_total_or_stands_alone() -> None:
    before = grouped({"small": (90, 45), "large": (10, 9)})
    assert not mix_or_rate(grouped({"small": (20, 11), "large": (80, 68)}), before, 1, CALENDAR, Retention()).caveats
    alone = mix_or_rate(grouped({"all": (10, 9)}), grouped({"all": (10, 5)}), 1, CALENDAR, Retention()).table.iloc[0]
    assert not alone["is_reversed"]
    assert (alone["mix_effect"], alone["rate_effect"]) == (0, pytest.approx(0.4))


COUNTS = st.dictionaries(
    st.sampled_from("abcd"),
    st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=1,
)


@given(COUNTS, COUNTS)
def test_mix_and_rate_sum_to_the_change(now: dict, before: dict) -> None:
    frames = [pd.DataFrame(counts, index=["buyers", "kept"]).T for counts in (now, before)]
    share, was = (frame["kept"].sum() / frame["buyers"].sum() for frame in frames)
    assert sum(mix_and_rate(*frames)) == pytest.approx(share - was, abs=1e-12)
    assert mix_and_rate(frames[0], frames[0]) == (pytest.approx(0), pytest.approx(0))


def test_without_an_earlier_period_there_is_a_reason() -> None:
    assert common_period(CALENDAR, None, None) is None
    assert mix_or_rate(None, None, None, CALENDAR, RULES).absent is not None
    short = Calendar(dt.date(2024, 1, 1), dt.date(2024, 1, 9))
    assert stayed_by_segment(None, short, RULES, Abc()).absent is not None
    assert stayed_by_unit(None, short, RULES).absent is not None
    only_orders = grouped({"one_order": (3, 1)}, "orders")
    assert "manager" in stayed_by_unit(only_orders, CALENDAR, RULES).absent.template


def test_row_order_does_not_matter(january) -> None:
    turned = january[::-1].reset_index(drop=True)
    for table in (
        lambda groups: stayed_by_segment(groups, CALENDAR, RULES, Abc()).table,
        lambda groups: stayed_by_unit(groups, CALENDAR, RULES).table,
    ):
        pd.testing.assert_frame_equal(table(turned), table(january))
