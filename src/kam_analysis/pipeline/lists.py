"""Segment lists as files: one CSV or workbook per segment."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd

from kam_analysis.csv_files import write_csv, write_workbook
from kam_analysis.engine import Engine
from kam_analysis.errors import Problem, UserError
from kam_analysis.params import load
from kam_analysis.pipeline.project import Project
from kam_analysis.segments.lists import segment_lists
from kam_analysis.segments.tables import SEGMENT_LIST, ListedBy
from kam_analysis.tables import CUSTOMER_FACTS, CUSTOMER_SEGMENTS, CUSTOMERS, Table

KINDS = {"csv": write_csv, "xlsx": write_workbook}


def write_lists(
    project: Project, folder: Path, by: str, kind: str, only_given: bool = False
) -> list[tuple[Path, int, int]]:
    """Write the lists of the last run to ``folder/<source>/<by>/<segment>.<kind>``; lists of before are replaced.

    Parameters
    ----------
    project : Project
    folder : Path
        Where the lists are wanted.
    by, kind : str
        A `ListedBy`; csv or xlsx.
    only_given : bool
        Whether consent must be given.

    Returns
    -------
    list of (Path, int, int)
        Each file with its customers, and the customers of the segment that consent left out.

    Raises
    ------
    UserError
        For an unknown segmentation or kind, without a run, or where `folder` holds other files of that name.
    """
    for given, known in ((by, list(ListedBy)), (kind, list(KINDS))):
        if given not in known:
            raise UserError(Problem(f"unknown: {given!r}", cure=f"one of {', '.join(known)}"))
    segments, facts, customers = (_read(project, table) for table in (CUSTOMER_SEGMENTS, CUSTOMER_FACTS, CUSTOMERS))
    lists = segment_lists(segments, facts, customers, ListedBy(by), only_given)
    sizes = segment_lists(segments, facts, customers.iloc[:0], ListedBy(by))
    target = folder / load(project.params_path).source / by
    _clear(target)
    written = []
    for name, frame in lists.items():
        path = target / f"{re.sub(r'[^A-Za-z0-9_]', '_', name)}.{kind}"
        KINDS[kind](frame, SEGMENT_LIST, path)
        written.append((path, len(frame), len(sizes[name]) - len(frame)))
    return written


def _clear(target: Path) -> None:
    strangers = [path for path in target.glob("*") if path.is_dir() or path.suffix.lstrip(".") not in KINDS]
    if strangers:
        names = [path.name for path in strangers[:3]]
        raise UserError(Problem("holds files that are no lists", str(target), len(strangers), names, "another folder"))
    if target.is_dir():
        shutil.rmtree(target)


def _read(project: Project, table: Table) -> pd.DataFrame:
    path = project.table(table.name)
    if not path.is_file():
        raise UserError(Problem("there are no segments yet", cure="kam run"))
    with Engine() as engine:
        engine.read_parquet(table.name, path)
        return engine.frame(table.name, table)
