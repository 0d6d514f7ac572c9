"""From files that nobody described to a source profile, with the reason of every guess."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kam_analysis.engine import Engine, literal, quoted
from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.mapping.arithmetic import Money, money_of, numbers
from kam_analysis.sources.mapping.content import Content, marks
from kam_analysis.sources.mapping.roles import ANSWERED, NUMERIC, Fit, Roles, roles_of
from kam_analysis.sources.mapping.sighting import Seen, look
from kam_analysis.sources.mapping.words import likeness, month_names, optional_words, plain
from kam_analysis.sources.profile import ORDER_ROLES, FileTable, Profile
from kam_analysis.sources.read import raw_parts
from kam_analysis.tables import OPTIONAL, Kind

WANTED_BY_JOIN = ("customer_name", "item", "category", "manager", "department", "country", "region", "channel")
FEWEST_MONTHS = 3
CHOICES = {
    "date_order": ("dmy", "mdy"),
    "discount": ("rate", "percent", "money"),
    "cost": ("line", "unit"),
    "decimal": (".", ","),
}


@dataclass(frozen=True)
class Answers:
    """What a person says beforehand.

    Parameters
    ----------
    roles : dict of str to str
        Column by role, or TABLE.COLUMN; an answer overrides every guess.
    date_order : str or None
        "dmy" or "mdy", for days and months that the data do not tell apart.
    discount, cost : str or None
        rate, percent or money; line or unit.
    decimal : str or None
        "." or ",".
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    date_order: str | None = None
    discount: str | None = None
    cost: str | None = None
    decimal: str | None = None

    @classmethod
    def of(cls, roles: Sequence[str], **more: str | None) -> Answers:
        """Read answers as the command line gives them.

        Raises
        ------
        UserError
            When an answer has not the form ROLE=COLUMN, the role is unknown, or a choice is none of those there are.
        """
        problems = []
        given: dict[str, str] = {}
        for answer in roles:
            role, sign, column = answer.partition("=")
            if not sign or not column or role.strip() not in ORDER_ROLES:
                problems.append(
                    Problem(
                        f"no answer of the form ROLE=COLUMN: {answer!r}",
                        "--role",
                        cure=f"roles: {', '.join(ORDER_ROLES)}",
                    )
                )
            given[role.strip()] = column.strip()
        for name, choices in CHOICES.items():
            if (value := more.get(name)) is not None and value not in choices:
                problems.append(
                    Problem(f"{value!r}", f"--{name.replace('_', '-')}", cure=f"one of {', '.join(choices)}")
                )
        if problems:
            raise UserError(problems)
        return cls(roles=given, **more)


@dataclass(frozen=True)
class Mapped:
    """A profile found, and what a person should look at."""

    profile: dict[str, Any]
    fits: tuple[tuple[str, Fit], ...]
    notes: tuple[str, ...]
    unused: tuple[str, ...]


def map_files(name: str, paths: Sequence[Path], answers: Answers) -> Mapped:
    """Find the profile of some files.

    Raises
    ------
    UserError
        When a file cannot be read, a needed role is not found, or something can be read in several ways: with what a
        person can answer.
    """
    tables = look(paths)
    contents = {id(seen): seen.contents() for seen in tables}
    lines = _order_tables(tables, contents, answers)
    others = [seen for seen in tables if not any(seen is one for one in lines)]
    first = lines[0]
    build = _Build(name, first, contents[id(first)], answers)
    build.orders(lines)
    build.join(others, contents)
    build.optional(others, contents)
    return build.done()


def _order_tables(
    tables: Sequence[Seen], contents: Mapping[int, Mapping[str, Content]], answers: Answers
) -> list[Seen]:
    """Tables that hold the order lines: those of the head that says most, and all others with the same head."""
    named = {target.rpartition(".")[0] for target in answers.roles.values() if "." in target}
    scored = []
    for seen in tables:
        found = roles_of(seen, contents[id(seen)], {})
        kinds = {*found.fits, *found.rivals}
        score = 3.0 * bool(kinds & {"order_date"} or _months(seen)) + 2.0 * bool(
            kinds & {"amount", "qty", "unit_price"}
        )
        score += (
            2.0 * bool(kinds & {"customer_id", "customer_name"}) + 0.1 * len(kinds) + 1e-6 * min(len(seen.rows), 9999)
        )
        scored.append((score + (seen.name in named) * 0.0, seen))
    best = max(scored, key=lambda pair: pair[0])[1]
    return [best, *(seen for _, seen in scored if seen is not best and seen.head == best.head)]


