from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from kam_analysis.params import load
from kam_analysis.pipeline.cells import INJECTED_ID, settled
from kam_analysis.pipeline.execute import SECTIONS, _declared
from kam_analysis.pipeline.graph import dvc_files, notebook_code
from kam_analysis.pipeline.imports import Package
from kam_analysis.pipeline.project import ROOMS, Project

ROOT = Project(Path(__file__).parents[2])
SHOWN = ("src/kam_analysis/drawings", "src/kam_analysis/report", "src/kam_analysis/site")
FILES = {
    "p/__init__.py": "",
    "p/a.py": "from p.rooms import inner\ndef f():\n    import p.late\n",
    "p/late.py": "from . import relative",
    "p/relative.py": "",
    "p/alone.py": "",
    "p/rooms/__init__.py": "",
    "p/rooms/inner.py": "import os",
    "p/rooms/sql/one.sql": "SELECT 1",
    "p/rooms/map.csv": "x",
    "p/other/__init__.py": "",
    "p/other/x.py": "",
}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Package(tmp_path / "p")


def _names(package: Package, paths: list[Path]) -> list[str]:
    return [path.relative_to(package.folder.parent).as_posix() for path in paths]


def test_closure_follows_imports_in_functions_relative_ones_and_packages_above(package: Package) -> None:
    assert package.closure(["p.a"]) == {"p", "p.a", "p.rooms", "p.rooms.inner", "p.late", "p.relative"}


def test_a_name_out_of_a_module_leads_to_the_module(package: Package) -> None:
    assert set(package.imports("from p.rooms.inner import thing")) == {"p.rooms.inner"}


def test_files_bring_the_data_of_their_packages(package: Package) -> None:
    found = _names(package, package.files(["p.rooms.inner"]))
    assert found == ["p/rooms/inner.py", "p/rooms/map.csv", "p/rooms/sql/one.sql"]


def test_a_folder_stands_for_its_files_only_when_all_are_needed(package: Package) -> None:
    files = set(package.files(package.closure(["p.a"])))
    hidden = {package.modules["p.alone"]}
    folded = ["p/__init__.py", "p/a.py", "p/late.py", "p/relative.py", "p/rooms"]
    assert _names(package, package.folded(files, hidden)) == folded
    with_other = files | set(package.files(["p.other", "p.other.x"]))
    assert _names(package, package.folded(with_other, hidden)) == ["p"]


def test_the_files_of_dvc_are_those_of_imports_notebooks_and_tables() -> None:
    for name, text in dvc_files(ROOT).items():
        written = (ROOT.root / name).read_text(encoding="utf-8")
        assert written == text, f"{name} is old: run python -m kam_analysis.pipeline.graph"


@pytest.mark.parametrize("stage", [*ROOMS, "site"])
def test_only_the_pages_depend_on_languages_and_drawings(stage: str) -> None:
    stages = yaml.safe_load((ROOT.root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    shown = [name for name in stages[stage]["deps"] if name.startswith(SHOWN)]
    assert shown == (list(SHOWN) if stage == "site" else [])


def test_every_dependency_in_the_project_is_there_or_an_output() -> None:
    stages = yaml.safe_load((ROOT.root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    outputs = {name for stage in stages.values() for name in [*stage["outs"], *stage.get("metrics", [])]}
    for stage in stages.values():
        for name in stage["deps"]:
            assert "${source}" in name or name in outputs or (ROOT.root / name).exists(), name


def _parameters_read(code: str) -> set[str]:
    """Give what a notebook reads of ``stage.params``, under that name or another: sections, or section.key."""
    tree = ast.parse(code)
    names = {"stage.params": ""}

    def dotted(node: ast.expr) -> str | None:
        chain = ast.unparse(node)
        for name, stands_for in names.items():
            if chain == name or chain.startswith(f"{name}."):
                return f"{stands_for}{chain.removeprefix(name)}".strip(".")
        return None

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets, values = (
                part.elts if isinstance(part, ast.Tuple) else [part] for part in (node.targets[0], node.value)
            )
            for target, value in zip(targets, values, strict=len(targets) == len(values)):
                if isinstance(value, ast.Attribute) and (found := dotted(value)) is not None:
                    names[ast.unparse(target)] = found
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    chains = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and id(node) not in inner]
    return {found for chain in chains if (found := dotted(chain))}


def test_parameters_are_found_under_any_name() -> None:
    code = "a, b = stage.params, 1\nrules = a.retention\nf(a.facts, rules.min_cell, stage.params.abc.a_until, b.x)"
    assert _parameters_read(code) == {"retention", "facts", "retention.min_cell", "abc.a_until"}


@pytest.mark.parametrize("room", ROOMS)
def test_notebooks_use_only_the_parameters_that_their_stage_declares(room: str) -> None:
    declared = SECTIONS[room]
    code = "\n".join(notebook_code(ROOT.notebook(room)))
    assert {name for name in _parameters_read(code) if not {name, name.partition(".")[0]} & set(declared)} == set()


def test_a_notebook_is_given_of_a_section_only_the_keys_that_its_stage_declares() -> None:
    given = load(ROOT.params_path).model_dump(mode="json", include=_declared("value"))
    assert given["retention"].keys() == {"period_months"}
    assert given.keys() == {"source", "facts", "segments", "retention", "value"}


def test_an_executed_notebook_has_nothing_that_differs_from_run_to_run() -> None:
    import nbformat.v4 as v4

    def executed(seconds: str, count: int, name: str) -> str:
        result = v4.new_output("execute_result", {"text/plain": "1"}, execution_count=count)
        warning = v4.new_output("stream", name="stderr", text=f"/home/{name}/x.py")
        cell = v4.new_code_cell("1", id="one", execution_count=count, outputs=[result, warning])
        cell.metadata = {
            "papermill": {"duration": seconds},
            "execution": {"iopub.status.busy": seconds},
            "tags": ["hide"],
        }
        injected = v4.new_code_cell("x", id=name, metadata={"tags": [INJECTED_ID]}, execution_count=count + 5)
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        made = v4.new_notebook(cells=[injected, cell], metadata={"kernelspec": kernel, "papermill": {"start": seconds}})
        before = str(made)
        after = settled(made)
        assert str(made) == before
        assert [cell.execution_count for cell in after.cells] == [1, 2]
        assert after.cells[1].metadata == {"tags": ["hide"]}
        return str(after)

    assert executed("1.0", 3, "anna") == executed("2.5", 9, "bert")
