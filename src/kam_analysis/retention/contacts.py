"""Contacts before leaving: visits and calls of those who left against those of comparable customers who stayed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import Z_95
from kam_analysis.facts.lifetime_value import Silence
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, say
from kam_analysis.params import Retention
from kam_analysis.tables import Table, finds

CONTACTS_BEFORE = Table(
    "contacts_before_leaving",
    "one type of contact, or all",
    (
        col.value("type", say("Contacts"), "Type as recorded.", nullable=True, absent=say("visits and calls")),
        col.count("leavers", say("Left"), "Whose 90 days before the last order are on record."),
        col.count("matched", say("Compared"), "Of them with comparable stayers."),
        col.count("stayers", say("Stayers"), "Different customers they are compared with."),
        col.ratio("left_mean", say("Contacts, left"), "Mean per compared leaver; hidden when few.", True, 0),
        col.ratio("stayed_mean", say("Contacts, stayed"), "Mean of their stayers.", nullable=True, low=0),
        col.ratio("difference", say("Difference"), "Left less stayed.", nullable=True),
        col.ratio("diff_low", say("From"), "Lower end of the 95 % interval.", nullable=True),
        col.ratio("diff_high", say("To"), "Upper end of the 95 % interval.", nullable=True),
    ),
    ("type",),
)


CARE = ("visit", "call")
YEAR_DAYS = 365
THIRDS = 3
TENURE_EDGES = (90, 365, 730)
ORDER_DAY_EDGES = (2, 4, 8, 16)
CELL = ["quarter", "class", "tenure", "frequency"]
CONTACT_NUMBERS = ("contacts_before.difference", "contacts_before.low", "contacts_before.high")
COUNT_NUMBERS = ("contacts_before.leavers", "contacts_before.matched")


@finds(CONTACTS_BEFORE)
def contacts_before_leaving(
    interactions: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar, ends_life: Silence, rules: Retention
) -> Finding:
    """Whether customers who left were contacted less before their last order than comparable ones who stayed.

    Left: silent at the reference date for longer than the silence that ends a life. Stayed: a customer with an order
    day whose next one came within it. A leaver on its last order day is compared with the stayers on their
    latest order days of the same calendar quarter who are in the same third by net sales of the 365 days up to then
    (among all of the quarter), of like tenure (up to 90, 365, 730 days, longer) and like frequency (order days of the
    365 days: 1–2, 3–4, 5–8, 9–16, more). Counted are visits and calls of the `contact_days` before that day; order days
    within `contact_days` of the first recorded contact are left out. Difference: mean over the compared leavers of
    their contacts less the mean of their stayers, with its normal 95 % interval; hidden below `min_cell` compared
    leavers.

    Parameters
    ----------
    interactions, orders : DataFrame
        ``interactions``, ``customer_orders``.
    calendar : Calendar
        At the reference date.
    ends_life : Silence
        Of `churn_silence`.
    rules : params.Retention
        `contact_days` and `min_cell`.

    Returns
    -------
    Finding
        Table ``contacts_before_leaving``; numbers contacts_before.difference, .low, .high, .leavers, .matched.

    Notes
    -----
    Source: article C (more than half of the customers leave for lack of attention).
    """
    question = say("Were those who left contacted less?")
    seen = interactions[interactions["type"].isin(CARE) & (interactions["date"] < pd.Timestamp(calendar.as_of))]
    if seen.empty:
        has_table = len(interactions) > 0
        return Finding(
            name=CONTACTS_BEFORE.name,
            question=question,
            sentence=say("Contacts before leaving cannot be measured"),
            table=CONTACTS_BEFORE.empty(),
            numbers=absent_numbers(
                (*CONTACT_NUMBERS, *COUNT_NUMBERS),
                "no visit or call on record" if has_table else "no table interactions",
            ),
            absent=say("Not measurable: the table interactions holds no visit and no call.")
            if has_table
            else say("Not measurable: the source has no table {table}.", table="interactions"),
        )
    days = _order_days(orders, calendar, ends_life.days)
    begun = seen["date"].min() + pd.Timedelta(days=rules.contact_days)
    days = days[(days["day"] >= begun) & (days["has_left"] | days["has_stayed"])]
    latest = days.sort_values("day", kind="stable").drop_duplicates(["customer_id", "quarter"], keep="last")
    types = [None, *(name for name in CARE if (seen["type"] == name).any())]
    rows = [
        _row(name, _counted(latest, seen if name is None else seen[seen["type"] == name], rules.contact_days), rules)
        for name in types
    ]
    table = CONTACTS_BEFORE.conform(pd.DataFrame(rows, columns=CONTACTS_BEFORE.names))
    whole = table.iloc[0]
    numbers: dict[str, Any] = dict(zip(COUNT_NUMBERS, (int(whole["leavers"]), int(whole["matched"])), strict=True))
    if pd.isna(whole["difference"]):
        numbers |= absent_numbers(CONTACT_NUMBERS, f"fewer than {rules.min_cell} leavers with comparable stayers")
    else:
        values = (float(whole[name]) for name in ("difference", "diff_low", "diff_high"))
        numbers |= dict(zip(CONTACT_NUMBERS, values, strict=True))
    return Finding(
        name=CONTACTS_BEFORE.name,
        question=question,
        sentence=_sentence(whole, rules),
        table=table,
        numbers=numbers,
        sub=say(
            "Visits and calls in the {n:count} days before the last order, against customers who stayed: same quarter, "
            "third by net sales, tenure and frequency",
            n=rules.contact_days,
        ),
        base=say(
            "Left: silent for more than {silence:num} days. Leavers whose days are on record: {n:count}, with "
            "comparable stayers: {matched:count}; under {few:count} no figure is given.",
            silence=ends_life.days,
            n=numbers[COUNT_NUMBERS[0]],
            matched=numbers[COUNT_NUMBERS[1]],
            few=rules.min_cell,
        ),
        show=("type", "leavers", "matched", "stayers", "left_mean", "stayed_mean", "difference", "diff_low",
              "diff_high"),
        caveats=[
            Caveat(
                say("Comparable, not equal"),
                say(
                    "Managers may visit more where they fear a loss, or less where they have given up; no effect of a "
                    "contact is claimed."
                ),
            )
        ],
    )  # fmt: skip


def _order_days(orders: pd.DataFrame, calendar: Calendar, limit_days: float) -> pd.DataFrame:
    """Every order day with the customer's third, tenure and frequency then, and whether it left or stayed after it."""
    named = orders.rename(columns={"ordered_on": "day"})
    daily = named.groupby(["customer_id", "day"], sort=True)["net_sales"].sum().reset_index()
    by_customer = daily.groupby("customer_id", sort=False)
    number, upto = by_customer.cumcount().to_numpy(), by_customer["net_sales"].cumsum().to_numpy()
    place = np.cumsum(number == 0) - 1
    day = daily["day"].to_numpy().astype("datetime64[D]").astype(np.int64)
    span = day.max(initial=0) - day.min(initial=0) + YEAR_DAYS + 1
    at = place * span + day - day.min(initial=0)
    first = np.searchsorted(at, np.maximum(at - YEAR_DAYS + 1, place * span))
    start = np.arange(len(daily)) - number
    earlier = np.where(first > start, upto[np.maximum(first - 1, 0)], 0.0)
    gap = (by_customer["day"].shift(-1) - daily["day"]).dt.days
    silence = (pd.Timestamp(calendar.as_of) - daily["day"]).dt.days
    table = daily.assign(
        year_sales=(upto - earlier).round(4),
        frequency=np.searchsorted(ORDER_DAY_EDGES, np.arange(len(daily)) - first + 1),
        tenure=np.searchsorted(TENURE_EDGES, day - day[start]),
        quarter=daily["day"].dt.to_period("Q").dt.start_time,
        has_left=gap.isna() & (silence > limit_days),
        has_stayed=gap <= limit_days,
    )
    rank = table.groupby("quarter")["year_sales"].rank(method="average", pct=True)
    found: pd.DataFrame = table.assign(**{"class": np.ceil(rank * THIRDS).astype("int64")})
    return found


