"""The room as a whole: readings of the formula, control figures, contracts, tiles, reasons."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis import value
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.customer_chances import chances_on
from kam_analysis.facts.retained import Retained
from kam_analysis.findings import Finding
from kam_analysis.params import Facts, Params
from kam_analysis.tables import SPEND, published

from .conftest import life_months_of

PUBLISHED = published("value")

PARAMS = Params()
CALENDAR = Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10))
METRICS = {
    "model", "identified",
    *(f"{reading}.{letter}" for reading in ("realised", "expected") for letter in ("S", "C", "T", "SCT", "P", "ltv")),
    "expected.N", "expected.h",
    *(
        f"backtest.{model}.{measure}"
        for model in ("bg_nbd", "formula", "last_quarter", "mean")
        for measure in ("mae", "rmse", "total_error", "top10")
    ),
}  # fmt: skip


TILED = ("ltv_variants", "customer_values", "lifetime_value_months", "spend_months")


def findings(facts: pd.DataFrame, orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, rules: Facts) -> list:
    stayed, cells = value.last_retained(orders, calendar), life_months_of(orders)
    chances = chances_on(orders, calendar.as_of, rules)
    trial, backtest = value.which_model_predicts(orders, months, calendar, PARAMS.value, rules, chances)
    worth = worth_of(facts, orders, calendar, rules, stayed)
    return [
        worth,
        value.what_a_new_customer_brings(facts, cells, calendar, worth, rules),
        value.what_is_each_group_worth(facts, cells, calendar, rules, PARAMS.value.min_cell),
        backtest,
        value.is_it_calibrated(trial),
        value.for_whom_does_it_hold(trial),
        value.who_will_bring_most(facts, chances, trial, backtest),
        value.what_a_new_customer_costs(SPEND.empty(), facts, orders, calendar, worth),
        value.when_is_it_paid_back(SPEND.empty(), facts, months, calendar),
        value.which_events_were_paid(SPEND.empty(), facts, orders, calendar),
        value.what_came_after_events(SPEND.empty(), orders, calendar),
        value.do_newcomers_become_regular(facts, orders, calendar, rules, PARAMS.value.min_cell),
    ]


def worth_of(
    facts: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar, rules: Facts, stayed: Retained | None = None
) -> Finding:
    silence = value.churn_silence(orders, calendar, rules)
    return value.what_is_a_buyer_worth(facts, life_months_of(orders), calendar, silence, rules, stayed)


@pytest.fixture(scope="module")
def found(online_retail) -> dict:
    return {finding.name: finding for finding in findings(*online_retail, CALENDAR, PARAMS.facts)}


def test_online_retail_meets_the_control_figures(found) -> None:
    numbers = found["ltv_variants"].numbers
    assert round(numbers["realised.S"], 4) == 448.4403
    assert round(numbers["realised.C"], 7) == 0.9140758
    assert round(numbers["realised.T"], 6) == 4.673589


def test_contracts_and_metrics(found) -> None:
    assert set(found) == set(PUBLISHED)
    for name, finding in found.items():
        PUBLISHED[name].check(finding.table)
    assert {name for finding in found.values() for name in finding.numbers} >= METRICS


def test_readings_stand_side_by_side(found) -> None:
    table = found["ltv_variants"].table
    assert table[["group", "reading"]].values.tolist() == [
        ["new", "expected"], ["buyers", "realised"], ["buyers", "expected"], ["buyers", "churn"],
        ["regulars", "realised"], ["regulars", "expected"], ["regulars", "churn"],
    ]  # fmt: skip
    assert table["buyers"].tolist() == [2656, 4338, 4338, 4338, 2010, 850, 2010]
    rows = table.set_index(["group", "reading"])
    assert rows["of_realised"]["buyers", "realised"] == 1.0
    assert rows["of_realised"]["new", "expected"] == pytest.approx(
        rows["sales"]["new", "expected"] / rows["sales"]["buyers", "realised"]
    )


def test_what_a_new_customer_brings_grows_to_the_horizon(found) -> None:
    numbers, curve = found["ltv_variants"].numbers, found["lifetime_value_months"]
    assert (numbers["expected.h"], round(numbers["expected.N"], 2)) == (9, 3.68)
    assert curve.table["month"].tolist() == list(range(1, 10))
    assert curve.table["value"].is_monotonic_increasing and (curve.table["low"] < curve.table["high"]).all()
    assert curve.table["orders"].iloc[-1] == pytest.approx(numbers["expected.N"])
    assert numbers["expected.sales"] == pytest.approx(numbers["expected.S"] * numbers["expected.N"])
    assert (
        curve.numbers["expected.cumulative_low"] < numbers["expected.sales"] < curve.numbers["expected.cumulative_high"]
    )
    assert curve.sentence.values["value"] == numbers["expected.sales"]
    assert [caveat.head.template for caveat in curve.caveats] == ["Margin is absent"]


def test_every_letter_of_the_formula_by_hand(make_frames) -> None:
    """Ten buyers who order for 60 and 40, 60 days apart, all observed for 153 days: 5.03 months."""
    days = ("2024-01-01", "2024-03-01")
    sales = [(f"c{place}", day, amount) for place in range(10) for day, amount in zip(days, (60.0, 40.0), strict=True)]
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 6, 2))
    facts, orders, _ = make_frames(sales, calendar.as_of)
    rules = Facts(assumed_margin=0.2)
    numbers = worth_of(facts, orders, calendar, rules).numbers
    months = 60 / 30.4375
    assert numbers["realised.S"] == 50.0
    assert numbers["realised.C"] == pytest.approx(2 / months)
    assert numbers["realised.T"] == pytest.approx(months)
    assert numbers["realised.SCT"] == pytest.approx(100.0) and numbers["realised.ltv"] == pytest.approx(20.0)
    assert (numbers["expected.S"], numbers["expected.N"], numbers["expected.h"]) == (50.0, 2.0, 5)
    assert (numbers["expected.sales"], numbers["expected.P"], numbers["expected.ltv"]) == (100.0, 0.2, 20.0)
    assert numbers["all.expected.N"] == 2.0 and numbers["regulars.realised.S"] is None
    table = worth_of(facts, orders, calendar, rules).table.set_index(["group", "reading"])
    assert table.loc[("new", "expected"), "of_realised"] == pytest.approx(1.0)


@pytest.mark.parametrize(("new", "is_told"), [(9, True), (10, False)])
def test_exactly_the_fewest_new_customers_are_enough(make_frames, new: int, is_told: bool) -> None:
    sales = [("old", "2024-01-05", 10.0), *((f"c{place}", "2024-05-05", 10.0) for place in range(new))]
    calendar = Calendar(dt.date(2024, 1, 5), dt.date(2024, 9, 1))
    facts, orders, _ = make_frames(sales, calendar.as_of)
    rules = Facts(fewest_new=10, fewest_followed=1)
    worth = worth_of(facts, orders, calendar, rules)
    curve = value.what_a_new_customer_brings(facts, life_months_of(orders), calendar, worth, rules)
    assert any(caveat.weight == "red" for caveat in curve.caveats) is is_told


@pytest.mark.parametrize(("months", "is_told"), [(11, True), (12, False)])
def test_a_churn_of_a_whole_year_is_not_that_of_one_season(make_frames, months: int, is_told: bool) -> None:
    sales = [("a", "2022-01-01", 10.0), ("a", "2022-02-01", 10.0)]
    calendar = Calendar(dt.date(2022, 1, 1), dt.date(2024, 1, 1))
    facts, orders, _ = make_frames(sales, calendar.as_of)
    half = Retained(dt.date(2023, 1, 1), months, base=2, active=1, new=0, kept=1)
    heads = [caveat.head.template for caveat in worth_of(facts, orders, calendar, Facts(), half).caveats]
    assert ("The churn is that of one season" in heads) is is_told


def test_few_new_customers_are_told_in_red(make_frames) -> None:
    sales = [(name, f"2024-{month:02}-05", 10.0) for name in "abcdefghijkl" for month in (1, 3, 6)]
    calendar = Calendar(dt.date(2024, 1, 5), dt.date(2024, 9, 1))
    facts, orders, _ = make_frames(sales, calendar.as_of)
    worth = worth_of(facts, orders, calendar, Facts())
    curve = value.what_a_new_customer_brings(facts, life_months_of(orders), calendar, worth, Facts())
    assert curve.caveats[0].weight == "red" and curve.caveats[0].text.values["n"] == 0
    assert (worth.numbers["expected.N"], worth.numbers["expected.h"]) == (3.0, 7)  # 239 days are 7.85 months


def test_prediction_covers_every_buyer_once_and_adds_up(found, online_retail) -> None:
    table, numbers = found["customer_values"].table, found["customer_values"].numbers
    assert len(table) == 4338 and table["customer_id"].is_unique
    assert numbers["predicted.net_sales"] == pytest.approx(table["predicted_sales"].sum())
    assert numbers["predicted.months"] == found["value_backtest"].numbers["backtest.months"] == 3
    assert table["predicted_sales"].is_monotonic_decreasing


def test_without_a_margin_money_is_net_sales_and_the_reason_is_given(found, online_retail) -> None:
    numbers = found["ltv_variants"].numbers
    assert numbers["expected.P"] is None and numbers["expected.ltv"] is None
    assert numbers["expected.ltv_absent"] == "no line has a cost and no margin is assumed"
    tiles = {tile.key: tile for tile in value.headlines(*(found[name] for name in TILED))}
    assert list(tiles) == ["ltv_expected", "ltv_realised", "predicted_sales"]
    assert tiles["ltv_expected"].name.template == "Expected lifetime sales"
    assert tiles["ltv_expected"].value.values["value"] == numbers["expected.sales"]


def test_an_assumed_margin_is_marked(online_retail) -> None:
    rules = Facts(assumed_margin=0.25)
    facts, orders, _ = online_retail
    made = worth_of(facts, orders, CALENDAR, rules)
    assert made.numbers["expected.ltv"] == pytest.approx(0.25 * made.numbers["expected.sales"])
    curve = value.what_a_new_customer_brings(facts, life_months_of(orders), CALENDAR, made, rules)
    assert any(caveat.head.template == "The margin is assumed" for caveat in curve.caveats)


def test_churn_reading_needs_someone_who_left(make_frames) -> None:
    sales = [("a", "2024-01-01", 10.0), ("a", "2024-02-01", 10.0)]
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 6, 1))
    facts, orders, _ = make_frames(sales, calendar.as_of)
    everybody = Retained(dt.date(2024, 2, 1), 1, base=1, active=1, new=0, kept=1)
    numbers = worth_of(facts, orders, calendar, Facts(), everybody).numbers
    assert numbers["churn.T"] is None and numbers["churn.T_absent"] == "no retained share below 1 was measured"
    half = Retained(dt.date(2024, 2, 1), 1, base=2, active=1, new=0, kept=1)
    assert worth_of(facts, orders, calendar, Facts(), half).numbers["churn.T"] == pytest.approx(2.0)


@pytest.mark.parametrize("sales", [[("a", "2024-01-01", 5.0)], [("a", "2024-01-01", -5.0)], [("a", "2024-01-01", 0.0)]])
def test_next_to_nothing_gives_reasons_and_no_error(make_frames, sales) -> None:
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 1, 2))
    made = findings(*make_frames(sales, calendar.as_of), calendar, Facts())
    for finding in made:
        PUBLISHED[finding.name].check(finding.table)
        for name, number in finding.numbers.items():
            assert number is not None or name.endswith("_absent") or finding.numbers[f"{name}_absent"]
    assert {name for finding in made for name in finding.numbers} >= METRICS


def test_inputs_are_not_changed(make_frames) -> None:
    sales = [("a", f"2024-0{month}-05", 5.0 * month) for month in range(1, 7)] + [("b", "2024-01-01", 3.0)]
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 7, 1))
    frames = make_frames(sales, calendar.as_of)
    kept = [frame.copy() for frame in frames]
    findings(*frames, calendar, Facts())
    for frame, copy in zip(frames, kept, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
