"""Retention of the key clients, on the list as it stood when the period began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine
from kam_analysis.facts.account_chances import account_chances
from kam_analysis.facts.accounts import account_names
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.key_list import KeyList, key_list_at
from kam_analysis.facts.retained import buyer_groups
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import Params
from kam_analysis.retention.period import NO_PERIOD, YEAR, shown_days, without_period
from kam_analysis.retention.revenue import revenue_rates, sales_between
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import KeyLevel

KEY_RETENTION = Table(
    "key_retention",
    "one account of the key list at the start of the period",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MEMBERS,
        col.member("level_then", say("Level then"), "First reason at the start.", KeyLevel),
        col.share("share", say("Share then"), "Of net sales in the 12 months before the start.", nullable=True),
        col.money("net_sales_then", say("Net sales before"), "Net sales of the base [t−P, t)."),
        col.money("net_sales_now", say("Net sales after"), "Net sales of the period [t, t+P)."),
        col.flag("was_active", say("Ordered before"), "An order of any member in the base."),
        col.flag("is_retained", say("Stayed"), "An order in the base and in the period."),
    ),
    ("account_id",),
)


RATES = ("key.S", "key.retained", "key.retained_share", "key.grr", "key.nrr")
NOBODY_KEY = "nobody was on the key list then"
MOST_SHOWN = 10


def key_lists(
    engine: Engine, assessment: pd.DataFrame, survey: pd.DataFrame, calendar: Calendar, params: Params
) -> dict[dt.date, KeyList]:
    """Key list as it stood on every day from which this room looks ahead: made by the same rule as today's.

    The days are the start of the retention period, 12 months before the reference date, and the start of the last 12
    complete months. The list of a day before the first order is empty.

    Parameters
    ----------
    engine, assessment, survey
        As for `key_list_at`.
    calendar : Calendar
        At the reference date.
    params : Params
        `key_clients`, `facts`, `retention.period_months`.
    """
    period = calendar.retention_period(params.retention.period_months)
    days = {calendar.year_ago, *calendar.complete_months[-YEAR:][:1], *(period or ())[:1]}
    return {
        day: key_list_at(engine, assessment, survey, replace(calendar, as_of=day), params.key_clients, params.facts)
        for day in sorted(days)
    }


def accounts_of(facts: pd.DataFrame) -> pd.Series:
    """Account id by customer id.

    Examples
    --------
    >>> accounts_of(pd.DataFrame({"customer_id": ["1", "2"], "parent_id": ["H", "2"]})).to_dict()
    {'1': 'H', '2': '2'}
    """
    return facts.set_index("customer_id")["parent_id"]


def by_account(amounts: pd.Series, account_of: pd.Series) -> pd.Series:
    """Whole amounts by customer id, added up to accounts.

    Examples
    --------
    >>> by_account(pd.Series({"1": 5, "2": -1, "3": 2}), pd.Series({"1": "H", "2": "H", "3": "3"})).to_dict()
    {'3': 2, 'H': 4}
    """
    return amounts.groupby(account_of.reindex(amounts.index)).sum()


@finds(KEY_RETENTION)
def key_clients_stayed(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    months: pd.DataFrame,
    calendar: Calendar,
    lists: Mapping[dt.date, KeyList],
    params: Params,
    chances: pd.DataFrame,
    loss_share: float,
) -> Finding:
    """Whether the key clients stayed, on the list frozen at the start of the period.

    Today's list would show who is key because it stayed. Of the accounts on the list of t with an order of any member
    in [t−P, t), the share with an order of any member in [t, t+P); GRR and NRR over the sums of their members.

    Parameters
    ----------
    facts, orders, months : DataFrame
        ``customer_facts`` (accounts and names), ``customer_orders``, ``customer_months``.
    calendar : Calendar
        At the reference date.
    lists : mapping of date to KeyList
        From `key_lists`.
    params : Params
        `retention.period_months`, `facts.stopped_from`.
    chances : DataFrame
        ``customer_chances``: who stayed and has stopped since is named.
    loss_share : float
        Of ``chance_summary``.

    Returns
    -------
    Finding
        Table ``key_retention``, who fell most first; numbers key.S, key.retained, key.retained_share, key.grr, key.nrr.

    Notes
    -----
    Source: article A (retention of key customers).
    """
    question = say("Did the key clients stay?")
    period = calendar.retention_period(params.retention.period_months)
    if period is None:
        return _absent(question, NO_PERIOD, without_period(calendar, params.retention))
    then = lists[period[0]]
    if then.keys.empty:
        return _absent(question, NOBODY_KEY, nobody_key(period[0]))
    table = _key_table(facts, orders, months, then, period)
    active, stayed = int(table["was_active"].sum()), int(table["is_retained"].sum())
    return Finding(
        name=KEY_RETENTION.name,
        question=question,
        sentence=_sentence(len(table), active, stayed, period),
        table=table,
        numbers=_numbers(table),
        sub=say("Key list of {day:date}, those who fell most first; a parent group is one account", day=period[0]),
        base=key_base(then),
        show=(
            "account_name",
            "share",
            "net_sales_then",
            "net_sales_now",
            *(("was_active",) if active < len(table) else ()),
            "is_retained",
        ),
        most_rows=MOST_SHOWN,
        caveats=[*_stopped_since(table, facts, chances, loss_share, params), *_caveats(calendar, period[0])],
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
    facts: pd.DataFrame, orders: pd.DataFrame, months: pd.DataFrame, then: KeyList, period: tuple[dt.date, int]
) -> pd.DataFrame:
    start, length = period
    account_of = accounts_of(facts)
    keys = then.keys.set_index("account_id")
    groups = buyer_groups(orders, start, length)
    has = groups.groupby(account_of.reindex(groups.index)).any().reindex(keys.index, fill_value=False)
    first, until = add_months(start, -length), add_months(start, length)
    before, after = (
        by_account(sales, account_of).reindex(keys.index, fill_value=0)
        for sales in (sales_between(months, first, start), sales_between(months, start, until))
    )
    table = pd.DataFrame(
        {
            "account_id": keys.index,
            "account_name": account_names(facts).reindex(keys.index).to_numpy(),
            "members": account_of.value_counts().reindex(keys.index).to_numpy(),
            "level_then": keys["level"].to_numpy(),
            "share": keys["share_12m"].to_numpy(),
            "net_sales_then": before.to_numpy() / money.SCALE,
            "net_sales_now": after.to_numpy() / money.SCALE,
            "was_active": has["was_active"].to_numpy(),
            "is_retained": (has["was_active"] & has["is_active"]).to_numpy(),
        }
    )
    fall = (before - after).to_numpy()
    order = table.assign(fall=fall).sort_values(["fall", "account_id"], ascending=[False, True]).index
    return KEY_RETENTION.conform(table.loc[order].reset_index(drop=True))


def _numbers(table: pd.DataFrame) -> dict[str, Any]:
    active, stayed = int(table["was_active"].sum()), int(table["is_retained"].sum())
    flows = pd.DataFrame({"then": money.exact(table["net_sales_then"]), "now": money.exact(table["net_sales_now"])})
    rates = revenue_rates(flows)
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
            two="Both key clients of {day:date} ordered again in {after:period}",
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


def key_base(then: KeyList) -> Message:
    """Say how many accounts were on the list then, and of how many."""
    return say_n(
        "{n:count} key account on {day:date}, of {of:count} accounts with net sales above 0.",
        "{n:count} key accounts on {day:date}, of {of:count} accounts with net sales above 0.",
        count="n",
        n=len(then.keys),
        day=then.calendar.as_of,
        of=then.n,
    )


def nobody_key(day: dt.date) -> Message:
    """Say that the list of a day holds nobody."""
    return say("Not measurable: nobody was on the key list of {day:date}.", day=day)


def _stopped_since(
    table: pd.DataFrame, facts: pd.DataFrame, chances: pd.DataFrame, loss_share: float, params: Params
) -> list[Caveat]:
    now = account_chances(chances, accounts_of(facts), loss_share, params.facts.stopped_from)
    stopped = table[table["is_retained"] & table["account_id"].isin(now.index[now["is_stopped"]])]
    if stopped.empty:
        return []
    text = say(
        "They ordered in the period and have stopped since: {names:names}. Net sales of the period: {sales:money}.",
        names=list(stopped["account_name"]),
        sales=money.total(stopped["net_sales_now"]),
    )
    return [Caveat(say("Stayed in the period, stopped since"), text, Weight.RED)]


def _caveats(calendar: Calendar, on: dt.date) -> list[Caveat]:
    if add_months(on, -YEAR) >= calendar.complete_months[0]:
        return []
    return [
        Caveat(
            say("The key list stands on fewer months"),
            say(
                "The data begin on {first:date}, so the list of {day:date} rests on less than {n:count} months.",
                first=calendar.first_order_on,
                day=on,
                n=YEAR,
            ),
        )
    ]
