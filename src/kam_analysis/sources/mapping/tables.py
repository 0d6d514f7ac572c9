"""Which of the tables hold the order lines, which head them, and which are optional tables of the input model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kam_analysis.columns import Kind
from kam_analysis.sources.mapping.arithmetic import numbers
from kam_analysis.sources.mapping.content import NUMBER, Content, marks
from kam_analysis.sources.mapping.evidence import agreement, text_of
from kam_analysis.sources.mapping.roles import Fit, roles_of
from kam_analysis.sources.mapping.sample import DAY, FEWEST_MONTHS, SAMPLE_ROWS, TableSample
from kam_analysis.sources.mapping.scales import measure_of, month_in
from kam_analysis.sources.mapping.states import names_kinds, speaks_back
from kam_analysis.sources.mapping.words import optional_words, order_words, plain, similarity
from kam_analysis.tables import OPTIONAL

TELLING = ("end",)  # an open contract has no last day, but a table of contracts has the column
MONEY = ("amount", "qty", "unit_price")
COVERED, COVERED_BY_VALUE = 0.9, 0.99
SAME_KIND, REFERRED = 0.6, 0.5
IDS = ("id", "record id", "ид", "номер", "nr", "no", "number")
NEARLY_SAME, FEWEST_SHARED = 0.8, 3
BARE_KEYS = ("id", "key", "code", "no", "number")
REPEATED = re.compile(r" \(\d+\)$")  # as the second column of a head is called
MARKETPLACES = (
    ("Amazon", ("amazon order id",)),
    ("Amazon", ("settlement id", "order id")),
    ("Ozon", ("номер отправления", "реализовано на сумму")),
    ("Ozon", ("номер отправления", "ozon")),
    ("Wildberries", ("вайлдберриз",)),
    ("Wildberries", ("srid",)),
    ("Wildberries", ("артикул wb",)),
)
Contents = Mapping[int, Mapping[str, Content]]


def order_tables(tables: Sequence[TableSample], contents: Contents, answers: Mapping[str, str]) -> list[TableSample]:
    """Tables that hold the order lines: the one whose head says most first, then all of its kind.

    Where the date stands in a table of order heads and the money in one of their lines, the lines are taken.

    Parameters
    ----------
    tables : sequence of TableSample
    contents : mapping of int to mapping of str to Content
        By the identity of the table, and column.
    answers : mapping of str to str
        Column by role, as a person answered.
    """
    kinds = {id(sample): _kinds(sample, contents[id(sample)]) for sample in tables}
    best = max(tables, key=lambda sample: _score(sample, kinds, tables, answers))
    for sample in tables:
        has_money = "amount" in kinds[id(sample)] or {"qty", "unit_price"} <= kinds[id(sample)]
        if sample is not best and has_money and "order_date" not in kinds[id(sample)] and _heads(best, sample):
            best = sample
            break
    same = [sample for sample in tables if sample is not best and _is_same_kind(sample, best, kinds, contents)]
    return [best, *same]


def concatenate(lines: Sequence[TableSample]) -> TableSample:
    """One table of all tables of order lines, with the columns of all that are alike; blank where one lacks it.

    Parameters
    ----------
    lines : sequence of TableSample
    """
    first = lines[0]
    if len(lines) == 1:
        return first
    most = max(SAMPLE_ROWS // len(lines), 1)
    rows = []
    alike = [sample for sample in lines if _shared(sample, first) >= SAME_KIND or months_of(sample).amounts]
    head = tuple(dict.fromkeys(column for sample in alike for column in sample.head))
    for sample in lines:
        places = [sample.head.index(column) if column in sample.head else -1 for column in head]
        rows += [[row[place] if 0 <= place < len(row) else None for place in places] for row in sample.rows[:most]]
    combine = {name: columns for sample in alike for name, columns in sample.settings.get("combine", {}).items()}
    settings = first.settings | ({"combine": combine} if combine else {})
    return replace(first, head=head, rows=rows, settings=settings)


def _shared(sample: TableSample, other: TableSample) -> float:
    return len(set(sample.head) & set(other.head)) / min(len(sample.head), len(other.head))


def _kinds(sample: TableSample, contents: Mapping[str, Content]) -> set[str]:
    months = months_of(sample)
    found = roles_of(sample, {column: content for column, content in contents.items() if column not in months}, {})
    kinds = {*found.fits, *found.rivals}
    if "month" in kinds:
        kinds.add("order_date")
    return kinds | ({"order_date", "amount"} if months.amounts else set())


def holds_sales(sample: TableSample, contents: Mapping[str, Content]) -> bool:
    """Whether a table has dates and money, as order lines have."""
    kinds = _kinds(sample, contents)
    return "order_date" in kinds and ("amount" in kinds or {"qty", "unit_price"} <= kinds)


def _score(
    sample: TableSample, kinds_of: Mapping[int, set[str]], tables: Sequence[TableSample], answers: Mapping[str, str]
) -> float:
    """How much a table says of order lines; with money, also by the table that heads it."""
    own = kinds_of[id(sample)]
    of_others = [(table, kinds_of[id(table)]) for table in tables if table is not sample]
    has_money = bool({"amount", "unit_price"} & own)
    kinds = own.union(*(more for header, more in of_others if has_money and _heads(header, sample)))
    score = 3.0 * ("order_date" in kinds) + 2.0 * bool(kinds & set(MONEY)) + 3.0 * has_money
    score += 2.0 * bool(kinds & {"customer_id", "customer_name"}) + 0.1 * len(own)
    for role in MONEY:
        holders = [table for table in tables if column_of(answers.get(role, ""), table) is not None]
        score += 4.0 * (any(sample is table for table in holders) and len(holders) < len(tables))
    return score + 1e-6 * min(len(sample.rows), 9999)


def _heads(header: TableSample, lines: TableSample) -> bool:
    """Whether a table heads another: an order id tells its rows apart, and those of the other refer to it."""
    key = shared_key(header, {column: (lines, column) for column in lines.head})
    return key is not None and any(map(is_order_id, key))


def is_order_id(head: str) -> bool:
    """Whether a head is that of an order's id."""
    found = similarity(head, order_words()["order_id"])
    return found is not None and found.score >= SAME_KIND


