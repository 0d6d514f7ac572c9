"""Orders and money of a customer in a window that ends at the reference date."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.money import SCALE, exact

MONEY = ["customer_id", "net_sales", "margin"]
MEASURES = ["customer_id", "recency_days", "orders", "net_sales", "margin"]
YEAR_MONTHS = 12


def window_money(
    facts: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, window_months: int | None
) -> pd.DataFrame:
    """Net sales and margin of every customer with a line in the window.

    Parameters
    ----------
    facts, months : DataFrame
        Contracts ``customer_facts`` and ``customer_months``.
    calendar : Calendar
        Gives the reference date.
    window_months : int, optional
        The window is [reference date − window_months calendar months, reference date); None is all history.

    Returns
    -------
    DataFrame
        customer_id, net_sales, margin (missing where no line has a cost); by customer_id.

    Raises
    ------
    UserError
        For a window other than 12 months when the reference date is not the first day of a month: sales are known
        by whole months only.

    Notes
    -----
    Without data: a frame without rows. Source: definitions, RFM and ABC.
    """
    if window_months is None:
        return facts[MONEY].sort_values("customer_id", ignore_index=True)
    if window_months == YEAR_MONTHS:
        year = _with_a_line(facts, months, calendar)
        return year.drop(columns=["net_sales", "margin"]).rename(
            columns={"net_sales_12m": "net_sales", "margin_12m": "margin"}
        )[MONEY]
    if calendar.as_of.day != 1:
        raise UserError(
            Problem(
                f"a window of {window_months} months needs a reference date on the first day of a month",
                "params.yaml, segments",
                examples=[f"as_of {calendar.as_of}"],
                cure="set as_of to the first day of a month, or window_months to 12 or null",
            )
        )
    return money_of_months(months, calendar.as_of, window_months)


def _with_a_line(facts: pd.DataFrame, months: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    inside = months[
        (months["month"] >= pd.Timestamp(calendar.year_ago)) & (months["month"] < pd.Timestamp(calendar.as_of))
    ]
    has_line = (
        facts["customer_id"].isin(inside["customer_id"])
        | (facts["gross_sales_12m"] != 0)
        | (facts["net_sales_12m"] != 0)
        | (facts["orders_12m"] > 0)
    )
    return facts[has_line].sort_values("customer_id", ignore_index=True)


def money_of_months(months: pd.DataFrame, until: dt.date, window_months: int | None) -> pd.DataFrame:
    """Net sales and margin of every customer with a line in the whole months of a window.

    Parameters
    ----------
    months : DataFrame
        Contract ``customer_months``.
    until : date
        First day of a month; months from it on are outside.
    window_months : int, optional
        Length of the window; None is all months before `until`.

    Returns
    -------
    DataFrame
        customer_id, net_sales, margin (missing where no line has a cost); by customer_id.

    Examples
    --------
    >>> months = pd.DataFrame({"customer_id": ["a", "a"], "net_sales": [0.1, 0.2], "margin": [None, 0.05],
    ...                        "month": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    >>> money_of_months(months, dt.date(2024, 3, 1), 2).values.tolist()
    [['a', 0.3, 0.05]]
    """
    inside = months["month"] < pd.Timestamp(until)
    if window_months is not None:
        inside &= months["month"] >= pd.Timestamp(add_months(until, -window_months))
    known = months[inside]
    margin = known["margin"].astype("float64")
    money = pd.DataFrame(
        {
            "customer_id": known["customer_id"],
            "net_sales": exact(known["net_sales"]),
            "margin": exact(margin.fillna(0)),
            "has_margin": margin.notna(),
        }
    )
    sums = money.groupby("customer_id", sort=True).agg(
        net_sales=("net_sales", "sum"), margin=("margin", "sum"), has_margin=("has_margin", "any")
    )
    return pd.DataFrame(
        {
            "customer_id": sums.index.astype("str"),
            "net_sales": sums["net_sales"].to_numpy() / SCALE,
            "margin": (sums["margin"] / SCALE).where(sums["has_margin"]).to_numpy(),
        }
    )


def window_facts(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    months: pd.DataFrame,
    calendar: Calendar,
    window_months: int | None,
) -> pd.DataFrame:
    """Recency, orders, net sales and margin of every customer with a line in the window.

    Parameters
    ----------
    facts, orders, months : DataFrame
        Contracts ``customer_facts``, ``customer_orders``, ``customer_months``.
    calendar, window_months
        As in `window_money`, also for what is refused.

    Returns
    -------
    DataFrame
        As from `window_money`, with recency_days (missing without an order in the window) and orders.
    """
    if window_months is None:
        return facts[MEASURES].sort_values("customer_id", ignore_index=True)
    money = window_money(facts, months, calendar, window_months).set_index("customer_id")
    if window_months == YEAR_MONTHS:
        year = facts.set_index("customer_id").reindex(money.index)
        counted = pd.DataFrame(
            {"recency_days": year["recency_days"].where(year["orders_12m"] > 0), "orders": year["orders_12m"]}
        )
    else:
        start = pd.Timestamp(add_months(calendar.as_of, -window_months))
        inside = orders[(orders["ordered_on"] >= start) & (orders["ordered_on"] < pd.Timestamp(calendar.as_of))]
        bought = inside.groupby("customer_id").agg(orders=("order_id", "size"), last_order_on=("ordered_on", "max"))
        bought = bought.reindex(money.index)
        silence = (pd.Timestamp(calendar.as_of) - bought["last_order_on"]).dt.days.astype("float64")
        counted = pd.DataFrame({"recency_days": silence, "orders": bought["orders"].fillna(0)})
    return money.join(counted.astype({"orders": "int64"})).reset_index()[MEASURES]
