"""Key at every level: which account is key in the company, a department, for a manager or in another unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import frames, money
from kam_analysis.facts.accounts import PLACE
from kam_analysis.facts.key_list import KeyList, unit_sums
from kam_analysis.facts.shares import above_share, above_unit_share
from kam_analysis.findings import Finding, Grid, Message, say, say_n
from kam_analysis.key_clients.dependence import bands_of
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Band, Labelled, UnitColumn


class PlaceMark(Labelled):
    """What to keep in mind of a unit: it is small or hangs on one account."""

    SMALL = "small", say("small unit")
    MONO = "mono", say("mono-client")


UNIT_KEYS = Table(
    "unit_keys",
    "one account in the company (when on the list) or in one unit (when key there by share)",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.UNIT_COLUMN,
        col.UNIT("Its value; missing for the company."),
        col.N("Accounts with net sales above 0 in the unit."),
        col.NET_SALES("In the unit, last 12 months."),
        col.SHARE("Of the unit's base; missing at 0 or below."),
        col.member("mark", say("Mark"), "Small or mono-client unit.", PlaceMark, nullable=True),
        col.text("more", say("More"), "Further units of this level, on its first row.", nullable=True),
    ),
    ("account_id", "unit_column", "unit"),
)

KEY_LEVELS = Table(
    "key_levels",
    "one level",
    (
        col.UNIT_COLUMN("Company or unit column."),
        col.count("units", say("Units"), "Different values in the last 12 months."),
        col.count("small", say("Small"), "Units with fewer accounts than key_clients.small_unit."),
        col.count("mono", say("Mono-client"), "Units that hang on one account."),
        col.count(
            "places_of_customers",
            say("Key places, customers alone"),
            "Pairs of a unit and a customer that would be key there by itself.",
        ),
        col.count("customers", say("Key customers"), "Different customers of these pairs."),
        col.count("places", say("Key places"), "Pairs of a unit and an account that is key there."),
        col.count("accounts", say("Key accounts"), "Different accounts of these pairs."),
    ),
    ("unit_column",),
)


MOST_SHOWN = 20


@finds(UNIT_KEYS)
def unit_keys(now: KeyList, rules: KeyClients) -> Finding:
    """Say which account is key where: accounts of the list and accounts that are key in any unit, by level.

    In the company's column stand the accounts of the key list. A cell shows the unit with the largest share, and how
    many more there are; a unit that is small or hangs on one account carries a mark.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Key rule, unit columns, small units, bands.

    Notes
    -----
    Article C: a client may be key for the company, for a department or for one manager.
    """
    table = _matrix(now, rules)
    pairs = table[table.unit_column != UnitColumn.COMPANY]
    present = set(now.units.unit_column)
    return Finding(
        "unit_keys",
        say("Who is key where?"),
        _pairs_sentence(pairs),
        table,
        {"unit_key_pairs": len(pairs)},
        sub=say(
            "Key in a unit: more than {limit:share0} of it, and more than twice the equal share (or half). Small: n "
            "below {small:count}; small units and other columns than department and manager put nobody on the list.",
            limit=rules.min_share,
            small=rules.small_unit,
        ),
        base=say("Share of the net sales of accounts above 0 in the unit, last 12 months; with +, further units."),
        grid=Grid(
            "account_name",
            "unit_column",
            "share",
            ("unit", "mark", "more"),
            edges=tuple(rules.bands.model_dump().values()),
            columns=(UnitColumn.COMPANY.value, *(one for one in rules.units if one in present)),
        ),
        most_rows=MOST_SHOWN,
        none=say("No account is key in any unit."),
    )


def _pairs_sentence(pairs: pd.DataFrame) -> Message:
    if pairs.empty:
        return say("No account is key in any unit.")
    return say_n(
        "Units in which an account is key by share: {pairs:count}, of {accounts:count} account.",
        "Units in which an account is key by share: {pairs:count}, of {accounts:count} accounts.",
        count="accounts",
        pairs=len(pairs),
        accounts=pairs.account_id.nunique(),
    )


def _matrix(now: KeyList, rules: KeyClients) -> pd.DataFrame:
    units = now.reasons[now.reasons.unit_column != UnitColumn.COMPANY].drop(columns=["reason", "place"])
    sizes = _marked(unit_sums(now.units), rules)
    units = units.merge(sizes[[*PLACE, "mark"]], on=PLACE, how="left")
    keys = now.keys
    company = pd.DataFrame(
        {
            "account_id": keys.account_id,
            "account_name": keys.account_name,
            "unit_column": UnitColumn.COMPANY.value,
            "unit": None,
            "n": now.n,
            "net_sales": keys.net_sales_12m,
            "share": keys.share_12m,
            "mark": None,
        }
    )
    found = pd.concat([company, units], ignore_index=True).astype({"mark": "object"})
    known = now.accounts.set_index("account_id")
    places = {name: place for place, name in enumerate([UnitColumn.COMPANY.value, *rules.units])}
    placed = found.assign(
        off_list=~found.account_id.isin(keys.account_id),
        size=-money.exact(found.account_id.map(known.net_sales_12m)),
        place=found.unit_column.map(places),
        least=-found.share,
    ).sort_values(["off_list", "size", "account_id", "place", "least", "unit"])
    level = placed.groupby(["account_id", "unit_column"], sort=False)
    more = level.account_id.transform("size") - 1
    is_first = level.cumcount() == 0
    told = ("+" + more.astype("str")).where(is_first & (more > 0), None)
    return UNIT_KEYS.conform(placed.assign(more=told).reset_index(drop=True))


def _marked(sums: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    """One row per unit with its mark: it hangs on one account, or is small."""
    sizes = sums.drop_duplicates(PLACE)
    bands = bands_of(sizes.largest.to_numpy(), sizes.base.to_numpy(), sizes.n.to_numpy(), rules.bands)
    marks = np.select(
        [bands == Band.MONO, (sizes.n < rules.small_unit).to_numpy()],
        [PlaceMark.MONO.value, PlaceMark.SMALL.value],
        "",
    )
    return sizes.assign(mark=pd.Series(marks, index=sizes.index, dtype="object").where(marks != "", None))


@finds(KEY_LEVELS)
def key_levels(now: KeyList, facts: pd.DataFrame, units: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say how many are key by share at every level, before and after the customers of a group are added up.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    facts : DataFrame
        ``customer_facts``.
    units : DataFrame
        `unit_customers` at the reference date.
    rules : KeyClients
        Key rule, unit columns.
    """
    alone = facts[["customer_id", "net_sales_12m"]].set_axis(["account_id", "net_sales"], axis=1)
    company = {
        "customers": alone.assign(exact=money.exact(alone.net_sales)),
        "accounts": now.accounts.assign(exact=money.exact(now.accounts.net_sales_12m)),
    }
    by_unit = {
        "customers": units.rename(columns={"customer_id": "account_id"}).assign(exact=money.exact(units.net_sales)),
        "accounts": now.units,
    }
    keys = {name: _keys_of(company[name], by_unit[name], rules) for name in company}
    sizes = _marked(unit_sums(now.units), rules)
    rows = [_level(name, now, sizes, keys, rules) for name in _levels(now, rules)]
    table = KEY_LEVELS.conform(pd.DataFrame(rows))
    changed = table[table.places != table.places_of_customers]
    return Finding(
        "key_levels",
        say("What changes when parent groups are one account?"),
        say("Adding up parent groups changes no number of key places.")
        if changed.empty
        else say(
            "Adding up parent groups changes the number of key places here: {levels:names}.",
            levels=[UnitColumn(one) for one in changed.unit_column],
        ),
        table,
        {f"{row.unit_column}.key_groups": row.places for row in frames.rows(table)},
        sub=say("The same key rule by share for customers by themselves and for accounts."),
        show=("unit_column", "units", "small", "mono", "places_of_customers", "customers", "places", "accounts"),
    )


