"""Classes by cumulated value and by variation, demand types, and the grid of both with an action per cell."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.classes import abc_classes, class_limits
from kam_analysis.findings import Caveat, Finding, Grid, Message, Show, Weight, say
from kam_analysis.money import exact
from kam_analysis.params import Abc, Xyz
from kam_analysis.segments.advice import GridAction, GridCell
from kam_analysis.segments.groups import CLASS_SIZE, fraction, per_class, shares
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import AbcClass, DemandType, Labelled, PeriodLength, XyzClass, ZeroPeriods

_MARGIN = col.MARGIN("Margin of the class; missing where no line has a cost.")

_INACTIVE = col.count("inactive", say("Inactive"), "Customers of the class without an order in the last 12 months.")

ABC_CLASSES = Table(
    "abc_classes",
    "one class of cumulated value",
    (col.ABC("Class."), *CLASS_SIZE, _MARGIN, _INACTIVE),
    ("abc",),
)


class Season(Labelled):
    """Whether the company's season is taken out of the sums."""

    KEEP = "keep", say("season kept")
    REMOVE = "remove", say("season taken out")


XYZ_CLASSES = Table(
    "xyz_classes",
    "one way to compute the classes of variation",
    (
        col.member("period", say("Period"), "Calendar period of the sums.", PeriodLength),
        col.member("zero_periods", say("Periods without sales"), "Counted or left out.", ZeroPeriods),
        col.member("season", say("Season"), "Kept, or taken out of the sums.", Season),
        col.ratio("x_until", say("X up to"), "Largest coefficient of variation of X.", low=0),
        col.ratio("y_until", say("Y up to"), "Largest coefficient of variation of Y.", low=0),
        col.count("x_customers", say("X"), "Buyers in X."),
        col.count("y_customers", say("Y"), "Buyers in Y."),
        col.count("z_customers", say("Z"), "Buyers in Z."),
        col.count("na_customers", say("n/a"), "Buyers with too short or too thin a history."),
        col.share("x_share", say("X, share"), "Of the buyers that are classed.", nullable=True),
        col.share("y_share", say("Y, share"), "Of the buyers that are classed.", nullable=True),
        col.share("z_share", say("Z, share"), "Of the buyers that are classed.", nullable=True),
        col.IS_USED,
    ),
    ("period", "zero_periods", "season", "x_until", "y_until"),
)

DEMAND_TYPES = Table(
    "demand_types",
    "one type of demand",
    (col.DEMAND_TYPE("Type."), *CLASS_SIZE),
    ("demand_type",),
)

ABC_XYZ_GRID = Table(
    "abc_xyz_grid",
    "one cell of the grid: nine classed, three without a measurable variation, one worth nothing",
    (
        col.member("cell", say("Cell"), "Class of value and class of variation.", GridCell),
        col.ABC("Class of value."),
        col.XYZ("Class of variation; n/a in N, which wins."),
        *CLASS_SIZE,
        _MARGIN,
        _INACTIVE,
        col.member("action", say("What to do"), "Action for the cell.", GridAction),
    ),
    ("cell",),
)


TEXTBOOK_EDGES = (0.10, 0.25)
LOW_BITS = 26


