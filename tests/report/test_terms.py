"""Plural forms, both, full stops, heading case and one term per concept, by the table ``terms.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kam_analysis.findings import Message, fields
from kam_analysis.report.catalogue import read, used
from kam_analysis.report.language import STOPS, Language

RULES = yaml.safe_load(Path(__file__).with_name("terms.yaml").read_text(encoding="utf-8"))
ENTRIES = used()
CATALOGUES = {code: read(code) for code in ("ru", "mk")}


def said(code: str) -> Iterator[tuple[str, str]]:
    """Every English text with what a language says for it, each plural form by itself."""
    for template, entry in ENTRIES.items():
        english = entry.plural or template
        if code == "en":
            yield template, template
            yield english, english
            continue
        string = CATALOGUES[code].get(template).string
        yield from ((english, text) for text in ([string] if isinstance(string, str) else string) if text)


@pytest.mark.parametrize("code", ["ru", "mk"])
@pytest.mark.parametrize("rule", RULES["forms"], ids=lambda rule: rule["template"])
def test_plural_forms_follow_the_count(rule, code):
    entry = ENTRIES[rule["template"]]
    for count, expected in rule[code].items():
        values = dict.fromkeys((name for name, _ in fields(entry.plural)), count) | {"n": count}
        shown = Language(code).text(Message(entry.template, values, entry.plural, "n"))
        assert re.search(rf"(^|\s){re.escape(expected)}(\s|$)", shown), shown


def test_two_of_all_are_both():
    alls = [match.groups() for text in ENTRIES if (match := re.match(r"All \{(?:n|k):count\} (.*)", text))]
    assert alls and [rest for (rest,) in alls if f"Both {rest}" not in ENTRIES] == []


@pytest.mark.parametrize("code", ["ru", "mk"])
def test_a_translation_ends_with_a_stop_where_the_english_does(code):
    def stops(text: str, short: list[str]) -> bool:
        return text.endswith(STOPS) and not text.endswith(tuple(short))

    short = RULES["abbreviations"]
    found = [
        (english, text)
        for english, text in said(code)
        if not text.endswith(tuple(short[code])) and stops(english, short["en"]) != stops(text, short[code])
    ]
    assert found == []


@pytest.mark.parametrize("code", ["ru", "mk"])
def test_a_heading_starts_in_upper_case_where_the_english_does(code):
    found = [
        (english, text)
        for english, text in said(code)
        if english[0].isalpha() and text[0].isalpha() and english[0].isupper() != text[0].isupper()
    ]
    assert [pair for pair in found if pair[0] not in RULES["lower_case"]] == []


def test_questions_and_sentences_start_in_upper_case():
    for code in ("en", "ru", "mk"):
        asked = [text for english, text in said(code) if english.endswith("?")]
        assert asked and [text for text in asked if text[0].isalpha() and not text[0].isupper()] == []


@pytest.mark.parametrize("code", ["en", "ru", "mk"])
@pytest.mark.parametrize("rule", RULES["terms"], ids=lambda rule: rule["concept"])
def test_a_concept_has_one_term(rule, code):
    terms = rule.get(code, {})
    texts = [text for _, text in said(code)]
    if "says" in terms:
        assert any(terms["says"].casefold() in text.casefold() for text in texts), terms["says"]
    if "never" in terms:
        assert [text for text in texts if re.search(terms["never"], text, re.IGNORECASE)] == []


def test_a_month_that_begins_a_sentence_is_in_upper_case():
    sentence = Message("{month:month}, the last complete month, was the best: net sales of {net:money}.")
    start = Message("{on:date}", {"on": "2025-12-09"})
    assert sentence.template in ENTRIES
    assert Language("ru").sentence(Message("{on:month}", {"on": "2025-12-09"})) == "Дек. 2025."
    assert Language("ru").sentence(start).startswith("9 дек.")
    assert Language("ru").sentence(Message("{name}", {"name": "iShop"})) == "iShop."
