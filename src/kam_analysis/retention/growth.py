"""How the key clients grew: like for like, year on year, and by price, volume and mix."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.key_list import KeyList
from kam_analysis.findings import Caveat, Finding, Message, Weight, absent_numbers, is_absent, say
from kam_analysis.frames import number
from kam_analysis.retention.keys import NOBODY_KEY, accounts_of, by_account, key_base, nobody_key
from kam_analysis.retention.period import YEAR
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import GrowthGroup, GrowthStep

KEY_GROWTH = Table(
    "key_growth",
    "one group of accounts in two years",
    (
        col.ACCOUNT_GROUP("Key and other accounts make all; today's stand aside."),
        col.count("accounts_before", say("Bought before"), "With an order in the first year."),
        col.count("accounts_both", say("Bought in both"), "With an order in both years."),
        col.count("accounts_after", say("Bought after"), "With an order in the second year."),
        col.NET_SALES_BEFORE("Of the first year."),
        col.money("net_sales_after", say("Net sales after"), "Of the second year."),
        col.change(
            "growth", say("Growth"), "Net sales after over before, less 1; missing at 0 or below.", nullable=True
        ),
        col.money("like_before", say("Before, bought in both"), "First year, of those who bought in both."),
        col.money("like_after", say("After, bought in both"), "Second year, of those who bought in both."),
        col.change(
            "like_growth",
            say("Like for like"),
            "Growth of those who bought in both; missing at 0 or below.",
            nullable=True,
        ),
        col.money("lost", say("Lost"), "Net sales before of the others, who did not buy in both years."),
        col.money("won", say("Won"), "Net sales after of the others, less their returns."),
    ),
    ("group",),
)

GROWTH_BRIDGE = Table(
    "growth_bridge",
    "one step from the net sales of the first year to those of the second",
    (
        col.member("step", say("Step"), "Before, six effects, after.", GrowthStep),
        col.money("key_net_sales", say("Key clients"), "Of those who were key at the start; effects signed."),
        col.change(
            "key_share",
            say("Of sales before"),
            "Over the key clients' net sales before; missing at 0 or below.",
            nullable=True,
        ),
        col.count("key_products", say("Products"), "Products of the step at the key clients.", nullable=True),
        col.money("all_net_sales", say("All buyers"), "The same of all customers; effects signed."),
        col.change(
            "all_share", say("Of sales before"), "Over all net sales before; missing at 0 or below.", nullable=True
        ),
        col.count("all_products", say("Products"), "Products of the step at all customers.", nullable=True),
    ),
    ("step",),
)


LATE_DAYS = 2
EFFECTS = (
    GrowthStep.PRICE,
    GrowthStep.VOLUME,
    GrowthStep.MIX,
    GrowthStep.NEW,
    GrowthStep.DROPPED,
    GrowthStep.NOT_EXPLAINED,
)
GROWTH_NUMBERS = {
    "growth.key": (GrowthGroup.KEY, "growth"),
    "growth.key_like_for_like": (GrowthGroup.KEY, "like_growth"),
    "growth.other": (GrowthGroup.OTHER, "growth"),
    "growth.other_like_for_like": (GrowthGroup.OTHER, "like_growth"),
    "growth.all": (GrowthGroup.ALL, "growth"),
}
BRIDGE_NUMBERS = {f"growth.key_{step}": step for step in EFFECTS}
TOO_SHORT = "under 24 months of history"
NO_QUANTITY = "no order line of the key clients names an item and a quantity"


def growth_sales(lines: Engine, facts: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Net sales and orders of every account in the last two years.

    t lies 12 months before the reference date; the years are [t−12 months, t) and [t, t+12 months).

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``customer_orders``.
    facts : DataFrame
        ``customer_facts``: whose account a customer belongs to.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    DataFrame
        account_id, net_sales_before, net_sales_after (exactly summed over the members), was_buyer, is_buyer (an order
        of a member in the first, in the second year). Lines without a customer are left out; without lines there is no
        row.
    """
    before, start, until = _windows(calendar)
    lines.materialise("growth_sales", statement(__file__, "growth_sales"), before=before, start=start, until=until)
    sold = lines.frame("growth_sales").set_index("customer_id")
    account_of = accounts_of(facts)
    sums = {
        name: by_account(pd.Series(money.exact(sold[name]), sold.index), account_of) / money.SCALE
        for name in ("net_sales_before", "net_sales_after")
    }
    buyers = sold[["was_buyer", "is_buyer"]].groupby(account_of.reindex(sold.index)).any()
    return buyers.assign(**sums).rename_axis("account_id").reset_index()


