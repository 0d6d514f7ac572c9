"""The whole room on small data: one row per customer, contracts, tiles, drawings, inputs left as they were."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from kam_analysis import segments as room
from kam_analysis.drawings import draw, svgs
from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Segments
from kam_analysis.report.language import Language
from kam_analysis.segments.needs import Mix
from kam_analysis.tables import ASSESSMENT, CUSTOMER_SEGMENTS, SURVEY, published

PUBLISHED = published("segments")

QUICK = Segments.model_validate({"clusters": {"k_range": (2, 4), "resamples": 5, "null_draws": 20}})
METRICS = (
    [f"abc.{name}" for name in ("A", "B", "C", "N")]
    + [f"xyz.{name}" for name in ("X", "Y", "Z", "na")]
    + ["xyz_period", "rfm.bins"]
    + [f"rfm.{axis}{score}" for axis in "RFM" for score in range(1, 6)]
    + [f"ladder.{name}" for name in ("one_order", "two_orders", "regular", "adherent", "advocate")]
    + [f"clusters.{name}" for name in ("k", "silhouette", "stability")]
    + [f"rfm.{name}" for name in ("moved_down", "moved_up", "champions_kept")]
    + [f"abc.{name}" for name in ("kept_a", "fell_from_a", "rose_to_a", "new_in_a")]
    + [f"psi.{name}" for name in ("rfm", "abc", "xyz", "ladder", "life_cycle")]
)


def run(facts, orders, months, calendar, rules=QUICK, calendar_before=None, facts_before=None):
    """Everything the notebook computes: customer_segments, findings and tiles."""
    nobody = facts.iloc[:0] if facts_before is None else facts_before
    assessment, survey = ASSESSMENT.empty(), SURVEY.empty()
    now, then = (
        room.segments_on(known, orders, months, assessment, survey, day, rules, 3, 12)
        for known, day in ((facts, calendar), (nobody, calendar_before or calendar))
    )
    scores, abc, xyz, steps, states = now.scores, now.abc, now.xyz, now.steps, now.states
    clustering, states_before = now.clustering, then.states
    findings = [
        room.rfm_heat_map(scores, rules.rfm),
        room.rfm_segments(scores),
        room.value_classes(abc, rules.abc),
        room.rhythm_classes(now.sums, abc, rules.xyz),
        room.demand_types(xyz, facts, rules.xyz),
        room.abc_xyz_grid(abc, xyz),
        room.loyalty_ladder(steps, assessment, survey, calendar, 3),
        room.life_cycle(states, states_before, calendar, calendar_before),
        room.life_cycle_moves(states, states_before, calendar, calendar_before),
        room.cluster_choice(clustering, rules.clusters),
        room.cluster_profiles(clustering),
        room.cluster_medians(clustering, rules.min_cell),
        room.cluster_separation(clustering),
        room.cluster_methods(clustering, rules.clusters),
        room.cluster_rules(clustering, rules.clusters),
        room.cluster_moves(clustering, then.clustering, calendar, calendar_before),
    ]
    mix = Mix(pd.DataFrame(index=facts["customer_id"]), True)
    topics = room.find_needs(mix, rules.needs)
    findings.append(room.needs(mix, topics, facts, rules.needs))
    keys = facts["customer_id"][facts["customer_id"].str[-1:].isin(list("036"))]
    by_attribute = room.buyers_by_attribute(facts, keys, 3)
    findings += [
        room.rfm_moves(scores, then.scores, calendar, calendar_before),
        room.abc_moves(abc, then.abc, calendar, calendar_before),
        room.segment_shifts(now.by_segmentation, then.by_segmentation, calendar, calendar_before),
        room.season(months, calendar),
        room.value_alternatives(abc, facts, rules.abc),
        room.step_conversion(orders, calendar, rules.min_cell, 3),
        room.conversion_groups(orders, facts, calendar, rules.min_cell),
        room.key_portrait(facts, keys, rules.min_cell),
        room.firmographic_groups(by_attribute, rules.min_cell, 3),
        room.firmographic_mix(by_attribute, by_attribute, rules.min_cell, calendar, calendar_before),
    ]
    customers = room.customer_segments(facts, now, then, topics)
    findings.append(room.every_customer(customers))
    tiles = room.segment_tiles(
        findings[1], room.rfm_segments(then.scores), findings[5], findings[7], facts, nobody, calendar_before, 3
    )
    return customers, findings, tiles


@pytest.fixture
def company(make_facts, make_months, make_orders):
    """Sixty customers with orders in some of 24 months, the last one with a return only."""
    random = np.random.default_rng(8)
    months = [f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13)]
    sales, days, facts = {}, {}, {}
    for number in range(60):
        name = f"C{number:02d}"
        bought = sorted(random.choice(24, size=random.integers(1, 16), replace=False))
        sales[name] = {months[at]: float(random.integers(1, 2000 * (1 + number % 5))) for at in bought}
        days[name] = [f"{months[at]}-15" for at in bought]
        last, first = pd.Timestamp(days[name][-1]), pd.Timestamp(days[name][0])
        year = sum(money for month, money in sales[name].items() if month >= "2023")
        facts[name] = {
            "orders": len(bought),
            "orders_12m": sum(at >= 12 for at in bought),
            "first_order_on": first,
            "last_order_on": last,
            "recency_days": (pd.Timestamp("2024-01-01") - last).days,
            "tenure_days": (pd.Timestamp("2024-01-01") - first).days,
            "net_sales": sum(sales[name].values()),
            "net_sales_12m": year,
            "net_sales_before": sum(sales[name].values()) - year,
            "gap_survival_probability": float(random.uniform()),
            "products": int(random.integers(1, 40)),
        }
    facts["C59"] = {"orders": 0, "orders_12m": 0, "net_sales": -30.0}
    sales["C59"], days["C59"] = {"2023-03": -30.0}, []
    return make_facts(facts), make_orders(days), make_months(sales)


def test_every_customer_has_one_row_with_every_class_that_applies(company, calendar):
    customers, findings, _ = run(*company, calendar)
    CUSTOMER_SEGMENTS.check(customers)
    assert customers["customer_id"].tolist() == [f"C{number:02d}" for number in range(60)]
    returned_only = customers.iloc[-1]
    assert returned_only["abc"] == "N"
    assert returned_only["is_inactive"]
    assert returned_only[["r_score", "rfm_segment", "xyz", "ladder", "life_cycle", "cluster"]].isna().all()
    buyers = customers.iloc[:-1]
    assert buyers[["r_score", "rfm_segment", "rf_segment", "abc", "xyz", "ladder", "life_cycle"]].notna().all(axis=None)
    numbers = {name: value for finding in findings for name, value in finding.numbers.items()}
    for letter in "ABCN":
        assert (customers["abc"] == letter).sum() == numbers[f"abc.{letter}"]
    for name in ("X", "Y", "Z", "na"):
        assert (customers["xyz"] == name).sum() == numbers[f"xyz.{name}"]


def test_every_metric_is_there_or_says_why_not(company, calendar, make_facts, make_orders, make_months):
    for frames in (company, (make_facts({}), make_orders({}), make_months({}))):
        _, findings, _ = run(*frames, calendar)
        numbers = {name: value for finding in findings for name, value in finding.numbers.items()}
        assert set(METRICS) <= set(numbers)
        for name in METRICS:
            assert numbers[name] is not None or numbers[f"{name}_absent"]


def test_every_published_table_has_its_finding(company, calendar):
    assert {finding.name for finding in run(*company, calendar)[1]} == set(PUBLISHED)


def shown(finding):
    return [getattr(show, "column", show) for show in finding.show if not getattr(show, "words", None)]


def test_tables_keep_their_contracts_and_inputs_stay(company, calendar, make_facts, make_orders, make_months):
    before = copy.deepcopy([frame.copy() for frame in company])
    for frames in (company, (make_facts({}), make_orders({}), make_months({}))):
        for finding in run(*frames, calendar)[1]:
            PUBLISHED[finding.name].check(finding.table)
            assert all(column in finding.table for column in shown(finding))
    for frame, kept in zip(company, before, strict=True):
        pd.testing.assert_frame_equal(frame, kept)


def test_row_order_changes_nothing(company, calendar):
    shuffled = [frame.sample(frac=1, random_state=number) for number, frame in enumerate(company)]
    customers, findings, _ = run(*company, calendar)
    again, findings_again, _ = run(*shuffled, calendar)
    pd.testing.assert_frame_equal(customers, again)
    for finding, other in zip(findings, findings_again, strict=True):
        pd.testing.assert_frame_equal(finding.table, other.table)


def test_tiles_stand_beside_the_comparison_date(company, calendar):
    facts, orders, months = company
    year_ago = Calendar(calendar.first_order_on, calendar.year_ago)
    _, _, tiles = run(facts, orders, months, calendar, calendar_before=year_ago, facts_before=facts)
    assert [tile.key for tile in tiles] == ["champions_share", "large_and_steady", "at_risk_net_sales", "regular_share"]
    assert tiles[3].change.values["change"] == 0.0
    assert tiles[3].is_up is None
    alone = run(facts, orders, months, calendar)[2]
    assert "far enough" in alone[0].change.template


def test_tiles_without_anybody_are_not_measurable(make_facts, make_orders, make_months, calendar):
    tiles = run(make_facts({}), make_orders({}), make_months({}), calendar)[2]
    assert tiles[0].value is None
    assert tiles[3].value is None


@pytest.mark.parametrize("code", ["en", "ru"])
def test_sentences_and_drawings_read_in_a_language(company, calendar, code):
    language = Language(code, "EUR")
    drawn = []
    for finding in run(*company, calendar)[1]:
        for message in (finding.question, finding.sentence, finding.sub, finding.base, finding.absent, finding.none):
            assert "{" not in language.text(message)
        if finding.drawing and finding.absent is None:
            drawn.append(finding.drawing)
            assert set(svgs(finding, language)) == {"wide", "slim"}
            assert draw(finding, language, 350).get_figwidth() == pytest.approx(350 / 72)
    assert drawn[:3] == ["segments.rfm_heat_map", "segments.loyalty_ladder", "segments.life_cycle_states"]
