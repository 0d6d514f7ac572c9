"""What customers say: recommendation and satisfaction with their intervals, and what they bought afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.columns import Kind
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import adjusted_wald, wilson
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, say, say_n
from kam_analysis.frames import number
from kam_analysis.params import Retention
from kam_analysis.retention.win_back import share_row
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled, SurveyQuestion


class AnswerGroup(Labelled):
    """How a customer answered."""

    PROMOTER = "promoter", say("promoters (9–10)")
    PASSIVE = "passive", say("passives (7–8)")
    DETRACTOR = "detractor", say("detractors (0–6)")
    SATISFIED = "satisfied", say("satisfied (4–5)")
    DISSATISFIED = "dissatisfied", say("not satisfied (1–3)")


_QUESTION = col.member("question", say("Question"), "NPS or CSAT.", SurveyQuestion)

_CSAT: dict[str, Any] = {"by": "question", "kinds": {SurveyQuestion.CSAT.value: Kind.SHARE}}

SURVEY_SCORES = Table(
    "survey_scores",
    "one question and wave, or the last 12 months",
    (
        _QUESTION,
        col.name("wave", say("Wave"), "Wave; its calendar year else.", nullable=True, absent=say("last 12 months")),
        col.count("answers", say("Answers"), "Latest per respondent.", low=1),
        col.points("score", say("Score"), "NPS from −1 to 1, CSAT from 0 to 1; hidden when too few.", True, **_CSAT),
        col.points("low", say("From"), "Lower end of the 95 % interval.", nullable=True, **_CSAT),
        col.points("high", say("To"), "Upper end of the 95 % interval.", nullable=True, **_CSAT),
        col.text("listed", say("Answers, when few"), "The answers themselves.", nullable=True, absent=say("–")),
    ),
    ("question", "wave"),
)

ANSWERS_LATER = Table(
    "answers_later",
    "one way to answer",
    (
        _QUESTION,
        col.member("answer_group", say("Answered"), "By the lowest answer.", AnswerGroup),
        col.CUSTOMERS("Whose answer is old enough."),
        col.ORDERED("With an order in the days after.", nullable=True),
        col.share("ordered_share", say("Ordered after"), "Hidden when too few.", nullable=True),
        col.LOW,
        col.HIGH,
        col.ratio("sales_ratio", say("Sales after / before"), "Σ net sales after over Σ before.", nullable=True),
    ),
    ("question", "answer_group"),
)


SCALES = {SurveyQuestion.NPS: (0, 10), SurveyQuestion.CSAT: (1, 5)}
PROMOTER_FROM, DETRACTOR_TO, SATISFIED_FROM = 9, 6, 4
SCORE_NUMBERS = tuple(f"{question}.{name}" for question in SurveyQuestion for name in ("score", "low", "high", "n"))
GROUPS = {
    SurveyQuestion.NPS: (AnswerGroup.PROMOTER, AnswerGroup.PASSIVE, AnswerGroup.DETRACTOR),
    SurveyQuestion.CSAT: (AnswerGroup.SATISFIED, AnswerGroup.DISSATISFIED),
}
NO_SURVEY = say("Not measurable: the source has no table survey with answers to nps or csat.")


def latest_answers(survey: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Latest answer per question, wave and respondent before the reference date, on the question's scale.

    A respondent without a name is the customer itself; an answer without a wave belongs to its calendar year; of
    several answers on one day the lowest counts. Scores off the scale (0–10, 1–5) are no answers.

    Examples
    --------
    >>> import datetime as dt
    >>> survey = pd.DataFrame({"customer_id": ["a", "a"], "question": ["nps", "nps"], "score": [3.0, 9.0],
    ...     "date": pd.to_datetime(["2024-02-01", "2024-01-01"]), "respondent": [None, None], "wave": [None, None]})
    >>> latest_answers(survey, Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 1)))["score"].tolist()
    [3.0]
    """
    survey = survey.reset_index(drop=True)
    question = survey["question"].str.lower()
    is_valid = sum((question == name) & survey["score"].between(*scale) for name, scale in SCALES.items()) > 0
    known = survey[is_valid & (survey["date"] < pd.Timestamp(calendar.as_of))]
    known = known.assign(
        question=question,
        wave=known["wave"].fillna(known["date"].dt.year.astype("str")),
        respondent=known["respondent"].fillna(""),
    ).sort_values(["date", "score"], ascending=[True, False], kind="stable")
    return known.drop_duplicates(["question", "wave", "customer_id", "respondent"], keep="last").sort_values(
        ["question", "wave", "customer_id", "respondent"], ignore_index=True
    )


