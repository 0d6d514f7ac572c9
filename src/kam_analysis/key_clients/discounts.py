"""Discounts that customers get, by class: whether the best terms go to the best customers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.classes import class_limits
from kam_analysis.findings import Finding, Show, absent_numbers, say, say_n
from kam_analysis.params import Abc
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class DiscountGroup(Labelled):
    """Customers whose discounts are added up; key clients stand in their class as well."""

    KEY = "key", say("key clients")
    A = "A", say("A")
    B = "B", say("B")
    C = "C", say("C")
    N = "N", say("N")
    ALL = "all", say("all customers")


_BEFORE_DISCOUNT = (
    col.money("sales_before_discount", say("Before discount"), "Net sales and discount, 12 months.", low=0),
    col.DISCOUNT("Taken off in the last 12 months.", low=0),
)

_DISCOUNT_SHARE = col.share("discount_share", say("Share taken off"))

DISCOUNTS_BY_CLASS = Table(
    "discounts_by_class",
    "one class of customers by net sales of the last 12 months, the key clients, and all",
    (
        col.member("group", say("Group"), "Class, key clients or all.", DiscountGroup),
        col.CUSTOMERS("With a sale whose discount is known."),
        *_BEFORE_DISCOUNT,
        _DISCOUNT_SHARE("Σ discount/Σ before it.", nullable=True),
        col.share("median_share", say("Median customer"), "Of the customers' own shares.", nullable=True),
    ),
    ("group",),
)

GENEROUS_DISCOUNTS = Table(
    "generous_discounts",
    "one customer of class C with more discount than the median key client",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        *_BEFORE_DISCOUNT,
        _DISCOUNT_SHARE("Discount over sales before it."),
        col.money("too_much", say("Too much"), "Above the share of the median key client."),
    ),
    ("customer_id",),
)


PLACES = 3
NO_DISCOUNT = say("The source maps no discount of the order lines (`orders.columns.discount`).")


def customer_discounts(lines: Engine, facts: pd.DataFrame, classes: pd.Series, calendar: Calendar) -> pd.DataFrame:
    """Discount of every customer in the last 12 months, with its class.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``.
    facts : DataFrame
        ``customer_facts``.
    classes : Series
        From `customer_classes`.
    calendar : Calendar
        The last 12 months.

    Returns
    -------
    DataFrame
        customer_id, customer_name, abc, sales_before_discount and discount (ten-thousandths), discount_share; one row
        per customer with a line above 0 whose discount is known.
    """
    year_ago = add_months(calendar.as_of, -12)
    lines.materialise("line_discounts", statement(__file__, "line_discounts"), from_on=year_ago, as_of=calendar.as_of)
    found = lines.frame("line_discounts")
    named = facts[["customer_id", "customer_name"]].assign(abc=classes.reindex(facts["customer_id"]).to_numpy())
    table = named.merge(found, on="customer_id", how="inner").sort_values("customer_id", ignore_index=True)
    exact = {name: money.exact(table[name].astype("float64")) for name in ("sales_before_discount", "discount")}
    return table.assign(**exact, discount_share=exact["discount"] / exact["sales_before_discount"])


@finds(DISCOUNTS_BY_CLASS)
def discounts_by_class(discounts: pd.DataFrame, keys: pd.DataFrame, abc: Abc) -> Finding:
    """Say whether the best terms go to the best customers: discount by class A, B, C, and of key clients.

    Share of a class = Σ discount / Σ sales before discount, over the lines of the last 12 months above 0 before their
    discount; returns are left out. The median is that of the customers' own shares. Key clients stand in their own row
    and in their class. Absent where no line says its discount.

    Parameters
    ----------
    discounts : DataFrame
        From `customer_discounts`.
    keys : DataFrame
        ``key_members``.
    abc : Abc
        Limits of the classes.

    Returns
    -------
    Finding
        Table ``discounts_by_class``; numbers ``discount.share``, ``discount.key_share``, ``discount.key_median``,
        ``discount.c_share``.

    Notes
    -----
    Source: articles A and B (exclusive terms, discounts for regular customers).
    """
    question = say("Do the best customers get the best terms?")
    names = {"share": DiscountGroup.ALL, "key_share": DiscountGroup.KEY, "c_share": DiscountGroup.C}
    numbers: dict[str, Any] = {}
    if discounts.empty:
        numbers = absent_numbers([f"discount.{name}" for name in (*names, "key_median")], "no discount on the lines")
        empty = DISCOUNTS_BY_CLASS.empty()
        return Finding("discounts_by_class", question, NO_DISCOUNT, empty, numbers, absent=NO_DISCOUNT)
    is_key = discounts["customer_id"].isin(keys["customer_id"])
    parts = {group: discounts[discounts["abc"] == group.value] for group in DiscountGroup}
    parts |= {DiscountGroup.KEY: discounts[is_key], DiscountGroup.ALL: discounts}
    table = DISCOUNTS_BY_CLASS.conform(pd.DataFrame([_row(group, part) for group, part in parts.items()]))
    shares = table.set_index("group")["discount_share"]
    for name, value in {
        **{f"discount.{name}": shares[group] for name, group in names.items()},
        "discount.key_median": table["median_share"].iloc[0],
    }.items():
        numbers |= absent_numbers([name], "no customer of the group bought") if pd.isna(value) else {name: float(value)}
    told = {name: numbers.get(f"discount.{name}") for name in names}
    return Finding(
        "discounts_by_class",
        question,
        say("All customers together got {all:share} off.", all=told["share"])
        if None in (told["key_share"], told["c_share"])
        else say(
            "Key clients got {key:share} off, class C {c:share}; all together {all:share}.",
            key=told["key_share"],
            c=told["c_share"],
            all=told["share"],
        ),
        table,
        numbers,
        sub=say(
            "Discount over sales before discount, 12 months, without returns. Key clients are also in their class. "
            "{classes}",
            classes=class_limits(abc),
        ),
        base=say("Base: customers with a sale whose discount is known, n {n:count}.", n=len(discounts)),
        show=(
            "group",
            "customers",
            "sales_before_discount",
            "discount",
            Show("discount_share", bar=True),
            "median_share",
        ),
    )


def _row(group: DiscountGroup, part: pd.DataFrame) -> dict[str, object]:
    before, discount = (int(part[name].sum()) for name in ("sales_before_discount", "discount"))
    return {
        "group": group.value,
        "customers": len(part),
        "sales_before_discount": money.units(before),
        "discount": money.units(discount),
        "discount_share": discount / before if before else None,
        "median_share": part["discount_share"].median(),
    }


@finds(GENEROUS_DISCOUNTS)
def generous_discounts(discounts: pd.DataFrame, keys: pd.DataFrame) -> Finding:
    """List the customers of class C who get more discount than the median key client, the most money first.

    Shares are compared in tenths of a per cent, so that a cent of rounding makes nobody generous. Too much = discount −
    median share of the key clients · sales before discount. Nothing is shown without a discount or a key client.

    Parameters
    ----------
    discounts, keys
        As in `discounts_by_class`.

    Returns
    -------
    Finding
        Table ``generous_discounts``; numbers ``discount.c_above_key`` (customers) and ``discount.c_too_much`` (money).

    Notes
    -----
    Source: articles A and B (exclusive terms, discounts for regular customers).
    """
    question = say("Who in class C gets more discount than key clients do?")
    names = ("discount.c_above_key", "discount.c_too_much")
    median = discounts.loc[discounts["customer_id"].isin(keys["customer_id"]), "discount_share"].median()
    if pd.isna(median):
        reason = say("No key client has a sale whose discount is known.")
        numbers = absent_numbers(names, "no discount of a key client")
        return Finding("generous_discounts", question, reason, GENEROUS_DISCOUNTS.empty(), numbers)
    limit, shares = round(float(median), PLACES), discounts["discount_share"].round(PLACES)
    small = discounts[(discounts["abc"] == DiscountGroup.C.value) & ~discounts["customer_id"].isin(keys["customer_id"])]
    listed = small[shares[small.index] > limit]
    before, discount = (listed[name].map(money.units) for name in ("sales_before_discount", "discount"))
    listed = listed.assign(
        sales_before_discount=before, discount=discount, too_much=(discount - float(median) * before).round(4)
    ).sort_values(["too_much", "customer_id"], ascending=[False, True], ignore_index=True)
    too_much = money.total(listed["too_much"])
    nobody = say("Nobody in class C gets more discount than the median key client.")
    return Finding(
        "generous_discounts",
        question,
        nobody
        if listed.empty
        else say_n(
            "{n:count} customer of class C gets more discount than the median key client ({median:share}): "
            "{money:money} more.",
            "{n:count} customers of class C get more discount than the median key client ({median:share}): "
            "{money:money} more.",
            count="n",
            n=len(listed),
            median=float(median),
            money=too_much,
        ),
        GENEROUS_DISCOUNTS.conform(listed),
        {names[0]: len(listed), names[1]: too_much},
        sub=say("Last 12 months; too much: what is above the share of the median key client."),
        base=say("Base: customers of class C who are not key, n {n:count}.", n=len(small)),
        show=(
            "customer_name",
            "sales_before_discount",
            "discount",
            Show("discount_share", bar=True),
            "too_much",
        ),
        none=nobody,
    )
