"""What customers write about: themes coded by a person, or found by known words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say
from kam_analysis.params import Retention
from kam_analysis.retention.reasons import folded
from kam_analysis.retention.survey import DETRACTOR_TO, PROMOTER_FROM, SATISFIED_FROM
from kam_analysis.retention.win_back import share_row
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled, SurveyQuestion


class CommentTheme(Labelled):
    """What a comment is about."""

    DELIVERY = "delivery", say("delivery")
    PRICE = "price", say("price")
    QUALITY = "quality", say("quality")
    RANGE = "range", say("range of goods")
    SERVICE = "service", say("service")
    PAYMENT = "payment", say("payment")
    OTHER = "other", say("in none of the themes")


COMMENT_THEMES = Table(
    "comment_themes",
    "one theme of the comments of the last 12 months",
    (
        col.member("theme", say("Theme"), "Coded by a person, else by known words.", CommentTheme),
        col.count("comments", say("Comments"), "Of the last 12 months."),
        col.SHARE("Of all comments; hidden when those are too few."),
        col.LOW,
        col.HIGH,
        col.count("comments_before", say("12 months before"), "Comments of the 12 months before."),
        col.CUSTOMERS("Different customers, last 12 months."),
        col.count("coded", say("Coded"), "Of the comments, coded by a person."),
        col.share("low_share", say("With a low answer"), "NPS 0–6 or CSAT 1–3; hidden when too few.", nullable=True),
        col.share("high_share", say("With a high answer"), "NPS 9–10 or CSAT 4–5; hidden when too few.", nullable=True),
        col.text("example", say("Most frequent text"), "Hidden when too few.", nullable=True, absent=say("hidden")),
    ),
    ("theme",),
)


YEAR = 12
LONGEST_EXAMPLE = 120
COMMENT_NUMBERS = ("comments.n", "comments.coded_share", "comments.themed_share")


@cache
def _patterns() -> dict[CommentTheme, re.Pattern[str]]:
    words = pd.read_csv(Path(__file__).with_name("comment_words.csv"), dtype="str")
    return {
        CommentTheme(str(theme)): re.compile(rf"\b(?:{'|'.join(map(re.escape, part['word']))})")
        for theme, part in words.groupby("theme")
    }


def themes_of(text: str) -> list[CommentTheme]:
    """Give every theme of which a text holds a known word, at the beginning of a word and in any case.

    Examples
    --------
    >>> [theme.value for theme in themes_of("Quick delivery, but prices went up")]
    ['delivery', 'price']
    >>> themes_of("Thanks!")
    []
    """
    told = folded(text)
    found = {theme for theme, pattern in _patterns().items() if pattern.search(told)}
    return [theme for theme in CommentTheme if theme in found]


@finds(COMMENT_THEMES)
def comment_themes(survey: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """What the comments of the last 12 months are about, against the 12 months before.

    A comment is an answer with a text or with a theme coded by a person; the same text of a respondent on one day
    counts once. A person's code counts before the text and is put to a theme by the same words; a text may name several
    themes, so the shares may sum to more than 1. What holds no known word stands under "in none of the themes". No
    sentiment is guessed: low and high answers are those that the customer scored so (NPS 0–6 and 9–10, CSAT 1–3 and
    4–5). Shares, low and high answers and the most frequent text are hidden below `min_cell` comments.

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
        Table ``comment_themes``, the most frequent first; numbers comments.n, comments.coded_share (by a person),
        comments.themed_share (in at least one theme), all of the last 12 months.

    Notes
    -----
    Source: article B (reviews and comments; which products matter most).
    """
    question = say("What do customers write about?")
    since = add_months(calendar.as_of, -2 * YEAR)
    told = survey[survey["text"].notna() | survey["theme"].notna()]
    told = told[(told["date"] >= pd.Timestamp(since)) & (told["date"] < pd.Timestamp(calendar.as_of))]
    told = told.drop_duplicates(["customer_id", "respondent", "date", "text", "theme"])
    now = told[told["date"] >= pd.Timestamp(calendar.year_ago)]
    if now.empty:
        reason = "no table survey" if survey.empty else "no text and no theme in 12 months"
        return Finding(
            name=COMMENT_THEMES.name,
            question=question,
            sentence=say("Comments cannot be measured"),
            table=COMMENT_THEMES.empty(),
            numbers=absent_numbers(COMMENT_NUMBERS, reason),
            absent=say("Not measurable: the source has no table {table}.", table="survey")
            if survey.empty
            else say("Not measurable: no answer of the last 12 months has a text or a theme; give survey.text."),
        )
    named = _named(told)
    is_now = named["date"] >= pd.Timestamp(calendar.year_ago)
    before = named[~is_now].groupby("about").size()
    rows = [
        _row(theme, part, len(now), int(before.get(theme, 0)), rules)
        for theme in CommentTheme
        if len(part := named[is_now & (named["about"] == theme)]) or before.get(theme, 0)
    ]
    frame = pd.DataFrame(rows, columns=COMMENT_THEMES.names)
    is_other = frame["theme"] == CommentTheme.OTHER
    table = COMMENT_THEMES.conform(
        frame.assign(is_other=is_other).sort_values(
            ["is_other", "comments"], ascending=[True, False], kind="stable", ignore_index=True
        )
    )
    in_none = int(table.loc[table["theme"] == CommentTheme.OTHER, "comments"].sum())
    coded = int(now["theme"].notna().sum())
    return Finding(
        name=COMMENT_THEMES.name,
        question=question,
        sentence=_sentence(table, named[is_now], len(now), rules),
        table=table,
        numbers=dict(zip(COMMENT_NUMBERS, (len(now), coded / len(now), 1 - in_none / len(now)), strict=True)),
        sub=say(
            "Comments of the last 12 months by theme, and of the 12 before; low answer: NPS 0–6 or CSAT 1–3 given "
            "with it, high: NPS 9–10 or CSAT 4–5"
        ),
        base=say(
            "{n:count} comments; theme coded by a person: {coded:count}, else found by known words. Under {few:count} "
            "of a theme no share and no text is shown.",
            n=len(now),
            coded=coded,
            few=rules.min_cell,
        ),
        show=("theme", "comments", Show("share", bar=True), "low", "high", "comments_before", "low_share", "high_share",
              Show("example", wide=True)),
        caveats=[
            Caveat(
                say("Who writes is not everybody"),
                say(
                    "Comments come from those who answered and wrote; a comment may name several themes, and known "
                    "words miss what is said otherwise."
                ),
                Weight.GREEN,
            )
        ],
    )  # fmt: skip


def _named(told: pd.DataFrame) -> pd.DataFrame:
    about = [
        themes_of(code if isinstance(code, str) else text) or [CommentTheme.OTHER]
        for code, text in zip(told["theme"], told["text"], strict=True)
    ]
    question = told["question"].str.lower()
    is_rated = question.isin([*map(str, SurveyQuestion)])
    is_nps, is_csat = question == SurveyQuestion.NPS, question == SurveyQuestion.CSAT
    is_low = (is_nps & (told["score"] <= DETRACTOR_TO)) | (is_csat & (told["score"] < SATISFIED_FROM))
    is_high = (is_nps & (told["score"] >= PROMOTER_FROM)) | (is_csat & (told["score"] >= SATISFIED_FROM))
    return told.assign(
        about=pd.Series(about, told.index, dtype=object), is_rated=is_rated, is_low=is_low, is_high=is_high
    ).explode("about")


def _row(theme: CommentTheme, part: pd.DataFrame, n: int, before: int, rules: Retention) -> dict[str, Any]:
    shares = share_row(len(part), n, ("n", "share"), rules.min_cell)
    rated, texts = part[part["is_rated"]], part["text"].dropna()
    is_shown = len(part) >= rules.min_cell
    return {
        "theme": theme.value,
        "comments": len(part),
        **{name: shares[name] for name in ("share", "low", "high")},
        "comments_before": before,
        "customers": int(part["customer_id"].nunique()),
        "coded": int(part["theme"].notna().sum()),
        "low_share": float(rated["is_low"].mean()) if len(rated) >= rules.min_cell else None,
        "high_share": float(rated["is_high"].mean()) if len(rated) >= rules.min_cell else None,
        "example": _most_frequent(texts) if is_shown and len(texts) else None,
    }


def _most_frequent(texts: pd.Series) -> str:
    counts = texts.value_counts()
    text = min(counts.index[counts == counts.max()])
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[: LONGEST_EXAMPLE - 1]}…"


def _sentence(table: pd.DataFrame, named: pd.DataFrame, n: int, rules: Retention) -> Message:
    known = table[table["theme"] != CommentTheme.OTHER]
    if n < rules.min_cell or known.empty or pd.isna(known["share"].iloc[0]):
        return say("Comments of the last 12 months: {n:count}, too few for shares", n=n)
    top = known.iloc[0]
    values = {"theme": CommentTheme(top["theme"]), "share": float(top["share"]), "n": n}
    if pd.isna(top["high_share"]):
        return say("{share:share} of {n:count} comments are about {theme}", **values)
    low = named[named["is_low"] & (named["about"] != CommentTheme.OTHER)]["about"].value_counts()
    if low.sum() < rules.min_cell:
        return say(
            "{share:share} of {n:count} comments are about {theme}, {high:share} of them with a high score",
            high=float(top["high_share"]),
            **values,
        )
    worst = min(low.index[low == low.max()])
    return say(
        "{share:share} of {n:count} comments are about {theme}, {high:share} of them with a high score; low scores are "
        "given most often for {worst}: {low:count} of {lows:count}",
        high=float(top["high_share"]),
        worst=CommentTheme(worst),
        low=int(low.max()),
        lows=int(low.sum()),
        **values,
    )
