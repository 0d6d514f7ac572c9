"""Whom each manager should call this week, and why: customers with a trigger, by expected loss."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.actions.exceptions import CAUSES, DATED, HAPPENED, SILENT
from kam_analysis.actions.tables import CALL_LIST, MANAGER_CALLS, REFUSED_CONTACT, TASK_RESULTS
from kam_analysis.engine import Engine
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.consent import consent_of
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.facts.quiet_decline import category_months, quiet_decline
from kam_analysis.facts.silent_categories import category_habits, tested_categories
from kam_analysis.facts.triggers import (
    category_triggers,
    contact_triggers,
    contract_triggers,
    decline_triggers,
    payment_triggers,
    silence_triggers,
    task_ids,
)
from kam_analysis.findings import (
    Caveat,
    Finding,
    Message,
    Show,
    Tile,
    Weight,
    Words,
    absent_numbers,
    is_absent,
    say,
    say_n,
)
from kam_analysis.params import Actions, Facts
from kam_analysis.tables import TRIGGERS
from kam_analysis.vocabulary import Consent, Trigger

MOST_SHOWN = 10
FIRST_CHECKED = 20
NO_OWNERS = say("Not measurable: no customer on the call list has a manager in the data; map the column manager.")
REASON = Words(
    say("Why"),
    [
        [say("last order {silent_on:date}, {recency_days:count} days ago; usual gap {median_gap_days:num}")],
        *HAPPENED.parts[1:-1],
    ],
)


def find_triggers(
    lines: Engine,
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    months: pd.DataFrame,
    chances: pd.DataFrame,
    contracts: pd.DataFrame,
    interactions: pd.DataFrame,
    payments: pd.DataFrame,
    calendar: Calendar,
    facts_rules: Facts,
    rules: Actions,
) -> Finding:
    """Find every dated reason to call a customer, whoever it is.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``customer_orders``.
    facts, orders, months, chances : DataFrame
        ``customer_facts``, ``customer_orders``, ``customer_months``, ``customer_chances``.
    contracts, interactions, payments : DataFrame
        Optional tables; empty where the source has none.
    calendar : Calendar
        At the reference date.
    facts_rules : Facts
    rules : Actions
        ``contract_days``, ``answer_days``, ``overdue_days``.

    Returns
    -------
    Finding
        Table ``triggers``; numbers ``triggers.<trigger>``.
    """
    as_of, last_order_on = calendar.as_of, facts.set_index("customer_id")["last_order_on"].dropna()
    declining = quiet_decline(OrderHistory(orders), months, category_months(lines, as_of), calendar, facts_rules)
    parts = [
        silence_triggers(chances, last_order_on),
        contract_triggers(contracts, as_of, rules.contract_days),
        contact_triggers(interactions, last_order_on, as_of, rules.contract_days, rules.answer_days),
        category_triggers(tested_categories(category_habits(lines, as_of), chances, facts_rules)),
        payment_triggers(payments, as_of, rules.overdue_days),
        decline_triggers(declining),
    ]
    table = pd.concat(parts).sort_values(["customer_id", "trigger"], ignore_index=True)
    table = TRIGGERS.conform(table[table["customer_id"].isin(facts["customer_id"])].reset_index(drop=True))
    counts = table["trigger"].value_counts()
    return Finding(
        "triggers",
        say("What gives a reason to call?"),
        say("Reasons to call: {n:count}, at {m:count} customers.", n=len(table), m=table["customer_id"].nunique()),
        table,
        {f"triggers.{trigger.value}": int(counts.get(trigger.value, 0)) for trigger in Trigger},
        none=say("There is no reason to call."),
    )


def customers_to_call(
    triggers: pd.DataFrame,
    facts: pd.DataFrame,
    chances: pd.DataFrame,
    keys: pd.DataFrame,
    customers: pd.DataFrame,
    tasks: pd.DataFrame,
    as_of: dt.date,
    rules: Actions,
) -> pd.DataFrame:
    """Customers with an open trigger and a lost chance, largest expected loss first, ties by id.

    A trigger is open until ``tasks_done`` names its task (`task_ids`) as done before `as_of`. A *lost* customer has no
    lost chance: it is for win-back. Nobody is called for an expected loss below ``least_loss``. Ranked and due within
    the manager; customers without one count as one manager's. Who refused contact has neither rank nor day.

    Parameters
    ----------
    triggers : DataFrame
        ``triggers``.
    facts, chances : DataFrame
        ``customer_facts``, ``customer_chances``.
    keys : DataFrame
        Customers of key accounts: customer_id.
    customers, tasks : DataFrame
        ``customers`` for consent, ``tasks_done``; empty where the source has none.
    as_of : date
        First day not analysed.
    rules : Actions
        ``least_loss``, ``calls_per_manager``, ``first_calls``, ``due_days``.

    Returns
    -------
    DataFrame
        One row per customer with all its triggers; has_refused tells who stands apart.
    """
    done = tasks["task_id"][tasks["done_date"] < pd.Timestamp(as_of)]
    rows = triggers.assign(task_id=task_ids(triggers))
    rows = rows[~rows["task_id"].isin(done)]
    known = ["customer_id", "customer_name", "manager", "recency_days", "median_gap_days"]
    found = _one_row_each(rows).merge(chances, on="customer_id").merge(facts[known], on="customer_id")
    found = found[found["expected_loss"] >= max(rules.least_loss, 0.0001)]
    said = dict(zip(customers["customer_id"], customers["consent"], strict=True))
    consent = pd.Series([consent_of(said.get(one)).value for one in found["customer_id"]], found.index, dtype="str")
    is_past = found["contract_ends_on"] < pd.Timestamp(as_of)
    found = found.assign(
        consent=consent,
        has_refused=consent == Consent.REFUSED,
        is_key=found["customer_id"].isin(keys["customer_id"]),
        contract_ended_on=found["contract_ends_on"].where(is_past),
        contract_ends_on=found["contract_ends_on"].mask(is_past),
        contracts=np.nan,
    ).sort_values(["has_refused", "expected_loss", "customer_id"], ascending=[True, False, True], ignore_index=True)
    place = found.groupby([found["has_refused"], found["manager"].fillna("")], sort=False).cumcount() + 1
    is_this_week = (place <= rules.calls_per_manager) & ~found["has_refused"]
    first, later = rules.due_days
    days = pd.to_timedelta(np.where(place <= rules.first_calls, first, later), unit="D")
    due_on = pd.Series(pd.Timestamp(as_of) + days, found.index).where(is_this_week)
    return found.assign(rank=np.arange(1, len(found) + 1), place=place, is_this_week=is_this_week, due_on=due_on)


def _one_row_each(triggers: pd.DataFrame) -> pd.DataFrame:
    by_customer = triggers.groupby("customer_id", sort=True)
    table = by_customer.agg(triggers=("trigger", " ".join), task_ids=("task_id", " ".join))
    for trigger, column in DATED.items():
        one = triggers[triggers["trigger"] == trigger].set_index("customer_id")
        table[column] = one["triggered_on"]
        if trigger in CAUSES:
            table[CAUSES[trigger]] = one["cause"]
    table["silent_on"] = triggers[triggers["trigger"].isin(SILENT)].groupby("customer_id")["triggered_on"].max()
    return table.reset_index()


def call_list(
    called: pd.DataFrame, summary: pd.DataFrame, origins: pd.DataFrame, chances: pd.DataFrame, has_margin: bool
) -> Finding:
    """Say whom to call this week, by expected loss, and how well that order did on earlier days.

    Parameters
    ----------
    called : DataFrame
        From `customers_to_call`.
    summary, origins, chances : DataFrame
        ``chance_summary``, ``origin_chances``, ``customer_chances``.
    has_margin : bool
        Whether the source holds cost, so that money is margin.

    Returns
    -------
    Finding
        Table ``call_list``; numbers as in the design: calls, calls.<trigger>, refused_apart, lost_chance.*, loss_share,
        expected_loss, silence.*, and lost_chance.first_calls_right (`first_calls_right`).
    """
    listed = called[~called["has_refused"]]
    table = CALL_LIST.conform(listed.sort_values(["is_this_week", "rank"], ascending=[False, True], ignore_index=True))
    week = table[table["is_this_week"]]
    right = first_calls_right(origins)
    sentence = _sentence(week, chances)
    return Finding(
        "call_list",
        say("Whom to call?"),
        sentence,
        table,
        _numbers(table, int(called["has_refused"].sum()), summary.iloc[0], chances, right),
        sub=say("Expected loss: lost chance × margin of a year × the share of it that such a silence has cost.")
        if has_margin
        else say("Expected loss: lost chance × net sales of a year × the share of it that such a silence has cost."),
        base=_base(table, summary.iloc[0]),
        show=(
            "customer_name",
            "manager",
            Show("reason", wide=True, words=REASON),
            Show("expected_loss", bar=True),
            "lost_chance",
            "due_on",
        ),
        most_rows=MOST_SHOWN,
        cards=True,
        none=sentence,
        caveats=_caveats(summary.iloc[0], right),
        on_index=True,
    )


def first_calls_right(origins: pd.DataFrame) -> tuple[float, int] | None:
    """Share of the first 20 calls for a silence that were right on earlier days: no order within the horizon.

    Parameters
    ----------
    origins : DataFrame
        ``origin_chances``.

    Returns
    -------
    (float, int) or None
        Mean share over the days, and how many days; None without a call on an earlier day.

    Examples
    --------
    >>> rows = pd.DataFrame({"origin_on": 1, "customer_id": ["a", "b", "c"], "expected_loss": [9.0, 8.0, 7.0],
    ...     "is_unusual_silence": [True, False, False], "is_likely_silent": [False, False, True],
    ...     "has_stayed_away": [True, True, False]})
    >>> first_calls_right(rows)
    (0.5, 1)
    """
    silent = origins[origins["is_unusual_silence"] | origins["is_likely_silent"]]
    ordered = silent.sort_values(["expected_loss", "customer_id"], ascending=[False, True])
    first = ordered.groupby("origin_on").head(FIRST_CHECKED)
    if first.empty:
        return None
    shares = first["has_stayed_away"].astype("float64").groupby(first["origin_on"]).mean()
    return float(shares.mean()), len(shares)


def _numbers(
    table: pd.DataFrame, refused: int, told: pd.Series, chances: pd.DataFrame, right: tuple[float, int] | None
) -> dict[str, Any]:
    kinds = table["triggers"].str.split().explode().value_counts()
    week = table[table["is_this_week"]]
    numbers: dict[str, Any] = {
        "calls": len(table),
        "calls.this_week": len(week),
        "refused_apart": refused,
        "calls.expected_loss": money.total(table["expected_loss"]),
        "expected_loss": money.total(chances["expected_loss"]),
        "lost_chance.origins": int(told["origins"]),
        "lost_chance.calibrated": bool(told["is_calibrated"]),
        "lost_chance.can_rank": bool(told["is_ranking"]),
        "silence.tested": int(told["silence_tested"]),
        "silence.marked": int(told["silence_marked"]),
    }
    numbers |= {f"calls.{trigger.value}": int(kinds.get(trigger.value, 0)) for trigger in Trigger}
    maybe = {
        "lost_chance.candidate": told["candidate"],
        **{f"lost_chance.{name}": told[name] for name in ("auc", "auc_low", "auc_high", "auc_recency")},
        "lost_chance.predicted": told["predicted"],
        "lost_chance.observed": told["observed"],
        "loss_share": told["loss_share"],
        "silence.shape": told["silence_shape"],
        "silence.came_back": told["came_back"],
        "lost_chance.first_calls_right": right[0] if right else None,
    }
    for name, value in maybe.items():
        numbers |= absent_numbers([name], "no earlier day tells it") if is_absent(value) else {name: value}
    return numbers


def _base(table: pd.DataFrame, told: pd.Series) -> Message:
    later = int((~table["is_this_week"]).sum())
    share = (
        say("loss share {share:share0}", share=float(told["loss_share"]))
        if not is_absent(told["loss_share"])
        else say("loss share not measurable yet, taken as 100 %")
    )
    return say("Later: {later:count}; all calls stand in the table as CSV; {share}.", later=later, share=share)


def _sentence(week: pd.DataFrame, chances: pd.DataFrame) -> Message:
    if chances.empty:
        return say("Nobody's chance to be lost can be measured, so nobody can be put on the list.")
    if week.empty:
        return say("Nobody needs a call this week.")
    return say_n(
        "{n:count} call this week: {money:money} of expected loss.",
        "{n:count} calls this week: {money:money} of expected loss.",
        count="n",
        n=len(week),
        money=money.total(week["expected_loss"]),
    )


def _caveats(told: pd.Series, right: tuple[float, int] | None) -> list[Caveat]:
    caveats = []
    if not told["is_ranking"] and told["origins"]:
        text = say("Everybody has the same lost chance, so the order goes by a year's value.")
        caveats.append(Caveat(say("Nobody can be ranked"), text))
    if right:
        text = say(
            "Of the first {first:count} calls for a silence {share:share0} were right on earlier days ({n:count}): no "
            "order within the horizon.",
            first=FIRST_CHECKED,
            share=right[0],
            n=right[1],
        )
        caveats.append(Caveat(say("How good this order is"), text, Weight.GREEN))
    return caveats


def refused_contact(called: pd.DataFrame) -> Finding:
    """Customers with a trigger who refused to be contacted: a letter or an offer by whoever they deal with, no call.

    Parameters
    ----------
    called : DataFrame
        From `customers_to_call`.
    """
    table = REFUSED_CONTACT.conform(called[called["has_refused"]].reset_index(drop=True))
    return Finding(
        "refused_contact",
        say("Who must not be called?"),
        say_n(
            "{n:count} customer refused contact: no call, only what an order or a contract asks for in writing.",
            "{n:count} customers refused contact: no call, only what an order or a contract asks for in writing.",
            count="n",
            n=len(table),
        ),
        table,
        show=("customer_name", "manager", Show("reason", wide=True, words=REASON), "expected_loss"),
        most_rows=5,
        none=say("Nobody with a reason to call has refused contact."),
    )


def task_results(tasks: pd.DataFrame, facts: pd.DataFrame, as_of: dt.date) -> Finding:
    """Count the results of calls per manager and trigger.

    Parameters
    ----------
    tasks : DataFrame
        ``tasks_done``; those of other ids than `task_ids` gives are counted apart.
    facts : DataFrame
        ``customer_facts``.
    as_of : date
        Tasks done on or after it are not known yet.
    """
    done = tasks[tasks["done_date"] < pd.Timestamp(as_of)]
    parts = done["task_id"].astype("str").str.extract(r"^(?P<customer_id>.+):(?P<trigger>[a-z_]+):\d{4}-\d{2}-\d{2}$")
    is_ours = parts["trigger"].isin([trigger.value for trigger in Trigger]) & parts["customer_id"].isin(
        facts["customer_id"]
    )
    ours = parts.assign(result=done["result"])[is_ours]
    managers = facts.set_index("customer_id")["manager"]
    counted = ours.assign(manager=ours["customer_id"].map(managers)).groupby(
        ["manager", "trigger", "result"], dropna=False, sort=True
    )
    table = TASK_RESULTS.conform(counted.size().reset_index(name="tasks")) if len(ours) else TASK_RESULTS.empty()
    strange = int((~is_ours).sum())
    return Finding(
        "task_results",
        say("What came of the calls?"),
        say("Calls with a result: {n:count}; of unknown tasks: {strange:count}.", n=len(ours), strange=strange),
        table,
        {"tasks.done": len(ours), "tasks.unknown": strange},
        show=TASK_RESULTS.names,
        most_rows=5,
        none=say("No call of this list has a result yet."),
    )


def manager_calls(calls: Finding) -> Finding:
    """Say how many calls each manager has this week, with how much expected loss, and how many wait.

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
        exact=money.exact(table.expected_loss.where(table.is_this_week, 0.0)),
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
        ordered.assign(manager=ordered.manager.where(ordered.manager != ""), expected_loss=ordered.exact / money.SCALE)
    )
    return Finding(
        "manager_calls",
        say("Who has how many calls?"),
        _owners_sentence(table),
        table,
        show=(
            "manager",
            "calls",
            "first_call",
            *(("later",) if table["later"].any() else ()),
            Show("expected_loss", bar=True),
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
    return say_n(
        "{manager} has most to lose: {money:money} in {n:count} call.",
        "{manager} has most to lose: {money:money} in {n:count} calls.",
        count="n",
        manager=named.manager.iloc[0],
        money=named.expected_loss.iloc[0],
        n=int(named.calls.iloc[0]),
    )


def risk_tile(calls: Finding, keys: pd.DataFrame) -> Tile:
    """Expected loss of the customers of key accounts on the call list; not measurable without a key account.

    Parameters
    ----------
    calls : Finding
        Result of `call_list`.
    keys : DataFrame
        Customers of key accounts.
    """
    name = say("Expected loss, key clients")
    definition = say("Sum over the customers of key accounts on the call list.")
    if keys.empty:
        none = say("There is no key client.")
        return Tile(name, None, say("key clients: {n:count}", n=0), definition, "calls.expected_loss", absent=none)
    own = calls.table[calls.table["is_key"]]
    return Tile(
        name,
        say("{money:money}", money=money.total(own["expected_loss"])),
        say("customers of key accounts on the call list: {n:count} of {m:count}", n=len(own), m=len(keys)),
        definition,
        "calls.expected_loss",
        table="call_list",
    )


def calls_tile(calls: Finding) -> Tile:
    """Customers to call this week and the expected loss with them.

    Parameters
    ----------
    calls : Finding
        Result of `call_list`.
    """
    week = calls.table[calls.table["is_this_week"]]
    return Tile(
        say("Calls this week"),
        say("{n:count}", n=len(week)),
        say("{money:money} of expected loss", money=money.total(week["expected_loss"])),
        say("Customers with a reason to call and a lost chance, as many of each manager as fit in a week."),
        "calls.this_week",
        table="call_list",
    )
