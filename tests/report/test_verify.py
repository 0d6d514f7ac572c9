"""Each rule of a page is broken once, and the check says so; data that look like a mistake are no problem."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
import pytest

from kam_analysis.report import page
from kam_analysis.report.document import Frame
from kam_analysis.report.export import page_of
from kam_analysis.report.language import Language
from kam_analysis.report.verify import LARGEST_INDEX, problems_of_page
from tests.report.conftest import CONTRACTS, TILES, head_of, html_of, key_finding


@pytest.fixture(scope="module")
def good(notebook_of: Callable[..., nbformat.NotebookNode], frame: Frame, language: Language) -> str:
    finding = key_finding(30, drawing="key_clients.membership", sortable=True)
    row = page.finding_row([finding], language, CONTRACTS)
    notebook = notebook_of(head_of(language), page.tiles(TILES, language), "## Who", row, page.footer([], {}, language))
    return page_of(notebook, frame, html_of)


def test_a_good_page_with_customers_called_none_and_nan_passes(good: str) -> None:
    assert ">None<" in good and ">nan<" in good
    assert problems_of_page(good) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('<html lang="en">', "<html>", "no language"),
        ("<script>", "<script> ", "policy lacks script-src"),
        ("</style>", " </style>", "policy lacks style-src"),
        ("default-src 'none'", "default-src *", "policy lacks default-src"),
        ("style-src ", "style-src 'unsafe-inline' ", "unsafe"),
        ("</main>", "<script>x</script></main>", "2 scripts"),
        ("<h1>", '<h1 style="color:red">', "<h1 style=…>"),
        ("<h1>", '<h1 onclick="x()">', "<h1 onclick=…>"),
        ('href="index.html"', 'href="https://example.com"', "leaves the folder"),
        ('href="index.html"', 'href="//example.com"', "leaves the folder"),
        ('href="index.html"', 'href="/etc/passwd"', "leaves the folder"),
        ('href="index.html"', 'href="../index.html"', "leaves the folder"),
        ('href="index.html"', 'href="javascript:alert(1)"', "leaves the folder"),
        ("</main>", '<img src="http://example.com/x.png"></main>', "leaves the folder"),
        ("</main>", "<iframe></iframe></main>", "<iframe> is not allowed"),
        ("</main>", "<h1>second</h1></main>", "one main and one h1"),
        ("<h1>", "<h3>early</h3><h1>", "heading level is skipped"),
        ("</main>", '<p id="main">again</p></main>', "id main stands 2 times"),
        ('href="#main"', 'href="#nowhere"', "link to nowhere"),
        ('aria-labelledby="s1"', 'aria-labelledby="gone"', "points nowhere: gone"),
        ('<h2 id="s1">At a glance</h2>', '<h2 id="s1"> </h2>', "an empty title"),
        ('role="img"', 'role="none"', "without title, desc or role"),
        ('class="f-main"', 'fill="#0f6292"', "literal colour"),
        ('<svg class="wide" viewBox="0 0 540', '<svg class="wide" viewBox="nan 0 540', "no number"),
        ('font-size="12"', 'font-size="10"', "chart text of 10 px"),
        ("<caption", "<p hidden></p><captio", "closes nothing"),
        ('<p class="val">£3.04', '<p class="val">nan £3.04', "nan where a number stands"),
        ('class="r" data-v', 'class="r" data-x data-v', ""),
        ("25.0\u00a0%", "inf", "inf where a number stands"),
        ("25.0\u00a0%", "None", "None where a number stands"),
        ('data-v="0.25"', 'data-v="nan"', "sort key that is no number"),
        ("</main>", "</div></main>", "</div> closes nothing"),
        ("</main>", "<div></main>", "closes nothing"),
        ("</main>", "x" * 250_001 + "</main>", "at most 250,000"),
    ],
)
def test_a_broken_rule_is_found(good: str, old: str, new: str, problem: str) -> None:
    assert old in good
    found = problems_of_page(good.replace(old, new, 1))
    if not problem:
        assert found == []
    else:
        assert any(problem in one for one in found), found


def test_a_table_needs_a_caption(good: str) -> None:
    start, end = good.index("<caption"), good.index("</caption>") + len("</caption>")
    caption = good[start:end]
    moved = good.replace(caption, "").replace("</main>", '<p id="key-list-cap"></p></main>')
    assert problems_of_page(moved) == ["a table without caption"]


def test_the_index_may_have_fewer_bytes(good: str) -> None:
    assert problems_of_page(good.replace("</main>", "x" * 100_000 + "</main>"), LARGEST_INDEX) != []
