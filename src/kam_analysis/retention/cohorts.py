"""Cohorts: buyers by the month of their first order, and who of them ordered in each month since."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_analysis.facts.calendar import CENSORED_MONTHS, Calendar
from kam_analysis.findings import Caveat, Finding, Message, say, say_n
from kam_analysis.retention.tables import COHORT_MEANS, RETENTION_COHORTS

TOLD_COHORTS = 3


def _serial(days: pd.Series) -> pd.Series:
    serial: pd.Series = days.dt.year * 12 + days.dt.month - 1
    return serial


def cohort_cells(orders: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Share of each cohort with an order in each calendar month since its first order.

    A cohort is the calendar month of the first order. A cell holds a number only when its month is complete, else it is
    blank, never 0. Cohorts of the first three months of the data are marked: old customers look new there.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``; orders on or after the calendar's reference date are ignored.
    calendar : Calendar
        Complete months, reference date.

    Returns
    -------
    DataFrame
        ``retention_cohorts``, one row per cohort and month since, up to the month of the reference date.

    Examples
    --------
    >>> import datetime as dt
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "b"],
    ...     "ordered_on": pd.to_datetime(["2024-01-01", "2024-03-05", "2024-01-20"])})
    >>> cells = cohort_cells(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 10)))
    >>> cells["active_share"].tolist()  # March is incomplete
    [1.0, 0.0, nan]
    """
    known = orders.loc[orders["ordered_on"] < pd.Timestamp(calendar.as_of), ["customer_id", "ordered_on"]]
    if known.empty:
        return RETENTION_COHORTS.empty()
    month = _serial(known["ordered_on"])
    cohort = month.groupby(known["customer_id"]).transform("min")
    active = (
        pd.DataFrame({"customer_id": known["customer_id"], "cohort": cohort, "month": month})
        .drop_duplicates()
        .groupby(["cohort", "month"], sort=True)
        .size()
    )
    sizes = active[active.index.get_level_values(0) == active.index.get_level_values(1)].droplevel(1)
    last = (calendar.as_of.year * 12 + calendar.as_of.month - 1) - (calendar.as_of.day == 1)
    grid = pd.MultiIndex.from_tuples(
        [(born, later) for born in sizes.index for later in range(born, last + 1)], names=["cohort", "month"]
    )
    cells = active.reindex(grid, fill_value=0).rename("active").reset_index()
    complete = [day.year * 12 + day.month - 1 for day in calendar.complete_months]
    buyers = cells["cohort"].map(sizes)
    ordered = cells["active"].astype("float64").where(cells["month"].isin(complete))
    newcomers = calendar.newcomers_from.year * 12 + calendar.newcomers_from.month - 1
    return RETENTION_COHORTS.conform(
        pd.DataFrame(
            {
                "cohort_month": _month(cells["cohort"]),
                "months_since": cells["month"] - cells["cohort"],
                "buyers": buyers,
                "active_buyers": ordered,
                "active_share": ordered / buyers,
                "is_left_censored": cells["cohort"] < newcomers,
            }
        )
    )


