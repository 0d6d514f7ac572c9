"""What the cells of a column look like: dates, numbers, and how many differ."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from kam_analysis.sources.columns import MINUS

DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%d.%m.%Y", "%m.%d.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y"),
    *("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%y", "%d %B %Y", "%B %d, %Y"),
)
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", "T%H:%M:%S")
ISO = re.compile(r"^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ]+[0-9]{1,2}:[0-9]{2}.*)?$")
_SIZE = r"(?:[0-9][0-9 '.,\u00a0\u202f]*|[.,][0-9]+)"
NUMBER = re.compile(rf"^(?:[+{MINUS}]?\s?{_SIZE}|\(\s?{_SIZE}\)|{_SIZE}[{MINUS}])$")
AFFIX = re.compile(
    r"^(?P<before>[^\d+\-.,\s()]{1,4})?\s*(?P<number>[+-]?[0-9][0-9 '.,\u00a0\u202f]*)\s*"
    r"(?P<after>[^\d\s)][^\d]{0,4})?$"
)
FIRST_YEAR, LAST_YEAR = 1990, 2099
MOSTLY = 0.9
FORMAT_SAMPLE = 400


@dataclass(frozen=True)
class Content:
    """One column in numbers.

    Parameters
    ----------
    filled : int
        Cells that hold something.
    rows : int
        All cells.
    distinct : int
        Different texts.
    date_share, number_share : float
        Of the filled cells.
    date_formats : tuple of str
        Formats that read the most cells, "" for what is read without one; several where the cells do not decide.
    is_typed_date : bool
        Whether the file itself holds dates.
    unit : str
        Text that stands beside nearly every number, empty where there is none.
    examples : tuple of str
    """

    filled: int
    rows: int
    distinct: int
    date_share: float
    number_share: float
    date_formats: tuple[str, ...]
    is_typed_date: bool
    unit: str
    examples: tuple[str, ...]

    @property
    def is_date(self) -> bool:
        """Nearly all cells are dates."""
        return self.filled > 0 and self.date_share >= MOSTLY

    @property
    def is_number(self) -> bool:
        """Nearly all cells are numbers."""
        return self.filled > 0 and self.number_share >= MOSTLY

    @property
    def distinct_share(self) -> float:
        """Different texts over filled cells."""
        return self.distinct / self.filled if self.filled else 0.0


def content_of(cells: Sequence[object]) -> Content:
    """Look at the cells of one column: texts, numbers or dates.

    Examples
    --------
    >>> content_of(["31.01.2024", "01.02.2024", ""]).date_formats
    ('%d.%m.%Y',)
    >>> content_of(["1 200 руб.", "15 руб."]).unit
    'руб.'
    """
    filled = [cell for cell in cells if cell is not None and str(cell).strip() != ""]
    texts = [str(cell).strip() for cell in filled]
    typed = sum(isinstance(cell, dt.date) for cell in filled)
    numbers = sum(isinstance(cell, int | float | Decimal) and not isinstance(cell, bool) for cell in filled)
    words = [text for cell, text in zip(filled, texts, strict=True) if isinstance(cell, str)]
    unit = _unit(words)
    numeric = sum(bool(NUMBER.match((text.replace(unit, "") if unit else text).strip())) for text in words)
    formats = _formats(words) if words else ()
    dated = len(words) if formats else sum(bool(ISO.match(text)) for text in words)
    size = max(len(filled), 1)
    return Content(
        filled=len(filled),
        rows=len(cells),
        distinct=len(set(texts)),
        date_share=(typed + dated) / size,
        number_share=(numbers + numeric) / size,
        date_formats=formats,
        is_typed_date=typed > 0 and typed >= len(filled) * MOSTLY,
        unit=unit,
        examples=tuple(dict.fromkeys(texts))[:3],
    )


def _unit(words: Sequence[str]) -> str:
    if not words or sum(bool(NUMBER.match(word)) for word in words) > len(words) / 2:
        return ""
    found = Counter(
        (match["before"] or "") or (match["after"] or "").strip()
        for word in words
        if (match := AFFIX.match(signed(word).lstrip("+-").strip()))
    )
    if not found:
        return ""
    unit, times = found.most_common(1)[0]
    return unit if unit and times >= len(words) * MOSTLY else ""


def _formats(words: Sequence[str]) -> tuple[str, ...]:
    sample = list(dict.fromkeys(words))
    if sum(bool(ISO.match(text)) and _is_day(text) for text in sample) >= len(sample) * MOSTLY:
        return ("",)
    read: dict[str, int] = {}
    for day in DATE_FORMATS:
        for time in TIMES:
            if _fits(sample[:FORMAT_SAMPLE], day + time):
                read[day + time] = _count(sample, day + time)
                break
    most = max(read.values(), default=0)
    return tuple(pattern for pattern, count in read.items() if count == most)


def _fits(texts: Sequence[str], pattern: str) -> bool:
    misfits = (None for text in texts if _read(text, pattern) is None)
    most = math.floor(len(texts) - len(texts) * MOSTLY)
    return sum(1 for _ in islice(misfits, most + 1)) <= most


def _count(texts: Sequence[str], pattern: str) -> int:
    return sum(_read(text, pattern) is not None for text in texts)


def _is_day(text: str) -> bool:
    return _read(re.split("[T ]", text)[0].replace("/", "-"), "%Y-%m-%d") is not None


def _read(text: str, pattern: str) -> dt.datetime | None:
    try:
        date = dt.datetime.strptime(text, pattern)  # noqa: DTZ007
    except ValueError:
        return None
    return date if FIRST_YEAR <= date.year <= LAST_YEAR else None


def signed(text: str) -> str:
    """Write a negative number with the minus before it: "(5)", "5-" and a typographic minus say the same.

    Examples
    --------
    >>> signed("(1 234,50)"), signed("5.00-"), signed("\u2212 5"), signed("12"), signed("a-")
    ('-1 234,50', '-5.00', '-5', '12', 'a-')
    """
    body = text.strip()
    size = body.strip(f"() {MINUS}")
    is_negative = re.fullmatch(rf"\(.*\)|.*[{MINUS}]|[{MINUS}].*", body) is not None
    return f"-{size}" if is_negative and any(sign.isdigit() for sign in size) else body


def marks(texts: Sequence[str]) -> tuple[str, str] | None:
    """Give the decimal mark and the thousands mark of numbers; None where they can be read in two ways.

    A mark before one, two, four or more last digits is decimal; one that stands twice in a number groups thousands;
    of two different ones the last is decimal.

    Examples
    --------
    >>> marks(["1.234,50", "12"]), marks(["1,234.5"]), marks(["12,5"]), marks(["1 200", "7"])
    ((',', '.'), ('.', ','), (',', ''), ('.', ' '))
    >>> marks(["1,234", "5,678"]) is None
    True
    """
    decimal, thousands = Counter[str](), Counter[str]()
    unclear: set[str] = set()
    for text in texts:
        body = signed(text).lstrip("+-").replace("\u00a0", " ").replace("\u202f", " ")
        signs = [sign for sign in body if sign in ".,'" or sign == " "]
        kinds = list(dict.fromkeys(signs))
        if len(kinds) > 1:
            decimal[signs[-1]] += signs[-1] in ".,"
            thousands.update(kinds[:-1] if signs[-1] in ".," else kinds)
        elif len(signs) > 1 or (signs and signs[0] in " '"):
            thousands[signs[0]] += 1
        elif signs:
            after = len(body) - 1 - body.index(signs[0])
            before = body.index(signs[0])
            if after == 3 and 1 <= before <= 3 and not body.startswith("0"):
                unclear.add(signs[0])
            else:
                decimal[signs[0]] += 1
    group = thousands.most_common(1)[0][0] if thousands else ""
    if decimal:
        mark = decimal.most_common(1)[0][0]
        other = next((sign for sign in unclear if sign != mark), "")
        return mark, group if group and group != mark else other
    if group in (".", ","):
        return ("," if group == "." else "."), group
    if unclear:
        return None
    return ".", group
