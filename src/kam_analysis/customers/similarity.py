"""How alike two names are, and in words why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from kam_analysis.customers.names import Name, of_plain
from kam_analysis.vocabulary import SimilarityReason as Why

SAME_FROM = 0.88
COMMON_WEIGHT, TAIL_WEIGHT, SIDE_WEIGHT, ALMOST = 0.1, 0.13, 0.1, 0.95
PLACES_FACTOR, FORMS_FACTOR = 0.8, 0.85
SHORTEST_AMONG_EXACT = 4
SHORTEST_SWAPPED, SHORTEST_WITH_TYPO, SHORTEST_ALONE_WITH_TYPO, SHORTEST_REPLACED, LONG_WITH_TWO_TYPOS = 5, 6, 7, 9, 14


@dataclass(frozen=True)
class Similarity:
    """How alike two names are.

    Parameters
    ----------
    score : float
        0–1; from 0.88 on one customer may stand behind both names.
    reason : SimilarityReason
        What is alike.
    against : SimilarityReason, optional
        What speaks against it.
    """

    score: float
    reason: Why = Why.MOST_WORDS
    against: Why | None = None

    @property
    def may_be_same(self) -> bool:
        """Whether a person should decide about the pair."""
        return self.score >= SAME_FROM


def similarity(one: Name, other: Name) -> Similarity:
    """Say how alike two names are.

    The telling words are paired: equal keys first, then an initial with its word, a word without its marks, a word with
    a slip. The score is the weight of what is paired over the weight of all words; common words and places weigh
    little. It is 0 where numbers differ, and lowered where places or kinds of legal form contradict each other.

    Examples
    --------
    >>> from kam_analysis.customers.names import taken_apart
    >>> similarity(taken_apart("ООО «Ромашка»"), taken_apart("Romashka LLC")).score
    1.0
    >>> similarity(taken_apart("ООО Ромашка"), taken_apart("ООО Василёк")).may_be_same
    False
    >>> similarity(taken_apart("Север-1"), taken_apart("Север-2")).score
    0.0
    """
    mine, theirs = (sorted(name.numbers + name.tail_numbers) for name in (one, other))
    if mine != theirs and mine and theirs:
        return Similarity(0.0, against=Why.NUMBERS_DIFFER)
    if not one.words and not other.words and mine and mine == theirs:
        return Similarity(1.0, Why.SAME_WORDS)
    if not one.words or not other.words:
        return Similarity(0.0)
    spelt = _spelt_out(one, other)
    one, other = spelt or (one, other)
    one, other = _short_common(one, other)
    other, one = _short_common(other, one)
    if sorted(one.words + one.tail) == sorted(other.words + other.tail):
        one, other = (replace(name, words=name.words + name.tail, tail=()) for name in (one, other))
    paired, unpaired, reason = _telling(one, other)
    if spelt:
        reason = Why.INITIALS
    weight = float(len(paired) + unpaired)
    score = sum(paired)
    for here, there, each in ((one.common, other.common, COMMON_WEIGHT), (one.tail, other.tail, TAIL_WEIGHT)):
        both = set(here) & set(there)
        weight += each * (len(both) + bool(set(here) ^ set(there)))
        score += each * len(both)
    against = None
    if mine != theirs:
        weight, against = weight + 1.0, Why.NUMBER_MISSING
    result = score / weight
    if one.tail and other.tail and not set(one.tail) & set(other.tail):
        result, against = result * PLACES_FACTOR, Why.PLACES_DIFFER
    if one.form and other.form and one.form != other.form:
        result, against = result * FORMS_FACTOR, Why.FORMS_DIFFER
    return Similarity(result, reason, against)


def _telling(first: Name, second: Name) -> tuple[list[float], float, Why]:
    """Similarity of every pair of telling words, how many words have no partner, and what is alike."""
    one, other = first.words, second.words
    if sorted(one) == sorted(other):
        return [1.0] * len(one), 0, Why.SAME_WORDS if list(one) == list(other) else Why.OTHER_ORDER
    if one[0][0] == other[0][0] and first.together == second.together:
        return [1.0] * max(len(one), len(other)), 0, Why.WRITTEN_TOGETHER
    mine, theirs = Counter(one), Counter(other)
    exact = (mine & theirs).total()
    paired = [1.0] * (mine & theirs).total()
    left, right = list((mine - theirs).elements()), list((theirs - mine).elements())
    shortest = SHORTEST_WITH_TYPO if paired or len(one) > 1 else SHORTEST_ALONE_WITH_TYPO
    reason = Why.MOST_WORDS
    shortest = SHORTEST_AMONG_EXACT if exact >= 2 else shortest
    steps = [(_initial, Why.INITIALS), (_unmarked, Why.MARKS), (_typo, Why.ONE_LETTER)]
    if exact:
        steps.insert(2, (_contracted, Why.INITIALS))
    for alike, why in steps:
        for word in list(left):
            if (partner := next((there for there in right if alike(word, there, shortest)), None)) is not None:
                left.remove(word)
                right.remove(partner)
                paired.append(ALMOST)
                reason = why
    unpaired = float(len(left) + len(right))
    if exact >= 2 and exact == len(paired) and not (left and right):
        is_person = "sole_trader" in (first.form, second.form)
        beside = sum(
            word.endswith(".") or (is_person and _PATRONYMIC.search(word) is not None) for word in left + right
        )
        unpaired -= (1 - SIDE_WEIGHT) * beside
    return paired, unpaired, reason


_PATRONYMIC = re.compile(r"(?:ovich|evich|ovna|evna|ichna)$")
_VOWELS = "aeiou"


def _contracted(one: str, other: str, _shortest: int) -> bool:
    """Whether one word stands for the other: its beginning with a dot, or its consonants."""
    short, long = sorted((one, other), key=lambda word: (not word.endswith("."), len(word)))
    is_dotted = short.endswith(".")
    short, long = bare(short.rstrip(".")), bare(long.rstrip("."))
    if len(short) < 2 or len(long) <= len(short) or short[0] != long[0]:
        return False
    if is_dotted and long.startswith(short):
        return True
    letters = iter(long)
    in_order = all(letter in letters for letter in short)
    no_vowels = not set(short) & set(_VOWELS)
    if in_order and no_vowels and (is_dotted or len(short) >= 3):
        return True
    if in_order and is_dotted and short[-1] == long[-1]:
        return True
    return (
        4 <= len(short) <= 5
        and len(long) >= 8
        and long.startswith(short[:-1])
        and long[-1] == short[-1]
        and not set(short[-2:]) & set(_VOWELS)
    )


def _short_common(one: Name, other: Name) -> tuple[Name, Name]:
    """Read a shortened word of one name as the common word of the other that it stands for."""
    words, missing = list(one.words), [word for word in other.common if word not in one.common]
    for word in one.words:
        found = next((long for long in missing if word not in other.words and _contracted(word, long, 0)), None)
        if found and len(words) > 1 and len(word) < len(found) + 1:
            words.remove(word)
            missing.remove(found)
            one = replace(one, words=tuple(words), common=(*one.common, found))
    return one, other


def _spelt_out(one: Name, other: Name) -> tuple[Name, Name] | None:
    """Both names without the letters of one and the words of the other that these letters begin."""
    for turned, short, long in ((False, one, other), (True, other, one)):
        if len(short.plain) >= len(long.plain):
            continue
        for place, word in enumerate(short.plain):
            if not (2 <= len(word) <= 5 and word.isalpha()) or word in long.plain or len(short.plain) < 2:
                continue
            for first in range(len(long.plain)):
                for last in range(first + 2, min(first + 2 * len(word), len(long.plain)) + 1):
                    run = long.plain[first:last]
                    rest = long.plain[:first] + long.plain[last:]
                    if rest and not set(run) & set(short.plain) and _begin(word, run):
                        pair = (of_plain(short, short.plain[:place] + short.plain[place + 1 :]), of_plain(long, rest))
                        if pair[0].words and pair[1].words:
                            return pair[::-1] if turned else pair
    return None


def _begin(letters: str, run: Sequence[str]) -> bool:
    """Whether letters are the first ones of words; words of one or two letters may be passed, one inner letter used."""
    main = [word for word in run if len(word) > 2]
    if len(main) < 2 or run[0] not in main or run[-1] not in main:
        return False
    if "".join(word[0] for word in main) == letters:
        return True
    pattern = "".join(f"{re.escape(word[0])}(.*)" for word in main)
    found = re.fullmatch(pattern, letters)
    return (
        found is not None
        and len(letters) == len(main) + 1
        and all(inner in word[3:] for inner, word in zip(found.groups(), main, strict=True))
    )


def _initial(one: str, other: str, _shortest: int) -> bool:
    short, long = sorted((one, other), key=lambda word: (len(word), not word.endswith(".")))
    if short.rstrip(".") == long.rstrip("."):
        return True
    return short.endswith(".") and not long.endswith(".") and long.startswith(short[:-1])


def _unmarked(one: str, other: str, _shortest: int) -> bool:
    return bare(one) == bare(other)


def bare(word: str) -> str:
    """The key without what a mark over a letter adds."""
    return word.replace("zh", "z").replace("sh", "s").replace("ch", "k").replace("c", "k")


def _typo(one: str, other: str, shortest: int) -> bool:
    """Whether a letter is missing, doubled or swapped; a replaced one counts in long words only: it makes other names.

    The beginning must be equal, and a difference in the last letter alone is an ending, not a slip.
    """
    short, long = sorted((one, other), key=len)
    is_ending = long[:-1] == short[:-1] if len(long) == len(short) else long[:-1] == short and long[-1] in "aiou"
    if is_ending:
        return False
    if sorted(short) == sorted(long) and len(short) >= SHORTEST_SWAPPED and short[0] == long[0]:
        return OSA.distance(short, long) <= 1
    if short[:2] != long[:2] or len(short) < (shortest if len(short) < len(long) else SHORTEST_REPLACED):
        return False
    return OSA.distance(short, long) <= (2 if len(short) >= LONG_WITH_TWO_TYPOS else 1)
