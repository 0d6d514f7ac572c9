"""How far clusters lie apart, and how far two groupings agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis.facts.rounding import FEATURE_DIGITS, FINE_DIGITS, significant

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
TAIL = 0.025
BLOCK = 128


def adjusted_rand(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Agreement of two groupings of the same points: 1 is the same, 0 what chance gives.

    Examples
    --------
    >>> adjusted_rand([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    """
    one, other = np.asarray(one), np.asarray(other)
    table = np.bincount(one * (other.max() + 1) + other).astype(float)
    pairs = [(counts * (counts - 1)).sum() / 2 for counts in (table, np.bincount(one), np.bincount(other))]
    every = len(one) * (len(one) - 1) / 2
    expected = pairs[1] * pairs[2] / every
    most = (pairs[1] + pairs[2]) / 2
    return 1.0 if most == expected else float((pairs[0] - expected) / (most - expected))


def silhouette(points: Matrix, labels: Labels) -> float:
    """Mean over points of (b − a) / max(a, b): a the mean distance to the own cluster, b to the nearest other one.

    A point alone in its cluster counts 0.

    Examples
    --------
    a = 1 and b = 9.5 for the outer points: 1 − 1/10.5 and 1 − 1/9.5, the same on both sides.

    >>> round(silhouette(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([0, 0, 1, 1])), 4)
    0.8997
    """
    return silhouettes(points, [labels])[0]


def silhouettes(points: Matrix, groupings: Sequence[Labels]) -> list[float]:
    """Silhouette of several groupings of the same points, whose distances are computed once and never held all.

    Examples
    --------
    >>> points, groupings = np.array([[0.0], [1.0], [10.0], [11.0]]), [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    >>> [round(width, 4) for width in silhouettes(points, groupings)]
    [0.8997, -0.45]
    """
    members = [np.eye(labels.max() + 1, dtype=points.dtype)[labels] for labels in groupings]
    member = np.hstack(members)
    squares = (points**2).sum(axis=1)
    turned = -2 * points.T
    sums = np.empty((len(points), member.shape[1]), points.dtype)
    for start in range(0, len(points), BLOCK):
        rows = slice(start, start + BLOCK)
        apart = points[rows] @ turned
        apart += squares[rows, None]
        apart += squares
        np.maximum(apart, 0, out=apart)
        np.fill_diagonal(apart[:, start:], 0)
        np.sqrt(apart, out=apart)
        sums[rows] = apart @ member
    edges = np.cumsum([0, *(own.shape[1] for own in members)])
    return [
        _mean_width(sums[:, low:high], labels)
        for labels, low, high in zip(groupings, edges[:-1], edges[1:], strict=True)
    ]


def _mean_width(sums: Matrix, labels: Labels) -> float:
    sizes = np.bincount(labels, minlength=sums.shape[1])
    own = np.arange(len(sums)), labels
    inner = sums[own] / np.maximum(sizes[labels] - 1, 1)
    means = sums / np.maximum(sizes, 1)
    means[:, sizes == 0] = np.inf
    means[own] = np.inf
    outer = means.min(axis=1)
    larger = np.maximum(np.maximum(outer, inner), np.finfo(sums.dtype).tiny)
    width = np.where(sizes[labels] > 1, (outer - inner) / larger, 0).mean()
    return float(significant(width, FINE_DIGITS if sums.dtype == np.float64 else FEATURE_DIGITS))


def nearest(points: Matrix, centres: Matrix) -> Labels:
    """Row of the nearest centre for every point; ties go to the earlier one.

    Examples
    --------
    >>> nearest(np.array([[0.0], [9.0]]), np.array([[1.0], [8.0]])).tolist()
    [0, 1]
    """
    found: Labels = ((centres**2).sum(axis=1) - 2 * points @ centres.T).argmin(axis=1)
    return found


def epsilon_squared(values: Matrix, labels: Labels) -> float:
    """Share of the variance of ranks that lies between groups: H / (n − 1), H of Kruskal and Wallis.

    Equal values have the mean of their ranks, which is the correction for ties; 0 when all values are equal.

    Examples
    --------
    Ranks 1, 2 | 3, 4: between 4·1 of 5 in all.

    >>> epsilon_squared(np.array([1.0, 2.0, 5.0, 9.0]), np.array([1, 1, 2, 2]))
    0.8
    """
    deviations = pd.Series(values).rank().to_numpy() - (len(values) + 1) / 2
    whole = float((deviations**2).sum())
    sizes, sums = np.bincount(labels), np.bincount(labels, deviations)
    return float((sums**2 / np.maximum(sizes, 1)).sum()) / whole if whole else 0.0


def median_interval(values: Matrix) -> tuple[float, float, float]:
    """Median and its 95 % interval between two values in order; missing bounds where there are too few values.

    The l-th lowest and l-th highest value, l the largest with P(X < l) ≤ 2.5 %, X binomial of n values and 1/2: the
    interval holds the median of any distribution in at least 95 of 100 samples. Below six values there is none.

    Examples
    --------
    Of ten values P(X < 2) = 11/1024: the second lowest and second highest.

    >>> median_interval(np.arange(1.0, 11.0))
    (5.5, 2.0, 9.0)
    >>> median_interval(np.arange(1.0, 6.0))
    (3.0, nan, nan)
    """
    from scipy.special import bdtr

    ordered = np.sort(values)
    place = int(np.searchsorted(bdtr(np.arange(len(ordered) + 1), len(ordered), 0.5), TAIL))
    middle = float(np.median(ordered)) if len(ordered) else np.nan
    if not place:
        return middle, np.nan, np.nan
    return middle, float(ordered[place - 1]), float(ordered[-place])
