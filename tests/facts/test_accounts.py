"""Accounts: exact sums over members, one name, one manager."""

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.accounts import accounts, unit_accounts, unit_customers
from kam_analysis.tables import ACCOUNTS, ORDER_LINES

NO_UNITS = pd.DataFrame({"unit_column": [], "unit": [], "customer_id": [], "net_sales": [], "last_line_on": []}).astype(
    {
        "unit_column": "str",
        "unit": "str",
        "customer_id": "str",
        "net_sales": "float64",
        "last_line_on": "datetime64[us]",
    }
)


def sold(*rows):
    """Rows of unit_customers: unit column, unit, customer, net sales, day of the latest line."""
    frame = pd.DataFrame(rows, columns=NO_UNITS.columns)
    return frame.astype(NO_UNITS.dtypes)


def account(facts, units=NO_UNITS):
    found = ACCOUNTS.check(accounts(facts, units))
    return found.set_index("account_id")


def test_a_group_is_one_account_with_the_exact_sum_of_all_members(make_facts):
    # 0.1 + 0.2 − 0.3 is exactly 0, so the account has no share although two members are above 0
    found = account(make_facts({"a": 0.1, "b": 0.2, "c": -0.3, "d": 5.0}, parent_id=dict.fromkeys("abc", "H")))
    assert found.net_sales_12m.to_dict() == {"H": 0.0, "d": 5.0}
    assert found.members.to_dict() == {"H": 3, "d": 1}
    assert found.share_12m.isna().to_dict() == {"H": True, "d": False}


def test_the_holding_itself_is_a_member_of_its_group(make_facts):
    found = account(make_facts({"H": 1.0, "a": 9.0}, parent_id={"a": "H"}))
    assert found[["account_name", "members", "net_sales_12m"]].values.tolist() == [["Client a", 2, 10.0]]


def test_the_name_is_the_largest_members_of_twelve_months_ties_by_id(make_facts):
    found = account(make_facts({"b": 4.0, "a": 4.0, "c": 3.0}, parent_id=dict.fromkeys("abc", "H")))
    assert found.account_name.tolist() == ["Client a"]


def test_orders_are_summed_and_the_latest_order_counts(make_facts):
    facts = make_facts(
        {"a": 1.0, "b": 2.0}, parent_id=dict.fromkeys("ab", "H"), orders_12m={"a": 3, "b": 4}, recency_days={"a": 70.0}
    )
    assert account(facts)[["orders_12m", "recency_days"]].values.tolist() == [[7, 70.0]]


def test_margin_and_lifetime_value_are_those_of_the_members_who_have_one(make_facts):
    facts = make_facts(
        {"a": 1.0, "b": 2.0, "c": 3.0},
        parent_id=dict.fromkeys("ab", "H"),
        margin_12m={"a": 0.4},
        formula_ltv={"b": 6.0},
    )
    found = account(facts)
    assert found.margin_12m.dropna().to_dict() == {"H": 0.4}
    assert found.formula_ltv.dropna().to_dict() == {"H": 6.0}


def test_one_manager_an_account_by_its_exact_sales_over_all_members(make_facts):
    facts = make_facts({"a": 6.0, "b": 5.0}, parent_id=dict.fromkeys("ab", "H"), manager={"a": "Ana", "b": "Bo"})
    units = sold(
        ("manager", "Ana", "a", 6.0, "2025-06-01"),
        ("manager", "Bo", "a", 2.0, "2025-06-01"),
        ("manager", "Bo", "b", 5.0, "2025-06-01"),
    )
    assert account(facts, units)[["manager", "managers"]].values.tolist() == [["Bo", 2]]


@pytest.mark.parametrize(
    ("ana_on", "bo_on", "manager"),
    [("2025-06-01", "2025-06-02", "Bo"), ("2025-06-01", "2025-06-01", "Ana")],
    ids=["the latest line decides", "then the name"],
)
def test_ties_between_managers(make_facts, ana_on, bo_on, manager):
    units = sold(("manager", "Bo", "a", 5.0, bo_on), ("manager", "Ana", "a", 5.0, ana_on))
    assert account(make_facts({"a": 10.0}), units).manager.tolist() == [manager]


def test_without_a_manager_on_the_lines_the_named_members_own_one(make_facts):
    facts = make_facts({"a": 6.0, "b": 7.0}, parent_id=dict.fromkeys("ab", "H"), manager={"a": "Ana", "b": "Bo"})
    found = account(facts)
    assert found[["manager", "managers"]].values.tolist() == [["Bo", 0]]


def test_a_manager_renamed_in_mid_year_leaves_one_manager_per_account(make_facts):
    # the same person under two names: each account has one, so no account counts twice in a load
    units = sold(
        ("manager", "Ana P.", "a", 6.0, "2025-06-01"),
        ("manager", "Ana Petrovska", "a", 5.0, "2025-12-01"),
        ("manager", "Ana P.", "b", 1.0, "2025-06-01"),
        ("manager", "Ana Petrovska", "b", 5.0, "2025-12-01"),
    )
    found = account(make_facts({"a": 11.0, "b": 6.0}), units)
    assert found.manager.to_dict() == {"a": "Ana P.", "b": "Ana Petrovska"}
    assert found.managers.to_dict() == {"a": 2, "b": 2}


def test_accounts_do_not_depend_on_the_order_of_the_rows(make_facts):
    facts = make_facts({one: float(place % 3) for place, one in enumerate("hgfedcba")}, parent_id={"a": "H", "d": "H"})
    assert account(facts).equals(account(facts.iloc[::-1].reset_index(drop=True)))


def test_sums_in_a_unit_are_those_of_the_lines_that_carry_its_value(make_facts):
    facts = make_facts({"a": 9.0, "b": -1.0}, parent_id=dict.fromkeys("ab", "H"))
    units = sold(("country", "MK", "a", 9.0, "2025-01-02"), ("country", "MK", "b", -1.0, "2025-01-03"))
    found = unit_accounts(units, facts)
    assert found[["account_id", "exact", "last_line_on"]].values.tolist() == [["H", 80_000, pd.Timestamp("2025-01-03")]]


def test_equal_units_stand_by_column_name_and_account(make_facts):
    places = [("manager", "Bo", "b"), ("manager", "Bo", "a"), ("manager", "Ana", "a"), ("country", "MK", "b")]
    units = sold(*((column, unit, one, 5.0, "2025-01-02") for column, unit, one in places))
    found = unit_accounts(units, make_facts({"a": 10.0, "b": 10.0}))
    assert found[["unit_column", "unit", "account_id"]].values.tolist() == [
        ["country", "MK", "b"],
        ["manager", "Ana", "a"],
        ["manager", "Bo", "a"],
        ["manager", "Bo", "b"],
    ]


def test_unit_sales_are_those_of_the_twelve_months_before_the_date(engine):
    empty = dict.fromkeys(ORDER_LINES.names) | {"file": "a.csv", "row": 1, "is_service": False, "customer_id": "1"}
    days = {"2023-12-31": 1.0, "2024-01-01": 2.0, "2024-12-31": 4.0, "2025-01-01": 8.0}
    rows = [
        empty | {"line_no": n, "ordered_on": day, "net_sales": net, "manager": "Ana", "region": "East"}
        for n, (day, net) in enumerate(days.items(), 1)
    ]
    engine.put("order_lines", pd.DataFrame(rows), ORDER_LINES)
    found = unit_customers(engine, dt.date(2025, 1, 1), ("region",))
    assert found[["unit_column", "unit", "net_sales"]].values.tolist() == [
        ["manager", "Ana", 6.0],
        ["region", "East", 6.0],
    ]
