"""How long buyers stay, by segment, and how soon the second and every further order comes; with censoring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.lifetime_value import Silence, buyers_of, followed_months, lives
from kam_analysis.facts.survival import alive_at, kaplan_meier, last_observed_time, mean_time, time_until
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say
from kam_analysis.params import Facts, Retention
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import StayGrouping

LIFETIMES = Table(
    "lifetimes",
    "one kind of buyer",
    (
        col.value("unit", say("Kind"), "Value of the grouping.", nullable=True, absent=say("all buyers")),
        col.GROUPING,
        col.BUYERS("Customers with an order who did not come too late to be followed."),
        col.count("ended", say("Ended"), "Silent for longer than a life allows; hidden when too few.", nullable=True),
        col.share("alive_share", say("Active after 12 months"), "Kaplan–Meier, 12 months after the first.", True),
        col.LOW("Lower end of the 95 % interval (Greenwood, log-log)."),
        col.HIGH("Upper end of the 95 % interval."),
        col.months("median_months", say("Median, months"), "When half have ended; missing if never.", True, 0),
        col.months("mean_months", say("Mean, months"), "Area under the curve up to the cap.", nullable=True, low=0),
    ),
    ("grouping", "unit"),
)

_ORDER_NO = col.count("order_no", say("Order day"), "k, the order day that is waited for.", low=2)

ORDER_WAITS = Table(
    "order_waits",
    "one order day and one number of days since the first",
    (
        _ORDER_NO,
        col.DAYS("Days since the first order day."),
        col.share("ordered_share", say("Share"), "Buyers who reached it by then (1 − Kaplan–Meier)."),
    ),
    ("order_no", "days"),
)

ORDER_STEPS = Table(
    "order_steps",
    "one order day after the first",
    (
        _ORDER_NO,
        col.BUYERS_OF_BASE("Buyers who reached the order day before."),
        col.count("ordered", say("Reached it"), "Of them with this order day so far."),
        col.share("share_30d", say("In 30 days"), "Within 30 days of the one before (Kaplan–Meier).", nullable=True),
        col.share("share_90d", say("In 90 days"), "Within 90 days of the one before.", nullable=True),
        col.share("share_365d", say("In 365 days"), "Within 365 days of the one before.", nullable=True),
        col.MEDIAN_DAYS("Days from the order day before.", low=1),
        col.P90_DAYS("Days by which nine of ten have come.", low=1),
        col.days(
            "median_from_first_days",
            say("From the first, days"),
            "Median days from the first order day, over all buyers.",
            nullable=True,
            low=1,
        ),
    ),
    ("order_no",),
)


YEAR = 12
LAST_STEP = 6
DRAWN_STEPS = (2, 3, 5)
DAYS = (30, 90, 365)
WEEK = 7
GROUPINGS = (
    StayGrouping.INDUSTRY, StayGrouping.SIZE, StayGrouping.DEPARTMENT, StayGrouping.COUNTRY, StayGrouping.REGION,
)  # fmt: skip
LONG_GAP = 0.1


@finds(LIFETIMES)
def lifetimes(facts: pd.DataFrame, silence: Silence, life: Facts, rules: Retention) -> Finding:
    """How long buyers of every kind stay: lifetimes by Kaplan and Meier with censoring.

    Time runs from the first to the last order in months of 30.4375 days (`lives`): a silence that is open and longer
    than the limit is an end, and buyers who came later than the limit before the reference date are left out. Share
    still active 12 months after the first order with its 95 % interval (Greenwood, log-log), median, and mean up to the
    last month, of `lifetime_cap_months` at most, for which enough buyers were followed. A group of fewer than
    `min_cell` buyers is hidden; without anybody followed for 12 months the share is missing. Not measurable where too
    few were followed, or nobody came back.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``; industry, size, department, country and region are today's. Managers are left out: one who
        took over a portfolio has only those who stayed.
    silence : Silence
        Of `churn_silence`.
    life : params.Facts
        `lifetime_cap_months`, `fewest_followed`.
    rules : params.Retention
        `min_cell`.

    Returns
    -------
    Finding
        Table ``lifetimes``; numbers lifetime.buyers, lifetime.ended, lifetime.alive_12m, lifetime.mean_months.
    """
    question = say("How long do buyers stay?")
    buyers = buyers_of(facts)
    names = ("lifetime.alive_12m", "lifetime.mean_months")
    reason: tuple[str, Message] | None = None
    if len(buyers) < rules.min_cell:
        reason = (
            f"fewer than {rules.min_cell} buyers",
            say("Not measurable: fewer than {n:count} buyers.", n=rules.min_cell),
        )
    elif (months := min(followed_months(lives(buyers, silence.days), life), life.lifetime_cap_months)) < 1:
        reason = (
            f"fewer than {life.fewest_followed} buyers were followed for longer than the silence that ends a life",
            say(
                "Not measurable: a customer counts as gone after {n:num} days without an order, and fewer "
                "than {few:count} buyers were followed so long.",
                n=silence.days,
                few=life.fewest_followed,
            ),
        )
    elif not (buyers["tenure_days"] > buyers["recency_days"]).any():
        reason = ("nobody ordered on two days", say("Not measurable: no customer has ordered on two days."))
    if reason:
        return Finding(
            name=LIFETIMES.name,
            question=question,
            sentence=say("Lifetimes cannot be measured"),
            table=LIFETIMES.empty(),
            numbers=absent_numbers(names, reason[0]),
            absent=reason[1],
        )
    rows = [_lifetime(buyers, silence, months, rules) | {"grouping": StayGrouping.ALL.value, "unit": None}]
    for grouping in GROUPINGS:
        listed = list(buyers.groupby(grouping.value, sort=True))
        if len(listed) > 1:
            found = [
                _lifetime(part, silence, months, rules) | {"grouping": grouping.value, "unit": unit}
                for unit, part in listed
            ]
            rows += sorted(
                found, key=lambda row: (row["buyers"] < rules.min_cell, -(row["mean_months"] or 0), row["unit"])
            )
    table = LIFETIMES.conform(pd.DataFrame(rows, columns=LIFETIMES.names))
    whole = rows[0]
    shown = table[table["mean_months"].notna()]
    numbers = {"lifetime.buyers": whole["buyers"], "lifetime.ended": whole["ended"]}
    numbers |= {"lifetime.mean_months": whole["mean_months"], "lifetime.alive_12m": whole["alive_share"]}
    if whole["alive_share"] is None:
        numbers |= absent_numbers(["lifetime.alive_12m"], "nobody was followed for 12 months")
    return Finding(
        name=LIFETIMES.name,
        question=question,
        sentence=_life_sentence(whole, months),
        table=pd.concat([shown, table[table["mean_months"].isna()]], ignore_index=True),
        numbers=numbers,
        sub=say(
            "Kaplan–Meier from the first to the last order; after {days:num} days without an order a "
"customer counts as gone, shorter gaps are still open. Mean up to {cap:count} months",
            days=silence.days,
            cap=months,
        ),
        base=say("Groups as of today; those with fewer than {n:count} buyers stand in the CSV without a figure.",
                 n=rules.min_cell),
        show=("unit", "grouping", "buyers", "ended", Show("alive_share", bar=True), "low", "high", "median_months",
              "mean_months"),
        most_rows=min(10, len(shown)),
    )  # fmt: skip


def _lifetime(buyers: pd.DataFrame, silence: Silence, months: int, rules: Retention) -> dict[str, Any]:
    found = lives(buyers, silence.days)
    row: dict[str, Any] = {"buyers": len(found.months), "ended": int(found.has_ended.sum())}
    if len(found.months) < rules.min_cell:
        return row | dict.fromkeys(("ended", "alive_share", "low", "high", "median_months", "mean_months"))
    curve = found.curve
    row |= {"median_months": time_until(curve, 0.5), "mean_months": mean_time(curve, float(months))}
    if last_observed_time(curve) < YEAR:
        return row | dict.fromkeys(("alive_share", "low", "high"))
    share, low, high = (float(alive_at(curve, [YEAR], column)[0]) for column in ("alive_share", "low", "high"))
    is_told = 0 < share < 1  # of none or all the interval has no width, and says nothing
    return row | {"alive_share": share, "low": low if is_told else None, "high": high if is_told else None}


def _life_sentence(whole: dict[str, Any], months: int) -> Message:
    if whole["alive_share"] is not None:
        return say(
            "{share:share} of the buyers are still active 12 months after their first order; mean {mean:num1} months "
            "of at most {cap:count}",
            share=whole["alive_share"],
            mean=whole["mean_months"],
            cap=months,
        )
    return say(
        "Buyers stay {mean:num1} months on average, counted up to {cap:count}", mean=whole["mean_months"], cap=months
    )


def order_days(orders: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Order days of every buyer in order, with the days until the next one or, still open, until the reference date.

    Returns
    -------
    DataFrame
        customer_id, ordered_on, place (1 for the first order day), gap_days (to the next order day, or to the reference
        date), is_closed, since_first_days.

    Examples
    --------
    >>> import datetime as dt
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "a"],
    ...     "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-08"])})
    >>> days = order_days(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 1)))
    >>> days[["place", "gap_days", "is_closed"]].values.tolist()
    [[1, 7, True], [2, 24, False]]
    """
    as_of = pd.Timestamp(calendar.as_of)
    days = orders.loc[orders["ordered_on"] < as_of, ["customer_id", "ordered_on"]].drop_duplicates()
    days = days.sort_values(["customer_id", "ordered_on"], ignore_index=True)
    by_customer = days.groupby("customer_id", sort=False)["ordered_on"]
    following = by_customer.shift(-1)
    return days.assign(
        place=by_customer.cumcount() + 1,
        gap_days=(following.fillna(as_of) - days["ordered_on"]).dt.days,
        is_closed=following.notna(),
        since_first_days=(days["ordered_on"] - by_customer.transform("min")).dt.days,
    )


