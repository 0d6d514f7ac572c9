"""Raw data of a source that can be fetched: out of its database, or a known set."""

from __future__ import annotations

import os
from pathlib import Path

from kam_analysis.pipeline.project import Project
from kam_analysis.sources.get import get
from kam_analysis.sources.profile import load_profile


def fetch(project: Project, name: str) -> list[Path]:
    """Put the raw files of a source into ``data/raw/NAME``.

    A source whose profile names a database is read from it; any other name is one of the known sets.

    Raises
    ------
    UserError
        When the data cannot be had; it says where they can.
    """
    path = project.profile_path(name)
    database = load_profile(path).database if path.is_file() else None
    if database is None:
        return get(name, project.raw(name), project.root.parent / "shared" / "data")
    from kam_analysis.sources.database import snapshot

    return snapshot(database, project.raw(name), os.environ)
