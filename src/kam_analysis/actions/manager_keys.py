"""Key accounts in the hands of each manager."""

from __future__ import annotations

import pandas as pd

from kam_analysis.actions.exceptions import EXCEPTIONS
from kam_analysis.findings import Finding, say
from kam_analysis.params import Params
from kam_analysis.tables import ACCOUNT_ID, ACCOUNT_NAME, MEMBERS, NET_SALES_12M, SHARE_12M, Column, Kind, Table, finds
from kam_analysis.vocabulary import KeyLevel

MANAGER_KEYS = Table(
    "manager_keys",
    "one key account in the hands of its manager",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        MEMBERS,
        Column("manager", Kind.NAME, say("Owner"), "Manager with most of its net sales.", nullable=True),
        Column("level", Kind.MEMBER, say("Level"), "The first reason that holds.", members=KeyLevel),
        NET_SALES_12M,
        SHARE_12M,
        EXCEPTIONS["lost_chance"],
        EXCEPTIONS["expected_loss"],
        Column("last_order_on", Kind.DATE, say("Last order"), "Of any member.", nullable=True),
    ),
    ("account_id",),
)


@finds(MANAGER_KEYS)
def manager_keys(
    keys: pd.DataFrame,
    members: pd.DataFrame,
    facts: pd.DataFrame,
    rules: Params,
) -> Finding:
    """List the key accounts that each manager holds, in the order of the key list, with what is at risk.

    Parameters
    ----------
    keys, members : DataFrame
        ``key_list``, ``key_members``.
    facts : DataFrame
        ``customer_facts``: last_order_on.
    rules : Params
        ``key_clients.keys_per_manager``, the limit.
    """
    account_of = members.set_index("customer_id")["account_id"]
    last = facts.set_index("customer_id")["last_order_on"].reindex(account_of.index).groupby(account_of).max()
    rows = keys.set_index("account_id").join(last)
    table = MANAGER_KEYS.conform(rows.rename_axis("account_id").reset_index())
    limit = rules.key_clients.keys_per_manager
    held = table["manager"].value_counts()
    over = int((held > limit).sum())
    return Finding(
        "manager_keys",
        say("Which key accounts does each manager hold?"),
        say(
            "Managers with more than {limit:count} key accounts: {n:count} of {m:count}.",
            limit=limit,
            n=over,
            m=len(held),
        ),
        table,
        show=("account_name", "share_12m", "lost_chance", "expected_loss", "last_order_on"),
        limits={"keys_per_manager": limit},
        none=say("No key account."),
    )
