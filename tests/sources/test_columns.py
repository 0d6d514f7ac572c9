"""How one cell becomes an id, a date or a number."""

import pytest

from kam_analysis.errors import UserError

HEAD = "customer;date;amount\n"


def read(source, *, customer="1", date="2024-01-05", amount="1", **orders):
    """One line whose cells are given, followed by three plain ones so that a single bad cell does not stop the run."""
    plain = (
        "".join(f"9;{orders.pop('plain_date', '2024-01-05')};{orders.pop('plain_amount', '1')}\n" for _ in range(1)) * 3
    )
    source.orders(**orders).write("sales.csv", HEAD + f"{customer};{date};{amount}\n" + plain)
    return source.read().iloc[0]


@pytest.mark.parametrize(
    ("text", "customer"),
    [
        ("007", "007"),
        ("  7 ", "7"),
        ("\u00a0Ab c\u00a0\t", "Ab c"),
        ("17850.0", "17850"),
        ("-3.00", "-3"),
        ("17850.10", "17850.10"),
        ("1.0.0", "1.0.0"),
        ("a.0", "a.0"),
        ("17.850", "17.850"),
        ("aB", "aB"),
        ("NA", "NA"),
        ("null", "null"),
        ("nan", "nan"),
        ("1e5", "1e5"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ('"=HYPERLINK(""x"")"', '=HYPERLINK("x")'),
        ("../../x", "../../x"),
        ("'); DROP TABLE lines_read; --", "'); DROP TABLE lines_read; --"),
        ("ООО «Ромашка»", "ООО «Ромашка»"),
    ],
)
def test_an_id_is_the_text_of_the_source_trimmed(source, text, customer):
    assert read(source, customer=f'"{text}"' if ";" in text else text).customer_id == customer


@pytest.mark.parametrize("text", ["", "   ", "\u00a0", "\t"])
def test_blanks_are_no_id(source, text):
    assert read(source, customer=text)[["customer_id"]].isna().all()


def test_a_whole_id_in_a_file_with_decimal_commas(source):
    # the point groups thousands there: 17.000 is no 17
    source.orders(decimal=",").map(sku="sku").write("sales.csv", "customer;date;amount;sku\n17,0;2024-01-05;1;17.000\n")
    assert source.read()[["customer_id", "sku"]].values.tolist() == [["17", "17.000"]]


def test_unit_values_and_item_codes_are_read_like_ids(source):
    source.map(manager="m", sku="s", country="c", item="i")
    source.write("sales.csv", "customer,date,amount,m,s,c,i\n1,2024-01-05,1, 12.0 ,0071.0,France ,3.0\n")
    assert source.read()[["manager", "sku", "country", "item"]].values.tolist() == [["12", "0071", "France", "3.0"]]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-02-29", "2024-02-29"),
        ("2024-2-9", "2024-02-09"),
        ("2024/02/09", "2024-02-09"),
        (" 2024-01-31 23:59:59.999 ", "2024-01-31"),
        ("2024-01-31T00:00:00Z", "2024-01-31"),
        ("2024-01-31T23:30:00-05:00", "2024-01-31"),  # 1 February in UTC, 31 January where it was written
        ("2024-02-01T00:30:00+03:00", "2024-02-01"),  # 31 January in UTC
        ("1900-01-02", "1900-01-02"),
        ("2099-12-31", "2099-12-31"),
        ("1900-01-01", None),  # day 1 of a spreadsheet: an empty date
        ("2100-01-01", None),
        ("2023-02-29", None),
        ("2024-13-01", None),
        ("24-01-05", None),
        ("05.01.2024", None),
        ("01/05/2024", None),
        ("20240105", None),
        ("45292", None),
        ("2024-01", None),
        ("2024-01-05 bis", None),
        ("soon", None),
    ],
)
def test_a_date_is_the_calendar_day_as_written(source, text, day):
    line = read(source, date=text)
    assert str(line.ordered_on)[:10] == (day or "NaT")
    assert line.date_text == text.strip()
    assert line.unreadable == ("" if day else "order_date")


