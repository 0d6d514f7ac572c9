"""A control drawn by chance: off the list until its horizon is over, then held against those to call."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.actions import call_effect, call_list, draw_control, kept_uncalled, refused_contact
from kam_analysis.actions.calls import CALLS_DONE
from kam_analysis.actions.control import CALL_EFFECT
from kam_analysis.facts.intervals import wilson
from kam_analysis.tables import CALL_PARTS, CUSTOMER_ORDERS, ORIGIN_CHANCES
from tests.actions.test_calls import AS_OF, CONTRACTS, SUMMARY, called, chances, people

HORIZON = 90
DRAWN = AS_OF - dt.timedelta(days=HORIZON)


def parts(rows: dict[str, str], on: dt.date = DRAWN) -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": list(rows), "drawn_on": pd.Timestamp(on), "part": list(rows.values())})
    return CALL_PARTS.conform(frame.astype({"drawn_on": "datetime64[us]"}))


def orders(days: dict[str, dt.date]) -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": list(days), "ordered_on": pd.to_datetime(list(days.values()))})
    frame = frame.assign(order_id=[str(n) for n in range(len(days))], net_sales=1.0, order_no=1)
    return CUSTOMER_ORDERS.conform(frame.reindex(columns=CUSTOMER_ORDERS.names))


def halves(count: int) -> dict[str, str]:
    return {f"c{n}": "call" for n in range(count)} | {f"k{n}": "control" for n in range(count)}


def effect(count: int, ordered: dict[str, dt.date]):
    known = dict.fromkeys(halves(count), DRAWN - dt.timedelta(days=1))  # everybody has ordered before
    return call_effect(parts(halves(count)), orders(known | ordered), CALLS_DONE.empty(), AS_OF, HORIZON)


def test_the_control_leaves_the_list_the_ranks_and_the_week_and_is_counted(make_facts) -> None:
    losses = chances(a=9.0, b=8.0, c=7.0)
    rows = called(make_facts, CONTRACTS, losses, uncalled={"a"})
    finding = call_list(rows, SUMMARY, ORIGIN_CHANCES.empty(), losses)
    assert finding.table[["customer_id", "place"]].values.tolist() == [["b", 1], ["c", 2]]
    assert finding.numbers["calls.control"] == 1 and "Kept uncalled as control" in str(finding.base)
    refused = called(make_facts, CONTRACTS, losses, customers=people(a="no"), uncalled={"a"})
    assert refused_contact(refused).table["customer_id"].tolist() == ["a"]
    assert not refused["is_control"].any()


def test_a_control_of_today_counts_and_one_of_tomorrow_does_not() -> None:
    for day, held in ((AS_OF, {"a"}), (AS_OF + dt.timedelta(days=1), set()), (DRAWN, set())):
        assert kept_uncalled(parts({"a": " Control", "b": "call"}, day), AS_OF, HORIZON) == held


def test_a_draw_is_the_same_for_a_seed_whatever_the_order_of_the_rows() -> None:
    calls = pd.DataFrame({"customer_id": [f"{n:03}" for n in range(50)], "is_key": False, "is_this_week": True})
    one, other = (draw_control(rows, CALL_PARTS.empty(), AS_OF, HORIZON, 0.2, 7) for rows in (calls, calls.iloc[::-1]))
    assert one.equals(other) and (one["part"] == "control").sum() == 10
    assert not one.equals(draw_control(calls, CALL_PARTS.empty(), AS_OF, HORIZON, 0.2, 8))


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.49, 1), (0.5, 2), (1.0, 3)])
def test_the_control_is_rounded_half_up(share: float, count: int) -> None:
    calls = pd.DataFrame({"customer_id": list("abc"), "is_key": False, "is_this_week": True})
    assert (draw_control(calls, CALL_PARTS.empty(), AS_OF, HORIZON, share, 1)["part"] == "control").sum() == count


def test_key_accounts_later_calls_and_who_was_drawn_before_are_in_no_draw() -> None:
    calls = pd.DataFrame(
        {"customer_id": list("abcd"), "is_key": [True, *[False] * 3], "is_this_week": [True, False, True, True]}
    )
    busy = parts({"c": "call"}, AS_OF - dt.timedelta(days=HORIZON - 1))
    assert draw_control(calls, busy, AS_OF, HORIZON, 0.5, 1)["customer_id"].tolist() == ["d"]
    free = parts({"c": "call"}, DRAWN)
    assert draw_control(calls, free, AS_OF, HORIZON, 0.5, 1)["customer_id"].tolist() == ["c", "d"]


def test_the_effect_is_the_difference_of_the_shares_that_ordered_within_the_horizon() -> None:
    last = AS_OF - dt.timedelta(days=1)
    found = effect(40, {f"c{n}": DRAWN for n in range(20)} | {f"k{n}": last for n in range(10)} | {"k10": AS_OF})
    table = CALL_EFFECT.check(found.table)
    assert table[["customers", "ordered", "share"]].values.tolist() == [[40, 20, 0.5], [40, 10, 0.25]]
    assert table[["low", "high"]].values.tolist() == [list(wilson(20, 40)), list(wilson(10, 40))]
    assert found.numbers["calls.effect"] == 0.25
    assert found.numbers["calls.effect_low"] < 0.25 < found.numbers["calls.effect_high"]


@pytest.mark.parametrize(("count", "is_measured"), [(29, False), (30, True)])
def test_below_thirty_in_a_part_nothing_is_measured(count: int, is_measured: bool) -> None:
    found = effect(count, {})
    assert (found.absent is None) is is_measured
    assert is_measured or found.numbers["calls.effect_absent"] == "fewer than 30 customers in a part"


def test_a_horizon_that_is_not_over_strangers_and_unknown_parts_count_nowhere() -> None:
    young = parts(halves(40), DRAWN + dt.timedelta(days=1))
    assert call_effect(young, orders(dict.fromkeys(halves(40), DRAWN)), CALLS_DONE.empty(), AS_OF, HORIZON).absent
    odd = parts({"c0": "call", "c1": "perhaps", "zz": "control"})
    found = call_effect(odd, orders({"c0": DRAWN, "c1": DRAWN}), CALLS_DONE.empty(), AS_OF, HORIZON)
    assert found.table["customers"].tolist() == [1, 0]
    nobody = call_effect(CALL_PARTS.empty(), CUSTOMER_ORDERS.empty(), CALLS_DONE.empty(), AS_OF, HORIZON)
    assert nobody.table["customers"].tolist() == [0, 0] and nobody.absent
