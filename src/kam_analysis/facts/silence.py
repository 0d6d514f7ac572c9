"""Whose silence is unusual: longer than the customer's own gaps let expect, beyond what chance gives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.chance_models import Flags, Origin
from kam_analysis.facts.intervals import discoveries
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.models.gamma_renewal import GammaRenewal
from kam_analysis.facts.order_history import Snapshot, day_number
from kam_analysis.params import Facts

FEW_GAPS = 6
FEWEST_SIMULATED = 100_000
SIMULATED_AT_ONCE = 20_000
SIMULATED_BELOW = 10
DECIMALS = 9


@dataclass(frozen=True)
class Silence:
    """Customers with two order days: how rare their open gap is without anybody leaving, and whether it is marked.

    Parameters
    ----------
    p_value : array
        Share of simulated open gaps that are as rare or rarer, 0–1.
    is_unusual : array of bool
        Marked after Benjamini and Hochberg.
    """

    p_value: Floats
    is_unusual: Flags


def unusual_silence(at: Origin, rules: Facts) -> Silence:
    """Mark the silences that are longer than regular customers' own gaps explain.

    The chance of an open gap follows from gamma gaps with one shape for all and rates of one's own
    (`fit_gamma_renewal`, on what was known). It is held against the same chance of simulated open gaps of customers
    none of whom leaves, pooled over customers; so many are simulated that ten lie below the limit. Of those marked at
    most `chance_share` are expected to be chance.

    Parameters
    ----------
    at : Origin
        Its customers with two order days are tested.
    rules : Facts
        ``chance_share`` and the seed.

    Returns
    -------
    Silence
        In the order of ``at.repeaters``; nobody is marked where the gaps cannot be fitted.
    """
    seen, renewal = at.repeaters, at.renewal
    tested = len(seen.customer)
    if renewal is None or not tested:
        return Silence(np.ones(tested), np.zeros(tested, dtype=bool))
    chance = _rounded(renewal.survival(seen.order_days - 1, seen.lifetime, seen.recency))
    rng, null, rounds, wanted = np.random.default_rng(rules.lost_chance.seed), np.ones(0), 0, float(FEWEST_SIMULATED)
    at_once = max(1, SIMULATED_AT_ONCE // tested)
    everybody = seen.only(np.tile(np.arange(tested), at_once))
    while True:
        more = max(1, math.ceil(wanted / (tested * at_once)) - rounds)
        null = np.sort(np.concatenate([null, *(_simulated(renewal, everybody, at, rules, rng) for _ in range(more))]))
        rounds += more
        p_value = (1 + np.searchsorted(null, chance, "right")) / (1 + len(null))
        is_unusual = discoveries(p_value, rules.chance_share)
        wanted = SIMULATED_BELOW * tested / (rules.chance_share * max(int(is_unusual.sum()), 1))
        if rounds * tested * at_once >= wanted:
            return Silence(np.round(p_value, DECIMALS), is_unusual)


def likely_silent(
    chance: Floats, recency: npt.NDArray[np.int64], median_gap: Floats, can_rank: bool, rules: Facts
) -> Flags:
    """Tell which customers with two order days will probably stay silent.

    A lost chance of at least ``alarm``; where nobody can be ranked, a silence longer than ``silent_gaps`` times the own
    median gap.

    Examples
    --------
    >>> gaps, days = np.array([30.0, 30.0]), np.array([60, 61])
    >>> likely_silent(np.array([0.5, 0.49]), days, gaps, True, Facts()).tolist()
    [True, False]
    >>> likely_silent(np.array([0.5, 0.49]), days, gaps, False, Facts()).tolist()
    [False, True]
    """
    return np.asarray(chance >= rules.alarm if can_rank else recency > rules.silent_gaps * median_gap)


def _rounded(chance: Floats) -> Floats:
    return np.asarray(np.round(chance, DECIMALS))


def _simulated(renewal: GammaRenewal, seen: Snapshot, at: Origin, rules: Facts, rng: np.random.Generator) -> Floats:
    """Chances of one simulated open gap per customer, left out where it would make the customer lost or a one-off.

    A customer with few closed gaps is simulated from the first order on; of the others only the gap that is open on the
    day, which such a look finds long: gamma with one more in its shape, cut at a uniform part.
    """
    gaps, days = seen.order_days - 1, seen.lifetime.astype(np.float64)
    rate = rng.gamma(renewal.rate_shape + renewal.shape * gaps) / (renewal.rate_days + days)
    rate = np.maximum(rate, 1e-12)
    count = len(gaps)
    silent = np.ceil(rng.random(count) * rng.gamma(renewal.shape + 1, size=count) / rate)
    gaps, few = gaps.copy(), np.flatnonzero(gaps <= FEW_GAPS)
    gaps[few], days[few] = _path(renewal.shape, rate[few], seen.tenure[few], rng)
    silent[few] = seen.tenure[few] - days[few]
    longest = day_number(at.on) - day_number(add_months(at.on, -rules.lost_after_months))
    held = (gaps > 0) & (silent >= 1) & (silent <= longest)
    return _rounded(renewal.survival(gaps[held], days[held], silent[held]))


def _path(
    shape: float, rate: Floats, tenure: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], Floats]:
    gaps, days = np.zeros(len(rate), dtype=np.int64), np.zeros(len(rate))
    going = np.arange(len(rate))
    while len(going):
        gap = np.maximum(1.0, np.rint(rng.gamma(shape, size=len(going)) / rate[going]))
        is_closed = days[going] + gap < tenure[going]
        going, gap = going[is_closed], gap[is_closed]
        days[going] += gap
        gaps[going] += 1
    return gaps, days
