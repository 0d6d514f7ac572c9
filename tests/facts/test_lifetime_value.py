"""Lifetime value by the formula: realised, expected, by churn, and per customer."""

from __future__ import annotations

import datetime as dt
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import Z_95
from kam_analysis.facts.lifetime_value import (
    MONTH_DAYS,
    buyers_of,
    churn,
    churn_silence,
    cumulative_means,
    expected,
    followed_months,
    formula_ltv,
    is_margin_assumed,
    life_values,
    lives,
    margin_share,
    monthly_sales,
    new_buyers,
    orders_for_value,
    realised,
    typical_buyers,
)
from kam_analysis.facts.rhythm import fit_rhythm
from kam_analysis.params import Facts

RULES = Facts(churn_silence_days=180, lifetime_cap_months=36, fewest_followed=1)
CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2024, 1, 1))


def facts_of(rows: list[tuple[int, float, float, float]], **columns: object) -> pd.DataFrame:
    """Facts from (orders, net sales, days from first to last order, days since the last order)."""
    frame = pd.DataFrame(rows, columns=["orders", "net_sales", "days", "recency_days"])
    frame = frame.assign(
        customer_id=[f"c{place}" for place in range(len(rows))],
        tenure_days=frame["days"] + frame["recency_days"],
        margin=np.nan,
        margin_base=0.0,
    )
    first = pd.Timestamp(CALENDAR.as_of) - pd.to_timedelta(frame["tenure_days"], unit="D")
    return frame.assign(first_order_on=first).assign(**columns)


