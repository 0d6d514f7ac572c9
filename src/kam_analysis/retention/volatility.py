"""Whether the key clients' money comes more steadily than that of the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.key_list import KeyList
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say
from kam_analysis.retention.keys import NOBODY_KEY, accounts_of, key_base, nobody_key
from kam_analysis.retention.period import YEAR
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import GrowthGroup

REVENUE_VOLATILITY = Table(
    "revenue_volatility",
    "one group of accounts over the last 12 complete months",
    (
        col.ACCOUNT_GROUP("Key accounts then, the others, all."),
        col.count("accounts", say("Number"), "With net sales in these months."),
        col.money("mean_month", say("Mean month"), "Net sales of a month."),
        col.money("lowest_month", say("Lowest month"), "Smallest net sales of a month."),
        col.money("highest_month", say("Highest month"), "Largest net sales of a month."),
        col.VARIATION("Standard deviation over mean."),
    ),
    ("group",),
)


NEEDED = 2 * YEAR
GROUPS = (GrowthGroup.KEY, GrowthGroup.OTHER, GrowthGroup.ALL)
NUMBERS = tuple(f"swings.{group}" for group in GROUPS)


@finds(REVENUE_VOLATILITY)
def revenue_volatility(
    months: pd.DataFrame, facts: pd.DataFrame, lists: Mapping[dt.date, KeyList], calendar: Calendar
) -> Finding:
    """How far monthly net sales of the key clients swing around their mean, against the others'.

    Coefficient of variation = standard deviation / mean of the net sales of the last 12 complete months (n − 1 in the
    deviation, months without sales count as 0), for the accounts on the key list before these months, all other
    accounts, and all together; missing where the mean is not above 0. Money is summed exactly.

    Parameters
    ----------
    months, facts : DataFrame
        ``customer_months``, ``customer_facts``.
    lists : mapping of date to KeyList
        From `key_lists`.
    calendar : Calendar
        At the reference date; needs 24 complete months.

    Returns
    -------
    Finding
        Table ``revenue_volatility``; numbers ``swings.key``, ``swings.other``, ``swings.all``. Absent when the data are
        too short or nobody was key.

    Notes
    -----
    Source: article B, the main customers give a stable income and protect from swings.
    """
    question = say("Do the key clients give a stable income?")
    complete = calendar.complete_months
    if len(complete) < NEEDED:
        return _absent(
            question,
            f"fewer than {NEEDED} complete months",
            say("Not measurable: it takes {n:count} complete months.", n=NEEDED),
        )
    start = complete[-YEAR]
    then = lists[start]
    if then.keys.empty:
        return _absent(question, NOBODY_KEY, nobody_key(start))
    year = months[(months["month"] >= pd.Timestamp(start)) & (months["month"] < pd.Timestamp(add_months(start, YEAR)))]
    year = year.assign(account_id=year["customer_id"].map(accounts_of(facts)))
    is_key = year["account_id"].isin(then.keys["account_id"])
    parts = dict(zip(GROUPS, (year[is_key], year[~is_key], year), strict=True))
    table = REVENUE_VOLATILITY.conform(
        pd.DataFrame([{"group": group.value} | _swing(part, complete[-YEAR:]) for group, part in parts.items()])
    )
    numbers: dict[str, Any] = {}
    for name, value in zip(NUMBERS, table["variation"], strict=True):
        numbers |= absent_numbers([name], "mean not above 0") if pd.isna(value) else {name: float(value)}
    return Finding(
        name=REVENUE_VOLATILITY.name,
        question=question,
        sentence=_sentence(numbers),
        table=table,
        numbers=numbers,
        sub=say(
            "Net sales of the last {n:count} complete months; variation: standard deviation over mean. Key clients as "
            "of {day:date}",
            n=YEAR,
            day=start,
        ),
        base=key_base(then),
        show=("group", "accounts", "mean_month", "lowest_month", "highest_month", "variation"),
        caveats=[MANY_SWING_LESS],
    )


MANY_SWING_LESS = Caveat(
    say("Many customers swing less than few"),
    say("The sum of many customers is steadier than that of few, whoever they are; a season moves both alike."),
    Weight.GREEN,
)


def _swing(part: pd.DataFrame, complete: list[Any]) -> dict[str, Any]:
    exact = pd.Series(money.exact(part["net_sales"]), index=part.index, dtype="int64")
    sums = exact.groupby(part["month"]).sum().reindex(pd.to_datetime(complete), fill_value=0) / money.SCALE
    mean, spread = float(sums.mean()), float(sums.std(ddof=1))
    return {
        "accounts": int(part["account_id"].nunique()),
        "mean_month": mean,
        "lowest_month": float(sums.min()),
        "highest_month": float(sums.max()),
        "variation": spread / mean if mean > 0 else np.nan,
    }


def _absent(question: Message, reason: str, absent: Message) -> Finding:
    return Finding(
        name=REVENUE_VOLATILITY.name,
        question=question,
        sentence=say("The swings of the key clients cannot be measured"),
        table=REVENUE_VOLATILITY.empty(),
        numbers=absent_numbers(NUMBERS, reason),
        absent=absent,
    )


def _sentence(numbers: dict[str, Any]) -> Message:
    key, other = numbers[NUMBERS[0]], numbers[NUMBERS[1]]
    if key is None or other is None:
        return say("Swings cannot be compared: one side has no net sales above 0")
    if round(key, 2) == round(other, 2):
        return say("Key clients and the others swing alike: by {key:share0} around the mean", key=key)
    if key < other:
        return say(
            "Key clients give the steadier income: they swing by {key:share0} around the mean, the others by "
            "{other:share0}",
            key=key,
            other=other,
        )
    return say(
        "Key clients do not give the steadier income: they swing by {key:share0} around the mean, the others by "
        "{other:share0}",
        key=key,
        other=other,
    )
