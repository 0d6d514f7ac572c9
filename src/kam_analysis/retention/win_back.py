"""Whether those who stopped can be won back: returns by length of silence on own data, whom to ask, what it brought."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.facts.rhythm import fit_rhythm
from kam_analysis.findings import Caveat, Finding, Message, Show, absent_numbers, say, say_n
from kam_analysis.params import Retention
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import SilenceKind

_MANAGER = col.MANAGER("The customer's manager.")

_RETURNED = (
    col.count("returned", say("Came back"), "With an order in the days after; hidden when too few.", nullable=True),
    col.share("return_share", say("Chance of a return"), "Came back over those followed.", nullable=True),
    col.LOW,
    col.HIGH,
)

RETURN_BY_SILENCE = Table(
    "return_by_silence",
    "one length of silence, of all that grew so long or of those that were unusual for the customer",
    (
        col.member("silence_kind", say("Silences"), "Which silences.", SilenceKind),
        col.count("silence_days", say("Days without an order"), "Days without an order that were passed.", low=1),
        col.CUSTOMERS("Followed long enough and not asked to come back."),
        *_RETURNED,
    ),
    ("silence_kind", "silence_days"),
)

WIN_BACK_LIST = Table(
    "win_back_list",
    "one regular customer who stopped",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        _MANAGER,
        col.date("last_on", say("Last order"), "Last order day."),
        col.DAYS_WITHOUT_ORDER,
        col.days("days_since_stop", say("Since stop, days"), "Since the next order was due.", nullable=True, low=0),
        col.NET_SALES_YEAR("12 months up to the last order."),
        col.money("margin_year", say("Margin, last year"), "12 months up to the last order.", nullable=True),
        col.count("customers", say("n"), "Silences that the chance stands on."),
        *_RETURNED[1:],
        col.money("expected", say("Expected unaided"), "Chance times margin; net sales without a cost.", nullable=True),
        col.value("lost_reason", say("Reason"), "Why it left, as recorded.", nullable=True),
    ),
    ("customer_id",),
)

WIN_BACK_RESULTS = Table(
    "win_back_results",
    "one band of the delay between the last order and the win-back contact",
    (
        col.count("above_days", say("Delay above, days"), "Exclusive lower edge."),
        col.count("until_days", say("up to, days"), "Inclusive upper edge.", True, 1, absent=say("no limit")),
        col.CONTACTS("First contact of a silence, followed long enough."),
        *_RETURNED,
    ),
    ("above_days",),
)


WIN_BACK = "win-back"
NOT_RECOVERABLE = "no"
LIST_NUMBERS = ("win_back.customers", "win_back.net_sales", "win_back.expected")
FEWEST_TOLD = 30
NO_TEST = Caveat(
    say("This does not test our action"),
    say(
        "Shares tell who came back, not who came back because of us: managers choose whom they ask, and the willing "
        "are asked first."
    ),
)


def share_row(successes: int, trials: int, names: tuple[str, str], fewest: int) -> dict[str, Any]:
    """Count, share and Wilson interval of one row; all but the base missing below the minimum.

    Examples
    --------
    >>> share_row(1, 2, ("returned", "return_share"), 10)["return_share"] is None
    True
    """
    count, share = names
    if trials < fewest:
        return dict.fromkeys((count, share, "low", "high"))
    low, high = wilson(successes, trials)
    return {count: successes, share: successes / trials, "low": low, "high": high}


def inter_purchase_gaps(days: pd.DataFrame, interactions: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Every silence between two order days or since the last one, with the first win-back contact in it.

    Parameters
    ----------
    days : DataFrame
        From `order_days`.
    interactions : DataFrame
        ``interactions``; empty where the source has none.
    calendar : Calendar
        At the reference date; later contacts are unknown.

    Returns
    -------
    DataFrame
        customer_id, from_on, place and since_first_days (order days so far, and days since the first), gap_days,
        is_closed, observed_days (to the reference date), asked_after_days (missing where nobody asked).

    Examples
    --------
    >>> import datetime as dt
    >>> days = pd.DataFrame({"customer_id": ["a"], "ordered_on": pd.to_datetime(["2024-01-01"]), "gap_days": [90],
    ...                      "place": [1], "since_first_days": [0], "is_closed": [False]})
    >>> asked = pd.DataFrame({"customer_id": ["a"], "type": ["win-back"], "date": pd.to_datetime(["2024-02-10"])})
    >>> calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 31))
    >>> inter_purchase_gaps(days, asked, calendar)["asked_after_days"].tolist()
    [40.0]
    """
    columns = ["customer_id", "ordered_on", "place", "since_first_days", "gap_days", "is_closed"]
    spans = days[columns].rename(columns={"ordered_on": "from_on"})
    spans = spans.assign(observed_days=(pd.Timestamp(calendar.as_of) - spans["from_on"]).dt.days)
    is_known = (interactions["type"] == WIN_BACK) & (interactions["date"] < pd.Timestamp(calendar.as_of))
    asked = interactions.loc[is_known, ["customer_id", "date"]].merge(spans, on="customer_id")
    after = (asked["date"] - asked["from_on"]).dt.days
    inside = asked.assign(asked_after_days=after)[(after > 0) & (after < asked["gap_days"])]
    first = inside.groupby(["customer_id", "from_on"])["asked_after_days"].min()
    return spans.join(first.astype("float64"), on=["customer_id", "from_on"])


