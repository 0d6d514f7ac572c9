"""The chance that a customer is lost: learned on earlier days, checked on the last of them, one figure everywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.auc import Ranking, interval_of, redrawn_areas
from kam_analysis.facts.chance_models import Origin, predictor
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.models.logistic import chance_of, fit_logistic
from kam_analysis.facts.order_history import OrderHistory, Snapshot
from kam_analysis.params import Facts
from kam_analysis.vocabulary import ChanceBasis, ChanceModel

DECIMALS = 6
SHIFTS = (-20.0, 20.0)
CALIBRATION_RIDGE = 1e-6
LEARNED = (ChanceModel.LOGISTIC, ChanceModel.BOOSTING)

Logits = Callable[[Origin], Floats]


def origins_before(history: OrderHistory, as_of: dt.date, rules: Facts) -> list[Origin]:
    """Give the earlier days whose outcome is known, the latest first.

    as_of − j · `horizon_days`, j = 1, 2, …, up to ``origins`` of them, while at least ``history_days`` lie before.

    Examples
    --------
    >>> import pandas as pd
    >>> orders = pd.DataFrame({"customer_id": ["a"], "ordered_on": pd.to_datetime(["2023-01-01"])})
    >>> [str(origin.on) for origin in origins_before(OrderHistory(orders), dt.date(2024, 1, 1), Facts())]
    ['2023-10-03', '2023-07-05']
    """
    how = rules.lost_chance
    days = [as_of - dt.timedelta(days=rules.horizon_days * number) for number in range(1, how.origins + 1)]
    first = history.first_on
    return [Origin(history, day, rules) for day in days if first and (day - first).days >= how.history_days]


def fit_to_learn(origins: Sequence[Origin], rules: Facts) -> list[Origin]:
    """Give the first origins, up to one that has too few customers with two order days, or too few of one outcome."""

    def is_enough(origin: Origin) -> bool:
        away, count = int(origin.repeaters_away.sum()), len(origin.repeaters_away)
        return count >= rules.lost_chance.customers and min(away, count - away) >= rules.lost_chance.outcomes

    return list(takewhile(is_enough, origins))


@dataclass(frozen=True)
class Backtest:
    """What the candidates would have said on earlier days.

    Parameters
    ----------
    origins : list of Origin
        The latest first.
    logits : mapping
        Log odds per candidate and number of the origin, each fitted on windows that had ended by then.
    """

    origins: list[Origin]
    logits: Mapping[ChanceModel, Mapping[int, Floats]]
    rules: Facts

    @classmethod
    def of(cls, origins: list[Origin], rules: Facts) -> Backtest:
        """Fit every candidate at every origin; the learned ones only where there are enough origins."""
        logits: dict[ChanceModel, dict[int, Floats]] = {model: {} for model in ChanceModel}
        for model in ChanceModel:
            if model in LEARNED and len(origins) < rules.lost_chance.to_learn:
                continue
            for number, at in enumerate(origins):
                if (predict := predictor(model, at, origins[number + 1 :], rules)) is not None:
                    logits[model][number] = predict(at)
        return cls(origins, logits, rules)

    def scores(self, model: ChanceModel, number: int) -> Floats | None:
        """What ranks the customers of an origin; recency does so without a fit."""
        if model is ChanceModel.RECENCY:
            return self.origins[number].recency[:, 0]
        return self.logits[model].get(number)

    @cached_property
    def rankings(self) -> dict[tuple[ChanceModel, int], Ranking]:
        """The customers of every origin as each candidate ranks them."""
        return {
            (model, number): Ranking.of(scores, origin.repeaters_away, origin.repeaters.customer)
            for model in ChanceModel
            for number, origin in enumerate(self.origins)
            if (scores := self.scores(model, number)) is not None
        }

    @cached_property
    def _draws(self) -> dict[tuple[ChanceModel, int], Floats]:
        how = self.rules.lost_chance
        areas = redrawn_areas(list(self.rankings.values()), self._customers, how.draws, how.seed)
        return dict(zip(self.rankings, areas, strict=True))

    @property
    def _customers(self) -> int:
        return 1 + max(int(origin.repeaters.customer.max()) for origin in self.origins)

    def area(self, model: ChanceModel, number: int) -> float | None:
        """Area under the curve of a candidate at an origin; None where it could not be fitted."""
        ranking = self.rankings.get((model, number))
        return None if ranking is None else float(ranking.areas(np.ones((1, self._customers)))[0])

    def interval(self, model: ChanceModel, number: int) -> tuple[float, float]:
        """Interval of that area."""
        return interval_of(self._draws[model, number])

    def gain(self, model: ChanceModel, other: ChanceModel) -> tuple[float, float] | None:
        """Interval of the mean gain in area over another candidate, at all origins but the last; None without any."""
        gains = [
            self._draws[model, number] - self._draws[other, number]
            for number in range(1, len(self.origins))
            if {(model, number), (other, number)} <= set(self.rankings)
        ]
        return interval_of(np.mean(gains, axis=0)) if gains else None

    def chosen(self) -> ChanceModel:
        """Give the candidate that serves: a more complex one only where its gain is sure."""
        serving = ChanceModel.RECENCY
        if self._is_surely_better(ChanceModel.BG_NBD, serving):
            serving = ChanceModel.BG_NBD
        better = [model for model in LEARNED if self._is_surely_better(model, serving)]
        return max(better, key=self._mean_area) if better else serving

    def _is_surely_better(self, model: ChanceModel, serving: ChanceModel) -> bool:
        gain = self.gain(model, serving) if (model, 0) in self.rankings else None
        return gain is not None and gain[0] > 0

    def _mean_area(self, model: ChanceModel) -> float:
        areas = [self.area(model, number) for number in range(1, len(self.origins))]
        return round(float(np.mean([area for area in areas if area is not None])), DECIMALS)


@dataclass(frozen=True)
class Calibration:
    """From log odds to a chance: slope and level by earlier origins, the level met at the last of them."""

    level: float
    slope: float
    low: float
    high: float

    def chances(self, logits: npt.ArrayLike) -> Floats:
        """Chances, never below `low` or above `high`.

        Examples
        --------
        >>> Calibration(0.0, 1.0, 0.01, 0.99).chances([-9.0, 0.0, 9.0]).tolist()
        [0.01, 0.5, 0.99]
        """
        odds = self.level + self.slope * np.asarray(logits, dtype=np.float64)
        return np.asarray(np.round(np.clip(chance_of(odds), self.low, self.high), DECIMALS), dtype=np.float64)

    def meeting(self, logits: Floats, share: float) -> Calibration:
        """The same with its level shifted until the mean chance of these customers is the share observed.

        Examples
        --------
        >>> met = Calibration(0.0, 1.0, 0.01, 0.99).meeting(np.array([0.0, 0.0]), 0.25)
        >>> met.chances([0.0]).round(4).tolist()
        [0.25]
        """
        low, high = SHIFTS
        for _ in range(60):
            middle = (low + high) / 2
            moved = Calibration(self.level + middle, self.slope, self.low, self.high)
            low, high = (middle, high) if moved.chances(logits).mean() < share else (low, middle)
        return Calibration(round(self.level + high, DECIMALS), self.slope, self.low, self.high)


def calibrated(backtest: Backtest, model: ChanceModel, predict: Logits, first: int) -> Calibration:
    """Calibrate what a candidate says by the origins from number `first` on.

    A logistic regression of the outcome on the log odds it gave at them, where there are enough origins to learn; then
    the level is shifted until the mean of `predict` at the first of them is the share observed there.
    """
    how = backtest.rules.lost_chance
    found = Calibration(0.0, 1.0, how.low, how.high)
    known = [
        (backtest.logits[model][number], backtest.origins[number].repeaters_away)
        for number in range(first, len(backtest.origins))
        if number in backtest.logits[model] and np.isfinite(backtest.logits[model][number]).all()
    ]
    if known and len(backtest.origins) >= how.to_learn:
        said, away = (np.concatenate(parts) for parts in zip(*known, strict=True))
        if said.std() > 0:
            fit = fit_logistic(said[:, None], away, CALIBRATION_RIDGE)
            slope = float(fit.slopes[0] / fit.spread[0])
            level = round(fit.intercept - slope * float(fit.mean[0]), DECIMALS)
            found = Calibration(level, round(slope, DECIMALS), how.low, how.high)
    last = backtest.origins[first]
    said = predict(last)
    return found.meeting(said, float(last.repeaters_away.mean())) if np.isfinite(said).all() else found


def one_order_day_chances(seen: Snapshot, ended: Sequence[Origin], rules: Facts) -> Floats:
    """Chance of customers with one order day: the share of such, as long silent, who stayed away at ended origins.

    By bands of recency (``recency_days``: to 30, 90, 180 days, more). A band that was empty has the share of all bands;
    without any such customer before, of all customers.

    Parameters
    ----------
    seen : Snapshot
        Customers with one order day.
    ended : sequence of Origin
        At least one.
    """
    how = rules.lost_chance
    recency, away = (
        np.concatenate(parts)
        for parts in zip(
            *(
                (origin.known.recency[single], origin.stayed_away[single])
                for origin in ended
                for single in [~origin.known.is_repeat]
            ),
            strict=True,
        )
    )
    everyone = away if len(away) else np.concatenate([origin.stayed_away for origin in ended])
    then, now = (np.searchsorted(how.recency_days, days) for days in (recency, seen.recency))
    counts, stayed = (np.bincount(then, weights, len(how.recency_days) + 1) for weights in (None, away))
    shares = np.where(counts > 0, stayed / np.maximum(counts, 1), everyone.mean() if len(everyone) else 0.5)
    chances: Floats = np.round(np.clip(shares, how.low, how.high), DECIMALS)[now]
    return chances


@dataclass(frozen=True)
class LostChance:
    """Who is likely to be lost: the candidate that serves, and what it says at the reference date and at each origin.

    Parameters
    ----------
    origins : list of Origin
        Days whose outcome is known, the latest first.
    backtest : Backtest
        Of the candidates, at the origins with enough customers.
    model : ChanceModel, optional
        The candidate that serves; None where no origin has enough customers.
    interval : (float, float), optional
        Of its area under the curve at the last origin, which took no part in the choice.
    """

    origins: list[Origin]
    backtest: Backtest
    model: ChanceModel | None
    interval: tuple[float, float] | None

    @classmethod
    def learned(cls, origins: list[Origin], rules: Facts) -> LostChance:
        """Choose on the earlier origins, report on the last."""
        backtest = Backtest.of(fit_to_learn(origins, rules), rules)
        model = backtest.chosen() if backtest.origins else None
        return cls(origins, backtest, model, backtest.interval(model, 0) if model else None)

    @property
    def rules(self) -> Facts:
        """How the chance is learned."""
        return self.backtest.rules

    @property
    def can_rank(self) -> bool:
        """Whether customers can be told apart: the interval lies above 0.5."""
        return self.interval is not None and self.interval[0] > 0.5

    @property
    def is_calibrated(self) -> bool:
        """Whether there are enough origins to calibrate by more than the level."""
        return self.can_rank and len(self.backtest.origins) >= self.rules.lost_chance.to_learn

    def chances(self, at: Origin, number: int = -1) -> tuple[Floats, npt.NDArray[np.object_]] | None:
        """Chance, and value of `ChanceBasis`, of each customer of ``at.known`` by the origins after `number`.

        Parameters
        ----------
        at : Origin
        number : int
            −1 at the reference date, else the number of the origin.

        Returns
        -------
        (array, array) or None
            None where no earlier day tells how many stay away.
        """
        ended = self.origins[number + 1 :]
        count = len(at.known.customer)
        if not ended or not sum(len(origin.stayed_away) for origin in ended):
            return None
        if not self.can_rank or self.model is None:
            how = self.rules.lost_chance
            share = np.clip(np.concatenate([origin.stayed_away for origin in ended]).mean(), how.low, how.high)
            return np.full(count, round(float(share), DECIMALS)), np.full(count, ChanceBasis.POOLED.value, object)
        fit = self.backtest.origins[number + 1 :]
        predict = predictor(self.model, at, fit, self.rules) if fit else None
        if predict is None:
            return None
        is_repeat = at.known.is_repeat
        chances, basis = np.empty(count), np.full(count, ChanceBasis.MODEL.value, object)
        calibration = calibrated(self.backtest, self.model, predict, number + 1)
        chances[is_repeat] = calibration.chances(predict(at))
        chances[~is_repeat] = one_order_day_chances(at.known.only(~is_repeat), ended, self.rules)
        basis[~is_repeat] = ChanceBasis.ONE_ORDER_DAY.value
        return chances, basis
