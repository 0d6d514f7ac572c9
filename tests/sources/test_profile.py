import pytest
from pydantic import ValidationError

from kam_analysis.errors import UserError
from kam_analysis.sources.profile import Profile, load_profile

GOOD = """\
title: Acme
orders:
  files: sales.csv
  columns: {customer_id: Customer, order_date: Date, amount: Amount}
"""


@pytest.fixture
def load(tmp_path):
    def load(text, name="acme.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_profile(path)

    return load


def test_a_short_profile_is_enough(load):
    profile = load(GOOD)
    assert profile.orders.files == ("sales.csv",)
    assert (profile.orders.amount, profile.orders.cost, profile.vat, profile.currency) == (
        "net",
        "line",
        "unknown",
        None,
    )
    assert profile.optional() == {}


def test_columns_of_a_file_without_a_head_are_numbers(load):
    text = GOOD.replace(
        "{customer_id: Customer, order_date: Date, amount: Amount}", "{customer_id: 1, order_date: 2, amount: 4}"
    )
    assert load(text).orders.columns == {"customer_id": "1", "order_date": "2", "amount": "4"}


def test_a_bare_on_which_yaml_reads_as_true_is_the_key_of_a_join(load):
    joined = GOOD.replace("  files:", "  joins:\n  - {name: people, files: people.csv, on: {Customer: Id}}\n  files:")
    assert load(joined).orders.joins[0].on == {"Customer": "Id"}


def test_a_missing_profile_names_the_ones_there_are(load, tmp_path):
    load(GOOD)
    with pytest.raises(UserError, match=r"sources/other\.yaml: no such source \(e\.g\. acme\)"):
        load_profile(tmp_path / "other.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: [", "acme.yaml: not readable as YAML"),
        (b"title: \xff", "acme.yaml: not readable as YAML"),
        ("", "acme.yaml: should be keys with values"),
        ("- a", "acme.yaml: should be keys with values"),
        ("title: Acme", "orders: Field required"),
        (GOOD + "colour: red", "acme.yaml, colour: unknown key"),
        (GOOD + "currency: euro", "acme.yaml, currency: String should match pattern"),
        (GOOD.replace("sales.csv", "[]"), "orders.files: Tuple should have at least 1 item"),
        (GOOD.replace("sales.csv", "../secret.csv"), "'../secret.csv': files lie in the source's own folder"),
        (GOOD.replace("sales.csv", "a/../../b.csv"), "files lie in the source's own folder"),
        (GOOD.replace("sales.csv", "/etc/passwd"), "'/etc/passwd': files lie in the source's own folder"),
        (GOOD.replace("sales.csv", "''"), "'': files lie in the source's own folder"),
        (GOOD.replace("sales.csv", "."), "'.': files lie in the source's own folder"),
        (GOOD.replace("customer_id: Customer, ", ""), "customer_id or customer_name is needed"),
        (GOOD.replace("order_date: Date, ", ""), "order_date is needed"),
        (GOOD.replace("amount: Amount", "qty: Qty"), "amount, or qty and unit_price, are needed"),
        (GOOD.replace("amount: Amount", "amount: A, turnover: T"), "unknown roles turnover; allowed: customer_id, "),
        (GOOD.replace("amount: Amount", "amount: A, cost: C, margin: M"), "map cost or margin, not both"),
        (GOOD.replace("amount: Amount", "amount: A, discount: D"), "say whether the discount column is a rate"),
        (GOOD + "  cost: each", "orders.cost: Input should be 'line' or 'unit'"),
        (GOOD.replace("amount: Amount", "amount: A, cost: C") + "  cost: unit", "a cost per unit needs qty"),
        (GOOD + "  decimal: ','\n  thousands: ','", "decimal and thousands are the same sign"),
        (GOOD + "  delimiter: ''", "'': one sign, or the word blanks"),
        (GOOD + "  delimiter: '||'", r"'\|\|': one sign, or the word blanks"),
        (
            GOOD + "  group: Date\n  fill_down: [Date]",
            "fill_down: the date cannot be carried down where rows that head",
        ),
        (
            "title: A\norders: {files: a.csv, columns: {customer_name: A}, months: {B: 2024-01}, fill_down: [A, B]}",
            "fill_down: B holds amounts of a month",
        ),
        (GOOD + "  date_format: dd.mm.yyyy", "'dd.mm.yyyy' names no day"),
        (GOOD + '  date_format: "%m/%Y"', "'%m/%Y' names no day"),
        (GOOD + '  date_format: "%d.%m.%Y %Q"', "'%d.%m.%Y %Q' names no day"),
        (GOOD + "  services: {sku: POST}", "services: sku is not mapped under columns"),
        (GOOD + '  tests: {customer_id: "("}', r"customer_id: '\(' is no regular expression \(missing \)"),
        (GOOD + '  tests: {customer_id: "(?=x)"}', "is no regular expression"),
        (
            GOOD + "customers: {files: c.csv, columns: {shoe_size: S}}",
            "customers.columns: unknown roles shoe_size; allowed: ",
        ),
        (GOOD + "customers: {columns: {name: N}}", "customers.files: Field required"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(load, text, said):
    with pytest.raises(UserError, match=said) as caught:
        load(text)
    assert caught.value.exit_status == 2
    assert "Value error" not in str(caught.value)


def test_everything_wrong_is_said_at_once(load):
    text = """\
orders:
  files: ../x.csv
  columns: {sum: S, cost: C, margin: M}
  decimal: "*"
  services: {sku: "("}
colour: red
"""
    with pytest.raises(UserError) as caught:
        load(text)
    told = str(caught.value)
    for part in ("title", "orders.files", "orders.decimal", "orders.services", "colour"):
        assert f"sources/acme.yaml, {part}: " in told
    with pytest.raises(UserError) as caught:
        load(GOOD.replace("customer_id: Customer, order_date: Date", "sum: S, cost: C, margin: M"))
    for part in ("unknown roles sum", "customer_id or customer_name", "order_date is needed", "cost or margin"):
        assert part in str(caught.value)


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%Y%m%d", "%d/%m/%y %H:%M", "%-d %b %Y", "%Y-%j"])
def test_these_date_formats_name_a_day(load, form):
    assert load(GOOD + f'  date_format: "{form}"').orders.date_format == form


@pytest.mark.parametrize(
    ("columns", "more", "what"),
    [
        ({"month": "m", "order_date": "d", "amount": "a"}, {}, "order_date, or month with year, not both"),
        ({"year": "y", "amount": "a"}, {}, "order_date is needed, or month with year"),
        ({"order_date": "d", "amount": "a"}, {"scale": {"cost": 1000}}, "scale: cost is no column of money"),
        ({}, {"months": {"j": "2024-01"}, "month_quantities": {"n": "2024-02"}}, "quantities of months that are not"),
        ({"qty": "q"}, {"months": {"j": "2024-01"}, "month_quantities": {"n": "2024-01"}}, "has no other qty"),
        ({"month": "m"}, {"months": {"j": "2024-01"}}, "a wide table has neither order_date"),
    ],
)
def test_dates_in_parts_scales_and_months_are_held_against_each_other(columns, more, what):
    orders = {"files": "a.csv", "columns": {"customer_id": "c", **columns}, **more}
    with pytest.raises(ValidationError, match=what):
        Profile.model_validate({"title": "x", "orders": orders})
