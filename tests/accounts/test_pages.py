"""Whose dossiers there are, what stands at their head, and a company without a key account."""

from __future__ import annotations

import pandas as pd
import pytest

from kam_analysis import accounts
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.order_rhythms import order_rhythms
from kam_analysis.findings import Finding
from kam_analysis.params import Params
from kam_analysis.tables import CUSTOMER_MONTHS, CUSTOMER_SEGMENTS, INTERACTIONS, KEY_LIST, OPTIONAL

SEGMENTS = CUSTOMER_SEGMENTS.empty()


def key_list(*ids: str) -> pd.DataFrame:
    zeros = dict.fromkeys(("orders_12m", "managers"), 0) | {"net_sales_12m": 0.0, "is_stopped": False}
    rows = [
        dict.fromkeys(KEY_LIST.names)
        | {"account_id": one, "account_name": one, "members": 1, "order": place, "level": "score", "reasons": "score"}
        | zeros
        for place, one in enumerate(ids, 1)
    ]
    return KEY_LIST.conform(pd.DataFrame(rows, columns=KEY_LIST.names)) if rows else KEY_LIST.empty()


@pytest.fixture
def findings(lines, make_facts, make_chances, calendar: Calendar):
    """All findings of the room, by name, of two customers of a group and one beside it."""

    def make(*keys: str, pages: str = "keys") -> dict[str, Finding]:
        days = [f"2025-12-{day:02}" for day in range(1, 31, 5)]
        engine = lines(*(("a", day, 10.0, {"manager": "Ana"}) for day in days), ("b", "2025-06-01", -20.0, {}),
                       ("c", "2024-02-01", 5.0, {}))  # fmt: skip
        facts = make_facts(
            a={"parent_id": "H", "net_sales_12m": 60.0, "net_sales_before": 20.0, "order_days": 6, "orders_12m": 6,
               "last_order_on": "2025-12-26", "margin_12m": 15.0, "margin_base_12m": 50.0},
            b={"parent_id": "H", "net_sales_12m": -20.0, "net_sales_before": 5.0},
            c={"order_days": 1, "last_order_on": "2024-02-01"},
        )  # fmt: skip
        chances = make_chances(a={"lost_chance": 0.5, "years_value": 100.0, "expected_loss": 25.0})
        months = CUSTOMER_MONTHS.conform(
            pd.DataFrame(
                {"customer_id": ["a"], "month": ["2025-12-01"], "net_sales": 60.0, "margin": None, "orders": 6}
            )
        )
        rules, listed = Params(), key_list(*keys)
        chosen = accounts.chosen_customers(facts, listed, SEGMENTS, pages)
        engine.put("account_customers", chosen)
        rhythms = order_rhythms(engine, calendar)
        heads = accounts.account_pages(engine, chosen, facts, listed, chances, 0.5, months, rhythms, calendar, rules)
        of_months, categories = accounts.months_of(engine, calendar), accounts.categories_of(engine, calendar)
        silent = accounts.silent_pairs(engine, chances, calendar, rules.facts)
        optional = {name: OPTIONAL[name].empty() for name in ("contacts", "contracts", "payments", "survey")}
        optional |= {"interactions": INTERACTIONS.empty()}
        found = (
            heads,
            accounts.account_members(chosen, heads, facts, chances, months, rhythms, calendar, rules),
            accounts.account_months(of_months, chosen, calendar),
            accounts.account_categories(categories, silent, chosen, calendar),
            accounts.account_items(engine, calendar, rules.facts),
            accounts.account_signals(
                heads.table, chosen, facts, chances, of_months, categories, silent, optional, calendar, rules
            ),
        )
        return {finding.name: finding for finding in found}

    return make


def test_a_group_stands_with_the_sums_of_its_members(findings) -> None:
    """Sales 60 − 20 against 20 + 5; chance 25 of 100 · ½; margin 15 of 50; next order 5 days after 26 Dec."""
    found = findings("H")
    head = found["account_pages"].table.iloc[0]
    assert head[["net_sales_12m", "net_sales_before", "members", "lost_chance"]].tolist() == [40.0, 25.0, 2, 0.5]
    assert (round(head["change"], 4), head["margin_share"], head["expected_loss"]) == (0.6, 0.3, 25.0)
    assert str(head["from_on"])[:10] == str(head["to_on"])[:10] == "2025-12-31" and head["due_members"] == 1
    assert found["account_pages"].sentence.values == {"n": 1, "stopped": 0}
    members = found["account_members"].table
    assert members[["customer_id", "net_sales_12m"]].values.tolist() == [["a", 60.0], ["b", -20.0]]
    assert members["change"].tolist() == [2.0, -5.0]


def test_every_account_has_a_page_where_all_are_wanted(findings) -> None:
    table = findings("H", pages="all")["account_pages"].table
    assert table[["account_id", "is_key"]].values.tolist() == [["H", True], ["c", False]]


def test_a_company_without_a_key_account_has_no_dossier_and_says_so(findings) -> None:
    found = findings()
    assert {name: len(finding.table) for name, finding in found.items()} == dict.fromkeys(found, 0)
    assert found["account_pages"].sentence.template == "There is no key account, so there is no dossier."
