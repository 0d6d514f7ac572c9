"""Themes of comments: coded or by known words, hidden when few."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.params import Retention
from kam_analysis.retention import comment_themes
from kam_analysis.retention.comments import themes_of
from kam_analysis.tables import SURVEY

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2025, 1, 1))
Comment = tuple[str, str, float, str | None, str | None]


def comments(*rows: Comment) -> pd.DataFrame:
    """NPS answers of (customer, day, score, theme, text)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "score", "theme", "text"]).assign(question="nps")
    return SURVEY.conform(frame.reindex(columns=SURVEY.names))


@pytest.mark.parametrize(
    ("text", "themes"),
    [
        ("Late shipment, rude staff", ["delivery", "service"]),
        ("ДОРОГО, но всё вовремя", ["delivery", "price"]),
        ("Цените растат, никој не се јавува", ["price", "service"]),
        ("Счёт пришёл дважды", ["payment"]),
        ("Shopping centre; recall", []),  # words count from their beginning only
    ],
)
def test_themes_are_found_by_words_in_three_languages(text: str, themes: list[str]) -> None:
    assert [theme.value for theme in themes_of(text)] == themes


def test_comments_are_counted_by_hand() -> None:
    told = comments(
        ("a", "2024-02-01", 3, None, "Late again"),
        ("b", "2024-03-01", 9, "delivery", "Fine"),  # the person's code counts before the text
        ("c", "2024-04-01", 2, None, "Late, and prices went up"),  # two themes
        ("d", "2024-05-01", 8, None, "Hello"),
        ("d", "2024-05-01", 8, None, "Hello"),  # twice the same
        ("e", "2023-05-01", 8, "price", None),  # the year before
        ("f", "2025-01-01", 1, "price", "On the reference date"),
        ("g", "2024-06-01", 1, None, None),  # no comment
    )
    found = comment_themes(told, CALENDAR, Retention(min_cell=3))
    rows = found.table.set_index("theme")
    assert rows.index.tolist() == ["delivery", "price", "other"]
    assert rows["comments"].tolist() == [3, 1, 1]
    assert rows["comments_before"].tolist() == [0, 1, 0]
    assert rows.loc["delivery", ["share", "low", "high"]].tolist() == pytest.approx([3 / 4, *wilson(3, 4)])
    assert rows.loc["delivery", ["customers", "coded"]].tolist() == [3, 1]
    assert rows.loc["delivery", "low_share"] == pytest.approx(2 / 3)
    assert rows.loc["delivery", "example"] == "Fine"  # each once: the first of the alphabet
    assert rows.loc[["price", "other"], ["low_share", "example"]].isna().all(axis=None)
    assert found.numbers == {"comments.n": 4, "comments.coded_share": 0.25, "comments.themed_share": 0.75}


def test_the_sentence_parts_praise_from_complaint() -> None:
    told = comments(
        *[(f"h{n}", "2024-02-01", 10, "delivery", None) for n in range(5)],
        ("low", "2024-02-02", 2, "delivery", None),
        *[(f"p{n}", "2024-02-01", 3, "price", None) for n in range(4)],
    )
    found = comment_themes(told, CALENDAR, Retention(min_cell=3))
    assert found.table.set_index("theme")["high_share"].to_dict() == {"delivery": pytest.approx(5 / 6), "price": 0}
    said = found.sentence.values
    assert (said["theme"], said["share"], said["high"]) == ("delivery", 0.6, pytest.approx(5 / 6))
    assert (said["worst"], said["low"], said["lows"]) == ("price", 4, 5)
    praise = comment_themes(told[told["score"] > 5], CALENDAR, Retention(min_cell=3)).sentence
    assert "low" not in praise.values and praise.values["high"] == 1.0


def test_few_comments_have_no_share() -> None:
    found = comment_themes(comments(("a", "2024-02-01", 3, None, "Late")), CALENDAR, Retention())
    assert found.table[["share", "low", "low_share", "example"]].isna().all(axis=None)
    assert "too few" in found.sentence.template


@pytest.mark.parametrize("told", [SURVEY.empty(), comments(("a", "2024-02-01", 3, None, None))])
def test_without_comments_it_is_absent(told: pd.DataFrame) -> None:
    found = comment_themes(told, CALENDAR, Retention())
    assert found.absent is not None and found.numbers["comments.n"] is None and found.numbers["comments.n_absent"]