def test_no_date_is_not_an_unreadable_date(source):
    line = read(source, date="  ")
    assert line[["ordered_on", "date_text"]].isna().all()
    assert line.unreadable == ""


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("%d.%m.%Y", "03.04.2024", "2024-04-03"),
        ("%d.%m.%Y", "3.4.2024", "2024-04-03"),
        ("%m/%d/%Y", "03/04/2024", "2024-03-04"),
        ("%Y%m%d", "20240403", "2024-04-03"),
        ("%d.%m.%Y %H:%M", "31.12.2024 23:59", "2024-12-31"),
        ("%d.%m.%Y", "31.04.2024", None),
        ("%d.%m.%Y", "04/03/2024", None),
        ("%d.%m.%Y", "2024-04-03", None),
        ("%d.%m.%Y", "03.04.1824", None),
        ("%d.%m.%Y", "03.04.2024.", "2024-04-03"),  # a Serbian or Macedonian way
        ("%d.%m.%Y", "3. 4. 2024.", "2024-04-03"),
        ("%d.%m.%Y", "03.04.2024 г.", "2024-04-03"),
        ("%d.%m.%Y", "03.04.", None),
        ("%d.%m.%Y %H:%M", "31.12.2024. 23:59", "2024-12-31"),
        ("%d.%m.%Y", "3 апреля 2024", None),
    ],
)
def test_a_stated_format_is_the_only_one(source, form, text, day):
    plain = {"%d.%m.%Y": "01.01.2024", "%m/%d/%Y": "01/01/2024", "%Y%m%d": "20240101"}.get(form, "01.01.2024 10:00")
    assert str(read(source, date=text, date_format=form, plain_date=plain).ordered_on)[:10] == (day or "NaT")


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("%d %B %Y", "3 октября 2023 г.", "2023-10-03"),
        ("%d %b %Y", "3 октября 2023 г.", "2023-10-03"),
        ("%d %B %Y", "3 окт. 2023", "2023-10-03"),
        ("%d %B %Y", "31 МАЯ 2023 года", "2023-05-31"),
        ("%d %B %Y", "1 сент. 2023\u00a0г.", "2023-09-01"),
        ("%d %B %Y %H:%M:%S", "3 октября 2023 г. 10:15:00", "2023-10-03"),
        ("%d %B %Y", "3 јануари 2023", "2023-01-03"),
        ("%d %B %Y", "3 мај 2023 година", "2023-05-03"),
        ("%d %B %Y", "3 ное. 2023", "2023-11-03"),
        ("%d. %B %Y.", "3. oktobra 2023.", "2023-10-03"),
        ("%d. %B %Y.", "3. avg 2023. godine", "2023-08-03"),
        ("%d %B %Y", "3. фебруар 2023.", "2023-02-03"),
        ("%d. %B %Y", "3. März 2023", "2023-03-03"),
        ("%d-%b-%y", "03-окт-23", "2023-10-03"),
        ("%d-%b-%y", "03-Dez.-23", "2023-12-03"),
        ("%B %d, %Y", "October 3rd, 2023", "2023-10-03"),
        ("%b %d, %Y", "Октября 3, 2023", "2023-10-03"),
        ("%d %B %Y", "31 ноября 2023", None),
        ("%d %B %Y", "3 брюмера 2023", None),
        ("%d %B %Y", "октябрь 2023", None),
        ("%d %B %Y", "3 октября", None),
        ("%d %B %Y", "October 2023 Total", None),
        ("%d %B %Y", "03.10.2023", None),
    ],
)
def test_months_are_known_by_name_in_many_languages(source, form, text, day):
    plain = {"%d-%b-%y": "01-Jan-24", "%d %B %Y %H:%M:%S": "1 января 2024 г. 10:00:00"}.get(form)
    plain = plain or ("January 1, 2024" if form[1] in "Bb" else "1. January 2024.")
    found = read(source, date=f'"{text}"', date_format=form, plain_date=f'"{plain}"')
    assert str(found.ordered_on)[:10] == (day or "NaT")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("45202", "2023-10-03"),
        ("45202.75", "2023-10-03"),
        ("45202,75", "2023-10-03"),
        ("60", "NaT"),
        ("36526", "2000-01-01"),
        ("2023-10-03", "2023-10-03"),
        ("2023-10-03T10:15:00", "2023-10-03"),
        ("03.10.2023", "NaT"),
        ("452022", "NaT"),
        ("99999", "NaT"),  # in 2173
    ],
)
def test_day_numbers_of_a_spreadsheet(source, text, day):
    assert str(read(source, date=text, date_format="excel", plain_date="45200").ordered_on)[:10] == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", 12.0),
        (" -12.50 ", -12.5),
        ("+3", 3.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("0.00005", 0.0001),  # half away from zero
        ("-0.00005", -0.0001),
        ("0.0000499999999999999999", 0.0),
        ("2.00015", 2.0002),
        ("-2.00025", -2.0003),
        ("1\u00a0234.5", 1234.5),  # blanks that only group
        ("1\u202f234", 1234.0),
        ("99999999999999.9999", 99999999999999.9999),
        ("100000000000000", None),  # does not fit DECIMAL(18,4)
        ("99999999999999.99995", None),
        ("1,5", None),
        ("1,234.5", None),
        ("1 234", None),
        ("1_000", None),
        ("0x1F", None),
        ("12 EUR", None),
        ("(12)", -12.0),
        ("( 12.50 )", -12.5),
        ("12-", -12.0),
        ("12.50 -", -12.5),
        ("\u22125", -5.0),  # a typographic minus
        ("\u20135", -5.0),
        ("- 5", -5.0),
        ("(1\u00a0234.5)", -1234.5),
        ("(-12)", None),
        ("-12-", None),
        ("(12", None),
        ("()", None),
        ("(1,234.5)", None),
        ("2024-01-", None),
        ("--1", None),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        (".", None),
        ("-", None),
        ("#N/A", None),
    ],
)
def test_a_number_is_exact_or_unreadable(source, text, amount):
    line = read(source, amount=text)
    assert line.is_number_unreadable == (amount is None)
    assert line.unreadable == ("amount" if amount is None else "")
    assert [line.net_sales] == [amount] if amount is not None else line[["net_sales"]].isna().all()


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "amount"),
    [
        (",", "", "1234,56", 1234.56),
        (",", "", "1234.56", None),  # a point is no sign of this file
        (",", "", "1.234", None),  # 1,234 or 1234: not guessed
        (",", ".", "1.234,56", 1234.56),
        (",", ".", "1234,56", 1234.56),
        (",", ".", "1.234", 1234.0),
        (",", ".", "-1.234.567,8", -1234567.8),
        (",", ".", "12.34", None),  # no group of three
        (",", ".", "1.2345", None),
        (",", ".", "1234.567", None),
        (",", ".", "1,234.5", None),
        (".", ",", "1,234.50", 1234.5),
        (".", ",", "12,34,567", 1234567.0),  # lakh
        (".", ",", "1,5,000", None),
        (".", ",", "1,50", None),
        (".", ",", "1,5", None),
        (".", ",", ",5", None),
        (",", " ", "1 234,5", 1234.5),
        (".", "'", "1'234.5", 1234.5),
        (",", "", ",5", 0.5),
        (",", " ", "1 234,50-", -1234.5),
        (",", " ", "(1 234,50)", -1234.5),
        (",", "", "1 234,50-", None),
        (",", ".", "\u22121.234,5", -1234.5),
        (".", ",", "(12,34,567.5)", -1234567.5),
        (".", ",", "(1,50)", None),
        (".", "'", "1'234.5-", -1234.5),
    ],
)
def test_decimal_and_thousands_are_those_of_the_profile(source, decimal, thousands, text, amount):
    line = read(source, amount=text, decimal=decimal, thousands=thousands)
    assert line.is_number_unreadable == (amount is None)
    assert amount is None or line.net_sales == amount


