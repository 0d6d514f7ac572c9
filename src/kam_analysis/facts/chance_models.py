"""What tells who will not order again: the candidates for the lost chance, each fitted on windows that have ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.models import BgNbd
from kam_analysis.facts.models.boosted_trees import fit_boosted_trees
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.models.gamma_renewal import GammaRenewal, fit_gamma_renewal
from kam_analysis.facts.models.logistic import fit_logistic, logit
from kam_analysis.facts.order_history import OrderHistory, Snapshot
from kam_analysis.facts.rounding import FEATURE_DIGITS, significant
from kam_analysis.params import Facts
from kam_analysis.vocabulary import ChanceModel

LEAST_CHANCE = 1e-12
Flags = npt.NDArray[np.bool_]


class Origin:
    """A day, the customers who had not stopped by it, and what is known of them.

    Parameters
    ----------
    history : OrderHistory
    on : date
        Orders on or after it are unknown.
    rules : Facts
        Horizon and the months after which a customer is lost.
    """

    def __init__(self, history: OrderHistory, on: dt.date, rules: Facts) -> None:
        self._history, self._rules, self.on = history, rules, on
        self.known = history.known_on(on, rules.lost_after_months)
        self.repeaters: Snapshot = self.known.only(self.known.is_repeat)

    @property
    def customer_ids(self) -> npt.NDArray[np.object_]:
        """Ids of the customers of `known`."""
        return self._history.customers[self.known.customer]

    @cached_property
    def all_buyers(self) -> Snapshot:
        """Also those who were lost by then: what the fits of rates see."""
        return self._history.known_on(self.on)

    @cached_property
    def stayed_away(self) -> Flags:
        """Whether each customer of `known` had no order day in the horizon."""
        end = self.on + dt.timedelta(days=self._rules.horizon_days)
        found: Flags = self._history.in_window(self.known.customer, self.on, end) == 0
        return found

    @property
    def repeaters_away(self) -> Flags:
        """The same for the customers with two order days."""
        return self.stayed_away[self.known.is_repeat]

    @cached_property
    def renewal(self) -> GammaRenewal | None:
        """How regular the gaps are, by what was known."""
        how, buyers = self._rules.lost_chance, self.all_buyers
        buyers = buyers.only(_drawn(len(buyers.customer), how.most_rows, how.seed))
        return fit_gamma_renewal(buyers.order_days - 1, buyers.lifetime, buyers.log_gaps_total)

    @cached_property
    def bg_nbd(self) -> Floats | None:
        """Log odds of no order by BG/NBD for the customers with two order days; None where it is not identified."""
        how, buyers = self._rules.lost_chance, self.all_buyers
        if not len(buyers.customer):
            return None
        buyers = buyers.only(_drawn(len(buyers.customer), how.most_rows, how.seed))
        model = BgNbd().fit(np.column_stack([buyers.order_days - 1, buyers.lifetime, buyers.tenure]))
        if not model.verdict_.is_identified:
            return None
        seen = self.repeaters
        chance = model.order_chance(
            np.column_stack([seen.order_days - 1, seen.lifetime, seen.tenure]), self._rules.horizon_days
        )
        return significant(logit(np.clip(1 - chance, LEAST_CHANCE, 1 - 1e-9)), FEATURE_DIGITS)

    @cached_property
    def median_gap(self) -> Floats:
        """Median gap between the order days of each customer with two."""
        return self._history.median_gap(self.repeaters)

    @cached_property
    def recency(self) -> Floats:
        """Logarithm of the days of silence."""
        found: Floats = np.log(self.repeaters.recency + 1.0)[:, None]
        return found

    @cached_property
    def features(self) -> Floats:
        """Nine columns per customer with two order days; the last, BG/NBD, is NaN where it is not identified."""
        seen = self.repeaters
        silence = np.zeros(len(seen.customer))
        if self.renewal:
            chance = self.renewal.survival(seen.order_days - 1, seen.lifetime, seen.recency)
            silence = significant(np.log(np.maximum(chance, LEAST_CHANCE)), FEATURE_DIGITS)
        year_ago = add_months(self.on, -12)
        season = self._history.in_window(
            seen.customer, year_ago, year_ago + dt.timedelta(days=self._rules.horizon_days)
        )
        recent = [
            self._history.in_window(seen.customer, add_months(self.on, -months), self.on) for months in (3, 6, 12)
        ]
        columns = [
            np.log((seen.recency + 1) / (self.median_gap + 1)),
            self.recency[:, 0],
            silence,
            *recent,
            season > 0,
            seen.tenure,
            np.full(len(seen.customer), np.nan) if self.bg_nbd is None else self.bg_nbd,
        ]
        return np.column_stack(columns).astype(np.float64)


def predictor(
    model: ChanceModel, at: Origin, ended: Sequence[Origin], rules: Facts
) -> Callable[[Origin], Floats] | None:
    """Fit a candidate with what was known at an origin; it then gives the log odds of no order at any origin.

    Parameters
    ----------
    model : ChanceModel
    at : Origin
        BG/NBD must be identified on what was known then to serve, and to be a feature.
    ended : sequence of Origin
        Origins whose horizon had ended by then; where BG/NBD was not identified, its feature is the mean of the others.
    rules : Facts
        Trees, depth and rate of the boosting; of more than ``most_rows`` rows so many are drawn by the seed.

    Returns
    -------
    callable or None
        None where the candidate cannot be fitted.
    """
    if model is ChanceModel.BG_NBD:
        return None if at.bg_nbd is None else _bg_nbd
    how = rules.lost_chance
    away = np.concatenate([np.zeros(0, dtype=bool), *(origin.repeaters_away for origin in ended)])
    drawn = _drawn(len(away), how.most_rows, how.seed)
    away = away[drawn]
    if away.all() or not away.any():
        return None
    if model is ChanceModel.RECENCY:
        silence = fit_logistic(np.concatenate([origin.recency for origin in ended])[drawn], away)
        return lambda origin: silence.logits(origin.recency)
    rows = np.concatenate([origin.features for origin in ended])[drawn]
    is_known = ~np.isnan(rows[:, -1])
    columns = rows.shape[1] - (at.bg_nbd is None or not is_known.any())
    middle = float(rows[is_known, -1].mean()) if is_known.any() else 0.0

    def prepared(features: Floats) -> Floats:
        return np.nan_to_num(features[:, :columns], nan=middle)

    if model is ChanceModel.LOGISTIC:
        logistic = fit_logistic(prepared(rows), away)
        return lambda origin: logistic.logits(prepared(origin.features))
    boosting = fit_boosted_trees(prepared(rows), away, how.trees, how.tree_depth, how.rate)
    return lambda origin: boosting.logits(prepared(origin.features))


def _drawn(rows: int, most: int, seed: int) -> npt.NDArray[np.int64]:
    """Positions of all rows, or of as many as may be, drawn and in their order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _bg_nbd(origin: Origin) -> Floats:
    if origin.bg_nbd is None:
        return np.full(len(origin.repeaters.customer), np.nan)
    return origin.bg_nbd
