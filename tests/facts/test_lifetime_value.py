"""Lifetime value by the formula: realised, expected, by churn, and per customer."""

from __future__ import annotations

from math import inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.lifetime_value import (
    MONTH_DAYS,
    buyers_of,
    churn,
    credibility,
    expected,
    formula_ltv,
    is_margin_assumed,
    margin_share,
    monthly_sales,
    months_at_risk,
    realised,
    survival,
)
from kam_analysis.params import Facts

RULES = Facts(churn_silence_days=180, lifetime_cap_months=36)


def facts_of(rows: list[tuple[int, float, float, float]], **columns: object) -> pd.DataFrame:
    """Facts from (orders, net sales, months from first to last order, days since the last order)."""
    frame = pd.DataFrame(rows, columns=["orders", "net_sales", "months", "recency_days"])
    frame = frame.assign(
        customer_id=[f"c{place}" for place in range(len(rows))],
        tenure_days=frame["months"] * MONTH_DAYS + frame["recency_days"],
        margin=np.nan,
        margin_base=0.0,
    )
    return frame.assign(**columns)


def test_realised_is_the_formula_by_hand() -> None:
    # orders 3 + 1 = 4, sales 1000 + 200 = 1200, months max(1, 8) + max(1, 0) = 9
    # S = 1200/4 = 300, C = 4/9, T = 9/2 = 4.5, S·C·T = 300 · 4/9 · 4.5 = 600 = 1200/2
    found = realised(facts_of([(3, 1000, 8, 10), (1, 200, 0, 10), (0, -50, 0, 0)]), RULES)
    assert found is not None
    assert (found.buyers, found.sales_per_order, found.lifetime_months) == (2, 300, 4.5)
    assert found.orders_per_month == pytest.approx(4 / 9)
    assert found.sales == pytest.approx(600)
    assert found.margin_share is None and found.ltv is None


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(-500_000, 9_000_000), st.integers(0, 60), st.integers(1, 400)),
        min_size=1,
        max_size=30,
    )
)
def test_realised_product_is_net_sales_per_buyer(rows: list[tuple[int, int, int, int]]) -> None:
    facts = facts_of([(orders, cents / 100, months, silent) for orders, cents, months, silent in rows])
    found = realised(facts, RULES)
    assert found is not None and found.sales is not None
    assert found.sales == pytest.approx(facts["net_sales"].sum() / len(facts), rel=1e-9, abs=1e-9)


def test_expected_lifetime_is_the_area_under_the_survival_curve() -> None:
    # Times 0 (end), 6 (end), 6 (censored), 12 (censored): S(0) = 3/4, S(6) = 3/4 · 2/3 = 1/2.
    # Area to 36 months: 6 · 3/4 + 30 · 1/2 = 4.5 + 15 = 19.5; months at risk 0→1, 6, 6 + 100/30.4375, 12 + 10/30.4375
    facts = facts_of([(1, 100, 0, 300), (2, 100, 6, 181), (2, 100, 6, 100), (5, 100, 12, 10)])
    curve = survival(facts, RULES)
    assert curve["alive_share"].tolist() == pytest.approx([3 / 4, 1 / 2, 1 / 2])
    assert curve["at_risk"].tolist() == [4, 3, 1]
    found = expected(facts, RULES)
    assert found is not None
    assert found.lifetime_months == pytest.approx(19.5)
    assert found.orders_per_month == pytest.approx(10 / (1 + 6 + (6 + 100 / MONTH_DAYS) + (12 + 10 / MONTH_DAYS)))


def test_silence_of_exactly_the_limit_is_no_end() -> None:
    at_limit, beyond = (facts_of([(2, 100, 5, days)]) for days in (180, 181))
    assert survival(at_limit, RULES)["ended"].tolist() == [0]
    assert survival(beyond, RULES)["ended"].tolist() == [1]
    assert months_at_risk(at_limit, RULES).tolist() == pytest.approx([5 + 180 / MONTH_DAYS])
    assert months_at_risk(beyond, RULES).tolist() == pytest.approx([5])


def test_lifetimes_beyond_the_cap_count_to_the_cap() -> None:
    found = expected(facts_of([(90, 100, 50, 10)]), RULES)
    assert found is not None
    assert found.lifetime_months == 36
    assert found.orders_per_month == pytest.approx(90 / 36)


def test_nobody_leaves_so_everybody_stays_to_the_cap() -> None:
    found = expected(facts_of([(2, 100, 3, 5), (4, 100, 9, 5)]), RULES)
    assert found is not None and found.lifetime_months == pytest.approx(36)


@pytest.mark.parametrize(
    ("share", "months", "lifetime"),
    [(0.25, 2, 2.0), (0.5, 1, 2.0), (0.0, 3, 1.0), (1.0, 12, None), (None, None, None)],
)
def test_churn_lifetime(share: float | None, months: int | None, lifetime: float | None) -> None:
    found = churn(facts_of([(2, 100, 3, 5)]), RULES, share, months)  # 0.25^(1/2) = 0.5, T = 1/(1 − 0.5) = 2
    assert found is not None
    assert found.lifetime_months == (None if lifetime is None else pytest.approx(lifetime))
    assert (found.sales is None) == (lifetime is None)


