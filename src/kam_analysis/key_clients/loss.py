"""What the company loses when a client leaves; every term on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.findings import Caveat, Finding, Message, say
from kam_analysis.key_clients.tables import CLIENT_LOSS, Leaver
from kam_analysis.params import KeyClients

LARGEST_SHOWN = 10
FIVE = 5
Scenario = tuple[str | None, Leaver, list[str]]


def discount_at(volume: float, tiers: pd.DataFrame) -> float:
    """Supplier discount that a yearly purchase volume earns: the highest tier that it reaches, 0 below the first.

    Parameters
    ----------
    volume : float
        Purchases of a year.
    tiers : DataFrame
        tier_from (inclusive) and discount (0–1).

    Examples
    --------
    >>> tiers = pd.DataFrame({"tier_from": [1_000.0, 5_000.0], "discount": [0.05, 0.10]})
    >>> discount_at(5_000, tiers), discount_at(4_999, tiers), discount_at(10, tiers)
    (0.1, 0.05, 0.0)
    """
    reached = tiers[tiers.tier_from <= volume].sort_values("tier_from")
    return float(reached.discount.iloc[-1]) if len(reached) else 0.0


def discount_lost(purchases_before: float, purchases_after: float, tiers: pd.DataFrame) -> float:
    """Supplier discount lost on the volume that remains (article C: 5,000 units a month earn the wholesale discount).

    (discount before − discount after) · purchases after; never below 0.

    Parameters
    ----------
    purchases_before, purchases_after : float
        Purchases of a year with and without the client.
    tiers : DataFrame
        tier_from and discount of one supplier.

    Examples
    --------
    >>> tiers = pd.DataFrame({"tier_from": [5_000.0], "discount": [0.10]})
    >>> discount_lost(6_000, 4_000, tiers)
    400.0
    """
    return max(0.0, discount_at(purchases_before, tiers) - discount_at(purchases_after, tiers)) * purchases_after


@dataclass(frozen=True)
class Book:
    """Money of the last 12 months by customer id, in ten-thousandths: what a loss is taken from.

    Parameters
    ----------
    sales : mapping
        Customers with net sales above 0, largest first, ties by id.
    margins, purchases : mapping
        Customers with a cost: margin, and the cost of what they bought.
    base, squares : int
        Sum of the sales and of their squares.
    """

    sales: Mapping[str, int]
    margins: Mapping[str, int]
    purchases: Mapping[str, int]
    base: int
    squares: int


def book_of(facts: pd.DataFrame) -> Book:
    """Take the exact money of the last 12 months out of the facts.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "net_sales_12m": [1.0, 3.0], "margin_12m": [0.5, np.nan],
    ...                       "margin_base_12m": [1.0, 0.0]})
    >>> book_of(facts).sales, book_of(facts).purchases
    ({'2': 30000, '1': 10000}, {'1': 5000})
    """
    positive = facts[money.exact(facts.net_sales_12m) > 0]
    positive = positive.sort_values(["net_sales_12m", "customer_id"], ascending=[False, True])
    sales = dict(zip(positive.customer_id, money.exact(positive.net_sales_12m).tolist(), strict=True))
    priced = facts[facts.margin_12m.notna()]
    margins, covered = money.exact(priced.margin_12m), money.exact(priced.margin_base_12m)
    return Book(
        sales,
        dict(zip(priced.customer_id, margins.tolist(), strict=True)),
        dict(zip(priced.customer_id, (covered - margins).tolist(), strict=True)),
        sum(sales.values()),
        sum(amount * amount for amount in sales.values()),
    )


def loss_of(leavers: Collection[str], book: Book, tiers: pd.DataFrame, rules: KeyClients) -> dict[str, float]:
    """Every term of the loss when these customers leave, on the last 12 months.

    Parameters
    ----------
    leavers : collection of str
        Customer ids.
    book : Book
        Result of `book_of`.
    tiers : DataFrame
        ``purchase_terms`` of one supplier for everything (no item); empty where the source has none.
    rules : KeyClients
        Elasticity and fixed costs.

    Returns
    -------
    dict
        The columns of ``client_loss`` after the leaver; NaN for what is not measurable.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "net_sales_12m": [25.0, 75.0], "margin_12m": [5.0, 30.0],
    ...                       "margin_base_12m": [25.0, 75.0]})
    >>> found = loss_of(["1"], book_of(facts), pd.DataFrame(), KeyClients())
    >>> found["share_lost"], found["margin_lost"], found["break_even_costs"], found["largest_share_after"]
    (0.25, 5.0, 2.5, 1.0)
    """
    leaving = set(leavers)
    gone = [book.sales[customer] for customer in sorted(leaving) if customer in book.sales]
    lost = sum(gone)
    rest = book.base - lost
    largest = next((amount for customer, amount in book.sales.items() if customer not in leaving), 0)
    squares = book.squares - sum(amount * amount for amount in gone)
    return {
        "net_sales_lost": money.units(lost),
        "share_lost": lost / book.base if book.base else np.nan,
        **_margin_terms(leaving, book, rules),
        "discount_lost": _discount_term(leaving, book, tiers),
        "second_order_lost": _second_order(lost, rest, book.base, rules.loss_elasticity),
        "doubling_share": lost / rest if 0 < rest >= lost else np.nan,
        "largest_share_after": largest / rest if rest else np.nan,
        "hhi_after": squares / rest**2 if rest else np.nan,
    }


def _margin_terms(leaving: set[str], book: Book, rules: KeyClients) -> dict[str, float]:
    gone = [book.margins[customer] for customer in sorted(leaving) if customer in book.margins]
    if not gone:
        return dict.fromkeys(("margin_lost", "break_even_costs", "left_after_fixed_costs"), np.nan)
    left = money.units(sum(book.margins.values()) - sum(gone))
    fixed = rules.fixed_costs_per_month
    return {
        "margin_lost": money.units(sum(gone)),
        "break_even_costs": left / 12,
        "left_after_fixed_costs": np.nan if fixed is None else left - 12 * fixed,
    }


def _discount_term(leaving: set[str], book: Book, tiers: pd.DataFrame) -> float:
    if tiers.empty or not book.purchases:
        return np.nan
    before = sum(book.purchases.values())
    gone = sum(book.purchases[customer] for customer in leaving if customer in book.purchases)
    return discount_lost(money.units(before), money.units(before - gone), tiers)


def _second_order(lost: int, rest: int, base: int, elasticity: float | None) -> float:
    if elasticity is None or not base:
        return np.nan
    return min(1.0, elasticity * lost / base) * money.units(rest)


def client_loss(facts: pd.DataFrame, keys: pd.DataFrame, purchase_terms: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say what it costs when the largest clients, a parent group or all key clients leave.

    One row for each of the ten largest clients, for all key clients together, and for every parent group with several
    clients above 0. Absent when nobody is above 0.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    keys : DataFrame
        ``key_list``.
    purchase_terms : DataFrame
        Supplier tiers; empty where the source has none.
    rules : KeyClients
        Elasticity and fixed costs.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "parent_id": ["1", "2"],
    ...     "net_sales_12m": [25.0, 75.0], "margin_12m": np.nan, "margin_base_12m": 0.0})
    >>> terms = pd.DataFrame({"supplier": [], "tier_from": [], "discount": [], "item": []})
    >>> client_loss(facts, facts.head(0), terms, KeyClients()).table.share_lost.tolist()
    [0.75, 0.25]
    """
    tiers = purchase_terms[purchase_terms.item.isna()]
    if len(tiers.supplier.unique()) > 1:
        tiers = tiers.head(0)
    book = book_of(facts)
    rows = [
        {"name": name, "leaver": leaver.value} | loss_of(ids, book, tiers, rules)
        for name, leaver, ids in _scenarios(facts, keys, book)
    ]
    table = CLIENT_LOSS.conform(pd.DataFrame(rows, columns=CLIENT_LOSS.names))
    absent = None if rows else say("Nobody has net sales above 0 in the last 12 months.")
    return Finding(
        "client_loss",
        say("What if a client leaves?"),
        _loss_sentence(table),
        table,
        _loss_numbers(table),
        sub=say("Money of the last 12 months; every term stands by itself, none is netted."),
        base=say("Base of shares: net sales of customers above 0 in the last 12 months."),
        show=(
            "name",
            "leaver",
            "net_sales_lost",
            "share_lost",
            "margin_lost",
            "discount_lost",
            "second_order_lost",
            "doubling_share",
            "largest_share_after",
            "break_even_costs" if rules.fixed_costs_per_month is None else "left_after_fixed_costs",
        ),
        drawing="loss_waterfall",
        caveats=_loss_caveats(table, tiers, rules) if rows else (),
        absent=absent,
    )


