"""What surrounds every page of a project: language, name of the source, links to all pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kam_analysis.findings import say
from kam_analysis.pipeline.project import ROOMS, Project
from kam_analysis.report.document import Frame, Link
from kam_analysis.report.language import Language

if TYPE_CHECKING:
    from kam_analysis.params import Params

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
    """Frame of the page `here`, named as the findings of the first room name the source."""
    source = json.loads(project.findings("cleaning").read_text(encoding="utf-8"))["source"]
    language = Language(params.report.language, source["currency"])
    links = [Link(project.index.name, language.text(SUMMARY))]
    links += [Link(project.page(room).name, language.text(PAGES[room])) for room in ROOMS]
    return Frame(language, source["title"], links, here.name)
