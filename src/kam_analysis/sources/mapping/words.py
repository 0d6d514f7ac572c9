"""Heads of columns compared with the words that are known for each role."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from rapidfuzz import fuzz

OTHER = "other:"
FUZZY_FROM, FUZZY_WORD = 85.0, 80.0
EXACT, TURNED, CONTAINED, ABBREVIATED, FUZZY = 1.0, 0.95, 0.85, 0.8, 0.75
SHORTEST_FUZZY = 5
SHORTEST_CUT, SHORTEST_CUT_ALONE = 2, 5
BARE = {  # say nothing beside a word that they belong to
    *("number", "code", "index", "gross", "netto", "brutto", "unit", "name"),
    *("номер", "наименование", "название", "шифра", "назив", "број", "нето", "бруто"),
    *("nummer", "bezeichnung", "naziv", "broj"),
}
PIVOT = re.compile("^(sum of|total of|сумма по полю|количество по полю|збир на|збир од|summe von) (?=.)")
SHORTEST_CONTAINED = 4
SAME = ("customer_id", "item", "manager", "country", "region", "department")  # what all tables call alike


@dataclass(frozen=True)
class Similarity:
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
    """Words by role of every optional table: its own, then those of the order lines for the same thing."""
    tables = yaml.safe_load(files(__package__).joinpath("optional.yaml").read_text(encoding="utf-8"))
    return {
        table: {
            role: tuple(
                dict.fromkeys(
                    [*(plain(str(word)) for word in (role, *words)), *order_words().get(_alike(table, role), ())]
                )
            )
            for role, words in roles.items()
        }
        for table, roles in tables.items()
    }


def _alike(table: str, role: str) -> str:
    """The role of the order lines that says the same as one of an optional table, "" where none does."""
    if role in SAME:
        return role
    return {("customers", "name"): "customer_name", ("managers", "manager_id"): "manager"}.get((table, role), "")


@cache
def _every_word() -> frozenset[str]:
    optional = (words for roles in optional_words().values() for words in roles.values())
    return frozenset(word.replace(" ", "") for words in (*order_words().values(), *optional) for word in words)


def is_known(head: str) -> bool:
    """Whether a head is a word of any role of the order lines or of the optional tables.

    Examples
    --------
    >>> is_known("Customer ID"), is_known("CUSTOMERID"), is_known("Sum of Qty"), is_known("Quantety")
    (True, True, True, False)
    """
    return PIVOT.sub("", plain(head)).replace(" ", "") in _every_word()


def spoken(head: Sequence[str]) -> dict[str, str]:
    """What is compared of every head: of paths that several columns share, what stands behind the last stroke.

    Examples
    --------
    >>> spoken(["Order Lines/Product", "Order Lines/Quantity", "Кол-во/шт"])
    {'Order Lines/Product': 'Product', 'Order Lines/Quantity': 'Quantity', 'Кол-во/шт': 'Кол-во/шт'}
    """
    paths = Counter(column.rpartition("/")[0] for column in head)
    return {
        column: last if path and paths[path] > 1 and last.strip() else column
        for column in head
        for path, _, last in [column.rpartition("/")]
    }


def similarity(head: str, words: tuple[str, ...]) -> Similarity | None:
    """Compare a head with the words of a role: equal, one in the other, cut short, or nearly equal; None elsewhere.

    Examples
    --------
    >>> similarity("Customer ID", ("customer id",))
    Similarity(score=1.0, reason='known as "customer id"')
    >>> similarity("Date of the order", ("date",)).score < similarity("Date", ("date",)).score
    True
    >>> similarity("Quantety", ("quantity",)).reason
    'spelled nearly as "quantity" (88)'
    >>> similarity("Site No", ("item no",)) is None
    True
    >>> similarity("Sum of Qty", ("qty",)).reason
    'known as "qty"'
    >>> similarity("Наб.износ", ("набавен износ",)).reason
    'short for "набавен износ"'
    >>> similarity("Warehouse", ("quantity",)) is None, similarity("Шифра на магацин", ("шифра",)) is None
    (True, True)
    """
    name = PIVOT.sub("", plain(head))
    joined = name.replace(" ", "")
    if not joined:
        return None
    for word in words:
        if word == name or word.replace(" ", "") == joined:
            return Similarity(EXACT, f'known as "{word}"')
    turned = sorted(name.split())
    for word in words:
        if sorted(word.split()) == turned:
            return Similarity(TURNED, f'known as "{word}" in another order')
    inside = [
        word for word in words if len(word) >= SHORTEST_CONTAINED and f" {word} " in f" {name} " and word not in BARE
    ]
    if inside:
        longest = max(inside, key=len)
        return Similarity(CONTAINED * (0.8 + 0.2 * len(longest) / len(name)), f'holds the words "{longest}"')
    if "." in head and (whole := [word for word in words if _is_short_for(head, word)]):
        return Similarity(ABBREVIATED, f'short for "{whole[0]}"')
    if len(joined) < SHORTEST_FUZZY:
        return None
    best, word = max((fuzz.ratio(name, word), word) for word in words)
    if best < FUZZY_FROM or not _is_slip(name, word):
        return None
    return Similarity(FUZZY * best / 100, f'spelled nearly as "{word}" ({best:.0f})')


def _is_slip(name: str, word: str) -> bool:
    """Whether what differs is a slip within a word, and no word in the place of another: "site no" is no "item no"."""
    one, other = name.split(), word.split()
    if len(one) != len(other):
        return True
    return all(
        right.startswith(left) or fuzz.ratio(left, right) >= FUZZY_WORD for left, right in zip(one, other, strict=True)
    )


def _is_short_for(head: str, word: str) -> bool:
    """Whether a head cuts words short with dots: "Шифра арт." for "шифра артикл"."""
    cut = re.findall(r"[^\W_]+\.?", head.casefold().replace("ё", "е").replace("№", "номер "))
    whole = word.split()
    if len(cut) != len(whole) or not any(part.endswith(".") for part in cut):
        return False
    shortest = SHORTEST_CUT if len(cut) > 1 else SHORTEST_CUT_ALONE
    return all(
        one == other.rstrip(".") or (other.endswith(".") and len(other) > shortest and one.startswith(other[:-1]))
        for one, other in zip(whole, cut, strict=True)
    )
