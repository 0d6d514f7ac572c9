"""PDF files of the pages that are carried to meetings."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kam_analysis.pipeline.pdf import BROWSERS
from kam_analysis.pipeline.project import Project

Kam = Callable[..., tuple[int, str]]
PAGE = "<!DOCTYPE html><title>Board</title><main><h1>Nothing to decide</h1></main>"


@pytest.fixture
def reports(project: Project) -> Path:
    (project.reports / "accounts").mkdir(parents=True)
    for name in ("index.html", "05_retention.html", "accounts/0002.html"):
        (project.reports / name).write_text(PAGE, encoding="utf-8")
    return project.reports


def test_without_reports_there_is_nothing_to_print(kam: Kam, tmp_path: Path) -> None:
    status, said = kam("pdf", str(tmp_path))
    assert (status, said) == (2, "reports/index.html: there are no reports yet. Cure: kam run\n")


def test_without_a_browser_the_cure_is_named(
    reports: Path, kam: Kam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    status, said = kam("pdf", str(tmp_path / "out"))
    assert status == 2
    assert "no browser that prints without a screen. Cure: install Chromium" in said
    assert not (tmp_path / "out").exists()


def test_a_browser_that_prints_nothing_leaves_the_file_of_before(
    reports: Path, kam: Kam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin/chromium"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    fake.chmod(0o755)
    old = tmp_path / "out/index.pdf"
    old.parent.mkdir()
    old.write_bytes(b"%PDF-1.4 of before")
    monkeypatch.setenv("PATH", str(fake.parent), prepend=":")
    status, said = kam("pdf", str(old.parent))
    assert status == 2
    assert "index.html: the browser printed nothing" in said
    assert old.read_bytes() == b"%PDF-1.4 of before"


@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="no Chromium on the path")
def test_the_board_page_and_accounts_are_printed(reports: Path, kam: Kam, tmp_path: Path) -> None:
    status, said = kam("pdf", str(tmp_path / "out"))
    assert (status, said.split()) == (0, [str(tmp_path / f"out/{name}.pdf") for name in ("index", "accounts/0002")])
    assert (tmp_path / "out/accounts/0002.pdf").read_bytes().startswith(b"%PDF-")
