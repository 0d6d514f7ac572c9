"""Scores never depend on row order, and every cell of both maps has exactly one segment."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.rfm import mid_rank_scores, rfm_scores, segment_map
from kam_analysis.params import Rfm
from kam_analysis.segments.advice import RfmAction, RfmRule
from kam_analysis.segments.rfm import RFM_HEAT_MAP, RFM_SEGMENTS, rfm_heat_map, rfm_segments
from kam_analysis.vocabulary import RfmSegment


def window(recency, orders, net_sales) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [f"{number:04d}" for number in range(len(orders))],
            "recency_days": np.asarray(recency, dtype="float64"),
            "orders": np.asarray(orders, dtype="int64"),
            "net_sales": np.asarray(net_sales, dtype="float64"),
        }
    )


@pytest.mark.parametrize(("file", "axes", "segments"), [("rfm_map.csv", "rfm", 11), ("rf_map.csv", "rf", 10)])
def test_every_cell_of_a_map_has_exactly_one_segment(file, axes, segments):
    cells = segment_map(file)
    listed = list(cells[list(axes)].itertuples(index=False, name=None))
    assert len(listed) == len(set(listed))
    assert set(listed) == set(product(range(1, 6), repeat=len(axes)))
    assert cells["segment"].nunique() == segments
    assert set(cells["segment"]) <= {member.value for member in RfmSegment}


def test_every_segment_has_a_rule_and_an_action():
    values = [member.value for member in RfmSegment]
    assert [member.value for member in RfmRule] == values
    assert [member.value for member in RfmAction] == values


@pytest.mark.parametrize(
    ("segment", "cells"),
    [
        ("champions", set(product((4, 5), (4, 5), (4, 5)))),
        ("cannot_lose", set(product((1, 2), (4, 5), (4, 5)))),
        ("need_attention", set(product((3,), (1, 2, 3), (3, 4, 5)))),
        ("lost", set(product((1,), (1, 2), (1, 2, 3)))),
    ],
)
def test_the_map_follows_the_rule_that_the_page_prints(segment, cells):
    found = segment_map("rfm_map.csv").query("segment == @segment")
    assert set(found[["r", "f", "m"]].itertuples(index=False, name=None)) == cells


def test_mid_ranks_split_no_tie():
    # n = 4, ranks 1–3 and 4: ceil(5·(1+3)/8) = ceil(2.5) = 3, ceil(5·(4+4)/8) = 5
    assert mid_rank_scores([7, 7, 7, 9], 5).tolist() == [3, 3, 3, 5]


def test_a_whole_quotient_is_not_rounded_up():
    # n = 5, rank i: 5·2i/10 = i exactly
    assert mid_rank_scores([10, 20, 30, 40, 50], 5).tolist() == [1, 2, 3, 4, 5]
    # n = 15: rank 6 gives 5·12/30 = 2 exactly, rank 7 gives 70/30 → 3
    assert mid_rank_scores(list(range(15)), 5)[5:7].tolist() == [2, 3]


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_row_order_and_ties_never_matter(values, random):
    scores = mid_rank_scores(values, 5)
    by_value = dict(zip(values, scores.tolist(), strict=True))
    assert [by_value[value] for value in values] == scores.tolist()
    shuffled = random.sample(values, len(values))
    assert mid_rank_scores(shuffled, 5).tolist() == [by_value[value] for value in shuffled]
    ordered = [by_value[value] for value in sorted(set(values))]
    assert ordered == sorted(ordered)
    assert set(ordered) <= {1, 2, 3, 4, 5}


def test_below_100_buyers_three_scores_go_through_the_maps_as_1_3_5():
    # n = 3 distinct: ceil(3·2i/6) = i; the best has 3, 3, 3 → 555, the middle 2, 2, 2 → 333, the worst 111
    scores = rfm_scores(window([1, 50, 300], [9, 5, 1], [900, 50, 1]), Rfm())
    assert scores[["r_score", "f_score", "m_score"]].to_numpy().tolist() == [[3, 3, 3], [2, 2, 2], [1, 1, 1]]
    assert scores["rfm_segment"].tolist() == ["champions", "need_attention", "lost"]
    assert scores["rf_segment"].tolist() == ["champions", "need_attention", "hibernating"]
    finding = rfm_heat_map(scores, Rfm())
    assert finding.numbers["rfm.bins"] == 3
    assert [finding.numbers[f"rfm.R{score}"] for score in range(1, 6)] == [1, 1, 1, 0, 0]
    assert finding.caveats[0].text.values["least"] == 100


def test_exactly_100_buyers_have_five_scores():
    scores = rfm_scores(window(range(1, 101), range(1, 101), range(1, 101)), Rfm())
    numbers = rfm_heat_map(scores, Rfm()).numbers
    assert numbers["rfm.bins"] == 5
    assert {numbers[f"rfm.{axis}{score}"] for axis in "RFM" for score in range(1, 6)} == {20}
    assert scores["r_score"].iloc[0] == 5


def test_thresholds_include_their_edge():
    scores = rfm_scores(
        window([30, 31, 60, 240, 241], [1, 2, 3, 9, 10], [499.9999, 500, 1999.99, 50_000, -5]), Rfm(scores="thresholds")
    )
    assert scores["r_score"].tolist() == [5, 4, 4, 2, 1]
    assert scores["f_score"].tolist() == [1, 2, 3, 4, 5]
    assert scores["m_score"].tolist() == [1, 2, 2, 5, 1]
    assert rfm_heat_map(scores, Rfm(scores="thresholds")).numbers["rfm.bins"] == 5


def test_customers_without_an_order_have_no_score_and_net_sales_below_0_are_ranked():
    scores = rfm_scores(window([5, 6, np.nan], [2, 1, 0], [-10, 20, 500]), Rfm())
    # n = 2: ceil(3·2/4) = 2 for the lower money, ceil(3·4/4) = 3 for the higher
    assert scores["customer_id"].tolist() == ["0000", "0001"]
    assert scores["m_score"].tolist() == [2, 3]


def test_segments_count_everybody_once():
    random = np.random.default_rng(3)
    scores = rfm_scores(
        window(random.integers(1, 400, 300), random.integers(1, 9, 300), random.integers(-50, 999, 300)), Rfm()
    )
    segments, cells = rfm_segments(scores), rfm_heat_map(scores, Rfm())
    RFM_SEGMENTS.check(segments.table)
    RFM_HEAT_MAP.check(cells.table)
    for table in (segments.table, cells.table):
        assert table["customers"].sum() == 300
        assert table["net_sales"].sum() == scores["net_sales"].sum()
        assert table["net_sales_share"].sum() == pytest.approx(1)
    assert segments.table["customers_by_rf"].sum() == 300
    assert len(segments.table) == 11
    assert len(cells.table) == 25


def test_who_is_silent_only_beside_the_others_is_said():
    # ranks of 8 days against 1 to 7: R 1 of 3 for the last ones, though everybody orders every 31 days
    scores = rfm_scores(window(range(1, 9), [12] * 8, [100] * 8), Rfm())
    facts = scores[["customer_id"]].assign(median_gap_days=31.0)
    silent = scores["rfm_segment"].isin(["cannot_lose", "at_risk", "hibernating", "lost"])
    assert silent.sum() == 2  # ceil(3·rank/8) = 1 for the ranks 1 and 2
    (text,) = [caveat.text for caveat in rfm_segments(scores, facts).caveats if "usual" in caveat.text.values]
    assert text.values == {"n": 2, "usual": 2}
    long = rfm_segments(scores, facts.assign(median_gap_days=6.0))  # 7 and 8 days of silence
    assert not [caveat for caveat in long.caveats if "usual" in caveat.text.values]


def test_a_score_that_nobody_has_is_said():
    # 120 buyers, 80 with one order: ceil(5·(1+80)/240) = 2; the next has rank 81: ceil(5·162/240) = 4; F1, F3 are empty
    scores = rfm_scores(window(range(1, 121), [1] * 80 + list(range(2, 42)), range(120)), Rfm())
    finding = rfm_heat_map(scores, Rfm())
    assert finding.numbers["rfm.F1"] == 0
    assert finding.numbers["rfm.F2"] == 80
    assert finding.numbers["rfm.F3"] == 0
    assert [caveat.text.values["used"] for caveat in finding.caveats] == [3]


def test_nobody_gives_zeros_and_a_reason():
    scores = rfm_scores(window([], [], []), Rfm())
    for finding in (rfm_heat_map(scores, Rfm()), rfm_segments(scores)):
        assert finding.absent is not None
        assert finding.table["customers"].sum() == 0
    assert {rfm_heat_map(scores, Rfm()).numbers[f"rfm.M{score}"] for score in range(1, 6)} == {0}