@pytest.mark.parametrize("text", ["($4,563.73)", "-$4,563.73", "$-4,563.73", "$4,563.73-", "(4,563.73 $)"])
def test_a_negative_number_beside_a_unit(source, text):
    assert read(source, amount=text, thousands=",", unit="$").net_sales == -4563.73


def test_no_amount_is_not_an_unreadable_amount(source):
    line = read(source, amount=" ")
    assert (line.has_money_text, line.is_number_unreadable, line.unreadable) == (False, False, "")


def many(source, column, values, **orders):
    cells = {"customer": "1", "date": "2024-01-05", "amount": "1", "cost": "1"}
    rows = [";".join({**cells, column: value}.values()) for value in values]
    source.orders(**orders).map(cost="cost").write("sales.csv", ";".join(cells) + "\n" + "\n".join(rows) + "\n")
    return source.read()


@pytest.mark.parametrize(
    ("column", "bad", "said"),
    [
        (
            "date",
            "05.01.2024",
            r"column date: unreadable dates \(3 times, e\.g\. row 2: '05\.01\.2024'; .*Cure: orders\.date_format",
        ),
        (
            "amount",
            "1,5",
            r"column amount: unreadable numbers \(3 times, e\.g\. row 2: '1,5'; .*Cure: orders\.decimal and orders",
        ),
        ("cost", "x", r"sales\.csv, column cost: unreadable numbers \(3 times"),
    ],
)
def test_more_than_half_unreadable_stops_the_run(source, column, bad, said):
    with pytest.raises(UserError, match=said):
        many(source, column, [bad] * 3 + [{"date": "2024-01-05"}.get(column, "2")] * 2 + [""] * 9)


