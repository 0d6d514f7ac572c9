"""Drawings of segments: scores as a heat map, steps of the ladder, states of the life cycle, profile of clusters."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kam_analysis.drawings import base
from kam_analysis.findings import Finding, Message, say
from kam_analysis.report.language import NOT_MEASURABLE, Language
from kam_analysis.report.theme import LIGHT
from kam_analysis.vocabulary import ClusterTrait, LadderStep, LifeCycle

_EVEN_SPREAD_EDGES = (0.25, 0.5, 1.0, 2.0, 4.0)
_LEVEL_EDGES = (-1.0, -0.5, 0.0, 0.5, 1.0)


def rfm_heat_map(finding: Finding, language: Language, width: int) -> Figure:
    """Coloured table of customers and share of net sales by scores; needs both scores, customers, net_sales_share."""
    cells = finding.table.sort_values(["r_score", "f_score"], ascending=[False, True])
    counts, money = _square(cells, "customers"), _square(cells, "net_sales_share")
    texts = counts.map(lambda count: language.format(count, "count"))
    shares = money.map(lambda share: language.format(share, "share") if share > 0 else "")
    edges = [times / counts.size for times in _EVEN_SPREAD_EDGES]
    scores = counts.shape[0]
    row_px = 46 if base.is_wide(width) else 42
    drawn, axes = base.figure(width, scores * row_px + 46, left=30, right=2, top=2, bottom=44)
    base.heat_map(axes, money.fillna(0.0), texts + "\n" + shares, edges)
    for place, (r, f) in enumerate(zip(counts.index, counts.columns, strict=True)):
        base.label(axes, f"R{r}", (0, place + 0.5), (-28, 0))
        base.label(axes, f"F{f}", (place + 0.5, scores), (0, -12), ha="center")
    few, many = language.text(say("fewer orders")), language.text(say("more orders →"))
    base.label(axes, few, (0, scores), (0, -32), color=LIGHT["mute"], size=11)
    base.label(axes, many, (scores, scores), (0, -32), color=LIGHT["mute"], size=11, ha="right")
    axes.spines["bottom"].set_visible(False)
    base.describe(
        drawn,
        (
            f"R{row.r_score} F{row.f_score}: {language.format(row.customers, 'count')}"
            for row in cells.itertuples()
            if row.customers
        ),
    )
    return drawn


def loyalty_ladder(finding: Finding, language: Language, width: int) -> Figure:
    """Bars of customers per step, the highest step on top; needs columns step, customers, customer_share."""
    rows = finding.table.iloc[::-1]
    names = [language.text(LadderStep(step)) for step in rows["step"]]
    texts = [
        language.text(NOT_MEASURABLE if pd.isna(customers) else _count_and_share(customers, share))
        for customers, share in zip(rows["customers"], rows["customer_share"], strict=True)
    ]
    drawn, axes = _bars(names, rows["customers"].fillna(0), texts, width)
    for place, (text, customers) in enumerate(zip(texts, rows["customers"], strict=True)):
        colour = LIGHT["mute"] if pd.isna(customers) else LIGHT["ink"]
        base.label(axes, text, (0 if pd.isna(customers) else customers, -place), (6, 0), color=colour)
    base.describe(drawn, (f"{name} {text}" for name, text in zip(names, texts, strict=True)))
    return drawn


def life_cycle_states(finding: Finding, language: Language, width: int) -> Figure:
    """Bars of customers per state, a line at the number before; needs state, customers, its share and before."""
    rows = finding.table
    names = [language.text(LifeCycle(state)) for state in rows["state"]]
    sizes = zip(rows["customers"], rows["customer_share"], strict=True)
    texts = [language.text(_count_and_share(customers, share)) for customers, share in sizes]
    highest = rows[["customers", "customers_before"]].max(axis=1)
    drawn, axes = _bars(names, rows["customers"], texts, width, highest.max())
    for place, (text, before, reached) in enumerate(zip(texts, rows["customers_before"], highest, strict=True)):
        if pd.notna(before):
            axes.plot([before] * 2, [-place - 0.42, -place + 0.42], color=LIGHT["ink"], linewidth=2)
        base.label(axes, text, (reached, -place), (6, 0))
    base.describe(drawn, (f"{name} {text}" for name, text in zip(names, texts, strict=True)))
    return drawn


def cluster_profiles(finding: Finding, language: Language, width: int) -> Figure:
    """Coloured table of each cluster's medians in standard deviations from all buyers; needs the level columns."""
    rows = finding.table
    features = [name for name in _FEATURE_NAMES if rows[f"level_{name}"].notna().any()]
    levels = rows[[f"level_{name}" for name in features]].T
    texts = levels.map(lambda level: _signed(level, language))
    names = [language.text(_FEATURE_NAMES[name]) for name in features]
    heads = [language.format(number, "count") for number in rows["cluster"]]
    left = base.widest(names, 11) + 10
    drawn, axes = base.figure(width, len(features) * 28 + 26, left=left, right=2, top=24, bottom=2)
    base.heat_map(axes, levels, texts, _LEVEL_EDGES)
    for place, name in enumerate(names):
        base.label(axes, name, (0, place + 0.5), (-left + 2, 0), size=11)
    for place, head in enumerate(heads):
        base.label(axes, head, (place + 0.5, 0), (0, 11), ha="center", weight="bold")
    axes.spines["bottom"].set_visible(False)
    base.describe(
        drawn,
        (
            f"{head}: {language.text(ClusterTrait(first))}, {language.text(ClusterTrait(second))}"
            for head, first, second in zip(heads, rows["first_trait"], rows["second_trait"], strict=True)
        ),
    )
    return drawn


_FEATURE_NAMES = {
    "recency_days": say("silence"),
    "orders": say("orders"),
    "mean_order_value": say("order value"),
    "net_sales_12m": say("net sales"),
    "tenure_days": say("time as buyer"),
    "products": say("products"),
}


def _square(cells: pd.DataFrame, value: str) -> pd.DataFrame:
    by_score = cells.pivot_table(index="r_score", columns="f_score", values=value, dropna=False)
    return by_score.sort_index(ascending=False)


def _signed(level: float, language: Language) -> str:
    if pd.isna(level):
        return ""
    text = language.decimal(level, 1)
    return f"+{text}" if round(level, 1) > 0 else text


def _count_and_share(customers: float, share: float) -> Message:
    if pd.isna(share):
        return say("{n:count}", n=customers)
    return say("{n:count}, {share:share}", n=customers, share=share)


def _bars(
    names: list[str], customers: pd.Series, texts: list[str], width: int, highest: float | None = None
) -> tuple[Figure, Axes]:
    left, right = base.widest(names) + 10, base.widest(texts) + 12
    drawn, axes = base.figure(width, len(names) * 30 + 8, left=left, right=right, top=4, bottom=4)
    for place, (name, count) in enumerate(zip(names, customers, strict=True)):
        axes.barh(-place, count, height=0.62, **base.solid())
        base.label(axes, name, (0, -place), (-left + 2, 0))
    base.bare(axes, (0, max(customers.max() if highest is None else highest, 1)), (-len(names) + 0.4, 0.6))
    axes.plot([0, 0], [-len(names) + 0.5, 0.5], color=LIGHT["ink"], linewidth=1)
    return drawn, axes
