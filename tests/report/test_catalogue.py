"""The catalogue holds everything that the package and the notebooks say, and translations keep the values."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from kam_analysis.params import LANGUAGES
from kam_analysis.report import catalogue
from kam_analysis.report.catalogue import Entry, missing, templates_in, unused, updated, used, wrong

FALLBACKS = Path(__file__).with_name("fallbacks.json")


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return list(used().values())


@pytest.mark.parametrize("code", LANGUAGES[1:])
def test_a_catalogue_holds_exactly_what_is_said(code: str, entries: list[Entry]) -> None:
    held = catalogue.read(code)
    run = "run: python -m kam_analysis.report.catalogue"
    assert [entry.template for entry in entries if held.get(entry.template) is None] == [], run
    assert unused(entries, held) == [], run


def test_english_is_the_entry_itself_and_every_other_language_has_its_file() -> None:
    assert {path.stem for path in catalogue.LOCALE.glob("*.po")} == set(LANGUAGES[1:]) == set(catalogue.PLURAL_RULES)


@pytest.mark.parametrize("code", ["ru", "mk"])
def test_fallbacks_may_only_fall(code: str, entries: list[Entry]) -> None:
    allowed = json.loads(FALLBACKS.read_text(encoding="utf-8"))[code]
    lacking = missing(entries, catalogue.read(code))
    assert len(lacking) <= allowed, f"translate what was added to {code}.po, e.g. {lacking[:3]}"


@pytest.mark.parametrize("code", ["ru", "mk"])
def test_translations_keep_values_and_formats(code: str) -> None:
    assert wrong(catalogue.read(code)) == []


@pytest.mark.parametrize("code", ["ru", "mk"])
def test_an_update_changes_nothing_that_is_up_to_date(code: str, entries: list[Entry]) -> None:
    written = updated(code, entries, catalogue.read(code))
    again = updated(code, reversed(entries), read_po(BytesIO(written), locale=code))
    assert again == written
    assert b"Date" not in written.partition(b"\n\n")[0]


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("{x:share} of sales", "{x:share0} продаж"),  # another format
        ("{x:share} of sales", "продажи"),  # a value left out
        ("{x:share} of sales", "{y:share} продаж"),  # another name
        ("{x:share} of sales", "{x:share продаж"),  # broken
        ("of sales", "{x} продаж"),  # a value made up
    ],
)
def test_a_translation_with_other_values_is_refused(english: str, translation: str) -> None:
    read = read_po(BytesIO(f'msgid "{english}"\nmsgstr "{translation}"\n'.encode()), locale="ru")
    assert len(wrong(read)) == 1


def test_every_plural_form_needs_the_count_because_21_is_singular_in_russian() -> None:
    forms = 'msgstr[0] "один клиент"\nmsgstr[1] "{n:count} клиента"\nmsgstr[2] "{n:count} клиентов"\n'
    read = read_po(BytesIO(('msgid "one client"\nmsgid_plural "{n:count} clients"\n' + forms).encode()), locale="ru")
    assert wrong(read) == ["{n:count} clients -> один клиент"]


def test_a_sentence_for_exactly_one_is_an_entry_of_its_own() -> None:
    source = 'say_n("The only one.", "All {n:count}.", count="n", n=n); say_n("{n:count} a", "{n:count} b", count="n")'
    assert list(templates_in(source, "x.py")) == [
        ("The only one.", None),
        ("All {n:count}.", "All {n:count}."),
        ("{n:count} a", "{n:count} b"),
    ]


def test_a_computed_template_is_refused() -> None:
    with pytest.raises(catalogue.NotLiteralError, match=r"room\.py, line 2"):
        list(templates_in('x = 1\nsay(f"{x} clients")', "room.py"))


def test_prose_that_a_page_shows_is_in_the_catalogue_and_nothing_else(tmp_path: Path) -> None:
    def cell(kind: str, source: str, *tags: str) -> dict[str, object]:
        return {"cell_type": kind, "source": [source], "metadata": {"tags": list(tags)}}

    cells = [
        cell("markdown", "# Title for the analyst\n\nIntroduction."),
        cell("markdown", "## How sure\n\nFirst\nparagraph.\n\n- item"),
        cell("markdown", "Hidden.", "hide"),
        cell("code", 'stage.head(say("Who?"))'),
    ]
    (tmp_path / "01_x.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    empty = tmp_path / "package"
    empty.mkdir()
    assert list(used(empty, tmp_path)) == ["First paragraph.", "How sure", "Who?", "item"]


def test_an_entry_nobody_uses_is_deleted_and_a_translation_is_kept() -> None:
    old = read_po(BytesIO('msgid "a"\nmsgstr "а"\n\nmsgid "gone"\nmsgstr "нет"\n'.encode()), locale="ru")
    written = updated("ru", [Entry("a", None, {"x.py"}), Entry("b", None, {"x.py"})], old).decode()
    assert 'msgid "a"\nmsgstr "а"' in written and 'msgid "b"\nmsgstr ""' in written and "gone" not in written
