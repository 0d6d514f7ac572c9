"""Whom each manager should call this week, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.actions.tables import CALL_LIST, MANAGER_CALLS
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, say, say_n
from kam_analysis.params import Actions
from kam_analysis.vocabulary import AbcClass


def callable_customers(facts: pd.DataFrame, keys: pd.DataFrame, segments: pd.DataFrame, rules: Actions) -> pd.DataFrame:
    """Customers on the call list with their alarm and money at stake, most money first.

    On the list: key clients and A customers with at least `min_order_days` order days, silent for longer than their
    own median gap, whose alarm = 1 − chance of such a silence is above `alarm`. Money at stake = net sales of the last
    12 months (margin where the company knows its cost) · alarm.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    keys : DataFrame
        ``key_list``.
    segments : DataFrame
        ``customer_segments``.
    rules : Actions
        Alarm, order days.

    Returns
    -------
    DataFrame
        Rows of `facts` with alarm, money_at_stake, is_key, abc, rank.
    """
    classes = segments.set_index("customer_id").abc
    marked = facts.assign(
        alarm=1 - facts.silence_chance,
        is_key=facts.customer_id.isin(keys.customer_id),
        abc=facts.customer_id.map(classes).fillna(AbcClass.N.value),
    )
    value = stake_base(facts)
    is_wanted = (
        (marked.is_key | (marked.abc == AbcClass.A))
        & (marked.order_days >= rules.min_order_days)
        & (marked.recency_days > marked.median_gap_days)
        & (marked.alarm > rules.alarm)
        & (money.exact(value) > 0)
    )
    chosen = marked.assign(money_at_stake=(value * marked.alarm).round(4))[is_wanted]
    ordered = chosen.sort_values(["money_at_stake", "customer_id"], ascending=[False, True], ignore_index=True)
    return ordered.assign(rank=np.arange(1, len(ordered) + 1))


def stake_base(facts: pd.DataFrame) -> pd.Series:
    """Margin of the last 12 months where the source holds cost, else net sales; one measure for everybody.

    A customer without a cost of its own among customers with one has nothing measurable at stake: 0.

    Examples
    --------
    >>> stake_base(pd.DataFrame({"margin_12m": [np.nan, 5.0], "net_sales_12m": [10.0, 20.0]})).tolist()
    [0.0, 5.0]
    """
    return facts.margin_12m.fillna(0.0) if facts.margin_12m.notna().any() else facts.net_sales_12m


def due_on(rank: pd.Series, as_of: dt.date, rules: Actions) -> pd.Series:
    """Day by which to call: `due_days` after the reference date, sooner for the first calls."""
    first, later = rules.due_days
    days = np.where(rank <= rules.first_calls, first, later)
    return pd.Timestamp(as_of) + pd.to_timedelta(days, unit="D")


def call_list(
    facts: pd.DataFrame,
    keys: pd.DataFrame,
    segments: pd.DataFrame,
    calendar: Calendar,
    rules: Actions,
    in_words: Callable[[Message], str],
) -> Finding:
    """Say whom to call, by money at stake, each with the sentence why.

    Parameters
    ----------
    facts, keys, segments : DataFrame
        ``customer_facts``, ``key_list``, ``customer_segments``.
    calendar : Calendar
        Window of the data.
    rules : Actions
        Alarm, due days.
    in_words : callable
        Writes a message in the reader's language, so that the reason stands in the CSV too.
    """
    chosen = callable_customers(facts, keys, segments, rules)
    reasons = [
        in_words(
            say(
                "Silent {days:count} days, usual gap {gap:num}; last order {last:date}",
                days=row.recency_days,
                gap=row.median_gap_days,
                last=row.last_order_on,
            )
        )
        for row in chosen.itertuples()
    ]
    table = CALL_LIST.conform(chosen.assign(reason=reasons, due_on=due_on(chosen["rank"], calendar.as_of, rules)))
    at_risk = money.total(table.money_at_stake[table.is_key])
    has_margin = bool(facts.margin_12m.notna().any())
    return Finding(
        "call_list",
        say("Whom to call?"),
        _calls_sentence(table),
        table,
        {
            "calls": len(table),
            "money_at_stake": money.total(table.money_at_stake),
            "key_calls": int(table.is_key.sum()),
            "revenue_at_risk": at_risk,
        },
        sub=say("Money at stake = margin of the last 12 months × alarm. Alarm = 1 − the chance of such a silence.")
        if has_margin
        else say("Money at stake = net sales of the last 12 months × alarm. Alarm = 1 − the chance of such a silence."),
        base=say(
            "Key clients and A customers with at least {days:count} order days, silent for longer than their usual gap, alarm above "
            "{alarm:share0}.",
            days=rules.min_order_days,
            alarm=rules.alarm,
        ),
        show=(
            "customer_name",
            "manager",
            Show("reason", wide=True),
            Show("money_at_stake", bar=True),
            "alarm",
            "is_key",
            "due_on",
        ),
        cards=True,
        none=say("Nobody is silent for longer than expected."),
        caveats=_call_caveats(table),
        on_index=True,
    )


def _calls_sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("No key client or A customer is silent for longer than expected.")
    return say_n(
        "{n:count} call covers {money:money} at stake.",
        "{n:count} calls cover {money:money} at stake, {first:money} of it with the first three.",
        count="n",
        n=len(table),
        money=money.total(table.money_at_stake),
        first=money.total(table.money_at_stake.head(3)),
    )


def _call_caveats(table: pd.DataFrame) -> list[Caveat]:
    if table.empty or table.manager.notna().all():
        return []
    return [
        Caveat(
            say("Calls without an owner"),
            say("{n:count} of {m:count} calls have no manager in the data.", n=int(table.manager.isna().sum()), m=len(table)),
            Weight.AMBER,
        )
    ]


def manager_calls(calls: Finding) -> Finding:
    """Say how many calls each manager has, and with how much money at stake.

    Parameters
    ----------
    calls : Finding
        Result of `call_list`.
    """
    table = calls.table.assign(manager=calls.table.manager.fillna(""), exact=money.exact(calls.table.money_at_stake))
    grouped = (
        table.groupby("manager")
        .agg(calls=("customer_id", "size"), key_calls=("is_key", "sum"), exact=("exact", "sum"), first_call=("customer_name", "first"))
        .reset_index()
        .sort_values(["exact", "manager"], ascending=[False, True])
    )
    result = MANAGER_CALLS.conform(
        grouped.assign(manager=grouped.manager.where(grouped.manager != ""), money_at_stake=grouped.exact / money.SCALE)
    )
    named = result[result.manager.notna()]
    sentence = say("No manager has a call.")
    if len(named):
        sentence = say(
            "{manager} has most at stake: {money:money} in {n:count} calls.",
            manager=named.manager.iloc[0],
            money=named.money_at_stake.iloc[0],
            n=int(named.calls.iloc[0]),
        )
    elif len(result):
        sentence = say("The data name no owner for the calls.")
    return Finding(
        "manager_calls",
        say("Who has how many calls?"),
        sentence,
        result,
        sub=say("Owner: the manager with most of the customer's net sales in the last 12 months."),
        show=("manager", "calls", "key_calls", Show("money_at_stake", bar=True), "first_call"),
        none=say("There is no call."),
    )


def risk_tile(calls: Finding, facts: pd.DataFrame, keys: pd.DataFrame) -> Tile:
    """Money at stake with the key clients on the call list.

    Parameters
    ----------
    calls : Finding
        Result of `call_list`.
    facts, keys : DataFrame
        ``customer_facts`` and ``key_list``.
    """
    return Tile(
        say("Revenue at risk"),
        say("{money:money}", money=calls.numbers["revenue_at_risk"]),
        say("{n:count} of {m:count} key clients", n=calls.numbers["key_calls"], m=len(keys)),
        say("Sum of the money at stake of the key clients on the call list; margin where the source holds cost, else net sales."),
        "revenue_at_risk",
        table="call_list",
    )


def calls_tile(calls: Finding) -> Tile:
    """Customers to call and the money at stake with them.

    Parameters
    ----------
    calls : Finding
        Result of `call_list`.
    """
    return Tile(
        say("Calls"),
        say("{n:count}", n=calls.numbers["calls"]),
        say("{money:money} at stake together", money=calls.numbers["money_at_stake"]),
        say("Key clients and A customers who are silent for longer than their own rhythm explains."),
        "calls",
        table="call_list",
    )
