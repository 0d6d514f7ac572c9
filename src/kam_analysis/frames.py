"""Values and rows out of frames with the type that the code expects; pandas says of them only that they are scalars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, SupportsFloat, SupportsInt, cast

import pandas as pd


def number(value: object) -> float:
    """Give a single value of a column of numbers.

    Examples
    --------
    >>> number(pd.DataFrame({"share": [0.25]}).loc[0, "share"])
    0.25
    """
    return float(cast(SupportsFloat, value))


def whole(value: object) -> int:
    """Give a single value of a column of counts.

    Examples
    --------
    >>> whole(pd.DataFrame({"n": [3.0]}).loc[0, "n"])
    3
    """
    return int(cast(SupportsInt, value))


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Give the rows as named tuples.

    Examples
    --------
    >>> [row.n for row in rows(pd.DataFrame({"n": [3, 4]}))]
    [3, 4]
    """
    return iter(frame.itertuples(index=False))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows as values by column.

    Examples
    --------
    >>> records(pd.DataFrame({"n": [3, 4]}))
    [{'n': 3}, {'n': 4}]
    """
    return cast(list[dict[str, Any]], frame.to_dict("records"))
