"""Who still orders but no longer from a category that it used to buy."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.silent_categories import tested_categories
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import Facts
from kam_analysis.tables import Table, finds

_MANAGER = col.MANAGER("The customer's manager.")

SILENT_CATEGORIES = Table(
    "silent_categories",
    "one customer who still orders and one category that it no longer buys",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        _MANAGER,
        col.CATEGORY("Category on the order lines."),
        col.count("category_days", say("Bought on days"), "Order days with the category.", low=1),
        col.LAST_BOUGHT_ON("Last order day with the category."),
        col.share("usual_share", say("Before, of order days"), "Share with it between its first and last day."),
        col.count("days_since", say("Order days without"), "Order days since the last with it.", low=1),
        col.share("category_silence", say("Chance of it"), "That it is missing so long by chance."),
        col.money("net_sales_year", say("Its last 12 months"), "Net sales of the category up to its last day."),
        col.money("margin_year", say("Margin of it"), "Margin of the lines with a cost.", nullable=True),
    ),
    ("customer_id", "category"),
)


NUMBERS = ("categories.tested", "categories.silent", "categories.customers", "categories.net_sales")


@finds(SILENT_CATEGORIES)
def silent_categories(habits: pd.DataFrame, facts: pd.DataFrame, chances: pd.DataFrame, rules: Facts) -> Finding:
    """Which categories fell silent at customers who still order, and what they were worth.

    Listed are the silent pairs of `tested_categories`. Money: net sales and margin of the category in the 12 months up
    to its last day.

    Parameters
    ----------
    habits : DataFrame
        From `category_habits`.
    facts : DataFrame
        ``customer_facts``.
    chances : DataFrame
        ``customer_chances``.
    rules : Facts
        ``category_order_days``, ``chance_share``.

    Returns
    -------
    Finding
        Table ``silent_categories``, most money first; numbers categories.tested, categories.silent,
        categories.customers, categories.net_sales.
    """
    question = say("Which categories have active customers stopped buying?")
    if habits.empty:
        return _absent(
            question,
            "no order names a category",
            say("Not measurable: no order names a category."),
        )
    looked_at = tested_categories(habits, chances, rules)
    if looked_at.empty:
        return _absent(
            question,
            "no customer who still orders bought two categories, one of them often enough",
            say(
                "Not measurable: no customer who still orders bought two categories, one of them on at least {n:count} "
                "days.",
                n=rules.category_order_days,
            ),
        )
    found = looked_at[looked_at["is_silent"]].merge(
        facts[["customer_id", "customer_name", "manager"]], on="customer_id"
    )
    table = SILENT_CATEGORIES.conform(
        found.sort_values(
            ["net_sales_year", "customer_id", "category"], ascending=[False, True, True], ignore_index=True
        )
    )
    lost = money.total(table["net_sales_year"])
    return Finding(
        name=SILENT_CATEGORIES.name,
        question=question,
        sentence=_sentence(table, lost),
        table=table,
        numbers=dict(
            zip(NUMBERS, (len(looked_at), len(table), int(table["customer_id"].nunique()), lost), strict=True)
        ),
        sub=say(
            "Customers of several categories who order as usual; the category is missing on so many order days that at "
            "most {share:share0} of the listed are chance. Money: its last 12 months",
            share=rules.chance_share,
        ),
        base=say(
            "Pairs of customer and category with at least {days:count} order days: {n:count}.",
            n=len(looked_at),
            days=rules.category_order_days,
        ),
        show=("customer_name", "category", "manager", "net_sales_year", *_margin(table), "last_on", "usual_share",
              "days_since"),
        most_rows=20,
        none=say("No significant gap in any customer's category."),
        caveats=_caveats(table),
    )  # fmt: skip


def _absent(question: Message, reason: str, absent: Message) -> Finding:
    return Finding(
        name=SILENT_CATEGORIES.name,
        question=question,
        sentence=say("Silence by category cannot be measured"),
        table=SILENT_CATEGORIES.empty(),
        numbers=absent_numbers(NUMBERS, reason),
        absent=absent,
    )


def _margin(table: pd.DataFrame) -> tuple[str, ...]:
    return ("margin_year",) if table["margin_year"].notna().any() else ()


def _sentence(table: pd.DataFrame, lost: float) -> Message:
    if table.empty:
        return say("No active customer stopped buying a category")
    values: dict[str, Any] = {"n": len(table), "customers": int(table["customer_id"].nunique()), "money": lost}
    return say_n(
        "{n:count} category fell silent while the customer goes on ordering; it brought {money:money} in its last 12 "
        "months",
        "{n:count} categories fell silent at customers who go on ordering ({customers:count}); they brought "
        "{money:money} in their last 12 months",
        count="n",
        **values,
    )


def _caveats(table: pd.DataFrame) -> list[Caveat]:
    if table.empty:
        return []
    return [
        Caveat(
            say("A season can look like silence"),
            say("A category bought only in summer is not bought every winter; ask before you offer."),
            Weight.GREEN,
        )
    ]
