"""What surrounds every page of a project: language, name of the source, links to all pages."""

from __future__ import annotations

from pathlib import Path

from kam_analysis.findings import say
from kam_analysis.params import Params
from kam_analysis.pipeline.project import ROOMS, Project
from kam_analysis.report.document import Frame, Link
from kam_analysis.report.language import Language
from kam_analysis.sources.profile import load_profile

SUMMARY = say("Summary")
PAGES = {
    "cleaning": say("Data"),
    "key_clients": say("Key clients"),
    "segments": say("Segments"),
    "value": say("Value"),
    "retention": say("Retention"),
    "actions": say("Calls"),
}


def page_frame(project: Project, params: Params, here: Path) -> Frame:
    """Frame of the page `here`.

    Raises
    ------
    UserError
        When the profile of the source is missing or wrong.
    """
    profile = load_profile(project.profile_path(params.source))
    language = Language(params.report.language, profile.currency)
    links = [Link(project.index.name, language.text(SUMMARY))]
    links += [Link(project.page(room).name, language.text(PAGES[room])) for room in ROOMS]
    return Frame(language, profile.title, links, here.name)
