"""One page per manager, to print or read on a phone: this week's calls, key accounts held, orders, offers, results.

The pages read only the rooms' chapters and compute nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from kam_analysis import money
from kam_analysis.chapter import Chapter
from kam_analysis.findings import Finding, Message, Show, Words, is_absent, say, say_n
from kam_analysis.report import page
from kam_analysis.report.language import Language
from kam_analysis.report.page import render
from kam_analysis.site import own_pages
from kam_analysis.site.own_pages import Context, Part, assembled, rows_of, worded
from kam_analysis.site.parts import Drawer, asof, near_months
from kam_analysis.vocabulary import ContactKind, Trigger

ROOM = "actions"
OWNED = ("call_list", "refused_contact", "manager_keys", "next_orders", "new_items")
COLUMNS = ("manager", "key_manager")
MOST_SHOWN = 8
MOST_RESULTS = 4
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


def file_name(manager: str) -> str:
    """Name of a manager's file: its letters in Latin and a mark of the whole name, so that no two managers share it.

    Nothing but small letters, digits and hyphens, whatever the name holds.

    Examples
    --------
    >>> [file_name(name).rpartition("-")[0] for name in ("Бојан Николов", "Jelena Đurić", "../../etc", "<>", "")]
    ['bojan-nikolov', 'jelena-duric', 'etc', 'manager', 'nobody']
    """
    return own_pages.file_name(manager, manager, "manager" if manager else "nobody")


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
        "who": [],
        "chips": [],
    }
    parts: list[Part] = [
        (say("Calls this week"), _calls(own, week, drawer), _how_many(week), False),
        (say("Key accounts held"), _keys(own.get("manager_keys"), chapter, drawer), None, False),
        (say("Orders expected"), _orders(own.get("next_orders"), drawer), say("by the customer's own rhythm"), True),
        (say("New items to offer"), _offers(own.get("new_items"), drawer), say("to key clients"), True),
        (say("Open tasks and results"), _results(own["call_list"], own.get("calls_done"), drawer), None, True),
    ]
    opening = render("own_head", language, head)
    return assembled(title, opening, worded(parts, language), chapter, context, name, "manager", language)


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
            "href": _lead(row, drawer),
            "done": language.text(say("Done: {customer}", customer=str(row["customer_name"]))),
            "key": language.text(say("key client")) if row["is_key"] else "",
            "why": _why(calls, row, language),
            "who": _who(row, has_people, language),
            "loss": language.format(row["expected_loss"], "money"),
            "due": language.text(say("by {day:date}", day=row["due_on"])),
        }
        for row in rows_of(week)
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
            "href": _lead(row, drawer),
            "why": _why(refused, row, language),
            "loss": language.text(say("expected loss {loss:money}", loss=row["expected_loss"])),
        }
        for row in rows_of(refused.table)
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
    return page.finding_row([one], drawer.language, contracts, drawer.max_rows, drawer.tables, pages=drawer.pages)


def _lead(row: Mapping[str, Any], drawer: Drawer) -> str:
    column = "customer_id" if "customer_id" in row else "account_id"
    return drawer.pages.get(column, {}).get(str(row[column]), "")


def _orders(due: Finding | None, drawer: Drawer) -> str:
    return _list(due, "customer_name", DUE, drawer)


def _offers(offers: Finding | None, drawer: Drawer) -> str:
    return _list(offers, "account_name", OFFER, drawer)


def _list(finding: Finding | None, named_by: str, words: Words, drawer: Drawer) -> str:
    if finding is None or finding.table.empty:
        return ""
    language = drawer.language
    rest = len(finding.table) - MOST_SHOWN
    rows = rows_of(finding.table.head(MOST_SHOWN))
    more = [say("Further ones: {n:count}.", n=rest)] if rest > 0 else []
    shown = {
        "title": language.text(finding.question),
        "rows": [
            {"name": str(row[named_by]), "href": _lead(row, drawer), "text": language.sentence(words.of(row) or "")}
            for row in rows
        ],
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
    rows = [{"name": "", "href": "", "text": language.sentence(text)} for text in (opened, count)]
    for row in rows_of(results.head(MOST_RESULTS)):
        told = RESULT.of(dict(row) | {"trigger": Trigger(row["trigger"])})
        rows.append(
            {"name": str(row["customer_name"]), "href": _lead(row, drawer), "text": language.sentence(told or "")}
        )
    csv = page.csv_file("calls_done") if len(results) else ""
    shown = {"title": language.text(say("Open tasks and results")), "rows": rows, "base": "", "csv": csv}
    return render("due_list", language, shown, tables=drawer.tables)
