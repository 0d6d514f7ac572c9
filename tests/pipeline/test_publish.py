from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path

import pytest

from kam_analysis.pipeline import publish as publishing
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.publish import NotPublishable, publish


@pytest.fixture
def complete(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Give a project whose reports count as complete and verified."""
    (project.reports / "tables").mkdir(parents=True)
    _write(project, "old")
    files = [project.index, project.csv("calls")]
    monkeypatch.setattr(publishing, "complete_set", lambda _: files)
    return project


def _write(project: Project, text: str) -> None:
    project.index.write_text(text, encoding="utf-8")
    project.csv("calls").write_text(text, encoding="utf-8")


def _read(place: Path) -> list[str]:
    return [(place / name).read_text(encoding="utf-8") for name in ("index.html", "tables/calls.csv")]


def test_sets_replace_each_other_and_only_the_one_before_stays(complete: Project, tmp_path: Path) -> None:
    place = tmp_path / "out" / "tiny" / "en"
    for text in ("old", "new", "newest"):
        _write(complete, text)
        assert publish(complete, tmp_path / "out") == place / "index.html"
        assert _read(place) == [text, text]
    sets = [path for path in place.parent.iterdir() if path.is_dir() and not path.is_symlink()]
    assert sorted(_read(path)[0] for path in sets) == ["new", "newest"]


def test_a_set_is_remembered_once_and_may_be_published_again(
    complete: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        publish(complete, tmp_path / "out")
    assert [path.name for path in complete.history("tiny").iterdir()] == ["0001.json"]
    grown = {"site": [{"changed deps": {"data/history/tiny": "modified"}}]}
    other = {"cleaning": [{"changed deps": {"data/raw/tiny": "modified"}}]}
    for changed, is_fine in ((grown, True), (grown | other, False), ({}, True)):
        monkeypatch.setattr(publishing, "dvc", lambda *_, said=changed: _Said(json.dumps(said)))
        assert (publishing._changed(complete) == "") is is_fine
    complete.params_path.write_text("source: tiny\n", encoding="utf-8")  # a set that nobody published
    monkeypatch.setattr(publishing, "dvc", lambda *_: _Said(json.dumps(grown)))
    assert "data/history/tiny: modified" in publishing._changed(complete)


class _Said(contextlib.AbstractContextManager["_Said"]):
    def __init__(self, text: str) -> None:
        self._text = text

    def communicate(self) -> tuple[str, None]:
        return self._text, None

    def __exit__(self, *_: object) -> None:
        return None


def test_readers_never_see_a_mixture(complete: Project, tmp_path: Path) -> None:
    publish(complete, tmp_path / "out")
    place = tmp_path / "out" / "tiny" / "en"
    seen: set[str] = set()
    is_over = threading.Event()

    def read() -> None:
        is_last = False
        while not is_last:
            is_last = is_over.is_set()
            # A reader who sleeps through two publications finds the set gone, which is not a mixture.
            with contextlib.suppress(FileNotFoundError):
                seen.add("|".join(_read(place.resolve())))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(5):
        _write(complete, str(number))
        publish(complete, tmp_path / "out")
    is_over.set()
    reader.join()
    assert seen
    assert all(pair.split("|")[0] == pair.split("|")[1] for pair in seen)


def test_a_failing_copy_changes_nothing(complete: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(complete, tmp_path / "out")
    before = sorted((tmp_path / "out").rglob("*"))
    _write(complete, "new")
    complete.csv("calls").unlink()
    with pytest.raises(FileNotFoundError):
        publish(complete, tmp_path / "out")
    assert sorted((tmp_path / "out").rglob("*")) == before
    assert _read(tmp_path / "out" / "tiny" / "en") == ["old", "old"]


def test_a_folder_that_is_not_ours_is_not_touched(complete: Project, tmp_path: Path) -> None:
    (tmp_path / "out" / "tiny" / "en").mkdir(parents=True)
    with pytest.raises(NotPublishable, match="not published by this command"):
        publish(complete, tmp_path / "out")


def test_without_a_complete_run_nothing_is_made(project: Project, tmp_path: Path) -> None:
    with pytest.raises(NotPublishable, match=r"missing 01_cleaning\.html, en, index"):
        publish(project, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_managers_page_is_held_to_the_rules_of_its_depth(project: Project) -> None:
    page = project.reports / "managers" / "ana-1.html"
    page.parent.mkdir(parents=True)
    for address, is_inside in (("../index.html", True), ("../../x.html", False), ("https://x", False)):
        page.write_text(f'<html lang="en"><main><h1>A</h1><a href="{address}">x</a></main></html>', encoding="utf-8")
        leaving = [problem for problem in publishing._problems(project, page) if "leaves the folder" in problem]
        assert (leaving == []) is is_inside