def test_margin_comes_from_lines_with_a_cost_before_any_assumption() -> None:
    with_cost = facts_of([(1, 100, 0, 1), (1, 300, 0, 1)], margin=[20.0, np.nan], margin_base=[80.0, 0.0])
    without = facts_of([(1, 100, 0, 1)])
    assert margin_share(with_cost, 0.9) == pytest.approx(0.25)
    assert margin_share(without, 0.3) == 0.3
    assert margin_share(without, None) is None
    assert (
        is_margin_assumed(without, 0.3)
        and not is_margin_assumed(with_cost, 0.3)
        and not is_margin_assumed(without, None)
    )


def test_regulars_have_three_orders_or_more() -> None:
    facts = facts_of([(2, 1, 0, 1), (3, 1, 0, 1), (4, 1, 0, 1)])
    found = realised(facts, RULES, min_orders=3)
    assert found is not None and found.buyers == 2
    assert realised(facts_of([(0, -5, 0, 1)]), RULES) is None
    assert expected(facts, RULES, min_orders=9) is None


def test_credibility_is_within_over_between() -> None:
    # Order values a: 10, 30 and b: 110, 130: within = (200 + 200)/2 = 200; means 20 and 120 around 70:
    # spread = 2·50² · 2 = 10000; unlike = 4 − (4+4)/4 = 2; between = (10000 − 1·200)/2 = 4900; k = 200/4900
    # Orders a month: 2 in 4 months (0.5) and 2 in 1 month (2): mean rate 4/5 = 0.8;
    # spread = 4 · 0.3² + 1 · 1.2² = 1.8; unlike = 5 − 17/5 = 1.6; between = (1.8 − 0.8)/1.6 = 0.625; k = 0.64/0.625
    buyers = facts_of([(2, 40, 4, 0), (2, 240, 1, 0)])
    orders = pd.DataFrame({"customer_id": ["c0", "c0", "c1", "c1"], "net_sales": [10.0, 30.0, 110.0, 130.0]})
    found = credibility(buyers, orders, RULES)
    assert found.orders_for_value == pytest.approx(200 / 4900)
    assert found.orders_for_rate == pytest.approx(0.64 / 0.625)


def test_customers_who_do_not_differ_are_all_worth_the_average() -> None:
    facts = facts_of([(1, 100, 0, 30), (1, 300, 0, 30)])  # one order each: nothing can be said of one customer alone
    orders = pd.DataFrame({"customer_id": ["c0", "c1"], "net_sales": [100.0, 300.0]})
    assert credibility(facts, orders, RULES).orders_for_value == inf
    assert monthly_sales(facts, orders, RULES).tolist() == pytest.approx([200, 200])


@pytest.mark.parametrize("rows", [[(3, 90, 2, 30), (4, 70, 3, 30)], [(1, 90, 0, 300), (1, 70, 0, 20)]])
def test_a_life_that_nobody_was_seen_to_live_is_not_told(rows: list[tuple[int, float, float, float]]) -> None:
    facts = facts_of(rows)  # nobody followed for 180 days; nobody came back
    found = expected(facts, RULES)
    assert found is not None and found.lifetime_months is None
    orders = pd.DataFrame({"customer_id": ["c0", "c1"], "net_sales": [90.0, 70.0]})
    assert formula_ltv(facts, orders, RULES).isna().all()


def test_value_of_a_customer_is_shrunk_and_takes_its_own_margin() -> None:
    columns = {"margin": [24.0, np.nan, np.nan], "margin_base": [40.0, 0.0, 0.0]}
    facts = facts_of([(2, 40, 4, 0), (2, 240, 1, 0), (0, -9, 0, 0)], **columns)
    orders = pd.DataFrame({"customer_id": ["c0", "c0", "c1", "c1"], "net_sales": [10.0, 30.0, 110.0, 130.0]})
    values = formula_ltv(facts, orders, Facts(churn_silence_days=20))
    # Company: S = 280/4 = 70, C = 4/5 = 0.8, T = 36, P = 24/40 = 0.6. k as above: weight on own = 2/(2+k).
    value_weight, rate_weight = 2 / (2 + 200 / 4900), 2 / (2 + 0.64 / 0.625)
    by_hand = [
        (value_weight * value + (1 - value_weight) * 70) * (rate_weight * rate + (1 - rate_weight) * 0.8) * 0.6 * 36
        for value, rate in ((20, 0.5), (120, 2.0))
    ]
    assert values[:2].tolist() == pytest.approx(by_hand)
    assert np.isnan(values[2])


def test_row_order_does_not_matter() -> None:
    facts = facts_of([(2, 40, 4, 0), (2, 240, 1, 0), (5, 90, 11, 200)])
    orders = pd.DataFrame({"customer_id": ["c0", "c0", "c1", "c1", "c2"], "net_sales": [10.0, 30.0, 110.0, 130.0, 9.0]})
    turned = formula_ltv(facts[::-1], orders[::-1], RULES)
    assert turned.sort_index().tolist() == pytest.approx(formula_ltv(facts, orders, RULES).tolist(), rel=1e-12)


def test_inputs_are_not_changed() -> None:
    facts = facts_of([(2, 40, 4, 0), (0, -1, 0, 0)])
    orders = pd.DataFrame({"customer_id": ["c0", "c0"], "net_sales": [10.0, 30.0]})
    before = facts.copy(), orders.copy()
    formula_ltv(facts, orders, RULES)
    pd.testing.assert_frame_equal(facts, before[0])
    pd.testing.assert_frame_equal(orders, before[1])
    assert len(buyers_of(facts)) == 1