def growth_products(
    lines: Engine, facts: pd.DataFrame, lists: Mapping[dt.date, KeyList], calendar: Calendar
) -> pd.DataFrame:
    """Quantity and net sales of every product in the last two years, at the key accounts and at all customers.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``.
    facts : DataFrame
        ``customer_facts``: whose account a customer belongs to.
    lists : mapping of date to KeyList
        From `key_lists`; the list at the start of the second year counts.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    DataFrame
        product (item code, else item) and its unit, a row for each of several units, and with the prefixes key and all:
        qty_before, qty_after (missing where not sold in the year), sales_before, sales_after. Service lines and lines
        without item or quantity stand under the missing product.
    """
    is_key = facts["parent_id"].isin(lists[calendar.year_ago].keys["account_id"])
    before, start, until = _windows(calendar)
    lines.materialise(
        "growth_products",
        statement(__file__, "growth_products"),
        before=before,
        start=start,
        until=until,
        keys=facts["customer_id"][is_key].tolist(),
    )
    return lines.frame("growth_products")


@finds(KEY_GROWTH)
def key_growth(
    sales: pd.DataFrame, lists: Mapping[dt.date, KeyList], today: Collection[str], calendar: Calendar
) -> Finding:
    """Whether those who were key clients a year ago buy more now, and how much of it is like for like.

    The key list is that of t, 12 months before the reference date, so nobody is on it for what came later. Growth = net
    sales of [t, t+12 months)/net sales of [t−12 months, t) − 1; like for like: the same of the accounts with an order
    in both years. Before = like before + lost, after = like after + won. Key and other accounts sum to all, the net
    sales of all customers known by id. Today's list stands beside it: it is chosen by the outcome. Under 24 months of
    history, or with nobody on the list of t, not measurable.

    Parameters
    ----------
    sales : DataFrame
        From `growth_sales`.
    lists : mapping of date to KeyList
        From `key_lists`.
    today : collection of str
        Account ids of the key list at the reference date.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    Finding
        Table ``key_growth``; numbers growth.key, growth.key_like_for_like, growth.other, growth.other_like_for_like,
        growth.all.

    Notes
    -----
    Source: article A (growth of purchases of key customers).
    """
    question = say("Did the key clients grow?")
    then = lists[calendar.year_ago]
    if cause := _cause(calendar, then):
        return _absent(KEY_GROWTH, question, say("Growth of key clients cannot be measured"), GROWTH_NUMBERS, *cause)
    is_key = sales["account_id"].isin(then.keys["account_id"])
    is_key_now = sales["account_id"].isin(list(today))
    groups = {
        GrowthGroup.KEY: sales[is_key],
        GrowthGroup.OTHER: sales[~is_key],
        GrowthGroup.ALL: sales,
        GrowthGroup.TODAY: sales[is_key_now],
    }
    table = KEY_GROWTH.conform(pd.DataFrame([_growth_row(group, chosen) for group, chosen in groups.items()]))
    before, after = _shown(calendar)
    return Finding(
        name=KEY_GROWTH.name,
        question=question,
        sentence=_growth_sentence(table, calendar),
        table=table,
        numbers=_growth_numbers(table),
        sub=say(
            "Net sales of customers known by id, {before:period} against {after:period}; like for like: bought in both",
            before=before,
            after=after,
        ),
        base=key_base(then),
        show=("group", "accounts_before", "accounts_both", "net_sales_before", "net_sales_after", "growth",
              "like_growth", "lost", "won"),
        caveats=[] if is_key.equals(is_key_now) else [_outcome_caveat()],
    )  # fmt: skip


