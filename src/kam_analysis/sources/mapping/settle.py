"""Roles settled by what the cells prove, where words say too little or several columns fit; every choice is told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kam_analysis.sources.dates import month_of, week_of
from kam_analysis.sources.mapping.beside import settle_beside
from kam_analysis.sources.mapping.case import FEWEST_ROWS, LIKELY, PROVEN, Case, listed, speaks_of
from kam_analysis.sources.mapping.evidence import MOST_ROWS, TOTAL, percent, text_of
from kam_analysis.sources.mapping.groups import once_per_order
from kam_analysis.sources.mapping.money import base_currency, settle_money
from kam_analysis.sources.mapping.roles import CLOSING, WORDY, Fit, is_otherwise
from kam_analysis.sources.mapping.states import flagged, speaks_back, states
from kam_analysis.sources.mapping.words import OTHER, order_words, plain, similarity

FEW_FOR_LINES = 50
NEARLY_NUMBERS = 0.5
BARE_CODES = ("no", "nr", "id", "code", "код", "шифра", "номер", "num", "бр", "број")
BARE_NAMES = ("name", "наименование", "название", "назив", "име", "naziv", "ime")
ORDER_ANYWAY = ("id", "name", "номер", "num", "no", "number", "nummer", "broj", "ref", "reference", "referenz")
COMPANIES = ("company", "компани", "фирм", "firm", "organi")
STANDS_IN = ("payment", "paid", "ship", "shipped", "shipping", "delivery", "оплаты", "доставки", "испорака", "плаќање")
REFERENCES, MOSTLY = ("ref", "reference", "referenz"), 0.5
OWN_IDS = ("id", "ref", "reference", "referenz")
PAYS = ("bill to", "billing", "payer", "плательщик", "плаќач")
BUYS = ("sell to", "sold to", "ship to", "shipping", "грузополучатель", "consignee", "примач")


def settle(case: Case, is_wide: bool = False) -> None:
    """Settle roles by arithmetic and by which texts stand beside which; what was chosen is told in the notes."""
    _nearly_numbers(case)
    _same_cells(case)
    _customers(case)
    _finer_ids(case)
    _item_codes(case)
    if not is_wide:
        _order_anyway(case)
    settle_money(case)
    base_currency(case)
    _payer_or_buyer(case)
    _codes(case)
    _customer_anyway(case)
    if not is_wide:
        _dates(case)
        settle_beside(case)
    _months(case, is_wide)
    _status(case)
    _units(case)
    _others(case)


def _nearly_numbers(case: Case) -> None:
    """Say why a column that is known as a quantity, a price or an amount is not taken."""
    for role in ("qty", "unit_price", "amount"):
        for column in case.found.unused:
            content, found = case.evidence.contents[column], similarity(column, order_words()[role])
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
            case.keep(role, worded[0], f"{listed([one for one in (first, *others) if one != worded[0]])} has its codes")
            continue
        if all(case.evidence.same(first, other) for other in others):
            said = "say the same in every row"
        elif role in ("order_id", "sku") and all(case.evidence.pairs(first, other) for other in others):
            said = "stand for each other"
        else:
            continue
        case.keep(role, first, f"{listed(others)} would do as well")
        case.notes.append(f"{role}: {listed([first, *others])} {said}; {first!r} is taken")


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
        case.notes.append(f"customer_name: {paired[0]!r} is taken, not {listed(others)}: one for every {number!r}")
        return
    companies = [column for column in names if any(word in plain(column) for word in COMPANIES)]
    others = [column for column in names if column not in companies]
    is_alike = len(others) == 1 and all(
        case.evidence.contents[column].distinct == 1 or case.evidence.pairs(column, others[0]) for column in companies
    )
    if companies and is_alike:
        case.keep("customer_name", others[0], f"the customer rather than {listed(companies)}")
        case.notes.append(f"customer_name: {others[0]!r} is taken, not {listed(companies)}")


def _is_coded(texts: Sequence[str]) -> bool:
    filled = [text for text in texts if text]
    return bool(filled) and all(re.fullmatch(r"[^\W_]*[\w./-]*\d[\w./-]*", text) for text in filled)


def _finer_ids(case: Case) -> None:
    """Of several ids of an order, one that every line has to itself is an id of lines, within the orders of another."""
    columns = case.columns("order_id")
    own = [column for column in columns if case.evidence.contents[column].distinct_share == 1.0]
    of_orders = [column for column in columns if column not in own]
    if own and len(of_orders) == 1 and case.is_open("order_id"):
        case.keep("order_id", of_orders[0], f"{listed(own)} differs in every line")
        case.notes.append(f"order_id: {of_orders[0]!r} is taken, not {listed(own)}, which differs in every line")


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
        case.keep("sku", kept[0], f"not {listed(others)}")
        case.notes.append(f"sku: {kept[0]!r} is taken, not {listed(others)}, {why}")


def _counts_lines(case: Case, column: str, orders: list[list[int]]) -> bool:
    """Whether a column numbers the lines of every order of several lines: 1, 2, 3."""
    texts = case.evidence.texts(column)
    return len(orders) >= FEWEST_ROWS and all(
        sorted(texts[place] for place in rows) == sorted(str(number) for number in range(1, len(rows) + 1))
        for rows in orders
    )


def _payer_or_buyer(case: Case) -> None:
    """Who pays and who buys may differ: where they do, a person decides."""
    for role in ("customer_id", "customer_name"):
        chosen = case.columns(role)
        if (
            not chosen
            or not case.is_open(role)
            or role in case.found.rivals
            or not speaks_of(chosen[0], (*PAYS, *BUYS))
        ):
            continue
        wanted = BUYS if speaks_of(chosen[0], PAYS) else PAYS
        taken = {fit.column for fit in case.found.fits.values()}
        others = [
            fit
            for column, fit in case.found.scores.get(role, {}).items()
            if column != chosen[0] and column not in taken and speaks_of(column, wanted)
        ]
        if others:
            case.found.rivals[role] = [case.found.fits.pop(role), *others]
            _same_cells(case)


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
    once = once_per_order(case.evidence.sample, order[0], [fit.column for fit in names]) if order else []
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
        texts = [text_of(cell) for cell in case.evidence.sample.cells(column)[:MOST_ROWS]]
        codes = sum(bool(re.fullmatch(r"[#№ ]*[\w/-]*\d[\w/-]*", text)) for text in texts if text)
        is_ref = plain(column) in REFERENCES and not is_of_lines
        coded = codes >= (MOSTLY if is_ref else 1) * sum(text != "" for text in texts)
        is_own = content.distinct_share >= (MOSTLY if is_ref else 1)
        heads_blocks = is_own and is_of_lines and content.filled <= PROVEN * content.rows
        if coded and (heads_blocks or (is_own != is_of_lines and (not is_own or plain(column) in OWN_IDS))):
            shared = "on the first row of each block" if heads_blocks else "codes that several rows share"
            case.take("order_id", column, LIKELY, "one for every row" if is_own != heads_blocks else shared)
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
            case.notes.append(f"order_date: {chosen!r} is taken, not {listed(others)}")
    if case.columns("order_date") or not case.is_open("order_date"):
        return
    dated = [
        column
        for column in case.found.unused
        if case.evidence.is_dated(column) and case.evidence.contents[column].distinct > 1
    ]
    fits = [Fit("order_date", column, LIKELY, f"holds dates; {_share(case, column)}") for column in dated]
    known = {column for role, fits in case.found.scores.items() if role.startswith(OTHER) for column in fits}
    if len(fits) == 1 and (fits[0].column not in known or speaks_of(fits[0].column, STANDS_IN)):
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
    are_weeks = bool(months) and all(week_of(text) for text in months)
    if are_weeks or all(month_of(text) for text in months):
        case.found.fits.pop("year", None)
    elif year is None:
        case.found.fits.pop("month")
        case.notes.append(f"{month!r} holds months without their year: no date")
        return
    said = " and ".join(repr(column) for column in (case.one("year"), month) if column)
    what = "week, and every line is dated its Monday" if are_weeks else "month, and every line is dated the first of it"
    case.notes.append(f"no column holds days: {said} {'give' if case.one('year') else 'gives'} the {what}")


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
        if (found := states(case.evidence.texts(column), column)).cancelled or found.unsold or found.gave_back
    }
    chosen = case.one("status")
    if case.is_open("status") and len(telling) == 1 and chosen not in telling and (len(columns) > 1 or chosen is None):
        chosen = next(iter(telling))
        others = [column for column in columns if column != chosen]
        case.take("status", chosen, LIKELY, "tells open, lost or cancelled orders")
        instead = f", not {listed(others)}" if others else ""
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
            if column not in taken
            and fit.confidence >= LIKELY
            and not is_otherwise(case.found.scores, fit)
            and not (role == "amount" and speaks_back(column))
        ]
        if chosen and others and case.is_open(role) and not any(note.startswith(f"{role}:") for note in case.notes):
            case.notes.append(f"{role}: {chosen!r} is taken; {listed(others)} could be it too")
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
