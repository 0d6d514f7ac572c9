"""Pages of the documentation that are made from the code whenever the site is built, so that they cannot disagree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kam_analysis
from kam_analysis.pipeline.project import INTERIM_TABLES
from kam_analysis.rooms import ROOMS
from kam_analysis.tables import SHARED, Column, Kind, Table, published

ROOT = Path(__file__).parents[1]
PACKAGE = Path(kam_analysis.__file__).parent
SERVING_ROOMS = ("facts", "sources", "customers", "engine")
ROOMS_PART = "How numbers are computed"
ROOT_PAGES = {"index.md": "README.md", "changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}
KINDS = {
    Kind.ID: "id",
    Kind.NAME: "name",
    Kind.VALUE: "text of the source, translated where known",
    Kind.TEXT: "text",
    Kind.MEMBER: "one of",
    Kind.MEMBERS: "some of",
    Kind.SERIES: "numbers, oldest first",
    Kind.DATE: "date",
    Kind.MONTH: "month (first day)",
    Kind.COUNT: "count",
    Kind.MONEY: "money (currency units)",
    Kind.SHARE: "share 0–1",
    Kind.POINTS: "difference of shares −1–1",
    Kind.RATIO: "number",
    Kind.NUMBER: "number",
    Kind.DAYS: "days",
    Kind.MONTHS: "months",
    Kind.FLAG: "yes/no",
}


def pages() -> dict[str, str]:
    """Text of every made page by file name."""
    reference = {f"reference/{room}.md": reference_page(room) for room in (*SERVING_ROOMS, *ROOMS)}
    return {"map.md": map_page(), "data_dictionary.md": dictionary_page(), **reference}


def map_page() -> str:
    """Tree of the package with the first line of every module's docstring."""
    lines = [
        "# Map\n",
        "One word names the room of the package, the stage of `dvc.yaml`, the section of `params.yaml`, the",
        "notebook, the metrics file, the folder of tests and the chapter of the report. Imports run downwards",
        "only; a test reads them.\n",
        "```text",
        *_tree(PACKAGE, 0),
        "```",
    ]
    return "\n".join(lines) + "\n"


def _tree(folder: Path, depth: int) -> Iterator[str]:
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        if path.name.startswith(("__pycache__", ".")) or path.name == "__init__.py":
            continue
        if path.is_dir() and (path / "__init__.py").exists():
            yield "  " * depth + f"{path.name + '/':<{30 - 2 * depth}}{_first_line(path / '__init__.py')}"
            yield from _tree(path, depth + 1)
        elif path.suffix == ".py":
            yield "  " * depth + f"{path.name:<{30 - 2 * depth}}{_first_line(path)}"


def _first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n", 1)[0]


def reference_page(room: str) -> str:
    """Every public function of a room with its formula, parameters, boundaries and example, module by module."""
    lines = [f"# {room}\n", f"{_first_line(PACKAGE / room / '__init__.py')}\n"]
    for module in modules(room):
        lines.append(f"::: {module}\n")
    return "\n".join(lines)


def modules(room: str) -> list[str]:
    """Names of the modules of a room that have public functions or classes."""
    paths = (path for path in (PACKAGE / room).rglob("*.py") if path.stem not in ("__init__", "tables"))
    return [
        "kam_analysis." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for path in sorted(paths)
        if any(True for _ in public(path))
    ]


def public(path: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Public functions and classes of a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node


def dictionary_page() -> str:
    """Every table with its grain, file and columns."""
    lines = [
        "# Data dictionary\n",
        "Money is exact decimals in Parquet, plain numbers in CSV. Shares are fractions 0–1. A key is unique.\n",
        "## Tables between the stages\n",
    ]
    for table in SHARED.values():
        folder = "interim" if table.name in INTERIM_TABLES else "processed"
        lines += _table(table, f"data/{folder}/{table.name}.parquet")
    for room in ROOMS:
        lines.append(f"## Tables of the chapter {room}\n")
        for table in published(room).values():
            lines += _table(table, f"reports/tables/{table.name}.csv")
    return "\n".join(lines).rstrip() + "\n"


def _table(table: Table, file: str) -> list[str]:
    key = f" Key: {', '.join(table.key)}." if table.key else ""
    rows = [
        f"| `{column.name}` | {_kind(column)} | {column.meaning}{' May be missing.' if column.nullable else ''} |"
        for column in table.columns
    ]
    head = [
        f"### {table.name}\n",
        f"One row: {table.grain}.{key} `{file}`\n",
        "| column | holds | meaning |",
        "|---|---|---|",
    ]
    return [*head, *rows, ""]


def _kind(column: Column) -> str:
    if column.members is not None:
        return "one of " + ", ".join(f"`{member.value}`" for member in column.members)
    return KINDS[column.kind]


def on_config(config: Any) -> Any:
    """Hook of mkdocs: add the pages of the rooms to the navigation."""
    rooms = {"Facts": "facts"} | {room.title.template: room.word for room in ROOMS.values()}
    part = next(part for part in config["nav"] if ROOMS_PART in part)
    part[ROOMS_PART] = [{title: f"reference/{word}.md"} for title, word in rooms.items()]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Hook of mkdocs: add the made pages, and those of the project's root, to the files of the site."""
    from mkdocs.structure.files import File

    made = pages() | {name: _root_page(ROOT / source) for name, source in ROOT_PAGES.items()}
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def _root_page(path: Path) -> str:
    """Give a page of the root with its links as the site has them."""
    text = path.read_text(encoding="utf-8")
    for name, source in ROOT_PAGES.items():
        text = text.replace(f"]({source})", f"]({name})")
    return re.sub(r"\]\(docs/", "](", text)
