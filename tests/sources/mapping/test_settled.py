"""Roles settled by the cells: every one by hand, with what is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from kam_analysis.errors import UserError
from kam_analysis.sources.mapping import Answers, Mapped, map_files, map_source
from tests.sources.mapping.test_mapping import put, table, workbook

WHO = ("Anna", "Boris", "Cira", "Dora", "Emil")
ITEMS = ("Tea", "Cups", "Pots")
DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


def mapped(folder: Path, head: list[str], rows: list[list[object]], *roles: str, answers: Sequence[str] = ()) -> Mapped:
    return map_files("x", [put(folder, "x.csv", table([head, *rows], ";"))], Answers.of(roles, answers=answers))


def columns(found: Mapped) -> dict[str, str]:
    return found.profile["orders"]["columns"]


def lines(count: int = 24) -> list[tuple[str, str, str, int, float]]:
    """Day, customer, item, quantity and price: every item in several quantities at about one price."""
    prices = (2.5, 11.4, 7.3)
    return [(DAYS[n], WHO[n % 5], ITEMS[n % 3], 1 + n * 7 % 20, prices[n % 3] + n % 2 * 0.1) for n in range(count)]


def test_a_price_that_grows_with_the_quantity_is_the_amount(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Item", "Quantity", "Item price"]
    rows = [[day, who, item, qty, round(qty * price, 2)] for day, who, item, qty, price in lines()]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["amount"] == "Item price" and "unit_price" not in columns(found)
    assert any("grows with 'Quantity'" in note for note in found.notes)


def test_a_price_that_stays_is_a_price_and_an_unclear_one_is_told(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Item", "Quantity", "Price"]
    rows = [[day, who, item, qty, price] for day, who, item, qty, price in lines()]
    clear = mapped(tmp_path, head, rows)
    assert columns(clear)["unit_price"] == "Price" and not any("cannot be told" in note for note in clear.notes)
    without_item = mapped(tmp_path, [head[0], head[1], *head[3:]], [[*row[:2], *row[3:]] for row in rows])
    assert columns(without_item)["unit_price"] == "Price"
    assert any("whether 'Price' is of a unit or of the line cannot be told" in note for note in without_item.notes)


def test_an_amount_that_does_not_grow_with_the_quantity_is_told(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Item", "Quantity", "Amount"]
    found = mapped(tmp_path, head, [[day, who, item, qty, price] for day, who, item, qty, price in lines()])
    assert any("does not grow with 'Quantity'" in note and "--role 'amount='" in note for note in found.notes)


def test_three_columns_that_multiply_settle_quantity_price_and_amount(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Stk", "Rate", "Zus"]
    rows = [[day, who, qty, price, round(qty * price, 2)] for day, who, _, qty, price in lines()]
    found = mapped(tmp_path, head, rows)
    assert [columns(found)[role] for role in ("qty", "unit_price", "amount")] == ["Stk", "Rate", "Zus"]
    assert any("by arithmetic: 'Stk' · 'Rate' = 'Zus'" in note for note in found.notes)


def test_a_lone_price_beside_counts_is_told(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Stk", "Price"]
    found = mapped(tmp_path, head, [[day, who, qty, price] for day, who, _, qty, price in lines()])
    assert columns(found)["amount"] == "Price"
    assert any("'Price' may be the price of a unit" in note and "'Stk'" in note for note in found.notes)


def test_an_amount_under_an_unknown_head_is_found_by_its_factors(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Quantity", "Price", "Zus"]
    rows = [[day, who, qty, price, round(qty * price, 2)] for day, who, _, qty, price in lines()]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["amount"] == "Zus" and any("amount by arithmetic" in note for note in found.notes)


@pytest.mark.parametrize("other", ["Qty Ordered", "Zahl"])
def test_of_ordered_and_shipped_the_one_that_is_paid_is_taken_and_told(tmp_path: Path, other: str) -> None:
    head = ["Date", "Customer", other, "Qty Shipped" if other != "Zahl" else "Qty", "Unit price", "Line total"]
    paid = 2 if other == "Zahl" else 3
    rows = []
    for n, (day, who, _, qty, price) in enumerate(lines()):
        row: list[object] = [day, who, qty + n % 3, qty + n % 3, price, round(qty * price, 2)]
        row[paid] = qty
        rows.append(row)
    found = mapped(tmp_path, head, rows)
    assert columns(found)["qty"] == head[paid]
    assert any(note.startswith(f"qty: {head[paid]!r} is taken, not") for note in found.notes)


def order_lines() -> list[list[object]]:
    """Order, day, customer, item, quantity, price, total of the order."""
    rows: list[list[object]] = []
    for order in range(8):
        parts = [(ITEMS[part], 1 + (order + part) * 3 % 7, (2.5, 11.4, 7.3)[part]) for part in range(3)]
        total = round(sum(qty * price for _, qty, price in parts), 2)
        rows += [[f"A-{order}", DAYS[order], WHO[order % 4], item, qty, price, total] for item, qty, price in parts]
    return rows


def test_totals_of_orders_are_not_amounts_of_lines(tmp_path: Path) -> None:
    head = ["Order ID", "Date", "Customer", "Item", "Qty", "Price", "Total"]
    found = mapped(tmp_path, head, order_lines())
    assert "amount" not in columns(found) and columns(found)["unit_price"] == "Price"
    assert any(note.startswith("'Total' stands once per order") for note in found.notes)
    on_first = [[*row[:6], row[6] if place % 3 == 0 else ""] for place, row in enumerate(order_lines())]
    assert "amount" not in columns(mapped(tmp_path, head, on_first))
    with_lines = [[*row, round(row[4] * row[5], 2)] for row in order_lines()]
    assert columns(mapped(tmp_path, [*head, "Line total"], with_lines))["amount"] == "Line total"
    by_hand = mapped(tmp_path, head, order_lines(), "amount=Total")
    assert columns(by_hand)["amount"] == "Total"
    assert any("may count it several times" in note for note in by_hand.notes)


def test_a_cost_that_adds_up_to_the_order_is_the_price(tmp_path: Path) -> None:
    head = ["Order ID", "Date", "Customer", "Item", "Qty", "Item Cost", "Order total"]
    found = mapped(tmp_path, head, order_lines())
    assert columns(found)["unit_price"] == "Item Cost" and "cost" not in columns(found)
    assert any("'Item Cost' is the price, not a cost" in note for note in found.notes)


def test_a_cost_that_gives_the_amount_is_the_price(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Qty", "Item cost", "Amount"]
    rows = [[day, who, qty, price, round(qty * price, 2)] for day, who, _, qty, price in lines()]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["unit_price"] == "Item cost" and "cost" not in columns(found)


def margins() -> list[list[object]]:
    rows: list[list[object]] = []
    for day, who, _, qty, price in lines():
        amount, unit = round(qty * price, 2), round(price * 0.6, 2)
        cost = round(qty * unit, 2)
        rows.append([day, who, qty, amount, cost, unit, round(amount - cost, 2), 0.4])
    return rows


def test_costs_and_margins_are_settled_and_both_may_be_answered(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Qty", "Revenue", "COGS", "Unit cost", "Gross margin", "GM %"]
    found = mapped(tmp_path, head, margins())
    assert columns(found)["cost"] == "COGS" and found.profile["orders"]["cost"] == "line"
    both = mapped(tmp_path, head, margins(), "cost=COGS", "margin=Gross margin")
    assert columns(both)["cost"] == "COGS" and "margin" not in columns(both)
    only = mapped(tmp_path, head, margins(), "margin=Gross margin")
    assert columns(only)["margin"] == "Gross margin" and "cost" not in columns(only)


def test_an_empty_answer_leaves_a_role_out_and_is_offered(tmp_path: Path) -> None:
    rows = [[day, who, qty, price, qty * 3, qty * 4] for day, who, _, qty, price in lines()]
    with pytest.raises(UserError, match=r"--role 'amount=COLUMN', or quantity · price: --role 'amount='"):
        mapped(tmp_path, ["Date", "Customer", "Qty", "Price", "Sum", "Total"], rows)
    found = mapped(tmp_path, ["Date", "Customer", "Qty", "Price", "Sum", "Total"], rows, "amount=")
    assert "amount" not in columns(found) and columns(found)["unit_price"] == "Price"
    assert "qty" not in columns(mapped(tmp_path, ["Date", "Customer", "Qty", "Amount"], [r[:4] for r in rows], "qty="))


def test_two_currencies_are_asked_for_unless_the_role_is_left_out(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Amount", "Currency"]
    rows = [[day, who, qty, ("EUR", "USD")[qty % 2]] for day, who, _, qty, _ in lines()]
    with pytest.raises(UserError, match=r"2 currencies in one column .*--role 'currency='"):
        mapped(tmp_path, head, rows)
    assert "currency" not in columns(mapped(tmp_path, head, rows, "currency="))


def test_a_customer_that_is_the_same_in_every_row_gives_way_to_a_contact(tmp_path: Path) -> None:
    head = ["Account code", "Contact name", "E-mail", "Date", "Amount"]
    rows = [[200, who, f"{who}@mail.com", day, qty] for day, who, _, qty, _ in lines()]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["customer_name"] == "Contact name" and "customer_id" not in columns(found)
    assert "'Account code' is not the customer: the same in every row" in found.notes
    blank = [[200, who if n % 3 == 0 else "", *rest] for n, (_, who, *rest) in enumerate(rows)]
    assert columns(mapped(tmp_path, head, blank))["customer_id"] == "E-mail"


def test_payer_and_buyer_are_asked_for_where_they_differ(tmp_path: Path) -> None:
    head = ["Sell-to Customer No.", "Bill-to Customer No.", "Date", "Amount"]
    rows = [[who, "Anna" if n == 7 else who, day, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    with pytest.raises(UserError, match=r"several columns fit customer_id .*Sell-to Customer No.*Bill-to Customer No"):
        mapped(tmp_path, head, rows)
    found = mapped(tmp_path, head, [[row[0], row[0], *row[2:]] for row in rows])
    assert any("say the same in every row" in note for note in found.notes)


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("Сделка закрыта", lambda n: ("да", "нет")[n % 2]),
        ("Кем создана сделка", lambda n: ("Орлов", "Смирнов", "Кузнецова")[n % 3]),
        ("Order Lines/Subtotal", lambda n: f"{n * 3}.55"),
        ("Order", lambda n: "yes"),
    ],
)
def test_an_order_id_tells_orders_apart(tmp_path: Path, head: str, cells) -> None:
    rows = [[n + 100, cells(n), day, who, qty * 5] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["ID", head, "Date", "Customer", "Amount"], rows)
    assert columns(found)["order_id"] == "ID" and columns(found)["amount"] == "Amount"
    assert any("'ID' is taken, as nothing else names the order" in note for note in found.notes)


def test_the_id_of_a_line_is_no_order_id(tmp_path: Path) -> None:
    rows = [[n + 100, day, who, item, qty, qty * 5] for n, (day, who, item, qty, _) in enumerate(lines())]
    assert "order_id" not in columns(mapped(tmp_path, ["ID", "Date", "Customer", "Item", "Qty", "Amount"], rows))


def test_ids_that_stand_for_each_other_leave_nothing_to_choose(tmp_path: Path) -> None:
    head = ["Invoice ID", "Invoice Number", *("Date", "Customer", "Amount")]
    rows = [[9000 + n // 2, f"INV-{n // 2}", day, who, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["order_id"] == "Invoice ID" and any("stand for each other" in note for note in found.notes)


def test_a_bare_code_belongs_to_what_it_pairs_with(tmp_path: Path) -> None:
    rows = [[f"P{ITEMS.index(item)}", item, day, who, qty] for day, who, item, qty, _ in lines()]
    found = mapped(tmp_path, ["No.", "Description", "Date", "Customer", "Amount"], rows)
    assert columns(found)["sku"] == "No."
    rows = [[f"0{who}", day, who, qty] for day, who, _, qty, _ in lines()]
    found = mapped(tmp_path, ["Шифра", "Датум", "Купувач", "Износ"], rows)
    assert columns(found)["customer_id"] == "Шифра" and "sku" not in columns(found)


def test_numbers_of_lines_are_no_items(tmp_path: Path) -> None:
    rows = [[n % 3 * 10, item, day, who, qty] for n, (day, who, item, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["Item", "Material Description", "Date", "Customer", "Amount"], rows)
    assert columns(found)["item"] == "Material Description"


def test_the_day_of_creation_goes_before_the_day_of_closing(tmp_path: Path) -> None:
    head = ["Дата создания", "Дата закрытия", "Клиент", "Сумма"]
    rows = [[day, day if n % 3 else "не закрыта", who, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["order_date"] == "Дата создания"
    assert "order_date: 'Дата создания' is taken, not 'Дата закрытия'" in found.notes
    alone = mapped(tmp_path, head[1:], [row[1:] for row in rows])
    assert columns(alone)["order_date"] == "Дата закрытия"
    assert any("8 of 24 cells of 'Дата закрытия' are no dates, like 'не закрыта'" in note for note in alone.notes)
    reasons = {fit.role: fit.reason for _, fit in alone.fits}
    assert reasons["order_date"].endswith("66% dates")


def test_a_lone_column_of_dates_is_taken_with_a_word_and_several_are_asked_for(tmp_path: Path) -> None:
    rows = [[day, who, qty] for day, who, _, qty, _ in lines()]
    found = mapped(tmp_path, ["Wann", "Customer", "Amount"], rows)
    assert columns(found)["order_date"] == "Wann"
    assert "order_date: 'Wann' is taken, as no other column holds dates" in found.notes
    with pytest.raises(UserError, match=r"several columns fit order_date .*Wann.*Updated at"):
        mapped(tmp_path, ["Wann", "Updated at", "Customer", "Amount"], [[row[0], *row] for row in rows])


def test_without_dates_the_nearest_columns_are_shown(tmp_path: Path) -> None:
    rows = [[day if n < 9 else "soon", who, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    with pytest.raises(UserError, match=r"no column found for the date .*When \(9 of 24 cells are dates, and 'soon'\)"):
        mapped(tmp_path, ["When", "Customer", "Amount"], rows)


def test_a_head_that_is_not_recognised_is_said(tmp_path: Path) -> None:
    rows: list[list[object]] = [[day, who, qty] for day, who, _, qty, _ in lines()]
    with pytest.raises(UserError, match="the head was not recognised, the first row reads: 2024-01-01, Anna, 1"):
        map_files("x", [put(tmp_path, "n.csv", table(rows, ";"))], Answers())


def test_heads_of_unknown_words_above_texts_that_are_numbers(tmp_path: Path) -> None:
    rows = [[day, who, qty] for day, who, _, qty, _ in lines()]
    with pytest.raises(UserError, match="columns: Wo, Wer, Was"):
        mapped(tmp_path, ["Wo", "Wer", "Was"], [[f"{qty}", who, qty] for _, who, qty in rows])


def test_cancelled_rows_are_marked_and_told_in_every_language(tmp_path: Path) -> None:
    said = ("Done", "Cancelled", "Не реализовано", "Откажана", "storniert", "otkazano", "Not cancelled")
    rows = [[day, who, qty, said[n % 7]] for n, (day, who, _, qty, _) in enumerate(lines(28))]
    found = mapped(tmp_path, ["Date", "Customer", "Amount", "Status"], rows)
    pattern = found.profile["orders"]["cancelled"]["status"]
    assert pattern == "^(Cancelled|otkazano|storniert|Не реализовано|Откажана)$"
    assert any("20 of 28 rows looked at are Cancelled (4)" in note for note in found.notes)


def test_open_deals_and_drafts_are_no_sales_yet_and_all_other_states_are_told(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Amount", "Stage"]
    for stages, open_ones in (
        (("Closed Won", "Negotiation", "Closed Lost"), "^(Negotiation)$"),
        (("Успешно реализовано", "Переговоры", "Закрыто и не реализовано"), "^(Переговоры)$"),
        (("Платена", "Нацрт", "Сторнирана"), "^(Нацрт)$"),
        (("S", "P", "F"), "^(P)$"),
    ):
        found = mapped(
            tmp_path, head, [[day, who, qty, stages[n % 3]] for n, (day, who, _, qty, _) in enumerate(lines())]
        )
        orders = found.profile["orders"]
        assert orders["no_sales"]["status"] == open_ones and orders["cancelled"]["status"] == f"^({stages[2]})$"
        assert f"'Stage': rows of {stages[0]} (8) count as sales" in found.notes
    paid = ("Paid", "Partially refunded", "New")
    rows = [[day, who, qty, paid[n % 3]] for n, (day, who, _, qty, _) in enumerate(lines())]
    with pytest.raises(UserError, match=r"rows of New \(8 rows with [0-9.]+\) by 'Stage' are sales cannot be told"):
        mapped(tmp_path, head, rows)
    found = mapped(tmp_path, head, rows, answers=["sold=New"])
    assert not {"no_sales", "cancelled"} & {*found.profile["orders"]}
    assert mapped(tmp_path, head, rows, answers=["no_sale=New"]).profile["orders"]["no_sales"] == {"status": "^(New)$"}


def test_of_two_columns_of_states_the_telling_one_is_taken(tmp_path: Path) -> None:
    rows = [
        [day, who, qty, ("Call", "Offer sent")[n % 2], ("Won", "Open", "Lost")[n % 3]]
        for n, (day, who, _, qty, _) in enumerate(lines())
    ]
    head = ["Date", "Customer", "Amount", "Deal Stage", "Deal - Status"]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["status"] == "Deal - Status"
    assert found.profile["orders"]["no_sales"] == {"status": "^(Open)$"}
    answered = mapped(tmp_path, head, rows, "status=Deal Stage", answers=["sold=Call", "sold=Offer sent"])
    assert any("'Deal - Status' holds Lost (8), Open (8) rows too" in note for note in answered.notes)


def test_payments_are_no_sales_and_credits_without_a_sign_are_negative(tmp_path: Path) -> None:
    kinds = ("Invoice", "Payment", "Credit Memo")
    head = ["Date", "Document Type", "Customer", "Amount"]
    rows = [[day, kinds[n % 3], who, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["kind"] == "Document Type"
    assert found.profile["orders"]["returns"] == {"kind": "^(Credit Memo)$"}
    assert found.profile["orders"]["no_sales"] == {"kind": "^(Payment)$"}
    signed = [[day, kind, who, -qty if kind == "Credit Memo" else qty] for day, kind, who, qty in rows]
    assert "returns" not in mapped(tmp_path, head, signed).profile["orders"]
    without = mapped(tmp_path, head, rows, "kind=")
    assert not {"returns", "no_sales"} & {*without.profile["orders"]}
    assert any("Payment (8) rows, which count as sales" in note for note in without.notes)


def test_a_credit_sale_and_a_sales_receipt_are_sales(tmp_path: Path) -> None:
    kinds = ("Credit sale", "Cash sale", "Sales Receipt")
    rows = [[day, kinds[n % 3], who, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    assert "kind" not in columns(mapped(tmp_path, ["Date", "Transaction type", "Customer", "Amount"], rows))


def test_what_says_no_kind_in_words_is_told(tmp_path: Path) -> None:
    rows = [[day, ("QA", "QB")[n % 2], who, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["Date", "Type", "Customer", "Amount"], rows)
    assert "'Type': rows of QA (12), QB (12) count as sales" in found.notes
    said = [[day, ("Продажа", "Возврат от покупателя")[n % 2], *rest] for n, (day, _, *rest) in enumerate(rows)]
    found = mapped(tmp_path, ["Дата", "Чего", "Клиент", "Сумма"], said)
    assert found.profile["orders"]["returns"] == {"kind": "^(Возврат от покупателя)$"}


def test_quantities_with_their_units_in_one_cell(tmp_path: Path) -> None:
    units = ("кг", "шт.", "упак")
    rows = [[day, who, item, f"{qty},5 {units[n % 3]}", qty * 10] for n, (day, who, item, qty, _) in enumerate(lines())]
    export = put(tmp_path, "x.csv", table([["Дата", "Клиент", "Товар", "Количество", "Сумма"], *rows], ";"))
    found = map_source(tmp_path, "x", [export], Answers())
    assert columns(found.mapped)["qty"] == columns(found.mapped)["unit"] == "Количество"
    assert list(found.lines["unit"])[:3] == list(units) and list(found.lines["qty"])[:2] == [1.5, 8.5]
    assert any("3 units, кг (8)" in note for note in found.mapped.notes)


def test_an_id_of_lines_within_orders_is_no_id_of_orders(tmp_path: Path) -> None:
    rows = [[day, f"T{n}", f"A{n // 2}", who, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["Date", "Transaction ID", "Order ID", "Customer", "Amount"], rows)
    assert columns(found)["order_id"] == "Order ID"
    assert any("'Transaction ID', which differs in every line" in note for note in found.notes)


def test_a_discount_tells_the_amount_among_several(tmp_path: Path) -> None:
    rows = []
    for n, (day, who, _, qty, price) in enumerate(lines()):
        net = round(qty * price * (1 - n % 3 / 10), 2)
        rows.append([day, who, qty, price, n % 3 * 10, net, round(net * 1.2, 2)])
    head = ["Date", "Customer", "Quantity", "Unit Price", "Discount (%)", "Subtotal", "Total"]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["amount"] == "Subtotal" and found.profile["orders"]["discount"] == "percent"


def test_an_amount_with_something_added_and_a_second_amount_are_told(tmp_path: Path) -> None:
    rows = [[day, who, qty, price, round(qty * price + 4.5, 2)] for day, who, _, qty, price in lines()]
    found = mapped(tmp_path, ["Date", "Customer", "Quantity", "Unit Price", "Total Price"], rows)
    assert any("is tax or freight in it?" in note for note in found.notes)
    rows = [[day, who, qty * price, qty * price * 1.18] for day, who, _, qty, price in lines()]
    found = mapped(tmp_path, ["Датум", "Комитент", "Основица", "Вкупно за наплата"], rows)
    assert "amount: 'Основица' is taken; 'Вкупно за наплата' could be it too" in found.notes


def test_totals_do_not_hide_months_days_and_amounts(tmp_path: Path) -> None:
    rows = [[2024, "January", who, qty] for _, who, _, qty, _ in lines()] + [[2024, "Total", None, 300]]
    found = mapped(tmp_path, ["Year", "Month", "Customer", "Sales"], rows)
    assert columns(found)["month"] == "Month"
    rows = []
    for day, who, item, qty, _ in lines():
        rows += [[day, who, item, f"{qty}.50"]] * 2 + [[f"{day} всего", "", "", f"${qty * 2 + 1}.00"]]
    found = mapped(tmp_path, ["Дата", "Клиент", "Товар", "Сумма"], rows)
    assert columns(found) == {"customer_name": "Клиент", "order_date": "Дата", "item": "Товар", "amount": "Сумма"}


def test_money_under_a_word_of_people_is_no_manager(tmp_path: Path) -> None:
    rows = [[day, who, qty, f"${n % 2}.00"] for n, (day, who, _, qty, _) in enumerate(lines())]
    assert "manager" not in columns(mapped(tmp_path, ["Date", "Customer", "Amount", "Seller Collected Tax"], rows))


def grouped(is_own: bool) -> list[list[object]]:
    """Rows of customers above the rows of their sales, in the column of the dates or in one of their own."""
    rows: list[list[object]] = [["Дата", "Документ", "Номенклатура", "Количество", "Сумма"]]
    for who in ("Ромашка", "Гранит", "Север"):
        rows.append([who, None, None, 12, 120.5])
        rows += [[dt.date(2024, 1, day), f"Р-{day}", "Чай", day, day * 10.25] for day in range(1, 5)]
    rows.append(["Итого", None, None, 36, 361.5])
    if is_own:
        dates = [[None if not isinstance(row[0], dt.date) else row[0], *row[1:]] for row in rows[1:]]
        names = [None if isinstance(row[0], dt.date) else row[0] for row in rows[1:]]
        rows = [["", *rows[0]], *([name, *row] for name, row in zip(names, dates, strict=True))]
    return rows


@pytest.mark.parametrize("is_own", [False, True])
def test_rows_that_head_others_are_the_customers(tmp_path: Path, is_own: bool) -> None:
    path = workbook(tmp_path / "g.xlsx", {"Лист": grouped(is_own)})
    found = map_files("x", [path], Answers())
    assert columns(found)["customer_name"] == "group"
    assert found.profile["orders"]["group"] == ("column 1" if is_own else "Дата")
    assert any("3 rows without a date, like 'Ромашка'" in note for note in found.notes)
    by_hand = map_files("x", [path], Answers.of(["customer_id=column 1" if is_own else "customer_id=group"]))
    assert columns(by_hand)["customer_id"] == "group"


def test_heads_below_heads_stop(tmp_path: Path) -> None:
    rows = grouped(False)
    nested = [more for row in rows for more in ([row, ["Договор 7", None, None, 12, 120.5]] if row[3] == 12 else [row])]
    with pytest.raises(UserError, match="on more than one level"):
        map_files("x", [workbook(tmp_path / "n.xlsx", {"Лист": nested})], Answers())


def test_files_of_one_kind_with_other_columns(tmp_path: Path) -> None:
    head = ["Дата", "Документ", "Клиент", "Товар", "Кол-во", "Сумма"]
    rows = [[day, 100 + n, who, item, qty, qty * 7] for n, (day, who, item, qty, _) in enumerate(lines())]
    one = put(tmp_path, "1.csv", table([head, *rows]))
    turned = [[*head[:3], "Менеджер", *head[:2:-1]], *([*row[:3], "Орлов", *row[:2:-1]] for row in rows)]
    two = put(tmp_path, "2.csv", table(turned))
    found = map_files("x", [one, two], Answers())
    assert found.profile["orders"]["files"] == ["1.csv", "2.csv"] and columns(found)["manager"] == "Менеджер"
    assert "1.csv lacks 'Менеджер': blank in its lines" in found.notes
    other = put(tmp_path, "3.csv", table([head, *rows]), "cp1251")
    with pytest.raises(UserError, match=r"3.csv: is written otherwise than 1.csv \(encoding: cp1251"):
        map_files("x", [one, other], Answers())


def split(folder: Path) -> list[Path]:
    """Heads of orders, their lines, customers and items, each in a file of its own."""
    heads = [["Номер документа", "Дата документа", "Код контрагента", "Менеджер"]]
    heads += [[f"РТ-{n}", f"{n + 10}.01.2024", f"К0{n % 4}", "Орлов"] for n in range(10)]
    rows: list[list[object]] = [["Номер документа", "Код номенклатуры", "Количество", "Цена", "Сумма"]]
    rows += [[f"РТ-{n // 2}", f"Н0{n % 3}", n % 7 + 1, 10, (n % 7 + 1) * 10] for n in range(20)]
    customers = [["Код", "Наименование", "Город"], *([f"К0{n}", f"Клиент {n}", "Москва"] for n in range(5))]
    items = [["Код", "Наименование", "Группа"], *([f"Н0{n}", f"Товар {n}", "Чай"] for n in range(3))]
    named = {"docs": heads, "lines": rows, "clients": customers, "items": items}
    return [put(folder, f"{name}.csv", table(list(map(list, rows)))) for name, rows in named.items()]


def test_heads_of_orders_are_joined_to_their_lines(tmp_path: Path) -> None:
    from kam_analysis.sources.mapping import map_source

    (tmp_path / "sources").mkdir()
    found = map_source(tmp_path, "split", split(tmp_path), Answers())
    read = found.mapped.profile["orders"]["columns"]
    assert read["order_date"] == "docs.Дата документа" and read["customer_id"] == "docs.Код контрагента"
    assert read["customer_name"] == "clients.Наименование" and read["item"] == "items.Наименование"
    assert found.rows == 20 and found.lines["ordered_on"].notna().all()
    assert found.lines["customer_name"].iloc[0] == "Клиент 0" and found.lines["item"].iloc[1] == "Товар 1"


def test_an_answer_that_lies_in_another_table_is_said_truly(tmp_path: Path) -> None:
    one = put(tmp_path, "s.csv", table([["Date", "Customer", "Amount"], *([d, w, q] for d, w, _, q, _ in lines())]))
    two = put(tmp_path, "other.csv", table([["Wo", "Preis"], ["a", 3], ["b", 4]]))
    with pytest.raises(UserError, match=r"money is read from the order lines .* is in other.csv"):
        map_files("x", [one, two], Answers.of(["unit_price=Preis", "amount=Amount"]))
    with pytest.raises(UserError, match=r"it is in other.csv, which shares no key with the order lines"):
        map_files("x", [one, two], Answers.of(["region=Wo"]))


@pytest.mark.parametrize(
    ("head", "role"),
    [
        ("Cust #", "customer_id"),
        ("ACCT_NO", "customer_id"),
        ("Kundenname", "customer_name"),
        ("TXN_ID", "order_id"),
        ("sale_id", "order_id"),
        ("Rechnungsnummer", "order_id"),
        ("Број", "order_id"),
        ("Rechnungsdatum", "order_date"),
        ("sold_at", "order_date"),
        ("Item #", "sku"),
        ("Идент", "sku"),
        ("Назив на идент", "item"),
        ("Qnty", "qty"),
        ("UnitAmount", "unit_price"),
        ("Ext. Price", "amount"),
        ("Nettobetrag", "amount"),
        ("SLSP_NM", "manager"),
        ("Verkäufer", "manager"),
    ],
)
def test_ordinary_heads_are_known(head: str, role: str) -> None:
    from kam_analysis.sources.mapping.words import order_words, similarity

    found = similarity(head, order_words()[role])
    assert found is not None and found.score == 1.0


@pytest.mark.parametrize("is_apart", [True, False])
def test_customers_above_their_rows_in_the_customers_own_column(tmp_path: Path, is_apart: bool) -> None:
    rows: list[list[object]] = [["Контрагент, документ", "Дата", "Количество", "Сумма"]]
    for who in ("Ромашка", "Гранит", "Север"):
        rows.append([who, None, 12, 120.5])
        rows += [[f"Р-{day}" if is_apart else None, dt.date(2024, 1, day), day, day * 10.25] for day in range(1, 5)]
    found = map_files("x", [workbook(tmp_path / "g.xlsx", {"Лист": rows})], Answers())
    assert found.profile["orders"]["group"] == "Контрагент, документ" and columns(found)["customer_name"] == "group"


def test_subtotals_below_their_rows_are_no_customers(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Customer", "Date", "Item", "Amount"]]
    for who in WHO:
        rows += [[who, dt.date(2024, 1, day), "Tea", day * 10.25] for day in range(1, 5)]
        rows.append([f"{who} total", None, None, 102.5])
    found = map_files("x", [workbook(tmp_path / "s.xlsx", {"List": rows})], Answers())
    assert columns(found)["customer_name"] == "Customer" and "group" not in found.profile["orders"]


def test_cells_below_the_first_of_a_block_are_filled_down_and_told(tmp_path: Path) -> None:
    from kam_analysis.sources.mapping import map_source

    rows: list[list[object]] = [["Order", "Date", "Customer", "Rep", "Item", "Qty", "Amount"]]
    for n in range(6):
        head = [f"S-{n}", dt.date(2024, 1, n + 1), WHO[n % 5], "Li"]
        rows += [[*(head if part == 0 else [None] * 4), ITEMS[part], n + part + 1, 10] for part in range(3)]
    path = workbook(tmp_path / "o.xlsx", {"List": rows})
    (tmp_path / "sources").mkdir()
    found = map_source(tmp_path, "o", [path], Answers())
    assert found.mapped.profile["orders"]["fill_down"] == ["Order", "Date", "Customer", "Rep"]
    assert any("filled in the first row of each block only: Order (12 blank)" in note for note in found.mapped.notes)
    assert found.lines["customer_name"].tolist()[:4] == ["Anna", "Anna", "Anna", "Boris"]
    assert "NaN" not in str(found) and "First of 18 rows as they will be read" in str(found)


def test_customers_that_are_missing_here_and_there_are_not_filled_down(tmp_path: Path) -> None:
    once = [[f"A-{n}", day, f"{who} {n}" if n % 6 != 5 else "", qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    assert "fill_down" not in mapped(tmp_path, ["Order", "Date", "Customer", "Amount"], once).profile["orders"]
    rows = [[f"A-{n // 3}", day, who if n % 3 else "", qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["Order", "Date", "Customer", "Amount"], rows)
    assert "fill_down" not in found.profile["orders"]


def test_what_cannot_be_read_is_counted_over_all_rows(tmp_path: Path) -> None:
    from kam_analysis.sources.mapping import map_source

    rows = [[day, who, "n/a" if n == 3 else qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    rows += [["", "Anna", 5], ["2024-02-01", "", 5], ["2024-02-01", "Anna", ""]]
    (tmp_path / "sources").mkdir()
    path = put(tmp_path, "m.csv", table([["Date", "Customer", "Amount"], *rows]))
    said = str(map_source(tmp_path, "m", [path], Answers()))
    assert "1 of 27 rows: 'Amount' holds what is no number" in said and "1 of 27 rows have no date" in said
    assert "1 of 27 rows have a date and no customer" in said and "1 of 27 rows have a date and no amount" in said


def test_quantities_and_money_may_stand_beside_different_texts(tmp_path: Path) -> None:
    rows = [[day, who, f"{qty} шт.", f"{qty * 10},50 ₽"] for day, who, _, qty, _ in lines()]
    found = mapped(tmp_path, ["Дата", "Клиент", "Количество", "Сумма"], rows)
    assert found.profile["orders"]["unit"] == ["шт.", "₽"] and "scale" not in found.profile["orders"]


def test_money_beside_different_texts_is_asked_for(tmp_path: Path) -> None:
    rows = [[day, who, f"{qty * 10},50 €", f"{qty * 7},50 ₽"] for day, who, _, qty, _ in lines()]
    head = ["Дата", "Клиент", "Сумма", "Себестоимость"]
    with pytest.raises(UserError, match=r"money stands beside different texts: '€', '₽' .*Себестоимость \(₽\)"):
        mapped(tmp_path, head, rows)
    assert mapped(tmp_path, head, rows, "cost=").profile["orders"]["unit"] == ["€"]


def test_quantities_that_say_the_same_leave_the_arithmetic_clear(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Stk A", "Stk B", "Price", "Line total"]
    rows = [[day, who, qty, qty, price, round(qty * price, 2)] for day, who, _, qty, price in lines()]
    assert columns(mapped(tmp_path, head, rows))["qty"] == "Stk A"


@pytest.mark.parametrize(
    ("head", "vat"),
    [
        ("Сумма без НДС", "excluded"),
        ("Износ со ДДВ", "included"),
        ("Amount (excl. VAT)", "excluded"),
        ("Total incl. tax", "included"),
        ("Сумма", None),
        ("Taxable amount", None),
    ],
)
def test_the_head_of_the_money_says_whether_vat_is_in_it(tmp_path: Path, head: str, vat: str | None) -> None:
    rows = [["Дата", "Клиент", head], *([day, who, qty * 7] for day, who, _, qty, _ in lines())]
    mapped = map_files("x", [put(tmp_path, "t.csv", table(rows))], Answers.of([f"amount={head}"]))
    assert mapped.profile.get("vat") == vat
    assert any("says that VAT is" in note for note in mapped.notes) == (vat is not None)


def test_every_column_and_table_without_a_role_is_told_with_why(tmp_path: Path) -> None:
    head = ["Date", "Customer", "Amount", "Freight", "Blank", "Colour"]
    rows = [[day, who, qty, 4.5, "", "red"] for day, who, _, qty, _ in lines()]
    sales = put(tmp_path, "x.csv", table([head, *rows], ";"))
    notes = put(tmp_path, "notes.csv", "What;When;Size\nbudget;soon;1\nplan;later;2\n")
    clients = [["Customer number", "Name", "Fax"], *([n, who, "1"] for n, who in enumerate(WHO))]
    found = map_files("x", [sales, notes, put(tmp_path, "clients.csv", table(clients, ";"))], Answers.of())
    # 24 lines of 4.50
    told = {"Freight": "no report asks for it; 108.00 in the rows looked at", "Blank": "empty"}
    assert found.unused == told | {"Colour": "its head says no role"}
    assert any(note.startswith("notes.csv is not used: no dates with money in it") for note in found.notes)
    assert found.profile["customers"]["columns"] == {"customer_id": "Customer number", "name": "Name"}
    assert "clients.csv: not used: Fax" in found.notes
