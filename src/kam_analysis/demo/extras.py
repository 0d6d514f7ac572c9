"""The optional tables of the demo company: believable, and partly incomplete as such tables are."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kam_analysis.demo.company import Company
from kam_analysis.demo.draws import Draws
from kam_analysis.demo.export import money
from kam_analysis.demo.names import person_name
from kam_analysis.demo.people import DEPARTMENTS, FIRST_DAY, LAST_DAY, YEAR_BEFORE_END, Customer
from kam_analysis.demo.sales import Document, next_working_day

Rows = Iterator[Sequence[str]]
UNLINKED_GROUPS = ("H07", "H19", "H28", "H41", "H55")
UNLISTED_CUSTOMERS = 5


@dataclass(frozen=True)
class World:
    """What the optional tables look at: the customers and what they bought."""

    company: Company
    documents: Sequence[Document]

    @cached_property
    def sold_12m(self) -> Counter[str]:
        """Cents by customer in the last 12 months."""
        return self._sold(lambda document: document.customer_id, YEAR_BEFORE_END)

    @cached_property
    def sold_by_manager_12m(self) -> Counter[str]:
        """Cents by manager in the last 12 months."""
        return self._sold(lambda document: document.manager, YEAR_BEFORE_END)

    @cached_property
    def order_days(self) -> dict[str, list[dt.date]]:
        """Days with an order by customer."""
        days = defaultdict(list)
        for document in self.documents:
            if document.kind == "order":
                days[document.customer_id].append(document.day)
        return dict(days)

    @cached_property
    def by_size(self) -> list[Customer]:
        """Customers by what they bought in the last 12 months, largest first."""
        return sorted(self.company.customers, key=lambda c: (-self.sold_12m[c.customer_id], c.customer_id))

    def active(self, day: dt.date) -> list[Customer]:
        """Give the customers with an order in the 120 days before."""
        start = day - dt.timedelta(days=120)
        return [
            customer
            for customer in self.company.customers
            if any(start <= ordered < day for ordered in self.order_days.get(customer.customer_id, ()))
        ]

    def _sold(self, key: Callable[[Document], str], since: dt.date) -> Counter[str]:
        sold: Counter[str] = Counter()
        for document in self.documents:
            if document.day >= since:
                sold[key(document)] += sum(line.amount for line in document.lines)
        return sold


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _or_blank(draws: Draws, text: str, missing: float) -> str:
    return "" if draws.chance(missing) else text


def _weeks(first: dt.date, last: dt.date, days: int) -> Iterator[dt.date]:
    day = first
    while day <= last:
        yield next_working_day(day)
        day += dt.timedelta(days=days)


# ---- who they are --------------------------------------------------------------------------------------------------


def customers(world: World) -> Rows:
    """List customer records; some lack a tax id or a size, five groups are not linked, five customers are missing."""
    ordinary = [c.customer_id for c in world.company.customers if not (c.part or c.group or c.flag)]
    unlisted = set(Draws("company", 50).sample(ordinary, UNLISTED_CUSTOMERS))
    for customer in world.company.customers:
        draws = Draws("company", 5000 + int(customer.customer_id))
        if customer.customer_id in unlisted:
            continue
        keeps_tax_id = customer.part in ("second_record", "namesake") or not draws.chance(0.06)
        yield (
            customer.customer_id,
            customer.name,
            "" if customer.group in UNLINKED_GROUPS else customer.group,
            customer.tax_id if keeps_tax_id or _has_second_record(world, customer) else "",
            _or_blank(draws, customer.industry, 0.04),
            _or_blank(draws, size_class(customer), 0.12),
            customer.country,
            customer.region,
            customer.city,
            customer.manager,
            customer.created.isoformat(),
            _updated(customer),
            "closed" if customer.last_day and customer.last_day < dt.date(2024, 12, 1) else "active",
            draws.weighted(("yes", "no", ""), (6, 2, 2)),
            *_membership(customer),
            *_loss(customer),
        )


def _membership(customer: Customer) -> tuple[str, str]:
    """Level in the loyalty programme and day of joining; frequent buyers are members more often."""
    draws = Draws("programme", 5000 + int(customer.customer_id))
    start = max(PROGRAMME_START, customer.first_day + dt.timedelta(days=draws.whole(30, 240)))
    has_joined = draws.chance(0.45 if customer.gap_days < 40 else 0.15)
    if not has_joined or start > min(LAST_DAY, customer.last_day or LAST_DAY):
        return "", ""
    return draws.weighted(("silver", "gold"), (3, 1)), start.isoformat()


def _updated(customer: Customer) -> str:
    """When the record was last changed; one in ten does not say."""
    draws = Draws("updates", 5000 + int(customer.customer_id))
    if draws.chance(0.1):
        return ""
    return max(customer.created, LAST_DAY - dt.timedelta(days=draws.whole(0, 900))).isoformat()


def _loss(customer: Customer) -> tuple[str, str, str]:
    """When and why a customer was given up, and whether somebody thinks it can come back; most records are empty."""
    draws = Draws("leaving", 5000 + int(customer.customer_id))
    given_up = customer.last_day and customer.last_day + dt.timedelta(days=draws.whole(40, 120))
    if not given_up or given_up > LAST_DAY or customer.archetype == "one_time" or draws.chance(0.35):
        return "", "", ""
    reason = leaving_reason(customer)
    words = ("no", "no", "") if reason == "no longer needed" else ("yes", "yes", "no", "")
    return given_up.isoformat(), reason, draws.pick(words)


def leaving_reason(customer: Customer) -> str:
    """Why a customer left, the same in its record and in what its manager noted."""
    return Draws("leaving", int(customer.customer_id)).weighted(REFUSAL_REASONS, (52, 18, 14, 8, 8))


def _has_second_record(world: World, customer: Customer) -> bool:
    return any(other.duplicate_of and other.tax_id == customer.tax_id for other in world.company.customers)


def size_class(customer: Customer) -> str:
    """Employees of the customer, in classes."""
    if customer.part_share:
        return "250+"
    yearly = customer.order_cents * 365 / customer.gap_days if customer.gap_days else customer.order_cents
    return "1-9" if yearly < 300_000 else "10-49" if yearly < 1_200_000 else "50-249"


def managers(world: World) -> Rows:
    """List managers with their yearly plan; the one who left is missing."""
    roles = ("head of sales", "key account manager", "sales manager", "sales manager")
    for department in DEPARTMENTS:
        for place, name in enumerate(department.managers):
            plan = world.sold_by_manager_12m[name] * (104 + 2 * place) // 100
            yield name, name, department.name, "3", money(round(plan, -6)), roles[place]


def contacts(world: World) -> Rows:
    """Persons at the 160 largest customers; one in four customers has a single contact."""
    roles = [
        ("owner", "top", "high"),
        ("buyer", "middle", "high"),
        ("accountant", "staff", "low"),
        ("head of operations", "top", "medium"),
        ("storekeeper", "staff", "medium"),
    ]
    for customer in world.by_size[:160]:
        draws = Draws("contacts", int(customer.customer_id))
        for role, level, influence in draws.sample(roles, draws.weighted((1, 2, 3, 4), (25, 40, 25, 10))):
            birthday = dt.date(draws.whole(1961, 1999), draws.whole(1, 12), draws.whole(1, 28)).isoformat()
            yield (
                customer.customer_id,
                person_name(draws, customer.tongue),
                role,
                level,
                influence,
                _or_blank(draws, birthday, 0.6),
                draws.weighted(("", "calls before noon", "e-mail only", "likes samples", "football"), (70, 9, 9, 7, 5)),
            )


# ---- what is thought of them ---------------------------------------------------------------------------------------


def assessment(world: World) -> Rows:
    """Ratings of the 170 largest customers and of the flagged ones; one in seven lacks the wallet."""
    rated = [*world.by_size[:170], *(c for c in world.by_size[170:] if c.flag)]
    for customer in sorted(rated, key=lambda c: c.customer_id):
        yield _rating(world, customer, Draws("assessment", int(customer.customer_id)))


def _rating(world: World, customer: Customer, draws: Draws) -> Sequence[str]:
    sold = max(world.sold_12m[customer.customer_id], 100_000)
    loyal = draws.chance(0.25)
    wallet = round(sold / draws.between(0.82, 0.97) if loyal else sold / draws.between(0.2, 0.75), -5)
    potential = max(int(wallet * draws.between(0.5, 0.95)), sold) // 100_000 * 100_000 + 100_000
    leaving = customer.last_day is not None
    return (
        customer.customer_id,
        next_working_day(dt.date(2025, 9, 1) + dt.timedelta(days=draws.whole(0, 85))).isoformat(),
        _or_blank(draws, money(potential), 0.10),
        _or_blank(draws, money(int(wallet)), 0.14),
        "5" if customer.flag or customer.part == "company_key" else str(draws.weighted((0, 1, 2, 3), (2, 4, 5, 3))),
        "5" if customer.flag == "image" else str(draws.weighted((0, 1, 2, 3), (4, 5, 4, 2))),
        _yes(customer.flag == "image"),
        _yes(customer.flag == "expert"),
        _yes(customer.part.startswith("company_key")),
        _yes(customer.flag != "" or (loyal and draws.chance(0.3))),
        str(draws.weighted((0, 1, 2, 3), (80, 14, 4, 2))),
        _or_blank(draws, str(draws.whole(1, 3) if leaving else draws.whole(2, 5)), 0.08),
        _or_blank(draws, str(draws.whole(0, 2) if leaving else draws.whole(1, 5)), 0.08),
        _or_blank(draws, f"{draws.between(0.3, 0.9) if leaving else draws.between(0.02, 0.35):.2f}", 0.3),
    )


_WORDS = {  # praise of the delivery, complaint about the price, complaint about the service
    "mk": ("Брза испорака.", "Цените растат.", "Никој не се јавува."),
    "mk-Latn": ("Brza isporaka.", "Cenite rastat.", "Nikoj ne se javuva."),
    "sr": ("Brza isporuka.", "Visoke cene.", "Niko se ne javlja."),
    "sr-Cyrl": ("Брза испорука.", "Високе цене.", "Нико се не јавља."),
    "bg": ("Бърза доставка.", "Високи цени.", "Никой не вдига телефона."),
    "ru": ("Всё вовремя.", "Дорого.", "Менеджер не перезванивает."),
    "de": ("Schnelle Lieferung.", "Zu teuer.", "Niemand ruft zurück."),
    "en": ("Quick delivery.", "Prices went up.", "Nobody calls back."),
}
PROGRAMME_START = dt.date(2024, 3, 1)
_THEMES = ("delivery", "price", "service")
NPS_WAVES = (("2024-11", dt.date(2024, 11, 4)), ("2025-11", dt.date(2025, 11, 3)))


def survey(world: World) -> Rows:
    """Two waves of the recommendation question, to the large and to some others; satisfaction each month."""
    large = world.by_size[:90]
    for number, (wave, start) in enumerate(NPS_WAVES):
        draws = Draws("survey", number)
        active = world.active(start)
        others = draws.sample([customer for customer in active if customer not in large], 70)
        for customer in [*(customer for customer in large if customer in active and draws.chance(0.6)), *others]:
            for respondent in range(1, draws.weighted((1, 2), (8, 2)) + 1):
                yield _answer(draws, customer, start, "nps", f"P{respondent}", wave)
    for number, day in enumerate(_weeks(dt.date(2024, 1, 10), LAST_DAY, 30)):
        draws = Draws("survey", 10 + number)
        for customer in draws.sample(world.active(day), 7):
            yield _answer(draws, customer, day, "csat", "P1", day.isoformat()[:7])


def _answer(draws: Draws, customer: Customer, start: dt.date, question: str, who: str, wave: str) -> Sequence[str]:
    leaving = customer.last_day is not None and customer.last_day < start + dt.timedelta(days=400)
    scale, weights = (
        (range(2, 11), (1, 1, 2, 3, 5, 9, 14, 13, 9)) if question == "nps" else (range(1, 6), (1, 2, 5, 10, 8))
    )
    score = draws.weighted(scale, weights[::-1] if leaving else weights)
    place = 0 if 4 * score > 3 * scale[-1] else draws.whole(1, 2)
    spoken = draws.chance(0.4)
    day = next_working_day(start + dt.timedelta(days=draws.whole(0, 18)))
    return (
        customer.customer_id,
        min(day, LAST_DAY).isoformat(),
        question,
        str(score),
        who,
        wave,
        _THEMES[place] if spoken else "",
        _WORDS[customer.tongue][place] if spoken else "",
    )


# ---- what was done -------------------------------------------------------------------------------------------------

_COST_CENTS = {"visit": 3500, "call": 400, "complaint": 1800, "return": 2200, "refusal": 0, "win-back": 4500}
COMPLAINT_REASONS = ("late delivery", "wrong item", "damaged", "wrong invoice", "manager did not answer")
RETURN_REASONS = ("damaged", "wrong item", "ordered too much", "expired")
REFUSAL_REASONS = ("attention", "price", "better terms elsewhere", "product", "no longer needed")


def interactions(world: World) -> Rows:
    """Visits, calls, complaints, returns, refusals and win-backs, by day."""
    found = [row for customer in world.company.customers for row in _contacts_of(world, customer)]
    found += [row for document in world.documents if document.kind == "return" for row in _about_return(document)]
    yield from sorted(found, key=lambda row: (row[1], row[0], row[2]))


def _contacts_of(world: World, customer: Customer) -> Iterator[tuple[str, ...]]:
    draws = Draws("interactions", int(customer.customer_id))
    days = world.order_days.get(customer.customer_id)
    if not days:
        return
    yield from _visits_and_calls(draws, customer, days)
    for day in days:
        if draws.chance(0.012):
            closed = day + dt.timedelta(days=draws.whole(2, 16))
            result = draws.weighted(("solved", "apology", ""), (6, 3, 1))
            yield _contact(
                draws,
                customer.customer_id,
                day,
                "complaint",
                draws.weighted(COMPLAINT_REASONS, (5, 3, 3, 2, 4)),
                closed,
                result,
            )
    if customer.last_day and customer.archetype != "one_time" and draws.chance(0.6):
        yield from _leaving(draws, customer)
    if customer.pause and draws.chance(0.7):
        asked = next_working_day(customer.pause[1] - dt.timedelta(days=draws.whole(12, 70)))
        yield _contact(draws, customer.customer_id, asked, "win-back", "", None, "will think")


def _visits_and_calls(draws: Draws, customer: Customer, days: list[dt.date]) -> Iterator[tuple[str, ...]]:
    """See the large monthly and the rest about twice a year; who leaves was hardly seen in the last months."""
    every = 30 if customer.part_share else 150 if customer.archetype in ("weekly", "project") else 240
    last = min(customer.last_day or LAST_DAY, LAST_DAY)
    neglected_from = last - dt.timedelta(days=150) if customer.last_day else LAST_DAY
    day = max(days[0], FIRST_DAY) + dt.timedelta(days=draws.whole(0, every))
    while day <= last:
        if day < neglected_from or draws.chance(0.35):
            kind = draws.weighted(("visit", "call"), (4, 6))
            result = draws.weighted(("order", "offer sent", "nothing", ""), (4, 3, 2, 1))
            yield _contact(draws, customer.customer_id, next_working_day(day), kind, "", None, result)
        day += dt.timedelta(days=max(7, int(every * draws.between(0.6, 1.4))))


def _leaving(draws: Draws, customer: Customer) -> Iterator[tuple[str, ...]]:
    assert customer.last_day is not None
    day = customer.last_day + dt.timedelta(days=draws.whole(10, 40))
    yield _contact(draws, customer.customer_id, day, "refusal", leaving_reason(customer), None, "")
    if draws.chance(0.4):
        later = day + dt.timedelta(days=draws.whole(15, 120))
        result = draws.weighted(("no answer", "refused", "will think"), (5, 3, 2))
        yield _contact(draws, customer.customer_id, later, "win-back", "", None, result)


def _about_return(document: Document) -> Iterator[tuple[str, ...]]:
    draws = Draws("interactions", 10_000 + int(document.number[1:]))
    if draws.chance(0.8):
        reason = draws.weighted(RETURN_REASONS, (4, 3, 2, 1))
        closed = document.day + dt.timedelta(days=draws.whole(1, 12))
        yield _contact(draws, document.customer_id, document.day, "return", reason, closed, "credit note")


def _contact(
    draws: Draws, customer_id: str, day: dt.date, kind: str, reason: str, closed: dt.date | None, result: str
) -> tuple[str, ...]:
    cost = _COST_CENTS[kind] * draws.whole(70, 140) // 100
    channel = "meeting" if kind == "visit" else draws.weighted(("phone", "e-mail", "chat"), (6, 3, 1))
    opened = answered = ""
    if closed:
        handling = Draws("handling", int(customer_id) * 1_000_000 + day.toordinal())
        reply = day + dt.timedelta(days=min(handling.weighted((0, 1, 2, 4, 7), (5, 8, 5, 3, 2)), (closed - day).days))
        opened = day.isoformat()
        answered = reply.isoformat() if reply <= LAST_DAY and handling.chance(0.93) else ""
    return (
        customer_id,
        min(day, LAST_DAY).isoformat(),
        kind,
        reason,
        money(cost) if cost and draws.chance(0.85) else "",
        closed.isoformat() if closed and closed <= LAST_DAY and draws.chance(0.9) else "",
        result,
        channel,
        opened,
        answered,
    )


def spend(world: World) -> Rows:
    """Money and hours spent on winning and on keeping customers, by month; August is quiet."""
    events = {
        "acquisition": (
            ("advertising", "web", 240_000),
            ("cold calls", "phone", 160_000),
            ("trade fair", "event", 650_000),
        ),
        "retention": (("gifts", "rep", 40_000), ("loyalty bonus", "web", 90_000), ("training day", "event", 120_000)),
    }
    for number, month in enumerate(_months()):
        draws = Draws("spend", number)
        for kind, listed in events.items():
            for event, channel, cents in listed:
                seasonal = event in ("trade fair", "training day") and month.month not in (3, 10)
                if seasonal or (month.month == 8 and draws.chance(0.5)):
                    continue
                spent = int(cents * draws.between(0.7, 1.35))
                segment = draws.pick(("all", "hotels and restaurants", "offices"))
                day = next_working_day(month + dt.timedelta(days=draws.whole(3, 24)))
                yield day.isoformat(), kind, money(spent), event, channel, segment, str(max(2, spent // 12_000))


def _months() -> Iterator[dt.date]:
    for serial in range(2023 * 12 + 6, 2026 * 12):
        yield _month(serial)


def _month(serial: int) -> dt.date:
    return dt.date(serial // 12, serial % 12 + 1, 1)


def contracts(world: World) -> Rows:
    """Contracts of the 80 largest customers over one or two years; some have lapsed, some end within months."""
    tiers = {"A": "15%", "B": "10%", "C": "5%"}
    for place, customer in enumerate(world.by_size[:80]):
        draws = Draws("contracts", int(customer.customer_id))
        after_end = 2025 * 12 + draws.whole(8, 24)  # months since year 0
        start, until = _month(after_end - draws.pick((12, 12, 24))), _month(after_end)
        tier = "A" if place < 12 else draws.pick(("B", "C"))
        value = round(world.sold_12m[customer.customer_id] * draws.between(0.7, 1.2), -5)
        yield (
            customer.customer_id,
            start.isoformat(),
            (until - dt.timedelta(days=1)).isoformat(),
            money(int(value)),
            _or_blank(draws, str(draws.pick((30, 60, 90))), 0.2),
            f"{tier} {tiers[tier]}",
            _yes(draws.chance(0.15)),
            str(draws.pick((15, 30, 30, 45, 60))),
            _or_blank(draws, money(int(round(value / 8, -5))), 0.25),
        )


def purchase_terms(world: World) -> Rows:
    """Volume tiers of the suppliers: yearly purchases from which a discount holds."""
    suppliers = {
        "Papir Balkan": ("Paper", (0, 200_000, 400_000, 700_000)),
        "Kafe Import": ("Coffee", (0, 150_000, 350_000, 600_000)),
        "HygiChem": ("Hygiene", (0, 250_000, 500_000, 900_000)),
        "TableTop GmbH": ("Tableware", (0, 200_000, 450_000)),
        "Тонер Плус": ("Toner", (0, 120_000, 300_000)),
    }
    for supplier, (item, tiers) in suppliers.items():
        for place, start in enumerate(tiers):
            yield supplier, str(start), f"{0.02 + 0.03 * place:.2f}", item


def tasks_done(world: World) -> Rows:
    """Tasks of the last quarter that managers reported back."""
    draws = Draws("tasks")
    asked = draws.sample([c for c in world.by_size[:200] if c.last_day is None], 40)
    for number, customer in enumerate(sorted(asked, key=lambda c: c.customer_id), start=1):
        done = next_working_day(dt.date(2025, 10, 6) + dt.timedelta(days=draws.whole(0, 80)))
        result = draws.weighted(("order", "no answer", "call later", "complaint", ""), (4, 3, 3, 1, 1))
        yield f"T{number:03d}-{customer.customer_id}", done.isoformat(), result


TABLES: dict[str, tuple[Callable[[World], Rows], str]] = {
    "customers": (
        customers,
        "customer_id name parent_id tax_id industry size country region city manager created updated_on status consent "
        "programme programme_since lost_on lost_reason recoverable",
    ),
    "managers": (managers, "manager_id name department capacity plan role"),
    "assessment": (
        assessment,
        "customer_id rated_on potential wallet strategic brand well_known demanding can_dictate reference_customer "
        "referrals relationship_strength growth_outlook expected_loss_prob",
    ),
    "survey": (survey, "customer_id date question score respondent wave theme text"),
    "interactions": (interactions, "customer_id date type reason cost closed result channel opened_at answered_at"),
    "spend": (spend, "date kind amount event channel segment hours"),
    "contracts": (contracts, "customer_id start end value notice discount_tier exclusivity payment_days limit"),
    "purchase_terms": (purchase_terms, "supplier tier_from discount item"),
    "contacts": (contacts, "customer_id person role level influence birthday preferences"),
    "tasks_done": (tasks_done, "task_id done_date result"),
}
