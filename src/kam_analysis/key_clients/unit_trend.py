"""How the dependence of every unit on its largest client moved over the last months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Finding, Message, Show, say, say_n
from kam_analysis.key_clients.concentration import LONG_WINDOW_MONTHS, SHORT_WINDOW_MONTHS
from kam_analysis.key_clients.dependence import bands_of
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Band, UnitColumn

UNIT_TREND = Table(
    "unit_trend",
    "one unit (company, or one value of a unit column) and month end",
    (
        col.UNIT_COLUMN,
        col.UNIT("Value on the order line; missing for the company.", absent=say("whole company")),
        col.MONTH("Last month of the window."),
        col.WINDOW_MONTHS,
        col.N("Customers with net sales above 0 in the unit and window.", low=1),
        col.NET_SALES("Base: customers above 0.", low=0),
        col.LARGEST_SHARE("Largest client's share of the base."),
        col.BAND("Dependence band."),
    ),
    ("unit_column", "unit", "month"),
)


POINTS = 13
STEPS = list(Band)


def unit_windows(engine: Engine, facts: pd.DataFrame, calendar: Calendar, rules: KeyClients) -> pd.DataFrame:
    """Largest account and base of the company and every unit over rolling windows, one per month end.

    Windows of 12 complete months, or of 3 where the data are short; at most 13 of them, so that the first and the last
    lie a year apart; the last ends with the last complete month.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    facts : DataFrame
        ``customer_facts``; `parent_id` is the account.
    calendar : Calendar
        Complete months.
    rules : KeyClients
        Unit columns.

    Returns
    -------
    DataFrame
        unit_column, unit ("" for the company), month (last of the window), window_months, n, largest, net_sales; no row
        where nobody has net sales above 0.

    Examples
    --------
    >>> import datetime as dt
    >>> calendar = Calendar(dt.date(2025, 1, 1), dt.date(2025, 5, 1))
    >>> with Engine() as engine:
    ...     engine.view("order_lines", "SELECT '1' AS customer_id, 5.0 AS net_sales, DATE '2025-03-09' AS ordered_on, "
    ...         "'Ana' AS manager, NULL AS department, NULL AS country, NULL AS region, NULL AS channel")
    ...     facts = pd.DataFrame({"customer_id": ["1"], "parent_id": ["1"]})
    ...     unit_windows(engine, facts, calendar, KeyClients())[["unit", "month", "largest"]].values.tolist()
    [['', Timestamp('2025-03-01 00:00:00'), 5.0], ['', Timestamp('2025-04-01 00:00:00'), 5.0], \
['Ana', Timestamp('2025-03-01 00:00:00'), 5.0], ['Ana', Timestamp('2025-04-01 00:00:00'), 5.0]]
    """
    complete = calendar.complete_months
    window = LONG_WINDOW_MONTHS if len(complete) >= LONG_WINDOW_MONTHS + SHORT_WINDOW_MONTHS else SHORT_WINDOW_MONTHS
    columns = ["unit_column", "unit", "month", "window_months", "n", "largest", "net_sales"]
    points = min(POINTS, len(complete) - window + 1)
    if points < 1:
        return pd.DataFrame({name: [] for name in columns})
    ends = [pd.Timestamp(month) for month in complete[: -points - 1 : -1]]
    engine.put("customer_accounts", facts[["customer_id", "parent_id"]])
    engine.materialise(
        "window_sums",
        statement(__file__, "window_sums"),
        from_on=complete[-(points + window - 1)],
        last_month=complete[-1],
        to_on=add_months(complete[-1], 1),
        window=window,
    )
    parts = []
    for column in (UnitColumn.COMPANY.value, *rules.units):
        engine.materialise("unit_trend", statement(__file__, "unit_trend", {"unit": column}))
        parts.append(engine.frame("unit_trend").assign(unit_column=column))
    found = pd.concat(parts, ignore_index=True)
    found = found[found.months_ago < points].astype({"largest": "float64", "net_sales": "float64"})
    dated = found.assign(month=found.months_ago.map(dict(enumerate(ends))), window_months=window)
    return dated.sort_values(["unit_column", "unit", "month"], ignore_index=True)[columns]


@finds(UNIT_TREND)
def unit_trend(windows: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say in which units the dependence on the largest client grew or fell by a band.

    Small units (now or then) stand in the table and are not judged. Absent with fewer than two windows.

    Parameters
    ----------
    windows : DataFrame
        `unit_windows`.
    rules : KeyClients
        Bands and small units.

    Examples
    --------
    >>> windows = pd.DataFrame({"unit_column": "manager", "unit": "Ana", "n": 12, "window_months": 12,
    ...     "month": pd.to_datetime(["2025-01-01", "2025-02-01"]), "largest": [19.0, 35.0], "net_sales": 100.0})
    >>> unit_trend(windows, KeyClients()).numbers
    {'units_more_dependent': 1, 'units_less_dependent': 0}
    """
    table = _with_bands(windows, rules)
    question = say("Where does the dependence grow?")
    if windows.month.nunique() < 2:
        return Finding(
            "unit_trend",
            question,
            say("The trend of the units cannot be shown yet."),
            UNIT_TREND.conform(table),
            absent=say("It needs at least {n:count} complete months with sales.", n=SHORT_WINDOW_MONTHS + 1),
        )
    moved = _moves(table, rules)
    up, down = moved[moved.steps > 0], moved[moved.steps < 0]
    return Finding(
        "unit_trend",
        question,
        _moves_sentence(moved, up, down),
        UNIT_TREND.conform(table),
        {"units_more_dependent": len(up), "units_less_dependent": len(down)},
        sub=say(
            "Largest account's share over {n:count} months, {first:month} to {last:month}; the company and the larger "
            "units that moved most.",
            n=int(table.window_months.iloc[0]),
            first=table.month.min(),
            last=table.month.max(),
        ),
        base=say(
            "Base: accounts with net sales above 0 in the unit and window; small units (n below {small:count}) are "
            "left out. The largest account need not be the same all the time.",
            small=rules.small_unit,
        ),
        drawing="key_clients.unit_trend" if len(moved) else None,
        show=() if len(moved) else ("unit", "month", "n", Show("largest_share", bar=True), "band"),
        limits=rules.bands.model_dump() | {"small_unit": rules.small_unit},
    )