def is_unusual(spans: pd.DataFrame, silence_days: int, at_risk_below: float) -> npt.NDArray[np.bool_]:
    """Whether so long a silence would have been unlikely for the customer, by its order days before the silence.

    Chance of the silence as in the overdue ranking, ((b+T)/(b+T+L))^(a+n−1) with n order days over T days before it;
    a and b are fitted once over all buyers. A customer with one order day before the silence has no rhythm yet: no.

    Examples
    --------
    >>> spans = pd.DataFrame({"place": [1, 10, 10], "since_first_days": [0, 90, 90], "is_closed": [True, True, False]})
    >>> is_unusual(spans, 60, 0.10).tolist()
    [False, True, True]
    """
    last = spans[~spans["is_closed"]]
    fit = fit_rhythm(last["place"], last["since_first_days"])
    if fit.pooled_rate is None:
        return np.zeros(len(spans), dtype=bool)
    repeats, lifetime = spans["place"].to_numpy() - 1, spans["since_first_days"].to_numpy()
    if fit.shape is None or fit.rate_days is None:
        logged = np.full(len(spans), -fit.pooled_rate * silence_days)
    else:
        logged = -(fit.shape + repeats) * np.log1p(silence_days / (fit.rate_days + lifetime))
    unusual: npt.NDArray[np.bool_] = (repeats > 0) & (np.exp(logged) < at_risk_below)
    return unusual


@finds(RETURN_BY_SILENCE)
def return_by_silence(spans: pd.DataFrame, at_risk_below: float, rules: Retention) -> Finding:
    """How likely a customer who fell silent comes back by itself, by the length of its silence, on own data.

    For each length L of `silence_days`: every customer's first silence that reached L days and was followed for
    `return_days` more; share of them with an order in those days, with the 95 % Wilson interval. One silence per
    customer, so that the cases are independent. Silences with a win-back contact before the order or the end of those
    days are left out. Once over the silences that were unusual for the customer (`is_unusual`), for whoever stopped is
    one of them, and once over all. Fewer than `min_cell`: hidden.

    Parameters
    ----------
    spans : DataFrame
        From `inter_purchase_gaps`.
    at_risk_below : float
        ``segments.life_cycle.at_risk_below``: a chance of silence below it is unusual.
    rules : params.Retention
        `silence_days`, `return_days`, `min_cell`.

    Returns
    -------
    Finding
        Table ``return_by_silence``; numbers ``return.<L>d`` and ``return.<L>d.n`` of the unusual silences.

    Notes
    -----
    Source: article C: a client who left can be won back only if it is done very quickly.
    """
    question = say("How likely does a silent customer come back by itself?")
    rows = [
        _return_row(spans, kind, length, at_risk_below, rules)
        for kind in SilenceKind
        for length in sorted({*rules.silence_days})
    ]
    table = RETURN_BY_SILENCE.conform(pd.DataFrame(rows, columns=RETURN_BY_SILENCE.names))
    numbers: dict[str, Any] = {}
    for row in rows[: len({*rules.silence_days})]:
        name = f"return.{row['silence_days']}d"
        numbers[f"{name}.n"] = row["customers"]
        if row["return_share"] is None:
            numbers |= absent_numbers([name], f"fewer than {rules.min_cell} customers")
        else:
            numbers[name] = row["return_share"]
    known = table[(table["silence_kind"] == SilenceKind.UNUSUAL) & table["return_share"].notna()]
    if known.empty:
        return Finding(
            name=RETURN_BY_SILENCE.name,
            question=question,
            sentence=say("The chance of a return cannot be estimated"),
            table=table,
            numbers=numbers,
            absent=say(
                "Not measurable: fewer than {n:count} customers were unusually silent for {silence:count} days and "
                "followed for {days:count} more.",
                n=rules.min_cell,
                silence=min(rules.silence_days),
                days=rules.return_days,
            ),
        )
    return Finding(
        name=RETURN_BY_SILENCE.name,
        question=question,
        sentence=_return_sentence(known, rules),
        table=table,
        numbers=numbers,
        sub=say(
            "Share with an order in the next {days:count} days, of customers so silent against their own rhythm and "
            "not asked to come back; line: 95 % interval",
            days=rules.return_days,
        ),
        base=say(
            "One silence per customer, the first that grew so long; under {n:count} customers hidden.", n=rules.min_cell
        ),
        drawing="retention.return_by_silence",
        caveats=[NO_TEST],
    )


