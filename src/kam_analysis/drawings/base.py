"""What every drawing is made of: figures in page pixels, labels that fit, marks in token colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kam_analysis.findings import say
from kam_analysis.report.language import Language, clean
from kam_analysis.report.theme import LIGHT, WIDE, ZONES

DASHED = (0, (4, 3))
LEAST_ACROSS = 0.02
_FORMS = (
    "Общество с ограниченной ответственностью|Публичное акционерное общество|Закрытое акционерное общество|"
    "Открытое акционерное общество|Акционерное общество|Индивидуальный предприниматель|"
    "Друштво со ограничена одговорност|Акционерско друштво|Акционерно друштво|"
    r"ООО|ОАО|ЗАО|ПАО|АО|ИП|ДООЕЛ|ДОО|АД|ЕООД|ООД|ЕАД|DOOEL|DOO|d\.?o\.?o\.?|a\.d\.|s\.r\.o\.|GmbH\s*&\s*Co\.?\s*KG|GmbH|AG|Ltd\.?|Limited|Inc\.?|LLC|PLC|S\.?A\.?"
)
_LEGAL_FORM = re.compile(rf"(?:^|(?<=[\s,]))(?:{_FORMS})(?=$|[\s,«„“\"])")


def is_wide(width: int) -> bool:
    """Tell whether a drawing is the wide one of the two."""
    return width >= WIDE


def figure(
    width: int, height: float, *, left: float = 0, right: float = 0, top: float = 0, bottom: float = 0
) -> tuple[Figure, Axes]:
    """Give a figure of `width` × `height` pixels with one axes inside the paddings (pixels), however wide they are."""
    drawn = Figure(figsize=(width / 72, height / 72), dpi=72)
    across = max(1 - (left + right) / width, LEAST_ACROSS)
    axes = drawn.add_axes((left / width, bottom / height, across, 1 - (top + bottom) / height))
    return drawn, axes


def panels(width: int, height: float, boxes: Sequence[tuple[float, float, float, float]]) -> tuple[Figure, list[Axes]]:
    """Give a figure with one axes per box (left, top, width, height in pixels from the upper left corner)."""
    drawn = Figure(figsize=(width / 72, height / 72), dpi=72)
    return drawn, [
        drawn.add_axes((x / width, 1 - (y + tall) / height, broad / width, tall / height))
        for x, y, broad, tall in boxes
    ]


def fit(name: str, letters: int) -> str:
    """Shorten in the middle, since branches of one company differ at the end.

    Examples
    --------
    >>> fit("Hungry Owl All-Night Grocers", 20)
    'Hungry Owl Al…rocers'
    """
    tail = letters // 3
    return name if len(name) <= letters else name[: letters - 1 - tail].rstrip() + "…" + name[-tail:].lstrip()


def short_name(name: str, letters: int) -> str:
    """Name for a chart: without legal form and outer quotes, then shortened in the middle.

    Examples
    --------
    >>> short_name('ООО «Северный ветер»', 24), short_name("GmbH", 24)
    ('Северный ветер', 'GmbH')
    """
    whole = clean(name)
    bare = clean(_LEGAL_FORM.sub("", whole)).strip(" ,")
    if bare[:1] in tuple('«„“"') and bare[-1:] in tuple('»“”"'):
        bare = bare[1:-1].strip()
    return fit(bare or whole, letters)


@cache
def _font(bold: bool) -> Any:
    return get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))


def text_width(text: str, size: float = 12, *, bold: bool = False) -> float:
    """Width of the widest line of a text in pixels in DejaVu Sans, which is wider than the page's font."""
    font = _font(bold)
    font.set_size(size, 72)
    widths = []
    for line in text.splitlines():
        font.set_text(line, 0.0)
        widths.append(float(font.get_width_height()[0]) / 64)
    return max(widths, default=0.0)


def widest(texts: Iterable[str], size: float = 12, *, bold: bool = False) -> float:
    """Width in pixels of the widest text, 0 for none."""
    return max((text_width(text, size, bold=bold) for text in texts), default=0.0)


