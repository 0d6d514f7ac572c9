"""Fragments of a page as HTML: a row of findings, the lead, tiles, title, footer. Every text is escaped here."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import bidirectional

import numpy as np
import pandas as pd
from markupsafe import Markup

from kam_analysis import columns as col
from kam_analysis.columns import TEXTUAL, Column, Kind
from kam_analysis.findings import (
    Caveat,
    Finding,
    Grid,
    Message,
    Show,
    Tile,
    Weight,
    is_absent,
    say,
)
from kam_analysis.frames import records
from kam_analysis.report.environment import environment
from kam_analysis.report.language import NOT_IN_DATA, NOT_MEASURABLE, Language, is_no_change
from kam_analysis.report.spark import MONTHS, spark_bars
from kam_analysis.tables import Table

WORDS = {
    "csv": say("Table as CSV"),
    "definition": say("Definition"),
    "find": say("Find in this table"),
    "shown": say("{shown} of {all} rows", shown="{}", all="{}"),
    "sorted": say("Sorted by {column}", column="{}"),
    "sort_by": say("Sort by {column}", column="{}"),
    "glance": say("At a glance"),
    "window": say("Data window and parameters"),
    "parameters": say("Parameters"),
}
TABLES = "tables/"
FEWEST_SORTABLE = 24
FEWEST_TIGHT = 9
SMALL_MONEY = 1000
_DASH = "–"
_FORMATS = {
    Kind.DATE: "date",
    Kind.MONTH: "month",
    Kind.COUNT: "count",
    Kind.SHARE: "share",
    Kind.POINTS: "hundredths",
    Kind.RATIO: "num2",
    Kind.NUMBER: "num",
    Kind.DAYS: "num",
    Kind.MONTHS: "num",
    Kind.FLAG: "flag",
    Kind.VALUE: "value",
}
_NUMERIC = (
    Kind.COUNT,
    Kind.MONEY,
    Kind.SHARE,
    Kind.POINTS,
    Kind.RATIO,
    Kind.NUMBER,
    Kind.DAYS,
    Kind.MONTHS,
)
_ZONES = 6
Draw = Callable[[Finding, Language], Mapping[str, str]]
Pages = Mapping[str, Mapping[str, str]]  # column, its value ("" for a missing one), address of that value's page
MOST_INDEXED = 500
NO_PAGES: Pages = {}


def svgs(finding: Finding, language: Language) -> Mapping[str, str]:
    """Give both SVGs of a finding; what draws them is imported when the first is drawn."""
    from kam_analysis import drawings

    return drawings.svgs(finding, language)


def words(language: Language) -> dict[str, str]:
    """Words that fragments need, in the reader's language."""
    return {name: language.text(message) for name, message in WORDS.items()}


def render(name: str, language: Language, *values: Any, tables: str = TABLES) -> str:
    """Render one fragment of ``templates/fragments.html.j2`` by its name; `tables` leads to the tables' files."""
    given = {"words": words(language), "tables": tables}
    return str(getattr(environment().get_template("fragments.html.j2").make_module(given), name)(*values))


def head(title: Message, asof: Message, language: Language) -> str:
    """Title of the page and the line that says of which date, compared with what, in which money."""
    return render("head", language, language.text(title), language.text(asof))


def lead(sentences: Iterable[Message | Finding], language: Language) -> str:
    """Up to three sentences that answer the page's question; a finding gives its own."""
    texts = [language.sentence(s.sentence if isinstance(s, Finding) else s) for s in sentences]
    return render("lead", language, texts)


def footer(
    pairs: Iterable[tuple[Message | str, Message | str]], parameters: Mapping[str, Any], language: Language
) -> str:
    """Data window as pairs of name and value, and the parameters of ``params.yaml`` folded below."""
    shown = [(language.text(name), language.text(value)) for name, value in pairs]
    return render("footer", language, shown, [(name, _spelled(value)) for name, value in _flat(parameters)])


