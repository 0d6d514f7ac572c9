"""Cohorts: buyers by the month of their first order, who of them ordered in each month since, and what they bought."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Caveat, Finding, Message, say, say_n
from kam_analysis.tables import Table, finds

_BUYERS = col.BUYERS("Buyers the figure stands on.")

_MONTHS_SINCE = col.count("months_since", say("Months since"))

RETENTION_COHORTS = Table(
    "retention_cohorts",
    "one month of first order and one calendar month since",
    (
        col.month("cohort_month", say("First order in"), "Month of the first order."),
        _MONTHS_SINCE("Calendar months since that month."),
        col.BUYERS("Customers of the cohort.", low=1),
        col.count("active_buyers", say("Ordered"), "With an order in the month; missing while it is incomplete.", True),
        col.share("active_share", say("Share"), "Ordered over buyers of the cohort.", nullable=True),
        col.flag("is_left_censored", say("First months"), "In the first months of the data old customers look new."),
    ),
    ("cohort_month", "months_since"),
)

COHORT_SALES = Table(
    "cohort_sales",
    "one month of first order and one calendar month since",
    (
        *RETENTION_COHORTS.columns[:3],
        col.NET_SALES("Net sales of the cohort in the month; missing while it is incomplete.", nullable=True),
        col.money(
            "first_month_sales",
            say("Net sales, first month"),
            "Net sales of the cohort in its first month; missing where that is incomplete.",
            nullable=True,
        ),
        col.change(
            "sales_share",
            say("Share of the first month"),
            "Net sales over those of the first month; missing where these are not above 0.",
            nullable=True,
        ),
        col.money(
            "sales_per_buyer_so_far",
            say("Net sales per buyer so far"),
            "Net sales from the first month to this one, over buyers of the cohort.",
            nullable=True,
        ),
        RETENTION_COHORTS["is_left_censored"],
    ),
    ("cohort_month", "months_since"),
)

COHORT_MEANS = Table(
    "cohort_means",
    "one number of calendar months since the first order",
    (
        _MONTHS_SINCE("Calendar months since the first order."),
        col.count("cohorts", say("Cohorts"), "Cohorts whose month is complete.", low=1),
        _BUYERS,
        col.share("active_share", say("All cohorts"), "Mean share with an order, weighted by size."),
        col.count("cohorts_unmarked", say("Unmarked cohorts"), "Without the first months of the data."),
        col.share(
            "active_share_unmarked",
            say("Unmarked"),
            "The same mean without the first months of the data.",
            nullable=True,
        ),
    ),
    ("months_since",),
)


TOLD_COHORTS = 3
YEAR = 12
TOLD_MONTHS = (1, 3, 6, YEAR)
NO_LATER_MONTH = say("Not measurable: no cohort has a complete month after its first.")


def _serial(days: pd.Series) -> pd.Series:
    serial: pd.Series = days.dt.year * 12 + days.dt.month - 1
    return serial


def cohort_cells(orders: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Share of each cohort with an order in each calendar month since its first order.

    A cohort is the calendar month of the first order. A cell holds a number only when its month is complete, else it is
    blank, never 0. Cohorts of the left-censored months are marked: old customers look new there.

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


def cohort_sales(orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Net sales of each cohort in each calendar month since its first order, and their share of the first month's.

    Share = net sales of the month / net sales of the cohort's first month; above 1 where those who stayed buy more,
    below 0 where returns outweigh sales. Returns reduce the month they fall in. Lines dated before the month of the
    customer's first order belong to no cell.

    Parameters
    ----------
    orders, months : DataFrame
        ``customer_orders``, ``customer_months``; what falls on or after the calendar's reference date is ignored.
    calendar : Calendar
        Complete months, reference date.

    Returns
    -------
    DataFrame
        ``cohort_sales``, the rows of `cohort_cells`. Blank while the month is incomplete; the share also where the
        first month is incomplete or its net sales are not above 0.

    Examples
    --------
    >>> import datetime as dt
    >>> orders = pd.DataFrame({"customer_id": ["a", "b"], "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-20"])})
    >>> months = pd.DataFrame({"customer_id": ["a", "b", "a"], "net_sales": [10.0, 30.0, 50.0],
    ...     "month": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-02-01"])})
    >>> cells = cohort_sales(orders, months, Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 10)))
    >>> cells[["sales_share", "sales_per_buyer_so_far"]].values.tolist()  # March is incomplete
    [[1.0, 20.0], [1.25, 45.0], [nan, nan]]
    """
    cells = cohort_cells(orders, calendar)
    known = orders[orders["ordered_on"] < pd.Timestamp(calendar.as_of)]
    born = _serial(known["ordered_on"]).groupby(known["customer_id"]).min()
    sold = pd.DataFrame(
        {
            "cohort": months["customer_id"].map(born).to_numpy(),
            "month": _serial(months["month"]).to_numpy(),
            "sales": money.exact(months["net_sales"]),
        }
    )
    cohort = _serial(cells["cohort_month"])
    keys = pd.MultiIndex.from_arrays([cohort, cohort + cells["months_since"]])
    sums = sold.groupby(["cohort", "month"])["sales"].sum().reindex(keys, fill_value=0).set_axis(cells.index)
    sales = sums.astype("float64").where(cells["active_share"].notna())
    by_cohort = sales.groupby(cohort)
    first = by_cohort.transform(lambda cohort_sales: cohort_sales.iloc[0])
    so_far = by_cohort.transform(lambda cohort_sales: cohort_sales.cumsum(skipna=False))
    return COHORT_SALES.conform(
        cells[["cohort_month", "months_since", "buyers", "is_left_censored"]].assign(
            net_sales=sales / money.SCALE,
            first_month_sales=first / money.SCALE,
            sales_share=(sales / first).where(first > 0),
            sales_per_buyer_so_far=so_far / cells["buyers"] / money.SCALE,
        )
    )


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


