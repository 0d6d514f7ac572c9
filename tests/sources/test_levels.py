"""Reports whose groups stand under one another in one column: levels told, subtotals held, documents parted."""

import openpyxl
import pytest
from openpyxl.styles import Alignment

from kam_analysis.cleaning.lines import classify_lines
from kam_analysis.errors import UserError
from kam_analysis.params import Cleaning

SALE, BACK = "Реализация товаров и услуг 0000-00012{} от {} 10:11:12", "Возврат товаров от покупателя 0000-000007 от {}"
THREE = [  # level, text, quantity, amount
    (0, "ООО Ромашка", 6, 60),
    (1, SALE.format(3, "15.03.2024"), 3, 30),
    (2, "Чай", 1, 10),
    (2, "ИП Иванов", 2, 20),  # an item that is called like a customer
    (1, SALE.format(4, "16.03.2024"), 5, 50),
    (2, "Чай", 5, 50),
    (1, BACK.format("17.03.2024"), -2, -20),
    (2, "ИП Иванов", -2, -20),
    (0, "ИП Иванов", 1, 7),
    (1, SALE.format(5, "02.04.2024"), 1, 7),
    (2, "Чашка", 1, 7),
    (None, "Итого", 7, 67),
]
ITEMS = [
    (8, "ООО Ромашка", "0000-000123", "2024-03-15", "Чай", 10.0),
    (9, "ООО Ромашка", "0000-000123", "2024-03-15", "ИП Иванов", 20.0),
    (11, "ООО Ромашка", "0000-000124", "2024-03-16", "Чай", 50.0),
    (13, "ООО Ромашка", "0000-000007", "2024-03-17", "ИП Иванов", -20.0),
    (16, "ИП Иванов", "0000-000125", "2024-04-02", "Чашка", 7.0),
]
LEVELS = ["customer_name", "document", "item"]


def workbook(source, rows, outline=False, indent=False):
    """A report below a title and a head of three rows: its rows begin in row 6."""
    source.folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    head = [["Продажи"], ["Период: 2024"], ["Контрагент", "Кол-во", "Сумма"], ["Документ"], ["Номенклатура"]]
    for row in [*head, *([text, qty, amount] for _, text, qty, amount in rows)]:
        sheet.append(row)
    for number, (level, *_) in enumerate(rows, 6):
        if outline:
            sheet.row_dimensions[number].outlineLevel = level or 0
        if indent:
            sheet.cell(number, 1).alignment = Alignment(indent=2 * (level or 0))
    book.save(source.folder / "report.xlsx")
    columns = {"qty": "Кол-во", "amount": "Сумма"}
    source.values["orders"] = {"files": "report.xlsx", "head_row": 3, "head_rows": 3, "columns": columns}
    return source.orders(group="Контрагент Документ Номенклатура", levels=LEVELS, date_format="%d.%m.%Y")


def text_file(source, rows, levels, blanks=0, **orders):
    lines = [f"{' ' * blanks * (level or 0)}{text};{amount}" for level, text, amount in rows]
    columns = {"amount": "sum", **orders.pop("columns", {})}
    source.values["orders"] = {"files": "a.csv", "columns": columns, "group": "who", "levels": levels}
    return source.write("a.csv", "\n".join(["who;sum", *lines])).orders(date_format="%d.%m.%Y", **orders)


def kept(source, *names):
    source.read()
    classify_lines(source.engine, Cleaning(), None)
    asked = ", ".join(["row", *names, "net_sales::DOUBLE"])
    return source.engine.rows(f"SELECT {asked} FROM lines_classified WHERE reason IS NULL ORDER BY row")


@pytest.mark.parametrize("signal", [{"outline": True}, {"indent": True}, {}])
def test_customers_documents_and_items_by_outline_by_indent_and_by_sums(source, signal):
    names = ("customer_name", "order_id", "ordered_on::VARCHAR", "item")
    # the report of three rows of head begins in row 6, so the first item stands in row 8
    assert kept(workbook(source, THREE, **signal), *names) == ITEMS
    left = source.engine.rows("SELECT row, reason FROM rejected_lines ORDER BY row")
    assert left == [(row, "totals_row") for row in (6, 7, 10, 12, 14, 15, 17)]
    rows, money = source.engine.rows(
        "SELECT count(*), sum(net_sales)::DOUBLE FROM lines_classified WHERE reason IS NULL"
    )[0]
    assert (rows, money) == (5, 67.0)  # the report's own total


