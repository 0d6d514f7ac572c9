"""The numbers of who stays, reckoned a second time by plain loops over lines that fall on the edges of months."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from fractions import Fraction

import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.lifetime_value import Silence
from kam_analysis.params import Retention
from kam_analysis.retention import (
    cohort_cells,
    cohort_sales,
    order_days,
    order_steps,
    order_waits,
    revenue_kept,
    who_stayed,
)

FIRST, T, AS_OF = dt.date(2024, 1, 1), dt.date(2025, 1, 1), dt.date(2026, 1, 1)
DAYS = ["2024-01-01", "2024-01-31", "2024-02-29", "2024-06-15", "2024-12-31", "2025-01-01", "2025-03-31", "2025-12-31"]


def lines_of(seed):
    """Customer 0 orders on the first day; the last customer only ever returns; sales may fall on any edge."""
    draws = random.Random(seed)
    lines = [("0", DAYS[0], 10.0), ("9", draws.choice(DAYS), -5.0)]
    for customer in range(9):
        for day in draws.sample(DAYS, draws.randint(1, 5)):
            lines.append((str(customer), day, float(draws.choice([-7, 5, 5, 20, 20]))))
    return lines


class Road:
    """Order days of every buyer, and net sales before and after t."""

    def __init__(self, lines):
        self.orders, self.then, self.now = defaultdict(set), defaultdict(int), defaultdict(int)
        self.lines = [(customer, dt.date.fromisoformat(text), int(sales)) for customer, text, sales in lines]
        for customer, day, sales in self.lines:
            (self.then if day < T else self.now)[customer] += sales
            if sales > 0:
                self.orders[customer].add(day)
        self.days = {customer: sorted(days) for customer, days in self.orders.items()}

    def within(self, first, until):
        return {customer for customer, days in self.days.items() if any(first <= day < until for day in days)}


@pytest.fixture(params=range(8))
def both(request, make_frames):
    lines = lines_of(request.param)
    return Road(lines), *make_frames(lines), Calendar(FIRST, AS_OF)


def test_who_stayed(both):
    road, orders, _, calendar = both
    base, active = road.within(FIRST, T), road.within(T, AS_OF)
    new = {customer for customer, days in road.days.items() if days[0] >= T}
    found = who_stayed(orders, calendar, Retention()).numbers
    assert (found["S"], found["E"], found["N"]) == (len(base), len(active), len(new))
    assert found["retained_share"] == pytest.approx(len(base & active) / len(base))
    assert found["crr_formula"] == pytest.approx((len(active) - len(new)) / len(base))


def test_money_that_stayed(both):
    road, orders, months, calendar = both
    base = {customer: sales for customer, sales in road.then.items() if sales > 0}
    start = sum(base.values())
    found = revenue_kept(orders, months, calendar, Retention())
    now = {customer: max(road.now[customer], 0) for customer in base}
    assert found.numbers["grr"] == pytest.approx(float(Fraction(sum(min(now[c], base[c]) for c in base), start)))
    assert found.numbers["nrr"] == pytest.approx(float(Fraction(sum(now.values()), start)))
    steps = found.table.set_index("step").net_sales
    assert steps["lost"] == -sum(base[c] for c in base if not now[c])
    assert steps["contraction"] == sum(now[c] - base[c] for c in base if 0 < now[c] < base[c])
    assert steps["expansion"] == sum(now[c] - base[c] for c in base if now[c] > base[c])
    assert (steps["start"], steps["end"]) == (start, sum(road.now.values()))
    assert steps.drop("end").sum() == steps["end"]


def test_cohorts(both):
    road, orders, _, calendar = both
    cells = cohort_cells(orders, calendar)
    for cell in cells.itertuples():
        cohort = [d for d in road.days.values() if (d[0].year, d[0].month) == cell.cohort_month.timetuple()[:2]]
        month = cell.cohort_month.month - 1 + cell.months_since
        later = (cell.cohort_month.year + month // 12, month % 12 + 1)
        ordered = sum(any((day.year, day.month) == later for day in days) for days in cohort)
        assert (cell.buyers, cell.active_buyers) == (len(cohort), ordered)


def test_cohorts_in_net_sales(both):
    road, orders, months, calendar = both
    for cell in cohort_sales(orders, months, calendar).itertuples():
        cohort = {name for name, d in road.days.items() if (d[0].year, d[0].month) == cell.cohort_month.timetuple()[:2]}
        month = cell.cohort_month.month - 1 + cell.months_since
        later = (cell.cohort_month.year + month // 12, month % 12 + 1)
        sold = sum(sales for name, day, sales in road.lines if name in cohort and (day.year, day.month) == later)
        assert cell.net_sales == sold


def still_waiting(waits, until):
    """Kaplan–Meier by hand: the product over the days on which somebody came of 1 − came/at risk."""
    left = Fraction(1)
    for day in sorted({days for days, came in waits if came and days <= until}):
        came = sum(days == day for days, has_come in waits if has_come)
        left *= 1 - Fraction(came, sum(days >= day for days, _ in waits))
    return left


def test_times_to_the_next_and_the_kth_order(both):
    road, orders, _, calendar = both
    days = order_days(orders, calendar)
    steps = order_steps(days, calendar, Silence(180), Retention(min_cell=1)).table.set_index("order_no")
    points = order_waits(days, calendar).table
    for k in steps.index:
        reached = [d for d in road.days.values() if len(d) >= k - 1]
        waits = [((d[k - 1] - d[k - 2]).days, True) if len(d) >= k else ((AS_OF - d[-1]).days, False) for d in reached]
        assert (steps.buyers[k], steps.ordered[k]) == (len(reached), sum(came for _, came in waits))
        if not steps.ordered[k]:
            continue
        for within in (30, 90, 365):
            if max(wait for wait, _ in waits) >= within:
                assert steps[f"share_{within}d"][k] == pytest.approx(float(1 - still_waiting(waits, within)))
        own = [
            ((d[k - 1] - d[0]).days, True) if len(d) >= k else ((AS_OF - d[0]).days, False) for d in road.days.values()
        ]
        for point in points[points.order_no == k].itertuples():
            assert point.ordered_share == pytest.approx(float(1 - still_waiting(own, point.days)))


def test_one_customer_on_the_edges(make_frames):
    orders, months = make_frames([("a", "2024-12-31", 10.0), ("a", "2025-01-01", 10.0)])
    calendar = Calendar(FIRST, AS_OF)
    found = who_stayed(orders, calendar, Retention()).numbers
    assert (found["S"], found["E"], found["N"], found["retained_share"]) == (1, 1, 0, 1.0)
    kept = revenue_kept(orders, months, calendar, Retention())
    assert (kept.numbers["grr"], kept.numbers["nrr"]) == (1.0, 1.0)


def test_only_returns_are_no_base_and_no_buyer(make_frames):
    orders, months = make_frames([("a", "2024-01-01", 10.0), ("a", "2024-06-01", -10.0), ("b", "2025-02-01", -4.0)])
    kept = revenue_kept(orders, months, Calendar(FIRST, AS_OF), Retention())
    assert kept.numbers["grr"] is None  # a returned all of it: nobody was above 0
    assert who_stayed(orders, Calendar(FIRST, AS_OF), Retention()).numbers["S"] == 1  # yet it had ordered
    steps = kept.table.set_index("step").net_sales
    assert (steps["start"], steps["other"], steps["end"]) == (0, -4, -4)
