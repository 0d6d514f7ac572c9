"""The health sheet: nine signals of every account, each with its verdict, value, n and date, and no sum of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.accounts.payments import late_invoices
from kam_analysis.accounts.sales import YEAR_MONTHS
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.intervals import discoveries
from kam_analysis.facts.triggers import latest_contracts
from kam_analysis.findings import Finding, Grid, Message, say
from kam_analysis.params import Params
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled

MEETINGS = ("visit", "call")
TROUBLES = ("complaint", "return")
LIMITS = {"nps": (6, 8), "csat": (2, 3)}  # up to the first act, up to the second watch
COLUMNS = ["verdict", "value", "n", "dated_on"]
MOST_SHOWN = 25


class Verdict(Labelled):
    """What one signal says; no signal is weighed against another."""

    GOOD = "good", say("in order")
    WATCH = "watch", say("watch")
    ACT = "act", say("act")
    FEW = "few", say("too few data")


class Signal(Labelled):
    """Signals of the health sheet, in the order of the page."""

    TREND = "trend", say("Trend")
    BREADTH = "breadth", say("Breadth")
    RHYTHM = "rhythm", say("Rhythm")
    MARGIN = "margin", say("Margin")
    PAYMENT = "payment", say("Payment")
    SERVICE = "service", say("Service")
    CONTACT = "contact", say("Contact")
    SURVEY = "survey", say("Survey")
    CONTRACT = "contract", say("Contract")


ACCOUNT_SIGNALS = Table(
    "account_signals",
    "one account with a dossier and signal of its health",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.member("signal", say("Signal"), "Which signal.", Signal),
        col.member(
            "verdict",
            say("Verdict"),
            "Of this signal alone; missing where the source has no data for it.",
            Verdict,
            nullable=True,
        ),
        col.count("level", say("Level"), "2 act, 1 watch, 0 in order or too few data.", nullable=True, high=2),
        col.number(
            "value",
            say("Value"),
            "Trend: change of net sales from the 12 months before; breadth: categories bought in both years; rhythm: "
            "days since the last order, of the member that is silent where one is; margin: change of the rate; "
            "payment: share of invoices late; service: complaints and returns of 12 months; contact: days since the "
            "last visit or call; survey: lowest latest answer; contract: days to the end.",
            nullable=True,
            by="signal",
            kinds={
                Signal.TREND.value: col.Kind.SHARE,
                Signal.BREADTH.value: col.Kind.COUNT,
                Signal.RHYTHM.value: col.Kind.DAYS,
                Signal.MARGIN.value: col.Kind.POINTS,
                Signal.PAYMENT.value: col.Kind.SHARE,
                Signal.SERVICE.value: col.Kind.COUNT,
                Signal.CONTACT.value: col.Kind.DAYS,
                Signal.SURVEY.value: col.Kind.NUMBER,
                Signal.CONTRACT.value: col.Kind.DAYS,
            },
        ),
        col.N(
            "Trend and margin: months that differ from the year before; breadth: categories of the year before; "
            "rhythm: order days; payment: invoices due in 12 months; service: orders of 12 months; contact: visits and "
            "calls of 12 months; survey: answers; contract: contracts.",
            nullable=True,
        ),
        col.date("dated_on", say("Date"), "Of what the verdict goes by.", nullable=True),
    ),
    ("account_id", "signal"),
)

LEVELS = {Verdict.ACT.value: 2, Verdict.WATCH.value: 1, Verdict.GOOD.value: 0, Verdict.FEW.value: 0}
COLOURS = (0.5, 0.5, 1.5, 1.5, 1.5)


def months_below(now: npt.NDArray[np.float64], then: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Count in how many months a value lies below that of the same month a year before, and the chance of so many.

    Sign test: equal and missing months left out, the upper tail of a binomial with ½.

    Parameters
    ----------
    now, then : ndarray
        One row per account, one column per month.

    Returns
    -------
    DataFrame
        n (months that differ), below, chance.

    Examples
    --------
    >>> months_below(np.array([[1.0, 1.0, 5.0]]), np.array([[2.0, 3.0, 5.0]])).values.tolist()
    [[2.0, 2.0, 0.25]]
    """
    from scipy.special import bdtrc

    moved = np.round(now - then, 6)
    n, below = (np.isfinite(moved) & (moved != 0)).sum(axis=1), (moved < 0).sum(axis=1)
    chance = np.where(below > 0, bdtrc(below - 1.0, np.maximum(n, 1), 0.5), 1.0)
    return pd.DataFrame({"n": n, "below": below, "chance": np.round(chance, 9)})


