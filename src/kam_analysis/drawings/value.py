"""Drawings of value: what a new customer brings month by month, predicted beside true sales."""

from __future__ import annotations

from matplotlib.figure import Figure

from kam_analysis.drawings import base
from kam_analysis.findings import Finding, say
from kam_analysis.report.language import Language
from kam_analysis.report.theme import LIGHT


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
