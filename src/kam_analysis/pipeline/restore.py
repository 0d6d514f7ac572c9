"""What a stage that fails puts back: DVC deletes the outputs of before when it starts one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kam_analysis.pipeline.project import Project

RESULTS = "dvc.lock"


def put_back(project: Project, stage: str) -> None:
    """Take the outputs of the last finished run of a stage out of DVC's cache, all of them or none."""
    try:
        stages = yaml.safe_load((project.root / RESULTS).read_text(encoding="utf-8"))["stages"]
        files = [file for output in stages[stage]["outs"] for file in _files(project, output)]
    except (FileNotFoundError, KeyError, TypeError, ValueError, yaml.YAMLError):
        return  # never finished, or its results are no longer kept
    if not all(kept.is_file() for kept, _ in files):
        return
    for output in stages[stage]["outs"]:
        path = project.root / output["path"]
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for kept, path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, path)


def _files(project: Project, output: dict[str, Any]) -> Iterator[tuple[Path, Path]]:
    """Give every file of an output in the cache, and its place."""
    kept, place = _kept(project, output["md5"]), project.root / output["path"]
    if not output["md5"].endswith(".dir"):
        yield kept, place
        return
    for member in json.loads(kept.read_text(encoding="utf-8")):
        yield _kept(project, member["md5"]), place / member["relpath"]


def _kept(project: Project, digest: str) -> Path:
    return project.root / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]
