"""Which period the headline figures of retention are for, and what is said where there is none."""

from __future__ import annotations

import datetime as dt

from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Message, say, say_n
from kam_analysis.params import Retention

YEAR = 12
NO_PERIOD = "no complete period with a complete base of the same length before it"
EMPTY_BASE = "nobody ordered in the base period"


def shown_days(start_on: dt.date, months: int) -> tuple[dt.date, dt.date]:
    """Give first and last day of the period that starts on a day and lasts so many months.

    Examples
    --------
    >>> shown_days(dt.date(2011, 9, 1), 3)
    (datetime.date(2011, 9, 1), datetime.date(2011, 11, 30))
    """
    return start_on, add_months(start_on, months) - dt.timedelta(days=1)


def without_period(calendar: Calendar, rules: Retention) -> Message:
    """Say why there is no retention period in these data."""
    if rules.period_months:
        return say_n(
            "Not measurable: a period of {months:count} month needs a complete month before it; the data hold "
            "{n:count}.",
            "Not measurable: a period of {months:count} months needs as many before it; the data hold {n:count} "
            "complete.",
            count="months",
            months=rules.period_months,
            n=len(calendar.complete_months),
        )
    return say(
        "Not measurable: two complete months are needed, the data hold {n:count}.", n=len(calendar.complete_months)
    )
