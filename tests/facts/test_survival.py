"""Kaplan and Meier against worked examples, an independent estimate and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.survival import alive_at, kaplan_meier, mean_time, time_until

# Freireich and others (1963), weeks of remission under 6-MP; + is censored
REMISSION = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
WEEKS = [int(week.rstrip("+")) for week in REMISSION.split()]
RELAPSED = [not week.endswith("+") for week in REMISSION.split()]
CASES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


def test_remission_under_6_mp_as_published() -> None:
    curve = kaplan_meier(WEEKS, RELAPSED)
    told = curve[curve["ended"] > 0].set_index("time")
    # 18/21 = 0.857143, · 16/17, · 14/15, · 11/12, · 10/11, · 6/7, · 5/6
    published = {6: 0.857143, 7: 0.806723, 10: 0.752941, 13: 0.690196, 16: 0.627451, 22: 0.537815, 23: 0.448179}
    assert told["alive_share"].to_dict() == pytest.approx(published, abs=1e-6)
    assert told["at_risk"].to_dict() == {6: 21, 7: 17, 10: 15, 13: 12, 16: 11, 22: 7, 23: 6}
    assert time_until(curve, 0.5) == 23


def test_the_interval_by_hand() -> None:
    # at 6: S = 18/21, V = 3/(21·18) = 0.00793651, ln S = −0.154151
    # z·√V/ln S = 1.959964·0.0890871/−0.154151 = −1.132709
    # low = exp(−0.154151·e^1.132709) = exp(−0.478500) = 0.61971; high = exp(−0.154151·e^−1.132709) = 0.95155
    first = kaplan_meier(WEEKS, RELAPSED).iloc[0]
    assert (first["low"], first["high"]) == (pytest.approx(0.61971, abs=5e-5), pytest.approx(0.95155, abs=5e-5))


def test_who_is_censored_at_a_time_is_still_at_risk_at_it() -> None:
    curve = kaplan_meier([2, 2, 5], [True, False, False])
    assert curve["at_risk"].tolist() == [3, 1]
    assert curve["alive_share"].tolist() == [pytest.approx(2 / 3)] * 2


def test_all_ended_all_censored_one_and_none() -> None:
    assert kaplan_meier([4], [True])[["alive_share", "low", "high"]].iloc[0].tolist() == [0, 0, 0]
    assert kaplan_meier([4, 9], [False, False])["low"].tolist() == [1, 1]
    nobody = kaplan_meier([], [])
    assert nobody.empty and alive_at(nobody, [3]).tolist() == [1.0] and time_until(nobody, 0.5) is None
    assert mean_time(nobody, 7) == 7


def test_mean_time_by_hand() -> None:
    # 1 until 2, then 2/3 until 6, then 1/3 until the cap at 10: 2 + 4·2/3 + 4·1/3 = 6
    curve = kaplan_meier([2, 6, 12], [True, True, True])
    assert mean_time(curve, 10) == pytest.approx(6)
    assert mean_time(curve, 1) == 1


@given(CASES)
def test_it_equals_the_product_written_as_a_loop(cases: list[tuple[int, bool]]) -> None:
    share = 1.0
    curve = kaplan_meier(*zip(*cases, strict=True)).set_index("time")
    for time in sorted({time for time, _ in cases}):
        at_risk = sum(other >= time for other, _ in cases)
        share *= 1 - sum(other == time and ended for other, ended in cases) / at_risk
        assert curve.loc[time, "alive_share"] == pytest.approx(share)
        assert curve.loc[time, "low"] - 1e-12 <= curve.loc[time, "alive_share"] <= curve.loc[time, "high"] + 1e-12
    assert (np.diff(curve["alive_share"]) <= 0).all()


@given(CASES, st.randoms())
def test_the_order_of_the_cases_does_not_matter(cases: list[tuple[int, bool]], shuffle) -> None:
    turned = list(cases)
    shuffle.shuffle(turned)
    assert kaplan_meier(*zip(*turned, strict=True)).equals(kaplan_meier(*zip(*cases, strict=True)))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_without_censoring_it_is_the_plain_share_that_lasts(times: list[int]) -> None:
    curve = kaplan_meier(times, [True] * len(times))
    plain = [np.mean(np.array(times) > moment) for moment in range(10)]
    assert alive_at(curve, range(10)).tolist() == pytest.approx(plain)


@pytest.mark.parametrize("n", range(2, 60, 2))
def test_the_median_is_the_time_at_which_exactly_half_is_left(n: int) -> None:
    # in doubles the product of (n − 1)/n, (n − 2)/(n − 1) … often ends just above or below one half
    curve = kaplan_meier(range(1, n + 1), [True] * n)
    assert time_until(curve, 0.5) == n / 2
