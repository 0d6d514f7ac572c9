"""Key at every level: which client is key in the company, a department, for a manager or in another unit."""

from __future__ import annotations

import pandas as pd

from kam_analysis import money
from kam_analysis.findings import Caveat, Finding, Grid, Message, Weight, say, say_n
from kam_analysis.key_clients.dependence import classify_dependence
from kam_analysis.key_clients.shares import customer_shares, is_key_in_company, is_key_in_unit, parent_net_sales
from kam_analysis.key_clients.tables import KEY_LEVELS, UNIT_KEYS, PlaceKind, PlaceMark, UnitColumn
from kam_analysis.params import KeyClients
from kam_analysis.vocabulary import Band, KeyReason

MOST_SHOWN = 20
GROUP_SIGN = "Σ"
PLACE = ["unit_column", "unit"]


def places_of_clients(units: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    """Every client and unit in which it is key: share strictly above ``min_share`` and above min(2/n, 1/2).

    Parameters
    ----------
    units : DataFrame
        `unit_customers`.
    rules : KeyClients
        Key rule, small units, bands.

    Returns
    -------
    DataFrame
        customer_id, unit_column, unit, n, net_sales, share, mark.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_column": "manager", "unit": "Ana", "customer_id": ["1", "2"],
    ...     "net_sales": [51.0, 49.0]})
    >>> places_of_clients(units, KeyClients())[["customer_id", "mark"]].values.tolist()
    [['1', 'small']]
    """
    parts = [units.head(0).assign(share=0.0, n=0, mark=None)]
    for _, part in units.groupby(PLACE, sort=True):
        keys = is_key_in_unit(part.net_sales, rules.min_share)
        if keys.any():
            parts.append(part.assign(share=customer_shares(part.net_sales), **_unit_of(part, rules))[keys])
    return pd.concat(parts).sort_values([*PLACE, "share", "customer_id"], ascending=[True, True, False, True])


def _unit_of(part: pd.DataFrame, rules: KeyClients) -> dict[str, object]:
    sales = money.exact(part.net_sales)
    n, base = int((sales > 0).sum()), int(sales[sales > 0].sum(dtype=object))
    if classify_dependence(int(sales.max()), base, n, rules.bands) is Band.MONO:
        return {"n": n, "mark": PlaceMark.MONO.value}
    return {"n": n, "mark": PlaceMark.SMALL.value if n < rules.small_unit else None}


def _places_of_groups(units: pd.DataFrame, facts: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    """Places of parent groups, customers without one by themselves; `members`: clients above 0 in the unit."""
    parents = units.customer_id.map(facts.set_index("customer_id").parent_id)
    joined = units.assign(customer_id=parents.fillna(units.customer_id), exact=money.exact(units.net_sales))
    sums = (
        joined.assign(members=joined.exact > 0).groupby([*PLACE, "customer_id"], sort=True)[["exact", "members"]].sum()
    )
    grouped = sums.reset_index().assign(net_sales=lambda table: table.exact / money.SCALE)
    return places_of_clients(grouped, rules)


def unit_keys(
    units: pd.DataFrame, facts: pd.DataFrame, keys: pd.DataFrame, rules: KeyClients
) -> tuple[Finding, Finding]:
    """Say who is key where: the matrix of clients and levels, and places by level before and after the roll-up.

    In the company's column stand the clients of its key list. A parent group stands in the matrix where it is key and
    none of its clients is key by itself. A cell shows the unit with the largest share, and how many more there are.

    Parameters
    ----------
    units : DataFrame
        `unit_customers`.
    facts : DataFrame
        ``customer_facts``.
    keys : DataFrame
        ``key_list``.
    rules : KeyClients
        Key rule, unit columns, small units, bands.

    Returns
    -------
    matrix, levels : Finding
        ``unit_keys`` and ``key_levels``.

    Notes
    -----
    Article C: a client may be key for the company, for a department or for one manager.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "parent_id": ["1", "2"],
    ...     "net_sales_12m": [51.0, 49.0]})
    >>> units = facts.assign(unit_column="manager", unit="Ana", net_sales=[51.0, 49.0])[
    ...     ["unit_column", "unit", "customer_id", "net_sales"]]
    >>> keys = facts.assign(share_12m=[0.51, 0.49], order=[1, 2], reason="share")
    >>> matrix, _ = unit_keys(units, facts, keys, KeyClients())
    >>> matrix.table[["label", "unit_column"]].values.tolist()
    [['Ada', 'company'], ['Ada', 'manager'], ['Bo', 'company']]
    """
    clients = places_of_clients(units, rules)
    groups = _places_of_groups(units, facts, rules)
    together = pd.concat([_company_groups(facts, rules), _only_as_group(groups, clients, facts)])
    table = _matrix(clients, together, facts, keys, rules)
    levels = [UnitColumn.COMPANY.value, *(one for one in rules.units if (units.unit_column == one).any())]
    pairs = clients.customer_id.nunique()
    matrix = Finding(
        "unit_keys",
        say("Who is key where?"),
        say_n(
            "Places where a client is key in a unit: {pairs:count}; {clients:count} client is key somewhere.",
            "Places where a client is key in a unit: {pairs:count}; {clients:count} clients are key somewhere.",
            count="clients",
            pairs=len(clients),
            clients=pairs,
        ),
        table,
        {"unit_key_pairs": len(clients)},
        sub=say(
            "Key in a unit: more than {limit:share0} of it, and more than twice the equal share (or half). Small: n "
            "below {small:count}. {sign}: a parent group that is key only together.",
            limit=rules.min_share,
            small=rules.small_unit,
            sign=GROUP_SIGN,
        ),
        base=say("Share of the net sales of customers above 0 in the unit, last 12 months; with +, further units."),
        grid=Grid(
            "label",
            "unit_column",
            "share",
            ("unit", "mark", "more"),
            edges=tuple(rules.bands.model_dump().values()),
            columns=tuple(levels),
        ),
        most_rows=MOST_SHOWN,
        none=say("No client is key in any unit."),
    )
    return matrix, _levels(levels, units, clients, groups, facts, rules)


def _only_as_group(groups: pd.DataFrame, clients: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    several = groups[groups.members > 1]
    parents = facts.set_index("customer_id").parent_id
    taken = set(zip(clients.unit_column, clients.unit, clients.customer_id.map(parents), strict=True))
    is_taken = [place in taken for place in zip(several.unit_column, several.unit, several.customer_id, strict=True)]
    return several[~pd.Series(is_taken, index=several.index, dtype="bool")]


def _company_groups(facts: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    """Parent groups of several clients that are key in the company though none of their clients is."""
    sales = parent_net_sales(facts)
    alone = facts.parent_id[is_key_in_company(facts.net_sales_12m, rules.min_share)]
    members = facts.parent_id[money.exact(facts.net_sales_12m) > 0].value_counts().reindex(sales.index, fill_value=0)
    is_key = is_key_in_company(sales, rules.min_share) & (members > 1) & ~sales.index.isin(alone)
    table = pd.DataFrame({"customer_id": sales.index, "net_sales": sales, "share": customer_shares(sales)})
    n = int((money.exact(sales) > 0).sum())
    return table[is_key].assign(unit_column=UnitColumn.COMPANY.value, unit=None, n=n, mark=None)


def _matrix(
    clients: pd.DataFrame, groups: pd.DataFrame, facts: pd.DataFrame, keys: pd.DataFrame, rules: KeyClients
) -> pd.DataFrame:
    known = facts.set_index("customer_id")
    company = pd.DataFrame(
        {
            "customer_id": keys.customer_id,
            "unit_column": UnitColumn.COMPANY.value,
            "unit": None,
            "n": int((money.exact(known.net_sales_12m) > 0).sum()),
            "net_sales": keys.net_sales_12m,
            "share": keys.share_12m,
            "mark": keys.reason.where(keys.reason != KeyReason.SHARE, None),
        }
    )
    parts = [company.assign(kind=PlaceKind.CLIENT.value), clients.assign(kind=PlaceKind.CLIENT.value)]
    found = pd.concat([*parts, groups.assign(kind=PlaceKind.PARENT.value)], ignore_index=True)
    names = found.customer_id.map(known.customer_name).fillna(found.customer_id).astype("str")
    is_group = found.kind == PlaceKind.PARENT
    group_sales = parent_net_sales(facts).reindex(found.customer_id).to_numpy()
    client_sales = found.customer_id.map(known.net_sales_12m).to_numpy()
    level = {name: place for place, name in enumerate([UnitColumn.COMPANY.value, *rules.units])}
    placed = found.assign(
        customer_name=names,
        label=_labels(found.customer_id, names, is_group),
        order=found.customer_id.map(keys.set_index("customer_id").order).where(~is_group),
        size=-pd.Series(group_sales).where(is_group, client_sales),
        level=found.unit_column.map(level),
        least=-found.share,
    ).sort_values(["order", "size", "customer_id", "kind", "level", "least", "unit"], na_position="last")
    per_level = placed.groupby(["kind", "customer_id", "unit_column"], sort=False)
    more = per_level.customer_id.transform("size") - 1
    is_first = per_level.cumcount() == 0
    return UNIT_KEYS.conform(
        placed.assign(more=("+" + more.astype("str")).where(is_first & (more > 0), None)).reset_index(drop=True)
    )


def _labels(ids: pd.Series, names: pd.Series, is_group: pd.Series) -> pd.Series:
    """Name of a row: with the id where a name stands twice, with a sign for a group."""
    plain = names.where(~is_group, GROUP_SIGN + " " + names)
    twice = plain.map(pd.DataFrame({"label": plain, "id": ids}).groupby("label")["id"].nunique()) > 1
    return plain.where(~twice, plain + " (" + ids + ")")


def _levels(
    levels: list[str],
    units: pd.DataFrame,
    clients: pd.DataFrame,
    groups: pd.DataFrame,
    facts: pd.DataFrame,
    rules: KeyClients,
) -> Finding:
    rows = [_company_level(facts, rules)]
    for name in levels[1:]:
        here, grouped = clients[clients.unit_column == name], groups[groups.unit_column == name]
        sizes = [_unit_of(part, rules) for _, part in units[units.unit_column == name].groupby("unit") if _sells(part)]
        rows.append(
            {
                "unit_column": name,
                "units": units.unit[units.unit_column == name].nunique(),
                "small": sum(int(str(one["n"])) < rules.small_unit for one in sizes),
                "mono": sum(one["mark"] == PlaceMark.MONO for one in sizes),
                "places": len(here),
                "clients": here.customer_id.nunique(),
                "places_of_groups": len(grouped),
                "groups": grouped.customer_id.nunique(),
            }
        )
    table = KEY_LEVELS.conform(pd.DataFrame(rows))
    rolled = table[table.places_of_groups != table.places]
    return Finding(
        "key_levels",
        say("What changes when parent groups are one client?"),
        _levels_sentence([UnitColumn(one) for one in rolled.unit_column]),
        table,
        {f"{row.unit_column}.key_groups": int(row.places_of_groups) for row in table.itertuples()},
        sub=say("The same key rule before and after the clients of a parent group are added up."),
        base=say("A customer without a parent group is its own. The company counts keys by share only."),
        show=("unit_column", "units", "small", "mono", "places", "clients", "places_of_groups", "groups"),
        caveats=_roll_up_caveat(facts),
    )


def _sells(part: pd.DataFrame) -> bool:
    return bool((money.exact(part.net_sales) > 0).any())


def _company_level(facts: pd.DataFrame, rules: KeyClients) -> dict[str, object]:
    sales, grouped = facts.net_sales_12m, parent_net_sales(facts)
    n = int((money.exact(sales) > 0).sum())
    company = facts.assign(net_sales=sales)
    keys = int(is_key_in_company(sales, rules.min_share).sum())
    groups = int(is_key_in_company(grouped, rules.min_share).sum())
    return {
        "unit_column": UnitColumn.COMPANY.value,
        "units": 1,
        "small": int(n < rules.small_unit),
        "mono": int(n > 0 and _unit_of(company, rules)["mark"] == PlaceMark.MONO),
        "places": keys,
        "clients": keys,
        "places_of_groups": groups,
        "groups": groups,
    }


def _levels_sentence(changed: list[UnitColumn]) -> Message:
    if not changed:
        return say("Adding up parent groups changes no number of key places.")
    return say("Adding up parent groups changes the number of key places here: {levels:names}.", levels=changed)


def _roll_up_caveat(facts: pd.DataFrame) -> list[Caveat]:
    if (facts.parent_id != facts.customer_id).any():
        return []
    text = say("The data name no parent groups, so that concentration may be understated.")
    return [Caveat(say("Nothing to roll up"), text, Weight.AMBER)]
