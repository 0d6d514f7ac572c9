"""Regression on rolling windows, and how far to trust it beside Pareto/NBD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis.facts.models.fitting import Floats
from kam_analysis.value.windows import Lessons

PENALTY = 0.01
MOST_STEPS = 300
SLOPE = 1e-10
DECIMALS = 5
WEIGHTS = np.linspace(0.0, 1.0, 21)
LEAST_MEAN = 1e-6


@dataclass(frozen=True)
class Regression:
    """Poisson regression of the net sales of a window on the logarithms of the features.

    Features are standardised and held within the range they were fitted to, so that nobody is extrapolated; a missing
    one is the median. Coefficients are rounded, so that they are alike on every machine.
    """

    middle: pd.Series
    low: Floats
    high: Floats
    mean: Floats
    spread: Floats
    slopes: Floats
    level: float

    @classmethod
    def fit(cls, rows: pd.DataFrame, sales: Floats) -> Regression:
        """Fit with a ridge penalty to features and net sales, some of them above 0."""
        from sklearn.linear_model import PoissonRegressor

        middle, mean_sales = rows.median().fillna(0.0), float(sales.mean())
        logs = _logs(rows, middle)
        mean, spread = logs.mean(axis=0), logs.std(axis=0)
        spread[spread == 0] = 1.0
        poisson = PoissonRegressor(alpha=PENALTY, solver="newton-cholesky", max_iter=MOST_STEPS, tol=SLOPE)
        poisson.fit((logs - mean) / spread, sales / mean_sales)
        slopes, level = np.round(poisson.coef_, DECIMALS), np.exp(np.round(poisson.intercept_, DECIMALS))
        return cls(middle, logs.min(axis=0), logs.max(axis=0), mean, spread, slopes, float(level * mean_sales))

    def predict(self, rows: pd.DataFrame) -> Floats:
        """Predict the net sales of each row in a window."""
        held = _logs(rows, self.middle).clip(self.low, self.high)
        predicted: Floats = np.exp((held - self.mean) / self.spread @ self.slopes) * self.level
        return predicted


@dataclass(frozen=True)
class Regressed:
    """The regression fitted to windows that ended before the day, and its weight beside Pareto/NBD.

    Parameters
    ----------
    window_sales : array
        Predicted net sales of each buyer of the day in the window after it.
    level : float
        True over predicted net sales in the latest window.
    weight : float
        Of the regression in the mixture with Pareto/NBD; the rest is that of Pareto/NBD.
    mixed_level : float
        True over mixed net sales in the latest window.
    """

    window_sales: Floats
    level: float
    weight: float
    mixed_level: float


def best_weight(one: Floats, other: Floats, sales: Floats) -> float:
    """Weight of one prediction in its mixture with another whose Poisson deviance is least, in steps of a twentieth.

    Examples
    --------
    >>> best_weight(np.array([0.0, 8.0]), np.array([4.0, 4.0]), np.array([1.0, 7.0]))  # a mixture of 3 : 1 hits both
    0.75
    """
    mixed = WEIGHTS[:, None] * one + (1 - WEIGHTS[:, None]) * other + LEAST_MEAN * sales.mean()
    return float(WEIGHTS[np.argmin((mixed - sales * np.log(mixed)).sum(axis=1))])


def fit_regression(lessons: Lessons) -> Regressed:
    """Fit the regression to the windows, and its weight to buyers it has not seen.

    Half of the buyers are predicted by a regression on the other half, and the other way round; over them the weight
    makes the deviance of the mixture with Pareto/NBD least.

    Notes
    -----
    Regression, penalty and mixture were chosen by rolling origins inside the calibration months of CDNOW and Complete
    Journey, on Online Retail, Superstore and simulated buyers, never on the hold-outs of the first two.
    """
    rows, sales, expected = lessons.rows, lessons.all_sales, np.concatenate(lessons.expected)
    model = Regression.fit(rows, sales)
    weight = best_weight(_unseen(rows, sales, lessons.now.index), expected, sales)
    latest = model.predict(lessons.then[0])
    mixed = weight * latest + (1 - weight) * lessons.expected[0]
    came = lessons.sales[0].sum()
    return Regressed(model.predict(lessons.now), float(came / latest.sum()), weight, float(came / mixed.sum()))


def _unseen(rows: pd.DataFrame, sales: Floats, buyers: pd.Index) -> Floats:
    is_odd = buyers.get_indexer(rows.index) % 2 == 1
    made = np.zeros(len(rows))
    for fold in (is_odd, ~is_odd):
        made[fold] = Regression.fit(rows[~fold], sales[~fold]).predict(rows[fold])
    return made


def _logs(rows: pd.DataFrame, middle: pd.Series) -> Floats:
    logs = np.log1p(rows.fillna(middle).clip(lower=0.0).to_numpy(dtype=np.float64))
    return logs.astype(np.float32).astype(np.float64)
