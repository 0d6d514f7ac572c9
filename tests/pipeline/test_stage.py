"""What a stage shows and what it only keeps."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kam_analysis.chapter import MIME
from kam_analysis.errors import UserError
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import RUNS_A_STAGE, Caveat, Finding, Show, Weight, Words, say
from kam_analysis.params import Params
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.stage import Shown, Stage, open_stage
from kam_analysis.tables import SHARED, ContractError, published

PUBLISHED = published("cleaning")

TRAITS = PUBLISHED["line_flags"]
SHOW = ("flag", "rows")
ROWS = TRAITS.conform(pd.DataFrame({"flag": ["zero"], "rows": [1], "net_sales": [0.0]}))
NOTHING = Finding(TRAITS.name, say("Which?"), say("There is nothing."), TRAITS.empty(), show=SHOW)
SOME = Finding(TRAITS.name, say("Which?"), say("There is <one>."), ROWS, show=SHOW)


def opened(params: Params | None = None) -> Stage:
    made = Stage("cleaning", params or Params(), Project(Path(__file__).parents[2]))
    made._window = {"first_order_on": "2024-01-05", "as_of": "2024-03-01", "compare_as_of": None}
    return made


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = opened()
    yield made
    made.engine.close()


def html(shown: Shown) -> str:
    return str(shown._repr_mimebundle_()["text/html"])


def test_details_without_a_row_are_kept_and_not_shown(stage: Stage) -> None:
    assert html(stage.show_measured(NOTHING)) == ""
    assert "There is nothing." in html(stage.show(NOTHING))


def test_folded_rows_tell_question_and_answer_and_are_open_where_a_red_caveat_stands(stage: Stage) -> None:
    shown = html(stage.fold(SOME))
    assert shown.startswith(
        '<details class="more"><summary><span><b>Which?</b> <span class="ans">There is &lt;one&gt;.'
    )
    assert "<table" in shown and shown.endswith("</details>")
    other = opened()
    red = replace(SOME, caveats=[Caveat(say("Stop"), say("Wrong."), Weight.RED)])
    assert html(other.fold(red)).startswith('<details class="more" open>')
    other.engine.close()


def test_two_findings_of_one_name_are_refused(stage: Stage) -> None:
    stage.note(SOME)
    stage.show(SOME)
    with pytest.raises(ContractError, match="two findings are called line_flags"):
        stage.show(replace(SOME))


def test_a_finding_that_nothing_declares_and_a_column_that_no_table_has_are_refused_by_name(stage: Stage) -> None:
    with pytest.raises(ContractError, match="the finding other has no table: write @finds above the function of clean"):
        stage.note(replace(SOME, name="other"))
    shown = replace(SOME, show=("rows", "row", Show("said", words=Words(say("Rows"), ()))), grouped_by="flags")
    with pytest.raises(ContractError, match="finding line_flags shows flags, row, no columns of its table"):
        stage.note(shown)


def test_a_run_keeps_data_and_no_word(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS_A_STAGE, "1")
    kept = [shown._repr_mimebundle_() for shown in (stage.head(say("Title")), stage.lead(SOME), stage.fold(SOME))]
    assert kept == [
        {MIME: {"part": "head"}},
        {MIME: {"part": "lead"}},
        {MIME: {"part": "row", "findings": ["line_flags"], "is_folded": True}},
    ]
    assert SOME._repr_html_() is None and stage._repr_html_() is None


@pytest.mark.parametrize(("code", "word"), [("en", "Rows"), ("ru", "Строки"), ("mk", "Редови")])
def test_by_hand_a_cell_shows_its_part_in_the_first_language(code: str, word: str) -> None:
    stage = opened(Params.model_validate({"report": {"languages": [code, "en" if code != "en" else "ru"]}}))
    assert word in html(stage.show(SOME)) and "Title" in html(stage.head(say("Title")))
    assert "<style>" in str(stage._repr_html_())
    stage.engine.close()


def test_a_finding_draws_itself_without_a_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no project
    shown = str(SOME._repr_html_())
    assert shown.startswith("<style>") and "There is &lt;one&gt;." in shown and ">Rows<" in shown


def test_what_a_stage_shows_by_hand_stands_literally_in_its_notebook(stage: Stage) -> None:
    from IPython.core.formatters import DisplayFormatter

    formatter: Any = DisplayFormatter()  # type: ignore[no-untyped-call]
    data, _ = formatter.format(stage.show(SOME))
    assert json.loads(json.dumps(data[MIME])) == {"part": "row", "findings": ["line_flags"]}
    assert data["text/plain"] == "row line_flags" and "<table" in data["text/html"]


def _files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "scratch" not in path.relative_to(root).parts
    }


def test_a_notebook_run_by_hand_leaves_the_results_of_the_pipeline(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root / "notebooks")
    monkeypatch.setenv(RUNS_A_STAGE, "1")
    stage = _closed(project, 1)
    assert "writes to the project" in repr(stage)
    before = _files(project.root)
    assert json.loads(before["reports/metrics/cleaning.json"]) == {"rows": 1}
    monkeypatch.delenv(RUNS_A_STAGE)
    stage = _closed(project, 2)
    assert "writes to scratch/01_cleaning/" in repr(stage) and "writes to scratch/01_cleaning/" in str(
        stage._repr_html_()
    )
    assert _files(project.root) == before
    scratch = project.scratch("cleaning")
    assert json.loads(scratch.metrics("cleaning").read_text(encoding="utf-8")) == {"rows": 2}
    assert scratch.window.exists() and scratch.findings("cleaning").is_dir()
    assert scratch.table("contacts").exists()


def _closed(project: Project, rows: int) -> Stage:
    stage = open_stage("cleaning", {})
    stage._tables = {"line_flags": TRAITS}
    stage.set_window(Calendar(dt.date(2024, 1, 5), dt.date(2024, 3, 1), 3), None)
    stage.head(say("Title"))
    stage.note(replace(SOME, numbers={"rows": rows}))
    stage.write("contacts", SHARED["contacts"].empty())
    stage.close()
    return stage


def test_a_parameter_as_a_variable_of_its_own_is_refused_by_name(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "large_loss", pd.DataFrame(), raising=False)  # a frame of the notebook, no parameter
    open_stage("cleaning", {}).engine.close()
    monkeypatch.setattr(main, "large_loss", 0.2, raising=False)
    with pytest.raises(UserError) as raised:
        open_stage("cleaning", {})
    cure = 'parameters = {"cleaning": {"large_loss": 0.2}}'
    assert "the variable large_loss is read by nothing" in str(raised.value) and cure in str(raised.value)
