"""Snapshots of databases: SQLite through SQLAlchemy, a real PostgreSQL on loopback through ADBC."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from kam_analysis.errors import UserError
from kam_analysis.sources import database
from kam_analysis.sources.database import snapshot
from kam_analysis.sources.profile import Database, Profile, load_profile

PASSWORD = "p@ss:w/rd%1"
LINES = '"Sales"."order ""lines"""'


def rows(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as engine:
        return engine.execute("SELECT * FROM read_parquet($path)", {"path": str(path)}).fetchall()


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as shop:
        shop.execute('CREATE TABLE "order" (customer TEXT, date TEXT, amount)')
        lines = [("b", "2024-01-02", 5), ("a", "2024-01-01", "10.5"), ("a", "x", None)]
        shop.executemany('INSERT INTO "order" VALUES (?, ?, ?)', lines)
    shop.close()
    return f"sqlite:///{path}"


def test_a_table_of_any_database_becomes_a_file_with_the_same_bytes_each_time(sqlite: str, tmp_path: Path) -> None:
    asked = Database(url=sqlite, tables={"orders": "order"})
    (path,) = snapshot(asked, tmp_path / "raw", {})
    assert path.name == "orders.parquet"
    assert rows(path) == [("a", "2024-01-01", "10.5"), ("a", "x", None), ("b", "2024-01-02", "5")]
    first = path.read_bytes()
    assert snapshot(asked, tmp_path / "raw", {})[0].read_bytes() == first
    assert sorted(p.name for p in (tmp_path / "raw").iterdir()) == ["orders.parquet"]


def test_a_query_may_hold_colons_and_what_it_gives_is_read_as_a_source(sqlite: str, source) -> None:
    query = "SELECT customer, date, amount, ':x' AS note FROM \"order\" WHERE date <> 'x'"
    source.folder.mkdir(parents=True)
    snapshot(Database(url=sqlite, tables={"orders": query}), source.folder, {})
    source.orders(files="orders.parquet")
    assert source.read()["net_sales"].astype(float).tolist() == [10.5, 5.0]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"url": "postgresql://me:secret@host/db", "tables": {"a": "t"}}, "holds a password"),
        ({"url": "postgresql://host/db?password=x", "tables": {"a": "t"}}, "holds a password"),
        ({"url": "mssql+pyodbc:///?odbc_connect=Driver%3DX%3BPWD%3Dx", "tables": {"a": "t"}}, "holds a password"),
        ({"url": "databricks://host/db?access_token=x", "tables": {"a": "t"}}, "holds a password"),
        ({"url": "snowflake://me@host/db?private_key=x", "tables": {"a": "t"}}, "holds a password"),
        ({"url": "postgresql://host/db?sslPassword=x", "tables": {"a": "t"}}, "holds a password"),
        ({"url": "sqlite:///x.db", "tables": {"a": "SELECT 1; DROP TABLE t"}}, "without a semicolon"),
        ({"url": "sqlite:///x.db", "tables": {"../a": "t"}}, "should match pattern"),
        ({"url": "nowhere", "tables": {"a": "t"}}, "should match pattern"),
        ({"url": "sqlite:///x.db", "tables": {}}, "at least 1"),
    ],
)
def test_a_profile_with_a_password_or_more_than_a_reading_is_refused(values: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Database.model_validate(values)


def test_an_address_may_name_files_of_keys_and_other_options() -> None:
    url = "postgresql://me@host/db?sslmode=require&sslkey=client.key&sslrootcert=ca.pem&application_name=kam"
    assert Database(url=url, tables={"a": "t"}).url == url


def test_a_secret_in_a_profile_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(
        "title: Shop\norders: {files: x.csv, columns: {customer_id: c, order_date: d, amount: a}}\n"
        "database: {url: 'postgresql://host/db?token=s3cret', tables: {x: t}}\n",
        encoding="utf-8",
    )
    with pytest.raises(UserError) as raised:
        load_profile(path)
    assert "holds a password" in str(raised.value) and "s3cret" not in str(raised.value)


def test_a_failure_names_the_table_leaves_the_old_file_and_no_half(sqlite: str, tmp_path: Path) -> None:
    (path,) = snapshot(Database(url=sqlite, tables={"orders": "order"}), tmp_path / "raw", {})
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"database\.tables\.more: .*no such table"):
        snapshot(Database(url=sqlite, tables={"orders": "order", "more": "nothing"}), tmp_path / "raw", {})
    assert path.read_bytes() == before and list((tmp_path / "raw").iterdir()) == [path]


def test_a_missing_file_of_sqlite_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        snapshot(Database(url=f"sqlite:///{tmp_path}/none.db", tables={"a": "t"}), tmp_path / "raw", {})
    assert not (tmp_path / "none.db").exists()