def _return_row(
    spans: pd.DataFrame, kind: SilenceKind, length: int, at_risk_below: float, rules: Retention
) -> dict[str, Any]:
    end = length + rules.return_days
    counts = is_unusual(spans, length, at_risk_below) if kind is SilenceKind.UNUSUAL else np.full(len(spans), True)
    reached = spans[(spans["gap_days"] > length) & (spans["observed_days"] >= end) & counts]
    first = reached.sort_values("from_on").drop_duplicates("customer_id")
    unaided = first[~(first["asked_after_days"] <= np.minimum(first["gap_days"], end))]
    returned = int((unaided["is_closed"] & (unaided["gap_days"] <= end)).sum())
    row = {"silence_kind": kind.value, "silence_days": length, "customers": len(unaided)}
    return row | share_row(returned, len(unaided), ("returned", "return_share"), rules.min_cell)


def _return_sentence(known: pd.DataFrame, rules: Retention) -> Message:
    told = known[known["customers"] >= FEWEST_TOLD]
    first, last = (known if told.empty else told).iloc[[0, -1]].to_dict("records")
    if first["silence_days"] == last["silence_days"]:
        return say(
            "After {silence:count} days of silence {share:share} of {n:count} order within {days:count} more by "
            "themselves",
            silence=int(first["silence_days"]),
            share=float(first["return_share"]),
            n=int(first["customers"]),
            days=rules.return_days,
        )
    return say(
        "After {short:count} days of silence {share:share} of {n:count} order within {days:count} more by themselves, "
        "after {long:count} days {later:share} of {m:count}",
        short=int(first["silence_days"]),
        share=float(first["return_share"]),
        n=int(first["customers"]),
        days=rules.return_days,
        long=int(last["silence_days"]),
        later=float(last["return_share"]),
        m=int(last["customers"]),
    )


def stopped_sales(lines: Engine, calendar: Calendar) -> pd.DataFrame:
    """Net sales and margin of every buyer in the 12 months up to its last order day.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines`` and ``customer_orders``.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    DataFrame
        customer_id, last_on, net_sales_year, margin_year (of the lines with a cost; missing where none has one).
    """
    lines.materialise("stopped_sales", statement(__file__, "stopped_sales"), as_of=calendar.as_of)
    return lines.frame("stopped_sales")


