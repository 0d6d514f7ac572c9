"""What happened: orders, deliveries, returns, cancellations and counter sales, line by line, before it is exported."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from kam_analysis.demo.catalogue import Item
from kam_analysis.demo.company import Company
from kam_analysis.demo.draws import Draws
from kam_analysis.demo.people import (
    DEPARTED_MANAGER,
    DEPARTED_ON,
    DEPARTMENT,
    DEPARTMENTS,
    FIRST_DAY,
    LAST_DAY,
    YEAR_BEFORE_END,
    Customer,
)
from kam_analysis.demo.planted import SECOND_RECORD_FROM

ONE_DAY = dt.timedelta(days=1)
HOLIDAYS = {(1, 1), (1, 2), (1, 7), (5, 1), (12, 25)}
SEASONS = {
    "hotel": (65, 70, 85, 95, 110, 140, 165, 160, 110, 85, 75, 110),
    "restaurant": (80, 85, 90, 95, 105, 120, 130, 125, 100, 95, 85, 130),
    "bakery": (95, 95, 100, 105, 100, 95, 90, 90, 100, 100, 105, 125),
    "office": (105, 100, 105, 100, 100, 90, 75, 70, 120, 110, 110, 115),
    "school": (90, 95, 100, 95, 95, 60, 35, 140, 190, 110, 105, 85),
    "health": (105, 105, 100, 100, 95, 95, 95, 90, 100, 105, 105, 105),
    "retail": (80, 85, 95, 100, 100, 100, 100, 95, 100, 105, 115, 150),
    "manufacturing": (100, 100, 105, 105, 105, 100, 90, 80, 105, 105, 105, 90),
}
MARKET_GROWTH_A_YEAR = 0.04
NEW_ITEM_DAYS = 60


@dataclass(frozen=True)
class Line:
    """One line of a document; money in cents after the discount, an unknown cost is None."""

    sku: str
    item: str
    category: str
    qty: int
    amount: int
    cost: int | None
    service: bool = False
    discount_permille: int = 0


@dataclass(frozen=True)
class Document:
    """An order, a return, a cancellation, a counter sale or a rebate."""

    kind: str
    day: dt.date
    customer_id: str
    manager: str
    department: str
    country: str
    channel: str
    lines: tuple[Line, ...]
    number: str = ""
    cancels: int | None = None  # place of the cancelled order in the list of orders

    @property
    def goods(self) -> int:
        """Money of the lines that are no services, in cents."""
        return sum(line.amount for line in self.lines if not line.service)


@dataclass(frozen=True)
class Assortment:
    """What one customer usually buys, from which day each item, and how readily."""

    items: tuple[Item, ...]
    weights: tuple[float, ...]
    from_days: tuple[dt.date, ...]
    launches: tuple[Item, ...] = field(default=())

    def on(self, day: dt.date) -> tuple[list[Item], list[float]]:
        """Items the customer already buys on the day, with their weights."""
        known = [place for place, start in enumerate(self.from_days) if start <= day]
        return [self.items[place] for place in known], [self.weights[place] for place in known]

    def novelties(self, day: dt.date) -> list[Item]:
        """Items launched in the last `NEW_ITEM_DAYS` days."""
        start = day - dt.timedelta(days=NEW_ITEM_DAYS)
        return [item for item in self.launches if item.launched is not None and start < item.launched <= day]


def simulate(company: Company) -> list[Document]:
    """All documents in order of day, with their numbers.

    The giants come last, because their size is a share of what the others buy.
    """
    orders: list[Document] = []
    for customer in company.customers:
        if not customer.part_share and not customer.duplicate_of:
            orders += ordinary_orders(company, customer)
    ordinary = department_sales(orders, company.with_part("cancelled_giant")[0])
    for customer, target in giant_targets(company, ordinary):
        orders += giant_orders(company, customer, target)
    orders = with_second_records(orders, company)
    orders = with_delivery(orders)
    orders += counter_sales(company)
    return numbered(orders, [*returns(orders), *cancellations(orders, company), *rebates(orders, company)])


# ---- when ----------------------------------------------------------------------------------------------------------


def is_working_day(day: dt.date) -> bool:
    """Monday to Friday, no public holiday."""
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def next_working_day(day: dt.date) -> dt.date:
    """Give the day itself or the next working day."""
    while not is_working_day(day):
        day += ONE_DAY
    return day


def order_days(customer: Customer, draws: Draws) -> Iterator[dt.date]:
    """Days on which a customer orders: from its first day, with its gap, until it leaves or the data end."""
    last = customer.last_day or LAST_DAY
    exact, before = customer.first_day, None
    while exact <= last:
        day = next_working_day(exact)
        if day > last and before is not None:
            return
        paused = customer.pause and customer.pause[0] <= day < customer.pause[1]
        if day <= LAST_DAY and day != before and not paused:
            yield day
            before = day
        if not customer.gap_days:
            return
        exact += dt.timedelta(days=max(1, round(_gap(customer, draws))))


def _gap(customer: Customer, draws: Draws) -> float:
    if customer.irregular:
        return customer.gap_days * 0.3 + draws.exponential(customer.gap_days * 0.7)
    return customer.gap_days * draws.between(0.6, 1.4)


def season(customer: Customer, day: dt.date) -> float:
    """Season of the industry times the growth of the market and of the customer; 1 on average at the start."""
    years = (day - FIRST_DAY).days / 365.25
    growth = 1.0 + (MARKET_GROWTH_A_YEAR + customer.yearly_trend) * years
    return SEASONS[customer.industry][day.month - 1] / 100 * growth * fading(customer, day)


def fading(customer: Customer, day: dt.date) -> float:
    """Half of those who leave buy less and less in their last half year; giants leave at once."""
    if customer.last_day is None or customer.part or int(customer.tax_id[-1]) % 2:
        return 1.0
    return 1.0 if (left := (customer.last_day - day).days) >= 180 else 0.45 + 0.55 * left / 180


# ---- what ----------------------------------------------------------------------------------------------------------


def assortment(company: Company, customer: Customer, draws: Draws) -> Assortment:
    """Choose some items of each of the customer's categories; launched ones only some months after their launch."""
    items, weights, from_days = [], [], []
    launches = tuple(item for item in company.items if item.launched and item.category in customer.categories)
    for place, category in enumerate(customer.categories):
        offered = [item for item in company.items if item.category == category]
        for item in draws.sample(offered, draws.whole(3, 7), [item.popularity for item in offered]):
            lag = dt.timedelta(days=draws.whole(70, 240))
            items.append(item)
            weights.append(round(item.popularity / (place + 1), 6))
            from_days.append(item.launched + lag if item.launched else FIRST_DAY)
    if all(start > FIRST_DAY for start in from_days):
        from_days[0] = FIRST_DAY
    return Assortment(tuple(items), tuple(weights), tuple(from_days), launches)


