"""Buyers by firmographic attribute: counts, intervals, chance, and a planted paradox."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.findings import Weight
from kam_analysis.segments.firmographics import buyers_by_attribute, firmographic_groups, firmographic_mix

NOW, THEN = Calendar(dt.date(2022, 1, 1), dt.date(2024, 1, 1)), Calendar(dt.date(2022, 1, 1), dt.date(2023, 1, 1))
NOBODY = pd.Series([], dtype="str")


def people(**groups: tuple[int, float, int]) -> dict[str, dict[str, object]]:
    """Customers of industries: how many, net sales each, orders each."""
    return {
        f"{industry}{n}": {
            "industry": industry, "net_sales_12m": sales, "orders_12m": orders, "orders": orders, "net_sales": sales
        }
        for industry, (count, sales, orders) in groups.items()
        for n in range(count)
    }  # fmt: skip


def test_a_group_has_its_buyers_money_keys_and_regulars(make_facts) -> None:
    facts = make_facts(
        people(food=(10, 20.0, 3), steel=(10, 60.0, 2)) | {"idle": {"industry": "food", "orders_12m": 0}}
    )
    found = firmographic_groups(buyers_by_attribute(facts, pd.Series(["food0", "idle"]), 3), 10, 3)
    rows = found.table.set_index("group")
    assert rows.index.tolist() == ["steel", "food"]  # by net sales
    assert rows.loc["food", ["buyers", "net_sales_12m", "sales_per_buyer", "key_clients"]].tolist() == [10, 200, 20, 1]
    assert rows["net_sales_share"].tolist() == [0.75, 0.25]
    assert tuple(rows.loc["food", ["regular_share", "low", "high"]]) == (1.0, *wilson(10, 10))
    assert rows.loc["food", "verdict"] == "above"
    assert rows.loc["steel", "verdict"] == "below"
    assert found.numbers == {"traits.compared": 2, "traits.below": 1, "traits.above": 1}


def test_a_group_one_buyer_short_shows_nothing_but_its_number(make_facts) -> None:
    facts = make_facts(people(food=(10, 20.0, 3), steel=(9, 60.0, 2)))
    row = firmographic_groups(buyers_by_attribute(facts, NOBODY, 3), 10, 3).table.set_index("group").loc["steel"]
    assert row["buyers"] == 9 and row["verdict"] == "hidden"
    assert row.drop(["attribute", "buyers", "verdict"]).isna().all()


def test_one_value_or_none_is_no_trait(make_facts) -> None:
    facts = make_facts(people(food=(12, 20.0, 3)))
    found = firmographic_groups(buyers_by_attribute(facts, NOBODY, 3), 10, 3)
    assert found.absent is not None and found.numbers["traits.compared"] is None
    assert firmographic_mix(*[buyers_by_attribute(facts, NOBODY, 3)] * 2, 10, NOW, THEN).absent is not None


def test_alike_groups_are_not_called_different(make_facts) -> None:
    facts = make_facts(people(a1=(10, 1.0, 3), a2=(10, 1.0, 3), a3=(10, 1.0, 3)))
    assert firmographic_groups(buyers_by_attribute(facts, NOBODY, 3), 10, 3).numbers["traits.below"] == 0


def test_the_planted_paradox_is_found(make_facts) -> None:
    """Both industries buy a tenth less per buyer, and there are many more buyers of the large one."""
    before = buyers_by_attribute(make_facts(people(small=(90, 100.0, 1), large=(10, 1000.0, 1))), NOBODY, 3)
    now = buyers_by_attribute(make_facts(people(small=(50, 90.0, 1), large=(50, 900.0, 1))), NOBODY, 3)
    found = firmographic_mix(now, before, 10, NOW, THEN)
    row = found.table.iloc[0]
    # 190 to 495; mix 0.4·(900+1000)/2 − 0.4·(90+100)/2 = 342, rate −10·0.7 − 100·0.3 = −37
    assert row[["sales_per_buyer_before", "sales_per_buyer", "change"]].tolist() == [190, 495, 305]
    assert row[["mix_effect", "rate_effect"]].tolist() == pytest.approx([342, -37])
    assert row["is_reversed"]
    assert "yet fell in every group" in found.sentence.template
    assert [caveat.weight for caveat in found.caveats] == [Weight.RED]
    assert (
        not firmographic_mix(now, before, 11, NOW, THEN).table["is_reversed"].any()
    )  # one group is too small to judge


def test_without_an_earlier_date_the_mix_is_not_measurable(make_facts) -> None:
    now = buyers_by_attribute(make_facts(people(a=(10, 1.0, 1), b=(10, 1.0, 1))), NOBODY, 3)
    assert firmographic_mix(now, now.iloc[:0], 10, NOW, None).absent is not None


counts = st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(1, 5), st.integers(-50, 500)), min_size=2)


@given(counts, counts)
def test_mix_and_rate_sum_to_the_change(before: dict, now: dict) -> None:
    def frame(groups: dict[str, tuple[int, int]]) -> pd.DataFrame:
        rows = [("industry", name, f"{name}{n}", money, False, False)
                for name, (count, money) in groups.items() for n in range(count)]  # fmt: skip
        return pd.DataFrame(rows, columns=["attribute", "group", "customer_id", "sales", "is_regular", "is_key"])

    row = firmographic_mix(frame(now), frame(before), 1, NOW, THEN).table.iloc[0]
    assert row["mix_effect"] + row["rate_effect"] == pytest.approx(row["change"], abs=1e-9)


def test_row_order_changes_nothing(make_facts) -> None:
    facts = make_facts(people(a=(12, 5.0, 3), b=(15, 7.0, 1), c=(11, 2.0, 4)))
    one, other = (
        firmographic_groups(buyers_by_attribute(frame, NOBODY, 3), 10, 3).table for frame in (facts, facts.iloc[::-1])
    )
    pd.testing.assert_frame_equal(one, other)
