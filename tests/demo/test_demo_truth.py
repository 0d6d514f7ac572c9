"""The planted truth, counted again from the files by other means than the simulator's."""

import datetime as dt
import statistics
from collections import Counter, defaultdict
from decimal import Decimal, InvalidOperation
from itertools import pairwise

import pytest

YEAR_AGO, AS_OF = dt.date(2025, 1, 1), dt.date(2026, 1, 1)


def day_of(row):
    try:
        return dt.date.fromisoformat(row["date"])
    except ValueError:
        return None


def money_of(row):
    try:
        return Decimal(row["amount"])
    except InvalidOperation:
        return None


@pytest.fixture(scope="module")
def kept(orders_by_file):
    """Lines after repeated, damaged and test lines are gone; each row max(a, b, ...) times over the files."""
    most = Counter()
    for rows in orders_by_file.values():
        for key, times in Counter(tuple(row.items()) for row in rows).items():
            most[key] = max(most[key], times)
    rows = [dict(key) for key, times in most.items() for _ in range(times)]
    return [
        row | {"day": day_of(row), "money": money_of(row)}
        for row in rows
        if day_of(row) and money_of(row) is not None and not row["sku"].startswith("TEST")
    ]


@pytest.fixture(scope="module")
def identified(kept):
    return [row for row in kept if row["customer"]]


@pytest.fixture(scope="module")
def last_year(identified):
    return [row for row in identified if row["day"] >= YEAR_AGO]


@pytest.fixture(scope="module")
def order_days(identified):
    days = defaultdict(set)
    for row in identified:
        if row["money"] > 0:
            days[row["customer"]].add(row["day"])
    return {customer: sorted(found) for customer, found in days.items()}


def extent(rows):
    return {"rows": len(rows), "net_sales": float(sum((money_of(row) or Decimal(0) for row in rows), Decimal(0)))}


def shares(rows, owner=lambda row: row["customer"]):
    sums = Counter()
    for row in rows:
        sums[owner(row)] += row["money"]
    positive = {key: value for key, value in sums.items() if value > 0}
    return {key: value / sum(positive.values()) for key, value in positive.items()}


def by_unit(rows, unit):
    listed = defaultdict(list)
    for row in rows:
        if row[unit]:
            listed[row[unit]].append(row)
    return listed


def test_rows_and_money_in_kept_and_rejected(orders_by_file, kept, truth):
    rows = [row for listed in orders_by_file.values() for row in listed]
    assert truth["lines"]["rows_by_file"] == {name: len(listed) for name, listed in orders_by_file.items()}
    assert truth["lines"]["in"] == extent(rows)
    assert truth["lines"]["kept"] == extent(kept)
    assert truth["lines"]["rejected"]["rows"] == len(rows) - len(kept)


def test_rejected_by_reason(orders_by_file, truth):
    rows = [row for listed in orders_by_file.values() for row in listed]
    found = {
        "no_date": [row for row in rows if not row["date"]],
        "unreadable_date": [row for row in rows if row["date"] and day_of(row) is None],
        "no_amount": [row for row in rows if not row["amount"]],
        "unreadable_number": [row for row in rows if row["amount"] and money_of(row) is None],
        "test_line": [row for row in rows if row["sku"] == "TEST"],
    }
    planted = dict(truth["rejected"])
    repeated = planted.pop("repeated_across_files")
    assert planted == {reason: extent(listed) for reason, listed in found.items()}
    assert repeated["rows"] == truth["lines"]["rejected"]["rows"] - sum(len(listed) for listed in found.values())
    assert min(len(listed) for listed in found.values()) >= 5


def test_no_line_has_two_reasons(orders_by_file):
    rows = [row for listed in orders_by_file.values() for row in listed]
    assert not [row for row in rows if day_of(row) is None and (money_of(row) is None or row["sku"] == "TEST")]


def test_repeated_lines_stand_on_days_that_two_files_share(orders_by_file, truth):
    names = list(orders_by_file)
    repeated = Counter()
    for one, other in pairwise(names):
        first, second = (Counter(tuple(row.items()) for row in orders_by_file[name]) for name in (one, other))
        repeated[one] = sum((first & second).values())
    assert sum(repeated.values()) == truth["rejected"]["repeated_across_files"]["rows"]
    assert [name for name in names if repeated[name]] == ["orders_2023h2.csv", "orders_2024h2.csv"]


