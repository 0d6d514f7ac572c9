"""What the chapter says follows from the tables it shows."""

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.cleaning import chapter
from kam_analysis.cleaning.chapter import Input, Meaning
from kam_analysis.cleaning.losses import large_losses
from kam_analysis.cleaning.source import OrderSpans
from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Cleaning
from kam_analysis.sources.profile import ORDER_ROLES
from kam_analysis.tables import OPTIONAL, published
from kam_analysis.vocabulary import Rejection

PUBLISHED = published("cleaning")

LINES = pd.DataFrame(
    [
        ("a.csv", None, None, True, 6, 90.0),
        ("a.csv", None, None, False, 1, 10.0),
        ("a.csv", None, "no_date", True, 2, 0.1),
        ("b.xlsx", "May", "no_date", True, 1, 0.2),
        ("b.xlsx", "May", "repeated_across_files", True, 2, -0.3),
    ],
    columns=["file", "sheet", "reason", "is_identified", "rows", "net_sales"],
).astype({"sheet": "str", "reason": "str"})
LINES = LINES.assign(is_nobody=False)


SMALL = Cleaning(large_loss=0.5)  # no loss of these frames is large


def checked(finding):
    """A finding whose table keeps its contract."""
    PUBLISHED[finding.name].check(finding.table)
    return finding


def test_rows_and_money_read_are_kept_plus_rejected():
    finding = checked(chapter.line_status(LINES, Cleaning()))
    found = finding.numbers
    assert (found["rows_in"], found["rows_kept"], found["rows_rejected"]) == (12, 7, 5)
    # 90 + 10 + 0.1 + 0.2 − 0.3: the rejected money is exactly 0
    assert (found["net_sales_in"], found["net_sales_kept"], found["net_sales_rejected"]) == (100.0, 100.0, 0.0)
    assert (found["rows_without_customer"], found["net_sales_without_customer"]) == (1, 10.0)
    assert (found["rejected.no_date.rows"], found["rejected.no_date.net_sales"]) == (3, 0.3)
    assert found["rejected.test_line.rows"] == 0
    assert {f"rejected.{reason}.rows" for reason in Rejection} <= set(found)
    # 3 of the 10 rows that are lines; the 2 that stand twice are none
    assert finding.sentence.values == {"rows": 3, "share": 0.3, "net": 0.3, "reason": Rejection.NO_DATE.label}
    shares = finding.table.set_index(["status", "reason"]).rows_share
    assert shares[("rejected", "no_date")] == 3 / 12


@pytest.mark.parametrize(("limit", "warns"), [(0.0999, True), (0.1, False)])
def test_money_without_a_customer_is_said_first_above_the_limit(limit, warns):
    kept = LINES[LINES.reason.isna()]  # 1 of 7 rows and 10 of 100 are nobody's
    assert len(large_losses(kept, 1 / 7)) == 0 and len(large_losses(kept, 1 / 7 - 1e-9)) == 1
    of_money = kept.assign(rows=[20, 1])
    assert [loss.net_sales_share for loss in large_losses(of_money, limit)] == ([0.1] if warns else [])
    template = chapter.line_status(of_money, Cleaning(large_loss=limit)).sentence.template
    assert ("name no customer" in template) is warns


def test_money_far_from_all_other_dates_is_a_loss_too():
    far = LINES[LINES.reason.isna()].assign(rows=[99, 1], net_sales=[900.0, 100.0], reason=[None, "far_date"])
    assert [(loss.name, loss.net_sales_share) for loss in large_losses(far, 0.05)] == [("far_date", 0.1)]


def test_what_stands_twice_is_said_before_what_is_kept():
    finding = chapter.line_status(LINES, SMALL)
    assert finding.sentence.values == {"net": -0.3, "rows": 2, "kept": 7, "all": 12}
    others = LINES[LINES.reason != "repeated_across_files"]
    finding = chapter.line_status(others, SMALL)
    assert finding.sentence.values == {"kept": 7, "rows": 10, "rejected": 3, "money": 0.3}


def test_all_rows_kept_needs_no_word_of_rejected_ones():
    finding = chapter.line_status(LINES[LINES.reason.isna()], SMALL)
    assert finding.sentence.values == {"rows": 7, "net": 100.0}


