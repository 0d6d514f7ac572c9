"""Contracts, payments, events and questions of an account, by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from kam_analysis import accounts
from kam_analysis.accounts.contracts import ACCOUNT_CONTRACTS
from kam_analysis.accounts.events import ACCOUNT_EVENTS
from kam_analysis.accounts.health import ACCOUNT_SIGNALS
from kam_analysis.accounts.pages import ACCOUNT_MEMBERS, ACCOUNT_PAGES
from kam_analysis.accounts.sales import ACCOUNT_CATEGORIES
from kam_analysis.facts.calendar import Calendar
from kam_analysis.tables import CONTACTS, CONTRACTS, CUSTOMER_ORDERS, INTERACTIONS, PAYMENTS, Table

HEAD = {"account_id": "H", "account_name": "Vega", "members": 1, "is_key": True, "managers": 1, "is_stopped": True}
HEAD |= {"net_sales_12m": 1.0, "orders_12m": 1, "due_members": 0}
MEMBER = {"account_id": "H", "customer_id": "a", "customer_name": "Vega", "net_sales_12m": 1.0, "manager": "Ana"}
MEMBER |= {"last_order_on": "2025-10-15"}


def frame_of(table: Table, *rows: dict[str, Any]) -> pd.DataFrame:
    return table.conform(pd.DataFrame(list(rows)).reindex(columns=table.names)) if rows else table.empty()


HEADS, MEMBERS = frame_of(ACCOUNT_PAGES, HEAD), frame_of(ACCOUNT_MEMBERS, MEMBER)


def test_bought_is_held_against_the_yearly_value_by_days(lines, calendar: Calendar) -> None:
    """73 of 365 days have passed, 20 % of 1,000; both ends count, the day before does not."""
    engine = lines(("a", "2025-10-19", 999.0, {}), ("a", "2025-10-20", 60.0, {}), ("a", "2025-12-31", 90.0, {}),
                   ("b", "2025-12-31", 5.0, {}))  # fmt: skip
    row = {"customer_id": "a", "start": "2025-10-20", "end": "2026-10-19", "value": 1000.0, "notice": 30.0}
    wrong = {"customer_id": "a", "start": "2025-01-01", "end": "2024-01-01"}
    found = accounts.account_contracts(engine, frame_of(CONTRACTS, row, wrong), MEMBERS, HEADS, calendar)
    told = found.table.iloc[0]
    assert told[["net_sales_bought", "agreed", "met"]].tolist() == [150.0, 200.0, 0.75]
    assert str(told["notice_on"])[:10] == "2026-09-19"
    assert found.numbers == {"contracts.accounts": 1, "contracts.below": 1, "contracts.wrong": 1}
    assert found.caveats[0].text.values == {"n": 1, "ids": ["a"]}


def test_a_contract_that_has_ended_or_not_begun_counts_its_own_days_only(lines, calendar: Calendar) -> None:
    engine = lines(("a", "2025-06-30", 40.0, {}), ("a", "2025-07-01", 9.0, {}))
    ended = {"customer_id": "a", "start": "2025-06-01", "end": "2025-06-30", "value": 365.0}
    ahead = {"customer_id": "a", "start": "2026-02-01", "end": "2026-12-31", "value": 365.0}
    one = accounts.account_contracts(engine, frame_of(CONTRACTS, ended), MEMBERS, HEADS, calendar).table.iloc[0]
    other = accounts.account_contracts(engine, frame_of(CONTRACTS, ahead), MEMBERS, HEADS, calendar).table.iloc[0]
    assert one[["net_sales_bought", "agreed"]].tolist() == [40.0, 30.0]
    assert other["net_sales_bought"] == 0.0 and pd.isna(other["agreed"]) and pd.isna(other["met"])


def test_the_calendar_holds_ends_and_notices_of_six_months(lines, calendar: Calendar) -> None:
    engine = lines(("a", "2025-06-30", 40.0, {}))
    row = {"customer_id": "a", "start": "2025-01-01", "end": "2026-06-30", "notice": 180.0, "value": 10.0}
    contracts = accounts.account_contracts(engine, frame_of(CONTRACTS, row), MEMBERS, HEADS, calendar)
    found = accounts.contract_dates(contracts, MEMBERS, calendar)
    days = [(str(day)[:10], what) for day, what in found.table[["on", "what"]].values]
    assert days == [("2026-01-01", "notice"), ("2026-06-30", "end")] and found.sentence.values == {"n": 1}
    later = accounts.account_contracts(
        engine, frame_of(CONTRACTS, row | {"end": "2026-07-01"}), MEMBERS, HEADS, calendar
    )
    assert accounts.contract_dates(later, MEMBERS, calendar).table["what"].tolist() == ["notice"]


def invoice(due: str, paid: str | None, **more: Any) -> dict[str, Any]:
    return {"customer_id": "a", "due_date": due, "paid_date": paid, "amount": 10.0} | more


def test_open_invoices_count_in_the_days_late(calendar: Calendar) -> None:
    """0, 10 and 30 days late, open for 20: after 10 days ½ are unpaid; the open one leaves at 20, so 0 after 30."""
    rows = [
        invoice("2025-09-01", "2025-08-30"),
        invoice("2025-09-01", "2025-09-11"),
        invoice("2025-09-01", "2025-10-01"),
        invoice("2025-12-12", None),
        invoice("2026-01-01", None),  # not due yet
    ]
    orders = CUSTOMER_ORDERS.empty()
    found = accounts.account_payments(frame_of(PAYMENTS, *rows), orders, MEMBERS, HEADS, calendar, 14)
    told = found.table.iloc[0]
    assert told[["invoices", "open", "overdue", "overdue_share"]].tolist() == [4, 1, 10.0, 0.25]
    assert told[["median_days", "p90_days", "late_share"]].tolist() == [10.0, 30.0, 0.75] and pd.isna(
        told["late_before"]
    )
    alone = accounts.account_payments(frame_of(PAYMENTS, rows[3]), orders, MEMBERS, HEADS, calendar, 14).table.iloc[0]
    assert pd.isna(alone["median_days"])


def test_an_invoice_paid_before_its_order_is_named_and_left_out(calendar: Calendar) -> None:
    order = {"customer_id": "a", "order_id": "7", "ordered_on": "2025-06-01", "net_sales": 10.0, "order_no": 1}
    rows = [invoice("2025-07-01", "2025-05-31", invoice="7"), invoice("2025-07-01", "2025-06-01", invoice="8")]
    found = accounts.account_payments(
        frame_of(PAYMENTS, *rows), frame_of(CUSTOMER_ORDERS, order), MEMBERS, HEADS, calendar, 14
    )
    assert found.numbers["payments.wrong"] == 1 and found.table["invoices"].tolist() == [1]
    assert found.caveats[0].text.values["ids"] == ["7"]


def test_without_contracts_and_payments_it_is_said(lines, calendar: Calendar) -> None:
    contracts = accounts.account_contracts(
        lines(("a", "2025-06-30", 4.0, {})), CONTRACTS.empty(), MEMBERS, HEADS, calendar
    )
    payments = accounts.account_payments(PAYMENTS.empty(), CUSTOMER_ORDERS.empty(), MEMBERS, HEADS, calendar, 14)
    dates = accounts.contract_dates(contracts, MEMBERS, calendar)
    assert None not in (contracts.absent, payments.absent, dates.absent)


def test_the_story_of_an_account_by_date(calendar: Calendar) -> None:
    def met(day: str, what: str, **more: Any) -> dict[str, Any]:
        return {"customer_id": "a", "date": day, "type": what} | more

    seen = frame_of(
        INTERACTIONS,
        met("2025-11-24", "refusal", reason="price"),
        met("2025-08-04", "visit", result="nothing"),
        met("2025-03-04", "visit"),
        met("2024-12-31", "complaint"),  # before the 12 months
        met("2026-01-01", "complaint"),  # not known yet
    )
    row = {
        "account_id": "H",
        "account_name": "Vega",
        "customer_id": "a",
        "customer_name": "Vega",
        "net_sales_bought": 0.0,
    }
    row |= {"start": "2025-01-01", "end": "2025-09-30", "notice_on": "2025-07-02"}
    found = accounts.account_events(seen, frame_of(ACCOUNT_CONTRACTS, row), MEMBERS, HEADS, calendar).table
    told = [(str(day)[:10], event) for day, event in found[["on", "event"]].values]
    assert told == [
        ("2025-07-02", "notice"),
        ("2025-08-04", "visit"),
        ("2025-09-30", "contract_end"),
        ("2025-10-15", "last_order"),
        ("2025-11-24", "refusal"),
    ]
    assert found["is_weighty"].tolist() == [False, False, True, True, True]
    assert found["detail"].tolist()[-1] == "price"


def test_people_stand_by_influence_level_and_name() -> None:
    rows = [{"customer_id": "a", "person": name} for name in ("Eva", "Ana", "Bo", "Cy")]
    rows[1] |= {"influence": "low"}
    rows[2] |= {"influence": "High", "level": "staff"}
    rows[3] |= {"influence": "high", "level": "top"}
    found = accounts.account_people(frame_of(CONTACTS, *rows), MEMBERS).table
    assert found["person"].tolist() == ["Cy", "Bo", "Ana", "Eva"]


@pytest.mark.parametrize(("met", "question"), [(0.89, "less"), (0.9, None), (1.09, None), (1.1, "more")])
def test_questions_come_from_signals_refusals_categories_and_contracts(
    calendar: Calendar, met: float, question: str | None
) -> None:
    def signal(name: str, verdict: str) -> dict[str, Any]:
        return {"account_id": "H", "account_name": "Vega", "signal": name, "verdict": verdict, "dated_on": "2025-09-30"}

    signals = frame_of(ACCOUNT_SIGNALS, signal("contract", "act"), signal("service", "act"), signal("trend", "act"))
    event = {"account_id": "H", "customer_id": "a", "customer_name": "Vega", "on": "2025-11-24", "event": "refusal"}
    events = frame_of(ACCOUNT_EVENTS, event | {"detail": "price", "is_weighty": True})
    category = {"account_id": "H", "category": "Tea", "net_sales_12m": 1.0, "last_on": "2025-05-01", "is_silent": True}
    contract = {
        "account_id": "H",
        "account_name": "Vega",
        "customer_id": "a",
        "customer_name": "Vega",
        "net_sales_bought": 0.0,
    }
    contracts = frame_of(ACCOUNT_CONTRACTS, contract | {"start": dt.date(2025, 1, 1), "met": met})
    found = accounts.account_questions(
        signals, events, frame_of(ACCOUNT_CATEGORIES, category), contracts, calendar
    ).table
    assert found["question"].tolist() == ["complaint", "refusal", "ended", "silent", *([question] if question else [])]
    assert found["place"].tolist() == list(range(1, len(found) + 1))
    empty = accounts.account_questions(*(frame.iloc[:0] for frame in (signals, events)), ACCOUNT_CATEGORIES.empty(),
                                       ACCOUNT_CONTRACTS.empty(), calendar)  # fmt: skip
    assert empty.table.empty


def test_a_company_without_a_dossier_has_none_of_it(lines, calendar: Calendar) -> None:
    nobody, heads = MEMBERS.iloc[:0], HEADS.iloc[:0]
    row = frame_of(CONTRACTS, {"customer_id": "a", "start": "2025-01-01", "end": "2026-06-30", "value": 10.0})
    seen = frame_of(INTERACTIONS, {"customer_id": "a", "date": "2025-11-24", "type": "visit"})
    contracts = accounts.account_contracts(lines(("a", "2025-06-30", 4.0, {})), row, nobody, heads, calendar)
    found = (
        contracts,
        accounts.contract_dates(contracts, nobody, calendar),
        accounts.account_payments(
            frame_of(PAYMENTS, invoice("2025-09-01", None)), CUSTOMER_ORDERS.empty(), nobody, heads, calendar, 14
        ),
        accounts.account_events(seen, contracts.table, nobody, heads, calendar),
        accounts.account_people(frame_of(CONTACTS, {"customer_id": "a", "person": "Ana"}), nobody),
    )
    assert [len(finding.table) for finding in found] == [0] * 5
