"""What was published, set by set, and what differs between two sets.

``data/history/<source>/<number>.json`` keeps of every published set its headlines, metrics, key list, calls, all
parameters, and fingerprints of data, parameters and code. The pages read the folder as DVC gives it to them: nothing
else remembers what was published, and two copies of a project with the same folder draw the same pages.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from kam_analysis.chapter import Chapter, decoded, encoded
from kam_analysis.findings import Message
from kam_analysis.pipeline.files import replace_text
from kam_analysis.report.language import Language

KINDS = ("data", "parameters", "code")


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Headline(_Kept):
    """A headline figure: the messages of its tile as `chapter.encoded` writes them; no value where not measurable."""

    name: Any
    value: Any = None


class Account(_Kept):
    """An account of the key list."""

    name: str
    level: str


class Call(_Kept):
    """A customer to call this week."""

    name: str
    manager: str | None = None


class Snapshot(_Kept):
    """One set: its findings, and where they came from.

    Parameters
    ----------
    has_pseudonyms : bool
        A set with pseudonyms is compared with none that has names.
    as_of : date, optional
        First day not analysed.
    currency : str, optional
    headlines : mapping
        By room, then by key of the tile.
    metrics : mapping
        By room, then by name.
    key_list, calls : mapping
        By account id; by customer id.
    parameters : mapping
        All of ``params.yaml``.
    sources : mapping
        For each room the fingerprints of its data, parameters and code, those of the rooms before it included.
    version : str
        Of the package.
    """

    has_pseudonyms: bool = False
    as_of: dt.date | None
    currency: str | None
    headlines: dict[str, dict[str, Headline]]
    metrics: dict[str, dict[str, Any]]
    key_list: dict[str, Account]
    calls: dict[str, Call]
    parameters: dict[str, Any] = {}
    sources: dict[str, dict[str, str]] = {}
    version: str = ""

    def says_the_same(self, other: Snapshot) -> bool:
        """Tell whether another set found the same, whatever it was made from."""
        return all(getattr(self, name) == getattr(other, name) for name in _FOUND)


_FOUND = ("as_of", "currency", "headlines", "metrics", "key_list", "calls")


def found(chapters: Mapping[str, Chapter], metrics: Mapping[str, Mapping[str, Any]], has_pseudonyms: bool) -> Snapshot:
    """Take the findings of a run.

    Parameters
    ----------
    chapters : mapping of str to Chapter
        Of the rooms that have run.
    metrics : mapping of str to mapping
        Their numbers.
    has_pseudonyms : bool
        ``report.pseudonyms``.
    """
    first = next(iter(chapters.values()), None)
    keys, calls = _rows(chapters, "key_clients", "key_list"), _rows(chapters, "actions", "call_list")
    content = {
        "has_pseudonyms": has_pseudonyms,
        "as_of": first.window["as_of"] if first else None,
        "currency": first.source["currency"] if first else None,
        "headlines": {
            room: {tile.key: {"name": encoded(tile.name), "value": encoded(tile.value)} for tile in chapter.tiles}
            for room, chapter in chapters.items()
        },
        "metrics": {room: dict(numbers) for room, numbers in metrics.items()},
        "key_list": {row["account_id"]: {"name": row["account_name"], "level": row["level"]} for row in keys},
        "calls": {
            row["customer_id"]: {"name": row["customer_name"], "manager": encoded(row["manager"])}
            for row in calls
            if row["is_this_week"]
        },
    }
    return Snapshot.model_validate(content)


def _rows(chapters: Mapping[str, Chapter], room: str, name: str) -> list[dict[str, Any]]:
    finding = chapters[room].findings.get(name) if room in chapters else None
    rows = [] if finding is None else finding.table.to_dict("records")
    return [{str(key): cell for key, cell in row.items()} for row in rows]


@dataclass(frozen=True)
class History:
    """Published sets by their number, the oldest first, and the files that are none."""

    sets: Mapping[int, Snapshot] = field(default_factory=dict)
    broken: Sequence[Path] = ()

    def before(self, now: Snapshot) -> Snapshot | None:
        """Give the newest set that found something else than `now`, with pseudonyms if `now` has them.

        A set that is published again stays compared with the one before it.
        """
        alike = (one for one in reversed(list(self.sets.values())) if one.has_pseudonyms == now.has_pseudonyms)
        return next((one for one in alike if not one.says_the_same(now)), None)


def read_history(folder: Path) -> History:
    """Read the published sets of a source; a file that cannot be read is named and left out.

    Parameters
    ----------
    folder : Path
        ``data/history/<source>``; none means that nothing was published.
    """
    sets, broken = {}, []
    for number, path in sorted(_numbered(folder).items()):
        try:
            sets[number] = _read(path)
        except (OSError, ValueError, TypeError, KeyError):
            broken.append(path)
    return History(sets, broken)


def _numbered(folder: Path) -> dict[int, Path]:
    return {int(path.stem): path for path in folder.glob("*.json") if path.stem.isascii() and path.stem.isdigit()}


def _read(path: Path) -> Snapshot:
    """Read one set; a value that is no message is told now, not where it is shown.

    Raises
    ------
    ValueError, TypeError, KeyError
        When it is none.
    """
    snapshot = Snapshot.model_validate_json(path.read_bytes())
    for headline in (one for room in snapshot.headlines.values() for one in room.values()):
        for part in (headline.name, headline.value):
            Language().text(_message(part))
    return snapshot


def _message(part: Any) -> Message | None:
    message = None if part is None else decoded(part)
    if message is not None and not isinstance(message, Message):
        raise ValueError("a headline is no message")
    return message


def keep(folder: Path, snapshot: Snapshot, most: int) -> Path | None:
    """Keep a published set under the next number; nothing where the newest is the same.

    Parameters
    ----------
    folder : Path
        ``data/history/<source>``.
    snapshot : Snapshot
    most : int
        Sets kept; the oldest are deleted.
    """
    known = read_history(folder)
    if known.sets and list(known.sets.values())[-1] == snapshot:
        return None
    numbered = _numbered(folder)
    path = folder / f"{max(numbered, default=0) + 1:04d}.json"
    content = snapshot.model_dump(mode="json")
    replace_text(path, json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")
    for number in sorted(numbered)[: len(numbered) + 1 - most]:
        numbered[number].unlink()
    return path


@dataclass(frozen=True)
class Moved:
    """A headline figure that differs: room, name, both values (None where not measurable), what may have done it."""

    room: str
    key: str
    name: Message
    before: Message | None
    now: Message | None
    causes: Sequence[str]


@dataclass(frozen=True)
class Changes:
    """What differs between two sets.

    Parameters
    ----------
    causes : sequence of str
        Which of data, parameters and code differ at all.
    parameters : mapping of str to tuple
        Dotted keys whose values differ, with both.
    headlines : sequence of Moved
    entered, left : sequence of Account
        Of the key list, in its order.
    new, gone : sequence of Call
    """

    causes: Sequence[str]
    parameters: Mapping[str, tuple[Any, Any]]
    headlines: Sequence[Moved]
    entered: Sequence[Account]
    left: Sequence[Account]
    new: Sequence[Call]
    gone: Sequence[Call]


def changes(before: Snapshot, now: Snapshot) -> Changes:
    """Hold two sets against each other.

    A figure moved by what its room, or a room before it, was made from: where only one of data, parameters and code
    differs there, that did it; where several do, a run with the old ones of the others tells them apart.

    Examples
    --------
    >>> def kept(sales, data):
    ...     tile = {"name": {"$": "Message", "template": "Net sales"},
    ...         "value": {"$": "Message", "template": "{m:money}", "values": {"m": sales}}}
    ...     return Snapshot(as_of=None, currency=None, headlines={"cleaning": {"net_sales": tile}}, metrics={},
    ...         key_list={}, calls={}, sources={"cleaning": {"data": data, "parameters": "p", "code": "c"}})
    >>> [moved] = changes(kept(1.0, "a"), kept(2.0, "b")).headlines
    >>> moved.key, moved.before.values, moved.now.values, moved.causes
    ('net_sales', {'m': 1.0}, {'m': 2.0}, ('data',))
    """
    one, two = dict(_flat(before.parameters)), dict(_flat(now.parameters))
    return Changes(
        tuple(kind for kind in KINDS if any(kind in _causes(before, now, room) for room in now.sources)),
        {key: (one.get(key), two.get(key)) for key in sorted({*one, *two}) if one.get(key) != two.get(key)},
        tuple(_moved(before, now)),
        _only(now.key_list, before.key_list),
        _only(before.key_list, now.key_list),
        _only(now.calls, before.calls),
        _only(before.calls, now.calls),
    )


def _flat(values: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in values.items():
        yield from (
            _flat(value, f"{above}{key}.") if isinstance(value, Mapping) and value else [(f"{above}{key}", value)]
        )


def _causes(before: Snapshot, now: Snapshot, room: str) -> tuple[str, ...]:
    one, two = before.sources.get(room, {}), now.sources.get(room, {})
    return tuple(kind for kind in KINDS if one.get(kind) != two.get(kind))


def _moved(before: Snapshot, now: Snapshot) -> Iterable[Moved]:
    for room in dict.fromkeys([*now.headlines, *before.headlines]):
        old, new = before.headlines.get(room, {}), now.headlines.get(room, {})
        for key in dict.fromkeys([*new, *old]):
            was, now_is = (_message(tiles[key].value) if key in tiles else None for tiles in (old, new))
            if was != now_is:
                name = decoded((new.get(key) or old[key]).name)
                yield Moved(room, key, name, was, now_is, _causes(before, now, room))


def _only(these: Mapping[str, Any], those: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(value for key, value in these.items() if key not in those)
