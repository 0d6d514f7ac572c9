"""The index that ties the pages together; it reads only the rooms' chapters and metrics and computes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kam_analysis.chapter import Chapter
from kam_analysis.findings import NOTHING_BEFORE, Message, Tile, Weight, say
from kam_analysis.report import page
from kam_analysis.report.document import Frame, Link, Section, document
from kam_analysis.report.language import NOT_IN_DATA, Language
from kam_analysis.report.page import asof_message, render, tile_view
from kam_analysis.site.parts import Drawer

TILES = (
    "net_sales",
    "active_customers",
    "retained_share",
    "nrr",
    "largest_customer",
    "key_clients",
    "revenue_at_risk",
    "identified_sales",
)
LEADING_ROOMS = ("key_clients", "retention", "actions")
MOST_CAVEATS = 6
MOST_SENTENCES = 3
MOST_ROWS = 10
TITLE = say("Where to act this month")


@dataclass(frozen=True)
class Context:
    """What the index says about the run.

    Parameters
    ----------
    frame : Frame
        Language, navigation, name of the source.
    params : mapping
        All parameters as plain values, group by group.
    fingerprint : str
        Of the parameters.
    newest_on : date, optional
        Date of the newest order.
    old_after_days : int
        The page warns the reader when the newest order is older than this on the day it is read.
    pages : mapping of str to Link
        Page of each room.
    """

    frame: Frame
    params: Mapping[str, Any]
    fingerprint: str
    newest_on: dt.date | None
    old_after_days: int
    pages: Mapping[str, Link]


def index_page(
    chapters: Sequence[Chapter], metrics: Mapping[str, Mapping[str, Any]], context: Context, drawer: Drawer
) -> str:
    """HTML of the index.

    Parameters
    ----------
    chapters : sequence of Chapter
        Of the rooms that have run, in reading order.
    metrics : mapping
        Metrics by room.
    context : Context
    drawer : Drawer
        Draws charts and tables in the language of the page.
    """
    language = drawer.language
    base = metrics.get("cleaning", {})
    vat = next((str(chapter.source["vat"]) for chapter in chapters), "unknown")
    asof = asof_message(_date(base.get("as_of")), _date(base.get("compare_as_of")), language.currency, vat)
    opening = page.head(TITLE, asof, language)
    opening += _old_warning(context, language) + page.lead(_leading_sentences(chapters), language)
    parts = [
        (say("At a glance"), _tiles(chapters, drawer)),
        (say("Who to call"), _tables(chapters, drawer)),
        (say("How sales and customers moved"), _figures(chapters, drawer)),
        (say("What changed"), _changes(chapters, language)),
        (say("Read with care"), _caveats(chapters, context, language)),
    ]
    shown = [(title, html) for title, html in parts if html]
    sections = [Section(language.text(title), html, f"s{number}") for number, (title, html) in enumerate(shown, 1)]
    footer = page.footer(_window(base, context, language), context.params, language)
    return document(language.text(TITLE), opening, sections, footer, context.frame)


def _date(iso: str | None) -> dt.date | None:
    return dt.date.fromisoformat(iso) if iso else None


def _old_warning(context: Context, language: Language) -> str:
    if context.newest_on is None:
        return ""
    text = say(
        "The newest order is of {newest:date}, more than {days:count} days before today.",
        newest=context.newest_on,
        days=context.old_after_days,
    )
    warning = {
        "newest": context.newest_on.isoformat(),
        "days": context.old_after_days,
        "head": language.text(say("These data are old")),
        "text": language.text(text),
    }
    return render("old_warning", language, warning)


def _leading_sentences(chapters: Iterable[Chapter]) -> list[Message]:
    first = {chapter.room: chapter.lead[0] for chapter in chapters if chapter.lead}
    leading = [first[name] for name in LEADING_ROOMS if name in first]
    return (leading or list(first.values()))[:MOST_SENTENCES]


def _all_tiles(chapters: Iterable[Chapter]) -> dict[str, Tile]:
    return {tile.key: tile for chapter in chapters for tile in chapter.tiles}


def _tiles(chapters: Sequence[Chapter], drawer: Drawer) -> str:
    tiles = _all_tiles(chapters)
    shown = [tile_view(tiles[key], drawer.language) for key in TILES if key in tiles]
    return render("tile_grid", drawer.language, shown, tables=drawer.tables) if shown else ""


def _tables(chapters: Sequence[Chapter], drawer: Drawer) -> str:
    return "\n".join(
        drawer.table(chapter, name, MOST_ROWS)
        for chapter in chapters
        for name, finding in chapter.outlines.items()
        if finding.on_index and not finding.drawing
    )


def _figures(chapters: Sequence[Chapter], drawer: Drawer) -> str:
    figures = [
        Markup(drawer.figure(chapter, name))
        for chapter in chapters
        for name, finding in chapter.outlines.items()
        if finding.on_index and finding.drawing
    ]
    return str(Markup('<div class="grid">{}</div>').format(Markup("\n").join(figures))) if figures else ""


def _changes(chapters: Sequence[Chapter], language: Language) -> str:
    nothing = ("", language.text(NOTHING_BEFORE))
    views = [tile_view(tile, language) for tile in _all_tiles(chapters).values()]
    tiles = [view for view in views if view["change"] not in nothing and not view["is_absent"]]
    if not tiles:
        return ""
    heads = [language.text(head) for head in (say("What"), say("Now"), say("Change"))]
    return render(
        "changes", language, {"heads": heads, "tiles": tiles, "title": language.text(say("Headline figures"))}
    )


def _caveats(chapters: Sequence[Chapter], context: Context, language: Language) -> str:
    weights = list(Weight)
    every = [
        (caveat, chapter.room)
        for chapter in chapters
        for finding in chapter.outlines.values()
        if not finding.on_index or finding.drawing
        for caveat in finding.caveats
    ]
    ordered = sorted(every, key=lambda found: weights.index(found[0].weight))
    shown: dict[tuple[str, str], dict[str, Any]] = {}
    for caveat, room in ordered:
        texts = {"head": language.text(caveat.head), "text": language.text(caveat.text)}
        shown.setdefault((texts["head"], texts["text"]), texts | {"page": context.pages[room]})
        if len(shown) == MOST_CAVEATS:
            break
    return render("caveats", language, list(shown.values()), True) if shown else ""


def _window(base: Mapping[str, Any], context: Context, language: Language) -> list[tuple[Message | str, Message | str]]:
    as_of = _date(base.get("as_of"))
    last = as_of and as_of - dt.timedelta(days=1)
    window = say("{first:date} to {last:date}", first=base.get("first_order_on"), last=last)
    return [
        (say("Source"), context.frame.source_name),
        (say("Data window"), window),
        (say("First day not analysed (as_of)"), say("{day:date}", day=base.get("as_of"))),
        (say("Compared with (compare_as_of)"), say("{day:date}", day=base.get("compare_as_of"))),
        (say("Currency"), language.currency or NOT_IN_DATA),
        (say("Fingerprint of the parameters"), context.fingerprint),
    ]
