"""Nine signals of an account, each with its boundary, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kam_analysis.accounts import account_signals
from kam_analysis.accounts.health import months_below
from kam_analysis.accounts.pages import ACCOUNT_PAGES
from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Params
from kam_analysis.tables import CONTACTS, CONTRACTS, INTERACTIONS, PAYMENTS, SURVEY, Table

OPTIONAL = {table.name: table for table in (INTERACTIONS, CONTACTS, CONTRACTS, PAYMENTS, SURVEY)}
PAGE = {"account_id": "H", "account_name": "Vega", "members": 2, "is_key": True, "managers": 1, "is_stopped": False}
PAGE |= {"net_sales_12m": 90.0, "net_sales_before": 100.0, "change": -0.1, "orders_12m": 7, "due_members": 0}
PAGE |= {"last_order_on": "2025-12-01"}
CHOSEN = pd.DataFrame({"account_id": ["H", "H"], "customer_id": ["a", "b"]})
NO_CATEGORY = ["account_id", "category", "net_sales_12m", "net_sales_before", "last_on", "is_bought", "was_bought"]
Signals = Callable[..., pd.DataFrame]


def frame_of(table: Table, *rows: dict[str, Any]) -> pd.DataFrame:
    if not rows:
        return table.empty()
    return table.conform(pd.DataFrame(list(rows)).reindex(columns=table.names))


@pytest.fixture
def signals(make_facts, make_chances, calendar: Calendar) -> Signals:
    """The signals of one account of two customers, by name."""

    def make(
        page: dict[str, Any] | None = None,
        months: pd.DataFrame | None = None,
        categories: pd.DataFrame | None = None,
        silent: pd.DataFrame | None = None,
        chances: dict[str, dict[str, object]] | None = None,
        **optional: list[dict[str, Any]],
    ) -> pd.DataFrame:
        customers = {one: {"order_days": 9, "last_order_on": "2025-12-01", "recency_days": 31.0} for one in ("a", "b")}
        given = {name: frame_of(table, *optional.get(name, [])) for name, table in OPTIONAL.items()}
        no_months = pd.DataFrame(columns=["account_id", "month", "net_sales", "margin", "margin_base"])
        no_pairs = pd.DataFrame({"customer_id": [], "category": [], "last_on": pd.to_datetime([])})
        found = account_signals(
            frame_of(ACCOUNT_PAGES, PAGE | (page or {})),
            CHOSEN,
            make_facts(**customers),
            make_chances(**(chances or {"a": {}, "b": {}})),
            no_months if months is None else months,
            pd.DataFrame(columns=NO_CATEGORY) if categories is None else categories,
            no_pairs if silent is None else silent,
            given,
            calendar,
            Params(),
        )
        return found.table.set_index("signal")

    return make


def of_months(now: list[float], then: list[float], **more: Any) -> pd.DataFrame:
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    rates = {"margin": [30.0] * 24, "margin_base": [100.0] * 24} | more
    return pd.DataFrame({"account_id": "H", "month": months, "net_sales": [*then, *now], **rates})


def test_the_sign_test_counts_months_that_differ() -> None:
    """Of ten months that differ nine lie below: chance (10 + 1)/1024."""
    now, then = np.array([[1.0] * 9 + [3.0, 2.0, np.nan]]), np.full((1, 12), 2.0)
    assert months_below(now, then).iloc[0].round(6).tolist() == [10, 9, round(11 / 1024, 6)]


@pytest.mark.parametrize(
    ("below", "change", "verdict"),
    [(12, -0.5, "act"), (6, -0.1, "watch"), (6, -0.0999, "good"), (0, 0.2, "good"), (6, None, "few")],
)
def test_trend_by_months_then_by_the_change(signals: Signals, below: int, change: float | None, verdict: str) -> None:
    months = of_months([1.0] * below + [3.0] * (12 - below), [2.0] * 12)
    found = signals({"change": change}, months).loc["trend"]
    assert (found["verdict"], found["n"]) == (verdict, 12)


def test_who_stopped_is_to_act_on_whatever_the_months_say(signals: Signals) -> None:
    found = signals({"is_stopped": True}, of_months([3.0] * 12, [2.0] * 12))
    assert found.loc[["trend", "rhythm"], "verdict"].tolist() == ["act", "act"]


@pytest.mark.parametrize(
    ("was", "now", "silent", "verdict", "told"),
    [
        (["Tea", "Salt"], ["Tea"], [], "watch", (1, 2)),
        (["Tea"], ["Tea", "Salt"], [], "good", (1, 1)),
        (["Tea", "Salt"], ["Tea", "Salt"], ["Salt"], "act", (2, 2)),
        ([], ["Tea"], [], "few", (None, None)),
    ],
)
def test_breadth(signals: Signals, was: list[str], now: list[str], silent: list[str], verdict: str, told: Any) -> None:
    names = sorted({*was, *now})
    bought = {"is_bought": [name in now for name in names], "was_bought": [name in was for name in names]}
    categories = pd.DataFrame({"account_id": "H", "category": names, **bought})
    pairs = pd.DataFrame(
        {"customer_id": "b", "category": silent, "last_on": pd.to_datetime(["2025-06-01"] * len(silent))}
    )
    found = signals(categories=categories, silent=pairs).loc["breadth"]
    value, n = (None if pd.isna(one) else one for one in (found["value"], found["n"]))
    assert found["verdict"] == verdict and (value, n) == told


def test_the_silence_of_one_member_is_the_rhythm_of_the_group(signals: Signals) -> None:
    assert signals().loc["rhythm", ["verdict", "value", "n"]].tolist() == ["good", 31.0, 18]
    likely = signals(chances={"a": {"is_likely_silent": True}, "b": {}})
    unusual = signals(chances={"a": {}, "b": {"is_likely_silent": True, "is_unusual_silence": True}})
    assert [found.loc["rhythm", "verdict"] for found in (likely, unusual)] == ["watch", "act"]


def test_margin_falls_by_points_and_by_months(signals: Signals) -> None:
    """From 30 to 29 % is a point; with every month below it is significant (1/4096)."""
    same = [2.0] * 12
    fallen = of_months(same, same, margin=[30.0] * 12 + [29.0] * 12)
    mixed = of_months(same, same, margin=[30.0] * 12 + [40.0] * 6 + [18.0] * 6)
    found = [signals(months=months).loc["margin"] for months in (fallen, mixed, of_months(same, same))]
    assert [(one["verdict"], round(one["value"], 4), one["n"]) for one in found] == [
        ("act", -0.01, 12),
        ("watch", -0.01, 12),
        ("good", 0.0, 0),
    ]
    unknown = of_months(same, same, margin=[None] * 24, margin_base=[0.0] * 24)
    assert pd.isna(signals(months=unknown).loc["margin", "verdict"])


def test_payment_is_late_paid_late_or_overdue(signals: Signals) -> None:
    invoice = {"customer_id": "a", "amount": 10.0, "due_date": "2025-12-01", "paid_date": "2025-12-01"}
    good, late = signals(payments=[invoice]), signals(payments=[invoice, invoice | {"paid_date": "2025-12-02"}])
    open_ = signals(payments=[invoice | {"paid_date": None}])
    told = [found.loc["payment", ["verdict", "value", "n"]].tolist() for found in (good, late, open_)]
    assert told == [["good", 0.0, 1], ["watch", 0.5, 2], ["act", 1.0, 1]]
    other = signals(payments=[invoice | {"customer_id": "x"}]).loc["payment"]
    assert (other["verdict"], other["n"]) == ("few", 0)


def test_an_open_complaint_is_to_act_on_where_closings_are_recorded(signals: Signals) -> None:
    case = {"customer_id": "a", "date": "2025-11-01", "type": "complaint"}
    closed = {"customer_id": "b", "date": "2024-01-01", "type": "complaint", "closed": "2024-01-02"}
    assert signals(interactions=[case]).loc["service", "verdict"] == "watch"
    found = signals(interactions=[case, closed]).loc["service"]
    assert found[["verdict", "value", "n"]].tolist() == ["act", 1, 7]
    assert signals(interactions=[closed]).loc["service", "verdict"] == "good"


@pytest.mark.parametrize(
    ("day", "people", "verdict"), [("2025-10-03", 2, "good"), ("2025-10-02", 2, "act"), ("2025-12-31", 1, "watch")]
)
def test_contact_goes_by_the_last_meeting_then_by_the_persons(
    signals: Signals, day: str, people: int, verdict: str
) -> None:
    """90 days before the reference date is no fault, 91 are."""
    persons = [{"customer_id": "b", "person": name} for name in ("Ana", "Bojan")[:people]]
    met = [
        {"customer_id": "a", "date": day, "type": "visit"},
        {"customer_id": "a", "date": "2025-12-31", "type": "return"},
    ]
    found = signals(interactions=met, contacts=persons).loc["contact"]
    assert (found["verdict"], found["n"]) == (verdict, 1)


@pytest.mark.parametrize(
    ("question", "score", "verdict"),
    [("nps", 6, "act"), ("nps", 8, "watch"), ("nps", 9, "good"), ("csat", 2, "act"), ("csat", 4, "good")],
)
def test_survey_goes_by_the_lowest_latest_answer(signals: Signals, question: str, score: float, verdict: str) -> None:
    old = {"customer_id": "a", "date": "2025-01-01", "question": question, "score": 0.0, "respondent": "P1"}
    rows = [old, old | {"date": "2025-05-01", "score": 10.0}, old | {"respondent": "P2", "score": score}]
    found = signals(survey=rows).loc["survey"]
    assert found[["verdict", "value", "n"]].tolist() == [verdict, score, 2]


@pytest.mark.parametrize(
    ("end", "notice", "verdict", "value"),
    [
        ("2025-12-31", 0, "act", -1),
        ("2026-01-01", 0, "watch", 0),
        ("2026-04-01", 0, "watch", 90),
        ("2026-04-02", 0, "good", 91),
        ("2026-12-31", 300, "watch", 364),
        (None, 0, "good", None),
    ],
)
def test_contract_goes_by_its_end_and_notice(
    signals: Signals, end: str | None, notice: int, verdict: str, value: Any
) -> None:
    row = {"customer_id": "a", "start": "2025-01-01", "end": end, "notice": notice}
    wrong = {"customer_id": "b", "start": "2025-01-01", "end": "2024-01-01"}
    found = signals(contracts=[row, wrong]).loc["contract"]
    told = None if pd.isna(found["value"]) else found["value"]
    assert (found["verdict"], told, found["n"]) == (verdict, value, 1)


def test_a_source_with_nothing_but_orders_says_what_is_not_there(signals: Signals) -> None:
    found = signals()
    absent = ["breadth", "margin", "payment", "service", "contact", "survey", "contract"]
    assert sorted(found.index[found["verdict"].isna()]) == sorted(absent)
