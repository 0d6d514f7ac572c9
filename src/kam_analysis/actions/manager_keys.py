"""Key accounts in the hands of each manager."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.actions.exceptions import EXCEPTIONS
from kam_analysis.findings import Finding, say
from kam_analysis.params import Params
from kam_analysis.tables import Table, finds

MANAGER_KEYS = Table(
    "manager_keys",
    "one key account in the hands of its manager",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MEMBERS,
        col.OWNER("Manager with most of its net sales."),
        col.LEVEL,
        col.NET_SALES_12M,
        col.SHARE_12M,
        EXCEPTIONS["lost_chance"],
        EXCEPTIONS["expected_loss"],
        col.LAST_ORDER_ON("Of any member."),
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
