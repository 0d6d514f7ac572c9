"""A room's stage as its notebook sees it: parameters, tables in and out, what the page shows.

Only the pipeline writes the project's results. A notebook run by hand reads them and writes its own to
``scratch/<notebook>/``.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, Literal, overload

import pandas as pd

from kam_analysis import chapter as chapters
from kam_analysis.chapter import MIME, Chapter
from kam_analysis.engine import Engine, quoted
from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import RUNS_A_STAGE, Finding, Message, Tile, preview, say
from kam_analysis.params import Params, declared, load
from kam_analysis.pipeline.own import own_table, record
from kam_analysis.pipeline.project import INTERIM_TABLES, Project, find_project
from kam_analysis.rooms import ROOMS
from kam_analysis.sources.profile import HIDDEN_TITLE, Profile, load_profile
from kam_analysis.tables import SHARED, ContractError, Table, published

LineTable = Literal["order_lines", "rejected_lines"]


class Shown:
    """A part of the page: data in a run, and its HTML beside them where somebody works by hand."""

    def __init__(self, part: Mapping[str, Any], chapter: Chapter, params: Params) -> None:
        self._part, self._chapter, self._params = part, chapter, params

    def __repr__(self) -> str:
        return " ".join([self._part["part"], *self._part.get("findings", [])])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        html = preview("part", self._chapter, self._part, self._params)
        return {MIME: self._part} | ({} if html is None else {"text/html": html})


class Stage:
    """One room at work; notebooks make it with `open_stage`.

    Attributes
    ----------
    room : str
    params : Params
        ``params.yaml`` with the notebook's changes; a key that the room's record does not name is refused.
    profile : Profile
        The source's profile.
    engine : Engine
        Holds the line-level tables that were read or made.
    calendar, calendar_before : Calendar or None
        Window of the data at the reference date and at the comparison date (None where the data do not reach back).
    """

    def __init__(self, room: str, params: Params, project: Project) -> None:
        self.room, self._all_params, self._project = room, params, project
        self._record = record(project, room)
        self.params = declared(params, self._record.params, room)
        self._out = project if os.environ.get(RUNS_A_STAGE) else project.scratch(room)
        profile = load_profile(project.profile_path(params.source))
        self.profile: Profile = profile.model_copy(update={"title": HIDDEN_TITLE} if params.report.pseudonyms else {})
        self.engine = Engine(params.engine)
        self._tables: dict[str, Table] = published(room) if room in ROOMS else {}
        self._title = Message("")
        self._lead: list[Message] = []
        self._tiles: list[Tile] = []
        self._findings: dict[str, Finding] = {}
        self._numbers: dict[str, Any] = {}
        self._window: dict[str, str | None] = {} if room == "cleaning" else self._read_window()

    def __repr__(self) -> str:
        return f"Stage({self.room!r}, source {self.params.source!r}, writes to {self._written_to})"

    def _repr_html_(self) -> str | None:
        style = preview("style")
        return style and f"{style}<p>{self.room} · {escape(self.profile.title)} · writes to {self._written_to}</p>"

    @property
    def _written_to(self) -> str:
        return "the project" if self._out == self._project else f"{self._out.root.relative_to(self._project.root)}/"

    def _read_window(self) -> dict[str, str | None]:
        path = self._project.window
        if not path.exists():
            raise UserError(
                Problem("the stage cleaning has not run", str(path.relative_to(self._project.root)), cure="kam run")
            )
        window: dict[str, str | None] = json.loads(path.read_text(encoding="utf-8"))
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

    @overload
    def read(self, name: LineTable) -> Engine: ...  # type: ignore[overload-overlap]

    @overload
    def read(self, name: str) -> pd.DataFrame: ...

    def read(self, name: str) -> Engine | pd.DataFrame:
        """Read a table of an earlier room.

        A line-level table stays in the engine, which is returned; any other table is a frame in its contract's types.

        Raises
        ------
        UserError
            When the room that writes it has not run, or the room's record does not name it.
        """
        if name not in self._record.reads:
            raise UserError(Problem(f"is not read by {self.room}", name, cure="add it to its record in rooms.py"))
        path = self._project.table(name)
        if not path.exists():
            raise UserError(
                Problem("the stage before has not run", str(path.relative_to(self._project.root)), cure="kam run")
            )
        self.engine.read_parquet(name, path)
        if name in INTERIM_TABLES:
            return self.engine
        return SHARED[name].check(self.engine.frame(name, SHARED[name]), f"entry of {self.room}")

    def frame(self, name: str) -> pd.DataFrame:
        """Give a table that this stage made in the engine, in its contract's types."""
        return SHARED[name].check(self.engine.frame(name, SHARED[name]), f"in {self.room}")

    def write_all(self) -> None:
        """Write every table that the room promises, as the engine holds them."""
        for name in self._record.writes:
            self.write(name)

    def write(self, name: str, frame: pd.DataFrame | None = None) -> None:
        """Write a table for later rooms: a frame, or the engine's table of that name."""
        if name not in self._record.writes:
            raise UserError(Problem(f"is not written by {self.room}", name, cure="add it to its record in rooms.py"))
        contract = SHARED[name]
        if frame is not None:
            self.engine.put(name, contract.check(frame, f"exit of {self.room}"), contract)
        elif list(self.engine.types(name)) != contract.names:
            raise ContractError(f"table {name} at exit of {self.room}: columns {list(self.engine.types(name))}")
        order = ", ".join(quoted(column) for column in contract.key or contract.names)
        self.engine.write(name, self._out.table(name), order)

    def head(self, title: Message, numbers: Mapping[str, Any] | None = None) -> Shown:
        """Title of the page, the data window, the money; `numbers` go to the metrics without being shown."""
        self._title = title
        self._numbers |= dict(numbers or {})
        return self._shown({"part": "head"})

    def table(
        self, name: str, frame: pd.DataFrame, question: str, answer: str, kinds: Mapping[str, str] | None = None
    ) -> Finding:
        """Give a finding of a page of one's own: a frame, what was asked, and what it says, in plain text.

        Parameters
        ----------
        name : str
            The page's own name stands before it, in ``reports/tables/<page>_<name>.csv``.
        frame : DataFrame
        question, answer : str
        kinds : mapping of str to str, optional
            What a column holds, where its type does not tell: money, share, days, month, id, …
        """
        own = own_table(f"{self.room}_{name}", frame, kinds or {})
        self._tables[own.name] = own
        texts = (say("{text}", text=question), say("{text}", text=answer))
        return Finding(own.name, *texts, own.conform(frame), show=own.names)

    def lead(self, *sentences: Message | Finding) -> Shown:
        """Up to three sentences that answer the page's question."""
        self._lead = [said.sentence if isinstance(said, Finding) else said for said in sentences]
        return self._shown({"part": "lead"})

    def tiles(self, *tiles: Tile) -> Shown:
        """Headline figures."""
        self._tiles.extend(tiles)
        return self._shown({"part": "tiles", "tiles": [tile.key for tile in tiles]})

    def show(self, *findings: Finding) -> Shown:
        """One row of the page: figures side by side, then tables, then caveats."""
        self.note(*findings)
        return self._shown({"part": "row", "findings": [finding.name for finding in findings]})

    def fold(self, *findings: Finding) -> Shown:
        """One row of the page, folded under its questions and answers: evidence for who wants to look closer."""
        self.note(*findings)
        return self._shown({"part": "row", "findings": [finding.name for finding in findings], "is_folded": True})

    def fold_measured(self, *findings: Finding) -> Shown:
        """As `fold`, without what has no row: details of a finding that says itself why there is nothing."""
        self.note(*findings)
        return self.fold(*(finding for finding in findings if finding.absent is None and len(finding.table)))

    def show_measured(self, *findings: Finding) -> Shown:
        """As `show`, without what has no row."""
        self.note(*findings)
        return self.show(*(finding for finding in findings if finding.absent is None and len(finding.table)))

    def note(self, *findings: Finding) -> None:
        """Keep findings for metrics, tables and the index without showing them.

        Raises
        ------
        ContractError
            When a finding breaks its contract, or another one bears its name.
        """
        for finding in findings:
            if self._findings.setdefault(finding.name, finding) is not finding:
                raise ContractError(f"{self.room}: two findings are called {finding.name}")
            if finding.name not in self._tables:
                cure = f"write @finds above the function of {self.room} that gives it"
                raise ContractError(f"the finding {finding.name} has no table: {cure}")
            table = self._tables[finding.name]
            table.check(finding.table, f"finding {finding.name}")
            if unknown := sorted(set(finding.columns) - set(table.names)):
                raise ContractError(f"finding {finding.name} shows {', '.join(unknown)}, no columns of its table")
            self._numbers |= dict(finding.numbers)

    def close(self) -> Shown:
        """Write metrics and findings with their tables; the footer of the page."""
        if missing := sorted(set(self._tables) - set(self._findings)):
            raise ContractError(f"{self.room} publishes {', '.join(missing)} but shows no such finding")
        numbers = {key: _plain(self._numbers[key]) for key in sorted(self._numbers)}
        _write_json(self._out.metrics(self.room), numbers)
        folder = self._out.findings(self.room)
        shutil.rmtree(folder, ignore_errors=True)
        fingerprint = chapters.write(self._chapter(), folder)
        if self.room == "cleaning":
            _write_json(self._out.window, self._window)
        self.engine.close()
        return self._shown({"part": "footer", "chapter": fingerprint})

    def _shown(self, part: Mapping[str, Any]) -> Shown:
        return Shown(part, self._chapter(), self._all_params)

    def _chapter(self) -> Chapter:
        findings = dict(self._findings)
        source = {"title": self.profile.title, "currency": self.profile.currency, "vat": self.profile.vat}
        return Chapter(
            self.room,
            self._title,
            self._window,
            source,
            self._parameters(),
            tuple(self._lead),
            tuple(self._tiles),
            findings,
            self._tables,
            findings,
        )

    def _parameters(self) -> dict[str, Any]:
        section: dict[str, Any] = self.params.model_dump(mode="json").get(self.room, {})
        return section


def open_stage(room: str, parameters: Mapping[str, Any]) -> Stage:
    """Open a room's stage: ``params.yaml`` with `parameters` laid over it.

    Raises
    ------
    UserError
        When a parameter, the profile or an earlier stage's output is wrong or missing, or a parameter stands in the
        notebook as a variable of its own (``papermill -p top_k 30``), where nothing would read it.
    """
    project = Project(find_project())
    params = load(project.params_path, parameters)
    if problems := list(_unread(room, params, vars(sys.modules["__main__"]))):
        raise UserError(problems)
    return Stage(room, params, project)


def _unread(room: str, params: Params, variables: Mapping[str, Any]) -> Iterator[Problem]:
    for key in type(getattr(params, room)).model_fields if room in ROOMS else ():
        value = variables.get(key)
        if isinstance(value, str | int | float | list | dict):
            given = f"{{parameters: {{{room}: {{{key}: {json.dumps(value)}}}}}}}"
            yield Problem(
                f"the variable {key} is read by nothing",
                f"notebook of {room}",
                cure=f'parameters = {{"{room}": {{"{key}": {value!r}}}}}, or papermill -y \'{given}\'',
            )


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
