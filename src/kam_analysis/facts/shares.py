"""Shares of a sum and the key rule by share; every comparison is made in whole ten-thousandths."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money

NEARLY = 1 - 1e-9

Amounts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def customer_shares(net_sales: pd.Series) -> pd.Series:
    """Share of each customer or account in the sum of those above 0; missing at 0 or below.

    Parameters
    ----------
    net_sales : Series
        Money per customer in one unit and window.

    Examples
    --------
    >>> customer_shares(pd.Series([75.0, 25.0, -10.0])).tolist()
    [0.75, 0.25, nan]
    """
    sales = money.exact(net_sales)
    is_positive = sales > 0
    base = int(sales[is_positive].sum(dtype=object))
    shares = np.full(len(sales), np.nan)
    if base:
        shares[is_positive] = sales[is_positive] / base
    return pd.Series(shares, index=net_sales.index)


def above_share(sales: Amounts, base: int | Amounts, min_share: float) -> Flags:
    """Whether amounts above 0 are strictly more than a share of their base.

    Parameters
    ----------
    sales : ndarray of int64
        Ten-thousandths.
    base : int or ndarray of int64
        Sum of the amounts above 0, of the whole or of each row's unit.
    min_share : float
        ``key_clients.min_share``.

    Examples
    --------
    >>> above_share(money.exact([10.0, 90.0]), 1_000_000, 0.10).tolist()
    [False, True]
    """
    found = np.asarray((sales > 0) & (sales >= NEARLY * min_share * base), dtype=bool)
    found[found] = money.exceeds(sales[found], np.broadcast_to(base, sales.shape)[found], min_share)
    return found


def above_unit_share(sales: Amounts, base: Amounts, n: npt.NDArray[np.int64], min_share: float) -> Flags:
    """Whether amounts are more than a share of their unit, and more than min(2/n, 1/2) of it.

    In a portfolio of seven everybody is above 10 %; the second part (ours) asks for twice the equal share, or half.

    Parameters
    ----------
    sales, base, n : ndarray of int64
        Amount, sum of the unit's amounts above 0, and how many they are.
    min_share : float
        ``key_clients.min_share``.

    Examples
    --------
    >>> above_unit_share(money.exact([8.0]), money.exact([8.0]), np.array([1]), 0.10).tolist()
    [True]
    """
    found = above_share(sales, base, min_share)
    near, whole, size = sales[found].astype(object), base[found].astype(object), n[found]
    found[found] = np.where(size >= 4, near * size > 2 * whole, near * 2 > whole).astype(bool)
    return found


def is_key_in_company(net_sales: pd.Series, min_share: float) -> pd.Series:
    """Whether an account's share of the company is strictly above `min_share`, so that at 10 % at most nine are key.

    Examples
    --------
    >>> is_key_in_company(pd.Series([10.0, 90.0]), 0.10).tolist()
    [False, True]
    """
    sales = money.exact(net_sales)
    base = int(sales[sales > 0].sum(dtype=object))
    return pd.Series(above_share(sales, base, min_share), index=net_sales.index)


def is_key_in_unit(net_sales: pd.Series, min_share: float) -> pd.Series:
    """Whether an account is key by share in a unit with these net sales, as `above_unit_share` decides.

    Examples
    --------
    >>> is_key_in_unit(pd.Series([30.0, 14.0, 14.0, 14.0, 14.0, 14.0]), 0.10).tolist()
    [False, False, False, False, False, False]
    """
    sales = money.exact(net_sales)
    is_positive = sales > 0
    base, n = np.full(len(sales), sales[is_positive].sum()), np.full(len(sales), is_positive.sum())
    return pd.Series(above_unit_share(sales, base, n, min_share), index=net_sales.index)
