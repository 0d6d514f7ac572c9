"""Cases of the field set aside: written before the code was tried on them, in other languages and of other programs."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import sqlite3
import zipfile
from decimal import Decimal
from pathlib import Path

from tests.sources.field import Case, Sold, book, days, orders_of, sold, text, total

SALES = sold(44, seed=11)
NET, COUNT = total(SALES), 44
WHO = len({line.who for line in SALES})


def _de(value: Decimal) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def _rows(lines: list[Sold], sign: str = "%Y-%m-%d") -> list[list[object]]:
    return [[x.order, x.day.strftime(sign), x.who, x.item, x.qty, x.amount] for x in lines]


# 1. The same money twice.


def hidden_copy() -> Case:
    head = ["Belegnr.", "Belegdatum", "Kunde", "Artikel", "Menge", "Betrag"]
    old = [[*row[:-1], round(float(row[-1]) * 0.97)] for row in _rows(SALES[:60])]
    sheets = {"Umsätze": [head, *_rows(SALES)], "Umsätze (alt)": [head, *old]}
    return Case(
        "a hidden sheet is an older copy",
        {"Umsatz.xlsx": lambda p: book(p, sheets, ["Umsätze (alt)"])},
        NET,
        COUNT,
        WHO,
    )


def sets_by_sku() -> Case:
    rows: list[list[object]] = []
    for order, lines in orders_of(SALES).items():
        x = lines[0]
        if len(lines) > 1:
            rows.append(
                [x.day.strftime("%d.%m.%Y"), order, x.who, f"SET-{x.sku}", "Набор", "", 1, sum(y.amount for y in lines)]
            )
            rows += [
                [y.day.strftime("%d.%m.%Y"), order, y.who, y.sku, y.item, f"SET-{x.sku}", y.qty, y.amount]
                for y in lines
            ]
        else:
            rows.append([x.day.strftime("%d.%m.%Y"), order, x.who, x.sku, x.item, "", x.qty, x.amount])
    head = ["Дата", "Заказ", "Клиент", "Артикул", "Товар", "В составе комплекта", "Кол-во", "Сумма"]
    return Case(
        "parts name the code of their set",
        {"заказы.csv": text(head, rows, ";")},
        NET,
        COUNT,
        WHO,
        asks="(?i)part|set|parent|component",
        may_ask=True,
    )


def overlap_without_numbers() -> Case:
    head = ["Дата", "Покупатель", "Товар", "Кол-во", "Сумма", "Выгружено"]
    cut, back = dt.date(2024, 5, 20), dt.date(2024, 4, 20)

    def rows(lines: list[Sold], stamp: str) -> list[list[object]]:
        return [
            [x.day.strftime("%d.%m.%Y"), x.who, x.item, x.qty, str(x.amount).replace(".", ","), stamp] for x in lines
        ]

    early = [x for x in SALES if x.day <= cut]
    late = [x for x in SALES if x.day >= back]
    return Case(
        "two exports overlap, no order number, another export day",
        {
            "январь-май.csv": text(head, rows(early, "21.05.2024"), ";"),
            "апрель-.csv": text(head, rows(late, "02.01.2025"), ";"),
        },
        NET,
        None,
        WHO,
        asks="(?i)same|twice|overlap|both files",
        may_ask=True,
    )


def heads_among_lines() -> Case:
    rows: list[list[object]] = []
    for order, lines in orders_of(SALES).items():
        x = lines[0]
        rows.append([f"Ф-{order}", x.day.strftime("%d.%m.%Y"), x.who, "", "", sum(y.amount for y in lines)])
        rows += [[f"Ф-{order}", x.day.strftime("%d.%m.%Y"), x.who, y.item, y.qty, y.amount] for y in lines]
    head = ["Број на фактура", "Датум", "Купувач", "Артикл", "Количина", "Износ"]
    return Case(
        "every invoice begins with its total",
        {"фактури.csv": text(head, rows, ";")},
        NET,
        COUNT,
        WHO,
        asks="(?i)total",
        may_ask=True,
    )


def opening_balances() -> Case:
    names = sorted({x.who for x in SALES})
    rows: list[list[object]] = [
        ["01.01.2024", "AB", who, "Saldovortrag", _de(Decimal(1000 + 37 * n))] for n, who in enumerate(names)
    ]
    rows += [[x.day.strftime("%d.%m.%Y"), f"RE{x.order}", x.who, x.item, _de(x.amount)] for x in SALES]
    head = ["Datum", "Belegnr", "Debitor", "Buchungstext", "Betrag"]
    return Case(
        "balances carried forward stand among invoices",
        {"Debitoren.csv": text(head, rows, ";")},
        NET,
        None,
        WHO,
        asks="(?i)balance|carried|Saldo",
        may_ask=True,
    )


# 2. Nobody as a customer.


def cash_buyers() -> Case:
    rows, nobody = [], Decimal(0)
    for x in SALES:
        is_cash = x.order % 5 == 0
        nobody += x.amount if is_cash else 0
        rows.append(
            [f"R{x.order}", x.day.strftime("%d.%m.%Y."), "Gotovinski kupac" if is_cash else x.who, _de(x.amount)]
        )
    head = ["Broj računa", "Datum", "Kupac", "Iznos"]
    named = {x.who for x in SALES if x.order % 5}
    return Case(
        "cash buyers in Serbian",
        {"računi.csv": text(head, rows, ";")},
        NET,
        COUNT,
        len(named),
        float(nobody),
        asks="(?i)customer",
        may_ask=True,
        answers={"accept": ["anonymous"]},
    )


def guests_share_an_id() -> Case:
    rows, nobody = [], Decimal(0)
    for x in SALES:
        is_guest = x.order % 4 == 0
        nobody += x.amount if is_guest else 0
        name, mail = (
            (f"Guest {x.order}", f"g{x.order}@mail.example") if is_guest else (x.who, f"{x.who.lower()}@firm.example")
        )
        rows.append([x.order, x.day, 0 if is_guest else 100 + ord(x.who[0]), name, mail, x.amount])
    head = ["order_number", "order_date", "customer_id", "billing_name", "billing_email", "line_total"]
    named = {x.who for x in SALES if x.order % 4}
    return Case(
        "guests share the id 0",
        {"orders.csv": text(head, rows)},
        NET,
        COUNT,
        len(named),
        float(nobody),
        asks="(?i)\\b0\\b.*(name|customer)|many names|several names",
        may_ask=True,
        answers={"accept": ["anonymous"]},
    )


def order_as_customer() -> Case:
    heads = [(order, lines[0], sum(x.amount for x in lines)) for order, lines in orders_of(SALES).items()]
    rows = [[f"PO{order}", x.day, f"PO{order}", amount] for order, x, amount in heads]
    head = ["Order No", "Order Date", "Customer No", "Amount"]
    return Case("the order number stands as customer", {"orders.csv": text(head, rows)}, asks="(?i)customer")


def rounded_ids() -> Case:
    ids = {who: f"4,0{5 + n % 3}E+12" for n, who in enumerate(sorted({x.who for x in SALES}))}
    rows = [[x.order, x.day.strftime("%d.%m.%Y"), ids[x.who], x.item, _de(x.amount)] for x in SALES]
    head = ["Rechnungsnr", "Datum", "Kundennummer", "Artikel", "Betrag"]
    return Case(
        "ids rounded with a decimal comma", {"re.csv": text(head, rows, ";")}, asks="(?i)rounded|scientific|E\\+12"
    )


def ids_with_odd_blanks() -> Case:
    def odd(order: int, who: str) -> str:
        code = f"C-{ord(who[0])}"
        return (code, f"{code}\u200b", f"\u00a0{code}", code.replace("-", "\u2011"), f"{code}\u00ad")[order % 5]

    rows = [[x.order, x.day, odd(x.order, x.who), x.who, x.amount] for x in SALES]
    head = ["Invoice", "Date", "Account code", "Account name", "Net"]
    return Case("ids with invisible signs", {"inv.csv": text(head, rows)}, NET, COUNT, WHO)


def blank_like() -> Case:
    words = ("-", "n/a", "unknown", "???", "нет")
    nobody = sum(x.amount for x in SALES if x.order % 6 == 0)
    rows = [[x.order, x.day, words[x.order % 5] if x.order % 6 == 0 else x.who, x.amount] for x in SALES]
    named = {x.who for x in SALES if x.order % 6}
    return Case(
        "words that stand for no name",
        {"s.csv": text(["Order", "Date", "Client", "Amount"], rows)},
        NET,
        COUNT,
        len(named),
        float(nobody),
        asks="(?i)customer",
        may_ask=True,
        answers={"accept": ["anonymous"]},
    )


# 3. Money beside the line.

HEADS = [(order, lines[0], sum(x.amount for x in lines)) for order, lines in orders_of(SALES).items()]


def credits_in_a_file() -> Case:
    rows = [[f"RE-{order}", x.day.strftime("%d.%m.%Y"), x.who, _de(amount)] for order, x, amount in HEADS]
    back = [(order, x, round(amount / 3, 2)) for order, x, amount in HEADS if order % 7 == 0]
    credits = [
        [f"GS-{n}", (x.day + dt.timedelta(days=9)).strftime("%d.%m.%Y"), f"RE-{order}", _de(less), "Mangel"]
        for n, (order, x, less) in enumerate(back, 1)
    ]
    files = {
        "Rechnungen.csv": text(["Rechnungsnummer", "Rechnungsdatum", "Kunde", "Nettobetrag"], rows, ";"),
        "Gutschriften.csv": text(
            ["Gutschrift-Nr", "Datum", "Rechnungsnummer", "Gutschriftbetrag", "Grund"], credits, ";"
        ),
    }
    return Case(
        "credit notes in a file of their own, German",
        files,
        NET - float(sum(b[2] for b in back)),
        COUNT,
        WHO,
        asks="(?i)Gutschrift",
        may_ask=True,
    )


def coupons_on_every_line() -> Case:
    rows, less = [], Decimal(0)
    for order, lines in orders_of(SALES).items():
        items = sum(x.amount for x in lines)
        coupon = round(items / 10, 2) if order % 3 == 0 else Decimal("0.00")
        less += coupon
        rows += [
            [order, x.day, x.who, x.item, x.qty, x.amount, coupon, Decimal("4.90"), items - coupon + Decimal("4.90")]
            for x in lines
        ]
    head = [
        "order_id",
        "order_date",
        "billing_company",
        "item_name",
        "quantity",
        "line_subtotal",
        "cart_discount",
        "order_shipping",
        "order_total",
    ]
    return Case(
        "a coupon of the order repeats on its lines",
        {"woo.csv": text(head, rows)},
        NET - float(less),
        COUNT,
        WHO,
        asks="(?i)discount",
        may_ask=True,
    )


def returned_money_beside() -> Case:
    rows, back = [], Decimal(0)
    for order, x, amount in HEADS:
        less = round(amount / 2, 2) if order % 6 == 0 else Decimal(0)
        back += less
        rows.append([order, x.day.strftime("%d.%m.%Y"), x.who, _de(amount), _de(less)])
    head = ["№ заказа", "Дата заказа", "Покупатель", "Сумма заказа", "Сумма возврата"]
    return Case(
        "money given back in a column",
        {"z.csv": text(head, rows, ";")},
        NET - float(back),
        COUNT,
        WHO,
        asks="(?i)возврат",
        may_ask=True,
    )


def instalments() -> Case:
    rows: list[list[object]] = []
    for order, x, amount in HEADS:
        if order % 4 == 0:
            down = round(amount * Decimal("0.4"), 2)
            rows += [
                [f"A{order}", x.day, x.who, "Anzahlung 40 %", 1, down],
                [f"S{order}", x.day + dt.timedelta(days=20), x.who, "Ware", 1, amount],
                [f"S{order}", x.day + dt.timedelta(days=20), x.who, "abzgl. Anzahlung", -1, -down],
            ]
        else:
            rows.append([f"S{order}", x.day, x.who, "Ware", 1, amount])
    head = ["Rechnung", "Datum", "Kunde", "Bezeichnung", "Menge", "Betrag"]
    return Case(
        "deposits and their deduction, German",
        {"a.csv": text(head, rows, ";")},
        NET,
        None,
        WHO,
        says=["(?i)deposit|prepay|down payment"],
    )


# 4. A large loss.


def total_without_a_word() -> Case:
    rows: list[list[object]] = [[x.order, x.day, x.who, x.item, x.qty, x.amount] for x in SALES]
    rows.append(["", "", "", "", sum(x.qty for x in SALES), Decimal(str(NET))])
    return Case(
        "the last row is a total without its word",
        {"s.csv": text(["Doc", "Posting date", "Buyer", "Goods", "Qty", "Turnover"], rows)},
        NET,
        COUNT,
        WHO,
    )


def dates_to_come() -> Case:
    rows = [[x.order, "offen" if x.order % 8 == 0 else x.day.strftime("%d.%m.%Y"), x.who, _de(x.amount)] for x in SALES]
    return Case(
        "an eighth of the dates is a word",
        {"s.csv": text(["Beleg", "Datum", "Kunde", "Umsatz"], rows, ";")},
        asks="(?i)date.*offen|offen.*date",
    )


def amounts_on_request() -> Case:
    rows = [[x.order, x.day, x.who, "по запросу" if x.order % 9 == 0 else x.amount] for x in SALES]
    return Case(
        "a ninth of the amounts is a word",
        {"s.csv": text(["Заказ", "Дата", "Клиент", "Сумма"], rows)},
        asks="(?i)по запросу",
    )


def blank_customers() -> Case:
    nobody = float(sum(x.amount for x in SALES if x.order % 4 == 0))
    rows = [[x.order, x.day, "" if x.order % 4 == 0 else x.who, x.amount] for x in SALES]
    return Case(
        "a quarter names no customer",
        {"s.csv": text(["Order", "Date", "Customer", "Amount"], rows)},
        NET,
        COUNT,
        len({x.who for x in SALES if x.order % 4}),
        nobody,
        asks="(?i)no customer",
        answers={"accept": ["no_customer"]},
    )


# 5. Spreadsheets and Unicode.


def swapped_days() -> Case:
    def cell(day: dt.date) -> object:
        return dt.date(day.year, day.day, day.month) if day.day <= 12 else day.strftime("%d/%m/%Y")

    rows: list[list[object]] = [
        ["Ref", "Date", "Client", "Amount"],
        *([x.order, cell(x.day), x.who, x.amount] for x in SALES),
    ]
    return Case(
        "days and months swapped where the day is up to 12",
        {"s.xlsx": lambda p: book(p, {"Sheet1": rows})},
        NET,
        COUNT,
        WHO,
        asks="(?i)day and month|swapped",
        may_ask=True,
        days=days(SALES),
    )


def weeks() -> Case:
    rows = [[f"KW {x.day.isocalendar().week:02}/{x.day.isocalendar().year}", x.who, _de(x.amount)] for x in SALES]
    return Case(
        "calendar weeks in German",
        {"w.csv": text(["Kalenderwoche", "Kunde", "Umsatz"], rows, ";")},
        NET,
        None,
        WHO,
        asks="(?i)week",
        may_ask=True,
    )


def quarters() -> Case:
    rows = [[f"{(x.day.month + 2) // 3} кв. {x.day.year}", x.who, x.amount] for x in SALES]
    return Case(
        "quarters in rows, Russian",
        {"q.csv": text(["Квартал", "Клиент", "Выручка"], rows)},
        NET,
        None,
        WHO,
        asks="(?i)quarter",
        may_ask=True,
    )


def fiscal_periods() -> Case:
    rows = [[f"FY{x.day.year % 100} P{x.day.month:02}", x.who, x.amount] for x in SALES]
    return Case(
        "periods of a fiscal year", {"f.csv": text(["Period", "Customer", "Revenue"], rows)}, asks="(?i)fiscal|period"
    )


def two_signs() -> Case:
    rows = [[x.order, x.day, x.who, f"{'US$' if x.order % 3 else 'A$'} {x.amount}"] for x in SALES]
    return Case(
        "dollars of two countries",
        {"s.csv": text(["Order", "Date", "Customer", "Amount"], rows)},
        asks="(?i)currenc|different texts",
    )


def mixed_ends() -> Case:
    lines = text(
        ["Order", "Date", "Customer", "Amount"], [[x.order, x.day, x.who, x.amount] for x in SALES]
    ).splitlines()
    mixed = "".join(f"{line}{chr(13) + chr(10) if n % 3 else chr(10)}" for n, line in enumerate(lines))
    return Case("line ends of two systems", {"s.csv": mixed}, NET, COUNT, WHO)


# 6. Words.


def credit_kind_in_french() -> Case:
    rows = [
        [
            f"{'AV' if o % 6 == 0 else 'FA'}{o}",
            x.day.strftime("%d/%m/%Y"),
            x.who,
            "Avoir" if o % 6 == 0 else "Facture",
            amount,
        ]
        for o, x, amount in HEADS
    ]
    back = float(sum(amount for o, _, amount in HEADS if o % 6 == 0))
    head = ["Numéro", "Date", "Client", "Type de pièce", "Montant"]
    return Case(
        "credit notes by an unknown word",
        {"v.csv": text(head, rows, ";")},
        NET - 2 * back,
        None,
        None,
        asks="(?i)Avoir",
        may_ask=True,
        answers={"returned": ["Avoir"]},
        roles={"amount": "Montant"},
    )


def unknown_states() -> Case:
    words = ("Abgeschlossen", "In Prüfung", "Archiviert")
    rows = [[o, x.day, x.who, words[o % 3], amount] for o, x, amount in HEADS]
    return Case(
        "states that no list knows",
        {"d.csv": text(["Auftrag", "Datum", "Kunde", "Status", "Betrag"], rows)},
        asks="(?i)In Prüfung",
    )


def returned_lines() -> Case:
    rows = [[x.order, x.day, x.who, x.item, x.amount, x.sku == "A-3"] for x in SALES]
    head = ["Order", "Date", "Customer", "Product", "Sales", "Returned"]
    return Case("a flag says that a line was returned", {"r.csv": text(head, rows)}, asks="(?i)Returned")


def customers_by_number() -> Case:
    numbers = {who: f"K{n:03}" for n, who in enumerate(sorted({x.who for x in SALES}))}
    sheets = {
        "Orders": [
            ["Invoice", "Date", "Customer number", "Item", "Amount"],
            *([x.order, x.day.isoformat(), numbers[x.who], x.item, x.amount] for x in SALES),
        ],
        "Clients": [
            ["Customer number", "Customer", "Branch of business"],
            *([n, who, "Retail"] for who, n in numbers.items()),
        ],
        "Notes": [["What", "When"], ["budget", "2024"], ["plan", "2025"]],
    }
    return Case(
        "a customers sheet headed customer number",
        {"b.xlsx": lambda p: book(p, sheets)},
        NET,
        COUNT,
        WHO,
        says=["(?i)Notes"],
    )


# 7. Containers.


def _csv() -> bytes:
    return text(["Order", "Date", "Customer", "Amount"], [[x.order, x.day, x.who, x.amount] for x in SALES]).encode()


def nested_json() -> Case:
    made = [
        {
            "order": {"number": o, "date": f"{x.day}T10:00:00Z"},
            "customer": {"name": x.who, "id": ord(x.who[0])},
            "amount": float(a),
        }
        for o, x, a in HEADS
    ]
    return Case(
        "objects within a list under a key",
        {"export.json": json.dumps({"data": made})},
        NET,
        COUNT,
        WHO,
        asks="(?i)json",
        may_ask=True,
    )


def zipped_path() -> Case:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("../../sales.csv", _csv())
    return Case("an archive that writes outside its folder", {"s.zip": data.getvalue()}, asks="(?i)path|outside|folder")


def gz_of_tabs() -> Case:
    return Case("tabs in gz", {"s.tsv.gz": gzip.compress(_csv().replace(b",", b"\t"))}, NET, COUNT, WHO)


def two_tables_in_sqlite() -> Case:
    def write(path: Path) -> None:
        with sqlite3.connect(path) as base:
            base.execute("CREATE TABLE sales (order_no, order_date, customer, amount)")
            base.execute("CREATE TABLE settings (key, value)")
            base.executemany(
                "INSERT INTO sales VALUES (?, ?, ?, ?)", [(x.order, str(x.day), x.who, float(x.amount)) for x in SALES]
            )
            base.execute("INSERT INTO settings VALUES ('a', 'b')")
        base.close()

    return Case(
        "a database in a file", {"shop.sqlite3": write}, NET, COUNT, WHO, asks="(?i)sqlite|database", may_ask=True
    )


def named_otherwise() -> Case:
    rows: list[list[object]] = [
        ["Order", "Date", "Customer", "Amount"],
        *([x.order, x.day.isoformat(), x.who, x.amount] for x in SALES),
    ]
    return Case(
        "a workbook named csv",
        {"s.csv": lambda p: book(p, {"Sheet1": rows})},
        NET,
        COUNT,
        WHO,
        asks="(?i)workbook|xlsx",
        may_ask=True,
    )


CASES = [
    hidden_copy,
    sets_by_sku,
    overlap_without_numbers,
    heads_among_lines,
    opening_balances,
    cash_buyers,
    guests_share_an_id,
    order_as_customer,
    rounded_ids,
    ids_with_odd_blanks,
    blank_like,
    credits_in_a_file,
    coupons_on_every_line,
    returned_money_beside,
    instalments,
    total_without_a_word,
    dates_to_come,
    amounts_on_request,
    blank_customers,
    swapped_days,
    weeks,
    quarters,
    fiscal_periods,
    two_signs,
    mixed_ends,
    credit_kind_in_french,
    unknown_states,
    returned_lines,
    customers_by_number,
    nested_json,
    zipped_path,
    gz_of_tabs,
    two_tables_in_sqlite,
    named_otherwise,
]
