"""What a stage shows and what it only keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kam_analysis.chapter import MIME
from kam_analysis.cleaning.tables import PUBLISHED
from kam_analysis.findings import RUNS_A_STAGE, Caveat, Finding, Weight, say
from kam_analysis.params import Params
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.stage import Shown, Stage
from kam_analysis.tables import ContractError

TRAITS = PUBLISHED["line_traits"]
SHOW = ("trait", "rows")
ROWS = TRAITS.conform(pd.DataFrame({"trait": ["zero"], "rows": [1], "net_sales": [0.0]}))
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
    with pytest.raises(ContractError, match="two findings are called line_traits"):
        stage.show(replace(SOME))


def test_a_run_keeps_data_and_no_word(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS_A_STAGE, "1")
    kept = [shown._repr_mimebundle_() for shown in (stage.head(say("Title")), stage.lead(SOME), stage.fold(SOME))]
    assert kept == [
        {MIME: {"part": "head"}},
        {MIME: {"part": "lead"}},
        {MIME: {"part": "row", "findings": ["line_traits"], "is_folded": True}},
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
    assert json.loads(json.dumps(data[MIME])) == {"part": "row", "findings": ["line_traits"]}
    assert data["text/plain"] == "row line_traits" and "<table" in data["text/html"]
