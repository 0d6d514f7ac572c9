"""What a head says beside its role: thousands or millions of money, a month, quantity or amount of it."""

from __future__ import annotations

import re
from functools import cache
from unicodedata import category

from babel import Locale

from kam_analysis.sources.dates import YEAR_WORDS, month_number, month_of
from kam_analysis.sources.mapping.words import PIVOT, order_words, plain, similarity

CURRENCY = "eur|usd|gbp|chf|rub|rur|mkd|rsd|bam|€|\\$|£"
MONEY_SIGN = re.compile(rf"(?:{CURRENCY}|руб|р|ден|din|дин|грн|₽|₴)\.?")
SIGNS = {
    **{"€": "EUR", "£": "GBP", "₽": "RUB", "руб": "RUB", "₴": "UAH", "грн": "UAH", "₺": "TRY", "₹": "INR"},
    **{"ден": "MKD", "den": "MKD", "us$": "USD", "zł": "PLN", "km": "BAM", "₸": "KZT", "ft": "HUF", "kč": "CZK"},
}
SCALES = {
    1_000: r"тыс|тысяч\w*|илјади|илј|хиљада|хиљ|hiljada|hilj|tsd|tausend|thousands?|'?000s?"
    rf"|k ?({CURRENCY})|t ?(eur|€|chf|rsd)",
    1_000_000: rf"млн|миллион\w*|милиони?|мил|miliona?|mil|mio|mln|millions?|m ({CURRENCY})",
}
UNITS = re.compile(
    rf"[(\[]?(?:in |в |во )?(?:{'|'.join(SCALES.values())})?[., ]*"
    rf"(?:{CURRENCY}|руб|р|ден|din|дин|грн|тг|%|шт|пар|кг|kg|pcs|st|t|т)?[.)\]]*"
)
MEASURED = 0.75


def scale_of(text: str) -> int:
    """What numbers are multiplied by, as the words beside them say.

    Examples
    --------
    >>> scale_of("Выручка, тыс. руб."), scale_of("Sales (kEUR)"), scale_of("Umsatz in Mio. €"), scale_of("Sales '000")
    (1000, 1000, 1000000, 1000)
    >>> scale_of("Сумма, руб."), scale_of("Amount EUR"), scale_of("2000"), scale_of("Milk")
    (1, 1, 1, 1)
    """
    for scale, words in SCALES.items():
        if re.search(rf"(?<!\w)({words})(?!\w)", text.casefold()):
            return scale
    return 1


def is_unit(text: str) -> bool:
    """Whether a text says a scale, a currency or a unit of measure, and nothing else.

    Examples
    --------
    >>> is_unit("тыс. руб."), is_unit("руб."), is_unit("(EUR)"), is_unit("шт."), is_unit("Выручка")
    (True, True, True, True, False)
    """
    return UNITS.fullmatch(text.casefold()) is not None


def is_currency(text: str) -> bool:
    """Whether a text beside numbers names a currency.

    Examples
    --------
    >>> [is_currency(text) for text in ("$", "руб.", "US$", "PLN", "kg", "")]
    [True, True, True, True, False, False]
    """
    has_sign = any(category(sign) == "Sc" for sign in text)
    return has_sign or text in _codes() or MONEY_SIGN.fullmatch(text.casefold()) is not None


def currency_of(text: str) -> str | None:
    """Code of the one currency that a text beside numbers names; None where it names none, or one of several.

    Examples
    --------
    >>> currency_of("€"), currency_of("ден."), currency_of("CHF"), currency_of("$")
    ('EUR', 'MKD', 'CHF', None)
    """
    return text if text in _codes() else SIGNS.get(text.casefold().strip("."))


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def month_in(head: str) -> tuple[str, str] | None:
    """Give the month in a head and the other words of it; None where there is none.

    Examples
    --------
    >>> month_in("Янв 2024"), month_in("Кол-во янв 2024"), month_in("2023 Oct Qty"), month_in("March")
    (('2024-01', ''), ('2024-01', 'кол во'), ('2023-10', 'qty'), None)
    """
    if whole := month_of(head):
        return whole, ""
    words = [word for word in plain(head).split() if word not in YEAR_WORDS.split("|")]
    for place in range(len(words) - 1):
        pair = words[place : place + 2]
        if any(map(month_number, pair)) and (month := month_of(" ".join(pair))):
            return month, " ".join([*words[:place], *words[place + 2 :]])
    return None


def measure_of(text: str) -> str | None:
    """Whether words say an amount, as no word does, or a quantity; None where they say something else.

    Examples
    --------
    >>> measure_of(""), measure_of("Износ"), measure_of("Units"), measure_of("Cost"), measure_of("Total margin %")
    ('amount', 'amount', 'qty', None, None)
    """
    words = PIVOT.sub("", f"{plain(text)} ").strip()
    if not words:
        return "amount"
    roles = {role: known for role, known in order_words().items() if role != "unit"}
    fits = [(found.score, role) for role, known in roles.items() if (found := similarity(words, known))]
    score, role = max(fits, default=(0.0, ""))
    return role if score >= MEASURED and role in ("amount", "qty") else None