def _levels(now: KeyList, rules: KeyClients) -> list[str]:
    present = set(now.units.unit_column)
    return [UnitColumn.COMPANY.value, *(name for name in rules.units if name in present)]


def _keys_of(company: pd.DataFrame, units: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    """Pairs of a unit (or the company) and a customer or account that is key there by share."""
    exact = company.exact.to_numpy()
    base = int(exact[exact > 0].sum(dtype=object))
    whole = company[above_share(exact, base, rules.min_share)].assign(unit_column=UnitColumn.COMPANY.value, unit="")
    sums = unit_sums(units)
    exact, sizes, n = (sums[name].to_numpy() for name in ("exact", "base", "n"))
    in_units = sums[above_unit_share(exact, sizes, n, rules.min_share)]
    return pd.concat([whole[[*PLACE, "account_id"]], in_units[[*PLACE, "account_id"]]])


def _level(
    name: str, now: KeyList, sizes: pd.DataFrame, keys: dict[str, pd.DataFrame], rules: KeyClients
) -> dict[str, Any]:
    here, alone = (keys[who][keys[who].unit_column == name] for who in ("accounts", "customers"))
    is_company = name == UnitColumn.COMPANY
    marks = sizes.mark[sizes.unit_column == name]
    top = now.accounts.share_12m.max()
    return {
        "unit_column": name,
        "units": 1 if is_company else now.units.unit[now.units.unit_column == name].nunique(),
        "small": int(now.n < rules.small_unit)
        if is_company
        else int((sizes.n[sizes.unit_column == name] < rules.small_unit).sum()),
        "mono": int(now.n == 1 or top >= rules.bands.mono) if is_company else int((marks == PlaceMark.MONO).sum()),
        "places": len(here),
        "accounts": here.account_id.nunique(),
        "places_of_customers": len(alone),
        "customers": alone.account_id.nunique(),
    }
