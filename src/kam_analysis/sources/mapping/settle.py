"""Roles settled by what the cells prove, where words say too little or several columns fit; every choice is told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np

from kam_analysis.sources.dates import month_of
from kam_analysis.sources.mapping.evidence import MOST_ROWS, TOTAL, Evidence, kind_of_price, percent, text_of
from kam_analysis.sources.mapping.groups import once_per_order
from kam_analysis.sources.mapping.roles import CLOSING, WORDY, Fit, Roles, is_otherwise
from kam_analysis.sources.mapping.states import flagged, says, states
from kam_analysis.sources.mapping.words import OTHER, likeness, order_words, plain

FITS_FROM = 0.99
PROVEN, LIKELY = 0.9, 0.7
MOST_FREE = 12
FEWEST_ROWS = 5
FEW_FOR_LINES = 50
NEARLY_NUMBERS = 0.5
TYPICAL_QTY = 10_000
BARE_CODES = ("no", "nr", "id", "code", "код", "шифра", "номер", "num", "бр", "број")
BARE_NAMES = ("name", "наименование", "название", "назив", "име", "naziv", "ime")
ORDER_ANYWAY = ("id", "name", "номер", "num", "no", "number", "nummer", "broj", "ref", "reference", "referenz")
COMPANIES = ("company", "компани", "фирм", "firm", "organi")
STANDS_IN = ("payment", "paid", "ship", "shipped", "shipping", "delivery", "оплаты", "доставки", "испорака", "плаќање")
NET = ("net", "netto", "нетто", "нето", "discounted", "final", "sale")
REFERENCES, MOSTLY = ("ref", "reference", "referenz"), 0.5
OWN_IDS = ("id", "ref", "reference", "referenz")
OF_A_UNIT = ("unit", "each", "ед", "единицу", "единечна", "единична", "einzelpreis", "stückpreis", "jedinična")
PAYS = ("bill to", "billing", "payer", "плательщик", "плаќач")
BUYS = ("sell to", "sold to", "ship to", "shipping", "грузополучатель", "consignee", "примач")


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


def settle(case: Case, is_wide: bool = False) -> None:
    """Settle roles by arithmetic and by which texts stand beside which; what was chosen is told in the notes."""
    _nearly_numbers(case)
    _same_cells(case)
    _customers(case)
    _finer_ids(case)
    _item_codes(case)
    if not is_wide:
        _order_anyway(case)
    _totals(case)
    _cost_or_price(case)
    _net_price(case)
    _products(case)
    _net_amounts(case)
    _discounts(case)
    _list_price(case)
    _counted_as_money(case)
    _triples(case)
    _missing_amount(case)
    _price_or_total(case)
    _lone_price(case)
    _costs(case)
    _payer_or_buyer(case)
    _codes(case)
    _customer_anyway(case)
    if not is_wide:
        _dates(case)
    _months(case, is_wide)
    _status(case)
    _units(case)
    _others(case)


def _nearly_numbers(case: Case) -> None:
    """Say why a column that is known as a quantity, a price or an amount is not taken."""
    for role in ("qty", "unit_price", "amount"):
        for column in case.found.unused:
            content, found = case.evidence.contents[column], likeness(column, order_words()[role])
            is_mixed = not content.is_number and content.number_share >= NEARLY_NUMBERS
            if is_mixed and found is not None and found.score == 1.0:
                case.notes.append(
                    f"{column!r} is known as {role} and not taken: only {percent(content.number_share)} of its cells "
                    "are numbers"
                )


def _same_cells(case: Case) -> None:
    """Columns that say the same, or ids of which one stands for the other, leave nothing to choose."""
    for role in list(case.found.rivals):
        first, *others = case.columns(role)
        worded = [column for column in (first, *others) if not case.evidence.contents[column].is_number]
        if (
            role in WORDY
            and len(worded) == 1
            and all(
                case.evidence.pairs(worded[0], other) or case.evidence.contents[other].distinct <= 1
                for other in (first, *others)
                if other != worded[0]
            )
        ):
            case.keep(
                role, worded[0], f"{_listed([one for one in (first, *others) if one != worded[0]])} has its codes"
            )
            continue
        if all(case.evidence.same(first, other) for other in others):
            said = "say the same in every row"
        elif role in ("order_id", "sku") and all(case.evidence.pairs(first, other) for other in others):
            said = "stand for each other"
        else:
            continue
        case.keep(role, first, f"{_listed(others)} would do as well")
        case.notes.append(f"{role}: {_listed([first, *others])} {said}; {first!r} is taken")


def _customers(case: Case) -> None:
    """Of two customers, codes are ids and words are names; of names, the one that pairs with the id, or customers'."""
    names = case.columns("customer_name")
    if "customer_name" not in case.found.rivals or not case.is_open("customer_name"):
        return
    coded = [column for column in names if _is_coded(case.evidence.texts(column))]
    worded = [column for column in names if column not in coded]
    if (
        len(coded) == 1
        and len(worded) == 1
        and not {*case.columns("customer_id")} - {*coded}
        and case.is_open("customer_id")
    ):
        case.take("customer_id", coded[0], PROVEN, f"holds codes, beside the names in {worded[0]!r}")
        case.notes.append(f"customer_id: {coded[0]!r} is taken, which holds codes, and {worded[0]!r} as the name")
        return
    number = case.one("customer_id")
    paired = [column for column in names if number and case.evidence.pairs(column, number)]
    if len(paired) == 1:
        others = [column for column in names if column != paired[0]]
        case.keep("customer_name", paired[0], f"one for every {number!r}")
        case.notes.append(f"customer_name: {paired[0]!r} is taken, not {_listed(others)}: one for every {number!r}")
        return
    companies = [column for column in names if any(word in plain(column) for word in COMPANIES)]
    others = [column for column in names if column not in companies]
    is_alike = len(others) == 1 and all(
        case.evidence.contents[column].distinct == 1 or case.evidence.pairs(column, others[0]) for column in companies
    )
    if companies and is_alike:
        case.keep("customer_name", others[0], f"the customer rather than {_listed(companies)}")
        case.notes.append(f"customer_name: {others[0]!r} is taken, not {_listed(companies)}")