def label(axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float] = (0, 0), **options: Any) -> None:
    """Write a text at a point of the data, shifted by pixels; in ink, centred vertically, never cut off."""
    given: dict[str, Any] = {"color": LIGHT["ink"], "va": "center", "annotation_clip": False} | options
    axes.annotate(text, at, shift, textcoords="offset points", **given)


def hatched(colour: str = "main") -> dict[str, Any]:
    """Look of a mark that is unsure, partial, rejected or lost."""
    return {"facecolor": LIGHT["paper"], "edgecolor": LIGHT[colour], "hatch": "///", "linewidth": 1.2}


def solid(colour: str = "main") -> dict[str, Any]:
    """Look of a plain mark."""
    return {"color": LIGHT[colour]}


def format_axis(axis: Any, write: Callable[[float], str], lines: int = 4) -> None:
    """Write the numbers of an axis in the reader's language, with about `lines` grid lines."""
    axis.set_major_locator(MaxNLocator(lines))
    axis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))


def money_scale(largest: float) -> float:
    """Divisor that keeps the numbers of a money axis short: 1, a thousand or a million.

    Examples
    --------
    >>> money_scale(1_132_000.0), money_scale(900.0), money_scale(45_000_000.0)
    (1000.0, 1.0, 1000000.0)
    """
    if largest >= 2e7:
        return 1e6
    return 1e3 if largest >= 1e4 else 1.0


def name_money_axis(axes: Axes, scale: float, left: float, language: Language) -> None:
    """Write currency and unit of a money axis above it, at the left edge of the figure."""
    unit = {1.0: None, 1e3: say("thousand"), 1e6: say("million")}[scale]
    parts = [part for part in (language.currency_sign, language.text(unit)) if part]
    text = " ".join(parts if language.code == "en" else reversed(parts))
    axes.annotate(
        text, (0, 1), (2 - left, 22), "axes fraction", "offset points", color=LIGHT["mute"], size=11, va="center"
    )


def month_ticks(axes: Axes, months: Sequence[pd.Timestamp], language: Language, room_px: float) -> list[str]:
    """Set month names under the marks 0, 1, 2 … with the year under the first and each January; return the names."""
    names = [language.format(month, "month") for month in months]
    shorts = [name.rsplit(" ", 1)[0] for name in names]
    step = _step(len(months), room_px, widest(shorts) + 6)
    texts, year = [], None
    for place, (month, short) in enumerate(zip(months, shorts, strict=True)):
        if place % step:
            texts.append("")
            continue
        texts.append(short if month.year == year else f"{short}\n{month.year}")
        year = month.year
    axes.set_xticks(range(len(months)), texts)
    return texts


