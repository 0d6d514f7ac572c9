"""New items that key clients have not bought yet."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.actions import new_items
from kam_analysis.actions.new_items import NEW_ITEMS
from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Actions
from kam_analysis.tables import ORDER_LINES
from tests.actions.conftest import AS_OF

RULES = Actions()
OLD, NEW = 200, 30  # days before the reference date


@pytest.fixture
def offered(engine, make_keys, calendar):
    def make(lines, keys=("k",), on=calendar):
        frame = pd.DataFrame(lines, columns=["customer_id", "category", "sku", "ago", "net_sales"])
        frame["ordered_on"] = pd.to_datetime([AS_OF - dt.timedelta(days=ago) for ago in frame.pop("ago")])
        blank = dict.fromkeys(name for name in ORDER_LINES.names if name not in frame.columns)
        given = {"line_no": range(1, len(frame) + 1), "is_service": False, "row": 1, "file": "f"}
        engine.put("order_lines", frame.assign(**blank | given), ORDER_LINES)
        members = make_keys(*keys) if isinstance(keys, tuple) else keys
        engine.put("key_members", members)
        accounts = members.drop_duplicates("account_id", ignore_index=True)
        listed = accounts.assign(account_name=accounts.account_id, manager="Ana", order=accounts.index + 1)
        found = new_items(engine, listed, on, RULES)
        NEW_ITEMS.check(found.table)
        return found

    return make


def test_offered_is_what_is_new_in_the_own_categories_and_not_bought(offered, say_it):
    found = offered(
        [
            ("k", "food", "old", OLD, 5.0),
            ("x", "food", "cake", NEW, 9.0),
            ("x", "food", "jam", NEW, 20.0),
            ("k", "food", "tea", NEW, 3.0),
            ("x", "paper", "pen", NEW, 50.0),  # not a category of k
            ("x", "food", "milk", 91, 7.0),  # first sold before the 90 days
            ("x", "food", "milk", NEW, 7.0),
        ]
    )
    assert found.table[["account_id", "new_items", "bought", "to_offer"]].values.tolist() == [["k", 3, 1, "jam; cake"]]
    assert found.numbers["new_items.bought_share"] == pytest.approx(1 / 3)
    assert say_it(found.sentence) == "Key clients who bought none of the new items of their categories: 0 of 1."


def test_what_was_taken_back_is_worth_what_is_left_and_not_offered_at_nothing(offered):
    lines = [("k", "food", "old", OLD, 5.0), ("x", "food", "jam", NEW, 5.0)]
    lines += [("x", "food", "cake", NEW, 90.0), ("x", "food", "cake", NEW - 1, -86.0)]  # 4 is left
    lines += [("x", "food", "pie", NEW, 99.0), ("x", "food", "pie", NEW - 1, -99.0)]
    assert offered(lines).table[["new_items", "to_offer"]].values.tolist() == [[2, "jam; cake"]]


def test_at_most_three_are_named_and_who_bought_all_is_not_listed(offered):
    lines = [("k", "food", "old", OLD, 5.0), ("j", "food", "old", OLD, 5.0)]
    lines += [("x", "food", name, NEW, float(place)) for place, name in enumerate("abcd", 1)]
    lines += [("j", "food", name, NEW, 1.0) for name in "abcd"]
    found = offered(lines, keys=("j", "k"))
    assert found.table[["account_id", "to_offer"]].values.tolist() == [["k", "d; c; b"]]
    assert (found.numbers["new_items.keys"], found.numbers["new_items.keys_without"]) == (2, 1)


def test_without_categories_every_new_item_counts(offered):
    found = offered([("k", None, "old", OLD, 5.0), ("x", None, "new", NEW, 5.0)])
    assert found.table.to_offer.tolist() == ["new"]


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        ([("k", "food", "old", OLD, 5.0)], dt.date(2023, 1, 1)),  # nothing new
        ([("x", "food", "new", NEW, 5.0)], dt.date(2023, 1, 1)),  # nobody to offer it to
        ([("k", None, None, NEW, 5.0)], dt.date(2023, 1, 1)),  # no items
        ([("k", "food", "old", OLD, 5.0), ("x", "food", "new", NEW, 5.0)], AS_OF - dt.timedelta(days=179)),
    ],
)
def test_not_measurable(offered, lines, first):
    found = offered(lines, on=Calendar(first, AS_OF))
    assert found.absent and found.table.empty
    assert all(found.numbers[name] is None for name in ("new_items.keys", "new_items.bought_share"))


def test_returns_are_no_items(offered):
    found = offered([("k", "food", "old", OLD, 5.0), ("x", "food", "sent back", NEW, -5.0)])
    assert found.absent


def test_what_one_member_bought_is_not_offered_to_the_group(offered):
    lines = [("k", "food", "old", OLD, 5.0), ("m", "food", "jam", NEW, 1.0)]
    lines += [("x", "food", "jam", NEW, 9.0), ("x", "food", "pie", NEW, 9.0)]
    group = pd.DataFrame({"account_id": ["H", "H"], "customer_id": ["k", "m"]}, dtype="str")
    table = offered(lines, group).table
    assert table[["account_id", "new_items", "bought", "to_offer"]].values.tolist() == [["H", 2, 1, "pie"]]
