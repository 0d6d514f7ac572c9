"""What the simulator planted, as it planted it: nothing here is computed by the package."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from kam_analysis.demo.company import Company
from kam_analysis.demo.export import Export, Row
from kam_analysis.demo.people import YEAR_BEFORE_END, Customer
from kam_analysis.demo.planted import OVER_LIMIT, SECOND_RECORD_FROM
from kam_analysis.demo.sales import Document

REJECTED = ("repeated_across_files", "no_date", "unreadable_date", "no_amount", "unreadable_number", "test_line")
MONEYLESS = ("no_amount", "unreadable_number")
RHYTHMIC = ("giant", "weekly", "monthly")
Truth = dict[str, object]


def planted_truth(
    company: Company, documents: Sequence[Document], exported: Export, unlinked_groups: Sequence[str]
) -> Truth:
    """All that was planted, ready for JSON; money in currency units."""
    last_order = last_order_days(documents)
    return {
        "as_of": "2026-01-01",
        "lines": planted_lines(exported),
        "rejected": planted_rejections(exported),
        "kept_but_marked": planted_marks(exported, documents),
        "customers": customer_counts(company),
        "keys": planted_keys(company, documents),
        "leavers": planted_leavers(company, last_order),
        "returners": [
            _with_id(c, silent_from=_iso(c.pause[0]), back_from=_iso(c.pause[1])) for c in company.customers if c.pause
        ],
        "groups": planted_groups(company, unlinked_groups),
        "duplicate_customers": planted_duplicates(company),
        "namesakes": planted_namesakes(company),
        "category_leavers": [
            _with_id(c, category=c.dropped[0], without_from=_iso(c.dropped[1]))
            for c in company.customers
            if c.dropped and not c.duplicate_of
        ],
        "innovators": [c.customer_id for c in company.customers if c.innovator],
        "archetypes": {c.customer_id: c.archetype for c in company.customers},
    }


def _iso(day: dt.date) -> str:
    return day.isoformat()


def _units(cents: int) -> float:
    return cents / 100


def _with_id(customer: Customer, **facts: object) -> Truth:
    return {"customer_id": customer.customer_id, "name": customer.name.strip(), **facts}


def last_order_days(documents: Iterable[Document]) -> dict[str, dt.date]:
    """Day of each customer's last order, cancelled ones included."""
    last: dict[str, dt.date] = {}
    for document in documents:
        if document.kind == "order":
            last[document.customer_id] = max(document.day, last.get(document.customer_id, document.day))
    return last


def _extent(rows: Iterable[Row]) -> Truth:
    listed = list(rows)
    cents = sum(0 if row.flaw in MONEYLESS else row.line.amount for row in listed)
    return {"rows": len(listed), "net_sales": _units(cents)}


def planted_lines(exported: Export) -> Truth:
    """Rows and money in the files, kept and rejected, under the default parameters."""
    rows = exported.rows
    return {
        "in": _extent(rows),
        "kept": _extent(row for row in rows if row.flaw not in REJECTED),
        "rejected": _extent(row for row in rows if row.flaw in REJECTED),
        "rows_by_file": {name: len(listed) for name, listed in exported.files.items()},
    }


def planted_rejections(exported: Export) -> Truth:
    """Rows and money by reason; exact duplicates within a file are kept unless a parameter says otherwise."""
    return {reason: _extent(row for row in exported.rows if row.flaw == reason) for reason in REJECTED}


def planted_marks(exported: Export, documents: Sequence[Document]) -> Truth:
    """Lines that stay and are counted: no customer, no cost, no manager, services, returns, duplicates."""
    kept = [row for row in exported.rows if row.flaw not in REJECTED]
    kinds = Counter(document.kind for document in documents)
    return {
        "without_customer": _extent(row for row in kept if not row.document.customer_id),
        "service_line": _extent(row for row in kept if row.line.service),
        "return": {"documents": kinds["return"], **_extent(row for row in kept if row.document.kind == "return")},
        "cancellation": {
            "documents": kinds["cancellation"],
            **_extent(row for row in kept if row.document.kind == "cancellation"),
        },
        "exact_duplicate": _extent(row for row in kept if row.flaw == "exact_duplicate"),
        "without_cost": _extent(row for row in kept if row.line.cost is None),
        "without_manager": _extent(row for row in kept if not row.document.manager),
    }


