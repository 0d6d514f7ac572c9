"""Pareto/NBD: customers order at their own rate and leave at any moment."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.models.purchase_model import PurchaseModel
from kam_analysis.facts.models.sample import Sample, rising

STARTS = ((0.5, 0.5, 1.0), (1.0, 1.0, 0.3), (0.3, 5.0, 9.0), (30.0, 0.3, 0.3), (0.5, 0.01, 0.03), (100.0, 50.0, 9.0))
NODES, WEIGHTS = (values / 2 for values in np.polynomial.legendre.leggauss(16))
NODES = NODES + 0.5
NEGLIGIBLE = 40.0
CHUNK = 2_048


class ParetoNbd(PurchaseModel):
    """Pareto/NBD: gamma order rates (r, alpha in days), gamma rates to leave (s, beta in days).

    A customer of x repeats until t who was observed until T still buys with the density
    alpha^r·beta^s/((alpha+T)^(r+x)·(beta+T)^s), and has left at u in (t, T) with s·alpha^r·beta^s times the integral of
    (alpha+u)^−(r+x)·(beta+u)^−(s+1).

    Source: Schmittlein, Morrison and Colombo (1987).

    Notes
    -----
    The integral is summed as it stands, over the logarithm of the smaller of alpha+u and beta+u, at 16 Gauss–Legendre
    points: positive terms only, where the usual difference of two hypergeometric functions cancels.

    Examples
    --------
    >>> model = ParetoNbd().fit([[0, 0, 90], [0, 0, 60], [1, 20, 80], [4, 70, 90], [2, 30, 75], [6, 60, 62]] * 20)
    >>> bool(model.alive_chance([[4, 20, 90]])[0] < model.alive_chance([[4, 85, 90]])[0])
    True
    """

    NAMES: ClassVar[tuple[str, ...]] = ("r", "alpha_days", "s", "beta_days")

    def _starts(self, pooled_rate: float) -> list[Floats]:
        return [np.log([r, r / pooled_rate, s, s * spread / pooled_rate]) for r, s, spread in STARTS]

    def _loss(self, sample: Sample, at: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = np.exp(at)
        gained, gained_by_r = rising(r, sample.repeats)
        total, slope = 0.0, np.zeros(4)
        for start in range(0, len(sample.count), CHUNK):
            part = slice(start, start + CHUNK)
            x, age, count = sample.repeats[part], sample.age[part], sample.count[part]
            left, moments = _left(x, sample.last[part], age, at)
            stays = -(r + x) * np.log1p(age / alpha) - s * np.log1p(age / beta)
            both = np.logaddexp(stays, left)
            gone = np.exp(left - both)
            alive = 1 - gone
            total += float(count @ (gained[part] - x * at[1] + both))
            by_r = gained_by_r[part] - alive * np.log1p(age / alpha) - gone * moments[0]
            by_alpha = -x + (r + x) * (alive * age / (alpha + age) + gone * moments[1])
            by_s = gone / s - alive * np.log1p(age / beta) - gone * moments[2]
            by_beta = s * (alive * age / (beta + age)) + gone * ((s + 1) * moments[3] - 1)
            slope += np.array([count @ by_r * r, count @ by_alpha, count @ by_s * s, count @ by_beta])
        return -total, -slope

    def _alive(self, sample: Sample, at: Floats) -> Floats:
        r, alpha, s, beta = np.exp(at)
        parts = []
        for start in range(0, len(sample.count), CHUNK):
            part = slice(start, start + CHUNK)
            x, age = sample.repeats[part], sample.age[part]
            left, _ = _left(x, sample.last[part], age, at)
            stays = -(r + x) * np.log1p(age / alpha) - s * np.log1p(age / beta)
            parts.append(np.exp(stays - np.logaddexp(stays, left)))
        return np.concatenate(parts)

    def _expected_if_alive(self, sample: Sample, at: Floats, horizon_days: float) -> Floats:
        r, alpha, s, beta = np.exp(at)
        longer = np.log1p(horizon_days / (beta + sample.age))
        power = longer if abs(s - 1) < 1e-9 else -np.expm1(-(s - 1) * longer) / (s - 1)
        found: Floats = (r + sample.repeats) / (alpha + sample.age) * (beta + sample.age) * power
        return found

    def _simulated(self, sample: Sample, at: Floats, horizon_days: float, rng: np.random.Generator) -> Floats:
        r, alpha, s, beta = np.exp(at)
        size = len(sample.count)
        rate = rng.gamma(r + sample.repeats, 1 / (alpha + sample.age))
        leaving = rng.gamma(s, 1 / (beta + sample.age))
        until_leaving = rng.exponential(1.0, size) / np.maximum(leaving, 1e-300)
        orders = rng.poisson(rate * np.minimum(until_leaving, horizon_days))
        return np.where(rng.random(size) < self._alive(sample, at), orders, 0).astype(np.float64)


def _left(
    x: npt.NDArray[np.int64], last: Floats, age: Floats, at: Floats
) -> tuple[Floats, tuple[Floats, Floats, Floats, Floats]]:
    """Log of the density of having left, over alpha^−x, and means over the time u of leaving.

    The means are of ln(1+u/alpha), u/(alpha+u), ln(1+u/beta) and u/(beta+u).
    """
    r, alpha, s, beta = np.exp(at)
    is_alpha_less = alpha <= beta
    less, more = (alpha, beta) if is_alpha_less else (beta, alpha)
    orders, leaving = r + x, np.full(len(x), s + 1)
    steep, flat = (orders, leaving) if is_alpha_less else (leaving, orders)
    from_less, from_more = less + last, more + last
    reach = np.log((less + age) / from_less)
    decay = steep - 1 + flat * from_less / from_more
    reach = np.minimum(reach, NEGLIGIBLE / np.maximum(decay, 1e-9))
    y = reach[:, None] * NODES
    gain = np.expm1(y) * from_less[:, None]
    longer = np.log1p(gain / from_more[:, None])
    weight = np.exp((1 - steep)[:, None] * y - flat[:, None] * longer) * WEIGHTS
    mass = weight.sum(axis=1)
    weight /= np.where(mass > 0, mass, 1.0)[:, None]
    u = gain + last[:, None]
    log_less, log_more = (
        np.log1p(last / less) + (weight * y).sum(axis=1),
        np.log1p(last / more) + (weight * longer).sum(axis=1),
    )
    share_less, share_more = (weight * (u / (less + u))).sum(axis=1), (weight * (u / (more + u))).sum(axis=1)
    with np.errstate(divide="ignore"):
        density = (
            np.log(s / beta)
            - orders * np.log1p(last / alpha)
            - (s + 1) * np.log1p(last / beta)
            + np.log(reach * mass * from_less)
        )
    if is_alpha_less:
        return density, (log_less, share_less, log_more, share_more)
    return density, (log_more, share_more, log_less, share_less)
