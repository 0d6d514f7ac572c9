"""Which column plays which role: by known words first, then by what the cells look like, then by nearly known words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kam_analysis.sources.mapping.content import Content
from kam_analysis.sources.mapping.sighting import Seen
from kam_analysis.sources.mapping.words import OTHER, Likeness, likeness, order_words, plain

NUMERIC = ("qty", "unit_price", "amount", "discount", "cost", "margin")
WORDY = ("customer_name", "item", "category", "manager", "department", "country", "region", "channel", "status")
HEADS_OF_TEAMS = ("manager", "менаџер", "sales manager", "руководитель")
NEARLY = 0.06
ANSWERED = "named by a person"
LEAST = 0.6
FEW_FOR_UNIQUE = 50


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
    """

    fits: dict[str, Fit] = field(default_factory=dict)
    rivals: dict[str, list[Fit]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)


def roles_of(seen: Seen, contents: Mapping[str, Content], given: Mapping[str, str]) -> Roles:
    """Find the roles of the columns of order lines.

    Parameters
    ----------
    seen : Seen
    contents : mapping of str to Content
        By column.
    given : mapping of str to str
        Column by role, as a person answered; overrides every guess.
    """
    scores: dict[str, dict[str, Fit]] = {}
    for column in seen.head:
        if column in given.values():
            continue
        for role, words in order_words().items():
            found = likeness(column, words)
            if found is not None and (fit := _fit(role, column, found, contents[column])) is not None:
                scores.setdefault(role, {})[column] = fit
    _settle_staff(scores)
    open_roles = [role for role in scores if role not in given]
    chosen = _assigned({role: scores[role] for role in open_roles}, list(seen.head))
    rivals = _rivals(scores, chosen, given)
    fits = {role: fit for role, fit in chosen.items() if not role.startswith(OTHER) and role not in rivals}
    fits |= {role: Fit(role, column, 1.0, ANSWERED) for role, column in given.items()}
    if "unit_price" in fits and not {"amount", "qty"} & {*fits, *rivals}:
        price = fits.pop("unit_price")
        fits["amount"] = Fit("amount", price.column, 0.8, f"{price.reason}; there is no quantity, so it is the amount")
    _settle_customer(fits, contents)
    used = {fit.column for fit in fits.values()}
    return Roles(fits, rivals, [name for name in seen.head if name not in used])


def _fit(role: str, column: str, found: Likeness, content: Content) -> Fit | None:
    """Hold the words against the cells; None where they contradict each other."""
    score, reason = found.score, found.reason
    if not content.filled and not role.startswith(OTHER):
        return None
    if role == "order_date":
        if not content.is_date:
            return None
        reason += f"; {content.date_share:.0%} dates"
    elif role in NUMERIC:
        if not content.is_number or (content.is_date and content.is_typed_date):
            return None
        reason += f"; {content.number_share:.0%} numbers"
    elif role in WORDY:
        if content.is_date or (role == "customer_name" and content.is_number and found.score < 1.0):
            return None
        if role == "status" and content.distinct > max(30, content.filled / 4):
            return None
    elif role in ("customer_id", "order_id", "sku"):
        if content.is_typed_date or (content.is_date and not content.is_number):
            return None
        if role == "customer_id" and content.distinct_share == 1.0 and content.filled > FEW_FOR_UNIQUE:
            score -= 0.2
            reason += "; every cell differs"
    elif role == "currency" and content.distinct > 40:
        return None
    return Fit(role, column, round(score, 3), reason) if score >= LEAST or role.startswith(OTHER) else None


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
            and not _is_otherwise(scores, other)
        ]
        if near and role not in given:
            found[role] = sorted([fit, *near], key=lambda one: -one.confidence)
    return found


def _is_otherwise(scores: Mapping[str, Mapping[str, Fit]], fit: Fit) -> bool:
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


def _settle_customer(fits: dict[str, Fit], contents: Mapping[str, Content]) -> None:
    """Take a lone customer column of numbers or codes as the id, one of words as the name."""
    if "customer_name" in fits and "customer_id" not in fits:
        fit = fits["customer_name"]
        if contents[fit.column].is_number:
            fits["customer_id"] = Fit("customer_id", fit.column, fit.confidence, f"{fit.reason}; numbers, so an id")
            del fits["customer_name"]
