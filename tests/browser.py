"""What a browser says of a page: requests, errors, overflow, contrast, order of the keyboard, printed pages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

WIDTHS = (390, 1280)
THEMES = ("light", "dark")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

BUDGETS = {  # words, and sheets of A4, of the demo in English
    "index.html": (450, 1),
    "01_cleaning.html": (1200, 3),
    "02_key_clients.html": (2200, 4),
    "03_segments.html": (1800, 4),
    "04_value.html": (1300, 3),
    "05_retention.html": (1900, 4),
    "06_growth.html": (1300, 3),
    "07_accounts.html": (2400, 3),
    "08_actions.html": (600, 2),
}
OF_FOLDERS = {"managers": (700, 1), "accounts": (650, 2)}

SCRIPT = Path(__file__).with_name("browser.js")


@dataclass
class Seen:
    """What went wrong on one page, by width and theme."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    overflow: list[str] = field(default_factory=list)
    contrast: list[str] = field(default_factory=list)


def program() -> str:
    """Path of Debian's Chromium or its like; without one the test is skipped."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        pytest.skip("no Chromium on the path; Debian's package is called chromium")
    return found


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    path = program()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield opened
        opened.close()


def _tab(opened: Any, page: Path, **how: Any) -> Any:
    tab = opened.new_page(**how)
    tab.add_init_script(path=SCRIPT)
    tab.goto(page.as_uri())
    return tab


def look_at(opened: Any, page: Path) -> Seen:
    """Open a page at both widths in both themes."""
    seen = Seen()
    for theme in THEMES:
        for width in WIDTHS:
            context = opened.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
            tab = context.new_page()
            tab.add_init_script(path=SCRIPT)
            own = page.as_uri()
            tab.on("request", lambda request, own=own: request.url != own and seen.requests.append(request.url))
            tab.on("console", lambda message: message.type == "error" and seen.errors.append(message.text))
            tab.on("pageerror", lambda error: seen.errors.append(str(error)))
            tab.goto(own)
            seen.overflow += [f"{theme} {width}: {one}" for one in tab.evaluate("checks.overflow()")]
            seen.contrast += [f"{theme} {width}: {one}" for one in tab.evaluate("checks.contrast()")]
            context.close()
    return seen


def keyboard(opened: Any, page: Path, most: int = 25) -> tuple[list[str], list[str], list[str]]:
    """The first places in the order of the page, in the order of the keyboard, and those whose focus is not seen."""
    tab = _tab(opened, page, viewport={"width": 1280, "height": 900})
    wanted = tab.evaluate("checks.reached()")[:most]
    reached, unseen = [], []
    for _ in wanted:
        tab.keyboard.press("Tab")
        place, is_seen = tab.evaluate("checks.focused()")
        reached.append(place)
        if not is_seen:
            unseen.append(place)
    tab.close()
    return wanted, reached, unseen


def sorts_filters_and_folds(opened: Any, page: Path) -> list[str]:
    """What does not answer: heads that sort, fields that filter, folds that open and close."""
    tab = _tab(opened, page, viewport={"width": 1280, "height": 900})
    broken = []
    for number in range(tab.locator("details").count()):
        fold = tab.locator("details").nth(number)
        before = fold.evaluate("e => e.open")
        fold.locator("summary").first.evaluate("e => e.click()")
        if fold.evaluate("e => e.open") == before:
            broken.append(f"fold {number}")
    for number in range(tab.locator("table.sort").count()):
        table = tab.locator("table.sort").nth(number)
        head = table.locator("thead th").first
        head.locator("button").evaluate("e => e.click()")
        if head.get_attribute("aria-sort") not in ("ascending", "descending"):
            broken.append(f"sorting {number}")
        field_id = table.get_attribute("data-find")
        rows, first = table.locator("tbody tr"), table.locator("tbody th").first.inner_text()
        tab.locator(f"[id='{field_id}']").evaluate(
            "(e, text) => { e.value = text; e.dispatchEvent(new Event('input')) }", first
        )
        shown = sum(rows.nth(row).is_visible() for row in range(rows.count()))
        if not 0 < shown < rows.count():
            broken.append(f"filter {number}: {shown} of {rows.count()} rows")
    tab.close()
    return broken


def words(opened: Any, page: Path) -> int:
    """Words that the page asks to be read."""
    tab = _tab(opened, page)
    count: int = tab.evaluate("checks.words()")
    tab.close()
    return count


def printed_pages(opened: Any, page: Path) -> int:
    """Sheets of A4 that the page prints on."""
    tab = _tab(opened, page)
    content = tab.pdf(format="A4", prefer_css_page_size=True, print_background=False)
    tab.close()
    return len(re.findall(rb"/Type\s*/Page\b", content))


def over_budget(opened: Any, folder: Path) -> dict[str, tuple[int, int]]:
    """Words and sheets of the pages that ask for more of them than `BUDGETS` allows."""
    allowed = dict(BUDGETS)
    for name, budget in OF_FOLDERS.items():
        allowed |= {f"{name}/{page.name}": budget for page in (folder / name).glob("*.html")}
    measured = {name: (words(opened, folder / name), printed_pages(opened, folder / name)) for name in allowed}
    return {
        name: found
        for name, found in measured.items()
        if any(used > most for used, most in zip(found, allowed[name], strict=True))
    }
