"""A whole run: inputs checked, one run at a time, DVC as a child, everything it says in the log."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import yaml

from kam_analysis.errors import EXIT_BAD_INPUT, EXIT_BUSY, EXIT_DONE, EXIT_FAILED
from kam_analysis.pipeline.check import check_presence, check_writable
from kam_analysis.pipeline.execute import RUN_PID, printable
from kam_analysis.pipeline.files import replace_file
from kam_analysis.pipeline.lock import held
from kam_analysis.pipeline.own import own_rooms
from kam_analysis.pipeline.process import SCRATCH, environment
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.restore import RESULTS
from kam_analysis.rooms import ROOMS

LOG_BYTES, LOG_FILES = 2_000_000, 3
EXIT_INTERRUPTED = 130
NOT_FOR_PEOPLE = re.compile(
    r"To track the changes with git|\s+git add |To enable auto staging|\s+dvc config |Use `dvc push`|^> "
    r"|failed to reproduce '\w+': failed to run:|(Generating|Updating) lock file|^WARNING: '.*' is empty\.$|^\s*$"
)
PROGRESS = re.compile(r"^(Running stage '|Stage '|Data and pipelines|\w+: (cell \d|done ))")
STAGE_DONE = re.compile(r"^\w+: done ")
STAGE_STATUS = re.compile(r"failed to run: .*, exited with (\d+)")
DVC_IS_BUSY = re.compile(r"is busy, it is being blocked by|Unable to acquire lock")


def run(project: Project, tell: Callable[[str], None], complain: Callable[[str], None]) -> int:
    """Bring tables, metrics and pages up to date; when that fails, leave those of before.

    Parameters
    ----------
    project : Project
    tell : callable
        Receives lines for the person who waits: stage, cell, seconds, and at the end where the index is.
    complain : callable
        Receives everything else that a person should read: what went wrong.

    Returns
    -------
    int
        Exit status: 0 done, 1 failed, 2 bad input or parameters, 75 when DVC is at work in the project already.

    Raises
    ------
    UserError
        When parameters, profile or raw files are missing or wrong.
    Busy
        When another run is at work.
    """
    _follow_own_pages(project)
    params = check_presence(project)
    check_writable(project)
    project.history(params.source).mkdir(parents=True, exist_ok=True)
    with held(project.lock_path, "a run") as lock:
        log = _log(project)
        began = time.monotonic()
        shutil.rmtree(project.cache / SCRATCH, ignore_errors=True)  # of a run that was killed
        log(f"run of {params.source}, parameters {params.fingerprint()}")
        _release_dead_locks(project)

        def hear(line: str) -> None:
            log(line)
            pass_on(line, tell, complain)

        before, inputs = _results(project, complain), _inputs(project, params.source)
        status = repro(project, lock, hear)
        if status == EXIT_DONE and (changed := _changed(inputs, _inputs(project, params.source))):
            complain(f"Changed during the run, so nothing of it is kept: {', '.join(changed)}. Run again.")
            status = EXIT_FAILED
            if before is None:
                (project.root / RESULTS).unlink(missing_ok=True)
        if status in (EXIT_FAILED, EXIT_BAD_INPUT) and before and _put_back(project, before, lock, log):
            complain("Tables and reports stand as they did before this run.")
        log(f"exit status {status} after {time.monotonic() - began:.1f} s")
    if status == EXIT_DONE:
        tell(f"{params.source}: reports are up to date after {time.monotonic() - began:.1f} s\n{project.index}")
    return status


def _follow_own_pages(project: Project) -> None:
    """Write ``dvc.yaml`` again where a page of one's own came, went or changed what it reads."""
    stages = yaml.safe_load((project.root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    if own_rooms(project) or set(stages) - {*ROOMS, "site"}:
        from kam_analysis.pipeline.graph import write_dvc_files

        write_dvc_files(project)


def pass_on(line: str, tell: Callable[[str], None], complain: Callable[[str], None]) -> None:
    """Hand a line of a run to who waits for it, and keep back what is for DVC's own users."""
    if PROGRESS.search(line):
        tell(line)
    elif not NOT_FOR_PEOPLE.search(line):
        complain(line)


def dvc(project: Project, arguments: Sequence[str], **more: Any) -> subprocess.Popen[str]:
    """Start DVC on the project as a child that ends with this process."""
    return subprocess.Popen(
        [sys.executable, "-m", "kam_analysis.pipeline.repro", *arguments],
        cwd=project.root,
        env=_child_environment(project),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        **more,
    )


def _child_environment(project: Project) -> Mapping[str, str]:
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)])  # noqa: PTH120
    own = {"PATH": path, "KAM_PYTHON": sys.executable, "SHELL": "/bin/sh", RUN_PID: str(os.getpid())}
    return environment(os.environ, project.cache) | own


