"""The export of the order lines: half-yearly files, with the flaws that real exports have."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kam_analysis.demo.company import Company
from kam_analysis.demo.draws import Draws
from kam_analysis.demo.sales import Document, Line

HEADER = (
    *("doc", "date", "customer", "sku", "item", "category", "qty", "discount", "amount", "cost"),
    *("manager", "department", "country", "channel"),
)
FILES = (  # name, first day, last day; two of them begin before the one before them ends
    ("orders_2023h2.csv", dt.date(2023, 7, 1), dt.date(2023, 12, 31)),
    ("orders_2024h1.csv", dt.date(2023, 12, 27), dt.date(2024, 6, 30)),
    ("orders_2024h2.csv", dt.date(2024, 7, 1), dt.date(2024, 12, 31)),
    ("orders_2025h1.csv", dt.date(2024, 12, 30), dt.date(2025, 6, 30)),
    ("orders_2025h2.csv", dt.date(2025, 7, 1), dt.date(2025, 12, 31)),
)
BAD_DATES = ("2024-02-30", "0000-00-00", "2024-13-05", "yesterday", "31.9")
BAD_AMOUNTS = ("12O.50", "1O4.00", "see invoice", "34.5O", "7..20")
NO_DATES, UNREADABLE_DATES, NO_AMOUNTS, UNREADABLE_AMOUNTS, TESTS = 7, 9, 6, 8, 10
EXACT_DUPLICATES, EXACT_DUPLICATES_ON_SHARED_DAYS = 24, 2
WITHOUT_COST_ONE_IN = 110


@dataclass(frozen=True)
class Row:
    """One physical row: its texts in the order of `HEADER`, where it came from, and the flaw planted in it."""

    document: Document
    line: Line
    date: str
    amount: str
    flaw: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells of the row."""
        line, document = self.line, self.document
        cost = "" if line.cost is None else money(line.cost)
        return (
            document.number,
            self.date,
            document.customer_id,
            line.sku,
            line.item,
            line.category,
            str(line.qty),
            f"{line.discount_permille / 10:g}",
            self.amount,
            cost,
            document.manager,
            document.department,
            document.country,
            document.channel,
        )


@dataclass(frozen=True)
class Export:
    """Rows of every file, in order."""

    files: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def rows(self) -> list[Row]:
        """All physical rows."""
        return [row for rows in self.files.values() for row in rows]


def money(cents: int) -> str:
    """Cents as an amount with two decimals.

    Examples
    --------
    >>> money(-5), money(123456)
    ('-0.05', '1234.56')
    """
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def export_lines(company: Company, documents: Sequence[Document]) -> Export:
    """Rows of all files: damaged lines first, then tests, exact duplicates, and days that two files share.

    A line that stands twice in the first of two files stands once in the second: two are real, one is repeated.
    """
    rows = [
        Row(document, line, document.day.isoformat(), money(line.amount))
        for document in documents
        for line in document.lines
    ]
    rows = with_damaged(without_some_costs(rows), company)
    rows = with_exact_duplicates(with_tests(rows))
    files: dict[str, list[Row]] = {}
    shared_until = dt.date.min
    for name, first, last in FILES:
        files[name] = [
            replace(row, flaw="repeated_across_files") if row.document.day <= shared_until else row
            for row in rows
            if first <= row.document.day <= last
            and not (row.flaw == "exact_duplicate" and row.document.day <= shared_until)
        ]
        shared_until = last
    return Export(files)


def is_shared(day: dt.date) -> bool:
    """Whether two files hold the day."""
    return sum(first <= day <= last for _, first, last in FILES) > 1


def without_some_costs(rows: list[Row]) -> list[Row]:
    """Leave out the purchase price of some lines."""
    draws = Draws("flaws", 10)
    return [
        replace(row, line=replace(row.line, cost=None)) if draws.whole(1, WITHOUT_COST_ONE_IN) == 1 else row
        for row in rows
    ]


def with_damaged(rows: list[Row], company: Company) -> list[Row]:
    """Spoil the date or amount of some lines of ordinary orders; the first line of the order stays whole."""
    ordinary = {customer.customer_id for customer in company.customers if not customer.part}
    candidates = [
        place
        for place, row in enumerate(rows)
        if row.document.kind == "order"
        and row.document.customer_id in ordinary
        and row.line is not row.document.lines[0]
        and not row.line.service
        and place
        and rows[place - 1].document is row.document
        and not is_shared(row.document.day)
    ]
    draws = Draws("flaws", 11)
    damages = (
        [("no_date", "", None)] * NO_DATES
        + [("unreadable_date", BAD_DATES[n % len(BAD_DATES)], None) for n in range(UNREADABLE_DATES)]
        + [("no_amount", None, "")] * NO_AMOUNTS
        + [("unreadable_number", None, BAD_AMOUNTS[n % len(BAD_AMOUNTS)]) for n in range(UNREADABLE_AMOUNTS)]
    )
    damaged = list(rows)
    for place, (flaw, date, amount) in zip(draws.sample(candidates, len(damages)), damages, strict=True):
        row = rows[place]
        damaged[place] = replace(
            row, flaw=flaw, date=row.date if date is None else date, amount=row.amount if amount is None else amount
        )
    return damaged


def with_tests(rows: list[Row]) -> list[Row]:
    """Somebody tried the invoicing program."""
    draws = Draws("flaws", 12)
    places = set(draws.sample(_whole_order_lines(rows), TESTS))
    tested = []
    for place, row in enumerate(rows):
        tested.append(row)
        if place in places:
            line = Line("TEST", "test test", "", 1, 100 * draws.whole(1, 99), None)
            tested.append(replace(row, line=line, amount=money(line.amount), flaw="test_line"))
    return tested


def with_exact_duplicates(rows: list[Row]) -> list[Row]:
    """Let some lines stand twice in their file."""
    draws = Draws("flaws", 13)
    places = {
        *draws.sample(_whole_order_lines(rows), EXACT_DUPLICATES),
        *draws.sample(_whole_order_lines(rows, shared=True), EXACT_DUPLICATES_ON_SHARED_DAYS),
    }
    doubled = []
    for place, row in enumerate(rows):
        doubled.append(row)
        if place in places:
            doubled.append(replace(row, flaw="exact_duplicate"))
    return doubled


def _whole_order_lines(rows: list[Row], shared: bool = False) -> list[int]:
    return [
        place
        for place, row in enumerate(rows)
        if row.document.kind == "order"
        and not row.flaw
        and not row.line.service
        and is_shared(row.document.day) == shared
    ]


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write one file: UTF-8, commas, line feeds, quotes only where needed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))


def write_orders(folder: Path, exported: Export) -> None:
    """Write the files of order lines."""
    for name, rows in exported.files.items():
        write_csv(folder / name, HEADER, [row.texts for row in rows])
