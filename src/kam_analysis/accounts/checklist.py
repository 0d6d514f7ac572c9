"""What to ask and to prepare before the next meeting, out of the data of each account."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.accounts.contracts import ACCOUNT_CONTRACTS
from kam_analysis.accounts.events import Event
from kam_analysis.accounts.health import Signal, Verdict
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Finding, say
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled

MOST_QUESTIONS = 6
MORE_FROM = 1.1  # so much of what is agreed is an argument of ours
LESS_FROM = 0.9


class Question(Labelled):
    """What to ask or prepare, the most pressing first."""

    COMPLAINT = "complaint", say("open complaint")
    OVERDUE = "overdue", say("overdue payment")
    REFUSAL = "refusal", say("answer to a refusal")
    ENDED = "ended", say("contract ended")
    ENDING = "ending", say("contract ends soon")
    SILENT = "silent", say("silent category")
    UNHAPPY = "unhappy", say("low survey answer")
    LESS = "less", say("less bought than agreed")
    MORE = "more", say("more bought than agreed")
    NOBODY = "nobody", say("one contact person or none")
    UNVISITED = "unvisited", say("no recent visit or call")
    MARGIN = "margin", say("falling margin")


ACCOUNT_QUESTIONS = Table(
    "account_questions",
    "one question or task before the next meeting with an account, the most pressing first",
    (
        col.ACCOUNT_ID,
        col.PLACE("Most pressing first."),
        col.member("question", say("Before the meeting"), "What it is about.", Question),
        col.ON("Of what it is about.", nullable=True),
        col.name("what", say("About"), "Category, reason or customer.", nullable=True),
        col.number("amount", say("Value"), "Answer, share or points.", nullable=True),
    ),
    ("account_id", "place"),
)
BY_SIGNAL = {
    (Signal.SERVICE, Verdict.ACT): Question.COMPLAINT,
    (Signal.PAYMENT, Verdict.ACT): Question.OVERDUE,
    (Signal.CONTRACT, Verdict.ACT): Question.ENDED,
    (Signal.CONTRACT, Verdict.WATCH): Question.ENDING,
    (Signal.SURVEY, Verdict.ACT): Question.UNHAPPY,
    (Signal.CONTACT, Verdict.WATCH): Question.NOBODY,
    (Signal.CONTACT, Verdict.ACT): Question.UNVISITED,
    (Signal.MARGIN, Verdict.ACT): Question.MARGIN,
    (Signal.MARGIN, Verdict.WATCH): Question.MARGIN,
}


@finds(ACCOUNT_QUESTIONS)
def account_questions(
    signals: pd.DataFrame, events: pd.DataFrame, categories: pd.DataFrame, contracts: pd.DataFrame, calendar: Calendar
) -> Finding:
    """Give up to six questions before the next meeting: signals that call for action, refusals, silent categories.

    Parameters
    ----------
    signals, events, categories, contracts : DataFrame
        ``account_signals``, ``account_events``, ``account_categories``, ``account_contracts``.
    calendar : Calendar
        At the reference date.
    """
    ours = ACCOUNT_CONTRACTS.names
    by = {f"{signal} {verdict}": question.value for (signal, verdict), question in BY_SIGNAL.items()}
    asked = (signals["signal"] + " " + signals["verdict"].fillna("")).map(by)
    of_signals = signals.assign(question=asked, on=signals["dated_on"], what=None, amount=signals["value"])
    refused = events[(events["event"] == Event.REFUSAL.value) & (events["on"] < pd.Timestamp(calendar.as_of))]
    refused = refused.drop_duplicates("account_id", keep="last")
    refused = refused.assign(question=Question.REFUSAL.value, what=refused["detail"], amount=None)
    silent = categories[categories["is_silent"]].drop_duplicates("account_id")
    silent = silent.assign(question=Question.SILENT.value, what=silent["category"], on=silent["last_on"], amount=None)
    met = contracts[ours].dropna(subset=["met"]).drop_duplicates("account_id")
    far = met["met"].ge(MORE_FROM) | met["met"].lt(LESS_FROM)
    bought = met.assign(
        question=met["met"].ge(MORE_FROM).map({True: Question.MORE.value, False: Question.LESS.value}),
        on=None,
        what=met["customer_name"],
        amount=met["met"],
    )[far]
    columns = ["account_id", "question", "on", "what", "amount"]
    parts = [part[columns] for part in (of_signals.dropna(subset=["question"]), refused, silent, bought) if len(part)]
    rows = pd.concat(parts) if parts else of_signals[columns].iloc[:0]
    order = {question.value: place for place, question in enumerate(Question)}
    ordered = rows.assign(order=rows["question"].map(order)).sort_values(["account_id", "order"], kind="stable")
    placed = ordered.assign(place=ordered.groupby("account_id").cumcount() + 1)
    table = ACCOUNT_QUESTIONS.conform(placed[placed["place"] <= MOST_QUESTIONS].reset_index(drop=True))
    return Finding(
        ACCOUNT_QUESTIONS.name,
        say("What is to be asked before the next meeting?"),
        say("Questions: {n:count}.", n=len(table)),
        table,
    )
