"""``kam lists``: a file per segment, formulas neutral, nothing else in the folder touched."""

from __future__ import annotations

import csv
import datetime as dt

import openpyxl
import pandas as pd
import pytest

from kam_analysis import chapter as chapters
from kam_analysis.actions.calls import CALL_LIST
from kam_analysis.chapter import Chapter
from kam_analysis.engine import Engine
from kam_analysis.findings import Finding, Show, Words, say
from kam_analysis.sources.lines import read_optional
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import CALL_PARTS, CUSTOMER_FACTS, CUSTOMER_SEGMENTS, CUSTOMERS, TASKS_DONE, Table
from tests.pipeline.conftest import PROFILE

TASK = "contract:2024-03-01"
HOSTILE = '=HYPERLINK("http://x")\x01'


def write(project, table: Table, rows: list[dict[str, object]]) -> None:
    frame = table.conform(pd.DataFrame(rows).reindex(columns=table.names)) if rows else table.empty()
    project.table(table.name).parent.mkdir(parents=True, exist_ok=True)
    with Engine() as engine:
        engine.put(table.name, frame, table)
        engine.write(table.name, project.table(table.name), table.key[0])


@pytest.fixture
def after_a_run(project, kam):
    zero = {column.name: 0 for column in CUSTOMER_FACTS.columns if column.kind.value in ("count", "money")}
    known = zero | {"net_sales_12m": 1.5, "last_order_on": pd.Timestamp("2024-02-03")}
    names = (("1", HOSTILE), ("2", "Vega"))
    write(
        project,
        CUSTOMER_FACTS,
        [known | {"customer_id": n, "customer_name": name, "parent_id": n} for n, name in names],
    )
    write(project, CUSTOMER_SEGMENTS, [{"customer_id": n, "abc": "A", "is_inactive": False} for n in "12"])
    write(project, CUSTOMERS, [{"customer_id": "2", "consent": "no"}])
    return project


def test_a_csv_per_segment_without_who_refused(after_a_run, kam, tmp_path) -> None:
    status, said = kam("lists", str(tmp_path / "out"), "--by", "abc")
    assert status == 0 and "A.csv: 1 customers, 1 left out by consent" in said
    [path] = (tmp_path / "out").rglob("*.csv")
    assert path.parts[-2:] == ("abc", "A.csv")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [row["customer_name"] for row in rows] == ["'" + HOSTILE]


def test_a_workbook_holds_text_numbers_and_dates(after_a_run, kam, tmp_path) -> None:
    assert kam("lists", str(tmp_path / "out"), "--by", "abc", "--format", "xlsx")[0] == 0
    [path] = (tmp_path / "out").rglob("*.xlsx")
    sheet = openpyxl.load_workbook(path).active
    row = dict(zip((cell.value for cell in sheet[1]), sheet[2], strict=True))
    assert row["customer_name"].value == "'" + HOSTILE[:-1] and row["customer_name"].data_type == "s"
    assert row["net_sales_12m"].value == 1.5 and row["last_order_on"].value.isoformat()[:10] == "2024-02-03"


def test_lists_of_before_are_replaced_and_strangers_stop_it(after_a_run, kam, tmp_path) -> None:
    assert kam("lists", str(tmp_path), "--by", "abc")[0] == 0
    assert kam("lists", str(tmp_path), "--by", "abc", "--format", "xlsx")[0] == 0
    [path] = tmp_path.rglob("A.*")
    assert path.suffix == ".xlsx"
    mine = path.with_name("prices.csv")
    mine.write_text("mine")
    status, said = kam("lists", str(tmp_path), "--by", "abc")
    assert status == 2 and "prices.csv" in said and path.exists() and mine.read_text() == "mine"


def test_a_folder_of_other_files_is_left_alone(after_a_run, kam, tmp_path) -> None:
    mine = tmp_path / "tiny" / "abc" / "A.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    status, said = kam("lists", str(tmp_path), "--by", "abc")
    assert status == 2 and "A.csv" in said and mine.read_text() == "mine"


