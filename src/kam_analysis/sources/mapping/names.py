"""First and last names in two columns, which are one name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kam_analysis.sources.mapping.words import plain

# The words of one language: parts of a name in the order in which it is written, and what the whole is called.
PARTS = (
    (
        ("first name|firstname|given name|forename|fname", "last name|lastname|surname|family name|lname"),
        *("full name", "name"),
    ),
    (("фамилия", "имя", "отчество"), "ФИО", "ФИО"),
    (("име", "презиме"), "Име и презиме", "име и презиме"),
    (("ime", "prezime"), "Ime i prezime", "ime i prezime"),
    (("vorname", "nachname|familienname"), "Name", "Name"),
)
FEWEST_PARTS = 2


def name_columns(head: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Columns to be made of the parts of a name, each with these; none where the whole name stands there too.

    Examples
    --------
    >>> name_columns(["EmployeeID", "LastName", "FirstName"])
    {'Full name': ('FirstName', 'LastName')}
    >>> name_columns(["Last Name (Billing)", "First Name (Billing)"])
    {'Billing name': ('First Name (Billing)', 'Last Name (Billing)')}
    >>> name_columns(["Имя", "Фамилия", "Код"])
    {'ФИО': ('Фамилия', 'Имя')}
    >>> name_columns(["First name", "Last name", "Full name"]), name_columns(["Имя клиента"])
    ({}, {})
    """
    known = {plain(column) for column in head}
    found: dict[str, tuple[str, ...]] = {}
    for parts, alone, beside in PARTS:
        by_rest: dict[str, dict[int, str]] = {}
        for column in head:
            for place, words in enumerate(parts):
                rest, times = re.subn(rf"(^| )({words})( |$)", " ", plain(column))
                if times:
                    by_rest.setdefault(rest.strip(), {}).setdefault(place, column)
        for rest, columns in by_rest.items():
            name = f"{rest} {beside}".strip() if rest else alone
            is_whole = {*range(FEWEST_PARTS)} <= set(columns)
            if is_whole and plain(name) not in known:
                found[name[:1].upper() + name[1:]] = tuple(columns[place] for place in sorted(columns))
    return found
