"""Names in other letters: shown by the table of their language, compared by a key that loses on purpose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import yaml

LANGUAGES = ("ru", "mk", "sr", "bg", "el")
_TELLING = {"mk": "ѓќѕ", "sr": "ђћ", "bg": "", "ru": "ыэё"}
_SHARED_SOUTH = "јљњџ"
_LOOK_ALIKE = dict(zip("аеорсухкмтвніјѕАЕОРСУХКМТВНІЈЅ", "aeopcyxkmtbhijsAEOPCYXKMTBHIJS", strict=True))
_LOOK_ALIKE_BACK = {latin: cyrillic for cyrillic, latin in _LOOK_ALIKE.items()}
_KEY_LETTERS = {
    "ц": "c", "ъ": "", "ь": "", "й": "i", "ы": "i", "э": "e", "ё": "e", "х": "h", "щ": "sh", "џ": "g", "ѓ": "g",
    "ќ": "k", "ђ": "g", "ћ": "ch", "ю": "iu", "я": "ia", "ї": "i", "і": "i", "є": "e", "ў": "u", "ґ": "g",
    "қ": "k", "ғ": "g", "ү": "u", "ұ": "u", "ө": "o", "ә": "a", "ң": "n", "һ": "h", "ѕ": "g",
}  # fmt: skip
_KEY_LATIN = {"č": "ch", "ć": "ch", "š": "sh", "ž": "zh", "đ": "g", "ß": "ss", "ł": "l", "ø": "o", "æ": "e", "œ": "e"}
_KEY_STEPS = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"shch|szcz|sch|shtch", "sh"),
        (r"tch", "ch"),
        (r"(?<=[aeiouyn])ce$", "s"),
        (r"ts|tz|cz", "c"),
        (r"kh", "h"),
        (r"ph", "f"),
        (r"qu(?=[aeio])", "kv"),
        (r"ck|q", "k"),
        (r"x", "ks"),
        (r"th", "t"),
        (r"dzh|dz|dj|gj", "g"),
        (r"kj", "k"),
        (r"ou|oo", "u"),
        (r"(?<=[ae])u(?=[^e]|$)", "v"),
        (r"w", "v"),
        (r"[yj]", "i"),
        (r"oe", "o"),
        (r"ue", "u"),
        (r"ae", "a"),
        (r"ic$", "ich"),
        (r"c(?=[aou]|[bdfgklmnprstvz]|$)", "k"),
        (r"i+", "i"),
        (r"(?<=[bcdfghklmnprstvz])i(?=[aou])", ""),
        (r"^ie", "e"),
        (r"(?<=[aeou])i(?=e)", ""),
        (r"(.)\1+", r"\1"),
    )
)


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    tables: dict[str, dict[str, str]] = yaml.safe_load(
        (Path(__file__).parent / "letters.yaml").read_text(encoding="utf-8")
    )
    return tables


@cache
def _all_letters(language: str) -> Mapping[str, str]:
    """Give the table of a language, and for letters that it lacks those of Russian and Macedonian."""
    tables = _tables()
    return {**tables["ru"], **tables["mk"], **tables[language]}


def language_of(text: str) -> str:
    """Guess the language of a name from letters that only one alphabet has: ru, mk, sr, bg or el; else ru.

    Examples
    --------
    >>> [language_of(name) for name in ("Ѓорѓи", "Ђердап", "Берёзка", "Ελλάς", "Сава", "Тинекс Њу")]
    ['mk', 'sr', 'ru', 'el', 'ru', 'mk']
    """
    lower = set(text.lower())
    if any("α" <= letter <= "ω" for letter in lower):
        return "el"
    for language, letters in _TELLING.items():
        if lower & set(letters):
            return language
    return "mk" if lower & set(_SHARED_SOUTH) else "ru"


def to_latin(text: str, language: str | None = None) -> str:
    """Show a name in Latin letters by the table of its language; Latin letters stay as they are.

    Parameters
    ----------
    text : str
        A name in any letters.
    language : {"ru", "mk", "sr", "bg", "el"}, optional
        By default the one that the letters tell (`language_of`).

    Examples
    --------
    >>> to_latin("Щербаков Юрий"), to_latin("Ѓорѓиевски"), to_latin("Ђорђе Ћирић"), to_latin("ЧАЙ")
    ('Shcherbakov Iurii', 'Gjorgjievski', 'Đorđe Ćirić', 'CHAI')
    """
    chosen = language or language_of(text)
    table = _all_letters(chosen)
    longest = max(map(len, table))
    plain = unicodedata.normalize("NFC", text)
    if chosen == "el":
        plain = _without_marks(plain)
    shown, place = [], 0
    while place < len(plain):
        for length in range(longest, 0, -1):
            piece = plain[place : place + length]
            if (latin := table.get(piece.lower())) is not None and len(piece) == length:
                shown.append(_in_case(latin, piece, plain[place + length : place + length + 1]))
                place += length
                break
        else:
            shown.append(plain[place])
            place += 1
    return "".join(shown)


def to_cyrillic(text: str, language: str) -> str:
    """Write a Latin name in the letters of a language, by its table read backwards, longest first.

    Two letters that stand for one are always read as one, so the way back is not exact for every name.

    Examples
    --------
    >>> to_cyrillic("Gjorgjievski", "mk"), to_cyrillic("Đorđe", "sr"), to_cyrillic("Shcherbakov", "ru")
    ('Ѓорѓиевски', 'Ђорђе', 'Щербаков')
    """
    back: dict[str, str] = {}
    for letter, latin in _tables()[language].items():
        if latin:
            back.setdefault(latin, letter)
    longest = max(map(len, back))
    written: list[str] = []
    place = 0
    while place < len(text):
        for length in range(longest, 0, -1):
            piece = text[place : place + length]
            written_as = back.get(piece.lower())
            if written_as is not None and len(piece) == length:
                written.append(written_as.upper() if piece[0].isupper() else written_as)
                place += length
                break
        else:
            written.append(text[place])
            place += 1
    return "".join(written)


def _in_case(latin: str, source: str, following: str) -> str:
    if not source[0].isupper():
        return latin
    return latin.upper() if following.isupper() or len(latin) == 1 else latin.capitalize()


def repaired(text: str) -> str:
    """Give a name in which no word mixes Latin and Cyrillic letters that look alike; the script with more letters wins.

    A word that would still be mixed stays as it is.

    Examples
    --------
    >>> repaired("Pоmашка") == "Ромашка", repaired("Теx") == "Тех", repaired("Bosch Сервис")
    (True, True, 'Bosch Сервис')
    """
    return re.sub(r"\w+", lambda found: _one_script(found.group()), text)


def _one_script(word: str) -> str:
    cyrillic = sum("Ѐ" <= letter <= "ӿ" for letter in word)
    latin = sum("a" <= letter.lower() <= "z" for letter in word)
    if not cyrillic or not latin:
        return word
    to_cyrillic_first = sum("Ѐ" <= letter <= "ӿ" and letter not in _LOOK_ALIKE for letter in word) >= sum(
        "a" <= letter.lower() <= "z" and letter not in _LOOK_ALIKE_BACK for letter in word
    )
    for table in (_LOOK_ALIKE_BACK, _LOOK_ALIKE) if to_cyrillic_first else (_LOOK_ALIKE, _LOOK_ALIKE_BACK):
        changed = "".join(table.get(letter, letter) for letter in word)
        has_cyrillic = any("Ѐ" <= letter <= "ӿ" for letter in changed)
        if has_cyrillic != any("a" <= letter.lower() <= "z" for letter in changed):
            return changed
    return word


@lru_cache(maxsize=65_536)
def match_key(word: str) -> str:
    """Fold a word to a key that is equal for its spellings in Cyrillic, Greek and the usual Latin ways of writing them.

    Marks, doubled letters and the soft and hard signs go; digraphs of the usual transliterations fall together. It
    loses on purpose and is never shown.

    Examples
    --------
    >>> {match_key(word) for word in ("Щербаков", "Shcherbakov", "Scherbakov")}
    {'sherbakov'}
    >>> {match_key(word) for word in ("Ѓорѓиевски", "Gjorgjievski", "Gorgievski", "Đorđievski")}
    {'gorgievski'}
    >>> {match_key(word) for word in ("Цветкова", "Tsvetkova", "Cvetkova")}
    {'kvetkova'}
    """
    key = word.lower()
    if any("α" <= letter <= "ω" or letter in "άέήίόύώϊϋΐΰ" for letter in key):
        key = re.sub(r"(?<=[ae])v(?=[kpstfx])", "f", to_latin(key, "el").lower().replace("ch", "h"))
    key = re.sub(r"^yo|(?<=[bcdfghklmnprstvz])yo(?![aeiou])|ьо", "e", key)
    key = re.sub(r"ъ(?=[бвгджзклмнпрстфхцчш])", "а", key)
    key = "".join(_KEY_LATIN.get(letter, letter) for letter in unicodedata.normalize("NFC", key))
    key = "".join(_KEY_LETTERS.get(letter) or ("" if letter in "ъь" else letter) for letter in key)
    if any("Ѐ" <= letter <= "ӿ" for letter in key):
        key = to_latin(key, "mk")
    key = _without_marks(key)
    for pattern, new in _KEY_STEPS:
        key = pattern.sub(new, key)
    return key


def _without_marks(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
