"""The demo company: a seeded simulator of a B2B distributor of office and catering supplies, and the planted truth."""

from __future__ import annotations

import json
from pathlib import Path

from kam_analysis.demo.company import found_company
from kam_analysis.demo.export import export_lines, write_csv, write_orders
from kam_analysis.demo.extras import TABLES, UNLINKED_GROUPS, World
from kam_analysis.demo.sales import simulate
from kam_analysis.demo.truth import planted_truth


def write(folder: Path, truth_file: Path | None = None) -> None:
    """Write the exports of the demo company, the same bytes each time, and on request what was planted in them.

    Parameters
    ----------
    folder : Path
        Gets the half-yearly files of order lines and one file for each optional table.
    truth_file : Path, optional
        Gets the planted truth as JSON; it stands apart, because no analysis may read it.
    """
    company = found_company()
    documents = simulate(company)
    exported = export_lines(company, documents)
    folder.mkdir(parents=True, exist_ok=True)
    write_orders(folder, exported)
    world = World(company, documents)
    for name, (rows, columns) in TABLES.items():
        write_csv(folder / f"{name}.csv", columns.split(), rows(world))
    if truth_file is not None:
        planted = json.dumps(planted_truth(company, documents, exported, UNLINKED_GROUPS), ensure_ascii=False, indent=1)
        truth_file.parent.mkdir(parents=True, exist_ok=True)
        truth_file.write_bytes(f"{planted}\n".encode())
