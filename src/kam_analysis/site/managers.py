"""One page per manager, to print or read on a phone: this week's calls, key accounts held, orders, offers, results.

The pages read only the rooms' chapters and compute nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import pandas as pd

from kam_analysis import money
from kam_analysis.chapter import Chapter
from kam_analysis.customers.letters import to_latin
from kam_analysis.findings import Finding, Message, Show, Words, is_absent, say, say_n
from kam_analysis.report import page
from kam_analysis.report.document import Frame, Section, document
from kam_analysis.report.language import Language
from kam_analysis.report.page import render
from kam_analysis.site.parts import Drawer, asof, near_months, window_pairs
from kam_analysis.vocabulary import ContactKind, Trigger

ROOM = "actions"
OWNED = ("call_list", "refused_contact", "manager_keys", "next_orders", "new_items")
COLUMNS = ("manager", "key_manager")
MOST_SHOWN = 8
MOST_RESULTS = 4
SLUG_SIGNS = 40
NOBODY = say("Customers without a manager")
PERSON = Words(say("Ask for"), [[say("Ask for {person}, {role:value}"), say("Ask for {person}")]])
LAST = Words(
    say("Last contact"),
    [
        [
            say("Last contact: {last_kind:value}, {last_on:date}, {channel:value}: {outcome:value}"),
            say("Last contact: {last_kind:value}, {last_on:date}: {outcome:value}"),
            say("Last contact: {last_kind:value}, {last_on:date}, {channel:value}"),
            say("Last contact: {last_kind:value}, {last_on:date}"),
        ]
    ],
)
DUE = Words(
    say("Expected"),
    [
        [say("{from_on:date} to {to_on:date}")],
        [say("usually {usual_order:money}")],
        [say("{usual_items}")],
    ],
)
OFFER = Words(say("To offer"), [[say("{to_offer}")]])
RESULT = Words(
    say("Result"),
    [[say("{done_on:date}, {trigger}: {result:value}"), say("{done_on:date}, {trigger}: result not written down")]],
)


@dataclass(frozen=True)
class Context:
    """What the managers' pages say about the run.

    Parameters
    ----------
    frame_of : callable
        Gives the frame of a page by its file name.
    home : str
        Address of the page on calls.
    fingerprint : str
        Of the parameters.
    """

    frame_of: Callable[[str], Frame]
    home: str
    fingerprint: str


def file_name(manager: str) -> str:
    """Name of a manager's file: its letters in Latin and a mark of the whole name, so that no two managers share it.

    Nothing but small letters, digits and hyphens, whatever the name holds.

    Examples
    --------
    >>> [file_name(name).rpartition("-")[0] for name in ("Бојан Николов", "Jelena Đurić", "../../etc", "<>", "")]
    ['bojan-nikolov', 'jelena-duric', 'etc', 'manager', 'nobody']
    """
    latin = unicodedata.normalize("NFKD", to_latin(manager)).lower().replace("đ", "d")
    letters = "".join(sign for sign in latin if not unicodedata.combining(sign))
    slug = re.sub(r"[^a-z0-9]+", "-", letters)[:SLUG_SIGNS].strip("-")
    return f"{slug or ('manager' if manager else 'nobody')}-{sha256(manager.encode()).hexdigest()[:8]}.html"


def manager_files(chapters: Mapping[str, Chapter]) -> dict[str, str]:
    """File name of every manager with a call, a key account, an order or an offer; "" is for nobody in the data."""
    names: set[str] = set()
    for name in OWNED:
        if finding := _finding(chapters, name):
            names |= set(finding.table["manager"].fillna(""))
    return {name: file_name(name) for name in sorted(names)}


def manager_pages(chapters: Mapping[str, Chapter], context: Context, drawer: Drawer) -> Iterator[tuple[str, str]]:
    """File name and HTML of every manager's page.

    Parameters
    ----------
    chapters : mapping of str to Chapter
        Of the rooms that have run.
    context : Context
    drawer : Drawer
        Writes in the language of the pages; its addresses are those of their folder.
    """
    for manager, name in manager_files(chapters).items():
        yield name, _page(manager, chapters, context, drawer, name)


def _page(manager: str, chapters: Mapping[str, Chapter], context: Context, drawer: Drawer, name: str) -> str:
    language = drawer.language
    drawer = replace(drawer, language=replace(language, near=near_months(chapters[ROOM])))
    own = {name: finding for name in (*OWNED, "calls_done") if (finding := _of(manager, chapters, name))}
    calls = own["call_list"]
    week = calls.table[calls.table["is_this_week"]]
    title = language.text(_title(manager, week))
    chapter = chapters[ROOM]
    head = {
        "home": context.home,
        "back": language.text(say("Calls")),
        "kick": language.text(say("one manager")),
        "title": title,
        "asof": language.text(asof(chapter)),
    }
    parts: list[tuple[Message, str, Message | None, bool]] = [
        (say("Calls this week"), _calls(own, week, drawer), _how_many(week), False),
        (say("Key accounts held"), _keys(own.get("manager_keys"), chapter, drawer), None, False),
        (say("Orders expected"), _orders(own.get("next_orders"), drawer), say("by the customer's own rhythm"), True),
        (say("New items to offer"), _offers(own.get("new_items"), drawer), say("to key clients"), True),
        (say("Open tasks and results"), _results(own["call_list"], own.get("calls_done"), drawer), None, True),
    ]
    sections = [
        Section(language.text(name), html, f"s{number}", language.text(beside), is_half)
        for number, (name, html, beside, is_half) in enumerate(parts, 1)
        if html
    ]
    pairs = [*window_pairs(chapter), (say("Fingerprint of the parameters"), context.fingerprint)]
    opening = render("manager_head", language, head)
    return document(title, opening, sections, page.footer(pairs, {}, language), context.frame_of(name), "manager")


def _finding(chapters: Mapping[str, Chapter], name: str) -> Finding | None:
    return chapters[ROOM].findings.get(name) if ROOM in chapters else None


def _of(manager: str, chapters: Mapping[str, Chapter], name: str) -> Finding | None:
    finding = _finding(chapters, name)
    if finding is None:
        return None
    is_own = finding.table["manager"].fillna("") == manager
    return replace(finding, table=finding.table[is_own].reset_index(drop=True))


def _title(manager: str, week: pd.DataFrame) -> Message:
    who: Message | str = manager or NOBODY
    if week.empty:
        return say("{manager}: no call this week", manager=who)
    return say("{manager}: call {customer} first", manager=who, customer=str(week["customer_name"].iloc[0]))


def _how_many(week: pd.DataFrame) -> Message | None:
    if week.empty:
        return None
    return say(
        "{n:count}, expected loss {money:money}; write the results into tasks_done",
        n=len(week),
        money=money.total(week["expected_loss"]),
    )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _started(text: str) -> str:
    return text[:1].upper() + text[1:]


def _why(finding: Finding, row: Mapping[str, Any], language: Language) -> str:
    reason = next(show.words for show in finding.show if isinstance(show, Show) and show.words)
    return _started(language.sentence(reason.of(row) or ""))


def _who(row: Mapping[str, Any], has_people: bool, language: Language) -> str:
    kind = row["last_kind"]
    told = dict(row) | {"last_kind": None if is_absent(kind) else ContactKind(kind)}
    nobody = say("No contact person in the data") if has_people else None
    parts = (PERSON.of(told) or nobody, LAST.of(told))
    return " ".join(language.sentence(part) for part in parts if part)


def _calls(own: Mapping[str, Finding], week: pd.DataFrame, drawer: Drawer) -> str:
    language, calls, refused = drawer.language, own["call_list"], own.get("refused_contact")
    later = calls.table[~calls.table["is_this_week"]]
    has_people = bool(calls.table["person"].notna().any())
    rows = [
        {
            "name": language.text(str(row["customer_name"])),
            "done": language.text(say("Done: {customer}", customer=str(row["customer_name"]))),
            "key": language.text(say("key client")) if row["is_key"] else "",
            "why": _why(calls, row, language),
            "who": _who(row, has_people, language),
            "loss": language.format(row["expected_loss"], "money"),
            "due": language.text(say("by {day:date}", day=row["due_on"])),
        }
        for row in _rows(week)
    ]
    shown = {
        "title": language.text(calls.question),
        "rows": rows,
        "result": language.text(say("Result:")),
        "loss": language.text(say("expected loss")),
        "base": language.text(say("Later: {n:count}.", n=len(later))) if len(later) else "",
    }
    html = render("calls", language, shown, tables=drawer.tables) if rows else ""
    if refused is None or refused.table.empty:
        return html
    head = say("Refused contact: no call, only what an order or a contract asks for in writing")
    apart = [
        {
            "name": language.text(str(row["customer_name"])),
            "why": _why(refused, row, language),
            "loss": language.text(say("expected loss {loss:money}", loss=row["expected_loss"])),
        }
        for row in _rows(refused.table)
    ]
    return html + render("apart", language, {"head": language.sentence(head), "rows": apart})


def _keys(held: Finding | None, chapter: Chapter, drawer: Drawer) -> str:
    if held is None or held.table.empty:
        return ""
    told = say_n(
        "{n:count} key account; the limit is {limit:count}.",
        "{n:count} key accounts; the limit is {limit:count}.",
        count="n",
        n=len(held.table),
        limit=int(held.limits["keys_per_manager"]),
    )
    contracts = {held.name: chapter.tables[held.name]}
    one = replace(held, sentence=told, cards=True)
    return page.finding_row([one], drawer.language, contracts, drawer.max_rows, drawer.tables)


def _orders(due: Finding | None, drawer: Drawer) -> str:
    return _list(due, "customer_name", DUE, drawer)


def _offers(offers: Finding | None, drawer: Drawer) -> str:
    return _list(offers, "account_name", OFFER, drawer)


def _list(finding: Finding | None, named_by: str, words: Words, drawer: Drawer) -> str:
    if finding is None or finding.table.empty:
        return ""
    language = drawer.language
    rest = len(finding.table) - MOST_SHOWN
    rows = _rows(finding.table.head(MOST_SHOWN))
    more = [say("Further ones: {n:count}.", n=rest)] if rest > 0 else []
    shown = {
        "title": language.text(finding.question),
        "rows": [{"name": str(row[named_by]), "text": language.sentence(words.of(row) or "")} for row in rows],
        "base": " ".join(language.text(text) for text in (*more, *(caveat.text for caveat in finding.caveats))),
        "csv": page.csv_file(finding.name),
    }
    return render("due_list", language, shown, tables=drawer.tables)


def _results(calls: Finding, done: Finding | None, drawer: Drawer) -> str:
    language = drawer.language
    week = calls.table[calls.table["is_this_week"]]
    tasks = sum(len(ids.split()) for ids in week["task_ids"])
    opened = say(
        "Open tasks of this week: {tasks:count}, customers: {n:count}, customers later: {later:count}",
        tasks=tasks,
        n=len(week),
        later=len(calls.table) - len(week),
    )
    results = done.table if done is not None else pd.DataFrame()
    count = say("Calls with a result: {n:count}.", n=len(results))
    rows = [{"name": "", "text": language.sentence(text)} for text in (opened, count)]
    for row in _rows(results.head(MOST_RESULTS)):
        told = RESULT.of(dict(row) | {"trigger": Trigger(row["trigger"])})
        rows.append({"name": str(row["customer_name"]), "text": language.sentence(told or "")})
    csv = page.csv_file("calls_done") if len(results) else ""
    shown = {"title": language.text(say("Open tasks and results")), "rows": rows, "base": "", "csv": csv}
    return render("due_list", language, shown, tables=drawer.tables)
