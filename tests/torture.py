"""Faults and hostile inputs, by a seed: what breaks a run, and what must be whole after it.

``make torture`` (``python -m tests.torture``) goes on where it stopped, writes every try to ``logs/torture.jsonl`` and
prints the table of all of them. A fault is right when the published set is whole, the analyst's files are as they were
or as they were to be, and the same command then succeeds. An input is right when it is refused with a message, or when
its rows and its money are those kept and those rejected.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import random
import resource
import shutil
import signal
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from kam_analysis.cleaning import clean_source
from kam_analysis.cleaning.losses import stop_at_losses
from kam_analysis.engine import Engine
from kam_analysis.errors import UserError
from kam_analysis.params import Cleaning, load, parse
from kam_analysis.pipeline import publish as publishing
from kam_analysis.pipeline.lock import Busy
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.switch import use
from kam_analysis.sources.mapping import Answers, map_source
from kam_analysis.sources.profile import load_profile
from tests.pipeline.conftest import make_project
from tests.sources.field import book, sold, text, total

RESULTS = Path("logs/torture.jsonl")
FAULTS, INPUTS = 500, 300
SET_FILES, FILE_BYTES = 24, 8_000
HUNG_AFTER_SECONDS = 120
RIGHT, REFUSED, DONE = "right", "refused", 0
FAILED, BUSY = 3, 4
HEAD = ("Order", "Date", "Customer", "Item", "Qty", "Amount")
SALES = sold(24, seed=2)
NET = Decimal(str(total(SALES)))


def rows() -> list[list[object]]:
    return [[x.order, x.day.isoformat(), x.who, x.item, x.qty, x.amount] for x in SALES]


# Faults: an operation in a process of its own, what is done to the process, and what must hold afterwards.


@dataclass(frozen=True)
class Operation:
    """What a command does in a folder, how the folder is made, and what is wrong with it afterwards."""

    name: str
    prepare: Callable[[Path], None]
    run: Callable[[Path], None]
    wrong: Callable[[Path, bool], str]


def _write_set(root: Path, word: str) -> None:
    project = Project(root / "project")
    for path in _set_of(project):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(word * (FILE_BYTES // len(word)), encoding="utf-8")


def _set_of(project: Project) -> list[Path]:
    return [project.index, *(project.csv(f"table_{number}") for number in range(SET_FILES))]


def _publish(root: Path) -> None:
    project = Project(root / "project")
    publishing.complete_set = lambda _: _set_of(project)
    publishing.publish(project, root / "out")


def _prepare_publish(root: Path) -> None:
    make_project(root / "project")
    _write_set(root, "old ")
    if _status(_forked(_publish, root)):
        raise AssertionError("the first publication failed")
    _write_set(root, "new ")


def _wrong_set(root: Path, is_done: bool) -> str:
    place = root / "out/tiny/en"
    project = Project(root / "project")
    names = [path.relative_to(project.reports) for path in _set_of(project)]
    lacking = [name for name in names if not (place / name).is_file()]
    if lacking:
        return f"the published set lacks {len(lacking)} files"
    words = {(place / name).read_text(encoding="utf-8")[:4] for name in names}
    sizes = {(place / name).stat().st_size for name in names}
    if len(words) != 1 or sizes != {FILE_BYTES}:
        return f"the published set is a mixture: {words}, {sizes}"
    if is_done and words != {"new "}:
        return "published, and the old set is there"
    others = [path for path in place.parent.iterdir() if path.is_dir() and not path.is_symlink()]
    return "" if not is_done or len(others) <= 2 else f"{len(others)} sets are left"


def _prepare_source(root: Path) -> None:
    (root / "in").mkdir(parents=True)
    (root / "in/sales.csv").write_text(text(HEAD, rows()), encoding="utf-8")


def _map(root: Path) -> None:
    map_source(root, "acme", [root / "in/sales.csv"], Answers())


def _wrong_source(root: Path, is_done: bool) -> str:
    raw, profile = root / "data/raw/acme/sales.csv", root / "sources/acme.yaml"
    if (root / "in/sales.csv").read_text(encoding="utf-8") != text(HEAD, rows()):
        return "the export itself changed"
    if raw.exists() and raw.read_bytes() != (root / "in/sales.csv").read_bytes():
        return "half a raw file"
    if is_done and not (raw.exists() and profile.exists()):
        return "mapped, and nothing is there"
    if profile.exists():
        try:
            load_profile(profile)
        except UserError as error:
            return f"half a profile: {error}"
    return ""


def _prepare_clean(root: Path) -> None:
    _prepare_source(root)
    if _status(_forked(_map, root)):
        raise AssertionError("the first mapping failed")


def _clean(root: Path) -> None:
    with Engine() as engine:
        profile = load_profile(root / "sources/acme.yaml")
        clean_source(engine, profile, root / "data/raw/acme", parse({}))
        net = engine.rows("SELECT sum(net_sales) FROM order_lines")[0][0]
    if net != NET:
        raise AssertionError(f"net {net} instead of {NET}")


def _prepare_use(root: Path) -> None:
    project = make_project(root / "project")
    shutil.copyfile(project.profile_path("tiny"), project.profile_path("other"))


def _use(root: Path) -> None:
    for source in ("other", "tiny", "other"):
        use(Project(root / "project"), source)


def _wrong_params(root: Path, is_done: bool) -> str:
    try:
        source = load(root / "project/params.yaml").source
    except UserError as error:
        return f"half the parameters: {error}"
    is_whole = "# thresholds" in (root / "project/params.yaml").read_text(encoding="utf-8")
    return "" if is_whole and (not is_done or source == "other") else f"source {source}"


OPERATIONS = (
    Operation("publish", _prepare_publish, _publish, _wrong_set),
    Operation("map", _prepare_source, _map, _wrong_source),
    Operation("clean", _prepare_clean, _clean, _wrong_source),
    Operation("use", _prepare_use, _use, _wrong_params),
)
KINDS = ("kill -9", "kill -15", "stop and go on", "write limit", "two at once", "clock and zone")
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "America/St_Johns", "UTC")


def _forked(run: Callable[[Path], None], root: Path, before: Callable[[], None] = lambda: None) -> int:
    """Start an operation in a copy of this process; what it says goes into a file."""
    process = os.fork()
    if process:
        return process
    status = FAILED
    try:
        os.setsid()
        said = os.open(root / f"said-{os.getpid()}", os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        before()
        run(root)
        status = DONE
    except Busy:
        status = BUSY
    except (UserError, OSError) as error:
        os.write(2, f"told: {error}\n".encode())
    except BaseException:  # noqa: BLE001 - the parent reads it
        traceback.print_exc()
    finally:
        os._exit(status)


def _status(process: int) -> int:
    """Exit status, negative after a signal; a process that hangs is ended."""
    until = time.monotonic() + HUNG_AFTER_SECONDS
    while time.monotonic() < until:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    raise TimeoutError("hangs")


def _limit_files(most: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _in_zone(zone: str) -> None:
    os.environ["TZ"] = zone
    time.tzset()


def fault(operation: Operation, kind: str, chance: random.Random, folder: Path, seconds: float) -> str:
    """Do one fault; "right", or what is wrong."""
    root = folder / f"{operation.name}-{chance.getrandbits(40):x}"
    root.mkdir()
    try:
        operation.prepare(root)
        status = _with_fault(operation, kind, chance, root, seconds)
        if wrong := operation.wrong(root, status == DONE) or _traceback(root):
            return f"after the fault: {wrong}"
        if _status(_forked(operation.run, root)) != DONE:
            return f"the same command then fails: {_said(root)}"
        return operation.wrong(root, True) or RIGHT
    except TimeoutError:
        return "hangs"
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _with_fault(operation: Operation, kind: str, chance: random.Random, root: Path, seconds: float) -> int:
    before: Callable[[], None] = lambda: None  # noqa: E731
    if kind == "write limit":
        before = partial(_limit_files, chance.choice((0, 1, 100, 4_000, FILE_BYTES - 1, chance.randrange(60_000))))
    elif kind == "clock and zone":
        before = partial(_in_zone, chance.choice(ZONES))
        for path in [path for path in root.rglob("*") if path.is_file()]:
            os.utime(path, (stamp := chance.choice((0, 1, 4_000_000_000)), stamp))
    process = _forked(operation.run, root, before)
    if kind == "two at once":
        other = _forked(operation.run, root)
        return min(_status(process), _status(other), key=abs)
    if kind in ("kill -9", "kill -15", "stop and go on"):
        time.sleep(chance.uniform(0, seconds))
        first = {"kill -9": signal.SIGKILL, "kill -15": signal.SIGTERM, "stop and go on": signal.SIGSTOP}[kind]
        os.kill(process, first)
        if first is signal.SIGSTOP:
            time.sleep(0.02)
            os.kill(process, signal.SIGCONT)
    return _status(process)


def _said(root: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8", errors="replace") for path in root.glob("said-*"))[-300:]


def _traceback(root: Path) -> str:
    return f"a traceback: {said}" if "Traceback" in (said := _said(root)) else ""


def duration(operation: Operation, folder: Path) -> float:
    """Seconds that an operation takes without a fault."""
    root = folder / f"{operation.name}-timed"
    root.mkdir()
    operation.prepare(root)
    began = time.monotonic()
    if _status(_forked(operation.run, root)) != DONE:
        raise AssertionError(f"{operation.name} fails without a fault: {_said(root)}")
    return time.monotonic() - began


# Inputs: a good export, spoilt by a seed.


def spoilt(chance: random.Random, folder: Path) -> Path:
    """Write an export that is spoilt in one to three ways, as text, workbook, archive or under a wrong name."""
    table = [[str(cell) for cell in row] for row in (HEAD, *rows())]
    for _ in range(chance.randint(1, 3)):
        chance.choice(OF_TABLES)(chance, table)
    sign = chance.choice(",,,;\t|")
    data = text(table[0], table[1:], sign).encode(
        chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1251")), "replace"
    )
    name = "s.csv"
    made = chance.choice(("text", "text", "text", "workbook", "gz", "zip", "json", "html"))
    if made == "workbook":
        book(folder / "s.xlsx", {"S": [[_clean_cell(cell) for cell in row] for row in table]})
        name, data = "s.xlsx", (folder / "s.xlsx").read_bytes()
    elif made == "gz":
        name, data = "s.csv.gz", gzip.compress(data)
    elif made == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("s.csv", data)
        name, data = "s.zip", packed.getvalue()
    elif made == "json":
        name = "s.json"
        data = json.dumps([dict(zip(table[0], row, strict=False)) for row in table[1:]]).encode()
    elif made == "html":
        name = "s.xls"
        data = "".join(["<table>", *(f"<tr><td>{'<td>'.join(row)}" for row in table)]).encode()
    if chance.random() < 0.4:
        data = chance.choice(OF_BYTES)(chance, data)
    if chance.random() < 0.1:
        name = chance.choice(("s.csv", "s.xlsx", "s.xls", "s.parquet", "s.json", "s.db", "s.ods", "s.docx"))
    path = folder / name
    path.write_bytes(data)
    return path


def _clean_cell(cell: str) -> object:
    plain = "".join(sign for sign in cell if sign >= " ")[:30_000]
    try:
        return float(plain) if plain.replace(".", "", 1).isdecimal() else plain
    except ValueError:
        return plain


HOSTILE = (
    *("", " ", "-", "0", "-0", "1e400", "9" * 40, "NaN", "inf", "1,2,3", "(5)", "5-", "#REF!", "=1+1", "½", "٣"),
    *("0000-00-00", "2024-02-30", "31.12.2024", "12/31/2024", "45202", "1900-01-01", "9999-12-31", "yesterday"),
    *("<script>alert(1)</script>", "'; DROP TABLE order_lines; --", "\u202egnp", "A\u0301", "\u200b", "😀", "a" * 999),
    *("Total", "Итого", "Retail customer", "NULL", "{{ 7*7 }}", "%s%n", "€5", "$5", "5 kg", "two\nlines", 'a"b', "\0"),
    *("1'000", "Q1 2024"),
)


def _cell(chance: random.Random, table: list[list[str]]) -> None:
    row = chance.choice(table)
    if row:
        row[chance.randrange(len(row))] = chance.choice(HOSTILE)


def _column(chance: random.Random, table: list[list[str]]) -> None:
    place, value, share = chance.randrange(6), chance.choice(HOSTILE), chance.random()
    for row in table[1:]:
        if place < len(row) and chance.random() < share:
            row[place] = value


def _shape(chance: random.Random, table: list[list[str]]) -> None:
    row = chance.choice(table)
    what = chance.randrange(5)
    if what == 0:
        del row[chance.randrange(len(row) + 1) :]
    elif what == 1:
        row += [chance.choice(HOSTILE)] * chance.randint(1, 4)
    elif what == 2:
        table.insert(chance.randrange(len(table)), list(chance.choice(table)))
    elif what == 3:
        table.insert(chance.randrange(len(table)), [])
    else:
        del table[chance.randrange(1, len(table)) :]


def _head(chance: random.Random, table: list[list[str]]) -> None:
    what = chance.randrange(4)
    if what == 0 and table[0]:
        table[0][chance.randrange(len(table[0]))] = chance.choice((*HEAD, "", "Дата", "Сумма", "Id", "column 2"))
    elif what == 1:
        chance.shuffle(table[0])
    elif what == 2:
        table.insert(0, [chance.choice(HOSTILE)])
    else:
        del table[0]


OF_TABLES = (_cell, _cell, _column, _column, _shape, _head)


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _flipped(chance: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        if made:
            made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def _inserted(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return (
        data[:place]
        + chance.choice((b"\0", b"\r", b'"', b"\xff\xfe", b"\n\n", b"PK\x03\x04", b"<!DOCTYPE x>"))
        + data[place:]
    )


def _mixed_ends(chance: random.Random, data: bytes) -> bytes:
    return b"".join(line + chance.choice((b"\n", b"\r\n", b"\r")) for line in data.split(b"\n"))


OF_BYTES = (_cut, _flipped, _inserted, _mixed_ends)


def through(path: Path, root: Path) -> str:
    """Map, check and clean a file: "right" where it reconciles, "refused" with a message, or what is wrong."""
    before = hashlib.sha256(path.read_bytes()).digest()
    try:
        verdict = _reconciled(path, root)
    except UserError as error:
        verdict = REFUSED if str(error).strip() and "Traceback" not in str(error) else f"an empty message: {error!r}"
    except Exception:  # noqa: BLE001 - this is what is looked for
        verdict = f"a traceback: {traceback.format_exc()[-600:]}"
    return verdict if hashlib.sha256(path.read_bytes()).digest() == before else "the file changed"


def _reconciled(path: Path, root: Path) -> str:
    (root / "sources").mkdir(parents=True, exist_ok=True)
    with Engine() as engine:
        map_source(root, "case", [path], Answers(), partial(stop_at_losses, rules=Cleaning(), accepted=()))
        profile = load_profile(root / "sources/case.yaml")
        clean_source(engine, profile, root / "data/raw/case", parse({}))
        sums = [
            engine.rows(f"SELECT count(*), coalesce(sum(net_sales), 0) FROM {name}")[0]
            for name in ("lines_read", "order_lines", "rejected_lines")
        ]
    is_even = all(sums[0][place] == sums[1][place] + sums[2][place] for place in range(2))
    return RIGHT if is_even else f"rows or money do not reconcile: {sums}"


# The run, its results and the table.


def tries(faults: int, inputs: int, done: Mapping[tuple[str, str], int], seed: int) -> Iterator[tuple[str, str, int]]:
    """What is still to be tried: group, kind and seed of every try."""
    pairs = [(operation.name, kind) for operation in OPERATIONS for kind in KINDS]
    for number in range(faults):
        name, kind = pairs[number % len(pairs)]
        if number // len(pairs) >= done.get((name, kind), 0):
            yield name, kind, seed + number
    for number in range(done.get(("input", "map, check, clean"), 0), inputs):
        yield "input", "map, check, clean", seed + number


def tried(group: str, kind: str, seed: int, folder: Path, seconds: Mapping[str, float]) -> str:
    """Do one try."""
    chance = random.Random(f"{group} {kind} {seed}")
    if group != "input":
        return fault(next(one for one in OPERATIONS if one.name == group), kind, chance, folder, seconds[group])
    with tempfile.TemporaryDirectory(dir=folder) as root:
        (Path(root) / "in").mkdir()
        return through(spoilt(chance, Path(root) / "in"), Path(root))


def table(results: list[dict[str, Any]]) -> str:
    """All tries so far by group and kind, as the page of the documentation shows them."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for one in results:
        verdict = one["verdict"] if one["verdict"] in (RIGHT, REFUSED) else "wrong"
        counts.setdefault((one["group"], one["kind"]), Counter())[verdict] += 1
    lines = ["| what | fault | tries | right | refused with a message | wrong |", "|---|---|---|---|---|---|"]
    for (group, kind), of_kind in counts.items():
        cells = [of_kind.total(), of_kind[RIGHT], of_kind[REFUSED], of_kind["wrong"]]
        lines.append(f"| {group} | {kind} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--faults", type=int, default=FAULTS)
    asked.add_argument("--inputs", type=int, default=INPUTS)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--results", type=Path, default=RESULTS)
    given = asked.parse_args()
    given.results.parent.mkdir(parents=True, exist_ok=True)
    results = [json.loads(line) for line in given.results.read_text().splitlines()] if given.results.exists() else []
    done = Counter((one["group"], one["kind"]) for one in results)
    with tempfile.TemporaryDirectory(prefix="torture-") as scratch, given.results.open("a", encoding="utf-8") as log:
        seconds = {one.name: duration(one, Path(scratch)) for one in OPERATIONS}
        for group, kind, seed in tries(given.faults, given.inputs, done, given.seed):
            verdict = tried(group, kind, seed, Path(scratch), seconds)
            results.append({"group": group, "kind": kind, "seed": seed, "verdict": verdict})
            log.write(json.dumps(results[-1], ensure_ascii=False) + "\n")
            log.flush()
    print(table(results))  # noqa: T201
    if wrong := [one for one in results if one["verdict"] not in (RIGHT, REFUSED)]:
        raise SystemExit(
            "\n".join(f"{one['group']}, {one['kind']}, seed {one['seed']}: {one['verdict']}" for one in wrong)
        )


if __name__ == "__main__":
    main()
