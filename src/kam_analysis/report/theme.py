"""Colour tokens, the style of charts, and SVG that follows the page's light or dark theme.

Charts take their colours only from the tokens' light values. Each light value is unique, so the hex in a drawing is the
name of the token, and `themed_svg` turns it into a class that the page colours in both themes.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE, SLIM = 540, 350
VARIANTS = {"wide": WIDE, "slim": SLIM}
MIN_TEXT_PX = 11
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_FONT_SIZE = "12"


@dataclass(frozen=True)
class Token:
    """A colour in both themes and what it is for."""

    light: str
    dark: str
    role: str


TOKENS = {
    "paper": Token("#ffffff", "#15181c", "page"),
    "panel": Token("#f5f4f0", "#1f2328", "tiles, table head, caveats"),
    "ink": Token("#1c2126", "#ebe8e2", "text, axis base line"),
    "mute": Token("#575f68", "#a7afb8", "secondary text, axis labels"),
    "rule": Token("#d6d3cb", "#3a4047", "hairlines"),
    "grid": Token("#e6e3dc", "#2d3339", "grid lines"),
    "main": Token("#0f6292", "#62b2e2", "the subject of a chart, links"),
    "ctx": Token("#868e96", "#7d8690", "context marks, never text"),
    "hot": Token("#b5430a", "#ff9f66", "losses, limits, edge of a caveat"),
    "calm": Token("#0a7663", "#50c7ac", "gains"),
    "tint": Token("#cbe0ed", "#1f4058", "area under a curve with its own line"),
    "on": Token("#fefefe", "#101317", "text on a filled mark"),
    "b0": Token("#f6f5f1", "#1e2227", "zone none"),
    "b1": Token("#f8f1e3", "#26241f", "zone watch"),
    "b2": Token("#f5e8d0", "#2e2921", "zone high"),
    "b3": Token("#f1dcb9", "#372f23", "zone severe"),
    "b4": Token("#ecd0a4", "#413524", "zone critical"),
    "b5": Token("#e2bd8b", "#523f26", "zone mono-client"),
}
LIGHT = {name: token.light for name, token in TOKENS.items()}
ZONES = ("b0", "b1", "b2", "b3", "b4", "b5")
_NAME_OF = {token.light: name for name, token in TOKENS.items()}


def css_tokens() -> str:
    """CSS variables of both themes; paper is always light."""

    def variables(theme: str) -> str:
        return "".join(f"--{name}:{getattr(token, theme)};" for name, token in TOKENS.items())

    dark = "color-scheme:dark;" + variables("dark")
    return (
        f":root{{color-scheme:light;{variables('light')}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{{dark}}}}}\n"
    )


def css_chart_classes() -> str:
    """CSS classes that fill (``f-``) and stroke (``s-``) the marks of charts."""
    return "".join(f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}" for name in TOKENS)


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours, 1 to 21.

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@cache
def _chart_settings() -> Any:
    import matplotlib

    with as_file(files("kam_analysis.report").joinpath("look.mplstyle")) as path:
        settings: Any = dict(matplotlib.rc_params_from_file(str(path)))
    settings.pop("backend", None)
    return settings


@contextmanager
def chart_style() -> Iterator[None]:
    """Draw with the style of the reports; a person's own matplotlib settings neither matter nor change."""
    import matplotlib

    with matplotlib.rc_context(_chart_settings()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s)Glyph .* missing from font", UserWarning)  # the page's font will have it
        yield


def themed_svg(figure: Figure, key: str, title: str, description: str, variant: str) -> str:
    """Inline SVG of a figure whose colours are classes, whose text is text, without a style attribute.

    Parameters
    ----------
    figure : Figure
        Drawn with token colours only.
    key : str
        Begins every id; unique on the page.
    title, description : str
        What a screen reader says.
    variant : str
        ``wide`` or ``slim``.

    Raises
    ------
    ValueError
        When a colour is no token, a text is too small or a property is unknown.
    """
    root = ElementTree.fromstring(_raw_svg(figure))
    writer = _Writer(root, f"{key}-{variant[0]}")
    body = "".join(writer.element(child) for child in root)
    said = ""
    if variant == "wide":  # the slim one is named by the same words
        said = f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(description)}</desc>'
    return (
        f'<svg class="{variant}" viewBox="{_numbers(root.attrib["viewBox"])}" font-size="{_FONT_SIZE}" role="img" '
        f'aria-labelledby="{key}-t {key}-d">{said}{body}</svg>'
    )


