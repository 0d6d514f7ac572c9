"""Concentration over customers with net sales above 0; sums and comparisons are exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money


@dataclass(frozen=True)
class Concentration:
    """How unevenly money is spread over customers.

    Every share is None where nobody has net sales above 0.

    Parameters
    ----------
    n_positive : int
        Customers with net sales above 0.
    net_sales : float
        Their sum, the base of every share.
    cr1, cr5, cr20 : float or None
        Share of the 1, 5, 20 largest.
    top20pct_share : float or None
        Share of the (n+4) div 5 largest.
    hhi : float or None
        Σ share².
    effective_customers : float or None
        1 / HHI.
    gini : float or None
        Σ(2i−n−1)s_i / (n·Σs_i), i ascending; 0 for one customer.
    """

    n_positive: int
    net_sales: float
    cr1: float | None = None
    cr5: float | None = None
    cr20: float | None = None
    top20pct_share: float | None = None
    hhi: float | None = None
    effective_customers: float | None = None
    gini: float | None = None


def client_names(facts: pd.DataFrame) -> pd.Series:
    """Name of every customer and of every parent group, by id.

    A group that bears no customer's id is called by its largest customer, the number of the others and its code.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2", "3"], "customer_name": ["Ada", "Bo", "Cy"],
    ...     "parent_id": ["H", "H", "3"], "net_sales_12m": [15.0, 20.0, 65.0]})
    >>> client_names(facts)["H"]
    'Bo +1 (H)'
    """
    own = facts.set_index("customer_id").customer_name
    members = facts[~facts.parent_id.isin(facts.customer_id)]
    ordered = members.sort_values(["net_sales_12m", "customer_id"], ascending=[False, True])
    by_group = ordered.groupby("parent_id")
    others = by_group.size() - 1
    largest = by_group.customer_name.first()
    named = largest.where(others == 0, largest + " +" + others.astype("str"))
    found: pd.Series = pd.concat([own, named + " (" + named.index.astype("str") + ")"])
    return found


def concentration_of(net_sales: pd.Series | npt.ArrayLike) -> Concentration:
    """Measure how far sales hang on few customers.

    Parameters
    ----------
    net_sales : array-like of float
        Money per customer in one window; customers at 0 or below have no share.

    Returns
    -------
    Concentration
        With None for every share when nobody is above 0.

    Examples
    --------
    >>> found = concentration_of([60.0, 30.0, 10.0, -5.0, 0.0])
    >>> found.n_positive, found.cr1, round(found.hhi, 4), round(found.gini, 4)
    (3, 0.6, 0.46, 0.3333)
    >>> concentration_of([]).cr1 is None
    True
    """
    sales = money.exact(net_sales)
    sales = np.sort(sales[sales > 0])[::-1]
    n, base = len(sales), int(sales.sum(dtype=object))
    if not n:
        return Concentration(0, 0.0)
    hhi = float(np.square(sales / base).sum())
    cr1, cr5, cr20, top = (int(sales[:k].sum(dtype=object)) / base for k in (1, 5, 20, (n + 4) // 5))
    gini = money.weighted(n - 1 - 2 * np.arange(n, dtype=np.int64), sales) / (n * base)
    return Concentration(n, money.units(base), cr1, cr5, cr20, top, hhi, 1 / hhi, gini)


def without_largest(net_sales: pd.Series | npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Money per customer without the largest of them: how far a measure of concentration hangs on one customer.

    Examples
    --------
    >>> without_largest([60.0, 30.0, -5.0]).tolist(), without_largest([]).tolist()
    ([-5.0, 30.0], [])
    """
    return np.sort(np.asarray(net_sales, dtype=np.float64))[:-1]


def largest_first(facts: pd.DataFrame) -> pd.DataFrame:
    """Customers with net sales above 0 in the last 12 months, largest first, ties by customer id.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["b", "a", "c", "d"], "net_sales_12m": [2.0, 2.0, 6.0, 0.0]})
    >>> largest_first(facts).customer_id.tolist()
    ['c', 'a', 'b']
    """
    positive = facts[money.exact(facts.net_sales_12m) > 0]
    if not positive.customer_id.is_monotonic_increasing:
        positive = positive.sort_values("customer_id")
    order = np.argsort(-money.exact(positive.net_sales_12m), kind="stable")
    return positive.iloc[order].reset_index(drop=True)


def parent_net_sales(facts: pd.DataFrame) -> pd.Series:
    """Net sales of the last 12 months of each parent group, summed exactly; a customer without one is its own group.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.

    Examples
    --------
    >>> facts = pd.DataFrame({"parent_id": ["H", "H", "3"], "net_sales_12m": [0.1, 0.2, 5.0]})
    >>> parent_net_sales(facts).to_dict()
    {'3': 5.0, 'H': 0.3}
    """
    exact = pd.Series(money.exact(facts.net_sales_12m), index=facts.index)
    return exact.groupby(facts.parent_id).sum() / money.SCALE


def rolling_concentration(months: pd.DataFrame, complete: list[pd.Timestamp], window_months: int) -> pd.DataFrame:
    """Concentration over a rolling window at the end of every complete month.

    Parameters
    ----------
    months : DataFrame
        ``customer_months``.
    complete : list of Timestamp
        First days of the complete months, in order.
    window_months : int
        Length of the window.

    Returns
    -------
    DataFrame
        month, window_months, n_positive, cr1, cr5; one row per month with a full window.
    """
    place, customers = pd.factorize(months.customer_id)
    month = pd.Index(complete).get_indexer(pd.DatetimeIndex(months.month))
    exact = money.exact(months.net_sales)
    order = np.argsort(month, kind="stable")
    starts = np.searchsorted(month[order], np.arange(len(complete) + 1))
    window, rows = np.zeros(len(customers), dtype=np.int64), []
    for end in range(len(complete)):
        coming, leaving = (
            order[starts[at] : starts[at + 1]] if at >= 0 else order[:0] for at in (end, end - window_months)
        )
        np.add.at(window, place[coming], exact[coming])
        np.subtract.at(window, place[leaving], exact[leaving])
        if end >= window_months - 1:
            rows.append((complete[end], window_months, *_largest_shares(window)))
    return pd.DataFrame(rows, columns=["month", "window_months", "n_positive", "cr1", "cr5"])


def _largest_shares(sales: npt.NDArray[np.int64]) -> tuple[int, float | None, float | None]:
    """Customers above 0, share of the largest and of the five largest."""
    positive = sales[sales > 0]
    n, base = len(positive), int(positive.sum(dtype=object))
    if not n:
        return 0, None, None
    five = np.partition(positive, n - 5)[n - 5 :] if n > 5 else positive
    return n, int(five.max()) / base, int(five.sum(dtype=object)) / base
