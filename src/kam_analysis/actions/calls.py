"""Whom each manager should call this week, and why: customers with a trigger, by expected loss."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.actions.contacts import CONTACT
from kam_analysis.actions.exceptions import CAUSES, DATED, EXCEPTIONS, HAPPENED, SILENT
from kam_analysis.actions.tasks import of_triggers
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
    Finding,
    Message,
    Show,
    Tile,
    Words,
    absent_numbers,
    is_absent,
    say,
    say_n,
)
from kam_analysis.params import Actions, Facts
from kam_analysis.tables import CUSTOMER_CHANCES, TRIGGERS, Table, finds
from kam_analysis.vocabulary import Consent, Trigger

_WHY = ("silent_on", "contract_ended_on", "contract_ends_on", "contracts", "refused_on", "refusal_reason",
        "complained_on", "complaint_reason", "win_back_on", "win_back_result", "category_on", "category", "overdue_on",
        "declined_on")  # fmt: skip

_CALL = (
    col.CUSTOMER_ID,
    col.CUSTOMER_NAME,
    col.OWNER("The customer's manager."),
    col.members("triggers", say("Triggers"), "All reasons to call.", Trigger),
    col.text("task_ids", say("Tasks"), "Ids of the calls: customer, trigger and date; for tasks_done."),
    *(EXCEPTIONS[name] for name in _WHY),
    col.DAYS_SILENT("Days since the last order.", low=1),
    col.days("median_gap_days", say("Usual gap"), "Median days between order days.", nullable=True, low=1),
    *(CUSTOMER_CHANCES[name] for name in ("lost_chance", "years_value", "expected_loss")),
    col.IS_KEY("Of a key account."),
    *CONTACT,
    col.CONSENT("To be contacted, by the table of customers."),
)

CALL_LIST = Table(
    "call_list",
    "one customer to call",
    (
        *_CALL,
        col.DUE_ON("Day by which to call; missing after this week.", nullable=True),
        col.RANK("By expected loss, ties by id."),
        col.PLACE("By expected loss among the calls of the same owner."),
        col.flag("is_this_week", say("This week"), "Place within the calls that a manager makes in a week."),
    ),
    ("customer_id",),
)

REFUSED_CONTACT = Table(
    "refused_contact", "one customer with a reason to call who refused contact", _CALL, ("customer_id",)
)

_RESULT = col.value("result", say("Result"), nullable=True)

TASK_RESULTS = Table(
    "task_results",
    "one manager, trigger and result of calls",
    (
        col.OWNER("Manager of the customer now."),
        col.TRIGGER,
        _RESULT("As it was written down."),
        col.count("tasks", say("Calls"), "Calls done.", low=1),
    ),
    ("manager", "trigger", "result"),
)

CALLS_DONE = Table(
    "calls_done",
    "one call with a result",
    (
        col.TASK_ID("Customer, trigger and date."),
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.OWNER("Manager of the customer now."),
        col.TRIGGER,
        col.DONE_ON("Day of the result."),
        _RESULT("As it was written down; the last one of a task."),
        col.text(
            "replaced", say("Earlier results"), "Day and result of those that the last one replaces.", nullable=True
        ),
    ),
    ("task_id",),
)

MANAGER_CALLS = Table(
    "manager_calls",
    "one manager",
    (
        col.OWNER("Missing: nobody in the data."),
        col.count("calls", say("Calls"), "Customers to call this week.", low=1),
        col.count("key_calls", say("Key clients"), "Key clients among them."),
        col.EXPECTED_LOSS("Sum over the calls."),
        col.count("later", say("Later"), "Further customers on the call list."),
        col.name("first_call", say("First call"), "The call with the largest expected loss."),
    ),
    ("manager",),
)


MOST_SHOWN = 10
MOST_NAMED = 3
FIRST_CHECKED = 20
REASON = Words(
    say("Why"),
    [
        [say("last order {silent_on:date}, {recency_days:count} days ago; usual gap {median_gap_days:num}")],
        *HAPPENED.parts[1:-2],
    ],
)


@finds(TRIGGERS)
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
    contacts: pd.DataFrame,
    uncalled: Collection[str],
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
    contacts : DataFrame
        From `last_contacts`.
    uncalled : collection of str
        Customers kept uncalled as control (`kept_uncalled`); like who refused they have neither rank nor day.
    as_of : date
        First day not analysed.
    rules : Actions
        ``least_loss``, ``calls_per_manager``, ``first_calls``, ``due_days``.

    Returns
    -------
    DataFrame
        One row per customer with all its triggers; has_refused and is_control tell who stands apart.
    """
    done = tasks["task_id"][tasks["done_date"] < pd.Timestamp(as_of)]
    rows = triggers.assign(task_id=task_ids(triggers))
    rows = rows[~rows["task_id"].isin(done)]
    known = ["customer_id", "customer_name", "manager", "recency_days", "median_gap_days"]
    found = _one_row_each(rows).merge(chances, on="customer_id").merge(facts[known], on="customer_id")
    found = found.merge(contacts, on="customer_id", how="left")
    found = found[found["expected_loss"] >= max(rules.least_loss, 0.0001)]
    said = dict(zip(customers["customer_id"], customers["consent"], strict=True))
    consent = pd.Series([consent_of(said.get(one)).value for one in found["customer_id"]], found.index, dtype="str")
    is_past = found["contract_ends_on"] < pd.Timestamp(as_of)
    found = found.assign(
        consent=consent,
        has_refused=consent == Consent.REFUSED,
        is_control=found["customer_id"].isin(uncalled) & (consent != Consent.REFUSED),
        is_key=found["customer_id"].isin(keys["customer_id"]),
        contract_ended_on=found["contract_ends_on"].where(is_past),
        contract_ends_on=found["contract_ends_on"].mask(is_past),
        contracts=np.nan,
    )
    found = found.assign(is_apart=found["has_refused"] | found["is_control"])
    found = found.sort_values(
        ["is_apart", "expected_loss", "customer_id"], ascending=[True, False, True], ignore_index=True
    )
    place = found.groupby([found["is_apart"], found["manager"].fillna("")], sort=False).cumcount() + 1
    is_this_week = (place <= rules.calls_per_manager) & ~found["is_apart"]
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


