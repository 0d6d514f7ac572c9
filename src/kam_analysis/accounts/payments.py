"""How each account pays: invoices late and overdue, and days late with the open invoices in."""

from __future__ import annotations

import datetime as dt

import pandas as pd


def late_invoices(payments: pd.DataFrame, as_of: dt.date, overdue_days: int) -> pd.DataFrame:
    """Invoices that are due, with how late they were paid or still are.

    Parameters
    ----------
    payments : DataFrame
        ``payments``: due_date, amount, paid_date, paid_amount. A payment dated on or after `as_of` is not known yet; an
        invoice of which less than the amount is paid is open.
    as_of : date
        First day not analysed; an invoice due on or after it is not due yet and left out.
    overdue_days : int
        An open invoice is overdue when its due date lies longer ago.

    Returns
    -------
    DataFrame
        The rows with days_late (0 where paid in time; so far, where open), is_open, is_overdue, is_late (paid after the
        due date, or overdue) and open_amount.

    Examples
    --------
    >>> payments = pd.DataFrame({"due_date": pd.to_datetime(["2025-12-01", "2025-12-20", "2025-12-01"]), "amount": 10.0,
    ...     "paid_date": pd.to_datetime(["2025-12-05", None, "2025-11-30"]), "paid_amount": [None, None, 4.0]})
    >>> found = late_invoices(payments, dt.date(2026, 1, 1), 14)
    >>> found[["days_late", "is_open", "is_overdue", "is_late", "open_amount"]].values.tolist()
    [[4, False, False, True, 0.0], [12, True, False, False, 10.0], [31, True, True, True, 6.0]]
    """
    on = pd.Timestamp(as_of)
    due = payments[payments["due_date"] < on]
    is_paid = due["paid_date"] < on
    paid = due["paid_amount"].astype("float64").fillna(due["amount"]).where(is_paid, 0.0)
    is_open = due["amount"] > paid
    until = due["paid_date"].where(~is_open, on)
    days = (until - due["due_date"]).dt.days.clip(lower=0)
    is_overdue = is_open & (days > overdue_days)
    return due.assign(
        days_late=days,
        is_open=is_open,
        is_overdue=is_overdue,
        is_late=(~is_open & (days > 0)) | is_overdue,
        open_amount=(due["amount"] - paid).where(is_open, 0.0),
    )