@pytest.mark.parametrize("wrong", [("--by", "colour"), ("--format", "pdf")])
def test_what_is_unknown_is_told_with_what_there_is(after_a_run, kam, tmp_path, wrong: tuple[str, str]) -> None:
    status, said = kam("lists", str(tmp_path / "out"), *wrong)
    assert status == 2 and wrong[1] in said and "one of" in said


def test_without_a_run_there_are_no_lists(project, kam, tmp_path) -> None:
    status, said = kam("lists", str(tmp_path / "out"))
    assert status == 2 and "kam run" in said


@pytest.fixture
def after_calls(after_a_run):
    names = [HOSTILE, *[f"Customer {n}" for n in range(9)]]
    rows = [
        {
            "customer_id": str(n), "customer_name": name, "triggers": "contract", "task_ids": f"{n}:{TASK}",
            "recency_days": 9.0, "lost_chance": 0.5, "years_value": 2.0, "expected_loss": 1.0, "is_key": n == 9,
            "consent": "unknown", "rank": n + 1, "place": n + 1, "is_this_week": True,
            "manager": "Ana" if n < 9 else None, "due_on": pd.Timestamp("2024-02-09"),
            "person": "Vera" if n == 9 else None,
        }
        for n, name in enumerate(names)
    ]  # fmt: skip
    finding = Finding(
        "call_list",
        say("?"),
        say("!"),
        CALL_LIST.conform(pd.DataFrame(rows).reindex(columns=CALL_LIST.names)),
        show=(Show("reason", words=Words(say("Why"), [[say("The reason")]])),),
    )
    chapter = Chapter(
        "actions",
        window={"as_of": "2024-02-04"},
        source={"currency": "EUR"},
        findings={"call_list": finding},
        tables={"call_list": CALL_LIST},
    )
    chapters.write(chapter, after_a_run.findings("actions"))
    write(after_a_run, CALL_PARTS, [])
    return after_a_run


def parted(kam, folder, *more: str) -> tuple[int, str]:
    return kam("lists", str(folder), "--control", "0.3", "--seed", "7", *more)


