"""Colours that can be read, and SVG that follows the page."""

from __future__ import annotations

import re
import subprocess
import sys

import matplotlib
import pytest

from kam_analysis.drawings import base
from kam_analysis.report.theme import TOKENS, chart_style, contrast, css_chart_classes, css_tokens, themed_svg

TEXT_ON = {  # WCAG AA: text at least 4.5
    "ink": ["paper", "panel", "b0", "b1", "b2", "b3", "b4", "b5"],
    "mute": ["paper", "panel", "b0", "b1", "b2", "b3"],
    "main": ["paper", "panel"],
    "hot": ["paper", "panel"],
    "calm": ["paper", "panel"],
    "on": ["main"],
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_reaches_aa_in_both_themes(theme: str) -> None:
    low = {
        (text, ground): round(contrast(getattr(TOKENS[text], theme), getattr(TOKENS[ground], theme)), 2)
        for text, grounds in TEXT_ON.items()
        for ground in grounds
    }
    assert {pair: value for pair, value in low.items() if value < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_that_carry_meaning_reach_three(theme: str) -> None:
    for mark in ("main", "hot", "calm", "ctx"):
        for ground in ("paper", "panel"):
            assert contrast(getattr(TOKENS[mark], theme), getattr(TOKENS[ground], theme)) >= 3


def test_contrast_as_wcag_defines_it() -> None:
    # #777777: (119/255 + 0.055)/1.055 = 0.4945; ^2.4 = 0.1845; (1.05)/(0.1845 + 0.05) = 4.48
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def test_every_token_has_a_light_colour_of_its_own() -> None:
    assert len({token.light for token in TOKENS.values()}) == len(TOKENS)


def test_dark_is_for_screens_only_and_every_token_has_both_themes_and_classes() -> None:
    css = css_tokens()
    before, *screens = css.split("@media screen")
    assert len(screens) == 2
    for name, token in TOKENS.items():
        assert f"--{name}:{token.light};" in before and token.dark not in before
        assert all(f"--{name}:{token.dark};" in screen for screen in screens)
        assert f".f-{name}{{fill:var(--{name})}}" in css_chart_classes()


def drawn(**bar: object) -> matplotlib.figure.Figure:
    with chart_style():
        figure, axes = base.figure(540, 100, left=40, right=10, top=10, bottom=20)
        axes.bar([0, 1], [1, 2], **bar)
        base.label(axes, "Gini 0.70 <b> $x$ a_b", (0, 1))
    return figure


def test_a_colour_that_is_no_token_raises() -> None:
    with pytest.raises(ValueError, match="no token"):
        themed_svg(drawn(color="#ff0000"), "x", "Title", "", "wide")


def test_small_text_raises() -> None:
    with chart_style():
        figure, axes = base.figure(540, 100)
        base.label(axes, "small", (0, 0), size=10)
    with pytest.raises(ValueError, match="at least 11"):
        themed_svg(figure, "x", "Title", "", "wide")


def test_colours_are_classes_and_text_stays_text() -> None:
    svg = themed_svg(drawn(**base.hatched("hot")), "x", 'A "title" <i>', "d & e", "wide")
    assert "style=" not in svg and "clip" not in svg and "metadata" not in svg
    assert not re.search(r'="[^"]*#[0-9a-f]{6}', svg)
    assert "s-hot" in svg and "<pattern" in svg and 'width="6"' in svg
    assert "Gini 0.70 &lt;b&gt; $x$ a_b</text>" in svg  # no rounding, no markup, no formulas
    assert '<title id="x-t">A &quot;title&quot; &lt;i&gt;</title><desc id="x-d">d &amp; e</desc>' in svg
    assert 'role="img" aria-labelledby="x-t x-d"' in svg


def test_every_reference_inside_a_drawing_resolves_and_begins_with_its_key() -> None:
    svg = themed_svg(drawn(**base.hatched()), "key-list", "t", "d", "slim")
    ids = re.findall(r' id="([^"]+)"', svg)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg)) <= set(ids)
    assert len(ids) == len(set(ids)) and all(name.startswith("key-list-s") for name in ids)


def test_coordinates_have_one_decimal() -> None:
    attributes = re.sub(r">[^<]*<", "><", themed_svg(drawn(**base.solid()), "x", "t", "d", "wide"))
    assert not re.search(r"\d\.\d\d", attributes)


def test_two_drawings_give_the_same_bytes() -> None:
    assert themed_svg(drawn(**base.hatched()), "x", "t", "d", "wide") == themed_svg(
        drawn(**base.hatched()), "x", "t", "d", "wide"
    )


def test_a_persons_settings_neither_matter_nor_change() -> None:
    plain = themed_svg(drawn(**base.solid()), "x", "t", "d", "wide")
    with matplotlib.rc_context({"font.size": 30, "text.color": "#ff00ff", "svg.fonttype": "path"}):
        before = dict(matplotlib.rcParams)
        assert themed_svg(drawn(**base.solid()), "x", "t", "d", "wide") == plain
        assert dict(matplotlib.rcParams) == before


def test_importing_the_report_loads_no_drawing_library() -> None:
    code = (
        "import sys, kam_analysis.report.page, kam_analysis.report.theme, kam_analysis.site.board;"
        "print([m for m in ('matplotlib', 'seaborn', 'nbconvert', 'scipy', 'sklearn') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
