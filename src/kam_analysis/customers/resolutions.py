"""What an analyst decided about customers who look alike: a file beside the exports that survives every run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path

from kam_analysis.errors import Collected
from kam_analysis.sources.read import DECISIONS as FILE

COLUMNS = ("customer_id", "other_id", "decision", "note")


class Decision(StrEnum):
    """What two records are."""

    SAME = "same"
    DIFFERENT = "different"
    GROUP = "group"


@dataclass(frozen=True)
class Resolution:
    """One decision: the two records are the same customer, different ones, or branches of one group."""

    customer_id: str
    other_id: str
    decision: Decision
    note: str = ""


def read_resolutions(folder: Path, known: Iterable[str], called: Callable[[str], str] = str) -> list[Resolution]:
    """Read ``resolutions.csv`` of a source; none where there is no file.

    Parameters
    ----------
    folder : Path
        Where the source's exports lie.
    known : iterable of str
        Ids of the source's customers.
    called : callable
        Gives what the run calls an id that is not among them: its pseudonym, where the run has pseudonyms.

    Raises
    ------
    UserError
        With every row that names an unknown customer or decision, or contradicts an earlier row.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    found, ids = Collected(), set(known)
    where = f"{path.parent.name}/{FILE}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        found.add("is not UTF-8", where, cure="save it as CSV UTF-8")
        found.raise_any()
    head = text.partition("\n")[0]
    table = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    if missing := [column for column in COLUMNS[:3] if column not in (table.fieldnames or ())]:
        found.add(
            "has not all columns it needs", f"{where}, row 1", examples=missing, cure=f"head: {','.join(COLUMNS)}"
        )
        found.raise_any()
    decided: dict[frozenset[str], Resolution] = {}
    for number, row in enumerate(table, 2):
        one, other, decision = (str(row.get(column) or "").strip() for column in COLUMNS[:3])
        one, other = (name if name in ids else called(name) for name in (one, other))
        place = f"{where}, row {number}"
        if not decision:
            continue
        if decision not in list(Decision):
            found.add(
                f"unknown decision {decision!r}", f"{place}, column decision", cure=f"one of {', '.join(Decision)}"
            )
        elif missing := [name for name in (one, other) if name not in ids]:
            found.add("no such customer", place, examples=missing, cure="ids as in the source")
        elif one == other:
            found.add("a customer beside itself", place, examples=[one])
        else:
            pair = frozenset((one, other))
            made = Resolution(one, other, Decision(decision), str(row.get("note") or "").strip())
            if pair in decided and decided[pair].decision != made.decision:
                found.add(
                    "contradicts an earlier row", place, examples=[f"{one} and {other}"], cure="keep one of the two"
                )
            decided[pair] = made
    found.raise_any()
    return list(decided.values())


def write_resolution(folder: Path, made: Resolution, known: Iterable[str]) -> tuple[Path, Resolution | None]:
    """Add a decision to ``resolutions.csv``; it takes the place of an earlier one, given too, about the same two.

    Raises
    ------
    UserError
        When a customer is unknown or the file cannot be read.
    """
    ids = set(known)
    found = Collected()
    if missing := [name for name in (made.customer_id, made.other_id) if name not in ids]:
        found.add("no such customer", "", examples=missing, cure="`kam find` shows the ids")
    if made.customer_id == made.other_id:
        found.add("a customer beside itself", "", examples=[made.customer_id])
    found.raise_any()
    pair = {made.customer_id, made.other_id}
    decided = read_resolutions(folder, ids)
    kept = [one for one in decided if {one.customer_id, one.other_id} != pair]
    path = folder / FILE
    path.write_text(_as_csv([*kept, made]), encoding="utf-8", newline="")
    return path, next((one for one in decided if one not in kept), None)


def _as_csv(decisions: Sequence[Resolution]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(one) for one in decisions)
    return buffer.getvalue()
