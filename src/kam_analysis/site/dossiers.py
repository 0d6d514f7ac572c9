"""One page per account, two sheets to print: what to know on the first, what to do on the second.

The pages read only the rooms' chapters and compute nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from kam_analysis.accounts.checklist import Question
from kam_analysis.accounts.events import Event
from kam_analysis.accounts.health import Signal, Verdict
from kam_analysis.accounts.sales import ItemKind
from kam_analysis.chapter import Chapter
from kam_analysis.findings import Finding, Message, Show, Words, is_absent, say
from kam_analysis.report import page
from kam_analysis.report.language import Language
from kam_analysis.report.page import render
from kam_analysis.report.spark import MONTHS, month_bars, spark_bars
from kam_analysis.site import own_pages
from kam_analysis.site.own_pages import Context, Part, assembled, rows_of, told, worded
from kam_analysis.site.parts import Drawer, asof, near_months
from kam_analysis.vocabulary import Decision, KeyLevel

ROOM = "accounts"
PAGES = "account_pages"
TABLES = (
    PAGES,
    "account_members",
    "account_months",
    "account_categories",
    "account_items",
    "account_signals",
    "account_contracts",
    "account_payments",
    "account_events",
    "account_people",
    "account_questions",
)
OF_OTHERS = {
    "exceptions": "actions",
    "new_items": "actions",
    "offers": "growth",
    "price_levels": "growth",
}
MOST_ITEMS = 3
MOST_CATEGORIES = 6
MOST_CONTRACTS = 5
MOST_PEOPLE = 4
MOST_OF_GROUP = 6  # events of a group
MANY = 0.40  # of a unit: its chip warns


def _by(template: Message) -> Words:
    return Words(template, [[template]])


HEADS = {
    "account_members": say("12 months against the 12 before; next order by the own rhythm"),
    "account_categories": say("12 months against the 12 before; edge: fallen silent"),
}
SIGNALS = {
    Signal.TREND: _by(say("{value:change} on the 12 months before")),
    Signal.BREADTH: _by(say("still bought: {value:count} of {n:count} categories")),
    Signal.RHYTHM: _by(say("days since the last order: {value:count}")),
    Signal.MARGIN: _by(say("margin rate: {value:points}")),
    Signal.PAYMENT: _by(say("paid late: {value:share0} of the invoices (n {n:count})")),
    Signal.SERVICE: _by(say("complaints and returns in 12 months: {value:count}")),
    Signal.CONTACT: _by(say("days since the last visit or call: {value:count}")),
    Signal.SURVEY: _by(say("lowest answer: {value:num} (n {n:count})")),
}
QUESTIONS = {
    Question.COMPLAINT: say("The complaint of {on:date} is open: what is done, and by when?"),
    Question.OVERDUE: say("A payment is overdue: why, and when will it come?"),
    Question.REFUSAL: say("Answer to the refusal of {on:date} ({what:value}): what do we offer, and until when?"),
    Question.ENDED: say("The contract ended on {on:date}: on which terms does it go on?"),
    Question.ENDING: say("The contract ends on {on:date}: renewal, terms, who signs?"),
    Question.SILENT: say("{what}, last bought on {on:date}: who supplies it now?"),
    Question.UNHAPPY: say("The answer of {on:date} was {amount:num}: what has changed since?"),
    Question.LESS: say("{what} bought {amount:share0} of what the contract agrees: why?"),
    Question.MORE: say("An argument of ours: {what} bought {amount:share0} of what the contract agrees."),
    Question.NOBODY: say("We know one person or nobody there: who else decides?"),
    Question.UNVISITED: say("Last visit or call on {on:date}: who goes, and when?"),
    Question.MARGIN: say("The margin rate moved by {amount:points}: which items, which prices?"),
}
WITHOUT_DATE = (Signal.TREND, Signal.BREADTH, Signal.MARGIN, Signal.CONTRACT)  # those of the whole window, or said


@dataclass(frozen=True)
class _Book:
    """What the chapters hold on each account, by table."""

    rows: Mapping[str, Mapping[str, list[dict[str, Any]]]]
    chapter: Chapter
    happened: Words | None

    def of(self, account: str) -> dict[str, list[dict[str, Any]]]:
        return {name: rows.get(account, []) for name, rows in self.rows.items()}


def account_files(chapters: Mapping[str, Chapter]) -> dict[str, str]:
    """File name of every account with a dossier, by account id."""
    finding = _finding(chapters, ROOM, PAGES)
    if finding is None:
        return {}
    named = zip(finding.table["account_id"], finding.table["account_name"], strict=True)
    return {str(account): own_pages.file_name(str(name), str(account), "account") for account, name in named}


def leads_to_accounts(
    chapters: Mapping[str, Chapter], files: Mapping[str, str], folder: str
) -> dict[str, dict[str, str]]:
    """Addresses of the dossiers by the columns that lead to them: ids of accounts and of their customers."""
    members = _finding(chapters, ROOM, "account_members")
    if members is None:
        return {}
    of_account = {account: folder + file for account, file in files.items()}
    pairs = zip(members.table["customer_id"], members.table["account_id"], strict=True)
    of_customer = {str(customer): of_account[str(account)] for customer, account in pairs}
    return {"account_id": of_account, "largest_account_id": of_account, "customer_id": of_customer}


def account_pages(chapters: Mapping[str, Chapter], context: Context, drawer: Drawer) -> Iterator[tuple[str, str]]:
    """File name and HTML of every dossier; one whose data did not change is not drawn again.

    Parameters
    ----------
    chapters : mapping of str to Chapter
        Of the rooms that have run.
    context : Context
    drawer : Drawer
        Writes in the language of the pages; its addresses are those of their folder.
    """
    files = account_files(chapters)
    if not files:
        return
    book = _book(chapters)
    language = replace(drawer.language, near=near_months(book.chapter))
    drawer = replace(drawer, language=language)
    code = drawer.store.code(__name__) if drawer.store else ""
    for account, name in files.items():
        own = book.of(account)

        def drawn(own_language: Language, own: dict[str, list[dict[str, Any]]] = own) -> list[Any]:
            return _parts(own, book, context, replace(drawer, language=own_language))

        if drawer.store is None:
            title, opening, parts = drawn(language)
        else:
            leads = [drawer.pages.get("manager", {}).get(str(row["manager"]), "") for row in own["account_members"]]
            key = ["dossier", code, json.dumps([own, leads, book.chapter.window], default=str)]
            title, opening, parts = drawer.store.kept(key, language, drawn)
        yield (
            name,
            assembled(title, opening, parts, book.chapter, context, name, "account", replace(language, near=None)),
        )


def _finding(chapters: Mapping[str, Chapter], room: str, name: str) -> Finding | None:
    return chapters[room].findings.get(name) if room in chapters else None


def _book(chapters: Mapping[str, Chapter]) -> _Book:
    found = {name: _finding(chapters, ROOM, name) for name in TABLES}
    found |= {name: _finding(chapters, room, name) for name, room in OF_OTHERS.items()}
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name, finding in found.items():
        of_account: dict[str, list[dict[str, Any]]] = {}
        for row in rows_of(finding.table) if finding is not None else ():
            of_account.setdefault(str(row["account_id"]), []).append(row)
        rows[name] = of_account
    exceptions = found["exceptions"]
    shows = exceptions.show if exceptions is not None else ()
    happened = next((show.words for show in shows if isinstance(show, Show) and show.words), None)
    return _Book(rows, chapters[ROOM], happened)


Own = Mapping[str, Sequence[Mapping[str, Any]]]


def _parts(own: Own, book: _Book, context: Context, drawer: Drawer) -> list[Any]:
    """Title, opening and sections of a dossier, in the language of the drawer."""
    language, head = drawer.language, own[PAGES][0]
    exception = next(iter(own["exceptions"]), None)
    happened = told(exception, book.happened) if exception is not None and book.happened is not None else []
    title = language.text(_title(head, happened))
    opening = render("own_head", language, _head(head, title, book, context, drawer))
    if exception is not None:
        opening += render("caveat", language, _to_decide(exception, happened, language))
    is_group = head["members"] > 1
    parts: list[Part] = [
        (say("At a glance"), _figures(head, book, language), say("blue: last 12 months; grey: the 12 before"), False),
        (say("Members"), _rows(own, "account_members", book, drawer) if is_group else "", None, False),
        (say("What happened"), _events(own["account_events"], is_group, language), None, True),
        (say("Sales by month"), _months(own["account_months"], language), None, True),
        (say("Health"), _health(own["account_signals"], language), say("each signal by itself"), True),
        (say("What it buys"), _rows(own, "account_categories", book, drawer, MOST_CATEGORIES), None, True),
        (say("Items"), _items(own, language), None, True),
        (say("Contract, price and payment"), _terms(own, is_group, language), None, True),
        (say("People"), _people(own["account_people"], is_group, language), None, True),
        (say("Before the meeting"), _questions(own["account_questions"], language), None, True),
        (say("Plan"), _plan(language), say("to fill in"), False),
    ]
    return [title, opening, worded(parts, language)]


def _title(head: Mapping[str, Any], happened: Sequence[Message]) -> Message:
    name = str(head["account_name"])
    if len(happened) > 1:
        return say("{name}: {first}, {then}", name=name, first=happened[0], then=happened[1])
    if happened:
        return say("{name}: {first}", name=name, first=happened[0])
    if is_absent(head["share_12m"]):
        return say("{name}", name=name)
    if is_absent(head["change"]):
        return say("{name} is {share:share} of net sales", name=name, share=head["share_12m"])
    return say(
        "{name} is {share:share} of net sales, {change:change} on the year before",
        name=name,
        share=head["share_12m"],
        change=head["change"],
    )


def _head(head: Mapping[str, Any], title: str, book: _Book, context: Context, drawer: Drawer) -> dict[str, Any]:
    language = drawer.language
    kick = say("dossier") if head["members"] == 1 else say("dossier of a group of {n:count}", n=int(head["members"]))
    owner = "" if is_absent(head["manager"]) else str(head["manager"])
    what = [language.format(head[name], "value") for name in ("industry", "place") if not is_absent(head[name])]
    who = [
        *((text, "") for text in what),
        (owner or language.text(say("nobody in the data")), drawer.pages.get("manager", {}).get(owner, "")),
    ]
    return {
        "home": context.home,
        "back": language.text(say("Accounts")),
        "kick": language.text(kick),
        "chips": list(_chips(head, language)),
        "title": title,
        "who": who,
        "asof": replace(language, near=None).text(asof(book.chapter)),
    }


def _chips(head: Mapping[str, Any], language: Language) -> Iterator[tuple[str, str]]:
    if not is_absent(head["level"]):
        yield language.text(KeyLevel(head["level"])), " on"
    for unit, share in (("key_department", "department_share"), ("key_manager", "manager_share")):
        if not is_absent(head[unit]):
            text = say("{name} {share:share0}", name=str(head[unit]), share=head[share])
            yield language.text(text), " warn" if head[share] > MANY else ""
    if head["is_stopped"]:
        yield language.text(say("stopped")), " warn"


def _to_decide(row: Mapping[str, Any], happened: Sequence[Message], language: Language) -> dict[str, str]:
    owner = say("nobody in the data") if is_absent(row["manager"]) else str(row["manager"])
    text = say(
        "A year's value touched: {value:money}. {owner}, by {day:date}.",
        value=row["value_touched"],
        owner=owner,
        day=row["due_on"],
    )
    rest = " ".join(language.sentence(_upper(one, language)) for one in happened[2:])
    return {"head": language.text(Decision(row["decision"])), "text": f"{rest} {language.text(text)}".strip()}


def _upper(message: Message, language: Language) -> str:
    text = language.text(message)
    return text[:1].upper() + text[1:]


def _tile(name: Message, value: str, change: str, language: Language, n: str = "", **more: Any) -> dict[str, Any]:
    view = {"name": language.text(name), "value": value, "change": change, "n": n, "arrow": "", "spark": ""}
    return view | {"is_absent": False} | more


def _figures(head: Mapping[str, Any], book: _Book, language: Language) -> str:
    trend = "" if is_absent(head["trend"]) else str(head["trend"])
    values = [float(number) for number in trend.split()]
    label = language.text(say("the last {n:count} months", n=min(len(values), MONTHS)))
    change = say("{change:change} from {before:money}", change=head["change"], before=head["net_sales_before"])
    is_known = not is_absent(head["change"])
    arrow = ("▲" if head["change"] > 0 else "▼") if is_known else ""
    share = head["manager_share"]
    is_own = not is_absent(share) and head["key_manager"] == head["manager"]
    of_manager = "" if not is_own else language.text(say("{share:share0} of its manager", share=share))
    is_measured = not is_absent(head["lost_chance"])
    value = say("of a year's value of {value:money}", value=head["years_value"])
    due, beside = _next_order(head, book)
    tiles = [
        _tile(
            say("Net sales, 12 months"),
            language.format(head["net_sales_12m"], "money"),
            language.text(change) if is_known else "",
            language,
            arrow=arrow,
            spark=spark_bars(values, label) if values else "",
        ),
        _tile(say("Share of the company"), language.format(head["share_12m"], "share"), of_manager, language),
        _tile(
            say("Lost chance"),
            language.format(round(head["lost_chance"], 2) if is_measured else None, "share0"),
            language.text(say("no order within the horizon")) if is_measured else "",
            language,
        ),
        _tile(
            say("Expected loss"),
            language.format(head["expected_loss"], "money"),
            language.text(value) if is_measured else "",
            language,
        ),
        _tile(say("Next order"), language.text(due), language.text(beside), language),
    ]
    return render("five", language, tiles)


def _next_order(head: Mapping[str, Any], book: _Book) -> tuple[Message, Message | None]:
    """When the next order should come, by the member whose order is expected first."""
    if is_absent(head["last_order_on"]):
        return say("none yet"), None
    as_of = pd.Timestamp(str(book.chapter.window["as_of"]))
    last = say("last order on {day:date}", day=head["last_order_on"])
    if head["is_stopped"]:
        was = say("was due by {day:date}; {last}", day=head["to_on"], last=last)
        return say("none expected"), last if is_absent(head["to_on"]) else was
    if is_absent(head["from_on"]):
        return say("no rhythm"), last
    if head["to_on"] < as_of:
        return say("{day:date}", day=head["to_on"]), say("was due by then; {last}", last=last)
    until = say("to {day:date}; {last}", day=head["to_on"], last=last)
    if head["members"] == 1:
        return say("{day:date}", day=head["from_on"]), until
    return say("{day:date}", day=head["from_on"]), say("the first of {n:count} members", n=int(head["due_members"]))


def _rows(own: Own, name: str, book: _Book, drawer: Drawer, most: int = 50) -> str:
    """Rows of an account as the page shows any table."""
    if not own[name]:
        return ""
    contract = book.chapter.tables[name]
    table = contract.conform(pd.DataFrame(list(own[name])))
    finding = replace(
        book.chapter.outlines[name], table=table, sentence=HEADS[name], base=None, absent=None, most_rows=most
    )
    pages = {column: leads for column, leads in drawer.pages.items() if column == "manager"}
    return page.finding_row([finding], drawer.language, {name: contract}, most, drawer.tables, pages=pages)


def _months(months: Sequence[Mapping[str, Any]], language: Language) -> str:
    if not months:
        return ""
    values = [float(row["net_sales"]) for row in months]
    before = [None if is_absent(row["year_before"]) else float(row["year_before"]) for row in months]
    names = [language.month_name(row["month"]) for row in months]
    text = say("Net sales per month, {window:period}. Line: the same month of the year before.", window=_window(months))
    label = language.text(text)
    drawn = month_bars(values, before, names, language.format(max(values), "money"), label)
    return str(Markup('<p class="src">{}</p>{}').format(label, drawn))


def _window(months: Sequence[Mapping[str, Any]]) -> tuple[dt.date, dt.date]:
    last = (months[-1]["month"] + pd.offsets.MonthEnd(1)).date()
    return months[0]["month"].date(), last


def _health(signals: Sequence[Mapping[str, Any]], language: Language) -> str:
    rows = []
    for row in signals:
        if is_absent(row["verdict"]):
            continue
        signal, verdict = Signal(row["signal"]), Verdict(row["verdict"])
        label, text = _signal(signal, verdict, row)
        is_dated = signal not in WITHOUT_DATE and not is_absent(row["dated_on"])
        on = say("{what} ({day:date})", what=text, day=row["dated_on"]) if is_dated else text
        css = {Verdict.ACT: " on", Verdict.WATCH: " warn"}.get(verdict, "")
        rows.append(_pair(language.text(label), language.text(on), chip=language.text(verdict), css=css))
    missing = [Signal(row["signal"]) for row in signals if is_absent(row["verdict"])]
    absent = [language.sentence(say("Not in the data: {names:names}.", names=missing))] if missing else []
    return render("pairs", language, rows) + render("note", language, absent)


def _signal(signal: Signal, verdict: Verdict, row: Mapping[str, Any]) -> tuple[Message, Message]:
    """Name of a signal, and what it goes by."""
    if signal is Signal.CONTRACT:
        is_over = verdict is Verdict.ACT
        ends = (
            say("ended on {day:date}", day=row["dated_on"])
            if is_over
            else say("ends on {day:date}", day=row["dated_on"])
        )
        return signal.label, say("no end") if is_absent(row["dated_on"]) else ends
    if signal is Signal.SERVICE and verdict is Verdict.ACT:
        return signal.label, say("a complaint is open")
    return signal.label, SIGNALS[signal].of(row) or say("nothing on record")


def _pair(name: str, text: str, href: str = "", chip: str = "", css: str = "") -> dict[str, str]:
    return {"name": name, "text": text, "href": href, "chip": chip, "css": css}


def _items(own: Own, language: Language) -> str:
    rows = []
    of_kind = {kind: [row for row in own["account_items"] if row["kind"] == kind][:MOST_ITEMS] for kind in ItemKind}
    texts = {
        ItemKind.TOP: say("{item} {money:money}"),
        ItemKind.LOST: say("{item} (last on {day:date})"),
    }
    for kind, listed in of_kind.items():
        said = [
            replace(
                texts[kind],
                values={"item": str(row["item"]), "money": row["net_sales_year"], "day": row["last_on"]},
            )
            for row in listed
        ]
        if said:
            rows.append(_pair(language.text(kind), language.text(say("{items:names}", items=said))))
    offer = next(iter(own["new_items"]), None)
    if offer is not None:
        rows.append(_pair(language.text(say("new to it")), language.text(str(offer["to_offer"]))))
    return render("pairs", language, rows) if rows else ""


def _events(events: Sequence[Mapping[str, Any]], is_group: bool, language: Language) -> str:
    rows = []
    for row in events[-MOST_OF_GROUP:] if is_group else events:
        what: Message = Event(row["event"]).label
        if not is_absent(row["detail"]):
            what = say("{what}: {detail:value}", what=what, detail=str(row["detail"]))
        if is_group:
            what = say("{what} ({customer})", what=what, customer=str(row["customer_name"]))
        day = language.format(row["on"], "date")
        rows.append(
            {
                "iso": row["on"].date().isoformat(),
                "day": day,
                "text": _upper(what, language),
                "is_key": bool(row["is_weighty"]),
            }
        )
    return render("timeline", language, rows) if rows else ""


def _terms(own: Own, is_group: bool, language: Language) -> str:
    rows = []
    for row in own["account_contracts"][:MOST_CONTRACTS]:
        name = str(row["customer_name"]) if is_group else language.text(say("Contract"))
        parts = [
            _term(row["start"], row["end"]),
            *_known(row, "met", say("{met:share0} of what it agrees is bought", met=row["met"])),
        ]
        if not is_group:
            parts += [
                *_known(row, "discount_tier", say("tier {tier}", tier=str(row["discount_tier"]))),
                *_known(row, "payment_days", say("days to pay: {days:count}", days=row["payment_days"])),
                *_known(row, "limit", say("credit limit {limit:money}", limit=row["limit"])),
            ]
        rows.append(_pair(name, _listed(parts, language)))
    for row in own["price_levels"]:
        parts = [say("{level:num2} of what others pay for the same items and quantities", level=row["price_level"])]
        parts += _known(row, "larger_level", say("larger accounts {level:num2}", level=row["larger_level"]))
        parts += _known(row, "discount_share", say("discount {share:share}", share=row["discount_share"]))
        rows.append(_pair(language.text(say("Price")), _listed(parts, language)))
    for row in own["account_payments"]:
        parts = [say("overdue {overdue:money} (n {n:count})", overdue=row["overdue"], n=row["invoices"])]
        parts += _known(row, "median_days", say("half paid by day {days:num} late", days=row["median_days"]))
        rows.append(_pair(language.text(say("Payment")), _listed(parts, language)))
    for row in own["offers"]:
        offer = say("{money:money} a year: {offer}", money=row["white_space"], offer=str(row["offer"]))
        rows.append(_pair(language.text(say("White space")), language.text(offer)))
    return render("pairs", language, rows) if rows else ""


def _term(start: Any, end: Any) -> Message:
    if is_absent(end):
        return say("since {from_on:date}, no end", from_on=start)
    return say("{from_on:date} to {to_on:date}", from_on=start, to_on=end)


def _listed(parts: Sequence[Message], language: Language) -> str:
    return "; ".join(language.text(part) for part in parts)


def _known(row: Mapping[str, Any], column: str, message: Message) -> list[Message]:
    return [] if is_absent(row[column]) else [message]


def _people(people: Sequence[Mapping[str, Any]], is_group: bool, language: Language) -> str:
    rows = []
    for row in people[:MOST_PEOPLE]:
        parts = _known(row, "role", say("{role:value}", role=row["role"]))
        if is_group:
            parts.append(say("{customer}", customer=str(row["customer_name"])))
        else:
            parts += _known(row, "level", say("level {level:value}", level=row["level"]))
            parts += _known(row, "influence", say("influence {influence:value}", influence=row["influence"]))
        rows.append(_pair(language.text(str(row["person"])), _listed(parts, language)))
    rest = len(people) - MOST_PEOPLE
    more = [language.text(say("Further ones: {n:count}.", n=rest))] if rest > 0 else []
    return render("pairs", language, rows) + render("note", language, more) if rows else ""


def _questions(questions: Sequence[Mapping[str, Any]], language: Language) -> str:
    texts = []
    for row in questions:
        words = Words(QUESTIONS[Question(row["question"])], [[QUESTIONS[Question(row["question"])]]])
        texts.append(language.sentence(words.of(row) or Question(row["question"]).label))
    return render("checklist", language, texts) if texts else ""


def _plan(language: Language) -> str:
    heads = [say("Goal or action"), say("Owner"), say("Day"), say("Result")]
    return render(
        "plan", language, {"caption": language.text(say("Plan")), "heads": [language.text(head) for head in heads]}
    )