def basket(customer: Customer, day: dt.date, usual: Assortment, draws: Draws) -> list[Item]:
    """Items of one order, none from a category that the customer dropped; innovators often take something new."""
    items, weights = usual.on(day)
    gone = customer.dropped[0] if customer.dropped and day >= customer.dropped[1] else None
    weights = [0.0 if item.category == gone else weight for item, weight in zip(items, weights, strict=True)]
    count = min(draws.whole(*customer.lines), sum(weight > 0 for weight in weights))
    chosen = draws.sample(items, count, weights)
    novelties = [item for item in usual.novelties(day) if item not in chosen and item.category != gone]
    if novelties and draws.chance(0.75 if customer.innovator else 0.025):
        chosen[-1] = draws.pick(novelties)
    return chosen


def order_lines(customer: Customer, day: dt.date, items: list[Item], cents: float, draws: Draws) -> tuple[Line, ...]:
    """Share an order's money over its items and round to whole pieces."""
    parts = [draws.between(0.4, 1.6) for _ in items]
    per_part = cents / sum(parts)
    prices = [discounted(item.price_in(day.year), customer) for item in items]
    pieces = [max(1, round(per_part * part / price)) for part, price in zip(parts, prices, strict=True)]
    return tuple(priced(item, qty, customer, day) for item, qty in zip(items, pieces, strict=True))


def discounted(cents: int, customer: Customer) -> int:
    """Price after the customer's discount, half a cent rounded up."""
    return (cents * (1000 - customer.discount_permille) + 500) // 1000


def priced(item: Item, qty: int, customer: Customer, day: dt.date) -> Line:
    """One line with its net amount and cost."""
    amount = discounted(item.price_in(day.year) * qty, customer)
    cost, discount = item.cost_in(day.year) * qty, customer.discount_permille
    return Line(item.sku, item.name, item.category, qty, amount, cost, discount_permille=discount)


