"""A complete, verified set of reports beside the old one, and into its place by one rename.

``DEST/<source>/<language>``, named by the first language of the reports, is a symbolic link to a folder beside it,
which holds one whole set; pages in other languages stand in folders inside. A new set is written into a new folder;
then one rename puts a new link over the old one, so that a reader has the old set or the new one and never a mixture.
This needs symbolic links, which every usual file system of Linux and macOS has. The set before the newest stays
beside it, for readers who are in the middle of it and for going back by hand; older ones are deleted.

What the set found is kept under ``data/history/<source>``, where the next run finds it to say what changed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from kam_analysis.params import load
from kam_analysis.pipeline.files import sync
from kam_analysis.pipeline.history import keep, read_history
from kam_analysis.pipeline.last_run import last_run
from kam_analysis.pipeline.lock import held
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.run import dvc

READABLE_FOLDER, READABLE_FILE = 0o755, 0o644


class NotPublishable(Exception):
    """There is no complete, verified set; nothing was changed. One line per problem."""


def publish(project: Project, destination: Path) -> Path:
    """Copy the reports to ``destination/<source>/<language>`` and swap them in.

    Returns
    -------
    Path
        The index of the published set.

    Raises
    ------
    NotPublishable
        When the last run is not complete and up to date, or a page breaks a rule of the report.
    Busy
        When a run, or another publication to the same place, is at work.
    UserError
        When the parameters are wrong.
    """
    params = load(project.params_path)
    place = destination.expanduser().resolve() / params.source / params.report.languages[0]
    if place.exists() and not place.is_symlink():
        kind = "folder" if place.is_dir() else "file"
        raise NotPublishable(f"{place} is a {kind} that was not published by this command")
    with held(project.lock_path, "a publication"):
        files = complete_set(project)
        place.parent.mkdir(parents=True, exist_ok=True)
        with held(place.parent / ".publish.lock", "a publication"):
            _swap(_copied(project, files, place), place)
        keep(project.history(params.source), last_run(project), params.report.kept_sets)
    return place / project.index.name


def complete_set(project: Project) -> list[Path]:
    """Give all published files of the last run.

    Raises
    ------
    NotPublishable
        When a file is missing, DVC does not say that everything is up to date, or a page breaks a rule.
    """
    declared = _declared(project)
    missing = [path for path in declared if not path.exists()]
    if missing or not declared:
        names = ", ".join(path.name for path in missing) or project.index.name
        raise NotPublishable(f"no complete run: missing {names}; run `kam run` first")
    if changed := _changed(project):
        raise NotPublishable(f"the reports are not up to date; run `kam run` first\n{changed}")
    within = (sorted(path.rglob("*")) if path.is_dir() else [path] for path in declared)
    files = [path for paths in within for path in paths if path.is_file()]
    if problems := [problem for path in files if path.suffix == ".html" for problem in _problems(project, path)]:
        raise NotPublishable("\n".join(problems))
    return files


def _changed(project: Project) -> str:
    """What is not up to date; nothing where only the history grew, by this very set."""
    with dvc(project, ["status", "--json", *_stages(project)]) as process:
        said, _ = process.communicate()
    try:
        changed = json.loads(said.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return said.strip() or "DVC says nothing"
    history = project.history(load(project.params_path).source)
    grown = [{"changed deps": {history.relative_to(project.root).as_posix(): "modified"}}]
    if changed == {"site": grown} and last_run(project) in read_history(history).sets.values():
        return ""
    return yaml.safe_dump(changed, allow_unicode=True).strip() if changed else ""


def _stages(project: Project) -> dict[str, Any]:
    stages: dict[str, Any] = yaml.safe_load((project.root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return stages


def _declared(project: Project) -> list[Path]:
    names = [
        PurePosixPath(name)
        for stage in _stages(project).values()
        for name in [*stage["outs"], *stage.get("metrics", [])]
    ]
    reports = [name for name in names if name.parts[0] == project.reports.name and ".." not in name.parts]
    return [project.root / name for name in sorted(reports)]


def _problems(project: Project, page: Path) -> list[str]:
    from kam_analysis.report.verify import LARGEST_INDEX, LARGEST_PAGE, problems_of_page

    name = page.relative_to(project.reports)
    largest = LARGEST_INDEX if name.name == project.index.name else LARGEST_PAGE
    html = page.read_text(encoding="utf-8")
    return [f"{name}: {problem}" for problem in problems_of_page(html, largest, len(name.parts) - 1)]


def _copied(project: Project, files: list[Path], place: Path) -> Path:
    made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for path in files:
            target = made / path.relative_to(project.reports)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(READABLE_FILE)
            sync(target)
        for folder in (made, *(path for path in made.rglob("*") if path.is_dir())):
            folder.chmod(READABLE_FOLDER)
            sync(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return made


def _swap(made: Path, place: Path) -> None:
    before = place.readlink().name if place.is_symlink() else None
    link = made.with_name(f"{made.name}.link")
    link.symlink_to(made.name)
    link.replace(place)
    sync(place.parent)
    for old in place.parent.glob(f".{place.name}-*"):
        if old.name not in (made.name, before):
            shutil.rmtree(old, ignore_errors=True)
