"""Gaps between order days as gamma draws: one shape for all customers, a rate of one's own for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.fitting import Floats, Verdict, climb
from kam_analysis.facts.models.sample import SMALL

STARTS = ((1.0, 1.0), (3.0, 2.0), (0.7, 10.0))
DIGITS = 4


@dataclass(frozen=True)
class GammaRenewal:
    """Gaps of a customer are gamma distributed with one shape; the rates are gamma distributed over customers.

    Parameters
    ----------
    shape : float
        Of the gaps: 1 is Poisson, above 1 more regular than that.
    rate_shape, rate_days : float
        Of the customers' rates.
    verdict : Verdict
        Whether the three can be told from the data.
    """

    shape: float
    rate_shape: float
    rate_days: float
    verdict: Verdict

    def survival(self, gaps: npt.ArrayLike, days: npt.ArrayLike, silent_days: npt.ArrayLike) -> Floats:
        """Chance that a gap lasts longer than `silent_days`, for a customer with so many closed gaps over so many days.

        I_z(rate_shape + shape·gaps, shape) with z = (rate_days + days)/(rate_days + days + silent), the regularised
        incomplete beta function: the gamma tail averaged over what the closed gaps say about the customer's rate.

        Examples
        --------
        >>> poisson = GammaRenewal(1.0, 2.0, 10.0, Verdict(False, 1.0))
        >>> round(float(poisson.survival(1, 10, 20)), 6), (20 / 40) ** 3
        (0.125, 0.125)
        """
        from scipy.special import betainc

        known = self.rate_days + np.asarray(days, dtype=np.float64)
        chance: Floats = betainc(
            self.rate_shape + self.shape * np.asarray(gaps), self.shape, known / (known + np.asarray(silent_days))
        )
        return chance

    def silence(self, gaps: npt.ArrayLike, days: npt.ArrayLike, chance: float) -> Floats:
        """Give the silence whose `survival` is `chance`, in days.

        Examples
        --------
        >>> round(float(GammaRenewal(1.0, 2.0, 10.0, Verdict(False, 1.0)).silence(1, 10, 0.125)), 6)
        20.0
        """
        from scipy.special import betaincinv

        known = self.rate_days + np.asarray(days, dtype=np.float64)
        part = betaincinv(self.rate_shape + self.shape * np.asarray(gaps), self.shape, chance)
        silent: Floats = known * (1 - part) / np.maximum(part, 1e-300)
        return silent


def fit_gamma_renewal(gaps: npt.ArrayLike, days: npt.ArrayLike, log_days: npt.ArrayLike) -> GammaRenewal | None:
    """Fit shape and rates to the closed gaps by maximum likelihood.

    Maximises Σ [(k − 1)·L − m·lnΓ(k) + a·ln b − lnΓ(a) + lnΓ(a + k·m) − (a + k·m)·ln(b + G)] over customers with m
    closed gaps of together G days, L the sum of their logarithms. Parameters are rounded to four digits, so that they
    are alike on every machine.

    Parameters
    ----------
    gaps, days, log_days : array-like
        m, G, L per customer; those without a closed gap add nothing.

    Returns
    -------
    GammaRenewal or None
        None without a closed gap, or where every gap lasts equally long.

    Examples
    --------
    >>> fit_gamma_renewal([0], [0], [0.0]) is None
    True
    """
    from scipy.special import digamma, gammaln

    m, total, logs = (np.asarray(values, dtype=np.float64) for values in (gaps, days, log_days))
    has_gap = m > 0
    m, total, logs = m[has_gap], total[has_gap], logs[has_gap]
    if not len(m) or m.sum() < 2:
        return None
    all_gaps, all_logs, customers = float(m.sum()), float(logs.sum()), len(m)

    def loss(at: Floats) -> tuple[float, Floats]:
        k, a, b = np.exp(at)
        events, known = a + k * m, b + total
        log_known, by_events = np.log(known), digamma(events)
        value = (k - 1) * all_logs - all_gaps * gammaln(k) + customers * (a * np.log(b) - gammaln(a))
        value += float((gammaln(events) - events * log_known).sum())
        by_k = all_logs - all_gaps * digamma(k) + float((m * (by_events - log_known)).sum())
        by_a = customers * (np.log(b) - digamma(a)) + float((by_events - log_known).sum())
        by_b = customers * a / b - float((events / known).sum())
        return -value, -np.array([by_k * k, by_a * a, by_b * b])

    mean = float(total.sum()) / all_gaps
    top = climb(loss, [np.log([k, a, a * mean / k]) for k, a in STARTS], is_small=customers < SMALL)
    shape, rate_shape, rate_days = (float(f"{value:.{DIGITS}g}") for value in np.exp(top.at))
    return GammaRenewal(shape, rate_shape, rate_days, top.verdict)
