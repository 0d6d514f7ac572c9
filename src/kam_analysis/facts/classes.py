"""Class A, B, C or N of every customer, and who is large: one rule each, for every page."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from math import ceil

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.windows import money_of_months, window_money
from kam_analysis.findings import Message, say
from kam_analysis.params import Abc, VolumeThreshold
from kam_analysis.vocabulary import AbcClass


def classes_by_sum(values: npt.NDArray[np.int64], rules: Abc) -> npt.NDArray[np.object_]:
    """Class of each value by the sum of the larger ones; equal values keep their order.

    A while the sum of the larger values is below `rules.a_until` of the sum of positive values, B while below
    `rules.b_until`, else C, compared in integers. Who crosses a limit belongs to the higher class, so a single giant is
    A. A value ≤ 0 is N.

    Examples
    --------
    Before 15 exactly 80 %, before 5 exactly 95 % are reached.

    >>> classes_by_sum(np.array([5, 80, 15, 0]), Abc()).tolist()
    ['C', 'A', 'B', 'N']
    """
    order = np.argsort(-values, kind="stable")
    positive = np.maximum(values[order], 0).astype(object)
    before = np.cumsum(positive) - positive
    whole = int(positive.sum())
    classes = np.full(len(values), AbcClass.N.value, dtype=object)
    classes[order] = np.select(
        [positive <= 0, before < _limit(rules.a_until, whole), before < _limit(rules.b_until, whole)],
        [AbcClass.N.value, AbcClass.A.value, AbcClass.B.value],
        AbcClass.C.value,
    )
    return classes


def _limit(until: float, whole: int) -> int:
    share = Fraction(str(until))
    return ceil(share * whole)


def abc_classes(window: pd.DataFrame, rules: Abc) -> pd.Series:
    """Class of every customer of a window by cumulated value, ties by id (`classes_by_sum`).

    Parameters
    ----------
    window : DataFrame
        customer_id, net_sales, margin of one window, as from `window_money`.
    rules : Abc
        Value and limits.

    Returns
    -------
    Series
        Class by customer_id, sorted; missing where the margin is the value and unknown.

    Notes
    -----
    Source: article C; definitions, ABC.

    Examples
    --------
    >>> window = pd.DataFrame({"customer_id": list("dcba"), "net_sales": [0.0, 5.0, 15.0, 80.0], "margin": None})
    >>> abc_classes(window, Abc()).to_dict()
    {'a': 'A', 'b': 'B', 'c': 'C', 'd': 'N'}
    """
    values = window.set_index("customer_id")[rules.value].sort_index()
    known = values.notna()
    classes = pd.Series(np.nan, values.index, dtype="str", name="abc")
    classes[known] = classes_by_sum(money.exact(values[known]), rules)
    return classes


def customer_classes(facts: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, rules: Abc) -> pd.Series:
    """Class of every customer at the reference date: the one meaning of class A, B, C and N on every page.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``, or ``customer_facts_before`` with the calendar of that date.
    months : DataFrame
        ``customer_months``.
    calendar : Calendar
        The reference date.
    rules : Abc
        Window, value and limits.

    Returns
    -------
    Series
        Class by customer_id, in the order of `facts`: N for a customer without a line in the window; missing where the
        margin is the value and unknown.
    """
    classes = abc_classes(window_money(facts, months, calendar, rules.window_months), rules)
    has_line = facts["customer_id"].isin(classes.index).to_numpy()
    return classes.reindex(facts["customer_id"]).where(has_line, AbcClass.N.value)


def classes_on(months: pd.DataFrame, day: dt.date, rules: Abc) -> pd.Series:
    """Class of every customer on the first day of a month, from nothing dated on or after it.

    Parameters
    ----------
    months : DataFrame
        ``customer_months``.
    day : date
        First day of a month.
    rules : Abc
        Window, value and limits.

    Examples
    --------
    >>> months = pd.DataFrame({"customer_id": ["a", "b", "b"], "net_sales": [10.0, 90.0, 500.0], "margin": None,
    ...                        "month": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])})
    >>> classes_on(months, dt.date(2024, 3, 1), Abc()).to_dict()
    {'a': 'B', 'b': 'A'}
    """
    return abc_classes(money_of_months(months, day, rules.window_months), rules)


def class_limits(rules: Abc) -> Message:
    """Say what the letters mean, in the limits of the parameters.

    Examples
    --------
    >>> class_limits(Abc(a_until=0.7)).values["a"]
    0.7
    """
    if rules.value == "margin":
        return say(
            "A: the largest, up to {a:share0} of the margin; B up to {b:share0}; C the rest; N not above 0.",
            a=rules.a_until,
            b=rules.b_until,
        )
    return say(
        "A: the largest, up to {a:share0} of net sales; B up to {b:share0}; C the rest; N not above 0.",
        a=rules.a_until,
        b=rules.b_until,
    )


def volume_limit(volumes: pd.Series, threshold: VolumeThreshold) -> float:
    """Money above which a customer's volume is large.

    Money as given; a share of the sum of the volumes above 0; or the smallest volume that at least this part of the
    customers does not exceed. The customer at the limit is not above it.

    Parameters
    ----------
    volumes : Series
        Net sales in the window of the threshold; customers at 0 or below count for nothing.
    threshold : VolumeThreshold
        ``key_clients.volume_threshold``.

    Examples
    --------
    >>> volume_limit(pd.Series([10.0, 20.0, 30.0, 40.0, 50.0]), VolumeThreshold())
    40.0
    """
    sales = money.exact(volumes)
    sales = np.sort(sales[sales > 0])
    if threshold.measure == "money" or not len(sales):
        return threshold.above if threshold.measure == "money" else 0.0
    part = Fraction(str(threshold.above))
    if threshold.measure == "share":
        return float(part * int(sales.sum(dtype=object)) / money.SCALE)
    return money.units(sales[ceil(part * len(sales)) - 1]) if part > 0 else 0.0


def is_large(volumes: pd.Series, threshold: VolumeThreshold) -> npt.NDArray[np.bool_]:
    """Whether each customer's volume is strictly above the threshold, decided in integers.

    Examples
    --------
    >>> is_large(pd.Series([10.0, 20.0, 30.0, 40.0, 50.0]), VolumeThreshold()).tolist()
    [False, False, False, False, True]
    """
    sales = money.exact(volumes)
    if threshold.measure == "share":
        base = int(sales[sales > 0].sum(dtype=object))
        return (sales > 0) & money.exceeds(sales, base, threshold.above)
    return sales > max(0, int(money.exact([volume_limit(volumes, threshold)])[0]))
