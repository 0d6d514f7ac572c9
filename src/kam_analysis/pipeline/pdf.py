"""Pages as PDF, printed by a headless browser: the board page and the pages of accounts and managers."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kam_analysis.errors import Problem, UserError
from kam_analysis.pipeline.files import replace_file
from kam_analysis.pipeline.project import Project

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
SILENT = ("--disable-background-networking", "--disable-component-update", "--disable-extensions")
PRINTED = ("index.html", "accounts/*.html", "managers/*.html")
SECONDS = 120


def write_pdfs(project: Project, folder: Path) -> Iterator[Path]:
    """Print the board page, and the pages of accounts and managers where there are any, into a folder.

    Parameters
    ----------
    project : Project
        Its reports are those of the last complete run.
    folder : Path
        Made where it is missing; a PDF of before is replaced when the new one is complete.

    Yields
    ------
    Path
        Each file written, in the order of the pages.

    Raises
    ------
    UserError
        Without reports, without a browser, or when the browser prints nothing.
    """
    pages = [page for pattern in PRINTED for page in sorted(project.reports.rglob(pattern))]
    if not pages:
        raise UserError(Problem("there are no reports yet", "reports/index.html", cure="kam run"))
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        cure = "install Chromium (Debian: apt install chromium), or print the page from any browser"
        raise UserError(Problem("no browser that prints without a screen", cure=cure))
    for page in pages:
        target = folder / page.relative_to(project.reports).with_suffix(".pdf")
        replace_file(target, _printed(browser, page))
        yield target


def _printed(browser: str, page: Path) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "page.pdf"
        order = [browser, *QUIET, *SILENT, f"--user-data-dir={scratch}/profile", "--no-pdf-header-footer"]
        try:
            subprocess.run(
                [*order, f"--print-to-pdf={made}", page.resolve().as_uri()],
                timeout=SECONDS,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            content = made.read_bytes()
        except (subprocess.TimeoutExpired, OSError):
            content = b""
    if not content.startswith(b"%PDF-"):
        raise UserError(Problem("the browser printed nothing", page.name, cure=f"try `{Path(browser).name}` by hand"))
    return content