def customer_counts(company: Company) -> Truth:
    """How many records there are."""
    return {
        "records": len(company.customers),
        "distinct": sum(not customer.duplicate_of for customer in company.customers),
        "by_archetype": dict(sorted(Counter(customer.archetype for customer in company.customers).items())),
    }


def planted_keys(company: Company, documents: Sequence[Document]) -> Truth:
    """Key clients by level: by share of the company and of a department, by flag, and the units that depend on one."""
    sold = _sold_12m(documents)
    company_keys = [c for c in company.customers if c.part in ("company_key", "company_key_leaver")]
    department_keys = [c for c in company.customers if c.part_share and _is_department_key(c)]
    flagged = [c for c in company.customers if c.flag]
    (cancelled,) = company.with_part("cancelled_giant")
    chain = [c for c in company.customers if c.part == "chain_branch"]
    over_half = next(c for c in company.customers if c.department == "Bitola" and c.part == "department_key")
    (mono,) = company.with_part("mono_client")
    return {
        "company": [
            _with_id(c, planted_share=c.part_share, net_sales_12m=_units(sold[c.customer_id])) for c in company_keys
        ],
        "department": [_with_id(c, department=c.department) for c in department_keys],
        "group": {"parent_id": "H01", "planted_share": round(sum(c.part_share for c in chain), 4)},
        "flagged": [_with_id(c, flag=c.flag, manager=c.manager) for c in flagged],
        "dependent_department": _with_id(
            over_half, department="Bitola", band="severe", planted_share=over_half.part_share
        ),
        "mono_manager": _with_id(mono, manager=mono.manager),
        "managers_over_half": [_with_id(c, manager=c.manager) for c in [*company_keys, over_half]],
        "managers_over_limit": {
            manager: sum(c.manager == manager for c in [*company_keys, *flagged]) for manager in sorted(OVER_LIMIT)
        },
        "cancelled_giant": _with_id(cancelled, net_sales=0.0),
    }


def _is_department_key(customer: Customer) -> bool:
    """Tell whether a giant is key in its department; the chain's branches are too small, except in Sofia."""
    return customer.part != "chain_branch" or customer.department == "Sofia"


def _sold_12m(documents: Iterable[Document]) -> Counter[str]:
    sold: Counter[str] = Counter()
    for document in documents:
        if document.day >= YEAR_BEFORE_END:
            sold[document.customer_id] += sum(line.amount for line in document.lines)
    return sold


def planted_leavers(company: Company, last_order: dict[str, dt.date]) -> Truth:
    """List who bought with a rhythm and left for good, with the day of the last order; the large ones apart."""
    left = [c for c in company.customers if c.last_day and c.archetype in RHYTHMIC and c.customer_id in last_order]
    listed = [
        _with_id(c, last_order_on=_iso(last_order[c.customer_id]), archetype=c.archetype, gap_days=c.gap_days)
        for c in left
    ]
    large = [c.customer_id for c in left if c.part in ("company_key_leaver", "key_leaver", "late_leaver")]
    return {"large": large, "all": listed}


def planted_groups(company: Company, unlinked: Sequence[str]) -> list[Truth]:
    """Parent groups with their members; an unlinked one is not in the customers table."""
    members: dict[str, list[str]] = defaultdict(list)
    for customer in company.customers:
        if customer.group:
            members[customer.group].append(customer.customer_id)
    return [
        {"parent_id": group, "members": ids, "linked": group not in unlinked} for group, ids in sorted(members.items())
    ]


def planted_duplicates(company: Company) -> list[Truth]:
    """Pairs of records of one customer."""
    first = {c.tax_id: c for c in company.customers if not c.duplicate_of}
    return [
        {
            "customer_id": first[c.tax_id].customer_id,
            "second_id": c.customer_id,
            "name": first[c.tax_id].name,
            "second_name": c.name,
            "tax_id": c.tax_id,
            "from": _iso(SECOND_RECORD_FROM),
        }
        for c in company.customers
        if c.duplicate_of
    ]


def planted_namesakes(company: Company) -> list[Truth]:
    """Different customers with one name."""
    ids: dict[str, list[str]] = defaultdict(list)
    for customer in company.with_part("namesake"):
        ids[customer.name].append(customer.customer_id)
    return [{"name": name, "customer_ids": listed} for name, listed in sorted(ids.items())]