def _flat(parameters: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in parameters.items():
        is_group = isinstance(value, Mapping) and value
        flat.extend(_flat(value, f"{prefix}{name}.") if is_group else [(prefix + name, value)])
    return flat


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def asof_message(
    as_of: dt.date | None, compare_as_of: dt.date | None, currency: str | None, vat: str = "unknown"
) -> Message:
    """Line under the title: the last day analysed, the last day of what it is compared with, the money and its VAT."""
    money: str | Message = currency or say("the source's currency (not stated)")
    if vat == "included":
        money = say("{currency} with VAT", currency=money)
    elif vat == "excluded":
        money = say("{currency} without VAT", currency=money)
    values = {"last": _day_before(as_of), "currency": money}
    if compare_as_of is None:
        return say("Data to {last:date} · nothing to compare with · amounts in {currency}, net of returns", **values)
    return say(
        "Data to {last:date} · compared with {before:date} · amounts in {currency}, net of returns",
        before=_day_before(compare_as_of),
        **values,
    )


def _day_before(day: dt.date | None) -> dt.date | None:
    return day and day - dt.timedelta(days=1)


def tile_texts(tile: Tile, language: Language) -> dict[str, Any]:
    """Plain texts of a tile by name."""
    shown = NOT_MEASURABLE if tile.value is None else tile.value
    change = tile.absent if tile.value is None and tile.absent else tile.change
    return {
        "key": tile.key,
        "name": language.text(tile.name),
        "value": language.text(shown),
        "is_absent": tile.value is None,
        "change": language.text(change),
        "is_up": None if tile.value is None or _is_even(tile) else tile.is_up,
        "n": language.text(tile.n),
        "definition": language.text(tile.definition),
        "table": tile.table,
    }


def _is_even(tile: Tile) -> bool:
    change = tile.change.values.get("change") if tile.change else None
    return change is not None and is_no_change(change)


def tiles(tiles: Iterable[Tile], language: Language, tables: str = TABLES) -> str:
    """Headline figures under their own heading."""
    return render("tiles", language, [tile_view(tile, language) for tile in tiles], tables=tables)


def tile_view(tile: Tile, language: Language) -> dict[str, Any]:
    """Texts of a tile with its arrow and the file of its table."""
    texts = tile_texts(tile, language)
    return texts | {"arrow": {None: "", True: "▲", False: "▼"}[texts["is_up"]], "csv": csv_file(tile.table)}


def csv_file(name: str | None) -> str:
    """Name of the file of a table, empty without one."""
    return f"{name}.csv" if name else ""


def caveat_texts(caveats: Iterable[Caveat], language: Language) -> list[dict[str, str]]:
    """Texts and weights of caveats, red ones first, each once."""
    weights = list(Weight)
    ordered = sorted(caveats, key=lambda caveat: weights.index(caveat.weight))
    texts = [{"head": language.text(c.head), "text": language.text(c.text), "weight": str(c.weight)} for c in ordered]
    return list({(text["head"], text["text"]): text for text in texts}.values())


def finding_row(
    findings: Sequence[Finding],
    language: Language,
    contracts: Mapping[str, Table],
    max_rows: int = 50,
    tables: str = TABLES,
    draw: Draw = svgs,
    pages: Pages = NO_PAGES,
) -> str:
    """One row of a page: figures side by side with their caveats, then tables of at most `max_rows` rows.

    Parameters
    ----------
    findings : sequence of Finding
        What the row shows; an absent one shows its reason.
    language : Language
    contracts : mapping of str to Table
        Contract of each finding's table by the finding's name.
    max_rows : int
        The rest stands in the CSV file that is linked.
    tables : str
        Leads from the page to the folder of these files.
    draw : callable
        Gives both SVGs of a finding.
    pages : mapping of str to mapping
        Pages of single values, by the column that names them: ``{"manager": {"Ana": "managers/ana.html"}}``. Wherever
        the tables show such a value it is a link; a name is led by the id beside it (``account_name``, ``account_id``).
    """
    figures: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for finding in findings:
        if finding.absent is not None:
            figures.append(_void(finding, finding.question, finding.absent, language))
            continue
        if not (finding.drawing or finding.grid or finding.show):
            figures.append(_void(finding, finding.sentence, finding.sub, language))
        if finding.drawing:
            figures.append(_figure(finding, language, draw))
        if finding.grid:
            shown.append(_grid(finding, finding.grid, contracts[finding.name], language, max_rows, pages))
        if finding.show:
            shown.append(_table(finding, contracts[finding.name], language, max_rows, pages))
    caveats = caveat_texts([caveat for finding in findings for caveat in finding.caveats], language)
    row = {"figures": figures, "tables": shown, "caveats": caveats}
    return render("finding_row", language, row, tables=tables)


def folded_row(findings: Sequence[Finding], row: str, language: Language) -> str:
    """Give a row of findings folded under its questions and answers; open where a red caveat must not be missed."""
    heads = [(language.text(finding.question), language.sentence(finding.sentence)) for finding in findings]
    is_grave = any(caveat.weight is Weight.RED for finding in findings for caveat in finding.caveats)
    return render("folded_row", language, {"heads": heads, "is_open": is_grave, "body": Markup(row)})


def figure_fragment(finding: Finding, language: Language, tables: str = TABLES, draw: Draw = svgs) -> str:
    """One figure by itself, or the box that says why there is none."""
    if finding.absent is not None:
        view = _void(finding, finding.question, finding.absent, language)
    else:
        view = _figure(finding, language, draw)
    return render("void" if view["is_void"] else "figure", language, view, tables=tables)


def _figure(finding: Finding, language: Language, draw: Draw) -> dict[str, Any]:
    if finding.table.empty:
        return _void(finding, finding.sentence, finding.none, language)
    drawn = {variant: Markup(svg) for variant, svg in draw(finding, language).items()}
    return {**_texts(finding, language), **drawn, "is_void": False, "is_wide": finding.is_wide}


def _void(finding: Finding, title: Message, text: Message | None, language: Language) -> dict[str, Any]:
    view = _texts(finding, language) | {"title": language.sentence(title), "text": language.text(text)}
    return view | {"is_void": True, "csv": "" if finding.absent else view["csv"]}


def _texts(finding: Finding, language: Language) -> dict[str, Any]:
    return {
        "id": finding.name.replace("_", "-"),
        "title": language.sentence(finding.sentence),
        "sub": language.text(finding.sub),
        "base": language.text(finding.base),
        "csv": csv_file(finding.name),
    }


@dataclass(frozen=True)
class _Cell:
    text: str
    sort: str | None = None
    bar: str | None = None
    chip: str = ""
    chips: tuple[tuple[str, bool], ...] = ()
    is_absent: bool = False
    is_rtl: bool = False
    curve: Markup | None = None
    also: tuple[_Cell, ...] = ()
    href: str = ""


@dataclass(frozen=True)
class _Row:
    cells: tuple[_Cell, ...]
    is_marked: bool = False


def _table(finding: Finding, contract: Table, language: Language, max_rows: int, pages: Pages) -> dict[str, Any]:
    told = [Show(show) if isinstance(show, str) else show for show in finding.show]
    shows, empty = _filled([show for show in told if not show.is_detail], contract, finding)
    rows = finding.table.head(MOST_INDEXED if finding.is_index else min(max_rows, finding.most_rows or max_rows))
    groups = _groups(rows, finding, contract, language)
    if groups:
        shows = [show for show in shows if show.column != finding.grouped_by]
    both = [(_shown_column(show, contract), show) for show in shows]
    cells = [_cells(rows, column, show, contract, finding.table, language, pages) for column, show in both]
    is_long = len(rows) >= FEWEST_SORTABLE or (finding.is_index and len(rows) > 1)
    is_sortable = finding.sortable and is_long and not finding.cards
    css = {"cards": finding.cards, "sort": is_sortable, "tight": len(shows) >= FEWEST_TIGHT}
    rest = say("First {shown:count} of {all:count} rows.", shown=len(rows), all=len(finding.table))
    view = _texts(finding, language)
    if finding.drawing or finding.grid:
        view |= {"title": language.text(finding.question), "sub": ""}
    is_cut = len(rows) < len(finding.table)
    left_out = say("Left out, empty in every row: {columns:names}.", columns=[contract[name].label for name in empty])
    base = f"{_ended(view['base'])} {language.text(left_out)}".strip() if empty else view["base"]
    return view | {
        "base": _ended(base) if is_cut else base,
        "columns": [_column(column, show, finding.cards, language) for column, show in both],
        "groups": _under_heads(_rows(cells, rows, finding), groups),
        "rest": language.text(rest) if is_cut else "",
        "none": language.text(finding.none or say("No rows.")),
        "is_sortable": is_sortable,
        "is_cards": finding.cards,
        "is_grid": False,
        "css": " ".join(name for name, wanted in css.items() if wanted),
    }


def _rows(cells: Sequence[Sequence[_Cell]], rows: pd.DataFrame, finding: Finding) -> list[_Row]:
    marked = rows[finding.marked_by] if finding.marked_by else [False] * len(rows)
    return [_Row(tuple(row), bool(is_marked)) for row, is_marked in zip(zip(*cells, strict=True), marked, strict=True)]


def _shown_column(show: Show, contract: Table) -> Column:
    return col.text(show.column, show.words.label, "") if show.words else contract[show.column]


def _filled(shows: list[Show], contract: Table, finding: Finding) -> tuple[list[Show], list[str]]:
    """Split the columns into those to show and those that are empty without a meaning of their own."""
    kept = [
        show
        for place, show in enumerate(shows)
        if not place
        or show.words
        or contract[show.column].absent
        or finding.table.empty
        or finding.table[show.column].notna().any()
    ]
    return kept, [show.column for show in shows if show not in kept]


def _groups(rows: pd.DataFrame, finding: Finding, contract: Table, language: Language) -> list[str]:
    """Name the group of every row; nothing where the table has no groups."""
    if finding.grouped_by is None or finding.table[finding.grouped_by].isna().all():
        return []
    absent = language.text(contract[finding.grouped_by].absent or NOT_IN_DATA)
    column = contract[finding.grouped_by]
    names = [absent if is_absent(name) else _cell_text(name, column, "", language) for name in rows[column.name]]
    return [name[:1].upper() + name[1:] for name in names] if column.kind is Kind.MEMBER else names


def _under_heads(rows: list[_Row], groups: list[str]) -> list[dict[str, Any]]:
    if not groups:
        return [{"head": "", "rows": rows}]
    sizes = Counter(groups)
    return [
        {"head": f"{head} ({size})", "rows": [row for row, group in zip(rows, groups, strict=True) if group == head]}
        for head, size in sizes.items()
    ]


def _ended(text: str) -> str:
    return text if not text or text.endswith(".") else f"{text}."


def _column(column: Column, show: Show, is_card: bool, language: Language) -> dict[str, Any]:
    css = {
        "r": column.kind in _NUMERIC,
        "w": column.kind in (Kind.DATE, Kind.MONTH),
        "wide-c full": show.wide,
        "nl": is_card and show.wide,
    }
    return {
        "label": language.text(column.label),
        "is_number": column.kind in _NUMERIC,
        "css": " ".join(name for name, wanted in css.items() if wanted),
    }


def _cells(
    rows: pd.DataFrame,
    column: Column,
    show: Show,
    contract: Table,
    table: pd.DataFrame,
    language: Language,
    pages: Pages,
) -> list[_Cell]:
    """Cells of a column with what stands behind it in the same cell."""
    cells = _plain_cells(rows, column, show, table, language, pages)
    for one in show.also:
        behind = _plain_cells(rows, _shown_column(one, contract), one, table, language, pages)
        cells = [
            replace(cell, also=(*cell.also, *(() if more.is_absent else (more,))))
            for cell, more in zip(cells, behind, strict=True)
        ]
    return cells


def _plain_cells(
    rows: pd.DataFrame, column: Column, show: Show, table: pd.DataFrame, language: Language, pages: Pages
) -> list[_Cell]:
    if show.words:
        said = [show.words.of(row) for row in records(rows)]
        return [_Cell(language.text(one or NOT_IN_DATA), is_absent=one is None) for one in said]
    highest = _highest(table[column.name], column) if show.bar else 0.0
    cells = []
    write = _format_by_row(column, table)
    leading, leads = lead_of(column.name, table.columns, pages)
    for row in records(rows):
        value = row[column.name]
        if is_absent(value):
            text = language.text(column.absent or (NOT_IN_DATA if column.kind in TEXTUAL else _DASH))
            cells.append(_Cell(text, sort="", is_absent=True, href=leads.get("", "")))
            continue
        cells.append(
            _Cell(
                _cell_text(value, column, show.write or write(row), language),
                sort=_sort_key(value, column),
                bar=_bar(value, highest) if show.bar else None,
                chip=("chip on" if value in show.strong else "chip") if show.chip else "",
                chips=_chips(row, column, show, language) if show.chip and column.kind is Kind.MEMBERS else (),
                curve=_curve(value, language) if column.kind is Kind.SERIES else None,
                is_rtl=column.kind in TEXTUAL and any(bidirectional(sign) in ("R", "AL") for sign in str(value)),
                href=leads.get("" if is_absent(row[leading]) else str(row[leading]), ""),
            )
        )
    return cells


def lead_of(column: str, columns: Iterable[str], pages: Pages) -> tuple[str, Mapping[str, str]]:
    """Column whose value leads from a column to a page, and the pages: a name is led by the id in its row.

    Examples
    --------
    >>> lead_of("account_name", ["account_id", "account_name"], {"account_id": {"7": "accounts/vega.html"}})
    ('account_id', {'7': 'accounts/vega.html'})
    """
    by_id = column.removesuffix("_name") + "_id"
    leading = by_id if column.endswith("_name") and by_id in columns else column
    return leading, pages.get(leading, {})


def _curve(series: str, language: Language) -> Markup:
    values = [float(number) for number in series.split(" ")]
    return spark_bars(values, language.text(say("the last {n:count} months", n=min(len(values), MONTHS))))


def _chips(row: Mapping[str, Any], column: Column, show: Show, language: Language) -> tuple[tuple[str, bool], ...]:
    """One chip for each member of a cell, with the name and the share that its row holds, and whether it is filled."""
    chips = []
    label: Any
    share: Any
    for name in row[column.name].split(" "):
        label, share = (row[one] if one else None for one in show.details.get(name, ("", "")))
        text = language.text(next(member for member in column.members or () if member == name))
        if not is_absent(label):
            text = language.text(str(label))
        if not is_absent(share):
            text = language.text(say("{name} {share:share0}", name=text, share=share))
        is_strong = show.strong_above is not None and not is_absent(share) and share > show.strong_above
        chips.append((text, is_strong))
    return tuple(chips)


def _cell_text(value: Any, column: Column, write: str, language: Language) -> str:
    if column.kind is Kind.MEMBER and column.members is not None:
        return language.text(next(member for member in column.members if member == value))
    if column.kind is Kind.MEMBERS and column.members is not None:
        given = value.split(" ")
        return language.text(say("{names:names}", names=[one for one in column.members if one in given]))
    return language.format(value, write)


def _format_by_row(column: Column, table: pd.DataFrame) -> Callable[[Mapping[str, Any]], str]:
    if (by := column.by) is None:
        one = _cell_format(column, table)
        return lambda row: one
    formats = {
        name: _cell_format(replace(column, kind=column.kinds.get(str(name), column.kind)), part)
        for name, part in table.groupby(by)
    }
    return lambda row: formats[row[by]]


def _cell_format(column: Column, table: pd.DataFrame) -> str:
    if column.kind is not Kind.MONEY:
        return _FORMATS.get(column.kind, "")
    amounts = table[column.name].dropna()
    is_small = len(amounts) > 0 and amounts.abs().max() < SMALL_MONEY and (amounts % 1 != 0).any()
    return "money_cents" if is_small else "money_full"


def _highest(values: pd.Series, column: Column) -> float:
    """End of a bar's scale: 1 where the contract bounds a share by 1 itself, else the column's maximum."""
    if column.kind is Kind.SHARE and column.high == 1:
        return 1.0
    return float(values.max()) if values.notna().any() else 0.0


def _bar(value: float, highest: float) -> str:
    share = min(1.0, max(0.0, value / highest)) if highest > 0 else 0.0
    return f"{100 * share:.1f}".rstrip("0").rstrip(".")


def _sort_key(value: Any, column: Column) -> str | None:
    if column.kind in (Kind.DATE, Kind.MONTH):
        return str(value.date().isoformat())
    if column.kind in _NUMERIC:
        return f"{value:.6g}" if column.kind is not Kind.MONEY else f"{value:.2f}"
    return None


def _grid(
    finding: Finding, grid: Grid, contract: Table, language: Language, max_rows: int, pages: Pages
) -> dict[str, Any]:
    table = finding.table
    edges = grid.edges or _sixths(table[grid.value])
    heads = {name: list(dict.fromkeys(table[name])) for name in (grid.row, grid.column)}
    shown = heads[grid.row][: min(max_rows, finding.most_rows or max_rows)]
    rest = say("First {shown:count} of {all:count} rows.", shown=len(shown), all=len(heads[grid.row]))
    shown_value = grid.words or grid.value
    columns = (grid.row, grid.column, shown_value, *grid.also)
    leading, leads = lead_of(grid.row, table.columns, pages)
    lead = dict(zip(table[grid.row], table[leading], strict=True)) if leads else {}
    write = {name: _format_by_row(contract[name], table) for name in columns}

    def text(name: str, row: Mapping[str, Any]) -> str:
        value = row[name]
        return _DASH if is_absent(value) else _cell_text(value, contract[name], write[name](row), language)

    cells = {
        (row[grid.row], row[grid.column]): {
            "zone": int(np.searchsorted(edges, row[grid.value], side="left")),
            "text": text(shown_value, row),
            "more": _beside([text(name, row) for name in grid.also if not is_absent(row[name])], grid),
        }
        for row in reversed(table.to_dict("records"))
        if not is_absent(row[grid.value])
    }
    view = _texts(finding, language)
    if finding.drawing:
        view |= {"title": language.text(finding.question), "sub": ""}
    return view | {
        "id": view["id"] + "-grid",
        "corner": language.text(contract[grid.row].label),
        "heads": [text(grid.column, {grid.column: value}) for value in grid.columns or heads[grid.column]],
        "rows": [
            {
                "head": text(grid.row, {grid.row: row}),
                "href": leads.get(str(lead.get(row)), ""),
                "cells": [cells.get((row, column)) for column in grid.columns or heads[grid.column]],
            }
            for row in shown
        ],
        "rest": language.text(rest) if len(shown) < len(heads[grid.row]) else "",
        "is_grid": True,
    }


def _beside(texts: list[str], grid: Grid) -> list[str]:
    return [" · ".join(texts)] if grid.words and texts else texts


def _sixths(values: pd.Series) -> list[float]:
    highest = max(0.0, float(values.max())) if values.notna().any() else 0.0
    return [round(highest * zone / _ZONES, 12) for zone in range(1, _ZONES)]
