"""Who still orders but no longer from a category that it used to buy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import discoveries
from kam_analysis.facts.rounding import significant
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, say, say_n
from kam_analysis.params import Retention
from kam_analysis.retention.tables import SILENT_CATEGORIES

PRIOR = 0.5
NUMBERS = ("categories.tested", "categories.silent", "categories.customers", "categories.net_sales")


def category_habits(lines: Engine, calendar: Calendar) -> pd.DataFrame:
    """How regularly every customer bought each category, and on how many order days it has not since.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``customer_orders``.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    DataFrame
        customer_id, category, category_days (order days with the category), last_on (the last of them), days_between
        and with_between (order days between the first and the last of them, and those of them with the category),
        days_since (order days since the last), categories (that the customer ever bought), net_sales_year and
        margin_year (of the category in the 12 months up to the last day).
    """
    lines.materialise("category_days", statement(__file__, "category_days"), as_of=calendar.as_of)
    return lines.frame("category_days")


def silence_chance(
    days_between: npt.ArrayLike, with_between: npt.ArrayLike, days_since: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Chance that a category bought so regularly is missing on all order days since.

    A customer takes the category on each order day with its own chance, of which the days between the first and the
    last one tell: with k of n of them, the chance of m days without is Π (½ + n − k + j)/(1 + n + j) over j < m, the
    mean of (1 − p)^m for p known as Beta(½ + k, ½ + n − k). The first and the last day are left out, because they had
    the category by choice of where the count begins and ends.

    Examples
    --------
    >>> silence_chance([1], [1], [2]).round(4).tolist()  # ½/2 · 1½/3
    [0.125]
    """
    from scipy.special import gammaln

    n, k, m = (np.asarray(values, dtype=np.float64) for values in (days_between, with_between, days_since))
    without, whole = PRIOR + n - k, 2 * PRIOR + n
    chance: npt.NDArray[np.float64] = np.exp(
        gammaln(without + m) - gammaln(without) + gammaln(whole) - gammaln(whole + m)
    )
    return significant(chance)


def silent_categories(habits: pd.DataFrame, facts: pd.DataFrame, at_risk_below: float, rules: Retention) -> Finding:
    """Which categories fell silent at customers who still order, and what they were worth.

    Looked at are customers of two and more categories whose own silence is no longer than their rhythm lets expect, and
    of these every category with at least `category_order_days` order days. It is listed when `silence_chance` survives
    the correction of Benjamini and Hochberg over all pairs looked at, so that no more than `category_false_share` of
    the listed are expected to be chance. Money: net sales and margin of the category in the 12 months up to its last
    day.

    Parameters
    ----------
    habits : DataFrame
        From `category_habits`.
    facts : DataFrame
        ``customer_facts``.
    at_risk_below : float
        ``segments.life_cycle.at_risk_below``: below it the whole customer is slipping away.
    rules : params.Retention
        `category_order_days`, `category_false_share`.

    Returns
    -------
    Finding
        Table ``silent_categories``, most money first; numbers categories.tested, categories.silent,
        categories.customers, categories.net_sales.
    """
    question = say("Which categories fell silent at customers who still order?")
    if habits.empty:
        return _absent(
            question,
            "no order names a category",
            say("Not measurable: no order names a category."),
        )
    known = habits.merge(facts[["customer_id", "customer_name", "manager", "silence_chance"]], on="customer_id")
    looked_at = known[
        (known["categories"] > 1)
        & (known["category_days"] >= rules.category_order_days)
        & ~(known["silence_chance"] < at_risk_below)
    ]
    if looked_at.empty:
        return _absent(
            question,
            "no customer who still orders bought two categories, one of them often enough",
            say(
                "Not measurable: no customer who still orders bought two categories, one of them on at least {n:count} "
                "days.",
                n=rules.category_order_days,
            ),
        )
    chances = silence_chance(looked_at["days_between"], looked_at["with_between"], looked_at["days_since"])
    found = looked_at.assign(
        category_silence=chances, usual_share=looked_at["with_between"] / looked_at["days_between"]
    )[discoveries(chances, rules.category_false_share)]
    table = SILENT_CATEGORIES.conform(
        found.sort_values(
            ["net_sales_year", "customer_id", "category"], ascending=[False, True, True], ignore_index=True
        )
    )
    lost = money.total(table["net_sales_year"])
    return Finding(
        name=SILENT_CATEGORIES.name,
        question=question,
        sentence=_sentence(table, lost),
        table=table,
        numbers=dict(
            zip(NUMBERS, (len(looked_at), len(table), int(table["customer_id"].nunique()), lost), strict=True)
        ),
        sub=say(
            "Customers of several categories who order as usual; the category is missing on so many order days that at "
            "most {share:share0} of the listed are chance. Money: its last 12 months",
            share=rules.category_false_share,
        ),
        base=say(
            "Pairs of customer and category with at least {days:count} order days: {n:count}.",
            n=len(looked_at),
            days=rules.category_order_days,
        ),
        show=("customer_name", "category", "manager", "net_sales_year", *_margin(table), "last_on", "usual_share",
              "days_since"),
        most_rows=20,
        none=say("No pair of customer and category is silent beyond chance."),
        caveats=_caveats(table),
    )  # fmt: skip


def _absent(question: Message, reason: str, absent: Message) -> Finding:
    return Finding(
        name=SILENT_CATEGORIES.name,
        question=question,
        sentence=say("Silence by category cannot be measured"),
        table=SILENT_CATEGORIES.empty(),
        numbers=absent_numbers(NUMBERS, reason),
        absent=absent,
    )


def _margin(table: pd.DataFrame) -> tuple[str, ...]:
    return ("margin_year",) if table["margin_year"].notna().any() else ()


def _sentence(table: pd.DataFrame, lost: float) -> Message:
    if table.empty:
        return say("No category fell silent at customers who go on ordering")
    values: dict[str, Any] = {"n": len(table), "customers": int(table["customer_id"].nunique()), "money": lost}
    return say_n(
        "{n:count} category fell silent while the customer goes on ordering; it brought {money:money} in its last 12 "
        "months",
        "{n:count} categories fell silent at customers who go on ordering ({customers:count}); they brought "
        "{money:money} in their last 12 months",
        count="n",
        **values,
    )


def _caveats(table: pd.DataFrame) -> list[Caveat]:
    if table.empty:
        return []
    return [
        Caveat(
            say("A season can look like silence"),
            say("A category bought only in summer is silent every winter; ask before you offer."),
            Weight.GREEN,
        )
    ]
