"""Pages of one's own: notebooks in ``project/notebooks`` become stages and pages beside the rooms."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kam_analysis.columns import Column, Kind
from kam_analysis.errors import Collected, Problem, UserError
from kam_analysis.findings import say
from kam_analysis.params import Params, Section
from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.project import FIRST_OWN, Project
from kam_analysis.rooms import ROOMS, Room
from kam_analysis.tables import SHARED, Table

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
RESERVED = (*ROOMS, "site", "index", "managers", "accounts", "tables", "metrics", "headline", "facts", "sources")
HEADING = re.compile(r"^# +(.+)$", re.MULTILINE)
USED = re.compile(r"\bparams\.([a-z_]+(?:\.[a-z_]+)*)")


def own_rooms(project: Project) -> dict[str, Room]:
    """Give the record of every page of one's own, in the order of their numbers.

    A notebook's record follows from its text: the tables whose names stand in it are read, the parameters that it
    asks for are watched, its first heading is the title.

    Raises
    ------
    UserError
        For a name that is taken or none, a number below 10 or twice, a notebook that is none; each by its file.
    """
    found, rooms = Collected(), dict[str, Room]()
    for path in project.own_notebooks():
        where = path.relative_to(project.root).as_posix()
        number, _, word = path.stem.partition("_")
        if int(number) < FIRST_OWN or any(room.number == int(number) for room in rooms.values()):
            found.add(f"its number is below {FIRST_OWN} or taken", where, cure=f"{_next(project)}_{word}.ipynb")
        if problem := _problem(word, rooms):
            found.add(problem, where, cure="rename the file")
            continue
        try:
            rooms[word] = _record(int(number), word, path, where)
        except (ValueError, KeyError, TypeError):
            found.add("no notebook", where, cure="kam new page NAME writes one that works")
    found.raise_any()
    return rooms


def record(project: Project, room: str) -> Room:
    """Give the record of a room or of a page of one's own.

    Raises
    ------
    UserError
        When there is none of that name.
    """
    known = ROOMS if room in ROOMS else own_rooms(project)
    if room not in known:
        raise UserError(Problem(f"no room and no page {room!r}", cure=f"one of {', '.join([*ROOMS, *known])}"))
    return known[room]


def _problem(word: str, taken: Iterable[str]) -> str:
    if not NAME.fullmatch(word):
        return f"{word!r} is no name of a page: small letters, digits and _"
    return f"{word!r} is the name of something built in or there already" if word in {*RESERVED, *taken} else ""


def _record(number: int, word: str, path: Path, where: str) -> Room:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts: dict[str, list[str]] = {"code": [], "markdown": []}
    for cell in cells:
        texts.setdefault(cell["cell_type"], []).append("".join(cell["source"]))
    heading = HEADING.search("\n".join(texts["markdown"]))
    places = enumerate(texts["code"], 1)
    names = {text for place, code in places for text in _strings(code, f"{where}, code cell {place}")}
    params = dict.fromkeys(key for code in texts["code"] for key in _watched(code))
    title = say("{text}", text=heading.group(1).strip() if heading else word.replace("_", " ").capitalize())
    return Room(word, number, title, ("source", *params), tuple(name for name in SHARED if name in names))


def _strings(code: str, where: str) -> Iterator[str]:
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise UserError(Problem(f"{error.msg}", f"{where}, line {error.lineno}", cure="mend it")) from None
    yield from (str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant))


def _watched(code: str) -> Iterator[str]:
    """Keys of parameters that a text asks for, each down to the value or section that there is."""
    for chain in USED.findall(code):
        key: list[str] = []
        section: Any = Params()
        for part in chain.split("."):
            if not isinstance(section, Section) or part not in type(section).model_fields:
                break
            key.append(part)
            section = getattr(section, part)
        if key and key != ["source"]:
            yield ".".join(key)


def own_table(name: str, frame: pd.DataFrame, kinds: Mapping[str, str]) -> Table:
    """Contract of a frame of one's own, by its types and by `kinds` (money, share, date, …) where they say more.

    Raises
    ------
    UserError
        For a kind that there is not, or a column that is not there.

    Examples
    --------
    >>> frame = pd.DataFrame({"manager": ["Ana"], "clients": [3], "sales": [10.5]})
    >>> [column.kind.value for column in own_table("bonus", frame, {"sales": "money"}).columns]
    ['name', 'count', 'money']
    """
    found = Collected()
    for column, kind in kinds.items():
        if column not in frame.columns:
            found.add(f"no column {column!r}; found: {', '.join(map(str, frame.columns))}", name)
        if kind not in list(Kind) or kind in (Kind.MEMBER, Kind.MEMBERS):
            known = ", ".join(one for one in Kind if one not in (Kind.MEMBER, Kind.MEMBERS))
            found.add(f"no kind {kind!r}; known: {known}", name)
    found.raise_any()
    columns = [
        Column(column, Kind(kinds.get(column) or _kind(frame[column])), say("{text}", text=_head(column)), "", True)
        for column in map(str, frame.columns)
    ]
    return Table(name, "one row of a table of one's own", tuple(columns))


def _kind(values: pd.Series) -> Kind:
    if pd.api.types.is_bool_dtype(values):
        return Kind.FLAG
    if pd.api.types.is_datetime64_any_dtype(values):
        return Kind.DATE
    if pd.api.types.is_numeric_dtype(values):
        return Kind.COUNT if pd.api.types.is_integer_dtype(values) else Kind.NUMBER
    return Kind.NAME


def _head(column: str) -> str:
    words = column.replace("_", " ")
    return words[:1].upper() + words[1:]


def _next(project: Project) -> int:
    numbers = [int(path.stem.partition("_")[0]) for path in project.own_notebooks()]
    return max([FIRST_OWN - 1, *numbers]) + 1


def new_page(project: Project, name: str) -> Path:
    """Write a working notebook for a page of one's own.

    Raises
    ------
    UserError
        For a name that is taken, or none.
    """
    if problem := _problem(name, own_rooms(project)):
        raise UserError(Problem(problem, "kam new page", cure="kam new page bonus"))
    path = project.own_folder / f"{_next(project)}_{name}.ipynb"
    title = name.replace("_", " ").capitalize()
    cells = [
        _cell("markdown", "title", f"# {title}", ["hide"]),
        _cell("code", "parameters", "parameters = {}", ["parameters"]),
        _cell("code", "open", OPEN.format(name=name), ["setup"]),
        _cell("code", "measure", MEASURE),
        _cell("code", "head", HEAD.format(title=title)),
        _cell("markdown", "by-manager-title", "## By manager"),
        _cell("code", "by-manager", "stage.show(found)"),
        _cell("code", "close", "stage.close()"),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    replace_text(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    return path


OPEN = """\
from kam_analysis.findings import say
from kam_analysis.pipeline import open_stage

stage = open_stage("{name}", parameters)
keys = stage.read("key_list")
stage"""
MEASURE = """\
accounts = keys.groupby("manager", as_index=False)
table = accounts.agg(key_accounts=("account_id", "size"), net_sales=("net_sales_12m", "sum"))
table = table.sort_values(["net_sales", "manager"], ascending=[False, True], ignore_index=True)
answer = f"{len(table)} managers have key accounts"
found = stage.table("by_manager", table, "Who has how many key accounts?", answer, {"net_sales": "money"})"""
HEAD = 'stage.head(say("{title}"))'


def _cell(kind: str, name: str, source: str, tags: Iterable[str] = ()) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {"tags": list(tags)} if tags else {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": source.splitlines(keepends=True)}
