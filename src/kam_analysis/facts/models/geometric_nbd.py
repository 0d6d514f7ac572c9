"""BG/NBD and MBG/NBD: customers order at their own rate and may leave after any order."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.models.purchase_model import PurchaseModel
from kam_analysis.facts.models.sample import Sample, rising, summed

STARTS = ((0.3, 0.5, 2.0), (1.0, 1.0, 1.0), (1.0, 0.2, 5.0), (30.0, 5.0, 20.0), (0.3, 0.01, 0.1), (0.1, 20.0, 2.0))


class BgNbd(PurchaseModel):
    """Beta-geometric/NBD: gamma order rates (r, alpha in days), beta chance to leave after an order (a, b).

    With odds to have left a/(b+x−1)·((alpha+T)/(alpha+t))^(r+x), a customer still buys with the chance 1/(1 + odds);
    one without a repeat has had no chance to leave: 1.

    Source: Fader, Hardie and Lee (2005), "Counting your customers" the easy way.

    Examples
    --------
    >>> customers = [[0, 0, 90], [0, 0, 60], [1, 20, 80], [4, 70, 90], [2, 30, 75], [6, 60, 62]] * 20
    >>> model = BgNbd().fit(customers)
    >>> bool(model.alive_chance([[4, 20, 90]])[0] < model.alive_chance([[4, 85, 90]])[0])
    True
    """

    NAMES: ClassVar[tuple[str, ...]] = ("r", "alpha_days", "a", "b")
    FIRST_CHANCES: ClassVar[int] = 0

    def _starts(self, pooled_rate: float) -> list[Floats]:
        return [np.log([r, r / pooled_rate, a, b]) for r, a, b in STARTS]

    def _loss(self, sample: Sample, at: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(at)
        x, chances = sample.repeats, sample.repeats + self.FIRST_CHANCES
        until_end, until_last = np.log(alpha + sample.age), np.log(alpha + sample.last)
        gained, gained_by_r = rising(r, x)
        steps = np.arange(chances.max(initial=0))
        both = 1 / (a + b + steps)
        stay = summed(np.log1p(-a * both))[chances]
        both_sum = summed(both)[chances]
        ahead = np.maximum(chances, 1) + b - 1
        odds = np.where(chances > 0, np.log(a / ahead) + (r + x) * (until_end - until_last), -np.inf)
        value = gained + r * np.log(alpha) + stay - (r + x) * until_end + np.logaddexp(0, odds)
        gone = np.where(chances > 0, 1 / (1 + np.exp(-odds)), 0.0)
        by_r = gained_by_r + np.log(alpha) - until_end + gone * (until_end - until_last)
        by_alpha = r / alpha - (r + x) * ((1 - gone) / (alpha + sample.age) + gone / (alpha + sample.last))
        by_a = gone / a - both_sum
        by_b = summed(1 / (b + steps))[chances] - both_sum - gone / ahead
        count = sample.count
        slope = np.array([count @ by_r * r, count @ by_alpha * alpha, count @ by_a * a, count @ by_b * b])
        return -float(count @ value), -slope

    def order_chance(self, customers: npt.ArrayLike, horizon_days: float) -> Floats:
        """Give the probability that each customer orders at least once in the next `horizon_days`.

        The chance that it still buys times 1 − ((alpha+T)/(alpha+T+h))^(r+x): customers leave only after an order, so
        until the next one nothing but the rate counts. Stable also where the parameters are not identified.
        """
        sample, row = self._told(customers)
        r, alpha = self.top_.parameters[:2]
        orders = -np.expm1(-(r + sample.repeats) * np.log1p(horizon_days / (alpha + sample.age)))
        found: Floats = (self._alive(sample, self.top_.at) * orders)[row]
        return found

    def _alive(self, sample: Sample, at: Floats) -> Floats:
        r, alpha, a, b = np.exp(at)
        x, chances = sample.repeats, sample.repeats + self.FIRST_CHANCES
        odds = np.log(a) - np.log(b + np.maximum(chances, 1) - 1)
        odds = odds + (r + x) * (np.log(alpha + sample.age) - np.log(alpha + sample.last))
        return np.where(chances > 0, np.exp(-np.logaddexp(0, odds)), 1.0)

    def _expected_if_alive(self, sample: Sample, at: Floats, horizon_days: float) -> Floats:
        from scipy.special import hyp2f1

        r, alpha, a, b = np.exp(at)
        a = a if abs(a - 1) > 1e-6 else 1 + 1e-6
        b = b + self.FIRST_CHANCES
        x = sample.repeats
        left = (alpha + sample.age) / (alpha + sample.age + horizon_days)
        power = hyp2f1(a - 1, a + b - 1 - r, a + b + x - 1, 1 - left) * left ** (a - 1)
        found: Floats = np.maximum((a + b + x - 1) / (a - 1) * (1 - power), 0.0)
        return found

    def _simulated(self, sample: Sample, at: Floats, horizon_days: float, rng: np.random.Generator) -> Floats:
        r, alpha, a, b = np.exp(at)
        x, chances = sample.repeats, sample.repeats + self.FIRST_CHANCES
        rate = rng.gamma(r + x, 1 / (alpha + sample.age))
        leaving = np.clip(rng.beta(a, b + chances), 1e-12, 1 - 1e-12)
        until_leaving = np.floor(np.log(rng.random(len(x))) / np.log1p(-leaving)) + 1
        orders = np.minimum(rng.poisson(rate * horizon_days), until_leaving)
        return np.where(rng.random(len(x)) < self._alive(sample, at), orders, 0.0)


class MbgNbd(BgNbd):
    """Modified BG/NBD: as BG/NBD, but a customer may leave right after the first order too.

    Odds to have left a/(b+x)·((alpha+T)/(alpha+t))^(r+x), for a customer without a repeat as well.

    Source: Batislam, Denizel and Filiztekin (2007); Wagner and Hoppe (2008).

    Examples
    --------
    >>> model = MbgNbd().fit([[0, 0, 90], [0, 0, 60], [1, 20, 80], [4, 70, 90], [2, 30, 75], [6, 60, 62]] * 20)
    >>> bool(model.alive_chance([[0, 0, 90]])[0] < 1)
    True
    """

    FIRST_CHANCES: ClassVar[int] = 1
