"""Plans of key accounts as tables, and the plans of accounts that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kam_analysis.cleaning.pseudonyms import CALLED, pseudonym
from kam_analysis.engine import Engine
from kam_analysis.errors import Problem, UserError
from kam_analysis.findings import Finding, say
from kam_analysis.sources.plans import FOLDER, read_plans, rows
from kam_analysis.tables import PLAN_TABLES, PLANS, finds

MOST_NAMED = 3
HIDDEN = ("value_proposition", "channels", "who")


def put_plans(engine: Engine, folder: Path, salt: str = "") -> None:
    """Read the plans of a source into the engine.

    Parameters
    ----------
    engine : Engine
        Holds ``customer_register``; receives ``plans``, ``plan_goals``, ``plan_actions`` and ``plan_log``.
    folder : Path
        The source's files.
    salt : str
        With one, accounts and owners are pseudonyms and what the plans say is left out.

    Raises
    ------
    UserError
        With every file that is no plan.
    """
    register = engine.frame("customer_register")
    merged = {
        other: str(row.customer_id)
        for row in register.itertuples()
        if isinstance(row.other_ids, str)
        for other in row.other_ids.split("|")
    }
    known = {*register["customer_id"], *register["parent_id"].dropna()}
    for name, found in rows(read_plans(folder)).items():
        table = PLAN_TABLES[name]
        frame = pd.DataFrame(found, columns=[one for one in table.names if one != "is_known"])
        if salt:
            frame["account_id"] = [pseudonym(salt, CALLED["customer_id"], one) for one in frame["account_id"]]
            frame = frame.assign(**{column: None for column in HIDDEN if column in frame})
            frame = frame.assign(**{column: "-" for column in ("what", "text") if column in frame})
            if "owner" in frame:
                frame["owner"] = [one and pseudonym(salt, CALLED["manager"], one) for one in frame["owner"]]
        frame["account_id"] = frame["account_id"].map(lambda one: merged.get(one, one))
        if name == PLANS.name:
            if (twice := frame["account_id"].duplicated()).any():
                raise UserError(
                    Problem("a second plan of the account", FOLDER, examples=list(frame["account_id"][twice])[:3])
                )
            frame["is_known"] = frame["account_id"].isin(known)
        engine.put(name, table.check(table.conform(frame)), table)


@finds(PLANS)
def plans_read(plans: pd.DataFrame) -> Finding:
    """Say how many plans there are, and name those whose account nobody knows.

    Parameters
    ----------
    plans : DataFrame
        ``plans``.
    """
    strange = plans["account_id"][~plans["is_known"]].tolist()
    named = [
        *strange[:MOST_NAMED],
        *([say("{n:count} more", n=len(strange) - MOST_NAMED)] * (len(strange) > MOST_NAMED)),
    ]
    sentence = say("Plans of accounts: {n:count}.", n=len(plans))
    if strange:
        sentence = say(
            "Plans of accounts: {n:count}; of unknown accounts: {strange:count} ({names:names}).",
            n=len(plans),
            strange=len(strange),
            names=named,
        )
    return Finding(
        "plans",
        say("Which accounts have a plan?"),
        sentence,
        plans,
        {"plans": len(plans), "plans.unknown": len(strange)},
        show=("account_id", "is_known", "channels"),
        most_rows=10,
        none=say("No account has a plan."),
    )
