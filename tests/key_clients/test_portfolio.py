"""Four blocks: sales against margin, attractiveness against the strength of the relation."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.drawings import draw
from kam_analysis.key_clients import relation, sales_margin
from kam_analysis.key_clients.portfolio import RELATION, SALES_MARGIN, relation_of
from kam_analysis.report.language import Language
from kam_analysis.tables import ASSESSMENT


@pytest.fixture(scope="session")
def blocks(make_facts):
    """Blocks of customers given as id: (net sales, margin); all sales have a cost."""

    def find(customers):
        sales = {one: pair[0] for one, pair in customers.items()}
        margins = {one: pair[1] for one, pair in customers.items()}
        found = sales_margin(make_facts(sales, margin_12m=margins, margin_base_12m=sales))
        SALES_MARGIN.check(found.table)
        return found

    return find


def test_four_blocks_by_hand(blocks, say_it):
    # mean 200 / 4 = 50; together 50 of 200 = 25 %
    found = blocks({"a": (90.0, 18.0), "b": (70.0, 22.0), "c": (30.0, 9.0), "d": (10.0, 1.0)})
    assert found.table[["customer_id", "margin_share", "block"]].values.tolist() == [
        ["a", 0.2, "large_thin"],
        ["b", pytest.approx(22 / 70), "large_rich"],
        ["c", 0.3, "small_rich"],
        ["d", 0.1, "small_thin"],
    ]
    assert (found.limits["mean"], found.limits["average"]) == (50.0, 0.25)
    assert say_it(found.sentence) == (
        "1 of 2 clients with above-average sales earns no more than the average 25.0 %: Client a with 20.0 %."
    )


def test_exactly_the_mean_is_not_above_it(blocks, say_it):
    equal = blocks({"a": (10.0, 1.0), "b": (10.0, 1.0), "c": (10.0, 1.0)})
    assert equal.table.block.unique().tolist() == ["small_thin"]
    assert say_it(equal.sentence) == "All customers buy for the same money; none stands out."
    # three tenths of 0.1 are no 0.30000000000000004
    cents = blocks({"a": (0.3, 0.1), "b": (0.1, 0.0), "c": (0.2, 0.1)})
    assert cents.table.set_index("customer_id").block["c"] == "small_rich"


def test_one_client_is_not_one_of_one(blocks, say_it):
    alone = blocks({"a": (10.0, 1.0)})
    assert say_it(alone.sentence) == "Only one customer has a known margin, so none stands out."
    # together 13 of 110 is 11.8 %, and the mean 55: a alone is large, and thinner
    thin = blocks({"a": (100.0, 9.0), "b": (10.0, 4.0)})
    assert say_it(thin.sentence) == (
        "The only client with above-average sales, Client a, earns no more than the average 11.8 %: 9.0 %."
    )


def test_all_large_clients_earn(blocks, say_it):
    found = blocks({"a": (90.0, 30.0), "b": (10.0, 1.0), "c": (5.0, 1.0)})
    assert say_it(found.sentence) == "The only client with above-average sales earns more than the average 30.5 %."


def test_without_cost_nothing_is_known(make_facts, say_it):
    found = sales_margin(make_facts({"a": 5.0}))
    assert say_it(found.absent) == "The source holds no cost, so no margin is known."
    # returns, and sales without a cost, stay outside
    mixed = make_facts(
        {"a": 5.0, "b": -5.0, "c": 9.0},
        margin_12m={"a": 1.0, "b": -1.0},
        margin_base_12m={"a": 5.0, "b": -5.0},
    )
    assert sales_margin(mixed).table.customer_id.tolist() == ["a"]


@settings(max_examples=settings.default.max_examples // 4)
@given(st.lists(st.tuples(st.integers(1, 9_999), st.integers(-500, 5_000)), min_size=1, max_size=12))
def test_every_customer_stands_in_one_block(blocks, pairs):
    found = blocks({f"{i:02}": (sales / 100, margin / 100) for i, (sales, margin) in enumerate(pairs)})
    assert sum(found.numbers.values()) == len(pairs)
    large = found.table.block.isin(["large_rich", "large_thin"])
    # somebody is above the mean unless all are equal
    assert large.any() == (len({sales for sales, _ in pairs}) > 1)


def test_axes_of_the_relation(make_facts, make_assessment):
    facts = make_facts({"a": 30.0, "b": 80.0, "c": 10.0, "d": 5.0, "e": 1.0, "f": -4.0})
    rated = make_assessment(
        a={"growth_outlook": 5, "relationship_strength": 2, "wallet": 100.0},
        b={"strategic": 4, "brand": 2, "relationship_strength": 5},
        c={"potential": 50.0, "wallet": 10.0},
        d={"potential": 90.0},
        e={"relationship_strength": 5},
        f={"growth_outlook": 1, "wallet": 10.0},
        z={"growth_outlook": 5, "relationship_strength": 5},
    )
    found = relation_of(facts, rated).set_index("customer_id")
    # d has no strength, e no attractiveness, z no lines
    assert found.index.tolist() == ["b", "a", "c", "f"]
    # a: 5/5 and the mean of 2/5 and 30/100; b: mean of 4/5 and 2/5; c: first of two potentials; f: a return
    assert found.attractiveness.tolist() == pytest.approx([0.6, 1.0, 0.5, 0.2])
    assert found.strength.tolist() == pytest.approx([1.0, 0.35, 1.0, 0.0])
    # exactly 0.5 is the lower half
    assert found.position.tolist() == ["protect", "win", "keep", "leave"]


def test_sentence_of_the_relation(make_facts, make_assessment, say_it):
    facts = make_facts(dict.fromkeys("abcd", 10.0))
    strong = {"growth_outlook": 5, "relationship_strength": 5}
    weak = {"growth_outlook": 5, "relationship_strength": 1}
    found = relation(facts, make_assessment(a=weak, b=weak, c=strong, d=strong, z=weak))
    RELATION.check(found.table)
    assert say_it(found.sentence) == (
        "We have a weak relationship with 2 of 4 attractive clients; the largest, Client a, 10 a year."
    )
    assert found.numbers["relation.win"] == found.numbers["relation.protect"] == 2
    assert say_it(found.caveats[0].text) == "1 rating lacks an axis or belongs to nobody in the data."
    calm = relation(facts, make_assessment(a=strong, b=strong, c=strong, d=strong))
    assert say_it(calm.sentence) == "No attractive client is held by a weak relation." and not calm.caveats


def test_three_ratings_are_no_portfolio(make_facts, make_assessment, say_it):
    rated = {one: {"growth_outlook": 5, "relationship_strength": 5} for one in "abc"}
    found = relation(make_facts(dict.fromkeys("abcd", 1.0)), make_assessment(**rated))
    assert "at least 4 clients" in say_it(found.absent)
    assert relation(make_facts({"a": 1.0}), ASSESSMENT.empty()).absent is not None


@pytest.mark.parametrize("width", [540, 350])
def test_drawings_count_everybody_and_draw_the_largest(blocks, make_facts, make_assessment, width):
    many = {f"{i:03}": (float(i + 1), 0.2 * (i + 1) + i % 3) for i in range(60)}
    drawn = draw(blocks(many), Language("en"), width)
    assert len(drawn.axes[0].lines[0].get_xdata()) + len(drawn.axes[0].lines[1].get_xdata()) == 30
    assert drawn.get_label().startswith("Client 059")
    texts = " ".join(text.get_text() for text in drawn.axes[0].texts)
    assert "renegotiate" in texts and "30" not in drawn.get_label().split(";")[0][:9]
    rated = {one: {"growth_outlook": 4, "relationship_strength": 1 + i % 5} for i, one in enumerate(many)}
    facts = make_facts({one: pair[0] for one, pair in many.items()})
    bubbles = draw(relation(facts, make_assessment(**rated)), Language("en"), width).axes[0]
    counted = [int(text.get_text().split()[0]) for text in bubbles.texts if text.get_text()[:1].isdigit()]
    assert sum(counted) == 60


def test_demo_blocks_hold_everybody(demo):
    found = sales_margin(demo.customer_facts)
    assert sum(found.numbers.values()) == len(found.table)
    assert (found.table.margin_12m.sum() / found.table.net_sales_12m.sum()) == pytest.approx(
        found.limits["average"], abs=0.01
    )
    assert len(relation(demo.customer_facts, demo.assessment).table) > 100


def test_order_of_rows_does_not_matter(blocks):
    pairs = {"a": (90.0, 18.0), "b": (70.0, 22.0), "c": (30.0, 9.0)}
    turned = dict(reversed(pairs.items()))
    pd.testing.assert_frame_equal(blocks(pairs).table, blocks(turned).table)
