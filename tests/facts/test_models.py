"""The models of purchases and value: published likelihoods, formulas written out, odd samples, verdicts, fallbacks."""

from __future__ import annotations

from math import exp, lgamma, log
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from kam_analysis.facts.models import BetaGeometric, BgNbd, GammaGamma, MbgNbd, ParetoNbd, PurchaseModel, Verdict
from kam_analysis.facts.models.fitting import BOUNDS, Top, climb
from kam_analysis.facts.models.sample import Sample
from kam_analysis.facts.rhythm import fit_rhythm
from kam_analysis.value.purchases import Purchases, fit_purchases, fit_spend
from kam_analysis.vocabulary import PurchaseFit

from .odd_samples import lively, odd_samples

MODELS = (BgNbd, MbgNbd, ParetoNbd)
PUBLISHED = {BgNbd: "-9582.429", ParetoNbd: "-9594.976", MbgNbd: "-9582.136"}
PUBLISHED_FULL = {BgNbd: "-95368.444", ParetoNbd: "-95415.12", MbgNbd: "-95336.96"}


def with_parameters(model: type[PurchaseModel], *values: float) -> Any:
    """A fitted model that was never fitted: its parameters are given."""
    made = model()
    made.top_ = Top(np.log(np.array(values)), 0.0, np.eye(4) * 1e6)
    made.parameters_ = dict(zip(model.NAMES, values, strict=True))
    made.verdict_ = Verdict(at_bound=False, condition=1.0)
    return made


def rows_of(sample: Any) -> np.ndarray:
    return sample[["repeats", "lifetime_days", "age_days"]].to_numpy()


@pytest.mark.parametrize("model", MODELS)
def test_the_published_likelihood_of_the_cdnow_sample(model: type[PurchaseModel], cdnow_sample) -> None:
    fit = model().fit(rows_of(cdnow_sample))
    assert f"{fit.log_likelihood_ + cdnow_sample['repeats'].sum() * log(7):.3f}" == PUBLISHED[model]
    assert fit.verdict_.is_identified


@pytest.mark.parametrize("model", MODELS)
def test_the_published_likelihood_of_the_whole_cdnow(model: type[PurchaseModel], cdnow_full) -> None:
    fit = model().fit(rows_of(cdnow_full))
    places = len(PUBLISHED_FULL[model].split(".")[1])
    assert f"{fit.log_likelihood_ + cdnow_full['repeats'].sum() * log(7):.{places}f}" == PUBLISHED_FULL[model]


def test_the_published_parameters_of_the_cdnow_sample(cdnow_sample) -> None:
    rows = rows_of(cdnow_sample)
    bg, pareto, mbg = (list(model().fit(rows).parameters_.values()) for model in (BgNbd, ParetoNbd, MbgNbd))
    assert [bg[0], bg[1] / 7, *bg[2:]] == pytest.approx((0.24259, 4.41360, 0.79292, 2.42591), rel=1e-4)
    assert pareto == pytest.approx([0.5533, 10.578 * 7, 0.6061, 11.664 * 7], rel=2e-3)
    assert [mbg[0], mbg[1] / 7, *mbg[2:]] == pytest.approx((0.5248, 6.1831, 0.8914, 1.6140), rel=1e-3)


def test_gamma_gamma_reaches_the_published_likelihood_of_cdnow(cdnow_sample) -> None:
    fit = GammaGamma().fit(cdnow_sample[["repeats", "mean_value"]])
    assert f"{fit.log_likelihood_:.3f}" == "-4055.918"
    assert list(fit.parameters_.values()) == pytest.approx((6.2496, 3.7442, 15.4435), rel=1e-4)
    assert fit.is_identified


def bg_likelihood(values: Any, x: int, last: int, age: int, first: int) -> float:
    """BG/NBD (first = 0) and MBG/NBD (first = 1) written out for one customer."""
    r, alpha, a, b = values
    chances = x + first
    rate = lgamma(r + x) - lgamma(r) + r * log(alpha)
    stay = exp(lgamma(a + b) + lgamma(b + chances) - lgamma(b) - lgamma(a + b + chances)) * (alpha + age) ** -(r + x)
    if chances == 0:
        return rate + log(stay)
    left = lgamma(a + 1) + lgamma(b + chances - 1) + lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(a + b + chances)
    return rate + log(stay + exp(left) * (alpha + last) ** -(r + x))


