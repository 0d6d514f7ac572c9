"""How long exports take to be mapped and cleaned: a million lines of CSV, 100,000 of XLSX, ten million of Parquet.

``make bench`` prints seconds and the largest memory; nothing is asserted. Every export runs in a process of its own, so
that the memory is its own. Beside the Parquet stands a bare scan and rewrite of the same file, of the same run. Seconds
of the clock and, in brackets, of all cores; what is cleaned and summed up holds who is who and the facts per customer.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kam_analysis.cleaning import clean_source
from kam_analysis.cleaning.lines import classify_lines
from kam_analysis.engine import Engine, literal
from kam_analysis.params import parse
from kam_analysis.sources.lines import read_lines
from kam_analysis.sources.mapping import Answers, map_source
from kam_analysis.sources.profile import load_profile

EXPORTS = {"csv": 1_000_000, "xlsx": 100_000, "parquet": 10_000_000}
AS_OF = "2026-01-01"
LINES = """
SELECT 'K' || lpad((hash(i // 4) % {customers})::VARCHAR, 6, '0') AS "Customer no",
  'Customer ' || (hash(i // 4) % {customers}) AS "Customer", 'A' || (i // 4) AS "Invoice",
  DATE '2023-01-01' + (hash(i // 4) % 1095)::INTEGER AS "Date", 'P' || (hash(i, 1) % 2000) AS "Item no",
  'Article ' || (hash(i, 1) % 2000) AS "Item", (1 + hash(i, 2) % 9)::INTEGER AS "Quantity",
  round(1 + (hash(i, 3) % 10000) / 100, 2)::DECIMAL(18, 2) AS "Unit price",
  round(("Quantity" * "Unit price"), 2)::DECIMAL(18, 2) AS "Net amount", 'Manager ' || (hash(i // 4) % 25) AS "Manager"
FROM range({rows}) AS lines(i)
"""


def draw(kind: str, rows: int, folder: Path) -> Path:
    """Write an export with so many order lines."""
    path = folder / f"sales.{kind}"
    sql = LINES.format(rows=rows, customers=max(rows // 100, 1))
    with Engine() as engine:
        if kind != "xlsx":
            engine.rows(f"COPY ({sql}) TO {literal(str(path))} (FORMAT {kind}{', HEADER' if kind == 'csv' else ''})")
            return path
        from openpyxl import Workbook

        engine.materialise("drawn", sql)
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Sales")
        sheet.append(list(engine.types("drawn")))
        for row in engine.rows("SELECT * FROM drawn"):
            sheet.append(row)
        book.save(path)
    return path


class Watch:
    """Seconds since it was started: of the clock, and of all cores of this process."""

    def __init__(self) -> None:
        self.wall, self.cores = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        return f"{time.perf_counter() - self.wall:.1f} ({time.process_time() - self.cores:.1f})"


def measure(kind: str, folder: Path) -> None:
    """Map and clean the drawn export and print what it took."""
    path = folder / f"sales.{kind}"
    watch = Watch()
    map_source(folder, kind, [path], Answers())
    mapped = str(watch)
    profile, raw = load_profile(folder / "sources" / f"{kind}.yaml"), folder / "data" / "raw" / kind
    bare = ""
    if kind == "parquet":
        watch = Watch()
        with Engine() as engine:
            written = literal(str(folder / "bare.parquet"))
            engine.rows(f"COPY (SELECT * FROM read_parquet({literal(str(path))})) TO {written} (FORMAT parquet)")
        bare = str(watch)
    params = parse({"as_of": AS_OF})
    watch = Watch()
    with Engine() as engine, tempfile.TemporaryDirectory() as scratch:
        read_lines(engine, profile, raw, Path(scratch))
        classify_lines(engine, params.cleaning, params.as_of)
    judged = str(watch)
    watch = Watch()
    with Engine() as engine:
        clean_source(engine, profile, raw, params)
        kept = engine.rows("SELECT count(*) FROM order_lines")[0][0]
    cleaned = str(watch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    heads = ("mapped", "read and judged", "cleaned and summed up", "scan and rewrite")
    shown = Table("export", "lines kept", *(f"{head}, s" for head in heads), "largest memory, MB")
    shown.add_row(kind, f"{kept:,}", mapped, judged, cleaned, bare, f"{peak:.0f}")
    Console().print(shown)


def main() -> None:
    """Measure every export, or those named, each in its own process."""
    if len(sys.argv) == 3 and Path(sys.argv[2]).is_dir():
        measure(sys.argv[1], Path(sys.argv[2]))
        return
    for kind in sys.argv[1:] or EXPORTS:
        with tempfile.TemporaryDirectory() as folder:
            draw(kind, EXPORTS[kind], Path(folder))
            subprocess.run([sys.executable, __file__, kind, folder], check=True)


if __name__ == "__main__":
    main()
