"""Try other parameters in a copy of the project: tables, reports and parameters of the project stay as they are."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

import yaml

from kam_analysis.errors import EXIT_DONE, Problem, UserError
from kam_analysis.params import load, parse
from kam_analysis.pipeline.check import check_presence
from kam_analysis.pipeline.history import Snapshot
from kam_analysis.pipeline.last_run import NOW, chosen, last_run, published
from kam_analysis.pipeline.lock import held
from kam_analysis.pipeline.project import Project
from kam_analysis.pipeline.restore import RESULTS
from kam_analysis.pipeline.run import STAGE_DONE, pass_on, repro

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.,=-]{0,79}")
PAGES = "site"
FILES = ("dvc.yaml", RESULTS, ".dvcignore", "requirements.lock", ".dvc/python", ".dvc/python.cmd")
OWN = (*FILES, "notebooks", "project", "sources")
SHARED = (
    "src",
    "data/interim",
    "data/processed",
    "reports/metrics",
    ".cache/pictures",
)  # DVC deletes before a stage writes
UNUSED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
CONFIG = "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n[cache]\n    dir = {cache}\n"


def try_parameters(
    project: Project, given: Iterable[str], name: str | None, with_pages: bool, tell: Callable[[str], None]
) -> tuple[str, int]:
    """Run every stage that the changed parameters reach, in ``.cache/tries/<name>``.

    Results of stages that they do not reach are taken over; what is computed lies in the cache of the project, so that
    a run with the same parameters finds it there.

    Parameters
    ----------
    project : Project
    given : iterable of str
        ``key=value``, dotted keys of ``params.yaml``, values as they would stand there.
    name : str, optional
        How the try is called; by default the changes themselves. A try of that name is replaced once this one is done.
    with_pages : bool
        Draw the pages too.
    tell : callable
        Receives a line per stage, and what went wrong.

    Returns
    -------
    tuple of str and int
        Name and exit status of the run.

    Raises
    ------
    UserError
        Before anything runs: a change that is none, an unknown key, a value out of range, a name that is no name.
    Busy
        When a run or another try is at work.
    """
    given = list(given)
    name = name or ",".join(re.sub(r"[^A-Za-z0-9_.=-]+", "-", text).strip("-") for text in given)
    if not NAME.fullmatch(name) or name.isdigit() or name == NOW:
        cure = "letters, digits and _ . - only, as in --name cautious"
        raise UserError(Problem(f"{name!r} cannot name a try", "--name", cure=cure))
    values = changed(project, given)
    target, half = project.tried(name), project.tried(f".{name}.half")
    with held(project.lock_path, "a try") as lock:
        shutil.rmtree(half.root, ignore_errors=True)
        _copy(project, half, values)
        check_presence(half)
        stages = yaml.safe_load((half.root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]

        def hear(line: str) -> None:
            pass_on(line, lambda said: tell(said) if STAGE_DONE.match(said) else None, tell)

        status = repro(half, lock, hear, [stage for stage in stages if with_pages or stage != PAGES])
        if status == EXIT_DONE:
            shutil.rmtree(target.root, ignore_errors=True)
            half.root.replace(target.root)
    return name, status


def results_of(project: Project, name: str) -> Snapshot:
    """Give the results of a try, of a published set by its number, or of the last run.

    Raises
    ------
    UserError
        When there are none.
    """
    copy = project.tried(name)
    if NAME.fullmatch(name) and copy.root.is_dir():
        return last_run(copy)
    if name.isdigit():
        return chosen(project, name, published(project))
    if name != NOW:
        there = sorted(path.name for path in copy.root.parent.glob("[!.]*"))
        known = f"; there are {', '.join(there)}" if there else ""
        raise UserError(Problem(f"no try {name!r}{known}", cure="kam try KEY=VALUE --name NAME"))
    if not project.headline.exists():
        raise UserError(Problem("no complete run", "reports", cure="kam run"))
    return last_run(project)


def changed(project: Project, given: Iterable[str]) -> dict[str, Any]:
    """Values of ``params.yaml`` with changes laid over them, as YAML holds them.

    Raises
    ------
    UserError
        One problem per change that is none, unknown or out of range.
    """
    before = load(project.params_path)
    values: dict[str, Any] = yaml.safe_load(project.params_path.read_text(encoding="utf-8"))
    problems = []
    for text in given:
        key, sign, value = text.partition("=")
        if not (sign and all(key.split("."))):
            problems.append(Problem("is no change", text, cure="key=value, as in key_clients.min_share=0.05"))
            continue
        try:
            section = reduce(lambda inner, part: inner.setdefault(part, {}), key.split(".")[:-1], values)
            section[key.rpartition(".")[2]] = _plain(yaml.safe_load(value))
        except (yaml.YAMLError, AttributeError, TypeError):
            problems.append(Problem("is no parameter that can hold this value", text))
    if problems:
        raise UserError(problems)
    after = parse(values, "kam try")
    if after == before:
        raise UserError(Problem("every parameter has this value already", "kam try", cure="name another value"))
    return values


def _plain(value: Any) -> Any:
    """Give a date as the text that DVC asks for."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _copy(project: Project, copy: Project, values: Mapping[str, Any]) -> None:
    """Make the copy: what DVC or a person writes to is its own, everything else one file with two names."""
    copy.root.mkdir(parents=True)
    copy.params_path.write_text(yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False), encoding="utf-8")
    current = load(copy.params_path).source
    of_source = [path.relative_to(project.root).as_posix() for path in (project.raw(current), project.history(current))]
    for name in (*OWN, *SHARED, *of_source):
        source, target = project.root / name, copy.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, copy_function=shutil.copy2 if name in OWN else _linked, ignore=UNUSED)
        elif source.exists():
            shutil.copy2(source, target)
    (copy.root / ".dvc").mkdir(exist_ok=True)
    cache = project.root / ".dvc" / "cache"
    (copy.root / ".dvc" / "config").write_text(CONFIG.format(cache=cache.as_posix()), encoding="utf-8")


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copy2(source, target)
