"""Money that stands beside the lines: discounts of orders, money given back, files of refunds; told by arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from kam_analysis.errors import Problem
from kam_analysis.sources.mapping.arithmetic import FITS_FROM, Floats, kind_by_size, numbers
from kam_analysis.sources.mapping.case import PROVEN, Case
from kam_analysis.sources.mapping.content import Content, bare, marks
from kam_analysis.sources.mapping.evidence import PAIRED, Evidence, agreement, text_of
from kam_analysis.sources.mapping.roles import COUNTING, SHARE, roles_of
from kam_analysis.sources.mapping.sample import TableSample
from kam_analysis.sources.mapping.states import says, speaks_back
from kam_analysis.sources.mapping.words import order_words, plain, similarity

MOST_BESIDE, MOST_ADDED = 8, 2
MOST_GIVEN_BACK = 1.3  # of what was paid: freight and tax may come back too
KNOWN = 0.6
FEWEST = 3
NUMBERS = {
    "id",
    "no",
    "nr",
    "number",
    "num",
    "номер",
    "код",
    "број",
    "бр",
    "nummer",
    "broj",
    "shipping",
    "tax",
    "quantity",
    "qty",
}


def settle_beside(case: Case) -> None:
    """Give roles to discounts of whole orders and to money given back, and ask where arithmetic does not tell."""
    money = _money(case)
    ids = case.one("order_id")
    if money is None:
        return
    groups = _groups(case.evidence, ids) if ids else []
    for column in _discounts(case):
        if ids and case.evidence.repeats_in(case.orders, column) and case.is_open("order_discount"):
            _order_discount(case, column, groups, money)
    for column in _given_back(case):
        _refund(case, column, groups, money)


def _money(case: Case) -> Floats | None:
    """Money of every line, before what stands beside it."""
    figures, amount = case.evidence.figures, case.one("amount")
    if amount in figures:
        return figures[str(amount)]
    qty, price = case.one("qty"), case.one("unit_price")
    return figures[str(qty)] * figures[str(price)] if {qty, price} <= set(figures) else None


def _groups(evidence: Evidence, column: str) -> list[list[int]]:
    places: dict[str, list[int]] = {}
    current = ""
    for place, text in enumerate(evidence.texts(column)):
        current = text or current
        places.setdefault(current, []).append(place)
    return [rows for order, rows in places.items() if order]


def _discounts(case: Case) -> list[str]:
    """Columns of money that are called a discount: the one of the role, and those of no role."""
    taken = {fit.column for role, fit in case.found.fits.items() if role != "discount"}
    return [
        column
        for column, values in case.evidence.figures.items()
        if column not in taken
        and (found := similarity(column, order_words()["discount"])) is not None
        and found.score >= KNOWN
        and not SHARE.search(column.casefold())
        and np.nan_to_num(values).any()
    ]


def _order_discount(case: Case, column: str, groups: Sequence[Sequence[int]], money: Floats) -> None:
    less = _firsts(np.abs(case.evidence.figures[column]), groups)
    items = np.array([float(np.nansum(money[list(rows)])) for rows in groups])
    told = np.nan_to_num(less) > 0
    total = float(np.nansum(less[told]))
    of_order = _of_orders(case, column)
    proof = next((one for one in of_order if _adds_up(one, of_order, items - less, told)), "")
    if proof:
        case.take("order_discount", column, PROVEN, f"items less it give {proof!r}, with freight or tax or without")
        case.notes.append(
            f"{column!r} is a discount of whole orders, {total:,.2f} in {int(told.sum()):,} orders: it is taken off, "
            f"shared over their lines; items less it give {proof!r} (order_discount)"
        )
        return
    if proof := next((one for one in of_order if _adds_up(one, of_order, items, told)), ""):
        case.drop("discount", column)
        case.notes.append(f"{column!r}, {total:,.2f}, is in the amounts: they give {proof!r} as they are; not used")
        return
    values = case.evidence.figures[column]
    on_every_line = all(np.isfinite(values[list(rows)]).all() for rows in case.orders)
    if (on_every_line and kind_by_size(values) in ("rate", "percent")) or _is_of_lines(case, column):
        return
    what = f"{column!r} holds {total:,.2f} for {int(told.sum()):,} whole orders, and whether the amounts are less it "
    cure = f"say --role 'order_discount={column}' to take it off, or --role 'order_discount=' and --role 'discount='"
    case.asks.append(Problem(f"{what}already cannot be told", case.evidence.sample.where, cure=f"{cure} to leave it"))


def _is_of_lines(case: Case, column: str) -> bool:
    """Whether quantity and price less it give the amounts of the lines."""
    qty, price, amount = (str(case.one(role)) for role in ("qty", "unit_price", "amount"))
    return case.evidence.reduced(qty, price, amount, column) >= FITS_FROM


def _of_orders(case: Case, column: str) -> dict[str, Floats]:
    """Numbers that stand once per order, by order: totals, freight, tax."""
    groups = _groups(case.evidence, str(case.one("order_id")))
    taken = {fit.column for fit in case.found.fits.values()} | {column}
    return {
        other: np.nan_to_num(_firsts(values, groups))
        for other, values in list(case.evidence.figures.items())
        if other not in taken and _is_once(values, case.orders)
    }


def _is_once(values: Floats, orders: Sequence[Sequence[int]]) -> bool:
    """Whether nearly every order has one number, the same for all orders or not."""
    known = [{value for value in values[list(rows)] if np.isfinite(value)} for rows in orders]
    return sum(len(one) == 1 for one in known) >= PAIRED * len(known) > 0


def _firsts(values: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    return np.array([next((value for value in values[list(rows)] if np.isfinite(value)), np.nan) for rows in groups])


def _adds_up(total: str, of_order: Mapping[str, Floats], items: Floats, told: Any) -> bool:
    """Whether items, with up to two other numbers of the order, give a total in nearly all orders."""
    others = [values for name, values in of_order.items() if name != total][:MOST_BESIDE]
    wanted = of_order[total][told]
    if not wanted.any():
        return False
    return any(
        agreement((items + sum(added, np.zeros(len(items))))[told], wanted) >= PAIRED
        for count in range(MOST_ADDED + 1)
        for added in combinations(others, count)
    )


def _given_back(case: Case) -> list[str]:
    taken = {fit.column for fit in case.found.fits.values()}
    return [
        column
        for column, values in case.evidence.figures.items()
        if column not in taken
        and any(says(column, kind) for kind in ("back", "gave_back"))
        and not (COUNTING | {"tax", "shipping", "ндс"}) & set(plain(column).split())
        and not set(np.unique(np.nan_to_num(values))) <= {0.0, 1.0}  # nothing, or a flag
    ]


def _refund(case: Case, column: str, groups: Sequence[Sequence[int]], money: Floats) -> None:
    figures = case.evidence.figures
    back = np.abs(figures[column])
    told = np.nan_to_num(back) > 0
    is_of_order = bool(groups) and case.evidence.repeats_in(case.orders, column)
    role = "order_refund" if is_of_order else "refund"
    if not case.is_open(role):
        return
    amount = case.one("amount")
    full = [
        name
        for name, values in figures.items()
        if name not in (amount, column) and agreement((values - back)[told], money[told]) >= PAIRED
    ]
    sums = np.array([float(np.nansum(money[list(rows)])) for rows in groups]) if is_of_order else money
    back = _firsts(back, groups) if is_of_order else back
    told = np.nan_to_num(back) > 0
    total = float(np.nansum(back))
    if full:
        case.notes.append(f"{column!r}, {total:,.2f}, is taken off already: {full[0]!r} less it is {amount!r}")
        return
    negative = -float(np.nansum(money[money < 0]))
    within = (back[told] <= MOST_GIVEN_BACK * sums[told] + 0.01).mean()
    if within < PAIRED or (negative and abs(negative - total) <= 0.01 * total):
        why = f"rows below 0 hold {negative:,.2f}" if negative else "it is more than many of them hold"
        what = f"{column!r} holds {total:,.2f} given back for {int(told.sum()):,} orders or lines, and {why}"
        cure = f"say --role '{role}={column}' to take it off, or --role '{role}=' to leave it"
        case.asks.append(Problem(what, case.evidence.sample.where, cure=cure))
        return
    case.take(role, column, PROVEN, "money given back, no more than what was paid")
    of_what = "orders" if is_of_order else "lines"
    case.notes.append(
        f"{column!r} holds {total:,.2f} given back for {int(told.sum()):,} {of_what}: it is taken off, up to what they "
        f"hold, as returns ({role})"
    )


@dataclass(frozen=True)
class RefundsFound:
    """A table of refunds: its section of the profile, what is told of it, or what is asked."""

    section: dict[str, Any]
    note: str = ""
    problem: Problem | None = None


def refunds_in(
    sample: TableSample,
    contents: Mapping[str, Content],
    orders: Sequence[str],
    customers: Sequence[str],
    money: Floats,
    date_format: str | None,
) -> RefundsFound | None:
    """Read a table that speaks of money given back as refunds; None where it speaks of something else.

    Parameters
    ----------
    sample : TableSample
    contents : mapping of str to Content
        By column.
    orders, customers : sequence of str
        Ids of the orders and the customers of the lines.
    money : array
        Money of the lines.
    date_format : str or None
        Of the lines, for dates that can be read in two ways.
    """
    if not any(map(speaks_back, (sample.path.stem, sample.sheet or "", *sample.head))):
        return None
    order, customer = _refers_to(sample, orders), _refers_to(sample, customers)
    is_dated = any(content.is_date for content in contents.values())
    key = order or (customer if is_dated else "")
    amounts = {
        column: _values(sample, column, contents[column])
        for column in sample.head
        if column not in (order, customer)
        and contents[column].is_number
        and not contents[column].is_date
        and not NUMBERS & set(plain(column).split())
    }
    said = [column for column in amounts if speaks_back(column)]
    said = said or [column for column in amounts if similarity(column, order_words()["amount"]) is not None]
    total = float(np.nansum(np.abs(amounts[said[0]]))) if said else 0.0
    if not said:
        return None
    cure = (
        "give it the numbers of the orders as the lines have them, and one column of the money; or leave it: --answer "
    )
    if not key or len(said) > 1:
        why = (
            "shares no order with the lines, nor customer and day"
            if not key
            else f"several columns fit: {', '.join(said)}"
        )
        what = f"looks like money given back, {total:,.2f} in {said[0]!r}, and cannot be placed: {why}"
        return RefundsFound({}, problem=Problem(what, sample.where, cure=f"{cure}--answer refunds=leave"))
    negative = -float(np.nansum(money[money < 0]))
    if negative and abs(negative - total) <= 0.01 * total:
        what = f"holds {total:,.2f} given back, and rows of the lines below 0 hold {negative:,.2f}: the same?"
        return RefundsFound({}, problem=Problem(what, sample.where, cure="say --answer refunds=leave, or =take"))
    section = _section(sample, contents, {"order_id" if order else "customer_id": key, "amount": said[0]}, date_format)
    return RefundsFound(
        section,
        f"{sample.where}: {total:,.2f} given back in {len(sample.rows):,} rows are taken off: negative lines of the "
        "customers of their orders (`refunds`)",
    )


def _refers_to(sample: TableSample, known: Sequence[str]) -> str:
    """The column whose texts stand most often among known ids; "" where most of them do not."""
    ids = set(known) - {""}
    shares = {
        column: len(texts & ids) / len(texts)
        for column in sample.head
        if (texts := {text_of(cell) for cell in sample.cells(column)} - {""})
    }
    best = max(shares, key=lambda column: shares[column], default="")
    return best if len(ids) > FEWEST and best and shares[best] >= KNOWN else ""


def _marks(sample: TableSample, column: str, content: Content) -> tuple[str, str]:
    cells = sample.cells(column)
    texts = [bare(cell, content.units) for cell in cells if isinstance(cell, str) and cell.strip()]
    return (marks(texts) if texts else None) or (".", "")


def _values(sample: TableSample, column: str, content: Content) -> Floats:
    return numbers(sample.cells(column), *_marks(sample, column, content), content.units)


def _section(
    sample: TableSample, contents: Mapping[str, Content], columns: dict[str, str], date_format: str | None
) -> dict[str, Any]:
    amount = columns["amount"]
    dated = roles_of(sample, contents, {}).fits.get("order_date")
    dates = [dated.column] if dated else [name for name, content in contents.items() if content.is_date]
    section: dict[str, Any] = {"files": sample.path.name} | sample.settings
    if len(dates) == 1:
        columns["date"] = dates[0]
        formats = contents[dates[0]].date_formats
        if formats and "" not in formats:
            section["date_format"] = date_format if date_format in formats else formats[0]
    decimal, thousands = _marks(sample, amount, contents[amount])
    section |= {"decimal": decimal} if decimal != "." else {}
    section |= {"thousands": thousands} if thousands else {}
    section |= {"unit": list(contents[amount].units)} if contents[amount].units else {}
    section["columns"] = columns
    return section
