"""Types of clients by data and by flag, by hand and against what the demo planted."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kam_analysis.engine import Engine
from kam_analysis.facts.accounts import accounts
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.key_clients import client_types, early_purchases
from kam_analysis.key_clients.client_types import CLIENT_TYPES, TYPE_RULES
from kam_analysis.params import KeyClients
from kam_analysis.tables import ASSESSMENT, INTERACTIONS

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))
RULES = KeyClients()
NO_UNITS = pd.DataFrame({"unit_column": [], "unit": [], "customer_id": []}, dtype="str").assign(
    net_sales=pd.Series(dtype="float64"), last_line_on=pd.Series(dtype="datetime64[us]")
)
NOTHING_EARLY = pd.DataFrame(columns=["customer_id", "lines", "new_lines", "new_items", "expected_share"])


def types_of(facts, early=NOTHING_EARLY, assessment=None, interactions=None, calendar=CALENDAR, keys=()):
    rated = ASSESSMENT.empty() if assessment is None else assessment
    seen = INTERACTIONS.empty() if interactions is None else interactions
    members = pd.DataFrame({"customer_id": list(keys)}, dtype="str")
    now = SimpleNamespace(accounts=accounts(facts, NO_UNITS), members=members)
    rules, clients = client_types(facts, now, early, rated, seen, calendar, RULES)
    TYPE_RULES.check(rules.table)
    CLIENT_TYPES.check(clients.table)
    return rules, clients


def of_type(clients, kind):
    table = clients.table.set_index("customer_id")[kind]
    return table[table != "none"].to_dict()


def complaints(**counts):
    rows = [
        {"customer_id": one, "date": "2025-05-01", "type": kind}
        for one, n in counts.items()
        for kind in ["Complaint"] * n
    ]
    return INTERACTIONS.conform(pd.DataFrame(rows).reindex(columns=INTERACTIONS.names))


def test_breadwinner_is_strictly_above_ten_percent(make_facts):
    _, clients = types_of(make_facts({"a": 60.0, "b": 10.0} | {f"c{i}": 7.5 for i in range(4)}))
    assert of_type(clients, "breadwinner") == {"a": "data"}


def test_image_maker_is_the_analysts_word_even_without_sales(make_facts, make_assessment, say_it):
    rated = make_assessment(a={"well_known": "no"}, z={"well_known": "да"})
    rules, clients = types_of(make_facts({"a": 1.0, "b": 1.0, "z": 0.0}), assessment=rated)
    assert of_type(clients, "image_maker") == {"z": "analyst"}
    row = rules.table.set_index("type").loc["image_maker"]
    assert (row.by_analyst, row.gap) == (1, "no_rule") and np.isnan(row.by_data)


def test_prospect_by_hand(make_facts, make_assessment):
    facts = make_facts(
        dict.fromkeys("abcdef", 29.0) | {"e": 30.0},
        first_order_on=dict.fromkeys("abcdef", "2023-06-01") | {"a": "2025-01-01", "b": "2024-12-31"},
    )
    # potentials 100, 100, 100, 100, 100 and 50: five of six do not exceed … 80 % of 6 is 4.8, the fifth smallest is 100
    rated = make_assessment(
        a={"potential": 100.0},  # new: exactly 12 months ago
        b={"potential": 100.0},  # a day older, wallet unknown
        c={"potential": 100.0, "wallet": 100.0},  # 29 % of its purchases
        d={"potential": 50.0, "wallet": 500.0},  # small share, low potential
        e={"potential": 100.0, "wallet": 100.0},  # exactly 30 %
        f={"potential": 100.0, "wallet": 0.0},  # a wallet of 0 says nothing
    )
    rules, clients = types_of(facts, assessment=rated)
    assert of_type(clients, "prospect") == {"a": "data", "c": "data"}
    assert rules.numbers["types.prospect.by_data"] == 2


def test_in_the_first_months_of_the_data_nobody_is_new(make_facts, make_assessment):
    calendar = Calendar(dt.date(2025, 2, 1), dt.date(2026, 1, 1))
    facts = make_facts({"a": 1.0, "b": 1.0}, first_order_on={"a": "2025-04-30", "b": "2025-05-01"})
    rated = make_assessment(a={"potential": 9.0}, b={"potential": 9.0})
    _, clients = types_of(facts, assessment=rated, calendar=calendar)
    assert of_type(clients, "prospect") == {"b": "data"}


def test_demanding_by_flag_and_by_proxy(make_facts, make_assessment):
    names = [f"{i:02}" for i in range(10)]
    facts = make_facts(
        dict.fromkeys(names, 50.0), orders_12m=dict.fromkeys(names, 10) | {"09": 9}, net_sales_before={"01": 50.01}
    )
    # nine customers with 10 orders: complaints 4, 4, 4, 1 and five times 0; 80 % of 9 is 7.2, the eighth smallest is 4
    seen = complaints(**{"00": 4, "01": 4, "02": 4, "03": 1, "09": 9})
    rated = make_assessment(**{"02": {"demanding": "yes"}, "05": {"demanding": "yes"}})
    rules, clients = types_of(facts, assessment=rated, interactions=seen)
    # 01 buys less than before, 03 complains less, 09 has too few orders
    assert of_type(clients, "demanding") == {"00": "proxy", "02": "flag_and_proxy", "05": "analyst"}
    row = rules.table.set_index("type").loc["demanding"]
    assert (row.by_data, row.by_analyst, row.by_both, row.is_proxy) == (2, 2, 1, True)
    rates = clients.table.set_index("customer_id").complaints_per_100
    assert rates["00"] == 40.0


def test_nobody_complains_nobody_is_demanding(make_facts):
    facts = make_facts({"a": 5.0, "b": 5.0}, orders_12m={"a": 20, "b": 20})
    visits = INTERACTIONS.conform(
        pd.DataFrame([{"customer_id": "a", "date": "2025-05-01", "type": "visit"}]).reindex(columns=INTERACTIONS.names)
    )
    old = visits.assign(type="complaint", date=pd.Timestamp("2024-12-31"))
    for seen in (visits, old):
        rules, clients = types_of(facts, interactions=seen)
        assert of_type(clients, "demanding") == {}
        assert rules.numbers["types.demanding.by_data"] == 0


def early_of(**lines):
    """Lines, lines with new items, new items, the company's share."""
    rows = [(one, *values) for one, values in lines.items()]
    return pd.DataFrame(rows, columns=NOTHING_EARLY.columns)


