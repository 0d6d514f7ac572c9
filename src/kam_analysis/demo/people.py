"""Departments, managers and ordinary customers of the demo company."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from kam_analysis.demo.catalogue import CATEGORIES
from kam_analysis.demo.draws import Draws
from kam_analysis.demo.names import INDUSTRIES, company_name

FIRST_DAY, LAST_DAY = dt.date(2023, 7, 3), dt.date(2025, 12, 31)
YEAR_BEFORE_END = dt.date(2025, 1, 1)


@dataclass(frozen=True)
class Department:
    """A department, its managers and the places and languages of its customers."""

    name: str
    managers: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]
    tongues: tuple[str, ...]
    customers: int


DEPARTMENTS = (
    Department(
        "Skopje",
        ("Ana Petrovska", "Бојан Николов", "Goran Ilievski", "Љиљана Трајкова"),
        (
            ("MK", "Skopje", "Skopje"),
            ("MK", "Skopje", "Skopje"),
            ("MK", "Northeast", "Kumanovo"),
            ("MK", "Polog", "Tetovo"),
            ("MK", "Vardar", "Veles"),
            ("MK", "East", "Štip"),
        ),
        ("mk", "mk", "mk", "mk-Latn", "mk-Latn", "en"),
        186,
    ),
    Department(
        "Bitola",
        ("Весна Ристова", "Dragan Popov", "Elena Naumoska"),
        (
            ("MK", "Pelagonia", "Bitola"),
            ("MK", "Pelagonia", "Prilep"),
            ("MK", "Southwest", "Ohrid"),
            ("MK", "Southwest", "Struga"),
            ("MK", "Southwest", "Kičevo"),
        ),
        ("mk", "mk", "mk-Latn"),
        92,
    ),
    Department(
        "Serbia",
        ("Jelena Đurić", "Milan Kovač", "Snežana Ćosić", "Željko Pavlović"),
        (
            ("RS", "Belgrade", "Beograd"),
            ("RS", "Belgrade", "Beograd"),
            ("RS", "Vojvodina", "Novi Sad"),
            ("RS", "Vojvodina", "Subotica"),
            ("RS", "South", "Niš"),
            ("RS", "South", "Vranje"),
        ),
        ("sr", "sr", "sr", "sr-Cyrl", "en"),
        148,
    ),
    Department(
        "Sofia",
        ("Георги Иванов", "Maria Stoeva", "Petar Yurukov"),
        (
            ("BG", "Sofia", "Sofia"),
            ("BG", "Sofia", "Sofia"),
            ("BG", "South", "Plovdiv"),
            ("BG", "Coast", "Varna"),
            ("BG", "Coast", "Burgas"),
        ),
        ("bg", "bg", "bg", "en"),
        94,
    ),
    Department(
        "Export",
        ("Ivana Krstić", "Oleg Shcherbin"),
        (
            ("DE", "Bavaria", "München"),
            ("AT", "Vienna", "Wien"),
            ("SI", "Ljubljana", "Ljubljana"),
            ("RU", "Moscow", "Москва"),
            ("RU", "Volga", "Казань"),
            ("CY", "Limassol", "Limassol"),
        ),
        ("de", "de", "mk-Latn", "ru", "ru", "en"),
        62,
    ),
)
DEPARTMENT = {department.name: department for department in DEPARTMENTS}
DEPARTED_MANAGER, DEPARTED_ON = "Tome Arsov", dt.date(2024, 6, 1)  # his customers went to the last of Skopje


@dataclass(frozen=True)
class Habit:
    """How customers of one archetype buy: gap between orders, its irregularity, lines and money of an order."""

    share: float
    gap_days: float
    irregular: bool
    lines: tuple[int, int]
    order_cents: float
    spread: float
    existing: float
    life_days: float


HABITS = {
    "weekly": Habit(0.10, 7.0, False, (1, 3), 21_000, 0.45, 0.70, 3200),
    "monthly": Habit(0.37, 29.0, False, (2, 4), 62_000, 0.55, 0.62, 2600),
    "irregular": Habit(0.21, 62.0, True, (1, 4), 52_000, 0.60, 0.60, 2000),
    "project": Habit(0.14, 150.0, True, (5, 9), 480_000, 0.55, 0.55, 2000),
    "one_time": Habit(0.18, 0.0, False, (1, 3), 32_000, 0.80, 0.00, 0),
}
LARGEST_ORDINARY_YEAR = 3_300_000  # cents: an ordinary customer never becomes a key by accident


@dataclass(frozen=True)
class Customer:
    """One record of the customer base; money in cents."""

    name: str
    tongue: str
    industry: str
    department: str
    manager: str
    country: str
    region: str
    city: str
    created: dt.date
    archetype: str
    gap_days: float
    irregular: bool
    lines: tuple[int, int]
    order_cents: int
    first_day: dt.date
    last_day: dt.date | None = None
    pause: tuple[dt.date, dt.date] | None = None
    discount_permille: int = 0
    yearly_trend: float = 0.0
    channel: str = "rep"
    part: str = ""
    part_share: float = 0.0
    group: str = ""
    tax_id: str = ""
    customer_id: str = ""
    innovator: bool = False
    flag: str = ""
    duplicate_of: str = ""
    categories: tuple[str, ...] = ()
    dropped: tuple[str, dt.date] | None = None  # a category and the first day without it


def ordinary_customers() -> Iterator[Customer]:
    """Draw the customers of every department by archetype and industry; none is planted yet."""
    number = 0
    for department in DEPARTMENTS:
        for _ in range(department.customers):
            yield _ordinary(Draws("customer", number), department)
            number += 1


def _ordinary(draws: Draws, department: Department) -> Customer:
    archetype = draws.weighted(list(HABITS), [habit.share for habit in HABITS.values()])
    habit = HABITS[archetype]
    industry = draws.pick(INDUSTRIES)
    country, region, city = draws.pick(department.places)
    tongue = _tongue_of(draws, department, country)
    existing = draws.chance(habit.existing)
    start = FIRST_DAY if existing else FIRST_DAY + dt.timedelta(days=draws.whole(20, 890))
    first_day = start + dt.timedelta(days=draws.whole(0, max(1, int(habit.gap_days * 0.9)))) if existing else start
    created = start - dt.timedelta(days=draws.whole(90, 3600) if existing else draws.whole(0, 20))
    gap_days = round(habit.gap_days * draws.between(0.8, 1.25), 2)
    order_cents = draws.lognormal(habit.order_cents, habit.spread)
    if gap_days:
        order_cents = min(order_cents, LARGEST_ORDINARY_YEAR * gap_days / 365)
    return Customer(
        name=company_name(draws, tongue, industry, city),
        tongue=tongue,
        industry=industry,
        department=department.name,
        manager=_manager_of(draws, department),
        country=country,
        region=region,
        city=city,
        created=created,
        archetype=archetype,
        gap_days=gap_days,
        irregular=habit.irregular,
        lines=habit.lines,
        order_cents=int(order_cents),
        first_day=first_day,
        last_day=_end_of_life(draws, habit, first_day),
        discount_permille=10 * draws.whole(0, 14),
        yearly_trend=round(draws.between(-0.12, 0.22), 3),
        channel=draws.weighted(("rep", "web", "tel"), (5, 3, 2)),
        categories=_categories_of(draws, industry),
    )


def _tongue_of(draws: Draws, department: Department, country: str) -> str:
    if department.name != "Export":
        return draws.pick(department.tongues)
    return {"DE": "de", "AT": "de", "RU": "ru", "SI": "mk-Latn"}.get(country, "en")


def _manager_of(draws: Draws, department: Department) -> str:
    """Any manager of the department but the last of Sofia, whose portfolio is planted."""
    managers = department.managers[:-1] if department.name == "Sofia" else department.managers
    return draws.pick(managers)


def _end_of_life(draws: Draws, habit: Habit, first_day: dt.date) -> dt.date | None:
    if not habit.gap_days:
        return first_day
    day = first_day + dt.timedelta(days=int(90 + draws.exponential(habit.life_days)))
    return day if day < dt.date(2025, 9, 15) else None


TASTES = {
    "hotel": ("Hygiene", "Coffee", "Drinks", "Tableware", "Kitchen", "Furniture"),
    "restaurant": ("Tableware", "Drinks", "Coffee", "Kitchen", "Hygiene"),
    "bakery": ("Kitchen", "Tableware", "Coffee", "Hygiene"),
    "office": ("Paper", "Writing", "Toner", "Coffee", "Furniture"),
    "school": ("Paper", "Writing", "Hygiene", "Furniture", "Snacks"),
    "health": ("Hygiene", "Paper", "Toner", "Drinks"),
    "retail": ("Snacks", "Drinks", "Coffee", "Paper", "Tableware"),
    "manufacturing": ("Hygiene", "Paper", "Toner", "Coffee", "Writing"),
}


def _categories_of(draws: Draws, industry: str) -> tuple[str, ...]:
    taste = TASTES[industry]
    usual = draws.sample(taste, draws.whole(2, len(taste)))
    return tuple(usual) if draws.chance(0.8) else (*usual, draws.pick([c for c in CATEGORIES if c not in usual]))
