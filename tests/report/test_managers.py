"""One page per manager from the rooms' findings: own calls only, hostile names harmless, files that stay inside."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from kam_analysis.actions.calls import CALL_LIST, CALLS_DONE, REASON, REFUSED_CONTACT
from kam_analysis.actions.manager_keys import MANAGER_KEYS
from kam_analysis.actions.new_items import NEW_ITEMS
from kam_analysis.actions.next_orders import NEXT_ORDERS
from kam_analysis.chapter import Chapter
from kam_analysis.findings import Finding, Show, say
from kam_analysis.report.document import Frame, Link
from kam_analysis.report.language import Language
from kam_analysis.report.verify import problems_of_page
from kam_analysis.site.managers import Context, file_name, manager_files, manager_pages
from kam_analysis.site.parts import Drawer
from kam_analysis.tables import Table, by_name
from tests.report.conftest import HOSTILE

TABLES = by_name(CALL_LIST, REFUSED_CONTACT, MANAGER_KEYS, NEXT_ORDERS, NEW_ITEMS, CALLS_DONE)
WINDOW = {"first_order_on": "2010-12-01", "as_of": "2011-12-10", "compare_as_of": None}
SOURCE = {"title": "A", "currency": "GBP", "vat": "unknown"}
CALL = {"customer_id": "1", "customer_name": "Vega", "manager": "Ana", "triggers": "contract", "recency_days": 30.0}
CALL |= {"task_ids": "1:contract:2012-01-01", "contract_ends_on": "2012-01-01", "lost_chance": 0.5, "rank": 1}
CALL |= {"years_value": 200.0, "expected_loss": 100.0, "is_key": False, "consent": "given", "place": 1}
CALL |= {"due_on": "2011-12-15", "is_this_week": True}
KEY = {"account_id": "1", "account_name": "Vega", "members": 1, "manager": "Ana", "level": "company"}
KEY |= {"net_sales_12m": 900.0, "share_12m": 0.2, "lost_chance": 0.5, "expected_loss": 100.0}
KEY |= {"last_order_on": "2011-11-10"}
ORDER = {"customer_id": "1", "customer_name": "Vega", "manager": "Ana", "from_on": "2011-12-09", "to_on": "2011-12-12"}
ORDER |= {
    "usual_items": "Tea; Salt",
    "usual_order": 50.0,
    "is_key": True,
    "last_order_on": "2011-12-01",
    "order_days": 9,
}
OFFER = {"account_id": "1", "account_name": "Vega", "manager": "Ana", "new_items": 2, "bought": 1, "to_offer": "Lamp"}
DONE = {"task_id": "1:contract:2011-06-01", "customer_id": "1", "customer_name": "Vega", "manager": "Ana"}
DONE |= {"trigger": "contract", "done_on": "2011-11-01", "result": "order"}
SHOWN = {"call_list": (Show("reason", words=REASON),), "refused_contact": (Show("reason", words=REASON),)}
SHOWN |= {"manager_keys": ("account_name", "share_12m", "expected_loss")}


def finding(name: str, *rows: dict[str, Any]) -> Finding:
    table: Table = TABLES[name]
    dated = {column.name: "datetime64[us]" for column in table.columns if column.kind.value == "date"}
    frame = pd.DataFrame(list(rows)).reindex(columns=table.names).astype(dated) if rows else table.empty()
    limits = {"keys_per_manager": 3} if name == "manager_keys" else {}
    return Finding(name, say("?"), say("!"), table.conform(frame), show=SHOWN.get(name, ()), limits=limits)


def rooms(**rows: list[dict[str, Any]]) -> dict[str, Chapter]:
    found = {name: finding(name, *rows.get(name, [])) for name in TABLES}
    chapter = Chapter("actions", window=WINDOW, source=SOURCE, findings=found, outlines=found, tables=TABLES)
    return {"actions": chapter}


@pytest.fixture
def pages(frame: Frame, language: Language):
    """Pages by manager of rows of the findings, without blanks that do not break."""

    def make(tongue: Language = language, **rows: list[dict[str, Any]]) -> dict[str, str]:
        links = [Link("../index.html", "Summary"), Link("../08_actions.html", "Calls")]
        context = Context(
            lambda name: replace(frame, language=tongue, pages=links, here=name), "../08_actions.html", "f00"
        )
        chapters = rooms(**rows)
        names = {file: manager for manager, file in manager_files(chapters).items()}
        made = manager_pages(chapters, context, Drawer(tongue, tables="../tables/"))
        return {names[name]: html.replace("\u00a0", " ") for name, html in made}

    return make


def test_a_manager_has_the_own_calls_of_the_week_and_the_later_ones_are_counted(pages) -> None:
    calls = [
        CALL,
        CALL | {"customer_id": "2", "customer_name": "Rigel", "manager": "Bo", "expected_loss": 70.0},
        CALL | {"customer_id": "3", "customer_name": "Mira", "is_this_week": False, "due_on": None, "rank": 3},
    ]
    made = pages(call_list=calls)
    assert set(made) == {"Ana", "Bo"}
    html = made["Ana"]
    assert "<h1>Ana: call Vega first</h1>" in html
    assert html.count('type="checkbox"') == 1 and "Rigel" not in html and "Mira" not in html
    assert "<p>Contract ends on 1 Jan.</p>" in html and "<b>£100</b> <span>expected loss<br></span> by 15 Dec" in html
    assert "Later: 1." in html and "Open tasks of this week: 1, customers: 1, customers later: 1." in html
    assert '<a href="../08_actions.html">' in html and 'href="../tables/call_list.csv"' in html
    assert problems_of_page(html, depth=1) == []


def test_person_channel_and_outcome_stand_where_the_data_have_them(pages) -> None:
    last = {"last_on": "2011-11-24", "last_kind": "win-back", "channel": "phone", "outcome": "refused"}
    some = [CALL | last | {"person": "Eva", "role": "owner"}, CALL | {"customer_id": "2", "last_on": "2011-11-24"}]
    some[1] |= {"last_kind": "visit"}
    html = pages(call_list=some)["Ana"]
    assert "Ask for Eva, owner. Last contact: win-back, 24 Nov, phone: refused." in html
    assert "No contact person in the data. Last contact: visit, 24 Nov." in html
    without = pages(call_list=[CALL])["Ana"]
    assert 'class="who"' not in without and "contact person" not in without


def test_who_refused_contact_stands_apart_without_a_box(pages) -> None:
    html = pages(refused_contact=[CALL | {"consent": "refused"}])["Ana"]
    assert "<h1>Ana: no call this week</h1>" in html and "checkbox" not in html
    assert "Refused contact: no call, only what an order or a contract asks for in writing." in html
    assert "(expected loss £100): Contract ends on 1 Jan." in html


def test_keys_orders_offers_and_results_of_the_manager(pages) -> None:
    keys = [KEY | {"account_id": str(n)} for n in range(4)] + [KEY | {"account_id": "9", "manager": "Bo"}]
    html = pages(
        manager_keys=keys,
        next_orders=[ORDER | {"customer_id": str(n), "customer_name": f"Customer {n}"} for n in range(10)],
        new_items=[OFFER],
        calls_done=[DONE, DONE | {"task_id": "2", "manager": "Bo"}, DONE | {"task_id": "3", "result": None}],
    )["Ana"]
    assert "4 key accounts; the limit is 3." in html
    assert "9 Dec to 12 Dec; usually £50" in html and "Customer 7" in html and "Customer 8" not in html
    assert "Further ones: 2." in html and 'href="../tables/next_orders.csv"' in html
    assert "<b><bdi>Vega</bdi></b>: Lamp." in html
    assert "Calls with a result: 2." in html
    assert "1 Nov, contract: order." in html and "1 Nov, contract: result not written down." in html
    assert problems_of_page(html, depth=1) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text_in_a_file_of_the_folder(pages, name: str) -> None:
    rows = [CALL | {"manager": name, "customer_name": name, "person": name, "outcome": name, "last_on": "2011-11-01"}]
    rows[0] |= {"last_kind": "call"}
    html = pages(call_list=rows, manager_keys=[KEY | {"manager": name, "account_name": name}],
                 next_orders=[ORDER | {"manager": name, "customer_name": name}])[name]  # fmt: skip
    assert problems_of_page(html, depth=1) == [] and "<script>alert" not in html
    assert re.fullmatch(r"[a-z0-9-]{1,50}\.html", file_name(name))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana", "ana"),
        ("Ana B", "Ana-B"),
        ("Ана", "Ana"),
        ("<>", "/"),
        ("a" * 300 + "1", "a" * 300 + "2"),
        ("", "Nobody"),
    ],
)
def test_two_managers_never_share_a_file(one: str, other: str) -> None:
    assert file_name(one).casefold() != file_name(other).casefold()


def test_customers_of_nobody_have_a_page_of_their_own(pages) -> None:
    made = pages(call_list=[CALL | {"manager": None}, CALL | {"customer_id": "2"}])
    assert set(made) == {"", "Ana"}
    assert "<h1>Customers without a manager: call Vega first</h1>" in made[""]


def test_a_manager_renamed_in_mid_year_loses_no_call(pages) -> None:
    rows = [CALL, CALL | {"customer_id": "2", "manager": "Ana New"}, CALL | {"customer_id": "3", "manager": "Ana New"}]
    made = pages(call_list=rows, manager_keys=[KEY])
    assert {manager: html.count('type="checkbox"') for manager, html in made.items()} == {"Ana": 1, "Ana New": 2}


def test_without_the_room_there_is_no_page() -> None:
    assert manager_files({}) == {}


@pytest.mark.parametrize("code", ["ru", "mk"])
def test_no_word_of_ours_is_left_in_english(pages, code: str) -> None:
    tongue = Language(code, "GBP")
    last = {"last_on": "2011-11-24", "last_kind": "visit", "channel": "телефон", "outcome": "нет"}
    pages(
        tongue, call_list=[CALL | last], refused_contact=[CALL], manager_keys=[KEY], next_orders=[ORDER],
        new_items=[OFFER], calls_done=[DONE],
    )  # fmt: skip
    assert tongue.fallbacks <= {"?", "!"}
