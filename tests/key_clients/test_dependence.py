"""Bands, extra sales, units: exact at their edges, true sentences under any parameter."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.engine import Engine
from kam_analysis.facts.accounts import unit_customers
from kam_analysis.key_clients.dependence import (
    GROUP_DEPENDENCE,
    classify_dependence,
    dependence,
    dependence_tile,
    extra_sales_needed,
    group_dependence,
    unassigned_sales,
)
from kam_analysis.params import Bands, KeyClients
from kam_analysis.tables import DEPENDENCE

RULES = KeyClients(units=("manager",))
MANY = {"z1": 10.0, "z2": 10.0, "z3": 10.0, "z4": 10.0, "z5": 10.0, "z6": 10.0, "z7": 10.0, "z8": 10.0, "z9": 10.0}


def units_of(**units):
    return [("manager", unit, one, sales) for unit, customers in units.items() for one, sales in customers.items()]


@pytest.fixture
def found_in(listed, nothing_unassigned):
    def at(units, rules, **columns):
        sums = {}
        for _, _, one, sales in units:
            sums[one] = round(sums.get(one, 0.0) + sales, 4)
        return listed(sums, units, rules=rules.model_copy(update={"weight_draws": 20}), **columns)

    def find(units, before=None, rules=RULES, unassigned=nothing_unassigned, **columns):
        then = None if before is None else at(before, rules, **columns)
        found = dependence(at(units, rules, **columns), then, unassigned, rules)
        DEPENDENCE.check(found.table)
        return found

    return find


def row_of(found, unit):
    return found.table[found.table.unit == unit].iloc[0]


@pytest.mark.parametrize(
    ("largest", "n", "band"),
    [
        (2000, 10, "none"),
        (2001, 10, "watch"),
        (3000, 10, "watch"),
        (3001, 10, "high"),
        (4000, 10, "high"),
        (4001, 10, "severe"),
        (5000, 10, "severe"),
        (5001, 10, "critical"),
        (8999, 10, "critical"),
        (9000, 10, "mono"),
        (10_000, 2, "mono"),
        (1, 1, "mono"),
    ],
)
def test_lower_edges_are_exclusive(largest, n, band):
    assert classify_dependence(largest, 10_000, n, Bands()).value == band


def test_bands_follow_the_parameters():
    bands = Bands(watch=0.1, high=0.15, severe=0.2, critical=0.25, mono=0.5)
    assert [classify_dependence(part, 100, 9, bands).value for part in (10, 15, 16, 21, 26, 50)] == [
        "none",
        "watch",
        "high",
        "severe",
        "critical",
        "mono",
    ]


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.sampled_from([0.1, 0.2, 0.25, 0.5, 1.0]))
def test_extra_sales_bring_the_share_to_the_target(largest, others, target):
    base = (largest + others) / 100
    extra = extra_sales_needed(largest / 100, base, target)
    assert extra >= 0
    if extra:
        assert largest / 100 / (base + extra) == pytest.approx(target)
    else:
        assert largest / 100 / base <= target + 1e-9


def test_extra_sales_leave_no_residue():
    # 0.7 of 3.5 is 20 %: 0.7 / 0.2 − 3.5 is not 0 in doubles
    assert extra_sales_needed(0.7, 3.5, 0.2) == 0.0


def test_units_by_hand(found_in):
    found = found_in(units_of(Ana={"a": 110.0} | MANY, Bo={"b": 5.0}, Vera={"c": 0.0, "d": -4.0}))
    ana, bo, vera = (row_of(found, unit) for unit in ("Ana", "Bo", "Vera"))
    # Ana: 110 of 200, over half; extra 110 / .2 − 200 = 350
    assert ana[["n", "is_small", "net_sales", "largest_share", "band"]].tolist() == [10, False, 200.0, 0.55, "critical"]
    assert (ana.extra_sales_needed, ana.key_clients) == (350.0, 1)
    # Bo: one client, 5 / .2 − 5 = 20
    assert (bo.n, bo.band, bo.extra_sales_needed, bo.is_small) == (1, "mono", 20.0, True)
    # Vera: nobody above 0, no share and no band
    assert (vera.n, vera.net_sales) == (0, 0.0)
    assert vera[["largest_share", "band", "largest_account_id"]].isna().all()
    assert found.numbers == {
        "manager.units": 3, "manager.small": 2, "manager.key_pairs": 2, "manager.mono": 1, "manager.over_half": 1
    }  # fmt: skip


def test_company_comes_first_without_a_unit_name(found_in):
    table = found_in(units_of(Ana={"a": 90.0, "b": 10.0})).table
    assert table.unit_column.tolist() == ["company", "manager"]
    assert table.unit.isna().tolist() == [True, False]


def test_over_half_is_half_whatever_the_bands(found_in):
    rules = KeyClients(units=("manager",), bands=Bands(critical=0.7))
    found = found_in(units_of(Ana={"a": 110.0} | MANY, Bo={"b": 90.0} | MANY), rules=rules)
    # Ana 110 of 200 is over half, Bo 90 of 180 is exactly half
    assert row_of(found, "Ana").band == "severe"
    assert found.numbers["manager.over_half"] == 1


def test_tie_goes_to_the_first_id(found_in):
    found = found_in(units_of(Ana={"b": 50.0, "a": 50.0}))
    assert row_of(found, "Ana").largest_account_id == "a"


def test_the_unit_is_that_of_the_line(found_in):
    found = found_in(units_of(Ana={"a": 30.0} | MANY, Bo={"a": 10.0} | MANY))
    assert row_of(found, "Ana").largest_share == 30 / 120
    assert row_of(found, "Bo").largest_share == 10 / 100


def test_band_at_the_comparison_date(found_in):
    now, before = units_of(Ana={"a": 110.0} | MANY, New={"n": 9.0}), units_of(Ana={"a": 30.0} | MANY, Old={"o": 1.0})
    found = found_in(now, before)
    assert row_of(found, "Ana").band_before == "watch"
    assert pd.isna(row_of(found, "New").band_before)
    assert "Old" not in found.table.unit.tolist()


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        (units_of(), "The data name no manager, department or other unit."),
        (units_of(Ana={"a": 5.0}, Bo={"b": 5.0}), "All units are small (n below 10), so none is judged."),
        (
            units_of(Ana={"a": 10.0} | MANY),
            "The only larger unit does not depend on one client for more than 30 %.",
        ),
        (
            units_of(Ana={"a": 10.0} | MANY, Bo={"b": 20.0} | MANY, Small={"s": 5.0}),
            "None of 2 larger units depends on one client for more than 30 %.",
        ),
        (units_of(Ana={"a": 110.0} | MANY), "The only larger unit, Ana, depends on Client a for 55.0 %."),
        (
            units_of(Ana={"a": 110.0} | MANY, Bo={"b": 20.0} | MANY, Small={"s": 5.0}),
            "1 of 2 larger units depends on one client for more than 30 %: Ana on Client a for 55.0 %.",
        ),
        (
            # a mono-client unit of ten customers is the most dependent of all
            units_of(Ana={"a": 110.0} | MANY, Mono={"m": 9910.0} | MANY),
            "2 of 2 larger units depend on one client for more than 30 %; the largest is Mono, 99.1 % from Client m.",
        ),
        # exactly 30 % is not more than 30 %: 300 of 1000
        (
            units_of(Ana={"a": 300.0} | {f"y{i}": 70.0 for i in range(10)}),
            "The only larger unit does not depend on one client for more than 30 %.",
        ),
    ],
)
def test_sentence(found_in, say_it, units, sentence):
    assert say_it(found_in(units).sentence) == sentence


def test_sentence_and_tile_speak_of_the_band_in_force(found_in, say_it):
    rules = KeyClients(units=("manager",), bands=Bands(high=0.35), small_unit=2)
    found = found_in(units_of(Ana={"a": 34.0, "b": 33.0, "c": 33.0}, Bo={"d": 5.0, "e": 5.0}), rules=rules)
    assert say_it(found.sentence) == (
        "1 of 2 larger units depends on one client for more than 35 %: Bo on Client d for 50.0 %."
    )
    tile = dependence_tile(found, has_before=False)
    assert "more than 35 %" in say_it(tile.definition)
    assert (say_it(tile.value), tile.change) == ("1", None)


def test_none_speaks_of_the_band_in_force(found_in, say_it):
    rules = KeyClients(units=("manager",), bands=Bands(high=0.35), small_unit=2)
    found = found_in(units_of(Ana={"a": 34.0, "b": 33.0, "c": 33.0}), rules=rules)
    assert say_it(found.sentence) == "The only larger unit does not depend on one client for more than 35 %."


def test_tile_counts_the_same_units_at_both_dates(found_in, say_it):
    now = units_of(Ana={"a": 110.0} | MANY, Bo={"b": 10.0} | MANY, Small={"s": 5.0})
    tile = dependence_tile(found_in(now, units_of(Ana={"a": 110.0} | MANY, Bo={"b": 99.0} | MANY)), has_before=True)
    assert say_it(tile.value) == "1"
    assert say_it(tile.change) == "2 of the same units at the comparison date"
    assert say_it(tile.n) == "larger units: 2; small ones apart: 1"


def test_no_unit_no_tile(found_in, say_it):
    tile = dependence_tile(found_in(units_of()), has_before=False)
    assert (tile.value, say_it(tile.absent)) == (None, "The data name no manager, department or other unit.")


def test_a_company_without_shares_has_no_drawing(found_in):
    found = found_in(units_of(Ana={"a": -5.0}))
    assert found.drawing is None
    assert found.table.band.isna().all()


def test_sales_without_a_unit_are_printed(found_in, say_it):
    unassigned = pd.DataFrame({"net_sales": [12.0, 99.0]}, index=["manager", "department"])
    caveat = found_in(units_of(Ana={"a": 5.0}), unassigned=unassigned).caveats[-1]
    assert "Manager: 12" in say_it(caveat.text) and "99" not in say_it(caveat.text)


LINES = """
SELECT * FROM (VALUES
  ('1', 10.00, DATE '2025-01-01', 'Ana', NULL),
  ('1', -2.50, DATE '2025-06-01', 'Ana', NULL),
  ('1', 99.00, DATE '2024-12-31', 'Ana', NULL),
  ('1', 77.00, DATE '2026-01-01', 'Ana', NULL),
  ('2', 4.00, DATE '2025-06-01', NULL, NULL),
  (NULL, 3.00, DATE '2025-06-01', 'Bo', 'x')) AS lines(customer_id, net_sales, ordered_on, manager, channel)
