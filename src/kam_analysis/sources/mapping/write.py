"""A mapping put in its place: the files under data/raw, the profile under sources, and the first lines as they read."""

from __future__ import annotations

import html
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from kam_analysis.engine import Engine
from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.containers import READ
from kam_analysis.sources.lines import read_lines, read_optional
from kam_analysis.sources.mapping.answers import Answers
from kam_analysis.sources.mapping.build import Mapped, map_files, profile_text
from kam_analysis.sources.mapping.buyers import nobodies, stop_at_orders_as_customers
from kam_analysis.sources.mapping.roles import NUMERIC
from kam_analysis.sources.profile import Profile, load_profile

SHOWN_ROWS = 8
SHOWN = (
    *(
        "customer_id",
        "customer_name",
        "order_id",
        "ordered_on",
        "sku",
        "item",
        "qty",
        "unit",
        "unit_price",
        "net_sales",
        "cost",
    ),
    *("manager", "department", "country", "region", "channel", "status", "currency"),
)
NO_HEAD = "is_head IS NOT TRUE"
NUMBERS = ("qty", "unit_price", "net_sales", "cost")
Judge = Callable[[Engine, Profile], tuple[str, ...]]
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Preview:
    """A mapping and the first order lines as they will be read: a table in a terminal and in JupyterLab.

    Parameters
    ----------
    profile_path : Path
    mapped : Mapped
    lines : DataFrame
        The first lines.
    rows : int
        All rows of the files, before any is rejected.
    misread : tuple of str
        What cannot be read in them, with counts.
    """

    profile_path: Path
    mapped: Mapped
    lines: pd.DataFrame
    rows: int
    misread: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Roles with confidence and reason, the first lines, what to look at."""
        roles = [
            f"  {'' if table == 'orders' else table + '.'}{fit.role}: {fit.column}  "
            f"({fit.confidence:.0%}, {fit.reason})"
            for table, fit in self.mapped.fits
        ]
        parts = ["Roles:", *roles, "", f"First of {self.rows:,} rows as they will be read:"]
        parts.append(self.lines.to_string(index=False, max_colwidth=28, na_rep=""))
        notes = [*self.mapped.notes, *self.misread, *self._unused()]
        if notes:
            parts += ["", "Look at:", *(f"  {note}" for note in notes)]
        parts += ["", f"{self.profile_path}: correct it by hand where it is wrong, then `kam use` and `kam check`."]
        return "\n".join(parts)

    def _unused(self) -> list[str]:
        """Columns of the lines that play no role, by the reason."""
        reasons = dict.fromkeys(self.mapped.unused.values())
        return [
            f"not used ({why}): {', '.join(column for column, other in self.mapped.unused.items() if other == why)}"
            for why in reasons
        ]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{'' if table == 'orders' else html.escape(table) + '.'}{html.escape(fit.role)}</td>"
            f"<td>{html.escape(fit.column)}</td><td>{fit.confidence:.0%}</td><td>{html.escape(fit.reason)}</td></tr>"
            for table, fit in self.mapped.fits
        )
        notes = "".join(
            f"<li>{html.escape(note)}</li>" for note in (*self.mapped.notes, *self.misread, *self._unused())
        )
        head = "<tr><th>role</th><th>column</th><th>confidence</th><th>reason</th></tr>"
        return f"<table>{head}{rows}</table>{self.lines.to_html(index=False, escape=True, na_rep='')}<ul>{notes}</ul>"


def map_source(root: Path, name: str, paths: Sequence[Path], answers: Answers, judge: Judge | None = None) -> Preview:
    """Map exports to a source: copy them to ``data/raw/NAME``, write ``sources/NAME.yaml``, and read the first lines.

    Nothing is written unless all files can be read by the profile found.

    Parameters
    ----------
    root : Path
        Of the project.
    name : str
        Of the source: letters, digits, ``_`` and ``-``.
    paths : sequence of Path
        Files; a folder stands for the tables in it.
    answers : Answers
        What a person says beforehand.
    judge : callable, optional
        Judges the lines read, by the profile found: gives notes, or raises where much is lost.

    Raises
    ------
    UserError
        When something is missing or ambiguous, or much is lost; exit status 2 on the command line.
    """
    if not NAME.fullmatch(name):
        raise UserError(Problem("the name of a source is made of letters, digits, _ and -", repr(name)))
    found = [_files(path) for path in paths]
    files = [file for tables, _ in found for file in tables]
    left = [name for _, others in found for name in others]
    twice = sorted({file.name for file in files if sum(other.name == file.name for other in files) > 1})
    if twice:
        raise UserError(Problem("two files of the same name", ", ".join(twice), cure="rename one of them"))
    mapped = map_files(name, files, answers)
    mapped = replace(mapped, notes=(*mapped.notes, *(f"{other} is no table and not read" for other in left)))
    raw, profile_path = root / "data" / "raw" / name, root / "sources" / f"{name}.yaml"
    with tempfile.TemporaryDirectory(prefix="map-") as scratch:
        tried = Path(scratch) / "raw"
        tried.mkdir()
        for file in files:
            (tried / file.name).symlink_to(file.resolve())
        draft = Path(scratch) / f"{name}.yaml"
        draft.write_text(profile_text(mapped), encoding="utf-8")
        read = _first_lines(load_profile(draft), tried, judge, answers)
        if read.nobody:
            orders = {**mapped.profile["orders"], "nobody": read.nobody}
            notes = (*mapped.notes, *read.misread)
            mapped = replace(mapped, profile={**mapped.profile, "orders": orders}, notes=notes)
            draft.write_text(profile_text(mapped), encoding="utf-8")
            read = _first_lines(load_profile(draft), tried, judge)
        raw.mkdir(parents=True, exist_ok=True)
        for file in files:
            if file.resolve() != (raw / file.name).resolve():
                half = Path(shutil.copyfile(file, raw / f".{file.name}.half"))
                half.replace(raw / file.name)
        profile_path.parent.mkdir(parents=True, exist_ok=True)
        Path(shutil.copyfile(draft, profile_path.with_name(f".{profile_path.name}.half"))).replace(profile_path)
    return Preview(profile_path.relative_to(root), mapped, read.lines, read.rows, read.misread)


def map_pasted(root: Path, name: str, pasted: bytes, answers: Answers, judge: Judge | None = None) -> Preview:
    """Map a table that was pasted: it becomes ``pasted.txt`` of the source.

    Raises
    ------
    UserError
        When nothing was pasted, or as `map_source`.
    """
    if not pasted.strip():
        cure = "copy the cells with their head, then paste them and end with Ctrl+D"
        raise UserError(Problem("nothing was pasted", "standard input", cure=cure))
    with tempfile.TemporaryDirectory(prefix="paste-") as scratch:
        path = Path(scratch) / "pasted.txt"
        path.write_bytes(pasted)
        return map_source(root, name, [path], answers, judge)


def _files(path: Path) -> tuple[list[Path], list[str]]:
    """Files of a path, and names of those in a folder that hold no table by their kind."""
    if not path.is_dir():
        return [path], []
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    tables = [file for file in files if file.suffix.lower() in READ]
    return tables or files, [file.name for file in files if tables and file not in tables]


@dataclass(frozen=True)
class _Read:
    """The first lines, all rows and what is told of them; or the customers who are nobody, and what is told of them."""

    lines: pd.DataFrame
    rows: int
    misread: tuple[str, ...]
    nobody: dict[str, str] = field(default_factory=dict)


def _first_lines(profile: Profile, folder: Path, judge: Judge | None, answers: Answers | None = None) -> _Read:
    """Read the lines by a profile; with answers, judge first who bought."""
    with Engine() as engine, tempfile.TemporaryDirectory() as scratch:
        read_lines(engine, profile, folder, Path(scratch))
        rows = int(engine.rows("SELECT count(*) FROM lines_read")[0][0])
        if answers is not None:
            said = answers.said
            stop_at_orders_as_customers(engine, profile, said.get("accept", ()))
            nobody, notes = nobodies(engine, profile, said.get("nobody", ()), said.get("customer", ()))
            if nobody:
                return _Read(pd.DataFrame(), rows, tuple(notes), nobody)
        read_optional(engine, profile, folder, Path(scratch))
        columns = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" if name in NUMBERS else name for name in SHOWN)
        engine.materialise(
            "first_lines", f"SELECT {columns} FROM lines_read WHERE {NO_HEAD} ORDER BY line_no LIMIT {SHOWN_ROWS}"
        )
        lines = engine.frame("first_lines")
        misread = judge(engine, profile) if judge else _misread(engine, profile)
    return _Read(lines[[name for name in SHOWN if lines[name].notna().any()]], rows, misread)


def _misread(engine: Engine, profile: Profile) -> tuple[str, ...]:
    """Count the cells that are read as nothing: they cost a row its date, its money or its customer."""
    columns = profile.orders.columns
    roles = [role for role in columns if role == "order_date" or role in NUMERIC]
    counts = {
        f"{columns[role]!r} holds what is no {'date' if role == 'order_date' else 'number'}": (
            f"list_contains(string_split(unreadable, ' '), '{role}')"
        )
        for role in roles
    }
    counts["have no date"] = "ordered_on IS NULL AND date_text IS NULL"
    counts["have a date and no amount"] = "ordered_on IS NOT NULL AND NOT has_money_text"
    counts["have a date and no customer"] = "ordered_on IS NOT NULL AND customer_id IS NULL"
    asked = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in counts.values())
    found, every = (
        engine.rows(f"SELECT {asked} FROM lines_read WHERE {NO_HEAD}")[0],
        engine.rows("SELECT count(*) FROM lines_read")[0][0],
    )
    return tuple(
        f"{count:,} of {every:,} rows: {what}" if "holds" in what else f"{count:,} of {every:,} rows {what}"
        for what, count in zip(counts, found, strict=True)
        if count
    )