def _months(seen: Seen) -> dict[str, str]:
    """Columns of a wide table, each with its month."""
    found = {}
    for head in seen.head:
        if month := month_of_head(head):
            found[head] = month
    return found if len(found) >= FEWEST_MONTHS and len(set(found.values())) == len(found) else {}


def month_of_head(head: str) -> str | None:
    """Read a month out of a head.

    Examples
    --------
    >>> month_of_head("Янв 2024"), month_of_head("2024-03"), month_of_head("03.2024"), month_of_head("Mar-24")
    ('2024-01', '2024-03', '2024-03', '2024-03')
    >>> month_of_head("Net 2024") is None
    True
    """
    text = plain(head)
    if match := re.fullmatch(r"(\d{4}) (\d{1,2})(?: 0?1(?: 00 00 00)?)?", text):
        year, month = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"(?:0?1 )?(\d{1,2}) (\d{4})", text):
        month, year = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"([^\W\d]+) ?(\d{2}|\d{4})(?: г)?", text):
        month, year = month_names().get(match[1], 0), int(match[2])
    elif match := re.fullmatch(r"(\d{4}) ([^\W\d]+)", text):
        month, year = month_names().get(match[2], 0), int(match[1])
    else:
        return None
    year += 2000 if year < 100 else 0
    return f"{year}-{month:02}" if 1 <= month <= 12 and 1990 <= year <= 2099 else None