def _is_coded(texts: Sequence[str]) -> bool:
    filled = [text for text in texts if text]
    return bool(filled) and all(re.fullmatch(r"[^\W_]*[\w./-]*\d[\w./-]*", text) for text in filled)


def _finer_ids(case: Case) -> None:
    """Of several ids of an order, one that every line has to itself is an id of lines, within the orders of another."""
    columns = case.columns("order_id")
    own = [column for column in columns if case.evidence.contents[column].distinct_share == 1.0]
    of_orders = [column for column in columns if column not in own]
    if own and len(of_orders) == 1 and case.is_open("order_id"):
        case.keep("order_id", of_orders[0], f"{_listed(own)} differs in every line")
        case.notes.append(f"order_id: {of_orders[0]!r} is taken, not {_listed(own)}, which differs in every line")


def _item_codes(case: Case) -> None:
    """Of several codes of an item, one that every line has to itself or that counts an order's lines is none."""
    columns = case.columns("sku")
    if len(columns) < 2 or not case.is_open("sku"):
        return
    ids = case.columns("order_id")
    orders = case.evidence.orders(ids[0]) if ids else []
    contents = case.evidence.contents
    of_lines = [
        column
        for column in columns
        if (contents[column].distinct_share == 1.0 and contents[column].filled > FEW_FOR_LINES)
        or _counts_lines(case, column, orders)
    ]
    own = [column for column in columns if plain(column) == "sku"]
    left = [column for column in columns if column not in of_lines]
    kept = left if len(left) == 1 else own if len(own) == 1 and own[0] in left else []
    if kept:
        others = [column for column in columns if column not in kept]
        why = "which counts lines" if others == of_lines else "which is no code of the seller's own"
        case.keep("sku", kept[0], f"not {_listed(others)}")
        case.notes.append(f"sku: {kept[0]!r} is taken, not {_listed(others)}, {why}")


def _counts_lines(case: Case, column: str, orders: list[list[int]]) -> bool:
    """Whether a column numbers the lines of every order of several lines: 1, 2, 3."""
    texts = case.evidence.texts(column)
    return len(orders) >= FEWEST_ROWS and all(
        sorted(texts[place] for place in rows) == sorted(str(number) for number in range(1, len(rows) + 1))
        for rows in orders
    )


def _totals(case: Case) -> None:
    """Totals of orders that repeat on every line are no amounts of lines."""
    ids = case.columns("order_id")
    case.orders = case.evidence.orders(ids[0]) if ids else []
    candidates = dict.fromkeys([*case.columns("amount"), *case.found.scores.get("amount", {})])
    case.totals = [column for column in candidates if case.evidence.repeats_in(case.orders, column)]
    repeated = [column for column in case.columns("amount") if column in case.totals]
    if not repeated:
        return
    said = f"{_listed(repeated)} stands once per order, or repeats on each of its lines"
    own = [column for column in case.columns("amount") if column not in repeated]
    lines = own or _both(case, "qty", "unit_price") or case.columns("cost")
    if not case.is_open("amount") or not lines:
        case.notes.append(f"amount: {said}: a sum over the lines may count it several times")
        return
    for column in repeated:
        case.drop("amount", column)
    case.notes.append(f"{said}: not taken as the amount of a line")


