"""Concentration of the company: sentences, caveats and trend."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.key_clients import concentration, concentration_curve, concentration_trend, largest_tile
from kam_analysis.key_clients.concentration import CONCENTRATION, CONCENTRATION_CURVE, CONCENTRATION_TREND
from kam_analysis.key_clients.shares import concentration_of
from kam_analysis.params import Abc, Bands, KeyClients

RULES = KeyClients()


def heads(found, say_it):
    return {say_it(caveat.head): caveat for caveat in found.caveats}


def unassigned(nobody, everything):
    return pd.DataFrame({"net_sales": [nobody], "all_net_sales": [everything]}, index=["customer"])


@pytest.mark.parametrize(
    ("sales", "sentence"),
    [
        ({"a": 0.0}, "Nobody has net sales above 0 in the last 12 months."),
        ({"a": 7.0, "b": -1.0}, "One customer brings all net sales of the last 12 months."),
        ({"a": 60.0, "b": 40.0}, "The largest fifth, 1 of 2 customers, brings 60.0 % of net sales."),
        (
            {"a": 40.0, "b": 20.0} | {f"c{i}": 10.0 for i in range(4)},
            "The largest fifth, 2 of 6 customers, brings 60.0 % of net sales; the largest alone 40.0 %.",
        ),
    ],
)
def test_sentence(make_facts, nothing_unassigned, say_it, sales, sentence):
    found = concentration(make_facts(sales), nothing_unassigned, RULES)
    CONCENTRATION.check(found.table)
    assert say_it(found.sentence) == sentence


def test_absent_figures_have_their_reason(make_facts, nothing_unassigned):
    numbers = concentration(make_facts({"a": -2.0}), nothing_unassigned, RULES).numbers
    assert (numbers["company.cr1"], numbers["company.cr1_absent"]) == (None, "no_positive_sales")
    assert (numbers["company_12m.n_positive"], numbers["parent_keys"]) == (0, 0)


def test_history_and_last_year_apart(make_facts, nothing_unassigned):
    facts = make_facts({"a": 30.0, "b": 10.0}, net_sales={"a": 30.0, "b": 70.0})
    numbers = concentration(facts, nothing_unassigned, RULES).numbers
    assert (numbers["company.cr1"], numbers["company_12m.cr1"]) == (0.7, 0.75)


def test_largest_share_of_all_net_sales(make_facts, say_it):
    # a: 60 of identified 100; another 25 name nobody, a return of 5 takes from the whole: 60 / 120 and 100 / 120
    facts = make_facts({"a": 60.0, "b": 40.0, "c": -5.0})
    caveat = heads(concentration(facts, unassigned(25.0, 120.0), RULES), say_it)["Sales that belong to nobody"]
    assert say_it(caveat.text) == (
        "25 of the last 12 months name no customer. Of all net sales the largest customer has 50.0 %, "
        "the five largest 83.3 %."
    )
    negative = heads(concentration(facts, unassigned(-200.0, -105.0), RULES), say_it)["Sales that belong to nobody"]
    assert say_it(negative.text) == "−200 of the last 12 months name no customer."
    assert "Sales that belong to nobody" not in heads(concentration(facts, unassigned(0.0, 95.0), RULES), say_it)


def test_no_parents_may_understate(make_facts, nothing_unassigned, say_it):
    found = concentration(make_facts({"a": 60.0, "b": 40.0}), nothing_unassigned, RULES)
    assert list(heads(found, say_it)) == ["Concentration may be understated"]


def test_split_holding_is_key_as_a_group(make_facts, nothing_unassigned, say_it):
    # three branches of 7 % each are no key, together 21 %; a of 19 % is
    rest = {f"r{i:02}": 6.0 for i in range(10)}
    facts = make_facts(
        {"a": 19.0, "b1": 7.0, "b2": 7.0, "b3": 7.0} | rest, parent_id={"b1": "b1", "b2": "b1", "b3": "b1"}
    )
    found = concentration(facts, nothing_unassigned, RULES)
    # b1's group 21 %, a 19 %
    assert found.numbers["parent_keys"] == 2
    caveats = heads(found, say_it)
    assert say_it(caveats["Key as a parent group"].text) == (
        "1 parent group of several customers brings more than 10 % of net sales: Client b1, 21.0 %."
    )
    assert caveats["Parent groups weigh more"].weight == "red"
    calm = concentration(facts, nothing_unassigned, KeyClients(bands=Bands(watch=0.25)))
    assert heads(calm, say_it)["Parent groups weigh more"].weight == "amber"


def test_curve_ends_at_one_and_orders_ties_by_id(make_facts):
    found = concentration_curve(make_facts({"b": 2.0, "a": 2.0, "c": 6.0, "d": -1.0}), Abc())
    assert CONCENTRATION_CURVE.check(found.table).customer_id.tolist() == ["c", "a", "b"]
    assert found.table.cumulated_share.tolist() == [0.6, 0.8, 1.0]


@pytest.mark.parametrize(
    ("sales", "sentence"),
    [
        ([3.0], "One customer brings all net sales of the last 12 months."),
        ([5.0, 3.0, 2.0], "The largest of 3 customers brings half of net sales or more."),  # exactly half
        ([4.0, 3.0, 3.0], "The 2 largest of 3 customers bring half of net sales."),
        ([1.0] * 10, "The 5 largest of 10 customers bring half of net sales."),
    ],
)
def test_half_of_sales(make_facts, say_it, sales, sentence):
    assert say_it(concentration_curve(make_facts({str(i): s for i, s in enumerate(sales)}), Abc()).sentence) == sentence


def test_no_curve_without_sales(make_facts, say_it):
    found = concentration_curve(make_facts({"a": 0.0}), Abc())
    assert say_it(found.absent) == "Nobody has net sales above 0 in the last 12 months."
    assert CONCENTRATION_CURVE.check(found.table).empty


def months_of(number, start="2024-01-01", sales=10.0):
    starts = pd.date_range(start, periods=number, freq="MS")
    return pd.DataFrame({"customer_id": "a", "month": starts, "net_sales": sales})


@pytest.mark.parametrize(("complete", "window", "points"), [(4, 3, 2), (14, 3, 12), (15, 12, 4), (30, 12, 13)])
def test_window_of_the_trend(complete, window, points):
    end = pd.Timestamp("2024-01-01") + pd.DateOffset(months=complete)
    found = concentration_trend(months_of(complete), Calendar(dt.date(2024, 1, 1), end.date()))
    CONCENTRATION_TREND.check(found.table)
    assert (found.table.window_months.unique().tolist(), len(found.table)) == ([window], points)
    assert found.table.month.iloc[-1] == end - pd.DateOffset(months=1)


def test_no_trend_from_three_months_or_without_sales(say_it):
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 4, 1))
    found = concentration_trend(months_of(3), calendar)
    assert say_it(found.absent) == "It needs at least 4 complete months with sales."
    returns = concentration_trend(months_of(9, sales=-1.0), Calendar(dt.date(2024, 1, 1), dt.date(2024, 10, 1)))
    assert returns.absent is not None


def test_tile(make_facts, nothing_unassigned, say_it):
    rules = KeyClients(bands=Bands(watch=0.15))
    found = concentration(make_facts({"a": 60.0, "b": 40.0}), nothing_unassigned, rules)
    tile = largest_tile(found, concentration_of([50.0, 50.0]), rules)
    assert [say_it(text) for text in (tile.value, tile.change, tile.n)] == [
        "60.0 %",
        "+10 points from 50.0 %",
        "n 2; five largest 100 %",
    ]
    assert tile.is_up is True
    assert say_it(tile.definition).endswith("Limit to start acting: 15 %.")
    assert largest_tile(found, None, rules).change is None


def test_every_figure_stands_without_the_largest_too(make_facts, nothing_unassigned):
    # of 70, 20 and 10 the largest leaves 20 and 10: shares 2/3 and 1/3, HHI 5/9, Gini (−1·10 + 1·20) / (2·30) = 1/6
    found = concentration(make_facts({"a": 70.0, "b": 20.0, "c": 10.0, "d": -5.0}), nothing_unassigned, RULES)
    row = found.table.set_index(["subject", "is_without_largest"]).loc["customers_12m", True]
    assert (row.n_positive, row.net_sales, row.cr1) == (2, 30.0, pytest.approx(2 / 3))
    assert [row.hhi, row.effective_customers, row.gini] == pytest.approx([5 / 9, 9 / 5, 1 / 6])
    assert found.numbers["company_12m.without_largest.hhi"] == row.hhi
    assert found.numbers["company_12m.hhi"] == pytest.approx(0.49 + 0.04 + 0.01)


def test_without_its_only_customer_a_company_has_no_concentration(make_facts, nothing_unassigned):
    numbers = concentration(make_facts({"a": 7.0}), nothing_unassigned, RULES).numbers
    assert (numbers["company_12m.gini"], numbers["company_12m.without_largest.gini"]) == (0.0, None)
    assert numbers["company_12m.without_largest.gini_absent"] == "no_positive_sales"
