"""k-means on many sets of points at once: resamples and draws without groups need hundreds of small fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Sets = npt.NDArray[Any]
MOST_STEPS = 300


def many_means(sets: Sets, k: int, starts: int, tolerance: float, random: np.random.Generator) -> Sets:
    """Centres of k clusters in every set of points, the best of several starts.

    k-means++ draws the first centres, Lloyd's steps move them until the sum of their squared shifts is at most
    `tolerance`: every centre is then the mean of its points and every point is with its nearest centre (the earlier of
    two as near), which of all partitions is not always the best one; more starts come nearer to it. A centre that loses
    all its points stays where it is.

    Parameters
    ----------
    sets : array of sets × points × features
        Sets of equal size.
    k, starts : int
        Clusters; random starts, of which the one with the least squared distances is kept.
    tolerance : float
        When to stop.
    random : Generator
        Source of the starts.

    Returns
    -------
    array of sets × k × features
        In no particular order.

    Notes
    -----
    Source: Lloyd (1982); Arthur and Vassilvitskii (2007).

    Examples
    --------
    >>> two = np.array([[[0.0], [1.0], [10.0], [11.0]], [[0.0], [0.0], [0.0], [5.0]]])
    >>> np.sort(many_means(two, 2, 3, 1e-6, np.random.default_rng(1)), axis=1).squeeze().tolist()
    [[0.5, 10.5], [0.0, 5.0]]
    """
    flipped = np.ascontiguousarray(sets.transpose(0, 2, 1))
    found = [_moved(sets, flipped, _seeds(sets, k, random), tolerance) for _ in range(starts)]
    best = np.stack([spread for _, spread in found]).argmin(axis=0)
    made: Sets = np.stack([centres for centres, _ in found])[best, np.arange(len(sets))]
    return made


def settled(points: Sets, centres: Sets, tolerance: float) -> Sets:
    """Move centres of one set of points by Lloyd's steps until they rest.

    Examples
    --------
    >>> settled(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([[0.0], [1.0]]), 1e-6).tolist()
    [[0.5], [10.5]]
    """
    found: Sets = _moved(points[None], np.ascontiguousarray(points.T)[None], centres[None], tolerance)[0][0]
    return found


def _seeds(sets: Sets, k: int, random: np.random.Generator) -> Sets:
    rows, n = np.arange(len(sets)), sets.shape[1]
    centres = [sets[rows, random.integers(n, size=len(sets))]]
    squares = _squares(sets, centres[0])
    for _ in range(k - 1):
        summed = squares.cumsum(axis=1)
        drawn = random.random((len(sets), 1)) * summed[:, -1:]
        centres.append(sets[rows, np.minimum((summed <= drawn).sum(axis=1), n - 1)])
        squares = np.minimum(squares, _squares(sets, centres[-1]))
    return np.stack(centres, axis=1)


def _squares(sets: Sets, centre: Sets) -> Sets:
    found: Sets = ((sets - centre[:, None]) ** 2).sum(axis=2)
    return found


def _moved(sets: Sets, flipped: Sets, centres: Sets, tolerance: float) -> tuple[Sets, Sets]:
    """Centres at rest, and the sum of squared distances less that to the origin, which starts share."""
    settled, going = centres.copy(), np.arange(len(sets))
    points, columns = sets, flipped
    for _ in range(MOST_STEPS):
        distances = _distances(centres, columns)
        is_nearest = distances == distances.min(axis=1, keepdims=True)
        if np.count_nonzero(is_nearest) > distances[:, 0].size:
            is_nearest &= is_nearest.cumsum(axis=1) == 1
        member = is_nearest.astype(sets.dtype)
        sizes = member.sum(axis=2)[:, :, None]
        moved = np.where(sizes > 0, (member @ points) / np.maximum(sizes, 1), centres)
        settled[going] = moved
        is_going = ((moved - centres) ** 2).sum(axis=(1, 2)) > tolerance
        if not is_going.any():
            break
        if not is_going.all():
            going, points, columns, moved = going[is_going], points[is_going], columns[is_going], moved[is_going]
        centres = moved
    return settled, _distances(settled, flipped).min(axis=1).sum(axis=1)


def _distances(centres: Sets, columns: Sets) -> Sets:
    """Squared distance less that of the point to the origin, sets × centres × points."""
    found: Sets = (centres**2).sum(axis=2)[:, :, None] - 2 * centres @ columns
    return found
