"""Gradient boosting on rolling windows: what customers who looked like this bought afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis.facts.calendar import add_months, month_of
from kam_analysis.facts.models import GammaGamma, ParetoNbd
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.value.known import Known, known_on, sales_after

SETTINGS = {
    "loss": "poisson",
    "learning_rate": 0.05,
    "max_iter": 150,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "early_stopping": False,
}
SEED = 7
MOST_WINDOWS = 3
FEWEST_ROWS = 400
FEWEST_BUYING = 100
EARLY_DAYS = 30.0
Fitted = tuple[ParetoNbd, GammaGamma]
EXPECTED = ("expected_orders", "expected_value", "expected_sales", "alive_chance")


@dataclass(frozen=True)
class Boosted:
    """A boosting fitted to windows that ended before the day.

    Parameters
    ----------
    model : HistGradientBoostingRegressor
        Predicts the net sales of `window_months`.
    window_months : int
        Length of the windows.
    lookback_days : int
        Days before a window that its features may look at: the same for every window and for the prediction.
    level : float
        True over predicted net sales in the latest window.
    window_sales : array
        Predicted net sales of each buyer of the day in the window after it; never below 0.
    """

    model: Any
    window_months: int
    lookback_days: int
    level: float
    window_sales: Floats

    def predict(self, months: int) -> Floats:
        """Predict the net sales of each buyer in the next `months`: those of a window, scaled."""
        return self.window_sales * (months / self.window_months)


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


def features(known: Known, window_months: int, lookback_days: int, fitted: Fitted | None = None) -> pd.DataFrame:
    """What is known of each buyer on a day, as rates, so that long and short histories look alike.

    Order days per day and net sales per day since the first order, silence as a share of the age, silence up to the
    lookback, silence over the mean gap, mean and largest order day, order days and net sales in the last sixth, third,
    two thirds and whole of the lookback, and what Pareto/NBD and Gamma–Gamma expect of the next window; `fitted` to the
    same buyers where that is done already. Rounded to single precision, so that trees split alike on every machine.
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
    whole = table.assign(**table[filled].fillna(0.0), **_expected(known, window_months, fitted))
    return whole.astype(np.float32).astype(np.float64)


def _expected(known: Known, window_months: int, fitted: Fitted | None) -> dict[str, Floats]:
    customers = known.customers.to_numpy(dtype=np.float64)
    spent = np.column_stack([known.buyers["repeats"], known.mean_value])
    if not ((spent > 0).all(axis=1)).any():
        return dict.fromkeys(EXPECTED, np.full(len(customers), np.nan))
    days = (add_months(known.day, window_months) - known.day).days
    purchases, spending = fitted or (ParetoNbd().fit(customers), GammaGamma().fit(spent))
    orders, value = purchases.predict(customers, days), spending.predict(spent)
    return dict(zip(EXPECTED, (orders, value, orders * value, purchases.alive_chance(customers)), strict=True))


def fit_boosting(known: Known, months: int, fitted: Fitted | None = None) -> Boosted | None:
    """Fit a boosting of Poisson loss to the windows before the day, with Pareto/NBD and Gamma–Gamma `fitted` on it.

    Returns
    -------
    Boosted or None
        None where the history holds no window, fewer than 400 rows of buyers or fewer than 100 that bought.

    Notes
    -----
    Settings, length and number of the windows were chosen by rolling origins inside the calibration months of CDNOW
    and Complete Journey, never on their hold-outs.
    """
    if known.buyers.empty:
        return None
    days, length = windows(known.buyers["first_order_on"].min().date(), known.day, months)
    if not days:
        return None
    lookback = (days[-1] - known.buyers["first_order_on"].min().date()).days
    begun = [known_on(known.orders, known.months, day) for day in days]
    later = [sales_after(known.months, then.buyers["customer_id"], then.day, length).clip(min=0.0) for then in begun]
    sales = np.concatenate(later)
    if len(sales) < FEWEST_ROWS or (sales > 0).sum() < FEWEST_BUYING:
        return None
    from sklearn.ensemble import HistGradientBoostingRegressor

    rows = [features(then, length, lookback).to_numpy(dtype=np.float64) for then in begun]
    model = HistGradientBoostingRegressor(random_state=SEED, **SETTINGS).fit(np.concatenate(rows), sales)
    level = float(later[0].sum() / model.predict(rows[0]).sum())
    table = features(known, length, lookback, fitted).to_numpy(dtype=np.float64)
    return Boosted(model, length, lookback, level, model.predict(table) * level)
