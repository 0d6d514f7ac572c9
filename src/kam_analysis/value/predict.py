"""Predictions of the coming sales per customer from what is known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.lifetime_value import MONTH_DAYS, monthly_sales
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.rounding import significant
from kam_analysis.value.boosting import Boosted, fit_boosting
from kam_analysis.value.known import Known, sales_before
from kam_analysis.value.purchases import Purchases, Spend, expected_sales, fit_purchases, spend_of
from kam_analysis.value.regression import fit_regression
from kam_analysis.value.windows import lessons_before
from kam_analysis.vocabulary import PurchaseFit, ValueModel

QUARTER = 3
PURCHASE_MODELS = {
    ValueModel.BG_NBD: ValueModel.BG_NBD,
    ValueModel.MBG_NBD: ValueModel.MBG_NBD,
    ValueModel.PARETO_NBD: ValueModel.PARETO_NBD,
    ValueModel.BLEND: ValueModel.PARETO_NBD,
    ValueModel.REGRESSION_BLEND: ValueModel.PARETO_NBD,
}
HALVES = {ValueModel.BLEND: ValueModel.BOOSTING, ValueModel.REGRESSION_BLEND: ValueModel.REGRESSION}
LEARNED = (*HALVES, *HALVES.values())


@dataclass(frozen=True)
class Learned:
    """What was learned from earlier windows of so many months.

    Parameters
    ----------
    window_months : int
        Length of the windows.
    boosted : Boosted
        Gradient boosting.
    regressed : array
        Net sales of each buyer in a window by regression; never below 0.
    """

    window_months: int
    boosted: Boosted
    regressed: Floats


@dataclass(frozen=True)
class Fits:
    """The models fitted to what is known on a day.

    Parameters
    ----------
    purchases : mapping of ValueModel to Purchases
        BG/NBD, MBG/NBD and Pareto/NBD, each with what serves where it is not identified.
    spend : Spend
        Value per order day.
    learned : Learned, optional
        None where the history is too short or holds too few customers.
    """

    purchases: Mapping[ValueModel, Purchases]
    spend: Spend
    learned: Learned | None

    def purchases_of(self, model: ValueModel) -> Purchases:
        """Give the purchase model behind a prediction, MBG/NBD where there is none; an identified one if there is."""
        own = self.purchases[PURCHASE_MODELS.get(model, ValueModel.MBG_NBD)]
        identified = [purchases for purchases in (own, *self.purchases.values()) if purchases.is_identified]
        return identified[0] if identified else own

    def served(self, model: ValueModel) -> ValueModel | PurchaseFit:
        """Name what predicts under the name of a model: itself, or what serves where it is not identified."""
        purchases = self.purchases.get(model)
        return model if purchases is None or purchases.is_identified else purchases.fit

    @property
    def is_identified(self) -> bool:
        """Whether BG/NBD and Gamma–Gamma are both identified."""
        return self.purchases[ValueModel.BG_NBD].is_identified and self.spend.is_identified

    @property
    def models(self) -> list[ValueModel]:
        """The predictions that can be made."""
        return [model for model in ValueModel if self.learned is not None or model not in LEARNED]


def fit_models(known: Known, months: int) -> Fits:
    """Fit purchases, value per order day, boosting and regression for the next `months`."""
    purchases = {
        model: fit_purchases(known.customers, PurchaseFit(model.value))
        for model in (ValueModel.BG_NBD, ValueModel.MBG_NBD, ValueModel.PARETO_NBD)
    }
    spend = spend_of(known)
    lessons = lessons_before(known, months, purchases[ValueModel.PARETO_NBD], spend)
    learned = lessons and Learned(lessons.window_months, fit_boosting(lessons), fit_regression(lessons))
    return Fits(purchases, spend, learned)


def predict(model: ValueModel, known: Known, fits: Fits, months: int) -> Floats:
    """Predict the net sales of each buyer in the next `months`, in the order of `known.buyers`.

    bg_nbd, mbg_nbd, pareto_nbd: expected order days · expected value of an order day · share that returns leave.
    boosting, regression: net sales of a window as learned from earlier ones, at the level of the latest, scaled to
    `months`. blend, regression_blend: mean of pareto_nbd and boosting or regression; in rolling origins equal weights
    erred less than fitted ones. formula: S·C per month of the customer, shrunk, · months. last_quarter: net sales of
    the last 3 months (or fewer) scaled to `months`. mean: mean net sales of the last `months` over all buyers, the same
    for everybody. Never below 0; to 6 significant digits.
    """
    return significant(_predicted(model, known, fits, months))


def _predicted(model: ValueModel, known: Known, fits: Fits, months: int) -> Floats:
    if model in HALVES:
        parts = (ValueModel.PARETO_NBD, HALVES[model])
        return np.mean([_predicted(part, known, fits, months) for part in parts], axis=0)
    if model in LEARNED:
        if fits.learned is None:
            raise ValueError("there is too little history to learn from")
        boosted, regressed = fits.learned.boosted.window_sales, fits.learned.regressed
        return (boosted if model is ValueModel.BOOSTING else regressed) * (months / fits.learned.window_months)
    if model in fits.purchases:
        return expected_sales(known, fits.purchases[model], fits.spend, months)
    if model is ValueModel.FORMULA:
        days = (add_months(known.day, months) - known.day).days
        return np.maximum(0.0, monthly_sales(known.buyers, known.orders) * days / MONTH_DAYS)
    if model is ValueModel.LAST_QUARTER:
        last = min(QUARTER, months)
        return sales_before(known, last) * (months / last)
    return np.full(len(known.buyers), sales_before(known, months).mean())