CROSS JOIN (SELECT NULL AS department, NULL AS country, NULL AS region)
"""


def test_window_of_the_engine_tables():
    with Engine() as engine:
        engine.materialise("order_lines", LINES)
        units = unit_customers(engine, dt.date(2026, 1, 1), ("manager", "channel"))
        missing = unassigned_sales(engine, dt.date(2026, 1, 1))
    # the first day of the window counts, as_of does not; lines without a customer are in no unit
    assert units.drop(columns="last_line_on").values.tolist() == [["manager", "Ana", "1", 7.5]]
    # customer: 3; manager of identified customers: 4; all lines: 10 − 2.5 + 4 + 3 = 14.5
    assert missing.net_sales[["customer", "manager", "department"]].tolist() == [3.0, 4.0, 11.5]
    assert missing.all_net_sales["customer"] == 14.5


def test_enlarge_the_base(found_in, say_it):
    # Ana: 110 of 200, x = 110 / .2 − 200 = 350; the company: 110 + 9·10 the same; Small is not said
    found = found_in(units_of(Ana={"a": 110.0} | MANY, Small={"s": 5.0}))
    (text,) = [
        say_it(c.text) for c in found.caveats if say_it(c.head) == "Grow the other clients, do not shrink this one"
    ]
    assert "Ana: 350" in text and "Small" not in text
    assert not found_in(units_of(Bo={"b": 10.0} | MANY)).caveats


def test_an_account_is_largest_by_the_sum_of_its_members(found_in):
    # alone c has 30 of 130 and a and b 25 each; together these have 50
    units = units_of(Ana={"a": 25.0, "b": 25.0, "c": 30.0} | {f"d{i}": 5.0 for i in range(10)})
    row = row_of(found_in(units, parent_id={"a": "H", "b": "H"}), "Ana")
    assert row[["n", "largest_account_id", "largest_account_name"]].tolist() == [12, "H", "Client a"]
    assert row.largest_share == 50 / 130


def groups_of(chosen, facts, keys=()):
    found = group_dependence(facts, chosen(facts, keys))
    return GROUP_DEPENDENCE.check(found.table), found


def test_groups_of_keys_and_industries(chosen, make_facts, say_it):
    # 91 in all: the holding b 40 − 9 with its members c and g, a 40, f 20; d and e are below
    facts = make_facts(
        {"a": 40.0, "b": 15.0, "c": 25.0, "f": 20.0, "g": -9.0},
        parent_id={"b": "b", "c": "b", "g": "b"},
        industry={"a": "Hotels", "b": "Hotels", "c": "Shops", "g": "Mines"},
    )
    table, found = groups_of(chosen, facts, keys=["a", "c"])
    assert table[["kind", "name", "customers", "net_sales"]].fillna("-").values.tolist() == [
        ["key_clients", "-", 2, 71.0],
        ["industry", "Hotels", 2, 55.0],
        ["industry", "Shops", 1, 25.0],
    ]
    assert table.share.tolist() == pytest.approx([71 / 91, 55 / 91, 25 / 91])
    assert say_it(found.sentence) == (
        "The key accounts bring 78.0 % of net sales; the largest industry, Hotels, 60.4 %."
    )
    assert found.numbers == {"key_clients_share": pytest.approx(71 / 91)}


def test_no_groups(chosen, make_facts, say_it):
    table, found = groups_of(chosen, make_facts({"a": 5.0, "b": 5.0}))
    assert table.empty and found.numbers == {"key_clients_share": 0.0}
    assert say_it(found.sentence) == "No group of clients can be added up."
    _, nobody = groups_of(chosen, make_facts({"a": -5.0}))
    assert say_it(nobody.absent) == "Nobody has net sales above 0 in the last 12 months."


def test_keys_without_industries(chosen, make_facts, say_it):
    _, found = groups_of(chosen, make_facts({"a": 5.0, "b": 5.0}), keys=["a"])
    assert say_it(found.sentence) == "The key accounts bring 50.0 % of net sales."
