"""Every drawing draws: wide and slim, from one row to many, hostile names, three languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kam_analysis
from kam_analysis.drawings import base, cleaning, draw, key_clients, svgs
from kam_analysis.errors import UserError
from kam_analysis.findings import Finding, say
from kam_analysis.params import KeyClients
from kam_analysis.report.language import Language
from kam_analysis.report.theme import chart_style, themed_svg
from kam_analysis.rooms import ROOMS

RULES = KeyClients()
NAMES = ["ООО «Северный ветер и товарищи»", "<script>alert(1)</script>", "Hungry Owl All-Night Grocers", "a$b$c"]


def named(drawing: str, table: pd.DataFrame, **more: object) -> Finding:
    return Finding("t", say("?"), say("A title."), table, drawing=drawing, sub=say("Measure."), **more)  # type: ignore[arg-type]


def membership(count: int) -> Finding:
    names = [NAMES[n % 4] for n in range(count)]
    table = pd.DataFrame({"account_name": names, "membership": np.linspace(1, 0, count)})
    return named("key_clients.membership", table, limits={"sure_from": RULES.sure_from})


def dependence(count: int) -> Finding:
    table = {
        "unit": ["", *(NAMES[n % 4] for n in range(1, count))],
        "unit_column": ["company", *["country"] * (count - 1)],
        "n": range(1, count + 1),
        "is_small": [n < 5 for n in range(count)],
        "largest_account_name": [NAMES[n % 4] for n in range(count)],
        "largest_share": np.linspace(1, 0.01, count),
    }
    return named("key_clients.dependence_bands", pd.DataFrame(table), limits=RULES.bands.model_dump())


def curve(count: int) -> Finding:
    shares = 1 / np.arange(1.0, count + 1)
    limits = {"a_until": 0.8, "b_until": 0.95}
    return named(
        "key_clients.pareto_lorenz",
        pd.DataFrame({"share": shares / shares.sum()}),
        numbers={"gini": 0.7},
        limits=limits,
    )


def loss(count: int) -> Finding:
    lost = np.linspace(100_000.0, 10, count)
    shares = lost / (lost.sum() * 2)
    table = {
        "name": [NAMES[n % 4] for n in range(count)],
        "leaver": "client",
        "net_sales_lost": lost,
        "share_lost": shares,
    }
    return named("key_clients.loss_waterfall", pd.DataFrame(table))


def load(count: int) -> Finding:
    table = pd.DataFrame({"manager": [NAMES[n % 4] for n in range(count)], "key_clients": range(count)})
    return named("key_clients.manager_load", table, limits={"keys_per_manager": RULES.keys_per_manager})


def months(count: int) -> Finding:
    table = {
        "month": pd.date_range("2010-12-01", periods=count, freq="MS"),
        "net_sales": np.linspace(-500.0, 2e6, count),
        "is_partial": [n == count - 1 for n in range(count)],
        "days": 9,
    }
    return named("cleaning.company_months", pd.DataFrame(table))


def line_statuses(count: int) -> Finding:
    table = {
        "status": ["read", "rejected", "rejected", "kept", "identified", "without_customer"],
        "reason": [None, None, "no_date", None, None, None],
        "rows": [10 * count, count, count, 9 * count, 8 * count, count],
        "net_sales": [0.0, -5.0, -5.0, 5.0, 5.0, 0.0],
    }
    return named("cleaning.line_status", pd.DataFrame(table))


MAKERS = [membership, dependence, curve, loss, load, months, line_statuses]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: str(make.__name__))
@pytest.mark.parametrize("count", [1, 13, 40])
def test_every_drawing_draws_at_every_length(make: Callable[[int], Finding], count: int) -> None:
    drawn = svgs(make(count), Language("en", "GBP"))
    assert 'viewBox="0 0 540 ' in drawn["wide"] and 'viewBox="0 0 350 ' in drawn["slim"]
    assert "nan" not in re.sub(r">[^<]*<", "><", drawn["wide"])
    assert "<script>" not in drawn["wide"] + drawn["slim"]
    assert max(len(svg) for svg in drawn.values()) < 19_000


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: str(make.__name__))
def test_every_drawing_draws_in_another_language(make: Callable[[int], Finding]) -> None:
    assert draw(make(13), Language("ru", "RUB"), 350).axes


def test_the_same_finding_gives_the_same_bytes() -> None:
    assert svgs(dependence(13), Language()) == svgs(dependence(13), Language())


def test_no_drawing_writes_into_its_finding() -> None:
    for make in MAKERS:
        finding = make(5)
        before = finding.table.copy()
        draw(finding, Language(), 540)
        pd.testing.assert_frame_equal(finding.table, before)


def test_an_unknown_drawing_is_named() -> None:
    for name in ("no_such_chart", "nowhere.membership", "key_clients.no_such_chart", "base.membership"):
        with pytest.raises(UserError, match=name):
            draw(named(name, pd.DataFrame()), Language(), 540)


def _references(folder: Path) -> Iterator[str]:
    """Give what the findings of the rooms refer to as their drawings."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "drawing":
                parts = (getattr(part, "value", None) for part in ast.walk(node.value))
                yield from (part for part in parts if isinstance(part, str))


