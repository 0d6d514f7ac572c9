"""From files that nobody described to a source profile, with the reason of every guess."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from kam_analysis.columns import Kind
from kam_analysis.engine import Engine, quoted
from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.dates import EXCEL, day_of, month_number, names_period
from kam_analysis.sources.mapping.answers import Answers
from kam_analysis.sources.mapping.arithmetic import Floats, Money, money_of, numbers
from kam_analysis.sources.mapping.beside import refunds_in
from kam_analysis.sources.mapping.buyers import ask_shared, is_nobody, shared_ids
from kam_analysis.sources.mapping.case import Case
from kam_analysis.sources.mapping.content import Content, bare, marks
from kam_analysis.sources.mapping.double_counting import WHOLE, ask_hidden, ask_sets, rows_hidden, sets_of
from kam_analysis.sources.mapping.evidence import Evidence, text_of, undated
from kam_analysis.sources.mapping.groups import first_only, group_of, once_per_order
from kam_analysis.sources.mapping.keyed import NAMED_BY_KEY, STAFF, is_list_of_items, named_by
from kam_analysis.sources.mapping.roles import ANSWERED, NEARLY, NUMERIC, Fit, Roles, roles_of
from kam_analysis.sources.mapping.sample import SAMPLE_ROWS, TableSample, inspect
from kam_analysis.sources.mapping.scales import CURRENCY, currency_of, scale_of
from kam_analysis.sources.mapping.settle import settle
from kam_analysis.sources.mapping.stacks import unfolded
from kam_analysis.sources.mapping.states import Kinds, kinds_of_documents, pattern, pattern_of_words, says, states
from kam_analysis.sources.mapping.swapped import are_exchanged, in_order
from kam_analysis.sources.mapping.tables import (
    MONEY,
    Contents,
    Months,
    column_of,
    concatenate,
    holds_sales,
    is_customer_id,
    is_order_id,
    marketplace,
    months_of,
    optional_table,
    order_tables,
    repeated_months,
    shared_key,
)
from kam_analysis.sources.mapping.words import OTHER, plain
from kam_analysis.sources.profile import MADE, MONEY_ROLES, ORDER_ROLES, FileTable, Orders, Profile
from kam_analysis.sources.read import raw_parts
from kam_analysis.sources.shape import own_columns
from kam_analysis.tables import OPTIONAL

WANTED_BY_JOIN = ("customer_name", "item", "category", "manager", "department", "country", "region", "channel")
WANTED_OF_HEADS = ("order_date", "customer_id", "status", "currency")
SURE_IN_HEADS = 0.75
CUSTOMERS = ("customer_id", "customer_name")
NEEDED = ("order_date", "amount", *CUSTOMERS)
SHOWN_EXAMPLES = 3
MADE_SURE, LIKELY = 0.9, 0.7
SHOWN_STATES = 12
VAT_WORDS = "(?:vat|tax|gst|ндс|ддв|pdv|mwst|ust|mehrwertsteuer)"
VAT = {
    "excluded": f"(?:without|excl|excluding|ex|net of|before|без|ohne|exkl|zzgl|bez) {VAT_WORDS} ",
    "included": f"(?:with|incl|including|с|со|mit|inkl|sa) {VAT_WORDS} ",
}
FEWEST_BARE = 3


@dataclass(frozen=True)
class Mapped:
    """A profile found, and what a person should look at; the lines' columns without a role, each with the reason."""

    profile: dict[str, Any]
    fits: tuple[tuple[str, Fit], ...]
    notes: tuple[str, ...]
    unused: Mapping[str, str]


def map_files(name: str, paths: Sequence[Path], answers: Answers) -> Mapped:
    """Find the profile of some files.

    Raises
    ------
    UserError
        When a file cannot be read, a needed role is not found, or something can be read in several ways: with what a
        person can answer.
    """
    samples = inspect(paths)
    contents = {id(sample): sample.contents() for sample in samples}
    tables = []
    for sample in samples:
        tables.append(unfolded(sample, contents[id(sample)], answers.levels, answers.subtotals_within))
        if tables[-1] is not sample:
            contents[id(tables[-1])] = tables[-1].contents()
    lines = order_tables([sample for sample in tables if not sample.is_hidden], contents, answers.roles)
    hidden = [sample for sample in tables if sample.is_hidden and holds_sales(sample, contents[id(sample)])]
    kept = [*lines, *hidden]
    others = [sample for sample, made in zip(samples, tables, strict=True) if not any(made is one for one in kept)]
    first = concatenate(lines)
    contents[id(first)] = contents[id(lines[0])] if len(lines) == 1 else first.contents()
    build = _Build(name, first, contents[id(first)], answers)
    others = build.orders(lines, others, contents)
    build.hidden(hidden)
    build.join(others, contents)
    build.optional(others, contents)
    return build.done(tables)


