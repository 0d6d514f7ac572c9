"""Plans of key accounts: one YAML file each under ``data/raw/<source>/plans``."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kam_analysis.errors import Collected, Problem, UserError

FOLDER = "plans"
LARGEST = 200_000
PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
Metric = Literal["net_sales_12m", "margin_12m", "orders_12m", "share_12m"]
Words = Annotated[str, Field(min_length=1, max_length=2000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Goal(_Part):
    """A figure of the key list to be reached by a day."""

    metric: Metric
    target: float
    by: dt.date


class Action(_Part):
    """Something that somebody does until a day."""

    what: Words
    owner: Words | None = None
    due: dt.date
    done: dt.date | None = None


class Entry(_Part):
    """A decision or a meeting."""

    day: dt.date
    text: Words
    who: Words | None = None


class Plan(_Part):
    """A plan of one account; the account is the id of a customer or of its parent group."""

    account: Words
    value_proposition: Words | None = None
    channels: tuple[Words, ...] = ()
    goals: tuple[Goal, ...] = ()
    actions: tuple[Action, ...] = ()
    decisions: tuple[Entry, ...] = ()
    meetings: tuple[Entry, ...] = ()


def read_plans(folder: Path) -> list[Plan]:
    """Read the plans of a source, by account.

    Parameters
    ----------
    folder : Path
        ``data/raw/<source>``; without a folder ``plans`` there are none.

    Raises
    ------
    UserError
        With every file that is no plan, is too large or a link, and every account that has two.
    """
    found, plans = Collected(), dict[str, Plan]()
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        where = f"{FOLDER}/{path.name}"
        if path.is_symlink() or path.stat().st_size > LARGEST:
            found.add("is a link or too large", where, cure="a file of its own, below 200 kB")
            continue
        try:
            plan = Plan.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            found.problems.extend(
                Problem(str(one["msg"]), f"{where}, {'.'.join(map(str, one['loc']))}") for one in error.errors()
            )
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            found.add(f"not readable as YAML: {' '.join(str(error).split())}", where)
        else:
            if plan.account in plans:
                found.add("a second plan of the account", where, examples=[plan.account])
            plans[plan.account] = plan
    found.raise_any()
    return [plans[account] for account in sorted(plans)]


def plan_file(account: str) -> str:
    """Name of an account's file; nothing in an id leads out of the folder.

    Examples
    --------
    >>> plan_file("0002"), plan_file("../../etc")[:4]
    ('0002.yaml', 'etc-')
    """
    if PLAIN_ID.fullmatch(account):
        return f"{account}.yaml"
    slug = re.sub(r"[^A-Za-z0-9]+", "-", account)[:40].strip("-") or "plan"
    return f"{slug}-{hashlib.sha256(account.encode()).hexdigest()[:8]}.yaml"


def write_template(folder: Path, account: str, figures: dict[str, float], by: dt.date, owner: str | None) -> Path:
    """Write a plan to be filled in: today's figures as goals, one action as an example.

    Parameters
    ----------
    folder : Path
        ``data/raw/<source>``.
    account : str
    figures : dict of str to float
        By metric, as they stand.
    by : date
        Day of the goals and of the first action.
    owner : str, optional

    Raises
    ------
    UserError
        When the account has a plan.
    """
    path = folder / FOLDER / plan_file(account)
    if path.exists():
        raise UserError(Problem("the account has a plan", f"{FOLDER}/{path.name}", cure="edit it"))
    content: dict[str, Any] = {
        "account": account,
        "value_proposition": "why this account buys from us",
        "channels": ["visit", "phone"],
        "goals": [{"metric": metric, "target": value, "by": by} for metric, value in figures.items()],
        "actions": [{"what": "agree on this plan", "owner": owner, "due": by, "done": None}],
        "decisions": [],
        "meetings": [],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8", newline="\n")
    return path


def rows(plans: Sequence[Plan]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the tables ``plans``, ``plan_goals``, ``plan_actions`` and ``plan_log``."""
    goals = [one | {"due_on": one.pop("by")} for plan in plans for one in _of(plan, plan.goals)]
    actions = [
        one | {"due_on": one.pop("due"), "done_on": one.pop("done")}
        for plan in plans
        for one in _of(plan, plan.actions)
    ]
    log = [
        one | {"kind": kind, "held_on": one.pop("day")}
        for plan in plans
        for kind, entries in (("decision", plan.decisions), ("meeting", plan.meetings))
        for one in _of(plan, entries)
    ]
    heads = [
        {
            "account_id": plan.account,
            "value_proposition": plan.value_proposition,
            "channels": ", ".join(plan.channels) or None,
        }
        for plan in plans
    ]
    return {"plans": heads, "plan_goals": goals, "plan_actions": actions, "plan_log": log}


def _of(plan: Plan, parts: Sequence[BaseModel]) -> list[dict[str, Any]]:
    return [{"account_id": plan.account, "place": place} | part.model_dump() for place, part in enumerate(parts, 1)]
