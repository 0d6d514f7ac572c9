"""The key list: every reason at its edge, levels, nominations, any date, bad input."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.key_list import key_list, key_list_at, places_by_score
from kam_analysis.params import Facts, KeyClients
from kam_analysis.tables import (
    ASSESSMENT,
    CUSTOMER_FACTS,
    CUSTOMERS,
    ORDER_LINES,
    SURVEY,
)

FEW = {"weight_draws": 20}
SHARE_ONLY = KeyClients(admit=("company",), **FEW)
UNITS_ONLY = KeyClients(admit=("department", "manager"), **FEW)
FLAT = {f"c{i:02}": 7.0 for i in range(10)}


def reasons(now):
    return dict(zip(now.keys.account_id, now.keys.reasons, strict=True))


def test_company_strictly_above_ten_percent(listed):
    # 20 + 10 + 10 · 7 = 100: exactly 10 % is not key
    now = listed({"a": 20.0, "b": 10.0} | FLAT, rules=SHARE_ONLY)
    assert now.keys[["account_id", "level", "share_12m"]].values.tolist() == [["a", "company", 0.2]]


def test_a_group_is_key_by_the_sum_of_its_members_and_listed_once(listed):
    # 8 + 8 = 16 of 100; alone none of the two is above 10 %
    now = listed(
        {"a": 8.0, "b": 8.0} | {f"c{i:02}": 7.0 for i in range(12)}, parent_id={"a": "H", "b": "H"}, rules=SHARE_ONLY
    )
    assert now.keys[["account_id", "account_name", "members", "net_sales_12m"]].values.tolist() == [
        ["H", "Client a", 2, 16.0]
    ]
    assert now.members.values.tolist() == [["H", "a"], ["H", "b"]]


def test_a_negative_member_counts_in_its_group(listed):
    # 16 − 7 = 9 of 93: below 10 %, although its largest member alone has 16 of 100
    now = listed(
        {"a": 16.0, "b": -7.0} | {f"c{i:02}": 7.0 for i in range(12)}, parent_id={"a": "H", "b": "H"}, rules=SHARE_ONLY
    )
    assert now.keys.empty
    assert now.n == 13


def in_unit(column, unit, sales):
    return [(column, unit, one, net) for one, net in sales.items()]


def test_a_unit_admits_only_from_small_unit_accounts_on(listed):
    big, small = {"a": 30.0} | {f"c{i:02}": 7.0 for i in range(9)}, {"a": 30.0} | {f"c{i:02}": 7.0 for i in range(8)}
    everyone = big | {f"d{i:03}": 9.0 for i in range(100)}
    ten = listed(everyone, in_unit("manager", "Ana", big), rules=UNITS_ONLY)
    nine = listed(everyone, in_unit("manager", "Ana", small), rules=UNITS_ONLY)
    assert reasons(ten) == {"a": "manager"}
    assert nine.keys.empty
    # the share is kept all the same, without a reason
    assert nine.reasons[["account_id", "unit", "n"]].values.tolist() == [["a", "Ana", 9]]
    assert nine.reasons.reason.isna().all()


def test_accounts_and_not_customers_are_counted_in_a_unit(listed):
    # ten customers, but two of them are one group: nine accounts, too few
    sales = {"a": 30.0} | {f"c{i:02}": 7.0 for i in range(9)}
    now = listed(sales, in_unit("manager", "Ana", sales), rules=UNITS_ONLY, parent_id={"c00": "H", "c01": "H"})
    assert now.keys.empty
    assert now.reasons.n.tolist() == [9]


def test_a_share_of_a_unit_must_pass_twice_the_equal_share(listed):
    # n 10: more than 2/10 is needed, not only more than 1/10
    at = {"a": 20.0, "b": 16.0} | {f"c{i:02}": 8.0 for i in range(8)}
    above = at | {"a": 20.01}
    assert listed(at, in_unit("department", "East", at), rules=UNITS_ONLY).keys.empty
    assert reasons(listed(above, in_unit("department", "East", above), rules=UNITS_ONLY)) == {"a": "department"}


def test_a_country_is_shown_and_admits_nobody(listed):
    sales = {"a": 50.0} | FLAT
    now = listed(sales, in_unit("country", "MK", sales), rules=KeyClients(admit=("department", "manager"), **FEW))
    assert now.keys.empty
    assert now.reasons[["unit_column", "unit"]].values.tolist() == [["country", "MK"]]


def test_a_unit_column_that_is_not_named_counts_nowhere(listed):
    sales = {"a": 50.0} | FLAT
    rules = KeyClients(admit=("manager",), units=("department",), **FEW)
    now = listed(sales, in_unit("manager", "Ana", sales), rules=rules)
    assert now.reasons.empty
    assert now.accounts.manager.unique().tolist() == ["Ana"]


def test_the_first_five_by_volume(listed):
    rules = KeyClients(admit=("volume",), **FEW)
    now = listed({f"{i:02}": 100.0 + i // 2 for i in range(20)}, rules=rules)
    # 19 and 18 have 109, 17 and 16 have 108, 15 and 14 have 107: the fifth place goes to 14, the smaller id
    assert now.keys.account_id.tolist() == ["18", "19", "16", "17", "14"]
    assert listed({"a": 1.0, "b": 0.0, "c": -1.0}, rules=rules).keys.account_id.tolist() == ["a"]
    assert listed({"a": 1.0}, rules=KeyClients(admit=("volume",), top_volume=0, **FEW)).keys.empty


@given(st.integers(0, 5000), st.integers(1, 40), st.integers(0, 100))
def test_places_by_score_in_exact_decimals(n, top_k, percent):
    rules = KeyClients(top_k=top_k, top_customers=percent / 100)
    exact = Fraction(percent, 100) * n
    expected = min(n, top_k, max(3, -(-exact.numerator // exact.denominator)))
    assert places_by_score(n, rules) == expected


def test_control_figures_of_places_by_score():
    assert [places_by_score(n, KeyClients()) for n in (364, 4243, 88)] == [19, 20, 5]


def test_by_score_the_first_k(listed):
    rules = KeyClients(admit=("score",), top_k=3, **FEW)
    now = listed({f"{i:02}": 100.0 + i for i in range(12)}, rules=rules)
    assert now.keys.account_id.tolist() == ["11", "10", "09"]
    assert now.reasons.place.tolist() == [3.0, 2.0, 1.0]  # by account id: 09, 10, 11
    assert now.scores.membership.sum() == pytest.approx(3)


def test_all_reasons_are_kept_and_the_first_is_the_level(listed):
    sales = {"a": 60.0, "b": 12.0} | {f"c{i:02}": 3.0 for i in range(9)}
    units = in_unit("manager", "Ana", sales) + in_unit("department", "East", sales)
    now = listed(sales, units, rules=KeyClients(top_volume=1, **FEW))
    assert reasons(now)["a"] == "company department manager volume score"
    assert now.keys.set_index("account_id").level.to_dict()["a"] == "company"
    row = now.keys.set_index("account_id").loc["a"]
    assert (row.key_department, row.key_manager) == ("East", "Ana")
    assert row.manager_share == pytest.approx(60 / 99)


def test_the_order_is_by_net_sales_whatever_the_level(listed):
    sales = {"a": 60.0, "b": 50.0, "c": 1.0} | {f"d{i:02}": 2.0 for i in range(12)}
    unit = {"c": 1.0} | {f"d{i:02}": 0.1 for i in range(9)}
    now = listed(sales, in_unit("manager", "Ana", unit), rules=KeyClients(admit=("company", "manager"), **FEW))
    assert now.keys[["order", "account_id", "level"]].values.tolist() == [
        [1, "a", "company"],
        [2, "b", "company"],
        [3, "c", "manager"],
    ]


def test_admit_names_the_reasons_that_count(listed):
    sales = {"a": 60.0, "b": 30.0, "c": 5.0, "d": 5.0}
    assert set(listed(sales, rules=KeyClients(admit=("company",), **FEW)).keys.account_id) == {"a", "b"}
    assert reasons(listed(sales, rules=KeyClients(admit=("volume",), top_volume=1, **FEW))) == {"a": "volume"}
    both = listed(sales, rules=KeyClients(admit=("volume", "company"), top_volume=1, **FEW))
    assert reasons(both) == {"a": "company volume", "b": "company"}


def test_flags_only_nominate(listed, make_assessment):
    rated = make_assessment(
        a={"well_known": "yes"},
        b={"demanding": "да", "strategic": 5.0},
        c00={"strategic": 5.0},
        c01={"strategic": 4.9},
        ghost={"well_known": "yes"},
    )
    now = listed({"a": 90.0, "b": 0.0} | FLAT, assessment=rated, rules=KeyClients(admit=("company", "flag"), **FEW))
    # a is key by its share; a customer without a line is none; 4.9 is below 5
    assert reasons(now) == {"a": "company"}
    assert now.nominations[["account_id", "flags", "state"]].values.tolist() == [
        ["c00", "strategic", "open"],
        ["b", "demanding strategic", "open"],
    ]


def test_a_confirmed_nomination_is_key_by_flag(listed, make_assessment):
    rated = make_assessment(a={"well_known": "yes"}, b={"well_known": "yes", "confirmed": "Yes"})
    now = listed({"a": 1.0, "b": -2.0} | FLAT, assessment=rated, rules=KeyClients(admit=("flag",), **FEW))
    assert now.keys[["account_id", "level", "reasons"]].values.tolist() == [["b", "flag", "flag"]]
    assert now.keys.share_12m.isna().all()
    assert now.nominations.account_id.tolist() == ["a"]


def test_confirmed_for_one_member_and_refused_for_another_is_confirmed(listed, make_assessment):
    rated = make_assessment(a={"strategic": 5.0, "confirmed": "no"}, b={"confirmed": "yes"})
    now = listed({"a": 1.0, "b": 1.0} | FLAT, assessment=rated, rules=KeyClients(**FEW), parent_id={"a": "H", "b": "H"})
    assert reasons(now)["H"] == "flag"


def test_refused_and_confirmed_without_a_flag(listed, make_assessment):
    rated = make_assessment(a={"strategic": 5.0, "confirmed": "no"}, b={"confirmed": "yes"})
    now = listed({"a": 1.0, "b": 1.0} | FLAT, assessment=rated, rules=KeyClients(admit=("flag",), **FEW))
    assert now.keys.empty
    assert now.nominations[["account_id", "state"]].values.tolist() == [["a", "refused"]]


def test_a_confirmed_flag_that_does_not_count_stays_a_nomination(listed, make_assessment):
    rated = make_assessment(a={"strategic": 5.0, "confirmed": "yes"})
    now = listed({"a": 1.0} | FLAT, assessment=rated, rules=KeyClients(admit=("company",), **FEW))
    assert now.nominations[["account_id", "state"]].values.tolist() == [["a", "confirmed"]]


def test_nothing_dated_on_the_date_or_later_is_used(listed, make_assessment, make_survey):
    rated = make_assessment(
        a={"well_known": "yes", "rated_on": "2025-12-31"}, b={"well_known": "yes", "rated_on": "2026-01-01"}
    )
    answers = make_survey(("a", "2026-01-01", "nps", 10.0), ("b", "2025-12-31", "nps", 8.0))
    now = listed({"a": 1.0, "b": 1.0} | FLAT, assessment=rated, survey=answers, rules=SHARE_ONLY)
    assert now.nominations.account_id.tolist() == ["a"]
    assert now.score.measures.brand.dropna().to_dict() == {"b": 4.0}


def test_growth_needs_twenty_four_months(listed):
    columns = {"net_sales_before": {"a": 50.5}}
    short = Calendar(dt.date(2024, 1, 2), dt.date(2026, 1, 1))
    assert listed({"a": 60.0, "b": 4.0}, **columns, rules=SHARE_ONLY).keys.growth_12m.tolist() == [9.5]
    assert listed({"a": 60.0, "b": 4.0}, on=short, **columns, rules=SHARE_ONLY).keys.growth_12m.isna().all()


def test_one_account_and_everybody_key(listed):
    alone = listed({"a": 5.0}, in_unit("manager", "Ana", {"a": 5.0}), rules=KeyClients(**FEW))
    assert reasons(alone) == {"a": "company volume score"}  # a unit of one admits nobody
    everybody = listed({"a": 5.0, "b": 4.0, "c": 3.0}, rules=KeyClients(**FEW))
    assert len(everybody.keys) == everybody.n == 3


def test_nobody(listed):
    now = listed({"a": 0.0, "b": -1.0}, rules=KeyClients(**FEW))
    assert now.keys.empty and now.reasons.empty and now.scores.empty
    assert (now.n, now.places) == (0, 0)


def test_the_list_does_not_depend_on_the_order_of_the_rows(listed, make_facts, calendar):
    random = np.random.default_rng(3)
    names = [f"{i:02}" for i in range(40)]
    sales = dict(zip(names, random.integers(1, 9, 40) ** 2 * 1.0, strict=True))
    units = pd.DataFrame(
        {"unit_column": "manager", "unit": random.choice(["Ana", "Bo"], 40), "customer_id": names}
    ).assign(net_sales=list(sales.values()), last_line_on=pd.Timestamp("2025-06-01"))
    facts = make_facts(sales, parent_id=dict.fromkeys(names[:6:2], "H"))
    found = [
        key_list(facts.iloc[order], units.iloc[order], ASSESSMENT.empty(), SURVEY.empty(), calendar, KeyClients(**FEW))
        for order in (np.arange(40), random.permutation(40))
    ]
    assert found[0].keys.equals(found[1].keys)
    assert found[0].reasons.equals(found[1].reasons)


@pytest.fixture
def company(engine):
    """Order lines of twelve customers, of whom two are one group, over three years."""
    random = np.random.default_rng(5)
    empty = dict.fromkeys(ORDER_LINES.names) | {"file": "a.csv", "row": 1, "is_service": False}
    rows = [
        empty
        | {
            "line_no": n + 1,
            "customer_id": f"{n % 12:02}",
            "order_id": str(n),
            "ordered_on": dt.date(2023, 1, 1) + dt.timedelta(days=int(day)),
            "net_sales": float(size),
            "manager": "Ana" if n % 3 else "Bo",
        }
        for n, (day, size) in enumerate(zip(random.integers(0, 1000, 400), random.integers(-5, 90, 400), strict=True))
    ]
    engine.put("order_lines", pd.DataFrame(rows), ORDER_LINES)
    customers = [dict.fromkeys(CUSTOMERS.names) | {"customer_id": one, "parent_id": "H"} for one in ("02", "05")]
    engine.put("customers", CUSTOMERS.conform(pd.DataFrame(customers)), CUSTOMERS)
    return engine


def test_what_comes_later_changes_no_earlier_list(company):
    on = Calendar(dt.date(2023, 1, 1), dt.date(2025, 1, 1))
    arguments = (ASSESSMENT.empty(), SURVEY.empty(), on, KeyClients(**FEW), Facts())
    whole = key_list_at(company, *arguments)
    company.materialise("earlier", "SELECT * FROM order_lines WHERE ordered_on < DATE '2025-01-01'")
    company.materialise("order_lines", "SELECT * FROM earlier")
    cut = key_list_at(company, *arguments)
    assert len(whole.keys)
    assert whole.keys.equals(cut.keys)
    assert whole.reasons.equals(cut.reasons)
    assert whole.scores.equals(cut.scores)
    assert "H" in set(whole.accounts.account_id)


def test_facts_at_hold_what_the_list_needs_of_customer_facts(company):
    from kam_analysis.facts.customers import facts_at

    found = facts_at(company, dt.date(2025, 1, 1), Facts())
    assert set(CUSTOMER_FACTS.names) - set(found.columns) == {"gap_survival_probability"}
