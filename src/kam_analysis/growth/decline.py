"""Who still orders but more rarely, for less money or from fewer categories, and how often such a sign was right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.intervals import wilson
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.facts.quiet_decline import SIGNS, YEAR_MONTHS, calendar_at, decline_signs, quiet_decline
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say, say_n
from kam_analysis.params import Facts
from kam_analysis.tables import QUIET_DECLINE, Table, finds
from kam_analysis.vocabulary import DeclineSign

DECLINE_BACKTEST = Table(
    "decline_backtest",
    "one earlier day on which decline was looked for",
    (
        col.date("looked_on", say("Looked on"), "First day not known then."),
        col.count("ordering", say("Still ordering"), "Customers who were looked at."),
        col.count("flagged", say("Flagged"), "Those in decline."),
        col.count("below", say("Stayed below"), "Flagged, with fewer order days than expected."),
        col.share("below_share", say("Right"), "Those who stayed below, of the flagged.", nullable=True),
        col.LOW,
        col.HIGH,
        col.OTHERS_SHARE("The same of those not flagged."),
        col.count("stopped", say("Stopped later"), "Flagged, no order in the last 90 days of the data."),
        col.days("lead_days", say("Days ahead"), "Median from the flag to the last order of these.", nullable=True),
    ),
    ("looked_on",),
)

NUMBERS = ("decline.ordering", "decline.customers", "decline.shortfall")
CHECKS = ("decline.checked", "decline.right", "decline.others", "decline.lead_days")
MOST_ROWS = 5
MOST_ORIGINS = 4
SIGN_OF = dict(zip(SIGNS, DeclineSign, strict=True))


@finds(QUIET_DECLINE)
def declining_customers(
    lines: Engine,
    history: OrderHistory,
    months: pd.DataFrame,
    categories: pd.DataFrame,
    facts: pd.DataFrame,
    accounts: pd.DataFrame,
    calendar: Calendar,
    rules: Facts,
) -> Finding:
    """Which customers still order but decline, by `decline_signs`, and what they bought less than expected.

    Expected net sales of the last `horizon_days`: the customer's own net sales of the 12 months before them by day,
    times the days, times the company's own change between the two windows (season and trend). Shortfall = expected −
    actual, at least 0.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``.
    history : OrderHistory
    months, categories : DataFrame
        ``customer_months``, and `category_months`.
    facts, accounts : DataFrame
        ``customer_facts``; from `growth_accounts`.
    calendar : Calendar
        At the reference date.
    rules : Facts

    Returns
    -------
    Finding
        Table ``quiet_decline``, the largest shortfall first; numbers decline.ordering, decline.customers,
        decline.shortfall.
    """
    question = say("Who still orders but declines?")
    if not _is_long_enough(calendar, rules):
        return Finding(
            QUIET_DECLINE.name,
            question,
            say("Quiet decline cannot be measured"),
            QUIET_DECLINE.empty(),
            absent_numbers(NUMBERS, "too short a history"),
            absent=say(
                "Not measurable: it takes 12 months before the last {days:count} days.", days=rules.horizon_days
            ),
        )
    signs = decline_signs(history, months, categories, calendar, rules)
    since = quiet_decline(history, months, categories, calendar, rules).rename(columns={"triggered_on": "since_on"})
    found = signs.merge(since, on="customer_id").merge(_sales(lines, calendar, rules), on="customer_id")
    named = facts[["customer_id", "customer_name", "manager", "parent_id"]].rename(columns={"parent_id": "account_id"})
    found = found.merge(named, on="customer_id").merge(accounts[["account_id", "account_name"]], on="account_id")
    words = [" ".join(SIGN_OF[sign] for sign in SIGNS if row[sign]) for _, row in found.iterrows()]
    found = found.assign(signs=pd.Series(words, found.index, dtype="str"))
    found = found.rename(columns={"order_days": "recent_days", "net_sales": "recent_sales"})
    table = QUIET_DECLINE.conform(
        found.sort_values(["shortfall", "customer_id"], ascending=[False, True], ignore_index=True)
    )
    short = money.total(table["shortfall"])
    return Finding(
        QUIET_DECLINE.name,
        question,
        _sentence(table),
        table,
        dict(zip(NUMBERS, (len(signs), len(table), short), strict=True)),
        sub=say(
            "Last {days:count} days against the own 12 months before and the company's change; at most {share:share0} "
            "of the signs are expected to be false",
            days=rules.horizon_days,
            share=rules.chance_share,
        ),
        base=say("Customers who still order: {n:count}.", n=len(signs)),
        show=("customer_name", "manager", "signs", "since_on", "recent_days", "expected_days", "recent_sales",
              Show("shortfall", bar=True)),
        most_rows=MOST_ROWS,
        cards=True,
        none=say("Nobody who still orders declines significantly."),
    )  # fmt: skip


def _is_long_enough(calendar: Calendar, rules: Facts) -> bool:
    start = calendar.as_of - dt.timedelta(days=rules.horizon_days)
    return calendar.first_order_on < add_months(start, -YEAR_MONTHS)


def _sales(lines: Engine, calendar: Calendar, rules: Facts) -> pd.DataFrame:
    start = calendar.as_of - dt.timedelta(days=rules.horizon_days)
    year_before = add_months(start, -YEAR_MONTHS)
    lines.materialise(
        "horizon_sales",
        statement(__file__, "horizon_sales"),
        as_of=calendar.as_of,
        start=start,
        year_before=year_before,
    )
    sold = lines.frame("horizon_sales").astype({"net_sales": "float64", "sales_before": "float64"})
    now, before = money.total(sold["net_sales"]), money.total(sold["sales_before"])
    expected = sold["sales_before"] * (now / before if before > 0 else np.nan)
    return sold.assign(
        expected_sales=expected.round(2), shortfall=(expected - sold["net_sales"]).clip(lower=0).round(2)
    )


def _sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("Nobody who still orders declines significantly")
    return say_n(
        "{n:count} customer still orders but declines significantly: {first}",
        "{n:count} customers still order but decline significantly, first {first}",
        count="n",
        n=len(table),
        first=str(table.iloc[0]["customer_name"]),
    )


@finds(DECLINE_BACKTEST)
def decline_backtest(
    history: OrderHistory, months: pd.DataFrame, categories: pd.DataFrame, calendar: Calendar, rules: Facts
) -> Finding:
    """How often a sign of decline was right on earlier days, and how long before the last order it came.

    On up to four days, each `horizon_days` before the next, the latest two of them before the reference date, the
    customers who still ordered are parted by `decline_signs`. Right: in the two horizons after the day fewer order days
    than the own rate of the 12 months before the sign times the change of all who still ordered. Beside it the same
    share of those without a sign: what chance and regression to the mean alone give. Days ahead: from the day to the
    last order, of those flagged who had no order in the last `horizon_days` of the data.

    Parameters
    ----------
    history : OrderHistory
    months, categories : DataFrame
        ``customer_months``, and `category_months`.
    calendar : Calendar
        At the reference date.
    rules : Facts

    Returns
    -------
    Finding
        Table ``decline_backtest``, the latest day first; numbers decline.checked (customers flagged on all days),
        decline.right (share of them), decline.others, decline.lead_days.
    """
    rows = list(_origins(history, months, categories, calendar, rules))
    table = DECLINE_BACKTEST.conform(pd.DataFrame(rows, columns=["leads", "rest", *DECLINE_BACKTEST.names]))
    flagged = int(table["flagged"].sum())
    if not flagged:
        return Finding(
            DECLINE_BACKTEST.name,
            say("How often was a sign of decline right?"),
            say("The signs of decline cannot be checked"),
            table,
            absent_numbers(CHECKS, "no earlier day with a sign"),
            absent=say("Not measurable: on no earlier day with two horizons after it did a customer decline."),
        )
    right = float(table["below"].sum() / flagged)
    others = sum(row["rest"][0] for row in rows) / max(1, sum(row["rest"][1] for row in rows))
    leads = [days for row in rows for days in row["leads"]]
    numbers = dict(zip(CHECKS, (flagged, right, others), strict=False))
    lead = {"decline.lead_days": float(np.median(leads))} if leads else absent_numbers(CHECKS[3:], "nobody stopped")
    return Finding(
        DECLINE_BACKTEST.name,
        say("How often was a sign of decline right?"),
        say(
            "Of {n:count} signs on earlier days {right:share0} were right: the customer stayed below its rate; "
            "without a sign {others:share0} did",
            n=flagged,
            right=right,
            others=others,
        ),
        table,
        numbers | lead,
        sub=say(
            "Order days of the {days:count} days after each day against the own rate before the sign and the change of "
            "all who still ordered",
            days=2 * rules.horizon_days,
        ),
        show=("looked_on", "ordering", "flagged", "below_share", "low", "high", "others_share", "stopped", "lead_days"),
    )


def _origins(
    history: OrderHistory, months: pd.DataFrame, categories: pd.DataFrame, calendar: Calendar, rules: Facts
) -> Iterator[dict[str, Any]]:
    horizon = dt.timedelta(days=rules.horizon_days)
    for number in range(2, 2 + MOST_ORIGINS):
        then = calendar_at(calendar, calendar.as_of - number * horizon)
        if not _is_long_enough(then, rules):
            return
        known = months[months["month"] < pd.Timestamp(then.as_of.replace(day=1))]
        seen = (
            categories[categories["month"] < pd.Timestamp(then.as_of.replace(day=1))] if len(categories) else categories
        )
        signs = decline_signs(history, known, seen, then, rules)
        yield _checked(history, signs, then, calendar, rules)


def _checked(
    history: OrderHistory, signs: pd.DataFrame, then: Calendar, calendar: Calendar, rules: Facts
) -> dict[str, Any]:
    horizon = dt.timedelta(days=rules.horizon_days)
    start, end = add_months(then.as_of - horizon, -YEAR_MONTHS), then.as_of + 2 * horizon
    customer = np.searchsorted(history.customers, signs["customer_id"].to_numpy(dtype=object))
    before, after = (
        history.in_window(customer, *window) for window in ((start, then.as_of - horizon), (then.as_of, end))
    )
    is_known = signs["expected_days"].notna().to_numpy()
    is_below = after * before[is_known].sum() < before * after[is_known].sum()
    is_flagged = signs[SIGNS].any(axis=1).to_numpy() & is_known
    is_rest = ~is_flagged & is_known
    last = history.known_on(calendar.as_of)
    last_day = dict(zip(last.customer, last.last_day, strict=True))
    silent_from = (calendar.as_of - horizon - dt.date(1970, 1, 1)).days
    looked = (then.as_of - dt.date(1970, 1, 1)).days
    ends = np.array([last_day[one] for one in customer[is_flagged]], dtype=np.int64)
    leads = [int(day) - looked for day in ends[ends < silent_from]]
    n, below = int(is_flagged.sum()), int(is_below[is_flagged].sum())
    low, high = wilson(below, n) if n else (None, None)
    return {
        "looked_on": then.as_of,
        "ordering": len(signs),
        "flagged": n,
        "below": below,
        "below_share": below / n if n else None,
        "low": low,
        "high": high,
        "others_share": float(is_below[is_rest].mean()) if is_rest.any() else None,
        "stopped": len(leads),
        "lead_days": max(0.0, float(np.median(leads))) if leads else None,
        "leads": leads,
        "rest": (int(is_below[is_rest].sum()), int(is_rest.sum())),
    }
