"""Reasons of refusals, complaints and returns, why customers left, and how complaints were handled."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Retention
from kam_analysis.retention import complaint_times, leavers, leaving_classes, quality_months, reason_pareto
from kam_analysis.retention.reasons import class_of
from kam_analysis.tables import CUSTOMERS, INTERACTIONS

CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2025, 1, 1))
RULES = Retention(min_cell=2, return_days=30)


def contacts(*rows: dict[str, object]) -> pd.DataFrame:
    plain = {"customer_id": "a", "date": "2024-03-01", "type": "refusal"}
    return INTERACTIONS.conform(pd.DataFrame([plain | row for row in rows]).reindex(columns=INTERACTIONS.names))


def records(*rows: dict[str, object]) -> pd.DataFrame:
    return CUSTOMERS.conform(pd.DataFrame(list(rows)).reindex(columns=CUSTOMERS.names))


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("Дорого", "better_terms"), ("у конкурента лучше", "better_terms"), ("Понудија подобри услови", "better_terms"),
        ("Менеджер не перезванивает", "bad_service"), ("Не се јавува никој", "bad_service"), ("DAMAGED", "bad_service"),
        ("Больше не нужно", "not_needed"), ("Веќе не треба", "not_needed"), ("colour", "other"),
    ],
)  # fmt: skip
def test_classes_by_words_in_three_languages(reason: str, expected: str) -> None:
    assert class_of(reason, {}) == expected


def test_the_parameters_win_over_the_words() -> None:
    assert class_of(" Product ", {"PRODUCT": "bad_service"}) == "bad_service"
    assert class_of("price", {"price": "other"}) == "other"


def test_pareto_by_hand() -> None:
    known = contacts(
        {"reason": "price"}, {"reason": "price", "customer_id": "b"}, {"reason": "colour"}, {"reason": "attention"},
        {}, {"type": "complaint", "reason": "late"}, {"type": "visit", "reason": "price"},
        {"reason": "price", "date": "2025-01-01"},  # on the reference date
    )  # fmt: skip
    found = reason_pareto(known, CALENDAR, RULES)
    refusals = found.table[found.table["kind"] == "refusal"]
    assert refusals["reason"].fillna("-").tolist() == [
        "price",
        "attention",
        "colour",
        "-",
    ]  # ties by reason, blank last
    assert refusals["cases"].tolist() == [2, 1, 1, 1]
    assert refusals["share"].dropna().tolist() == [0.5, 0.25, 0.25]
    assert refusals["cumulated"].dropna().tolist() == [0.5, 0.75, 1]
    assert refusals["customers"].iloc[0] == 2
    assert found.numbers == {
        "reasons.refusal": 5, "reasons.complaint": 1, "reasons.return": 0, "reasons.uncoded": 1,
    }  # fmt: skip


def test_pareto_says_what_is_missing() -> None:
    assert reason_pareto(INTERACTIONS.empty(), CALENDAR, RULES).absent.values["table"] == "interactions"
    assert reason_pareto(contacts({"type": "visit"}), CALENDAR, RULES).absent is not None
    assert reason_pareto(contacts({}), CALENDAR, RULES).numbers["reasons.refusal_absent"] == "no reason is given"


def test_the_record_wins_over_the_last_refusal() -> None:
    refused = contacts(
        {"reason": "price"},
        {"reason": "no longer needed", "date": "2024-04-01"},
        {"customer_id": "b", "reason": "price"},
    )
    lost = records(
        {"customer_id": "b", "lost_on": "2024-06-01", "lost_reason": "Bad service", "recoverable": "Yes"},
        {"customer_id": "c", "lost_on": "2025-01-01", "lost_reason": "price"},  # not known yet
        {"customer_id": "d"},
    )
    found = leavers(refused, lost, CALENDAR, RULES).set_index("customer_id")
    assert found["reason_class"].to_dict() == {"a": "not_needed", "b": "bad_service"}
    assert found.loc["b", "recoverable"] == "yes"


def test_classes_of_leavers_by_hand(make_frames) -> None:
    left = leavers(
        contacts(
            {"customer_id": "a", "reason": "price"}, {"customer_id": "b", "reason": "price"},
            {"customer_id": "c", "reason": "attention"}, {"customer_id": "d", "reason": "closed"},
            {"customer_id": "e", "reason": "price", "date": "2024-12-20"},
        ),
        records({"customer_id": "d", "lost_on": "2024-03-01", "lost_reason": "closed", "recoverable": "no"}),
        CALENDAR,
        RULES,
    )  # fmt: skip
    # a comes back on day 30, b on day 31, e was followed for 12 days only
    orders, _ = make_frames([("a", "2024-03-31", 1.0), ("b", "2024-04-01", 1.0), ("e", "2024-12-24", 1.0)])
    sales = pd.DataFrame({"customer_id": ["a", "b"], "net_sales_year": [70.0, 30.0]})
    found = leaving_classes(left, sales, orders, CALENDAR, RULES)
    rows = found.table.set_index("reason_class")
    names = ["customers", "share", "net_sales_year", "recoverable", "followed", "return_share"]
    assert rows.loc["better_terms", names].tolist() == [3, 0.6, 100, 3, 2, 0.5]
    assert rows.loc["bad_service", ["customers", "recoverable"]].tolist() == [1, 1]
    assert rows.loc["not_needed", ["customers", "recoverable"]].tolist() == [1, 0]
    assert rows.loc["bad_service", "share"] == 0.2  # of five leavers
    assert pd.isna(rows.loc["bad_service", "return_share"])  # of one followed
    assert found.numbers["leaving.recoverable"] == 0.8
    assert "other" not in found.sentence.values
    closed = pd.DataFrame({"customer_id": ["a", "d"], "net_sales_year": [70.0, 71.0]})
    by_sales = leaving_classes(left, closed, orders, CALENDAR, RULES).sentence.values
    assert (by_sales["first"], by_sales["other"], by_sales["money"]) == ("better_terms", "not_needed", 71)
    assert found.numbers["leaving.attention"] == 0.2


def test_no_leaver_is_absent(make_frames) -> None:
    left = leavers(INTERACTIONS.empty(), CUSTOMERS.empty(), CALENDAR, RULES)
    found = leaving_classes(left, pd.DataFrame(), make_frames([("a", "2024-01-01", 1.0)])[0], CALENDAR, RULES)
    assert "lost_reason" in found.absent.template


def complaint(**given: object) -> dict[str, object]:
    return {"type": "complaint", "date": "2024-03-01", "opened_at": "2024-03-01"} | given


def test_complaint_times_by_hand() -> None:
    known = contacts(
        complaint(answered_at="2024-03-01", closed="2024-03-03", reason="late"),
        complaint(answered_at="2024-03-03", closed="2024-03-09", reason="late"),
        complaint(date="2024-12-27", opened_at=None, answered_at=None, closed=None),  # open for 5 days
        complaint(date="2024-12-30", opened_at="2024-12-22", answered_at="2024-12-26", closed="2025-01-01"),
    )
    found = complaint_times(known, CALENDAR, RULES)
    whole = found.table[found.table["reason"].isna()].set_index("step")
    # answers after 0, 2, 4 days and 5+: 1/4 done at once, half within 2; closed after 2, 8 and 5+, 10+
    assert whole.loc["answered_at", ["complaints", "open", "median_days", "share_3d"]].tolist() == [4, 1, 2, 0.5]
    assert whole.loc["closed", ["open", "median_days"]].tolist() == [2, 8]
    assert found.numbers["complaints.open"] == 2
    late = found.table[found.table["reason"] == "late"].set_index("step")
    assert late.loc["closed", ["complaints", "p90_days"]].tolist() == [2, 8]


def test_complaint_times_without_answers_or_complaints() -> None:
    only_closed = complaint_times(contacts(complaint(closed="2024-03-03"), complaint(closed=None)), CALENDAR, RULES)
    assert only_closed.table["step"].unique().tolist() == ["closed"] and only_closed.caveats
    assert only_closed.numbers["complaints.answer_median_days"] is None
    assert complaint_times(INTERACTIONS.empty(), CALENDAR, RULES).absent is not None
    assert complaint_times(contacts({}), CALENDAR, RULES).absent is not None
    assert complaint_times(contacts(complaint()), CALENDAR, RULES).absent is not None


def test_rates_per_hundred_orders_by_hand(make_frames) -> None:
    orders, _ = make_frames([("a", "2024-02-10", 1.0), ("b", "2024-02-11", 1.0), ("a", "2024-03-05", 1.0)])
    known = contacts({"type": "complaint", "date": "2024-02-20"}, {"type": "return", "date": "2024-04-02"})
    found = quality_months(known, orders, Calendar(dt.date(2024, 2, 1), dt.date(2024, 4, 15)))
    rows = found.table.set_index("month")
    assert rows.index.strftime("%Y-%m").tolist() == ["2024-03", "2024-02"]  # April is not complete
    assert rows["complaints_per_100"].tolist() == [0, 50]
    assert found.numbers["complaints.per_100_12m"] == pytest.approx(100 / 3)
    assert quality_months(INTERACTIONS.empty(), orders, CALENDAR).absent is not None
