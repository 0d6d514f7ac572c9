"""Odd companies go through the whole chapter: contracts kept, drawn, said in words."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest

from kam_analysis import key_clients
from kam_analysis.drawings import draw
from kam_analysis.facts.classes import abc_classes
from kam_analysis.findings import Finding
from kam_analysis.key_clients.shares import concentration_of
from kam_analysis.params import Abc, KeyClients
from kam_analysis.report.language import Language
from kam_analysis.tables import ASSESSMENT, CONTACTS, CUSTOMER_MONTHS, INTERACTIONS, MANAGERS, SURVEY, published

PUBLISHED = published("key_clients")

# net sales, margin (None: no cost), manager, department of every customer
COMPANIES = {
    "nobody": {},
    "one client": {"a": (100.0, 20.0, "Ana", "North")},
    "one giant": {"a": (95.0, 20.0, "Ana", "North"), "b": (5.0, 1.0, "Ana", "North")},
    "all equal": {f"c{i}": (10.0, 2.0, "Ana", "North") for i in range(12)},
    "only returns": {"a": (-5.0, -1.0, "Ana", "North"), "b": (0.0, 0.0, None, None)},
    "negative margins": {f"c{i}": (10.0 + i, -3.0, "Ana", None) for i in range(11)},
    "margins that cancel out": {"a": (10.0, 4.0, "Ana", "North"), "b": (9.0, -4.0, "Ana", "North")},
    "no managers, no cost": {f"c{i}": (10.0 * (i + 1), None, None, None) for i in range(11)},
    "a manager for each": {f"c{i}": (10.0 * (i + 1), 1.0, f"M{i}", "North") for i in range(11)},
    "ties at the cut": {f"c{i:02}": (10.0, 1.0, "Ana", "North") for i in range(25)},
}
RICH = KeyClients(
    units=("manager", "department"),
    loss_elasticity=0.5,
    fixed_costs_per_month=1.0,
    serve_rates={"order": 3.0, "visit": 9.0},
)


def findings_of(make_facts, sold_in, with_chances, customers, calendar, rules, full):
    places = dict(enumerate(("sales", "margin_12m", "manager", "department")))
    parts = {name: {one: row[place] for one, row in customers.items()} for place, name in places.items()}
    sales = parts.pop("sales")
    has_cost = {one: sales[one] for one, margin in parts["margin_12m"].items() if margin is not None}
    facts = make_facts(
        sales,
        margin_base_12m=has_cost,
        margin=parts["margin_12m"],
        margin_base=has_cost,
        orders_12m=dict.fromkeys(sales, 2),
        **parts,
    )
    sold = [
        (column, row[place], one, row[0])
        for one, row in customers.items()
        for column, place in (("manager", 2), ("department", 3))
        if row[place]
    ]
    rated = [
        {"customer_id": one, "potential": 2 * abs(row[0]) + 1, "growth_outlook": 3, "relationship_strength": 2}
        for one, row in customers.items()
    ]
    seen = [{"customer_id": one, "date": pd.Timestamp("2025-06-01"), "type": "visit"} for one in customers]
    managers = [{"manager_id": "Ana", "department": "North", "plan": 50.0, "capacity": 2}]
    contacts = [{"customer_id": one, "person": "P"} for one in customers]
    rows = (rated, seen, managers, contacts) if full else ([], [], [], [])
    assessment, interactions, managers, contacts = (
        table.conform(pd.DataFrame(some).reindex(columns=table.names))
        for table, some in zip((ASSESSMENT, INTERACTIONS, MANAGERS, CONTACTS), rows, strict=True)
    )
    k, classes = key_clients, abc_classes(facts, Abc())
    units = sold_in(sold)
    now = k.key_list(facts, units, assessment, SURVEY.empty(), calendar, rules)
    nothing = pd.DataFrame({"net_sales": [], "all_net_sales": []}, dtype="float64")
    bought = pd.DataFrame({"customer_id": facts.customer_id, "volume": facts.net_sales_12m, "orders": 2}).assign(
        largest_order=facts.net_sales_12m.where(facts.net_sales_12m > 0), order_days=2
    )
    early = pd.DataFrame(columns=["customer_id", "lines", "new_lines", "new_items", "expected_share"])
    months = CUSTOMER_MONTHS.empty()
    return [
        k.who_is_key(now, with_chances(now), rules),
        k.key_reasons(now),
        k.nominations(now),
        k.how_sure(now, rules),
        k.criteria(now, rules),
        k.score_breakdown(now, rules),
        k.customer_criteria(facts, bought, months, calendar, rules),
        k.weight_swaps(now, rules),
        k.method_agreement(now, rules),
        *k.client_types(facts, now, early, assessment, interactions, calendar, rules),
        k.unit_keys(now, rules),
        k.key_levels(now, facts, units, rules),
        k.what_changed(now, now),
        k.criteria_review(now, bought, facts, calendar, rules),
        k.dependence(now, now, nothing, rules),
        k.group_dependence(facts, now),
        k.client_loss(now, [], rules),
        k.loss_steps(now, [], rules),
        k.unit_loss(now, managers, rules),
        k.client_gain(facts, now, assessment, [], calendar, rules),
        k.manager_load(facts, classes, now.keys, rules),
        k.key_moves(facts, now.keys, managers, rules),
        k.key_care(now, managers, contacts, interactions, calendar, rules),
        k.sales_margin(facts),
        k.whale_curve(facts, interactions, calendar, rules),
        k.relation(facts, assessment),
        k.effort_by_class(facts, classes, interactions, calendar, rules, Abc()),
        k.effort_mismatch(facts, classes, interactions, calendar, rules),
    ]


@pytest.mark.parametrize("full", [True, False], ids=["all tables", "orders only"])
@pytest.mark.parametrize("name", COMPANIES)
def test_odd_companies(make_facts, sold_in, with_chances, calendar, name, full):
    found = findings_of(
        make_facts, sold_in, with_chances, COMPANIES[name], calendar, RICH if full else KeyClients(), full
    )
    for finding in found:
        assert isinstance(finding, Finding)
        PUBLISHED[finding.name].check(finding.table)
        for key, value in finding.numbers.items():
            assert value is not None or f"{key}_absent" in finding.numbers, key
            assert not isinstance(value, float) or math.isfinite(value), key
        for code in ("en", "ru", "mk"):
            language = Language(code)
            texts = [finding.question, finding.sentence, finding.sub, finding.base, finding.none, finding.absent]
            texts += [text for caveat in finding.caveats for text in (caveat.head, caveat.text)]
            said = " ".join(language.text(text) for text in texts)
            assert not re.search(r"\bnan\b|\bNone\b(?! of )|[{}]", said), said
        if finding.drawing and finding.absent is None and not finding.table.empty:
            for width in (540, 350):
                assert draw(finding, Language("en"), width).get_label()


def test_the_base_of_every_chapter_is_the_same(make_facts, sold_in, with_chances, calendar):
    customers = COMPANIES["a manager for each"]
    found = {one.name: one for one in findings_of(make_facts, sold_in, with_chances, customers, calendar, RICH, True)}
    base = concentration_of([row[0] for row in customers.values()]).net_sales
    clients = found["client_loss"].table[found["client_loss"].table.leaver == "client"]
    assert (clients.net_sales_lost / clients.share_lost).tolist() == pytest.approx([base] * len(clients))
    assert found["manager_load"].table.net_sales_12m.sum() == base
    assert found["sales_margin"].table.net_sales_12m.sum() == base
    keys = found["group_dependence"].table.iloc[0]
    together = found["client_loss"].table[found["client_loss"].table.leaver == "key_clients"].iloc[0]
    assert keys.share == together.share_lost and keys.net_sales == together.net_sales_lost