def _scenarios(facts: pd.DataFrame, keys: pd.DataFrame, book: Book) -> list[Scenario]:
    names = dict(zip(facts.customer_id, facts.customer_name, strict=True))
    scenarios: list[Scenario] = [(names[one], Leaver.CLIENT, [one]) for one in list(book.sales)[:LARGEST_SHOWN]]
    listed = [customer for customer in keys.customer_id if customer in book.sales]
    if len(listed) > 1:
        scenarios.append((None, Leaver.KEY_CLIENTS, listed))
    for parent, members in _groups(facts, book):
        scenarios.append((names.get(parent, parent), Leaver.PARENT, members))
    times = Counter((name, leaver) for name, leaver, _ in scenarios)
    return [
        (name if times[name, leaver] == 1 else f"{name} ({ids[0]})", leaver, ids) for name, leaver, ids in scenarios
    ]


def _groups(facts: pd.DataFrame, book: Book) -> list[tuple[str, list[str]]]:
    parents = dict(zip(facts.customer_id, facts.parent_id, strict=True))
    groups: dict[str, list[str]] = {}
    for customer in book.sales:
        groups.setdefault(parents[customer], []).append(customer)
    several = [(parent, members) for parent, members in groups.items() if len(members) > 1]
    return sorted(several, key=lambda group: (-sum(book.sales[customer] for customer in group[1]), group[0]))


