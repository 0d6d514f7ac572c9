"""A room's chapter as data: findings with their tables, tiles, title, window; pages in any language are made from it.

`write` leaves ``findings.json`` and one Parquet file per table in a folder, `read` reads them again. Messages lie there
as templates with the values that fill them, never as text.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kam_analysis.columns import Column, Kind
from kam_analysis.errors import Problem, UserError
from kam_analysis.findings import Caveat, Finding, Grid, Message, Show, Tile, Weight, Words, is_absent
from kam_analysis.tables import Table
from kam_analysis.vocabulary import Labelled, words

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.kam.v1+json"
FILE = "findings.json"
_KEPT = (Caveat, Column, Finding, Grid, Message, Show, Table, Tile, Words)
_CLASSES: dict[str, Any] = {kind.__name__: kind for kind in _KEPT}
_ENUMS: dict[str, type[Enum]] = {kind.__name__: kind for kind in (Kind, Weight)}
_TAG = "$"


@dataclass(frozen=True)
class Chapter:
    """What a room found, as its page shows it.

    Parameters
    ----------
    room : str
    title : Message
        Title of the page.
    window : mapping
        ISO dates ``first_order_on``, ``as_of`` and ``compare_as_of`` (None where there is nothing to compare with).
    source : mapping
        ``title``, ``currency`` and ``vat`` of the source.
    parameters : mapping
        The room's parameters, in the order of ``params.yaml``.
    lead : sequence of Message
        Sentences that answer the page's question.
    tiles : sequence of Tile
    findings : mapping of str to Finding
    tables : mapping of str to Table
        Contract of every finding's table by the finding's name.
    outlines : mapping of str to Finding
        The findings without their tables, which are not read then; only for a chapter out of a folder.
    keys : mapping of str to str
        Fingerprint of every finding with its table, where the chapter was read from a folder.
    fingerprint : str, optional
        Of the whole chapter, where it was read from a folder.
    """

    room: str
    title: Message = field(default_factory=lambda: Message(""))
    window: Mapping[str, str | None] = field(default_factory=dict)
    source: Mapping[str, str | None] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    lead: Sequence[Message] = ()
    tiles: Sequence[Tile] = ()
    findings: Mapping[str, Finding] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    outlines: Mapping[str, Finding] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str | None = None


def write(chapter: Chapter, folder: Path) -> str:
    """Write a chapter into a folder, which is made, and give the fingerprint of all of it.

    Parameters
    ----------
    chapter : Chapter
        Every finding keeps its contract.
    folder : Path
        Holds nothing else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    findings = []
    for name, finding in chapter.findings.items():
        path = folder / f"{name}.parquet"
        _write_table(chapter.tables[name], finding.table, path)
        contract = {"contract": encoded(chapter.tables[name]), "rows": len(finding.table), "sha256": _digest(path)}
        findings.append(encoded(finding) | {"table": contract})
    content = {
        "room": chapter.room,
        "title": encoded(chapter.title),
        "window": dict(chapter.window),
        "source": dict(chapter.source),
        "parameters": dict(chapter.parameters),
        "lead": encoded(chapter.lead),
        "tiles": encoded(chapter.tiles),
        "findings": findings,
    }
    path = folder / FILE
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return _digest(path)


def _write_table(table: Table, frame: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table.conform(frame), preserve_index=False).replace_schema_metadata()
    pq.write_table(arrow, path, compression="zstd")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read(folder: Path, where: str = "") -> Chapter:
    """Read a chapter from its folder; a finding and its table are read when they are asked for.

    Parameters
    ----------
    folder : Path
        Written by `write`.
    where : str
        How the folder is called where something is wrong with it.

    Raises
    ------
    UserError
        When there are no findings; later, when a table is not the one that the findings were written with.
    """
    where = where or folder.name
    try:
        content = json.loads((folder / FILE).read_bytes())
    except (FileNotFoundError, ValueError):
        raise UserError(Problem("no findings", f"{where}/{FILE}", cure="kam run")) from None
    raw = {finding["name"]: finding for finding in content["findings"]}

    def outline(name: str) -> Finding:
        parts: Any = {key: decoded(value) for key, value in raw[name].items() if key not in ("table", _TAG)}
        return Finding(table=cast("pd.DataFrame", None), **parts)

    def finding(name: str) -> Finding:
        table = _table(folder, where, name, raw[name]["table"]["sha256"], tables[name])
        return replace(outline(name), table=table)

    tables = _Lazy(raw, lambda name: decoded(raw[name]["table"]["contract"]))
    outlines = _Lazy(raw, outline)
    return Chapter(
        content["room"],
        decoded(content["title"]),
        content["window"],
        content["source"],
        content["parameters"],
        decoded(content["lead"]),
        decoded(content["tiles"]),
        _Lazy(raw, finding),
        tables,
        outlines,
        {name: hashlib.sha256(json.dumps(found).encode()).hexdigest() for name, found in raw.items()},
        _digest(folder / FILE),
    )


