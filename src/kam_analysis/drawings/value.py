"""Drawings of value: readings of the formula, what moves it, how long buyers stay, which prediction errs least."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from kam_analysis.drawings import base
from kam_analysis.findings import Finding, Message, say
from kam_analysis.report.language import NOT_MEASURABLE, Language
from kam_analysis.report.theme import LIGHT
from kam_analysis.vocabulary import BuyerGroup, LtvFactor, LtvReading, ValueModel


def ltv_variants(finding: Finding, language: Language, width: int) -> Figure:
    """Bars per reading, regulars below all buyers; needs columns group, reading, sales, ltv."""
    rows = finding.table
    worth = rows["ltv"] if rows["ltv"].notna().any() else rows["sales"]
    groups = list(dict.fromkeys(rows["group"]))
    names = [language.text(LtvReading(reading)) for reading in rows["reading"]]
    texts = [language.format(value, "money") if pd.notna(value) else language.text(NOT_MEASURABLE) for value in worth]
    known_texts = [text for text, value in zip(texts, worth, strict=True) if pd.notna(value)]
    left = base.widest(names) + 10
    right = max(base.widest(texts), base.widest(known_texts or [""], bold=True)) + 12
    places = [number + groups.index(group) * 1.1 for number, group in enumerate(rows["group"])]
    drawn, axes = base.figure(width, len(rows) * 26 + len(groups) * 30, left=left, right=right, top=26, bottom=4)
    for name, text, value, place in zip(names, texts, worth, places, strict=True):
        known = pd.notna(value)
        axes.barh(-place, value if known else 0, height=0.66, **base.solid())
        base.label(axes, name, (0, -place), (-left + 2, 0))
        base.label(axes, text, (max(value, 0) if known else 0, -place), (6, 0), weight="bold" if known else "normal")
    for group in groups:
        of_group = [place for place, of in zip(places, rows["group"], strict=True) if of == group]
        base.label(axes, language.text(BuyerGroup(group)), (0, -of_group[0]), (-left + 2, 24), weight="bold")
        axes.plot([0, 0], [-of_group[-1] - 0.5, -of_group[0] + 0.5], color=LIGHT["ink"], linewidth=1)
    base.bare(axes, (min(0, worth.min()), max(worth.max(), 1)), (-places[-1] - 0.5, 0.5))
    base.describe(
        drawn,
        (
            f"{language.text(BuyerGroup(group))}, {name}: {text}"
            for group, name, text in zip(rows["group"], names, texts, strict=True)
        ),
    )
    return drawn


def ltv_tornado(finding: Finding, language: Language, width: int) -> Figure:
    """Bars to both sides of the value as it is, largest first; needs columns factor, low_change, high_change."""
    rows = finding.table
    wide = base.is_wide(width)
    names = [language.text(LtvFactor(factor)) for factor in rows["factor"]]
    left = base.widest(names) + 10 if wide else 4
    drawn, axes = base.figure(width, len(rows) * (28 if wide else 42) + 8, left=left, right=4, top=4, bottom=4)
    furthest = max(rows[["low_change", "high_change"]].abs().max().max(), 0.01) * 1.6
    for place, row in enumerate(rows.itertuples()):
        y = -place if wide else -place - 0.18
        for change, look in ((row.low_change, base.hatched("main")), (row.high_change, base.solid("main"))):
            axes.barh(y, change, height=0.6 if wide else 0.4, **look)
            side = 1 if change > 0 or (change == 0 and look == base.solid("main")) else -1
            base.label(
                axes, language.format(change, "change"), (change, y), (6 * side, 0), ha="left" if side > 0 else "right"
            )
        base.label(axes, names[place], (-furthest, y), (-left + 2, 0) if wide else (2, 17))
    base.bare(axes, (-furthest, furthest), (-len(rows) + 0.4, 0.6))
    axes.plot([0, 0], [-len(rows) + 0.5, 0.5], color=LIGHT["ink"], linewidth=1)
    base.describe(
        drawn,
        (
            f"{name}: {language.format(row.low_change, 'change')}, {language.format(row.high_change, 'change')}"
            for name, row in zip(names, rows.itertuples(), strict=True)
        ),
    )
    return drawn


def survival_curve(finding: Finding, language: Language, width: int) -> Figure:
    """Kaplan–Meier curve; needs columns lifetime_months, alive_share."""
    rows = finding.table.iloc[base.thin(len(finding.table))]
    months = [0.0, *rows["lifetime_months"], float(rows["lifetime_months"].iloc[-1])]
    shares = [1.0, *rows["alive_share"], float(rows["alive_share"].iloc[-1])]
    drawn, axes = base.figure(width, 250 if base.is_wide(width) else 220, left=44, right=52, top=14, bottom=44)
    axes.fill_between(months, shares, step="post", color=LIGHT["tint"], linewidth=0)
    axes.step(months, shares, where="post", color=LIGHT["main"])
    base.label(axes, language.format(shares[-1], "share"), (months[-1], shares[-1]), (6, 0), weight="bold")
    axes.set(xlim=(0, max(months[-1], 1)), ylim=(0, 1))
    ticks = (0, 0.25, 0.5, 0.75, 1)
    axes.set_yticks(ticks, [language.format(tick, "share0") for tick in ticks])
    base.format_axis(axes.xaxis, lambda value: language.format(value, "num"))
    axes.set_xlabel(language.text(say("months since the first order")))
    base.describe(drawn, _milestones(finding.table, language))
    return drawn


def _milestones(table: pd.DataFrame, language: Language) -> list[str]:
    parts = []
    for month in (1, 3, 6, 12, 24, 36):
        reached = table[table["lifetime_months"] <= month]
        if len(reached) and month <= table["lifetime_months"].iloc[-1]:
            parts.append(f"{month}: {language.format(float(reached['alive_share'].iloc[-1]), 'share')}")
    return parts


def backtest_bars(finding: Finding, language: Language, width: int) -> Figure:
    """Bars of the error per way to predict, the smallest on top; needs columns model, rmse, total_error, is_chosen."""
    rows = finding.table
    wide = base.is_wide(width)
    names = [language.text(ValueModel(model)) for model in rows["model"]]
    texts = [language.text(_errors(row.rmse, row.total_error)) for row in rows.itertuples()]
    left = base.widest(names, bold=True) + 10 if wide else 4
    right = base.widest(texts) + 12
    drawn, axes = base.figure(width, len(rows) * (32 if wide else 46) + 8, left=left, right=right, top=4, bottom=4)
    for place, (name, text, row) in enumerate(zip(names, texts, rows.itertuples(), strict=True)):
        y = -place if wide else -place - 0.2
        weight = "bold" if row.is_chosen else "normal"
        axes.barh(y, row.rmse, height=0.62 if wide else 0.36, **base.solid("main" if row.is_chosen else "ctx"))
        base.label(axes, name, (0, y), (-left + 2, 0) if wide else (2, 18), weight=weight)
        base.label(axes, text, (row.rmse, y), (6, 0), weight=weight)
    base.bare(axes, (0, max(rows["rmse"].max(), 1e-9)), (-len(rows) + 0.4, 0.6))
    axes.plot([0, 0], [-len(rows) + 0.5, 0.5], color=LIGHT["ink"], linewidth=1)
    base.describe(drawn, (f"{name}: {text}" for name, text in zip(names, texts, strict=True)))
    return drawn


def _errors(rmse: float, total_error: float) -> Message:
    if pd.isna(total_error):
        return say("{rmse:money}", rmse=rmse)
    return say("{rmse:money}, total {total:change}", rmse=rmse, total=total_error)


def calibration_bars(finding: Finding, language: Language, width: int) -> Figure:
    """Predicted beside true sales per tenth of the buyers; needs columns tenth, predicted, true."""
    rows = finding.table
    names = [language.format(tenth, "count") for tenth in rows["tenth"]]
    words = [language.text(say("predicted")), language.text(say("came"))]
    texts = [[language.format(value, "money") for value in rows[column]] for column in ("predicted", "true")]
    left = base.widest(names) + 12
    right = max(base.widest(column) for column in texts) + 12
    drawn, axes = base.figure(width, len(rows) * 40 + 30, left=left, right=right, top=24, bottom=4)
    looks = (base.hatched("main"), base.solid("main"))
    for place, name in enumerate(names):
        for shift, column, look, series in zip((0.2, -0.2), ("predicted", "true"), looks, texts, strict=True):
            value = float(rows[column].iloc[place])
            axes.barh(-place + shift, value, height=0.36, **look)
            base.label(axes, series[place], (max(value, 0), -place + shift), (6, 0), size=11)
        base.label(axes, name, (0, -place), (-left + 2, 0), weight="bold")
    base.bare(
        axes,
        (min(0.0, rows["true"].min()), max(rows[["predicted", "true"]].max().max(), 1e-9)),
        (-len(rows) + 0.4, 0.6),
    )
    axes.plot([0, 0], [-len(rows) + 0.5, 0.5], color=LIGHT["ink"], linewidth=1)
    base.label(
        axes,
        language.text(say("hatched: {predicted}; full: {came}", predicted=words[0], came=words[1])),
        (0, 0.6),
        (2, 8),
    )
    base.describe(
        drawn, (f"{name}: {words[0]} {one}, {words[1]} {other}" for name, one, other in zip(names, *texts, strict=True))
    )
    return drawn