def test_every_finding_refers_to_a_drawing_that_is_there_and_every_drawing_is_referred_to() -> None:
    package = Path(kam_analysis.__file__).parent
    referred = {reference for room in ROOMS for reference in _references(package / room)}
    drawn = {
        f"{path.stem}.{node.name}"
        for path in (package / "drawings").glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and [arg.arg for arg in node.args.args] == ["finding", "language", "width"]
    }
    assert referred == drawn - {"__init__.draw"}


def test_unsure_bars_are_hatched_and_sure_ones_solid() -> None:
    table = pd.DataFrame({"account_name": ["a", "b", "c"], "membership": [1.0, 0.95, 0.9499]})
    wide = svgs(named("key_clients.membership", table, limits={"sure_from": 0.95}), Language())["wide"]
    assert wide.count("url(#") == 1  # only the last is below 0.95
    assert "sure from 95\u00a0%" in wide


def test_a_partial_month_is_hatched_and_named() -> None:
    wide = svgs(months(13), Language())["wide"]
    assert wide.count("url(#") == 1 and ">9 days</text>" in wide


def test_bridge_spans_totals_from_zero_and_steps_from_where_the_last_ended() -> None:
    steps = [(100.0, True), (-30.0, False), (10.0, False), (80.0, True)]
    # 100 from 0; down to 70; up to 80; total 80 from 0
    assert base._spans(steps) == [(0, 100), (70, 100), (70, 80), (0, 80)]


def test_the_most_exposed_units_are_drawn_and_small_ones_only_where_there_is_room() -> None:
    table = dependence(40).table.assign(is_small=[n % 2 == 1 for n in range(40)])
    chosen = key_clients._most_exposed(table, key_clients.MOST_UNITS)
    assert chosen["unit_column"].iloc[0] == "company"
    # 19 units that are not small (2, 4 … 38), the 13 with the largest shares of them
    assert chosen.index.tolist() == [0, *range(2, 28, 2)]


def test_days_of_a_partial_month_push_touching_ticks_away() -> None:
    last = pd.Series({"month": pd.Timestamp(2011, 12, 1), "days": 9})
    ticks = ["Oct", "", "Nov", "Dec"]
    assert cleaning._named_last(ticks, last, 200.0, Language()) == ["Oct", "", "Nov", "Dec\n9 days"]
    assert cleaning._named_last(ticks, last, 12.0, Language())[-2:] == ["", "Dec\n9 days"]


def test_text_is_measured_in_pixels() -> None:
    assert base.text_width("") == 0
    assert 6 < base.text_width("n") < 9
    assert base.text_width("nnnn") == pytest.approx(4 * base.text_width("n"), abs=2)
    assert base.text_width("name", bold=True) > base.text_width("name")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("ООО «Северный ветер»", "Северный ветер"),
        ("Друштво со ограничена одговорност Вардар", "Вардар"),
        ("Müller GmbH & Co. KG", "Müller"),
        ("Dunavska d.o.o. Beograd", "Dunavska Beograd"),
        ("ДООЕЛ", "ДООЕЛ"),  # nothing else is left
        ("Gmbheimer Metalle", "Gmbheimer Metalle"),  # part of a word is no legal form
        ("Branch of the Long Company North", "Branch of the…North"),  # 13 signs, …, 6 signs, blanks at the cut off
        ("Branch of the Long Company South", "Branch of the…South"),
    ],
)
def test_short_names_keep_what_tells_them_apart(name: str, short: str) -> None:
    assert base.short_name(name, 20) == short


def test_a_coloured_table_is_the_picture_of_a_heat_map() -> None:
    values = pd.DataFrame([[0.20, 0.2001, np.nan], [0.9, np.nan, np.nan], [0.9001, 0.3, 0.5]])
    texts = values.map(lambda value: "" if pd.isna(value) else f"{value:.2f}").replace("0.30", "")
    pictures = []
    for draw_cells in (base.heat_map, base.coloured_table):
        with chart_style():
            drawn, axes = base.figure(540, 200)
            draw_cells(axes, values, texts, (0.20, 0.30, 0.40, 0.50, 0.90))
            pictures.append(themed_svg(drawn, "cells", "Cells", "", "wide"))
    assert pictures[0] == pictures[1]


def test_a_heat_map_colours_by_exclusive_lower_edges() -> None:
    values = pd.DataFrame([[0.20, 0.2001], [0.9, 0.9001]])
    with chart_style():
        drawn, axes = base.figure(540, 200)
        base.heat_map(axes, values, values.astype("str"), (0.20, 0.30, 0.40, 0.50, 0.90))
        svg = themed_svg(drawn, "edges", "Edges", "", "wide")
    # exactly 0.20 is none, above is watch; exactly 0.90 is critical, above is mono
    assert [zone for zone in ("b0", "b1", "b2", "b3", "b4", "b5") if f"f-{zone}" in svg] == ["b0", "b1", "b4", "b5"]


def test_a_figure_whose_paddings_take_all_its_width_is_drawn():
    _, axes = base.figure(350, 100, left=200, right=180)
    assert axes.get_position().width > 0
