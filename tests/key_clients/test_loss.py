"""What a departure costs, term by term, worked by hand from article C."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.drawings import draw
from kam_analysis.key_clients.dependence import extra_sales_needed
from kam_analysis.key_clients.loss import CLIENT_LOSS, LOSS_STEPS, Book, book_of, client_loss, loss_of, loss_steps
from kam_analysis.key_clients.shares import concentration_of
from kam_analysis.key_clients.supplies import Supply
from kam_analysis.params import KeyClients
from kam_analysis.report.language import Language

RULES = KeyClients()
# article C: who takes 5,000 units a month earns a large discount; the three clients buy 60,000, 8,000 and 4,000 a year
BOUGHT = pd.DataFrame({"volume": [60_000.0, 8_000.0, 4_000.0], "cost": [60_000.0, 8_000.0, 4_000.0]}, index=list("abc"))
WHOLESALE = [Supply("S", pd.DataFrame({"tier_from": [60_000.0], "discount": [0.15]}), BOUGHT)]


def book(now):
    return book_of(now.accounts)


@pytest.fixture
def shop(chosen):
    """Client a buys 5,000 units a month for 12 months at cost 1, the others 1,000; margins of a fifth on top."""
    return chosen(
        {"a": 72_000.0, "b": 9_600.0, "c": 4_800.0},
        margin_12m={"a": 12_000.0, "b": 1_600.0, "c": 800.0},
    )


def test_wholesale_discount_of_5000_units_a_month(shop):
    # purchases: 60,000 + 8,000 + 4,000 = 72,000 ≥ 60,000 earn 15 %; without a 12,000 are left and earn nothing:
    # 15 % of 12,000 = 1,800
    found = loss_of(["a"], book_of(shop.accounts), WHOLESALE, RULES)
    assert found["discount_lost"] == pytest.approx(1_800)
    assert found["net_sales_lost"] == 72_000
    assert found["margin_lost"] == 12_000
    # 72,000 of 86,400 is 5/6
    assert found["share_lost"] == pytest.approx(5 / 6)
    # the rest is smaller than the loss: losing all of it too would not double the damage
    assert np.isnan(found["doubling_share"])
    # b is 9,600 of 14,400 then: 2/3; HHI (2/3)² + (1/3)² = 5/9
    assert found["largest_share_after"] == pytest.approx(2 / 3)
    assert found["hhi_after"] == pytest.approx(5 / 9)
    # losing c leaves 68,000 ≥ 60,000: the discount stays
    assert loss_of(["c"], book_of(shop.accounts), WHOLESALE, RULES)["discount_lost"] == 0


def test_second_order_loss_needs_an_elasticity(shop):
    shop_book = book(shop)
    assert np.isnan(loss_of(["b"], shop_book, [], RULES)["second_order_lost"])
    # b is 1/9; with .5 a rest of 76,800 loses 1/18 of itself
    found = loss_of(["b"], shop_book, [], KeyClients(loss_elasticity=0.5))
    assert found["second_order_lost"] == pytest.approx(76_800 / 18)
    # never more than the rest
    assert loss_of(["a"], shop_book, [], KeyClients(loss_elasticity=9))["second_order_lost"] == 14_400


def test_doubling_share(shop):
    # 9,600 lost of a rest of 76,800: one eighth of the rest again
    assert loss_of(["b"], book_of(shop.accounts), [], RULES)["doubling_share"] == pytest.approx(1 / 8)


def test_a_loss_as_large_as_the_rest_is_doubled_by_all_of_it_and_a_larger_one_by_nothing(chosen):
    two = book_of(chosen({"a": 5.0, "b": 5.0}).accounts)
    assert loss_of(["a"], two, [], RULES)["doubling_share"] == 1
    assert np.isnan(loss_of(["a"], book_of(chosen({"a": 5.01, "b": 5.0}).accounts), [], RULES)["doubling_share"])


def test_fixed_costs(shop):
    shop_book = book(shop)
    # 14,400 − 12,000 = 2,400 a year, 200 a month; with 300 a month 1,200 are missing
    found = loss_of(["a"], shop_book, [], KeyClients(fixed_costs_per_month=300))
    assert (found["break_even_costs"], found["left_after_fixed_costs"]) == (200, -1_200)
    assert np.isnan(loss_of(["a"], shop_book, [], RULES)["left_after_fixed_costs"])


def test_who_has_no_sales_takes_nothing_along(chosen):
    few = book(chosen({"a": 5.0, "b": -3.0}))
    found = loss_of(["b", "nobody"], few, [], RULES)
    assert (found["net_sales_lost"], found["share_lost"], found["doubling_share"]) == (0, 0, 0)
    assert np.isnan(found["margin_lost"])


def test_the_only_client(chosen):
    found = loss_of(["a"], book(chosen({"a": 5.0})), [], RULES)
    assert found["share_lost"] == 1
    assert np.isnan([found["largest_share_after"], found["hhi_after"], found["doubling_share"]]).all()


@settings(max_examples=settings.default.max_examples // 5)
@given(st.lists(st.integers(-500, 90_000), min_size=2, max_size=15), st.data())
def test_what_remains_is_the_concentration_of_the_others(chosen, cents, data):
    sales = {f"{i:02}": cent / 100 for i, cent in enumerate(cents)}
    gone = data.draw(st.sets(st.sampled_from(sorted(sales)), min_size=1))
    found = loss_of(gone, book(chosen(sales)), [], RULES)
    after = concentration_of([value for one, value in sales.items() if one not in gone])
    if after.cr1 is None:
        assert np.isnan(found["largest_share_after"])
    else:
        assert found["largest_share_after"] == after.cr1
        assert found["hhi_after"] == pytest.approx(after.hhi)


@pytest.mark.parametrize(
    ("share", "needed"),
    [
        # article C: the limits of 10, 20, 30, 40 and 50 %, target 20 %: x = R1 / .2 − R on R = 100
        (10.0, 0.0),
        (20.0, 0.0),
        (30.0, 50.0),
        (40.0, 100.0),
        (50.0, 150.0),
    ],
)
def test_extra_sales_of_the_article(share, needed):
    assert extra_sales_needed(share, 100.0, 0.20) == pytest.approx(needed)


def losses(now, rules=RULES):
    found = client_loss(now, [], rules)
    CLIENT_LOSS.check(found.table)
    return found


def test_a_group_leaves_as_one(chosen):
    # ten clients of 10 and a group of twenty branches of 8: 160 of 260
    branches = {f"b{i:02}": 8.0 for i in range(20)}
    sales = {f"a{i}": 10.0 for i in range(10)} | branches
    table = losses(chosen(sales, parent_id=dict.fromkeys(branches, "H"))).table
    assert table.iloc[0][["name", "leaver", "net_sales_lost"]].tolist() == ["Client b00", "parent", 160.0]
    assert table.share_lost[0] == 160 / 260
    assert len(table) == 10


def test_a_key_account_outside_the_ten_largest_stands_too(chosen):
    sales = {f"a{i:02}": 10.0 for i in range(12)} | {"z": 1.0, "y": 2.0}
    table = losses(chosen(sales, ["z"])).table
    assert table["name"].tolist()[-2:] == ["Client a09", "Client z"]
    assert len(table) == 11


def test_all_key_accounts_together(chosen):
    found = losses(chosen({"a": 50.0, "b": 30.0, "c": 20.0, "f": 0.0}, ["a", "b", "f"]))
    together = found.table[found.table.leaver == "key_clients"].iloc[0]
    assert together.share_lost == 0.8
    assert pd.isna(together["name"])
    # one key account alone is its own row already
    assert "key_clients" not in losses(chosen({"a": 50.0, "b": 30.0}, ["a"])).table.leaver.tolist()


@pytest.mark.parametrize(
    ("sales", "sentence"),
    [
        ([9.0], "Losing Client 0 takes 100 % of net sales."),
        ([1.0] * 5, "Losing Client 0 takes 20.0 % of net sales."),
        ([5.0] + [1.0] * 5, "Losing Client 0 takes 50.0 % of net sales; losing the five largest takes 90.0 %."),
    ],
)
def test_sentence(chosen, say_it, sales, sentence):
    now = chosen({str(i): value for i, value in enumerate(sales)})
    assert say_it(losses(now).sentence) == sentence


def test_nobody_can_leave(chosen, say_it):
    found = losses(chosen({"a": -5.0}))
    assert say_it(found.absent) == "Nobody has net sales above 0 in the last 12 months."
    assert found.table.empty and not found.caveats


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        (RULES, "the margin of 12 months is 2,400: the company breaks even at fixed costs of 200 a month."),
        (KeyClients(fixed_costs_per_month=150), "600 a year is left after fixed costs of 150 a month."),
        (KeyClients(fixed_costs_per_month=300), "1,200 a year is missing to cover fixed costs of 300 a month."),
    ],
)
def test_fixed_cost_sentence(shop, say_it, rules, text):
    assert say_it(losses(shop, rules=rules).caveats[-1].text).endswith(text)


def test_negative_margin_is_no_break_even(chosen, say_it):
    now = chosen({"a": 9.0, "b": 5.0}, margin_12m={"a": 3.0, "b": -12.0})
    assert say_it(losses(now).caveats[-1].text) == (
        "Without the largest client the margin of 12 months is −12: no fixed costs are covered."
    )


def test_a_leaver_without_cost_gives_no_break_even(chosen, say_it):
    found = losses(chosen({"a": 9.0, "b": 5.0}, margin_12m={"b": 2.0}))
    assert np.isnan(found.table.break_even_costs[0])
    assert [say_it(caveat.head) for caveat in found.caveats] == ["Not estimated"]


def test_what_others_buy_instead():
    small = Book({"a": 60, "b": 40}, {}, 100, 60**2 + 40**2, 0)
    # b grows to 80: 60 + 80; a negative amount has no share; who was not there comes in
    assert small.after({"b": 80}) == (140, 80, 60**2 + 80**2)
    assert small.after({"b": -5}) == (60, 60, 60**2)
    assert small.after({"c": 10, "a": 0}) == (50, 40, 40**2 + 10**2)
    assert small.after({}) == (100, 60, small.squares)


def steps(now, supplies=(), rules=RULES):
    found = loss_steps(now, supplies, rules)
    LOSS_STEPS.check(found.table)
    return found, dict(zip(found.table.step, found.table.money, strict=True))


def test_steps_of_the_article(shop, say_it):
    # margin 14,400; a takes 12,000 of it and 15 % of the others' 12,000 = 1,800; with an elasticity of .3 the others,
    # who lose .3 · 5/6 = a quarter, bring 600 less; 12 · 100 of fixed costs
    found, money = steps(shop, WHOLESALE, KeyClients(loss_elasticity=0.3, fixed_costs_per_month=100))
    assert money == pytest.approx(
        {
            "margin": 14_400,
            "client": -12_000,
            "discount": -1_800,
            "second_order": -600,
            "fixed_costs": -1_200,
            "left": -1_200,
        }
    )
    assert say_it(found.sentence) == "Without Client a the company is 1,200 a year below zero."


@pytest.mark.parametrize(
    "rules", [{"loss_elasticity": 0.3}, {"loss_elasticity": 0.3, "fixed_costs_per_month": 100}, {}]
)
def test_the_table_and_the_steps_leave_the_same(shop, rules):
    given = KeyClients(**rules)
    _, money = steps(shop, WHOLESALE, given)
    row = client_loss(shop, WHOLESALE, given).table.iloc[0]
    assert row.break_even_costs == pytest.approx((money["left"] + 12 * rules.get("fixed_costs_per_month", 0)) / 12)
    if "fixed_costs_per_month" in rules:
        assert row.left_after_fixed_costs == pytest.approx(money["left"])


def test_steps_that_are_not_estimated_have_no_number(shop, say_it):
    found, money = steps(shop)
    assert money["left"] == 2_400 and np.isnan([money[step] for step in ("discount", "second_order")]).all()
    assert "before fixed costs, which are not given" in say_it(found.sub)
    assert say_it(found.sentence) == "Without Client a, 2,400 of 14.4 k margin a year is left."


def test_steps_without_cost_are_net_sales(chosen, say_it):
    found, money = steps(chosen({"a": 6.0, "b": 4.0}), rules=KeyClients(loss_elasticity=0.5))
    # b loses .5 · .6 of 4
    assert money == pytest.approx({"sales": 10, "client": -6, "second_order": -1.2, "sales_left": 2.8})
    assert say_it(found.sentence) == "Without Client a, 2.80 of 10 net sales a year is left."
    nobody, _ = steps(chosen({"a": -6.0}))
    assert nobody.absent is not None


@pytest.mark.parametrize("width", [540, 350])
def test_drawing_of_steps_leaves_out_what_is_not_estimated(shop, width):
    text = draw(steps(shop)[0], Language("en"), width).get_label().replace("\u00a0", " ")
    assert text == "Margin, 12 months 14.4 k; gone with the client −12.0 k; What is left 2,400"
