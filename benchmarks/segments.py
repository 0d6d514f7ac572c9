"""How long the segments take on many customers, 100,000 and a million by default, and how often noise has clusters.

``make bench`` prints seconds of processor time per step and the largest memory, then the verdicts on a hundred sets
without groups and on twenty with; nothing is asserted. Every size runs in a process of its own, so that the memory is
its own. The customers are drawn: three kinds of buyers who order at their own pace in 36 months.
"""

from __future__ import annotations

import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table as Shown

from kam_analysis import segments
from kam_analysis.columns import Kind
from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Clusters, Segments
from kam_analysis.segments.clusters.measures import adjusted_rand
from kam_analysis.tables import CUSTOMER_FACTS, CUSTOMER_MONTHS, CUSTOMER_ORDERS, Table

SIZES = (100_000, 1_000_000)
CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))
MONTHS = 36
SETS, ROWS = 100, 500


def filled(table: Table, values: dict[str, Any], rows: int) -> pd.DataFrame:
    """Frame of a contract: the given columns, and 0 or nothing in the others."""
    zero = (Kind.COUNT, Kind.MONEY)
    blank = {c.name: 0 if c.kind in zero and not c.nullable else None for c in table.columns}
    return table.conform(pd.DataFrame(blank | values, index=range(rows)))


def draw(n: int, folder: Path) -> None:
    """Write facts, orders and months of n drawn customers."""
    random = np.random.default_rng(7)
    ids = np.array([f"C{number:07}" for number in range(n)])
    kind = random.integers(3, size=n)
    pace, money = np.array([0.5, 0.1, 0.03])[kind], np.array([600.0, 150.0, 900.0])[kind]
    bought = random.random((n, MONTHS), dtype="float32") < pace[:, None]
    bought[np.arange(n), random.integers(MONTHS, size=n)] = True
    customer, month = np.nonzero(bought)
    sales = np.round(money[customer] * random.lognormal(0, 0.4, len(customer)), 2)
    day = pd.Timestamp(CALENDAR.first_order_on).to_period("M").ordinal + month
    starts = pd.PeriodIndex.from_ordinals(day, freq="M").to_timestamp()
    is_recent = month >= MONTHS - 12
    first, last = bought.argmax(axis=1), MONTHS - 1 - bought[:, ::-1].argmax(axis=1)
    of_month = pd.date_range(CALENDAR.first_order_on, periods=MONTHS, freq="MS").to_numpy()
    as_of = np.datetime64(CALENDAR.as_of)
    facts = filled(
        CUSTOMER_FACTS,
        {
            "customer_id": ids,
            "customer_name": ids,
            "parent_id": ids,
            "lines": bought.sum(axis=1),
            "orders": bought.sum(axis=1),
            "order_days": bought.sum(axis=1),
            "orders_12m": bought[:, -12:].sum(axis=1),
            "first_order_on": of_month[first],
            "last_order_on": of_month[last],
            "recency_days": (as_of - of_month[last]) / np.timedelta64(1, "D"),
            "tenure_days": (as_of - of_month[first]) / np.timedelta64(1, "D"),
            "products": random.poisson(3 + 40 * pace),
            "net_sales": np.bincount(customer, sales, n).round(2),
            "net_sales_12m": np.bincount(customer[is_recent], sales[is_recent], n).round(2),
            "gap_survival_probability": random.random(n),
        },
        n,
    )
    months = CUSTOMER_MONTHS.conform(
        pd.DataFrame({"customer_id": ids[customer], "month": starts, "net_sales": sales, "margin": None, "orders": 1})
    )
    orders = CUSTOMER_ORDERS.conform(
        pd.DataFrame(
            {
                "customer_id": ids[customer],
                "order_id": np.arange(len(customer)).astype("str"),
                "ordered_on": starts,
                "net_sales": sales,
                "order_no": bought.cumsum(axis=1)[customer, month],
            }
        )
    )
    for name, frame in {"facts": facts, "orders": orders, "months": months}.items():
        frame.to_parquet(folder / f"{name}.parquet")