@finds(RETENTION_COHORTS)
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
        "question": say("How do each month's new customers develop?"),
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
            absent=NO_LATER_MONTH,
        )
    return Finding(
        **common,
        sentence=_fare_sentence(later, calendar.censored_months),
        drawing="retention.cohort_triangle",
        caveats=_marked(calendar),
    )


@finds(COHORT_SALES)
def what_cohorts_bring(cells: pd.DataFrame, calendar: Calendar) -> Finding:
    """What the buyers of each starting month bring in the months after, against their first month.

    Parameters
    ----------
    cells : DataFrame
        From `cohort_sales`.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    Finding
        Table ``cohort_sales``, drawn as a triangle; numbers ``cohort.sales_<k>m``, Σ net sales / Σ net sales of the
        first month over the cohorts whose month is complete, for 1, 3, 6 and 12 months where they are known, and
        ``cohort.sales_per_buyer_12m``, net sales of the first month and the 12 after it per buyer.
    """
    later = cells[(cells["months_since"] > 0) & cells["sales_share"].notna()]
    common: dict[str, Any] = {
        "name": COHORT_SALES.name,
        "question": say("How much do each month's new customers buy later?"),
        "table": cells,
        "sub": say("Net sales of the cohort in each calendar month since, over those of its first month"),
        "base": _cohort_base(cells),
    }
    if later.empty:
        return Finding(**common, sentence=say("Sales of cohorts cannot be followed"), absent=NO_LATER_MONTH)
    shares = _sales_means(later, fewest=1)
    year = cells[(cells["months_since"] == YEAR) & cells["sales_per_buyer_so_far"].notna()]
    numbers = {f"cohort.sales_{month}m": float(shares[month]) for month in TOLD_MONTHS if month in shares.index}
    if len(year):
        brought = float((year["sales_per_buyer_so_far"] * year["buyers"]).sum())
        numbers[f"cohort.sales_per_buyer_{YEAR}m"] = brought / int(year["buyers"].sum())
    return Finding(
        **common,
        sentence=_bring_sentence(later, calendar.censored_months),
        numbers=numbers,
        drawing="retention.cohort_sales_triangle",
        caveats=_marked(calendar),
    )


def _sales_means(later: pd.DataFrame, fewest: int) -> pd.Series:
    cohorts = later.groupby("months_since", sort=True)
    sums = cohorts[["net_sales", "first_month_sales"]].sum()[cohorts.size() >= fewest]
    return sums["net_sales"] / sums["first_month_sales"]


def _bring_sentence(later: pd.DataFrame, censored_months: int) -> Message:
    unmarked = _sales_means(later[~later["is_left_censored"]], TOLD_COHORTS)
    if len(unmarked) > 1:
        return say(
            "New buyers bring {share:share} of the net sales of their first month in the month after it, "
            "{later:share} in month {n:count} (without the first {marked:count} months of the data)",
            share=float(unmarked.iloc[0]),
            later=float(unmarked.iloc[-1]),
            n=int(unmarked.index[-1]),
            marked=censored_months,
        )
    every = _sales_means(later, TOLD_COHORTS)
    told = every if len(every) else _sales_means(later, fewest=1)
    if len(told) == 1:
        return say(
            "New buyers bring {share:share} of the net sales of their first month in the month after it",
            share=float(told.iloc[0]),
        )
    return say(
        "New buyers bring {share:share} of the net sales of their first month in the month after it, "
        "{later:share} in month {n:count}",
        share=float(told.iloc[0]),
        later=float(told.iloc[-1]),
        n=int(told.index[-1]),
    )


def _cohort_base(cells: pd.DataFrame) -> Message:
    sizes = cells.drop_duplicates("cohort_month")["buyers"]
    return say(
        "Buyers: {n:count}; monthly cohorts: {cohorts:count}. Blank: the month is not complete.",
        n=int(sizes.sum()),
        cohorts=len(sizes),
    )


def _fare_sentence(later: pd.DataFrame, censored_months: int) -> Message:
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
            marked=censored_months,
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
                n=calendar.censored_months,
            ),
        )
    ]


@finds(COHORT_MEANS)
def mean_cohort(cells: pd.DataFrame, calendar: Calendar) -> Finding:
    """What share of all buyers orders so many months after their first order, over the mature cohorts.

    Mean weighted by the size of the cohort, with and without the left-censored months; 0–1.

    Parameters
    ----------
    cells : DataFrame
        From `cohort_cells`.
    calendar : Calendar
        The left-censored months.

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
        sentence=_mean_sentence(later, calendar.censored_months)
        if len(later)
        else say("No cohort has a complete month after its first"),
        table=means,
        numbers={f"cohort.{month}m": float(shares[month]) for month in TOLD_MONTHS if month in shares.index},
        sub=say(
            "Mean over the cohorts whose month is complete, weighted by size; unmarked: without the first {n:count} "
            "months",
            n=calendar.censored_months,
        ),
        show=("months_since", "cohorts", "buyers", "active_share", "active_share_unmarked"),
        absent=None if len(later) else NO_LATER_MONTH,
    )


def _mean_sentence(later: pd.DataFrame, censored_months: int) -> Message:
    first = later.iloc[0]
    if first["cohorts_unmarked"] < TOLD_COHORTS:
        return say("{share:share} of buyers order in the month after their first", share=float(first["active_share"]))
    return say(
        "{share:share} of buyers order in the month after their first, {unmarked:share} without the first "
        "{n:count} months",
        share=float(first["active_share"]),
        unmarked=float(first["active_share_unmarked"]),
        n=censored_months,
    )
