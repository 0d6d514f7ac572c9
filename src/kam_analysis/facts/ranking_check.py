"""How well rankings of the silent told, on earlier days, who would order again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from kam_analysis.facts.auc import auc
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.history import history_before
from kam_analysis.facts.rhythm import rhythm

MIN_ORDER_DAYS = 2
CHECK_MONTHS = (3, 1)
MOST_CHECKS = 4
AUCS = ("auc_overdue", "auc_recency", "auc_order_days", "auc_alarm")


def check_days(calendar: Calendar) -> tuple[list[dt.date], int]:
    """Days on which the ranking can be checked: month starts with as much history before as months to wait after.

    At most four, the latest first, without overlap; three months are waited, one where the data do not reach.

    Examples
    --------
    >>> days, months = check_days(Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10)))
    >>> [str(day) for day in days], months
    (['2011-09-01', '2011-06-01', '2011-03-01'], 3)
    """
    if not (complete := calendar.complete_months):
        return [], CHECK_MONTHS[0]
    end = add_months(complete[-1], 1)
    for months in CHECK_MONTHS:
        days = [add_months(end, -months * number) for number in range(1, MOST_CHECKS + 1)]
        if fitting := [day for day in days if add_months(day, -months) >= complete[0]]:
            return fitting, months
    return [], CHECK_MONTHS[-1]


def check_ranking(orders: pd.DataFrame, day: dt.date, months: int) -> dict[str, Any]:
    """Make the ranking with what was known on a day, and see who ordered in the months after.

    Over customers with at least two order days then. One row of ``overdue_backtest``; the AUCs are None when all
    or none of them ordered.
    """
    end = add_months(day, months)
    history = history_before(orders, day)
    measured = rhythm(history["order_days"], history["lifetime_days"], history["recency_days"])
    known = history.assign(order_chance=measured.order_chance, silence_chance=measured.silence_chance)[
        history["order_days"] >= MIN_ORDER_DAYS
    ]
    is_later = (orders["ordered_on"] >= pd.Timestamp(day)) & (orders["ordered_on"] < pd.Timestamp(end))
    ordered = known["customer_id"].isin(orders.loc[is_later, "customer_id"].unique())
    return {
        "ranked_on": day,
        "checked_until": end,
        "buyers": len(known),
        "ordered_share": float(ordered.mean()) if len(known) else None,
        "auc_overdue": auc(known["order_chance"], ordered),
        "auc_recency": auc(-known["recency_days"], ordered),
        "auc_order_days": auc(known["order_days"], ordered),
        "auc_alarm": auc(known["silence_chance"], ordered),
    }


def ranking_checks(orders: pd.DataFrame, calendar: Calendar) -> tuple[pd.DataFrame, int]:
    """Make the check on each of `check_days`, and give with its rows the months waited after each.

    A day after which all or none ordered tells nothing and is left out.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``.
    calendar : Calendar
        At the reference date.
    """
    days, months = check_days(calendar)
    columns = ["ranked_on", "checked_until", "buyers", "ordered_share", *AUCS]
    rows = pd.DataFrame([check_ranking(orders, day, months) for day in days], columns=columns)
    return rows.dropna(subset=list(AUCS), ignore_index=True), months


def beats_recency(means: pd.Series) -> bool:
    """Tell whether the overdue ranking is better than recency alone by what a page shows: two decimals.

    Parameters
    ----------
    means : Series
        AUCs by name.

    Examples
    --------
    >>> beats_recency(pd.Series({"auc_overdue": 0.704, "auc_recency": 0.696}))
    False
    """
    return round(float(means["auc_overdue"]), 2) > round(float(means["auc_recency"]), 2)