def _both(case: Case, one: str, other: str) -> list[str]:
    columns = [*case.columns(one)[:1], *case.columns(other)[:1]]
    return columns if len(columns) == 2 else []


def _cost_or_price(case: Case) -> None:
    """A cost that times the quantity gives the amount, or the total of the order, is the price."""
    evidence = case.evidence
    for cost in case.columns("cost"):
        if not case.is_open("cost"):
            return
        amounts, prices, quantities = case.columns("amount"), case.columns("unit_price"), case.columns("qty")
        proofs = [
            f"{cost!r} · {qty!r} = {amount!r}"
            for qty in quantities
            for amount in amounts
            if evidence.product(cost, qty, amount) >= FITS_FROM
        ]
        proofs += [f"{cost!r} equals {other!r}" for other in (*amounts, *prices) if evidence.same(cost, other)]
        if cost in evidence.figures:
            proofs += [
                f"{cost!r} · {qty!r} adds up to {total!r} in every order"
                for qty in quantities
                for total in case.totals
                if qty in evidence.figures
                and evidence.adds_up(case.orders, evidence.figures[cost] * evidence.figures[qty], total)
            ]
        if not proofs:
            continue
        case.drop("cost", cost)
        case.notes.append(f"{cost!r} is the price, not a cost: {proofs[0]}")
        if not prices and case.is_open("unit_price") and "equals" not in proofs[0]:
            case.take("unit_price", cost, PROVEN, proofs[0])


def _net_price(case: Case) -> None:
    """Of two prices of a unit the one after the discount, which is never above the other and says net."""
    words, figures = case.found.scores.get("unit_price", {}), case.evidence.figures
    chosen = case.columns("unit_price")
    if any(column not in words for column in case.columns("amount")):
        prices = chosen
    else:
        likely = [fit.column for fit in words.values() if not is_otherwise(case.found.scores, fit)]
        prices = list(dict.fromkeys([*chosen, *(column for column in likely if column in figures)]))
    if len(prices) != 2 or not case.is_open("unit_price") or not set(prices) <= set(figures):
        return
    if any(
        case.evidence.product(qty, *pair) >= FITS_FROM for qty in case.columns("qty") for pair in permutations(prices)
    ):
        return
    for net, list_price in permutations(prices):
        told = np.isfinite(figures[net]) & np.isfinite(figures[list_price])
        is_below = bool(told.any()) and bool(np.all(figures[net][told] <= figures[list_price][told] + 1e-9))
        if is_below and _says(net, NET) and not _says(list_price, NET):
            case.take("unit_price", net, PROVEN, f"{words[net].reason}; {list_price!r} less the discount")
            case.notes.append(f"unit_price: {net!r} is taken, not {list_price!r}, which is never below it")
            return


def _products(case: Case) -> None:
    """Of several quantities, prices and amounts, those that multiply."""
    quantities, prices, amounts = (case.columns(role) for role in ("qty", "unit_price", "amount"))
    if not (quantities and prices and amounts):
        return
    fitting = _fitting(case, quantities, prices, amounts)
    if not fitting and case.is_open("qty"):
        fitting = _fitting(case, case.free_numbers(), prices, amounts)
        if len({one[0] for one in fitting}) == 1:
            qty, price, amount = fitting[0]
            reason = f"{qty!r} · {price!r} = {amount!r}"
            case.notes.append(f"qty: {qty!r} is taken, not {_listed(quantities)}: {reason}")
            case.take("qty", qty, PROVEN, reason)
        else:
            fitting = []
    for place, role in enumerate(("qty", "unit_price", "amount")):
        left = {one[place] for one in fitting}
        if role in case.found.rivals and len(left) == 1:
            others = [column for column in case.columns(role) if column not in left]
            reason = " = ".join(f"{one[0]!r} · {one[1]!r} = {one[2]!r}" for one in fitting[:1])
            case.keep(role, left.pop(), reason)
            case.notes.append(f"{role}: {case.one(role)!r} is taken, not {_listed(others)}: {reason}")
    if "amount" in case.found.rivals and "unit_price" in case.found.rivals and case.is_open("unit_price"):
        pairs = {amount: {price for _, price, other in fitting if other == amount} for amount in amounts}
        if all(len(found) == 1 for found in pairs.values()):
            case.found.rivals.pop("unit_price")


def _fitting(case: Case, quantities: list[str], prices: list[str], amounts: list[str]) -> list[tuple[str, str, str]]:
    return [
        (qty, price, amount)
        for qty in quantities
        for price in prices
        for amount in amounts
        if case.evidence.product(qty, price, amount) >= FITS_FROM
    ] or [
        (qty, price, amount)
        for qty in quantities
        for price in prices
        for amount in amounts
        if any(case.evidence.reduced(qty, price, amount, one) >= FITS_FROM for one in case.columns("discount"))
    ]


