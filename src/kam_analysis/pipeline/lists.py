"""Lists as files: the customers of each segment, and the call list with a part kept uncalled."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from kam_analysis import chapter as chapters
from kam_analysis.actions.calls import CALL_LIST
from kam_analysis.actions.control import draw_control
from kam_analysis.csv_files import neutral, write_csv, write_workbook
from kam_analysis.engine import Engine
from kam_analysis.errors import Problem, UserError
from kam_analysis.params import load
from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.project import Project
from kam_analysis.segments.lists import SEGMENT_LIST, ListedBy, segment_lists
from kam_analysis.tables import CALL_PARTS, CUSTOMER_FACTS, CUSTOMER_SEGMENTS, CUSTOMERS, Table

WRITTEN = ".written"  # in a folder of lists: the files of this command
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
    clear(target)
    written = []
    for name, frame in lists.items():
        path = target / f"{re.sub(r'[^A-Za-z0-9_]', '_', name)}.{kind}"
        KINDS[kind](frame, SEGMENT_LIST, path)
        written.append((path, len(frame), len(sizes[name]) - len(frame)))
    note(target)
    return written


def write_calls(project: Project, folder: Path, kind: str, share: float, seed: int) -> list[tuple[Path, int]]:
    """Write this week's calls of the last run without a part of them that chance keeps uncalled, and who is in which.

    ``folder/<source>/calls/`` holds ``calls.<kind>``, the customers to call, and ``call_parts_<day>.csv``. The next run
    knows the parts when that file lies in ``data/raw/<source>/`` and the profile names it under ``call_parts``; nothing
    else remembers them.

    Parameters
    ----------
    project : Project
    folder : Path
        Where the lists are wanted; lists of before are replaced.
    kind : str
        csv or xlsx.
    share : float
        Of the control, 0–1.
    seed : int
        Same run, share and seed: same draw.

    Returns
    -------
    list of (Path, int)
        Each file with its customers.

    Raises
    ------
    UserError
        For an unknown kind, without a run, when the list of this day is parted already, when the control would be
        empty, when a customer id would not survive a spreadsheet, or where `folder` holds other files of that name.
    """
    if kind not in KINDS:
        raise UserError(Problem(f"unknown: {kind!r}", cure=f"one of {', '.join(KINDS)}"))
    found = project.findings("actions")
    chapter = chapters.read(found, found.relative_to(project.root).as_posix())
    calls, as_of = chapter.findings["call_list"].table, dt.date.fromisoformat(str(chapter.window["as_of"]))
    params, parts = load(project.params_path), _read(project, CALL_PARTS)
    if (parts["drawn_on"] == pd.Timestamp(as_of)).any():
        raise UserError(
            Problem(f"the calls of {as_of} are parted already", "call_parts", cure="print the pages of the run")
        )
    drawn = draw_control(calls, parts, as_of, params.facts.horizon_days, share, seed)
    control = set(drawn["customer_id"][drawn["part"] == "control"])
    if not control:
        raise UserError(
            Problem(f"a share of {share} of {len(drawn)} customers keeps nobody uncalled", cure="a larger --control")
        )
    if odd := [one for one in drawn["customer_id"] if neutral(one) != one]:
        raise UserError(Problem("ids that a spreadsheet would take for formulas", "call_list", len(odd), odd[:3]))
    target = folder / params.source / "calls"
    clear(target)
    week = calls[calls["is_this_week"] & ~calls["customer_id"].isin(control)].reset_index(drop=True)
    listed, told = target / f"calls.{kind}", target / f"call_parts_{as_of}.csv"
    KINDS[kind](week, CALL_LIST, listed)
    write_csv(drawn, CALL_PARTS, told)
    note(target)
    return [(listed, len(week)), (told, len(drawn))]


def clear(target: Path) -> None:
    """Delete what this command wrote into a folder before; anything else stops it."""
    note = target / WRITTEN
    ours = {WRITTEN, *note.read_text(encoding="utf-8").splitlines()} if note.is_file() else set()
    here = sorted(target.glob("*"))
    if strangers := [path.name for path in here if path.name not in ours or path.is_dir()]:
        what = "holds files that this command did not write"
        raise UserError(Problem(what, str(target), len(strangers), strangers[:3], "another folder"))
    for path in here:
        path.unlink()


def note(target: Path) -> None:
    """Remember the files of a folder of lists as this command's."""
    replace_text(target / WRITTEN, "".join(f"{path.name}\n" for path in sorted(target.glob("*"))))


def _read(project: Project, table: Table) -> pd.DataFrame:
    path = project.table(table.name)
    if not path.is_file():
        raise UserError(Problem("no run has left it yet", table.name, cure="kam run"))
    with Engine() as engine:
        engine.read_parquet(table.name, path)
        return engine.frame(table.name, table)
