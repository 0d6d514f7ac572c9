"""From a notebook that has run to its page: markdown headings make sections, HTML outputs are shown, code never is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import nbformat
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from kam_analysis.report.document import Frame, Section, document
from kam_analysis.report.language import Language
from kam_analysis.report.prose import HEADING, blocks, is_shown, sentence_of

_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_OWN_SECTION = re.compile(r"<section[^>]*><h2[^>]*>(.*?)</h2>(.*)</section>", re.DOTALL)


def translated(block: str, language: Language) -> str:
    """Give a block in the reader's language, its marks kept."""
    text = sentence_of(block)
    return block[: len(block) - len(text)] + language.prose(text)


class PageExporter(TemplateExporter):
    """nbconvert exporter whose template is the report's own page; needs ``resources["frame"]``, a `Frame`."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(
        self, nb: nbformat.NotebookNode, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Give the page of a notebook and its resources."""
        resources = dict(resources or {})
        return page_of(nb, resources["frame"]), resources


def page_of(notebook: nbformat.NotebookNode, frame: Frame) -> str:
    """Page of a notebook that has run.

    Parameters
    ----------
    notebook : NotebookNode
        Its markdown is translated, except a cell that begins with the notebook's own title, which is for the analyst.
        Of code cells only the outputs of type ``text/html`` are shown, and nothing of cells tagged setup, parameters or
        hide. An output that is a footer goes below the page.
    frame : Frame
        Language, navigation, name of the source.

    Raises
    ------
    ValueError
        When the notebook shows no title.
    """
    opening: list[str] = []
    footer = ""
    sections: list[tuple[str, list[str]]] = []
    for kind, html in _parts(notebook, frame.language):
        if kind == "section":
            sections.append((html, []))
        elif html.startswith("<footer"):
            footer = html
        elif own := _OWN_SECTION.fullmatch(html):
            sections.append((unescape(own.group(1)), [own.group(2)]))
        else:
            (sections[-1][1] if sections else opening).append(html)
    if not (title := _TITLE.search("".join(opening))):
        raise ValueError("the notebook shows no title before its first section")
    built = [Section(name, "\n".join(body), f"s{number}") for number, (name, body) in enumerate(sections, 1)]
    return document(unescape(title.group(1)), "\n".join(opening), built, footer, frame)


def _parts(notebook: nbformat.NotebookNode, language: Language) -> Iterator[tuple[str, str]]:
    for cell in notebook.cells:
        if not is_shown(cell):
            continue
        if cell.cell_type == "markdown":
            yield from _prose(cell.source, language)
        elif cell.cell_type == "code":
            yield from (("html", html) for html in _html_outputs(cell))


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
        joined = re.sub(r"(?m)^((?:[-*]|\d+\.) .*)\n\n(?=(?:[-*]|\d+\.) )", r"\1\n", "\n\n".join(written))
        yield "html", str(markdown2html_mistune(joined)).strip()


def _html_outputs(cell: nbformat.NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        html = output.get("data", {}).get("text/html")
        if html:
            yield "".join(html).strip()
