"""Unusual silence: nobody is marked where nobody leaves, leavers are, and the gaps are fitted as planted."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.chance_models import Origin
from kam_analysis.facts.models.fitting import Verdict
from kam_analysis.facts.models.gamma_renewal import GammaRenewal, fit_gamma_renewal
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.facts.silence import unusual_silence
from kam_analysis.params import Facts
from tests.facts.worlds import AS_OF, company

REGULAR, RANDOM = (8.0, 1.2, 3.5), (1.0, 3.0, 120.0)


@pytest.mark.parametrize(("shape", "rate_shape", "rate_days"), [REGULAR, RANDOM])
def test_where_nobody_leaves_silences_are_marked_at_the_nominal_rate(shape, rate_shape, rate_days) -> None:
    below, tested, worlds_with_a_mark = np.zeros(3), 0, 0
    for seed in range(10):
        history = OrderHistory(company(400, seed, shape, rate_shape, rate_days))
        found = unusual_silence(Origin(history, AS_OF, Facts()), Facts())
        below += [(found.p_value <= level).sum() for level in (0.01, 0.05, 0.2)]
        tested += len(found.p_value)
        worlds_with_a_mark += found.is_unusual.any()
    rates = below / tested
    assert 0.004 < rates[0] < 0.018
    assert 0.035 < rates[1] < 0.07
    assert 0.16 < rates[2] < 0.24
    assert worlds_with_a_mark <= 3  # one in twenty expected


def test_who_leaves_is_marked_and_few_others_are() -> None:
    orders = company(400, 3, *REGULAR)
    half_year = pd.Timestamp(AS_OF) - pd.Timedelta(days=180)
    leavers = {f"{number:04}" for number in range(0, 60, 2)}
    left = orders[~(orders.customer_id.isin(leavers) & (orders.ordered_on >= half_year))]
    history = OrderHistory(left)
    origin = Origin(history, AS_OF, Facts())
    found = unusual_silence(origin, Facts())
    marked = set(history.customers[origin.repeaters.customer[found.is_unusual]])
    tested = leavers & set(history.customers[origin.repeaters.customer])
    assert len(marked & leavers) >= 0.7 * len(tested)
    assert len(marked - leavers) <= 0.2 * len(marked)


def test_planted_shape_and_rates_are_found() -> None:
    rng = np.random.default_rng(2)
    rate = rng.gamma(2.0, 1 / 40, 3000)
    gaps = [rng.gamma(3.0, 1 / each, 6) for each in rate]
    fit = fit_gamma_renewal(np.full(3000, 6), [each.sum() for each in gaps], [np.log(each).sum() for each in gaps])
    assert fit is not None and fit.verdict.is_identified
    assert (fit.shape, fit.rate_shape, fit.rate_days) == pytest.approx((3.0, 2.0, 40.0), rel=0.06)


def test_survival_is_the_gamma_tail_averaged_over_the_rates() -> None:
    fit = GammaRenewal(2.5, 1.5, 30.0, Verdict(False, 1.0))
    rng = np.random.default_rng(5)
    rate = rng.gamma(1.5 + 2.5 * 4, 1 / (30.0 + 80), 400_000)
    drawn = rng.gamma(2.5, size=400_000) / rate > 45
    assert float(fit.survival(4, 80, 45)) == pytest.approx(drawn.mean(), abs=0.003)
    assert fit.silence(4, 80, float(fit.survival(4, 80, 45))) == pytest.approx(45)


def test_nothing_is_marked_without_gaps() -> None:
    once = pd.DataFrame({"customer_id": ["a", "b"], "ordered_on": pd.to_datetime(["2025-12-01", "2025-11-01"])})
    found = unusual_silence(Origin(OrderHistory(once), AS_OF, Facts()), Facts())
    assert not len(found.p_value)
    assert fit_gamma_renewal([1, 0], [5, 0], [np.log(5), 0]) is None


def test_equal_gaps_of_one_customer_are_no_reason_to_fail() -> None:
    days = [AS_OF - dt.timedelta(days=7 * number) for number in range(20, 30)]
    weekly = pd.DataFrame({"customer_id": "a", "ordered_on": pd.to_datetime(days)})
    found = unusual_silence(Origin(OrderHistory(weekly), AS_OF, Facts()), Facts())
    assert len(found.p_value) == 1 and 0 < found.p_value[0] <= 1
