"""Discounts by class, and who in class C gets more than the key clients."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.key_clients import customer_discounts, discounts_by_class, generous_discounts
from kam_analysis.params import Abc

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))
INSIDE = "2025-06-01"


@pytest.fixture
def discounts_of(engine, make_facts, classes_of):
    """Discounts per customer from lines (customer, date, net sales, discount); the class follows from the net sales."""

    def made(*rows):
        frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "net_sales", "discount"])
        cells = ", ".join(
            f"({'NULL' if row[0] is None else repr(row[0])}, DATE '{row[1]}', CAST({row[2]} AS DECIMAL(18,4)), "
            f"CAST({'NULL' if row[3] is None else row[3]} AS DECIMAL(18,4)))"
            for row in rows
        )
        names = "customer_id, ordered_on, net_sales, discount"
        engine.materialise("order_lines", f"SELECT * FROM (VALUES {cells}) AS line({names})")
        known = frame.dropna(subset="customer_id")
        facts = make_facts(known.groupby("customer_id").net_sales.sum().to_dict())
        return customer_discounts(engine, facts, classes_of(facts), CALENDAR)

    return made


def keys(*ids):
    return pd.DataFrame({"customer_id": ids}, dtype="str")


def test_shares_by_hand(discounts_of):
    # 800 + 160 + 30 + 10 = 1,000: k A (0 before), b A (800 < 800 is false: B), c C (960 ≥ 950), d C
    found = discounts_of(
        ("k", INSIDE, 800, 200),  # 200/1,000
        ("b", INSIDE, 160, 40),  # 40/200
        ("c", INSIDE, 30, 10),  # 10/40
        ("d", INSIDE, 9, 1),  # 1/10
        ("d", INSIDE, 1, None),  # nobody knows: no part of it
    )
    finding = discounts_by_class(found, keys("k"), Abc())
    table = finding.table.set_index("group")
    assert table.customers.to_dict() == {"key": 1, "A": 1, "B": 1, "C": 2, "N": 0, "all": 4}
    assert table.discount_share.drop("N").to_dict() == pytest.approx(
        {"key": 0.2, "A": 0.2, "B": 0.2, "C": 11 / 50, "all": 251 / 1_250}
    )
    assert table.median_share["C"] == pytest.approx((0.25 + 0.1) / 2)
    assert finding.numbers["discount.c_share"] == pytest.approx(0.22)
    listed = generous_discounts(found, keys("k"))
    # c: 10 − 0.2 · 40 = 2
    assert listed.table[["customer_id", "too_much"]].values.tolist() == [["c", 2.0]]
    assert (listed.numbers["discount.c_above_key"], listed.numbers["discount.c_too_much"]) == (1, 2.0)


def test_a_surcharge_and_a_return_are_no_discount_and_a_free_line_is_one(discounts_of):
    found = discounts_of(
        ("a", INSIDE, 110, -10),
        ("a", INSIDE, -50, -50),
        ("a", INSIDE, 0, 90),
    )
    assert found[["sales_before_discount", "discount"]].values.tolist() == [[200 * 10_000, 90 * 10_000]]


def test_the_window_is_the_last_12_months_and_lines_without_a_customer_are_out(discounts_of):
    found = discounts_of(
        ("a", "2024-12-31", 1, 9),
        ("a", "2025-01-01", 3, 1),
        ("a", "2025-12-31", 3, 1),
        ("a", "2026-01-01", 1, 9),
        (None, INSIDE, 1, 9),
    )
    assert found.discount_share.tolist() == [0.25]


def test_the_same_discount_up_to_a_cent_is_not_more(discounts_of):
    # 10 % of 33.33 is 3.33: 0.09991; of 33.37 it is 3.34: 0.10009
    found = discounts_of(("k", INSIDE, 3_000, 333.30), ("c", INSIDE, 30.03, 3.34), ("d", INSIDE, 29.67, 3.33))
    listed = generous_discounts(found, keys("k"))
    assert listed.table.customer_id.tolist() == ["d"]  # 3.33/33 = 0.1009
    assert listed.table.too_much.tolist() == [pytest.approx(3.33 - 33 * 333.3 / 3_333.3, abs=1e-4)]


def test_without_a_discount_or_a_key_client_it_says_so(discounts_of, say_it):
    nothing = discounts_of(("a", INSIDE, 5, None))
    finding = discounts_by_class(nothing, keys("a"), Abc())
    assert "maps no discount" in say_it(finding.absent)
    assert finding.numbers["discount.share"] is None
    nobody = discounts_of(("a", INSIDE, 5, 5))
    assert generous_discounts(nobody, keys()).numbers["discount.c_above_key"] is None
    assert discounts_by_class(nobody, keys(), Abc()).numbers["discount.key_share"] is None
    only_key = generous_discounts(nobody, keys("a"))
    assert say_it(only_key.sentence).startswith("Nobody in class C")
    assert only_key.table.empty and only_key.numbers["discount.c_above_key"] == 0
