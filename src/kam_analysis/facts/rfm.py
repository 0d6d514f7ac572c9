"""Recency, frequency and monetary scores, and the two maps from scores to segments."""

from __future__ import annotations

from importlib import resources

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis.money import exact
from kam_analysis.params import Rfm

MOST_SCORES, FEWER_SCORES = 5, 3


def score_count(buyers: int, rules: Rfm) -> int:
    """How many scores are used: 5, or 3 below `rules.five_scores_from` buyers; fixed thresholds always give 5.

    Examples
    --------
    >>> score_count(100, Rfm()), score_count(99, Rfm()), score_count(99, Rfm(scores="thresholds"))
    (5, 3, 5)
    """
    few = rules.scores == "quantile" and buyers < rules.five_scores_from
    return FEWER_SCORES if few else MOST_SCORES


def mid_rank_scores(goodness: npt.ArrayLike, scores: int) -> npt.NDArray[np.int64]:
    """Score 1…`scores` from the mid-rank, so that ties are never split and row order never matters.

    Formula: ceil(scores · (lowest rank + highest rank) / (2n)), ranks 1…n ascending in `goodness`, in integers.

    Parameters
    ----------
    goodness : array-like
        The larger, the better; whole numbers.
    scores : int
        How many scores.

    Returns
    -------
    ndarray of int64
        Equal values have equal scores; empty for nobody.

    Notes
    -----
    Source: definitions, RFM.

    Examples
    --------
    Ranks 1, 2–4, 5 of n = 5: ceil(5·2/10) = 1, ceil(5·6/10) = 3, ceil(5·10/10) = 5.

    >>> mid_rank_scores([1, 2, 2, 2, 9], 5).tolist()
    [1, 3, 3, 3, 5]
    """
    values = np.asarray(goodness)
    ascending = np.sort(values)
    lowest = np.searchsorted(ascending, values, side="left") + 1
    highest = np.searchsorted(ascending, values, side="right")
    return -(-scores * (lowest + highest) // (2 * max(len(values), 1)))


def rfm_scores(window: pd.DataFrame, rules: Rfm) -> pd.DataFrame:
    """Scores and segments of every buyer with an order in the window.

    R from days since the last order (fewer are better), F from orders, M from net sales of all lines in the window,
    ranked as they are even when ≤ 0; with `rules.money` ``"mean_order"`` from net sales per order. With `rules.scores`
    ``"thresholds"``: F and M are 1 plus the number of edges reached (a value at an edge has reached it), R is 5 less
    the number of edges exceeded (a recency at an edge has not exceeded it).

    Parameters
    ----------
    window : DataFrame
        From `window_facts`.
    rules : Rfm
        Kind of scores and their edges.

    Returns
    -------
    DataFrame
        customer_id, recency_days, orders, net_sales, r_score, f_score, m_score, rfm_segment (from 125 cells),
        rf_segment (from 25 cells); by customer_id. Three scores go through the maps as 1, 3 and 5.

    Notes
    -----
    Source: articles A and B; definitions, RFM.

    Examples
    --------
    >>> window = pd.DataFrame({"customer_id": ["a", "b"], "recency_days": [3.0, 90.0], "orders": [4, 1],
    ...                        "net_sales": [500.0, 20.0]})
    >>> rfm_scores(window, Rfm())[["r_score", "f_score", "m_score", "rfm_segment"]].values.tolist()
    [[3, 3, 3, 'champions'], [2, 2, 2, 'need_attention']]
    """
    buyers = window.loc[window["orders"] > 0, ["customer_id", "recency_days", "orders", "net_sales"]]
    buyers = buyers.sort_values("customer_id", ignore_index=True)
    count = score_count(len(buyers), rules)
    r, f, m = (
        _threshold_scores(buyers, rules) if rules.scores == "thresholds" else _quantile_scores(buyers, count, rules)
    )
    return buyers.assign(
        r_score=r,
        f_score=f,
        m_score=m,
        rfm_segment=segments_of("rfm_map.csv", count, r, f, m),
        rf_segment=segments_of("rf_map.csv", count, r, f),
    )


def _quantile_scores(buyers: pd.DataFrame, count: int, rules: Rfm) -> tuple[npt.NDArray[np.int64], ...]:
    columns = (-buyers["recency_days"].to_numpy(), buyers["orders"].to_numpy(), _money(buyers, rules))
    return tuple(mid_rank_scores(column, count) for column in columns)


def _money(buyers: pd.DataFrame, rules: Rfm) -> npt.NDArray[np.float64]:
    """Net sales, or net sales per order, in ten-thousandths: equal ratios divide to equal numbers."""
    money = exact(buyers["net_sales"]).astype("float64")
    return money / buyers["orders"].to_numpy() if rules.money == "mean_order" else money


def _threshold_scores(buyers: pd.DataFrame, rules: Rfm) -> tuple[npt.NDArray[np.int64], ...]:
    exceeded = np.searchsorted(rules.recency_days, buyers["recency_days"], side="left")
    frequent = np.searchsorted(rules.orders, buyers["orders"], side="right")
    edges = rules.mean_order if rules.money == "mean_order" else rules.net_sales
    paid = np.searchsorted(exact(edges), _money(buyers, rules), side="right")
    return MOST_SCORES - exceeded, 1 + frequent, 1 + paid


def segment_map(file: str) -> pd.DataFrame:
    """Read a map from score cells to segments: ``rfm_map.csv`` (125 cells) or ``rf_map.csv`` (25 cells).

    Examples
    --------
    >>> len(segment_map("rfm_map.csv")), len(segment_map("rf_map.csv"))
    (125, 25)
    """
    with resources.files(__package__).joinpath(file).open(encoding="utf-8") as text:
        return pd.read_csv(text)


def segments_of(file: str, count: int, *scores: npt.NDArray[np.int64]) -> pd.Series:
    """Segments of score cells by a map; three scores go through it as 1, 3 and 5.

    Examples
    --------
    >>> segments_of("rf_map.csv", 3, np.array([3, 1]), np.array([3, 1])).tolist()
    ['champions', 'hibernating']
    """
    cells = segment_map(file)
    names = np.empty((MOST_SCORES,) * len(scores), dtype=object)
    names[tuple(cells[axis] - 1 for axis in cells.columns[:-1])] = cells["segment"]
    step = (MOST_SCORES - 1) // (count - 1)
    return pd.Series(names[tuple((score - 1) * step for score in scores)], dtype="str")
