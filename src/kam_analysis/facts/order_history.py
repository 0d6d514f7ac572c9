"""Order days of every customer, and their feature snapshot at any earlier cutoff."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis.facts.calendar import add_months

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def day_number(day: dt.date) -> int:
    """Whole days since 1970.

    Examples
    --------
    >>> day_number(dt.date(1970, 1, 11))
    10
    """
    return day.toordinal() - dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Snapshot:
    """Customers who had not stopped by a day: at least one order in the months before it.

    Parameters
    ----------
    on : date
        Orders on or after it are unknown.
    customer : array of int
        Position in `OrderHistory.customers`.
    order_days, first_day, last_day : array of int
        Order days known, the first and the last of them as day numbers.
    log_gaps_total : array of float
        Σ of the logarithms of the closed gaps between order days.
    """

    on: dt.date
    customer: Ints
    order_days: Ints
    first_day: Ints
    last_day: Ints
    log_gaps_total: Floats

    @property
    def recency(self) -> Ints:
        """Days since the last order, at least 1."""
        return day_number(self.on) - self.last_day

    @property
    def tenure(self) -> Ints:
        """Days since the first order, at least 1."""
        return day_number(self.on) - self.first_day

    @property
    def lifetime(self) -> Ints:
        """Days from the first to the last order: the sum of the closed gaps."""
        return self.last_day - self.first_day

    @property
    def is_repeat(self) -> npt.NDArray[np.bool_]:
        """Whether a customer has at least two order days."""
        return self.order_days > 1

    def only(self, chosen: npt.NDArray[np.bool_] | Ints) -> Snapshot:
        """The same for a part of the customers."""
        customer, order_days, first_day, last_day = (
            values[chosen] for values in (self.customer, self.order_days, self.first_day, self.last_day)
        )
        return Snapshot(self.on, customer, order_days, first_day, last_day, self.log_gaps_total[chosen])


class OrderHistory:
    """Order days per customer, sorted, so that any earlier day is looked up and not computed anew.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``: customer_id, ordered_on.

    Attributes
    ----------
    customers : array of str
        Ids in rising order.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "b"],
    ...                        "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-11", "2024-03-01"])})
    >>> seen = OrderHistory(orders).known_on(dt.date(2024, 2, 1), lost_after_months=12)
    >>> seen.order_days.tolist(), seen.recency.tolist(), seen.lifetime.tolist()
    ([2], [21], [10])
    """

    def __init__(self, orders: pd.DataFrame) -> None:
        codes, ids = pd.factorize(orders["customer_id"], sort=True)
        days = orders["ordered_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
        self._from = int(days.min()) if len(days) else 0
        self._span = int((days - self._from).max(initial=0)) + 1
        self._keys = np.unique(codes.astype(np.int64) * self._span + days - self._from)
        self.customers: npt.NDArray[np.object_] = np.asarray(ids, dtype=object)
        self._days = self._keys % self._span + self._from
        self._begins = np.searchsorted(self._keys, np.arange(len(ids)) * self._span)
        self._gaps = np.diff(self._days, prepend=0)
        is_gap = np.ones(len(self._days), dtype=bool)
        is_gap[self._begins] = False
        logs = np.where(is_gap, np.log(np.where(is_gap, self._gaps, 1)), 0.0)
        self._is_gap, self._log_sums = is_gap, np.concatenate([[0.0], np.cumsum(logs)])

    @property
    def first_on(self) -> dt.date | None:
        """The first order of all; None without one."""
        return dt.date(1970, 1, 1) + dt.timedelta(self._from) if len(self._days) else None

    def known_on(self, day: dt.date, lost_after_months: int | None = None) -> Snapshot:
        """Give customers with an order before a day, and one in the last `lost_after_months` calendar months if given.

        Without an order in those months a customer is *lost* (life cycle).
        """
        ends = self._before(np.arange(len(self.customers)), day_number(day))
        known = np.flatnonzero(ends > self._begins)
        begins, ends = self._begins[known], ends[known]
        last = self._days[ends - 1]
        if lost_after_months is not None:
            active = last >= day_number(add_months(day, -lost_after_months))
            known, begins, ends, last = known[active], begins[active], ends[active], last[active]
        logs = self._log_sums[ends] - self._log_sums[begins]
        return Snapshot(day, known, ends - begins, self._days[begins], last, logs)

    def in_window(self, customer: Ints, start: dt.date, end: dt.date) -> Ints:
        """Order days of each customer in [start, end)."""
        return self._before(customer, day_number(end)) - self._before(customer, day_number(start))

    def median_gap(self, known: Snapshot) -> Floats:
        """Median closed gap of each customer; NaN with one order day.

        Examples
        --------
        >>> days = pd.to_datetime(["2024-01-01", "2024-01-03", "2024-01-13", "2024-02-20"])
        >>> history = OrderHistory(pd.DataFrame({"customer_id": "a", "ordered_on": days}))
        >>> history.median_gap(history.known_on(dt.date(2024, 2, 1), 12)).tolist()
        [6.0]
        """
        is_known = (self._days < day_number(known.on)) & self._is_gap
        owner = self._keys // self._span
        by_size = np.sort(owner[is_known] * self._span + self._gaps[is_known])
        begins = np.searchsorted(by_size, known.customer * self._span)
        gaps = np.searchsorted(by_size, (known.customer + 1) * self._span) - begins
        held = gaps > 0
        low, high = (by_size[begins[held] + place] % self._span for place in ((gaps[held] - 1) // 2, gaps[held] // 2))
        median = np.full(len(gaps), np.nan)
        median[held] = (low + high) / 2
        return median

    def _before(self, customer: Ints, number: int) -> Ints:
        clipped = min(max(number - self._from, 0), self._span)
        return np.searchsorted(self._keys, customer * self._span + clipped)
