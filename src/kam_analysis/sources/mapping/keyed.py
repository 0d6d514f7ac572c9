"""What a table says that is told by a key of the order lines: of customers, of items, of staff."""

from __future__ import annotations

from collections.abc import Mapping

from kam_analysis.sources.mapping.content import Content
from kam_analysis.sources.mapping.roles import Fit, Roles, is_otherwise
from kam_analysis.sources.mapping.words import plain

NAMED_BY_KEY = {"sku": ("item", "category"), "customer_id": ("customer_name",), "manager": ("manager",)}
BARE_NAMES = ("name", "title", "description", "наименование", "название", "имя", "назив", "име", "опис", "bezeichnung")
NAME_WORDS = {"name", "title", "наименование", "название", "назив", "име", "naziv", "bezeichnung"}
FULL_NAMES = (
    *("full name", "фио", "име и презиме", "ime i prezime", "employee name", "сотрудник"),
    *("name", "имя", "наименование", "назив", "име", "ime"),
)
STAFF = {
    *(
        "employee",
        "salesperson",
        "seller",
        "manager",
        "rep",
        "user",
        "staff",
        "agent",
        "сотрудника",
        "менеджера",
        "пользователя",
    ),
    *("вработен", "комерцијалист", "mitarbeiter", "verkäufer", "zaposlenog"),
}


def named_by(role: str, found: Roles, contents: Mapping[str, Content]) -> dict[str, Fit]:
    """Roles of a table that is told by the column of a role: the name of a customer or of an item, not of the other."""
    fits = dict(found.fits)
    if role == "customer_id":
        for other in ("item", "category", "sku"):
            fit = fits.pop(other, None)
            if other == "item" and fit is not None and plain(fit.column) in BARE_NAMES:
                fits.setdefault("customer_name", Fit("customer_name", fit.column, fit.confidence, fit.reason))
        known = contents[fits["customer_name"].column].filled if "customer_name" in fits else 0
        person = _full_name(found)
        if person is not None and contents[person.column].filled > known:
            fits["customer_name"] = Fit("customer_name", person.column, 1.0, person.reason)
    elif role == "manager":
        for other in ("customer_name", "item", "category", "sku", "country", "region", "manager"):
            fit = fits.pop(other, None)
            is_named = fit is not None and plain(fit.column) not in BARE_NAMES
            if fit is not None and is_named and other == "manager" and not contents[fit.column].is_number:
                fits[other] = fit
        if "manager" not in fits and (name := _full_name(found)) is not None:
            fits["manager"] = name
    elif role == "sku":
        for other in ("customer_name", "country", "region", "manager", "department"):
            fit = fits.pop(other, None)
            if other == "customer_name" and fit is not None and plain(fit.column) in BARE_NAMES:
                fits.setdefault("item", Fit("item", fit.column, fit.confidence, fit.reason))
        named = [
            fit
            for fit in found.scores.get("item", {}).values()
            if NAME_WORDS & set(plain(fit.column).split()) and not is_otherwise(found.scores, fit)
        ]
        if len(named) == 1 and ("item" not in fits or not NAME_WORDS & set(plain(fits["item"].column).split())):
            fits["item"] = named[0]
        if (bare_name := _bare_name(found)) is not None:
            fits.setdefault("item", Fit("item", bare_name, 1.0, "the name in a list of items"))
    return fits


def _bare_name(found: Roles) -> str | None:
    return next((column for column in found.unused if plain(column) in BARE_NAMES), None)


def is_list_of_items(found: Roles) -> bool:
    """Whether a table names what it lists and its price or cost, and no date or customer."""
    of_items = {"unit_price", "cost"} & set(found.fits)
    return bool(of_items) and _bare_name(found) is not None and not {"order_date", "customer_id"} & set(found.fits)


def _full_name(found: Roles) -> Fit | None:
    """The column of a table of people that holds their names."""
    columns = {plain(column): column for column in [*found.unused, *(fit.column for fit in found.fits.values())]}
    name = next((columns[name] for name in FULL_NAMES if name in columns), None)
    return Fit("manager", name, 1.0, "the name of the person") if name else None
