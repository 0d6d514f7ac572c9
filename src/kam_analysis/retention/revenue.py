"""How much of the sales stayed: gross and net revenue retention with the bridge of the money."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.retained import buyer_groups
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, say, say_n
from kam_analysis.params import Retention
from kam_analysis.retention.period import NO_PERIOD, shown_days, without_period
from kam_analysis.retention.stayed import YEAR, season_caveat
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import BridgeStep

REVENUE_BRIDGE = Table(
    "revenue_bridge",
    "one step from the net sales of the base to those of the period",
    (
        col.STEP,
        col.NET_SALES("Money of the step; negative where it was lost."),
        col.CUSTOMERS("Customers of the step."),
    ),
    ("step",),
)


STEPS = (
    BridgeStep.START, BridgeStep.EXPANSION, BridgeStep.CONTRACTION, BridgeStep.LOST,
    BridgeStep.REACTIVATED, BridgeStep.NEW, BridgeStep.OTHER, BridgeStep.END,
)  # fmt: skip
RATES = ("grr", "nrr")
NO_SALES = "no customer had net sales above 0 in the base period"


def sales_between(months: pd.DataFrame, first: dt.date, until: dt.date) -> pd.Series:
    """Net sales per customer over whole months, in exact ten-thousandths.

    Examples
    --------
    >>> months = pd.DataFrame({"customer_id": ["a", "a"], "net_sales": [1.5, 2.0],
    ...                        "month": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    >>> sales_between(months, dt.date(2024, 1, 1), dt.date(2024, 2, 1)).to_dict()
    {'a': 15000}
    """
    chosen = months[(months["month"] >= pd.Timestamp(first)) & (months["month"] < pd.Timestamp(until))]
    amounts = pd.Series(money.exact(chosen["net_sales"]), index=chosen.index, dtype="int64")
    return amounts.groupby(chosen["customer_id"], sort=True).sum()


def money_flows(orders: pd.DataFrame, months: pd.DataFrame, start_on: dt.date, length: int) -> pd.DataFrame:
    """Sales then and now of every customer, and the step of the bridge it belongs to.

    With sales then > 0: bought more, bought less, or did not return (sales now ≤ 0). Otherwise: first order in the
    period; came back (an order in the period, none in the base); or returns and corrections.

    Returns
    -------
    DataFrame
        By customer_id: then and now in ten-thousandths, step.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a", "b"], "ordered_on": pd.to_datetime(["2024-01-05", "2024-02-05"])})
    >>> months = pd.DataFrame({"customer_id": ["a", "b"], "net_sales": [10.0, 4.0],
    ...                        "month": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    >>> [str(step) for step in money_flows(orders, months, dt.date(2024, 2, 1), 1)["step"]]
    ['lost', 'new']
    """
    before, end = add_months(start_on, -length), add_months(start_on, length)
    then, now = sales_between(months, before, start_on), sales_between(months, start_on, end)
    flows = pd.DataFrame({"then": then, "now": now}).fillna(0).astype("int64").sort_index()
    groups = buyer_groups(orders, start_on, length).reindex(flows.index, fill_value=False).astype(bool)
    had_sales = flows["then"] > 0
    step = np.select(
        [
            had_sales & (flows["now"] <= 0),
            had_sales & (flows["now"] < flows["then"]),
            had_sales,
            groups["is_new"],
            groups["is_active"] & ~groups["was_active"],
        ],
        [BridgeStep.LOST, BridgeStep.CONTRACTION, BridgeStep.EXPANSION, BridgeStep.NEW, BridgeStep.REACTIVATED],
        default=BridgeStep.OTHER,
    )
    return flows.assign(step=step)


def revenue_rates(flows: pd.DataFrame) -> tuple[float, float] | None:
    """Gross and net revenue retention: Σ min(now, then)/Σ then and Σ now/Σ then over customers with then > 0.

    Negative sales now count as 0. None when nobody had sales above 0 then.

    Examples
    --------
    >>> revenue_rates(pd.DataFrame({"then": [100, 100, 0], "now": [150, -20, 70]}))
    (0.5, 0.75)
    """
    base = flows[flows["then"] > 0]
    start = int(base["then"].sum())
    if not start:
        return None
    now = base["now"].clip(lower=0)
    return int(np.minimum(now, base["then"]).sum()) / start, int(now.sum()) / start


def bridge_of_money(flows: pd.DataFrame) -> pd.DataFrame:
    """Steps from the sales of the base to the sales of the period; they sum exactly.

    start (sales then above 0) + bought more − bought less − did not return + came back + first order + other = end
    (all net sales of the period). Other holds customers whose sales then were not above 0, and what the lost ones
    returned beyond their sales then.

    Examples
    --------
    >>> flows = pd.DataFrame({"then": [100, 100, 0], "now": [150, -20, 70], "step": ["expansion", "lost", "new"]})
    >>> (bridge_of_money(flows)["net_sales"] * 10_000).astype(int).tolist()
    [200, 50, 0, -100, 0, 70, -20, 200]
    """
    then, now, step = flows["then"], flows["now"], flows["step"]
    is_base = then > 0
    moved = (now.clip(lower=0) - then).where(is_base, now)
    amounts = {name: int(moved[step == name].sum()) for name in STEPS}
    counts = {name: int((step == name).sum()) for name in STEPS}
    amounts |= {BridgeStep.START: int(then[is_base].sum()), BridgeStep.END: int(now.sum())}
    amounts[BridgeStep.OTHER] += int(now[is_base].clip(upper=0).sum())
    counts |= {BridgeStep.START: int(is_base.sum()), BridgeStep.END: int((now != 0).sum())}
    return REVENUE_BRIDGE.conform(
        pd.DataFrame(
            {
                "step": [name.value for name in STEPS],
                "net_sales": [money.units(amounts[name]) for name in STEPS],
                "customers": [counts[name] for name in STEPS],
            }
        )
    )


@finds(REVENUE_BRIDGE)
def revenue_kept(orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """How much of the sales of the earlier buyers stayed, and where the rest of the sales came from.

    GRR = Σ min(sales now, sales then)/Σ sales then, NRR = Σ sales now/Σ sales then, over customers with sales then
    above 0, negative sales now as 0; t and P as in `who_stayed`. GRR is 0–1, NRR can pass 1. Without a complete base,
    or with nobody above 0 in it, not measurable.

    Parameters
    ----------
    orders, months : DataFrame
        ``customer_orders``, ``customer_months``.
    calendar : Calendar
        At the reference date or at the comparison date.
    rules : params.Retention
        `period_months` fixes P.

    Returns
    -------
    Finding
        Table ``revenue_bridge``; numbers grr, nrr.

    Notes
    -----
    Source: concept of net revenue retention; article A on development of key clients.
    """
    question = say("How much of the sales stayed?")
    period = calendar.retention_period(rules.period_months)
    if period is None:
        return Finding(
            name=REVENUE_BRIDGE.name,
            question=question,
            sentence=say("Revenue retention cannot be measured"),
            table=REVENUE_BRIDGE.empty(),
            numbers=absent_numbers(RATES, NO_PERIOD),
            absent=without_period(calendar, rules),
        )
    flows = money_flows(orders, months, *period)
    rates = revenue_rates(flows)
    after, before = shown_days(*period), shown_days(add_months(period[0], -period[1]), period[1])
    return Finding(
        name=REVENUE_BRIDGE.name,
        question=question,
        sentence=_kept_sentence(rates, before, after),
        table=bridge_of_money(flows),
        numbers=absent_numbers(RATES, NO_SALES) if rates is None else dict(zip(RATES, rates, strict=True)),
        sub=say("Net sales, {before:period} to {after:period}; hatched: sales that went", before=before, after=after),
        base=say_n(
            "Base: {n:count} customer with net sales above 0 in {before:period}.",
            "Base: {n:count} customers with net sales above 0 in {before:period}.",
            count="n",
            n=int((flows["then"] > 0).sum()),
            before=before,
        ),
        drawing="retention.revenue_bridge",
        caveats=_kept_caveats(flows, rates, period[1]),
    )


def _kept_sentence(
    rates: tuple[float, float] | None, before: tuple[dt.date, dt.date], after: tuple[dt.date, dt.date]
) -> Message:
    if rates is None:
        return say("Nobody had net sales above 0 in {before:period}, so none could stay", before=before)
    return say(
        "Buyers of {before:period} spent {nrr:share} as much in {after:period} (NRR); without those who bought more "
        "{grr:share} (GRR)",
        before=before,
        after=after,
        nrr=rates[1],
        grr=rates[0],
    )


def _kept_caveats(flows: pd.DataFrame, rates: tuple[float, float] | None, length: int) -> list[Caveat]:
    found = [season_caveat()] if length < YEAR else []
    if rates is None:
        return found
    base = flows[flows["then"] > 0]
    largest = base["now"].max()
    if 10 * int(largest) > int(base["now"].clip(lower=0).sum()):
        found.append(
            Caveat(
                say("One customer carries much of it"),
                say(
                    "The largest of these customers is {share:share} of what they bought again.",
                    share=int(largest) / int(base["now"].clip(lower=0).sum()),
                ),
            )
        )
    return found