def test_innovator_needs_items_and_a_lower_bound_above_the_company(make_facts):
    # 10 of 20: Wilson from 29.9 %
    assert wilson(10, 20)[0] == pytest.approx(0.2993, abs=1e-4)
    early = early_of(a=(20, 10, 5, 0.2992), b=(20, 10, 4, 0.1), c=(20, 10, 5, 0.2994), d=(20, 0, 0, 0.3))
    rules, clients = types_of(make_facts(dict.fromkeys("abcde", 1.0), orders=dict.fromkeys("abcde", 2)), early)
    assert of_type(clients, "innovator") == {"a": "data"}
    assert not rules.caveats


def test_innovators_are_the_earliest_few(make_facts, say_it):
    # 2.5 % of 41 buyers is 1.025, so two at most: of three who fit, those with the bound furthest above the company's
    early = early_of(a=(20, 10, 5, 0.2), b=(20, 11, 5, 0.2), c=(20, 12, 5, 0.2))
    names = [*"abc", *(f"x{n:02}" for n in range(38))]
    facts = make_facts(dict.fromkeys(names, 1.0), orders=dict.fromkeys(names, 1))
    rules, clients = types_of(facts, early)
    assert set(of_type(clients, "innovator")) == {"b", "c"}
    assert rules.numbers["types.innovator.by_data"] == 2
    assert say_it(rules.caveats[0].text) == (
        "Buyers who take new items earlier than the others: 3. The article allows 2.5 % of innovators, the earliest: 2."
    )
    _, of_40 = types_of(facts[facts.customer_id != "x37"], early)  # 2.5 % of 40 is one
    assert set(of_type(of_40, "innovator")) == {"c"}


@pytest.mark.parametrize(("early", "gap"), [(NOTHING_EARLY, "no_items"), (early_of(a=(9, 0, 0, 0.0)), "no_new_items")])
def test_why_innovators_are_not_measurable(make_facts, early, gap):
    rules, _ = types_of(make_facts({"a": 1.0}), early)
    assert rules.numbers["types.innovator.by_data"] is None
    assert rules.numbers["types.innovator.by_data_absent"] == gap


