"""Quantity, price, amount, discount and cost settled by arithmetic, where words say too little; all is told."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from kam_analysis.sources.mapping.case import FEWEST_ROWS, LIKELY, PROVEN, Case, listed, speaks_of
from kam_analysis.sources.mapping.evidence import kind_of_price
from kam_analysis.sources.mapping.roles import is_otherwise

FITS_FROM = 0.99
TYPICAL_QTY = 10_000
RATES = ("rate", "курс", "kurs", "wechselkurs", "tečaj")
NET = ("net", "netto", "нетто", "нето", "discounted", "final", "sale")
OF_A_UNIT = ("unit", "each", "ед", "единицу", "единечна", "единична", "einzelpreis", "stückpreis", "jedinična")


def settle_money(case: Case) -> None:
    """Settle quantity, price, amount, discount, cost and margin by what multiplies, adds up and repeats."""
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


def base_currency(case: Case) -> None:
    """Where a rate turns an amount of several currencies into one of the company's currency, the latter is taken."""
    figures, currency = case.evidence.figures, case.one("currency")
    told = case.evidence.texts(currency) if currency else []
    if not case.is_open("amount") or not case.is_open("currency") or len({text for text in told if text}) < 2:
        return
    fits = case.found.scores.get("amount", {})
    bases = [
        (base, amount, rate)
        for rate in figures
        for amount, base in permutations(fits, 2)
        if speaks_of(rate, RATES) and case.evidence.product(amount, rate, base) >= FITS_FROM
    ]
    chosen = [found for found in bases if speaks_of(found[0], NET)] or bases
    if len(chosen) != 1:
        return
    base, amount, rate = chosen[0]
    case.drop("currency", str(currency))
    case.take("amount", base, PROVEN, f"{amount!r} · {rate!r}, in one currency")
    case.notes = [note for note in case.notes if not note.startswith("amount:")]
    case.notes.append(f"amount: {base!r} is taken, which is {amount!r} · {rate!r}: all in one currency")


def _totals(case: Case) -> None:
    """Totals of orders that repeat on every line are no amounts of lines."""
    ids = case.columns("order_id")
    case.orders = case.evidence.orders(ids[0]) if ids else []
    candidates = dict.fromkeys([*case.columns("amount"), *case.found.scores.get("amount", {})])
    case.totals = [column for column in candidates if case.evidence.repeats_in(case.orders, column)]
    repeated = [column for column in case.columns("amount") if column in case.totals]
    if not repeated:
        return
    said = f"{listed(repeated)} stands once per order, or repeats on each of its lines"
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
        if is_below and speaks_of(net, NET) and not speaks_of(list_price, NET):
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
            case.notes.append(f"qty: {qty!r} is taken, not {listed(quantities)}: {reason}")
            case.take("qty", qty, PROVEN, reason)
        else:
            fitting = []
    for place, role in enumerate(("qty", "unit_price", "amount")):
        left = {one[place] for one in fitting}
        if role in case.found.rivals and len(left) == 1:
            others = [column for column in case.columns(role) if column not in left]
            reason = " = ".join(f"{one[0]!r} · {one[1]!r} = {one[2]!r}" for one in fitting[:1])
            case.keep(role, left.pop(), reason)
            case.notes.append(f"{role}: {case.one(role)!r} is taken, not {listed(others)}: {reason}")
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
        case.notes.append(f"discount: {fitting[0]!r} is taken, not {listed(others)}: it explains {amount!r}")


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
    if hidden and speaks_of(price, OF_A_UNIT):
        case.notes.append(f"{price!r} is the price of a unit: not taken as the amount")
        return
    reason = f"{case.found.fits['unit_price'].reason}; there is no quantity, so it is the amount"
    case.take("amount", price, 0.8, reason)
    if hidden:
        case.notes.append(
            f"{price!r} may be the price of a unit: no column is known as the quantity; {listed(hidden)} could be it"
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
            case.notes.append(f"cost: {line!r} is taken, not {listed(others)} of one unit")
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
