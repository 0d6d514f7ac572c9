"""What a new customer brings by industry, size, region and country."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.lifetime_value import (
    buyers_of,
    cumulative_means,
    expected,
    life_values,
    margin_share,
    typical_buyers,
)
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say
from kam_analysis.params import Facts
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class WorthGrouping(Labelled):
    """By what new customers are grouped to tell what each group brings."""

    INDUSTRY = "industry", say("industry")
    SIZE = "size", say("size")
    REGION = "region", say("region")
    COUNTRY = "country", say("country")


LTV_GROUPS = Table(
    "ltv_groups",
    "one group of new customers",
    (
        col.member("grouping", say("By"), "What the group is made by.", WorthGrouping),
        col.GROUP("Its value."),
        col.count("buyers", say("New customers"), "New customers of the group.", low=1),
        col.MEAN_ORDERS("Orders per customer within the horizon."),
        col.SALES_PER_ORDER(nullable=True),
        col.money("value", say("Brings"), "Margin per customer; net sales without a margin.", nullable=True),
        col.LOW_MONEY(nullable=True),
        col.HIGH_MONEY(nullable=True),
    ),
    ("grouping", "group"),
)


YEAR = 12
HORIZON = "worth.horizon_months"


@finds(LTV_GROUPS)
def what_is_each_group_worth(
    facts: pd.DataFrame, life_months: pd.DataFrame, calendar: Calendar, rules: Facts, fewest: int
) -> Finding:
    """What a new customer of each group brings in its first 12 months, with the interval.

    Mean cumulative margin (net sales where there is none) as in `what_a_new_customer_brings`, over the group's own new
    customers, within 12 months or as many as the new customers of the company were observed: the same for all groups,
    so that they can be compared. Beside it orders per customer N and net sales per order S. A group with fewer than
    `fewest` new customers, or observed for less long, shows nothing but their number.

    Parameters
    ----------
    facts, life_months : DataFrame
        ``customer_facts``, ``customer_life_months``.
    calendar : Calendar
        At the reference date.
    rules : params.Facts
        Cap, fewest buyers, assumed margin.
    fewest : int
        ``value.min_cell``.

    Returns
    -------
    Finding
        Table ``ltv_groups``, the largest value first; number worth.horizon_months. Absent where nothing
        can be expected, or no two groups can be compared.

    Notes
    -----
    Source: article C (lifetime value per segment).
    """
    typical = typical_buyers(buyers_of(facts), calendar, rules)
    company = expected(typical, life_months, 0.0, rules, YEAR)
    horizon = company.horizon_months if company else None
    share = margin_share(typical, rules.assumed_margin)
    cells = life_months.assign(value=life_values(life_months, share))
    parts = [
        (grouping, str(name), part)
        for grouping in WorthGrouping
        for name, part in typical.groupby(grouping.value, sort=True)
        if len(part) < typical[grouping.value].notna().sum()
    ]
    rows = [_row(*part, cells, rules, fewest, horizon) for part in parts] if horizon else []
    common: dict[str, Any] = {"name": LTV_GROUPS.name, "question": say("Which new customers bring most?")}
    table = _by_worth(pd.DataFrame(rows, columns=LTV_GROUPS.names))
    known = table.dropna(subset="value")
    if horizon is None or known.groupby("grouping").size().max() < 2 or known.empty:
        return Finding(
            **common,
            sentence=say("New customers cannot be compared by group"),
            table=LTV_GROUPS.empty(),
            numbers=absent_numbers([HORIZON], "no two groups were observed for long enough"),
            absent=say(
                "Not measurable: no two industries, sizes, regions or countries have {n:count} new customers each.",
                n=fewest,
            ),
        )
    return Finding(
        **common,
        sentence=_sentence(table, horizon),
        table=table,
        numbers={HORIZON: horizon},
        sub=say("Net sales per new customer in the first {n:count} months; 95 % interval", n=horizon)
        if share is None
        else say("Margin per new customer in the first {n:count} months; 95 % interval", n=horizon),
        base=say("New customers: {n:count}; groups of fewer than {few:count} show only their number.",
                 n=len(typical), few=fewest),
        show=("group", "grouping", "buyers", "orders", "sales_per_order", Show("value", bar=True), "low", "high"),
        most_rows=min(10, len(known)),
    )  # fmt: skip


def _row(
    grouping: WorthGrouping,
    group: str,
    part: pd.DataFrame,
    cells: pd.DataFrame,
    rules: Facts,
    fewest: int,
    horizon: int,
) -> dict[str, Any]:
    row: dict[str, Any] = {"grouping": grouping.value, "group": group, "buyers": len(part)}
    formula = expected(part, cells, 0.0, rules, horizon) if len(part) >= fewest else None
    if formula is None or formula.horizon_months != horizon:
        return row
    last = cumulative_means(part, cells, "value", horizon).iloc[-1]
    return row | {
        "orders": formula.orders,
        "sales_per_order": formula.sales_per_order,
        "value": last["mean"],
        "low": last["low"],
        "high": last["high"],
    }


def _by_worth(rows: pd.DataFrame) -> pd.DataFrame:
    place = {grouping.value: number for number, grouping in enumerate(WorthGrouping)}
    worth = -rows["value"].astype("float64")
    known = rows.assign(is_unknown=worth.isna(), place=rows["grouping"].map(place), worth=worth)
    return LTV_GROUPS.conform(known.sort_values(["is_unknown", "worth", "place", "group"], ignore_index=True))


def _sentence(table: pd.DataFrame, months: int) -> Message:
    known = table.dropna(subset="value")
    for _, part in known.groupby("grouping", sort=False):
        first, rest = part.iloc[0], part.iloc[1:]
        if len(rest) and first["low"] > rest["high"].max():
            return say(
                "New customers by {by}: {group:value} brings most, {value:money} in {n:count} months",
                by=WorthGrouping(first["grouping"]),
                group=first["group"],
                value=float(first["value"]),
                n=months,
            )
    return say("No group of new customers brings significantly more than the others")
