"""Lists per segment: who is in, in which order, and who refused."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.consent import consent_of
from kam_analysis.segments.lists import ListedBy, segment_lists
from kam_analysis.tables import CUSTOMER_SEGMENTS, CUSTOMERS


@pytest.fixture
def company(make_facts):
    facts = make_facts({name: {"net_sales_12m": money} for name, money in zip("abcde", (5, 9, 9, 1, 7), strict=True)})
    rows = {"customer_id": list("abcde"), "rfm_segment": ["champions"] * 3 + ["lost", None],
            "abc": ["A", "A", "B", "N", "C"], "xyz": ["X", "na", "Z", "na", None], "is_inactive": False}  # fmt: skip
    segments = CUSTOMER_SEGMENTS.conform(pd.DataFrame(rows).reindex(columns=CUSTOMER_SEGMENTS.names))
    people = pd.DataFrame({"customer_id": list("abd"), "consent": ["yes", "No", None]})
    return segments, facts, CUSTOMERS.conform(people.reindex(columns=CUSTOMERS.names))


def ids(lists: dict[str, pd.DataFrame]) -> dict[str, list[str]]:
    return {name: frame["customer_id"].tolist() for name, frame in lists.items()}


def test_the_largest_first_and_who_refused_in_no_list(company) -> None:
    lists = segment_lists(*company, ListedBy.RFM)
    assert ids(lists) == {"champions": ["c", "a"], "lost": ["d"]}
    assert lists["champions"]["consent"].tolist() == ["unknown", "given"]


def test_a_letter_needs_no_id_beside_the_name(company) -> None:
    segments, facts, people = company
    named = facts.assign(customer_name=[f"Ann Hill ({one})" for one in facts["customer_id"]])
    assert set(segment_lists(segments, named, people, ListedBy.RFM)["champions"]["customer_name"]) == {"Ann Hill"}


def test_only_who_said_yes(company) -> None:
    assert ids(segment_lists(*company, ListedBy.RFM, only_given=True)) == {"champions": ["a"], "lost": []}


def test_cells_of_the_grid_and_n_wins(company) -> None:
    assert ids(segment_lists(*company[:2], company[2].iloc[:0], ListedBy.GRID)) == {
        "AX": ["a"], "A_na": ["b"], "BZ": ["c"], "C_na": ["e"], "N": ["d"]
    }  # fmt: skip


def test_numbered_classes_name_their_lists_by_whole_numbers(company) -> None:
    segments, facts, people = company
    numbered = segments.assign(cluster=[1.0, 2.0, None, 1.0, None])
    assert list(segment_lists(numbered, facts, people.iloc[:0], ListedBy.CLUSTER)) == ["1", "2"]


def test_ties_go_by_id_and_row_order_changes_nothing(company) -> None:
    segments, facts, people = company
    one = segment_lists(segments, facts, people.iloc[:0], ListedBy.ABC)
    other = segment_lists(segments.iloc[::-1], facts.iloc[::-1], people.iloc[:0], ListedBy.ABC)
    assert ids(one) == ids(other) == {"A": ["b", "a"], "B": ["c"], "C": ["e"], "N": ["d"]}


@pytest.mark.parametrize("by", list(ListedBy))
def test_every_way_to_list_works_and_without_customers_there_is_none(company, by: ListedBy) -> None:
    segments, facts, people = company
    listed = [name for names in ids(segment_lists(segments, facts, people.iloc[:0], by)).values() for name in names]
    assert len(listed) == len(set(listed))
    assert segment_lists(segments.iloc[:0], facts.iloc[:0], people.iloc[:0], by) == {}


@given(st.text())
def test_only_a_clear_word_is_a_consent(text: str) -> None:
    assert consent_of(text).value in ("given", "refused", "unknown")
    assert consent_of(f"{text} perhaps").value == "unknown"
