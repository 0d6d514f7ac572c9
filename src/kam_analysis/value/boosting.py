"""Gradient boosting on rolling windows: what customers who looked like this bought afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kam_analysis.facts.models.fitting import Floats
from kam_analysis.value.windows import Lessons

SETTINGS = {
    "loss": "poisson",
    "learning_rate": 0.05,
    "max_iter": 150,
    "max_leaf_nodes": 8,
    "l2_regularization": 1.0,
    "early_stopping": False,
}
FEWEST_ROWS_IN_LEAF = 40
MOST_LEAVES_BY_ROWS = 500
SEED = 7


@dataclass(frozen=True)
class Boosted:
    """A boosting fitted to windows that ended before the day.

    Parameters
    ----------
    model : HistGradientBoostingRegressor
        Predicts the net sales of a window.
    level : float
        True over predicted net sales in the latest window.
    window_sales : array
        Predicted net sales of each buyer of the day in the window after it; never below 0.
    """

    model: Any
    level: float
    window_sales: Floats


def fit_boosting(lessons: Lessons) -> Boosted:
    """Fit a boosting of Poisson loss to the windows, by the features that are known in any.

    A leaf holds at least 40 rows, and a 500th of all where that is more, so that a few giants get no leaf of their own.

    Notes
    -----
    The settings were chosen by rolling origins inside the calibration months of CDNOW and Complete Journey and on
    Online Retail, never on the hold-outs of the first two.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    is_known = lessons.rows.notna().any()
    rows = [table.loc[:, is_known].to_numpy(dtype=np.float64) for table in (*lessons.then, lessons.now)]
    sales = lessons.all_sales
    fewest = max(FEWEST_ROWS_IN_LEAF, len(sales) // MOST_LEAVES_BY_ROWS)
    model = HistGradientBoostingRegressor(random_state=SEED, min_samples_leaf=fewest, **SETTINGS)
    with threadpool_limits(1, user_api="openmp"):  # threads that wait for each other cost more than they bring
        model.fit(np.concatenate(rows[:-1]), sales)
        level = float(lessons.sales[0].sum() / model.predict(rows[0]).sum())
        return Boosted(model, level, model.predict(rows[-1]) * level)
