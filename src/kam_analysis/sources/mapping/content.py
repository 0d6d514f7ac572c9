"""What the cells of a column look like: dates, numbers, and how many differ."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import accumulate

from kam_analysis.columns import Kind
from kam_analysis.sources.columns import APOSTROPHES, GROUP_BLANKS, MINUS
from kam_analysis.sources.dates import EXCEL, plain_day, plain_format
from kam_analysis.sources.mapping.scales import is_currency
from kam_analysis.sources.mapping.words import optional_words, order_words, similarity
from kam_analysis.tables import OPTIONAL

DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%d.%m.%Y", "%m.%d.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y"),
    *("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%y", "%d %b %y", "%b-%d-%Y", "%b-%d-%y"),
)
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", "T%H:%M:%S")
ISO = re.compile(r"^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ]+[0-9]{1,2}:[0-9]{2}.*)?$")
_SIGNS = f"0-9 '.,{GROUP_BLANKS}{APOSTROPHES}"
_SIZE = rf"(?:[0-9][{_SIGNS}]*|[.,][0-9]+)"
NUMBER = re.compile(rf"^(?:[+{MINUS}]?\s?{_SIZE}|\(\s?{_SIZE}\)|{_SIZE}[{MINUS}])$")
AFFIX = re.compile(
    rf"^(?P<before>[^\d+\-.,\s()]{{1,4}})?\s*(?P<number>[+-]?[0-9][{_SIGNS}]*)\s*"
    r"(?P<after>[^\d\s)][^\d]{0,11})?$"
)
FIRST_YEAR, LAST_YEAR = 1990, 2099
MOSTLY = 0.9
MEASURES = {
    *(
        "kg",
        "g",
        "l",
        "ml",
        "m",
        "m2",
        "t",
        "pcs",
        "pc",
        "pieces",
        "ea",
        "box",
        "boxes",
        "pack",
        "packs",
        "set",
        "hrs",
        "h",
    ),
    *("кг", "г", "гр", "л", "мл", "м", "т", "шт", "уп", "упак", "компл", "рул", "пар", "пач", "кор", "ч"),
    *("парче", "парчиња", "кутија", "кутии", "пакет", "ком", "kom", "kut", "stk", "st", "stück", "kist"),
}
MAJORITY = 0.6
_PLAIN = str.maketrans(GROUP_BLANKS + APOSTROPHES, " " * len(GROUP_BLANKS) + "'" * len(APOSTROPHES))
SHAPES = {"Y": "[0-9]{4}", "y": "[0-9]{2}", "p": "[AaPp][Mm]"} | dict.fromkeys("mdHIMS", "[0-9]{1,2}")
SERIAL = re.compile(r"^[3-5][0-9]{4}([.,][0-9]+)?$")
HEAD_FROM = 0.6
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
        Formats that read the most cells, "" for what is read without one; several where the cells do not decide;
        "excel" for day numbers of a spreadsheet below a head that names a date.
    is_typed_date : bool
        Whether the file itself holds dates, and no texts in a form of their own beside them.
    units : tuple of str
        Text that stands beside nearly every number; several where they measure different things.
    examples : tuple of str
    date_misfit_count : int
        Filled cells of a column of dates that are none.
    date_misfits : tuple of str
        Up to three different texts of these.
    """

    filled: int
    rows: int
    distinct: int
    date_share: float
    number_share: float
    date_formats: tuple[str, ...]
    is_typed_date: bool
    units: tuple[str, ...]
    examples: tuple[str, ...]
    date_misfit_count: int = 0
    date_misfits: tuple[str, ...] = ()

    @property
    def is_date(self) -> bool:
        """Most cells are dates; `date_misfit_count` says how many are none."""
        return self.filled > 0 and self.date_share >= MAJORITY

    @property
    def is_number(self) -> bool:
        """Nearly all cells are numbers."""
        return self.filled > 0 and self.number_share >= MOSTLY

    @property
    def unit(self) -> str:
        """The one text beside the numbers, empty where there is none."""
        return self.units[0] if len(self.units) == 1 else ""

    @property
    def distinct_share(self) -> float:
        """Different texts over filled cells."""
        return self.distinct / self.filled if self.filled else 0.0


