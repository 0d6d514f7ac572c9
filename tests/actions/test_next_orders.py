"""Whose next order is due by its own rhythm, with what, and how often such a forecast was right."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.actions import next_orders
from kam_analysis.actions.next_orders import NEXT_ORDERS
from kam_analysis.facts.order_rhythms import order_rhythms
from kam_analysis.params import Actions
from kam_analysis.tables import CUSTOMER_ORDERS, ORDER_LINES
from tests.actions.conftest import AS_OF

RULES = Actions()


def put(engine, days: dict[str, list[int]], items: dict[str, list[str]] | None = None, sales: float = 10.0) -> None:
    """An order of one line on each day, given as days before the reference date; items go round."""
    rows = [
        (
            customer,
            AS_OF - dt.timedelta(days=ago),
            sales,
            (items or {}).get(customer, [None])[place % len((items or {}).get(customer, [None]))],
        )
        for customer, agos in days.items()
        for place, ago in enumerate(agos)
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "net_sales", "item"])
    frame = frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]), line_no=range(1, len(frame) + 1))
    blank = dict.fromkeys(name for name in ORDER_LINES.names if name not in frame.columns)
    lines = frame.assign(**blank | {"is_service": False, "row": 1, "file": "f"}).astype({"item": "str"})
    engine.put("order_lines", lines.where(lines.notna(), None), ORDER_LINES)
    orders = frame.assign(order_no=1, order_id=frame["line_no"])
    engine.put("customer_orders", CUSTOMER_ORDERS.conform(orders), CUSTOMER_ORDERS)


@pytest.fixture
def due(engine, make_facts, make_keys, make_segments, calendar):
    def make(days, items=None, keys=(), classes=None, rules=RULES):
        put(engine, days, items)
        classes = dict.fromkeys(days, "A") if classes is None else classes
        found = next_orders(
            order_rhythms(engine, calendar),
            make_facts(**{one: {} for one in days}),
            make_keys(*keys),
            make_segments(**classes),
            calendar,
            rules,
        )
        NEXT_ORDERS.check(found.table)
        return found

    return make


def steady(last: int, gap: int = 10, times: int = 7) -> list[int]:
    return [last + gap * place for place in range(times)]


@pytest.mark.parametrize(
    ("last", "is_due"),
    [(3, False), (4, True), (10, True), (11, False)],  # 10 days after the last: in 7 days; in 6; today; yesterday
)
def test_an_order_is_due_from_today_to_the_horizon(due, last, is_due):
    assert len(due({"a": steady(last)}).table) == is_due


def test_the_window_lies_between_the_quartiles_of_the_own_gaps(due):
    ago = [5, 13, 23, 35, 45, 53, 65]  # gaps 12 8 10 12 10 8 from the oldest: quartiles 8.5 and 11.5
    row = due({"a": ago}).table.iloc[0]
    last = pd.Timestamp(AS_OF) - pd.Timedelta(days=5)
    assert (row.from_on - last).days == 8 and (row.to_on - last).days == 12
    assert (row.order_days, row.usual_order) == (7, 10.0)


def test_too_few_days_or_too_wide_a_rhythm_is_no_forecast(due):
    found = due({"a": steady(5, times=5), "b": [2, 4, 44, 46, 96, 98, 160]})
    assert found.table.empty
    assert found.numbers["next_orders.customers"] is None and found.absent
    assert "rhythm" in found.numbers["next_orders.customers_absent"]


def test_only_key_clients_and_a_customers_largest_usual_order_first(due, say_it):
    days = {name: steady(8) for name in ("a", "b", "k", "z")}
    found = due(days, keys=["k"], classes={"a": "A", "b": "B", "k": "C", "z": "A"})
    assert found.table[["customer_id", "is_key"]].values.tolist() == [["a", False], ["k", True], ["z", False]]
    assert say_it(found.sentence) == "3 orders are expected within 7 days, usually 30 together."
    assert found.numbers["next_orders.net_sales"] == 30


def test_usual_items_are_those_of_most_days_three_at_most(due):
    found = due({"a": steady(8, times=6)}, {"a": ["tea", "tea", "oil", "oil", "tea", "salt"]})
    assert found.table.usual_items.tolist() == ["tea; oil"]  # salt: one day only
    assert due({"a": steady(8)}).table.usual_items.isna().all()


def test_the_forecast_is_checked_on_the_last_gap(due):
    right = {f"r{n}": steady(8) for n in range(20)}
    wrong = {f"w{n}": [1, *steady(31)] for n in range(10)}  # 30 days after gaps of 10
    found = due(right | wrong)
    assert found.numbers["next_orders.checked"] == 30
    assert found.numbers["next_orders.hit_share"] == pytest.approx(2 / 3)
    few = due(right)
    assert few.numbers["next_orders.hit_share"] is None and few.numbers["next_orders.checked"] == 20


def test_nobody_due_is_said(due, say_it):
    found = due({"a": steady(40)})
    assert say_it(found.sentence) == "No key client or A customer is expected to order within 7 days."