def _net_amounts(case: Case) -> None:
    """Of two amounts that differ by the discount, the one that is paid."""
    figures, amounts = case.evidence.figures, case.columns("amount")
    if len(amounts) != 2 or not set(amounts) <= set(figures):
        return
    for discount in case.columns("discount"):
        for full, net in permutations(amounts):
            less = np.abs(figures.get(discount, np.full(len(figures[net]), np.nan)))
            if (less > 0).any() and _equals(figures[net], figures[full] - less):
                reason = f"{full!r} less {discount!r} gives it"
                case.keep("amount", net, reason)
                case.notes.append(f"amount: {net!r} is taken, not {full!r}: {reason}")
                return


def _list_price(case: Case) -> None:
    """Of the price before a discount and the price after it the first: the amount is net of the discount then."""
    known = [case.one(role) for role in ("qty", "unit_price", "amount", "discount")]
    if None in known or not case.is_open("unit_price"):
        return
    qty, price, amount, discount = (str(column) for column in known)
    if case.evidence.reduced(qty, price, amount, discount) >= FITS_FROM:
        return
    taken = {fit.column for fit in case.found.fits.values()}
    full = [
        column
        for column in case.evidence.figures
        if column not in taken and case.evidence.reduced(qty, column, amount, discount) >= FITS_FROM
    ]
    if len(full) == 1:
        reason = f"{qty!r} · {full[0]!r} less {discount!r} = {amount!r}"
        case.take("unit_price", full[0], PROVEN, reason)
        case.notes.append(f"unit_price: {full[0]!r} is taken, not {price!r}, which is net of the discount: {reason}")


def _discounts(case: Case) -> None:
    """Of several discounts, one that explains the amount; a percent and its money explain it alike."""
    discounts = case.columns("discount")
    known = [case.one(role) for role in ("qty", "unit_price", "amount")]
    if len(discounts) < 2 or not case.is_open("discount") or None in known:
        return
    qty, price, amount = (str(column) for column in known)
    fitting = [one for one in discounts if case.evidence.reduced(qty, price, amount, one) >= FITS_FROM]
    if fitting:
        case.keep("discount", fitting[0], f"{qty!r} · {price!r} less it = {amount!r}")
        others = [column for column in discounts if column != fitting[0]]
        case.notes.append(f"discount: {fitting[0]!r} is taken, not {_listed(others)}: it explains {amount!r}")


def _counted_as_money(case: Case) -> None:
    """Whole numbers under the head of an amount that are hardly ever above the price of one unit count units."""
    price, amount = case.one("unit_price"), case.one("amount")
    if case.columns("qty") or price is None or amount is None or not {price, amount} <= set(case.evidence.figures):
        return
    if not all(map(case.is_open, ("qty", "unit_price", "amount"))) or not _may_count(case, amount):
        return
    prices, counts = case.evidence.figures[price], case.evidence.figures[amount]
    told = np.isfinite(prices) & np.isfinite(counts) & (prices != 0)
    if told.sum() < FEWEST_ROWS or (np.abs(counts[told]) < np.abs(prices[told])).mean() < PROVEN:
        return
    case.take("qty", amount, LIKELY, f"whole numbers below {price!r} in nearly every line")
    case.notes.append(
        f"{amount!r} is taken as the quantity: its whole numbers are below {price!r} in nearly every line"
    )


def _triples(case: Case) -> None:
    """Where no quantity is known, three columns of which two multiply to the third; with one, its price and amount."""
    quantities = case.columns("qty")
    if (quantities and (case.columns("unit_price") or case.columns("amount"))) or not case.is_open("qty"):
        return
    known = [*case.columns("unit_price"), *case.columns("amount")]
    free = list(dict.fromkeys([*quantities, *case.free_numbers(), *case.unchosen("amount")]))
    found = []
    for qty, price, amount in permutations([*dict.fromkeys([*known, *free])], 3):
        if (
            qty in (quantities or free)
            and case.evidence.product(qty, price, amount) >= FITS_FROM
            and _may_be(case, price, amount)
        ):
            found.append((qty, price, amount))
    found = [one for one in found if not _is_turned(case, one)] or found
    if not found or len({one[1:] for one in found}) > 1:
        return
    qty, price, amount = found[0]
    others = [one[0] for one in found[1:]]
    if not all(case.evidence.same(qty, other) for other in others):
        return
    proof = f"{qty!r} · {price!r} = {amount!r}"
    for role, column in (("qty", qty), ("unit_price", price), ("amount", amount)):
        if case.is_open(role) and case.one(role) != column:
            case.take(role, column, PROVEN, proof)
    case.notes.append(f"qty, unit_price and amount by arithmetic: {proof}")