@finds(SURVEY_SCORES)
def survey_scores(survey: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """Net promoter score and customer satisfaction per wave, with their 95 % intervals.

    NPS = share(9–10) − share(0–6) with the adjusted-Wald interval; CSAT = share of 4–5 of 5 with the Wilson interval;
    over the latest answer per respondent and wave, and over the latest per respondent of the last 12 months. Below
    `min_cell` answers the answers themselves stand in the table and no score.

    Parameters
    ----------
    survey : DataFrame
        ``survey``.
    calendar : Calendar
        At the reference date.
    rules : params.Retention
        `min_cell`.

    Returns
    -------
    Finding
        Table ``survey_scores``; numbers ``{nps,csat}.{score,low,high,n}`` of the last 12 months.

    Notes
    -----
    Source: articles A and B (NPS), article A (CSAT).
    """
    question = say("Would customers recommend us, and are they content?")
    answers = latest_answers(survey, calendar)
    if answers.empty:
        return Finding(
            name=SURVEY_SCORES.name,
            question=question,
            sentence=say("What customers say cannot be measured"),
            table=SURVEY_SCORES.empty(),
            numbers=absent_numbers(SCORE_NUMBERS, "no table survey with answers to nps or csat"),
            absent=NO_SURVEY,
        )
    rows: list[dict[str, Any]] = []
    numbers: dict[str, Any] = {}
    for name in SurveyQuestion:
        own = answers[answers["question"] == name]
        year = own[own["date"] >= pd.Timestamp(calendar.year_ago)].sort_values(
            ["date", "score"], ascending=[True, False]
        )
        year = year.drop_duplicates(["customer_id", "respondent"], keep="last")
        last = _score_row(name, None, year, rules)
        rows += [last] if len(year) else []
        waves = own.groupby("wave")["date"].max().sort_values(ascending=False, kind="stable").index
        rows += [_score_row(name, wave, own[own["wave"] == wave], rules) for wave in waves]
        numbers |= {f"{name}.n": len(year)}
        for key in ("score", "low", "high"):
            value = last[key]
            reason = f"fewer than {rules.min_cell} answers in 12 months"
            numbers |= absent_numbers([f"{name}.{key}"], reason) if value is None else {f"{name}.{key}": value}
    table = SURVEY_SCORES.conform(pd.DataFrame(rows, columns=SURVEY_SCORES.names))
    return Finding(
        name=SURVEY_SCORES.name,
        question=question,
        sentence=_score_sentence(numbers),
        table=table,
        numbers=numbers,
        sub=say(
            "NPS: per cent of 9–10 less per cent of 0–6, from −100 to +100; CSAT: share of 4–5 of 5; with "
            "95 % intervals"
        ),
        base=say("Latest answer per respondent and wave; under {n:count} answers they stand themselves and no score.",
                 n=rules.min_cell),
        show=("question", "wave", "answers", "score", "low", "high", "listed"),
        most_rows=8,
        caveats=_off_scale(survey),
    )  # fmt: skip


def _score_row(name: SurveyQuestion, wave: str | None, part: pd.DataFrame, rules: Retention) -> dict[str, Any]:
    n, scores = len(part), part["score"]
    row: dict[str, Any] = {"question": name.value, "wave": wave, "answers": n}
    row |= dict.fromkeys(("score", "low", "high", "listed"))
    if n < rules.min_cell:
        return row | {"listed": ", ".join(f"{score:g}" for score in sorted(scores, reverse=True)) or None}
    if name is SurveyQuestion.CSAT:
        satisfied = int((scores >= SATISFIED_FROM).sum())
        low, high = wilson(satisfied, n)
        return row | {"score": satisfied / n, "low": low, "high": high}
    up, down = int((scores >= PROMOTER_FROM).sum()), int((scores <= DETRACTOR_TO).sum())
    low, high = adjusted_wald(up, down, n)
    return row | {"score": (up - down) / n, "low": low, "high": high}


def _score_sentence(numbers: dict[str, Any]) -> Message:
    parts = []
    if numbers["nps.score"] is not None:
        parts.append(
            say(
                "NPS {score:hundredths} ({low:hundredths} to {high:hundredths}, n {n:count})",
                **{key: numbers[f"nps.{key}"] for key in ("score", "low", "high", "n")},
            )
        )
    if numbers["csat.score"] is not None:
        parts.append(
            say(
                "CSAT {score:share} ({low:share} to {high:share}, n {n:count})",
                **{key: numbers[f"csat.{key}"] for key in ("score", "low", "high", "n")},
            )
        )
    return say("Last 12 months: {parts:names}", parts=parts) if parts else say("Too few answers for a score")


def _off_scale(survey: pd.DataFrame) -> list[Caveat]:
    question = survey["question"].str.lower()
    wrong = sum(int(((question == name) & ~survey["score"].between(*scale)).sum()) for name, scale in SCALES.items())
    if not wrong:
        return []
    return [
        Caveat(
            say("Answers off the scale"),
            say_n(
                "{n:count} answer is not on its scale (0–10, 1–5) and is left out.",
                "{n:count} answers are not on their scale (0–10, 1–5) and are left out.",
                count="n",
                n=wrong,
            ),
        )
    ]


@finds(ANSWERS_LATER)
def answers_and_purchases(survey: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """Whether those who answered well bought more afterwards than those who did not.

    Every customer's last wave that was followed for `answer_days`, by its lowest answer: promoters (9–10), passives
    (7–8), detractors (0–6); satisfied (4–5) or not (1–3). Share with an order in the `answer_days` after the answer
    with its Wilson interval, and net sales of the orders of these days over those of as many days before (Σ/Σ).
    Hidden below `min_cell` customers. Together, not because of it.

    Parameters
    ----------
    survey, orders : DataFrame
        ``survey``, ``customer_orders``.
    calendar : Calendar
        At the reference date.
    rules : params.Retention
        `answer_days`, `min_cell`.

    Returns
    -------
    Finding
        Table ``answers_later``; numbers ``ordered_after.<group>``.
    """
    question = say("Do those who answer well go on buying?")
    names = {f"ordered_after.{group}": group for listed in GROUPS.values() for group in listed}
    answers = latest_answers(survey, calendar)
    followed = answers[(pd.Timestamp(calendar.as_of) - answers["date"]).dt.days >= rules.answer_days]
    if followed.empty:
        return Finding(
            name=ANSWERS_LATER.name,
            question=question,
            sentence=say("Answers cannot be joined to later purchases"),
            table=ANSWERS_LATER.empty(),
            numbers=absent_numbers(names, "no answer was followed long enough"),
            absent=NO_SURVEY
            if answers.empty
            else say("Not measurable: no answer is {n:count} days old.", n=rules.answer_days),
        )
    told = _last_told(followed)
    bought = _around(told, orders, rules.answer_days)
    rows = [
        _later_row(name, group, bought[(bought["question"] == name) & (bought["answer_group"] == group)], rules)
        for name, groups in GROUPS.items()
        for group in groups
    ]
    table = ANSWERS_LATER.conform(pd.DataFrame(rows, columns=ANSWERS_LATER.names))
    known = table.dropna(subset="ordered_share").set_index("answer_group")
    numbers: dict[str, Any] = {}
    for name, group in names.items():
        if group in known.index:
            numbers[name] = number(known.loc[group, "ordered_share"])
        else:
            numbers |= absent_numbers([name], f"fewer than {rules.min_cell} customers")
    return Finding(
        name=ANSWERS_LATER.name,
        question=question,
        sentence=_later_sentence(numbers, rules),
        table=table,
        numbers=numbers,
        sub=say(
            "Share with an order in the {n:count} days after the answer; net sales over those of as many days before",
            n=rules.answer_days,
        ),
        base=say("Customers by the lowest answer of their last wave that is old enough; under {n:count} hidden.",
                 n=rules.min_cell),
        show=("question", "answer_group", "customers", "ordered_share", "low", "high", "sales_ratio"),
        caveats=[
            Caveat(
                say("Together, not because of it"),
                say("Who is about to leave may answer badly, and who buys much may answer well; this proves no "
"effect."),
            )
        ],
    )  # fmt: skip


def _last_told(followed: pd.DataFrame) -> pd.DataFrame:
    by_customer = followed.groupby(["question", "customer_id"])
    wave = by_customer["date"].transform("idxmax").map(followed["wave"])
    last = followed[followed["wave"] == wave]
    told = last.groupby(["question", "customer_id"], sort=True).agg(date=("date", "max"), score=("score", "min"))
    told = told.reset_index()
    is_nps, score = told["question"] == SurveyQuestion.NPS, told["score"]
    return told.assign(
        answer_group=np.select(
            [is_nps & (score >= PROMOTER_FROM), is_nps & (score > DETRACTOR_TO), is_nps, score >= SATISFIED_FROM],
            [AnswerGroup.PROMOTER, AnswerGroup.PASSIVE, AnswerGroup.DETRACTOR, AnswerGroup.SATISFIED],
            AnswerGroup.DISSATISFIED,
        )
    )


def _around(told: pd.DataFrame, orders: pd.DataFrame, days: int) -> pd.DataFrame:
    pairs = told.merge(orders[["customer_id", "ordered_on", "net_sales"]], on="customer_id")
    after = (pairs["ordered_on"] - pairs["date"]).dt.days
    keys = [pairs["question"], pairs["customer_id"]]
    is_after, is_before = (after > 0) & (after <= days), (after > -days) & (after <= 0)
    sums = pd.DataFrame(
        {
            "has_ordered": is_after.groupby(keys).any(),
            "sales_after": pairs["net_sales"].where(is_after, 0.0).groupby(keys).sum(),
            "sales_before": pairs["net_sales"].where(is_before, 0.0).groupby(keys).sum(),
        }
    )
    joined = told.join(sums, on=["question", "customer_id"])
    return joined.assign(has_ordered=joined["has_ordered"].eq(True))


def _later_row(name: SurveyQuestion, group: AnswerGroup, part: pd.DataFrame, rules: Retention) -> dict[str, Any]:
    row = {"question": name.value, "answer_group": group.value, "customers": len(part)}
    shares = share_row(int(part["has_ordered"].sum()), len(part), ("ordered", "ordered_share"), rules.min_cell)
    before = float(part["sales_before"].sum())
    ratio = float(part["sales_after"].sum()) / before if before > 0 and len(part) >= rules.min_cell else None
    return row | shares | {"sales_ratio": ratio}


def _later_sentence(numbers: dict[str, Any], rules: Retention) -> Message:
    for good, bad in ((AnswerGroup.PROMOTER, AnswerGroup.DETRACTOR), (AnswerGroup.SATISFIED, AnswerGroup.DISSATISFIED)):
        one, other = (numbers[f"ordered_after.{group}"] for group in (good, bad))
        if one is not None and other is not None:
            return say(
                "In the {n:count} days after their answer ordered: {good} {one:share}, {bad} {other:share}",
                n=rules.answer_days,
                good=good,
                bad=bad,
                one=one,
                other=other,
            )
    return say("Too few customers answered to compare what they bought afterwards")
