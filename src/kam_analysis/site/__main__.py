"""The stage of the index in one process."""

from __future__ import annotations

import sys

from kam_analysis.errors import EXIT_BAD_INPUT, EXIT_DONE, UserError
from kam_analysis.pipeline.execute import printable
from kam_analysis.pipeline.process import settle
from kam_analysis.pipeline.project import Project, find_project
from kam_analysis.site.write import write_index


def main() -> int:
    """Write the index; the exit status is 0, or 2 for a mistake in parameters or profile."""
    try:
        project = Project(find_project())
        settle(project.cache)
        write_index(project)
    except UserError as error:
        print(printable(str(error)), file=sys.stderr)  # noqa: T201
        return EXIT_BAD_INPUT
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
