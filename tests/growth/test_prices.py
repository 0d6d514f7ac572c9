"""Prices of the same item, and accounts that pay less than larger ones, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from kam_analysis.growth import compare_prices, price_gaps, price_levels
from kam_analysis.growth.prices import PRICE_LEVELS
from kam_analysis.params import Growth
from kam_analysis.tables import PRICE_GAPS
from tests.growth.conftest import CALENDAR

RULES = Growth(price_buyers=3)
COLUMNS = ("sku", "unit", "qty")


@pytest.fixture
def compare(sell, place):
    def run(lines, rules=RULES, **sales):
        engine = sell(lines, *COLUMNS)
        accounts = place(*sorted({one for one, *_ in lines} or {"a"}))
        accounts = accounts.assign(net_sales_12m=accounts["account_id"].map(sales).fillna(0.0))
        levels = compare_prices(engine, CALENDAR, rules)
        gaps, low = price_gaps(engine, levels, accounts, rules), price_levels(levels, accounts, rules)
        PRICE_GAPS.check(gaps.table)
        PRICE_LEVELS.check(low.table)
        return gaps, low

    return run


def lines(sku="x", unit="kg", qty=3, **prices):
    return [(one, 5, price * qty, sku, unit, qty) for one, price in prices.items()]


def test_the_gap_is_the_distance_to_the_median_price_times_the_quantity(compare):
    gaps, _ = compare(lines(a=8, b=10, c=11))
    (row,) = gaps.table.to_dict("records")
    assert (row["account_id"], row["price"], row["median_price"], row["qty"]) == ("a", 8.0, 10.0, 3.0)
    assert (row["price_gap"], row["buyers"], row["below"]) == (6.0, 3, pytest.approx(0.2))
    assert gaps.numbers["price_gaps.money"] == 6.0


@pytest.mark.parametrize(("price", "found"), [(9.5, 0), (9.49, 1)])  # exactly 5 % below is not clearly below
def test_a_price_is_clearly_lower_beyond_the_limit(compare, price, found):
    assert len(compare(lines(a=price, b=10, c=10))[0].table) == found


def test_units_bands_of_quantity_and_too_few_buyers_are_not_mixed(compare):
    mixed = [*lines(a=5, unit="piece"), *lines(b=50, c=51, d=52, unit="box")]
    assert compare(mixed)[0].table.empty
    bands = [*lines(a=5, qty=20), *lines(b=10, c=10, d=10, qty=19)]
    assert compare(bands)[0].table.empty
    assert compare(lines(a=5, b=10))[0].absent is not None  # two buyers


def test_returns_free_lines_and_lines_without_quantity_have_no_price(compare):
    odd = [("d", 5, -30.0, "x", "kg", -3), ("e", 5, 0.0, "x", "kg", 3), ("f", 5, 30.0, "x", "kg", None)]
    gaps, _ = compare([*lines(a=8, b=10, c=11), *odd])
    assert gaps.table["buyers"].tolist() == [3]
    assert compare(odd)[0].absent is not None


def test_an_account_is_compared_with_the_larger_ones(compare):
    """Three items at the median price 10; levels .9, 1, 1.1 of the larger, .8 of the smallest: (1 − .8) · 90."""
    bought = [line for sku in "xyz" for line in lines(sku=sku, big=9, mid=10, low=11, small=8)]
    sales = {"big": 400.0, "mid": 300.0, "low": 200.0, "small": 100.0}
    _, found = compare(bought, **sales)
    (row,) = found.table.to_dict("records")
    median = 9.5  # of 8, 9, 10, 11
    assert (row["account_id"], row["larger"], row["items"]) == ("small", 3, 3)
    assert row["price_level"] == pytest.approx(8 / median)
    assert row["larger_level"] == pytest.approx(10 / median)
    assert row["price_leak"] == pytest.approx(18.0)  # (10 − 8) · 3 · 3
    assert found.numbers["prices.leak"] == pytest.approx(18.0)


def test_who_has_stopped_is_not_listed(sell, place):
    bought = [line for sku in "xyz" for line in lines(sku=sku, a=9, b=10, c=11, d=8)]
    engine = sell(bought, *COLUMNS)
    accounts = place(*"abcd").assign(net_sales_12m=[4.0, 3.0, 2.0, 1.0])
    levels = compare_prices(engine, CALENDAR, RULES)
    assert price_levels(levels, accounts, RULES).table["account_id"].tolist() == ["d"]
    assert price_levels(levels, accounts.assign(is_stopped=True), RULES).table.empty


@pytest.mark.parametrize("given", [[], [("a", 5, 1.0, None, None, None)], lines(a=1)])
def test_without_items_or_quantities_it_says_so(compare, given, say_it):
    gaps, low = compare(given)
    assert say_it(low.absent).startswith("Not measurable: no item was bought by 3 accounts")
    assert gaps.numbers["price_gaps.money"] is None and low.numbers["prices.leak"] is None


def test_the_discount_is_a_share_of_gross_sales(sell, place):
    bought = [(*line, 2.0) for sku in "xyz" for line in lines(sku=sku, a=6, b=6, c=6, d=6)]
    engine = sell(bought, *COLUMNS, "discount")
    place(*"abcd")
    assert compare_prices(engine, CALENDAR, RULES)["discount_share"].tolist() == [pytest.approx(0.1)] * 4


def test_numbers_do_not_hang_on_the_order_of_lines(sell, place):
    bought = [line for sku in "xyz" for line in lines(sku=sku, a=9, b=10, c=11, d=8)]
    found = []
    for given in (bought, bought[::-1]):
        engine = sell(given, *COLUMNS)
        place(*"abcd")
        found.append(compare_prices(engine, CALENDAR, RULES))
    pd.testing.assert_frame_equal(*found)
