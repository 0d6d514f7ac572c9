"""Customers as the purchase models see them: equal rows once, with their count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.fitting import Floats

SKETCH_CUSTOMERS = 8_000
SKETCH_FROM = 20_000
SMALL = 2_000


@dataclass(frozen=True)
class Sample:
    """Distinct rows of repeats, lifetime and age, and how many customers share each.

    Parameters
    ----------
    repeats : array of int
        Order days after the first, x.
    last : array
        Days from the first to the last order day, t.
    age : array
        Days from the first order to the end of the data, T.
    count : array
        Customers with this row.
    """

    repeats: npt.NDArray[np.int64]
    last: Floats
    age: Floats
    count: Floats

    @classmethod
    def of(cls, customers: npt.ArrayLike) -> Sample:
        """Merge equal rows of an array of x, t, T.

        Raises
        ------
        ValueError
            When there is no row, a value is negative or no whole number, t is above T, or x and t contradict each
            other.
        """
        sample, _ = cls.indexed(customers)
        return sample

    @classmethod
    def indexed(cls, customers: npt.ArrayLike) -> tuple[Sample, npt.NDArray[np.int64]]:
        """Merge equal rows, and tell for every customer in which row it stands."""
        repeats, last, age = checked(customers)
        span = int(age.max()) + 1
        codes, row, counts = np.unique((repeats * span + last) * span + age, return_inverse=True, return_counts=True)
        x, t, whole = codes // span**2, codes // span % span, codes % span
        return cls(x, t.astype(np.float64), whole.astype(np.float64), counts.astype(np.float64)), row

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return int(self.count.sum())

    @property
    def pooled_rate(self) -> float:
        """Order days after the first per day, over all customers; 0 where no day was observed."""
        days = float(self.count @ self.age)
        return float(self.count @ self.repeats) / days if days > 0 else 0.0

    def people(self, most: int, rng: np.random.Generator) -> tuple[Sample, float]:
        """Give one row per customer, of at most `most` drawn customers, and how many customers each stands for."""
        row = np.repeat(np.arange(len(self.count)), self.count.astype(np.int64))
        chosen = row if len(row) <= most else rng.choice(row, most, replace=False)
        one_each = Sample(self.repeats[chosen], self.last[chosen], self.age[chosen], np.ones(len(chosen)))
        return one_each, len(row) / len(chosen)

    def sketch(self, seed: int) -> Sample | None:
        """Draw a part of the customers of large data, with replacement; None where there are few."""
        if self.customers <= SKETCH_FROM:
            return None
        drawn = np.random.default_rng(seed).multinomial(SKETCH_CUSTOMERS, self.count / self.count.sum())
        is_drawn = drawn > 0
        return Sample(self.repeats[is_drawn], self.last[is_drawn], self.age[is_drawn], drawn[is_drawn].astype(float))


def checked(customers: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], ...]:
    """Give x, t and T of customers as whole numbers.

    Raises
    ------
    ValueError
        As in `Sample.of`.
    """
    rows = np.asarray(customers, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != 3 or not len(rows):
        raise ValueError(f"customers are rows of repeats, lifetime and age; this has the shape {rows.shape}")
    is_wrong = ~(
        (np.isfinite(rows) & (rows >= 0) & (rows == np.floor(rows))).all(axis=1)
        & (rows[:, 1] <= rows[:, 2])
        & ((rows[:, 0] > 0) == (rows[:, 1] > 0))
    )
    if is_wrong.any():
        shown = ", ".join(str(row.tolist()) for row in rows[is_wrong][:3])
        raise ValueError(
            f"{int(is_wrong.sum())} of {len(rows)} customers have no whole days with 0 ≤ lifetime ≤ age, or a "
            f"lifetime without a repeat or the reverse: {shown}"
        )
    x, t, age = rows.astype(np.int64).T
    return x, t, age


def rising(start: float, repeats: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Give ln Γ(start+x) − ln Γ(start), and its derivative, from running sums over whole x."""
    steps = start + np.arange(repeats.max(initial=0))
    return summed(np.log(steps))[repeats], summed(1 / steps)[repeats]


def summed(terms: Floats) -> Floats:
    """Give running sums that begin with 0."""
    return np.concatenate([[0.0], np.cumsum(terms)])
