"""Which prediction of the coming sales would have been best."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import Facts, Value
from kam_analysis.value.predict import Fits, fit_models, known_on, predict
from kam_analysis.value.purchases import Floats
from kam_analysis.value.tables import VALUE_BACKTEST
from kam_analysis.vocabulary import PurchaseFit, ValueModel

HOLD_OUTS = (12, 6, 3, 1)
MOST_ORIGINS = 3
FEW_BUYERS = 200
MEASURES = ("mae", "rmse", "total_error", "top10")
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
    """Errors over all hold-outs: mae, rmse, total_error (Σ predicted/Σ true − 1), top10 (mean over the hold-outs).

    Examples
    --------
    >>> measures([np.array([3.0, 3.0])], [np.array([8.0, -4.0])])  # errors −5 and 7; predicted 6 against 4
    {'mae': 6.0, 'rmse': 6.082762530298219, 'total_error': 0.5, 'top10': 1.0}
    """
    every, truth = np.concatenate(predicted), np.concatenate(true)
    error, total = every - truth, float(truth.sum())
    return {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "total_error": float(every.sum()) / total - 1 if total > 0 else None,
        "top10": float(np.mean([top_tenth_found(*pair) for pair in zip(predicted, true, strict=True)])),
    }


def sales_after(months: pd.DataFrame, customers: pd.Series, day: dt.date, length: int) -> Floats:
    """Net sales of each customer in the `length` months from a day on, 0 where there are none."""
    held = months[(months["month"] >= pd.Timestamp(day)) & (months["month"] < pd.Timestamp(add_months(day, length)))]
    sales = held.groupby("customer_id")["net_sales"].sum()
    return customers.map(sales).fillna(0.0).to_numpy(dtype=np.float64)


def compare(
    orders: pd.DataFrame, months: pd.DataFrame, days: list[dt.date], length: int, rules: Facts
) -> tuple[pd.DataFrame, list[Fits]]:
    """Predict the held-out sales with every model, and measure the errors.

    Returns
    -------
    tuple of DataFrame and list of Fits
        ``value_backtest``, smallest RMSE first, and the fits at each day.
    """
    predicted: dict[ValueModel, list[Floats]] = {model: [] for model in ValueModel}
    true, fitted = [], []
    for day in days:
        known = known_on(orders, months, day)
        if known.buyers.empty:
            continue
        fits = fit_models(known)
        fitted.append(fits)
        true.append(sales_after(months, known.buyers["customer_id"], day, length))
        for model in ValueModel:
            predicted[model].append(predict(model, known, fits, length, rules))
    if not true:
        return VALUE_BACKTEST.empty(), []
    rows = [{"model": model.value} | measures(predicted[model], true) for model in ValueModel]
    table = pd.DataFrame(rows).sort_values("rmse", kind="stable", ignore_index=True)
    count = sum(len(truth) for truth in true)
    return VALUE_BACKTEST.conform(table.assign(predictions=count, is_chosen=table.index == 0)), fitted


def which_model_predicts(
    orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, facts_rules: Facts, rules: Value
) -> Finding:
    """Which prediction of the sales per customer would have erred least on months it did not see.

    Every prediction is made from what was known on an earlier day and held against the net sales of the months after,
    over all buyers of that day. mae and rmse per customer in money; total_error = Σ predicted/Σ true − 1; top10 = share
    of the true top tenth found in the predicted top tenth. The smallest RMSE is chosen, since a few large customers
    carry the sales. Naive predictions always stand beside the models.

    Parameters
    ----------
    orders, months : DataFrame
        ``customer_orders``, ``customer_months``.
    calendar : Calendar
        At the reference date.
    facts_rules, rules
        Silence and cap of the formula; `backtest_months`.

    Returns
    -------
    Finding
        Table ``value_backtest``; numbers model, backtest.months, ``backtest.<model>.{mae,rmse,total_error,top10}``.
    """
    days, length = hold_outs(calendar, rules)
    table, fitted = compare(orders, months, days, length, facts_rules)
    question = say("Which prediction errs least?")
    if table.empty:
        names = [
            "model",
            "backtest.months",
            *(f"backtest.{model}.{measure}" for model in ValueModel for measure in MEASURES),
        ]
        return Finding(
            name=VALUE_BACKTEST.name,
            question=question,
            sentence=say("Predictions cannot be checked"),
            table=table,
            numbers=absent_numbers(names, TOO_SHORT),
            absent=say("Not measurable: a hold-out needs a complete month and as much history before it."),
        )
    return Finding(
        name=VALUE_BACKTEST.name,
        question=question,
        sentence=_sentence(table),
        table=table,
        numbers={"backtest.months": length} | _numbers(table),
        sub=say_n(
            "Root mean squared error per customer on {n:count} month held out; money",
            "Root mean squared error per customer on {n:count} months held out; money",
            count="n",
            n=length,
        ),
        base=_base(table, days),
        show=("model", "mae", "rmse", "total_error", "top10"),
        drawing="backtest_bars",
        caveats=_caveats(table, fitted),
    )


def _numbers(table: pd.DataFrame) -> dict[str, Any]:
    numbers: dict[str, Any] = {"model": str(table["model"].iloc[0])}
    for row in table.to_dict("records"):
        for measure in MEASURES:
            name, value = f"backtest.{row['model']}.{measure}", row[measure]
            numbers |= absent_numbers([name], "no net sales in the hold-out") if pd.isna(value) else {name: value}
    return numbers


def _sentence(table: pd.DataFrame) -> Message:
    best, second = (ValueModel(name) for name in table["model"].iloc[:2])
    return say(
        "The smallest error has: {best}; RMSE {rmse:money} a customer against {other:money} ({second})",
        best=best,
        rmse=float(table["rmse"].iloc[0]),
        second=second,
        other=float(table["rmse"].iloc[1]),
    )


def _base(table: pd.DataFrame, days: list[dt.date]) -> Message:
    return say_n(
        "{predictions:count} predictions from {n:count} day, {day:date}; all buyers of that day.",
        "{predictions:count} predictions from {n:count} days, the latest {day:date}; all buyers of each day.",
        count="n",
        predictions=int(table["predictions"].iloc[0]),
        n=len(days),
        day=days[0],
    )


def model_caveats(fits: Fits) -> list[Caveat]:
    """Say which model could not be identified and what serves in its place."""
    found = []
    if fits.purchases.fit is not PurchaseFit.BG_NBD:
        found.append(
            Caveat(
                say("Churn is not identified"),
                say("BG/NBD cannot be told from these data; the model {fit} serves.", fit=fits.purchases.fit),
            )
        )
    if not fits.spend.is_identified:
        found.append(
            Caveat(
                say("Gamma–Gamma is not identified"),
                say("In its place serves each customer's own mean value, pulled towards that of all."),
            )
        )
    return found


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