@finds(ORDER_WAITS)
def order_waits(days: pd.DataFrame, calendar: Calendar) -> Finding:
    """How soon after the first order day the second, third and fifth come.

    1 − Kaplan–Meier over the days from the first to the k-th order day; who has not come so far is censored at the
    reference date. One point a week, up to a year or as long as anybody was followed.

    Parameters
    ----------
    days : DataFrame
        From `order_days`.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    Finding
        Table ``order_waits``, drawn as curves; numbers ``order_within_90d.<k>``.
    """
    question = say("How soon does a buyer come again?")
    names = [f"order_within_90d.{step}" for step in DRAWN_STEPS]
    curves = {step: _first_to(days, step, calendar) for step in DRAWN_STEPS}
    observed = (pd.Timestamp(calendar.as_of) - days["ordered_on"].min()).days if len(days) else 0
    told = min(observed, *(last_observed_time(curve) for curve in curves.values())) if len(days) else 0
    if told < WEEK:
        return Finding(
            name=ORDER_WAITS.name,
            question=question,
            sentence=say("Nobody was observed long enough"),
            table=ORDER_WAITS.empty(),
            numbers=absent_numbers(names, "nobody was followed for a week"),
            absent=say("Not measurable: nobody was followed for a week after the first order."),
        )
    grid = np.arange(0, min(told, 365) + 1, WEEK)
    table = ORDER_WAITS.conform(
        pd.concat(
            [
                pd.DataFrame({"order_no": step, "days": grid, "ordered_share": 1 - alive_at(curve, grid)})
                for step, curve in curves.items()
            ],
            ignore_index=True,
        )
    )
    within = {step: float(1 - alive_at(curve, [90])[0]) if told >= 90 else None for step, curve in curves.items()}
    numbers: dict[str, Any] = {}
    for name, share in zip(names, within.values(), strict=True):
        numbers |= {name: share} if share is not None else absent_numbers([name], "nobody was followed for 90 days")
    last = table[table["days"] == table["days"].max()].set_index("order_no")["ordered_share"]
    return Finding(
        name=ORDER_WAITS.name,
        question=question,
        sentence=say(
            "{second:share} of new buyers order a second time within {days:count} days, {fifth:share} reach the fifth "
            "order day",
            second=float(last[DRAWN_STEPS[0]]),
            fifth=float(last[DRAWN_STEPS[-1]]),
            days=int(grid[-1]),
        ),
        table=table,
        numbers=numbers,
        sub=say("Share of buyers who reached their second, third and fifth order day, by days since the first"),
        base=say("Buyers: {n:count}; who did not come so far counts as long as observed (Kaplan–Meier).",
                 n=int((days["place"] == 1).sum())),
        drawing="retention.order_waits",
    )  # fmt: skip


