"""From a notebook that has run to a page that keeps every rule."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace

import nbformat
import pytest

from kam_analysis.report import document, page
from kam_analysis.report.document import Frame
from kam_analysis.report.export import page_of
from kam_analysis.report.language import Language
from kam_analysis.report.verify import LARGEST_PAGE, problems_of_page
from tests.report.conftest import CONTRACTS, HOSTILE, TILES, code_cell, head_of, html_of, key_finding

Maker = Callable[..., nbformat.NotebookNode]


@pytest.fixture
def notebook(notebook_of: Maker, language: Language) -> nbformat.NotebookNode:
    drawn = key_finding(30, drawing="key_clients.membership", sortable=True)
    return notebook_of(
        "# For the analyst\n\nHow to use this notebook.",
        code_cell("<p>from the setup</p>", "setup"),
        code_cell("<p>injected</p>", "injected-parameters"),
        head_of(language),
        page.lead([drawn], language),
        page.tiles(TILES, language),
        "## Who, and *how* <sure>\n\nA paragraph\nof prose.\n\n- one\n- two",
        page.finding_row([drawn], language, CONTRACTS, 20),
        "## Nothing here",
        code_cell("<p>hidden</p>", "hide"),
        page.footer([("Source", HOSTILE[0])], {}, language),
    )


def test_the_page_keeps_every_rule(notebook: nbformat.NotebookNode, frame: Frame) -> None:
    assert problems_of_page(page_of(notebook, frame, html_of)) == []


def test_only_what_shown_cells_left_as_data_stands_on_the_page(notebook: nbformat.NotebookNode, frame: Frame) -> None:
    html = page_of(notebook, frame, html_of)
    for text in (
        "PLAIN TEXT",
        "PRINTED",
        "HTML BY HAND",
        "SOURCE",
        "from the setup",
        "<p>injected",
        "<p>hidden",
        "How to use",
        "analyst",
    ):
        assert text not in html


def test_headings_make_sections_with_a_table_of_contents(notebook: nbformat.NotebookNode, frame: Frame) -> None:
    html = page_of(notebook, frame, html_of)
    assert re.findall(r'<h2 id="(s\d)">(.*?)</h2>', html) == [
        ("s1", "At a glance"),
        ("s2", "Who, and *how* &lt;sure&gt;"),
        ("s3", "Nothing here"),
    ]
    assert re.findall(r'<li><a href="#(s\d)">', html) == ["s1", "s2", "s3"]
    assert html.index('class="lead"') < html.index('class="toc"') < html.index('class="tiles"')
    assert "<p>A paragraph of prose.</p>" in html and html.count("<ul>") == 2  # contents and one list of two items
    assert html.index("</main>") < html.index("<footer>")


def test_the_window_title_is_the_title_and_the_current_page_is_marked(
    notebook: nbformat.NotebookNode, frame: Frame
) -> None:
    html = page_of(notebook, frame, html_of)
    assert "<title>Who the key clients are – A &amp; B &lt;Ltd&gt;</title>" in html
    assert re.findall(r'href="([^"]*)" aria-current="page"', html) == ["02_key_clients.html"]


def test_the_policy_allows_exactly_our_style_and_script(notebook: nbformat.NotebookNode, frame: Frame) -> None:
    html = page_of(notebook, frame, html_of)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    rules = policy.group(1)
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert text is not None
        digest = base64.b64encode(hashlib.sha256(text.group(1).encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in rules
    assert "default-src 'none'" in rules and "unsafe" not in rules


def test_prose_and_chrome_are_translated(notebook: nbformat.NotebookNode, frame: Frame) -> None:
    html = page_of(notebook, replace(frame, language=Language("ru")), html_of)
    assert '<html lang="ru">' in html and "Перейти к содержанию" in html and "Тёмная страница" in html


def test_the_same_notebook_gives_the_same_bytes_and_stays_as_it_is(
    notebook: nbformat.NotebookNode, frame: Frame
) -> None:
    before = nbformat.writes(notebook)
    assert page_of(notebook, frame, html_of) == page_of(json.loads(before), frame, html_of)
    assert nbformat.writes(notebook) == before


def test_a_notebook_without_a_title_is_refused(notebook_of: Maker, frame: Frame) -> None:
    with pytest.raises(ValueError, match="no title"):
        page_of(notebook_of("## A section", "<p>text</p>"), frame, html_of)


def test_style_and_script_are_small() -> None:
    assert len(document.style().encode()) <= 12_000
    assert len(document.script().encode()) <= 3_000


def test_charts_and_long_tables_take_half_of_a_page_for_two(
    notebook_of: Maker, frame: Frame, language: Language
) -> None:
    rows = [
        page.finding_row(
            [key_finding(50, drawing="key_clients.membership", name=name)], language, {name: CONTRACTS["key_list"]}
        )
        for name in ("first_list", "second_list")
    ]
    html = page_of(notebook_of(head_of(language), "## Who", *rows), frame, html_of)
    assert problems_of_page(html, LARGEST_PAGE // 2) == []
