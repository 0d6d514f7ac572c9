"""What a run needs of this computer and this project, looked at without a run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from kam_analysis.errors import UserError
from kam_analysis.params import LANGUAGES
from kam_analysis.pipeline.check import check_presence, check_writable
from kam_analysis.pipeline.pdf import BROWSERS
from kam_analysis.pipeline.project import Project

LEAST_PYTHON = (3, 11)
LEAST_DISK, LEAST_MEMORY = 1e9, 2e9  # bytes; a run of the demo takes a tenth of either
DRIVERS = {"PostgreSQL": ("adbc_driver_postgresql",), "other databases": ("sqlalchemy",)}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    what : str
    said : str
        What was found.
    cure : str
        What to do where something is missing; empty where nothing is.
    is_needed : bool
        Whether a run fails without it.
    """

    what: str
    said: str
    cure: str = ""
    is_needed: bool = True

    def __str__(self) -> str:
        mark = "ok" if not self.cure else "missing" if self.is_needed else "without"
        return f"{mark:8}{self.what}: {self.said}" + (f". {self.cure}" if self.cure else "")


def examine(project: Project) -> Iterator[Finding]:
    """Look at Python, disk, memory, language files, the project, and at what only some commands need."""
    version = ".".join(map(str, sys.version_info[:3]))
    cure = "" if sys.version_info >= LEAST_PYTHON else "Install Python 3.11 or newer"
    yield Finding("Python", f"{version}, {sys.executable}", cure)
    yield disk(shutil.disk_usage(project.root).free)
    yield memory(_available())
    yield from _languages()
    try:
        source = check_presence(project).source
        check_writable(project)
        yield Finding("project", f"{project.root}, source {source}")
    except UserError as error:
        yield Finding("project", str(error), "kam check says the same after each change")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    without = "Needed by kam pdf only: install Chromium"
    yield Finding("browser", browser or "none found", "" if browser else without, is_needed=False)
    for name, modules in DRIVERS.items():
        is_there = all(find_spec(module) for module in modules)
        without = "Needed by kam get from a database only: pip install 'kam_analysis[databases]'"
        yield Finding(
            name, "driver installed" if is_there else "no driver", "" if is_there else without, is_needed=False
        )


def disk(free: float) -> Finding:
    """Judge the free space.

    Examples
    --------
    >>> str(disk(5.2e8))
    'missing disk: 0.5 GB free. Free some: a run needs room for tables, pages and its cache'
    """
    cure = "" if free >= LEAST_DISK else "Free some: a run needs room for tables, pages and its cache"
    return Finding("disk", f"{free / 1e9:.1f} GB free", cure)


def memory(available: float) -> Finding:
    """Judge the memory that is left.

    Examples
    --------
    >>> str(memory(8e9))
    'ok      memory: 8.0 GB available'
    """
    cure = "" if available >= LEAST_MEMORY else "Close other programs: a small source runs, a large one may not"
    return Finding("memory", f"{available / 1e9:.1f} GB available", cure, is_needed=False)


def _available() -> float:
    import psutil

    return float(psutil.virtual_memory().available)


def _languages() -> Iterator[Finding]:
    from kam_analysis.report import language

    folder = Path(language.__file__).parent / "locale"
    lost = [code for code in LANGUAGES if code != "en" and not (folder / f"{code}.po").is_file()]
    cure = "Install the package again: its language files are not there" if lost else ""
    yield Finding("languages", f"no catalogue of {', '.join(lost)}" if lost else ", ".join(LANGUAGES), cure)
