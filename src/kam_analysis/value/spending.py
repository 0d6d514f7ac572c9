"""Money spent on customers: what a new one costs and when it is paid back, acquisition against retention, events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say, say_n
from kam_analysis.money import SCALE, exact
from kam_analysis.tables import Table, finds
from kam_analysis.value.formula import assumed_margin_caveat
from kam_analysis.vocabulary import Labelled


class SpendKind(Labelled):
    """What money is spent for."""

    ACQUISITION = "acquisition", say("acquisition")
    RETENTION = "retention", say("retention")


_MONTH = col.MONTH("First day of the calendar month.")


_ACQUISITION = col.money("acquisition_spend", say("Acquisition"), "Spent to win customers.")

_EARLY = col.flag("is_early", say("Data begin"), "In the first months of the data old customers look new.")

SPEND_MONTHS = Table(
    "spend_months",
    "one complete month",
    (
        _MONTH,
        _ACQUISITION,
        col.NEW_CUSTOMERS,
        col.money("cac", say("Cost of a new customer"), "Acquisition over new customers.", nullable=True),
        col.money("retention_spend", say("Retention"), "Spent to keep customers."),
        col.BUYERS("Customers with an order."),
        col.money("retention_per_buyer", say("Retention per buyer"), "Retention over buyers.", nullable=True),
        _EARLY,
    ),
    ("month",),
)

PAYBACK = Table(
    "payback",
    "one complete month of first orders",
    (
        _MONTH,
        col.NEW_CUSTOMERS,
        _ACQUISITION,
        col.money("margin_so_far", say("Margin so far"), "Of these customers up to the last complete month."),
        col.change("paid_share", say("Paid so far"), "Margin so far over acquisition.", nullable=True),
        col.number(
            "payback_months",
            say("Paid back after months"),
            "First month whose sum covers the spending, from 0; missing where it has not, or nothing was spent.",
            nullable=True,
            low=0,
            absent=say("not yet"),
        ),
        col.count("observed_months", say("Months seen"), "Complete months from the first one on.", low=1),
        _EARLY,
    ),
    ("month",),
)

SPEND_EVENTS = Table(
    "spend_events",
    "one event and kind of spending",
    (
        col.EVENT("What it was spent on.", nullable=True),
        col.member("kind", say("For"), "What it was spent for.", SpendKind),
        col.count("times", say("Times"), "Spendings.", low=1),
        col.AMOUNT,
        col.share("amount_share", say("Share"), "Over all spending.", True, -1e9, 1e9),
        col.HOURS("Hours of work, where noted."),
        col.count("months_with", say("Months with it"), "The first months of the data aside."),
        col.number("new_with", say("New per month with it"), "Mean of new customers.", nullable=True, low=0),
        col.count("months_without", say("Months without it"), "The first months of the data aside."),
        col.number("new_without", say("New per month without"), "Mean of new customers.", nullable=True, low=0),
    ),
    ("event", "kind"),
)


YEAR_MONTHS = 12
FEWEST_MONTHS = 3
SHOWN_MONTHS = 10
SPENT = ("spend.acquisition_12m", "spend.retention_12m", "spend.new_customers_12m", "spend.cac_12m",
         "spend.ltv_to_cac", "spend.retention_per_retained")  # fmt: skip
NO_SPEND = say(
    "Not measurable: the data have no spending before the reference date; add the table spend (date, kind: acquisition "
    "or retention, amount)."
)


def known_spend(spend: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Spending in the complete months, with its month and kind; other kinds than the two are left out.

    Parameters
    ----------
    spend : DataFrame
        Contract ``spend``; may be empty.
    calendar : Calendar
        Gives the complete months.

    Returns
    -------
    DataFrame
        month, kind, money (whole ten-thousandths), event, hours.
    """
    kind = spend["kind"].str.strip().str.lower()
    months = pd.to_datetime(calendar.complete_months)
    month = spend["date"].dt.to_period("M").dt.start_time
    kept = kind.isin(list(SpendKind)) & month.isin(months)
    part = spend[kept]
    return pd.DataFrame(
        {
            "month": month[kept],
            "kind": kind[kept].astype("str"),
            "money": exact(part["amount"]),
            "event": part["event"],
            "hours": part["hours"],
        }
    ).reset_index(drop=True)