def pareto_likelihood(values: Any, x: int, last: int, age: int) -> float:
    """Pareto/NBD written out for one customer, with a numeric integral over the day of leaving."""
    r, alpha, s, beta = values
    stay = alpha**r * beta**s * (alpha + age) ** -(r + x) * (beta + age) ** -s

    def leaving(day: float) -> float:
        return s * alpha**r * beta**s * (alpha + day) ** -(r + x) * (beta + day) ** -(s + 1)

    left, _ = quad(leaving, last, age, epsabs=0, epsrel=1e-12)
    return lgamma(r + x) - lgamma(r) + log(stay + left)


def written_out(model: type[PurchaseModel], values: Any, rows: np.ndarray) -> float:
    if model is ParetoNbd:
        return sum(pareto_likelihood(values, *row) for row in rows.tolist())
    first = 1 if model is MbgNbd else 0
    return sum(bg_likelihood(values, *row, first) for row in rows.tolist())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("values", [(0.5, 20.0, 0.8, 2.5), (2.0, 3.0, 6.0, 90.0), (0.05, 40.0, 0.2, 5.0)])
def test_the_likelihood_is_the_one_of_the_paper(model: type[PurchaseModel], values: tuple[float, ...]) -> None:
    rows = np.array([[0, 0, 50], [1, 1, 1], [1, 3, 300], [7, 80, 90], [60, 299, 300], [2, 30, 30]])
    found, _ = model()._loss(Sample.of(rows), np.log(values))
    assert -found == pytest.approx(written_out(model, values, rows), rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_the_slope_is_the_one_of_the_likelihood(model: type[PurchaseModel]) -> None:
    sample, at = Sample.of(lively(3, 200)), np.log([0.7, 25.0, 1.3, 40.0 if model is ParetoNbd else 3.0])
    slope = model()._loss(sample, at)[1]
    steps = 1e-5 * np.eye(4)
    numeric = [(model()._loss(sample, at + move)[0] - model()._loss(sample, at - move)[0]) / 2e-5 for move in steps]
    assert slope == pytest.approx(numeric, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_odd_samples_neither_raise_nor_stop_short_and_are_judged(model: type[PurchaseModel]) -> None:
    names = [name for name, _ in odd_samples()]
    assert len(names) == len(set(names)) >= 52
    short, unjudged = {}, []
    for name, rows in odd_samples():
        fit = model().fit(rows)
        if name.startswith(("one_time", "same_4", "no_churn_20", "regular")) and fit.verdict_.is_identified:
            unjudged.append(name)
        sample, rng = Sample.of(rows), np.random.default_rng(5)
        other = minimize(
            lambda at, sample=sample: model()._loss(sample, at),
            rng.uniform(-3, 5, 4),
            jac=True,
            method="L-BFGS-B",
            bounds=[BOUNDS] * 4,
            options={"maxiter": 40},
        ).fun
        if -fit.log_likelihood_ > other + 0.1:
            short[name] = -fit.log_likelihood_ - other
    assert short == {}
    assert unjudged == []


@pytest.mark.parametrize("model", MODELS)
def test_more_customers_than_the_sketch_have_the_same_top(model: type[PurchaseModel]) -> None:
    few = lively(8, 1500)
    many = np.repeat(few, 20, axis=0)  # 30,000: the starts are tried on a part
    one, other = model().fit(few), model().fit(many)
    assert other.log_likelihood_ == pytest.approx(20 * one.log_likelihood_, abs=0.01)
    assert list(other.parameters_.values()) == pytest.approx(list(one.parameters_.values()), rel=1e-3)


def test_chance_to_be_a_buyer_by_hand() -> None:
    # x = 1, t = 10, T = 30: odds = 1/(2 + 1 − 1) · ((10 + 30)/(10 + 10))² = 0.5 · 4 = 2, chance 1/3
    assert with_parameters(BgNbd, 1, 10, 1, 2).alive_chance([[1, 10, 30], [0, 0, 30]]) == pytest.approx([1 / 3, 1])
    # MBG: odds 1/(2 + 1) · 4 = 4/3, chance 3/7; without a repeat 1/2 · (40/10) = 2, chance 1/3
    assert with_parameters(MbgNbd, 1, 10, 1, 2).alive_chance([[1, 10, 30], [0, 0, 30]]) == pytest.approx([3 / 7, 1 / 3])
    # Pareto with equal scales: stays 10²/40³; left ∫ of 10²·(10+u)^−4 from 10 to 30 = 100/3·(20^−3 − 40^−3)
    stays, left = 100 / 40**3, 100 / 3 * (20**-3 - 40**-3)
    found = with_parameters(ParetoNbd, 1, 10, 1, 10).alive_chance([[1, 10, 30]])
    assert found == pytest.approx([stays / (stays + left)])


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (BgNbd, (0.8, 25.0, 0.7, 2.4)),
        (BgNbd, (0.8, 25.0, 1.0, 3.0)),
        (BgNbd, (0.8, 25.0, 2.5, 0.8)),
        (MbgNbd, (0.8, 25.0, 0.7, 2.4)),
        (ParetoNbd, (0.8, 25.0, 0.6, 80.0)),
        (ParetoNbd, (0.8, 25.0, 1.0, 80.0)),
    ],
)
def test_expected_orders_are_the_mean_of_drawn_futures(model: type[PurchaseModel], values: tuple[float, ...]) -> None:
    fit = with_parameters(model, *values)
    customer = np.array([[3, 80, 120]])
    people = Sample(*(np.full(300_000, value) for value in (3, 80.0, 120.0, 1.0)))
    drawn = fit._simulated(people, fit.top_.at, 90.0, np.random.default_rng(2))
    assert fit.predict(customer, 90.0)[0] == pytest.approx(drawn.mean(), rel=0.01)


