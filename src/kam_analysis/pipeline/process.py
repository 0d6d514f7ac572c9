"""What every process of a run has in common: the same environment anywhere, and an end with its parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

PR_SET_PDEATHSIG = 1
PARENT_WATCH_SECONDS = 0.5
SAME_ANYWHERE = {
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
SCRATCH = "scratch"  # temporary files of a run, below the cache; the next run sweeps what a killed one left
SETTINGS = {
    "MPLCONFIGDIR": "matplotlib",
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "jupyter",
    "TMPDIR": SCRATCH,
}
TOO_PERSONAL = ("MATPLOTLIBRC", "PYTHONSTARTUP", "PYTHONWARNINGS", "LANGUAGE", "LANG")


def environment(given: Mapping[str, str], cache: Path) -> dict[str, str]:
    """Environment in which equal input gives equal bytes, whatever the person's own settings are.

    Parameters
    ----------
    given : mapping
        The environment of the caller.
    cache : Path
        Folder for the settings of matplotlib and IPython, so that those of the person are not read, and for temporary
        files.

    Examples
    --------
    >>> environment({"TZ": "Asia/Tokyo"}, Path(".cache"))["TZ"]
    'UTC'
    """
    kept = {key: value for key, value in given.items() if key not in TOO_PERSONAL and not key.startswith("LC_")}
    return kept | SAME_ANYWHERE | {key: str(cache / folder) for key, folder in SETTINGS.items()}


def settle(cache: Path) -> None:
    """Start this process again in `environment` unless it runs there: hash seed and UTF-8 are set at the start."""
    (cache / SCRATCH).mkdir(parents=True, exist_ok=True)
    wanted = environment(os.environ, cache)
    if wanted != dict(os.environ):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], wanted)


def die_with_parent(*others: int) -> None:
    """Kill this process when its parent, or one of the processes `others`, is gone.

    Linux does it at once; a thread that looks twice a second serves the other systems, and the processes `others`.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent, others), name="parent watch", daemon=True).start()


def _watch(parent: int, others: tuple[int, ...]) -> None:
    while os.getppid() == parent and all(is_alive(pid) for pid in others):
        time.sleep(PARENT_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process with this number exists.

    Examples
    --------
    >>> is_alive(os.getpid())
    True
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
