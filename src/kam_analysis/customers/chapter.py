"""What the cleaning chapter says about who is who."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.customers.contracts import (
    CUSTOMER_CANDIDATES,
    CUSTOMER_GROUPS,
    CUSTOMER_MERGES,
    CUSTOMER_RECORDS,
    RECORD_OWNERS,
    RecordField,
)
from kam_analysis.customers.register import Settled, plausible_tax_id
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, say, say_n
from kam_analysis.params import Cleaning
from kam_analysis.tables import finds

FROM_CUSTOMER = frozenset(("refusal", "complaint", "return"))
OWNER_NUMBERS = ("records_old_share", "records_contacted_share")


@finds(CUSTOMER_MERGES, room="cleaning")
def customer_merges(settled: Settled) -> Finding:
    """Say which records became one customer, why, and how much money moved.

    Parameters
    ----------
    settled : Settled
        From `settle`.

    Returns
    -------
    Finding
        Table ``customer_merges``; numbers merged_records and merged_net_sales.
    """
    table = settled.merges
    numbers = {"merged_records": len(table), "merged_net_sales": money.total(table["net_sales"])}
    return Finding(
        CUSTOMER_MERGES.name,
        say("Which records are one customer?"),
        _merged_sentence(table, numbers["merged_net_sales"]),
        table,
        numbers,
        sub=say(
            "Records with the same tax id, and those the analyst marked as the same; the oldest record gives the id."
        ),
        base=say(
            "Decisions are kept in resolutions.csv beside the exports; a similar name alone never merges records."
        ),
        show=("customer_name", "other_name", "other_id", "reason", "net_sales"),
    )


def _merged_sentence(table: pd.DataFrame, moved: float) -> Message:
    if table.empty:
        return say("Every record is a customer of its own.")
    return say_n(
        "{n:count} record was merged into another, with net sales of {money:money_full}.",
        "{n:count} records were merged into others, with net sales of {money:money_full}.",
        count="n",
        n=len(table),
        money=moved,
    )


@finds(CUSTOMER_CANDIDATES, room="cleaning")
def customer_candidates(settled: Settled) -> Finding:
    """Say which records may be one customer, for a person to decide.

    Returns
    -------
    Finding
        Table ``customer_candidates``, largest net sales first; number candidate_pairs.
    """
    table = settled.candidates
    return Finding(
        CUSTOMER_CANDIDATES.name,
        say("Which records may be one customer?"),
        _candidates_sentence(table),
        table,
        {"candidate_pairs": len(table)},
        sub=say("Similar names without tax ids that distinguish them. Decide: same, different or group."),
        base=say("`kam resolve ID OTHER_ID same` records a decision; or copy the row into resolutions.csv."),
        show=("customer_name", "customer_id", "other_name", "other_id", "score", "reason", "against", "net_sales"),
        caveats=_split_caveat(table),
    )


def _candidates_sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("No names are similar enough to need a decision.")
    return say_n(
        "{n:count} pair of records may be one customer, with net sales of {money:money_full}.",
        "{n:count} pairs of records may be one customer each, the largest with net sales of {money:money_full}.",
        count="n",
        n=len(table),
        money=float(table["net_sales"].iloc[0]),
    )


def _split_caveat(table: pd.DataFrame) -> list[Caveat]:
    if table.empty:
        return []
    return [
        Caveat(
            say("Duplicate records make concentration look smaller"),
            say("A customer recorded twice counts as two smaller ones. Decide the largest pairs first."),
        )
    ]


@finds(CUSTOMER_GROUPS, room="cleaning")
def customer_groups(settled: Settled) -> Finding:
    """Say which customers may be branches of one group that the records do not hold, or only share a name.

    Returns
    -------
    Finding
        Table ``customer_groups``; number suggested_groups.
    """
    table = settled.groups
    count = int(table["group_no"].max()) if len(table) else 0
    return Finding(
        CUSTOMER_GROUPS.name,
        say("Which customers may belong to one group?"),
        say("No names suggest a group that is missing in the records.")
        if table.empty
        else say_n(
            "{n:count} name is shared by several customers: branches of a group, or namesakes.",
            "{n:count} names are shared by several customers each: branches of a group, or namesakes.",
            count="n",
            n=count,
        ),
        table,
        {"suggested_groups": count},
        sub=say("The same name without place and number, different records. They are never merged by name."),
        base=say(
            "`kam resolve ID OTHER_ID group` puts two customers in one parent group; different closes the question."
        ),
        show=("group_no", "customer_name", "customer_id", "parent_id", "net_sales"),
        most_rows=20,
        caveats=_circle_caveat(settled),
    )


def _circle_caveat(settled: Settled) -> list[Caveat]:
    if not settled.circles:
        return []
    text = say(
        "Groups whose members name each other as parent: {n:count}, the first: {ids:names}. Each counts as one group; "
        "correct the records.",
        n=len(settled.circles),
        ids=list(settled.circles[0]),
    )
    return [Caveat(say("Circular parent groups"), text)]


@finds(CUSTOMER_RECORDS, room="cleaning")
def customer_records(settled: Settled) -> Finding:
    """Say how complete and plausible the customers' records are, and whose records have most gaps.

    Over the records of the customers table. Plausible: a tax id has at least seven digits that are no filler, a name
    has a letter; other fields are plausible when filled.

    Returns
    -------
    Finding
        Table ``customer_records``; number records_filled_share, the mean over the fields.
    """
    records = settled.records[settled.records["is_recorded"]]
    question = say("How complete are the customers' records?")
    if records.empty:
        return Finding(
            name=CUSTOMER_RECORDS.name,
            question=question,
            sentence=say("There are no customer records."),
            table=CUSTOMER_RECORDS.empty(),
            numbers={"records_filled_share": None, "records_filled_share_absent": "the source has no customers table"},
            absent=say("Not measurable: the source has no table {table}.", table="customers"),
        )
    table = CUSTOMER_RECORDS.conform(pd.DataFrame([_field(records, field) for field in RecordField]))
    worst = table.sort_values("filled_share", kind="stable").iloc[0]
    filled = float(table["filled_share"].mean())
    return Finding(
        name=CUSTOMER_RECORDS.name,
        question=question,
        sentence=say(
            "The emptiest field is {field}: filled in {share:share0} of {n:count} records.",
            field=RecordField(worst["field"]).label,
            share=float(worst["filled_share"]),
            n=len(records),
        ),
        table=table,
        numbers={"records_filled_share": filled},
        base=say(
            "{n:count} records. A value counts as plausible when it could be true, not when it is.", n=len(records)
        ),
        show=CUSTOMER_RECORDS.names,
    )


def _field(records: pd.DataFrame, field: RecordField) -> dict[str, object]:
    values = records["customer_name" if field is RecordField.NAME else str(field)]
    filled = values.dropna()
    plausible = {
        RecordField.TAX_ID: plausible_tax_id,
        RecordField.NAME: lambda text: any(letter.isalpha() for letter in text),
    }.get(field)
    gaps = records.loc[values.isna(), "manager"].value_counts(sort=False).sort_index()
    return {
        "field": field,
        "filled": len(filled),
        "filled_share": len(filled) / len(records),
        "valid_share": (filled.map(plausible).mean() if plausible else 1.0) if len(filled) else None,
        "worst_owner": gaps.idxmax() if len(gaps) else None,
        "worst_gaps": int(gaps.max()) if len(gaps) else 0,
    }


@finds(RECORD_OWNERS, room="cleaning")
def record_owners(settled: Settled, interactions: pd.DataFrame, as_of: dt.date, rules: Cleaning) -> Finding:
    """Say how well each owner keeps the customers' records, and how many of the customers were contacted lately.

    Over the records of the customers table, by the manager that they name. Old: of the records that say when they
    changed, those not changed in `record_days`. Contacted: a visit, call or other contact in `contact_days`; refusals,
    complaints and returns come from the customer and are none.

    Parameters
    ----------
    settled : Settled
        From `settle`.
    interactions : DataFrame
        ``interactions``; empty where the source has none.
    as_of : date
        Reference date; what is dated on it or later is not looked at.
    rules : Cleaning
        `record_days`, `contact_days`.

    Returns
    -------
    Finding
        Table ``record_owners``, the emptiest records first, ties by name. Numbers records_old_share,
        records_contacted_share.

    Notes
    -----
    Article C: is the customer base used at all?
    """
    records = settled.records[settled.records["is_recorded"]]
    question = say("Who maintains the records, and who uses them?")
    if records.empty:
        return Finding(
            name=RECORD_OWNERS.name,
            question=question,
            sentence=say("There are no customer records."),
            table=RECORD_OWNERS.empty(),
            numbers=absent_numbers(OWNER_NUMBERS, "the source has no customers table"),
            absent=say("Not measurable: the source has no table {table}.", table="customers"),
        )
    became = dict(zip(settled.merges["other_id"], settled.merges["customer_id"], strict=True))
    known = records.assign(customer_id=records["customer_id"].replace(became))
    table = _owners(_kept(known, interactions, pd.Timestamp(as_of), rules))
    old, contacted = _share_of_all(table, "old_share", "dated"), _share_of_all(table, "contacted_share", "records")
    return Finding(
        name=RECORD_OWNERS.name,
        question=question,
        sentence=_owner_sentence(table, len(records), contacted, rules),
        table=table,
        numbers=_owner_numbers(old, contacted),
        sub=say(
            "By the manager in the record. Old: not changed in {old:count} days. Contacted: a visit, call or other "
            "contact in {days:count} days",
            old=rules.record_days,
            days=rules.contact_days,
        ),
        base=say("{n:count} records.", n=len(records)),
        show=[name for name in RECORD_OWNERS.names if name != "dated" and table[name].notna().any()],
        most_rows=20,
    )


def _kept(records: pd.DataFrame, interactions: pd.DataFrame, as_of: pd.Timestamp, rules: Cleaning) -> pd.DataFrame:
    fields = records[["customer_name" if field is RecordField.NAME else str(field) for field in RecordField]]
    changed = records["updated_on"].where(records["updated_on"] < as_of)
    since = as_of - pd.Timedelta(days=rules.contact_days)
    kind = interactions["type"].str.strip().str.lower()
    seen = interactions[(interactions["date"] >= since) & (interactions["date"] < as_of) & ~kind.isin(FROM_CUSTOMER)]
    is_seen = records["customer_id"].isin(seen["customer_id"]).astype("float64")
    return pd.DataFrame(
        {
            "owner": records["manager"],
            "filled": fields.notna().mean(axis=1),
            "is_dated": changed.notna(),
            "is_old": (changed < as_of - pd.Timedelta(days=rules.record_days)).where(changed.notna()).astype("float64"),
            "is_contacted": is_seen if len(interactions) else np.nan,
        }
    )


def _owners(kept: pd.DataFrame) -> pd.DataFrame:
    by_owner = kept.groupby("owner", dropna=False)
    counted = by_owner.agg(
        records=("filled", "size"),
        filled_share=("filled", "mean"),
        dated=("is_dated", "sum"),
        old_share=("is_old", "mean"),
        contacted_share=("is_contacted", "mean"),
    ).reset_index()
    return RECORD_OWNERS.conform(counted.sort_values(["filled_share", "owner"], ignore_index=True))


def _share_of_all(table: pd.DataFrame, name: str, base: str) -> float | None:
    known = table[table[name].notna() & (table[base] > 0)]
    return float((known[name] * known[base]).sum() / known[base].sum()) if len(known) else None


def _owner_numbers(old: float | None, contacted: float | None) -> dict[str, float | str | None]:
    numbers: dict[str, float | str | None] = {}
    reasons = ("no record says when it changed", "the source has no table interactions")
    for name, value, reason in zip(OWNER_NUMBERS, (old, contacted), reasons, strict=True):
        numbers |= absent_numbers([name], reason) if value is None else {name: value}
    return numbers


def _owner_sentence(table: pd.DataFrame, count: int, contacted: float | None, rules: Cleaning) -> Message:
    if contacted is not None:
        return say(
            "Of {n:count} customers with a record {share:share0} were contacted in {days:count} days.",
            n=count,
            share=contacted,
            days=rules.contact_days,
        )
    return say(
        "Of the fields of {n:count} records {share:share0} are filled; whether their customers are contacted cannot be "
        "told without the table interactions.",
        n=count,
        share=float((table["filled_share"] * table["records"]).sum() / count),
    )
