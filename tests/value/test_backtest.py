"""The back-test: hold-outs, measures, predictions that know nothing of the held-out months."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Facts, Value
from kam_analysis.value.backtest import hold_outs, measures, sales_after, top_tenth_found, which_model_predicts
from kam_analysis.value.predict import Fits, fit_models, known_on, predict, sales_before
from kam_analysis.vocabulary import ValueModel

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
    for model in ValueModel:
        made, again = (predict(model, at, fit_models(at), 3, Facts()) for at in (known, blind))
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
    fits: Fits = fit_models(known)
    assert sales_before(known, 3).tolist() == [90.0, 0.0]
    assert predict(ValueModel.LAST_QUARTER, known, fits, 6, Facts()).tolist() == [180.0, 0.0]
    assert predict(ValueModel.LAST_QUARTER, known, fits, 1, Facts()).tolist() == [60.0, 0.0]
    assert predict(ValueModel.MEAN, known, fits, 3, Facts()).tolist() == [45.0, 45.0]
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
    found = which_model_predicts(orders, months, CALENDAR, Facts(), Value())
    table = found.table.set_index("model")
    assert found.numbers["model"] == table["rmse"].idxmin() == table.index[table["is_chosen"]].item()
    assert found.numbers["backtest.months"] == 3
    for model in ValueModel:
        for measure in ("mae", "rmse", "total_error", "top10"):
            assert found.numbers[f"backtest.{model}.{measure}"] == table.loc[model.value, measure]
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
    found = which_model_predicts(orders, months, CALENDAR, Facts(), Value())
    assert found.numbers["model"] == "formula"
    assert (found.numbers["backtest.formula.rmse"], found.numbers["backtest.bg_nbd.rmse"]) == (4.0, 6.0)
    assert found.numbers["backtest.bg_nbd.mae"] == 3.0


def test_too_short_a_history_is_absent(make_frames) -> None:
    _, orders, months = make_frames([("a", "2024-01-01", 5.0)], dt.date(2024, 2, 1))
    found = which_model_predicts(orders, months, Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 1)), Facts(), Value())
    assert found.absent is not None
    assert found.numbers["model"] is None and found.numbers["model_absent"]
    assert found.numbers["backtest.bg_nbd.rmse"] is None
