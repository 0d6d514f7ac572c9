"""DVC as a child of a run: the same command as ``dvc``, that ends with the process that started it."""

from __future__ import annotations

import sys

from kam_analysis.pipeline.process import die_with_parent

if __name__ == "__main__":
    die_with_parent()
    from dvc.cli import main

    sys.exit(main(sys.argv[1:]))
