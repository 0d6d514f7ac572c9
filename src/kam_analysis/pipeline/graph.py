"""The stages as data, and the text of ``dvc.yaml`` made from them.

``python -m kam_analysis.pipeline.graph`` writes the file again after a change of imports, notebooks or tables.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from kam_analysis.pipeline.execute import SECTIONS
from kam_analysis.pipeline.imports import Package
from kam_analysis.pipeline.project import ROOMS, Project, find_project

HEAD = "# Written by `python -m kam_analysis.pipeline.graph`; a test compares the two.\n"
LOCK = "requirements.lock"
DRAWINGS = "kam_analysis.report.drawings."
RUN_BY_NAME = ("kam_analysis.pipeline.execute", "kam_analysis.pipeline.kernel")


def dvc_yaml(project: Project) -> str:
    """Text of ``dvc.yaml``: a stage for every room that has a notebook, and the index."""
    package = Package(project.root / "src" / "kam_analysis")
    rooms = [room for room in ROOMS if project.notebook(room).exists()]
    stages: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for room in rooms:
        stages[room] = _stage(project, package, room, owners)
        owners |= dict.fromkeys(import_module(f"kam_analysis.{room}.tables").WRITTEN, room)
    stages["site"] = _site(project, package, rooms)
    return HEAD + yaml.safe_dump({"stages": stages}, sort_keys=False, width=120)


def _stage(project: Project, package: Package, room: str, owners: Mapping[str, str]) -> dict[str, Any]:
    notebook = project.notebook(room)
    source = project.raw("${source}") if room == "cleaning" else project.findings("cleaning")
    read = sorted(set(_texts(notebook)) & set(owners))
    modules = _modules(package, room, notebook, {owners[table] for table in read})
    tables = import_module(f"kam_analysis.{room}.tables")
    inputs = [notebook, project.profile_path("${source}"), source, *(project.table(table) for table in read)]
    outputs = [
        *(project.table(table) for table in tables.WRITTEN),
        project.findings(room),
        project.executed(room),
        project.page(room),
        *(project.csv(table) for table in sorted(tables.PUBLISHED)),
    ]
    return {
        "cmd": f"python -m kam_analysis.pipeline.execute {room}",
        "deps": [*_relative(project, inputs), LOCK, *_relative(project, package.files(modules))],
        "params": list(SECTIONS[room]),
        "outs": _relative(project, outputs),
        "metrics": _relative(project, [project.metrics(room)]),
    }


def _site(project: Project, package: Package, rooms: list[str]) -> dict[str, Any]:
    inputs = [*(project.findings(room) for room in rooms), *(project.metrics(room) for room in rooms)]
    modules = package.closure(["kam_analysis.pipeline.site"])
    return {
        "cmd": "python -m kam_analysis.pipeline.site",
        "deps": [*_relative(project, inputs), LOCK, *_relative(project, package.files(modules))],
        "params": [{"params.yaml": None}],
        "outs": _relative(project, [project.index]),
    }


def _modules(package: Package, room: str, notebook: Path, owners: set[str]) -> set[str]:
    """Modules that a stage can import: by the notebook's imports, and by name (contracts, drawings, entry points)."""
    seeds = {*RUN_BY_NAME, *(f"kam_analysis.{owner}.tables" for owner in {room, *owners})}
    for code in notebook_code(notebook):
        seeds.update(package.imports(code))
    modules = package.closure(seeds)
    wanted = {name for module in modules for name in _drawings_named(package.modules[module])}
    drawers = {module for module in package.modules if module.startswith(DRAWINGS)}
    return modules | package.closure({module for module in drawers if wanted & _functions(package.modules[module])})


def _drawings_named(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.keyword(arg="drawing", value=value):
                yield from (n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


def notebook_code(notebook: Path) -> Iterator[str]:
    """Code cells of a notebook, in order."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


def _texts(notebook: Path) -> Iterator[str]:
    """Texts in the code of a notebook: the names of the tables that it reads are among them."""
    for code in notebook_code(notebook):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _relative(project: Project, paths: list[Path]) -> list[str]:
    return [path.relative_to(project.root).as_posix() for path in paths]


if __name__ == "__main__":
    root = find_project()
    (root / "dvc.yaml").write_text(dvc_yaml(Project(root)), encoding="utf-8", newline="\n")