def price_volume_mix(
    before_qty: npt.ArrayLike,
    after_qty: npt.ArrayLike,
    before_sales: npt.ArrayLike,
    after_sales: npt.ArrayLike,
    units: Sequence[str] | None = None,
) -> dict[GrowthStep, int]:
    """Part the change of net sales into six effects that sum to it exactly.

    Products with quantities q0, q1 > 0 in both years are compared: price effect Σ q1·(p1 − p0) with p = net sales over
    quantity, volume effect (Q1 − Q0)·P0 with Q = Σ q and P0 = Σ s0/Q0, mix effect Σ (q1 − q0)·p0 less the volume
    effect. Quantities of different units are not added: the volume effect is that of each unit, and their sum. Products
    sold only after or only before count whole; everything else is not explained.

    Parameters
    ----------
    before_qty, after_qty : array-like of float
        Quantity per product, missing where it was not sold in the year; both missing where nothing is known.
    before_sales, after_sales : array-like of int
        Net sales per product in ten-thousandths.
    units : sequence of str, optional
        What the quantity of each product counts; by default the same of all.

    Returns
    -------
    dict
        Ten-thousandths by effect; with one product compared, mix is 0.

    Examples
    --------
    >>> effects = price_volume_mix([10, 10], [10, 20], [100, 300], [120, 600])
    >>> [effects[step] for step in (GrowthStep.PRICE, GrowthStep.VOLUME, GrowthStep.MIX)]
    [20, 200, 100]
    """
    q0, q1 = (np.asarray(values, dtype=np.float64) for values in (before_qty, after_qty))
    s0, s1 = (np.asarray(values, dtype=np.int64) for values in (before_sales, after_sales))
    kinds = _kinds(q0, q1)
    both = kinds[GrowthStep.PRICE]
    start, end = _sum(s0[both]), _sum(s1[both])
    at_old_prices = round(math.fsum(q1[both] * s0[both] / q0[both]))
    of_unit = pd.factorize(np.asarray(units if units is not None else [""] * len(both), dtype=object))[0]
    at_old_mix = sum(
        round(math.fsum(q1[same]) * _sum(s0[same]) / math.fsum(q0[same]))
        for same in (both & (of_unit == unit) for unit in np.unique(of_unit[both]))
    )
    return {
        GrowthStep.PRICE: end - at_old_prices,
        GrowthStep.VOLUME: at_old_mix - start,
        GrowthStep.MIX: at_old_prices - at_old_mix,
    } | {
        step: _sum(s1[kinds[step]]) - _sum(s0[kinds[step]])
        for step in (GrowthStep.NEW, GrowthStep.DROPPED, GrowthStep.NOT_EXPLAINED)
    }