def test_two_lines_stand_twice_in_one_file_and_once_in_the_next(orders_by_file):
    first = Counter(tuple(row.items()) for row in orders_by_file["orders_2023h2.csv"])
    second = Counter(tuple(row.items()) for row in orders_by_file["orders_2024h1.csv"])
    first_later = Counter(tuple(row.items()) for row in orders_by_file["orders_2024h2.csv"])
    second_later = Counter(tuple(row.items()) for row in orders_by_file["orders_2025h1.csv"])
    uneven = [key for key in first if first[key] == 2 and second[key] == 1]
    uneven += [key for key in first_later if first_later[key] == 2 and second_later[key] == 1]
    assert len(uneven) == 2


def test_kept_but_marked_lines(kept, truth):
    marks = truth["kept_but_marked"]
    returned = [row for row in kept if row["doc"].startswith("R")]
    cancelled = [row for row in kept if row["doc"].startswith("S")]
    assert marks["without_customer"] == extent([row for row in kept if not row["customer"]])
    assert marks["service_line"] == extent([row for row in kept if row["sku"].startswith(("DELIVERY", "FEE-"))])
    assert marks["return"] == {"documents": len({row["doc"] for row in returned})} | extent(returned)
    assert marks["cancellation"] == {"documents": len({row["doc"] for row in cancelled})} | extent(cancelled)
    assert marks["without_cost"] == extent([row for row in kept if not row["cost"]])
    assert marks["without_manager"] == extent([row for row in kept if not row["manager"]])
    assert min(mark["rows"] for mark in marks.values()) >= 20


def test_exact_duplicates_within_a_file(kept, truth):
    times = Counter(tuple(row.items()) for row in kept)
    extra = [dict(key) for key, found in times.items() for _ in range(found - 1)]
    assert truth["kept_but_marked"]["exact_duplicate"] == extent(extra)


def test_a_cancellation_undoes_its_order_whole(kept):
    cancelled = {row["doc"].removeprefix("S") for row in kept if row["doc"].startswith("S")}
    sums = Counter()
    for row in {tuple(row.items()): row for row in kept}.values():
        if row["doc"].removeprefix("S") in cancelled:
            sums[row["doc"].removeprefix("S")] += row["money"]
    assert sum(value != 0 for value in sums.values()) <= 3  # orders that lost a line to an unreadable amount
    assert len(cancelled) >= 50


def test_company_keys_by_share_are_exactly_the_planted_ones(last_year, truth):
    found = {customer: share for customer, share in shares(last_year).items() if share > Decimal("0.10")}
    planted = {key["customer_id"]: key["planted_share"] for key in truth["keys"]["company"]}
    assert sorted(found) == sorted(planted)
    assert all(float(found[customer]) == pytest.approx(planted[customer], abs=0.005) for customer in planted)
    sums = Counter()
    for row in last_year:
        sums[row["customer"]] += row["money"]
    assert {key["customer_id"]: key["net_sales_12m"] for key in truth["keys"]["company"]} == {
        customer: float(sums[customer]) for customer in planted
    }


def test_department_keys_are_exactly_the_planted_ones(last_year, truth):
    found = set()
    for department, rows in by_unit(last_year, "department").items():
        listed = shares(rows)
        limit = max(Decimal("0.10"), min(Decimal(2) / len(listed), Decimal("0.50")))
        found |= {(customer, department) for customer, share in listed.items() if share > limit}
    assert found == {(key["customer_id"], key["department"]) for key in truth["keys"]["department"]}


def test_a_group_is_key_though_none_of_its_branches_is(last_year, customers, truth):
    parent = {customer: row["parent_id"] for customer, row in customers.items() if row["parent_id"]}
    by_group = shares(last_year, lambda row: parent.get(row["customer"], row["customer"]))
    group = truth["keys"]["group"]
    assert by_group[group["parent_id"]] > Decimal("0.10")
    assert float(by_group[group["parent_id"]]) == pytest.approx(group["planted_share"], abs=0.005)
    branches = [customer for customer, listed in parent.items() if listed == group["parent_id"]]
    assert max(shares(last_year)[branch] for branch in branches) < Decimal("0.05")