@finds(CALL_LIST)
def call_list(called: pd.DataFrame, summary: pd.DataFrame, origins: pd.DataFrame, chances: pd.DataFrame) -> Finding:
    """Say whom to call this week, by expected loss, and how well that order did on earlier days.

    Parameters
    ----------
    called : DataFrame
        From `customers_to_call`.
    summary, origins, chances : DataFrame
        ``chance_summary``, ``origin_chances``, ``customer_chances``.

    Returns
    -------
    Finding
        Table ``call_list``; numbers as in the design: calls, calls.<trigger>, refused_apart, lost_chance.*, loss_share,
        expected_loss, silence.*, and lost_chance.first_calls_right (`first_calls_right`).
    """
    listed = called[~called["is_apart"]]
    control = int(called["is_control"].sum())
    table = CALL_LIST.conform(listed.sort_values(["is_this_week", "rank"], ascending=[False, True], ignore_index=True))
    week = table[table["is_this_week"]]
    right = first_calls_right(origins)
    sentence = _sentence(week, chances)
    return Finding(
        "call_list",
        say("Whom to call?"),
        sentence,
        table,
        {"calls.control": control} | _numbers(table, int(called["has_refused"].sum()), summary.iloc[0], chances, right),
        sub=_how_good(summary.iloc[0], right),
        base=_base(table, control, summary.iloc[0]),
        show=(
            "customer_name",
            "manager",
            Show("reason", words=REASON, is_detail=True),
            Show("triggers", wide=True),
            Show("expected_loss", bar=True),
        ),
        most_rows=MOST_SHOWN,
        cards=True,
        none=sentence,
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


def _how_good(told: pd.Series, right: tuple[float, int] | None) -> Message | None:
    if not told["is_ranking"] and told["origins"]:
        return say("Everybody has the same lost chance, so the order goes by a year's value.")
    if right is None:
        return None
    return say(
        "On {n:count} earlier days {share:share0} of the first {first:count} calls for a silence were right: no order "
        "within the horizon.",
        first=FIRST_CHECKED,
        share=right[0],
        n=right[1],
    )


def _base(table: pd.DataFrame, control: int, told: pd.Series) -> Message | None:
    later = int((~table["is_this_week"]).sum())
    parts = [
        *([say("Later calls: {n:count}", n=later)] if later else []),
        *([say("Kept uncalled as control: {n:count}", n=control)] if control else []),
        *(
            [say("Share of a year's value that a silence costs: not measurable yet, taken as 100 %")]
            if is_absent(told["loss_share"])
            else []
        ),
    ]
    words = parts[0] if parts else None
    for part in parts[1:]:
        words = say("{first}; {then}", first=words, then=part)
    return words


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


@finds(REFUSED_CONTACT)
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
        show=(
            "customer_name",
            "manager",
            Show("reason", words=REASON, is_detail=True),
            Show("triggers", wide=True),
            "expected_loss",
        ),
        most_rows=10,
        none=say("Nobody with a reason to call has refused contact."),
    )