def is_customer_id(head: str) -> bool:
    """Whether a head is that of a customer's id, with a word more or less."""
    words = plain(head).split()
    return "id" in words and bool({"customer", "client", "buyer", "user", "клиента", "покупателя"} & set(words))


def _is_same_kind(sample: TableSample, best: TableSample, kinds: Mapping[int, set[str]], contents: Contents) -> bool:
    named_back = any(map(speaks_back, (sample.path.stem, sample.sheet or "")))
    if sample.head == best.head:
        return not named_back or any(map(names_kinds, sample.head))
    if "order_date" not in kinds[id(best)] and _heads(sample, best):
        return False
    own = kinds[id(sample)]
    is_whole = bool(own & {"customer_id", "customer_name"}) and (
        "order_date" in own and ("amount" in own or {"qty", "unit_price"} <= own)
    )
    shared = _shared(sample, best)
    if "order_date" not in kinds[id(best)] and _heads(sample, best):
        return False
    if shared < 1 and (named_back or any(map(speaks_back, sample.head))):
        return False
    if not is_whole:
        is_near = shared >= NEARLY_SAME and len(set(sample.head) & set(best.head)) >= FEWEST_SHARED
        return is_near and not _are_joined(sample, best)
    return shared >= SAME_KIND or optional_table(sample, contents[id(sample)])[0] is None


def _are_joined(sample: TableSample, best: TableSample) -> bool:
    """Whether one of the tables is told by a foreign key of the other."""
    return any(
        shared_key(one, {column: (other, column) for column in other.head}) is not None
        for one, other in ((sample, best), (best, sample))
    )


