"""Tables as CSV files: plain numbers, ISO dates, shares 0–1, and text that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from kam_analysis.report.language import is_absent
from kam_analysis.tables import DATED, TEXTUAL, Column, Kind, Table

_FORMULA = re.compile(r"[\s\x00]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_LINE_END = re.compile(r"\r\n?")  # the csv module leaves a lone carriage return unquoted
_MOST_DECIMALS = 4


def neutral(text: str) -> str:
    r"""Text with an apostrophe in front where a spreadsheet would take it for a formula.

    Examples
    --------
    >>> neutral('=HYPERLINK("x")'), neutral(" +1"), neutral("a=b")
    ('\'=HYPERLINK("x")', "' +1", 'a=b')
    """
    return "'" + text if _FORMULA.match(text) else text


def write_csv(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """Write a table's file: UTF-8, commas, one line end, the columns of its contract in order; same data, same bytes.

    Parameters
    ----------
    frame : DataFrame
        Keeps the contract.
    table : Table
        Says how each column is written; money with up to four decimals, other numbers with 15 figures.
    path : Path
        Written anew.
    """
    columns = [_written(frame[column.name], column) for column in table.columns]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.names)
        writer.writerows(zip(*columns, strict=True))


def _written(values: pd.Series, column: Column) -> list[str]:
    write = _writer(column)
    return ["" if is_absent(value) else write(value) for value in values]


def _writer(column: Column) -> Callable[[Any], str]:
    if column.kind in TEXTUAL:
        return lambda value: neutral(_LINE_END.sub("\n", str(value)))
    if column.kind in DATED:
        return lambda value: value.date().isoformat()
    if column.kind is Kind.FLAG:
        return lambda value: "true" if value else "false"
    if column.kind is Kind.MONEY:
        return _money
    return lambda value: _number(f"{value:.15g}")


def _money(value: float) -> str:
    return _number(f"{value:.{_MOST_DECIMALS}f}".rstrip("0").rstrip("."))


def _number(text: str) -> str:
    return "0" if text == "-0" else text
