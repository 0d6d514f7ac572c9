"""The examples of CONTRIBUTING.md, followed in a scratch copy of the package."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(python|diff)\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    for name in ("src/kam_analysis", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "dvc.yaml").touch()
    return tmp_path


def _told(scratch: Path, code: str) -> str:
    """Run code with the package of the scratch copy; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=scratch,
        env={"PYTHONPATH": str(scratch / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_finding_of_the_example_is_published_and_the_graph_follows(scratch: Path) -> None:
    examples = dict(re.match(r"# (\S+)\n(.*)", code, re.DOTALL).groups() for kind, code in BLOCKS if kind == "python")  # type: ignore[union-attr]
    module, notebook = examples
    (scratch / module).write_text(examples[module], encoding="utf-8")
    content = json.loads((scratch / notebook).read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "execution_count": None, "id": "silent", "metadata": {}, "outputs": []}
    content["cells"].insert(-1, cell | {"source": examples[notebook]})
    (scratch / notebook).write_text(json.dumps(content), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", module], cwd=scratch, check=True)
    told = _told(
        scratch,
        """
import pandas as pd
from kam_analysis.actions.silent_managers import silent_managers
from kam_analysis.pipeline.graph import dvc_files
from kam_analysis.pipeline.project import Project, find_project
from kam_analysis.tables import published
facts = pd.DataFrame({"manager": ["Ann", "Ann", "Bob", None], "recency_days": [90.0, 91.0, 200.0, None]})
found = silent_managers(facts, 90)
published("actions")["silent_managers"].check(found.table)
print(found.table.values.tolist(), "actions" in dvc_files(Project(find_project()))["dvc.yaml"])
""",
    )
    assert told == "[['Ann', 2, 1], ['Bob', 1, 1]] True\n"


def test_the_criterion_of_the_example_has_a_weight_a_measure_and_a_score(scratch: Path) -> None:
    (patch,) = (code for kind, code in BLOCKS if kind == "diff")
    for name, before, added in re.findall(r"\+\+\+ (\S+)\n((?: .*\n)+)((?:\+ .*\n)+)", patch):
        before, added = (re.sub("^.", "", lines, flags=re.MULTILINE) for lines in (before, added))
        text = (scratch / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, (name, before)
        (scratch / name).write_text(text.replace(before, before + added), encoding="utf-8")
    told = _told(
        scratch,
        """
import pandas as pd
from kam_analysis.facts.key_score import RATINGS, account_measures, criterion_scores
from kam_analysis.key_clients.changes import KEY_CHANGES
from kam_analysis.key_clients.criteria import CRITERIA
from kam_analysis.params import Params
from kam_analysis.tables import ACCOUNT_SCORES, ASSESSMENT, SURVEY
from kam_analysis.vocabulary import Criterion
accounts = pd.DataFrame({"account_id": ["a", "b"], "net_sales_12m": [5.0, 9.0], "orders_12m": [1, 2]})
accounts = accounts.assign(margin_12m=float("nan"), formula_ltv=float("nan"))
facts = pd.DataFrame({"customer_id": ["1", "2"], "parent_id": ["a", "b"]})
rated = ASSESSMENT.empty().reindex([0]).assign(customer_id="1", growth_outlook=4.0)
measures = account_measures(accounts, facts, rated, SURVEY.empty())[0]
print(measures.outlook.iloc[0], list(criterion_scores(measures)) == [name.value for name in Criterion])
print(Params().key_clients.weights.outlook, ACCOUNT_SCORES["outlook_points"].label.template, "outlook" in RATINGS)
print("growth_outlook" in list(CRITERIA["measure"].members), "outlook" in list(KEY_CHANGES["cause"].members))
""",
    )
    assert told == "4.0 True\n0.0 Growth outlook True\nTrue True\n"
