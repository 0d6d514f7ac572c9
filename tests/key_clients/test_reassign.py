"""Moves of key clients between managers: nobody above the limit, department and region first, every reason told."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.key_clients import key_moves
from kam_analysis.key_clients.reassign import KEY_MOVES, propose_moves
from kam_analysis.params import KeyClients
from kam_analysis.tables import MANAGERS

RULES = KeyClients()


def managers_of(*rows):
    frame = pd.DataFrame(rows, columns=["manager_id", "department", "capacity"])
    return MANAGERS.conform(frame.reindex(columns=MANAGERS.names))


@pytest.fixture(scope="session")
def moved(chosen, make_facts):
    """Moves of the key clients, given as id: (net sales, manager, department, region), beside other customers."""

    def find(keys, managers, others=None, rules=RULES):
        everybody = keys | (others or {})
        parts = {
            name: {one: row[place] for one, row in everybody.items()}
            for place, name in enumerate(("sales", "manager", "department", "region"))
        }
        facts = make_facts(parts.pop("sales"), **parts)
        found = key_moves(facts, chosen(facts, list(keys)).keys, managers, rules)
        KEY_MOVES.check(found.table)
        return found

    return find


def rows(found, *columns):
    return found.table[list(columns)].fillna("-").values.tolist()


def test_the_smallest_leaves_and_stays_in_its_department(moved, say_it):
    # article C: at most three key clients each; Ana has four in North, Bo of North has room, Cy of South too
    keys = {f"k{i}": (10.0 * i, "Ana", "North", "Vardar") for i in range(1, 5)}
    found = moved(
        keys,
        managers_of(("Ana", "North", 3), ("Bo", "North", 3), ("Cy", "South", 3)),
        {"x": (1.0, "Cy", "South", "Vardar")},
    )
    assert rows(found, "account_id", "from_manager", "from_keys", "to_manager", "to_keys", "reason", "fit") == [
        ["k1", "Ana", 4, "Bo", 1, "over_limit", "department"]
    ]
    assert say_it(found.sentence) == "1 move gives every key client a manager with at most 3 of them."
    assert found.numbers == {"key_moves": 1, "key_moves_without_room": 0}


def test_region_decides_within_the_department(moved):
    keys = {f"k{i}": (10.0 * i, "Ana", "North", "Vardar") for i in range(1, 5)}
    others = {"x": (9.0, "Di", "North", "Vardar")}
    managers = managers_of(("Ana", "North", 3), ("Bo", "North", 3), ("Di", "North", 3))
    assert rows(moved(keys, managers, others), "to_manager", "fit") == [["Di", "both"]]


def test_region_when_the_department_is_full(moved):
    keys = {f"k{i}": (10.0 * i, "Ana", "North", "Vardar") for i in range(1, 5)}
    managers = managers_of(("Ana", "North", 3), ("Bo", "North", 0), ("Cy", "South", 3), ("Di", "South", 3))
    others = {"x": (9.0, "Di", "South", "Vardar")}
    assert rows(moved(keys, managers, others), "to_manager", "fit") == [["Di", "region"]]
    assert rows(moved(keys, managers), "to_manager", "fit") == [["Cy", "neither"]]


def test_load_then_sales_then_name(moved):
    keys = {f"k{i}": (10.0 * i, "Ana", "North", None) for i in range(1, 5)} | {"b": (5.0, "Bo", "North", None)}
    managers = managers_of(("Ana", "North", 3), ("Bo", "North", 3), ("Cy", "North", 3), ("Di", "North", 3))
    others = {"x": (9.0, "Cy", "North", None)}
    # Bo has a key client already, Cy more sales than Di
    assert rows(moved(keys, managers, others), "to_manager") == [["Di"]]
    assert rows(moved(keys, managers), "to_manager") == [["Cy"]]


def test_who_has_nobody_goes_first_the_largest_first(moved):
    keys = {
        "a": (5.0, None, "North", None),
        "b": (7.0, "Gone", "North", None),
        "c": (1.0, "Ana", "North", None),
        "d": (2.0, "Ana", "North", None),
    }
    one = KeyClients(keys_per_manager=1)
    found = moved(keys, managers_of(("Ana", "North", 1), ("Bo", "North", 5)), rules=one)
    # Bo's capacity of five does not lift the limit of one: a and c find nobody
    assert rows(found, "account_id", "reason", "to_manager", "fit") == [
        ["b", "unlisted", "Bo", "department"],
        ["a", "nobody", "-", "no_room"],
        ["c", "over_limit", "-", "no_room"],
    ]
    assert found.numbers == {"key_moves": 1, "key_moves_without_room": 2}


def test_nothing_to_move(moved, say_it):
    found = moved({"a": (5.0, "Ana", None, None)}, managers_of(("Ana", None, None)))
    assert (found.table.empty, say_it(found.sentence)) == (True, "No key client needs another manager.")


def test_no_manager_anywhere(moved, say_it):
    found = moved({"a": (5.0, None, None, None)}, MANAGERS.empty())
    assert (found.table.empty, found.show, say_it(found.sentence)) == (True, (), "The data name no manager.")


PEOPLE = st.sampled_from(["Ana", "Bo", "Cy", "Gone", None])
PLACES = st.sampled_from(["North", "South", None])


@settings(max_examples=settings.default.max_examples // 2)
@given(
    clients=st.lists(st.tuples(st.integers(0, 50), PEOPLE, PLACES, PLACES), max_size=14),
    capacities=st.tuples(*[st.sampled_from([None, 0, 1, 2, 9])] * 3),
)
def test_moves_keep_their_promises(chosen, make_facts, clients, capacities):
    named = {f"{place:02}": client for place, client in enumerate(clients)}
    parts = [{one: client[place] for one, client in named.items()} for place in range(4)]
    facts = make_facts(
        {one: float(sales) for one, sales in parts[0].items()},
        manager=parts[1],
        department=parts[2],
        region=parts[3],
    )
    managers = managers_of(*zip(("Ana", "Bo", "Cy"), ("North", "North", "South"), capacities, strict=True))
    keys = chosen(facts, list(named)).keys
    moves = propose_moves(facts, keys, managers, RULES)
    shuffled = propose_moves(facts[::-1], keys[::-1], managers, RULES)
    assert moves.equals(shuffled)
    before = Counter(facts.manager.dropna())
    after = before.copy()
    rooms = zip(("Ana", "Bo", "Cy"), capacities, strict=True)
    limits = {name: 3 if room is None else min(3, room) for name, room in rooms}
    for move in moves.dropna(subset="to_manager").itertuples():
        assert move.from_manager != move.to_manager
        after[move.from_manager] -= 1
        after[move.to_manager] += 1
        # who receives was never full
        assert after[move.to_manager] <= limits[move.to_manager]
    assert moves.account_id.is_unique
    excess = sum(max(0, before[name] - limit) for name, limit in limits.items())
    orphans = int((~facts.manager.isin(list(limits))).sum())
    assert len(moves) == excess + orphans
    if moves.to_manager.notna().all():
        assert all(after[name] <= limit for name, limit in limits.items())
    else:
        assert all(after[name] >= limit for name, limit in limits.items())


def test_a_nomination_never_moves(listed, make_facts, make_assessment):
    facts = make_facts(
        {"a": 90.0} | {f"n{i}": 1.0 for i in range(9)},
        manager=dict.fromkeys(["a", *(f"n{i}" for i in range(9))], "Ana"),
    )
    rated = make_assessment(**{f"n{i}": {"well_known": "yes"} for i in range(9)})
    keys = listed(facts, assessment=rated, rules=KeyClients(admit=("company", "flag"), weight_draws=20)).keys
    assert propose_moves(facts, keys, managers_of(("Ana", "North", 3), ("Bo", "North", 3)), RULES).empty


def test_a_group_moves_as_one(chosen, make_facts):
    sales = {f"k{i}": 10.0 * i for i in range(1, 4)} | {"x": 3.0, "y": 4.0}
    facts = make_facts(sales, manager=dict.fromkeys(sales, "Ana"), parent_id={"x": "H", "y": "H"})
    moves = propose_moves(facts, chosen(facts, list(sales)).keys, managers_of(("Ana", "N", 3), ("Bo", "N", 3)), RULES)
    assert moves[["account_id", "net_sales_12m", "to_manager"]].values.tolist() == [["H", 7.0, "Bo"]]


def test_demo_moves_concern_accounts_of_the_list_only(demo):
    moves = propose_moves(demo.customer_facts, demo.now.keys, demo.engine.frame("managers", MANAGERS), demo.rules)
    assert set(moves.account_id) <= set(demo.now.keys.account_id)
    assert not set(moves.account_id) & set(demo.now.nominations.account_id)
    over = demo.now.keys.manager.value_counts()
    assert sorted(set(moves.from_manager)) == sorted(over.index[over > demo.rules.keys_per_manager])
