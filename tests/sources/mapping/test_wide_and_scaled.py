"""Months in columns under heads of several rows, dates in parts, units, scales of money, names in parts: by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from kam_analysis.errors import UserError
from kam_analysis.sources.mapping import Answers, Preview, map_files, map_source
from tests.sources.mapping.test_mapping import put, table, workbook
from tests.sources.mapping.test_settled import DAYS, WHO, columns, lines, mapped

EN, RU, MK = ("Jan", "Feb", "Mar"), ("Январь", "Февраль", "Март"), ("Јануари", "Февруари", "Март")


def read(folder: Path, *paths: Path) -> Preview:
    (folder / "sources").mkdir(exist_ok=True)
    return map_source(folder, "x", paths, Answers())


def merged(path: Path, *cells: str) -> Path:
    book = load_workbook(path)
    for area in cells:
        book.active.merge_cells(area)
    book.save(path)
    return path


@pytest.mark.parametrize("names", [EN, RU, MK])
def test_years_stand_above_the_months_in_merged_cells(tmp_path: Path, names: tuple[str, ...]) -> None:
    rows = [["Клиент", 2023, None, None, 2024, None, None], [None, *names, *names]]
    rows += [[who, *range(n, n + 6)] for n, who in enumerate(WHO, 1)]
    path = merged(workbook(tmp_path / "y.xlsx", {"S": rows}), "A1:A2", "B1:D1", "E1:G1")
    found = read(tmp_path, path)
    orders = found.mapped.profile["orders"]
    assert orders["head_rows"] == 2 and list(orders["months"].values())[::3] == ["2023-01", "2024-01"]
    # every customer n has the amounts n … n + 5
    assert found.lines["net_sales"].tolist()[:6] == [1, 2, 3, 4, 5, 6] and found.rows == 30
    assert found.lines["ordered_on"].astype(str).tolist()[2:4] == ["2023-03-01", "2024-01-01"]


def test_years_stand_above_the_months_of_a_text_below_a_title(tmp_path: Path) -> None:
    head = [["Sales", "", "", "", ""], ["", "", "2024", "2024 ", "2024"], ["Customer", "Rep", *EN]]
    rows = [[who, "Ann", n, n, n] for n, who in enumerate(WHO, 1)]
    orders = read(tmp_path, put(tmp_path, "y.csv", table([*head, *rows]))).mapped.profile["orders"]
    assert orders["columns"] == {"customer_name": "Customer", "manager": "Rep"}
    assert orders["months"] == {"2024 Jan": "2024-01", "2024 Feb": "2024-02", "2024 Mar": "2024-03"}


PAIRS = {
    "one row": [["Клиент", *(f"{word} {month} 2024" for month in RU for word in ("Кол-во", "Сумма"))]],
    "units": [["Customer", *(f"{word} {month} 2024" for month in EN for word in ("Units", "Sales"))]],
    "two rows": [["Комитент", "Јан 2024", "", "Фев 2024", "", "Мар 2024", ""], ["", *("Количина", "Износ") * 3]],
    "three rows": [
        ["Customer", 2023, "", 2024, "", "", ""],
        ["", "Dec", "", "Jan", "", "Feb", ""],
        ["", *("Qty", "Amount") * 3],
    ],
}


@pytest.mark.parametrize("kind", PAIRS)
def test_months_may_hold_quantity_and_sum(tmp_path: Path, kind: str) -> None:
    rows: list[list[object]] = [[who, *(part for n in (1, 2, 3) for part in (n, n * 10))] for who in WHO]
    found = read(tmp_path, workbook(tmp_path / "p.xlsx", {"S": [*PAIRS[kind], *rows]}))
    orders = found.mapped.profile["orders"]
    assert len(orders["months"]) == len(orders["month_quantities"]) == 3 and "qty" not in orders["columns"]
    assert found.lines[["qty", "net_sales"]].values.tolist()[:3] == [[1, 10], [2, 20], [3, 30]]


def test_wide_files_of_two_years_are_one_source(tmp_path: Path) -> None:
    paths = [
        put(tmp_path, f"{year}.csv", table([["Customer", *(f"{name} {year}" for name in EN)], ["Acme", 1, 2, 3]]))
        for year in (2023, 2024)
    ]
    found = read(tmp_path, *paths)
    assert found.rows == 6 and found.lines["net_sales"].sum() == 12


def test_months_without_a_year_are_asked_for(tmp_path: Path) -> None:
    path = put(tmp_path, "n.csv", table([["Customer", *EN], *([who, 1, 2, 3] for who in WHO)]))
    with pytest.raises(UserError, match=r"n.csv: columns are months without their year\. Cure: write the year"):
        map_files("x", [path], Answers())


@pytest.mark.parametrize(
    ("head", "year", "month"),
    [
        (["Year", "Month"], 2024, "March"),
        (["Год", "Месяц"], "2024 г.", "март"),
        (["Година", "Месец"], 2024, "03"),
        (["Jahr", "Monat"], 2024, "März"),
    ],
)
def test_year_and_month_are_the_date(tmp_path: Path, head: list[str], year: object, month: str) -> None:
    rows = [[*head, "Customer", "Amount"], *([year, month, who, n] for n, who in enumerate(WHO))]
    found = read(tmp_path, put(tmp_path, "m.csv", table(rows)))
    assert columns(found.mapped) == {"customer_name": "Customer", "year": head[0], "month": head[1], "amount": "Amount"}
    assert found.lines["ordered_on"].astype(str).unique().tolist() == ["2024-03-01"]
    assert any("every line is dated the first of it" in note for note in found.mapped.notes)


def test_a_month_that_says_its_year_needs_none_and_one_that_does_not_stops(tmp_path: Path) -> None:
    rows = [["Период", "Клиент", "Сумма"], *(["Март 2024", who, 5] for who in WHO)]
    assert columns(read(tmp_path, put(tmp_path, "m.csv", table(rows))).mapped)["month"] == "Период"
    bare = [["Месяц", "Клиент", "Сумма"], *(["Март", who, 5] for who in WHO)]
    with pytest.raises(UserError, match="no column found for the date"):
        map_files("x", [put(tmp_path, "n.csv", table(bare))], Answers())


def test_year_and_month_beside_a_date_are_not_used(tmp_path: Path) -> None:
    found = mapped(tmp_path, ["Date", "Year", "Month", "Customer", "Amount"], [[day, 2024, 1, "A", 1] for day in DAYS])
    assert not {"year", "month"} & set(columns(found)) and columns(found)["order_date"] == "Date"


@pytest.mark.parametrize("head", ["Unit", "Ед. изм.", "ЕМ", "JM", "Mengeneinheit"])
def test_a_unit_is_read_and_several_are_told(tmp_path: Path, head: str) -> None:
    rows = [[day, who, qty, ("kg", "pcs")[n % 2], qty * 7] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["Date", "Customer", "Quantity", head, "Amount"], rows)
    assert columns(found)["unit"] == head
    assert any("2 units, kg (12), pcs (12)" in note for note in found.notes)
    without = mapped(tmp_path, ["Date", "Customer", head, "Amount"], [[*row[:2], *row[3:]] for row in rows])
    assert "unit" not in columns(without)


def money_rows() -> list[list[object]]:
    return [[day, who, f"{qty}.5", qty * 350] for day, who, _, qty, _ in lines()]


@pytest.mark.parametrize(
    ("amount", "cost", "scale"),
    [
        ("Выручка, тыс. руб.", "Себестоимость, руб.", {"amount": 1000}),
        ("Net sales (kEUR)", "Cost (EUR)", {"amount": 1000}),
        ("Промет во илјади денари", "Набавна вредност (ден)", {"amount": 1000}),
        ("Umsatz Mio. €", "Wareneinsatz T€", {"amount": 1_000_000, "cost": 1000}),
        ("Amount EUR", "Cost EUR", None),
    ],
)
def test_every_column_of_money_has_its_own_scale(tmp_path: Path, amount: str, cost: str, scale: object) -> None:
    found = mapped(tmp_path, ["Date", "Customer", amount, cost], money_rows())
    assert found.profile["orders"].get("scale") == scale
    assert any("thousands or millions" in note for note in found.notes) is (scale is not None)


@pytest.mark.parametrize("is_above", [True, False])
def test_scales_may_stand_in_a_row_of_their_own(tmp_path: Path, is_above: bool) -> None:
    head = [["", "", "тыс. руб.", "руб."], ["Дата", "Клиент", "Выручка", "Себестоимость"]]
    rows = [[day, who, qty + 0.5, qty * 350] for day, who, _, qty, _ in lines()]
    found = read(tmp_path, workbook(tmp_path / "s.xlsx", {"S": [*(head if is_above else head[::-1]), *rows]}))
    assert found.mapped.profile["orders"]["scale"] == {"amount": 1000}
    # the first line has quantity 1: 1.5 thousand, and a cost of 350
    assert found.lines[["net_sales", "cost"]].values.tolist()[0] == [1500, 350]


def test_a_title_may_say_the_scale_of_all_money(tmp_path: Path) -> None:
    rows = [["Продажи, тыс. руб."], [], ["Дата", "Клиент", "Выручка", "Себестоимость"]]
    rows += [[day, who, qty + 0.5, qty * 0.35] for day, who, _, qty, _ in lines()]
    found = map_files("x", [workbook(tmp_path / "t.xlsx", {"S": rows})], Answers())
    assert found.profile["orders"]["scale"] == {"amount": 1000, "cost": 1000}


def test_thousands_beside_the_numbers_are_read(tmp_path: Path) -> None:
    rows = [[day, who, f"{qty},5 тыс. руб."] for day, who, _, qty, _ in lines()]
    found = read(tmp_path, put(tmp_path, "c.csv", table([["Дата", "Клиент", "Сумма"], *rows])))
    assert found.lines["net_sales"].tolist()[0] == 1500


def test_orders_called_off_are_proposed_and_told(tmp_path: Path) -> None:
    rows = [[day, who, qty, ("Paid", "Cancelled")[n % 4 == 0]] for n, (day, who, _, qty, _) in enumerate(lines())]
    found = mapped(tmp_path, ["Date", "Customer", "Amount", "Status"], rows)
    assert found.profile["orders"]["cancelled"] == {"status": "^(Cancelled)$"}
    assert any("6 of 24 rows looked at are Cancelled (6)" in note and "rejected" in note for note in found.notes)


def test_a_file_without_the_money_stops(tmp_path: Path) -> None:
    head = ["Date", "Invoice", "Customer", "Item", "Region", "Amount"]
    rows = [[day, f"A{n}", who, item, "North", qty] for n, (day, who, item, qty, _) in enumerate(lines())]
    one = put(tmp_path, "1.csv", table([head, *rows]))
    others = [[day, f"B{n}", who, item, "North"] for n, (day, _, who, item, *_) in enumerate(rows)]
    two = put(tmp_path, "2.csv", table([head[:-1], *others]))
    with pytest.raises(UserError, match=r"2\.csv: holds order lines like .*lacks 'Amount'.*give the column"):
        map_files("x", [one, two], Answers())


def test_first_and_last_names_of_customers_are_one_name(tmp_path: Path) -> None:
    rows = [[day, who, f"{who}son", qty, qty * 5] for day, who, _, qty, _ in lines()]
    head = ["Order Date", "First Name (Billing)", "Last Name (Billing)", "Quantity", "Amount"]
    found = read(tmp_path, put(tmp_path, "w.csv", table([head, *rows])))
    assert found.lines["customer_name"].tolist()[0] == "Anna Annason"
    assert not set(found.mapped.unused) & set(head)


def test_employees_of_a_northwind_are_named_in_full(tmp_path: Path) -> None:
    orders = [["OrderID", "CustomerID", "EmployeeID", "OrderDate"]]
    orders += [[10 + n, WHO[n % 5], n % 3 + 1, DAYS[n]] for n in range(12)]
    details = [["OrderID", "ProductID", "UnitPrice", "Quantity"]]
    details += [[10 + n // 2, n % 3 + 1, 2.5, n % 7 + 1] for n in range(24)]
    people = [["EmployeeID", "LastName", "FirstName", "Title"]]
    people += [[1, "Lee", "Ann", "Rep"], [2, "Ray", "Bob", "Rep"], [3, "Fox", "Cid", "Head"]]
    files = {"orders": orders, "details": details, "employees": people}
    found = read(tmp_path, *(put(tmp_path, f"{name}.csv", table(rows, ",")) for name, rows in files.items()))
    assert columns(found.mapped)["manager"] == "employees.Full name"
    assert found.lines["manager"].tolist()[:4] == ["Ann Lee", "Ann Lee", "Bob Ray", "Bob Ray"]
    managers = found.mapped.profile.get("managers")
    assert managers is None or managers["columns"]["manager_id"] == "Full name"


def test_a_month_in_several_columns_is_asked_for(tmp_path: Path) -> None:
    path = put(
        tmp_path, "d.csv", table([["Customer", "Jan 2024", "Jan 2024", "Feb 2024", "Mar 2024"], ["A", 1, 2, 3, 4]])
    )
    with pytest.raises(UserError, match=r"several columns hold amounts of one month .*Jan 2024 \(2\)"):
        map_files("x", [path], Answers())


def test_heads_with_blanks_around_them_are_read(tmp_path: Path) -> None:
    rows = [[" Date ", "Customer  name", "Amount "], *([day, who, 5] for day, who, *_ in lines())]
    found = read(tmp_path, put(tmp_path, "b.csv", table(rows)))
    assert columns(found.mapped)["customer_name"] == "Customer name" and found.lines["net_sales"].tolist()[0] == 5


def test_an_open_quote_is_told_with_its_row(tmp_path: Path) -> None:
    text = table([["Date", "Customer", "Amount"], ["2024-01-01", '"open', 5], ["2024-01-02", "A", 5]])
    with pytest.raises(UserError, match=r"q\.csv, row 2: a quoted text does not end .*Cure: write a quote inside"):
        map_files("x", [put(tmp_path, "q.csv", text)], Answers())
    assert not (tmp_path / "sources").exists()


def test_a_broken_parquet_is_told_without_its_place_on_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "b.parquet"
    path.write_bytes(b"PAR1xxxxPAR1")
    with pytest.raises(UserError, match=r"^b\.parquet: cannot be read") as caught:
        map_files("x", [path], Answers())
    assert str(tmp_path) not in str(caught.value) and "SELECT" not in str(caught.value)
