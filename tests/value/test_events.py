"""What was ordered after an event against before, by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.tables import SPEND
from kam_analysis.value import what_came_after_events
from kam_analysis.value.events import EVENT_WEEKS


def spend_of(*rows: tuple) -> pd.DataFrame:
    """Spend of (day, kind, amount, event, hours)."""
    frame = pd.DataFrame(rows, columns=["date", "kind", "amount", "event", "hours"])
    return SPEND.conform(frame.reindex(columns=SPEND.names))


def test_events_compare_four_clear_weeks() -> None:
    calendar = Calendar(dt.date(2022, 1, 1), dt.date(2024, 3, 1))
    day = dt.date(2024, 1, 15)
    orders = pd.DataFrame(
        [
            ("a", dt.date(2022, 1, 1), 1.0), ("a", day - dt.timedelta(28), 10.0), ("a", day - dt.timedelta(1), 10.0),
            ("a", day - dt.timedelta(29), 500.0), ("b", day, 20.0), ("b", day + dt.timedelta(27), 10.0),
            ("a", day + dt.timedelta(28), 500.0),
            ("a", day - dt.timedelta(364 + 3), 10.0), ("a", day - dt.timedelta(364 - 3), 5.0),
        ],
        columns=["customer_id", "ordered_on", "net_sales"],
    )  # fmt: skip
    orders["ordered_on"] = pd.to_datetime(orders["ordered_on"])
    spend = spend_of(
        ("2024-01-15", "acquisition", 9.0, "fair", 2.0), ("2024-01-15", "acquisition", 1.0, "fair", None),
        ("2024-02-20", "retention", 3.0, "late", None),  # no four weeks after it
        ("2023-06-01", "retention", 2.0, "often", None), ("2023-06-28", "retention", 2.0, "often", None),
        ("2024-03-01", "retention", 99.0, "unknown", None),
    )  # fmt: skip
    found = what_came_after_events(spend, orders, calendar)
    table = EVENT_WEEKS.check(found.table).set_index("event")
    assert list(table.index) == ["fair", "often", "late"]
    assert table.loc["fair", ["occasions", "amount", "compared", "compared_year_ago"]].tolist() == [1, 10, 1, 1]
    assert table.loc["fair", ["sales_before", "sales_after", "new_before", "new_after"]].tolist() == [20, 30, 0, 1]
    assert table.loc["fair", ["change", "change_year_ago"]].tolist() == [0.5, -0.5]
    assert table["compared"].tolist() == [1, 0, 0]  # 27 days apart are not clear
    assert found.numbers == {"events.named": 3, "events.occasions": 4, "events.compared": 1}


@pytest.mark.parametrize(
    ("spend", "reason"),
    [
        (SPEND.empty(), "no table spend"),
        (spend_of(("2024-01-02", "acquisition", 1.0, None, None)), "no event is named"),
        (spend_of(("2024-02-01", "acquisition", 1.0, "fair", None)), "no event is named"),  # on the reference date
    ],
)
def test_what_is_lacking_is_named(spend, reason) -> None:
    orders = pd.DataFrame({"customer_id": ["a"], "ordered_on": pd.to_datetime(["2024-01-01"]), "net_sales": [1.0]})
    found = what_came_after_events(spend, orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 1)))
    assert found.absent is not None and found.table.empty
    assert found.numbers["events.named_absent"] == reason


def test_without_four_weeks_on_both_sides_only_the_cost_is_told() -> None:
    orders = pd.DataFrame({"customer_id": ["a"], "ordered_on": pd.to_datetime(["2024-01-01"]), "net_sales": [1.0]})
    spend = spend_of(("2024-01-28", "acquisition", 3.0, "fair", None))  # 27 days after the first order
    found = what_came_after_events(spend, orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 6, 1)))
    table = EVENT_WEEKS.check(found.table)
    assert table[["amount", "compared", "compared_year_ago"]].values.tolist() == [[3, 0, 0]]
    assert table[["sales_before", "change", "new_after"]].isna().all(axis=None)
    later = what_came_after_events(
        spend.assign(date=pd.Timestamp("2024-01-29")), orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 6, 1))
    )
    assert later.table["compared"].tolist() == [1] and later.table["sales_after"].tolist() == [0]
