"""Exports with the faults that public bug reports tell of: what they hold by hand, and what mapping and cleaning find.

``python -m tests.sources.field`` prints the table of all cases: found, truth, message.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from kam_analysis.cleaning import clean_source, line_status
from kam_analysis.cleaning.losses import stop_at_losses
from kam_analysis.engine import Engine
from kam_analysis.errors import UserError
from kam_analysis.params import Cleaning, parse
from kam_analysis.sources.mapping import Answers, map_source
from kam_analysis.sources.profile import load_profile

FIELD = Path(__file__).parents[3] / "shared/data/field"
NAMES = ("Alder", "Birch", "Cedar", "Dune", "Elm", "Fjord", "Grove", "Harbor", "Iris", "Juniper", "Kite", "Larch")
GOODS = (
    ("A-1", "Lamp", "53.90"),
    ("A-2", "Shelf", "28.00"),
    ("A-3", "Hook", "6.40"),
    ("A-4", "Stool", "41.50"),
    ("A-5", "Tray", "17.25"),
    ("A-6", "Mat", "12.80"),
)


@dataclass(frozen=True)
class Sold:
    """One line of an invented order."""

    order: int
    day: dt.date
    who: str
    sku: str
    item: str
    qty: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.qty * self.price


def sold(orders: int = 40, seed: int = 3, most: int = 3, start: str = "2024-01-03") -> list[Sold]:
    """Invented orders of one to `most` lines, a few days apart, in order of time."""
    chance, day, lines = random.Random(seed), dt.date.fromisoformat(start), []
    for number in range(1001, 1001 + orders):
        who = NAMES[chance.randrange(len(NAMES))]
        for sku, item, price in chance.sample(GOODS, chance.randint(1, most)):
            lines.append(Sold(number, day, who, sku, item, chance.randint(1, 9), Decimal(price)))
        day += dt.timedelta(days=chance.randint(2, 12))
    return lines


def days(lines: Iterable[Sold]) -> int:
    """Sum of the days of the lines, counted from 1970."""
    return sum((line.day - dt.date(1970, 1, 1)).days for line in lines)


def total(lines: Iterable[Sold]) -> float:
    return float(sum(line.amount for line in lines))


def orders_of(lines: Sequence[Sold]) -> dict[int, list[Sold]]:
    """Lines by order."""
    return {order: [line for line in lines if line.order == order] for order in dict.fromkeys(x.order for x in lines)}


def text(head: Sequence[str], rows: Iterable[Sequence[object]], sign: str = ",") -> str:
    """A text file; cells that hold the delimiter are quoted."""
    shown = [["" if cell is None else str(cell) for cell in row] for row in (head, *rows)]
    return "".join(sign.join(f'"{cell}"' if sign in cell else cell for cell in row) + "\n" for row in shown)


def book(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()) -> Path:
    """A workbook with some sheets hidden."""
    from openpyxl import Workbook

    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append([float(cell) if isinstance(cell, Decimal) else cell for cell in row])
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    made.save(path)
    return path


Written = str | bytes | Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """Files, and what is right: money, orders, customers, or a question and the answer to it.

    `asks` is a pattern of the question, `answers` what is then said; without a question the answers are not used.
    `may_ask`: the question is right, and so is the money without it. `says`: what the notes must hold. `days`: the sum
    of the kept lines' days, counted from 1970.
    """

    name: str
    files: Mapping[str, Written]
    net: float | None = None
    orders: int | None = None
    customers: int | None = None
    nobody: float | None = None
    asks: str = ""
    may_ask: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)
    says: Sequence[str] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    days: int | None = None

    def put(self, folder: Path) -> list[Path]:
        paths = []
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(content):
                content(path)
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        return paths


@dataclass(frozen=True)
class Outcome:
    """What was found in the files of a case."""

    net: float = 0.0
    orders: int = 0
    customers: int = 0
    nobody: float = 0.0
    rejected: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    question: str = ""
    first_sentence: str = ""
    days: int = 0


def outcome(paths: Sequence[Path], roles: Sequence[str] = (), **answers: Sequence[str]) -> Outcome:
    """Map files and clean them as the commands do; a question is an outcome too."""
    with tempfile.TemporaryDirectory() as made, Engine() as engine:
        root = Path(made)
        (root / "sources").mkdir()
        try:
            said = [f"{key}={value}" for key, values in answers.items() for value in values]
            told = Answers.of(roles, answers=said)
            judge = partial(stop_at_losses, rules=Cleaning(), accepted=told.said.get("accept", ()))
            found = map_source(root, "case", paths, told, judge)
            profile = load_profile(root / "sources/case.yaml")
            cleaned = clean_source(engine, profile, root / "data/raw/case", parse({}))
        except UserError as error:
            return Outcome(question=str(error))
        net, nobody, orders, customers, days = engine.rows(
            "SELECT coalesce(sum(net_sales), 0), coalesce(sum(net_sales) FILTER (WHERE customer_id IS NULL), 0), "
            "count(DISTINCT order_id) FILTER (WHERE net_sales > 0), count(DISTINCT customer_id), "
            "sum(ordered_on - DATE '1970-01-01') FROM order_lines"
        )[0]
        rejected = engine.rows("SELECT reason, count(*), sum(net_sales) FROM rejected_lines GROUP BY 1 ORDER BY 1")
        notes = (*found.mapped.notes, *found.misread)
        sentence = line_status(cleaned.line_status, Cleaning()).sentence
        return Outcome(
            float(net),
            orders,
            customers,
            float(nobody),
            {reason: (rows, float(money)) for reason, rows, money in rejected},
            notes,
            first_sentence=str(sentence.template),
            days=int(days),
        )


def judged(case: Case, folder: Path) -> tuple[str, Outcome]:
    """Judge a case: "right", "asked" or what is wrong."""
    paths = case.put(folder)
    found = outcome(paths)
    if found.question:
        if not case.asks:
            return f"asked without need: {found.question}", found
        if not re.search(case.asks, found.question):
            return f"another question: {found.question}", found
        if not case.answers and not case.roles:
            return "asked", found
        after = outcome(paths, [f"{role}={column}" for role, column in case.roles.items()], **case.answers)
        return (f"asked, then {wrong}" if (wrong := _wrong(case, after)) else "asked"), found
    if case.asks and not case.may_ask:
        return f"silent: {found.net:,.2f}", found
    return _wrong(case, found) or "right", found


def _wrong(case: Case, found: Outcome) -> str:
    if found.question:
        return f"asked again: {found.question}"
    for name in ("net", "nobody"):
        wanted, got = getattr(case, name), getattr(found, name)
        if wanted is not None and abs(wanted - got) > 0.005:
            return f"{name} {got:,.2f} instead of {wanted:,.2f}"
    for name in ("orders", "customers", "days"):
        wanted, got = getattr(case, name), getattr(found, name)
        if wanted is not None and wanted != got:
            return f"{got} {name} instead of {wanted}"
    said = "\n".join(found.notes)
    unsaid = [words for words in case.says if not re.search(words, said)]
    return f"not said: {unsaid}" if unsaid else ""
