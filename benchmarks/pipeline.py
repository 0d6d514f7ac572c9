"""How long a run takes: cold, without a change, after one change, and against the two command lines per notebook.

``make bench`` prints wall seconds, CPU seconds and ratios measured in one run; nothing is asserted. The project is
copied to a scratch folder, so that neither its cache nor its reports are touched.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kam_analysis.pipeline.process import environment
from kam_analysis.pipeline.project import Project
from kam_analysis.rooms import ROOMS

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sys.executable).parent


@dataclass(frozen=True)
class Timing:
    """Wall and CPU seconds and the largest process of one measured step."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: float


def copied(target: Path) -> Project:
    """Copy of the committed files in a scratch folder, with a DVC of its own."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)
    return Project(target)


def timed(name: str, commands: list[list[str]], project: Project) -> Timing:
    """Run commands one after another and measure them together."""
    surroundings = environment(os.environ, project.cache) | {
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project.root / "src"),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=project.root, env=surroundings, check=True, capture_output=True)
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Timing(name, wall_s, cpu_s, after.ru_maxrss / 1024)


def command_lines(project: Project) -> list[list[str]]:
    """Run every notebook with the papermill and nbconvert command lines."""
    commands = []
    out = project.root / "out"
    out.mkdir()
    for room in ROOMS:
        source, target = project.notebook(room), out / project.notebook(room).name
        commands.append(["papermill", str(source), str(target), "--cwd", str(source.parent), "--no-progress-bar"])
        commands.append(["jupyter-nbconvert", "--to", "html", "--log-level", "ERROR", str(target)])
    return commands


def main() -> None:
    """Measure and print."""
    repro = [["dvc", "repro", "-q"]]
    with tempfile.TemporaryDirectory() as scratch:
        project = copied(Path(scratch))
        timings = [timed("cold", repro, project), timed("no change", repro, project)]
        text = project.params_path.read_text(encoding="utf-8")
        changed = text.replace("repeat_days: [30, 90, 365]", "repeat_days: [30, 60, 365]")
        project.params_path.write_text(changed, encoding="utf-8")
        timings.append(timed("one retention parameter changed", repro, project))
        project.params_path.write_text(text, encoding="utf-8")
        timings.append(timed("back again, from the run-cache", repro, project))
        timings.append(timed("papermill and nbconvert command lines", command_lines(project), project))
        sizes = {page.name: page.stat().st_size / 1000 for page in sorted(project.reports.glob("*.html"))}
    table = Table("step", "wall s", "CPU s", "wall against command lines", "largest process MB so far")
    for timing in timings:
        ratio = timing.wall_s / timings[-1].wall_s
        table.add_row(
            timing.name, f"{timing.wall_s:.1f}", f"{timing.cpu_s:.1f}", f"{ratio:.0%}", f"{timing.peak_mb:.0f}"
        )
    console = Console()
    console.print(table)
    console.print("Page sizes, kB: " + ", ".join(f"{name} {size:.0f}" for name, size in sizes.items()))


if __name__ == "__main__":
    main()
