"""What the cells of one column look like: numbers, dates, and the cells that are neither."""

import datetime as dt

import pytest

from kam_analysis.sources.mapping.content import content_of, marks


@pytest.mark.parametrize(
    "text", ["(123.45)", "123.45-", "\u2212123.45", "- 123.45", "(1 234,50)", "1 234,50-", "( 5 )"]
)
def test_negative_numbers_are_numbers_however_they_are_written(text):
    assert content_of([text]).number_share == 1.0


@pytest.mark.parametrize("text", ["(5", "5)", "(5)-", "--5", "2024-01-", "()"])
def test_what_only_resembles_a_negative_number_is_none(text):
    assert content_of([text]).number_share == 0.0


@pytest.mark.parametrize("text", ["($4.50)", "-$4.50", "$-4.50", "$4.50-"])
def test_a_unit_stands_beside_negative_numbers_too(text):
    found = content_of([text, "$5.00"])
    assert (found.unit, found.number_share) == ("$", 1.0)


def test_marks_are_found_in_negative_numbers():
    assert marks(["(1.234,50)"]) == (",", ".")
    assert marks(["1,234.50-"]) == (".", ",")
    assert marks(["\u22121 234,5"]) == (",", " ")
    assert marks(["(1,234)"]) is None


DAYS = ["13.01.2024", "14.01.2024", "15.01.2024"]


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["3 октября 2023 г.", "31 мая 2024 г."], "%d %b %Y"),
        (["3 окт. 2023", "1 сент. 2023"], "%d %b %Y"),
        (["3. oktobra 2023.", "5. maj 2023"], "%d %b %Y"),
        (["3 јануари 2023", "4 ное. 2023"], "%d %b %Y"),
        (["October 3, 2023", "May 4, 2023"], "%b %d, %Y"),
        (["03-Dez-23", "04-Mai-23"], "%d-%b-%y"),
        (["3 октября 2023 г. 10:15:00", "4 октября 2023 г. 9:05:00"], "%d %b %Y %H:%M:%S"),
        (["05.10.2023.", "25.10.2023."], "%d.%m.%Y"),
        (["5. 10. 2023.", "25. 10. 2023."], "%d.%m.%Y"),
        (["25.10.2023 г.", "26.10.2023 г."], "%d.%m.%Y"),
    ],
)
def test_dates_are_known_with_names_of_months_and_with_what_stands_after_the_year(texts, form):
    found = content_of(texts)
    assert (found.date_formats, found.date_share, found.date_misfits) == ((form,), 1.0, ())


@pytest.mark.parametrize("misfit", ["January 2024 total", "не закрыта", "ООО Ромашка", "-"])
def test_a_column_of_dates_tells_which_cells_are_none(misfit):
    found = content_of([*DAYS, misfit, misfit])  # 3 of 5 are dates
    assert found.is_date and found.date_formats == ("%d.%m.%Y",)
    assert (found.date_share, found.date_misfit_count, found.date_misfits) == (0.6, 2, (misfit,))
    assert not content_of([*DAYS, misfit, misfit, misfit]).is_date


def test_three_different_misfits_are_named_in_their_order():
    found = content_of(["a", *DAYS, *DAYS, "b", "a", "c"])
    assert (found.date_misfit_count, found.date_misfits) == (4, ("a", "b", "c"))
    assert content_of(["d", *DAYS, *DAYS, "c", "b", "a"]).date_misfits == ("d", "c", "b")


def test_days_are_weighed_by_their_cells_and_not_by_their_texts():
    found = content_of(["13.01.2024"] * 6 + ["a", "b", "c"])
    assert found.is_date and found.date_misfit_count == 3


@pytest.mark.parametrize("cells", [["a", "b"], ["1", "2"], [1, 2.5], [], ["", None], [*DAYS[:1], "a", "b"]])
def test_a_column_of_something_else_has_no_misfits(cells):
    found = content_of(cells)
    assert (found.is_date, found.date_formats, found.is_typed_date) == (False, (), False)
    assert (found.date_misfit_count, found.date_misfits) == (0, ())


def test_iso_days_and_their_misfits():
    found = content_of(["2024-01-05", "2024-01-06 10:00", "2024-02-30"])
    assert (found.date_formats, found.date_misfits) == (("",), ("2024-02-30",))


def test_dates_of_a_workbook_beside_texts():
    typed: list[object] = [dt.date(2024, 1, day) for day in range(1, 5)]
    found = content_of([*typed, "Итого"])
    assert (found.is_typed_date, found.date_formats, found.date_misfits) == (True, (), ("Итого",))
    found = content_of([*typed, "13.01.2024"])
    assert (found.is_typed_date, found.date_formats, found.date_misfits) == (False, ("%d.%m.%Y",), ())


@pytest.mark.parametrize(
    "cells",
    [["45202", "45203"], ["45202.5", "45203,25"], [45202, 45203.5], [45202.0], [dt.date(2024, 1, 5), 45202]],
)
def test_day_numbers_are_dates_below_a_head_that_says_so(cells):
    found = content_of(cells, "Дата документа")
    assert (found.date_formats, found.date_share, found.is_typed_date) == (("excel",), 1.0, False)


@pytest.mark.parametrize(
    ("cells", "head"),
    [
        (["45202", "45203"], "Amount"),
        (["45202", "45203"], ""),
        (["45202", "70000"], "Date"),
        (["45202", "29999"], "Date"),
        (["45202", "soon"], "Date"),
        (["45202", "452021"], "Date"),
    ],
)
def test_numbers_are_no_days_elsewhere(cells, head):
    assert not content_of(cells, head).is_date
