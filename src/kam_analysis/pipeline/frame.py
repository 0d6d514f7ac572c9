"""What surrounds every page of a project: language, name of the source, links to all pages and languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kam_analysis.findings import say
from kam_analysis.pipeline.own import own_rooms
from kam_analysis.pipeline.project import Project
from kam_analysis.report.document import Frame, Link
from kam_analysis.report.language import Language
from kam_analysis.rooms import ROOMS

if TYPE_CHECKING:
    from kam_analysis.chapter import Chapter
    from kam_analysis.params import Params

SUMMARY = say("Summary")
LANGUAGE_NAMES = {"en": "English", "ru": "Русский", "mk": "Македонски"}


def page_frame(
    project: Project, params: Params, language: Language, first: Chapter, here: str, folder: str = ""
) -> Frame:
    """Frame of the page `here` in one language; the chapter of the first room names the source.

    A page in a `folder` of its own ("managers/") leads one folder up to the pages of the rooms.
    """
    home = "../" if folder else ""
    pages = ROOMS | own_rooms(project)
    links = [Link(home + project.index.name, language.text(SUMMARY))]
    links += [Link(home + project.page(word).name, language.text(room.title)) for word, room in pages.items()]
    every = params.report.languages
    up = home + ("" if language.code == every[0] else "../")
    switch = [
        Link(f"{up}{'' if code == every[0] else f'{code}/'}{folder}{here}", LANGUAGE_NAMES[code], code)
        for code in every
    ]
    return Frame(language, str(first.source["title"]), links, here, switch if len(every) > 1 else ())