@pytest.mark.parametrize("model", MODELS)
def test_expected_orders_grow_with_the_horizon_from_zero(model: type[PurchaseModel]) -> None:
    fit = with_parameters(model, 0.8, 25.0, 0.7, 2.4)
    orders = [fit.predict([[0, 0, 100], [5, 90, 100]], days) for days in (1e-6, 30, 365, 3650)]
    assert orders[0] == pytest.approx([0, 0], abs=1e-6)
    assert (np.diff(orders, axis=0) > 0).all()


@pytest.mark.parametrize("model", [BgNbd, ParetoNbd])
def test_the_total_stands_in_its_interval_as_often_as_said(model: type[PurchaseModel], monkeypatch) -> None:
    monkeypatch.setattr("kam_analysis.facts.models.purchase_model.MOST_SIMULATED", 50_000)
    hits = 0
    for seed in range(30):
        rows, later = lively(1000 + seed, 250, later=120)
        low, high = model().fit(rows).total_interval(rows, 120)
        assert low < high
        hits += low <= later <= high
    assert hits >= 25  # 28.5 expected of 30


def test_intervals_hold_the_expectation_and_shrink_with_the_level() -> None:
    rows = lively(4, 400)
    fit = BgNbd().fit(rows)
    wide, narrow = fit.interval(rows, 90, 0.95), fit.interval(rows, 90, 0.5)
    assert (wide[:, 0] <= narrow[:, 0]).all() and (narrow[:, 1] <= wide[:, 1]).all()
    expected = fit.predict(rows, 90)
    is_likely = expected > 0.5
    assert ((wide[:, 0] <= expected) & (expected <= wide[:, 1]))[is_likely].all() and is_likely.sum() > 50
    assert fit.total_interval(rows, 90) == fit.total_interval(rows, 90)


