"""Simulated customers, and a listed, seeded set of small or odd ones on which fits go wrong."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np


def lively(
    seed: int,
    count: int,
    *,
    churn: bool = True,
    later: int = 0,
    rates: tuple[float, float] = (1.5, 30.0),
    leaving: tuple[float, float] = (1.0, 3.0),
    ages: tuple[int, int] = (200, 400),
) -> Any:
    """Repeats, lifetime and age of customers with gamma rates who leave after an order with a beta chance.

    With `later` also how many order days they have together in so many days after.
    """
    rng = np.random.default_rng(seed)
    age = rng.integers(*ages, count)
    rows, after = [], 0
    for whole in age.tolist():
        rate, chance = rng.gamma(rates[0], 1 / rates[1]), rng.beta(*leaving) if churn else 0.0
        moment, last, day, repeats = 0.0, 0, 0, 0
        while rng.random() >= chance or repeats == day == 0:
            moment += rng.exponential(1 / max(rate, 1e-9))
            if moment > whole + later:
                break
            new = max(1, int(np.ceil(moment)))
            if new <= day:
                continue
            day = new
            if day <= whole:
                repeats, last = repeats + 1, day
            else:
                after += day <= whole + later
        rows.append((repeats, last, whole))
    return (np.array(rows), after) if later else np.array(rows)


@cache
def odd_samples() -> list[tuple[str, np.ndarray]]:
    """Name and rows of 52 small or odd samples: few, no churn, one-time buyers, everybody alive, giants, long units."""
    made: list[tuple[str, np.ndarray]] = []

    def add(name: str, counts: tuple[int, ...], **more: Any) -> None:
        made.extend((f"{name}_{count}", lively(len(made), count, **more)) for count in counts)

    sparse, few = {"rates": (0.5, 30.0), "leaving": (0.8, 2.5)}, (100, 300)
    add("plain", (20, 30, 50, 80, 120, 200, 300, 500), **sparse, ages=few)
    add("no_churn", (20, 50, 200, 500), rates=(0.5, 30.0), churn=False, ages=few)
    for count in (20, 100, 500):
        ages = np.random.default_rng(count).integers(50, 300, count)
        made.append((f"one_time_{count}", np.column_stack([np.zeros((count, 2), dtype=int), ages])))
    for count in (20, 100, 500):
        rows = dict(made)[f"one_time_{count}"].copy()
        rows[0] = (3, 40, rows[0, 2] + 40)
        made.append((f"one_repeats_{count}", rows))
    for count in (30, 200):
        rows = lively(count, count, churn=False)
        rows = rows[rows[:, 0] > 0]
        made.append((f"all_alive_{count}", np.column_stack([rows[:, :2], rows[:, 1]])))
    for count in (30, 200, 600):
        rows = lively(count + 1, count, **sparse, ages=few)
        rows[0] = (250, 290, 300)
        made.append((f"giant_{count}", rows))
    add("dense", (50, 200), rates=(2.0, 4.0))
    for count in (50, 300):  # years as unit
        rows = np.ceil(lively(count + 2, count, rates=(0.8, 2000.0), ages=(300, 1500)) / (1, 365, 365)).astype(int)
        rows[:, 0] = np.minimum(rows[:, 0], rows[:, 1])
        made.append((f"years_{count}", rows))
    made += [(f"same_{count}", np.tile([4, 80, 100], (count, 1))) for count in (40, 400)]
    for count in (40, 400):
        soon = np.random.default_rng(count).integers(1, 5, count)
        made.append((f"gone_{count}", np.column_stack([np.ones(count, dtype=int), soon, np.full(count, 365)])))
    add("young", (60, 400), **sparse, ages=(1, 20))
    add("same_age", (100, 500), **sparse, ages=(365, 366))
    add("leave_at_once", (100, 500), rates=(0.5, 30.0), leaving=(8.0, 1.0), ages=few)
    add("leave_late", (100, 500), rates=(0.5, 30.0), leaving=(0.3, 20.0), ages=few)
    add("alike", (100, 500), rates=(200.0, 4000.0), leaving=(40.0, 160.0), ages=few)
    add("unlike", (100, 500), rates=(0.05, 1.0), leaving=(0.8, 2.5), ages=few)
    add("slow", (100, 500), rates=(0.5, 3000.0), leaving=(0.8, 2.5), ages=(600, 1100))
    for count in (20, 25, 40):
        ages = np.random.default_rng(count).integers(60, 200, count)
        made.append((f"regular_{count}", np.column_stack([ages // 7, ages // 7 * 7, ages])))
    made += [("two", np.array([[1, 3, 10], [0, 0, 10]])), ("one", np.array([[2, 30, 60]]))]
    old, new = lively(180, 50, **sparse, ages=(1000, 1500)), lively(181, 50, **sparse, ages=(5, 30))
    made.append(("old_and_new", np.vstack([old, new])))
    made.append(("first_day", np.array([[0, 0, 0]] * 10)))
    return made
