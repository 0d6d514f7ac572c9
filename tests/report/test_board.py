"""The board page reads the rooms' chapters: decision first, five figures, hostile names harmless, one room or all."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from kam_analysis.actions.exceptions import EXCEPTIONS, to_decide
from kam_analysis.chapter import Chapter, encoded
from kam_analysis.cleaning.chapter import COMPANY_MONTHS
from kam_analysis.findings import Finding, Tile, say
from kam_analysis.params import Params
from kam_analysis.pipeline.history import Snapshot, changes
from kam_analysis.report.document import Frame, Link
from kam_analysis.report.language import Language
from kam_analysis.report.verify import LARGEST_INDEX, problems_of_page
from kam_analysis.site.board import Context, board_page
from kam_analysis.site.parts import Drawer
from tests.report.conftest import CONTRACTS, HOSTILE, TILES

WINDOW = {"first_order_on": "2010-12-01", "as_of": "2011-12-10", "compare_as_of": None}
SOURCE = {"title": "A", "currency": "GBP", "vat": "unknown"}


def room(name: str, *findings: Finding, **changes: Any) -> Chapter:
    found = {finding.name: finding for finding in findings}
    tables = {name: CONTRACTS.get(name, CONTRACTS["key_list"]) for name in found}
    chapter = Chapter(name, window=WINDOW, source=SOURCE, findings=found, outlines=found, tables=tables)
    return replace(chapter, **changes)


def exceptions(*rows: dict[str, Any]) -> Finding:
    every = [
        {"place": place, "account_id": str(place), "account_name": f"Account {place}", "members": 1, "managers": 1}
        | {"share_12m": 0.1, "value_touched": 1000.0 / place, "has_refused_contact": False, "decision": "visit"}
        | {"due_on": pd.Timestamp(2011, 12, 15)}
        | row
        for place, row in enumerate(rows, 1)
    ]
    table = EXCEPTIONS.conform(pd.DataFrame(every).reindex(columns=EXCEPTIONS.names)) if every else EXCEPTIONS.empty()
    return to_decide(table, 25, has_margin=True)


def months(*sales: float) -> Finding:
    table = pd.DataFrame({"month": pd.date_range("2011-01-01", periods=len(sales), freq="MS"), "net_sales": sales})
    filled = table.assign(margin=None, orders=1, customers=1, days=28, is_partial=False)
    return Finding(
        "company_months", say("?"), say("!"), COMPANY_MONTHS.conform(filled), drawing="cleaning.company_months"
    )


STOPPED = {"stopped_on": pd.Timestamp(2011, 10, 15), "lost_chance": 0.99}


@pytest.fixture
def context(frame: Frame) -> Context:
    names = ("cleaning", "key_clients", "retention", "actions")
    pages = {name: Link(f"{name}.html", f"Page on {name}") for name in names}
    return Context(replace(frame, here="index.html"), Params().fingerprint(), dt.date(2011, 12, 9), 45, pages)


@pytest.fixture
def drawer(language: Language) -> Drawer:
    return Drawer(language)


def rooms(*chapters: Chapter) -> dict[str, Chapter]:
    return {chapter.room: chapter for chapter in chapters}


def test_the_title_is_the_emergency_and_the_first_row_its_account(context: Context, drawer: Drawer) -> None:
    causes = {"contract_ended_on": pd.Timestamp(2011, 9, 30), "refused_on": pd.Timestamp(2011, 11, 24)}
    causes |= {"refusal_reason": "price", "manager": "Jelena", "decision": "new_offer", "account_name": "Dunavska"}
    html = board_page(
        rooms(room("actions", exceptions(STOPPED | causes, {"silent_on": dt.date(2011, 11, 1)}))), context, drawer
    )
    assert re.search("<h1>(.*?)</h1>", html)[1] == "1 key account has stopped ordering, worth £1,000 a year"
    first = re.search('<tr class="first">(.*?)</tr>', html)[1].replace("\N{NO-BREAK SPACE}", " ")
    assert "<b><bdi>Dunavska</bdi></b> (10.0 %): stopped on 15 Oct; contract ended on 30 Sep; " in first
    assert "refused on 24 Nov (price)." in first
    assert "A new offer, or who replaces these sales" in first
    assert "lost chance 99 %" in first and "Jelena<span>by 15 Dec</span>" in first
    assert "nobody in the data<span>" in html


def test_five_rows_at_most_and_the_rest_is_counted(context: Context, drawer: Drawer) -> None:
    html = board_page(rooms(room("actions", exceptions(*[STOPPED] * 7))), context, drawer)
    assert html.count('class="own"') == 5
    assert "2 more to decide" in html


def test_who_else_stopped_is_named_and_the_rest_is_linked(context: Context, drawer: Drawer) -> None:
    rows = [{"silent_on": pd.Timestamp(2010, 3, 9)}] * 5 + [STOPPED] * 5
    html = board_page(rooms(room("actions", exceptions(*rows))), context, drawer)
    text = html.replace("\N{NO-BREAK SPACE}", " ")
    assert "Stopped too: Account 6, Account 7, Account 8 and 2 more." in text
    assert '<a href="actions.html">5 more to decide</a>' in text
    assert "last order on 9 Mar 2010, later than usual" in text  # not within the year around: with its year


def test_without_an_exception_the_page_says_so(context: Context, drawer: Drawer) -> None:
    html = board_page(rooms(room("actions", exceptions())), context, drawer)
    assert "<h1>No key account needs a decision</h1>" in html
    assert "<table" not in html


def test_names_that_try_to_break_out_stay_text(context: Context, drawer: Drawer) -> None:
    rows = [
        STOPPED | {"account_name": name, "refusal_reason": name, "refused_on": dt.date(2011, 12, 1), "manager": name}
        for name in HOSTILE
    ]
    for start in range(0, len(rows), 5):
        html = board_page(rooms(room("actions", exceptions(*rows[start : start + 5]))), context, drawer)
        assert problems_of_page(html, LARGEST_INDEX) == []
        assert "<script>alert" not in html


def test_figures_stand_in_their_order_with_their_curve(context: Context, drawer: Drawer) -> None:
    loss = Tile(say("Expected loss"), say("{m:money}", m=5.0), say("n {n:count}", n=2), say("Chance."), "expected_loss")
    chapters = rooms(room("cleaning", months(1.0, 2.0), tiles=TILES[:1]), room("actions", tiles=(loss,)))
    html = board_page(chapters, context, drawer)
    assert re.findall(r"<article[^>]*><h3>(.*?)</h3>", html) == ["Net sales", "Expected loss"]
    assert html.count('class="sp"') == 1
    assert 'aria-label="Net sales: the last 2 months"' in html


def test_a_group_is_called_one(context: Context, drawer: Drawer) -> None:
    html = board_page(rooms(room("actions", exceptions(STOPPED | {"members": 5}))), context, drawer)
    assert "<bdi>Account 1 (group of 5)</bdi>" in html


def test_links_lead_to_every_room(context: Context, drawer: Drawer) -> None:
    html = board_page(rooms(room("cleaning", tiles=TILES), room("retention", tiles=TILES)), context, drawer)
    assert '<a href="cleaning.html">Page on cleaning</a></li><li><a href="retention.html">Page on retention' in html


def _set(sales: float, accounts: tuple[str, ...], calls: tuple[str, ...]) -> Snapshot:
    value = {"$": "Message", "template": "{m:money}", "values": {"m": sales}}
    return Snapshot.model_validate(
        {"as_of": "2011-11-01", "currency": "GBP", "metrics": {}}
        | {"headlines": {"cleaning": {"net_sales": {"name": encoded(say("Net sales")), "value": value}}}}
        | {"key_list": {name: {"name": name, "level": "score"} for name in accounts}}
        | {"calls": {name: {"name": name} for name in calls}}
    )


def _published(context: Context, drawer: Drawer, before: Snapshot, now: Snapshot) -> str:
    html = board_page(rooms(room("cleaning")), replace(context, since=(before, changes(before, now))), drawer)
    assert problems_of_page(html, LARGEST_INDEX) == []
    return re.search(r"<li>Since the last published set \(data before 1 Nov\): (.*?)</li>", html.replace("\xa0", " "))[
        1
    ]


def test_what_changed_since_the_last_published_set_is_one_sentence(context: Context, drawer: Drawer) -> None:
    before, now = _set(900.0, ("Ana", "Bo"), ("x", "y")), _set(1000.0, ("Bo", "Cy", "Di"), ("y", "z", "w"))
    assert _published(context, drawer, before, now) == (
        "net sales £900 → £1,000; new key accounts: Cy and 1 more; no longer key: Ana; calls: 2 new, 1 gone."
    )
    assert _published(context, drawer, before, before) == "no key account and no call differs."
    hostile = _set(900.0, ("Ana", "Bo", HOSTILE[0]), ("x", "y"))
    assert "&lt;script&gt;" in _published(context, drawer, before, hostile)


def test_without_a_published_set_the_page_says_so(context: Context, drawer: Drawer) -> None:
    assert "<li>This is the first published set.</li>" in board_page(rooms(room("cleaning")), context, drawer)


def test_one_room_without_anything_is_a_page(context: Context, drawer: Drawer) -> None:
    html = board_page(rooms(room("cleaning")), replace(context, newest_on=None), drawer)
    assert problems_of_page(html, LARGEST_INDEX) == []
    assert 'id="old"' not in html


def test_the_warning_about_old_data_is_left_to_the_readers_clock(context: Context, drawer: Drawer) -> None:
    html = board_page(rooms(room("cleaning")), context, drawer)
    assert 'id="old" hidden data-newest="2011-12-09" data-days="45"' in html
    assert "The newest order is of 9 Dec 2011." in html.replace("\N{NO-BREAK SPACE}", " ")
    script = html[html.index("<script>") :]
    assert "Date.now()" in script and "dataset.newest" in script


def test_what_moved_within_a_year_is_told_only_beside_a_year(context: Context, drawer: Drawer) -> None:
    told = {
        name: Finding(name, say("?"), say("{name} said.", name=name), pd.DataFrame())
        for name in ("key_changes", "unit_trend")
    }
    for compare, sentences in (
        ("2010-12-10", ["key_changes said.", "unit_trend said."]),
        ("2011-09-10", ["key_changes said."]),
    ):
        chapter = room("key_clients", *told.values(), window=WINDOW | {"compare_as_of": compare})
        html = board_page(rooms(chapter), context, drawer)
        assert re.findall(r"<li>([a-z_]+ said\.)</li>", html) == sentences


def test_an_owner_with_a_page_is_a_link(context: Context, language: Language) -> None:
    drawer = Drawer(language, pages={"manager": {"Ana": "managers/ana.html"}})
    html = board_page(rooms(room("actions", exceptions(STOPPED | {"manager": "Ana"}, STOPPED))), context, drawer)
    assert html.count('<a href="managers/ana.html">') == 1 and "nobody in the data<span>" in html
