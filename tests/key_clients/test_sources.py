"""Whole sources: the control figures of Online Retail and the planted truth of the demo company."""

from __future__ import annotations

import datetime as dt

import pytest

from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.key_clients import (
    client_loss,
    concentration,
    dependence,
    key_list,
    manager_load,
    unassigned_sales,
    unit_customers,
    unit_keys,
    what_changed,
    who_is_key,
)
from kam_analysis.key_clients.tables import PUBLISHED


def keys_of(source):
    return key_list(source.customer_facts, source.assessment, source.survey, source.calendar, source.rules)


def dependence_of(source):
    units = unit_customers(source.engine, source.calendar.as_of, source.rules)
    missing = unassigned_sales(source.engine, source.calendar.as_of)
    facts = source.customer_facts
    return units, dependence(units, None, facts, facts, missing, source.rules)


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
    units, found = dependence_of(online_retail)
    assert found.numbers == {
        "country.units": 36,
        "country.small": 25,
        "country.key_pairs": 40,
        "country.mono": 10,
        "country.over_half": 11,
    }
    now = keys_of(online_retail)
    matrix, levels = unit_keys(units, online_retail.customer_facts, now.keys, online_retail.rules)
    assert matrix.numbers == {"unit_key_pairs": 40}
    # the company's twenty by score, and the forty places
    assert len(matrix.table) == 60
    # nobody has a parent group: rolled up is not rolled up
    assert levels.table.places.tolist() == levels.table.places_of_groups.tolist() == [0, 40]


def test_no_company_key_in_online_retail(online_retail, say_it, classes_of):
    now = keys_of(online_retail)
    found = who_is_key(now, online_retail.rules)
    assert (found.numbers["company_keys"], found.numbers["key_clients"]) == (0, 20)
    assert "largest: 14646, 3.5 %" in say_it(found.sentence)
    assert (
        manager_load(
            online_retail.customer_facts, classes_of(online_retail.customer_facts), now.keys, online_retail.rules
        ).numbers["managers_over_limit"]
        is None
    )


def test_planted_keys(demo):
    now, truth = keys_of(demo), demo.truth["keys"]
    by_share = now.keys[now.keys.reason == "share"]
    assert sorted(by_share.customer_id) == sorted(key["customer_id"] for key in truth["company"]) == ["0001", "0002"]
    for planted in truth["company"]:
        found = by_share.set_index("customer_id").loc[planted["customer_id"]]
        assert found.net_sales_12m == planted["net_sales_12m"]
        assert found.share_12m == pytest.approx(planted["planted_share"], abs=0.01)
    flagged = now.keys.customer_id[now.keys.reason == "flag"]
    assert sorted(flagged) == sorted(key["customer_id"] for key in truth["flagged"])


def test_planted_department_keys(demo):
    units, found = dependence_of(demo)
    matrix, _ = unit_keys(units, demo.customer_facts, keys_of(demo).keys, demo.rules)
    keys = matrix.table
    departments = keys[(keys.unit_column == "department") & (keys.kind == "client")]
    planted = sorted((key["customer_id"], key["department"]) for key in demo.truth["keys"]["department"])
    group = demo.truth["keys"]["group"]["parent_id"]
    assert group in keys.customer_id[(keys.unit_column == "company") & (keys.kind == "parent")].tolist()
    assert sorted(zip(departments.customer_id, departments.unit, strict=True)) == planted
    dependent = demo.truth["keys"]["dependent_department"]
    row = found.table[(found.table.unit_column == "department") & (found.table.unit == dependent["department"])].iloc[0]
    assert (row.largest_customer_id, row.band) == (dependent["customer_id"], dependent["band"])


def test_planted_managers(demo, classes_of):
    _, found = dependence_of(demo)
    managers = found.table[found.table.unit_column == "manager"].set_index("unit")
    mono = demo.truth["keys"]["mono_manager"]
    assert managers.loc[mono["manager"], ["largest_customer_id", "band"]].tolist() == [mono["customer_id"], "mono"]
    for planted in demo.truth["keys"]["managers_over_half"]:
        row = managers.loc[planted["manager"]]
        assert (row.largest_customer_id, row.band) == (planted["customer_id"], "critical")
    load = manager_load(demo.customer_facts, classes_of(demo.customer_facts), keys_of(demo).keys, demo.rules).table
    over = load[load.is_over].set_index("manager").key_clients.to_dict()
    assert over == demo.truth["keys"]["managers_over_limit"] == {"Ana Petrovska": 4, "Milan Kovač": 4}


def test_planted_parent_group(demo, say_it):
    facts, planted = demo.customer_facts, demo.truth["keys"]["group"]
    missing = unassigned_sales(demo.engine, demo.calendar.as_of)
    found = concentration(facts, missing, demo.rules)
    assert found.numbers["parent_keys"] == 3
    texts = [say_it(caveat.text) for caveat in found.caveats if say_it(caveat.head) == "Key as a parent group"]
    assert planted["parent_id"] in texts[0]
    losses = client_loss(facts, keys_of(demo).keys, [], demo.rules).table
    group = losses[(losses.leaver == "parent") & losses["name"].str.endswith(f"({planted['parent_id']})")].iloc[0]
    assert group.share_lost == pytest.approx(planted["planted_share"], abs=0.01)
    members = next(g["members"] for g in demo.truth["groups"] if g["parent_id"] == planted["parent_id"])
    assert group.net_sales_lost == pytest.approx(facts.net_sales_12m[facts.customer_id.isin(members)].sum())


def test_cancelled_giant_is_worth_nothing(demo):
    giant = demo.truth["keys"]["cancelled_giant"]["customer_id"]
    facts = demo.customer_facts.set_index("customer_id")
    assert facts.net_sales[giant] == 0 < facts.gross_sales[giant]
    assert giant not in keys_of(demo).scores.customer_id.tolist()


def test_entered_and_left_against_two_lists(demo):
    earlier = Calendar(demo.calendar.first_order_on, add_months(demo.calendar.as_of, -12))
    now = keys_of(demo)
    before = key_list(demo.customer_facts_before, demo.assessment, demo.survey, earlier, demo.rules)
    found = what_changed(now, before, demo.customer_facts, demo.customer_facts_before)
    entered = set(now.keys.customer_id) - set(before.keys.customer_id)
    assert set(found.table.customer_id[found.table.move == "entered"]) == entered
    assert found.numbers["keys_left"] == len(set(before.keys.customer_id) - set(now.keys.customer_id))
    assert earlier.as_of == dt.date(2025, 1, 1)


def test_tables_keep_their_contracts(demo):
    now = keys_of(demo)
    for name, frame in {"key_list": now.keys, "customer_scores": now.scores}.items():
        PUBLISHED[name].check(frame)
    assert now.scores.membership.sum() == pytest.approx(2)
