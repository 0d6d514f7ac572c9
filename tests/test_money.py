from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.money import LARGEST, exact, exceeds, total, units, weighted

MONEY = st.decimals(-(10**11), 10**11, places=4, allow_nan=False, allow_infinity=False)


@given(st.lists(MONEY, max_size=30))
def test_sums_are_those_of_decimals(amounts):
    doubles = pd.Series([float(amount) for amount in amounts], dtype="float64")
    assert exact(doubles).tolist() == [int(amount * 10_000) for amount in amounts]
    assert Decimal(int(exact(doubles).sum())) / 10_000 == sum(amounts, Decimal(0))
    assert total(doubles) == float(sum(amounts, Decimal(0)))


def test_a_residue_of_doubles_is_nothing():
    amounts = [0.1, 0.2, -0.3]
    assert sum(amounts) != 0
    assert total(amounts) == 0.0


def test_nothing_sums_to_nothing():
    assert total([]) == 0.0
    assert exact(pd.Series([], dtype="float64")).tolist() == []


def test_a_sum_may_be_larger_than_its_parts_and_than_64_bits():
    # 2,000 · 9·10¹¹ currency units = 1.8·10¹⁹ ten-thousandths, above 2⁶³
    assert total([9e11] * 2_000) == 1.8e15


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 1e12, -1e12, 2**53 / 10_000])
def test_what_a_double_cannot_hold_is_refused(amount):
    with pytest.raises(OverflowError, match="missing or above 9e11"):
        exact([1.0, amount])


def test_the_largest_amount_is_exact():
    assert exact([900_719_925_474.0991]).tolist() == [2**53 - 1]
    assert units(2**53 - 1) == 900_719_925_474.0991


def test_units_are_currency_units():
    assert (units(1), units(-10_000), units(np.int64(5))) == (0.0001, -1.0, 0.0005)


@pytest.mark.parametrize(
    ("part", "base", "threshold", "above", "from_"),
    [
        (10.0, 100.0, 0.10, False, True),
        (10.0001, 100.0, 0.10, True, True),
        (9.9999, 100.0, 0.10, False, False),
        (0.3, 1.0, 0.3, False, True),  # 0.3 / 1.0 > 0.3 is decided as 10 · 3 > 3 · 10
        (0.0007, 0.001, 0.7, False, True),  # in doubles 0.7 · 0.001 is above 0.0007
        (-1.0, 100.0, 0.0, False, False),
        (0.0, 100.0, 0.0, False, True),
        (100.0, 100.0, 1.0, False, True),
    ],
)
def test_a_threshold_is_the_decimal_it_is_written_as(part, base, threshold, above, from_):
    assert exceeds(exact([part]), int(exact([base])[0]), threshold).tolist() == [above]
    assert exceeds(exact([part]), exact([base]), threshold, inclusive=True).tolist() == [from_]


@given(st.integers(-(2**53), 2**53), st.integers(1, 2**53), st.integers(0, 10_000))
def test_a_threshold_agrees_with_fractions(part, base, per_mille):
    threshold = per_mille / 1_000
    assert exceeds(np.array([part]), base, threshold)[0] == (Fraction(part, base) > Fraction(per_mille, 1_000))
    assert exceeds(np.array([part]), base, threshold, True)[0] == (Fraction(part, base) >= Fraction(per_mille, 1_000))


@given(st.lists(st.tuples(st.integers(-(2**23) + 1, 2**23 - 1), st.integers(0, LARGEST - 1)), max_size=40))
def test_weighted_sums_are_those_of_integers(pairs):
    weights, amounts = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in (0, 1))
    assert weighted(weights, amounts) == sum(weight * amount for weight, amount in pairs)


def test_weighted_sums_do_not_overflow_at_a_million():
    million = np.full(1_000_000, LARGEST - 1, dtype=np.int64)
    assert weighted(np.full(1_000_000, 2**23 - 1), million) == 1_000_000 * (2**23 - 1) * (LARGEST - 1)
