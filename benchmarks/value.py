"""How long the purchase models take to fit, beside lifetimes, and Kaplan–Meier beside lifelines.

``make bench`` prints seconds of all cores, measured in one run on the same drawn customers; nothing is asserted. The
peers run in an environment of their own, `requirements-bench.lock`; larger sets than they finish in a minute or so are
fitted here only. Both tops are judged by the likelihood of this package.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from kam_analysis.facts.models import BgNbd, MbgNbd, ParetoNbd, PurchaseModel
from kam_analysis.facts.models.fitting import Floats
from kam_analysis.facts.models.sample import Sample
from kam_analysis.facts.survival import alive_at, kaplan_meier

PEERS = Path(__file__).parents[1] / ".venv" / "peers" / "bin" / "python"
MODELS = {"bg_nbd": BgNbd, "mbg_nbd": MbgNbd, "pareto_nbd": ParetoNbd}
SIZES = (2_357, 100_000, 1_000_000)
WITH_PEERS = {2_357: (*MODELS, "KM"), 100_000: ("bg_nbd", "mbg_nbd")}
RATE, SCALE_DAYS, LEAVING = 0.243, 4.414 * 7, (0.793, 2.426)
AGES = (189, 273)


def draw(customers: int) -> np.ndarray:
    """Repeats, lifetime and age in days of customers as BG/NBD has them, with the parameters published for CDNOW."""
    rng = np.random.default_rng(11)
    age = rng.integers(*AGES, customers).astype(np.float64)
    rate, chance = rng.gamma(RATE, 1 / SCALE_DAYS, customers), rng.beta(*LEAVING, customers)
    repeats, last, now = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    active = np.ones(customers, dtype=bool)
    while active.any():
        now = now + np.ceil(np.minimum(rng.exponential(1 / np.maximum(rate, 1e-9)), 1e6))
        active &= now <= age
        repeats[active] += 1
        last[active] = now[active]
        active &= rng.random(customers) >= chance
    return np.column_stack([repeats, last, age])


def peers(rows: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    """What the peers took and found; nothing where they are not installed."""
    if not names or not PEERS.is_file():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        np.savetxt(path, rows, delimiter=",", fmt="%d")
        command = [str(PEERS), str(Path(__file__).with_name("peers.py")), str(path), *names]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def main() -> None:
    """Fit every model on every size and print it beside the peers."""
    shown = Table("model", "customers", "here, s", "peer, s", "peer over here", "log-likelihood here less the peer's")
    for size in SIZES:
        rows = draw(size)
        others = peers(rows, WITH_PEERS.get(size, ()))
        for name, model in MODELS.items():
            started = time.process_time()
            fit = model().fit(rows)
            shown.add_row(name, f"{size:,}", *_beside(time.process_time() - started, others.get(name), fit, rows))
        if "KM" in others:
            started = time.process_time()
            curve = kaplan_meier(rows[:, 1] + 1, rows[:, 0] % 2 == 1)
            seconds = time.process_time() - started
            apart = np.abs(alive_at(curve, others["KM"]["times"]) - np.array(others["KM"]["curve"])).max()
            took = others["KM"]["seconds"]
            shown.add_row(
                "Kaplan–Meier",
                f"{size:,}",
                f"{seconds:.4f}",
                f"{took:.4f}",
                f"{took / seconds:.0f}",
                f"largest difference {apart:.1e}",
            )
    rows = draw(SIZES[-1])
    fit = BgNbd().fit(rows)
    started = time.process_time()
    fit.predict(rows, 365)
    fit.alive_chance(rows)
    shown.add_row("bg_nbd, predictions", f"{len(rows):,}", f"{time.process_time() - started:.2f}", "", "", "")
    console = Console()
    console.print(shown)
    console.print(
        f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB; {sys.version.split()[0]}"
    )
    if not PEERS.is_file():
        console.print("the peers are not installed: make peers")


def _beside(seconds: float, peer: dict[str, Any] | None, fit: PurchaseModel, rows: Floats) -> tuple[str, str, str, str]:
    if peer is None:
        return f"{seconds:.4f}", "", "", ""
    if "failed" in peer:
        return f"{seconds:.4f}", f"{peer['seconds']:.2f}, {peer['failed']}", "", ""
    gap = fit.log_likelihood_ + fit._loss(Sample.of(rows), np.log(peer["parameters"]))[0]
    return f"{seconds:.4f}", f"{peer['seconds']:.3f}", f"{peer['seconds'] / seconds:.0f}", f"{gap:.3f}"


if __name__ == "__main__":
    main()
