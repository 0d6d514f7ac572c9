"""Simulated companies: customers with gaps of their own, some of whom leave."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

DAYS = 912
AS_OF = dt.date(2026, 1, 1)


def company(
    customers: int, seed: int, shape: float, rate_shape: float, rate_days: float, leave_days: float | None = None
) -> pd.DataFrame:
    """``customer_orders`` of customers who join over the time and order at gamma gaps; some leave, where asked."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        day = int(rng.integers(0, DAYS - 30)) if number % 2 else int(rng.integers(0, 30))
        rate = rng.gamma(rate_shape) / rate_days
        end = min(DAYS, day + (rng.exponential(leave_days) if leave_days else DAYS))
        while day < end:
            rows.append((f"{number:04}", day))
            day += max(1, round(rng.gamma(shape) / rate))
    ids, days = zip(*rows, strict=True)
    start = pd.Timestamp(AS_OF) - pd.Timedelta(days=DAYS)
    return pd.DataFrame({"customer_id": ids, "ordered_on": start + pd.to_timedelta(list(days), unit="D")})


def lines_of(orders: pd.DataFrame, net_sales: float = 100.0) -> pd.DataFrame:
    """Sums per customer and day: so much on each order day, no cost."""
    days = orders[["customer_id", "ordered_on"]].drop_duplicates()
    return days.assign(net_sales=net_sales, margin=np.nan, margin_base=0.0)
