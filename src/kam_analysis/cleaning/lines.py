"""Lines kept and rejected with reasons; rows and money in = kept + rejected, exactly."""

from __future__ import annotations

import datetime as dt

from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.errors import Collected
from kam_analysis.facts.calendar import default_as_of
from kam_analysis.params import Cleaning
from kam_analysis.vocabulary import Rejection


def judge_lines(engine: Engine, rules: Cleaning, as_of: dt.date | None) -> dt.date:
    """Split ``lines_read`` into ``order_lines`` and ``rejected_lines`` and give the first day not analysed.

    Parameters
    ----------
    engine : Engine
        Holds ``lines_read``; receives ``lines_counted``, ``lines_judged``, ``order_lines`` and ``rejected_lines``.
    rules : Cleaning
        What is done with service lines and exact duplicates.
    as_of : date, optional
        First day not analysed; by default the day after the last kept line, or the first day of the next month when
        that line falls on one of the last three days of its month.

    Raises
    ------
    UserError
        When no line is left, none names a customer, or the money is too large to be added exactly.
    """
    engine.materialise("lines_counted", statement(__file__, "lines_counted"))
    judged = statement(__file__, "lines_judged")
    drops = {"drop_duplicates": rules.exact_duplicates == "drop", "drop_services": rules.service_lines == "drop"}
    if as_of is None:
        kept = f"SELECT max(ordered_on) FROM ({judged}) WHERE reason IS NULL"
        last_line_on = engine.rows(kept, as_of=dt.date.max, **drops)[0][0]
        as_of = default_as_of(last_line_on) if last_line_on else dt.date.max
    engine.materialise("lines_judged", judged, as_of=as_of, **drops)
    _stop_without_sales(engine)
    for name in ("order_lines", "rejected_lines"):
        engine.materialise(name, statement(__file__, name))
    return as_of


def _stop_without_sales(engine: Engine) -> None:
    found = Collected()
    kept, identified, turnover = engine.rows(
        "SELECT count(*), count(customer_id), coalesce(sum(abs(net_sales)), 0) FROM lines_judged WHERE reason IS NULL"
    )[0]
    if not kept:
        reasons = engine.rows(
            "SELECT reason, count(*) FROM lines_judged GROUP BY reason ORDER BY count(*) DESC, reason"
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
            cure="state the money in thousands, or correct orders.decimal and orders.thousands in the source profile",
        )
    found.raise_any()
