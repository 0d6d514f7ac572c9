"""Bring the language catalogue up to date: ``python -m kam_analysis.report.catalogue``.

Collects every literal template of `say` and `say_n` in the package and in code cells, and every heading and paragraph
that a notebook shows, and writes ``locale/{ru,mk}.po``: translations are kept, entries nobody uses are deleted, the
order is alphabetical, no dates and no line numbers. English has no file: it is the entry itself.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from kam_analysis.report.language import has_words, is_own_sentence, wrong_entries
from kam_analysis.report.prose import blocks, is_shown, sentence_of

PACKAGE = Path(__file__).parents[1]
LOCALE = Path(__file__).parent / "locale"
PLURAL_RULES = {
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "mk": "nplurals=2; plural=(n%10==1 && n%100!=11 ? 0 : 1);",
}
_WIDTH = 110


@dataclass
class Entry:
    """A template in use: its plural form, if it has one, and the files that say it."""

    template: str
    plural: str | None = None
    files: set[str] = field(default_factory=set)


class NotLiteralError(Exception):
    """A template that is computed cannot be translated."""


def templates_in(source: str, name: str) -> Iterator[tuple[str, str | None]]:
    """Templates of all calls of `say` and `say_n` in Python source, with plural forms.

    A sentence of its own for exactly one (`is_own_sentence`) is one entry, the plural another.

    Raises
    ------
    NotLiteralError
        When a template is not written out.

    Examples
    --------
    >>> list(templates_in('say("one " "text"); say_n("a", "b", count="n", n=2)', "x.py"))
    [('one text', None), ('a', 'b')]
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("say", "say_n"):
            asked = 2 if node.func.id == "say_n" else 1  # type: ignore[attr-defined]
            texts = [argument.value for argument in node.args[:asked] if isinstance(argument, ast.Constant)]
            if len(texts) != asked or not all(isinstance(text, str) for text in texts):
                raise NotLiteralError(f"{name}, line {node.lineno}: the template is not a literal text")
            one, many = str(texts[0]), str(texts[1]) if asked == 2 else None
            yield from ((_text(word.value, name), None) for word in node.keywords if word.arg == "two" and many)
            if many is not None and is_own_sentence(one, many):
                yield from ((one, None), (many, many))
            else:
                yield one, many


def _text(node: ast.expr, name: str) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise NotLiteralError(f"{name}, line {node.lineno}: the template is not a literal text")
    return node.value


def used(package: Path = PACKAGE, notebooks: Path | None = None) -> dict[str, Entry]:
    """Everything that the package and the notebooks say, by template in alphabetical order."""
    entries: dict[str, Entry] = {}
    for template, plural, name in [*_in_package(package), *_in_notebooks(notebooks or _notebooks())]:
        entry = entries.setdefault(template, Entry(template, plural))
        entry.plural = entry.plural or plural
        entry.files.add(name)
    return dict(sorted(entries.items()))


def _notebooks() -> Path:
    return PACKAGE.parents[1] / "notebooks"


def _in_package(package: Path) -> Iterator[tuple[str, str | None, str]]:
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        for template, plural in templates_in(path.read_text(encoding="utf-8"), name):
            yield template, plural, name


def _in_notebooks(folder: Path) -> Iterator[tuple[str, str | None, str]]:
    for path in sorted(folder.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown" and is_shown(cell):
                yield from ((sentence_of(block), None, path.name) for block in blocks(source))
            elif cell["cell_type"] == "code":
                yield from ((template, plural, path.name) for template, plural in templates_in(source, path.name))


def read(code: str, folder: Path = LOCALE) -> Catalog:
    """Catalogue of a language as it is on disk; empty where the file is missing."""
    path = folder / f"{code}.po"
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def updated(code: str, entries: Iterable[Entry], old: Catalog) -> bytes:
    """Bytes of a language's file with these entries and the translations of the old one."""
    catalog = Catalog(locale=code)
    forms = int(PLURAL_RULES[code][len("nplurals=")])
    for entry in entries:
        texts = _texts(old.get(entry.template))
        places = [(name, 0) for name in sorted(entry.files)]
        if entry.plural is None:
            catalog.add(entry.template, texts[0] if texts else "", locations=places)
        else:
            kept = texts if len(texts) == forms else ("",) * forms
            catalog.add((entry.template, entry.plural), kept, locations=places)
    for message in catalog:
        message.flags.clear()
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=_WIDTH, omit_header=True, sort_output=True, include_lineno=False)
    return _header(code).encode() + buffer.getvalue()


def _header(code: str) -> str:
    return (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {code}\\n"\n"Plural-Forms: {PLURAL_RULES[code]}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    )


def missing(entries: Iterable[Entry], catalog: Catalog) -> list[str]:
    """Templates with words that the catalogue does not hold or does not translate."""
    lacking = []
    for entry in entries:
        texts = _texts(catalog.get(entry.template))
        if has_words(entry.template) and not (texts and all(texts)):
            lacking.append(entry.template)
    return lacking


def unused(entries: Iterable[Entry], catalog: Catalog) -> list[str]:
    """Templates that the catalogue holds and nobody says."""
    said = {entry.template for entry in entries}
    held = (message.id if isinstance(message.id, str) else message.id[0] for message in catalog if message.id)
    return [template for template in held if template not in said]


def _texts(message: Message | None) -> tuple[str, ...]:
    """Give the translations of an entry: one, or one per plural form."""
    if message is None or message.string is None:
        return ()
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def wrong(catalog: Catalog) -> list[str]:
    """Find translations whose values or formats differ from the English: each as "template -> translation"."""
    return [f"{english} -> {translation}" for _, english, translation in wrong_entries(catalog)]


def main() -> int:
    """Write the files and say how much is not translated."""
    entries = used().values()
    for code in PLURAL_RULES:
        old = read(code)
        (LOCALE / f"{code}.po").write_bytes(updated(code, entries, old))
        count = len(missing(entries, read(code)))
        sys.stdout.write(f"{code}: {len(entries)} entries, {count} without translation\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