@finds(GROWTH_BRIDGE)
def growth_bridge(products: pd.DataFrame, lists: Mapping[dt.date, KeyList], calendar: Calendar) -> Finding:
    """Whether the key clients pay more, buy more or buy other things than a year ago.

    The change of net sales from [t−12 months, t) to [t, t+12 months), by `price_volume_mix`, for those who were key at
    t (12 months before the reference date) and for all customers known by id. The effects sum to the change exactly.
    Under 24 months of history, with nobody key at t, or without an item or a quantity, not measurable.

    Parameters
    ----------
    products : DataFrame
        From `growth_products`.
    lists : mapping of date to KeyList
        From `key_lists`.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    Finding
        Table ``growth_bridge``; numbers growth.key_price, growth.key_volume, growth.key_mix, growth.key_new,
        growth.key_dropped, growth.key_not_explained in money.

    Notes
    -----
    Source: article A (growth of purchases of key customers).
    """
    question = say("Do the key clients pay more, buy more or buy other things?")
    then = lists[calendar.year_ago]
    cause = _cause(calendar, then)
    if cause is None and not _is_measured(products).any():
        cause = (
            NO_QUANTITY,
            say(
                "Not measurable: no order line of the key clients names both an item and a quantity; give the columns "
                "sku or item, and qty."
            ),
        )
    if cause:
        return _absent(
            GROWTH_BRIDGE, question, say("Price, volume and mix cannot be separated"), BRIDGE_NUMBERS, *cause
        )
    table = GROWTH_BRIDGE.conform(
        pd.DataFrame({"step": list(GrowthStep)} | _bridge_columns(products, "key") | _bridge_columns(products, "all"))
    )
    amounts = dict(zip(table["step"], table["key_net_sales"], strict=True))
    before, after = _shown(calendar)
    return Finding(
        name=GROWTH_BRIDGE.name,
        question=question,
        sentence=say(
            "Key clients of {day:date}: net sales from {before:money} to {after:money}; price {price:money}, volume "
            "{volume:money}, mix {mix:money}, products only after {new:money}, only before {dropped:money}",
            day=after[0],
            **{str(step): amounts[step] for step in GrowthStep if step is not GrowthStep.NOT_EXPLAINED},
        ),
        table=table,
        numbers={name: amounts[step] for name, step in BRIDGE_NUMBERS.items()},
        sub=say(
            "Net sales, {before:period} to {after:period}; price: net sales per unit of products sold in both; not "
            "explained: no item, no quantity or more returned than sold",
            before=before,
            after=after,
        ),
        base=key_base(then),
        show=("step", "key_net_sales", "key_share", "key_products", "all_net_sales", "all_share"),
        drawing="retention.growth_bridge",
        caveats=_bridge_caveats(table),
    )


def _windows(calendar: Calendar) -> tuple[dt.date, dt.date, dt.date]:
    start = calendar.year_ago
    return add_months(start, -YEAR), start, add_months(start, YEAR)


def _shown(calendar: Calendar) -> tuple[tuple[dt.date, dt.date], tuple[dt.date, dt.date]]:
    before, start, until = _windows(calendar)
    day = dt.timedelta(days=1)
    return (before, start - day), (start, until - day)


def _sum(amounts: npt.NDArray[np.int64]) -> int:
    return int(amounts.sum(dtype=object))


def _cause(calendar: Calendar, then: KeyList) -> tuple[str, Message] | None:
    before, start, _ = _windows(calendar)
    if calendar.first_order_on > before + dt.timedelta(days=LATE_DAYS):
        return TOO_SHORT, say(
            "Not measurable: two years before {day:date} are needed, the data begin on {first:date}; add the orders "
            "since {since:date}.",
            day=calendar.as_of,
            first=calendar.first_order_on,
            since=before,
        )
    if then.keys.empty:
        return NOBODY_KEY, nobody_key(start)
    return None


def _absent(
    table: Table, question: Message, sentence: Message, numbers: dict[str, Any], reason: str, absent: Message
) -> Finding:
    return Finding(
        name=table.name,
        question=question,
        sentence=sentence,
        table=table.empty(),
        numbers=absent_numbers(numbers, reason),
        absent=absent,
    )


def _is_measured(products: pd.DataFrame) -> pd.Series:
    quantities = products[["key_qty_before", "key_qty_after"]]
    return products["product"].notna() & quantities.notna().any(axis="columns")


def _growth_row(group: GrowthGroup, chosen: pd.DataFrame) -> dict[str, Any]:
    before, after = money.exact(chosen["net_sales_before"]), money.exact(chosen["net_sales_after"])
    both = (chosen["was_buyer"] & chosen["is_buyer"]).to_numpy()
    whole, like = (_sum(before), _sum(after)), (_sum(before[both]), _sum(after[both]))
    return {
        "group": group.value,
        "accounts_before": int(chosen["was_buyer"].sum()),
        "accounts_both": int(both.sum()),
        "accounts_after": int(chosen["is_buyer"].sum()),
        "net_sales_before": money.units(whole[0]),
        "net_sales_after": money.units(whole[1]),
        "growth": _rate(*whole),
        "like_before": money.units(like[0]),
        "like_after": money.units(like[1]),
        "like_growth": _rate(*like),
        "lost": money.units(whole[0] - like[0]),
        "won": money.units(whole[1] - like[1]),
    }


