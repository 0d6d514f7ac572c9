"""A plan of a key account to be filled in, from the last run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kam_analysis import chapter as chapters
from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import add_months
from kam_analysis.findings import is_absent
from kam_analysis.params import load
from kam_analysis.pipeline.project import Project
from kam_analysis.sources.plans import write_template

FIGURES = ("net_sales_12m", "margin_12m", "orders_12m")
MONTHS = 12


def write_plan(project: Project, account: str) -> Path:
    """Write the template of a key account's plan, due a year after the reference date.

    Raises
    ------
    UserError
        Without a run, for an id that is not on the key list, or where the account has a plan.
    """
    folder = project.findings("key_clients")
    chapter = chapters.read(folder, folder.relative_to(project.root).as_posix())
    keys = chapter.findings["key_list"].table.set_index("account_id")
    if account not in keys.index:
        raise UserError(Problem(f"no key account {account!r}", cure=f"one of {', '.join(keys.index[:5])}, …"))
    row = keys.loc[account].to_dict()
    figures = {name: round(float(row[name]), 2) for name in FIGURES if not is_absent(row[name])}
    by = add_months(dt.date.fromisoformat(str(chapter.window["as_of"])), MONTHS)
    owner = None if is_absent(row["manager"]) else str(row["manager"])
    raw = project.raw(load(project.params_path).source)
    return write_template(raw, account, figures, by, owner)
