"""Change the source: the one line of ``params.yaml`` that names it."""

from __future__ import annotations

import re

from kam_analysis.errors import Problem, UserError
from kam_analysis.params import load, parse
from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.project import Project
from kam_analysis.sources.profile import load_profile

SOURCE_LINE = re.compile(r"^(source:[ \t]*)([^\s#]+)([ \t]*)(#.*)?$", re.MULTILINE)


def use(project: Project, source: str) -> bool:
    """Make `source` the current one; tell whether the file had to change. Comments and all other lines stay.

    Raises
    ------
    UserError
        When there is no valid profile of that name, or ``params.yaml`` has no line for it.
    """
    parse({"source": source}, "source")
    load_profile(project.profile_path(source))
    load(project.params_path)
    text = project.params_path.read_text(encoding="utf-8")
    if not (line := SOURCE_LINE.search(text)):
        raise UserError(Problem("no line source: NAME", project.params_path.name, cure=f"add source: {source}"))
    head, old, gap, comment = line.group(1), line.group(2), line.group(3), line.group(4) or ""
    gap = " " * max(1, len(old) + len(gap) - len(source)) if comment else ""
    changed = f"{text[: line.start()]}{head}{source}{gap}{comment}{text[line.end() :]}"
    if changed != text:
        replace_text(project.params_path, changed)
    return old != source
