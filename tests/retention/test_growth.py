"""Growth of the key clients: like for like, and by price, volume and mix."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.key_list import key_list_at
from kam_analysis.params import Facts, KeyClients
from kam_analysis.report.language import Language
from kam_analysis.retention import growth_bridge, growth_products, growth_sales, key_growth
from kam_analysis.retention.growth import GROWTH_BRIDGE, KEY_GROWTH, price_volume_mix
from kam_analysis.tables import ASSESSMENT, CUSTOMER_ORDERS, CUSTOMERS, ORDER_LINES, SURVEY
from kam_analysis.vocabulary import GrowthStep

CALENDAR = Calendar(dt.date(2023, 1, 10), dt.date(2025, 1, 10))
BEFORE, AFTER = "2023-06-01", "2024-06-01"
KEYS = KeyClients(admit=("company",), min_share=0.3, weight_draws=20)
STEPS = [step for step in GrowthStep if step not in (GrowthStep.BEFORE, GrowthStep.AFTER)]
Line = tuple[str | None, str, str | None, float | None, float]


def put(engine, lines: list[Line], parents: Mapping[str, str], **given: object) -> None:
    """Order lines from (customer, day, item, quantity, net sales), and the orders of them."""
    frame = pd.DataFrame(lines, columns=["customer_id", "ordered_on", "sku", "qty", "net_sales"])
    frame = frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]), line_no=range(1, len(frame) + 1))
    empty = dict.fromkeys(name for name in ORDER_LINES.names if name not in frame.columns)
    made = frame.assign(**empty | {"is_service": False, "row": 1, "file": "f"} | given)
    engine.put("order_lines", made.astype({"customer_id": "str", "sku": "str"}), ORDER_LINES)
    placed = frame[(frame["net_sales"] > 0) & frame["customer_id"].notna()]
    orders = placed.assign(order_no=1, order_id=placed["line_no"])
    engine.put("customer_orders", CUSTOMER_ORDERS.conform(orders), CUSTOMER_ORDERS)
    groups = pd.DataFrame(parents.items(), columns=["customer_id", "parent_id"]).reindex(columns=CUSTOMERS.names)
    engine.put("customers", CUSTOMERS.conform(groups), CUSTOMERS)


@pytest.fixture
def grown(engine, make_facts):
    def make(lines: list[Line], keys: KeyClients = KEYS, calendar: Calendar = CALENDAR, parents={}, **given: object):  # noqa: B006
        put(engine, lines, parents, **given)
        facts = make_facts({who: {"parent_id": parents.get(who, who)} for who, *_ in lines if who})
        none = ASSESSMENT.empty(), SURVEY.empty()
        start = replace(calendar, as_of=calendar.year_ago)
        lists = {day.as_of: key_list_at(engine, *none, day, keys, Facts()) for day in (start, calendar)}
        today = lists[calendar.as_of].keys["account_id"]
        products = growth_products(engine, facts, lists, calendar)
        found = (
            key_growth(growth_sales(engine, facts, calendar), lists, today, calendar),
            growth_bridge(products, lists, calendar),
        )
        KEY_GROWTH.check(found[0].table)
        GROWTH_BRIDGE.check(found[1].table)
        return found

    return make


def sold(customer: str | None, before: float, after: float) -> list[Line]:
    """One line of item x in each year, a unit for every unit of money; none where 0."""
    return [(customer, day, "x", amount, amount) for day, amount in ((BEFORE, before), (AFTER, after)) if amount]


def test_like_for_like_by_hand(grown) -> None:
    lines = [*sold("big", 40, 50), *sold("left", 35, 0), *sold("small", 25, 20), *sold("new", 0, 60)]
    found = grown([*lines, *sold(None, 999, 999)])[0]
    table = found.table.set_index("group")
    assert len(found.caveats) == 1
    assert table.loc["key", ["accounts_before", "accounts_both", "accounts_after"]].tolist() == [2, 1, 1]
    assert table.loc["key", ["net_sales_before", "net_sales_after", "lost", "won"]].tolist() == [75, 50, 35, 0]
    assert table.loc["key", "growth"] == pytest.approx(-1 / 3) and table.loc["key", "like_growth"] == 0.25
    assert table.loc["other", ["net_sales_before", "net_sales_after", "lost", "won"]].tolist() == [25, 80, 0, 60]
    assert table.loc["all", ["accounts_before", "accounts_both", "accounts_after"]].tolist() == [3, 2, 3]
    assert table.loc["all", ["net_sales_before", "net_sales_after"]].tolist() == [100, 130]
    # today's list by the outcome: 50 and 60 of 130 are above 0.3
    assert table.loc["today", ["accounts_after", "net_sales_before", "net_sales_after"]].tolist() == [2, 40, 110]


def test_returns_of_those_who_left_count_and_the_sums_meet(grown) -> None:
    lines = [*sold("a", 0.1, 0.7), *sold("b", 0.2, -0.05), *sold("c", -0.3, 0.4)]
    table = grown(lines)[0].table.set_index("group")
    assert table.loc["all", ["like_before", "like_after", "lost", "won"]].tolist() == [0.1, 0.7, -0.1, 0.35]
    parts = money.exact(table.loc[["key", "other"], ["net_sales_before", "net_sales_after", "lost", "won"]])
    whole = money.exact(table.loc["all", ["net_sales_before", "net_sales_after", "lost", "won"]])
    assert parts.sum(axis=0).tolist() == whole.tolist()
    assert pd.isna(table.loc["all", "growth"])  # 0.1 + 0.2 − 0.3 = 0 before
    assert pd.isna(table.loc["other", "growth"])


def test_years_meet_at_t_and_leave_out_the_days_beyond(grown) -> None:
    days = [("2023-01-09", 1), ("2023-01-10", 2), ("2024-01-09", 4), ("2024-01-10", 8), ("2025-01-09", 16),
            ("2025-01-10", 32)]  # fmt: skip
    found = grown([("a", day, "x", 1.0, float(amount)) for day, amount in days])[0]
    assert found.caveats == []  # the list of today is that of then
    assert found.table.loc[0, ["net_sales_before", "net_sales_after"]].tolist() == [6, 24]


def test_a_group_is_one_account_in_both_years(grown) -> None:
    # together 60 of 100: key; b left, a and the new member c bought on: 0 lost, like for like 60 to 66
    lines = [*sold("a", 35, 40), *sold("b", 25, 0), *sold("c", 0, 26), *sold("d", 40, 0)]
    growth, bridge = grown(lines, keys=KEYS.model_copy(update={"min_share": 0.5}), parents=dict.fromkeys("abc", "H"))
    row = growth.table.set_index("group").loc["key"]
    assert row[["accounts_before", "accounts_both", "accounts_after"]].tolist() == [1, 1, 1]
    assert row[["net_sales_before", "net_sales_after", "lost", "won"]].tolist() == [60, 66, 0, 0]
    assert row["like_growth"] == pytest.approx(0.1)
    amounts = bridge.table.set_index("step")["key_net_sales"]
    assert (amounts["before"], amounts["after"]) == (60, 66)
    assert (
        Language("en", "EUR").text(growth.base) == "1 key account on 10 Jan 2024, of 2 accounts with net sales above 0."
    )


def test_a_sentence_where_nothing_is_like_for_like(grown) -> None:
    found = grown(sold("a", 50, 0))[0]
    assert found.numbers["growth.key"] == -1
    assert found.numbers["growth.key_like_for_like_absent"] == "net sales before not above 0"
    assert "none bought in both years" in Language("en", "EUR").text(found.sentence)


def test_bridge_by_hand(grown) -> None:
    lines: list[Line] = [
        ("a", BEFORE, "x", 10, 100), ("a", AFTER, "x", 10, 120),
        ("a", BEFORE, "y", 10, 300), ("a", AFTER, "y", 20, 600),
        ("a", BEFORE, "old", 1, 7), ("a", AFTER, "fresh", 1, 11),
        ("a", AFTER, None, 3, 13), ("a", AFTER, "y", None, 17),
        ("a", BEFORE, "back", 2, 19), ("a", AFTER, "back", -1, -9),
        ("b", BEFORE, "x", 10, 100), ("b", AFTER, "z", 1, 5),
    ]  # fmt: skip
    found = grown(lines)[1]
    table = found.table.set_index("step")
    # x and y: 720 now; today's quantities at old prices 10·10 + 20·30 = 700; 30 units at the old mean 400/20 = 600
    effects = {"price": 20, "volume": 200, "mix": 100, "new": 11, "dropped": -7, "not_explained": 13 + 17 - 28}
    assert table["key_net_sales"].to_dict() == {"before": 426, **effects, "after": 752}
    assert found.numbers == {f"growth.key_{step}": amount for step, amount in effects.items()}
    assert table.loc[STEPS, "key_products"].tolist() == [2, 2, 2, 1, 1, 1]
    assert table.loc["price", "key_share"] == 20 / 426
    # all: x 20 units for 200 before, 10 for 120 now; now at old prices 700; 30 units at 500/30 = 500
    assert table.loc[STEPS, "all_net_sales"].tolist() == [20, 0, 200, 11 + 5, -7, 2]
    assert table.loc["after", "all_net_sales"] == 757


def test_one_product_has_no_mix(grown) -> None:
    found = grown([("a", BEFORE, "x", 3, 10), ("a", AFTER, "x", 7, 0.01), ("a", AFTER, "x", 0.5, 20)])[1]
    # 7.5 units at 10/3: 25; 20.01 were paid
    assert found.table["key_net_sales"].tolist() == [10, -4.99, 15, 0, 0, 0, 0, 20.01]
    assert found.caveats == []


def test_item_in_words_stands_in_for_the_code_and_service_is_no_product(grown) -> None:
    lines: list[Line] = [("a", BEFORE, None, 1, 10), ("a", AFTER, None, 1, 12)]
    assert grown(lines, item="Paper")[1].numbers["growth.key_price"] == 2
    assert grown(lines, item="Post", is_service=True)[1].absent is not None


products = st.lists(
    st.tuples(
        *[st.one_of(st.just(np.nan), st.integers(-5, 1000).map(lambda n: n / 8))] * 2,
        *[st.integers(-(10**9), 10**9)] * 2,
    ),
    max_size=8,
)


@given(products)
def test_effects_sum_to_the_change_in_any_order(rows) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 4
    effects = price_volume_mix(*columns)
    assert sum(effects.values()) == sum(columns[3]) - sum(columns[2])
    assert price_volume_mix(*([*column[::-1]] for column in columns)) == effects
    if sum(q0 > 0 and q1 > 0 for q0, q1, *_ in rows) < 2:
        assert effects[GrowthStep.MIX] == 0


def test_the_same_growth_everywhere_is_volume_and_the_same_rise_everywhere_is_price() -> None:
    doubled = price_volume_mix([1, 3], [2, 6], [100, 500], [200, 1000])
    assert [doubled[step] for step in STEPS] == [0, 600, 0, 0, 0, 0]
    dearer = price_volume_mix([1, 3], [1, 3], [100, 500], [110, 550])
    assert [dearer[step] for step in STEPS] == [60, 0, 0, 0, 0, 0]


def test_the_bridge_meets_the_growth_and_row_order_changes_nothing(grown) -> None:
    draws = np.random.default_rng(3)
    lines: list[Line] = [
        (f"c{draws.integers(6)}", str(np.datetime64("2023-01-10") + draws.integers(731)),
         draws.choice([None, "x", "y", "z"]), draws.choice([None, -1.0, 0.1, 2.5]), float(draws.integers(-99, 999)) / 7)
        for _ in range(300)
    ]  # fmt: skip
    lines = [(*line[:4], round(line[4], 4)) for line in lines]
    first, bridge = grown(lines, KEYS.model_copy(update={"min_share": 0.16}))
    for column, group in (("key_net_sales", "key"), ("all_net_sales", "all")):
        amounts = bridge.table.set_index("step")[column]
        growth = first.table.set_index("group").loc[group]
        assert amounts[["before", "after"]].tolist() == growth[["net_sales_before", "net_sales_after"]].tolist()
        exact = dict(zip(amounts.index, money.exact(amounts), strict=True))
        assert sum(int(exact[step]) for step in STEPS) == exact["after"] - exact["before"]
    for found, turned in zip(
        (first, bridge), grown(lines[::-1], KEYS.model_copy(update={"min_share": 0.16})), strict=True
    ):
        pd.testing.assert_frame_equal(turned.table, found.table)


@pytest.mark.parametrize(("late", "is_absent"), [(2, False), (3, True)])
def test_two_years_are_needed_and_two_days_late_are_forgiven(grown, late: int, is_absent: bool) -> None:
    calendar = Calendar(dt.date(2023, 1, 10 + late), dt.date(2025, 1, 10))
    for found in grown(sold("a", 5, 6), calendar=calendar):
        assert (found.absent is not None) == is_absent
    if is_absent:
        assert Language("en", "EUR").text(found.absent) == (
            "Not measurable: two years before 10 Jan 2025 are needed, the data begin on 13 Jan 2023; add the orders "
            "since 10 Jan 2023."
        )


@pytest.mark.parametrize("lines", [[], sold("a", -5, 9), sold("a", 0, 9)])
def test_no_key_client_at_the_start(grown, lines: list[Line]) -> None:
    for found in grown(lines):
        assert found.absent is not None and found.table.empty
        names = [name for name in found.numbers if not name.endswith("_absent")]
        assert all(found.numbers[name] is None and found.numbers[f"{name}_absent"] for name in names)


@pytest.mark.parametrize(("item", "qty"), [(None, 1), ("x", None)])
def test_without_item_or_quantity_there_is_growth_but_no_bridge(grown, item: str | None, qty: float | None) -> None:
    growth, bridge = grown([("a", BEFORE, item, qty, 10), ("a", AFTER, item, qty, 12), *sold("b", 1, 1)])
    assert growth.numbers["growth.key"] == 0.2
    assert "sku or item, and qty" in Language("en", "EUR").text(bridge.absent)


def test_quantities_of_different_units_are_not_added() -> None:
    # kg: 10 at 10 each become 20 at 10; pieces: 100 at 1 each become 50 at 1
    one = price_volume_mix([10, 100], [20, 50], [100, 100], [200, 50], ["kg", "pcs"])
    assert [one[step] for step in (GrowthStep.PRICE, GrowthStep.VOLUME, GrowthStep.MIX)] == [0, 50, 0]
    # added together, 110 would become 70: 200 · 70 / 110 − 200 = −73 of volume
    added = price_volume_mix([10, 100], [20, 50], [100, 100], [200, 50])
    assert [added[step] for step in (GrowthStep.PRICE, GrowthStep.VOLUME, GrowthStep.MIX)] == [0, -73, 123]


def test_an_item_in_two_units_is_two_products(grown) -> None:
    lines = [("big", day, "x", qty, sales) for day in (BEFORE, AFTER) for qty, sales in ((1, 100), (1000, 100))]
    bridge = grown(lines, unit=["box", "piece"] * 2)[1].table.set_index("step")
    assert bridge.loc["price", "key_products"] == 2 and bridge.loc["price", "key_net_sales"] == 0
