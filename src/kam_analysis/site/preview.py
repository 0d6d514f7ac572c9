"""What somebody who works by hand sees in JupyterLab: the same fragments as on the page, in the first language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kam_analysis.chapter import Chapter
from kam_analysis.errors import UserError
from kam_analysis.findings import Finding
from kam_analysis.params import Params, load
from kam_analysis.pipeline.project import Project, find_project
from kam_analysis.report.document import style as style_sheet
from kam_analysis.report.language import Language
from kam_analysis.rooms import ROOMS
from kam_analysis.site.parts import Drawer
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import published


def part(chapter: Chapter, part: Mapping[str, Any], params: Params) -> str:
    """HTML of a part of a page, drawn from the stage as it stands."""
    return _drawer(params, chapter.source["currency"]).part(chapter, part)


def finding(finding: Finding) -> str:
    """HTML of one finding, whatever room it is of, in the language of the project, in English where there is none."""
    tables = {name: table for room in ROOMS for name, table in published(room).items()}
    try:
        project = Project(find_project())
        params = load(project.params_path)
        currency = load_profile(project.profile_path(params.source)).currency
    except UserError:
        params, currency = Params(), None
    chapter = Chapter("", findings={finding.name: finding}, outlines={finding.name: finding}, tables=tables)
    return style() + _drawer(params, currency).row(chapter, [finding.name])


def style() -> str:
    """Style sheet of the reports for the cells of a notebook."""
    return f"<style>{style_sheet()}</style>"


def _drawer(params: Params, currency: str | None) -> Drawer:
    return Drawer(Language(params.report.languages[0], currency), params.report.max_rows)
