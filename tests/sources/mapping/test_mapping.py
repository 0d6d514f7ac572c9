"""Whole mappings: encodings, heads that stand low, joins, months in columns, questions and their answers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from kam_analysis.cli import app
from kam_analysis.engine import Engine, literal
from kam_analysis.errors import UserError
from kam_analysis.sources.mapping import Answers, map_files, map_source
from kam_analysis.sources.mapping.content import content_of, marks

SHARED = Path(__file__).parents[4] / "shared/data"
RU = "Дата;Номер;Контрагент;Номенклатура;Количество;Сумма\n"


def table(rows: list[list[object]], sign: str = ";") -> str:
    return "".join(sign.join(map(str, row)) + "\n" for row in rows)


def lines_ru(count: int = 30) -> str:
    return RU + "".join(
        f"{day % 28 + 1:02}.01.2024;{100 + day};Ромашка {day % 5};Чай зелёный;{day % 3 + 1};{(day % 3 + 1) * 10},50\n"
        for day in range(count)
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    return tmp_path


def put(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866"])
def test_russian_export_in_every_encoding(project: Path, tmp_path: Path, encoding: str) -> None:
    found = map_source(project, "firma", [put(tmp_path, "продажи.csv", lines_ru(), encoding)], Answers())
    assert found.rows == 30
    first = found.lines.iloc[0]
    assert (first["customer_name"], first["item"], first["net_sales"]) == ("Ромашка 0", "Чай зелёный", 10.5)
    orders = yaml.safe_load((project / "sources/firma.yaml").read_text(encoding="utf-8"))["orders"]
    assert orders["date_format"] == "%d.%m.%Y" and orders["decimal"] == ","
    assert (project / "data/raw/firma/продажи.csv").read_bytes() == (tmp_path / "продажи.csv").read_bytes()


@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "Müller Café"), ("cp437", "Müller Café")])
def test_western_export_in_old_code_pages(project: Path, tmp_path: Path, encoding: str, name: str) -> None:
    text = "Date,Customer,Amount\n" + "".join(f"2024-01-{day:02},{name},{day}.50\n" for day in range(1, 20))
    found = map_source(project, "west", [put(tmp_path, "sales.csv", text, encoding)], Answers())
    assert found.lines["customer_name"].iloc[0] == name


@pytest.mark.parametrize("amount", ["DECIMAL(18,2)", "DOUBLE", "INTEGER", "HUGEINT"])
@pytest.mark.parametrize("date", ["DATE", "TIMESTAMP", "TIMESTAMPTZ"])
def test_parquet_of_every_type(project: Path, tmp_path: Path, amount: str, date: str) -> None:
    with Engine() as engine:
        engine.rows(
            f"COPY (SELECT 'K' || i % 7 AS \"Customer\", CAST(DATE '2024-01-01' + i::INT AS {date}) AS \"Date\", "
            f'CAST(1 + i % 5 AS {amount}) AS "Quantity", CAST(3 + i % 4 AS {amount}) AS "Unit price", '
            f'CAST((1 + i % 5) * (3 + i % 4) AS {amount}) AS "Amount" FROM range(40) AS t(i)) '
            f"TO {literal(str(tmp_path / 'sales.parquet'))} (FORMAT parquet)"
        )
    found = map_source(project, "shop", [tmp_path / "sales.parquet"], Answers())
    columns = yaml.safe_load((project / "sources/shop.yaml").read_text(encoding="utf-8"))["orders"]["columns"]
    assert (found.rows, columns["amount"], columns["qty"]) == (40, "Amount", "Quantity")
    assert columns["order_date"] == "Date"


def test_head_below_a_title_and_over_two_rows_with_merged_cells(project: Path, tmp_path: Path) -> None:
    rows: list[list[object]] = [["Продажи за январь", None, None, None, None], [None] * 5]
    rows += [["Документ", None, "Клиент", "Итоги", None], ["Дата", "Номер", None, "Кол-во", "Сумма"]]
    rows += [[dt.date(2024, 1, day), f"Р-{day}", f"Клиент {day % 3}", day, day * 10.0] for day in range(1, 15)]
    rows.append(["Итого", None, None, 105, 1050.0])
    found = map_source(project, "title", [workbook(tmp_path / "report.xlsx", {"Лист": rows})], Answers())
    orders = found.mapped.profile["orders"]
    assert (orders["head_row"], orders["head_rows"]) == (3, 2)
    assert orders["columns"]["order_date"] == "Документ Дата" and orders["columns"]["amount"] == "Итоги Сумма"
    assert found.rows == 15  # the total is read, and rejected later: it has no date
    assert found.lines["net_sales"].iloc[0] == 10.0


def test_sheets_are_joined_by_their_keys(project: Path, tmp_path: Path) -> None:
    orders: list[list[object]] = [
        ["OrderNumber", "OrderDate", "_CustomerID", "_ProductID", "Order Quantity", "Unit Price"]
    ]
    orders += [[f"SO{n}", dt.date(2024, 1, n), n % 3 + 1, n % 2 + 1, n, 2.5] for n in range(1, 20)]
    customers: list[list[object]] = [["_CustomerID", "Customer Names"], [1, "Avon"], [2, "Bela"], [3, "Cira"]]
    products: list[list[object]] = [["_ProductID", "Product Name"], [1, "Tea"], [2, "Cups"]]
    book = workbook(tmp_path / "b.xlsx", {"Orders": orders, "Customers": customers, "Products": products})
    found = map_source(project, "joined", [book], Answers())
    assert found.mapped.profile["orders"]["columns"]["customer_name"] == "Customers.Customer Names"
    assert found.lines[["customer_id", "customer_name", "item"]].iloc[0].tolist() == ["2", "Bela", "Cups"]
    assert found.lines["order_id"].tolist() == [f"SO{n}" for n in range(1, 9)]


def test_months_in_columns_become_lines(project: Path, tmp_path: Path) -> None:
    text = table([["Клиент", "Янв 2024", "Фев 2024", "Мар 2024"], ["Ромашка", 10, "", 30], ["Василёк", 5, 6, ""]])
    found = map_source(project, "wide", [put(tmp_path, "w.csv", text)], Answers())
    lines = [(row.customer_name, str(row.ordered_on)[:10], row.net_sales) for row in found.lines.itertuples()]
    assert lines == [
        ("Ромашка", "2024-01-01", 10.0),
        ("Ромашка", "2024-03-01", 30.0),
        ("Василёк", "2024-01-01", 5.0),
        ("Василёк", "2024-02-01", 6.0),
    ]


def test_two_columns_for_one_role_stop_with_the_list_and_an_answer_settles_it(project: Path, tmp_path: Path) -> None:
    text = "Дата;Контрагент;Сумма с НДС;Сумма без НДС\n" + "2024-01-05;Ромашка;120;100\n" * 5
    path = put(tmp_path, "s.csv", text)
    with pytest.raises(UserError, match=r"several columns fit amount .*Сумма без НДС.*Сумма с НДС.*--role 'amount="):
        map_source(project, "two", [path], Answers())
    assert not (project / "sources/two.yaml").exists() and not (project / "data/raw/two").exists()
    found = map_source(project, "two", [path], Answers(roles={"amount": "Сумма без НДС"}))
    assert found.lines["net_sales"].iloc[0] == 100.0


def test_an_answer_overrides_every_guess_and_may_name_the_table(project: Path, tmp_path: Path) -> None:
    text = "Date,Customer,Payer,Amount\n" + "2024-01-05,Acme,Holding,120\n" * 5
    path = put(tmp_path, "s.csv", text)
    for answer in ("Payer", "s.Payer", "s.csv.Payer"):
        found = map_source(project, "over", [path], Answers(roles={"customer_name": answer}))
        assert found.lines["customer_name"].iloc[0] == "Holding"
    for answer in ("Nobody", "other.Payer"):
        with pytest.raises(UserError, match=f"no column '{answer}' for customer_name"):
            map_source(project, "over", [path], Answers(roles={"customer_name": answer}))


def test_day_and_month_are_told_by_the_data_or_asked_for(project: Path, tmp_path: Path) -> None:
    clear = "Date,Customer,Amount\n" + "03/04/2024,Acme,1\n" * 3 + "03/25/2024,Acme,1\n"
    assert map_files("x", [put(tmp_path, "a.csv", clear)], Answers()).profile["orders"]["date_format"] == "%m/%d/%Y"
    unclear = put(tmp_path, "b.csv", "Date,Customer,Amount\n" + "03/04/2024,Acme,1\n05/06/2024,Acme,1\n")
    with pytest.raises(UserError, match=r"day and month cannot be told apart.*--date-order dmy"):
        map_files("x", [unclear], Answers())
    for order, read in (("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y")):
        assert map_files("x", [unclear], Answers(date_order=order)).profile["orders"]["date_format"] == read


def test_a_late_day_above_twelve_settles_the_order(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("kam_analysis.sources.mapping.sample.SAMPLE_ROWS", 500)
    text = "Date,Customer,Amount\n" + "".join(f"{n % 12 + 1:02}/{n % 11 + 1:02}/2024,Acme,1\n" for n in range(900))
    path = put(tmp_path, "late.csv", text + "28/02/2024,Acme,1\n" * 200)
    assert map_files("x", [path], Answers()).profile["orders"]["date_format"] == "%d/%m/%Y"


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["1.234,50", "12"], (",", ".")),
        (["1,234.50"], (".", ",")),
        (["12,5", "7"], (",", "")),
        (["1 200,00"], (",", " ")),
        (["1.234.567"], (",", ".")),
        (["0,125", "3"], (",", "")),
        (["100", "7"], (".", "")),
        (["1,234", "5,678"], None),
    ],
)
def test_marks_of_numbers(texts: list[str], read: tuple[str, str] | None) -> None:
    assert marks(texts) == read


def test_a_mark_that_can_be_both_is_asked_for(project: Path, tmp_path: Path) -> None:
    path = put(tmp_path, "m.csv", "Date;Customer;Amount\n" + "2024-01-05;Acme;1,234\n" * 4)
    with pytest.raises(UserError, match=r"can be decimal or group thousands.*--decimal"):
        map_source(project, "m", [path], Answers())
    assert map_source(project, "m", [path], Answers(decimal=".")).lines["net_sales"].iloc[0] == 1234
    assert map_source(project, "m", [path], Answers(decimal=",")).lines["net_sales"].iloc[0] == 1.234


def test_a_unit_beside_the_numbers_is_left_out(project: Path, tmp_path: Path) -> None:
    path = put(tmp_path, "u.csv", "Дата;Клиент;Сумма\n" + "2024-01-05;Ромашка;1 200,50 руб.\n" * 4)
    assert map_source(project, "u", [path], Answers()).lines["net_sales"].iloc[0] == 1200.5


def test_what_a_discount_means_is_told_by_arithmetic(tmp_path: Path) -> None:
    def orders(amount: str) -> dict:
        rows = [["Date", "Customer", "Quantity", "Unit Price", "Discount", "Amount"]]
        rows += [["2024-01-05", "Acme", 2, 10, 10, amount], ["2024-01-06", "Acme", 1, 5, 0, 5]]
        return map_files("x", [put(tmp_path, "d.csv", table(rows, ","))], Answers(discount="percent")).profile["orders"]

    assert (orders("18")["amount"], orders("18")["discount"]) == ("net", "percent")
    assert orders("20")["amount"] == "gross"


def test_a_cost_per_unit_is_told_by_its_margin(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Date", "Customer", "Qty", "Amount", "Cost"]]
    rows += [["2024-01-05", "Acme", 10, 100 + n, 6] for n in range(20)]
    assert map_files("x", [put(tmp_path, "c.csv", table(rows, ","))], Answers()).profile["orders"]["cost"] == "unit"


def test_optional_tables_are_recognised(tmp_path: Path) -> None:
    orders = put(tmp_path, "sales.csv", "Date,Customer ID,Amount\n" + "2024-01-05,7,10\n2024-01-06,8,5\n")
    cards = put(
        tmp_path, "clients.csv", "Customer ID,Company Name,VAT number,City\n7,Acme,MK1,Skopje\n8,Bela,MK2,Bitola\n"
    )
    survey = put(tmp_path, "answers.csv", "customer_id,date,question,score\n7,2024-02-01,nps,9\n")
    profile = map_files("x", [orders, cards, survey], Answers()).profile
    assert profile["customers"]["columns"]["tax_id"] == "VAT number"
    assert profile["survey"] == {"files": "answers.csv"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"just words\nmore words here\n", "only one column"),
        ("a.csv", b"Date,Customer,Amount\n", "holds a head and no row"),
        ("a.csv", b"a\x00b,c\n1,2\n", "zero bytes"),
        ("a.xlsx", b"PK\x03\x04 cut", "not readable as a workbook"),
        ("a.parquet", b"PAR1 cut", "cannot be read"),
        ("a.csv", b"%PDF", "is a PDF: not read"),
        ("a.csv", b"Fresh,Milk,Grocery\n1,2,3\n4,5,6\n", "no column found for the customer"),
        ("a.csv", (",".join(f"c{n}" for n in range(10_000)) + "\n" + "1," * 9999 + "1\n").encode(), "more than 1,000"),
    ],
)
def test_what_cannot_be_mapped_is_told_and_nothing_is_written(
    project: Path, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        map_source(project, "bad", [path], Answers())
    assert path.read_bytes() == content
    assert not (project / "sources/bad.yaml").exists() and not (project / "data").exists()


def test_names_of_sources_and_files_stay_in_their_folder(project: Path, tmp_path: Path) -> None:
    path = put(tmp_path, "s.csv", "Date,Customer,Amount\n2024-01-05,Acme,1\n")
    for name in ("../x", "a/b", "", "-x"):
        with pytest.raises(UserError, match="letters, digits"):
            map_source(project, name, [path], Answers())
    with pytest.raises(UserError, match="no such file"):
        map_source(project, "x", [tmp_path / "nothing.csv"], Answers())


def test_the_preview_is_a_display_and_escapes(project: Path, tmp_path: Path) -> None:
    path = put(tmp_path, "s.csv", "Date,Customer,Amount\n2024-01-05,<script>alert(1)</script>,1\n")
    found = map_source(project, "p", [path], Answers())
    assert "<script>" not in found._repr_html_() and "&lt;script&gt;" in found._repr_html_()
    assert 'customer_name: Customer  (100%, known as "customer")' in str(found)


def test_the_command_asks_with_status_2_and_takes_answers(project: Path, tmp_path: Path, monkeypatch) -> None:
    (project / "params.yaml").write_text("source: demo\n", encoding="utf-8")
    (project / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    monkeypatch.chdir(project)
    path = put(tmp_path, "s.csv", "Date,Customer,Amount\n03/04/2024,Acme,1\n")
    asked = CliRunner().invoke(app, ["map", str(path), "--name", "cli"])
    assert isinstance(asked.exception, UserError) and "--date-order" in str(asked.exception)
    wrong = CliRunner().invoke(app, ["map", str(path), "--name", "cli", "--role", "colour=x"])
    assert isinstance(wrong.exception, UserError) and "colour=x" in str(wrong.exception)
    done = CliRunner().invoke(app, ["map", str(path), "--name", "cli", "--date-order", "dmy"])
    assert done.exit_code == 0 and "sources/cli.yaml" in done.output


def test_a_person_corrects_the_profile_by_hand(project: Path, tmp_path: Path) -> None:
    from kam_analysis.sources.profile import load_profile

    map_source(project, "hand", [put(tmp_path, "s.csv", lines_ru())], Answers())
    profile = load_profile(project / "sources/hand.yaml")
    assert {guess.role for guess in profile.mapping} == set(profile.orders.columns)
    assert all(guess.confidence > 0.5 and guess.reason for guess in profile.mapping)


def test_contents_of_columns() -> None:
    assert content_of([dt.date(2024, 1, 1), None]).is_typed_date
    assert content_of(["1", "2", "x"]).number_share == pytest.approx(2 / 3)
    assert content_of(["20240131", "20240201"]).date_formats == ("%Y%m%d",)
    assert not content_of([]).is_date and not content_of(["", None]).is_number


@pytest.mark.parametrize(
    ("files", "columns"),
    [
        (
            ["us_regional_sales/US_Regional_Sales_Data.xlsx"],
            {
                "customer_name": "Customers Sheet.Customer Names",
                "manager": "Sales Team Sheet.Sales Team",
                "cost": "Unit Cost",
            },
        ),
        (["superstore_eu/superstore_eu_semicolon_decimalcomma_utf8bom.csv"], {"amount": "Sales", "margin": "Profit"}),
        (["northwind/northwind_order_lines.parquet", "northwind/customers.parquet"], {"manager": "salesperson"}),
        (["online_retail/online_retail_II_2010_2011.parquet"], {"customer_id": "Customer ID", "unit_price": "Price"}),
        (["cdnow/CDNOW_master.txt"], {"amount": "dollar_value", "qty": "number_of_cds"}),
    ],
)
def test_real_sets_map_with_no_edit_by_hand(project: Path, files: list[str], columns: dict[str, str]) -> None:
    paths = [SHARED / file for file in files]
    if not all(path.exists() for path in paths):
        pytest.skip("the real sets are not beside the project")
    found = map_source(project, "real", paths, Answers())
    read = found.mapped.profile["orders"]["columns"]
    assert {role: read.get(role) for role in columns} == columns
    assert found.lines["ordered_on"].notna().all()


def test_the_demo_maps_as_its_profile_says(project: Path) -> None:
    root = Path(__file__).parents[3]
    found = map_source(project, "demo", [root / "data/raw/demo"], Answers())
    written = yaml.safe_load((root / "sources/demo.yaml").read_text(encoding="utf-8"))
    assert found.mapped.profile["orders"]["columns"] == written["orders"]["columns"]
    assert set(written) - {"currency", "vat", "title"} <= set(found.mapped.profile)


@pytest.mark.parametrize(
    ("days", "form"),
    [(["45202", "45203", "45204"], "excel"), (["3 октября 2023 г.", "4 окт. 2023", "5 октября 2023 года"], "%d %b %Y")],
)
def test_days_by_number_and_by_name_are_mapped_and_read(
    project: Path, tmp_path: Path, days: list[str], form: str
) -> None:
    text = table([["Дата", "Клиент", "Сумма"], *([day, "Ромашка", 10] for day in days)])
    found = map_source(project, "days", [put(tmp_path, "d.csv", text)], Answers())
    assert found.mapped.profile["orders"]["date_format"] == form
    assert [str(day)[:10] for day in found.lines["ordered_on"]] == ["2023-10-03", "2023-10-04", "2023-10-05"]


def test_a_folder_stands_for_the_tables_in_it(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    put(folder, "sales.csv", lines_ru())
    put(folder, "README.md", "Exported by the office.")
    found = map_source(project, "firma", [folder], Answers())
    assert "README.md is no table and not read" in found.mapped.notes
    assert [path.name for path in (project / "data/raw/firma").iterdir()] == ["sales.csv"]
    (folder / "sales.csv").unlink()
    with pytest.raises(UserError, match=r"README\.md: files of type \.md are not read"):
        map_source(project, "firma", [folder], Answers())
