"""Days and months that a spreadsheet exchanged, as forms of cells tell, and ids and rows that rise in time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from kam_analysis.sources.mapping.content import day_read
from kam_analysis.sources.mapping.evidence import text_of

LAST_MONTH = 12
FEWEST_CELLS, FEWEST_ORDERS = 5, 20
IN_ORDER, OUT_OF_ORDER = 0.02, 0.1


def exchanged(day: dt.date) -> dt.date:
    """Exchange day and month where the day is up to 12.

    Examples
    --------
    >>> exchanged(dt.date(2024, 3, 1)).isoformat(), exchanged(dt.date(2024, 3, 13)).isoformat()
    ('2024-01-03', '2024-03-13')
    """
    return dt.date(day.year, day.day, day.month) if day.day <= LAST_MONTH else day


def are_exchanged(cells: Sequence[Any], formats: Sequence[str], ids: Sequence[Any]) -> str:
    """Say why day and month of the days up to 12 are exchanged; nothing where they are not.

    Parameters
    ----------
    cells : sequence
        Of a column of dates.
    formats : sequence of str
        Forms of its texts.
    ids : sequence
        Ids of the orders of these rows; none where there are none.

    Examples
    --------
    >>> typed = [dt.date(2024, 5, 1 + n) for n in range(5)]
    >>> are_exchanged([*typed, *(f"{13 + n}/01/2024" for n in range(5))], ["%d/%m/%Y"], [])
    'the cells that are dates have days up to 12 only, the texts among them days above 12 only'
    """
    typed = [cell for cell in cells if isinstance(cell, dt.date)]
    days = [(cell, day) for cell in cells if (day := day_read(cell, formats)) is not None]
    written = [day for cell, day in days if not isinstance(cell, dt.date)]
    is_parted = all(day.day <= LAST_MONTH for day in typed) and all(day.day > LAST_MONTH for day in written)
    if min(len(typed), len(written)) >= FEWEST_CELLS and is_parted:
        return "the cells that are dates have days up to 12 only, the texts among them days above 12 only"
    orders = {"rows": [day_read(cell, formats) for cell in cells], "order ids": _by_ids(cells, formats, ids)}
    for what, order in orders.items():
        told = [day for day in order if day is not None]
        if out_of_order(told) >= OUT_OF_ORDER and out_of_order([exchanged(day) for day in told]) <= IN_ORDER:
            return f"the {what} follow the time only if day and month are exchanged where the day is up to 12"
    return ""


def out_of_order(days: Sequence[dt.date]) -> float:
    """Share of the neighbours that fall, or rise where most fall; 0 for fewer than 20 different days.

    Examples
    --------
    >>> out_of_order([dt.date(2024, 1, 1 + n) for n in range(20)])
    0.0
    """
    if len(set(days)) < FEWEST_ORDERS:
        return 0.0
    falls = sum(later < sooner for sooner, later in pairwise(days))
    rises = sum(later > sooner for sooner, later in pairwise(days))
    return min(falls, rises) / (len(days) - 1)


def in_order(cells: Sequence[Any], formats: Sequence[str], ids: Sequence[Any]) -> list[str]:
    """Forms of dates by which the rows, or the ids of the orders, rise in time, where others put them out of order."""
    shares = {}
    for one in formats:
        rows = [day_read(cell, [one]) for cell in cells]
        found = [[day for day in order if day is not None] for order in (rows, _by_ids(cells, [one], ids))]
        shares[one] = [out_of_order(days) if len(set(days)) >= FEWEST_ORDERS else 1.0 for days in found]
    for place in range(2):
        good = [one for one in formats if shares[one][place] <= IN_ORDER]
        if good and all(shares[one][place] >= OUT_OF_ORDER for one in formats if one not in good):
            return good
    return list(formats)


def _by_ids(cells: Sequence[Any], formats: Sequence[str], ids: Sequence[Any]) -> list[dt.date | None]:
    """Days in the order of the numbers at the end of the ids."""
    numbers = [re.search(r"([0-9]+)\W*$", text_of(one)) for one in ids]
    if not numbers or not all(numbers):
        return []
    order = sorted(range(len(numbers)), key=lambda place: int(numbers[place][1]))  # type: ignore[index]
    return [day_read(cells[place], formats) for place in order]
