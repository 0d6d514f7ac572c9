"""Classes of value and variation at their edges, by hand; the grid loses nobody."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Abc, Xyz
from kam_analysis.report.language import Language
from kam_analysis.segments.abc_xyz import (
    ABC_CLASSES,
    ABC_XYZ_GRID,
    DEMAND_TYPES,
    XYZ_CLASSES,
    abc_xyz_grid,
    choose_period,
    demand_types,
    is_steadiness_known,
    period_sums,
    rhythm_classes,
    value_classes,
    with_classes,
    xyz_classes,
)
from kam_analysis.segments.advice import GridAction, GridCell

MONTHS = [f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13)]
BY_MONTH = Xyz(period="month")


def classes(net_sales: dict[str, float], rules: Abc | None = None, margin: dict[str, float] | None = None) -> dict:
    window = pd.DataFrame(
        {
            "customer_id": list(net_sales),
            "net_sales": list(net_sales.values()),
            "margin": [(margin or {}).get(name, np.nan) for name in net_sales],
        }
    )
    facts = pd.DataFrame({"customer_id": list(net_sales), "orders_12m": 1})
    found = with_classes(window, facts, rules or Abc())
    return dict(zip(found["customer_id"], found["abc"], strict=True))


@pytest.mark.parametrize(
    ("net_sales", "expected"),
    [
        ({"a": 100.0}, "A"),  # a single giant: before it 0 < 80
        ({"a": 79.0, "b": 21.0}, "AA"),  # before b 79 < 80: who crosses the limit is A
        ({"a": 80.0, "b": 20.0}, "AB"),  # before b exactly 80 is not below 80
        ({"a": 80.0, "b": 15.0, "c": 5.0}, "ABC"),  # before c exactly 95 is not below 95
        ({"a": 10.0, "b": 0.0, "c": -3.0}, "ANN"),  # nothing or less is N and not in the sum
        ({"a": -1.0, "b": 0.0}, "NN"),
    ],
)
def test_abc_at_its_limits(net_sales, expected):
    assert list(classes(net_sales).values()) == list(expected)


def test_ties_go_by_customer_id_whatever_the_row_order():
    # 75, 10, 10, 5: before the two tens 75 (A) and 85 (B); "a" comes first by id
    assert classes({"z": 75.0, "b": 10.0, "a": 10.0, "y": 5.0}) == {"z": "A", "a": "A", "b": "B", "y": "C"}


def test_limits_hold_where_doubles_would_not():
    # 0.8 · 0.3 is 0.24 exactly: before b 0.24 is not below it; in doubles 0.8 · 0.3 = 0.24000000000000002
    assert classes({"a": 0.24, "b": 0.06}) == {"a": "A", "b": "B"}


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(-500, 5000), min_size=1, max_size=40))
def test_abc_agrees_with_fractions(cents):
    found = classes({name: value / 100 for name, value in cents.items()})
    positive = sorted(((-value, name) for name, value in cents.items() if value > 0))
    whole, before = sum(-value for value, _ in positive), 0
    for value, name in positive:
        share = Fraction(before, whole)
        assert found[name] == ("A" if share < Fraction(4, 5) else "B" if share < Fraction(19, 20) else "C")
        before -= value
    assert all(found[name] == "N" for name, value in cents.items() if value <= 0)


def test_abc_by_margin_leaves_out_who_has_none():
    rules = Abc(value="margin")
    assert classes({"a": 1.0, "b": 99.0}, rules, {"a": 5.0}) == {"a": "A", "b": pytest.approx(np.nan, nan_ok=True)}
    window = pd.DataFrame({"customer_id": ["a"], "net_sales": [1.0], "margin": [np.nan]})
    abc = with_classes(window, pd.DataFrame({"customer_id": ["a"], "orders_12m": [1]}), rules)
    finding = value_classes(abc, rules)
    assert finding.absent is not None
    assert finding.numbers["abc.A"] is None
    assert finding.numbers["abc.N_absent"] == "no line has a cost"


def test_inactive_is_marked_in_every_class_and_no_customer_is_lost():
    window = pd.DataFrame({"customer_id": list("abcd"), "net_sales": [80.0, 15.0, 5.0, -2.5], "margin": np.nan})
    facts = pd.DataFrame({"customer_id": list("abcd"), "orders_12m": [1, 0, 3, 0]})
    finding = value_classes(with_classes(window, facts, Abc()), Abc())
    ABC_CLASSES.check(finding.table)
    assert finding.numbers == {"abc.A": 1, "abc.B": 1, "abc.C": 1, "abc.N": 1}
    assert finding.table["inactive"].tolist() == [0, 1, 0, 1]
    assert finding.table["net_sales"].tolist() == [80.0, 15.0, 5.0, -2.5]
    assert finding.table["net_sales_share"].tolist() == [0.8, 0.15, 0.05, 0.0]


@pytest.fixture
def xyz_of(make_facts, make_months, calendar):
    """Class row of one buyer from its sales per month, first order in the first month with sales above 0."""

    def one(sales: dict[str, float], rules: Xyz = BY_MONTH, when: Calendar = calendar) -> pd.Series:
        first = min(month for month, money in sales.items() if money > 0)
        facts = make_facts({"a": {"first_order_on": f"{first}-15", "net_sales": 1.0}})
        abc = pd.DataFrame({"customer_id": ["a"], "abc": ["A"]})
        return xyz_classes(period_sums(facts, make_months({"a": sales}), when), abc, rules).iloc[0]

    return one


def last_months(values: list[float]) -> dict[str, float]:
    return dict(zip(MONTHS[-len(values) :], values, strict=True))


def test_variation_of_exactly_one_half_is_x(xyz_of):
    # mean 2, Σd² = 8·1 = 8, /(9−1) = 1, sd 1, variation 0.5
    even = [1, 3, 1, 3, 1, 3, 1, 3, 2]
    assert xyz_of(last_months(even))["variation"] == 0.5
    assert xyz_of(last_months(even))["xyz"] == "X"
    assert xyz_of(last_months([*even[:-1], 1.9999]))["xyz"] == "Y"


def test_variation_of_exactly_one_is_y(xyz_of):
    # first month 2, then zeros and twos, mean 1, Σd² = 8, /8 = 1, sd 1, variation 1; 5 of 9 months active
    swinging = [2, 0, 2, 0, 2, 0, 2, 0, 1]
    assert xyz_of(last_months(swinging))["variation"] == 1.0
    assert xyz_of(last_months(swinging))["xyz"] == "Y"
    assert xyz_of(last_months([*swinging[:-1], 0.9999]))["xyz"] == "Z"


def test_edges_hold_for_large_money(xyz_of):
    even = [money * 1_234_567.8901 for money in [1, 3, 1, 3, 1, 3, 1, 3, 2]]
    assert xyz_of(last_months(even))["xyz"] == "X"


def test_six_periods_and_three_active_are_enough_and_less_is_na_never_z(xyz_of):
    assert xyz_of(last_months([10, 0, 10, 0, 10, 0]))["xyz"] == "Z"  # mean 5, Σd² = 150, /5 = 30, 5.48/5 = 1.10
    assert xyz_of(last_months([10, 0, 10, 0, 0, 0]))["xyz"] == "na"
    assert xyz_of(last_months([10, 10, 10, 10, 10]))["xyz"] == "na"
    assert np.isnan(xyz_of(last_months([10, 10, 10, 10, 10]))["variation"])


def test_dropped_zeros_are_dropped_after_the_counting(xyz_of):
    dropping = Xyz(period="month", zero_periods="drop")
    assert xyz_of(last_months([10, 0, 10, 0, 10, 0]), dropping)["variation"] == 0
    assert xyz_of(last_months([10, 0, 10, 0, 10, 0]), dropping)["xyz"] == "X"
    assert xyz_of(last_months([10, 10, 10, 10, 10]), dropping)["xyz"] == "na"


def test_a_mean_of_0_is_na_and_a_month_of_returns_is_active(xyz_of):
    assert xyz_of(last_months([5, 5, 5, -5, -5, -5]))["xyz"] == "na"
    row = xyz_of(last_months([9, 0, 9, 0, -3, 0]))
    assert row["active_periods"] == 3
    assert row["xyz"] == "Z"


def test_periods_run_from_the_first_order_to_the_last_complete_month(xyz_of):
    when = Calendar(dt.date(2022, 1, 1), dt.date(2023, 12, 20))  # December is not complete
    sales = {"2023-04": -4.0} | last_months([10, 10, 10, 10, 10, 10, 99])
    row = xyz_of(sales, when=when)
    assert row["periods"] == 6  # June to November, the return of April is before the first order
    assert row["variation"] == 0


def test_periods_before_the_first_complete_month_do_not_count(xyz_of):
    when = Calendar(dt.date(2023, 1, 20), dt.date(2024, 1, 1))  # January began before the data did
    row = xyz_of({"2023-01": 99.0} | last_months([10] * 11), when=when)
    assert row["periods"] == 11
    assert row["variation"] == 0


def test_a_quarter_whose_exact_sum_is_0_is_not_active(xyz_of):
    # 10.1 + 20.2 − 30.3 leaves a residue in doubles
    sales = last_months([5.0, 0, 0, 10.1, 20.2, -30.3, 5, 0, 0, 5, 0, 0, 5, 0, 0, 5, 0, 0])
    assert xyz_of(sales, Xyz(period="quarter"))["active_periods"] == 5


@given(st.lists(st.integers(-20, 90), min_size=6, max_size=24))
def test_variation_agrees_with_numpy(values):
    sums = pd.DataFrame(
        {
            "period": "month",
            "customer_id": ["a"],
            "periods": [len(values)],
            "active_periods": [sum(value != 0 for value in values)],
            "total": [sum(values)],
            "total_of_squares": pd.Series([sum(value**2 for value in values)], dtype=object),
        }
    )
    found = xyz_classes(sums, pd.DataFrame({"customer_id": ["a"], "abc": ["A"]}), BY_MONTH).iloc[0]
    if sum(values) <= 0 or found["active_periods"] < 3:
        assert found["xyz"] == "na"
    else:
        assert found["variation"] == pytest.approx(np.std(values, ddof=1) / np.mean(values))


def test_sums_of_squares_are_exact(make_facts, make_months, calendar):
    amounts = [123_456_789.0123, -98_765_432.1098, 0.0001]
    facts = make_facts({"a": {"first_order_on": "2022-01-05"}})
    sums = period_sums(facts, make_months({"a": dict(zip(MONTHS, amounts, strict=False))}), calendar)
    whole = [1_234_567_890_123, -987_654_321_098, 1]
    monthly, quarterly = sums.iloc[0], sums.iloc[1]
    assert monthly["total_of_squares"] == sum(amount**2 for amount in whole)
    assert quarterly["total_of_squares"] == sum(whole) ** 2
    assert (monthly["periods"], quarterly["periods"]) == (24, 8)


@pytest.mark.parametrize(
    ("active", "periods", "expected"),
    [
        ([1, 3], [4, 4], "month"),  # (1/4 + 3/4)/2 = 1/2 is enough
        ([1, 2], [3, 4], "quarter"),  # (1/3 + 1/2)/2 = 5/12
        ([1, 2, 4], [4, 4, 4], "month"),  # the middle one, 2/4
        ([0, 0], [0, 0], "quarter"),  # no A customer with a complete month
    ],
)
def test_auto_takes_months_when_a_customers_buy_in_most_of_them(active, periods, expected):
    names = [str(number) for number in range(len(active))]
    sums = pd.DataFrame({"period": "month", "customer_id": names, "periods": periods, "active_periods": active})
    abc = pd.DataFrame({"customer_id": names, "abc": "A"})
    assert choose_period(sums, abc, Xyz()).value == expected


def test_auto_looks_at_a_customers_only():
    sums = pd.DataFrame({"period": "month", "customer_id": ["a", "b"], "periods": 4, "active_periods": [4, 0]})
    abc = pd.DataFrame({"customer_id": ["a", "b"], "abc": ["A", "B"]})
    assert choose_period(sums, abc, Xyz()).value == "month"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([10] * 8, "smooth"),  # every period, no variation
        ([10, 40, 5, 60, 10, 50, 5, 70], "erratic"),  # mean 31.25, Σd² = 5237.5, /7 = 748.2, /976.6 = 0.77
        ([10, 0] * 4, "intermittent"),  # 8/4 = 2 ≥ 1.32
        ([10, 0, 90, 0, 10, 0, 90, 0], "lumpy"),  # active mean 50, Σd² = 6400, /3 = 2133, /2500 = 0.85
    ],
)
def test_demand_types(xyz_of, values, expected):
    assert xyz_of(last_months(values))["demand_type"] == expected


def test_demand_edges_belong_to_the_upper_side(xyz_of):
    # 24 periods, 18 active: 24/18 = 1.33 is rare; with the edge at 4/3 in decimals below it stays rare
    values = [10.0, 10.0, 10.0, 0.0] * 6
    assert xyz_of(last_months(values))["demand_type"] == "intermittent"
    assert xyz_of(last_months(values), Xyz(period="month", interval_from=1.34))["demand_type"] == "smooth"
    # 6 periods, 4 active: 6/4 = 1.5 exactly at the edge
    half = Xyz(period="month", interval_from=1.5)
    assert xyz_of(last_months([5, 5, 5, 5, 0, 0]), half)["demand_type"] == "intermittent"
    # 4·0.5, 4·1.5, 1·1 of the mean: squared variation 0.25 exactly at the edge
    even = last_months([1, 3, 1, 3, 1, 3, 1, 3, 2])
    assert xyz_of(even, Xyz(period="month", cv_squared_from=0.25))["demand_type"] == "erratic"


@pytest.fixture
def placed(make_facts, make_months, calendar):
    """Four customers: steady giant, seldom buyer, newcomer, and one who returned everything."""
    facts = make_facts(
        {
            "giant": {"first_order_on": "2022-01-05", "net_sales": 2400.0, "orders_12m": 12},
            "seldom": {"first_order_on": "2023-01-05", "net_sales": 400.0, "orders_12m": 3},
            "newcomer": {"first_order_on": "2023-12-05", "net_sales": 120.0},
            "nothing": {"first_order_on": "2022-01-05", "net_sales": -1.0, "orders_12m": 0},
            "returner": {"orders": 0, "net_sales": -7.0, "orders_12m": 0},
        }
    )
    months = make_months(
        {
            "giant": dict.fromkeys(MONTHS, 100.0),
            "seldom": {"2023-01": 200.0, "2023-05": 100.0, "2023-09": 100.0},
            "newcomer": {"2023-12": 120.0},
            "nothing": {"2022-01": 9.0, "2022-02": -5.0, "2022-03": -5.0},
            "returner": {"2023-03": -7.0},
        }
    )
    abc = with_classes(facts[["customer_id", "net_sales", "margin"]], facts, Abc())
    sums = period_sums(facts, months, calendar)
    return facts, abc, sums


def test_the_grid_places_everybody_once_and_n_wins(placed):
    _, abc, sums = placed
    finding = abc_xyz_grid(abc, xyz_classes(sums, abc, BY_MONTH))
    ABC_XYZ_GRID.check(finding.table)
    assert len(finding.table) == 13
    filled = finding.table[finding.table["customers"] > 0].set_index("cell")
    # 2,400 of 2,920: before the second 2,400 ≥ 2,336 (80 %) → B; before the third 2,800 ≥ 2,774 (95 %) → C
    assert filled["customers"].to_dict() == {"AX": 1, "BZ": 1, "C_na": 1, "N": 2}
    assert filled["inactive"].to_dict() == {"AX": 0, "BZ": 0, "C_na": 0, "N": 2}
    assert finding.table["net_sales"].sum() == abc["net_sales"].sum()
    assert finding.table["customers"].sum() == len(abc)


def test_steadiness_of_class_a_that_nobody_can_tell_is_not_said_to_be_none(placed):
    _, abc, sums = placed
    grid = abc_xyz_grid(abc, xyz_classes(sums, abc, BY_MONTH))
    short = abc_xyz_grid(abc, xyz_classes(sums, abc, BY_MONTH.model_copy(update={"min_periods": 99})))
    assert is_steadiness_known(grid.table) and not is_steadiness_known(short.table)
    # the first of 2,920 alone is class A
    assert Language().text(short.sentence) == "No customer of class A has enough history to say how evenly it buys."


def test_every_cell_has_an_action():
    assert [member.value for member in GridAction] == [member.value for member in GridCell]


def test_alternatives_show_what_other_ways_would_give(placed):
    facts, abc, sums = placed
    finding = rhythm_classes(sums, abc, BY_MONTH)
    XYZ_CLASSES.check(finding.table)
    assert finding.numbers == {"xyz.X": 1, "xyz.Y": 0, "xyz.Z": 1, "xyz.na": 2, "xyz_period": "month"}
    assert finding.table["is_used"].tolist() == [True] + [False] * 7
    counted = finding.table.filter(like="_customers").sum(axis=1)
    assert set(counted) == {4}
    demand = demand_types(xyz_classes(sums, abc, BY_MONTH), facts, BY_MONTH)
    DEMAND_TYPES.check(demand.table)
    assert demand.table["customers"].tolist() == [1, 0, 1, 0]  # seldom: active mean 133, squared variation 0.19


def test_without_a_complete_period_everything_is_na(make_facts, make_months):
    when = Calendar(dt.date(2023, 12, 10), dt.date(2023, 12, 20))
    facts = make_facts({"a": {"first_order_on": "2023-12-10", "net_sales": 5.0}})
    sums = period_sums(facts, make_months({"a": {"2023-12": 5.0}}), when)
    abc = pd.DataFrame({"customer_id": ["a"], "abc": ["A"]})
    finding = rhythm_classes(sums, abc, Xyz())
    assert finding.numbers == {"xyz.X": 0, "xyz.Y": 0, "xyz.Z": 0, "xyz.na": 1, "xyz_period": "quarter"}
    assert finding.caveats == ()
    assert demand_types(xyz_classes(sums, abc, Xyz()), facts, Xyz()).absent is not None


def test_nobody_gives_zeros(make_facts, make_months, calendar):
    facts = make_facts({})
    abc = with_classes(facts[["customer_id", "net_sales", "margin"]], facts, Abc())
    sums = period_sums(facts, make_months({}), calendar)
    assert value_classes(abc, Abc()).numbers == {"abc.A": 0, "abc.B": 0, "abc.C": 0, "abc.N": 0}
    assert rhythm_classes(sums, abc, Xyz()).numbers["xyz.na"] == 0
    assert abc_xyz_grid(abc, xyz_classes(sums, abc, Xyz())).absent is not None
