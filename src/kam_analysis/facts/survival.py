"""How long something lasts when some of it still lasts: the estimate of Kaplan and Meier."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis.facts.intervals import Z_95
from kam_analysis.facts.rounding import FINE_DIGITS, significant

Floats = npt.NDArray[np.float64]


def kaplan_meier(times: npt.ArrayLike, has_ended: npt.ArrayLike) -> pd.DataFrame:
    """Share that still lasts after every distinct time, with its 95 % interval.

    alive_share = Π (1 − ended/at_risk) over the times up to it. Who is censored at a time is still at risk at it. The
    interval is exp(−exp(ln(−ln S) ± z·√V / ln S)), V = Σ ended/(at_risk·(at_risk − ended)) (Greenwood on the log-log
    scale, so that it stays within 0–1); where S is 1 or 0 it is S itself.

    Parameters
    ----------
    times : array-like of float
        0 or more, one per case: until it ended or was last seen.
    has_ended : array-like of bool
        Whether it ended then; otherwise it is censored.

    Returns
    -------
    DataFrame
        One row per distinct time, in order: time, at_risk, ended, alive_share, low, high. Empty without a case.

    Notes
    -----
    Kaplan and Meier (1958); the interval as in lifelines.

    Examples
    --------
    >>> kaplan_meier([1, 2, 2, 3], [True, True, False, True])["alive_share"].tolist()
    [0.75, 0.5, 0.0]
    """
    lasted, place = np.unique(np.asarray(times, dtype=np.float64), return_inverse=True)
    is_event = np.asarray(has_ended, dtype=bool)
    gone = np.bincount(place, minlength=len(lasted))
    ended = np.bincount(place[is_event], minlength=len(lasted))
    at_risk = gone[::-1].cumsum()[::-1]
    alive = np.cumprod(1 - ended / np.maximum(at_risk, 1))
    low, high = _log_log(alive, at_risk.astype(np.float64), ended.astype(np.float64))
    return pd.DataFrame(
        {"time": lasted, "at_risk": at_risk, "ended": ended, "alive_share": alive, "low": low, "high": high}
    )


def _log_log(alive: Floats, at_risk: Floats, ended: Floats) -> tuple[Floats, Floats]:
    survivors = at_risk - ended
    variance = np.cumsum(np.where(survivors > 0, ended / np.maximum(at_risk * survivors, 1), 0.0))
    is_open = (alive > 0) & (alive < 1)
    logged = np.log(np.where(is_open, alive, 0.5))
    reach = Z_95 * np.sqrt(variance) / logged
    low, high = (np.where(is_open, np.exp(logged * np.exp(sign * reach)), alive) for sign in (-1, 1))
    return significant(low, FINE_DIGITS), significant(high, FINE_DIGITS)


def alive_at(curve: pd.DataFrame, times: npt.ArrayLike, column: str = "alive_share") -> Floats:
    """Share that still lasts at any times: 1 before the first row, held flat beyond the last.

    Examples
    --------
    >>> alive_at(kaplan_meier([1, 3], [True, True]), [0.5, 1, 2, 9]).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    heights = np.concatenate([[1.0], curve[column].to_numpy(dtype=np.float64)])
    reached: Floats = heights[np.searchsorted(curve["time"].to_numpy(), np.asarray(times), side="right")]
    return reached


def last_observed_time(curve: pd.DataFrame) -> float:
    """Time up to which the curve tells: its last one, or for ever when all were seen to end.

    Examples
    --------
    >>> last_observed_time(kaplan_meier([1, 3], [False, True])), last_observed_time(kaplan_meier([1, 3], [True, True]))
    (3.0, inf)
    """
    has_all = curve["ended"].sum() == curve["at_risk"].iloc[0]
    return float("inf") if has_all else float(curve["time"].iloc[-1])


def time_until(curve: pd.DataFrame, share: float) -> float | None:
    """First time at which no more than a share still lasts: 0.5 for the median; None where the curve stays above.

    Examples
    --------
    >>> curve = kaplan_meier([1, 3, 5], [True, True, False])
    >>> time_until(curve, 0.5), time_until(curve, 0.1)
    (3.0, None)
    """
    reached = curve.loc[curve["alive_share"] <= share + 1e-12, "time"]
    return float(reached.iloc[0]) if len(reached) else None


def mean_time(curve: pd.DataFrame, cap: float) -> float:
    """Mean time up to a cap: the area under the curve, held flat beyond the last time.

    Examples
    --------
    >>> mean_time(kaplan_meier([1, 3], [True, False]), 4)  # 1·1 + 3·½
    2.5
    """
    edges = np.minimum(np.concatenate([[0.0], curve["time"], [cap]]), cap)
    return float((np.diff(edges) * np.concatenate([[1.0], curve["alive_share"]])).sum())
