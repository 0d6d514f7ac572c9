from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kam_analysis.pipeline.lock import Busy, held
from kam_analysis.pipeline.process import SAME_ANYWHERE, environment, is_alive

HUNG_AFTER_SECONDS = 600  # ends a test that would wait for ever; no measure of speed
HOLDER = """
import signal, sys
from pathlib import Path
from kam_analysis.pipeline.lock import held
with held(Path(sys.argv[1]), "a test"):
    print("held", flush=True)
    signal.pause()
"""
PARENT = """
import signal, subprocess, sys
child = "import signal, kam_analysis.pipeline.process as p; p.die_with_parent(); print(1, flush=True); signal.pause()"
process = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
process.stdout.readline()
print(process.pid, flush=True)
signal.pause()
"""


def _started(code: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, process.stdout.readline().strip()


def _killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_the_lock_is_free_again_after_its_block(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    for _ in range(2):
        with (
            held(path, "a test"),
            pytest.raises(Busy, match=rf"^busy: a test, process {os.getpid()}, since \d{{4}}-"),
            held(path, "x"),
        ):
            pass


def test_the_lock_is_free_when_its_holder_is_killed(tmp_path: Path) -> None:
    process, _ = _started(HOLDER, str(tmp_path / "lock"))
    with pytest.raises(Busy, match=f"process {process.pid}"), held(tmp_path / "lock", "a test"):
        pass
    _killed(process)
    with held(tmp_path / "lock", "a test"):
        pass


def test_a_child_dies_with_its_parent() -> None:
    parent, child = _started(PARENT)
    assert is_alive(int(child))
    _killed(parent)
    hung = time.monotonic() + HUNG_AFTER_SECONDS
    try:
        while _runs(int(child)) and time.monotonic() < hung:
            time.sleep(0.02)
        assert not _runs(int(child))
    finally:
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def _runs(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_the_environment_is_the_same_whatever_a_person_has_set(tmp_path: Path) -> None:
    here = environment({"PATH": "/bin", "TZ": "Asia/Tokyo", "LC_NUMERIC": "de_DE", "MATPLOTLIBRC": "x"}, tmp_path)
    there = environment({"PATH": "/bin", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "3"}, tmp_path)
    assert here == there
    assert here.items() >= SAME_ANYWHERE.items()
    assert environment(here, tmp_path) == here
