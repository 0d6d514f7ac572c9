"""Who stayed: shares, bridge, period rule, key clients on the list frozen at the start."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import KeyClients, Params, Retention
from kam_analysis.report.language import Language
from kam_analysis.retention import how_sensitive, key_clients_stayed, shorter_periods, who_stayed
from kam_analysis.retention.keys import KEY_RETENTION

APRIL = dt.date(2024, 4, 1)
CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2024, 4, 10))  # complete: January to March; the period is March
RULES = Retention()
COMPANY = Params(key_clients=KeyClients(admit=("company",), weight_draws=20))
SALES = [
    ("kept", "2024-01-01", 50.0),
    ("kept", "2024-02-10", 50.0),
    ("kept", "2024-03-10", 20.0),
    ("lost", "2024-02-05", 70.0),
    ("back", "2024-01-20", 10.0),
    ("back", "2024-03-20", 10.0),
    ("new", "2024-03-31", 5.0),
    ("new", "2024-04-02", 5.0),
]
CHANCES = pd.DataFrame(
    {"customer_id": ["giant"], "lost_chance": [0.5], "years_value": [10.0], "expected_loss": [5.0], "is_stopped": False}
)


def test_numbers_and_bridge_by_hand(make_frames) -> None:
    orders, _ = make_frames(SALES)
    found = who_stayed(orders, CALENDAR, RULES)
    assert dict(found.numbers) == {
        "period_months": 1,
        "period_start": "2024-03-01",
        "period_end": "2024-04-01",
        "S": 2,  # kept, lost
        "E": 3,  # kept, back, new
        "N": 1,
        "retained": 1,
        "reactivated": 1,
        "crr_formula": 1.0,  # (3 − 1)/2
        "retained_share": 0.5,
    }
    assert found.table["customers"].tolist() == [2, -1, 1, 1, 3]
    steps = found.table.set_index("step")["customers"]
    assert steps[["start", "lost", "reactivated", "new"]].sum() == steps["end"]


def test_one_buyer_is_not_one_of_one(make_frames) -> None:
    for again, said in ((["2024-03-05"], "ordered again"), ([], "did not order again")):
        orders, _ = make_frames([("a", day, 5.0) for day in ("2024-01-05", "2024-02-05", *again)])
        found = who_stayed(orders, CALENDAR, RULES)
        assert Language().text(found.sentence) == f"The only buyer of Feb 2024 {said} in Mar 2024"


def test_no_complete_base_is_absent_and_never_zero(make_frames) -> None:
    orders, _ = make_frames(SALES[:1])
    found = who_stayed(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 10)), RULES)
    assert found.absent is not None
    assert found.numbers["retained_share"] is None and found.numbers["S"] is None
    assert found.numbers["crr_formula_absent"]
    assert found.table.empty


def test_an_empty_base_has_counts_but_no_share(make_frames) -> None:
    orders, _ = make_frames([("a", "2024-01-01", 1.0), ("b", "2024-03-05", 1.0)])
    found = who_stayed(orders, CALENDAR, RULES)
    assert (found.numbers["S"], found.numbers["E"], found.numbers["N"]) == (0, 1, 1)
    assert found.numbers["retained_share"] is None
    assert found.numbers["retained_share_absent"] == "nobody ordered in the base period"


def test_every_length_that_the_data_allow_stands_beside_the_headline(make_frames) -> None:
    orders, _ = make_frames([("a", f"20{year}-{month:02}-03", 1.0) for year in (22, 23) for month in range(1, 13)])
    calendar = Calendar(dt.date(2022, 1, 3), dt.date(2024, 1, 1))
    found = shorter_periods(orders, calendar, RULES)
    assert found.table["period_months"].tolist() == [12, 3, 1]
    assert found.table["is_headline"].tolist() == [True, False, False]
    assert found.table["retained_share"].tolist() == [1.0, 1.0, 1.0]
    late = shorter_periods(orders, Calendar(dt.date(2022, 1, 4), dt.date(2024, 1, 1)), RULES)
    assert late.table["period_months"].tolist() == [3, 1]  # January 2022 is no complete month from day 4 on
    chosen = shorter_periods(orders, calendar, Retention(period_months=2))
    assert chosen.table.loc[chosen.table["is_headline"], "period_months"].tolist() == [2]


@pytest.fixture
def stayed(make_frames, make_lists):
    def make(sales, facts, chances=CHANCES, calendar=CALENDAR, params=COMPANY):
        lists = make_lists(sales, calendar, params, dict(zip(facts["customer_id"], facts["parent_id"], strict=True)))
        found = key_clients_stayed(facts, *make_frames(sales), calendar, lists, params, chances, 1.0)
        KEY_RETENTION.check(found.table)
        return found

    return make


def test_key_list_is_frozen_at_the_start(stayed, make_facts) -> None:
    sales = [
        ("giant then", "2024-02-05", 900.0),
        ("small then", "2024-02-05", 50.0),
        ("small then", "2024-03-01", 9000.0),  # key today, not then
    ]
    found = stayed(sales, make_facts({"giant then": {"customer_name": "Giant"}, "small then": {}}))
    assert found.table["account_name"].tolist() == ["Giant"]
    assert found.table["share"].tolist() == pytest.approx([900 / 950])
    assert (found.numbers["key.S"], found.numbers["key.retained_share"]) == (1, 0.0)
    assert (found.numbers["key.grr"], found.numbers["key.nrr"]) == (0.0, 0.0)


def test_a_group_is_one_account_that_stayed_when_any_member_ordered(stayed, make_facts) -> None:
    sales = [
        ("a", "2024-02-05", 600.0),
        ("b", "2024-02-06", 300.0),
        ("b", "2024-03-05", 500.0),  # a did not order again, b did: 900 then, 500 and 100 of a new member now
        ("c", "2024-03-31", 100.0),
        ("alone", "2024-02-05", 200.0),
        ("alone", "2024-03-05", -50.0),
    ]
    found = stayed(sales, make_facts({who: {"parent_id": "H"} for who in "abc"} | {"alone": {}}))
    table = found.table.set_index("account_id")
    assert table.loc["H", ["members", "was_active", "is_retained", "net_sales_then", "net_sales_now"]].tolist() == [
        3, True, True, 900, 600,
    ]  # fmt: skip
    assert (found.numbers["key.S"], found.numbers["key.retained"]) == (2, 1)
    assert found.numbers["key.nrr"] == found.numbers["key.grr"] == 600 / 1100
    assert found.table["account_id"].tolist() == ["H", "alone"]  # fell by 300 and by 250


def test_every_reason_of_the_key_list_counts(stayed, make_facts) -> None:
    sales = [(f"c{place:02}", "2024-02-05", 100.0 + place) for place in range(20)]  # nobody is above 10 %
    facts = make_facts({who: {} for who, *_ in sales})
    assert stayed(sales, facts).absent is not None
    found = stayed(sales, facts, params=Params())
    assert found.numbers["key.S"] == 5  # the largest five by volume, among them the three best by score
    assert found.table["level_then"].unique().tolist() == ["volume"]


def test_a_key_client_that_stayed_and_stopped_since_is_named(stayed, make_facts) -> None:
    sales = [("giant", "2024-02-05", 900.0), ("giant", "2024-03-05", 900.0), ("b", "2024-02-05", 1.0)]
    facts = make_facts({"giant": {"customer_name": "Giant"}, "b": {}})
    for chance, is_named in ((0.90, True), (0.89, False)):
        now = CHANCES.assign(lost_chance=chance, expected_loss=10 * chance, is_stopped=chance >= 0.90)
        texts = [Language().text(caveat.text) for caveat in stayed(sales, facts, now).caveats]
        assert any("have stopped since: Giant." in text for text in texts) == is_named


def test_a_key_client_without_an_order_in_the_base_neither_stayed_nor_left(stayed, make_facts) -> None:
    sales = [
        ("paused", "2024-01-05", 500.0),  # no order in February, so March cannot tell whether it stayed
        ("paused", "2024-03-05", 100.0),
        ("kept", "2024-02-05", 500.0),
        ("kept", "2024-03-05", 500.0),
    ]
    found = stayed(sales, make_facts({"paused": {}, "kept": {}}))
    flags = found.table.set_index("account_id")[["was_active", "is_retained"]]
    assert flags.loc["paused"].tolist() == [False, False] and flags.loc["kept"].tolist() == [True, True]
    assert Language().text(found.sentence) == (
        "Key clients of 1 Mar 2024: 2; ordered in Feb 2024: 1, again in Mar 2024: 1"
    )
    assert "was_active" in found.show


def test_the_lists_are_those_of_the_days_from_which_the_room_looks_ahead(make_lists) -> None:
    sales = [("old", "2023-03-31", 900.0), ("in", "2023-04-01", 100.0), ("after", "2024-04-01", 500.0)]
    calendar = Calendar(dt.date(2022, 1, 1), dt.date(2025, 4, 20))
    lists = make_lists(sales, calendar, COMPANY)
    assert {day: list(found.keys["account_id"]) for day, found in lists.items()} == {
        APRIL: ["in"],  # the last 12 complete months, and the period of 12 months before their end
        dt.date(2024, 4, 20): ["after"],
    }


def test_sensitivity_by_hand(make_frames) -> None:
    # waiting for April (P = 1): in March (W = 1) b ordered, again in April -> 1 of 1;
    # in February and March (W = 2) a and b, of whom b again -> 1 of 2; c is new in April
    days = [("a", "2024-02-10"), ("b", "2024-03-10"), ("b", "2024-04-10"), ("c", "2024-04-11"), ("a", "2024-01-02")]
    orders, _ = make_frames([(who, day, 1.0) for who, day in days])
    calendar = Calendar(dt.date(2024, 1, 2), dt.date(2024, 5, 1))
    found = how_sensitive(orders, calendar, Retention(sensitivity_months=(1, 2)))
    cells = found.table.set_index(["window_months", "period_months"])
    assert cells.loc[(1, 1), ["base_buyers", "retained_share", "crr_formula"]].tolist() == [1, 1, 1]
    assert cells.loc[(2, 1), ["base_buyers", "retained_share", "crr_formula"]].tolist() == [2, 0.5, 0.5]
    assert cells["is_definition"].tolist() == [True, False, False, True]
    assert (found.numbers["sensitivity.lowest"], found.numbers["sensitivity.highest"]) == (0, 1)


def test_the_definition_of_the_sensitivity_is_the_headline(online_retail) -> None:
    calendar = Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10))
    cells = how_sensitive(online_retail[0], calendar, Retention()).table.set_index(["window_months", "period_months"])
    assert cells.loc[(3, 3), ["base_buyers", "retained_buyers"]].tolist() == [1948, 1328]
    assert (12, 12) not in cells.index


def test_sensitivity_without_two_complete_months_is_absent(make_frames) -> None:
    orders, _ = make_frames([("a", "2024-01-02", 1.0)])
    found = how_sensitive(orders, Calendar(dt.date(2024, 1, 2), dt.date(2024, 2, 1)), Retention())
    assert found.absent is not None and found.numbers["sensitivity.lowest"] is None
