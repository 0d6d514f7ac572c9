"""Which key clients should move to which manager, so that each has one and nobody has too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.findings import Finding, Message, Show, say, say_n
from kam_analysis.key_clients.managers import main_departments
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class MoveReason(Labelled):
    """Why a key client needs another manager."""

    NOBODY = "nobody", say("no manager is named")
    UNLISTED = "unlisted", say("the manager is not on the list of managers")
    OVER_LIMIT = "over_limit", say("the manager has too many key clients; this one is among the smallest")


class MoveFit(Labelled):
    """Why a key client should go to the proposed manager; he has room, and among equals the fewest key clients."""

    BOTH = "both", say("has room; same department, and customers in the same region")
    DEPARTMENT = "department", say("has room; same department")
    REGION = "region", say("nobody of the department has room; has customers in the same region")
    NEITHER = "neither", say("nobody of the department or region has room; lowest load")
    NO_ROOM = "no_room", say("every manager is at the limit: one more is needed")


KEY_MOVES = Table(
    "key_moves",
    "one key account that needs another manager",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.NET_SALES_12M,
        col.name("from_manager", say("From manager"), "Present manager.", nullable=True, absent=say("nobody")),
        col.count("from_keys", say("Keys before"), "Key clients of the present manager.", nullable=True),
        col.member("reason", say("Why it moves"), "What is wrong now.", MoveReason),
        col.name("to_manager", say("To manager"), "Proposed manager.", nullable=True, absent=say("nobody has room")),
        col.name("to_department", say("Department"), "Of the proposed manager.", nullable=True),
        col.count("to_keys", say("Keys then"), "Key clients of the proposed manager after it.", nullable=True),
        col.member("fit", say("Why there"), "How well the proposed manager fits.", MoveFit),
        col.count("order", say("Step"), "Moves are made one after another.", low=1),
    ),
    ("account_id",),
)


@dataclass
class _Desk:
    """A manager as one who could take a key client."""

    name: str
    department: str | None
    regions: frozenset[str]
    net_sales: int
    room: int
    keys: int


def propose_moves(facts: pd.DataFrame, keys: pd.DataFrame, managers: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    """Move key accounts one by one, each to the best manager who has room; nobody else ever moves.

    First the accounts without a manager or whose manager is not on the list, largest first; then from every manager
    over the limit the smallest key accounts, as many as are too many. A receiver stays within the limit (his capacity,
    where that is lower); preferred are those of the client's department who already have customers in its region, then
    of the department, then of the region; among equals the one with the fewest key clients, the lowest sales, the first
    name.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``: departments, regions and sales of the managers.
    keys : DataFrame
        ``key_list``.
    managers : DataFrame
        ``managers``; where it is empty, the managers of the customers stand for the list.
    rules : KeyClients
        Limit of key clients per manager.

    Returns
    -------
    DataFrame
        ``key_moves``; to_manager missing where nobody has room.

    Examples
    --------
    >>> from kam_analysis.tables import MANAGERS
    >>> facts = pd.DataFrame({"customer_id": list("abc"), "customer_name": list("ABC"), "department": "North",
    ...     "manager": ["Ana", "Ana", "Bo"], "region": None, "net_sales_12m": [9.0, 7.0, 1.0]})
    >>> keys = facts.head(2).assign(parent_id=facts.customer_id).rename(
    ...     columns={"customer_id": "account_id", "customer_name": "account_name"})
    >>> facts = facts.assign(parent_id=facts.customer_id)
    >>> moves = propose_moves(facts, keys, MANAGERS.empty(), KeyClients(keys_per_manager=1))
    >>> moves[["account_name", "from_manager", "to_manager", "fit"]].values.tolist()
    [['B', 'Ana', 'Bo', 'department']]
    """
    clients = keys.assign(
        exact=money.exact(keys.net_sales_12m), region=keys.account_id.map(_regions(facts[facts.region.notna()]))
    )
    desks = _desks(facts, clients, managers, rules)
    rows: list[dict[str, object]] = []
    for reason, client in _leaving(clients, desks):
        old = desks.get(client.manager)
        desk, fit = _receiver(client, old, desks)
        before = old.keys if old else np.nan
        if desk:
            desk.keys += 1
            if old:
                old.keys -= 1
        rows.append(
            {
                "account_id": client.account_id,
                "account_name": client.account_name,
                "net_sales_12m": client.net_sales_12m,
                "from_manager": client.manager,
                "from_keys": before,
                "reason": reason.value,
                "to_manager": desk.name if desk else None,
                "to_department": desk.department if desk else None,
                "to_keys": desk.keys if desk else np.nan,
                "fit": fit.value,
                "order": len(rows) + 1,
            }
        )
    return KEY_MOVES.conform(pd.DataFrame(rows, columns=KEY_MOVES.names))


def _regions(placed: pd.DataFrame) -> pd.Series:
    """Region with most of an account's net sales, ties by name."""
    sums = placed.assign(exact=money.exact(placed.net_sales_12m)).groupby(["parent_id", "region"]).exact.sum()
    ordered = sums.reset_index().sort_values(["parent_id", "exact", "region"], ascending=[True, False, True])
    return ordered.drop_duplicates("parent_id").set_index("parent_id").region


