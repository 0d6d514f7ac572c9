"""The whole page around its fragments: policy, style, navigation, table of contents, script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

from markupsafe import Markup

from kam_analysis.findings import say
from kam_analysis.report.environment import environment
from kam_analysis.report.language import Language
from kam_analysis.report.theme import css_chart_classes, css_tokens

WORDS = {
    "skip": say("Skip to content"),
    "brand": say("Key clients"),
    "pages": say("Pages"),
    "languages": say("Languages"),
    "contents": say("On this page"),
    "dark": say("Dark page"),
    "light": say("Light page"),
}


@dataclass(frozen=True)
class Link:
    """A page in the navigation: file name, name to read, and the language where it is another."""

    href: str
    label: str
    language: str = ""


@dataclass(frozen=True)
class Frame:
    """What surrounds every page of one report.

    Parameters
    ----------
    language : Language
    source_name : str
        Name of the source as people know it.
    pages : sequence of Link
        All pages in reading order.
    here : str
        File name of this page.
    switch : sequence of Link
        This page in every language of the report, itself included; empty where there is one.
    """

    language: Language
    source_name: str
    pages: Sequence[Link]
    here: str
    switch: Sequence[Link] = ()


@dataclass(frozen=True)
class Section:
    """A part of a page under its own heading.

    Parameters
    ----------
    title : str
    body : str
        HTML.
    id : str
    beside : str
        Small words behind the heading.
    is_half : bool
        Two such sections stand side by side on a wide page.
    is_appendix : bool
        Methods and tests for who wants to look closer: folded, and not printed.
    """

    title: str
    body: str
    id: str
    beside: str = ""
    is_half: bool = False
    is_appendix: bool = False


@cache
def style() -> str:
    """Give the one style sheet of all pages."""
    return css_tokens() + css_chart_classes() + _template("site.css")


@cache
def script() -> str:
    """Give the one script of all pages."""
    return _template("page.js")


def _template(name: str) -> str:
    return files("kam_analysis.report").joinpath("templates", name).read_text(encoding="utf-8").strip()


def fingerprint(text: str) -> str:
    """Hash of a style sheet or script as a Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def layout(kind: str) -> str:
    """Give the style sheet of pages with their own layout; empty for all others."""
    return _template(f"{kind}.css") if kind else ""


@cache
def policy(kind: str = "") -> str:
    """Content-Security-Policy: nothing but our style sheets and our script."""
    styles = " ".join(f"'{fingerprint(sheet)}'" for sheet in (style(), layout(kind)) if sheet)
    return (
        f"default-src 'none'; style-src {styles}; script-src '{fingerprint(script())}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def document(title: str, opening: str, sections: Sequence[Section], footer: str, frame: Frame, kind: str = "") -> str:
    """Put a page together.

    Parameters
    ----------
    title : str
        Plain text for the window.
    opening : str
        HTML above the table of contents: head, lead.
    sections : sequence of Section
    footer : str
        HTML of the footer.
    frame : Frame
    kind : str
        Name of a layout of its own, without a table of contents: ``board``.
    """
    return (
        environment()
        .get_template("document.html.j2")
        .render(
            title=title,
            frame=frame,
            policy=Markup(policy(kind)),
            css=Markup(style()),
            layout=Markup(layout(kind)),
            script=Markup(script()),
            words={name: frame.language.text(message) for name, message in WORDS.items()},
            opening=Markup(opening),
            kind=kind,
            contents=[] if kind else [(section.id, section.title) for section in sections],
            sections=Markup("\n").join(_rows(sections)),
            footer=Markup(footer),
        )
    )


def _rows(sections: Sequence[Section]) -> Iterator[Markup]:
    for is_half, group in groupby(sections, key=lambda section: section.is_half):
        drawn = Markup("\n").join(map(_section, group))
        yield Markup('<div class="duo">{}</div>').format(drawn) if is_half else drawn


def _section(section: Section) -> Markup:
    beside = Markup('<span class="h2s">{}</span>').format(section.beside) if section.beside else ""
    text = '<section aria-labelledby="{id}"><h2 id="{id}">{title}{beside}</h2>{body}</section>'
    if section.is_appendix:
        text = '<details class="appendix" id="{id}"><summary><b>{title}{beside}</b></summary>{body}</details>'
    return Markup(text).format(id=section.id, title=section.title, beside=beside, body=Markup(section.body))
