"""The loyalty programme: who is in it, whether members stay, and what they bought before and after joining."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say
from kam_analysis.params import Retention
from kam_analysis.retention.reasons import folded
from kam_analysis.retention.win_back import share_row
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class ProgrammeGroup(Labelled):
    """Whether a customer is in the loyalty programme."""

    MEMBERS = "members", say("members")
    OTHERS = "others", say("others")


PROGRAMME_MEMBERS = Table(
    "programme_members",
    "one side: members of the loyalty programme, or the others",
    (
        col.member("group", say("Customers"), "In the programme today, or not.", ProgrammeGroup),
        col.BUYERS("With an order in the last 12 complete months."),
        col.share("buyer_share", say("Of the buyers"), "Of all buyers of these months.", nullable=True),
        col.NET_SALES("Of the last 12 complete months."),
        col.SALES_SHARE("Of customers known by id.", low=-1e9, high=1e9),
        col.BASE_BUYERS("Of the last period's base, as it was then."),
        col.RETAINED_SHARE("Ordered in the period; hidden when few."),
        col.LOW,
        col.HIGH,
        col.count("joined", say("Joined"), "Members with as many days before and after in the data.", nullable=True),
        col.ratio("sales_ratio", say("After / before"), "Σ net sales after joining over Σ before.", nullable=True),
    ),
    ("group",),
)


NO_MEMBER = ("", "no", "none", "false", "0", "нет", "не")
PROGRAMME_NUMBERS = (
    "programme.buyer_share", "programme.sales_share", "programme.members_retained", "programme.others_retained",
)  # fmt: skip


@finds(PROGRAMME_MEMBERS)
def programme_members(
    customers: pd.DataFrame, orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, rules: Retention
) -> Finding:
    """Whether members of the loyalty programme stay more often and buy more after joining than the others.

    Member: `programme` of the customer's record says something other than no. Buyers and net sales of the last 12
    complete months (or fewer), by today's membership. Retained: of the buyers before the last retention period, the
    share with an order in it, with the Wilson interval; whoever joined in the period or later counts as other there,
    whoever has no `programme_since` as a member. Before and after: net sales of the orders of the `answer_days` from
    the day of joining on over those of as many days before, Σ/Σ over the members whose days lie in the data; for the
    others the same of all their orders around the same days. Hidden below `min_cell` customers.

    Parameters
    ----------
    customers, orders, months : DataFrame
        ``customers``, ``customer_orders``, ``customer_months``.
    calendar : Calendar
        At the reference date.
    rules : params.Retention
        `period_months`, `answer_days`, `min_cell`.

    Returns
    -------
    Finding
        Table ``programme_members``; numbers programme.buyer_share, .sales_share, .members_retained, .others_retained.

    Notes
    -----
    Source: articles B and C (loyalty programmes, cards, bonuses). Who joins differs from who does not, so no effect is
    claimed.
    """
    question = say("Do members of the loyalty programme stay?")
    since = _members(customers)
    complete = calendar.complete_months[-12:]
    if since.empty or not complete:
        return _absent(question, customers, since)
    start, end = pd.Timestamp(complete[0]), pd.Timestamp(add_months(complete[-1], 1))
    year = months[(months["month"] >= start) & (months["month"] < end)]
    ordered = orders.loc[orders["ordered_on"].between(start, end, inclusive="left"), "customer_id"].drop_duplicates()
    buyers, sales = len(ordered), int(money.exact(year["net_sales"]).sum())
    stayed = _stayed(orders, since, calendar, rules)
    around = _around(orders, since, calendar, rules)
    rows = []
    for group in ProgrammeGroup:
        is_member = group is ProgrammeGroup.MEMBERS
        own = int(money.exact(year.loc[year["customer_id"].isin(since.index) == is_member, "net_sales"]).sum())
        count = int((ordered.isin(since.index) == is_member).sum())
        rows.append(
            {
                "group": group.value,
                "buyers": count,
                "buyer_share": count / buyers if buyers else None,
                "net_sales": money.units(own),
                "sales_share": own / sales if sales > 0 else None,
            }
            | stayed[is_member]
            | around[is_member]
        )
    table = PROGRAMME_MEMBERS.conform(pd.DataFrame(rows))
    values = [*table.loc[0, ["buyer_share", "sales_share"]], *table["retained_share"]]
    numbers: dict[str, Any] = {}
    for name, value in zip(PROGRAMME_NUMBERS, values, strict=True):
        numbers |= absent_numbers([name], "too few customers or no period") if pd.isna(value) else {name: float(value)}
    return Finding(
        name=PROGRAMME_MEMBERS.name,
        question=question,
        sentence=_sentence(table),
        table=table,
        numbers=numbers,
        sub=say(
            "Buyers and net sales of {period:period}; retained: ordered again in the last retention period; after over "
            "before: net sales in {n:count} days after joining over as many before",
            period=(complete[0], end.date() - pd.Timedelta(days=1)),
            n=rules.answer_days,
        ),
        base=say(
            "Members: {n:count}; members with days on both sides of joining: {around:count}. Under {few:count} hidden.",
            n=len(since),
            around=int(table["joined"].iloc[0]),
            few=rules.min_cell,
        ),
        show=("group", "buyers", "buyer_share", "net_sales", Show("sales_share", bar=True), "base_buyers",
              "retained_share", "low", "high", "sales_ratio"),
        caveats=[
            Caveat(
                say("Members differ from other customers to begin with"),
                say(
                    "Good customers join and are invited; they would stay more often without a programme too. Nothing "
                    "here is an effect."
                ),
                Weight.RED,
            )
        ],
    )  # fmt: skip


def _members(customers: pd.DataFrame) -> pd.Series:
    told = customers["programme"].dropna()
    is_member = ~told.map(folded).isin(NO_MEMBER)
    return customers.loc[told.index[is_member]].set_index("customer_id")["programme_since"]


def _absent(question: Message, customers: pd.DataFrame, since: pd.Series) -> Finding:
    if not since.empty:
        reason, absent = "no complete month", say("Not measurable: the data hold no complete month.")
    elif customers.empty:
        reason, absent = (
            "no table customers",
            say("Not measurable: the source has no table {table}.", table="customers"),
        )
    else:
        reason, absent = (
            "no customer is in a programme",
            say("Not measurable: the column programme of the table customers is missing or names no member."),
        )
    return Finding(
        name=PROGRAMME_MEMBERS.name,
        question=question,
        sentence=say("The loyalty programme cannot be measured"),
        table=PROGRAMME_MEMBERS.empty(),
        numbers=absent_numbers(PROGRAMME_NUMBERS, reason),
        absent=absent,
    )


def _stayed(orders: pd.DataFrame, since: pd.Series, calendar: Calendar, rules: Retention) -> dict[bool, dict[str, Any]]:
    period = calendar.retention_period(rules.period_months)
    if period is None:
        nothing = dict.fromkeys(("retained_share", "low", "high")) | {"base_buyers": 0}
        return {True: nothing, False: nothing}
    t, length = period
    before, until = (pd.Timestamp(add_months(t, shift)) for shift in (-length, length))
    start, on = pd.Timestamp(t), orders["ordered_on"]
    base = orders.loc[(on >= before) & (on < start), "customer_id"].drop_duplicates()
    kept = base.isin(orders.loc[(on >= start) & (on < until), "customer_id"])
    was_member = base.isin(since.index[since.isna() | (since < start)])
    made = {}
    for is_member in (True, False):
        part = kept[was_member == is_member]
        share = share_row(int(part.sum()), len(part), ("n", "retained_share"), rules.min_cell)
        made[is_member] = {"base_buyers": len(part)} | {name: share[name] for name in ("retained_share", "low", "high")}
    return made


def _around(orders: pd.DataFrame, since: pd.Series, calendar: Calendar, rules: Retention) -> dict[bool, dict[str, Any]]:
    days = pd.Timedelta(days=rules.answer_days)
    first, last = pd.Timestamp(calendar.first_order_on), pd.Timestamp(calendar.as_of)
    joined = since[(since - days >= first) & (since + days <= last)]
    is_member = orders["customer_id"].isin(since.index)
    own = orders[is_member].join(joined.rename("joined_on"), on="customer_id").dropna(subset="joined_on")
    others = orders[~is_member]
    sums = {True: _before_after(own, own["joined_on"], days), False: np.zeros(2)}
    for day, count in joined.value_counts().items():
        sums[False] = sums[False] + count * _before_after(others, pd.Series(day, index=others.index), days)
    return {
        group: {
            "joined": len(joined) if group else None,
            "sales_ratio": after / before if before > 0 and len(joined) >= rules.min_cell else None,
        }
        for group, (before, after) in sums.items()
    }


def _before_after(orders: pd.DataFrame, joined_on: pd.Series, days: pd.Timedelta) -> np.ndarray:
    since = orders["ordered_on"] - joined_on
    sides = ((since < pd.Timedelta(0)) & (since >= -days), (since >= pd.Timedelta(0)) & (since < days))
    return np.array([money.total(orders.loc[side, "net_sales"]) for side in sides])


def _sentence(table: pd.DataFrame) -> Message:
    members, others = table.iloc[0], table.iloc[1]
    if pd.isna(members["retained_share"]) or pd.isna(others["retained_share"]):
        return say("Members of the loyalty programme among the buyers: {n:count}", n=int(members["buyers"]))
    if pd.isna(members["sales_share"]):
        return say(
            "Of the members {members:share} ordered again, of the others {others:share}",
            members=float(members["retained_share"]),
            others=float(others["retained_share"]),
        )
    return say(
        "Of the members {members:share} ordered again, of the others {others:share}; members bring {sales:share} of "
        "net sales",
        members=float(members["retained_share"]),
        others=float(others["retained_share"]),
        sales=float(members["sales_share"]),
    )