@finds(ACCOUNT_SIGNALS)
def account_signals(
    pages: pd.DataFrame,
    chosen: pd.DataFrame,
    facts: pd.DataFrame,
    chances: pd.DataFrame,
    months: pd.DataFrame,
    categories: pd.DataFrame,
    silent: pd.DataFrame,
    optional: dict[str, pd.DataFrame],
    calendar: Calendar,
    rules: Params,
) -> Finding:
    """Judge nine signals of every account with a dossier, each by itself.

    *Trend*: act where the account has stopped, or so many months lie below the year before that it is no chance
    (`months_below`, Benjamini and Hochberg over the accounts at ``chance_share``); watch below −``watch_change``.
    *Breadth*: act where a member no longer buys a category; watch where fewer categories are bought than the year
    before. *Rhythm*: act where the account has stopped or a member's silence is unusual; watch where one is likely
    silent. *Margin*: as trend, by the margin rate; watch from ``watch_margin`` points down. *Payment*: act where an
    invoice is overdue; watch where one of the last 12 months was paid late. *Service*: act on an open complaint
    (where the source records closings); watch on any complaint or return of 12 months. *Contact*: act beyond
    ``visit_days`` without a visit or call, or never; watch on one contact person or none. *Survey*: act on a latest
    answer up to 6 of 10 (2 of 5), watch up to 8 (3). *Contract*: act where a member's latest contract has ended; watch
    where it ends or asks for notice within ``contract_days``.

    Parameters
    ----------
    pages : DataFrame
        ``account_pages``.
    chosen : DataFrame
        account_id, customer_id.
    facts, chances : DataFrame
        ``customer_facts``, ``customer_chances``.
    months, categories, silent : DataFrame
        From `months_of`, `categories_of`, `silent_pairs`.
    optional : dict of str to DataFrame
        ``interactions``, ``contacts``, ``contracts``, ``payments``, ``survey``; an empty one is not in the data.
    calendar : Calendar
        At the reference date.
    rules : Params
        ``accounts.watch_change``, ``watch_margin``, ``facts.chance_share``, ``key_clients.visit_days``,
        ``actions.contract_days``, ``overdue_days``.

    Returns
    -------
    Finding
        Table ``account_health``; numbers ``health.<signal>.act`` and ``.watch``.
    """
    index = pd.Index(pages["account_id"], name="account_id")
    head = pages.set_index("account_id")
    account_of = chosen.set_index("customer_id")["account_id"]
    own = {
        name: frame.assign(account_id=frame["customer_id"].map(account_of)).dropna(subset=["account_id"])
        for name, frame in optional.items()
    }
    is_there = {name: len(frame) > 0 for name, frame in optional.items()}
    as_of = pd.Timestamp(calendar.as_of)
    parts = {
        Signal.TREND: _trend(months, head, calendar, rules),
        Signal.BREADTH: _breadth(categories, silent, account_of, calendar),
        Signal.RHYTHM: _rhythm(facts, chances, head, account_of, as_of),
        Signal.MARGIN: _margin(months, index, calendar, rules),
        Signal.PAYMENT: _payment(own["payments"], is_there["payments"], index, calendar, rules.actions.overdue_days),
        Signal.SERVICE: _service(own["interactions"], is_there["interactions"], head, calendar),
        Signal.CONTACT: _contact(own, is_there["interactions"], index, calendar, rules.key_clients.visit_days),
        Signal.SURVEY: _survey(own["survey"], as_of),
        Signal.CONTRACT: _contract(own["contracts"], as_of, rules.actions.contract_days),
    }
    rows = [part.reindex(columns=COLUMNS).assign(signal=signal.value) for signal, part in parts.items()]
    every = pd.MultiIndex.from_product([index, list(map(str, Signal))], names=["account_id", "signal"])
    found = pd.concat(rows).rename_axis("account_id").set_index("signal", append=True).reindex(every).reset_index()
    names = head["account_name"].reindex(found["account_id"]).to_numpy()
    table = ACCOUNT_SIGNALS.conform(found.assign(account_name=names, level=found["verdict"].map(LEVELS)))
    counted = table.groupby(["signal", "verdict"]).size()
    known = tuple(signal for signal in Signal if table.loc[table["signal"] == signal, "verdict"].notna().any())
    wanted = [(signal, verdict) for signal in Signal for verdict in (Verdict.ACT, Verdict.WATCH)]
    return Finding(
        ACCOUNT_SIGNALS.name,
        say("How is each account, signal by signal?"),
        _sentence(table, counted),
        table,
        {f"health.{signal}.{verdict}": int(counted.get((signal, verdict), 0)) for signal, verdict in wanted},
        sub=say("Verdict, then value, n and date. No signal is weighed against another; blank: not in the data."),
        base=say(
            "Trend: change on the 12 months before; breadth: categories still bought; rhythm, contact: days since; "
            "margin: points; payment: share late; service: complaints and returns; survey: lowest answer; contract: "
            "days to its end."
        ),
        grid=Grid("account_name", "signal", "level", ("value", "n", "dated_on"), COLOURS, known, "verdict"),
        most_rows=MOST_SHOWN,
        none=_sentence(table, counted),
    )


