"""Tables of a shop's database, exported one by one: which hold the lines, how they hang together, what money is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kam_analysis.sources.mapping import Answers, map_files, map_source
from kam_analysis.sources.mapping.build import Mapped

ORDERS = 60


def day(order: int, month: int = 0) -> str:
    return f"2024-{order % 9 + 1 + month:02}-{order % 27 + 1:02}"


def lines() -> Iterator[tuple[int, int, int, int]]:
    """Order, its line from 1, product and quantity: one to three lines, never the same product twice."""
    for order in range(1, ORDERS + 1):
        for line in range(1, order % 3 + 2):
            yield order, line, (order + 3 * line) % 8 + 1, (order + line) % 5 + 1


def customer(order: int) -> int:
    return order * order % 11 + 1


def price(product: int) -> float:
    return 10 * product + 0.95


def put(folder: Path, name: str, head: str, rows: list[list[object]]) -> Path:
    path = folder / f"{name}.csv"
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]), encoding="utf-8")
    return path


@pytest.fixture
def shop(tmp_path: Path) -> list[Path]:
    """A shop: orders, their lines, customers, staff, products, their categories, and payments of no order."""
    first, last = ["Ann", "Bob", "Eva", "Jon"], ["Ash", "Bell", "Cole", "Dunn", "Ford"]
    head = "order_id,customer_id,order_status,order_date,required_date,shipped_date,staff_id"
    return [
        put(tmp_path, "orders", head, [
            [order, customer(order), "Shipped", day(order), day(order, 1), day(order, 1), order % 4 + 1]
            for order in range(1, ORDERS + 1)
        ]),
        put(tmp_path, "order_items", "order_id,item_id,product_id,quantity,list_price", [
            [order, line, product, qty, price(product)] for order, line, product, qty in lines()
        ]),
        put(tmp_path, "customers", "customer_id,first_name,last_name,email,city", [
            [number, first[number % 4], last[number % 5], f"c{number}@example.com", "Boston"] for number in range(1, 12)
        ]),
        put(tmp_path, "staffs", "staff_id,first_name,last_name,email,manager_id", [
            [number, last[number], first[number - 1], f"s{number}@example.com", 1] for number in range(1, 5)
        ]),
        put(tmp_path, "products", "product_id,product_name,product_description,category_id,list_price", [
            [number, f"Tool {number}", f"A tool of kind {number}", number % 2 + 1, price(number)]
            for number in range(1, 9)
        ]),
        put(tmp_path, "categories", "category_id,category_name", [[1, "Saws"], [2, "Drills"]]),
        put(tmp_path, "payments", "customer_id,check_number,payment_date,amount", [
            [number % 11 + 1, f"HQ{number}", day(number), 100 + number] for number in range(40)
        ]),
    ]  # fmt: skip


def columns(mapped: Mapped) -> dict[str, str]:
    return dict(mapped.profile["orders"]["columns"])


def test_a_shop_of_seven_tables(shop: list[Path]) -> None:
    mapped = map_files("x", shop, Answers())
    assert columns(mapped) == {
        "customer_id": "orders.customer_id",
        "customer_name": "customers.Full name",
        "order_id": "order_id",
        "order_date": "orders.order_date",
        "sku": "product_id",
        "item": "products.product_name",
        "category": "categories.category_name",
        "qty": "quantity",
        "unit_price": "list_price",
        "manager": "staffs.Full name",
        "status": "orders.order_status",
    }
    assert mapped.profile["orders"]["files"] == "order_items.csv"
    assert "sku: 'product_id' is taken, not 'item_id', which counts lines" in mapped.notes
    assert any(note.startswith("payments.csv is not used: ") for note in mapped.notes)


def test_of_large_tables_in_another_order_only_some_keys_are_seen(
    shop: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kam_analysis.sources.mapping.sample.SAMPLE_ROWS", 10)
    monkeypatch.setattr("kam_analysis.sources.mapping.tables.SAMPLE_ROWS", 40)
    head, *rows = shop[0].read_text(encoding="utf-8").splitlines()
    shop[0].write_text("\n".join([head, *reversed(rows)]), encoding="utf-8")
    assert columns(map_files("x", shop, Answers()))["order_date"] == "orders.order_date"


def test_the_day_of_the_order_is_read_in_its_own_form_whatever_that_of_the_lines_is(shop: list[Path]) -> None:
    put(shop[0].parent, "order_items", "order_id,product_id,quantity,list_price,shipping_limit_date", [
        [order, product, qty, price(product), f"{order % 27 + 1}/{order % 9 + 1}/2024"]
        for order, _, product, qty in lines()
    ])  # fmt: skip
    section = map_files("x", shop, Answers()).profile["orders"]
    assert section["columns"]["order_date"] == "orders.order_date"  # 2024-02-02, not 2/2/2024
    assert "date_format" not in section


def test_a_price_that_stands_in_the_list_of_products_alone(tmp_path: Path) -> None:
    sales = put(tmp_path, "Sales", "Order Number,Line Number,Order Date,CustomerKey,ProductKey,Quantity", [
        [order, line, day(order), customer(order), product, qty] for order, line, product, qty in lines()
    ])  # fmt: skip
    products = put(tmp_path, "Products", "ProductKey,Product Name,Unit Cost USD,Unit Price USD", [
        [number, f"Tool {number}", f"${price(number) / 2:.2f}", f"${price(number):.2f}"] for number in range(1, 9)
    ])  # fmt: skip
    mapped = map_files("x", [sales, products], Answers())
    found = columns(mapped)
    assert (found["unit_price"], found["cost"]) == ("Products.Unit Price USD", "Products.Unit Cost USD")
    assert (mapped.profile["orders"]["cost"], mapped.profile["orders"]["unit"]) == ("unit", ["$"])
    said = "unit_price: 'Products.Unit Price USD' is the price in a list of items, not at the time of the order"
    assert said in mapped.notes


def test_lines_with_money_take_no_price_from_the_list(shop: list[Path]) -> None:
    priced = put(shop[0].parent, "products", "product_id,product_name,list_price,cost", [
        [number, f"Tool {number}", price(number) + 1, price(number) / 2] for number in range(1, 9)
    ])  # fmt: skip
    mapped = map_files("x", [path for path in shop if path.name != "categories.csv"], Answers())
    assert priced in shop
    assert (columns(mapped)["unit_price"], columns(mapped)["cost"]) == ("list_price", "products.cost")
    assert mapped.profile["orders"]["cost"] == "unit"


@pytest.mark.parametrize(("net", "other"), [("NetPrice", "UnitPrice"), ("Sale Price", "List Price")])
def test_of_two_prices_the_one_after_the_discount(tmp_path: Path, net: str, other: str) -> None:
    head = f"OrderKey,OrderDate,CustomerKey,ProductKey,Quantity,{other},{net}"
    rows = [
        [order, day(order), customer(order), product, qty, price(product), round(price(product) * 0.9 ** (line > 1), 3)]
        for order, line, product, qty in lines()
    ]  # fmt: skip
    mapped = map_files("x", [put(tmp_path, "sales", head, rows)], Answers())
    assert columns(mapped)["unit_price"] == net and "amount" not in columns(mapped)
    assert f"unit_price: {net!r} is taken, not {other!r}, which is never below it" in mapped.notes


def test_whole_numbers_called_amount_that_count_units(tmp_path: Path) -> None:
    head = "TRANSACTION_DT,CUSTOMER_ID,PRODUCT_ID,AMOUNT,SALES_PRICE"
    rows = [
        [day(order), customer(order), product, qty, round(qty * price(product) * 10)]
        for order, _, product, qty in lines()
    ]
    mapped = map_files("x", [put(tmp_path, "sales", head, rows)], Answers())
    assert (columns(mapped)["qty"], columns(mapped)["amount"]) == ("AMOUNT", "SALES_PRICE")
    assert any(note.startswith("'AMOUNT' is taken as the quantity") for note in mapped.notes)


def test_a_count_called_purchases_is_told_by_arithmetic(tmp_path: Path) -> None:
    head = "Transaction_ID,Customer_ID,Date,Total_Purchases,Amount,Total_Amount"
    rows = [
        [900 + number, customer(order), day(order), qty, price(product), round(qty * price(product), 2)]
        for number, (order, _, product, qty) in enumerate(lines())
    ]
    found = columns(map_files("x", [put(tmp_path, "sales", head, rows)], Answers()))
    assert (found["qty"], found["unit_price"], found["amount"]) == ("Total_Purchases", "Amount", "Total_Amount")


def test_users_are_the_customers_where_nobody_else_is(tmp_path: Path) -> None:
    items = put(tmp_path, "order_items", "id,order_id,user_id,product_id,created_at,sale_price", [
        [number, order, customer(order), product, day(order), price(product)]
        for number, (order, _, product, _) in enumerate(lines(), 1)
    ])  # fmt: skip
    users = put(tmp_path, "users", "id,first_name,last_name,country", [
        [number, "Ann", f"Bell{number}", "Brasil"] for number in range(1, 12)
    ])  # fmt: skip
    products = put(tmp_path, "products", "id,name,cost,department", [
        [number, f"Tool {number}", price(number) / 2, "Women"] for number in range(1, 9)
    ])  # fmt: skip
    mapped = map_files("x", [items, users, products], Answers())
    found = columns(mapped)
    assert (found["customer_id"], found["customer_name"]) == ("user_id", "users.Full name")
    assert (found["sku"], found["item"], found["amount"]) == ("product_id", "products.name", "sale_price")
    assert found["cost"] == "products.cost" and mapped.profile["orders"]["cost"] == "line"  # every line is one unit
    assert "department" not in found  # of the product, not of the company
    assert "customer_id: 'user_id' is taken, as nothing else names the customer" in mapped.notes


def test_the_person_behind_ids_that_every_order_has_to_itself(tmp_path: Path) -> None:
    head = "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_customer_date"
    orders = put(tmp_path, "orders", head, [
        [f"o{order}x", f"c{order}x", "delivered", *(f"{day(order, month)} 10:00:00" for month in (0, 0, 1))]
        for order in range(1, ORDERS + 1)
    ])  # fmt: skip
    items = put(tmp_path, "items", "order_id,order_item_id,product_id,shipping_limit_date,price", [
        [f"o{order}x", line, f"p{product}x", f"{day(order, 1)} 10:00:00", price(product)]
        for order, line, product, _ in lines()
    ])  # fmt: skip
    customers = put(tmp_path, "customers", "customer_id,customer_unique_id,customer_city", [
        [f"c{order}x", f"u{customer(order)}x", "sao paulo"] for order in range(1, ORDERS + 1)
    ])  # fmt: skip
    products = put(tmp_path, "products", "product_id,product_category_name", [
        [f"p{number}x", f"kind {number % 3}"] for number in range(1, 9)
    ])  # fmt: skip
    mapped = map_files("x", [orders, items, customers, products], Answers())
    found = columns(mapped)
    assert found["category"] == "products.product_category_name" and "item" not in found
    assert found["customer_id"] == "customers.customer_unique_id"
    assert found["order_date"] == "orders.order_purchase_timestamp"
    assert found["amount"] == "price" and "qty" not in found
    said = "customer_id: 'orders.customer_id' is another one in every order; 'customers.customer_unique_id'"
    assert any(note.startswith(said) for note in mapped.notes)


def test_a_day_of_payment_stands_in_where_nothing_else_is_dated(tmp_path: Path) -> None:
    rows = [[number, customer(number), 2.99, day(number), "2024-12-15"] for number in range(1, ORDERS + 1)]
    path = put(tmp_path, "payment", "payment_id,customer_id,amount,payment_date,last_update", rows)
    mapped = map_files("x", [path], Answers())
    assert columns(mapped)["order_date"] == "payment_date"
    assert "order_date: 'payment_date' is taken, as no other column holds dates" in mapped.notes


def test_views_and_carts_are_no_sales(tmp_path: Path) -> None:
    events = ["view", "cart", "purchase", "view"]
    rows = [
        [f"{day(order)} 10:00:00", events[number % 4], product, price(product), customer(order)]
        for number, (order, _, product, _) in enumerate(lines())
    ]
    path = put(tmp_path, "events", "event_time,event_type,product_id,price,user_id", rows)
    mapped = map_files("x", [path], Answers())
    assert mapped.profile["orders"]["no_sales"] == {"kind": "^(cart|view)$"}
    assert columns(mapped)["kind"] == "event_type"


def test_a_status_of_something_else_is_left(tmp_path: Path) -> None:
    rows = [
        [customer(order), order, day(order), product, qty, price(product), ["Used", "Clicked"][qty % 2]]
        for order, _, product, qty in lines()
    ]
    head = "CustomerID,Transaction_ID,Transaction_Date,Product_SKU,Quantity,Avg_Price,Coupon_Status"
    assert "status" not in columns(map_files("x", [put(tmp_path, "sales", head, rows)], Answers()))


def test_a_quantity_of_sales_is_no_money(tmp_path: Path) -> None:
    rows = [[customer(order), day(order), qty, qty * product] for order, _, product, qty in lines()]
    found = columns(
        map_files("x", [put(tmp_path, "t", "customer_code,order_date,sales_qty,sales_amount", rows)], Answers())
    )
    assert (found["qty"], found["amount"]) == ("sales_qty", "sales_amount")


def test_retailers_are_the_customers_of_a_maker(tmp_path: Path) -> None:
    rows = [
        [f"Shop {customer(order)}", day(order), qty, f"${qty * price(product):.2f}"]
        for order, _, product, qty in lines()
    ]
    found = map_files("x", [put(tmp_path, "t", "Retailer,Invoice Date,Units Sold,Total Sales", rows)], Answers())
    assert columns(found)["customer_name"] == "Retailer"
    assert "customer_name: 'Retailer' is taken, as nothing else names the customer" in found.notes


def test_days_with_the_name_of_the_weekday(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    rows = [
        [customer(number), f'"Friday, March {number % 27 + 1:02}, 2024"', number] for number in range(1, ORDERS + 1)
    ]
    path = put(tmp_path, "t", "Customer ID,Order Date,Amount", rows)
    lines_read = map_source(tmp_path, "shop", [path], Answers()).lines
    assert str(lines_read["ordered_on"][0])[:10] == "2024-03-02"


def test_words_that_databases_write_for_nothing_are_empty_cells(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    rows = [
        ["NULL" if number % 5 == 0 else customer(number), day(number), number, "NULL" if number % 2 else "Eva"]
        for number in range(1, ORDERS + 1)
    ]
    path = put(tmp_path, "t", "Customer ID,Order Date,Amount,Salesperson", rows)
    found = map_source(tmp_path, "shop", [path], Answers())
    assert found.mapped.profile["orders"]["empty"] == ["NULL"]
    assert "cells that hold 'NULL' are read as empty" in found.mapped.notes
    assert f"{ORDERS // 5} of {ORDERS} rows have a date and no customer" in found.misread
    assert found.lines["manager"].isna().tolist()[:2] == [True, False]
