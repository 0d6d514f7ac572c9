"""One dossier per account from the rooms' findings: its story first, hostile names harmless, files that stay inside."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from kam_analysis.accounts.health import ACCOUNT_SIGNALS, Signal
from kam_analysis.accounts.pages import ACCOUNT_MEMBERS, ACCOUNT_PAGES
from kam_analysis.accounts.sales import ACCOUNT_CATEGORIES, ACCOUNT_ITEMS, ACCOUNT_MONTHS
from kam_analysis.actions.exceptions import EXCEPTIONS, HAPPENED
from kam_analysis.actions.new_items import NEW_ITEMS
from kam_analysis.chapter import Chapter
from kam_analysis.findings import Finding, Show, say
from kam_analysis.report.document import Frame, Link
from kam_analysis.report.language import Language
from kam_analysis.report.verify import problems_of_page
from kam_analysis.site.dossiers import account_files, account_pages, leads_to_accounts
from kam_analysis.site.own_pages import Context, file_name
from kam_analysis.site.parts import Drawer
from kam_analysis.tables import by_name
from tests.report.conftest import HOSTILE

OF_ROOM = {
    "accounts": by_name(
        ACCOUNT_PAGES, ACCOUNT_MEMBERS, ACCOUNT_MONTHS, ACCOUNT_CATEGORIES, ACCOUNT_ITEMS, ACCOUNT_SIGNALS
    ),
    "actions": by_name(EXCEPTIONS, NEW_ITEMS),
}
WINDOW = {"first_order_on": "2009-12-01", "as_of": "2011-12-10", "compare_as_of": None}
SOURCE = {"title": "A", "currency": "GBP", "vat": "unknown"}
PAGE = {"account_id": "7", "account_name": "Vega", "members": 1, "is_key": True, "managers": 1, "is_stopped": False}
PAGE |= {"net_sales_12m": 900.0, "orders_12m": 7, "due_members": 0, "manager": "Ana", "share_12m": 0.2}
MEMBER = {"account_id": "7", "customer_id": "70", "customer_name": "Vega South", "net_sales_12m": 900.0}
MEMBER |= {"manager": "Ana"}
STOPPED = {"place": 1, "account_id": "7", "account_name": "Vega", "members": 1, "managers": 1, "share_12m": 0.2}
STOPPED |= {"value_touched": 250.0, "stopped_on": "2011-10-15", "refused_on": "2011-11-24", "refusal_reason": "price"}
STOPPED |= {"decision": "new_offer", "due_on": "2011-12-15", "manager": "Ana", "category_on": "2011-05-01"}
STOPPED |= {"category": "Tea"}
SHOWN = {
    "exceptions": (Show("happened", words=HAPPENED, is_detail=True),),
    "account_members": ("customer_name", "manager", "net_sales_12m"),
    "account_categories": ("category", "net_sales_12m", "last_on"),
}
Pages = Callable[..., dict[str, str]]


def rooms(**rows: list[dict[str, Any]]) -> dict[str, Chapter]:
    chapters = {}
    for room, tables in OF_ROOM.items():
        found = {}
        for name, table in tables.items():
            given = rows.get(name, [])
            frame = pd.DataFrame(given).reindex(columns=table.names) if given else table.empty()
            found[name] = Finding(name, say("?"), say("!"), table.conform(frame), show=SHOWN.get(name, ()))
        chapters[room] = Chapter(room, window=WINDOW, source=SOURCE, findings=found, outlines=found, tables=tables)
    return chapters


@pytest.fixture
def pages(frame: Frame, language: Language) -> Pages:
    """Dossiers by account of rows of the findings, without blanks that do not break."""

    def make(**rows: list[dict[str, Any]]) -> dict[str, str]:
        links = [Link("../07_accounts.html", "Accounts")]
        context = Context(lambda name: Frame(language, "A", links, name), "../07_accounts.html", "f00")
        chapters = rooms(**({"account_pages": [PAGE], "account_members": [MEMBER]} | rows))
        names = {file: account for account, file in account_files(chapters).items()}
        drawer = Drawer(language, tables="../tables/", pages={"manager": {"Ana": "../managers/ana.html"}})
        made = account_pages(chapters, context, drawer)
        return {names[name]: html.replace("\u00a0", " ") for name, html in made}

    return make


def test_the_story_stands_first(pages: Pages) -> None:
    html = pages(exceptions=[STOPPED])["7"]
    assert "<h1>Vega: stopped on 15 Oct, refused on 24 Nov (price)</h1>" in html
    told = "No longer buys Tea (last on 1 May). A year&#39;s value touched: £250. Ana, by 15 Dec."
    assert told in html and html.index("<h1>") < html.index(told) < html.index("At a glance")
    assert '<a href="../managers/ana.html"><bdi>Ana</bdi></a>' in html and '<a href="../07_accounts.html">' in html
    assert problems_of_page(html, depth=1) == []


def test_an_account_with_nothing_but_orders_has_its_page(pages: Pages) -> None:
    html = pages()["7"]
    assert "<h1>Vega is 20.0 % of net sales</h1>" in html and "not measurable" in html
    assert problems_of_page(html, depth=1) == []
    grown = pages(account_pages=[PAGE | {"change": 0.25, "net_sales_before": 720.0}])["7"]
    assert "<h1>Vega is 20.0 % of net sales, +25.0 % on the year before</h1>" in grown


def test_members_of_a_group_lead_to_their_managers_and_not_to_themselves(pages: Pages) -> None:
    html = pages(
        account_pages=[PAGE | {"members": 2}], account_members=[MEMBER, MEMBER | {"customer_id": "71", "manager": "Bo"}]
    )["7"]
    assert "dossier of a group of 2" in html and html.count("Vega South") == 2
    assert html.count('<a href="../managers/ana.html">') == 2  # at the head and beside the member


def test_signals_say_what_they_go_by_and_what_is_not_there(pages: Pages) -> None:
    rows = [
        {"signal": "trend", "verdict": "act", "value": -0.126, "n": 12, "dated_on": "2011-11-30"},
        {"signal": "contract", "verdict": "act", "value": -9, "n": 1, "dated_on": "2011-12-01"},
        {"signal": "service", "verdict": "act", "value": 2, "n": 9, "dated_on": "2011-11-01"},
        *({"signal": signal.value} for signal in (Signal.PAYMENT, Signal.SURVEY)),
    ]
    html = pages(account_signals=[row | {"account_id": "7", "account_name": "Vega"} for row in rows])["7"]
    assert "−12.6 % on the 12 months before</dd>" in html and "ended on 1 Dec</dd>" in html
    assert "a complaint is open (1 Nov)" in html and "Not in the data: Payment and Survey." in html


def test_months_without_a_sale_and_a_year_before_that_is_not_covered(pages: Pages) -> None:
    row = {"account_id": "7", "month": "2011-10-01", "net_sales": 0.0}
    html = pages(account_months=[row, row | {"month": "2011-11-01", "net_sales": -5.0}])["7"]
    assert "Net sales per month, Oct–Nov 2011." in html and problems_of_page(html, depth=1) == []


@pytest.mark.parametrize("name", [*HOSTILE, "../x", "<script>"])
def test_hostile_names_and_ids_stay_text_in_a_file_of_the_folder(pages: Pages, name: str) -> None:
    own = {"account_id": name, "account_name": name, "customer_id": name, "customer_name": name, "manager": name}
    rows = {
        "account_pages": [PAGE | own | {"members": 2, "industry": name, "place": name, "key_manager": name}],
        "account_members": [MEMBER | own],
        "account_categories": [
            {**own, "category": name, "last_on": "2011-05-01", "net_sales_12m": 5.0, "is_silent": True}
        ],
        "account_items": [{**own, "kind": "top", "place": 1, "item": name, "last_on": "2011-05-01", "item_days": 3}],
        "exceptions": [STOPPED | own | {"refusal_reason": name, "category": name}],
    }
    rows["account_pages"][0]["manager_share"] = 0.5
    rows["account_items"][0]["net_sales_year"] = 5.0
    rows["account_categories"][0]["is_silent"] = True
    html = pages(**rows)[name]
    assert problems_of_page(html, depth=1) == [] and "<script>alert" not in html
    assert re.fullmatch(r"[a-z0-9-]{1,50}\.html", file_name(name, name, "account"))


def test_two_accounts_of_one_name_have_two_files_and_every_customer_leads_to_its_own(frame: Frame) -> None:
    pages = [PAGE, PAGE | {"account_id": "8"}]
    members = [MEMBER, MEMBER | {"account_id": "8", "customer_id": "80"}]
    chapters = rooms(account_pages=pages, account_members=members)
    files = account_files(chapters)
    assert len(set(files.values())) == 2
    leads = leads_to_accounts(chapters, files, "accounts/")
    assert leads["customer_id"] == {"70": f"accounts/{files['7']}", "80": f"accounts/{files['8']}"}
    assert leads_to_accounts({}, {}, "accounts/") == {} and account_files({}) == {}
