from __future__ import annotations

import os
from pathlib import Path

from kam_analysis.pipeline.clean import clean
from kam_analysis.pipeline.project import Project


def _cached(project: Project, md5: str, content: str = "x") -> Path:
    path = project.root / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def _run(project: Project, command: str, number: int, md5: str) -> Path:
    path = project.root / ".dvc" / "cache" / "runs" / f"{number:02}" / f"{number:04}" / "entry"
    path.parent.mkdir(parents=True)
    path.write_text(f"cmd: {command}\nouts:\n- path: reports/x\n  md5: {md5}\n", encoding="utf-8")
    os.utime(path, (number, number))
    return path


def test_the_newest_runs_of_every_stage_and_the_lock_are_kept(project: Project) -> None:
    runs = [_run(project, "one", number, f"aa{number}") for number in (1, 2, 3)] + [_run(project, "two", 4, "bb4")]
    files = [_cached(project, md5) for md5 in ("aa1", "aa2", "aa3", "bb4", "cc5", "dd6")]
    listing = _cached(project, "ee7.dir", '[{"md5": "dd6", "relpath": "a"}]')
    lock = "stages:\n  one:\n    cmd: one\n    outs:\n    - {path: r, md5: aa1}\n    - {path: d, md5: ee7.dir}\n"
    (project.root / "dvc.lock").write_text(lock, encoding="utf-8")
    # forgotten: runs 1 and 2 of "one"; freed: aa2 and cc5 (one byte each), aa1 is in the lock, dd6 in its folder
    assert clean(project, keep=1) == (2, 2)
    assert [path.exists() for path in runs] == [False, False, True, True]
    assert [path.exists() for path in files] == [True, False, True, True, False, True]
    assert listing.exists()


def test_keeping_more_than_there_are_deletes_nothing(project: Project) -> None:
    _run(project, "one", 1, "aa1")
    kept = _cached(project, "aa1")
    assert clean(project, keep=5) == (0, 0)
    assert kept.exists()


def test_pictures_go_with_their_bytes_counted(project: Project) -> None:
    picture = project.pictures / "ab" / "cd"
    picture.parent.mkdir(parents=True)
    picture.write_text("svg", encoding="utf-8")
    assert clean(project, keep=5) == (0, 3)
    assert not project.pictures.exists()
