"""Who looks after the key clients, and who looks after too many."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.findings import Caveat, Finding, Message, Weight, say, say_n
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import AbcClass

MANAGER_LOAD = Table(
    "manager_load",
    "one manager",
    (
        col.MANAGER("Missing: the data name nobody."),
        col.DEPARTMENT("Department with most of the manager's sales."),
        col.CUSTOMERS("Customers whose manager this is."),
        col.KEY_CLIENTS("Of the company's list."),
        col.flag("is_over", say("Over the limit"), "More than key_clients.keys_per_manager."),
        col.NET_SALES_12M("Of these customers."),
        col.money("key_net_sales_12m", say("With key clients"), "Of the key clients among them."),
        col.share(
            "c_orders_share",
            say("Orders from class C"),
            "Of the manager's orders of 12 months: those of the customers who bring the last 5 % of sales.",
            nullable=True,
        ),
    ),
    ("manager",),
)


MOST_NAMED = 5
SMALL_CLASSES = (AbcClass.C, AbcClass.N)


def load_by_manager(facts: pd.DataFrame, classes: pd.Series, keys: pd.DataFrame, keys_per_manager: int) -> pd.DataFrame:
    """Customers, key accounts and money of every manager.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``; a customer's manager is the one with most of its net sales in the last 12 months.
    classes : Series
        From `customer_classes`: orders of classes C and N are counted apart.
    keys : DataFrame
        ``key_list``; each account has one manager, the one with most of its net sales in the last 12 months.
    keys_per_manager : int
        Limit; more is over it (article C: a manager handles at most three key clients).

    Returns
    -------
    DataFrame
        ``manager_load``; customers without a manager in a row without a name, which is never over the limit.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "manager": ["Ana", None], "department": ["North", None],
    ...                       "net_sales_12m": [5.0, 7.0], "orders_12m": 1})
    >>> keys = pd.DataFrame({"account_id": ["1"], "manager": ["Ana"], "net_sales_12m": [5.0]})
    >>> load_by_manager(facts, pd.Series("C", facts.customer_id), keys, 3).key_clients.tolist()
    [1, 0]
    """
    marked = facts.assign(
        exact=money.exact(facts.net_sales_12m),
        c_orders=facts.orders_12m.where(facts.customer_id.isin(classes.index[classes.isin(SMALL_CLASSES)]), 0),
        manager=facts.manager.fillna(""),
    )
    load = marked.groupby("manager").agg(
        customers=("customer_id", "size"),
        exact=("exact", "sum"),
        orders=("orders_12m", "sum"),
        c_orders=("c_orders", "sum"),
    )
    held = (
        keys.assign(key_exact=money.exact(keys.net_sales_12m))
        .groupby(keys.manager.fillna(""))
        .agg(key_clients=("account_id", "size"), key_exact=("key_exact", "sum"))
    )
    load = load.join(held, how="outer").fillna(0).join(main_departments(marked)).rename_axis("manager").reset_index()
    load = load.assign(
        is_over=(load.key_clients > keys_per_manager) & (load.manager != ""),
        net_sales_12m=load.exact / money.SCALE,
        key_net_sales_12m=load.key_exact / money.SCALE,
        c_orders_share=(load.c_orders / load.orders).where(load.orders > 0),
    ).sort_values(["key_clients", "exact", "manager"], ascending=[False, False, True], ignore_index=True)
    return MANAGER_LOAD.conform(load.assign(manager=load.manager.where(load.manager != "")))


def main_departments(marked: pd.DataFrame) -> pd.Series:
    """Department with most of a manager's sales, ties by name; indexed by manager.

    Parameters
    ----------
    marked : DataFrame
        manager, department and exact (net sales in ten-thousandths), one row per customer.
    """
    sums = marked[marked.department.notna()].groupby(["manager", "department"]).exact.sum().reset_index()
    ordered = sums.sort_values(["manager", "exact", "department"], ascending=[True, False, True])
    return ordered.drop_duplicates("manager").set_index("manager").department


@finds(MANAGER_LOAD)
def manager_load(facts: pd.DataFrame, classes: pd.Series, keys: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say which managers look after more key clients than they can.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    classes : Series
        From `customer_classes`.
    keys : DataFrame
        ``key_list``.
    rules : KeyClients
        Limit of key clients per manager.
    """
    table = load_by_manager(facts, classes, keys, rules.keys_per_manager)
    question = say("Who looks after the key clients?")
    if table.manager.isna().all():
        return Finding(
            "manager_load",
            question,
            say("The data name no manager."),
            table,
            {"managers_over_limit": None, "managers_over_limit_absent": "the source names no manager"},
            absent=say("The source names no manager. Map a manager column to see the load."),
        )
    over = int(table.is_over.sum())
    return Finding(
        "manager_load",
        question,
        _load_sentence(table, over, rules),
        table,
        {"managers_over_limit": over},
        sub=say("Key accounts by their manager: the one with most of the account's net sales of the last 12 months."),
        base=say(
            "Managers: {n:count}; key accounts: {keys:count}.", n=int(table.manager.notna().sum()), keys=len(keys)
        ),
        drawing="key_clients.manager_load",
        limits={"keys_per_manager": rules.keys_per_manager},
        caveats=_owner_caveats(table),
    )


def _load_sentence(table: pd.DataFrame, over: int, rules: KeyClients) -> Message:
    named = table[table.manager.notna()]
    if not named.key_clients.any():
        return say("No manager looks after a key client.")
    if not over:
        return say(
            "No manager is over the limit of key clients ({limit:count}); the highest load is {most:count}.",
            limit=rules.keys_per_manager,
            most=int(named.key_clients.max()),
        )
    if over > MOST_NAMED:
        return say(
            "{n:count} managers are over the limit of key clients ({limit:count}); {manager} is first with "
            "{most:count}.",
            n=over,
            limit=rules.keys_per_manager,
            manager=named.manager.iloc[0],
            most=int(named.key_clients.iloc[0]),
        )
    return say_n(
        "{n:count} manager is over the limit of key clients ({limit:count}): {managers:names}.",
        "{n:count} managers are over the limit of key clients ({limit:count}): {managers:names}.",
        count="n",
        n=over,
        limit=rules.keys_per_manager,
        managers=list(named.manager[named.is_over]),
    )


def _owner_caveats(table: pd.DataFrame) -> list[Caveat]:
    orphans = int(table.key_clients[table.manager.isna()].sum())
    if not orphans:
        return []
    text = say_n(
        "{n:count} key client has no manager in the data.",
        "{n:count} key clients have no manager in the data.",
        count="n",
        n=orphans,
    )
    return [Caveat(say("Key clients without a manager"), text, Weight.RED)]
