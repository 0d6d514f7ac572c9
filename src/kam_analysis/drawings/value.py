"""Drawings of value: what a new customer brings month by month, which prediction errs least."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from kam_analysis.drawings import base
from kam_analysis.findings import Finding, Message, say
from kam_analysis.report.language import Language
from kam_analysis.report.theme import LIGHT
from kam_analysis.vocabulary import ValueModel


def value_curve(finding: Finding, language: Language, width: int) -> Figure:
    """Curve of the value per customer by month with its band; needs columns month, value, low, high."""
    rows = finding.table
    months = [0, *rows["month"]]
    value, low, high = ([0.0, *rows[name]] for name in ("value", "low", "high"))
    text = language.format(value[-1], "money")
    top = max(*high, 1e-9)
    marks = [language.format(top * share, "money") for share in (0, 0.5, 1)]
    drawn, axes = base.figure(
        width, 250 if base.is_wide(width) else 220, left=base.widest(marks) + 8,
        right=base.widest([text], bold=True) + 12, top=14, bottom=44,
    )  # fmt: skip
    axes.fill_between(months, low, high, color=LIGHT["tint"], linewidth=0)
    axes.plot(months, value, color=LIGHT["main"])
    base.label(axes, text, (months[-1], value[-1]), (6, 0), weight="bold")
    axes.set(xlim=(0, months[-1]), ylim=(min(0.0, *low), top))
    base.format_axis(axes.yaxis, lambda amount: language.format(amount, "money"))
    base.format_axis(axes.xaxis, lambda month: language.format(month, "num"))
    axes.set_xlabel(language.text(say("months since the first order")))
    base.describe(
        drawn,
        (
            f"{month:d}: {language.format(amount, 'money')}"
            for month, amount in zip(months, value, strict=True)
            if month in (1, 3, 6, 12, 24, months[-1])
        ),
    )
    return drawn


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
