"""The written pages of docs/ are those that the code gives."""

from pathlib import Path

import pytest

from kam_analysis.handbook import pages

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", ["map.md", "methods.md", "data_dictionary.md"])
def test_page_is_the_one_the_code_gives(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run `python -m kam_analysis.handbook`"


def test_every_public_function_of_a_room_is_explained() -> None:
    text = pages()["methods.md"]
    blocks = text.split("\n### ")[1:]
    assert len(blocks) > 50
    assert [block.splitlines()[0] for block in blocks if not block.split("\n", 4)[4].strip()] == []
