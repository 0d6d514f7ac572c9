"""Without an optional table a run lacks exactly what page 01 says it lacks: each table is taken away once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
import yaml

from kam_analysis.findings import RUNS_A_STAGE
from kam_analysis.params import load
from kam_analysis.pipeline.project import Project
from kam_analysis.rooms import ROOMS
from kam_analysis.tables import OPTIONAL
from tests.notebooks import executed

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data/raw/demo"
CUSTOMERS = 120
CLEANING_USES = ("customers", "interactions")
FEWER = {
    "trees: 100": "trees: 5",
    "draws: 400": "draws: 100",
    "weight_draws: 2000": "weight_draws: 100",
    "resamples: 20": "resamples: 3",
    "null_draws: 200": "null_draws: 20",
    "draws: 1000": "draws: 100",
}
#: What a run lacks without the table: figures that are then missing, and figures that are then 0. A name stands for all
#: that begin with it.
LACKS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "customers": (
        {
            "cleaning": "records_",
            "segments": "sales_per_buyer.mix. sales_per_buyer.rate.",
            "retention": "mix.industry mix.size rate.industry rate.size programme.",
        },
        {"actions": "refused_apart"},
    ),
    "managers": ({}, {}),
    "assessment": (
        {"key_clients": "grows_net_sales relation. types.", "segments": "ladder.adherent ladder.advocate"},
        {"key_clients": "nominations weight_used.strategic weight_used.growth"},
    ),
    "survey": ({"retention": "comments. csat. nps. ordered_after."}, {}),
    "interactions": (
        {
            "cleaning": "records_contacted_share",
            "key_clients": "customers_with_too_ types.demanding.by_data",
            "retention": "complaints. contacts_before. reasons. returns.per_100_12m return. win_back.",
        },
        {"actions": "triggers.complaint triggers.refusal triggers.win_back"},
    ),
    "spend": ({"value": "events. payback. spend."}, {}),
    "contracts": ({}, {"actions": "triggers.contract"}),
    "purchase_terms": ({}, {}),
    "contacts": ({"key_clients": "keys_single_threaded"}, {}),
    "tasks_done": ({}, {}),
    "payments": ({}, {"actions": "triggers.payment"}),
    "call_parts": ({"actions": "calls.effect"}, {}),
}


def _company(folder: Path) -> Project:
    """The first customers of the demo with all their optional tables, late payments and a drawn control part added."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    for long, short in FEWER.items():
        assert text.count(long) == 1, long
        text = text.replace(long, short)
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    (folder / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    project = Project(folder)
    raw = project.raw(load(project.params_path).source)
    raw.mkdir(parents=True)
    kept = pd.read_csv(DEMO / "customers.csv", dtype=str)["customer_id"].head(CUSTOMERS)
    for path in DEMO.glob("*.csv"):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        whose = next((name for name in ("customer", "customer_id") if name in rows), None)
        (rows if whose is None else rows[rows[whose].isin(kept)]).to_csv(raw / path.name, index=False)
    due = pd.DataFrame({"customer_id": kept, "due_date": "2025-11-01", "amount": "500"})
    due.to_csv(raw / "payments.csv", index=False)
    parts = pd.DataFrame({"customer_id": kept, "drawn_on": "2025-06-01"})
    parts.assign(part=["call", "control"] * (CUSTOMERS // 2)).to_csv(raw / "call_parts.csv", index=False)
    return project


def _run(project: Project, without: str, rooms: set[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    profile = yaml.safe_load((ROOT / "sources/demo.yaml").read_text(encoding="utf-8"))
    profile |= {name: {"files": f"{name}.csv"} for name in OPTIONAL}
    profile.pop(without, None)
    path = project.profile_path(load(project.params_path).source)
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(profile), encoding="utf-8")
    monkeypatch.chdir(project.root / "notebooks")
    monkeypatch.setenv(RUNS_A_STAGE, "1")
    for room in ROOMS:
        if room in rooms:
            executed(nbformat.read(project.notebook(room), as_version=4))
    return {room: json.loads(project.metrics(room).read_text(encoding="utf-8")) for room in ROOMS if room in rooms}


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    project = _company(tmp_path_factory.mktemp("complete") / "all")
    with pytest.MonkeyPatch.context() as patch:
        return project, _run(project, "", set(ROOMS), patch)


def _names(metrics: dict[str, Any], stems: str) -> set[str]:
    return {name for name in metrics if not name.endswith("_absent") and name.startswith(tuple(stems.split()))}


@pytest.mark.parametrize("table", OPTIONAL)
def test_a_run_lacks_what_page_01_says_and_nothing_else(
    table: str, complete: tuple[Project, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, before = complete
    folder = tmp_path / "without"
    shutil.copytree(project.root, folder)
    readers = {room for room, record in ROOMS.items() if table in record.reads or table == "customers"}
    if table in CLEANING_USES:
        readers |= {"cleaning"}
    else:
        path = Project(folder).table(table)
        pd.read_parquet(path).head(0).to_parquet(path)
    after = _run(Project(folder), table, readers, monkeypatch)
    missing, none = LACKS[table]
    assert before["cleaning"][f"inputs.{table}.rows"] > 0
    for room, metrics in after.items():
        gone = {
            name
            for name, value in before[room].items()
            if value is not None and not name.endswith("_absent") and metrics.get(name) is None
        }
        named = _names(before[room], missing[room]) if room in missing else set()
        assert gone <= named, (room, gone - named)
        assert bool(gone) == (room in missing), room
        for name in _names(before[room], none[room]) if room in none else ():
            assert metrics[name] == 0 < before[room][name], name
