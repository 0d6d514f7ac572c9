"""Gamma–Gamma: how much a customer spends on an order day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.estimator import Estimator
from kam_analysis.facts.models.fitting import Floats, Verdict, climb
from kam_analysis.facts.models.sample import SKETCH_CUSTOMERS, SKETCH_FROM

STARTS = ((1.0, 2.0), (6.0, 4.0), (2.0, 8.0), (0.5, 1.2))


class GammaGamma(Estimator):
    """Values of one customer gamma distributed (p), their scale between customers too (q, gamma).

    Expected value of an order day p·(gamma + x·m)/(p·x + q − 1), from x repeats with the mean m.

    Parameters
    ----------
    seed : int
        For the part of large data that the starts are tried on.

    Attributes
    ----------
    parameters_ : dict of str to float
        p, q and gamma.
    log_likelihood_ : float
    verdict_ : Verdict

    Source: Fader, Hardie and Lee (2005), RFM and CLV.

    Examples
    --------
    >>> model = GammaGamma().fit([[2, 30.0], [1, 44.0], [5, 12.0], [3, 25.0], [1, 80.0]] * 9)
    >>> bool(model.predict([[1, 80.0]])[0] < 80)
    True
    """

    def __init__(self, seed: int = 7) -> None:
        self.seed = seed

    def fit(self, customers: npt.ArrayLike, y: object = None) -> Self:
        """Find p, q and gamma with the highest likelihood over customers with a repeat and a positive mean.

        Parameters
        ----------
        customers : array-like
            Per customer: order days after the first, and mean net sales of those days.

        Raises
        ------
        ValueError
            When no customer has a repeat and a positive mean.
        """
        x, mean = _columns(customers)
        is_told = (x > 0) & (mean > 0)
        if not is_told.any():
            raise ValueError("no customer has a repeat with a positive mean value")
        sample = _Sample.of(x[is_told], mean[is_told])
        sketch = sample.sketch(self.seed)
        typical = float(sample.mean.mean())
        self.top_ = climb(
            sample.loss,
            [np.log([p, q, typical * max(q - 1, 0.5) / p]) for p, q in STARTS],
            None if sketch is None else sketch.loss,
            1.0 if sketch is None else len(sample.mean) / len(sketch.mean),
        )
        self.parameters_ = dict(zip(("p", "q", "gamma"), map(float, self.top_.parameters), strict=True))
        self.log_likelihood_ = self.top_.log_likelihood
        self.verdict_: Verdict = self.top_.verdict
        self.n_features_in_ = 2
        return self

    @property
    def is_identified(self) -> bool:
        """Whether the parameters can be told, and the mean between customers is finite (q > 1)."""
        self._check_is_fitted()
        return self.verdict_.is_identified and self.parameters_["q"] > 1

    def predict(self, customers: npt.ArrayLike) -> Floats:
        """Give the expected value of an order day: the mean of all where there is no repeat or no positive mean."""
        self._check_is_fitted()
        p, q, gamma = self.parameters_.values()
        x, mean = _columns(customers)
        known = np.where((x > 0) & (mean > 0), x, 0.0)
        return p * (gamma + known * np.where(known > 0, mean, 0.0)) / (p * known + q - 1)


def _columns(customers: npt.ArrayLike) -> tuple[Floats, Floats]:
    rows = np.asarray(customers, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != 2:
        raise ValueError(f"customers are rows of repeats and mean value; this has the shape {rows.shape}")
    return rows[:, 0], rows[:, 1]


@dataclass(frozen=True)
class _Sample:
    distinct: Floats
    place: npt.NDArray[np.int64]
    count: Floats
    mean: Floats
    constant: float
    log_terms: float

    @classmethod
    def of(cls, repeats: Floats, mean: Floats) -> _Sample:
        distinct, place, count = np.unique(repeats, return_inverse=True, return_counts=True)
        logs = float(repeats @ (np.log(mean) + np.log(repeats)))
        return cls(distinct, place, count.astype(np.float64), mean, float(np.log(mean).sum()), logs)

    def sketch(self, seed: int) -> _Sample | None:
        if len(self.mean) <= SKETCH_FROM:
            return None
        part = np.random.default_rng(seed).choice(len(self.mean), SKETCH_CUSTOMERS, replace=False)
        return _Sample.of(self.distinct[self.place[part]], self.mean[part])

    def loss(self, at: Floats) -> tuple[float, Floats]:
        from scipy.special import gammaln, psi

        p, q, gamma = np.exp(at)
        shapes = p * self.distinct
        both, people = shapes + q, len(self.mean)
        spent = self.distinct[self.place] * self.mean
        total = np.log(gamma + spent)
        value = self.count @ (gammaln(both) - gammaln(shapes)) + people * (q * at[2] - gammaln(q))
        value += p * self.log_terms - self.constant - both[self.place] @ total
        totals = np.bincount(self.place, total, len(self.distinct))
        by_p = self.count @ (self.distinct * (psi(both) - psi(shapes))) + self.log_terms - self.distinct @ totals
        by_q = self.count @ psi(both) + people * (at[2] - psi(q)) - float(total.sum())
        by_gamma = people * q / gamma - float((both[self.place] / (gamma + spent)).sum())
        return -float(value), -np.array([by_p * p, by_q * q, by_gamma * gamma])
