"""The top of the ladder is measured or said to be not measurable, never inferred."""

from __future__ import annotations

import pandas as pd
import pytest

from kam_analysis.params import Ladder
from kam_analysis.segments.ladder import LOYALTY_LADDER, ladder_steps, loyalty_ladder
from kam_analysis.tables import ASSESSMENT, SURVEY


@pytest.fixture
def facts(make_facts):
    """Orders 0 to 5; the last four bought for 80 in the last 12 months."""
    regular = {"net_sales": 200.0, "net_sales_12m": 80.0}
    return make_facts(
        {
            "none": {"orders": 0},
            "once": {"orders": 1, "net_sales": 5.0},
            "twice": {"orders": 2, "net_sales": 6.0},
            "three": {"orders": 3} | regular,
            "four": {"orders": 4} | regular,
            "five": {"orders": 5} | regular,
            "six": {"orders": 6} | regular,
        }
    )


def ratings(**columns) -> pd.DataFrame:
    rows = pd.DataFrame(columns).rename_axis("customer_id").reset_index()
    return ASSESSMENT.conform(rows.reindex(columns=ASSESSMENT.names))


def answers(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "question", "score"])
    return SURVEY.conform(frame.reindex(columns=SURVEY.names))


def climb(facts, assessment, survey, calendar, rules=None):
    steps = ladder_steps(facts, assessment, survey, calendar, rules or Ladder(), 3)
    finding = loyalty_ladder(steps, assessment, survey, calendar, 3)
    LOYALTY_LADDER.check(finding.table)
    return dict(zip(steps["customer_id"], steps["ladder"], strict=True)), finding


def test_without_wallets_the_top_is_not_measurable(facts, calendar):
    steps, finding = climb(facts, ASSESSMENT.empty(), SURVEY.empty(), calendar)
    assert steps == {"once": "one_order", "twice": "two_orders"} | dict.fromkeys(
        ("three", "four", "five", "six"), "regular"
    )
    assert finding.numbers == {
        "ladder.one_order": 1,
        "ladder.two_orders": 1,
        "ladder.regular": 4,
        "ladder.adherent": None,
        "ladder.advocate": None,
        "ladder.adherent_absent": "no wallet in the assessment",
        "ladder.advocate_absent": "no wallet in the assessment",
    }
    assert finding.table["customers"].isna().tolist() == [False, False, False, True, True]


def test_a_wallet_filled_to_exactly_the_share_makes_an_adherent(facts, calendar):
    # 80 of 100 is exactly 0.80, 80 of 100.0001 is below, 80 of 0 is no wallet
    assessment = ratings(wallet={"three": 100.0, "four": 100.0001, "five": 0.0, "once": 1.0})
    steps, finding = climb(facts, assessment, SURVEY.empty(), calendar)
    assert {name: step for name, step in steps.items() if step == "adherent"} == {"three": "adherent"}
    assert finding.numbers["ladder.adherent"] == 1
    assert finding.numbers["ladder.advocate"] is None
    assert finding.numbers["ladder.advocate_absent"] == "no NPS answer in the survey and no recorded referral"


def test_share_that_doubles_would_miss(make_facts, calendar):
    # 2.4 of 3 is exactly 0.80; in doubles 0.8 · 3 = 2.4000000000000004
    facts = make_facts({"a": {"orders": 3, "net_sales_12m": 2.4, "net_sales": 2.4}})
    assert climb(facts, ratings(wallet={"a": 3.0}), SURVEY.empty(), calendar)[0] == {"a": "adherent"}


def test_an_advocate_recommends_and_is_adherent(facts, calendar):
    assessment = ratings(
        wallet={"three": 90.0, "four": 90.0, "five": 90.0, "six": 500.0},
        referrals={"five": 2.0, "six": 9.0, "three": 0.0, "four": 0.0},
    )
    survey = answers(
        ("three", "2023-05-01", "nps", 9),
        ("four", "2023-05-01", "nps", 10),
        ("four", "2023-06-01", "nps", 8),
        ("four", "2024-01-01", "nps", 10),
        ("five", "2023-05-01", "csat", 10),
        ("twice", "2023-05-01", "nps", 10),
    )
    steps, finding = climb(facts, assessment, survey, calendar)
    # four's latest answer before the reference date is 8; six recommends and spends elsewhere
    assert steps == {
        "once": "one_order",
        "twice": "two_orders",
        "three": "advocate",
        "four": "adherent",
        "five": "advocate",
        "six": "regular",
    }
    assert finding.numbers == {
        "ladder.one_order": 1,
        "ladder.two_orders": 1,
        "ladder.regular": 1,
        "ladder.adherent": 1,
        "ladder.advocate": 2,
    }
    assert finding.table["customers"].sum() == 6


def test_ratings_of_the_reference_date_are_outside(facts, calendar):
    later = ratings(wallet={"three": 90.0}, rated_on={"three": pd.Timestamp("2024-01-01")})
    assert climb(facts, later, SURVEY.empty(), calendar)[0]["three"] == "regular"
    earlier = ratings(wallet={"three": 90.0}, rated_on={"three": pd.Timestamp("2023-12-31")})
    assert climb(facts, earlier, SURVEY.empty(), calendar)[0]["three"] == "adherent"


def test_nobody(make_facts, calendar):
    steps, finding = climb(make_facts({}), ASSESSMENT.empty(), SURVEY.empty(), calendar)
    assert steps == {}
    assert finding.absent is not None
    assert finding.numbers["ladder.regular"] == 0
