"""Who looks after the key clients: named managers, contact persons, visits."""

from __future__ import annotations

import pandas as pd
import pytest

from kam_analysis.key_clients import key_care, manager_load
from kam_analysis.key_clients.care import KEY_CARE
from kam_analysis.key_clients.managers import MANAGER_LOAD
from kam_analysis.params import KeyClients
from kam_analysis.tables import CONTACTS, INTERACTIONS, MANAGERS

RULES = KeyClients()


def table_of(contract, *rows):
    return contract.conform(pd.DataFrame(list(rows), columns=contract.names))


@pytest.fixture(scope="module")
def keys_of(chosen):
    def make(**managers):
        return chosen(dict.fromkeys(managers, 1.0), list(managers), manager=managers)

    return make


def contact(customer, person, level="top"):
    return dict.fromkeys(CONTACTS.names) | {"customer_id": customer, "person": person, "level": level}


def visit(customer, day, kind="visit"):
    return dict.fromkeys(INTERACTIONS.names) | {"customer_id": customer, "date": pd.Timestamp(day), "type": kind}


def manager(name):
    return dict.fromkeys(MANAGERS.names) | {"manager_id": name, "role": "key account manager"}


@pytest.fixture
def care(calendar):
    def find(keys, managers=(), contacts=(), interactions=()):
        found = key_care(
            keys,
            table_of(MANAGERS, *managers),
            table_of(CONTACTS, *contacts),
            table_of(INTERACTIONS, *interactions),
            calendar,
            RULES,
        )
        KEY_CARE.check(found.table)
        return found

    return find


def test_single_threads(care, keys_of, say_it):
    found = care(
        keys_of(a="Ana", b="Ana", c="Bo"),
        [manager("Ana"), manager("Bo")],
        # the same person twice is one thread; c has nobody on record
        [contact("a", "P"), contact("a", "P", "staff"), contact("b", "P"), contact("b", "Q")],
    )
    assert found.table[["contacts", "people", "levels"]].fillna(-1).values.tolist() == [
        ["one", 1, 2],
        ["none", 0, -1],
        ["several", 2, 1],
    ]
    assert found.numbers == {"keys_without_named_manager": 0, "keys_single_threaded": 2}
    assert say_it(found.sentence) == ("We know at most one contact at 2 of 3 key clients; without a named manager: 0.")


def test_a_person_is_never_named(care, keys_of):
    found = care(keys_of(a="Ana"), contacts=[contact("a", "Secret Person")])
    assert "Secret" not in found.table.to_csv()


def test_nobody_and_who_is_not_on_the_list(care, keys_of, say_it):
    found = care(keys_of(a="Ana", b=None, c="Gone"), [manager("Ana")])
    assert found.table.manager_state.tolist() == ["nobody", "unlisted", "named"]  # who lacks most stands first
    assert found.numbers["keys_without_named_manager"] == 2
    assert found.numbers["keys_single_threaded"] is None
    texts = [say_it(caveat.text) for caveat in found.caveats]
    assert "because they left: Gone." in texts[0]
    assert texts[-1] == "The source holds no table of: contact persons and visits."
    assert say_it(found.sentence) == ("2 of 3 key clients have no named manager; contact persons are not in the data.")


def test_one_client_is_not_one_of_one(care, keys_of, say_it):
    gone = care(keys_of(a="Gone"), [manager("Ana")])
    assert say_it(gone.sentence) == "The only key client has no named manager; contact persons are not in the data."
    thin = care(keys_of(a="Ana"), contacts=[contact("a", "Eva")])
    assert say_it(thin.sentence) == ("We know at most one contact at the only key client; without a named manager: 0.")
    held = care(keys_of(a="Ana"), contacts=[contact("a", "Eva"), contact("a", "Ivo")])
    assert say_it(held.sentence) == "We know several contacts at every key client; without a named manager: 0."


def test_without_a_list_every_manager_counts_as_named(care, keys_of, say_it):
    found = care(keys_of(a="Ana"))
    assert found.numbers["keys_without_named_manager"] == 0
    assert say_it(found.sentence) == "The only key client has a named manager; contact persons are not in the data."
    both = say_it(care(keys_of(a="Ana", b="Bo")).sentence)
    assert both == "Both key clients have a named manager; contact persons are not in the data."


def test_visits_before_the_reference_date(care, keys_of, say_it):
    # 90 days before 1 January 2026 is 3 October 2025: still in time; calls are no visits
    found = care(
        keys_of(a="Ana", b="Ana", c="Ana"),
        interactions=[
            visit("a", "2025-10-03"),
            visit("a", "2026-01-01"),
            visit("b", "2025-10-02"),
            visit("c", "2025-12-30", "call"),
        ],
    )
    assert found.table.set_index("account_id").days_since_visit.fillna(-1).to_dict() == {"a": 90, "b": 91, "c": -1}
    (text,) = [say_it(caveat.text) for caveat in found.caveats if say_it(caveat.head) == "Visits"]
    assert text == "2 key clients were not visited in the last 90 days."


def test_neither_managers_nor_contacts(care, keys_of, say_it):
    found = care(keys_of(a=None, b=None))
    assert say_it(found.absent).startswith("The source names no manager of a key client")
    assert found.numbers["keys_without_named_manager"] is None


def test_no_key_client(care, keys_of, say_it):
    found = care(keys_of())
    assert (found.table.empty, say_it(found.sentence)) == (True, "There is no key client to look after.")


def test_petty_orders_of_a_manager(chosen, make_facts, classes_of):
    # 950 + 50: before the client of 50 exactly 95 % are reached, so it is class C, like the returner
    facts = make_facts(
        {"a": 950.0, "b": 50.0, "c": -5.0},
        manager=dict.fromkeys("abc", "Ana"),
        orders_12m={"a": 6, "b": 3, "c": 1},
    )
    found = MANAGER_LOAD.check(manager_load(facts, classes_of(facts), chosen(facts).keys, RULES).table)
    assert found.c_orders_share.tolist() == [0.4]
    one = make_facts({"a": 0.0}, manager={"a": "Ana"})
    nothing = manager_load(one, classes_of(one), chosen(one).keys, RULES)
    assert nothing.table.c_orders_share.isna().all()


def test_people_of_all_members_are_counted(care, chosen):
    now = chosen({"a": 5.0, "b": 4.0}, ["a"], parent_id={"a": "H", "b": "H"}, manager={"a": "Ana"})
    found = care(
        now,
        contacts=[contact("a", "P"), contact("b", "Q"), contact("b", "P")],
        interactions=[visit("a", "2025-05-01"), visit("b", "2025-06-01")],
    )
    assert found.table[["account_id", "people"]].values.tolist() == [["H", 2]]
    assert found.table.last_visit_on.tolist() == [pd.Timestamp("2025-06-01")]


def test_demo_contacts(demo):
    contacts, managers = demo.engine.frame("contacts", CONTACTS), demo.engine.frame("managers", MANAGERS)
    table = key_care(demo.now, managers, contacts, INTERACTIONS.empty(), demo.calendar, demo.rules).table
    account = demo.now.members.set_index("customer_id").account_id
    people = contacts.assign(account=contacts.customer_id.map(account)).dropna(subset="account")
    assert table.people.sum() == len(people.drop_duplicates(["account", "person"]))