def _may_be(case: Case, price: str, amount: str) -> bool:
    answered = case.given.get("amount", amount) == amount and case.given.get("unit_price", price) == price
    return answered and amount not in case.totals and price not in case.totals


def _is_turned(case: Case, one: tuple[str, str, str]) -> bool:
    """Whether price and quantity are likelier the other way round: words, then whole numbers, tell them."""
    qty, price, _ = one
    if price in [*case.columns("unit_price"), *case.columns("amount")]:
        return False
    return not _is_whole(case, qty) and _is_whole(case, price)


def _is_whole(case: Case, column: str) -> bool:
    values = case.evidence.figures[column]
    known = values[np.isfinite(values)]
    return bool(np.all(known == np.round(known)))


def _missing_amount(case: Case) -> None:
    """A column that quantity and price multiply to is the amount, whatever it is called."""
    qty, prices = case.one("qty"), case.columns("unit_price")
    if case.columns("amount") or not case.is_open("amount") or qty is None or not prices:
        return
    for price, amount in permutations(prices, 2):
        if case.evidence.product(qty, price, amount) >= FITS_FROM:
            proof = f"{qty!r} · {price!r} = {amount!r}"
            case.take("amount", amount, PROVEN, proof)
            case.notes.append(f"{amount!r} is the amount, not a price: {proof}")
            return
    price = prices[0]
    found = [column for column in case.free_numbers() if case.evidence.product(qty, price, column) >= FITS_FROM]
    if len(found) == 1:
        proof = f"{qty!r} · {price!r} = {found[0]!r}"
        case.take("amount", found[0], PROVEN, proof)
        case.notes.append(f"amount by arithmetic: {proof}")


def _price_or_total(case: Case) -> None:
    """A price that no amount proves is held against the quantities: a total grows with them, a price does not."""
    qty, price, amount = case.one("qty"), case.one("unit_price"), case.columns("amount")
    figures = case.evidence.figures
    if qty not in figures or np.all(figures[qty][np.isfinite(figures[qty])] == 1):
        return
    if price in figures and not amount and case.is_open("amount") and case.is_open("unit_price"):
        kind = _kind(case, qty, price)
        if kind == "line":
            case.take("amount", price, PROVEN, "grows with the quantity, so it is of the line")
            case.notes.append(f"{price!r} grows with {qty!r}: taken as the amount of the line, not the price of a unit")
        elif kind is None:
            case.notes.append(f"whether {price!r} is of a unit or of the line cannot be told: taken as of a unit")
    elif len(amount) == 1 and price is None and _kind(case, qty, amount[0]) == "unit":
        case.notes.append(
            f"{amount[0]!r} does not grow with {qty!r}: is it the price of a unit? then say "
            f"--role 'unit_price={amount[0]}' --role 'amount='"
        )


def _kind(case: Case, qty: str, price: str) -> str | None:
    item = case.one("sku") or case.one("item") or case.one("category")
    figures = case.evidence.figures
    if item is None or price not in figures:
        return None
    if case.totals:
        for kind, lines in (("unit", figures[qty] * figures[price]), ("line", figures[price])):
            if any(case.evidence.adds_up(case.orders, lines, total) for total in case.totals):
                return kind
    return kind_of_price(figures[qty], figures[price], case.evidence.texts(item))


def _lone_price(case: Case) -> None:
    """A price without any quantity is taken as the amount, with a word where a quantity may be hidden."""
    price = case.one("unit_price")
    if price is None or case.columns("amount") or case.columns("qty") or not case.is_open("amount"):
        return
    if not case.is_open("unit_price") or not case.is_open("qty"):
        return
    hidden = [column for column in case.free_numbers() if _may_count(case, column)]
    if hidden and _says(price, OF_A_UNIT):
        case.notes.append(f"{price!r} is the price of a unit: not taken as the amount")
        return
    reason = f"{case.found.fits['unit_price'].reason}; there is no quantity, so it is the amount"
    case.take("amount", price, 0.8, reason)
    if hidden:
        case.notes.append(
            f"{price!r} may be the price of a unit: no column is known as the quantity; {_listed(hidden)} could be it"
        )


def _may_count(case: Case, column: str) -> bool:
    values = case.evidence.figures[column]
    known = values[np.isfinite(values)]
    return bool(len(known) and _is_whole(case, column) and np.ptp(known) > 0 and np.abs(known).max() < TYPICAL_QTY)


