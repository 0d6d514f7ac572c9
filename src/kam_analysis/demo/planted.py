"""Who plays which planted part: groups, giants, leavers, returners, innovators, namesakes, customers entered twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from kam_analysis.demo.draws import Draws
from kam_analysis.demo.names import city_in, respelled
from kam_analysis.demo.people import (
    DEPARTMENT,
    DEPARTMENTS,
    FIRST_DAY,
    LARGEST_ORDINARY_YEAR,
    TASTES,
    Customer,
    Department,
)

GROUPS = 60  # the first is the chain of giants
_GROUP_SIZES = (2, 3, 2, 4, 3, 2, 5, 3, 2, 6)


def plant_groups(customers: list[Customer]) -> list[Customer]:
    """Branches of a holding stand in one department, share a stem and differ by city."""
    draws = Draws("company", 1)
    free = {
        department.name: draws.shuffled(
            [n for n, c in enumerate(customers) if c.department == department.name and c.archetype != "one_time"]
        )
        for department in DEPARTMENTS
    }
    changed = list(customers)
    for number in range(2, GROUPS + 1):
        size = _GROUP_SIZES[number % len(_GROUP_SIZES)]
        department = draws.weighted(list(free), [len(left) for left in free.values()])
        members, free[department] = free[department][:size], free[department][size:]
        head = customers[members[0]]
        stem = head.name.removesuffix(" " + city_in(head.tongue, head.city))
        for place, member in enumerate(members):
            name = head.name if place == 0 else f"{stem} – {city_in(head.tongue, customers[member].city)} {place + 1}"
            changed[member] = replace(
                customers[member],
                name=name,
                tongue=head.tongue,
                industry=head.industry,
                categories=head.categories,
                group=f"H{number:02d}",
            )
    return changed


def _chosen(customers: list[Customer], stream: int, count: int, fits: Callable[[Customer], bool]) -> list[int]:
    free = [
        number
        for number, customer in enumerate(customers)
        if not (customer.part or customer.flag or customer.innovator or customer.group) and fits(customer)
    ]
    return sorted(Draws("company", stream).sample(free, count))


def _lasting(customer: Customer, *archetypes: str) -> bool:
    return customer.archetype in archetypes and customer.last_day is None and customer.first_day < dt.date(2024, 1, 1)


def plant_late_leavers(customers: list[Customer]) -> list[Customer]:
    """Four large weekly customers fall silent in the last months."""
    days = (dt.date(2025, 8, 29), dt.date(2025, 9, 26), dt.date(2025, 10, 24), dt.date(2025, 11, 14))
    changed = list(customers)
    for place, day in zip(_chosen(customers, 2, 4, lambda c: _lasting(c, "weekly")), days, strict=True):
        changed[place] = replace(
            customers[place],
            last_day=day,
            order_cents=int(LARGEST_ORDINARY_YEAR * customers[place].gap_days / 365),
            yearly_trend=0.0,
            part="late_leaver",
        )
    return changed


def plant_returners(customers: list[Customer]) -> list[Customer]:
    """Twelve customers are silent for more than a year and buy again in the last six months."""
    draws = Draws("company", 3)
    changed = list(customers)
    for place in _chosen(customers, 4, 12, lambda c: _lasting(c, "monthly")):
        back = dt.date(2025, 7, 7) + dt.timedelta(days=draws.whole(0, 100))
        gone = back - dt.timedelta(days=draws.whole(400, 480))
        changed[place] = replace(customers[place], pause=(gone, back), part="returner")
    return changed


def plant_innovators(customers: list[Customer]) -> list[Customer]:
    """Twelve customers try new items first."""
    changed = list(customers)
    for place in _chosen(customers, 5, 12, lambda c: _lasting(c, "weekly", "monthly") and c.gap_days < 32):
        changed[place] = replace(customers[place], innovator=True)
    return changed


# manager: image-makers and experts among the manager's customers
FLAGGED = {"Ana Petrovska": ("image", "image", "expert"), "Milan Kovač": ("image", "expert", "expert", "image")} | {
    "Elena Naumoska": ("expert",),
    "Maria Stoeva": ("image",),
}
OVER_LIMIT = ("Ana Petrovska", "Milan Kovač")  # with the giant of the first: four key clients each


def plant_flags(customers: list[Customer]) -> list[Customer]:
    """Image-makers and experts, who are key whatever they buy."""
    changed = list(customers)
    for number, (manager, flags) in enumerate(FLAGGED.items()):
        places = _chosen(changed, 10 + number, len(flags), partial(_stays_with, manager))
        for place, flag in zip(places, flags, strict=True):
            changed[place] = replace(changed[place], flag=flag)
    return changed


def _stays_with(manager: str, customer: Customer) -> bool:
    return customer.manager == manager and customer.archetype != "one_time" and customer.last_day is None


def plant_namesakes(customers: list[Customer]) -> list[Customer]:
    """Three pairs of different customers in different departments have one name."""
    changed = list(customers)
    first = _chosen(customers, 20, 3, lambda c: c.department == "Skopje" and c.tongue == "mk-Latn")
    second = _chosen(customers, 21, 3, lambda c: c.department in ("Bitola", "Export") and c.tongue == "mk-Latn")
    for one, other in zip(first, second, strict=True):
        changed[one] = replace(customers[one], part="namesake")
        changed[other] = replace(customers[other], name=customers[one].name, part="namesake")
    return changed


def plant_category_leavers(customers: list[Customer]) -> list[Customer]:
    """Ten customers go on ordering but no longer from the category they bought most."""
    draws = Draws("company", 6)
    changed = list(customers)
    for place in _chosen(customers, 7, 10, lambda c: _lasting(c, "weekly", "monthly") and len(c.categories) == 3):
        day = dt.date(2025, 1, 6) + dt.timedelta(days=draws.whole(0, 80))
        changed[place] = replace(customers[place], dropped=(customers[place].categories[0], day))
    return changed


@dataclass(frozen=True)
class Giant:
    """A planted large customer; its money is a share of the company, or of its department, in the last 12 months."""

    part: str
    share: float
    name: str
    tongue: str
    industry: str
    manager: str
    place: int
    gap_days: float
    discount_permille: int
    lines: tuple[int, int] = (3, 5)
    last_day: dt.date | None = None
    irregular: bool = False

    @property
    def department(self) -> Department:
        """Department of the manager."""
        return next(department for department in DEPARTMENTS if self.manager in department.managers)


GIANTS = (
    Giant("company_key", 0.13, "АД „Вардарски Пазари“ Скопје", "mk", "retail", "Ana Petrovska", 0, 3.5, 190, (4, 7)),
    Giant(
        "company_key_leaver",
        0.118,
        "Dunavska Gastronomija d.o.o. Beograd",
        "sr",
        "restaurant",
        "Jelena Đurić",
        0,
        4.5,
        170,
        (4, 7),
        dt.date(2025, 10, 17),
    ),
    Giant(
        "department_key", 0.46, "Хотели „Езерски Бисер“ АД Охрид", "mk", "hotel", "Весна Ристова", 2, 5.0, 130, (3, 6)
    ),
    Giant("mono_client", 0.035, "МБАЛ „Родопско Здраве“ АД", "bg", "health", "Petar Yurukov", 2, 7.0, 110),
    Giant(
        "key_leaver",
        0.022,
        "Верига кафенета „Розова Долина“ ООД",
        "bg",
        "restaurant",
        "Георги Иванов",
        0,
        7.0,
        90,
        (3, 5),
        dt.date(2025, 11, 7),
    ),
    Giant(
        "department_key",
        0.021,
        "Nordkantine Großverpflegung GmbH & Co. KG",
        "de",
        "restaurant",
        "Ivana Krstić",
        0,
        30.0,
        120,
        (5, 9),
        irregular=True,
    ),
    Giant(
        "key_leaver",
        0.017,
        "ООО «Торговый дом Северный Ветер»",
        "ru",
        "retail",
        "Oleg Shcherbin",
        3,
        10.0,
        100,
        (3, 5),
        dt.date(2025, 8, 22),
    ),
    Giant("chain_branch", 0.027, "Sava Hoteli DOOEL Skopje", "mk-Latn", "hotel", "Goran Ilievski", 0, 7.0, 120),
    Giant("chain_branch", 0.025, "САВА ХОТЕЛИ Велес", "mk", "hotel", "Љиљана Трајкова", 4, 8.0, 120),
    Giant("chain_branch", 0.022, "Sava Hoteli d.o.o.", "sr", "hotel", "Snežana Ćosić", 0, 7.0, 120),
    Giant("chain_branch", 0.020, "Sava Hoteli d.o.o. – Niš", "sr", "hotel", "Željko Pavlović", 4, 8.0, 120),
    Giant("chain_branch", 0.026, "Сава Хотели ЕООД", "bg", "hotel", "Maria Stoeva", 3, 8.0, 120),
)


def giants() -> Iterator[Customer]:
    """Give the records of the giants; the branches of the chain are the first parent group."""
    for number, giant in enumerate(GIANTS):
        country, region, city = giant.department.places[giant.place]
        yield Customer(
            name=giant.name,
            tongue=giant.tongue,
            industry=giant.industry,
            department=giant.department.name,
            manager=giant.manager,
            country=country,
            region=region,
            city=city,
            created=dt.date(2011 + number, 3, 1),
            archetype="giant",
            gap_days=giant.gap_days,
            irregular=giant.irregular,
            lines=giant.lines,
            order_cents=0,
            first_day=FIRST_DAY + dt.timedelta(days=number),
            last_day=giant.last_day,
            discount_permille=giant.discount_permille,
            yearly_trend=0.06,
            part=giant.part,
            part_share=giant.share,
            group="H01" if giant.part == "chain_branch" else "",
            categories=TASTES[giant.industry],
        )


def cancelled_giant() -> Customer:
    """One huge order, cancelled on the next day: worth nothing net, near the top by gross sales."""
    country, region, city = DEPARTMENT["Serbia"].places[0]
    return Customer(
        name='"Zlatni Tender" DOO',
        tongue="sr",
        industry="office",
        department="Serbia",
        manager="Snežana Ćosić",
        country=country,
        region=region,
        city=city,
        created=dt.date(2025, 5, 12),
        archetype="one_time",
        gap_days=0.0,
        irregular=False,
        lines=(6, 6),
        order_cents=14_000_000,
        first_day=dt.date(2025, 5, 15),
        last_day=dt.date(2025, 5, 15),
        discount_permille=100,
        part="cancelled_giant",
        categories=TASTES["office"],
    )


SECOND_RECORDS = 12
SECOND_RECORD_FROM = dt.date(2024, 11, 1)


def second_records(customers: list[Customer]) -> Iterator[Customer]:
    """Enter customers a second time, spelled differently, with the same tax id; later orders go to either record."""
    places = _chosen(customers, 30, SECOND_RECORDS, lambda c: _lasting(c, "weekly", "monthly"))
    for number, place in enumerate(places):
        first = customers[place]
        yield replace(
            first,
            name=respelled(first.name, number),
            created=SECOND_RECORD_FROM - dt.timedelta(days=20 + number),
            part="second_record",
            duplicate_of=first.name,
        )


PLANTS = (
    plant_groups,
    plant_late_leavers,
    plant_returners,
    plant_innovators,
    plant_flags,
    plant_namesakes,
    plant_category_leavers,
)
