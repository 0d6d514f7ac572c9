"""Items that customers who still order no longer buy: whose, since when, for how much, and how often that was wrong."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.growth import lost_items, lost_items_backtest
from kam_analysis.growth.lost_items import LOST_ITEMS_BACKTEST
from kam_analysis.params import Facts
from kam_analysis.tables import LOST_ITEMS
from tests.growth.conftest import AS_OF, CALENDAR

RULES = Facts()
WEEKS = range(7, 700, 7)


def weekly(customer, item, until=0, every=WEEKS, price=10.0):
    return [(customer, ago, price, item, f"O{ago}") for ago in every if ago > until]


@pytest.fixture
def find(sell, place):
    def run(lines):
        engine = sell(lines, "sku", "order_id")
        ids = sorted({one for one, *_ in lines} or {"a"})
        accounts = place(*ids)
        orders = pd.DataFrame(
            sorted({(one, order, AS_OF - dt.timedelta(days=ago)) for one, ago, _, _, order in lines}),
            columns=["customer_id", "order_id", "ordered_on"],
        ).astype({"customer_id": "str", "order_id": "str", "ordered_on": "datetime64[us]"})
        engine.put("customer_orders", orders)
        facts = pd.DataFrame({"customer_id": ids, "customer_name": ids, "manager": "Ana", "parent_id": ids})
        chances = pd.DataFrame({"customer_id": ids, "is_unusual_silence": False, "is_likely_silent": False})
        found = lost_items(engine, facts, accounts, chances, CALENDAR, RULES)
        checked = lost_items_backtest(engine, OrderHistory(orders), CALENDAR, RULES)
        LOST_ITEMS.check(found.table)
        LOST_ITEMS_BACKTEST.check(checked.table)
        return found, checked

    return run


LOST = [*weekly("a", "tea"), *weekly("a", "pen", until=140), *weekly("b", "tea"), *weekly("b", "pen")]


def test_an_item_of_every_week_that_is_missing_for_twenty_weeks_is_lost(find):
    found, _ = find(LOST)
    (row,) = found.table.to_dict("records")
    assert (row["customer_id"], row["product"], row["account_id"]) == ("a", "pen", "a")
    assert (row["item_days"], row["days_without"]) == (79, 20)  # of 99 weeks the last 20 without
    assert row["last_on"] == pd.Timestamp(AS_OF - dt.timedelta(days=147))
    assert row["lost_sales"] == 530.0  # 53 weeks lie in the 12 months up to that day, both ends included
    assert found.numbers["lost_items.tested"] == 4


def test_a_discontinued_item_is_not_lost(find):
    nobody = [*weekly("a", "tea"), *weekly("a", "pen", until=140), *weekly("b", "tea"), *weekly("b", "pen", until=91)]
    assert find(nobody)[0].table.empty
    still = [*nobody, ("c", 90, 5.0, "pen", "c1")]  # sold on the first of the last 90 days
    assert find(still)[0].table["customer_id"].tolist() == ["a", "b"]


def test_an_item_of_every_tenth_week_is_no_loss_after_five(find):
    rare = [
        *weekly("a", "tea"),
        *weekly("a", "pen", every=range(42, 700, 70)),
        *weekly("b", "pen"),
        *weekly("b", "tea"),
    ]
    assert find(rare)[0].table.empty


@pytest.mark.parametrize("lines", [weekly("a", "tea"), weekly("a", None), [("a", 7, -5.0, "tea", "r")]])
def test_with_one_item_none_or_only_returns_it_says_so(find, lines):
    found, checked = find(lines)
    assert found.absent is not None and found.numbers["lost_items.money"] is None
    assert checked.absent is not None


def test_the_back_test_tells_who_bought_again(find):
    """Ninety days ago pen was missing for 15 weeks at a and c; c took it up again since."""
    again = [("c", ago, 10.0, "pen", f"O{ago}") for ago in (7, 14)]
    lines = [*LOST, *weekly("c", "tea"), *weekly("c", "pen", until=196), *again]
    lines = [line for line in lines if line[0] != "a" or line[3] != "pen"] + weekly("a", "pen", until=196)
    _, checked = find(lines)
    row = checked.table.set_index("what").loc["item"]
    assert (row["marked"], row["came_back"], row["wrong_share"]) == (2, 1, 0.5)
    assert row["others_share"] == 1.0
