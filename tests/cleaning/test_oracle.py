"""Every line again, row by row in plain Python: it must agree with the SQL on every row and every sum."""

import calendar
import csv
import datetime as dt
import io
import re
import shutil
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from kam_analysis.cleaning.lines import classify_lines
from kam_analysis.errors import UserError
from kam_analysis.facts.customers import make_customer_tables, sum_lines
from kam_analysis.params import Cleaning
from kam_analysis.tables import CUSTOMERS

HEAD = ["customer", "doc", "date", "sku", "qty", "price", "cost", "manager"]
COLUMNS = {
    "customer_id": "customer",
    "order_id": "doc",
    "order_date": "date",
    "sku": "sku",
    "qty": "qty",
    "unit_price": "price",
    "cost": "cost",
    "manager": "manager",
}
ROW = st.tuples(
    st.sampled_from(["7", "007", "7.0", "a", "A", "", "Итого за день"]),
    st.sampled_from(["", "", "1", "2", "C3"]),
    st.sampled_from(
        ["2022-01-31", "2023-03-01", "2023-03-02 23:59", "2024-02-28", "2024-02-20", "2024-02-20", "", "31.01.2024"]
    ),
    st.sampled_from(["A", "A", "POST", "TEST"]),
    st.sampled_from(["1", "2", "-1", "3", "0", ""]),
    st.sampled_from(["10", "0.33335", "0.00005", "10", "x", ""]),
    st.sampled_from(["6", "", "-6", "0.12345"]),
    st.sampled_from(["Ann", "Bob", ""]),
)
FILES = st.lists(st.lists(ROW, min_size=1, max_size=14), min_size=1, max_size=3)
PLACES = Decimal("0.0001")


def money(value):
    return value.quantize(PLACES, ROUND_HALF_UP)


def number(text):
    return Decimal(text) if re.fullmatch(r"-?[0-9.]+", text) else None


def day(text):
    return dt.date.fromisoformat(text[:10]) if re.match(r"\d{4}-\d{2}-\d{2}", text) else None


def expected_reason(line, copy_no, part_rank, rules, as_of):
    """The first reason that holds, None for a kept line."""
    checks = {
        "repeated_across_files": part_rank > 1,
        "same_sale": line["is_older"],
        "exact_duplicate": copy_no > 1 and rules.exact_duplicates == "drop",
        "totals_row": line["on"] is None and line["customer"].startswith("Итого"),
        "no_line": line["on"] is None and not (line["qty"] and line["price"]),
        "no_date": not line["date"],
        "unreadable_date": line["on"] is None,
        "unreadable_number": line["price"] == "x",
        "no_amount": not line["qty"] or not line["price"],
        "test_line": line["sku"] == "TEST",
        "service_line": line["sku"] == "POST" and rules.service_lines == "drop",
        "after_as_of": as_of is not None and line["on"] is not None and line["on"] >= as_of,
    }
    return next((reason for reason, holds in checks.items() if holds), None)


def mark_older(lines, is_numbered):
    """Lines of orders (or customers' days) that a file with later days holds too, where two files are mostly alike."""

    def sale(line):
        return line["on"], line["doc"] or line["customer"]

    told = [line for line in lines if line["on"] and line["net"] is not None]
    last = {file: max(line["on"] for line in told if line["file"] == file) for file in {line["file"] for line in told}}
    first = {file: min(line["on"] for line in told if line["file"] == file) for file in last}
    for one, other in combinations(sorted(last), 2):
        since, until = max(first[one], first[other]), min(last[one], last[other])
        here = [
            line
            for line in told
            if line["file"] in (one, other) and since <= line["on"] <= until and sale(line)[1]
            and bool(line["doc"]) is is_numbered
        ]  # fmt: skip
        sides = [[line for line in here if line["file"] == file] for file in (one, other)]
        both = {sale(line) for line in sides[0]} & {sale(line) for line in sides[1]}
        same = [Counter((sale(line), line["sku"], line["qty"], line["net"]) for line in side) for side in sides]
        met = (same[0] & same[1]).total()
        base = min(len([line for line in side if sale(line) in both or not is_numbered]) for side in sides)
        if met >= 3 and met >= (0.5 if is_numbered else 0.9) * base:
            older = other if last[one] > last[other] else one
            for line in here:
                stands_elsewhere = any(line["row"] == x["row"] and line["file"] != x["file"] for x in lines)
                line["is_older"] |= line["file"] == older and sale(line) in both and not stands_elsewhere


def expected_lines(files, rules, as_of):
    lines = []
    parts_before = defaultdict(int)
    for file, rows in enumerate(files):
        copies = Counter()
        for row in rows:
            copies[row] += 1
            parts_before[row, copies[row]] += 1
            line = dict(zip(HEAD, row, strict=True))
            qty, price = number(line["qty"]), number(line["price"])
            net = None if qty is None or price is None else money(qty * price)
            cost = number(line["cost"])
            if cost is not None and net is not None:
                cost = money(abs(cost) if net > 0 else -abs(cost) if net < 0 else cost)
            line |= {"on": day(line["date"]), "net": net, "cost": cost, "customer": line["customer"].removesuffix(".0")}
            line |= {"file": file, "row": row, "is_older": False}
            line["places"] = (copies[row], parts_before[row, copies[row]])
            lines.append(line)
    for is_numbered in (True, False):
        mark_older(lines, is_numbered)
    for line in lines:
        line["reason"] = expected_reason(line, *line["places"], rules, as_of)
    return lines


def expected_as_of(lines):
    last = max((line["on"] for line in lines if line["reason"] is None), default=None)
    if last is None:
        return None
    days = calendar.monthrange(last.year, last.month)[1]
    return last + dt.timedelta(days=days - last.day + 1 if last.day > days - 3 else 1)


