"""What can be checked without a run: parameters, profile, files, and the lines themselves."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kam_analysis.errors import Collected
from kam_analysis.params import Params, load
from kam_analysis.pipeline.project import Project
from kam_analysis.sources.profile import load_profile


def check_inputs(project: Project) -> Params:
    """Check parameters, profile and whether the raw files are there, without reading them.

    Raises
    ------
    UserError
        With everything that is wrong.
    """
    params = load(project.params_path)
    profile = load_profile(project.profile_path(params.source))
    folder = project.raw(params.source)
    found = Collected()
    for name, table in {"orders": profile.orders, **profile.optional()}.items():
        for pattern in table.files:
            if not any(folder.glob(pattern)):
                where = (folder / pattern).relative_to(project.root)
                found.add(
                    "no such file",
                    str(where),
                    cure=f"put the export there, or correct {name}.files in sources/{params.source}.yaml; "
                    f"known sets come with `kam get {params.source}`",
                )
    found.raise_any()
    return params


def check_data(project: Project) -> dict[str, int]:
    """Read all files of the source as a run would, and count the lines per reason of rejection; "" is kept.

    Raises
    ------
    UserError
        With everything that is wrong in parameters, profile or files.
    """
    from kam_analysis.cleaning.lines import judge_lines
    from kam_analysis.engine import Engine
    from kam_analysis.sources.lines import read_lines, read_optional

    params = check_inputs(project)
    profile = load_profile(project.profile_path(params.source))
    with Engine() as engine, tempfile.TemporaryDirectory() as scratch:
        folder = project.raw(params.source)
        read_lines(engine, profile, folder, Path(scratch))
        read_optional(engine, profile, folder, Path(scratch))
        judge_lines(engine, params.cleaning, params.as_of)
        counts = engine.rows("SELECT coalesce(reason, ''), count(*) FROM lines_judged GROUP BY ALL ORDER BY ALL")
    return {str(reason): int(rows) for reason, rows in counts}
