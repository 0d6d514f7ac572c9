"""New items that key clients have not bought yet, though they buy from the same category."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say
from kam_analysis.params import Actions
from kam_analysis.tables import Table, finds

NEW_ITEMS = Table(
    "new_items",
    "one key account with new items to offer",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.OWNER("The account's manager."),
        col.NEW_ITEMS("First sold lately, in categories that the client buys.", low=1),
        col.count("bought", say("Bought"), "Of these, bought by the client."),
        col.text("to_offer", say("To offer"), "Up to three not bought, best sold to others first."),
    ),
    ("account_id",),
)


NUMBERS = ("new_items.keys", "new_items.keys_without", "new_items.bought_share")


@finds(NEW_ITEMS)
def new_items(lines: Engine, keys: pd.DataFrame, calendar: Calendar, rules: Actions) -> Finding:
    """Which key clients have not yet bought what is new in their own categories: offer it to them first.

    New: first sold within `new_item_days` before the reference date. A key client is asked about the items of the
    categories that it bought from in the last 12 months; where the lines name no category, about all of them.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``key_members``.
    keys : DataFrame
        ``key_list``.
    calendar : Calendar
        Reference date and the first order; the data must begin `new_item_days` before the first day on which an item
        can be new, or all that was sold seldom would seem to be new.
    rules : Actions
        `new_item_days`.

    Returns
    -------
    Finding
        Table ``new_items``: key clients with something to offer, in the order of the key list. Numbers: key clients
        with new items in their categories, those who bought none of them, and the share bought of all pairs.

    Notes
    -----
    Article C: new items to key customers first, as a barrier to competitors.
    """
    question = say("Which new items have key clients not bought yet?")
    new_from = calendar.as_of - dt.timedelta(days=rules.new_item_days)
    if calendar.first_order_on > new_from - dt.timedelta(days=rules.new_item_days):
        return _absent(
            question,
            "the data are too short to know what is new",
            say("Not measurable: the data must reach {days:count} days back.", days=2 * rules.new_item_days),
        )
    dates = {"as_of": calendar.as_of, "new_from": new_from, "year_ago": add_months(calendar.as_of, -12)}
    lines.materialise("new_items", statement(__file__, "new_items"), **dates)
    counted = lines.frame("new_items").merge(keys[["account_id", "account_name", "manager", "order"]])
    if counted.empty:
        return _absent(
            question,
            "nothing new was sold in the categories of the key clients",
            say(
                "Not measurable: in the last {days:count} days nothing was sold for the first time in a category that "
                "a key client buys, or the lines name no item.",
                days=rules.new_item_days,
            ),
        )
    ordered = counted.sort_values("order", ignore_index=True)
    without = int((ordered["bought"] == 0).sum())
    table = NEW_ITEMS.conform(ordered[ordered["bought"] < ordered["new_items"]].reset_index(drop=True))
    return Finding(
        name=NEW_ITEMS.name,
        question=question,
        sentence=_sentence(without, len(ordered)),
        table=table,
        numbers=dict(
            zip(NUMBERS, (len(ordered), without, _share(ordered["bought"], ordered["new_items"])), strict=True)
        ),
        sub=say(
            "New: first sold in the last {days:count} days. To offer: in the categories that the client bought from in "
            "12 months, those that sold best to others first.",
            days=rules.new_item_days,
        ),
        base=say("Key clients with new items in their categories: {n:count}.", n=len(ordered)),
        show=("account_name", "manager", "new_items", "bought", Show("to_offer", wide=True)),
        most_rows=20,
        cards=True,
        grouped_by="manager",
        none=say("Every key client has bought all new items of its categories."),
    )


def _absent(question: Message, reason: str, absent: Message) -> Finding:
    return Finding(
        name=NEW_ITEMS.name,
        question=question,
        sentence=say("New items cannot be identified"),
        table=NEW_ITEMS.empty(),
        numbers=absent_numbers(NUMBERS, reason),
        absent=absent,
    )


def _share(bought: pd.Series, offered: pd.Series) -> float:
    return float(bought.sum() / offered.sum())


def _sentence(without: int, count: int) -> Message:
    return say(
        "Key clients who bought none of the new items of their categories: {n:count} of {m:count}.", n=without, m=count
    )
