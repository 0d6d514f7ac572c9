"""What a new customer brings month by month, and the lifetime value formula in its readings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.lifetime_value import (
    Formula,
    Silence,
    buyers_of,
    churn,
    cumulative_means,
    expected,
    is_margin_assumed,
    life_values,
    margin_share,
    new_buyers,
    realised,
    typical_buyers,
)
from kam_analysis.facts.retained import Retained
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import Facts
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import BuyerGroup, LtvReading

_BUYERS = col.count("buyers", say("n"), low=1)

LTV_VARIANTS = Table(
    "ltv_variants",
    "one reading of the lifetime value formula for one group of buyers",
    (
        col.member("group", say("Buyers"), "Whom it is computed over.", BuyerGroup),
        col.member("reading", say("Lifetime"), "How the lifetime is read.", LtvReading),
        _BUYERS("Buyers of the group."),
        col.SALES_PER_ORDER,
        col.MEAN_ORDERS("Orders per buyer over the horizon or the life."),
        col.count("horizon_months", say("Horizon, months"), "Months that they cover; expected only.", True, 1),
        col.ratio("orders_per_month", say("Orders per month (C)"), "Orders over customer-months.", True, 0),
        col.months("lifetime_months", say("Months (T)"), "Months of life.", nullable=True, low=0),
        col.count("followed_months", say("C and T within, months"), "Months that C and T cover.", nullable=True, low=1),
        col.money("sales", say("Net sales"), "Lifetime net sales per buyer.", nullable=True),
        col.share("margin_share", say("Margin (P)"), "Margin over net sales.", True, -1e9, 1e9),
        col.money("ltv", say("Lifetime value"), "Margin money per buyer.", nullable=True),
        col.ratio("of_realised", say("Times realised"), "Over the realised one of the group.", nullable=True),
    ),
    ("group", "reading"),
)

LIFETIME_VALUE_MONTHS = Table(
    "lifetime_value_months",
    "one month of 30.4375 days since the first order of a new customer",
    (
        col.count("month", say("Month"), "1 for the month that begins with the first order.", low=1),
        _BUYERS("Customers observed to the end of the month."),
        col.number("orders", say("Orders so far"), "Mean number of orders per customer.", low=0),
        col.money("value", say("Value so far"), "Mean margin per customer; net sales without a margin."),
        col.LOW_MONEY,
        col.HIGH_MONEY,
    ),
    ("month",),
)


LETTERS = ("S", "C", "T", "SCT", "P", "ltv")
NAMES = {
    (BuyerGroup.NEW, LtvReading.EXPECTED): "expected",
    (BuyerGroup.BUYERS, LtvReading.REALISED): "realised",
    (BuyerGroup.BUYERS, LtvReading.EXPECTED): "all.expected",
    (BuyerGroup.BUYERS, LtvReading.CHURN): "churn",
    (BuyerGroup.REGULARS, LtvReading.REALISED): "regulars.realised",
    (BuyerGroup.REGULARS, LtvReading.EXPECTED): "regulars.expected",
    (BuyerGroup.REGULARS, LtvReading.CHURN): "regulars.churn",
}
CURVE = tuple(f"expected.{name}" for name in ("cumulative", "cumulative_low", "cumulative_high"))
YEAR = 12
NO_BUYER = "nobody has an order"
NO_MARGIN = "no line has a cost and no margin is assumed"
NO_CHURN_LIFE = "no retained share below 1 was measured"
NO_LIFE = "too few buyers were followed, or nobody came back"
TOO_FEW = "too few buyers were observed for a month"

Readings = dict[tuple[BuyerGroup, LtvReading], Formula]


def readings(
    facts: pd.DataFrame,
    life_months: pd.DataFrame,
    calendar: Calendar,
    silence: Silence,
    rules: Facts,
    stayed: Retained | None,
) -> Readings:
    """Compute the formula in every reading: expected of new buyers, and all three of all buyers and of regulars.

    The churn reading uses the retained share of all buyers for both groups. What has no buyer is left out.
    """
    share, months = (stayed.retained_share, stayed.months) if stayed else (None, None)
    buyers, regulars = buyers_of(facts), buyers_of(facts, rules.regular_orders)
    of_all, of_regulars, of_new, of_new_regulars = (
        expected(group, life_months, silence.days, rules)
        for group in (
            buyers, regulars, typical_buyers(buyers, calendar, rules), typical_buyers(regulars, calendar, rules)
        )
    )  # fmt: skip
    made = (
        of_new, realised(facts, rules), of_all, churn(of_all, share, months),
        realised(facts, rules, rules.regular_orders), of_new_regulars, churn(of_regulars, share, months),
    )  # fmt: skip
    return {place: formula for place, formula in zip(NAMES, made, strict=True) if formula is not None}


@finds(LIFETIME_VALUE_MONTHS)
def what_a_new_customer_brings(
    facts: pd.DataFrame, life_months: pd.DataFrame, calendar: Calendar, worth: Finding, rules: Facts
) -> Finding:
    """How much a new customer has brought within so many months of its first order, with its interval.

    Mean cumulative margin per buyer by month of 30.4375 days (`cumulative_means`), over buyers whose first order lies
    after the first months of the data; lines without a cost at the group's margin share, net sales where no
    margin is known. Down to h, the last month with enough buyers.

    Parameters
    ----------
    facts, life_months : DataFrame
        ``customer_facts``, ``customer_life_months``.
    calendar : Calendar
        At the reference date.
    worth : Finding
        Of `what_is_a_buyer_worth`.
    rules : params.Facts
        Cap, fewest buyers, assumed margin.

    Returns
    -------
    Finding
        Table ``lifetime_value_months``; numbers expected.cumulative, .cumulative_low, .cumulative_high at h.
    """
    question = say("What does a new customer bring?")
    if (horizon := worth.numbers["expected.h"]) is None:
        return Finding(
            name=LIFETIME_VALUE_MONTHS.name,
            question=question,
            sentence=say("What a new customer brings cannot be measured"),
            table=LIFETIME_VALUE_MONTHS.empty(),
            numbers=absent_numbers(CURVE, worth.numbers["expected.h_absent"]),
            absent=why_not_expected(facts, rules),
        )
    typical = typical_buyers(buyers_of(facts), calendar, rules)
    share = margin_share(typical, rules.assumed_margin)
    cells = life_months.assign(value=life_values(life_months, share))
    orders = cumulative_means(typical, cells, "orders", horizon)
    table = cumulative_means(typical, cells, "value", horizon).rename(columns={"mean": "value"})
    table = LIFETIME_VALUE_MONTHS.conform(table.assign(orders=orders["mean"]))
    last = table.iloc[-1]
    ends = {name: float(last[name]) for name in ("value", "low", "high")}
    return Finding(
        name=LIFETIME_VALUE_MONTHS.name,
        question=question,
        sentence=_brings_sentence(worth.numbers),
        table=table,
        numbers=dict(zip(CURVE, ends.values(), strict=True)),
        sub=say(
            "Net sales per customer by months since its first order: {value:money}, {low:money} to {high:money}", **ends
        )
        if share is None
        else say(
            "Margin per customer by months since its first order: {value:money}, {low:money} to {high:money}", **ends
        ),
        base=say(
            "Customers: {n:count}, observed to the last month: {last:count}. Band: 95 % interval.",
            n=len(typical),
            last=int(last["buyers"]),
        ),
        drawing="value.value_curve",
        caveats=_caveats(facts, calendar, rules),
    )


def _brings_sentence(numbers: Mapping[str, Any]) -> Message:
    values = {
        "months": numbers["expected.h"],
        "orders": numbers["expected.N"],
        "each": numbers["expected.S"],
        "value": numbers["expected.sales"],
    }
    if numbers["expected.P"] is None:
        return say_n(
            "A new customer brings {value:money} of net sales within {months:count} month: {orders:num1} orders of "
            "{each:money}",
            "A new customer brings {value:money} of net sales within {months:count} months: {orders:num1} orders of "
            "{each:money}",
            count="months",
            **values,
        )
    return say_n(
        "A new customer brings {value:money} of margin within {months:count} month: {orders:num1} orders of "
        "{each:money} at {share:share} margin",
        "A new customer brings {value:money} of margin within {months:count} months: {orders:num1} orders of "
        "{each:money} at {share:share} margin",
        count="months",
        **values | {"value": numbers["expected.ltv"], "share": numbers["expected.P"]},
    )


def why_not_expected(facts: pd.DataFrame, rules: Facts) -> Message:
    """Say why nothing can be expected of a new customer."""
    if buyers_of(facts).empty:
        return say("Not measurable: nobody has an order.")
    return say(
        "Not measurable: fewer than {n:count} buyers were observed for a month after their first order.",
        n=rules.fewest_followed,
    )


def _caveats(facts: pd.DataFrame, calendar: Calendar, rules: Facts) -> list[Caveat]:
    found = []
    buyers = buyers_of(facts)
    if (new := len(new_buyers(buyers, calendar))) < rules.fewest_new:
        found.append(
            Caveat(
                say("Existing customers are used in place of new ones"),
                say(
                    "Customers who began after the first months of the data: {n:count}. The others may have bought "
                    "long before, so a new one will bring less.",
                    n=new,
                ),
                Weight.RED,
            )
        )
    if is_margin_assumed(facts, rules.assumed_margin):
        found.append(assumed_margin_caveat(rules.assumed_margin))
    elif margin_share(buyers, None) is None:
        found.append(
            Caveat(
                say("Margin is absent"), say("The source holds no cost, so every amount is net sales and no profit.")
            )
        )
    return found


def assumed_margin_caveat(share: float | None) -> Caveat:
    """Say that no cost is known and which margin the parameters assume."""
    return Caveat(
        say("The margin is assumed"),
        say("No line has a cost; the parameters assume {share:share} of net sales.", share=share),
    )


@finds(LTV_VARIANTS)
def what_is_a_buyer_worth(
    facts: pd.DataFrame,
    life_months: pd.DataFrame,
    calendar: Calendar,
    silence: Silence,
    rules: Facts,
    stayed: Retained | None,
) -> Finding:
    """What a buyer is worth by the formula S·C·P·T, in its readings, and how far they differ.

    S = net sales/orders, P = margin/net sales of lines with a cost, months of 30.4375 days. Realised: C and T over the
    time between first and last order, S·C·T = net sales per buyer. Expected: S·P·N(h), with C·T = N(h′) (`expected`),
    of new buyers, and of all buyers, of whom the older ones began before the data. By the last churn:
    T = 1/(1 − retained share^(1/P)).

    Parameters
    ----------
    facts, life_months : DataFrame
        ``customer_facts``, ``customer_life_months``.
    calendar : Calendar
        At the reference date.
    silence : Silence
        Of `churn_silence`.
    rules : params.Facts
        Cap, fewest buyers, assumed margin.
    stayed : Retained, optional
        Who stayed in the last period; None where it is not measurable.

    Returns
    -------
    Finding
        Table ``ltv_variants``; numbers ``{expected,realised,all.expected,churn}.{S,C,T,SCT,P,ltv}`` and the same under
        ``regulars.``; of the expected readings also ``.{N,h,h_followed,sales}``.

    Notes
    -----
    Source: article C.
    """
    made = readings(facts, life_months, calendar, silence, rules, stayed)
    common: dict[str, Any] = {
        "name": LTV_VARIANTS.name,
        "question": say("What is a buyer worth by the formula?"),
        "table": variant_table(made),
        "numbers": _numbers(made),
    }
    if not made:
        return Finding(
            **common,
            sentence=say("Lifetime value cannot be measured"),
            absent=say("Not measurable: nobody has an order."),
        )
    has_margin = made[BuyerGroup.BUYERS, LtvReading.REALISED].margin_share is not None
    worth = "ltv" if has_margin else "sales"
    values = common["table"][worth].dropna()
    return Finding(
        **common,
        sentence=say(
            "The readings of the formula reach from {low:money} to {high:money} a buyer",
            low=float(values.min()),
            high=float(values.max()),
        ),
        sub=say("Margin per buyer, S·C·P·T; expected: S·P times the orders of the horizon")
        if has_margin
        else say("Net sales per buyer, S·C·T; expected: S times the orders of the horizon"),
        base=say(
            "After {days:num} days without an order a customer counts as gone; regulars have "
"{orders:count} orders or more.",
            days=silence.days,
            orders=rules.regular_orders,
        ),
        show=("group", "reading", "buyers", "sales_per_order", "orders", "horizon_months", "orders_per_month",
              "lifetime_months", "followed_months", worth, "of_realised"),
        caveats=_reading_caveats(silence, stayed, made),
    )  # fmt: skip


def variant_table(made: Readings) -> pd.DataFrame:
    """Lay the readings side by side, each with its ratio to the realised one of its group (of all buyers for new)."""
    rows = []
    for (group, reading), formula in made.items():
        base = made[BuyerGroup.BUYERS if group is BuyerGroup.NEW else group, LtvReading.REALISED]
        rows.append(
            {
                "group": group.value,
                "reading": reading.value,
                "buyers": formula.buyers,
                "sales_per_order": formula.sales_per_order,
                "orders": formula.orders,
                "horizon_months": formula.horizon_months,
                "orders_per_month": formula.orders_per_month,
                "lifetime_months": formula.lifetime_months,
                "followed_months": formula.followed_months,
                "sales": formula.sales,
                "margin_share": formula.margin_share,
                "ltv": formula.ltv,
                "of_realised": formula.sales / base.sales if formula.sales is not None and base.sales else None,
            }
        )
    return LTV_VARIANTS.conform(pd.DataFrame(rows, columns=LTV_VARIANTS.names))


def _reading_caveats(silence: Silence, stayed: Retained | None, made: Readings) -> list[Caveat]:
    found = []
    if silence.is_bound:
        found.append(
            Caveat(
                say("The silence that ends a life is held at its limit"),
                say("The gaps between orders ask for another one than {days:num} days.", days=silence.days),
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


def _numbers(made: Readings) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for place, prefix in NAMES.items():
        is_expected = place[1] is LtvReading.EXPECTED
        letters = (*LETTERS, "N", "h", "h_followed", "sales") if is_expected else LETTERS
        no_life = {LtvReading.CHURN: NO_CHURN_LIFE}.get(place[1], NO_LIFE)
        formula = made.get(place)
        values = _factors(formula) if formula else {}
        for letter in letters:
            lacks_margin = letter == "P" or (letter == "ltv" and formula is not None and formula.margin_share is None)
            reason = NO_MARGIN if lacks_margin else TOO_FEW if letter in ("N", "h", "sales") else no_life
            value, name = values.get(letter), f"{prefix}.{letter}"
            numbers |= {name: value} if value is not None else absent_numbers([name], reason if formula else NO_BUYER)
    return numbers


def _factors(formula: Formula) -> dict[str, float | None]:
    return {
        "S": formula.sales_per_order,
        "C": formula.orders_per_month,
        "T": formula.lifetime_months,
        "SCT": formula.product,
        "P": formula.margin_share,
        "ltv": formula.ltv,
        "N": formula.orders,
        "h": formula.horizon_months,
        "h_followed": formula.followed_months,
        "sales": formula.sales,
    }
