"""How much a customer spends per order day: Gamma–Gamma, and the shrunk mean where it cannot be identified."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.value.purchases import Floats, Verdict, highest, verdict

STARTS = ((1.0, 2.0), (6.0, 4.0), (2.0, 8.0))


@dataclass(frozen=True)
class GammaGamma:
    """Gamma–Gamma: values of one customer gamma distributed (p), their scale between customers too (q, gamma).

    Source: Fader, Hardie and Lee (2005).
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float
    verdict: Verdict

    @property
    def is_identified(self) -> bool:
        """Identified, and with a finite mean between customers (q > 1)."""
        return self.verdict.is_identified and self.q > 1

    def expected_value(self, repeats: npt.ArrayLike, mean_value: npt.ArrayLike) -> Floats:
        """Give the value of an order day: p(gamma + x·m)/(p·x + q − 1); the mean of all for x = 0 or m ≤ 0."""
        x, mean = (np.asarray(values, dtype=np.float64) for values in (repeats, mean_value))
        known = np.where((x > 0) & (mean > 0), x, 0.0)
        return self.p * (self.gamma + known * np.where(known > 0, mean, 0.0)) / (self.p * known + self.q - 1)


def fit_gamma_gamma(repeats: npt.ArrayLike, mean_value: npt.ArrayLike) -> GammaGamma:
    """Fit Gamma–Gamma by maximum likelihood over customers with a repeat and a positive mean value.

    Parameters
    ----------
    repeats, mean_value : array-like
        Order days after the first, and mean net sales of those days. At least one customer must qualify.
    """
    x, mean = (np.asarray(values, dtype=np.float64) for values in (repeats, mean_value))
    is_told = (x > 0) & (mean > 0)
    sample = _Sample(x[is_told], mean[is_told])
    typical = float(sample.mean.mean())
    starts = [np.log([p, q, typical * (q - 1) / p]) for p, q in STARTS]
    best, likelihood = highest(sample.loss, starts)
    p, q, gamma = (float(value) for value in np.exp(best))
    return GammaGamma(p, q, gamma, likelihood, verdict(lambda at: sample.loss(at)[1], best))


@dataclass(frozen=True)
class _Sample:
    repeats: Floats
    mean: Floats

    def loss(self, at: Floats) -> tuple[float, Floats]:
        from scipy.special import gammaln, psi

        p, q, gamma = np.exp(at)
        x, mean = self.repeats, self.mean
        both, total = p * x + q, np.log(gamma + x * mean)
        value = gammaln(both) - gammaln(p * x) - gammaln(q) + q * np.log(gamma) - both * total
        value = value + (p * x - 1) * np.log(mean) + p * x * np.log(x)
        by_p = x * (psi(both) - psi(p * x) + np.log(mean) + np.log(x) - total)
        by_q = psi(both) - psi(q) + np.log(gamma) - total
        by_gamma = q / gamma - both / (gamma + x * mean)
        return -float(value.sum()), -np.array([by_p.sum() * p, by_q.sum() * q, by_gamma.sum() * gamma])


@dataclass(frozen=True)
class Spend:
    """The value model that the data can carry: Gamma–Gamma, or the customer's own mean pulled towards that of all.

    Parameters
    ----------
    gamma_gamma : GammaGamma, optional
        The fit, also where it is not identified; None where no customer qualifies.
    overall_mean : float
        Net sales per order day over all customers.
    days_for_trust : float
        k: a customer's own mean over n repeat days weighs n/(n+k).
    """

    gamma_gamma: GammaGamma | None
    overall_mean: float
    days_for_trust: float

    @property
    def is_identified(self) -> bool:
        """Whether Gamma–Gamma serves."""
        return self.gamma_gamma is not None and self.gamma_gamma.is_identified

    def expected_value(self, repeats: npt.ArrayLike, mean_value: npt.ArrayLike) -> Floats:
        """Give the expected net sales of an order day of each customer."""
        if self.gamma_gamma is not None and self.is_identified:
            return self.gamma_gamma.expected_value(repeats, mean_value)
        x, mean = (np.asarray(values, dtype=np.float64) for values in (repeats, mean_value))
        weight = np.where(mean > 0, x / (x + self.days_for_trust), 0.0)
        return weight * mean + (1 - weight) * self.overall_mean


def fit_spend(repeats: npt.ArrayLike, mean_value: npt.ArrayLike, overall_mean: float, days_for_trust: float) -> Spend:
    """Fit Gamma–Gamma and keep it where it is identified, else the customer's mean shrunk to that of all.

    Examples
    --------
    >>> fit_spend([0, 0], [0.0, 0.0], 25.0, 2.0).expected_value([0, 2], [0.0, 75.0]).tolist()
    [25.0, 50.0]
    """
    is_told = (np.asarray(repeats) > 0) & (np.asarray(mean_value) > 0)
    return Spend(
        fit_gamma_gamma(repeats, mean_value) if is_told.any() else None, overall_mean, max(days_for_trust, 1e-9)
    )
