"""Exports as programs write them: the traps that each of them sets, with the money known by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kam_analysis.errors import UserError
from kam_analysis.sources.mapping import Answers, Mapped, map_files, map_source
from tests.sources.mapping.test_mapping import put, table
from tests.sources.mapping.test_settled import DAYS, WHO, columns, lines, mapped


def section(found: Mapped) -> dict[str, Any]:
    return dict(found.profile["orders"])


def goods(count: int = 24) -> list[tuple[int, str, str, str, int, float]]:
    """Order of two lines, day, customer, item, quantity and price."""
    return [(100 + n // 2, DAYS[n // 2], WHO[n // 2 % 5], item, qty, price) for n, (_, _, item, qty, price) in
            enumerate(lines(count))]  # fmt: skip


def test_what_stands_on_the_first_line_of_an_order_holds_for_all_its_lines(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    head = ["Name", "Created at", "Financial Status", "Currency", "Billing Name", "Lineitem name", "Lineitem quantity",
            "Lineitem price"]  # fmt: skip
    rows = [
        [f"#{order}", day, *(["voided" if order == 103 else "paid", "EUR", who] if n % 2 == 0 else ["", "", ""]), *sold]
        for n, (order, day, who, *sold) in enumerate(goods())
    ]
    found = map_source(tmp_path, "shop", [put(tmp_path, "orders.csv", table([head, *rows]))], Answers())
    assert set(found.lines["status"]) == {"paid", "voided"} and set(found.lines["currency"]) == {"EUR"}
    assert found.lines["customer_name"].tolist()[:4] == ["Anna", "Anna", "Boris", "Boris"]


def test_a_column_of_zeros_is_no_amount(tmp_path: Path) -> None:
    head = ["Order Number", "Order Date", "Company", "Item Name", "Quantity", "Unit price", "Order Total Tax Amount"]
    found = mapped(tmp_path, head, [[*row, "0.00"] for row in goods()])
    assert "amount" not in columns(found) and columns(found)["unit_price"] == "Unit price"


@pytest.mark.parametrize("head", ["Order Tax Amount", "Order Refund Amount", "Amount Paid", "Сумма оплаты"])
def test_tax_refunds_and_payments_are_no_amounts(tmp_path: Path, head: str) -> None:
    rows = [[day, who, qty * price, qty * price / 5] for day, who, _, qty, price in lines()]
    found = mapped(tmp_path, ["Date", "Customer", "Zus", head], rows, "amount=Zus")
    assert columns(found)["amount"] == "Zus" and not any("could be it too" in note for note in found.notes)
    with pytest.raises(UserError, match="no column found for the amount"):
        mapped(tmp_path, ["Date", "Customer", "Zus", head], rows)


def test_a_price_of_a_unit_without_its_quantity_is_no_amount(tmp_path: Path) -> None:
    rows = [[day, who, qty, price] for day, who, _, qty, price in lines()]
    with pytest.raises(UserError, match="no column found for the amount, or quantity and price"):
        mapped(tmp_path, ["Date", "Customer", "Zus", "Unit price"], rows)
    assert columns(mapped(tmp_path, ["Date", "Customer", "Unit price"], [[*row[:2], row[3]] for row in rows]))


def test_codes_of_documents_tell_credits_and_receipts(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    kinds = ("SI", "SI", "SC", "SR")
    head = ["Type", "Account Ref", "Name", "Date", "Reference", "Net Amount"]
    rows = [
        [kinds[n % 4], f"C{n % 5:03}", WHO[n % 5], DAYS[n], "BACS" if n % 4 == 3 else str(7000 + n), 10 + n]
        for n in range(24)
    ]
    found = map_source(tmp_path, "sage", [put(tmp_path, "activity.csv", table([head, *rows]))], Answers())
    assert found.lines["net_sales"].tolist()[:4] == [10, 11, -12, 13]
    text = (tmp_path / "sources/sage.yaml").read_text(encoding="utf-8")
    assert "no_sales:\n    kind: ^(SR)$" in text and "customer_name: Name" in text and "order_id: Reference" in text


def test_a_column_of_yes_and_no_tells_cancelled_orders(tmp_path: Path) -> None:
    rows = [[*row, row[4] * row[5], "Y" if row[0] == 103 else "N"] for row in goods()]
    head = ["DocNum", "DocDate", "CardName", "Dscription", "Quantity", "Price", "LineTotal", "CANCELED"]
    found = mapped(tmp_path, head, rows)
    assert section(found)["cancelled"] == {"status": "^(Y)$"} and columns(found)["status"] == "CANCELED"
    posted = [[*row[:-1], "Нет" if row[-1] == "Y" else "Да"] for row in rows]
    found = mapped(tmp_path, [*head[:-1], "Проведен"], posted)
    assert section(found)["no_sales"] == {"status": "^(Нет)$"}


def test_an_amount_of_prices_after_the_discount_is_not_reduced_again(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    head = ["DocNum", "DocDate", "CardName", "Dscription", "Quantity", "PriceBefDi", "DiscPrcnt", "Price", "LineTotal"]
    rows = []
    for n, (order, day, who, item, qty, price) in enumerate(goods()):
        net = round(price * (1 - n % 3 * 0.1), 4)
        rows.append([order, day, who, item, qty, price, n % 3 * 10, net, round(qty * net, 2)])
    found = map_source(tmp_path, "b1", [put(tmp_path, "b1.csv", table([head, *rows]))], Answers())
    assert found.lines["net_sales"].tolist() == pytest.approx([row[-1] for row in rows[: len(found.lines)]])


def test_of_a_percent_and_its_money_either_is_the_discount(tmp_path: Path) -> None:
    rows = []
    for n, (day, who, _, qty, price) in enumerate(lines()):
        full, percent = qty * price, n % 3 * 10
        rows.append(
            [day, who, qty, price, percent, round(full * percent / 100, 2), round(full * (1 - percent / 100), 2)]
        )
    found = mapped(
        tmp_path, ["Date", "Customer", "Qty", "Item Price", "Discount", "Discount Amount", "Item Total"], rows
    )
    kind = {"Discount": "percent", "Discount Amount": "money"}[columns(found)["discount"]]
    assert (section(found)["amount"], section(found)["discount"]) == ("net", kind)


def test_of_amounts_before_and_after_the_discount_the_paid_one_is_taken(tmp_path: Path) -> None:
    head = [
        "Учетный день",
        "Имя гостя",
        "Блюдо",
        "Количество блюд",
        "Сумма без скидки",
        "Сумма скидки",
        "Сумма со скидкой",
    ]
    rows = []
    for n, (day, who, item, qty, price) in enumerate(lines()):
        full, less = round(qty * price, 2), round(n % 3 * 0.5, 2)
        rows.append([day, who, item, qty, full, less, round(full - less, 2)])
    found = mapped(tmp_path, head, rows)
    assert columns(found)["amount"] == "Сумма со скидкой" and section(found)["amount"] == "net"


def test_paths_of_heads_are_read_by_their_last_part(tmp_path: Path) -> None:
    head = ["Order Reference", "Order Date", "Customer", "Order Lines/Product", "Order Lines/Quantity",
            "Order Lines/Unit Price", "Order Lines/Subtotal"]  # fmt: skip
    found = columns(mapped(tmp_path, head, [[f"S{row[0]}", *row[1:], round(row[4] * row[5], 2)] for row in goods()]))
    assert [found[role] for role in ("order_id", "item", "qty", "unit_price", "amount")] == [head[0], *head[3:]]


def test_codes_beside_names_are_the_customers_ids(tmp_path: Path) -> None:
    rows = [[day, f"CUST-{WHO.index(who)}", who, qty] for day, who, _, qty, _ in lines()]
    found = columns(mapped(tmp_path, ["Posting Date", "Customer", "Customer Name", "Amount"], rows))
    assert (found["customer_id"], found["customer_name"]) == ("Customer", "Customer Name")


def test_the_customer_is_taken_rather_than_a_company(tmp_path: Path) -> None:
    rows = [[day, who, f"{who} & Co", qty] for day, who, _, qty, _ in lines()]
    found = mapped(tmp_path, ["Date", "Customer Name", "Company Name", "Amount"], rows)
    assert columns(found)["customer_name"] == "Customer Name"
    assert "customer_name: 'Customer Name' is taken, not 'Company Name'" in found.notes
    persons = [[day, f"{who} {n % 3}", company, qty] for n, (day, who, company, qty) in enumerate(rows)]
    with pytest.raises(UserError, match="several columns fit customer_name"):
        mapped(tmp_path, ["Date", "Customer Name", "Company Name", "Amount"], persons)
    numbered = [[*row, 100 + WHO.index(row[2].partition(" ")[0])] for row in persons]
    found = mapped(tmp_path, ["Date", "Customer Name", "Company Name", "Amount", "Customer ID"], numbered)
    assert columns(found)["customer_name"] == "Company Name"


def test_the_day_of_the_order_is_taken_rather_than_the_day_it_was_entered(tmp_path: Path) -> None:
    rows = [[DAYS[n - 1], day, who, qty] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["Creation Date", "Order Date", "Customer", "Amount"], rows)
    assert columns(found)["order_date"] == "Order Date"


@pytest.mark.parametrize("other", ["Unit price", "Net price"])
def test_of_two_prices_the_one_that_is_the_product_is_the_amount(tmp_path: Path, other: str) -> None:
    rows = [[day, who, qty, price, round(qty * price, 2)] for day, who, _, qty, price in lines()]
    head = ["Date", "Customer", "Quantity", "Unit price" if other == "Net price" else "Net price", other]
    found = columns(mapped(tmp_path, head, rows))
    assert (found["unit_price"], found["amount"]) == (head[3], head[4])


def test_products_of_deals_are_joined_to_their_deals_by_the_id_of_the_deal(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    deals = [["ID", "Стадия сделки", "Название сделки", "Компания", "Сумма", "Ответственный", "Дата создания"]]
    products = [["ID сделки", "Название сделки", "Товар", "Цена", "Количество", "Сумма"]]
    for n in range(20):
        two = goods()[n : n + 2]
        total = sum(row[4] * row[5] for row in two)
        stage = "Сделка провалена" if n == 5 else "Сделка успешна"
        deals.append([501 + n, stage, f"Поставка {n}", WHO[n % 5], f"{total:.2f}", "Иванов", DAYS[n]])
        if n:
            products += [[501 + n, f"Поставка {n}", row[3], row[5], row[4], f"{row[4] * row[5]:.2f}"] for row in two]
    paths = [put(tmp_path, "deals.csv", table(deals, ";")), put(tmp_path, "products.csv", table(products, ";"))]
    found = map_source(tmp_path, "crm", paths, Answers())
    assert found.rows == 38 and found.lines["customer_name"].iloc[0] == "Boris"
    text = (tmp_path / "sources/crm.yaml").read_text(encoding="utf-8")
    assert "ID сделки: ID" in text and "item: Товар" in text and "manager: deals.Ответственный" in text
    notes = map_files("crm", paths, Answers()).notes
    assert any("1 of 20 rows of deals.csv have no lines, like ID '501'" in note for note in notes)


def test_bare_names_beside_items_are_the_customers(tmp_path: Path) -> None:
    rows = [[day, f"INV{n}", who, item, qty] for n, (day, who, item, qty, _) in enumerate(lines())]
    head = ["Date", "Document Number", "Name", "Item", "Amount"]
    found = mapped(tmp_path, head, rows)
    assert columns(found)["customer_name"] == "Name"
    assert "customer_name: 'Name' is taken, as nothing else names the customer" in found.notes
    with pytest.raises(UserError, match="no column found for the customer"):
        mapped(tmp_path, [*head[:3], head[4]], [[*row[:3], row[4]] for row in rows])


def test_a_known_quantity_finds_its_price_and_amount(tmp_path: Path) -> None:
    rows = [
        [day, who, qty, price, round(price * 1.19, 2), round(qty * price, 2)] for day, who, _, qty, price in lines()
    ]
    found = mapped(tmp_path, ["Date", "Customer", "Quantity", "Aaa", "Bbb", "Ccc"], rows)
    assert [columns(found)[role] for role in ("qty", "unit_price", "amount")] == ["Quantity", "Aaa", "Ccc"]


def test_a_column_that_adds_up_the_months_is_no_month(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jun")
    rows: list[list[object]] = [["Customer", *(f"{month} 2024 Untaxed Total" for month in months)]]
    for place, who in enumerate(WHO):
        cells = [100 + place * 10 + month for month in range(6)]
        rows.append([who, *cells, sum(cells)])
    found = map_source(tmp_path, "pivot", [put(tmp_path, "pivot.csv", table(rows))], Answers())
    assert found.rows == 30 and found.lines["net_sales"].tolist()[:6] == [100, 101, 102, 103, 104, 105]


def test_ids_of_customers_are_not_taken_for_those_of_orders(tmp_path: Path) -> None:
    clients = [["ID", "Name", "City"], *([n + 1, f"Firm {n}", "Leeds"] for n in range(24))]
    rows = [[n + 1, day, 24 - n, item, qty] for n, (day, _, item, qty, _) in enumerate(lines())]
    paths = [
        put(tmp_path, "sales.csv", table([["Order ID", "Order Date", "Customer ID", "Item", "Amount"], *rows])),
        put(tmp_path, "clients.csv", table(clients)),
    ]
    found = map_files("x", paths, Answers())
    assert "joins" not in section(found) and found.profile["customers"]["columns"]["customer_id"] == "ID"


def test_refunds_in_a_column_of_their_own_are_told(tmp_path: Path) -> None:
    rows = [[day, who, qty, qty / 2 if n in (3, 7) else 0] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["Date", "Customer", "Amount", "Refunded Amount"], rows)
    assert any(note.startswith("'Refunded Amount' holds 6.00 given back for 2 lines") for note in found.notes)
    assert found.profile["orders"]["columns"]["refund"] == "Refunded Amount"
    none = mapped(tmp_path, ["Date", "Customer", "Amount", "Refunded Amount"], [[*row[:3], 0] for row in rows])
    assert "refund" not in none.profile["orders"]["columns"]
