"""Class A, B, C or N: limits in integers, one rule over months and over facts, what came later never counts."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.classes import abc_classes, classes_by_sum, classes_on, customer_classes, is_large, volume_limit
from kam_analysis.params import Abc, VolumeThreshold


def window(net_sales: dict[str, float], margin: dict[str, float] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": list(net_sales),
            "net_sales": list(net_sales.values()),
            "margin": [(margin or {}).get(name, np.nan) for name in net_sales],
        }
    )


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Abc(), {"a": "A", "b": "B", "c": "C", "n": "N"}),  # before b exactly 80 %, before c exactly 95 %
        (Abc(a_until=0.81), {"a": "A", "b": "A", "c": "C", "n": "N"}),
        (Abc(a_until=0.7), {"a": "A", "b": "B", "c": "C", "n": "N"}),
        (Abc(b_until=0.96), {"a": "A", "b": "B", "c": "B", "n": "N"}),
    ],
)
def test_classes_at_their_edges(rules, expected) -> None:
    assert abc_classes(window({"c": 5.0, "a": 80.0, "b": 15.0, "n": -1.0}), rules).to_dict() == expected


def test_a_single_giant_is_a_and_nobody_above_zero_is_n() -> None:
    assert abc_classes(window({"a": 7.0}), Abc()).tolist() == ["A"]
    assert abc_classes(window({"a": 0.0, "b": -1.0}), Abc()).tolist() == ["N", "N"]
    assert abc_classes(window({}), Abc()).empty


def test_equal_customers_are_ordered_by_id() -> None:
    # 50 of 100 before the second is below 80 %; with a limit of 50 % it is not, and the second is the later id
    assert abc_classes(window({"b": 50.0, "a": 50.0}), Abc(a_until=0.5)).to_dict() == {"a": "A", "b": "B"}


def test_by_margin_who_has_none_has_no_class() -> None:
    found = abc_classes(window({"a": 1.0, "b": 99.0}, {"a": 5.0}), Abc(value="margin"))
    assert found["a"] == "A" and pd.isna(found["b"])


@given(st.lists(st.integers(-5, 1000), max_size=12), st.sampled_from([0.5, 0.7, 0.8]))
def test_classes_against_fractions(values, until) -> None:
    rules = Abc(a_until=until)
    found = classes_by_sum(np.array(values, dtype=np.int64), rules)
    whole = sum(value for value in values if value > 0)
    ordered = sorted(range(len(values)), key=lambda at: (-values[at], at))
    before = 0
    for at in ordered:
        if values[at] <= 0:
            assert found[at] == "N"
            continue
        share = Fraction(before, whole)
        assert found[at] == ("A" if share < Fraction(str(until)) else "B" if share < Fraction("0.95") else "C")
        before += values[at]


MONTHS = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b", "late"],
        "month": pd.to_datetime(["2023-12-01", "2024-02-01", "2024-01-01", "2024-03-01"]),
        "net_sales": [30.0, 10.0, 9.0, 900.0],
        "margin": [1.0, np.nan, 8.0, 1.0],
    }
)


def test_what_is_dated_on_the_day_or_later_decides_nothing() -> None:
    march = dt.date(2024, 3, 1)
    assert classes_on(MONTHS, march, Abc()).to_dict() == {"a": "A", "b": "B"}  # before b 40/49 = 81.6 %
    assert classes_on(MONTHS, march, Abc(window_months=2)).to_dict() == {"a": "A", "b": "A"}  # before b 10/19
    assert classes_on(MONTHS, march, Abc(value="margin")).to_dict() == {"a": "B", "b": "A"}  # before a 8/9


def test_facts_and_months_give_the_same_class() -> None:
    """The two roads to a class: the sums of the facts, and those of the months."""
    facts = pd.DataFrame({"customer_id": ["b", "a"], "net_sales": [9.0, 40.0], "margin": [8.0, 1.0]})
    calendar = Calendar(dt.date(2023, 12, 1), dt.date(2024, 3, 1))
    for rules in (Abc(), Abc(value="margin"), Abc(a_until=0.9)):
        by_facts = customer_classes(facts, MONTHS, calendar, rules)
        assert by_facts.to_dict() == classes_on(MONTHS, calendar.as_of, rules).to_dict()
        assert by_facts.index.tolist() == ["b", "a"]


def test_who_has_no_line_in_the_window_is_worth_nothing_there() -> None:
    facts = pd.DataFrame({"customer_id": ["old", "a"], "net_sales": [9.0, 40.0], "margin": np.nan})
    calendar = Calendar(dt.date(2023, 1, 1), dt.date(2024, 3, 1))
    found = customer_classes(facts, MONTHS, calendar, Abc(window_months=3))
    assert found.to_dict() == {"old": "N", "a": "A"}


def test_exactly_the_volume_is_not_large() -> None:
    volumes = pd.Series([10.0, 20.0, 70.0])
    assert is_large(volumes, VolumeThreshold(measure="share", above=0.2)).tolist() == [False, False, True]
    assert is_large(volumes, VolumeThreshold(measure="money", above=20.0)).tolist() == [False, False, True]
    assert volume_limit(volumes, VolumeThreshold(above=0.6)) == 20.0  # two of three do not exceed 20