def peak_mb() -> str:
    """Largest memory of this process so far."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"


def measure(n: int, folder: Path) -> None:
    """Time scores, maps, grids and clusters of n customers and print it."""
    tables = {"facts": CUSTOMER_FACTS, "orders": CUSTOMER_ORDERS, "months": CUSTOMER_MONTHS}
    facts, orders, months = (t.conform(pd.read_parquet(folder / f"{name}.parquet")) for name, t in tables.items())
    rules, s = Segments(), segments
    shown = Shown("step", "seconds", "largest memory so far, MB", title=f"segments, {n:,} customers")
    shown.add_row("(tables read)", "", peak_mb())

    def timed(name: str, find: Callable[[], Any]) -> Any:
        began = time.process_time()
        found = find()
        shown.add_row(name, f"{time.process_time() - began:.2f}", peak_mb())
        return found

    began = time.process_time()
    window = timed("window_facts", lambda: s.window_facts(facts, orders, months, CALENDAR, None))
    scores = timed("rfm_scores", lambda: s.rfm_scores(window, rules.rfm))
    timed("rfm_heat_map", lambda: s.rfm_heat_map(scores, rules.rfm))
    timed("rfm_segments", lambda: s.rfm_segments(scores))
    abc = timed("abc_classes", lambda: s.abc_classes(window, facts, rules.abc))
    sums = timed("period_sums", lambda: s.period_sums(facts, months, CALENDAR))
    xyz = timed("xyz_classes", lambda: s.xyz_classes(sums, abc, rules.xyz))
    timed("abc_xyz_grid", lambda: s.abc_xyz_grid(abc, xyz))
    shown.add_row("scores, maps and grid", f"{time.process_time() - began:.2f}", peak_mb(), end_section=True)
    began = time.process_time()
    found = timed("find_clusters", lambda: s.find_clusters(facts, rules.clusters))
    shown.add_row(f"clusters with stability and verdict: {found.k}", f"{time.process_time() - began:.2f}", peak_mb())
    timed("cluster_profiles", lambda: s.cluster_profiles(found))
    timed("cluster_medians", lambda: s.cluster_medians(found, rules.min_cell))
    timed("cluster_separation", lambda: s.cluster_separation(found))
    timed("cluster_rules", lambda: s.cluster_rules(found, rules.clusters, lambda message: message.template))
    timed("cluster_methods", lambda: s.cluster_methods(found, rules.clusters))
    timed("cluster_moves", lambda: s.cluster_moves(found, found, CALENDAR, CALENDAR))
    Console().print(shown)


def without_groups(number: int) -> pd.DataFrame:
    """Features without groups: correlated Gaussians (two of five), independent, uniform, whole numbers, heavy tails."""
    random = np.random.default_rng(number)
    normal = random.normal(size=(ROWS, 6))
    heavy = normal / np.sqrt(random.chisquare(5, size=(ROWS, 1)) / 5)
    logs = (
        0.4 * normal @ random.normal(size=(6, 6)),
        0.4 * heavy @ random.normal(size=(6, 6)),
        normal,
        random.uniform(-2, 2, size=(ROWS, 6)),
        np.log(np.exp(0.8 * normal @ np.linalg.cholesky(0.5 * np.eye(6) + 0.5).T + 1).round() + 1) - 4,
    )[number % 5]
    return pd.DataFrame(np.expm1(np.maximum(logs + 6, 0)))


def verdicts() -> None:
    """Count the verdicts on sets without groups, and the agreement on sets with."""
    found = [segments.find_groups(without_groups(number), Clusters(seed=number)).k for number in range(SETS)]
    agreements = []
    for number in range(20):
        random = np.random.default_rng(number)
        centres = random.permuted(np.arange(4)[:, None] * np.ones((1, 6)) * 2.0, axis=0)
        group = random.integers(4, size=ROWS)
        groups = segments.find_groups(pd.DataFrame(np.expm1(1 + centres[group] + 0.5 * random.normal(size=(ROWS, 6)))))
        agreements.append(adjusted_rand(groups.members["cluster"].fillna(0).astype(int), group))
    shown = Shown("sets", "result", title="verdicts")
    shown.add_row(f"{SETS} without groups", f"“no clusters” in {sum(k == 0 for k in found)}")
    shown.add_row("20 with separated groups", f"lowest adjusted Rand index {min(agreements):.3f}")
    Console().print(shown)


def main() -> None:
    """Draw and measure each size and count verdicts, each in a process of its own; or do the one that is named."""
    if len(sys.argv) > 2:
        {"draw": draw, "measure": measure}[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))
        return
    if len(sys.argv) > 1:
        verdicts()
        return
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            for step in ("draw", "measure"):
                subprocess.run([sys.executable, __file__, step, str(size), folder], check=True)
    subprocess.run([sys.executable, __file__, "verdicts"], check=True)


if __name__ == "__main__":
    main()
