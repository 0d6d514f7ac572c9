"""Lines kept and rejected with reasons; rows and money in = kept + rejected, exactly."""

from __future__ import annotations

import datetime as dt

from kam_analysis.engine import Engine, statement
from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import default_as_of
from kam_analysis.params import Cleaning


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
        When no line is left.
    """
    engine.materialise("lines_counted", statement(__file__, "lines_counted"))
    judged = statement(__file__, "lines_judged")
    drops = {"drop_duplicates": rules.exact_duplicates == "drop", "drop_services": rules.service_lines == "drop"}
    if as_of is None:
        engine.materialise("lines_judged", judged, as_of=dt.date.max, **drops)
        last_line_on = engine.rows("SELECT max(ordered_on) FILTER (WHERE reason IS NULL) FROM lines_judged")[0][0]
        as_of = default_as_of(last_line_on) if last_line_on else dt.date.max
    else:
        engine.materialise("lines_judged", judged, as_of=as_of, **drops)
    for name in ("order_lines", "rejected_lines"):
        engine.materialise(name, statement(__file__, name))
    _stop_without_sales(engine, as_of)
    return as_of


def _stop_without_sales(engine: Engine, as_of: dt.date) -> None:
    kept, identified, reasons = engine.rows(
        "SELECT count(*) FILTER (WHERE reason IS NULL), count(*) FILTER (WHERE reason IS NULL AND customer_id IS NOT NULL), "
        "list(DISTINCT reason ORDER BY reason) FROM lines_judged"
    )[0]
    if not kept:
        raise UserError(Problem(f"no line before {as_of} is left after cleaning", "order lines", examples=reasons or [],
                                cure="as_of in params.yaml, or the column mapping in the source profile"))
    if not identified:
        raise UserError(Problem("no line names a customer", "order lines", cure="orders.columns.customer_id in the source profile"))
