"""What of a change is the mix of groups, and what is the groups themselves."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kam_analysis.findings import Caveat, Weight, say
from kam_analysis.vocabulary import Labelled


def mix_and_rate(now: pd.DataFrame, before: pd.DataFrame) -> tuple[float, float]:
    """Part the change of a share, or of a mean, over groups into mix and rate; the two sum to the change.

    With weight w (share of the buyers) and rate r (share of the group that stayed) at both dates: mix =
    Σ (w₁ − w₀)(r₀ + r₁)/2, rate = Σ (r₁ − r₀)(w₀ + w₁)/2. A group without buyers at one date has the rate of the other
    date there, so that all of it is mix.

    Parameters
    ----------
    now, before : DataFrame
        By group: buyers, kept (or what the mean is of); at least one buyer in each.

    Examples
    --------
    >>> before = pd.DataFrame({"buyers": [90, 10], "kept": [45, 9]}, index=["small", "large"])
    >>> now = pd.DataFrame({"buyers": [20, 80], "kept": [9, 68]}, index=["small", "large"])
    >>> mix, rate = mix_and_rate(now, before)  # 0.54 to 0.77 though both groups fell by 0.05
    >>> round(mix, 4), round(rate, 4)
    (0.28, -0.05)
    """
    pair = now.merge(before, how="outer", left_index=True, right_index=True, suffixes=("_1", "_0")).fillna(0.0)
    weight = {k: pair[f"buyers_{k}"] / pair[f"buyers_{k}"].sum() for k in "01"}
    rate = {k: pair[f"kept_{k}"] / pair[f"buyers_{k}"].where(pair[f"buyers_{k}"] > 0) for k in "01"}
    first, second = rate["0"].fillna(rate["1"]), rate["1"].fillna(rate["0"])
    mix = ((weight["1"] - weight["0"]) * (first + second) / 2).sum()
    return float(mix), float(((second - first) * (weight["0"] + weight["1"]) / 2).sum())


def is_reversed(now: pd.DataFrame, before: pd.DataFrame, fewest: int) -> bool:
    """Tell whether the whole moved one way and every group that is large enough the other (Simpson's paradox).

    Compared in whole numbers: money comes as whole ten-thousandths. False with fewer than two groups of at least
    `fewest` buyers on both dates.

    Parameters
    ----------
    now, before : DataFrame
        By group: buyers, kept; at least one buyer in each.
    fewest : int
        Buyers of a group that is looked at.

    Examples
    --------
    >>> before = pd.DataFrame({"buyers": [90, 10], "kept": [45, 9]}, index=["small", "large"])
    >>> now = pd.DataFrame({"buyers": [20, 80], "kept": [9, 68]}, index=["small", "large"])
    >>> is_reversed(now, before, 10), is_reversed(now, before, 11)
    (True, False)
    """
    both = now.merge(before, how="inner", left_index=True, right_index=True, suffixes=("_1", "_0")).astype(object)
    both = both[(both["buyers_1"] >= fewest) & (both["buyers_0"] >= fewest)]
    moves = both["kept_1"] * both["buyers_0"] - both["kept_0"] * both["buyers_1"]
    whole = int(now["kept"].sum()) * int(before["buyers"].sum()) - int(before["kept"].sum()) * int(now["buyers"].sum())
    return len(both) > 1 and bool((moves < 0).all() if whole > 0 else (moves > 0).all() and whole < 0)


def reversed_caveats(groupings: Sequence[Labelled]) -> list[Caveat]:
    """Say by which groupings the total moved against all its parts.

    Examples
    --------
    >>> reversed_caveats([])
    []
    """
    if not groupings:
        return []
    return [
        Caveat(
            say("The total moves against all its parts (Simpson's paradox)"),
            say(
                "Judge by the groups: the total moved because the mix of buyers changed. Grouped by: {names:names}.",
                names=[say("{name}", name=grouping) for grouping in groupings],
            ),
            Weight.RED,
        )
    ]
