import ast
import dataclasses
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from kam_analysis import columns
from kam_analysis.columns import Column, Kind
from kam_analysis.findings import say
from kam_analysis.rooms import ROOMS
from kam_analysis.tables import OPTIONAL, SHARED, ContractError, Table, by_name, finds, published
from kam_analysis.vocabulary import AbcClass


def column(name, kind, **values):
    return Column(name, kind, say(name), f"The {name}.", **values)


TABLE = Table(
    "things",
    "one thing",
    (
        column("thing_id", Kind.ID),
        column("name", Kind.NAME, nullable=True),
        column("abc", Kind.MEMBER, members=AbcClass),
        column("made_on", Kind.DATE, nullable=True),
        column("month", Kind.MONTH),
        column("pieces", Kind.COUNT, low=1, high=9),
        column("rank", Kind.COUNT, nullable=True),
        column("price", Kind.MONEY),
        column("share", Kind.SHARE),
        column("change", Kind.SHARE, nullable=True, low=-1, high=float("inf")),
        column("ratio", Kind.RATIO, nullable=True),
        column("gap", Kind.DAYS, nullable=True, low=1),
        column("is_new", Kind.FLAG),
    ),
    ("thing_id", "month"),
)
GOOD = {
    "thing_id": ["007", "7"],
    "name": ["<b>", None],
    "abc": [AbcClass.A, "N"],
    "made_on": ["2024-02-29", None],
    "month": ["2024-02-01", "2024-02-01"],
    "pieces": [1, 9],
    "rank": [1, None],
    "price": [-0.1, 0.0],
    "share": [0.0, 1.0],
    "change": [-1.0, 7.5],
    "ratio": [None, -5.5],
    "gap": [1, None],
    "is_new": [True, False],
}


def good():
    return TABLE.conform(pd.DataFrame(GOOD))


def test_a_frame_that_keeps_the_contract_passes_untouched():
    frame = good()
    assert TABLE.check(frame) is frame
    assert TABLE.check(TABLE.empty()).empty


def test_conforming_selects_orders_and_types_and_leaves_the_frame_alone():
    mixed = pd.DataFrame({"not asked for": [1, 2], **dict(reversed(GOOD.items()))})
    before = mixed.copy()
    frame = TABLE.conform(mixed)
    pd.testing.assert_frame_equal(mixed, before)
    pd.testing.assert_frame_equal(frame, good())
    assert list(frame.columns) == TABLE.names
    assert frame.abc.tolist() == ["A", "N"]
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        **dict.fromkeys(["thing_id", "name", "abc"], "str"),
        **dict.fromkeys(["made_on", "month"], "datetime64[us]"),
        "pieces": "int64",
        **dict.fromkeys(["rank", "price", "share", "change", "ratio", "gap"], "float64"),
        "is_new": "bool",
    }


def test_conforming_what_lacks_a_column_fails():
    with pytest.raises(KeyError, match="is_new"):
        TABLE.conform(good().drop(columns="is_new"))


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("thing_id", [7, 8], r"thing_id: type int64 for id"),
        ("thing_id", ["7", None], r"thing_id: missing values \(e\.g\. 1\)"),
        (
            "thing_id",
            ["7", "7"],
            r"key \('thing_id', 'month'\) repeats \(e\.g\. \['7', Timestamp\('2024-02-01 00:00:00'\)\]\)",
        ),
        ("abc", ["A", "D"], r"abc: values outside the bounds \(e\.g\. D\)"),
        ("abc", ["A", None], r"abc: missing values"),
        ("made_on", ["2024-02-29", "x"], r"made_on: type str for date"),
        (
            "month",
            pd.to_datetime(["2024-02-01", "2024-02-02"]),
            r"month: values outside the bounds \(e\.g\. 2024-02-02\)",
        ),
        ("month", pd.to_datetime(["2024-02-01", None]), r"month: missing values"),
        ("pieces", [0, 9], r"pieces: values outside the bounds \(e\.g\. 0\.0\)"),
        ("pieces", [1, 10], r"pieces: values outside the bounds \(e\.g\. 10\.0\)"),
        ("pieces", [1.0, 2.0], r"pieces: type float64 for count"),
        ("rank", [1.5, None], r"rank: values outside the bounds \(e\.g\. 1\.5\)"),
        ("price", [1.0, float("nan")], r"price: missing values"),
        ("price", [1.0, float("inf")], r"price: values outside the bounds \(e\.g\. inf\)"),
        ("price", ["1", "2"], r"price: type str for money"),
        ("share", [-0.0001, 1.0], r"share: values outside the bounds \(e\.g\. -0\.0001\)"),
        ("share", [0.0, 1.0001], r"share: values outside the bounds \(e\.g\. 1\.0001\)"),
        ("share", [True, False], r"share: type bool for share"),
        ("change", [-1.1, 0.0], r"change: values outside the bounds"),
        ("ratio", [float("-inf"), 1.0], r"ratio: values outside the bounds"),
        ("gap", [0.5, None], r"gap: values outside the bounds"),
        ("is_new", [1, 0], r"is_new: type int64 for flag"),
        ("is_new", [True, None], r"is_new: type object for flag"),
    ],
)
def test_every_violation_is_found(name, values, said):
    with pytest.raises(ContractError, match=rf"^table things at the door:\n- {said}"):
        TABLE.check(good().assign(**{name: values}), "the door")


