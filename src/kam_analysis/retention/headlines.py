"""Headline figures of retention, each with its value at the comparison date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import NOTHING_BEFORE, Finding, Message, Tile, say, say_n
from kam_analysis.params import Retention
from kam_analysis.retention.period import shown_days
from kam_analysis.retention.repeat import how_many_repeat, rate_within, second_orders
from kam_analysis.retention.revenue import revenue_kept
from kam_analysis.retention.stayed import who_stayed

REPEAT_DAYS = 90


def headlines(
    orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, before: Calendar | None, rules: Retention
) -> list[Tile]:
    """Tiles of the page: retained share, CRR by the formula, NRR, repeat rate in 90 days.

    The previous value is the same computation at the comparison date, shown where its period is as long and holds the
    same months of a year. The repeat rate is shown beside that of the buyers who came after the first months of the
    data instead.

    Parameters
    ----------
    orders, months : DataFrame
        ``customer_orders``, ``customer_months``.
    calendar, before : Calendar
        At the reference date and at the comparison date.
    rules : params.Retention
        Parameters of the room.
    """
    repeat_rules = rules.model_copy(update={"repeat_days": (REPEAT_DAYS,)})
    calendars = [calendar, *([before] if before else [])]
    stayed = [who_stayed(orders, day, rules) for day in calendars]
    kept = [revenue_kept(orders, months, day, rules) for day in calendars]
    return [
        _retained_tile(stayed),
        _crr_tile(stayed),
        _nrr_tile(stayed, kept),
        _repeat_tile(how_many_repeat(orders, calendar, repeat_rules), orders, calendar),
    ]


def _days(finding: Finding) -> tuple[dt.date, dt.date]:
    return shown_days(dt.date.fromisoformat(finding.numbers["period_start"]), finding.numbers["period_months"])


def _base_days(finding: Finding) -> tuple[dt.date, dt.date]:
    months = finding.numbers["period_months"]
    return shown_days(add_months(dt.date.fromisoformat(finding.numbers["period_start"]), -months), months)


def _change(name: str, findings: list[Finding], stayed: list[Finding]) -> dict[str, Any]:
    now, *earlier = (finding.numbers[name] for finding in findings)
    as_long = len({finding.numbers["period_months"] for finding in stayed}) == 1
    if now is None or not earlier or earlier[0] is None or not as_long:
        return {"change": NOTHING_BEFORE}
    if len({dt.date.fromisoformat(finding.numbers["period_start"]).month for finding in stayed}) > 1:
        return {"change": say("Not compared: the period before is another season")}
    return {
        "change": say(
            "{change:points} from {was:share} ({days:period})",
            change=now - earlier[0],
            was=earlier[0],
            days=_days(stayed[1]),
        ),
        "is_up": None if now == earlier[0] else now > earlier[0],
    }


def _retained_tile(stayed: list[Finding]) -> Tile:
    now = stayed[0]
    value = now.numbers["retained_share"]
    return Tile(
        name=say("Retained share"),
        value=None if value is None else say("{share:share}", share=value),
        n=_kept_of(now),
        definition=say("Buyers of one period who ordered again in the next, over the buyers of the first: |S∩E|/S."),
        key="retained_share",
        table=now.name,
        absent=None if value is not None else now.absent or _empty_base(now),
        **_change("retained_share", stayed, stayed),
    )


def _kept_of(now: Finding) -> Message:
    if not now.numbers["S"]:
        return _no_base(now)
    return say(
        "{kept:count} of {base:count}, {days:period}",
        kept=now.numbers["retained"],
        base=now.numbers["S"],
        days=_days(now),
    )


def _no_base(now: Finding) -> Message:
    return say("no complete period") if now.absent is not None else say("no buyer before")


def _empty_base(now: Finding) -> Message:
    return say("Nobody ordered in {days:period}.", days=_base_days(now))


def _crr_tile(stayed: list[Finding]) -> Tile:
    now = stayed[0]
    value = now.numbers["crr_formula"]
    return Tile(
        name=say("CRR by the formula"),
        value=None if value is None else say("{share:share}", share=value),
        n=_no_base(now) if value is None else say(
            "({active:count} − {new:count})/{base:count}, {days:period}",
            active=now.numbers["E"], new=now.numbers["N"], base=now.numbers["S"], days=_days(now),
        ),
        definition=say("(E − N)/S: buyers of the period less the new ones, over the buyers before. Returners "
                       "count as retained, so it can pass 100 %."),
        key="crr",
        table=now.name,
        absent=None if value is not None else now.absent or _empty_base(now),
        **_change("crr_formula", stayed, stayed),
    )  # fmt: skip


def _nrr_tile(stayed: list[Finding], kept: list[Finding]) -> Tile:
    now = kept[0]
    value = now.numbers["nrr"]
    return Tile(
        name=say("Net revenue retention"),
        value=None if value is None else say("{share:share}", share=value),
        n=_no_base(stayed[0]) if value is None else say_n(
            "gross {grr:share}; {days:period}, {n:count} customer",
            "gross {grr:share}; {days:period}, {n:count} customers",
            count="n", grr=now.numbers["grr"], days=_days(stayed[0]), n=int(now.table["customers"].iloc[0]),
        ),
        definition=say("Net sales of a period from the customers with sales in the period before, over their "
                       "sales then."),
        key="nrr",
        table=now.name,
        absent=None if value is not None else now.absent or say("Nobody had net sales above 0 in "
                                                                "{days:period}.", days=_base_days(stayed[0])),
        **_change("nrr", kept, stayed),
    )  # fmt: skip


def _repeat_tile(repeat: Finding, orders: pd.DataFrame, calendar: Calendar) -> Tile:
    name = f"repeat_rate.{REPEAT_DAYS}d"
    now, observed = repeat.numbers[name], repeat.numbers[f"{name}.n"]
    return Tile(
        name=say("Repeat rate, 90 days"),
        value=None if now is None else say("{share:share}", share=now),
        n=say_n("{n:count} buyer observed so long", "{n:count} buyers observed so long", count="n", n=observed),
        definition=say("Buyers with a second order day within 90 days of the first, over buyers observed for 90 days."),
        key="repeat_rate_90d",
        table=repeat.name,
        absent=repeat.absent,
        change=_newer(orders, calendar),
    )


def _newer(orders: pd.DataFrame, calendar: Calendar) -> Message:
    """The rate of those who did not come in the first months of the data, where old customers look new."""
    waits = second_orders(orders, calendar)
    since = calendar.newcomers_from
    rate = rate_within(waits[waits["observed_days"] <= (calendar.as_of - since).days], REPEAT_DAYS)
    if not rate["buyers"]:
        return NOTHING_BEFORE
    return say(
        "{share:share} of {n:count} who came after the first {months:count} months of the data",
        share=rate["repeat_rate"],
        n=rate["buyers"],
        months=calendar.censored_months,
    )
