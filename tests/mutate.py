"""Change one operator or number of a module at a time and see whether its own tests notice: ``make mutate``.

Every changed module runs against its examples and the tests of that module in a process of its own. What was tried is
kept in ``.cache/mutants.json``, so that a run ended by its minutes goes on where it stopped; an edit of the module or
of its tests begins anew. The order is shuffled by a fixed seed: an unfinished run is a sample.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import hashlib
import json
import multiprocessing
import os
import random
import sys
import time
import types
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".cache" / "mutants.json"
TESTS = {
    "facts.accounts": ["facts/test_accounts.py"],
    "facts.silence": ["facts/test_silence.py"],
    "facts.expected_loss": ["facts/test_expected_loss.py"],
    "facts.key_score": ["facts/test_key_score.py"],
    "facts.key_list": ["facts/test_key_list.py"],
}
WRITTEN = ("say", "say_n", "TypeVar", "NewType")
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes of the code that can be changed; annotations and texts for readers stay."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or (isinstance(node, ast.Call) and _called(node) in WRITTEN):
                continue
            if _changed(node) is not None:
                yield node
            yield from places(node)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _changed(node: ast.AST) -> ast.AST | None:
    """Give the node with one thing changed, None where there is nothing to change."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPPED:
            return ast.Compare(node.left, [SWAPPED[type(op)]()], node.comparators)
        case ast.BinOp(op=op) if type(op) in SWAPPED:
            return ast.BinOp(node.left, SWAPPED[type(op)](), node.right)
        case ast.BoolOp(op=op):
            return ast.BoolOp(SWAPPED[type(op)](), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()):
            return node.operand
        case ast.Constant(value=bool(value)):
            return ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            return ast.Constant(value + 1)
    return None


def mutants(source: str) -> list[tuple[str, str]]:
    """What every changed module is called (line and change), and its source."""
    found = []
    for number in range(len(list(places(ast.parse(source))))):
        tree = ast.parse(source)
        node = list(places(tree))[number]
        changed = _changed(node)
        said = f"{node.lineno}: {ast.unparse(node)} → {ast.unparse(changed)}"
        found.append((f"{number:03} line {said}", ast.unparse(_with(tree, node, changed))))
    return found


def _with(tree: ast.AST, node: ast.AST, changed: ast.AST) -> ast.AST:
    class Changing(ast.NodeTransformer):
        def visit(self, one: ast.AST) -> ast.AST:
            return ast.copy_location(changed, one) if one is node else self.generic_visit(one)

    return ast.fix_missing_locations(Changing().visit(tree))


def _test(name: str, source: str, tests: list[str]) -> None:
    """Run the tests of a module with this source in its place, and leave with their status."""
    with (
        Path(os.devnull).open("w") as nothing,
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
    ):
        module = types.ModuleType(name)
        module.__file__ = str(ROOT / "src" / Path(*name.split(".")).with_suffix(".py"))
        package = __import__(name.rpartition(".")[0], fromlist=["_"])
        sys.modules[name] = module
        setattr(package, name.rpartition(".")[2], module)
        try:
            exec(compile(source, module.__file__, "exec"), module.__dict__)
            options = [
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:xdist",
                "-o",
                "addopts=",
                "--import-mode=importlib",
            ]
            status = int(doctest.testmod(module).failed > 0) or int(pytest.main([*options, *tests]))
        except BaseException:  # noqa: BLE001 - a module that cannot be imported is noticed
            status = 1
    os._exit(status)


def status_of(name: str, source: str, tests: list[str], seconds: float) -> tuple[str, float]:
    """Whether the tests notice (``killed``), do not (``survived``) or do not end (``timeout``), and after how long."""
    began = time.monotonic()
    process = multiprocessing.get_context("fork").Process(target=_test, args=(name, source, tests))
    process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return "timeout", time.monotonic() - began
    return "survived" if process.exitcode == 0 else "killed", time.monotonic() - began


def run(module: str, kept: dict[str, dict[str, object]], until: float) -> dict[str, str]:
    """Try what was not tried yet of a module until the time is over."""
    path = ROOT / "src" / "kam_analysis" / Path(*module.split(".")).with_suffix(".py")
    tests = [ROOT / "tests" / test for test in TESTS[module]]
    source = path.read_text(encoding="utf-8")
    digest = hashlib.sha256("".join([source, *(test.read_text(encoding="utf-8") for test in tests)]).encode())
    known = kept.get(module, {})
    results: dict[str, str] = known["results"] if known.get("digest") == digest.hexdigest() else {}  # type: ignore[assignment]
    name, ordered = f"kam_analysis.{module}", mutants(source)
    random.Random(module).shuffle(ordered)
    status, usual = status_of(name, source, [*map(str, tests)], 600.0)
    if status != "survived":
        raise SystemExit(f"{module}: its tests fail as it is")
    for label, changed in ordered:
        if label not in results and time.monotonic() < until:
            results[label], _ = status_of(name, changed, [*map(str, tests)], 3 * usual + 20)
            kept[module] = {"digest": digest.hexdigest(), "results": results}
            KEPT.parent.mkdir(exist_ok=True)
            KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
    counts = Counter(results.values())
    noticed = counts["killed"] + counts["timeout"]
    typer.echo(f"{module}: {noticed} of {len(results)} noticed, {len(ordered) - len(results)} not tried")
    for label in sorted(label for label, status in results.items() if status == "survived"):
        typer.echo(f"  survived {label}")
    return results


def main() -> None:
    """Run the modules named, or all."""
    asked = ArgumentParser(description=__doc__)
    asked.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(TESTS))
    asked.add_argument("--minutes", type=float, default=20.0)
    given = asked.parse_args()
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    until = time.monotonic() + 60 * given.minutes
    import duckdb  # noqa: F401 - read once, for every process to come
    import pandas  # noqa: F401
    import pydantic  # noqa: F401

    for module in given.modules or TESTS:
        run(module, kept, until)


if __name__ == "__main__":
    main()