def _loss_sentence(table: pd.DataFrame) -> Message:
    clients = table[table.leaver == Leaver.CLIENT]
    if clients.empty:
        return say("Nobody can leave: no client has net sales above 0.")
    name, share = clients.name.iloc[0], clients.share_lost.iloc[0]
    if len(clients) <= FIVE:
        return say("Losing {name} takes {share:share} of net sales.", name=name, share=share)
    return say(
        "Losing {name} takes {share:share} of net sales; losing the five largest takes {five:share}.",
        name=name,
        share=share,
        five=clients.share_lost.head(FIVE).sum(),
    )


def _loss_numbers(table: pd.DataFrame) -> dict[str, float]:
    if table.empty:
        return {}
    return {
        "largest_loss_share": float(table.share_lost.iloc[0]),
        "largest_loss_net_sales": float(table.net_sales_lost.iloc[0]),
    }


def _loss_caveats(table: pd.DataFrame, tiers: pd.DataFrame, rules: KeyClients) -> list[Caveat]:
    unknown: list[Message] = []
    if table.margin_lost.isna().all():
        unknown.append(say("margin (the source holds no cost)"))
    if table.discount_lost.isna().all():
        reason = say("supplier discount (no volume tiers for all purchases of one supplier)")
        unknown.append(reason if tiers.empty else say("supplier discount (the source holds no cost)"))
    if rules.loss_elasticity is None:
        unknown.append(say("second-order loss (no elasticity in the parameters)"))
    caveats = []
    if unknown:
        caveats.append(Caveat(say("Not estimated"), say("Left out of the loss: {terms:names}.", terms=unknown)))
    largest = table.iloc[0]
    if not np.isnan(largest.break_even_costs):
        text = _fixed_cost_text(largest.break_even_costs, largest.left_after_fixed_costs, rules.fixed_costs_per_month)
        caveats.append(Caveat(say("What is left to cover fixed costs"), text))
    return caveats


def _fixed_cost_text(break_even: float, left: float, fixed: float | None) -> Message:
    if fixed is None and break_even < 0:
        return say(
            "Without the largest client the margin of 12 months is {margin:money}: no fixed costs are covered.",
            margin=12 * break_even,
        )
    if fixed is None:
        return say(
            "Without the largest client the margin of 12 months is {margin:money}: the company breaks even at fixed "
            "costs of {monthly:money} a month.",
            margin=12 * break_even,
            monthly=break_even,
        )
    if left < 0:
        return say(
            "Without the largest client {gap:money} a year is missing to cover fixed costs of {monthly:money} a month.",
            gap=-left,
            monthly=fixed,
        )
    return say(
        "Without the largest client {left:money} a year is left after fixed costs of {monthly:money} a month.",
        left=left,
        monthly=fixed,
    )
