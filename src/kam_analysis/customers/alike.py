"""Which records a person should look at: names that are alike, found without comparing every pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from kam_analysis.customers.names import Name

MOST_SHARING = 60
PREFIX = 4


def pairs_to_compare(names: Mapping[str, Name]) -> Iterator[tuple[str, str]]:
    """Give pairs of ids whose names share a telling word, its beginning, or all letters when written together.

    A word that more than 60 names share does not make a pair: it tells nothing.

    Examples
    --------
    >>> from kam_analysis.customers.names import taken_apart
    >>> names = {"1": taken_apart("ООО Ромашка"), "2": taken_apart("Romashka LLC"), "3": taken_apart("ИП Петров")}
    >>> list(pairs_to_compare(names))
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
        marks |= {("begins", word[:PREFIX]) for word in name.words if len(word) >= PREFIX}
        marks.add(("together", "".join(name.words)[: 2 * PREFIX]))
        for mark in marks:
            by_mark[mark].append(customer_id)
    for mark in sorted(by_mark):
        if 2 <= len(by_mark[mark]) <= MOST_SHARING:
            yield by_mark[mark]


def components(pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Give the groups of ids that pairs tie together, each sorted, the groups by their first id.

    Examples
    --------
    >>> components([("b", "c"), ("a", "c"), ("x", "y")])
    [['a', 'b', 'c'], ['x', 'y']]
    """
    root: dict[str, str] = {}

    def top(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for one, other in pairs:
        first, second = sorted((top(one), top(other)))
        root[second] = first
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(root):
        groups[top(name)].append(name)
    return [groups[name] for name in sorted(groups)]