def test_a_part_of_the_calls_is_kept_uncalled_and_told(after_calls, kam, tmp_path) -> None:
    status, said = parted(kam, tmp_path)
    assert status == 0 and "copy call_parts_" in said
    [told] = tmp_path.rglob("call_parts_2024-02-04.csv")
    rows = list(csv.DictReader(told.read_text(encoding="utf-8").splitlines()))
    assert [row["customer_id"] for row in rows] == list("012345678")  # the key account is in no part
    control = {row["customer_id"] for row in rows if row["part"] == "control"}
    assert len(control) == 3  # 0.3 · 9 = 2.7
    calls = list(csv.DictReader(told.with_name("calls.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["customer_id"] for row in calls} == set("0123456789") - control
    assert parted(kam, tmp_path)[0] == 0
    assert list(csv.DictReader(told.read_text(encoding="utf-8").splitlines())) == rows


def test_a_list_of_this_day_is_parted_once(after_calls, kam, tmp_path) -> None:
    write(after_calls, CALL_PARTS, [{"customer_id": "1", "drawn_on": pd.Timestamp("2024-02-04"), "part": "call"}])
    status, said = parted(kam, tmp_path)
    assert status == 2 and "parted already" in said and not list(tmp_path.rglob("calls*"))


def test_a_control_needs_a_seed_and_somebody(after_calls, kam, tmp_path) -> None:
    assert kam("lists", str(tmp_path), "--control", "0.3")[0] == 2
    status, said = kam("lists", str(tmp_path), "--control", "0.01", "--seed", "1")
    assert status == 2 and "keeps nobody uncalled" in said
    assert parted(kam, tmp_path, "--format", "pdf")[0] == 2


def test_each_manager_gets_a_list_to_fill_in_that_the_next_run_reads(after_calls, kam, tmp_path) -> None:
    status, said = kam("lists", str(tmp_path / "out"), "--tasks")
    assert status == 0 and said.count("customers") == 4
    folder = tmp_path / "out" / "tiny" / "tasks"
    assert [path.name.rpartition("-")[0] for path in sorted(folder.glob("*.csv"))] == ["ana", "nobody"]
    rows = list(csv.DictReader(next(folder.glob("ana-*.csv")).read_text(encoding="utf-8").splitlines()))
    assert (rows[0]["customer_name"], rows[0]["done_date"], rows[0]["due_on"]) == ("'" + HOSTILE, "", "2024-02-09")
    path = next(folder.glob("ana-*.xlsx"))
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert {rule.formula1.split(",")[0] for rule in sheet.data_validations.dataValidation} == {'"yes"', '"order'}
    place = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.cell(2, place["customer_name"]).data_type == "s"
    sheet.cell(3, place["done_date"]).value = dt.date(2024, 2, 5)
    sheet.cell(3, place["result"]).value = "order"
    sheet.cell(4, place["done"]).value = "yes"
    book.save(after_calls.raw("tiny") / path.name)
    given = PROFILE + f"tasks_done: {{files: {path.name}}}\n"
    after_calls.profile_path("tiny").write_text(given, encoding="utf-8")
    with Engine() as engine:
        profile = load_profile(after_calls.profile_path("tiny"))
        read_optional(engine, profile, after_calls.raw("tiny"), tmp_path)
        tasks = engine.frame("tasks_done", TASKS_DONE)
    assert tasks["task_id"].tolist() == [f"{n}:{TASK}" for n in range(9)]
    assert tasks["done_date"].dropna().to_dict() == {1: pd.Timestamp("2024-02-05")}
    assert (tasks["result"].dropna().to_dict(), tasks["done"].dropna().to_dict()) == ({1: "order"}, {2: "yes"})


@pytest.mark.parametrize(
    ("preset", "heads", "last"),
    [
        (
            "bitrix24",
            "TITLE;DESCRIPTION;RESPONSIBLE;DEADLINE;TAGS",
            "Call Customer 8;The reason. Ask for Vera. [9:%s];;09.02.2024;contract",
        ),
        (
            "amocrm",
            "Название сделки;Название компании;Контакт;Ответственный;Теги;Примечание",
            "Call Customer 8;Customer 8;Vera;;contract;The reason. Ask for Vera. [9:%s] 09.02.2024",
        ),
        (
            "hubspot",
            "hs_task_subject,hs_task_body,hs_timestamp,hs_task_type,hs_task_priority,hs_task_status,hubspot_owner_id",
            "Call Customer 8,The reason. Ask for Vera. [9:%s],2024-02-09,CALL,HIGH,NOT_STARTED,",
        ),
        (
            "salesforce",
            "Subject,Description,ActivityDate,Status,Priority,Owner,Account",
            "Call Customer 8,The reason. Ask for Vera. [9:%s],2024-02-09,Not Started,High,,Customer 8",
        ),
    ],
)
def test_a_preset_writes_the_heads_of_its_system(after_calls, kam, tmp_path, preset, heads, last) -> None:
    status, said = kam("lists", str(tmp_path / "out"), "--preset", preset)
    assert status == 0 and "10 customers" in said
    text = (tmp_path / "out" / "tiny" / f"tasks_{preset}" / "calls.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == (heads, last % TASK)
    assert "\n=" not in text and ";=" not in text and ",=" not in text


def test_an_unknown_preset_is_told_with_the_known_ones(after_calls, kam, tmp_path) -> None:
    status, said = kam("lists", str(tmp_path / "out"), "--preset", "excel")
    assert (status, said) == (2, "unknown: 'excel'. Cure: one of bitrix24, amocrm, hubspot, salesforce\n")
