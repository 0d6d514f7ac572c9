"""Key at every level: the matrix, its marks, parent groups before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.facts.shares import is_key_in_company, is_key_in_unit
from kam_analysis.key_clients import key_levels, unit_keys
from kam_analysis.key_clients.key_client_matrix import KEY_LEVELS, UNIT_KEYS
from kam_analysis.params import KeyClients

RULES = KeyClients(units=("manager", "department"), admit=("company",), weight_draws=20)
MANY = {f"c{i}": 10.0 for i in range(9)}


def units_of(column="manager", **units):
    return [(column, unit, one, sales) for unit, part in units.items() for one, sales in part.items()]


@pytest.fixture
def placed(listed, sold_in):
    def place(units, facts, rules=RULES):
        now = listed(facts, units, rules=rules)
        matrix, levels = unit_keys(now, rules), key_levels(now, facts, sold_in(units), rules)
        UNIT_KEYS.check(matrix.table)
        KEY_LEVELS.check(levels.table)
        return matrix, levels

    return place


def in_units(matrix):
    table = matrix.table[matrix.table.unit_column != "company"]
    return table[["account_name", "unit", "n", "share"]].values.tolist()


def test_keys_of_units(placed, make_facts, say_it):
    units = units_of(Ana={"a": 110.0} | MANY, Bo={"b": 10.0} | MANY, Vera={"a": -1.0})
    matrix, levels = placed(units, make_facts({"a": 109.0, "b": 10.0} | MANY))
    # Ana: 110 of 200 is 55 %, above 2/10; Bo: ten equal accounts, nobody; Vera: nobody above 0
    assert in_units(matrix) == [["Client a", "Ana", 10, 0.55]]
    assert say_it(matrix.sentence) == "Units in which an account is key by share: 1, of 1 account."
    row = levels.table.set_index("unit_column").loc["manager"]
    # Vera sells nothing above 0 and is not counted as small
    assert (row.units, row.small, row.mono, row.places, row.accounts) == (3, 0, 0, 1, 1)


def test_no_units_no_keys(placed, make_facts, say_it):
    matrix, levels = placed(units_of(), make_facts({}))
    assert matrix.table.empty and matrix.numbers == {"unit_key_pairs": 0}
    assert say_it(matrix.sentence) == "No account is key in any unit."
    assert levels.table.unit_column.tolist() == ["company"]
    assert say_it(levels.sentence) == "Adding up parent groups changes no number of key places."


def test_marks_of_units(placed, make_facts):
    units = units_of(Small={"a": 60.0, "b": 40.0}, Mono={"c": 5.0}, Giant={"d": 900.0} | MANY)
    matrix, levels = placed(units, make_facts({"a": 60.0, "b": 40.0, "c": 5.0, "d": 900.0} | MANY))
    marks = matrix.table[matrix.table.unit_column == "manager"].set_index("unit").mark
    # two accounts are few; one alone, or 900 of 990 above 90 %, is mono-client
    assert marks.to_dict() == {"Giant": "mono", "Small": "small", "Mono": "mono"}
    row = levels.table.set_index("unit_column").loc["manager"]
    assert (row.small, row.mono) == (2, 2)


def test_the_companys_column_holds_the_key_list(placed, make_facts):
    matrix, _ = placed(units_of(Ana={"b": 9.0}), make_facts({"a": 90.0, "b": 9.0, "z": 0.0}))
    table = matrix.table
    assert table.account_name[table.unit_column == "company"].tolist() == ["Client a"]
    # b is key for Ana, whose unit is too small to put it on the list
    assert table.account_name.tolist() == ["Client a", "Client b"]


def test_several_units_of_one_level(placed, make_facts):
    units = units_of(Ana={"a": 60.0} | MANY, Bo={"a": 95.0} | MANY, Vera={"a": 50.0} | MANY)
    matrix, _ = placed(units, make_facts({"a": 205.0} | MANY))
    here = matrix.table[matrix.table.unit_column == "manager"]
    # 95 of 185, 60 of 150, 50 of 140: the largest first, and how many more
    assert here.unit.tolist() == ["Bo", "Ana", "Vera"]
    assert here.more.fillna("").tolist() == ["+2", "", ""]


def test_a_group_that_is_key_only_together(placed, make_facts, say_it):
    sales = {"a": 14.0, "b": 14.0} | {f"d{i}": 8.0 for i in range(9)}
    facts = make_facts(sales | {f"x{i}": 20.0 for i in range(20)}, parent_id={"a": "H", "b": "H"})
    matrix, levels = placed(units_of(Ana=sales), facts)
    # alone 14 of 100 with n 11 is not above 2/11; together 28 of 100 with n 10 is above 2/10
    assert in_units(matrix) == [["Client a", "Ana", 10, 0.28]]
    row = levels.table.set_index("unit_column").loc["manager"]
    assert (row.places_of_customers, row.places, row.accounts) == (0, 1, 1)
    assert say_it(levels.sentence) == "Adding up parent groups changes the number of key places here: Manager."
    assert levels.numbers["manager.key_groups"] == 1


def test_a_group_that_is_key_in_the_company(placed, make_facts):
    sales = {"a": 9.0, "b": 9.0} | {f"x{i:02}": 4.1 for i in range(20)}
    _, levels = placed(units_of(), make_facts(sales, parent_id={"a": "H", "b": "H"}))
    # 9 of 100 each, 18 together
    assert levels.table[["places_of_customers", "places"]].values.tolist() == [[0, 1]]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=30))
def test_strictly_above_ten_percent_allows_nine(sales):
    assert is_key_in_company(pd.Series(sales, dtype="float64"), 0.10).sum() <= 9


def test_nine_keys_are_possible_and_ten_at_exactly_ten_percent_are_none():
    assert is_key_in_company(pd.Series([11.0] * 9 + [1.0]), 0.10).sum() == 9
    assert is_key_in_company(pd.Series([10.0] * 10), 0.10).sum() == 0


@settings(max_examples=settings.default.max_examples // 4)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(-2, 30)), max_size=30))
def test_all_units_at_once_against_one_by_one(listed, rows):
    units = [("manager", unit, f"{place:02}", float(sales)) for place, (unit, sales) in enumerate(rows)]
    table = unit_keys(listed({one: sales for _, _, one, sales in units}, units, rules=RULES), RULES).table
    frame = pd.DataFrame(units, columns=["column", "unit", "one", "sales"]).astype({"sales": "float64"})
    expected = {
        (unit, one)
        for unit, part in frame.groupby("unit")
        for one in part.one[is_key_in_unit(part.sales, RULES.min_share)]
    }
    found = table[table.unit_column == "manager"]
    assert set(zip(found.unit, found.account_id, strict=True)) == expected
    assert np.isfinite(found.share).all()
