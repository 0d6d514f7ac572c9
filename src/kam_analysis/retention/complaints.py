"""How fast complaints are answered and closed, and how many complaints and returns there are per hundred orders."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.survival import alive_at, kaplan_meier, time_until
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, is_absent, say
from kam_analysis.frames import number
from kam_analysis.params import Retention
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled, ReasonKind


class ComplaintStep(Labelled):
    """What a complaint waits for; the value is the column of ``interactions``."""

    ANSWERED = "answered_at", say("first answer")
    CLOSED = "closed", say("closed")


_COMPLAINTS = col.count("complaints", say("Complaints"))

COMPLAINT_TIMES = Table(
    "complaint_times",
    "one step of handling complaints, in all or of one reason",
    (
        col.member("step", say("Step"), "First answer, or closed.", ComplaintStep),
        col.REASON("Reason of the complaints.", absent=say("all complaints")),
        _COMPLAINTS("Opened before the reference date.", low=1),
        col.count("open", say("Still waiting"), "Not done by the reference date."),
        col.MEDIAN_DAYS("Half are done by then (Kaplan–Meier).", low=0),
        col.P90_DAYS("Nine of ten are done by then.", low=0),
        col.share("share_3d", say("In 3 days"), "Done within 3 days.", nullable=True),
        col.share("share_7d", say("In 7 days"), "Done within 7 days.", nullable=True),
    ),
    ("step", "reason"),
)

QUALITY_MONTHS = Table(
    "quality_months",
    "one complete month",
    (
        col.MONTH("Calendar month."),
        col.ORDERS("Orders of the month."),
        _COMPLAINTS("Dated in the month."),
        col.number("complaints_per_100", say("Per 100 orders"), "Complaints per 100 orders.", nullable=True, low=0),
        col.count("returns", say("Returns"), "Returns noted in the month."),
        col.number("returns_per_100", say("Per 100 orders"), "Returns per 100 orders.", nullable=True, low=0),
    ),
    ("month",),
)


YEAR = 12
TIME_NUMBERS = ("complaints.answer_median_days", "complaints.close_median_days", "complaints.open")
RATE_NUMBERS = ("complaints.per_100_12m", "returns.per_100_12m")
NO_TABLE = say("Not measurable: the source has no table {table}.", table="interactions")


@finds(COMPLAINT_TIMES)
def complaint_times(interactions: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """How many days complaints wait for an answer and until they are closed.

    From `opened_at` (the date of the contact where it is missing) to `answered_at` and to `closed`; what is not done by
    the reference date counts as open for so long (Kaplan–Meier). Median, day by which nine of ten are done, share done
    within 3 and 7 days; in all and by reason, hidden below `min_cell` complaints.

    Parameters
    ----------
    interactions : DataFrame
        ``interactions``.
    calendar : Calendar
        At the reference date.
    rules : params.Retention
        `min_cell`.

    Returns
    -------
    Finding
        Table ``complaint_times``; numbers complaints.answer_median_days, complaints.close_median_days, complaints.open.
    """
    question = say("How fast are complaints handled?")
    as_of = pd.Timestamp(calendar.as_of)
    known = interactions[interactions["type"] == ReasonKind.COMPLAINT]
    known = known.assign(start_on=known["opened_at"].fillna(known["date"]))
    known = known[known["start_on"] < as_of]
    steps = [step for step in ComplaintStep if known[step.value].notna().any()]
    if not steps:
        reason, absent = _why_no_times(interactions, known)
        return Finding(
            name=COMPLAINT_TIMES.name,
            question=question,
            sentence=say("Handling of complaints cannot be measured"),
            table=COMPLAINT_TIMES.empty(),
            numbers=absent_numbers(TIME_NUMBERS, reason),
            absent=absent,
        )
    reasons = sorted(known["reason"].dropna().unique())
    rows = [
        _time_row(known if reason is None else known[known["reason"] == reason], step, reason, as_of, rules)
        for step in steps
        for reason in (None, *reasons)
    ]
    table = COMPLAINT_TIMES.conform(pd.DataFrame(rows, columns=COMPLAINT_TIMES.names))
    whole = table[table["reason"].isna()].set_index("step")
    numbers = _time_numbers(whole)
    return Finding(
        name=COMPLAINT_TIMES.name,
        question=question,
        sentence=_time_sentence(whole, numbers),
        table=table,
        numbers=numbers,
        sub=say("Days from the opening of a complaint; what is not done yet counts as open so long (Kaplan–Meier)"),
        base=say(
            "{n:count} complaints; under {few:count} of a reason nothing is given.", n=len(known), few=rules.min_cell
        ),
        show=(
            "step",
            "reason",
            "complaints",
            "open",
            "median_days",
            "p90_days",
            "share_3d",
            "share_7d",
        ),
        caveats=_missing_steps(steps),
    )


def _why_no_times(interactions: pd.DataFrame, known: pd.DataFrame) -> tuple[str, Message]:
    if interactions.empty:
        return "no table interactions", NO_TABLE
    if known.empty:
        return "no complaint", say("Not measurable: the table interactions holds no complaint.")
    return (
        "neither answered_at nor closed",
        say("Not measurable: the table interactions has neither answered_at nor closed for complaints."),
    )


def _time_row(
    part: pd.DataFrame, step: ComplaintStep, reason: str | None, as_of: pd.Timestamp, rules: Retention
) -> dict[str, Any]:
    done_on = part[step.value].where(part[step.value] < as_of)
    row: dict[str, Any] = {
        "step": step.value, "reason": reason, "complaints": len(part), "open": int(done_on.isna().sum()),
    }  # fmt: skip
    if len(part) < rules.min_cell:
        return row
    waited = (done_on.fillna(as_of) - part["start_on"]).dt.days.clip(lower=0)
    curve = kaplan_meier(waited, done_on.notna())
    shares = {f"share_{days}d": float(1 - alive_at(curve, [days])[0]) for days in (3, 7)}
    return row | shares | {"median_days": time_until(curve, 0.5), "p90_days": time_until(curve, 0.1)}


def _time_numbers(whole: pd.DataFrame) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for name, step in zip(TIME_NUMBERS, (ComplaintStep.ANSWERED, ComplaintStep.CLOSED), strict=False):
        value = whole.loc[step, "median_days"] if step in whole.index else None
        if is_absent(value):
            numbers |= absent_numbers([name], "too few complaints, too many open ones, or the date is missing")
        else:
            numbers[name] = number(value)
    last = whole.index[-1]
    return numbers | {TIME_NUMBERS[2]: int(number(whole.loc[last, "open"]))}


def _time_sentence(whole: pd.DataFrame, numbers: dict[str, Any]) -> Message:
    answer, close = (numbers[name] for name in TIME_NUMBERS[:2])
    values = {"n": int(whole["complaints"].iloc[0]), "open": numbers["complaints.open"]}
    if answer is not None and close is not None:
        return say(
            "Median days from a complaint to the answer: {answer:num}, until it is closed: {close:num}; still open: "
            "{open:count} of {n:count}",
            answer=answer,
            close=close,
            **values,
        )
    return say("Open complaints: {open:count} of {n:count}", **values)


def _missing_steps(steps: list[ComplaintStep]) -> list[Caveat]:
    return [
        Caveat(
            say("Not every date is in the data"),
            say("The table interactions has no date for: {names:names}.", names=[step]),
        )
        for step in ComplaintStep
        if step not in steps
    ]


@finds(QUALITY_MONTHS)
def quality_months(interactions: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar) -> Finding:
    """Complaints and returns per hundred orders, by complete month.

    Contacts of the types complaint and return dated in the month, over the orders of the month, times 100; a month
    without an order has no rate.

    Parameters
    ----------
    interactions, orders : DataFrame
        ``interactions``, ``customer_orders``.
    calendar : Calendar
        Complete months.

    Returns
    -------
    Finding
        Table ``quality_months``, latest first; numbers complaints.per_100_12m, returns.per_100_12m (last 12 complete
        months, or fewer).
    """
    question = say("Do complaints and returns grow?")
    months = calendar.complete_months
    kinds = (ReasonKind.COMPLAINT, ReasonKind.RETURN)
    told = interactions[interactions["type"].isin([*map(str, kinds)])]
    if told.empty or not months:
        reason = "no table interactions" if interactions.empty else "no complaint or return, or no complete month"
        return Finding(
            name=QUALITY_MONTHS.name,
            question=question,
            sentence=say("Complaints per order cannot be measured"),
            table=QUALITY_MONTHS.empty(),
            numbers=absent_numbers(RATE_NUMBERS, reason),
            absent=NO_TABLE
            if interactions.empty
            else say("Not measurable: no complaint or return in interactions, or no complete month."),
        )
    index = pd.DatetimeIndex(pd.to_datetime(months))
    counts = {"orders": _per_month(orders["ordered_on"], index)}
    counts |= {f"{kind}s": _per_month(told.loc[told["type"] == kind, "date"], index) for kind in kinds}
    table = pd.DataFrame(counts, index=index).rename_axis("month").reset_index()
    some = table["orders"].where(table["orders"] > 0)
    table = QUALITY_MONTHS.conform(
        table.assign(
            complaints_per_100=100 * table["complaints"] / some, returns_per_100=100 * table["returns"] / some
        ).iloc[::-1]
    ).reset_index(drop=True)
    now, before = table.head(YEAR), table.iloc[YEAR : 2 * YEAR]
    rates = _rates(now)
    numbers: dict[str, Any] = {}
    for name, rate in zip(RATE_NUMBERS, rates, strict=True):
        numbers |= {name: rate} if rate is not None else absent_numbers([name], "no order in these months")
    return Finding(
        name=QUALITY_MONTHS.name,
        question=question,
        sentence=_rate_sentence(rates, _rates(before) if len(before) == YEAR else (None, None)),
        table=table,
        numbers=numbers,
        sub=say("Complaints and returns per 100 orders, complete months {days:period}, latest first",
                days=(months[0], add_months(months[-1], 1) - pd.Timedelta(days=1))),
        show=("month", "orders", "complaints", "complaints_per_100", "returns", "returns_per_100"),
        most_rows=YEAR,
    )  # fmt: skip


def _per_month(dates: pd.Series, months: pd.DatetimeIndex) -> pd.Series:
    found: pd.Series = (
        dates.dt.to_period("M").dt.start_time.value_counts().reindex(months, fill_value=0).astype("int64")
    )
    return found


def _rates(part: pd.DataFrame) -> tuple[float | None, float | None]:
    orders = int(part["orders"].sum())
    if not orders:
        return None, None
    return 100 * int(part["complaints"].sum()) / orders, 100 * int(part["returns"].sum()) / orders


def _rate_sentence(now: tuple[float | None, float | None], before: tuple[float | None, float | None]) -> Message:
    if now[0] is None:
        return say("No order in the last complete months")
    if before[0] is None:
        return say(
            "Per 100 orders of the last months {complaints:num1} complaints and {returns:num1} returns",
            complaints=now[0],
            returns=now[1],
        )
    return say(
        "Per 100 orders of the last 12 months {complaints:num1} complaints and {returns:num1} returns; in the 12 "
        "before {was:num1} and {returned:num1}",
        complaints=now[0],
        returns=now[1],
        was=before[0],
        returned=before[1],
    )
