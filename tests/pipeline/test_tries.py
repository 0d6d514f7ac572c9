"""Other parameters are tried beside the project, which stays as it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kam_analysis.errors import UserError
from kam_analysis.params import load
from kam_analysis.pipeline import tries
from kam_analysis.pipeline.lock import held
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.tries import changed, results_of, try_parameters

Kam = Callable[..., tuple[int, str]]


def _bytes(project: Project) -> dict[Path, bytes]:
    files = (path for path in project.root.rglob("*") if path.is_file() and project.cache not in path.parents)
    return {path: path.read_bytes() for path in files if path != project.lock_path}


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Project, list[str]]]:
    """Stand in for DVC: note what is asked, write a result as a stage does, fail where the share is 0.9."""
    asked: list[tuple[Project, list[str]]] = []

    def repro(copy: Project, lock: int, tell: Any, names: list[str]) -> int:
        asked.append((copy, names))
        made = copy.processed("key_list")
        made.unlink(missing_ok=True)
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text("tried")
        tell("key_clients: cell 3/34 setup 0.9 s")
        tell("key_clients: done 1.0 s")
        return int(load(copy.params_path).key_clients.min_share == 0.9)

    monkeypatch.setattr(tries, "repro", repro)
    return asked


def test_a_try_has_its_own_parameters_and_results_and_the_project_keeps_its_own(
    project: Project, stages: list[tuple[Project, list[str]]]
) -> None:
    project.processed("key_list").parent.mkdir(parents=True)
    project.processed("key_list").write_text("now")
    before, told = _bytes(project), list[str]()
    done = try_parameters(project, ["key_clients.min_share=0.05", "as_of=2024-03-01"], "lower", False, told.append)
    assert done == ("lower", 0)
    assert told == ["key_clients: done 1.0 s"]
    assert _bytes(project) == before
    assert [names for _, names in stages] == [["cleaning"]]
    copy = project.tried("lower")
    params = load(copy.params_path)
    assert (params.key_clients.min_share, str(params.as_of), params.report.max_rows) == (0.05, "2024-03-01", 20)
    assert copy.processed("key_list").read_text() == "tried"
    raw = [one.raw("tiny") / "sales.csv" for one in (project, copy)]
    assert raw[0].stat().st_ino == raw[1].stat().st_ino


def test_a_try_that_fails_leaves_the_project_and_the_try_of_before(
    project: Project, stages: list[tuple[Project, list[str]]]
) -> None:
    assert try_parameters(project, ["key_clients.min_share=0.05"], "a", True, str)[1] == 0
    assert stages[-1][1] == ["cleaning", "site"]
    before = _bytes(project)
    assert try_parameters(project, ["key_clients.min_share=0.9"], "a", False, str) == ("a", 1)
    assert _bytes(project) == before
    assert load(project.tried("a").params_path).key_clients.min_share == 0.05


def test_files_are_copied_where_they_cannot_be_linked(
    project: Project, stages: list[tuple[Project, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    name, _ = try_parameters(project, ["report.max_rows=5"], None, False, str)
    assert name == "report.max_rows=5"
    assert (project.tried(name).raw("tiny") / "sales.csv").read_bytes() == (
        project.raw("tiny") / "sales.csv"
    ).read_bytes()


@pytest.mark.parametrize(("changes", "said"), [
    (["key_clients.min_shar=0.05"], "kam try, key_clients.min_shar: unknown key"),
    (["key_clients.min_share=5"], "kam try, key_clients.min_share: Input should be less than or equal to 1, got 5"),
    (["key_clients.min_share"], "key_clients.min_share: is no change. Cure: key=value"),
    (["key_clients.min_share.x=1"], "kam try, key_clients.min_share"),
    (["report.max_rows=20"], "kam try: every parameter has this value already"),
    (["source=nobody"], "sources/nobody.yaml: no such source"),
])  # fmt: skip
def test_what_cannot_be_tried_is_named_before_anything_runs(
    project: Project, kam: Kam, stages: list[Any], changes: list[str], said: str
) -> None:
    before = _bytes(project)
    status, text = kam("try", *changes)
    assert status == 2
    assert said in text
    assert stages == []
    assert _bytes(project) == before
    assert not list(project.cache.glob("tries/[!.]*"))


@pytest.mark.parametrize("name", ["../x", "now", "7", ".hidden", "a b"])
def test_a_name_that_is_none_is_refused(project: Project, kam: Kam, name: str) -> None:
    assert kam("try", "report.max_rows=5", "--name", name)[0] == 2


def test_a_second_try_is_refused_while_one_is_at_work(project: Project, kam: Kam) -> None:
    with held(project.lock_path, "a try"):
        status, said = kam("try", "report.max_rows=5")
    assert status == 75
    assert said.startswith("busy: a try, process ")


def test_values_are_read_as_in_the_file(project: Project) -> None:
    values = changed(project, ["report.languages=[mk, en]", "facts.assumed_margin=0.3", "compare_as_of="])
    assert (values["report"]["languages"], values["facts"], values["compare_as_of"]) == (
        ["mk", "en"],
        {"assumed_margin": 0.3},
        None,
    )


def test_results_that_are_not_there_are_named(project: Project) -> None:
    project.tried("a").root.mkdir(parents=True)
    with pytest.raises(UserError, match=r"no try 'b'; there are a\. Cure: kam try"):
        results_of(project, "b")
    with pytest.raises(UserError, match="no complete run"):
        results_of(project, "now")
