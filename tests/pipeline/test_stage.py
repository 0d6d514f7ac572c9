"""What a stage shows and what it only keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from kam_analysis.cleaning.tables import PUBLISHED
from kam_analysis.findings import Caveat, Finding, Weight, say
from kam_analysis.params import Params
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.stage import Stage

TRAITS = PUBLISHED["line_traits"]
SHOW = ("trait", "rows")


def test_details_without_a_row_are_kept_and_not_shown() -> None:
    stage = Stage("cleaning", Params(), Project(Path(__file__).parents[2]))
    nothing = Finding(TRAITS.name, say("Which?"), say("There is nothing."), TRAITS.empty(), show=SHOW)
    assert stage.show_measured(nothing)._repr_html_() == ""
    assert "There is nothing." in stage.show(nothing)._repr_html_()
    rows = TRAITS.conform(pd.DataFrame({"trait": ["zero"], "rows": [1], "net_sales": [0.0]}))
    some = Finding(TRAITS.name, say("Which?"), say("There is one."), rows, show=SHOW)
    assert "There is one." in stage.show_measured(nothing, some)._repr_html_()
    stage.engine.close()


def test_folded_rows_tell_question_and_answer_and_are_open_where_a_red_caveat_stands() -> None:
    stage = Stage("cleaning", Params(), Project(Path(__file__).parents[2]))
    rows = TRAITS.conform(pd.DataFrame({"trait": ["zero"], "rows": [1], "net_sales": [0.0]}))
    some = Finding(TRAITS.name, say("Which?"), say("There is <one>."), rows, show=SHOW)
    html = stage.fold(some)._repr_html_()
    assert html.startswith('<details class="more"><summary><span><b>Which?</b> <span class="ans">There is &lt;one&gt;.')
    assert "<table" in html and html.endswith("</details>")
    red = replace(some, caveats=[Caveat(say("Stop"), say("Wrong."), Weight.RED)])
    assert stage.fold(red)._repr_html_().startswith('<details class="more" open>')
    assert stage.fold_measured(replace(some, table=TRAITS.empty()))._repr_html_() == ""
    stage.engine.close()
