"""What the demo company sells: office and catering supplies, some of them launched while the data run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kam_analysis.demo.draws import Draws

FIRST_LAUNCH, LAST_LAUNCH, LAUNCHES = dt.date(2023, 10, 16), dt.date(2025, 10, 6), 36

# category: (product, price in cents of the first variant, variants)
_PRODUCTS = {
    "Paper": (
        ("Copy paper", 420, ("A4 80g", "A4 90g", "A3 80g", "A5", "recycled")),
        ("Envelopes", 610, ("C5", "C4", "DL", "B4")),
        ("Receipt rolls", 380, ("57mm", "80mm", "110mm")),
        ("Labels", 740, ("small", "large", "round", "thermal")),
        ("Notepad", 160, ("A5", "A4", "lined", "squared")),
    ),
    "Writing": (
        ("Ballpoint", 290, ("blue", "black", "red", "fine")),
        ("Marker", 450, ("black", "set of 4", "board", "permanent")),
        ("Folder", 210, ("A4", "wide", "hanging", "with rings")),
        ("Stapler", 690, ("mini", "standard", "heavy")),
    ),
    "Toner": (
        ("Toner black", 4900, ("S", "M", "L", "XL")),
        ("Toner colour", 6900, ("cyan", "magenta", "yellow", "set")),
        ("Ink", 2100, ("black", "tri-colour", "photo")),
    ),
    "Hygiene": (
        ("Hand towels", 1850, ("Z-fold", "roll", "white", "eco")),
        ("Toilet paper", 1490, ("2 ply", "3 ply", "jumbo", "eco")),
        ("Liquid soap", 920, ("5 l", "refill", "foam", "antibac")),
        ("Bin bags", 530, ("35 l", "60 l", "120 l", "240 l")),
        ("Gloves", 640, ("S", "M", "L", "XL")),
        ("Floor cleaner", 1120, ("1 l", "5 l", "10 l")),
    ),
    "Coffee": (
        ("Coffee beans", 1290, ("house", "strong", "arabica", "decaf", "organic")),
        ("Coffee pods", 1750, ("mild", "lungo", "espresso", "decaf")),
        ("Tea", 380, ("black", "green", "mint", "fruit")),
        ("Sugar", 260, ("sticks", "cubes", "brown")),
        ("Creamer", 470, ("cups", "powder", "oat")),
    ),
    "Snacks": (
        ("Biscuits", 340, ("butter", "cocoa", "oat", "mini")),
        ("Nuts", 890, ("salted", "plain", "mix")),
        ("Bars", 760, ("cereal", "protein", "fruit")),
        ("Crackers", 310, ("plain", "sesame", "cheese")),
    ),
    "Drinks": (
        ("Water", 310, ("0.5 l", "1.5 l", "sparkling", "glass")),
        ("Juice", 690, ("apple", "orange", "peach", "tomato")),
        ("Syrup", 1150, ("vanilla", "caramel", "hazelnut")),
        ("Cola", 820, ("can", "glass", "zero")),
    ),
    "Tableware": (
        ("Paper cups", 560, ("100 ml", "200 ml", "300 ml", "lids")),
        ("Napkins", 390, ("white", "colour", "cocktail", "dinner")),
        ("Cutlery", 720, ("wood", "bamboo", "set")),
        ("Food boxes", 1340, ("S", "M", "L", "soup")),
        ("Plates", 980, ("18 cm", "23 cm", "oval")),
    ),
    "Kitchen": (
        ("GN pan", 2450, ("1/1", "1/2", "1/3", "lid")),
        ("Baking paper", 870, ("roll", "sheets", "silicone")),
        ("Cling film", 790, ("30 cm", "45 cm")),
        ("Chef knife", 3900, ("20 cm", "25 cm", "bread")),
        ("Blender", 18900, ("2 l", "4 l")),
    ),
    "Furniture": (
        ("Office chair", 11900, ("basic", "mesh", "ergo", "leather")),
        ("Desk", 17900, ("120", "140", "160", "sit-stand")),
        ("Cabinet", 14500, ("2 doors", "3 drawers", "locker")),
        ("Bar stool", 6900, ("wood", "metal")),
    ),
}
CATEGORIES = tuple(_PRODUCTS)


@dataclass(frozen=True)
class Item:
    """One item of the catalogue; money in cents."""

    sku: str
    name: str
    category: str
    price: int
    unit_cost: int
    popularity: float
    launched: dt.date | None

    def price_in(self, year: int) -> int:
        """List price: three percent more each January."""
        return _dearer(self.price, year)

    def cost_in(self, year: int) -> int:
        """Purchase cost of a unit: three percent more each January."""
        return _dearer(self.unit_cost, year)


def _dearer(cents: int, year: int) -> int:
    return (cents * (100 + 3 * (year - 2023)) + 50) // 100


def catalogue() -> tuple[Item, ...]:
    """Give all items in order of their code; `LAUNCHES` of them appear after the first sales.

    Examples
    --------
    >>> sum(item.launched is not None for item in catalogue())
    36
    """
    draws = Draws("catalogue")
    bare = [
        (category, f"{product} {variant}", cents * (4 + place) // 4)
        for category, products in _PRODUCTS.items()
        for product, cents, variants in products
        for place, variant in enumerate(variants)
    ]
    days_between = (LAST_LAUNCH - FIRST_LAUNCH).days / (LAUNCHES - 1)
    launched = {
        place: FIRST_LAUNCH + dt.timedelta(days=int(number * days_between))
        for number, place in enumerate(draws.sample(range(len(bare)), LAUNCHES))
    }
    return tuple(
        Item(
            sku=f"{category[0]}{category[-1].upper()}{place:03d}",
            name=name,
            category=category,
            price=price,
            unit_cost=int(price * draws.between(0.58, 0.74)),
            popularity=1.0 / (draws.whole(1, 20) + 4),
            launched=launched.get(place),
        )
        for place, (category, name, price) in enumerate(bare)
    )