def _first_to(days: pd.DataFrame, step: int, calendar: Calendar) -> pd.DataFrame:
    first = days[days["place"] == 1].set_index("customer_id")["ordered_on"]
    reached = days[days["place"] == step].set_index("customer_id")["since_first_days"].reindex(first.index)
    observed = (pd.Timestamp(calendar.as_of) - first).dt.days
    return kaplan_meier(reached.fillna(observed), reached.notna())


@finds(ORDER_STEPS)
def order_steps(days: pd.DataFrame, calendar: Calendar, silence: Silence, rules: Retention) -> Finding:
    """How many go on from each order to the next, and how long that takes.

    Among buyers who reached order day k − 1: share with order day k within 30, 90 and 365 days, median days and the day
    by which nine of ten have come, all by Kaplan–Meier with the open waits in. The gaps between all order days stand
    in the numbers: when one gap in ten is longer than the silence that ends a life, that silence ends lives too early.

    Parameters
    ----------
    days : DataFrame
        From `order_days`.
    calendar : Calendar
        At the reference date.
    silence : Silence
        Of `churn_silence`.
    rules : params.Retention
        `min_cell`.

    Returns
    -------
    Finding
        Table ``order_steps``; numbers gap.median_days, gap.p90_days.

    Notes
    -----
    Source: article C: repeat deals are possible with long deals and long-lived products too.
    """
    rows = [_step(days, step, calendar, rules) for step in range(2, LAST_STEP + 1)]
    rows = [row for row in rows if row["buyers"]]
    table = ORDER_STEPS.conform(pd.DataFrame(rows, columns=ORDER_STEPS.names))
    question = say("Who goes on to the next order?")
    gaps = kaplan_meier(days["gap_days"], days["is_closed"])
    quantiles = {"gap.median_days": time_until(gaps, 0.5), "gap.p90_days": time_until(gaps, LONG_GAP)}
    numbers: dict[str, Any] = {}
    for name, value in quantiles.items():
        numbers |= {name: value} if value is not None else absent_numbers([name], "too many gaps are still open")
    if table["share_90d"].notna().sum() == 0:
        return Finding(
            name=ORDER_STEPS.name,
            question=question,
            sentence=say("Nobody was observed long enough"),
            table=table,
            numbers=numbers,
            absent=say("Not measurable: fewer than {n:count} buyers were followed for 90 days.", n=rules.min_cell),
        )
    first = table.dropna(subset="share_90d").iloc[0]
    last = table.dropna(subset="share_90d").iloc[-1]
    return Finding(
        name=ORDER_STEPS.name,
        question=question,
        sentence=say(
            "Within 90 days {first:share} go on to order {k:count}; of those with order {j:count}, {last:share} go on "
            "to order {l:count}",
            first=float(first["share_90d"]),
            k=int(first["order_no"]),
            last=float(last["share_90d"]),
            j=int(last["order_no"]) - 1,
            l=int(last["order_no"]),
        )
        if last["order_no"] > first["order_no"]
        else say(
            "Within 90 days {first:share} go on to order {k:count}",
            first=float(first["share_90d"]),
            k=int(first["order_no"]),
        ),
        table=table,
        numbers=numbers,
        sub=say(
            "Of those who reached the order day before: share with the next one within 30, 90 and 365 days; median, "
            "and days by which nine of ten have come"
        ),
        base=say("Kaplan–Meier with open waits in; under {n:count} buyers nothing is given.", n=rules.min_cell),
        show=("order_no", "buyers", "ordered", "share_30d", Show("share_90d", bar=True), "share_365d", "median_days",
              "p90_days", "median_from_first_days"),
        caveats=_gap_caveats(quantiles["gap.p90_days"], quantiles["gap.median_days"], silence)
        if days["is_closed"].any()
        else [],
    )  # fmt: skip


