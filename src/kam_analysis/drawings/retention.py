"""Drawings of retention: bridges of customers and money, the triangle of cohorts, repeat rates with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kam_analysis import frames
from kam_analysis.drawings import base
from kam_analysis.findings import Finding, Message, say, say_n
from kam_analysis.frames import whole
from kam_analysis.report.language import Language
from kam_analysis.report.theme import LIGHT
from kam_analysis.vocabulary import BridgeStep, GrowthStep, ReasonClass, ReasonKind, SilenceKind, StartSegment

TOTALS = (BridgeStep.START, BridgeStep.END, GrowthStep.BEFORE, GrowthStep.AFTER)
MOST_COHORTS = 12
MOST_REASONS = 5
MOST_MONTHS = {True: 12, False: 6}


def customer_bridge(finding: Finding, language: Language, width: int) -> Figure:
    """Bridge from the buyers before to the buyers after; needs columns step (BridgeStep), customers."""
    return _bridge(finding.table, BridgeStep, "customers", language, width, "count")


def revenue_bridge(finding: Finding, language: Language, width: int) -> Figure:
    """Bridge from the net sales before to those after; needs columns step (BridgeStep), net_sales."""
    return _bridge(finding.table, BridgeStep, "net_sales", language, width, "money")


def growth_bridge(finding: Finding, language: Language, width: int) -> Figure:
    """Bridge from the key clients' net sales of a year to the next; needs columns step (GrowthStep), key_net_sales."""
    return _bridge(finding.table, GrowthStep, "key_net_sales", language, width, "money")


def _bridge(
    table: pd.DataFrame,
    of: type[BridgeStep] | type[GrowthStep],
    column: str,
    language: Language,
    width: int,
    write: str,
) -> Figure:
    steps = [(of(step), float(value)) for step, value in zip(table["step"], table[column], strict=True)]
    shown = [(language.text(step), value, step in TOTALS) for step, value in steps if value or step in TOTALS]
    return base.bridge(shown, language, width, write)


def cohort_triangle(finding: Finding, language: Language, width: int) -> Figure:
    """Coloured triangle of the latest cohorts, in the last rows the means with and without the marked months.

    Needs columns cohort_month, months_since, buyers, active_buyers, active_share, is_left_censored.
    """
    head = say("months since the first order, % of buyers")
    return _triangle(finding.table, ("active_buyers", "buyers", "active_share"), head, language, width)


def cohort_sales_triangle(finding: Finding, language: Language, width: int) -> Figure:
    """Draw the same triangle in net sales.

    Needs columns cohort_month, months_since, buyers, net_sales, first_month_sales, sales_share, is_left_censored.
    """
    head = say("months since the first order, % of the first month's net sales")
    return _triangle(finding.table, ("net_sales", "first_month_sales", "sales_share"), head, language, width)


def _triangle(
    table: pd.DataFrame, names: tuple[str, str, str], head: Message, language: Language, width: int
) -> Figure:
    part, whole, share = names
    measured = table[(table["months_since"] > 0) & table[share].notna()]
    months = list(range(1, min(int(measured["months_since"].max()), MOST_MONTHS[base.is_wide(width)]) + 1))
    cohorts = sorted(measured["cohort_month"].unique())[-MOST_COHORTS:]
    shares = measured.pivot_table(index="cohort_month", columns="months_since", values=share, aggfunc="first")
    shares = shares.reindex(index=cohorts, columns=months)
    unmarked = measured[~measured["is_left_censored"]]
    means = [language.text(say("mean of all")), language.text(say("mean without *"))]
    rows = [_means(cells, part, whole, months) for cells in (measured, unmarked)]
    grid = pd.concat([shares, pd.DataFrame(rows, index=means)])
    rows_named = [*_cohort_names(table, cohorts, language), *means]
    left = base.widest(rows_named, 11, bold=True) + 10
    drawn, axes = base.figure(width, len(grid) * 22 + 44, left=left, right=2, top=42, bottom=2)
    texts = grid.map(lambda share: "" if pd.isna(share) else language.decimal(100 * share))
    base.coloured_table(axes, grid, texts, _edges(shares))
    for place, name in enumerate(rows_named):
        weight = "bold" if name in means else "normal"
        base.label(axes, name, (0, place + 0.5), (-left + 2, 0), size=11, weight=weight)
    for place, month in enumerate(months):
        base.label(axes, language.format(month, "count"), (place + 0.5, 0), (0, 11), ha="center", color=LIGHT["mute"])
    base.label(axes, language.text(head), (0, 0), (-left + 2, 30), color=LIGHT["mute"])
    axes.spines["bottom"].set_visible(False)
    base.describe(
        drawn, (f"{name}: {', '.join(filter(None, row))}" for name, row in zip(rows_named, texts.values, strict=True))
    )
    return drawn


