"""The back-test: hold-outs, measures, predictions that know nothing of the held-out months."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.rhythm import RhythmFit
from kam_analysis.params import Value
from kam_analysis.value.backtest import (
    Trial,
    buyer_kinds,
    for_whom_does_it_hold,
    gini,
    hold_outs,
    is_it_calibrated,
    measures,
    rmse_gap,
    top_tenth_found,
    which_model_predicts,
)
from kam_analysis.value.boosting import fit_boosting
from kam_analysis.value.known import known_on, sales_after, sales_before
from kam_analysis.value.predict import HALVES, LEARNED, fit_models, predict
from kam_analysis.value.purchases import Purchases, Spend, fit_purchases, spend_of
from kam_analysis.value.regression import Regression
from kam_analysis.value.windows import Lessons, features, lessons_before, windows
from kam_analysis.vocabulary import BuyerKind, PurchaseFit, ValueModel

JULY = dt.date(2024, 7, 1)
CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2024, 7, 10))


def sales_of(count: int = 60, seed: int = 1) -> list[tuple[str, str, float]]:
    """Customers with different rates and values in the first half of 2024."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(count):
        days = np.unique(rng.integers(0, 182, 1 + rng.poisson(rng.gamma(1.5, 4))))
        value = rng.gamma(4, 20)
        rows += [(f"c{place:03}", str(dt.date(2024, 1, 1) + dt.timedelta(int(day))), value) for day in days]
    return [*rows, ("c000", "2024-01-01", 10.0)]


def test_hold_out_is_the_longest_with_as_much_history() -> None:
    start = dt.date(2020, 1, 1)
    assert hold_outs(Calendar(start, dt.date(2022, 1, 1)), Value()) == ([dt.date(2021, 1, 1)], 12)
    assert hold_outs(Calendar(start, dt.date(2021, 12, 1)), Value())[1] == 6
    assert hold_outs(Calendar(start, dt.date(2021, 7, 5)), Value()) == ([dt.date(2021, 1, 1), dt.date(2020, 7, 1)], 6)
    assert hold_outs(Calendar(start, dt.date(2022, 1, 1)), Value(backtest_months=4))[1] == 4
    assert hold_outs(Calendar(start, dt.date(2020, 2, 1)), Value()) == ([], 0)


def test_measures_by_hand() -> None:
    # errors 1, −2, 3 and 0: mae 6/4, rmse √(14/4), predicted 22 against 20
    found = measures([np.array([6.0, 3.0]), np.array([8.0, 5.0])], [np.array([5.0, 5.0]), np.array([5.0, 5.0])])
    assert found["mae"] == 1.5
    assert found["rmse"] == pytest.approx(np.sqrt(3.5))
    assert found["total_error"] == pytest.approx(0.1)


def test_total_without_sales_has_no_error() -> None:
    assert measures([np.array([1.0])], [np.array([0.0])])["total_error"] is None


def test_top_tenth_is_rounded_up() -> None:
    true = np.arange(11.0)  # 2 of 11: the customers 9 and 10
    assert top_tenth_found(true, true) == 1.0
    assert top_tenth_found(np.where(true == 10, -1, true), true) == 0.5
    assert top_tenth_found(-true, true) == 0.0


def test_predictions_know_nothing_of_the_held_out_months(make_frames) -> None:
    _, orders, months = make_frames(sales_of(), CALENDAR.as_of)
    day = dt.date(2024, 4, 1)
    later = pd.Timestamp(day)
    blind = known_on(orders[orders["ordered_on"] < later], months[months["month"] < later], day)
    known = known_on(orders, months, day)
    pd.testing.assert_frame_equal(blind.buyers, known.buyers)
    fits = [fit_models(at, 3) for at in (known, blind)]
    for model in fits[0].models:
        made, again = (predict(model, at, fit, 3) for at, fit in zip((known, blind), fits, strict=True))
        assert (made == again).all() and (made >= 0).all()


