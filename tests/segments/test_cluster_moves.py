"""Clusters of two dates: matched by common buyers, moves counted with their money, not comparable said so."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.segments.clusters import cluster_moves, find_clusters, match_clusters
from kam_analysis.segments.clusters.moves import CLUSTER_MOVES
from tests.segments.conftest import CENTRES, QUICK, clustering_of, facts_of

NOW, THEN = (Calendar(dt.date(2022, 1, 1), dt.date(year, 1, 1)) for year in (2024, 2023))


def test_earlier_clusters_take_the_number_with_the_most_common_buyers():
    now = clustering_of({"a": 1, "b": 1, "c": 2, "d": 2, "new": 1})
    before = clustering_of({"a": 2, "b": 2, "c": 1, "d": 2, "gone": 1})
    matched = match_clusters(before, now).members.set_index("customer_id")["cluster"]
    assert matched.to_dict() == {"a": 1, "b": 1, "c": 2, "d": 1, "gone": 2}
    assert before.members["cluster"].tolist() == [2, 2, 1, 2, 1]


def test_the_pairing_is_the_best_in_all_not_pair_by_pair():
    # 1 shares 3 with A and 2 with B, 2 shares 2 with A and none with B: greedily 3 + 0, in all 2 + 2
    now = clustering_of({"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 1, "g": 1})
    before = clustering_of({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 2, "g": 2})
    matched = match_clusters(before, now).members["cluster"].tolist()
    assert matched == [2, 2, 2, 2, 2, 1, 1]


def test_an_earlier_cluster_without_a_partner_stands_above_those_of_now():
    now = clustering_of({"a": 1, "b": 1, "c": 2, "d": 2})
    before = clustering_of({"a": 1, "b": 1, "c": 3, "d": 3, "x": 2, "y": 2})
    assert match_clusters(before, now).members["cluster"].tolist() == [1, 1, 2, 2, 3, 3]
    finding = cluster_moves(now, before, NOW, THEN)
    assert finding.caveats == []  # nobody of the cluster that is gone bought again


def test_moves_count_buyers_and_their_money():
    now = clustering_of({"a": 1, "b": 1, "c": 2, "new": 2}, net_sales_12m=[50.0, 30.25, 5.0, 3.0])
    before = clustering_of({"a": 1, "b": 2, "c": 2, "gone": 1}, net_sales_12m=[40.0, 2.0, 1.0, 60.0])
    finding = cluster_moves(now, before, NOW, THEN)
    table = CLUSTER_MOVES.check(finding.table).set_index(["cluster_before", "cluster"])
    assert table["customers"].to_dict() == {(1, 1): 1, (1, 2): 0, (2, 1): 1, (2, 2): 1}
    assert table["share"].tolist() == [1.0, 0.0, 0.5, 0.5]
    assert table["net_sales_12m"].tolist() == [50.0, 0.0, 30.25, 5.0]
    assert finding.numbers["clusters.kept"] == pytest.approx(2 / 3)
    # of now: log1p of 50 and 30.25 against 5 and 3; so 40 would be in 1, 2 and 1 in 2
    assert table["customers_same_rule"].tolist() == [1, 0, 1, 1]
    assert finding.numbers["clusters.kept_same_rule"] == pytest.approx(2 / 3)


def test_the_same_date_twice_moves_nobody(found):
    finding = cluster_moves(found, found, NOW, THEN)
    assert finding.numbers["clusters.kept"] == 1
    assert finding.numbers["clusters.kept_same_rule"] == pytest.approx(1, abs=0.01)
    assert finding.numbers["clusters.agreement_before"] == 1
    assert finding.table["customers"].sum() == 300
    assert finding.table.groupby("cluster_before")["share"].sum().tolist() == pytest.approx([1.0] * 3)


def test_buyers_who_become_others_are_found_again(planted):
    facts, group = planted
    random = np.random.default_rng(3)
    moved = random.permutation(300)[:30]
    later = np.where(np.isin(np.arange(300), moved), (group + 1) % 3, group)
    now = find_clusters(facts_of(CENTRES[later] + 0.35 * random.normal(size=(300, 6))), QUICK)
    finding = cluster_moves(now, find_clusters(facts, QUICK), NOW, THEN)
    assert finding.numbers["clusters.kept"] == pytest.approx(0.9, abs=0.01)
    assert finding.numbers["clusters.kept_same_rule"] == pytest.approx(0.9, abs=0.02)
    assert finding.caveats == []


def test_clusters_drawn_anew_are_told_from_buyers_who_moved():
    money = [100.0, 100.0, 10.0, 10.0, 1.0, 1.0]
    now = clustering_of(dict(zip("abcdef", [1, 1, 1, 1, 2, 2], strict=True)), net_sales_12m=money)
    before = clustering_of(dict(zip("abcdef", [1, 1, 2, 2, 2, 2], strict=True)), net_sales_12m=money)
    finding = cluster_moves(now, before, NOW, THEN)
    assert finding.numbers["clusters.kept"] == pytest.approx(4 / 6)
    assert finding.numbers["clusters.kept_same_rule"] == 1
    assert finding.caveats[0].text.values == {"same": 1.0, "kept": pytest.approx(4 / 6)}


def test_a_feature_unknown_then_leaves_the_same_rule_unmeasured():
    now = clustering_of({"a": 1, "b": 2}, products=[9.0, 1.0])
    finding = cluster_moves(now, clustering_of({"a": 1, "b": 2}), NOW, THEN)
    assert finding.numbers["clusters.kept_same_rule"] is None
    assert CLUSTER_MOVES.check(finding.table)["customers_same_rule"].isna().all()


def test_what_cannot_be_compared_says_why(found, planted):
    nobody = find_clusters(planted[0].head(0), QUICK)
    alike = find_clusters(pd.concat([planted[0].head(1)] * 30).assign(customer_id=[str(n) for n in range(30)]), QUICK)
    strangers = clustering_of({"x": 1, "y": 2})
    for now, before, calendar, word in (
        (found, found, None, "far enough"),
        (found, nobody, THEN, "far enough"),
        (found, alike, THEN, "were no clusters"),
        (alike, found, THEN, "no clusters now"),
        (found, strangers, THEN, "nobody bought"),
    ):
        finding = cluster_moves(now, before, NOW, calendar)
        assert word in finding.absent.template
        assert CLUSTER_MOVES.check(finding.table).empty
        assert finding.numbers["clusters.kept_absent"]
