"""Hold a built page against the rules that a machine can check; a page with problems is never published."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

from kam_analysis.report.document import fingerprint
from kam_analysis.report.theme import MIN_TEXT_PX

LARGEST_PAGE = 250_000
LARGEST_INDEX = 100_000
LARGEST_STYLE = 12_000
LARGEST_SCRIPT = 3_000
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
_ADDRESSES = ("src", "href", "action", "xlink:href", "formaction", "poster", "srcset", "data")
_FOREIGN = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|/|\\)", re.IGNORECASE)
_NO_NUMBER = re.compile(r"(?<![\w.])(?:nan|NaN|None|inf|NaT|<NA>)(?![\w.])")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(")
_FORBIDDEN = ("iframe", "object", "embed", "link", "base", "form", "frame", "applet")


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    inside: list[_Element] = field(default_factory=list)


class _Page(HTMLParser):
    """Elements of a page in order, each with the text inside it, and what is wrong with single ones."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[_Element] = []
        self.problems: list[str] = []
        self._open: list[_Element] = []
        self.feed(html)
        self.close()
        self.problems += [f"<{element.tag}> is not closed" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> _Element:
        element = _Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        for outer in self._open:
            if outer.tag == "svg":
                outer.inside.append(element)
        return element

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.problems.append(f"</{tag}> closes nothing")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text.append(data)

    def all(self, *tags: str) -> list[_Element]:
        return [element for element in self.elements if element.tag in tags]


def problems_of_page(html: str, largest: int = LARGEST_PAGE, depth: int = 0) -> list[str]:
    """Everything that breaks a rule of the reports, in words; empty for a good page.

    Parameters
    ----------
    html : str
        A whole page.
    largest : int
        Bytes it may have; `LARGEST_INDEX` for the index.
    depth : int
        How many folders it lies below the reports; its links may lead up so far.

    Examples
    --------
    >>> problems_of_page("<html><body style='color:red'></body></html>")[0]
    'no language'
    """
    page = _Page(html)
    found = [
        *page.problems,
        *_language(page),
        *_policy(page),
        *_dangers(page, depth),
        *_structure(page),
        *_charts(page),
        *_tables(page),
        *_numbers(page),
    ]
    if len(html.encode()) > largest:
        found.append(f"page of {len(html.encode()):,} bytes, at most {largest:,}")
    return sorted(set(found), key=found.index)


def _language(page: _Page) -> list[str]:
    if any(re.fullmatch("[a-z]{2}", root.attributes.get("lang", "")) for root in page.all("html")):
        return []
    return ["no language"]


def _policy(page: _Page) -> list[str]:
    styles, scripts = page.all("style"), page.all("script")
    if len(styles) not in (1, 2) or len(scripts) != 1:
        return [f"{len(styles)} styles and {len(scripts)} scripts, not one of all pages, one of the layout, one script"]
    *sheets, script = ("".join(element.text) for element in (*styles, *scripts))
    policies = [
        meta.attributes.get("content", "")
        for meta in page.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    if len(policies) != 1:
        return ["no Content-Security-Policy"]
    hashes = " ".join(f"'{fingerprint(sheet)}'" for sheet in sheets)
    wanted = ("default-src 'none'", f"style-src {hashes};", f"script-src '{fingerprint(script)}'")
    found = [f"the policy lacks {part}" for part in wanted if part not in policies[0]]
    if "unsafe" in policies[0]:
        found.append("the policy allows something unsafe")
    if re.search(r"@import|url\((?!#)|@font-face", "".join(sheets)):
        found.append("the style loads something")
    parts = [*(("style", sheet, LARGEST_STYLE) for sheet in sheets), ("script", script, LARGEST_SCRIPT)]
    for name, text, most in parts:
        if len(text.encode()) > most:
            found.append(f"{name} of {len(text.encode()):,} bytes, at most {most:,}")
    return found


def _dangers(page: _Page, depth: int) -> list[str]:
    found = [f"<{element.tag}> is not allowed" for element in page.elements if element.tag in _FORBIDDEN]
    for element in page.elements:
        for name, value in element.attributes.items():
            if name == "style" or name.startswith("on"):
                found.append(f"<{element.tag} {name}=…>")
            if name in _ADDRESSES and not value.startswith("data:image/") and _leaves(value, depth):
                found.append(f"<{element.tag} {name}={value[:60]}> leaves the folder")
    return found


def _leaves(address: str, depth: int) -> bool:
    while depth and address.startswith("../"):
        address, depth = address[len("../") :], depth - 1
    return bool(_FOREIGN.match(address)) or ".." in address


def _structure(page: _Page) -> list[str]:
    found = []
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    if len(page.all("main")) != 1 or levels.count(1) != 1:
        found.append("not exactly one main and one h1")
    if levels and (levels[0] != 1 or any(later - level > 1 for level, later in pairwise(levels))):
        found.append("a heading level is skipped")
    ids = Counter(element.attributes["id"] for element in page.elements if "id" in element.attributes)
    found += [f"id {name} stands {count} times" for name, count in ids.items() if count > 1]
    for element in page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for", "data-say", "data-find"):
            for target in element.attributes.get(name, "").split():
                if target not in ids:
                    found.append(f"{name} points nowhere: {target}")
        href = element.attributes.get("href", "")
        if href.startswith("#") and href[1:] not in ids:
            found.append(f"link to nowhere: {href}")
    if any(not "".join(title.text).strip() for title in page.all("title", "h1", "h2", "h3")):
        found.append("an empty title")
    return found


def _charts(page: _Page) -> list[str]:
    found = []
    for chart in page.all("svg"):
        if chart.attributes.get("class") not in ("wide", "slim"):
            continue
        tags = {element.tag for element in chart.inside}
        is_named = {"title", "desc"} <= tags or chart.attributes["class"] == "slim"  # which the wide one names
        if not is_named or "aria-labelledby" not in chart.attributes or chart.attributes.get("role") != "img":
            found.append("a chart without title, desc or role")
        for element in (chart, *chart.inside):
            drawn = {name: value for name, value in element.attributes.items() if name not in ("id", "href")}
            if any(_COLOUR.search(value) for name, value in drawn.items() if "url(#" not in value):
                found.append("a literal colour in a chart")
            if any(_NO_NUMBER.search(value) for name, value in drawn.items() if name != "fill"):
                found.append("a chart with a coordinate that is no number")
            if float(drawn.get("font-size", MIN_TEXT_PX)) < MIN_TEXT_PX:
                found.append(f"chart text of {drawn['font-size']} px")
    return found


def _tables(page: _Page) -> list[str]:
    tables, captions = page.all("table"), page.all("caption")
    return ["a table without caption"] if len(tables) != len(captions) else []


def _numbers(page: _Page) -> list[str]:
    """Missing or infinite values where a number stands; names of customers are never looked at."""
    found = []
    for element in page.elements:
        classes = element.attributes.get("class", "").split()
        is_number = (element.tag == "td" and "r" in classes) or "val" in classes
        text = "".join(element.text)
        if is_number and (match := _NO_NUMBER.search(text)):
            found.append(f"{match.group()} where a number stands: {' '.join(text.split())[:60]}")
        if "data-v" in element.attributes and _NO_NUMBER.fullmatch(element.attributes["data-v"]):
            found.append("a sort key that is no number")
    return found
