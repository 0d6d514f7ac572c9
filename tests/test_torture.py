"""A short part of ``make torture``: every kind of fault over publishing and switching, and a few spoilt inputs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.torture import KINDS, OPERATIONS, REFUSED, RIGHT, fault, spoilt, through

QUICK = [operation for operation in OPERATIONS if operation.name in ("publish", "use")]
SECONDS = 0.1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", QUICK, ids=lambda operation: operation.name)
def test_a_fault_leaves_whole_files_and_the_command_then_succeeds(operation, kind: str, tmp_path: Path) -> None:
    assert fault(operation, kind, random.Random(f"{operation.name} {kind}"), tmp_path, SECONDS) == RIGHT


@pytest.mark.parametrize("seed", range(4))
def test_a_spoilt_input_is_refused_or_reconciles(seed: int, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert through(spoilt(random.Random(f"short {seed}"), tmp_path / "in"), tmp_path) in (RIGHT, REFUSED)
