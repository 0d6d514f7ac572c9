"""How well a score tells apart whom something happened to: the area under the curve, and its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
DRAWN_AT_ONCE = 1_000_000
MOST_DRAWN = 10_000_000
FEWEST_DRAWS = 100


def auc(score: npt.ArrayLike, happened: npt.ArrayLike) -> float | None:
    """Chance that a customer to whom it happened had a higher score than one to whom it did not; ties count half.

    Mann–Whitney U over the number of pairs, from mid-ranks; 0.5 is chance. None when it happened to all or to nobody.

    Examples
    --------
    >>> auc([3, 2, 1, 1], [True, False, True, False])  # pairs 3>2, 3>1, 1<2, 1=1: (1 + 1 + 0 + 0.5)/4
    0.625
    """
    values, is_true = np.asarray(score, dtype=np.float64), np.asarray(happened, dtype=bool)
    if is_true.all() or not is_true.any():
        return None
    return float(Ranking.of(values, is_true, np.arange(len(values))).areas(np.ones((1, len(values))))[0])


@dataclass(frozen=True)
class Ranking:
    """Customers in the order of a score, so that the area is quickly found under many weightings of them.

    Parameters
    ----------
    customer : array of int
        Column of the weights, in the order of the score.
    happened : array of float
        1 or 0, in that order.
    begins, ends : array of int
        Where the customers of an equal score begin and end.
    """

    customer: npt.NDArray[np.int64]
    happened: Floats
    begins: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    @classmethod
    def of(cls, score: npt.ArrayLike, happened: npt.ArrayLike, customer: npt.NDArray[np.int64]) -> Ranking:
        """Sort by the score."""
        values = np.asarray(score, dtype=np.float64)
        order = np.argsort(values, kind="stable")
        ascending = values[order]
        begins, ends = (np.searchsorted(ascending, ascending, side) for side in ("left", "right"))
        return cls(customer[order], np.asarray(happened, dtype=np.float64)[order], begins, ends)

    def areas(self, weights: Floats) -> Floats:
        """Area under the curve for each row of weights of the customers; 0.5 where a row has one outcome only."""
        held = weights[:, self.customer]
        yes, no = held * self.happened, held * (1 - self.happened)
        below = np.concatenate([np.zeros((len(held), 1)), np.cumsum(no, axis=1)], axis=1)
        won = (yes * (below[:, self.begins] + below[:, self.ends])).sum(axis=1) / 2
        pairs = yes.sum(axis=1) * no.sum(axis=1)
        return np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1.0), 0.5)


def redrawn(customers: int, draws: int, seed: int) -> Iterator[Floats]:
    """Give how often each customer is drawn when so many are drawn anew, for some draws at a time.

    Of large data fewer draws suffice: so many that about ten million customers are drawn, and at least 100.
    """
    rng = np.random.default_rng(seed)
    wanted = min(draws, max(FEWEST_DRAWS, MOST_DRAWN // max(customers, 1)))
    at_once = max(1, min(wanted, DRAWN_AT_ONCE // max(customers, 1)))
    for begin in range(0, wanted, at_once):
        rows = min(at_once, wanted - begin)
        drawn = rng.integers(0, customers, (rows, customers)) + np.arange(rows)[:, None] * customers
        counts = np.bincount(drawn.ravel(), minlength=rows * customers).reshape(rows, customers)
        yield counts.astype(np.float64)


def redrawn_areas(rankings: Sequence[Ranking], customers: int, draws: int, seed: int) -> Floats:
    """Area under the curve of every ranking under every draw of the customers, each with all its days.

    Returns
    -------
    array
        One row per ranking, one column per draw; the same seed gives the same draws.

    Examples
    --------
    >>> ranking = Ranking.of([1, 2, 3, 4] * 20, [0, 0, 1, 1] * 20, np.arange(80))
    >>> redrawn_areas([ranking], 80, 200, 7).shape
    (1, 200)
    """
    parts = [[ranking.areas(weights) for ranking in rankings] for weights in redrawn(customers, draws, seed)]
    return np.concatenate([np.array(part).reshape(len(rankings), -1) for part in parts], axis=1)


def interval_of(draws: Floats, level: float = 0.95) -> tuple[float, float]:
    """Give the middle `level` of the draws, rounded to nine decimals.

    Examples
    --------
    >>> interval_of(np.arange(101.0), 0.90)
    (5.0, 95.0)
    """
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return round(float(low), 9), round(float(high), 9)
