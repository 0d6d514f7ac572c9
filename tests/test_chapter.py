"""A chapter read again is the chapter that was written, whatever its findings hold."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis import chapter as chapters
from kam_analysis.chapter import Chapter, decoded, encoded
from kam_analysis.columns import Kind
from kam_analysis.errors import UserError
from kam_analysis.findings import Finding, Grid, Message, Show, Weight, Words, say, say_n
from kam_analysis.report.language import Language
from kam_analysis.vocabulary import Band
from tests.report.conftest import CONTRACTS, HOSTILE, TILES, key_finding


def stored(value: Any) -> Any:
    return decoded(json.loads(json.dumps(encoded(value))))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates(),
    lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.sampled_from(["a", "b"]), inner),
    max_leaves=8,
)


@given(VALUES)
def test_plain_values_dates_lists_and_infinities_come_back(value: Any) -> None:
    assert stored(value) == value


@pytest.mark.parametrize("value", [math.nan, np.float64("nan"), pd.NaT, pd.NA, None])
def test_what_is_missing_is_none(value: Any) -> None:
    assert stored(value) is None


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.int64(3), 3),
        (np.float64(0.1), 0.1),
        (np.bool_(True), True),
        (pd.Timestamp(2011, 12, 9, 23), dt.date(2011, 12, 9)),
        (Band.MONO, "mono"),
        (Weight.RED, Weight.RED),
        (Kind.SHARE, Kind.SHARE),
        ([1, 2], (1, 2)),
    ],
)
def test_values_of_libraries_become_plain_ones(value: Any, kept: Any) -> None:
    assert stored(value) == kept and type(stored(value)) is type(kept)


def test_what_could_not_be_read_again_is_refused() -> None:
    with pytest.raises(TypeError, match="set cannot be kept as data"):
        encoded({1, 2})


def test_a_message_reads_the_same_in_every_language() -> None:
    inner = say_n("{n:count} client", "{n:count} clients", count="n", n=np.int64(21))
    message = say(
        "{who}: {band}, {inner}, {bands:names}, {day:date}, {span:period}, {share:share}",
        who=HOSTILE[0],
        band=Band.MONO,
        inner=inner,
        bands=[Band.HIGH, "x", inner],
        day=pd.Timestamp(2011, 12, 9),
        span=(dt.date(2011, 9, 1), pd.Timestamp(2011, 11, 30)),
        share=math.nan,
    )
    for code in ("en", "ru", "mk"):
        assert Language(code).text(stored(message)) == Language(code).text(message)


def test_parameters_and_values_keep_their_order() -> None:
    assert list(stored({"b": 1, "a": 2})) == ["b", "a"]
    assert list(stored(say("{b} {a}", b="1", a="2")).values) == ["b", "a"]


@pytest.fixture
def chapter() -> Chapter:
    grid = Grid("sureness", "manager", "membership", edges=(0.1, 0.2, 0.3, 0.4, math.inf), columns=("Ann",))
    words = Show("why", words=Words(say("Why"), [[say("{net_sales_12m:money}"), say("none")]]))
    one = key_finding(
        drawing="key_clients.membership", limits={"sure": 0.95}, grid=grid, numbers={"n": 12}, on_index=True
    )
    one = replace(one, show=(*one.show, words, "manager"))
    two = key_finding(0, name="empty", absent=say("No data."), table=CONTRACTS["key_list"].empty())
    return Chapter(
        "key_clients",
        say("Who"),
        {"first_order_on": "2010-12-01", "as_of": "2011-12-10", "compare_as_of": None},
        {"title": HOSTILE[4], "currency": "GBP", "vat": "unknown"},
        {"b": {"x": 1}, "a": [0.1, None]},
        (one.sentence,),
        TILES,
        {"key_list": one, "empty": two},
        {"key_list": CONTRACTS["key_list"], "empty": CONTRACTS["key_list"]},
    )


def test_a_chapter_comes_back_whole(chapter: Chapter, tmp_path: Path) -> None:
    fingerprint = chapters.write(chapter, tmp_path / "one")
    again = chapters.read(tmp_path / "one")
    assert again.fingerprint == fingerprint
    for name in ("room", "title", "window", "source", "lead", "tiles"):
        assert getattr(again, name) == getattr(chapter, name)
    assert list(again.parameters) == ["b", "a"] and again.parameters == chapter.parameters
    assert list(again.findings) == ["key_list", "empty"]
    for name, finding in chapter.findings.items():
        read = again.findings[name]
        pd.testing.assert_frame_equal(read.table, finding.table)
        assert encoded(read) == encoded(finding)
        assert again.outlines[name].caveats == tuple(finding.caveats)
        columns = again.tables[name].columns
        assert [replace(column, members=None) for column in columns] == [
            replace(column, members=None) for column in CONTRACTS["key_list"].columns
        ]
    members = again.tables["key_list"]["sureness"].members
    assert members is not None and [(str(one), one.label.template) for one in members] == [
        ("sure", "sure"), ("borderline", "borderline"), ("out", "out")
    ]  # fmt: skip


def test_the_same_chapter_is_the_same_bytes(chapter: Chapter, tmp_path: Path) -> None:
    assert chapters.write(chapter, tmp_path / "one") == chapters.write(chapter, tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_table_of_another_run_is_named(chapter: Chapter, tmp_path: Path) -> None:
    chapters.write(chapter, tmp_path / "one")
    chapters.write(replace(chapter, findings={"key_list": key_finding(3)}), tmp_path / "two")
    (tmp_path / "two/key_list.parquet").replace(tmp_path / "one/key_list.parquet")
    again = chapters.read(tmp_path / "one")
    with pytest.raises(UserError, match=r"one/key_list\.parquet: not the table .* Cure: kam run"):
        again.findings["key_list"]
    with pytest.raises(UserError, match=r"three/findings\.json: no findings"):
        chapters.read(tmp_path / "three")


def test_a_key_changes_with_the_finding_and_with_its_table(chapter: Chapter, tmp_path: Path) -> None:
    def key(finding: Finding, name: str) -> str:
        chapters.write(replace(chapter, findings={"key_list": finding}), tmp_path / name)
        return chapters.read(tmp_path / name).keys["key_list"]

    keys = [
        key(key_finding(), "a"),
        key(key_finding(), "b"),
        key(key_finding(sub=say("Other.")), "c"),
        key(key_finding(table=key_finding().table.iloc[::-1].reset_index(drop=True)), "d"),
    ]
    assert keys[0] == keys[1] and len(set(keys)) == 3


def test_words_of_a_row_come_from_the_first_template_whose_values_are_there() -> None:
    words = Words(
        say("Why"),
        [
            [say("{what}: {low} to {high:num}", what=Band.HIGH, low=say("{low:num}")), say("over {low:num}")],
            [say("up to {other:share}")],
        ],
        say("no limits"),
    )

    def text(**row: Any) -> str:
        written = words.of(row)
        return "" if written is None else Language().text(written)

    assert text(low=1.0, high=2.0, other=None) == "high: 1 to 2"
    assert text(low=1.0, high=math.nan, other=0.5) == "over 1; up to 50.0\u00a0%"
    assert text(low=None, high=2.0, other=None) == "no limits"
    assert Words(say("Why"), [[say("{low:num}")]]).of({"low": None}) is None
    assert isinstance(words.of({"low": 1.0, "high": None, "other": None}), Message)
