"""What today's customers will bring in the coming months, and who of them the most, as far as that can be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.rounding import significant
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say, say_n
from kam_analysis.tables import Table, finds
from kam_analysis.value.backtest import TO_CHOOSE, Trial
from kam_analysis.vocabulary import PurchaseFit, ValueModel

CUSTOMER_VALUES = Table(
    "customer_values",
    "one buyer",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.count("orders", say("Orders, all history"), "Orders of all history.", low=1),
        col.NET_SALES_12M,
        col.money("predicted_sales", say("Predicted"), "Coming months, by the chosen prediction.", low=0),
        col.number("expected_order_days", say("Order days expected"), "In the same months, purchase model.", low=0),
        col.LOST_CHANCE("No order in `facts.horizon_days`."),
        col.money("formula_ltv", say("Value by the formula"), "S·C·P·T of the customer.", nullable=True),
        col.member("purchase_fit", say("Purchase model"), "Which one the data carry.", PurchaseFit),
    ),
    ("customer_id",),
)


TOTAL, MONTHS, ORDER_DAYS = "predicted.net_sales", "predicted.months", "predicted.order_days"
INTERVAL = ("predicted.net_sales_low", "predicted.net_sales_high")
FEW_HOLD_OUTS = "fewer than three hold-outs with net sales"
SHOWN = 10
QUARTER_CAVEAT = Caveat(
    say("The season of the last months is carried on"),
    say(
        "The chosen prediction scales the last three complete months; a strong or weak season makes it too high "
        "or too low."
    ),
    Weight.RED,
)


def total_interval(total: float, errors: Sequence[float]) -> tuple[float, float] | None:
    """Between which bounds the total will lie in 95 of 100 cases, by how far off the totals of the hold-outs were.

    total · exp(± t·√(Σe²/n)), e = ln(true/predicted) of each of n hold-outs, t the 97.5 % quantile of Student's
    distribution with n degrees of freedom. None with fewer than three hold-outs: their spread tells nothing then.

    Parameters
    ----------
    total : float
        Money, not negative.
    errors : sequence of float

    Examples
    --------
    >>> total_interval(100.0, [0.1, -0.1, 0.1])  # t of 3 degrees: 3.182446
    (72.7425, 137.471)
    >>> total_interval(100.0, [0.1, -0.1]) is None
    True
    """
    from scipy.special import stdtrit

    if len(errors) < TO_CHOOSE:
        return None
    spread = float(np.exp(stdtrit(len(errors), 0.975) * np.sqrt(np.mean(np.square(errors)))))
    low, high = significant([total / spread, total * spread])
    return float(low), float(high)


def customer_values(facts: pd.DataFrame, trial: Trial, model: ValueModel, chances: pd.DataFrame) -> pd.DataFrame:
    """Predict the net sales of every buyer in the coming months, the largest first, ties by customer id.

    Order days are those of the purchase model that predicts or is half of it, of `Trial.base` where there is none.

    Returns
    -------
    DataFrame
        ``customer_values``.
    """
    known, fits = trial.known, trial.fits
    if fits is None:
        return CUSTOMER_VALUES.empty()
    days = (add_months(known.day, trial.months) - known.day).days
    purchases = fits.purchases.get(model, fits.purchases[trial.base])
    made = pd.DataFrame(
        {
            "customer_id": known.buyers["customer_id"],
            "predicted_sales": trial.predicted(model),
            "expected_order_days": np.where(known.leaving < 1, purchases.expected_orders(known.customers, days), 0.0),
            "purchase_fit": purchases.fit.value,
        }
    )
    told = facts[["customer_id", "customer_name", "orders", "net_sales_12m", "formula_ltv"]]
    table = made.merge(told, on="customer_id", how="inner")
    table = table.merge(chances[["customer_id", "lost_chance"]], on="customer_id", how="left")
    return CUSTOMER_VALUES.conform(
        table.sort_values(["predicted_sales", "customer_id"], ascending=[False, True], ignore_index=True)
    )


@finds(CUSTOMER_VALUES)
def who_will_bring_most(facts: pd.DataFrame, chances: pd.DataFrame, trial: Trial, backtest: Finding) -> Finding:
    """What today's buyers will bring in the coming months, and which of them the most.

    By the prediction that serves, over as many months as were held out in the back-test, from all history before the
    reference date. The interval of the total comes from the errors of the hold-outs (`total_interval`). Customers are
    ranked only where the prediction ranked those of the last hold-out better than chance; else the table goes by
    customer id and is not shown.

    Parameters
    ----------
    facts, chances : DataFrame
        ``customer_facts``, ``customer_chances``.
    trial : Trial
    backtest : Finding
        Both of `which_model_predicts`.

    Returns
    -------
    Finding
        Table ``customer_values``; numbers predicted.net_sales (total), .net_sales_low, .net_sales_high, .months,
        .order_days.
    """
    question = say("What will today's customers bring?")
    if trial.fits is None or trial.model is None:
        nobody = trial.fits is None
        return Finding(
            name=CUSTOMER_VALUES.name,
            question=question,
            sentence=say("The coming sales cannot be predicted"),
            table=CUSTOMER_VALUES.empty(),
            numbers=absent_numbers(
                (TOTAL, *INTERVAL, MONTHS, ORDER_DAYS),
                "nobody has an order" if nobody else "no prediction could be checked",
            ),
            absent=say("Not measurable: nobody has an order.")
            if nobody
            else say("Not measurable: no prediction could be checked."),
        )
    table = customer_values(facts, trial, trial.model, chances)
    total = money.total(table["predicted_sales"].round(4))
    likely = total_interval(total, trial.total_errors())
    numbers: dict[str, Any] = {TOTAL: total, MONTHS: trial.months}
    numbers |= dict(zip(INTERVAL, likely, strict=True)) if likely else absent_numbers(INTERVAL, FEW_HOLD_OUTS)
    is_ranked = bool(backtest.numbers["ranking.is_above_chance"]) and total > 0
    return Finding(
        name=CUSTOMER_VALUES.name,
        question=question,
        sentence=_sentence(table, total, trial.months, is_ranked),
        table=table if is_ranked else table.sort_values("customer_id", ignore_index=True),
        numbers=numbers | {ORDER_DAYS: float(table["expected_order_days"].sum())},
        sub=say_n(
            "Net sales predicted for the month from {day:date}; prediction: {model}",
            "Net sales predicted for the {n:count} months from {day:date}; prediction: {model}",
            count="n",
            n=trial.months,
            day=trial.known.day,
            model=trial.served(trial.model),
        ),
        base=_base(likely, len(trial.total_errors()), backtest, is_ranked),
        show=("customer_name", "net_sales_12m", Show("predicted_sales", bar=True), "expected_order_days", "lost_chance")
        if is_ranked
        else (),
        most_rows=SHOWN,
        caveats=[QUARTER_CAVEAT] if trial.model is ValueModel.LAST_QUARTER else [],
    )


def _sentence(table: pd.DataFrame, total: float, months: int, is_ranked: bool) -> Message:
    count = -(-len(table) // 10)
    if not total:
        return say("No buyer is predicted to bring net sales")
    if not is_ranked:
        return say_n(
            "Today's customers should bring {total:money} in the next month; who of them brings most cannot be told",
            "Today's customers should bring {total:money} in the next {months:count} months; who of them brings most "
            "cannot be told",
            count="months",
            months=months,
            total=total,
        )
    return say_n(
        "Today's customers should bring {total:money} in the next month, {share:share} of it from the largest "
        "{n:count}",
        "Today's customers should bring {total:money} in the next {months:count} months, {share:share} of it from the "
        "largest {n:count}",
        count="months",
        months=months,
        total=total,
        share=money.total(table["predicted_sales"].head(count).round(4)) / total,
        n=count,
    )


def _base(likely: tuple[float, float] | None, hold_outs: int, backtest: Finding, is_ranked: bool) -> Message:
    total = (
        say("How far off the total may be is not measurable: that takes {few:count} hold-outs.", few=TO_CHOOSE)
        if likely is None
        else say("Interval of the total: by its errors on {n:count} hold-outs.", n=hold_outs)
    )
    names = ("ranking.gini", "ranking.gini_low", "ranking.gini_high")
    gini, low, high = (backtest.numbers[name] for name in names)
    if gini is None:
        return say("{total} Nobody is ranked: the hold-out cannot tell a ranking from chance.", total=total)
    values = {"total": total, "gini": gini, "low": low, "high": high}
    if not is_ranked:
        return say(
            "{total} Nobody is ranked: on the hold-out the ranking was no better than chance (Gini {gini:num2}, "
            "{low:num2} to {high:num2}; chance: 0).",
            **values,
        )
    return say("{total} Ranking on the hold-out: Gini {gini:num2} ({low:num2} to {high:num2}; chance: 0).", **values)
