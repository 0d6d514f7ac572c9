"""A small source on disk: files and a profile, read and cleaned as a run does it."""

import tempfile
from pathlib import Path

import pytest

from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine, quoted
from kam_analysis.params import parse
from kam_analysis.sources.lines import read_lines, read_optional
from kam_analysis.sources.profile import Profile

COLUMNS = {"customer_id": "customer", "order_date": "date", "amount": "amount"}


class Source:
    """Files in a folder, and the profile that maps them; `orders` maps customer, date and amount by default."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine = folder, engine
        self.values = {"title": "Small", "orders": {"files": "*.csv", "columns": dict(COLUMNS)}}

    def write(self, name, content, encoding="utf-8"):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return self

    def orders(self, **values):
        self.values["orders"] |= values
        return self

    def map(self, **columns):
        self.values["orders"]["columns"] |= columns
        return self

    def table(self, name, **values):
        self.values[name] = values
        return self

    @property
    def profile(self) -> Profile:
        return Profile.model_validate(self.values)

    def read(self):
        """The table ``lines_read``."""
        with tempfile.TemporaryDirectory() as scratch:
            read_lines(self.engine, self.profile, self.folder, Path(scratch))
        self.engine.materialise("shown", "SELECT * EXCLUDE (row_key, row_check) FROM lines_read")
        return self.engine.frame("shown")

    def optional(self, name):
        """One optional table as the engine holds it."""
        with tempfile.TemporaryDirectory() as scratch:
            read_optional(self.engine, self.profile, self.folder, Path(scratch))
        return self.engine.frame(name)

    def clean(self, **params):
        """The result of a run's first step; its tables are then in the engine."""
        return clean_source(self.engine, self.profile, self.folder, parse(params))

    def frame(self, name):
        return self.engine.frame(name)


@pytest.fixture(scope="session")
def opened():
    with Engine() as engine:
        yield engine


@pytest.fixture
def engine(opened):
    """The engine of all tests of a process, as opening one takes longer than most of them; what it holds goes."""
    yield opened
    held = opened.rows("SELECT table_name, table_type FROM information_schema.tables")
    for name, kind in held:
        opened.rows(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {quoted(name)}")


@pytest.fixture
def source(tmp_path, engine):
    return Source(tmp_path / "small", engine)


@pytest.fixture
def source_of(tmp_path, engine):
    """A source of its own for every number."""

    def made(number):
        return Source(tmp_path / f"source {number}", engine)

    return made
