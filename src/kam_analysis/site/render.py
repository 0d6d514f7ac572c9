"""All pages in every language of ``report.languages``, and the CSV files, from what the rooms left as data."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from kam_analysis import chapter as chapters_of
from kam_analysis import csv_files
from kam_analysis.chapter import Chapter
from kam_analysis.errors import Problem, UserError
from kam_analysis.params import LANGUAGES, Params, load
from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.frame import page_frame
from kam_analysis.pipeline.headlines import headlines
from kam_analysis.pipeline.history import Changes, Snapshot, changes, found, read_history
from kam_analysis.pipeline.own import own_rooms
from kam_analysis.pipeline.project import ACCOUNTS, MANAGERS, Project
from kam_analysis.report.export import page_of, parts_of
from kam_analysis.report.language import Language
from kam_analysis.rooms import ROOMS
from kam_analysis.site import dossiers, managers, own_pages
from kam_analysis.site.board import Context, board_page
from kam_analysis.site.parts import Drawer
from kam_analysis.site.store import Store


def render(project: Project) -> int:
    """Write pages of all rooms that have run, index, CSV files, headline figures; tell how many pieces were drawn anew.

    Nothing is written before everything is drawn.

    Raises
    ------
    UserError
        When a parameter, the profile or a language catalogue is wrong, no room has run, or a notebook is not the one
        that its findings were written by.
    """
    params = load(project.params_path)
    store = Store(project.pictures)
    rooms = [*ROOMS, *own_rooms(project)]
    chapters = {room: _chapter(project, room) for room in rooms if project.findings(room).exists()}
    if not chapters:
        raise UserError(Problem("no room has run", "data/processed", cure="kam run"))
    texts = dict(_csv_texts(project, chapters, store))
    since = _since_published(project, params, chapters)
    shown = headlines({room: _metrics(project, room) for room in chapters})
    texts[project.headline] = json.dumps(shown, indent=1) + "\n"
    for code in params.report.languages:
        texts |= _pages(project, params, code, chapters, store, since)
    for folder in (*LANGUAGES, ACCOUNTS, MANAGERS):
        (project.reports / folder).mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        replace_text(path, text)
    return store.drawn


def _since_published(
    project: Project, params: Params, chapters: Mapping[str, Chapter]
) -> tuple[Snapshot, Changes] | None:
    history = read_history(project.history(params.source))
    for path in history.broken:
        where = path.relative_to(project.root).as_posix()
        print(f"{where} cannot be read and is left out", file=sys.stderr)  # noqa: T201
    now = found(chapters, {room: _metrics(project, room) for room in chapters}, params.report.pseudonyms)
    before = history.before(now)
    return (before, changes(before, now)) if before else None


def _chapter(project: Project, room: str) -> Chapter:
    folder = project.findings(room)
    chapter = chapters_of.read(folder, folder.relative_to(project.root).as_posix())
    said = [part["chapter"] for part in parts_of(_notebook(project, room)) if part["part"] == "footer"]
    if said != [chapter.fingerprint]:
        where = project.executed(room).relative_to(project.root).as_posix()
        raise UserError(Problem(f"is of another run than {folder.name}", where, cure="kam run"))
    return chapter


def _notebook(project: Project, room: str) -> dict[str, Any]:
    path = project.executed(room)
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        where = path.relative_to(project.root).as_posix()
        raise UserError(Problem("no executed notebook", where, cure="kam run")) from None
    return content


def _csv_texts(project: Project, chapters: Mapping[str, Chapter], store: Store) -> Iterator[tuple[Path, str]]:
    code = store.code(csv_files.__name__)
    plain = Language()
    seen: set[str] = set()
    for room, chapter in chapters.items():
        if taken := sorted(seen & set(chapter.keys)):
            where = project.notebook(room).relative_to(project.root).as_posix()
            raise UserError(Problem(f"there is a table {taken[0]} already", where, cure="give it another name"))
        seen |= set(chapter.keys)
        for name, key in chapter.keys.items():

            def text(_: Language, chapter: Chapter = chapter, name: str = name) -> str:
                return csv_files.csv_text(chapter.findings[name].table, chapter.tables[name])

            yield project.csv(name), store.kept(["csv", key, code], plain, text)


def _pages(
    project: Project,
    params: Params,
    code: str,
    chapters: Mapping[str, Chapter],
    store: Store,
    since: tuple[Snapshot, Changes] | None,
) -> Iterator[tuple[Path, str]]:
    first = next(iter(chapters.values()))
    language = Language(code, first.source["currency"])
    is_first = code == params.report.languages[0]
    to_tables = "tables/" if is_first else "../tables/"
    drawer = Drawer(language, params.report.max_rows, to_tables, store, _leads(chapters, ""))
    folder = project.pages(code, params.report.languages)
    for room, chapter in chapters.items():
        frame = page_frame(project, params, language, first, project.page(room).name)
        page = page_of(_notebook(project, room), frame, partial(drawer.part, chapter))
        yield folder / project.page(room).name, page
    frame = page_frame(project, params, language, first, project.index.name)
    metrics = {room: _metrics(project, room) for room in chapters}
    newest = metrics.get("cleaning", {}).get("last_order_on")
    context = Context(
        frame,
        params.fingerprint(),
        dt.date.fromisoformat(newest) if newest else None,
        params.report.old_after_days,
        dict(zip([*ROOMS, *own_rooms(project)], frame.pages[1:], strict=True)),
        since,
    )
    yield folder / project.index.name, board_page(chapters, context, drawer)
    below = Drawer(language, params.report.max_rows, f"../{to_tables}", store, _leads(chapters, "../"))
    for kind, room, pages in (
        (MANAGERS, managers.ROOM, managers.manager_pages),
        (ACCOUNTS, dossiers.ROOM, dossiers.account_pages),
    ):
        own = own_pages.Context(
            partial(page_frame, project, params, language, first, folder=f"{kind}/"),
            f"../{project.page(room).name}",
            params.fingerprint(),
        )
        for name, page in pages(chapters, own, below):
            yield folder / kind / name, page


def _leads(chapters: Mapping[str, Chapter], up: str) -> dict[str, dict[str, str]]:
    """Addresses of the pages of managers and accounts, by the columns that lead to them."""
    of_manager = {name: f"{up}{MANAGERS}/{file}" for name, file in managers.manager_files(chapters).items()}
    of_account = dossiers.leads_to_accounts(chapters, dossiers.account_files(chapters), f"{up}{ACCOUNTS}/")
    return dict.fromkeys(managers.COLUMNS, of_manager) | of_account


def _metrics(project: Project, room: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(project.metrics(room).read_text(encoding="utf-8"))
    return content
