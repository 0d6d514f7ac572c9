"""What the cells of one column look like: numbers, dates, and the cells that are neither."""

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
