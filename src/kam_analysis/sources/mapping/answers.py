"""What a person says beforehand about exports that do not tell it themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.profile import ORDER_ROLES

CHOICES = {
    "date_order": ("dmy", "mdy"),
    "discount": ("rate", "percent", "money"),
    "cost": ("line", "unit"),
    "decimal": (".", ","),
}
SAID: Mapping[str, tuple[str, ...]] = {  # keys of --answer, each with its values, or none where any text is one
    "hidden_rows": ("keep", "drop"),
    "accept": (
        *("no_date", "unreadable_date", "no_amount", "unreadable_number", "no_customer", "anonymous"),
        *("far_date", "one_order_each"),
    ),
    "refunds": ("take", "leave"),
    "returned_lines": ("keep", "drop"),
    "swapped_days": ("keep", "undo"),
    "sold": (),
    "no_sale": (),
    "cancelled": (),
    "returned": (),
    "nobody": (),
    "customer": (),
}


@dataclass(frozen=True)
class Answers:
    """What a person says beforehand.

    Parameters
    ----------
    roles : dict of str to str
        Column by role, or TABLE.COLUMN; an answer overrides every guess. An empty column leaves the role out.
    date_order : str or None
        "dmy" or "mdy", for days and months that the data do not tell apart.
    discount, cost : str or None
        rate, percent or money; line or unit.
    decimal : str or None
        "." or ",".
    levels : tuple of str
        What stands under one another in the column of the groups, the outermost first.
    subtotals_within : float
        How far a subtotal may be off the sum of its rows.
    said : dict of str to tuple of str
        Answers to other questions, by the key that the question names.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    date_order: str | None = None
    discount: str | None = None
    cost: str | None = None
    decimal: str | None = None
    levels: tuple[str, ...] = ()
    subtotals_within: float = 0
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        roles: Sequence[str] = (),
        levels: str | None = None,
        subtotals_within: float = 0,
        answers: Sequence[str] = (),
        **more: str | None,
    ) -> Answers:
        """Read answers as the command line gives them.

        Raises
        ------
        UserError
            When an answer has not the form ROLE=COLUMN, the role is unknown, or a choice is none of those there are.

        Examples
        --------
        >>> Answers.of(["amount=Net"], answers=["hidden_rows=drop"]).said
        {'hidden_rows': ('drop',)}
        """
        problems: list[Problem] = []
        given = _pairs(roles, "--role", "ROLE=COLUMN", ORDER_ROLES, problems)
        for name, choices in CHOICES.items():
            if (value := more.get(name)) is not None and value not in choices:
                problems.append(
                    Problem(f"{value!r}", f"--{name.replace('_', '-')}", cure=f"one of {', '.join(choices)}")
                )
        said: dict[str, tuple[str, ...]] = {}
        for key, value in _pairs(answers, "--answer", "KEY=VALUE", SAID, problems):
            said[key] = (*said.get(key, ()), value)
            if SAID[key] and value not in SAID[key]:
                problems.append(Problem(f"{value!r}", f"--answer {key}=", cure=f"one of {', '.join(SAID[key])}"))
        if problems:
            raise UserError(problems)
        told = tuple(level.strip() for level in levels.split(",")) if levels else ()
        return cls(dict(given), levels=told, subtotals_within=subtotals_within, said=said, **more)

    def of_states(self) -> dict[str, str]:
        """What is said of the texts of a status: the counter of `states.States` to which each belongs."""
        kinds = {"sold": "counted", "no_sale": "unsold", "cancelled": "cancelled", "returned": "gave_back"}
        return {text: kind for key, kind in kinds.items() for text in self.said.get(key, ())}

    def of_kinds(self) -> dict[str, str]:
        """What is said of the texts that name documents: the counter of `states.Kinds` to which each belongs."""
        kinds = {"sold": "sales", "no_sale": "payments", "cancelled": "payments", "returned": "returns"}
        return {text: kind for key, kind in kinds.items() for text in self.said.get(key, ())}

    def one(self, key: str) -> str | None:
        """The last answer to a question, None where there is none."""
        return self.said[key][-1] if key in self.said else None


def _pairs(
    texts: Sequence[str], option: str, form: str, known: Sequence[str] | Mapping[str, object], problems: list[Problem]
) -> list[tuple[str, str]]:
    """What stands before and after the first "=" of every answer."""
    found = []
    for text in texts:
        key, sign, value = (part.strip() for part in text.partition("="))
        if sign and key in known:
            found.append((key, value))
            continue
        cure = f"{form.partition('=')[0].lower()}s: {', '.join(known)}"
        problems.append(Problem(f"no answer of the form {form}: {text!r}", option, cure=cure))
    return found
