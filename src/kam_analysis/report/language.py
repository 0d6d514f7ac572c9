"""Texts, numbers and dates as people read them in English, Russian and Macedonian."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, get_currency_symbol

from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import add_months
from kam_analysis.findings import MULTIPLE_FROM, Message, fields, is_absent, say, say_n
from kam_analysis.params import LANGUAGES
from kam_analysis.vocabulary import Labelled, known_value

PLURAL_FORMS = {"en": ("one", "other"), "ru": ("one", "few", "many"), "mk": ("one", "other")}
MINUS, NBSP = "\u2212", "\u00a0"
NOT_MEASURABLE = say("not measurable")
NOT_IN_DATA = say("not in the data")
YES, NO = say("yes"), say("no")
NO_CHANGE = say("no change")
POINTS = say_n("{change}\u00a0point", "{change}\u00a0points", count="n")
TIMES = say_n("{times}-fold", "{times}-fold", count="n")
_SHORT_UNITS = ((10**9, say("bn")), (10**6, say("M")), (10**3, say("k")))
_SHORT_FROM = 10_000
_FINE_POINTS = Decimal("0.2")
STOPS = (".", "!", "?", "…")
_QUOTES = {"ru": ("«»", "„“"), "mk": ("„“", "‚‘")}
_LIST_LOCALES = {"en": "en_GB"}
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@cache
def _catalogue(code: str) -> Catalog:
    with files("kam_analysis.report").joinpath("locale", f"{code}.po").open("rb") as file:
        catalog = read_po(file, locale=code)
    if problems := wrong_entries(catalog):
        raise UserError(
            Problem(
                f"{translation!r} has other values or formats than {english!r}",
                f"src/kam_analysis/report/locale/{code}.po, line {line}",
                cure="name the values of the English text, each with its format",
            )
            for line, english, translation in problems
        )
    return catalog


def wrong_entries(catalog: Catalog) -> list[tuple[int, str, str]]:
    """Find translations whose values or formats differ from the English: line of the entry, English, translation.

    Every form of a plural must name the values of the English plural.
    """
    found = []
    for message in catalog:
        english = message.id if isinstance(message.id, str) else message.id[-1]
        texts = (message.string,) if isinstance(message.string, str) else message.string or ()
        found += [
            (message.lineno or 0, english, text)
            for text in texts
            if english and text and _fields_or_none(english) != _fields_or_none(text)
        ]
    return found


def _fields_or_none(template: str) -> list[tuple[str, str]] | None:
    try:
        return sorted(fields(template))
    except ValueError:  # prose of a notebook with a brace
        return None


def clean(text: str) -> str:
    r"""Text of the source without control signs and reversed writing, blanks collapsed; letters are never changed.

    Examples
    --------
    >>> clean("Acme\x0b\tLtd \u202eevil")
    'Acme Ltd evil'
    """
    printable = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text)
    return re.sub(r"[ \n\r\t]+", " ", _BIDI_CONTROLS.sub("", printable)).strip(" ")


def has_words(template: str) -> bool:
    """Tell whether a template holds anything to translate beside its values.

    Examples
    --------
    >>> has_words("{share:share}"), has_words("{share:share} of sales")
    (False, True)
    """
    try:
        literals = [literal for literal, *_ in Formatter().parse(template)]
    except ValueError:  # prose of a notebook with a brace
        return True
    return any(sign.isalpha() for literal in literals for sign in literal)


def is_own_sentence(one: str, many: str) -> bool:
    """Tell whether the template for exactly one is a sentence of its own, with other values, not another plural form.

    Russian and Macedonian use their form "one" for 21 as well, so such a sentence is translated by itself.

    Examples
    --------
    >>> is_own_sentence("The only unit is safe.", "All {n:count} units are safe.")
    True
    >>> is_own_sentence("{n:count} client", "{n:count} clients")
    False
    """
    return set(fields(one)) != set(fields(many))


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value)) if not isinstance(value, float) else Decimal(repr(float(value)))
    if not number.is_finite():
        raise ValueError(f"{value} cannot be shown as a number")
    return number


def _rounded(number: Decimal, places: int) -> Decimal:
    """Round half away from zero; −0 becomes 0."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0


