"""Key at every level: the matrix, its marks, parent groups before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.shares import is_key_in_company, is_key_in_unit
from kam_analysis.key_clients import key_list, unit_keys
from kam_analysis.key_clients.key_places import places_of_clients, with_unit_sums
from kam_analysis.key_clients.tables import KEY_LEVELS, UNIT_KEYS
from kam_analysis.params import KeyClients
from kam_analysis.tables import ASSESSMENT, SURVEY

RULES = KeyClients(units=("manager", "department"), weight_draws=20)
MANY = {f"c{i}": 10.0 for i in range(9)}
COLUMNS = ["unit_column", "unit", "customer_id", "net_sales"]


def units_of(column="manager", **units):
    rows = [(column, unit, one, sales) for unit, part in units.items() for one, sales in part.items()]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"net_sales": "float64"})


@pytest.fixture
def placed(make_facts, calendar):
    def place(units, facts, assessment=None, rules=RULES):
        rated = ASSESSMENT.empty() if assessment is None else assessment
        keys = key_list(facts, rated, SURVEY.empty(), calendar, rules).keys
        matrix, levels = unit_keys(units, facts, keys, rules)
        UNIT_KEYS.check(matrix.table)
        KEY_LEVELS.check(levels.table)
        return matrix, levels

    return place


def in_units(matrix):
    table = matrix.table[matrix.table.unit_column != "company"]
    return table[["label", "unit", "n", "share"]].values.tolist()


def test_keys_of_units(placed, make_facts, say_it):
    units = units_of(Ana={"a": 110.0} | MANY, Bo={"b": 10.0} | MANY, Vera={"a": -1.0})
    matrix, levels = placed(units, make_facts({"a": 109.0, "b": 10.0} | MANY))
    # Ana: 110 of 200 is 55 %, above 2/10; Bo: ten equal customers, nobody; Vera: nobody above 0
    assert in_units(matrix) == [["Client a", "Ana", 10, 0.55]]
    assert say_it(matrix.sentence) == "Places where a client is key in a unit: 1, of 1 client."
    row = levels.table.set_index("unit_column").loc["manager"]
    # Vera sells nothing above 0 and is not counted as small
    assert (row.units, row.small, row.mono, row.places, row.clients) == (3, 0, 0, 1, 1)


def test_no_units_no_keys(placed, make_facts, say_it):
    matrix, levels = placed(units_of(), make_facts({}))
    assert matrix.table.empty and matrix.numbers == {"unit_key_pairs": 0}
    assert say_it(matrix.sentence) == "No client is key in any unit."
    assert levels.table.unit_column.tolist() == ["company"]
    assert say_it(levels.sentence) == "Adding up parent groups changes no number of key places."


def test_marks_of_units(placed, make_facts):
    units = units_of(Small={"a": 60.0, "b": 40.0}, Mono={"c": 5.0}, Giant={"d": 900.0} | MANY)
    facts = make_facts({"a": 60.0, "b": 40.0, "c": 5.0, "d": 900.0} | MANY)
    matrix, levels = placed(units, facts)
    marks = matrix.table[matrix.table.unit_column == "manager"].set_index("unit").mark
    # two customers are few; one alone, or 900 of 990 above 90 %, is mono-client
    assert marks.to_dict() == {"Giant": "mono", "Small": "small", "Mono": "mono"}
    row = levels.table.set_index("unit_column").loc["manager"]
    assert (row.small, row.mono) == (2, 2)


def test_the_companys_column_holds_its_key_list(placed, make_facts, make_assessment):
    facts = make_facts({"a": 90.0, "b": 9.0, "z": 0.0})
    matrix, _ = placed(units_of(Ana={"b": 9.0}), facts, make_assessment(z={"well_known": "yes"}))
    table = matrix.table
    company = table[table.unit_column == "company"]
    assert company.label.tolist() == ["Client a", "Client z"]
    assert company.mark.fillna("").tolist() == ["", "flag"]
    assert np.isnan(company.share.iloc[1])
    assert table.label.tolist() == ["Client a", "Client z", "Client b"]


def test_several_units_of_one_level(placed, make_facts):
    units = units_of(Ana={"a": 60.0} | MANY, Bo={"a": 95.0} | MANY, Vera={"a": 50.0} | MANY)
    matrix, _ = placed(units, make_facts({"a": 205.0} | MANY))
    here = matrix.table[matrix.table.unit_column == "manager"]
    # 95 of 185, 60 of 150, 50 of 140: the largest first, and how many more
    assert here.unit.tolist() == ["Bo", "Ana", "Vera"]
    assert here.more.fillna("").tolist() == ["+2", "", ""]


def test_namesakes_carry_their_ids(placed, make_facts):
    facts = make_facts({"a": 50.0, "b": 50.0}, customer_name={"a": "Bistro", "b": "Bistro"})
    matrix, _ = placed(units_of(Ana={"a": 60.0, "c": 1.0}, Bo={"b": 60.0, "c": 1.0}), facts)
    assert set(matrix.table.label) == {"Bistro (a)", "Bistro (b)"}


def test_a_group_that_is_key_only_together(placed, make_facts, say_it):
    sales = {"a": 14.0, "b": 14.0} | {f"d{i}": 8.0 for i in range(9)}
    facts = make_facts(sales | {f"x{i}": 20.0 for i in range(20)}, parent_id={"a": "H", "b": "H"})
    matrix, levels = placed(units_of(Ana=sales), facts)
    # alone 14 of 100 with n 11 is not above 2/11; together 28 of 100 with n 10 is above 2/10
    assert in_units(matrix) == [["Σ Client a +1 (H)", "Ana", 10, 0.28]]
    row = levels.table.set_index("unit_column").loc["manager"]
    assert (row.places, row.places_of_groups, row.groups) == (0, 1, 1)
    assert say_it(levels.sentence) == "Adding up parent groups changes the number of key places here: Manager."
    assert levels.numbers["manager.key_groups"] == 1


def test_a_group_is_left_out_where_its_client_is_key_alone(placed, make_facts):
    sales = {"a": 40.0, "b": 10.0} | MANY
    facts = make_facts(sales | {f"x{i}": 30.0 for i in range(20)}, parent_id={"a": "H", "b": "H"})
    matrix, _ = placed(units_of(Ana=sales), facts)
    assert [row[0] for row in in_units(matrix)] == ["Client a"]


def test_a_group_that_is_key_in_the_company(placed, make_facts):
    sales = {"a": 9.0, "b": 9.0} | {f"x{i:02}": 4.1 for i in range(20)}
    matrix, levels = placed(units_of(), make_facts(sales, parent_id={"a": "H", "b": "H"}), rules=RULES)
    groups = matrix.table[matrix.table.kind == "parent"]
    # 9 of 100 each, 18 together
    assert groups[["label", "unit_column", "share"]].values.tolist() == [["Σ Client a +1 (H)", "company", 0.18]]
    assert levels.table[["places", "places_of_groups"]].values.tolist() == [[0, 1]]


def test_without_parent_groups_it_is_said(placed, make_facts):
    _, levels = placed(units_of(), make_facts({"a": 1.0}))
    assert len(levels.caveats) == 1
    _, levels = placed(units_of(), make_facts({"a": 1.0}, parent_id={"a": "H"}))
    assert levels.caveats == []


@given(st.lists(st.integers(1, 100), min_size=1, max_size=30))
def test_strictly_above_ten_percent_allows_nine(sales):
    assert is_key_in_company(pd.Series(sales, dtype="float64"), 0.10).sum() <= 9


def test_nine_keys_are_possible_and_ten_at_exactly_ten_percent_are_none():
    assert is_key_in_company(pd.Series([11.0] * 9 + [1.0]), 0.10).sum() == 9
    assert is_key_in_company(pd.Series([10.0] * 10), 0.10).sum() == 0


def keys_in(units):
    found = places_of_clients(with_unit_sums(units), RULES)
    return found[["unit", "customer_id", "share"]].values.tolist()


def test_row_order_does_not_matter():
    units = units_of(Ana={"a": 60.0, "b": 60.0} | MANY)
    assert keys_in(units) == keys_in(units.sample(frac=1, random_state=5))
    assert [row[1] for row in keys_in(units)] == ["a", "b"]


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(-2, 30)), max_size=30))
def test_all_units_at_once_against_one_by_one(rows):
    units = pd.DataFrame(
        [("manager", unit, f"{place:02}", float(sales)) for place, (unit, sales) in enumerate(rows)], columns=COLUMNS
    ).astype({"net_sales": "float64"})
    expected = {
        (unit, one)
        for unit, part in units.groupby("unit")
        for one in part.customer_id[is_key_in_unit(part.net_sales, RULES.min_share)]
    }
    assert {(unit, one) for unit, one, _ in keys_in(units)} == expected
