"""Small companies as the frames that the key-client room reads, and two whole sources."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine
from kam_analysis.facts.account_chances import key_list_with_chances
from kam_analysis.facts.accounts import unit_customers
from kam_analysis.facts.classes import abc_classes
from kam_analysis.facts.key_list import KeyList, key_list
from kam_analysis.params import Abc, Params
from kam_analysis.report.language import Language
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import CUSTOMER_CHANCES, CUSTOMER_MONTHS, PURCHASE_TERMS, SHARED

ROOT = Path(__file__).parents[2]
ONLINE_RETAIL = ROOT.parent / "shared/data/online_retail"
READ = ("customer_facts", "customer_facts_before", "customer_months", "assessment", "survey", "purchase_terms")


@pytest.fixture(scope="session")
def classes_of() -> Callable[[pd.DataFrame], pd.Series]:
    """Classes A, B, C and N of customers with no other sales than those of their facts."""
    return lambda facts: abc_classes(facts, Abc())


@pytest.fixture(scope="session")
def no_terms() -> pd.DataFrame:
    return PURCHASE_TERMS.empty()


@pytest.fixture(scope="session")
def nothing_unassigned() -> pd.DataFrame:
    return pd.DataFrame({"net_sales": [], "all_net_sales": []}, dtype="float64")


@pytest.fixture(scope="session")
def say_it() -> Callable[[object], str]:
    """A message as a reader sees it, with plain blanks."""
    return lambda message: Language("en").text(message).replace("\u00a0", " ")


@pytest.fixture(scope="session")
def with_chances() -> Callable[..., pd.DataFrame]:
    """Key list with the lost chance and a year's value of some members; others have none. Half of a loss is lost."""

    def priced(now: KeyList, **members: tuple[float, float]) -> pd.DataFrame:
        rows = pd.DataFrame(
            [(one, *given) for one, given in members.items()], columns=["customer_id", "lost_chance", "years_value"]
        )
        chances = rows.assign(expected_loss=rows.lost_chance * rows.years_value / 2, is_stopped=rows.lost_chance >= 0.9)
        known = CUSTOMER_CHANCES.conform(
            chances.assign(basis="model", is_unusual_silence=False, is_likely_silent=False).reindex(
                columns=CUSTOMER_CHANCES.names
            )
        )
        summary = pd.DataFrame({"loss_share": [0.5]})
        return key_list_with_chances(now.keys, now.members, known, summary, CUSTOMER_MONTHS.empty(), now.calendar, 0.9)

    return priced


def source(name: str, folder: Path) -> SimpleNamespace:
    engine, params = Engine(), Params()
    cleaned = clean_source(engine, load_profile(ROOT / "sources" / f"{name}.yaml"), folder, params)
    frames = {table: SHARED[table].check(engine.frame(table, SHARED[table])) for table in READ}
    made = SimpleNamespace(engine=engine, calendar=cleaned.calendar, rules=params.key_clients, **frames)
    made.units = unit_customers(engine, made.calendar.as_of, made.rules.units)
    made.now = key_list(
        made.customer_facts, made.units, made.assessment, made.survey, made.calendar, params.key_clients
    )
    return made


@pytest.fixture(scope="session")
def online_retail() -> SimpleNamespace:
    """Online Retail as the room reads it."""
    if not ONLINE_RETAIL.is_dir():
        pytest.skip("Online Retail is not beside the project")
    return source("online_retail", ONLINE_RETAIL)


@pytest.fixture(scope="session")
def demo() -> SimpleNamespace:
    """The demo company as the room reads it, with the planted truth."""
    made = source("demo", ROOT / "data/raw/demo")
    made.truth = json.loads((ROOT / "data/truth/demo.json").read_text(encoding="utf-8"))
    return made