@pytest.mark.parametrize("blanks", [0, 4])
def test_a_text_file_with_blanks_before_the_texts_and_without(source, blanks):
    rows = [(level, text, amount) for level, text, _, amount in THREE]
    found = kept(text_file(source, rows, LEVELS, blanks), "customer_name", "order_id", "ordered_on::VARCHAR", "item")
    assert found == [(row - 4, *rest) for row, *rest in ITEMS]  # below a head of one row


def test_a_level_of_months(source):
    rows = [(0, "Acme", 30), (1, "Март 2024 г.", 10), (2, "Tea", 10), (1, "Апрель 2024 г.", 20), (2, "Tea", 20)]
    source = text_file(source, rows, ["customer_name", "month", "item"]).orders(date_format=None)
    assert kept(source, "customer_name", "ordered_on::VARCHAR", "item") == [
        (4, "Acme", "2024-03-01", "Tea", 10.0),
        (6, "Acme", "2024-04-01", "Tea", 20.0),
    ]


def test_a_customer_under_two_managers_and_documents_last(source):
    document = "Фактура бр. {}/2024 од 15.03.2024"
    rows = [
        *((0, "Ана", 30), (1, "Acme", 10), (2, document.format(1), 10), (1, "Borg", 20), (2, document.format(2), 20)),
        *((0, "Иво", 5), (1, "Acme", 5), (2, document.format(3), 5), (None, "ВКУПНО", 35)),
    ]
    found = kept(
        text_file(source, rows, ["manager", "customer_name", "document"]), "manager", "customer_name", "order_id"
    )
    assert found == [
        (4, "Ана", "Acme", "1/2024", 10.0),
        (6, "Ана", "Borg", "2/2024", 20.0),
        (9, "Иво", "Acme", "3/2024", 5.0),
    ]


def test_equal_rows_of_one_document_are_all_sales_as_its_subtotal_says(source):
    rows = [(0, "Acme", 20), (1, "Invoice 7 of 15.03.2024", 20), (2, "Tea", 10), (2, "Tea", 10)]
    assert [row for row, _ in kept(text_file(source, rows, LEVELS))] == [4, 5]


@pytest.mark.parametrize("signal", [{"outline": True}, {}])
def test_a_subtotal_that_disagrees_stops_with_its_row_and_both_amounts(source, signal):
    wrong = [(level, text, qty, 31 if amount == 30 else amount) for level, text, qty, amount in THREE]
    with pytest.raises(UserError) as caught:
        workbook(source, wrong, **signal).read()
    said = str(caught.value)
    assert "report.xlsx, sheet Sheet, column Сумма" in said and "row 7" in said
    assert "says 31.0000, its rows add up to 30.0000" in said and "subtotals_within: 1" in said
    assert caught.value.exit_status == 2
    assert len(kept(workbook(source, wrong, **signal).orders(subtotals_within=1))) == 5


def test_a_total_that_disagrees_stops(source):
    rows = [(0, "Acme", 10), (1, "Invoice 7 of 15.03.2024", 10), (None, "Total", 11)]
    with pytest.raises(UserError, match=r"row 4: 'Total' says 11\.0000, its rows add up to 10\.0000"):
        text_file(source, rows, LEVELS[:2]).read()


def test_a_row_that_skips_a_level_is_broken_nesting(source):
    broken = [row for row in THREE if not row[1].endswith("02.04.2024 10:11:12")]
    with pytest.raises(UserError, match=r"row 15: 'Чашка'.*Cure: correct orders\.levels") as caught:
        workbook(source, broken, outline=True).read()
    assert "broken nesting: stands more than one level below the row above it" in str(caught.value)


def test_more_depths_than_levels_and_no_rows_that_fit_are_broken_nesting(source):
    rows = [(0, "Acme", 9), (1, "Box", 9), (2, "Invoice 7 of 15.03.2024", 9), (3, "Tea", 9)]
    with pytest.raises(UserError, match=r"broken nesting: the rows have 4 depths .* names 3 levels"):
        text_file(source, rows, LEVELS, blanks=2).read()


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ({"levels": ["customer_name", "folder"]}, "unknown folder"),
        ({"levels": ["document"]}, "two at least"),
        ({"levels": ["document", "order_id"]}, "order_id is named twice"),
        ({"levels": ["line", "document"]}, "line is the last one"),
        ({"group": None}, "under `group`"),
        ({"document": "who"}, "in a report with levels a document is one of them"),
    ],
)
def test_levels_that_cannot_be_are_refused(source, orders, said):
    with pytest.raises(ValueError, match=said):
        _ = text_file(source, [], LEVELS).orders(**orders).profile
