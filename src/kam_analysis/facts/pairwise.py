"""Weights of the criteria from an analyst's pairwise comparisons (AHP), and how far the comparisons agree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from kam_analysis.facts.rounding import FINE_DIGITS, significant
from kam_analysis.findings import Caveat, Weight, say
from kam_analysis.params import Comparison, KeyClients
from kam_analysis.vocabulary import Criterion

CONSISTENT = 0.10
RANDOM_INDEX = (0, 0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)  # Saaty's mean of random matrices, by size


@dataclass(frozen=True)
class Pairwise:
    """What pairwise comparisons say.

    Parameters
    ----------
    weights : Series
        Weight per criterion compared, summing to 1.
    consistency_ratio : float
        0 when all comparisons agree; above 0.10 they contradict each other.
    worst : tuple of str, str, float, float
        The comparison that fits the weights least: first, second, ratio given, ratio of the weights.
    """

    weights: pd.Series
    consistency_ratio: float
    worst: tuple[str, str, float, float]


def pairwise_weights(comparisons: tuple[Comparison, ...]) -> Pairwise:
    """Weights as the principal eigenvector of the matrix of comparisons, and the consistency ratio.

    CR = (λ − n) / (n − 1) / RI, λ the largest eigenvalue, n the criteria compared, RI Saaty's random index; it is 0 for
    two criteria, which cannot contradict each other.

    Parameters
    ----------
    comparisons : tuple of (str, str, float)
        First, second, how many times as much the first counts (1/9 to 9); every pair once.

    Notes
    -----
    Saaty, *The Analytic Hierarchy Process* (1980): a ratio of 0.10 or less is acceptable.

    Examples
    --------
    >>> found = pairwise_weights((("volume", "margin", 2.0), ("margin", "brand", 2.0), ("volume", "brand", 4.0)))
    >>> found.weights.round(4).to_dict(), round(found.consistency_ratio, 4)
    ({'volume': 0.5714, 'margin': 0.2857, 'brand': 0.1429}, 0.0)
    """
    known = {name for first, second, _ in comparisons for name in (first, second)}
    names = [criterion.value for criterion in Criterion if criterion.value in known]
    ratios = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    for first, second, ratio in comparisons:
        ratios.loc[first, second], ratios.loc[second, first] = ratio, 1 / ratio
    values, vectors = np.linalg.eig(ratios.to_numpy())
    largest = int(np.argmax(values.real))
    direction = np.abs(vectors[:, largest].real)
    weights = pd.Series(significant(direction / direction.sum(), FINE_DIGITS), index=names)
    n = len(names)
    excess = max(0.0, round(float(values[largest].real), FINE_DIGITS) - n)
    ratio = excess / (n - 1) / RANDOM_INDEX[n] if n > 2 else 0.0
    return Pairwise(weights, ratio, max(_departures(ratios, weights), key=lambda found: found[0])[1])


def _departures(ratios: pd.DataFrame, weights: pd.Series) -> list[tuple[float, tuple[str, str, float, float]]]:
    found = []
    for first, second in combinations(weights.index, 2):
        one, other = (first, second) if ratios.loc[first, second] >= 1 else (second, first)
        given, meant = float(ratios.loc[one, other]), float(weights[one] / weights[other])
        found.append((round(abs(float(np.log(given / meant))), 9), (one, other, given, meant)))
    return found


def given_weights(rules: KeyClients) -> pd.Series:
    """Weight of every criterion as the parameters give it: from comparisons where there are any, else as written.

    A criterion that is not compared has the weight 0.

    Examples
    --------
    >>> given_weights(KeyClients(comparisons=(("volume", "margin", 3.0),))).head(3).to_dict()
    {'volume': 0.75, 'frequency': 0.0, 'margin': 0.25}
    """
    names = [criterion.value for criterion in Criterion]
    if rules.comparisons:
        return pairwise_weights(rules.comparisons).weights.reindex(names, fill_value=0.0)
    return pd.Series(rules.weights.model_dump())[names]


def consistency_caveat(rules: KeyClients) -> list[Caveat]:
    """Say that the weights come from comparisons, and when these contradict each other.

    Examples
    --------
    >>> consistency_caveat(KeyClients())
    []
    """
    if not rules.comparisons:
        return []
    found = pairwise_weights(rules.comparisons)
    head = say("Weights from pairwise comparisons")
    values = {"n": len(rules.comparisons), "ratio": found.consistency_ratio, "limit": CONSISTENT}
    if found.consistency_ratio <= CONSISTENT:
        text = say(
            "Comparisons by the analyst: {n:count}; consistency ratio {ratio:num2}, at most {limit:num2} is fine.",
            **values,
        )
        return [Caveat(head, text, Weight.GREEN)]
    first, second, given, meant = found.worst
    text = say(
        "Comparisons by the analyst: {n:count}; they contradict each other: consistency ratio {ratio:num2}, above "
        "{limit:num2}. Worst fit: {first} against {second}, given {given:num1}, by all others together {meant:num1}.",
        first=Criterion(first),
        second=Criterion(second),
        given=given,
        meant=meant,
        **values,
    )
    return [Caveat(head, text, Weight.RED)]
