"""What holds the project together: imports run downwards, importing changes nothing, one truth about dependencies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from kam_analysis.pipeline.imports import imported_names
from kam_analysis.rooms import ROOMS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "kam_analysis"
LAYERS = (  # a module imports its own layer and those before it
    {"errors", "findings", "money", "vocabulary", "columns", "frames", "tables", "params"}
    | {"csv_files", "chapter", "rooms", ""},
    {"engine", "demo"},
    {"sources", "customers"},
    {"facts"},
    set(ROOMS),
    {"report", "drawings"},
    {"api"},
    {"pipeline"},
    {"site"},
    {"cli"},
)
LEVEL = {name: number for number, layer in enumerate(LAYERS) for name in layer}


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py").replace("__init__", "")


def _wrong_imports(path: Path) -> list[str]:
    inside = ".".join(["kam_analysis", *path.relative_to(PACKAGE).parts[:-1]])
    here = _part(path)
    found = []
    for node, name in imported_names(ast.parse(path.read_text(encoding="utf-8")), inside):
        if not name.startswith("kam_analysis."):
            continue
        there = name.split(".")[1]
        there = there if there in LEVEL else ""
        is_upwards = LEVEL[there] > LEVEL[here]
        is_sideways = here in ROOMS and there in ROOMS and here != there
        if is_upwards or is_sideways:
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} imports {name}")
    return found


def test_every_part_of_the_package_has_its_layer() -> None:
    assert {_part(path) for path in PACKAGE.rglob("*.py")} == set(LEVEL)


def test_imports_run_downwards() -> None:
    found = [line for path in sorted(PACKAGE.rglob("*.py")) for line in _wrong_imports(path)]
    assert not found, "\n".join(found)


def test_importing_the_package_changes_nothing_global() -> None:
    modules = sorted(
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in PACKAGE.rglob("*.py")
    )
    code = f"""
import importlib, locale, os, random, warnings
import matplotlib, numpy, pandas
import papermill.execute, nbconvert, seaborn
def state():
    options = {{name: pandas.get_option(name) for name in ("display.max_rows", "display.precision")}}
    return (dict(os.environ), os.getcwd(), locale.setlocale(locale.LC_ALL), random.getstate(), list(warnings.filters),
            str(numpy.random.get_state()), str(numpy.geterr()), dict(matplotlib.rcParams), options)
before = state()
for name in {modules}:
    importlib.import_module(name)
after = state()
print([number for number, (one, two) in enumerate(zip(before, after)) if one != two])
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr[-1000:]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        content: dict[str, dict[str, object]] = tomllib.load(file)
    return content["project"]


@pytest.fixture(scope="module")
def lock() -> tuple[list[str], list[str]]:
    """Give the names above and below the line that parts what a run needs from the rest."""
    above, below = (ROOT / "requirements.lock").read_text(encoding="utf-8").split("# Beside it", 1)
    names = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)
    return [_canonical(name) for name in names.findall(above)], [_canonical(name) for name in names.findall(below)]


def _direct(project: dict[str, object], *extras: str) -> list[Requirement]:
    optional = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in extras for text in optional[extra])]  # type: ignore[misc,index]
    return [Requirement(text) for text in texts]


def _closure(requirements: list[Requirement]) -> set[str]:
    waiting, seen = [(_canonical(one.name), frozenset(one.extras)) for one in requirements], set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            needed = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        for one in map(Requirement, needed):
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
                waiting.append((_canonical(one.name), frozenset(one.extras)))
    return {name for name, _ in seen}


def test_the_lock_holds_what_the_project_asks_for(
    project: dict[str, object], lock: tuple[list[str], list[str]]
) -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for one in _direct(project, "build", "lab", "dev"):
        versions = re.findall(rf"^{re.escape(_canonical(one.name))}==([^\s;]+)", text, re.MULTILINE)
        assert versions, f"{one.name} is not in requirements.lock"
        assert all(one.specifier.contains(version) for version in versions), (
            f"{one.name} {versions}, not {one.specifier}"
        )


def test_a_run_needs_nothing_from_below_the_line(project: dict[str, object], lock: tuple[list[str], list[str]]) -> None:
    above, below = lock
    assert _closure(_direct(project, "build")) & set(below) == set()
    assert not set(above) & set(below)


def test_the_lock_is_hashed_and_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9][\w.-]*==)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if block.strip())
    assert not re.search(r"https?://|--index|--find-links|^-e ", text, re.MULTILINE)


def test_conda_gets_python_and_the_lock_only(project: dict[str, object]) -> None:
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python = f"python{project['requires-python']},<3.14"
    assert content["dependencies"] == [python, "pip", {"pip": ["-r requirements.lock"]}]


def test_the_makefile_cuts_the_lock_where_its_line_stands() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "'/^# Beside it/,$$d' requirements.lock" in makefile
    assert (ROOT / "requirements.lock").read_text(encoding="utf-8").count("\n# Beside it") == 1


def test_properties_take_their_examples_from_the_profile_and_no_test_measures_its_time() -> None:
    """`make test` tries the same examples everywhere and `make explore` more: see the profiles in conftest.py."""
    own = re.compile(r"max_examples=\d|deadline=|derandomize=|perf_counter|process_time|timeit")
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.name not in ("conftest.py", Path(__file__).name)]
    assert [path.name for path in tests if own.search(path.read_text(encoding="utf-8"))] == []


def _frozen(tree: ast.AST, sections: set[str], usual: dict[str, set[object]]) -> list[int]:
    """Lines where a parameter has a value of its own: read off a section's defaults, or written as a default."""
    lines = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Call(func=ast.Name(id=name))) if name in sections:
                lines.append(node.lineno)
            case ast.FunctionDef(args=args):
                named = [*args.posonlyargs, *args.args]
                pairs = [
                    *zip(named[len(named) - len(args.defaults) :], args.defaults, strict=True),
                    *zip(args.kwonlyargs, args.kw_defaults, strict=True),
                ]
                lines += [arg.lineno for arg, value in pairs if _is_usual(arg.arg, value, usual)]
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=key), value]):
                lines += [node.lineno] if _is_usual(key, value, usual) else []
            case ast.Call(func=ast.Name(id="Calendar"), args=args, keywords=keywords):
                lines += [] if len(args) + len(keywords) == 3 else [node.lineno]
    return lines


def _is_usual(name: object, value: ast.expr | None, usual: dict[str, set[object]]) -> bool:
    return isinstance(value, ast.Constant) and isinstance(name, str) and value.value in usual.get(name, set())


def test_no_parameter_has_a_value_outside_params_yaml() -> None:
    from kam_analysis import params

    sections = {kind.__name__: kind for kind in params.Section.__subclasses__()}
    usual: dict[str, set[object]] = {}
    for kind in sections.values():
        for key, field in kind.model_fields.items():
            if isinstance(field.default, int | float) and key not in ("seed", "max_rows"):
                usual.setdefault(key, set()).add(field.default)
    shown = "def f(a_until=0.8, *, x=1): pass\ny = Rules().x\nz = d.get('a_until', 0.8)\nCalendar(1, 2)\n"
    assert _frozen(ast.parse(shown), {"Rules"}, {"a_until": {0.8}}) == [1, 2, 3, 4]
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if _part(path) != "params"
        for line in _frozen(ast.parse(path.read_text(encoding="utf-8")), set(sections), usual)
    ]
    assert not found, "\n".join(found)
