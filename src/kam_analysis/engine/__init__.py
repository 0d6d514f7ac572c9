"""Where SQL runs: DuckDB behind one door, `Engine.materialise`; one statement per table, values always bound."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pandas as pd

from kam_analysis.columns import DUCKDB_TYPES, Kind
from kam_analysis.params import EngineLimits
from kam_analysis.tables import Table

MEMORY_LIMIT = "50%"


def quoted(identifier: str) -> str:
    """Quote an SQL identifier.

    Examples
    --------
    >>> print(quoted('Order "ID" '))
    "Order ""ID"" "
    """
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text as an SQL literal, for the places where a value cannot be bound.

    Examples
    --------
    >>> literal("d'Or")
    "'d''Or'"
    """
    return "'" + text.replace("'", "''") + "'"


class Engine:
    """An in-memory database that holds the tables of one stage.

    What goes beyond its memory limit (`limits`, else half of the machine's) lies in a folder of its own that
    only this user can read, until it is closed.

    Examples
    --------
    >>> with Engine() as engine:
    ...     engine.materialise("doubled", "SELECT 2 * $n AS n", n=21)
    ...     engine.frame("doubled").n.item()
    42
    """

    def __init__(self, limits: EngineLimits | None = None) -> None:
        limits = limits or EngineLimits()
        self._connection = duckdb.connect(":memory:")
        scratch = tempfile.mkdtemp(prefix="kam-", dir=limits.scratch)
        self._clear = weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        self._connection.execute(f"SET temp_directory = {literal(scratch)}")
        self._connection.execute(f"SET memory_limit = {literal(limits.memory or MEMORY_LIMIT)}")
        if limits.threads:
            self._connection.execute(f"SET threads = {limits.threads}")
        self._connection.execute("SET preserve_insertion_order = true")
        self._connection.execute("SET autoinstall_known_extensions = false")
        self._connection.execute("SET TimeZone = 'UTC'")
        if self.rows("SELECT current_setting('enable_progress_bar')")[0][0]:
            self._connection.execute("SET enable_progress_bar = false")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget all tables."""
        self._connection.close()
        self._clear()

    def materialise(self, name: str, sql: str, **values: Any) -> None:
        """Make the table `name` from one SELECT; `values` fill its ``$names``."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS {sql}", _used(values, sql))

    def change(self, name: str, values: str) -> None:
        """Change rows of a table in place: ``UPDATE name SET values``."""
        self._connection.execute(f"UPDATE {quoted(name)} SET {values}")

    def forget(self, name: str) -> None:
        """Free a table that is no longer asked for."""
        self._connection.execute(f"DROP TABLE {quoted(name)}")

    def set_variable(self, name: str, value: str | None) -> None:
        """Hand a text to statements as ``getvariable('name')``; it stands in no statement and in no message."""
        self._connection.execute(f"SET VARIABLE {quoted(name)} = $value::VARCHAR", {"value": value})

    def view(self, name: str, sql: str) -> None:
        """Name a SELECT without computing it."""
        self._connection.execute(f"CREATE OR REPLACE VIEW {quoted(name)} AS {sql}")

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, for the few numbers that steer a computation."""
        return self._connection.execute(sql, _used(values, sql)).fetchall()

    def types(self, name: str) -> dict[str, str]:
        """Column names and SQL types of a table or view."""
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE {quoted(name)}")}

    def put(self, name: str, frame: Any, table: Table | None = None) -> None:
        """Make a table from a frame or an Arrow table, with the contract's types when one is given."""
        self._connection.register("_given", frame)
        columns = "*" if table is None else ", ".join(_cast(column.name, column.kind) for column in table.columns)
        self._connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT {columns} FROM _given")
        self._connection.unregister("_given")

    def frame(self, name: str, table: Table | None = None) -> pd.DataFrame:
        """Give a table as a frame; with a contract, in its columns and types."""
        if table is None:
            return self._connection.execute(f"SELECT * FROM {quoted(name)}").df()
        columns = ", ".join(
            f"CAST({quoted(c.name)} AS DOUBLE) AS {quoted(c.name)}" if c.kind is Kind.MONEY else quoted(c.name)
            for c in table.columns
        )
        return table.conform(self._connection.execute(f"SELECT {columns} FROM {quoted(name)}").df())

    def write(self, name: str, path: Path, order_by: str) -> None:
        """Write a table as Parquet, in a stated order, so that the same table is always the same bytes."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection.execute(
            f"COPY (SELECT * FROM {quoted(name)} ORDER BY {order_by}) TO {literal(str(path))} "
            "(FORMAT parquet, COMPRESSION zstd)"
        )

    def read_parquet(self, name: str, path: Path) -> None:
        """Name a Parquet file as a view."""
        self.view(name, f"SELECT * FROM read_parquet({literal(str(path))})")


def _used(values: Mapping[str, Any], sql: str) -> dict[str, Any] | None:
    return {key: value for key, value in values.items() if re.search(rf"\${key}\b", sql)} or None


def _cast(name: str, kind: Kind) -> str:
    return f"CAST({quoted(name)} AS {DUCKDB_TYPES.get(kind, 'DOUBLE')}) AS {quoted(name)}"


def statement(package_file: str, name: str, replacements: Mapping[str, str] | None = None) -> str:
    """Text of ``sql/<name>.sql`` beside a module; `replacements` fill table names written as ``{table}``."""
    text = (Path(package_file).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    for key, value in (replacements or {}).items():
        text = text.replace("{" + key + "}", quoted(value))
    return text
