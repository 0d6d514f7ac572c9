"""The documentation: made pages have their content and stand in the navigation, functions are explained."""

import ast
import importlib.util
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def made():
    spec = importlib.util.spec_from_file_location("docs_pages", ROOT / "docs/pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _files(nav):
    for entry in nav:
        for value in entry.values():
            yield from [value] if isinstance(value, str) else _files(value)


def test_every_page_stands_in_the_navigation(made):
    config = made.on_config(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert set(_files(config["nav"])) == written | set(made.pages()) | set(made.ROOT_PAGES)


def test_the_dictionary_explains_every_column_of_every_table(made):
    text = made.dictionary_page()
    tables = text.split("\n### ")[1:]
    assert len(tables) > 100
    for table in tables:
        rows = [line for line in table.splitlines() if line.startswith("| `")]
        assert rows and all(row.split("|")[3].strip() for row in rows), table.splitlines()[0]


def test_the_map_names_every_module(made):
    text = made.map_page()
    modules = [path for path in made.PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    assert [path.name for path in modules if path.name not in text] == []


def test_every_public_function_of_a_room_is_explained(made):
    silent, explained = [], 0
    for room in (*made.SERVING_ROOMS, *made.ROOMS):
        for name in made.modules(room):
            path = made.PACKAGE.parent / Path(*name.split(".")).with_suffix(".py")
            for node in made.public(path):
                explained += 1
                if not ast.get_docstring(node):
                    silent.append(f"{name}.{node.name}")
    assert explained > 100
    assert silent == []
