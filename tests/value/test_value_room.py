"""The room as a whole: readings of the formula, control figures, contracts, tiles, reasons."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis import value
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.classes import abc_classes
from kam_analysis.facts.lifetime_value import expected
from kam_analysis.facts.retained import Retained
from kam_analysis.params import Abc, Facts, Params
from kam_analysis.tables import SPEND
from kam_analysis.value.tables import PUBLISHED
from kam_analysis.vocabulary import ValueModel

PARAMS = Params()
CALENDAR = Calendar(dt.date(2010, 12, 1), dt.date(2011, 12, 10))
METRICS = {
    "model", "identified",
    *(f"{reading}.{letter}" for reading in ("realised", "expected") for letter in ("S", "C", "T", "SCT", "P", "ltv")),
    *(
        f"backtest.{model}.{measure}"
        for model in ("bg_nbd", "formula", "last_quarter", "mean")
        for measure in ("mae", "rmse", "total_error", "top10")
    ),
}  # fmt: skip


def findings(facts: pd.DataFrame, orders: pd.DataFrame, months: pd.DataFrame, calendar: Calendar, rules: Facts) -> list:
    stayed = value.last_retained(orders, calendar)
    trial, backtest = value.which_model_predicts(orders, months, calendar, rules, PARAMS.value)
    chosen = ValueModel(backtest.numbers["model"]) if backtest.numbers["model"] else None
    return [
        value.what_is_a_buyer_worth(facts, rules, stayed),
        value.what_moves_it(facts, rules),
        value.what_is_each_group_worth(facts, abc_classes(facts, Abc()), rules, Abc(), PARAMS.value.min_cell),
        value.how_long_buyers_stay(facts, rules, PARAMS.value.min_cell),
        backtest,
        value.is_it_calibrated(trial, chosen),
        value.for_whom_does_it_hold(trial, chosen),
        value.who_will_bring_most(facts, orders, months, calendar, rules, backtest),
        value.what_a_new_customer_costs(SPEND.empty(), facts, orders, calendar, None),
        value.when_is_it_paid_back(SPEND.empty(), facts, months, calendar),
        value.which_events_were_paid(SPEND.empty(), facts, orders, calendar),
        value.what_came_after_events(SPEND.empty(), orders, calendar),
        value.do_newcomers_become_regular(facts, orders, calendar, rules, PARAMS.value.min_cell),
    ]


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


def test_readings_differ_only_through_rate_and_lifetime(found) -> None:
    table = found["ltv_variants"].table
    assert (table["by_rate"] * table["by_lifetime"] - table["of_realised"]).abs().max() < 1e-12
    assert table.loc[table["reading"] == "realised", "of_realised"].tolist() == [1.0, 1.0]
    assert table["buyers"].tolist() == [4338] * 3 + [2010] * 3


def test_prediction_covers_every_buyer_once_and_adds_up(found, online_retail) -> None:
    table, numbers = found["customer_values"].table, found["customer_values"].numbers
    assert len(table) == 4338 and table["customer_id"].is_unique
    assert numbers["predicted.net_sales"] == pytest.approx(table["predicted_sales"].sum())
    assert numbers["predicted.months"] == found["value_backtest"].numbers["backtest.months"] == 6
    assert table["predicted_sales"].is_monotonic_decreasing


def test_without_a_margin_money_is_net_sales_and_the_reason_is_given(found, online_retail) -> None:
    numbers = found["ltv_variants"].numbers
    assert numbers["expected.P"] is None and numbers["expected.ltv"] is None
    assert numbers["expected.ltv_absent"] == "no line has a cost and no margin is assumed"
    tiles = {
        tile.key: tile for tile in value.headlines(online_retail[0], None, None, Facts(), found["customer_values"])
    }
    assert list(tiles) == ["ltv_expected", "ltv_realised", "predicted_sales"]
    assert tiles["ltv_expected"].name.template == "Expected lifetime sales"
    assert tiles["ltv_expected"].value.values["value"] == numbers["expected.SCT"]


def test_an_assumed_margin_is_marked(online_retail) -> None:
    rules = Facts(assumed_margin=0.25)
    made = value.what_is_a_buyer_worth(online_retail[0], rules, None)
    assert made.numbers["expected.ltv"] == pytest.approx(0.25 * made.numbers["expected.SCT"])
    assert any(caveat.head.template == "The margin is assumed" for caveat in made.caveats)


def test_churn_reading_needs_someone_who_left(make_frames) -> None:
    facts, *_ = make_frames([("a", "2024-01-01", 10.0), ("a", "2024-02-01", 10.0)], dt.date(2024, 3, 1))
    everybody = Retained(dt.date(2024, 2, 1), 1, base=1, active=1, new=0, kept=1)
    numbers = value.what_is_a_buyer_worth(facts, Facts(), everybody).numbers
    assert numbers["churn.T"] is None and numbers["churn.T_absent"] == "no retained share below 1 was measured"
    half = Retained(dt.date(2024, 2, 1), 1, base=2, active=1, new=0, kept=1)
    assert value.what_is_a_buyer_worth(facts, Facts(), half).numbers["churn.T"] == pytest.approx(2.0)


def test_a_tenth_on_a_factor_is_a_tenth_on_the_value(make_frames) -> None:
    sales = [("a", "2023-01-01", 10.0), ("a", "2024-02-01", 30.0), ("b", "2023-01-05", 20.0)]
    facts, *_ = make_frames(sales, dt.date(2024, 3, 1))
    rules = Facts(assumed_margin=0.5)
    table = value.what_moves_it(facts, rules).table.set_index("factor")
    for factor in ("sales_per_order", "orders_per_month", "margin_share", "lifetime_months"):
        assert table.loc[factor, ["low_change", "high_change"]].tolist() == pytest.approx([-0.1, 0.1])
    shorter = expected(facts, Facts(assumed_margin=0.5, lifetime_cap_months=32))  # 36 · 0.9 = 32.4, whole months
    assert shorter is not None
    assert table.loc["lifetime_cap_months", "low"] == pytest.approx(shorter.ltv)


def test_expected_life_beyond_the_data_is_a_red_caveat(found) -> None:
    assert found["ltv_variants"].caveats[0].weight == "red"
    values = found["ltv_variants"].caveats[0].text.values
    # from the longest observed time (373 days) to 36 months, at the height of the curve there
    height = found["lifetime_survival"].table["alive_share"].iloc[-1]
    longest = found["lifetime_survival"].table["lifetime_months"].iloc[-1]
    assert values["beyond"] == pytest.approx((36 - longest) * height)


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