def test_all_violations_are_said_at_once():
    wrong = good().assign(share=[2.0, 0.0], price=["a", "b"], thing_id=["7", "7"])
    with pytest.raises(ContractError) as caught:
        TABLE.check(wrong)
    assert len(str(caught.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (good().drop(columns="share"), r"missing \['share'\], unexpected \[\]"),
        (good().assign(extra=1), r"missing \[\], unexpected \['extra'\]"),
        (good()[TABLE.names[::-1]], r"missing \[\], unexpected \[\], order \['is_new', "),
    ],
)
def test_columns_are_those_of_the_contract_in_its_order(frame, said):
    with pytest.raises(ContractError, match=rf"columns differ: {said}"):
        TABLE.check(frame)


@pytest.mark.parametrize(
    ("name", "values"), [("pieces", [1.5, 2.0]), ("pieces", [1.0, None]), ("is_new", [True, None])]
)
def test_conforming_never_makes_up_a_value(name, values):
    frame = TABLE.conform(pd.DataFrame({**GOOD, name: values}))
    with pytest.raises(ContractError, match=f"{name}: type "):
        TABLE.check(frame)


def test_a_column_is_found_by_its_name():
    assert TABLE["share"].kind is Kind.SHARE
    assert by_name(TABLE, *OPTIONAL.values())["things"] is TABLE


CONTRACTS = [*SHARED.values(), *(table for room in ROOMS for table in published(room).values())]


@pytest.mark.parametrize("table", CONTRACTS, ids=lambda table: table.name)
def test_every_contract_is_sound(table):
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    assert table.grain.startswith("one ")
    for one in table.columns:
        assert one.meaning.endswith("."), one.name
        assert (one.kind in (Kind.MEMBER, Kind.MEMBERS)) == (one.members is not None), one.name
        assert one.kind is not Kind.FLAG or one.name.startswith(("is_", "has_", "was_")), one.name
    assert dataclasses.is_dataclass(table)
    table.check(table.empty())


def test_a_name_belongs_to_one_contract():
    names = [table.name for table in {id(table): table for table in CONTRACTS}.values()]
    assert sorted(set(names)) == sorted(names)


def test_a_finding_is_declared_once():
    table = dataclasses.replace(TABLE, name="found_twice")

    def one(): ...

    def another(): ...

    assert finds(table)(one) is one
    with pytest.raises(ContractError, match=r"the finding found_twice is given by .*one and by .*another"):
        finds(table)(another)


def _declared(path):
    """Kind, name, head and members of the columns that a module declares."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="col"), attr=kind) | ast.Name(id=kind),
                args=[ast.Constant(value=str(name)), ast.Call(args=[ast.Constant(value=head)]), *_],
            ) if hasattr(columns, kind):
                members = [ast.unparse(one) for one in node.args[3:4] if kind.startswith("member")]
                members += [ast.unparse(word.value) for word in node.keywords if word.arg in ("members", "by")]
                yield kind, name, head, *members


def test_a_column_is_declared_once_and_every_table_says_what_it_means() -> None:
    package = Path(columns.__file__).parent
    found = Counter(one for path in package.rglob("*.py") for one in _declared(path))
    assert len(found) > 500
    assert {one for one, times in found.items() if times > 1} == set()
    tables = [*SHARED.values(), *(table for room in ROOMS for table in published(room).values())]
    assert [f"{table.name}.{one.name}" for table in tables for one in table.columns if not one.meaning] == []
