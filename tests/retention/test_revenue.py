"""How much of the sales stayed: GRR, NRR, and a bridge that sums to the last unit of money."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.money import exact
from kam_analysis.params import Retention
from kam_analysis.retention import revenue_kept
from kam_analysis.retention.revenue import bridge_of_money, money_flows

CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2024, 4, 10))
MARCH = dt.date(2024, 3, 1)
SALES = [
    ("first", "2024-01-01", 1.0),
    ("more", "2024-02-05", 100.0),
    ("more", "2024-03-05", 150.0),
    ("less", "2024-02-05", 100.0),
    ("less", "2024-03-05", 40.0),
    ("lost", "2024-02-05", 100.0),
    ("returner", "2024-02-05", 100.0),
    ("returner", "2024-03-05", -30.0),
    ("back", "2024-01-05", 10.0),
    ("back", "2024-03-05", 60.0),
    ("new", "2024-03-05", 25.0),
    ("corrected", "2024-02-05", -5.0),
    ("corrected", "2024-03-05", -2.0),
]


def test_rates_and_bridge_by_hand(make_frames) -> None:
    found = revenue_kept(*make_frames(SALES), CALENDAR, Retention())
    # then: 4 customers of 100 each; now 150, 40, 0, −30 counted as 0
    assert found.numbers["nrr"] == pytest.approx((150 + 40) / 400)
    assert found.numbers["grr"] == pytest.approx((100 + 40) / 400)
    steps = found.table.set_index("step")["net_sales"].to_dict()
    assert steps == {
        "start": 400, "expansion": 50, "contraction": -60, "lost": -200, "reactivated": 60, "new": 25,
        "other": -32,  # −30 returned by a lost one, −2 of a customer without sales then
        "end": 243,  # 150 + 40 − 30 + 60 + 25 − 2
    }  # fmt: skip
    assert found.table.set_index("step").loc["lost", "customers"] == 2


AMOUNTS = st.decimals(-500, 500, places=4, allow_nan=False).map(float)
LINES = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from(["01", "02", "03"]), AMOUNTS), min_size=1, max_size=40
)


@settings(max_examples=settings.default.max_examples // 2)
@given(rows=LINES)
def test_bridge_sums_exactly_whatever_was_sold_and_returned(make_frames, rows: list[tuple[str, str, float]]) -> None:
    orders, months = make_frames([(name, f"2024-{month}-05", amount) for name, month, amount in rows])
    table = bridge_of_money(money_flows(orders, months, MARCH, 1))
    steps = exact(table["net_sales"])
    assert steps[:-1].sum() == steps[-1]
    assert steps[-1] == exact(months.loc[months["month"] == pd.Timestamp(MARCH), "net_sales"]).sum()
    assert steps[1] >= 0 >= steps[2] and steps[3] <= 0


def test_residue_of_doubles_is_not_sales(make_frames) -> None:
    orders, months = make_frames(
        [("a", "2024-01-01", 1.0), ("b", "2024-02-05", 0.1), ("b", "2024-02-06", 0.2), ("b", "2024-02-07", -0.3)]
    )
    flows = money_flows(orders, months, MARCH, 1)
    assert flows.loc["b", "then"] == 0  # 0.1 + 0.2 − 0.3 is 5.6e-17 in doubles
    found = revenue_kept(orders, months, CALENDAR, Retention())
    assert found.numbers["nrr"] is None
    assert found.numbers["nrr_absent"] == "no customer had net sales above 0 in the base period"


def test_no_complete_base_is_absent(make_frames) -> None:
    orders, months = make_frames(SALES[:1])
    found = revenue_kept(orders, months, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 1)), Retention())
    assert found.absent is not None and found.numbers["grr"] is None


def test_a_customer_who_spends_exactly_as_much_bought_no_less(make_frames) -> None:
    sales = [("old", "2024-01-01", 1.0), ("same", "2024-02-05", 100.0), ("same", "2024-03-05", 100.0)]
    found = revenue_kept(*make_frames(sales), CALENDAR, Retention())
    counts = found.table.set_index("step")["customers"]
    assert counts[["start", "expansion", "contraction", "lost"]].tolist() == [1, 1, 0, 0]
    assert (found.numbers["grr"], found.numbers["nrr"]) == (1, 1)
