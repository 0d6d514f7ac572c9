"""What the words in the cells say of the rows: which are cancelled, which are payments and no sales."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from kam_analysis.sources.mapping.evidence import text_of
from kam_analysis.sources.mapping.sighting import Seen
from kam_analysis.sources.mapping.words import plain

MOST_KINDS = 15


@cache
def _words(kind: str) -> tuple[str, ...]:
    lists = yaml.safe_load(files(__package__).joinpath("states.yaml").read_text(encoding="utf-8"))[kind]
    return tuple(plain(word) for words in lists for word in ([words] if isinstance(words, str) else words))


def says(text: str, kind: str) -> bool:
    """Whether a cell has a word of a kind: cancelled, payment, credit.

    Examples
    --------
    >>> says("Cancelled by client", "cancelled"), says("Закрыто и не реализовано", "cancelled")
    (True, True)
    >>> says("Not cancelled", "cancelled"), says("Paid", "cancelled")
    (False, False)
    """
    padded = f" {plain(text)}"
    for word in _words(kind):
        before, found, _ = padded.partition(f" {word}")
        if found and not any(f"{before} ".endswith(f" {no} ") for no in _words("not")):
            return True
    return False


def cancelled(cells: Sequence[Any]) -> Counter[str]:
    """Words of a status that say cancelled, lost or void, with their rows.

    Examples
    --------
    >>> cancelled(["Done", "Lost", "Lost", None])
    Counter({'Lost': 2})
    """
    counts = Counter(text for cell in cells if (text := text_of(cell)))
    return Counter({text: count for text, count in counts.items() if says(text, "cancelled")})


def pattern(texts: Sequence[str]) -> str:
    r"""Regular expression of a profile for these very texts.

    Examples
    --------
    >>> pattern(["Lost", "Void (web)"])
    '^(Lost|Void \\(web\\))$'
    """
    exact = [re.sub(r"([^\w\s])", r"\\\1", text) for text in sorted(texts)]
    return f"^({'|'.join(exact)})$"


def kinds_of_documents(seen: Seen) -> Mapping[str, Counter[str]]:
    """Columns that say what document a row is, with the rows of payments and credits.

    Parameters
    ----------
    seen : Seen
    """
    found = {}
    for column in seen.head:
        if plain(column) not in _words("kinds"):
            continue
        counts = Counter(text for cell in seen.cells(column) if (text := text_of(cell)))
        odd = Counter({text: n for text, n in counts.items() if says(text, "payment") or says(text, "credit")})
        if odd and len(counts) <= MOST_KINDS:
            found[column] = odd
    return found
