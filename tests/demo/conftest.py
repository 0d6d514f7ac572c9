"""The committed files of the demo company, read with the standard library alone."""

import csv
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw" / "demo"
TRUTH = ROOT / "data" / "truth" / "demo.json"


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def truth():
    return json.loads(TRUTH.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def orders_by_file():
    return {path.name: read(path) for path in sorted(RAW.glob("orders_*.csv"))}


@pytest.fixture(scope="session")
def tables():
    return {path.stem: read(path) for path in sorted(RAW.glob("*.csv")) if not path.name.startswith("orders_")}


@pytest.fixture(scope="session")
def customers(tables):
    return {row["customer_id"]: row for row in tables["customers"]}
