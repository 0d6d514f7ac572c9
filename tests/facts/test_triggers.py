"""Triggers of contracts and contacts, by hand and at their boundaries."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.triggers import (
    category_triggers,
    contact_triggers,
    contract_triggers,
    payment_triggers,
    silence_triggers,
)
from kam_analysis.tables import CONTRACTS, INTERACTIONS, PAYMENTS, TRIGGERS

AS_OF = dt.date(2026, 1, 1)


def _contracts(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "start", "end", "notice"])
    return CONTRACTS.conform(frame.reindex(columns=CONTRACTS.names))


def _cases(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "type", "date", "reason", "result", "closed"])
    return INTERACTIONS.conform(frame.reindex(columns=INTERACTIONS.names))


def _last(**days):
    return pd.Series({customer: pd.Timestamp(day) for customer, day in days.items()})


@pytest.mark.parametrize(
    ("end", "notice", "is_trigger"),
    [
        ("2026-04-01", None, True),  # exactly 90 days ahead
        ("2026-04-02", None, False),
        ("2024-06-30", None, True),  # ended long ago, nothing newer
        ("2026-06-30", 90, True),  # notice by 1 April, exactly 90 days ahead
        ("2026-07-01", 90, False),
        ("2026-06-30", 180, True),  # notice by exactly 1 January
        ("2026-06-30", 181, False),  # the last day of notice has passed, the contract runs on
        (None, None, False),
    ],
)
def test_the_end_and_the_last_day_of_notice_decide(end, notice, is_trigger):
    found = contract_triggers(_contracts(("a", "2024-01-01", end, notice)), AS_OF, 90)
    assert len(found) == is_trigger
    if is_trigger:
        assert found["triggered_on"].tolist() == [pd.Timestamp(end)]


def test_the_contract_with_the_latest_end_counts():
    renewed = _contracts(("a", "2024-01-01", "2025-09-30", None), ("a", "2025-10-01", "2026-09-30", None))
    two_open = _contracts(("b", "2024-01-01", "2026-02-28", None), ("b", "2025-01-01", None, None))
    backwards = _contracts(("c", "2025-06-01", "2025-01-01", None))
    assert contract_triggers(pd.concat([renewed, two_open, backwards]), AS_OF, 90).empty


def test_without_contracts_there_is_no_trigger_and_the_table_keeps_its_contract():
    assert TRIGGERS.check(contract_triggers(CONTRACTS.empty(), AS_OF, 90)).empty
    assert TRIGGERS.check(contact_triggers(INTERACTIONS.empty(), _last(), AS_OF, 90, 30)).empty


def test_a_case_counts_from_the_day_of_the_last_order_on():
    cases = _cases(
        ("a", "refusal", "2025-10-15", "price", None, None),
        ("b", "refusal", "2025-10-14", "price", None, None),
        ("c", "refusal", "2026-01-01", "price", None, None),
        ("nobody", "refusal", "2025-12-01", "price", None, None),
    )
    last = _last(a="2025-10-15", b="2025-10-15", c="2025-10-15")
    assert contact_triggers(cases, last, AS_OF, 90, 30)["customer_id"].tolist() == ["a"]


def test_an_open_case_counts_although_the_customer_ordered_since():
    cases = _cases(
        ("a", "complaint", "2025-10-03", "late", None, None),  # 90 days old
        ("b", "complaint", "2025-10-02", "late", None, None),
        ("c", "complaint", "2025-12-01", "late", None, "2025-12-05"),
        ("d", "refusal", "2025-12-01", "price", None, None),  # refusals are never closed in these data
    )
    last = _last(a="2025-12-20", b="2025-12-20", c="2025-12-20", d="2025-12-20")
    assert contact_triggers(cases, last, AS_OF, 90, 30)["customer_id"].tolist() == ["a"]


@pytest.mark.parametrize(
    ("result", "day", "fails"),
    [
        ("refused", "2025-12-31", True),
        ("Order", "2025-11-01", False),
        ("agreed", "2025-11-01", False),
        ("no answer", "2025-12-31", True),
        ("will think", "2025-12-02", True),  # 30 days ago
        ("will think", "2025-12-03", False),
        (None, "2025-12-03", False),
        (None, "2025-11-01", True),
    ],
)
def test_a_win_back_fails_by_its_result(result, day, fails):
    found = contact_triggers(_cases(("a", "win-back", day, None, result, None)), _last(a="2025-09-01"), AS_OF, 90, 30)
    assert len(found) == fails


def test_the_latest_case_of_a_kind_stands_for_it_whatever_the_order_of_rows():
    cases = _cases(
        ("a", "complaint", "2025-11-01", "late delivery", None, None),
        ("a", "complaint", "2025-12-01", "damaged", None, None),
        ("a", "refusal", "2025-11-24", "price", None, None),
        ("a", "visit", "2025-12-24", None, "nothing", None),
    )
    expected = [["complaint", "damaged"], ["refusal", "price"]]
    for seed in range(5):
        shuffled = cases.sample(frac=1, random_state=np.random.default_rng(seed))
        found = contact_triggers(shuffled, _last(a="2025-10-01"), AS_OF, 90, 30)
        assert found[["trigger", "cause"]].values.tolist() == expected


@pytest.mark.parametrize(
    ("is_unusual", "is_likely", "expected"),
    [
        (True, False, ["unusual_silence"]),
        (False, True, ["likely_silent"]),
        (True, True, ["likely_silent", "unusual_silence"]),
        (False, False, []),
    ],
)
def test_silences_are_dated_by_the_last_order(is_unusual, is_likely, expected):
    chances = pd.DataFrame({"customer_id": ["a"], "is_unusual_silence": is_unusual, "is_likely_silent": is_likely})
    found = silence_triggers(chances, _last(a="2025-10-01", b="2025-10-02"))
    assert found["trigger"].tolist() == expected
    assert (found["triggered_on"] == pd.Timestamp("2025-10-01")).all()


def _payments(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "due_date", "amount", "invoice", "paid_date", "paid_amount"])
    return PAYMENTS.conform(frame)


@pytest.mark.parametrize(
    ("due", "paid_on", "paid", "is_overdue"),
    [
        ("2025-12-17", None, None, True),  # 15 days ago
        ("2025-12-18", None, None, False),  # exactly 14
        ("2025-12-01", "2025-12-20", None, False),
        ("2025-12-01", "2025-12-20", 99.0, True),  # part of it
        ("2025-12-01", "2025-12-20", 100.0, False),
        ("2025-12-01", "2026-01-01", None, True),  # paid later than is known
    ],
)
def test_a_payment_is_overdue(due, paid_on, paid, is_overdue):
    found = payment_triggers(_payments(("a", due, 100.0, "7", paid_on, paid)), AS_OF, 14)
    assert len(found) == is_overdue


def test_the_earliest_open_payment_dates_the_trigger():
    rows = _payments(("a", "2025-11-05", 1.0, "8", None, None), ("a", "2025-11-01", 1.0, "7", None, None))
    assert payment_triggers(rows, AS_OF, 14)[["cause"]].values.tolist() == [["7"]]
    assert payment_triggers(rows.iloc[:0], AS_OF, 14).empty


def test_the_silent_category_with_most_money_stands_for_the_customer():
    tested = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "category": ["paper", "coffee", "paper"],
            "net_sales_year": [5.0, 9.0, 5.0],
            "last_on": pd.to_datetime(["2025-05-01", "2025-06-01", "2025-05-01"]),
            "is_silent": [True, True, False],
        }
    )
    assert category_triggers(tested)[["customer_id", "cause"]].values.tolist() == [["a", "coffee"]]


def test_a_contract_without_an_end_is_open_and_the_latest():
    contracts = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "start": pd.to_datetime(["2024-01-01", "2025-01-01"]),
            "end": pd.to_datetime(["2025-12-31", None]),
            "notice": [None, None],
        }
    )
    assert contract_triggers(contracts, AS_OF, 90).empty
