"""Predictions of the coming sales per customer from what is known on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import add_months, month_of
from kam_analysis.facts.history import history_before
from kam_analysis.facts.lifetime_value import MONTH_DAYS, monthly_sales, orders_for_value
from kam_analysis.params import Facts
from kam_analysis.value.purchases import Floats, Purchases, fit_purchases
from kam_analysis.value.spend import Spend, fit_spend
from kam_analysis.vocabulary import PurchaseFit, ValueModel

QUARTER = 3


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
    """

    day: dt.date
    buyers: pd.DataFrame
    orders: pd.DataFrame
    months: pd.DataFrame

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
    return Known(day, buyers, past_orders, past_months)


@dataclass(frozen=True)
class Fits:
    """The purchase and the value model fitted to what is known on a day."""

    purchases: Purchases
    spend: Spend

    @property
    def is_identified(self) -> bool:
        """Whether BG/NBD and Gamma–Gamma are both identified."""
        return self.purchases.fit is PurchaseFit.BG_NBD and self.spend.is_identified


def fit_models(known: Known) -> Fits:
    """Fit purchases and value per order day."""
    buyers = known.buyers
    per_day = money.total(buyers["order_sales"]) / int(buyers["order_days"].sum())
    return Fits(
        fit_purchases(buyers["repeats"], buyers["lifetime_days"], buyers["tenure_days"]),
        fit_spend(buyers["repeats"], known.mean_value, per_day, orders_for_value(known.orders)),
    )


def expected_order_days(known: Known, fits: Fits, days: float) -> Floats:
    """Order days of each buyer in the next `days`."""
    buyers = known.buyers
    return fits.purchases.expected_orders(buyers["repeats"], buyers["lifetime_days"], buyers["tenure_days"], days)


def sales_before(known: Known, months: int) -> Floats:
    """Net sales of each buyer in the last `months` calendar months that ended before the day, 0 at least."""
    until = month_of(known.day)
    first = pd.Timestamp(add_months(until, -months))
    is_recent = (known.months["month"] >= first) & (known.months["month"] < pd.Timestamp(until))
    recent = known.months[is_recent].groupby("customer_id")["net_sales"].sum()
    return known.buyers["customer_id"].map(recent).fillna(0.0).clip(lower=0).to_numpy(dtype=np.float64)


def predict(model: ValueModel, known: Known, fits: Fits, months: int, rules: Facts) -> Floats:
    """Predict the net sales of each buyer in the next `months`, in the order of `known.buyers`.

    bg_nbd: expected order days · expected value of an order day · share that returns leave. formula: S·C per month of
    the customer, shrunk, · months. last_quarter: net sales of the last 3 months (or fewer) scaled to `months`. mean:
    mean net sales of the last `months` over all buyers, the same for everybody. Never below 0.
    """
    days = (add_months(known.day, months) - known.day).days
    if model is ValueModel.BG_NBD:
        value = fits.spend.expected_value(known.buyers["repeats"], known.mean_value)
        return np.maximum(0.0, expected_order_days(known, fits, days) * value * known.kept_share)
    if model is ValueModel.FORMULA:
        return np.maximum(0.0, monthly_sales(known.buyers, known.orders, rules) * days / MONTH_DAYS)
    if model is ValueModel.LAST_QUARTER:
        last = min(QUARTER, months)
        return sales_before(known, last) * (months / last)
    return np.full(len(known.buyers), sales_before(known, months).mean())
