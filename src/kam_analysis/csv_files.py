"""Tables as CSV files and workbooks: plain numbers, ISO dates, shares 0–1, and text that never becomes a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from kam_analysis.columns import DATED, TEXTUAL, Column, Kind
from kam_analysis.findings import is_absent
from kam_analysis.tables import Table

_BEGINS_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})  # Unicode's controls, formats and separators
_LINE_END = re.compile(r"\r\n?")  # the csv module leaves a lone carriage return unquoted
_UNSAID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # signs that a workbook cannot hold
_MOST_DECIMALS = 4


def neutral(text: str) -> str:
    r"""Text with an apostrophe in front where a spreadsheet would take it for a formula.

    Examples
    --------
    What comes before the sign and cannot be seen does not help: blanks, controls, zero-width signs.

    >>> neutral('=HYPERLINK("x")'), neutral(" +1"), neutral("a=b")
    ('\'=HYPERLINK("x")', "' +1", 'a=b')
    >>> neutral("\u200b\u202e=1+1") == "'\u200b\u202e=1+1"
    True
    """
    first = next((sign for sign in text if unicodedata.category(sign) not in _UNSEEN), "")
    return "'" + text if first in _BEGINS_FORMULA or text[:1] in ("\t", "\r") else text


def csv_text(frame: pd.DataFrame, table: Table) -> str:
    """Text of a table's file: commas, one line end, the columns of its contract in order; same data, same text.

    Parameters
    ----------
    frame : DataFrame
        Keeps the contract.
    table : Table
        Says how each column is written; money with up to four decimals, other numbers with 15 figures.
    """
    columns = [_written(frame[column.name], column) for column in table.columns]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(zip(*columns, strict=True))
    return file.getvalue()


def write_csv(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """Write a table's file anew, in UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(csv_text(frame, table), encoding="utf-8", newline="")


def write_workbook(
    frame: pd.DataFrame, table: Table, path: Path, choices: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> None:
    """Write a table as a workbook of one sheet: the same texts as in the CSV, numbers and dates as such.

    Parameters
    ----------
    frame : DataFrame
        Keeps the contract.
    table : Table
        Names the sheet and says which columns are text; a text is never a formula.
    path : Path
        Written anew.
    choices : mapping of str to sequence of str
        What cells of a column offer; anything else may be written too.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.name[:31])
    sheet.freeze_panes = "A2"
    for place, column in enumerate(table.columns):
        sheet.column_dimensions[chr(ord("A") + place)].width = 36 if column.kind in TEXTUAL else 16
        if column.name in choices and len(frame):
            letter, offered = chr(ord("A") + place), ",".join(choices[column.name])
            rule = DataValidation("list", formula1=f'"{offered}"', sqref=f"{letter}2:{letter}{len(frame) + 1}")
            rule.showErrorMessage = False
            sheet.data_validations.append(rule)
    head = [WriteOnlyCell(sheet, name) for name in table.names]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    columns = [_cells(frame[column.name], column) for column in table.columns]
    for row in zip(*columns, strict=True):
        sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _cells(values: pd.Series, column: Column) -> list[Any]:
    if column.kind in TEXTUAL:
        return [_UNSAID.sub("", text) or None for text in _written(values, column)]
    if column.kind in DATED:
        return [None if is_absent(value) else value.date() for value in values]
    if column.kind is Kind.MONEY:
        return [None if is_absent(value) else round(float(value), _MOST_DECIMALS) for value in values]
    return [None if is_absent(value) else value.item() if hasattr(value, "item") else value for value in values]


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
