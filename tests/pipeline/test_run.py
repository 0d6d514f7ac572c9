"""A run, a publication, a kill in mid-stage, a failing notebook, bad input: in this order on one small project."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.run import NOT_FOR_PEOPLE, RESULTS, _results

from .conftest import CLOSE, SHOW, TITLE, make_project, write_notebook

HUNG_AFTER_SECONDS = 600  # ends a test that would wait for ever; no measure of speed
WAITING = """\
import time
from pathlib import Path
Path("../waiting").touch()
while Path("../hold").exists():
    time.sleep(0.05)
"""
BAD_INPUT = (
    "from kam_analysis.errors import Problem, UserError\nraise UserError(Problem('no date', 'sales.csv, row 7'))"
)


def _kam(project: Project, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from kam_analysis.cli import main; main()", *arguments],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _done(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate()
    return process.returncode, said


def _hashes(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _sell(project: Project, amount: int) -> None:
    with (project.raw("tiny") / "sales.csv").open("a", encoding="utf-8") as file:
        file.write(f"9,2024-03-01,{amount}\n")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = make_project(tmp_path_factory.mktemp("runs"))
    write_notebook(made, [WAITING, TITLE, SHOW, CLOSE])
    return made


@pytest.fixture(scope="module")
def published(project: Project) -> Iterator[Path]:
    """Give the published set of a first run."""
    status, said = _done(_kam(project, "run"))
    assert status == 0, said
    assert [line.split(" done ")[0] for line in said.splitlines() if " done " in line] == ["cleaning:", "site:"]
    assert "cell 6/6" not in said
    assert said.rstrip().endswith(str(project.index))
    yield _publish(project)


def _publish(project: Project) -> Path:
    status, said = _done(_kam(project, "publish", "published"))
    assert status == 0, said
    return project.root / "published" / "tiny" / "en"


def test_the_published_page_is_the_page_of_the_run(project: Project, published: Path) -> None:
    page = published / "01_cleaning.html"
    assert page.read_bytes() == project.page("cleaning").read_bytes()
    html = page.read_text(encoding="utf-8")
    assert "<h1>Data</h1>" in html and "2 rows" in html
    assert (published / "tables/line_flags.csv").read_text(encoding="utf-8").splitlines()[1:] == ["zero,2,0"]
    assert page.stat().st_mode & 0o777 == 0o644
    assert published.resolve().stat().st_mode & 0o777 == 0o755


def test_a_kill_in_mid_stage_leaves_the_published_set_and_the_next_run_recovers(
    project: Project, published: Path
) -> None:
    before, pages = _hashes(published), _hashes(project.reports)
    (project.root / "hold").touch()
    (project.root / "waiting").unlink()
    _sell(project, 1)
    run = _kam(project, "run")
    while not (project.root / "waiting").exists():
        assert run.poll() is None, run.communicate()[0]
        time.sleep(0.05)
    children = psutil.Process(run.pid).children(recursive=True)
    assert len(children) >= 3  # DVC, the stage, its kernel
    assert _done(_kam(project, "run"))[0] == 75
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    assert psutil.wait_procs(children, timeout=HUNG_AFTER_SECONDS)[1] == []
    assert _hashes(project.reports) == pages  # nothing half-run is ever drawn
    assert _done(_kam(project, "publish", "published"))[0] == 1
    assert _hashes(published) == before
    (project.root / "hold").unlink()
    status, said = _done(_kam(project, "run"))
    assert status == 0, said
    assert project.page("cleaning").exists()


def test_a_failing_cell_is_told_shortly_and_leaves_the_page_of_before(project: Project, published: Path) -> None:
    before, page = _hashes(published), project.page("cleaning").read_bytes()
    write_notebook(project, [TITLE, SHOW, CLOSE, "1 / 0"])
    status, said = _done(_kam(project, "run"))
    assert status == 1
    assert "cleaning: failed in cell 6/6 cell-4\nZeroDivisionError: division by zero\n" in said
    assert "The half-run notebook is logs/01_cleaning.failed.ipynb" in said
    assert "Traceback" not in said
    assert project.half_run("cleaning").exists()
    assert project.page("cleaning").read_bytes() == page
    assert said.rstrip().endswith("Tables and reports stand as they did before this run.")
    status, said = _done(_kam(project, "publish", "published"))
    assert (status, said[:30]) == (1, "the reports are not up to date")
    assert _hashes(published) == before


def test_a_failed_run_leaves_exports_that_dvc_tracks_as_they_lie_there(project: Project, published: Path) -> None:
    export, page = project.raw("other") / "sales.csv", project.page("cleaning").read_bytes()
    export.parent.mkdir()
    export.write_text("of March\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "dvc", "add", "--quiet", str(export)], cwd=project.root, check=True)
    export.write_text("of March and April\n", encoding="utf-8")
    write_notebook(project, [TITLE, SHOW, CLOSE, "1 / 0"])
    status, said = _done(_kam(project, "run"))
    assert (status, export.read_text(encoding="utf-8")) == (1, "of March and April\n")
    assert "stand as they did before" in said and project.page("cleaning").read_bytes() == page


def test_bad_input_in_a_cell_ends_with_2(project: Project, published: Path) -> None:
    write_notebook(project, [TITLE, SHOW, CLOSE, BAD_INPUT])
    status, said = _done(_kam(project, "run"))
    assert status == 2
    assert "sales.csv, row 7: no date\n" in said
    assert "UserError" not in said
    assert project.page("cleaning").exists()


def test_a_first_run_that_fails_leaves_nothing_and_promises_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    write_notebook(project, [TITLE, SHOW, CLOSE, BAD_INPUT])
    status, said = _done(_kam(project, "run"))
    assert status == 2 and "stand as they did" not in said
    assert not project.page("cleaning").exists()


def test_what_dvc_itself_could_not_do_is_told_and_what_a_stage_told_is_not_told_twice() -> None:
    assert not NOT_FOR_PEOPLE.search("ERROR: failed to reproduce 'site': [Errno 28] No space left on device")
    said = "ERROR: failed to reproduce 'site': failed to run: python -m kam_analysis.site, exited with 1"
    assert NOT_FOR_PEOPLE.search(said)


def test_the_run_is_in_the_log(project: Project, published: Path) -> None:
    log = project.log_path.read_text(encoding="utf-8")
    assert "run of tiny, parameters " in log
    assert "exit status 0 after " in log


GOOD = b"schema: '2.0'\nstages:\n  cleaning:\n    cmd: python\n"


@pytest.mark.parametrize(
    "broken",
    [
        GOOD[:30],
        b"",
        b"\x00\xff\xfe",
        b"<<<<<<< HEAD\n" + GOOD + b"=======\n" + GOOD + b">>>>>>> other\n",
        b"stages:\n",
        b"stages:\n  cleaning:\n",
    ],
)
def test_a_broken_record_of_results_is_set_aside_whole(broken: bytes, tmp_path: Path) -> None:
    project, told = Project(tmp_path), list[str]()
    (tmp_path / RESULTS).write_bytes(broken)
    assert _results(project, told.append) is None
    assert not (tmp_path / RESULTS).exists()
    assert (tmp_path / "logs" / "dvc.lock.broken").read_bytes() == broken
    assert told == ["dvc.lock could not be read and is now logs/dvc.lock.broken; it is written anew."]
    (tmp_path / RESULTS).write_bytes(GOOD)
    assert _results(project, told.append) == GOOD and len(told) == 1


def test_a_run_recovers_from_a_broken_record_lock_and_table_and_sweeps_what_was_left(
    project: Project, published: Path
) -> None:
    write_notebook(project, [WAITING, TITLE, SHOW, CLOSE])
    assert _done(_kam(project, "run"))[0] == 0
    page = project.page("cleaning").read_bytes()
    record = project.root / RESULTS
    record.write_bytes(b"<<<<<<< HEAD\n" + record.read_bytes())
    (project.root / ".dvc" / "tmp" / "rwlock").write_text("null", encoding="utf-8")
    executed = project.executed("cleaning")
    executed.chmod(0o644)
    executed.write_bytes(executed.read_bytes()[:50])
    left = project.cache / "scratch" / "kam-killed"
    left.mkdir(parents=True)
    status, said = _done(_kam(project, "run"))
    assert status == 0, said
    assert "dvc.lock could not be read" in said
    assert project.page("cleaning").read_bytes() == page and not left.exists()
    assert _done(_kam(project, "publish", "published"))[0] == 0


def test_what_is_edited_during_a_run_fails_it_and_leaves_the_results_of_before(
    project: Project, published: Path
) -> None:
    pages, results = _hashes(project.reports), (project.root / RESULTS).read_bytes()
    (project.root / "hold").touch()
    (project.root / "waiting").unlink()
    _sell(project, 2)
    run = _kam(project, "run")
    while not (project.root / "waiting").exists():
        assert run.poll() is None, run.communicate()[0]
        time.sleep(0.05)
    _sell(project, 3)
    with project.params_path.open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    (project.root / "hold").unlink()
    status, said = _done(run)
    assert status == 1
    assert "nothing of it is kept: data/raw/tiny/sales.csv, params.yaml. Run again." in said
    assert _hashes(project.reports) == pages and (project.root / RESULTS).read_bytes() == results
    assert _done(_kam(project, "run"))[0] == 0


def test_a_file_or_a_link_in_the_way_is_named_and_left(project: Project, published: Path) -> None:
    (project.root / "a file").touch()
    status, said = _done(_kam(project, "publish", "a file"))
    assert (status, said.strip()) == (1, f"{project.root}/a file/tiny: not a directory")
    precious, lock = project.root / "precious", project.root / "published" / "tiny" / ".publish.lock"
    precious.write_text("kept", encoding="utf-8")
    lock.unlink()
    lock.symlink_to(precious)
    status, said = _done(_kam(project, "publish", "published"))
    lock.unlink()
    assert status == 1 and "Traceback" not in said and str(lock) in said
    assert precious.read_text(encoding="utf-8") == "kept"
