"""Results are the same on every processor that this one can act as; `make processors` compares all rooms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kam_analysis.facts.rounding import significant

from .processors import PROCESSORS, started

SCRIPT = Path(__file__).parent / "computed.py"


def _results(processor: str) -> dict[str, str]:
    run = started(processor, SCRIPT)
    said, _ = run.communicate()
    assert run.returncode == 0, said
    found: dict[str, str] = json.loads(said)
    return found


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    return _results("this one")


@pytest.mark.parametrize("processor", [name for name in PROCESSORS if name != "this one"])
def test_fits_and_tables_are_the_same_on_every_processor(processor: str, here: dict[str, str]) -> None:
    there = _results(processor)
    assert len(here) > 15
    assert {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)} == set()


def test_rounding_to_significant_digits_gives_the_nearest_decimal_number() -> None:
    random = np.random.default_rng(1)
    values = random.choice([-1, 1], 2000) * np.exp(random.normal(size=2000) * 8)
    for digits in (1, 4, 6, 9):
        assert significant(values, digits).tolist() == [float(f"{value:.{digits}g}") for value in values]


def test_rounding_leaves_what_is_no_size_and_whole_powers_of_ten() -> None:
    given = [0.0, np.inf, -np.inf, 1000.0, 0.001, 999.99999, 1e-310]
    assert significant(given, 4).tolist() == [0.0, np.inf, -np.inf, 1000.0, 0.001, 1000.0, 0.0]
    assert np.isnan(significant(np.nan)) and significant([], 4).shape == (0,) and significant(12.345, 2) == 12.0
