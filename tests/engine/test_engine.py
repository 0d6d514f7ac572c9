import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.columns import Column, Kind
from kam_analysis.engine import Engine, literal, quoted, statement
from kam_analysis.findings import say
from kam_analysis.params import EngineLimits
from kam_analysis.tables import Table

TABLE = Table(
    "things",
    "one thing",
    (
        Column("thing_id", Kind.ID, say("Thing"), "Id."),
        Column("made_on", Kind.DATE, say("Made"), "Date.", nullable=True),
        Column("pieces", Kind.COUNT, say("Pieces"), "Count."),
        Column("price", Kind.MONEY, say("Price"), "Money.", nullable=True),
        Column("is_new", Kind.FLAG, say("New"), "Flag."),
        Column("rate", Kind.NUMBER, say("Rate"), "Number.", nullable=True),
    ),
    ("thing_id",),
)
THINGS = pd.DataFrame(
    {
        "rate": [1.5, None],
        "is_new": [True, False],
        "price": [0.1, None],
        "pieces": [1, 2],
        "made_on": pd.to_datetime(["2024-02-29", None]),
        "thing_id": ["007", "NA"],
        "not_asked_for": [0, 0],
    }
)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_a_name_and_a_literal(opened, text):
    opened.materialise("t", f"SELECT {literal(text)} AS {quoted(text)}")
    assert opened.rows("SELECT * FROM t") == [(text,)]
    assert list(opened.types("t")) == [text]


def test_values_are_bound_by_whole_names(engine):
    engine.materialise("t", "SELECT $as_of AS as_of, $as AS part", as_of=dt.date(2024, 1, 1), **{"as": "'; DROP"})
    assert engine.rows("SELECT * FROM t") == [(dt.date(2024, 1, 1), "'; DROP")]


def test_values_that_a_statement_does_not_use_are_left_out(engine):
    # $as stands only as the beginning of $as_of
    engine.materialise("t", "SELECT $as_of AS as_of", as_of=1, **{"as": 2}, other=3)
    assert engine.rows("SELECT as_of + $n FROM t", n=1, m=2) == [(2,)]


def test_a_table_goes_in_and_out_by_its_contract(engine):
    engine.put("things", THINGS, TABLE)
    assert engine.types("things")["price"] == "DECIMAL(38,4)"
    assert engine.rows("SELECT price FROM things ORDER BY thing_id") == [(Decimal("0.1000"),), (None,)]
    frame = TABLE.check(engine.frame("things", TABLE))
    assert frame.thing_id.tolist() == ["007", "NA"]
    assert frame.made_on.isna().tolist() == [False, True]


def test_money_comes_out_as_the_nearest_double(engine):
    amounts = ["0.1", "899999999999.9999", "-899999999999.9999", "123456789.1235"]
    values = ", ".join(f"({n}, CAST({literal(amount)} AS DECIMAL(38,4)))" for n, amount in enumerate(amounts))
    table = Table("m", "one", (Column("amount", Kind.MONEY, say("Amount"), "Money."),))
    engine.materialise("m", f"SELECT amount FROM (VALUES {values}) AS v(n, amount) ORDER BY n")
    assert engine.frame("m", table).amount.tolist() == [float(amount) for amount in amounts]


def test_putting_a_frame_leaves_it_alone(engine):
    before = THINGS.copy()
    engine.put("things", THINGS, TABLE)
    pd.testing.assert_frame_equal(THINGS, before)


def test_the_same_rows_in_another_order_are_the_same_file(engine, tmp_path):
    engine.materialise("up", "SELECT n, hash(n) AS h FROM range(300000) AS t(n) ORDER BY n")
    engine.materialise("down", "SELECT * FROM up ORDER BY n DESC")
    for name in ("up", "down"):
        engine.write(name, tmp_path / "new" / f"{name}.parquet", "n")
    assert (tmp_path / "new" / "up.parquet").read_bytes() == (tmp_path / "new" / "down.parquet").read_bytes()
    engine.read_parquet("again", tmp_path / "new" / "up.parquet")
    # 0 + 1 + … + 299,999 = 299,999 · 300,000 / 2
    assert engine.rows("SELECT count(*), sum(n) FROM again") == [(300_000, 44_999_850_000)]


def test_a_moment_is_the_day_it_is_in_utc_wherever_the_machine_stands(engine, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert engine.rows("SELECT CAST(TIMESTAMPTZ '2024-01-01 23:30:00+00' AS DATE)") == [(dt.date(2024, 1, 1),)]


def test_no_progress_is_drawn_into_a_notebook(engine):
    assert engine.rows("SELECT current_setting('enable_progress_bar')") == [(False,)]


def test_a_closed_engine_is_closed():
    with Engine() as engine:
        engine.materialise("t", "SELECT 1")
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        engine.rows("SELECT * FROM t")


def test_what_does_not_fit_lies_where_only_this_user_reads_and_is_gone_with_the_engine(tmp_path):
    with Engine(EngineLimits(memory="20MB", threads=1, scratch=str(tmp_path))) as engine:
        assert engine.rows("SELECT current_setting('threads')") == [(1,)]
        engine.materialise("large", "SELECT i, hash(i) AS h FROM range(4_000_000) AS t(i)")
        folder = Path(engine.rows("SELECT current_setting('temp_directory')")[0][0])
        assert any(folder.iterdir()) and folder.parent == tmp_path
        assert folder.stat().st_mode & 0o077 == 0
        assert engine.rows("SELECT count(*), sum(i) FROM large") == [(4_000_000, 7_999_998_000_000)]
    assert not folder.exists()


def test_a_statement_names_its_tables(tmp_path):
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "one.sql").write_text("SELECT * FROM {orders} JOIN {orders}", encoding="utf-8")
    text = statement(str(tmp_path / "module.py"), "one", {"orders": "orders_before"})
    assert text == 'SELECT * FROM "orders_before" JOIN "orders_before"'


def test_it_opens_in_an_ordinary_kernel_too():
    """JupyterLab's kernel has no widgets, where the engine refuses to touch its progress bar."""
    import nbformat
    from nbclient import NotebookClient

    cell = nbformat.v4.new_code_cell("from kam_analysis.engine import Engine\nEngine().rows('SELECT 42')")
    done = NotebookClient(nbformat.v4.new_notebook(cells=[cell]), kernel_name="python3", timeout=None).execute()
    assert done.cells[0].outputs[0].data["text/plain"] == "[(42,)]"