def test_naive_predictions_by_hand(make_frames) -> None:
    sales = [
        ("a", "2024-03-31", 900.0),  # before the last three months
        ("a", "2024-04-01", 30.0),
        ("a", "2024-06-30", 60.0),
        ("b", "2024-01-01", 10.0),
        ("b", "2024-05-05", -40.0),
    ]
    _, orders, months = make_frames(sales, CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    fits = fit_models(known, 6)
    assert sales_before(known, 3).tolist() == [90.0, 0.0]
    assert predict(ValueModel.LAST_QUARTER, known, fits, 6).tolist() == [180.0, 0.0]
    assert predict(ValueModel.LAST_QUARTER, known, fits, 1).tolist() == [60.0, 0.0]
    assert predict(ValueModel.MEAN, known, fits, 3).tolist() == [45.0, 45.0]
    mid_july = known_on(orders, months, dt.date(2024, 7, 10))
    assert sales_before(mid_july, 3).tolist() == [90.0, 0.0]  # whole months only
    assert known.kept_share == pytest.approx(960 / 1000)


def test_truth_holds_returns_and_zeros(make_frames) -> None:
    _, _, months = make_frames(
        [("a", "2024-06-30", 5.0), ("a", "2024-07-01", -3.0), ("b", "2024-10-01", 9.0)], CALENDAR.as_of
    )
    assert sales_after(months, pd.Series(["a", "b", "c"]), JULY, 3).tolist() == [-3.0, 0.0, 0.0]


def test_the_smallest_rmse_is_chosen_and_told(make_frames) -> None:
    _, orders, months = make_frames(sales_of(), CALENDAR.as_of)
    _, found = which_model_predicts(orders, months, CALENDAR, Value())
    table = found.table.set_index("model")
    assert found.numbers["model"] == table["rmse"].idxmin() == table.index[table["is_chosen"]].item()
    assert found.numbers["backtest.months"] == 3
    assert set(table.index) == set(ValueModel) - set(LEARNED)
    for model in table.index:
        for measure in ("mae", "rmse", "total_error", "top10", "gini"):
            assert found.numbers[f"backtest.{model}.{measure}"] == table.loc[model, measure]
    assert (table["predictions"] == known_on(orders, months, dt.date(2024, 4, 1)).buyers.shape[0]).all()


def test_rmse_decides_and_not_the_mean_error(make_frames, monkeypatch) -> None:
    sales = [(f"c{place}", day, 1.0) for place in range(4) for day in ("2024-01-01", "2024-04-01")]
    _, orders, months = make_frames(sales, CALENDAR.as_of)
    made = {
        ValueModel.BG_NBD: [1.0, 1, 1, 13],  # mae 12/4 = 3, rmse √(144/4) = 6
        ValueModel.FORMULA: [5.0, 5, 5, 5],  # mae 4, rmse 4
    }
    far = [99.0] * 4
    monkeypatch.setattr("kam_analysis.value.backtest.predict", lambda model, *_: np.array(made.get(model, far)))
    _, found = which_model_predicts(orders, months, CALENDAR, Value())
    assert found.numbers["model"] == "formula"
    assert (found.numbers["backtest.formula.rmse"], found.numbers["backtest.bg_nbd.rmse"]) == (4.0, 6.0)
    assert found.numbers["backtest.bg_nbd.mae"] == 3.0


def test_too_short_a_history_is_absent(make_frames) -> None:
    _, orders, months = make_frames([("a", "2024-01-01", 5.0)], dt.date(2024, 2, 1))
    trial, found = which_model_predicts(orders, months, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 1)), Value())
    assert found.absent is not None
    assert found.numbers["model"] is None and found.numbers["model_absent"]
    assert found.numbers["backtest.bg_nbd.rmse"] is None
    assert is_it_calibrated(trial, None).absent is not None
    assert for_whom_does_it_hold(trial, None).absent is not None


def test_ranking_by_hand() -> None:
    # shares of 60, 30, 10 in the order 2nd, 1st, 3rd: area above the diagonal 0.3+1.2+1.9 = 3.4 sixths − 1/2;
    # twice that less 1 = 0.1333; the best order 0.6+1.5+1.9 = 4 sixths: 0.3333
    assert gini(np.array([2.0, 3.0, 1.0]), np.array([60.0, 30.0, 10.0])) == pytest.approx(0.4)
    assert gini(np.array([1.0, 2.0, 3.0]), np.array([60.0, 30.0, 10.0])) == pytest.approx(-1)
    assert gini(np.array([1.0, 2.0]), np.array([5.0, 5.0])) is None
    assert gini(np.array([1.0, 2.0]), np.array([5.0, -5.0])) is None


def test_the_gap_of_the_errors_counts_a_customer_once() -> None:
    rng = np.random.default_rng(3)
    errors, best = rng.normal(0, 3, 400), rng.normal(0, 2, 400)
    low, high = rmse_gap(errors, best, np.arange(400))
    gap = np.sqrt((errors**2).mean()) - np.sqrt((best**2).mean())
    assert (low + high) / 2 == pytest.approx(gap)
    drawn = rng.integers(0, 400, (3000, 400))
    spread = np.std(np.sqrt((errors[drawn] ** 2).mean(1)) - np.sqrt((best[drawn] ** 2).mean(1)))
    assert (high - low) / 2 == pytest.approx(1.96 * spread, rel=0.1)
    wide = rmse_gap(np.tile(errors, 3), np.tile(best, 3), np.tile(np.arange(400), 3))
    assert wide == pytest.approx((low, high))  # the same customers three times tell no more
    assert rmse_gap(np.zeros(3), np.zeros(3), np.arange(3)) == (0.0, 0.0)


