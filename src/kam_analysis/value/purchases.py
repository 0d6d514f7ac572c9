"""How often customers will order and for how much: the models that the data can carry, and what serves where not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis import money
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.lifetime_value import orders_for_value
from kam_analysis.facts.models import BgNbd, GammaGamma, MbgNbd, ParetoNbd, PurchaseModel
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.rhythm import RhythmFit, fit_rhythm
from kam_analysis.facts.rounding import significant
from kam_analysis.value.known import Known
from kam_analysis.vocabulary import PurchaseFit

WITH_CHURN: dict[PurchaseFit, type[PurchaseModel]] = {
    PurchaseFit.BG_NBD: BgNbd,
    PurchaseFit.MBG_NBD: MbgNbd,
    PurchaseFit.PARETO_NBD: ParetoNbd,
}


@dataclass(frozen=True)
class Purchases:
    """The purchase model that the data can carry: one with churn, NBD without churn, or one rate for all.

    Parameters
    ----------
    fit : PurchaseFit
        Which one serves.
    model : PurchaseModel, optional
        The fit with churn, also where it is not identified; None where nobody ordered on two days.
    without_churn : RhythmFit
        NBD and pooled rate.
    """

    fit: PurchaseFit
    model: PurchaseModel | None
    without_churn: RhythmFit

    @property
    def is_identified(self) -> bool:
        """Whether the model with churn serves."""
        return self.fit in WITH_CHURN

    def expected_orders(self, customers: npt.ArrayLike, horizon_days: float) -> Floats:
        """Give the expected order days of each customer (repeats, lifetime, age) in the next `horizon_days`."""
        rows = np.asarray(customers, dtype=np.float64)
        if self.model is not None and self.is_identified:
            return significant(self.model.predict(rows, horizon_days))
        rates = self.without_churn
        if rates.shape is not None and rates.rate_days is not None:
            return significant((rates.shape + rows[:, 0]) / (rates.rate_days + rows[:, 2]) * horizon_days)
        return np.full(len(rows), (rates.pooled_rate or 0.0) * horizon_days)


def fit_purchases(customers: npt.ArrayLike, wanted: PurchaseFit = PurchaseFit.BG_NBD) -> Purchases:
    """Fit a model with churn and keep it where it is identified, else NBD without churn, else the pooled rate.

    Parameters
    ----------
    customers : array-like
        Per customer: order days after the first, days from the first to the last, days since the first. Nobody with a
        repeat: a pooled rate of 0.
    wanted : PurchaseFit
        The model with churn.

    Examples
    --------
    >>> fit_purchases([[0, 0, 30], [0, 0, 60]]).expected_orders([[0, 0, 30]], 365).tolist()
    [0.0]
    """
    rows = np.asarray(customers, dtype=np.float64)
    without_churn = fit_rhythm(rows[:, 0] + 1, rows[:, 2])
    model = WITH_CHURN[wanted]().fit(rows) if rows[:, 0].any() else None
    if model is not None and model.verdict_.is_identified:
        return Purchases(wanted, model, without_churn)
    fit = PurchaseFit.POOLED if without_churn.shape is None else PurchaseFit.NBD
    return Purchases(fit, model, without_churn)


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
        """Give the expected net sales of an order day of each customer, to 6 significant digits."""
        x, mean = (np.asarray(values, dtype=np.float64) for values in (repeats, mean_value))
        if self.gamma_gamma is not None and self.is_identified:
            return significant(self.gamma_gamma.predict(np.column_stack([x, mean])))
        weight = np.where(mean > 0, x / (x + self.days_for_trust), 0.0)
        return significant(weight * mean + (1 - weight) * self.overall_mean)


def fit_spend(repeats: npt.ArrayLike, mean_value: npt.ArrayLike, overall_mean: float, days_for_trust: float) -> Spend:
    """Fit Gamma–Gamma and keep it where it is identified, else the customer's mean shrunk to that of all.

    Examples
    --------
    >>> fit_spend([0, 0], [0.0, 0.0], 25.0, 2.0).expected_value([0, 2], [0.0, 75.0]).tolist()
    [25.0, 50.0]
    """
    x, mean = (np.asarray(values, dtype=np.float64) for values in (repeats, mean_value))
    is_told = ((x > 0) & (mean > 0)).any()
    model = GammaGamma().fit(np.column_stack([x, mean])) if is_told else None
    return Spend(model, overall_mean, max(days_for_trust, 1e-9))


def spend_of(known: Known, *, with_fit: bool = True) -> Spend:
    """Fit the value of an order day to what is known of the buyers, or take their own means shrunk to that of all."""
    buyers = known.buyers
    per_day = money.total(buyers["order_sales"]) / int(buyers["order_days"].sum())
    repeats = buyers["repeats"] if with_fit else np.zeros(len(buyers))
    return fit_spend(repeats, known.mean_value, per_day, orders_for_value(known.orders))


def without_churn(known: Known) -> Purchases:
    """NBD without churn, or one rate for all where the rates do not differ: what every history can tell."""
    customers = known.customers
    rates = fit_rhythm(customers["repeats"] + 1, customers["tenure_days"])
    return Purchases(PurchaseFit.POOLED if rates.shape is None else PurchaseFit.NBD, None, rates)


def expected_sales(known: Known, purchases: Purchases, spend: Spend, months: int) -> Floats:
    """Expected order days · value of an order day · share that returns leave, in the next `months`; 0 at least."""
    days = (add_months(known.day, months) - known.day).days
    value = spend.expected_value(known.buyers["repeats"], known.mean_value)
    return np.maximum(0.0, purchases.expected_orders(known.customers, days) * value * known.kept_share)
