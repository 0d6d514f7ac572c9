"""What of the plans of key accounts is overdue."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.findings import Finding, say
from kam_analysis.tables import Table, finds

PLAN_OVERDUE = Table(
    "plan_overdue",
    "one action of a plan that is not done in time, or one goal that is missed",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.text("what", say("Action or goal"), "The action, or the figure of the goal."),
        col.NAMED_OWNER("Of the action, else the account's manager."),
        col.DUE_ON("Day that has passed."),
        col.TARGET("Of a goal.", nullable=True),
        col.number("actual", say("Reached"), "The figure at the reference date.", nullable=True),
    ),
)


@finds(PLAN_OVERDUE)
def plan_overdue(goals: pd.DataFrame, actions: pd.DataFrame, keys: pd.DataFrame, as_of: dt.date) -> Finding:
    """List what key accounts' plans promised until a day before the reference date and did not keep.

    Parameters
    ----------
    goals, actions : DataFrame
        ``plan_goals``, ``plan_actions``.
    keys : DataFrame
        ``key_list``; plans of other accounts are not asked about.
    as_of : date
        First day not analysed: an action or goal due on it is not overdue, one done on it is not done yet.

    Returns
    -------
    Finding
        Table ``plan_overdue``, the earliest day first; numbers plans.actions_overdue, plans.goals_missed. A goal is
        missed where its day has passed and the figure of the reference date is below it; a missing figure is no miss.
    """
    on = pd.Timestamp(as_of)
    late = actions[(actions["due_on"] < on) & ~(actions["done_on"] < on)].merge(keys, on="account_id")
    due = goals[goals["due_on"] < on].merge(keys, on="account_id")
    actual = [row[str(row["metric"])] for row in due.to_dict("records")]
    missed = due.assign(actual=pd.Series(actual, due.index, dtype="float64"), what=due["metric"], owner=due["manager"])
    missed = missed[missed["actual"] < missed["target"]]
    late = late.assign(owner=late["owner"].fillna(late["manager"]), target=None, actual=None)
    parts = [part[PLAN_OVERDUE.names].astype("object") for part in (late, missed) if len(part)]
    both = pd.concat(parts) if parts else PLAN_OVERDUE.empty()
    table = PLAN_OVERDUE.conform(both.sort_values(["due_on", "account_id", "what"], ignore_index=True))
    return Finding(
        "plan_overdue",
        say("What of the plans is overdue?"),
        say("Overdue actions: {late:count}; missed goals: {missed:count}.", late=len(late), missed=len(missed)),
        table,
        {"plans.actions_overdue": len(late), "plans.goals_missed": len(missed)},
        show=("account_name", "what", "owner", "due_on", "target", "actual"),
        most_rows=10,
        none=say("Nothing in a plan is overdue."),
    )