def test_dependent_department_and_managers(last_year, truth):
    keys = truth["keys"]
    department = shares(by_unit(last_year, "department")[keys["dependent_department"]["department"]])
    assert max(department, key=department.get) == keys["dependent_department"]["customer_id"]
    assert Decimal("0.40") < max(department.values()) <= Decimal("0.50")
    portfolios = {manager: shares(rows) for manager, rows in by_unit(last_year, "manager").items()}
    assert portfolios[keys["mono_manager"]["manager"]][keys["mono_manager"]["customer_id"]] >= Decimal("0.90")
    for half in keys["managers_over_half"]:
        assert Decimal("0.50") < portfolios[half["manager"]][half["customer_id"]] < Decimal("0.90")


def test_managers_over_the_limit_have_four_key_clients(last_year, truth):
    keys = [key["customer_id"] for key in truth["keys"]["company"] + truth["keys"]["flagged"]]
    sold = Counter()
    for row in last_year:
        sold[row["customer"], row["manager"]] += row["money"]
    owner = {
        key: max((pair for pair in sold if pair[0] == key and pair[1]), key=lambda pair: sold[pair])[1] for key in keys
    }
    load = Counter(owner.values())
    assert {manager: count for manager, count in load.items() if count > 3} == truth["keys"]["managers_over_limit"]
    assert len(truth["keys"]["managers_over_limit"]) == 2


def test_cancelled_giant_is_worth_nothing_net_and_much_gross(identified, truth):
    (giant,) = [truth["keys"]["cancelled_giant"]["customer_id"]]
    money = [row["money"] for row in identified if row["customer"] == giant]
    assert sum(money) == 0
    assert sum(amount for amount in money if amount > 0) > 100_000


def test_leavers_end_on_their_planted_day(order_days, truth):
    for leaver in truth["leavers"]["all"]:
        assert order_days[leaver["customer_id"]][-1].isoformat() == leaver["last_order_on"]
    assert len(truth["leavers"]["all"]) >= 40


def test_large_leavers_are_silent_against_their_rhythm_but_recent(order_days, last_year, truth):
    size = shares(last_year)
    large = truth["leavers"]["large"]
    assert truth["keys"]["company"][1]["customer_id"] in large
    for customer in large:
        days = order_days[customer]
        gap = statistics.median((after - before).days for before, after in pairwise(days))
        assert (AS_OF - days[-1]).days > 4 * gap
        assert days[-1] >= dt.date(2025, 8, 1)
        assert size[customer] > Decimal("0.001")


def test_returners_come_back_after_more_than_a_year(order_days, truth):
    for returner in truth["returners"]:
        days = order_days[returner["customer_id"]]
        silence, back = max((after - before, after) for before, after in pairwise(days))
        assert silence.days > 366
        assert back >= dt.date(2025, 7, 1)
    assert len(truth["returners"]) == 12


def test_groups_stand_in_the_customers_table_unless_unlinked(customers, truth):
    found = defaultdict(list)
    for customer, row in customers.items():
        if row["parent_id"]:
            found[row["parent_id"]].append(customer)
    assert dict(found) == {group["parent_id"]: group["members"] for group in truth["groups"] if group["linked"]}
    assert len(truth["groups"]) == 60
    assert sum(not group["linked"] for group in truth["groups"]) == 5
    assert {len(group["members"]) for group in truth["groups"]} == {2, 3, 4, 5, 6}


def test_duplicate_customers_are_the_only_ones_with_one_tax_id(customers, order_days, truth):
    by_tax_id = defaultdict(list)
    for customer, row in customers.items():
        if row["tax_id"]:
            by_tax_id[row["tax_id"]].append(customer)
    pairs = sorted(sorted(listed) for listed in by_tax_id.values() if len(listed) > 1)
    planted = truth["duplicate_customers"]
    assert pairs == sorted(sorted((pair["customer_id"], pair["second_id"])) for pair in planted)
    assert len(pairs) == 12
    for pair in planted:
        assert pair["name"] != pair["second_name"]
        assert order_days[pair["second_id"]][0].isoformat() >= pair["from"]


def test_namesakes_are_different_customers(customers, truth):
    for pair in truth["namesakes"]:
        rows = [customers[customer] for customer in pair["customer_ids"]]
        assert {row["name"] for row in rows} == {pair["name"]}
        assert len({row["tax_id"] for row in rows}) == len(rows) == 2


