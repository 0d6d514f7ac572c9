"""How many key clients a manager looks after."""

from __future__ import annotations

import pytest

from kam_analysis.key_clients import manager_load
from kam_analysis.key_clients.managers import MANAGER_LOAD
from kam_analysis.params import KeyClients

RULES = KeyClients()


@pytest.fixture
def loaded(chosen, make_facts, classes_of):
    """Clients of each manager, as many as given, each of 10; the first of them are key."""

    def make(key_clients, customers=None, rules=RULES, department=None):
        owners = {
            f"{manager or 'nobody'}{i}": manager
            for manager, number in (customers or dict.fromkeys(key_clients, 5)).items()
            for i in range(number)
        }
        facts = make_facts(
            dict.fromkeys(owners, 10.0), manager=owners, department=department or dict.fromkeys(owners, "North")
        )
        keys = [f"{manager or 'nobody'}{i}" for manager, number in key_clients.items() for i in range(number)]
        found = manager_load(facts, classes_of(facts), chosen(facts, keys).keys, rules)
        MANAGER_LOAD.check(found.table)
        return found

    return make


def test_three_is_the_limit(loaded, say_it):
    found = loaded({"Ana": 4, "Bo": 3})
    assert found.table[["manager", "customers", "key_clients", "is_over"]].values.tolist() == [
        ["Ana", 5, 4, True],
        ["Bo", 5, 3, False],
    ]
    assert found.table[["net_sales_12m", "key_net_sales_12m"]].values.tolist() == [[50.0, 40.0], [50.0, 30.0]]
    assert found.numbers == {"managers_over_limit": 1}
    assert say_it(found.sentence) == "1 manager is over the limit of key clients (3): Ana."


def test_sentences_follow_limit_and_number(loaded, say_it):
    one = KeyClients(keys_per_manager=1)
    assert say_it(loaded({"Ana": 2, "Bo": 2}, rules=one).sentence) == (
        "2 managers are over the limit of key clients (1): Ana and Bo."
    )
    assert say_it(loaded({"Ana": 1, "Bo": 1}, rules=one).sentence) == (
        "No manager is over the limit of key clients (1); the highest load is 1."
    )
    assert say_it(loaded({"Ana": 0}).sentence) == "No manager looks after a key client."
    assert say_it(loaded({f"M{i}": 4 for i in range(6)}).sentence) == (
        "6 managers are over the limit of key clients (3); M0 is first with 4."
    )


def test_nobody_is_not_a_manager_over_the_limit(loaded, say_it):
    found = loaded({"Ana": 1, None: 5})
    assert found.numbers == {"managers_over_limit": 0}
    assert found.table.manager.isna().tolist() == [True, False]
    (caveat,) = found.caveats
    assert say_it(caveat.text) == "5 key clients have no manager in the data."
    assert say_it(loaded({"Ana": 1, None: 1}).caveats[0].text) == "1 key client has no manager in the data."


def test_no_manager_at_all_is_not_measurable(loaded, say_it):
    found = loaded({None: 2})
    assert found.numbers["managers_over_limit"] is None
    assert found.numbers["managers_over_limit_absent"] == "the source names no manager"
    assert say_it(found.absent) == "The source names no manager. Map a manager column to see the load."


def test_department_with_most_sales_ties_by_name(chosen, make_facts, classes_of):
    facts = make_facts(
        {"a": 5.0, "b": 3.0, "c": 2.0},
        manager=dict.fromkeys("abc", "Ana"),
        department={"a": "South", "b": "North", "c": "North"},
    )
    assert manager_load(facts, classes_of(facts), chosen(facts).keys, RULES).table.department.tolist() == ["North"]


def test_customers_and_keys_add_up(loaded):
    found = loaded({"Ana": 4, "Bo": 1, None: 2})
    assert (found.table.customers.sum(), found.table.key_clients.sum()) == (15, 7)


def test_an_account_counts_once_for_the_manager_with_most_of_its_sales(chosen, make_facts, classes_of):
    # three branches at two managers are one key account of Bo's; the customers stay with those who serve them
    sales = {"a": 10.0, "b": 8.0, "c": 8.0, "x": 1.0}
    owners = {"a": "Ana", "b": "Bo", "c": "Bo", "x": "Ana"}
    facts = make_facts(sales, manager=owners, parent_id=dict.fromkeys("abc", "H"))
    units = [("manager", owners[one], one, net) for one, net in sales.items()]
    table = manager_load(facts, classes_of(facts), chosen(facts, ["a"], units).keys, RULES).table
    assert table[["manager", "customers", "key_clients", "key_net_sales_12m"]].values.tolist() == [
        ["Bo", 2, 1, 26.0],
        ["Ana", 2, 0, 0.0],
    ]
