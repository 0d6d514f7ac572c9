"""What it costs to serve a customer, and who earns after that: the whale curve."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Caveat, Finding, Message, say, say_n
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds

WHALE_CURVE = Table(
    "whale_curve",
    "one customer with a margin in the last 12 months, largest profit first",
    (
        col.RANK("1 is the largest profit."),
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.MARGIN_12M(nullable=False),
        col.money("cost_to_serve", say("Cost to serve"), "Orders and contacts of 12 months.", low=0),
        col.money("profit", say("Profit"), "Margin less cost to serve."),
        col.money("cumulated_profit", say("Cumulated"), "Of this and all better customers."),
    ),
    ("rank",),
)


ORDER = "order"


def contact_costs(interactions: pd.DataFrame, calendar: Calendar, rules: KeyClients) -> pd.DataFrame:
    """Contacts of the last 12 months per customer: how many, what they cost, and for how many that is not known.

    A contact costs what the data say; else the rate of its type; else the mean cost of its type in the data; else it
    counts as unpriced, with cost 0.

    Parameters
    ----------
    interactions : DataFrame
        ``interactions``; empty where the source has none.
    calendar : Calendar
        The last 12 months.
    rules : KeyClients
        ``serve_rates`` by type.

    Returns
    -------
    DataFrame
        contacts, cost, unpriced, indexed by customer_id.

    Examples
    --------
    >>> import datetime as dt
    >>> seen = pd.DataFrame({"customer_id": ["1", "1", "2", "2"], "type": ["visit", "visit", "visit", "call"],
    ...     "date": pd.Timestamp("2025-06-01"), "cost": [30.0, 50.0, np.nan, np.nan]})
    >>> calendar = Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))
    >>> contact_costs(seen, calendar, KeyClients()).values.tolist()
    [[2.0, 80.0, 0.0], [2.0, 40.0, 1.0]]
    """
    start, end = pd.Timestamp(calendar.year_ago), pd.Timestamp(calendar.as_of)
    recent = interactions[(interactions.date >= start) & (interactions.date < end)]
    rates = recent["type"].map(rules.serve_rates).astype("float64")
    means = recent.groupby("type").cost.transform("mean")
    cost = recent.cost.fillna(rates).fillna(means)
    counted = recent.assign(exact=money.exact(cost.fillna(0).round(4)), unpriced=cost.isna())
    sums = counted.groupby("customer_id").agg(
        contacts=("exact", "size"), cost=("exact", "sum"), unpriced=("unpriced", "sum")
    )
    return sums.assign(cost=sums.cost / money.SCALE)


@finds(WHALE_CURVE)
def whale_curve(facts: pd.DataFrame, interactions: pd.DataFrame, calendar: Calendar, rules: KeyClients) -> Finding:
    """Say how much of the profit is earned by whom, after the cost to serve: customers by profit, largest first.

    Profit = margin of 12 months − orders · rate of an order − cost of the contacts. The curve rises while customers
    earn, and falls over those who cost money; its peak is what would be earned without them. Nothing is shown without
    cost of goods, because then no margin is known: `sales_margin` says so.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    interactions : DataFrame
        ``interactions``; empty where the source has none.
    calendar : Calendar
        The last 12 months.
    rules : KeyClients
        ``serve_rates``: money per order (key "order") and per contact by type.

    Examples
    --------
    >>> import datetime as dt
    >>> from kam_analysis.tables import INTERACTIONS
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "margin_12m": [90.0, 10.0],
    ...     "orders_12m": [1, 2]})
    >>> calendar = Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))
    >>> found = whale_curve(facts, INTERACTIONS.empty(), calendar, KeyClients(serve_rates={"order": 15.0}))
    >>> found.table.profit.tolist(), found.numbers["whale_peak_share"]
    ([75.0, -20.0], 1.3636363636363635)
    """
    question = say("Who earns the profit, and who eats it?")
    priced = facts[facts.margin_12m.notna()]
    if priced.empty:
        absent = say("The source holds no cost, so no margin is known.")
        return Finding("whale_curve", question, absent, WHALE_CURVE.empty())
    contacts = contact_costs(interactions, calendar, rules)
    of_orders = priced.orders_12m * rules.serve_rates.get(ORDER, 0.0)
    of_contacts = contacts.cost.reindex(priced.customer_id, fill_value=0.0).to_numpy()
    serve = money.exact(of_orders.round(4)) + money.exact(of_contacts)
    exact = money.exact(priced.margin_12m) - serve
    table = priced.assign(cost_to_serve=serve / money.SCALE, profit=exact / money.SCALE, exact=exact)
    table = table.sort_values(["exact", "customer_id"], ascending=[False, True], ignore_index=True)
    cumulated = np.cumsum(table.exact.to_numpy())
    table = table.assign(rank=np.arange(1, len(table) + 1), cumulated_profit=cumulated / money.SCALE)
    total, peak = int(cumulated[-1]), max(0, int(cumulated.max()))
    losing = table[table.exact < 0]
    has_serve = bool(serve.any())
    return Finding(
        "whale_curve",
        question,
        _whale_sentence(len(table), len(losing), money.units(peak), money.units(total)),
        WHALE_CURVE.conform(table),
        {
            "loss_making_customers": len(losing),
            "loss_making_profit": money.units(losing.exact.sum()),
            **_peak_share(peak, total),
        },
        sub=say("Cumulated profit after cost to serve, last 12 months; customers by profit, largest first.")
        if has_serve
        else say(
            "Cumulated margin, last 12 months; customers by margin, largest first. The cost to serve is not known."
        ),
        base=say(
            "Base: customers with a margin in the last 12 months, n {n:count}; cost to serve {serve:money}.",
            n=len(table),
            serve=money.units(serve.sum()),
        ),
        caveats=_serve_caveats(contacts, interactions, rules),
    )


def _peak_share(peak: int, total: int) -> dict[str, object]:
    if total <= 0:
        return {"whale_peak_share": None, "whale_peak_share_absent": "no_profit"}
    return {"whale_peak_share": peak / total}


def _whale_sentence(n: int, losing: int, peak: float, total: float) -> Message:
    if not losing:
        return say_n(
            "The only customer brings more than it costs: {total:money}.",
            "None of {n:count} customers costs more than it brings; together they earn {total:money}.",
            count="n",
            n=n,
            total=total,
        )
    return say_n(
        "{k:count} of {n:count} customers costs more than it brings: {peak:money} is earned, {total:money} is left.",
        "{k:count} of {n:count} customers cost more than they bring: {peak:money} is earned, {total:money} is left.",
        count="k",
        k=losing,
        n=n,
        peak=peak,
        total=total,
    )


def _serve_caveats(contacts: pd.DataFrame, interactions: pd.DataFrame, rules: KeyClients) -> list[Caveat]:
    unknown: list[Message] = []
    if ORDER not in rules.serve_rates:
        unknown.append(say("orders (no rate per order in the parameters)"))
    if interactions.empty:
        unknown.append(say("contacts (the source holds none)"))
    elif unpriced := int(contacts.unpriced.sum()):
        unknown.append(
            say_n(
                "{n:count} contact without a cost or a rate",
                "{n:count} contacts without a cost or a rate",
                count="n",
                n=unpriced,
            )
        )
    if not unknown:
        return []
    return [Caveat(say("Cost to serve is incomplete"), say("Counted as free: {names:names}.", names=unknown))]
