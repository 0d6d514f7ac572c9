"""What the purchase models have in common: fit, expected orders, chance to be a buyer still, intervals."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.estimator import Estimator
from kam_analysis.facts.models.fitting import BOUNDS, Floats, Verdict, climb
from kam_analysis.facts.models.sample import SMALL, Sample
from kam_analysis.facts.rounding import PARAMETER_DECIMALS, significant

MOST_SIMULATED = 1_000_000
FEWEST_DRAWS, MOST_DRAWS = 100, 2_000
INTERVAL_CUSTOMERS = 20_000


class PurchaseModel(Estimator):
    """A model of when customers order and when they leave, by the conventions of scikit-learn.

    Customers are rows of repeats (order days after the first, x), lifetime (days from the first to the last, t) and age
    (days from the first order to the end of the data, T), all in whole days.

    Parameters
    ----------
    seed : int
        For the part of large data that the starts are tried on, and for the draws of the intervals.

    Attributes
    ----------
    parameters_ : dict of str to float
        By their names in the papers, times in days.
    log_likelihood_ : float
        Of all customers, in days; Σx·ln 7 more gives the one in weeks.
    verdict_ : Verdict
        Whether the parameters can be told from the data.
    """

    NAMES: ClassVar[tuple[str, ...]]

    def __init__(self, seed: int = 7) -> None:
        self.seed = seed

    def fit(self, customers: npt.ArrayLike, y: object = None) -> Self:
        """Find the parameters with the highest likelihood: analytic slope, equal rows merged, several starts.

        Raises
        ------
        ValueError
            When a row is impossible, see `Sample.of`.
        """
        sample = Sample.of(customers)
        sketch = sample.sketch(self.seed)
        self.top_ = climb(
            lambda at: self._loss(sample, at),
            self._starts(max(sample.pooled_rate, 1e-6)),
            None if sketch is None else lambda at: self._loss(sketch, at),
            1.0 if sketch is None else sample.customers / sketch.customers,
            sample.customers < SMALL,
        )
        self.parameters_ = dict(zip(self.NAMES, map(float, self.top_.parameters), strict=True))
        self.log_likelihood_ = self.top_.log_likelihood
        self.verdict_: Verdict = self.top_.verdict
        self.n_features_in_ = 3
        return self

    def predict(self, customers: npt.ArrayLike, next_days: float = 365.0) -> Floats:
        """Give the expected order days of each customer in the next `next_days`."""
        sample, row = self._told(customers)
        return self._expected(sample, self.top_.at, next_days)[row]

    def alive_chance(self, customers: npt.ArrayLike) -> Floats:
        """Give the probability that each customer still buys, 0–1."""
        sample, row = self._told(customers)
        return self._alive(sample, self.top_.at)[row]

    def interval(self, customers: npt.ArrayLike, next_days: float = 365.0, level: float = 0.95) -> Floats:
        """Give the lower and the upper bound of the order days of each customer in the next `next_days`.

        Quantiles of order days drawn for the customer with drawn parameters, so that both the spread of buying and
        what is not known about the parameters count.

        Returns
        -------
        array
            Two columns, one row per customer.
        """
        sample, row = self._told(customers)
        rng = np.random.default_rng(self.seed)
        draws = self._parameter_draws(self._draws(len(sample.count)), rng)
        drawn = np.array([self._simulated(sample, at, next_days, rng) for at in draws])
        found: Floats = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0).T[row]
        return found

    def total_interval(
        self, customers: npt.ArrayLike, next_days: float = 365.0, level: float = 0.95
    ) -> tuple[float, float]:
        """Give the lower and the upper bound of all customers' order days together in the next `next_days`.

        Parameters are drawn from their normal approximation around the top, and order days with them. Of more than
        20,000 customers a part is drawn, and its spread carried over.
        """
        sample, _ = self._told(customers)
        rng = np.random.default_rng(self.seed)
        part, times = sample.people(INTERVAL_CUSTOMERS, rng)
        draws = self._parameter_draws(self._draws(len(part.count)), rng)
        if times == 1:
            totals = np.array([self._simulated(part, at, next_days, rng).sum() for at in draws])
        else:
            share = np.array([self._expected(part, at, next_days).sum() for at in draws])
            share = share / self._expected(part, self.top_.at, next_days).sum()
            one, other = (self._simulated(part, self.top_.at, next_days, rng) for _ in range(2))
            chance = float(((one - other) ** 2).sum()) / 2 * times
            totals = share * float(self._expected(sample, self.top_.at, next_days) @ sample.count)
            totals = totals + np.sqrt(chance) * rng.normal(size=len(draws))
        low, high = significant(np.quantile(totals, [(1 - level) / 2, (1 + level) / 2]))
        return float(low), float(high)

    def _expected(self, sample: Sample, at: Floats, horizon_days: float) -> Floats:
        return self._alive(sample, at) * self._expected_if_alive(sample, at, horizon_days)

    def _parameter_draws(self, draws: int, rng: np.random.Generator) -> Floats:
        values, axes = np.linalg.eigh(self.top_.hessian)
        # The symmetric root is one and the same however the axes are turned, which the processor decides.
        root = np.round(axes / np.sqrt(np.maximum(values, 1e-2)) @ axes.T, PARAMETER_DECIMALS)
        drawn = self.top_.at + rng.normal(size=(draws, len(values))) @ root
        found: Floats = np.clip(np.round(drawn, PARAMETER_DECIMALS), *BOUNDS)
        return found

    def _told(self, customers: npt.ArrayLike) -> tuple[Sample, npt.NDArray[np.int64]]:
        self._check_is_fitted()
        return Sample.indexed(customers)

    def _draws(self, rows: int) -> int:
        return int(np.clip(MOST_SIMULATED // max(rows, 1), FEWEST_DRAWS, MOST_DRAWS))

    @abstractmethod
    def _starts(self, pooled_rate: float) -> list[Floats]: ...

    @abstractmethod
    def _loss(self, sample: Sample, at: Floats) -> tuple[float, Floats]: ...

    @abstractmethod
    def _alive(self, sample: Sample, at: Floats) -> Floats: ...

    @abstractmethod
    def _expected_if_alive(self, sample: Sample, at: Floats, horizon_days: float) -> Floats: ...

    @abstractmethod
    def _simulated(self, sample: Sample, at: Floats, horizon_days: float, rng: np.random.Generator) -> Floats: ...
