"""The whole pipeline on the demo company, twice, in two places with other time zones, locales and processors."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import figures
import pandas as pd
import pytest

from kam_analysis.report.verify import LARGEST_INDEX, LARGEST_PAGE, problems_of_page
from kam_analysis.rooms import ROOMS

from .processors import OLDEST

ROOT = Path(__file__).parents[1]
COPIED = (
    "src",
    "notebooks",
    "sources",
    "data/raw/demo",
    "data/history/demo/.gitkeep",
    "dvc.yaml",
    "params.yaml",
    "requirements.lock",
    ".dvc/config",
    ".dvc/python",
)
ELSEWHERE = (
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C"},
    {"TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONWARNINGS": "ignore", **OLDEST},
)


def _place(folder: Path) -> Path:
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.half"))
        else:
            shutil.copy2(source, target)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def _start(folder: Path, surroundings: dict[str, str]) -> subprocess.Popen[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro"],
        cwd=folder,
        env=os.environ | surroundings | {"PATH": path, "PYTHONPATH": str(folder / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    folders = [_place(tmp_path_factory.mktemp(name)) for name in ("here", "some where else")]
    runs = [_start(folder, surroundings) for folder, surroundings in zip(folders, ELSEWHERE, strict=True)]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], "\n".join(said)[-3000:]
    yield folders
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def here(places: list[Path]) -> Path:
    return places[0]


def _hashes(folder: Path) -> dict[str, str]:
    files = [
        path
        for part in ("reports", "data/interim", "data/processed")
        for path in (folder / part).rglob("*")
        if path.is_file()
    ]
    files.append(folder / "dvc.lock")
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _metrics(folder: Path, room: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / f"reports/metrics/{room}.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / "data/truth/demo.json").read_text(encoding="utf-8"))
    return content


def test_two_clean_runs_give_the_same_bytes(places: list[Path]) -> None:
    first, second = (_hashes(folder) for folder in places)
    assert len(first) > 60
    assert {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)} == set()


def test_every_page_keeps_the_rules_and_its_size(here: Path) -> None:
    for folder in ("",):
        pages = sorted((here / "reports" / folder).glob("*.html"))
        assert [page.name[:2] for page in pages] == [*(f"{room.number:02}" for room in ROOMS.values()), "in"]
        for page in pages:
            html = page.read_text(encoding="utf-8")
            largest = LARGEST_INDEX if page.name == "index.html" else LARGEST_PAGE
            assert problems_of_page(html, largest, 1 if folder else 0) == [], f"{folder}/{page.name}"


def test_no_figure_stands_with_two_values(here: Path) -> None:
    found = figures.numbers(here)
    assert figures.contradictions(found) == []
    named = {place for places in figures.MEANINGS.values() for place in places.split()}
    assert [place for place in named - set(found) if ".sentence." not in place] == []
    keys = found["key_clients.metric.key_clients"]
    assert {place: n for place, n in figures.counted_as_key(here).items() if n != keys} == {}


def test_the_links_of_every_page_lead_somewhere(here: Path) -> None:
    import re

    for page in (here / "reports").rglob("*.html"):
        links = set(re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8")))
        assert links
        assert {link for link in links if not (page.parent / link).is_file()} == set(), page


def test_pages_hold_in_a_browser_at_both_widths_in_both_themes(here: Path) -> None:
    with browser.browser() as opened:
        for page in sorted((here / "reports").glob("*.html")):
            assert browser.look_at(opened, page) == browser.Seen(), page.name
            wanted, reached, unseen = browser.keyboard(opened, page)
            assert (reached, unseen) == (wanted, []), page.name
            assert browser.sorts_filters_and_folds(opened, page) == [], page.name


def test_pages_keep_their_budgets_of_words_and_sheets(here: Path) -> None:
    with browser.browser() as opened:
        assert browser.over_budget(opened, here / "reports") == {}


def test_rejected_lines_are_the_planted_ones(here: Path, truth: dict[str, Any]) -> None:
    metrics = _metrics(here, "cleaning")
    planted = truth["rejected"]
    for measure in ("rows", "net_sales"):
        found = {reason: metrics[f"rejected.{reason}.{measure}"] for reason in planted}
        assert found == {reason: part[measure] for reason, part in planted.items()}
    assert metrics["rows_rejected"] == sum(part["rows"] for part in planted.values())


def test_rows_and_money_reconcile_to_the_last_unit(here: Path) -> None:
    metrics = _metrics(here, "cleaning")
    assert metrics["rows_in"] == metrics["rows_kept"] + metrics["rows_rejected"]
    files = pd.read_csv(here / "reports/tables/file_rows.csv")
    for measure in ("rows", "net_sales"):
        read, kept, rejected = (
            files[f"{measure}_{what}"].mul(10_000).round().astype("int64") for what in ("read", "kept", "rejected")
        )
        assert (read == kept + rejected).all()
    lines = pd.read_parquet(here / "data/interim/rejected_lines.parquet")
    assert len(lines) == metrics["rows_rejected"]


@pytest.fixture(scope="module")
def account_of(here: Path) -> pd.Series:
    members = pd.read_parquet(here / "data/processed/key_members.parquet")
    return members.set_index("customer_id").account_id


def test_company_keys_are_the_planted_clients_and_the_planted_group(
    here: Path, truth: dict[str, Any], account_of: pd.Series
) -> None:
    keys = pd.read_parquet(here / "data/processed/key_list.parquet")
    clients = {account_of[client["customer_id"]] for client in truth["keys"]["company"]}
    assert set(keys.account_id[keys.level == "company"]) == clients | {truth["keys"]["group"]["parent_id"]}


def test_department_keys_are_the_planted_ones_and_the_group_where_its_members_add_up(
    here: Path, truth: dict[str, Any], account_of: pd.Series
) -> None:
    reasons = pd.read_csv(here / "reports/tables/key_reasons.csv", dtype={"account_id": str})
    found = reasons[reasons.reason == "department"]
    planted = {(account_of[client["customer_id"]], client["department"]) for client in truth["keys"]["department"]}
    pairs = set(zip(found.account_id, found.unit, strict=True))
    assert planted <= pairs
    assert {account for account, _ in pairs - planted} <= {truth["keys"]["group"]["parent_id"]}


def test_managers_over_the_limit_hold_more_than_three_accounts_of_the_list(here: Path) -> None:
    load = pd.read_csv(here / "reports/tables/manager_load.csv").set_index("manager")
    held = pd.read_csv(here / "reports/tables/key_list.csv").manager.value_counts()
    over = load[load.is_over.astype(str).str.lower() == "true"]
    assert len(over)
    assert over.key_clients.to_dict() == held[held > 3].to_dict()


def test_large_leavers_are_on_the_call_list(here: Path, truth: dict[str, Any]) -> None:
    calls = pd.read_csv(here / "reports/tables/call_list.csv", dtype={"customer_id": str})
    leavers = set(truth["leavers"]["large"])
    assert len(leavers & set(calls.customer_id)) >= 0.8 * len(leavers)


def test_metrics_that_others_rely_on_are_there(here: Path) -> None:
    needed = {
        "cleaning": [
            "rows_in",
            "rows_kept",
            "net_sales",
            "customers",
            "buyers",
            "orders",
            "as_of",
            "rejected.no_date.rows",
        ],
        "key_clients": [
            "company.cr1",
            "company_12m.gini",
            "company_keys",
            "key_clients",
            "borderline",
            "managers_over_limit",
            "manager.units",
            "department.mono",
            "country.over_half",
        ],
        "segments": [
            "abc.A",
            "abc.N",
            "xyz.na",
            "xyz_period",
            "rfm.bins",
            "rfm.R1",
            "rfm.F5",
            "rfm.M3",
            "ladder.regular",
            "ladder.advocate",
            "clusters.k",
            "clusters.silhouette",
            "clusters.stability",
        ],
        "value": [
            "realised.S",
            "realised.C",
            "realised.T",
            "realised.SCT",
            "realised.P",
            "realised.ltv",
            "expected.ltv",
            "model",
            "identified",
        ],
        "retention": [
            "period_months",
            "period_start",
            "period_end",
            "S",
            "E",
            "N",
            "retained",
            "reactivated",
            "crr_formula",
            "retained_share",
            "grr",
            "nrr",
            "repeat_rate.30d",
            "repeat_rate.90d.n",
            "repeat_rate.365d",
        ],
    }
    for room, names in needed.items():
        metrics = _metrics(here, room)
        assert [name for name in names if name not in metrics] == [], room
        nothing = [name for name, value in metrics.items() if value is None and not metrics.get(f"{name}_absent")]
        assert nothing == [], room
