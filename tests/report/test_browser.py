"""The browser's checks of pages find each fault that they look for."""

from pathlib import Path

import browser
import pytest

FAULTY = """<!DOCTYPE html><title>Faulty</title><style>.pale{color:#bbb}a{outline:none!important}</style>
<main><p class="pale">Too pale</p><p style="width:3000px">Too wide</p><img src="missing.png" alt="">
<p><a href="#b" tabindex="2">second</a><a href="#a" tabindex="1">first</a></p></main><script>boom()</script>"""


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    page = tmp_path / "faulty.html"
    page.write_text(FAULTY, encoding="utf-8")
    return page


def test_a_faulty_page_is_found_out(faulty):
    with browser.browser() as opened:
        seen = browser.look_at(opened, faulty)
        wanted, reached, unseen = browser.keyboard(opened, faulty)
    assert seen.requests and seen.overflow
    assert any("boom" in error for error in seen.errors)
    assert all("Too pale" in one for one in seen.contrast) and len(seen.contrast) == 4
    assert reached == wanted[::-1]
    assert len(unseen) == 2


def test_words_and_sheets_leave_out_what_is_not_read(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<nav>not read</nav><main><h1>Two words</h1><table><tr><td>one<td>two</table><svg><text>no</text></svg>"
        "<details class=appendix><p>folded away</details>"
        "<p style='break-before:page'>3 %</main><footer>not read</footer>",
        encoding="utf-8",
    )
    with browser.browser() as opened:
        assert browser.words(opened, page) == 5
        assert browser.printed_pages(opened, page) == 2


def test_a_page_over_its_budget_is_told_by_what_it_uses(tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "BUDGETS", {"short.html": (2, 1), "wordy.html": (2, 1), "long.html": (2, 1)})
    texts = {"short": "two words", "wordy": "now three words", "long": "two <p style='break-before:page'>words"}
    for name, text in texts.items():
        (tmp_path / f"{name}.html").write_text(f"<main>{text}</main>", encoding="utf-8")
    with browser.browser() as opened:
        assert browser.over_budget(opened, tmp_path) == {"wordy.html": (3, 1), "long.html": (2, 2)}
