"""What a newer export of customers would change: new, same and conflicting records, field by field."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import pandas as pd

from kam_analysis.customers.names import taken_apart
from kam_analysis.customers.register import SEPARATOR, tax_key
from kam_analysis.customers.similarity import similarity

COLUMNS = ("kind", "customer_id", "other_id", "field", "before", "after")
NAME_DIFFERS_BELOW = 1.0
NOTHING_CHANGED = "nothing was changed: put the newer export in the place of the older one, and run again"


class Kind(StrEnum):
    """What a newer record is to the register."""

    NEW = "new"
    SAME = "same"
    CONFLICTING = "conflicting"


def upsert_plan(before: pd.DataFrame, after: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Hold newer customer records against those that are known.

    A newer record is found by its id (merged ids too), else by its plausible tax id. Found, it conflicts in every field
    that both fill differently; a field that only the newer one fills is a conflict with nothing before. Values that
    differ only in blanks, and names that differ only in case, quotes or letters of another script, are the same.

    Parameters
    ----------
    before, after : DataFrame
        ``customers`` as known and as newly exported.
    register : DataFrame
        ``customer_register``.

    Returns
    -------
    DataFrame
        kind (new, same, conflicting), customer_id in the register (the record's own where new), other_id as exported,
        field, before, after; one row per record, and per differing field where conflicting; in order of the export.

    Examples
    --------
    >>> known = pd.DataFrame({"customer_id": ["1", "2"], "name": ["ООО Ромашка", "Beta"],
    ...                       "tax_id": ["7701234567", None]})
    >>> newer = pd.DataFrame({"customer_id": ["1", "9", "5"], "name": ["Ромашка ООО", "Romashka", "Gamma"],
    ...                       "tax_id": ["7701234567", "7701234567", None]})
    >>> ids = known.assign(other_ids=None)[["customer_id", "other_ids"]]
    >>> upsert_plan(known, newer, ids)[["kind", "customer_id", "other_id"]].values.tolist()
    [['same', '1', '1'], ['same', '1', '9'], ['new', '5', '5']]
    """
    became: dict[str, str] = {
        other: first
        for first, others in zip(register["customer_id"], register["other_ids"], strict=True)
        for other in (first, *(others.split(SEPARATOR) if isinstance(others, str) else ()))
    }
    held_as = before["customer_id"].map(lambda name: became.get(name, name))
    by_tax: dict[str | None, str] = {
        told: first for first, tax_id in zip(held_as, before["tax_id"], strict=True) if (told := tax_key(tax_id))
    }
    known = before.assign(id=held_as).groupby("id").first()
    rows: list[tuple[object, ...]] = []
    for record in after.to_dict("records"):
        own = str(record["customer_id"])
        found = became.get(own) or by_tax.get(tax_key(record["tax_id"]))
        if found is None or found not in known.index:
            rows.append((Kind.NEW, own, own, None, None, None))
            continue
        held = known.loc[found]
        differing: list[tuple[object, ...]] = [
            (Kind.CONFLICTING, found, own, field, _text(held[field]), _text(record[field]))
            for field in after.columns
            if field != "customer_id" and field in known.columns and _differs(field, held[field], record[field])
        ]
        rows += differing or [(Kind.SAME, found, own, None, None, None)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("object")


def told(plan: pd.DataFrame, most: int = 30) -> str:
    """Say what a newer export would change: counts, then the differences, at most `most` of them."""
    records = plan.drop_duplicates("other_id")["kind"].value_counts()
    counts = ", ".join(f"{int(records.get(kind, 0)):,} {kind}" for kind in Kind)
    conflicts = plan[plan["kind"] == Kind.CONFLICTING]
    lines = [
        f"{row['customer_id']}{'' if row['other_id'] == row['customer_id'] else _as(row['other_id'])}, "
        f"{row['field']}: {row['before'] or 'nothing'} -> {row['after']}"
        for row in conflicts.head(most).to_dict("records")
    ]
    if len(conflicts) > most:
        lines.append(f"and {len(conflicts) - most:,} more differences")
    return "\n".join([f"records: {counts}", *lines, NOTHING_CHANGED])


def _as(other_id: str) -> str:
    return f" ({other_id} in the export: the same tax id, or merged)"


def _text(value: Any) -> str | None:
    if value is None or pd.isna(value):
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)


def _differs(field: str, held: Any, newer: Any) -> bool:
    one, other = _text(held), _text(newer)
    if other is None or one == other:
        return False
    if one is None:
        return True
    if field == "name":
        return similarity(taken_apart(one), taken_apart(other)).score < NAME_DIFFERS_BELOW
    return re.sub(r"\W", "", one).upper() != re.sub(r"\W", "", other).upper()
