"""The optional tables hold together: keys, dates, words, and gaps where a real one has gaps."""

import datetime as dt
import unicodedata
from collections import Counter


def script_of(name):
    letters = [unicodedata.name(letter) for letter in name if letter.isalpha()]
    return Counter("cyrillic" if letter.startswith("CYRILLIC") else "latin" for letter in letters).most_common(1)[0][0]


def test_names_come_in_both_scripts_and_several_languages(customers):
    scripts = Counter(script_of(row["name"]) for row in customers.values())
    assert min(scripts["latin"], scripts["cyrillic"]) >= 150
    letters = set("".join(row["name"] for row in customers.values()))
    assert set("ЃЌЅЏЉЩЁъщĐČŠŽüßé„“«»\"'&,") <= letters
    forms = ("ДООЕЛ", "DOOEL", "ООО", "d.o.o.", "ЕООД", "GmbH", "Ltd", "sh.p.k.")
    assert all(any(form in row["name"] for row in customers.values()) for form in forms)


def test_customers_of_other_tables_are_in_the_customers_table(tables, customers, truth):
    listed = set(customers)
    assert len(truth["archetypes"]) - len(listed) == 5
    assert listed < set(truth["archetypes"])
    for name in ("assessment", "survey", "interactions", "contracts", "contacts"):
        assert {row["customer_id"] for row in tables[name]} <= set(truth["archetypes"])


def test_managers_are_those_on_the_lines_but_the_one_who_left(tables, customers, orders_by_file):
    on_lines = {row["manager"] for rows in orders_by_file.values() for row in rows if row["manager"]}
    listed = {row["manager_id"] for row in tables["managers"]}
    assert on_lines - listed == {"Tome Arsov"}
    assert listed < on_lines
    assert len(listed) == 16
    assert {row["manager"] for row in customers.values()} <= listed
    departments = {row["department"] for rows in orders_by_file.values() for row in rows}
    assert departments == {row["department"] for row in tables["managers"]}
    assert len(departments) == 5


def test_keys_of_tables_are_unique(tables):
    for name, key in (("customers", "customer_id"), ("managers", "manager_id"), ("assessment", "customer_id")):
        assert len({row[key] for row in tables[name]}) == len(tables[name])
    assert len({row["task_id"] for row in tables["tasks_done"]}) == len(tables["tasks_done"])


def test_dates_are_dates_of_the_data(tables):
    for name in ("survey", "interactions", "spend"):
        days = [dt.date.fromisoformat(row["date"]) for row in tables[name]]
        assert dt.date(2023, 7, 1) <= min(days) <= max(days) <= dt.date(2025, 12, 31)
    for row in tables["interactions"]:
        assert not row["closed"] or row["closed"] >= row["date"]
    for row in tables["contracts"]:
        assert row["start"] < row["end"]


def test_words_and_scales_are_the_known_ones(tables):
    assert {row["type"] for row in tables["interactions"]} == {
        *("visit", "call", "complaint", "return", "refusal", "win-back")
    }
    assert {row["kind"] for row in tables["spend"]} == {"acquisition", "retention"}
    assert {row["question"] for row in tables["survey"]} == {"nps", "csat"}
    for row in tables["survey"]:
        assert 0 <= int(row["score"]) <= (10 if row["question"] == "nps" else 5)
    for row in tables["assessment"]:
        assert {row["well_known"], row["demanding"], row["can_dictate"], row["reference_customer"]} <= {"yes", "no"}
        assert all(0 <= int(row[column] or 0) <= 5 for column in ("strategic", "brand", "relationship_strength"))
    for row in tables["purchase_terms"]:
        assert 0 <= float(row["discount"]) < 0.2


def test_flags_are_exactly_the_planted_ones(tables, truth):
    flagged = {key["customer_id"]: key["flag"] for key in truth["keys"]["flagged"]}
    for row in tables["assessment"]:
        assert (row["well_known"] == "yes") == (flagged.get(row["customer_id"]) == "image")
        assert (row["demanding"] == "yes") == (flagged.get(row["customer_id"]) == "expert")
    rated = {row["customer_id"]: row for row in tables["assessment"]}
    assert all(rated[customer]["strategic"] == "5" for customer in flagged)


def test_both_waves_are_large_enough_for_a_score(tables):
    waves = Counter(row["wave"] for row in tables["survey"] if row["question"] == "nps")
    assert sorted(waves) == ["2024-11", "2025-11"]
    assert min(waves.values()) >= 90


def test_lack_of_attention_is_the_first_reason_to_leave(tables):
    reasons = Counter(row["reason"] for row in tables["interactions"] if row["type"] == "refusal")
    assert reasons.most_common(1)[0][0] == "attention"
    assert sum(reasons.values()) >= 30


def test_records_of_leavers_agree_with_the_refusals(tables):
    lost = {row["customer_id"]: row for row in tables["customers"] if row["lost_reason"]}
    refused = {row["customer_id"]: row["reason"] for row in tables["interactions"] if row["type"] == "refusal"}
    both = set(lost) & set(refused)
    assert len(lost) >= 30 and len(both) >= 10
    assert all(lost[customer]["lost_reason"] == refused[customer] for customer in both)
    assert {row["recoverable"] for row in lost.values()} == {"yes", "no", ""}


def test_complaints_are_answered_before_they_are_closed(tables):
    complaints = [row for row in tables["interactions"] if row["type"] == "complaint"]
    assert all(row["opened_at"] == row["date"] for row in complaints)
    answered = [row for row in complaints if row["answered_at"]]
    assert 0 < len(answered) < len(complaints)
    assert all(row["opened_at"] <= row["answered_at"] <= (row["closed"] or "2026") for row in answered)


def test_tables_have_gaps(tables):
    for name, column in (
        ("customers", "tax_id"),
        ("customers", "size"),
        ("assessment", "wallet"),
        ("assessment", "expected_loss_prob"),
        ("survey", "text"),
        ("interactions", "cost"),
        ("contracts", "notice"),
        ("contacts", "birthday"),
    ):
        blank = sum(not row[column] for row in tables[name])
        assert 0 < blank < len(tables[name])