def _costs(case: Case) -> None:
    """Of several costs the one of the line, of several margins the one in money."""
    costs, margins = case.columns("cost"), case.columns("margin")
    if len(costs) > 1:
        of_lines = {
            line
            for unit, line in permutations(costs, 2)
            for qty in case.columns("qty")
            if case.evidence.product(unit, qty, line) >= FITS_FROM
        }
        if len(of_lines) == 1:
            line = of_lines.pop()
            case.keep("cost", line, "the other one, times the quantity, gives it")
            others = [column for column in costs if column != line]
            case.notes.append(f"cost: {line!r} is taken, not {_listed(others)} of one unit")
    amount, cost = case.one("amount"), case.one("cost")
    figures = case.evidence.figures
    if len(margins) > 1 and amount in figures and cost in figures:
        made = figures[amount] - figures[cost]
        fitting = [column for column in margins if _equals(figures.get(column), made)]
        if len(fitting) == 1:
            case.keep("margin", fitting[0], f"{amount!r} less {cost!r} gives it")


def _equals(one: np.ndarray | None, other: np.ndarray) -> bool:
    if one is None:
        return False
    told = np.isfinite(one) & np.isfinite(other)
    return bool(told.sum() >= FEWEST_ROWS and (np.abs(one - other)[told] <= 0.02).mean() >= FITS_FROM)


def _payer_or_buyer(case: Case) -> None:
    """Who pays and who buys may differ: where they do, a person decides."""
    for role in ("customer_id", "customer_name"):
        chosen = case.columns(role)
        if not chosen or not case.is_open(role) or role in case.found.rivals or not _says(chosen[0], (*PAYS, *BUYS)):
            continue
        wanted = BUYS if _says(chosen[0], PAYS) else PAYS
        taken = {fit.column for fit in case.found.fits.values()}
        others = [
            fit
            for column, fit in case.found.scores.get(role, {}).items()
            if column != chosen[0] and column not in taken and _says(column, wanted)
        ]
        if others:
            case.found.rivals[role] = [case.found.fits.pop(role), *others]
            _same_cells(case)


def _says(head: str, words: tuple[str, ...]) -> bool:
    return any(f" {word} " in f" {plain(head)} " for word in words)


def _codes(case: Case) -> None:
    """A bare code belongs to the item, or to the customer, that stands beside it in every row."""
    item, customer = case.one("item"), case.one("customer_name")
    evidence = case.evidence
    rivals = case.columns("sku")
    if item and len(rivals) > 1:
        paired = [column for column in rivals if evidence.pairs(column, item)]
        if len(paired) == 1:
            case.keep("sku", paired[0], f"pairs with {item!r}")
    _bare_name(case)
    sku = case.one("sku")
    if sku and not item and customer and not case.columns("customer_id") and plain(sku) in BARE_CODES:
        if case.is_open("sku") and case.is_open("customer_id") and evidence.pairs(sku, customer):
            case.take("customer_id", sku, LIKELY, f"one for every {customer!r}")
            case.notes.append(
                f"{sku!r} is taken as the customer's id: it pairs with {customer!r}, and there is no item"
            )
    elif item and not rivals and case.is_open("sku"):
        codes = [
            column
            for column in case.found.unused
            if plain(column) in BARE_CODES
            and evidence.contents[column].filled
            and evidence.contents[column].distinct_share < PROVEN
            and evidence.pairs(column, item)
        ]
        if len(codes) == 1:
            case.take("sku", codes[0], LIKELY, f"one for every {item!r}")
            case.notes.append(f"{codes[0]!r} is taken as the item's code: it pairs with {item!r}")


def _bare_name(case: Case) -> None:
    """A bare name beside the customer's id in every row is the customer's."""
    number = case.one("customer_id")
    if number is None or case.columns("customer_name") or not case.is_open("customer_name"):
        return
    for column in case.found.unused:
        content = case.evidence.contents[column]
        is_bare = plain(column) in BARE_NAMES and content.filled and not content.is_number
        if is_bare and content.distinct > 1 and case.evidence.pairs(column, number):
            case.take("customer_name", column, LIKELY, f"one for every {number!r}")
            case.notes.append(f"{column!r} is taken as the customer's name: it pairs with {number!r}")
            return


def _customer_anyway(case: Case) -> None:
    """Where nothing names the customer, or the same customer in every row, a contact or an address may."""
    if not (case.is_open("customer_id") and case.is_open("customer_name")):
        return
    known = [*case.columns("customer_id"), *case.columns("customer_name")]
    contents = case.evidence.contents
    if any(contents[column].distinct > 2 or contents[column].filled < FEWEST_ROWS for column in known):
        return
    spare = [
        fit
        for fit in sorted(case.found.scores.get(f"{OTHER}customer", {}).values(), key=_as_customer)
        if contents[fit.column].distinct > 2 and fit.confidence >= LIKELY
    ]
    names = [fit for fit in spare if not _is_address(case, fit.column)]
    order = case.columns("order_id")
    once = once_per_order(case.evidence.seen, order[0], [fit.column for fit in names]) if order else []
    whole = [
        fit for fit in names if fit.column in once or contents[fit.column].filled >= PROVEN * contents[fit.column].rows
    ]
    addresses = [fit for fit in spare if _is_address(case, fit.column)]
    chosen = {"customer_name": whole[0]} if whole else {"customer_id": addresses[0]} if addresses else {}
    if not whole and addresses and names:
        chosen["customer_name"] = names[0]
    if not chosen:
        return _bare_customer(case, known)
    for column in known:
        often = "every row" if contents[column].distinct == 1 else "nearly every row"
        case.notes.append(f"{column!r} is not the customer: the same in {often}")
        case.drop("customer_id", column)
        case.drop("customer_name", column)
    name = contents[chosen["customer_name"].column] if "customer_name" in chosen else None
    if name is not None and name.is_number and not name.units:
        chosen = {"customer_id": chosen["customer_name"]}
    for role, fit in chosen.items():
        case.take(role, fit.column, LIKELY, f"{fit.reason}; nothing else names the customer")
        case.notes.append(f"{role}: {fit.column!r} is taken, as nothing else names the customer")


