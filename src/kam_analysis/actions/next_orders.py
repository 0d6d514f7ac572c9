"""Whose next order is due by its own rhythm, and what it usually holds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.order_rhythms import expected_orders, steady
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say, say_n
from kam_analysis.params import Actions
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import AbcClass

NEXT_ORDERS = Table(
    "next_orders",
    "one customer whose next order is due",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.OWNER("The customer's manager."),
        col.date("from_on", say("Expected from"), "Last order day and the first quartile of the gaps."),
        col.date("to_on", say("Expected to"), "Last order day and the third quartile of the gaps."),
        col.text("usual_items", say("Usual items"), "Up to three, the most usual first.", nullable=True),
        col.money(
            "usual_order",
            say("Usual order"),
            "Median net sales of an order day in the last 12 months; missing without one.",
            nullable=True,
        ),
        col.IS_KEY,
        col.LAST_ORDER_ON(nullable=False),
        col.ORDER_DAYS(low=2),
    ),
    ("customer_id",),
)


FEWEST_CHECKED = 30
NUMBERS = ("next_orders.customers", "next_orders.net_sales", "next_orders.checked", "next_orders.hit_share")


@finds(NEXT_ORDERS)
def next_orders(
    rhythms: pd.DataFrame,
    facts: pd.DataFrame,
    keys: pd.DataFrame,
    segments: pd.DataFrame,
    calendar: Calendar,
    rules: Actions,
) -> Finding:
    """Which key clients and A customers should order in the next days, and what to have ready for them.

    An order is expected between the first and the third quartile of the customer's own gaps, counted from its last
    order day; half of the orders of a steady customer come in this time. Listed: at least `rhythm_order_days` order
    days, quartiles no more than twice `ahead_days` apart, and an expected time that has begun or begins within
    `ahead_days`, and is not over.

    Parameters
    ----------
    rhythms : DataFrame
        From `order_rhythms`.
    facts, keys, segments : DataFrame
        ``customer_facts``, ``key_members``, ``customer_segments``.
    calendar : Calendar
        Reference date.
    rules : Actions
        `ahead_days`, `rhythm_order_days`.

    Returns
    -------
    Finding
        Table ``next_orders``, largest usual order first, ties by id. Numbers: customers and the sum of their usual
        orders; checked and hit_share: of the customers' last gaps, those between the quartiles of the gaps before.
    """
    question = say("Who should order next?")
    told = expected_orders(rhythms, rules)
    if told.empty:
        reason = "no customer has a rhythm of its own"
        return Finding(
            name=NEXT_ORDERS.name,
            question=question,
            sentence=say("The next orders cannot be predicted"),
            table=NEXT_ORDERS.empty(),
            numbers=absent_numbers(NUMBERS, reason),
            absent=say(
                "Not measurable: no customer orders in a rhythm; it takes {n:count} order days, and half of the gaps "
                "within {days:count} days of each other.",
                n=rules.rhythm_order_days,
                days=2 * rules.ahead_days,
            ),
        )
    classes = segments.set_index("customer_id").abc
    known = told.merge(facts[["customer_id", "customer_name", "manager"]], on="customer_id")
    as_of = pd.Timestamp(calendar.as_of)
    known = known.assign(is_key=known["customer_id"].isin(keys.customer_id), abc=known["customer_id"].map(classes))
    is_due = (known["from_on"] < as_of + pd.Timedelta(days=rules.ahead_days)) & (known["to_on"] >= as_of)
    chosen = known[is_due & (known["is_key"] | (known["abc"] == AbcClass.A))]
    table = NEXT_ORDERS.conform(
        chosen.sort_values(["usual_order", "customer_id"], ascending=[False, True], ignore_index=True)
    )
    checked, hit_share = _checked(rhythms, rules)
    expected = money.total(table["usual_order"])
    return Finding(
        name=NEXT_ORDERS.name,
        question=question,
        sentence=_sentence(table, expected, rules),
        table=table,
        numbers={"next_orders.customers": len(table), "next_orders.net_sales": expected, "next_orders.checked": checked}
        | _hit_numbers(checked, hit_share),
        sub=say(
            "Expected between the first and the third quartile of the customer's own gaps between order days. Usual "
            "items: bought on most days of the last 12 months, on two at least."
        ),
        base=say(
            "Key clients and A customers with at least {days:count} order days and quartiles within {most:count} days. "
            "Usual order: median net sales of an order day in the last 12 months.",
            days=rules.rhythm_order_days,
            most=2 * rules.ahead_days,
        ),
        show=("customer_name", "manager", "from_on", "to_on", Show("usual_items", wide=True),
              Show("usual_order", bar=True), "is_key"),
        most_rows=20,
        cards=True,
        grouped_by="manager",
        none=_sentence(table, expected, rules),
        caveats=[_how_sure(checked, hit_share)],
    )  # fmt: skip


def _checked(rhythms: pd.DataFrame, rules: Actions) -> tuple[int, float | None]:
    before = rhythms.assign(days_before=rhythms["order_days"] - 1)
    tried = steady(before, rules, "days_before", "before")
    if tried.empty:
        return 0, None
    is_hit = (tried["last_gap"] >= np.floor(tried["low_before"])) & (tried["last_gap"] <= np.ceil(tried["high_before"]))
    return len(tried), float(is_hit.mean())


def _hit_numbers(checked: int, hit_share: float | None) -> dict[str, float | str | None]:
    if hit_share is None or checked < FEWEST_CHECKED:
        return absent_numbers(["next_orders.hit_share"], f"fewer than {FEWEST_CHECKED} customers to check it on")
    return {"next_orders.hit_share": hit_share}


def _sentence(table: pd.DataFrame, expected: float, rules: Actions) -> Message:
    if table.empty:
        return say("No key client or A customer is expected to order within {days:count} days.", days=rules.ahead_days)
    return say_n(
        "{n:count} order is expected within {days:count} days, usually {money:money}.",
        "{n:count} orders are expected within {days:count} days, usually {money:money} together.",
        count="n",
        n=len(table),
        days=rules.ahead_days,
        money=expected,
    )


def _how_sure(checked: int, hit_share: float | None) -> Caveat:
    title = say("How sure the time is")
    if hit_share is None or checked < FEWEST_CHECKED:
        text = say(
            "Not measurable: customers with a gap that the gaps before can foretell: {n:count}; it takes {m:count}.",
            n=checked,
            m=FEWEST_CHECKED,
        )
        return Caveat(title, text, Weight.AMBER)
    text = say(
        "Checked on the last gap of {n:count} customers: {share:share0} of these orders came in the time that the gaps "
        "before told; steady customers would give about half.",
        n=checked,
        share=hit_share,
    )
    return Caveat(title, text, Weight.GREEN)
