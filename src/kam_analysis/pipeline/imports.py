"""Which modules and package files a piece of code needs, read from its text without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """All modules of a package by their dotted names.

    Parameters
    ----------
    folder : Path
        The package's folder; its name is the package's name.
    """

    folder: Path
    _imports: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Dotted names and files."""
        found = {}
        for path in sorted(self.folder.rglob("*.py")):
            parts = path.relative_to(self.folder.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    def imported_by(self, module: str) -> frozenset[str]:
        """Modules of the package that a module names in its imports, wherever they stand in it."""
        if module not in self._imports:
            path = self.modules[module]
            inside = module if path.name == "__init__.py" else module.rpartition(".")[0]
            self._imports[module] = frozenset(self.imports(path.read_text(encoding="utf-8"), inside))
        return self._imports[module]

    def imports(self, code: str, inside: str = "") -> Iterator[str]:
        """Modules of the package that `code`, a part of the package `inside`, names in its imports."""
        for node, name in imported_names(ast.parse(code), inside):
            if name in self.modules:
                yield name
            elif isinstance(node, ast.ImportFrom) and (above := name.rpartition(".")[0]) in self.modules:
                yield above

    def closure(self, seeds: Iterable[str], with_above: bool = True) -> set[str]:
        """Modules that importing `seeds` can lead to, `seeds` and, unless told otherwise, the packages above them."""
        found: set[str] = set()
        waiting = list(seeds)
        while waiting:
            module = waiting.pop()
            if module in found:
                continue
            found.add(module)
            if with_above and (above := module.rpartition(".")[0]):
                waiting.append(above)
            waiting.extend(self.imported_by(module))
        return found

    def files(self, modules: Iterable[str]) -> list[Path]:
        """Files of `modules`, and the files of their packages that are no modules: SQL, maps, templates, catalogues."""
        paths = {self.modules[module] for module in modules}
        for folder in {path.parent for path in paths}:
            paths.update(_data_files(folder))
        return sorted(paths)

    def all_files(self) -> set[Path]:
        """All files of the package."""
        return {path for path in self.folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__"}

    def folded(self, files: set[Path], hidden: set[Path]) -> list[Path]:
        """Give `files` with every folder in place of its files when all of them, the `hidden` ones aside, are there."""
        return list(_folded(self.folder, self.all_files() - hidden, files))


def _folded(folder: Path, visible: set[Path], files: set[Path]) -> Iterator[Path]:
    inside = {path for path in visible if path.is_relative_to(folder)}
    if inside and inside <= files:
        yield folder
        return
    yield from sorted(path for path in inside & files if path.parent == folder)
    parts = {path.relative_to(folder).parts[0] for path in inside if path.parent != folder}
    for part in sorted(parts):
        yield from _folded(folder / part, visible, files)


def imported_names(tree: ast.AST, inside: str = "") -> Iterator[tuple[ast.stmt, str]]:
    """Every name that is imported, as a dotted name, with its statement; relative imports count from `inside`.

    Examples
    --------
    >>> [name for _, name in imported_names(ast.parse("from .b import c"), "a")]
    ['a.b.c']
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = inside.split(".")[: len(inside.split(".")) - node.level + 1] if node.level else []
            for alias in node.names:
                yield node, ".".join([*base, *([node.module] if node.module else []), alias.name])


def _data_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name != "__pycache__" and not (path / "__init__.py").exists():
            yield from (file for file in path.rglob("*") if file.is_file())
        elif path.is_file() and path.suffix not in (".py", ".pyc"):
            yield path
