"""Single planted effects, worked by hand."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest

from kam_analysis.demo.catalogue import FIRST_LAUNCH, LAST_LAUNCH, LAUNCHES, Item, catalogue
from kam_analysis.demo.company import Company, found_company
from kam_analysis.demo.draws import Draws
from kam_analysis.demo.export import money
from kam_analysis.demo.names import respelled
from kam_analysis.demo.planted import GIANTS
from kam_analysis.demo.sales import Line, fading, giant_targets, next_working_day, order_days, part_of, priced, season


@pytest.fixture(scope="module")
def company():
    return found_company()


@pytest.fixture
def customer(company):
    """A monthly customer without a season of its own making."""
    found = next(customer for customer in company.customers if customer.archetype == "monthly")
    return replace(found, industry="health", part="", part_share=0.0, pause=None, last_day=None, yearly_trend=0.0)


def test_streams_are_apart_and_repeatable():
    one, again, other = Draws("orders", 1), Draws("orders", 1), Draws("orders", 2)
    first = [one.between(0, 1) for _ in range(5)]
    assert first == [again.between(0, 1) for _ in range(5)]
    assert first != [other.between(0, 1) for _ in range(5)]


def test_draws_stay_in_their_bounds():
    draws = Draws("flaws")
    assert {draws.whole(1, 3) for _ in range(200)} == {1, 2, 3}
    assert {draws.weighted("ab", (0, 1)) for _ in range(50)} == {"b"}
    assert sorted(draws.sample("abc", 5)) == ["a", "b", "c"]
    assert not draws.chance(0.0)
    assert draws.chance(1.0)


def test_exponential_and_lognormal_have_their_centre():
    draws = Draws("flaws")
    waits = [draws.exponential(10.0) for _ in range(4000)]
    assert sum(waits) / len(waits) == pytest.approx(10.0, rel=0.06)
    sizes = sorted(draws.lognormal(100.0, 0.5) for _ in range(4001))
    assert sizes[2000] == pytest.approx(100.0, rel=0.06)


def test_launches_are_spread_from_first_to_last():
    launched = sorted(item.launched for item in catalogue() if item.launched)
    assert (launched[0], launched[-1], len(launched)) == (FIRST_LAUNCH, LAST_LAUNCH, LAUNCHES)
    assert len({item.sku for item in catalogue()}) == len(catalogue())


def test_prices_rise_three_percent_of_the_first_price_a_year():
    item = Item("X", "x", "Paper", 1000, 650, 0.1, None)
    assert [item.price_in(year) for year in (2023, 2024, 2025)] == [1000, 1030, 1060]
    assert item.cost_in(2024) == 670  # 650 · 1.03 = 669.5, half up


def test_a_line_has_its_discount_and_cost(customer):
    item = Item("X", "x", "Paper", 999, 650, 0.1, None)
    line = priced(item, 3, replace(customer, discount_permille=100), dt.date(2023, 7, 3))
    assert (line.amount, line.cost) == (2697, 1950)  # 3 · 9.99 = 29.97, less 10 % = 26.973


def test_part_of_a_line_is_returned_at_its_own_price():
    line = Line("X", "x", "Paper", 6, 1000, 700)
    assert part_of(line, 2) == Line("X", "x", "Paper", -2, -333, -233)  # a third of 1000 and of 700, cut off
    assert part_of(line, 6).amount == -1000


def test_money_is_written_with_two_decimals():
    assert [money(cents) for cents in (0, 7, -7, -12345)] == ["0.00", "0.07", "-0.07", "-123.45"]


def test_orders_fall_on_working_days():
    assert next_working_day(dt.date(2023, 7, 1)) == dt.date(2023, 7, 3)  # Saturday
    assert next_working_day(dt.date(2025, 1, 1)) == dt.date(2025, 1, 3)  # two days of New Year, then a Friday


def test_nobody_orders_after_leaving_or_while_away(customer):
    leaving = replace(customer, first_day=dt.date(2024, 1, 8), last_day=dt.date(2024, 6, 14), gap_days=7.0)
    away = replace(leaving, pause=(dt.date(2024, 3, 1), dt.date(2024, 5, 1)))
    days = list(order_days(away, Draws("orders", 1)))
    assert days[0] == dt.date(2024, 1, 8)
    assert days[-1] <= dt.date(2024, 6, 14)
    assert not [day for day in days if dt.date(2024, 3, 1) <= day < dt.date(2024, 5, 1)]


def test_one_timers_order_once_even_when_their_day_is_a_holiday(customer):
    once = replace(customer, gap_days=0.0, first_day=dt.date(2024, 5, 1), last_day=dt.date(2024, 5, 1))
    assert list(order_days(once, Draws("orders", 1))) == [dt.date(2024, 5, 2)]


def test_season_and_growth(customer):
    # health in July: 95 %; after a year (366 days of 2024) the market grew by 4 % · 366/365.25
    assert season(customer, dt.date(2023, 7, 3)) == pytest.approx(0.95)
    assert season(customer, dt.date(2024, 7, 3)) == pytest.approx(0.95 * (1 + 0.04 * 366 / 365.25))


def test_half_of_the_leavers_fade(customer):
    fades = replace(customer, last_day=dt.date(2024, 12, 31), tax_id="4")
    assert fading(fades, dt.date(2024, 12, 31)) == pytest.approx(0.45)
    assert fading(fades, dt.date(2024, 10, 2)) == pytest.approx(0.725)  # 90 days left: 0.45 + 0.55/2
    assert fading(fades, dt.date(2024, 1, 1)) == 1.0
    assert fading(replace(fades, tax_id="5"), dt.date(2024, 12, 31)) == 1.0


def test_giants_become_the_planted_shares(customer):
    # Bitola sells 54 besides its giant of 46 %: the giant buys 46. Skopje sells 100: the rest is 54 + 46 + 100 = 200,
    # a giant of 20 % of the company needs 0.2 · 200/0.8 = 50, and 50/250 = 20 %.
    local = replace(customer, customer_id="0001", department="Bitola", part_share=0.46)
    wide = replace(customer, customer_id="0002", department="Skopje", part_share=0.20)
    targets = giant_targets(Company((local, wide)), Counter({"Bitola": 54, "Skopje": 100}))
    assert [target for _, target in targets] == pytest.approx([46.0, 50.0])


def test_second_spelling_differs_in_each_variant():
    name = "Кафе „Роза“ ООД"
    spellings = [respelled(name, variant) for variant in range(4)]
    assert spellings == ["Kafe Roza OOD", "КАФЕ РОЗА ООД", "Кафе  Роза ООД ", "ООД Кафе Роза"]


def test_ids_are_text_with_leading_zeros_in_order_of_the_records(company):
    ids = [customer.customer_id for customer in company.customers]
    assert ids == [f"{number:04d}" for number in range(1, len(ids) + 1)]
    created = [customer.created for customer in company.customers]
    assert created == sorted(created)


def test_every_giant_is_found_once(company):
    assert Counter(c.name for c in company.customers if c.part_share) == Counter(giant.name for giant in GIANTS)
