"""A threshold that several rooms share moves all of their tables together, and no page contradicts another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

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
    """Tables of a run, by name."""

    def __init__(self, folder: Path) -> None:
        files = [path for room in ROOMS for path in Project(folder).findings(room).glob("*.parquet")]
        self.tables = {path.stem: pd.read_parquet(path) for path in files}

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
    variants = found.tables["ltv_variants"]
    assert variants.loc[variants["group"] == "regulars", "buyers"].iloc[0] == regular


def test_pages_agree_as_they_are(usual: Published) -> None:
    _no_page_contradicts(usual)


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
            {"loyalty_ladder", "trait_groups", "ltv_variants", "newcomers"}  # regular
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
