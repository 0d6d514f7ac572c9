"""The index that ties the pages together; it reads only the rooms' findings and metrics and computes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kam_analysis.findings import NOTHING_BEFORE, Message, Weight, say
from kam_analysis.report import page
from kam_analysis.report.document import Frame, Link, Section, document
from kam_analysis.report.language import NOT_IN_DATA, Language
from kam_analysis.report.page import asof_message, render, tile_view

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
    rooms: Sequence[Mapping[str, Any]], metrics: Mapping[str, Mapping[str, Any]], context: Context, language: Language
) -> str:
    """HTML of the index.

    Parameters
    ----------
    rooms : sequence of mapping
        ``findings_<room>.json`` in reading order: room, lead, tiles (`page.tile_texts`) and findings with their
        caveats (`page.caveat_texts`); a finding for the index brings its ``figure`` or ``table`` as HTML of ours.
    metrics : mapping
        Metrics by room.
    context : Context
    language : Language
    """
    base = metrics.get("cleaning", {})
    vat = next((room["source"]["vat"] for room in rooms if "source" in room), "unknown")
    asof = asof_message(_date(base.get("as_of")), _date(base.get("compare_as_of")), language.currency, vat)
    opening = render("head", language, language.text(TITLE), language.text(asof))
    opening += _old_warning(context, language) + render("lead", language, _leading_sentences(rooms))
    parts = [
        (say("At a glance"), _tiles(rooms, language)),
        (say("Who to call"), _tables(rooms)),
        (say("How sales and customers moved"), _figures(rooms)),
        (say("What changed"), _changes(rooms, language)),
        (say("Read with care"), _caveats(rooms, context, language)),
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


def _leading_sentences(rooms: Iterable[Mapping[str, Any]]) -> list[str]:
    first = {room["room"]: room["lead"][0] for room in rooms if room["lead"]}
    leading = [first[name] for name in LEADING_ROOMS if name in first]
    return (leading or list(first.values()))[:MOST_SENTENCES]


def _all_tiles(rooms: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {tile["key"]: tile for room in rooms for tile in room["tiles"]}


def _fragments(rooms: Iterable[Mapping[str, Any]], kind: str) -> list[Markup]:
    findings = (finding for room in rooms for finding in room["findings"])
    return [Markup(finding[kind]) for finding in findings if finding.get(kind)]


def _tiles(rooms: Sequence[Mapping[str, Any]], language: Language) -> str:
    tiles = _all_tiles(rooms)
    shown = [tile_view(tiles[key]) for key in TILES if key in tiles]
    return render("tile_grid", language, shown) if shown else ""


def _tables(rooms: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(_fragments(rooms, "table"))


def _figures(rooms: Sequence[Mapping[str, Any]]) -> str:
    figures = _fragments(rooms, "figure")
    return str(Markup('<div class="grid">{}</div>').format(Markup("\n").join(figures))) if figures else ""


def _changes(rooms: Sequence[Mapping[str, Any]], language: Language) -> str:
    nothing = ("", language.text(NOTHING_BEFORE))
    every = _all_tiles(rooms).values()
    tiles = [tile_view(tile) for tile in every if tile["change"] not in nothing and not tile["is_absent"]]
    if not tiles:
        return ""
    heads = [language.text(head) for head in (say("What"), say("Now"), say("Change"))]
    return render(
        "changes", language, {"heads": heads, "tiles": tiles, "title": language.text(say("Headline figures"))}
    )


def _caveats(rooms: Sequence[Mapping[str, Any]], context: Context, language: Language) -> str:
    weights = [str(weight) for weight in Weight]
    every = [
        {**caveat, "page": context.pages[room["room"]]}
        for room in rooms
        for finding in room["findings"]
        if not finding.get("table")
        for caveat in finding["caveats"]
    ]
    ordered = sorted(every, key=lambda caveat: weights.index(caveat["weight"]))
    shown = list({(caveat["head"], caveat["text"]): caveat for caveat in ordered}.values())[:MOST_CAVEATS]
    return render("caveats", language, shown, True) if shown else ""


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
