"""The examples run as they stand, from first cell to last, and hold neither outputs nor functions."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from kam_analysis import UserError, api, from_transactions, write_page

FOLDER = Path(__file__).parents[1] / "examples"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def once() -> Callable[..., api.Sales]:
    """Clean the same frame in the same way once: nothing changes an answer."""
    known: dict[str, api.Sales] = {}

    def cleaned(frame: pd.DataFrame, *columns: str, **named: Any) -> api.Sales:
        key = f"{len(frame)} {columns} {sorted(named.items())}"
        if key not in known:
            known[key] = from_transactions(frame, *columns, **named)
        return known[key]

    return cleaned


def _cells(notebook: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_example_runs(
    notebook: Path, once: Callable[..., api.Sales], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "lifetimes" in notebook.stem and importlib.util.find_spec("lifetimes") is None:
        pytest.skip("lifetimes is not installed here")
    shutil.copy2(FOLDER / "sales.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "from_transactions", once)
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in _cells(notebook):
        code = compile("".join(cell["source"]), f"{notebook.name}, {cell['id']}", "exec")
        exec(code, names)
    plt.close("all")


def test_examples_hold_no_outputs_and_define_no_functions() -> None:
    assert len(NOTEBOOKS) == 8
    for notebook in NOTEBOOKS:
        for cell in _cells(notebook):
            assert (cell["outputs"], cell["execution_count"]) == ([], None), notebook.name
            tree = ast.parse("".join(cell["source"]))
            assert not any(isinstance(node, ast.FunctionDef | ast.Lambda) for node in ast.walk(tree)), notebook.name


def test_a_page_of_findings_keeps_the_rules_of_pages(tmp_path: Path) -> None:
    from kam_analysis.report.verify import LARGEST_PAGE, problems_of_page

    given = pd.DataFrame({"client": ["<b>a</b>", "b"], "day": "2024-05-10", "net": [80.0, 15.0]})
    sales = from_transactions(given, "client", "day", "net")
    page = write_page(tmp_path / "review", "Review <i>", [sales.dependence(), sales.abc_xyz()["abc_classes"]])
    html = page.read_text(encoding="utf-8")
    assert problems_of_page(html, LARGEST_PAGE) == []
    assert "<b>a</b>" not in html
    assert "Review <i>" not in html
    assert [path.name for path in sorted((page.parent / "tables").iterdir())] == [
        "abc_classes.csv",
        "concentration.csv",
        "dependence.csv",
    ]
    for nothing in ([], [sales.key_list()]):
        with pytest.raises(UserError, match="write_page: there is nothing to show"):
            write_page(tmp_path, "Review", nothing)


def test_the_wheel_works_outside_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flit_core import buildapi

    monkeypatch.chdir(FOLDER.parent)
    wheel = buildapi.build_wheel(str(tmp_path))
    installed = tmp_path / "installed"
    with zipfile.ZipFile(tmp_path / wheel) as content:
        content.extractall(installed)
    code = (
        "import kam_analysis as kam, pandas as pd\n"
        "lines = pd.DataFrame({'client': ['a', 'b'], 'day': '2024-05-10', 'net': [80.0, 15.0]})\n"
        "sales = kam.from_transactions(lines, 'client', 'day', 'net')\n"
        "print(kam.__file__, kam.write_page('page', 'Review', [sales.dependence()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [str(installed / "kam_analysis" / "__init__.py"), "page/index.html"], done.stderr
