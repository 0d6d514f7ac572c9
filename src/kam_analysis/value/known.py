"""What is known of the buyers on a day: the feature snapshot of every prediction and back-test."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import add_months, month_of
from kam_analysis.facts.customer_chances import chances_on, gone_customers
from kam_analysis.facts.history import history_before
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.params import Facts


@dataclass(frozen=True)
class Known:
    """What is known of the buyers on a day.

    Parameters
    ----------
    day : date
        Orders and lines on or after it are unknown.
    buyers : DataFrame
        From `history_before`, with net_sales of all their lines and repeats (order days after the first).
    orders, months : DataFrame
        ``customer_orders`` and ``customer_months`` before the day.
    leaving : array
        Lost chance of each buyer on the day; 1 for who has stopped or is lost, 0 where it is not measurable.
    """

    day: dt.date
    buyers: pd.DataFrame
    orders: pd.DataFrame
    months: pd.DataFrame
    leaving: Floats

    def with_leaving(self, rules: Facts, chances: pd.DataFrame | None = None) -> Known:
        """Add the lost chance: from ``customer_chances``, or as it would have been told on the day."""
        told = chances_on(self.orders, self.day, rules) if chances is None else chances
        gone = gone_customers(self.buyers, told, self.day, rules.lost_after_months)
        ids = self.buyers["customer_id"]
        chance = ids.map(told.set_index("customer_id")["lost_chance"]).astype("float64").fillna(0.0)
        return replace(self, leaving=np.where(ids.isin(gone), 1.0, chance))

    @property
    def customers(self) -> pd.DataFrame:
        """Repeats, days from the first to the last order, days since the first: what the purchase models take."""
        return self.buyers[["repeats", "lifetime_days", "tenure_days"]]

    @property
    def mean_value(self) -> pd.Series:
        """Net sales per repeat order day; 0 without a repeat."""
        return self.buyers["repeat_sales"] / self.buyers["repeats"].clip(lower=1)

    @property
    def kept_share(self) -> float:
        """Net sales over the net sales of the orders: what returns outside the orders leave."""
        of_orders = money.total(self.buyers["order_sales"])
        return max(0.0, money.total(self.buyers["net_sales"]) / of_orders) if of_orders > 0 else 1.0


def known_on(orders: pd.DataFrame, months: pd.DataFrame, day: dt.date) -> Known:
    """Cut off everything on or after a day.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a", "a"], "net_sales": [10.0, 20.0],
    ...                        "ordered_on": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    >>> months = pd.DataFrame({"customer_id": ["a", "a"], "net_sales": [10.0, 20.0],
    ...                        "month": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    >>> known_on(orders, months, dt.date(2024, 2, 1)).buyers["net_sales"].tolist()
    [10.0]
    """
    before = pd.Timestamp(day)
    past_orders = orders[orders["ordered_on"] < before]
    past_months = months[months["month"] < before]
    history = history_before(past_orders, day)
    sales = past_months.groupby("customer_id")["net_sales"].sum()
    buyers = history.assign(
        order_sales=history["net_sales"],
        net_sales=history["customer_id"].map(sales).fillna(0.0),
        repeats=history["order_days"] - 1,
        margin=np.nan,
        margin_base=0.0,
    )
    return Known(day, buyers, past_orders, past_months, np.zeros(len(buyers)))


def sales_before(known: Known, months: int) -> Floats:
    """Net sales of each buyer in the last `months` calendar months that ended before the day, 0 at least."""
    until = month_of(known.day)
    first = pd.Timestamp(add_months(until, -months))
    is_recent = (known.months["month"] >= first) & (known.months["month"] < pd.Timestamp(until))
    recent = known.months[is_recent].groupby("customer_id")["net_sales"].sum()
    return known.buyers["customer_id"].map(recent).fillna(0.0).clip(lower=0).to_numpy(dtype=np.float64)


def sales_after(months: pd.DataFrame, customers: pd.Series, day: dt.date, length: int) -> Floats:
    """Net sales of each customer in the `length` months from a day on, 0 where there are none."""
    held = months[(months["month"] >= pd.Timestamp(day)) & (months["month"] < pd.Timestamp(add_months(day, length)))]
    sales = held.groupby("customer_id")["net_sales"].sum()
    return customers.map(sales).fillna(0.0).to_numpy(dtype=np.float64)
