"""Dated reasons to call a customer: silences, contracts, refusals, complaints, failed win-backs."""

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
    sound = contracts[contracts["end"].isna() | ~(contracts["end"] < contracts["start"])]
    ordered = sound.sort_values(["end", "start"], na_position="last", kind="stable")
    last = ordered.groupby("customer_id", sort=True).tail(1)
    last = last[last["end"].notna()]
    notice_on = last["end"] - pd.to_timedelta(last["notice"].astype("float64").fillna(0.0), unit="D")
    is_due = (last["end"] <= on + window) | ((notice_on >= on) & (notice_on <= on + window))
    chosen = last[is_due].assign(trigger=Trigger.CONTRACT.value, cause=None)
    return _table(chosen.rename(columns={"end": "triggered_on"}))


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
    known = cases.assign(last_order_on=cases["customer_id"].map(last_order_on)).dropna(subset=["last_order_on"])
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


def silence_triggers(chances: pd.DataFrame, facts: pd.DataFrame, alarm: float, is_ranking: bool) -> pd.DataFrame:
    """Customers whose silence is unusual, or who are likely not to order again within the horizon.

    *Unusual silence*: marked beyond chance. *Likely silent*: two order days and a lost chance of at least `alarm`,
    where the lost chance ranks better than chance; where nobody can be ranked, a silence beyond twice the own median
    gap. Both are dated by the last order, so a new order ends them.

    Parameters
    ----------
    chances : DataFrame
        ``customer_chances``.
    facts : DataFrame
        ``customer_facts``.
    alarm : float
        ``actions.alarm``; exactly so much is a trigger.
    is_ranking : bool
        From ``chance_summary``.

    Returns
    -------
    DataFrame
        ``triggers``.

    Examples
    --------
    >>> chances = pd.DataFrame({"customer_id": ["a", "b"], "lost_chance": [0.5, 0.9],
    ...     "is_unusual_silence": [False, True]})
    >>> facts = pd.DataFrame({"customer_id": ["a", "b"], "order_days": [2, 1], "recency_days": 30, "median_gap_days": 9,
    ...     "last_order_on": pd.Timestamp("2025-12-01")})
    >>> silence_triggers(chances, facts, 0.5, True)[["customer_id", "trigger"]].values.tolist()
    [['a', 'likely_silent'], ['b', 'unusual_silence']]
    """
    known = ["customer_id", "order_days", "recency_days", "median_gap_days", "last_order_on"]
    rows = chances.merge(facts[known], on="customer_id")
    is_long = rows["recency_days"] > 2 * rows["median_gap_days"]
    is_likely = (rows["order_days"] > 1) & (rows["lost_chance"] >= alarm if is_ranking else is_long)
    parts = [(rows["is_unusual_silence"], Trigger.UNUSUAL_SILENCE), (is_likely, Trigger.LIKELY_SILENT)]
    found = [rows[is_so].assign(trigger=trigger.value, cause=None) for is_so, trigger in parts]
    return _table(pd.concat(found).rename(columns={"last_order_on": "triggered_on"}))


def _table(found: pd.DataFrame) -> pd.DataFrame:
    return TRIGGERS.conform(found.sort_values(["customer_id", "trigger"], ignore_index=True))
