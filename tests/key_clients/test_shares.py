"""Shares, concentration and the key rule: strict at their edges, the same on every road."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kam_analysis import money
from kam_analysis.facts.shares import customer_shares, is_key_in_company, is_key_in_unit
from kam_analysis.key_clients.shares import (
    concentration_of,
    parent_net_sales,
    rolling_concentration,
    without_largest,
)

CENTS = st.integers(-(10**9), 10**10)
sales_lists = st.lists(CENTS, min_size=1, max_size=40).map(lambda cents: pd.Series([cent / 100 for cent in cents]))


def test_base_is_the_sum_of_customers_above_zero():
    # 60 + 30 + 10 = 100; the return of 50 and the zero are no part of it
    shares = customer_shares(pd.Series([60.0, 30.0, 10.0, -50.0, 0.0]))
    assert shares.tolist()[:3] == [0.6, 0.3, 0.1]
    assert shares.isna().tolist() == [False, False, False, True, True]


def test_residue_of_doubles_is_not_positive():
    # 0.1 + 0.2 - 0.3 is 5.6e-17 in doubles and 0 in money
    assert concentration_of([0.1 + 0.2 - 0.3, 5.0]).n_positive == 1


def test_concentration_by_hand():
    # shares .5 .3 .2: HHI = .25 + .09 + .04 = .38; Gini: ascending 2, 3, 5: (-2*2 + 0*3 + 2*5) / (3 * 10) = .2
    found = concentration_of([2.0, 5.0, 3.0, -9.0])
    assert (found.n_positive, found.net_sales) == (3, 10.0)
    assert (found.cr1, found.cr5, found.cr20) == (0.5, 1.0, 1.0)
    assert found.hhi == pytest.approx(0.38, abs=1e-15)
    assert found.effective_customers == pytest.approx(1 / 0.38)
    assert found.gini == pytest.approx(0.2, abs=1e-15)


@pytest.mark.parametrize(("n", "largest"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_largest_fifth_is_n_plus_4_div_5(n, largest):
    assert concentration_of(np.ones(n)).top20pct_share == pytest.approx(largest / n)


def test_all_equal_and_only_one():
    equal = concentration_of([7.0] * 8)
    assert (equal.gini, equal.effective_customers) == (0.0, pytest.approx(8))
    assert (concentration_of([7.0]).gini, concentration_of([7.0]).cr5) == (0.0, 1.0)


def test_nobody_above_zero_has_no_figure():
    found = concentration_of([-1.0, 0.0])
    assert (found.n_positive, found.net_sales) == (0, 0.0)
    assert {found.cr1, found.cr5, found.cr20, found.hhi, found.effective_customers, found.gini} == {None}


@given(sales_lists)
def test_concentration_on_a_second_road(sales):
    positive = [Fraction(str(value)) for value in sales if value > 0]
    assume(positive)
    found, total, n = concentration_of(sales), sum(positive), len(positive)
    difference = sum(abs(one - other) for one in positive for other in positive)  # mean difference, O(n²)
    assert found.gini == pytest.approx(float(difference / (2 * n * total)), abs=1e-12)
    assert found.hhi * found.effective_customers == pytest.approx(1)
    assert found.effective_customers * (1 + 1e-12) >= 1 and found.effective_customers <= n * (1 + 1e-12)
    assert found.cr1 == float(max(positive) / total)
    assert found.cr1 <= found.cr5 <= found.cr20 <= 1
    assert customer_shares(sales).sum() == pytest.approx(1)


@given(sales_lists, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(sales, random):
    order = list(sales.index)
    random.shuffle(order)
    assert concentration_of(sales) == concentration_of(sales[order])
    assert is_key_in_unit(sales, 0.1).equals(is_key_in_unit(sales[order], 0.1).sort_index())


@given(st.lists(st.integers(-1000, 10_000), min_size=1, max_size=60))
def test_at_most_nine_company_keys(cents):
    keys = is_key_in_company(pd.Series(cents, dtype="float64") / 100, 0.10)
    assert keys.sum() <= 9


def test_exactly_ten_percent_is_not_key():
    assert not is_key_in_company(pd.Series([1.0] * 10), 0.10).any()
    # 10.01 of 100.01 is 10.009 %
    assert is_key_in_company(pd.Series([10.01, 90.0]), 0.10).all()
    # a tenth in doubles: 0.3 of 3.0, where 0.3 / 3.0 > 0.1 is false and 10 * 0.3 > 3.0 is false too, 0.1 + 0.2 is not
    assert is_key_in_company(pd.Series([0.1 + 0.2, 2.7]), 0.10).tolist() == [False, True]


def test_nine_keys_are_possible():
    # 9 of 11 each and 9 * 11 = 99, rest 1
    assert is_key_in_company(pd.Series([11.0] * 9 + [1.0]), 0.10).sum() == 9


@pytest.mark.parametrize(
    ("sales", "keys"),
    [
        ([8.0], 1),  # n 1: 100 % > 50 %
        ([50.0, 50.0], 0),  # n 2: exactly half
        ([51.0, 49.0], 1),
        ([50.0, 25.0, 25.0], 0),  # n 3: min(2/3, 1/2) = 1/2, exactly half
        ([51.0, 25.0, 24.0], 1),
        ([50.0, 20.0, 20.0, 10.0], 0),  # n 4: 2/4 = 1/2
        ([40.0, 20.0, 20.0, 10.0, 10.0], 0),  # n 5: 2/5, exactly
        ([40.01, 20.0, 20.0, 10.0, 9.99], 1),
        ([20.0] + [10.0] * 8, 0),  # n 9: 2/9 = 22.2 %
        ([23.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 7.0], 1),
        ([10.0] + [3.0] * 30, 0),  # n 31: exactly 10 % of 100
        ([10.1] + [3.0] * 29 + [2.9], 1),  # n 31: 2/31 = 6.5 %, the 10 % rule decides
        ([-5.0, 0.0], 0),
    ],
)
def test_unit_rule_depends_on_n(sales, keys):
    assert is_key_in_unit(pd.Series(sales), 0.10).sum() == keys


def test_customers_below_zero_do_not_count_in_n():
    # n is 3, so half is asked for; with five customers 2/5 would be passed
    assert not is_key_in_unit(pd.Series([48.0, 30.0, 22.0, -1.0, 0.0]), 0.10).any()


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=30))
def test_unit_rule_against_fractions(cents):
    total, n = sum(cents), sum(cent > 0 for cent in cents)
    assume(total)
    limit = min(Fraction(2, n), Fraction(1, 2))
    expected = [Fraction(c, total) > Fraction(1, 10) and Fraction(c, total) > limit for c in cents]
    assert is_key_in_unit(pd.Series(cents, dtype="float64") / 100, 0.10).tolist() == expected


def test_min_share_is_read_as_written():
    # 0.15 as a double is below 15 %; 15 of 100 must not pass
    assert not is_key_in_company(pd.Series([15.0, 15.0, 70.0]), 0.15)[:2].any()


def test_exceeds_takes_a_base_per_row_and_large_sums():
    parts, bases = np.array([2**53 - 1, 30]), np.array([2**53 - 1, 100])
    assert money.exceeds(parts, bases, 0.3).tolist() == [True, False]
    assert money.exceeds(parts, 10 * (2**53 - 1), 0.1, inclusive=True).tolist() == [True, False]


def test_parents_are_summed_exactly(make_facts):
    facts = make_facts({"1": 0.1, "2": 0.2, "3": -0.3, "4": 9.0}, parent_id={"1": "H", "2": "H", "3": "H"})
    assert parent_net_sales(facts).to_dict() == {"4": 9.0, "H": 0.0}


def test_rolling_shares_against_direct_sums():
    generator = np.random.default_rng(3)
    starts = list(pd.date_range("2024-01-01", periods=18, freq="MS"))
    months = pd.DataFrame([(f"c{c}", m) for c in range(12) for m in starts], columns=["customer_id", "month"])
    months = months.assign(net_sales=generator.integers(-2000, 9000, len(months)) / 100).sample(
        frac=0.7, random_state=1
    )
    complete = starts[2:17]
    rolled = rolling_concentration(months, complete, 12)
    assert rolled.month.tolist() == complete[11:]
    for row in rolled.itertuples():
        last = complete.index(row.month)
        window = months[months.month.isin(complete[last - 11 : last + 1])]
        sums = {one: math.fsum(part) for one, part in window.groupby("customer_id").net_sales}
        above = sorted((round(value, 2) for value in sums.values() if round(value, 2) > 0), reverse=True)
        assert (row.n_positive, row.cr1) == (len(above), pytest.approx(above[0] / sum(above)))
        assert row.cr5 == pytest.approx(sum(above[:5]) / sum(above))


def test_rolling_counts_a_month_without_a_line():
    starts = list(pd.date_range("2024-01-01", periods=4, freq="MS"))
    months = pd.DataFrame({"customer_id": ["a", "b"], "month": [starts[0], starts[3]], "net_sales": [5.0, 5.0]})
    # Jan–Mar: only a; Feb–Apr: only b
    assert rolling_concentration(months, starts, 3).cr1.tolist() == [1.0, 1.0]
    assert rolling_concentration(months.head(0), starts, 3).cr1.isna().all()


@given(sales_lists)
def test_without_the_largest_the_others_stay(sales):
    rest = without_largest(sales)
    assert sorted(sales) == [*rest, sales.max()]
    assert (without_largest(sales[::-1]) == rest).all()
