"""Names taken apart, written in other letters, and compared; how often right on labelled pairs."""

from __future__ import annotations

import csv
import sys
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kam_analysis.customers.blocking import candidate_pairs
from kam_analysis.customers.letters import match_key, repaired, to_cyrillic, to_latin
from kam_analysis.customers.names import taken_apart
from kam_analysis.customers.similarity import similarity
from kam_analysis.vocabulary import SimilarityReason

HERE = Path(__file__).parent
Pair = tuple[str, str, bool]


def labelled(file: str) -> list[list[Pair]]:
    """Pairs of every group of a file: all spellings of one customer, and each of them beside other customers."""
    groups: list[list[Pair]] = []
    same: list[str] = []
    for line in (HERE / file).read_text(encoding="utf-8").splitlines():
        names = [name.strip() for name in line[2:].split("|")]
        if line.startswith("= "):
            same = names
            groups.append([(one, other, True) for one, other in combinations(same, 2)])
        elif groups:
            groups[-1] += [(one, other, False) for one in same for other in names]
    return groups


def measured(pairs: list[Pair]) -> tuple[float, float, list[Pair]]:
    """Precision, recall, and the pairs that were judged wrongly."""
    judged = [(pair, similarity(taken_apart(pair[0]), taken_apart(pair[1])).may_be_same) for pair in pairs]
    hits = sum(found and pair[2] for pair, found in judged)
    precision = hits / sum(found for _, found in judged)
    return precision, hits / sum(same for *_, same in pairs), [pair for pair, found in judged if found != pair[2]]


def test_the_labelled_pairs_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    groups = labelled("names.txt")
    parts = {
        "tuned on": [pair for number, group in enumerate(groups) for pair in group if number % 3 != 2],
        "set aside": [pair for number, group in enumerate(groups) for pair in group if number % 3 == 2],
        "written after the rules": [pair for group in labelled("names_aside.txt") for pair in group],
    }
    figures = {part: measured(pairs) for part, pairs in parts.items()}
    with capsys.disabled():
        for part, (precision, recall, _) in figures.items():
            told = f"{part}: {len(parts[part])} pairs, precision {precision:.3f}, recall {recall:.3f}"
            sys.stdout.write(f"\n{told}")
    assert sum(map(len, parts.values())) >= 500
    for part in ("tuned on", "set aside"):
        precision, recall, wrong = figures[part]
        assert precision >= 0.99 and recall >= 0.90, wrong
    precision, recall, wrong = figures["written after the rules"]
    assert precision >= 0.95 and recall >= 0.90, wrong