def test_innovators_buy_new_items_first(identified, truth):
    goods = [row for row in identified if row["money"] > 0 and row["category"]]
    first_sale = {}
    for row in goods:
        first_sale[row["sku"]] = min(row["day"], first_sale.get(row["sku"], row["day"]))
    opening = dt.date(2023, 7, 3) + dt.timedelta(days=90)
    early = defaultdict(list)
    for row in goods:
        start = first_sale[row["sku"]]
        early[row["customer"]].append(start >= opening and (row["day"] - start).days < 60)
    everybody = [flag for flags in early.values() for flag in flags]
    company = sum(everybody) / len(everybody)
    assert company < 0.02
    for customer in truth["innovators"]:
        assert sum(early[customer]) >= 5
        assert sum(early[customer]) / len(early[customer]) > 3 * company


def test_category_leavers_go_on_without_their_category(identified, order_days, truth):
    for leaver in truth["category_leavers"]:
        days = [
            row["day"]
            for row in identified
            if (row["customer"], row["category"]) == (leaver["customer_id"], leaver["category"]) and row["money"] > 0
        ]
        start = dt.date.fromisoformat(leaver["without_from"])
        assert len(days) >= 10
        assert max(days) < start
        assert sum(day >= start for day in order_days[leaver["customer_id"]]) >= 6
    assert len(truth["category_leavers"]) == 10


def test_customers_and_archetypes(identified, order_days, truth):
    assert {row["customer"] for row in identified} == set(truth["archetypes"])
    assert truth["customers"]["records"] == len(truth["archetypes"]) >= 600
    assert truth["customers"]["distinct"] == truth["customers"]["records"] - len(truth["duplicate_customers"])
    shared = {pair[key] for pair in truth["duplicate_customers"] for key in ("customer_id", "second_id")}
    gaps = defaultdict(list)
    for customer, archetype in truth["archetypes"].items():
        days = order_days[customer]
        if customer not in shared:
            gaps[archetype] += [(after - before).days for before, after in pairwise(days)]
    assert not gaps["one_time"]
    median = {archetype: statistics.median(found) for archetype, found in gaps.items() if found}
    assert 5 <= median["weekly"] <= 9 < 24 <= median["monthly"] <= 34 < median["irregular"] < 70 < median["project"]


def test_wallets_cover_what_we_sell_and_some_are_nearly_ours(last_year, tables):
    sold = Counter()
    for row in last_year:
        sold[row["customer"]] += row["money"]
    wallets = {row["customer_id"]: Decimal(row["wallet"]) for row in tables["assessment"] if row["wallet"]}
    assert all(wallet + 500 >= sold[customer] for customer, wallet in wallets.items())  # written in thousands
    adherent = {customer for customer, wallet in wallets.items() if 10 * sold[customer] >= 8 * wallet}
    assert 15 <= len(adherent) <= len(wallets) / 2
    promoters = {r["customer_id"] for r in tables["survey"] if r["question"] == "nps" and int(r["score"]) >= 9}
    assert len(adherent & promoters) >= 3


def test_hotels_have_a_summer_and_margins_differ_by_customer(identified, customers):
    industry = {customer: row["industry"] for customer, row in customers.items()}
    summer, winter = Decimal(0), Decimal(0)
    sold, cost = Counter(), Counter()
    for row in identified:
        if industry.get(row["customer"]) == "hotel" and row["day"].year == 2024:
            summer += row["money"] if row["day"].month in (6, 7, 8) else 0
            winter += row["money"] if row["day"].month in (1, 2, 3) else 0
        if row["cost"]:
            sold[row["customer"]] += row["money"]
            cost[row["customer"]] += Decimal(row["cost"])
    assert summer > Decimal("1.5") * winter
    margins = [1 - cost[customer] / sold[customer] for customer in sold if sold[customer] > 1000]
    assert min(margins) > 0
    assert max(margins) - min(margins) > Decimal("0.15")


def test_the_company_grows(kept):
    years = Counter()
    for row in kept:
        years[row["day"].year] += row["money"]
    assert Decimal("1.02") < years[2025] / years[2024] < Decimal("1.25")
