"""Which records a person should look at: names that are alike, found without comparing every pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from kam_analysis.customers.names import Name
from kam_analysis.customers.similarity import bare

MOST_SHARING = 60
PREFIX, NEARLY = 4, 6


def candidate_pairs(names: Mapping[str, Name]) -> Iterator[tuple[str, str]]:
    """Give pairs of ids whose names share a telling word, its beginning, or all letters when written together.

    A word that more than 60 names share does not make a pair: it tells nothing.

    Examples
    --------
    >>> from kam_analysis.customers.names import taken_apart
    >>> names = {"1": taken_apart("ООО Ромашка"), "2": taken_apart("Romashka LLC"), "3": taken_apart("ИП Петров")}
    >>> list(candidate_pairs(names))
    [('1', '2')]
    """
    seen: set[tuple[str, str]] = set()
    for members in _sharing(names):
        for pair in combinations(members, 2):
            if pair not in seen:
                seen.add(pair)
                yield pair


def _sharing(names: Mapping[str, Name]) -> Iterator[Sequence[str]]:
    by_mark: dict[tuple[str, str], list[str]] = defaultdict(list)
    for customer_id, name in sorted(names.items()):
        marks = {("word", word) for word in name.words if len(word) > 1 and not word.endswith(".")}
        whole = [bare(word.rstrip(".")) for word in name.words if len(word) >= PREFIX]
        marks |= {("begins", word[:PREFIX]) for word in whole}
        marks |= {("nearly", part) for word in whole if len(word) >= NEARLY for part in _one_letter_less(word[:NEARLY])}
        marks.add(("together", name.together[: 2 * PREFIX] or " ".join(name.numbers)))
        for mark in marks:
            by_mark[mark].append(customer_id)
    for mark in sorted(by_mark):
        if 2 <= len(by_mark[mark]) <= MOST_SHARING:
            yield by_mark[mark]


def _one_letter_less(part: str) -> set[str]:
    """The part without each of its letters: two parts a slip apart have one of these in common."""
    return {part[:place] + part[place + 1 :] for place in range(len(part))}


def components(pairs: Iterable[tuple[str, str]], apart: Iterable[tuple[str, str]] = ()) -> list[list[str]]:
    """Give the groups of ids that pairs tie together, each sorted, the groups by their first id.

    A pair that would bring two ids of `apart` into one group ties nothing; earlier pairs come first.

    Examples
    --------
    >>> components([("b", "c"), ("a", "c"), ("x", "y")])
    [['a', 'b', 'c'], ['x', 'y']]
    >>> components([("a", "b"), ("a", "c"), ("b", "c")], apart=[("b", "c")])
    [['a', 'b'], ['c']]
    """
    group_of: dict[str, set[str]] = {}
    enemies: dict[str, set[str]] = defaultdict(set)
    for one, other in apart:
        enemies[one].add(other)
        enemies[other].add(one)
    for pair in pairs:
        large, small = sorted((group_of.setdefault(name, {name}) for name in pair), key=len, reverse=True)
        if large is small or any(enemies[name] & large for name in small if name in enemies):
            continue
        large |= small
        group_of.update(dict.fromkeys(small, large))
    return sorted(sorted(group) for group in {id(group): group for group in group_of.values()}.values())
