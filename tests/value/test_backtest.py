"""The back-test: hold-outs, measures, predictions that know nothing of the held-out months."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from math import log

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.customer_chances import chances_on
from kam_analysis.facts.lifetime_value import orders_for_value
from kam_analysis.facts.models import GammaGamma
from kam_analysis.facts.rhythm import fit_rhythm
from kam_analysis.findings import Finding
from kam_analysis.params import Facts, Value
from kam_analysis.value.backtest import (
    Trial,
    buyer_kinds,
    compare,
    for_whom_does_it_hold,
    gini,
    gini_interval,
    hold_outs,
    is_it_calibrated,
    measures,
    top_tenth_found,
    which_model_predicts,
)
from kam_analysis.value.boosting import fit_boosting
from kam_analysis.value.coming import total_interval, who_will_bring_most
from kam_analysis.value.known import known_on, sales_after, sales_before
from kam_analysis.value.predict import HALVES, LEARNED, fit_models, predict
from kam_analysis.value.regression import Regression
from kam_analysis.value.windows import Lessons, features, lessons_before, windows
from kam_analysis.vocabulary import BuyerKind, ValueModel

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


def test_hold_outs_are_the_longest_of_which_three_choose_and_report() -> None:
    start = dt.date(2020, 1, 1)
    four_years = [dt.date(2023, 1, 1), dt.date(2022, 1, 1), dt.date(2021, 1, 1)]
    assert hold_outs(Calendar(start, dt.date(2024, 1, 1)), Value()) == (four_years, 12)
    # two hold-outs of 12 months fit into three years, so four of 6 serve
    half_years = [dt.date(2022, 7, 1), dt.date(2022, 1, 1), dt.date(2021, 7, 1), dt.date(2021, 1, 1)]
    assert hold_outs(Calendar(start, dt.date(2023, 1, 1)), Value()) == (half_years, 6)
    assert hold_outs(Calendar(start, dt.date(2023, 1, 1)), Value(hold_outs=3)) == (half_years[:3], 6)
    assert hold_outs(Calendar(start, dt.date(2022, 1, 1)), Value(backtest_months=4))[1] == 4
    assert hold_outs(Calendar(start, dt.date(2020, 4, 1)), Value()) == ([dt.date(2020, 3, 1), dt.date(2020, 2, 1)], 1)
    assert hold_outs(Calendar(start, dt.date(2020, 2, 1)), Value()) == ([], 0)


def test_measures_by_hand() -> None:
    # errors 1, −2, 3 and 0: mae 6/4, rmse √(14/4), predicted 22 against 20
    found = measures(np.array([6.0, 3.0, 8.0, 5.0]), np.array([5.0, 5.0, 5.0, 5.0]))
    assert found["mae"] == 1.5
    assert found["rmse"] == pytest.approx(np.sqrt(3.5))
    assert found["total_error"] == pytest.approx(0.1)
    assert found["gini"] is None


def test_total_without_sales_has_no_error() -> None:
    assert measures(np.array([1.0]), np.array([0.0]))["total_error"] is None


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


def trial_of(predicted: dict[str, list[list[float]]], true: list[list[float]], kinds: list[str] | None = None) -> Trial:
    """Hold-outs, the last first, with the given predictions; the purchase model that all days carry is MBG/NBD."""
    parts = [
        pd.DataFrame(
            {
                "customer_id": [f"c{place:03}" for place in range(len(came))],
                "kind": kinds or ["few_days"] * len(came),
                "has_returns": False,
                "hold_out": number,
                "true": came,
                **{name: values[number] for name, values in predicted.items()},
            }
        )
        for number, came in enumerate(true)
    ]
    empty = pd.DataFrame({"customer_id": [], "ordered_on": pd.to_datetime([]), "net_sales": []})
    known = known_on(empty, empty.rename(columns={"ordered_on": "month"}), JULY)
    days = [JULY - dt.timedelta(days=91 * number) for number in range(len(true))]
    models = [ValueModel(name) for name in predicted]
    return Trial(pd.concat(parts, ignore_index=True), days, 3, models, ValueModel.MBG_NBD, known, None)


def test_the_last_hold_out_takes_no_part_in_the_choice() -> None:
    true = [[10.0] * 10] * 3
    predicted = {
        "mbg_nbd": [[10.0] * 10, [13.0] * 10, [14.0] * 10],  # earlier RMSE √((9 + 16)/2), right on the last
        "formula": [[90.0] * 10, [12.0] * 10, [12.0] * 10],  # earlier RMSE 2, far off on the last
    }
    trial = trial_of(predicted, true)
    assert trial.has_choice and trial.model is ValueModel.FORMULA
    table = compare(trial).set_index("model")
    assert table["earlier_rmse"].tolist() == [2.0, pytest.approx(np.sqrt(12.5))]
    assert table.loc["formula", ["rmse", "total_error", "is_chosen"]].tolist() == [80.0, 8.0, True]
    assert trial.total_errors() == pytest.approx([log(10 / 90), log(10 / 12), log(10 / 12)])


def test_rmse_decides_and_not_the_mean_error() -> None:
    odd = [1.0] * 9 + [31.0]  # mae 3, rmse √90
    trial = trial_of({"mbg_nbd": [odd] * 3, "formula": [[5.0] * 10] * 3}, [[1.0] * 10] * 3)  # mae 4, rmse 4
    assert trial.model is ValueModel.FORMULA


@pytest.mark.parametrize(("count", "buyers"), [(2, 10), (3, 9), (1, 50)])
def test_with_too_few_hold_outs_or_buyers_there_is_no_choice(count: int, buyers: int) -> None:
    true = [[10.0] * buyers] * count
    trial = trial_of({"mbg_nbd": [[99.0] * buyers] * count, "formula": [[10.0] * buyers] * count}, true)
    assert not trial.has_choice and trial.model is ValueModel.MBG_NBD
    table = compare(trial).set_index("model")
    assert table["earlier_rmse"].isna().all() and table["is_chosen"].to_dict() == {"formula": False, "mbg_nbd": True}


def test_a_total_that_is_not_positive_tells_no_error() -> None:
    assert trial_of({"mbg_nbd": [[1.0]] * 3}, [[5.0], [5.0], [0.0]]).total_errors() == []
    assert trial_of({"mbg_nbd": [[1.0], [0.0], [1.0]]}, [[5.0]] * 3).total_errors() == []


def test_the_interval_of_the_total_is_that_of_the_hold_outs() -> None:
    # t of 4 degrees of freedom 2.776445, root mean square of the errors √((0.01 + 0.04 + 0.01 + 0.04)/4) = 0.158114
    low, high = total_interval(1000.0, [0.1, -0.2, 0.1, 0.2])
    assert (low, high) == (pytest.approx(1000 * np.exp(-0.438995), rel=1e-4), pytest.approx(1551.1, rel=1e-4))
    assert total_interval(1000.0, [0.0] * 3) == (1000.0, 1000.0)
    assert total_interval(1000.0, [0.1, 0.1]) is None


def test_a_choice_is_told_with_its_numbers(make_frames) -> None:
    _, orders, months = make_frames(sales_of(), CALENDAR.as_of)
    trial, found = which_model_predicts(orders, months, CALENDAR, Value(), Facts())
    table = found.table.set_index("model")
    assert trial.days == [dt.date(2024, month, 1) for month in (6, 5, 4, 3)]
    assert found.numbers["model"] == table.index[0] == table.index[table["is_chosen"]].item()
    assert table["earlier_rmse"].is_monotonic_increasing
    assert (found.numbers["backtest.months"], found.numbers["backtest.hold_outs"]) == (1, 4)
    for model in ValueModel:
        for measure in ("mae", "rmse", "total_error", "top10", "gini"):
            name = f"backtest.{model}.{measure}"
            if model in table.index:
                assert found.numbers[name] == table.loc[model, measure]
            else:
                assert found.numbers[name] is None and found.numbers[f"{name}_absent"]
    assert not set(LEARNED) & set(table.index)
    assert (table["predictions"] == known_on(orders, months, dt.date(2024, 6, 1)).buyers.shape[0]).all()


def test_a_model_that_is_not_identified_on_one_day_is_no_candidate(make_frames, monkeypatch) -> None:
    _, orders, months = make_frames(sales_of(), CALENDAR.as_of)
    real, rng = fit_models, np.random.default_rng(2)
    repeats, scale = rng.integers(1, 9, 600), 1 / rng.gamma(4, 1 / 60, 600)
    told = GammaGamma().fit(np.column_stack([repeats, rng.gamma(6.0 * repeats, scale / repeats)]))
    assert told.is_identified

    def fitted(known, length, *wanted):
        fits = real(known, length, *wanted)
        served = dict.fromkeys(fits.purchases, fits.purchases[ValueModel.NBD])
        spend = replace(fits.spend, gamma_gamma=None if known.day == dt.date(2024, 3, 1) else told)
        return replace(fits, spend=spend, **({"purchases": served} if known.day == dt.date(2024, 4, 1) else {}))

    monkeypatch.setattr("kam_analysis.value.backtest.fit_models", fitted)
    trial, found = which_model_predicts(orders, months, CALENDAR, Value(), Facts())
    with_churn = {ValueModel.PARETO_NBD, ValueModel.BG_NBD, ValueModel.MBG_NBD}
    assert not with_churn & set(trial.models) and trial.base is ValueModel.NBD
    assert found.caveats[0].text.values["names"] == [ValueModel.PARETO_NBD, ValueModel.BG_NBD, ValueModel.MBG_NBD]
    assert trial.fits is not None and trial.fits.spend.gamma_gamma is None
    assert found.caveats[1].head.template == "Gamma–Gamma is not identified"


def test_who_is_nearly_surely_gone_keeps_no_prediction(make_frames) -> None:
    sales = [(name, f"2024-0{month}-05", 100.0) for name in ("a", "b", "c") for month in range(1, 7)]
    _, orders, months = make_frames([*sales, ("old", "2023-06-30", 50.0)], CALENDAR.as_of)
    chances = pd.DataFrame(
        {"customer_id": ["a", "b", "c"], "lost_chance": [0.25, 0.95, 0.95], "is_stopped": [False, True, False]}
    )
    plain = known_on(orders, months, JULY)
    known = plain.with_leaving(Facts(), chances)
    assert known.leaving.tolist() == [0.25, 1.0, 0.95, 1.0]  # the last order of old is a year and a day ago
    fits = fit_models(known, 3)
    for model in fits.models:
        made, whole = (predict(model, at, fits, 3) for at in (known, plain))
        kept = [0.75, 0, 0.05, 0] if model is ValueModel.FORMULA else [1, 0, 1, 0]
        assert made == pytest.approx(whole * kept, rel=1e-5)
        assert (whole[:3] > 0).all()


def test_the_lost_chance_of_an_earlier_day_knows_nothing_of_later_ones(make_frames) -> None:
    rng = np.random.default_rng(4)
    sales = [
        (f"c{place:03}", str(dt.date(2022, 1, 1) + dt.timedelta(int(day))), 10.0)
        for place in range(120)
        for day in np.cumsum(1 + rng.exponential(20 + 60 * rng.random(), 20))
        if day < 900 * rng.random() + 100
    ]
    _, orders, _ = make_frames(sales, dt.date(2024, 7, 1))
    day = dt.date(2023, 7, 1)
    blind = chances_on(orders[orders["ordered_on"] < pd.Timestamp(day)], day, Facts())
    pd.testing.assert_frame_equal(chances_on(orders, day, Facts()), blind)
    assert len(blind) and blind["lost_chance"].between(0.01, 0.99).all()


def ranked(interval: tuple[float, float] | None, frames) -> Finding:
    """What is told of the coming months where the ranking of the hold-out has this interval."""
    facts, orders, months = frames
    trial, backtest = which_model_predicts(orders, months, CALENDAR, Value(), Facts())
    gini = None if interval is None else sum(interval) / 2
    low, high = interval or (None, None)
    told = {"ranking.gini": gini, "ranking.gini_low": low, "ranking.gini_high": high,
            "ranking.is_above_chance": low is not None and low > 0}  # fmt: skip
    chances = pd.DataFrame({"customer_id": ["c001"], "lost_chance": [0.3], "is_stopped": [False]})
    return who_will_bring_most(facts, chances, trial, replace(backtest, numbers={**backtest.numbers, **told}))


def test_nobody_is_ranked_where_the_ranking_may_be_chance(make_frames) -> None:
    frames = make_frames(sales_of(), CALENDAR.as_of)
    found = ranked((0.1, 0.5), frames)
    assert found.table["predicted_sales"].is_monotonic_decreasing and found.show
    assert found.table.set_index("customer_id")["lost_chance"].dropna().to_dict() == {"c001": 0.3}
    for interval in ((0.0, 0.5), None):
        hidden = ranked(interval, frames)
        assert not hidden.show and hidden.table["customer_id"].is_monotonic_increasing
        assert "cannot be told" in hidden.sentence.template
        assert hidden.numbers == found.numbers


def test_too_short_a_history_is_absent(make_frames) -> None:
    _, orders, months = make_frames([("a", "2024-01-01", 5.0)], dt.date(2024, 2, 1))
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 2, 1))
    trial, found = which_model_predicts(orders, months, calendar, Value(), Facts())
    assert found.absent is not None
    assert found.numbers["model"] is None and found.numbers["model_absent"]
    assert found.numbers["backtest.bg_nbd.rmse"] is None
    assert is_it_calibrated(trial).absent is not None
    assert for_whom_does_it_hold(trial).absent is not None


def test_ranking_by_hand() -> None:
    # shares of 60, 30, 10 in the order 2nd, 1st, 3rd: area above the diagonal 0.3+1.2+1.9 = 3.4 sixths − 1/2;
    # twice that less 1 = 0.1333; the best order 0.6+1.5+1.9 = 4 sixths: 0.3333
    assert gini(np.array([2.0, 3.0, 1.0]), np.array([60.0, 30.0, 10.0])) == pytest.approx(0.4)
    assert gini(np.array([1.0, 2.0, 3.0]), np.array([60.0, 30.0, 10.0])) == pytest.approx(-1)
    assert gini(np.array([1.0, 2.0]), np.array([5.0, 5.0])) is None
    assert gini(np.array([1.0, 2.0]), np.array([5.0, -5.0])) is None


def test_the_interval_of_the_ranking_redraws_customers() -> None:
    rng = np.random.default_rng(3)
    true = rng.gamma(0.5, 100, 60)
    low, high = gini_interval(true + rng.normal(0, 30, 60), true, 400, 7)
    assert 0.5 < low < high < 1
    low, high = gini_interval(rng.random(60), true, 400, 7)
    assert low < 0 < high
    assert gini_interval(true, true, 400, 7) == (1.0, 1.0)
    assert gini_interval(true[:9], true[:9], 400, 7) is None and gini_interval(true[:10], true[:10], 50, 7)
    assert gini_interval(true, np.full(60, 5.0), 400, 7) is None


def test_the_interval_of_the_ranking_is_that_of_lists_drawn_one_by_one() -> None:
    rng = np.random.default_rng(5)
    true = rng.gamma(0.5, 100, 40)
    guess = np.round(true + rng.normal(0, 60, 40), -1)  # with ties
    drawn = [gini(guess[places], true[places]) for places in rng.integers(0, 40, (3000, 40))]
    assert gini_interval(guess, true, 3000, 7) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.02)


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


def test_calibration_by_tenths() -> None:
    predicted = [float(value) for value in range(20, 0, -1)]
    doubled = [2 * value for value in predicted]
    found = is_it_calibrated(trial_of({"mbg_nbd": [predicted, [0.0] * 20]}, [doubled, [9.0] * 20]))
    assert found.table["tenth"].tolist() == list(range(1, 11))
    assert found.table["predictions"].tolist() == [2] * 10
    assert found.table["predicted"].tolist()[:2] == [19.5, 17.5]
    assert found.numbers["calibration.slope"] == pytest.approx(2.0)


def test_groups_by_hand_and_small_ones_left_out() -> None:
    kinds = ["one_day"] * 20 + ["even"] * 19
    found = for_whom_does_it_hold(trial_of({"mbg_nbd": [[5.0] * 39]}, [[10.0] * 20 + [0.0] * 19], kinds))
    row = found.table.iloc[0]
    assert len(found.table) == 1
    assert (row["kind"], row["predictions"], row["total_error"], row["rmse"]) == (BuyerKind.ONE_DAY, 20, -0.5, 5.0)
    nothing = for_whom_does_it_hold(trial_of({"mbg_nbd": [[5.0] * 20]}, [[0.0] * 20])).table.iloc[0]
    assert pd.isna(nothing["total_error"])


def test_windows_never_reach_the_day_and_need_history() -> None:
    days, length = windows(dt.date(2023, 1, 15), dt.date(2024, 1, 10), 12)
    assert length == 4 and days == [dt.date(2023, 9, 1), dt.date(2023, 7, 1), dt.date(2023, 5, 1)]
    assert windows(dt.date(2024, 1, 1), dt.date(2024, 3, 1), 12) == ([], 0)
    assert windows(dt.date(2020, 1, 1), dt.date(2024, 1, 1), 3)[1] == 3


def test_what_is_learned_has_the_level_of_the_latest_window(make_frames) -> None:
    _, orders, months = make_frames(sales_of(400, seed=5), CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    lessons = lessons_before(known, 3)
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
        assert made[model] == pytest.approx((made[ValueModel.NBD] + made[other]) / 2, rel=1e-5)
        assert made[other] != pytest.approx(made[ValueModel.NBD])
        whole = predict(ValueModel.BG_NBD, known, fits, 3)
        mixed = predict(model, known, fits, 3, base=ValueModel.BG_NBD)
        assert mixed == pytest.approx((whole + made[other]) / 2, rel=1e-5)


def test_features_rest_on_no_fit_that_may_not_be_identified(make_frames) -> None:
    _, orders, months = make_frames(sales_of(60, seed=5), CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    found = features(known, 3, 180)
    rates, k = fit_rhythm(known.buyers["order_days"], known.buyers["tenure_days"]), orders_for_value(known.orders)
    repeats, age = (known.buyers[name].to_numpy() for name in ("repeats", "tenure_days"))
    days = (rates.shape + repeats) / (rates.rate_days + age) * 92  # July to September
    assert found["expected_orders"].tolist() == [np.float32(f"{value:.4g}") for value in days]
    weight, mean = repeats / (repeats + k), known.buyers["order_sales"].sum() / known.buyers["order_days"].sum()
    value = weight * known.mean_value.to_numpy() + (1 - weight) * mean
    assert found["expected_value"].to_numpy() == pytest.approx(value, rel=5e-4)
    assert "alive_chance" not in found


def test_a_feature_that_nobody_has_is_left_out_of_the_boosting(make_frames) -> None:
    _, orders, months = make_frames(sales_of(400, seed=5), CALENDAR.as_of)
    known = known_on(orders, months, JULY)
    lessons = lessons_before(known, 3)
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