def _counted(days: pd.DataFrame, seen: pd.DataFrame, length: int) -> pd.DataFrame:
    pairs = days[["customer_id", "day"]].merge(seen[["customer_id", "date"]], on="customer_id")
    ago = (pairs["day"] - pairs["date"]).dt.days
    inside = pairs[(ago > 0) & (ago <= length)].groupby(["customer_id", "day"]).size().rename("contacts")
    counted = days.join(inside, on=["customer_id", "day"])
    return counted.assign(contacts=counted["contacts"].fillna(0.0))


def _row(name: str | None, counted: pd.DataFrame, rules: Retention) -> dict[str, Any]:
    left, stayed = counted[counted["has_left"]], counted[counted["has_stayed"]]
    pairs = left.merge(stayed.groupby(CELL, as_index=False).agg(of_stayers=("contacts", "mean")), on=CELL, how="inner")
    row: dict[str, Any] = dict.fromkeys(CONTACTS_BEFORE.names) | {
        "type": name,
        "leavers": len(left),
        "matched": len(pairs),
        "stayers": int(stayed.merge(left[CELL].drop_duplicates(), on=CELL)["customer_id"].nunique()),
    }
    if len(pairs) < max(rules.min_cell, 2):
        return row
    gap = pairs["contacts"] - pairs["of_stayers"]
    mean, half = float(gap.mean()), Z_95 * float(gap.std(ddof=1)) / np.sqrt(len(gap))
    return row | {
        "left_mean": float(pairs["contacts"].mean()),
        "stayed_mean": float(pairs["of_stayers"].mean()),
        "difference": mean,
        "diff_low": mean - half,
        "diff_high": mean + half,
    }


def _sentence(whole: pd.Series, rules: Retention) -> Message:
    if pd.isna(whole["difference"]):
        return say("Too few leavers have comparable stayers: {n:count}", n=int(whole["matched"]))
    values = {"left": float(whole["left_mean"]), "stayed": float(whole["stayed_mean"]), "n": rules.contact_days}
    if whole["diff_low"] <= 0 <= whole["diff_high"]:
        return say(
            "In the {n:count} days before their last order those who left were contacted {left:num2} "
            "times, comparable stayers {stayed:num2}: no significant difference",
            **values,
        )
    return say(
        "In the {n:count} days before their last order those who left were contacted {left:num2} times, comparable "
        "stayers {stayed:num2}",
        **values,
    )
