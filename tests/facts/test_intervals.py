"""Intervals of shares and of the recommendation score, against hand arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.intervals import adjusted_wald, chance_of_difference, discoveries, wilson


def test_wilson_by_hand() -> None:
    # p = 0.2, n = 50, z² = 3.841459; 1 + z²/n = 1.076829; middle = (0.2 + 0.038415)/1.076829 = 0.221404
    # half = 1.959964 · √(0.16/50 + 3.841459/10000)/1.076829 = 1.959964 · 0.059868/1.076829 = 0.108966
    assert wilson(10, 50) == (pytest.approx(0.112437, abs=2e-5), pytest.approx(0.330371, abs=2e-5))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_within_0_and_1(case: tuple[int, int]) -> None:
    low, high = wilson(*case)
    assert 0 <= low <= case[0] / case[1] + 1e-12
    assert case[0] / case[1] - 1e-12 <= high <= 1


def test_adjusted_wald_by_hand() -> None:
    # 30 promoters, 10 detractors of 50: n' = 53, p' = 30.75/53 = 0.580189, d' = 10.75/53 = 0.202830
    # difference 0.377358; variance (0.783019 − 0.142399)/53 = 0.0120872, root 0.109942; half 0.215483
    assert adjusted_wald(30, 10, 50) == (pytest.approx(0.161875, abs=2e-5), pytest.approx(0.592842, abs=2e-5))


@given(st.lists(st.sampled_from(["up", "down", "between"]), min_size=1, max_size=80))
def test_adjusted_wald_stays_within_its_bounds_and_turns_with_the_answers(answers: list[str]) -> None:
    up, down = answers.count("up"), answers.count("down")
    low, high = adjusted_wald(up, down, len(answers))
    assert -1 <= low <= high <= 1
    assert adjusted_wald(down, up, len(answers)) == (pytest.approx(-high), pytest.approx(-low))


def test_a_chance_exactly_at_its_limit_stands_out() -> None:
    assert discoveries([0.05]).tolist() == [True]
    assert discoveries([0.9, 0.025]).tolist() == [False, True]  # limits 0.025 and 0.05
    assert not discoveries([np.nextafter(0.025, 1), 0.9]).any()


def test_the_count_itself_belongs_to_both_tails() -> None:
    # of the 6 ways to draw 2 of 4, of whom 2 were kept, 1 keeps none, 4 keep one, 1 keeps both
    assert chance_of_difference(1, 2, 2, 4) == 1
    assert [chance_of_difference(kept, 2, 2, 4) for kept in (0, 2)] == pytest.approx([2 / 6, 2 / 6])
