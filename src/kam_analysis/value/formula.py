"""The lifetime value formula in its readings, how far each factor moves it, and how long buyers stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from kam_analysis.facts.lifetime_value import (
    Formula,
    buyers_of,
    churn,
    expected,
    followed,
    is_life_told,
    is_margin_assumed,
    realised,
    survival,
)
from kam_analysis.facts.retained import Retained
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import Facts
from kam_analysis.value.tables import LIFETIME_SURVIVAL, LTV_TORNADO, LTV_VARIANTS
from kam_analysis.vocabulary import BuyerGroup, LtvFactor, LtvReading

LETTERS = ("S", "C", "T", "SCT", "P", "ltv")
YEAR = 12
TENTH = 0.10
NO_BUYER = "nobody has an order"
NO_MARGIN = "no line has a cost and no margin is assumed"
NO_CHURN_LIFE = "no retained share below 1 was measured"
NO_LIFE = "nobody ordered on two days, or nobody was followed for longer than the silence that ends a life"
FEW_FOLLOWED = 10


def readings(
    facts: pd.DataFrame, rules: Facts, stayed: Retained | None
) -> dict[tuple[BuyerGroup, LtvReading], Formula]:
    """Compute the formula in every reading, over all buyers and over regulars (≥ `regular_orders`).

    The churn reading uses the retained share of all buyers for both groups. A group without a buyer is left out.
    """
    share, months = (stayed.retained_share, stayed.months) if stayed else (None, None)
    found: dict[tuple[BuyerGroup, LtvReading], Formula] = {}
    for group, orders in ((BuyerGroup.BUYERS, 1), (BuyerGroup.REGULARS, rules.regular_orders)):
        made = {
            LtvReading.REALISED: realised(facts, rules, orders),
            LtvReading.EXPECTED: expected(facts, rules, orders),
            LtvReading.CHURN: churn(facts, rules, share, months, orders),
        }
        found |= {(group, reading): formula for reading, formula in made.items() if formula is not None}
    return found


def variant_table(made: dict[tuple[BuyerGroup, LtvReading], Formula]) -> pd.DataFrame:
    """Lay the readings side by side, each with its ratio to the realised one of its group, split into C and T.

    S is the same in all readings of a group, so S·C·T over the realised one = C over C · T over T.
    """
    rows = []
    for (group, reading), formula in made.items():
        base = made[group, LtvReading.REALISED]
        rows.append(
            {
                "group": group.value,
                "reading": reading.value,
                "buyers": formula.buyers,
                "sales_per_order": formula.sales_per_order,
                "orders_per_month": formula.orders_per_month,
                "lifetime_months": formula.lifetime_months,
                "sales": formula.sales,
                "margin_share": formula.margin_share,
                "ltv": formula.ltv,
                "of_realised": _over(formula.sales, base.sales),
                "by_rate": formula.orders_per_month / base.orders_per_month,
                "by_lifetime": _over(formula.lifetime_months, base.lifetime_months),
            }
        )
    return LTV_VARIANTS.conform(pd.DataFrame(rows, columns=LTV_VARIANTS.names))


def _over(value: float | None, base: float | None) -> float | None:
    return value / base if value is not None and base else None


def what_is_a_buyer_worth(facts: pd.DataFrame, rules: Facts, stayed: Retained | None) -> Finding:
    """What a buyer is worth by the formula S·C·P·T, in its three readings, and why they differ.

    S = net sales/orders, C = orders/customer-months, P = margin/net sales of lines with a cost, T months of 30.4375
    days. Realised: T is the time between first and last order so far. Expected: T is the area under the survival curve
    to the cap. By the last churn: T = 1/(1 − retained share^(1/P)). The readings differ only in C and T.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    rules : params.Facts
        Silence, cap, assumed margin.
    stayed : Retained, optional
        Who stayed in the last period; None where it is not measurable.

    Returns
    -------
    Finding
        Table ``ltv_variants``; numbers ``{realised,expected,churn}.{S,C,T,SCT,P,ltv}`` over all buyers and the same
        under ``regulars.``; P and ltv absent without a margin.

    Notes
    -----
    Source: article C.
    """
    made = readings(facts, rules, stayed)
    table = variant_table(made)
    common: dict[str, Any] = {
        "name": LTV_VARIANTS.name,
        "question": say("What is a buyer worth?"),
        "table": table,
        "numbers": _numbers(made),
    }
    if table.empty:
        return Finding(
            **common,
            sentence=say("Lifetime value cannot be measured"),
            absent=say("Not measurable: nobody has an order."),
        )
    return Finding(
        **common,
        sentence=_worth_sentence(made),
        sub=_measure(made),
        base=say_n(
            "{n:count} buyer; regulars: {regulars:count} with {orders:count} orders or more.",
            "{n:count} buyers; regulars: {regulars:count} with {orders:count} orders or more.",
            count="n",
            n=len(buyers_of(facts)),
            orders=rules.regular_orders,
            regulars=len(buyers_of(facts, rules.regular_orders)),
        ),
        show=_shown(made),
        drawing="ltv_variants",
        caveats=_worth_caveats(facts, rules, made, stayed),
    )  # fmt: skip


def _worth(formula: Formula) -> float | None:
    return formula.sales if formula.margin_share is None else formula.ltv


def why_no_life(facts: pd.DataFrame, rules: Facts) -> Message | None:
    """Say why no expected lifetime can be told; None where it can."""
    buyers = buyers_of(facts)
    if buyers.empty:
        return say("Not measurable: nobody has an order.")
    if is_life_told(buyers, rules):
        return None
    if followed(buyers, rules):
        return say("Not measurable: no customer has ordered on two days.")
    return say(
        "Not measurable: a silence of more than {n:count} days ends a life, and no buyer was followed so long.",
        n=rules.churn_silence_days,
    )


def _worth_sentence(made: dict[tuple[BuyerGroup, LtvReading], Formula]) -> Message:
    now, coming = (made[BuyerGroup.BUYERS, reading] for reading in (LtvReading.REALISED, LtvReading.EXPECTED))
    if coming.lifetime_months is None:
        return (
            say("A buyer has brought {realised:money} of net sales so far; how long buyers stay is not known",
                realised=now.sales)
            if now.margin_share is None
            else say("A buyer has brought {realised:money} of margin so far; how long buyers stay is not known",
                     realised=now.ltv)
        )  # fmt: skip
    if now.margin_share is None:
        return say(
            "A buyer has brought {realised:money} of net sales so far; over a lifetime {expected:money} are expected",
            realised=now.sales,
            expected=coming.sales,
        )
    return say(
        "A buyer has brought {realised:money} of margin so far; over a lifetime {expected:money} are expected",
        realised=now.ltv,
        expected=coming.ltv,
    )


def _shown(made: dict[tuple[BuyerGroup, LtvReading], Formula]) -> tuple[str, ...]:
    worth = "sales" if made[BuyerGroup.BUYERS, LtvReading.REALISED].margin_share is None else "ltv"
    factors = ("sales_per_order", "orders_per_month", "lifetime_months")
    return ("reading", "group", "buyers", *factors, worth, "by_rate", "by_lifetime")


def _measure(made: dict[tuple[BuyerGroup, LtvReading], Formula]) -> Message:
    if made[BuyerGroup.BUYERS, LtvReading.REALISED].margin_share is None:
        return say(
            "Net sales per buyer, S·C·T; no margin in the data. Readings differ in orders per month and months of life"
        )
    return say("Margin money per buyer, S·C·P·T. Readings differ in orders per month and months of life")


def _worth_caveats(
    facts: pd.DataFrame,
    rules: Facts,
    made: dict[tuple[BuyerGroup, LtvReading], Formula],
    stayed: Retained | None,
) -> list[Caveat]:
    found = []
    coming = made[BuyerGroup.BUYERS, LtvReading.EXPECTED]
    if (beyond := _beyond(facts, rules)) and coming.lifetime_months and beyond / coming.lifetime_months > TENTH:
        found.append(
            Caveat(
                say("Most of the expected life lies beyond the data")
                if 2 * beyond > coming.lifetime_months
                else say("Part of the expected life lies beyond the data"),
                say(
                    "Of {months:num1} expected months {beyond:num1} are later than any buyer was observed; "
                    "there nobody is taken to leave.",
                    months=coming.lifetime_months,
                    beyond=beyond,
                ),
                Weight.RED,
            )
        )
    buyers = buyers_of(facts)
    if coming.lifetime_months and (long := followed(buyers, rules)) < FEW_FOLLOWED:
        found.append(
            Caveat(
                say("The expected life hangs on few buyers"),
                say(
                    "Buyers followed for longer than the {days:count} days of silence that end a life: {n:count} of "
                    "{buyers:count}.",
                    days=rules.churn_silence_days,
                    n=long,
                    buyers=len(buyers),
                ),
                Weight.RED,
            )
        )
    if is_margin_assumed(facts, rules.assumed_margin):
        found.append(
            Caveat(
                say("The margin is assumed"),
                say(
                    "No line has a cost; the parameters assume {share:share} of net sales.", share=rules.assumed_margin
                ),
            )
        )
    elif coming.margin_share is None:
        found.append(
            Caveat(
                say("Margin is absent"), say("The source holds no cost, so every amount is net sales and no profit.")
            )
        )
    if stayed and stayed.months < YEAR and made[BuyerGroup.BUYERS, LtvReading.CHURN].lifetime_months:
        found.append(
            Caveat(
                say("The churn is that of one season"),
                say_n(
                    "The reading by churn carries the retained share of {n:count} month on for ever.",
                    "The reading by churn carries the retained share of {n:count} months on for ever.",
                    count="n",
                    n=stayed.months,
                ),
            )
        )
    return found


def _beyond(facts: pd.DataFrame, rules: Facts) -> float:
    curve = survival(facts, rules)
    last = curve.iloc[-1]
    return max(0.0, rules.lifetime_cap_months - float(last["lifetime_months"])) * float(last["alive_share"])


def _numbers(made: dict[tuple[BuyerGroup, LtvReading], Formula]) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for group, prefix in ((BuyerGroup.BUYERS, ""), (BuyerGroup.REGULARS, "regulars.")):
        for reading in LtvReading:
            names = [f"{prefix}{reading}.{letter}" for letter in LETTERS]
            formula = made.get((group, reading))
            no_life = NO_CHURN_LIFE if reading is LtvReading.CHURN else NO_LIFE
            numbers |= absent_numbers(names, NO_BUYER) if formula is None else _factors(formula, names, no_life)
    return numbers


def _factors(formula: Formula, names: list[str], no_life: str) -> dict[str, Any]:
    values = (
        formula.sales_per_order, formula.orders_per_month, formula.lifetime_months,
        formula.sales, formula.margin_share, formula.ltv,
    )  # fmt: skip
    numbers: dict[str, Any] = {}
    for letter, name, value in zip(LETTERS, names, values, strict=True):
        lacks_margin = letter == "P" or (letter == "ltv" and formula.margin_share is None)
        reason = NO_MARGIN if lacks_margin else no_life
        numbers |= absent_numbers([name], reason) if value is None else {name: value}
    return numbers


def what_moves_it(facts: pd.DataFrame, rules: Facts) -> Finding:
    """How far the expected lifetime value follows when a factor or an assumption is a tenth smaller or larger.

    Each factor of S·C·P·T moves the product by exactly a tenth; the two assumptions, the silence that ends a life and
    the longest lifetime counted (rounded to whole days and months), are moved by a tenth and everything is recomputed.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    rules : params.Facts
        Silence, cap, assumed margin.

    Returns
    -------
    Finding
        Table ``ltv_tornado``, largest span first; net sales where no margin is known.
    """
    base = expected(facts, rules)
    question = say("What moves the lifetime value?")
    worth = _worth(base) if base else None
    if base is None or not worth or worth <= 0:
        return Finding(
            name=LTV_TORNADO.name,
            question=question,
            sentence=say("What moves the lifetime value cannot be measured"),
            table=LTV_TORNADO.empty(),
            absent=why_no_life(facts, rules) or say("Not measurable: the expected lifetime value is not above 0."),
        )
    table = _tornado(facts, rules, base, worth)
    return Finding(
        name=LTV_TORNADO.name,
        question=question,
        sentence=_tornado_sentence(table),
        table=table,
        sub=say(
            "Expected value per buyer with a tenth less (hatched) and a tenth more; {value:money} as it is", value=worth
        ),
        base=say_n("{n:count} buyer.", "{n:count} buyers.", count="n", n=base.buyers),
        drawing="ltv_tornado",
    )


def _tornado_sentence(table: pd.DataFrame) -> Message:
    moves = {}
    for factor in (LtvFactor.SILENCE, LtvFactor.CAP):
        changes = table.loc[table["factor"] == factor, ["low_change", "high_change"]].to_numpy()
        if changes.any():
            moves[factor] = float(changes.min()), float(changes.max())
    silence, cap = moves.get(LtvFactor.SILENCE), moves.get(LtvFactor.CAP)
    if silence and cap:
        return say(
            "A tenth on any factor is a tenth on the value; on the longest lifetime counted {cap_low:change} to "
            "{cap_high:change}, on the silence limit {low:change} to {high:change}",
            cap_low=cap[0],
            cap_high=cap[1],
            low=silence[0],
            high=silence[1],
        )
    if cap:
        return say(
            "A tenth on any factor is a tenth on the value; on the longest lifetime counted {low:change} to "
            "{high:change}",
            low=cap[0],
            high=cap[1],
        )
    if silence:
        return say(
            "A tenth on any factor is a tenth on the value; on the silence limit {low:change} to {high:change}",
            low=silence[0],
            high=silence[1],
        )
    return say("A tenth on any factor is a tenth on the value")


def _tornado(facts: pd.DataFrame, rules: Facts, base: Formula, worth: float) -> pd.DataFrame:
    rows = []
    for factor in LtvFactor:
        if factor is LtvFactor.MARGIN_SHARE and base.margin_share is None:
            continue
        low, high = (_moved(facts, rules, base, factor, 1 + change) for change in (-TENTH, TENTH))
        if low is not None and high is not None:
            rows.append({"factor": factor.value, "low": low, "high": high})
    table = pd.DataFrame(rows)
    table = table.assign(low_change=table["low"] / worth - 1, high_change=table["high"] / worth - 1)
    span = (table["high"] - table["low"]).abs().round(9)
    return LTV_TORNADO.conform(table.loc[span.sort_values(ascending=False, kind="stable").index].reset_index(drop=True))


def _moved(facts: pd.DataFrame, rules: Facts, base: Formula, factor: LtvFactor, times: float) -> float | None:
    if factor in (LtvFactor.SILENCE, LtvFactor.CAP):
        moved = max(1, round(getattr(rules, factor.value) * times))
        formula = expected(facts, rules.model_copy(update={factor.value: moved}))
        return _worth(formula) if formula else None
    return _worth(replace(base, **{factor.value: getattr(base, factor.value) * times}))


def how_long_buyers_stay(facts: pd.DataFrame, rules: Facts, fewest: int) -> Finding:
    """How many buyers still buy so many months after their first order.

    Kaplan–Meier: time from first to last order, an end when the last order is more than `churn_silence_days` before
    the reference date, else censored; 0–1. Absent for fewer than `fewest` buyers, and where no life can be told.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    rules : params.Facts
        `churn_silence_days`, `lifetime_cap_months`.
    fewest : int
        ``value.min_cell``.

    Returns
    -------
    Finding
        Table ``lifetime_survival``; numbers survival.12m and survival.T (expected months of life to the cap).

    Notes
    -----
    Source: Kaplan and Meier (1958).
    """
    table = LIFETIME_SURVIVAL.conform(survival(facts, rules))
    names = ("survival.12m", "survival.T")
    common: dict[str, Any] = {
        "name": LIFETIME_SURVIVAL.name,
        "question": say("How long do buyers stay?"),
        "table": table,
    }
    formula = expected(facts, rules)
    absent = why_no_life(facts, rules)
    if formula is not None and formula.buyers < fewest:
        absent = say("Not measurable: fewer than {n:count} buyers.", n=fewest)
    if formula is None or absent:
        return Finding(
            **common,
            sentence=say("How long buyers stay cannot be measured"),
            numbers=absent_numbers(names, NO_LIFE if formula else NO_BUYER),
            absent=absent,
        )
    observed = float(table["lifetime_months"].iloc[-1])
    after_year = table.loc[table["lifetime_months"] <= YEAR, "alive_share"]
    year: dict[str, Any] = {"survival.12m": float(after_year.iloc[-1]) if len(after_year) else 1.0}
    if observed < YEAR:
        year = dict(absent_numbers(["survival.12m"], "nobody was observed for 12 months"))
    return Finding(
        **common,
        sentence=_stay_sentence(table, observed),
        numbers=year | {"survival.T": formula.lifetime_months},
        sub=say(
            "Share still buying by months since the first order; an end is a silence of more than {days:count} days",
            days=rules.churn_silence_days,
        ),
        base=say(
            "Buyers: {n:count}, silent for longer: {ended:count}.",
            n=formula.buyers,
            ended=int(table["ended"].sum()),
        ),
        drawing="survival_curve",
    )


def _stay_sentence(table: pd.DataFrame, observed: float) -> Message:
    month = min(float(YEAR), observed)
    share = table.loc[table["lifetime_months"] <= month, "alive_share"]
    return say_n(
        "{share:share} of buyers still buy {month:count} month after their first order",
        "{share:share} of buyers still buy {month:count} months after their first order",
        count="month",
        share=float(share.iloc[-1]) if len(share) else 1.0,
        month=int(month),
    )
