"""Review of the criteria: what the key list would be under other thresholds, and when they were last reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.classes import is_large
from kam_analysis.findings import Caveat, Finding, Message, Weight, say
from kam_analysis.key_clients.key_list import KeyList, chosen_keys, flagged_keys
from kam_analysis.key_clients.key_places import places_of_clients, with_unit_sums
from kam_analysis.key_clients.tables import CRITERIA_REVIEW, Threshold
from kam_analysis.params import KeyClients

STEPS = (Fraction(-1, 5), Fraction(1, 5))
MOST_NAMED = 2
VOLUMES = {
    "money": Threshold.VOLUME,
    "quantile": Threshold.VOLUME_QUANTILE,
    "share": Threshold.VOLUME_SHARE,
}


def criteria_review(
    facts: pd.DataFrame,
    now: KeyList,
    units: pd.DataFrame,
    bought: pd.DataFrame,
    assessment: pd.DataFrame,
    calendar: Calendar,
    rules: KeyClients,
) -> Finding:
    """Give the key list under each threshold a fifth lower and higher, and say whether a review is overdue.

    Thresholds: the key share of the company, the places of a list by score, the strategic rating that makes a client
    key, the key share in units (counted: places where a client is key), and the volume threshold (counted: large
    customers). The number of places is rounded to a whole one; a share is at most 1.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    now : KeyList
        At the reference date.
    units : DataFrame
        `unit_customers`.
    bought : DataFrame
        `purchases`.
    assessment : DataFrame
        Optional table; empty where the source has none.
    calendar : Calendar
        Reference date, against ``criteria_reviewed_on``.
    rules : KeyClients
        The thresholds.

    Notes
    -----
    Article A: review the criteria regularly.
    """
    known = facts.set_index("customer_id").sort_index()
    sizes = pd.Series(-money.exact(known.net_sales_12m), index=known.index)
    ranks = now.scores.set_index("customer_id")["rank"]

    def listed(under: KeyClients) -> set[Any]:
        chosen, _ = chosen_keys(known.net_sales_12m, ranks, under)
        return chosen | {one for one in flagged_keys(assessment, under) if one in known.index}

    sums = with_unit_sums(units)

    def places(under: KeyClients) -> set[Any]:
        found = places_of_clients(sums, under)
        return set(zip(found.customer_id, found.unit_column, found.unit, strict=True))

    def large(under: KeyClients) -> set[Any]:
        return set(bought.customer_id[is_large(bought.volume, under.volume_threshold)])

    counted = {Threshold.UNIT_SHARE: places, **dict.fromkeys(VOLUMES.values(), large)}
    bases = {count: count(rules) for count in (listed, places, large)}
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
                "enter": _named(other - base, known.customer_name, sizes),
                "leave": _named(base - other, known.customer_name, sizes),
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
        base=say("Counted: key clients; for units the places where a client is key; for volume the large customers."),
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
        Threshold.TOP_K: rules.top_k,
        Threshold.STRATEGIC: rules.strategic_from,
        Threshold.UNIT_SHARE: rules.min_share,
        VOLUMES[volume.measure]: volume.above,
    }
    for threshold, value in values.items():
        for step in STEPS:
            then = float(Fraction(str(value)) * (1 + step))
            is_share = threshold in (Threshold.MIN_SHARE, Threshold.UNIT_SHARE)
            if is_share or (threshold in (Threshold.VOLUME_QUANTILE, Threshold.VOLUME_SHARE)):
                then = min(1.0, then)
            update: dict[str, Any] = {"min_share": then}
            if threshold is Threshold.TOP_K:
                update = {"top_k": max(1, int(then + 0.5))}
                then = update["top_k"]
            elif threshold is Threshold.STRATEGIC:
                update = {"strategic_from": then}
            elif threshold in VOLUMES.values():
                update = {"volume_threshold": volume.model_copy(update={"above": then})}
            yield threshold, step, value, then, rules.model_copy(update=update)


def _named(found: set[Any], names: pd.Series, sizes: pd.Series) -> str | None:
    """Names of the largest clients, at most three, and how many more."""
    if not found:
        return None
    ids = {one[0] if isinstance(one, tuple) else one for one in found}
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