def _desks(
    facts: pd.DataFrame, clients: pd.DataFrame, managers: pd.DataFrame, rules: KeyClients
) -> dict[object, _Desk]:
    owned = facts[facts.manager.notna()]
    owned = owned.assign(exact=money.exact(owned.net_sales_12m))
    listed = managers.drop_duplicates("manager_id").set_index("manager_id")
    departments = main_departments(owned)
    regions = owned[owned.region.notna()].groupby("manager").region.agg(frozenset)
    sales = owned.groupby("manager").exact.sum()
    loads = clients.manager.value_counts()
    found = {}
    for name in sorted(listed.index if len(listed) else {*owned.manager, *clients.manager.dropna()}):
        capacity, department = (listed.capacity[name], listed.department[name]) if len(listed) else (np.nan, None)
        room = rules.keys_per_manager if pd.isna(capacity) else min(rules.keys_per_manager, int(capacity))
        found[name] = _Desk(
            name,
            department if isinstance(department, str) else departments.get(name),
            regions.get(name, frozenset()),
            int(sales.get(name, 0)),
            room,
            int(loads.get(name, 0)),
        )
    return found


def _leaving(clients: pd.DataFrame, desks: dict[object, _Desk]) -> list[tuple[MoveReason, Any]]:
    ordered = list(clients.sort_values(["exact", "account_id"], ascending=[False, True]).itertuples(index=False))
    orphans = [
        (MoveReason.UNLISTED if isinstance(client.manager, str) else MoveReason.NOBODY, client)
        for client in ordered
        if client.manager not in desks
    ]
    too_many = []
    for name, desk in desks.items():
        own = [client for client in ordered if client.manager == name]
        too_many += [(MoveReason.OVER_LIMIT, client) for client in own[desk.room :][::-1]]
    return orphans + too_many


def _receiver(client: Any, old: _Desk | None, desks: dict[object, _Desk]) -> tuple[_Desk | None, MoveFit]:
    free = [desk for desk in desks.values() if desk is not old and desk.keys < desk.room]
    if not free:
        return None, MoveFit.NO_ROOM
    department = client.department if isinstance(client.department, str) else old.department if old else None

    def place(desk: _Desk) -> tuple[bool, bool, int, int, str]:
        is_near = department is not None and desk.department == department
        return not is_near, client.region not in desk.regions, desk.keys, desk.net_sales, desk.name

    best = min(free, key=place)
    is_far, is_foreign, *_ = place(best)
    fits = {
        (False, False): MoveFit.BOTH,
        (False, True): MoveFit.DEPARTMENT,
        (True, False): MoveFit.REGION,
        (True, True): MoveFit.NEITHER,
    }
    return best, fits[is_far, is_foreign]


@finds(KEY_MOVES)
def key_moves(facts: pd.DataFrame, keys: pd.DataFrame, managers: pd.DataFrame, rules: KeyClients) -> Finding:
    """Propose to whom key clients should move, and why; a proposal for a talk, not an order.

    Nothing is shown when the data name no manager: `manager_load` says so.

    Parameters
    ----------
    facts, keys, managers, rules
        As in `propose_moves`.

    Notes
    -----
    Article C: a manager handles at most three key clients, and every key client has one.
    """
    question = say("Who should take over which key client?")
    if managers.empty and facts.manager.isna().all():
        return Finding("key_moves", question, say("The data name no manager."), KEY_MOVES.empty())
    table = propose_moves(facts, keys, managers, rules)
    stuck = int(table.to_manager.isna().sum())
    return Finding(
        "key_moves",
        question,
        _moves_sentence(table, stuck, rules),
        table,
        {"key_moves": len(table) - stuck, "key_moves_without_room": stuck},
        sub=say(
            "Each to the manager with room who knows the department and region best. From a manager with more than "
            "{limit:count} key clients the smallest go, because they lose least.",
            limit=rules.keys_per_manager,
        ),
        base=say(
            "Limit: {limit:count} key clients each, or the manager's capacity where lower.",
            limit=rules.keys_per_manager,
        ),
        show=(
            "account_name",
            "net_sales_12m",
            "from_manager",
            Show("reason", wide=True),
            "to_manager",
            "to_department",
            Show("fit", wide=True),
            "to_keys",
        ),
        cards=True,
        none=say("Nothing to move: every key client has a manager, and nobody has too many."),
    )


def _moves_sentence(table: pd.DataFrame, stuck: int, rules: KeyClients) -> Message:
    if table.empty:
        return say("No key client needs another manager.")
    if stuck:
        return say_n(
            "{n:count} key client needs another manager; for {stuck:count} nobody has room.",
            "{n:count} key clients need another manager; for {stuck:count} nobody has room.",
            count="n",
            n=len(table),
            stuck=stuck,
        )
    return say_n(
        "{n:count} move gives every key client a manager with at most {limit:count} of them.",
        "{n:count} moves give every key client a manager with at most {limit:count} of them.",
        count="n",
        n=len(table),
        limit=rules.keys_per_manager,
    )
