"""The room as a whole: control figures, contracts, tiles, no change of inputs."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis import retention
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.customer_chances import customer_chances
from kam_analysis.params import Params
from kam_analysis.report.language import Language
from kam_analysis.tables import ASSESSMENT, CUSTOMER_ORDERS, CUSTOMERS, INTERACTIONS, SURVEY, published

PUBLISHED = published("retention")

PARAMS = Params()
CALENDAR = Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10))
METRICS = {
    *("swings.key", "swings.other", "swings.all"),
    "period_months", "period_start", "period_end", "S", "E", "N", "retained", "reactivated", "crr_formula",
    "retained_share", "grr", "nrr", *(f"repeat_rate.{days}d{n}" for days in (30, 90, 365) for n in ("", ".n")),
}  # fmt: skip


def findings(lines, facts: pd.DataFrame, orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar) -> list:
    cells = retention.cohort_cells(orders, calendar)
    period = calendar.retention_period()
    groups = period and retention.base_groups(lines, facts, orders, months, *period, PARAMS.segments.abc)
    lines.put("customer_orders", orders, CUSTOMER_ORDERS)
    days, rules, life = retention.order_days(orders, calendar), PARAMS.retention, PARAMS.facts
    silence = retention.churn_silence(orders, calendar, life)
    spans = retention.inter_purchase_gaps(days, INTERACTIONS.empty(), calendar)
    returns = retention.return_by_silence(spans, 0.10, rules)
    sales = retention.stopped_sales(lines, calendar)
    lines.put("customers", CUSTOMERS.empty(), CUSTOMERS)
    lists = retention.key_lists(lines, ASSESSMENT.empty(), SURVEY.empty(), calendar, PARAMS)
    sold = retention.growth_sales(lines, facts, calendar)
    products = retention.growth_products(lines, facts, lists, calendar)
    seen, told = INTERACTIONS.empty(), SURVEY.empty()
    stayed = retention.who_stayed(orders, calendar, rules)
    by_day = orders[["customer_id", "ordered_on"]].drop_duplicates()
    chances = customer_chances(
        orders, by_day.assign(net_sales=1.0, margin=np.nan, margin_base=0.0), calendar.as_of, PARAMS.facts
    )
    left = retention.leavers(seen, CUSTOMERS.empty(), calendar, rules)
    return [
        retention.retention_what_if(stayed, facts, life, rules),
        retention.leaving_classes(left, sales, orders, calendar, rules),
        retention.reason_pareto(seen, calendar, rules),
        retention.complaint_times(seen, calendar, rules),
        retention.quality_months(seen, orders, calendar),
        retention.survey_scores(told, calendar, rules),
        retention.answers_and_purchases(told, orders, calendar, rules),
        retention.programme_members(CUSTOMERS.empty(), orders, months, calendar, rules),
        retention.comment_themes(told, calendar, rules),
        retention.contacts_before_leaving(seen, orders, calendar, silence, rules),
        returns,
        retention.win_back_list(facts, facts["customer_id"], sales, returns.table, CUSTOMERS.empty(), rules),
        retention.win_back_results(spans, INTERACTIONS.empty(), rules),
        retention.silent_categories(
            retention.category_habits(lines, calendar.as_of), facts, chances.customers, PARAMS.facts
        ),
        retention.order_waits(days, calendar),
        retention.order_steps(days, calendar, silence, rules),
        retention.lifetimes(facts, silence, life, rules),
        retention.how_sensitive(orders, calendar, PARAMS.retention),
        retention.stayed_by_segment(groups, calendar, PARAMS.retention, PARAMS.segments.abc),
        retention.stayed_by_unit(groups, calendar, PARAMS.retention),
        retention.mix_or_rate(groups, groups, period and period[1], calendar, PARAMS.retention),
        retention.who_stayed(orders, calendar, PARAMS.retention),
        retention.revenue_kept(orders, months, calendar, PARAMS.retention),
        retention.shorter_periods(orders, calendar, PARAMS.retention),
        retention.key_clients_stayed(
            facts, orders, months, calendar, lists, PARAMS, chances.customers, retention.loss_share_of(chances.summary)
        ),
        retention.key_growth(sold, lists, [], calendar),
        retention.growth_bridge(products, lists, calendar),
        retention.revenue_volatility(months, facts, lists, calendar),
        retention.how_cohorts_fare(cells, calendar),
        retention.mean_cohort(cells, calendar),
        retention.what_cohorts_bring(retention.cohort_sales(orders, months, calendar), calendar),
        retention.how_many_repeat(orders, calendar, PARAMS.retention),
        retention.who_is_overdue(facts, chances.customers, PARAMS.facts),
        retention.chance_backtest(chances.backtest, chances.summary, PARAMS.facts.horizon_days),
        retention.chance_reliability(chances.reliability),
    ]


def test_online_retail_meets_the_control_figures(online_retail) -> None:
    orders, months = online_retail
    stayed = retention.who_stayed(orders, CALENDAR, PARAMS.retention).numbers
    assert (stayed["period_start"], stayed["period_end"]) == ("2011-09-01", "2011-12-01")
    assert [stayed[name] for name in ("S", "E", "N", "retained", "reactivated")] == [1948, 2851, 980, 1328, 543]
    kept = retention.revenue_kept(orders, months, CALENDAR, PARAMS.retention).numbers
    assert (round(kept["grr"], 6), round(kept["nrr"], 6)) == (0.694284, 1.184224)
    repeat = retention.how_many_repeat(orders, CALENDAR, PARAMS.retention).numbers
    assert (round(repeat["repeat_rate.90d"], 6), repeat["repeat_rate.90d.n"]) == (0.455244, 3385)


def test_every_table_keeps_its_contract_and_every_metric_is_there(online_retail, make_facts, no_lines) -> None:
    orders, months = online_retail
    facts = make_facts({name: {} for name in orders["customer_id"].unique()[:3]})
    found = findings(no_lines, facts, orders, months, CALENDAR)
    assert {finding.name for finding in found} == set(PUBLISHED)
    for finding in found:
        PUBLISHED[finding.name].check(finding.table)
    assert {name for finding in found for name in finding.numbers} >= METRICS


@pytest.mark.parametrize("sales", [[], [("a", "2024-01-01", 5.0)], [("a", "2024-01-01", -5.0)]])
def test_next_to_nothing_gives_reasons_and_no_error(make_frames, make_facts, no_lines, sales) -> None:
    orders, months = make_frames([*sales, ("zero", "2024-01-01", 0.0)])
    facts = make_facts({"zero": {}})
    found = findings(no_lines, facts, orders, months, Calendar(dt.date(2024, 1, 1), dt.date(2024, 1, 2)))
    for finding in found:
        PUBLISHED[finding.name].check(finding.table)
        for name, value in finding.numbers.items():
            assert value is not None or finding.numbers[f"{name}_absent"]
    assert {name for finding in found for name in finding.numbers} >= METRICS
    assert all(finding.absent is not None for finding in found)


def test_tiles_carry_the_value_before_where_its_period_is_as_long_and_of_the_same_season(make_frames) -> None:
    days = [f"{year}-{month:02}-05" for year in (2021, 2022, 2023, 2024) for month in range(1, 13)]
    sales = [("a", day, 5.0) for day in days] + [("b", day, 5.0) for day in days if day < "2023"]
    new = [("c", "2024-05-05", 5.0), ("c", "2024-06-05", 5.0)]
    orders, months = make_frames([*sales, *new])
    now, before = Calendar(dt.date(2021, 1, 5), dt.date(2025, 1, 1)), Calendar(dt.date(2021, 1, 5), dt.date(2024, 1, 1))
    tiles = {tile.key: tile for tile in retention.headlines(orders, months, now, before, PARAMS.retention)}
    change = tiles["retained_share"].change.values
    assert (change["was"], change["change"]) == (0.5, 0.5)  # b left in 2023
    assert tiles["repeat_rate_90d"].change.values == {"share": 1.0, "n": 1, "months": 3}  # c, without a and b
    quarter = PARAMS.retention.model_copy(update={"period_months": 3})
    other = Calendar(dt.date(2021, 1, 5), dt.date(2024, 10, 1))
    tiles = {tile.key: tile for tile in retention.headlines(orders, months, now, other, quarter)}
    assert tiles["nrr"].is_up is None and not tiles["nrr"].change.values


def test_tiles_of_neighbouring_quarters_are_not_compared(online_retail) -> None:
    before = Calendar(dt.date(2010, 12, 1), dt.date(2011, 9, 10))
    tiles = {tile.key: tile for tile in retention.headlines(*online_retail, CALENDAR, before, PARAMS.retention)}
    assert list(tiles) == ["retained_share", "crr", "nrr", "repeat_rate_90d"]
    english = Language("en", "GBP")
    assert english.text(tiles["retained_share"].value) == "68.2\xa0%"
    assert "was" not in tiles["retained_share"].change.values
    short = Calendar(dt.date(2010, 12, 1), dt.date(2011, 2, 10))  # one month there against three here
    tiles = {tile.key: tile for tile in retention.headlines(*online_retail, CALENDAR, short, PARAMS.retention)}
    assert tiles["nrr"].is_up is None and "was" not in tiles["nrr"].change.values


def test_inputs_are_not_changed(make_frames, make_facts, no_lines) -> None:
    orders, months = make_frames([("a", f"2024-0{month}-05", 5.0) for month in range(1, 6)])
    facts = make_facts({"a": {}})
    kept = [frame.copy() for frame in (facts, orders, months)]
    findings(no_lines, facts, orders, months, Calendar(dt.date(2024, 1, 1), dt.date(2024, 6, 1)))
    for frame, copy in zip((facts, orders, months), kept, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
