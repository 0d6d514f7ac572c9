"""The index reads plain texts of the rooms and says where to act; it works with one room and with all."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from kam_analysis.chapter import Chapter
from kam_analysis.findings import Caveat, Finding, Weight, say
from kam_analysis.params import Params
from kam_analysis.report.document import Frame, Link
from kam_analysis.report.language import Language
from kam_analysis.report.verify import LARGEST_INDEX, problems_of_page
from kam_analysis.site.page import Context, index_page
from kam_analysis.site.parts import Drawer
from tests.report.conftest import CONTRACTS, HOSTILE, TILES, key_finding

METRICS = {
    "cleaning": {
        "first_order_on": "2010-12-01",
        "last_order_on": "2011-12-09",
        "as_of": "2011-12-10",
        "compare_as_of": None,
    }
}


def room(name: str, *findings: Finding, **changes: Any) -> Chapter:
    found = {finding.name: finding for finding in findings}
    lead = (say("{room} first {who}", room=name, who=HOSTILE[0]), say("{room} second", room=name))
    source = {"title": "A", "currency": "GBP", "vat": "unknown"}
    tables = dict.fromkeys(found, CONTRACTS["key_list"])
    chapter = Chapter(name, source=source, lead=lead, findings=found, outlines=found, tables=tables)
    return replace(chapter, **changes)


@pytest.fixture
def context(frame: Frame) -> Context:
    params = Params()
    values = params.model_dump(mode="json")
    pages = {
        name: Link(f"{name}.html", f"Page on {name}") for name in ("cleaning", "key_clients", "retention", "actions")
    }
    return Context(replace(frame, here="index.html"), values, params.fingerprint(), dt.date(2011, 12, 9), 45, pages)


@pytest.fixture
def rooms() -> list[Chapter]:
    return [
        room("cleaning", tiles=tuple(reversed(TILES))),
        room("key_clients", key_finding(drawing="membership", show=(), on_index=True)),
        room("retention"),
        room("actions", key_finding(name="key_rows", cards=True, caveats=(), on_index=True)),
    ]


@pytest.fixture
def drawer(language: Language) -> Drawer:
    return Drawer(language)


def test_the_index_keeps_every_rule(rooms: list[Chapter], context: Context, drawer: Drawer) -> None:
    html = index_page(rooms, METRICS, context, drawer)
    assert problems_of_page(html, LARGEST_INDEX) == []
    assert "<script>alert" not in html
    assert html == index_page(rooms, METRICS, context, drawer)


def test_the_data_window_is_the_one_of_the_other_pages(context: Context, drawer: Drawer) -> None:
    metrics = {"cleaning": {**METRICS["cleaning"], "last_order_on": "2011-11-28", "as_of": "2011-12-01"}}
    html = index_page([], metrics, context, drawer)
    assert "1 Dec 2010 to 30 Nov 2011" in html  # whatever day of it the last order fell on


def test_the_lead_takes_the_first_sentence_of_three_rooms(
    rooms: list[Chapter], context: Context, drawer: Drawer
) -> None:
    html = index_page(rooms, METRICS, context, drawer)
    lead = re.findall(r"<li>(\w+) first", html)
    assert lead == ["key_clients", "retention", "actions"]


def test_sections_tiles_and_caveats_in_their_order(rooms: list[Chapter], context: Context, drawer: Drawer) -> None:
    html = index_page(rooms, METRICS, context, drawer)
    assert re.findall(r"<h2 id[^>]*>(.*?)</h2>", html) == [
        "At a glance",
        "Who to call",
        "How sales and customers moved",
        "What changed",
        "Read with care",
    ]
    assert re.findall(r"<article[^>]*><h3>(.*?)</h3>", html) == ["Net sales", "Net revenue retention"]
    assert re.findall(r'class="caveat"><b>(.*?)</b>', html) == ["Grave", "Mild"]  # red first, said once
    changed = html[html.index('id="changes"') :]
    assert "+20.5" in changed and "Net revenue retention" not in changed[: changed.index("</table>")]


def test_at_most_six_caveats(context: Context, drawer: Drawer) -> None:
    weights = [Weight.GREEN if n < 7 else Weight.RED for n in range(9)]
    caveats = [Caveat(say("h{n:count}", n=n), say("t"), weight) for n, weight in enumerate(weights)]
    html = index_page([room("cleaning", key_finding(caveats=caveats))], METRICS, context, drawer)
    assert re.findall(r'class="caveat"><b>(.*?)</b>', html) == ["h7", "h8", "h0", "h1", "h2", "h3"]


def test_a_caveat_names_and_links_the_page_it_comes_from(context: Context, drawer: Drawer) -> None:
    own = key_finding(caveats=[Caveat(say("h"), say("t"), Weight.RED)])
    shown = key_finding(caveats=[Caveat(say("g"), say("t"), Weight.RED)], on_index=True)
    rooms = [room("retention", own), room("actions", shown)]
    html = index_page(rooms, METRICS, context, drawer)
    assert '<b>h</b><p>t</p><p><a href="retention.html">Page on retention</a></p></aside>' in html
    assert html.count("<b>g</b>") == 1  # under its table


def test_one_room_without_anything_is_a_page(context: Context, drawer: Drawer) -> None:
    html = index_page([room("cleaning", lead=())], {}, replace(context, newest_on=None), drawer)
    assert problems_of_page(html, LARGEST_INDEX) == []
    assert "not measurable" in html and "<h2>At a glance" not in html


def test_the_footer_holds_every_group_of_parameters(context: Context, drawer: Drawer) -> None:
    html = index_page([], METRICS, context, drawer)
    footer = html[html.index("<footer>") :]
    values = Params().model_dump(mode="json")
    for name, value in values.items():
        assert all(f"<dt>{name}.{inner}" in footer for inner in value) if isinstance(value, dict) else name in footer
    assert context.fingerprint in footer and "1 Dec 2010 to 9 Dec 2011" in footer and "<dd>GBP</dd>" in footer
    assert "<dt>key_clients.min_share</dt><dd>0.1</dd>" in footer and "quarters" not in footer


def test_the_warning_about_old_data_is_left_to_the_readers_clock(context: Context, drawer: Drawer) -> None:
    html = index_page([], METRICS, context, drawer)
    assert 'id="old" hidden data-newest="2011-12-09" data-days="45"' in html
    assert "newest order is of 9 Dec 2011, more than 45 days" in html
    script = html[html.index("<script>") :]
    assert "Date.now()" in script and "dataset.newest" in script
