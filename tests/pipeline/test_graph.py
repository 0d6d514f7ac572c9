from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path

import pytest
import yaml

from kam_analysis.errors import UserError
from kam_analysis.params import Params, Section, Weights
from kam_analysis.pipeline.cells import INJECTED_ID, settled
from kam_analysis.pipeline.graph import RECORDS, dvc_files, notebook_code
from kam_analysis.pipeline.imports import Package
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.stage import Stage
from kam_analysis.rooms import ROOMS, Room
from kam_analysis.tables import SHARED

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


def _leaves(keys: Iterable[str]) -> Iterator[str]:
    """Give every key with what is below it, down to single values."""
    for key in keys:
        value = reduce(getattr, key.split("."), Params())
        below = type(value).model_fields if isinstance(value, Section) else ()
        yield from _leaves(f"{key}.{name}" for name in below) if below else [key]


def _words(code: str) -> set[str]:
    return set(re.findall(r"\w+", code))


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_a_room_uses_the_parameters_that_its_record_names(room: Room) -> None:
    """That it uses no others, its parameters see to: they refuse them."""
    package = Package(ROOT.root / "src" / "kam_analysis")
    notebook = list(notebook_code(ROOT.notebook(room.word)))
    seeds = {module for code in notebook for module in package.imports(code)} | {"kam_analysis.pipeline.stage"}
    known = {"kam_analysis.params", RECORDS}
    code = [package.modules[module].read_text(encoding="utf-8") for module in package.closure(seeds) - known]
    words = set().union(*map(_words, [*notebook, *code]))
    keys = list(_leaves(room.params))
    assert sorted(set(keys)) == sorted(keys)
    dumped = Weights.model_fields.keys() if "key_clients.weights" in room.params else set()  # by their own names
    assert [key for key in keys if key.rpartition(".")[2] not in words | dumped] == []


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_a_room_reads_the_tables_that_its_record_names_and_rooms_before_write(room: Room) -> None:
    written = [name for other in ROOMS.values() if other.number < room.number for name in other.writes]
    texts = {
        node.value
        for code in notebook_code(ROOT.notebook(room.word))
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant)
    }
    assert sorted(room.reads) == sorted(texts & set(written))


def test_every_table_that_crosses_a_stage_is_written_by_one_room() -> None:
    assert sorted(SHARED) == sorted(name for room in ROOMS.values() for name in room.writes)


def test_a_key_that_a_record_does_not_name_is_refused_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stage, "_read_window", lambda _: {})  # nothing has run
    stage = Stage("value", Params(), ROOT)
    refused = r"retention\.min_cell: is no parameter of the stage value\. Cure: add it to its record in rooms\.py"
    with pytest.raises(UserError, match=refused):
        _ = stage.params.retention.min_cell
    assert stage.params.model_dump()["retention"] == {"period_months": None}
    for refuse in (stage.read, stage.write):
        with pytest.raises(UserError, match=r"contracts: is not .* by value\. Cure: add it to its record in rooms\.py"):
            refuse("contracts")
    stage.engine.close()


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