def test_pairs_of_many_kinds_are_compared_and_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Pairs by kind, fixed before the rules: of half `B` only numerals and common words in two scripts were mended."""
    with (HERE / "name_pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] != "homonym"]
    is_shown = [
        bool(list(candidate_pairs(names))) and similarity(names["a"], names["b"]).may_be_same
        for row in rows
        for names in [{"a": taken_apart(row["name_a"]), "b": taken_apart(row["name_b"])}]
    ]
    figures = {}
    for half in ("A", "B"):
        judged = [(row, shown) for row, shown in zip(rows, is_shown, strict=True) if row["half"] == half]
        hits = sum(shown and row["same"] == "1" for row, shown in judged)
        figures[half] = hits / sum(shown for _, shown in judged), hits / sum(row["same"] == "1" for row, _ in judged)
        with capsys.disabled():
            told = "{} pairs, precision {:.3f}, recall {:.3f}".format(len(judged), *figures[half])
            sys.stdout.write(f"\nhalf {half}: {told}")
    assert figures["A"][0] >= 0.99 and figures["A"][1] >= 0.90
    assert figures["B"][0] >= 0.99 and figures["B"][1] >= 0.90


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("ООО «Ромашка»", "Romashka LLC", SimilarityReason.SAME_WORDS),
        ("Konaci Džin a.d.", 'Džin "Konaci"', SimilarityReason.OTHER_ORDER),
        ("ООО СтройИнвест", "Строй Инвест", SimilarityReason.WRITTEN_TOGETHER),
        ("Щербаков Ю.", "Shcherbakov Yurii", SimilarityReason.INITIALS),
        ("Žito Luks AD", "Zito Luks AD", SimilarityReason.MARKS),
        ("Golden Field Cooperative", "Golden Feild Cooperative", SimilarityReason.ONE_LETTER),
    ],
)
def test_the_reason_says_what_is_alike(one: str, other: str, reason: SimilarityReason) -> None:
    found = similarity(taken_apart(one), taken_apart(other))
    assert found.may_be_same and found.reason is reason


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        ("Завод № 5", "Завод № 6", SimilarityReason.NUMBERS_DIFFER),
        ("Завод № 5", "Завод", SimilarityReason.NUMBER_MISSING),
        ("ООО «Север»", "ИП Север", SimilarityReason.FORMS_DIFFER),
        ("Old-Mill Hotels Ltd – Sofia", "Old-Mill Hotels Ltd – Burgas", SimilarityReason.PLACES_DIFFER),
    ],
)
def test_what_speaks_against_keeps_them_apart(one: str, other: str, against: SimilarityReason) -> None:
    found = similarity(taken_apart(one), taken_apart(other))
    assert not found.may_be_same and found.against is against


def test_legal_forms_go_wherever_they_stand_but_never_the_whole_name() -> None:
    for name in (
        "ООО Альфа",
        "Альфа ООО",
        "Альфа, общество с ограниченной ответственностью",
        "Alfa d.o.o.",
        "a.d. Alfa",
    ):
        assert taken_apart(name).words == ("alfa",), name
    assert taken_apart("ООО").words and taken_apart("ООО").form is None
    assert taken_apart("Слаткарница АД Тетово").tail == ("tetovo",)
    assert taken_apart("Кафе ад").words == ("kafe",) and taken_apart("Дорога в ад и обратно").form is None


def test_branches_share_a_core() -> None:
    one, other = taken_apart("ТП Маркет „Тиквеш“ – Штип 2"), taken_apart("ТП Маркет „Тиквеш“")
    assert one.core == other.core and one != other
    assert taken_apart("Завод 5 – Москва 2").core.numbers == ("5",)


def test_letters_by_hand() -> None:
    assert to_latin("Юрий Щербаков") == "Iurii Shcherbakov"  # ICAO 9303: ю iu, й i, щ shch
    assert to_latin("Џамбазов", "mk") == "Djambazov" and to_latin("Џамбазов", "sr") == "Džambazov"
    assert to_latin("Ξενοδοχείο") == "Xenodocheio" and to_latin("Ελλάς") == "Ellas"
    assert to_latin("София", "bg") == "Sofiya" and to_latin("Café") == "Café"
    assert to_cyrillic("Skopje", "mk") == "Скопје" and to_cyrillic("Nikšić", "sr") == "Никшић"
    assert repaired("Ceвep") == "Север" and repaired("XML-ка") == "XML-ка" and repaired("Hеllо") == "Hello"


@pytest.mark.parametrize(
    "spellings",
    [
        ("Њаванов", "Njavanov", "Ņavanov"),
        ("Цветков", "Tsvetkov", "Cvetkov"),
        ("Ксенон", "Ksenon", "Xenon"),
        ("Müller", "Mueller", "Muller"),
        ("Петровић", "Petrović", "Petrovic"),
        ("Хлеб", "Khleb", "Hleb"),
    ],
)
def test_spellings_of_one_word_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({match_key(repaired(word)) for word in spellings}) == 1


names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z")), max_size=40)


@settings(max_examples=settings.default.max_examples * 2)
@given(names, names)
@example("BA", "B.")
def test_any_names_can_be_compared_both_ways(one: str, other: str) -> None:
    first, second = taken_apart(one), taken_apart(other)
    there, back = similarity(first, second), similarity(second, first)
    assert 0 <= there.score <= 1 and there.score == pytest.approx(back.score)
    if first.words:
        assert similarity(first, taken_apart(one.upper().lower())).score >= 0
        assert similarity(first, first).score == 1


@given(st.text("абвгдежзиклмнопрстуфхцчшщэюя ", max_size=30))
def test_latin_letters_hold_no_cyrillic_and_a_key_is_stable(text: str) -> None:
    assert not any("Ѐ" <= letter <= "ӿ" for letter in to_latin(text))
    assert all(letter.isascii() for letter in match_key(text))
