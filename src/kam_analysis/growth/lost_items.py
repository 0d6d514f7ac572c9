"""Items that customers who still order have stopped buying, and how often such a mark was wrong."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.facts.silent_categories import category_habits, item_habits, tested_categories
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say, say_n
from kam_analysis.params import Facts
from kam_analysis.tables import LOST_ITEMS, Table, finds
from kam_analysis.vocabulary import Lost

LOST_ITEMS_BACKTEST = Table(
    "lost_items_backtest",
    "one kind of mark, items or categories, a horizon before the reference date",
    (
        col.member("what", say("Marked"), "What customers no longer bought.", Lost),
        col.count("tested", say("Pairs tested"), "Of a customer who went on ordering."),
        col.count("marked", say("Marked as lost"), "Significantly missing then."),
        col.count("came_back", say("Bought again"), "Marked, and bought in the horizon after.", nullable=True),
        col.share("wrong_share", say("Wrongly marked"), "Bought again, of the marked.", nullable=True),
        col.LOW,
        col.HIGH,
        col.OTHERS_SHARE("The same of those not marked."),
    ),
    ("what",),
)
NUMBERS = ("lost_items.tested", "lost_items.pairs", "lost_items.customers", "lost_items.money")
CHECKS = ("lost_items.checked", "lost_items.wrong")
MOST_ROWS = 5


@finds(LOST_ITEMS)
def lost_items(
    lines: Engine, facts: pd.DataFrame, accounts: pd.DataFrame, chances: pd.DataFrame, calendar: Calendar, rules: Facts
) -> Finding:
    """Which items customers who still order have stopped buying, and what these sold in their last year.

    The test of `tested_categories` over all pairs of a customer and an item that it bought on at least
    ``category_order_days`` order days and that others still buy.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``customer_orders``.
    facts, accounts, chances : DataFrame
        ``customer_facts``; from `growth_accounts`; ``customer_chances``.
    calendar : Calendar
        At the reference date.
    rules : Facts

    Returns
    -------
    Finding
        Table ``lost_items``, the most money first; numbers lost_items.tested, lost_items.pairs, lost_items.customers,
        lost_items.money.
    """
    question = say("Which items have active customers stopped buying?")
    tested = tested_categories(item_habits(lines, calendar.as_of, rules), chances, rules)
    if tested.empty:
        return Finding(
            LOST_ITEMS.name,
            question,
            say("Lost items cannot be measured"),
            LOST_ITEMS.empty(),
            absent_numbers(NUMBERS, "no customer who still orders bought an item often enough"),
            absent=say(
                "Not measurable: no customer who still orders bought two items, one of them on at least {n:count} "
                "order days.",
                n=rules.category_order_days,
            ),
        )
    named = facts[["customer_id", "customer_name", "manager", "parent_id"]].rename(columns={"parent_id": "account_id"})
    found = tested[tested["is_silent"]].merge(named, on="customer_id")
    found = found.merge(accounts[["account_id", "account_name"]], on="account_id").rename(
        columns={
            "category": "product",
            "net_sales_year": "lost_sales",
            "margin_year": "lost_margin",
            "category_days": "item_days",
            "days_since": "days_without",
        }
    )
    table = LOST_ITEMS.conform(
        found.sort_values(["lost_sales", "customer_id", "product"], ascending=[False, True, True], ignore_index=True)
    )
    lost = money.total(table["lost_sales"])
    has_margin = table["lost_margin"].notna().any()
    return Finding(
        LOST_ITEMS.name,
        question,
        _sentence(table, lost),
        table,
        dict(zip(NUMBERS, (len(tested), len(table), int(table["customer_id"].nunique()), lost), strict=True)),
        sub=say(
            "Missing on so many order days that at most {share:share0} of the listed are expected to be chance; others "
            "still buy the item",
            share=rules.chance_share,
        ),
        base=say(
            "Pairs of customer and item with at least {days:count} order days: {n:count}.",
            n=len(tested),
            days=rules.category_order_days,
        ),
        show=("customer_name", "manager", Show("item", wide=True), Show("lost_sales", bar=True),
              *(["lost_margin"] if has_margin else []), "last_on", "item_days", "days_without"),
        most_rows=MOST_ROWS,
        none=say("No active customer stopped buying an item."),
    )  # fmt: skip


def _sentence(table: pd.DataFrame, lost: float) -> Message:
    if table.empty:
        return say("No active customer stopped buying an item")
    first = table.iloc[0]
    return say_n(
        "{n:count} item fell silent at a customer who goes on ordering, {money:money} in its last 12 months: {first}",
        "{n:count} items fell silent at customers who go on ordering, {money:money} in their last 12 months; most: "
        "{first}",
        count="n",
        n=len(table),
        money=lost,
        first=str(first["customer_name"]),
    )


@finds(LOST_ITEMS_BACKTEST)
def lost_items_backtest(lines: Engine, history: OrderHistory, calendar: Calendar, rules: Facts) -> Finding:
    """How often an item, or a category, marked as lost a horizon ago was bought again in it: a wrong mark.

    The same test as known ``horizon_days`` before the reference date, over customers who ordered in the horizon, who
    could have bought again.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``customer_orders``.
    history : OrderHistory
    calendar : Calendar
        At the reference date.
    rules : Facts

    Returns
    -------
    Finding
        Table ``lost_items_backtest``; numbers lost_items.checked (items marked) and lost_items.wrong (share of them).
    """
    then = calendar.as_of - dt.timedelta(days=rules.horizon_days)
    everybody = history.known_on(then).customer
    went_on = history.in_window(everybody, then, calendar.as_of) > 0
    ids = history.customers[everybody[went_on]].astype("str")
    ordering = pd.DataFrame({"customer_id": ids, "is_unusual_silence": False, "is_likely_silent": False})
    habits = {
        Lost.ITEM: (item_habits(lines, then, rules), item_habits(lines, calendar.as_of, rules)),
        Lost.CATEGORY: (category_habits(lines, then), category_habits(lines, calendar.as_of)),
    }
    rows = [_checked(what, *known, ordering, rules) for what, known in habits.items()]
    table = LOST_ITEMS_BACKTEST.conform(pd.DataFrame(rows, columns=LOST_ITEMS_BACKTEST.names))
    items = table.iloc[0]
    marked = int(items["marked"])
    if not marked:
        return Finding(
            LOST_ITEMS_BACKTEST.name,
            say("How often was a mark wrong?"),
            say("Marks of lost items cannot be checked"),
            table,
            absent_numbers(CHECKS, "nothing was marked a horizon ago"),
            absent=say("Not measurable: {days:count} days before nothing was marked.", days=rules.horizon_days),
        )
    return Finding(
        LOST_ITEMS_BACKTEST.name,
        say("How often was a mark wrong?"),
        say(
            "Of {n:count} items marked {days:count} days earlier {wrong:share0} were bought again since; of the others "
            "{others:share0}",
            n=marked,
            days=rules.horizon_days,
            wrong=float(items["wrong_share"]),
            others=float(items["others_share"]),
        ),
        table,
        dict(zip(CHECKS, (marked, float(items["wrong_share"])), strict=True)),
        sub=say("Customers who ordered since; bought again within the horizon"),
        show=("what", "tested", "marked", "came_back", "wrong_share", "low", "high", "others_share"),
    )


def _checked(
    what: Lost, then: pd.DataFrame, now: pd.DataFrame, ordering: pd.DataFrame, rules: Facts
) -> dict[str, object]:
    tested = tested_categories(then, ordering, rules)
    later = now[["customer_id", "category", "last_on"]].rename(columns={"last_on": "later_on"})
    both = tested.merge(later, on=["customer_id", "category"], how="left")
    is_again = (both["later_on"] > both["last_on"]).to_numpy()
    is_marked = both["is_silent"].to_numpy(dtype=bool)
    n, again = int(is_marked.sum()), int(is_again[is_marked].sum())
    low, high = wilson(again, n) if n else (None, None)
    return {
        "what": what.value,
        "tested": len(both),
        "marked": n,
        "came_back": again,
        "wrong_share": again / n if n else None,
        "low": low,
        "high": high,
        "others_share": float(is_again[~is_marked].mean()) if (~is_marked).any() else None,
    }
