"""What became of the tasks that a work list handed out."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.findings import Finding, say
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Trigger

TASK_STATES = Table(
    "task_states",
    "one manager to whose customers tasks were handed out",
    (
        col.OWNER("Manager of the customer now."),
        col.count("tasks", say("Tasks handed out"), "Tasks of this list in tasks_done.", low=1),
        col.count("done", say("With a result"), "Dated before the reference date.", low=0),
        col.count("not_called", say("Not called"), "Neither a date nor a result.", low=0),
        col.count("undated", say("Without a date"), "A result or a tick, but no date: still open.", low=0),
        col.count("again", say("On the list again"), "Customers with a result and a new reason to call.", low=0),
    ),
    ("manager",),
)
_BETWEEN = re.compile(r"(?<=:\d{4}-\d{2}-\d{2})\s+")  # ids of customers may hold blanks
_COUNTS = ["tasks", "done", "not_called", "undated"]


def one_task_a_row(tasks: pd.DataFrame) -> pd.DataFrame:
    """Give every task its row: a work list names all tasks of a customer in one cell.

    Parameters
    ----------
    tasks : DataFrame
        ``tasks_done`` as read.

    Examples
    --------
    >>> rows = pd.DataFrame({"task_id": ["Bar 7:refusal:2025-01-02 Bar 7:payment:2025-01-03", "T1"], "result": "no"})
    >>> one_task_a_row(rows)["task_id"].tolist()
    ['Bar 7:refusal:2025-01-02', 'Bar 7:payment:2025-01-03', 'T1']
    """
    parts = [_BETWEEN.split(str(one).strip()) for one in tasks["task_id"]]
    parted = tasks.assign(task_id=pd.Series(parts, tasks.index, dtype="object"))
    return parted.explode("task_id", ignore_index=True).astype({"task_id": "str"})


def of_triggers(tasks: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Keep the tasks whose id names a customer and a trigger; customer_id and trigger are added.

    Parameters
    ----------
    tasks : DataFrame
        From `one_task_a_row`.
    facts : DataFrame
        ``customer_facts``.
    """
    parts = tasks["task_id"].astype("str").str.extract(r"^(?P<customer_id>.+):(?P<trigger>[a-z_]+):\d{4}-\d{2}-\d{2}$")
    is_trigger = parts["trigger"].isin([trigger.value for trigger in Trigger])
    return tasks.assign(**parts)[is_trigger & parts["customer_id"].isin(facts["customer_id"])]


@finds(TASK_STATES)
def task_states(tasks: pd.DataFrame, calls: pd.DataFrame, facts: pd.DataFrame, as_of: dt.date) -> Finding:
    """Count per manager the tasks handed out: with a result, not called, without a date, on the list again.

    Parameters
    ----------
    tasks : DataFrame
        From `one_task_a_row`; those of other ids than the list gives count elsewhere (``tasks.unknown``).
    calls : DataFrame
        ``call_list``.
    facts : DataFrame
        ``customer_facts``.
    as_of : date
        A result dated on or after it is not known yet: the task counts as not called.

    Returns
    -------
    Finding
        Table ``task_states``; numbers tasks.handed_out, tasks.not_called, tasks.undated, tasks.again. A task
        in several rows is done when one of them is, else without a date when one of them is.
    """
    ours = of_triggers(tasks, facts)
    is_done = ours["done_date"] < pd.Timestamp(as_of)
    is_told = ours["done_date"].isna() & (ours["result"].notna() | ours["done"].notna())
    by_task = ours.assign(is_done=is_done, is_told=is_told).groupby("task_id", as_index=False)
    each = by_task.agg(customer_id=("customer_id", "first"), done=("is_done", "any"), told=("is_told", "any"))
    each = each.assign(undated=each["told"] & ~each["done"], not_called=~each["told"] & ~each["done"], tasks=True)
    opened = calls["task_ids"].map(lambda ids: set(_BETWEEN.split(ids)) - set(each["task_id"])).astype("bool")
    returned = set(calls["customer_id"][opened]) & set(each["customer_id"][each["done"]])
    known = each.merge(facts[["customer_id", "manager"]], on="customer_id")
    again = facts[facts["customer_id"].isin(returned)].groupby("manager", dropna=False).size().rename("again")
    table = known.groupby("manager", dropna=False)[_COUNTS].sum().join(again).fillna({"again": 0}).reset_index()
    table = TASK_STATES.conform(
        table.sort_values(["not_called", "manager"], ascending=[False, True], ignore_index=True)
    )
    handed, done, missed, undated = (int(table[name].sum()) for name in _COUNTS)
    return Finding(
        "task_states",
        say("What became of the tasks handed out?"),
        say(
            "Tasks handed out: {n:count}; with a result: {done:count}; not called: {missed:count}; without a date: "
            "{undated:count}; customers on the list again: {again:count}.",
            n=handed,
            done=done,
            missed=missed,
            undated=undated,
            again=len(returned),
        ),
        table,
        {
            "tasks.handed_out": handed,
            "tasks.not_called": missed,
            "tasks.undated": undated,
            "tasks.again": len(returned),
        },
        show=TASK_STATES.names,
        most_rows=10,
        none=say("No task of this list was handed out."),
    )
