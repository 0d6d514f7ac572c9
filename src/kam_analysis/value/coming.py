"""Who will bring the most in the coming months, by the prediction that the back-test chose."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.value.backtest import model_caveats
from kam_analysis.value.known import Known, known_on
from kam_analysis.value.predict import Fits, fit_models, predict
from kam_analysis.value.tables import CUSTOMER_VALUES
from kam_analysis.vocabulary import ValueModel

PROBABLY_LEFT, WORTH_TELLING = 0.05, 0.02
TOTAL, MONTHS = "predicted.net_sales", "predicted.months"
SHOWN = (
    "customer_name", "orders", "net_sales_12m", "predicted_sales", "expected_order_days", "orders_low", "orders_high",
    "alive_chance",
)  # fmt: skip
ORDER_DAYS = ("predicted.order_days", "predicted.order_days_low", "predicted.order_days_high")
QUARTER_CAVEAT = Caveat(
    say("The season of the last months is carried on"),
    say(
        "The chosen prediction scales the last three complete months; a strong or weak season makes it too high "
        "or too low."
    ),
    Weight.RED,
)


def customer_values(facts: pd.DataFrame, known: Known, fits: Fits, model: ValueModel, months: int) -> pd.DataFrame:
    """Predict the net sales of every buyer in the next `months`, the largest first, ties by customer id.

    Returns
    -------
    DataFrame
        ``customer_values``.
    """
    days = (add_months(known.day, months) - known.day).days
    purchases = fits.purchases_of(model)
    likely = purchases.interval(known.customers, days)
    made = pd.DataFrame(
        {
            "customer_id": known.buyers["customer_id"],
            "predicted_sales": predict(model, known, fits, months),
            "expected_order_days": purchases.expected_orders(known.customers, days),
            "orders_low": likely[:, 0],
            "orders_high": likely[:, 1],
            "alive_chance": purchases.alive_chance(known.customers),
            "purchase_fit": purchases.fit.value,
        }
    )
    kept = ["customer_id", "customer_name", "orders", "net_sales_12m", "formula_ltv"]
    table = made.merge(facts[kept], on="customer_id", how="inner")
    return CUSTOMER_VALUES.conform(
        table.sort_values(["predicted_sales", "customer_id"], ascending=[False, True], ignore_index=True)
    )


def who_will_bring_most(
    facts: pd.DataFrame, orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, backtest: Finding
) -> Finding:
    """Which buyers will bring the most net sales in the coming months.

    By the prediction with the smallest error in the back-test, over as many months as were held out there, made from
    all history before the reference date.

    Parameters
    ----------
    facts, orders, months : DataFrame
        ``customer_facts``, ``customer_orders``, ``customer_months``.
    calendar : Calendar
        At the reference date.
    backtest : Finding
        Of `which_model_predicts`.

    Returns
    -------
    Finding
        Table ``customer_values``; numbers predicted.net_sales (total), predicted.months,
        predicted.order_days with its 95 % interval, identified (BG/NBD and Gamma–Gamma on all history).
    """
    question = say("Who will bring the most?")
    known = known_on(orders, months, calendar.as_of)
    if known.buyers.empty:
        return _absent(question, {}, "nobody has an order", say("Not measurable: nobody has an order."))
    if backtest.numbers["model"] is None:
        return _absent(
            question,
            {"identified": fit_models(known, 1).is_identified},
            "no prediction could be checked",
            say("Not measurable: no prediction could be checked."),
        )
    model = ValueModel(backtest.numbers["model"])
    ahead = int(backtest.numbers["backtest.months"])
    fits = fit_models(known, ahead)
    identified: dict[str, Any] = {"identified": fits.is_identified}
    table = customer_values(facts, known, fits, model, ahead)
    total = money.total(table["predicted_sales"].round(4))
    return Finding(
        name=CUSTOMER_VALUES.name,
        question=question,
        sentence=_sentence(table, total, ahead),
        table=table,
        numbers={TOTAL: total, MONTHS: ahead} | identified | _order_days(known, fits, model, ahead),
        sub=say_n(
            "Net sales predicted for the month from {day:date}; prediction: {model}",
            "Net sales predicted for the {n:count} months from {day:date}; prediction: {model}",
            count="n", n=ahead, day=calendar.as_of, model=fits.served(model),
        ),
        base=say_n("{n:count} buyer.", "{n:count} buyers.", count="n", n=len(table)),
        show=[name for name in SHOWN if table[name].notna().any()],
        sortable=True,
        caveats=[
            *_leavers_caveat(table, total),
            *_error_caveat(backtest, model),
            *([QUARTER_CAVEAT] if model is ValueModel.LAST_QUARTER else []),
            *model_caveats(fits),
        ],
    )  # fmt: skip


def _leavers_caveat(table: pd.DataFrame, total: float) -> list[Caveat]:
    gone = table[table["alive_chance"] < PROBABLY_LEFT]
    held = money.total(gone["predicted_sales"].round(4))
    if not total or held / total < WORTH_TELLING:
        return []
    text = say(
        "Of the prediction {money:money} ({share:share}) is with buyers whose chance still to buy is below "
        "{limit:share0} ({n:count}): the money comes from the chosen prediction, the chance from the purchase model.",
        money=held,
        share=held / total,
        limit=PROBABLY_LEFT,
        n=len(gone),
    )
    return [Caveat(say("Money from buyers who have probably left"), text, Weight.RED)]


def _error_caveat(backtest: Finding, model: ValueModel) -> list[Caveat]:
    error = backtest.numbers[f"backtest.{model}.total_error"]
    if error is None or abs(error) < WORTH_TELLING:
        return []
    text = (
        say("On the months held out the total of this prediction came out {error:share} too high.", error=error)
        if error > 0
        else say("On the months held out the total of this prediction came out {error:share} too low.", error=-error)
    )
    return [Caveat(say("How far off the total was"), text, Weight.AMBER)]


def _order_days(known: Known, fits: Fits, model: ValueModel, months: int) -> dict[str, Any]:
    purchases = fits.purchases_of(model)
    days = (add_months(known.day, months) - known.day).days
    expected = {ORDER_DAYS[0]: float(purchases.expected_orders(known.customers, days).sum())}
    if purchases.model is None or not purchases.is_identified:
        return expected | absent_numbers(ORDER_DAYS[1:], "churn is not identified")
    return expected | dict(zip(ORDER_DAYS[1:], purchases.model.total_interval(known.customers, days), strict=True))


def _absent(question: Message, numbers: dict[str, Any], reason: str, absent: Message) -> Finding:
    lacking = [name for name in (TOTAL, MONTHS, *ORDER_DAYS, "identified") if name not in numbers]
    return Finding(
        name=CUSTOMER_VALUES.name,
        question=question,
        sentence=say("The coming sales cannot be predicted"),
        table=CUSTOMER_VALUES.empty(),
        numbers=numbers | absent_numbers(lacking, reason),
        absent=absent,
    )


def _sentence(table: pd.DataFrame, total: float, months: int) -> Message:
    count = -(-len(table) // 10)
    if not total:
        return say("No buyer is predicted to bring net sales")
    return say_n(
        "The first tenth of the buyers ({n:count}) is predicted to bring {share:share} of {total:money} in the "
        "next month",
        "The first tenth of the buyers ({n:count}) is predicted to bring {share:share} of {total:money} in "
        "{months:count} months",
        count="months",
        months=months,
        n=count,
        share=money.total(table["predicted_sales"].head(count).round(4)) / total,
        total=total,
    )
