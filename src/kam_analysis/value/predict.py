"""Predictions of the coming sales per customer from what is known on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.lifetime_value import MONTH_DAYS, monthly_sales
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.rounding import significant
from kam_analysis.value.boosting import Boosted, fit_boosting
from kam_analysis.value.known import Known, sales_before
from kam_analysis.value.purchases import Purchases, Spend, expected_sales, fit_purchases, spend_of, without_churn
from kam_analysis.value.regression import fit_regression
from kam_analysis.value.windows import lessons_before
from kam_analysis.vocabulary import PurchaseFit, ValueModel

QUARTER = 3
WITH_CHURN = (ValueModel.PARETO_NBD, ValueModel.BG_NBD, ValueModel.MBG_NBD)
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
        Those of Pareto/NBD, BG/NBD and MBG/NBD that were wanted, each with what serves where it is not identified, and
        NBD without churn.
    spend : Spend
        Value per order day.
    learned : Learned, optional
        None where the history is too short or holds too few customers.
    """

    purchases: Mapping[ValueModel, Purchases]
    spend: Spend
    learned: Learned | None

    def without_gamma_gamma(self) -> Fits:
        """Give the same with each customer's own mean value, shrunk to that of all."""
        return replace(self, spend=replace(self.spend, gamma_gamma=None))

    @property
    def models(self) -> list[ValueModel]:
        """The predictions that can be made: none that rests on a fit that is not identified."""
        told = [model for model in WITH_CHURN if model in self.purchases and self.purchases[model].is_identified]
        lacking = {*WITH_CHURN, *(LEARNED if self.learned is None else ())} - {*told}
        return [model for model in ValueModel if model not in lacking]


def fit_models(known: Known, months: int, wanted: Sequence[ValueModel] = WITH_CHURN) -> Fits:
    """Fit purchases (of the models with churn those `wanted`), value per order day, boosting and regression."""
    purchases = {
        model: fit_purchases(known.customers, PurchaseFit(model.value)) for model in WITH_CHURN if model in wanted
    }
    lessons = lessons_before(known, months)
    learned = Learned(lessons.window_months, fit_boosting(lessons), fit_regression(lessons)) if lessons else None
    return Fits(purchases | {ValueModel.NBD: without_churn(known)}, spend_of(known), learned)


def predict(model: ValueModel, known: Known, fits: Fits, months: int, base: ValueModel = ValueModel.NBD) -> Floats:
    """Predict the net sales of each buyer in the next `months`, in the order of `known.buyers`.

    pareto_nbd, bg_nbd, mbg_nbd, nbd: expected order days · expected value of an order day · share that returns leave.
    boosting, regression: net sales of a window as learned from earlier ones, at the level of the latest, scaled to
    `months`. blend, regression_blend: mean of the purchase model `base` and boosting or regression; in rolling origins
    equal weights erred less than fitted ones. formula: S·C per month of the customer, shrunk, · months · (1 − lost
    chance). last_quarter: net sales of the last 3 months (or fewer) scaled to `months`. mean: mean net sales of the
    last `months` over all buyers.

    Who has stopped or is lost is predicted at 0 by every model. Otherwise only the formula is multiplied by 1 − lost
    chance, since its rates are those of the time in which a customer bought. Models with a drop-out process hold the
    chance to have left themselves; the rate of NBD without churn runs over the silence, and earlier windows and last
    months hold those who left in them: multiplied again, totals came out 9 to 16 points lower on seven hold-outs of the
    demo.
    Never below 0; to 6 significant digits.
    """
    return significant(np.where(known.leaving < 1, _predicted(model, known, fits, months, base), 0.0))


def _predicted(model: ValueModel, known: Known, fits: Fits, months: int, base: ValueModel) -> Floats:
    if model in HALVES:
        found: Floats = np.mean([_predicted(part, known, fits, months, base) for part in (base, HALVES[model])], axis=0)
        return found
    if model in LEARNED:
        if fits.learned is None:
            raise ValueError("there is too little history to learn from")
        boosted, regressed = fits.learned.boosted.window_sales, fits.learned.regressed
        return (boosted if model is ValueModel.BOOSTING else regressed) * (months / fits.learned.window_months)
    if model in fits.purchases:
        return expected_sales(known, fits.purchases[model], fits.spend, months)
    if model is ValueModel.FORMULA:
        days = (add_months(known.day, months) - known.day).days
        bought = monthly_sales(known.buyers, known.orders) * days / MONTH_DAYS
        return np.maximum(0.0, bought * (1 - known.leaving))
    if model is ValueModel.LAST_QUARTER:
        last = min(QUARTER, months)
        return sales_before(known, last) * (months / last)
    return np.full(len(known.buyers), sales_before(known, months).mean())