class _Build:
    def __init__(self, name: str, first: TableSample, contents: Mapping[str, Content], answers: Answers) -> None:
        self.name, self.first, self.contents, self.answers = name, first, dict(contents), answers
        self.profile: dict[str, Any] = {"title": name.replace("_", " ").capitalize()}
        self.fits: list[tuple[str, Fit]] = []
        self.notes: list[str] = []
        self.problems: list[Problem] = []
        self.found = Roles()
        self.headers: list[TableSample] = []
        self.lines: Sequence[TableSample] = ()
        self.unneeded: set[str] = set()
        self.number_texts: list[str] = []
        self.gives_back = False

    def orders(
        self, lines: Sequence[TableSample], others: Sequence[TableSample], contents: Contents
    ) -> list[TableSample]:
        """Find the roles of the order lines; gives the other tables that are left."""
        self.lines = lines
        months = months_of(self.first)
        self.lone = {column: content for column, content in self.contents.items() if column not in months}
        self.found = roles_of(self.first, self.lone, self._given())
        for column in self._made():
            role = column.removeprefix(MADE)
            self.found.fits[role] = Fit(role, column, MADE_SURE, self._how_made(role))
        if told := self.first.settings.get("levels"):
            self.notes.append(f"{self._made_of()!r} holds levels under one another: {' > '.join(told)}")
        section: dict[str, Any] = {"files": sorted({sample.path.name for sample in lines})} | self.first.settings
        if len(section["files"]) == 1:
            section["files"] = section["files"][0]
        sheets = {sample.sheet for sample in lines}
        if len(sheets) > 1:
            section["sheet"] = "*"
        section["columns"] = {}
        if words := sorted({word for sample in lines for word in sample.settings.get("empty", ())}):
            section["empty"] = words
            self.notes.append(f"cells that hold {', '.join(map(repr, words))} are read as empty")
        if months.amounts:
            section["months"] = dict(months.amounts)
            self.notes.append(f"{len(months.amounts)} columns are months: every filled cell is a line of its month")
        if months.quantities:
            section["month_quantities"] = dict(months.quantities)
            self.notes.append(f"{len(months.quantities)} columns are quantities of these months")
        self.profile["orders"] = section
        if self.first.example:
            page = self.first.settings.get("encoding", "utf-8")
            self.notes.append(f"{self.first.where} is read as {page}, like: {self.first.example}")
        self._settle(months)
        self._groups(section)
        self._ask_rivals()
        self._alike(lines, months)
        used = {role: [fit.column] for role, fit in self.found.fits.items() if role in NUMERIC}
        if months.amounts:
            used |= {"amount": list(months.amounts), "qty": list(months.quantities)}
        self._marks(section, used)
        self._scales(section, used)
        if "order_date" in self.found.fits:
            column = self.found.fits["order_date"].column
            self._dates(section, self.first, column, self._content_of_date(column))
        self._money(section)
        self._hidden_rows(section, lines)
        self._sets(section)
        self._currency()
        self._shared_ids()
        left = self._refunds(others, contents)
        self._states(section)
        self._deposits(section)
        return left

    def _given(self) -> dict[str, str]:
        """Answers that name a column of the order lines, or none."""
        given = {column.removeprefix(MADE): column for column in self._made()}
        for role, target in self.answers.roles.items():
            columns = (column_of(target, sample) if target else "" for sample in (self.first, *self.lines))
            column = next((column for column in columns if column is not None), None)
            if column is not None and (not column or column in self.first.head):
                given[role] = column
        return given

    def _made_of(self) -> str | None:
        """The column whose groups or documents became columns of their own."""
        return self.first.settings.get("document") or (
            self.first.settings.get("group") if self.first.settings.get("levels") else None
        )

    def _how_made(self, role: str) -> str:
        told: list[str] = self.first.settings.get("levels", [])
        number = told.index(role if role in told else "document") + 1 if told else None
        return f"level {number} of {len(told)}" if number else "named by the documents"

    def _made(self) -> list[str]:
        """Columns made of it, of roles that nobody answered otherwise."""
        made = [column for column in self.first.head if column.startswith(MADE)] if self._made_of() else []
        return [column for column in made if column.removeprefix(MADE) not in self.answers.roles]

    def _shown(self, column: str) -> str:
        """The column of the file that a column stands for."""
        return str(self._made_of()) if column in self._made() else column

    def _settle(self, months: Months) -> None:
        case = Case(Evidence(self.first, self.lone, self.answers.decimal), self.found, self._given())
        self.evidence = case.evidence
        if months.quantities:
            self.found.fits.pop("qty", None)
            self.found.rivals.pop("qty", None)
        if months.amounts:
            for role in ("order_date", "amount"):
                self.found.fits.pop(role, None)
                self.found.rivals.pop(role, None)
        settle(case, is_wide=bool(months.amounts))
        self.notes.extend(case.notes)
        self.problems.extend(case.asks)
        self.totals = case.totals

    def _content_of_date(self, column: str) -> Content:
        """What the dates look like; without the heads of groups and the totals among them, where these are many."""
        content = self.contents[column]
        return content if content.is_date else self.evidence.of_full_rows(column)

    def _groups(self, section: dict[str, Any]) -> None:
        date = self.found.fits.get("order_date")
        if date is None or section.get("months") or section.get("levels"):
            return
        customers = [role for role in CUSTOMERS if role in self.found.fits]
        if not {*CUSTOMERS} & {*self.found.rivals}:
            answered = next((role for role in CUSTOMERS if self.answers.roles.get(role) == "group"), None)
            self._group_heads(section, date.column, answered or next(iter(customers), "customer_name"))
        self._first_only(section)
        self._once_per_order(section)

    def _group_heads(self, section: dict[str, Any], date: str, role: str) -> None:
        fit = self.found.fits.get(role)
        group = group_of(self.evidence, date, fit.column if fit else None)
        if group is None or (fit is not None and fit.column != group.column):
            return
        examples = list(dict.fromkeys(group.heads))[:3]
        if group.is_nested:
            what = "rows without a date head others on more than one level: which names the customer cannot be told"
            cure = "export with the customer in a column of its own, or name the levels, the outermost first: "
            cure += "--levels manager,customer_name,line"
            self.problems.append(Problem(what, f"{self.first.where}, column {group.column}", None, examples, cure))
        section["group"] = group.column
        reason = (
            ANSWERED if role in self.answers.roles else f"rows without a date in {group.column!r} head the rows below"
        )
        self.found.fits[role] = Fit(role, "group", 0.7, reason)
        self.notes.append(
            f"{len(group.heads):,} rows without a date, like {', '.join(map(repr, examples))}, are taken as the "
            f"customers of the rows below (group: {group.column})"
        )

    def _first_only(self, section: dict[str, Any]) -> None:
        columns = {
            role: self.found.fits[role].column
            for role in ("order_id", "order_date", *CUSTOMERS)
            if role in self.found.fits and self.found.fits[role].column in self.contents
        }
        money = [self.found.fits[role].column for role in ("qty", "unit_price", "amount") if role in self.found.fits]
        blank = first_only(self.evidence, list(dict.fromkeys(columns.values())), money) if money else {}
        if not blank:
            return
        said = ", ".join(f"{column} ({count:,} blank)" for column, count in blank.items())
        what = f"filled in the first row of each block only: {said}"
        if "fill_down" in Orders.model_fields:
            section["fill_down"] = [
                *blank,
                *(fit.column for role, fit in self.found.fits.items() if self._is_blank_alike(fit.column, blank)),
            ]
            section["fill_down"] = list(dict.fromkeys(section["fill_down"]))
            self.notes.append(f"{what}: the cells below are taken to be the same (fill_down)")
        else:
            self.problems.append(Problem(what, self.first.where, cure="fill these columns down and export again"))

    def _once_per_order(self, section: dict[str, Any]) -> None:
        """Columns of the order that are filled on its first line alone, though its number stands on every line."""
        order = self.found.fits.get("order_id")
        if order is None or order.column not in self.contents or order.column in section.get("fill_down", []):
            return
        columns = [fit.column for role, fit in self.found.fits.items() if role not in NUMERIC]
        once = once_per_order(self.first, order.column, [one for one in columns if one in self.contents])
        if once:
            section["fill_down"] = [*section.get("fill_down", []), *once]
            said = ", ".join(map(repr, once))
            self.notes.append(f"filled on the first line of an order only: {said}: its other lines are taken alike")

    def _is_blank_alike(self, column: str, blank: Mapping[str, int]) -> bool:
        """Whether a column is blank in the very rows in which one of the others is."""
        if column not in self.contents:
            return False
        empty = [text == "" for text in self.evidence.texts(column)]
        return any(empty) and any(empty == [text == "" for text in self.evidence.texts(other)] for other in blank)

    def _ask_rivals(self) -> None:
        for role, fits in self.found.rivals.items():
            examples = [f"{fit.column} ({fit.reason})" for fit in fits]
            cure = f"say which: --role '{role}=COLUMN'"
            if len(fits) > SHOWN_EXAMPLES:
                cure += f", COLUMN one of {', '.join(fit.column for fit in fits)}"
            if role == "amount" and {"qty", "unit_price"} <= {*self.found.fits, *self.found.rivals}:
                cure += ", or quantity · price: --role 'amount='"
            elif role not in NEEDED:
                cure += f", or none: --role '{role}='"
            self.problems.append(Problem(f"several columns fit {role}", self.first.where, None, examples, cure))

    def _alike(self, lines: Sequence[TableSample], months: Months) -> None:
        """Files of order lines have the columns that are needed, and are written alike; others may be blank in some."""
        used = {fit.column: role for role, fit in self.found.fits.items() if fit.column in self.contents}
        roles = {role: column for column, role in used.items()}
        needed, _ = own_columns(Orders.model_construct(columns=roles, joins=(), group=None, months=months.amounts))
        for sample in lines:
            lacking = [column for column in used if column not in sample.head]
            if missing := [column for column in lacking if column in needed]:
                what = f"holds order lines like those of the other files, and lacks {', '.join(map(repr, missing))}"
                cure = "give the column the same head in every file; or map the files apart"
                if blank := [f"--role '{used[column]}='" for column in missing if used[column] not in NEEDED]:
                    cure += f"; or leave it out of all: {' '.join(blank)}"
                self.problems.append(Problem(what, sample.where, None, [repr(name) for name in sample.head], cure))
            elif lacking:
                self.notes.append(f"{sample.where} lacks {', '.join(map(repr, lacking))}: blank in its lines")
        for sample in lines[1:]:
            keys = {*sample.settings, *lines[0].settings} - {"sheet", "combine", "empty"}
            if odd := sorted(key for key in keys if sample.settings.get(key) != lines[0].settings.get(key)):
                said = "; ".join(
                    f"{key}: {sample.settings.get(key)}, there {lines[0].settings.get(key)}" for key in odd
                )
                what = f"is written otherwise than {lines[0].where} ({said})"
                self.problems.append(Problem(what, sample.where, cure="export both alike, or map them apart"))

    def _marks(self, section: dict[str, Any], used: Mapping[str, Sequence[str]]) -> None:
        columns = [column for one in used.values() for column in one]
        units = {column: self.contents[column].units for column in columns if self.contents[column].units}
        texts = [
            bare(str(cell), units.get(column, ()))
            for column in columns
            for cell in self.first.cells(column)
            if isinstance(cell, str) and cell.strip()
        ]
        of_money = {
            unit
            for role in MONEY_ROLES
            for column in used.get(role, [])
            for unit in units.get(column, ())
            if unit != "%"
        }
        if len(of_money) > 1 and len({scale_of(unit) for unit in of_money}) == 1:
            what = f"money stands beside different texts: {', '.join(map(repr, sorted(of_money)))}"
            odd = [f"{column} ({', '.join(texts)})" for column, texts in units.items()]
            cure = "export one currency, or a column of the amounts in one currency"
            cure += "; or leave the roles of all but one text out: --role 'ROLE='" if len(units) > 1 else ""
            self.problems.append(Problem(what, self.first.where, None, odd, cure))
        if units:
            section["unit"] = sorted({text for texts in units.values() for text in texts})
            self.notes.append(f"numbers stand beside the text {', '.join(map(repr, section['unit']))}")
        if self.answers.decimal:
            read: tuple[str, str] | None = (self.answers.decimal, "," if self.answers.decimal == "." else ".")
        else:
            read = marks(texts) if texts else (".", "")
        self.number_texts = texts
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

    def _scales(self, section: dict[str, Any], used: Mapping[str, Sequence[str]]) -> None:
        """Money in thousands or millions, as heads, cells or the title say."""
        said = {
            role: {column: scale_of(f"{column} {self.contents[column].unit}") for column in columns}
            for role, columns in used.items()
            if role in MONEY_ROLES and columns
        }
        of_title = scale_of(self.first.title)
        is_told = {role for role, columns in said.items() if any(_is_scaled(column) for column in columns)}
        scales = {
            role: of_title if of_title > 1 and role not in is_told else max(columns.values())
            for role, columns in said.items()
        }
        section["scale"] = {role: scale for role, scale in scales.items() if scale > 1}
        if not section["scale"]:
            del section["scale"]
            return
        if mixed := [role for role, columns in said.items() if len(set(columns.values())) > 1]:
            cure = "export all months in one scale"
            self.problems.append(Problem(f"{', '.join(mixed)} in several scales", self.first.where, cure=cure))
        times = ", ".join(f"{role} × {scale:,}" for role, scale in section["scale"].items())
        others = ", ".join(role for role in said if role not in section["scale"])
        rest = f"; {others} as written" if others else ""
        where = "the title" if of_title > 1 and not is_told else "the head"
        self.notes.append(f"{where} says thousands or millions: {times}{rest}")

    def _dates(self, section: dict[str, Any], sample: TableSample, column: str, content: Content) -> None:
        self._swapped(section, sample, column, content)
        if content.is_typed_date or "" in content.date_formats:
            self._told_misfits(sample, column, content)
            return
        formats = list(content.date_formats)
        order = {"dmy": "%d", "mdy": "%m"}.get(self.answers.date_order or "")
        if order:
            formats = [one for one in formats if one.startswith(order)] or formats
        where = f"{sample.where}, column {self._shown(column)}"
        if not formats:
            cure = "set orders.date_format by hand"
            self.problems.append(Problem("dates in no known form", where, None, list(content.examples), cure))
            return
        if len(formats) > 1 and not column.startswith(MADE):
            formats = self._by_all_rows(sample, column, formats)
        if len({_day_first(one) for one in formats}) > 1:
            by_time = in_order(sample.cells(column), formats, self._ids(sample))
            if len(by_time) < len(formats):
                formats, first = by_time, "day" if _day_first(by_time[0]) else "month"
                self.notes.append(f"{self._shown(column)!r} has the {first} first: so its rows or ids rise in time")
        rivals = [one for one in formats if _day_first(one) != _day_first(formats[0])]
        if rivals:
            what = "day and month cannot be told apart: no day is above 12"
            cure = "say which: --date-order dmy or --date-order mdy"
            self.problems.append(Problem(what, where, None, list(content.examples), cure))
            return
        section["date_format"] = formats[0]
        if formats[0] == EXCEL:
            self.notes.append(f"{self._shown(column)!r} holds day numbers of a spreadsheet, like {content.examples[0]}")
        self._told_misfits(sample, column, content)

    def _ids(self, sample: TableSample) -> list[Any]:
        fit = self.found.fits.get("order_id")
        return sample.cells(fit.column) if fit is not None and fit.column in sample.head else []

    def _swapped(self, section: dict[str, Any], sample: TableSample, column: str, content: Content) -> None:
        """Undo what a spreadsheet of another country did to the days up to 12."""
        answer = self.answers.one("swapped_days")
        is_one_form = len({_day_first(one) for one in content.date_formats}) == 1 or content.is_typed_date
        told = ""
        if answer is None and is_one_form:
            told = are_exchanged(sample.cells(column), content.date_formats, self._ids(sample))
        if told or answer == "undo":
            section["swapped_days"] = True
            self.notes.append(
                f"{self._shown(column)!r}: day and month are exchanged back where the day is up to 12 (swapped_days)"
                + (f": {told}; where that is wrong, say --answer swapped_days=keep" if told else "")
            )

    def _told_misfits(self, sample: TableSample, column: str, content: Content) -> None:
        cells = sample.cells(column)
        others = undated(cells, content)
        if others and not self.profile["orders"].get("group"):
            filled = sum(text_of(cell) != "" for cell in cells)
            shown = ", ".join(repr(text) for text in list(dict.fromkeys(others))[:3])
            self.notes.append(
                f"{len(others):,} of {filled:,} cells of {self._shown(column)!r} are no dates, like {shown}"
            )

    def _by_all_rows(self, sample: TableSample, column: str, formats: list[str]) -> list[str]:
        """Formats that read the most cells of the whole files, where the rows looked at did not decide."""
        files = self.profile["orders"]["files"] if sample is self.first else sample.path.name
        spec = FileTable.model_validate({**sample.settings, "files": files})
        with Engine() as engine, tempfile.TemporaryDirectory() as scratch:
            parts = raw_parts(engine, "asked", spec, sample.path.parent, Path(scratch))
            asked = ", ".join(f"count({day_of(quoted(column), one)})" for one in formats)
            rows = [
                engine.rows(f"SELECT {asked} FROM {quoted(part.view)}")[0] for part in parts if column in part.columns
            ]
        counts = [sum(row) for row in zip(*rows, strict=True)]
        return [one for one, count in zip(formats, counts, strict=True) if count == max(counts)]

    def _money(self, section: dict[str, Any]) -> None:
        if section.get("months"):
            section.pop("discount", None)
            for role in ("discount", "cost", "margin"):
                self.found.fits.pop(role, None)
            return
        decimal, thousands = section.get("decimal", "."), section.get("thousands", "")
        values = {
            role: numbers(self.first.cells(fit.column), decimal, thousands, self.contents[fit.column].units)
            * section.get("scale", {}).get(role, 1)
            for role, fit in self.found.fits.items()
            if role in NUMERIC
        }
        if "cost" in values and "margin" in values:
            left, used = (
                ("cost", "margin") if "margin" in self._given() and "cost" not in self._given() else ("margin", "cost")
            )
            fit = self.found.fits.pop(left)
            values.pop(left)
            self.unneeded.add(left)
            self.notes.append(f"the {used} is used, the column {fit.column!r} not: one follows from the other")
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

    def _money_of_rows(self, sample: TableSample) -> tuple[str, Floats]:
        """The column of the amounts, or quantity · price, and its numbers in the rows of a table."""
        section = self.profile["orders"]
        marks_of_it = section.get("decimal", "."), section.get("thousands", "")
        columns = [self.found.fits[role].column for role in ("amount", "qty", "unit_price") if role in self.found.fits]
        columns = columns[:1] if "amount" in self.found.fits else columns
        if not columns or any(column not in sample.head or column not in self.contents for column in columns):
            return "", np.zeros(len(sample.rows))
        read = [numbers(sample.cells(column), *marks_of_it, self.contents[column].units) for column in columns]
        return " · ".join(columns), np.prod(read, axis=0)

    def _hidden_rows(self, section: dict[str, Any], lines: Sequence[TableSample]) -> None:
        """Rows that a workbook hides may be left over from a filter, or not be meant: a person decides."""
        for sample in lines:
            places = rows_hidden(sample)
            if places and (answer := self.answers.one("hidden_rows")):
                section["hidden_rows"] = answer
                what = "count" if answer == "keep" else "are left out, and counted as hidden"
                self.notes.append(f"{sample.where}: {len(places):,} hidden rows {what} (hidden_rows)")
            elif places:
                self.problems.append(ask_hidden(sample, places, *self._money_of_rows(sample)))

    def _sets(self, section: dict[str, Any]) -> None:
        """Lines that are parts of another line, whose money stands in both."""
        order, asked = self.found.fits.get("order_id"), self.answers.roles.get("parent_line_id")
        if order is None or order.column not in self.contents or asked == "" or section.get("months"):
            return
        used = {fit.column for fit in self.found.fits.values()}
        spare = [asked] if asked in self.first.head else [column for column in self.contents if column not in used]
        column, money = self._money_of_rows(self.first)
        found = sets_of(self.first, self.contents, order.column, money, spare) if column else None
        if found is None and asked:
            cure = "name the column that holds the line of which a line is a part, or none: --role 'parent_line_id='"
            self.problems.append(Problem(f"{asked!r} names no lines of its orders", self.first.where, cure=cure))
        if found is None:
            return
        if not asked and found.agreed < WHOLE:
            self.problems.append(ask_sets(found, self.first.where))
        reason = f"{ANSWERED if asked else 'names the line that a line is a part of'}; "
        reason += f"{found.agreed:.0%} of the sets are the sums of their parts"
        self.found.fits["line_id"] = Fit("line_id", found.line, MADE_SURE, f"{found.parent!r} refers to it")
        self.found.fits["parent_line_id"] = Fit("parent_line_id", found.parent, MADE_SURE, reason)
        self.notes.append(
            f"lines that {found.parent!r} calls parts of others hold {found.of_parts:,.2f} in {column!r}, which stand "
            f"in those lines too ({found.of_sets:,.2f}): not counted again"
        )

    def hidden(self, tables: Sequence[TableSample]) -> None:
        """Tell what hidden sheets hold that look like order lines: they are not read."""
        for sample in tables:
            column, money = self._money_of_rows(sample)
            said = f", {float(np.nansum(money)):,.2f} in {column!r}" if column else ""
            self.notes.append(
                f"{sample.where} is hidden and not read: {len(sample.rows):,} rows{said}; show it in the workbook "
                "where it holds sales of its own"
            )

    def _currency(self) -> None:
        fit = self.found.fits.get("currency")
        if fit is None:
            of_money = self.found.fits.get("amount") or self.found.fits.get("unit_price")
            unit = self.contents[of_money.column].unit if of_money and of_money.column in self.contents else ""
            if (code := currency_of(unit)) is not None:
                self.profile["currency"] = code
            return
        values = {str(cell).strip().upper() for cell in self.first.cells(fit.column) if str(cell or "").strip()}
        if len(values) > 1:
            what = f"{len(values)} currencies in one column"
            cure = "export one of them; or, where the amounts are in one currency all the same, say --role 'currency='"
            self.problems.append(Problem(what, f"{self.first.where}, column {fit.column}", None, sorted(values), cure))
        elif values and re.fullmatch("[A-Z]{3}", value := values.pop()):
            self.profile["currency"] = value

    def _refunds(self, others: Sequence[TableSample], contents: Contents) -> list[TableSample]:
        """Tables of money given back, and whether orders that were given back are sales beside their refunds."""
        order, answer = self.found.fits.get("order_id"), self.answers.one("refunds")
        customer = next((fit for role in CUSTOMERS if (fit := self.found.fits.get(role))), None)
        self.gives_back = bool({"refund", "order_refund"} & set(self.found.fits))
        if self.profile["orders"].get("months") or answer == "leave":
            return list(others)
        orders, customers = self._texts_of(order), self._texts_of(customer)
        _, money = self._money_of_rows(self.first)
        money = np.zeros(0) if answer == "take" else money
        for sample in others:
            date_format = self.profile["orders"].get("date_format")
            found = refunds_in(sample, contents[id(sample)], orders, customers, money, date_format)
            if found is None or "refunds" in self.profile:
                continue
            if found.problem:
                self.problems.append(found.problem)
                continue
            self.profile["refunds"] = found.section
            self.notes.append(found.note)
            self.gives_back = True
            return [other for other in others if other is not sample]
        return list(others)

    def _texts_of(self, fit: Fit | None) -> list[str]:
        return [text_of(cell) for cell in self.first.cells(fit.column)] if fit and fit.column in self.first.head else []

    def _deposits(self, section: dict[str, Any]) -> None:
        """Down payments and their deductions are neither goods nor returns of goods."""
        roles = {
            fit.column: role for role, fit in self.found.fits.items() if role in ("item", "sku", "category", "kind")
        }
        name, money = self._money_of_rows(self.first)
        for column, content in self.contents.items():
            if not name or content.is_number or content.is_date:
                continue
            texts = [text_of(cell) for cell in self.first.cells(column)]
            deposits = {text for text in set(texts) if says(text, "deposit")}
            places = [place for place, text in enumerate(texts) if text in deposits]
            paid, less = (float(np.nansum(money[places][sign * money[places] > 0])) for sign in (1, -1))
            if not places or not paid or not less or len(places) > len(texts) / 2:
                continue
            if (role := roles.get(column)) is not None:
                given = section.setdefault("services", {})
                given[role] = "|".join(filter(None, [given.get(role), pattern_of_words(deposits, "deposit")]))
            self.notes.append(
                f"{len(places):,} rows of {column!r} are down payments (deposits), {paid:,.2f}, and their deduction, "
                f"{less:,.2f}: money on account, no goods and no returns"
            )
            return

    def _shared_ids(self) -> None:
        """Ask of ids under which many names or addresses stand."""
        ids = next((fit.column for role in CUSTOMERS if (fit := self.found.fits.get(role))), "")
        if ids not in self.contents:
            return
        name = self.found.fits.get("customer_name")
        beside = [name.column] if name is not None and name.column in self.contents else []
        beside += [column for column, one in self.contents.items() if any("@" in text for text in one.examples)]
        texts = [text_of(cell) for cell in self.first.cells(ids)]
        known = {*self.answers.said.get("nobody", ()), *self.answers.said.get("customer", ())}
        for column in dict.fromkeys(one for one in beside if one != ids):
            found = shared_ids(texts, [text_of(cell) for cell in self.first.cells(column)])
            shared = {one: names for one, names in found.items() if one not in known and not is_nobody(one)}
            known |= set(shared)
            self.problems += ask_shared(shared, ids, column, self.first.where)

    def _states(self, section: dict[str, Any]) -> None:
        """Propose what marks rows that are no sales, or take sales back, and tell which rows count."""
        fit = self.found.fits.get("status")
        if fit is not None and fit.column in self.contents:
            self._states_of(section, fit.column, self.first.cells(fit.column))
        for kinds in kinds_of_documents(self.first, self.answers.of_kinds()):
            if fit is None or kinds.column != fit.column:
                self._kinds(section, kinds)
        self._openings(section)

    def _states_of(self, section: dict[str, Any], column: str, cells: Sequence[Any]) -> None:
        told = dict(self.answers.of_states())
        found = states(cells, column, told, self.gives_back)
        if found.gave_back and not any(told.get(text) == "gave_back" for text in found.gave_back):
            self._returned_lines(section, column, found.gave_back)
        elif found.gave_back:
            section.setdefault("returns", {})["status"] = pattern(list(found.gave_back))
        if found.unknown:
            self.problems.append(self._unknown(column, found.unknown, "status"))
        for key, counts, what in (
            ("cancelled", found.cancelled, "orders called off"),
            ("no_sales", found.unsold, "no sales yet"),
        ):
            if counts:
                section[key] = {"status": pattern(list(counts))}
                self.notes.append(
                    f"{counts.total():,} of {len(cells):,} rows looked at are {_counted(counts)} by {column!r}: "
                    f"{what}, which are rejected and counted (`{key}`)"
                )
        if found.counted:
            self.notes.append(f"{column!r}: rows of {_counted(found.counted)} count as sales")

    def _returned_lines(self, section: dict[str, Any], column: str, lines: Counter[str]) -> None:
        """Lines that a flag calls returned: their money may be in negative lines, in a refund, or still be theirs."""
        answer = self.answers.one("returned_lines")
        if answer == "drop":
            section["cancelled"] = {"status": pattern(list(lines))}
        if answer:
            what = "are rejected as called off" if answer == "drop" else "count as sales"
            self.notes.append(f"{lines.total():,} rows that {column!r} calls returned {what} (returned_lines)")
            return
        what = f"{lines.total():,} rows{self._money_beside(column, lines)} are {_counted(lines)} by {column!r}"
        cure = (
            "say --answer returned_lines=drop where they are no sales any more, or --answer returned_lines=keep where "
        )
        cure += "other rows take their money back"
        self.problems.append(Problem(what, self.first.where, cure=cure))

    def _unknown(self, column: str, texts: Counter[str], what: str) -> Problem:
        """Ask whether rows are sales whose words no list knows."""
        shown = [f"{text} ({rows:,} rows{self._money_beside(column, {text: rows})})" for text, rows in texts.items()]
        said = f"whether rows of {', '.join(shown[:SHOWN_STATES])} by {column!r} are sales cannot be told"
        first = next(iter(texts))
        cure = f"say of each what it is: --answer 'sold={first}', no_sale=, cancelled= or returned=; "
        cure += f"or leave the column out: --role '{what}='"
        return Problem(said, self.first.where, cure=cure)

    def _money_beside(self, column: str, texts: Collection[str]) -> str:
        """Money of the rows with these texts, as a question says it."""
        name, amounts = self._money_of_rows(self.first)
        if not name or column not in self.first.head:
            return ""
        places = [place for place, cell in enumerate(self.first.cells(column)) if text_of(cell) in texts]
        return f" with {float(np.nansum(amounts[places])):,.2f}"

    def _kinds(self, section: dict[str, Any], kinds: Kinds) -> None:
        """Rows of returns without a sign are taken as negative, and payments left out, where other rows are sales."""
        column, shown = kinds.column, self._shown(kinds.column)
        role = next((role for role, fit in self.found.fits.items() if fit.column == column), "kind")
        is_told = (
            bool(kinds.sales) and self.answers.roles.get("kind", column) == column and role not in self.found.rivals
        )
        is_positive = self._is_positive(column, kinds.returns)
        if kinds.unknown and self.answers.roles.get("kind", column) == column:
            self.problems.append(self._unknown(column, kinds.unknown, "kind"))
        if not (kinds.returns or kinds.payments):
            if role == "kind":
                self.notes.append(f"{shown!r}: rows of {_counted(kinds.sales)} count as sales")
            return
        if kinds.returns and not is_positive:
            self.notes.append(f"{shown!r} holds {_counted(kinds.returns)} rows, which lessen the sales as they are")
        for key, counts, what in (
            ("returns", kinds.returns if is_positive else {}, "their positive amounts are taken as negative"),
            ("no_sales", kinds.payments, "no sales, which are rejected and counted"),
        ):
            if not counts:
                continue
            if is_told:
                self.found.fits.setdefault(role, Fit(role, column, 1.0, "says what document a row is"))
                section.setdefault(key, {})[role] = pattern(list(counts))
                self.notes.append(f"{shown!r} holds {_counted(counts)} rows: {what} (`{key}`)")
            else:
                self.notes.append(
                    f"{shown!r} holds {_counted(counts)} rows, which count as sales: where they are none, "
                    f"say --role 'kind={column}' and write their pattern under `{key}`"
                )

    def _openings(self, section: dict[str, Any]) -> None:
        """Balances carried forward are no sales."""
        roles = {fit.column: role for role, fit in self.found.fits.items()}
        for column, content in self.contents.items():
            if content.is_number or content.is_date:
                continue
            texts = [text_of(cell) for cell in self.first.cells(column)]
            openings = {text for text in set(texts) if says(text, "opening")}
            role = roles.get(column) or ("kind" if "kind" not in self.found.fits else None)
            if not openings or role is None:
                continue
            self.found.fits.setdefault(role, Fit(role, column, 1.0, "tells balances carried forward"))
            given = section.setdefault("no_sales", {})
            given[role] = "|".join(filter(None, [given.get(role), pattern_of_words(openings, "opening")]))
            name, money = self._money_of_rows(self.first)
            places = [place for place, text in enumerate(texts) if text in openings]
            self.notes.append(
                f"{len(places):,} rows of {column!r} are balances carried forward, like {texts[places[0]]!r}, with "
                f"{float(np.nansum(money[places])):,.2f} in {name!r}: no sales, rejected and counted (`no_sales`)"
            )

    def _is_positive(self, column: str, texts: Collection[str]) -> bool:
        """Whether most rows with these texts bear money without a minus."""
        money = [self.found.fits[role].column for role in ("amount", "qty") if role in self.found.fits]
        values = self.evidence.figures.get(money[0]) if money else None
        if values is None:
            return False
        told = [value for text, value in zip(self.evidence.texts(column), values, strict=True) if text in texts]
        return bool(sum(value > 0 for value in told) * 2 > len(told))

    def join(self, others: Sequence[TableSample], contents: Contents) -> None:
        """Join tables whose one key column the lines have too, for roles that the lines lack."""
        joins: list[dict[str, Any]] = []
        reached = {column: (self.first, column) for column in self.first.head}
        keys = {id(sample): shared_key(sample, reached) for sample in others}
        heads = [sample for sample in others if (key := keys[id(sample)]) and any(map(is_order_id, key))]
        waiting = [*heads, *(sample for sample in others if not any(sample is head for head in heads))]
        while joined := [
            sample
            for sample in waiting
            if self._join(sample, any(sample is head for head in heads), reached, contents[id(sample)], joins)
        ]:
            waiting = [sample for sample in waiting if not any(sample is one for one in joined)]
        if joins:
            self.profile["orders"]["joins"] = joins

    def _join(
        self,
        sample: TableSample,
        is_header: bool,
        reached: dict[str, tuple[TableSample, str]],
        contents: Mapping[str, Content],
        joins: list[dict[str, Any]],
    ) -> bool:
        """Join a table if it has a role that the lines lack; whether it was."""
        if not is_header and optional_table(sample, contents)[0] not in (None, "customers", "managers"):
            return False
        key = shared_key(sample, reached)
        if key is None:
            return False
        wanted = self._wanted(sample, roles_of(sample, contents, {}), key, is_header, contents)
        if not wanted:
            return False
        joins.append({"name": sample.name, "files": sample.path.name, **sample.settings, "on": {key[0]: key[1]}})
        reached |= {f"{sample.name}.{column}": (sample, column) for column in sample.head if column != key[1]}
        for role, fit in wanted.items():
            shown = Fit(role, f"{sample.name}.{fit.column}", fit.confidence, f"{fit.reason}; joined by {key[1]}")
            self.found.fits[role] = shown
        if is_header:
            self.headers.append(sample)
            self._without_lines(sample, key)
            if "status" in wanted:
                column = wanted["status"].column
                self._states_of(self.profile["orders"], column, sample.cells(column))
        if "order_date" in wanted:
            self.notes = [note for note in self.notes if not note.startswith("order_date:")]
            self.profile["orders"].pop("date_format", None)
            column = wanted["order_date"].column
            self._dates(self.profile["orders"], sample, column, contents[column])
        return True

    def _without_lines(self, sample: TableSample, key: tuple[str, str]) -> None:
        """Tell which heads of orders have no line in the tables looked at: what they sold is not read."""
        if key[0] not in self.first.head:
            return
        told = {text_of(cell) for cell in self.first.cells(key[0])}
        alone = [text for cell in sample.cells(key[1]) if (text := text_of(cell)) and text not in told]
        if alone and len(self.first.rows) < SAMPLE_ROWS:
            examples = ", ".join(map(repr, alone[:SHOWN_EXAMPLES]))
            self.notes.append(
                f"{len(alone):,} of {len(sample.rows):,} rows of {sample.where} have no lines, like {key[1]} "
                f"{examples}: what they sold is not counted; map that file alone to count orders without their "
                "lines"
            )

    def _wanted(
        self, sample: TableSample, found: Roles, key: tuple[str, str], is_header: bool, contents: Mapping[str, Content]
    ) -> dict[str, Fit]:
        given = self._given()
        asked = {
            role: column
            for role, target in self.answers.roles.items()
            if role not in given and target and (column := column_of(target, sample)) is not None
        }
        wanted = {role: Fit(role, column, 1.0, ANSWERED) for role, column in asked.items()}
        of_key = next((role for role, fit in self.found.fits.items() if fit.column == key[0]), "")
        if STAFF & set(plain(key[1]).split()):
            of_key = "manager"
        elif not of_key and not {"sku", "item"} & {*self.found.fits, *given} and is_list_of_items(found):
            of_key = "sku"
            if key[0] in self.first.head:
                self.found.fits["sku"] = Fit("sku", key[0], LIKELY, f"the key of a list of items, {sample.where}")
        for role, fit in named_by(of_key, found, contents).items():
            is_sure = fit.confidence == 1.0 or (is_header and fit.confidence >= SURE_IN_HEADS)
            is_sure |= role in NAMED_BY_KEY.get(of_key, ()) and fit.confidence >= LIKELY
            own = self.found.fits.get(role)
            is_later = role == "order_date" and own is not None and own.confidence < fit.confidence - NEARLY
            is_name = role == "manager" == of_key and own is not None and own.column == key[0]
            is_open = role not in {*self.found.fits, *self.found.rivals} or is_later or is_name
            allowed = (*WANTED_BY_JOIN, *WANTED_OF_HEADS) if is_header else WANTED_BY_JOIN
            if is_sure and is_open and role not in {*wanted, *given} and fit.column != key[1] and role in allowed:
                wanted[role] = fit
        if of_key == "customer_id" and "customer_id" not in given:
            wanted |= self._person_of_orders(sample, key, contents)
        if of_key == "sku":
            wanted |= self._from_list(sample, found, contents, {*wanted, *given})
        if is_header and "customer_id" not in {*self.found.fits, *wanted} and "customer_id" in found.rivals:
            self._ask_header(sample, "customer_id", found.rivals["customer_id"])
        if is_header and "order_date" not in {*self.found.fits, *wanted} and "order_date" in found.rivals:
            self._ask_header(sample, "order_date", found.rivals["order_date"])
        return wanted

    def _person_of_orders(
        self, sample: TableSample, key: tuple[str, str], contents: Mapping[str, Content]
    ) -> dict[str, Fit]:
        """The customer behind ids that every order has to itself: another id of their table, which repeats."""
        if contents[key[1]].distinct_share < 1.0 or any(
            len(set(header.cells(column))) < len(header.rows)
            for header in self.headers
            for column in header.head
            if key[0] == f"{header.name}.{column}"
        ):
            return {}
        repeating = [
            column
            for column in sample.head
            if column != key[1]
            and is_customer_id(column)
            and contents[column].filled == len(sample.rows)
            and contents[column].distinct_share < 1.0
        ]
        if not self.headers or len(repeating) != 1:
            return {}
        taken = f"{sample.name}.{repeating[0]}"
        self.notes.append(f"customer_id: {key[0]!r} is another one in every order; {taken!r}, which repeats, is taken")
        return {"customer_id": Fit("customer_id", repeating[0], LIKELY, "repeats, as customers do")}

    def _from_list(
        self, sample: TableSample, found: Roles, contents: Mapping[str, Content], taken: Collection[str]
    ) -> dict[str, Fit]:
        """Price and cost of a list of items, where the lines have a quantity and no money, or no cost."""
        known = {*self.found.fits, *self.found.rivals, *taken}
        lacks_money = not {"amount", "unit_price"} & known and "qty" in known
        is_of_unit = "amount" in known and self.found.fits["amount"].column in self.found.scores.get("unit_price", {})
        lacks_cost = not {"cost", "margin"} & known and ("qty" in known or is_of_unit)
        wanted = {
            role: fit
            for role, fit in found.fits.items()
            if (role == "unit_price" and lacks_money) or (role == "cost" and lacks_cost)
        }
        section = self.profile["orders"]
        for role, fit in list(wanted.items()):
            cells = [cell for cell in sample.cells(fit.column) if isinstance(cell, str) and cell.strip()]
            texts = [bare(cell, contents[fit.column].units) for cell in cells]
            read = marks([*self.number_texts, *texts]) if texts else (".", "")
            was = (section.get("decimal", "."), section.get("thousands", ""))
            if read is None or (self.number_texts and read != was):
                del wanted[role]
                continue
            section |= {"decimal": read[0]} if read[0] != "." else {}
            section |= {"thousands": read[1]} if read[1] else {}
            if units := contents[fit.column].units:
                section["unit"] = sorted({*section.get("unit", ()), *units})
            if role == "cost":
                section["cost"] = "unit" if "qty" in known else "line"
            what = "the price" if role == "unit_price" else "the cost of one unit"
            self.notes.append(
                f"{role}: '{sample.name}.{fit.column}' is {what} in a list of items, not at the time of the order"
            )
        return wanted

    def _ask_header(self, sample: TableSample, role: str, fits: Sequence[Fit]) -> None:
        examples = [f"{fit.column} ({fit.reason})" for fit in fits]
        cure = f"say which: --role '{role}={sample.name}.COLUMN'"
        self.problems.append(Problem(f"several columns fit {role}", sample.where, None, examples, cure))

    def optional(self, others: Sequence[TableSample], contents: Mapping[int, Mapping[str, Content]]) -> None:
        """Recognise the optional tables."""
        best: dict[str, tuple[float, TableSample, dict[str, Fit]]] = {}
        for sample in others:
            if any(sample is header for header in self.headers):
                continue
            table, score, fits = optional_table(sample, contents[id(sample)])
            if table is not None and (table not in best or best[table][0] < score):
                best[table] = (score, sample, fits)
        used = {id(sample) for _, sample, _ in best.values()}
        for table, (_, sample, fits) in best.items():
            section: dict[str, Any] = {"files": sample.path.name} | sample.settings
            of_lines = self.found.fits.get("manager")
            if table == "managers" and of_lines is not None and of_lines.column.startswith(f"{sample.name}."):
                name = of_lines.column.removeprefix(f"{sample.name}.")
                fits = {**fits, "manager_id": Fit("manager_id", name, of_lines.confidence, "as on the order lines")}
            columns = {role: fit.column for role, fit in fits.items()}
            if set(columns) != set(columns.values()):
                section["columns"] = columns
            dates = [
                contents[id(sample)][fit.column]
                for role, fit in fits.items()
                if OPTIONAL[table][role].kind is Kind.DATE
            ]
            formats = [
                content.date_formats for content in dates if content.date_formats and "" not in content.date_formats
            ]
            if formats:
                section["date_format"] = formats[0][0]
            self.profile[table] = section
            self.fits.extend((table, fit) for fit in fits.values())
        self._left_over(others, used, contents)

    def _left_over(self, others: Sequence[TableSample], used: Collection[int], contents: Contents) -> None:
        """Tell of every other table what is not used, and why."""
        joins = {join["name"]: join for join in self.profile["orders"].get("joins", [])}
        for sample in others:
            taken = {fit.column for table, fit in self.fits if self.profile[table]["files"] == sample.path.name}
            if sample.name in joins:
                start = f"{sample.name}."
                taken |= {fit.column.removeprefix(start) for fit in self.found.fits.values()}
                taken |= set(joins[sample.name]["on"].values())
            elif id(sample) not in used:
                cells = contents[id(sample)]
                lacks = "no key shared with the lines" if holds_sales(sample, cells) else "no dates with money in it"
                what = f"is not used: {lacks}, and no optional table that has these columns"
                self.notes.append(f"{sample.where} {what} ({', '.join(sample.head[:SHOWN_STATES])})")
                continue
            if left := [column for column in sample.head if column not in taken]:
                self.notes.append(f"{sample.where}: not used: {', '.join(left)}")

    def done(self, tables: Sequence[TableSample]) -> Mapped:
        section = self.profile["orders"]
        section["columns"] = {role: self.found.fits[role].column for role in ORDER_ROLES if role in self.found.fits}
        for role, target in self.answers.roles.items():
            fit = self.found.fits.get(role)
            if target and role not in self.unneeded and (fit is None or fit.reason.partition(";")[0] != ANSWERED):
                self.problems.append(self._no_column(role, target, tables))
        self._needed(section)
        if not {*CUSTOMERS} & {*self.found.fits, *self.found.rivals} and (shop := marketplace(self.first.head)):
            what = f"is a report of {shop}, which names no buyers: nothing can be said of customers"
            cure = "export the sales of your own books; or, where a column names the buyer, --role 'customer_id=COLUMN'"
            raise UserError(Problem(what, self.first.where, cure=cure))
        if self.problems:
            raise UserError(self.problems)
        self._combined(section)
        self._vat()
        made = self._made()
        section["columns"] = {role: column for role, column in section["columns"].items() if column not in made}
        of_lines = [self.found.fits[role] for role in ORDER_ROLES if role in self.found.fits]
        fits = [("orders", replace(fit, column=self._shown(fit.column))) for fit in of_lines]
        fits += self.fits
        self.profile["mapping"] = [
            {"table": table, "role": fit.role, "column": fit.column, "confidence": fit.confidence, "reason": fit.reason}
            for table, fit in fits
        ]
        Profile.model_validate(self.profile)
        used = {fit.column for table, fit in fits if table == "orders"}
        used |= {*section.get("months", {}), *section.get("month_quantities", {})}
        parts = {column for columns in section.get("combine", {}).values() for column in columns}
        used |= parts | set(made) | {section.get("group", "")}
        unused = {column: self._why_unused(column) for column in self.first.head if column not in used}
        return Mapped(self.profile, tuple(fits), tuple(self.notes), unused)

    def _why_unused(self, column: str) -> str:
        """Why a column of the lines plays no role, with what it holds where that is money."""
        content = self.contents.get(column)
        if content is None or not content.filled:
            return "empty"
        values = self.evidence.figures.get(column, np.zeros(0))
        known = values[np.isfinite(values)]
        is_money = bool(len(known)) and bool(np.any(known != np.round(known)) or content.unit)
        is_known = any(column in fits for role, fits in self.found.scores.items() if role.startswith(OTHER))
        why = "a total of the order" if column in self.totals else "no report asks for it" if is_known else ""
        why = why or ("another column plays its role" if self._is_second(column) else "its head says no role")
        return f"{why}; {known.sum():,.2f} in the rows looked at" if is_money else why

    def _is_second(self, column: str) -> bool:
        return any(column in fits for role, fits in self.found.scores.items() if role in self.found.fits)

    def _vat(self) -> None:
        """Whether the money is with or without VAT, where the head of its column says so."""
        fits = [self.found.fits[role] for role in ("amount", "unit_price") if role in self.found.fits]
        words = f" {plain(fits[0].column)} " if fits else ""
        said = [basis for basis, pattern in VAT.items() if re.search(pattern, words)]
        if len(said) == 1:
            self.profile["vat"] = said[0]
            self.notes.append(f"{fits[0].column!r} says that VAT is {said[0]} (vat)")

    def _combined(self, section: dict[str, Any]) -> None:
        """Leave only those combined columns in the profile that it uses."""
        columns = set(section["columns"].values())
        for part, prefix in [(section, ""), *((join, f"{join['name']}.") for join in section.get("joins", []))]:
            _keep_combined(part, {column.removeprefix(prefix) for column in columns if column.startswith(prefix)})
        for table in OPTIONAL:
            if table in self.profile:
                _keep_combined(self.profile[table], set(self.profile[table].get("columns", {}).values()))

    def _no_column(self, role: str, target: str, tables: Sequence[TableSample]) -> Problem:
        """An answer that cannot be used: no table has the column, or the lines do not reach the table that has it."""
        holders = [sample for sample in tables if column_of(target, sample) is not None]
        what = f"no column {target!r} for {role}"
        if not holders:
            return Problem(what, self.first.where, examples=list(self.first.head))
        where = ", ".join(sample.where for sample in holders)
        if role in MONEY:
            what += f": money is read from the order lines themselves, and the column is in {where}"
        else:
            what += f": it is in {where}, which shares no key with the order lines"
        cure = f"name the lines' own column: {', '.join(self.first.head)}"
        return Problem(what, self.first.where, cure=cure)

    def _needed(self, section: dict[str, Any]) -> None:
        columns, rivals = section["columns"], self.found.rivals
        asked = {*columns, *rivals, *(problem.what.rpartition(" ")[2] for problem in self.problems)}
        if not {"customer_id", "customer_name"} & asked:
            self._lacks("customer_id", "the customer")
        if len(repeated := repeated_months(self.first)) > 1 and "order_date" not in asked:
            cure = "keep one column of each, or give the others heads that say what they hold"
            what = "several columns hold amounts of one month"
            self.problems.append(Problem(what, self.first.where, None, repeated, cure))
            return
        if bare := [column for column in self.first.head if month_number(column)][FEWEST_BARE - 1 :]:
            cure = f"write the year into the heads, or above them: {bare[0]} 2024"
            self.problems.append(Problem("columns are months without their year", self.first.where, cure=cure))
            return
        if not {"order_date", "month"} & asked and not section.get("months"):
            if periods := self._periods():
                self.problems.append(periods)
                return
            self._lacks("order_date", "the date", self._nearly_dates())
        has_amount = "amount" in asked or {"qty", "unit_price"} <= asked
        if not has_amount and not section.get("months"):
            self._lacks("amount", "the amount, or quantity and price")

    def _lacks(self, role: str, what: str, candidates: Sequence[str] = ()) -> None:
        cure = f"name it: --role '{role}=COLUMN'; columns: {', '.join(self.first.head)}"
        if self.first.settings.get("header") is False:
            row = ", ".join(text_of(cell) for cell in self.first.rows[0])[:200]
            cure = f"the head was not recognised, the first row reads: {row}; write heads above it, or {cure}"
        self.problems.append(Problem(f"no column found for {what}", self.first.where, None, candidates, cure))

    def _periods(self) -> Problem | None:
        """Quarters and periods of a fiscal year stand where days or months are needed."""
        cells = {column: {text for text in map(text_of, self.first.cells(column)) if text} for column in self.contents}
        told = {column: {names_period(text) for text in texts} for column, texts in cells.items()}
        columns = [column for column, kinds in told.items() if len(kinds) == 1 and "" not in kinds]
        heads = [column for column in self.first.head if names_period(column)]
        if not columns and len(heads) < FEWEST_BARE:
            return None
        what = names_period(heads[0]) if not columns else told[columns[0]].pop()
        where = f"{self.first.where}, column {columns[0]}" if columns else self.first.where
        shown = sorted(cells[columns[0]]) if columns else heads
        cure = "export by day or by calendar month (YYYY-MM): what happened within a period cannot be told from it"
        return Problem(f"the dates are {what}", where, None, [repr(text) for text in shown], cure)

    def _nearly_dates(self) -> list[str]:
        """Columns that hold some dates, and what else they hold."""
        found = []
        for column, content in self.contents.items():
            others = undated(self.first.cells(column), content)
            dates = content.filled - len(others)
            if content.filled and dates and not content.is_number:
                shown = f", and {others[0]!r}" if others else ""
                found.append(f"{column} ({dates:,} of {content.filled:,} cells are dates{shown})")
        return found


