"""Whether the key clients' money comes more steadily than that of the others."""

from __future__ import annotations

import datetime as dt

import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import KeyClients, Params
from kam_analysis.retention import revenue_volatility
from kam_analysis.retention.volatility import REVENUE_VOLATILITY

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2025, 1, 1))
DAYS = [f"{year}-{month:02}-05" for year in (2023, 2024) for month in range(1, 13)]


COMPANY = Params(key_clients=KeyClients(admit=("company",), weight_draws=20))


@pytest.fixture
def swings(make_frames, make_facts, make_lists):
    def make(sales, calendar=CALENDAR, parents={}):  # noqa: B006
        _, months = make_frames(sales)
        facts = make_facts({who: {"parent_id": parents.get(who, who)} for who, *_ in sales})
        found = revenue_volatility(months, facts, make_lists(sales, calendar, COMPANY, parents), calendar)
        REVENUE_VOLATILITY.check(found.table)
        return found

    return make


def test_by_hand(swings):
    # giant: 100 a month; small: 10 and 30 in turn from 2024 on, mean 20, deviation sqrt(12 · 100 / 11) = 10.44
    giant = [("giant", day, 100.0) for day in DAYS]
    small = [("small", day, 5.0 if day < "2024" else 10.0 + 20 * (place % 2)) for place, day in enumerate(DAYS)]
    found = swings([*giant, *small])
    rows = found.table.set_index("group")
    assert rows.loc["key", ["accounts", "mean_month", "variation"]].tolist() == [1, 100, 0]
    assert rows.loc["other", ["mean_month", "lowest_month", "highest_month"]].tolist() == [20, 10, 30]
    assert found.numbers["swings.other"] == pytest.approx((1200 / 11) ** 0.5 / 20)
    assert found.numbers["swings.all"] == pytest.approx((1200 / 11) ** 0.5 / 120)
    assert found.sentence.template.startswith("Key clients give the steadier income")


def test_the_list_is_frozen_before_the_year_and_months_without_sales_count(swings):
    then = [("then", day, 100.0) for day in DAYS[:12]] + [("then", DAYS[12], 120.0)]  # one month of 2024 only
    now = [("now", day, 1.0) for day in DAYS[:12]] + [("now", day, 900.0) for day in DAYS[12:]]
    found = swings([*then, *now])
    rows = found.table.set_index("group")
    assert rows.loc["key", ["mean_month", "lowest_month"]].tolist() == [10, 0]
    assert found.numbers["swings.key"] == pytest.approx(12**0.5)  # 11 months at 0 and one at 120
    assert "do not give the steadier income" in found.sentence.template


def test_members_of_a_group_swing_together(swings):
    # a buys in even months, b in odd ones: together 100 every month
    sales = [("ab"[place % 2], day, 100.0) for place, day in enumerate(DAYS)] + [("c", DAYS[0], 5.0)]
    rows = swings(sales, parents={"a": "H", "b": "H"}).table.set_index("group")
    assert rows.loc["key", ["accounts", "mean_month", "variation"]].tolist() == [1, 100, 0]


def test_not_measurable(swings):
    short = Calendar(dt.date(2023, 2, 5), dt.date(2025, 1, 1))  # 22 complete months
    for found in (swings([("a", DAYS[0], 5.0)], short), swings([("a", DAYS[0], -5.0)])):
        assert found.absent is not None
        assert found.numbers["swings.key"] is None and found.numbers["swings.key_absent"]
    alone = swings([("a", day, 5.0) for day in DAYS])
    assert alone.numbers["swings.other"] is None and alone.numbers["swings.all"] == 0
