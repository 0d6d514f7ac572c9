"""The stage of the pages in one process."""

from __future__ import annotations

import sys
import time

from kam_analysis.errors import EXIT_BAD_INPUT, EXIT_DONE, UserError
from kam_analysis.pipeline.execute import printable
from kam_analysis.pipeline.process import settle
from kam_analysis.pipeline.project import Project, find_project
from kam_analysis.pipeline.restore import put_back


def main() -> int:
    """Draw all pages; the exit status is 0, or 2 for a mistake in parameters, profile or catalogues."""
    began = time.monotonic()
    project = Project(find_project())
    settle(project.cache)
    from kam_analysis.site.render import render

    try:
        drawn = render(project)
    except UserError as error:
        print(printable(str(error)), file=sys.stderr)  # noqa: T201
        put_back(project, "site")
        return EXIT_BAD_INPUT
    print(f"site: done {time.monotonic() - began:.1f} s, {drawn} pieces drawn anew", file=sys.stderr)  # noqa: T201
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
