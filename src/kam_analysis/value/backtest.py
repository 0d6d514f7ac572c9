"""Which prediction of the coming sales serves: chosen on earlier hold-outs, reported on the last one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import frames
from kam_analysis.facts.auc import interval_of, redrawn
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, say, say_n
from kam_analysis.params import Facts, Value
from kam_analysis.tables import Table, finds
from kam_analysis.value.known import Known, known_on, sales_after
from kam_analysis.value.predict import HALVES, LEARNED, WITH_CHURN, Fits, fit_models, predict
from kam_analysis.vocabulary import BuyerKind, PurchaseFit, ValueModel

_PREDICTIONS = col.count("predictions", say("Predictions"), "Buyers of the last hold-out.", low=1)
_RMSE = col.money("rmse", say("RMSE"), low=0)
_TOTAL_ERROR = col.share("total_error", say("Error of the total"), "Σ predicted/Σ true − 1.", True, -1, 1e9)
_PREDICTED = col.money("predicted", say("Predicted"), "Mean per buyer.", low=0)
_TRUE = col.money("true", say("Came"), "Mean net sales per buyer in the held-out months.")

VALUE_BACKTEST = Table(
    "value_backtest",
    "one way to predict the sales of the held-out months",
    (
        col.member("model", say("Prediction"), "How it predicts.", ValueModel),
        _PREDICTIONS,
        col.money(
            "earlier_rmse",
            say("RMSE, earlier hold-outs"),
            "Root of the mean squared error per customer before the last hold-out; the smallest is chosen.",
            nullable=True,
            low=0,
        ),
        _RMSE("Root of the mean squared error per customer."),
        col.money("mae", say("Mean error"), "Mean absolute error per customer.", low=0),
        _TOTAL_ERROR,
        col.share("top10", say("Top tenth found"), "Share of the true top tenth in the predicted one.", nullable=True),
        col.ratio("gini", say("Ranking"), "Gini of the true sales in its order; 1 at best.", nullable=True),
        col.IS_CHOSEN("It serves."),
    ),
    ("model",),
)

VALUE_CALIBRATION = Table(
    "value_calibration",
    "one tenth of the buyers by the prediction that serves",
    (
        col.TENTH("1: the largest predictions."),
        _PREDICTIONS,
        _PREDICTED,
        _TRUE,
    ),
    ("tenth",),
)

VALUE_GROUPS = Table(
    "value_groups",
    "one kind of buyer",
    (
        col.member("kind", say("Buyers"), "How they bought before the hold-out.", BuyerKind),
        _PREDICTIONS,
        _PREDICTED,
        _TRUE,
        _TOTAL_ERROR,
        _RMSE("Root of the mean squared error per buyer."),
    ),
    ("kind",),
)


HOLD_OUTS = (12, 6, 3, 1)
TO_CHOOSE = 3
MEASURES = ("mae", "rmse", "total_error", "top10", "gini")
RANKING = ("ranking.gini", "ranking.gini_low", "ranking.gini_high")
FEW_BUYERS = 200
EVEN_FROM = 6
EVEN_VARIATION = 0.5
DECILES = 10
FEWEST_IN_GROUP = 20
FEWEST = 10
TOO_SHORT = "the data hold no month to predict with as many complete months before it"
NOT_IDENTIFIED, NOT_LEARNED = "not identified on every hold-out", "too little history to learn from"
NO_RANKING = "everybody bought the same, or there are fewer than 10 buyers"


def hold_outs(calendar: Calendar, rules: Value) -> tuple[list[dt.date], int]:
    """Days from which the sales are predicted, the latest first, and how many months are held out after each.

    Hold-outs do not overlap and have at least as many complete months before them as they are long. Their length is
    the longest of 12, 6, 3 and 1 months up to `backtest_months` of which there are three, so that two can choose and
    the last can report; else the longest there is. At most `hold_outs` are used.

    Examples
    --------
    >>> days, months = hold_outs(Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10)), Value())
    >>> [str(day) for day in days], months
    (['2011-09-01', '2011-06-01', '2011-03-01'], 3)
    """
    if not (complete := calendar.complete_months):
        return [], 0
    end = add_months(complete[-1], 1)
    longest: tuple[list[dt.date], int] = [], 0
    for months in sorted({*HOLD_OUTS, rules.backtest_months}, reverse=True):
        days = [add_months(end, -months * number) for number in range(1, rules.hold_outs + 1)]
        fitting = [day for day in days if add_months(day, -months) >= complete[0]]
        if months > rules.backtest_months or not fitting:
            continue
        if len(fitting) >= TO_CHOOSE:
            return fitting, months
        longest = longest if longest[0] else (fitting, months)
    return longest


def top_tenth_found(predicted: Floats, true: Floats) -> float:
    """Share of the true top tenth that stands in the predicted top tenth; ties by position, a tenth rounded up.

    Examples
    --------
    >>> top_tenth_found(np.array([9.0, 8, 1] + [0] * 17), np.array([9.0, 0, 8] + [0] * 17))
    0.5
    """
    count = -(-len(true) // 10)
    best, guessed = (np.argsort(-values, kind="stable")[:count] for values in (true, predicted))
    return float(np.isin(best, guessed).mean())


def measures(predicted: Floats, true: Floats) -> dict[str, float | None]:
    """Errors of a prediction: mae, rmse, total_error (Σ predicted/Σ true − 1), top10, gini.

    Examples
    --------
    >>> found = measures(np.array([3.0, 3.0]), np.array([8.0, -4.0]))  # errors −5 and 7; predicted 6 against 4
    >>> found["mae"], round(found["rmse"], 3), found["total_error"], found["top10"], found["gini"]
    (6.0, 6.083, 0.5, 1.0, 0.0)
    """
    error, total = predicted - true, float(true.sum())
    return {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "total_error": float(predicted.sum()) / total - 1 if total > 0 else None,
        "top10": top_tenth_found(predicted, true) if true.any() else None,
        "gini": gini(predicted, true),
    }


def gini(predicted: Floats, true: Floats) -> float | None:
    """How well a prediction ranks the true sales: 1 is their own order, 0 none, below 0 upside down.

    Twice the area between the diagonal and the cumulative share of the true sales, the largest prediction first, over
    the same area in the order of the true sales. Ties share their mean. None where everybody bought the same, or all
    together nothing.

    Examples
    --------
    >>> gini(np.array([3.0, 2, 1]), np.array([30.0, 20, 10])), gini(np.array([1.0, 1, 1]), np.array([30.0, 20, 10]))
    (1.0, 0.0)
    """
    found = float(_ginis(predicted, true, np.ones((1, len(true))))[0])
    return None if np.isnan(found) else found


def gini_interval(predicted: Floats, true: Floats, draws: int, seed: int) -> tuple[float, float] | None:
    """Give the 95 % bootstrap interval of `gini`: customers redrawn; None with fewer than 10 or where there is none.

    Examples
    --------
    >>> true = np.arange(1.0, 41)
    >>> gini_interval(true, true, 200, 7)
    (1.0, 1.0)
    """
    if len(true) < FEWEST or gini(predicted, true) is None:
        return None
    found = np.concatenate([_ginis(predicted, true, weights) for weights in redrawn(len(true), draws, seed)])
    return interval_of(found[~np.isnan(found)])


def _ginis(predicted: Floats, true: Floats, weights: Floats) -> Floats:
    most, area = (_areas(ranked_by, true, weights) for ranked_by in (true, predicted))
    found: Floats = np.divide(area, most, out=np.full(len(weights), np.nan), where=most > 0)
    return found


def _areas(ranked_by: Floats, true: Floats, weights: Floats) -> Floats:
    order = np.argsort(-ranked_by, kind="stable")
    begins = np.flatnonzero(np.diff(ranked_by[order], prepend=np.nan) != 0)
    people, sales = weights[:, order], weights[:, order] * true[order]
    total = sales.sum(axis=1, keepdims=True)
    shares = []
    for part, whole in ((people, people.sum(axis=1, keepdims=True)), (sales, np.where(total > 0, total, np.nan))):
        reached = np.cumsum(np.add.reduceat(part, begins, axis=1), axis=1) / whole
        shares.append(np.concatenate([np.zeros((len(weights), 1)), reached], axis=1))
    widths = np.diff(shares[0], axis=1)
    areas: Floats = (widths * (shares[1][:, 1:] + shares[1][:, :-1])).sum(axis=1) - 1.0
    return areas


@dataclass(frozen=True)
class Trial:
    """Predictions of earlier days beside what came, and what is known at the reference date.

    Parameters
    ----------
    rows : DataFrame
        One per buyer and hold-out: customer_id, kind of the buyer (BuyerKind), has_returns, hold_out (0 is the last),
        true, and a column per prediction.
    days : list of date
        Of the hold-outs that had a buyer, the latest first.
    months : int
        Held out after each.
    models : list of ValueModel
        Predictions that could be made on every one of them and at the reference date.
    base : ValueModel
        The purchase model that all of these days carry: half of the blends, and what serves where there is no choice.
    known : Known
        At the reference date.
    fits : Fits, optional
        There; None where nobody has an order.
    """

    rows: pd.DataFrame
    days: list[dt.date]
    months: int
    models: list[ValueModel]
    base: ValueModel
    known: Known
    fits: Fits | None

    @property
    def last(self) -> pd.DataFrame:
        """Rows of the last hold-out, which takes no part in the choice."""
        return self.rows[self.rows["hold_out"] == 0]

    @property
    def has_choice(self) -> bool:
        """Whether at least two hold-outs before the last, and ten buyers, can choose."""
        return len(self.days) >= TO_CHOOSE and len(self.last) >= FEWEST

    @cached_property
    def model(self) -> ValueModel | None:
        """The prediction that serves: smallest RMSE on the hold-outs before the last; None where none was tried."""
        if not self.days:
            return None
        return min(self.models, key=self.earlier_rmse) if self.has_choice else self.base

    def earlier_rmse(self, model: ValueModel) -> float:
        """Root mean squared error over the hold-outs before the last."""
        earlier = self.rows[self.rows["hold_out"] > 0]
        return float(np.sqrt(((earlier[model.value] - earlier["true"]) ** 2).mean()))

    def predicted(self, model: ValueModel) -> Floats:
        """Net sales of each buyer of the reference date in the coming months."""
        if self.fits is None:
            return np.zeros(0)
        return predict(model, self.known, self.fits, self.months, self.base)

    def total_errors(self) -> list[float]:
        """ln(Σ true/Σ predicted) of the prediction that serves per hold-out; empty where a sum is not positive."""
        if self.model is None:
            return []
        sums = self.rows.groupby("hold_out")[["true", self.model.value]].sum()
        return np.log(sums["true"] / sums[self.model.value]).tolist() if (sums > 0).all(axis=None) else []

    def served(self, model: ValueModel) -> ValueModel | PurchaseFit | Message:
        """Name what predicts under the name of a model: the halves of a blend, one rate for all where rates are alike.

        Examples
        --------
        A blend is called by its halves: "mean of NBD without churn and regression".
        """
        if model in HALVES:
            return say("mean of {base} and {learned}", base=self.served(self.base), learned=HALVES[model])
        is_pooled = self.fits is not None and self.fits.purchases[ValueModel.NBD].fit is PurchaseFit.POOLED
        return PurchaseFit.POOLED if model is ValueModel.NBD and is_pooled else model


def buyer_kinds(buyers: pd.DataFrame, orders: pd.DataFrame) -> npt.NDArray[np.str_]:
    """One order day, few order days, even or uneven gaps, for each buyer.

    Even: at least 6 order days with gaps whose standard deviation is at most half their mean. Few: 2 to 5 order
    days.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a"] * 6 + ["b"], "ordered_on": pd.to_datetime(
    ...     ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-01-29", "2024-02-05", "2024-02-01"])})
    >>> buyer_kinds(pd.DataFrame({"customer_id": ["a", "b"], "order_days": [6, 1]}), orders).tolist()
    ['even', 'one_day']
    """
    days = orders[["customer_id", "ordered_on"]].drop_duplicates().sort_values(["customer_id", "ordered_on"])
    gaps = days.groupby("customer_id")["ordered_on"].diff().dt.days
    spread = gaps.groupby(days["customer_id"]).agg(["mean", "std"])
    variation = buyers["customer_id"].map(spread["std"] / spread["mean"])
    count = buyers["order_days"]
    kinds = [BuyerKind.ONE_DAY, BuyerKind.FEW_DAYS, BuyerKind.EVEN]
    return np.select(
        [count == 1, count < EVEN_FROM, variation <= EVEN_VARIATION],
        [kind.value for kind in kinds],
        BuyerKind.UNEVEN.value,
    )


def try_out(
    orders: pd.DataFrame,
    months: pd.DataFrame,
    days: list[dt.date],
    length: int,
    as_of: dt.date,
    rules: Facts,
    chances: pd.DataFrame | None = None,
) -> Trial:
    """Predict the held-out sales with every model from what was known on each day, and fit the models at `as_of`.

    Parameters
    ----------
    orders, months : DataFrame
        ``customer_orders``, ``customer_months``.
    days : list of date
        Beginnings of the hold-outs.
    length : int
        Their months.
    as_of : date
    rules : params.Facts
        How the lost chance is learned.
    chances : DataFrame, optional
        ``customer_chances`` at `as_of`; learned here without it.
    """
    now = known_on(orders, months, as_of)
    fits = None
    if not now.buyers.empty:
        now, fits = now.with_leaving(rules, chances), fit_models(now, max(length, 1))
    found = [(day, known.with_leaving(rules)) for day in days if len((known := known_on(orders, months, day)).buyers)]
    everywhere = [fits] if fits else []
    for _, known in found:  # what was not identified on a later day is no candidate and needs no fit
        everywhere.append(fit_models(known, length, everywhere[-1].models))
    fitted = everywhere[-len(found) :] if found else []
    models = [model for model in ValueModel if all(model in each.models for each in everywhere)]
    if not all(each.spend.is_identified for each in everywhere):
        fitted, fits = [each.without_gamma_gamma() for each in fitted], fits and fits.without_gamma_gamma()
    base = next((model for model in WITH_CHURN if model in models), ValueModel.NBD)
    parts = [
        pd.DataFrame(
            {
                "customer_id": known.buyers["customer_id"],
                "kind": buyer_kinds(known.buyers, known.orders),
                "has_returns": (known.buyers["net_sales"] < known.buyers["order_sales"] - 0.005).to_numpy(),
                "hold_out": number,
                "true": sales_after(months, known.buyers["customer_id"], day, length),
                **{model.value: predict(model, known, fitted[number], length, base) for model in models},
            }
        )
        for number, (day, known) in enumerate(found)
    ]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"hold_out": [], "true": []})
    return Trial(rows, [day for day, _ in found], length, models, base, now, fits)


def compare(trial: Trial) -> pd.DataFrame:
    """Measure the errors on the last hold-out: ``value_backtest``, smallest error of the earlier ones first."""
    if trial.model is None:
        return VALUE_BACKTEST.empty()
    true = trial.last["true"].to_numpy()
    rows = [
        {
            "model": model.value,
            "predictions": len(true),
            "earlier_rmse": trial.earlier_rmse(model) if trial.has_choice else None,
            "is_chosen": model is trial.model,
            **measures(trial.last[model.value].to_numpy(), true),
        }
        for model in trial.models
    ]
    by = "earlier_rmse" if trial.has_choice else "rmse"
    return VALUE_BACKTEST.conform(pd.DataFrame(rows).sort_values(by, kind="stable", ignore_index=True))


@finds(VALUE_BACKTEST)
def which_model_predicts(
    orders: pd.DataFrame,
    months: pd.DataFrame,
    calendar: Calendar,
    rules: Value,
    facts: Facts,
    chances: pd.DataFrame | None = None,
) -> tuple[Trial, Finding]:
    """Which prediction of the sales per customer serves, and how far off it was on months that took no part.

    Every prediction is made from what was known on an earlier day and held against the net sales of the months after,
    over all buyers of that day. The smallest RMSE on the hold-outs before the last is chosen, since a few large
    customers carry the sales; errors are reported on the last one. mae and rmse per customer in money; total_error =
    Σ predicted/Σ true − 1; top10 = share of the true top tenth found in the predicted top tenth; gini = ranking of the
    true sales, 1 at best, 0 by chance, with its bootstrap interval. A model that is not identified on one of the days
    or at the reference date is no candidate. With fewer than two hold-outs before the last there is no choice: the
    purchase model that the data carry serves.

    Parameters
    ----------
    orders, months : DataFrame
        ``customer_orders``, ``customer_months``.
    calendar : Calendar
        At the reference date.
    rules : params.Value
        `backtest_months`, `hold_outs`, `draws`, `seed`.
    facts : params.Facts
        How the lost chance is learned on the earlier days.
    chances : DataFrame, optional
        ``customer_chances``.

    Returns
    -------
    tuple of Trial and Finding
        All predictions beside what came, and the table ``value_backtest``; numbers model, backtest.months,
        backtest.hold_outs, ``backtest.<model>.{mae,rmse,total_error,top10,gini}``,
        ``ranking.{gini,gini_low,gini_high,is_above_chance}``, identified (BG/NBD and Gamma–Gamma on all of
        these days).
    """
    days, length = hold_outs(calendar, rules)
    trial = try_out(orders, months, days, length, calendar.as_of, facts, chances)
    table = compare(trial)
    common: dict[str, Any] = {
        "name": VALUE_BACKTEST.name,
        "question": say("Which prediction is used?"),
        "table": table,
        "numbers": _numbers(table, trial, rules),
    }
    if table.empty:
        return trial, Finding(
            **common,
            sentence=say("Predictions cannot be checked"),
            absent=say("Not measurable: a hold-out needs a complete month and as much history before it."),
        )
    return trial, Finding(
        **common,
        sentence=_sentence(table, trial),
        sub=say_n(
            "Errors per customer on the month from {day:date}, which took no part in the choice; money",
            "Errors per customer on the {n:count} months from {day:date}, which took no part in the choice; money",
            count="n",
            n=length,
            day=trial.days[0],
        ),
        base=say("Buyers of that day: {n:count}; hold-outs: {days:count}.", n=len(trial.last), days=len(trial.days)),
        show=("model", "earlier_rmse", "rmse", "mae", "total_error", "top10", "gini"),
        caveats=_caveats(trial),
    )


def _numbers(table: pd.DataFrame, trial: Trial, rules: Value) -> dict[str, Any]:
    fitted: dict[str, Any] = absent_numbers(["identified"], "no buyer")
    if trial.fits:
        fitted = {"identified": ValueModel.BG_NBD in trial.models and trial.fits.spend.is_identified}
    if trial.model is None:
        names = [f"backtest.{model}.{measure}" for model in ValueModel for measure in MEASURES]
        names += ["model", "backtest.months", *RANKING, "ranking.is_above_chance"]
        return fitted | {"backtest.hold_outs": 0} | absent_numbers(names, TOO_SHORT)
    numbers: dict[str, Any] = {
        "model": trial.model.value, "backtest.months": trial.months, "backtest.hold_outs": len(trial.days)
    }  # fmt: skip
    rows = table.set_index("model")
    for model in ValueModel:
        reason = "no net sales in the hold-out" if model in rows.index else NOT_IDENTIFIED
        for measure in MEASURES:
            name, value = f"backtest.{model}.{measure}", rows[measure].get(model.value)
            lacks = NOT_LEARNED if model in LEARNED and model not in rows.index else reason
            numbers |= absent_numbers([name], lacks) if pd.isna(value) else {name: value}
    predicted, true = (trial.last[name].to_numpy() for name in (trial.model.value, "true"))
    interval = gini_interval(predicted, true, rules.draws, rules.seed)
    ranks = (gini(predicted, true), *interval) if interval else None
    numbers |= dict(zip(RANKING, ranks, strict=True)) if ranks else absent_numbers(RANKING, NO_RANKING)
    return fitted | numbers | {"ranking.is_above_chance": interval is not None and interval[0] > 0}


def _sentence(table: pd.DataFrame, trial: Trial) -> Message:
    if len(trial.last) < FEWEST:
        return say("Which prediction errs least cannot be told from fewer than {n:count} buyers", n=FEWEST)
    chosen = table[table["is_chosen"]].iloc[0]
    if pd.isna(chosen["total_error"]):
        return say("Nobody bought in the months held out, so no prediction can show what it is worth")
    values = {"model": trial.served(ValueModel(chosen["model"])), "error": float(chosen["total_error"])}
    if not trial.has_choice:
        return say(
            "There is no choice with so few hold-outs ({n:count}); {model} serves, and its total was {error:change} "
            "off on the last",
            n=len(trial.days),
            **values,
        )
    return say(
        "Chosen on {n:count} earlier hold-outs: {model}; on the last its total was {error:change} off",
        n=len(trial.days) - 1,
        **values,
    )


def _caveats(trial: Trial) -> list[Caveat]:
    found = []
    if lost := [model for model in WITH_CHURN if model not in trial.models]:
        found.append(
            Caveat(
                say("Churn is not identified"),
                say(
                    "These models cannot be told from the data on every hold-out and are no candidates: {names:names}.",
                    names=lost,
                ),
            )
        )
    if trial.fits and not trial.fits.spend.is_identified:
        found.append(
            Caveat(
                say("Gamma–Gamma is not identified"),
                say("Instead we use each customer's average order value, adjusted toward the overall average."),
            )
        )
    if ValueModel.BOOSTING not in trial.models:
        found.append(
            Caveat(
                say("No boosting and no regression"),
                say("The history is too short or holds too few buyers to learn from earlier months."),
            )
        )
    if len(trial.last) < FEW_BUYERS:
        found.append(
            Caveat(
                say("Few customers"),
                say("Below {n:count} predictions one large customer decides which one errs least.", n=FEW_BUYERS),
            )
        )
    return found


@finds(VALUE_CALIBRATION)
def is_it_calibrated(trial: Trial) -> Finding:
    """Whether those of whom much is expected bring much: predicted and true sales by tenth of the prediction.

    Buyers of the last hold-out in ten groups of equal size by the prediction that serves; means per buyer.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    Finding
        Table ``value_calibration``; numbers calibration.slope (Σ over the groups, least squares through 0).
    """
    question = say("Do the customers predicted to be large turn out large?")
    chosen = trial.model
    if chosen is None or len(trial.last) < DECILES:
        return Finding(
            name=VALUE_CALIBRATION.name,
            question=question,
            sentence=say("Calibration cannot be checked"),
            table=VALUE_CALIBRATION.empty(),
            numbers=absent_numbers(["calibration.slope"], TOO_SHORT),
            absent=say("Not measurable: there are fewer than {n:count} predictions to group.", n=DECILES),
        )
    ordered = trial.last.sort_values([chosen.value, "customer_id"], ascending=[False, True], ignore_index=True)
    tenth = ordered.index.to_numpy() * DECILES // len(ordered) + 1
    table = (
        ordered.assign(tenth=tenth)
        .groupby("tenth", as_index=False)
        .agg(predictions=("true", "size"), predicted=(chosen.value, "mean"), true=("true", "mean"))
    )
    squares = float((table["predicted"] ** 2).sum())
    slope = float((table["predicted"] * table["true"]).sum()) / squares if squares > 0 else None
    top = table.iloc[0]
    return Finding(
        name=VALUE_CALIBRATION.name,
        question=question,
        sentence=say(
            "Top 10 % of buyers: predicted {predicted:money} each, actual {true:money}",
            predicted=float(top.predicted),
            true=float(top.true),
        )
        if slope is not None
        else say("No sales were predicted; {true:money} a buyer came", true=float(ordered["true"].mean())),
        table=VALUE_CALIBRATION.conform(table),
        numbers={"calibration.slope": slope}
        if slope is not None
        else absent_numbers(["calibration.slope"], "nothing is predicted"),
        sub=say("Net sales per buyer in the held-out months by tenth of the prediction; {model}",
                model=trial.served(chosen)),
        base=say("Predictions: {n:count}.", n=len(ordered)),
        drawing="value.calibration_bars",
    )  # fmt: skip


@finds(VALUE_GROUPS)
def for_whom_does_it_hold(trial: Trial) -> Finding:
    """For which buyers the prediction that serves holds: by order days, evenness of the gaps and returns.

    On the last hold-out. Kinds are disjoint (one order day, 2–5, even gaps, uneven gaps); buyers with returns stand
    apart as well. Groups of fewer than 20 predictions are left out.

    Returns
    -------
    Finding
        Table ``value_groups``.
    """
    question = say("For whom does the prediction hold?")
    groups = []
    rows = trial.last
    if trial.model is not None:
        of_kind = {kind: rows["kind"] == kind.value for kind in BuyerKind} | {BuyerKind.RETURNS: rows["has_returns"]}
        parts = [(kind, rows[is_it]) for kind, is_it in of_kind.items()]
        groups = [_group(kind, part, trial.model) for kind, part in parts if len(part) >= FEWEST_IN_GROUP]
    if not groups:
        return Finding(
            name=VALUE_GROUPS.name,
            question=question,
            sentence=say("Groups cannot be compared"),
            table=VALUE_GROUPS.empty(),
            absent=say("Not measurable: no group has {n:count} predictions.", n=FEWEST_IN_GROUP),
        )
    table = VALUE_GROUPS.conform(pd.DataFrame(groups))
    known = table["total_error"].abs().dropna()
    worst = frames.records(table.loc[[known.idxmax()]])[0] if len(known) else None
    return Finding(
        name=VALUE_GROUPS.name,
        question=question,
        sentence=say("No group bought in the months held out")
        if worst is None
        else say(
            "The total is furthest off for the group: {kind}; {error:change}",
            kind=BuyerKind(worst["kind"]),
            error=worst["total_error"],
        ),
        table=table,
        sub=say("Chosen prediction on the held-out months; money per buyer"),
        base=say(
            "Predictions: {n:count}; groups of fewer than {few:count} are left out.", n=len(rows), few=FEWEST_IN_GROUP
        ),
        show=("kind", "predictions", "predicted", "true", "total_error", "rmse"),
    )


def _group(kind: BuyerKind, part: pd.DataFrame, model: ValueModel) -> dict[str, Any]:
    predicted, true = (part[name].to_numpy() for name in (model.value, "true"))
    found = measures(predicted, true)
    return {
        "kind": kind.value,
        "predictions": len(part),
        "predicted": float(predicted.mean()),
        "true": float(true.mean()),
        "total_error": found["total_error"],
        "rmse": found["rmse"],
    }
