"""Prices: the same item at a different net price, and accounts that pay less than larger ones do."""

from __future__ import annotations

from bisect import insort

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Caveat, Finding, Message, Show, absent_numbers, say, say_n
from kam_analysis.params import Growth
from kam_analysis.tables import PRICE_GAPS, Table, finds

PRICE_LEVELS = Table(
    "price_levels",
    "one account that pays less than the larger accounts do",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.OWNER("The account's manager."),
        col.money("price_leak", say("Below larger accounts"), "(Median level of larger − own) · median sales.", low=0),
        col.ratio("price_level", say("Price level"), "Paid for the items compared over their median prices.", low=0),
        col.ratio("larger_level", say("Of larger accounts"), "Median price level of the accounts with more net sales."),
        col.count("larger", say("Larger accounts"), "Accounts with more net sales of 12 months that can be compared."),
        col.count("items", say("Items compared"), "Items by unit and band of quantity with enough buyers.", low=1),
        col.money("compared_sales", say("Sales compared"), "Net sales of these items in 12 months."),
        col.share("discount_share", say("Discount"), "Of gross sales, on lines that name a discount.", nullable=True),
        col.NET_SALES_12M("Of the account."),
    ),
    ("account_id",),
)
NUMBERS = ("prices.accounts", "prices.items", "prices.below", "prices.leak")
MOST_ROWS = 5
MOST_OF_ACCOUNT = 5
FEWEST_ITEMS = 3


def compare_prices(lines: Engine, calendar: Calendar, rules: Growth) -> pd.DataFrame:
    """Compare what accounts paid in 12 months for the same item in the same unit and band of quantity.

    Bands of the quantity of a line: below 2, from 2, 5, 10, 20, 50, 100, 200, 500, 1,000 on. Price = net sales over
    quantity of the account's lines with both above 0; median over all accounts that bought, where at least
    `price_buyers` did. Service lines and returns are left out.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``, and what `growth_accounts` left; afterwards also ``item_prices``.
    calendar : Calendar
        At the reference date.
    rules : Growth

    Returns
    -------
    DataFrame
        By account: items compared, compared_sales, median_sales (the same quantities at median prices),
        discount_share.
    """
    values = {"as_of": calendar.as_of, "year_ago": calendar.year_ago, "price_buyers": rules.price_buyers}
    for name in ("item_prices", "price_levels"):
        lines.materialise(name, statement(__file__, name), **values)
    return lines.frame("price_levels")


@finds(PRICE_GAPS)
def price_gaps(lines: Engine, levels: pd.DataFrame, accounts: pd.DataFrame, rules: Growth) -> Finding:
    """Which items accounts buy clearly below the median price of their buyers, and what that costs a year.

    Clearly: by more than `price_gap_from`. Money = (median price − own price) × own quantity. At most five items an
    account, the most money first.

    Parameters
    ----------
    lines : Engine
        After `compare_prices`.
    levels, accounts : DataFrame
        From `compare_prices` and `growth_accounts`.
    rules : Growth

    Returns
    -------
    Finding
        Table ``price_gaps``, the most money first; numbers price_gaps.pairs and price_gaps.money (all of them).
    """
    names = ("price_gaps.pairs", "price_gaps.money")
    question = say("Who buys the same item cheaper?")
    if levels.empty:
        return Finding(
            PRICE_GAPS.name,
            question,
            say("Prices cannot be compared"),
            PRICE_GAPS.empty(),
            absent_numbers(names, "no item has enough buyers"),
            absent=_nothing_alike(rules),
        )
    values = {"price_gap_from": rules.price_gap_from, "most": MOST_OF_ACCOUNT}
    lines.materialise("price_gaps", statement(__file__, "price_gaps"), **values)
    found = lines.frame("price_gaps").merge(accounts[["account_id", "account_name", "manager"]], on="account_id")
    found = found.assign(
        price_gap=found["gap"].round(2), price=found["price"].round(4), median_price=found["median_price"].round(4)
    )
    order = ["price_gap", "account_id", "product", "qty_from"]
    table = PRICE_GAPS.conform(found.sort_values(order, ascending=[False, True, True, True], ignore_index=True))
    whole = money.total(table["price_gap"])
    return Finding(
        PRICE_GAPS.name,
        question,
        say(
            "{n:count} items at an account are at least {from_:share0} below the median price: {money:money} a year",
            n=len(table),
            from_=rules.price_gap_from,
            money=whole,
        )
        if len(table)
        else say("No account pays clearly less than others for the same item"),
        table,
        dict(zip(names, (len(table), whole), strict=True)),
        sub=say(
            "Same item, unit and band of quantity, at least {n:count} buyers in 12 months; up to {most:count} items an "
            "account",
            n=rules.price_buyers,
            most=MOST_OF_ACCOUNT,
        ),
        show=("account_name", Show("item", wide=True), "qty_from", "price", "median_price", "below", "qty",
              Show("price_gap", bar=True), "buyers"),
        most_rows=MOST_ROWS,
        none=say("No account pays clearly less than others for the same item."),
    )  # fmt: skip


