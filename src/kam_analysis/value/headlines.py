"""Headline figures of value, each with its value at the comparison date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.lifetime_value import Formula, expected, realised
from kam_analysis.findings import NOTHING_BEFORE, Finding, Message, Tile, say, say_n
from kam_analysis.params import Facts
from kam_analysis.value.coming import MONTHS, TOTAL
from kam_analysis.value.formula import why_no_life
from kam_analysis.value.tables import CUSTOMER_VALUES, LTV_VARIANTS


def headlines(
    facts: pd.DataFrame, facts_before: pd.DataFrame | None, before: Calendar | None, rules: Facts, coming: Finding
) -> list[Tile]:
    """Tiles of the page: expected and realised lifetime value, and the sales predicted for the coming months.

    Net sales (S·C·T) where no margin is known, and the tile says so.

    Parameters
    ----------
    facts, facts_before : DataFrame
        ``customer_facts``, ``customer_facts_before``.
    before : Calendar, optional
        At the comparison date.
    rules : params.Facts
        Silence, cap, assumed margin.
    coming : Finding
        Of `who_will_bring_most`.
    """
    earlier = facts_before if before is not None else None
    return [
        _expected_tile(facts, None if earlier is None else expected(earlier, rules), before, rules),
        _realised_tile(realised(facts, rules)),
        _coming_tile(coming),
    ]


def _worth(formula: Formula | None) -> float | None:
    if formula is None:
        return None
    return formula.sales if formula.margin_share is None else formula.ltv


def _change(now: Formula | None, was: Formula | None, before: Calendar | None) -> dict[str, Any]:
    value, earlier = _worth(now), _worth(was)
    comparable = now and was and (now.margin_share is None) == (was.margin_share is None)
    if value is None or earlier is None or earlier <= 0 or not comparable or before is None:
        return {"change": NOTHING_BEFORE}
    return {
        "change": say(
            "{change:change} from {was:money} ({day:date})",
            change=value / earlier - 1,
            was=earlier,
            day=before.as_of - dt.timedelta(days=1),
        ),
        "is_up": None if value == earlier else value > earlier,
    }


def _buyers(formula: Formula | None) -> Message:
    return say_n("{n:count} buyer", "{n:count} buyers", count="n", n=formula.buyers if formula else 0)


def _expected_tile(facts: pd.DataFrame, was: Formula | None, before: Calendar | None, rules: Facts) -> Tile:
    now = expected(facts, rules)
    value = _worth(now)
    in_sales = now is not None and now.margin_share is None
    return Tile(
        name=say("Expected lifetime sales") if in_sales else say("Expected lifetime value"),
        value=None if value is None else say("{value:money}", value=value),
        n=_buyers(now),
        definition=say(
            "S·C·T per buyer in net sales, no margin known: T from the survival curve to {cap:count} months.",
            cap=rules.lifetime_cap_months,
        )
        if in_sales
        else say(
            "S·C·P·T per buyer in margin money: T from the survival curve to {cap:count} months.",
            cap=rules.lifetime_cap_months,
        ),
        key="ltv_expected",
        table=LTV_VARIANTS.name,
        absent=why_no_life(facts, rules),
        **_change(now, was, before),
    )


def _realised_tile(now: Formula | None) -> Tile:
    value = _worth(now)
    in_sales = now is not None and now.margin_share is None
    return Tile(
        name=say("Realised lifetime sales") if in_sales else say("Realised lifetime value"),
        value=None if value is None else say("{value:money}", value=value),
        n=_buyers(now),
        definition=say("Net sales per buyer so far, S·C·T; no margin known.")
        if in_sales
        else say("Margin money per buyer so far, S·C·P·T."),
        key="ltv_realised",
        table=LTV_VARIANTS.name,
        absent=None if value is not None else say("Nobody has an order."),
        change=say("Grows with the time observed: not compared"),
    )


def _coming_tile(coming: Finding) -> Tile:
    value, months = coming.numbers[TOTAL], coming.numbers[MONTHS]
    return Tile(
        name=say("Predicted sales")
        if months is None
        else say_n("Predicted sales, {n:count} month", "Predicted sales, {n:count} months", count="n", n=months),
        value=None if value is None else say("{value:money}", value=value),
        n=say("no new ones")
        if value is None
        else say_n("{n:count} buyer, no new ones", "{n:count} buyers, no new ones", count="n", n=len(coming.table)),
        definition=say("Net sales predicted from the buyers known today; buyers still to come are not in it."),
        key="predicted_sales",
        table=CUSTOMER_VALUES.name,
        absent=coming.absent,
    )
