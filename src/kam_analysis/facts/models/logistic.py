"""Logistic regression with a small ridge penalty, alike on every machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.fitting import Floats

RIDGE = 1.0
MOST_STEPS = 50
SHORTEST_STEP = 1e-9
DECIMALS = 6


def chance_of(logits: npt.ArrayLike) -> Floats:
    """Chance with these log odds, 0–1.

    Examples
    --------
    >>> chance_of([0.0]).tolist()
    [0.5]
    """
    odds = np.exp(-np.abs(np.asarray(logits, dtype=np.float64)))
    chance: Floats = np.where(np.asarray(logits) < 0, odds, 1.0) / (1 + odds)
    return chance


def logit(chances: npt.ArrayLike) -> Floats:
    """Log odds of chances strictly between 0 and 1.

    Examples
    --------
    >>> logit([0.5]).tolist()
    [0.0]
    """
    given = np.asarray(chances, dtype=np.float64)
    odds: Floats = np.log(given) - np.log1p(-given)
    return odds


@dataclass(frozen=True)
class Logistic:
    """Coefficients of standardised features; a feature that does not differ has none."""

    mean: Floats
    spread: Floats
    intercept: float
    slopes: Floats

    def logits(self, features: npt.ArrayLike) -> Floats:
        """Log odds of each row, rounded."""
        rows = (np.asarray(features, dtype=np.float64) - self.mean) / self.spread
        odds: Floats = np.round(self.intercept + rows @ self.slopes, DECIMALS)
        return odds


def fit_logistic(features: npt.ArrayLike, happened: npt.ArrayLike, ridge: float = RIDGE) -> Logistic:
    """Fit by Newton steps: Σ ln likelihood − ridge/2 · Σ slope², the features standardised.

    Parameters
    ----------
    features : array-like
        Rows of features, none missing.
    happened : array-like of bool
        Both outcomes occur.
    ridge : float
        Above 0, so that a feature that splits the outcomes has a finite slope.

    Examples
    --------
    >>> model = fit_logistic([[0.0], [1.0], [2.0], [3.0]] * 50, [False, False, True, True] * 50)
    >>> bool(model.logits([[3.0]])[0] > 2 > -2 > model.logits([[0.0]])[0])
    True
    """
    rows, is_true = np.asarray(features, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    spread = np.where(spread > 1e-9 * np.maximum(np.abs(mean), 1.0), spread, np.inf)
    design = np.column_stack([np.ones(len(rows)), (rows - mean) / spread])
    penalty = np.r_[0.0, np.full(rows.shape[1], ridge)]
    share = is_true.mean()
    at: Floats = np.concatenate([[float(logit(share))], np.zeros(rows.shape[1])])
    for _ in range(MOST_STEPS):
        chance = chance_of(design @ at)
        slope = design.T @ (is_true - chance) - penalty * at
        bend = (design.T * (chance * (1 - chance))) @ design + np.diag(penalty + 1e-12)
        step = np.linalg.solve(bend, slope)
        step *= min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-300))
        at = at + step
        if np.abs(step).max() < SHORTEST_STEP:
            break
    at = np.asarray(np.round(at, DECIMALS), dtype=np.float64)
    return Logistic(mean, spread, float(at[0]), at[1:])
