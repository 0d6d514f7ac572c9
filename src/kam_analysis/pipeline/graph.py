"""The stages as data, and the texts of ``dvc.yaml`` and ``.dvcignore`` made from them.

``python -m kam_analysis.pipeline.graph`` writes both again after a change of imports, notebooks or rooms.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from kam_analysis.params import LANGUAGES
from kam_analysis.pipeline.imports import Package
from kam_analysis.pipeline.own import own_rooms, record
from kam_analysis.pipeline.project import ACCOUNTS, MANAGERS, Project, find_project
from kam_analysis.rooms import ROOMS

HEAD = "# Written by `python -m kam_analysis.pipeline.graph`; a test compares the two.\n"
LOCK = "requirements.lock"
DRAWINGS = "kam_analysis.drawings."
RUN_BY_NAME = ("kam_analysis.pipeline.execute", "kam_analysis.pipeline.kernel")
SITE = "kam_analysis.site"
RECORDS = "kam_analysis.rooms"
PSEUDONYMS = "report.pseudonyms"  # hides the title of the source in every chapter
PLOTS = {  # x and y of the curves that `dvc plots show` draws
    "company_months": ("month", "net_sales"),
    "concentration_trend": ("month", "cr1"),
    "concentration_curve": ("rank", "cumulated_share"),
    "lifetime_value_months": ("month", "value"),
    "cohort_means": ("months_since", "active_share"),
    "chance_reliability": ("predicted", "observed"),
}
PYTHON = '".dvc/python" -m'  # that of the environment, also where none is active
IGNORED = "# Written like dvc.yaml: what no stage needs.\n.venv\n.cache\nlogs\nscratch\n**/__pycache__\n"


def dvc_files(project: Project) -> dict[str, str]:
    """Texts of ``dvc.yaml`` and ``.dvcignore``: a stage for every room that has a notebook, and the index.

    A stage depends on the files that its notebook's imports lead to. Where it needs all files of a folder, the folder
    stands for them: a shorter ``dvc.lock`` is what makes DVC quick. Files that no stage needs are hidden from DVC.
    """
    package = Package(project.root / "src" / "kam_analysis")
    own = own_rooms(project)
    rooms = [*(room for room in ROOMS if project.notebook(room).exists()), *own]
    modules = {room: _modules(package, project.notebook(room), room) for room in rooms}
    drawers = [module for module in package.modules if module.startswith(DRAWINGS)]
    modules["site"] = package.closure([f"{SITE}.__main__", *drawers])
    files = {stage: set(package.files(modules[stage])) for stage in modules}
    hidden = package.all_files() - set().union(*files.values())
    stages = {room: _stage(project, room) for room in rooms} | {"site": _site(project, rooms)}
    for stage, content in stages.items():
        content["deps"] += [LOCK, *_relative(project, package.folded(files[stage], hidden))]
    ignored = IGNORED + "".join(f"/{name}\n" for name in _relative(project, sorted(hidden)))
    plots = [
        {project.csv(name).relative_to(project.root).as_posix(): {"x": x, "y": y}} for name, (x, y) in PLOTS.items()
    ]
    pipeline = yaml.safe_dump({"stages": stages, "plots": plots}, sort_keys=False, width=120)
    return {"dvc.yaml": HEAD + pipeline, ".dvcignore": ignored}


def _stage(project: Project, room: str) -> dict[str, Any]:
    notebook = project.notebook(room)
    source = project.raw("${source}") if room == "cleaning" else project.window
    inputs = [notebook, project.profile_path("${source}"), source, *map(project.table, record(project, room).reads)]
    outputs = [
        *map(project.table, record(project, room).writes),
        *([project.window] if room == "cleaning" else []),
        project.findings(room),
        project.executed(room),
        project.metrics(room),
    ]
    return {
        "cmd": f"{PYTHON} kam_analysis.pipeline.execute {room}",
        "deps": _relative(project, inputs),
        "params": list(dict.fromkeys([*record(project, room).params, PSEUDONYMS])),
        "outs": _relative(project, outputs),
    }


def _site(project: Project, rooms: Sequence[str]) -> dict[str, Any]:
    return {
        "cmd": f"{PYTHON} {SITE}",
        "deps": _relative(
            project,
            [
                project.params_path,
                project.profile_path("${source}"),
                project.history("${source}"),
                *map(project.findings, rooms),
                *map(project.executed, rooms),
                *map(project.metrics, rooms),
            ],
        ),
        "outs": _relative(
            project,
            [
                project.index,
                *map(project.page, rooms),
                project.csv("").parent,
                *(project.reports / folder for folder in (ACCOUNTS, MANAGERS)),
                *(project.reports / code for code in LANGUAGES),
            ],
        ),
        "metrics": _relative(project, [project.headline]),
    }


def _modules(package: Package, notebook: Path, room: str) -> set[str]:
    """Modules that a stage can import, by the notebook's imports and by name; the records stand in ``dvc.yaml``."""
    own = f"kam_analysis.{room}."
    seeds = {*RUN_BY_NAME, *(module for module in package.modules if f"{module}.".startswith(own))}
    for code in notebook_code(notebook):
        seeds.update(package.imports(code))
    return package.closure(seeds) - {RECORDS}


def notebook_code(notebook: Path) -> Iterator[str]:
    """Code cells of a notebook, in order."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


def _relative(project: Project, paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(project.root).as_posix() for path in paths]


def write_dvc_files(project: Project) -> None:
    """Write both files again where they are not what the project holds."""
    for name, text in dvc_files(project).items():
        path = project.root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_dvc_files(Project(find_project()))
