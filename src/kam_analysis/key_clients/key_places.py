"""Key at every level: which client is key in the company, a department, for a manager or in another unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.shares import NEARLY, customer_shares, is_key_in_company
from kam_analysis.findings import Caveat, Finding, Grid, Message, Weight, say, say_n
from kam_analysis.key_clients.dependence import classify_dependence
from kam_analysis.key_clients.shares import client_names, parent_net_sales
from kam_analysis.key_clients.tables import KEY_LEVELS, UNIT_KEYS, PlaceKind, PlaceMark
from kam_analysis.params import KeyClients
from kam_analysis.vocabulary import Band, KeyReason, UnitColumn

MOST_SHOWN = 20
GROUP_SIGN = "Σ"
PLACE = ["unit_column", "unit"]


def with_unit_sums(units: pd.DataFrame) -> pd.DataFrame:
    """Rows above 0 with the exact sums of their unit: `exact`, `base`, `largest` in ten-thousandths, and `n`.

    Parameters
    ----------
    units : DataFrame
        `unit_customers`.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_column": "manager", "unit": "Ana", "customer_id": ["1", "2", "3"],
    ...     "net_sales": [5.1, 4.9, -1.0]})
    >>> with_unit_sums(units)[["customer_id", "exact", "base", "largest", "n"]].values.tolist()
    [['1', 51000, 100000, 51000, 2], ['2', 49000, 100000, 51000, 2]]
    """
    positive = units.assign(exact=money.exact(units.net_sales))
    positive = positive[positive.exact > 0]
    sums = positive.groupby(PLACE, sort=False).exact
    return positive.assign(base=sums.transform("sum"), largest=sums.transform("max"), n=sums.transform("size"))


def places_of_clients(sums: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    """Every client and unit in which it is key: share strictly above ``min_share`` and above min(2/n, 1/2).

    Parameters
    ----------
    sums : DataFrame
        Result of `with_unit_sums`.
    rules : KeyClients
        Key rule, small units, bands.

    Returns
    -------
    DataFrame
        Columns of `sums` with share and mark, by unit, largest share first.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_column": "manager", "unit": "Ana", "customer_id": ["1", "2"],
    ...     "net_sales": [51.0, 49.0]})
    >>> places_of_clients(with_unit_sums(units), KeyClients())[["customer_id", "mark"]].values.tolist()
    [['1', 'small']]
    """
    near = sums[sums.exact >= NEARLY * rules.min_share * sums.base]
    exact, base, n = (near[name].to_numpy() for name in ("exact", "base", "n"))
    doubled = np.where(n >= 4, exact.astype(object) * n, exact.astype(object) * 2)
    is_key = money.exceeds(exact, base, rules.min_share) & (doubled > np.where(n >= 4, 2 * base, base)).astype(bool)
    found = near[is_key]
    marks = [_mark(row, rules) for row in found.itertuples()]
    placed = found.assign(share=found.exact / found.base, mark=pd.Series(marks, index=found.index, dtype=object))
    return placed.sort_values([*PLACE, "share", "customer_id"], ascending=[True, True, False, True])


def _mark(unit: Any, rules: KeyClients) -> str | None:
    if classify_dependence(int(unit.largest), int(unit.base), int(unit.n), rules.bands) is Band.MONO:
        return PlaceMark.MONO.value
    return PlaceMark.SMALL.value if unit.n < rules.small_unit else None


def _of_groups(sums: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Rows of parent groups, customers without one by themselves; `members`: clients above 0 in the unit."""
    rows = sums[[*PLACE, "customer_id", "net_sales", "exact"]]
    related = facts[facts.parent_id.duplicated(keep=False) | (facts.parent_id != facts.customer_id)]
    if related.empty:
        return sums.assign(members=1)
    is_related = rows.customer_id.isin(related.customer_id)
    parents = rows.customer_id[is_related].map(related.set_index("customer_id").parent_id)
    exact = rows[is_related].assign(customer_id=parents).groupby([*PLACE, "customer_id"], sort=True).exact
    grouped = exact.agg(["sum", "size"]).reset_index().rename(columns={"sum": "exact", "size": "members"})
    joined = pd.concat([rows[~is_related].assign(members=1), grouped.assign(net_sales=grouped.exact / money.SCALE)])
    return with_unit_sums(joined)


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
    sums = with_unit_sums(units)
    clients = places_of_clients(sums, rules)
    groups = places_of_clients(_of_groups(sums, facts), rules)
    together = pd.concat([_company_groups(facts, rules), _only_as_group(groups, clients, facts)])
    table = _matrix(clients, together, facts, keys, rules)
    levels = [UnitColumn.COMPANY.value, *(one for one in rules.units if (units.unit_column == one).any())]
    pairs = clients.customer_id.nunique()
    matrix = Finding(
        "unit_keys",
        say("Who is key where?"),
        say("No client is key in any unit.")
        if clients.empty
        else say_n(
            "Places where a client is key in a unit: {pairs:count}, of {clients:count} client.",
            "Places where a client is key in a unit: {pairs:count}, of {clients:count} clients.",
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
    return matrix, _levels(levels, units, sums, clients, groups, facts, rules)


def _only_as_group(groups: pd.DataFrame, clients: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    several = groups[groups.members > 1]
    parents = facts[facts.customer_id.isin(clients.customer_id)].set_index("customer_id").parent_id
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
    wanted = pd.concat([keys.customer_id, clients.customer_id, groups.customer_id])
    known = facts[facts.customer_id.isin(wanted)].set_index("customer_id")
    company = pd.DataFrame(
        {
            "customer_id": keys.customer_id,
            "unit_column": UnitColumn.COMPANY.value,
            "unit": None,
            "n": int((money.exact(facts.net_sales_12m) > 0).sum()),
            "net_sales": keys.net_sales_12m,
            "share": keys.share_12m,
            "mark": keys.reason.where(keys.reason != KeyReason.SHARE, None),
        }
    )
    parts = [company.assign(kind=PlaceKind.CLIENT.value), clients.assign(kind=PlaceKind.CLIENT.value)]
    found = pd.concat([*parts, groups.assign(kind=PlaceKind.PARENT.value)], ignore_index=True)
    names = found.customer_id.map(client_names(facts)).fillna(found.customer_id).astype("str")
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
    sums: pd.DataFrame,
    clients: pd.DataFrame,
    groups: pd.DataFrame,
    facts: pd.DataFrame,
    rules: KeyClients,
) -> Finding:
    rows = [_company_level(facts, rules)]
    sizes = sums.drop_duplicates(PLACE)
    for name in levels[1:]:
        here, grouped = clients[clients.unit_column == name], groups[groups.unit_column == name]
        marks = [_mark(row, rules) for row in sizes[sizes.unit_column == name].itertuples()]
        rows.append(
            {
                "unit_column": name,
                "units": units.unit[units.unit_column == name].nunique(),
                "small": int((sizes.n[sizes.unit_column == name] < rules.small_unit).sum()),
                "mono": marks.count(PlaceMark.MONO.value),
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


def _company_level(facts: pd.DataFrame, rules: KeyClients) -> dict[str, object]:
    sales, grouped = facts.net_sales_12m, parent_net_sales(facts)
    whole = with_unit_sums(pd.DataFrame({"unit_column": UnitColumn.COMPANY.value, "unit": "", "net_sales": sales}))
    size = next(whole.head(1).itertuples(), None)
    keys = int(is_key_in_company(sales, rules.min_share).sum())
    groups = int(is_key_in_company(grouped, rules.min_share).sum())
    return {
        "unit_column": UnitColumn.COMPANY.value,
        "units": 1,
        "small": int(size is None or int(str(size.n)) < rules.small_unit),
        "mono": int(size is not None and _mark(size, rules) == PlaceMark.MONO),
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