def repro(project: Project, lock: int, tell: Callable[[str], Any], stages: Sequence[str] = ()) -> int:
    """Run what is out of date of all stages, or of `stages`; every line that is said goes to `tell`.

    Returns
    -------
    int
        Exit status, as of `run`; 130 when somebody interrupts.
    """
    said = []
    process = dvc(project, ["repro", *stages], pass_fds=(lock,))
    try:
        for line in process.stdout or ():
            said.append(line)
            tell(printable(line.rstrip("\n")))
        ended = process.wait()
    except KeyboardInterrupt:
        ended = -signal.SIGINT
    if ended < 0:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return EXIT_INTERRUPTED if ended == -signal.SIGINT else EXIT_FAILED
    return EXIT_DONE if ended == 0 else _failure("".join(said))


def _results(project: Project, complain: Callable[[str], None]) -> bytes | None:
    """Give DVC's record of the last results; None where nothing was ever made, or where the record is broken.

    A broken record (cut short, conflict marks of a merge) is set aside, and every stage runs or is found in the cache.
    """
    path = project.root / RESULTS
    if not path.exists():
        return None
    results = path.read_bytes()
    try:
        if all(yaml.safe_load(results)["stages"].values()):
            return results
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, KeyError, TypeError):
        pass
    aside = project.log_path.with_name(f"{RESULTS}.broken")
    replace_file(aside, results)
    path.unlink()
    complain(f"{RESULTS} could not be read and is now {aside.relative_to(project.root)}; it is written anew.")
    return None


def _inputs(project: Project, source: str) -> dict[str, object]:
    """What a run reads and people change: texts of parameters, profile and notebooks, size and time of raw files."""
    texts = [project.params_path, project.profile_path(source), *project.notebook("cleaning").parent.glob("*.ipynb")]
    texts += project.own_notebooks()
    raw = [path for path in project.raw(source).rglob("*") if path.is_file()]
    told: dict[Path, object] = {path: path.read_bytes() for path in texts}
    told |= {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in raw}
    return {path.relative_to(project.root).as_posix(): value for path, value in told.items()}


def _changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _put_back(project: Project, results: bytes, lock: int, log: Callable[[str], Any]) -> bool:
    """Take back from DVC's cache what a failed run deleted or made anew, all of one run; tell whether it could.

    Only what the stages made: exports that DVC tracks stay as they lie there.
    """
    (project.root / RESULTS).write_bytes(results)
    stages = sorted(yaml.safe_load(results)["stages"])
    with dvc(project, ["checkout", "--force", *stages], pass_fds=(lock,)) as process:
        for line in process.stdout or ():
            log(printable(line.rstrip("\n")))
    return process.returncode == 0


def _failure(said: str) -> int:
    if DVC_IS_BUSY.search(said):
        return EXIT_BUSY
    stage = STAGE_STATUS.search(said)
    return EXIT_BAD_INPUT if stage and int(stage.group(1)) == EXIT_BAD_INPUT else EXIT_FAILED


def _release_dead_locks(project: Project) -> None:
    """Delete DVC's own lock entries when no DVC is left that could hold them: after a kill or a restart."""
    path = project.root / ".dvc" / "tmp" / "rwlock"
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        holders = [*entries["write"].values(), *(holder for group in entries["read"].values() for holder in group)]
        pids = [int(holder["pid"]) for holder in holders]
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError, AttributeError):
        pids = []
    if not any(map(_is_dvc, pids)):
        path.unlink(missing_ok=True)


def _is_dvc(pid: int) -> bool:
    import psutil

    try:
        return any("dvc" in word or "kam_analysis" in word for word in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def _log(project: Project) -> Callable[[str], None]:
    project.log_path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(project.log_path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")

    def write(line: str) -> None:
        now = dt.datetime.now().astimezone()
        handler.emit(logging.makeLogRecord({"msg": f"{now:%Y-%m-%d %H:%M:%S %z} {line}", "args": None}))

    return write
