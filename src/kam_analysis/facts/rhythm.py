"""How often each buyer orders, and how surprising its present silence is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.rounding import FINE_DIGITS, LIKELIHOOD_DECIMALS, PARAMETER_DECIMALS, significant

LARGEST_SHAPE = 1e5
STARTING_SHAPES = (0.2, 1.0, 5.0)
STEPS, LAST_STEPS = 200, 4
NEAR_TOP = 1e-3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RhythmFit:
    """How the order rates of the buyers differ: a gamma distribution, or one pooled rate.

    Parameters
    ----------
    shape, rate_days : float, optional
        a and b of the gamma distribution of orders per day; None when the pooled rate serves.
    pooled_rate : float, optional
        Repeat orders per day over all buyers; None when nobody ordered on two days.
    log_likelihood : float, optional
        Of the gamma distribution, or of the pooled rate when that serves.
    """

    shape: float | None
    rate_days: float | None
    pooled_rate: float | None
    log_likelihood: float | None

    @property
    def is_pooled(self) -> bool:
        """Whether one rate serves for everybody because the rates do not differ measurably."""
        return self.shape is None and self.pooled_rate is not None


@dataclass(frozen=True)
class Rhythm:
    """Per buyer, in the order of the input; NaN for customers without an order and when no rate can be known.

    Parameters
    ----------
    gap_survival_probability : ndarray
        Probability that a customer with this rate is silent this long, 0–1.
    fit : RhythmFit
        How the order rates differ.
    """

    gap_survival_probability: Floats
    fit: RhythmFit


def rhythm(order_days: npt.ArrayLike, lifetime_days: npt.ArrayLike, recency_days: npt.ArrayLike) -> Rhythm:
    """How likely each buyer's present silence is.

    With n order days over T days from the first to the last and r days since, order rates gamma distributed: chance of
    the silence = ((b+T)/(b+T+r))^(a+n−1), a and b from `fit_rhythm`; where all rates are alike exp(−rate·r) with the
    pooled rate.

    Parameters
    ----------
    order_days : array-like
        Days with an order, n; 0 or missing for a customer without an order.
    lifetime_days : array-like
        Days from the first to the last order, T.
    recency_days : array-like
        Days since the last order, r.

    Returns
    -------
    Rhythm
        Chances to 6 significant digits. Missing where a customer has no order, and everywhere when nobody ordered on
        two days.

    Examples
    --------
    >>> found = rhythm([5, 5, 1, 0], [40, 360, 0, np.nan], [60, 60, 60, np.nan])
    >>> bool(found.gap_survival_probability[0] < found.gap_survival_probability[1])
    True
    >>> bool(np.isnan(found.gap_survival_probability[3]))
    True
    """
    days, lifetime, recency = (
        np.asarray(values, dtype=np.float64) for values in (order_days, lifetime_days, recency_days)
    )
    is_buyer = days > 0
    fit = fit_rhythm(days[is_buyer], lifetime[is_buyer])
    chance = np.full(days.shape, np.nan)
    if fit.pooled_rate is None:
        return Rhythm(chance, fit)
    repeats, lifetime, recency = days[is_buyer] - 1, lifetime[is_buyer], recency[is_buyer]
    chance[is_buyer] = _silence(fit, fit.pooled_rate, repeats, lifetime, recency)
    return Rhythm(significant(chance), fit)


def _silence(fit: RhythmFit, pooled_rate: float, repeats: Floats, lifetime: Floats, recency: Floats) -> Floats:
    if fit.shape is None or fit.rate_days is None:
        return np.exp(-pooled_rate * recency)
    return np.exp(-(fit.shape + repeats) * np.log1p(recency / (fit.rate_days + lifetime)))


def fit_rhythm(order_days: npt.ArrayLike, lifetime_days: npt.ArrayLike) -> RhythmFit:
    """Fit the gamma distribution of order rates by maximum likelihood.

    Maximises Σ [ln Γ(a+n−1) − ln Γ(a) + a ln b − (a+n−1) ln(b+T)] over buyers by Newton steps on ln a and ln b from
    several starts; they are rounded to 7 decimals, so that they are the same on every processor. A buyer with one order
    day and T = 0 adds nothing to it. With the time since the first order as T it is the likelihood of repeat orders
    without churn (NBD).

    Parameters
    ----------
    order_days, lifetime_days : array-like
        n ≥ 1 and T in whole days, one per buyer.

    Returns
    -------
    RhythmFit
        With the pooled rate Σ(n−1)/ΣT instead of a and b where the likelihood runs to its bound (a above 10⁵, or
        no better than the pooled rate), and with nothing when nobody ordered on two days.

    Examples
    --------
    >>> fit_rhythm([1, 1], [0, 0]).pooled_rate is None
    True
    >>> fit_rhythm([3, 3, 3], [20, 20, 20]).pooled_rate
    0.1
    """
    repeats = np.asarray(order_days, dtype=np.float64) - 1
    lifetime = np.asarray(lifetime_days, dtype=np.float64)
    is_told = lifetime > 0
    if not (repeats[is_told] > 0).any():
        return RhythmFit(None, None, None, None)
    sample = _merged(repeats[is_told].astype(np.int64), lifetime[is_told].astype(np.int64))
    pooled = float(sample.count @ sample.repeats / (sample.count @ sample.lifetime))
    pooled_likelihood = float(sample.count @ (sample.repeats * np.log(pooled) - pooled * sample.lifetime))
    starts = [np.log([shape, shape / pooled]) for shape in STARTING_SHAPES]
    best = np.round(max((_climb(sample, start) for start in starts), key=sample.likelihood), PARAMETER_DECIMALS)
    likelihood = sample.likelihood(best)
    shape, days = significant(np.exp(best), FINE_DIGITS)
    if shape > LARGEST_SHAPE or likelihood <= pooled_likelihood + 1e-6:
        return RhythmFit(None, None, pooled, round(pooled_likelihood, LIKELIHOOD_DECIMALS))
    return RhythmFit(float(shape), float(days), pooled, round(likelihood, LIKELIHOOD_DECIMALS))


def _merged(repeats: npt.NDArray[np.int64], lifetime: npt.NDArray[np.int64]) -> _Sample:
    span = int(lifetime.max()) + 1
    codes, counts = np.unique(repeats * span + lifetime, return_counts=True)
    return _Sample(codes // span, (codes % span).astype(np.float64), counts.astype(np.float64))


@dataclass(frozen=True)
class _Sample:
    repeats: npt.NDArray[np.int64]
    lifetime: Floats
    count: Floats

    def likelihood(self, at: Floats) -> float:
        shape, days = np.exp(at)
        rising = _summed(np.log(shape + np.arange(self.repeats.max())))[self.repeats]
        shrinking = shape * np.log1p(self.lifetime / days) + self.repeats * np.log(days + self.lifetime)
        return float(self.count @ (rising - shrinking))

    def slope_and_bend(self, at: Floats) -> tuple[Floats, Floats]:
        shape, days = np.exp(at)
        inverse = 1 / (shape + np.arange(self.repeats.max()))
        first, second = (_summed(inverse**power)[self.repeats] for power in (1, 2))
        until = days + self.lifetime
        events = shape + self.repeats
        by_shape = shape * (self.count @ (first - np.log1p(self.lifetime / days)))
        by_days = self.count @ (shape - events * days / until)
        both = shape * (self.count @ (self.lifetime / until))
        slope = np.array([by_shape, by_days])
        bend = np.array(
            [
                [by_shape - shape**2 * (self.count @ second), both],
                [both, -(self.count @ (events * days * self.lifetime / until**2))],
            ]
        )
        return slope, bend


def _summed(terms: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(terms)])


def _climb(sample: _Sample, start: Floats) -> Floats:
    at, height = start, sample.likelihood(start)
    for _ in range(STEPS):
        slope, bend = sample.slope_and_bend(at)
        step = _uphill(slope, bend)
        if np.abs(step).max() < 1e-10 or at[0] > np.log(LARGEST_SHAPE):
            break
        while (reached := sample.likelihood(at + step)) < height and np.abs(step).max() > 1e-12:
            step = step / 2
        if reached < height:
            break
        at, height = at + step, reached
    return _settled(sample, at)


def _settled(sample: _Sample, top: Floats) -> Floats:
    """Take plain Newton steps from a top, which the likelihood's last digits would refuse."""
    at = top
    for _ in range(LAST_STEPS):
        at = at + _uphill(*sample.slope_and_bend(at))
    return at if np.abs(at - top).max() < NEAR_TOP else top


def _uphill(slope: Floats, bend: Floats) -> Floats:
    curvatures, directions = np.linalg.eigh(bend)
    step = directions @ ((directions.T @ slope) / np.maximum(np.abs(curvatures), 1e-9))
    longest = np.abs(step).max()
    shortened: Floats = step if longest <= 2 else step * (2 / longest)
    return shortened