def test_kinds_of_buyers_by_hand() -> None:
    days = {
        "even": [0, 10, 20, 30, 40, 50],
        "uneven": [0, 1, 2, 3, 4, 100],
        "few": [0, 9],
        "twice_a_day": [5, 5],
    }
    orders = pd.DataFrame(
        [(name, pd.Timestamp("2024-01-01") + pd.Timedelta(days=day)) for name, all_ in days.items() for day in all_],
        columns=["customer_id", "ordered_on"],
    )
    buyers = pd.DataFrame({"customer_id": list(days), "order_days": [6, 6, 2, 1]})
    assert buyer_kinds(buyers, orders).tolist() == ["even", "uneven", "few_days", "one_day"]


def trial_of(predicted: list[float], true: list[float], kinds: list[str]) -> Trial:
    """One hold-out with two predictions: the given one and zero."""
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{place:03}" for place in range(len(true))],
            "kind": kinds,
            "has_returns": False,
            "hold_out": 0,
            "true": true,
            "blend": predicted,
            "mean": 0.0,
        }
    )
    return Trial(rows, [JULY], [])


def test_calibration_by_tenths() -> None:
    predicted = [float(value) for value in range(20, 0, -1)]
    doubled = [2 * value for value in predicted]
    found = is_it_calibrated(trial_of(predicted, doubled, ["one_day"] * 20), ValueModel.BLEND)
    assert found.table["tenth"].tolist() == list(range(1, 11))
    assert found.table["predictions"].tolist() == [2] * 10
    assert found.table["predicted"].tolist()[:2] == [19.5, 17.5]
    assert found.numbers["calibration.slope"] == pytest.approx(2.0)


def test_groups_by_hand_and_small_ones_left_out() -> None:
    kinds = ["one_day"] * 20 + ["even"] * 19
    trial = trial_of([5.0] * 39, [10.0] * 20 + [0.0] * 19, kinds)
    found = for_whom_does_it_hold(trial, ValueModel.BLEND)
    row = found.table.iloc[0]
    assert len(found.table) == 1
    assert (row["kind"], row["predictions"], row["total_error"], row["rmse"]) == (BuyerKind.ONE_DAY, 20, -0.5, 5.0)
    assert row["best_model"] == ValueModel.BLEND
    everyone_nothing = trial_of([5.0] * 20, [0.0] * 20, ["one_day"] * 20)
    row = for_whom_does_it_hold(everyone_nothing, ValueModel.BLEND).table.iloc[0]
    assert row["best_model"] == ValueModel.MEAN and pd.isna(row["total_error"])


def test_windows_never_reach_the_day_and_need_history() -> None:
    days, length = windows(dt.date(2023, 1, 15), dt.date(2024, 1, 10), 12)
    assert length == 4 and days == [dt.date(2023, 9, 1), dt.date(2023, 7, 1), dt.date(2023, 5, 1)]
    assert windows(dt.date(2024, 1, 1), dt.date(2024, 3, 1), 12) == ([], 0)
    assert windows(dt.date(2020, 1, 1), dt.date(2024, 1, 1), 3)[1] == 3


