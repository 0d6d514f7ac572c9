"""Whole sources: the control figures of Online Retail and the planted truth of the demo company."""

from __future__ import annotations

import pandas as pd
import pytest

from kam_analysis.facts.key_list import key_list_at
from kam_analysis.key_clients import (
    client_loss,
    concentration,
    dependence,
    key_levels,
    manager_load,
    unassigned_sales,
    unit_keys,
    who_is_key,
)
from kam_analysis.params import Facts
from kam_analysis.tables import KEYS, published

PUBLISHED = published("key_clients")


def dependence_of(source):
    return dependence(source.now, None, unassigned_sales(source.engine, source.calendar.as_of), source.rules)


def test_control_figures_of_concentration(online_retail):
    missing = unassigned_sales(online_retail.engine, online_retail.calendar.as_of)
    numbers = concentration(online_retail.customer_facts, missing, online_retail.rules).numbers
    assert numbers["company.n_positive"] == 4317
    control = {
        "cr1": 0.0336195,
        "cr5": 0.1178481,
        "cr20": 0.2251154,
        "hhi": 0.00450036,
        "gini": 0.7028272,
        "top20pct_share": 0.7346326,
    }
    for name, value in control.items():
        assert numbers[f"company.{name}"] == pytest.approx(value, abs=5e-8), name
    assert numbers["company.effective_customers"] == pytest.approx(222.2044, abs=5e-5)


def test_control_figures_of_units(online_retail):
    assert dependence_of(online_retail).numbers == {
        "country.units": 36,
        "country.small": 25,
        "country.key_pairs": 40,
        "country.mono": 10,
        "country.over_half": 11,
    }
    now, rules = online_retail.now, online_retail.rules
    matrix = unit_keys(now, rules)
    assert matrix.numbers == {"unit_key_pairs": 40}
    # the company's twenty, and the forty places
    assert len(matrix.table) == 60
    levels = key_levels(now, online_retail.customer_facts, online_retail.units, rules)
    # nobody has a parent group: rolled up is not rolled up
    assert levels.table.places.tolist() == levels.table.places_of_customers.tolist() == [0, 40]


def test_control_figures_of_the_key_list(online_retail, classes_of, with_chances):
    now = online_retail.now
    found = who_is_key(now, with_chances(now), online_retail.rules)
    assert (now.n, now.places) == (4243, 20)
    assert (found.numbers["company_keys"], found.numbers["key_list.total"]) == (0, 20)
    # no department and no manager: the list is the five by volume and fifteen more by score
    assert (found.numbers["key_list.volume"], found.numbers["key_list.score"]) == (5, 15)
    facts = online_retail.customer_facts
    load = manager_load(facts, classes_of(facts), now.keys, online_retail.rules)
    assert load.numbers["managers_over_limit"] is None


def test_control_figures_of_the_demo(demo, with_chances):
    found = who_is_key(demo.now, with_chances(demo.now), demo.rules)
    assert (demo.now.n, demo.now.places) == (364, 19)
    levels = ("company", "department", "manager", "volume", "score", "flag")
    assert [found.numbers[f"key_list.{level}"] for level in levels] == [3, 5, 8, 0, 9, 0]
    assert found.numbers["key_list.total"] == 25


def test_planted_keys(demo):
    keys, truth = demo.now.keys.set_index("account_id"), demo.truth["keys"]
    planted = {key["customer_id"]: key for key in truth["company"]}
    company = keys[keys.level == "company"]
    assert sorted(company.index) == sorted([*planted, truth["group"]["parent_id"]])
    for one, key in planted.items():
        assert company.net_sales_12m[one] == key["net_sales_12m"]
        assert company.share_12m[one] == pytest.approx(key["planted_share"], abs=0.01)
    # nine are flagged, one of whom has a place by score; the others are only named
    flagged = {key["customer_id"] for key in truth["flagged"]}
    assert len(flagged) == 9
    assert set(demo.now.nominations.account_id) == flagged - set(keys.index)
    assert set(keys.level[keys.index.isin(flagged)]) <= {"score"}


def test_planted_department_keys(demo):
    reasons = demo.now.reasons[demo.now.reasons.reason == "department"]
    account = demo.customer_facts.set_index("customer_id").parent_id
    planted = {(account[key["customer_id"]], key["department"]) for key in demo.truth["keys"]["department"]}
    found = set(zip(reasons.account_id, reasons.unit, strict=True))
    assert planted <= found
    # customers were planted one by one; what is key beside them is a group
    assert {one for one, _ in found - planted} <= set(demo.now.accounts.account_id[demo.now.accounts.members > 1])
    dependent = demo.truth["keys"]["dependent_department"]
    units = dependence_of(demo).table
    row = units[(units.unit_column == "department") & (units.unit == dependent["department"])].iloc[0]
    assert (row.largest_account_id, row.band) == (dependent["customer_id"], dependent["band"])


def test_planted_managers(demo, classes_of):
    units = dependence_of(demo).table
    managers = units[units.unit_column == "manager"].set_index("unit")
    mono = demo.truth["keys"]["mono_manager"]
    assert managers.loc[mono["manager"], ["largest_account_id", "band"]].tolist() == [mono["customer_id"], "mono"]
    for planted in demo.truth["keys"]["managers_over_half"]:
        row = managers.loc[planted["manager"]]
        assert (row.largest_account_id, row.band) == (planted["customer_id"], "critical")
    load = manager_load(demo.customer_facts, classes_of(demo.customer_facts), demo.now.keys, demo.rules).table
    # each account once, for one manager
    assert load.key_clients.sum() == len(demo.now.keys)
    assert load.key_clients[load.is_over].gt(demo.rules.keys_per_manager).all()


def test_planted_parent_group(demo):
    facts, planted = demo.customer_facts, demo.truth["keys"]["group"]
    missing = unassigned_sales(demo.engine, demo.calendar.as_of)
    assert concentration(facts, missing, demo.rules).numbers["parent_keys"] == 3
    members = next(g["members"] for g in demo.truth["groups"] if g["parent_id"] == planted["parent_id"])
    row = demo.now.keys.set_index("account_id").loc[planted["parent_id"]]
    assert row.share_12m == pytest.approx(planted["planted_share"], abs=0.01)
    assert row.net_sales_12m == pytest.approx(facts.net_sales_12m[facts.customer_id.isin(members)].sum())
    losses = client_loss(demo.now, [], demo.rules).table
    assert losses.net_sales_lost[losses["name"] == row.account_name].tolist() == [row.net_sales_12m]


def test_cancelled_giant_is_worth_nothing(demo):
    giant = demo.truth["keys"]["cancelled_giant"]["customer_id"]
    facts = demo.customer_facts.set_index("customer_id")
    assert facts.net_sales[giant] == 0 < facts.gross_sales[giant]
    assert giant not in demo.now.scores.account_id.tolist()


def test_tables_keep_their_contracts(demo):
    now = demo.now
    KEYS.check(now.keys)
    for name, frame in {"key_reasons": now.reasons, "account_scores": now.scores}.items():
        PUBLISHED[name].check(frame)
    assert now.scores.membership.sum() == pytest.approx(now.places)


def test_the_list_at_another_date_is_the_same_call(demo):
    same = key_list_at(demo.engine, demo.assessment, demo.survey, demo.calendar, demo.rules, Facts())
    pd.testing.assert_frame_equal(same.keys, demo.now.keys, check_exact=True)
    pd.testing.assert_frame_equal(same.reasons, demo.now.reasons, check_exact=True)
