"""What a buyer is worth by class of net sales, industry, size, region and country."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kam_analysis.facts.classes import class_limits
from kam_analysis.facts.lifetime_value import Formula, buyers_of, expected, is_life_told, margin_share
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say
from kam_analysis.params import Abc, Facts
from kam_analysis.value.tables import LTV_GROUPS, WorthGrouping

SHOWN_GROUPS = 20


def what_is_each_group_worth(facts: pd.DataFrame, classes: pd.Series, rules: Facts, abc: Abc, fewest: int) -> Finding:
    """What a buyer of each group is expected to be worth by the formula, and what the group is worth together.

    S, C, P and the expected T are those of the group's own buyers, as in `what_is_a_buyer_worth`. Groups: the classes
    A, B, C and N, industry, size, region and country where there are two or more. A group with fewer than `fewest`
    buyers shows nothing but their number.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    classes : Series
        From `customer_classes`.
    rules : params.Facts
        Silence, cap, assumed margin.
    abc : params.Abc
        Limits of the classes.
    fewest : int
        ``value.min_cell``.

    Returns
    -------
    Finding
        Table ``ltv_groups``, by grouping, the largest value per buyer first; numbers ``worth.abc.A`` … ``worth.abc.N``:
        value per buyer, or net sales where there is no margin. Absent when nobody has an order.

    Notes
    -----
    Sums of groups need not give the whole: each group has its own lifetime. Source: article C.
    """
    buyers = buyers_of(facts)
    names = [f"worth.abc.{name}" for name in "ABCN"]
    question = say("Which groups of buyers are worth most?")
    if buyers.empty:
        return Finding(
            LTV_GROUPS.name,
            question=question,
            sentence=say("Lifetime value cannot be measured"),
            table=LTV_GROUPS.empty(),
            numbers=absent_numbers(names, "nobody has an order"),
            absent=say("Not measurable: nobody has an order."),
        )
    table = _by_worth(pd.DataFrame([_row(*part, rules, fewest) for part in _parts(buyers, classes)]))
    has_margin = margin_share(buyers, rules.assumed_margin) is not None
    worth = "ltv" if has_margin else "sales"
    known = table[table["grouping"] == WorthGrouping.ABC.value].dropna(subset=[worth]).set_index("group")[worth]
    numbers: dict[str, Any] = {}
    for name in names:
        letter = name[-1]
        numbers |= (
            {name: float(known[letter])}
            if letter in known.index
            else absent_numbers([name], f"fewer than {fewest} buyers")
        )
    return Finding(
        LTV_GROUPS.name,
        question=question,
        sentence=_sentence(known, is_life_told(buyers, rules)),
        table=table,
        numbers=numbers,
        sub=say("Expected margin per buyer, S·C·P·T with the factors of the group")
        if has_margin
        else say("Expected net sales per buyer, S·C·T with the factors of the group; no margin in the data"),
        base=say(
            "Buyers: {n:count}; under {few:count} buyers nothing but their number. {classes}",
            n=len(buyers),
            few=fewest,
            classes=class_limits(abc),
        ),
        show=("grouping", "group", "buyers", "sales_per_order", "orders_per_month", "lifetime_months",
              Show(worth, bar=True), f"{worth}_total"),
        most_rows=SHOWN_GROUPS,
        sortable=True,
        caveats=[
            Caveat(
                say("Classes of net sales are drawn from the sales they explain"),
                say("Class A bought much by definition; industry, size and region say more about the next customer."),
                Weight.GREEN,
            )
        ],
    )  # fmt: skip


def _parts(buyers: pd.DataFrame, classes: pd.Series) -> Iterator[tuple[WorthGrouping, str, pd.DataFrame]]:
    ordered = buyers.sort_values("customer_id", ignore_index=True)
    columns = {WorthGrouping.ABC: classes.reindex(ordered["customer_id"]).reset_index(drop=True)}
    columns |= {grouping: ordered[grouping.value] for grouping in WorthGrouping if grouping is not WorthGrouping.ABC}
    for grouping, column in columns.items():
        groups = dict(iter(ordered.groupby(column, sort=True)))
        if grouping is WorthGrouping.ABC or len(groups) > 1:
            for name, part in groups.items():
                yield grouping, str(name), part


def _row(grouping: WorthGrouping, group: str, part: pd.DataFrame, rules: Facts, fewest: int) -> dict[str, Any]:
    row: dict[str, Any] = {"grouping": grouping.value, "group": group, "buyers": len(part)}
    formula: Formula | None = expected(part, rules) if len(part) >= fewest else None
    if formula is None:
        return row
    each = {"sales": formula.sales, "ltv": formula.ltv}
    totals = {f"{name}_total": None if value is None else value * len(part) for name, value in each.items()}
    return row | each | totals | {
        "sales_per_order": formula.sales_per_order,
        "orders_per_month": formula.orders_per_month,
        "lifetime_months": formula.lifetime_months,
        "margin_share": formula.margin_share,
    }  # fmt: skip


def _by_worth(rows: pd.DataFrame) -> pd.DataFrame:
    known = rows.reindex(columns=LTV_GROUPS.names)
    worth = known["ltv"].astype("float64").fillna(known["sales"].astype("float64"))
    place = {grouping.value: number for number, grouping in enumerate(WorthGrouping)}
    ordered = known.assign(place=known["grouping"].map(place), worth=worth).sort_values(
        ["place", "worth", "group"], ascending=[True, False, True], na_position="last", ignore_index=True
    )
    return LTV_GROUPS.conform(ordered)


def _sentence(known: pd.Series, is_told: bool) -> Message:
    if not is_told:
        return say("How long buyers stay is not known, so no group can be valued")
    if not {"A", "C"} <= set(known.index) or not known["C"] > 0:
        return say("Too few buyers in the classes of net sales to compare them")
    return say(
        "A buyer of class A is expected to be worth {a:money}, one of class C {c:money}",
        a=float(known["A"]),
        c=float(known["C"]),
    )
