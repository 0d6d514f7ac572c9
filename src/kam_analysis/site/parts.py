"""Parts of a page out of a room's chapter: what a cell of its notebook left as data becomes HTML in one language."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kam_analysis import drawings
from kam_analysis.chapter import Chapter
from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import add_months
from kam_analysis.findings import Finding, Message, say
from kam_analysis.report import page
from kam_analysis.report.language import Language
from kam_analysis.site.store import Store


@dataclass(frozen=True)
class Drawer:
    """Draws parts of pages in one language.

    Parameters
    ----------
    language : Language
    max_rows : int
        Most rows of a table on a page.
    tables : str
        Leads from the page to the folder of the CSV files.
    store : Store, optional
        Keeps what was drawn.
    pages : mapping of str to mapping
        Pages of single values, see `page.finding_row`.
    """

    language: Language
    max_rows: int = 50
    tables: str = page.TABLES
    store: Store | None = None
    pages: page.Pages = field(default_factory=dict)

    def part(self, chapter: Chapter, part: Mapping[str, Any]) -> str:
        """HTML of one part of a room's page.

        Raises
        ------
        UserError
            When the part asks for a finding or tile that the chapter does not hold.
        """
        match part["part"]:
            case "head":
                return page.head(chapter.title, asof(chapter), self.language)
            case "lead":
                return page.lead(chapter.lead, self.language)
            case "tiles":
                wanted = part["tiles"]
                return page.tiles(
                    [tile for tile in chapter.tiles if tile.key in wanted], self.language, tables=self.tables
                )
            case "row":
                return self.row(chapter, part["findings"], part.get("is_folded", False))
            case "footer":
                return page.footer(window_pairs(chapter), chapter.parameters, self.language)
        raise UserError(Problem(f"unknown part {part['part']!r}", f"notebook of {chapter.room}", cure="kam run"))

    def row(self, chapter: Chapter, names: Sequence[str], is_folded: bool = False) -> str:
        """Findings side by side, or folded under their questions; nothing for no finding."""
        if lacking := [name for name in names if name not in chapter.findings]:
            cure = "run the notebook again: kam run"
            raise UserError(Problem("shows a finding that is not there", f"{chapter.room}, {lacking[0]}", cure=cure))

        def drawn(language: Language) -> str:
            findings = [chapter.findings[name] for name in names]
            html = page.finding_row(
                findings, language, chapter.tables, self.max_rows, self.tables, self._draw(chapter), self.pages
            )
            return page.folded_row(findings, html, language) if is_folded else html

        row = ["row", str(is_folded), str(self.max_rows), self.tables]
        return self._kept(chapter, names, row, drawn) if names else ""

    def figure(self, chapter: Chapter, name: str, limits: Mapping[str, float] | None = None) -> str:
        """The chart of a finding by itself, without its base and with `limits` of its own, or why there is none."""
        more = dict(limits or {})

        def drawn(language: Language) -> str:
            finding = chapter.findings[name]
            limited = replace(finding, base=None, limits={**finding.limits, **more})
            return page.figure_fragment(limited, language, self.tables, self._draw(chapter))

        return self._kept(chapter, [name], ["figure", self.tables, str(more)], drawn)

    def table(self, chapter: Chapter, name: str, most_rows: int) -> str:
        """The first rows of a finding's table, not grouped."""

        def drawn(language: Language) -> str:
            finding = replace(chapter.findings[name], grouped_by=None)
            return page.finding_row(
                [finding], language, chapter.tables, most_rows, self.tables, self._draw(chapter), self.pages
            )

        return self._kept(chapter, [name], ["table", str(most_rows), self.tables], drawn)

    def _draw(self, chapter: Chapter) -> page.Draw:
        """Give the function that draws a finding of a chapter, or takes the drawing out of the store."""

        def draw(finding: Finding, language: Language) -> Mapping[str, str]:
            if self.store is None:
                return page.svgs(finding, language)
            code = self.store.code(drawings.__name__, drawings.module_of(str(finding.drawing)))
            key = ["picture", chapter.keys[finding.name], str(dict(finding.limits)), code]
            svgs: Mapping[str, str] = self.store.kept(key, language, lambda own: dict(page.svgs(finding, own)))
            return svgs

        return draw

    def _kept(self, chapter: Chapter, names: Sequence[str], key: list[str], make: Callable[[Language], str]) -> str:
        if self.store is None:
            return make(self.language)
        drawn = (chapter.outlines[name].drawing for name in names)
        modules = {drawings.module_of(name) for name in drawn if name}
        code = self.store.code(*sorted(modules), drawings.__name__, page.__name__, __name__)
        shown = {column for name in names for column in chapter.tables[name].names}
        leads = json.dumps(
            [[column, *sorted(self.pages[column].items())] for column in sorted(shown & set(self.pages))]
        )
        kept: str = self.store.kept([*key, leads, *(chapter.keys[name] for name in names), code], self.language, make)
        return kept


def asof(chapter: Chapter) -> Message:
    """Line under the title of every page."""
    return page.asof_message(
        _date(chapter.window["as_of"]),
        _date(chapter.window["compare_as_of"]),
        chapter.source["currency"],
        str(chapter.source["vat"]),
    )


def near_months(chapter: Chapter) -> tuple[dt.date, dt.date]:
    """The twelve months that end a quarter after the reference date: no day and month stands there twice."""
    until = add_months(dt.date.fromisoformat(str(chapter.window["as_of"])), 3)
    return add_months(until, -12), until


def window_pairs(chapter: Chapter) -> list[tuple[Message | str, Message | str]]:
    """What the footer of a room's page says about the data."""
    as_of = _date(chapter.window["as_of"])
    window = say(
        "{first:date} to {last:date}",
        first=chapter.window["first_order_on"],
        last=as_of and as_of - dt.timedelta(days=1),
    )
    return [
        (say("Source"), str(chapter.source["title"])),
        (say("Data window"), window),
        (say("First day not analysed"), say("{on:date}", on=as_of)),
    ]


def _date(iso: str | None) -> dt.date | None:
    return dt.date.fromisoformat(iso) if iso else None