def _bare_customer(case: Case, known: list[str]) -> None:
    """Names under a bare head that repeat, in lines whose item stands elsewhere, are the customers'."""
    if known or not case.one("item"):
        return
    for column in case.found.unused:
        content = case.evidence.contents[column]
        repeats = content.distinct > 2 and content.distinct_share < NEARLY_NUMBERS
        if plain(column) in BARE_NAMES and repeats and not content.is_number and not content.is_date:
            case.take("customer_name", column, LIKELY, "names that repeat; nothing else names the customer")
            case.notes.append(f"customer_name: {column!r} is taken, as nothing else names the customer")
            return


def _as_customer(fit: Fit) -> tuple[bool, float]:
    """Companies before persons, then the surest."""
    return not any(word in plain(fit.column) for word in COMPANIES), -fit.confidence


def _is_address(case: Case, column: str) -> bool:
    return any("@" in example for example in case.evidence.contents[column].examples)


def _order_anyway(case: Case) -> None:
    """Where nothing names the order: the id of a deal, or codes under a bare head."""
    if case.columns("order_id") or not case.is_open("order_id"):
        return
    items = [column for column in case.columns("item") if case.evidence.contents[column].distinct > 1]
    is_of_lines = bool(items or case.columns("sku") or case.columns("qty"))
    for column in case.found.unused:
        content = case.evidence.contents[column]
        if plain(column) not in ORDER_ANYWAY or content.filled < FEWEST_ROWS or content.distinct <= 2:
            continue
        texts = [text_of(cell) for cell in case.evidence.seen.cells(column)[:MOST_ROWS]]
        codes = sum(bool(re.fullmatch(r"[#№ ]*[\w/-]*\d[\w/-]*", text)) for text in texts if text)
        is_ref = plain(column) in REFERENCES and not is_of_lines
        coded = codes >= (MOSTLY if is_ref else 1) * sum(text != "" for text in texts)
        is_own = content.distinct_share >= (MOSTLY if is_ref else 1)
        if coded and (is_own != is_of_lines) and (not is_own or plain(column) in OWN_IDS):
            case.take("order_id", column, LIKELY, "one for every row" if is_own else "codes that several rows share")
            case.notes.append(f"order_id: {column!r} is taken, as nothing else names the order")
            return


def _dates(case: Case) -> None:
    """The day of an order rather than the day on which it was closed; a lone column of dates under any head."""
    chosen = case.one("order_date")
    if chosen and case.is_open("order_date"):
        others = [
            column
            for column in case.found.scores.get("order_date", {})
            if column != chosen and any(word in plain(column) for word in CLOSING)
        ]
        if others:
            case.notes.append(f"order_date: {chosen!r} is taken, not {_listed(others)}")
    if case.columns("order_date") or not case.is_open("order_date"):
        return
    dated = [
        column
        for column in case.found.unused
        if case.evidence.is_dated(column) and case.evidence.contents[column].distinct > 1
    ]
    fits = [Fit("order_date", column, LIKELY, f"holds dates; {_share(case, column)}") for column in dated]
    known = {column for role, fits in case.found.scores.items() if role.startswith(OTHER) for column in fits}
    if len(fits) == 1 and (fits[0].column not in known or _says(fits[0].column, STANDS_IN)):
        case.take("order_date", fits[0].column, LIKELY, fits[0].reason)
        case.notes.append(f"order_date: {fits[0].column!r} is taken, as no other column holds dates")
    elif fits:
        case.found.rivals["order_date"] = fits