def five() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Five customers, first order so many days back, with their orders on days since the first one."""
    days = {"a": (100, [0, 10, 30, 31, 95]), "b": (95, [0, 61]), "c": (70, [0, 0]), "d": (61, [0, 60]), "e": (20, [0])}
    facts = pd.DataFrame(
        [
            {"customer_id": name, "orders": len(on), "tenure_days": age, "recency_days": age - on[-1]}
            for name, (age, on) in days.items()
        ]
    ).assign(net_sales=100.0, margin=np.nan, margin_base=0.0)
    cells = pd.DataFrame(
        [
            {"customer_id": name, "life_month": int(day // MONTH_DAYS) + 1, "orders": 1}
            for name, (_, on) in days.items()
            for day in on
        ]
    )
    return facts, cells.groupby(["customer_id", "life_month"], as_index=False).sum()


def test_realised_is_the_formula_by_hand() -> None:
    # orders 3 + 1 = 4, sales 1000 + 200 = 1200, months max(1, 8) + max(1, 0) = 9
    # S = 1200/4 = 300, C = 4/9, T = 9/2 = 4.5, S·C·T = 300 · 4/9 · 4.5 = 600 = 1200/2
    found = realised(facts_of([(3, 1000, 8 * MONTH_DAYS, 10), (1, 200, 0, 10), (0, -50, 0, 0)]), RULES)
    assert found is not None
    assert (found.buyers, found.sales_per_order, found.lifetime_months, found.orders) == (2, 300, 4.5, 2.0)
    assert found.orders_per_month == pytest.approx(4 / 9)
    assert found.product == pytest.approx(600)
    assert found.margin_share is None and found.ltv is None


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(-500_000, 9_000_000), st.integers(0, 1800), st.integers(1, 400)),
        min_size=1,
        max_size=30,
    )
)
def test_realised_product_is_net_sales_per_buyer(rows: list[tuple[int, int, int, int]]) -> None:
    facts = facts_of([(orders, cents / 100, days, silent) for orders, cents, days, silent in rows])
    found = realised(facts, RULES)
    assert found is not None and found.product is not None and found.sales is not None
    assert found.product == pytest.approx(facts["net_sales"].sum() / len(facts), rel=1e-9, abs=1e-9)
    assert found.sales == pytest.approx(found.product, rel=1e-9, abs=1e-9)


def test_mean_cumulative_orders_of_five_customers_by_hand() -> None:
    # Month 1 is days 0 to 30, month 2 days 31 to 60, month 3 days 61 to 91. A month counts those followed to its end:
    # 30.4375 days a, b, c, d; 60.875 days a, b, c, d (61 days); 91.3125 days a, b.
    # Month 1: a 3, b 1, c 2, d 1 of 4 = 7/4; e has no whole month. Month 2: a 1, d 1 of 4 = 1/2. Month 3: b 1 of 2.
    found = cumulative_means(*five(), "orders", 36)
    assert found["buyers"].tolist() == [4, 4, 2]
    assert found["mean"].tolist() == pytest.approx([7 / 4, 9 / 4, 11 / 4])
    # Interval of month 1: deviations 5/4, −3/4, 1/4, −3/4, each over 4: squares (25 + 9 + 1 + 9)/256 = 44/256.
    assert found["high"][0] - found["mean"][0] == pytest.approx(Z_95 * (44 / 256) ** 0.5)
    assert found["mean"][0] - found["low"][0] == pytest.approx(Z_95 * (44 / 256) ** 0.5)
    # To month 2: deviations of month 2 are a 1/2, b −1/2, c −1/2, d 1/2: the sums 7/4, −5/4, −1/4, −1/4 over 4.
    assert found["high"][1] - found["mean"][1] == pytest.approx(Z_95 * ((49 + 25 + 1 + 1) / 256) ** 0.5)


def test_survival_of_five_customers_by_hand() -> None:
    # Silence 40: a follows to 60, ordered last on day 95 (5 days ago): lives 60 days on. b last on day 61, 34 ago: 55.
    # c last on day 0, 70 ago: ends at 0. d last on day 60, 1 ago: lives, followed for 21. e came 20 days ago: left out.
    facts, cells = five()
    found = lives(facts, 40)
    assert (found.months * MONTH_DAYS).tolist() == pytest.approx([60, 55, 0, 21])
    assert found.has_ended.tolist() == [False, False, True, False]
    assert followed_months(found, RULES) == 1  # 60 days are 1.97 months
    # Alive after day 0: 3/4. To h′ = 1 month: T = 3/4, C = N(1)/T = 7/4 · 4/3 = 7/3.
    formula = expected(facts, cells, 40, RULES)
    assert formula is not None
    assert (formula.horizon_months, formula.followed_months) == (3, 1)
    assert formula.lifetime_months == pytest.approx(3 / 4)
    assert formula.orders_per_month == pytest.approx(7 / 3)
    assert formula.orders == pytest.approx(11 / 4)
    assert formula.sales == pytest.approx(500 / 12 * 11 / 4)


@pytest.mark.parametrize("horizon", [1, 2, 3])
def test_rate_times_lifetime_is_the_mean_number_of_orders(horizon: int) -> None:
    facts, cells = five()
    found = expected(facts, cells, 5, RULES, horizon)
    assert found is not None and found.orders_per_month and found.lifetime_months and found.followed_months
    means = cumulative_means(facts, cells, "orders", horizon)["mean"]
    assert found.orders_per_month * found.lifetime_months == pytest.approx(means[found.followed_months - 1])
    assert found.orders == means[horizon - 1]


@given(st.lists(st.tuples(st.integers(1, 900), st.lists(st.integers(0, 900), max_size=6)), min_size=1, max_size=20))
def test_with_everybody_followed_for_long_the_sum_is_plain(buyers: list[tuple[int, list[int]]]) -> None:
    # Who is followed for all months counts in each: the mean cumulative number is the plain mean of their orders.
    months = 900 // 30
    facts = pd.DataFrame({"customer_id": [str(n) for n in range(len(buyers))], "tenure_days": 2000})
    rows = [(str(n), int(day // MONTH_DAYS) + 1) for n, (_, days) in enumerate(buyers) for day in [0, *days]]
    cells = pd.DataFrame(rows, columns=["customer_id", "life_month"]).assign(orders=1)
    found = cumulative_means(facts, cells, "orders", months)
    assert found["mean"].iloc[-1] == pytest.approx(len(rows) / len(buyers))
    assert (found["buyers"] == len(buyers)).all()
    turned = cumulative_means(facts[::-1], cells[::-1], "orders", months)
    pd.testing.assert_frame_equal(turned, found)


def test_one_off_buyers_are_worth_what_they_bought() -> None:
    # 580 buyers with 600 orders: 20 came back once in the second month; nobody is worth 3.4 orders.
    facts = pd.DataFrame(
        {"customer_id": [str(n) for n in range(580)], "orders": [2] * 20 + [1] * 560, "net_sales": 50.0}
    ).assign(tenure_days=400, margin=np.nan, margin_base=0.0)
    facts = facts.assign(recency_days=400 - 40 * (facts["orders"] - 1))
    cells = pd.concat(
        [
            facts[["customer_id"]].assign(life_month=1, orders=1),
            facts[["customer_id"]][:20].assign(life_month=2, orders=1),
        ]
    )
    found = expected(facts, cells, 90, Facts())
    assert found is not None and found.orders == pytest.approx(600 / 580)
    assert found.orders_per_month is not None and found.lifetime_months is not None
    assert found.orders_per_month * found.lifetime_months == pytest.approx(600 / 580)


def test_the_horizon_is_the_last_month_with_enough_buyers() -> None:
    ages = [int(MONTH_DAYS * 3) + 1] * 4 + [int(MONTH_DAYS * 5) + 1] * 2  # 92 and 153 days
    facts = facts_of([(1, 10.0, 0, age) for age in ages])
    cells = facts[["customer_id"]].assign(life_month=1, orders=1)
    horizons = {}
    for fewest in (2, 3, 7):
        found = expected(facts, cells, 30, Facts(fewest_followed=fewest))
        assert found is not None
        horizons[fewest] = found.horizon_months, found.orders
    assert horizons == {2: (5, 1.0), 3: (3, 1.0), 7: (None, None)}
    capped = expected(facts, cells, 30, Facts(fewest_followed=2, lifetime_cap_months=4))
    assert capped is not None and capped.horizon_months == 4


def test_a_month_counts_once_its_last_day_is_over() -> None:
    # Four months are 121.75 days: a first order 122 days back has them, one 121 days back has not.
    facts = facts_of([(1, 10.0, 0, 122), (1, 10.0, 0, 121)])
    cells = facts[["customer_id"]].assign(life_month=1, orders=1)
    assert cumulative_means(facts, cells, "orders", 36)["buyers"].tolist() == [2, 2, 2, 1]


def test_silence_of_exactly_the_limit_is_no_end() -> None:
    at_limit, beyond = (facts_of([(2, 100, 150, days)]) for days in (180, 181))
    assert lives(at_limit, 180).has_ended.tolist() == [False]
    assert lives(beyond, 180).has_ended.tolist() == [True]
    assert (lives(at_limit, 180).months * MONTH_DAYS).tolist() == pytest.approx([150])
    assert len(lives(facts_of([(1, 5, 0, 180), (1, 5, 0, 179)]), 180).months) == 1


def test_nobody_who_came_back_has_no_length_of_life() -> None:
    facts = facts_of([(1, 90, 0, 300), (1, 70, 0, 250)])
    cells = facts[["customer_id"]].assign(life_month=1, orders=1)
    found = expected(facts, cells, 60, RULES)
    assert found is not None
    assert found.lifetime_months is None and found.orders_per_month is None and found.product is None
    assert found.orders == 1.0 and found.sales == 80.0
    assert expected(facts[:0], cells, 60, RULES) is None


def test_new_buyers_began_after_the_first_three_months() -> None:
    buyers = pd.DataFrame({"first_order_on": pd.to_datetime(["2023-01-01", "2023-03-31", "2023-04-01", "2023-09-09"])})
    assert new_buyers(buyers, CALENDAR).index.tolist() == [2, 3]
    assert len(typical_buyers(buyers, CALENDAR, Facts(fewest_new=2))) == 2
    assert len(typical_buyers(buyers, CALENDAR, Facts(fewest_new=3))) == 4


def orders_of(**days: list[str]) -> pd.DataFrame:
    rows = [(name, pd.Timestamp(day), 10.0) for name, on in days.items() for day in on]
    return pd.DataFrame(rows, columns=["customer_id", "ordered_on", "net_sales"])


def test_silence_by_the_gaps_between_order_days() -> None:
    # Gaps of a: 40, 60 and 160 open; of b: 100 and 141 open; c has one order day and no gap. Kaplan–Meier with five
    # gaps: after 40 4/5, after 60 3/5, after 100 2/5, then two are open: a quarter is never reached, two fifths are.
    orders = orders_of(
        a=["2023-04-17", "2023-04-17", "2023-05-27", "2023-07-26"], b=["2023-05-05", "2023-08-13"], c=["2023-02-01"]
    )
    found = churn_silence(orders, CALENDAR, Facts(churn_silence_share=0.6))
    assert (found.days, found.is_measured, found.is_bound) == (100.0, True, False)
    longest = churn_silence(orders, CALENDAR, Facts(churn_silence_share=0.75))
    assert (longest.days, longest.is_bound) == (pytest.approx(365 / 3), True)  # a third of the days covered
    assert churn_silence(orders, CALENDAR, Facts(churn_silence_share=0.2)).days == 40
    assert churn_silence(orders[::-1], CALENDAR, Facts(churn_silence_share=0.6)) == found


def test_silence_is_at_least_thirty_days_and_needs_no_gap() -> None:
    daily = orders_of(a=[f"2023-12-{day:02}" for day in range(1, 31)])
    found = churn_silence(daily, CALENDAR, Facts(churn_silence_share=0.5))
    assert (found.days, found.is_bound) == (30.0, True)
    for nobody in (daily[:0], orders_of(a=["2023-05-05"])):
        assert churn_silence(nobody, CALENDAR, Facts()).days == pytest.approx(365 / 3)
    given_days = churn_silence(daily, CALENDAR, Facts(churn_silence_days=77))
    assert (given_days.days, given_days.is_measured, given_days.is_bound) == (77.0, False, False)


@pytest.mark.parametrize(
    ("share", "months", "lifetime"),
    [(0.25, 2, 2.0), (0.5, 1, 2.0), (0.0, 3, 1.0), (1.0, 12, None), (None, None, None)],
)
def test_churn_lifetime(share: float | None, months: int | None, lifetime: float | None) -> None:
    of_all = expected(*five(), 40, RULES)  # 0.25^(1/2) = 0.5, T = 1/(1 − 0.5) = 2
    found = churn(of_all, share, months)
    assert of_all is not None and found is not None
    assert found.lifetime_months == (None if lifetime is None else pytest.approx(lifetime))
    assert found.orders == (None if lifetime is None else pytest.approx(7 / 3 * lifetime))
    assert (found.sales_per_order, found.orders_per_month) == (of_all.sales_per_order, of_all.orders_per_month)
    assert churn(None, share, months) is None


def test_margin_comes_from_lines_with_a_cost_before_any_assumption() -> None:
    with_cost = facts_of([(1, 100, 0, 1), (1, 300, 0, 1)], margin=[20.0, np.nan], margin_base=[80.0, 0.0])
    without = facts_of([(1, 100, 0, 1)])
    assert margin_share(with_cost, 0.9) == pytest.approx(0.25)
    assert margin_share(without, 0.3) == 0.3
    assert margin_share(without, None) is None
    assert is_margin_assumed(without, 0.3)
    assert not is_margin_assumed(with_cost, 0.3) and not is_margin_assumed(without, None)
    assert life_values(with_cost, 0.25).sum() == pytest.approx(20 + 0.25 * (400 - 80))


def test_regulars_have_three_orders_or_more() -> None:
    facts = facts_of([(2, 1, 0, 1), (3, 1, 0, 1), (4, 1, 0, 1)])
    found = realised(facts, RULES, min_orders=3)
    assert found is not None and found.buyers == 2
    assert realised(facts_of([(0, -5, 0, 1)]), RULES) is None


def test_trust_in_an_order_value_is_within_over_between_on_logarithms() -> None:
    # Logarithms a: 1, 3 and b: 11, 13: within = (2 + 2)/2 = 2; means 2 and 12 around 7: spread = 2·5² · 2 = 100;
    # unlike = 4 − (4 + 4)/4 = 2; between = (100 − 2)/2 = 49; k = 2/49. One order and orders below 0 say nothing.
    values = [exp(1), exp(3), exp(11), exp(13), 999.0, -5.0]
    orders = pd.DataFrame({"customer_id": list("aabbca"), "net_sales": values})
    assert orders_for_value(orders) == pytest.approx(2 / 49)
    alike = pd.DataFrame({"customer_id": list("aabb"), "net_sales": [1.0, 9.0, 9.0, 1.0]})
    assert orders_for_value(alike) == 50.0  # customers differ no more than chance
    nearly = pd.DataFrame({"customer_id": list("aabb"), "net_sales": [exp(0), exp(10), exp(7.2), exp(17.2)]})
    assert orders_for_value(nearly) == 50.0  # 50/(0.92): cut
    steady = pd.DataFrame({"customer_id": list("aabb"), "net_sales": [5.0, 5.0, 9.0, 9.0]})
    assert orders_for_value(steady) == 0.0
    assert orders_for_value(orders[4:5]) == 50.0


def test_monthly_sales_are_own_averages_pulled_towards_the_company() -> None:
    buyers = facts_of([(2, 40, 120, 5), (8, 960, 70, 5), (1, 20, 0, 5)])
    values = [10.0, 30.0, *[100.0] * 4, *[140.0] * 4, 20.0]
    orders = pd.DataFrame({"customer_id": ["c0"] * 2 + ["c1"] * 8 + ["c2"], "net_sales": values})
    k, fit = orders_for_value(orders), fit_rhythm([2, 8, 1], [120, 70, 0])
    assert 0 < k < 50 and fit.shape is not None and fit.rate_days is not None
    company = (40 + 960 + 20) / 11
    by_hand = [
        exp(n / (n + k) * log(own) + k / (n + k) * log(company))
        * (fit.shape + n - 1)
        / (fit.rate_days + days)
        * MONTH_DAYS
        for n, own, days in ((2, 20, 120), (8, 120, 70), (1, 20, 0))
    ]
    assert monthly_sales(buyers, orders).tolist() == pytest.approx(by_hand)


def test_net_sales_of_nothing_are_worth_nothing() -> None:
    buyers = facts_of([(2, 40, 120, 5), (2, 0, 60, 5), (2, -7, 60, 5)])
    orders = pd.DataFrame({"customer_id": ["c0", "c0"], "net_sales": [10.0, 30.0]})
    found = monthly_sales(buyers, orders)
    assert found[0] > 0 and found[1:].tolist() == [0.0, 0.0]
    assert monthly_sales(facts_of([(1, 40, 0, 5), (1, 20, 0, 5)]), orders).tolist() == [0.0, 0.0]  # nobody came back


def test_value_of_a_customer_takes_its_own_margin_and_the_same_lifetime() -> None:
    columns = {"margin": [24.0, np.nan, np.nan], "margin_base": [40.0, 0.0, 0.0]}
    facts = facts_of([(2, 40, 120, 20), (8, 960, 200, 100), (0, -9, 0, 0)], **columns)
    orders = orders_of(c0=["2023-06-01"] * 2, c1=["2023-06-01"] * 8)
    rules = Facts(churn_silence_days=30, fewest_followed=1)
    values = formula_ltv(facts, orders, CALENDAR.as_of, rules)
    # P = 24/40 = 0.6, of c0's own and of the company. c0 lives, followed for 110 days; c1 ended after 200, followed for
    # 270, which is 8.87 months. Nobody has ended before the 200 days: T = 200/30.4375 of at most 8 months.
    monthly = monthly_sales(facts[:2], orders)
    assert values[:2].tolist() == pytest.approx((monthly * 0.6 * 200 / MONTH_DAYS).tolist())
    assert np.isnan(values[2])
    assert formula_ltv(facts, orders, CALENDAR.as_of, Facts(churn_silence_days=30)).isna().all()  # ten are not followed


def test_row_order_does_not_matter() -> None:
    facts = facts_of([(2, 40, 120, 0), (2, 240, 30, 0), (5, 90, 330, 20)])
    orders = pd.DataFrame({"customer_id": ["c0", "c0", "c1", "c1", "c2"], "net_sales": [10.0, 30.0, 110.0, 130.0, 9.0]})
    orders = orders.assign(ordered_on=pd.Timestamp("2023-12-01"))
    turned = formula_ltv(facts[::-1], orders[::-1], CALENDAR.as_of, RULES)
    assert turned.notna().all()
    assert turned.sort_index().tolist() == pytest.approx(
        formula_ltv(facts, orders, CALENDAR.as_of, RULES).tolist(), rel=1e-12
    )


def test_inputs_are_not_changed() -> None:
    facts, cells = five()
    orders = orders_of(a=["2023-06-01"] * 2)
    whole = facts.assign(first_order_on=pd.Timestamp("2023-06-01"))
    before = whole.copy(), orders.copy(), cells.copy()
    formula_ltv(whole, orders, CALENDAR.as_of, RULES)
    expected(whole, cells, 40, RULES)
    for frame, copy in zip((whole, orders, cells), before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    assert len(buyers_of(whole)) == 5