def _step(count: int, room_px: float, label_px: float) -> int:
    fitting = max(1, int(room_px // label_px))
    return next(
        (step for step in (1, 2, 3, 4, 6, 12, 24) if -(-count // step) <= fitting), max(1, -(-count // fitting))
    )


def thin(count: int, most: int = 80) -> np.ndarray:
    """Positions 0 … count−1 thinned to at most `most`: the first ten, the last, and evenly growing steps between.

    Examples
    --------
    >>> thin(4).tolist(), len(thin(4248)) <= 80
    ([0, 1, 2, 3], True)
    """
    if count <= most:
        return np.arange(count)
    steps = np.geomspace(11, count, most - 11).astype(int) - 1
    return np.unique(np.r_[0:10, steps, count - 1])


def heat_map(
    axes: Axes, values: pd.DataFrame, texts: pd.DataFrame, edges: Sequence[float], *, size: float = 11
) -> None:
    """Coloured table of `values` in the six zones with their `texts`; a missing value stays blank.

    Parameters
    ----------
    axes : Axes
        Rows run downwards; the caller names them with ticks or labels at row + 0.5.
    values, texts : DataFrame
        Same shape; numbers that colour and texts that are read.
    edges : sequence of float
        Five rising lower edges of the zones 1–5; a value equal to an edge belongs to the zone below.
    size : float
        Letters in pixels.
    """
    import seaborn

    zones = _zones(values, edges)
    seaborn.heatmap(
        zones,
        mask=np.isnan(zones),
        annot=texts.where(~np.isnan(zones), "").to_numpy(dtype=object),
        fmt="",
        annot_kws={"color": LIGHT["ink"], "size": size},
        **_zone_colours(),
        vmin=0,
        vmax=5,
        cbar=False,
        linewidths=1,
        linecolor=LIGHT["paper"],
        xticklabels=False,
        yticklabels=False,
        ax=axes,
    )
    axes.set(xlabel="", ylabel="")
    axes.grid(visible=False)


def coloured_table(axes: Axes, values: pd.DataFrame, texts: pd.DataFrame, edges: Sequence[float]) -> None:
    """Draw the picture of `heat_map` with plain marks: seaborn takes a second to import, which a page may not need."""
    zones = _zones(values, edges)
    axes.pcolormesh(np.ma.masked_invalid(zones), linewidth=1, edgecolor=LIGHT["paper"], **_zone_colours())
    axes.set(xlim=(0, zones.shape[1]), ylim=(zones.shape[0], 0), xticks=[], yticks=[])
    axes.spines["bottom"].set_visible(False)
    axes.grid(visible=False)
    for (row, column), text in np.ndenumerate(texts.where(~np.isnan(zones), "").to_numpy(dtype=object)):
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=LIGHT["ink"], size=11)


def _zones(values: pd.DataFrame, edges: Sequence[float]) -> np.ndarray:
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(numbers), np.nan, np.searchsorted(np.asarray(edges), numbers, side="left"))


def _zone_colours() -> dict[str, Any]:
    from matplotlib.colors import BoundaryNorm, ListedColormap

    return {"cmap": ListedColormap([LIGHT[zone] for zone in ZONES]), "norm": BoundaryNorm(np.arange(-0.5, 6), 6)}


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows of a frame with their columns as attributes."""
    return iter(frame.itertuples(index=False))


def describe(drawn: Figure, parts: Iterable[str]) -> None:
    """Keep the description that a screen reader reads: full names and values of what is drawn, in order."""
    drawn.set_label("; ".join(parts))


def bridge(steps: Sequence[tuple[str, float, bool]], language: Language, width: int, write: str) -> Figure:
    """Draw steps (name, value, whether it is a total) from one total to the next; losses hatched, gains solid."""
    wide = is_wide(width)
    row_px = 30 if wide else 42
    texts = [("+" if value > 0 and not total else "") + language.format(value, write) for _, value, total in steps]
    left = widest((name for name, _, _ in steps), bold=True) + 12 if wide else 8
    right = widest(texts, bold=True) + 10
    drawn, axes = figure(width, len(steps) * row_px + 16, left=left, right=right, top=6 if wide else 14, bottom=4)
    spans = _spans([(value, total) for _, value, total in steps])
    for place, ((name, value, total), (low, high), text) in enumerate(zip(steps, spans, texts, strict=True)):
        weight = "bold" if total else "normal"
        look = solid("main") if total else hatched("hot") if value < 0 else solid("calm")
        axes.barh(-place, high - low, left=low, height=0.62 if wide else 0.36, **look)
        label(axes, text, (high, -place), (5, 0), weight=weight)
        shift = (-left + 2, 0) if wide else (5, 15.5)
        label(axes, name, (min(0.0, *(low for low, _ in spans)), -place), shift, weight=weight)
        if place + 1 < len(steps):
            end = low if value < 0 and not total else high
            axes.plot([end, end], [-place - 0.2, -place - 0.8], color=LIGHT["ctx"], linewidth=1)
    lowest, highest = min(0.0, *(low for low, _ in spans)), max(high for _, high in spans)
    bare(axes, (lowest, highest or 1.0), (-len(steps) + 0.45, 0.55))
    axes.axvline(0, color=LIGHT["ink"], linewidth=1)
    describe(drawn, (f"{name} {text}" for (name, _, _), text in zip(steps, texts, strict=True)))
    return drawn


def _spans(steps: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Give the ends of every bar: totals stand on 0, the others on where the one before ended."""
    spans, reached = [], 0.0
    for value, total in steps:
        start = 0.0 if total else reached
        reached = value if total else reached + value
        spans.append((min(start, reached), max(start, reached)))
    return spans


def bare(axes: Axes, across: tuple[float, float], up: tuple[float, float]) -> None:
    """Show the data range without axes, ticks and grid."""
    axes.set(xlim=across, ylim=up)
    axes.axis("off")