def with_classes(window: pd.DataFrame, facts: pd.DataFrame, rules: Abc) -> pd.DataFrame:
    """Customers of a window with their class, their money and whether they have stopped ordering.

    Parameters
    ----------
    window : DataFrame
        From `window_money` or `window_facts`; net_sales and margin in currency units.
    facts : DataFrame
        Contract ``customer_facts``; who had an order in the last 12 months.
    rules : Abc
        Value and limits.

    Returns
    -------
    DataFrame
        customer_id, abc (missing where the margin is the value and unknown), is_inactive (no order in the last 12
        months), net_sales, margin; by customer_id.

    Notes
    -----
    Source: article C; definitions, ABC.

    Examples
    --------
    Of 100 in all: before a 0, before b 80 and not below 80, before c 95 and not below 95; d returned what it bought.

    >>> window = pd.DataFrame({"customer_id": list("abcd"), "net_sales": [80.0, 15.0, 5.0, 0.0], "margin": None})
    >>> facts = pd.DataFrame({"customer_id": list("abcd"), "orders_12m": [3, 0, 1, 1]})
    >>> with_classes(window, facts, Abc())[["abc", "is_inactive"]].values.tolist()
    [['A', False], ['B', True], ['C', False], ['N', False]]
    """
    ordered = window.sort_values("customer_id", ignore_index=True)
    idle = facts.loc[facts["orders_12m"] == 0, "customer_id"]
    return pd.DataFrame(
        {
            "customer_id": ordered["customer_id"],
            "abc": abc_classes(ordered, rules).to_numpy(),
            "is_inactive": ordered["customer_id"].isin(idle),
            "net_sales": ordered["net_sales"],
            "margin": ordered["margin"].astype("float64"),
        }
    ).astype({"abc": "str"})


