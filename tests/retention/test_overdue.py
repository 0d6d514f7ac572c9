"""Overdue ranking and its back-test."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.history import history_before
from kam_analysis.facts.ranking_check import auc, check_days, check_ranking
from kam_analysis.findings import Weight
from kam_analysis.report.language import Language
from kam_analysis.retention import does_the_ranking_work, who_is_overdue
from kam_analysis.retention.overdue import overdue_ranking


def buyer(**given: object) -> dict[str, object]:
    plain = {
        "order_days": 5, "recency_days": 60, "tenure_days": 300, "median_gap_days": 20, "net_sales_12m": 100.0,
        "last_order_on": pd.Timestamp("2024-01-01"), "silence_chance": 0.5, "order_chance": 0.01,
    }  # fmt: skip
    return plain | given


def test_the_lowest_expectation_ranks_first_ties_by_id(make_facts) -> None:
    facts = make_facts(
        {
            "c": buyer(order_chance=0.02),
            "b": buyer(order_chance=0.01),
            "a": buyer(order_chance=0.02),
            "one day": buyer(order_days=1, order_chance=0.0001),
        }
    )
    ranking = overdue_ranking(facts)
    assert ranking["customer_id"].tolist() == ["b", "a", "c"]
    assert ranking["overdue_rank"].tolist() == [1, 2, 3]
    assert ranking["own_rhythm"].tolist() == [3, 3, 3]  # 60 days of silence in gaps of 20


def test_late_means_strictly_below_the_limit_and_the_largest_stand_first(make_facts) -> None:
    facts = make_facts(
        {
            "at limit": buyer(silence_chance=0.10, net_sales_12m=900.0),
            "late small": buyer(silence_chance=0.0999, net_sales_12m=1.0),
            "late large": buyer(silence_chance=0.01, net_sales_12m=50.0),
        }
    )
    found = who_is_overdue(facts, 0.10)
    assert found.table["customer_id"].tolist() == ["late large", "late small", "at limit"]
    assert found.numbers["overdue.customers"] == 2
    assert found.numbers["overdue.net_sales_12m"] == 51.0


@pytest.mark.parametrize(("late", "weight"), [(2, Weight.AMBER), (3, Weight.GREEN)])
def test_the_count_is_held_against_chance(late: int, weight: Weight, make_facts) -> None:
    facts = make_facts({f"c{n}": buyer(silence_chance=0.05 if n < late else 0.5) for n in range(20)})
    found = who_is_overdue(facts, 0.10)
    assert found.numbers["overdue.by_chance"] == 2  # one in ten of 20
    told = found.caveats[-1]
    assert told.weight == weight
    assert Language("en").text(told.text).startswith(f"So silent: {late} of 20;")
    assert "would give about 2." in Language("en").text(told.text)


def test_nobody_with_two_order_days_is_absent(make_facts) -> None:
    found = who_is_overdue(make_facts({"a": buyer(order_days=1)}), 0.10)
    assert found.absent is not None and found.numbers["overdue.customers"] is None


def test_auc_counts_pairs_and_halves_ties() -> None:
    assert auc([1, 2, 3], [False, False, True]) == 1.0
    assert auc([1, 2, 3], [True, False, False]) == 0.0
    assert auc([5, 5], [True, False]) == 0.5
    assert auc([5, 5], [True, True]) is None
    rng = np.random.default_rng(1)
    score, happened = rng.integers(0, 9, 60), rng.random(60) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in score[happened] for b in score[~happened]]
    assert auc(score, happened) == pytest.approx(np.mean(pairs))


def test_checks_have_as_much_history_as_they_wait() -> None:
    start = dt.date(2023, 1, 1)
    assert check_days(Calendar(start, dt.date(2023, 7, 1))) == ([dt.date(2023, 4, 1)], 3)
    assert check_days(Calendar(start, dt.date(2023, 3, 1))) == ([dt.date(2023, 2, 1)], 1)
    assert check_days(Calendar(start, dt.date(2023, 2, 1)))[0] == []
    assert len(check_days(Calendar(start, dt.date(2026, 1, 1)))[0]) == 4


def test_a_check_knows_only_what_was_known(make_frames) -> None:
    past = [("a", "2024-01-01"), ("a", "2024-01-11"), ("b", "2024-01-01"), ("b", "2024-03-25"), ("c", "2024-03-01")]
    sales = [(name, day, 1.0) for name, day in [*past, ("b", "2024-04-10"), ("d", "2024-04-01"), ("a", "2024-07-01")]]
    orders, _ = make_frames(sales)
    row = check_ranking(orders, dt.date(2024, 4, 1), 3)
    assert row["buyers"] == 2  # a and b; c has one order day, d came later
    assert row["ordered_share"] == 0.5  # b; a ordered on the first day after the wait
    assert row["auc_recency"] == 1.0  # b was silent for 7 days, a for 81
    assert row["auc_alarm"] == 1.0  # 7 days are usual in gaps of 84, 81 are not in gaps of 10


def test_numbers_are_the_means_of_the_table(make_frames) -> None:
    rng = np.random.default_rng(5)
    days = pd.date_range("2023-01-01", "2023-12-31").strftime("%Y-%m-%d")
    sales = [(f"c{k:02}", str(day), 1.0) for k in range(40) for day in rng.choice(days, 2 + k // 4, replace=False)]
    orders, _ = make_frames(sales)
    found = does_the_ranking_work(orders, Calendar(dt.date(2023, 1, 1), dt.date(2024, 1, 1)))
    assert len(found.table) == 3
    assert found.numbers["overdue.auc_overdue"] == pytest.approx(found.table["auc_overdue"].mean())
    assert len(history_before(orders, dt.date(2023, 10, 1))) >= found.table["buyers"].iloc[0]


def test_too_short_a_history_is_absent(make_frames) -> None:
    orders, _ = make_frames([("a", "2024-01-01", 1.0)])
    found = does_the_ranking_work(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 1)))
    assert found.absent is not None and found.numbers["overdue.auc_recency"] is None


def means_on_every_month(orders: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame([check_ranking(orders, day.date(), 3) for day in days]).set_index("ranked_on")


def assert_above_recency(checks: pd.DataFrame) -> None:
    assert checks["auc_overdue"].mean() > checks["auc_recency"].mean()
    assert (checks["auc_overdue"] - checks["auc_recency"]).min() > -0.015


def test_the_ranking_beats_recency_on_online_retail(online_retail) -> None:
    assert_above_recency(means_on_every_month(online_retail[0], pd.date_range("2011-03-01", "2011-09-01", freq="MS")))


def test_the_ranking_beats_recency_on_cdnow(cdnow_orders) -> None:
    assert_above_recency(means_on_every_month(cdnow_orders, pd.date_range("1997-04-01", "1998-04-01", freq="3MS")))


def test_the_ranking_beats_recency_on_simulated_leavers(make_frames) -> None:
    rng = np.random.default_rng(11)
    sales = []
    for number in range(400):
        gap = rng.gamma(2.0, 15.0) + 3
        day, gone = float(rng.integers(0, 200)), rng.random() / 10
        while day < 730:
            sales.append((f"c{number:03}", str(pd.Timestamp("2022-01-01") + pd.Timedelta(days=int(day)))[:10], 1.0))
            if rng.random() < gone:
                break
            day += rng.exponential(gap) + 1
    orders, _ = make_frames(sales)
    checks = means_on_every_month(orders, pd.date_range("2023-01-01", "2023-10-01", freq="3MS"))
    assert_above_recency(checks)
    assert checks["auc_overdue"].mean() > checks["auc_order_days"].mean()
