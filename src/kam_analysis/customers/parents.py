"""Parent groups: chains of parents lead to the topmost one, and parents that name each other are one group."""

from __future__ import annotations

from collections.abc import Mapping


def top_parents(parents: Mapping[str, str]) -> tuple[dict[str, str], list[list[str]]]:
    """Follow every customer's parents to the top, and find the customers whose parents lead back to themselves.

    A customer that is its own parent has none. Customers in a circle are one group, called by the smallest id.

    Parameters
    ----------
    parents : mapping of str to str
        Parent by customer id, of the customers that have one.

    Returns
    -------
    dict
        Topmost parent by customer id.
    list of list of str
        Circles of two customers and more, each in order of its ids.

    Examples
    --------
    >>> top_parents({"a": "b", "b": "H", "c": "c", "x": "y", "y": "x", "z": "x"})
    ({'a': 'H', 'b': 'H', 'c': 'c', 'x': 'x', 'y': 'x', 'z': 'x'}, [['x', 'y']])
    """
    top: dict[str, str] = {}
    circles = []
    for start in sorted(parents):
        path: dict[str, None] = {}
        at = start
        while at in parents and at not in top and at not in path and parents[at] != at:
            path[at] = None
            at = parents[at]
        end = top.get(at, at)
        if at in path:
            steps = list(path)
            circles.append(sorted(steps[steps.index(at) :]))
            end = circles[-1][0]
        top |= dict.fromkeys(path, end)
        if parents[start] == start:
            top[start] = start
    return {name: top[name] for name in parents}, circles