def shared_key(sample: TableSample, reached: Mapping[str, tuple[TableSample, str]]) -> tuple[str, str] | None:
    """A column of the lines, or of a table joined to them, and one of a table whose cells tell its rows apart.

    Of a table too large to be sample whole, a few common cells under one name are enough.

    Either both have the same name ("user_id" is also the "id" of a table of users, "sales rep employee number" an
    "employee number"), or one column only holds codes that the other holds too, or the ids of one are those of the
    orders in the other, which does not name the customer itself.

    Parameters
    ----------
    sample : TableSample
        The table to be joined.
    reached : mapping of str to (TableSample, str)
        By the name that the profile gives them, columns with their table.
    """
    by_name, by_value, of_orders = [], [], []
    for column in sample.head:
        cells = [text_of(cell) for cell in sample.cells(column)]
        if len(set(cells)) != len(cells) or "" in cells or all(map(DAY.match, cells)):
            continue
        exact_first = sorted(reached.items(), key=lambda item: plain(item[1][1]) != plain(column))
        for shown, (table, own) in exact_first:
            is_named = _names_key(plain(own), plain(column), sample)
            are_codes = not any(NUMBER.match(cell) or " " in cell for cell in cells)
            refers = plain(column) in IDS and is_order_id(own) and not _names_customer(table)
            if not is_named and not are_codes and not refers:
                continue
            texts = {text_of(cell) for cell in table.cells(own)} - {""}
            share = len(texts & set(cells)) / len(texts) if texts else 0.0
            is_in_part = len(sample.rows) >= SAMPLE_ROWS and plain(own) not in {*BARE_KEYS, *IDS}
            if is_named and (share >= COVERED or (is_in_part and len(texts & set(cells)) >= FEWEST_SHARED)):
                by_name.append((shown, column))
            elif refers and share >= COVERED_BY_VALUE and len(texts) >= len(cells) * REFERRED:
                of_orders.append((shown, column))
            elif are_codes and share >= COVERED_BY_VALUE and len(texts) > 1:
                by_value.append((shown, column))
    if len(of_orders) == 1 and not any(is_order_id(column) for _, column in by_name):
        return of_orders[0]
    return by_name[0] if by_name else by_value[0] if len(by_value) == 1 else None


def _names_key(own: str, key: str, sample: TableSample) -> bool:
    """Whether a column is called as the key of a table, with the table's name before a bare key."""
    table = plain(sample.name)
    called = {f"{stem} {key}" for stem in (table, table.removesuffix("s"))} if key in BARE_KEYS else set()
    return own == key or own in called or (" " in key and own.endswith(f" {key}"))


def _names_customer(sample: TableSample) -> bool:
    words = order_words()
    return any(
        (found := similarity(column, words[role])) is not None and found.score >= SAME_KIND
        for column in sample.head
        for role in ("customer_id", "customer_name")
    )


@dataclass(frozen=True)
class Months:
    """Columns of a wide table, each with its month: amounts, and quantities of the same months."""

    amounts: Mapping[str, str]
    quantities: Mapping[str, str]

    def __contains__(self, column: object) -> bool:
        return column in self.amounts or column in self.quantities


def months_of(sample: TableSample) -> Months:
    """Columns of a wide table, each with its month; none where a month has several amounts or there are too few."""
    amounts, quantities = _dated_columns(sample)
    if len(amounts) < FEWEST_MONTHS or _repeats(amounts):
        return Months({}, {})
    known = {column: month for column, month in quantities.items() if month in amounts.values()}
    return Months(amounts, {} if _repeats(known) else known)


def repeated_months(sample: TableSample) -> list[str]:
    """Columns of amounts of a month that has several of them."""
    amounts, _ = _dated_columns(sample)
    months = list(amounts.values())
    return [column for column, month in amounts.items() if months.count(month) > 1]