def content_of(cells: Sequence[object], head: str = "") -> Content:
    """Look at the cells of one column: texts, numbers or dates.

    Parameters
    ----------
    cells : sequence
    head : str
        Name of the column: day numbers of a spreadsheet are dates only where it says so.

    Examples
    --------
    >>> content_of(["31.01.2024", "01.02.2024", ""]).date_formats
    ('%d.%m.%Y',)
    >>> content_of(["1 200 руб.", "15 руб."]).unit
    'руб.'
    >>> content_of(["5 kg", "10 шт.", "3 kg"]).units
    ('kg', 'шт.')
    >>> content_of(["31.01.2024", "01.02.2024", "January total"]).date_misfits
    ('January total',)
    >>> content_of(["45202", "45203"], "Date").date_formats
    ('excel',)
    """
    filled = [cell for cell in cells if cell is not None and str(cell).strip() != ""]
    texts = [str(cell).strip() for cell in filled]
    numbers = sum(isinstance(cell, int | float | Decimal) and not isinstance(cell, bool) for cell in filled)
    words = [text for cell, text in zip(filled, texts, strict=True) if isinstance(cell, str)]
    units = _units(words)
    numeric = sum(bool(NUMBER.match(bare(text, units))) for text in words)
    dates = _dates(filled, texts, words, head)
    size = max(len(filled), 1)
    return Content(
        filled=len(filled),
        rows=len(cells),
        distinct=len(set(texts)),
        date_share=1 - len(dates.misfits) / size if filled else 0.0,
        number_share=(numbers + numeric) / size,
        date_formats=dates.formats,
        is_typed_date=dates.are_typed,
        units=units,
        examples=tuple(dict.fromkeys(texts))[:3],
        date_misfit_count=len(dates.misfits) if dates.are_told else 0,
        date_misfits=tuple(dict.fromkeys(dates.misfits))[:3] if dates.are_told else (),
    )


@dataclass(frozen=True)
class _Dates:
    """Forms of the dates of a column, and the texts of the cells that are none."""

    formats: tuple[str, ...]
    are_typed: bool
    misfits: Sequence[str]

    @property
    def are_told(self) -> bool:
        return bool(self.formats) or self.are_typed


def _dates(filled: Sequence[object], texts: Sequence[str], words: Sequence[str], head: str) -> _Dates:
    is_typed = [isinstance(cell, dt.date) for cell in filled]
    others = [text for text, is_date in zip(texts, is_typed, strict=True) if not is_date]
    if others and all(map(SERIAL.match, others)) and is_date_head(head):
        return _Dates((EXCEL,), False, ())
    formats, read = _formats(words) if words else ((), set())
    misfits = [text for text in others if text not in read]
    is_column = len(filled) - len(misfits) >= max(len(filled) * MAJORITY, 1)
    return _Dates(formats if is_column else (), is_column and not formats, misfits)


def is_date_head(head: str) -> bool:
    """Whether a head is known as one of dates, of order lines or of an optional table.

    Examples
    --------
    >>> is_date_head("Дата документа"), is_date_head("Invoice Date"), is_date_head("Amount"), is_date_head("")
    (True, True, False, False)
    """
    lists = [order_words()["order_date"]]
    for table, roles in optional_words().items():
        lists += [words for role, words in roles.items() if OPTIONAL[table][role].kind is Kind.DATE]
    return any((found := similarity(head, words)) is not None and found.score >= HEAD_FROM for words in lists)


def bare(text: str, units: Sequence[str]) -> str:
    """Text of a cell without the units beside its number.

    Examples
    --------
    >>> bare("5 шт.", ("шт", "шт.")), bare("€ 7.20", ("€",)), bare("7", ())
    ('5', '7.20', '7')
    """
    for unit in sorted(units, key=len, reverse=True):
        text = text.replace(unit, "")
    return text.strip()


