"""Heads of columns compared with the words that are known for each role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from rapidfuzz import fuzz

OTHER = "other:"
FUZZY_FROM = 85.0
EXACT, CONTAINED, FUZZY = 1.0, 0.85, 0.75
SHORTEST_FUZZY = 5
PIVOT = re.compile("^(sum of|total of|сумма по полю|количество по полю|збир на|збир од|summe von) (?=.)")
SHORTEST_CONTAINED = 4


@dataclass(frozen=True)
class Likeness:
    """How far a head looks like a role: a score from 0 to 1, and why."""

    score: float
    reason: str


def plain(head: str) -> str:
    """Give a head in lower case without punctuation, ё as е, words of camel case apart.

    Examples
    --------
    >>> plain(" Order-ID "), plain("InvoiceDate"), plain("Кол-во,\u00a0шт."), plain("_CustomerID")
    ('order id', 'invoice date', 'кол во шт', 'customer id')
    >>> plain("Item #"), plain("№ заказа"), plain("#")
    ('item no', 'номер заказа', '#')
    """
    apart = re.sub(r"(?<=[a-zа-я0-9])(?=[A-ZА-Я])", " ", head)
    words = re.findall(r"[^\W_]+|#|№", apart.casefold().replace("ё", "е"))
    signs = {"№": "номер", "#": "no" if len(words) > 1 else "#"}
    return " ".join(signs.get(word, word) for word in words)


@cache
def order_words() -> Mapping[str, tuple[str, ...]]:
    """Words by role of the order lines."""
    groups = yaml.safe_load(files(__package__).joinpath("synonyms.yaml").read_text(encoding="utf-8"))
    return {role: tuple(plain(str(word)) for words in lists for word in words) for role, lists in groups.items()}


@cache
def optional_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Words by role of every optional table."""
    tables = yaml.safe_load(files(__package__).joinpath("optional.yaml").read_text(encoding="utf-8"))
    return {
        table: {role: tuple(plain(str(word)) for word in (role, *words)) for role, words in roles.items()}
        for table, roles in tables.items()
    }


def likeness(head: str, words: tuple[str, ...]) -> Likeness | None:
    """Compare a head with the words of a role: equal, one in the other, or nearly equal; None where it is neither.

    Examples
    --------
    >>> likeness("Customer ID", ("customer id",))
    Likeness(score=1.0, reason='known as "customer id"')
    >>> likeness("Date of the order", ("date",)).score < likeness("Date", ("date",)).score
    True
    >>> likeness("Quantety", ("quantity",)).reason
    'spelled nearly as "quantity" (88)'
    >>> likeness("Sum of Qty", ("qty",)).reason
    'known as "qty"'
    >>> likeness("Warehouse", ("quantity",)) is None
    True
    """
    name = PIVOT.sub("", plain(head))
    joined = name.replace(" ", "")
    if not joined:
        return None
    for word in words:
        if word == name or word.replace(" ", "") == joined:
            return Likeness(EXACT, f'known as "{word}"')
    inside = [word for word in words if len(word) >= SHORTEST_CONTAINED and f" {word} " in f" {name} "]
    if inside:
        longest = max(inside, key=len)
        return Likeness(CONTAINED * (0.8 + 0.2 * len(longest) / len(name)), f'holds the words "{longest}"')
    if len(joined) < SHORTEST_FUZZY:
        return None
    best, word = max((fuzz.ratio(name, word), word) for word in words)
    if best < FUZZY_FROM:
        return None
    return Likeness(FUZZY * best / 100, f'spelled nearly as "{word}" ({best:.0f})')
