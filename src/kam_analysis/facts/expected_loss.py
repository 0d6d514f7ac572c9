"""What a year with a customer is worth, how much of it a silence costs, and the expected loss made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.chance_models import Origin
from kam_analysis.facts.order_history import Ints, day_number

YEAR_MONTHS = 12
Floats = npt.NDArray[np.float64]


class DailySales:
    """Net sales, margin and net sales with a cost of every customer and day, summed exactly over any window.

    Parameters
    ----------
    days : DataFrame
        customer_id, ordered_on, net_sales, margin (missing without a cost), margin_base: one row per customer and day.
    customers : array of str
        Ids in rising order; rows of others are left out.

    Examples
    --------
    >>> days = pd.DataFrame({"customer_id": "a", "ordered_on": pd.to_datetime(["2024-01-01", "2024-02-01"]),
    ...                      "net_sales": [10.0, 20.0], "margin": [np.nan, 5.0], "margin_base": [0.0, 20.0]})
    >>> start, end = day_number(dt.date(2024, 1, 1)), day_number(dt.date(2024, 3, 1))
    >>> [sums.tolist() for sums in DailySales(days, np.array(["a"], dtype=object)).between(np.array([0]), start, end)]
    [[300000], [50000], [200000]]
    """

    def __init__(self, days: pd.DataFrame, customers: npt.NDArray[np.object_]) -> None:
        codes = pd.Index(customers).get_indexer(pd.Index(days["customer_id"]))
        number = days["ordered_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
        self._from = int(number.min()) if len(number) else 0
        self._span = int((number - self._from).max(initial=0)) + 1
        keys = codes * self._span + number - self._from
        order = np.argsort(keys, kind="stable")
        order = order[codes[order] >= 0]
        self._keys = keys[order]
        self._sums = [
            np.concatenate([[0], np.cumsum(money.exact(days[name].fillna(0.0).to_numpy()[order]))])
            for name in ("net_sales", "margin", "margin_base")
        ]

    def between(self, customer: Ints, start: Ints | int, end: Ints | int) -> tuple[Ints, Ints, Ints]:
        """Sums over [start, end) per customer, in ten-thousandths: net sales, margin, net sales with a cost."""
        low, high = (
            np.searchsorted(self._keys, customer * self._span + np.clip(day - self._from, 0, self._span))
            for day in (start, end)
        )
        net, margin, base = (sums[high] - sums[low] for sums in self._sums)
        return net, margin, base


def values_of(net: Ints, margin: Ints, base: Ints) -> Floats:
    """Margin of customers in currency units: their own margin share times their net sales, never below 0.

    Own share = margin/net sales over the lines with a cost; the share of all together where a customer has none; net
    sales themselves where nobody has a cost.

    Parameters
    ----------
    net, margin, base : array of int
        Ten-thousandths, from `DailySales.between`.

    Examples
    --------
    >>> values_of(np.array([300000, 100000]), np.array([50000, 0]), np.array([200000, 0])).tolist()
    [7.5, 2.5]
    """
    covered = int(base.sum())
    if covered <= 0:
        return np.maximum(net, 0) / money.SCALE
    company = int(margin.sum()) / covered
    share = np.where(base > 0, margin / np.where(base > 0, base, 1), company)
    value: Floats = np.round(np.maximum(share * net, 0.0) / money.SCALE, 4)
    return value


def years_value(sales: DailySales, at: Origin) -> Floats:
    """What the last year with each customer brought: lines in (last order − 12 months, last order].

    See `values_of`; in currency units, one value per customer of ``at.known``.
    """
    last = at.known.last_day
    year_before = pd.DatetimeIndex(last.astype("datetime64[D]")) - pd.DateOffset(months=YEAR_MONTHS)
    start = year_before.to_numpy().astype("datetime64[D]").astype(np.int64)
    return values_of(*sales.between(at.known.customer, start + 1, last + 1))


def loss_share(sales: DailySales, origins: Sequence[Origin], as_of: dt.date) -> float | None:
    """How much of a year's value is lost with a customer who stays away for the horizon: some come back.

    Σ max(0, year's value − value of the next 12 months)/Σ year's value over customers who stayed away for the horizon
    at origins at least 12 months before `as_of`.

    Returns
    -------
    float or None
        0–1; None where no origin lies 12 months back or the customers were worth nothing.
    """
    lost = total = 0.0
    for origin in origins:
        if add_months(origin.on, YEAR_MONTHS) > as_of:
            continue
        before = years_value(sales, origin)[origin.stayed_away]
        start, end = day_number(origin.on), day_number(add_months(origin.on, YEAR_MONTHS))
        after = values_of(*sales.between(origin.known.customer, start, end))[origin.stayed_away]
        lost += float(np.maximum(before - after, 0.0).sum())
        total += float(before.sum())
    return round(lost / total, 6) if total > 0 else None


def expected_loss(chance: npt.ArrayLike, value: npt.ArrayLike, share: float) -> Floats:
    """Lost chance × a year's value × the share of it that is lost, in currency units.

    Examples
    --------
    >>> expected_loss([0.5], [1000.0], 0.6).tolist()
    [300.0]
    """
    loss: Floats = np.round(np.asarray(chance) * np.asarray(value) * share, 4)
    return loss
