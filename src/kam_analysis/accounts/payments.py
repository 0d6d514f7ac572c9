"""How each account pays: invoices late and overdue, and days late with the open invoices in."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.survival import kaplan_meier, time_until
from kam_analysis.findings import Caveat, Finding, Weight, say, say_n
from kam_analysis.tables import Table, finds


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


ACCOUNT_PAYMENTS = Table(
    "account_payments",
    "one account with a dossier and an invoice due",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.count("invoices", say("Invoices due"), "Due before the reference date, all history.", low=1),
        col.count("open", say("Open"), "Of these not fully paid."),
        col.money(
            "overdue", say("Overdue"), "Open amount of invoices open for more than `actions.overdue_days`.", low=0
        ),
        col.share("overdue_share", say("Overdue share"), "Of the amounts of the invoices due.", nullable=True),
        col.MEDIAN_DAYS("Days late by which half is paid (Kaplan–Meier, open invoices in); missing beyond the data."),
        col.P90_DAYS("Days late by which nine of ten are paid; missing beyond the data."),
        col.share("late_share", say("Late"), "Of the invoices due in the last six months.", nullable=True),
        col.share("late_before", say("Late before"), "Of those due in the six months before.", nullable=True),
    ),
    ("account_id",),
)


@finds(ACCOUNT_PAYMENTS)
def account_payments(
    payments: pd.DataFrame,
    orders: pd.DataFrame,
    members: pd.DataFrame,
    heads: pd.DataFrame,
    calendar: Calendar,
    overdue_days: int,
) -> Finding:
    """Say how late each account pays, with the open invoices in, and how much is overdue.

    Days late are 0 for an invoice paid in time. An invoice that is open counts with the days so far, as not yet paid
    (Kaplan–Meier), so that who has not paid for long does not look punctual. An invoice paid before the date of its
    order, which its number names, is left out and counted.

    Parameters
    ----------
    payments, orders : DataFrame
        ``payments`` (empty where the source has none), ``customer_orders``.
    members, heads : DataFrame
        ``account_members``, ``account_pages``.
    calendar : Calendar
        At the reference date.
    overdue_days : int
        ``actions.overdue_days``.

    Returns
    -------
    Finding
        Table ``account_payments``, most overdue first; numbers ``payments.overdue``, ``payments.accounts_overdue``,
        ``payments.wrong``.
    """
    dated = payments.merge(
        orders[["customer_id", "order_id", "ordered_on"]].rename(columns={"order_id": "invoice"}),
        on=["customer_id", "invoice"],
        how="left",
    )
    wrong = dated[dated["paid_date"] < dated["ordered_on"]]
    sound = dated[~(dated["paid_date"] < dated["ordered_on"])]
    own = late_invoices(sound, calendar.as_of, overdue_days).merge(
        members[["account_id", "customer_id"]], on="customer_id"
    )
    half, year = (pd.Timestamp(add_months(calendar.as_of, -months)) for months in (6, 12))
    rows = [_payments_of(str(account), part, half, year) for account, part in own.groupby("account_id")]
    found = pd.DataFrame(rows, columns=["account_id", *ACCOUNT_PAYMENTS.names[2:]])
    found = found.astype({"account_id": "str"}).merge(heads[["account_id", "account_name"]], on="account_id")
    ordered = found.sort_values(["overdue", "account_id"], ascending=[False, True], ignore_index=True)
    table = ACCOUNT_PAYMENTS.conform(ordered)
    overdue, late = money.total(table["overdue"]), int((table["overdue"] > 0).sum())
    none = say("The source has no payments of an account with a dossier.")
    return Finding(
        ACCOUNT_PAYMENTS.name,
        say("Who pays late?"),
        none
        if table.empty
        else say(
            "Accounts with an overdue invoice: {n:count} of {m:count}, {overdue:money}.",
            n=late,
            m=len(table),
            overdue=overdue,
        ),
        table,
        {"payments.overdue": overdue, "payments.accounts_overdue": late, "payments.wrong": len(wrong)},
        sub=say("Days late by Kaplan–Meier: open invoices count with the days so far."),
        show=(
            "account_name",
            "invoices",
            "overdue",
            "overdue_share",
            "median_days",
            "p90_days",
            "late_share",
            "late_before",
        ),
        most_rows=10,
        caveats=_wrong(wrong),
        absent=none if table.empty else None,
    )


def _payments_of(account: str, part: pd.DataFrame, half: pd.Timestamp, year: pd.Timestamp) -> list[object]:
    curve = kaplan_meier(part["days_late"], ~part["is_open"])
    overdue = money.total(part["open_amount"].where(part["is_overdue"], 0.0))
    due = money.total(part["amount"])
    recent, before = part[part["due_date"] >= half], part[(part["due_date"] >= year) & (part["due_date"] < half)]
    shares = [float(one["is_late"].mean()) if len(one) else None for one in (recent, before)]
    share = min(1.0, max(0.0, overdue / due)) if due > 0 else None
    times = [time_until(curve, 0.5), time_until(curve, 0.1)]
    return [account, len(part), int(part["is_open"].sum()), max(0.0, overdue), share, *times, *shares]


def _wrong(wrong: pd.DataFrame) -> list[Caveat]:
    if wrong.empty:
        return []
    text = say_n(
        "{n:count} invoice is paid before the date of its order and is left out: {ids:names}.",
        "{n:count} invoices are paid before the date of their order and are left out: {ids:names}.",
        count="n",
        n=len(wrong),
        ids=sorted(set(wrong["invoice"]))[:5],
    )
    return [Caveat(say("Payments with a wrong date"), text, Weight.AMBER)]