def _months(case: Case, is_wide: bool) -> None:
    """Year and month stand for the date where there is none."""
    month, year = case.one("month"), case.one("year")
    if is_wide or case.columns("order_date") or month is None:
        for role in ("year", "month"):
            case.found.fits.pop(role, None)
            case.found.rivals.pop(role, None)
        return
    months = {text for text in case.evidence.texts(month) if text and not TOTAL.match(text)}
    if all(month_of(text) for text in months):
        case.found.fits.pop("year", None)
    elif year is None:
        case.found.fits.pop("month")
        case.notes.append(f"{month!r} holds months without their year: no date")
        return
    said = " and ".join(repr(column) for column in (case.one("year"), month) if column)
    case.notes.append(f"no column holds days: {said} give the month, and every line is dated the first of it")


def _status(case: Case) -> None:
    """Of several columns of states the one that tells open, lost or cancelled orders; the others are told."""
    taken = {fit.column for fit in case.found.fits.values()}
    likely = [
        column
        for column, fit in case.found.scores.get("status", {}).items()
        if fit.confidence >= LIKELY and column not in taken
    ]
    columns = list(dict.fromkeys([*case.columns("status"), *likely]))
    columns += [column for column in case.found.unused if flagged(column, case.evidence.texts(column))]
    telling = {
        column: found
        for column in columns
        if (found := states(case.evidence.texts(column), column)).cancelled or found.unsold
    }
    chosen = case.one("status")
    if case.is_open("status") and len(telling) == 1 and chosen not in telling and (len(columns) > 1 or chosen is None):
        chosen = next(iter(telling))
        others = [column for column in columns if column != chosen]
        case.take("status", chosen, LIKELY, "tells open, lost or cancelled orders")
        instead = f", not {_listed(others)}" if others else ""
        case.notes.append(f"status: {chosen!r} is taken{instead}: it tells open, lost or cancelled orders")
    fit = case.found.fits.get("status")
    if fit is not None and case.is_open("status") and fit.confidence < 1.0 and fit.column not in telling:
        case.drop("status", fit.column)
        chosen = None
    for column, found in telling.items():
        if column != chosen and chosen is not None:
            odd = ", ".join(f"{text} ({rows:,})" for text, rows in (found.cancelled + found.unsold).most_common())
            case.notes.append(f"{column!r} holds {odd} rows too, which count as sales by {chosen!r}")


def _units(case: Case) -> None:
    """What the quantities count, where there are quantities."""
    unit, qty = case.one("unit"), case.one("qty")
    if unit is None and qty is not None and len(case.evidence.contents[qty].units) > 1 and case.is_open("unit"):
        unit = qty
        case.found.fits["unit"] = Fit("unit", qty, PROVEN, "the words beside the quantities")
    if unit is None:
        return
    if not case.columns("qty"):
        case.drop("unit", unit)
        return
    texts = case.evidence.texts(unit)
    counts = Counter(text for cell in texts if (text := re.sub(r"[-+\d.,\s]", "", cell) if unit == qty else cell))
    if len(counts) > 1:
        said = ", ".join(f"{text} ({count:,})" for text, count in counts.most_common(5))
        case.notes.append(f"{unit!r}: {len(counts)} units, {said}: quantities are compared within one unit only")


def _others(case: Case) -> None:
    """Say what else fits money, day or customer less well than the column taken, and whether the money multiplies."""
    taken = {fit.column for fit in case.found.fits.values()} | {*case.totals}
    for role in ("amount", "order_date", "customer_name"):
        chosen = case.one(role)
        others = [
            column
            for column, fit in case.found.scores.get(role, {}).items()
            if column not in taken and fit.confidence >= LIKELY and not is_otherwise(case.found.scores, fit)
        ]
        if chosen and others and case.is_open(role) and not any(note.startswith(f"{role}:") for note in case.notes):
            case.notes.append(f"{role}: {chosen!r} is taken; {_listed(others)} could be it too")
    for column, values in case.evidence.figures.items():
        given_back = np.abs(values[np.isfinite(values) & (values != 0)])
        if column not in {fit.column for fit in case.found.fits.values()} and says(column, "back") and len(given_back):
            case.notes.append(
                f"{column!r} holds {given_back.sum():,.2f} in {len(given_back):,} of the rows looked at: returns and "
                "refunds in a column of their own are not taken off the amounts"
            )
    qty, price, amount = (case.one(role) for role in ("qty", "unit_price", "amount"))
    if not (qty and price and amount and case.is_open("amount")) or {qty, price, amount} - set(case.evidence.figures):
        return
    if case.evidence.product(qty, price, amount) < NEARLY_NUMBERS and not case.columns("discount"):
        case.notes.append(
            f"amount: {amount!r} is not {qty!r} · {price!r} in most lines: is tax or freight in it? then say "
            "--role 'amount=' for quantity · price"
        )


def _share(case: Case, column: str) -> str:
    return f"{percent(case.evidence.of_full_rows(column).date_share)} dates"


def _listed(columns: list[str]) -> str:
    return ", ".join(repr(column) for column in columns)
