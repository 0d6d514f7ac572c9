"""Who ordered again: retained share, CRR by the formula, and the bridge between them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.retained import Retained, last_retained, retained
from kam_analysis.findings import Caveat, Finding, Grid, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import Retention
from kam_analysis.retention.period import EMPTY_BASE, NO_PERIOD, shown_days, without_period
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import BridgeStep

RETENTION_BRIDGE = Table(
    "retention_bridge",
    "one step from the buyers of the base to those of the period",
    (col.STEP, col.CUSTOMERS("Customers of the step; negative where they left.", low=float("-inf"))),
    ("step",),
)

_PERIOD_MONTHS = col.count("period_months", say("Months"), low=1)
_CRR_FORMULA = col.share("crr_formula", say("CRR by the formula"), "(E − N)/S; can pass 1.", high=1e9)

RETENTION_PERIODS = Table(
    "retention_periods",
    "one length of the period that the data allow",
    (
        _PERIOD_MONTHS("P, length of the period and of its base."),
        col.date("period_start", say("Period from"), "t, first day of the period."),
        col.date("period_end", say("Until"), "First day after the period."),
        col.BASE_BUYERS("S, with an order in the base."),
        col.count("active_buyers", say("Buyers after"), "E, with an order in the period."),
        col.count("new_buyers", say("New"), "N, whose first order lies in the period."),
        col.RETAINED_BUYERS,
        col.count("reactivated_buyers", say("Came back"), "E − N − stayed: old buyers silent before."),
        col.RETAINED_SHARE("Stayed over S."),
        _CRR_FORMULA(nullable=True),
        col.flag("is_headline", say("Headline"), "The length that the headline figures use."),
    ),
    ("period_months",),
)

RETENTION_SENSITIVITY = Table(
    "retention_sensitivity",
    "one window before and one length of the period that the data allow",
    (
        col.count("window_months", say("Months before"), "W, length of the base [t−W, t).", low=1),
        _PERIOD_MONTHS("P, length of the period [t, t+P)."),
        col.BASE_BUYERS("With an order in the base.", low=1),
        col.RETAINED_BUYERS,
        col.RETAINED_SHARE("Stayed over buyers before.", nullable=False),
        _CRR_FORMULA,
        col.flag("is_definition", say("Definition"), "W = P, as the headline figures are defined."),
    ),
    ("window_months", "period_months"),
)


LENGTHS = (12, 3, 1)
COUNTS = ("S", "E", "N", "retained", "reactivated")
PERIOD = ("period_months", "period_start", "period_end")
RATES = ("crr_formula", "retained_share")
YEAR = 12


def customer_bridge(counts: Retained) -> pd.DataFrame:
    """Steps from the buyers before to the buyers after: S − did not return + came back + first order = E.

    Examples
    --------
    >>> import datetime as dt
    >>> customer_bridge(Retained(dt.date(2011, 9, 1), 3, 1948, 2851, 980, 1328))["customers"].tolist()
    [1948, -620, 543, 980, 2851]
    """
    steps = {
        BridgeStep.START: counts.base,
        BridgeStep.LOST: counts.kept - counts.base,
        BridgeStep.REACTIVATED: counts.reactivated,
        BridgeStep.NEW: counts.new,
        BridgeStep.END: counts.active,
    }
    return RETENTION_BRIDGE.conform(
        pd.DataFrame({"step": [step.value for step in steps], "customers": list(steps.values())})
    )


@finds(RETENTION_BRIDGE)
def who_stayed(orders: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """How many of the buyers ordered again in the next period.

    retained share = |S∩E|/S, CRR by the formula = (E − N)/S, reactivated = E − N − |S∩E|, so that
    formula = retained share + reactivated/S. Shares 0–1; the formula can pass 1. No complete base, or nobody in it:
    not measurable, with the reason.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``.
    calendar : Calendar
        At the reference date or at the comparison date.
    rules : params.Retention
        `period_months` fixes P.

    Returns
    -------
    Finding
        Table ``retention_bridge``; numbers period_months, period_start, period_end (first day after), S, E, N,
        retained, reactivated, crr_formula, retained_share.

    Notes
    -----
    Source: articles B and C, (E − N)/S.
    """
    question = say("Who stayed?")
    counts = last_retained(orders, calendar, rules.period_months)
    if counts is None:
        return Finding(
            name=RETENTION_BRIDGE.name,
            question=question,
            sentence=say("Who stayed cannot be measured"),
            table=RETENTION_BRIDGE.empty(),
            numbers=absent_numbers((*PERIOD, *COUNTS, *RATES), NO_PERIOD),
            absent=without_period(calendar, rules),
        )
    period, base = shown_days(counts.start_on, counts.months), _base_days(counts)
    return Finding(
        name=RETENTION_BRIDGE.name,
        question=question,
        sentence=_stayed_sentence(counts),
        table=customer_bridge(counts),
        numbers=_numbers(counts),
        sub=say(
            "Customers with an order, {before:period} to {after:period}; hatched: did not return",
            before=base,
            after=period,
        ),
        base=say_n(
            "Base: {n:count} buyer of {before:period}.",
            "Base: {n:count} buyers of {before:period}.",
            count="n",
            n=counts.base,
            before=base,
        ),
        drawing="retention.customer_bridge",
        on_index=True,
        caveats=_stayed_caveats(counts, calendar),
    )


def _base_days(counts: Retained) -> tuple[dt.date, dt.date]:
    return shown_days(add_months(counts.start_on, -counts.months), counts.months)


def _numbers(counts: Retained) -> dict[str, Any]:
    known = {
        "period_months": counts.months,
        "period_start": counts.start_on.isoformat(),
        "period_end": counts.end_on.isoformat(),
        "S": counts.base,
        "E": counts.active,
        "N": counts.new,
        "retained": counts.kept,
        "reactivated": counts.reactivated,
    }
    if not counts.base:
        return known | absent_numbers(RATES, EMPTY_BASE)
    return known | {"crr_formula": counts.crr_formula, "retained_share": counts.retained_share}


def _stayed_sentence(counts: Retained) -> Message:
    if not counts.base:
        return say("Nobody ordered in {before:period}, so nobody could stay", before=_base_days(counts))
    if counts.base == 1:
        days = {"before": _base_days(counts), "after": shown_days(counts.start_on, counts.months)}
        if counts.kept:
            return say("The only buyer of {before:period} ordered again in {after:period}", **days)
        return say("The only buyer of {before:period} did not order again in {after:period}", **days)
    return say_n(
        "{kept:count} of {base:count} buyer of {before:period} ordered again in {after:period} ({share:share})",
        "{kept:count} of {base:count} buyers of {before:period} ordered again in {after:period} ({share:share})",
        count="base",
        kept=counts.kept,
        base=counts.base,
        before=_base_days(counts),
        after=shown_days(counts.start_on, counts.months),
        share=counts.retained_share,
    )


def _stayed_caveats(counts: Retained, calendar: Calendar) -> list[Caveat]:
    found = []
    if counts.base and counts.reactivated:
        found.append(
            Caveat(
                say("The formula gives {crr:share}", crr=counts.crr_formula),
                say_n(
                    "(E − N)/S = ({active:count} − {new:count})/{base:count} counts {n:count} returner as retained.",
                    "(E − N)/S = ({active:count} − {new:count})/{base:count} counts {n:count} returners as retained.",
                    count="n",
                    n=counts.reactivated,
                    active=counts.active,
                    new=counts.new,
                    base=counts.base,
                ),
            )
        )
    if counts.months < YEAR:
        found.append(season_caveat())
    if (known := _months_before(counts, calendar)) < YEAR:
        found.append(
            Caveat(
                say("Some new buyers may be old ones"),
                say_n(
                    "Only {n:count} month is known before the period; a buyer silent for longer counts as new.",
                    "Only {n:count} months are known before the period; a buyer silent for longer counts as new.",
                    count="n",
                    n=known,
                ),
            )
        )
    return found


def season_caveat() -> Caveat:
    """Warn that a base shorter than a year holds a season."""
    return Caveat(
        say("A season, not a trend"),
        say(
            "The base is shorter than a year, so consecutive periods cannot be compared: each stands in its own season."
        ),
        Weight.RED,
    )


def _short_periods() -> Caveat:
    return Caveat(
        say("Short periods hold a season"),
        say(
            "Each period shorter than 12 months stands in its own season: compare it with the same months of another "
            "year."
        ),
        Weight.GREEN,
    )


def _months_before(counts: Retained, calendar: Calendar) -> int:
    first = calendar.first_order_on
    return (counts.start_on.year - first.year) * YEAR + counts.start_on.month - first.month


@finds(RETENTION_PERIODS)
def shorter_periods(orders: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """How the retained share depends on the length of the period.

    One row per P of 12, 3 and 1 months that the data allow, longest first, with the headline's P marked. Same formulas
    as `who_stayed`.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``.
    calendar : Calendar
        At the reference date.
    rules : params.Retention
        `period_months` adds a length of one's own.

    Returns
    -------
    Finding
        Table ``retention_periods``; numbers ``retained_share.<P>m``.
    """
    chosen = calendar.retention_period(rules.period_months)
    lengths = sorted({*LENGTHS, *([chosen[1]] if chosen else [])}, reverse=True)
    periods = [period for length in lengths if (period := calendar.retention_period(length))]
    counted = [retained(orders, *period) for period in periods]
    rows = [_period_row(counts) | {"is_headline": (counts.start_on, counts.months) == chosen} for counts in counted]
    table = RETENTION_PERIODS.conform(pd.DataFrame(rows, columns=RETENTION_PERIODS.names))
    measured = [counts for counts in counted if counts.base]
    parts = [
        say_n("{share:share} over {n:count} month", "{share:share} over {n:count} months", count="n",
              share=counts.retained_share, n=counts.months)
        for counts in measured
    ]  # fmt: skip
    return Finding(
        name=RETENTION_PERIODS.name,
        question=say("Does the length of the period matter?"),
        sentence=say("Retained share: {parts:names}", parts=parts) if parts else say("No period can be measured"),
        table=table,
        numbers={f"retained_share.{counts.months}m": counts.retained_share for counts in measured},
        sub=say("Periods that end with the last complete month, each against the same number of months before"),
        show=("period_months", "period_start", "base_buyers", "retained_buyers", "retained_share", "crr_formula"),
        caveats=[_short_periods()] if any(counts.months < YEAR for counts in measured) else [],
        absent=None if parts else _nothing_before(counted, calendar, rules),
    )


def _nothing_before(counted: list[Retained], calendar: Calendar, rules: Retention) -> Message:
    if counted:
        return say("Not measurable: nobody ordered in the months before.")
    return without_period(calendar, rules)


def _period_row(counts: Retained) -> dict[str, Any]:
    return {
        "period_months": counts.months,
        "period_start": counts.start_on,
        "period_end": counts.end_on,
        "base_buyers": counts.base,
        "active_buyers": counts.active,
        "new_buyers": counts.new,
        "retained_buyers": counts.kept,
        "reactivated_buyers": counts.reactivated,
        "retained_share": counts.retained_share,
        "crr_formula": counts.crr_formula,
    }


@finds(RETENTION_SENSITIVITY)
def how_sensitive(orders: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """How the retained share depends on the months waited, P, and on the window in which a buyer counts as active, W.

    Retained share and CRR as in `who_stayed` with the base [t−W, t), for every pair of `sensitivity_months` that the
    data allow; all periods end with the last complete month. W = P is the definition.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``.
    calendar : Calendar
        At the reference date.
    rules : params.Retention
        `sensitivity_months`.

    Returns
    -------
    Finding
        Table ``retention_sensitivity``, shown as a grid; numbers sensitivity.lowest, sensitivity.highest.
    """
    months = sorted({*rules.sensitivity_months})
    pairs = [(window, length) for window in months for length in months]
    allowed = [(start, *pair) for pair in pairs if (start := _start_of(*pair, calendar))]
    counted = [(window, retained(orders, start, length, window)) for start, window, length in allowed]
    measured = [
        _period_row(counts) | {"window_months": window, "is_definition": window == counts.months}
        for window, counts in counted
        if counts.base
    ]
    table = RETENTION_SENSITIVITY.conform(pd.DataFrame(measured, columns=RETENTION_SENSITIVITY.names))
    question = say("How much does the result depend on the period chosen?")
    if table.empty:
        return Finding(
            name=RETENTION_SENSITIVITY.name,
            question=question,
            sentence=say("No period can be measured"),
            table=table,
            numbers=absent_numbers(["sensitivity.lowest", "sensitivity.highest"], NO_PERIOD),
            absent=_nothing_before([counts for _, counts in counted], calendar, rules),
        )
    lowest, highest = float(table["retained_share"].min()), float(table["retained_share"].max())
    return Finding(
        name=RETENTION_SENSITIVITY.name,
        question=question,
        sentence=say(
            "Between {low:share} and {high:share} stayed, depending on the months before and the months waited",
            low=lowest,
            high=highest,
        )
        if lowest < highest
        else say("{share:share} stayed, whatever the months before and the months waited", share=lowest),
        table=table,
        numbers={"sensitivity.lowest": lowest, "sensitivity.highest": highest},
        sub=say(
            "Retained share, below it CRR by the formula and the buyers it stands on. Across: months waited, the last "
            "ones; down: months before them in which a buyer had to order"
        ),
        base=say("The definition takes the same length for both; pairs that the data do not reach are left out."),
        grid=Grid("window_months", "period_months", "retained_share", also=("crr_formula", "base_buyers")),
    )


def _start_of(window: int, length: int, calendar: Calendar) -> dt.date | None:
    if not (months := calendar.complete_months):
        return None
    start = add_months(months[-1], 1 - length)
    return start if add_months(start, -window) >= months[0] else None
