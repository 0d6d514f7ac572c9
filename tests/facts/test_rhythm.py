"""Order rhythm: the chance of a silence, its maximum likelihood, the bound where all rates are alike, order chance."""

from __future__ import annotations

from math import exp, lgamma, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.facts.rhythm import fit_rhythm, rhythm

MIXED = ([2, 3, 12, 40, 1, 5], [200, 60, 100, 130, 0, 300])


def likelihood(shape: float, days: float, order_days: list[int], lifetime: list[int]) -> float:
    """Σ [ln Γ(a+n−1) − ln Γ(a) + a ln b − (a+n−1) ln(b+T)], written out as it is defined."""
    return sum(
        lgamma(shape + n - 1) - lgamma(shape) + shape * log(days) - (shape + n - 1) * log(days + t)
        for n, t in zip(order_days, lifetime, strict=True)
    )


def test_chance_of_a_silence_follows_the_formula() -> None:
    found = rhythm([12], [100], [30])  # one customer: all rates alike, pooled rate 11/100
    assert found.gap_survival_probability[0] == pytest.approx(exp(-0.11 * 30), rel=5e-6)
    mixed = rhythm(*MIXED, [10, 10, 10, 10, 10, 10])
    a, b = mixed.fit.shape, mixed.fit.rate_days
    assert a is not None and b is not None
    for place, (n, t) in enumerate(zip(*MIXED, strict=True)):
        chance = ((b + t) / (b + t + 10)) ** (a + n - 1)
        assert mixed.gap_survival_probability[place] == pytest.approx(chance, rel=5e-6)


def test_fit_stands_on_the_top_of_the_likelihood() -> None:
    fit = fit_rhythm(*MIXED)
    assert fit.shape is not None and fit.rate_days is not None and fit.log_likelihood is not None
    top = likelihood(fit.shape, fit.rate_days, *MIXED)
    assert fit.log_likelihood == pytest.approx(top, abs=1e-6)
    for shape, days in ((1.001, 1), (0.999, 1), (1, 1.001), (1, 0.999), (1.001, 1.001), (0.5, 0.5), (3, 3)):
        assert likelihood(fit.shape * shape, fit.rate_days * days, *MIXED) < top


def test_planted_rates_are_found() -> None:
    rng = np.random.default_rng(3)
    lifetime = rng.integers(100, 700, 4000)
    order_days = 1 + rng.poisson(rng.gamma(2.0, 1 / 60, 4000) * lifetime)
    fit = fit_rhythm(order_days, lifetime)
    assert fit.shape == pytest.approx(2.0, rel=0.1)
    assert fit.rate_days == pytest.approx(60, rel=0.1)


def test_rates_that_are_all_alike_give_the_pooled_rate() -> None:
    fit = fit_rhythm([11, 21, 31], [100, 200, 300])  # 60 repeats in 600 days
    assert fit.is_pooled
    assert fit.pooled_rate == pytest.approx(0.1)
    assert rhythm([11, 21, 31], [100, 200, 300], [10, 10, 10]).gap_survival_probability == pytest.approx(
        exp(-1), rel=5e-6
    )


def test_nobody_with_two_order_days_gives_nothing() -> None:
    found = rhythm([1, 1], [0, 0], [5, 90])
    assert np.isnan(found.gap_survival_probability).all()
    assert found.fit.pooled_rate is None and not found.fit.is_pooled


def test_customers_without_an_order_are_left_out() -> None:
    alone = rhythm(*MIXED, [9] * 6)
    more = rhythm([*MIXED[0], 0, np.nan], [*MIXED[1], np.nan, np.nan], [9] * 6 + [np.nan] * 2)
    assert np.isnan(more.gap_survival_probability[6:]).all()
    assert more.gap_survival_probability[:6] == pytest.approx(alone.gap_survival_probability, rel=1e-12)


def test_one_time_buyers_do_not_change_the_fit() -> None:
    more = fit_rhythm([*MIXED[0], 1, 1, 1], [*MIXED[1], 0, 0, 0])
    assert more.shape == pytest.approx(fit_rhythm(*MIXED).shape, rel=1e-9)


@settings(max_examples=settings.default.max_examples // 2)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 700), st.integers(1, 400)), min_size=2, max_size=30))
def test_any_sample_gives_chances_that_fall_with_silence_and_ignore_row_order(rows: list[tuple[int, int, int]]) -> None:
    order_days, lifetime, recency = (np.array(column) for column in zip(*rows, strict=True))
    lifetime = np.where(order_days == 1, 0, np.maximum(lifetime, order_days - 1))
    found, longer = rhythm(order_days, lifetime, recency), rhythm(order_days, lifetime, recency + 30)
    if (order_days == 1).all():
        assert np.isnan(found.gap_survival_probability).all()
        return
    assert ((found.gap_survival_probability >= 0) & (found.gap_survival_probability <= 1)).all()
    assert (longer.gap_survival_probability <= found.gap_survival_probability).all()
    turned = rhythm(order_days[::-1], lifetime[::-1], recency[::-1])
    assert (turned.gap_survival_probability[::-1] == found.gap_survival_probability).all()