def is_stopped(files, lines):
    """More than half of the given dates or numbers of a column of one file are unreadable, or nobody is left."""
    for rows in files:
        for column, bad in (("date", "31.01.2024"), ("price", "x")):
            given_values = [row[HEAD.index(column)] for row in rows if row[HEAD.index(column)]]
            if 2 * given_values.count(bad) > len(given_values):
                return True
    return not any(line["customer"] for line in lines if line["reason"] is None)


def sums_of(lines, as_of):
    """Per customer: lines, orders, first and last order, net sales, gross sales, 12 months, margin, manager."""
    year_ago = as_of.replace(
        year=as_of.year - 1, day=min(as_of.day, calendar.monthrange(as_of.year - 1, as_of.month)[1])
    )
    found = {}
    for customer in {line["customer"] for line in lines if line["customer"]}:
        own = [line for line in lines if line["customer"] == customer]
        orders = defaultdict(list)
        for line in own:
            orders[line["doc"] or line["on"]].append(line)
        dates = sorted(
            min(line["on"] for line in order if line["net"] > 0)
            for order in orders.values()
            if any(line["net"] > 0 for line in order)
        )
        costed = [line for line in own if line["cost"] is not None]
        found[customer] = {
            "lines": len(own),
            "orders": len(dates),
            "order_days": len(set(dates)),
            "first_order_on": dates[0] if dates else None,
            "last_order_on": dates[-1] if dates else None,
            "orders_12m": sum(on >= year_ago for on in dates),
            "net_sales": sum(line["net"] for line in own),
            "gross_sales": sum(line["net"] for line in own if line["net"] > 0),
            "net_sales_12m": sum(line["net"] for line in own if line["on"] >= year_ago),
            "margin": sum(line["net"] - line["cost"] for line in costed) if costed else None,
            "margin_base": sum(line["net"] for line in costed),
            "manager": manager_of(own, year_ago),
        }
    return found


def manager_of(lines, year_ago):
    for recent in (True, False):
        named = [line for line in lines if line["manager"] and (line["on"] >= year_ago) is recent]
        if named:
            rank = {
                name: (
                    -sum(line["net"] for line in named if line["manager"] == name),
                    -max(line["on"] for line in named if line["manager"] == name).toordinal(),
                    name,
                )
                for name in {line["manager"] for line in named}
            }
            return min(rank, key=rank.get)
    return None


def write(source, files):
    shutil.rmtree(source.folder, ignore_errors=True)
    for number_of_file, rows in enumerate(files):
        text = io.StringIO()
        csv.writer(text).writerows([HEAD, *rows])
        source.write(f"{number_of_file}.csv", text.getvalue())
    source.values["orders"] = {
        "files": "*.csv",
        "columns": COLUMNS,
        "services": {"sku": "POST"},
        "tests": {"sku": "TEST"},
    }


@settings(max_examples=settings.default.max_examples // 5)
@given(
    FILES,
    st.builds(
        Cleaning, service_lines=st.sampled_from(["count", "drop"]), exact_duplicates=st.sampled_from(["keep", "drop"])
    ),
    st.sampled_from([None, None, dt.date(2024, 2, 20), dt.date(2024, 2, 29)]),
)
def test_the_engine_agrees_with_plain_python(source, files, rules, stated_as_of):
    lines = expected_lines(files, rules, stated_as_of)
    as_of = stated_as_of or expected_as_of(lines)
    write(source, files)
    engine = source.engine
    try:
        source.read()
        found_as_of = classify_lines(engine, rules, stated_as_of)
    except UserError:
        assert is_stopped(files, lines)
        return
    assert not is_stopped(files, lines)
    assert found_as_of == as_of

    judged = engine.rows("SELECT customer_id, ordered_on, net_sales, reason FROM lines_classified ORDER BY line_no")
    assert judged == [(line["customer"] or None, line["on"], line["net"], line["reason"]) for line in lines]
    kept = [line for line in lines if line["reason"] is None]
    assert engine.rows("SELECT net_sales, cost FROM order_lines ORDER BY line_no") == [
        (line["net"], line["cost"]) for line in kept
    ]

    engine.put("customers", CUSTOMERS.empty(), CUSTOMERS)
    sum_lines(engine)
    make_customer_tables(engine, as_of)
    expected = sums_of(kept, as_of)
    names = list(next(iter(expected.values())))
    found = engine.rows(f"SELECT customer_id, {', '.join(names)} FROM customer_sums ORDER BY customer_id")
    assert {row[0]: dict(zip(names, row[1:], strict=True)) for row in found} == expected

    months = engine.rows(
        "SELECT customer_id, sum(net_sales), sum(margin), sum(orders) FROM customer_months GROUP BY ALL"
    )
    assert {row[0]: row[1:] for row in months} == {
        customer: (sums["net_sales"], sums["margin"], sums["orders"]) for customer, sums in expected.items()
    }


@settings(max_examples=settings.default.max_examples // 25)
@given(FILES, st.randoms(use_true_random=False))
def test_rows_may_stand_in_any_order(source, files, random):
    def sums():
        try:
            source.read()
            as_of = classify_lines(source.engine, Cleaning(), None)
        except UserError:
            return None
        source.engine.put("customers", CUSTOMERS.empty(), CUSTOMERS)
        sum_lines(source.engine)
        make_customer_tables(source.engine, as_of)
        return as_of, source.engine.rows("SELECT * FROM customer_sums ORDER BY customer_id")

    write(source, files)
    before = sums()
    for rows in files:
        random.shuffle(rows)
    write(source, files)
    assert sums() == before