def _nothing_alike(rules: Growth) -> Message:
    return say(
        "Not measurable: no item was bought by {n:count} accounts in one unit and band of quantity, or the lines name "
        "no item or no quantity.",
        n=rules.price_buyers,
    )


@finds(PRICE_LEVELS)
def price_levels(levels: pd.DataFrame, accounts: pd.DataFrame, rules: Growth) -> Finding:
    """Which accounts have better prices than their volume explains: they pay less than larger accounts do.

    Price level = what the account paid for the items that can be compared over what their median prices come to; at
    least three items. Leak = (median level of the accounts with more net sales − own level) × own sales at median
    prices, where at least `price_buyers` larger accounts can be compared. Accounts that have stopped are compared with,
    and not listed.

    Parameters
    ----------
    levels, accounts : DataFrame
        From `compare_prices` and `growth_accounts`.
    rules : Growth

    Returns
    -------
    Finding
        Table ``price_levels``, the largest leak first; numbers prices.accounts (compared), prices.items, prices.below,
        prices.leak.
    """
    question = say("Who has better prices than its volume explains?")
    compared = levels[(levels["items"] >= FEWEST_ITEMS) & (levels["median_sales"] > 0)].merge(accounts, on="account_id")
    compared = compared.sort_values(["net_sales_12m", "account_id"], ascending=[False, True], ignore_index=True)
    compared = compared.assign(price_level=compared["compared_sales"] / compared["median_sales"])
    if len(compared) <= rules.price_buyers:
        return Finding(
            PRICE_LEVELS.name,
            question,
            say("Prices cannot be compared with volume"),
            PRICE_LEVELS.empty(),
            absent_numbers(NUMBERS, "too few accounts can be compared"),
            absent=_nothing_alike(rules),
        )
    larger = compared.assign(larger_level=_medians_above(compared["price_level"].tolist()), larger=compared.index)
    leak = (larger["larger_level"] - larger["price_level"]) * larger["median_sales"]
    larger = larger.assign(price_leak=leak.round(2))
    listed = larger[(larger["larger"] >= rules.price_buyers) & (larger["price_leak"] > 0) & ~larger["is_stopped"]]
    table = PRICE_LEVELS.conform(
        listed.sort_values(["price_leak", "account_id"], ascending=[False, True], ignore_index=True)
    )
    whole = money.total(table["price_leak"])
    has_discount = table["discount_share"].notna().any()
    return Finding(
        PRICE_LEVELS.name,
        question,
        _level_sentence(table, whole),
        table,
        dict(zip(NUMBERS, (len(compared), int(compared["items"].sum()), len(table), whole), strict=True)),
        sub=say("Net sales over the same quantities at median prices; larger: more net sales in 12 months"),
        base=say(
            "Accounts with at least {few:count} items to compare: {n:count}.", few=FEWEST_ITEMS, n=len(compared)
        ),
        show=("account_name", "manager", Show("price_leak", bar=True), "price_level", "larger_level", "larger", "items",
              *(["discount_share"] if has_discount else []), "net_sales_12m"),
        most_rows=MOST_ROWS,
        cards=True,
        caveats=[
            Caveat(
                say("A low price can be agreed"),
                say(
                    "Look at the contract before you raise a price: terms of payment, delivery or a tender may explain "
                    "it."
                ),
            )
        ]
        if len(table)
        else (),
        none=say("No account pays less than larger ones do."),
    )  # fmt: skip


def _medians_above(levels: list[float]) -> list[float]:
    """Give the median of all values before each one; missing before the first.

    Examples
    --------
    >>> _medians_above([3.0, 1.0, 5.0, 9.0])
    [nan, 3.0, 2.0, 3.0]
    """
    seen: list[float] = []
    found = []
    for level in levels:
        n = len(seen)
        found.append((seen[(n - 1) // 2] + seen[n // 2]) / 2 if n else float("nan"))
        insort(seen, level)
    return found


def _level_sentence(table: pd.DataFrame, whole: float) -> Message:
    if table.empty:
        return say("No account pays less than larger ones do")
    first = table.iloc[0]
    return say_n(
        "{n:count} account pays less than larger ones: {money:money} a year; {first}: {leak:money}",
        "{n:count} accounts pay less than larger ones: {money:money} a year; most: {first}, {leak:money}",
        count="n",
        n=len(table),
        money=whole,
        first=str(first["account_name"]),
        leak=float(first["price_leak"]),
    )
