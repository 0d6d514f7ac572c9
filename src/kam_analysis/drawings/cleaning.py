"""Drawings of what was read and kept: sales per month, what became of the lines."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from kam_analysis.drawings import base
from kam_analysis.findings import Finding, say, say_n
from kam_analysis.report.language import Language
from kam_analysis.vocabulary import LineStatus

_PART_LOOKS = {
    LineStatus.IDENTIFIED: base.solid("main"),
    LineStatus.WITHOUT_CUSTOMER: base.hatched("main"),
    LineStatus.REJECTED: base.hatched("hot"),
}


def company_months(finding: Finding, language: Language, width: int) -> Figure:
    """Bars per month, a partial one hatched; needs columns month, net_sales, is_partial, days."""
    rows = finding.table.tail(36 if base.is_wide(width) else 18)
    wide = base.is_wide(width)
    scale = base.money_scale(float(rows["net_sales"].abs().max()))
    heights = rows["net_sales"].to_numpy() / scale
    partial = rows["is_partial"].to_numpy()
    left = base.widest(language.decimal(height) for height in heights) + 12
    drawn, axes = base.figure(width, 258 if wide else 228, left=left, right=14, top=34, bottom=38)
    base.name_money_axis(axes, scale, left, language)
    for place, height in enumerate(heights):
        axes.bar(place, height, width=0.72, **(base.hatched() if partial[place] else base.solid()))
    named = [place for place in range(len(rows)) if partial[place]]
    if whole := [place for place in range(len(rows)) if not partial[place]]:
        best = max(whole, key=lambda place: heights[place])
        named += [best] if whole[-1] != best and whole[-1] - best < 2 and len(rows) > 18 else [best, whole[-1]]
    for place in dict.fromkeys(named):
        text = language.decimal(heights[place])
        base.label(axes, text, (place, max(0, heights[place])), (0, 9), ha="center", weight="bold")
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.set_ylim(min(0.0, heights.min()), max(0.0, heights.max()) or 1.0)
    base.format_axis(axes.yaxis, language.decimal)
    ticks = base.month_ticks(axes, list(rows["month"]), language, width - left)
    if partial[-1]:
        axes.set_xticks(range(len(rows)), _named_last(ticks, rows.iloc[-1], (width - left) / len(rows), language))
    months = zip(rows["month"], rows["net_sales"], strict=True)
    base.describe(
        drawn, (f"{language.format(month, 'month')} {language.format(sales, 'money')}" for month, sales in months)
    )
    return drawn


def _named_last(ticks: list[str], last: pd.Series, step_px: float, language: Language) -> list[str]:
    """Ticks with the days of the partial last month, the ones that would touch it left out."""
    days = language.text(say_n("{n:count} day", "{n:count} days", count="n", n=int(last["days"])))
    room = int((base.text_width(days) + base.widest(ticks[-2:-1]) + 8) / 2 // step_px)
    kept = [tick if place < len(ticks) - 1 - room else "" for place, tick in enumerate(ticks[:-1])]
    return [*kept, language.format(last["month"], "month").rsplit(" ", 1)[0] + "\n" + days]


def line_status(finding: Finding, language: Language, width: int) -> Figure:
    """Two strips, rows and money, of what became of the lines; needs status, reason, rows, net_sales."""
    totals = finding.table[finding.table["reason"].isna()].set_index("status")
    parts = [status for status in _PART_LOOKS if status in totals.index]
    strips = ((say("Rows read"), "rows", "count"), (say("Net sales read"), "net_sales", "money"))
    row_px = 62 + 15 * len(parts)
    drawn, axes = base.figure(width, row_px * len(strips), left=1, right=1)
    described = []
    for place, (measure, column, write) in enumerate(strips):
        top = -place * row_px
        amounts = totals.loc[parts, column]
        whole = float(amounts.abs().sum()) or 1.0
        read = language.format(totals[column].get(LineStatus.READ), write)
        base.label(axes, f"{language.text(measure)}: {read}", (0, top - 10), weight="bold")
        start = 0.0
        for number, (part, amount) in enumerate(zip(parts, amounts, strict=True)):
            axes.barh(top - 32, abs(amount) / whole, left=start, height=22, **_PART_LOOKS[part])
            start += abs(amount) / whole
            text = f"{language.text(part)}: {language.format(amount, write)}"
            at, side = (0, "left") if number == 0 else (1, "right")
            base.label(axes, text, (at, top - 53 - 15 * number), ha=side)
            described.append(text)
    base.bare(axes, (0, 1), (-row_px * len(strips), 0))
    base.describe(drawn, described)
    return drawn
