"""Who is slipping away: the overdue ranking, and how well it would have worked."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.ranking_check import AUCS, MIN_ORDER_DAYS, beats_recency, ranking_checks
from kam_analysis.facts.rhythm import RhythmFit, fit_rhythm
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.retention.tables import OVERDUE_BACKTEST, OVERDUE_CUSTOMERS

MOST_SHOWN = 10


def overdue_ranking(facts: pd.DataFrame) -> pd.DataFrame:
    """Rank customers with at least two order days by the chance of an order in 90 days, the lowest first.

    The rank goes by order_chance ascending, ties by customer id. A customer's silence over its own usual gap
    stands beside it as explanation only: ranking by it lost to plain recency.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.

    Returns
    -------
    DataFrame
        ``overdue_customers`` in order of the rank.

    Examples
    --------
    >>> overdue_ranking(pd.DataFrame({"customer_id": ["a", "b"], "order_days": [5, 1]}).assign(customer_name="x",
    ...     manager=None, net_sales_12m=1.0, last_order_on=pd.Timestamp("2024-01-01"), recency_days=60.0,
    ...     median_gap_days=20.0, silence_chance=0.1, order_chance=0.2))["own_rhythm"].tolist()
    [3.0]
    """
    known = facts[(facts["order_days"] >= MIN_ORDER_DAYS) & facts["order_chance"].notna()]
    ranked = known.sort_values(["order_chance", "customer_id"], ignore_index=True)
    return OVERDUE_CUSTOMERS.conform(
        ranked.assign(
            overdue_rank=np.arange(1, len(ranked) + 1), own_rhythm=ranked["recency_days"] / ranked["median_gap_days"]
        )
    )


def who_is_overdue(facts: pd.DataFrame, at_risk_below: float) -> Finding:
    """Which customers have been silent longer than their rhythm lets expect.

    A customer is counted when the chance of such a silence, given its order rate, is below `at_risk_below`. The table
    holds every customer with at least two order days; its first rows are the counted ones, largest sales of the last
    12 months first. If all still bought at random at their own rate, each would be counted with the chance
    `at_risk_below`: so many of them stand beside the count.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    at_risk_below : float
        ``segments.life_cycle.at_risk_below``.

    Returns
    -------
    Finding
        Table ``overdue_customers``; numbers overdue.customers, overdue.net_sales_12m, overdue.shape, overdue.rate_days
        (a and b of the fitted order rates), overdue.n, overdue.by_chance.
    """
    ranking = overdue_ranking(facts)
    is_late = ranking["silence_chance"] < at_risk_below
    table = ranking.assign(late=is_late).sort_values(
        ["late", "net_sales_12m", "overdue_rank"], ascending=[False, False, True], ignore_index=True
    )
    fit = fit_rhythm(*_known_rhythm(facts))
    common: dict[str, Any] = {
        "name": OVERDUE_CUSTOMERS.name,
        "question": say("Who is slipping away?"),
        "table": OVERDUE_CUSTOMERS.conform(table),
        "sub": say(
            "Chance that a customer with this order rate is silent so long below {share:share0}", share=at_risk_below
        ),
        "base": say("Customers with at least two order days: {n:count}.", n=len(ranking)),
    }
    if ranking.empty:
        return Finding(
            **common,
            sentence=say("Nobody has a rhythm yet"),
            numbers=absent_numbers(_NUMBERS, "no customer has two order days"),
            absent=say("Not measurable: no customer has ordered on two days."),
        )
    numbers = _numbers(ranking, is_late, fit) | {"overdue.by_chance": round(at_risk_below * len(ranking))}
    return Finding(
        **common,
        sentence=_late_sentence(ranking, is_late),
        numbers=numbers,
        show=(
            "customer_name",
            "manager",
            "net_sales_12m",
            "recency_days",
            "median_gap_days",
            "silence_chance",
            "order_chance",
        ),
        most_rows=MOST_SHOWN,
        caveats=[*_pooled(fit), _by_chance(int(is_late.sum()), numbers, at_risk_below)],
    )


def _by_chance(late: int, numbers: dict[str, Any], at_risk_below: float) -> Caveat:
    return Caveat(
        say("How many so silent chance alone would give"),
        say(
            "So silent: {late:count} of {n:count}; if all still bought at random at their own rate, chance would give "
            "about {expected:count}.",
            late=late,
            n=numbers["overdue.n"],
            expected=numbers["overdue.by_chance"],
        ),
        Weight.AMBER if late <= numbers["overdue.by_chance"] else Weight.GREEN,
    )


_NUMBERS = ("overdue.customers", "overdue.net_sales_12m", "overdue.shape", "overdue.rate_days", "overdue.n",
            "overdue.by_chance")  # fmt: skip


def _known_rhythm(facts: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    buyers = facts[facts["order_days"] > 0]
    return buyers["order_days"].to_numpy(), (buyers["tenure_days"] - buyers["recency_days"]).to_numpy()


def _numbers(ranking: pd.DataFrame, is_late: pd.Series, fit: RhythmFit) -> dict[str, Any]:
    numbers: dict[str, Any] = {
        "overdue.customers": int(is_late.sum()),
        "overdue.net_sales_12m": money.total(ranking.loc[is_late, "net_sales_12m"]),
        "overdue.n": len(ranking),
    }
    if fit.shape is None:
        return numbers | absent_numbers(_NUMBERS[2:4], "all order rates are alike, one pooled rate serves")
    return numbers | {"overdue.shape": fit.shape, "overdue.rate_days": fit.rate_days}


def _late_sentence(ranking: pd.DataFrame, is_late: pd.Series) -> Message:
    late = ranking[is_late]
    if late.empty:
        return say("Nobody with a rhythm is silent for surprisingly long")
    return say_n(
        "{n:count} customer is silent for surprisingly long; it bought {money:money} in the last 12 months",
        "{n:count} customers are silent for surprisingly long; they bought {money:money} in the last 12 months",
        count="n",
        n=len(late),
        money=money.total(late["net_sales_12m"]),
    )


def _pooled(fit: RhythmFit) -> list[Caveat]:
    if not fit.is_pooled:
        return []
    return [
        Caveat(
            say("One rate for all"),
            say(
                "The order rates of these customers do not differ measurably, so the chance of a silence goes by one "
                "rate for all."
            ),
        )
    ]


def does_the_ranking_work(orders: pd.DataFrame, calendar: Calendar) -> Finding:
    """Whether the overdue ranking tells earlier than plain recency who does not order again.

    The ranking is made on up to four earlier days with what was known then, and compared with who ordered in the three
    months after. AUC: chance that a customer who ordered ranked above one who did not, 0.5 is chance. Beside it plain
    recency, the count of order days and the chance of such a silence, of which the alarm is the complement. Mean over
    the days.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    Finding
        Table ``overdue_backtest``; numbers ``overdue.{auc_overdue,auc_recency,auc_order_days,auc_alarm}``.
    """
    checks, months = ranking_checks(orders, calendar)
    table = OVERDUE_BACKTEST.conform(checks)
    names = [f"overdue.{name}" for name in AUCS]
    common: dict[str, Any] = {
        "name": OVERDUE_BACKTEST.name,
        "question": say("Does the overdue ranking work?"),
        "table": table,
        "sub": say_n(
            "Made on earlier days and held against the orders of the {n:count} month after; AUC, 0.5 is chance",
            "Made on earlier days and held against the orders of the {n:count} months after; AUC, 0.5 is chance",
            count="n",
            n=months,
        ),
    }
    if table.empty:
        return Finding(
            **common,
            sentence=say("The ranking cannot be checked"),
            numbers=absent_numbers(
                names, "no earlier day with enough history on which some ordered again and some not"
            ),
            absent=say("Not measurable: there is no earlier day after which some ordered again and some did not."),
        )
    means = table[list(AUCS)].mean()
    return Finding(
        **common,
        sentence=_work_sentence(means, len(table)),
        numbers={name: float(means[column]) for name, column in zip(names, AUCS, strict=True)},
        base=say("Customers with at least two order days on the day of the ranking."),
        show=OVERDUE_BACKTEST.names,
        caveats=_better_count(means),
    )


def _work_sentence(means: pd.Series, count: int) -> Message:
    values = {"own": float(means["auc_overdue"]), "recency": float(means["auc_recency"]), "n": count}
    if beats_recency(means):
        return say_n(
            "The overdue ranking tells more than recency alone: AUC {own:num2} against {recency:num2}, {n:count} check",
            "The overdue ranking tells more than recency alone: AUC {own:num2} against {recency:num2}, "
            "{n:count} checks",
            count="n",
            **values,
        )
    return say_n(
        "The overdue ranking tells no more than recency alone: AUC {own:num2} against {recency:num2}, {n:count} check",
        "The overdue ranking tells no more than recency alone: AUC {own:num2} against {recency:num2}, {n:count} checks",
        count="n",
        **values,
    )


def _better_count(means: pd.Series) -> list[Caveat]:
    if not means["auc_order_days"] > means["auc_overdue"]:
        return []
    return [
        Caveat(
            say("The count of order days tells more here"),
            say(
                "Its AUC is {count:num2}: who ordered often orders again, however long silent. It does not say "
                "who is late.",
                count=float(means["auc_order_days"]),
            ),
        )
    ]
