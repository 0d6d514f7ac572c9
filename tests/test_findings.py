import dataclasses

import pandas as pd
import pytest

from kam_analysis.findings import Finding, Message, Tile, absent_numbers, say, say_n


def test_a_sentence_is_a_template_and_its_values():
    message = say("{who} is {share:share}.", who="Acme", share=0.035)
    assert message == Message("{who} is {share:share}.", {"who": "Acme", "share": 0.035})
    assert (message.plural, message.count) == (None, None)


def test_a_value_may_be_called_template_or_self():
    assert say("{template} {self}", template="a", self="b").values == {"template": "a", "self": "b"}


def test_a_sentence_with_a_number_has_two_forms():
    message = say_n("{n:count} client", "{n:count} clients", count="n", n=1)
    assert (message.template, message.plural, message.count, message.values) == (
        "{n:count} client",
        "{n:count} clients",
        "n",
        {"n": 1},
    )


def test_numbers_that_cannot_be_measured_have_their_reason():
    assert absent_numbers(["grr", "nrr"], "no base") == {
        "grr": None, "grr_absent": "no base", "nrr": None, "nrr_absent": "no base"
    }  # fmt: skip
    assert absent_numbers([], "no base") == {}


@pytest.mark.parametrize(
    "plain",
    [
        Finding("t", say("?"), say("."), pd.DataFrame()),
        Tile(say("Sales"), None, say("n"), say("d"), "sales"),
        say("x"),
    ],
    ids=["finding", "tile", "message"],
)
def test_what_was_found_cannot_be_changed(plain):
    name = dataclasses.fields(plain)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(plain, name, "other")


def test_two_findings_do_not_share_their_defaults():
    one, two = (Finding("t", say("?"), say("."), pd.DataFrame()) for _ in range(2))
    assert one.numbers is not two.numbers
    assert one.limits is not two.limits
