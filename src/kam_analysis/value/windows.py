"""Windows before a day: what the buyers looked like when one began, and what they bought in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis.facts.calendar import add_months, month_of
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.rounding import FEATURE_DIGITS, significant
from kam_analysis.value.known import Known, known_on, sales_after
from kam_analysis.value.purchases import spend_of, without_churn

MOST_WINDOWS = 3
FEWEST_ROWS = 400
FEWEST_BUYING = 100
EARLY_DAYS = 30.0
EXPECTED = ("expected_orders", "expected_value", "expected_sales")


@dataclass(frozen=True)
class Lessons:
    """What buyers looked like when earlier windows began, and what they bought in them.

    Parameters
    ----------
    window_months : int
        Length of the windows.
    lookback_days : int
        Days before a window that its features may look at: the same for every window and for the day.
    then : list of DataFrame
        Features of the buyers at the beginning of each window, the latest first; the customer is the index.
    sales : list of array
        Their net sales in the window, 0 at least.
    now : DataFrame
        Features of the buyers of the day.
    """

    window_months: int
    lookback_days: int
    then: list[pd.DataFrame]
    sales: list[Floats]
    now: pd.DataFrame

    @property
    def rows(self) -> pd.DataFrame:
        """Features of all windows."""
        return pd.concat(self.then)

    @property
    def all_sales(self) -> Floats:
        """Net sales in all windows, in the order of `rows`."""
        return np.concatenate(self.sales)


def windows(first: dt.date, day: dt.date, months: int) -> tuple[list[dt.date], int]:
    """Days on which the windows begin, the latest first, and their length in months.

    A window is a third of the history long, and no longer than what is to be predicted; up to three of them start half
    a window apart, none with less history before it than it is long.

    Examples
    --------
    >>> days, length = windows(dt.date(2023, 1, 1), dt.date(2024, 1, 1), 12)
    >>> [str(day) for day in days], length
    (['2023-09-01', '2023-07-01', '2023-05-01'], 4)
    """
    until, start = month_of(day), month_of(first)
    history = (until.year - start.year) * 12 + until.month - start.month
    length = min(months, history // 3)
    if length < 1:
        return [], 0
    step = max(1, length // 2)
    days = [add_months(until, -length - step * number) for number in range(MOST_WINDOWS)]
    return [begin for begin in days if begin >= add_months(start, length)], length


def features(known: Known, window_months: int, lookback_days: int) -> pd.DataFrame:
    """What is known of each buyer on a day, as rates, so that long and short histories look alike.

    Order days per day and net sales per day since the first order, silence as a share of the age, silence up to the
    lookback, silence over the mean gap, mean and largest order day, order days and net sales in the last sixth, third,
    two thirds and whole of the lookback, and what the own rate (NBD without churn, which every history can tell) and
    the own mean value, shrunk to that of all, expect of the next window. Rounded, so that trees split alike on every
    machine: what is expected to 4 significant digits, the rest to single precision.
    """
    buyers = known.buyers.set_index("customer_id")
    age = buyers["tenure_days"] + EARLY_DAYS
    daily = known.orders.groupby(["customer_id", "ordered_on"], as_index=False)["net_sales"].sum()
    silence, gap = buyers["recency_days"], buyers["lifetime_days"] / buyers["repeats"].where(buyers["repeats"] > 0)
    made = {
        "orders_per_day": buyers["repeats"] / age,
        "sales_per_day": buyers["order_sales"] / age,
        "silent_share": silence / (buyers["tenure_days"] + 1.0),
        "silence": silence.clip(upper=lookback_days),
        "silence_over_gap": silence / gap,
        "mean_day": buyers["order_sales"] / buyers["order_days"],
        "largest_day": daily.groupby("customer_id")["net_sales"].max(),
    }
    ago = (pd.Timestamp(known.day) - daily["ordered_on"]).dt.days
    newer = 0
    for sixths in (1, 2, 4, 6):
        older = max(lookback_days * sixths // 6, 1)
        part = daily[(ago > newer) & (ago <= older)].groupby("customer_id")["net_sales"]
        made |= {f"orders_{sixths}": part.size(), f"sales_{sixths}": part.sum()}
        newer = older
    table = pd.DataFrame(made).reindex(buyers.index)
    filled = [name for name in made if name.startswith(("orders_", "sales_"))]
    whole = table.assign(**table[filled].fillna(0.0), **_expected(known, window_months))
    return whole.astype(np.float32).astype(np.float64)


def _expected(known: Known, window_months: int) -> dict[str, Floats]:
    customers = known.customers.to_numpy(dtype=np.float64)
    days = (add_months(known.day, window_months) - known.day).days
    orders = without_churn(known).expected_orders(customers, days)
    value = spend_of(known, with_fit=False).expected_value(known.buyers["repeats"], known.mean_value)
    expected = (orders, value, orders * value)
    return {name: significant(values, FEATURE_DIGITS) for name, values in zip(EXPECTED, expected, strict=True)}


def lessons_before(known: Known, months: int) -> Lessons | None:
    """Look at the windows before the day.

    Returns
    -------
    Lessons or None
        None where the history holds no window, fewer than 400 rows of buyers or fewer than 100 that bought.

    Notes
    -----
    Length and number of the windows were chosen by rolling origins inside the calibration months of CDNOW and Complete
    Journey, never on their hold-outs.
    """
    if known.buyers.empty:
        return None
    first = known.buyers["first_order_on"].min().date()
    days, length = windows(first, known.day, months)
    if not days:
        return None
    begun = [known_on(known.orders, known.months, day) for day in days]
    sales = [sales_after(known.months, then.buyers["customer_id"], then.day, length).clip(min=0.0) for then in begun]
    if sum(map(len, sales)) < FEWEST_ROWS or sum((part > 0).sum() for part in sales) < FEWEST_BUYING:
        return None
    lookback = (days[-1] - first).days
    rows = [features(then, length, lookback) for then in begun]
    return Lessons(length, lookback, rows, sales, features(known, length, lookback))