@finds(CALLS_DONE)
def calls_done(tasks: pd.DataFrame, facts: pd.DataFrame, as_of: dt.date) -> Finding:
    """Results of calls of this list, the latest first; of several results of one task the last one counts.

    Parameters
    ----------
    tasks : DataFrame
        ``tasks_done``; those of other ids than `task_ids` gives are counted apart.
    facts : DataFrame
        ``customer_facts``.
    as_of : date
        Tasks done on or after it are not known yet.

    Returns
    -------
    Finding
        Table ``calls_done``; numbers tasks.done, tasks.unknown, tasks.repeated (results that a later one replaces).
    """
    known = tasks[tasks["done_date"] < pd.Timestamp(as_of)]
    ours = of_triggers(known, facts)
    strange = known["task_id"][~known.index.isin(ours.index)]
    ordered = ours.assign(done_on=ours["done_date"]).sort_values(
        ["done_on", "result"], na_position="first", kind="stable"
    )
    last = ordered.drop_duplicates("task_id", keep="last")
    last = last.assign(replaced=last["task_id"].map(_replaced(ordered.drop(last.index))))
    named = last.merge(facts[["customer_id", "customer_name", "manager"]], on="customer_id")
    table = CALLS_DONE.conform(named.sort_values(["done_on", "task_id"], ascending=[False, True], ignore_index=True))
    numbers = {
        "tasks.done": len(table),
        "tasks.unknown": len(strange),
        "tasks.repeated": len(ours) - len(table),
    }
    return Finding(
        "calls_done",
        say("Which calls have a result?"),
        say("Calls with a result: {n:count}.", n=len(table)),
        table,
        numbers,
        base=say("Unknown tasks: {names:names}.", names=sorted(set(strange))[:MOST_NAMED]) if len(strange) else None,
    )


def _replaced(earlier: pd.DataFrame) -> pd.Series:
    """Write the results that a later one replaces, by task: day and result."""
    told = earlier["done_on"].dt.strftime("%Y-%m-%d") + earlier["result"].map(
        lambda result: "" if is_absent(result) else f" {result}"
    )
    by_task: pd.Series = told.groupby(earlier["task_id"]).agg("; ".join)
    return by_task


@finds(TASK_RESULTS)
def task_results(done: Finding) -> Finding:
    """Count the results of calls per manager and trigger.

    Parameters
    ----------
    done : Finding
        Result of `calls_done`.
    """
    ours = done.table
    counted = ours.groupby(["manager", "trigger", "result"], dropna=False, sort=True)
    table = TASK_RESULTS.conform(counted.size().reset_index(name="tasks")) if len(ours) else TASK_RESULTS.empty()
    strange, repeated = done.numbers["tasks.unknown"], done.numbers["tasks.repeated"]
    return Finding(
        "task_results",
        say("What came of the calls?"),
        say("Calls with a result: {n:count}; of unknown tasks: {strange:count}.", n=len(ours), strange=strange),
        table,
        base=say(
            "Results that a later one of the same task replaces: {n:count}. {unknown}", n=repeated, unknown=done.base
        )
        if done.base
        else say("Results that a later one of the same task replaces: {n:count}.", n=repeated),
        show=TASK_RESULTS.names,
        most_rows=10,
        none=say("No call of this list has a result yet."),
    )


@finds(MANAGER_CALLS)
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
            Show("first_call", wide=True),
            *(("later",) if table["later"].any() else ()),
            Show("expected_loss", bar=True),
        ),
        base=say("To part the calls by manager, map the column manager.") if table.manager.isna().all() else None,
        cards=True,
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
