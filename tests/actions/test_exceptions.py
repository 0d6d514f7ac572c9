"""Exceptions of key accounts, by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.actions.exceptions import account_exceptions
from kam_analysis.facts.account_chances import key_list_with_chances
from kam_analysis.facts.calendar import Calendar
from kam_analysis.tables import CUSTOMER_MONTHS, CUSTOMERS, INTERACTIONS, KEY_MEMBERS, KEYS, TRIGGERS
from kam_analysis.vocabulary import Decision

AS_OF = dt.date(2026, 1, 1)
ACCOUNT_OF = {"d": "d", "s1": "S", "s2": "S", "n": "n"}
VALUES = {"d": (0.99, 264.0), "s1": (0.01, 50.0), "s2": (0.02, 39.0), "n": (0.2, 20.0)}
LAST = {"d": "2025-10-15", "s1": "2025-12-20", "s2": "2025-12-20", "n": "2025-12-20"}


def _keys():
    rows = [("d", "Dunavska", 1, "Jelena", 1, 0.119), ("S", "Sava", 2, "Ivo", 5, 0.12), ("n", "Nord", 1, None, 0, 0.02)]
    frame = pd.DataFrame(rows, columns=["account_id", "account_name", "members", "manager", "managers", "share_12m"])
    filled = frame.assign(
        order=[1, 2, 3], level="company", reasons="company", membership=1.0, sureness="sure", net_sales_12m=1.0
    ).assign(orders_12m=1)
    return KEYS.conform(filled.reindex(columns=KEYS.names))


def _units(*rows):
    """Unit, n, net sales, largest account, its share, band, band before, largest share before."""
    columns = ["unit", "n", "net_sales", "largest_account_id", "largest_share", "band", "band_before", "share_before"]
    frame = pd.DataFrame(rows, columns=columns).astype({"largest_share": float, "net_sales": float})
    return frame.assign(unit_column="manager", is_small=frame["n"] < 10)


def _exceptions(triggers=(), contacts=(), customers=None, units=(), **changed):
    chances = pd.DataFrame([(c, *v) for c, v in VALUES.items()], columns=["customer_id", "lost_chance", "years_value"])
    loss = chances["lost_chance"] * chances["years_value"]
    chances = chances.assign(expected_loss=loss, is_stopped=chances["lost_chance"] >= 0.90)
    account_of = pd.Series(ACCOUNT_OF)
    members = account_of.rename("account_id").rename_axis("customer_id").reset_index()
    facts = pd.DataFrame({"customer_id": list(LAST), "last_order_on": pd.to_datetime(list(LAST.values()))})
    found = pd.DataFrame(triggers, columns=["customer_id", "trigger", "triggered_on", "cause"])
    met = pd.DataFrame(contacts, columns=["customer_id", "type", "date"]).reindex(columns=INTERACTIONS.names)
    rules = {"contract_days": 90, "visit_days": 90, "due_days": 5} | changed
    summary, calendar = pd.DataFrame({"loss_share": [1.0]}), Calendar(dt.date(2023, 1, 1), AS_OF)
    return account_exceptions(
        key_list_with_chances(_keys(), members, chances, summary, CUSTOMER_MONTHS.empty(), calendar, 0.90),
        KEY_MEMBERS.conform(members),
        chances,
        TRIGGERS.conform(found),
        _units(*units),
        facts,
        INTERACTIONS.conform(met),
        CUSTOMERS.empty() if customers is None else customers,
        AS_OF,
        **rules,
    ).set_index("account_id")


def test_an_account_that_stopped_stands_first_with_its_causes():
    found = _exceptions(
        [
            ("d", "contract", "2025-09-30", None),
            ("d", "refusal", "2025-11-24", "price"),
            ("d", "win_back", "2025-12-31", "refused"),
            ("d", "unusual_silence", "2025-10-15", None),
            ("s1", "contract", "2026-02-28", None),
            ("s2", "contract", "2026-01-31", None),
        ]
    )
    assert found.index.tolist() == ["d", "S"]
    first, second = found.loc["d"], found.loc["S"]
    assert first["stopped_on"] == pd.Timestamp("2025-10-15")
    assert pd.isna(first["silent_on"])  # said once: it has stopped
    assert (first["refused_on"], first["refusal_reason"]) == (pd.Timestamp("2025-11-24"), "price")
    assert (first["win_back_result"], first["value_touched"]) == ("refused", 264.0)
    assert first["decision"] == Decision.NEW_OFFER
    assert first["due_on"] == pd.Timestamp("2026-01-06")
    assert (second["contracts"], second["contract_ends_on"]) == (2, pd.Timestamp("2026-01-31"))
    assert (second["decision"], second["value_touched"]) == (Decision.ONE_OWNER, 89.0)


def test_only_the_members_concerned_count():
    found = _exceptions([("s2", "complaint", "2025-12-24", "late")])
    assert found.loc["S", "value_touched"] == 39.0
    assert found.loc["S", "decision"] == Decision.ANSWER


def test_an_account_without_an_exception_is_not_listed():
    assert _exceptions().index.tolist() == ["d"]  # stopped


@pytest.mark.parametrize(("day", "is_listed"), [("2025-10-03", False), ("2025-10-02", True)])
def test_nobody_in_contact_for_longer_than_the_limit(day, is_listed):
    found = _exceptions(contacts=[("n", "visit", "2025-01-01"), ("n", "call", day), ("n", "complaint", "2025-12-31")])
    assert ("n" in found.index) == is_listed
    if is_listed:
        assert found.loc["n", "no_contact_since"] == pd.Timestamp(day)


def test_who_was_never_contacted_is_alone_from_the_first_contact_on_record():
    assert "n" in _exceptions(contacts=[("d", "visit", "2025-10-02")]).index
    assert "n" not in _exceptions(contacts=[("d", "visit", "2025-10-03")]).index


def test_a_band_moved_up_is_an_exception_of_the_largest_account():
    found = _exceptions(
        units=[
            ("Ana", 12, 100.0, "n", 0.29, "watch", "none", 0.15),
            ("Bo", 12, 90.0, "n", 0.31, "high", "watch", 0.21),  # less of its sales hangs on it: 27.9 against 29
            ("Small", 9, 900.0, "S", 0.6, "critical", "none", 0.1),
            ("Fell", 12, 900.0, "S", 0.3, "watch", "high", 0.4),
            ("New", 12, 900.0, "S", 0.6, "critical", None, None),
            ("Else", 12, 900.0, "stranger", 0.6, "critical", "none", 0.1),
        ]
    )
    assert found.index.tolist() == ["d", "n"]
    one = found.loc["n"]
    assert (one["band_unit"], one["band_before"], one["band_now"]) == ("Ana", "none", "watch")
    assert (one["band_share_before"], one["band_share"], one["value_touched"]) == (0.15, 0.29, 20.0)
    assert one["decision"] == Decision.BROADEN


@pytest.mark.parametrize(("end", "is_listed"), [("2025-10-03", True), ("2025-10-02", False)])
def test_a_contract_that_ended_long_ago_is_no_exception_by_itself(end, is_listed):
    found = _exceptions([("n", "contract", end, None)])
    assert ("n" in found.index) == is_listed


def test_a_contract_that_ended_long_ago_stays_a_cause():
    found = _exceptions([("n", "contract", "2024-01-01", None), ("n", "likely_silent", "2025-12-20", None)])
    assert found.loc["n", "contract_ended_on"] == pd.Timestamp("2024-01-01")


def test_who_refuses_contact_gets_a_letter():
    customers = CUSTOMERS.conform(
        pd.DataFrame({"customer_id": ["d"], "consent": ["no"]}).reindex(columns=CUSTOMERS.names)
    )
    found = _exceptions(customers=customers)
    assert found.loc["d", "has_refused_contact"]
    assert found.loc["d", "decision"] == Decision.WRITTEN_OFFER


def test_triggers_of_other_customers_change_nothing():
    assert _exceptions([("stranger", "refusal", "2025-12-24", "price")]).equals(_exceptions())


def test_the_order_of_rows_changes_nothing():
    triggers = [("s1", "contract", "2026-02-28", None), ("s2", "refusal", "2025-12-24", "price")]
    triggers += [("s1", "refusal", "2025-12-24", "taste"), ("n", "contract", "2026-01-31", None)]
    first = _exceptions(triggers)
    for seed in range(4):
        shuffled = [triggers[i] for i in np.random.default_rng(seed).permutation(len(triggers))]
        pd.testing.assert_frame_equal(_exceptions(shuffled), first)
