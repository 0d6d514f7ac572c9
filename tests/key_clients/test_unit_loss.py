"""What a unit loses with a client, and how far its plan is missed, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kam_analysis.key_clients import unit_loss
from kam_analysis.key_clients.dependence import unit_dependence
from kam_analysis.key_clients.unit_loss import UNIT_LOSS, plans_of
from kam_analysis.params import KeyClients
from kam_analysis.tables import MANAGERS

RULES = KeyClients()


def managers_of(*rows):
    frame = pd.DataFrame(rows, columns=["manager_id", "department", "plan"])
    return MANAGERS.conform(frame.reindex(columns=MANAGERS.names))


def units_of(column="department", **units):
    return [(column, unit, one, sales) for unit, part in units.items() for one, sales in part.items()]


@pytest.fixture
def held(chosen):
    def make(units, keys=(), **columns):
        sums = {}
        for _, _, one, sales in units:
            sums[one] = sums.get(one, 0.0) + sales
        return chosen(sums, keys, units, **columns)

    return make


@pytest.fixture
def lost(held):
    def find(units, managers=(), keys=(), **columns):
        found = unit_loss(held(units, keys, **columns), managers_of(*managers), RULES)
        UNIT_LOSS.check(found.table)
        return found

    return find


def test_department_without_its_client(lost, say_it):
    # North: 234 + 500 + 266 = 1,000 and a return of 100; plan 1,000. a is 23.4 % of it
    units = units_of(North={"a": 234.0, "b": 500.0, "c": 266.0, "r": -100.0})
    found = lost(units, [("Ana", "North", 600.0), ("Bo", "North", 400.0)])
    row = found.table.set_index("name").loc["Client a"]
    assert row.share_lost == 0.234
    # 900 of 1,000 now, 666 without a; b is 500 of 766 then
    assert (row.plan_share, row.plan_share_after) == pytest.approx((0.9, 0.666))
    assert row.largest_share_after == pytest.approx(500 / 766)
    assert row.hhi_after == pytest.approx((500 / 766) ** 2 + (266 / 766) ** 2)
    assert say_it(found.sentence) == "Without Client b, North meets 40 % of the plan instead of 90 %."


def test_exactly_twenty_percent_is_not_listed(lost, say_it):
    found = lost(units_of(North={f"c{i}": 20.0 for i in range(5)}))
    assert found.table.empty
    assert say_it(found.none) == "No client brings more than 20 % of a unit."
    assert say_it(found.sentence) == "No single client weighs much in any unit."


def test_only_client_of_a_manager(lost, say_it):
    found = lost(units_of("manager", Ana={"a": 5.0}))
    row = found.table.iloc[0]
    assert row.share_lost == 1 and np.isnan([row.largest_share_after, row.hhi_after, row.plan_share]).all()
    assert say_it(found.sentence) == "Without Client a, Ana loses 100 % of its net sales."
    assert [say_it(caveat.head) for caveat in found.caveats] == ["Plans"]


def test_plan_of_a_department_needs_all_its_managers():
    managers = managers_of(("Ana", "North", 10.0), ("Bo", "North", None), ("Cy", "South", 5.0), ("Di", None, 3.0))
    assert plans_of(managers) == {
        ("manager", "Ana"): 10.0,
        ("manager", "Cy"): 5.0,
        ("manager", "Di"): 3.0,
        ("department", "South"): 5.0,
    }
    assert plans_of(MANAGERS.empty()) == {}


def test_a_group_and_the_keys_leave_as_one(lost):
    # branches of 15 each are below 20 % of North, together 45 %; with r0 56 %
    units = units_of(North={"b1": 15.0, "b2": 15.0, "b3": 15.0} | {f"r{i}": 11.0 for i in range(5)})
    table = lost(units, keys=["b1", "r0"], parent_id=dict.fromkeys(("b1", "b2", "b3"), "H")).table
    assert table[["leaver", "share_lost"]].values.tolist() == [["parent", 0.45], ["key_clients", 0.56]]


def test_share_lost_of_the_largest_is_the_dependence(lost, held):
    units = units_of(North={"a": 70.0, "b": 30.0, "c": -20.0}, South={"a": 1.0, "d": 9.0})
    table, found = lost(units).table, unit_dependence(held(units), RULES)
    for row in found[found.unit_column == "department"].itertuples():
        (share,) = table.share_lost[(table.unit == row.unit) & (table["name"] == row.largest_account_name)]
        assert share == row.largest_share


def test_no_units(lost):
    assert lost(units_of(), [("Ana", "North", 5.0)]).numbers == {"units_hit": 0}


def test_demo_departments_meet_their_plans(demo):
    managers = demo.engine.frame("managers", MANAGERS)
    table = unit_loss(demo.now, managers, demo.rules).table
    # the simulator plans 104 to 110 % of what each manager sold
    planned = table[table.unit_column == "department"]
    assert planned.plan_share.between(0.9, 0.97).all() and (planned.plan_share_after < planned.plan_share).all()