class _Build:
    def __init__(self, name: str, first: Seen, contents: Mapping[str, Content], answers: Answers) -> None:
        self.name, self.first, self.contents, self.answers = name, first, contents, answers
        self.profile: dict[str, Any] = {"title": name.replace("_", " ").capitalize()}
        self.fits: list[tuple[str, Fit]] = []
        self.notes: list[str] = []
        self.problems: list[Problem] = []
        self.found = Roles()

    def orders(self, lines: Sequence[Seen]) -> None:
        self.found = roles_of(self.first, self.contents, self._given())
        months = _months(self.first)
        if months:
            for role in ("order_date", "amount"):
                self.found.fits.pop(role, None)
                self.found.rivals.pop(role, None)
        section: dict[str, Any] = {"files": sorted({seen.path.name for seen in lines})} | self.first.settings
        if len(section["files"]) == 1:
            section["files"] = section["files"][0]
        sheets = {seen.sheet for seen in lines}
        if len(sheets) > 1:
            section["sheet"] = "*"
        section["columns"] = {}
        if months:
            section["months"] = months
            self.notes.append(f"{len(months)} columns are months: every filled cell is a line of its month")
        self.profile["orders"] = section
        if self.first.sample:
            self.notes.append(f"{self.first.where} reads: {self.first.sample}")
        self._ask_rivals()
        self._marks(section, [fit.column for role, fit in self.found.fits.items() if role in NUMERIC] + list(months))
        if "order_date" in self.found.fits:
            self._dates(section)
        self._money(section)
        self._currency()

    def _given(self) -> dict[str, str]:
        """Answers that name a column of the order lines."""
        given = {}
        for role, target in self.answers.roles.items():
            column = _column_of(target, self.first)
            if column is not None:
                given[role] = column
        return given

    def _ask_rivals(self) -> None:
        for role, fits in self.found.rivals.items():
            examples = [f"{fit.column} ({fit.reason})" for fit in fits]
            cure = f"say which: --role '{role}={fits[0].column}'"
            self.problems.append(Problem(f"several columns fit {role}", self.first.where, None, examples, cure))

    def _marks(self, section: dict[str, Any], columns: Sequence[str]) -> None:
        texts = [
            str(cell).replace(unit, "").strip() if (unit := self.contents[column].unit) else str(cell)
            for column in columns
            for cell in self.first.cells(column)
            if isinstance(cell, str) and cell.strip()
        ]
        units = {self.contents[column].unit for column in columns} - {""}
        if len(units) == 1:
            section["unit"] = units.pop()
            self.notes.append(f"numbers stand beside the text {section['unit']!r}")
        if self.answers.decimal:
            read: tuple[str, str] | None = (self.answers.decimal, "," if self.answers.decimal == "." else ".")
        else:
            read = marks(texts) if texts else (".", "")
        if read is None:
            examples = [text for text in texts if "," in text or "." in text][:3]
            cure = "say which: --decimal . or --decimal ,"
            self.problems.append(
                Problem(
                    "the mark in the numbers can be decimal or group thousands", self.first.where, None, examples, cure
                )
            )
            return
        if read[0] != ".":
            section["decimal"] = read[0]
        if read[1]:
            section["thousands"] = read[1]

    def _dates(self, section: dict[str, Any]) -> None:
        column = self.found.fits["order_date"].column
        content = self.contents[column]
        if content.is_typed_date or "" in content.date_formats:
            return
        formats = list(content.date_formats)
        order = {"dmy": "%d", "mdy": "%m"}.get(self.answers.date_order or "")
        if order:
            formats = [one for one in formats if one.startswith(order)] or formats
        if not formats:
            self.problems.append(
                Problem(
                    "dates in no known form",
                    f"{self.first.where}, column {column}",
                    None,
                    list(content.examples),
                    "set orders.date_format by hand",
                )
            )
            return
        if len(formats) > 1:
            formats = self._by_all_rows(section, column, formats)
        rivals = [one for one in formats if _day_first(one) != _day_first(formats[0])]
        if rivals:
            cure = "say which: --date-order dmy or --date-order mdy"
            self.problems.append(
                Problem(
                    "day and month cannot be told apart: no day is above 12",
                    f"{self.first.where}, column {column}",
                    None,
                    list(content.examples),
                    cure,
                )
            )
            return
        section["date_format"] = formats[0]

    def _by_all_rows(self, section: Mapping[str, Any], column: str, formats: list[str]) -> list[str]:
        """Formats that read the most cells of the whole file, where the rows looked at did not decide."""
        spec = FileTable.model_validate({**self.first.settings, "files": self.first.path.name})
        with Engine() as engine, tempfile.TemporaryDirectory() as scratch:
            part = raw_parts(engine, "asked", spec, self.first.path.parent, Path(scratch))[0]
            counts = engine.rows(
                "SELECT "
                + ", ".join(f"count(try_strptime({quoted(column)}, {literal(one)}))" for one in formats)
                + f" FROM {quoted(part.view)}"
            )[0]
        return [one for one, count in zip(formats, counts, strict=True) if count == max(counts)]

    def _money(self, section: dict[str, Any]) -> None:
        if section.get("months"):
            section.pop("discount", None)
            for role in ("discount", "cost", "margin"):
                self.found.fits.pop(role, None)
            return
        decimal, thousands = section.get("decimal", "."), section.get("thousands", "")
        values = {
            role: numbers(self.first.cells(fit.column), decimal, thousands, section.get("unit", ""))
            for role, fit in self.found.fits.items()
            if role in NUMERIC
        }
        if "cost" in values and "margin" in values:
            fit = self.found.fits.pop("margin")
            values.pop("margin")
            self.notes.append(f"the cost is used, the column {fit.column!r} not: one follows from the other")
        names = {role: plain(self.found.fits[role].column) for role in values}
        money = money_of(values, names)
        self.notes.extend(money.notes)
        self._apply(section, money)

    def _apply(self, section: dict[str, Any], money: Money) -> None:
        answers = {"discount": self.answers.discount, "cost": self.answers.cost}
        for ask in money.asks:
            role = ask.partition(":")[0]
            if answers.get(role) is None:
                self.problems.append(
                    Problem(
                        ask.partition(": ")[2].partition(";")[0] or ask,
                        f"{self.first.where}, {role}",
                        cure=f"say --{role} …",
                    )
                )
        if money.drops_discount:
            self.found.fits.pop("discount", None)
        if money.amount:
            section["amount"] = money.amount
        kind = answers["discount"] or money.discount
        if kind and "discount" in self.found.fits:
            section["discount"] = kind
        cost = answers["cost"] or money.cost
        if cost and "cost" in self.found.fits:
            section["cost"] = cost

    def _currency(self) -> None:
        fit = self.found.fits.get("currency")
        if fit is None:
            return
        values = {str(cell).strip().upper() for cell in self.first.cells(fit.column) if str(cell or "").strip()}
        if len(values) == 1 and re.fullmatch("[A-Z]{3}", value := values.pop()):
            self.profile["currency"] = value

    def join(self, others: Sequence[Seen], contents: Mapping[int, Mapping[str, Content]]) -> None:
        """Join tables whose one key column the lines have too, for roles that the lines lack."""
        joins: list[dict[str, Any]] = []
        reached = {column: (self.first, column) for column in self.first.head}
        for seen in others:
            if _optional_table(seen, contents[id(seen)])[0] not in (None, "customers", "managers"):
                continue
            key = self._key(seen, reached)
            if key is None:
                continue
            found = roles_of(seen, contents[id(seen)], {})
            wanted = self._wanted(seen, found, key)
            if not wanted:
                continue
            join = {"name": seen.name, "files": seen.path.name, **seen.settings, "on": {key[0]: key[1]}}
            joins.append(join)
            for role, fit in wanted.items():
                shown = Fit(role, f"{seen.name}.{fit.column}", fit.confidence, f"{fit.reason}; joined by {key[1]}")
                self.found.fits[role] = shown
        if joins:
            self.profile["orders"]["joins"] = joins

    def _wanted(self, seen: Seen, found: Roles, key: tuple[str, str]) -> dict[str, Fit]:
        asked = {
            role: column
            for role, target in self.answers.roles.items()
            if role not in self._given() and (column := _column_of(target, seen)) is not None
        }
        wanted = {role: Fit(role, column, 1.0, ANSWERED) for role, column in asked.items() if column in seen.head}
        for role in WANTED_BY_JOIN:
            fit = found.fits.get(role)
            if (
                fit is not None
                and fit.confidence == 1.0
                and fit.column != key[1]
                and role not in self.found.fits
                and role not in wanted
            ):
                wanted[role] = fit
        return wanted

    def _key(self, seen: Seen, reached: Mapping[str, tuple[Seen, str]]) -> tuple[str, str] | None:
        """A column of the lines and one of the table with the same name whose cells tell its rows apart."""
        for column in seen.head:
            same = next((own for own in reached if plain(own) == plain(column)), None)
            if same is None:
                continue
            cells = [_text(cell) for cell in seen.cells(column)]
            if len(set(cells)) != len(cells) or "" in cells:
                continue
            own = {_text(cell) for cell in self.first.cells(same)} - {""}
            if own and len(own & set(cells)) >= 0.9 * len(own):
                return same, column
        return None

    def optional(self, others: Sequence[Seen], contents: Mapping[int, Mapping[str, Content]]) -> None:
        """Recognise the optional tables."""
        best: dict[str, tuple[float, Seen, dict[str, Fit]]] = {}
        for seen in others:
            table, score, fits = _optional_table(seen, contents[id(seen)])
            if table is not None and (table not in best or best[table][0] < score):
                best[table] = (score, seen, fits)
        used = {id(seen) for _, seen, _ in best.values()}
        for table, (_, seen, fits) in best.items():
            section: dict[str, Any] = {"files": seen.path.name} | seen.settings
            columns = {role: fit.column for role, fit in fits.items()}
            if set(columns) != set(columns.values()):
                section["columns"] = columns
            dates = [
                contents[id(seen)][fit.column] for role, fit in fits.items() if OPTIONAL[table][role].kind is Kind.DATE
            ]
            formats = [
                content.date_formats for content in dates if content.date_formats and "" not in content.date_formats
            ]
            if formats:
                section["date_format"] = formats[0][0]
            self.profile[table] = section
            self.fits.extend((table, fit) for fit in fits.values())
        joined = {join["name"] for join in self.profile["orders"].get("joins", [])}
        for seen in others:
            if id(seen) not in used and seen.name not in joined:
                self.notes.append(f"{seen.where} is not used")

    def done(self) -> Mapped:
        section = self.profile["orders"]
        section["columns"] = {role: self.found.fits[role].column for role in ORDER_ROLES if role in self.found.fits}
        for role, target in self.answers.roles.items():
            if role not in self.found.fits or self.found.fits[role].reason.partition(";")[0] != ANSWERED:
                self.problems.append(
                    Problem(f"no column {target!r} for {role}", self.first.where, examples=list(self.first.head))
                )
        self._needed(section)
        if self.problems:
            raise UserError(self.problems)
        fits = [("orders", self.found.fits[role]) for role in ORDER_ROLES if role in self.found.fits]
        fits += self.fits
        self.profile["mapping"] = [
            {"table": table, "role": fit.role, "column": fit.column, "confidence": fit.confidence, "reason": fit.reason}
            for table, fit in fits
        ]
        Profile.model_validate(self.profile)
        used = {fit.column for table, fit in fits if table == "orders"} | set(section.get("months", {}))
        unused = tuple(column for column in self.first.head if column not in used)
        return Mapped(self.profile, tuple(fits), tuple(self.notes), unused)

    def _needed(self, section: dict[str, Any]) -> None:
        columns, rivals = section["columns"], self.found.rivals
        head = list(self.first.head)
        if not {"customer_id", "customer_name"} & ({*columns} | {*rivals}):
            self._lacks("customer_id", "the customer", head)
        if "order_date" not in columns and "order_date" not in rivals and not section.get("months"):
            self._lacks("order_date", "the date", head)
        has_amount = "amount" in columns or "amount" in rivals or {"qty", "unit_price"} <= {*columns} | {*rivals}
        if not has_amount and not section.get("months"):
            self._lacks("amount", "the amount, or quantity and price", head)

    def _lacks(self, role: str, what: str, head: list[str]) -> None:
        cure = f"name it: --role '{role}=COLUMN'; columns: {', '.join(head)}"
        self.problems.append(Problem(f"no column found for {what}", self.first.where, cure=cure))


