"""Which buyers of one period ordered again in the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis.facts.calendar import Calendar, add_months


@dataclass(frozen=True)
class Retained:
    """Counts of buyers around the day t that starts a period of P months.

    Parameters
    ----------
    start_on : date
        t, first day of the period.
    months : int
        P, length of the period and of the base before it.
    base, active, new, kept : int
        S, buyers with an order in [t−P, t); E, with an order in [t, t+P); N, whose first order lies in [t, t+P);
        and the buyers of S who are in E.

    Examples
    --------
    >>> year = Retained(dt.date(2024, 1, 1), 12, base=100, active=110, new=30, kept=70)
    >>> year.crr_formula, year.retained_share, year.reactivated, year.end_on
    (0.8, 0.7, 10, datetime.date(2025, 1, 1))
    """

    start_on: dt.date
    months: int
    base: int
    active: int
    new: int
    kept: int

    @property
    def end_on(self) -> dt.date:
        """First day after the period."""
        return add_months(self.start_on, self.months)

    @property
    def reactivated(self) -> int:
        """Old buyers of the period who were silent in the base, E − N − |S∩E|."""
        return self.active - self.new - self.kept

    @property
    def crr_formula(self) -> float | None:
        """Customer retention rate (E − N)/S: counts returners as retained and can pass 1; None without a base."""
        return (self.active - self.new) / self.base if self.base else None

    @property
    def retained_share(self) -> float | None:
        """Share of the base that ordered again, |S∩E|/S, 0–1; None without a base."""
        return self.kept / self.base if self.base else None


def retained(orders: pd.DataFrame, start_on: dt.date, months: int, base_months: int | None = None) -> Retained:
    """Count who stayed from [t−P, t) to [t, t+P).

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders`` of all history before t+P at least; later orders are ignored.
    start_on, months
        t and P.
    base_months : int, optional
        Length of the base [t−W, t) where it is not P: the window in which a buyer counts as active before.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "b", "c"],
    ...     "ordered_on": pd.to_datetime(["2024-01-05", "2024-02-05", "2024-01-31", "2024-02-01"])})
    >>> retained(orders, dt.date(2024, 2, 1), 1)
    Retained(start_on=datetime.date(2024, 2, 1), months=1, base=2, active=2, new=1, kept=1)
    """
    groups = buyer_groups(orders, start_on, months, base_months)
    return Retained(
        start_on,
        months,
        base=int(groups["was_active"].sum()),
        active=int(groups["is_active"].sum()),
        new=int(groups["is_new"].sum()),
        kept=int((groups["was_active"] & groups["is_active"]).sum()),
    )


def last_retained(orders: pd.DataFrame, calendar: Calendar, wanted_months: int | None = None) -> Retained | None:
    """Count who stayed in the last period; None where the data hold no complete base.

    The period ends with the last complete month; its length P is the longest of 12, 3 and 1 months (or exactly
    `wanted_months`) for which the base is not before the first complete month.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a"], "ordered_on": pd.to_datetime(["2024-01-05"])})
    >>> last_retained(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 10))).retained_share
    0.0
    """
    period = calendar.retention_period(wanted_months)
    return retained(orders, *period) if period else None


def buyer_groups(orders: pd.DataFrame, start_on: dt.date, months: int, base_months: int | None = None) -> pd.DataFrame:
    """For each customer with an order before the end of the period: active before, active now, new.

    The base is [t−P, t), or [t−W, t) with `base_months` W.

    Returns
    -------
    DataFrame
        By customer_id: was_active (order in [t−P, t)), is_active (order in [t, t+P)), is_new (first order in it).

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a"], "ordered_on": pd.to_datetime(["2024-02-01"])})
    >>> buyer_groups(orders, dt.date(2024, 2, 1), 1).values.tolist()
    [[False, True, True]]
    """
    before, start, end = (pd.Timestamp(add_months(start_on, shift)) for shift in (-(base_months or months), 0, months))
    known = orders.loc[orders["ordered_on"] < end, ["customer_id", "ordered_on"]]
    customer, ids = pd.factorize(known["customer_id"], sort=True)
    day = known["ordered_on"].to_numpy()
    was_active, is_active, is_old = (
        np.bincount(customer[chosen], minlength=len(ids)) > 0
        for chosen in ((day >= before) & (day < start), day >= start, day < start)
    )
    index = pd.Index(ids, name="customer_id")
    return pd.DataFrame({"was_active": was_active, "is_active": is_active, "is_new": ~is_old}, index=index)