def _units(words: Sequence[str]) -> tuple[str, ...]:
    if not words or sum(bool(NUMBER.match(word)) for word in words) > len(words) / 2:
        return ()
    found = Counter(
        (match["before"] or "") or (match["after"] or "").strip()
        for word in words
        if (match := AFFIX.match(signed(word).lstrip("+-").strip()))
    )
    if not found:
        return ()
    unit, times = found.most_common(1)[0]
    if times >= len(words) * MOSTLY:
        return (unit,) if unit else ()
    for of_kind in (_is_measure, is_currency):
        texts = tuple(text for text, _ in found.most_common() if text and of_kind(text))
        if sum(found[text] for text in texts) >= len(words) * MOSTLY:
            return texts
    return ()


def _is_measure(text: str) -> bool:
    return text.casefold().rstrip(".") in MEASURES


def _formats(words: Sequence[str]) -> tuple[tuple[str, ...], set[str]]:
    """Formats that read the most words, and the words that the first of them reads; none where they read too few."""
    counts = Counter(words)
    iso = {text for text in counts if ISO.match(text) and _is_day(text)}
    if _weight(iso, counts) >= len(words) * MAJORITY:
        return ("",), iso
    sample = dict(list(counts.items())[:FORMAT_SAMPLE])
    plain = {text: plain_day(text) for text in sample}
    read: dict[str, set[str]] = {}
    for day in DATE_FORMATS:
        for time in TIMES:
            if _fits(sample, plain, day + time):
                plain |= {text: plain_day(text) for text in counts if text not in plain}
                read[day + time] = {text for text in counts if _read(plain[text], day + time) is not None}
                break
    most = max((_weight(texts, counts) for texts in read.values()), default=0)
    best = tuple(pattern for pattern, texts in read.items() if _weight(texts, counts) == most)
    return best, read[best[0]] if best else set()


def day_read(cell: object, formats: Sequence[str]) -> dt.date | None:
    """Day of a cell that is a date, or a text in one of some forms; None where it is neither.

    Examples
    --------
    >>> day_read("31.01.2024", ["%d.%m.%Y"]), day_read("2024-01-31T10:00", [""]), day_read("soon", ["%d.%m.%Y"])
    (datetime.date(2024, 1, 31), datetime.date(2024, 1, 31), None)
    """
    if isinstance(cell, dt.date):
        return cell.date() if isinstance(cell, dt.datetime) else cell
    text = str(cell or "").strip()
    forms = ["%Y-%m-%d"] if ISO.match(text) else [one for one in formats if one and one != EXCEL]
    plain = re.split("[T ]", text)[0].replace("/", "-") if ISO.match(text) else plain_day(text)
    found = (_read(plain, one) for one in forms)
    return next((day.date() for day in found if day is not None), None)


def _weight(texts: Iterable[str], counts: Mapping[str, int]) -> int:
    return sum(counts[text] for text in texts)


def _fits(counts: Mapping[str, int], plain: Mapping[str, str], pattern: str) -> bool:
    misfits = (times for text, times in counts.items() if _read(plain[text], pattern) is None)
    most = sum(counts.values()) * (1 - MAJORITY)
    return all(total <= most for total in accumulate(misfits))


def _is_day(text: str) -> bool:
    day = re.split("[T ]", text)[0].replace("/", "-")
    return _read(day, "%Y-%m-%d") is not None


def _read(plain: str, pattern: str) -> dt.datetime | None:
    if not _shape(pattern).fullmatch(plain):
        return None
    try:
        date = dt.datetime.strptime(plain, plain_format(pattern))  # noqa: DTZ007
    except ValueError:
        return None
    return date if FIRST_YEAR <= date.year <= LAST_YEAR else None


@cache
def _shape(pattern: str) -> re.Pattern[str]:
    """Of what a format reads: strptime takes thirty times as long to say no."""
    return re.compile(re.sub("%(.)", lambda match: SHAPES[match[1]], re.escape(plain_format(pattern))))


def grouped_plainly(text: str) -> str:
    """Write plain blanks and apostrophes for typographic ones between groups of digits.

    Examples
    --------
    >>> grouped_plainly("1\u2019234\u202f567")
    "1'234 567"
    """
    return text.translate(_PLAIN)


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
        body = grouped_plainly(signed(text).lstrip("+-"))
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
