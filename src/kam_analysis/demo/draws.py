"""Random draws whose values stay the same over versions of numpy: only `Generator.random` is used."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

SEED = 20230701
STREAMS = (
    "company",
    "names",
    "catalogue",
    "customer",
    "orders",
    "counter",
    "flaws",
    "assessment",
    "survey",
    "interactions",
    "spend",
    "contracts",
    "contacts",
    "tasks",
    "leaving",
    "handling",
    "updates",
    "programme",
)
T = TypeVar("T")


class Draws:
    """One stream of draws; each customer has its own, so that one planted effect does not move the others.

    Parameters
    ----------
    stream : str
        One of `STREAMS`.
    number : int
        Number of the customer, item or group inside the stream.

    Examples
    --------
    >>> Draws("orders", 7).whole(1, 6) == Draws("orders", 7).whole(1, 6)
    True
    """

    def __init__(self, stream: str, number: int = 0) -> None:
        self._random = np.random.default_rng([SEED, STREAMS.index(stream), number]).random

    def between(self, low: float, high: float) -> float:
        """Uniform number between two bounds."""
        return low + (high - low) * float(self._random())

    def whole(self, low: int, high: int) -> int:
        """Uniform whole number, both bounds included."""
        return low + int((high - low + 1) * float(self._random()))

    def chance(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return float(self._random()) < probability

    def pick(self, values: Sequence[T]) -> T:
        """One of the values, each equally likely."""
        return values[int(len(values) * float(self._random()))]

    def weighted(self, values: Sequence[T], weights: Sequence[float]) -> T:
        """One of the values, by weight."""
        cumulated = list(itertools.accumulate(weights))
        place = bisect.bisect_right(cumulated, cumulated[-1] * float(self._random()))
        return values[min(place, len(values) - 1)]

    def sample(self, values: Sequence[T], count: int, weights: Sequence[float] | None = None) -> list[T]:
        """Several different places of the sequence, by weight; at most all of them."""
        left = list(values)
        heavy = list(weights) if weights is not None else [1.0] * len(left)
        taken = []
        for _ in range(min(count, len(left))):
            place = self.weighted(range(len(left)), heavy)
            taken.append(left.pop(place))
            heavy.pop(place)
        return taken

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """Give all values in random order."""
        return self.sample(values, len(values))

    def exponential(self, mean: float) -> float:
        """Draw a waiting time with this mean, by inversion; rounded so that no mathematical library can change it."""
        return round(-math.log(1.0 - float(self._random())) * mean, 6)

    def lognormal(self, median: float, spread: float) -> float:
        """Skewed size; the normal is the sum of twelve uniforms less six."""
        normal = sum(float(self._random()) for _ in range(12)) - 6.0
        return round(median * math.exp(spread * normal), 6)
