"""Pages of ``docs/`` that are written from the code and so agree with it: ``python -m kam_analysis.handbook``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from kam_analysis.pipeline.project import INTERIM_TABLES, ROOMS, find_project
from kam_analysis.tables import SHARED, Column, Kind, Table

PACKAGE = Path(__file__).parent
SERVING_ROOMS = ("facts",)
HEAD = "<!-- Written by `python -m kam_analysis.handbook`; a test compares the two. -->\n\n"
KINDS = {
    Kind.ID: "id",
    Kind.NAME: "name",
    Kind.TEXT: "text",
    Kind.MEMBER: "one of",
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
    """Text of every page by file name."""
    return {"map.md": map_page(), "methods.md": methods_page(), "data_dictionary.md": dictionary_page()}


def map_page() -> str:
    """Tree of the package with the first line of every module's docstring."""
    lines = [
        HEAD + "# Map\n",
        "One word names the room of the package, the stage of `dvc.yaml`, the section of `params.yaml`, the",
        "notebook, the metrics file, the folder of tests and the chapter of the report. Imports run downwards",
        "only; a test reads them.\n",
        "```",
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


def methods_page() -> str:
    """Every public function of every room: what it says, its formula, its boundaries, an example."""
    lines = [
        HEAD + "# Methods\n",
        "How every number of the reports is computed, from the docstrings of the functions that do it.\n",
    ]
    for room in (*SERVING_ROOMS, *ROOMS):
        package = import_module(f"kam_analysis.{room}")
        lines += [f"## {room}\n", f"{_doc(package).splitlines()[0]}\n"]
        for module in _modules(room):
            for name, function in _functions(module):
                lines += _method(module, name, function)
    return "\n".join(lines).rstrip() + "\n"


def _modules(room: str) -> list[ModuleType]:
    paths = (path for path in (PACKAGE / room).rglob("*.py") if path.stem not in ("__init__", "tables"))
    names = sorted(".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in paths)
    return [import_module(f"kam_analysis.{name}") for name in names]


def _functions(module: ModuleType) -> list[tuple[str, object]]:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return [(name, getattr(module, name)) for name in names]


def _method(module: ModuleType, name: str, function: object) -> list[str]:
    sections = _sections(_doc(function))
    lines = [f"### {name}\n", f"`{module.__name__}`\n", sections[""].strip() + "\n"]
    for title in ("Notes", "Raises"):
        if title in sections:
            lines += [f"*{title}.* " + " ".join(sections[title].split()) + "\n"]
    if "Examples" in sections:
        lines += ["```python", sections["Examples"].strip(), "```\n"]
    return lines


def _doc(thing: object) -> str:
    text = getattr(thing, "__doc__", None) or ""
    first, _, rest = text.partition("\n")
    indents = [len(line) - len(line.lstrip()) for line in rest.splitlines() if line.strip()]
    cut = min(indents, default=0)
    return "\n".join([first.strip(), *(line[cut:] for line in rest.splitlines())]).strip()


def _sections(docstring: str) -> dict[str, str]:
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", docstring, flags=re.MULTILINE)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def dictionary_page() -> str:
    """Every table with its grain, file and columns."""
    lines = [
        HEAD + "# Data dictionary\n",
        "Money is exact decimals in Parquet, plain numbers in CSV. Shares are fractions 0–1. A key is unique.\n",
        "## Tables between the stages\n",
    ]
    for table in SHARED.values():
        folder = "interim" if table.name in INTERIM_TABLES else "processed"
        lines += _table(table, f"data/{folder}/{table.name}.parquet")
    for room in ROOMS:
        lines.append(f"## Tables of the chapter {room}\n")
        for table in import_module(f"kam_analysis.{room}.tables").PUBLISHED.values():
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


if __name__ == "__main__":
    folder = find_project() / "docs"
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