def _raw_svg(figure: Figure) -> str:
    buffer = io.StringIO()
    with chart_style():
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return buffer.getvalue()


def _numbers(text: str) -> str:
    """Round coordinates to 0.1 pixel."""

    def rounded(match: re.Match[str]) -> str:
        short = f"{float(match.group()):.1f}".rstrip("0").rstrip(".")
        return "0" if short == "-0" else short

    return re.sub(r"-?\d+\.\d+(?:e-?\d+)?", rounded, text)


def _path(data: str) -> str:
    """Write a path with coordinates of 0.1 pixel; straight lines as steps from point to point, which are shorter.

    Examples
    --------
    >>> _path("M 166 32.08 L 464.1 32.08 L 464.1 13.3 L 166 13.3 z"), _path("M 0 0 L 1.25 -2 L 3 -4.5")
    ('M166 32.1h298.1v-18.8h-298.1z', 'M0 0l1.2-2 1.8-2.5')
    """
    steps = re.findall(r"([A-Za-z])([^A-Za-z]*)", data)
    if any(letter not in "MLz" for letter, _ in steps):
        return re.sub(r"\s*([A-Za-z])\s*", r"\1", _numbers(" ".join(data.split())))
    written, at = "", (0, 0)
    for letter, numbers in steps:
        if letter == "z":
            written += "z"
            continue
        x, y = (round(float(number) * 10) for number in numbers.split())
        over, down = x - at[0], y - at[1]
        if letter == "M":
            written += f"M{_tenths(x)}{_joined(_tenths(y))}"
        elif not down:
            written += f"h{_tenths(over)}" if over else ""
        elif not over:
            written += f"v{_tenths(down)}"
        else:
            is_going_on = re.search(r"l[^A-Za-z]*$", written)
            written += (_joined(_tenths(over)) if is_going_on else f"l{_tenths(over)}") + _joined(_tenths(down))
        at = (x, y)
    return written


def _tenths(tenths: int) -> str:
    return f"{tenths / 10:.1f}".removesuffix(".0")


def _joined(number: str) -> str:
    return number if number.startswith("-") else f" {number}"


