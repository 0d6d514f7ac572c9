"""Whom to call: by triggers, in the order of expected loss; who refused apart, what is done gone; odd input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kam_analysis.actions import (
    call_list,
    calls_done,
    calls_tile,
    customers_to_call,
    find_triggers,
    last_contacts,
    manager_calls,
    refused_contact,
    task_results,
)
from kam_analysis.actions.calls import CALL_LIST, CALLS_DONE, MANAGER_CALLS, REASON, REFUSED_CONTACT, TASK_RESULTS
from kam_analysis.actions.tasks import TASK_STATES, one_task_a_row, task_states
from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine
from kam_analysis.params import Actions, Params
from kam_analysis.report.language import Language
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import (
    CHANCE_SUMMARY,
    CONTACTS,
    CUSTOMER_CHANCES,
    CUSTOMERS,
    INTERACTIONS,
    ORIGIN_CHANCES,
    SHARED,
    TASKS_DONE,
    TRIGGERS,
)
from kam_analysis.vocabulary import Trigger

ROOT = Path(__file__).parents[2]
AS_OF = dt.date(2026, 1, 1)
RULES = Actions()
NOBODY = pd.DataFrame({"customer_id": pd.Series([], dtype="str")})
SUMMARY = CHANCE_SUMMARY.conform(
    pd.DataFrame(
        [
            dict.fromkeys(CHANCE_SUMMARY.names)
            | dict.fromkeys(("origins", "silence_tested", "silence_marked", "marked_before"), 0)
            | {"is_calibrated": False, "is_ranking": False}
        ]
    )
)


def triggers(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "trigger", "triggered_on"]).assign(cause=None)
    return TRIGGERS.conform(frame.astype({"triggered_on": "datetime64[us]"}))


def chances(**losses: float) -> pd.DataFrame:
    rows = pd.DataFrame({"customer_id": list(losses), "expected_loss": list(losses.values())})
    return CUSTOMER_CHANCES.conform(
        rows.assign(
            lost_chance=0.5, basis="model", years_value=rows["expected_loss"] * 2, is_stopped=False,
            silence_p_value=None, is_unusual_silence=False, is_likely_silent=False,
        )
    )  # fmt: skip


def people(**consents: str) -> pd.DataFrame:
    rows = pd.DataFrame({"customer_id": list(consents), "consent": list(consents.values())})
    return CUSTOMERS.conform(rows.reindex(columns=CUSTOMERS.names))


def done(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["task_id", "done_date", "result"]).assign(note=None, done=None)
    return TASKS_DONE.conform(frame.astype({"done_date": "datetime64[us]"}))


def met(*rows: tuple[str, str, str, str | None, str | None, str | None]) -> pd.DataFrame:
    columns = ["customer_id", "date", "type", "channel", "result", "reason"]
    frame = pd.DataFrame(rows, columns=columns).astype({"date": "datetime64[us]"})
    return INTERACTIONS.conform(frame.reindex(columns=INTERACTIONS.names))


def persons(*rows: tuple[str, str, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "person", "level", "influence"])
    return CONTACTS.conform(frame.reindex(columns=CONTACTS.names))


def known(people: pd.DataFrame | None = None, interactions: pd.DataFrame | None = None, *results: tuple[str, str, str]):
    results = [(task.split(":")[0], task, on, result) for task, on, result in results]
    frame = pd.DataFrame(results, columns=["customer_id", "task_id", "done_on", "result"])
    frame = frame.assign(customer_name="x", manager=None, trigger="contract").astype({"done_on": "datetime64[us]"})
    people = CONTACTS.empty() if people is None else people
    interactions = INTERACTIONS.empty() if interactions is None else interactions
    return last_contacts(people, interactions, CALLS_DONE.conform(frame.reindex(columns=CALLS_DONE.names)), AS_OF)


CONTRACTS = triggers(("a", "contract", "2026-02-01"), ("b", "contract", "2025-12-01"), ("c", "contract", "2026-03-01"))
REFUSAL = triggers(("a", "contract", "2026-02-01"), ("a", "refusal", "2025-12-20"))


def called(
    make_facts, given, losses, tasks=None, customers=None, rules=RULES, keys=NOBODY, contacts=None, uncalled=(), **facts
):
    rows = make_facts(**({one: {} for one in losses.customer_id} | facts))
    tasks = done() if tasks is None else tasks
    customers, contacts = people() if customers is None else customers, known() if contacts is None else contacts
    return customers_to_call(given, rows, losses, keys, customers, tasks, contacts, uncalled, AS_OF, rules)


def listed(rows: pd.DataFrame) -> pd.DataFrame:
    return CALL_LIST.check(call_list(rows, SUMMARY, ORIGIN_CHANCES.empty(), chances(a=1.0)).table)


def test_the_order_goes_by_expected_loss_and_ties_by_id(make_facts) -> None:
    rows = called(make_facts, CONTRACTS, chances(c=5.0, a=5.0, b=9.0))
    assert listed(rows)["customer_id"].tolist() == ["b", "a", "c"]


def test_a_customer_has_one_row_with_all_its_triggers_and_stable_tasks(make_facts) -> None:
    row = listed(called(make_facts, REFUSAL, chances(a=5.0))).iloc[0]
    assert row["triggers"].split() == ["contract", "refusal"]
    assert row["task_ids"].split() == ["a:contract:2026-02-01", "a:refusal:2025-12-20"]


def test_without_a_lost_chance_nobody_is_called_and_lost_customers_have_none(make_facts) -> None:
    assert listed(called(make_facts, CONTRACTS, chances(a=5.0), b={}, c={}))["customer_id"].tolist() == ["a"]


@pytest.mark.parametrize(("loss", "count"), [(0.0, 0), (0.9999, 0), (1.0, 1)])
def test_nobody_is_called_for_nothing(make_facts, loss: float, count: int) -> None:
    assert len(called(make_facts, CONTRACTS, chances(a=loss))) == count
    assert len(called(make_facts, CONTRACTS, chances(a=0.0), rules=Actions(least_loss=0))) == 0


def test_what_is_done_leaves_the_list_until_the_date_changes(make_facts) -> None:
    one = done(("a:contract:2026-02-01", "2025-12-31", "order"))
    assert listed(called(make_facts, REFUSAL, chances(a=5.0), one))["triggers"].tolist() == ["refusal"]
    both = done(("a:contract:2026-02-01", "2025-12-31", "order"), ("a:refusal:2025-12-20", "2025-12-31", "no"))
    assert called(make_facts, REFUSAL, chances(a=5.0), both).empty
    renewed = triggers(("a", "contract", "2027-02-01"))
    assert len(called(make_facts, renewed, chances(a=5.0), both)) == 1


def test_a_result_from_the_future_is_not_known_yet(make_facts) -> None:
    later = done(("a:contract:2026-02-01", "2026-01-01", "order"))
    assert len(called(make_facts, CONTRACTS, chances(a=5.0), later)) == 1


def test_who_refused_contact_stands_apart_without_a_day(make_facts) -> None:
    rows = called(make_facts, CONTRACTS, chances(a=5.0, b=9.0), customers=people(b="no"), c={})
    assert listed(rows)["customer_id"].tolist() == ["a"]
    apart = refused_contact(rows)
    assert REFUSED_CONTACT.check(apart.table)["customer_id"].tolist() == ["b"]
    assert rows["due_on"].isna().tolist() == [False, True]


def test_each_manager_has_the_calls_of_a_week_ranked_and_due_apart(make_facts) -> None:
    rules = Actions(calls_per_manager=2, first_calls=1, due_days=(5, 12))
    ids = "abcdef"
    given = triggers(*[(one, "contract", "2026-02-01") for one in ids])
    facts = {one: {"manager": "Ana" if one < "d" else None} for one in ids}
    losses = chances(**{one: 10.0 - number for number, one in enumerate(ids)})
    table = listed(called(make_facts, given, losses, rules=rules, **facts)).set_index("customer_id")
    assert table["place"].to_dict() == {"a": 1, "b": 2, "c": 3, "d": 1, "e": 2, "f": 3}
    assert table["due_on"].dt.day.reindex(list("abde")).tolist() == [6, 13, 6, 13]
    assert table["due_on"].reindex(list("cf")).isna().all()


def test_the_table_holds_no_sentence_and_the_page_writes_it(make_facts) -> None:
    given = pd.concat([REFUSAL.assign(cause=[None, "price"]), triggers(("a", "unusual_silence", "2025-12-01"))])
    row = listed(called(make_facts, given, chances(a=5.0))).iloc[0].to_dict()
    text = Language("en").text(REASON.of(row)).replace("\u00a0", " ")
    assert text == (
        "last order 1 Dec 2025, 31 days ago; usual gap 7; contract ends on 1 Feb 2026; refused on 20 Dec 2025 (price)"
    )
    past = listed(called(make_facts, CONTRACTS, chances(b=5.0))).iloc[0].to_dict()
    assert Language("en").text(REASON.of(past)).replace("\u00a0", " ") == "contract ended on 1 Dec 2025"


def test_key_accounts_are_marked(make_facts) -> None:
    keys = pd.DataFrame({"customer_id": ["a", "x"]})
    rows = called(make_facts, CONTRACTS, chances(a=5.0, b=9.0), keys=keys, c={})
    finding = call_list(rows, SUMMARY, ORIGIN_CHANCES.empty(), chances(a=5.0))
    assert finding.table.set_index("customer_id")["is_key"].to_dict() == {"a": True, "b": False}
    assert calls_tile(finding).value.values == {"n": 2}


def test_managers_sum_the_calls_of_the_week(make_facts) -> None:
    facts = {"a": {"manager": "Ana"}, "b": {"manager": None}, "c": {"manager": "Ana"}}
    rows = called(make_facts, CONTRACTS, chances(a=5.0, b=9.0, c=1.0), **facts)
    found = manager_calls(call_list(rows, SUMMARY, ORIGIN_CHANCES.empty(), chances(a=5.0)))
    table = MANAGER_CALLS.check(found.table)
    assert table[["calls", "expected_loss"]].values.tolist() == [[1, 9.0], [2, 6.0]]


def test_results_are_counted_per_manager_and_trigger_and_strangers_apart(make_facts) -> None:
    tasks = done(
        ("a:contract:2026-02-01", "2025-12-30", "order"),
        ("b:contract:2025-12-01", "2025-12-30", "order"),
        ("b:refusal:2025-12-01", "2025-12-30", "no"),
        ("T001-0001", "2025-12-30", "no answer"),
        ("zz:contract:2025-12-01", "2025-12-30", "order"),
        ("a:contract:2026-02-01", "2026-01-05", "later"),
    )
    found = task_results(calls_done(tasks, make_facts(a={}, b={}), AS_OF))
    table = TASK_RESULTS.check(found.table)
    assert table[["trigger", "result", "tasks"]].values.tolist() == [["contract", "order", 2], ["refusal", "no", 1]]
    assert found.sentence.values == {"n": 3, "strange": 2}


def test_results_for_tasks_that_never_were_are_counted_only(make_facts) -> None:
    found = calls_done(done(("T001-0001", "2025-12-30", "no answer")), make_facts(a={}), AS_OF)
    assert found.table.empty and found.numbers == {"tasks.done": 0, "tasks.unknown": 1, "tasks.repeated": 0}
    assert task_results(found).table.empty


def test_of_two_results_for_one_task_the_later_counts_and_the_other_is_told(make_facts) -> None:
    task = "a:contract:2026-02-01"
    rows = (task, "2025-12-30", "order"), (task, "2025-12-20", "no answer"), (task, "2025-12-30", "agreed")
    found = calls_done(done(*rows), make_facts(a={}), AS_OF)
    assert CALLS_DONE.check(found.table)[["customer_id", "result"]].values.tolist() == [["a", "order"]]
    assert found.numbers == {"tasks.done": 1, "tasks.unknown": 0, "tasks.repeated": 2}


def test_earlier_results_and_unknown_tasks_are_named(make_facts) -> None:
    task = "a:contract:2026-02-01"
    rows = (task, "2025-12-29", None), (task, "2025-12-20", "no answer"), (task, "2025-12-30", "order")
    found = calls_done(done(*rows, ("T1", "2025-12-30", "x")), make_facts(a={}), AS_OF)
    assert found.table["replaced"].tolist() == ["2025-12-20 no answer; 2025-12-29"]
    assert task_results(found).base.values["unknown"].values == {"names": ["T1"]}


def test_every_task_handed_out_is_done_or_said_not_to_be(make_facts) -> None:
    tasks = one_task_a_row(
        done(
            ("a:contract:2026-02-01 a:refusal:2025-12-01", "2025-12-30", "order"),
            ("b 1:contract:2026-02-01 b 1:refusal:2025-12-01", None, None),
            ("b 1:payment:2025-12-01", None, "order"),
            ("b 1:refusal:2025-12-01", "2026-01-01", "order"),
            ("c:refusal:2025-12-01", None, None),
            ("c:refusal:2025-12-01", "2025-12-31", None),
            ("T001", None, None),
        )
    )
    facts = make_facts(**{"a": {}, "b 1": {"manager": None}, "c": {}})
    calls = pd.DataFrame(
        {
            "customer_id": ["a", "b 1", "c"],
            "task_ids": ["a:complaint:2025-12-31", "b 1:contract:2026-02-01", "c:refusal:2025-12-01"],
        }
    )
    found = task_states(tasks, calls, facts, AS_OF)
    table = TASK_STATES.check(found.table).set_index("manager")
    assert table.loc["Ana"].tolist() == [3, 3, 0, 0, 1]
    assert table[table.index.isna()].values.tolist() == [[3, 0, 2, 1, 0]]
    assert found.numbers == {"tasks.handed_out": 6, "tasks.not_called": 2, "tasks.undated": 1, "tasks.again": 1}
    nothing = task_states(one_task_a_row(done()), calls, facts, AS_OF)
    assert nothing.table.empty and nothing.numbers["tasks.handed_out"] == 0


def test_the_last_contact_is_the_latest_before_the_date_and_its_result_else_its_reason() -> None:
    rows = met(
        ("a", "2025-12-31", " Visit", "meeting", None, "price"),
        ("a", "2025-12-30", "call", "phone", "order", None),
        ("a", "2026-01-01", "call", "phone", "of tomorrow", None),
        ("b", "2030-06-01", "visit", "meeting", "of another year", None),
        ("c", "2025-12-01", "fair", None, None, None),
    )
    table = known(None, rows).set_index("customer_id")
    assert table.index.tolist() == ["a", "c"]
    assert table.loc["a", ["last_kind", "channel", "outcome"]].tolist() == ["visit", "meeting", "price"]
    assert table.loc["c", "last_kind"] == "other" and pd.isna(table.loc["c", "outcome"])


def test_a_result_of_a_call_is_the_last_contact_of_its_day() -> None:
    rows = met(("a", "2025-12-30", "visit", "meeting", "offer sent", None))
    of_day = known(None, rows, ("a:contract:2026-02-01", "2025-12-30", "call later"))
    assert of_day.iloc[0][["last_kind", "outcome"]].tolist() == ["call", "call later"]
    earlier = known(None, rows, ("a:contract:2026-02-01", "2025-12-29", "call later"))
    assert earlier.iloc[0]["outcome"] == "offer sent"


def test_whom_to_ask_for_goes_by_influence_then_level_then_name() -> None:
    rows = persons(
        ("a", "Vera", "staff", "HIGH"),
        ("a", "Boris", "top", "medium"),
        ("a", "Ana", "top", "high "),
        ("a", "Aleksa", None, None),
        ("b", "Zoran", None, None),
        ("b", "Filip", "directors", "unknown"),
    )
    assert known(rows)["person"].tolist() == ["Ana", "Filip"]


def test_without_contacts_and_interactions_calls_name_nobody(make_facts) -> None:
    row = listed(called(make_facts, CONTRACTS, chances(a=5.0))).iloc[0]
    assert row[["person", "role", "last_on", "last_kind", "channel", "outcome"]].isna().all()
    row = listed(called(make_facts, CONTRACTS, chances(a=5.0), contacts=known(persons(("a", "Ana", None, None)))))
    assert row["person"].tolist() == ["Ana"]


def test_without_a_manager_column_all_calls_are_of_nobody(make_facts) -> None:
    facts = {one: {"manager": None} for one in "abc"}
    found = manager_calls(call_list(called(make_facts, CONTRACTS, chances(a=5.0, b=9.0, c=1.0), **facts), SUMMARY,
                                    ORIGIN_CHANCES.empty(), chances(a=5.0)))  # fmt: skip
    assert found.table["calls"].tolist() == [3] and found.table["manager"].isna().all()
    assert found.absent is None and "map the column manager" in found.base.template


def test_no_chance_no_call_is_said_honestly(make_facts) -> None:
    rows = called(make_facts, CONTRACTS, chances(), a={}, b={}, c={})
    finding = call_list(rows, SUMMARY, ORIGIN_CHANCES.empty(), chances())
    assert "Nobody's chance" in finding.sentence.template
    assert finding.numbers["lost_chance.auc"] is None and finding.numbers["lost_chance.auc_absent"]


@pytest.fixture(scope="module")
def demo() -> Callable[[str], pd.DataFrame]:
    engine, params = Engine(), Params()
    cleaned = clean_source(engine, load_profile(ROOT / "sources/demo.yaml"), ROOT / "data/raw/demo", params)

    def frame(name: str) -> pd.DataFrame:
        return engine.frame(name, SHARED[name])

    facts, found = frame("customer_facts"), frame("customer_chances")
    given = find_triggers(
        engine, facts, frame("customer_orders"), frame("customer_months"), found, frame("contracts"),
        frame("interactions"), frame("payments"), cleaned.calendar, params.facts, params.actions,
    )  # fmt: skip
    rows = customers_to_call(
        given.table,
        facts,
        found,
        NOBODY,
        frame("customers"),
        frame("tasks_done"),
        known(frame("contacts"), frame("interactions")),
        (),
        cleaned.calendar.as_of,
        params.actions,
    )
    return rows, call_list(rows, frame("chance_summary"), frame("origin_chances"), found), given


def test_control_figures_of_the_demo(demo) -> None:
    rows, finding, given = demo
    assert len(finding.table) == pytest.approx(107, abs=3)
    assert finding.numbers["refused_apart"] == pytest.approx(32, abs=1)
    assert finding.table["customer_id"].head(3).tolist() == ["0002", "0102", "0240"]
    assert finding.numbers["lost_chance.first_calls_right"] >= 0.70
    assert (rows["expected_loss"] >= 1).all() and rows["lost_chance"].between(0.01, 0.99).all()
    first = set(finding.table["triggers"].iloc[0].split())
    assert {"contract", "refusal", "win_back", "unusual_silence"} <= first
    assert sum(given.numbers[f"triggers.{trigger.value}"] for trigger in Trigger) == len(given.table)