def _means(cells: pd.DataFrame, part: str, whole: str, months: list[int]) -> pd.Series:
    sums = cells.groupby("months_since")[[part, whole]].sum().reindex(months)
    return sums[part] / sums[whole]


def _cohort_names(table: pd.DataFrame, cohorts: list[pd.Timestamp], language: Language) -> list[str]:
    marked = table.drop_duplicates("cohort_month").set_index("cohort_month")
    names = []
    for cohort in cohorts:
        size = whole(marked.loc[cohort, "buyers"])
        if marked.loc[cohort, "is_left_censored"]:
            names.append(language.text(say("{month:month}*  {n:count}", month=cohort, n=size)))
        else:
            names.append(language.text(say("{month:month}  {n:count}", month=cohort, n=size)))
    return names


def _edges(shares: pd.DataFrame) -> list[float]:
    highest = min(float(np.nanmax(shares.to_numpy())), 1.0)
    return [(highest if highest > 0 else 1.0) * sixth / 6 for sixth in range(1, 6)]


def repeat_rates(finding: Finding, language: Language, width: int) -> Figure:
    """Bars with the 95 % interval as a line; needs columns days, buyers, repeat_rate, low, high."""
    rows = finding.table.dropna(subset="repeat_rate")
    names = [
        language.text(say_n("within {n:count} day", "within {n:count} days", count="n", n=int(days)))
        for days in rows["days"]
    ]
    return _rates(names, rows["buyers"], rows["repeat_rate"], rows["low"], rows["high"], language, width)


def retention_segments(finding: Finding, language: Language, width: int) -> Figure:
    """Bars with the 95 % interval as a line; needs columns segment, buyers, retained_share, low, high."""
    rows = finding.table.dropna(subset="retained_share")
    names = [language.text(StartSegment(segment)) for segment in rows["segment"]]
    return _rates(names, rows["buyers"], rows["retained_share"], rows["low"], rows["high"], language, width)


def return_by_silence(finding: Finding, language: Language, width: int) -> Figure:
    """Bars with the interval as lines; needs columns silence_kind, silence_days, customers, return_share, low, high."""
    rows = finding.table[finding.table["silence_kind"] == SilenceKind.UNUSUAL].dropna(subset="return_share")
    names = [
        language.text(
            say_n("after {n:count} day of silence", "after {n:count} days of silence", count="n", n=int(days))
        )
        for days in rows["silence_days"]
    ]
    return _rates(names, rows["customers"], rows["return_share"], rows["low"], rows["high"], language, width)


def reason_pareto(finding: Finding, language: Language, width: int) -> Figure:
    """Bars of the most frequent reasons of every kind; needs columns kind, reason, cases, share, reason_class."""
    rows = finding.table.dropna(subset="share").groupby("kind", sort=False).head(MOST_REASONS)
    wide = base.is_wide(width)
    kinds = list(dict.fromkeys(rows["kind"]))
    names = [base.fit(language.text(reason), 30) for reason in rows["reason"]]
    texts = [
        language.text(say("{n:count} ({share:share0})", n=row.cases, share=row.share)) for row in frames.rows(rows)
    ]
    step, left = (1.0, base.widest(names) + 10) if wide else (1.5, 4)
    places = [number * step + 1.1 * kinds.index(kind) for number, kind in enumerate(rows["kind"])]
    right = base.widest(texts) + 12
    height = (places[-1] + 1.9) * 27
    drawn, axes = base.figure(width, height, left=left, right=right, top=30 if wide else 44, bottom=2)
    for place, name, text, row in zip(places, names, texts, frames.rows(rows), strict=True):
        look = base.solid("ctx") if row.reason_class == ReasonClass.OTHER else base.solid("main")
        axes.barh(-place, row.share, height=0.66, **look)
        base.label(axes, text, (row.share, -place), (6, 0))
        base.label(axes, name, (0, -place), (-left + 2, 0) if wide else (2, 18))
    for kind in kinds:
        first = next(place for place, of in zip(places, rows["kind"], strict=True) if of == kind)
        base.label(axes, language.text(ReasonKind(kind)), (0, -first), (-left + 2, 22 if wide else 36), weight="bold")
    base.bare(axes, (0, float(rows["share"].max())), (-places[-1] - 0.5, 0.5))
    base.describe(
        drawn,
        (
            f"{language.text(ReasonKind(row.kind))}, {language.text(row.reason)}: {text}"
            for row, text in zip(frames.rows(rows), texts, strict=True)
        ),
    )
    return drawn


