"""Gradient boosting of small trees for a chance, alike on every machine: counts are whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.models.logistic import chance_of, logit

MOST_BINS = 64
FEWEST_IN_LEAF = 20
UNITS = 2.0**24
DECIMALS = 6

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Tree:
    """A full tree: for every inner node the feature and the last bin that goes left; for every leaf its value."""

    feature: Ints
    last_left: Ints
    values: Floats

    def leaf(self, bins: npt.NDArray[np.int32]) -> Ints:
        node = np.zeros(len(bins), dtype=np.int64)
        row = np.arange(len(bins))
        while node[0] < len(self.feature) if len(node) else False:
            node = 2 * node + 1 + (bins[row, self.feature[node]] > self.last_left[node])
        return node - len(self.feature)


@dataclass(frozen=True)
class BoostedTrees:
    """Log odds as a sum of trees.

    Parameters
    ----------
    edges : list of array
        Per feature the upper edges of its bins.
    start : float
        Log odds before the first tree.
    """

    edges: list[Floats]
    start: float
    trees: list[_Tree]

    def logits(self, features: npt.ArrayLike) -> Floats:
        """Log odds of each row, rounded."""
        bins = _binned(np.asarray(features, dtype=np.float64), self.edges)
        total = np.full(len(bins), self.start)
        for tree in self.trees:
            total += tree.values[tree.leaf(bins)]
        rounded: Floats = np.round(total, DECIMALS)
        return rounded


def fit_boosted_trees(
    features: npt.ArrayLike, happened: npt.ArrayLike, trees: int, depth: int, rate: float
) -> BoostedTrees:
    """Fit trees one after the other to what those before leave unexplained (logistic loss).

    A feature is cut into at most 64 bins at its quantiles; a split is the one that most lowers the squared residuals,
    none with fewer than 20 rows on a side; a leaf's value is one Newton step times `rate`. Residuals are counted in
    whole 2⁻²⁴, so that sums do not depend on their order.

    Parameters
    ----------
    features : array-like
        Rows of features, none missing.
    happened : array-like of bool
        Both outcomes occur.
    trees, depth : int
    rate : float
        0–1.

    Examples
    --------
    >>> rows = [[value, 0.0] for value in range(100)]
    >>> model = fit_boosted_trees(rows, [value >= 50 for value in range(100)], 100, 3, 0.05)
    >>> bool(chance_of(model.logits([[80.0, 0.0]]))[0] > 0.9)
    True
    """
    rows, is_true = np.asarray(features, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    edges = [_edges(rows[:, column]) for column in range(rows.shape[1])]
    bins = _binned(rows, edges)
    start = float(np.round(logit(is_true.mean()), DECIMALS))
    total, grown = np.full(len(rows), start), []
    for _ in range(trees):
        chance = chance_of(total)
        tree, leaf = _grown(bins, is_true - chance, chance * (1 - chance), depth, rate)
        grown.append(tree)
        total = total + tree.values[leaf]
    return BoostedTrees(edges, start, grown)


def _edges(values: Floats) -> Floats:
    distinct = np.unique(values)
    if len(distinct) <= MOST_BINS:
        return (distinct[1:] + distinct[:-1]) / 2
    return np.unique(np.quantile(values, np.arange(1, MOST_BINS) / MOST_BINS, method="inverted_cdf"))


def _binned(rows: Floats, edges: list[Floats]) -> npt.NDArray[np.int32]:
    columns = [np.searchsorted(cuts, rows[:, column]) for column, cuts in enumerate(edges)]
    return np.column_stack(columns).astype(np.int32)


def _grown(
    bins: npt.NDArray[np.int32], residual: Floats, weight: Floats, depth: int, rate: float
) -> tuple[_Tree, Ints]:
    columns = bins.shape[1]
    whole, bent = np.rint(residual * UNITS), np.rint(weight * UNITS)
    place = bins + np.arange(columns, dtype=np.int32) * MOST_BINS
    inner = 2**depth - 1
    feature, last_left = np.zeros(inner, dtype=np.int64), np.full(inner, MOST_BINS, dtype=np.int64)
    node = np.zeros(len(bins), dtype=np.int64)
    row = np.arange(len(bins))
    for level in range(depth):
        first, nodes = 2**level - 1, 2**level
        slots = ((node - first)[:, None] * (columns * MOST_BINS) + place).ravel()
        shape = (nodes, columns, MOST_BINS)
        sums, counts = (
            np.bincount(slots, weights=weights, minlength=int(np.prod(shape))).reshape(shape)
            for weights in (np.repeat(whole, columns), None)
        )
        left, n_left = sums.cumsum(axis=2), counts.cumsum(axis=2)
        right, n_right = left[:, :, -1:] - left, n_left[:, :, -1:] - n_left
        is_open = (n_left >= FEWEST_IN_LEAF) & (n_right >= FEWEST_IN_LEAF)
        gain = left**2 / np.maximum(n_left, 1) + right**2 / np.maximum(n_right, 1)
        best = np.where(is_open, gain, -1.0).reshape(nodes, -1)
        chosen = best.argmax(axis=1)
        is_split = best[np.arange(nodes), chosen] >= 0
        feature[first : first + nodes] = chosen // MOST_BINS
        last_left[first : first + nodes] = np.where(is_split, chosen % MOST_BINS, MOST_BINS)
        node = 2 * node + 1 + (bins[row, feature[node]] > last_left[node])
    leaf = node - inner
    leaves = 2**depth
    totals, bends = (np.bincount(leaf, weights=weights, minlength=leaves) for weights in (whole, bent))
    return _Tree(feature, last_left, rate * totals / np.maximum(bends, 1.0)), leaf
