"""Plans of key accounts: what is overdue by hand, and files that are hostile, strange or broken."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
import yaml

from kam_analysis.actions.plans import PLAN_OVERDUE, plan_overdue
from kam_analysis.cleaning.plans import plans_read
from kam_analysis.errors import UserError
from kam_analysis.sources.plans import plan_file, read_plans, rows, write_template
from kam_analysis.tables import PLAN_ACTIONS, PLAN_GOALS

AS_OF = dt.date(2026, 1, 1)
PLAN = """\
account: "7"
value_proposition: =cheap
channels: [visit, phone]
goals: [{metric: net_sales_12m, target: 100, by: 2025-12-31}]
actions: [{what: call, due: 2025-12-31}]
decisions: [{day: 2025-11-01, text: go on}]
meetings: [{day: 2025-11-02, text: met, who: Ana}]
"""


def _keys(**changes: object) -> pd.DataFrame:
    key = {"account_id": "7", "account_name": "Acme", "manager": "Ana", "net_sales_12m": 99.0}
    return pd.DataFrame([key | changes])


def _goals(*values: tuple[str, str, float, str]) -> pd.DataFrame:
    frame = pd.DataFrame(values, columns=["account_id", "metric", "target", "due_on"])
    return PLAN_GOALS.conform(frame.assign(place=range(1, len(frame) + 1)))


def _actions(*values: tuple[str, str, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(values, columns=["account_id", "what", "due_on", "done_on"])
    return PLAN_ACTIONS.conform(frame.assign(place=range(1, len(frame) + 1), owner=None))


def test_what_is_due_on_the_day_is_not_overdue_and_what_is_done_on_it_is_not_done() -> None:
    actions = _actions(
        ("7", "late", "2025-12-31", None),
        ("7", "today", "2026-01-01", None),
        ("7", "done", "2025-12-30", "2025-12-31"),
        ("7", "done tomorrow", "2025-12-30", "2026-01-01"),
        ("8", "of another", "2025-12-30", None),
    )
    goals = _goals(
        ("7", "net_sales_12m", 99.0, "2025-12-31"),
        ("7", "net_sales_12m", 99.5, "2025-12-31"),
        ("7", "net_sales_12m", 200.0, "2026-01-01"),
    )
    found = plan_overdue(goals, actions, _keys(), AS_OF)
    table = PLAN_OVERDUE.check(found.table)
    assert table["what"].tolist() == ["done tomorrow", "late", "net_sales_12m"]
    assert table.iloc[2][["owner", "target", "actual"]].tolist() == ["Ana", 99.5, 99.0]
    assert found.numbers == {"plans.actions_overdue": 2, "plans.goals_missed": 1}


def test_a_missing_figure_is_no_miss_and_no_plan_is_nothing() -> None:
    goals = _goals(("7", "net_sales_12m", 100.0, "2025-12-31"))
    assert plan_overdue(goals, PLAN_ACTIONS.empty(), _keys(net_sales_12m=None), AS_OF).table.empty
    assert plan_overdue(PLAN_GOALS.empty(), PLAN_ACTIONS.empty(), _keys(), AS_OF).table.empty


def test_a_plan_becomes_rows_of_four_tables_and_a_strange_account_is_named(source) -> None:
    source.write("a.csv", "customer,date,amount\n7,2024-01-05,10\n").write("plans/7.yaml", PLAN)
    source.write("plans/x.yaml", "account: nobody\n")
    source.clean()
    assert source.frame("plan_goals")[["account_id", "target"]].values.tolist() == [["7", 100.0]]
    assert source.frame("plan_actions")["what"].tolist() == ["call"]
    assert source.frame("plan_log")["kind"].tolist() == ["decision", "meeting"]
    found = plans_read(source.frame("plans"))
    assert found.numbers == {"plans": 2, "plans.unknown": 1}
    assert found.sentence.values["names"] == ["nobody"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("account: !!python/object/apply:os.system [echo]", "not readable as YAML"),
        ("account: '7'\nlove: yes", r"7\.yaml, love: Extra inputs"),
        ("- 1", r"7\.yaml, : Input should be"),
        (PLAN.replace("net_sales_12m", "luck"), r"goals\.0\.metric"),
        (PLAN.replace("100", ".nan"), r"goals\.0\.target"),
        ("account: '7'\nvalue_proposition: " + "x" * 200_000, "is a link or too large"),
    ],
)
def test_a_broken_plan_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "7.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=told):
        read_plans(tmp_path)


def test_an_account_has_one_plan_and_no_id_leads_out_of_the_folder(tmp_path: Path) -> None:
    for hostile in ("../../etc/passwd", "/etc/x", "..", "a\\b", "=1", "", "a" * 300, "Кафана"):
        name = plan_file(hostile)
        assert Path(name).name == name and name.endswith(".yaml") and not name.startswith(".")
    path = write_template(tmp_path, "../7", {"net_sales_12m": 5.0}, AS_OF, None)
    assert path.parent == tmp_path / "plans"
    [plan] = read_plans(tmp_path)
    assert (plan.account, plan.goals[0].target, plan.actions[0].due) == ("../7", 5.0, AS_OF)
    assert rows([plan])["plan_actions"][0]["due_on"] == AS_OF
    with pytest.raises(UserError, match="the account has a plan"):
        write_template(tmp_path, "../7", {}, AS_OF, None)
    (tmp_path / "plans" / "again.yaml").write_text(yaml.safe_dump({"account": "../7"}), encoding="utf-8")
    with pytest.raises(UserError, match="a second plan of the account"):
        read_plans(tmp_path)