def test_the_password_comes_from_the_environment_only(tmp_path: Path) -> None:
    asked = Database(url="postgresql://me@localhost/db", password_env="SHOP_PASSWORD", tables={"a": "t"})
    with pytest.raises(UserError, match="SHOP_PASSWORD: is not set"):
        snapshot(asked, tmp_path, {})


def test_a_profile_without_a_database_is_as_before() -> None:
    profile = Profile.model_validate(
        {"title": "x", "orders": {"files": "a.csv", "columns": {"customer_id": "c", "order_date": "d", "amount": "a"}}}
    )
    assert profile.database is None


@dataclass(frozen=True)
class Server:
    """A PostgreSQL on loopback."""

    port: int

    @property
    def url(self) -> str:
        return f"postgresql://shop@127.0.0.1:{self.port}/postgres"


def programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    folder = programs()
    if folder is None or not (folder / "initdb").exists():
        pytest.skip("no PostgreSQL server: neither initdb on the PATH nor a package of it")
    user = None
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = next((name for name in ("postgres", "nobody") if name in names), None)
        if user is None:
            pytest.skip("PostgreSQL does not run as root, and there is no other user")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Path(tempfile.mkdtemp(prefix="kam-postgres-"))
    (home / "password").write_text(PASSWORD)
    if user:
        shutil.chown(home, user)
        shutil.chown(home / "password", user)

    def run(*command: str) -> None:
        plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL, cwd=home, env=plain)

    try:
        first = ("-D", f"{home}/data", "-U", "shop", "-A", "scram-sha-256", f"--pwfile={home}/password", "-E", "UTF8")
        run(str(folder / "initdb"), *first)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
        run(str(folder / "pg_ctl"), "-D", f"{home}/data", "-l", f"{home}/log", "-o", options, "-w", "start")
        try:
            yield Server(port)
        finally:
            run(str(folder / "pg_ctl"), "-D", f"{home}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def filled(postgres: Server) -> Server:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres.url.replace("shop@", "shop:p%40ss%3Aw%2Frd%251@")) as shop, shop.cursor() as cursor:
        cursor.execute('CREATE SCHEMA "Sales"')
        cursor.execute(
            f"CREATE TABLE {LINES} (customer text, date date, amount numeric(18,4), at timestamptz, paid bool)"
        )
        cursor.execute(
            f"INSERT INTO {LINES} VALUES ('Ромашка', '2024-01-05', 10.1234, '2024-01-05 10:00+02', true), "
            "('b', '2024-01-06', -3, NULL, NULL), ('=cmd', '2024-01-07', 123456789012.5, NULL, false)"
        )
        shop.commit()
    return postgres


def asked(server: Server, tables: dict[str, str]) -> Database:
    return Database(url=server.url, password_env="SHOP", tables=tables)


def test_a_real_postgresql_is_read_exactly(filled: Server, source) -> None:
    source.folder.mkdir(parents=True)
    table = asked(filled, {"orders": 'Sales.order "lines"'})
    (path,) = snapshot(table, source.folder, {"SHOP": PASSWORD})
    assert [row[0] for row in rows(path)] == ["=cmd", "b", "Ромашка"]
    source.orders(files="orders.parquet")
    assert source.read()["net_sales"].tolist() == pytest.approx([123456789012.5, -3, 10.1234], abs=0)
    first = path.read_bytes()
    assert snapshot(table, source.folder, {"SHOP": PASSWORD})[0].read_bytes() == first


def test_postgresql_is_only_read(filled: Server, tmp_path: Path) -> None:
    writing = f"WITH gone AS (DELETE FROM {LINES} RETURNING 1) SELECT * FROM gone"
    with pytest.raises(UserError, match="read-only transaction"):
        snapshot(asked(filled, {"orders": writing}), tmp_path, {"SHOP": PASSWORD})


def test_a_wrong_password_is_told_without_it(filled: Server, tmp_path: Path) -> None:
    wrong = "w@rong:secret"
    with pytest.raises(UserError, match="authentication failed") as told:
        snapshot(asked(filled, {"orders": "t"}), tmp_path, {"SHOP": wrong})
    assert wrong not in str(told.value) and "w%40rong" not in str(told.value)
    assert not list(tmp_path.iterdir())


def test_nobody_there_is_told(tmp_path: Path) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    asked_for = Database(url="postgresql://me@127.0.0.1:1/x", tables={"orders": "t"})
    with pytest.raises(UserError, match=r"database\.tables\.orders: .*refused"):
        snapshot(asked_for, tmp_path, {})


def test_a_password_that_a_long_message_would_cut_is_still_left_out() -> None:
    said = database._without_password(f"{'x' * 295} s3cret  word", "s3cret  word")
    assert "s3c" not in said and len(said) <= 300
