"""CDNOW per customer, as the purchase models take it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).parents[3] / "shared/data"


def _after_39_weeks(rows: list[list[str]], customer: int) -> pd.DataFrame:
    lines = pd.DataFrame(
        {
            "customer": [row[customer] for row in rows],
            "day": [row[customer + 1] for row in rows],
            "value": [float(row[customer + 3]) for row in rows],
        }
    )
    days = lines.assign(day=pd.to_datetime(lines["day"])).groupby(["customer", "day"], as_index=False)["value"].sum()
    days = days[days["day"] < "1997-10-01"]
    first = days.groupby("customer")["day"].transform("min")
    days = days.assign(first=first, repeat_value=days["value"].where(days["day"] > first, 0.0))
    found = days.groupby("customer").agg(
        n=("day", "size"), first=("first", "min"), last=("day", "max"), spent=("repeat_value", "sum")
    )
    return pd.DataFrame(
        {
            "repeats": found["n"] - 1,
            "lifetime_days": (found["last"] - found["first"]).dt.days,
            "age_days": (pd.Timestamp("1997-09-30") - found["first"]).dt.days,
            "mean_value": found["spent"] / (found["n"] - 1).clip(lower=1),
        }
    )


@pytest.fixture(scope="session")
def cdnow_sample() -> pd.DataFrame:
    """Per customer of the CDNOW sample after 39 weeks: repeats, lifetime_days, age_days, mean_value."""
    source = DATA / "cdnow/CDNOW_sample.txt"
    if not source.exists():
        pytest.skip("CDNOW is not beside the project")
    return _after_39_weeks([line.split() for line in source.read_text().splitlines()], 1)


@pytest.fixture(scope="session")
def cdnow_full() -> pd.DataFrame:
    """The same of all 23,570 customers."""
    source = DATA / "cdnow/CDNOW_master.txt"
    if not source.exists():
        pytest.skip("CDNOW is not beside the project")
    rows = [line.split() for line in source.read_text().splitlines()]
    return _after_39_weeks([row for row in rows if row and row[0][0].isdigit()], 0)
