"""A part of the call list drawn by chance and kept uncalled, and what the calls changed against it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.intervals import difference, wilson
from kam_analysis.findings import Finding, absent_numbers, say
from kam_analysis.tables import CALL_PARTS, Table, finds
from kam_analysis.vocabulary import CallPart

CALL_EFFECT = Table(
    "call_effect",
    "one part of the call lists that were parted by chance and whose horizon is over",
    (
        col.member("part", say("Part"), "Called, or kept uncalled.", CallPart),
        col.CUSTOMERS("Drawn into the part."),
        col.count("with_result", say("With a result"), "Of a call within the horizon."),
        col.ORDERED("At least one order within the horizon."),
        col.SHARE("Of the part that ordered."),
        col.LOW("Wilson interval at 95 %."),
        col.HIGH("Wilson interval at 95 %."),
    ),
    ("part",),
)


FEWEST_IN_PART = 30
NUMBERS = ("calls.effect", "calls.effect_low", "calls.effect_high")


def kept_uncalled(parts: pd.DataFrame, as_of: dt.date, horizon_days: int) -> set[str]:
    """Customers in a control whose horizon is not over: nobody calls them until then.

    Parameters
    ----------
    parts : DataFrame
        ``call_parts``.
    as_of : date
        First day not analysed; a draw of this day counts, a later one is not known yet.
    horizon_days : int
        ``facts.horizon_days``; on the day so many days after the draw the customer may be called again.

    Examples
    --------
    >>> parts = pd.DataFrame({"customer_id": ["a", "b"], "part": ["control", "call"],
    ...                       "drawn_on": pd.to_datetime(["2026-01-01"] * 2)})
    >>> kept_uncalled(parts, dt.date(2026, 3, 31), 90), kept_uncalled(parts, dt.date(2026, 4, 1), 90)
    ({'a'}, set())
    """
    return set(_running(parts, as_of, horizon_days)[lambda rows: _said(rows) == CallPart.CONTROL]["customer_id"])


def draw_control(
    calls: pd.DataFrame, parts: pd.DataFrame, as_of: dt.date, horizon_days: int, share: float, seed: int
) -> pd.DataFrame:
    """Part this week's calls by chance into calls and a control.

    Key accounts are always called and stand in no part. Who was drawn before is in no new draw until that horizon is
    over, so that every customer keeps its part. The control has round-half-up(share · customers).

    Parameters
    ----------
    calls : DataFrame
        ``call_list``.
    parts : DataFrame
        ``call_parts`` of draws before.
    as_of : date
        Reference date of the list.
    horizon_days : int
        ``facts.horizon_days``.
    share : float
        Of the control, 0–1.
    seed : int
        Same list, share and seed: same draw.

    Returns
    -------
    DataFrame
        ``call_parts`` of this draw, by customer id.

    Examples
    --------
    >>> calls = pd.DataFrame({"customer_id": list("abcde"), "is_key": [True] + [False] * 4, "is_this_week": True})
    >>> drawn = draw_control(calls, CALL_PARTS.empty(), dt.date(2026, 1, 1), 90, 0.25, seed=1)
    >>> drawn["customer_id"].tolist(), sorted(drawn["part"])
    (['b', 'c', 'd', 'e'], ['call', 'call', 'call', 'control'])
    """
    busy = _running(parts, as_of, horizon_days)["customer_id"]
    open_to_chance = calls["is_this_week"] & ~calls["is_key"] & ~calls["customer_id"].isin(busy)
    customers = sorted(calls["customer_id"][open_to_chance])
    chosen = np.random.default_rng(seed).permutation(len(customers)) < int(share * len(customers) + 0.5)
    part = np.where(chosen, CallPart.CONTROL.value, CallPart.CALL.value)
    return CALL_PARTS.conform(
        pd.DataFrame(
            {"customer_id": customers, "drawn_on": pd.Timestamp(as_of), "part": part}, columns=CALL_PARTS.names
        )
    )


@finds(CALL_EFFECT)
def call_effect(
    parts: pd.DataFrame, orders: pd.DataFrame, done: pd.DataFrame, as_of: dt.date, horizon_days: int
) -> Finding:
    """Say what calling changed: the share that ordered within the horizon among those to call, less among the control.

    Everybody counts in the part that chance gave, called or not. Only draws whose horizon is over by `as_of` count.

    Parameters
    ----------
    parts, orders, done : DataFrame
        ``call_parts``, ``customer_orders``, ``calls_done``.
    as_of : date
        First day not analysed.
    horizon_days : int
        ``facts.horizon_days``.

    Returns
    -------
    Finding
        Table ``call_effect``; numbers calls.effect, .._low, .._high (Newcombe's interval of a difference at 95 %),
        absent with fewer than 30 customers in either part.
    """
    horizon = pd.Timedelta(days=horizon_days)
    known = parts[
        (parts["drawn_on"] + horizon <= pd.Timestamp(as_of)) & parts["customer_id"].isin(orders["customer_id"])
    ]
    known = known.assign(
        part=_said(known),
        has_ordered=_within(known, orders.rename(columns={"ordered_on": "on"}), horizon),
        has_result=_within(known, done.rename(columns={"done_on": "on"}), horizon),
    )
    rows: list[dict[str, Any]] = [_row(part, known[known["part"] == part]) for part in CallPart]
    table = CALL_EFFECT.conform(pd.DataFrame(rows, columns=CALL_EFFECT.names))
    called, control = rows
    question = say("What do the calls change?")
    if min(called["customers"], control["customers"]) < FEWEST_IN_PART:
        absent = say(
            "Not measurable: it takes {least:count} customers to call and as many kept uncalled, drawn by "
            "kam lists --control, whose {days:count} days are over; there are {n:count} and {m:count}.",
            least=FEWEST_IN_PART,
            days=horizon_days,
            n=called["customers"],
            m=control["customers"],
        )
        reason = f"fewer than {FEWEST_IN_PART} customers in a part"
        return Finding("call_effect", question, absent, table, absent_numbers(NUMBERS, reason), absent=absent)
    low, high = difference(called["ordered"], called["customers"], control["ordered"], control["customers"])
    return Finding(
        "call_effect",
        question,
        say(
            "Of the customers to call {called:share0} ordered within {days:count} days, of the control "
            "{control:share0}; the difference lies between {low:points} and {high:points}.",
            called=called["share"],
            control=control["share"],
            days=horizon_days,
            low=low,
            high=high,
        ),
        table,
        dict(zip(NUMBERS, (called["share"] - control["share"], low, high), strict=True)),
        sub=say("Everybody counts in the part that chance gave, whether the call was made or not."),
        show=CALL_EFFECT.names,
    )


def _said(parts: pd.DataFrame) -> pd.Series:
    return parts["part"].astype("str").str.strip().str.lower()


def _running(parts: pd.DataFrame, as_of: dt.date, horizon_days: int) -> pd.DataFrame:
    on, horizon = pd.Timestamp(as_of), pd.Timedelta(days=horizon_days)
    return parts[(parts["drawn_on"] <= on) & (parts["drawn_on"] + horizon > on)]


def _within(known: pd.DataFrame, events: pd.DataFrame, horizon: pd.Timedelta) -> pd.Series:
    both = known.reset_index(names="place").merge(events[["customer_id", "on"]], on="customer_id")
    is_in = (both["on"] >= both["drawn_on"]) & (both["on"] < both["drawn_on"] + horizon)
    return known.index.to_series().isin(both["place"][is_in])


def _row(part: CallPart, rows: pd.DataFrame) -> dict[str, object]:
    count, ordered = len(rows), int(rows["has_ordered"].sum())
    low, high = wilson(ordered, count) if count else (None, None)
    return {
        "part": part.value,
        "customers": count,
        "with_result": int(rows["has_result"].sum()),
        "ordered": ordered,
        "share": ordered / count if count else None,
        "low": low,
        "high": high,
    }