@finds(WIN_BACK_LIST)
def win_back_list(
    facts: pd.DataFrame,
    gone: pd.Series,
    sales: pd.DataFrame,
    returns: pd.DataFrame,
    customers: pd.DataFrame,
    rules: Retention,
) -> Finding:
    """Whom to win back: repeat customers who stopped or are lost, by the margin to expect.

    Listed: at least two order days, stopped or lost (`gone_customers`), and a silence longer than the shortest of
    `silence_days`. The chance of an unaided return is (x + ½)/(n + 1), x of n returned after the
    longest silence of the table that the customer has passed, so that none of a few is not taken for never; missing
    where that one is hidden. Expected margin = chance · margin of the 12 months up to the last order (net sales
    where no cost is known): what comes back without us. Days since the stop count from the day on which the next
    order was due by the customer's own median gap. Customers whom the table ``customers`` calls not recoverable are
    left out and counted.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    gone : Series
        From `gone_customers`.
    sales : DataFrame
        From `stopped_sales`.
    returns : DataFrame
        ``return_by_silence``.
    customers : DataFrame
        ``customers``; lost_reason and recoverable where the source has them.
    rules : params.Retention
        `silence_days`.

    Returns
    -------
    Finding
        Table ``win_back_list``; numbers win_back.customers, win_back.net_sales, win_back.expected.
    """
    question = say("Whom to win back?")
    if not (facts["order_days"] > 1).any():
        return Finding(
            name=WIN_BACK_LIST.name,
            question=question,
            sentence=say("Nobody has a rhythm yet"),
            table=WIN_BACK_LIST.empty(),
            numbers=absent_numbers(LIST_NUMBERS, "no customer has two order days"),
            absent=say("Not measurable: no customer has ordered on two days."),
        )
    stopped = facts[
        (facts["order_days"] > 1) & facts["customer_id"].isin(gone) & (facts["recency_days"] > min(rules.silence_days))
    ]
    record = customers[["customer_id", "lost_reason", "recoverable"]].drop_duplicates("customer_id")
    known = stopped.merge(record, on="customer_id", how="left").merge(sales, on="customer_id", how="left")
    is_gone = known["recoverable"].astype("str").str.lower().eq(NOT_RECOVERABLE).to_numpy(dtype=bool, na_value=False)
    listed = _with_chance(known[~is_gone], returns)
    has_margin = listed["margin_year"].notna().any()
    worth = listed["margin_year"] if has_margin else listed["net_sales_year"]
    due = (listed["recency_days"] - listed["median_gap_days"]).clip(lower=0)
    listed = listed.assign(expected=listed["return_share"] * worth, days_since_stop=due).sort_values(
        ["expected", "net_sales_year", "customer_id"], ascending=[False, False, True], ignore_index=True
    )
    table = WIN_BACK_LIST.conform(listed)
    unknown = int(table["expected"].isna().sum())
    numbers: dict[str, Any] = {
        "win_back.customers": len(table),
        "win_back.net_sales": money.total(table["net_sales_year"]),
    }
    if unknown and unknown == len(table):
        numbers |= absent_numbers(["win_back.expected"], f"fewer than {rules.min_cell} such silences were followed")
    else:
        numbers["win_back.expected"] = float(table["expected"].sum())
    return Finding(
        name=WIN_BACK_LIST.name,
        question=question,
        sentence=_list_sentence(numbers, bool(has_margin)),
        table=table,
        numbers=numbers,
        sub=say(
            "Expected: chance of an unaided return in {days:count} days, by the silence passed, times {what}; what "
            "comes back without us",
            days=rules.return_days,
            what=say("the margin of the 12 months up to the last order")
            if has_margin
            else say("the net sales of the 12 months up to the last order"),
        ),
        base=_list_base(int(is_gone.sum()), unknown),
        show=(
            "customer_name", "manager", "days_since_stop", "recency_days", "net_sales_year",
            *(("margin_year",) if has_margin else ()), Show("return_share"), "low", "high", "expected",
            *(("lost_reason",) if table["lost_reason"].notna().any() else ()),
        ),
        most_rows=6,
        none=say("Nobody who bought regularly has stopped."),
        caveats=[NO_TEST],
    )  # fmt: skip


