"""The committed copy is small, readable and exactly what the simulator writes anywhere."""

import datetime as dt
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

from kam_analysis.tables import OPTIONAL

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw" / "demo"
TRUTH = ROOT / "data" / "truth" / "demo.json"
WRITE = "import sys; from pathlib import Path; from kam_analysis import demo; demo.write(*map(Path, sys.argv[1:]))"


def test_regenerated_elsewhere_gives_the_committed_bytes(tmp_path):
    elsewhere = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-W", "error", "-c", WRITE, str(tmp_path / "raw"), str(tmp_path / "truth.json")]
    subprocess.run(command, env=os.environ | elsewhere, cwd=tmp_path, check=True)
    written = {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()}
    committed = {path.name: path.read_bytes() for path in RAW.glob("*.csv")}
    assert sorted(written) == sorted(committed)
    assert [name for name in written if written[name] != committed[name]] == []
    assert (tmp_path / "truth.json").read_bytes() == TRUTH.read_bytes()


def test_committed_copy_is_at_most_five_megabytes():
    assert sum(path.stat().st_size for path in [*RAW.iterdir(), TRUTH]) <= 5_000_000


def test_files_have_line_feeds_and_no_byte_order_mark():
    for path in RAW.glob("*.csv"):
        content = path.read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        assert not content.startswith(b"\xef\xbb\xbf")


def test_profile_names_columns_that_every_file_has(orders_by_file):
    profile = yaml.safe_load((ROOT / "sources" / "demo.yaml").read_text(encoding="utf-8"))
    assert [path.name for path in sorted(RAW.glob(profile["orders"]["files"]))] == list(orders_by_file)
    for rows in orders_by_file.values():
        assert set(profile["orders"]["columns"].values()) <= set(rows[0])


def test_profile_patterns_meet_what_they_are_for(orders_by_file):
    profile = yaml.safe_load((ROOT / "sources" / "demo.yaml").read_text(encoding="utf-8"))["orders"]
    rows = [row for listed in orders_by_file.values() for row in listed]
    services = {row["sku"] for row in rows if re.search(profile["services"]["sku"], row["sku"])}
    tests = {row["sku"] for row in rows if re.search(profile["tests"]["sku"], row["sku"])}
    cancelled = [row for row in rows if re.search(profile["cancelled"]["order_id"], row["doc"])]
    assert services == {"DELIVERY", "FEE-RUSH", "FEE-BONUS"}
    assert tests == {"TEST"}
    assert cancelled and all(float(row["amount"]) < 0 for row in cancelled)


def test_every_optional_table_is_there_with_the_columns_of_its_contract(tables):
    # the demo company books its payments elsewhere and has kept no part of its calls uncalled
    assert set(tables) == set(OPTIONAL) - {"payments", "call_parts"}
    for name, rows in tables.items():
        unused = {"confirmed", "note", "done"}  # nobody answered the nominations, wrote about a call or ticked a list
        assert list(rows[0]) == [column for column in OPTIONAL[name].names if column not in unused]
        needed = [column.name for column in OPTIONAL[name].columns if not column.nullable]
        assert all(row[column] for row in rows for column in needed)


def test_thirty_months_from_the_first_working_days_to_the_last_day(orders_by_file):
    dates = {row["date"] for rows in orders_by_file.values() for row in rows}
    readable = sorted(
        date for date in dates if re.fullmatch(r"20\d\d-(0\d|1[0-2])-\d\d", date) and date != "2024-02-30"
    )
    assert (readable[0], readable[-1]) == ("2023-07-03", "2025-12-31")
    assert len({date[:7] for date in readable}) == 30
    assert all(dt.date.fromisoformat(date).weekday() < 5 for date in readable)
