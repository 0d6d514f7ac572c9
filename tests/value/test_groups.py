"""What each group is worth: the formula on the group's own buyers."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.classes import abc_classes
from kam_analysis.facts.lifetime_value import expected
from kam_analysis.params import Abc, Facts
from kam_analysis.value import what_is_each_group_worth

AS_OF, RULES = dt.date(2024, 1, 1), Facts()


@pytest.fixture
def facts(make_frames) -> pd.DataFrame:
    """Twelve large buyers of trade, ten small ones of steel, one of wood; all order three times."""
    sales = {f"t{n:02}": 900.0 for n in range(12)} | {f"s{n:02}": 40.0 for n in range(10)} | {"w": 40.0}
    days = ("2023-02-01", "2023-06-01", "2023-12-01")
    frame, _, _ = make_frames([(name, day, money) for name, money in sales.items() for day in days], AS_OF)
    industry = frame["customer_id"].str[0].map({"t": "trade", "s": "steel", "w": "wood"})
    return frame.assign(industry=industry.astype("str"))


def worth_of(facts):
    return what_is_each_group_worth(facts, abc_classes(facts, Abc()), RULES, Abc(), 10)


def test_a_group_has_the_formula_of_its_own_buyers(facts) -> None:
    found = worth_of(facts)
    rows = found.table[found.table["grouping"] == "industry"].set_index("group")
    assert rows.index.tolist() == ["trade", "steel", "wood"]
    for name in ("trade", "steel"):
        formula = expected(facts[facts["industry"] == name], RULES)
        assert formula is not None and formula.sales is not None
        assert rows.loc[name, "sales"] == pytest.approx(formula.sales)
        assert rows.loc[name, "sales_total"] == pytest.approx(formula.sales * rows.loc[name, "buyers"])
    assert rows.loc["trade", "sales_per_order"] == 900
    assert rows.loc["wood", "buyers"] == 1 and rows.loc["wood"].drop(["grouping", "buyers"]).isna().all()


def test_classes_come_first_and_a_class_too_small_has_no_number(facts) -> None:
    found = worth_of(facts)
    abc = found.table[found.table["grouping"] == "abc"].set_index("group")
    # 12·2700 of 33,720: the tenth begins at 72.1 %, the eleventh at 80.07 %, the small ones at 96.1 %
    assert abc["buyers"].to_dict() == {"A": 10, "B": 2, "C": 11}
    assert found.numbers["worth.abc.A"] > found.numbers["worth.abc.C"] > 0
    assert found.numbers["worth.abc.B"] is None and found.numbers["worth.abc.N"] is None
    assert found.sentence.values["a"] == found.numbers["worth.abc.A"]


def test_one_industry_is_no_grouping_and_nobody_is_not_measurable(facts) -> None:
    alike = facts.assign(industry="trade")
    assert set(worth_of(alike).table["grouping"]) == {"abc"}
    nobody = worth_of(facts.iloc[:0])
    assert nobody.absent is not None and nobody.numbers["worth.abc.A"] is None


def test_row_order_changes_nothing(facts) -> None:
    one, other = (worth_of(frame).table for frame in (facts, facts.iloc[::-1]))
    pd.testing.assert_frame_equal(one, other)
