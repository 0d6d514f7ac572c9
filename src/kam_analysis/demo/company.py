"""The demo company: its customers with their planted parts and ids, and its catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kam_analysis.demo import planted
from kam_analysis.demo.catalogue import Item, catalogue
from kam_analysis.demo.draws import Draws
from kam_analysis.demo.names import company_name
from kam_analysis.demo.people import Customer, ordinary_customers


@dataclass(frozen=True)
class Company:
    """All customers in order of their id, and the catalogue."""

    customers: tuple[Customer, ...]
    items: tuple[Item, ...] = field(default_factory=catalogue)

    def with_part(self, part: str) -> list[Customer]:
        """Give the customers who play a planted part."""
        return [customer for customer in self.customers if customer.part == part]


def found_company() -> Company:
    """Found the company: ordinary customers, then every planted part, then ids in order of the records' dates.

    Examples
    --------
    >>> company = found_company()
    >>> len(company.customers) > 590, company.customers[0].customer_id
    (True, '0001')
    """
    base = _distinct_names(list(ordinary_customers()))
    for plant in planted.PLANTS:
        base = plant(base)
    base += [*planted.giants(), planted.cancelled_giant()]
    numbered = _with_ids(_with_tax_ids([*base, *planted.second_records(base)]))
    return Company(tuple(numbered))


def _distinct_names(customers: list[Customer]) -> list[Customer]:
    """Draw again the name of whoever has the same name as somebody before."""
    taken: set[str] = set()
    named = []
    for number, customer in enumerate(customers):
        draws = Draws("names", number)
        name = customer.name
        while name in taken:
            name = company_name(draws, customer.tongue, customer.industry, customer.city)
            if name in taken:
                name = f"{name} {draws.whole(2, 9)}"
        taken.add(name)
        named.append(replace(customer, name=name))
    return named


def _with_tax_ids(customers: list[Customer]) -> list[Customer]:
    known: dict[tuple[str, str], str] = {}
    dated = []
    for number, customer in enumerate(customers):
        draws = Draws("company", 1000 + number)
        if customer.duplicate_of:
            tax_id = known[customer.duplicate_of, customer.department]
        else:
            tax_id = _tax_id(draws, customer.country)
            known[customer.name, customer.department] = tax_id
        dated.append(replace(customer, tax_id=tax_id))
    return dated


def _tax_id(draws: Draws, country: str) -> str:
    digits = {"MK": 11, "RS": 9, "BG": 9, "DE": 9, "AT": 8, "SI": 8, "RU": 10, "CY": 8}[country]
    head = {"MK": "40", "DE": "DE", "AT": "ATU", "SI": "SI", "CY": "CY1"}.get(country, "")
    return head + "".join(str(draws.whole(1 if place == 0 else 0, 9)) for place in range(digits))


def _with_ids(customers: list[Customer]) -> list[Customer]:
    """Ids are running numbers with leading zeros, in order of the date of the record."""
    ordered = sorted(customers, key=lambda customer: (customer.created, customer.tax_id, customer.name))
    return [replace(customer, customer_id=f"{number:04d}") for number, customer in enumerate(ordered, start=1)]
