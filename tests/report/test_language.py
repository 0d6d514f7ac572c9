"""Numbers, dates and sentences in three languages."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.findings import Message, say, say_n
from kam_analysis.report import catalogue
from kam_analysis.report import language as module
from kam_analysis.report.language import Language, clean
from kam_analysis.vocabulary import Band

MINUS, NBSP = "\u2212", "\u00a0"


def spaced(text: str) -> str:
    """No-break spaces written as underscores, so that a test shows them."""
    return text.replace(NBSP, "_")


@pytest.mark.parametrize(
    ("code", "full", "short", "share", "negative"),
    [  # the table of the look
        ("en", "8,300,083.81", "8.30_M", "3.4_%", "−611,342"),
        ("ru", "8_300_083,81", "8,30_млн", "3,4_%", "−611_342"),
        ("mk", "8.300.083,81", "8,30_мил.", "3,4_%", "−611.342"),
    ],
)
def test_the_forms_of_the_look(code: str, full: str, short: str, share: str, negative: str) -> None:
    language = Language(code)
    written = [
        language.decimal(8300083.81, 2),
        language.format(8300083.81, "money"),
        language.format(0.034, "share"),
        language.format(-611342, "money_full"),
    ]
    assert [spaced(text) for text in written] == [full, short, share, negative]


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "0"),
        (45.5, "45.50"),  # below a hundred cents matter
        (9_999.4, "9,999"),  # below ten thousand nothing is shortened
        (9_999.5, "10.0_k"),  # rounds to 10,000
        (46_749, "46.7_k"),
        (285_400, "285_k"),
        (999_499, "999_k"),  # three figures: 999
        (999_500, "1.00_M"),  # three figures: 1,000 thousand is a million
        (12_340_000, "12.3_M"),
        (1_230_000_000, "1.23_bn"),
        (-46_749, "−46.7_k"),
    ],
)
def test_short_money_has_three_figures(amount: float, written: str) -> None:
    assert spaced(Language().format(amount, "money")) == written


@pytest.mark.parametrize(
    ("code", "currency", "written"),
    [
        ("en", "GBP", "−£1,234"),
        ("en", "MKD", "−MKD_1,234"),
        ("en", None, "−1,234"),
        ("ru", "RUB", "−1_234_₽"),
        ("mk", "MKD", "−1.234_ден."),
        ("mk", None, "−1.234"),
    ],
)
def test_the_currency_stands_where_the_language_puts_it(code: str, currency: str | None, written: str) -> None:
    assert spaced(Language(code, currency).format(-1234, "money_full")) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0, "0_%"),
        (0.00004, "<0.01_%"),  # 0.004 % would round to a false zero
        (0.00005, "0.01_%"),  # 0.005 % rounds away from zero
        (0.0035, "0.35_%"),  # below 1 % two decimals
        (0.01, "1.0_%"),
        (0.9949, "99.5_%"),  # 99.49 % rounds to 99.5
        (0.995, ">99_%"),
        (0.99999, ">99_%"),  # never a false 100
        (1, "100_%"),
        (1.023, "102.3_%"),
        (-0.034, "−3.4_%"),
    ],
)
def test_shares(share: float, written: str) -> None:
    assert spaced(Language().format(share, "share")) == written


@given(st.floats(min_value=1e-9, max_value=1, exclude_max=True))
def test_no_share_below_one_reads_as_a_hundred_and_none_above_zero_as_zero(share: float) -> None:
    written = Language().format(share, "share")
    assert not written.startswith("100") and written != f"0{NBSP}%"


@pytest.mark.parametrize(
    ("difference", "written"),
    [
        (0.041, "+4.1_points"),
        (0.01, "+1_point"),
        (0.001, "+0.1_points"),
        (0.1234, "+12_points"),  # from ten points on: none
        (0.0009, "+0.09_points"),  # between 0.46 % and 0.37 %, which are written with two decimals
        (-0.0006, "−0.06_points"),
        (0, "no change"),
        (0.0004, "no change"),
        (-0.0999, "−10_points"),
    ],
)
def test_points(difference: float, written: str) -> None:
    assert spaced(Language().format(difference, "points")) == written


def test_an_abbreviation_at_the_end_has_one_full_stop() -> None:
    russian = Language("ru")
    template = "{who}: {money:money}. {money:money}."
    written = russian._filled(template, {"who": "Co.", "money": 124_000})
    assert spaced(written) == "Co.: 124_тыс. 124_тыс."
    assert spaced(Language("ru", "EUR")._filled("{money:money}.", {"money": 124_000})) == "124_тыс._€."
    assert Language("ru")._filled("{who}.", {"who": "Co."}) == "Co."
    assert Language("mk").text(say("{parts:names}.", parts=["Ада", "12 илј."])) == "Ада и 12 илј."


def test_a_change_carries_its_sign_and_one_too_small_to_show_is_none() -> None:
    written = [Language().format(value, "change") for value in (0.205, -0.034, 0.0004, 0)]
    assert [spaced(text) for text in written] == ["+20.5_%", "−3.4_%", "no change", "no change"]


def test_growth_from_three_times_on_reads_as_a_multiple() -> None:
    grown = (1.99, 2, 2.44, 56)  # to 2.99, 3, 3.44 and 57 times
    assert [spaced(Language().format(g, "change")) for g in grown] == ["+199.0_%", "3-fold", "3.4-fold", "57-fold"]
    russian = [Language("ru").format(g, "change") for g in (2, 2.44, 4, 20)]
    assert russian == ["в 3 раза", "в 3,4 раза", "в 5 раз", "в 21 раз"]


def test_a_sentence_for_exactly_one_is_not_said_of_twenty_one() -> None:
    russian, macedonian = Language("ru"), Language("mk")

    def written(n: int, language: Language) -> str:
        return language.text(
            say_n(
                "The only larger unit does not depend on one client for more than {limit:share0}.",
                "None of {n:count} larger units depends on one client for more than {limit:share0}.",
                count="n",
                n=n,
                limit=0.3,
            )
        )

    assert written(1, russian).startswith("Единственное подразделение")
    assert written(21, russian).startswith("Из 21 подразделения")
    assert written(5, russian).startswith("Из 5 подразделений")
    assert written(1, macedonian).startswith("Единствената")
    assert "21" in written(21, macedonian)
    assert written(1, Language()).startswith("The only") and written(21, Language()).startswith("None of 21")


def test_the_russian_form_of_one_fits_twenty_one_too() -> None:
    # "21 клиент … его покупки" would give twenty-one clients one purse
    pronouns = re.compile(r"\b(его|её|ему|ей)\b(?!.*\{name\})")
    forms = [message.string[0] for message in catalogue.read("ru") if isinstance(message.string, tuple)]
    assert [form for form in forms if form.startswith("{n:count}") and pronouns.search(form)] == []


def test_a_name_with_quotes_inside_quotes_has_inner_ones() -> None:
    template = "Без клиента «{who}» остаётся {what}."
    written = Language("ru")._filled(template, {"who": "ООО «Альфа»", "what": "ООО «Бета»"})
    assert written == "Без клиента «ООО „Альфа“» остаётся ООО «Бета»."
    assert Language("mk")._filled("„{who}“", {"who": "Друштво „Ада“"}) == "„Друштво ‚Ада‘“"


@pytest.mark.parametrize(
    ("code", "day", "month"),
    [("en", "9 Dec 2011", "Dec 2011"), ("ru", "9 дек. 2011", "дек. 2011"), ("mk", "9 дек. 2011", "дек. 2011")],
)
def test_dates_read_as_in_the_language(code: str, day: str, month: str) -> None:
    for value in (dt.date(2011, 12, 9), pd.Timestamp(2011, 12, 9, 23, 59), "2011-12-09"):
        assert Language(code).format(value, "date") == day
        assert Language(code).format(value, "month") == month


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        ("2011-09-01", "2011-11-30", "Sep–Nov 2011"),
        ("2010-12-01", "2011-11-30", "Dec 2010–Nov 2011"),
        ("2011-11-01", "2011-11-30", "Nov 2011"),
        ("2012-02-01", "2012-02-29", "Feb 2012"),
        ("2011-12-01", "2011-12-09", "1–9 Dec 2011"),
        ("2011-09-01", "2011-12-09", "1 Sep – 9 Dec 2011"),
        ("2010-12-02", "2011-12-09", "2 Dec 2010 – 9 Dec 2011"),
        ("2011-12-09", "2011-12-09", "9 Dec 2011"),
    ],
)
def test_periods(first: str, last: str, written: str) -> None:
    assert Language().format((first, last), "period") == written


def test_names_are_joined_as_in_the_language() -> None:
    names = ["Netherlands", "EIRE", "Australia"]
    assert Language("en").format(names, "names") == "Netherlands, EIRE and Australia"
    assert Language("ru").format(names, "names") == "Netherlands, EIRE и Australia"


def test_nothing_known_is_said_in_words_and_the_infinite_is_an_error() -> None:
    language = Language()
    for absent in (None, float("nan"), pd.NaT, pd.NA):
        assert language.format(absent, "share") == "not measurable"
        assert language.format(absent, "") == "not in the data"
    assert language.format((None, "2011-01-01"), "period") == "not measurable"
    with pytest.raises(ValueError, match="inf"):
        language.format(float("inf"), "money")
    with pytest.raises(ValueError, match="unknown format"):
        language.format(1, "percent")
    with pytest.raises(TypeError, match="no text"):
        language.text(say("{n} clients", n=3))


def test_text_nests_messages_members_and_names() -> None:
    inner = say("{share:share} of sales", share=0.5)
    said = say("{band}: {who} ({inner})", band=Band.MONO, who="A {b} <i>", inner=inner)
    assert Language().text(said) == f"mono-client: A {{b}} <i> (50.0{NBSP}% of sales)"
    assert Language().text(None) == ""


@given(st.text())
def test_a_name_in_a_sentence_loses_control_signs_and_nothing_else(name: str) -> None:
    said = Language().text(say("“{name}”", name=name))
    assert said == f"“{clean(name)}”"
    assert [sign for sign in clean(name) if sign.isalnum()] == [sign for sign in name if sign.isalnum()]
    assert not any(sign in clean(name) for sign in "\x00\x1b\n\u202e\u2066")


def _po(monkeypatch: pytest.MonkeyPatch, code: str, entries: str) -> None:
    from io import BytesIO

    from babel.messages.pofile import read_po

    catalogue = read_po(BytesIO(entries.encode()), locale=code)
    monkeypatch.setattr(module, "_catalogue", lambda _: catalogue)


def test_the_three_plural_forms_of_russian(monkeypatch: pytest.MonkeyPatch) -> None:
    forms = 'msgstr[0] "{n:count} клиент"\nmsgstr[1] "{n:count} клиента"\nmsgstr[2] "{n:count} клиентов"\n'
    _po(monkeypatch, "ru", 'msgid "{n:count} client"\nmsgid_plural "{n:count} clients"\n' + forms)
    russian = Language("ru")

    def written(n: float | None) -> str:
        return russian.text(say_n("{n:count} client", "{n:count} clients", count="n", n=n)).split(" ", 1)[-1]

    assert [written(n) for n in (1, 21, 2, 24, 5, 11, 12, 111, 0)] == [
        "клиент", "клиент", "клиента", "клиента", "клиентов", "клиентов", "клиентов", "клиентов", "клиентов",
    ]  # fmt: skip
    assert russian.fallbacks == set()


def test_english_plurals_need_no_catalogue() -> None:
    said = [say_n("{n:count} client", "{n:count} clients", count="n", n=n) for n in (0, 1, 2, 21)]
    assert [Language().text(message) for message in said] == ["0 clients", "1 client", "2 clients", "21 clients"]


def test_what_is_not_translated_reads_in_english_and_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    _po(monkeypatch, "ru", 'msgid "known {x:count}"\nmsgstr "известно {x:count}"\n')
    russian = Language("ru")
    assert russian.text(say("known {x:count}", x=1)) == "известно 1"
    assert russian.text(say("unknown {x:num1}", x=1.5)) == "unknown 1,5"
    assert russian.prose("A heading") == "A heading"
    assert russian.fallbacks == {"unknown {x:num1}", "A heading"}


def test_a_message_keeps_its_values_apart_from_its_template() -> None:
    message = Message("{who}", {"who": "{share:share}"})
    assert Language().text(message) == "{share:share}"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="none of en, ru, mk"):
        Language("de")


def test_hundredths_have_a_sign_and_no_word() -> None:
    assert [Language().format(value, "hundredths") for value in (0.127, -0.0071, 0)] == ["+12.7", "−0.7", "0.0"]


def test_a_sentence_that_stands_by_itself_ends_with_one_full_stop(language: Language) -> None:
    assert language.sentence(say("Nobody left")) == "Nobody left."
    assert language.sentence(say("Nobody left.")) == "Nobody left."
    assert language.sentence(say("Who left?")) == "Who left?"
    assert language.sentence(say("")) == ""


@pytest.mark.parametrize(("share", "text"), [(0.0099999, "1 %"), (0.0099, "0.99 %"), (0.00995, "1 %"), (0.01, "1 %")])
def test_a_share_that_rounds_to_one_per_cent_has_no_hundredths(share: float, text: str) -> None:
    assert Language().format(share, "share0").replace("\N{NO-BREAK SPACE}", " ") == text
