import inspect
import pickle
import re

import pytest

from kam_analysis import vocabulary
from kam_analysis.cleaning import lines
from kam_analysis.engine import statement
from kam_analysis.findings import Message
from kam_analysis.vocabulary import Band, Labelled, Rejection

ENUMS = [
    one
    for _, one in inspect.getmembers(vocabulary, inspect.isclass)
    if issubclass(one, Labelled) and one is not Labelled
]


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_every_member_is_text_with_a_label(enum):
    assert len(enum) > 1
    for member in enum:
        assert isinstance(member.label, Message)
        assert member.label.template and not member.label.values
        assert str(member) == member.value == member
        assert enum(member.value) is member
    assert len({member.label.template for member in enum}) == len(enum)


def test_members_survive_a_copy_through_bytes():
    assert pickle.loads(pickle.dumps(Band.MONO)) is Band.MONO


def test_an_unknown_word_is_no_member():
    with pytest.raises(ValueError, match="'vast' is not a valid Band"):
        Band("vast")


def test_reasons_of_rejection_are_those_that_the_statement_gives():
    given = re.findall("THEN '([a-z_]+)'", statement(lines.__file__, "line_reasons"))
    assert sorted(set(given)) == sorted(reason.value for reason in Rejection)
