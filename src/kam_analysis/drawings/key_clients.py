"""Drawings of key clients: how sure the list is, how far units depend, what a loss costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kam_analysis.drawings import base
from kam_analysis.findings import Finding, Message, say, say_n
from kam_analysis.report.language import Language
from kam_analysis.report.theme import LIGHT
from kam_analysis.vocabulary import Band, Leaver, LossStep, Position, SalesBlock, UnitColumn

MOST_UNITS = 14
MOST_TRENDS = 8
MOST_CLIENTS = 16
MOST_LOSSES = 5
MOST_DOT_NAMES = 3
MOST_DOTS = 30
MOST_TOLD = 10
CURVE_POINTS = 36
BAND_EDGES = ("watch", "high", "severe", "critical", "mono")


def membership(finding: Finding, language: Language, width: int) -> Figure:
    """Bars of the share of weightings; needs columns account_name, membership; limit sure_from."""
    rows = finding.table.head(MOST_CLIENTS)
    wide = base.is_wide(width)
    sure_from = finding.limits["sure_from"]
    names = [base.short_name(name, 24 if wide else 17) for name in rows["account_name"]]
    left = max(52, base.widest(names) + 10)
    height = len(rows) * 20 + 34
    drawn, axes = base.figure(width, height, left=left, right=44, top=28, bottom=6)
    for place, (name, share) in enumerate(zip(names, rows["membership"], strict=True)):
        axes.barh(-place, share, height=0.62, **(base.solid() if share >= sure_from else base.hatched()))
        base.label(axes, name, (0, -place), (-left + 2, 0))
        base.label(axes, language.format(share, "share0"), (1, -place), (44, 0), ha="right")
    axes.axvline(sure_from, color=LIGHT["ink"], linewidth=1, linestyle=base.DASHED)
    sure = language.text(say("sure from {share:share0}", share=sure_from))
    base.label(axes, sure, (sure_from, 0.6), (0, 9), ha="right", color=LIGHT["mute"])
    base.bare(axes, (0, 1), (-len(rows) + 0.4, 0.7))
    axes.plot([0, 0], [-len(rows) + 0.5, 0.5], color=LIGHT["ink"], linewidth=1)
    base.describe(drawn, _pairs(rows["account_name"], rows["membership"], language))
    return drawn


def dependence_bands(finding: Finding, language: Language, width: int) -> Figure:
    """Dots on the zones of dependence, the dot hollow for a small unit.

    Needs columns unit, unit_column, n, is_small, largest_account_name, largest_share; limits of the bands, most_units
    where fewer are wanted. Draws the company and the units with the largest shares; small units only where there is
    room.
    """
    rows = _most_exposed(finding.table, int(finding.limits.get("most_units", MOST_UNITS)))
    wide = base.is_wide(width)
    edges = _band_edges(finding)
    zones = [language.text(band) for band in Band]
    starts = [0.0, *edges]
    raised = 12 if any(len(zone) > 6 for zone in zones[1:4]) else 0
    names = [base.short_name(unit, 18) or language.text(UnitColumn.COMPANY) for unit in rows["unit"]]
    counts = [language.text(_unit_size(n, small)) for n, small in zip(rows["n"], rows["is_small"], strict=True)]
    left = base.widest(names) + base.widest(counts, 11) + 26 if wide else 4
    height = len(rows) * (27 if wide else 33) + 56 + raised
    drawn, axes = base.figure(width, height, left=left, right=14, top=24 + raised, bottom=30)
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], 1.0], strict=True)):
        axes.axvspan(start, end, color=LIGHT[f"b{number}"], linewidth=0)
        up = 11 + (raised if number in (1, 3) else 0)
        _zone_name(axes, zones[number], (start + end) / 2, up)
    for place, row in enumerate(base.records(rows)):
        name, count = names[place], counts[place]
        y = -place if wide else -place - 0.22
        axes.plot([0, row.largest_share], [y, y], color=LIGHT["ink"])
        face = LIGHT["paper"] if row.is_small else LIGHT["ink"]
        dot: dict[str, Any] = {"markerfacecolor": face, "markeredgecolor": LIGHT["ink"], "markeredgewidth": 1.6}
        axes.plot([row.largest_share], [y], "o", markersize=8, **dot)
        share = language.format(row.largest_share, "share")
        client = base.short_name(row.largest_account_name, 22 if wide else 16)
        if wide:
            base.label(axes, name, (0, y), (-left + 2, 0))
            base.label(axes, count, (0, y), (-8, 0), ha="right", color=LIGHT["mute"], size=11)
            right = row.largest_share <= 0.5
            shift = (9, 0) if right else (-9, 8)
            base.label(
                axes, f"{share}  {client}", (row.largest_share, y), shift, ha="left" if right else "right", size=11
            )
        else:
            base.label(axes, f"{name}  {count}", (0, y), (4, 13), size=11)
            base.label(axes, f"{share}  {client}", (1, y), (-4, 13), ha="right", size=11)
    axes.set(xlim=(0, 1), ylim=(-len(rows) + 0.4, 0.6), yticks=[])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks(starts, [language.format(start, "share0") for start in starts])
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    base.describe(drawn, _pairs(names, rows["largest_share"], language))
    return drawn


def _band_edges(finding: Finding) -> list[float]:
    return [finding.limits[name] for name in BAND_EDGES]


def _most_exposed(table: pd.DataFrame, most: int) -> pd.DataFrame:
    measured = table[table["largest_share"].notna()]
    is_company = measured["unit_column"] == UnitColumn.COMPANY
    ranked = measured.assign(
        unit=measured["unit"].fillna(""),
        place=range(len(measured)),
        later=measured["is_small"] & ~is_company,
        first=~is_company,
    )
    chosen = ranked.sort_values(["first", "later", "largest_share", "place"], ascending=[True, True, False, True])
    return chosen.head(most).sort_values(["first", "largest_share", "place"], ascending=[True, False, True])


def unit_trend(finding: Finding, language: Language, width: int) -> Figure:
    """Small lines of the largest client's share, one per unit, on the zones of dependence.

    Needs columns unit, unit_column, month, n, largest_share; limits of the bands and small_unit. Draws the company and
    the larger units that moved most.
    """
    rows = finding.table.assign(unit=finding.table["unit"].fillna(""))
    chosen = _most_moved(rows, finding.limits["small_unit"])
    across = 4 if base.is_wide(width) else 2
    head, tall = 36, 62
    lines = [chosen[start : start + across] for start in range(0, len(chosen), across)]
    left = 34
    boxes = [(left, place * (tall + head + 10) + head, width - left, tall) for place in range(len(lines))]
    drawn, panels = base.panels(width, len(lines) * (tall + head + 10), boxes)
    months = sorted(rows["month"].unique())
    top = max(0.35, min(1.0, rows["largest_share"][rows["unit"].isin([unit for _, unit in chosen])].max() * 1.1))
    step, gap = len(months) - 1, (len(months) - 1) * 0.12
    texts = []
    for axes, units in zip(panels, lines, strict=True):
        for number, (low, high) in enumerate(pairwise([0.0, *_band_edges(finding), 1.0])):
            if low < top:
                axes.axhspan(low, min(high, top), color=LIGHT[f"b{number}"], linewidth=0)
        for place, (column, unit) in enumerate(units):
            line = rows[(rows["unit_column"] == column) & (rows["unit"] == unit)]
            start = place * (step + gap)
            at = [start + months.index(month) for month in line["month"]]
            axes.plot(at, line["largest_share"], color=LIGHT["ink"], clip_on=False)
            axes.plot(at[-1:], line["largest_share"].iloc[-1:], "o", markersize=5, color=LIGHT["ink"], clip_on=False)
            name = base.short_name(unit, 17) or language.text(UnitColumn.COMPANY)
            ends = [language.format(line["largest_share"].iloc[end], "share") for end in (0, -1)]
            base.label(axes, name, (start, top), (0, 26), weight="bold" if unit == "" else "normal")
            base.label(axes, " → ".join(ends), (start, top), (0, 11), size=11, color=LIGHT["mute"])
            texts.append(f"{unit or name} {ends[0]}, {ends[1]}")
        for edge in (0.0, *(finding.limits[name] for name in ("watch", "critical") if finding.limits[name] <= top)):
            base.label(axes, language.format(edge, "share0"), (0, edge), (-6, 0), ha="right", size=11)
        base.bare(axes, (0, across * (step + gap) - gap / 2), (0, top))
    base.describe(drawn, texts)
    return drawn


def _most_moved(rows: pd.DataFrame, small_unit: float) -> list[tuple[str, str]]:
    """Level and unit of the company and of the larger units whose share changed most, largest change first."""
    ends = rows[rows["month"].isin([rows["month"].min(), rows["month"].max()])]
    moves = ends.groupby(["unit_column", "unit"], sort=True).agg(
        n=("n", "min"), points=("n", "size"), low=("largest_share", "min"), high=("largest_share", "max")
    )
    is_company = moves.index.get_level_values("unit_column") == UnitColumn.COMPANY
    kept = moves[(moves["points"] == 2) & ((moves["n"] >= small_unit) | is_company)]
    placed = kept.assign(later=~is_company[moves.index.get_indexer(kept.index)], move=kept["high"] - kept["low"])
    ordered = placed.sort_values(["later", "move"], ascending=[True, False], kind="stable")
    return [(str(column), str(unit)) for column, unit in ordered.head(MOST_TRENDS).index]


def pareto_lorenz(finding: Finding, language: Language, width: int) -> Figure:
    """Both curves of concentration; needs column share (descending), number gini; limits a_until, b_until."""
    shares = finding.table["share"].to_numpy(dtype="float64")
    if base.is_wide(width):
        boxes = [(40, 30, 215, 214), (313, 30, 215, 214)]
        drawn, (pareto, lorenz) = base.panels(width, 290, boxes)
    else:
        boxes = [(40, 28, 298, 168), (40, 258, 298, 168)]
        drawn, (pareto, lorenz) = base.panels(width, 470, boxes)
    _pareto(pareto, shares, finding.limits, language)
    _lorenz(lorenz, shares, finding.numbers.get("gini"), language)
    for axes in (pareto, lorenz):
        ticks, steps = (0, 0.5, 1), (0, 0.2, 0.4, 0.6, 0.8, 1)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.set_xticks(ticks, [language.format(tick, "share0") for tick in ticks])
        axes.set_yticks(steps, [language.format(step, "share0") for step in steps])
        first, _, last = axes.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
    return drawn


def _pareto(axes: Axes, shares: np.ndarray, limits: Any, language: Language) -> None:
    until = (limits["a_until"], limits["b_until"])
    cumulated = np.cumsum(shares)
    count = len(shares)
    before = np.r_[0.0, cumulated[:-1]]
    ends = [int((before < edge).sum()) for edge in until]
    at = base.thin(count, CURVE_POINTS)
    x, y = np.r_[0, (at + 1) / count], np.r_[0, cumulated[at]]
    axes.fill_between(x, y, color=LIGHT["tint"], linewidth=0)
    axes.plot(x, y, color=LIGHT["main"], clip_on=False)
    for end, edge in zip(ends, until, strict=True):
        reached = cumulated[end - 1]
        axes.plot([end / count] * 2, [0, reached], color=LIGHT["ink"], linewidth=1, linestyle=(0, (3, 3)))
        axes.plot([end / count], [reached], "o", markersize=6, color=LIGHT["main"])
        who = say_n(
            "{share:share0}: {n:count} customer", "{share:share0}: {n:count} customers", count="n", n=end, share=edge
        )
        side, shift = ("left", 6) if end < count / 2 else ("right", -6)
        base.label(axes, language.text(who), (end / count, reached), (shift, -11), ha=side)
    axes.set_title(language.text(say("Pareto")), pad=10)
    axes.set_xlabel(language.text(say("customers, largest first")))


def _lorenz(axes: Axes, shares: np.ndarray, gini: float | None, language: Language) -> None:
    count = len(shares)
    at = count - 1 - base.thin(count, CURVE_POINTS)[::-1]
    cumulated = np.cumsum(shares[::-1])
    x, y = np.r_[0, (at + 1) / count], np.r_[0, cumulated[at]]
    axes.fill_between(x, y, x, color=LIGHT["tint"], linewidth=0)
    axes.plot([0, 1], [0, 1], color=LIGHT["ctx"], linewidth=1.4)
    axes.plot(x, y, color=LIGHT["main"], clip_on=False)
    base.label(axes, language.text(say("all equal")), (0.44, 0.44), (-6, 6), ha="right", color=LIGHT["mute"])
    if gini is not None:
        text = language.text(say("Gini {gini:num2}", gini=gini))
        base.label(axes, text, (0.62, 0.36), ha="center", weight="bold")
    axes.set_title(language.text(say("Lorenz")), pad=10)
    axes.set_xlabel(language.text(say("customers, smallest first")))


def loss_waterfall(finding: Finding, language: Language, width: int) -> Figure:
    """Bridge from all net sales to what remains without the largest clients, one after another.

    Needs columns name, leaver (Leaver), net_sales_lost, share_lost.
    """
    rows = finding.table[finding.table["leaver"] != Leaver.KEY_CLIENTS].head(MOST_LOSSES)
    before = rows["net_sales_lost"].iloc[0] / rows["share_lost"].iloc[0]
    steps = [(language.text(say("Net sales, 12 months")), before, True)]
    for row in base.records(rows):
        name = language.text(say("without {name}", name=base.short_name(row.name, 20)))
        steps.append((name, -row.net_sales_lost, False))
    steps.append((language.text(say("What remains")), before - rows["net_sales_lost"].sum(), True))
    return base.bridge(steps, language, width, "money")


def loss_steps(finding: Finding, language: Language, width: int) -> Figure:
    """Bridge from the margin (or net sales) to what is left without the largest client; needs columns step, money."""
    totals = (LossStep.MARGIN, LossStep.SALES, LossStep.LEFT, LossStep.SALES_LEFT)
    rows = finding.table.dropna(subset="money")
    steps = [
        (language.text(LossStep(step)), float(amount), step in totals)
        for step, amount in zip(rows["step"], rows["money"], strict=True)
    ]
    return base.bridge(steps, language, width, "money")


def manager_load(finding: Finding, language: Language, width: int) -> Figure:
    """Bars of key clients per manager; needs columns manager, key_clients; limit keys_per_manager."""
    rows = finding.table.dropna(subset="manager").head(MOST_UNITS)
    limit = finding.limits["keys_per_manager"]
    names = [base.short_name(name, 24 if base.is_wide(width) else 17) for name in rows["manager"]]
    left = base.widest(names) + 10
    drawn, axes = base.figure(width, len(rows) * 24 + 34, left=left, right=34, top=28, bottom=6)
    highest = max(limit + 1, rows["key_clients"].max())
    for place, (name, count) in enumerate(zip(names, rows["key_clients"], strict=True)):
        axes.barh(-place, min(count, limit), height=0.6, **base.solid())
        if count > limit:
            axes.barh(-place, count - limit, left=limit, height=0.6, **base.hatched("hot"))
        base.label(axes, name, (0, -place), (-left + 2, 0))
        base.label(axes, language.format(count, "count"), (count, -place), (6, 0), weight="bold")
    axes.axvline(limit, color=LIGHT["hot"], linewidth=1.2, linestyle=base.DASHED)
    at_most = language.text(say_n("at most {n:count} key client", "at most {n:count} key clients", count="n", n=limit))
    base.label(axes, at_most, (limit, 0.6), (0, 9), ha="center", color=LIGHT["hot"])
    base.bare(axes, (0, highest), (-len(rows) + 0.4, 0.7))
    axes.plot([0, 0], [-len(rows) + 0.5, 0.5], color=LIGHT["ink"], linewidth=1)
    base.describe(drawn, (f"{name} {count}" for name, count in zip(rows["manager"], rows["key_clients"], strict=True)))
    return drawn


def sales_margin(finding: Finding, language: Language, width: int) -> Figure:
    """Dots of the largest customers by net sales and margin share, in four blocks with all customers counted.

    Needs columns customer_name, net_sales_12m, margin_share, block; limits mean, average.
    """
    rows = finding.table.head(MOST_DOTS)
    drawn, axes = base.figure(width, 330 if base.is_wide(width) else 320, left=46, right=12, top=40, bottom=34)
    sales, shares = rows["net_sales_12m"].to_numpy(), rows["margin_share"].to_numpy()
    mean, average = finding.limits["mean"], finding.limits["average"]
    axes.set_xscale("log")
    low, high = min(sales.min(), mean) / 1.5, max(sales.max(), mean) * 1.5
    room = max(np.abs(shares - average).max(), 0.02) * 1.2
    axes.set(xlim=(low, high), ylim=(average - room, average + room))
    counts = finding.table["block"].value_counts()
    corners = {
        SalesBlock.SMALL_RICH: (0, 1, "left"),
        SalesBlock.LARGE_RICH: (1, 1, "right"),
        SalesBlock.SMALL_THIN: (0, 0, "left"),
        SalesBlock.LARGE_THIN: (1, 0, "right"),
    }
    _count_blocks(axes, {block: int(counts.get(block, 0)) for block in corners}, corners, language)
    is_thin = (rows["block"] == SalesBlock.LARGE_THIN).to_numpy()
    axes.plot(sales[~is_thin], shares[~is_thin], "o", markersize=5.5, color=LIGHT["main"])
    axes.plot(sales[is_thin], shares[is_thin], "o", markersize=5.5, color=LIGHT["hot"])
    axes.axvline(mean, color=LIGHT["ink"], linewidth=1, linestyle=base.DASHED)
    axes.axhline(average, color=LIGHT["ink"], linewidth=1, linestyle=base.DASHED)
    _name_dots(axes, rows[is_thin].head(MOST_DOT_NAMES), "net_sales_12m", "margin_share")
    axes.minorticks_off()
    ticks = [10.0**power for power in range(int(np.ceil(np.log10(low))), int(np.floor(np.log10(high))) + 1)]
    axes.set_xticks(ticks, [language.format(tick, "money") for tick in ticks])
    base.format_axis(axes.yaxis, lambda share: language.format(share, "share0"))
    base.describe(drawn, _pairs(rows["customer_name"], rows["margin_share"], language)[:MOST_TOLD])
    return drawn


def relation(finding: Finding, language: Language, width: int) -> Figure:
    """Bubbles of the largest rated customers: strength of the relation across, attractiveness up, size net sales.

    Needs columns customer_name, net_sales_12m, attractiveness, strength, position.
    """
    rows = finding.table.head(MOST_DOTS)
    drawn, axes = base.figure(width, 340 if base.is_wide(width) else 330, left=46, right=14, top=40, bottom=44)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=language.text(say("strength of the relation")))
    axes.set_ylabel(language.text(say("attractiveness")))
    counts = finding.table["position"].value_counts()
    corners = {
        Position.WIN: (0, 1, "left"),
        Position.PROTECT: (1, 1, "right"),
        Position.LEAVE: (0, 0, "left"),
        Position.KEEP: (1, 0, "right"),
    }
    _count_blocks(axes, {block: int(counts.get(block, 0)) for block in corners}, corners, language)
    is_weak = (rows["position"] == Position.WIN).to_numpy()
    largest = max(rows["net_sales_12m"].max(), 1e-9)
    sizes = np.ceil(3 * np.sqrt(np.clip(rows["net_sales_12m"].to_numpy() / largest, 0, 1)))
    for size in (3, 2, 1):
        for weak in (False, True):
            dots = rows[(np.maximum(sizes, 1) == size) & (is_weak == weak)]
            look: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": LIGHT["hot" if weak else "main"]}
            axes.plot(dots["strength"], dots["attractiveness"], "o", markersize=6 * size, markeredgewidth=1.4, **look)
    axes.axvline(0.5, color=LIGHT["ink"], linewidth=1, linestyle=base.DASHED)
    axes.axhline(0.5, color=LIGHT["ink"], linewidth=1, linestyle=base.DASHED)
    _name_dots(axes, rows[is_weak].head(1), "strength", "attractiveness")
    ticks = (0, 0.5, 1)
    axes.set_xticks(ticks, [language.format(tick, "num1") for tick in ticks])
    axes.set_yticks(ticks, [language.format(tick, "num1") for tick in ticks])
    base.describe(drawn, _pairs(rows["customer_name"], rows["attractiveness"], language)[:MOST_TOLD])
    return drawn


def _count_blocks(
    axes: Axes, counts: Mapping[Any, int], corners: Mapping[Any, tuple[float, float, str]], language: Language
) -> None:
    """Write name and number of every block into its corner, outside the dots."""
    for block, (x, y, side) in corners.items():
        name, _, meaning = language.text(block).partition(": ")
        text = f"{language.format(counts[block], 'count')}  {name}"
        up = (13 if y else -13) if not meaning else (24 if y else 20)
        look: dict[str, Any] = {"ha": side, "va": "center", "annotation_clip": False}
        axes.annotate(
            text, (x, y), (0, up), "axes fraction", "offset points", color=LIGHT["ink"], weight="bold", **look
        )
        if meaning:
            axes.annotate(
                meaning, (x, y), (0, up - 13), "axes fraction", "offset points", color=LIGHT["mute"], size=11, **look
            )


def _name_dots(axes: Axes, rows: pd.DataFrame, across: str, up: str) -> None:
    low, high = axes.get_xlim()
    for row in rows.to_dict("records"):
        place = axes.transData.transform((row[across], row[up]))[0]
        is_right = place > axes.transData.transform(((low * high) ** 0.5 if low > 0 else (low + high) / 2, row[up]))[0]
        shift, side = ((-6, 9), "right") if is_right else ((6, 9), "left")
        base.label(axes, base.short_name(row["customer_name"], 18), (row[across], row[up]), shift, ha=side, size=11)


def _unit_size(n: int, small: bool) -> Message:
    return say("n\u00a0{n:count} small", n=n) if small else say("n\u00a0{n:count}", n=n)


def _zone_name(axes: Axes, name: str, middle: float, up: float) -> None:
    look: dict[str, Any] = {"ha": "center", "va": "center", "color": LIGHT["mute"], "fontsize": 11}
    axes.annotate(name, (middle, 1), (0, up), ("data", "axes fraction"), "offset points", **look)


def _pairs(names: Sequence[str] | pd.Series, shares: Sequence[float] | pd.Series, language: Language) -> list[str]:
    return [
        f"{language.text(name)} {language.format(share, 'share')}" for name, share in zip(names, shares, strict=False)
    ]
