"""Who is slipping away: the lost chance of every customer, what it would cost, and how well it did on earlier days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, is_absent, say, say_n
from kam_analysis.params import Facts
from kam_analysis.tables import CHANCE_BACKTEST, CHANCE_RELIABILITY, CUSTOMER_CHANCES, Table, finds

OVERDUE_CUSTOMERS = Table(
    "overdue_customers",
    "one customer with two order days and an order in the last 12 months",
    (
        col.count("overdue_rank", say("Rank"), "1 for the largest expected loss.", low=1),
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.MANAGER("The customer's manager."),
        col.NET_SALES_12M,
        col.LAST_ORDER_ON(nullable=False),
        col.DAYS_WITHOUT_ORDER,
        col.MEDIAN_GAP_DAYS,
        *(column for column in CUSTOMER_CHANCES.columns if column.name not in ("customer_id", "basis")),
    ),
    ("customer_id",),
)


MOST_SHOWN, MOST_NAMED = 10, 3
NUMBERS = ("overdue.customers", "overdue.stopped", "overdue.likely", "overdue.expected_loss")
TOO_SHORT = "no earlier day with a known outcome"
NOT_MEASURABLE = say("Not measurable: the data are too short for an earlier day whose outcome is known.")


@finds(OVERDUE_CUSTOMERS)
def who_is_overdue(facts: pd.DataFrame, chances: pd.DataFrame, rules: Facts) -> Finding:
    """Which customers will probably not order again, and what that would cost.

    Every customer with two order days who is not lost, by expected loss, ties by id. A customer whose lost chance is
    at least ``stopped_from`` has *stopped*; one who is likely silent is counted beside.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    chances : DataFrame
        ``customer_chances``.
    rules : Facts
        ``horizon_days``, ``stopped_from``, ``alarm``.

    Returns
    -------
    Finding
        Table ``overdue_customers``; numbers overdue.customers, overdue.stopped, overdue.likely (not stopped),
        overdue.expected_loss (of all customers with a lost chance).
    """
    known = chances.merge(
        facts[["customer_id", "customer_name", "manager", "order_days", "last_order_on", "recency_days",
               "median_gap_days", "net_sales_12m"]],
        on="customer_id",
    )  # fmt: skip
    ranked = known[known["order_days"] > 1].sort_values(["expected_loss", "customer_id"], ascending=[False, True])
    table = OVERDUE_CUSTOMERS.conform(ranked.assign(overdue_rank=np.arange(1, len(ranked) + 1)).reset_index(drop=True))
    common: dict[str, Any] = {
        "name": OVERDUE_CUSTOMERS.name,
        "question": say("Who is slipping away?"),
        "table": table,
    }
    if table.empty:
        return Finding(
            **common,
            sentence=say("Nobody's chance to be lost can be measured."),
            numbers=absent_numbers(NUMBERS, TOO_SHORT if chances.empty else "no customer has two order days"),
            absent=NOT_MEASURABLE if chances.empty else say("Not measurable: no customer has ordered on two days."),
        )
    stopped = table[table["is_stopped"]]
    likely = table["is_likely_silent"] & ~table["is_stopped"]
    loss = money.total(chances["expected_loss"])
    return Finding(
        **common,
        sentence=_sentence(stopped, int(likely.sum())),
        numbers=dict(zip(NUMBERS, (len(table), len(stopped), int(likely.sum()), loss), strict=True)),
        sub=say(
            "Lost chance: of no order in {days:count} days. Stopped: {from:share0} and more. Expected loss: lost "
            "chance × a year's value × the share of it that such a silence has cost.",
            **{"days": rules.horizon_days, "from": rules.stopped_from},
        ),
        base=say("Customers with two order days and an order in the last 12 months: {n:count}.", n=len(table)),
        show=("customer_name", "manager", "last_order_on", "recency_days", "median_gap_days", "lost_chance",
              "years_value", "expected_loss"),
        most_rows=MOST_SHOWN,
    )  # fmt: skip


def _sentence(stopped: pd.DataFrame, likely: int) -> Message:
    if stopped.empty:
        return say_n(
            "Nobody has stopped; {n:count} customer is likely silent.",
            "Nobody has stopped; {n:count} customers are likely silent.",
            count="n",
            n=likely,
        )
    return say_n(
        "{n:count} customer has stopped, worth {money:money} a year; likely silent besides: {likely:count}.",
        "{n:count} customers have stopped, worth {money:money} a year; likely silent besides: {likely:count}.",
        count="n",
        n=len(stopped),
        money=money.total(stopped["years_value"]),
        likely=likely,
    )


def whom_first(overdue: Finding) -> Message | None:
    """Name the customers with most to lose of those who have stopped, each with its manager; None where nobody has.

    Examples
    --------
    >>> table = pd.DataFrame({"customer_name": ["Ada", "Bo"], "manager": ["Eva", None], "expected_loss": [50.0, 9.0],
    ...     "is_stopped": [True, False]})
    >>> whom_first(Finding("overdue_customers", say(""), say(""), table)).values["loss"]
    50.0
    """
    stopped = overdue.table[overdue.table["is_stopped"]].head(MOST_NAMED)
    if stopped.empty:
        return None
    return say(
        "Decide first on {names:names}: expected loss {loss:money}.",
        names=[
            say("{name} ({manager})", name=row.customer_name, manager=row.manager)
            if isinstance(row.manager, str)
            else say("{name}", name=row.customer_name)
            for row in stopped.itertuples()
        ],
        loss=money.total(stopped["expected_loss"]),
    )


@finds(CHANCE_BACKTEST)
def chance_backtest(backtest: pd.DataFrame, summary: pd.DataFrame, horizon_days: int) -> Finding:
    """Say how well the lost chance ranked the customers of earlier days.

    Parameters
    ----------
    backtest, summary : DataFrame
        ``chance_backtest``, ``chance_summary``.
    horizon_days : int
        ``facts.horizon_days``.
    """
    told = summary.iloc[0]
    common: dict[str, Any] = {
        "name": CHANCE_BACKTEST.name,
        "question": say("Does the lost chance find those who stay away?"),
        "table": backtest,
    }
    if backtest.empty:
        return Finding(
            **common,
            sentence=say("The lost chance cannot be checked."),
            numbers={},
            absent=say("Not measurable: no earlier day has enough customers of both outcomes."),
        )
    values = {name: float(told[name]) for name in ("auc", "auc_low", "auc_high", "auc_recency", "observed")}
    sentence = (
        say(
            "Yes: on the last earlier day it tells who stays away with an AUC of {auc:num2} ({auc_low:num2} to "
            "{auc_high:num2}); days since the last order alone: {auc_recency:num2}.",
            **values,
        )
        if told["is_ranking"]
        else say(
            "No: the AUC of {auc:num2} ({auc_low:num2} to {auc_high:num2}) is no better than chance, so everybody has "
            "the same lost chance.",
            **values,
        )
    )
    return Finding(
        **common,
        sentence=sentence,
        numbers={},
        sub=say("AUC per earlier day, by what was known then; 0.5 is chance"),
        base=say(
            "Customers with two order days. Stayed away: no order in {days:count} days. The last earlier day took no "
            "part in the choice of the method.",
            days=horizon_days,
        ),
        show=CHANCE_BACKTEST.names,
        caveats=_level(told),
    )


def _level(told: pd.Series) -> list[Caveat]:
    if is_absent(told["predicted"]):
        return []
    text = say(
        "Expected on the last earlier day: {predicted:share} would stay away; seen: {observed:share}. {how}",
        predicted=float(told["predicted"]),
        observed=float(told["observed"]),
        how=say("Earlier days set slope and level.")
        if told["is_calibrated"]
        else say("Not calibrated: too few earlier days; the last one sets the level."),
    )
    return [Caveat(say("How true the chances are"), text, Weight.GREEN if told["is_calibrated"] else Weight.AMBER)]


@finds(CHANCE_RELIABILITY)
def chance_reliability(reliability: pd.DataFrame) -> Finding:
    """Hold the lost chances of earlier days against what came, in tenths.

    Parameters
    ----------
    reliability : DataFrame
        ``chance_reliability``.

    Returns
    -------
    Finding
        Number lost_chance.calibration_error: Σ customers · |expected − seen| / Σ customers.
    """
    common: dict[str, Any] = {
        "name": CHANCE_RELIABILITY.name,
        "question": say("Are the lost chances true?"),
        "table": reliability,
    }
    if reliability.empty:
        return Finding(
            **common,
            sentence=say("The lost chances cannot be held against what came."),
            numbers=absent_numbers(["lost_chance.calibration_error"], TOO_SHORT),
            absent=NOT_MEASURABLE,
        )
    off = (reliability["predicted"] - reliability["observed"]).abs()
    error = float((reliability["customers"] * off).sum() / reliability["customers"].sum())
    return Finding(
        **common,
        sentence=say("Expected and seen shares are {error:share} apart on average.", error=error),
        numbers={"lost_chance.calibration_error": error},
        sub=say("Customers of all earlier days in tenths by lost chance"),
        base=say("Customers of all earlier days: {n:count}.", n=int(reliability["customers"].sum())),
        show=CHANCE_RELIABILITY.names,
    )
