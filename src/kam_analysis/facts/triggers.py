"""Dated reasons to call a customer: silences, contracts, refusals, complaints, categories, payments, decline."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis.tables import TRIGGERS
from kam_analysis.vocabulary import Trigger

WON_BACK = ("order", "agreed")
UNDECIDED = "will think"
KINDS = {"refusal": Trigger.REFUSAL, "complaint": Trigger.COMPLAINT, "win-back": Trigger.WIN_BACK}


def contract_triggers(contracts: pd.DataFrame, as_of: dt.date, contract_days: int) -> pd.DataFrame:
    """Customers whose contract ends, has ended without a newer one, or must be given notice of soon.

    Of a customer's contracts the one with the latest end counts, ties by the latest start; no end means open, and is
    no trigger. The trigger is dated by the end, ahead or behind, so it stays one trigger until the contract is renewed.

    Parameters
    ----------
    contracts : DataFrame
        ``contracts``; empty where the source has none. A contract that ends before it starts is left out.
    as_of : date
        First day not analysed.
    contract_days : int
        A contract that ends, or whose last day of notice (end − notice days) lies, within so many days is a trigger;
        exactly so many days ahead still is.

    Returns
    -------
    DataFrame
        ``triggers``.

    Examples
    --------
    >>> contracts = pd.DataFrame({"customer_id": ["a", "b", "c"], "start": pd.to_datetime(["2025-01-01"] * 3),
    ...     "end": pd.to_datetime(["2025-12-31", "2026-03-31", "2026-09-30"]), "notice": [None, None, 240.0]})
    >>> contract_triggers(contracts, dt.date(2025, 12, 1), 90)["customer_id"].tolist()
    ['a', 'c']
    """
    on, window = pd.Timestamp(as_of), pd.Timedelta(days=contract_days)
    last = latest_contracts(contracts)
    last = last[last["end"].notna()]
    notice_on = last["end"] - pd.to_timedelta(last["notice"].astype("float64").fillna(0.0), unit="D")
    is_due = (last["end"] <= on + window) | ((notice_on >= on) & (notice_on <= on + window))
    chosen = last[is_due].assign(trigger=Trigger.CONTRACT.value, cause=None)
    return _table(chosen.rename(columns={"end": "triggered_on"}))


def latest_contracts(contracts: pd.DataFrame) -> pd.DataFrame:
    """Of every customer the contract with the latest end, ties by the latest start; no end is the latest of all.

    A contract that ends before it starts is left out.

    Examples
    --------
    >>> contracts = pd.DataFrame({"customer_id": ["a", "a", "b"], "start": pd.to_datetime(["2025-01-01"] * 3),
    ...     "end": pd.to_datetime(["2025-12-31", None, "2024-12-31"])})
    >>> latest_contracts(contracts)["end"].isna().tolist()
    [True]
    """
    sound = contracts[contracts["end"].isna() | ~(contracts["end"] < contracts["start"])]
    ordered = sound.sort_values(["end", "start"], na_position="last", kind="stable")
    return ordered.groupby("customer_id", sort=True).tail(1)


def contact_triggers(
    interactions: pd.DataFrame, last_order_on: pd.Series, as_of: dt.date, open_days: int, answer_days: int
) -> pd.DataFrame:
    """Customers who refused, complained or withstood a win-back since their last order, or whose case is open.

    A case counts when it is dated on or after the day of the last order; a case without a closing date also when it is
    at most `open_days` old, where the source records closings of its kind at all. A win-back fails with any result but
    an order or an agreement; "will think", and a result that nobody wrote down, after `answer_days`.

    Parameters
    ----------
    interactions : DataFrame
        ``interactions``; those dated at or after `as_of` are not known yet.
    last_order_on : Series
        Date of the last order by customer id; a customer without one has no trigger.
    as_of : date
        First day not analysed.
    open_days, answer_days : int
        How long an open case counts, and how long an undecided win-back waits.

    Returns
    -------
    DataFrame
        ``triggers``: the latest case of each kind, its reason or result as the cause.

    Examples
    --------
    >>> cases = pd.DataFrame({"customer_id": ["a", "a"], "type": "refusal", "reason": ["price", "quality"],
    ...     "date": pd.to_datetime(["2025-05-01", "2025-03-01"]), "closed": pd.NaT, "result": None})
    >>> last = pd.Series(pd.to_datetime(["2025-04-01"]), index=["a"])
    >>> contact_triggers(cases, last, dt.date(2025, 6, 1), 90, 30)[["trigger", "cause"]].values.tolist()
    [['refusal', 'price']]
    """
    on = pd.Timestamp(as_of)
    cases = interactions[interactions["type"].isin(list(KINDS)) & (interactions["date"] < on)]
    last = last_order_on.reindex(cases["customer_id"]).to_numpy()
    known = cases.assign(last_order_on=last).dropna(subset=["last_order_on"])
    closes = known["type"].isin(set(interactions["type"][interactions["closed"].notna()]))
    is_open = closes & ~(known["closed"] < on) & (known["date"] >= on - pd.Timedelta(days=open_days))
    is_since = known["date"] >= known["last_order_on"]
    result = known["result"].astype("str").str.strip().str.lower().where(known["result"].notna(), "")
    is_waiting = result.isin(["", UNDECIDED]) & (known["date"] > on - pd.Timedelta(days=answer_days))
    is_won = result.isin(WON_BACK) | is_waiting
    counts = (is_since | is_open) & ~((known["type"] == "win-back") & is_won)
    is_win_back = known["type"] == "win-back"
    found = known[counts].assign(
        trigger=known["type"].map({kind: trigger.value for kind, trigger in KINDS.items()}),
        cause=known["result"].where(is_win_back, known["reason"]),
    )
    latest = found.sort_values(["date", "cause"], kind="stable").groupby(["customer_id", "trigger"]).tail(1)
    return _table(latest.rename(columns={"date": "triggered_on"}))


def silence_triggers(chances: pd.DataFrame, last_order_on: pd.Series) -> pd.DataFrame:
    """Customers whose silence is unusual, or who are likely to be silent on; dated by their last order.

    Parameters
    ----------
    chances : DataFrame
        ``customer_chances``.
    last_order_on : Series
        Date of the last order by customer id.

    Returns
    -------
    DataFrame
        ``triggers``.

    Examples
    --------
    >>> chances = pd.DataFrame({"customer_id": ["a", "b"], "is_unusual_silence": [True, False],
    ...                         "is_likely_silent": [True, False]})
    >>> silence_triggers(chances, pd.Series(pd.to_datetime(["2025-04-01"]), index=["a"]))["trigger"].tolist()
    ['likely_silent', 'unusual_silence']
    """
    flags = {Trigger.UNUSUAL_SILENCE: "is_unusual_silence", Trigger.LIKELY_SILENT: "is_likely_silent"}
    found = [chances[chances[flag]].assign(trigger=trigger.value) for trigger, flag in flags.items()]
    rows = pd.concat(found, ignore_index=True)
    return _table(rows.assign(triggered_on=last_order_on.reindex(rows["customer_id"]).to_numpy(), cause=None))


def category_triggers(tested: pd.DataFrame) -> pd.DataFrame:
    """Customers who no longer buy from a category: the one with the most net sales in its last year, ties by name.

    Parameters
    ----------
    tested : DataFrame
        From `tested_categories`.

    Returns
    -------
    DataFrame
        ``triggers``, dated by the last order of the category.
    """
    silent = tested[tested["is_silent"]].assign(trigger=Trigger.CATEGORY.value)
    ordered = silent.sort_values(["net_sales_year", "category"], ascending=[False, True])
    first = ordered.drop_duplicates("customer_id")
    return _table(first.rename(columns={"category": "cause", "last_on": "triggered_on"}))


def payment_triggers(payments: pd.DataFrame, as_of: dt.date, overdue_days: int) -> pd.DataFrame:
    """Customers with a payment that is open more than `overdue_days` after its due date; dated by the earliest of them.

    A payment is open while less than its amount is paid: nothing, or less than all, before `as_of`.

    Parameters
    ----------
    payments : DataFrame
        ``payments``; empty where the source has none.
    as_of : date
        First day not analysed.
    overdue_days : int
        Exactly so many days are not yet overdue.

    Returns
    -------
    DataFrame
        ``triggers``, the number of the invoice as the cause.

    Examples
    --------
    >>> payments = pd.DataFrame({"customer_id": ["a", "b"], "due_date": pd.to_datetime(["2025-12-16", "2025-12-17"]),
    ...     "amount": 10.0, "paid_date": pd.NaT, "paid_amount": None, "invoice": "7"})
    >>> payment_triggers(payments, dt.date(2025, 12, 31), 14)["customer_id"].tolist()
    ['a']
    """
    on = pd.Timestamp(as_of)
    paid = payments["paid_amount"].astype("float64").fillna(payments["amount"]).where(payments["paid_date"] < on, 0.0)
    is_late = (on - payments["due_date"]).dt.days > overdue_days
    late = payments[is_late & (payments["amount"] > paid)].sort_values(["due_date", "invoice"], kind="stable")
    first = late.drop_duplicates("customer_id").assign(trigger=Trigger.PAYMENT.value)
    return _table(first.rename(columns={"due_date": "triggered_on", "invoice": "cause"}))


def decline_triggers(declining: pd.DataFrame) -> pd.DataFrame:
    """Customers who still order and decline (`quiet_decline`), as ``triggers``."""
    return _table(declining.assign(trigger=Trigger.DECLINE.value, cause=None))


def task_ids(triggers: pd.DataFrame) -> pd.Series:
    """Give the id of the call that each trigger asks for: customer, trigger and date; it lives until the date changes.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer_id": ["0002"], "trigger": ["contract"],
    ...                      "triggered_on": pd.to_datetime(["2025-09-30"])})
    >>> task_ids(rows).tolist()
    ['0002:contract:2025-09-30']
    """
    days = triggers["triggered_on"].dt.strftime("%Y-%m-%d")
    found: pd.Series = (triggers["customer_id"] + ":" + triggers["trigger"] + ":" + days).astype("str")
    return found


def _table(found: pd.DataFrame) -> pd.DataFrame:
    return TRIGGERS.conform(found.sort_values(["customer_id", "trigger"], ignore_index=True))
