"""Money beside the lines: taken off where arithmetic tells, asked about elsewhere, to the last place."""

from decimal import Decimal

import pytest

from kam_analysis.engine import Engine
from kam_analysis.errors import UserError
from kam_analysis.params import Cleaning
from kam_analysis.sources.lines import read_lines
from kam_analysis.sources.mapping import Answers, map_source
from kam_analysis.sources.profile import Profile, load_profile

HEAD = "Order,Date,Customer,Item,Amount"


def mapped(root, files, *answers, roles=()):
    """Map files of lines of text."""
    (root / "given").mkdir(exist_ok=True)
    (root / "sources").mkdir(exist_ok=True)
    for name, lines in files.items():
        (root / "given" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return map_source(root, "acme", [root / "given"], Answers.of(roles, answers=answers))


def lines_of(root, profile=None):
    """Order, day, customer, item and money of every line read."""
    with Engine() as engine:
        read_lines(engine, profile or load_profile(root / "sources/acme.yaml"), root / "data/raw/acme", root)
        columns = "order_id, CAST(ordered_on AS VARCHAR), customer_id, item, net_sales"
        return engine.rows(f"SELECT {columns} FROM lines_read ORDER BY line_no")


def two_lines(order, discount, total, back=""):
    """An order of a tea of 10 and a cup of 20, with what stands beside it on the first line alone."""
    head = f"{order},2024-01-{order:02},C{order % 3},"
    return [f"{head}tea,10,{discount},{total},{back}".rstrip(","), f"{head}cup,20,,,".rstrip(",")]


def test_a_discount_of_an_order_is_shared_out_to_the_last_place(tmp_path):
    lines = [HEAD + ",Discount,Order total"]
    for order in range(1, 9):
        less = {3: "10", 4: "0.01"}.get(order, "0")
        lines += two_lines(order, less, str(Decimal(30) - Decimal(less)))
    lines[2::2] = [f"{line},," for line in lines[2::2]]
    preview = mapped(tmp_path, {"sales.csv": lines})
    assert any("10.01 in 2 orders: it is taken off" in note for note in preview.mapped.notes)
    found = [(order, item, net) for order, _, _, item, net in lines_of(tmp_path) if order in ("2", "3", "4")]
    assert found == [
        *(("2", "tea", Decimal("10.0000")), ("2", "cup", Decimal("20.0000"))),
        *(("3", "tea", Decimal("6.6667")), ("3", "cup", Decimal("13.3333"))),  # 10 shared 1 : 2
        *(("4", "tea", Decimal("9.9967")), ("4", "cup", Decimal("19.9933"))),  # 0.01 shared 1 : 2
    ]


def test_a_discount_that_is_in_the_amounts_is_left_and_one_that_proves_nothing_is_asked_about(tmp_path):
    def lines(total):
        made = [HEAD + ",Discount,Order total"]
        for order in range(1, 9):
            made += two_lines(order, order % 2 * order, total(order))
            made[-1] = f"{made[-1][:-2]}{20 + order}"
        made[2::2] = [f"{line},," for line in made[2::2]]
        return {"sales.csv": made}

    preview = mapped(tmp_path, lines(lambda order: 30 + order))
    assert any("'Discount', 16.00, is in the amounts" in note for note in preview.mapped.notes)
    assert sum(net for *_, net in lines_of(tmp_path)) == 276  # 8 · 30 and 1 + … + 8
    unclear = lines(lambda order: 100 + 3 * order)
    with pytest.raises(UserError, match=r"'Discount' holds 16\.00 for 4 whole orders.*--role 'order_discount="):
        mapped(tmp_path, unclear)
    mapped(tmp_path, unclear, roles=["order_discount=Discount"])
    assert sum(net for *_, net in lines_of(tmp_path)) == 276 - 16  # 1 + 3 + 5 + 7


def test_money_given_back_is_a_negative_line_no_larger_than_what_was_paid(tmp_path):
    lines = ["Order,Date,Customer,Amount,Refunded amount,Status"]
    given = {2: "5", 3: "12"}  # 2 of the 12 are freight
    lines += [
        f"{n},2024-01-{n:02},C{n % 2},10,{given.get(n, 0)},{'refunded' if n == 3 else 'paid'}" for n in range(1, 31)
    ]
    mapped(tmp_path, {"sales.csv": lines})
    found = lines_of(tmp_path)
    assert len(found) == 32 and sum(net for *_, net in found) == 300 - 15
    assert [(row[0], row[1], row[2], row[4]) for row in found[30:]] == [
        ("2", "2024-01-02", "C0", Decimal("-5.0000")),
        ("3", "2024-01-03", "C1", Decimal("-10.0000")),
    ]
    with Engine() as engine:
        from kam_analysis.cleaning.lines import classify_lines

        read_lines(engine, load_profile(tmp_path / "sources/acme.yaml"), tmp_path / "data/raw/acme", tmp_path)
        classify_lines(engine, Cleaning(), None)
        # the order that was given back is a sale and a refund of it, not an order called off
        assert engine.rows("SELECT count(*), sum(net_sales) FROM order_lines") == [(32, Decimal("285.0000"))]


def test_refunds_above_what_was_paid_are_asked_about(tmp_path):
    lines = ["Order,Date,Customer,Amount,Refund", *(f"{n},2024-01-{n:02},C{n % 2},10,{n}" for n in range(10, 31))]
    with pytest.raises(UserError, match=r"'Refund' holds 420\.00 given back for 21 orders or lines"):
        mapped(tmp_path, {"sales.csv": lines})
    mapped(tmp_path, {"sales.csv": lines}, roles=["refund="])
    assert sum(net for *_, net in lines_of(tmp_path)) == 210


def test_a_file_of_refunds_is_lines_of_the_customers_of_their_orders(tmp_path):
    lines = ["Order,Date,Customer,Amount", *(f"{n},2024-01-{n:02},C{n % 3},10" for n in range(1, 22))]
    back = ["Refund No,Refund date,Order,Refunded", "R1,2024-02-01,4,2.50", "R2,2024-02-02,4,1", "R3,2024-02-03,11,10"]
    preview = mapped(tmp_path, {"sales.csv": lines, "refunds.csv": back})
    assert any("13.50 given back in 3 rows are taken off" in note for note in preview.mapped.notes)
    assert lines_of(tmp_path)[21:] == [
        ("4", "2024-02-01", "C1", None, Decimal("-2.5000")),
        ("4", "2024-02-02", "C1", None, Decimal("-1.0000")),
        ("11", "2024-02-03", "C2", None, Decimal("-10.0000")),
    ]


def test_refunds_that_cannot_be_placed_are_asked_about_with_their_sum(tmp_path):
    lines = ["Order,Date,Customer,Amount", *(f"{n},2024-01-{n:02},C{n % 3},10" for n in range(1, 22))]
    back = ["Refund date,Reason,Refunded", "2024-02-01,late,2.50", "2024-02-02,broken,7"]
    files = {"sales.csv": lines, "refunds.csv": back}
    with pytest.raises(UserError, match=r"refunds\.csv: looks like money given back, 9\.50 in .*refunds=leave"):
        mapped(tmp_path, files)
    preview = mapped(tmp_path, files, "refunds=leave")
    assert "refunds.csv" in str(preview) and len(lines_of(tmp_path)) == 21


def test_a_refund_of_an_unknown_order_has_no_customer_and_one_without_a_day_the_day_of_its_order(tmp_path):
    (tmp_path / "data/raw/acme").mkdir(parents=True)
    (tmp_path / "data/raw/acme/s.csv").write_text("o,d,c,a\n1,2024-01-05,A,10\n2,2024-01-06,B,10\n", encoding="utf-8")
    (tmp_path / "data/raw/acme/r.csv").write_text("order_id,amount\n1,4\n9,-3\n2,x\n", encoding="utf-8")
    columns = {"order_id": "o", "order_date": "d", "customer_id": "c", "amount": "a"}
    orders = {"files": "s.csv", "columns": columns}
    refunds = {"files": "r.csv", "columns": {"order_id": "order_id", "amount": "amount"}}
    profile = Profile.model_validate({"title": "Acme", "orders": orders, "refunds": refunds})
    assert lines_of(tmp_path, profile)[2:] == [
        ("1", "2024-01-05", "A", None, Decimal("-4.0000")),
        ("9", None, None, None, Decimal("-3.0000")),
        ("2", "2024-01-06", "B", None, None),
    ]
    for wrong in ({"order_id": "o"}, {"amount": "a"}, {"customer_id": "c", "amount": "a"}):
        with pytest.raises(ValueError, match="is needed"):
            Profile.model_validate({"title": "A", "orders": orders, "refunds": {"files": "r.csv", "columns": wrong}})


def test_refunds_without_an_order_are_their_customers_and_nobody_s_are_nobody_s(tmp_path):
    who = ["Firm", "Acme", "Guest", "Dune", "Elm"]
    lines = ["Order,Date,Customer,Amount", *(f"N{n},2024-01-{n:02},{who[n % 5]},10" for n in range(1, 26))]
    back = ["Date,Customer,Refunded", "2024-02-01,Acme,2.50", "2024-02-02,Guest,1", "2024-02-03,Dune,3"]
    mapped(tmp_path, {"sales.csv": lines, "refunds.csv": back}, "accept=anonymous")
    assert [(row[2], row[4]) for row in lines_of(tmp_path)[25:]] == [
        ("Acme", Decimal("-2.5000")),
        (None, Decimal("-1.0000")),
        ("Dune", Decimal("-3.0000")),
    ]


@pytest.mark.parametrize("sign", ["", "-"])
def test_credit_notes_in_a_file_of_the_same_head_are_taken_off_whatever_their_sign(tmp_path, sign):
    lines = ["No,Date,Customer,Amount", *(f"I{n},2024-01-{n:02},C{n % 4},10" for n in range(1, 26))]
    back = [lines[0], f"K1,2024-02-01,C1,{sign}4", f"K2,2024-02-02,C2,{sign}5"]
    mapped(tmp_path, {"invoices.csv": lines, "credit notes.csv": back})
    assert sum(net for *_, net in lines_of(tmp_path)) == 250 - 9
