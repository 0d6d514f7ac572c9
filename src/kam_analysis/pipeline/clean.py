"""Old runs out of DVC's cache, and what pages were drawn from."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kam_analysis.pipeline.lock import held
from kam_analysis.pipeline.project import Project


def clean(project: Project, keep: int) -> tuple[int, int]:
    """Forget all but the `keep` newest runs of every stage, and delete the files that no remembered run made.

    What ``dvc.lock`` names is always kept. Going back to forgotten parameters computes again, and the next pages are
    drawn anew, for their pictures go too; nothing else is lost.

    Returns
    -------
    tuple of int
        Runs forgotten and bytes freed.

    Raises
    ------
    Busy
        When a run is at work.
    """
    cache = project.root / ".dvc" / "cache"
    with held(project.lock_path, "a clean-up"):
        forgotten = 0
        for runs in _runs_by_stage(cache).values():
            for path in runs[keep:]:
                path.unlink()
                forgotten += 1
        used = set(_used(project, cache))
        freed = 0
        for path in (cache / "files" / "md5").glob("??/*"):
            if f"{path.parent.name}{path.name}" not in used:
                freed += path.stat().st_size
                path.unlink()
        freed += sum(path.stat().st_size for path in project.pictures.rglob("*") if path.is_file())
        shutil.rmtree(project.pictures, ignore_errors=True)
    return forgotten, freed


def _runs_by_stage(cache: Path) -> dict[str, list[Path]]:
    """Remembered runs by the stage's command, the newest first."""
    stages = defaultdict(list)
    newest_first = sorted((cache / "runs").glob("??/*/*"), key=lambda path: (-path.stat().st_mtime_ns, path.name))
    for path in newest_first:
        stages[str(_entry(path)["cmd"])].append(path)
    return stages


def _entry(path: Path) -> dict[str, Any]:
    entry: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return entry


def _used(project: Project, cache: Path) -> Iterator[str]:
    lock = project.root / "dvc.lock"
    entries = [_entry(path) for path in (cache / "runs").glob("??/*/*")]
    entries += list(_entry(lock)["stages"].values()) if lock.exists() else []
    for entry in entries:
        for output in entry.get("outs", []):
            yield output["md5"]
            if output["md5"].endswith(".dir"):
                listing = cache / "files" / "md5" / output["md5"][:2] / output["md5"][2:]
                yield from (member["md5"] for member in json.loads(listing.read_text(encoding="utf-8")))
