"""Where everything of a project lies; the only module that builds its paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kam_analysis.errors import Problem, UserError
from kam_analysis.rooms import ROOMS

INTERIM_TABLES = ("order_lines", "rejected_lines")
FIRST_OWN = 10  # number of the first page of one's own
MANAGERS, ACCOUNTS = "managers", "accounts"  # folders of the pages of managers and accounts, in that of each language


@dataclass(frozen=True)
class Project:
    """Paths of one project, all below `root`.

    Examples
    --------
    >>> Project(Path("kam")).page("segments").as_posix()
    'kam/reports/03_segments.html'
    """

    root: Path

    @property
    def params_path(self) -> Path:
        """``params.yaml``."""
        return self.root / "params.yaml"

    @property
    def lock_path(self) -> Path:
        """The lock of a run."""
        return self.root / ".kam.lock"

    @property
    def log_path(self) -> Path:
        """What all runs said."""
        return self.root / "logs" / "kam.log"

    @property
    def cache(self) -> Path:
        """Files that any process may rebuild: fonts of matplotlib, profile of IPython."""
        return self.root / ".cache"

    def tried(self, name: str) -> Project:
        """Copy of the project in which other parameters were tried.

        Examples
        --------
        >>> Project(Path()).tried("cautious").root.as_posix()
        '.cache/tries/cautious'
        """
        return Project(self.cache / "tries" / name)

    @property
    def headline(self) -> Path:
        """The few figures that say in short what the results are."""
        return self.reports / "headline.json"

    @property
    def pictures(self) -> Path:
        """What was drawn, kept by what it was drawn from."""
        return self.cache / "pictures"

    @property
    def reports(self) -> Path:
        """The working set of pages, metrics and tables."""
        return self.root / "reports"

    @property
    def index(self) -> Path:
        """The page that ties the others together."""
        return self.reports / "index.html"

    def profile_path(self, source: str) -> Path:
        """Profile of a source."""
        return self.root / "sources" / f"{source}.yaml"

    def raw(self, source: str) -> Path:
        """Folder with the raw files of a source."""
        return self.root / "data" / "raw" / source

    def history(self, source: str) -> Path:
        """Folder with what was published of a source, set by set."""
        return self.root / "data" / "history" / source

    def truth(self, source: str) -> Path:
        """What was planted in an invented source; no analysis reads it."""
        return self.root / "data" / "truth" / f"{source}.json"

    def interim(self, table: str) -> Path:
        """Line-level table between two stages."""
        return self.root / "data" / "interim" / f"{table}.parquet"

    def processed(self, table: str) -> Path:
        """Table that later stages read."""
        return self.root / "data" / "processed" / f"{table}.parquet"

    def table(self, table: str) -> Path:
        """Parquet file of any table that crosses a stage.

        Examples
        --------
        >>> Project(Path()).table("order_lines").as_posix(), Project(Path()).table("customer_facts").as_posix()
        ('data/interim/order_lines.parquet', 'data/processed/customer_facts.parquet')
        """
        return self.interim(table) if table in INTERIM_TABLES else self.processed(table)

    @property
    def window(self) -> Path:
        """First order and first day not analysed, for every room after the first."""
        return self.root / "data" / "processed" / "window.json"

    def findings(self, room: str) -> Path:
        """Folder with what a room found, as data."""
        return self.root / "data" / "processed" / f"findings_{room}"

    def metrics(self, room: str) -> Path:
        """Numbers of a room."""
        return self.reports / "metrics" / f"{room}.json"

    def csv(self, table: str) -> Path:
        """Published table for spreadsheets."""
        return self.reports / "tables" / f"{table}.csv"

    def notebook(self, room: str) -> Path:
        """Notebook of a room, or of a page of one's own."""
        return (self.root / "notebooks" if room in ROOMS else self.own_folder) / f"{self._file(room)}.ipynb"

    @property
    def own_folder(self) -> Path:
        """Folder with the notebooks of pages of one's own."""
        return self.root / "project" / "notebooks"

    def own_notebooks(self) -> list[Path]:
        """Notebooks of pages of one's own, by their numbers."""
        return sorted(self.own_folder.glob("[0-9][0-9]_*.ipynb"))

    def _file(self, room: str) -> str:
        if room in ROOMS:
            return ROOMS[room].file
        return next((path.stem for path in self.own_notebooks() if path.stem.partition("_")[2] == room), room)

    def executed(self, room: str) -> Path:
        """Notebook of a room with its outputs."""
        return self.root / "data" / "interim" / "notebooks" / f"{self._file(room)}.ipynb"

    def scratch(self, room: str) -> Project:
        """Where a notebook run by hand writes what the pipeline would write into the project.

        Examples
        --------
        >>> Project(Path()).scratch("key_clients").metrics("key_clients").as_posix()
        'scratch/02_key_clients/reports/metrics/key_clients.json'
        """
        return Project(self.root / "scratch" / self._file(room))

    def half_run(self, room: str) -> Path:
        """Notebook of a room up to the cell that failed."""
        return self.root / "logs" / f"{self._file(room)}.failed.ipynb"

    def page(self, room: str) -> Path:
        """Page of a room in the first language of the reports."""
        return self.reports / f"{self._file(room)}.html"

    def pages(self, language: str, languages: Sequence[str]) -> Path:
        """Folder with the pages of a language: the first of the reports' languages stands in ``reports`` itself.

        Examples
        --------
        >>> [Project(Path()).pages(code, ("ru", "en")).as_posix() for code in ("ru", "en")]
        ['reports', 'reports/en']
        """
        return self.reports if language == languages[0] else self.reports / language


def find_project(start: Path | None = None) -> Path:
    """Root of the project: the nearest folder, from `start` (the current one) upwards, that holds ``dvc.yaml``.

    Raises
    ------
    UserError
        When there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "dvc.yaml").is_file():
            return folder
    raise UserError(Problem("no dvc.yaml here or above", str(here), cure="run inside the project's folder"))
