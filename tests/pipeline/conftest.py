from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from kam_analysis.pipeline.project import Project

PROFILE = """\
title: Tiny
orders: {files: sales.csv, columns: {customer_id: Customer, order_date: Date, amount: Amount}}
"""
SALES = "Customer,Date,Amount\n7,2024-01-05,10.50\n8,2024-02-06,20\n"
DVC_YAML = """\
stages:
  cleaning:
    cmd: python -m kam_analysis.pipeline.execute cleaning
    deps: [notebooks/01_cleaning.ipynb, "data/raw/${source}", "sources/${source}.yaml"]
    params: [source]
    outs: [data/interim/notebooks/01_cleaning.ipynb, data/processed/findings_cleaning]
  site:
    cmd: python -m kam_analysis.site
    deps: [params.yaml, data/interim/notebooks/01_cleaning.ipynb, data/processed/findings_cleaning]
    outs: [reports/index.html, reports/01_cleaning.html, reports/tables, reports/en, reports/ru, reports/mk]
"""
TITLE = """\
import pandas as pd
from kam_analysis.tables import published
from kam_analysis.findings import Finding, say
from kam_analysis.params import Params
from kam_analysis.pipeline import open_stage

stage = open_stage("cleaning", parameters)
stage._tables = {"line_flags": published("cleaning")["line_flags"]}  # the others need more than two lines
stage._window = {"first_order_on": "2024-01-05", "as_of": "2024-02-29", "compare_as_of": None}
stage.head(say("Data"))
"""
SHOW = """\
rows = published("cleaning")["line_flags"].conform(pd.DataFrame({"flag": ["zero"], "rows": [2], "net_sales": [0.0]}))
stage.show(Finding("line_flags", say("Which?"), say("{n:count} rows", n=2), rows, show=("flag", "rows")))
"""
CLOSE = "stage.close()"


def notebook(*codes: str) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [_cell("parameters", "parameters = {}") | {"metadata": {"tags": ["parameters"]}}]
    cells += [_cell(f"cell-{number}", code) for number, code in enumerate(codes, 1)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(name: str, code: str) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "id": name, "metadata": {}, "outputs": [], "source": code}


def make_project(root: Path) -> Project:
    project = Project(root)
    project.raw("tiny").mkdir(parents=True)
    (project.raw("tiny") / "sales.csv").write_text(SALES, encoding="utf-8")
    project.profile_path("tiny").parent.mkdir()
    project.profile_path("tiny").write_text(PROFILE, encoding="utf-8")
    project.params_path.write_text(
        "# thresholds\nsource: tiny  # which data\nreport: {max_rows: 20}\n", encoding="utf-8"
    )
    (root / "dvc.yaml").write_text(DVC_YAML, encoding="utf-8")
    (root / ".dvc").mkdir()
    (root / ".dvc" / "config").write_text("[core]\n    no_scm = true\n    analytics = false\n", encoding="utf-8")
    write_notebook(project, [TITLE, SHOW, CLOSE])
    return project


def write_notebook(project: Project, codes: Iterable[str], room: str = "cleaning") -> None:
    project.notebook(room).parent.mkdir(exist_ok=True)
    project.notebook(room).write_text(json.dumps(notebook(*codes)), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a source of two lines and one stage whose notebook shows a title."""
    return make_project(tmp_path)


@pytest.fixture
def kam(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run the command line inside the project; give the exit status and everything that was said."""
    from kam_analysis.cli import main

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.chdir(project.root)
        monkeypatch.setattr("sys.argv", ["kam", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out + said.err

    return run
