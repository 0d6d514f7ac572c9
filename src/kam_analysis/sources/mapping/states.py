"""What the words in the cells say of the rows: which are cancelled, which are no sales, which take sales back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from kam_analysis.sources.mapping.evidence import text_of
from kam_analysis.sources.mapping.sample import TableSample
from kam_analysis.sources.mapping.words import plain

MOST_KINDS = 15
CODES = (  # how programs write what document a row is: Sage 50, SAP
    {"SI": "sales", "SC": "returns", "SR": "payments", "SA": "payments", "SD": "payments"},
    {"F2": "sales", "F1": "sales", "L2": "sales", "G2": "returns", "RE": "returns", "S1": "returns", "F8": "payments"},
)
YES_NO = (("y", "yes", "true", "да", "ja", "da", "1", "x"), ("n", "no", "false", "нет", "не", "nein", "ne", "0", "-"))
POSTED = ("проведен", "проведено", "posted", "прокнижено", "прокнижен", "proknjiženo", "gebucht")
LETTERS = {"S": "won", "F": "cancelled", "P": "unsold"}  # as Bitrix24 writes the meaning of a stage


@cache
def _words(kind: str) -> tuple[str, ...]:
    lists = yaml.safe_load(files(__package__).joinpath("states.yaml").read_text(encoding="utf-8"))[kind]
    return tuple(plain(word) for words in lists for word in ([words] if isinstance(words, str) else words))


def says(text: str, kind: str) -> bool:
    """Whether a cell has a word of a kind: cancelled, won, payment.

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


def pattern_of_words(texts: Iterable[str], kind: str) -> str:
    r"""Regular expression of a profile for the words of a kind that some texts hold.

    Examples
    --------
    >>> pattern_of_words(["Opening balance 01.01.2024", "Tea"], "opening")
    '(?i)(^|[\\W_])(opening[\\W_]+balance)'
    """
    said = " ".join(f" {plain(text)} ;" for text in dict.fromkeys(texts))
    words = [word.replace(" ", r"[\W_]+") for word in _words(kind) if f" {word}" in said]
    return rf"(?i)(^|[\W_])({'|'.join(words)})"


@dataclass(frozen=True)
class States:
    """Texts of a status with their rows: orders called off, no sales yet, and all others, which count as sales."""

    cancelled: Counter[str] = field(default_factory=Counter)
    unsold: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)


def flagged(head: str, texts: Collection[str]) -> str:
    """What a column of yes and no says of the rows with yes: "cancelled", or of those with no: "unsold"; else "".

    Examples
    --------
    >>> flagged("CANCELED", ["Y", "N"]), flagged("Проведен", ["Да", "Нет"]), flagged("Cancelled at", ["2024-01-05"])
    ('cancelled', 'unsold', '')
    """
    said = {plain(text) for text in texts if text}
    if len(said) != len(YES_NO) or not all(said & {*words} for words in YES_NO):
        return ""
    return "cancelled" if says(head, "cancelled") else "unsold" if plain(head) in POSTED else ""


def states(cells: Sequence[Any], head: str = "") -> States:
    """Sort the texts of a status; where one of them says won, all that are neither won nor lost are open deals.

    Parameters
    ----------
    cells : sequence
    head : str
        Of the column, which tells what yes and no mean.

    Examples
    --------
    >>> found = states(["Closed Won", "Closed Lost", "Negotiation", None])
    >>> list(found.cancelled), list(found.unsold), list(found.counted)
    (['Closed Lost'], ['Negotiation'], ['Closed Won'])
    >>> states(["Paid", "Draft"]).unsold
    Counter({'Draft': 1})
    """
    counts = Counter(text for cell in cells if (text := text_of(cell)))
    found = States()
    if flag := flagged(head, counts):
        yes, no = (next(text for text in counts if plain(text) in words) for words in YES_NO)
        odd, usual = (yes, no) if flag == "cancelled" else (no, yes)
        getattr(found, flag)[odd], found.counted[usual] = counts[odd], counts[usual]
        return found
    are_letters = set(counts) <= set(LETTERS)
    has_won = any(says(text, "won") and not says(text, "cancelled") for text in counts)
    for text, rows in counts.most_common():
        if LETTERS[text] == "cancelled" if are_letters else says(text, "cancelled"):
            found.cancelled[text] = rows
        elif LETTERS[text] == "unsold" if are_letters else says(text, "unsold") or (has_won and not says(text, "won")):
            found.unsold[text] = rows
        else:
            found.counted[text] = rows
    return found


def pattern(texts: Sequence[str]) -> str:
    r"""Regular expression of a profile for these very texts.

    Examples
    --------
    >>> pattern(["Lost", "Void (web)"])
    '^(Lost|Void \\(web\\))$'
    """
    exact = [re.sub(r"([^\w\s])", r"\\\1", text) for text in sorted(texts)]
    return f"^({'|'.join(exact)})$"


@dataclass(frozen=True)
class Kinds:
    """What document a row is: the column, and the texts of sales, of what takes sales back, and of payments."""

    column: str
    sales: Counter[str] = field(default_factory=Counter)
    returns: Counter[str] = field(default_factory=Counter)
    payments: Counter[str] = field(default_factory=Counter)


def kinds_of_documents(sample: TableSample) -> list[Kinds]:
    """Columns that say what document a row is, by their head, or as both sales and what takes them back stand there.

    Parameters
    ----------
    sample : TableSample
    """
    found = []
    for column in sample.head:
        counts = Counter(text for cell in sample.cells(column) if (text := text_of(cell)))
        is_known = plain(column) in _words("kinds")
        codes = next((one for one in CODES if set(counts) <= set(one) and len({one[text] for text in counts}) > 1), {})
        if not 1 < len(counts) <= MOST_KINDS or not (is_known or codes or _are_kinds(counts)):
            continue
        kinds = Kinds(column)
        for text, rows in counts.most_common():
            getattr(kinds, codes.get(text) or _kind(text))[text] = rows
        found.append(kinds)
    return found


def _are_kinds(counts: Mapping[str, int]) -> bool:
    return any(says(text, "back") for text in counts) and any(
        says(text, "sale") and not says(text, "back") for text in counts
    )


def _kind(text: str) -> str:
    """The kind of a document; a credit sale and a sales receipt are sales."""
    if says(text, "back"):
        return "returns"
    if says(text, "sale"):
        return "sales"
    return "returns" if says(text, "credit") else "payments" if says(text, "payment") or says(text, "seen") else "sales"
