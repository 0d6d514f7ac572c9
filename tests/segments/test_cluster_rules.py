"""What sets clusters apart: effects by hand, limits in words, hits and cover of the limits as they stand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kruskal

from kam_analysis.params import Clusters
from kam_analysis.report.language import Language
from kam_analysis.segments.clusters import cluster_rules, cluster_separation, find_clusters
from kam_analysis.segments.clusters.measures import epsilon_squared
from kam_analysis.segments.clusters.separation import CLUSTER_RULES, CLUSTER_SEPARATION, RULE
from tests.segments.conftest import QUICK, clustering_of

WORDS = Language("en", "EUR").text


def ruled(table):
    return [WORDS(RULE.of(row)) for row in table.to_dict("records")]


TWENTY = {f"c{number:02d}": 1 + number // 10 for number in range(20)}


@given(
    st.lists(st.integers(0, 5), min_size=3, max_size=30).filter(lambda values: len(set(values)) > 1),
    st.integers(0, 99),
)
def test_the_effect_is_kruskal_wallis_over_n_less_1(values, seed):
    labels = np.random.default_rng(seed).integers(1, 4, len(values))
    groups = [np.asarray(values)[labels == number] for number in np.unique(labels)]
    if len(groups) < 2:
        return
    expected = kruskal(*groups).statistic / (len(values) - 1)
    assert epsilon_squared(np.asarray(values, dtype=float), labels) == pytest.approx(expected, abs=1e-9)


def test_equal_values_have_no_effect():
    assert epsilon_squared(np.ones(6), np.array([1, 1, 1, 2, 2, 2])) == 0


def test_features_stand_by_effect_with_the_extreme_clusters():
    clustering = clustering_of(TWENTY, orders=[9.0] * 10 + [2.0] * 10, recency_days=[1.0, 5.0] * 10)
    finding = cluster_separation(clustering)
    table = CLUSTER_SEPARATION.check(finding.table)
    assert table["feature"].tolist() == ["orders", "recency_days"]
    # orders tell the clusters apart, recency is the same in both; other features do not vary and are left out
    assert table["effect"].tolist() == [1.0, 0.0]
    assert table.loc[0, ["lowest_cluster", "lowest_median", "highest_cluster", "highest_median"]].tolist() == [
        2,
        2,
        1,
        9,
    ]
    assert finding.numbers["cluster_effect.orders"] == 1
    assert finding.numbers["cluster_effect.tenure_days"] is None
    assert finding.numbers["cluster_effect.tenure_days_absent"]


def test_a_rule_counts_the_buyers_of_the_limits_as_written():
    orders = [12.0] * 9 + [3.0] + [3.0] * 10
    finding = cluster_rules(clustering_of(TWENTY, orders=orders), Clusters())
    table = CLUSTER_RULES.check(finding.table)
    # midway between 3 and 12 is 7.5: at least 8 orders, up to 7 orders
    assert ruled(table) == ["orders: at least 8", "orders: up to 7"]
    assert table["buyers"].tolist() == [9, 11]
    assert table["members"].tolist() == [9, 10]
    assert table["precision"].tolist() == pytest.approx([1, 10 / 11])
    assert table["recall"].tolist() == pytest.approx([0.9, 1])
    assert finding.numbers["clusters.rules_hit"] == pytest.approx(19 / 20)
    assert WORDS(finding.sentence) == "Cluster 2: orders: up to 7. Of the buyers that fit, 91\xa0% are in it"


def test_money_limits_have_two_digits_and_bounds_on_both_sides_are_one_range():
    thirty = {f"c{number:02d}": (1, 2, 1)[number // 10] for number in range(30)}
    money = [1000.0] * 10 + [5000.0] * 10 + [24690.0] * 10
    rules = ruled(cluster_rules(clustering_of(thirty, net_sales_12m=money), Clusters()).table)
    # midway 3,000 and 14,845, rounded to 15,000
    assert rules[1] == "net sales in 12 months: over €3,000, up to €15.0\xa0k"


def test_planted_groups_are_described_almost_without_misses(found):
    table = cluster_rules(found, QUICK).table
    assert table["cluster"].tolist() == [1, 2, 3]
    assert (table["precision"] > 0.95).all()
    assert (table["recall"] > 0.9).all()
    again = cluster_rules(found, QUICK.model_copy(update={"seed": 5})).table
    assert again["recall"].tolist() == pytest.approx(table["recall"].tolist(), abs=0.05)


def test_a_tree_that_finds_no_limit_says_so():
    lone = {f"c{number:02d}": 1 + (number == 0) for number in range(20)}
    table = cluster_rules(clustering_of(lone, orders=[9.0] + [1.0] * 19), Clusters()).table
    assert ruled(table) == ["no limits", "no limits"]
    assert table["precision"].tolist() == pytest.approx([0.95, 0.05])


def test_without_clusters_there_is_nothing_to_tell_apart(planted):
    for facts, is_absent in ((planted[0].head(5), True), (planted[0].head(100), False)):
        nothing = find_clusters(facts, QUICK.model_copy(update={"min_stability": 1.0, "k_range": (5, 6)}))
        assert not nothing.k
        for finding in (cluster_separation(nothing), cluster_rules(nothing, QUICK)):
            assert finding.table.empty
            assert (finding.absent is not None) == is_absent
            assert all(value is None or isinstance(value, str) for value in finding.numbers.values())
