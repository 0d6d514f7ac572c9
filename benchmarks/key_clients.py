"""How long the key-client chapter takes on many customers: 100,000 and a million by default.

``make bench`` prints seconds per finding and the largest memory; nothing is asserted. Every size runs in a process of
its own, so that the memory is its own. The customers are drawn, log-normal in their sales, with ten departments and a
manager for every five hundred.
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

from kam_analysis import key_clients
from kam_analysis.columns import Kind
from kam_analysis.engine import Engine
from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import KeyClients
from kam_analysis.tables import (
    ASSESSMENT,
    CONTACTS,
    CUSTOMER_FACTS,
    CUSTOMER_MONTHS,
    INTERACTIONS,
    MANAGERS,
    PURCHASE_TERMS,
    SHARED,
    SURVEY,
    Table,
)

SIZES = (100_000, 1_000_000)
CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))
LINES = """
SELECT customer_id, CAST(month AS DATE) AS ordered_on, customer_months.net_sales, manager,
  department, country, region, NULL AS channel, 'Paper' AS category, NULL AS item,
  'I' || (hash(customer_id) + date_diff('day', DATE '2023-01-01', month) // 3) % 1500 AS sku, NULL AS order_id,
  1.0 AS qty,
  CAST(0.8 * customer_months.net_sales AS DECIMAL(18,4)) AS cost, false AS is_service
FROM customer_months JOIN customer_facts USING (customer_id)
"""


def filled(table: Table, values: dict[str, Any], rows: int) -> pd.DataFrame:
    """Frame of a contract: the given columns, and 0 or nothing in the others."""
    zero = (Kind.COUNT, Kind.MONEY)
    blank = {c.name: 0 if c.kind in zero and not c.nullable else None for c in table.columns}
    return table.conform(pd.DataFrame(blank | values, index=range(rows)))


def draw(n: int, folder: Path) -> None:
    """Write the tables of a drawn company with n customers: 36 months, a purchase in three of ten."""
    rng = np.random.default_rng(7)
    ids = np.array([f"C{i:07}" for i in range(n)])
    sales = np.round(rng.lognormal(6, 1.6, n), 2)
    manager = rng.integers(0, max(5, n // 500), n)
    units = {
        "manager": np.char.add("M", manager.astype(str)),
        "department": np.char.add("D", (manager % 10).astype(str)),
        "country": "MK",
        "region": np.char.add("R", rng.integers(0, 17, n).astype(str)),
    }
    who = {"customer_id": ids, "customer_name": ids, "parent_id": ids, "industry": "Hotels"}
    money = {"net_sales": 2 * sales, "net_sales_12m": sales, "net_sales_before": sales[::-1], "formula_ltv": 3 * sales}
    margin = {"margin": 0.4 * sales, "margin_base": 2 * sales, "margin_12m": 0.2 * sales, "margin_base_12m": sales}
    more = {"lines": 5, "orders": 4, "orders_12m": rng.integers(1, 30, n), "recency_days": 9.0, "median_gap_days": 30.0}
    facts = filled(CUSTOMER_FACTS, who | units | money | {k: v.round(2) for k, v in margin.items()} | more, n)
    months = pd.concat(
        [
            pd.DataFrame({"customer_id": ids[rng.random(n) < 0.3], "month": month})
            for month in pd.date_range("2023-01-01", periods=36, freq="MS")
        ],
        ignore_index=True,
    )
    months = CUSTOMER_MONTHS.conform(
        months.assign(net_sales=np.round(rng.lognormal(4, 1, len(months)), 2), margin=None, orders=1)
    )
    rated = {"customer_id": ids[: n // 2], "potential": (1.3 * sales[: n // 2]).round(2), "growth_outlook": 4}
    seen = {"customer_id": ids[rng.integers(0, n, n)], "date": pd.Timestamp("2025-06-01"), "type": "visit", "cost": 5.0}
    terms = {"supplier": "S", "tier_from": [1e5, 1e6], "discount": [0.1, 0.2], "item": "Paper"}
    tables = {
        "customer_facts": facts,
        "customer_months": months,
        "assessment": filled(ASSESSMENT, rated | {"relationship_strength": 2, "wallet": 2 * sales[: n // 2]}, n // 2),
        "interactions": filled(INTERACTIONS, seen, n),
        "purchase_terms": filled(PURCHASE_TERMS, terms, 2),
    }
    with Engine() as engine:
        for name, frame in tables.items():
            engine.put(name, frame, SHARED[name])
            engine.write(name, folder / f"{name}.parquet", "1")
        engine.materialise("order_lines", LINES)
        engine.write("order_lines", folder / "order_lines.parquet", "ordered_on, customer_id")


def peak_mb() -> str:
    """Largest memory of this process so far."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"


def measure(n: int, folder: Path) -> None:
    """Time every finding of the chapter on n customers and print it."""
    engine, rules, as_of = Engine(), KeyClients(), CALENDAR.as_of
    tables = ("customer_facts", "customer_months", "assessment", "interactions", "purchase_terms")
    for name in (*tables, "order_lines"):
        engine.read_parquet(name, folder / f"{name}.parquet")
    facts, months, assessment, interactions, terms = (engine.frame(name, SHARED[name]) for name in tables)
    shown = Shown("finding", "seconds", "largest memory so far, MB", title=f"key_clients, {n:,} customers")
    began_all = time.perf_counter()
    shown.add_row("(tables read)", "", peak_mb())

    def timed(name: str, find: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        found = find()
        shown.add_row(name, f"{time.perf_counter() - began:.2f}", peak_mb())
        return found

    k = key_clients
    no_managers, no_contacts = MANAGERS.empty(), CONTACTS.empty()
    now = timed("key_list", lambda: k.key_list(facts, assessment, SURVEY.empty(), CALENDAR, rules))
    timed("weight_swaps", lambda: k.weight_swaps(now))
    timed("method_agreement", lambda: k.method_agreement(now, rules))
    bought = timed("purchases", lambda: k.purchases(engine, as_of, rules))
    timed("criteria", lambda: k.criteria(now, rules))
    timed("customer_criteria", lambda: k.customer_criteria(facts, now, bought, months, CALENDAR, rules))
    early = timed("early_purchases", lambda: k.early_purchases(engine, CALENDAR, rules))
    timed("client_types", lambda: k.client_types(facts, now.keys, early, assessment, interactions, CALENDAR, rules))
    units = timed("unit_customers", lambda: k.unit_customers(engine, as_of, rules))
    unassigned = timed("unassigned_sales", lambda: k.unassigned_sales(engine, as_of))
    timed("dependence", lambda: k.dependence(units, units, facts, facts, unassigned, rules))
    timed("unit_keys", lambda: k.unit_keys(units, facts, now.keys, rules))
    timed("what_changed", lambda: k.what_changed(now, now, facts, facts))
    review = lambda: k.criteria_review(facts, now, units, bought, assessment, CALENDAR, rules)  # noqa: E731
    timed("criteria_review", review)
    windows = timed("unit_windows", lambda: k.unit_windows(engine, CALENDAR, rules))
    timed("unit_trend", lambda: k.unit_trend(windows, rules))
    timed("group_dependence", lambda: k.group_dependence(facts, now.keys, rules))
    timed("concentration", lambda: k.concentration(facts, unassigned, rules))
    timed("concentration_curve", lambda: k.concentration_curve(facts))
    timed("concentration_trend", lambda: k.concentration_trend(months, CALENDAR, rules))
    supplies = timed("supplies", lambda: k.supplies(engine, as_of, terms, rules))
    timed("client_loss", lambda: k.client_loss(facts, now.keys, supplies, rules))
    timed("loss_steps", lambda: k.loss_steps(facts, now.keys, supplies, rules))
    timed("unit_loss", lambda: k.unit_loss(facts, now.keys, units, no_managers, rules))
    timed("client_gain", lambda: k.client_gain(facts, assessment, supplies, CALENDAR, rules))
    timed("manager_load", lambda: k.manager_load(facts, now.keys, rules))
    timed("key_moves", lambda: k.key_moves(facts, now.keys, no_managers, rules))
    timed("key_care", lambda: k.key_care(now.keys, no_managers, no_contacts, interactions, CALENDAR, rules))
    timed("sales_margin", lambda: k.sales_margin(facts))
    timed("whale_curve", lambda: k.whale_curve(facts, interactions, CALENDAR, rules))
    timed("relation", lambda: k.relation(facts, assessment))
    timed("effort_by_class", lambda: k.effort_by_class(facts, interactions, CALENDAR, rules))
    timed("effort_mismatch", lambda: k.effort_mismatch(facts, interactions, CALENDAR, rules))
    shown.add_row("all", f"{time.perf_counter() - began_all:.2f}", peak_mb())
    Console().print(shown)


def main() -> None:
    """Draw and measure each size, each in a process of its own; or do one of both for the size and folder given."""
    if len(sys.argv) > 1:
        {"draw": draw, "measure": measure}[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))
        return
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            for step in ("draw", "measure"):
                subprocess.run([sys.executable, __file__, step, str(size), folder], check=True)


if __name__ == "__main__":
    main()
