"""Roles of one table while they are settled, and how choices among columns are told."""

from __future__ import annotations

from collections.abc import Mapping

from kam_analysis.errors import Problem
from kam_analysis.sources.mapping.evidence import Evidence
from kam_analysis.sources.mapping.roles import Fit, Roles
from kam_analysis.sources.mapping.words import plain

PROVEN, LIKELY = 0.9, 0.7
MOST_FREE = 12
FEWEST_ROWS = 5


class Case:
    """Roles of one table while they are settled.

    Parameters
    ----------
    evidence : Evidence
    found : Roles
        What words and single columns say; changed in place.
    given : mapping of str to str
        Column by role, as a person answered: never changed.
    """

    def __init__(self, evidence: Evidence, found: Roles, given: Mapping[str, str]) -> None:
        self.evidence, self.found, self.given = evidence, found, given
        self.notes: list[str] = []
        self.asks: list[Problem] = []
        self.totals: list[str] = []
        self.orders: list[list[int]] = []

    def columns(self, role: str) -> list[str]:
        """Columns that fit a role, the best first."""
        if role in self.found.rivals:
            return [fit.column for fit in self.found.rivals[role]]
        return [self.found.fits[role].column] if role in self.found.fits else []

    def one(self, role: str) -> str | None:
        """The column of a settled role."""
        fit = self.found.fits.get(role)
        return fit.column if fit else None

    def is_open(self, role: str) -> bool:
        """Whether no person answered for a role."""
        return role not in self.given

    def take(self, role: str, column: str, confidence: float, reason: str) -> None:
        """Give a role a column, and take the column from every other role."""
        for other in [*self.found.fits, *self.found.rivals]:
            if other != role and self.is_open(other):
                self.drop(other, column)
        self.found.rivals.pop(role, None)
        self.found.fits[role] = Fit(role, column, confidence, reason)

    def keep(self, role: str, column: str, reason: str) -> None:
        """Settle a role among its columns."""
        fits = [*self.found.rivals.pop(role, []), *([self.found.fits[role]] if role in self.found.fits else [])]
        fit = next(fit for fit in fits if fit.column == column)
        self.found.fits[role] = Fit(role, column, fit.confidence, f"{fit.reason}; {reason}")

    def drop(self, role: str, column: str) -> None:
        """Take a column from a role; of several, the others stay."""
        left = [fit for fit in self.found.rivals.pop(role, []) if fit.column != column]
        if len(left) == 1:
            self.found.fits[role] = left[0]
        elif left:
            self.found.rivals[role] = left
        elif role in self.found.fits and self.found.fits[role].column == column:
            del self.found.fits[role]

    def unchosen(self, role: str) -> list[str]:
        """Columns of numbers that fit a role by their words and stand in no role."""
        taken = {*(fit.column for fit in self.found.fits.values()), *self.columns(role)}
        return [column for column in self.found.scores.get(role, {}) if column not in taken]

    def free_numbers(self) -> list[str]:
        """Columns of numbers whose words say nothing."""
        spoken = {
            column for fits in self.found.scores.values() for column, fit in fits.items() if fit.confidence >= LIKELY
        }
        spoken |= {fit.column for fit in self.found.fits.values()}
        return [column for column in self.evidence.figures if column not in spoken][:MOST_FREE]


def speaks_of(head: str, words: tuple[str, ...]) -> bool:
    """Whether a head holds one of some words, whole."""
    return any(f" {word} " in f" {plain(head)} " for word in words)


def listed(columns: list[str]) -> str:
    """Columns as a note names them."""
    return ", ".join(repr(column) for column in columns)
