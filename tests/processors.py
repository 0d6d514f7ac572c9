"""What other processors compute: this one acts as them by their linear algebra, numpy's instructions and the C library.

``python tests/processors.py`` runs every room on the demo company as each of them and names the outputs that differ.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

ROOT = Path(__file__).parents[1]
COPIED = ("notebooks", "sources", "data/raw/demo", "dvc.yaml", "params.yaml")
NEEDED = {"Prescott": "SSE3", "Nehalem": "SSE42", "Sandybridge": "AVX", "Haswell": "AVX2", "SkylakeX": "AVX512_SKX"}
C_LIBRARY = "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable,-FMA4_Usable"

KERNELS = {name: {"OPENBLAS_CORETYPE": name} for name, feature in NEEDED.items() if __cpu_features__.get(feature)}
PLAIN_NUMPY = {"NPY_DISABLE_CPU_FEATURES": " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))}
OLDEST = {**KERNELS.get("Nehalem", {}), **PLAIN_NUMPY, "GLIBC_TUNABLES": C_LIBRARY}
PROCESSORS: dict[str, Mapping[str, str]] = {"this one": {}, **KERNELS, "plain numpy": PLAIN_NUMPY, "oldest": OLDEST}


def started(processor: str, script: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a script as another processor would run it, as a stage does: one thread, no warnings of numpy."""
    alike = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        env=os.environ | alike | PROCESSORS[processor],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_rooms(folder: Path) -> None:
    """Run the code of every room's notebook, one after the other in this process, on the demo company in a folder."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
    for name in ("reports/tables", "reports/metrics", "data/interim", "data/processed"):
        (folder / name).mkdir(parents=True)
    os.chdir(folder / "notebooks")

    from kam_analysis.findings import RUNS_A_STAGE
    from kam_analysis.params import load
    from kam_analysis.pipeline.project import Project
    from kam_analysis.rooms import ROOMS

    os.environ[RUNS_A_STAGE] = "1"
    project = Project(folder)
    parameters = load(project.params_path).model_dump(mode="json")
    for room in ROOMS:
        names: dict[str, object] = {}
        for cell in json.loads(project.notebook(room).read_text(encoding="utf-8"))["cells"]:
            if "parameters" in cell["metadata"].get("tags", []):
                names["parameters"] = parameters
            elif cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"{room} {cell['id']}", "exec"), names)


def hashes(folder: Path) -> dict[str, str]:
    """Give the hash of every output in a folder."""
    paths = (path for part in ("reports", "data/interim", "data/processed") for path in (folder / part).rglob("*"))
    files = [path for path in paths if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def main() -> int:
    """Compare the outputs of all rooms; the exit status is 0 when they are the same everywhere."""
    with tempfile.TemporaryDirectory() as scratch:
        found = {}
        for processor in PROCESSORS:
            folder = Path(scratch) / processor
            run = started(processor, Path(__file__), str(folder))
            said, _ = run.communicate()
            if run.returncode:
                sys.exit(said)
            found[processor] = hashes(folder)
            shutil.rmtree(folder)
            differing = sorted(name for name, value in found["this one"].items() if found[processor].get(name) != value)
            print(f"{processor}: {len(found[processor])} outputs, {len(differing)} differ {' '.join(differing)}")  # noqa: T201
    return int(any(one != found["this one"] for one in found.values()))


if __name__ == "__main__":
    sys.exit(run_rooms(Path(sys.argv[1])) if sys.argv[1:] else main())
