"""Beta-geometric: customers under contract who renew or leave at the end of every period."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.estimator import Estimator
from kam_analysis.facts.models.fitting import Floats, Verdict, climb
from kam_analysis.facts.models.sample import summed

STARTS = ((1.0, 1.0), (0.5, 2.0), (5.0, 20.0), (0.2, 0.2))
LIFETIME_PERIODS = 10_000


class BetaGeometric(Estimator):
    """Shifted beta-geometric: every customer leaves at the end of a period with an own chance, beta distributed (a, b).

    P(T = t) = B(a+1, b+t−1)/B(a, b) and S(t) = B(a, b+t)/B(a, b); the share renewed in period t is (b+t−1)/(a+b+t−1):
    it rises with t although no customer changes, since those who leave easily leave first.

    Attributes
    ----------
    parameters_ : dict of str to float
        a and b.
    log_likelihood_ : float
    verdict_ : Verdict

    Source: Fader and Hardie (2007), How to project customer retention.

    Examples
    --------
    >>> model = BetaGeometric().fit([[1, 1]] * 131 + [[2, 1]] * 126 + [[3, 0]] * 743)
    >>> bool(model.renewed_share(2) > model.renewed_share(1))
    True
    """

    def fit(self, contracts: npt.ArrayLike, y: object = None) -> Self:
        """Find a and b with the highest likelihood.

        Parameters
        ----------
        contracts : array-like
            Per customer: periods begun (1 or more), and 1 where the customer left at the end of the last one, else 0.

        Raises
        ------
        ValueError
            When there is no customer, a count of periods is below 1 or no whole number, or the second is neither 0
            nor 1.
        """
        rows = np.asarray(contracts, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != 2 or not len(rows):
            raise ValueError(f"contracts are rows of periods and whether they ended; this has the shape {rows.shape}")
        is_right = (rows[:, 0] >= 1) & (rows[:, 0] == np.floor(rows[:, 0])) & np.isin(rows[:, 1], (0, 1))
        if not is_right.all():
            raise ValueError(
                f"{int((~is_right).sum())} of {len(rows)} contracts are no counts, e.g. {rows[~is_right][0]}"
            )
        periods, ended = rows.astype(np.int64).T
        longest = int(periods.max())
        left = np.bincount(periods[ended == 1], minlength=longest + 1).astype(np.float64)
        held = np.bincount(periods[ended == 0], minlength=longest + 1).astype(np.float64)
        self.top_ = climb(lambda at: _loss(left, held, at), [np.log(start) for start in STARTS])
        self.parameters_ = dict(zip(("a", "b"), map(float, self.top_.parameters), strict=True))
        self.log_likelihood_ = self.top_.log_likelihood
        self.verdict_: Verdict = self.top_.verdict
        self.n_features_in_ = 2
        return self

    def surviving_share(self, periods: npt.ArrayLike) -> Floats:
        """Give the share of a cohort that is there after t periods; 1 after none."""
        from scipy.special import betaln

        self._check_is_fitted()
        a, b = self.parameters_.values()
        found: Floats = np.exp(betaln(a, b + np.asarray(periods, dtype=np.float64)) - betaln(a, b))
        return found

    def renewed_share(self, period: npt.ArrayLike) -> Floats:
        """Give the share of those in period t who renew at its end."""
        self._check_is_fitted()
        a, b = self.parameters_.values()
        t = np.asarray(period, dtype=np.float64)
        return (b + t - 1) / (a + b + t - 1)

    def predict(self, contracts: npt.ArrayLike, periods: int = 1) -> Floats:
        """Give the expected periods of each customer in the next `periods`; 0 for one that left.

        S(n+1) … S(n+periods) over S(n) for a customer who holds the n-th period: a period counts when it is begun.
        """
        n, ended = np.asarray(contracts, dtype=np.float64).T
        later = self.surviving_share(n[:, None] + np.arange(periods)[None, :])
        return np.where(ended == 1, 0.0, later.sum(axis=1) / self.surviving_share(n - 1))

    def residual_value(self, periods_held: npt.ArrayLike, discount: float, most: int = LIFETIME_PERIODS) -> Floats:
        """Give the discounted periods still to come of a customer who has just renewed for the n-th time.

        Σ S(n+k)/S(n) / (1+discount)^k over k = 1 … `most`; with the margin of a period it is the residual value.
        """
        n = np.asarray(periods_held, dtype=np.float64)
        k = np.arange(1, most + 1)
        shares = self.surviving_share(n[..., None] + k) / self.surviving_share(n)[..., None]
        found: Floats = (shares / (1 + discount) ** k).sum(axis=-1)
        return found


def _loss(left: Floats, held: Floats, at: Floats) -> tuple[float, Floats]:
    a, b = np.exp(at)
    steps = np.arange(len(left) - 1)
    both = 1 / (a + b + steps)
    stay = summed(np.log1p(-a * both))
    stay_by_a, stay_by_b = -summed(both), summed(1 / (b + steps) - both)
    value, by_a, by_b = (float(held @ part) for part in (stay, stay_by_a, stay_by_b))
    ended = left[1:]
    value += float(ended @ (stay[:-1] + np.log(a * both)))
    by_a += float(ended @ (stay_by_a[:-1] + 1 / a - both))
    by_b += float(ended @ (stay_by_b[:-1] - both))
    return -value, -np.array([by_a * a, by_b * b])
