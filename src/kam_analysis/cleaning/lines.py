"""Lines kept and rejected with reasons; rows and money in = kept + rejected, exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from kam_analysis import money
from kam_analysis.cleaning.double_counting import find_double_counting
from kam_analysis.cleaning.totals import TOTALS, find_totals
from kam_analysis.engine import Engine, statement
from kam_analysis.errors import Collected
from kam_analysis.facts.calendar import as_of_of_days
from kam_analysis.params import Cleaning
from kam_analysis.vocabulary import Rejection

SLIP_SHARE = 0.01


def classify_lines(engine: Engine, rules: Cleaning, as_of: dt.date | None) -> dt.date:
    """Split ``lines_read`` into ``order_lines`` and ``rejected_lines`` and give the first day not analysed.

    No line is copied for being kept: ``order_lines`` is what ``lines_read`` holds without the rejected.

    Parameters
    ----------
    engine : Engine
        Holds ``lines_read``; receives ``lines_classified``, ``order_lines`` and ``rejected_lines``.
    rules : Cleaning
        What is done with service lines, exact duplicates, totals rows and dates far from all others.
    as_of : date, optional
        First day not analysed; by default the day after the last kept line, or the first day of the next month when
        that line falls on one of the last three days of its month; see `as_of_of_days` for lines of whole months.

    Raises
    ------
    UserError
        When no line is left, none names a customer, or the money is too large to be added exactly.
    """
    engine.view("lines_shown", "SELECT * FROM lines_read WHERE NOT is_hidden")
    engine.materialise("lines_counted", statement(__file__, "lines_counted"))
    engine.materialise("lines_cancelled", statement(__file__, "lines_cancelled"))
    find_totals(engine)
    find_double_counting(engine)
    reasons = statement(__file__, "line_reasons")
    first_day, last_day = _plausible_days(engine, rules)
    drops = {
        "drop_duplicates": rules.exact_duplicates == "drop",
        "drop_services": rules.service_lines == "drop",
        "drop_totals": rules.totals_rows == "drop",
        "totals": TOTALS,
        "first_day": first_day,
        "last_day": last_day,
        "lines_from": rules.lines_from or dt.date.min,
    }
    if as_of is None:
        kept = f"SELECT DISTINCT ordered_on FROM ({reasons}) WHERE reason IS NULL ORDER BY ordered_on"
        days = [day for (day,) in engine.rows(kept, as_of=dt.date.max, **drops)]
        as_of = as_of_of_days(days) if days else dt.date.max
    rejected = f"SELECT line, reason FROM ({reasons}) WHERE reason IS NOT NULL"
    engine.materialise("line_reasons", rejected, as_of=as_of, **drops)
    engine.change("lines_held", "is_kept = false WHERE rowid + 1 IN (SELECT line FROM line_reasons)")
    for name in ("lines_classified", "order_lines"):
        engine.view(name, statement(__file__, name))
    _stop_without_sales(engine)
    engine.materialise("rejected_lines", statement(__file__, "rejected_lines"))
    return as_of


def plausible_days(lines_by_day: Sequence[tuple[dt.date, int]], gap_days: int) -> tuple[dt.date, dt.date]:
    """First and last day that are no slip of the pen.

    Days are parted where more than `gap_days` lie between two of them. A part at the beginning or at the end with less
    than 1 % of all lines is a slip; a part in the middle is kept.

    Parameters
    ----------
    lines_by_day : sequence of (date, int)
        Days in order with their lines.
    gap_days : int
        ``cleaning.far_gap_days``.

    Returns
    -------
    tuple of date
        `date.min` and `date.max` where there is no day.

    Examples
    --------
    >>> days = [(dt.date(1900, 1, 1), 1), (dt.date(2024, 1, 1), 200), (dt.date(2024, 6, 1), 200)]
    >>> [day.isoformat() for day in plausible_days(days, 366)]
    ['2024-01-01', '2024-06-01']
    """
    if not lines_by_day:
        return dt.date.min, dt.date.max
    parts = [[lines_by_day[0]]]
    for before, after in pairwise(lines_by_day):
        if (after[0] - before[0]).days > gap_days:
            parts.append([])
        parts[-1].append(after)
    most = sum(lines for _, lines in lines_by_day) * SLIP_SHARE
    while len(parts) > 1 and sum(lines for _, lines in parts[-1]) < most:
        parts.pop()
    while len(parts) > 1 and sum(lines for _, lines in parts[0]) < most:
        parts.pop(0)
    return parts[0][0][0], parts[-1][-1][0]


def _plausible_days(engine: Engine, rules: Cleaning) -> tuple[dt.date, dt.date]:
    if rules.far_dates == "keep":
        return dt.date.min, dt.date.max
    days = engine.rows(
        "SELECT ordered_on, count(*) FROM lines_read WHERE ordered_on IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )
    return plausible_days([(day, lines) for day, lines in days], rules.far_gap_days)


def _stop_without_sales(engine: Engine) -> None:
    found = Collected()
    kept, identified, turnover = engine.rows(
        "SELECT count(*), count(customer_id), coalesce(sum(abs(net_sales)), 0) FROM order_lines"
    )[0]
    if not kept:
        reasons = engine.rows(
            "SELECT reason, count(*) FROM line_reasons GROUP BY reason ORDER BY count(*) DESC, reason"
        )
        found.add(
            "no line is left after cleaning",
            "order lines",
            examples=[f"{Rejection(reason).label.template}: {rows:,}" for reason, rows in reasons],
            cure="as_of in params.yaml, or the column mapping in the source profile",
        )
    elif not identified:
        found.add("no line names a customer", "order lines", cure="orders.columns.customer_id in the source profile")
    if turnover * money.SCALE >= money.LARGEST:
        found.add(
            f"amounts of {turnover:,.0f} in all are too large to be added exactly",
            "order lines",
            cure="state the money in thousands (orders.scale: {amount: 0.001}), or correct orders.decimal and "
            "orders.thousands in the source profile",
        )
    found.raise_any()