def _rate(before: int, after: int) -> float | None:
    return (after - before) / before if before > 0 else None


def _outcome_caveat() -> Caveat:
    return Caveat(
        say("Who was key had a good year"),
        say(
            "The largest of one year tend to look worse in the next, and today's list looks better than it should: it "
            "holds those who grew."
        ),
        Weight.GREEN,
    )


def _growth_numbers(table: pd.DataFrame) -> dict[str, Any]:
    by_group = table.set_index("group")
    numbers: dict[str, Any] = {}
    for name, (group, column) in GROWTH_NUMBERS.items():
        value = by_group.loc[group, column]
        is_known = not is_absent(value)
        numbers |= {name: number(value)} if is_known else absent_numbers([name], "net sales before not above 0")
    return numbers


def _growth_sentence(table: pd.DataFrame, calendar: Calendar) -> Message:
    key = table.iloc[0]
    before, after = _shown(calendar)
    if pd.isna(key["growth"]):
        return say(
            "The key clients of {day:date} had no net sales above 0 in {before:period}", day=after[0], before=before
        )
    if pd.isna(key["like_growth"]):
        return say(
            "Net sales of the key clients of {day:date}: {growth:change} year on year; none bought in both years",
            day=after[0],
            growth=key["growth"],
        )
    return say(
        "Net sales of the key clients of {day:date}: {growth:change} year on year; those who bought in both years: "
        "{like:change}",
        day=after[0],
        growth=key["growth"],
        like=key["like_growth"],
    )


def _kinds(q0: npt.NDArray[np.float64], q1: npt.NDArray[np.float64]) -> dict[GrowthStep, npt.NDArray[np.bool_]]:
    both, new, dropped = (q0 > 0) & (q1 > 0), np.isnan(q0) & (q1 > 0), (q0 > 0) & np.isnan(q1)
    return dict.fromkeys((GrowthStep.PRICE, GrowthStep.VOLUME, GrowthStep.MIX), both) | {
        GrowthStep.NEW: new,
        GrowthStep.DROPPED: dropped,
        GrowthStep.NOT_EXPLAINED: ~(both | new | dropped),
    }


def _bridge_columns(products: pd.DataFrame, whose: str) -> dict[str, list[Any]]:
    is_known = products["product"].notna()
    q0, q1 = (products[f"{whose}_qty_{when}"].where(is_known).to_numpy() for when in ("before", "after"))
    s0, s1 = (money.exact(products[f"{whose}_sales_{when}"]) for when in ("before", "after"))
    effects = price_volume_mix(q0, q1, s0, s1, products["unit"].fillna("").tolist())
    start = _sum(s0)
    amounts = {GrowthStep.BEFORE: start} | effects | {GrowthStep.AFTER: _sum(s1)}
    is_sold = is_known.to_numpy() & ~(np.isnan(q0) & np.isnan(q1))
    counts = {step: int((kind & is_sold).sum()) for step, kind in _kinds(q0, q1).items()}
    return {
        f"{whose}_net_sales": [money.units(amounts[step]) for step in GrowthStep],
        f"{whose}_share": [amounts[step] / start if start > 0 else None for step in GrowthStep],
        f"{whose}_products": [counts.get(step) for step in GrowthStep],
    }


def _bridge_caveats(table: pd.DataFrame) -> list[Caveat]:
    compared = number(table.set_index("step").loc[GrowthStep.MIX, "key_products"])
    if compared < 2:
        return []
    return [
        Caveat(
            say("Volume adds up quantities of all products"),
            say(
                "Products of the key clients sold in both years: {n:count}. Where pieces and kilograms stand side by "
                "side, the sum of volume and mix is sound, their parting is not.",
                n=int(compared),
            ),
            Weight.GREEN,
        )
    ]
