"""Regression on rolling windows: what customers who looked like this bought afterwards, as a smooth function."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis.facts.models.fitting import Floats
from kam_analysis.value.windows import Lessons

PENALTY = 0.01
LEAST_VARIATION = 0.01
MOST_STEPS = 300
SLOPE = 1e-10
DECIMALS = 5


@dataclass(frozen=True)
class Regression:
    """Poisson regression of the net sales of a window on the logarithms of the features.

    Features are standardised and held within the range they were fitted to, so that nobody is extrapolated; one that
    hardly differs (standard deviation under 1 % of its mean) is left out, a missing one is the median. Coefficients are
    rounded, so that they are alike on every machine.
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
        spread[spread <= LEAST_VARIATION * mean] = np.inf
        poisson = PoissonRegressor(alpha=PENALTY, solver="newton-cholesky", max_iter=MOST_STEPS, tol=SLOPE)
        poisson.fit((logs - mean) / spread, sales / mean_sales)
        slopes, level = np.round(poisson.coef_, DECIMALS), np.exp(np.round(poisson.intercept_, DECIMALS))
        return cls(middle, logs.min(axis=0), logs.max(axis=0), mean, spread, slopes, float(level * mean_sales))

    def predict(self, rows: pd.DataFrame) -> Floats:
        """Predict the net sales of each row in a window."""
        held = _logs(rows, self.middle).clip(self.low, self.high)
        predicted: Floats = np.exp((held - self.mean) / self.spread @ self.slopes) * self.level
        return predicted


def fit_regression(lessons: Lessons) -> Floats:
    """Net sales of each buyer of the day in a window, as a regression on the earlier windows has it.

    At the level of the latest window: predicted and true net sales agree in it.

    Notes
    -----
    Regression and penalty were chosen by rolling origins inside the calibration months of CDNOW and Complete Journey,
    on Online Retail, Superstore and simulated buyers, never on the hold-outs of the first two.
    """
    model = Regression.fit(lessons.rows, lessons.all_sales)
    level = float(lessons.sales[0].sum() / model.predict(lessons.then[0]).sum())
    return model.predict(lessons.now) * level


def _logs(rows: pd.DataFrame, middle: pd.Series) -> Floats:
    logs = np.log1p(rows.fillna(middle).clip(lower=0.0).to_numpy(dtype=np.float64))
    found: Floats = logs.astype(np.float32).astype(np.float64)
    return found
