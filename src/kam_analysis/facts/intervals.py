"""How sure a share or a score is: intervals at 95 %."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.rounding import FINE_DIGITS, significant
from kam_analysis.vocabulary import UnitVerdict

Z_95 = 1.959964


def wilson(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """Give the Wilson interval of a share, by default at 95 %.

    (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n), p = successes/trials; always within 0–1.

    Parameters
    ----------
    successes, trials : int
        trials > 0.
    z : float
        1.959964 for 95 %.

    Examples
    --------
    >>> low, high = wilson(5, 10)
    >>> round(low, 4), round(high, 4)
    (0.2366, 0.7634)
    """
    share, extra = successes / trials, z * z / trials
    middle = (share + extra / 2) / (1 + extra)
    half = z * np.sqrt(share * (1 - share) / trials + extra / (4 * trials)) / (1 + extra)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def difference(successes: int, trials: int, other: int, other_trials: int, z: float = Z_95) -> tuple[float, float]:
    """Give Newcombe's interval of a difference of two shares, by default at 95 %.

    p − q − √((p − l)² + (U − q)²) to p − q + √((u − p)² + (q − L)²), l–u and L–U the Wilson intervals of p and q.

    Parameters
    ----------
    successes, trials, other, other_trials : int
        p = successes/trials, q = other/other_trials; both trials > 0.
    z : float
        1.959964 for 95 %.

    Examples
    --------
    >>> low, high = difference(56, 70, 48, 80)  # the worked example of Newcombe, 1998
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    p, q = successes / trials, other / other_trials
    (low, high), (other_low, other_high) = wilson(successes, trials, z), wilson(other, other_trials, z)
    return (
        p - q - float(np.hypot(p - low, other_high - q)),
        p - q + float(np.hypot(high - p, q - other_low)),
    )


def adjusted_wald(promoters: int, detractors: int, answers: int, z: float = Z_95) -> tuple[float, float]:
    """Give the adjusted-Wald interval of promoters less detractors as a share of the answers, by default at 95 %.

    n′ = n + 3, p′ = (promoters + 0.75)/n′, d′ = (detractors + 0.75)/n′; p′ − d′ ± z·√((p′ + d′ − (p′ − d′)²)/n′), cut
    at −1 and 1.

    Parameters
    ----------
    promoters, detractors, answers : int
        promoters + detractors ≤ answers.
    z : float
        1.959964 for 95 %.

    Examples
    --------
    >>> low, high = adjusted_wald(5, 2, 10)  # 3/13 ± 1.959964·√((8.5/13 − (3/13)²)/13)
    >>> round(low, 4), round(high, 4)
    (-0.1905, 0.652)
    """
    n = answers + 3
    up, down = (promoters + 0.75) / n, (detractors + 0.75) / n
    half = z * np.sqrt((up + down - (up - down) ** 2) / n)
    return max(-1.0, float(up - down - half)), min(1.0, float(up - down + half))


def discoveries(chances: npt.ArrayLike, false_share: float = 0.05) -> npt.NDArray[np.bool_]:
    """Tell which of many comparisons stand out, so that no more than a share of those found is expected to be chance.

    Benjamini and Hochberg: with m chances in rising order, those up to the last i with chance ≤ i·false_share/m.

    Parameters
    ----------
    chances : array-like of float
        Of a difference at least as large without any real one, 0–1, one per comparison.
    false_share : float
        0–1.

    Examples
    --------
    >>> discoveries([0.04, 0.01, 0.9, 0.03]).tolist()  # limits 0.0125, 0.025, 0.0375, 0.05
    [False, True, False, False]
    """
    given = np.asarray(chances, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    passed = np.flatnonzero(given[order] <= false_share * np.arange(1, len(given) + 1) / max(len(given), 1))
    found = np.zeros(len(given), dtype=bool)
    found[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return found


def chance_of_difference(kept: int, n: int, all_kept: int, all_n: int) -> float:
    """Chance that a group drawn at random would keep as few, or as many, as it did: twice the smaller exact tail.

    Kept of n out of all_kept of all_n (hypergeometric, Fisher's exact test), 0–1.

    Examples
    --------
    >>> round(chance_of_difference(0, 3, 3, 6), 4)  # 1 of the 20 ways to draw 3 of 6 keeps none: twice 0.05
    0.1
    """
    from scipy.special import gammaln

    def ways(whole: int, part: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        logged: npt.NDArray[np.float64] = gammaln(whole + 1) - gammaln(part + 1) - gammaln(whole - part + 1)
        return logged

    count = np.arange(max(0, n + all_kept - all_n), min(n, all_kept) + 1)
    likely = np.exp(ways(all_kept, count) + ways(all_n - all_kept, n - count) - ways(all_n, np.array(n)))
    tail = min(likely[count <= kept].sum(), likely[count >= kept].sum())
    return float(significant(min(1.0, 2 * tail), FINE_DIGITS))


def against_the_rest(
    kept: npt.NDArray[np.int64],
    n: npt.NDArray[np.int64],
    all_kept: npt.NDArray[np.int64],
    all_n: npt.NDArray[np.int64],
) -> npt.NDArray[np.object_]:
    """Say of each group whether its share is below or above the rest, beyond chance, or alike: values of `UnitVerdict`.

    Fisher's exact test of each group in its whole, corrected over all groups by Benjamini and Hochberg.

    Parameters
    ----------
    kept, n, all_kept, all_n : array of int
        Per group: successes and customers in it, and in its whole.

    Examples
    --------
    >>> counts = np.array([[1, 40], [50, 50], [41, 41], [100, 100]])
    >>> against_the_rest(*counts).tolist()
    ['below', 'above']
    """
    chances = [chance_of_difference(*map(int, counts)) for counts in zip(kept, n, all_kept, all_n, strict=True)]
    side = discoveries(chances) * np.sign(kept * all_n - all_kept * n)
    sides = [UnitVerdict.BELOW.value, UnitVerdict.ALIKE.value, UnitVerdict.ABOVE.value]
    return np.array(sides, dtype=object)[side.astype(np.int64) + 1]
