"""From a notebook that has run to its page: markdown headings make sections, what cells left as data is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Any

from kam_analysis.chapter import MIME
from kam_analysis.report.document import Frame, Section, document
from kam_analysis.report.language import Language
from kam_analysis.report.prose import HEADING, blocks, is_shown, sentence_of

_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_OWN_SECTION = re.compile(r"<section[^>]*><h2[^>]*>(.*?)</h2>(.*)</section>", re.DOTALL)
Part = Mapping[str, Any]


def translated(block: str, language: Language) -> str:
    """Give a block in the reader's language, its marks kept."""
    text = sentence_of(block)
    return block[: len(block) - len(text)] + language.prose(text)


def parts_of(notebook: Mapping[str, Any]) -> Iterator[Part]:
    """Parts of the page that the cells of a notebook left as data, in order, hidden cells included."""
    for cell in notebook["cells"]:
        yield from _left(cell)


def page_of(notebook: Mapping[str, Any], frame: Frame, html_of: Callable[[Part], str]) -> str:
    """Page of a notebook that has run.

    Parameters
    ----------
    notebook : mapping
        As its file holds it. Its markdown is translated, except a cell that begins with the notebook's own title, which
        is for the analyst. Of code cells only what they left as data is shown, and nothing of cells tagged setup,
        parameters or hide. What follows a markdown cell tagged appendix is folded and not printed. The footer goes
        below the page.
    frame : Frame
        Language, navigation, name of the source.
    html_of : callable
        Draws a part of the page.

    Raises
    ------
    ValueError
        When the notebook shows no title.
    """
    opening: list[str] = []
    footer = ""
    sections: list[tuple[str, list[str]]] = []
    folded_from: int | None = None
    for kind, html in _shown(notebook, frame.language, html_of):
        if kind == "appendix" and folded_from is None:
            folded_from = len(sections)
        elif kind == "section":
            sections.append((html, []))
        elif kind == "footer":
            footer = html
        elif own := _OWN_SECTION.fullmatch(html):
            sections.append((unescape(own.group(1)), [own.group(2)]))
        else:
            (sections[-1][1] if sections else opening).append(html)
    if not (title := _TITLE.search("".join(opening))):
        raise ValueError("the notebook shows no title before its first section")
    built = [
        Section(name, "\n".join(body), f"s{number}", is_appendix=folded_from is not None and number > folded_from)
        for number, (name, body) in enumerate(sections, 1)
    ]
    return document(unescape(title.group(1)), "\n".join(opening), built, footer, frame)


def _shown(
    notebook: Mapping[str, Any], language: Language, html_of: Callable[[Part], str]
) -> Iterator[tuple[str, str]]:
    for cell in notebook["cells"]:
        if not is_shown(cell):
            continue
        if "appendix" in cell["metadata"].get("tags", ()):
            yield "appendix", ""
        if cell["cell_type"] == "markdown":
            yield from _prose("".join(cell["source"]), language)
        for part in _left(cell):
            if html := html_of(part).strip():
                yield part["part"], html


def _left(cell: Mapping[str, Any]) -> Iterator[Part]:
    for output in cell.get("outputs", ()):
        if part := output.get("data", {}).get(MIME):
            yield part


def _prose(markdown: str, language: Language) -> Iterator[tuple[str, str]]:
    written: list[str] = []
    for block in blocks(markdown):
        heading = HEADING.fullmatch(block)
        if heading is None or len(heading.group(1)) != 2:
            written.append(translated(block, language))
            continue
        yield from _paragraphs(written)
        written = []
        yield "section", language.prose(heading.group(2))
    yield from _paragraphs(written)


def _paragraphs(written: list[str]) -> Iterator[tuple[str, str]]:
    if written:
        from nbconvert.filters.markdown_mistune import markdown2html_mistune  # two seconds that most pages do not need

        joined = re.sub(r"(?m)^((?:[-*]|\d+\.) .*)\n\n(?=(?:[-*]|\d+\.) )", r"\1\n", "\n\n".join(written))
        yield "html", str(markdown2html_mistune(joined)).strip()
