"""How many orders a customer will make: BG/NBD, and what serves where its churn cannot be identified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.rhythm import RhythmFit, fit_rhythm
from kam_analysis.vocabulary import PurchaseFit

BOUNDS = (-8.0, 12.0)
MOST_CONDITION = 1e6
STARTS = ((0.3, 0.5, 2.0), (1.0, 1.0, 1.0), (1.0, 0.2, 5.0), (4.0, 1.0, 8.0))

Floats = npt.NDArray[np.float64]
Loss = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Verdict:
    """Whether the parameters of a fit can be told from the data.

    Parameters
    ----------
    at_bound : bool
        A parameter ran to the edge of its range.
    condition : float
        Largest over smallest curvature of the likelihood in the logarithms of the parameters; infinite where it is
        not curved downwards in every direction.
    """

    at_bound: bool
    condition: float

    @property
    def is_identified(self) -> bool:
        """Hessian positive definite, condition number below 10⁶, no parameter at its bound."""
        return not self.at_bound and self.condition < MOST_CONDITION


def verdict(slope_at: Callable[[Floats], Floats], best: Floats) -> Verdict:
    """Judge a maximum by the curvature around it, from central differences of the slope."""
    step = 1e-4
    hessian = np.array(
        [(slope_at(best + move) - slope_at(best - move)) / (2 * step) for move in step * np.eye(len(best))]
    )
    curvatures = np.linalg.eigvalsh((hessian + hessian.T) / 2)
    at_bound = bool(np.any((best < BOUNDS[0] + 0.01) | (best > BOUNDS[1] - 0.01)))
    return Verdict(at_bound, float(curvatures[-1] / curvatures[0]) if curvatures[0] > 0 else np.inf)


def highest(loss: Loss, starts: list[Floats]) -> tuple[Floats, float]:
    """Give the best of several L-BFGS-B runs on logarithms of the parameters; `loss` is minus the log-likelihood."""
    from scipy.optimize import minimize

    options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7}
    runs = [
        minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[BOUNDS] * len(start), options=options)
        for start in starts
    ]
    best = min(runs, key=lambda run: run.fun)
    return best.x, -float(best.fun)


@dataclass(frozen=True)
class BgNbd:
    """Beta-geometric/NBD: gamma order rates (r, alpha in days), beta chance to leave after an order (a, b).

    Source: Fader, Hardie and Lee (2005).
    """

    r: float
    alpha_days: float
    a: float
    b: float
    log_likelihood: float
    verdict: Verdict

    def alive_chance(self, repeats: npt.ArrayLike, lifetime_days: npt.ArrayLike, age_days: npt.ArrayLike) -> Floats:
        """Give the probability that each customer still buys, 0–1; 1 for a customer with one order day.

        1 / (1 + a/(b+x−1) · ((alpha+T)/(alpha+t))^(r+x)) for x > 0.
        """
        x, last, age = (np.asarray(values, dtype=np.float64) for values in (repeats, lifetime_days, age_days))
        odds = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        odds = odds + (self.r + x) * (np.log(self.alpha_days + age) - np.log(self.alpha_days + last))
        return np.where(x > 0, np.exp(-np.logaddexp(0, odds)), 1.0)

    def expected_orders(
        self, repeats: npt.ArrayLike, lifetime_days: npt.ArrayLike, age_days: npt.ArrayLike, horizon_days: float
    ) -> Floats:
        """Give the expected order days of each customer in the next `horizon_days`."""
        from scipy.special import hyp2f1

        x, age = (np.asarray(values, dtype=np.float64) for values in (repeats, age_days))
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        left = (self.alpha_days + age) / (self.alpha_days + age + horizon_days)
        power = hyp2f1(a - 1, a + self.b - 1 - self.r, a + self.b + x - 1, 1 - left) * left ** (a - 1)
        orders = (a + self.b + x - 1) / (a - 1) * (1 - power)
        return np.maximum(orders, 0.0) * self.alive_chance(repeats, lifetime_days, age_days)


def fit_bg_nbd(repeats: npt.ArrayLike, lifetime_days: npt.ArrayLike, age_days: npt.ArrayLike) -> BgNbd:
    """Fit BG/NBD by maximum likelihood: analytic slope, merged rows, several starts, verdict.

    Parameters
    ----------
    repeats, lifetime_days, age_days : array-like of int
        Per customer: order days after the first (x), days from the first to the last (t), days from the first order to
        the end of the data (T). At least one customer with a repeat.

    Returns
    -------
    BgNbd
        Log-likelihood in days; Σx·ln 7 more gives the one in weeks.
    """
    sample = _Sample.of(repeats, lifetime_days, age_days)
    pooled = float(sample.count @ sample.repeats / (sample.count @ sample.age))
    starts = [np.log([r, r / pooled, a, b]) for r, a, b in STARTS]
    best, likelihood = highest(sample.loss, starts)
    r, alpha, a, b = (float(value) for value in np.exp(best))
    return BgNbd(r, alpha, a, b, likelihood, verdict(lambda at: sample.loss(at)[1], best))


@dataclass(frozen=True)
class _Sample:
    repeats: npt.NDArray[np.int64]
    last: Floats
    age: Floats
    count: Floats

    @classmethod
    def of(cls, repeats: npt.ArrayLike, lifetime_days: npt.ArrayLike, age_days: npt.ArrayLike) -> _Sample:
        x, last, age = (np.asarray(values, dtype=np.int64) for values in (repeats, lifetime_days, age_days))
        span = int(age.max()) + 1
        codes, counts = np.unique((x * span + last) * span + age, return_counts=True)
        return cls(
            codes // span**2, (codes // span % span).astype(float), (codes % span).astype(float), counts.astype(float)
        )

    def loss(self, at: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(at)
        x, steps = self.repeats, np.arange(self.repeats.max())
        has_repeat = x > 0
        until_end, until_last = np.log(alpha + self.age), np.log(alpha + self.last)
        ahead = np.maximum(x, 1) + b - 1
        gone = np.where(has_repeat, np.log(a) - np.log(ahead) + (r + x) * (until_end - until_last), -np.inf)
        rising = _summed(np.log(r + steps))[x] + r * np.log(alpha)
        staying = _summed(np.log(b + steps) - np.log(a + b + steps))[x]
        value = rising + staying - (r + x) * until_end + np.logaddexp(0, gone)
        share = np.exp(-np.logaddexp(0, -gone))
        both = _summed(1 / (a + b + steps))[x]
        by_r = _summed(1 / (r + steps))[x] + np.log(alpha) - until_end + share * (until_end - until_last)
        by_alpha = r / alpha - (r + x) * ((1 - share) / (alpha + self.age) + share / (alpha + self.last))
        by_a = share / a - both
        by_b = _summed(1 / (b + steps))[x] - both - share / ahead
        slope = np.array(
            [self.count @ by_r * r, self.count @ by_alpha * alpha, self.count @ by_a * a, self.count @ by_b * b]
        )
        return -float(self.count @ value), -slope


def _summed(terms: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(terms)])


@dataclass(frozen=True)
class Purchases:
    """The purchase model that the data can carry: BG/NBD, NBD without churn, or one rate for all.

    Parameters
    ----------
    fit : PurchaseFit
        Which one serves.
    bg_nbd : BgNbd, optional
        The fit, also where it is not identified; None where nobody ordered on two days.
    without_churn : RhythmFit
        NBD and pooled rate.
    """

    fit: PurchaseFit
    bg_nbd: BgNbd | None
    without_churn: RhythmFit

    def expected_orders(
        self, repeats: npt.ArrayLike, lifetime_days: npt.ArrayLike, age_days: npt.ArrayLike, horizon_days: float
    ) -> Floats:
        """Give the expected order days of each customer in the next `horizon_days`."""
        x, age = (np.asarray(values, dtype=np.float64) for values in (repeats, age_days))
        if self.fit is PurchaseFit.BG_NBD and self.bg_nbd is not None:
            return self.bg_nbd.expected_orders(repeats, lifetime_days, age_days, horizon_days)
        rates = self.without_churn
        if rates.shape is not None and rates.rate_days is not None:
            return (rates.shape + x) / (rates.rate_days + age) * horizon_days
        return np.full(x.shape, (rates.pooled_rate or 0.0) * horizon_days)

    def alive_chance(self, repeats: npt.ArrayLike, lifetime_days: npt.ArrayLike, age_days: npt.ArrayLike) -> Floats:
        """Give the probability that each customer still buys; missing where churn is not identified."""
        if self.fit is PurchaseFit.BG_NBD and self.bg_nbd is not None:
            return self.bg_nbd.alive_chance(repeats, lifetime_days, age_days)
        return np.full(np.shape(repeats), np.nan)


def fit_purchases(repeats: npt.ArrayLike, lifetime_days: npt.ArrayLike, age_days: npt.ArrayLike) -> Purchases:
    """Fit BG/NBD and keep it where it is identified, else NBD without churn, else the pooled rate.

    Parameters as in `fit_bg_nbd`. Nobody with a repeat: a pooled rate of 0.

    Examples
    --------
    >>> fit_purchases([0, 0], [0, 0], [30, 60]).expected_orders([0], [0], [30], 365).tolist()
    [0.0]
    """
    x, age = np.asarray(repeats), np.asarray(age_days)
    without_churn = fit_rhythm(x + 1, age)
    bg_nbd = fit_bg_nbd(repeats, lifetime_days, age_days) if x.any() else None
    if bg_nbd is not None and bg_nbd.verdict.is_identified:
        fit = PurchaseFit.BG_NBD
    else:
        fit = PurchaseFit.POOLED if without_churn.shape is None else PurchaseFit.NBD
    return Purchases(fit, bg_nbd, without_churn)
