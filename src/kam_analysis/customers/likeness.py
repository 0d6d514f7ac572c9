"""How alike two names are, and in words why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from kam_analysis.customers.names import Name
from kam_analysis.vocabulary import LikenessReason as Why

SAME_FROM = 0.88
COMMON_WEIGHT, TAIL_WEIGHT, ALMOST = 0.1, 0.15, 0.95
PLACES_FACTOR, FORMS_FACTOR = 0.8, 0.85
SHORTEST_SWAPPED, SHORTEST_WITH_TYPO, SHORTEST_ALONE_WITH_TYPO, SHORTEST_REPLACED, LONG_WITH_TWO_TYPOS = 5, 6, 7, 9, 14


@dataclass(frozen=True)
class Likeness:
    """How alike two names are.

    Parameters
    ----------
    score : float
        0–1; from 0.88 on one customer may stand behind both names.
    reason : LikenessReason
        What is alike.
    against : LikenessReason, optional
        What speaks against it.
    """

    score: float
    reason: Why = Why.MOST_WORDS
    against: Why | None = None

    @property
    def may_be_same(self) -> bool:
        """Whether a person should decide about the pair."""
        return self.score >= SAME_FROM


def likeness(one: Name, other: Name) -> Likeness:
    """Say how alike two names are.

    The telling words are paired: equal keys first, then an initial with its word, a word without its marks, a word with
    a slip. The score is the weight of what is paired over the weight of all words; common words and places weigh
    little. It is 0 where numbers differ, and lowered where places or kinds of legal form contradict each other.

    Examples
    --------
    >>> from kam_analysis.customers.names import taken_apart
    >>> likeness(taken_apart("ООО «Ромашка»"), taken_apart("Romashka LLC")).score
    1.0
    >>> likeness(taken_apart("ООО Ромашка"), taken_apart("ООО Василёк")).may_be_same
    False
    >>> likeness(taken_apart("Север-1"), taken_apart("Север-2")).score
    0.0
    """
    mine, theirs = (sorted(name.numbers + name.tail_numbers) for name in (one, other))
    if mine != theirs and mine and theirs:
        return Likeness(0.0, against=Why.NUMBERS_DIFFER)
    if not one.words or not other.words:
        return Likeness(0.0)
    if sorted(one.words + one.tail) == sorted(other.words + other.tail):
        one, other = (replace(name, words=name.words + name.tail, tail=()) for name in (one, other))
    paired, unpaired, reason = _telling(one.words, other.words)
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
    return Likeness(result, reason, against)


def _telling(one: Sequence[str], other: Sequence[str]) -> tuple[list[float], int, Why]:
    """Likeness of every pair of telling words, how many words have no partner, and what is alike."""
    if sorted(one) == sorted(other):
        return [1.0] * len(one), 0, Why.SAME_WORDS if list(one) == list(other) else Why.OTHER_ORDER
    if one[0][0] == other[0][0] and _together(one) == _together(other):
        return [1.0] * max(len(one), len(other)), 0, Why.WRITTEN_TOGETHER
    mine, theirs = Counter(one), Counter(other)
    paired = [1.0] * (mine & theirs).total()
    left, right = list((mine - theirs).elements()), list((theirs - mine).elements())
    shortest = SHORTEST_WITH_TYPO if paired or len(one) > 1 else SHORTEST_ALONE_WITH_TYPO
    reason = Why.MOST_WORDS
    for alike, why in ((_initial, Why.INITIALS), (_unmarked, Why.MARKS), (_typo, Why.ONE_LETTER)):
        for word in list(left):
            if (partner := next((there for there in right if alike(word, there, shortest)), None)) is not None:
                left.remove(word)
                right.remove(partner)
                paired.append(ALMOST)
                reason = why
    return paired, len(left) + len(right), reason


def _together(words: Sequence[str]) -> str:
    return re.sub(r"(.)\1+", r"\1", "".join(words))


def _initial(one: str, other: str, _shortest: int) -> bool:
    short, long = sorted((one, other), key=len)
    if short.rstrip(".") == long.rstrip("."):
        return True
    return short.endswith(".") and not long.endswith(".") and long.startswith(short[:-1])


def _unmarked(one: str, other: str, _shortest: int) -> bool:
    return _bare(one) == _bare(other)


def _bare(word: str) -> str:
    return word.replace("zh", "z").replace("sh", "s").replace("ch", "k")


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