def test_totals_are_told_apart_from_what_is_lost():
    totals = pd.DataFrame([("a.csv", None, "totals_row", True, 4, 300.0, False)], columns=LINES.columns)
    once = LINES[LINES.reason != "repeated_across_files"]
    finding = chapter.line_status(pd.concat([once, totals.astype(LINES.dtypes)]), SMALL)
    assert finding.sentence.values == {"kept": 7, "rows": 14, "rejected": 3, "money": 0.3, "totals": 4}
    assert finding.numbers["net_sales_rejected"] == 300.3
    finding = chapter.line_status(pd.concat([LINES[LINES.reason.isna()], totals.astype(LINES.dtypes)]), SMALL)
    assert finding.sentence.values == {"kept": 7, "rows": 11}


def test_every_file_and_sheet_reconciles():
    found = checked(chapter.file_rows(LINES)).table.set_index("file")
    assert found.rows_read.to_dict() == {"a.csv": 9, "b.xlsx": 3}
    assert (found.rows_kept + found.rows_rejected).tolist() == found.rows_read.tolist()
    assert found.net_sales_rejected.to_dict() == {"a.csv": 0.1, "b.xlsx": -0.1}


def months_of(*months):
    return pd.DataFrame(
        [("a", month, net, orders) for month, net, orders in months],
        columns=["customer_id", "month", "net_sales", "orders"],
    ).assign(month=lambda frame: pd.to_datetime(frame.month), margin=float("nan"))


def orders_on(*days):
    return pd.DataFrame({"customer_id": "a", "ordered_on": pd.to_datetime(list(days))})


def test_months_without_sales_stand_in_the_table_and_partial_ones_are_marked():
    months = months_of(("2024-01-01", 5.0, 1), ("2024-03-01", 7.0, 1), ("2024-04-01", 1.0, 1))
    orders = orders_on("2024-01-02", "2024-03-05", "2024-04-05")
    calendar = Calendar(dt.date(2024, 1, 2), dt.date(2024, 4, 11))
    finding = checked(chapter.company_months(months, orders, calendar, "Small"))
    found = finding.table
    assert found.net_sales.tolist() == [5.0, 0.0, 7.0, 1.0]
    assert found.orders.tolist() == found.customers.tolist() == [1, 0, 1, 1]
    assert found.days.tolist() == [31, 29, 31, 10]
    assert found.is_partial.tolist() == [False, False, False, True]
    assert found.margin.isna().all()
    assert finding.sentence.values == {
        "month": pd.Timestamp("2024-03-01"),
        "net": 7.0,
    }  # the last complete month was the best
    assert [caveat.head.template for caveat in finding.caveats] == [
        "Less than two years of data", "The last month is not over", "Months without an order"
    ]  # fmt: skip


def test_a_month_of_returns_alone_is_not_called_the_best():
    months, orders = months_of(("2024-01-01", -5.0, 0), ("2024-02-01", -7.0, 0)), orders_on("2024-03-05")
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 11))
    sentence = chapter.company_months(months, orders, calendar, "Small").sentence
    assert sentence.template.startswith("No complete month has net sales above 0")
    assert sentence.values["net"] == -7


def test_without_a_complete_month_nothing_is_compared():
    months, orders = months_of(("2024-01-01", 5.0, 1)), orders_on("2024-01-05")
    calendar = Calendar(dt.date(2024, 1, 5), dt.date(2024, 1, 6))
    table = chapter.company_months(months, orders, calendar, "Small").table
    assert "no complete month" in chapter.company_months(months, orders, calendar, "Small").sentence.template
    for tile in (chapter.sales_tile(table), chapter.active_tile(table, orders)):
        assert tile.value is None and tile.absent


@pytest.mark.parametrize(
    ("count", "now", "then"),
    [(24, 12, 12), (23, 3, 3), (15, 3, 3), (14, 1, 1), (13, 1, 1), (12, 12, 0), (3, 3, 0), (2, 1, 0), (0, 0, 0)],
)
def test_months_are_compared_with_the_same_months_a_year_before_or_not_at_all(count, now, then):
    table = pd.DataFrame(
        {"month": pd.date_range("2022-01-01", periods=count + 1, freq="MS"), "is_partial": [False] * count + [True]}
    )
    last, before = chapter.compared_months(table)
    assert (len(last), len(before)) == (now, then)
    for month, earlier in zip(last["month"], before["month"], strict=False):
        assert month == earlier + pd.DateOffset(years=1)