def _keep_combined(section: dict[str, Any], used: Collection[str]) -> None:
    combine = {name: parts for name, parts in section.pop("combine", {}).items() if name in used}
    if combine:
        section["combine"] = combine


def _is_scaled(head: str) -> bool:
    """Whether a head says its own scale or currency."""
    return scale_of(head) > 1 or re.search(rf"(?<!\w)(руб|р|ден|din|дин|{CURRENCY})(?!\w)", head.casefold()) is not None


def _counted(counts: Mapping[str, int]) -> str:
    shown = [f"{text} ({count:,})" for text, count in list(counts.items())[:SHOWN_STATES]]
    return ", ".join([*shown, *(["…"] if len(counts) > SHOWN_STATES else [])])


def _day_first(pattern: str) -> bool:
    return "%d" in pattern and pattern.index("%d") < min(
        (pattern.index(one) for one in ("%m", "%b", "%B") if one in pattern), default=99
    )


def profile_text(mapped: Mapped) -> str:
    """Text of ``sources/NAME.yaml``: what is read first, the reasons at the end."""
    order = ("title", "currency", "vat", "orders", "refunds", *OPTIONAL, "mapping")
    values = {"vat": "unknown"} | mapped.profile
    parts = [
        yaml.safe_dump({key: values[key]}, allow_unicode=True, sort_keys=False, width=110)
        for key in order
        if key in values
    ]
    return "# yaml-language-server: $schema=schema.json\n" + "".join(parts)
