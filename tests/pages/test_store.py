"""What was drawn is drawn again only when its content, its code or an entry of the catalogue in it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kam_analysis.findings import say
from kam_analysis.report import language as module
from kam_analysis.report.language import Language
from kam_analysis.site.store import Store


class Counted:
    def __init__(self, template: str = "yes") -> None:
        self.times, self._template = 0, template

    def __call__(self, language: Language) -> str:
        self.times += 1
        return language.text(say(self._template))  # type: ignore[arg-type]


def catalogue(monkeypatch: pytest.MonkeyPatch, entries: dict[str, str]) -> None:
    from babel.messages.catalog import Catalog

    made = Catalog(locale="ru")
    for template, translation in entries.items():
        made.add(template, translation)
    monkeypatch.setattr(module, "_catalogue", lambda _: made)


def test_a_piece_is_made_once_for_each_key_and_language(tmp_path: Path) -> None:
    made = Counted()
    for _ in range(2):
        store = Store(tmp_path)
        assert store.kept(["a"], Language("en"), made) == "yes"
        assert store.kept(["a"], Language("ru"), made) == "да"
        assert store.kept(["b"], Language("en"), made) == "yes"
        assert store.kept(["a"], Language("en", "GBP"), made) == "yes"
    assert made.times == 4


def test_a_changed_entry_makes_anew_only_what_it_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Counted("yes"), Counted("no")
    catalogue(monkeypatch, {"yes": "да", "no": "нет"})
    texts = [Store(tmp_path).kept([name], Language("ru"), made) for name, made in (("1", one), ("2", other))]
    catalogue(monkeypatch, {"yes": "так", "no": "нет"})
    texts += [Store(tmp_path).kept([name], Language("ru"), made) for name, made in (("1", one), ("2", other))]
    assert texts == ["да", "нет", "так", "нет"]
    assert (one.times, other.times) == (2, 1)


def test_a_piece_within_a_piece_hands_on_its_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def outer(store: Store) -> str:
        inner = Counted("yes")
        kept: str = store.kept(["outer"], Language("ru"), lambda own: f"({store.kept(['inner'], own, inner)})")
        return kept

    catalogue(monkeypatch, {"yes": "да"})
    assert outer(Store(tmp_path)) == "(да)"
    (tmp_path / "x").mkdir()
    for path in tmp_path.rglob("*"):  # the outer piece is made again from the kept inner one
        if path.is_file() and "(да)" in path.read_text(encoding="utf-8"):
            path.unlink()
    assert outer(Store(tmp_path)) == "(да)"
    catalogue(monkeypatch, {"yes": "так"})
    assert outer(Store(tmp_path)) == "(так)"


def test_a_damaged_piece_is_made_again(tmp_path: Path) -> None:
    made = Counted()
    Store(tmp_path).kept(["a"], Language(), made)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_text("half", encoding="utf-8")
    assert Store(tmp_path).kept(["a"], Language(), made) == "yes" and made.times == 2


def test_the_code_of_a_drawing_is_its_module_and_what_that_imports() -> None:
    store = Store(Path())
    codes = {name: store.code(f"kam_analysis.drawings.{name}") for name in ("value", "retention", "base")}
    assert len(set(codes.values())) == 3
    assert Store(Path()).code("kam_analysis.drawings.value") == codes["value"]
    seen = {name: store._package.closure([f"kam_analysis.drawings.{name}"], with_above=False) for name in codes}
    assert "kam_analysis.drawings.retention" not in seen["value"]
    assert {"kam_analysis.drawings.base", "kam_analysis.report.theme"} <= seen["value"]
