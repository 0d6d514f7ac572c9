"""What a company's name consists of: legal form, the words that tell it apart, common words, place and number."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kam_analysis.customers.letters import match_key, repaired

_WORD = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*\.?")
_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_]{1,2}\.\s?){2,}(?:[^\W\d_](?!\w))?|(?<!\w)[^\W\d_]\.")
_ROMAN = re.compile(r"(?=..)(x{0,3})(ix|iv|v?i{0,3})")
_ORDINAL = re.compile(r"(?<=\d)\s?[-–]?(?:ый|ий|ой|ая|ое|ти|ри|ви|ма|st|nd|rd|th|[йяе])(?!\w)")
_CONTRACTED = re.compile(r"(?<![\w-])([^\W\d_])[-/]([^\W\d_]{1,2})(?![\w-])")
_NUMBER_SIGN = re.compile(r"(?<!\w)(?:n|no|nr|br|бр|номер)\.?\s?(?=\d)")
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]+)[)\]]\s*$")
_PLACE_TAIL = re.compile(r"[\s,]+(?:г|гр|с|ул|пос|бул)\.\s*([^\W\d_]{3}.*)$")
_QUOTED = re.compile(r"^(\w+)\s+[«„“\"'].+[»“”\"']\s+([^«»„“”\"']+)$")
_DASH_TAIL = re.compile(r"\s[–—-]\s+([^–—]+)$")


@dataclass(frozen=True)
class Name:
    """A name taken apart; words are match keys in the order of the name.

    Parameters
    ----------
    words : tuple of str
        What tells the name apart; an initial keeps its dot.
    common : tuple of str
        Words that many names hold.
    tail : tuple of str
        Place after the legal form or after a dash.
    numbers, tail_numbers : tuple of str
        Numbers among the words and in the tail, Roman ones too, sorted.
    form : str, optional
        Kind of legal form: limited, joint_stock, sole_trader, partnership or public.
    """

    words: tuple[str, ...]
    common: tuple[str, ...]
    tail: tuple[str, ...]
    numbers: tuple[str, ...]
    tail_numbers: tuple[str, ...]
    form: str | None
    plain: tuple[str, ...] = ()
    together: str = ""

    @property
    def core(self) -> Name:
        """The name without place and branch number: what branches of one group have in common."""
        return replace(self, tail=(), tail_numbers=())


@dataclass(frozen=True)
class _Vocabulary:
    forms: Mapping[tuple[str, ...], str]
    at_the_edge: frozenset[tuple[str, ...]]
    long_forms: Mapping[tuple[str, ...], tuple[str, ...]]
    common: frozenset[tuple[str, ...]]
    common_keys: frozenset[str]
    numerals: Mapping[str, str]
    longest: int


@cache
def _vocabulary() -> _Vocabulary:
    given: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    forms = {_split(text): kind for kind, texts in given["legal_forms"].items() for text in texts}
    return _Vocabulary(
        forms,
        frozenset(map(_split, given["at_the_edge"])),
        {_split(short): _split(long) for short, long in given["abbreviations"].items()},
        frozenset(map(_split, given["common"])),
        frozenset(match_key(text) for text in map(str, given["common"]) if len(text) > 3 and " " not in text),
        {word: str(number) for number, words in given["numerals"].items() for word in words},
        max(map(len, forms)),
    )


def _split(text: Any) -> tuple[str, ...]:
    return tuple(str(text).lower().replace("ё", "е").split())


def taken_apart(name: str, places: Collection[str] = ()) -> Name:
    """Take a name apart.

    Parameters
    ----------
    name : str
        As written in the source.
    places : collection of str
        Match keys of places; such a word at the end of a name is its tail even without a legal form before it.

    Examples
    --------
    >>> taken_apart("ТД «Северный ветер», ООО").words == taken_apart('OOO "Severnyi Veter"').words
    True
    >>> name = taken_apart("Old-Mill Hotels Ltd – Sofia 6")
    >>> name.words, name.tail, name.tail_numbers, name.form
    (('old', 'mil', 'hotels'), ('sofa',), ('6',), 'limited')
    """
    head, tail_text = _without_tail(repaired(name))
    written_large = set() if head.isupper() else {word.lower() for word in _WORD.findall(head) if word.isupper()}
    words, after, form = _without_form(_long_words(head), written_large | _dotted_forms(head))
    plain = _without_form(_long_words(head, spelled=False), written_large | _dotted_forms(head))[0]
    words, common = _without_common(words, _little_words(head))
    after, more = _without_common(after)
    if not words:
        words, common = common, []
    after += _long_words(tail_text)
    numbers, tail_numbers = (tuple(sorted(filter(None, map(_number, part)))) for part in (words, after))
    keys, tail = (_keys(word for word in part if not _number(word)) for part in (words, after))
    while len(keys) > 1 and keys[-1] in places:
        tail.insert(0, keys.pop())
    together = match_key("".join(re.sub(r"\W", "", word) for word in words if not _number(word)))
    return Name(
        tuple(keys), tuple(_keys([*common, *more])), tuple(tail), numbers, tail_numbers, form, tuple(plain), together
    )


def of_plain(name: Name, plain: Sequence[str]) -> Name:
    """The name with other words; place, numbers and form stay."""
    known = _vocabulary()
    words, common = _without_common([p for w in plain for p in known.long_forms.get((w.rstrip("."),), (w,))])
    if not words:
        words, common = common, []
    letters = [word for word in words if not _number(word)]
    together = match_key("".join(re.sub(r"\W", "", word) for word in letters))
    return replace(
        name, words=tuple(_keys(letters)), common=tuple(_keys(common)), plain=tuple(plain), together=together
    )


def _little_words(head: str) -> set[str]:
    """Words of at most two small letters between words with capitals: of, de, na."""
    found: list[str] = _WORD.findall(head)
    return {
        word.lower()
        for word in found[1:-1]
        if len(word) <= 2 and (word.islower() or (head.isupper() and len(word) == 2))
    }


def _keys(words: Iterable[str]) -> list[str]:
    keys = (match_key(word[:-1]) + "." if word.endswith(".") else match_key(word) for word in words)
    return [key for key in keys if key.strip(".")]


def _number(word: str) -> str:
    if word.isdigit():
        return word.lstrip("0") or "0"
    return _vocabulary().numerals.get(word) or _roman(word)


def _roman(word: str) -> str:
    if len(word) < 2 or not (found := _ROMAN.fullmatch(word)):
        return ""
    ones = found.group(2)
    return str(10 * len(found.group(1)) + {"ix": 9, "iv": 4}.get(ones, 5 * ones.count("v") + ones.count("i")))


def _without_tail(name: str) -> tuple[str, str]:
    """Split off what follows a dash, or the closing quotation mark of a name that begins with its legal form."""
    if (found := _BRACKETS.search(name)) and found.start() > 2 and _split(found.group(1)) not in _vocabulary().forms:
        return name[: found.start()], found.group(1)
    if (found := _PLACE_TAIL.search(name)) and found.start() > 2 and not name.islower():
        return name[: found.start()], found.group(1)
    if (found := _DASH_TAIL.search(name)) and found.start() > 2:
        return name[: found.start()], found.group(1)
    found = _QUOTED.match(name)
    if found and (found.group(1).lower(),) in _vocabulary().forms:
        return name[: found.start(2)], found.group(2)
    return name, ""


def _long_words(text: str, *, spelled: bool = True) -> list[str]:
    """Words in lower case; a legal form with dots is one word, initials keep their dot, short forms are spelled out."""
    known = _vocabulary()
    text = _CONTRACTED.sub(lambda found: f"{found[1]}{found[2]}. " if found[2].islower() else found[0], text)
    text = _ORDINAL.sub("", _NUMBER_SIGN.sub("", text.lower().replace("ё", "е").replace("&", " and ")))
    plain = _DOTTED.sub(_undotted, text)
    pieces = [
        piece
        for word in _WORD.findall(plain)
        for piece in re.findall(r"\d+|\D+", re.sub(r"['’`]", "", word))
        if piece != "."
    ]
    words = [piece if _is_shortened(piece) else piece.rstrip(".") for piece in pieces]
    if not spelled:
        return words
    return [part for word in words for part in known.long_forms.get((word.rstrip("."),), (word,))]


def _is_shortened(word: str) -> bool:
    plain = (word.rstrip("."),)
    known = _vocabulary()
    return word.endswith(".") and (
        len(word) == 2 or (len(word) <= 8 and plain not in known.forms.keys() | known.common)
    )


def _undotted(found: re.Match[str]) -> str:
    letters = re.findall(r"[^\W\d_]+", found.group())
    if len(letters) > 1 and ("".join(letters),) in _vocabulary().forms:
        return "".join(letters) + " "
    return "".join(f"{letter}. " for letter in letters)


def _dotted_forms(text: str) -> set[str]:
    return {re.sub(r"[\W_]", "", found.group()) for found in _DOTTED.finditer(text.lower())}


def _without_form(words: list[str], surely: Collection[str]) -> tuple[list[str], list[str], str | None]:
    """Words without legal forms, the words after a form that others stand before, and the kind of the first form."""
    kind: str | None = None
    after: list[str] = []
    place = 0
    while place < len(words):
        length, found = _form_at(words, place, surely)
        if not length or length == len(words):
            place += 1
            continue
        kind = kind or found
        before, behind = words[:place], words[place + length :]
        if before and behind:
            words, after = before, [*_without_form(behind, surely)[0], *after]
            break
        words, place = [*before, *behind], 0
    return words, after, kind


def _form_at(words: Sequence[str], place: int, surely: Collection[str]) -> tuple[int, str | None]:
    known = _vocabulary()
    for length in range(min(known.longest, len(words) - place), 0, -1):
        piece = tuple(words[place : place + length])
        is_edge = place == 0 or place + length == len(words)
        if piece in known.forms and (is_edge or piece not in known.at_the_edge or set(piece) <= set(surely)):
            return length, known.forms[piece]
    return 0, None


def _is_common(words: tuple[str, ...]) -> bool:
    """Whether words are common as written, or a common word of another script."""
    known = _vocabulary()
    return words in known.common or (len(words) == 1 and len(words[0]) > 3 and match_key(words[0]) in known.common_keys)


def _without_common(words: Sequence[str], little: Collection[str] = ()) -> tuple[list[str], list[str]]:
    telling: list[str] = []
    common: list[str] = []
    place = 0
    while place < len(words):
        length = next(
            (n for n in range(min(3, len(words) - place), 0, -1) if _is_common(tuple(words[place : place + n]))),
            int(words[place] in little),
        )
        (common if length else telling).extend(words[place : place + max(length, 1)])
        place += max(length, 1)
    return telling, common