class _Writer:
    """Writes matplotlib's SVG tree again: classes for colours, short ids, no empty groups."""

    _DROPPED = ("metadata", "style", "clipPath")
    _IGNORED = (
        "stroke-linejoin",
        "stroke-linecap",
        "stroke-dashoffset",
        "stroke-miterlimit",
        "font-family",
        "font-style",
        "vertical-align",
    )
    _KEPT = (
        "stroke-width",
        "stroke-dasharray",
        "opacity",
        "fill-opacity",
        "stroke-opacity",
        "text-anchor",
        "font-size",
    )
    _DEFAULTS = (
        ("stroke-width", "1"),
        ("stroke-dasharray", "none"),
        ("text-anchor", "start"),
        ("font-size", _FONT_SIZE),
    )

    def __init__(self, root: ElementTree.Element, prefix: str) -> None:
        self._ids: dict[str, str] = {}
        for element in root.iter():
            for value in element.attrib.values():
                for target in re.findall(r"url\(#([^)]+)\)", value) if "clip" not in value else ():
                    self._ids.setdefault(target, "")
            if _HREF in element.attrib:
                self._ids.setdefault(element.attrib[_HREF].removeprefix("#"), "")
        clips = {element.attrib.get("id") for element in root.iter(f"{_SVG}clipPath")}
        used = [target for target in self._ids if target not in clips]
        self._ids = {target: f"{prefix}{number}" for number, target in enumerate(used)}

    def element(self, element: ElementTree.Element) -> str:
        tag = element.tag.removeprefix(_SVG)
        if tag in self._DROPPED:
            return ""
        if tag == "pattern":
            return self._hatch(element)
        inner = (escape(element.text, quote=False) if tag == "text" and element.text else "") + "".join(
            self.element(child) for child in element
        )
        attributes = self._attributes(element)
        if tag in ("g", "defs") and not inner:
            return ""
        if tag == "path" and attributes.endswith(' fill="none"') and " id=" not in attributes:
            return ""  # neither filled nor stroked
        if tag == "g" and not attributes:
            return inner
        return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"

    def _hatch(self, pattern: ElementTree.Element) -> str:
        """One stroke in a tile of 6 units instead of matplotlib's dozens in 72."""
        ground = pattern.find(f"{_SVG}rect")
        stroke = pattern.find(f"{_SVG}path")
        assert ground is not None and stroke is not None
        face = _token(ground.attrib["fill"]) if ground.attrib.get("fill", "none") != "none" else "paper"
        line = _token(_properties(stroke.attrib["style"])["stroke"])
        return (
            f'<pattern id="{self._ids[pattern.attrib["id"]]}" patternUnits="userSpaceOnUse" width="6" height="6">'
            f'<path class="f-{face}" d="M0 0h6v6H0z"/>'
            f'<path d="M-1 7 7-1M-1 1 1-1M5 7 7 5" fill="none" stroke-width="1.4" class="s-{line}"/></pattern>'
        )

    def _attributes(self, element: ElementTree.Element) -> str:
        written: dict[str, str] = {}
        classes: list[str] = []
        for name, value in element.attrib.items():
            if name == "id":
                if value in self._ids:
                    written["id"] = self._ids[value]
            elif name == _HREF:
                written["href"] = "#" + self._ids[value.removeprefix("#")]
            elif name == "style":
                self._style(value, written, classes)
            elif name == "d":
                written["d"] = _path(value)
            elif name == "transform":
                kept = re.sub(r"rotate\(-?0(?:\.0+)?(?:[ ,][^)]*)?\)", "", _numbers(value)).strip()
                if kept:
                    written["transform"] = kept
            elif name in ("x", "y", "width", "height", "points", "viewBox"):
                written[name] = _numbers(value)
            elif name in ("fill", "stroke"):
                self._paint(name, value, written, classes)
            elif name != "clip-path":
                raise ValueError(f"attribute not handled: {name}")
        if element.tag == f"{_SVG}text" and "f-ink" in classes:
            classes.remove("f-ink")  # what text is by itself
        if classes:
            written["class"] = " ".join(classes)
        return "".join(f' {name}="{escape(value)}"' for name, value in written.items())

    def _style(self, style: str, written: dict[str, str], classes: list[str]) -> None:
        for name, value in _properties(style).items():
            if name in ("fill", "stroke"):
                self._paint(name, value, written, classes)
            elif name == "font-weight":
                if value in ("bold", "600", "700"):
                    classes.append("b")
            elif name in self._KEPT:
                value = _numbers(value.removesuffix("px"))
                if name == "font-size" and float(value) < MIN_TEXT_PX:
                    raise ValueError(f"text of {value} px in a chart: at least {MIN_TEXT_PX}")
                if (name, value) not in self._DEFAULTS:
                    written[name] = value
            elif name not in self._IGNORED:
                raise ValueError(f"style not handled: {name}")

    def _paint(self, name: str, value: str, written: dict[str, str], classes: list[str]) -> None:
        if value == "none":
            written[name] = "none"
        elif value.startswith("url(#"):
            written[name] = f"url(#{self._ids[value[5:-1]]})"
        else:
            classes.append(f"{name[0]}-{_token(value)}")


def _properties(style: str) -> dict[str, str]:
    pairs = (declaration.split(":", 1) for declaration in style.split(";") if ":" in declaration)
    return {name.strip(): value.strip() for name, value in pairs}


def _token(colour: str) -> str:
    if colour.lower() not in _NAME_OF:
        raise ValueError(f"colour {colour} is no token: draw with theme colours only")
    return _NAME_OF[colour.lower()]