def _with_chance(stopped: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    returns = returns[returns["silence_kind"] == SilenceKind.UNUSUAL]
    edges = returns["silence_days"].to_numpy(dtype=np.float64)
    passed = np.searchsorted(edges, stopped["recency_days"].to_numpy(dtype=np.float64), side="left") - 1
    chances = returns[["customers", "returned", "low", "high"]].iloc[passed].set_axis(stopped.index)
    return stopped.join(chances.assign(return_share=(chances["returned"] + 0.5) / (chances["customers"] + 1)))


def _list_sentence(numbers: dict[str, Any], has_margin: bool) -> Message:
    values = {
        "n": numbers["win_back.customers"],
        "sales": numbers["win_back.net_sales"],
        "expected": numbers["win_back.expected"],
    }
    if not values["n"]:
        return say("Nobody who bought regularly has stopped.")
    if values["expected"] is None:
        return say_n(
            "{n:count} repeat customer has stopped or is lost, with {sales:money} of yearly net sales",
            "{n:count} repeat customers have stopped or are lost, with {sales:money} of yearly net sales",
            count="n",
            n=values["n"],
            sales=values["sales"],
        )
    if has_margin:
        return say_n(
            "{n:count} repeat customer has stopped or is lost, with {sales:money} of yearly net sales; "
            "{expected:money} of margin would come back unaided",
            "{n:count} repeat customers have stopped or are lost, with {sales:money} of yearly net sales; "
            "{expected:money} of margin would come back unaided",
            count="n",
            **values,
        )
    return say_n(
        "{n:count} repeat customer has stopped or is lost, with {sales:money} of yearly net sales, of which "
        "{expected:money} would come back unaided",
        "{n:count} repeat customers have stopped or are lost, with {sales:money} of yearly net sales, of which "
        "{expected:money} would come back unaided",
        count="n",
        **values,
    )


def _list_base(gone: int, unknown: int) -> Message:
    if unknown:
        return say(
            "Left out as not recoverable: {gone:count}. No chance of a return can be given to {unknown:count}: too few "
            "such silences were followed; their money is in no expectation.",
            gone=gone,
            unknown=unknown,
        )
    return say("Left out as not recoverable: {n:count}.", n=gone)


@finds(WIN_BACK_RESULTS)
def win_back_results(spans: pd.DataFrame, interactions: pd.DataFrame, rules: Retention) -> Finding:
    """What win-back contacts brought, by the delay since the last order.

    The first win-back contact of each silence that was followed for `return_days`; came back = an order in those days.
    Delay = days from the last order before the contact, in bands with the edges `silence_days`. Wilson interval at
    95 %, hidden under `min_cell` contacts.

    Parameters
    ----------
    spans : DataFrame
        From `inter_purchase_gaps`.
    interactions : DataFrame
        ``interactions``.
    rules : params.Retention
        `silence_days`, `return_days`, `min_cell`.

    Returns
    -------
    Finding
        Table ``win_back_results``; numbers win_back.contacts, win_back.returned.
    """
    question = say("What did win-back contacts bring?")
    names = ("win_back.contacts", "win_back.returned")
    asked = spans[spans["asked_after_days"].notna()]
    followed = asked[asked["observed_days"] - asked["asked_after_days"] >= rules.return_days]
    if followed.empty:
        reason, absent = _why_nothing(interactions, asked, rules)
        return Finding(
            name=WIN_BACK_RESULTS.name,
            question=question,
            sentence=say("Results of win-back contacts cannot be measured"),
            table=WIN_BACK_RESULTS.empty(),
            numbers=absent_numbers(names, reason),
            absent=absent,
        )
    came = followed["is_closed"] & (followed["gap_days"] - followed["asked_after_days"] <= rules.return_days)
    edges = [0, *sorted({*rules.silence_days}), None]
    rows = []
    for above, until in pairwise(edges):
        assert above is not None
        inside = (followed["asked_after_days"] > above) & (until is None or followed["asked_after_days"] <= until)
        contacts = int(inside.sum())
        rows.append(
            {"above_days": above, "until_days": until, "contacts": contacts}
            | share_row(int((came & inside).sum()), contacts, ("returned", "return_share"), rules.min_cell)
        )
    table = WIN_BACK_RESULTS.conform(pd.DataFrame(rows, columns=WIN_BACK_RESULTS.names))
    returned = int(came.sum())
    return Finding(
        name=WIN_BACK_RESULTS.name,
        question=question,
        sentence=say_n(
            "{returned:count} of {n:count} win-back contact was followed by an order within {days:count} days; median "
            "delay {delay:num} days",
            "{returned:count} of {n:count} win-back contacts were followed by an order within {days:count} days; "
            "median delay {delay:num} days",
            count="n",
            n=len(followed),
            returned=returned,
            days=rules.return_days,
            delay=float(followed["asked_after_days"].median()),
        ),
        table=table,
        numbers=dict(zip(names, (len(followed), returned), strict=True)),
        sub=say("By days from the last order to the contact; share with an order in the {n:count} days after it",
                n=rules.return_days),
        base=say("First contact of each silence, followed long enough; under {n:count} contacts no share is given.",
                 n=rules.min_cell),
        show=("above_days", "until_days", "contacts", "returned", Show("return_share", bar=True), "low", "high"),
        caveats=[NO_TEST],
    )  # fmt: skip


def _why_nothing(interactions: pd.DataFrame, asked: pd.DataFrame, rules: Retention) -> tuple[str, Message]:
    if interactions.empty:
        return "no table interactions", say("Not measurable: the source has no table {table}.", table="interactions")
    if asked.empty:
        return (
            "no win-back contact during a silence",
            say("Not measurable: the table interactions holds no contact of the type win-back during a silence."),
        )
    return (
        f"no win-back contact was followed for {rules.return_days} days",
        say("Not measurable: no win-back contact was followed for {n:count} days.", n=rules.return_days),
    )
