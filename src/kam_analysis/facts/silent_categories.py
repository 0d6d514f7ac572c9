"""Which category a customer no longer buys from, though it goes on ordering: a test over all pairs."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis.engine import Engine, statement
from kam_analysis.facts.intervals import discoveries
from kam_analysis.facts.rounding import significant
from kam_analysis.params import Facts

PRIOR = 0.5


def category_habits(lines: Engine, as_of: dt.date) -> pd.DataFrame:
    """How regularly every customer bought each category, and on how many order days it has not since.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``customer_orders``.
    as_of : date
        First day not analysed.

    Returns
    -------
    DataFrame
        customer_id, category, category_days (order days with the category), last_on (the last of them), days_between
        and with_between (order days between the first and the last of them, and those of them with the category),
        days_since (order days since the last), categories (that the customer ever bought), net_sales_year and
        margin_year (of the category in the 12 months up to the last day).
    """
    return _habits(lines, "order_lines", as_of, fewest=1)


def item_habits(lines: Engine, as_of: dt.date, rules: Facts) -> pd.DataFrame:
    """Give the same by item (its code, else its name, stands as category), with the item in words.

    Left out are items bought on fewer order days than ``category_order_days``, and those that nobody bought in the last
    ``horizon_days``: they are discontinued, not lost.
    """
    lines.materialise("item_lines", statement(__file__, "item_lines"))
    found = _habits(lines, "item_lines", as_of, rules.category_order_days)
    sold_from = as_of - dt.timedelta(days=rules.horizon_days)
    lines.materialise("items_sold", statement(__file__, "items_sold"), as_of=as_of, sold_from=sold_from)
    return found.merge(lines.frame("items_sold"), on="category")


def _habits(lines: Engine, table: str, as_of: dt.date, fewest: int) -> pd.DataFrame:
    sql = statement(__file__, "category_days", {"lines": table})
    lines.materialise("category_days", sql, as_of=as_of, fewest=fewest)
    return lines.frame("category_days")


def category_gap_survival(
    days_between: npt.ArrayLike, with_between: npt.ArrayLike, days_since: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Chance that a category bought so regularly is missing on all order days since.

    A customer takes the category on each order day with its own chance, estimated from the days between the first and
    the last one: with k of n of them, the chance of m days without is Π (½ + n − k + j)/(1 + n + j) over j < m, the
    mean of (1 − p)^m for p known as Beta(½ + k, ½ + n − k). The first and the last day are left out, because they had
    the category by choice of where the count begins and ends.

    Examples
    --------
    >>> category_gap_survival([1], [1], [2]).round(4).tolist()  # ½/2 · 1½/3
    [0.125]
    """
    from scipy.special import gammaln

    n, k, m = (np.asarray(values, dtype=np.float64) for values in (days_between, with_between, days_since))
    without, whole = PRIOR + n - k, 2 * PRIOR + n
    return significant(np.exp(gammaln(without + m) - gammaln(without) + gammaln(whole) - gammaln(whole + m)))


def tested_categories(habits: pd.DataFrame, chances: pd.DataFrame, rules: Facts) -> pd.DataFrame:
    """Test every pair of a customer who still orders and a category that it bought often.

    Tested are customers of two and more categories whose own silence is neither unusual nor likely
    (``customer_chances``), and of these every category with at least ``category_order_days`` order days. A pair is
    silent when `category_gap_survival` survives the correction of Benjamini and Hochberg over all pairs tested, so
    that no more than ``chance_share`` of the silent ones are expected to be chance.

    Parameters
    ----------
    habits : DataFrame
        From `category_habits`.
    chances : DataFrame
        ``customer_chances``.
    rules : Facts
        ``category_order_days``, ``chance_share``.

    Returns
    -------
    DataFrame
        The tested rows of `habits` with category_silence (the chance), usual_share and is_silent.
    """
    ordering = chances["customer_id"][~(chances["is_unusual_silence"] | chances["is_likely_silent"])]
    tested = habits[
        (habits["categories"] > 1)
        & (habits["category_days"] >= rules.category_order_days)
        & habits["customer_id"].isin(ordering)
    ]
    chance = category_gap_survival(tested["days_between"], tested["with_between"], tested["days_since"])
    return tested.assign(
        category_silence=chance,
        usual_share=tested["with_between"] / tested["days_between"],
        is_silent=discoveries(chance, rules.chance_share),
    )
