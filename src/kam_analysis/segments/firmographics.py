"""Buyers by industry, size, region and country: how many, for how much, how regular, and mix parted from rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import against_the_rest, wilson
from kam_analysis.facts.mix import is_reversed, mix_and_rate, reversed_caveats
from kam_analysis.findings import NOTHING_BEFORE, Finding, Message, Show, absent_numbers, say
from kam_analysis.frames import rows
from kam_analysis.money import SCALE, exact
from kam_analysis.segments.groups import shares
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled, UnitVerdict


class Firmographic(Labelled):
    """What is known of a customer besides its purchases."""

    INDUSTRY = "industry", say("industry")
    SIZE = "size", say("size")
    REGION = "region", say("region")
    COUNTRY = "country", say("country")


_ATTRIBUTE = col.member("attribute", say("By"), "Firmographic of the customer.", Firmographic)

FIRMOGRAPHIC_GROUPS = Table(
    "firmographic_groups",
    "one value of an attribute among the buyers of 12 months",
    (
        _ATTRIBUTE,
        col.GROUP("Value of the attribute."),
        col.BUYERS("With an order in the last 12 months.", low=1),
        col.NET_SALES_12M("Of the group; hidden with few buyers.", nullable=True),
        col.NET_SALES_SHARE("Over all known values of the attribute, buyers with net sales above 0."),
        col.money("sales_per_buyer", say("Net sales per buyer"), "Mean of 12 months.", nullable=True),
        col.KEY_CLIENTS("Key clients among them.", nullable=True),
        col.share("regular_share", say("Regular"), "Three orders or more in 12 months.", nullable=True),
        col.LOW("Lower bound of the 95 % interval."),
        col.HIGH("Upper bound of the 95 % interval."),
        col.VERDICT,
    ),
    ("attribute", "group"),
)

FIRMOGRAPHIC_MIX = Table(
    "firmographic_mix",
    "one attribute by which the change of net sales per buyer is parted",
    (
        _ATTRIBUTE,
        col.GROUPS("Values on either date, without a value included."),
        col.BUYERS_BEFORE("Of the 12 months before the comparison date."),
        col.count("buyers", say("Buyers now"), "Of the last 12 months.", low=1),
        col.money("sales_per_buyer_before", say("Per buyer then"), "Net sales of 12 months over buyers."),
        col.money("sales_per_buyer", say("Per buyer now"), "Net sales of 12 months over buyers."),
        col.money("change", say("Change"), "Now less then."),
        col.MIX_EFFECT("Part of the change from the weights of the groups."),
        col.money("rate_effect", say("Rate"), "Part of the change from the groups themselves."),
        col.IS_REVERSED("Every group moved the other way than the whole."),
    ),
    ("attribute",),
)


SHOWN_GROUPS = 20
NO_TRAIT = "the source names no industry, size, region or country with two values"
NOT_MEASURABLE = say(
    "Not measurable: the data name no two industries, sizes, regions or countries; add them to the table customers."
)


def buyers_by_attribute(facts: pd.DataFrame, keys: pd.Series, regular_orders: int) -> pd.DataFrame:
    """Every buyer of the last 12 months once per attribute that has two values or more among them.

    Parameters
    ----------
    facts : DataFrame
        Contract ``customer_facts``.
    keys : Series
        Ids of the key clients.
    regular_orders : int
        ``facts.regular_orders``: orders of all history that make a regular.

    Returns
    -------
    DataFrame
        attribute, group (missing where not in the data), customer_id, sales (whole ten-thousandths, 12 months),
        is_regular (`regular_orders` or more), is_key.
    """
    buyers = facts[facts["orders_12m"] > 0].sort_values("customer_id", ignore_index=True)
    parts = [
        pd.DataFrame(
            {
                "attribute": attribute.value,
                "group": buyers[attribute.value],
                "customer_id": buyers["customer_id"],
                "sales": exact(buyers["net_sales_12m"]),
                "is_regular": buyers["orders"] >= regular_orders,
                "is_key": buyers["customer_id"].isin(keys),
            }
        )
        for attribute in Firmographic
        if len(buyers[attribute.value].dropna().unique()) > 1
    ]
    empty = pd.DataFrame(columns=["attribute", "group", "customer_id", "sales", "is_regular", "is_key"])
    return pd.concat(parts, ignore_index=True) if parts else empty


@finds(FIRMOGRAPHIC_GROUPS)
def firmographic_groups(by_attribute: pd.DataFrame, fewest: int, regular_orders: int) -> Finding:
    """Which industries, sizes, regions and countries the buyers come from, and where they are more often regular.

    Regular: `regular_orders` or more, over all history. The share has its 95 % Wilson interval, and a group stands out
    when Fisher's exact test against the other buyers of its attribute survives the correction of Benjamini and Hochberg
    over all groups shown (5 % false discoveries). Of a group with fewer than `fewest` buyers only their number stands.

    Parameters
    ----------
    by_attribute : DataFrame
        From `buyers_by_attribute`.
    fewest : int
        ``segments.min_cell``.
    regular_orders : int
        ``facts.regular_orders``.

    Returns
    -------
    Finding
        Table ``firmographic_groups``; numbers traits.compared, traits.below, traits.above. Absent without an attribute
        that has two values.

    Notes
    -----
    Sorted by attribute, then net sales. Source: article A.
    """
    names = ("traits.compared", "traits.below", "traits.above")
    question = say("Which industries, sizes and regions are the buyers from?")
    known = by_attribute[by_attribute["group"].notna()]
    if known.empty:
        return Finding(
            FIRMOGRAPHIC_GROUPS.name,
            question=question,
            sentence=say("Buyers cannot be compared by industry, size or region"),
            table=FIRMOGRAPHIC_GROUPS.empty(),
            numbers=absent_numbers(names, NO_TRAIT),
            absent=NOT_MEASURABLE,
        )
    table = _group_table(known, fewest)
    compared = table[table["verdict"] != UnitVerdict.HIDDEN]
    counts = [int((compared["verdict"] == verdict).sum()) for verdict in (UnitVerdict.BELOW, UnitVerdict.ABOVE)]
    return Finding(
        FIRMOGRAPHIC_GROUPS.name,
        question=question,
        sentence=_group_sentence(compared),
        table=table,
        numbers=dict(zip(names, (len(compared), *counts), strict=True)),
        sub=say(
            "Buyers and net sales of 12 months; regular: {orders:count} orders or more so far, share "
"with its 95 % interval; significance adjusted for {n:count} comparisons",
            orders=regular_orders,
            n=len(compared),
        ),
        base=say(
            "Buyers of the last 12 months: {n:count}; groups with fewer than {few:count} buyers show nothing but their "
            "number: {hidden:count}",
            n=by_attribute["customer_id"].nunique(),
            few=fewest,
            hidden=len(table) - len(compared),
        ),
        show=(
            "attribute", "group", "buyers", Show("net_sales_share", bar=True), "sales_per_buyer", "key_clients",
            "regular_share", "low", "high", Show("verdict", chip=True, strong=(UnitVerdict.BELOW,)),
        ),
        most_rows=SHOWN_GROUPS,
        sortable=True,
    )  # fmt: skip


def _group_table(known: pd.DataFrame, fewest: int) -> pd.DataFrame:
    positive = known.assign(positive=known["sales"].clip(lower=0), buyers=1)
    sums = positive.groupby(["attribute", "group"], sort=True)[
        ["buyers", "sales", "positive", "is_regular", "is_key"]
    ].sum()
    sums = sums.astype("int64").reset_index()
    whole = sums.groupby("attribute")[["buyers", "is_regular"]].transform("sum")
    shown = (sums["buyers"] >= fewest).to_numpy()
    verdict = np.full(len(sums), UnitVerdict.HIDDEN.value, dtype=object)
    verdict[shown] = against_the_rest(*(column[shown].to_numpy() for column in _counts(sums, whole)))
    bounds = [wilson(kept, n) for kept, n in zip(sums["is_regular"], sums["buyers"], strict=True)]
    table = sums.assign(
        net_sales_12m=sums["sales"] / SCALE,
        net_sales_share=np.concatenate([shares(part) for _, part in sums.groupby("attribute", sort=True)["positive"]]),
        sales_per_buyer=sums["sales"] / SCALE / sums["buyers"],
        key_clients=sums["is_key"],
        regular_share=sums["is_regular"] / sums["buyers"],
        low=[low for low, _ in bounds],
        high=[high for _, high in bounds],
        verdict=verdict,
    )
    hidden = [name for name in FIRMOGRAPHIC_GROUPS.names if name not in ("attribute", "group", "buyers", "verdict")]
    table = table.assign(**{name: table[name].where(shown) for name in hidden})
    place = {attribute.value: number for number, attribute in enumerate(Firmographic)}
    table = table.assign(place=table["attribute"].map(place), is_hidden=~shown).sort_values(
        ["is_hidden", "place", "net_sales_12m", "group"], ascending=[True, True, False, True], ignore_index=True
    )
    return FIRMOGRAPHIC_GROUPS.conform(table)


def _counts(sums: pd.DataFrame, whole: pd.DataFrame) -> tuple[pd.Series, ...]:
    return sums["is_regular"], sums["buyers"], whole["is_regular"], whole["buyers"]


def _group_sentence(compared: pd.DataFrame) -> Message:
    stands_out = {
        verdict: [
            say("{group:value} ({by})", group=row.group, by=Firmographic(row.attribute))
            for row in rows(compared[compared["verdict"] == verdict])
        ]
        for verdict in (UnitVerdict.BELOW, UnitVerdict.ABOVE)
    }
    if stands_out[UnitVerdict.BELOW]:
        return say("Significantly fewer regular buyers: {names:names}", names=stands_out[UnitVerdict.BELOW])
    if stands_out[UnitVerdict.ABOVE]:
        return say("Significantly more regular buyers: {names:names}", names=stands_out[UnitVerdict.ABOVE])
    if len(compared) < 2:
        return say("Too few groups are large enough to compare them")
    return say(
        "No significant difference in the share of regular buyers between the groups; groups: {n:count}",
        n=len(compared),
    )


@finds(FIRMOGRAPHIC_MIX)
def firmographic_mix(
    now: pd.DataFrame, before: pd.DataFrame, fewest: int, calendar: Calendar, calendar_before: Calendar | None
) -> Finding:
    """Whether net sales per buyer changed because groups buy more or less, or because the mix of buyers did.

    The change of net sales per buyer between the 12 months before the two dates is parted by every attribute into rate
    (the groups themselves) and mix (their weights), `mix_and_rate`. When the whole moved one way and every group of at
    least `fewest` buyers the other (Simpson's paradox), the finding says so first.

    Parameters
    ----------
    now, before : DataFrame
        From `buyers_by_attribute` at the two dates.
    fewest : int
        ``segments.min_cell``.
    calendar, calendar_before : Calendar
        The two dates; absent without the second, without buyers on both dates or without an attribute.

    Returns
    -------
    Finding
        Table ``firmographic_mix``; numbers ``sales_per_buyer.mix.<attribute>``, ``sales_per_buyer.rate.<attribute>``.
    """
    question = say("Do buyers spend more, or are there more large ones?")
    listed = [
        attribute for attribute in Firmographic if {attribute.value} <= set(now["attribute"]) & set(before["attribute"])
    ]
    if calendar_before is None or not listed:
        return Finding(
            FIRMOGRAPHIC_MIX.name,
            question=question,
            sentence=say("Mix and rate effects cannot be separated"),
            table=FIRMOGRAPHIC_MIX.empty(),
            numbers=absent_numbers(["sales_per_buyer.mix", "sales_per_buyer.rate"], "no attribute on two dates"),
            absent=NOTHING_BEFORE if calendar_before is None else NOT_MEASURABLE,
        )
    table = FIRMOGRAPHIC_MIX.conform(pd.DataFrame([_mix_row(attribute, now, before, fewest) for attribute in listed]))
    reversed_by = table[table["is_reversed"]]
    return Finding(
        FIRMOGRAPHIC_MIX.name,
        question=question,
        sentence=_mix_sentence(table, reversed_by),
        table=table,
        numbers={
            f"sales_per_buyer.{name}.{row['attribute']}": row[f"{name}_effect"]
            for row in table.to_dict("records")
            for name in ("mix", "rate")
        },
        sub=say(
            "Change of net sales per buyer between the 12 months up to {then:date} and up to {day:date}; mix: more or "
            "fewer buyers of the groups; rate: the groups themselves",
            then=calendar_before.last_day,
            day=calendar.last_day,
        ),
        base=say(
            "Buyers of 12 months: {before:count} then, {now:count} now.",
            before=int(table["buyers_before"].iloc[0]),
            now=int(table["buyers"].iloc[0]),
        ),
        show=(
            "attribute",
            "groups",
            "sales_per_buyer_before",
            "sales_per_buyer",
            "change",
            "mix_effect",
            "rate_effect",
        ),
        caveats=reversed_caveats([Firmographic(one) for one in reversed_by["attribute"]]),
    )


def _mix_row(attribute: Firmographic, now: pd.DataFrame, before: pd.DataFrame, fewest: int) -> dict[str, Any]:
    one, other = (_sums(frame[frame["attribute"] == attribute.value]) for frame in (now, before))
    mix, rate = mix_and_rate(one, other)
    mean, was = (int(sums["kept"].sum()) / int(sums["buyers"].sum()) for sums in (one, other))
    return {
        "attribute": attribute.value,
        "groups": len(one.index.union(other.index)),
        "buyers_before": int(other["buyers"].sum()),
        "buyers": int(one["buyers"].sum()),
        "sales_per_buyer_before": was / SCALE,
        "sales_per_buyer": mean / SCALE,
        "change": (mean - was) / SCALE,
        "mix_effect": mix / SCALE,
        "rate_effect": rate / SCALE,
        "is_reversed": is_reversed(one, other, fewest),
    }


def _sums(frame: pd.DataFrame) -> pd.DataFrame:
    by_group = frame.groupby(frame["group"].astype("str").fillna(""), sort=True)["sales"]
    return by_group.agg(["size", "sum"]).astype("int64").set_axis(["buyers", "kept"], axis=1)


def _mix_sentence(table: pd.DataFrame, reversed_by: pd.DataFrame) -> Message:
    row = (reversed_by if len(reversed_by) else table).iloc[0]
    values = {"was": float(row["sales_per_buyer_before"]), "now": float(row["sales_per_buyer"])}
    if len(reversed_by):
        attribute = Firmographic(row["attribute"])
        if row["change"] > 0:
            return say(
                "Net sales per buyer rose from {was:money} to {now:money}, yet fell in every group by: {by}",
                **values,
                by=attribute,
            )
        return say(
            "Net sales per buyer fell from {was:money} to {now:money}, yet rose in every group by: {by}",
            **values,
            by=attribute,
        )
    widest = table.iloc[int(table["mix_effect"].abs().argmax())]
    return say(
        "Net sales per buyer: {was:money}, now {now:money}; the mix of buyers by {by} moved it by {mix:money}, the "
        "level within the groups by {rate:money}",
        **values,
        by=Firmographic(widest["attribute"]),
        mix=float(widest["mix_effect"]),
        rate=float(widest["rate_effect"]),
    )
