"""BG/NBD and Gamma–Gamma: published likelihoods, formulas written out, verdicts and fallbacks."""

from __future__ import annotations

from math import exp, lgamma, log

import numpy as np
import pytest

from kam_analysis.value.purchases import BgNbd, Verdict, fit_bg_nbd, fit_purchases
from kam_analysis.value.spend import GammaGamma, fit_gamma_gamma, fit_spend
from kam_analysis.vocabulary import PurchaseFit

GOOD = Verdict(at_bound=False, condition=1.0)


def simulated(seed: int, count: int, churn: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customers with gamma rates (r 1.5, alpha 30 days) who leave after an order with a beta chance (a 1, b 3)."""
    rng = np.random.default_rng(seed)
    age = rng.integers(200, 400, count)
    repeats, last = np.zeros(count, dtype=int), np.zeros(count, dtype=int)
    for place in range(count):
        rate, leaving, day = rng.gamma(1.5, 1 / 30), rng.beta(1, 3) if churn else 0.0, 0
        while True:
            day += max(1, round(rng.exponential(1 / rate)))
            if day > age[place]:
                break
            repeats[place], last[place] = repeats[place] + 1, day
            if rng.random() < leaving:
                break
    return repeats, last, age


def test_bg_nbd_reaches_the_published_likelihood_of_cdnow(cdnow_sample) -> None:
    fit = fit_bg_nbd(cdnow_sample["repeats"], cdnow_sample["lifetime_days"], cdnow_sample["age_days"])
    in_weeks = fit.log_likelihood + cdnow_sample["repeats"].sum() * log(7)
    assert f"{in_weeks:.3f}" == "-9582.429"
    assert (fit.r, fit.alpha_days / 7, fit.a, fit.b) == pytest.approx((0.24259, 4.41360, 0.79292, 2.42591), rel=1e-4)
    assert fit.verdict.is_identified


def test_gamma_gamma_reaches_the_published_likelihood_of_cdnow(cdnow_sample) -> None:
    fit = fit_gamma_gamma(cdnow_sample["repeats"], cdnow_sample["mean_value"])
    assert f"{fit.log_likelihood:.3f}" == "-4055.918"
    assert (fit.p, fit.q, fit.gamma) == pytest.approx((6.2496, 3.7442, 15.4435), rel=1e-4)
    assert fit.is_identified


def likelihood(fit: BgNbd, rows: list[tuple[int, int, int]]) -> float:
    """Likelihood of BG/NBD written out for one customer after the other."""
    r, alpha, a, b = fit.r, fit.alpha_days, fit.a, fit.b
    total = 0.0
    for x, last, age in rows:
        rate = lgamma(r + x) - lgamma(r) + r * log(alpha)
        stay = exp(lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)) * (alpha + age) ** -(r + x)
        left = exp(lgamma(a + 1) + lgamma(b + x - 1) + lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(a + b + x))
        total += rate + log(stay + (left * (alpha + last) ** -(r + x) if x else 0))
    return total


def test_likelihood_is_the_one_of_the_paper_and_the_fit_its_top() -> None:
    rows = list(zip(*simulated(1, 200, churn=True), strict=True))
    fit = fit_bg_nbd(*zip(*rows, strict=True))
    assert fit.log_likelihood == pytest.approx(likelihood(fit, rows), rel=1e-10)
    for name in ("r", "alpha_days", "a", "b"):
        for step in (0.97, 1.03):
            moved = BgNbd(**{**vars(fit), name: getattr(fit, name) * step})
            assert likelihood(moved, rows) < fit.log_likelihood


def test_chance_to_be_a_buyer_by_hand() -> None:
    fit = BgNbd(r=1.0, alpha_days=10.0, a=1.0, b=2.0, log_likelihood=0.0, verdict=GOOD)
    # x = 1, t = 10, T = 30: odds = 1/(2 + 1 − 1) · ((10 + 30)/(10 + 10))² = 0.5 · 4 = 2, chance 1/3
    assert fit.alive_chance([1, 0], [10, 0], [30, 30]).tolist() == pytest.approx([1 / 3, 1.0])


@pytest.mark.parametrize(("a", "b"), [(0.7, 2.4), (1.0, 3.0), (2.5, 0.8), (0.01, 9.0)])
def test_expected_orders_equal_the_integral(a: float, b: float) -> None:
    # Given alive at T with rate and leaving chance p, orders until h are (1 − exp(−rate·p·h))/p,
    # averaged over rate ~ Gamma(r + x, alpha + T) and p ~ Beta(a, b + x).
    fit = BgNbd(r=0.8, alpha_days=25.0, a=a, b=b, log_likelihood=0.0, verdict=GOOD)
    x, last, age, horizon = 3, 80, 120, 90.0
    rng = np.random.default_rng(2)
    rate, leaving = rng.gamma(fit.r + x, 1 / (fit.alpha_days + age), 400_000), rng.beta(a, b + x, 400_000)
    alive = np.where(leaving > 1e-12, -np.expm1(-rate * leaving * horizon) / np.maximum(leaving, 1e-12), rate * horizon)
    found = fit.expected_orders([x], [last], [age], horizon)[0]
    assert found == pytest.approx(alive.mean() * fit.alive_chance([x], [last], [age])[0], rel=0.01)


def test_expected_orders_grow_with_the_horizon_from_zero() -> None:
    fit = BgNbd(r=0.8, alpha_days=25.0, a=0.7, b=2.4, log_likelihood=0.0, verdict=GOOD)
    orders = [fit.expected_orders([0, 5], [0, 90], [100, 100], days) for days in (1e-6, 30, 365, 3650)]
    assert orders[0] == pytest.approx([0, 0], abs=1e-6)
    assert (np.diff(orders, axis=0) > 0).all()


def test_gamma_gamma_value_by_hand_and_without_a_repeat() -> None:
    fit = GammaGamma(p=2.0, q=3.0, gamma=40.0, log_likelihood=0.0, verdict=GOOD)
    # x = 2, m = 30: 2 · (40 + 60)/(4 + 3 − 1) = 33.3; without a repeat or with returns only: 2 · 40/(3 − 1) = 40
    assert fit.expected_value([2, 0, 2], [30, 0, -5]).tolist() == pytest.approx([200 / 6, 40, 40])
    assert not GammaGamma(p=2.0, q=0.9, gamma=40.0, log_likelihood=0.0, verdict=GOOD).is_identified


def test_churn_that_is_planted_is_identified() -> None:
    found = fit_purchases(*simulated(3, 1500, churn=True))
    assert found.fit is PurchaseFit.BG_NBD
    assert found.bg_nbd is not None
    assert found.bg_nbd.a / (found.bg_nbd.a + found.bg_nbd.b) == pytest.approx(0.25, abs=0.06)


def test_without_churn_the_model_says_so_and_falls_back() -> None:
    repeats, last, age = simulated(4, 400, churn=False)
    found = fit_purchases(repeats, last, age)
    assert found.fit is PurchaseFit.NBD
    assert np.isnan(found.alive_chance(repeats, last, age)).all()
    expected = found.expected_orders(repeats, last, age, 30.0)
    assert expected.sum() == pytest.approx(repeats.sum() / age.sum() * 30 * len(age), rel=0.02)


def test_all_rates_alike_leave_one_rate() -> None:
    found = fit_purchases([10, 20, 30], [99, 199, 299], [100, 200, 300])
    assert found.fit is PurchaseFit.POOLED
    assert found.expected_orders([10], [99], [100], 50.0).tolist() == pytest.approx([5.0])


def test_spend_that_is_not_identified_is_the_own_mean_shrunk_to_that_of_all() -> None:
    found = fit_spend([0, 1], [0.0, -4.0], 25.0, 6.0)
    assert not found.is_identified
    # 3 repeat days of 90 weigh 3/(3 + 6): 30 + 2/3 · 25; without a repeat or with returns only 25
    assert found.expected_value([3, 0, 3], [90.0, 0.0, -90.0]).tolist() == pytest.approx([30 + 50 / 3, 25, 25])
    alike = fit_spend([0], [0.0], 25.0, np.inf)  # order values differ no more between customers than within them
    assert alike.expected_value([9], [90.0]).tolist() == [25.0]


def test_row_order_does_not_matter() -> None:
    rows = simulated(5, 300, churn=True)
    turned = fit_bg_nbd(*(column[::-1] for column in rows))
    assert turned == fit_bg_nbd(*rows)