def test_the_interval_of_a_part_of_many_customers_is_that_of_all(monkeypatch) -> None:
    rows = lively(4, 3000)
    fit = BgNbd().fit(rows)
    whole = fit.total_interval(rows, 90)
    monkeypatch.setattr("kam_analysis.facts.models.purchase_model.INTERVAL_CUSTOMERS", 1000)
    part = fit.total_interval(rows, 90)
    assert part == pytest.approx(whole, rel=0.05)


def test_estimators_keep_to_the_conventions_of_scikit_learn() -> None:
    for model in (*MODELS, GammaGamma):
        made = model(seed=3)
        assert clone(made).get_params() == made.get_params() == {"seed": 3}
    rows = lively(5, 300)
    fit = ParetoNbd().fit(rows)
    assert fit.fit(rows) is fit and fit.n_features_in_ == 3
    for model in (BgNbd(), GammaGamma(), BetaGeometric()):
        with pytest.raises(NotFittedError, match="call fit first"):
            model.predict([[1, 2]])
    with pytest.raises(ValueError, match="no parameter 'colour'"):
        BgNbd().set_params(colour=1)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "shape"),
        ([[1, 2]], "shape"),
        ([[1, 5, 3]], r"1 of 1 customers .* \[1.0, 5.0, 3.0\]"),
        ([[0, 0, 9], [1, 0, 9]], "1 of 2 customers"),
        ([[0, 2, 9]], "1 of 1"),
        ([[-1, 2, 9]], "1 of 1"),
        ([[0.5, 2, 9]], "1 of 1"),
        ([[1, 2, float("nan")]], "1 of 1"),
    ],
)
def test_impossible_customers_are_told(rows: list[list[float]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BgNbd().fit(rows)


@pytest.mark.parametrize("model", MODELS)
def test_row_order_does_not_matter(model: type[PurchaseModel]) -> None:
    rows = lively(5, 300)
    one, other = model().fit(rows), model().fit(rows[::-1])
    assert one.parameters_ == other.parameters_
    assert (one.predict(rows, 90)[::-1] == other.predict(rows[::-1], 90)).all()


def test_climbing_finds_the_top_and_the_bound() -> None:
    def bowl(at: np.ndarray) -> tuple[float, np.ndarray]:
        return float(((at - 2) ** 2).sum()), 2 * (at - 2)

    top = climb(bowl, [np.zeros(2), np.full(2, 9.0)])
    assert top.at == pytest.approx([2, 2]) and top.verdict == Verdict(at_bound=False, condition=pytest.approx(1))
    slope = climb(lambda at: (-float(at.sum()), -np.ones(2)), [np.zeros(2)])
    assert slope.at == pytest.approx([BOUNDS[1]] * 2) and not slope.verdict.is_identified


def test_a_parameter_whose_bound_is_as_likely_lies_on_it() -> None:
    def ridge(at: np.ndarray) -> tuple[float, np.ndarray]:  # rises to the bound of the second by 0.0005 from 11.5 on
        return float((at[0] - 2) ** 2 - 1e-3 * at[1]), np.array([2 * (at[0] - 2), -1e-3])

    top = climb(ridge, [np.array([0.0, 11.5])])
    assert top.at.tolist() == [2, BOUNDS[1]] and top.verdict.at_bound and top.is_settled


def test_where_newtons_steps_lead_away_there_is_no_one_top() -> None:
    def flat(at: np.ndarray) -> tuple[float, np.ndarray]:
        return 0.0, np.zeros(2)

    top = climb(flat, [np.zeros(2)])
    assert not top.is_settled and top.verdict == Verdict(at_bound=False, condition=np.inf)


def test_a_top_is_rounded_and_its_parameters_too() -> None:
    fit = BgNbd().fit(lively(5, 300))
    assert (fit.top_.at == np.round(fit.top_.at, 7)).all()
    assert list(fit.parameters_.values()) == [float(f"{value:.9g}") for value in np.exp(fit.top_.at)]


def test_intervals_do_not_hang_on_the_sign_of_an_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    fit, rows = BgNbd().fit(lively(5, 300)), lively(5, 300)
    found, whole = fit.interval(rows, 90), fit.total_interval(rows, 90)
    axes = np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: (axes(matrix)[0], axes(matrix)[1] * [1, -1, 1, -1]))
    assert (fit.interval(rows, 90) == found).all() and fit.total_interval(rows, 90) == whole


def test_gamma_gamma_value_by_hand_and_without_a_repeat() -> None:
    fit = GammaGamma()
    fit.parameters_ = {"p": 2.0, "q": 3.0, "gamma": 40.0}
    fit.verdict_ = Verdict(at_bound=False, condition=1.0)
    # x = 2, m = 30: 2 · (40 + 60)/(4 + 3 − 1) = 33.3; without a repeat or with returns only: 2 · 40/(3 − 1) = 40
    assert fit.predict([[2, 30], [0, 0], [2, -5]]) == pytest.approx([200 / 6, 40, 40])
    assert fit.is_identified
    fit.parameters_["q"] = 0.9
    assert not fit.is_identified


def test_gamma_gamma_needs_a_repeat_with_a_value() -> None:
    with pytest.raises(ValueError, match="no customer has a repeat"):
        GammaGamma().fit([[0, 0.0], [2, -3.0]])


def test_beta_geometric_fits_the_regular_customers_of_the_paper() -> None:
    # Fader and Hardie (2007), Regular segment: 1000 customers, 631 468 382 326 289 262 241 left after 1–7 years
    left = -np.diff([1000, 631, 468, 382, 326, 289, 262, 241])
    rows = [[year, 1] for year, count in enumerate(left, 1) for _ in range(count)] + [[7, 0]] * 241
    model = BetaGeometric().fit(rows)
    assert list(model.parameters_.values()) == pytest.approx((0.704, 1.182), abs=0.001)
    assert f"{model.log_likelihood_:.1f}" == "-1680.3"
    assert model.surviving_share([0, 1]).tolist() == pytest.approx([1, 1.182 / 1.886], abs=1e-3)


def test_beta_geometric_by_hand() -> None:
    model = BetaGeometric()
    model.parameters_ = {"a": 1.0, "b": 1.0}
    model.top_ = model.verdict_ = None
    # a = b = 1: S(t) = 1/(1 + t); renewed in period t: t/(t + 1)
    assert model.surviving_share([1, 3]).tolist() == pytest.approx([1 / 2, 1 / 4])
    assert model.renewed_share([1, 3]).tolist() == pytest.approx([1 / 2, 3 / 4])
    # holds the second period: S(2)/S(1) = 2/3 that a third begins, then S(3)/S(1) = 1/2; one that left brings none
    assert model.predict([[2, 0], [2, 1]], periods=2).tolist() == pytest.approx([2 / 3 + 1 / 2, 0])
    assert model.residual_value([1], discount=1.0, most=2).tolist() == pytest.approx([2 / 3 / 2 + 1 / 2 / 4])


@pytest.mark.parametrize("rows", [[], [[0, 1]], [[1, 2]], [[1.5, 0]], [[1, 0, 0]]])
def test_contracts_that_cannot_be_are_told(rows: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="contracts"):
        BetaGeometric().fit(rows)


def test_churn_that_is_planted_is_identified() -> None:
    found = fit_purchases(lively(3, 1500))
    assert found.fit is PurchaseFit.BG_NBD
    a, b = (found.model.parameters_[name] for name in ("a", "b"))
    assert a / (a + b) == pytest.approx(0.25, abs=0.06)


def test_without_churn_the_model_says_so_and_falls_back() -> None:
    rows = lively(4, 400, churn=False)
    found = fit_purchases(rows)
    assert found.fit is PurchaseFit.NBD
    expected = found.expected_orders(rows, 30.0)
    assert expected.sum() == pytest.approx(rows[:, 0].sum() / rows[:, 2].sum() * 30 * len(rows), rel=0.02)


def test_all_rates_alike_leave_one_rate() -> None:
    found = fit_purchases([[10, 99, 100], [20, 199, 200], [30, 299, 300]])
    assert found.fit is PurchaseFit.POOLED
    assert found.expected_orders([[10, 99, 100]], 50.0).tolist() == pytest.approx([5.0])


def test_an_unidentified_fit_does_not_serve() -> None:
    model = BgNbd().fit(lively(3, 300))
    held = Purchases(PurchaseFit.NBD, model, fit_rhythm([3, 3], [20, 40]))
    assert not held.is_identified
    assert held.expected_orders([[1, 2, 3]], 10) != pytest.approx(model.predict([[1, 2, 3]], 10))


def test_spend_that_is_not_identified_is_the_own_mean_shrunk_to_that_of_all() -> None:
    found = fit_spend([0, 1], [0.0, -4.0], 25.0, 6.0)
    assert not found.is_identified
    # 3 repeat days of 90 weigh 3/(3 + 6): 30 + 2/3 · 25; without a repeat or with returns only 25
    assert found.expected_value([3, 0, 3], [90.0, 0.0, -90.0]).tolist() == pytest.approx([30 + 50 / 3, 25, 25])
    alike = fit_spend([0], [0.0], 25.0, np.inf)  # order values differ no more between customers than within them
    assert alike.expected_value([9], [90.0]).tolist() == [25.0]


def test_the_chance_of_an_order_agrees_with_simulated_customers() -> None:
    rows = lively(5, 300)
    fit = BgNbd().fit(rows)
    rng = np.random.default_rng(1)
    sample, row = Sample.indexed(rows)
    ordered = [fit._simulated(sample, fit.top_.at, 60, rng) > 0 for _ in range(4000)]
    assert fit.order_chance(rows, 60) == pytest.approx(np.mean(ordered, axis=0)[row], abs=0.035)
    assert fit.order_chance([[0, 0, 50]], 0).tolist() == [0.0]
    assert (fit.order_chance(rows, 90) >= fit.order_chance(rows, 30)).all()
    assert (fit.order_chance(rows, 1e9) <= fit.alive_chance(rows) + 1e-12).all()


def test_the_summary_holds_the_parameters_that_made_the_customers() -> None:
    """Customers drawn from a known beta-geometric: exact counts of the paper's regular customers."""
    model = BetaGeometric().fit([[1, 1]] * 131 + [[2, 1]] * 126 + [[3, 1]] * 90 + [[4, 1]] * 60 + [[5, 0]] * 593)
    wide, narrow = model.summary(), model.summary(level=0.5)
    assert wide["value"].to_dict() == model.parameters_
    assert (wide["low"] < narrow["low"]).all() and (narrow["high"] < wide["high"]).all()
    # On the logarithms the bounds lie evenly around the value, 1.959964/0.674490 times as far at 95 % as at 50 %.
    reach, half = (np.log(table["high"] / table["value"]) for table in (wide, narrow))
    assert np.allclose(reach, np.log(wide["value"] / wide["low"]))
    assert np.allclose(reach / half, 1.959964 / 0.674490, rtol=1e-5)


def test_the_spread_of_the_summary_is_that_of_the_curvature() -> None:
    model = with_parameters(BgNbd, 0.5, 20.0, 1.0, 3.0)  # curvature 10⁶ in every logarithm: s = 0.001
    assert np.allclose(np.log(model.summary()["high"] / model.summary()["value"]), 1.959964e-3, rtol=1e-5)


def test_parameters_that_cannot_be_told_have_no_interval() -> None:
    model = with_parameters(BgNbd, 0.5, 20.0, 1.0, 3.0)
    model.top_ = Top(np.array([0.0, BOUNDS[1], 0.0, 0.0]), 0.0, np.eye(4))
    found = model.summary()
    assert found["value"].tolist() == [0.5, 20.0, 1.0, 3.0]
    assert found[["low", "high"]].isna().all(axis=None)


def test_a_summary_before_the_fit_or_of_no_level() -> None:
    with pytest.raises(NotFittedError):
        GammaGamma().summary()
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        with_parameters(BgNbd, 0.5, 20.0, 1.0, 3.0).summary(level=95)
