"""What the cells of a table prove about its columns: numbers that multiply, totals that repeat, texts that pair up."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from kam_analysis.sources.dates import EXCEL, SERIAL_DAY, plain_day, plain_format
from kam_analysis.sources.mapping.arithmetic import Floats, numbers
from kam_analysis.sources.mapping.content import ISO, Content, bare, content_of, marks
from kam_analysis.sources.mapping.sample import TableSample
from kam_analysis.sources.mapping.scales import scale_of

MOST_ROWS = 5_000
SPARSE = 0.75
PAIRED = 0.95
FEWEST_ORDERS = 3
FEWEST_DATES = 0.5
HYPHENS = {0x2010: "-", 0x2011: "-"}
TOTAL = re.compile(
    r"^(sub-?total|grand total|total|sum|итого|итог|всего|подытог|вкупно|меѓузбир|сума|ukupno|summe)\b"
    r"|.*\b(total|итого|итог|всего|вкупно|ukupno|gesamt)\W*$",
    re.I | re.S,
)


INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def text_of(cell: object) -> str:
    """Text of a cell, a whole number without ".0"; what looks the same is the same, as `columns.alike` reads it.

    Examples
    --------
    >>> text_of(12.0), text_of(None), text_of(" a "), text_of("Cafe\u0301\u00a0Noe\u0308l\u200b")
    ('12', '', 'a', 'Café Noël')
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = "" if cell is None else str(cell).strip()
    if not text.isascii():
        text = INVISIBLE.sub("", unicodedata.normalize("NFC", text)).translate(HYPHENS)
    return " ".join(text.split()) if "  " in text or not text.isascii() else text


def percent(share: float) -> str:
    """Write a share so that "100%" means all.

    Examples
    --------
    >>> percent(0.999), percent(1.0)
    ('99%', '100%')
    """
    return f"{math.floor(share * 100 + 1e-9)}%"


def undated(cells: Sequence[Any], content: Content) -> list[str]:
    """Filled cells that are no dates as the column's dates are written.

    Examples
    --------
    >>> undated(["01.02.2024", "not closed", ""], content_of(["01.02.2024"]))
    ['not closed']
    """
    known: dict[str, bool] = {}
    found = []
    for cell in cells:
        text = "" if isinstance(cell, dt.date) else text_of(cell)
        if text and text not in known:
            known[text] = _is_date(text, content.date_formats)
        if text and not known[text]:
            found.append(text)
    return found


def _is_date(text: str, formats: Sequence[str]) -> bool:
    if ISO.match(text) or (EXCEL in formats and re.match(SERIAL_DAY, text)):
        return True
    return any(_reads(text, one) or _reads(plain_day(text), plain_format(one)) for one in formats if one)


def _reads(text: str, pattern: str) -> bool:
    try:
        dt.datetime.strptime(text, pattern)  # noqa: DTZ007
    except ValueError:
        return False
    return True


