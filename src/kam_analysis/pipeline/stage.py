"""A room's stage as its notebook sees it: parameters, tables in and out, what the page shows."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from kam_analysis.engine import Engine, quoted
from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Finding, Message, Tile, say
from kam_analysis.params import Params, load
from kam_analysis.pipeline.project import INTERIM_TABLES, Project, find_project
from kam_analysis.report import page
from kam_analysis.report.csv_files import write_csv
from kam_analysis.report.document import style
from kam_analysis.report.language import Language
from kam_analysis.sources.profile import Profile, load_profile
from kam_analysis.tables import SHARED, ContractError, Table

INDEX_ROWS = 10


class Shown:
    """A fragment of the page that JupyterLab shows as it is."""

    def __init__(self, html: str) -> None:
        self._html = html

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._html)} characters of HTML)"

    def _repr_html_(self) -> str:
        return self._html


class Stage:
    """One room at work; notebooks make it with `open_stage`.

    Attributes
    ----------
    room : str
    params : Params
        ``params.yaml`` with the notebook's changes.
    profile : Profile
        The source's profile.
    engine : Engine
        Holds the line-level tables that were read or made.
    calendar, calendar_before : Calendar or None
        Window of the data at the reference date and at the comparison date (None where the data do not reach back).
    """

    def __init__(self, room: str, params: Params, project: Project) -> None:
        self.room, self.params, self._project = room, params, project
        self.profile: Profile = load_profile(project.profile_path(params.source))
        self.engine = Engine()
        self._language = Language(params.report.language, self.profile.currency)
        self._tables: Mapping[str, Table] = import_module(f"kam_analysis.{room}.tables").PUBLISHED
        self._title = ""
        self._lead: list[str] = []
        self._tiles: list[Tile] = []
        self._findings: dict[str, Finding] = {}
        self._numbers: dict[str, Any] = {}
        self._calls: list[dict[str, str]] = []
        self._window: dict[str, str | None] = {} if room == "cleaning" else self._read_window()

    def __repr__(self) -> str:
        return f"Stage({self.room!r}, source {self.params.source!r})"

    def _repr_html_(self) -> str:
        return f"<style>{style()}</style><p>{self.room} · {self.profile.title}</p>"

    def _read_window(self) -> dict[str, str | None]:
        path = self._project.findings("cleaning")
        if not path.exists():
            raise UserError(
                Problem("the stage cleaning has not run", str(path.relative_to(self._project.root)), cure="kam run")
            )
        window: dict[str, str | None] = json.loads(path.read_text(encoding="utf-8"))["window"]
        return window

    @property
    def raw(self) -> Path:
        """Folder of the source's raw files."""
        folder = self._project.raw(self.params.source)
        if not folder.is_dir():
            where = str(folder.relative_to(self._project.root))
            raise UserError(
                Problem("no such folder", where, cure=f"put the export there, or `kam get {self.params.source}`")
            )
        return folder

    @property
    def calendar(self) -> Calendar:
        """First order and first day not analysed."""
        return self._calendar_to("as_of")

    @property
    def calendar_before(self) -> Calendar | None:
        """The same at the comparison date."""
        if not self._window["compare_as_of"]:
            return None
        return self._calendar_to("compare_as_of")

    def _calendar_to(self, day: str) -> Calendar:
        first, until = (_day(self._window[name]) for name in ("first_order_on", day))
        return Calendar(first, until, self.params.facts.censored_months)

    def set_window(self, calendar: Calendar, compare_as_of: dt.date | None) -> None:
        """Hand the window of the data to every later room."""
        self._window = {
            "first_order_on": calendar.first_order_on.isoformat(),
            "as_of": calendar.as_of.isoformat(),
            "compare_as_of": compare_as_of.isoformat() if compare_as_of else None,
        }

    def read(self, name: str) -> Any:
        """Read a table of an earlier room.

        A line-level table stays in the engine, which is returned; any other table is a frame in its contract's types.

        Raises
        ------
        UserError
            When the room that writes it has not run.
        """
        path = self._project.table(name)
        if not path.exists():
            raise UserError(
                Problem("the stage before has not run", str(path.relative_to(self._project.root)), cure="kam run")
            )
        self.engine.read_parquet(name, path)
        if name in INTERIM_TABLES:
            return self.engine
        contract = self._contract(name)
        return contract.check(self.engine.frame(name, contract), f"entry of {self.room}")

    def frame(self, name: str) -> pd.DataFrame:
        """Give a table that this stage made in the engine, in its contract's types."""
        contract = self._contract(name)
        return contract.check(self.engine.frame(name, contract), f"in {self.room}")

    def write_all(self) -> None:
        """Write every table that the room promises, as the engine holds them."""
        for name in import_module(f"kam_analysis.{self.room}.tables").WRITTEN:
            self.write(name)

    def write(self, name: str, frame: pd.DataFrame | None = None) -> None:
        """Write a table for later rooms: a frame, or the engine's table of that name."""
        contract = self._contract(name)
        if frame is not None:
            self.engine.put(name, contract.check(frame, f"exit of {self.room}"), contract)
        elif list(self.engine.types(name)) != contract.names:
            raise ContractError(f"table {name} at exit of {self.room}: columns {list(self.engine.types(name))}")
        order = ", ".join(quoted(column) for column in contract.key or contract.names)
        self.engine.write(name, self._project.table(name), order)

    def _contract(self, name: str) -> Table:
        if name in SHARED:
            return SHARED[name]
        if name in self._tables:
            return self._tables[name]
        for room in ("key_clients", "segments"):
            tables: Mapping[str, Table] = import_module(f"kam_analysis.{room}.tables").PUBLISHED
            if name in tables:
                return tables[name]
        raise KeyError(name)

    def in_words(self, message: Message) -> str:
        """Write a message in the language of the report."""
        return self._language.text(message)

    def head(self, title: Message, numbers: Mapping[str, Any] | None = None) -> Shown:
        """Title of the page, the data window, the money; `numbers` go to the metrics without being shown."""
        self._title = self._language.text(title)
        self._numbers |= dict(numbers or {})
        earlier = self.calendar_before
        line = page.asof_message(
            self.calendar.as_of, earlier.as_of if earlier else None, self.profile.currency, self.profile.vat
        )
        return Shown(page.head(title, line, self._language))

    def lead(self, *sentences: Message | Finding) -> Shown:
        """Up to three sentences that answer the page's question."""
        self._lead = [self._language.sentence(s.sentence if isinstance(s, Finding) else s) for s in sentences]
        return Shown(page.lead(sentences, self._language))

    def tiles(self, *tiles: Tile) -> Shown:
        """Headline figures."""
        self._tiles.extend(tiles)
        return Shown(page.tiles(tiles, self._language))

    def show(self, *findings: Finding) -> Shown:
        """One row of the page: figures side by side, then tables, then caveats."""
        self.note(*findings)
        return Shown(page.finding_row(findings, self._language, self._tables, self.params.report.max_rows))

    def fold(self, *findings: Finding) -> Shown:
        """One row of the page, folded under its questions and answers: evidence for who wants to look closer."""
        self.note(*findings)
        return Shown(page.folded_row(findings, self._language, self._tables, self.params.report.max_rows))

    def fold_measured(self, *findings: Finding) -> Shown:
        """As `fold`, without what has no row: details of a finding that says itself why there is nothing."""
        self.note(*findings)
        measured = [finding for finding in findings if finding.absent is None and len(finding.table)]
        return self.fold(*measured) if measured else Shown("")

    def show_measured(self, *findings: Finding) -> Shown:
        """As `show`, without what has no row."""
        self.note(*findings)
        measured = [finding for finding in findings if finding.absent is None and len(finding.table)]
        return self.show(*measured) if measured else Shown("")

    def note(self, *findings: Finding) -> None:
        """Keep findings for metrics, tables and the index without showing them."""
        for finding in findings:
            self._tables[finding.name].check(finding.table, f"finding {finding.name}")
            self._findings[finding.name] = finding
            self._numbers |= dict(finding.numbers)

    def close(self) -> Shown:
        """Write metrics, findings and tables; the footer of the page."""
        if missing := sorted(set(self._tables) - set(self._findings)):
            raise ContractError(f"{self.room} publishes {', '.join(missing)} but shows no such finding")
        for name, finding in self._findings.items():
            write_csv(finding.table, self._tables[name], self._project.csv(name))
        _write_json(
            self._project.metrics(self.room), {key: _plain(self._numbers[key]) for key in sorted(self._numbers)}
        )
        _write_json(self._project.findings(self.room), self._summary())
        self.engine.close()
        return Shown(page.footer(self._window_pairs(), self._parameters(), self._language))

    def _summary(self) -> dict[str, Any]:
        return {
            "room": self.room,
            "title": self._title,
            "window": self._window,
            "source": {"title": self.profile.title, "currency": self.profile.currency, "vat": self.profile.vat},
            "lead": self._lead,
            "tiles": [page.tile_texts(tile, self._language) for tile in self._tiles],
            "findings": [self._finding_summary(finding) for finding in self._findings.values()],
        }

    def _finding_summary(self, finding: Finding) -> dict[str, Any]:
        summary: dict[str, Any] = {
            "name": finding.name,
            "question": self._language.text(finding.question),
            "sentence": self._language.sentence(finding.sentence),
            "numbers": {key: _plain(value) for key, value in finding.numbers.items()},
            "caveats": page.caveat_texts(finding.caveats, self._language),
        }
        if finding.on_index and finding.drawing:
            summary["figure"] = page.figure_fragment(finding, self._language)
        elif finding.on_index:
            summary["table"] = page.finding_row(
                [replace(finding, grouped_by=None)], self._language, self._tables, INDEX_ROWS
            )
        return summary

    def _parameters(self) -> dict[str, Any]:
        section: dict[str, Any] = self.params.model_dump(mode="json").get(self.room, {})
        return section

    def _window_pairs(self) -> list[tuple[Message | str, Message | str]]:
        return [
            (say("Source"), self.profile.title),
            (
                say("Data window"),
                say(
                    "{first:date} to {last:date}",
                    first=self.calendar.first_order_on,
                    last=self.calendar.as_of - dt.timedelta(days=1),
                ),
            ),
            (say("First day not analysed"), say("{on:date}", on=self.calendar.as_of)),
        ]


def open_stage(room: str, parameters: Mapping[str, Any]) -> Stage:
    """Open a room's stage: ``params.yaml`` with `parameters` laid over it.

    Raises
    ------
    UserError
        When a parameter, the profile or an earlier stage's output is wrong or missing.
    """
    project = Project(find_project())
    return Stage(room, load(project.params_path, parameters), project)


def _day(text: str | None) -> dt.date:
    return dt.date.fromisoformat(str(text))


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ContractError("a number of a finding is not finite: it should be None with its reason")
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    return value


def _write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
