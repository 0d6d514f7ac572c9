"""Months, quarters and windows that end before the reference date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_WHOLE_MONTHS = 6


def add_months(day: dt.date, months: int) -> dt.date:
    """Shift a date by calendar months; a day that the month does not have becomes its last day.

    Examples
    --------
    >>> add_months(dt.date(2011, 12, 10), -12)
    datetime.date(2010, 12, 10)
    >>> add_months(dt.date(2012, 2, 29), -12)
    datetime.date(2011, 2, 28)
    """
    serial = day.year * 12 + day.month - 1 + months
    year, month = divmod(serial, 12)
    return dt.date(year, month + 1, min(day.day, _days_in_month(year, month + 1)))


def _days_in_month(year: int, month: int) -> int:
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return (following - dt.timedelta(days=1)).day


def month_of(day: dt.date) -> dt.date:
    """Give the first day of the month.

    Examples
    --------
    >>> month_of(dt.date(2011, 12, 9))
    datetime.date(2011, 12, 1)
    """
    return day.replace(day=1)


def default_as_of(last_line_on: dt.date) -> dt.date:
    """First day not analysed: the day after the last line; the next month when that is one of its month's last 3 days.

    Examples
    --------
    >>> default_as_of(dt.date(2011, 12, 9)), default_as_of(dt.date(1998, 6, 28)), default_as_of(dt.date(1998, 6, 27))
    (datetime.date(2011, 12, 10), datetime.date(1998, 7, 1), datetime.date(1998, 6, 28))
    """
    following_month = add_months(month_of(last_line_on), 1)
    if (following_month - last_line_on).days <= 3:
        return following_month
    return last_line_on + dt.timedelta(days=1)


def as_of_of_days(days: Sequence[dt.date]) -> dt.date:
    """First day not analysed of lines on some days: as `default_as_of`, or after the month that the last line covers.

    Lines stand for whole months where there are at least 6 months, each with one day, and all are first days of them.

    Parameters
    ----------
    days : sequence of date
        Days with a line, each once, in order.

    Examples
    --------
    >>> months = [dt.date(2024, month, 1) for month in range(1, 7)]
    >>> as_of_of_days(months).isoformat(), as_of_of_days(months[:5]).isoformat()
    ('2024-07-01', '2024-05-02')
    """
    are_months = len(days) >= FEWEST_WHOLE_MONTHS and all(day.day == 1 for day in days)
    return add_months(days[-1], 1) if are_months else default_as_of(days[-1])


@dataclass(frozen=True)
class Calendar:
    """The time that the data cover: the company's first order and the first day not analysed.

    Parameters
    ----------
    first_order_on, as_of : date
    censored_months : int
        ``facts.censored_months``: in the first calendar months of the data (the one of the first order included) old
        customers look new, because their earlier orders are unknown.

    Examples
    --------
    >>> calendar = Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10))
    >>> calendar.year_ago, calendar.complete_months[0], calendar.complete_months[-1], len(calendar.complete_quarters)
    (datetime.date(2010, 12, 10), datetime.date(2010, 12, 1), datetime.date(2011, 11, 1), 3)
    """

    first_order_on: dt.date
    as_of: dt.date
    censored_months: int = 3

    @property
    def year_ago(self) -> dt.date:
        """First day of the last 12 months."""
        return add_months(self.as_of, -12)

    @property
    def newcomers_from(self) -> dt.date:
        """First day on which a first order makes a customer new: after the left-censored months."""
        return add_months(month_of(self.first_order_on), self.censored_months)

    @property
    def last_day(self) -> dt.date:
        """Last day analysed."""
        return self.as_of - dt.timedelta(days=1)

    @property
    def complete_months(self) -> list[dt.date]:
        """First days of the complete months, in order; the first month counts when it begins on day 1, 2 or 3."""
        month = month_of(self.first_order_on)
        if self.first_order_on.day > 3:
            month = add_months(month, 1)
        months = []
        while add_months(month, 1) <= self.as_of:
            months.append(month)
            month = add_months(month, 1)
        return months

    @property
    def complete_quarters(self) -> list[dt.date]:
        """First days of the calendar quarters whose three months are complete."""
        months = set(self.complete_months)
        return [m for m in sorted(months) if m.month % 3 == 1 and {add_months(m, 1), add_months(m, 2)} <= months]

    def default_compare_as_of(self) -> dt.date | None:
        """Comparison date: 12 months back where a full 12 months lie before it, else 3 months back, else None.

        Both dates then look at windows of the same length wherever the data reach.
        """
        if self.first_order_on <= add_months(self.as_of, -24):
            return add_months(self.as_of, -12)
        three_months_back = add_months(self.as_of, -3)
        return three_months_back if self.first_order_on < three_months_back else None

    def retention_period(self, wanted_months: int | None = None) -> tuple[dt.date, int] | None:
        """Start t and length P in months of the last retention period [t, t+P), or None where no base is complete.

        The period ends with the last complete month; P is the longest of 12, 3 and 1 for which t−P is not before the
        first complete month (or exactly `wanted_months`).
        """
        if not (months := self.complete_months):
            return None
        end = add_months(months[-1], 1)
        for length in (wanted_months,) if wanted_months else (12, 3, 1):
            if add_months(end, -2 * length) >= months[0]:
                return add_months(end, -length), length
        return None
