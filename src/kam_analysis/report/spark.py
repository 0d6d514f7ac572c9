"""Small curves beside a number: bars for money, a line for counts and ratios; the last 12 months stand out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT, MONTHS, RECENT = 120, 34, 24, 12
CHART_WIDTH, CHART_HEIGHT, CHART_FOOT, CHART_HEAD = 360, 150, 18, 16
_BOX = '<svg class="sp" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="{label}">'


def spark_bars(values: Sequence[float], label: str) -> Markup:
    """Bars from 0 of the last 24 values, the last 12 in the colour of the subject; a value of 0 or less is a gap.

    Parameters
    ----------
    values : sequence of float
        One per month, oldest first.
    label : str
        What a screen reader says: measure, window, last value. Hostile text is escaped.

    Examples
    --------
    >>> str(spark_bars([1.0, 2.0], "Sales")).count("34v-")
    2
    """
    last = list(values)[-MONTHS:]
    step, most = WIDTH / MONTHS, max([value for value in last if value > 0], default=1.0)
    start = MONTHS - len(last)

    def path(places: range) -> str:
        tall = ((place, (HEIGHT - 1) * last[place] / most) for place in places if last[place] > 0)
        return "".join(f"M{(start + place + 0.5) * step:g} {HEIGHT}v-{up:.1f}" for place, up in tall)

    split = max(0, len(last) - RECENT)
    base = f'<path class="s-ink" fill="none" stroke-width=".8" d="M0 {HEIGHT}h{WIDTH}"/>'
    parts = (("s-ctx", path(range(split))), ("s-main", path(range(split, len(last)))))
    drawn = "".join(f'<path class="{name}" stroke-width="{step - 1.2:g}" d="{way}"/>' for name, way in parts if way)
    return Markup("{}{}{}</svg>").format(_box(label), Markup(drawn), Markup(base))


def spark_line(values: Sequence[float | None], label: str) -> Markup:
    """Line over the last 24 values in their own range, the last 12 in the colour of the subject, a dot at the end.

    The value always stands beside it, since the line does not start at 0. Missing values are left out; fewer than two
    values make no line.

    Examples
    --------
    >>> str(spark_line([0.1, None], "Share"))
    ''
    """
    known = [(place, float(value)) for place, value in enumerate(values) if value is not None and math.isfinite(value)]
    known = known[-MONTHS:]
    if len(known) < 2:
        return Markup("")
    low, high = min(value for _, value in known), max(value for _, value in known)
    first, last = known[0][0], known[-1][0]
    across, up = (WIDTH - 8) / (last - first), (HEIGHT - 8) / ((high - low) or 1.0)
    points = [(3 + (place - first) * across, HEIGHT - 4 - (value - low) * up) for place, value in known]
    split = max(1, len(points) - RECENT)

    def path(some: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in some)

    plain = 'fill="none" vector-effect="non-scaling-stroke"'
    drawn = [f'<path class="s-ctx" {plain} stroke-width="1.6" d="{path(points[:split])}"/>'] if split > 1 else []
    drawn.append(f'<path class="s-main" {plain} stroke-width="2" d="{path(points[split - 1 :])}"/>')
    x, y = points[-1]
    dot = f'<path class="s-main" {plain} stroke-width="7" stroke-linecap="round" d="M{x:.1f} {y:.1f}h.01"/>'
    return Markup("{}{}{}</svg>").format(_box(label), Markup("".join(drawn)), Markup(dot))


def _box(label: str) -> Markup:
    return Markup(_BOX.format(w=WIDTH, h=HEIGHT, label="{label}")).format(label=escape(label))


def month_bars(
    values: Sequence[float], before: Sequence[float | None], names: Sequence[str], most: str, label: str
) -> Markup:
    """Bars from 0 with a line for the same month of the year before; a value of 0 or less has no bar.

    Parameters
    ----------
    values, before : sequence of float
        One per month, oldest first; None where there is nothing to compare with.
    names : sequence of str
        Of the months; every second one is written.
    most : str
        The largest value, written above it.
    label : str
        What a screen reader says.

    Examples
    --------
    >>> drawn = str(month_bars([2.0, 4.0], [None, 3.0], ["Jan", "Feb"], "4", "Sales"))
    >>> drawn.count("v-"), drawn.count("s-ink")  # two bars, the base and the line of the year before
    (2, 2)
    """
    if not values:
        return Markup("")
    highest = max([*values, *(value for value in before if value is not None), 0.0]) or 1.0
    step, floor = CHART_WIDTH / len(values), CHART_HEIGHT - CHART_FOOT
    room = floor - CHART_HEAD

    def place(month: int) -> float:
        return (month + 0.5) * step

    def up(value: float) -> float:
        return max(0.0, value) / highest * room

    bars = "".join(f"M{place(at):.1f} {floor}v-{up(value):.1f}" for at, value in enumerate(values) if value > 0)
    line = "".join(
        f"M{at * step + 2:.1f} {floor - up(value):.1f}h{step - 4:.1f}"
        for at, value in enumerate(before)
        if value is not None
    )
    top = max(range(len(values)), key=lambda at: values[at])
    texts = [(place(at), CHART_HEIGHT - 4.0, name) for at, name in enumerate(names) if at % 2 == 0]
    texts += [(place(top), floor - up(max(values[top], before[top] or 0.0)) - 4.0, most)] if values[top] > 0 else []
    box = Markup('<svg class="mb" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        CHART_WIDTH, CHART_HEIGHT, label
    )
    words = Markup("").join(
        Markup('<text class="f-mute" font-size="12" text-anchor="middle" x="{}" y="{}">{}</text>').format(
            f"{min(max(x, 18), CHART_WIDTH - 22):.1f}", f"{y:.1f}", text
        )
        for x, y, text in texts
    )
    drawn = (
        f'<path class="s-main" stroke-width="{step * 0.62:.1f}" d="{bars}"/>' if bars else "",
        f'<path class="s-ink" fill="none" d="M0 {floor}H{CHART_WIDTH}"/>',
        f'<path class="s-ink" fill="none" stroke-width="2" d="{line}"/>' if line else "",
    )
    return Markup("{}{}{}</svg>").format(box, Markup("".join(drawn)), words)