def order_waits(finding: Finding, language: Language, width: int) -> Figure:
    """Rising steps, one per order day; needs columns order_no, days, ordered_share."""
    looks = {"main": "solid", "calm": base.DASHED, "hot": (0, (1, 1.5))}
    ends = {whole(step): float(part["ordered_share"].iloc[-1]) for step, part in finding.table.groupby("order_no")}
    texts = {
        step: language.text(say("order day {n:count}: {share:share}", n=step, share=share))
        for step, share in ends.items()
    }
    right, height = base.widest(texts.values(), bold=True) + 12, 202 if base.is_wide(width) else 172
    drawn, axes = base.figure(width, height + 58, left=44, right=right, top=14, bottom=44)
    spots = apart(ends, 16 / height)
    for (step, part), (colour, look) in zip(finding.table.groupby("order_no"), looks.items(), strict=True):
        axes.step(part["days"], part["ordered_share"], where="post", color=LIGHT[colour], linestyle=look)
        at = (float(part["days"].iloc[-1]), ends[whole(step)])
        shift = (6, (spots[whole(step)] - ends[whole(step)]) * height)
        base.label(axes, texts[whole(step)], at, shift, weight="bold", color=LIGHT[colour])
    axes.set(xlim=(0, max(float(finding.table["days"].max()), 1)), ylim=(0, 1))
    ticks = (0, 0.25, 0.5, 0.75, 1)
    axes.set_yticks(ticks, [language.format(tick, "share0") for tick in ticks])
    base.format_axis(axes.xaxis, lambda value: language.format(value, "num"))
    axes.set_xlabel(language.text(say("days since the first order")))
    base.describe(drawn, texts.values())
    return drawn


def apart(heights: Mapping[int, float], gap: float) -> dict[int, float]:
    """Give the heights of labels at least a gap apart: the highest stays, the others give way downwards.

    Examples
    --------
    >>> apart({2: 0.5, 3: 0.75, 5: 0.625}, 0.25)
    {3: 0.75, 5: 0.5, 2: 0.25}
    """
    placed, limit = {}, float("inf")
    for name, height in sorted(heights.items(), key=lambda item: -item[1]):
        placed[name] = min(height, limit)
        limit = placed[name] - gap
    return placed


def _rates(
    names: list[str],
    buyers: Iterable[float],
    shares: Iterable[float],
    lows: Iterable[float],
    highs: Iterable[float],
    language: Language,
    width: int,
) -> Figure:
    wide = base.is_wide(width)
    counts = [language.text(say("n {n:count}", n=int(number))) for number in buyers]
    rates = [language.format(share, "share") for share in shares]
    left = base.widest(names) + base.widest(counts, 11) + 24 if wide else 4
    drawn, axes = base.figure(width, len(names) * (34 if wide else 46) + 32, left=left, right=64, top=4, bottom=26)
    for place, (share, low, high) in enumerate(zip(shares, lows, highs, strict=True)):
        height = 0.5 if wide else 0.34
        axes.barh(-place, share, height=height, facecolor=LIGHT["tint"], edgecolor=LIGHT["main"], linewidth=1.2)
        axes.plot([low, high], [-place, -place], color=LIGHT["ink"], linewidth=2)
        for end in (low, high):
            axes.plot([end, end], [-place - height / 4, -place + height / 4], color=LIGHT["ink"], linewidth=2)
        base.label(axes, rates[place], (high, -place), (8, 0), weight="bold")
        if wide:
            base.label(axes, names[place], (0, -place), (-left + 2, 0))
            base.label(axes, counts[place], (0, -place), (-8, 0), ha="right", color=LIGHT["mute"], size=11)
        else:
            base.label(axes, f"{names[place]}  {counts[place]}", (0, -place), (2, 16))
    axes.set(xlim=(0, 1), ylim=(-len(names) + 0.5, 0.5 if wide else 0.7), yticks=[])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    ticks = (0, 0.5, 1)
    axes.set_xticks(ticks, [language.format(tick, "share0") for tick in ticks])
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.plot([0, 0], [-len(names) + 0.6, 0.4], color=LIGHT["ink"], linewidth=1)
    base.describe(drawn, (f"{name} {rate} ({count})" for name, rate, count in zip(names, rates, counts, strict=True)))
    return drawn