def _column_of(target: str, seen: Seen) -> str | None:
    """Give the column of a table that an answer names, alone or with the table before it."""
    if target in seen.head:
        return target
    for table in (f"{seen.path.name}.{seen.sheet}", seen.path.name, seen.name):
        column = target.removeprefix(f"{table}.")
        if column != target and column in seen.head:
            return column
    return None


def _day_first(pattern: str) -> bool:
    return "%d" in pattern and pattern.index("%d") < min(
        (pattern.index(one) for one in ("%m", "%b", "%B") if one in pattern), default=99
    )


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _optional_table(seen: Seen, contents: Mapping[str, Content]) -> tuple[str | None, float, dict[str, Fit]]:
    """The optional table that a table is, how surely, and its columns; None where it is none."""
    best: tuple[str | None, float, dict[str, Fit]] = (None, 0.0, {})
    for table, roles in optional_words().items():
        contract = OPTIONAL[table]
        taken: dict[str, Fit] = {}
        for role, words in roles.items():
            options = [
                Fit(role, column, found.score, found.reason)
                for column in seen.head
                if (found := likeness(column, words)) is not None
                and found.score >= 0.75
                and column not in {fit.column for fit in taken.values()}
                and _suits(contract[role].kind, contents[column])
            ]
            if options:
                taken[role] = max(options, key=lambda fit: fit.confidence)
        for column in seen.head:
            if column in contract.names and column not in taken and column not in {f.column for f in taken.values()}:
                taken[column] = Fit(column, column, 1.0, "the standard name")
        needed = [column.name for column in contract.columns if not column.nullable]
        if any(role not in taken for role in needed) or len(taken) < 2:
            continue
        if contract.key and len(contract.key) == 1:
            keys = [_text(cell) for cell in seen.cells(taken[contract.key[0]].column)]
            if len(set(keys)) != len(keys) or "" in keys:
                continue
        score = sum(fit.confidence for fit in taken.values()) / len(seen.head) + 0.01 * len(taken)
        if likeness(seen.name, (plain(table), plain(table).removesuffix("s"))) is not None:
            score += 1.0
        if score > best[1]:
            best = (table, score, taken)
    return best if best[1] >= 0.3 else (None, 0.0, {})


def _suits(kind: Kind, content: Content) -> bool:
    if kind is Kind.DATE:
        return content.is_date or not content.filled
    if kind in (Kind.MONEY, Kind.NUMBER, Kind.SHARE, Kind.COUNT):
        return content.is_number or not content.filled
    return True


def profile_text(mapped: Mapped) -> str:
    """Text of ``sources/NAME.yaml``: what is read first, the reasons at the end."""
    order = ("title", "currency", "vat", "orders", *OPTIONAL, "mapping")
    values = {"vat": "unknown"} | mapped.profile
    parts = [
        yaml.safe_dump({key: values[key]}, allow_unicode=True, sort_keys=False, width=110)
        for key in order
        if key in values
    ]
    return "# yaml-language-server: $schema=schema.json\n" + "".join(parts)
