"""Money is exact: sums, ranks and thresholds are computed in whole ten-thousandths of the currency unit.

The engine keeps money as DECIMAL(18,4) per line and DECIMAL(38,4) per sum. A frame carries such a sum as the nearest
float64, from which the ten-thousandths come back exactly as long as the amount is below 9·10¹¹; `exact` refuses more.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

SCALE = 10_000
LARGEST = 2**53


def exact(amounts: pd.Series | npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Money in whole ten-thousandths of the currency unit.

    Parameters
    ----------
    amounts : array-like of float
        Money in currency units, each the nearest float64 to a decimal with at most four places; no missing value.

    Returns
    -------
    ndarray of int64
        Sums and comparisons of these are exact.

    Raises
    ------
    OverflowError
        When an amount is 9·10¹¹ or more, where a float64 no longer holds four decimals.

    Examples
    --------
    >>> int(exact([0.1, 0.2, -0.3]).sum())
    0
    """
    scaled = np.rint(np.asarray(amounts, dtype=np.float64) * SCALE)
    if scaled.size and not np.abs(scaled).max() < LARGEST:
        raise OverflowError("an amount is missing or above 9e11: state the money in thousands")
    return scaled.astype(np.int64)


def units(ten_thousandths: float | np.integer) -> float:
    """Ten-thousandths back to currency units.

    Examples
    --------
    >>> units(12_345_678)
    1234.5678
    """
    return int(ten_thousandths) / SCALE


def total(amounts: pd.Series | npt.ArrayLike) -> float:
    """Exact sum of money in currency units, 0.0 for nothing.

    Examples
    --------
    >>> total([0.1, 0.2, -0.3])
    0.0
    """
    return units(exact(amounts).sum(dtype=object))


def exceeds(
    parts: npt.NDArray[np.int64], base: int | npt.NDArray[np.int64], threshold: float, inclusive: bool = False
) -> npt.NDArray[np.bool_]:
    """Whether part / base is above a threshold, decided in integers, so that exactly 10 % is never "above 10 %".

    Parameters
    ----------
    parts : ndarray of int64
        Ten-thousandths.
    base : int or ndarray of int64
        Ten-thousandths, above 0.
    threshold : float
        Read as the decimal it is written as: 0.1 is one tenth.
    inclusive : bool
        Whether the threshold itself counts.

    Examples
    --------
    >>> exceeds(exact([10.0, 10.0001]), 1_000_000, 0.10).tolist()
    [False, True]
    """
    ratio = Fraction(str(threshold))
    left = np.asarray(parts).astype(object) * ratio.denominator
    right = np.asarray(base).astype(object) * ratio.numerator
    return np.asarray(left >= right if inclusive else left > right, dtype=bool)


def weighted(weights: npt.NDArray[np.int64], amounts: npt.NDArray[np.int64]) -> int:
    """Exact Σ weight · amount of amounts at or above 0 for millions of rows.

    The amounts are cut into pieces of 16 bits, so that no sum leaves 64 bits.

    Parameters
    ----------
    weights : ndarray of int64
        Below 2²³ in absolute value, at most 2²² of them.
    amounts : ndarray of int64
        Ten-thousandths, 0 or more.

    Examples
    --------
    >>> weighted(np.array([-1, 0, 2]), exact([0.1, 5.0, 9e11]))
    17999999999999000
    """
    pieces = ((weights * (amounts >> shift & 0xFFFF)).sum() for shift in (0, 16, 32, 48))
    return sum(int(piece) << shift for piece, shift in zip(pieces, (0, 16, 32, 48), strict=True))
