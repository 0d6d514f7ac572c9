"""The set that the last run made, with what it was made from; sets in words for a terminal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import yaml

from kam_analysis import chapter as chapters
from kam_analysis.errors import Problem, UserError
from kam_analysis.params import load
from kam_analysis.pipeline.history import Changes, History, Snapshot, changes, found, read_history
from kam_analysis.pipeline.own import own_rooms
from kam_analysis.pipeline.project import Project
from kam_analysis.report.language import Language
from kam_analysis.rooms import ROOMS

NOW = "now"
DATA = ("data", "sources")
MOST_NAMED = 10


def last_run(project: Project) -> Snapshot:
    """Take what the last run found, and from ``dvc.lock`` the fingerprints of what every room was made from."""
    rooms = [room for room in (*ROOMS, *own_rooms(project)) if project.findings(room).exists()]
    read = {room: chapters.read(project.findings(room)) for room in rooms}
    metrics = {room: json.loads(project.metrics(room).read_text(encoding="utf-8")) for room in rooms}
    stages, params = _stages(project), load(project.params_path)
    return found(read, metrics, params.report.pseudonyms).model_copy(
        update={
            "parameters": params.model_dump(mode="json"),
            "sources": {room: _fingerprints(_with_earlier(room, stages)) for room in rooms if room in stages},
            "version": version("kam_analysis"),
        }
    )


def _stages(project: Project) -> dict[str, Any]:
    path = project.root / "dvc.lock"
    stages: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["stages"] if path.exists() else {}
    return stages


def _with_earlier(room: str, stages: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give a room's stage and those whose outputs it needs."""
    makers = {out["path"]: name for name, stage in stages.items() for out in stage.get("outs", ())}
    needed: dict[str, None] = {room: None}
    waiting = [room]
    while waiting:
        for dependency in stages[waiting.pop()]["deps"]:
            maker = makers.get(dependency["path"])
            if maker is not None and maker not in needed:
                needed[maker] = None
                waiting.append(maker)
    return [stages[name] for name in sorted(needed)]


def _fingerprints(stages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    made = {out["path"] for stage in stages for out in stage.get("outs", ())}
    read = {one["path"]: one["md5"] for stage in stages for one in stage["deps"] if one["path"] not in made}
    parts: dict[str, dict[str, Any]] = {"data": {}, "parameters": {}, "code": {}}
    for path, digest in read.items():
        parts["data" if path.split("/")[0] in DATA else "code"][path] = digest
    for stage in stages:
        parts["parameters"] |= stage.get("params", {}).get("params.yaml", {})
    return {kind: _digest(part) for kind, part in parts.items()}


def _digest(part: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:8]


def published(project: Project) -> History:
    """Give what was published of the current source."""
    return read_history(project.history(load(project.params_path).source))


def chosen(project: Project, name: str, history: History) -> Snapshot:
    """Give a published set by its number, or the last run as ``now``.

    Raises
    ------
    UserError
        When there is none.
    """
    if name == NOW:
        return last_run(project)
    number = int(name) if name.isascii() and name.isdigit() else 0
    if number not in history.sets:
        known = ", ".join(map(str, history.sets)) or "none yet; kam publish makes one"
        raise UserError(Problem(f"no published set {name!r}", cure=f"now, or one of: {known}"))
    return history.sets[number]


def history_text(history: History) -> str:
    """Say which sets were published, a line each, the newest first.

    Examples
    --------
    >>> history_text(History())
    'nothing was published yet'
    """
    head = ["set", "data until", "key accounts", "calls", "data", "parameters", "code", "version"]
    rows = [
        [
            str(number),
            _until(one),
            str(len(one.key_list)),
            str(len(one.calls)),
            _digest({room: kinds["data"] for room, kinds in one.sources.items()}),
            _digest(one.parameters),
            _digest({room: kinds["code"] for room, kinds in one.sources.items()}),
            one.version,
        ]
        for number, one in sorted(history.sets.items(), reverse=True)
    ]
    return "\n".join(_table([head, *rows])) if rows else "nothing was published yet"


def _until(snapshot: Snapshot) -> str:
    return f"before {snapshot.as_of}" if snapshot.as_of else "unknown"


def changes_text(before: Snapshot, now: Snapshot) -> str:
    """Say what differs between two sets: what they were made from, headlines, key list, calls."""
    found = changes(before, now)
    lines = [f"Data until: {_until(before)}; {_until(now)}. Changed: {', '.join(found.causes) or 'nothing'}."]
    lines += [f"  {key}: {one} -> {two}" for key, (one, two) in found.parameters.items()]
    lines += ["", *_headlines(found, before, now)]
    for title, names in (
        ("New on the key list", [f"{one.name} ({one.level})" for one in found.entered]),
        ("No longer on the key list", [f"{one.name} ({one.level})" for one in found.left]),
        ("New calls this week", [one.name for one in found.new]),
        ("Calls no longer on the list", [one.name for one in found.gone]),
    ):
        lines.append(f"{title}: {len(names)}{''.join(_named(names))}")
    return "\n".join(lines)


def _named(names: Sequence[str]) -> Iterator[str]:
    yield from (f"\n  {Language().text(name)}" for name in names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        yield f"\n  and {len(names) - MOST_NAMED} more"


def _headlines(found: Changes, before: Snapshot, now: Snapshot) -> list[str]:
    if not found.headlines:
        return ["No headline moved."]
    one, two = Language(currency=before.currency), Language(currency=now.currency)
    rows = [
        [
            two.text(moved.name),
            one.text(moved.before) or "-",
            two.text(moved.now) or "-",
            " or ".join(moved.causes) or "unknown",
        ]
        for moved in found.headlines
    ]
    return _table([["headline", "before", "now", "moved by"], *rows])


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