def _sentence(table: pd.DataFrame, counted: pd.Series) -> Message:
    acts = counted[counted.index.get_level_values("verdict") == Verdict.ACT.value].sort_values(
        ascending=False, kind="stable"
    )
    if acts.empty:
        return say("No signal of any account calls for action.")
    return say(
        "Most often to act on: {signal} ({n:count} of {m:count} accounts).",
        signal=Signal(acts.index[0][0]),
        n=int(acts.iloc[0]),
        m=table["account_id"].nunique(),
    )


def _verdicts(act: pd.Series, watch: pd.Series, few: pd.Series | None = None) -> pd.Series:
    words = np.select([act, watch], [Verdict.ACT.value, Verdict.WATCH.value], Verdict.GOOD.value)
    found = pd.Series(words, act.index)
    return found if few is None else found.mask(few & ~act, Verdict.FEW.value)


def _trend(months: pd.DataFrame, head: pd.DataFrame, calendar: Calendar, rules: Params) -> pd.DataFrame:
    compared = _compared(months, "net_sales", head.index, calendar)
    if compared is None:
        is_stopped = head["is_stopped"]
        return pd.DataFrame(
            {"verdict": _verdicts(is_stopped, is_stopped, ~is_stopped), "dated_on": head["last_order_on"]}
        )
    tested = months_below(*compared).set_index(head.index)
    act = head["is_stopped"] | discoveries(tested["chance"], rules.facts.chance_share)
    watch = head["change"] <= -rules.accounts.watch_change
    return pd.DataFrame(
        {
            "verdict": _verdicts(act, watch, head["change"].isna()),
            "value": head["change"],
            "n": tested["n"],
            "dated_on": _last_day(calendar),
        }
    )