class Evidence:
    """Cells of a table as numbers and texts, of its full rows only: heads of groups and subtotals are sparse.

    Parameters
    ----------
    sample : TableSample
    contents : mapping of str to Content
        By column.
    decimal : str or None
        The decimal mark, as a person answered.
    """

    def __init__(self, sample: TableSample, contents: Mapping[str, Content], decimal: str | None = None) -> None:
        self.sample, self.contents, self.decimal = sample, contents, decimal

    @cached_property
    def full(self) -> npt.NDArray[np.bool_]:
        """Which rows are filled about as far as most rows."""
        filled = np.array([sum(text_of(cell) != "" for cell in row) for row in self.sample.rows])
        return filled > SPARSE * np.bincount(filled).argmax()

    @cached_property
    def figures(self) -> dict[str, Floats]:
        """Numbers of every column of numbers, in the full rows looked at; empty where the decimal mark is unclear."""
        columns = [name for name, content in self.contents.items() if content.is_number and not content.is_date]
        texts = [
            bare(text_of(cell), self.contents[name].units)
            for name in columns
            for cell in self.sample.cells(name)[:MOST_ROWS]
            if isinstance(cell, str) and cell.strip()
        ]
        read = (self.decimal, {",": ".", ".": ","}[self.decimal]) if self.decimal else marks(texts)
        if read is None:
            return {}
        keep = self.full[:MOST_ROWS]
        return {
            name: numbers(self.sample.cells(name)[:MOST_ROWS], read[0], read[1], self.contents[name].units)[keep]
            * scale_of(f"{name} {self.contents[name].unit}")
            for name in columns
        }

    def texts(self, column: str) -> list[str]:
        """Texts of a column in the full rows looked at."""
        cells = self.sample.cells(column)[:MOST_ROWS]
        return [text_of(cell) for cell, is_full in zip(cells, self.full, strict=False) if is_full]

    def of_full_rows(self, column: str) -> Content:
        """What the column looks like in the full rows."""
        cells = [cell for cell, is_full in zip(self.sample.cells(column), self.full, strict=True) if is_full]
        return content_of(cells, column)

    def is_dated(self, column: str) -> bool:
        """Whether the full rows hold dates, in most cells and not only in most of the different ones."""
        content = self.of_full_rows(column)
        cells = [cell for cell in self.sample.cells(column) if (text := text_of(cell)) and not TOTAL.match(text)]
        return content.is_date and len(undated(cells, content)) <= len(cells) * (1 - FEWEST_DATES)

    def product(self, one: str, other: str, result: str) -> float:
        """Share of the rows in which two columns multiply to a third; 0 where one of them is all ones or missing."""
        if len({one, other, result}) < 3 or not {one, other, result} <= set(self.figures):
            return 0.0
        left, right, made = (self.figures[name] for name in (one, other, result))
        told = np.isfinite(left) & np.isfinite(right) & np.isfinite(made) & (made != 0)
        if told.sum() < FEWEST_ORDERS or np.all(left[told] == 1) or np.all(right[told] == 1):
            return 0.0
        return agreement((left * right)[told], made[told])

    def reduced(self, qty: str, price: str, result: str, discount: str) -> float:
        """Share of the rows in which quantity and price less a discount, however it is written, give a result."""
        if not {qty, price, result, discount} <= set(self.figures):
            return 0.0
        count, each, made, less = (self.figures[name] for name in (qty, price, result, discount))
        less = np.nan_to_num(less)
        told = np.isfinite(count) & np.isfinite(each) & np.isfinite(made) & (made != 0)
        if told.sum() < FEWEST_ORDERS or not (less[told] != 0).any():
            return 0.0
        full = count * each
        readings = (full * (1 - less), full * (1 - less / 100), full - np.sign(full) * np.abs(less))
        return max(agreement(one[told], made[told]) for one in readings)

    def same(self, one: str, other: str) -> bool:
        """Whether two columns say the same in every row."""
        return self.texts(one) == self.texts(other)

    def pairs(self, one: str, other: str) -> bool:
        """Whether nearly every text of either column stands beside one text of the other."""
        left, right = self.texts(one), self.texts(other)
        return _follows(left, right) >= PAIRED and _follows(right, left) >= PAIRED

    def orders(self, column: str) -> list[list[int]]:
        """Places of the rows of every order of several lines; a blank id carries on the order above."""
        places: dict[str, list[int]] = defaultdict(list)
        current = ""
        for place, text in enumerate(self.texts(column)):
            current = text or current
            places[current].append(place)
        return [rows for order, rows in places.items() if order and len(rows) > 1]

    def repeats_in(self, orders: Sequence[Sequence[int]], column: str) -> bool:
        """Whether the column holds one number per order: on every line of it, or on its first line only."""
        values = self.figures.get(column)
        if values is None or len(orders) < FEWEST_ORDERS:
            return False
        known = [[value for value in values[list(rows)] if math.isfinite(value)] for rows in orders]
        filled = [group for group in known if group]
        once = sum(len(group) == 1 or len(set(group)) == 1 for group in filled)
        return len(filled) >= FEWEST_ORDERS and len({group[0] for group in filled}) > 1 and once >= PAIRED * len(filled)

    def adds_up(self, orders: Sequence[Sequence[int]], lines: Floats, total: str) -> bool:
        """Whether the lines of nearly every order add up to its total."""
        values = self.figures[total]
        sums, totals = [], []
        for rows in orders:
            known = [value for value in values[list(rows)] if math.isfinite(value)]
            if known:
                sums.append(float(np.nansum(lines[list(rows)])))
                totals.append(known[0])
        return len(sums) >= FEWEST_ORDERS and agreement(np.array(sums), np.array(totals)) >= PAIRED


def agreement(one: Floats, other: Floats) -> float:
    """Share of numbers that are equal but for rounding.

    Examples
    --------
    >>> agreement(np.array([1.0, 2.0]), np.array([1.001, 5.0]))
    0.5
    """
    return float((np.abs(one - other) <= np.maximum(0.011, 0.0005 * np.abs(other))).mean())


def kind_of_price(qty: Floats, price: Floats, items: Sequence[str]) -> str | None:
    """Tell whether numbers are prices of one unit or totals of lines: what stays the same where quantities differ.

    Parameters
    ----------
    qty, price : array
    items : sequence of str
        What is sold in each line.

    Returns
    -------
    str or None
        "unit", "line", or None where neither is clearly steadier.

    Examples
    --------
    >>> kind_of_price(np.array([1.0, 4.0, 10.0]), np.array([5.0, 5.0, 5.0]), ["tea"] * 3)
    'unit'
    >>> kind_of_price(np.array([1.0, 4.0, 10.0]), np.array([5.0, 20.0, 50.0]), ["tea"] * 3)
    'line'
    """
    known = np.isfinite(qty) & np.isfinite(price) & (qty != 0) & (price != 0)
    places: dict[str, list[int]] = defaultdict(list)
    for place in np.flatnonzero(known).tolist():
        places[items[place]].append(place)
    steady: Counter[str] = Counter()
    for rows in places.values():
        amounts = np.log(np.abs(qty[rows]))
        if len(rows) > 1 and np.ptp(amounts) > 0.3:
            prices = np.log(np.abs(price[rows]))
            as_unit, as_line = float(np.std(prices)), float(np.std(prices - amounts))
            steady["unit" if as_unit * 2 < as_line else "line" if as_line * 2 < as_unit else ""] += len(rows)
    if not steady:
        return None
    kind, rows_of_it = steady.most_common(1)[0]
    return kind if kind and rows_of_it >= 0.7 * steady.total() else None


def _follows(left: Sequence[str], right: Sequence[str]) -> float:
    """Share of rows in which the right text is the most frequent one beside the left text."""
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    for one, other in zip(left, right, strict=True):
        if one and other:
            beside[one][other] += 1
    every = sum(counts.total() for counts in beside.values())
    return sum(max(counts.values()) for counts in beside.values()) / every if every else 0.0
