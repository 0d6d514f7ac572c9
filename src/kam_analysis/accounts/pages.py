"""Which accounts have a dossier, and what stands at its head."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine
from kam_analysis.facts.account_chances import account_chances, account_trends
from kam_analysis.facts.accounts import accounts, unit_customers
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.order_rhythms import expected_orders
from kam_analysis.findings import Finding, Message, Show, say, say_n
from kam_analysis.params import Params
from kam_analysis.tables import CUSTOMER_FACTS, KEY_LIST, Table, finds
from kam_analysis.vocabulary import AbcClass

Pages = Literal["keys", "keys_and_a", "all"]
OF_KEYS = ["level", "reasons", "key_department", "department_share", "key_manager", "manager_share"]


NET_SALES_BEFORE = col.NET_SALES_YEAR_BEFORE(
    "Net sales of the 12 months before; missing where the data do not reach back 24 months.", nullable=True
)
CHANGE = col.change(
    "change",
    say("Change"),
    "Net sales of 12 months over those of the 12 before, less 1; missing where these are not above 0.",
    nullable=True,
)
_TREND = KEY_LIST["trend"]
_CHANCES = (
    col.LOST_CHANCE("Missing a year after its last order."),
    col.EXPECTED_LOSS("Of the lost chance.", nullable=True),
)
_NEXT = (
    col.date(
        "from_on",
        say("Next order from"),
        "Earliest next order of a member with a rhythm of its own, those not overdue first; missing without one.",
        nullable=True,
    ),
    col.date("to_on", say("Next order to"), "Last day of that time; it may have passed.", nullable=True),
)

ACCOUNT_PAGES = Table(
    "account_pages",
    "one account with a dossier, largest net sales of the last 12 months first",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MEMBERS,
        col.IS_KEY,
        col.LEVEL(nullable=True),
        KEY_LIST["reasons"](nullable=True),
        col.MANAGER("Manager with most of its net sales."),
        col.MANAGERS,
        col.DEPARTMENT("Department, by the same rule."),
        *(KEY_LIST[name] for name in ("key_department", "department_share", "key_manager", "manager_share")),
        col.value("industry", say("Industry"), "Of the member that gives the name.", nullable=True),
        col.name("place", say("Place"), "Region, else country, of that member.", nullable=True),
        col.NET_SALES_12M,
        NET_SALES_BEFORE,
        CHANGE,
        col.SHARE_12M,
        col.MARGIN_12M,
        col.change("margin_share", say("Margin rate"), "Margin over net sales of lines with a cost.", nullable=True),
        _TREND,
        *_CHANCES,
        KEY_LIST["years_value"],
        col.IS_STOPPED("A lost chance from `facts.stopped_from` on."),
        CUSTOMER_FACTS["first_order_on"],
        col.LAST_ORDER_ON,
        col.ORDERS_12M,
        *_NEXT,
        col.count("due_members", say("Members expected"), "Members with a rhythm of their own."),
    ),
    ("account_id",),
)

ACCOUNT_MEMBERS = Table(
    "account_members",
    "one customer of an account with a dossier, largest net sales of the account first",
    (
        col.ACCOUNT_ID,
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.MANAGER("The customer's manager."),
        col.NET_SALES_12M,
        NET_SALES_BEFORE,
        CHANGE,
        _TREND,
        *_CHANCES,
        col.LAST_ORDER_ON,
        *_NEXT,
    ),
    ("customer_id",),
)


def has_year_before(calendar: Calendar) -> bool:
    """Tell whether the data cover the 12 months before the last 12.

    Examples
    --------
    >>> import datetime as dt
    >>> [has_year_before(Calendar(dt.date(2024, 1, day), dt.date(2026, 1, 1))) for day in (1, 2)]
    [True, False]
    """
    return calendar.first_order_on <= add_months(calendar.as_of, -24)


def chosen_customers(facts: pd.DataFrame, keys: pd.DataFrame, segments: pd.DataFrame, pages: Pages) -> pd.DataFrame:
    """Choose the accounts that get a dossier, with all their customers.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``; `parent_id` is the account.
    keys, segments : DataFrame
        ``key_list``, ``customer_segments``.
    pages : {"keys", "keys_and_a", "all"}
        Key accounts; these and every account with a customer of class A; every account.

    Returns
    -------
    DataFrame
        account_id, customer_id.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2", "3"], "parent_id": ["H", "H", "3"]})
    >>> keys, segments = pd.DataFrame({"account_id": ["H"]}), pd.DataFrame({"customer_id": ["3"], "abc": ["A"]})
    >>> [len(chosen_customers(facts, keys, segments, pages)) for pages in ("keys", "keys_and_a", "all")]
    [2, 3, 3]
    """
    account = facts["parent_id"]
    is_chosen = account.isin(keys["account_id"])
    if pages == "keys_and_a":
        large = segments["customer_id"][segments["abc"] == AbcClass.A.value]
        is_chosen |= account.isin(account[facts["customer_id"].isin(large)])
    elif pages == "all":
        is_chosen |= True
    chosen = facts[is_chosen]
    return pd.DataFrame({"account_id": chosen["parent_id"], "customer_id": chosen["customer_id"]}, dtype="str")


@finds(ACCOUNT_PAGES)
def account_pages(
    lines: Engine,
    chosen: pd.DataFrame,
    facts: pd.DataFrame,
    keys: pd.DataFrame,
    chances: pd.DataFrame,
    loss_share: float,
    months: pd.DataFrame,
    rhythms: pd.DataFrame,
    calendar: Calendar,
    rules: Params,
) -> Finding:
    """Give what stands at the head of every dossier.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``.
    chosen : DataFrame
        From `chosen_customers`.
    facts, keys, chances, months : DataFrame
        ``customer_facts``, ``key_list``, ``customer_chances``, ``customer_months``.
    loss_share : float
        Share of a year's value that a silence costs.
    rhythms : DataFrame
        From `order_rhythms`.
    calendar : Calendar
        At the reference date.
    rules : Params
        ``facts.stopped_from``, ``actions.rhythm_order_days`` and ``ahead_days``.

    Returns
    -------
    Finding
        Table ``account_pages``, largest net sales of the last 12 months first, ties by account id; numbers
        ``accounts.pages``, ``accounts.keys``, ``accounts.groups``.
    """
    account_of = chosen.set_index("customer_id")["account_id"]
    every = accounts(facts, unit_customers(lines, calendar.as_of, [])).set_index("account_id")
    rows = every.loc[every.index.isin(account_of)]
    found = account_chances(chances, account_of, loss_share, rules.facts.stopped_from)
    own = facts[facts["customer_id"].isin(chosen["customer_id"])]
    of_account = own.groupby("parent_id")
    named = own.sort_values(["net_sales_12m", "customer_id"], ascending=[False, True]).drop_duplicates("parent_id")
    named = named.set_index("parent_id")
    due = expected_orders(rhythms[rhythms["customer_id"].isin(account_of.index)], rules.actions)
    is_over = due["to_on"] < pd.Timestamp(calendar.as_of)
    due = due.assign(account_id=due["customer_id"].map(account_of), is_over=is_over)
    due = due.sort_values(["is_over", "from_on", "to_on"])
    first_due = due.drop_duplicates("account_id").set_index("account_id")[["from_on", "to_on"]]
    before = rows["net_sales_before"] if has_year_before(calendar) else rows["net_sales_before"] * float("nan")
    rows = (
        rows.assign(net_sales_before=before, change=change_of(rows["net_sales_12m"], before))
        .join(found)
        .join(account_trends(months, account_of, calendar))
        .join(keys.set_index("account_id")[OF_KEYS])
        .join(first_due)
    )
    rows = rows.assign(
        is_key=rows.index.isin(keys["account_id"]),
        is_stopped=rows["is_stopped"].fillna(False).astype(bool),
        margin_share=rows["margin_12m"] / rows["margin_base_12m"].where(rows["margin_base_12m"] > 0),
        industry=named["industry"],
        place=named["region"].fillna(named["country"]),
        first_order_on=of_account["first_order_on"].min(),
        last_order_on=of_account["last_order_on"].max(),
        due_members=due.groupby("account_id").size().reindex(rows.index, fill_value=0),
    ).rename_axis("account_id")
    exact = pd.Series(money.exact(rows["net_sales_12m"]), rows.index)
    ordered = rows.assign(exact=exact).reset_index().sort_values(["exact", "account_id"], ascending=[False, True])
    table = ACCOUNT_PAGES.conform(ordered.reset_index(drop=True))
    return Finding(
        ACCOUNT_PAGES.name,
        say("Which accounts have a dossier?"),
        _sentence(table),
        table,
        {
            "accounts.pages": len(table),
            "accounts.keys": int(table["is_key"].sum()),
            "accounts.groups": int((table["members"] > 1).sum()),
        },
        sub=say("Net sales of the 12 months to the reference date; change from the 12 before."),
        show=(
            "account_name",
            Show("level", chip=True, strong=("company",)),
            "manager",
            "net_sales_12m",
            Show("change", write="change"),
            "lost_chance",
            "expected_loss",
            "last_order_on",
        ),
        sortable=True,
        is_index=True,
        marked_by="is_stopped",
        none=_sentence(table),
    )


def change_of(now: pd.Series, before: pd.Series) -> pd.Series:
    """Change from a value before; missing where that is not above 0.

    Examples
    --------
    >>> change_of(pd.Series([3.0, 3.0]), pd.Series([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    return now / before.where(before > 0) - 1


def _sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("There is no key account, so there is no dossier.")
    keys, stopped = int(table["is_key"].sum()), int((table["is_stopped"] & table["is_key"]).sum())
    return say_n(
        "{n:count} key account has a dossier; {stopped:count} stopped ordering.",
        "{n:count} key accounts have a dossier; {stopped:count} stopped ordering.",
        count="n",
        n=keys,
        stopped=stopped,
    )


@finds(ACCOUNT_MEMBERS)
def account_members(
    chosen: pd.DataFrame,
    pages: Finding,
    facts: pd.DataFrame,
    chances: pd.DataFrame,
    months: pd.DataFrame,
    rhythms: pd.DataFrame,
    calendar: Calendar,
    rules: Params,
) -> Finding:
    """List the customers of every account with a dossier.

    Parameters
    ----------
    chosen, facts, chances, months, rhythms, calendar, rules
        As in `account_pages`.
    pages : Finding
        Result of `account_pages`.
    """
    own = chosen.merge(facts, on="customer_id").merge(chances, on="customer_id", how="left")
    trends = account_trends(months, chosen.set_index("customer_id", drop=False)["customer_id"], calendar)
    due = expected_orders(rhythms, rules.actions)[["customer_id", "from_on", "to_on"]]
    own = own.merge(due, on="customer_id", how="left")
    own = own.assign(trend=own["customer_id"].map(trends["trend"].to_dict()))
    if not has_year_before(calendar):
        own = own.assign(net_sales_before=float("nan"))
    own = own.assign(change=change_of(own["net_sales_12m"], own["net_sales_before"]))
    place = {account: number for number, account in enumerate(pages.table["account_id"])}
    own = own.assign(place=own["account_id"].map(place), exact=money.exact(own["net_sales_12m"]))
    ordered = own.sort_values(["place", "exact", "customer_id"], ascending=[True, False, True], ignore_index=True)
    table = ACCOUNT_MEMBERS.conform(ordered)
    return Finding(
        ACCOUNT_MEMBERS.name,
        say("Which customers belong to each account?"),
        say("Customers of accounts with a dossier: {n:count}.", n=len(table)),
        table,
        show=(
            "customer_name",
            "manager",
            Show("net_sales_12m", bar=True),
            "trend",
            Show("change", write="change"),
            "lost_chance",
            "last_order_on",
            "from_on",
        ),
    )