def _compared(
    months: pd.DataFrame, column: str, index: pd.Index, calendar: Calendar
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """Give a value of the last twelve complete months and of the twelve before; None where these are not covered."""
    complete = calendar.complete_months
    if len(complete) < 2 * YEAR_MONTHS:
        return None
    fill = 0.0 if column == "net_sales" else np.nan
    wide = months.pivot_table(column, "account_id", "month", "sum").reindex(
        index=index, columns=pd.to_datetime(complete[-2 * YEAR_MONTHS :])
    )
    values = wide.fillna(fill).to_numpy(dtype=np.float64)
    return values[:, YEAR_MONTHS:], values[:, :YEAR_MONTHS]


def _last_day(calendar: Calendar) -> pd.Timestamp:
    complete = calendar.complete_months
    return pd.Timestamp(add_months(complete[-1], 1)) - pd.Timedelta(days=1)


def _breadth(categories: pd.DataFrame, silent: pd.DataFrame, account_of: pd.Series, calendar: Calendar) -> pd.DataFrame:
    if categories.empty:
        return pd.DataFrame()
    grouped = categories.assign(both=categories["is_bought"] & categories["was_bought"]).groupby("account_id")
    counted = grouped.agg(n=("was_bought", "sum"), value=("both", "sum"), now=("is_bought", "sum"))
    last = silent["last_on"].groupby(silent["customer_id"].map(account_of)).max().reindex(counted.index)
    is_told = calendar.first_order_on <= add_months(calendar.as_of, -2 * YEAR_MONTHS)
    few = pd.Series(not is_told, counted.index) | (counted["n"] == 0)
    verdict = _verdicts(last.notna(), (counted["now"] < counted["n"]) & ~few, few)
    known = counted.assign(value=counted["value"].where(~few), n=counted["n"].where(~few))
    return known.assign(verdict=verdict, dated_on=pd.to_datetime(last).fillna(pd.Timestamp(calendar.last_day)))


def _rhythm(
    facts: pd.DataFrame, chances: pd.DataFrame, head: pd.DataFrame, account_of: pd.Series, as_of: pd.Timestamp
) -> pd.DataFrame:
    own = facts.merge(chances, on="customer_id", how="left").assign(account_id=facts["customer_id"].map(account_of))
    own = own.assign(
        level=np.select([own["is_unusual_silence"].eq(True), own["is_likely_silent"].eq(True)], [2, 1], 0)
    ).dropna(subset=["account_id"])
    silent = own[own["level"] > 0].sort_values(["level", "recency_days", "customer_id"], ascending=[False, False, True])
    worst = silent.drop_duplicates("account_id").set_index("account_id").reindex(head.index)
    days = own.groupby("account_id")["order_days"].sum().reindex(head.index)
    last = worst["last_order_on"].fillna(head["last_order_on"])
    act = head["is_stopped"] | (worst["level"] == 2)
    return pd.DataFrame(
        {
            "verdict": _verdicts(act, worst["level"] == 1, last.isna() | (days < 2)),
            "value": (as_of - last).dt.days,
            "n": days,
            "dated_on": last,
        }
    )


def _margin(months: pd.DataFrame, index: pd.Index, calendar: Calendar, rules: Params) -> pd.DataFrame:
    if months.empty or months["margin"].isna().all():
        return pd.DataFrame()
    rated = months.assign(rate=months["margin"] / months["margin_base"].where(months["margin_base"] > 0))
    compared = _compared(rated, "rate", index, calendar)
    if compared is None:
        return pd.DataFrame({"verdict": Verdict.FEW.value}, index=index)
    tested = months_below(*compared).set_index(index)
    change = _year_rates(months, index, calendar)
    act = pd.Series(discoveries(tested["chance"], rules.facts.chance_share), index) & (change < 0)
    watch = change <= -rules.accounts.watch_margin
    return pd.DataFrame(
        {
            "verdict": _verdicts(act, watch, change.isna()),
            "value": change,
            "n": tested["n"],
            "dated_on": _last_day(calendar),
        }
    )


def _year_rates(months: pd.DataFrame, index: pd.Index, calendar: Calendar) -> pd.Series:
    year = pd.Timestamp(calendar.complete_months[-YEAR_MONTHS])
    sums = {
        is_now: part.groupby("account_id")[["margin", "margin_base"]].sum().reindex(index)
        for is_now, part in months.groupby(months["month"] >= year)
    }
    empty = pd.DataFrame(np.nan, index, ["margin", "margin_base"])
    now, then = (sums.get(is_now, empty) for is_now in (True, False))
    rates = [one["margin"] / one["margin_base"].where(one["margin_base"] > 0) for one in (now, then)]
    return rates[0] - rates[1]


def _payment(
    payments: pd.DataFrame, is_there: bool, index: pd.Index, calendar: Calendar, overdue_days: int
) -> pd.DataFrame:
    if not is_there:
        return pd.DataFrame()
    late = late_invoices(payments, calendar.as_of, overdue_days)
    due = late[
        (late["due_date"] >= pd.Timestamp(calendar.year_ago)) & (late["due_date"] < pd.Timestamp(calendar.as_of))
    ]
    year = due.groupby("account_id").agg(n=("is_late", "size"), value=("is_late", "mean"), dated_on=("due_date", "max"))
    year = year.reindex(index)
    is_overdue = late.groupby("account_id")["is_overdue"].any().reindex(index, fill_value=False)
    none = year["n"].isna()
    return year.assign(verdict=_verdicts(is_overdue, year["value"] > 0, none), n=year["n"].fillna(0))


def _service(cases: pd.DataFrame, is_there: bool, head: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    if not is_there:
        return pd.DataFrame()
    as_of = pd.Timestamp(calendar.as_of)
    known = cases[cases["type"].isin(TROUBLES) & (cases["date"] < as_of)]
    closes = known["type"].isin(set(known["type"][known["closed"].notna()]))
    is_open = known[(known["type"] == "complaint") & closes & ~(known["closed"] < as_of)]
    year = known[known["date"] >= pd.Timestamp(calendar.year_ago)].groupby("account_id")["date"].agg(["size", "max"])
    year = year.reindex(head.index)
    opened = is_open.groupby("account_id")["date"].max().reindex(head.index)
    act = opened.notna()
    return pd.DataFrame(
        {
            "verdict": _verdicts(act, year["size"] > 0),
            "value": year["size"].fillna(0),
            "n": head["orders_12m"],
            "dated_on": opened.fillna(year["max"]),
        }
    )


def _contact(
    own: dict[str, pd.DataFrame], is_there: bool, index: pd.Index, calendar: Calendar, visit_days: int
) -> pd.DataFrame:
    if not is_there:
        return pd.DataFrame()
    seen, as_of = own["interactions"], pd.Timestamp(calendar.as_of)
    met = seen[seen["type"].isin(MEETINGS) & (seen["date"] < as_of)]
    last = met.groupby("account_id")["date"].max().reindex(index)
    year = met[met["date"] >= pd.Timestamp(calendar.year_ago)].groupby("account_id").size()
    people = own["contacts"].groupby("account_id")["person"].nunique().reindex(index, fill_value=0)
    days = (as_of - last).dt.days
    single = (people < 2) & (len(own["contacts"]) > 0)
    return pd.DataFrame(
        {
            "verdict": _verdicts(last.isna() | (days > visit_days), single),
            "value": days,
            "n": year.reindex(index, fill_value=0),
            "dated_on": last,
        }
    )


def _survey(survey: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    asked = survey[survey["question"].isin(list(LIMITS)) & (survey["date"] < as_of)]
    if asked.empty:
        return pd.DataFrame()
    of_whom = ["account_id", "question", "customer_id", "respondent"]
    ordered = asked.sort_values([*of_whom, "date", "score"], ascending=[True] * 5 + [False], kind="stable")
    latest = ordered.drop_duplicates(of_whom, keep="last")
    preferred = latest.assign(place=latest["question"].map({name: place for place, name in enumerate(LIMITS)}))
    first = preferred.groupby("account_id")["place"].transform("min")
    told = preferred[preferred["place"] == first].groupby("account_id")
    found = told.agg(
        value=("score", "min"), n=("score", "size"), dated_on=("date", "max"), question=("question", "first")
    )
    low, middle = (found["question"].map({name: limits[place] for name, limits in LIMITS.items()}) for place in (0, 1))
    return found.assign(verdict=_verdicts(found["value"] <= low, found["value"] <= middle))


def _contract(contracts: pd.DataFrame, as_of: pd.Timestamp, contract_days: int) -> pd.DataFrame:
    if contracts.empty:
        return pd.DataFrame()
    last = latest_contracts(contracts)
    notice_on = last["end"] - pd.to_timedelta(last["notice"].astype("float64").fillna(0.0), unit="D")
    window = pd.Timedelta(days=contract_days)
    due = (last["end"] <= as_of + window) | ((notice_on >= as_of) & (notice_on <= as_of + window))
    marked = last.assign(is_over=last["end"] < as_of, is_due=due).groupby("account_id")
    first = marked.agg(dated_on=("end", "min"), n=("end", "size"), is_over=("is_over", "any"), is_due=("is_due", "any"))
    return first.assign(verdict=_verdicts(first["is_over"], first["is_due"]), value=(first["dated_on"] - as_of).dt.days)
