"""The package as a library: worked examples, the same numbers as a run, and one clear error for every mistake."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import kam_analysis
from kam_analysis import UserError, from_transactions
from kam_analysis.tables import CUSTOMER_FACTS

NAMED = {"customer": "client", "date": "day", "amount": "net"}
TWO_YEARS = pd.date_range("2024-01-02", "2025-12-30", freq="D")


def lines(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["client", "day", "net"])
    return frame.assign(day=pd.to_datetime(frame["day"]))


@pytest.fixture(scope="module")
def company() -> pd.DataFrame:
    """40 customers who order at their own pace for two years, some of whom stop; Ana has the first half."""
    rng, rows = np.random.default_rng(7), []
    for number in range(40):
        until = pd.Timestamp("2025-06-30" if number % 5 == 4 else "2025-12-30")
        day = TWO_YEARS[int(rng.integers(0, 200))]
        while day <= until:
            manager = "Ana" if number < 20 else "Bo"
            rows.append((f"c{number:02}", day, round(900 / (number + 1) * rng.uniform(0.5, 1.5), 2), manager))
            day += pd.Timedelta(days=int(rng.integers(3, 20 + 2 * number)))
    return pd.DataFrame(rows, columns=["client", "day", "net", "rep"])


@pytest.fixture(scope="module")
def sales(company: pd.DataFrame) -> kam_analysis.Sales:
    return from_transactions(company, **NAMED, manager="rep", currency="EUR")


@pytest.fixture(scope="module")
def some(company: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    few = company[company["client"] < "c03"]
    return few, from_transactions(few, **NAMED).facts


def problems(error: pytest.ExceptionInfo[UserError]) -> str:
    return str(error.value)


# What is found


def test_the_same_lines_give_the_same_facts_as_a_run(company, sales, source) -> None:
    run = source.write("sales.csv", company.to_csv(index=False))
    run.values["orders"]["columns"] = {
        "customer_id": "client", "order_date": "day", "amount": "net", "manager": "rep",
    }  # fmt: skip
    cleaned = run.clean()
    assert cleaned.calendar == sales.calendar
    expected = run.engine.frame("customer_facts", CUSTOMER_FACTS)
    pd.testing.assert_frame_equal(sales.facts, expected)


def test_kept_and_rejected_lines_are_those_of_the_frame() -> None:
    given = lines(("a", "2024-01-05", 10), ("a", "2024-02-05", np.nan), ("b", "2024-03-05", 5.005))
    found = from_transactions(given, **NAMED)
    assert found.lines["net_sales"].tolist() == [10.0, 5.005]
    assert found.rejected[["row", "reason"]].values.tolist() == [[2, "no_amount"]]
    assert repr(found) == "Sales(2 lines kept, 1 rejected; 2 customers; 2024-01-05 to 2024-03-05)"


def test_nothing_that_is_handed_in_or_out_is_shared(company) -> None:
    given = company.head(50).copy()
    found = from_transactions(given, **NAMED)
    facts = found.facts
    facts["net_sales"] = -1.0
    assert (found.facts["net_sales"] > 0).all()
    pd.testing.assert_frame_equal(given, company.head(50))


def test_rfm_scores_of_the_best_and_the_worst_buyer() -> None:
    bought = [("best", f"2024-0{month}-10", 100.0) for month in range(1, 7)]
    found = from_transactions(lines(*bought, ("mid", "2024-03-01", 50), ("worst", "2024-01-02", 5)), **NAMED).rfm()
    scores = found.table.set_index("customer_name")[["r_score", "f_score", "m_score"]]
    # Three scores below 100 buyers; ranks of frequency are 1.5, 1.5, 3 of 3: ceil(3·3/6) = 2 for the two tied.
    assert scores.loc["best"].tolist() == [3, 3, 3]
    assert scores.loc["worst"].tolist() == [1, 2, 1]
    assert found["rfm_heat_map"].numbers["rfm.bins"] == 3


def test_the_window_of_rfm_holds_for_one_answer() -> None:
    given = lines(("old", "2023-01-10", 10), ("new", "2024-12-30", 10))
    found = from_transactions(given, **NAMED)
    assert found.rfm(window_months=12).table["customer_id"].tolist() == ["new"]
    assert found.rfm().table["customer_id"].tolist() == ["new", "old"]


def test_key_list_under_other_weights_follows_them() -> None:
    often = [("often", day, 1.0) for day in TWO_YEARS[-100:]]
    rows = [*often, *((f"big{n}", TWO_YEARS[-n * 3], 1000.0 * n) for n in range(1, 9))]
    given = pd.DataFrame(rows, columns=["client", "day", "net"])
    found = from_transactions(given, **NAMED)
    by_orders = found.key_list(weights={"frequency": 1.0}, admit=["score"]).table
    by_money = found.key_list(weights={"volume": 1.0}, admit=["score"]).table
    assert by_orders.sort_values("rank")["account_id"].iloc[0] == "often"
    assert "often" not in by_money["account_id"].tolist()
    assert by_money["account_id"].tolist() == ["big8", "big7", "big6"]  # max(3, 5 % of 9)


def test_a_criterion_of_ones_own_joins_the_score_with_its_weight() -> None:
    given = lines(("a", "2024-05-10", 100), ("b", "2024-05-10", 10), ("c", "2024-05-10", 10), ("d", "2024-05-10", 10))
    found = from_transactions(given, **NAMED)
    rated = {"outlook": pd.Series({"b": 5, "c": 1, "d": None})}
    scores = found.key_list({"volume": 0.25, "outlook": 0.75}, rated, top_volume=0).table.set_index("account_id")[
        "score"
    ]
    # a is the largest (1) and has the median rating 3 of b and c; the others are the smallest: 0.
    # The first three are key: c, with 0.15, is not.
    assert scores.round(4).to_dict() == {"a": 0.25 + 0.75 * 0.6, "b": 0.75, "d": 0.45}
    as_before = found.key_list({"volume": 1.0}, rated).table
    pd.testing.assert_frame_equal(as_before, found.key_list({"volume": 1.0}).table)


@pytest.mark.parametrize(
    ("criteria", "weights", "told"),
    [
        ({"volume": {"a": 1}}, {}, r"criteria={'volume': …}\): is a built-in criterion"),
        ({"outlook": {"z": 1}}, {}, r"customers that are not in the data \(e.g. z\)"),
        ({"outlook": {"a": 7}}, {}, r"ratings outside 0–5 \(e.g. a: 7\)"),
        ({"outlook": {"a": "good"}}, {}, r"ratings outside 0–5 \(e.g. a: good\)"),
        ({"outlook": {"a": 4}}, {"outlook": 3}, r"weights={'outlook': …}\): should be a number from 0 to 1, got 3"),
        ({}, {"outlook": 0.5}, r"unknown parameter 'outlook'"),
    ],
)
def test_a_criterion_that_cannot_be_used_is_named(criteria, weights, told) -> None:
    found = from_transactions(lines(("a", "2024-05-10", 100)), **NAMED)
    with pytest.raises(UserError, match=told):
        found.key_list(weights, {name: pd.Series(ratings) for name, ratings in criteria.items()})


def test_key_list_of_a_group_counts_its_members_together() -> None:
    given = lines(*((name, "2024-05-10", 10.0) for name in "abcdefghijklmnopqrst"))
    groups = pd.DataFrame({"customer_id": ["a", "b", "c"], "parent_id": "H"})
    found = from_transactions(given, **NAMED, tables={"customers": groups}).key_list(admit=["company"])
    assert found.table[["account_id", "members", "share_12m"]].values.tolist() == [["H", 3, 0.15]]


def test_abc_by_hand() -> None:
    given = lines(("a", "2024-05-10", 80), ("b", "2024-05-11", 15), ("c", "2024-05-12", 5), ("d", "2024-05-12", -1))
    found = from_transactions(given, **NAMED)
    assert found.abc_xyz().table["abc"].tolist() == ["A", "B", "C", "N"]
    assert found.abc_xyz(a_until=0.9).table["abc"].tolist() == ["A", "A", "C", "N"]
    assert found.abc_xyz().table["xyz"].isin(["n/a"]).all() or found.abc_xyz().table["xyz"].isna().any()


def test_cohorts_by_hand() -> None:
    given = lines(("a", "2024-01-01", 1), ("b", "2024-01-20", 1), ("a", "2024-02-05", 1), ("c", "2024-02-09", 1))
    cells = from_transactions(given, **NAMED, as_of="2024-03-10").cohorts().table
    january = cells[cells["cohort_month"] == "2024-01-01"]
    assert january["active_share"].tolist()[:2] == [1.0, 0.5]
    assert np.isnan(january["active_share"].iloc[2])  # March is not complete


def test_retention_by_hand() -> None:
    base = [(name, "2023-05-10", 10.0) for name in "abcd"]
    given = lines(
        ("a", "2023-01-01", 1), *base, ("a", "2024-05-10", 30), ("e", "2024-06-10", 5), ("a", "2024-12-31", 1)
    )
    found = from_transactions(given, **NAMED).retention()
    assert (found.numbers["S"], found.numbers["E"], found.numbers["N"]) == (4, 2, 1)
    assert found.numbers["retained_share"] == 0.25
    assert found.numbers["nrr"] == pytest.approx(31 / 41)


def test_what_cannot_be_measured_says_why_and_is_not_drawn() -> None:
    found = from_transactions(lines(("a", "2024-05-10", 80), ("b", "2024-05-11", 15)), **NAMED).retention()
    assert found.numbers["retained_share"] is None
    assert found.numbers["retained_share_absent"]
    with pytest.raises(UserError, match=r"plot\(\): "):
        found.plot("retention_bridge")


def test_dependence_by_hand() -> None:
    given = lines(("a", "2024-05-10", 45), ("b", "2024-05-11", 30), ("c", "2024-05-12", 25))
    found = from_transactions(given.assign(rep="Ana"), **NAMED, manager="rep").dependence()
    company = found.table[found.table["unit_column"] == "company"].iloc[0]
    assert (company["largest_share"], company["band"]) == (0.45, "severe")
    assert company["extra_sales_needed"] == 125.0  # 45/0.20 − 100


def test_dependence_has_the_band_of_the_year_before(sales) -> None:
    assert sales.dependence().table["band_before"].notna().any()


def test_clv_ranks_every_buyer_and_adds_up(sales) -> None:
    found = sales.clv()
    assert set(found.table["customer_id"]) == set(sales.facts.loc[sales.facts["orders"] > 0, "customer_id"])
    assert found.table["predicted_sales"].is_monotonic_decreasing
    assert found.numbers["predicted.net_sales"] == pytest.approx(found.table["predicted_sales"].sum())
    assert [finding.name for finding in found.findings] == [
        "customer_values", "lifetime_value_months", "value_backtest", "ltv_variants",
    ]  # fmt: skip


def test_lost_chance_is_of_customers_of_the_last_year_by_expected_loss(sales) -> None:
    found = sales.lost_chance()
    year = sales.facts[sales.facts["orders_12m"] > 0]
    assert set(found.table["customer_id"]) == set(year["customer_id"])
    assert found.table["expected_loss"].is_monotonic_decreasing
    assert found.numbers["origins"] == 0  # nobody can be ranked by fewer than 50 customers: one chance for all
    assert (found.table["basis"] == "pooled").all()
    pd.testing.assert_frame_equal(sales.churn().table, found.table)


def test_purchases_are_what_the_models_take(sales) -> None:
    told = sales.purchases
    model = kam_analysis.BgNbd().fit(told[["repeats", "lifetime_days", "age_days"]])
    value = kam_analysis.GammaGamma().fit(told[["repeats", "mean_value"]])
    assert list(model.summary().index) == ["r", "alpha_days", "a", "b"]
    assert list(value.summary().index) == ["p", "q", "gamma"]
    first = sales.orders[sales.orders["customer_id"] == "c00"]["ordered_on"]
    expected = [first.nunique() - 1, (first.max() - first.min()).days,
                (pd.Timestamp(sales.calendar.as_of) - first.min()).days]  # fmt: skip
    assert told.loc["c00"].tolist()[:3] == expected


# How it is shown


@pytest.mark.parametrize("question", ["rfm", "abc_xyz", "cohorts", "retention", "clv", "dependence"])
def test_an_answer_is_read_and_drawn(sales, question) -> None:
    found = getattr(sales, question)()
    assert all(sentence.endswith((".", "!", "?")) for sentence in found.sentences)
    assert f"{len(found.table):,} rows" in repr(found)
    assert found.plot().get_axes()


def test_names_from_the_data_are_escaped_in_a_notebook() -> None:
    given = lines(("<b>a</b>", "2024-05-10", 80), ("b", "2024-05-11", 15))
    shown = from_transactions(given, **NAMED).key_list()._repr_html_()
    assert "<b>a</b>" not in shown
    assert "&lt;b&gt;a" in shown


def test_an_unknown_finding_is_told_with_those_there_are(sales) -> None:
    with pytest.raises(UserError, match="no finding 'rfm'; found: rfm_segments, rfm_heat_map"):
        sales.rfm()["rfm"]


def test_field_names_complete_and_importing_the_package_imports_nothing() -> None:
    assert {"clv", "cohorts", "churn", "rfm", "lost_chance"} <= set(dir(kam_analysis.Sales))
    assert {"from_transactions", "BgNbd", "ParetoNbd", "GammaGamma"} <= set(dir(kam_analysis))
    code = "import sys, kam_analysis; print([name for name in ('pandas', 'numpy', 'duckdb') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'rfm'"):
        _ = kam_analysis.rfm


# What is taken, and what is refused


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.set_axis(np.zeros(len(frame)), axis=0),
        lambda frame: frame.sample(frac=1, random_state=3),
        lambda frame: frame.assign(day=frame["day"].dt.date),
        lambda frame: frame.assign(day=frame["day"].dt.strftime("%Y-%m-%d")),
        lambda frame: frame.assign(net=[Decimal(str(each)) for each in frame["net"]]),
        lambda frame: frame.assign(net=frame["net"].astype("object")),
        lambda frame: frame.assign(client=frame["client"].astype("category")),
        lambda frame: SimpleNamespace(to_pandas=lambda: frame),
    ],
    ids=["index", "order", "date", "iso text", "Decimal", "object", "category", "polars"],
)
def test_the_same_sales_in_another_dress(some, change) -> None:
    given, expected = some
    pd.testing.assert_frame_equal(from_transactions(change(given), **NAMED).facts, expected)


def test_ids_are_text_as_in_the_source() -> None:
    whole = pd.DataFrame({"client": [7.0, np.nan], "day": ["2024-01-05"] * 2, "net": [1.0, 2.0]})
    mixed = pd.DataFrame({"client": ["007", 7], "day": ["2024-01-05"] * 2, "net": [1.0, 2.0]})
    assert from_transactions(whole, **NAMED).facts["customer_id"].tolist() == ["7"]
    assert from_transactions(mixed, **NAMED).facts["customer_id"].tolist() == ["007", "7"]


def test_dates_as_text_need_their_format() -> None:
    given = pd.DataFrame({"client": ["a", "b"], "day": ["05.01.2024", "31.01.2024"], "net": [1.0, 2.0]})
    with pytest.raises(UserError, match=r"the frame, column date: unreadable dates .*'05.01.2024'.*date_format="):
        from_transactions(given, **NAMED)
    found = from_transactions(given, **NAMED, date_format="%d.%m.%Y")
    assert found.lines["ordered_on"].dt.day.tolist() == [5, 31]


def test_every_missing_column_is_named_with_what_was_found(company) -> None:
    with pytest.raises(UserError) as error:
        from_transactions(company, customer="Client", date="day", amount="sum", manager="salesman")
    told = problems(error).splitlines()
    assert told[0].startswith(
        "from_transactions(customer='Client'): no such column; found: 'client', 'day', 'net', 'rep'"
    )
    assert told[0].endswith("Cure: perhaps 'client'")
    assert [line.split(")")[0] for line in told[1:]] == [
        "from_transactions(amount='sum'",
        "from_transactions(manager='salesman'",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"net": ["1.234,50", "2,00"]}, r"\(amount='net'\): money as text \(2 times, e.g. row 1: '1.234,50'; row 2"),
        ({"net": ["12.50", "7"]}, r"money as text \(e.g. row 1: '12.50'"),
        ({"net": [True, False]}, r"\(amount='net'\): holds boolean, not numbers"),
        ({"net": [np.nan, np.nan]}, r"\(amount='net'\): has no value"),
        ({"client": [None, None]}, r"\(customer='client'\): has no value"),
        ({"day": pd.to_datetime(["2024-01-05", "2024-01-06"]).tz_localize("Asia/Tokyo")}, r"time zone \(Asia/Tokyo\)"),
        ({"day": [20240105, 20240106]}, r"\(date='day'\): holds integer, not dates \(e.g. 20240105"),
    ],
    ids=["decimal comma", "numerals", "yes and no", "no money", "no customer", "zone", "numbers as dates"],
)
def test_a_column_of_the_wrong_kind_is_one_clear_error(change, told) -> None:
    given = lines(("a", "2024-01-05", 1.0), ("b", "2024-01-06", 2.0)).assign(**change)
    with pytest.raises(UserError, match=told) as error:
        from_transactions(given, **NAMED)
    assert len(error.value.problems) == 1
    assert error.value.problems[0].cure


def test_two_columns_of_one_name() -> None:
    given = lines(("a", "2024-01-05", 1.0))
    twice = pd.concat([given, given[["net"]]], axis=1)
    with pytest.raises(UserError, match=r"\(amount='net'\): two columns have this name"):
        from_transactions(twice, **NAMED)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lines(), "the frame has no row"),
        ({"client": ["a"]}, "expected a pandas DataFrame, got dict"),
        ("sales.csv", "expected a pandas DataFrame, got str"),
    ],
)
def test_what_is_no_frame_with_rows(given, told) -> None:
    with pytest.raises(UserError, match=told):
        from_transactions(given, **NAMED)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            {"params": {"key_clients": {"min_shar": 0.1}}},
            "from_transactions, params, key_clients.min_shar: unknown key",
        ),
        ({"params": {"key_clients": {"min_share": 10}}}, "key_clients.min_share: .*less than or equal to 1, got 10"),
        ({"currency": "euro"}, r"from_transactions\(currency\): .*got 'euro'"),
        ({"date_format": "%d"}, r"from_transactions\(date_format\): .*names no day"),
        ({"as_of": "soon"}, "as_of"),
        ({"as_of": dt.date(2001, 1, 1)}, "no line is left after cleaning .*Cure: as_of, or the columns"),
        ({"compare_as_of": dt.date(2001, 1, 1)}, "from_transactions, compare_as_of: must be after the first line"),
        ({"tables": {"customer": lines()}}, "unknown table; known: customers, .*perhaps 'customers'"),
        ({"tables": {"survey": pd.DataFrame({"customer_id": ["a"]})}}, "no column 'date'; found: 'customer_id'"),
    ],
)
def test_wrong_arguments_are_told_by_name(arguments, told) -> None:
    with pytest.raises(UserError, match=told):
        from_transactions(lines(("a", "2024-01-05", 1.0), ("b", "2024-01-06", 2.0)), **NAMED, **arguments)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda sales: sales.rfm(window=12), r"rfm\(\): unknown parameter 'window'; known: .*perhaps 'window_months'"),
        (
            lambda sales: sales.rfm(window_months=0),
            r"rfm\(\), segments.rfm.window_months: .*greater than or equal to 1",
        ),
        (lambda sales: sales.abc_xyz(a_until=0.99), r"abc_xyz\(\), segments.abc: a_until must be below b_until"),
        (lambda sales: sales.key_list({"volum": 1}), r"key_list\(weights=…\): unknown parameter 'volum'.*'volume'"),
        (lambda sales: sales.key_list({"volume": 0}), "at least one weight must be above 0"),
        (lambda sales: sales.retention(period_months=-1), r"retention\(\), retention.period_months"),
        (lambda sales: sales.dependence(units=["city"]), r"dependence\(\), key_clients.units"),
    ],
)
def test_wrong_thresholds_are_told_by_name(sales, ask, told) -> None:
    with pytest.raises(UserError, match=told):
        ask(sales)