def _first_months(facts: pd.DataFrame) -> pd.Series:
    buyers = facts[facts["orders"] > 0].set_index("customer_id")
    found: pd.Series = buyers["first_order_on"].dt.to_period("M").dt.start_time
    return found


def _monthly(spend: pd.DataFrame, facts: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    months = pd.to_datetime(calendar.complete_months)
    new = _first_months(facts).value_counts().reindex(months, fill_value=0)
    placed = orders.assign(month=orders["ordered_on"].dt.to_period("M").dt.start_time)
    buyers = placed.groupby("month")["customer_id"].nunique().reindex(months, fill_value=0)
    paid = {
        kind: spend.loc[spend["kind"] == kind.value].groupby("month")["money"].sum().reindex(months, fill_value=0)
        for kind in SpendKind
    }
    acquisition, retention = (paid[kind].to_numpy("int64") for kind in (SpendKind.ACQUISITION, SpendKind.RETENTION))
    count, active = new.to_numpy("int64"), buyers.to_numpy("int64")
    return pd.DataFrame(
        {
            "month": months,
            "acquisition": acquisition,
            "retention": retention,
            "new_customers": count,
            "buyers": active,
            "cac": acquisition / SCALE / np.where(count > 0, count, np.nan),
            "retention_per_buyer": retention / SCALE / np.where(active > 0, active, np.nan),
            "is_early": months < pd.Timestamp(calendar.newcomers_from),
        }
    )


@finds(SPEND_MONTHS)
def what_a_new_customer_costs(
    spend: pd.DataFrame, facts: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar, worth: Finding
) -> Finding:
    """What a new customer costs, against what it brings, and how much goes into keeping the others.

    CAC = acquisition spend / new customers of the same calendar month, a customer being new in the month of its first
    order; over 12 months the sums are divided. LTV:CAC with the expected lifetime value S·P·N(h). Retention spend per
    retained customer: of the last 12 complete months, over buyers of these who had bought before them; an average, no
    effect. The left-censored months are marked: everybody looks new there.

    Parameters
    ----------
    spend, facts, orders : DataFrame
        Contracts ``spend``, ``customer_facts``, ``customer_orders``; spend may be empty.
    calendar : Calendar
        Gives the complete months.
    worth : Finding
        Of `what_is_a_buyer_worth`: the expected lifetime value of a new customer, where a margin is known.

    Returns
    -------
    Finding
        Table ``spend_months``, the latest month first; numbers of `SPENT`. Absent without spending.

    Notes
    -----
    A month without a new customer has no CAC. Source: article C; definitions, Survey and money spent.
    """
    known = known_spend(spend, calendar)
    question = say("What does a new customer cost?")
    if known.empty:
        return _no_spend(SPEND_MONTHS, question, SPENT)
    monthly = _monthly(known, facts, orders, calendar)
    year = monthly.tail(YEAR_MONTHS)
    numbers = _spent_numbers(year, orders, worth.numbers["expected.ltv"])
    table = monthly.assign(
        acquisition_spend=monthly["acquisition"] / SCALE, retention_spend=monthly["retention"] / SCALE
    ).iloc[::-1]
    return Finding(
        SPEND_MONTHS.name,
        question=question,
        sentence=_cost_sentence(numbers, len(year), worth.numbers),
        table=SPEND_MONTHS.conform(table),
        numbers=numbers,
        sub=say(
            "Spending and customers with a first order by calendar month, the latest first; over the last {n:count} "
            "complete months: acquisition {acquisition:money}, retention {retention:money}",
            n=len(year),
            acquisition=numbers[SPENT[0]],
            retention=numbers[SPENT[1]],
        ),
        base=_cost_base(numbers),
        show=("month", "acquisition_spend", Show("new_customers", bar=True), "cac", "retention_per_buyer"),
        most_rows=SHOWN_MONTHS,
        caveats=_cost_caveats(spend, monthly),
    )  # fmt: skip


def what_to_spend(worth: Finding, brings: Finding, costs: Finding) -> Message | None:
    """Up to which cost winning a customer pays back within a year; None without a margin.

    The lower bound of the mean cumulative margin of a new customer after 12 months, or as many as were observed.

    Parameters
    ----------
    worth, brings, costs : Finding
        Of `what_is_a_buyer_worth`, `what_a_new_customer_brings` and `what_a_new_customer_costs`.
    """
    if brings.absent or worth.numbers["expected.P"] is None:
        return None
    row = brings.table.head(YEAR_MONTHS).iloc[-1]
    values: dict[str, Any] = {"most": max(0.0, float(row["low"])), "n": int(row["month"])}
    if (cac := costs.numbers["spend.cac_12m"]) is None:
        return say_n(
            "Winning a customer pays back within {n:count} month at a cost of up to {most:money}",
            "Winning a customer pays back within {n:count} months at a cost of up to {most:money}",
            count="n",
            **values,
        )
    return say_n(
        "Winning a customer pays back within {n:count} month at a cost of up to {most:money}; today it costs "
        "{cac:money}",
        "Winning a customer pays back within {n:count} months at a cost of up to {most:money}; today it costs "
        "{cac:money}",
        count="n",
        cac=cac,
        **values,
    )


def _spent_numbers(year: pd.DataFrame, orders: pd.DataFrame, ltv: float | None) -> dict[str, Any]:
    acquisition, retention, new = (int(year[name].sum()) for name in ("acquisition", "retention", "new_customers"))
    begun = pd.Timestamp(year["month"].iloc[0])
    until = pd.Timestamp(add_months(year["month"].iloc[-1].date(), 1))
    earlier = orders.loc[orders["ordered_on"] < begun, "customer_id"]
    inside = orders.loc[(orders["ordered_on"] >= begun) & (orders["ordered_on"] < until), "customer_id"]
    kept = len(set(earlier) & set(inside))
    found: dict[str, Any] = dict(zip(SPENT[:3], (acquisition / SCALE, retention / SCALE, new), strict=True))
    cac = acquisition / SCALE / new if new else None
    found |= absent_numbers([SPENT[3]], "no new customer in 12 months") if cac is None else {SPENT[3]: cac}
    if cac and ltv is not None:
        found[SPENT[4]] = ltv / cac
    else:
        found |= absent_numbers([SPENT[4]], "no margin, no acquisition spend or no new customer")
    return found | ({SPENT[5]: retention / SCALE / kept} if kept else absent_numbers([SPENT[5]], "nobody was retained"))


def _cost_sentence(numbers: dict[str, Any], months: int, worth: Mapping[str, Any]) -> Message:
    if numbers[SPENT[3]] is None:
        return say("No new customer came in {n:count} months, so none has a cost", n=months)
    if numbers[SPENT[4]] is None:
        return say(
            "A new customer cost {cac:money}; new customers in {n:count} months: {new:count}",
            cac=numbers[SPENT[3]],
            n=months,
            new=numbers[SPENT[2]],
        )
    return say_n(
        "A new customer brings {ratio:num} times its cost within {h:count} month",
        "A new customer brings {ratio:num} times its cost within {h:count} months",
        count="h",
        ratio=numbers[SPENT[4]],
        h=worth["expected.h"],
    )


def _cost_base(numbers: dict[str, Any]) -> Message:
    if numbers[SPENT[5]] is None:
        return say("Complete months only.")
    return say(
        "Complete months only. Retention spend per retained customer: {each:money}, an average and no effect.",
        each=numbers[SPENT[5]],
    )


def _cost_caveats(spend: pd.DataFrame, monthly: pd.DataFrame) -> list[Caveat]:
    caveats = []
    if monthly.tail(YEAR_MONTHS)["is_early"].any():
        caveats.append(
            Caveat(
                say("The first months of the data look full of new customers"),
                say("In the first months of the data old customers look new, so the CAC is too low."),
                Weight.RED,
            )
        )
    other = ~spend["kind"].str.strip().str.lower().isin(list(SpendKind))
    if other.any():
        money = int(exact(spend.loc[other, "amount"]).sum()) / SCALE
        caveats.append(
            Caveat(
                say("Some spending has another kind"),
                say("Neither acquisition nor retention, and counted nowhere: {money:money}.", money=money),
            )
        )
    return caveats


def _no_spend(table: Any, question: Message, names: tuple[str, ...]) -> Finding:
    return Finding(
        table.name,
        question=question,
        sentence=say("Money spent cannot be measured"),
        table=table.empty(),
        numbers=absent_numbers(names, "no table spend"),
        absent=NO_SPEND,
    )


@finds(PAYBACK)
def when_is_it_paid_back(
    spend: pd.DataFrame,
    facts: pd.DataFrame,
    months: pd.DataFrame,
    calendar: Calendar,
    assumed_margin: float | None = None,
) -> Finding:
    """In which month the customers of a month have paid back what was spent to win them.

    Per calendar month of first orders: the cohort's margin, added up month by month from its first; paid back in the
    first month in which the sum covers the month's acquisition spend, counted from 0. Cohorts still below it are told
    with what they have paid so far. Where no line has a cost, the margin is net sales times the assumed one.

    Parameters
    ----------
    spend, facts, months : DataFrame
        Contracts ``spend``, ``customer_facts``, ``customer_months``.
    calendar : Calendar
        Gives the complete months.
    assumed_margin : float, optional
        ``facts.assumed_margin``.

    Returns
    -------
    Finding
        Table ``payback``, the latest cohort first; numbers payback.median_months (over cohorts with spending and at
        least 12 months to pay, the left-censored months aside; missing when the median cohort has not paid)
        and payback.cohorts. Absent without spending or margin.

    Notes
    -----
    Spending may win customers of later months; the month of spending is the nearest there is. Source: definitions,
    Survey and money spent.
    """
    names = ("payback.median_months", "payback.cohorts")
    question = say("When is a new customer paid back?")
    known = known_spend(spend, calendar)
    if known.empty:
        return _no_spend(PAYBACK, question, names)
    is_assumed = bool(months["margin"].isna().all())
    if is_assumed and assumed_margin is None:
        return Finding(
            PAYBACK.name,
            question=question,
            sentence=say("Payback cannot be measured"),
            table=PAYBACK.empty(),
            numbers=absent_numbers(names, "no line has a cost"),
            absent=say("Not measurable: no line has a cost, so there is no margin; map the column cost."),
        )
    margin = money_earned(months, assumed_margin if is_assumed else None)
    table = _cohorts(known, facts, months.assign(earned=margin), calendar)
    judged = table[~table["is_early"] & (table["observed_months"] >= YEAR_MONTHS) & (table["acquisition_spend"] > 0)]
    paid = judged["payback_months"].astype("float64").fillna(np.inf)
    median = float(paid.median()) if len(paid) else np.inf
    numbers: dict[str, Any] = {names[1]: len(judged)}
    is_paid = np.isfinite(median)
    reason = "the median cohort has not paid back" if len(judged) else "no cohort has had 12 months"
    numbers |= {names[0]: median} if is_paid else absent_numbers(names[:1], reason)
    return Finding(
        PAYBACK.name,
        question=question,
        sentence=_payback_sentence(judged, median),
        table=PAYBACK.conform(table),
        numbers=numbers,
        sub=say(
            "Margin of the customers of a month so far against the acquisition spend of that month; months until it is "
            "covered, 0: at once"
        ),
        base=say(
            "Cohorts with spending and 12 months to pay, the first months of the data aside: {n:count}", n=len(judged)
        ),
        show=(
            "month",
            "new_customers",
            "acquisition_spend",
            "margin_so_far",
            "paid_share",
            "payback_months",
        ),
        most_rows=SHOWN_MONTHS,
        caveats=[assumed_margin_caveat(assumed_margin)] if is_assumed else [],
    )


def money_earned(months: pd.DataFrame, assumed_margin: float | None) -> npt.NDArray[np.int64]:
    """Margin of every customer and month in ten-thousandths: of the lines with a cost, or the assumed part of sales.

    Examples
    --------
    >>> months = pd.DataFrame({"net_sales": [10.0, 5.0], "margin": [4.0, None]})
    >>> money_earned(months, None).tolist(), money_earned(months, 0.5).tolist()
    ([40000, 0], [50000, 25000])
    """
    if assumed_margin is None:
        return exact(months["margin"].astype("float64").fillna(0.0))
    found: npt.NDArray[np.int64] = np.rint(exact(months["net_sales"]) * assumed_margin).astype(np.int64)
    return found


def _cohorts(known: pd.DataFrame, facts: pd.DataFrame, months: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    complete = pd.to_datetime(calendar.complete_months)
    first = _first_months(facts)
    lines = months[months["month"].isin(complete)].assign(cohort=lambda frame: frame["customer_id"].map(first))
    lines = lines[lines["cohort"].isin(complete)]
    number = {month: place for place, month in enumerate(complete)}
    age = lines["month"].map(number) - lines["cohort"].map(number)
    size = len(complete)
    grid = np.zeros((size, size), dtype="int64")
    kept = (age >= 0).to_numpy()
    places = lines["cohort"].map(number).to_numpy()[kept], age.to_numpy("int64")[kept]
    np.add.at(grid, places, lines["earned"].to_numpy()[kept])
    cumulated = grid.cumsum(axis=1)
    observed = size - np.arange(size)
    seen = np.arange(size)[None, :] < observed[:, None]
    paid = known[known["kind"] == SpendKind.ACQUISITION.value].groupby("month")["money"].sum()
    spent = paid.reindex(complete, fill_value=0).to_numpy("int64")
    new = first.value_counts().reindex(complete, fill_value=0).to_numpy("int64")
    covered = seen & (cumulated >= spent[:, None]) & (new > 0)[:, None] & (spent > 0)[:, None]
    so_far = cumulated[np.arange(size), observed - 1] if size else np.zeros(0, dtype="int64")
    table = pd.DataFrame(
        {
            "month": complete,
            "new_customers": new,
            "acquisition_spend": spent / SCALE,
            "margin_so_far": so_far / SCALE,
            "paid_share": so_far / np.where(spent > 0, spent, np.nan),
            "payback_months": np.where(covered.any(axis=1), covered.argmax(axis=1), np.nan),
            "observed_months": observed,
            "is_early": complete < pd.Timestamp(calendar.newcomers_from),
        }
    )
    return table.iloc[::-1].reset_index(drop=True)


def _payback_sentence(judged: pd.DataFrame, median: float) -> Message:
    if judged.empty:
        return say("No cohort of new customers has had 12 months to pay back")
    n, paid = len(judged), int(judged["payback_months"].notna().sum())
    if not np.isfinite(median):
        return say("Paid back: {paid:count} of {n:count} cohorts that had 12 months or more", paid=paid, n=n)
    if not median:
        return say(
            "Half of the cohorts pay back in their first month; paid back so far: {paid:count} of {n:count}",
            paid=paid,
            n=n,
        )
    return say(
        "Half of the cohorts pay back within {months:num} months; paid back: {paid:count} of {n:count}",
        months=median,
        paid=paid,
        n=n,
    )


@finds(SPEND_EVENTS)
def which_events_were_paid(
    spend: pd.DataFrame, facts: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar
) -> Finding:
    """What the money went into, and how many new customers came in months with and without it.

    Per event and kind: times, money, hours, and new customers per month in months with it against complete months
    without it, the left-censored months aside; shown with at least three months on both sides. Events stand
    in many months and several at once: the figures say what went together, not what worked.

    Parameters
    ----------
    spend, facts, orders : DataFrame
        Contracts ``spend``, ``customer_facts``, ``customer_orders``.
    calendar : Calendar
        Gives the complete months.

    Returns
    -------
    Finding
        Table ``spend_events``, the most money first; numbers events.kinds and events.acquisition_share_12m (of the
        spending of the last 12 months). Absent without spending.
    """
    names = ("events.kinds", "events.acquisition_share_12m")
    known = known_spend(spend, calendar)
    question = say("What was the money spent on?")
    if known.empty:
        return _no_spend(SPEND_EVENTS, question, names)
    monthly = _monthly(known, facts, orders, calendar)
    table = _event_table(known, monthly)
    year = monthly.tail(YEAR_MONTHS)
    both = int(year["acquisition"].sum() + year["retention"].sum())
    share = int(year["acquisition"].sum()) / both if both else None
    numbers: dict[str, Any] = {names[0]: len(table)}
    numbers |= absent_numbers(names[1:], "nothing spent in 12 months") if share is None else {names[1]: share}
    return Finding(
        SPEND_EVENTS.name,
        question=question,
        sentence=_event_sentence(table, share),
        table=table,
        numbers=numbers,
        sub=say("Spending by event over all complete months; new customers per month with and without it"),
        base=say("Spendings: {n:count}; complete months: {months:count}", n=len(known), months=len(monthly)),
        show=("event", "kind", "times", Show("amount", bar=True), "amount_share", "hours", "new_with", "new_without"),
        caveats=[
            Caveat(
                say("What went together is not what worked"),
                say(
                    "Events run beside each other and beside the season; to know one, leave it out for some customers."
                ),
                Weight.GREEN,
            )
        ],
    )


def _event_table(known: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    named = known.assign(event=known["event"].astype("object").where(known["event"].notna(), ""))
    late = monthly[~monthly["is_early"]]
    whole = int(known["money"].sum())
    rows = []
    for (event, kind), part in named.groupby(["event", "kind"], sort=True):
        with_it = late["month"].isin(part["month"])
        sides = [late.loc[rows_, "new_customers"] for rows_ in (with_it, ~with_it)]
        is_told = min(map(len, sides)) >= FEWEST_MONTHS
        rows.append(
            {
                "event": event or None,
                "kind": kind,
                "times": len(part),
                "amount": int(part["money"].sum()) / SCALE,
                "amount_share": int(part["money"].sum()) / whole if whole else None,
                "hours": float(part["hours"].sum()) if part["hours"].notna().any() else None,
                "months_with": len(sides[0]),
                "new_with": float(sides[0].mean()) if is_told else None,
                "months_without": len(sides[1]),
                "new_without": float(sides[1].mean()) if is_told else None,
            }
        )
    frame = pd.DataFrame(rows).sort_values(["amount", "kind", "event"], ascending=[False, True, True], kind="stable")
    return SPEND_EVENTS.conform(frame.reset_index(drop=True))


def _event_sentence(table: pd.DataFrame, share: float | None) -> Message:
    first = table.iloc[0]
    name = say("{event:value}", event=first["event"]) if isinstance(first["event"], str) else say("without a name")
    if share is None:
        return say("Most was spent on: {event:value}, {money:money}", event=name, money=float(first["amount"]))
    return say(
        "Of 12 months' spending {share:share} went into new customers. Most in all months: "
        "{event:value}, {money:money}",
        share=share,
        event=name,
        money=float(first["amount"]),
    )
