"""Which column plays which role: by known words first, then by what the cells look like, then by nearly known words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kam_analysis.sources.dates import WEEKS, month_number, month_of, week_of
from kam_analysis.sources.mapping.content import Content
from kam_analysis.sources.mapping.evidence import FEWEST_DATES, TOTAL, Evidence, percent, text_of, undated
from kam_analysis.sources.mapping.sample import TableSample
from kam_analysis.sources.mapping.scales import is_currency
from kam_analysis.sources.mapping.words import OTHER, Similarity, order_words, plain, similarity, spoken
from kam_analysis.sources.profile import BESIDE_LINES, MONEY_ROLES

NUMERIC = ("qty", "unit_price", "amount", "discount", *BESIDE_LINES, "cost", "margin")
WORDY = ("customer_name", "item", "category", "manager", "department", "country", "region", "channel", "status")
HEADS_OF_TEAMS = ("manager", "менаџер", "sales manager", "руководитель", "sales team", "team")
NEARLY = 0.06
ANSWERED = "named by a person"
LEAST = 0.6
FEW_FOR_UNIQUE = 50
WEEK = frozenset(WEEKS.split("|"))
FEW_FOR_ORDERS = 10
FEW_CUSTOMERS = 2
CLOSING = ("clos", "закрыт", "затвор", "abschluss")
CREATED = ("creat", "создан", "креира", "kreir", "erstell", "добавя")
COUNTING = {"qty", "quantity", "qnty", "количество", "кол", "количина", "menge", "količina"}
CLOSING_LOSS, CREATED_LOSS = 0.15, 0.07
DAYS = {"date", "day", "дата", "датум", "datum", "ден"}
EVENTS = (
    *(
        "deliver",
        "shipp",
        "ship",
        "due",
        "required",
        "estimated",
        "expected",
        "promised",
        "approved",
        "limit",
        "updated",
    ),
    *("modified", "returned", "refunded", "birth", "expir", "valid", "достав", "оплат", "измен", "испорак", "плаќ"),
    *("liefer", "zahl", "fällig"),
)
NUMBERED = 0.2
MOST_UNITS = 40
SHARE = re.compile(r"%|percent|процент|pct|prozent|ratio")
BESIDE_SALES = {  # words of heads of money that is no sale, unless it is said to be in the amount or not
    *("tax", "vat", "gst", "refund", "refunded", "shipping", "freight", "paid", "due", "balance", "outstanding"),
    *("ндс", "ддв", "пдв", "ддс", "pdv", "mwst", "ust", "налог", "оплачено", "оплаты", "долг", "остаток", "доставки"),
    *("платено", "салдо", "платено", "dug", "saldo", "plaćeno", "bezahlt", "offen"),
}
INCLUDES = re.compile(
    r"\b(incl|excl|inc|ex|including|excluding|before|after|with|without|net|gross|inkl|exkl|ohne|mit|zzgl|bez|sa|s|без|с|со|вкл)\b",
    re.I,
)
FRACTION = re.compile(r"[.,](?!0+$)[0-9]{1,2}$")


@dataclass(frozen=True)
class Fit:
    """A column in a role, with the confidence and its reason."""

    role: str
    column: str
    confidence: float
    reason: str


@dataclass(frozen=True)
class Roles:
    """What was found for a table.

    Parameters
    ----------
    fits : dict of str to Fit
        By role.
    rivals : dict of str to list of Fit
        Roles that several columns fit about equally well: a person decides.
    unused : list of str
        Columns without a role.
    scores : dict of str to dict of str to Fit
        By role, known uses of no interest among them, and column: every fit that words and cells allow.
    """

    fits: dict[str, Fit] = field(default_factory=dict)
    rivals: dict[str, list[Fit]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    scores: dict[str, dict[str, Fit]] = field(default_factory=dict)


def roles_of(sample: TableSample, contents: Mapping[str, Content], given: Mapping[str, str]) -> Roles:
    """Find the roles of the columns of order lines.

    Parameters
    ----------
    sample : TableSample
    contents : mapping of str to Content
        By column; a column that is missing here has no role.
    given : mapping of str to str
        Column by role, as a person answered; overrides every guess; an empty one leaves the role out.
    """
    evidence = Evidence(sample, contents)
    scores: dict[str, dict[str, Fit]] = {}
    said = spoken(sample.head)
    for column in sample.head:
        if column in given.values() or column not in contents:
            continue
        for role, words in order_words().items():
            found = similarity(said[column], words)
            if found is not None and (fit := _fit(role, column, found, evidence)) is not None:
                scores.setdefault(role, {})[column] = fit
    _settle_staff(scores)
    open_roles = [role for role in scores if role not in given]
    chosen = _assigned({role: scores[role] for role in open_roles}, list(sample.head))
    rivals = _rivals(scores, chosen, given)
    fits = {role: fit for role, fit in chosen.items() if not role.startswith(OTHER) and role not in rivals}
    fits |= {role: Fit(role, column, 1.0, ANSWERED) for role, column in given.items() if column}
    _settle_customer(fits, rivals, contents)
    used = {fit.column for fit in fits.values()}
    return Roles(fits, rivals, [name for name in sample.head if name in contents and name not in used], scores)


def _fit(role: str, column: str, found: Similarity, evidence: Evidence) -> Fit | None:
    """Hold the words against the cells; None where they contradict each other."""
    content = evidence.contents[column]
    if role.startswith(OTHER):
        return Fit(role, column, round(found.score, 3), found.reason)
    if not content.filled:
        return None
    allowed = _allowed(role, column, found, evidence)
    if allowed is None:
        return None
    loss, more = allowed
    score = round(found.score - loss, 3)
    return Fit(role, column, score, found.reason + more) if score >= LEAST else None


def _allowed(role: str, column: str, found: Similarity, evidence: Evidence) -> tuple[float, str] | None:
    """How far the cells lower a score, and what they add to its reason; None where they rule the role out."""
    content = evidence.contents[column]
    if role == "order_date":
        return _allowed_date(column, evidence)
    if role in NUMERIC:
        counts = role in MONEY_ROLES and bool(COUNTING & set(plain(column).split()))
        is_share = role == "margin" and bool(SHARE.search(f"{column.casefold()} {content.unit}"))
        is_nothing = role != "discount" and content.distinct == 1 and not re.search("[1-9]", content.examples[0])
        if not content.is_number or (content.is_date and content.is_typed_date) or is_share or is_nothing or counts:
            return None
        if (
            role == "amount"
            and found.score < 1.0
            and BESIDE_SALES & set(plain(column).split())
            and not INCLUDES.search(column)
        ):
            return None
        return 0.0, f"; {percent(content.number_share)} numbers"
    if role in WORDY:
        is_id = "id" in plain(column).split()
        is_odd = role == "customer_name" and (content.is_number or is_id) and found.score < 1.0
        is_money = content.is_number and (is_currency(content.unit) or _has_fractions(evidence.texts(column)))
        is_free_text = role == "status" and content.distinct > max(30, content.filled / 4)
        if content.is_date or is_odd or is_money or is_free_text:
            return None
        return (NUMBERED, "; numbers") if role == "item" and content.is_number else _loss_of_sameness(role, content)
    if role in ("customer_id", "order_id", "sku"):
        if content.is_typed_date or (content.is_date and not content.is_number):
            return None
        return _allowed_order(column, found, evidence) if role == "order_id" else _loss_of_sameness(role, content)
    if role in ("year", "month"):
        texts = [text for text in evidence.texts(column) if text and not TOTAL.match(text)]
        is_one = _is_year if role == "year" else _is_week if WEEK & set(plain(column).split()) else _is_month
        is_told = bool(texts) and all(map(is_one, set(texts)))
        return (0.0, "") if is_told else None
    if role == "unit" and (content.is_number or content.is_date):
        return None
    return None if role in ("currency", "unit") and content.distinct > MOST_UNITS else (0.0, "")


def _is_year(text: str) -> bool:
    return month_of("1", text) is not None


def _is_week(text: str) -> bool:
    return week_of(text) is not None


def _is_month(text: str) -> bool:
    is_named = month_of(text, "2000") is not None or month_of(text) is not None
    return is_named or month_number(text) > 0 or _is_week(text)


def _loss_of_sameness(role: str, content: Content) -> tuple[float, str]:
    """A customer is neither the same in all rows nor another one in every row."""
    if role not in ("customer_id", "customer_name") or content.filled <= FEW_FOR_UNIQUE:
        return 0.0, ""
    if role == "customer_id" and content.distinct_share == 1.0:
        return 0.2, "; every cell differs"
    return (0.3, f"; only {content.distinct} different") if content.distinct <= FEW_CUSTOMERS else (0.0, "")


def _allowed_date(column: str, evidence: Evidence) -> tuple[float, str] | None:
    content = evidence.contents[column]
    if not content.is_date:
        content = evidence.of_full_rows(column)
    if not content.is_date:
        return None
    cells = [cell for cell in evidence.sample.cells(column) if not TOTAL.match(text_of(cell))]
    others = undated(cells, content)
    share = 1 - len(others) / max(sum(text_of(cell) != "" for cell in cells), 1)
    if share < FEWEST_DATES:
        return None
    is_later = any(word.startswith((*CLOSING, *EVENTS)) for word in plain(column).split())
    loss = CLOSING_LOSS if is_later else CREATED_LOSS * any(word in plain(column) for word in CREATED)
    return (1 - share) / 2 + loss, f"; {percent(share)} dates"


def _allowed_order(column: str, found: Similarity, evidence: Evidence) -> tuple[float, str] | None:
    """An order id tells orders apart: no yes or no, no money, no names that repeat everywhere."""
    content = evidence.contents[column]
    if content.is_date and DAYS & set(plain(column).split()):
        return None
    if content.filled < FEW_FOR_ORDERS:
        return 0.0, ""
    texts = [text_of(cell) for cell in evidence.sample.cells(column)]
    filled = [text for text in texts if text]
    if content.is_number and _has_fractions(filled):
        return None
    has_signs = sum(any(sign.isdigit() for sign in text) for text in filled) > len(filled) / 2
    if content.distinct <= 2 or (not has_signs and (content.distinct_share < 0.3 or found.score < 1.0)):
        return None
    return 0.0, ""


def _has_fractions(texts: Sequence[str]) -> bool:
    return sum(bool(FRACTION.search(text)) for text in texts) > len(texts) / 10


def _assigned(scores: Mapping[str, Mapping[str, Fit]], columns: list[str]) -> dict[str, Fit]:
    """Give every role at most one column and every column at most one role, with the highest sum of scores.

    A kind of other column may stand there many times, so that each such role counts once per column.
    """
    from scipy.optimize import linear_sum_assignment

    rows: list[tuple[str, str | None]] = []
    for role, fits in scores.items():
        rows.extend((role, column) for column in fits) if role.startswith(OTHER) else rows.append((role, None))
    if not rows:
        return {}
    weights = np.zeros((len(rows), len(columns)))
    for number, (role, only) in enumerate(rows):
        for column, fit in scores[role].items():
            if only in (None, column):
                # A role that reads the exact word beats one that merely holds it, by more than any sum of small gains.
                weights[number, columns.index(column)] = fit.confidence**3 + (
                    0.001 if not role.startswith(OTHER) else 0
                )
    chosen: dict[str, Fit] = {}
    for number, place in zip(*linear_sum_assignment(-weights), strict=True):
        role, _ = rows[number]
        if weights[number, place] > 0 and not role.startswith(OTHER):
            chosen[role] = scores[role][columns[place]]
    return chosen


def _rivals(
    scores: Mapping[str, Mapping[str, Fit]], chosen: Mapping[str, Fit], given: Mapping[str, str]
) -> dict[str, list[Fit]]:
    taken = {fit.column: role for role, fit in chosen.items()}
    found: dict[str, list[Fit]] = {}
    for role, fit in chosen.items():
        near = [
            other
            for other in scores[role].values()
            if other.column != fit.column
            and other.confidence >= fit.confidence - NEARLY
            and (other.column not in taken or chosen[taken[other.column]].confidence < other.confidence)
            and not is_otherwise(scores, other)
        ]
        if near and role not in given:
            found[role] = sorted([fit, *near], key=lambda one: -one.confidence)
    return found


def is_otherwise(scores: Mapping[str, Mapping[str, Fit]], fit: Fit) -> bool:
    """Whether another role, or a known use of no interest, describes the column better."""
    return any(
        fits[fit.column].confidence > fit.confidence + (0 if role.startswith(OTHER) else NEARLY)
        for role, fits in scores.items()
        if role != fit.role and fit.column in fits
    )


def _settle_staff(scores: dict[str, dict[str, Fit]]) -> None:
    """Where a salesperson stands beside a manager, the first looks after the customer and the second heads a team."""
    managers = scores.get("manager", {})
    above = [column for column, fit in managers.items() if plain(column) in HEADS_OF_TEAMS and fit.confidence == 1.0]
    below = [
        column for column, fit in managers.items() if plain(column) not in HEADS_OF_TEAMS and fit.confidence == 1.0
    ]
    if above and below:
        for column in above:
            del managers[column]
            fit = Fit("department", column, 0.9, f"stands above {below[0]!r}")
            scores.setdefault("department", {}).setdefault(column, fit)


def _settle_customer(fits: dict[str, Fit], rivals: dict[str, list[Fit]], contents: Mapping[str, Content]) -> None:
    """Take a lone customer column of numbers or codes as the id, one of words as the name; of two, one as each."""
    names = rivals.get("customer_name", [])
    worded = [fit for fit in names if not contents[fit.column].is_number]
    if len(names) == 2 and len(worded) == 1 and "customer_id" not in {*fits, *rivals}:
        del rivals["customer_name"]
        fits["customer_name"] = next(fit for fit in names if fit not in worded)
        _settle_customer(fits, rivals, contents)
        fits["customer_name"] = worded[0]
    elif "customer_name" in fits and "customer_id" not in fits:
        fit = fits["customer_name"]
        if contents[fit.column].is_number:
            fits["customer_id"] = Fit("customer_id", fit.column, fit.confidence, f"{fit.reason}; numbers, so an id")
            del fits["customer_name"]
