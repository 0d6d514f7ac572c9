"""Quiet decline: which sign is found, what was expected, and what the back-test counts as right."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.facts.quiet_decline import category_months, decline_signs
from kam_analysis.growth import decline_backtest, declining_customers
from kam_analysis.growth.decline import DECLINE_BACKTEST
from kam_analysis.params import Facts
from kam_analysis.tables import QUIET_DECLINE
from tests.growth.conftest import AS_OF, CALENDAR

RULES = Facts()
FIRST = dt.date(2023, 1, 2)
START = AS_OF - dt.timedelta(days=RULES.horizon_days)


def every(customer, days, until, start=FIRST, money=10.0):
    span = (until - start).days
    return [(customer, (AS_OF - start).days - day, money, "tea") for day in range(0, span, days)]


def company(*special):
    """Forty customers who order every five days, and special ones."""
    return [line for number in range(40) for line in every(f"{number:02}", 5, AS_OF)] + list(special)


@pytest.fixture
def looked_at(sell):
    def run(lines, calendar=CALENDAR):
        engine = sell(lines, "category")
        days = pd.DataFrame(
            [(one, AS_OF - dt.timedelta(days=ago), money) for one, ago, money, _ in lines],
            columns=["customer_id", "ordered_on", "net_sales"],
        ).astype({"ordered_on": "datetime64[us]"})
        months = days.assign(month=days["ordered_on"].dt.to_period("M").dt.start_time)
        months = months.groupby(["customer_id", "month"], as_index=False)["net_sales"].sum()
        return engine, OrderHistory(days), months, category_months(engine, calendar.as_of)

    return run


LATER = dt.timedelta(days=10)  # so that the last order is five days old: still ordering
SLOWER = [*every("slow", 5, START), *every("slow", 20, AS_OF, START + LATER / 2)]  # 73 days a year, then 5 in 90


def test_who_orders_a_quarter_as_often_is_rarer_and_nobody_else(looked_at):
    _, history, months, categories = looked_at(company(*SLOWER))
    signs = decline_signs(history, months, categories, CALENDAR, RULES).set_index("customer_id")
    assert len(signs) == 41
    assert signs.index[signs["is_rarer"]].tolist() == ["slow"]
    assert signs.loc["slow", "order_days"] == 5
    assert signs.loc["slow", "expected_days"] == pytest.approx(18, abs=0.6)  # 90/5


def test_the_company_s_own_season_is_no_decline(looked_at):
    fewer = [
        line for n in range(40) for line in [*every(f"{n:02}", 5, START), *every(f"{n:02}", 15, AS_OF, START + LATER)]
    ]
    _, history, months, categories = looked_at(fewer)
    assert not decline_signs(history, months, categories, CALENDAR, RULES)["is_rarer"].any()


def test_the_shortfall_is_money_below_the_own_year_times_the_company_s_change(looked_at):
    lines = company(*SLOWER)
    engine, history, months, categories = looked_at(lines)
    ids = sorted({one for one, *_ in lines})
    facts = pd.DataFrame({"customer_id": ids, "customer_name": ids, "manager": "Ana", "parent_id": ids})
    accounts = pd.DataFrame({"account_id": ids, "account_name": ids})
    found = declining_customers(engine, history, months, categories, facts, accounts, CALENDAR, RULES)
    QUIET_DECLINE.check(found.table)
    (row,) = found.table.to_dict("records")
    year_ago = AS_OF.replace(year=2025) - dt.timedelta(days=0)
    before_from = dt.date(2024, 10, 3)
    assert (START, year_ago) == (dt.date(2025, 10, 3), dt.date(2025, 1, 1))
    now, before = (
        sum(money for _, ago, money, _ in lines if low <= AS_OF - dt.timedelta(days=ago) < high)
        for low, high in ((START, AS_OF), (before_from, START))
    )
    own = sum(
        money for one, ago, money, _ in lines if one == "slow" and before_from <= AS_OF - dt.timedelta(days=ago) < START
    )
    assert row["signs"] == "rarer" and row["recent_sales"] == 50.0
    assert row["shortfall"] == pytest.approx(own * now / before - 50.0, abs=0.01)
    assert found.numbers["decline.ordering"] == 41


def test_a_short_history_says_so(looked_at, say_it):
    short = Calendar(dt.date(2024, 10, 3), AS_OF)  # exactly 12 months before the 90 days: nobody was known before
    engine, history, months, categories = looked_at(every("a", 5, AS_OF, dt.date(2024, 10, 3)), short)
    nobody = pd.DataFrame(
        columns=["customer_id", "customer_name", "manager", "parent_id", "account_id", "account_name"]
    )
    found = declining_customers(engine, history, months, categories, nobody, nobody, short, RULES)
    assert say_it(found.absent) == "Not measurable: it takes 12 months before the last 90 days."
    assert decline_backtest(history, months, categories, short, RULES).absent is not None


def test_the_back_test_knows_who_stayed_below_and_who_came_back(looked_at):
    looked_on = AS_OF - dt.timedelta(days=2 * RULES.horizon_days)
    slowed_on = looked_on - dt.timedelta(days=RULES.horizon_days)
    start = slowed_on + LATER
    stays = [*every("stays", 5, slowed_on), *every("stays", 15, AS_OF, start)]
    back = [*every("back", 5, slowed_on), *every("back", 15, looked_on, start), *every("back", 4, AS_OF, looked_on)]
    stops = [*every("stops", 5, slowed_on), *every("stops", 15, looked_on + dt.timedelta(days=61), start)]
    _, history, months, categories = looked_at(company(*stays, *back, *stops))
    found = decline_backtest(history, months, categories, CALENDAR, RULES)
    DECLINE_BACKTEST.check(found.table)
    row = found.table.iloc[0]
    assert row["looked_on"] == pd.Timestamp(looked_on)
    assert (row["flagged"], row["below"], row["stopped"], row["lead_days"]) == (3, 2, 1, 55.0)  # 10 + 9 · 15 − 90
    assert row["others_share"] < 0.5
