"""Reports with groups under one another, and documents named in one text: mapped without an answer, or asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
import yaml
from openpyxl.styles import Alignment

from kam_analysis.errors import UserError
from kam_analysis.sources.mapping import Answers, map_files, map_source

Row = tuple[int | None, str, float | None]
CUSTOMERS = ("ООО Ромашка", "ИП Иванов", "АО Заря", "ООО Лютик")
ITEMS = ("Чай", "Кофе", "Чашка", "Ложка", "ИП Иванов")  # the last is called like a customer


def sold(customer: int, document: int, item: int) -> int:
    """Money of a line: by its numbers, so that no two documents come to the same."""
    return 10 * customer + 7 * document + 3 * item + 1


def documents(customer: int) -> list[tuple[str, list[tuple[str, int]]]]:
    """Five documents of a customer, with one to three lines each."""
    return [
        (
            f"Реализация товаров и услуг 0000-{customer}{number:03} от {13 + number}.0{customer}.2024 10:11:12",
            [(ITEMS[(number + line) % 5], sold(customer, number, line)) for line in range(1 + number % 3)],
        )
        for number in range(1, 6)
    ]


def report(with_items: bool = True, first: int = 0) -> list[Row]:
    """Customers, their documents, and perhaps their items, every row with its sum; a total at the end."""
    rows: list[Row] = []
    for customer, name in enumerate(CUSTOMERS, 1):
        own = documents(customer)
        rows.append((first, name, sum(money for _, lines in own for _, money in lines)))
        for text, lines in own:
            rows.append((first + 1, text, sum(money for _, money in lines)))
            rows += [(first + 2, item, money) for item, money in lines] if with_items else []
    return [*rows, (None, "Итого", TOTAL)]


# Customer c, document d, lines 0..d%3: the sum over 4 customers of 10·c + 7·d + 3·line + 1. Documents 1 to 5 have
# 2, 3, 1, 2, 3 lines, 11 in all: 10·11·(1+2+3+4) = 1100; 7·(2+6+3+8+15)·4 = 952; 3·(1+3+0+1+3)·4 = 96; 11·4 = 44.
TOTAL = 2192


def workbook(path: Path, rows: Sequence[Row], heads: Sequence[str], signal: str = "") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    first = [["Продажи"], [], [heads[0], "Сумма"], *([word] for word in heads[1:])]
    for row in [*first, *([text, money] for _, text, money in rows)]:
        sheet.append(row)
    for number, (level, *_) in enumerate(rows, len(first) + 1):
        if signal == "outline":
            sheet.row_dimensions[number].outlineLevel = level or 0
        if signal == "indent":
            sheet.cell(number, 1).alignment = Alignment(indent=2 * (level or 0))
    book.save(path)
    return path


def mapped(path: Path, **answers: str) -> dict[str, object]:
    return dict(map_files("x", [path], Answers.of([], **answers)).profile["orders"])


@pytest.mark.parametrize("signal", ["", "outline", "indent"])
@pytest.mark.parametrize("heads", [("Контрагент", "Документ", "Номенклатура"), ("Контрагент",), ("Показатель",)])
def test_customers_documents_and_items(tmp_path: Path, signal: str, heads: tuple[str, ...]) -> None:
    made = mapped(workbook(tmp_path / "r.xlsx", report(), heads, signal))
    assert made["levels"] == ["customer_name", "document", "item"]
    assert made["group"] == " ".join(heads)
    assert made["columns"] == {"amount": "Сумма"}
    assert made["date_format"] == "%d.%m.%Y"
    assert made.get("head_rows", 1) == len(heads)


def test_customers_and_documents_alone_and_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    path = workbook(tmp_path / "r.xlsx", report(with_items=False), ("Контрагент", "Регистратор"))
    found = map_source(tmp_path, "firma", [path], Answers())
    assert found.lines["customer_name"].tolist()[:6] == [CUSTOMERS[0]] * 5 + [CUSTOMERS[1]]
    # first document: lines 0 and 1 of customer 1, document 1: (10+7+0+1) + (10+7+3+1)
    assert found.lines["net_sales"].tolist()[0] == 18 + 21
    assert str(found.lines["ordered_on"][0])[:10] == "2024-01-14"
    assert found.misread == ()  # rows that head others are no rows without a date
    shown = str(found)
    assert "customer_name: Контрагент Регистратор  (90%, level 1 of 2)" in shown
    assert "'Контрагент Регистратор' holds levels under one another: customer_name > document" in shown


@pytest.mark.parametrize("blanks", [0, 3])
def test_a_text_file(tmp_path: Path, blanks: int) -> None:
    lines = [f"{' ' * blanks * (level or 0)}{text};{money}" for level, text, money in report()]
    path = tmp_path / "r.csv"
    path.write_text("\n".join(["Контрагент / Документ / Номенклатура;Сумма", *lines]), encoding="utf-8")
    made = mapped(path)
    assert made["levels"] == ["customer_name", "document", "item"]
    assert made["group"] == "Контрагент / Документ / Номенклатура"


def with_managers() -> list[Row]:
    rows = report(with_items=False, first=1)[:-1]
    half = next(number for number, row in enumerate(rows) if row[1] == CUSTOMERS[2])
    sums = [sum(money or 0 for level, _, money in part if level == 1) for part in (rows[:half], rows[half:])]
    return [(0, "Петрова", sums[0]), *rows[:half], (0, "Сидоров", sums[1]), *rows[half:], (None, "Итого", TOTAL)]


@pytest.mark.parametrize("signal", ["", "outline"])
def test_managers_above_customers_are_told_by_the_words_of_the_head(tmp_path: Path, signal: str) -> None:
    heads = ("Менеджер", "Контрагент", "Документ продажи")
    made = mapped(workbook(tmp_path / "r.xlsx", with_managers(), heads, signal))
    assert made["levels"] == ["manager", "customer_name", "document"]


def test_levels_that_nothing_names_are_asked_for_and_answered(tmp_path: Path) -> None:
    path = workbook(tmp_path / "r.xlsx", with_managers(), ("Показатель",), "outline")
    with pytest.raises(UserError, match="groups stand under one another on 3 levels") as caught:
        mapped(path)
    said = str(caught.value)
    assert "level 1: Петрова" in said and "level 2: ООО Ромашка" in said and "--levels manager,customer_name" in said
    assert caught.value.exit_status == 2
    assert mapped(path, levels="manager, customer_name, document")["levels"] == ["manager", "customer_name", "document"]
    with pytest.raises(UserError, match="--levels manager,customer_name: the rows do not stand"):
        mapped(path, levels="manager,customer_name")
    with pytest.raises(UserError, match="--levels: unknown boss"):
        mapped(path, levels="boss,document")


def test_months_under_customers(tmp_path: Path) -> None:
    rows: list[Row] = []
    for place, name in enumerate(CUSTOMERS, 1):
        rows.append((0, name, 30 * place))
        rows += [(1, f"{month} 2024 г.", 10 * place) for month in ("Январь", "Февраль", "Март")]
    made = mapped(workbook(tmp_path / "r.xlsx", rows, ("Контрагент", "Период")))
    assert made["levels"] == ["customer_name", "month"]
    assert made["columns"] == {"amount": "Сумма"}


def test_customers_and_items_above_columns_of_months(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Контрагент", "Янв 2024", "Фев 2024", "Мар 2024"])
    book.active.append(["Номенклатура"])
    for place, name in enumerate(CUSTOMERS, 1):
        book.active.append([name, *[30 * place] * 3])
        for item, money in (("Чай", 10), ("Кофе", 20)):
            book.active.append([item, *[money * place] * 3])
            book.active.row_dimensions[book.active.max_row].outlineLevel = 1
    book.save(tmp_path / "r.xlsx")
    made = mapped(tmp_path / "r.xlsx")
    assert made["levels"] == ["customer_name", "item"]
    assert made["months"] == {"Янв 2024": "2024-01", "Фев 2024": "2024-02", "Мар 2024": "2024-03"}


def test_a_subtotal_that_disagrees_is_told_with_the_answer_that_lets_it(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    rows = report()
    rows[1] = (rows[1][0], rows[1][1], (rows[1][2] or 0) + 1)
    path = workbook(tmp_path / "r.xlsx", rows, ("Контрагент", "Документ", "Номенклатура"), "outline")
    with pytest.raises(UserError, match="subtotals are not the sums of their rows") as caught:
        map_source(tmp_path, "firma", [path], Answers())
    assert "--subtotals-within 1" in str(caught.value)
    assert not (tmp_path / "sources/firma.yaml").exists()
    map_source(tmp_path, "firma", [path], Answers.of([], subtotals_within=1))
    made = yaml.safe_load((tmp_path / "sources/firma.yaml").read_text(encoding="utf-8"))
    assert made["orders"]["subtotals_within"] == 1


def test_documents_named_in_a_column_of_lines(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    head = "Контрагент;Регистратор;Номенклатура;Сумма"
    lines = [
        f"{name};{text};{item};{money}"
        for customer, name in enumerate(CUSTOMERS, 1)
        for text, own in documents(customer)
        for item, money in own
    ]
    path = tmp_path / "r.csv"
    path.write_text("\n".join([head, *lines]), encoding="utf-8")
    found = map_source(tmp_path, "firma", [path], Answers())
    made = yaml.safe_load((tmp_path / "sources/firma.yaml").read_text(encoding="utf-8"))["orders"]
    assert made["document"] == "Регистратор" and "levels" not in made
    assert made["columns"] == {"customer_name": "Контрагент", "item": "Номенклатура", "amount": "Сумма"}
    assert found.lines["order_id"].tolist()[:3] == ["0000-1001", "0000-1001", "0000-1002"]
    assert [str(day)[:10] for day in found.lines["ordered_on"][:3]] == ["2024-01-14", "2024-01-14", "2024-01-15"]
    assert "order_date: Регистратор  (90%, named by the documents)" in str(found)


def test_a_column_of_dates_leaves_documents_as_they_are(tmp_path: Path) -> None:
    lines = [
        f"{day}.01.2024;Реализация 0000-{day} от {day}.01.2024;Ромашка {day % 4};{day * 10}" for day in range(10, 30)
    ]
    path = tmp_path / "r.csv"
    path.write_text("\n".join(["Дата;Документ;Контрагент;Сумма", *lines]), encoding="utf-8")
    made = mapped(path)
    assert "document" not in made and "levels" not in made
    assert made["columns"] == {
        "order_id": "Документ",
        "order_date": "Дата",
        "customer_name": "Контрагент",
        "amount": "Сумма",
    }


@pytest.mark.parametrize("signal", ["", "outline"])
def test_one_group_above_dated_lines_needs_no_levels(tmp_path: Path, signal: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Контрагент", "Дата", "Номер", "Сумма"])
    for customer, name in enumerate(CUSTOMERS, 1):
        book.active.append([name, None, None, 60 * customer])
        for line in (1, 2, 3):
            book.active.append([None, f"{12 + line}.0{customer}.2024", f"{customer}{line}", 10 * line * customer])
            if signal:
                book.active.row_dimensions[book.active.max_row].outlineLevel = 1
    book.save(tmp_path / "r.xlsx")
    made = mapped(tmp_path / "r.xlsx")
    assert "levels" not in made and made["group"] == "Контрагент"


def test_managers_and_customers_above_dated_lines(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Менеджер / Контрагент / Документ", "Дата", "Сумма"])
    for manager, names in (("Петрова", CUSTOMERS[:2]), ("Сидоров", CUSTOMERS[2:])):
        sheet.append([manager, None, None])
        for name in names:
            sheet.append([name, None, None])
            sheet.row_dimensions[sheet.max_row].outlineLevel = 1
            for line in (1, 2, 3):
                sheet.append([f"Счет {line}", f"{12 + line}.02.2024", 10 * line])
                sheet.row_dimensions[sheet.max_row].outlineLevel = 2
    book.save(tmp_path / "r.xlsx")
    made = mapped(tmp_path / "r.xlsx")
    assert made["levels"] == ["manager", "customer_name", "line"]
    assert made["columns"] == {"order_date": "Дата", "amount": "Сумма"}


@pytest.mark.parametrize("signal", ["", "outline"])
def test_of_a_large_file_the_last_rows_looked_at_may_head_rows_beyond(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signal: str
) -> None:
    rows = report()
    cut = next(number for number, row in enumerate(rows) if row[1] == CUSTOMERS[3]) + 2  # ends with a document
    monkeypatch.setattr("kam_analysis.sources.mapping.stacks.SAMPLE_ROWS", cut)
    path = workbook(tmp_path / "r.xlsx", rows[:cut], ("Контрагент", "Документ", "Номенклатура"), signal)
    assert mapped(path)["levels"] == ["customer_name", "document", "item"]