def is_no_change(change: Any) -> bool:
    """Tell whether a change of a share rounds to no tenth of a point.

    Examples
    --------
    >>> is_no_change(0.0004), is_no_change(-0.0005)
    (True, False)
    """
    return _rounded(_decimal(change), 3) == 0


def _day(value: Any) -> dt.date:
    if isinstance(value, str):
        return dt.date.fromisoformat(value[:10])
    return dt.date(value.year, value.month, value.day)


@dataclass(frozen=True)
class Language:
    r"""How pages speak: one language, one currency.

    Parameters
    ----------
    code : str
        ``en``, ``ru`` or ``mk``.
    currency : str, optional
        ISO code; without it amounts carry no sign.
    fallbacks : set of str
        Filled while texts are made: the English templates that the catalogue of this language does not have.
    asked : dict
        Filled likewise: every entry of the catalogue that was looked up, by its English template.
    near : pair of date, optional
        Dates from the first to before the second are written without their year.

    Examples
    --------
    >>> Language("en", "GBP").text(say("{who}: {money:money} ({share:share})", who="Acme", money=3.04e6, share=0.0349))
    'Acme: £3.04\xa0M (3.5\xa0%)'
    """

    code: str = "en"
    currency: str | None = None
    fallbacks: set[str] = field(default_factory=set, compare=False)
    asked: dict[str, Any] = field(default_factory=dict, compare=False)
    near: tuple[dt.date, dt.date] | None = None

    def __post_init__(self) -> None:
        if self.code not in LANGUAGES:
            raise ValueError(f"language {self.code!r} is none of {', '.join(LANGUAGES)}")

    def text(self, text: Message | Labelled | str | None) -> str:
        """Plain text of a message, a member's label or a name of the source; nothing for None; never HTML."""
        if text is None:
            return ""
        if isinstance(text, Labelled):
            text = text.label
        if isinstance(text, Message):
            return self._filled(self._template(text), text.values)
        if isinstance(text, str):
            return clean(text)
        raise TypeError(f"{text!r} is no text: give its format in the template")

    def sentence(self, text: Message | str) -> str:
        """Text of a sentence that stands by itself: with a full stop; a month it begins with is in upper case."""
        shown = self.text(text)
        template = self._template(text) if isinstance(text, Message) else ""
        if template.startswith("{") and fields(template)[0][1] not in ("", "names"):
            shown = shown[:1].upper() + shown[1:]
        return shown if not shown or shown.endswith(STOPS) else f"{shown}."

    def prose(self, english: str) -> str:
        """Translate a heading or paragraph of a notebook; English where the catalogue does not have it."""
        return self._template(Message(english))

    def format(self, value: Any, name: str) -> str:
        r"""Write a value in one of the formats that `findings` lists.

        None and NaN read "not measurable" (names: "not in the data"); an infinite number raises ValueError.

        Examples
        --------
        >>> english = Language()
        >>> english.format(0.997, "share"), english.format(-611342, "money_full"), english.format(0.04, "points")
        ('>99\xa0%', '−611,342', '+4\xa0points')
        """
        if name in ("", "value"):
            shown = known_value(value) if name and type(value) is str else value
            return self.text(NOT_IN_DATA if is_absent(value) else shown)
        if name not in _FORMATS:
            raise ValueError(f"unknown format {name!r}")
        if is_absent(value) or (name == "period" and any(is_absent(day) for day in value)):
            return self.text(NOT_MEASURABLE)
        return _FORMATS[name](self, value)

    def decimal(self, value: Any, places: int = 0) -> str:
        """Write a number with a fixed count of decimals and the signs of the language.

        Examples
        --------
        >>> Language("mk").decimal(8300083.805, 2)
        '8.300.083,81'
        """
        number = _rounded(_decimal(value), places)
        pattern = "#,##0" + ("." + "0" * places if places else "")
        return (MINUS if number < 0 else "") + format_decimal(abs(number), format=pattern, locale=self.code)

    def _template(self, message: Message) -> str:
        many = message.plural
        count = message.values.get(message.count) if message.count else None
        if many is not None and is_own_sentence(message.template, many):
            if count == 1:
                return self._template(Message(message.template))
            message = Message(many, plural=many)
        translated = "" if self.code == "en" else self._translation(message.template, many, count)
        if translated:
            return translated
        return many if many is not None and count != 1 else message.template

    def entry(self, template: str) -> Any:
        """What the catalogue of this language holds for a template: a text, a list of plural forms, or nothing."""
        entry = _catalogue(self.code).get(template)
        found = entry.string if entry else ""
        return list(found) if isinstance(found, tuple) else found

    def _translation(self, template: str, many: str | None, count: Any) -> str:
        found = self.asked[template] = self.entry(template)
        if many is not None:
            found = found if isinstance(found, list) and all(found) else ""
            found = found and found[self._plural_index(count)]
        elif isinstance(found, list):
            found = found[0]
        if not found and has_words(template):
            self.fallbacks.add(template)
        return str(found)

    def _plural_index(self, count: Any) -> int:
        forms = PLURAL_FORMS[self.code]
        if is_absent(count):
            return len(forms) - 1
        category = str(Locale.parse(self.code).plural_form(abs(_decimal(count))))
        return forms.index(category) if category in forms else 1

    def _filled(self, template: str, values: Mapping[str, Any]) -> str:
        parts: list[str] = []
        is_shortened = False  # an abbreviation such as "тыс." ends the sentence with its own full stop
        for literal, name, spec, _ in Formatter().parse(template):
            parts.append(literal.removeprefix(".") if is_shortened else literal)
            if name is not None:
                value = self.format(values[name], spec or "")
                parts.append(self._after(literal, value))
            is_shortened = name is not None and parts[-1].endswith(".")
        return "".join(parts)

    def _after(self, literal: str, value: str) -> str:
        """Value as it stands after a literal: between quotes its own quotes are of the inner kind."""
        outer, inner = _QUOTES.get(self.code, ("", ""))
        return value.translate(str.maketrans(outer, inner)) if outer and literal.endswith(outer[0]) else value

    @property
    def currency_sign(self) -> str:
        """Sign of the currency in this language, its code where there is no sign, empty where it is unknown."""
        return str(get_currency_symbol(self.currency, locale=self.code)) if self.currency else ""

    def _currency(self, amount: str) -> str:
        sign = self.currency_sign
        if not sign:
            return amount
        if self.code != "en":
            return f"{amount}{NBSP}{sign}"
        return f"{sign}{NBSP}{amount}" if sign[-1].isalpha() else f"{sign}{amount}"

    def _money(self, value: Any) -> str:
        number = _decimal(value)
        if abs(_rounded(number, 0)) < _SHORT_FROM:
            return self._money_full(value)
        digits = math.floor(abs(number).log10()) + 1
        number = _rounded(number.scaleb(3 - digits), 0).scaleb(digits - 3)
        size, name = next((size, name) for size, name in _SHORT_UNITS if abs(number) >= size)
        short = abs(number) / size
        places = 2 if short < 10 else 1 if short < 100 else 0
        return self._signed_money(number, f"{self.decimal(short, places)}{NBSP}{self.text(name)}")

    def _money_full(self, value: Any, places: int | None = None) -> str:
        number = _decimal(value)
        if places is None:
            places = 2 if abs(number) < 100 and number != number.to_integral_value() else 0
        number = _rounded(number, places)
        return self._signed_money(number, self.decimal(abs(number), places))

    def _signed_money(self, number: Decimal, amount: str) -> str:
        return (MINUS if number < 0 else "") + self._currency(amount)

    def _percent(self, share: Any, places: int) -> str:
        number = abs(_decimal(share)) * 100
        if number == 0:
            return f"0{NBSP}%"
        sign = MINUS if share < 0 else ""
        if Decimal("99.5") <= number < 100:
            return f"{'<' if sign else '>'}{sign}99{NBSP}%"
        if number < Decimal("0.005"):
            return f"{'>' if sign else '<'}{sign}{self.decimal(0.01, 2)}{NBSP}%"
        if number < Decimal("0.995"):
            places = 2
        return f"{sign}{self.decimal(number, 0 if number == 100 else places)}{NBSP}%"

    def _change(self, value: Any) -> str:
        if is_no_change(value):
            return self.text(NO_CHANGE)
        if value >= MULTIPLE_FROM:
            return self._multiple(_decimal(value) + 1)
        number = _rounded(_decimal(value) * 100, 1)
        return ("+" if number > 0 else "") + self.decimal(number, 1) + f"{NBSP}%"

    def _multiple(self, times: Decimal) -> str:
        number = _rounded(times, 1 if times < 10 else 0)
        is_whole = number == number.to_integral_value()
        shown = self.decimal(number, 0 if is_whole else 1)
        values = {"times": shown, "n": int(number) if is_whole else number}
        return self.text(Message(TIMES.template, values, TIMES.plural, TIMES.count))

    def _points(self, value: Any) -> str:
        if is_no_change(value):
            return self.text(NO_CHANGE)
        number = _decimal(value) * 100
        tenths = _rounded(number, 1)
        places = 1 if abs(tenths) < 10 and tenths != tenths.to_integral_value() else 0
        if abs(number) < _FINE_POINTS and _rounded(number, 2) != tenths:
            places = 2
        number = _rounded(number, places)
        change = ("+" if number > 0 else "") + self.decimal(number, places)
        count = abs(number) if places == 0 else Decimal("0.5")
        return self.text(Message(POINTS.template, {"change": change, "n": count}, POINTS.plural, POINTS.count))

    def _hundredths(self, value: Any) -> str:
        number = _rounded(_decimal(value) * 100, 1)
        return ("+" if number > 0 else "") + self.decimal(number, 1)

    def _plain_number(self, value: Any) -> str:
        number = _rounded(_decimal(value), 1)
        return self.decimal(number, 0 if number == number.to_integral_value() else 1)

    def is_near(self, value: Any) -> bool:
        """Tell whether a date goes without its year."""
        return self.near is not None and self.near[0] <= _day(value) < self.near[1]

    def _date(self, value: Any, pattern: str = "d MMM y") -> str:
        return format_date(_day(value), pattern, locale=self.code)

    def month_name(self, month: Any) -> str:
        """Short name of a month without its year.

        Examples
        --------
        >>> Language("mk").month_name(dt.date(2025, 10, 1))
        'окт.'
        """
        return self._date(month, "LLL")

    def _period(self, days: Iterable[Any]) -> str:
        first, last = (_day(day) for day in days)
        if first.day == 1 and (last + dt.timedelta(days=1)).day == 1:
            return self._months(first, last)
        if (first.year, first.month) == (last.year, last.month):
            return self._date(last) if first == last else f"{first.day}–{self._date(last)}"
        start = self._date(first, "d MMM" if first.year == last.year else "d MMM y")
        return f"{start} – {self._date(last)}"

    def _months(self, first: dt.date, last: dt.date) -> str:
        if add_months(first, 1) > last:
            return self._date(last, "LLL y")
        return self._date(first, "LLL" if first.year == last.year else "LLL y") + "–" + self._date(last, "LLL y")

    def _names(self, names: Iterable[Any]) -> str:
        return format_list([self.text(name) for name in names], locale=_LIST_LOCALES.get(self.code, self.code))


_FORMATS: dict[str, Callable[[Language, Any], str]] = {
    "count": lambda language, value: language.decimal(value),
    "num": Language._plain_number,
    "num1": lambda language, value: language.decimal(value, 1),
    "num2": lambda language, value: language.decimal(value, 2),
    "money": Language._money,
    "money_full": Language._money_full,
    "money_cents": lambda language, value: language._money_full(value, 2),
    "share": lambda language, value: language._percent(value, 1),
    "share0": lambda language, value: language._percent(value, 0),
    "change": Language._change,
    "points": Language._points,
    "hundredths": Language._hundredths,
    "date": lambda language, value: language._date(value, "d MMM" if language.is_near(value) else "d MMM y"),
    "month": lambda language, value: language._date(value, "LLL y"),
    "period": Language._period,
    "names": Language._names,
    "flag": lambda language, value: language.text(YES if value else NO),
}