def _month(serial: pd.Series) -> pd.Series:
    return pd.to_datetime(pd.DataFrame({"year": serial // 12, "month": serial % 12 + 1, "day": 1}))


def cohort_means(cells: pd.DataFrame) -> pd.DataFrame:
    """Mean share over the mature cohorts, weighted by their size, per month since the first order.

    Mature: the cell's month is complete. With and without the marked cohorts; Σ ordered / Σ buyers.

    Examples
    --------
    >>> cells = pd.DataFrame({"months_since": [1, 1, 1], "buyers": [10, 30, 5], "active_buyers": [5.0, 3.0, None],
    ...                       "is_left_censored": [True, False, False]})
    >>> cohort_means(cells)[["cohorts", "active_share", "active_share_unmarked"]].values.tolist()
    [[2.0, 0.2, 0.1]]
    """
    mature = cells[cells["active_buyers"].notna()]
    unmarked = mature[~mature["is_left_censored"]]
    every, some = (
        part.groupby("months_since", sort=True).agg(
            cohorts=("buyers", "size"), buyers=("buyers", "sum"), active=("active_buyers", "sum")
        )
        for part in (mature, unmarked)
    )
    some = some.reindex(every.index)
    return COHORT_MEANS.conform(
        pd.DataFrame(
            {
                "months_since": every.index,
                "cohorts": every["cohorts"].to_numpy(),
                "buyers": every["buyers"].to_numpy(),
                "active_share": (every["active"] / every["buyers"]).to_numpy(),
                "cohorts_unmarked": some["cohorts"].fillna(0).to_numpy(),
                "active_share_unmarked": (some["active"] / some["buyers"]).to_numpy(),
            }
        )
    )


def how_cohorts_fare(cells: pd.DataFrame, calendar: Calendar) -> Finding:
    """What share of the buyers of each starting month orders in the months after.

    Parameters
    ----------
    cells : DataFrame
        From `cohort_cells`.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    Finding
        Table ``retention_cohorts``, drawn as a triangle; shares 0–1, blank where the month is incomplete.
    """
    means = cohort_means(cells)
    later = means[means["months_since"] > 0]
    common: dict[str, Any] = {
        "name": RETENTION_COHORTS.name,
        "question": say("How do buyers who came together fare?"),
        "table": cells,
        "sub": say(
            "Share of the buyers of each month with an order in each calendar month since; the darker, the more"
        ),
        "base": _cohort_base(cells),
    }
    if later.empty:
        return Finding(
            **common,
            sentence=say("Cohorts cannot be followed"),
            absent=say("Not measurable: no cohort has a complete month after its first."),
        )
    return Finding(**common, sentence=_fare_sentence(later), drawing="cohort_triangle", caveats=_marked(calendar))


def _cohort_base(cells: pd.DataFrame) -> Message:
    sizes = cells.drop_duplicates("cohort_month")["buyers"]
    return say(
        "Buyers: {n:count}; monthly cohorts: {cohorts:count}. Blank: the month is not complete.",
        n=int(sizes.sum()),
        cohorts=len(sizes),
    )


def _fare_sentence(later: pd.DataFrame) -> Message:
    known = later[later["cohorts_unmarked"] >= TOLD_COHORTS]
    if len(known) > 1 and known["months_since"].iloc[0] == 1:
        last = known.iloc[-1]
        return say_n(
            "{share:share} of new buyers order in the month after their first, {later:share} {n:count} month after it "
            "(without the first {marked:count} months of the data)",
            "{share:share} of new buyers order in the month after their first, {later:share} {n:count} months after it "
            "(without the first {marked:count} months of the data)",
            count="n",
            n=int(last["months_since"]),
            share=float(known["active_share_unmarked"].iloc[0]),
            later=float(last["active_share_unmarked"]),
            marked=CENSORED_MONTHS,
        )
    told = later[later["cohorts"] >= TOLD_COHORTS]
    last = (told if len(told) else later).iloc[-1]
    first = float(later["active_share"].iloc[0])
    if last["months_since"] == 1:
        return say("{share:share} of new buyers order in the month after their first", share=first)
    return say_n(
        "{share:share} of new buyers order in the month after their first, {later:share} {n:count} month after it",
        "{share:share} of new buyers order in the month after their first, {later:share} {n:count} months after it",
        count="n",
        n=int(last["months_since"]),
        share=first,
        later=float(last["active_share"]),
    )


def _marked(calendar: Calendar) -> list[Caveat]:
    return [
        Caveat(
            say("The first cohorts hold old customers"),
            say(
                "The data begin on {day:date}; the first {n:count} months are marked *, since whoever bought "
                "before looks new.",
                day=calendar.first_order_on,
                n=CENSORED_MONTHS,
            ),
        )
    ]


def mean_cohort(cells: pd.DataFrame) -> Finding:
    """What share of all buyers orders so many months after their first order, over the mature cohorts.

    Mean weighted by the size of the cohort, with and without the first three months of the data; 0–1.

    Parameters
    ----------
    cells : DataFrame
        From `cohort_cells`.

    Returns
    -------
    Finding
        Table ``cohort_means``; numbers ``cohort.<k>m`` for 1, 3, 6 and 12 months where they are known.
    """
    means = cohort_means(cells)
    shares = means.set_index("months_since")["active_share"]
    later = means[means["months_since"] > 0]
    return Finding(
        name=COHORT_MEANS.name,
        question=say("How many buyers order again some months later?"),
        sentence=_mean_sentence(later) if len(later) else say("No cohort has a complete month after its first"),
        table=means,
        numbers={f"cohort.{month}m": float(shares[month]) for month in (1, 3, 6, 12) if month in shares.index},
        sub=say(
            "Mean over the cohorts whose month is complete, weighted by size; unmarked: without the first 3 months"
        ),
        show=("months_since", "cohorts", "buyers", "active_share", "active_share_unmarked"),
        absent=None if len(later) else say("Not measurable: no cohort has a complete month after its first."),
    )


def _mean_sentence(later: pd.DataFrame) -> Message:
    first = later.iloc[0]
    if first["cohorts_unmarked"] < TOLD_COHORTS:
        return say("{share:share} of buyers order in the month after their first", share=float(first["active_share"]))
    return say(
        "{share:share} of buyers order in the month after their first, {unmarked:share} without the first "
        "{n:count} months",
        share=float(first["active_share"]),
        unmarked=float(first["active_share_unmarked"]),
        n=CENSORED_MONTHS,
    )
