"""What the company gains when a client comes back or grows to its potential: the mirror of a loss, no forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.key_list import KeyList
from kam_analysis.findings import Caveat, Finding, Message, Show, say, say_n
from kam_analysis.key_clients.dependence import classify_dependence
from kam_analysis.key_clients.loss import Book, book_of
from kam_analysis.key_clients.supplies import Supply
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Band, Labelled


class Gain(Labelled):
    """What is imagined to bring more."""

    COMES_BACK = "comes_back", say("comes back")
    GROWS = "grows", say("grows to its potential")


CLIENT_GAIN = Table(
    "client_gain",
    "one imagined return or growth",
    (
        col.name(
            "name",
            say("If this client"),
            "Client, with the id where a name stands twice; missing for all together.",
            nullable=True,
            absent=say("all together"),
        ),
        col.member("gain", say("What happens"), "Comes back or grows.", Gain),
        col.CUSTOMERS("How many.", low=1),
        col.NET_SALES_NOW(low=0),
        col.money("net_sales_after", say("Net sales then"), "A year after it.", low=0),
        col.money("net_sales_gained", say("Net sales gained"), "Then less now.", low=0),
        col.money("margin_gained", say("Margin gained"), "At own margin share; missing without cost.", nullable=True),
        col.money(
            "discount_gained",
            say("Supplier discount gained"),
            "On what the others buy; missing without tiers.",
            nullable=True,
        ),
        col.share("share_after", say("Its share then"), "Of the base after it."),
        col.LARGEST_SHARE_AFTER("Of the base after it.", nullable=False),
        col.HHI_AFTER("Of the base after it.", nullable=False),
        col.member("band_after", say("Band then"), "Of the largest client after it.", Band),
    ),
    ("name", "gain"),
)


LARGEST_SHOWN = 5


def gain_of(
    then: Mapping[str, int], book: Book, margin_shares: Mapping[str, float], discount: float, rules: KeyClients
) -> dict[str, object]:
    """Every term of the gain when these accounts have the sales `then`, on the last 12 months.

    Parameters
    ----------
    then : mapping
        New net sales of a year by account, in ten-thousandths.
    book : Book
        Result of `book_of`.
    margin_shares : mapping
        Margin per net sales by account; accounts without one have no margin.
    discount : float
        Supplier discount won on what the others buy; NaN where no tier can be applied.
    rules : KeyClients
        Bands.

    Examples
    --------
    >>> book = Book({"a": 600_000, "b": 400_000}, {}, 1_000_000, 0, 0)
    >>> found = gain_of({"b": 1_000_000}, book, {"b": 0.25}, np.nan, KeyClients())
    >>> found["net_sales_gained"], found["margin_gained"], found["share_after"], found["band_after"]
    (60.0, 15.0, 0.625, 'critical')
    """
    now = {account: max(0, book.sales.get(account, 0)) for account in then}
    base, largest, squares = book.after(then)
    known = [account for account in then if not np.isnan(margin_shares.get(account, np.nan))]
    margin = sum((then[account] - now[account]) * margin_shares[account] for account in known) / money.SCALE
    return {
        "net_sales_now": money.units(sum(now.values())),
        "net_sales_after": money.units(sum(then.values())),
        "net_sales_gained": money.units(sum(then.values()) - sum(now.values())),
        "margin_gained": margin if known else np.nan,
        "discount_gained": discount,
        "share_after": sum(then.values()) / base,
        "largest_share_after": largest / base,
        "hhi_after": squares / base**2,
        "band_after": classify_dependence(largest, base, 2, rules.bands).value,
    }


@finds(CLIENT_GAIN)
def client_gain(
    facts: pd.DataFrame,
    now: KeyList,
    assessment: pd.DataFrame,
    supplies: Sequence[Supply],
    calendar: Calendar,
    rules: KeyClients,
) -> Finding:
    """Say what it would bring when lost accounts come back, or accounts grow to the analyst's potential.

    Comes back: no net sales above 0 in the last 12 months, some in the 12 before; it returns to those. Grows: the
    analyst's potential, summed over the members, those without one at what they buy, is above the net sales of the last
    12 months. The five largest of each kind and all of a kind together. Absent when there is neither.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    now : KeyList
        At the reference date.
    assessment : DataFrame
        Potential per customer; empty where the source has none.
    supplies : sequence of Supply
        Suppliers' tiers; empty where none can be applied.
    calendar : Calendar
        Coming back needs 24 months of data.
    rules : KeyClients
        Bands.
    """
    book = book_of(now.accounts)
    priced = facts[facts.margin.notna() & (facts.margin_base > 0)]
    exact = pd.DataFrame({name: money.exact(priced[name]) for name in ("margin", "margin_base")})
    sums = exact.groupby(priced.parent_id.to_numpy()).sum()
    margin_shares = dict(zip(sums.index, sums.margin / sums.margin_base, strict=True))
    rows = []
    for gain, then in _targets(facts, now, assessment, calendar).items():
        for name, part in _scenarios(now, then, book):
            discount = _discount(gain, part, book, supplies)
            terms = gain_of(part, book, margin_shares, discount, rules)
            rows.append({"name": name, "gain": gain.value, "customers": len(part)} | terms)
    table = CLIENT_GAIN.conform(pd.DataFrame(rows, columns=CLIENT_GAIN.names))
    nothing = _nothing(assessment, calendar)
    return Finding(
        "client_gain",
        say("What if a client comes back, or grows?"),
        _gain_sentence(table) if rows else nothing,
        table,
        {f"{gain.value}_net_sales": _together(table, gain) for gain in Gain if (table.gain == gain).any()},
        sub=say(
            "Money a year; possible, not expected. Comes back: to the 12 months before the last 12. Grows: to the "
            "analyst's potential. Share, HHI and band: of the company after it."
        ),
        base=say(
            "Base: net sales of accounts above 0 in the last 12 months. Margin: at the client's own margin share so "
            "far."
        ),
        show=(
            "name",
            Show("gain", chip=True),
            "customers",
            "net_sales_now",
            "net_sales_gained",
            *(name for name in ("margin_gained", "discount_gained") if table[name].notna().any()),
            "share_after",
            Show("band_after", chip=True),
        ),
        absent=None if rows else nothing,
        caveats=_gain_caveats(assessment, calendar) if rows else (),
    )


def _targets(
    facts: pd.DataFrame, now: KeyList, assessment: pd.DataFrame, calendar: Calendar
) -> dict[Gain, dict[str, int]]:
    ids, table = now.accounts.account_id.tolist(), now.accounts
    sales = dict(zip(ids, money.exact(table.net_sales_12m).tolist(), strict=True))
    before = dict(zip(ids, money.exact(table.net_sales_before).tolist(), strict=True))
    has_two_years = calendar.first_order_on <= add_months(calendar.as_of, -24)
    returning = {one: amount for one, amount in before.items() if amount > 0 >= sales[one]} if has_two_years else {}
    rated = assessment.set_index("customer_id").potential.reindex(facts.customer_id).astype("float64")
    own = np.maximum(money.exact(facts.net_sales_12m), 0)
    aim = np.where(rated.notna(), money.exact(rated.fillna(0)), own)
    by_account = pd.DataFrame({"aim": aim, "is_rated": rated.notna().to_numpy()}).groupby(facts.parent_id.to_numpy())
    potential = by_account.aim.sum()[by_account.is_rated.any()].to_dict()
    growing = {one: int(amount) for one, amount in potential.items() if amount > sales[one] > 0}
    return {Gain.COMES_BACK: returning, Gain.GROWS: growing}


def _scenarios(now: KeyList, then: Mapping[str, int], book: Book) -> list[tuple[str | None, dict[str, int]]]:
    names = now.accounts.set_index("account_id").account_name
    first = sorted(then, key=lambda one: (book.sales.get(one, 0) - then[one], one))[:LARGEST_SHOWN]
    single: list[tuple[str | None, dict[str, int]]] = [(str(names[one]), {one: then[one]}) for one in first]
    return [*single, (None, dict(then))] if len(then) > 1 else single


def _discount(gain: Gain, then: Mapping[str, int], book: Book, supplies: Sequence[Supply]) -> float:
    """Supplier discount won on what the others buy: returners buy what they did, growers more of the same."""
    if not supplies:
        return np.nan
    return sum(supply.change(_volumes(gain, then, book, supply)) for supply in supplies)


def _volumes(gain: Gain, then: Mapping[str, int], book: Book, supply: Supply) -> pd.DataFrame:
    bought = supply.purchases.reindex(list(then), fill_value=0.0)
    if gain is Gain.COMES_BACK:
        return bought[["volume_before", "cost_before"]].set_axis(["volume", "cost"], axis=1)
    growth = np.array([amount / book.sales[one] for one, amount in then.items()])
    return bought[["volume", "cost"]].mul(growth, axis=0)


def _nothing(assessment: pd.DataFrame, calendar: Calendar) -> Message:
    unknown = _unknown(assessment, calendar)
    if unknown:
        return say("There is nothing to imagine. Not estimated: {terms:names}.", terms=unknown)
    return say("Every buyer of the year before still buys, and no potential is above what is bought.")


def _together(table: pd.DataFrame, gain: Gain) -> float:
    rows = table[table.gain == gain]
    return float(rows.net_sales_gained.iloc[-1])


def _gain_sentence(table: pd.DataFrame) -> Message:
    first = {gain: table[table.gain == gain] for gain in Gain}
    back, growing = first[Gain.COMES_BACK], first[Gain.GROWS]
    if growing.empty:
        return say_n(
            "{n:count} client of the year before bought nothing in the last 12 months; its return would bring "
            "{money:money} a year.",
            "{n:count} clients of the year before bought nothing in the last 12 months; the return of all would bring "
            "{money:money} a year.",
            count="n",
            n=int(back.customers.iloc[-1]),
            money=_together(table, Gain.COMES_BACK),
        )
    biggest = growing.iloc[0]
    if back.empty:
        return say(
            "{name} could buy {money:money} a year more by the analyst's potential.",
            name=biggest["name"],
            money=biggest.net_sales_gained,
        )
    return say_n(
        "{n:count} client of the year before bought nothing in the last 12 months; its return would bring "
        "{money:money} a year. {name} alone could buy {more:money} more by the analyst's potential.",
        "{n:count} clients of the year before bought nothing in the last 12 months; the return of all would bring "
        "{money:money} a year. {name} alone could buy {more:money} more by the analyst's potential.",
        count="n",
        n=int(back.customers.iloc[-1]),
        money=_together(table, Gain.COMES_BACK),
        name=biggest["name"],
        more=biggest.net_sales_gained,
    )


def _unknown(assessment: pd.DataFrame, calendar: Calendar) -> list[Message]:
    unknown: list[Message] = []
    if assessment.potential.isna().all():
        unknown.append(say("growth (the source holds no potential of an analyst)"))
    if calendar.first_order_on > add_months(calendar.as_of, -24):
        unknown.append(say("coming back (the data hold less than 24 months)"))
    return unknown


def _gain_caveats(assessment: pd.DataFrame, calendar: Calendar) -> list[Caveat]:
    unknown = _unknown(assessment, calendar)
    if not unknown:
        return []
    return [Caveat(say("Gains that are not estimated"), say("Left out of the gains: {terms:names}.", terms=unknown))]
