"""Moves between two dates and the stability of the shares, by hand."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.segments.moves import (
    abc_moves,
    chance_shift,
    pairs_of_classes,
    rfm_moves,
    segment_shifts,
    stability_index,
)
from kam_analysis.vocabulary import AbcClass

NOW, THEN = Calendar(dt.date(2022, 1, 1), dt.date(2024, 1, 1)), Calendar(dt.date(2022, 1, 1), dt.date(2023, 1, 1))


def classed(column: str, **customers: str | tuple[str, float]) -> pd.DataFrame:
    """One customer per row: class, or class and net sales."""
    rows = [(name, *(value if isinstance(value, tuple) else (value, 1.0))) for name, value in customers.items()]
    return pd.DataFrame(rows, columns=["customer_id", column, "net_sales"])


def rfm(before: pd.DataFrame, now: pd.DataFrame, calendar_before: Calendar | None = THEN):
    return rfm_moves(now, before, NOW, calendar_before)


def test_falls_come_first_by_their_money_and_newcomers_are_in_no_row() -> None:
    before = classed("rfm_segment", a="champions", b="champions", c="loyal", d="lost", e="at_risk")
    now = classed(
        "rfm_segment", a=("champions", 9.0), b=("lost", 1.0), c=("at_risk", 5.0), d=("new", 2.0), e=("at_risk", 3.0),
        f=("new", 8.0),
    )  # fmt: skip
    found = rfm(before, now)
    assert found.table.values.tolist() == [
        ["loyal", "at_risk", 1, 1.0, 5.0],
        ["champions", "lost", 1, 0.5, 1.0],
        ["champions", "champions", 1, 0.5, 9.0],
        ["at_risk", "at_risk", 1, 1.0, 3.0],
        ["lost", "new", 1, 1.0, 2.0],
    ]
    assert found.numbers == {"rfm.moved_down": 2, "rfm.moved_up": 1, "rfm.champions_kept": 0.5}
    assert found.table["customers"].sum() == len(before)


def test_nobody_fell_and_nobody_was_a_champion() -> None:
    found = rfm(classed("rfm_segment", a="lost"), classed("rfm_segment", a="new"))
    assert found.numbers == {"rfm.moved_down": 0, "rfm.moved_up": 1, "rfm.champions_kept": None} | {
        "rfm.champions_kept_absent": "nobody was in the class then"
    }
    assert "Nobody fell" in found.sentence.template


@pytest.mark.parametrize("calendar_before", [None, THEN])
def test_without_an_earlier_date_or_buyer_then_moves_are_not_measurable(calendar_before: Calendar | None) -> None:
    nobody = classed("rfm_segment")
    found = rfm(nobody, classed("rfm_segment", a="new"), calendar_before)
    assert found.absent is not None and found.numbers["rfm.moved_down"] is None
    assert found.sentence is found.absent  # nothing is said of a move that could not be seen
    classes = abc_moves(classed("abc", a="A"), classed("abc"), NOW, calendar_before)
    assert classes.absent is not None and classes.numbers["abc.kept_a"] is None


def test_class_a_kept_fell_rose_and_new() -> None:
    before = classed("abc", a="A", b="A", c="A", d="B", e="C")
    now = classed("abc", a=("A", 5.0), b=("A", 4.0), c="N", d=("A", 3.0), e="C", f=("A", 7.0))
    found = abc_moves(now, before, NOW, THEN)
    assert found.numbers == {"abc.kept_a": 2 / 3, "abc.fell_from_a": 1, "abc.rose_to_a": 1, "abc.new_in_a": 1}
    sums = found.table.groupby("abc_before")["share"].sum(min_count=1)
    assert sums[["A", "B", "C"]].tolist() == pytest.approx([1, 1, 1]) and math.isnan(sums["N"])
    assert found.table.set_index(["abc_before", "abc"]).loc[("A", "A"), "net_sales"] == 9.0


def test_row_order_changes_no_move() -> None:
    random = np.random.default_rng(3)
    names = [f"c{n}" for n in range(200)]
    before, now = (classed("abc", **dict(zip(names, random.choice(list("ABC"), 200), strict=True))) for _ in range(2))
    shuffled = now.sample(frac=1, random_state=5)
    pd.testing.assert_frame_equal(
        pairs_of_classes(before, now, "abc", AbcClass), pairs_of_classes(before, shuffled, "abc", AbcClass)
    )


@given(st.lists(st.integers(0, 50), min_size=2, max_size=6), st.lists(st.integers(0, 50), min_size=6, max_size=6))
def test_the_index_is_never_negative_the_same_both_ways_and_0_for_equal_shares(one: list[int], two: list[int]) -> None:
    other = two[: len(one)]
    index = stability_index(one, other)
    if not sum(one) or not sum(other):
        assert index is None
        return
    assert index is not None and index >= 0
    assert stability_index(other, one) == pytest.approx(index)
    assert stability_index(one, one) == 0


def test_a_class_that_emptied_counts_half_a_customer() -> None:
    half = 0.5 / 10.5
    expected = (half - 0.5) * math.log(half / 0.5) + (10 / 10.5 - 0.5) * math.log(10 / 10.5 / 0.5)
    assert stability_index([5, 5], [0, 10]) == pytest.approx(expected)


def test_chance_gives_more_shift_with_few_customers() -> None:
    assert chance_shift(2, 10, 10) == pytest.approx(3.841459 / 5, rel=1e-6)
    assert chance_shift(1, 10, 10) == 0


def shifts(before: dict[str, int], now: dict[str, int]):
    def customers(column: str, counts: dict[str, int]) -> pd.DataFrame:
        names = [name for name, count in counts.items() for _ in range(count)]
        return pd.DataFrame({"customer_id": [str(n) for n in range(len(names))], column: names})

    columns = {"rfm": "rfm_segment", "abc": "abc", "xyz": "xyz", "ladder": "ladder", "life_cycle": "life_cycle"}
    made = [
        {key: customers(column, counts if key == "abc" else {}) for key, column in columns.items()}
        for counts in (now, before)
    ]
    return segment_shifts(*made, NOW, THEN)


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ({"A": 500, "B": 500}, {"A": 500, "B": 500}, "small"),
        ({"A": 500, "B": 500}, {"A": 600, "B": 400}, "small"),  # 0.1·ln 1.2 + 0.1·ln 1.25 = 0.041
        ({"A": 500, "B": 500}, {"A": 700, "B": 300}, "moderate"),  # 0.2·ln 1.4 + 0.2·ln(5/3) = 0.169
        ({"A": 500, "B": 500}, {"A": 800, "B": 200}, "large"),  # 0.3·ln 4 = 0.416
        ({"A": 5, "B": 5}, {"A": 8, "B": 2}, "small"),  # 0.416 too, and chance gives 0.768
    ],
)
def test_a_shift_counts_from_its_limit_and_beyond_chance(before, now, verdict: str) -> None:
    row = shifts(before, now).table.set_index("segmentation").loc["abc"]
    assert row["verdict"] == verdict


def test_a_segmentation_without_customers_has_no_index() -> None:
    found = shifts({"A": 5}, {"A": 5})
    row = found.table.set_index("segmentation").loc["rfm"]
    assert math.isnan(row["psi"]) and found.numbers["psi.rfm"] is None and found.numbers["psi.abc"] == 0
