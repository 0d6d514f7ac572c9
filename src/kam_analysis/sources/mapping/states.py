"""What the words in the cells say of the rows: which are cancelled, which are no sales, which take sales back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from kam_analysis.sources.mapping.evidence import text_of
from kam_analysis.sources.mapping.sample import TableSample
from kam_analysis.sources.mapping.words import plain

MOST_KINDS = 15
BACK = ("back", "gave_back", "credit_note")
CODES = (  # how programs write what document a row is: Sage 50, SAP
    {"SI": "sales", "SC": "returns", "SR": "payments", "SA": "payments", "SD": "payments"},
    {"F2": "sales", "F1": "sales", "L2": "sales", "G2": "returns", "RE": "returns", "S1": "returns", "F8": "payments"},
)
YES_NO = (("y", "yes", "true", "да", "ja", "da", "1", "x"), ("n", "no", "false", "нет", "не", "nein", "ne", "0", "-"))
POSTED = ("проведен", "проведено", "posted", "прокнижено", "прокнижен", "proknjiženo", "gebucht")
LETTERS = {"S": "counted", "F": "cancelled", "P": "unsold"}  # as Bitrix24 writes the meaning of a stage


@cache
def _words(kind: str) -> tuple[str, ...]:
    lists = yaml.safe_load(files(__package__).joinpath("states.yaml").read_text(encoding="utf-8"))[kind]
    return tuple(plain(word) for words in lists for word in ([words] if isinstance(words, str) else words))


def says(text: str, kind: str, is_denied: bool = False) -> bool:
    """Whether a cell has a word of a kind: cancelled, won, payment; or denies it.

    Examples
    --------
    >>> says("Cancelled by client", "cancelled"), says("Закрыто и не реализовано", "cancelled")
    (True, True)
    >>> says("Not cancelled", "cancelled"), says("Paid", "cancelled"), says("Not cancelled", "cancelled", True)
    (False, False, True)
    """
    padded = f" {plain(text)}"
    for word in _words(kind):
        before, found, _ = padded.partition(f" {word}")
        if found and any(f"{before} ".endswith(f" {no} ") for no in _words("not")) is is_denied:
            return True
    return False


def speaks_back(text: str) -> bool:
    """Whether a head, or the name of a file or sheet, speaks of money given back.

    Examples
    --------
    >>> [speaks_back(text) for text in ("Refunded Amount", "Сумма возврата", "Gutschriften", "Return", "Amount")]
    [True, True, True, True, False]
    """
    return any(says(text, kind) for kind in BACK)


def names_kinds(head: str) -> bool:
    """Whether a head is that of a column which says what document a row is."""
    return plain(head) in _words("kinds")


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
    """Texts of a status with their rows: called off, no sales yet, plainly sales, and those of which nothing is known.

    `gave_back` are lines that a column of yes and no calls returned: only a person knows whether their money is.
    """

    cancelled: Counter[str] = field(default_factory=Counter)
    unsold: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    gave_back: Counter[str] = field(default_factory=Counter)


def flagged(head: str, texts: Collection[str]) -> str:
    """What a column of yes and no says of the rows with yes: "cancelled", "gave_back"; of those with no: "unsold".

    Examples
    --------
    >>> flagged("CANCELED", ["Y", "N"]), flagged("Проведен", ["Да", "Нет"]), flagged("Cancelled at", ["2024-01-05"])
    ('cancelled', 'unsold', '')
    >>> flagged("Returned", ["True", "False"])
    'gave_back'
    """
    said = {plain(text) for text in texts if text}
    if len(said) != len(YES_NO) or not all(said & {*words} for words in YES_NO):
        return ""
    found = next((kind for kind in ("cancelled", "gave_back") if says(head, kind)), "")
    return found or ("unsold" if plain(head) in POSTED else "")


def states(
    cells: Sequence[Any], head: str = "", told: Mapping[str, str] = MappingProxyType({}), gives_back: bool = False
) -> States:
    """Sort the texts of a status; where one of them says won, all that are neither won nor lost are open deals.

    Parameters
    ----------
    cells : sequence
    head : str
        Of the column, which tells what yes and no mean.
    told : mapping of str to str
        What a person says of a text: the name of one of the counters.
    gives_back : bool
        Whether the money given back stands in a column or file of its own: then orders that were given back are sales.

    Examples
    --------
    >>> found = states(["Closed Won", "Closed Lost", "Negotiation", None])
    >>> list(found.cancelled), list(found.unsold), list(found.counted)
    (['Closed Lost'], ['Negotiation'], ['Closed Won'])
    >>> found = states(["Paid", "Draft", "In review"])
    >>> list(found.unsold), list(found.counted), list(found.unknown)
    (['Draft'], ['Paid'], ['In review'])
    >>> list(states(["Paid", "In review"], told={"In review": "counted"}).unknown)
    []
    """
    counts = Counter(text for cell in cells if (text := text_of(cell)))
    found = States()
    if flag := flagged(head, counts):
        yes, no = (next(text for text in counts if plain(text) in words) for words in YES_NO)
        odd, usual = (no, yes) if flag == "unsold" else (yes, no)
        getattr(found, told.get(odd, flag))[odd], found.counted[usual] = counts[odd], counts[usual]
        return found
    are_letters = set(counts) <= set(LETTERS)
    has_won = any(says(text, "won") and not says(text, "cancelled") for text in counts)
    for text, rows in counts.most_common():
        if text in told:
            kind = told[text]
        elif are_letters:
            kind = LETTERS[text]
        elif says(text, "gave_back"):
            kind = "counted" if gives_back else "cancelled"
        elif says(text, "cancelled"):
            kind = "cancelled"
        elif says(text, "unsold") or (has_won and not says(text, "won")):
            kind = "unsold"
        else:
            is_sold = has_won or says(text, "sold") or says(text, "cancelled", True) or len(counts) == 1
            kind = "counted" if is_sold else "unknown"
        getattr(found, kind)[text] = rows
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
    """What document a row is: the column, texts of sales, of what takes them back, of payments; and unknown ones."""

    column: str
    sales: Counter[str] = field(default_factory=Counter)
    returns: Counter[str] = field(default_factory=Counter)
    payments: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)


def kinds_of_documents(sample: TableSample, told: Mapping[str, str] = MappingProxyType({})) -> list[Kinds]:
    """Columns that say what document a row is, by their head, or as both sales and what takes them back stand there.

    Parameters
    ----------
    sample : TableSample
    told : mapping of str to str
        What a person says of a text: the name of one of the counters.
    """
    found = []
    for column in sample.head:
        counts = Counter(text for cell in sample.cells(column) if (text := text_of(cell)))
        is_known = names_kinds(column)
        codes = next((one for one in CODES if set(counts) <= set(one) and len({one[text] for text in counts}) > 1), {})
        if not 1 < len(counts) <= MOST_KINDS or not (is_known or codes or _are_kinds(counts)):
            continue
        kinds = Kinds(column)
        for text, rows in counts.most_common():
            getattr(kinds, told.get(text) or codes.get(text) or _kind(text))[text] = rows
        found.append(Kinds(column, kinds.unknown) if len(kinds.unknown) == len(counts) else kinds)
    return found


def _are_kinds(counts: Mapping[str, int]) -> bool:
    backs = [text for text in counts if says(text, "back") or says(text, "credit_note")]
    return bool(backs) and any(says(text, "sale") for text in counts if text not in backs)


def _kind(text: str) -> str:
    """The kind of a document; a credit sale and a sales receipt are sales, a sales credit note takes one back."""
    if says(text, "back") or says(text, "credit_note"):
        return "returns"
    if says(text, "sale") or says(text, "ordered"):
        return "sales"
    if says(text, "credit"):
        return "returns"
    return "payments" if says(text, "payment") or says(text, "seen") or says(text, "deposit") else "unknown"
