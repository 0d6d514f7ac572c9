"""Pages of one's own: what follows from a notebook, what is refused by file, and the notebook that `kam new` writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from kam_analysis import chapter as chapters
from kam_analysis.errors import UserError
from kam_analysis.findings import RUNS_A_STAGE
from kam_analysis.pipeline.graph import dvc_files
from kam_analysis.pipeline.own import new_page, own_rooms, own_table
from kam_analysis.pipeline.project import Project
from kam_analysis.tables import SHARED

from .conftest import notebook

Kam = Callable[..., tuple[int, str]]


def _put(project: Project, name: str, *codes: str) -> Path:
    path = project.own_folder / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(*codes)), encoding="utf-8")
    return path


def test_what_a_page_reads_and_watches_follows_from_its_notebook(project: Project) -> None:
    _put(
        project,
        "12_bonus",
        'keys, facts = (stage.read(one) for one in ("key_list", "customer_facts"))',
        "limit, rules = stage.params.key_clients.bands.high, stage.params.segments.abc",
        "n = stage.params.retention.nothing",
    )
    room = own_rooms(project)["bonus"]
    assert (room.number, room.file, room.title.values["text"]) == (12, "12_bonus", "Bonus")
    assert sorted(room.reads) == ["customer_facts", "key_list"]
    assert room.params == ("source", "key_clients.bands.high", "segments.abc", "retention")
    (project.root / "src").symlink_to(Path(__file__).parents[2] / "src")
    stages = yaml.safe_load(dvc_files(project)["dvc.yaml"])["stages"]
    assert "data/processed/key_list.parquet" in stages["bonus"]["deps"]
    assert "project/notebooks/12_bonus.ipynb" in stages["bonus"]["deps"]
    assert "reports/12_bonus.html" in stages["site"]["outs"]


@pytest.mark.parametrize(("name", "code", "said"), [
    ("12_retention", "1", "project/notebooks/12_retention.ipynb: 'retention' is the name of something built in"),
    ("12_site", "1", "'site' is the name of something built in"),
    ("12_Bonus", "1", "'Bonus' is no name of a page"),
    ("09_bonus", "1", "project/notebooks/09_bonus.ipynb: its number is below 10 or taken"),
    ("12_bonus", "a = (1\nb = 2", r"12_bonus.ipynb, code cell 2, line 1: '\(' was never closed"),
])  # fmt: skip
def test_a_page_that_cannot_be_one_is_named_by_its_file(project: Project, name: str, code: str, said: str) -> None:
    _put(project, name, code)
    with pytest.raises(UserError, match=said):
        own_rooms(project)


def test_a_file_that_is_no_notebook_is_named(project: Project) -> None:
    _put(project, "12_bonus", "1").write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match=r"12_bonus.ipynb: no notebook\. Cure: kam new page"):
        own_rooms(project)


def test_columns_are_what_their_types_say_and_kinds_say_more() -> None:
    frame = pd.DataFrame({"who": ["a"], "n": [1], "x": [0.5], "on": pd.to_datetime(["2024-01-05"]), "is_key": [True]})
    kinds = [str(column.kind) for column in own_table("t", frame, {"x": "share"}).columns]
    assert kinds == ["name", "count", "share", "date", "flag"]
    with pytest.raises(UserError, match="no column 'y'; found: who, n, x, on, is_key") as error:
        own_table("t", frame, {"y": "money", "x": "euros"})
    assert "no kind 'euros'; known: id, name, " in str(error.value)


def test_the_notebook_of_kam_new_works(project: Project, kam: Kam, monkeypatch: pytest.MonkeyPatch, engine) -> None:
    status, said = kam("new", "page", "bonus")
    assert (status, said.partition(":")[0]) == (0, "project/notebooks/10_bonus.ipynb")
    assert kam("new", "page", "bonus")[0] == kam("new", "page", "value")[0] == kam("new", "thing", "x")[0] == 2
    assert new_page(project, "visits").name == "11_visits.ipynb"
    contract = SHARED["key_list"]
    engine.put("key_list", contract.empty(), contract)
    engine.write("key_list", project.table("key_list"), "account_id")
    window = {"first_order_on": "2024-01-05", "as_of": "2024-02-29", "compare_as_of": None}
    project.window.write_text(json.dumps(window), encoding="utf-8")
    monkeypatch.setenv(RUNS_A_STAGE, "1")
    monkeypatch.chdir(project.own_folder)
    names: dict[str, object] = {}
    for cell in json.loads(project.notebook("bonus").read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    chapter = chapters.read(project.findings("bonus"))
    assert list(chapter.findings) == ["bonus_by_manager"]
    assert chapter.tables["bonus_by_manager"].names == ["manager", "key_accounts", "net_sales"]
