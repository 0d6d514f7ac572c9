"""Charts: one function per drawing, named by the finding it draws; found by name over the rooms' modules."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

from kam_analysis.errors import Problem, UserError
from kam_analysis.findings import Finding
from kam_analysis.report.language import Language
from kam_analysis.report.theme import VARIANTS, chart_style, themed_svg
from kam_analysis.rooms import ROOMS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(finding: Finding, language: Language, width: int) -> Figure:
    """Draw a finding at a width of 540 (wide) or 350 (slim) pixels in the style of the reports.

    Raises
    ------
    UserError
        When no module of this package has a function with the name of the finding's drawing.
    """
    function = _drawing(finding.drawing or "")
    with chart_style():
        return function(finding, language, width)


def svgs(finding: Finding, language: Language) -> dict[str, str]:
    """Give both inline SVGs of a finding, ``wide`` and ``slim``."""
    key = finding.name.replace("_", "-")
    title = language.sentence(finding.sentence)
    drawn = {variant: draw(finding, language, width) for variant, width in VARIANTS.items()}
    return {
        variant: themed_svg(figure, key, title, _description(finding, language, figure), variant)
        for variant, figure in drawn.items()
    }


def _description(finding: Finding, language: Language, figure: Figure) -> str:
    return " ".join(part for part in (language.text(finding.sub), str(figure.get_label())) if part)


def _drawing(name: str) -> Callable[[Finding, Language, int], Figure]:
    function: Callable[[Finding, Language, int], Figure] = getattr(import_module(module_of(name)), name)
    return function


@cache
def module_of(name: str) -> str:
    """Module that defines a drawing, read from the modules' texts, so that a page does not import the others.

    Raises
    ------
    UserError
        When no module of this package has a function of that name.
    """
    for room in ROOMS:
        source = files(__name__).joinpath(f"{room}.py")
        if source.is_file() and f"\ndef {name}(finding:" in source.read_text(encoding="utf-8"):
            return f"{__name__}.{room}"
    raise UserError(Problem(f"no drawing is called {name!r}", "src/kam_analysis/drawings", cure="write it there"))