def _step(days: pd.DataFrame, step: int, calendar: Calendar, rules: Retention) -> dict[str, Any]:
    base = days[days["place"] == step - 1]
    row: dict[str, Any] = {"order_no": step, "buyers": len(base), "ordered": int(base["is_closed"].sum())}
    if len(base) < rules.min_cell:
        return row
    curve = kaplan_meier(base["gap_days"], base["is_closed"])
    told = last_observed_time(curve)
    shares = {f"share_{limit}d": float(1 - alive_at(curve, [limit])[0]) for limit in DAYS if told >= limit}
    return row | shares | {
        "median_days": time_until(curve, 0.5),
        "p90_days": time_until(curve, LONG_GAP),
        "median_from_first_days": time_until(_first_to(days, step, calendar), 0.5),
    }  # fmt: skip


def _gap_caveats(p90: float | None, median: float | None, silence: Silence) -> list[Caveat]:
    if p90 is not None and p90 <= silence.days:
        return []
    if p90 is None:
        text = say(
            "More than one gap in ten is not closed yet, so {days:num} days of silence may end a life too early.",
            days=silence.days,
        )
    else:
        text = say(
            "One gap in ten between orders is longer than {p90:count} days, the median is {median:num}; a life is "
            "taken as ended after {days:num} days.",
            p90=p90,
            median=median,
            days=silence.days,
        )
    return [Caveat(say("Long gaps are normal here"), text, Weight.RED)]
