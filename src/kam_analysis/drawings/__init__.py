"""Charts: one function per drawing; a finding refers to it as module.function of this package."""

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

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(finding: Finding, language: Language, width: int) -> Figure:
    """Draw a finding at a width of 540 (wide) or 350 (slim) pixels in the style of the reports.

    Raises
    ------
    UserError
        When this package has no drawing that the finding refers to.
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


def _drawing(reference: str) -> Callable[[Finding, Language, int], Figure]:
    function: Callable[[Finding, Language, int], Figure] | None
    function = getattr(import_module(module_of(reference)), reference.rpartition(".")[2], None)
    if function is None:
        raise _nobody_draws(reference)
    found: Callable[[Finding, Language, int], Figure] = function
    return found


@cache
def module_of(reference: str) -> str:
    """Module of a drawing, which is not imported.

    Raises
    ------
    UserError
        When this package has no such module.

    Examples
    --------
    >>> module_of("key_clients.membership")
    'kam_analysis.drawings.key_clients'
    """
    module = reference.rpartition(".")[0]
    if not files(__name__).joinpath(f"{module}.py").is_file():
        raise _nobody_draws(reference)
    return f"{__name__}.{module}"


def _nobody_draws(reference: str) -> UserError:
    return UserError(Problem(f"no drawing is called {reference!r}", "src/kam_analysis/drawings", cure="write it there"))
