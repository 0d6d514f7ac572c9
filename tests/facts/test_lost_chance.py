"""The lost chance: what is learned from which days, the choice, the level, the edges; and the demo company."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine
from kam_analysis.facts.chance_models import Origin, predictor
from kam_analysis.facts.customer_chances import Chances, customer_chances
from kam_analysis.facts.lost_chance import Backtest, Calibration, one_order_day_chances, origins_before
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.params import Facts, Params
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import LOST_CHANCE
from kam_analysis.vocabulary import ChanceBasis, ChanceModel
from tests.facts.worlds import AS_OF, company, lines_of

ROOT = Path(__file__).parents[2]
RULES = Facts()
LEAVING = company(300, 1, 6.0, 1.5, 8.0, leave_days=500)


def rules(**lost_chance) -> Facts:
    return Facts(lost_chance=RULES.lost_chance.model_copy(update=lost_chance))


@pytest.fixture(scope="module")
def leaving() -> Chances:
    return customer_chances(LEAVING, lines_of(LEAVING), AS_OF, RULES)


def check(found: Chances) -> None:
    for name, frame in {
        "customer_chances": found.customers,
        "chance_summary": found.summary,
        "chance_backtest": found.backtest,
        "chance_reliability": found.reliability,
        "origin_chances": found.origins,
    }.items():
        LOST_CHANCE[name].check(frame)


def test_origins_lie_a_horizon_apart_while_the_history_is_long_enough() -> None:
    orders = pd.DataFrame({"customer_id": ["a", "a"], "ordered_on": pd.to_datetime(["2024-01-01", "2024-12-30"])})
    days = [origin.on for origin in origins_before(OrderHistory(orders), dt.date(2024, 12, 26), RULES)]
    assert days == [
        dt.date(2024, 9, 27),
        dt.date(2024, 6, 29),
    ]  # 180 days after the first order; 90 earlier is too early
    assert not origins_before(OrderHistory(orders[:0]), AS_OF, RULES)
    assert len(origins_before(OrderHistory(LEAVING), AS_OF, rules(origins=3))) == 3


def test_an_origin_knows_nothing_from_its_day_on() -> None:
    day = origins_before(OrderHistory(LEAVING), AS_OF, RULES)[2].on
    whole = Origin(OrderHistory(LEAVING), day, RULES)
    cut = Origin(OrderHistory(LEAVING[LEAVING["ordered_on"] < pd.Timestamp(day)]), day, RULES)
    np.testing.assert_array_equal(whole.features, cut.features)
    assert cut.stayed_away.all()


def test_a_candidate_learns_only_from_windows_that_had_ended() -> None:
    origins = origins_before(OrderHistory(LEAVING), AS_OF, RULES)
    until = origins[1].on + dt.timedelta(days=RULES.horizon_days)
    past = OrderHistory(LEAVING[LEAVING["ordered_on"] < pd.Timestamp(until)])
    then = [Origin(past, origin.on, RULES) for origin in origins]
    for model in ChanceModel:
        said = predictor(model, origins[1], origins[2:], RULES)
        again = predictor(model, then[1], then[2:], RULES)
        assert (said is None) == (again is None)
        if said and again:
            np.testing.assert_array_equal(said(origins[1]), again(then[1]))


def test_who_stays_away_is_told_and_the_level_is_met(leaving: Chances) -> None:
    check(leaving)
    told = leaving.summary.iloc[0]
    assert told["is_ranking"] and told["is_calibrated"]
    assert told["auc"] > told["auc_recency"] > 0.6
    assert told["predicted"] == pytest.approx(told["observed"], abs=0.06)
    assert leaving.customers["lost_chance"].between(0.01, 0.99).all()


def test_the_rows_of_the_orders_may_stand_in_any_order(leaving: Chances) -> None:
    shuffled = LEAVING.sample(frac=1, random_state=4)
    again = customer_chances(shuffled, lines_of(shuffled), AS_OF, RULES)
    pd.testing.assert_frame_equal(again.customers, leaving.customers)
    pd.testing.assert_frame_equal(again.summary, leaving.summary)


def test_expected_loss_is_the_product(leaving: Chances) -> None:
    rows, share = leaving.customers, leaving.summary["loss_share"].iloc[0]
    np.testing.assert_allclose(rows["expected_loss"], rows["lost_chance"] * rows["years_value"] * share, atol=1e-4)
    assert 0 < share <= 1


def test_stopped_from_is_inclusive_and_presupposes_two_order_days(leaving: Chances) -> None:
    edge = float(leaving.customers["lost_chance"].quantile(0.8, interpolation="lower"))
    rows = customer_chances(LEAVING, lines_of(LEAVING), AS_OF, Facts(stopped_from=edge)).customers
    is_model = rows["basis"] == ChanceBasis.MODEL
    assert (rows["is_stopped"] == ((rows["lost_chance"] >= edge) & is_model)).all()
    assert (rows["lost_chance"] == edge).any()


def test_where_all_order_at_random_nobody_can_be_ranked() -> None:
    orders = company(120, 5, 1.0, 400.0, 400.0 * 80)  # one rate for all, Poisson
    found = customer_chances(orders, lines_of(orders), AS_OF, RULES)
    check(found)
    assert not found.summary["is_ranking"].item() and not found.summary["is_calibrated"].item()
    assert set(found.customers["basis"]) == {ChanceBasis.POOLED.value}
    assert (found.customers["lost_chance"] == found.customers["lost_chance"].iloc[0]).all()
    assert found.customers["lost_chance"].iloc[0] == pytest.approx(np.exp(-90 / 80), abs=0.1)


def test_too_few_customers_for_a_ranking_have_the_share_of_all() -> None:
    orders = company(30, 2, 6.0, 1.5, 8.0, leave_days=500)
    found = customer_chances(orders, lines_of(orders), AS_OF, RULES)
    check(found)
    assert found.summary["candidate"].isna().item() and found.summary["origins"].item() == 0
    assert set(found.customers["basis"]) == {ChanceBasis.POOLED.value}


@pytest.mark.parametrize("first", ["2025-12-20", "2025-06-01"])
def test_without_an_earlier_day_no_chance_is_given(first: str) -> None:
    orders = pd.DataFrame({"customer_id": [f"{n}" for n in range(80)], "ordered_on": pd.Timestamp(first)})
    found = customer_chances(orders, lines_of(orders), AS_OF, RULES)
    check(found)
    assert not len(found.customers) and not len(found.origins)


def test_all_customers_lost_is_no_reason_to_fail() -> None:
    orders = LEAVING.assign(ordered_on=LEAVING["ordered_on"] - pd.Timedelta(days=366))
    check(found := customer_chances(orders, lines_of(orders), AS_OF, RULES))
    assert not len(found.customers)


def test_no_order_day_twice_gives_the_share_by_recency() -> None:
    days = [pd.Timestamp(AS_OF) - pd.Timedelta(days=number) for number in range(1, 700)]
    orders = pd.DataFrame({"customer_id": [f"{n:03}" for n in range(699)], "ordered_on": days})
    check(found := customer_chances(orders, lines_of(orders), AS_OF, RULES))
    assert (found.customers["lost_chance"] == 0.99).all()  # nobody ever came again; still not certain


def test_one_customer_alone_has_a_chance_or_none() -> None:
    one = pd.DataFrame({"customer_id": "a", "ordered_on": pd.date_range("2023-07-01", "2025-12-30", freq="7D")})
    check(found := customer_chances(one, lines_of(one), AS_OF, RULES))
    assert found.customers["lost_chance"].tolist() == [0.01]


def test_one_order_day_by_band_of_recency() -> None:
    on = AS_OF - dt.timedelta(days=90)

    def single(name: str, ago: int, again: bool) -> list[tuple[str, dt.date]]:
        days = [on - dt.timedelta(days=ago), *([AS_OF - dt.timedelta(days=1)] if again else [])]
        return [(name, day) for day in days]

    rows = [
        *single("a", 30, True), *single("b", 30, False),  # to 30 days: 1 of 2 stayed away
        *single("c", 31, False), *single("d", 90, False), *single("e", 90, True), *single("f", 31, True),
        *single("g", 60, False),  # to 90 days: 3 of 5
        *single("h", 181, False), *single("i", 300, False),  # more than 180: 2 of 2, kept below 1
    ]  # fmt: skip
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_on"]).astype({"ordered_on": "datetime64[us]"})
    then = Origin(OrderHistory(orders), on, RULES)
    now = pd.DataFrame({"customer_id": list("wxyz")}).assign(
        ordered_on=pd.to_datetime([AS_OF - dt.timedelta(days=ago) for ago in (30, 31, 180, 181)])
    )
    seen = Origin(OrderHistory(now), AS_OF, RULES).known
    # the band of 91–180 days was empty: the share of all, 6 of 9
    assert one_order_day_chances(seen, [then], RULES).tolist() == pytest.approx([0.5, 0.6, 6 / 9, 0.99], abs=1e-6)


def test_a_complex_candidate_serves_only_where_its_gain_is_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    backtest = Backtest.of(origins_before(OrderHistory(LEAVING), AS_OF, RULES), RULES)
    gains = {
        (ChanceModel.BG_NBD, ChanceModel.RECENCY): (-0.001, 0.1),
        (ChanceModel.LOGISTIC, ChanceModel.RECENCY): (0.0, 0.2),
        (ChanceModel.BOOSTING, ChanceModel.RECENCY): (-0.1, 0.3),
    }
    monkeypatch.setattr(Backtest, "gain", lambda self, model, other: gains.get((model, other)))
    monkeypatch.setitem(backtest.rankings, (ChanceModel.BG_NBD, 0), backtest.rankings[ChanceModel.RECENCY, 0])
    assert backtest.chosen() is ChanceModel.RECENCY
    gains[ChanceModel.LOGISTIC, ChanceModel.RECENCY] = (0.001, 0.2)
    assert backtest.chosen() is ChanceModel.LOGISTIC
    gains[ChanceModel.BG_NBD, ChanceModel.RECENCY] = (0.001, 0.1)  # now the learned ones must beat it
    assert backtest.chosen() is ChanceModel.BG_NBD


def test_the_last_origin_takes_no_part_in_the_choice() -> None:
    origins = origins_before(OrderHistory(LEAVING), AS_OF, RULES)
    backtest = Backtest.of(origins, RULES)
    gain = backtest.gain(ChanceModel.LOGISTIC, ChanceModel.RECENCY)
    end = pd.Timestamp(origins[0].on)
    later = (LEAVING["ordered_on"] >= end) & LEAVING["customer_id"].duplicated()
    changed = LEAVING[~later | (LEAVING["customer_id"] > "0200")]
    other = Backtest.of(origins_before(OrderHistory(changed), AS_OF, RULES), RULES)
    assert other.gain(ChanceModel.LOGISTIC, ChanceModel.RECENCY) == gain
    assert other.area(ChanceModel.LOGISTIC, 0) != backtest.area(ChanceModel.LOGISTIC, 0)


def test_with_few_origins_nothing_is_learned_and_the_level_alone_is_set() -> None:
    found = customer_chances(LEAVING, lines_of(LEAVING), AS_OF, rules(origins=3))
    told = found.summary.iloc[0]
    assert told["candidate"] in {ChanceModel.RECENCY, ChanceModel.BG_NBD}
    assert told["is_ranking"] and not told["is_calibrated"]
    history = OrderHistory(LEAVING)
    last = origins_before(history, AS_OF, rules(origins=3))[0]
    assert told["observed"] == pytest.approx(last.repeaters_away.mean())


def test_the_level_meets_any_share_within_the_bounds() -> None:
    logits = np.linspace(-6, 6, 101)
    for share in (0.02, 0.3, 0.9):
        met = Calibration(0.5, 0.8, 0.01, 0.99).meeting(logits, share)
        assert met.chances(logits).mean() == pytest.approx(share, abs=1e-4)
    assert Calibration(0.0, 1.0, 0.01, 0.99).meeting(logits, 0.0).chances(logits).max() == 0.01


@pytest.fixture(scope="module")
def demo() -> Engine:
    engine = Engine()
    clean_source(engine, load_profile(ROOT / "sources/demo.yaml"), ROOT / "data/raw/demo", Params())
    return engine


def test_control_figures_of_the_demo(demo: Engine) -> None:
    """An independent implementation of the definitions gave these; its own choices of detail explain the tolerance."""
    told = demo.frame("chance_summary", LOST_CHANCE["chance_summary"]).iloc[0]
    rows = demo.frame("customer_chances", LOST_CHANCE["customer_chances"])
    assert told["candidate"] == ChanceModel.LOGISTIC
    assert told["auc"] == pytest.approx(0.913, abs=0.01)
    assert (told["auc_low"], told["auc_high"]) == pytest.approx((0.883, 0.939), abs=0.015)
    assert told["observed"] == pytest.approx(0.263, abs=0.0006)
    assert told["predicted"] == pytest.approx(0.274, abs=0.02)
    assert told["loss_share"] == pytest.approx(0.62, abs=0.005)
    assert told["silence_shape"] == pytest.approx(8.1, abs=0.05)
    assert rows["is_stopped"].sum() == 35
    assert rows["expected_loss"].sum() == pytest.approx(522_000, rel=0.03)
    largest = rows.sort_values("expected_loss", ascending=False)["customer_id"].head(5)
    assert largest.tolist() == ["0002", "0102", "0042", "0541", "0240"]
    assert rows["expected_loss"].max() == pytest.approx(162_000, rel=0.01)


def test_the_reliability_of_the_demo_is_good(demo: Engine) -> None:
    rows = demo.frame("chance_reliability", LOST_CHANCE["chance_reliability"])
    error = (rows["customers"] * (rows["predicted"] - rows["observed"]).abs()).sum() / rows["customers"].sum()
    assert error <= 0.03
