"""How many examples properties are tried on, and a small source on disk, read and cleaned as a run does it."""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine, quoted
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.key_list import KeyList, key_list
from kam_analysis.params import KeyClients, parse
from kam_analysis.sources.lines import read_lines, read_optional
from kam_analysis.sources.profile import Profile
from kam_analysis.tables import (
    ACCOUNT_SCORES,
    ASSESSMENT,
    CUSTOMER_FACTS,
    KEY_MEMBERS,
    KEY_REASONS,
    KEYS,
    NOMINATIONS,
    SURVEY,
)

# `make test` tries the same examples every time, `make explore` many others; neither judges how long one takes.
ANY_SPEED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
settings.register_profile("fixed", derandomize=True, database=None, max_examples=100, **ANY_SPEED)
settings.register_profile("explore", max_examples=1000, print_blob=True, **ANY_SPEED)
settings.load_profile("fixed")

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


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., pd.DataFrame]:
    """Frame of customer_facts from net sales of the last 12 months per customer, and what else matters per customer."""

    def make(net_sales_12m: dict[str, float], **columns: dict[str, object]) -> pd.DataFrame:
        zeros = dict.fromkeys(("orders", "order_days", "products", "orders_12m"), 0) | {"lines": 1}
        money = dict.fromkeys([name for name in CUSTOMER_FACTS.names if "sales" in name or "base" in name], 0.0)
        rows = [
            dict.fromkeys(CUSTOMER_FACTS.names)
            | zeros
            | money
            | {"customer_id": one, "customer_name": f"Client {one}", "parent_id": one}
            | {"net_sales": sales, "net_sales_12m": sales}
            | {column: values[one] for column, values in columns.items() if one in values}
            for one, sales in net_sales_12m.items()
        ]
        return CUSTOMER_FACTS.conform(pd.DataFrame(rows, columns=CUSTOMER_FACTS.names))

    return make


@pytest.fixture(scope="session")
def make_assessment() -> Callable[..., pd.DataFrame]:
    def make(**rated: dict[str, object]) -> pd.DataFrame:
        rows = [dict.fromkeys(ASSESSMENT.names) | {"customer_id": one} | values for one, values in rated.items()]
        return ASSESSMENT.conform(pd.DataFrame(rows, columns=ASSESSMENT.names))

    return make


@pytest.fixture(scope="session")
def make_survey() -> Callable[..., pd.DataFrame]:
    def make(*answers: tuple[str, str, str, float]) -> pd.DataFrame:
        frame = pd.DataFrame(answers, columns=["customer_id", "date", "question", "score"])
        return SURVEY.conform(frame.reindex(columns=SURVEY.names))

    return make


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))


UNIT_COLUMNS = ["unit_column", "unit", "customer_id", "net_sales"]


@pytest.fixture(scope="session")
def sold_in() -> Callable[..., pd.DataFrame]:
    """Frame of unit_customers from rows of unit column, unit, customer and net sales."""

    def make(rows: Iterable[tuple[str, str, str, float]] = ()) -> pd.DataFrame:
        sold = pd.DataFrame(list(rows), columns=UNIT_COLUMNS).astype(dict.fromkeys(UNIT_COLUMNS[:3], "str"))
        return sold.astype({"net_sales": "float64"}).assign(last_line_on=pd.Timestamp("2025-06-01"))

    return make


@pytest.fixture(scope="session")
def listed(make_facts, sold_in, calendar) -> Callable[..., KeyList]:
    """The key list of a small company, every table of it checked; units as rows of `sold_in`."""

    def make(sales, units=(), assessment=None, survey=None, rules=None, on=calendar, **columns) -> KeyList:
        rated = ASSESSMENT.empty() if assessment is None else assessment
        answers = SURVEY.empty() if survey is None else survey
        facts = sales if isinstance(sales, pd.DataFrame) else make_facts(sales, **columns)
        now = key_list(facts, sold_in(units), rated, answers, on, rules or KeyClients(weight_draws=20))
        for table, frame in (
            (KEYS, now.keys),
            (KEY_REASONS, now.reasons),
            (KEY_MEMBERS, now.members),
            (NOMINATIONS, now.nominations),
            (ACCOUNT_SCORES, now.scores),
        ):
            table.check(frame)
        assert not set(now.keys.account_id) & set(now.nominations.account_id)
        assert set(now.members.account_id) == set(now.keys.account_id)
        return now

    return make


@pytest.fixture(scope="session")
def chosen(listed, make_assessment) -> Callable[..., KeyList]:
    """A key list that holds exactly the accounts of the customers given: each is flagged and confirmed."""

    def make(sales, keys=(), units=(), **columns) -> KeyList:
        rated = make_assessment(**{one: {"well_known": "yes", "confirmed": "yes"} for one in keys})
        return listed(sales, units, rated, rules=KeyClients(admit=("flag",), weight_draws=20), **columns)

    return make
