"""New customers: how many came, and how many of them ordered again and became regular."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.intervals import wilson
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say
from kam_analysis.params import Facts
from kam_analysis.tables import Table, finds

NEWCOMERS = Table(
    "newcomers",
    "one calendar quarter of first orders",
    (
        col.month("quarter", say("Quarter from"), "First month of the quarter."),
        col.NEW_CUSTOMERS(low=1),
        col.share("second_share", say("Ordered again"), "Second order day within 90 days.", nullable=True),
        col.share("second_low", say("From"), "Lower bound of the 95 % interval.", nullable=True),
        col.share("second_high", say("To"), "Upper bound of the 95 % interval.", nullable=True),
        col.share("regular_share", say("Became regular"), "facts.regular_orders orders within 365 days.", True),
        col.share("regular_low", say("From"), "Lower bound of the 95 % interval.", nullable=True),
        col.share("regular_high", say("To"), "Upper bound of the 95 % interval.", nullable=True),
        col.flag("is_first", say("Data begin"), "Of the first months of the data, where old customers look new."),
    ),
    ("quarter",),
)


SECOND_DAYS, REGULAR_DAYS = 90, 365
SHOWN_QUARTERS = 10


@finds(NEWCOMERS)
def do_newcomers_become_regular(
    facts: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar, rules: Facts, fewest: int
) -> Finding:
    """How many new customers came, and how many of them ordered again and became regular.

    Per calendar quarter of first orders: new customers; share with a second order day within 90 days and with
    `regular_orders` orders within 365 days of the first, each only once all of the cohort have had that long, with its
    95 % Wilson interval.

    Parameters
    ----------
    facts, orders : DataFrame
        Contracts ``customer_facts`` and ``customer_orders``.
    calendar : Calendar
        The reference date.
    rules : params.Facts
        Orders that make a regular.
    fewest : int
        Below so many new customers no share is given.

    Returns
    -------
    Finding
        Table ``newcomers``, the latest quarter first; numbers newcomers.12m, newcomers.12m_before (missing where the
        data do not reach back) and newcomers.second_90d (of the latest quarter that has had 90 days).

    Notes
    -----
    A quarter with a day before `Calendar.newcomers_from` is left-censored and marked. Source: article C.
    """
    names = ("newcomers.12m", "newcomers.12m_before", "newcomers.second_90d")
    question = say("Do new customers become regular?")
    first = facts[facts["orders"] > 0].set_index("customer_id")["first_order_on"]
    if first.empty:
        return Finding(
            NEWCOMERS.name,
            question=question,
            sentence=say("New customers cannot be measured"),
            table=NEWCOMERS.empty(),
            numbers=absent_numbers(names, "nobody has ordered"),
            absent=say("Nobody has ordered."),
        )
    table = _newcomer_table(first, orders, calendar, rules.regular_orders, fewest)
    last, before = _newcomer_counts(first, calendar)
    known = table.dropna(subset="second_share")
    numbers: dict[str, Any] = {names[0]: last}
    numbers |= (
        absent_numbers([names[1]], "no full year before the last 12 months") if before is None else {names[1]: before}
    )
    numbers |= (
        absent_numbers([names[2]], "no quarter is large and old enough")
        if known.empty
        else {names[2]: float(known["second_share"].iloc[0])}
    )
    return Finding(
        NEWCOMERS.name,
        question=question,
        sentence=_newcomer_sentence(last, before, known),
        table=table,
        numbers=numbers,
        sub=say(
            "By quarter of the first order, the latest first: second order day within {second:count} days; regular: "
            "{orders:count} orders within {regular:count}; only when all have had so long",
            second=SECOND_DAYS,
            orders=rules.regular_orders,
            regular=REGULAR_DAYS,
        ),
        base=say(
            "Customers with an order: {n:count}; under {few:count} new customers no share. In the first {months:count} "
            "months of the data old customers look new; their quarters are marked.",
            n=len(first),
            few=fewest,
            months=calendar.censored_months,
        ),
        show=("quarter", Show("new_customers", bar=True), "second_share", "second_low", "second_high",
              "regular_share", "is_first"),
        most_rows=SHOWN_QUARTERS,
    )  # fmt: skip


def _newcomer_counts(first: pd.Series, calendar: Calendar) -> tuple[int, int | None]:
    end, begin, earlier = (pd.Timestamp(add_months(calendar.as_of, -months)) for months in (0, 12, 24))
    last = int(((first >= begin) & (first < end)).sum())
    if pd.Timestamp(calendar.newcomers_from) > earlier:
        return last, None
    return last, int(((first >= earlier) & (first < begin)).sum())


def _newcomer_table(
    first: pd.Series, orders: pd.DataFrame, calendar: Calendar, regular_orders: int, fewest: int
) -> pd.DataFrame:
    as_of = pd.Timestamp(calendar.as_of)
    known = orders.loc[orders["ordered_on"] < as_of, ["customer_id", "ordered_on", "order_no"]]
    days = known.drop_duplicates(["customer_id", "ordered_on"]).sort_values(["customer_id", "ordered_on"])
    reached = {
        "second": days[days.groupby("customer_id").cumcount() == 1],
        "regular": known[known["order_no"] == regular_orders],
    }
    waits = {
        name: orders_of.set_index("customer_id")["ordered_on"].reindex(first.index) - first
        for name, orders_of in reached.items()
    }
    quarter = first.dt.to_period("Q")
    rows = []
    for at, members in first.groupby(quarter):
        row: dict[str, Any] = {"quarter": at.start_time, "new_customers": len(members)}
        for name, limit in (("second", SECOND_DAYS), ("regular", REGULAR_DAYS)):
            is_mature = at.end_time.normalize() + pd.Timedelta(days=limit) < as_of
            if is_mature and len(members) >= fewest:
                up = int((waits[name][members.index].dt.days <= limit).sum())
                low, high = wilson(up, len(members))
                row |= {f"{name}_share": up / len(members), f"{name}_low": low, f"{name}_high": high}
        rows.append(row | {"is_first": at.start_time < pd.Timestamp(calendar.newcomers_from)})
    return NEWCOMERS.conform(pd.DataFrame(rows).iloc[::-1].reset_index(drop=True).reindex(columns=NEWCOMERS.names))


def _newcomer_sentence(last: int, before: int | None, known: pd.DataFrame) -> Message:
    if known.empty:
        return say("New customers in the last 12 months: {n:count}; too few or too new to say who comes again", n=last)
    latest = known.iloc[0]
    start = latest["quarter"].date()
    came = {
        "share": float(latest["second_share"]),
        "days": SECOND_DAYS,
        "quarter": (start, add_months(start, 3) - dt.timedelta(days=1)),
    }
    if before is None:
        return say(
            "New customers in the last 12 months: {n:count}; of those of {quarter:period}, the latest quarter that "
            "can be judged, {share:share} ordered again in {days:count} days",
            n=last,
            **came,
        )
    return say(
        "New customers in the last 12 months: {n:count}, in the 12 before: {before:count}; of those of "
        "{quarter:period}, the latest quarter that can be judged, {share:share} ordered again in {days:count} days",
        n=last,
        before=before,
        **came,
    )
