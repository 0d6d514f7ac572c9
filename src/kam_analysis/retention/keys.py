"""Retention of the key clients, on the list as it stood when the period began."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.retained import buyer_groups
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import KeyClients, Retention
from kam_analysis.retention.period import NO_PERIOD, shown_days, without_period
from kam_analysis.retention.revenue import money_flows, rates_of, sales_between
from kam_analysis.retention.tables import KEY_RETENTION

RATES = ("key.S", "key.retained", "key.retained_share", "key.grr", "key.nrr")


def key_by_share(sales: pd.Series, min_share: float) -> pd.Series:
    """Key clients by share of net sales: strictly above the threshold, compared in whole numbers.

    Share = sales / Σ sales of the customers with sales above 0; exactly at `min_share` is not key.

    Parameters
    ----------
    sales : Series of int64
        Net sales by customer_id, in ten-thousandths.
    min_share : float
        0.10 by default (articles C and D).

    Examples
    --------
    >>> key_by_share(pd.Series({"a": 10, "b": 90}), 0.10).to_dict()
    {'b': 90}
    """
    positive = sales[sales > 0]
    limit = Fraction(str(min_share))
    total = int(positive.sum())
    is_key = [int(amount) * limit.denominator > total * limit.numerator for amount in positive]
    return positive[is_key]


def key_list(months: pd.DataFrame, on: dt.date, keys: KeyClients, rules: Retention) -> tuple[pd.Series, bool]:
    """Key clients as they stood on a day: by share of the months before it, else the largest by net sales.

    Parameters
    ----------
    months : DataFrame
        ``customer_months``.
    on : date
        First day of a month; the window is the `key_rule_months` months before it.
    keys, rules
        min_share and top_k; key_rule_months.

    Returns
    -------
    tuple of Series and bool
        Net sales in the window by customer_id, in ten-thousandths, largest first, ties by id; whether they are key by
        share. When nobody is, the `top_k` largest stand in.
    """
    return key_rule(sales_between(months, add_months(on, -rules.key_rule_months), on), keys)


def key_rule(sales: pd.Series, keys: KeyClients) -> tuple[pd.Series, bool]:
    """Key clients of a window: by share of its net sales, else the `top_k` largest above 0.

    Parameters
    ----------
    sales : Series of int64
        Net sales by customer_id, in ten-thousandths.
    keys : params.KeyClients
        min_share and top_k.

    Returns
    -------
    tuple of Series and bool
        Net sales of the key clients, largest first, ties by id; whether they are key by share.

    Examples
    --------
    >>> key_rule(pd.Series({"a": 10, "b": 90}), KeyClients())[0].to_dict()
    {'b': 90}
    """
    chosen = key_by_share(sales, keys.min_share)
    by_share = not chosen.empty
    ranked = (chosen if by_share else sales[sales > 0]).sort_index().sort_values(ascending=False, kind="stable")
    return (ranked if by_share else ranked.head(keys.top_k)), by_share


def key_clients_stayed(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    months: pd.DataFrame,
    calendar: Calendar,
    keys: KeyClients,
    rules: Retention,
    chances: pd.DataFrame,
) -> Finding:
    """Whether the key clients stayed, on the list frozen at the start of the period.

    Today's list would show who is key because it stayed. The key rule (share of net sales strictly above `min_share`)
    is applied to [t − key_rule_months, t); among the key clients with an order in [t−P, t) the share with an order in
    [t, t+P). When nobody was key by share, the `top_k` largest by net sales stand in and the report says so.

    Parameters
    ----------
    facts, orders, months : DataFrame
        ``customer_facts`` (for names), ``customer_orders``, ``customer_months``.
    calendar : Calendar
        At the reference date or at the comparison date.
    keys, rules
        Parameters of key clients and of retention.
    chances : DataFrame
        ``customer_chances``: who stayed and is now unusually or likely silent is named.

    Returns
    -------
    Finding
        Table ``key_retention``; numbers key.S, key.retained, key.retained_share, key.grr, key.nrr.

    Notes
    -----
    Source: article A (retention of key customers), articles C and D (more than 10 % of sales).
    """
    question = say("Did the key clients stay?")
    period = calendar.retention_period(rules.period_months)
    if period is None:
        return _absent(question, NO_PERIOD, without_period(calendar, rules))
    frozen, by_share = key_list(months, period[0], keys, rules)
    if frozen.empty:
        reason = "nobody had net sales above 0 in the window of the key rule"
        return _absent(
            question, reason, say("Not measurable: nobody had net sales above 0 before {day:date}.", day=period[0])
        )
    flows = money_flows(orders, months, *period)
    table = _key_table(facts, orders, months, frozen, flows, period, rules)
    active, stayed = int(table["was_active"].sum()), int(table["is_retained"].sum())
    return Finding(
        name=KEY_RETENTION.name,
        question=question,
        sentence=_sentence(len(table), active, stayed, period),
        table=table,
        numbers=_numbers(active, stayed, rates_of(flows, list(frozen.index))),
        sub=say(
            "Key clients as of {day:date}, on the {n:count} months before",
            day=period[0],
            n=rules.key_rule_months,
        ),
        base=key_base(len(frozen), by_share, keys),
        show=(
            "customer_name",
            "share",
            "net_sales_then",
            "net_sales_now",
            *(("was_active",) if active < len(table) else ()),
            "is_retained",
        ),
        caveats=[*_silent_now(table, facts, chances), *_caveats(calendar, period[0], rules)],
    )


def _absent(question: Message, reason: str, absent: Message) -> Finding:
    return Finding(
        name=KEY_RETENTION.name,
        question=question,
        sentence=say("Retention of key clients cannot be measured"),
        table=KEY_RETENTION.empty(),
        numbers=absent_numbers(RATES, reason),
        absent=absent,
    )


def _key_table(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    months: pd.DataFrame,
    frozen: pd.Series,
    flows: pd.DataFrame,
    period: tuple[dt.date, int],
    rules: Retention,
) -> pd.DataFrame:
    window = sales_between(months, add_months(period[0], -rules.key_rule_months), period[0])
    groups = buyer_groups(orders, *period).reindex(frozen.index, fill_value=False).astype(bool)
    names = facts.set_index("customer_id")["customer_name"].reindex(frozen.index)
    money_of = flows[["then", "now"]].reindex(frozen.index, fill_value=0)
    return KEY_RETENTION.conform(
        pd.DataFrame(
            {
                "customer_id": frozen.index,
                "customer_name": names.fillna(pd.Series(frozen.index, frozen.index)).to_numpy(),
                "share": frozen.to_numpy() / int(window[window > 0].sum()),
                "net_sales_window": frozen.to_numpy() / money.SCALE,
                "net_sales_then": money_of["then"].to_numpy() / money.SCALE,
                "net_sales_now": money_of["now"].to_numpy() / money.SCALE,
                "was_active": groups["was_active"].to_numpy(),
                "is_retained": (groups["was_active"] & groups["is_active"]).to_numpy(),
            }
        )
    )


def _numbers(active: int, stayed: int, rates: tuple[float, float] | None) -> dict[str, Any]:
    numbers: dict[str, Any] = {"key.S": active, "key.retained": stayed}
    if active:
        numbers["key.retained_share"] = stayed / active
    else:
        numbers |= absent_numbers(["key.retained_share"], "no key client ordered in the base period")
    if rates is None:
        return numbers | absent_numbers(
            ["key.grr", "key.nrr"], "no key client had net sales above 0 in the base period"
        )
    return numbers | {"key.grr": rates[0], "key.nrr": rates[1]}


def _sentence(n: int, active: int, stayed: int, period: tuple[dt.date, int]) -> Message:
    if not active:
        return say("No key client ordered in the months before {day:date}, so none could stay", day=period[0])
    if active < n:
        return say(
            "Key clients of {day:date}: {n:count}; ordered in {before:period}: {active:count}, again in "
            "{after:period}: {stayed:count}",
            day=period[0],
            n=n,
            active=active,
            stayed=stayed,
            before=shown_days(add_months(period[0], -period[1]), period[1]),
            after=shown_days(*period),
        )
    if stayed == active:
        return say_n(
            "The only key client of {day:date} ordered again in {after:period}",
            "All {n:count} key clients of {day:date} ordered again in {after:period}",
            count="n",
            n=active,
            day=period[0],
            after=shown_days(*period),
        )
    return say_n(
        "The only key client of {day:date} did not order again in {after:period}",
        "{stayed:count} of {n:count} key clients of {day:date} ordered again in {after:period}",
        count="n",
        stayed=stayed,
        n=active,
        day=period[0],
        after=shown_days(*period),
    )


def key_base(count: int, by_share: bool, keys: KeyClients) -> Message:
    """Say how many key clients there were then, and whether by share or as stand-ins.

    Examples
    --------
    >>> key_base(2, False, KeyClients()).template
    'Nobody was above {share:share} of net sales then; the {n:count} largest stand in.'
    """
    if by_share:
        return say_n(
            "{n:count} client above {share:share} of net sales then.",
            "{n:count} clients above {share:share} of net sales then.",
            count="n",
            n=count,
            share=keys.min_share,
        )
    return say(
        "Nobody was above {share:share} of net sales then; the {n:count} largest stand in.",
        share=keys.min_share,
        n=count,
    )


def _silent_now(table: pd.DataFrame, facts: pd.DataFrame, chances: pd.DataFrame) -> list[Caveat]:
    stayed = table.loc[table["is_retained"], ["customer_id"]].merge(facts, on="customer_id")
    is_silent = chances["is_unusual_silence"] | chances["is_likely_silent"]
    silent = stayed[stayed["customer_id"].isin(chances["customer_id"][is_silent])]
    if silent.empty:
        return []
    text = say(
        "{name} ordered in the period, but has not for {days:count} days now; its usual gap is {gap:num}. Key clients "
        "of the list that are silent beyond their rhythm: {n:count}.",
        n=len(silent),
        name=silent["customer_name"].iloc[0],
        days=int(silent["recency_days"].iloc[0]),
        gap=float(silent["median_gap_days"].iloc[0]),
    )
    return [Caveat(say("A key client has fallen silent"), text, Weight.RED)]


def _caveats(calendar: Calendar, on: dt.date, rules: Retention) -> list[Caveat]:
    if add_months(on, -rules.key_rule_months) >= calendar.complete_months[0]:
        return []
    return [
        Caveat(
            say("The key list stands on fewer months"),
            say(
                "The data begin on {first:date}, so the list of {day:date} rests on less than {n:count} months.",
                first=calendar.first_order_on,
                day=on,
                n=rules.key_rule_months,
            ),
        )
    ]
