"""What is wrong, where, how many, three examples, and the key that cures it; collected, then raised once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EXIT_DONE, EXIT_FAILED, EXIT_BAD_INPUT, EXIT_BUSY = 0, 1, 2, 75


@dataclass(frozen=True)
class Problem:
    """One thing a person has to mend.

    Parameters
    ----------
    what : str
        What is wrong, in words.
    where : str
        File, sheet, row, column, or the key of a parameter.
    count : int, optional
        How many places have it.
    examples : sequence
        Up to three are printed.
    cure : str
        What to change, and where.

    Examples
    --------
    >>> print(Problem("no date", "sales.csv, column Date", 14, ["row 7", "row 9", "row 23", "row 31"], "map it"))
    sales.csv, column Date: no date (14 times, e.g. row 7; row 9; row 23). Cure: map it
    """

    what: str
    where: str = ""
    count: int | None = None
    examples: Sequence[object] = field(default=())
    cure: str = ""

    def __str__(self) -> str:
        shown = "; ".join(str(example) for example in list(self.examples)[:3])
        extent = f"{self.count:,} times" if self.count and self.count > 1 else ""
        detail = ", ".join(part for part in (extent, f"e.g. {shown}" if shown else "") if part)
        text = f"{self.where}: {self.what}" if self.where else self.what
        if detail:
            text += f" ({detail})"
        return text + (f". Cure: {self.cure}" if self.cure else "")


class UserError(Exception):
    """A mistake in the input or the parameters: printed without a traceback, exit status 2.

    Parameters
    ----------
    problems : Problem or iterable of Problem
        Everything that was found, so that nine bad columns give nine lines.

    Examples
    --------
    >>> str(UserError(Problem("no such file", "data/raw/acme/sales.csv")))
    'data/raw/acme/sales.csv: no such file'
    """

    exit_status = EXIT_BAD_INPUT

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Collected:
    """Collects problems and raises them together.

    Examples
    --------
    >>> found = Collected()
    >>> found.add("unknown column", "sources/acme.yaml, orders.columns.amount")
    >>> found.raise_any()
    Traceback (most recent call last):
    ...
    kam_analysis.errors.UserError: sources/acme.yaml, orders.columns.amount: unknown column
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(
        self, what: str, where: str = "", count: int | None = None, examples: Sequence[object] = (), cure: str = ""
    ) -> None:
        """Remember one more problem."""
        self.problems.append(Problem(what, where, count, examples, cure))

    def raise_any(self) -> None:
        """Raise `UserError` with all problems, or do nothing when there are none."""
        if self.problems:
            raise UserError(self.problems)
