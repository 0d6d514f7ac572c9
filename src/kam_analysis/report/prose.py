"""Prose of notebooks in the pieces that are translated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN_TAGS = frozenset({"setup", "parameters", "injected-parameters", "hide"})
HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.)\s")


def is_shown(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell of a notebook stands on the page.

    Cells tagged setup, parameters or hide do not, nor does the markdown cell with the notebook's own title.
    """
    title = cell["cell_type"] == "markdown" and "".join(cell["source"]).startswith("# ")
    return not title and not HIDDEN_TAGS & set(cell["metadata"].get("tags", ()))


def blocks(markdown: str) -> list[str]:
    r"""Headings and paragraphs of a markdown cell, the units that are translated.

    Examples
    --------
    >>> blocks("## How sure\nFirst line\nof a paragraph.\n\nSecond.")
    ['## How sure', 'First line of a paragraph.', 'Second.']
    """
    found: list[list[str]] = [[]]
    for line in markdown.splitlines():
        if not line.strip():
            found.append([])
        elif HEADING.match(line):
            found += [[line.strip()], []]
        elif _ITEM.match(line):
            found.append([line.strip()])
        else:
            found[-1].append(line.strip())
    return [" ".join(lines) for lines in found if lines]


def sentence_of(block: str) -> str:
    """Give what the catalogue holds of a block: its text without the marks of a heading or list item.

    Examples
    --------
    >>> sentence_of("## How sure"), sentence_of("- one thing")
    ('How sure', 'one thing')
    """
    return re.sub(r"^(?:#{1,6}|[-*]|\d+\.)\s+", "", block)
