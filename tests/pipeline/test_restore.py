"""A stage that fails puts the outputs of before back, all or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.restore import put_back


def _keep(project: Project, digest: str, text: str) -> Path:
    path = project.root / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def folder(project: Project) -> Path:
    """A finished stage with a file and a folder of two files; then DVC deleted them, and the stage left half a file."""
    _keep(project, "aa11", "table")
    members = [{"md5": "bb22", "relpath": "a.json"}, {"md5": "cc33", "relpath": "below/b.json"}]
    _keep(project, "dd44.dir", json.dumps(members))
    _keep(project, "bb22", "first")
    _keep(project, "cc33", "second")
    outs = [{"path": "data/processed/t.parquet", "md5": "aa11"}, {"path": "data/processed/found", "md5": "dd44.dir"}]
    (project.root / "dvc.lock").write_text(yaml.safe_dump({"stages": {"value": {"outs": outs}}}), encoding="utf-8")
    made = project.root / "data" / "processed"
    (made / "found").mkdir(parents=True)
    (made / "found" / "half.json").write_text("half", encoding="utf-8")
    return made


def _texts(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_outputs_come_back_whole(project: Project, folder: Path) -> None:
    put_back(project, "value")
    assert _texts(folder) == {"t.parquet": "table", "found/a.json": "first", "found/below/b.json": "second"}


@pytest.mark.parametrize("stage", ["value", "unknown"])
def test_nothing_comes_back_where_a_part_is_no_longer_kept(project: Project, folder: Path, stage: str) -> None:
    if stage == "value":
        (project.root / ".dvc" / "cache" / "files" / "md5" / "cc" / "33").unlink()
    put_back(project, stage)
    assert _texts(folder) == {"found/half.json": "half"}
