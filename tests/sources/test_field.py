"""Faults of exports that public bug reports tell of: right, or asked with the right question; nothing wrong in silence.

``python -m tests.sources.test_field [PATTERN]`` prints the table of all cases: found, truth, message.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.sources import aside, kinds
from tests.sources.field import FIELD, Case, judged

# Public cases whose files are more than one source: every file is a case of its own.
APART = ("02_", "14_", "29_")
ASKED: Mapping[str, tuple[str, dict[str, list[str]]]] = {  # the question that is right and its answer, by the case
    "02_": ("a report of Amazon, which names no buyers", {}),
    "07_": ("3 currencies in one column", {}),
    "08_": ("money stands beside different texts", {}),
    "11_": ("anonymous buyers", {"accept": ["anonymous"]}),
    "15_": ("spreadsheet rounded", {}),
    "14_containers/password": ("a workbook with a password", {}),
    "27_": ("a report of Ozon, which names no buyers", {}),
    "28_": ("the dates are quarters", {}),
    "29_variants/states": ("on-hold \\(9 rows", {"no_sale": ["on-hold", "pending", "pending payment"]}),
    "25_": ("no customer", {}),
}
WAITING: tuple[str, ...] = ()


def shared_cases() -> list[tuple[str, Case]]:
    """Public cases with what their truth.json says."""
    found = []
    for folder in sorted(FIELD.glob("*")) if FIELD.exists() else []:
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        paths = sorted(path for path in folder.iterdir() if path.name != "truth.json")
        for files in [[path] for path in paths] if folder.name.startswith(APART) else [paths]:
            name = f"{folder.name}/{files[0].name}" if folder.name.startswith(APART) else folder.name
            asks, answers = next((told for start, told in ASKED.items() if name.startswith(start)), ("", {}))
            numbers = {key: truth[key] for key in ("orders", "customers") if isinstance(truth.get(key), int)}
            case = Case(
                name,
                {path.name: path.read_bytes() for path in files},
                truth.get("net_sales"),
                **numbers,
                nobody=truth.get("anonymous"),
                asks=asks,
                answers=answers,
            )
            found.append((name, case))
    return found


SHARED = [case for name, case in shared_cases() if not name.startswith(WAITING)]
RIGHT = ("right", "asked")
DONE = 19  # of the cases set aside, in their order
ALSO = (  # of the later ones
    *(aside.credit_kind_in_french, aside.unknown_states, aside.returned_lines, aside.customers_by_number),
    *(aside.nested_json, aside.zipped_path, aside.gz_of_tabs, aside.two_tables_in_sqlite, aside.named_otherwise),
    *(aside.swapped_days, aside.weeks, aside.quarters, aside.fiscal_periods, aside.two_signs, aside.mixed_ends),
)


@pytest.mark.parametrize("case", kinds.CASES, ids=lambda case: case.name)
def test_a_kind_of_fault_is_right_or_asked(case: Case, tmp_path: Path) -> None:
    assert judged(case, tmp_path)[0] in RIGHT


@pytest.mark.parametrize("made", (*aside.CASES[:DONE], *ALSO), ids=lambda made: made.__name__)
def test_a_case_set_aside_is_right_or_asked(made: Callable[[], Case], tmp_path: Path) -> None:
    assert judged(made(), tmp_path)[0] in RIGHT


@pytest.mark.skipif(not FIELD.exists(), reason="the public cases are not here")
@pytest.mark.parametrize("case", SHARED, ids=lambda case: case.name)
def test_a_public_case_is_right_or_asked(case: Case, tmp_path: Path) -> None:
    assert judged(case, tmp_path)[0] in RIGHT


if __name__ == "__main__":
    verdicts: Counter[str] = Counter()
    start = sys.argv[1] if len(sys.argv) > 1 else ""
    for case in [*kinds.CASES, *(made() for made in aside.CASES), *(case for _, case in shared_cases())]:
        if not re.search(start, case.name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            verdict, got = judged(case, Path(folder))
        verdicts[verdict if verdict in RIGHT else "asked otherwise" if got.question else "wrong in silence"] += 1
        truth = f"{case.net:,.2f}" if case.net is not None else "a question" if case.asks else "-"
        found = f"{got.net:,.2f}" if not got.question else "a question"
        message = got.question.partition("\n")[0] or "; ".join(got.notes)
        print(f"{case.name} | {verdict[:60]} | {found} | {truth} | {message[:200]}")  # noqa: T201
    print(", ".join(f"{verdict}: {cases}" for verdict, cases in verdicts.most_common()))  # noqa: T201
