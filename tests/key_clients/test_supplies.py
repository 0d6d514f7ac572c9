"""Volume tiers of suppliers: which purchases they apply to, and the discount that changes with the volume."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.engine import Engine
from kam_analysis.key_clients import client_loss, supplies
from kam_analysis.key_clients.supplies import Supply, discount_at, discount_change, no_purchases
from kam_analysis.params import KeyClients
from kam_analysis.tables import PURCHASE_TERMS

AS_OF = dt.date(2026, 1, 1)
# customer, day, item, category, quantity, cost
LINES = [
    ("a", "2025-01-01", "Paper A4", "Paper", 60_000, 120_000),
    ("b", "2025-12-31", "Paper A4", "Paper", 12_000, 24_000),
    (None, "2025-06-01", "Paper A4", "Paper", 500, 1_000),
    ("b", "2025-06-01", "Tea", "Coffee", 10, 90),
    ("c", "2024-06-01", "Paper A4", "Paper", 700, 1_400),
    ("a", "2026-01-01", "Paper A4", "Paper", 9_999, 9_999),
    ("b", "2025-06-01", "Bag", None, 5, None),
]


def terms(*rows):
    return PURCHASE_TERMS.conform(pd.DataFrame(rows, columns=PURCHASE_TERMS.names))


@pytest.fixture
def found():
    with Engine() as engine:
        rows = ", ".join(
            "(" + ", ".join("NULL" if value is None else repr(value) for value in row) + ")" for row in LINES
        )
        engine.materialise(
            "order_lines",
            "SELECT customer_id, CAST(day AS DATE) AS ordered_on, item, category, CAST(qty AS DOUBLE) AS qty, "
            "CAST(cost AS DECIMAL(18,4)) AS cost, NULL AS sku, false AS is_service "
            f"FROM (VALUES {rows}) AS t(customer_id, day, item, category, qty, cost)",
        )
        facts = pd.DataFrame({"customer_id": list("abc"), "parent_id": list("abc")})
        yield lambda purchase_terms, facts=facts, **rules: supplies(
            engine, facts, AS_OF, purchase_terms, KeyClients(**rules)
        )


def test_tiers_in_any_order():
    tiers = pd.DataFrame({"tier_from": [700.0, 0.0, 200.0], "discount": [0.11, 0.02, 0.05]})
    volumes = (0, 199.99, 200, 699, 700, 9_999)
    assert [discount_at(volume, tiers) for volume in volumes] == [0.02, 0.02, 0.05, 0.05, 0.11, 0.11]
    # from 11 % to 5 % on 300, and back
    assert discount_change(800, 300, 300, tiers) == pytest.approx(-18)
    assert discount_change(300, 800, 300, tiers) == pytest.approx(18)


def test_units_of_article_c(found):
    # 5,000 units a month, 60,000 a year, earn 15 %; a takes 60,000 of 72,500. Without a 12,500 units are left, which
    # cost 25,000 and earn nothing: 3,750 lost
    (supply,) = found(terms(("Factory", 60_000.0, 0.15, "Paper")), tier_measure="units")
    assert supply.name == "Factory: Paper"
    assert supply.change(no_purchases(["a"])) == pytest.approx(-3_750)
    assert supply.change(no_purchases(["b"])) == 0
    # c comes back with the 700 of the year before: no tier is crossed
    assert supply.purchases.loc["c", ["volume", "volume_before", "cost_before"]].tolist() == [0, 700, 1_400]


def test_money_of_an_item_or_category(found):
    by_category, by_item = found(terms(("S", 100_000.0, 0.1, "Paper"), ("T", 50.0, 0.5, "Tea")))
    assert by_category.purchases.volume.sum() == 145_000
    # without a 25,000 are left and lose 10 %
    assert by_category.change(no_purchases(["a"])) == pytest.approx(-2_500)
    assert by_item.purchases.volume.to_dict() == {"b": 90.0}
    # nothing remains of tea to lose a discount on
    assert by_item.change(no_purchases(["b"])) == 0


def test_growth_wins_a_tier_on_what_was_bought_before(found):
    (supply,) = found(terms(("S", 150_000.0, 0.1, "Paper")))
    # b buys 10,000 more: 155,000 in all; 10 % of the 145,000 that are bought in both cases
    assert supply.change(pd.DataFrame({"volume": [34_000.0], "cost": [34_000.0]}, index=["b"])) == pytest.approx(14_500)


def test_tiers_of_all_purchases(found):
    (one,) = found(terms(("S", 100_000.0, 0.1, None), ("S", 1.0, 0.05, None)))
    # with tea, without a line without cost
    assert one.purchases.volume.sum() == 145_090
    (given,) = found(terms(), supplier_tiers=((100_000, 0.1),))
    assert given.purchases.equals(one.purchases) and given.name == ""
    # the table wins over the parameters
    assert found(terms(("S", 1.0, 0.1, "Tea")), supplier_tiers=((100_000, 0.1),))[0].name == "S: Tea"


def test_what_cannot_be_applied_is_left_out(found):
    assert found(terms()) == []
    # two suppliers who both say "all": nobody knows whose purchases are whose
    assert found(terms(("S", 1.0, 0.1, None), ("T", 1.0, 0.2, None))) == []
    assert found(terms(("S", 1.0, 0.1, "Wood"))) == []


def test_purchases_of_a_group_are_one(found):
    facts = pd.DataFrame({"customer_id": list("abc"), "parent_id": ["H", "H", "c"]})
    (supply,) = found(terms(("S", 1.0, 0.1, "Paper")), facts)
    assert supply.purchases.volume.to_dict() == {"": 1_000.0, "H": 144_000.0, "c": 0.0}


def test_a_loss_without_tiers_says_so(chosen, say_it, found):
    now = chosen({"a": 90.0, "b": 10.0})
    nothing = client_loss(now, [], KeyClients())
    assert nothing.table.discount_lost.isna().all()
    assert "no volume tiers" in say_it(nothing.caveats[0].text)
    (supply,) = found(terms(("S", 100_000.0, 0.1, "Paper")))
    some = client_loss(now, [supply], KeyClients())
    assert some.table.discount_lost.tolist() == pytest.approx([2_500, 0])


def test_nobody_bought():
    empty = pd.DataFrame({"volume": [], "cost": []})
    assert Supply("S", pd.DataFrame({"tier_from": [1.0], "discount": [0.1]}), empty).change(no_purchases(["a"])) == 0
