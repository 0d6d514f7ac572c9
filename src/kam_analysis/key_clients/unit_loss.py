"""What a department or a manager loses when a client leaves, and how far the plan is missed without it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.key_list import KeyList
from kam_analysis.findings import Caveat, Finding, Message, say
from kam_analysis.key_clients.loss import book_of, departures
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Leaver, UnitColumn

UNIT_LOSS = Table(
    "unit_loss",
    "one imagined departure and one unit in which the leaver brings more than key_clients.bands.watch",
    (
        col.LEAVER_NAME("Client or parent group; missing for all key clients together."),
        col.LEAVER,
        col.UNIT_COLUMN,
        col.UNIT("Its value.", nullable=False),
        col.NET_SALES_LOST("In the unit, last 12 months."),
        col.SHARE_LOST("Of the unit's base."),
        col.LARGEST_SHARE_AFTER,
        col.HHI_AFTER,
        col.PLAN("Yearly plan of the unit; missing without one."),
        *(
            col.change(name, label, meaning, nullable=True)
            for name, label, meaning in (
                ("plan_share", say("Plan met"), "Net sales of 12 months over the plan."),
                ("plan_share_after", say("Plan met without"), "The same without the leaver."),
            )
        ),
    ),
    ("name", "leaver", "unit_column", "unit"),
)


MOST_SHOWN = 14


def plans_of(managers: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Yearly plan by (unit column, unit): of every manager, and of a department whose managers all have one.

    Parameters
    ----------
    managers : DataFrame
        ``managers``; empty where the source has none.

    Examples
    --------
    >>> managers = pd.DataFrame({"manager_id": ["Ana", "Bo", "Cy"], "department": ["North", "North", "South"],
    ...                          "plan": [10.0, 20.0, np.nan]})
    >>> plans_of(managers)
    {('manager', 'Ana'): 10.0, ('manager', 'Bo'): 20.0, ('department', 'North'): 30.0}
    """
    planned = managers[managers.plan > 0]
    plans = {
        (UnitColumn.MANAGER.value, str(manager)): float(plan)
        for manager, plan in zip(planned.manager_id, planned.plan, strict=True)
    }
    for department, part in managers[managers.department.notna()].groupby("department", sort=True):
        if (part.plan > 0).all():
            plans[UnitColumn.DEPARTMENT.value, str(department)] = money.total(part.plan)
    return plans


@finds(UNIT_LOSS)
def unit_loss(now: KeyList, managers: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say which units lose how much when an account leaves: share, new concentration, and the plan.

    One row for each unit in which the leaver brings more than the lower edge of the band "watch": the ten largest
    accounts, the key accounts, all key accounts together. Empty when the data name no unit.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    managers : DataFrame
        ``managers`` with their yearly plans; empty where the source has none.
    rules : KeyClients
        Bands.
    """
    plans = plans_of(managers)
    parts = dict(iter(now.units.groupby(["unit_column", "unit"], sort=True)))
    rows = [
        {"name": name, "leaver": leaver.value, "unit_column": column, "unit": unit} | lost
        for name, leaver, ids in departures(now, book_of(now.accounts))
        for column, unit in _units_of(now.units, ids)
        if (lost := _lost_in(parts[column, unit], ids, plans.get((column, unit)), rules))
    ]
    table = UNIT_LOSS.conform(pd.DataFrame(rows, columns=UNIT_LOSS.names))
    has_plan = bool(table.plan.notna().any())
    return Finding(
        "unit_loss",
        say("Which unit misses its plan without the client?"),
        _unit_sentence(table, has_plan),
        table,
        {"units_hit": len(table[["unit_column", "unit"]].drop_duplicates())},
        sub=say(
            "Units in which the client or group brings more than {limit:share0}, last 12 months. Plan: of the manager; "
            "of a department, the sum of its managers' plans.",
            limit=rules.bands.watch,
        ),
        base=say("Base of shares: accounts with net sales above 0 in the unit. Plan met: all net sales of the unit."),
        show=(
            "name",
            "unit",
            "unit_column",
            "net_sales_lost",
            "share_lost",
            "largest_share_after",
            *(("plan_share", "plan_share_after") if has_plan else ()),
        ),
        most_rows=MOST_SHOWN,
        caveats=_plan_caveat(table, has_plan),
        none=say("No client brings more than {limit:share0} of a unit.", limit=rules.bands.watch),
    )


def _units_of(touched: pd.DataFrame, ids: Collection[str]) -> list[tuple[str, str]]:
    found = touched[touched.account_id.isin(list(ids)) & (touched.exact > 0)]
    return sorted(set(zip(found.unit_column, found.unit, strict=True)))


def _lost_in(part: pd.DataFrame, ids: Collection[str], plan: float | None, rules: KeyClients) -> dict[str, object]:
    """Give the terms of one unit, empty where the leaver's share is not above the limit."""
    is_leaving = part.account_id.isin(list(ids)).to_numpy()
    amounts = part.exact.to_numpy()
    positive = amounts > 0
    base, lost = (int(amounts[kept].sum(dtype=object)) for kept in (positive, positive & is_leaving))
    if not money.exceeds(np.array([lost]), base, rules.bands.watch)[0]:
        return {}
    left = amounts[positive & ~is_leaving]
    rest, everything = base - lost, int(amounts.sum(dtype=object))
    return {
        "net_sales_lost": money.units(lost),
        "share_lost": lost / base,
        "largest_share_after": int(left.max()) / rest if rest else np.nan,
        "hhi_after": float(np.square(left / rest).sum()) if rest else np.nan,
        "plan": np.nan if plan is None else plan,
        "plan_share": np.nan if plan is None else money.units(everything) / plan,
        "plan_share_after": np.nan if plan is None else money.units(everything - lost) / plan,
    }


def _unit_sentence(table: pd.DataFrame, has_plan: bool) -> Message:
    clients = table[table.leaver != Leaver.KEY_CLIENTS]
    if clients.empty:
        return say("No single client weighs much in any unit.")
    if has_plan:
        planned = clients[clients.plan.notna()].assign(later=clients.unit_column != UnitColumn.DEPARTMENT)
        if len(planned):
            worst = planned.sort_values(["later", "net_sales_lost"], ascending=[True, False], kind="stable").iloc[0]
            return say(
                "Without {name}, {unit} meets {after:share0} of the plan instead of {before:share0}.",
                name=worst["name"],
                unit=worst.unit,
                after=worst.plan_share_after,
                before=worst.plan_share,
            )
    worst = clients.sort_values("net_sales_lost", ascending=False, kind="stable").iloc[0]
    return say(
        "Without {name}, {unit} loses {share:share} of its net sales.",
        name=worst["name"],
        unit=worst.unit,
        share=worst.share_lost,
    )


def _plan_caveat(table: pd.DataFrame, has_plan: bool) -> list[Caveat]:
    if has_plan or table.empty:
        return []
    return [
        Caveat(say("Plans"), say("The source names no plan of a manager, so it is not said how far one is missed."))
    ]
