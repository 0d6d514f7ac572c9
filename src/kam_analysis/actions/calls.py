"""Whom each manager should call this week, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.actions.tables import CALL_LIST, MANAGER_CALLS
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.consent import consent_of
from kam_analysis.facts.intervals import discoveries
from kam_analysis.facts.ranking_check import AUCS, beats_recency, ranking_checks
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, say, say_n
from kam_analysis.params import Actions
from kam_analysis.vocabulary import AbcClass, Consent

FIRST_CALLS = 3
NO_LOSS = Caveat(
    say("Money at stake is no expected loss"),
    say("The alarm says how unusual the silence is for this customer, not how likely the customer has left."),
    Weight.GREEN,
)
NO_CHECK = Caveat(
    say("Does the ranking predict who stays away?"),
    say("Not measurable: there is no earlier day after which some ordered again and some did not."),
)
NO_OWNERS = say("Not measurable: no customer on the call list has a manager in the data; map the column manager.")


def callable_customers(facts: pd.DataFrame, keys: pd.DataFrame, segments: pd.DataFrame, rules: Actions) -> pd.DataFrame:
    """Customers on the call list with their alarm and money at stake, most money first, ties by id.

    On the list: key clients and A customers with at least `min_order_days` order days, silent for longer than their
    own median gap, whose alarm = 1 − chance of such a silence is above `alarm`. Money at stake = `stake_base` · alarm,
    never below 0; a customer with nothing at stake stays on the list, at its end. This week: the first
    `calls_per_manager` of each owner, customers without one counting as one owner's.

    Beyond chance: the silence survives the correction of Benjamini and Hochberg over all watched customers, so that
    no more than `chance_share` of those marked are expected to be chance.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    keys : DataFrame
        ``key_members``.
    segments : DataFrame
        ``customer_segments``.
    rules : Actions
        Alarm, order days, calls in a week, share of chance.

    Returns
    -------
    DataFrame
        Rows of `facts` with alarm, money_at_stake, is_key, abc, is_watched, is_beyond_chance, rank, place (among the
        calls of the same owner), is_this_week.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "order_days": [4, 3], "recency_days": 30.0, "manager": None,
    ...     "median_gap_days": 7.0, "silence_chance": 0.25, "net_sales_12m": [80.0, 90.0], "margin_12m": np.nan,
    ...     "margin_base_12m": 0.0})
    >>> segments = pd.DataFrame({"customer_id": ["1", "2"], "abc": ["A", "A"]})
    >>> callable_customers(facts, facts.head(0), segments, Actions()).money_at_stake.tolist()
    [60.0]
    """
    marked = _marked(facts, keys, segments, rules)
    is_wanted = marked.is_watched & (marked.recency_days > marked.median_gap_days) & (marked.alarm > rules.alarm)
    chosen = marked.assign(money_at_stake=(stake_base(facts) * marked.alarm).clip(lower=0).round(4))[is_wanted]
    ordered = chosen.sort_values(["money_at_stake", "customer_id"], ascending=[False, True], ignore_index=True)
    place = ordered.groupby(ordered.manager.fillna(""), sort=False).cumcount() + 1
    return ordered.assign(
        rank=np.arange(1, len(ordered) + 1), place=place, is_this_week=place <= rules.calls_per_manager
    )


def _marked(facts: pd.DataFrame, keys: pd.DataFrame, segments: pd.DataFrame, rules: Actions) -> pd.DataFrame:
    is_key = facts.customer_id.isin(keys.customer_id)
    abc = facts.customer_id.map(segments.set_index("customer_id").abc)
    is_known = (facts.order_days >= rules.min_order_days) & facts.silence_chance.notna()
    is_watched = (is_key | (abc == AbcClass.A)) & is_known
    beyond = pd.Series(False, index=facts.index)
    beyond[is_watched] = discoveries(facts.silence_chance[is_watched], rules.chance_share)
    return facts.assign(
        alarm=1 - facts.silence_chance, is_key=is_key, abc=abc, is_watched=is_watched, is_beyond_chance=beyond
    )


def stake_base(facts: pd.DataFrame) -> pd.Series:
    """What one year with a customer brings: margin of the last 12 months where there is cost, else net sales.

    One measure for everybody, so that the list can be ordered and summed: where the source holds cost, a customer
    without any of its own has net sales · margin share of all sales with a cost in the last 12 months.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.

    Examples
    --------
    >>> facts = {"margin_12m": [np.nan, 5.0], "margin_base_12m": [0.0, 20.0], "net_sales_12m": [10.0, 20.0]}
    >>> stake_base(pd.DataFrame(facts)).tolist()
    [2.5, 5.0]
    """
    covered = money.total(facts.margin_base_12m)
    if covered <= 0:
        return facts.net_sales_12m
    margin_share = money.total(facts.margin_12m.fillna(0.0)) / covered
    return facts.margin_12m.fillna(facts.net_sales_12m * margin_share)


def due_on(rank: pd.Series, as_of: dt.date, rules: Actions) -> pd.Series:
    """Day by which to call: `due_days` after the reference date, sooner for the first calls.

    Parameters
    ----------
    rank : Series
        Place on the list, 1 first.
    as_of : date
        First day not analysed.
    rules : Actions
        Due days and how many calls come first.

    Examples
    --------
    >>> due_on(pd.Series([5, 6]), dt.date(2026, 1, 1), Actions()).dt.day.tolist()
    [6, 13]
    """
    first, later = rules.due_days
    days = pd.Series(np.where(rank <= rules.first_calls, first, later), index=rank.index)
    return pd.Timestamp(as_of) + pd.to_timedelta(days, unit="D")


def call_list(
    facts: pd.DataFrame,
    keys: pd.DataFrame,
    segments: pd.DataFrame,
    calendar: Calendar,
    rules: Actions,
    in_words: Callable[[Message], str],
    orders: pd.DataFrame,
    customers: pd.DataFrame | None = None,
) -> Finding:
    """Say whom to call this week, by money at stake, each with the sentence why.

    The table holds the calls of this week first, then the rest of the list, without a due day.

    If everybody still bought at random at the own rate, the chance of a silence would be anything from 0 to 1 alike,
    and 1 − `alarm` of the watched customers would stand above the limit by chance; this number stands beside theirs.

    Parameters
    ----------
    facts, keys, segments : DataFrame
        ``customer_facts``, ``key_members``, ``customer_segments``.
    calendar : Calendar
        Window of the data.
    rules : Actions
        Alarm, due days.
    in_words : callable
        Writes a message in the reader's language, so that the reason stands in the CSV too.
    orders : DataFrame
        ``customer_orders``, for the check of the ranking on earlier days.
    customers : DataFrame, optional
        ``customers``, for the consent to be contacted. Who refused stays on the list and is told.
    """
    chosen = callable_customers(facts, keys, segments, rules)
    table = CALL_LIST.conform(
        chosen.assign(
            reason=_reasons(chosen, in_words),
            due_on=due_on(chosen["rank"], calendar.as_of, rules).where(chosen["is_this_week"]),
            consent=_consents(chosen, customers),
        ).sort_values(["is_this_week", "rank"], ascending=[False, True], ignore_index=True)
    )
    week = table[table["is_this_week"]]
    marked = _marked(facts, keys, segments, rules)
    watched = marked[marked["is_watched"]]
    sentence = _calls_sentence(week, watched, rules)
    return Finding(
        "call_list",
        say("Whom to call?"),
        sentence,
        table,
        {
            "calls": len(week),
            "calls_later": len(table) - len(week),
            "money_at_stake": money.total(week.money_at_stake),
            "key_calls": int(table.is_key.sum()),
            "revenue_at_risk": money.total(table.money_at_stake[table.is_key]),
            "watched": len(watched),
            "alarms": int((watched["alarm"] > rules.alarm).sum()),
            "beyond_chance": int(watched["is_beyond_chance"].sum()),
        },
        sub=say("Money at stake = margin of the last 12 months × alarm. Alarm = 1 − the chance of such a silence.")
        if facts.margin_12m.notna().any()
        else say("Money at stake = net sales of the last 12 months × alarm. Alarm = 1 − the chance of such a silence."),
        base=_calls_base(table, rules),
        show=(
            "customer_name",
            "manager",
            Show("reason", wide=True),
            Show("money_at_stake", bar=True),
            "alarm",
            *(("is_beyond_chance",) if table["is_beyond_chance"].any() else ()),
            "is_key",
            *(("consent",) if (table["consent"] != Consent.UNKNOWN).any() else ()),
            "due_on",
        ),
        most_rows=len(week) or None,
        cards=True,
        grouped_by="manager",
        none=sentence,
        caveats=[
            *_call_caveats(table, facts),
            *([NO_LOSS, _by_chance(watched, rules), _ranking_verdict(orders, calendar)] if len(table) else []),
        ],
        on_index=True,
    )


def _calls_base(table: pd.DataFrame, rules: Actions) -> Message:
    later = int((~table["is_this_week"]).sum())
    values = {"days": rules.min_order_days, "alarm": rules.alarm}
    if not later:
        return say(
            "Key clients and A customers with at least {days:count} order days, silent for longer than their usual "
            "gap, alarm above {alarm:share0}.",
            **values,
        )
    return say_n(
        "Key clients and A customers with at least {days:count} order days, silent for longer than their usual gap, "
        "alarm above {alarm:share0}. At most {most:count} calls per manager and week: {n:count} more stands in the "
        "table as CSV.",
        "Key clients and A customers with at least {days:count} order days, silent for longer than their usual gap, "
        "alarm above {alarm:share0}. At most {most:count} calls per manager and week: {n:count} more stand in the "
        "table as CSV.",
        count="n",
        most=rules.calls_per_manager,
        n=later,
        **values,
    )


def _by_chance(watched: pd.DataFrame, rules: Actions) -> Caveat:
    beyond = int(watched["is_beyond_chance"].sum())
    return Caveat(
        say("How many alarms chance alone would give"),
        say(
            "Customers watched: {m:count}, with an alarm above {alarm:share0}: {n:count}; if all still bought at "
            "random at their own rate, chance would give about {expected:count}. {verdict}",
            alarm=rules.alarm,
            n=int((watched["alarm"] > rules.alarm).sum()),
            m=len(watched),
            expected=round((1 - rules.alarm) * len(watched)),
            verdict=say(
                "Silences beyond chance: {beyond:count}; of these at most {share:share0} are expected to be chance.",
                beyond=beyond,
                share=rules.chance_share,
            )
            if beyond
            else say("No silence is by itself beyond chance."),
        ),
    )


def _ranking_verdict(orders: pd.DataFrame, calendar: Calendar) -> Caveat:
    checks, months = ranking_checks(orders, calendar)
    if checks.empty:
        return NO_CHECK
    means = checks[list(AUCS)].mean()
    values = {
        "first": checks["ranked_on"].min(),
        "last": checks["ranked_on"].max(),
        "low": int(checks["buyers"].min()),
        "high": int(checks["buyers"].max()),
        "months": months,
        "n": len(checks),
        "own": float(means["auc_overdue"]),
        "recency": float(means["auc_recency"]),
        "alarm": float(means["auc_alarm"]),
    }
    if beats_recency(means):
        text = say_n(
            "Yes, checked from {first:date} to {last:date}: the overdue ranking predicted better than days of silence "
            "alone who orders in the next {months:count} month, AUC {own:num2} against {recency:num2} (checks: "
            "{n:count}; customers with two order days: {low:count} to {high:count}). The alarm alone has AUC "
            "{alarm:num2}: it says whose silence is unusual.",
            "Yes, checked from {first:date} to {last:date}: the overdue ranking predicted better than days of silence "
            "alone who orders in the next {months:count} months, AUC {own:num2} against {recency:num2} (checks: "
            "{n:count}; customers with two order days: {low:count} to {high:count}). The alarm alone has AUC "
            "{alarm:num2}: it says whose silence is unusual.",
            count="months",
            **values,
        )
        return Caveat(NO_CHECK.head, text, Weight.GREEN)
    text = say_n(
        "No, checked from {first:date} to {last:date}: the overdue ranking predicted no better than days of silence "
        "alone who orders in the next {months:count} month, AUC {own:num2} against {recency:num2} (checks: "
        "{n:count}; customers with two order days: {low:count} to {high:count}). The alarm alone has AUC "
        "{alarm:num2}: it says whose silence is unusual.",
        "No, checked from {first:date} to {last:date}: the overdue ranking predicted no better than days of silence "
        "alone who orders in the next {months:count} months, AUC {own:num2} against {recency:num2} (checks: "
        "{n:count}; customers with two order days: {low:count} to {high:count}). The alarm alone has AUC "
        "{alarm:num2}: it says whose silence is unusual.",
        count="months",
        **values,
    )
    return Caveat(NO_CHECK.head, text)


def _consents(chosen: pd.DataFrame, customers: pd.DataFrame | None) -> list[str]:
    said = {} if customers is None else dict(zip(customers["customer_id"], customers["consent"], strict=True))
    return [consent_of(said.get(customer)).value for customer in chosen["customer_id"]]


def _reasons(chosen: pd.DataFrame, in_words: Callable[[Message], str]) -> pd.Series:
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
    return pd.Series(reasons, index=chosen.index, dtype="str")


def _calls_sentence(week: pd.DataFrame, watched: pd.DataFrame, rules: Actions) -> Message:
    if len(week):
        return _stake_sentence(week)
    if watched.empty:
        return say(
            "No key client or A customer has {days:count} order days yet, so no silence can be judged.",
            days=rules.min_order_days,
        )
    return say("No key client or A customer is silent for longer than expected.")


def _stake_sentence(table: pd.DataFrame) -> Message:
    total = money.total(table.money_at_stake)
    if not total:
        return say_n(
            "{n:count} call this week; no money is at stake.",
            "{n:count} calls this week; no money is at stake.",
            count="n",
            n=len(table),
        )
    if len(table) <= FIRST_CALLS:
        return say_n(
            "{n:count} call this week covers {money:money} at stake.",
            "{n:count} calls this week cover {money:money} at stake.",
            count="n",
            n=len(table),
            money=total,
        )
    return say(
        "{n:count} calls this week cover {money:money} at stake, {first:money} of it with the first three.",
        n=len(table),
        money=total,
        first=money.total(table.money_at_stake.head(FIRST_CALLS)),
    )


def _call_caveats(table: pd.DataFrame, facts: pd.DataFrame) -> list[Caveat]:
    caveats = []
    refused = int((table["consent"] == Consent.REFUSED).sum())
    if refused:
        text = say(
            "Customers on the list who refused to be contacted: {n:count} of {m:count}; ask the director before you "
            "call.",
            n=refused,
            m=len(table),
        )
        caveats.append(Caveat(say("Refused to be contacted"), text, Weight.RED))
    orphans = int(table.manager.isna().sum())
    if 0 < orphans < len(table):
        text = say("Calls without a manager in the data: {n:count} of {m:count}.", n=orphans, m=len(table))
        caveats.append(Caveat(say("Calls without an owner"), text))
    is_assumed = facts.margin_12m.isna() & (facts.net_sales_12m > 0)
    unpriced = int(table.customer_id.isin(facts.customer_id[is_assumed]).sum())
    if unpriced and facts.margin_12m.notna().any():
        text = say(
            "Calls to customers without a cost in the last 12 months: {n:count} of {m:count}. Their margin is taken "
            "at the company's margin share.",
            n=unpriced,
            m=len(table),
        )
        caveats.append(Caveat(say("Margin partly assumed"), text, Weight.AMBER))
    return caveats


def manager_calls(calls: Finding) -> Finding:
    """Say how many calls each manager has this week, with how much money at stake, and how many wait.

    Calls without an owner stand in a row without a name.

    Parameters
    ----------
    calls : Finding
        Result of `call_list`.

    Examples
    --------
    >>> nobody = Finding("call_list", say("?"), say("!"), CALL_LIST.empty())
    >>> manager_calls(nobody).sentence.template
    'There is no call.'
    """
    table = calls.table
    owned = table.assign(
        manager=table.manager.fillna(""),
        exact=money.exact(table.money_at_stake.where(table.is_this_week, 0.0)),
        is_key=table.is_key & table.is_this_week,
        later=~table.is_this_week,
    ).sort_values("rank")
    grouped = owned.groupby("manager", as_index=False).agg(
        calls=("is_this_week", "sum"),
        key_calls=("is_key", "sum"),
        exact=("exact", "sum"),
        later=("later", "sum"),
        first_call=("customer_name", "first"),
    )
    ordered = grouped.sort_values(["exact", "manager"], ascending=[False, True], ignore_index=True)
    table = MANAGER_CALLS.conform(
        ordered.assign(manager=ordered.manager.where(ordered.manager != ""), money_at_stake=ordered.exact / money.SCALE)
    )
    return Finding(
        "manager_calls",
        say("Who has how many calls?"),
        _owners_sentence(table),
        table,
        sub=say("Owner: the manager with most of the customer's net sales in the last 12 months."),
        base=say("Customers on the call list: {n:count}.", n=len(owned)),
        show=(
            "manager",
            "calls",
            "key_calls",
            "first_call",
            *(("later",) if table["later"].any() else ()),
            Show("money_at_stake", bar=True),
        ),
        cards=True,
        absent=NO_OWNERS if len(table) and table.manager.isna().all() else None,
        none=say("There is no call."),
    )


def _owners_sentence(table: pd.DataFrame) -> Message:
    named = table[table.manager.notna()]
    if table.empty:
        return say("There is no call.")
    if named.empty:
        return say("The data name no owner for the calls.")
    if not named.money_at_stake.any():
        return say("No owner has money at stake in the calls.")
    return say_n(
        "{manager} has most at stake: {money:money} in {n:count} call.",
        "{manager} has most at stake: {money:money} in {n:count} calls.",
        count="n",
        manager=named.manager.iloc[0],
        money=named.money_at_stake.iloc[0],
        n=int(named.calls.iloc[0]),
    )


def risk_tile(calls: Finding, keys: pd.DataFrame, facts: pd.DataFrame) -> Tile:
    """Money at stake with the key clients on the call list; not measurable without a key client.

    Parameters
    ----------
    calls : Finding
        Result of `call_list`.
    keys, facts : DataFrame
        ``key_members``, ``customer_facts`` (whether the money is margin).

    Examples
    --------
    >>> nobody = Finding("call_list", say("?"), say("!"), CALL_LIST.empty(), {"revenue_at_risk": 0.0, "key_calls": 0})
    >>> risk_tile(nobody, pd.DataFrame(), pd.DataFrame({"margin_12m": [1.0]})).name.template
    'Margin at risk, key clients'
    """
    in_margin = facts.margin_12m.notna().any()
    name = say("Margin at risk, key clients") if in_margin else say("Revenue at risk, key clients")
    size = say("key clients on the call list: {n:count} of {m:count}", n=calls.numbers["key_calls"], m=len(keys))
    definition = say(
        "Sum of the money at stake of the key clients on the call list; margin where the source holds cost, else net "
        "sales."
    )
    if keys.empty:
        none = say("There is no key client.")
        return Tile(name, None, say("key clients: {n:count}", n=0), definition, "revenue_at_risk", absent=none)
    value = say("{money:money}", money=calls.numbers["revenue_at_risk"])
    return Tile(name, value, size, definition, "revenue_at_risk", table="call_list")


def calls_tile(calls: Finding) -> Tile:
    """Customers to call and the money at stake with them.

    Parameters
    ----------
    calls : Finding
        Result of `call_list`.

    Examples
    --------
    >>> nobody = Finding("call_list", say("?"), say("!"), CALL_LIST.empty(),
    ...     {"calls": 0, "calls_later": 0, "money_at_stake": 0.0})
    >>> calls_tile(nobody).value.values
    {'n': 0}
    """
    at_stake, later = calls.numbers["money_at_stake"], calls.numbers["calls_later"]
    return Tile(
        say("Calls this week"),
        say("{n:count}", n=calls.numbers["calls"]),
        say("{money:money} at stake together; later: {later:count}", money=at_stake, later=later)
        if later
        else say("{money:money} at stake together", money=at_stake),
        say(
            "Key clients and A customers who are silent for longer than their own rhythm explains, as many of each "
            "manager as fit in a week."
        ),
        "calls",
        table="call_list",
    )