def test_what_is_learned_has_the_level_of_the_latest_window(make_frames) -> None:
    _, orders, months = make_frames(sales_of(400, seed=5), CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    pareto = fit_purchases(known.customers, PurchaseFit.PARETO_NBD)
    lessons = lessons_before(known, 3, pareto, spend_of(known))
    assert lessons is not None and lessons.window_months == 2
    latest = known_on(orders, months, dt.date(2024, 5, 1))
    came = sales_after(months, latest.buyers["customer_id"], dt.date(2024, 5, 1), 2)
    assert (lessons.sales[0] == came).all()
    learned = fit_models(known, 3).learned
    boosted = learned.boosted
    rows = lessons.then[0]
    assert boosted.model.predict(rows.to_numpy()).sum() * boosted.level == pytest.approx(came.sum())
    again = Regression.fit(lessons.rows, lessons.all_sales)
    assert learned.regressed / again.predict(lessons.now) == pytest.approx(came.sum() / again.predict(rows).sum())


def test_what_is_learned_is_scaled_and_mixed(make_frames) -> None:
    _, orders, months = make_frames(sales_of(400, seed=5), CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    fits = fit_models(known, 3)
    made = {model: predict(model, known, fits, 3) for model in fits.models}
    assert all((values >= 0).all() and values.shape == (len(known.buyers),) for values in made.values())
    for model in (ValueModel.BOOSTING, ValueModel.REGRESSION):
        assert predict(model, known, fits, 6) == pytest.approx(2 * made[model], rel=1e-5)
    for model, other in HALVES.items():
        assert made[model] == pytest.approx((made[ValueModel.PARETO_NBD] + made[other]) / 2, rel=1e-5)
        assert made[other] != pytest.approx(made[ValueModel.PARETO_NBD])


def test_features_of_fits_come_from_what_serves_to_four_digits(make_frames) -> None:
    _, orders, months = make_frames(sales_of(60, seed=5), CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    without_churn = Purchases(PurchaseFit.NBD, None, RhythmFit(2.0, 30.0, 0.1, None))
    found = features(known, 3, 180, without_churn, Spend(None, 25.0, 2.0))
    repeats, age = (known.buyers[name].to_numpy() for name in ("repeats", "tenure_days"))
    days = (2 + repeats) / (30 + age) * 92  # July to September
    assert found["expected_orders"].tolist() == [np.float32(f"{value:.4g}") for value in days]
    weight = repeats / (repeats + 2)
    value = weight * known.mean_value.to_numpy() + (1 - weight) * 25
    assert found["expected_value"].to_numpy() == pytest.approx(value, rel=5e-4)
    assert found["alive_chance"].isna().all()


def test_a_feature_that_nobody_has_is_left_out_of_the_boosting(make_frames) -> None:
    _, orders, months = make_frames(sales_of(400, seed=5), CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    lessons = lessons_before(known, 3, fit_purchases(known.customers, PurchaseFit.PARETO_NBD), spend_of(known))
    assert lessons is not None
    without = replace(
        lessons, then=[rows.drop(columns="silence") for rows in lessons.then], now=lessons.now.drop(columns="silence")
    )
    unknown = replace(
        lessons, then=[rows.assign(silence=np.nan) for rows in lessons.then], now=lessons.now.assign(silence=np.nan)
    )
    assert (fit_boosting(unknown).window_sales == fit_boosting(without).window_sales).all()


def test_a_regression_keeps_the_sum_and_extrapolates_nobody() -> None:
    rows = pd.DataFrame({"orders_1": [0.0, 0, 0, 3, 3, 3], "silence": [np.nan, 1, 1, 1, 1, 1]})
    sales = np.array([0.0, 10, 20, 20, 30, 40])
    model = Regression.fit(rows, sales)
    made = model.predict(rows)
    assert made.sum() == pytest.approx(120, rel=1e-4)
    assert made[0] == made[1] and 10 < made[0] < 11 and 29 < made[5] < 30  # means of 10 and 30, drawn together a little
    beyond = pd.DataFrame({"orders_1": [99.0, -1.0], "silence": [1.0, 50.0]})
    assert model.predict(beyond) == pytest.approx(made[[5, 0]])


def test_a_feature_that_hardly_differs_moves_nobody() -> None:
    orders, sales = [0.0, 0, 0, 3, 3, 3] * 100, np.array([0.0, 10, 20, 20, 30, 40] * 100)
    alive = [0.999] * 599 + [1.0]  # one buyer a hair above the others
    model = Regression.fit(pd.DataFrame({"orders_1": orders, "alive_chance": alive}), sales)
    now = pd.DataFrame({"orders_1": [0.0, 3.0], "alive_chance": [1.0, 1.0]})
    assert model.predict(now) == pytest.approx(model.predict(now.assign(alive_chance=0.999)))
    assert model.predict(now)[1] == pytest.approx(30, rel=0.05)


@pytest.mark.parametrize(("rows", "fewest"), [(1_000, 40), (25_000, 50)])
def test_no_leaf_holds_only_a_few_giants(rows, fewest) -> None:
    size = np.arange(rows, dtype=np.float64)
    sales = np.where(size >= rows - 30, 1_000.0, 1.0)
    table = pd.DataFrame({"size": size})
    model = fit_boosting(Lessons(3, 90, [table], [sales], table)).model
    made = model.predict(table.to_numpy())
    assert (made == made[-1]).sum() >= fewest
    assert made[-1] < 1_000 * 30 / fewest * 1.02  # the mean of 30 giants and those who share their leaf


def test_few_buyers_are_no_ground_for_learning(make_frames) -> None:
    _, orders, months = make_frames(sales_of(60), CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    fits = fit_models(known, 3)
    assert fits.learned is None
    with pytest.raises(ValueError, match="too little history"):
        predict(ValueModel.REGRESSION_BLEND, known, fits, 3)
