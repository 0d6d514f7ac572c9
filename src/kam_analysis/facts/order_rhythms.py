"""How long each customer usually waits between two order days, and when its next order should come."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.params import Actions


def order_rhythms(lines: Engine, calendar: Calendar) -> pd.DataFrame:
    """How long each customer usually waits between two order days, and what it usually buys.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``customer_orders``.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    DataFrame
        customer_id, order_days, last_order_on, low_gap and high_gap (quartiles of the gaps, days), low_before and
        high_before (of the gaps before the last one), last_gap, usual_order (median net sales of an order day in the
        last 12 months), usual_items (up to three, bought on most days of these months and on two at
        least; missing where no item was).
    """
    dates = {"as_of": calendar.as_of, "year_ago": add_months(calendar.as_of, -12)}
    for name in ("order_rhythms", "usual_items"):
        lines.materialise(name, statement(__file__, name), **dates)
    return lines.frame("order_rhythms").merge(lines.frame("usual_items"), how="left", on="customer_id")


def steady(rhythms: pd.DataFrame, rules: Actions, days: str = "order_days", gap: str = "gap") -> pd.DataFrame:
    """Customers with a rhythm of their own: enough order days, and quartiles of the gaps close to each other.

    Parameters
    ----------
    rhythms : DataFrame
        From `order_rhythms`.
    rules : Actions
        ``rhythm_order_days`` at least; quartiles at most twice ``ahead_days`` apart.
    days, gap : str
        Columns looked at: `days`, ``low_<gap>`` and ``high_<gap>``.
    """
    is_close = rhythms[f"high_{gap}"] - rhythms[f"low_{gap}"] <= 2 * rules.ahead_days
    return rhythms[(rhythms[days] >= rules.rhythm_order_days) & is_close]


def expected_orders(rhythms: pd.DataFrame, rules: Actions) -> pd.DataFrame:
    """Steady customers with the days between which their next order should come: `from_on` and `to_on`.

    The first and the third quartile of the own gaps after the last order day; half of the orders of a steady customer
    come in this time.

    Examples
    --------
    >>> rhythms = pd.DataFrame({"customer_id": ["a"], "order_days": [6], "low_gap": [6.5], "high_gap": [8.2],
    ...                         "last_order_on": pd.to_datetime(["2025-01-01"])})
    >>> expected_orders(rhythms, Actions())[["from_on", "to_on"]].astype(str).values.tolist()
    [['2025-01-07', '2025-01-10']]
    """
    told = steady(rhythms, rules)
    last = pd.to_datetime(told["last_order_on"])
    return told.assign(
        from_on=last + pd.to_timedelta(np.floor(told["low_gap"]), unit="D"),
        to_on=last + pd.to_timedelta(np.ceil(told["high_gap"]), unit="D"),
    )
