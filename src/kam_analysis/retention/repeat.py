"""How many buyers order a second time, and how soon."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, say, say_n
from kam_analysis.params import Retention
from kam_analysis.tables import Table, finds

_BUYERS = col.BUYERS("Buyers the figure stands on.")

REPEAT_RATES = Table(
    "repeat_rates",
    "one length of time since the first order",
    (
        col.count("days", say("Within days"), "h, days after the first order day.", low=1),
        _BUYERS,
        col.count("repeaters", say("Ordered again"), "Second order day within h days."),
        col.share("repeat_rate", say("Repeat rate"), "Ordered again over buyers.", nullable=True),
        col.LOW,
        col.HIGH,
    ),
    ("days",),
)


def second_orders(orders: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Days from the first to the second order day of each buyer, and days observed since the first.

    Two orders of one day are one order day.

    Returns
    -------
    DataFrame
        By customer_id: wait_days (missing without a second order day), observed_days (first order to reference date).

    Examples
    --------
    >>> import datetime as dt
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "a"],
    ...     "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-08"])})
    >>> second_orders(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 1))).values.tolist()
    [[7, 31]]
    """
    as_of = pd.Timestamp(calendar.as_of)
    days = orders.loc[orders["ordered_on"] < as_of, ["customer_id", "ordered_on"]].drop_duplicates()
    by_customer = days.groupby("customer_id", sort=True)["ordered_on"]
    first = by_customer.min()
    is_later = days["ordered_on"] > by_customer.transform("min")
    second = days[is_later].groupby("customer_id")["ordered_on"].min().reindex(first.index)
    return pd.DataFrame({"wait_days": (second - first).dt.days, "observed_days": (as_of - first).dt.days})


def rate_within(waits: pd.DataFrame, days: int) -> dict[str, Any]:
    """Repeat rate in so many days, with its base and its Wilson interval; one row of ``repeat_rates``.

    Buyers whose second order day − first order day ≤ days, among buyers observed for at least so many days.

    Examples
    --------
    >>> waits = pd.DataFrame({"wait_days": [30.0, 31.0, None, 5.0], "observed_days": [90, 90, 30, 29]})
    >>> found = rate_within(waits, 30)
    >>> found["repeaters"], found["buyers"], found["repeat_rate"]
    (1, 3, 0.3333333333333333)
    """
    base = waits[waits["observed_days"] >= days]
    repeaters, buyers = int((base["wait_days"] <= days).sum()), len(base)
    low, high = wilson(repeaters, buyers) if buyers else (None, None)
    return {
        "days": days,
        "buyers": buyers,
        "repeaters": repeaters,
        "repeat_rate": repeaters / buyers if buyers else None,
        "low": low,
        "high": high,
    }


@finds(REPEAT_RATES)
def how_many_repeat(orders: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """How many buyers order a second time within some days of their first order.

    Repeat rate in h days: buyers whose second order day − first order day ≤ h, among buyers with first order + h ≤ the
    reference date; 0–1, with the 95 % Wilson interval. Nobody observed that long: not measurable.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``.
    calendar : Calendar
        At the reference date or at the comparison date.
    rules : params.Retention
        `repeat_days`; a rate over fewer than `min_cell` buyers stands in no sentence.

    Returns
    -------
    Finding
        Table ``repeat_rates``; numbers ``repeat_rate.<h>d`` and ``repeat_rate.<h>d.n``.
    """
    waits = second_orders(orders, calendar)
    rows = [rate_within(waits, days) for days in sorted(set(rules.repeat_days))]
    table = REPEAT_RATES.conform(pd.DataFrame(rows, columns=REPEAT_RATES.names))
    measured = table[table["buyers"] > 0]
    parts = [
        say_n("{share:share} within {days:count} day", "{share:share} within {days:count} days", count="days",
              share=row["repeat_rate"], days=row["days"])
        for row in measured[measured["buyers"] >= rules.min_cell].to_dict("records")
    ]  # fmt: skip
    is_measured = len(measured) > 0
    return Finding(
        name=REPEAT_RATES.name,
        question=say("How many buyers order a second time?"),
        sentence=say("A second order came from {parts:names}", parts=parts)
        if parts
        else say("Too few buyers were observed to tell how many order again")
        if is_measured
        else say("Nobody was observed long enough"),
        table=table,
        numbers=_numbers(rows),
        sub=say("Share of buyers with a second order day; line: 95 % interval"),
        base=say("Buyers observed for the whole time since their first order."),
        drawing="retention.repeat_rates" if is_measured else None,
        absent=None if is_measured else _too_short(min(rules.repeat_days)),
        caveats=_caveats(calendar) if is_measured else [],
    )


def _numbers(rows: list[dict[str, Any]]) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for row in rows:
        name = f"repeat_rate.{row['days']}d"
        rate = row["repeat_rate"]
        reason = f"no buyer was observed for {row['days']} days"
        numbers |= absent_numbers([name], reason) if rate is None else {name: rate}
        numbers[f"{name}.n"] = row["buyers"]
    return numbers


def _too_short(days: int) -> Message:
    return say_n(
        "Not measurable: no buyer was observed for {n:count} day after the first order.",
        "Not measurable: no buyer was observed for {n:count} days after the first order.",
        count="n",
        n=days,
    )


def _caveats(calendar: Calendar) -> list[Caveat]:
    return [
        Caveat(
            say("First orders of old customers"),
            say(
                "The data begin on {day:date}; in the first {n:count} months some first orders are later ones "
                "of old customers.",
                day=calendar.first_order_on,
                n=calendar.censored_months,
            ),
        )
    ]
