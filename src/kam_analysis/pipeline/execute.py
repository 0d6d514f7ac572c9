"""One stage in one process: run the room's notebook and keep it; its page is drawn by the last stage.

``python -m kam_analysis.pipeline.execute ROOM``
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from kam_analysis.errors import EXIT_BAD_INPUT, EXIT_DONE, EXIT_FAILED, UserError
from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.own import record
from kam_analysis.pipeline.process import die_with_parent, settle
from kam_analysis.pipeline.project import Project, find_project
from kam_analysis.pipeline.restore import put_back

RUN_PID = "KAM_RUN_PID"


def main(room: str) -> int:
    """Run the stage of one room; the exit status is 0, 1 (a cell failed) or 2 (bad input or parameters)."""
    try:
        project = Project(find_project())
    except UserError as error:
        _tell(printable(str(error)))
        return EXIT_BAD_INPUT
    settle(project.cache)
    die_with_parent(*map(int, filter(None, [os.environ.get(RUN_PID)])))
    try:
        status = run_stage(project, room)
    except UserError as error:
        _tell(printable(str(error)))
        status = EXIT_BAD_INPUT
    if status != EXIT_DONE:
        put_back(project, room)
    return status


def run_stage(project: Project, room: str) -> int:
    """Run the notebook of a room and keep it.

    Raises
    ------
    UserError
        When the room, a parameter or the input is wrong.
    """
    from kam_analysis.pipeline.kernel import start

    began, keys = time.monotonic(), record(project, room).params
    kernel = start(project.notebook(room).parent)
    _leave_out_slow_imports()
    from kam_analysis.params import declared, load
    from kam_analysis.pipeline.cells import CellFailed, run_cells

    params = load(project.params_path)
    try:
        executed = run_cells(
            project.notebook(room),
            project.half_run(room),
            declared(params, keys, room).model_dump(mode="json"),
            kernel,
            lambda line: _tell(f"{room}: {line}"),
        )
    except CellFailed as failure:
        return _report_failure(project, room, failure.cell, failure.kind, failure.message)
    import nbformat

    replace_text(project.executed(room), nbformat.writes(executed) + "\n")
    _tell(f"{room}: done {time.monotonic() - began:.1f} s")
    return EXIT_DONE


def _report_failure(project: Project, room: str, cell: str, kind: str, message: str) -> int:
    half_run = project.half_run(room).relative_to(project.root)
    if kind == UserError.__name__:
        _tell(printable(message))
        return EXIT_BAD_INPUT
    _tell(f"{room}: failed in cell {cell}\n{kind}: {printable(message)}\nThe half-run notebook is {half_run}")
    return EXIT_FAILED


def _leave_out_slow_imports() -> None:
    # rfc3987_syntax (1.4 s) and isoduration only serve format checks that notebooks do not use, pyarrow's file systems
    # (0.3 s) notebooks on Hadoop; black would lay out the injected cell otherwise where it happens to be installed.
    for module in ("rfc3987_syntax", "isoduration", "pyarrow.fs", "black"):
        sys.modules[module] = None  # type: ignore[assignment]


def printable(text: str) -> str:
    r"""Text without the signs that steer a terminal; blanks that do not break become plain ones.

    Examples
    --------
    >>> printable("a\x1b[31mb"), printable("+3.8\xa0points")
    ('a[31mb', '+3.8 points')
    """
    plain = text.replace("\xa0", " ").replace("\u202f", " ")
    return "".join(sign for sign in plain if sign.isprintable() or sign in "\n\t")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run the stage of one room.")
    parser.add_argument("room")
    sys.exit(main(parser.parse_args().room))
