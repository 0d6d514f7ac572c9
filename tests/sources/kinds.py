"""Small cases of every kind of fault, worked out by hand; the public ones stand in the shared folder."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from kam_analysis.sources.mapping.swapped import exchanged
from tests.sources.field import Case, Sold, book, days, orders_of, sold, text, total

HEAD = ["Order", "Date", "Customer", "Item", "Qty", "Amount"]
SALES = sold()
NET, ORDERS, WHO = total(SALES), 40, len({x.who for x in SALES})


def rows(lines: list[Sold]) -> list[list[object]]:
    return [[x.order, x.day, x.who, x.item, x.qty, x.amount] for x in lines]


# 1. The same money twice.


def hidden_rows(answer: str) -> Case:
    def write(path: Path) -> None:
        from openpyxl import load_workbook

        book(path, {"Sales": [HEAD, *[[*row[:1], str(row[1]), *row[2:]] for row in rows(SALES)]]})
        made = load_workbook(path)
        for number in (3, 4, 9):
            made["Sales"].row_dimensions[number].hidden = True
        for number in (12, 13):
            made["Sales"].row_dimensions.group(number, number, outline_level=1, hidden=True)
        made.save(path)

    less = sum(SALES[number - 2].amount for number in (3, 4, 9)) if answer == "drop" else Decimal(0)
    return Case(
        f"rows hidden by a filter: {answer}",
        {"s.xlsx": write},
        NET - float(less),
        asks="3 of .* rows are hidden",
        answers={"hidden_rows": [answer]},
    )


def only_hidden_sheets_and_lists() -> Case:
    sheets = {
        "Sales": [HEAD, *[[*row[:1], str(row[1]), *row[2:]] for row in rows(SALES)]],
        "Copy": [HEAD, *[[*row[:1], str(row[1]), *row[2:-1], 5] for row in rows(SALES[:20])]],
    }
    return Case(
        "a hidden sheet of sales",
        {"s.xlsx": lambda p: book(p, sheets, ["Copy"])},
        NET,
        ORDERS,
        WHO,
        says=["Copy is hidden and not read: 20 rows, 100.00 in 'Amount'"],
    )


def sets(share: Decimal) -> Case:
    """Lines of several are the parts of one above them, with a share of its money."""
    made: list[list[object]] = []
    whole = Decimal(0)
    for order, lines in orders_of(SALES).items():
        x, parent, parts = lines[0], 10, sum(y.amount for y in lines)
        if len(lines) == 1:
            made.append([order, x.day, x.who, 10, "000000", x.item, x.qty, x.amount])
            whole += x.amount
            continue
        whole += parts
        made.append([order, x.day, x.who, parent, "000000", "Set", 1, parts])
        made += [
            [order, x.day, x.who, parent + n, parent, y.item, y.qty, round(y.amount * share, 2)]
            for n, y in enumerate(lines, 1)
        ]
    head = ["Order", "Date", "Customer", "Position", "Higher-level", "Item", "Qty", "Amount"]
    if share == 1:
        return Case("parts of sets", {"s.csv": text(head, made)}, float(whole), ORDERS, WHO, says=["not counted again"])
    return Case(
        "lines below others that do not add up",
        {"s.csv": text(head, made)},
        float(whole),
        ORDERS,
        WHO,
        asks="do not add up to them.*parent_line_id=Higher-level",
        roles={"parent_line_id": "Higher-level"},
    )


def newer_file() -> Case:
    """The second file holds the later orders again: one of them with another quantity, one called off."""
    last = SALES[-1].order
    newer = [[*row, "Closed" if row[0] != last else "Cancelled"] for row in rows(SALES[30:])]
    changed = next(row for row in newer if row[0] == SALES[33].order)
    changed[4], more = changed[4] + 1, changed[5]
    changed[5] += more
    older = [[*row, "Open"] for row in rows(SALES)]
    net = sum(x.amount for x in SALES if x.order != last) + more
    head = [*HEAD, "Status"]
    files = {"a.csv": text(head, older), "b.csv": text(head, newer)}
    return Case("an export made again", files, float(net))


def two_shops() -> Case:
    """Two files of the same days whose numbers begin anew: other lines, of which some are alike by chance."""
    other = sold(seed=8)
    files = {"north.csv": text(HEAD, rows(SALES)), "south.csv": text(HEAD, rows(other))}
    return Case("two shops with the same numbers", files, NET + total(other))


def split_by_goods() -> Case:
    files = {
        "lamps.csv": text(HEAD, rows([x for x in SALES if x.sku == "A-1"])),
        "rest.csv": text(HEAD, rows([x for x in SALES if x.sku != "A-1"])),
    }
    return Case("orders split over two files", files, NET, ORDERS, WHO)


def totals_of_orders() -> Case:
    made: list[list[object]] = []
    for order, lines in orders_of(SALES).items():
        made += rows(lines)
        made.append([order, lines[0].day, lines[0].who, "", "", sum(x.amount for x in lines)])
    return Case("every order ends with its total", {"s.csv": text(HEAD, made)}, NET, ORDERS, WHO)


def remarks_without_item() -> Case:
    made = rows(SALES)
    made[4] = [*made[4][:3], "", "", made[4][5]]
    return Case("a line without its item is no total", {"s.csv": text(HEAD, made)}, NET, ORDERS, WHO)


def balances() -> Case:
    made = [[1, "2024-01-01", who, f"Opening balance {who}", "", 100] for who in sorted({x.who for x in SALES})]
    return Case(
        "opening balances",
        {"s.csv": text(HEAD, [*made, *rows(SALES)])},
        NET,
        ORDERS,
        WHO,
        says=[f"balances carried forward.*{100 * WHO:,.2f}"],
    )


def total_of_star() -> Case:
    made = [*rows(SALES), ["*", "", "", "", "", Decimal(str(NET))]]
    return Case("a total by a star", {"s.csv": text(HEAD, made)}, NET, ORDERS, WHO)


TWICE = [
    hidden_rows("keep"),
    hidden_rows("drop"),
    only_hidden_sheets_and_lists(),
    sets(Decimal(1)),
    sets(Decimal("0.9")),
    newer_file(),
    two_shops(),
    split_by_goods(),
    totals_of_orders(),
    remarks_without_item(),
    balances(),
    total_of_star(),
]
# 5. Spreadsheets and Unicode.


def swapped_in_order() -> Case:
    """Every day up to 12 is exchanged, as a program does that guesses each date on its own; ids tell the order."""
    made = [[*row[:1], exchanged(x.day), *row[2:]] for x, row in zip(SALES, rows(SALES), strict=True)]
    return Case(
        "days exchanged, ids in order",
        {"s.csv": text(HEAD, made)},
        NET,
        ORDERS,
        WHO,
        says=["exchanged back"],
        days=days(SALES),
    )


def days_in_order() -> Case:
    """The same days as they are: nothing is exchanged."""
    return Case("days in order", {"s.csv": text(HEAD, rows(SALES))}, NET, ORDERS, WHO, days=days(SALES))


def ambiguous_in_order(form: str) -> Case:
    """No day is above 12, and the order of the rows tells which number is the day."""
    lines = [x for x in sold(120, seed=5) if x.day.day <= 12]
    made = [[x.order, x.day.strftime(form), x.who, x.item, x.qty, x.amount] for x in lines]
    return Case(f"no day above 12: {form}", {"s.csv": text(HEAD, made)}, total(lines), days=days(lines))


def grouped(sign: str) -> Case:
    made = [[*row[:-1], f"CHF {row[-1] * 100:,.2f}".replace(",", sign)] for row in rows(SALES)]
    return Case(f"groups parted by {sign!r}", {"s.csv": text(HEAD, made)}, 100 * NET, ORDERS, WHO)


def signs(one: str, other: str, asks: str) -> Case:
    made = [[*row[:-1], f"{other if row[0] % 7 == 0 else one}{row[-1]}"] for row in rows(SALES)]
    return Case(f"money beside {one} and {other}", {"s.csv": text(HEAD, made)}, NET, ORDERS, WHO, asks=asks)


def zones() -> Case:
    made = [
        [*row[:1], f"{x.day:%d.%m.%Y} 00:20 {('UTC', '+0200', '-05:00', 'EST')[x.order % 4]}", *row[2:]]
        for x, row in zip(SALES, rows(SALES), strict=True)
    ]
    return Case("days with a time zone", {"s.csv": text(HEAD, made)}, NET, ORDERS, WHO, days=days(SALES))


def weeks(form: str) -> Case:
    mondays = [replace(x, day=x.day - dt.timedelta(days=x.day.weekday())) for x in SALES]
    made = [[form.format(*x.day.isocalendar()), x.who, x.amount] for x in SALES]
    return Case(
        f"weeks like {form}", {"s.csv": text(["Week", "Customer", "Amount"], made)}, NET, None, WHO, days=days(mondays)
    )


def periods(form: str, asks: str) -> Case:
    made = [[form.format(x.day.year, (x.day.month + 2) // 3, x.day.month), x.who, x.amount] for x in SALES]
    return Case(f"periods like {form}", {"s.csv": text(["Period", "Customer", "Amount"], made)}, asks=asks)


def line_ends() -> Case:
    lines = text(HEAD, rows(SALES)).splitlines(keepends=True)
    mixed = "".join(line.replace("\n", "\r\n") if n % 3 else line for n, line in enumerate(lines))
    return Case("two line ends", {"s.csv": mixed}, NET, ORDERS, WHO)


def pages() -> Case:
    lines = text(HEAD, rows(SALES)).splitlines(keepends=True)
    return Case("a head on every page", {"s.csv": "".join([*lines[:40], lines[0], *lines[40:]])}, NET, ORDERS, WHO)


def base_currency() -> Case:
    rates = {"EUR": Decimal(1), "USD": Decimal("0.9"), "GBP": Decimal("1.2")}
    made = []
    for x in SALES:
        code = tuple(rates)[x.order % 3]
        made.append([x.order, x.day, x.who, code, rates[code], round(x.amount / rates[code], 2), x.amount])
    head = ["Order", "Date", "Customer", "Currency", "Exchange rate", "Net total", "Net total (base)"]
    return Case(
        "amounts in the company's currency", {"s.csv": text(head, made)}, NET, ORDERS, WHO, says=["all in one currency"]
    )


SPREADSHEETS = [
    *(swapped_in_order(), days_in_order(), ambiguous_in_order("%d/%m/%Y"), ambiguous_in_order("%m/%d/%Y")),
    *(grouped("\u2019"), grouped("\u2009"), grouped("\u202f"), zones(), line_ends(), pages(), base_currency()),
    *(signs("€", "$", "different texts: '\\$', '€'"), signs("EUR ", "USD ", "different texts")),
    *(weeks("{0}-W{1:02}"), weeks("KW {1}/{0}"), weeks("Неделя {1}, {0}")),
    *(periods("Q{1} {0}", "are quarters"), periods("{1} кв. {0} г.", "are quarters")),
    *(periods("FY{0} P{2:02}", "periods of a fiscal year"),),
]
CASES = [*TWICE, *SPREADSHEETS]
