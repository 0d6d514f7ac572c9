"""How the dependence of units moved: windows of the engine, bands at both ends, sentences."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis import money
from kam_analysis.drawings import draw
from kam_analysis.engine import Engine
from kam_analysis.facts.calendar import Calendar
from kam_analysis.key_clients import concentration_trend, unit_trend, unit_windows
from kam_analysis.key_clients.unit_trend import UNIT_TREND
from kam_analysis.params import KeyClients
from kam_analysis.report.language import Language

RULES = KeyClients(units=("manager",), small_unit=2)
UNITS = "CAST(NULL AS VARCHAR) AS department, NULL AS country, NULL AS region, NULL AS channel"


def engine_of(rows):
    engine = Engine()
    values = ", ".join(f"({c!r}, CAST({s} AS DECIMAL(18,4)), DATE '{on}', {m!r})" for c, s, on, m in rows)
    lines = f"SELECT *, {UNITS} FROM (VALUES {values}) AS t(customer_id, net_sales, ordered_on, manager)"
    engine.materialise("order_lines", lines)
    return engine


def facts_of(rows, **parents):
    ids = sorted({row[0] for row in rows})
    return pd.DataFrame({"customer_id": ids, "parent_id": [parents.get(one, one) for one in ids]})


def windows_of(**units):
    """Largest share at the first and last month of every unit, of 100 with the given n."""
    rows = [
        ("manager", unit, pd.Timestamp(month), 12, n, largest, 100.0)
        for unit, (n, *points) in units.items()
        for month, largest in zip(("2025-01-01", "2025-12-01"), points, strict=True)
        if largest is not None
    ]
    columns = ["unit_column", "unit", "month", "window_months", "n", "largest", "net_sales"]
    return pd.DataFrame(rows, columns=columns)


def test_windows_roll_over_complete_months():
    rows = [
        ("a", 10, "2024-12-31", "Ana"),  # in the thirteenth month before the last: in no window but the last two back
        ("a", 30, "2025-01-15", "Ana"),
        ("b", 10, "2025-12-31", "Ana"),
        ("b", 99, "2026-01-01", "Ana"),  # January 2026 is not complete
    ]
    with engine_of(rows) as engine:
        found = unit_windows(engine, facts_of(rows), Calendar(dt.date(2024, 1, 1), dt.date(2026, 1, 20)), RULES)
    ana = found[found.unit == "Ana"].set_index("month")
    assert ana.window_months.unique().tolist() == [12]
    # thirteen windows, ending December 2024 to December 2025: the first and the last lie a year apart
    assert ana.index[0] == pd.Timestamp("2024-12-01") and ana.index[-1] == pd.Timestamp("2025-12-01")
    assert ana.loc["2025-11-01", ["n", "largest", "net_sales"]].tolist() == [1, 40.0, 40.0]
    # December 2024 has left the window of December 2025
    assert ana.loc["2025-12-01", ["n", "largest", "net_sales"]].tolist() == [2, 30.0, 40.0]


def test_short_data_have_windows_of_three_months():
    rows = [("a", 4, f"2025-0{month}-05", "Ana") for month in (1, 2, 3, 4)]
    with engine_of(rows) as engine:
        found = unit_windows(engine, facts_of(rows), Calendar(dt.date(2025, 1, 1), dt.date(2025, 5, 1)), RULES)
        none = unit_windows(engine, facts_of(rows), Calendar(dt.date(2025, 4, 10), dt.date(2025, 5, 1)), RULES)
    assert found[found.unit == ""].net_sales.tolist() == [12.0, 12.0]
    assert found.window_months.unique().tolist() == [3]
    assert none.empty and unit_trend(none, RULES).absent is not None


def test_returns_are_no_base():
    rows = [("a", -5, "2025-02-05", "Ana"), ("b", 7, "2025-02-05", "Ana"), ("a", -5, "2025-03-05", "Bo")]
    with engine_of(rows) as engine:
        found = unit_windows(engine, facts_of(rows), Calendar(dt.date(2025, 1, 1), dt.date(2025, 4, 1)), RULES)
    # Bo has nobody above 0 and therefore no row
    assert found[["unit", "n", "largest", "net_sales"]].values.tolist() == [["", 1, 7.0, 7.0], ["Ana", 1, 7.0, 7.0]]


def test_the_members_of_a_group_are_one_account():
    rows = [("a", 4, "2025-02-05", "Ana"), ("b", 5, "2025-03-05", "Ana"), ("c", 6, "2025-03-05", "Ana")]
    with engine_of(rows) as engine:
        facts = facts_of(rows, a="H", b="H")
        found = unit_windows(engine, facts, Calendar(dt.date(2025, 1, 1), dt.date(2025, 4, 1)), RULES)
    assert found[["unit", "n", "largest", "net_sales"]].values.tolist() == [["", 2, 9.0, 15.0], ["Ana", 2, 9.0, 15.0]]


def test_company_by_two_roads(demo):
    account = demo.customer_facts.set_index("customer_id").parent_id
    months = demo.customer_months.assign(customer_id=demo.customer_months.customer_id.map(account))
    exact = months.groupby(["customer_id", "month"], as_index=False).net_sales.agg(money.total)
    trend = concentration_trend(exact, demo.calendar).table
    found = unit_trend(unit_windows(demo.engine, demo.customer_facts, demo.calendar, demo.rules), demo.rules)
    UNIT_TREND.check(found.table)
    company = found.table[found.table.unit.isna()]
    assert company.largest_share.tolist() == pytest.approx(trend.cr1.tolist(), abs=1e-12)
    assert company.month.tolist() == trend.month.tolist()


def test_bands_at_both_ends(say_it):
    # article C: from 20 % on one starts to act, above 40 % is worse, above 50 % critical; edges belong below
    found = unit_trend(windows_of(Ana=(9, 20.0, 21.0), Bo=(9, 51.0, 40.0), Cy=(9, 31.0, 40.0)), RULES)
    assert found.table.band.tolist() == ["none", "watch", "critical", "high", "high", "high"]
    assert found.numbers == {"units_more_dependent": 1, "units_less_dependent": 1}
    assert say_it(found.sentence) == (
        "1 of 3 larger units moved up by a band of dependence or more: Ana, from 20.0 % to 21.0 %; 1 moved down."
    )


def test_the_largest_rise_is_named(say_it):
    found = unit_trend(windows_of(Ana=(9, 20.0, 21.0), Bo=(9, 22.0, 45.0)), RULES)
    assert say_it(found.sentence) == (
        "2 of 2 larger units moved up by a band of dependence or more, most of all Bo: from 22.0 % to 45.0 %."
    )
    calm = unit_trend(windows_of(Ana=(9, 20.0, 20.0), Bo=(9, 51.0, 45.0)), RULES)
    assert say_it(calm.sentence) == (
        "None of 2 larger units depends on its largest client by a band more than before; 1 by a band less."
    )


def test_one_unit_is_not_one_of_one(say_it):
    found = unit_trend(windows_of(Ana=(9, 20.0, 45.0)), RULES)
    assert say_it(found.sentence) == (
        "The only larger unit moved up by a band of dependence or more: Ana, from 20.0 % to 45.0 %."
    )


def test_small_and_one_ended_units_are_not_judged(say_it):
    found = unit_trend(windows_of(Small=(1, 20.0, 99.0), New=(9, None, 60.0)), RULES)
    assert found.numbers == {"units_more_dependent": 0, "units_less_dependent": 0}
    assert (found.drawing, say_it(found.sentence)) == (
        None,
        "No larger unit has sales at both ends of the period.",
    )
    assert len(found.table) == 3


@pytest.mark.parametrize("width", [540, 350])
def test_drawing_tells_both_ends(width):
    units = {f"Unit {i}": (9, 20.0 + i, 21.0 + 2 * i) for i in range(14)}
    drawn = draw(unit_trend(windows_of(**units, Small=(1, 1.0, 99.0)), RULES), Language("en"), width)
    text = drawn.get_label()
    assert text.startswith("Unit 13 33.0") and "Small" not in text
    assert len(text.split("; ")) == 8