def test_the_tiles_compare_with_the_year_before():
    months = pd.DataFrame(
        {
            "month": pd.date_range("2024-01-01", periods=13, freq="MS"),
            "net_sales": [100.0] + [7.0] * 11 + [80.0],
            "orders": 1,
            "is_partial": False,
        }
    )
    tile = chapter.sales_tile(months)
    assert tile.value.values == {"net": 80.0}
    assert tile.change.values["change"] == pytest.approx(-0.2)
    assert (tile.change.values["before"], tile.is_up) == (100.0, False)
    days = ["2024-01-31", "2024-12-31", "2025-01-01", "2025-01-31"]
    orders = pd.DataFrame({"customer_id": ["a", "c", "a", "b"], "ordered_on": pd.to_datetime(days)})
    tile = chapter.active_tile(months, orders)
    assert (tile.value.values, tile.change.values["change"], tile.is_up) == ({"n": 2}, 1.0, True)
    assert chapter.sales_tile(months.tail(12)).change is None


def test_the_margin_is_of_the_lines_with_a_cost():
    months = pd.DataFrame(
        {
            "month": pd.to_datetime(["2024-01-01", "2024-02-01"]),
            "margin": [None, 30.0],
            "orders": [1, 3],
            "is_partial": False,
        }
    )
    tile = chapter.margin_tile(months)
    assert (tile.value.values, tile.change) == ({"net": 30.0}, None)  # nothing to compare with before
    tile = chapter.margin_tile(months.assign(margin=None))
    assert tile.value is None and tile.absent.template == "The source has no cost."


@pytest.mark.parametrize(("before", "net"), [(0.0, 80.0), (-5.0, 80.0)])
def test_no_change_is_told_from_a_base_that_is_not_positive(before, net):
    months = pd.DataFrame(
        {
            "month": pd.date_range("2024-01-01", periods=13, freq="MS"),
            "net_sales": [before] + [7.0] * 11 + [net],
            "orders": 1,
            "is_partial": False,
        }
    )
    assert chapter.sales_tile(months).change is None


@pytest.mark.parametrize(
    ("kept", "nobody", "share"),
    [
        (100.0, 10.0, 0.9),
        (100.0, 0.0, 1.0),
        (0.0, 0.0, None),
        (-5.0, 1.0, None),
        (100.0, 110.0, None),
        (100.0, -1.0, None),
    ],
)
def test_the_share_of_sales_with_a_customer(kept, nobody, share):
    numbers = {"net_sales_kept": kept, "net_sales_without_customer": nobody, "rows_kept": 5, "rows_without_customer": 1}
    tile = chapter.identified_tile(numbers)
    assert (tile.value.values["share"] if tile.value else None) == share
    assert tile.n.values == {"identified": 4, "kept": 5}


FLAGS = pd.DataFrame(
    {
        "flag": [
            *("zero", "negative", "cancelled", "cancelled_positive", "service", "exact_duplicate", "without_customer")
        ],
        "rows": [1, 2, 3, 1, 4, 5, 6],
        "net_sales": [0.0, -7.5, -7.0, 2.0, 3.0, 2.0, 1.0],
    }
)


@pytest.mark.parametrize(
    ("spans", "share", "warned"),
    [(OrderSpans(20, 9, 1), 0.05, False), (OrderSpans(20, 9, 2), 0.1, True), (OrderSpans(0, 0, 0), None, False)],
)
def test_orders_that_span_more_than_31_days_warn_above_one_in_twenty(spans, share, warned):
    finding = checked(chapter.line_flags(FLAGS, spans))
    assert finding.numbers["orders_over_31_days_share"] == share
    assert ("orders_over_31_days_share_absent" in finding.numbers) == (share is None)
    assert finding.numbers["orders_over_several_days"] == spans.over_several_days
    assert bool(finding.caveats) == warned
    assert finding.sentence.values == {"rows": 2, "money": 7.5}
    assert finding.numbers["kept.zero.rows"] == 1


def test_every_role_and_table_of_a_profile_has_words() -> None:
    unpublished = ("line_id", "parent_line_id", "order_discount", "refund", "order_refund", "kind", "currency")
    assert [meaning.value for meaning in Meaning] == [role for role in ORDER_ROLES if role not in unpublished]
    assert {table.value for table in Input} == set(OPTIONAL)