@pytest.mark.parametrize(("column", "bad"), [("date", "05.01.2024"), ("amount", "1,5"), ("cost", "x")])
def test_half_unreadable_does_not(source, column, bad):
    lines = many(source, column, [bad] * 3 + [{"date": "2024-01-05"}.get(column, "2")] * 3)
    assert (lines.unreadable != "").sum() == 3
    assert lines.is_number_unreadable.sum() == (3 if column == "amount" else 0)


def test_two_currencies_stop_the_run(source):
    source.map(currency="cur").write("a.csv", "customer,date,amount,cur\n1,2024-01-05,1,EUR\n1,2024-01-05,1,\n")
    assert len(source.read()) == 2
    source.write("b.csv", "customer,date,amount,cur\n1,2024-01-05,1,USD\n")
    with pytest.raises(UserError, match=r"column cur: amounts of more than one currency \(e\.g\. EUR: 1; USD: 1\)"):
        source.read()


def test_money_in_thousands_is_multiplied_before_it_is_rounded(source):
    source.orders(scale={"amount": 1000}, cost="line").map(cost="cost")
    found = source.write("a.csv", "customer,date,amount,cost\n1,2024-01-05,1.2345678,7\n").read()
    assert found[["net_sales", "cost"]].values.tolist() == [[1234.5678, 7.0]]


def test_money_too_large_to_be_added_may_be_stated_in_thousands(source):
    source.write("a.csv", "customer,date,amount\n1,2024-01-05,2000000000000\n")
    with pytest.raises(UserError, match=r"too large to be added exactly.*orders\.scale: \{amount: 0\.001\}"):
        source.clean()
    assert source.orders(scale={"amount": 0.001}).read().net_sales.tolist() == [2e9]


def test_months_and_prices_may_be_in_thousands(source):
    source.values["orders"] = {
        "files": "*.csv",
        "columns": {"customer_name": "customer"},
        "months": {"jan": "2024-01"},
        "scale": {"amount": 1000},
    }
    assert source.write("a.csv", "customer,jan\nAcme,2.5\n").read().net_sales.tolist() == [2500.0]


def test_several_texts_may_stand_beside_numbers(source):
    source.orders(unit=["шт", "руб", "тыс. руб"]).map(qty="n")
    found = source.write("a.csv", "customer,date,amount,n\n1,2024-01-05,12 руб,3 шт\n1,2024-01-05,1 тыс. руб,\n").read()
    assert found.net_sales.tolist() == [12.0, 1.0] and found.qty.tolist()[0] == 3.0


def test_a_name_may_stand_in_two_columns(source):
    source.orders(combine={"who": ["first", "last"]}).map(customer_id="who")
    text = "first,last,date,amount\nAnn,Lee,2024-01-05,1\n,Ray,2024-01-05,2\n,,2024-01-05,3\n"
    assert source.write("a.csv", text).read().customer_id.fillna("-").tolist() == ["Ann Lee", "Ray", "-"]


def test_the_parts_of_a_name_must_be_there(source):
    source.orders(combine={"who": ["first", "family"]}).map(customer_id="who")
    with pytest.raises(UserError, match=r"a\.csv: no column 'family' .*orders\.combine"):
        source.write("a.csv", "first,last,date,amount\nAnn,Lee,2024-01-05,1\n").read()
