"""What was drawn, kept by what it was drawn from: drawn again only when one of these changes.

A piece is known by its content (findings and tables), the language, the code that draws it and the versions of the
libraries. The entries of the language catalogue that went into it are kept beside it; it is drawn again when one of
them reads differently now. Everything here can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.imports import Package
from kam_analysis.report.language import Language

LIBRARIES = ("babel", "jinja2", "matplotlib", "pandas", "seaborn")
NO_LOOK = (".py", ".pyc", ".po")
PACKAGE = Path(__file__).parents[1]


class Store:
    """Pieces of pages in a folder.

    Parameters
    ----------
    folder : Path
        Made when the first piece is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._package = Package(PACKAGE)
        self._codes: dict[tuple[str, ...], str] = {}
        self.drawn = 0

    def code(self, *modules: str) -> str:
        """Fingerprint of the code that `modules` lead to, the templates of pages and the versions of the libraries."""
        if modules not in self._codes:
            files = {self._package.modules[name] for name in self._package.closure(modules, with_above=False)}
            digest = hashlib.sha256(self._look.encode())
            for path in sorted(files):
                digest.update(path.read_bytes())
            self._codes[modules] = digest.hexdigest()
        return self._codes[modules]

    @cached_property
    def _look(self) -> str:
        templates = [path for path in (PACKAGE / "report").rglob("*") if path.is_file() and path.suffix not in NO_LOOK]
        return " ".join([*(path.read_text(encoding="utf-8") for path in sorted(templates)), *map(version, LIBRARIES)])

    def kept(self, key: Sequence[str], language: Language, make: Callable[[Language], Any]) -> Any:
        """Give a piece (JSON) out of the store, or make and keep it.

        Parameters
        ----------
        key : sequence of str
            What the piece is made from, the language aside.
        language : Language
            Learns which entries of the catalogue the piece is made from.
        make : callable
            Makes the piece with the language that it is given.
        """
        name = hashlib.sha256(json.dumps([*key, language.code, language.currency]).encode()).hexdigest()
        path = self._folder / name[:2] / name[2:]
        entries, piece = _read(path)
        if piece is None or any(language.entry(template) != entry for template, entry in entries.items()):
            own = replace(language, asked={})
            piece, entries = make(own), own.asked
            replace_text(path, json.dumps([entries, piece], ensure_ascii=False))
            self.drawn += 1
        language.asked.update(entries)
        return piece


def _read(path: Path) -> tuple[dict[str, Any], Any]:
    try:
        entries, piece = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}, None
    return entries, piece
