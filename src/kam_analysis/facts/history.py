"""What was known of every buyer on an earlier day: the feature snapshot of every back-test."""

from __future__ import annotations

import datetime as dt

import pandas as pd


def history_before(orders: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Buyers as they were known on a day: order days, time between them, silence, age.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``.
    day : date
        Orders on or after it are unknown.

    Returns
    -------
    DataFrame
        One row per customer with an order before `day`, by customer_id: orders, order_days, first_order_on,
        last_order_on, lifetime_days (first to last order), recency_days, tenure_days (to `day`), net_sales of the
        orders and repeat_sales, net sales of the orders after the first order day.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "b"], "net_sales": [10.0, 20.0, 5.0],
    ...                        "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-11", "2024-03-01"])})
    >>> history_before(orders, dt.date(2024, 2, 1))[["order_days", "lifetime_days", "recency_days"]].values.tolist()
    [[2, 10, 21]]
    """
    known = orders.loc[orders["ordered_on"] < pd.Timestamp(day), ["customer_id", "ordered_on", "net_sales"]]
    by_customer = known.groupby("customer_id", sort=True)
    first = by_customer["ordered_on"].transform("min")
    later = known["net_sales"].where(known["ordered_on"] > first, 0.0)
    history = by_customer.agg(
        orders=("ordered_on", "size"),
        order_days=("ordered_on", "nunique"),
        first_order_on=("ordered_on", "min"),
        last_order_on=("ordered_on", "max"),
        net_sales=("net_sales", "sum"),
    ).assign(repeat_sales=later.groupby(known["customer_id"], sort=True).sum())
    return history.assign(
        lifetime_days=(history["last_order_on"] - history["first_order_on"]).dt.days,
        recency_days=(pd.Timestamp(day) - history["last_order_on"]).dt.days,
        tenure_days=(pd.Timestamp(day) - history["first_order_on"]).dt.days,
    ).reset_index()