def _table(folder: Path, where: str, name: str, digest: str, contract: Table) -> pd.DataFrame:
    import pyarrow.parquet as pq

    path = folder / f"{name}.parquet"
    if not path.is_file() or _digest(path) != digest:
        what = "not the table that the findings were written with"
        raise UserError(Problem(what, f"{where}/{path.name}", cure="kam run"))
    return contract.conform(pq.read_table(path).to_pandas())


class _Lazy(Mapping[str, Any]):
    """Values by name, made when they are asked for, once."""

    def __init__(self, names: Iterable[str], make: Callable[[str], Any]) -> None:
        self._names, self._make, self._made = list(names), make, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def encoded(value: Any) -> Any:
    """Write a value of a finding as JSON holds it; missing values become None, and no number is rounded.

    Raises
    ------
    TypeError
        For what cannot be read again.

    Examples
    --------
    >>> encoded(Message("until {day:date}", {"day": dt.date(2011, 12, 9)}))
    {'$': 'Message', 'template': 'until {day:date}', 'values': {'day': {'$': 'date', 'value': '2011-12-09'}}}
    >>> encoded(math.inf)
    {'$': 'float', 'value': 'inf'}
    """
    if hasattr(value, "item"):
        value = value.item()
    if is_absent(value):
        return None
    if isinstance(value, Message):
        value = Message(value.template, _said(value.values), value.plural, value.count)
    if is_dataclass(value) and type(value).__name__ in _CLASSES:
        return {_TAG: type(value).__name__} | _parts(value)
    if type(value).__name__ in _ENUMS:
        return {_TAG: type(value).__name__, "value": str(value)}
    if isinstance(value, type) and issubclass(value, Labelled):
        return {_TAG: "members", "value": [[str(member), encoded(member.label)] for member in value]}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {_TAG: "float", "value": str(value)}
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.date):
        return {_TAG: "date", "value": value.isoformat()[:10]}
    if isinstance(value, Mapping):
        return {str(key): encoded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [encoded(inner) for inner in value]
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be kept as data")


def _parts(value: Any) -> dict[str, Any]:
    """Fields of a dataclass that differ from their defaults; a finding's table lies in its own file."""
    parts = {}
    for one in fields(value):
        given = getattr(value, one.name)
        default = one.default if one.default_factory is MISSING else one.default_factory()
        if not (isinstance(value, Finding) and one.name == "table") and (default is MISSING or given != default):
            parts[one.name] = encoded(given)
    return parts


def _said(value: Any) -> Any:
    """Give the values of a message, with the label in place of every member of an enum."""
    if isinstance(value, Labelled):
        return value.label
    if isinstance(value, Mapping):
        return {key: _said(inner) for key, inner in value.items()}
    return [_said(inner) for inner in value] if isinstance(value, list | tuple) else value


def decoded(value: Any) -> Any:
    """Give what `encoded` wrote; lists become tuples.

    Examples
    --------
    >>> decoded({"$": "date", "value": "2011-12-09"})
    datetime.date(2011, 12, 9)
    """
    if isinstance(value, list):
        return tuple(decoded(inner) for inner in value)
    if not isinstance(value, dict):
        return value
    match value.get(_TAG):
        case "date":
            return dt.date.fromisoformat(value["value"])
        case "float":
            return float(value["value"])
        case "members":
            return words("Members", ((word, decoded(label)) for word, label in value["value"]))
        case name if name in _ENUMS:
            return _ENUMS[name](value["value"])
        case name if name in _CLASSES:
            return _CLASSES[name](**{key: decoded(inner) for key, inner in value.items() if key != _TAG})
    return {key: decoded(inner) for key, inner in value.items()}
