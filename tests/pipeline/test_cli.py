from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kam_analysis.pipeline.lock import held
from kam_analysis.pipeline.project import Project

Kam = Callable[..., tuple[int, str]]


def _sales(project: Project) -> Path:
    return project.raw("tiny") / "sales.csv"


def _profile(project: Project, text: str) -> None:
    project.profile_path("tiny").write_text(text, encoding="utf-8")


def _workbook(project: Project, *sheets: str) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in sheets:
        book.create_sheet(name).append(["Customer", "Date", "Amount"])
    book.save(project.raw("tiny") / "sales.xlsx")


def test_check_counts_the_lines(kam: Kam) -> None:
    assert kam("check") == (0, "in order: 2 lines kept\n")


def test_check_names_a_missing_file_and_where_it_belongs(project: Project, kam: Kam) -> None:
    _sales(project).rename(_sales(project).with_name("sale.csv"))
    status, said = kam("check")
    assert status == 2
    assert "data/raw/tiny/sales.csv: no such file" in said


def test_run_stops_before_the_first_stage_without_profile_and_files(project: Project, kam: Kam) -> None:
    _sales(project).unlink()
    project.profile_path("tiny").unlink()
    status, said = kam("run")
    assert status == 2
    assert "sources/tiny.yaml: no such source" in said
    assert "data/raw/tiny: no files" in said
    assert not project.log_path.exists()


def test_run_stops_before_the_first_stage_where_it_may_not_write(
    project: Project, kam: Kam, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.csv("any").parent.mkdir(parents=True)
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != project.reports and may(path, mode))
    status, said = kam("run")
    assert (status, said) == (
        2,
        "reports: no permission to write. Cure: give it to the user who runs the reports\n",
    )


def test_check_names_an_unknown_column_with_those_that_are_there(project: Project, kam: Kam) -> None:
    _profile(project, project.profile_path("tiny").read_text(encoding="utf-8").replace("Amount", "Total"))
    status, said = kam("check")
    assert status == 2
    assert "sales.csv: no column 'Total'" in said
    assert "'Amount'" in said or "'Customer'" in said


@pytest.mark.parametrize("text", ["max_row: 20", "max_rows: many", "max_rows: 0"])
def test_check_names_a_wrong_parameter(project: Project, kam: Kam, text: str) -> None:
    project.params_path.write_text(f"source: tiny\nreport: {{{text}}}\n", encoding="utf-8")
    status, said = kam("check")
    assert status == 2
    assert said.startswith("params.yaml, report.max_row")


def test_check_names_a_line_that_a_stage_hangs_on_and_that_is_not_there(project: Project, kam: Kam) -> None:
    pipeline = project.root / "dvc.yaml"
    watched = "params: [source, facts.lost_chance.seed, segments.ladder]"
    pipeline.write_text(pipeline.read_text(encoding="utf-8").replace("params: [source]", watched), encoding="utf-8")
    status, said = kam("check")
    assert status == 2
    assert said.splitlines() == [
        "params.yaml, facts.lost_chance.seed: no such line, and a stage hangs on it. Cure: write it; by default 7",
        "params.yaml, segments.ladder: no such line, and a stage hangs on it. "
        'Cure: write it; by default {"adherent_wallet_share": 0.8}',
    ]


@pytest.mark.parametrize("content", ["", "Customer,Date,Amount\n"])
def test_check_refuses_an_empty_file(project: Project, kam: Kam, content: str) -> None:
    _sales(project).write_text(content, encoding="utf-8")
    status, said = kam("check")
    assert status == 2
    assert "sales.csv" in said


def test_check_refuses_a_workbook_that_is_none(project: Project, kam: Kam) -> None:
    (project.raw("tiny") / "sales.xlsx").write_bytes(b"PK no workbook")
    _profile(project, project.profile_path("tiny").read_text(encoding="utf-8").replace("sales.csv", "sales.xlsx"))
    status, said = kam("check")
    assert status == 2
    assert said.startswith("sales.xlsx: not readable as a workbook")


@pytest.mark.parametrize(("sheets", "key", "what"), [
    (("May", "June"), "", "2 sheets"),
    (("May",), "sheet: Mai, ", "no sheet 'Mai'"),
])  # fmt: skip
def test_check_names_the_sheets(project: Project, kam: Kam, sheets: tuple[str, ...], key: str, what: str) -> None:
    _workbook(project, *sheets)
    text = project.profile_path("tiny").read_text(encoding="utf-8")
    _profile(project, text.replace("files: sales.csv, ", f"files: sales.xlsx, {key}"))
    status, said = kam("check")
    assert status == 2
    assert f"sales.xlsx: {what} (e.g. May" in said


def test_errors_have_no_signs_that_steer_a_terminal(project: Project, kam: Kam) -> None:
    _sales(project).write_text("Customer,Date,\x1b[31mAmount\n7,2024-01-05,1\n", encoding="utf-8")
    status, said = kam("check")
    assert status == 2
    assert "\x1b" not in said


def test_a_command_outside_a_project_says_so(
    tmp_path: Path, kam: Kam, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    (project.root / "dvc.yaml").unlink()
    status, said = kam("check")
    assert status == 2
    assert "no dvc.yaml" in said


def test_use_changes_the_one_line(project: Project, kam: Kam) -> None:
    project.profile_path("other").write_text(project.profile_path("tiny").read_text(encoding="utf-8"), encoding="utf-8")
    assert kam("use", "other") == (0, "the source is now other\n")
    expected = "# thresholds\nsource: other # which data\nreport: {max_rows: 20}\n"
    assert project.params_path.read_text(encoding="utf-8") == expected
    assert kam("use", "other") == (0, "the source was already other\n")
    assert project.params_path.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("name", ["nobody", "../tiny", "ti ny"])
def test_use_refuses_what_is_no_source(project: Project, kam: Kam, name: str) -> None:
    before = project.params_path.read_bytes()
    assert kam("use", name)[0] == 2
    assert project.params_path.read_bytes() == before


def test_a_second_run_says_who_holds_the_lock(project: Project, kam: Kam) -> None:
    with held(project.lock_path, "a run"):
        status, said = kam("run")
    assert status == 75
    assert said.startswith("busy: a run, process ")
    assert kam("clean", "--keep", "3") == (0, "0 runs forgotten, 0.0 MB freed\n")


def test_the_doctor_names_what_is_there_and_what_is_missing(
    project: Project, kam: Kam, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kam_analysis.pipeline import doctor

    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    status, said = kam("doctor")
    lines = {line[8:].partition(":")[0]: line for line in said.splitlines()}
    assert status == 0
    assert lines["Python"].startswith("ok      Python: 3.")
    assert lines["languages"] == "ok      languages: en, ru, mk"
    assert lines["browser"].startswith("without browser: none found. Needed by kam pdf only")
    assert lines["PostgreSQL"].startswith("without PostgreSQL: no driver")
    _sales(project).unlink()
    status, said = kam("doctor")
    assert status == 1
    assert "missing project: data/raw/tiny: no files" in said


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['kam', '--help']\n"
        "from kam_analysis.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print({'pandas', 'duckdb', 'papermill', 'matplotlib', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("set()")
