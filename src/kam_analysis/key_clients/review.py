"""Review of the criteria: what the key list would be under other thresholds, and when they were last reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.columns import Kind
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.classes import is_large
from kam_analysis.facts.key_list import KeyList
from kam_analysis.findings import Caveat, Finding, Message, Weight, say
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class Threshold(Labelled):
    """Thresholds that decide who is key."""

    MIN_SHARE = "min_share", say("key share")
    SMALL_UNIT = "small_unit", say("accounts of a unit that admits")
    TOP_VOLUME = "top_volume", say("places by volume")
    TOP_CUSTOMERS = "top_customers", say("part of the accounts that the score admits")
    TOP_K = "top_k", say("most places by score")
    STRATEGIC = "strategic_from", say("strategic rating that names an account")
    VOLUME = "volume_threshold", say("volume that makes large")
    VOLUME_QUANTILE = "volume_quantile", say("volume that makes large: above that of so many customers")
    VOLUME_SHARE = "volume_share", say("volume that makes large: share of all net sales")


THRESHOLD_KINDS = {
    Threshold.MIN_SHARE.value: Kind.SHARE,
    Threshold.TOP_CUSTOMERS.value: Kind.SHARE,
    Threshold.VOLUME.value: Kind.MONEY,
    Threshold.VOLUME_QUANTILE.value: Kind.SHARE,
    Threshold.VOLUME_SHARE.value: Kind.SHARE,
}

CRITERIA_REVIEW = Table(
    "criteria_review",
    "one threshold a fifth lower or higher",
    (
        col.member("threshold", say("Threshold"), "Key of key_clients.", Threshold),
        col.share("step", say("Changed by"), "A fifth down or up.", low=-1),
        col.number("value", say("Now"), "From the parameters.", by="threshold", kinds=THRESHOLD_KINDS),
        col.number(
            "value_then",
            say("Then"),
            "Changed; at most 1 for a share, whole for places.",
            by="threshold",
            kinds=THRESHOLD_KINDS,
        ),
        col.count("counted", say("Counted now"), "Keys, key places or large customers."),
        col.count("counted_then", say("Counted then"), "The same under the other threshold."),
        col.count("entered", say("More"), "Counted then and not now."),
        col.count("left", say("Fewer"), "Counted now and not then."),
        col.ENTER("The largest, at most two."),
        col.LEAVE("The largest, at most two."),
    ),
    ("threshold", "step"),
)


STEPS = (Fraction(-1, 5), Fraction(1, 5))
MOST_NAMED = 2
SHARES = (Threshold.MIN_SHARE, Threshold.TOP_CUSTOMERS, Threshold.VOLUME_QUANTILE, Threshold.VOLUME_SHARE)
PLACES = (Threshold.SMALL_UNIT, Threshold.TOP_VOLUME, Threshold.TOP_K)
VOLUMES = {
    "money": Threshold.VOLUME,
    "quantile": Threshold.VOLUME_QUANTILE,
    "share": Threshold.VOLUME_SHARE,
}


@finds(CRITERIA_REVIEW)
def criteria_review(
    now: KeyList, bought: pd.DataFrame, facts: pd.DataFrame, calendar: Calendar, rules: KeyClients
) -> Finding:
    """Give the key list under each threshold a fifth lower and higher, and say whether a review is overdue.

    Thresholds: the key share, the places by volume, the part of the accounts and the most places by score, the
    strategic rating that names an account, the size from which a unit admits, and the volume threshold (counted: large
    customers). A number of places is rounded to a whole one; a share is at most 1.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    bought : DataFrame
        `purchases`.
    facts : DataFrame
        ``customer_facts``, for the names of large customers.
    calendar : Calendar
        Reference date, against ``criteria_reviewed_on``.
    rules : KeyClients
        The thresholds.

    Notes
    -----
    Article A: review the criteria regularly.
    """
    named = (now.accounts.set_index("account_id"), facts.set_index("customer_id"))
    names = pd.concat([named[0].account_name, named[1].customer_name[~named[1].index.isin(named[0].index)]])
    sales = pd.concat([one.net_sales_12m for one in named])
    sizes = pd.Series(-money.exact(sales), index=sales.index)
    sizes = sizes[~sizes.index.duplicated()]

    def listed(under: KeyClients) -> set[str]:
        return set(now.under(under).account_id)

    def large(under: KeyClients) -> set[str]:
        return set(bought.customer_id[is_large(bought.volume, under.volume_threshold)])

    counted = dict.fromkeys(VOLUMES.values(), large)
    bases = {count: count(rules) for count in (listed, large)}
    rows = []
    for threshold, step, value, then, under in _changed(rules):
        count = counted.get(threshold, listed)
        base, other = bases[count], count(under)
        rows.append(
            {
                "threshold": threshold.value,
                "step": float(step),
                "value": value,
                "value_then": then,
                "counted": len(base),
                "counted_then": len(other),
                "entered": len(other - base),
                "left": len(base - other),
                "enter": _named(other - base, names, sizes),
                "leave": _named(base - other, names, sizes),
            }
        )
    table = CRITERIA_REVIEW.conform(pd.DataFrame(rows))
    lists = table[~table.threshold.isin([one.value for one in counted])]
    moved = int(((lists.entered > 0) | (lists.left > 0)).sum())
    overdue = is_overdue(calendar, rules)
    return Finding(
        "criteria_review",
        say("Would other thresholds make another list?"),
        _review_sentence(moved, len(lists)),
        table,
        {"threshold_changes_that_move_keys": moved, "criteria_review_overdue": int(overdue)},
        sub=say("Each threshold a fifth lower and a fifth higher, the others as they are."),
        base=say("Counted: key accounts; for the volume threshold the large customers."),
        show=("threshold", "step", "value_then", "counted_then", "entered", "left", "enter", "leave"),
        caveats=[_review_caveat(calendar, rules)],
    )


def is_overdue(calendar: Calendar, rules: KeyClients) -> bool:
    """Whether the criteria were never reviewed, or longer ago than ``criteria_review_months``.

    Examples
    --------
    >>> import datetime as dt
    >>> calendar = Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))
    >>> [is_overdue(calendar, KeyClients(criteria_reviewed_on=on)) for on in (None, "2025-01-01", "2025-01-02")]
    [True, True, False]
    """
    reviewed = rules.criteria_reviewed_on
    return reviewed is None or add_months(reviewed, rules.criteria_review_months) <= calendar.as_of


def _changed(rules: KeyClients) -> Iterator[tuple[Threshold, Fraction, float, float, KeyClients]]:
    volume = rules.volume_threshold
    values: dict[Threshold, float] = {
        Threshold.MIN_SHARE: rules.min_share,
        Threshold.SMALL_UNIT: rules.small_unit,
        Threshold.TOP_VOLUME: rules.top_volume,
        Threshold.TOP_CUSTOMERS: rules.top_customers,
        Threshold.TOP_K: rules.top_k,
        Threshold.STRATEGIC: rules.strategic_from,
        VOLUMES[volume.measure]: volume.above,
    }
    for threshold, value in values.items():
        for step in STEPS:
            then = float(Fraction(str(value)) * (1 + step))
            if threshold in SHARES:
                then = min(1.0, then)
            elif threshold in PLACES:
                then = int(then + 0.5)
            update: dict[str, Any] = {threshold.value: then}
            if threshold in VOLUMES.values():
                update = {"volume_threshold": volume.model_copy(update={"above": then})}
            yield threshold, step, value, then, rules.model_copy(update=update)


def _named(ids: set[str], names: pd.Series, sizes: pd.Series) -> str | None:
    """Names of the largest, at most two, and how many more."""
    if not ids:
        return None
    largest = sizes[sizes.index.isin(ids)].sort_values(kind="stable").index[:MOST_NAMED]
    more = [f"+{len(ids) - MOST_NAMED}"] if len(ids) > MOST_NAMED else []
    return ", ".join([*(str(names[one]) for one in largest), *more])


def _review_sentence(moved: int, tried: int) -> Message:
    if not moved:
        return say("No threshold a fifth lower or higher changes the key list.")
    return say(
        "Thresholds a fifth lower or higher, one at a time: {m:count} trials, {n:count} of them with another key list.",
        n=moved,
        m=tried,
    )


def _review_caveat(calendar: Calendar, rules: KeyClients) -> Caveat:
    reviewed, months = rules.criteria_reviewed_on, rules.criteria_review_months
    head = say("Review of the criteria")
    if reviewed is None:
        return Caveat(
            head,
            say("No review is on record (key_clients.criteria_reviewed_on); one every {n:count} months.", n=months),
        )
    if is_overdue(calendar, rules):
        text = say("The last review of {on:date} is {n:count} months old or older: overdue.", on=reviewed, n=months)
        return Caveat(head, text)
    text = say("Last reviewed on {on:date}; due again on {due:date}.", on=reviewed, due=add_months(reviewed, months))
    return Caveat(head, text, Weight.GREEN)
