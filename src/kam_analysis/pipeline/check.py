"""What can be checked without a run: parameters, profile, files, and the lines themselves."""

from __future__ import annotations

import json
import os
import tempfile
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from kam_analysis.errors import Collected, Problem, UserError
from kam_analysis.params import Params, Section, load
from kam_analysis.pipeline.project import Project
from kam_analysis.sources.lines import SALT_VARIABLE

if TYPE_CHECKING:
    import pandas as pd


def check_presence(project: Project) -> Params:
    """Check the parameters, and that the source's profile and raw files are there; what takes no time.

    Raises
    ------
    UserError
        With everything that is wrong.
    """
    params = load(project.params_path)
    source = params.source
    found = Collected()
    profile = project.profile_path(source)
    if not profile.is_file():
        found.add("no such source", _shown(project, profile), cure="write the profile, or `kam use` another source")
    if not any(path for path in project.raw(source).glob("*") if not path.name.startswith(".")):
        cure = f"put the export there; known sets come with `kam get {source}`"
        found.add("no files", _shown(project, project.raw(source)), cure=cure)
    if params.report.pseudonyms and not os.environ.get(SALT_VARIABLE):
        found.add("pseudonyms need a salt", "params.yaml, report.pseudonyms", cure=f"set {SALT_VARIABLE}")
    for key in _keys_without_a_line(project):
        value = reduce(getattr, key.split("."), Params())
        shown = json.dumps(value.model_dump(mode="json") if isinstance(value, Section) else value, default=str)
        found.add("no such line, and a stage hangs on it", f"params.yaml, {key}", cure=f"write it; by default {shown}")
    found.raise_any()
    return params


def _keys_without_a_line(project: Project) -> list[str]:
    """Parameters that ``dvc.yaml`` names and ``params.yaml`` does not: DVC stops at them in the middle of a run."""
    stages = yaml.safe_load((project.root / "dvc.yaml").read_text(encoding="utf-8"))["stages"].values()
    values = yaml.safe_load(project.params_path.read_text(encoding="utf-8"))
    missing = []
    for key in dict.fromkeys(key for stage in stages for key in stage.get("params", ())):
        try:
            reduce(getitem, key.split("."), values)
        except (KeyError, TypeError):
            missing.append(key)
    return missing


def check_writable(project: Project) -> None:
    """Check that a run may write its log, tables and pages.

    Raises
    ------
    UserError
        With every folder that it may not write to.
    """
    found = Collected()
    results = (project.interim(""), project.processed(""), project.metrics(""), project.csv(""), project.index)
    for folder in dict.fromkeys([project.root, *(path.parent for path in results)]):
        if folder.exists() and not os.access(folder, os.W_OK):
            shown = "the project's folder" if folder == project.root else _shown(project, folder)
            found.add("no permission to write", shown, cure="give it to the user who runs the reports")
    found.raise_any()


def _shown(project: Project, path: Path) -> str:
    return path.relative_to(project.root).as_posix()


def check_data(project: Project) -> dict[str, int]:
    """Read all files of the source as a run would, and count the lines per reason of rejection; "" is kept.

    Raises
    ------
    UserError
        With everything that is wrong in parameters, profile or files.
    """
    from kam_analysis.cleaning.lines import classify_lines
    from kam_analysis.engine import Engine
    from kam_analysis.sources.lines import read_lines, read_optional
    from kam_analysis.sources.profile import load_profile

    params = check_presence(project)
    profile = load_profile(project.profile_path(params.source))
    with Engine(params.engine) as engine, tempfile.TemporaryDirectory() as scratch:
        folder = project.raw(params.source)
        read_lines(engine, profile, folder, Path(scratch))
        read_optional(engine, profile, folder, Path(scratch))
        classify_lines(engine, params.cleaning, params.as_of)
        counts = engine.rows("SELECT coalesce(reason, ''), count(*) FROM lines_classified GROUP BY ALL ORDER BY ALL")
    return {str(reason): int(rows) for reason, rows in counts}


def customers_of(project: Project, newer: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the customers table of the source, and a newer export of it in the same columns.

    Raises
    ------
    UserError
        When the source has no customers table, or a file is missing or cannot be read.
    """
    from kam_analysis.engine import Engine
    from kam_analysis.sources.lines import read_optional
    from kam_analysis.sources.profile import load_profile
    from kam_analysis.tables import CUSTOMERS

    params = check_presence(project)
    profile = load_profile(project.profile_path(params.source))
    if not newer.is_file():
        raise UserError(Problem("no such file", str(newer), cure="name a newer export of the customers table"))
    if profile.customers is None:
        raise UserError(Problem("the source has no customers table", f"sources/{params.source}.yaml"))
    alone = profile.model_copy(update=dict.fromkeys(set(profile.optional()) - {CUSTOMERS.name}))
    newer_profile = alone.model_copy(
        update={"customers": profile.customers.model_copy(update={"files": (newer.name,)})}
    )
    frames = []
    with tempfile.TemporaryDirectory() as scratch:
        for one, folder in ((alone, project.raw(params.source)), (newer_profile, newer.resolve().parent)):
            with Engine(params.engine) as engine:
                read_optional(engine, one, folder, Path(scratch), os.environ)
                frames.append(engine.frame(CUSTOMERS.name, CUSTOMERS))
    return frames[0], frames[1]