def _with_bands(windows: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    largest, base = money.exact(windows.largest), money.exact(windows.net_sales)
    bands = bands_of(largest, base, windows.n.to_numpy(), rules.bands)
    levels = {name: place for place, name in enumerate([UnitColumn.COMPANY.value, *rules.units])}
    table = windows.assign(
        largest_share=largest / np.maximum(base, 1), band=bands, level=windows.unit_column.map(levels)
    )
    ordered = table.sort_values(["level", "unit", "month"], ignore_index=True)
    return ordered.assign(unit=ordered.unit.where(ordered.unit_column != UnitColumn.COMPANY))


def _moves(table: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    """First and last point of every larger unit that has both."""
    units = table[table.unit_column != UnitColumn.COMPANY]
    ends = units[units.month.isin([table.month.min(), table.month.max()]) & (units.n >= rules.small_unit)]
    order = {band.value: place for place, band in enumerate(STEPS)}
    rows = [
        {
            "unit": unit,
            "then": part.largest_share.iloc[0],
            "now": part.largest_share.iloc[-1],
            "steps": order[part.band.iloc[-1]] - order[part.band.iloc[0]],
        }
        for (_, unit), part in ends.groupby(["unit_column", "unit"], sort=True)
        if len(part) == 2
    ]
    return pd.DataFrame(rows, columns=["unit", "then", "now", "steps"])


def _moves_sentence(moved: pd.DataFrame, up: pd.DataFrame, down: pd.DataFrame) -> Message:
    if moved.empty:
        return say("No larger unit has sales at both ends of the period.")
    if up.empty and down.empty:
        return say_n(
            "The only larger unit stayed in its band of dependence.",
            "None of {n:count} larger units moved to another band of dependence.",
            count="n",
            n=len(moved),
        )
    if up.empty:
        return say_n(
            "The only larger unit does not depend on its largest client by a band more than before.",
            "None of {n:count} larger units depends on its largest client by a band more than before; "
            "{down:count} by a band less.",
            count="n",
            n=len(moved),
            down=len(down),
        )
    moves = _rises_sentence(up, len(moved))
    return (
        say("{moves}; {down:count} moved down.", moves=moves, down=len(down))
        if len(down)
        else say("{moves}.", moves=moves)
    )


def _rises_sentence(up: pd.DataFrame, larger: int) -> Message:
    worst = up.assign(rise=up.now - up.then).sort_values(["rise", "unit"], ascending=[False, True]).iloc[0]
    if larger == 1:
        return say(
            "The only larger unit moved up by a band of dependence or more: {unit}, from {then:share} to {now:share}",
            unit=worst.unit,
            then=worst.then,
            now=worst.now,
        )
    return say_n(
        "{up:count} of {n:count} larger units moved up by a band of dependence or more: {unit}, from {then:share} to "
        "{now:share}",
        "{up:count} of {n:count} larger units moved up by a band of dependence or more, most of all {unit}: from "
        "{then:share} to {now:share}",
        count="up",
        up=len(up),
        n=larger,
        unit=worst.unit,
        then=worst.then,
        now=worst.now,
    )
