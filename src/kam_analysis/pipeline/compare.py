"""Two sets of results side by side: headline figures, parameters, who entered and left the key list and the calls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from kam_analysis.actions.calls import CALL_LIST
from kam_analysis.columns import ACCOUNT_NAME, CUSTOMER_NAME, Column, Kind
from kam_analysis.csv_files import write_csv
from kam_analysis.findings import Finding, Message, Show, is_absent, say, say_n
from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.headlines import HEADLINES, Headline, headlines
from kam_analysis.pipeline.history import Account, Call, Snapshot, changes
from kam_analysis.report.document import Frame, Section, document
from kam_analysis.report.language import Language
from kam_analysis.report.page import finding_row, render
from kam_analysis.tables import KEYS, Table, by_name
from kam_analysis.vocabulary import Labelled

_KINDS = {str(figure): kind for figure, (_, _, kind) in HEADLINES.items()}
_FORMATS = {Kind.MONEY: "money", Kind.COUNT: "count", Kind.SHARE: "share", Kind.RATIO: "num2"}
_BEFORE = Column("before", Kind.NUMBER, say("Before"), "In the first set.", True, by="figure", kinds=_KINDS)
HEADLINE_CHANGES = Table(
    "headline_changes",
    "one headline figure",
    (
        Column("figure", Kind.MEMBER, say("Figure"), "What is compared.", members=Headline),
        _BEFORE,
        replace(_BEFORE, name="after", label=say("After"), meaning="In the second set."),
        replace(
            _BEFORE,
            name="change",
            label=say("Change"),
            meaning="After less before; missing where one of them is.",
            kinds=_KINDS | {name: Kind.POINTS for name, kind in _KINDS.items() if kind is Kind.SHARE},
        ),
    ),
    ("figure",),
)
PARAMETER_CHANGES = Table(
    "parameter_changes",
    "one parameter that differs",
    (
        Column("parameter", Kind.TEXT, say("Parameter"), "Key of params.yaml."),
        Column("before", Kind.TEXT, say("Before"), "In the first set.", True),
        Column("after", Kind.TEXT, say("After"), "In the second set.", True),
    ),
    ("parameter",),
)


class Move(Labelled):
    """Whether a name is new on a list or no longer there."""

    ENTERED = "entered", say("entered")
    LEFT = "left", say("left")


_MOVE = Column("move", Kind.MEMBER, say("Change"), "On the list of the second set only, or of the first.", members=Move)
KEY_LIST_CHANGES = Table(
    "key_list_changes",
    "one account that is key in one of the two sets",
    (_MOVE, ACCOUNT_NAME, KEYS["level"]),
)
CALL_CHANGES = Table(
    "call_changes",
    "one customer who is to be called this week in one of the two sets",
    (_MOVE, CUSTOMER_NAME, CALL_LIST["manager"]),
)
TABLES = by_name(HEADLINE_CHANGES, PARAMETER_CHANGES, KEY_LIST_CHANGES, CALL_CHANGES)


@dataclass(frozen=True)
class Comparison:
    """How the second set differs from the first; every finding keeps the contract of its name."""

    before: str
    after: str
    findings: tuple[Finding, ...]

    def __getitem__(self, table: Table) -> pd.DataFrame:
        """Give the table of a finding."""
        return next(finding.table for finding in self.findings if finding.name == table.name)


def compare(before: Snapshot, after: Snapshot, names: tuple[str, str]) -> Comparison:
    """Set two results side by side.

    Parameters
    ----------
    before, after : Snapshot
    names : pair of str
        How a person calls them.

    Returns
    -------
    Comparison
        Findings ``headline_changes`` (every figure), ``parameter_changes``, ``key_list_changes`` and ``call_changes``
        (what differs only; an empty table says that nothing does).
    """
    found = changes(before, after)
    keys = _moves(found.entered, found.left, ("account_name", "level"), KEY_LIST_CHANGES)
    calls = _moves(found.new, found.gone, ("customer_name", "manager"), CALL_CHANGES)
    return Comparison(
        *names,
        (
            _parameters(found.parameters),
            _figures(headlines(before.metrics), headlines(after.metrics)),
            _who(
                keys,
                KEY_LIST_CHANGES,
                say("Who is on one of the two key lists only?"),
                say("Key list: {entered:count} entered, {left:count} left", **_counts(keys)),
                say("The same accounts on both key lists."),
            ),
            _who(
                calls,
                CALL_CHANGES,
                say("Who is on one of the two call lists only?"),
                say("Calls this week: {entered:count} entered, {left:count} left", **_counts(calls)),
                say("The same calls this week."),
            ),
        ),
    )


def _figures(first: Mapping[str, Any], second: Mapping[str, Any]) -> Finding:
    rows = pd.DataFrame({"figure": list(first), "before": first.values(), "after": second.values()})
    numbers = rows[["before", "after"]].astype("float64")
    table = HEADLINE_CHANGES.conform(rows.assign(change=numbers["after"] - numbers["before"]))
    moved = int((table["change"].fillna(0) != 0).sum() + (numbers["before"].isna() != numbers["after"].isna()).sum())
    return Finding(
        HEADLINE_CHANGES.name,
        say("Which headline figures differ?"),
        say_n("{n:count} headline figure differs", "{n:count} headline figures differ", count="n", n=moved),
        HEADLINE_CHANGES.check(table),
        {"headlines_changed": moved},
        sub=say("Changes of shares in percentage points"),
        show=HEADLINE_CHANGES.names,
    )


def _parameters(changed: Mapping[str, tuple[Any, Any]]) -> Finding:
    rows = [[key, *(json.dumps(value, ensure_ascii=False) for value in both)] for key, both in changed.items()]
    table = PARAMETER_CHANGES.conform(pd.DataFrame(rows, columns=PARAMETER_CHANGES.names))
    return Finding(
        PARAMETER_CHANGES.name,
        say("Which parameters differ?"),
        say_n("{n:count} parameter differs", "{n:count} parameters differ", count="n", n=len(table)),
        PARAMETER_CHANGES.check(table),
        show=PARAMETER_CHANGES.names,
        none=say("Made with the same parameters."),
    )


def _moves(
    entered: Sequence[Account | Call], left: Sequence[Account | Call], columns: tuple[str, str], contract: Table
) -> pd.DataFrame:
    """Those of one list only, in the order of their list, those who entered first."""
    rows = [
        [move.value, *one.model_dump().values()]
        for move, some in ((Move.ENTERED, entered), (Move.LEFT, left))
        for one in some
    ]
    return contract.check(contract.conform(pd.DataFrame(rows, columns=["move", *columns])))


def _counts(table: pd.DataFrame) -> dict[str, int]:
    return {str(move): int((table["move"] == move).sum()) for move in Move}


def _who(table: pd.DataFrame, contract: Table, question: Message, sentence: Message, none: Message) -> Finding:
    show: list[str | Show] = [Show("move", chip=True, strong=(Move.ENTERED.value,)), *contract.names[1:]]
    return Finding(contract.name, question, sentence, table, show=show, none=none)


def told(comparison: Comparison, language: Language) -> str:
    """Give a comparison as plain text for a terminal."""
    rows: list[tuple[str, ...]] = [
        ("", comparison.before, comparison.after, language.text(HEADLINE_CHANGES["change"].label))
    ]
    for row in comparison[HEADLINE_CHANGES].to_dict("records"):
        kind = _KINDS[row["figure"]]
        change = "" if not row["change"] or is_absent(row["change"]) else _signed(row["change"], kind, language)
        both = (language.format(row[side], _FORMATS[kind]) for side in ("before", "after"))
        rows.append((language.text(Headline(row["figure"])), *both, change))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text = [
        "  ".join([name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))])
        for name, *cells in rows
    ]
    for finding in comparison.findings:
        if finding.name == HEADLINE_CHANGES.name:
            continue
        text += ["", language.sentence(finding.sentence if len(finding.table) else finding.none or "")]
        for row in finding.table.to_dict("records"):
            text.append(_line(row, finding, language))
    return "\n".join(line.rstrip() for line in text)


def _signed(change: float, kind: Kind, language: Language) -> str:
    if kind is Kind.SHARE:
        return language.format(change, "points")
    return ("+" if change > 0 else "") + language.format(change, _FORMATS[kind])


def _line(row: Mapping[Any, Any], finding: Finding, language: Language) -> str:
    if finding.name == PARAMETER_CHANGES.name:
        before, after = (language.format(row[side], "") for side in ("before", "after"))
        return f"  {row['parameter']}: {before} -> {after}"
    move, name, _ = row.values()
    return f"  {'+' if move == Move.ENTERED else '-'} {name}"


def write_page(comparison: Comparison, folder: Path, source: str, language: Language) -> Path:
    """Write a comparison as a page of the reports with its tables as CSV beside it, and give the page."""
    title = language.text(say("{before} and {after} compared", before=comparison.before, after=comparison.after))
    sections = [
        Section(language.text(finding.question), finding_row([finding], language, TABLES), f"s{number}")
        for number, finding in enumerate(comparison.findings, 1)
    ]
    html = document(title, render("head", language, title, source), sections, "", Frame(language, source, [], ""))
    replace_text(folder / "index.html", html)
    for finding in comparison.findings:
        write_csv(finding.table, TABLES[finding.name], folder / "tables" / f"{finding.name}.csv")
    return folder / "index.html"