def test_without_optional_tables_two_types_remain(make_facts, say_it):
    rules, clients = types_of(make_facts({"a": 90.0, "b": 10.0}), early_of(a=(9, 1, 1, 0.2), b=(1, 0, 0, 0.2)))
    assert say_it(rules.sentence) == "Not measurable with these data: prospect, image-maker and demanding expert."
    gaps = rules.table.set_index("type").gap
    assert gaps.dropna().to_dict() == {
        "prospect": "no_potential",
        "image_maker": "no_rule",
        "demanding": "no_contacts",
    }
    assert say_it(clients.sentence).startswith("1 customer has a type")


def test_complaints_need_24_months(make_facts):
    calendar = Calendar(dt.date(2024, 1, 2), dt.date(2026, 1, 1))
    rules, _ = types_of(make_facts({"a": 5.0}), interactions=complaints(a=3), calendar=calendar)
    assert rules.numbers["types.demanding.by_data_absent"] == "short_data"


def test_nobody_has_a_type(make_facts, say_it):
    _, clients = types_of(make_facts({}))
    assert clients.table.empty and say_it(clients.none) == "No client has a type."


def test_key_clients_come_first(make_facts, make_assessment):
    rated = make_assessment(**{one: {"well_known": "yes"} for one in "abc"})
    facts = make_facts({"a": 5.0, "b": 5.0, "c": 5.0} | {f"x{i}": 9.0 for i in range(12)})
    _, clients = types_of(facts, assessment=rated, keys=["c"])
    assert clients.table.customer_id.tolist() == ["c", "a", "b"]
    assert clients.numbers["key_clients_without_type"] == 0


def test_early_purchases_by_hand():
    lines = [
        ("a", "old", "2025-01-01", 5.0),  # first seen in the first 90 days: never new, and such lines are not counted
        ("a", "old", "2025-05-01", 5.0),
        (None, "new", "2025-04-01", 5.0),  # day 90: first sale of the item, by nobody known; the share of April is 1/1
        ("a", "new", "2025-05-31", 5.0),  # 60 days later: still new
        ("b", "new", "2025-06-01", 5.0),  # 61 days
        ("b", "new", "2025-06-02", -5.0),  # a return is no purchase
        ("b", "late", "2025-12-01", 5.0),
        ("b", "late", "2026-01-01", 5.0),  # not analysed
    ]
    rows = ", ".join(
        f"({f'{one!r}' if one else 'NULL'}, {item!r}, DATE '{on}', CAST({sales} AS DECIMAL(18,4)))"
        for one, item, on, sales in lines
    )
    with Engine() as engine:
        engine.view(
            "order_lines",
            f"SELECT *, NULL AS sku, false AS is_service FROM (VALUES {rows}) "
            "AS t(customer_id, item, ordered_on, net_sales)",
        )
        found = early_purchases(engine, Calendar(dt.date(2025, 1, 1), dt.date(2026, 1, 1)), RULES)
    # May: old and new, a half; a has one of two. June: 0 of 1, December: 1 of 1; b has one of two, expected a half
    assert found.values.tolist() == [["a", 2, 1, 1, 0.5], ["b", 2, 1, 1, 0.5]]


def test_demo_types(demo):
    early = early_purchases(demo.engine, demo.calendar, demo.rules)
    _, clients = client_types(
        demo.customer_facts, demo.now, early, demo.assessment, INTERACTIONS.empty(), demo.calendar, demo.rules
    )
    flagged = demo.truth["keys"]["flagged"]
    image = {key["customer_id"] for key in flagged if key["flag"] == "image"}
    expert = {key["customer_id"] for key in flagged if key["flag"] == "expert"}
    assert set(of_type(clients, "image_maker")) == image
    assert set(of_type(clients, "demanding")) == expert
    found, planted = set(of_type(clients, "innovator")), set(demo.truth["innovators"])
    # seven of ten planted innovators or more are found, and at most one in a hundred of the others is called one
    assert len(found & planted) >= 0.7 * len(planted)
    assert len(found - planted) <= 0.01 * len(demo.customer_facts)