def order(customer: Customer, day: dt.date, lines: tuple[Line, ...], draws: Draws) -> Document:
    """One order, taken by the customer's manager, now and then by a colleague."""
    return Document(
        "order",
        day,
        customer.customer_id,
        manager_on(customer, day, draws),
        customer.department,
        customer.country,
        draws.weighted((customer.channel, "web"), (0.85, 0.15)),
        lines,
    )


def manager_on(customer: Customer, day: dt.date, draws: Draws) -> str:
    """Name the manager on the line: a colleague in 3 % of orders, nobody in 0.4 %, the departed one until he left."""
    if customer.part_share:
        return customer.manager
    if draws.chance(0.004):
        return ""
    colleagues = [name for name in DEPARTMENT[customer.department].managers if name != "Petar Yurukov"]
    manager = draws.pick(colleagues) if draws.chance(0.03) else customer.manager
    return DEPARTED_MANAGER if manager == DEPARTMENTS[0].managers[-1] and day < DEPARTED_ON else manager


# ---- who -----------------------------------------------------------------------------------------------------------


def ordinary_orders(company: Company, customer: Customer) -> list[Document]:
    """Orders of a customer who is no giant."""
    draws = Draws("orders", int(customer.customer_id))
    usual = assortment(company, customer, draws)
    return [
        order(customer, day, _ordinary_lines(customer, day, usual, draws), draws) for day in order_days(customer, draws)
    ]


def _ordinary_lines(customer: Customer, day: dt.date, usual: Assortment, draws: Draws) -> tuple[Line, ...]:
    size = 1.0 if customer.part == "cancelled_giant" else draws.lognormal(0.97, 0.25) * season(customer, day)
    return order_lines(customer, day, basket(customer, day, usual, draws), customer.order_cents * size, draws)


def department_sales(orders: Iterable[Document], without: Customer) -> Counter[str]:
    """Cents that each department sold in the last 12 months, one customer left out."""
    sold: Counter[str] = Counter()
    for document in orders:
        if document.day >= YEAR_BEFORE_END and document.customer_id != without.customer_id:
            sold[document.department] += document.goods
    return sold


def giant_targets(company: Company, ordinary: Counter[str]) -> list[tuple[Customer, float]]:
    """Cents that each giant has to buy in the last 12 months so that its share comes out as planted.

    The dependence of Bitola is a share of that department: x = s/(1-s) · rest; the others are shares of the company:
    total = (ordinary + Bitola's giant)/(1 - sum of the shares).
    """
    giants = [customer for customer in company.customers if customer.part_share]
    local = {
        giant: giant.part_share / (1 - giant.part_share) * ordinary[giant.department]
        for giant in giants
        if giant.department == "Bitola"
    }
    others = [giant for giant in giants if giant not in local]
    total = (sum(ordinary.values()) + sum(local.values())) / (1 - sum(giant.part_share for giant in others))
    return [(giant, local.get(giant, giant.part_share * total)) for giant in giants]


def giant_orders(company: Company, customer: Customer, target: float) -> list[Document]:
    """Orders of a giant: the last 12 months add up to the target, all follow season and growth."""
    draws = Draws("orders", int(customer.customer_id))
    usual = assortment(company, customer, draws)
    days = list(order_days(customer, draws))
    weights = [round(season(customer, day) * draws.between(0.75, 1.25), 6) for day in days]
    per_weight = target / sum(weight for day, weight in zip(days, weights, strict=True) if day >= YEAR_BEFORE_END)
    return [
        order(
            customer,
            day,
            order_lines(customer, day, basket(customer, day, usual, draws), per_weight * weight, draws),
            draws,
        )
        for day, weight in zip(days, weights, strict=True)
    ]


def with_second_records(orders: list[Document], company: Company) -> list[Document]:
    """Orders of a customer entered twice go to either record since the second exists."""
    second = {customer.tax_id: customer.customer_id for customer in company.customers if customer.duplicate_of}
    to_second = {
        customer.customer_id: second[customer.tax_id]
        for customer in company.customers
        if customer.tax_id in second and not customer.duplicate_of
    }
    moved = []
    for place, document in enumerate(orders):
        late = document.day >= SECOND_RECORD_FROM and document.customer_id in to_second
        goes = late and (document.day.toordinal() + place) % 2 == 0
        moved.append(replace(document, customer_id=to_second[document.customer_id]) if goes else document)
    return moved


# ---- around the orders ---------------------------------------------------------------------------------------------

DELIVERY, RUSH_FEE, BONUS = "DELIVERY", "FEE-RUSH", "FEE-BONUS"
_SERVICE_NAMES = {DELIVERY: "Delivery", RUSH_FEE: "Express fee", BONUS: "Yearly bonus"}


