"""What every account buys: by month, by category and by item, and what it no longer buys."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.accounts.pages import CHANGE, NET_SALES_BEFORE, change_of, has_year_before
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.intervals import discoveries
from kam_analysis.facts.silent_categories import category_gap_survival, category_habits, tested_categories
from kam_analysis.findings import Finding, Show, say
from kam_analysis.params import Facts
from kam_analysis.tables import ORDER_LINES, Table, finds
from kam_analysis.vocabulary import Labelled

YEAR_MONTHS = 12
MOST_ITEMS = 10


class ItemKind(Labelled):
    """Why an item stands in a dossier."""

    TOP = "top", say("most bought")
    LOST = "lost", say("no longer bought")


ACCOUNT_MONTHS = Table(
    "account_months",
    "one account with a dossier and complete month of the last twelve",
    (
        col.ACCOUNT_ID,
        col.MONTH("First day of the calendar month."),
        col.NET_SALES("Net sales of the lines dated in it."),
        col.money("year_before", say("Same month of the year before"), "Missing where not covered.", nullable=True),
    ),
    ("account_id", "month"),
)

ACCOUNT_CATEGORIES = Table(
    "account_categories",
    "one account with a dossier and category that it bought in the last 24 months",
    (
        col.ACCOUNT_ID,
        col.CATEGORY("Item category."),
        col.NET_SALES_12M,
        NET_SALES_BEFORE,
        CHANGE,
        col.LAST_BOUGHT_ON("Last line above 0."),
        col.flag("is_silent", say("Fallen silent"), "A member that still orders no longer buys it, though it used to."),
    ),
    ("account_id", "category"),
)

ACCOUNT_ITEMS = Table(
    "account_items",
    "one account with a dossier and item that it buys most, or no longer",
    (
        col.ACCOUNT_ID,
        col.member("kind", say("Which"), "Why it is listed.", ItemKind),
        col.PLACE("By net sales of the 12 months to its last day."),
        ORDER_LINES["item"]("Item in words, else its code.", nullable=False),
        col.NET_SALES_YEAR("The 12 months up to its last day."),
        col.LAST_BOUGHT_ON("Last order day with it."),
        col.count("item_days", say("Order days with it"), "All history.", low=1),
    ),
    ("account_id", "kind", "place"),
)


def months_of(lines: Engine, calendar: Calendar) -> pd.DataFrame:
    """Net sales, margin and the net sales it is of, by account and complete month of the last 24.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``account_customers``.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    DataFrame
        account_id, month, net_sales, margin, margin_base; only months with a line.
    """
    complete = calendar.complete_months[-2 * YEAR_MONTHS :]
    until = add_months(complete[-1], 1) if complete else calendar.as_of
    from_on = complete[0] if complete else calendar.as_of
    lines.materialise("account_months", statement(__file__, "account_months"), from_on=from_on, until=until)
    return lines.frame("account_months")


@finds(ACCOUNT_MONTHS)
def account_months(months: pd.DataFrame, chosen: pd.DataFrame, calendar: Calendar) -> Finding:
    """Net sales of the last twelve complete months, each beside the same month of the year before.

    Parameters
    ----------
    months : DataFrame
        From `months_of`.
    chosen : DataFrame
        Accounts with a dossier.
    calendar : Calendar
        A month of the year before that is not complete has no value.
    """
    complete = calendar.complete_months
    before = [add_months(day, -YEAR_MONTHS) for day in complete[-YEAR_MONTHS:]]
    months_shown = {
        "month": complete[-YEAR_MONTHS:],
        "before": before,
        "is_covered": [day in complete for day in before],
    }
    shown = pd.DataFrame(months_shown).astype({"month": "datetime64[us]", "before": "datetime64[us]"})
    sums = months[["account_id", "month", "net_sales"]]
    rows = pd.DataFrame({"account_id": sorted(set(chosen["account_id"]))}, dtype="str").merge(shown, how="cross")
    rows = rows.merge(sums, on=["account_id", "month"], how="left").fillna({"net_sales": 0.0})
    then = sums.rename(columns={"month": "before", "net_sales": "year_before"})
    rows = rows.merge(then, on=["account_id", "before"], how="left")
    rows = rows.assign(year_before=rows["year_before"].fillna(0.0).where(rows["is_covered"].astype(bool)))
    table = ACCOUNT_MONTHS.conform(rows)
    return Finding(
        ACCOUNT_MONTHS.name,
        say("What did each account buy, month by month?"),
        say("Complete months: {n:count}.", n=len(shown)),
        table,
    )


def silent_pairs(lines: Engine, chances: pd.DataFrame, calendar: Calendar, rules: Facts) -> pd.DataFrame:
    """Customers and categories that they no longer buy though they go on ordering, as on the other pages.

    Returns
    -------
    DataFrame
        customer_id, category, last_on.
    """
    tested = tested_categories(category_habits(lines, calendar.as_of), chances, rules)
    return tested[tested["is_silent"]][["customer_id", "category", "last_on"]]


def categories_of(lines: Engine, calendar: Calendar) -> pd.DataFrame:
    """Net sales of every account by category, last 12 months and the 12 before.

    Returns
    -------
    DataFrame
        account_id, category, net_sales_12m, net_sales_before, last_on, is_bought and was_bought (in these windows).
    """
    dates = {"as_of": calendar.as_of, "year_ago": calendar.year_ago, "two_years_ago": add_months(calendar.as_of, -24)}
    lines.materialise("account_categories", statement(__file__, "account_categories"), **dates)
    return lines.frame("account_categories")


@finds(ACCOUNT_CATEGORIES)
def account_categories(
    categories: pd.DataFrame, silent: pd.DataFrame, chosen: pd.DataFrame, calendar: Calendar
) -> Finding:
    """Categories of each account, largest net sales of 12 months first, with those that fell silent.

    Parameters
    ----------
    categories, silent : DataFrame
        From `categories_of` and `silent_pairs`.
    chosen : DataFrame
        account_id, customer_id.
    calendar : Calendar
        Without 24 months the year before is missing.
    """
    question = say("What does each account buy, and what no longer?")
    fallen = silent.merge(chosen, on="customer_id")[["account_id", "category"]].drop_duplicates().assign(is_silent=True)
    rows = categories.merge(fallen, on=["account_id", "category"], how="left")
    rows = rows.assign(is_silent=rows["is_silent"].fillna(False).astype(bool), exact=money.exact(rows["net_sales_12m"]))
    if not has_year_before(calendar):
        rows = rows.assign(net_sales_before=float("nan"))
    rows = rows.assign(change=change_of(rows["net_sales_12m"], rows["net_sales_before"]))
    ordered = rows.sort_values(["account_id", "exact", "category"], ascending=[True, False, True], ignore_index=True)
    table = ACCOUNT_CATEGORIES.conform(ordered)
    none = say("Not measurable: the lines name no category.")
    return Finding(
        ACCOUNT_CATEGORIES.name,
        question,
        say("Categories that an account no longer buys: {n:count}.", n=int(table["is_silent"].sum())),
        table,
        {"accounts.silent_categories": int(table["is_silent"].sum())},
        show=("category", Show("net_sales_12m", bar=True), Show("change", write="change"), "last_on"),
        marked_by="is_silent",
        absent=none if table.empty else None,
    )


@finds(ACCOUNT_ITEMS)
def account_items(lines: Engine, calendar: Calendar, rules: Facts) -> Finding:
    """Items that each account buys most, and those that it no longer buys though it goes on ordering.

    Most bought: by net sales of the last 12 months. No longer bought: bought on at least ``category_order_days`` order
    days, and missing since on so many of the account's order days that chance explains it in no more than
    ``chance_share`` of the items found, by the test of silent categories over all items of all dossiers.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``, ``customer_orders`` and ``account_customers``.
    calendar : Calendar
        At the reference date.
    rules : Facts
        ``category_order_days``, ``chance_share``.

    Returns
    -------
    Finding
        Table ``account_items``, up to ten of a kind for each account.
    """
    dates = {"as_of": calendar.as_of, "year_ago": calendar.year_ago}
    lines.materialise("account_items", statement(__file__, "account_items"), **dates)
    items = lines.frame("account_items")
    tested = items[items["item_days"] >= rules.category_order_days]
    chance = category_gap_survival(tested["days_between"], tested["with_between"], tested["days_since"])
    lost = tested[discoveries(chance, rules.chance_share)].assign(kind=ItemKind.LOST.value)
    top = items[items["net_sales_12m"] > 0].assign(kind=ItemKind.TOP.value)
    top = top.assign(net_sales_year=top["net_sales_12m"])
    rows = pd.concat([top, lost]).assign(exact=lambda all_rows: money.exact(all_rows["net_sales_year"]))
    ordered = rows.sort_values(["account_id", "kind", "exact", "product"], ascending=[True, True, False, True])
    placed = ordered.assign(place=ordered.groupby(["account_id", "kind"]).cumcount() + 1)
    table = ACCOUNT_ITEMS.conform(placed[placed["place"] <= MOST_ITEMS].reset_index(drop=True))
    return Finding(
        ACCOUNT_ITEMS.name,
        say("Which items does each account buy most, and which no longer?"),
        say("Items that an account no longer buys: {n:count}.", n=len(lost)),
        table,
        {"accounts.lost_items": len(lost)},
        absent=say("Not measurable: the lines name no item.") if items.empty else None,
    )
