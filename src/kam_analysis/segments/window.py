"""Orders and money of a customer in a window that ends at the reference date."""

from __future__ import annotations

import pandas as pd

from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.money import SCALE, exact

MEASURES = ["customer_id", "recency_days", "orders", "net_sales", "margin"]


def window_facts(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    months: pd.DataFrame,
    calendar: Calendar | None,
    window_months: int | None,
) -> pd.DataFrame:
    """Recency, orders, net sales and margin of every customer with a line in the window.

    Parameters
    ----------
    facts, orders, months : DataFrame
        Contracts ``customer_facts``, ``customer_orders``, ``customer_months``.
    calendar : Calendar, optional
        Gives the reference date; None where there is no comparison date, and `facts` has no rows.
    window_months : int, optional
        The window is [reference date − window_months calendar months, reference date); None is all history.

    Returns
    -------
    DataFrame
        customer_id, recency_days (missing without an order in the window), orders, net_sales, margin (missing where
        no line has a cost); by customer_id.

    Raises
    ------
    UserError
        For a window other than 12 months when the reference date is not the first day of a month: sales are known
        by whole months only.

    Notes
    -----
    Without data: a frame without rows. Source: definitions, RFM and ABC.
    """
    if window_months is None or calendar is None:
        return facts[MEASURES].sort_values("customer_id", ignore_index=True)
    start = pd.Timestamp(add_months(calendar.as_of, -window_months))
    inside = months[(months["month"] >= start) & (months["month"] < pd.Timestamp(calendar.as_of))]
    if window_months == 12:
        return _last_year(facts, inside["customer_id"])
    if calendar.as_of.day != 1:
        raise UserError(
            Problem(
                f"a window of {window_months} months needs a reference date on the first day of a month",
                "params.yaml, segments",
                examples=[f"as_of {calendar.as_of}"],
                cure="set as_of to the first day of a month, or window_months to 12 or null",
            )
        )
    until = (orders["ordered_on"] >= start) & (orders["ordered_on"] < pd.Timestamp(calendar.as_of))
    return _from_months(inside, orders[until], calendar)


def _last_year(facts: pd.DataFrame, active_ids: pd.Series) -> pd.DataFrame:
    has_line = (
        facts["customer_id"].isin(active_ids)
        | (facts["gross_sales_12m"] != 0)
        | (facts["net_sales_12m"] != 0)
        | (facts["orders_12m"] > 0)
    )
    year = facts[has_line]
    return pd.DataFrame(
        {
            "customer_id": year["customer_id"],
            "recency_days": year["recency_days"].where(year["orders_12m"] > 0),
            "orders": year["orders_12m"],
            "net_sales": year["net_sales_12m"],
            "margin": year["margin_12m"],
        }
    ).sort_values("customer_id", ignore_index=True)


def _from_months(months: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    has_margin = months["margin"].notna()
    money = pd.DataFrame(
        {
            "customer_id": months["customer_id"],
            "net_sales": exact(months["net_sales"]),
            "margin": exact(months["margin"].fillna(0)),
            "has_margin": has_margin,
        }
    )
    sums = money.groupby("customer_id", sort=True).agg(
        net_sales=("net_sales", "sum"), margin=("margin", "sum"), has_margin=("has_margin", "any")
    )
    bought = orders.groupby("customer_id").agg(orders=("order_id", "size"), last_order_on=("ordered_on", "max"))
    joined = sums.join(bought)
    return pd.DataFrame(
        {
            "customer_id": joined.index.astype("str"),
            "recency_days": (pd.Timestamp(calendar.as_of) - joined["last_order_on"]).dt.days.to_numpy("float64"),
            "orders": joined["orders"].fillna(0).to_numpy("int64"),
            "net_sales": joined["net_sales"].to_numpy() / SCALE,
            "margin": (joined["margin"] / SCALE).where(joined["has_margin"]).to_numpy(),
        }
    )
