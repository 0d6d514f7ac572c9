"""Pages of their own beside the chapters, one per manager or account: file names, frame, sections."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import pandas as pd

from kam_analysis.chapter import Chapter
from kam_analysis.customers.letters import to_latin
from kam_analysis.findings import Message, Words, say
from kam_analysis.report import page
from kam_analysis.report.document import Frame, Section, document
from kam_analysis.report.language import Language
from kam_analysis.site.parts import window_pairs

SLUG_SIGNS = 40
Part = tuple[Message, str, Message | None, bool]  # heading, HTML, words beside it, whether it stands beside another
Worded = tuple[str, str, str, bool]  # the same in the language of the page


@dataclass(frozen=True)
class Context:
    """What pages of their own say about the run.

    Parameters
    ----------
    frame_of : callable
        Gives the frame of a page by its file name.
    home : str
        Address of the chapter that they belong to.
    fingerprint : str
        Of the parameters.
    """

    frame_of: Callable[[str], Frame]
    home: str
    fingerprint: str


def file_name(name: str, mark: str, otherwise: str) -> str:
    """Name of a file: the letters of a name in Latin, and a hash of its mark, so that no two marks share a file.

    Nothing but small letters, digits and hyphens, whatever name and mark hold.

    Examples
    --------
    >>> file_name("../../etc/<script>", "../x", "account")
    'etc-script-d6b96a97.html'
    """
    latin = unicodedata.normalize("NFKD", to_latin(name)).lower().replace("đ", "d")
    letters = "".join(sign for sign in latin if not unicodedata.combining(sign))
    slug = re.sub(r"[^a-z0-9]+", "-", letters)[:SLUG_SIGNS].strip("-")
    return f"{slug or otherwise}-{sha256(mark.encode()).hexdigest()[:8]}.html"


def worded(parts: Sequence[Part], language: Language) -> list[Worded]:
    """Parts of a page with their words; a part without HTML is left out."""
    return [
        (language.text(head), html, language.text(beside), is_half) for head, html, beside, is_half in parts if html
    ]


def assembled(
    title: str,
    opening: str,
    parts: Sequence[Worded],
    chapter: Chapter,
    context: Context,
    name: str,
    kind: str,
    language: Language,
) -> str:
    """Put a page together.

    Parameters
    ----------
    title, opening : str
        Plain text for the window; HTML above the first section.
    parts : sequence
        From `worded`.
    chapter : Chapter
        Whose window the footer names.
    context : Context
    name, kind : str
        File name and layout.
    language : Language
    """
    sections = [
        Section(head, html, f"s{number}", beside, is_half)
        for number, (head, html, beside, is_half) in enumerate(parts, 1)
    ]
    pairs = [*window_pairs(chapter), (say("Fingerprint of the parameters"), context.fingerprint)]
    return document(title, opening, sections, page.footer(pairs, {}, language), context.frame_of(name), kind)


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as mappings."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def told(row: Mapping[str, Any], words: Words) -> list[Message]:
    """Give the parts of a row's text that its values fill, one message each.

    Examples
    --------
    >>> words = Words(say("What"), [[say("stopped on {stopped_on:date}")], [say("refused: {reason}")]])
    >>> [message.template for message in told({"stopped_on": None, "reason": "price"}, words)]
    ['refused: {reason}']
    """
    found = (replace(words, parts=[part], none=None).of(row) for part in words.parts)
    return [message for message in found if message is not None]