def period_sums(facts: pd.DataFrame, months: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Periods, active periods, sum and sum of squares of every buyer's net sales, by month and by quarter.

    A buyer's periods run from the period of the first order (or the first complete one, if later) to the last
    complete one; a period is active when its exact net sales are not 0.

    Parameters
    ----------
    facts, months : DataFrame
        Contracts ``customer_facts`` and ``customer_months``.
    calendar : Calendar
        Gives the complete months and quarters.

    Returns
    -------
    DataFrame
        period, customer_id, periods, active_periods, and, as whole ten-thousandths, total and total_of_squares; one
        row per period length and buyer. Without a complete period all are 0.

    Notes
    -----
    Source: definitions, XYZ.
    """
    buyers = facts[facts["orders"] > 0].sort_values("customer_id", ignore_index=True)
    customer = pd.Index(buyers["customer_id"]).get_indexer(months["customer_id"])
    known = months[customer >= 0]
    lines = pd.DataFrame(
        {
            "customer": customer[customer >= 0],
            "month": _month_number(known["month"]),
            "money": exact(known["net_sales"]),
        }
    )
    return pd.concat([_sums(buyers, lines, calendar, period) for period in PeriodLength], ignore_index=True)


def _month_number(days: pd.Series) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = (days.dt.year * 12 + days.dt.month - 1).to_numpy("int64")
    return found


def _sums(buyers: pd.DataFrame, lines: pd.DataFrame, calendar: Calendar, period: PeriodLength) -> pd.DataFrame:
    complete = calendar.complete_quarters if period is PeriodLength.QUARTER else calendar.complete_months
    length = 3 if period is PeriodLength.QUARTER else 1
    numbers = _month_number(pd.Series(pd.to_datetime(complete))) // length if complete else np.array([0])
    first = np.maximum(_month_number(buyers["first_order_on"]) // length, numbers[0])
    last = numbers[-1] if complete else -1
    at = lines["month"].to_numpy() // length
    inside = (at >= first[lines["customer"].to_numpy()]) & (at <= last)
    sales = lines[inside].assign(month=at[inside]).groupby(["customer", "month"])["money"].sum()
    customer, money = sales.index.get_level_values("customer").to_numpy(), sales.to_numpy()
    high, low = money >> LOW_BITS, money & ((1 << LOW_BITS) - 1)
    parts = pd.DataFrame(
        {"active": (money != 0).astype("int64"), "total": money, "hh": high * high, "hl": high * low, "ll": low * low}
    )
    added = parts.groupby(customer).sum().reindex(range(len(buyers)), fill_value=0)
    hh, hl, ll = (added[name].to_numpy().astype(object) for name in ("hh", "hl", "ll"))
    return pd.DataFrame(
        {
            "period": period.value,
            "customer_id": buyers["customer_id"],
            "periods": np.maximum(last - first + 1, 0),
            "active_periods": added["active"].to_numpy(),
            "total": added["total"].to_numpy(),
            "total_of_squares": (hh << 2 * LOW_BITS) + (hl << LOW_BITS + 1) + ll,
        }
    )


def choose_period(sums: pd.DataFrame, abc: pd.DataFrame, rules: Xyz) -> PeriodLength:
    """Period of the sums: as the rules say, or for ``auto`` the month when A customers buy in most of their months.

    Month if, over A customers with at least one complete month, the median share of active months is ≥ 0.5 (for an
    even number the mean of the two middle shares), compared in integers; else quarter, also without such a customer.

    Examples
    --------
    Shares 1/4 and 3/4: the mean of the middle two is exactly 1/2, which is enough.

    >>> sums = pd.DataFrame({"period": "month", "customer_id": ["a", "b"], "periods": [4, 4], "active_periods": [1, 3]})
    >>> choose_period(sums, pd.DataFrame({"customer_id": ["a", "b"], "abc": "A"}), Xyz()).value
    'month'
    """
    if rules.period != "auto":
        return PeriodLength(rules.period)
    leaders = abc.loc[abc["abc"] == AbcClass.A, "customer_id"]
    monthly = sums[(sums["period"] == PeriodLength.MONTH) & (sums["periods"] > 0) & sums["customer_id"].isin(leaders)]
    if monthly.empty:
        return PeriodLength.QUARTER
    ordered = monthly.iloc[np.argsort(monthly["active_periods"] / monthly["periods"], kind="stable")]
    n = len(ordered)
    middle = ordered.iloc[[(n - 1) // 2, n // 2]]
    active, periods = middle["active_periods"].tolist(), middle["periods"].tolist()
    is_monthly = Fraction(active[0], periods[0]) + Fraction(active[1], periods[1]) >= 1
    return PeriodLength.MONTH if is_monthly else PeriodLength.QUARTER


def xyz_classes(sums: pd.DataFrame, abc: pd.DataFrame, rules: Xyz) -> pd.DataFrame:
    """Class of every buyer by variation: X buys evenly, Z in jumps; and the type of demand.

    Coefficient of variation = sample standard deviation (ddof 1) over mean of net sales per period. X ≤ `rules.x_until`
    < Y ≤ `rules.y_until` < Z. It needs `rules.min_periods` periods, `rules.min_active` of them active (both counted
    before periods without sales are dropped) and a mean > 0, else n/a, never Z. Demand is *intermittent* or *lumpy*
    when periods / active periods ≥ `rules.interval_from`, *erratic* or *lumpy* when the squared coefficient of
    variation of the active periods ≥ `rules.cv_squared_from`, else *smooth*.

    Parameters
    ----------
    sums : DataFrame
        From `period_sums`.
    abc : DataFrame
        From `with_classes`; decides the period when the rules say ``auto``.
    rules : Xyz
        Period, treatment of periods without sales, edges.

    Returns
    -------
    DataFrame
        customer_id, periods, active_periods, variation (missing for n/a), xyz, demand_type (missing for n/a).

    Notes
    -----
    Source: article C; definitions, XYZ.
    """
    of_period = sums[sums["period"] == choose_period(sums, abc, rules)].reset_index(drop=True)
    zero_periods = ZeroPeriods(rules.zero_periods)
    squared = _squared_variation(of_period, zero_periods, rules)
    return pd.DataFrame(
        {
            "customer_id": of_period["customer_id"],
            "periods": of_period["periods"],
            "active_periods": of_period["active_periods"],
            "variation": np.sqrt(squared),
            "xyz": pd.Series(_xyz(squared, (rules.x_until, rules.y_until)), dtype="str"),
            "demand_type": pd.Series(_demand(of_period, rules), dtype="str"),
        }
    )


def _squared_variation(sums: pd.DataFrame, zero_periods: ZeroPeriods, rules: Xyz) -> npt.NDArray[np.float64]:
    """Squared coefficient of variation n(nQ − S²) / ((n − 1)S²) from exact sums S and Q; missing for n/a."""
    enough = (
        (sums["periods"] >= rules.min_periods) & (sums["active_periods"] >= rules.min_active) & (sums["total"] > 0)
    ).to_numpy()
    counted = sums["periods"] if zero_periods is ZeroPeriods.KEEP else sums["active_periods"]
    n, total, squares = (
        column.to_numpy()[enough].astype(object) for column in (counted, sums["total"], sums["total_of_squares"])
    )
    squared = np.full(len(sums), np.nan)
    squared[enough] = (n * (n * squares - total**2)) / ((n - 1) * total**2)
    return squared


def _xyz(squared: npt.NDArray[np.float64], edges: tuple[float, float]) -> npt.NDArray[np.object_]:
    x_until, y_until = (float(fraction(edge) ** 2) for edge in edges)
    return np.select(
        [np.isnan(squared), squared <= x_until, squared <= y_until],
        [XyzClass.NA.value, XyzClass.X.value, XyzClass.Y.value],
        XyzClass.Z.value,
    ).astype(object)


def _demand(sums: pd.DataFrame, rules: Xyz) -> npt.NDArray[np.object_]:
    squared = _squared_variation(sums, ZeroPeriods.DROP, rules)
    interval = fraction(rules.interval_from)
    rare = (sums["periods"] * interval.denominator >= sums["active_periods"] * interval.numerator).to_numpy()
    uneven = squared >= rules.cv_squared_from
    types = np.select(
        [rare & uneven, rare, uneven],
        [DemandType.LUMPY.value, DemandType.INTERMITTENT.value, DemandType.ERRATIC.value],
        DemandType.SMOOTH.value,
    ).astype(object)
    types[np.isnan(squared)] = None
    return types


@finds(ABC_CLASSES)
def value_classes(abc: pd.DataFrame, rules: Abc) -> Finding:
    """Which customers carry the money, in classes A, B and C, and who is worth nothing or less.

    Parameters
    ----------
    abc : DataFrame
        From `with_classes`.
    rules : Abc
        Value and limits.

    Returns
    -------
    Finding
        Table ``abc_classes``; numbers ``abc.A``, ``abc.B``, ``abc.C``, ``abc.N`` (customers). Absent, and the numbers
        missing, when the margin is asked for and no line has a cost.

    Notes
    -----
    Source: article C; definitions, ABC.
    """
    sizes = per_class(abc, "abc", AbcClass)
    idle = abc.loc[abc["is_inactive"], "abc"].value_counts().reindex(sizes["abc"], fill_value=0)
    table = ABC_CLASSES.conform(sizes.assign(inactive=idle.to_numpy()))
    unknown = int(abc["abc"].isna().sum())
    is_absent = rules.value == "margin" and unknown == len(abc)
    return Finding(
        ABC_CLASSES.name,
        question=say("Which customers make the sales?"),
        sentence=_value_sentence(table),
        table=table,
        numbers=_no_margin_numbers() if is_absent else _counts("abc", table["abc"], table["customers"]),
        sub=class_limits(rules),
        base=say("Customers with a line in the window: {n:count}", n=len(abc)),
        show=(
            "abc",
            Show("customers", bar=True),
            "customer_share",
            "inactive",
            "net_sales",
            "net_sales_share",
            *_margin_column(table),
        ),
        caveats=_unknown_margin(unknown) if unknown and not is_absent else (),
        absent=say("The source has no cost, so classes by margin are not measurable.") if is_absent else None,
    )


def _margin_column(table: pd.DataFrame) -> tuple[str, ...]:
    return ("margin",) if table["margin"].notna().any() else ()


def _counts(prefix: str, names: pd.Series, customers: pd.Series) -> dict[str, int]:
    return {f"{prefix}.{name}": int(count) for name, count in zip(names, customers, strict=True)}


def _no_margin_numbers() -> dict[str, str | None]:
    absent = {f"abc.{name.value}": None for name in AbcClass}
    return absent | {f"{name}_absent": "no line has a cost" for name in absent}


def _value_sentence(table: pd.DataFrame) -> Message:
    classes = table.set_index("abc")
    leaders = classes.loc[AbcClass.A.value]
    if pd.isna(leaders["net_sales_share"]):
        return say("No customer has net sales above 0.")
    return say(
        "Class A is {people:share} of the customers ({n:count}) and {money:share} of net sales.",
        n=int(leaders["customers"]),
        people=float(leaders["customer_share"]),
        money=float(leaders["net_sales_share"]),
    )


def _unknown_margin(customers: int) -> tuple[Caveat, ...]:
    return (
        Caveat(
            say("Some customers have no known margin"),
            say("Customers without a known cost are in no class: {n:count}.", n=customers),
        ),
    )


@finds(XYZ_CLASSES)
def rhythm_classes(
    sums: pd.DataFrame, abc: pd.DataFrame, rules: Xyz, seasonless: pd.DataFrame | None = None
) -> Finding:
    """How evenly customers buy, and what the classes would be with other periods, edges and treatment of zeros.

    Parameters
    ----------
    sums : DataFrame
        From `period_sums`.
    abc : DataFrame
        From `with_classes`.
    rules : Xyz
        Period, treatment of periods without sales and of the season, edges.
    seasonless : DataFrame, optional
        From `seasonless_sums`; None where the season cannot be measured, and is kept.

    Returns
    -------
    Finding
        Table ``xyz_classes``, one row per alternative, the one in use first; numbers ``xyz.X``, ``xyz.Y``, ``xyz.Z``,
        ``xyz.na`` (buyers) and ``xyz_period``.

    Notes
    -----
    Shares are over the buyers that are classed. Source: definitions, XYZ.
    """
    period = choose_period(used_sums(sums, seasonless, rules), abc, rules)
    table = _alternatives(sums, seasonless, period, rules)
    used = table.iloc[0]
    names = [member.value for member in XyzClass]
    counts = [int(used[f"{name.lower()}_customers"]) for name in names]
    buyers = sum(counts)
    return Finding(
        XYZ_CLASSES.name,
        question=say("How steadily do customers buy?"),
        sentence=_rhythm_sentence(dict(zip(XyzClass, counts, strict=True))),
        table=table,
        numbers={f"xyz.{name}": count for name, count in zip(names, counts, strict=True)}
        | {"xyz_period": period.value},
        sub=say(
            "Coefficient of variation of net sales per {period}: X up to {x:num2}, Y up to {y:num2}, Z above",
            period=period.label,
            x=rules.x_until,
            y=rules.y_until,
        ),
        base=say(
            "Buyers: {n:count}; n/a: fewer than {periods:count} complete periods or {active:count} with sales",
            n=buyers,
            periods=rules.min_periods,
            active=rules.min_active,
        ),
        show=(
            "period",
            "zero_periods",
            *(("season",) if seasonless is not None else ()),
            "x_until",
            "y_until",
            "x_share",
            "y_share",
            "z_share",
            "na_customers",
            "is_used",
        ),
        caveats=_textbook_caveat(table, period, rules),
    )


def used_sums(sums: pd.DataFrame, seasonless: pd.DataFrame | None, rules: Xyz) -> pd.DataFrame:
    """Sums that the classes are made of: without the season where the rules say so and it can be measured.

    Examples
    --------
    >>> sums = pd.DataFrame({"total": [1]})
    >>> used_sums(sums, None, Xyz(season="remove")) is sums
    True
    """
    return sums if seasonless is None or rules.season == Season.KEEP.value else seasonless


def _alternatives(
    sums: pd.DataFrame, seasonless: pd.DataFrame | None, period: PeriodLength, rules: Xyz
) -> pd.DataFrame:
    own, zeros = (rules.x_until, rules.y_until), ZeroPeriods(rules.zero_periods)
    by_season = {Season.KEEP: sums} | ({} if seasonless is None else {Season.REMOVE: seasonless})
    season = Season.KEEP if used_sums(sums, seasonless, rules) is sums else Season.REMOVE
    used = (period, zeros, season, own)
    others = product(PeriodLength, ZeroPeriods, (season,), (own, TEXTBOOK_EDGES))
    ways = list(dict.fromkeys([used, *((period, zeros, other, own) for other in by_season), *others]))
    return XYZ_CLASSES.conform(
        pd.DataFrame(
            [
                _way(by_season[way[2]], way[0], way[1], way[3], rules)
                | {"season": way[2].value, "is_used": way == used}
                for way in ways
            ]
        )
    )


def _way(
    sums: pd.DataFrame, period: PeriodLength, zero_periods: ZeroPeriods, edges: tuple[float, float], rules: Xyz
) -> dict[str, object]:
    of_period = sums[sums["period"] == period]
    classes = pd.Series(_xyz(_squared_variation(of_period, zero_periods, rules), edges), dtype="str")
    counts = classes.value_counts().reindex([member.value for member in XyzClass], fill_value=0)
    classed = shares(counts.drop(XyzClass.NA.value))
    return {
        "period": period.value,
        "zero_periods": zero_periods.value,
        "x_until": edges[0],
        "y_until": edges[1],
        **{f"{member.value.lower()}_customers": counts[member.value] for member in XyzClass},
        **{f"{name}_share": share for name, share in zip("xyz", classed, strict=True)},
    }


def _rhythm_sentence(counts: dict[XyzClass, int]) -> Message:
    classed = sum(counts.values()) - counts[XyzClass.NA]
    if not classed:
        return say("No buyer has enough history to say how steadily it buys.")
    return say(
        "Steady buyers (X): {x:count}, variable (Y): {y:count}, irregular (Z): {z:count}, of "
        "{n:count} with enough history.",
        n=classed,
        x=counts[XyzClass.X],
        y=counts[XyzClass.Y],
        z=counts[XyzClass.Z],
    )


def _textbook_caveat(table: pd.DataFrame, period: PeriodLength, rules: Xyz) -> tuple[Caveat, ...]:
    x_until, y_until = TEXTBOOK_EDGES
    textbook = table[
        (table["period"] == period.value)
        & (table["zero_periods"] == rules.zero_periods)
        & (table["season"] == table["season"].iloc[0])
        & (table["x_until"] == x_until)
        & (table["y_until"] == y_until)
    ].iloc[0]
    if pd.isna(textbook["z_share"]):
        return ()
    return (
        Caveat(
            say("The classes depend on the edges"),
            say(
                "With the textbook edges of {x:share0} and {y:share0} the share of Z would be {z:share}.",
                x=x_until,
                y=y_until,
                z=float(textbook["z_share"]),
            ),
            Weight.GREEN,
        ),
    )


@finds(DEMAND_TYPES)
def demand_types(xyz: pd.DataFrame, facts: pd.DataFrame, rules: Xyz) -> Finding:
    """Tell what type of demand buyers have: smooth, erratic, intermittent or lumpy.

    Parameters
    ----------
    xyz : DataFrame
        From `xyz_classes`.
    facts : DataFrame
        Contract ``customer_facts``; net sales of all history.
    rules : Xyz
        Edges of interval and variation.

    Returns
    -------
    Finding
        Table ``demand_types``; absent when no buyer's history is long enough.

    Notes
    -----
    Source: definitions, XYZ.
    """
    typed = xyz.merge(facts[["customer_id", "net_sales"]], on="customer_id")
    table = DEMAND_TYPES.conform(per_class(typed, "demand_type", DemandType))
    n = int(table["customers"].sum())
    is_absent = n == 0
    rarely = table["demand_type"].isin([DemandType.INTERMITTENT, DemandType.LUMPY])
    return Finding(
        DEMAND_TYPES.name,
        question=say("What type of demand do buyers have?"),
        sentence=say("The type of demand cannot be measured")
        if is_absent
        else say(
            "{share:share} of the buyers with enough history order in some periods only.",
            share=float(table.loc[rarely, "customer_share"].sum()),
        ),
        table=table,
        sub=say(
            "Intermittent from one active period in {interval:num2}; erratic from a squared variation of {cv:num2}",
            interval=rules.interval_from,
            cv=rules.cv_squared_from,
        ),
        base=say("Buyers with enough history: {n:count}", n=n),
        show=("demand_type", Show("customers", bar=True), "customer_share", "net_sales", "net_sales_share"),
        absent=say("No buyer has enough complete periods to name a type of demand.") if is_absent else None,
    )


@finds(ABC_XYZ_GRID)
def abc_xyz_grid(abc: pd.DataFrame, xyz: pd.DataFrame) -> Finding:
    """How many customers and how much money stand in each cell of value and variation, and what to do there.

    Parameters
    ----------
    abc : DataFrame
        From `with_classes`.
    xyz : DataFrame
        From `xyz_classes`; a customer without a class of variation stands in n/a.

    Returns
    -------
    Finding
        Table ``abc_xyz_grid``: nine cells, three n/a cells and N, which wins over every class of variation; absent when
        nobody has a class of value.

    Notes
    -----
    Source: article C; definitions, The grid.
    """
    placed = place_in_grid(abc, xyz)
    sizes = per_class(placed, "cell", GridCell)
    idle = placed.loc[placed["is_inactive"], "cell"].value_counts().reindex(sizes["cell"], fill_value=0)
    table = ABC_XYZ_GRID.conform(
        sizes.assign(
            abc=sizes["cell"].str[0],
            xyz=sizes["cell"].str[1:].str.removeprefix("_").replace("", XyzClass.NA.value),
            inactive=idle.to_numpy(),
            action=sizes["cell"],
        )
    )
    return Finding(
        ABC_XYZ_GRID.name,
        question=say("Which class A customers buy steadily?"),
        sentence=_grid_sentence(table),
        table=table,
        sub=say("Customers and net sales by class of value (rows) and of variation (columns)"),
        base=say("Customers with a class of value: {n:count}", n=len(placed)),
        show=(
            "cell",
            "customers",
            "inactive",
            "net_sales",
            "net_sales_share",
            *_margin_column(table),
            Show("action", wide=True),
        ),
        grid=Grid("abc", "xyz", "customers", ("net_sales",)),
        cards=True,
        absent=say("No customer has a class of value.") if placed.empty else None,
    )


def place_in_grid(abc: pd.DataFrame, xyz: pd.DataFrame) -> pd.DataFrame:
    """Cell of the grid of every customer with a class of value; N wins.

    Examples
    --------
    >>> abc = pd.DataFrame({"customer_id": ["a", "b", "c"], "abc": ["A", "B", "N"]})
    >>> xyz = pd.DataFrame({"customer_id": ["a", "c"], "xyz": ["X", "Y"]})
    >>> place_in_grid(abc, xyz)["cell"].tolist()
    ['AX', 'B_na', 'N']
    """
    placed = abc[abc["abc"].notna()].merge(xyz[["customer_id", "xyz"]], on="customer_id", how="left")
    variation = placed["xyz"].fillna(XyzClass.NA.value)
    suffix = variation.mask(variation == XyzClass.NA.value, "_" + XyzClass.NA.value)
    suffix = suffix.mask(placed["abc"] == AbcClass.N.value, "")
    return placed.assign(cell=placed["abc"] + suffix)


def is_steadiness_known(grid: pd.DataFrame) -> bool:
    """Tell whether any customer of class A has enough history for a class of variation.

    Parameters
    ----------
    grid : DataFrame
        Contract ``abc_xyz_grid``.
    """
    steady = (GridCell.AX.value, GridCell.AY.value, GridCell.AZ.value)
    return bool(grid.loc[grid["cell"].isin(steady), "customers"].sum())


def _grid_sentence(table: pd.DataFrame) -> Message:
    cells = table.set_index("cell")
    steady, unsteady = cells.loc[GridCell.AX.value], cells.loc[GridCell.AZ.value]
    if pd.isna(steady["net_sales_share"]):
        return say("No customer has net sales above 0.")
    if not is_steadiness_known(table):
        return say("No customer of class A has enough history to say how evenly it buys.")
    return say(
        "Class A, steady buyers (AX): {ax:count} with {ax_money:share} of net sales; irregular (AZ): "
        "{az:count} with {az_money:share}.",
        ax=int(steady["customers"]),
        ax_money=float(steady["net_sales_share"]),
        az=int(unsteady["customers"]),
        az_money=float(unsteady["net_sales_share"]),
    )
