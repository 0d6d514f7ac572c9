"""Predictions of the coming sales per customer from what is known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kam_analysis import money
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.lifetime_value import MONTH_DAYS, monthly_sales, orders_for_value
from kam_analysis.facts.models import ParetoNbd
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.params import Facts
from kam_analysis.value.boosting import Boosted, fit_boosting
from kam_analysis.value.known import Known, sales_before
from kam_analysis.value.purchases import Purchases, Spend, fit_purchases, fit_spend
from kam_analysis.vocabulary import PurchaseFit, ValueModel

QUARTER = 3
PURCHASE_MODELS = {
    ValueModel.BG_NBD: ValueModel.BG_NBD,
    ValueModel.MBG_NBD: ValueModel.MBG_NBD,
    ValueModel.PARETO_NBD: ValueModel.PARETO_NBD,
    ValueModel.BLEND: ValueModel.PARETO_NBD,
}


@dataclass(frozen=True)
class Fits:
    """The models fitted to what is known on a day.

    Parameters
    ----------
    purchases : mapping of ValueModel to Purchases
        BG/NBD, MBG/NBD and Pareto/NBD, each with what serves where it is not identified.
    spend : Spend
        Value per order day.
    boosted : Boosted, optional
        None where the history is too short or holds too few customers.
    """

    purchases: Mapping[ValueModel, Purchases]
    spend: Spend
    boosted: Boosted | None

    def purchases_of(self, model: ValueModel) -> Purchases:
        """Give the purchase model behind a prediction, BG/NBD where there is none; an identified one if there is."""
        own = self.purchases[PURCHASE_MODELS.get(model, ValueModel.BG_NBD)]
        identified = [purchases for purchases in (own, *self.purchases.values()) if purchases.is_identified]
        return identified[0] if identified else own

    @property
    def is_identified(self) -> bool:
        """Whether BG/NBD and Gamma–Gamma are both identified."""
        return self.purchases[ValueModel.BG_NBD].is_identified and self.spend.is_identified

    @property
    def models(self) -> list[ValueModel]:
        """The predictions that can be made."""
        needs_boosting = (ValueModel.BLEND, ValueModel.BOOSTING)
        return [model for model in ValueModel if self.boosted is not None or model not in needs_boosting]


def fit_models(known: Known, months: int) -> Fits:
    """Fit purchases, value per order day and the boosting for the next `months`."""
    buyers = known.buyers
    per_day = money.total(buyers["order_sales"]) / int(buyers["order_days"].sum())
    purchases = {
        model: fit_purchases(known.customers, PurchaseFit(model.value))
        for model in (ValueModel.BG_NBD, ValueModel.MBG_NBD, ValueModel.PARETO_NBD)
    }
    spend = fit_spend(buyers["repeats"], known.mean_value, per_day, orders_for_value(known.orders))
    pareto, gamma = purchases[ValueModel.PARETO_NBD].model, spend.gamma_gamma
    fitted = (pareto, gamma) if isinstance(pareto, ParetoNbd) and gamma is not None else None
    return Fits(purchases, spend, fit_boosting(known, months, fitted))


def predict(model: ValueModel, known: Known, fits: Fits, months: int, rules: Facts) -> Floats:
    """Predict the net sales of each buyer in the next `months`, in the order of `known.buyers`.

    bg_nbd, mbg_nbd, pareto_nbd: expected order days · expected value of an order day · share that returns leave.
    boosting: `boosting.Boosted`. blend: mean of pareto_nbd and boosting. formula: S·C per month of the customer,
    shrunk, · months. last_quarter: net sales of the last 3 months (or fewer) scaled to `months`. mean: mean net sales
    of the last `months` over all buyers, the same for everybody. Never below 0.
    """
    days = (add_months(known.day, months) - known.day).days
    if model is ValueModel.BLEND:
        parts = (ValueModel.PARETO_NBD, ValueModel.BOOSTING)
        return np.mean([predict(part, known, fits, months, rules) for part in parts], axis=0)
    if model is ValueModel.BOOSTING:
        if fits.boosted is None:
            raise ValueError("there is too little history for boosting")
        return fits.boosted.predict(months)
    if model in fits.purchases:
        value = fits.spend.expected_value(known.buyers["repeats"], known.mean_value)
        orders = fits.purchases[model].expected_orders(known.customers, days)
        return np.maximum(0.0, orders * value * known.kept_share)
    if model is ValueModel.FORMULA:
        return np.maximum(0.0, monthly_sales(known.buyers, known.orders, rules) * days / MONTH_DAYS)
    if model is ValueModel.LAST_QUARTER:
        last = min(QUARTER, months)
        return sales_before(known, last) * (months / last)
    return np.full(len(known.buyers), sales_before(known, months).mean())
