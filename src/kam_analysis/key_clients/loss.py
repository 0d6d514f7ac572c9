"""What the company loses when a client leaves; every term on its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.key_list import KeyList
from kam_analysis.findings import Caveat, Finding, Message, say
from kam_analysis.key_clients.key_accounts import NOBODY
from kam_analysis.key_clients.supplies import Supply, no_purchases
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Leaver, LossStep

CLIENT_LOSS = Table(
    "client_loss",
    "one imagined departure",
    (
        col.LEAVER_NAME(
            "Client or parent group, with the id where a name stands twice; missing for all key clients together."
        ),
        col.LEAVER,
        col.NET_SALES_LOST("Last 12 months."),
        col.SHARE_LOST("Of the base."),
        col.money("margin_lost", say("Margin lost"), "Missing without cost.", nullable=True),
        col.money(
            "second_order_margin_lost",
            say("Second-order margin loss"),
            "Margin of the others lost by the elasticity; missing without one or without cost.",
            nullable=True,
        ),
        col.money(
            "break_even_costs",
            say("Break-even fixed costs a month"),
            "A twelfth of the margin of 12 months that is left after every estimated term; missing without a cost.",
            nullable=True,
        ),
        col.money(
            "left_after_fixed_costs",
            say("Left after fixed costs"),
            "The same margin of 12 months, less 12 times key_clients.fixed_costs_per_month; missing without it.",
            nullable=True,
        ),
        col.money("discount_lost", say("Supplier discount lost"), "On the remaining volume.", nullable=True),
        col.money("second_order_lost", say("Second-order loss"), "By the elasticity.", nullable=True),
        col.share(
            "doubling_share",
            say("Further loss that would double the damage"),
            "Share of the rest, lost too.",
            nullable=True,
        ),
        col.LARGEST_SHARE_AFTER,
        col.HHI_AFTER,
    ),
    ("name", "leaver"),
)

LOSS_STEPS = Table(
    "loss_steps",
    "one step from the margin to what is left without the largest client",
    (
        col.member("step", say("Step"), "What is added or taken away.", LossStep),
        col.money("money", say("Money"), "Of 12 months; missing where it is not estimated.", nullable=True),
    ),
    ("step",),
)


LARGEST_SHOWN = 10
FIVE = 5
Scenario = tuple[str | None, Leaver, list[str]]


@dataclass(frozen=True)
class Book:
    """Money of the last 12 months by account, in ten-thousandths: what a loss is taken from.

    Parameters
    ----------
    sales : mapping
        Accounts with net sales above 0, largest first, ties by id.
    margins : mapping
        Accounts with a cost: their margin.
    base, squares, margin : int
        Sum of the sales, of their squares, and of the margins.
    """

    sales: Mapping[str, int]
    margins: Mapping[str, int]
    base: int
    squares: int
    margin: int

    def after(self, then: Mapping[str, int]) -> tuple[int, int, int]:
        """Base, largest amount and sum of squares when these accounts have other sales (0 or below: no share).

        Examples
        --------
        >>> Book({"a": 3, "b": 2}, {}, 5, 13, 0).after({"a": 0, "c": 4})
        (6, 4, 20)
        """
        gone = [self.sales.get(account, 0) for account in then]
        new = [amount for amount in then.values() if amount > 0]
        unchanged = next((amount for account, amount in self.sales.items() if account not in then), 0)
        squares = sum(amount * amount for amount in new) - sum(amount * amount for amount in gone)
        return self.base - sum(gone) + sum(new), max([unchanged, *new]), self.squares + squares


def book_of(accounts: pd.DataFrame) -> Book:
    """Take the exact money of the last 12 months out of the accounts.

    Parameters
    ----------
    accounts : DataFrame
        ``accounts``.

    Examples
    --------
    >>> accounts = pd.DataFrame({"account_id": ["1", "2"], "net_sales_12m": [1.0, 3.0], "margin_12m": [0.5, np.nan]})
    >>> book_of(accounts).sales, book_of(accounts).margins
    ({'2': 30000, '1': 10000}, {'1': 5000})
    """
    exact = money.exact(accounts.net_sales_12m)
    ordered = accounts.assign(exact=exact)[exact > 0].sort_values(["exact", "account_id"], ascending=[False, True])
    sales = dict(zip(ordered.account_id.tolist(), ordered.exact.tolist(), strict=True))
    priced = accounts[accounts.margin_12m.notna()]
    margins = dict(zip(priced.account_id.tolist(), money.exact(priced.margin_12m).tolist(), strict=True))
    squares = sum(amount * amount for amount in sales.values())
    return Book(sales, margins, sum(sales.values()), squares, sum(margins.values()))


def loss_of(leavers: Collection[str], book: Book, supplies: Sequence[Supply], rules: KeyClients) -> dict[str, float]:
    """Every term of the loss when these accounts leave, on the last 12 months.

    Parameters
    ----------
    leavers : collection of str
        Account ids.
    book : Book
        Result of `book_of`.
    supplies : sequence of Supply
        Suppliers' tiers with the purchases they apply to; empty where none can be applied.
    rules : KeyClients
        Elasticity and fixed costs.

    Returns
    -------
    dict
        The columns of ``client_loss`` after the leaver; NaN for what is not measurable.

    Examples
    --------
    >>> accounts = pd.DataFrame({"account_id": ["1", "2"], "net_sales_12m": [25.0, 75.0], "margin_12m": [5.0, 30.0]})
    >>> found = loss_of(["1"], book_of(accounts), [], KeyClients())
    >>> found["share_lost"], found["margin_lost"], found["break_even_costs"], found["largest_share_after"]
    (0.25, 5.0, 2.5, 1.0)
    """
    leaving = sorted(set(leavers))
    lost = sum(book.sales[account] for account in leaving if account in book.sales)
    rest, largest, squares = book.after(dict.fromkeys(leaving, 0))
    discount = max(0.0, -sum(supply.change(no_purchases(leaving)) for supply in supplies))
    share = lost / book.base if book.base else np.nan
    again = np.nan if rules.loss_elasticity is None else min(1.0, rules.loss_elasticity * share)
    return {
        "net_sales_lost": money.units(lost),
        "share_lost": share,
        **_margin_terms(leaving, book, again, discount, rules),
        "discount_lost": discount if supplies else np.nan,
        "second_order_lost": again * money.units(rest),
        "doubling_share": lost / rest if 0 < rest >= lost else np.nan,
        "largest_share_after": largest / rest if rest else np.nan,
        "hhi_after": squares / rest**2 if rest else np.nan,
    }


def _margin_terms(
    leaving: Sequence[str], book: Book, again: float, discount: float, rules: KeyClients
) -> dict[str, float]:
    """Margin lost and what is left of it after every term that is estimated, against the fixed costs."""
    gone = [book.margins[account] for account in leaving if account in book.margins]
    if not gone:
        names = ("margin_lost", "second_order_margin_lost", "break_even_costs", "left_after_fixed_costs")
        return dict.fromkeys(names, np.nan)
    left = money.units(book.margin - sum(gone))
    fixed = rules.fixed_costs_per_month
    kept = left - discount - (0.0 if np.isnan(again) else again * left)
    return {
        "margin_lost": money.units(sum(gone)),
        "second_order_margin_lost": again * left,
        "break_even_costs": kept / 12,
        "left_after_fixed_costs": np.nan if fixed is None else kept - 12 * fixed,
    }


@finds(CLIENT_LOSS)
def client_loss(now: KeyList, supplies: Sequence[Supply], rules: KeyClients) -> Finding:
    """Say what it costs when an account or all key accounts leave.

    One row for each of the ten largest accounts and of the key accounts, and one for all key accounts together. Absent
    when nobody is above 0.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    supplies : sequence of Supply
        Result of `supplies`; empty where no tier can be applied.
    rules : KeyClients
        Elasticity and fixed costs.
    """
    book = book_of(now.accounts)
    rows = [
        {"name": name, "leaver": leaver.value} | loss_of(ids, book, supplies, rules)
        for name, leaver, ids in departures(now, book)
    ]
    table = CLIENT_LOSS.conform(pd.DataFrame(rows, columns=CLIENT_LOSS.names))
    absent = None if rows else NOBODY
    return Finding(
        "client_loss",
        say("What if a client leaves?"),
        _loss_sentence(table),
        table,
        _loss_numbers(table),
        sub=say("Money of the last 12 months; every term stands by itself, none is netted."),
        base=say("Base of shares: net sales of accounts above 0 in the last 12 months."),
        drawing="key_clients.loss_waterfall",
        caveats=_loss_caveats(table, supplies, rules) if rows else (),
        absent=absent,
    )


def departures(now: KeyList, book: Book) -> list[Scenario]:
    """Who is imagined to leave: name (None for all key accounts), kind, account ids; all key accounts come last.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    book : Book
        Result of `book_of`.
    """
    accounts = now.accounts.set_index("account_id")
    keys = set(now.keys.account_id)
    chosen = [one for place, one in enumerate(book.sales) if place < LARGEST_SHOWN or one in keys]
    scenarios: list[Scenario] = [
        (str(accounts.account_name[one]), Leaver.PARENT if accounts.members[one] > 1 else Leaver.CLIENT, [one])
        for one in chosen
    ]
    listed = [one for one in chosen if one in keys]
    return [*scenarios, (None, Leaver.KEY_CLIENTS, listed)] if len(listed) > 1 else scenarios


def _loss_sentence(table: pd.DataFrame) -> Message:
    clients = table[table.leaver != Leaver.KEY_CLIENTS]
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


def _loss_caveats(table: pd.DataFrame, supplies: Sequence[Supply], rules: KeyClients) -> list[Caveat]:
    unknown: list[Message] = []
    if table.margin_lost.isna().all():
        unknown.append(say("margin (the source holds no cost)"))
    if not supplies:
        unknown.append(say("supplier discount (no volume tiers that fit what was bought)"))
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


@finds(LOSS_STEPS)
def loss_steps(now: KeyList, supplies: Sequence[Supply], rules: KeyClients) -> Finding:
    """Lead from the margin of 12 months to what is left when the largest account leaves, one step per term.

    Terms that are not estimated stand in the table without a number and are not drawn. Without cost the steps lead from
    net sales to net sales. Absent when nobody is above 0.

    Parameters
    ----------
    now, supplies, rules
        As in `client_loss`.

    Notes
    -----
    Article C: with the client goes the wholesale discount, prices rise for the others, who then leave too, and the
    company may go below zero, because costs are planned on the client's money.
    """
    book = book_of(now.accounts)
    question = say("What is left when the largest client leaves?")
    if not book.sales:
        return Finding("loss_steps", question, NOBODY, LOSS_STEPS.empty(), absent=NOBODY)
    name, _, ids = departures(now, book)[0]
    terms = loss_of(ids, book, supplies, rules)
    steps = _margin_steps(terms, book, rules) if ids[0] in book.margins else _sales_steps(terms, book)
    left = sum(amount for amount in steps.values() if not np.isnan(amount))
    rows = [*steps.items(), (LossStep.LEFT if ids[0] in book.margins else LossStep.SALES_LEFT, left)]
    table = LOSS_STEPS.conform(pd.DataFrame([(step.value, amount) for step, amount in rows], columns=["step", "money"]))
    return Finding(
        "loss_steps",
        question,
        _steps_sentence(name, table, ids[0] in book.margins),
        table,
        {"left_without_largest": round(left, 4)},
        sub=_steps_sub(ids[0] in book.margins, rules),
        base=say("Base: money of the last 12 months; the others are taken to buy as before."),
        drawing="key_clients.loss_steps",
    )


def _margin_steps(terms: Mapping[str, float], book: Book, rules: KeyClients) -> dict[LossStep, float]:
    fixed = rules.fixed_costs_per_month
    return {
        LossStep.MARGIN: money.units(book.margin),
        LossStep.CLIENT: -terms["margin_lost"],
        LossStep.DISCOUNT: -terms["discount_lost"],
        LossStep.SECOND_ORDER: -terms["second_order_margin_lost"],
        LossStep.FIXED_COSTS: np.nan if fixed is None else -12 * fixed,
    }


def _sales_steps(terms: Mapping[str, float], book: Book) -> dict[LossStep, float]:
    return {
        LossStep.SALES: money.units(book.base),
        LossStep.CLIENT: -terms["net_sales_lost"],
        LossStep.SECOND_ORDER: -terms["second_order_lost"],
    }


def _steps_sub(has_margin: bool, rules: KeyClients) -> Message:
    if has_margin and rules.fixed_costs_per_month is not None:
        return say("Margin of 12 months, less what goes with the client, less fixed costs.")
    if has_margin:
        return say("Margin of 12 months, less what goes with the client; before fixed costs, which are not given.")
    return say("Net sales of 12 months, less what goes with the client; the source holds no cost.")


def _steps_sentence(name: str | None, table: pd.DataFrame, has_margin: bool) -> Message:
    before, left = float(table.money.iloc[0]), float(table.money.iloc[-1])
    if not has_margin:
        return say(
            "Without {name}, {left:money} of {before:money} net sales a year is left.",
            name=name,
            left=left,
            before=before,
        )
    if left < 0:
        return say("Without {name} the company is {gap:money} a year below zero.", name=name, gap=-left)
    return say(
        "Without {name}, {left:money} of {before:money} margin a year is left.", name=name, left=left, before=before
    )
