"""A threshold that several rooms share moves all of their tables together, and no page contradicts another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

import figures
import pandas as pd
import pytest

from kam_analysis.findings import RUNS_A_STAGE
from kam_analysis.pipeline.graph import notebook_code
from kam_analysis.pipeline.project import Project
from kam_analysis.rooms import ROOMS

ROOT = Path(__file__).parents[1]
LAST_CUSTOMER = 140
CLUSTERS = {"k_range": [2, 3], "resamples": 2, "null_draws": 5}
QUICK = {"segments": {"clusters": CLUSTERS}, "key_clients": {"weight_draws": 50}}


def _small_demo(folder: Path) -> None:
    """The project with the demo's first customers."""
    for name in ("notebooks", "sources", "params.yaml", "dvc.yaml"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, folder / name)
    raw = folder / "data/raw/demo"
    raw.mkdir(parents=True)
    for path in (ROOT / "data/raw/demo").glob("*.csv"):
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        if column := next((name for name in ("customer", "customer_id") if name in table), None):
            table = table[pd.to_numeric(table[column], errors="coerce") <= LAST_CUSTOMER]
        table.to_csv(raw / path.name, index=False)


def _run(folder: Path, room: str, changes: Mapping[str, Any]) -> None:
    """Execute the cells of a room's notebook here, with these parameters."""
    space: dict[str, Any] = {}
    with chdir(folder), pytest.MonkeyPatch.context() as surroundings:
        surroundings.setenv(RUNS_A_STAGE, "1")
        for code in notebook_code(Project(folder).notebook(room)):
            exec(code, space)
            if code.startswith("parameters ="):
                space["parameters"] = changes


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {key: _merged(one[key], other[key]) for key in one.keys() & other.keys() if isinstance(one[key], Mapping)}
    return {**one, **other, **both}


class Published:
    """Tables of a run, by name, and the numbers of its pages."""

    def __init__(self, folder: Path) -> None:
        files = {room: Project(folder).findings(room).glob("*.parquet") for room in ROOMS}
        tables = {room: {path.stem: pd.read_parquet(path) for path in paths} for room, paths in files.items()}
        self.tables = {name: table for found in tables.values() for name, table in found.items()}
        self.records = set(tables["cleaning"])  # as they were before records of one customer were merged
        self.numbers = figures.numbers(folder)
        self.headlines = figures.headlines(folder)
        self.counted_as_key = figures.counted_as_key(folder)

    @property
    def judged(self) -> dict[str, pd.DataFrame]:
        """Tables of customers and accounts as the pages on them see them."""
        return {name: table for name, table in self.tables.items() if name not in self.records}

    def moved_from(self, other: Published) -> set[str]:
        """Names of the tables that differ."""
        return {name for name, table in self.tables.items() if not table.equals(other.tables[name])}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("small")
    _small_demo(folder)
    _run(folder, "cleaning", QUICK)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _published(place: Path, changes: Mapping[str, Any]) -> Published:
    for room in list(ROOMS)[1:]:
        _run(place, room, _merged(QUICK, changes))
    return Published(place)


@pytest.fixture(scope="module")
def usual(place: Path) -> Published:
    return _published(place, {})


def _no_page_contradicts(found: Published) -> None:
    """Every table with a customer's class says the same, and so do the counts per class."""
    classes = found.tables["customer_segments"].set_index("customer_id")["abc"]
    for name, table in found.tables.items():
        if {"customer_id", "abc"} <= set(table) and name != "customer_segments":
            assert (table["abc"] == table["customer_id"].map(classes)).all(), name
    counts = classes.value_counts()
    of_value = found.tables["abc_classes"].set_index("abc")["customers"]
    assert of_value.to_dict() == counts.reindex(of_value.index, fill_value=0).to_dict()
    regular = (found.tables["customer_segments"]["ladder"].isin(["regular", "adherent", "advocate"])).sum()
    assert figures.contradictions(found.numbers) == []
    assert list(figures.differing_columns(found.judged)) == []
    keys = found.numbers["key_clients.metric.key_clients"]
    assert {place: n for place, n in found.counted_as_key.items() if n != keys} == {}
    variants = found.tables["ltv_variants"]
    assert variants.loc[variants["group"] == "regulars", "buyers"].iloc[0] == regular


def test_pages_agree_as_they_are(usual: Published) -> None:
    _no_page_contradicts(usual)


def test_every_headline_has_a_meaning(usual: Published) -> None:
    named = {place for places in figures.MEANINGS.values() for place in places.split()}
    assert sorted(usual.headlines - named) == []


def test_one_number_that_moves_alone_is_told(usual: Published) -> None:
    for meaning, places in figures.MEANINGS.items():
        known = [place for place in places.split() if place in usual.numbers]
        for place in known:
            found = figures.contradictions(usual.numbers | {place: usual.numbers[place] + 1})
            assert [told.partition(":")[0] for told in found] == ([meaning] if len(known) > 1 else []), place


def test_one_cell_that_moves_alone_is_told(usual: Published) -> None:
    moved = usual.tables["call_list"].assign(lost_chance=usual.tables["call_list"]["lost_chance"] + 0.01)
    found = list(figures.differing_columns(usual.judged | {"call_list": moved}))
    assert [told.partition(":")[0] for told in found] == ["customer_id lost_chance"]


def test_the_key_list_of_a_year_ago_is_one(usual: Published) -> None:
    """The period of retention begins on the comparison date here, so that pages 02 and 05 speak of one list."""
    changes = usual.tables["key_changes"].set_index("account_id")
    then, stayed = changes[changes["level_before"].notna()], usual.tables["key_retention"].set_index("account_id")
    assert set(then.index) == set(stayed.index)
    for one, other in (
        ("share_before", "share"),
        ("level_before", "level_then"),
        ("net_sales_before", "net_sales_then"),
    ):
        assert (then[one] == stayed[other].reindex(then.index)).all(), one


CLASS_A = {"segments": {"abc": {"a_until": 0.6}}}
OTHERS = {
    "facts": {"regular_orders": 8, "censored_months": 9},
    "segments": {"life_cycle": {"at_risk_below": 0.4}},
}


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        (
            CLASS_A,
            {
                "abc_classes",
                "customer_segments",
                "effort_by_class",
                "discounts_by_class",
            }
            | {"retention_segments", "abc_xyz_grid"},
        ),
        (
            OTHERS,
            {"loyalty_ladder", "firmographic_groups", "ltv_variants", "newcomers"}  # regular
            | {"retention_cohorts", "newcomers", "spend_months"}  # first months
            | {
                "life_cycle_states",
            },  # at risk
        ),
    ],
    ids=["class A", "regular, first months, at risk"],
)
def test_a_shared_threshold_moves_all_its_tables(
    place: Path, usual: Published, changes: dict[str, Any], moved: set[str]
) -> None:
    found = _published(place, changes)
    assert moved <= found.moved_from(usual)
    _no_page_contradicts(found)