def service_line(code: str, cents: int) -> Line:
    """One line that is no product."""
    return Line(code, _SERVICE_NAMES[code], "", 1 if cents > 0 else -1, cents, None, service=True)


def with_delivery(orders: list[Document]) -> list[Document]:
    """Small orders pay delivery, a few an express fee."""
    draws = Draws("flaws", 1)
    served = []
    for document in orders:
        extra = []
        if document.goods < 15_000 and draws.chance(0.35):
            extra.append(service_line(DELIVERY, 490 if document.day.year < 2025 else 590))
        if draws.chance(0.004):
            extra.append(service_line(RUSH_FEE, 1500))
        served.append(replace(document, lines=(*document.lines, *extra)))
    return served


def counter_sales(company: Company) -> list[Document]:
    """Sales over the counter in Skopje, without a customer; one on the last day."""
    draws = Draws("counter")
    days = [next_working_day(FIRST_DAY + dt.timedelta(days=day)) for day in range(0, 907, 5)] + [LAST_DAY]
    items = [item for item in company.items if item.launched is None and item.price < 3000]
    nobody = replace(company.customers[0], discount_permille=0)
    return [
        Document(
            "counter",
            day,
            "",
            "",
            "Skopje",
            "MK",
            "shop",
            tuple(priced(item, draws.whole(1, 12), nobody, day) for item in draws.sample(items, draws.whole(1, 2))),
        )
        for day in days
    ]


def returns(orders: list[Document]) -> list[Document]:
    """One order in eighty comes back in part, with its own document."""
    draws = Draws("flaws", 2)
    back = []
    for document in orders:
        day = next_working_day(document.day + dt.timedelta(days=draws.whole(3, 20)))
        if draws.chance(1 / 80) and day <= LAST_DAY and document.customer_id:
            line = document.lines[0]
            back.append(replace(document, kind="return", day=day, lines=(part_of(line, max(1, line.qty // 3)),)))
    return back


def part_of(line: Line, qty: int) -> Line:
    """Give some of the pieces of a line back, at the line's own price."""
    cost = None if line.cost is None else -(line.cost * qty // line.qty)
    return replace(line, qty=-qty, amount=-(line.amount * qty // line.qty), cost=cost)


def cancellations(orders: list[Document], company: Company) -> list[Document]:
    """One order in a hundred and twenty is cancelled whole; so is the planted giant order."""
    draws = Draws("flaws", 3)
    (planted,) = company.with_part("cancelled_giant")
    cancelled = []
    for place, document in enumerate(orders):
        by_chance = draws.chance(1 / 120) and document.kind == "order" and document.goods < 500_000
        day = next_working_day(document.day + ONE_DAY)
        if (by_chance or document.customer_id == planted.customer_id) and day <= LAST_DAY:
            lines = tuple(part_of(line, line.qty) for line in document.lines)
            cancelled.append(replace(document, kind="cancellation", day=day, lines=lines, cancels=place))
    return cancelled


def rebates(orders: list[Document], company: Company) -> list[Document]:
    """In January the active company key gets two percent of the past year back, as a service line."""
    (giant,) = company.with_part("company_key")
    bought: dict[int, int] = defaultdict(int)
    for document in orders:
        if document.customer_id == giant.customer_id:
            bought[document.day.year] += document.goods
    last = [document for document in orders if document.customer_id == giant.customer_id][-1]
    return [
        replace(last, kind="rebate", day=dt.date(year + 1, 1, 15), lines=(service_line(BONUS, -(bought[year] // 50)),))
        for year in (2023, 2024)
    ]


def numbered(orders: list[Document], later: list[Document]) -> list[Document]:
    """Give every document its number: running for orders, S + the order's for cancellations, R and B for the rest."""
    by_day = sorted(range(len(orders)), key=lambda place: (orders[place].day, place))
    number_of = {place: str(100_001 + rank) for rank, place in enumerate(by_day)}
    named = [replace(document, number=number_of[place]) for place, document in enumerate(orders)]
    counts: Counter[str] = Counter()
    for document in sorted(later, key=lambda document: document.day):
        if document.cancels is not None:
            number = f"S{number_of[document.cancels]}"
        else:
            letter = {"return": "R", "rebate": "B"}[document.kind]
            counts[letter] += 1
            number = f"{letter}{counts[letter]:05d}"
        named.append(replace(document, number=number))
    return sorted(named, key=lambda document: (document.day, document.number))
