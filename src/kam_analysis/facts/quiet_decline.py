"""Who still orders but buys less and less: order days, net sales and categories against the own past."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.chance_models import Origin
from kam_analysis.facts.intervals import discoveries
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.facts.rhythm import fit_rhythm
from kam_analysis.facts.rounding import significant
from kam_analysis.params import Facts

YEAR_MONTHS = 12
MOST_QUARTERS = 4
SIGNS = ["is_rarer", "is_less", "is_narrower"]
Floats = npt.NDArray[np.float64]


def category_months(lines: Engine, as_of: dt.date) -> pd.DataFrame:
    """Count the categories that every customer bought in each month: customer_id, month, categories."""
    lines.materialise("category_months", statement(__file__, "category_months"), as_of=as_of)
    return lines.frame("category_months")


def quiet_decline(
    history: OrderHistory, months: pd.DataFrame, categories: pd.DataFrame, calendar: Calendar, rules: Facts
) -> pd.DataFrame:
    """Customers who still order and decline beyond chance, with the quarter in which that was first found.

    Parameters
    ----------
    history : OrderHistory
    months : DataFrame
        ``customer_months``.
    categories : DataFrame
        From `category_months`; empty where the source has no category.
    calendar : Calendar
        At the reference date.
    rules : Facts

    Returns
    -------
    DataFrame
        customer_id and triggered_on: first day of the calendar quarter from which on, looked at on each quarter's first
        day, `decline_signs` found a sign without a break, at most four quarters back.
    """
    last = calendar.last_day
    quarter = dt.date(last.year, 3 * ((last.month - 1) // 3) + 1, 1)
    found = _declining(history, months, categories, calendar, rules)
    since = dict.fromkeys(sorted(found), quarter)
    for _ in range(MOST_QUARTERS):
        found &= _declining(history, months, categories, calendar_at(calendar, quarter), rules)
        quarter = add_months(quarter, -3)
        since |= dict.fromkeys(found, quarter)
    rows = pd.DataFrame({"customer_id": list(since), "triggered_on": list(since.values())})
    return rows.astype({"customer_id": "str", "triggered_on": "datetime64[us]"})


def calendar_at(calendar: Calendar, as_of: dt.date) -> Calendar:
    """Give the same data as they were known on an earlier day."""
    return Calendar(calendar.first_order_on, as_of, calendar.censored_months)


def _declining(
    history: OrderHistory, months: pd.DataFrame, categories: pd.DataFrame, calendar: Calendar, rules: Facts
) -> set[str]:
    signs = decline_signs(history, months, categories, calendar, rules)
    return set(signs["customer_id"][signs[SIGNS].any(axis=1)])


def decline_signs(
    history: OrderHistory, months: pd.DataFrame, categories: pd.DataFrame, calendar: Calendar, rules: Facts
) -> pd.DataFrame:
    """What declines beyond chance at each customer who still orders.

    Still ordering: silent for less than ``silent_gaps`` times the own median gap. Three tests, each after Benjamini and
    Hochberg at ``chance_share``: order days of the last ``horizon_days`` (`order_days_chance`); net sales, and
    categories, by month (`months_chance`).

    Returns
    -------
    DataFrame
        customer_id, is_rarer, is_less, is_narrower; order_days of the last ``horizon_days`` and expected_days, missing
        where the customer was not known before the 12 months before them. Every customer who still orders has a row.
    """
    now = Origin(history, calendar.as_of, rules)
    customer = now.repeaters.customer[now.repeaters.recency < rules.silent_gaps * now.median_gap]
    ids = history.customers[customer]
    start = calendar.as_of - dt.timedelta(days=rules.horizon_days)
    is_old, expected, chance = order_days_chance(history, customer, calendar, rules)
    signs = pd.DataFrame(
        {
            "customer_id": ids.astype("str"),
            "is_rarer": _found(is_old, chance, rules),
            "order_days": history.in_window(customer, start, calendar.as_of),
            "expected_days": np.full(len(ids), np.nan),
        }
    )
    signs.loc[is_old, "expected_days"] = expected
    for name, table, column in (("is_less", months, "net_sales"), ("is_narrower", categories, "categories")):
        signs[name] = _found(*months_chance(table, column, ids, calendar), rules)
    return signs.astype({"customer_id": "str"})


def _found(is_tested: npt.NDArray[np.bool_], chance: Floats, rules: Facts) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(is_tested), dtype=bool)
    found[is_tested] = discoveries(chance, rules.chance_share)
    return found


def order_days_chance(
    history: OrderHistory, customer: npt.NDArray[np.int64], calendar: Calendar, rules: Facts
) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """Chance of so few order days in the last ``horizon_days``, by the customer's own rate of the 12 months before.

    With n order days in these T days, rates gamma distributed over customers (a, b): the lower tail of a negative
    binomial with a + n and odds of the T days against the horizon times the company's own change in order days; the
    pooled rate where all rates are alike.

    Returns
    -------
    (array of bool, array, array)
        Which customers were known before the 12 months began, the order days expected of them, and their chances.
    """
    from scipy.special import betainc, gammaincc

    start = calendar.as_of - dt.timedelta(days=rules.horizon_days)
    year_ago = add_months(start, -YEAR_MONTHS)
    everybody = np.arange(len(history.customers))
    all_now, all_before = (
        float(history.in_window(everybody, *window).sum()) for window in ((start, calendar.as_of), (year_ago, start))
    )
    is_old = history.in_window(customer, calendar.first_order_on, year_ago) > 0
    then = history.in_window(customer[is_old], year_ago, start).astype(np.float64)
    now = history.in_window(customer[is_old], start, calendar.as_of).astype(np.float64)
    days = float((start - year_ago).days)
    if not all_before or not len(then):
        return is_old, np.zeros(len(then)), np.ones(len(then))
    ahead = all_now / all_before * days
    fit = fit_rhythm(then + 1, np.full(len(then), days))
    if fit.shape is not None and fit.rate_days is not None:
        expected = (fit.shape + then) / (fit.rate_days + days) * ahead
        chance = betainc(fit.shape + then, now + 1, (fit.rate_days + days) / (fit.rate_days + days + ahead))
    else:
        expected = np.full(len(then), (fit.pooled_rate or 0.0) * ahead)
        chance = gammaincc(now + 1, expected)
    return is_old, significant(expected), np.round(chance, 9)


def months_chance(
    table: pd.DataFrame, column: str, ids: npt.NDArray[np.object_], calendar: Calendar
) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Chance of so many months below the same month of the year before, each times the company's own change in it.

    Sign test over the last 12 complete months, equal months left out: the upper tail of a binomial with ½. Customers
    without a month that differs, or with nothing in the year before, are left out.

    Parameters
    ----------
    table : DataFrame
        customer_id, month and `column`.
    ids : array of str
        Customers who still order.
    calendar : Calendar
        Without 24 complete months nothing can be compared.

    Examples
    --------
    >>> months = pd.date_range("2022-01-01", periods=24, freq="MS")
    >>> table = pd.concat([pd.DataFrame({"customer_id": "a", "month": months, "net_sales": [9.0] * 12 + [5.0] * 12}),
    ...                    pd.DataFrame({"customer_id": "b", "month": months, "net_sales": [91.0] * 12 + [95.0] * 12})])
    >>> ids = np.array(["a", "b"], dtype=object)
    >>> _, chance = months_chance(table, "net_sales", ids, Calendar(dt.date(2022, 1, 1), dt.date(2024, 1, 1), 3))
    >>> chance.round(6).tolist()  # all twelve below, none below
    [0.000244, 1.0]
    """
    from scipy.special import bdtrc

    complete = calendar.complete_months
    if len(complete) < 2 * YEAR_MONTHS or table.empty:
        return np.zeros(len(ids), dtype=bool), np.zeros(0)
    recent = pd.DatetimeIndex(complete[-YEAR_MONTHS:])
    before = pd.DatetimeIndex(complete[-2 * YEAR_MONTHS : -YEAR_MONTHS])
    sums = table.astype({column: "float64"}).pivot_table(
        index="customer_id", columns="month", values=column, aggfunc="sum", fill_value=0.0
    )
    now, then = (sums.reindex(columns=window, fill_value=0.0) for window in (recent, before))
    totals = [window.to_numpy(dtype=np.float64).sum(axis=0) for window in (now, then)]
    change = np.where(totals[1] > 0, totals[0] / np.where(totals[1] > 0, totals[1], 1.0), 1.0)
    ours, theirs = (window.reindex(ids, fill_value=0.0).to_numpy(dtype=np.float64) for window in (now, then))
    moved = np.round(ours - theirs * change, 6)
    months, below = (moved != 0).sum(axis=1), (moved < 0).sum(axis=1)
    is_told = (months > 0) & (theirs.sum(axis=1) > 0)
    chance = np.where(below > 0, bdtrc(below - 1.0, np.maximum(months, 1), 0.5), 1.0)
    return is_told, np.round(chance[is_told], 9)
