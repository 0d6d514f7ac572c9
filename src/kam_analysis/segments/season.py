"""The season of the company's sales, and the sums of the buyers without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say
from kam_analysis.frames import whole
from kam_analysis.money import SCALE, exact
from kam_analysis.segments.abc_xyz import period_sums
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class CalendarMonth(Labelled):
    """Month of any year."""

    JANUARY = "january", say("January")
    FEBRUARY = "february", say("February")
    MARCH = "march", say("March")
    APRIL = "april", say("April")
    MAY = "may", say("May")
    JUNE = "june", say("June")
    JULY = "july", say("July")
    AUGUST = "august", say("August")
    SEPTEMBER = "september", say("September")
    OCTOBER = "october", say("October")
    NOVEMBER = "november", say("November")
    DECEMBER = "december", say("December")


SEASON_INDEX = Table(
    "season_index",
    "one calendar month",
    (
        col.member("calendar_month", say("Calendar month"), "Of all whole years.", CalendarMonth),
        col.ratio("index", say("Season index"), "Net sales over those of a mean month.", low=0),
        col.count("years", say("Years"), "Whole years it stands on.", low=2),
    ),
    ("calendar_month",),
)


YEAR_MONTHS = 12
FEWEST_YEARS = 2


def season_index(months: pd.DataFrame, calendar: Calendar) -> pd.Series | None:
    """Net sales of each calendar month over those of a mean month, across whole years.

    The last whole years of complete months, two at least; index = Σ net sales of the calendar month · 12 / Σ net sales
    of all. 1 is a mean month.

    Parameters
    ----------
    months : DataFrame
        Contract ``customer_months``.
    calendar : Calendar
        Gives the complete months.

    Returns
    -------
    Series or None
        Indexed 1 (January) to 12; None with fewer than 24 complete months, or when a calendar month sums to 0 or less.

    Examples
    --------
    >>> import datetime as dt
    >>> days = pd.date_range("2022-01-01", periods=24, freq="MS")
    >>> months = pd.DataFrame({"month": days, "net_sales": [30.0 if day.month == 12 else 10.0 for day in days]})
    >>> index = season_index(months, Calendar(dt.date(2022, 1, 1), dt.date(2024, 1, 1)))
    >>> round(float(index[12]), 4), round(float(index[1]), 4)  # 30 and 10 over (11·10 + 30)/12
    (2.5714, 0.8571)
    """
    complete = calendar.complete_months
    years = len(complete) // YEAR_MONTHS
    if years < FEWEST_YEARS:
        return None
    known = months[months["month"] >= pd.Timestamp(complete[-years * YEAR_MONTHS])]
    known = known[known["month"] <= pd.Timestamp(complete[-1])]
    money = pd.Series(exact(known["net_sales"]), known.index)
    sums = money.groupby(known["month"].dt.month).sum().reindex(range(1, YEAR_MONTHS + 1), fill_value=0)
    return None if (sums <= 0).any() else sums * YEAR_MONTHS / sums.sum()


def seasonless_sums(facts: pd.DataFrame, months: pd.DataFrame, calendar: Calendar) -> pd.DataFrame | None:
    """Sums of every buyer's periods with each month divided by the season's index; None where there is no index.

    Parameters
    ----------
    facts, months, calendar
        As in `period_sums`.

    Returns
    -------
    DataFrame or None
        As from `period_sums`.
    """
    index = season_index(months, calendar)
    if index is None:
        return None
    even = np.rint(exact(months["net_sales"]) / months["month"].dt.month.map(index).to_numpy()) / SCALE
    return period_sums(facts, months.assign(net_sales=even), calendar)


@finds(SEASON_INDEX)
def season(months: pd.DataFrame, calendar: Calendar) -> Finding:
    """In which months the company sells more than in others.

    Parameters
    ----------
    months, calendar
        As in `season_index`.

    Returns
    -------
    Finding
        Table ``season_index``; numbers season.highest and season.lowest (index). Absent below 24 complete months.

    Notes
    -----
    Two years cannot tell a season from two odd years; n stands beside it. Source: definitions, Traps.
    """
    index = season_index(months, calendar)
    names = ("season.highest", "season.lowest")
    years = len(calendar.complete_months) // YEAR_MONTHS
    if index is None:
        return Finding(
            SEASON_INDEX.name,
            question=say("Is there a season?"),
            sentence=say("A season cannot be measured"),
            table=SEASON_INDEX.empty(),
            numbers=absent_numbers(names, "fewer than 24 complete months with sales"),
            absent=say(
                "Not measurable: two whole years with sales in every calendar month are needed; complete months: "
                "{n:count}.",
                n=len(calendar.complete_months),
            ),
        )
    table = SEASON_INDEX.conform(
        pd.DataFrame(
            {"calendar_month": [month.value for month in CalendarMonth], "index": index.to_numpy(), "years": years}
        )
    )
    return Finding(
        SEASON_INDEX.name,
        question=say("Is there a season?"),
        sentence=_sentence(index),
        table=table,
        numbers=dict(zip(names, (float(index.max()), float(index.min())), strict=True)),
        sub=say("Net sales of a calendar month over those of a mean month, {one:num2}: as in a mean month", one=1.0),
        base=say("Whole years: {years:count}", years=years),
        show=("calendar_month", Show("index", bar=True)),
    )


def _sentence(index: pd.Series) -> Message:
    return say(
        "Strongest calendar month: {high}, {most:num2} times an average month; weakest: {low}, {least:num2}",
        high=tuple(CalendarMonth)[whole(index.idxmax()) - 1],
        most=float(index.max()),
        low=tuple(CalendarMonth)[whole(index.idxmin()) - 1],
        least=float(index.min()),
    )
