"""Recommendation and satisfaction with their intervals, hidden when few, and what was bought afterwards."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import adjusted_wald, wilson
from kam_analysis.params import Retention
from kam_analysis.retention import answers_and_purchases, survey_scores
from kam_analysis.retention.survey import latest_answers
from kam_analysis.tables import SURVEY

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2025, 1, 1))
RULES = Retention(min_cell=3, answer_days=30)


def answers(*rows: tuple[str, str, float], question: str = "nps", wave: str | None = "w") -> pd.DataFrame:
    """Answers of (customer, day, score)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "score"]).assign(question=question, wave=wave)
    return SURVEY.conform(frame.reindex(columns=SURVEY.names))


def test_the_latest_answer_per_respondent_and_wave_counts() -> None:
    given = pd.concat(
        [
            answers(("a", "2024-02-01", 9), ("a", "2024-03-01", 2), ("a", "2024-03-01", 7)),
            answers(("a", "2024-01-01", 8), wave="before"),
            answers(("a", "2024-02-01", 5), ("b", "2025-01-01", 5)).assign(respondent="P2"),  # b: on the reference date
            answers(("c", "2024-02-01", 11)),  # off the scale
        ]
    )
    kept = latest_answers(given, CALENDAR)
    assert kept[["wave", "respondent", "score"]].values.tolist() == [["before", "", 8], ["w", "", 2], ["w", "P2", 5]]


def test_scores_by_hand() -> None:
    given = pd.concat(
        [
            answers(*[(f"p{n}", "2024-05-01", 9) for n in range(5)], *[(f"d{n}", "2024-05-01", 6) for n in range(2)]),
            answers(*[(f"n{n}", "2024-05-01", 7) for n in range(3)]),
            answers(*[(f"s{n}", "2024-05-01", 4) for n in range(3)], ("t", "2024-05-01", 3), question="csat"),
        ]
    )
    found = survey_scores(given, CALENDAR, RULES)
    assert found.numbers["nps.score"] == pytest.approx(0.3)  # (5 − 2)/10
    assert (found.numbers["nps.low"], found.numbers["nps.high"]) == adjusted_wald(5, 2, 10)
    assert found.numbers["csat.score"] == 0.75
    assert (found.numbers["csat.low"], found.numbers["csat.high"]) == wilson(3, 4)


def test_too_few_answers_stand_themselves_without_a_score() -> None:
    found = survey_scores(answers(("a", "2024-05-01", 10), ("b", "2024-05-02", 3)), CALENDAR, RULES)
    assert found.table["score"].isna().all()
    assert found.table["listed"].iloc[0] == "10, 3"
    assert found.numbers["nps.score_absent"] == "fewer than 3 answers in 12 months"
    assert found.numbers["csat.n"] == 0


def test_waves_stand_latest_first_and_old_ones_are_out_of_the_last_year() -> None:
    given = pd.concat([answers(("a", "2023-05-01", 9), wave=None), answers(("b", "2024-05-01", 9), wave="spring")])
    table = survey_scores(given, CALENDAR, RULES).table
    assert table["wave"].fillna("-").tolist() == ["-", "spring", "2023"]
    assert table["answers"].tolist() == [1, 1, 1]


def test_answers_off_the_scale_are_told_and_no_survey_is_absent() -> None:
    given = answers(("a", "2024-05-01", 11), ("b", "2024-05-01", 5))
    assert survey_scores(given, CALENDAR, RULES).caveats[0].text.values["n"] == 1
    nothing = survey_scores(SURVEY.empty(), CALENDAR, RULES)
    assert nothing.absent is not None and nothing.numbers["nps.n"] is None


def test_later_purchases_by_hand(make_frames) -> None:
    given = pd.concat(
        [
            answers(*[(f"p{n}", "2024-06-01", 10) for n in range(3)], ("d", "2024-06-01", 2)),
            answers(("p0", "2024-12-20", 1), wave="late"),  # not followed long enough: the wave before counts
            answers(("p1", "2024-01-01", 0), wave="early"),
        ]
    )
    orders, _ = make_frames(
        [
            ("p0", "2024-06-01", 10.0), ("p0", "2024-07-01", 30.0),  # day 30: inside
            ("p1", "2024-05-03", 10.0), ("p1", "2024-07-02", 99.0),  # day −29 inside, day 31 outside
            ("p2", "2024-05-02", 99.0),  # day −30: outside
        ]
    )  # fmt: skip
    table = answers_and_purchases(given, orders, CALENDAR, RULES).table.set_index("answer_group")
    assert table.loc["promoter", ["customers", "ordered"]].tolist() == [3, 1]
    assert table.loc["promoter", "sales_ratio"] == pytest.approx(30 / 20)
    assert table.loc["detractor", "customers"] == 1 and pd.isna(table.loc["detractor", "ordered_share"])


def test_the_lowest_answer_of_the_wave_speaks_for_the_customer(make_frames) -> None:
    given = pd.concat([answers(("a", "2024-06-01", 10)), answers(("a", "2024-06-03", 4)).assign(respondent="P2")])
    orders, _ = make_frames([("a", "2024-06-10", 1.0)])
    table = answers_and_purchases(given, orders, CALENDAR, Retention(min_cell=1)).table.set_index("answer_group")
    assert table["customers"].to_dict() == {
        "promoter": 0, "passive": 0, "detractor": 1, "satisfied": 0, "dissatisfied": 0,
    }  # fmt: skip
    assert table.loc["detractor", "ordered_share"] == 1 and pd.isna(table.loc["detractor", "sales_ratio"])


def test_no_answer_old_enough_is_absent(make_frames) -> None:
    orders, _ = make_frames([("a", "2024-06-10", 1.0)])
    assert answers_and_purchases(answers(("a", "2024-12-20", 9)), orders, CALENDAR, RULES).absent is not None
    assert answers_and_purchases(SURVEY.empty(), orders, CALENDAR, RULES).absent is not None
