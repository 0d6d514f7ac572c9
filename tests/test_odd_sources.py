"""Sources at the edge go through every notebook: an honest page with "not measurable", never a traceback or a nan."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml

from kam_analysis.findings import RUNS_A_STAGE
from kam_analysis.params import load
from kam_analysis.pipeline.project import ACCOUNTS, MANAGERS, Project
from kam_analysis.report.verify import problems_of_page
from kam_analysis.rooms import ROOMS
from kam_analysis.site.render import render
from tests.notebooks import executed

ROOT = Path(__file__).parents[1]
HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x","y")',
    "../../x",
    '"><img src=x onerror=alert(1)>',
    "None",
    "nan",
    "{{7*7}}",
    "{share:share}",
]


def _sales(lines: list[tuple[str, str, str, float]]) -> str:
    quoted = [(customer.replace('"', '""'), order, day, amount) for customer, order, day, amount in lines]
    return "customer,order,day,amount\n" + "".join(f'"{c}",{o},{d},{a}\n' for c, o, d, a in quoted)


def _months(count: int) -> list[str]:
    return [f"{2022 + month // 12}-{month % 12 + 1:02}" for month in range(count)]


SOURCES = {
    "one customer, one order": [("a", "1", "2024-03-05", 10.0)],
    "one customer, two years": [("a", str(n), f"{month}-07", 100.0) for n, month in enumerate(_months(26))],
    "one day": [(f"c{n}", str(n), "2024-03-05", 10.0 + n) for n in range(30)],
    "all returns": [(f"c{n}", str(n), f"2024-03-{n + 1:02}", -10.0) for n in range(5)],
    "returns for two years": [(f"c{n % 3}", str(n), f"{month}-05", -10.0) for n, month in enumerate(_months(25))],
    "everything cancels out": [
        (f"c{n}", f"{n}{sign}", f"2024-0{n + 1}-05", sign * 10.0) for n in range(5) for sign in (1, -1)
    ],
    "only free lines": [(f"c{n}", str(n), f"2024-03-{n + 1:02}", 0.0) for n in range(4)],
    "everyone equal": [
        (f"c{c}", f"{c}-{n}", f"{month}-05", 50.0) for c in range(40) for n, month in enumerate(_months(15))
    ],
    "two customers, one gone": [("a", f"a{n}", f"{month}-03", 70.0) for n, month in enumerate(_months(30))]
    + [("b", f"b{n}", f"{month}-03", 30.0) for n, month in enumerate(_months(10))],
    "everyone buys once": [
        (f"c{n:03}", str(n), f"{month}-{n % 27 + 1:02}", 20.0 + n % 7)
        for n, month in enumerate(month for month in _months(26) for _ in range(8))
    ],
    "one month": [(f"c{n % 12}", str(n), f"2024-03-{n % 31 + 1:02}", 10.0 + n % 5) for n in range(120)],
    "a contract each": [
        (f"c{c:02}", f"{c}-{month}", f"{month}-{c + 1:02}", 100.0 * (c + 1)) for c in range(14) for month in _months(30)
    ],
    "no order for a year": [
        (f"c{n % 11}", str(n), f"{month}-{n % 19 + 1:02}", 30.0 + n % 9)
        for n, month in enumerate(month for month in _months(14) for _ in range(11))
    ]
    + [("c1", "r", "2024-02-20", -5.0)],
    "a name without an end": [
        ("L" * 300 if c == 0 else f"c{c}", f"{c}-{n}", f"{month}-1{c}", 10.0)
        for c in range(3)
        for n, month in enumerate(_months(14 - 5 * (c == 0)))
    ],
    "hostile names": [
        (name, f"{c}-{n}", f"{month}-1{c}", 10.0 * (c + 1))
        for c, name in enumerate(HOSTILE)
        for n, month in enumerate(_months(14))
    ],
}


ABSURD = re.compile(
    r"(?<!\d)0 of 0(?!\d)|\(0 − 0\)/0|(?<![\d.,/])1 (?:buyers|customers|clients|calls|orders|months|checks)\b"
    r"|Between (\S+ %) and \1 |of class \w is expected to be worth 0|RMSE (\S+) a customer against \2 "
)
SAYS = {
    "everyone buys once": {
        "value": [
            "1.0 orders of",
            "Nobody bought in the months held out",
            "prediction: one pooled rate",
        ],
        "retention": ["0 % stayed, whatever the months before", "Within 90 days 0 % go on to order 2.|"],
        "actions": ["Nobody needs a call this week", "it takes 6 order days"],
    },
    "one customer, two years": {
        "value": [
            "fewer than 10 buyers were observed for a month after their first order",
        ],
        "retention": ["Too few buyers were observed", "100 % of new buyers order a second time within 364 days"],
    },
    "one month": {"value": ["fewer than 10 buyers were observed for a month", "no prediction could be checked"]},
    "one day": {"value": ["fewer than 10 buyers were observed for a month", "no prediction could be checked"]},
    "a contract each": {
        "retention": [
            "100 % of new buyers order a second time within 364 days, 100 % reach the fifth",
            "Within 90 days 100 %",
        ]
    },
    "returns for two years": {"retention": ["nobody ordered in the months before", "|no buyer before|"]},
    "no order for a year": {"actions": ["so nobody can be put on the list"]},
}


def _project(folder: Path, lines: list[tuple[str, str, str, float]]) -> Project:
    (folder / "notebooks").mkdir(parents=True)
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy2(notebook, folder / "notebooks")
    shutil.copy2(ROOT / "params.yaml", folder)
    (folder / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    project = Project(folder)
    source = load(project.params_path).source
    project.raw(source).mkdir(parents=True)
    (project.raw(source) / "sales.csv").write_text(_sales(lines), encoding="utf-8")
    project.profile_path(source).parent.mkdir()
    columns = {"customer_id": "customer", "order_id": "order", "order_date": "day", "amount": "amount"}
    profile = {"title": "Odd", "orders": {"files": "sales.csv", "columns": columns | {"manager": "customer"}}}
    project.profile_path(source).write_text(yaml.safe_dump(profile), encoding="utf-8")
    return project


def _pages(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    monkeypatch.chdir(project.root / "notebooks")
    monkeypatch.setenv(RUNS_A_STAGE, "1")
    for room in ROOMS:
        project.executed(room).parent.mkdir(parents=True, exist_ok=True)
        notebook = executed(nbformat.read(project.notebook(room), as_version=4))
        nbformat.write(notebook, project.executed(room))
    render(project)
    for room in ROOMS:
        yield room, project.page(room).read_text(encoding="utf-8")
    yield "index", project.index.read_text(encoding="utf-8")
    for folder in (ACCOUNTS, MANAGERS):
        for page in (project.reports / folder).iterdir():
            yield f"{folder}/{page.name}", page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SOURCES)
def test_every_page_is_honest(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = _project(tmp_path / "odd", SOURCES[name])
    for room, html in _pages(project, monkeypatch):
        assert problems_of_page(html, depth=room.count("/")) == [], room
        said = re.sub(r"[\u00a0\u202f]", " ", re.sub(r"<[^>]*>", "|", html))
        assert (found := ABSURD.search(said)) is None, (room, found)
        assert [words for words in SAYS.get(name, {}).get(room, []) if words not in said] == [], room
        assert "<script>alert" not in html
        assert "<img" not in html
    for room in ROOMS:
        metrics = json.loads(project.metrics(room).read_text(encoding="utf-8"))
        unexplained = [key for key, value in metrics.items() if value is None and not metrics.get(f"{key}_absent")]
        assert unexplained == [], room
    assert sorted(path.name for path in tmp_path.iterdir()) == ["odd"]
    cells = _cells(project)
    assert not any(cell.startswith(("=", "@", "+")) for cell in cells)
    if name == "hostile names":
        assert any(cell.startswith("'=HYPERLINK") for cell in cells)


def _cells(project: Project) -> list[str]:
    return [
        cell
        for path in (project.reports / "tables").glob("*.csv")
        for line in path.read_text(encoding="utf-8").splitlines()
        for cell in line.replace('"', "").split(",")
    ]
