"""The season's index by hand, and classes without it."""

from __future__ import annotations

import datetime as dt

import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Abc, Xyz
from kam_analysis.segments import rhythm_classes, season
from kam_analysis.segments.abc_xyz import period_sums, used_sums, with_classes, xyz_classes
from kam_analysis.segments.season import season_index, seasonless_sums

MONTHS = [f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13)]
BY_MONTH = Xyz(period="month")


@pytest.fixture
def shops(make_facts, make_months):
    """One buys with the season (10, and 70 in December), one evenly (10)."""
    sales = {
        "seasonal": {month: 70.0 if month.endswith("12") else 10.0 for month in MONTHS},
        "even": dict.fromkeys(MONTHS, 10.0),
    }
    facts = make_facts({name: {"orders": 24, "first_order_on": "2022-01-01", "net_sales": sum(months.values())}
                        for name, months in sales.items()})  # fmt: skip
    return facts, make_months(sales)


def test_the_index_is_of_whole_years_and_its_mean_is_1(shops, calendar) -> None:
    index = season_index(shops[1], calendar)
    assert index is not None
    assert index[12] == pytest.approx(80 * 12 / 300)  # 80 in December, 20 in the eleven others: 300 a year
    assert index[1] == pytest.approx(20 * 12 / 300)
    assert index.mean() == pytest.approx(1)


@pytest.mark.parametrize(("as_of", "is_measurable"), [(dt.date(2024, 1, 1), True), (dt.date(2023, 12, 31), False)])
def test_it_takes_24_complete_months(shops, as_of: dt.date, is_measurable: bool) -> None:
    when = Calendar(dt.date(2022, 1, 1), as_of)
    assert (season_index(shops[1], when) is not None) == is_measurable
    found = season(shops[1], when)
    assert (found.absent is None) == is_measurable
    assert (found.numbers["season.highest"] is not None) == is_measurable


def test_a_month_without_sales_in_any_year_has_no_index(make_months, calendar) -> None:
    months = make_months({"a": {month: 5.0 for month in MONTHS if not month.endswith("07")}})
    assert season_index(months, calendar) is None


def test_classes_without_the_season_turn_the_two_around(shops, calendar) -> None:
    """Who follows the season exactly is even without it: 70/3.2 and 10/0.8; who is even gets its mirror."""
    facts, months = shops
    abc = with_classes(facts, facts, Abc())
    sums, seasonless = period_sums(facts, months, calendar), seasonless_sums(facts, months, calendar)
    assert seasonless is not None

    def classes(rules: Xyz) -> dict[str, str]:
        found = xyz_classes(used_sums(sums, seasonless, rules), abc, rules)
        return dict(zip(found["customer_id"], found["xyz"], strict=True))

    assert classes(BY_MONTH) == {"even": "X", "seasonal": "Z"}  # sd 17.0 over mean 15
    assert classes(BY_MONTH.model_copy(update={"season": "remove"})) == {"even": "X", "seasonal": "X"}
    table = rhythm_classes(sums, abc, BY_MONTH, seasonless).table
    own = table[(table["x_until"] == 0.5) & (table["period"] == "month") & (table["zero_periods"] == "keep")]
    assert own[["season", "x_customers", "is_used"]].values.tolist() == [["keep", 1, True], ["remove", 2, False]]


def test_row_order_changes_no_index(shops, calendar) -> None:
    months = shops[1]
    one, other = season_index(months, calendar), season_index(months.sample(frac=1, random_state=2), calendar)
    assert one is not None and other is not None and one.tolist() == other.tolist()
