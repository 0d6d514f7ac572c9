"""The board page, ``index.html``: what must be decided, five figures, two charts, what changed, where to read on.

It reads only the rooms' chapters and computes nothing.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from kam_analysis.chapter import Chapter
from kam_analysis.facts.calendar import add_months
from kam_analysis.findings import Finding, Message, Show, Tile, Words, is_absent, say
from kam_analysis.pipeline.history import Changes, Snapshot
from kam_analysis.report import page
from kam_analysis.report.document import Frame, Link, Section, document
from kam_analysis.report.language import Language
from kam_analysis.report.page import render, tile_view
from kam_analysis.report.spark import MONTHS, spark_bars, spark_line
from kam_analysis.site.parts import Drawer, asof, near_months, window_pairs
from kam_analysis.vocabulary import Decision

if TYPE_CHECKING:
    import pandas as pd

Curve = Callable[[Sequence[float], str], Markup]
EXCEPTIONS = ("actions", "exceptions")
MOST_EXCEPTIONS = 5
MOST_NAMED = 3
TITLE = say("Key clients: what to decide")


@dataclass(frozen=True)
class Figure:
    """One of the five figures: its tile, and the column of a finding that its curve shows month by month."""

    tile: str
    curve: Curve | None = None
    room: str = ""
    finding: str = ""
    column: str = ""


FIGURES = (
    Figure("net_sales", spark_bars, "cleaning", "company_months", "net_sales"),
    Figure("margin", spark_bars, "cleaning", "company_months", "margin"),
    Figure("active_customers", spark_line, "cleaning", "company_months", "customers"),
    Figure("largest_customer", spark_line, "key_clients", "concentration_trend", "cr1"),
    Figure("expected_loss"),
)
CHARTS = (("cleaning", "company_months"), ("key_clients", "dependence"))
CHANGES = (("key_clients", "key_changes"),)
CHANGES_OF_A_YEAR = (("key_clients", "unit_trend"),)
MOST_UNITS = 8


@dataclass(frozen=True)
class Context:
    """What the board page says about the run.

    Parameters
    ----------
    frame : Frame
        Language, navigation, name of the source.
    fingerprint : str
        Of the parameters.
    newest_on : date, optional
        Date of the newest order.
    old_after_days : int
        The page warns the reader when the newest order is older than this on the day it is read.
    pages : mapping of str to Link
        Page of each room.
    since : tuple of Snapshot and Changes, optional
        The set published before, and what differs from it; None where nothing was published.
    """

    frame: Frame
    fingerprint: str
    newest_on: dt.date | None
    old_after_days: int
    pages: Mapping[str, Link]
    since: tuple[Snapshot, Changes] | None = None


def board_page(chapters: Mapping[str, Chapter], context: Context, drawer: Drawer) -> str:
    """HTML of the board page.

    Parameters
    ----------
    chapters : mapping of str to Chapter
        Of the rooms that have run, in reading order.
    context : Context
    drawer : Drawer
        Draws charts in the language of the page.
    """
    language = drawer.language
    exceptions = _finding(chapters, *EXCEPTIONS)
    title = language.sentence(exceptions.sentence if exceptions else TITLE)
    opening = render("board_head", language, language.text(say("Board")), title.rstrip("."), _asof(chapters, language))
    opening += _old_warning(context, language)
    parts: list[tuple[Message, str, Message | None, bool]] = [
        (say("To decide"), _exceptions(chapters, context, drawer), None, False),
        (say("Five figures"), _figures(chapters, drawer), say("blue: last 12 months; grey: the 12 before"), False),
        (say("Sales and dependence"), _charts(chapters, drawer), None, False),
        (say("What changed"), _changes(chapters, context, language), _since(chapters), True),
        (say("Read on"), _links(chapters, context, language), None, True),
    ]
    sections = [
        Section(language.text(name), html, f"s{number}", language.text(beside) if beside else "", is_half)
        for number, (name, html, beside, is_half) in enumerate(parts, 1)
        if html
    ]
    first = next(iter(chapters.values()), None)
    pairs = [*(window_pairs(first) if first else ()), (say("Fingerprint of the parameters"), context.fingerprint)]
    return document(title, opening, sections, page.footer(pairs, {}, language), context.frame, "board")


def _finding(chapters: Mapping[str, Chapter], room: str, name: str) -> Finding | None:
    return chapters[room].findings.get(name) if room in chapters else None


def _asof(chapters: Mapping[str, Chapter], language: Language) -> str:
    first = next(iter(chapters.values()), None)
    return language.text(asof(first)) if first else ""


def _since(chapters: Mapping[str, Chapter]) -> Message | None:
    first = next(iter(chapters.values()), None)
    before = first.window["compare_as_of"] if first else None
    return say("since {day:date}", day=dt.date.fromisoformat(before)) if before else None


def _old_warning(context: Context, language: Language) -> str:
    if context.newest_on is None:
        return ""
    text = say("The newest order is of {newest:date}.", newest=context.newest_on)
    warning = {
        "newest": context.newest_on.isoformat(),
        "days": context.old_after_days,
        "head": language.text(say("These data are old")),
        "text": language.text(text),
    }
    return render("old_warning", language, warning)


def _exceptions(chapters: Mapping[str, Chapter], context: Context, drawer: Drawer) -> str:
    exceptions = _finding(chapters, *EXCEPTIONS)
    if exceptions is None:
        return ""
    language = replace(drawer.language, near=near_months(chapters[EXCEPTIONS[0]]))
    if exceptions.absent or exceptions.table.empty:
        return str(Markup("<p>{}</p>").format(language.text(exceptions.absent or exceptions.none)))
    happened = next(show.words for show in exceptions.show if isinstance(show, Show) and show.words)
    shown_rows = exceptions.table.head(MOST_EXCEPTIONS).to_dict("records")
    rows = [
        _exception({str(name): value for name, value in row.items()}, happened, drawer.pages, language)
        for row in shown_rows
    ]
    heads = [say("What happened"), say("Decide"), say("A year's value"), say("Owner, due")]
    shown = {
        "caption": language.text(exceptions.question),
        "heads": [language.text(head) for head in heads],
        "rows": rows,
        "rest": _rest(exceptions.table.iloc[MOST_EXCEPTIONS:], context, language),
    }
    return render("exceptions", language, shown, tables=drawer.tables)


def _rest(rest: pd.DataFrame, context: Context, language: Language) -> dict[str, str] | None:
    """Link to the page with all exceptions, and who of those left out has stopped."""
    if rest.empty:
        return None
    stopped = list(rest["account_name"][rest["stopped_on"].notna()])
    also = say("Stopped too: {names:names}.", names=_first_names(stopped)) if stopped else None
    more = say("{n:count} more to decide", n=len(rest))
    page = context.pages[EXCEPTIONS[0]].href
    return {"also": language.text(also), "text": language.text(more), "href": page}


def _exception(row: Mapping[str, Any], happened: Words, leads: page.Pages, language: Language) -> dict[str, str]:
    chance = row["lost_chance"]
    is_known = not is_absent(chance)
    return {
        "name": language.text(_name(row)),
        "share": language.format(row["share_12m"], "share"),
        "what": _ended(language.text(happened.of(row))),
        "decide": language.text(Decision(row["decision"])),
        "value": language.format(row["value_touched"], "money"),
        "chance": language.text(say("lost chance {chance:share0}", chance=round(chance, 2))) if is_known else "",
        "dossier": leads.get("account_id", {}).get(str(row["account_id"]), ""),
        "page": leads.get("manager", {}).get("" if is_absent(row["manager"]) else str(row["manager"]), ""),
        "owner": language.text(say("nobody in the data")) if is_absent(row["manager"]) else str(row["manager"]),
        "due": language.text(say("by {day:date}", day=row["due_on"])),
    }


def _name(row: Mapping[str, Any]) -> Message:
    if row["members"] > 1:
        return say("{name} (group of {n:count})", name=str(row["account_name"]), n=int(row["members"]))
    return say("{name}", name=str(row["account_name"]))


def _ended(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _figures(chapters: Mapping[str, Chapter], drawer: Drawer) -> str:
    language = drawer.language
    tiles = {tile.key: tile for chapter in chapters.values() for tile in chapter.tiles}
    is_year = _is_year(chapters)
    shown = [
        _shortened(tile_view(tiles[figure.tile], language), is_year)
        | {"spark": _spark(chapters, tiles[figure.tile], figure, language)}
        for figure in FIGURES
        if figure.tile in tiles
    ]
    return render("five", language, shown) if shown else ""


def _shortened(view: dict[str, Any], is_year: bool) -> dict[str, Any]:
    """A change says enough, without its period where that is the year before, which the heading names."""
    if not view["change"]:
        return view
    return view | {"n": "", "change": view["change"].partition(" (")[0] if is_year else view["change"]}


def _is_year(chapters: Mapping[str, Chapter]) -> bool:
    """Tell whether the previous values are of the twelve months before the last twelve."""
    window = next(iter(chapters.values())).window
    if window["as_of"] is None or window["compare_as_of"] is None:
        return False
    return add_months(dt.date.fromisoformat(window["as_of"]), -12).isoformat() == window["compare_as_of"]


def _spark(chapters: Mapping[str, Chapter], tile: Tile, figure: Figure, language: Language) -> Markup:
    finding = _finding(chapters, figure.room, figure.finding)
    if figure.curve is None or finding is None or tile.value is None:
        return Markup("")
    table = finding.table[~finding.table["is_partial"]] if "is_partial" in finding.table else finding.table
    values = table[figure.column].astype("float64").fillna(0.0 if figure.curve is spark_bars else math.nan).tolist()
    label = say("{figure}: the last {n:count} months", figure=tile.name, n=min(len(values), MONTHS))
    return figure.curve(values, language.text(label))


def _charts(chapters: Mapping[str, Chapter], drawer: Drawer) -> str:
    figures = [
        Markup(drawer.figure(chapters[room], name, {"most_units": MOST_UNITS}))
        for room, name in CHARTS
        if room in chapters and name in chapters[room].findings and chapters[room].outlines[name].drawing
    ]
    return str(Markup('<div class="grid">{}</div>').format(Markup("\n").join(figures))) if figures else ""


def _changes(chapters: Mapping[str, Chapter], context: Context, language: Language) -> str:
    shown = CHANGES + (CHANGES_OF_A_YEAR if _is_year(chapters) else ())
    found = [_finding(chapters, room, name) for room, name in shown]
    sentences = [language.sentence(one.sentence) for one in found if one is not None and one.absent is None]
    return render("changed", language, [*sentences, _published(chapters, context, language)]) if chapters else ""


def _published(chapters: Mapping[str, Chapter], context: Context, language: Language) -> str:
    """Say what differs from the set published before: net sales, key accounts, calls."""
    if context.since is None:
        return language.sentence(say("This is the first published set"))
    before, changed = context.since
    parts = [
        *(
            say("net sales {before} → {now}", before=one.before, now=one.now)
            for one in changed.headlines
            if one.key == "net_sales" and one.before and one.now and before.currency == language.currency
        ),
        *(
            say("{what}: {names:names}", what=what, names=_first_names([one.name for one in accounts], 1))
            for what, accounts in ((say("new key accounts"), changed.entered), (say("no longer key"), changed.left))
            if accounts
        ),
    ]
    if changed.new or changed.gone:
        parts.append(say("calls: {new:count} new, {gone:count} gone", new=len(changed.new), gone=len(changed.gone)))
    if not parts:
        parts = [say("no key account and no call differs")]
    told = parts[0]
    for part in parts[1:]:
        told = say("{first}; {then}", first=told, then=part)
    near = replace(language, near=near_months(next(iter(chapters.values()))))
    return near.sentence(
        say("Since the last published set (data before {day:date}): {told}", day=before.as_of, told=told)
    )


def _first_names(names: Sequence[str], most: int = MOST_NAMED) -> list[Message | str]:
    more = len(names) - most
    return [*names[:most], *([say("{n:count} more", n=more)] if more > 0 else [])]


def _links(chapters: Mapping[str, Chapter], context: Context, language: Language) -> str:
    links = [context.pages[room] for room in chapters]
    return render("links", language, links) if links else ""
