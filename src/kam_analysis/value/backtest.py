"""Which prediction of the coming sales would have been best."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import Value
from kam_analysis.value.known import known_on, sales_after
from kam_analysis.value.predict import Fits, fit_models, predict
from kam_analysis.value.tables import VALUE_BACKTEST, VALUE_CALIBRATION, VALUE_GROUPS
from kam_analysis.vocabulary import BuyerKind, PurchaseFit, ValueModel

HOLD_OUTS = (12, 6, 3, 1)
MOST_ORIGINS = 3
FEW_BUYERS = 200
MEASURES = ("mae", "rmse", "total_error", "top10", "gini")
Z95 = 1.959964
EVEN_FROM = 6
EVEN_VARIATION = 0.5
DECILES = 10
FEWEST_IN_GROUP = 20
FEWEST = 10
TOO_SHORT = "the data hold no month to predict with as many complete months before it"


def hold_outs(calendar: Calendar, rules: Value) -> tuple[list[dt.date], int]:
    """Days from which the sales are predicted, the latest first, and how many months are held out after each.

    The hold-out is the longest of 12, 6, 3 and 1 months up to `backtest_months` that has as many complete months before
    it; it is repeated without overlap up to three times.

    Examples
    --------
    >>> days, months = hold_outs(Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10)), Value())
    >>> [str(day) for day in days], months
    (['2011-06-01'], 6)
    """
    if not (complete := calendar.complete_months):
        return [], 0
    end = add_months(complete[-1], 1)
    for months in sorted({*HOLD_OUTS, rules.backtest_months}, reverse=True):
        days = [add_months(end, -months * number) for number in range(1, MOST_ORIGINS + 1)]
        fitting = [day for day in days if add_months(day, -months) >= complete[0]]
        if months <= rules.backtest_months and fitting:
            return fitting, months
    return [], 0


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


def measures(predicted: list[Floats], true: list[Floats]) -> dict[str, float | None]:
    """Errors over all hold-outs: mae, rmse, total_error (Σ predicted/Σ true − 1), top10 (mean over those with sales).

    Examples
    --------
    >>> measures([np.array([3.0, 3.0])], [np.array([8.0, -4.0])])  # errors −5 and 7; predicted 6 against 4
    {'mae': 6.0, 'rmse': 6.082762530298219, 'total_error': 0.5, 'top10': 1.0}
    """
    every, truth = np.concatenate(predicted), np.concatenate(true)
    error, total = every - truth, float(truth.sum())
    found = [top_tenth_found(*pair) for pair in zip(predicted, true, strict=True) if pair[1].any()]
    return {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "total_error": float(every.sum()) / total - 1 if total > 0 else None,
        "top10": float(np.mean(found)) if found else None,
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
    if true.sum() <= 0:
        return None
    most = _area(true, true)
    return _area(predicted, true) / most if most > 0 else None


def _area(ranked_by: Floats, true: Floats) -> float:
    _, place = np.unique(-ranked_by, return_inverse=True)
    sums, counts = np.bincount(place, true), np.bincount(place)
    sold, people = (np.concatenate([[0.0], np.cumsum(part) / part.sum()]) for part in (sums, counts))
    return float((np.diff(people) * (sold[1:] + sold[:-1])).sum()) - 1.0


def rmse_gap(errors: Floats, best: Floats, customers: np.ndarray) -> tuple[float, float]:
    """Give the 95 % interval of a prediction's RMSE above that of the best one.

    From the mean difference of the squared errors over the sum of the two RMSE, its spread over customers: several
    hold-outs of one customer count together.

    Examples
    --------
    >>> low, high = rmse_gap(np.array([4.0, 4, 4, 4]), np.array([2.0, 2, 2, 2]), np.arange(4))
    >>> low, high
    (2.0, 2.0)
    """
    _, place = np.unique(customers, return_inverse=True)
    gap = errors**2 - best**2
    both = float(np.sqrt((errors**2).mean()) + np.sqrt((best**2).mean()))
    if both == 0:
        return 0.0, 0.0
    centred = np.bincount(place, gap - gap.mean())
    spread = Z95 * float(np.sqrt((centred**2).sum())) / len(gap)
    return (float(gap.mean()) - spread) / both, (float(gap.mean()) + spread) / both


@dataclass(frozen=True)
class Trial:
    """Every prediction beside what came, one row per buyer and hold-out.

    Parameters
    ----------
    rows : DataFrame
        customer_id, kind of the buyer (BuyerKind), has_returns, true, and a column per prediction.
    days : list of date
        Of the hold-outs that had a buyer.
    fits : list of Fits
        At each day.
    """

    rows: pd.DataFrame
    days: list[dt.date]
    fits: list[Fits]

    @property
    def models(self) -> list[ValueModel]:
        """The predictions that could be made on every day."""
        return [model for model in ValueModel if model.value in self.rows and self.rows[model.value].notna().all()]

    def served(self, model: ValueModel) -> ValueModel | PurchaseFit:
        """Name what predicted under the name of a model on the latest day."""
        return self.fits[0].served(model) if self.fits else model


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


def try_out(orders: pd.DataFrame, months: pd.DataFrame, days: list[dt.date], length: int) -> Trial:
    """Predict the held-out sales with every model from what was known on each day."""
    parts: list[pd.DataFrame] = []
    told: list[dt.date] = []
    fitted: list[Fits] = []
    for day in days:
        known = known_on(orders, months, day)
        if known.buyers.empty:
            continue
        fits = fit_models(known, length)
        made = {model.value: predict(model, known, fits, length) for model in fits.models}
        buyers = known.buyers
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": buyers["customer_id"],
                    "kind": buyer_kinds(buyers, known.orders),
                    "has_returns": (buyers["net_sales"] < buyers["order_sales"] - 0.005).to_numpy(),
                    "hold_out": len(parts),
                    "true": sales_after(months, buyers["customer_id"], day, length),
                    **made,
                }
            )
        )
        told.append(day)
        fitted.append(fits)
    return Trial(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(), told, fitted)


def compare(trial: Trial) -> pd.DataFrame:
    """Measure the errors of every prediction: ``value_backtest``, smallest RMSE first."""
    if trial.rows.empty:
        return VALUE_BACKTEST.empty()
    by_day = [part for _, part in trial.rows.groupby("hold_out", sort=True)]
    true = [part["true"].to_numpy() for part in by_day]
    rows = []
    for model in trial.models:
        predicted = [part[model.value].to_numpy() for part in by_day]
        ranks = [gini(*pair) for pair in zip(predicted, true, strict=True)]
        known_ranks = [rank for rank in ranks if rank is not None]
        rows.append(
            {
                "model": model.value,
                **measures(predicted, true),
                "gini": float(np.mean(known_ranks)) if known_ranks else None,
            }
        )
    table = pd.DataFrame(rows).sort_values("rmse", kind="stable", ignore_index=True)
    errors = {name: (trial.rows[name] - trial.rows["true"]).to_numpy() for name in table["model"]}
    best = errors[table["model"].iloc[0]]
    customers = trial.rows["customer_id"].to_numpy()
    gaps = np.array([rmse_gap(errors[name], best, customers) for name in table["model"]])
    table = table.assign(gap_low=gaps[:, 0], gap_high=gaps[:, 1])
    untold = 0 if len(set(customers)) >= FEWEST else slice(None)
    table.loc[untold, ["gap_low", "gap_high"]] = np.nan
    return VALUE_BACKTEST.conform(table.assign(predictions=len(trial.rows), is_chosen=table.index == 0))


def which_model_predicts(
    orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, rules: Value
) -> tuple[Trial, Finding]:
    """Which prediction of the sales per customer would have erred least on months it did not see.

    Every prediction is made from what was known on an earlier day and held against the net sales of the months after,
    over all buyers of that day. mae and rmse per customer in money; total_error = Σ predicted/Σ true − 1; top10 = share
    of the true top tenth found in the predicted top tenth. The smallest RMSE is chosen, since a few large customers
    carry the sales. Naive predictions always stand beside the models; gini is the ranking of the true sales, 1 at best;
    the interval of the RMSE above the chosen one comes from the customers' differences of squared errors, of 10
    customers or more.

    Parameters
    ----------
    orders, months : DataFrame
        ``customer_orders``, ``customer_months``.
    calendar : Calendar
        At the reference date.
    rules : params.Value
        `backtest_months`.

    Returns
    -------
    tuple of Trial and Finding
        All predictions beside what came, and the table ``value_backtest``; numbers model, backtest.months,
        ``backtest.<model>.{mae,rmse,total_error,top10,gini}``.
    """
    days, length = hold_outs(calendar, rules)
    trial = try_out(orders, months, days, length)
    table = compare(trial)
    question = say("Which prediction errs least?")
    if table.empty:
        names = [
            "model",
            "backtest.months",
            *(f"backtest.{model}.{measure}" for model in ValueModel for measure in MEASURES),
        ]
        return trial, Finding(
            name=VALUE_BACKTEST.name,
            question=question,
            sentence=say("Predictions cannot be checked"),
            table=table,
            numbers=absent_numbers(names, TOO_SHORT),
            absent=say("Not measurable: a hold-out needs a complete month and as much history before it."),
        )
    return trial, Finding(
        name=VALUE_BACKTEST.name,
        question=question,
        sentence=_sentence(table, trial),
        table=table,
        numbers={"backtest.months": length} | _numbers(table),
        sub=say_n(
            "Root mean squared error per customer on {n:count} month held out; money",
            "Root mean squared error per customer on {n:count} months held out; money",
            count="n",
            n=length,
        ),
        base=_base(table, trial.days),
        show=("model", "mae", "rmse", "gap_low", "gap_high", "total_error", "top10", "gini"),
        drawing="backtest_bars",
        caveats=_caveats(table, trial.fits),
    )


def _numbers(table: pd.DataFrame) -> dict[str, Any]:
    numbers: dict[str, Any] = {"model": str(table["model"].iloc[0])}
    for row in table.to_dict("records"):
        for measure in MEASURES:
            name, value = f"backtest.{row['model']}.{measure}", row[measure]
            numbers |= absent_numbers([name], "no net sales in the hold-out") if pd.isna(value) else {name: value}
    return numbers


def _sentence(table: pd.DataFrame, trial: Trial) -> Message:
    if trial.rows["customer_id"].nunique() < FEWEST:
        return say("Which prediction errs least cannot be told from fewer than {n:count} buyers", n=FEWEST)
    if not trial.rows["true"].any():
        return say("Nobody bought in the months held out, so no prediction can show what it is worth")
    best = table.iloc[0]
    made = trial.rows[table["model"]]
    others = [row for row in table.itertuples() if not made[row.model].equals(made[best["model"]])]
    values = {"best": trial.served(ValueModel(best["model"])), "rmse": float(best["rmse"])}
    if not others:
        return say("All predictions are the same; RMSE {rmse:money} a customer", rmse=values["rmse"])
    values |= {"second": trial.served(ValueModel(others[0].model)), "other": float(others[0].rmse)}
    if others[0].gap_low <= 0:
        return say(
            "The smallest error has: {best}; RMSE {rmse:money} a customer; the distance to {other:money} ({second}) "
            "may be chance",
            **values,
        )
    return say(
        "The smallest error has: {best}; RMSE {rmse:money} a customer against {other:money} ({second})", **values
    )


def _base(table: pd.DataFrame, days: list[dt.date]) -> Message:
    return say_n(
        "Predictions: {predictions:count}, from {n:count} day, {day:date}; all buyers of that day.",
        "Predictions: {predictions:count}, from {n:count} days, the latest {day:date}; all buyers of each day.",
        count="n",
        predictions=int(table["predictions"].iloc[0]),
        n=len(days),
        day=days[0],
    )


def model_caveats(fits: Fits) -> list[Caveat]:
    """Say which model could not be identified and what serves in its place."""
    found = []
    lost = [purchases for purchases in fits.purchases.values() if not purchases.is_identified]
    if lost:
        names = [model for model, purchases in fits.purchases.items() if not purchases.is_identified]
        found.append(
            Caveat(
                say("Churn is not identified"),
                say(
                    "These models cannot be told from the data: {names:names}. In their place: {fit}.",
                    names=sorted(names, key=list(ValueModel).index),
                    fit=lost[0].fit,
                ),
            )
        )
    if not fits.spend.is_identified:
        found.append(
            Caveat(
                say("Gamma–Gamma is not identified"),
                say("In its place serves each customer's own mean value, pulled towards that of all."),
            )
        )
    if fits.learned is None:
        found.append(
            Caveat(
                say("No boosting and no regression"),
                say("The history is too short or holds too few buyers to learn from earlier months."),
            )
        )
    return found


def is_it_calibrated(trial: Trial, chosen: ValueModel | None) -> Finding:
    """Whether those of whom much is expected bring much: predicted and true sales by tenth of the prediction.

    Buyers of all hold-outs in ten groups of equal size by the chosen prediction; means per buyer.

    Parameters
    ----------
    trial : Trial
    chosen : ValueModel or None
        None where nothing could be tried.

    Returns
    -------
    Finding
        Table ``value_calibration``; numbers calibration.slope (Σ over the groups, least squares through 0).
    """
    question = say("Do those bring much of whom much is expected?")
    if chosen is None or len(trial.rows) < DECILES:
        return Finding(
            name=VALUE_CALIBRATION.name,
            question=question,
            sentence=say("Calibration cannot be checked"),
            table=VALUE_CALIBRATION.empty(),
            numbers=absent_numbers(["calibration.slope"], TOO_SHORT),
            absent=say("Not measurable: there are fewer than {n:count} predictions to group.", n=DECILES),
        )
    ordered = trial.rows.sort_values([chosen.value, "customer_id"], ascending=[False, True], ignore_index=True)
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
            "The first tenth was predicted at {predicted:money} a buyer and brought {true:money}",
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
        drawing="calibration_bars",
    )  # fmt: skip


def for_whom_does_it_hold(trial: Trial, chosen: ValueModel | None) -> Finding:
    """For which buyers the chosen prediction holds: by order days, evenness of the gaps and returns.

    Kinds are disjoint (one order day, 2–5, even gaps, uneven gaps); buyers with returns stand apart as well. Groups of
    fewer than 20 predictions are left out.

    Returns
    -------
    Finding
        Table ``value_groups``: errors of the chosen prediction and the one that would have erred least in the group.
    """
    question = say("For whom does the prediction hold?")
    rows = trial.rows
    groups = []
    if chosen is not None:
        parts = [(kind, rows[rows["kind"] == kind.value]) for kind in BuyerKind if kind is not BuyerKind.RETURNS]
        parts.append((BuyerKind.RETURNS, rows[rows["has_returns"]]))
        groups = [_group(kind, part, chosen, trial.models) for kind, part in parts if len(part) >= FEWEST_IN_GROUP]
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
    worst = table.loc[known.idxmax()] if len(known) else None
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
        show=("kind", "predictions", "predicted", "true", "total_error", "rmse", "best_model"),
    )


def _group(kind: BuyerKind, part: pd.DataFrame, chosen: ValueModel, models: list[ValueModel]) -> dict[str, Any]:
    true = part["true"].to_numpy()
    errors = {model: float(np.sqrt(((part[model.value] - true) ** 2).mean())) for model in models}
    predicted, total = float(part[chosen.value].mean()), float(true.sum())
    return {
        "kind": kind.value,
        "predictions": len(part),
        "predicted": predicted,
        "true": float(true.mean()),
        "total_error": predicted * len(part) / total - 1 if total > 0 else None,
        "rmse": errors[chosen],
        "best_model": min(models, key=lambda model: errors[model]).value,
    }


def _caveats(table: pd.DataFrame, fitted: list[Fits]) -> list[Caveat]:
    found = []
    total = table["total_error"].iloc[0]
    if not pd.isna(total) and abs(total) > 0.10:
        found.append(
            Caveat(
                say("The total is off by {change:change}", change=float(total)),
                say(
                    "The chosen prediction ranks customers; its sum over all of them erred by that much on the "
                    "hold-out."
                ),
            )
        )
    found += model_caveats(fitted[0])
    if int(table["predictions"].iloc[0]) < FEW_BUYERS:
        found.append(
            Caveat(
                say("Few customers"),
                say("Below {n:count} predictions one large customer decides which one errs least.", n=FEW_BUYERS),
                Weight.RED,
            )
        )
    return found
