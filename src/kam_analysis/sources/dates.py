"""Days as texts write them: months by name in many languages, words after the year, day numbers of spreadsheets."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from babel import Locale

from kam_analysis.engine import literal

EXCEL = "excel"
SERIAL_DAY = r"^[0-9]{5}([.,][0-9]+)?$"
EXCEL_1904 = "excel, counted from 1904"
DAYS_ZERO = {EXCEL: "1899-12-30", EXCEL_1904: "1904-01-01"}
ISO_DAY = r"^([0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2})([T ]+[0-9]{1,2}:[0-9]{2}.*)?$"
LANGUAGES = ("en", "ru", "uk", "bg", "mk", "sr_Cyrl", "sr_Latn", "hr", "sl", "sq", "de")
YEAR_WORDS = "г|год|года|році|року|р|година|година|године|god|godina|godine"
WEEKS = "w|wk|week|kw|cw|нед|неделя|недели|недела|tjedan|teden|sedmica|nedelja|woche|kalenderwoche"
_QUARTERS = "(?:q|qtr|quarter|quartal|кв|квартал|тромесечје|kvartal|tromjesečje)"
_NUMBER, _YEAR = "(?:[1-4]|i|ii|iii|iv)", "(?:fy )?(?:[0-9]{4}|[0-9]{2})(?: г| год| года| година)?"
QUARTER = rf"{_QUARTERS} {_NUMBER} {_YEAR}|{_NUMBER} {_QUARTERS} {_YEAR}|{_YEAR} {_QUARTERS} {_NUMBER}"
QUARTER += rf"|{_YEAR} {_NUMBER} {_QUARTERS}"
FISCAL = "fy [0-9]{2,4} (?:p|period|w|wk|week|m) [0-9]{1,2}|(?:p|period) [0-9]{1,2} (?:fy )?[0-9]{2,4}"
MONTH = "#"  # stands before the number of a month that was a name
LETTERS = "A-Za-z\u00c0-\u024f\u0370-\u052f"
TIDY = (  # in the words that both Python and DuckDB understand
    ("[.,\u00a0\u202f ]+", " "),
    (" ?([-/]) ?", r"\1"),
    ("^ | $", ""),
)
WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|понедельник|вторник|среда|четверг|пятница|суббота"
WEEKDAYS += (
    "|воскресенье|понеделник|вторник|среда|четврток|петок|сабота|недела|montag|dienstag|mittwoch|donnerstag|freitag"
)
WEEKDAYS += "|samstag|sonntag"
TIDY_WORDS = (
    (f"(?i)^({WEEKDAYS}) ", ""),
    (f"(?i)([0-9]) ?({YEAR_WORDS})( |$)", r"\1\3"),
    ("(?i)([0-9])(st|nd|rd|th)( |$)", r"\1\3"),
)
ZONE = (  # behind a time of day: the day is the one that is written
    r"(?i)([0-9]:[0-9]{2}(?:[.][0-9]+)?(?: ?[ap]m)?) ?(?:z|utc|gmt|[a-z]{3,4}|(?:utc|gmt)?[+-][0-9]{1,2}:?[0-9]{2})$",
    r"\1",
)
_TIDY = [(re.compile(pattern), instead) for pattern, instead in TIDY]
_TIDY_WORDS = [(re.compile(pattern), instead) for pattern, instead in TIDY_WORDS]
_ZONE = re.compile(ZONE[0])
_LETTER = re.compile(f"[{LETTERS}]")


@cache
def months() -> Mapping[str, str]:
    """Numbers of the months by the first three letters of their names, in all languages of ``LANGUAGES``.

    Examples
    --------
    >>> [months()[start] for start in ("окт", "мая", "јун", "dec", "mär")]
    ['10', '05', '06', '12', '03']
    """
    found: dict[str, set[int]] = defaultdict(set)
    for language in LANGUAGES:
        for names in Locale.parse(language).months.values():
            for number, name in [*names["wide"].items(), *names["abbreviated"].items()]:
                found[name.casefold()[:3]].add(number)
    return {start: f"{min(numbers):02}" for start, numbers in found.items() if len(numbers) == 1 and start.isalpha()}


@cache
def _month_names() -> frozenset[str]:
    return frozenset(
        name.casefold().strip(".")
        for language in LANGUAGES
        for names in Locale.parse(language).months.values()
        for name in [*names["wide"].values(), *names["abbreviated"].values()]
    )


def month_number(word: str) -> int:
    """Number of the month that a word of three letters or more names, in full or cut short; 0 where it names none.

    Examples
    --------
    >>> month_number("Mart"), month_number("сент"), month_number("май"), month_number("марка")
    (3, 9, 5, 0)
    """
    start = word.casefold()
    is_name = len(start) > 2 and any(name.startswith(start) for name in _month_names())
    return int(months().get(start[:3], 0)) if is_name else 0


def month_of(text: str, year: str = "") -> str | None:
    """Read a month with its year, which may stand apart; None where the text is anything else.

    Examples
    --------
    >>> month_of("Янв 2024"), month_of("2024-03"), month_of("03.2024"), month_of("Mar-24"), month_of("2024-03-01")
    ('2024-01', '2024-03', '2024-03', '2024-03', '2024-03')
    >>> month_of("март", "2024 г."), month_of("3", "2024"), month_of("202403"), month_of("Net 2024")
    ('2024-03', '2024-03', '2024-03', None)
    """
    words = re.findall(r"[^\W\d_]+|[0-9]+", re.sub(r"[.,]0+$", "", f"{year} {text}").casefold())
    words = [word for word in words if word not in YEAR_WORDS.split("|")]
    if len(words) == 1 and re.fullmatch("[0-9]{6}", words[0]):
        words = [words[0][:4], words[0][4:]]
    plain = " ".join(words)
    if match := re.fullmatch(r"([0-9]{4}) ([0-9]{1,2})(?: 0?1(?: 00 00(?: 00)?)?)?", plain):
        number, month = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"(?:0?1 )?([0-9]{1,2}) ([0-9]{4})", plain):
        month, number = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"([^\W\d]+) ([0-9]{2}|[0-9]{4})", plain):
        month, number = month_number(match[1]), int(match[2])
    elif match := re.fullmatch(r"([0-9]{4}) ([^\W\d]+)", plain):
        month, number = month_number(match[2]), int(match[1])
    else:
        return None
    number += 2000 if number < 100 else 0
    return f"{number}-{month:02}" if 1 <= month <= 12 and 1990 <= number <= 2099 else None


def week_of(text: str) -> str | None:
    """Monday of a week that a text names with its year, by ISO 8601; None where the text is anything else.

    Examples
    --------
    >>> week_of("2020-W53"), week_of("KW 03/2024"), week_of("Неделя 5, 2024"), week_of("5 2024"), week_of("2024-W54")
    ('2020-12-28', '2024-01-15', '2024-01-29', None, None)
    """
    found = re.fullmatch(rf"(?:([0-9]{{4}}) )?(?:{WEEKS}) ([0-9]{{1,2}})(?: ([0-9]{{4}}))?", _words_apart(text))
    if not found or bool(found[1]) == bool(found[3]):
        return None
    try:
        return dt.date.fromisocalendar(int(found[1] or found[3]), int(found[2]), 1).isoformat()
    except ValueError:
        return None


def names_period(text: str) -> str:
    """Quarters or periods of a fiscal year, where a text names one: neither day nor month is known of it.

    Examples
    --------
    >>> names_period("Q1 2024"), names_period("3 кв. 2023"), names_period("FY24 P01"), names_period("2024-03")
    ('quarters', 'quarters', 'periods of a fiscal year', '')
    """
    plain = _words_apart(text)
    if re.fullmatch(QUARTER, plain):
        return "quarters"
    return "periods of a fiscal year" if re.fullmatch(FISCAL, plain) else ""


def _words_apart(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+|[0-9]+", text.casefold()))


@cache
def _month_word() -> str:
    return f"(?i)(^|[^{LETTERS}])({'|'.join(months())})[{LETTERS}]*"


def plain_day(text: str) -> str:
    """Write a date with one blank for every dot, comma and blank, the month's name as a number, nothing after the year.

    Examples
    --------
    >>> plain_day("3 октября 2023 г."), plain_day("3. okt. 2023."), plain_day("05.10.2023."), plain_day("May 5th, 2023")
    ('3 #10 2023', '3 #10 2023', '05 10 2023', '#05 5 2023')
    >>> plain_day("Friday, May 5, 2023"), plain_day("15.01.2024 00:20:00 UTC"), plain_day("15.01.2024 00:20 -05:00")
    ('#05 5 2023', '15 01 2024 00:20:00', '15 01 2024 00:20')
    """
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    text = _ZONE.sub(ZONE[1], text)
    if not _LETTER.search(text):
        return text
    for pattern, instead in _TIDY_WORDS:
        text = pattern.sub(instead, text)
    return re.sub(_month_word(), lambda match: f"{match[1]}{MONTH}{months()[match[2].casefold()]}", text, count=1)


def plain_format(date_format: str) -> str:
    """Write a format as `plain_day` writes the texts that it reads.

    Examples
    --------
    >>> plain_format("%d.%m.%Y"), plain_format("%B %d, %Y %H:%M")
    ('%d %m %Y', '#%m %d %Y %H:%M')
    """
    return re.sub("%[bB]", f"{MONTH}%m", re.sub("[., ]+", " ", date_format).strip())


def day_of(text: str, date_format: str | None) -> str:
    """Give the SQL expression that reads a text as a day.

    Parameters
    ----------
    text : str
        An SQL expression.
    date_format : str or None
        `date_format` of the profile: a format, whose ``%b`` and ``%B`` are a month's name in any language; "excel" for
        day numbers of a spreadsheet beside ISO days; None for ISO days.

    Examples
    --------
    >>> from kam_analysis.engine import Engine
    >>> with Engine() as engine:
    ...     print(*engine.rows(f"SELECT {day_of(literal('3 октября 2023 г.'), '%d %b %Y')}")[0])
    ...     print(*engine.rows(f"SELECT {day_of(literal('45202.75'), 'excel')}")[0])
    2023-10-03
    2023-10-03
    """
    iso = f"TRY_CAST(regexp_extract({text}, {literal(ISO_DAY)}, 1) AS DATE)"
    if date_format in DAYS_ZERO:
        serial = f"DATE {literal(DAYS_ZERO[date_format])} + TRY_CAST(left({text}, 5) AS INTEGER)"
        return f"CASE WHEN regexp_matches({text}, {literal(SERIAL_DAY)}) THEN {serial} ELSE {iso} END"
    if date_format is None:
        return iso
    otherwise = f"try_strptime({_plain(text)}, {literal(plain_format(date_format))})"
    return f"CAST(coalesce(try_strptime({text}, {literal(date_format)}), {otherwise}) AS DATE)"


def _plain(text: str) -> str:
    for pattern, instead in (*TIDY, ZONE, *TIDY_WORDS):
        text = f"regexp_replace({text}, {literal(pattern)}, {literal(instead)}, 'g')"
    word = literal(_month_word())
    numbers = ", ".join(f"{literal(start)}: {literal(number)}" for start, number in months().items())
    number = f"MAP {{{numbers}}}[lower(regexp_extract({text}, {word}, 2))]"
    return f"regexp_replace({text}, {word}, concat('\\1{MONTH}', {number}))"