def test_columns_used_and_missing_are_counted():
    roles = pd.DataFrame(
        {
            "role": ["amount", "sku", "cost"],
            "source_column": pd.Series(["Sum", "Code", None], dtype="str"),
            "filled_rows": [2, 1, 0],
            "filled_share": [1.0, 0.5, None],
            "confidence": [None, 0.9, None],
            "guessed_by": pd.Series([None, "a known word", None], dtype="str"),
        }
    )
    finding = checked(chapter.column_roles(roles))
    assert finding.sentence.values == {"n": 2, "m": 1}
    assert "confidence" in finding.show and finding.base is not None
    assert "confidence" not in chapter.column_roles(roles.assign(confidence=None)).show


def test_missing_tables_say_what_is_switched_off():
    inputs = pd.DataFrame({"input": ["customers", "survey"], "rows": [5, 0]})
    finding = checked(chapter.input_tables(inputs))
    assert finding.sentence.values == {"n": 1, "m": 2}
    assert finding.numbers == {"inputs.customers.rows": 5, "inputs.survey.rows": 0}
    assert chapter.input_tables(inputs.assign(rows=1)).sentence.values == {"n": 2, "m": 2}


def test_numbers_of_the_base():
    facts = pd.DataFrame(
        {
            "orders": [2, 0],
            "net_sales": [0.3, -0.1],
            "first_order_on": pd.to_datetime(["2024-01-02", None]),
            "last_order_on": pd.to_datetime(["2024-02-03", None]),
        }
    )
    calendar = Calendar(dt.date(2024, 1, 2), dt.date(2024, 2, 4))
    assert chapter.base_numbers(facts, calendar, None) == {
        "customers": 2,
        "buyers": 1,
        "orders": 2,
        "net_sales": 0.2,
        "first_order_on": "2024-01-02",
        "last_order_on": "2024-02-03",
        "as_of": "2024-02-04",
        "compare_as_of": None,
        "compare_as_of_absent": "the data do not reach back 3 months",
    }
    nobody = chapter.base_numbers(facts[1:], calendar, dt.date(2024, 1, 20))
    assert (nobody["buyers"], nobody["first_order_on"], nobody["compare_as_of"]) == (0, None, "2024-01-20")
    assert nobody["first_order_on_absent"] == nobody["last_order_on_absent"] == "no customer has an order"


def test_sensitive_columns_that_were_not_read_are_named() -> None:
    inputs = pd.DataFrame({"input": ["customers"], "rows": 1})
    assert not chapter.input_tables(inputs).caveats
    [caveat] = chapter.input_tables(inputs, ("customers.tax_id",)).caveats
    assert "KAM_SALT" in caveat.text.template and len(caveat.text.values["names"]) == 1


def test_columns_that_say_nothing_are_named_by_table() -> None:
    inputs = pd.DataFrame({"input": ["customers"], "rows": 1})
    [caveat] = checked(chapter.input_tables(inputs, blank={"customers": ("parent_id", "consent")})).caveats
    [name] = caveat.text.values["names"]
    assert [label.template for label in name.values["columns"]] == ["Parent group", "Consent"]


def test_blank_columns_and_several_units_are_said():
    roles = pd.DataFrame(
        {"role": ["qty"], "source_column": pd.Series(["N"], dtype="str"), "filled_rows": [2], "filled_share": [1.0]}
    ).assign(confidence=None, guessed_by=pd.Series([None], dtype="str"))
    assert chapter.column_roles(roles, units=[("kg", 2)]).caveats == []
    lacking, units = checked(chapter.column_roles(roles, [("b.csv", "Rep")], [("kg", 2), ("pcs", 1)])).caveats
    assert [name.values for name in lacking.text.values["names"]] == [{"column": "Rep", "file": "b.csv"}]
    assert [name.values for name in units.text.values["names"]] == [{"name": "kg", "n": 2}, {"name": "pcs", "n": 1}]


def test_monthly_data_are_told():
    months = months_of(*((f"2024-0{month}-01", 5.0, 1) for month in (1, 2, 3)))
    calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 4, 1))

    def told(*days):
        found = chapter.company_months(months, orders_on(*days), calendar, "Small").caveats
        return "The data are monthly" in [caveat.head.template for caveat in found]

    assert told("2024-01-01", "2024-02-01", "2024-03-01")
    assert not told("2024-01-01", "2024-02-01", "2024-03-02") and not told("2024-01-01", "2024-02-01")