def _dated_columns(sample: TableSample) -> tuple[dict[str, str], dict[str, str]]:
    found: dict[str, dict[str, str]] = {"amount": {}, "qty": {}}
    for head in sample.head:
        named = month_in(REPEATED.sub("", head))
        if named and (measure := measure_of(named[1])):
            found[measure][head] = named[0]
    return _without_sum(sample, found["amount"]), _without_sum(sample, found["qty"])


def _without_sum(sample: TableSample, months: dict[str, str]) -> dict[str, str]:
    """The months without a column that adds up the others, and stands under the head of one of them."""
    months_given = list(months.values())
    doubtful = [column for column, month in months.items() if months_given.count(month) > 1]
    if not doubtful or len(months) <= FEWEST_MONTHS:
        return months
    texts = [cell for column in months for cell in sample.cells(column) if isinstance(cell, str) and cell.strip()]
    read = marks(texts) if texts else (".", "")
    if read is None:
        return months
    values = {column: np.nan_to_num(numbers(sample.cells(column), *read, ())) for column in months}
    every = np.sum(list(values.values()), axis=0)
    for column in doubtful:
        if agreement(values[column], every - values[column]) >= COVERED_BY_VALUE and values[column].any():
            return {other: month for other, month in months.items() if other != column}
    return months


def marketplace(head: Sequence[str]) -> str | None:
    """Name of the marketplace whose report has such a head; None elsewhere.

    Examples
    --------
    >>> marketplace(["amazon-order-id", "sku"]), marketplace(["Номер отправления", "Реализовано на сумму, руб."])
    ('Amazon', 'Ozon')
    """
    heads = "\n".join(plain(column) for column in head)
    return next((shop for shop, signs in MARKETPLACES if all(sign in heads for sign in signs)), None)


def _repeats(months: Mapping[str, str]) -> bool:
    return len(set(months.values())) < len(months)


def column_of(target: str, sample: TableSample) -> str | None:
    """Give the column of a table that an answer names, alone or with the table before it."""
    if target in sample.head:
        return target
    for table in (f"{sample.path.name}.{sample.sheet}", sample.path.name, sample.name):
        column = target.removeprefix(f"{table}.")
        if column != target and column in sample.head:
            return column
    return None


def optional_table(sample: TableSample, contents: Mapping[str, Content]) -> tuple[str | None, float, dict[str, Fit]]:
    """The optional table that a table is, how surely, and its columns; None where it is none."""
    best: tuple[str | None, float, dict[str, Fit]] = (None, 0.0, {})
    for table, roles in optional_words().items():
        contract = OPTIONAL[table]
        taken: dict[str, Fit] = {}
        for role, words in roles.items():
            options = [
                Fit(role, column, found.score, found.reason)
                for column in sample.head
                if (found := similarity(column, words)) is not None
                and found.score >= 0.75
                and column not in {fit.column for fit in taken.values()}
                and _suits(contract[role].kind, contents[column])
            ]
            if options:
                taken[role] = max(options, key=lambda fit: (fit.confidence, contents[fit.column].filled))
        for column in sample.head:
            if column in contract.names and column not in taken and column not in {f.column for f in taken.values()}:
                taken[column] = Fit(column, column, 1.0, "the standard name")
        needed = [column.name for column in contract.columns if not column.nullable or column.name in TELLING]
        if any(role not in taken for role in needed) or len(taken) < 2:
            continue
        if contract.key and len(contract.key) == 1:
            keys = [text_of(cell) for cell in sample.cells(taken[contract.key[0]].column)]
            if len(set(keys)) != len(keys) or "" in keys:
                continue
        score = sum(fit.confidence for fit in taken.values()) / len(sample.head) + 0.01 * len(taken)
        if similarity(sample.name, (plain(table), plain(table).removesuffix("s"))) is not None:
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
