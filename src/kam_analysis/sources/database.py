"""Tables of a database as Parquet files among the raw data: a snapshot, so that a run reads the same again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

from kam_analysis.engine import Engine, literal
from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.profile import Database

if TYPE_CHECKING:
    import pyarrow as pa

POSTGRES = ("postgresql", "postgres")
CHUNK = 50_000
NEEDED = "pip install --no-deps --require-hashes -r requirements.lock, or the extra kam_analysis[databases]"


def snapshot(database: Database, folder: Path, environment: Mapping[str, str]) -> list[Path]:
    """Read the tables of a source's database into `folder`, as NAME.parquet each; whole or not at all.

    PostgreSQL is read through ADBC, every other database through SQLAlchemy. The session only reads. Rows are written
    in one stated order, so that the same data give the same bytes.

    Parameters
    ----------
    database : Database
        From the source profile: url without password, the variable that holds the password, tables or queries by name.
    folder : Path
        ``data/raw/NAME``, made when missing.
    environment : mapping
        Where the password stands.

    Returns
    -------
    list of Path
        The files, in the order of the profile.

    Raises
    ------
    UserError
        When the database cannot be reached, a query fails, or the driver is not installed; never with the password.
    """
    password = environment.get(database.password_env) if database.password_env else None
    if database.password_env and password is None:
        where = f"database.password_env in the source profile: {database.password_env}"
        raise UserError(Problem("is not set in the environment", where, cure=f"export {database.password_env}=…"))
    folder.mkdir(parents=True, exist_ok=True)
    written, halves = [], []
    try:
        for name, asked in database.tables.items():
            half = folder / f".{name}.parquet.half"
            halves.append(half)
            _write(_read(database.url, password, name, asked), half)
            written.append(folder / f"{name}.parquet")
        for half, path in zip(halves, written, strict=True):
            half.replace(path)
    finally:
        for half in halves:
            half.unlink(missing_ok=True)
    return written


def _write(table: pa.Table, path: Path) -> None:
    with Engine() as engine:
        engine.put("read", table)
        engine.materialise("sorted", "SELECT * FROM read ORDER BY ALL")
        engine.rows(f"COPY sorted TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")


def _read(url: str, password: str | None, name: str, asked: str) -> pa.Table:
    try:
        if urlsplit(url).scheme.split("+")[0] in POSTGRES:
            return _through_adbc(url, password, asked)
        return _through_sqlalchemy(url, password, asked)
    except ImportError as error:
        raise UserError(Problem(f"needs the package {error.name}", f"database.tables.{name}", cure=NEEDED)) from None
    except Exception as error:  # noqa: BLE001 - every driver has its own; the message is told without the password
        what = _without_password(str(error), password)
        raise UserError(
            Problem(what, f"database.tables.{name}", cure="url, tables or the rights of the user")
        ) from None


def _without_password(text: str, password: str | None) -> str:
    for secret in (password, quote(password, safe=""), quote_plus(password)) if password else ():
        text = text.replace(secret, "***")
    return " ".join(text.split())[:300]


def _through_adbc(url: str, password: str | None, asked: str) -> pa.Table:
    from adbc_driver_postgresql import dbapi

    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    login = f"{user}:{quote(password, safe='')}" if password is not None else user
    address = urlunsplit(("postgresql", f"{login}{at}{host}", parts.path, parts.query, ""))
    query = asked if _is_query(asked) else f"SELECT * FROM {'.'.join(_quoted(part) for part in asked.split('.'))}"
    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(query)
        table: pa.Table = cursor.fetch_arrow_table()
    return _plain(table)


def _plain(table: pa.Table) -> pa.Table:
    """Columns that every reader knows: exact numbers come as text and stay exact, moments are in UTC without a zone."""
    import pyarrow as pa

    for place, column in enumerate(table.schema):
        if isinstance(column.type, pa.BaseExtensionType):
            table = table.set_column(place, column.name, table[place].cast(column.type.storage_type))
        elif pa.types.is_timestamp(column.type) and column.type.tz:
            table = table.set_column(place, column.name, table[place].cast(pa.timestamp(column.type.unit)))
    return table.replace_schema_metadata(None)


def _through_sqlalchemy(url: str, password: str | None, asked: str) -> pa.Table:
    import pyarrow as pa
    import sqlalchemy as sa

    address = sa.make_url(url)
    if password is not None:
        address = address.set(password=password)
    if address.get_backend_name() == "sqlite" and address.database and not Path(address.database).is_file():
        raise FileNotFoundError(f"no such file: {address.database}")
    engine = sa.create_engine(address)
    try:
        quoted = engine.dialect.identifier_preparer.quote_identifier
        query = asked if _is_query(asked) else f"SELECT * FROM {'.'.join(map(quoted, asked.split('.')))}"
        with engine.connect() as connection:
            result = connection.execute(sa.text(query.replace(":", r"\:")))
            names = list(result.keys())
            columns: list[list[object]] = [[] for _ in names]
            for rows in result.partitions(CHUNK):
                for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                    column.extend(values)
    finally:
        engine.dispose()
    return pa.table({name: _array(values) for name, values in zip(names, columns, strict=True)})


def _array(values: list[object]) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a column of several types, as SQLite allows
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_query(asked: str) -> bool:
    return re.match(r"\s*(select|with)\s", asked, re.IGNORECASE) is not None
