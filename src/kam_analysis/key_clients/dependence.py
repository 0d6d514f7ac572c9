"""How dangerously the company and its units depend on their largest clients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts import accounts
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.shares import is_key_in_company, is_key_in_unit
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, say, say_n
from kam_analysis.key_clients.shares import client_names
from kam_analysis.key_clients.tables import DEPENDENCE, GROUP_DEPENDENCE, GroupKind
from kam_analysis.params import Bands, KeyClients
from kam_analysis.vocabulary import Band, UnitColumn

HALF = 0.5
MOST_NAMED = 3
EXPOSED = (Band.HIGH, Band.SEVERE, Band.CRITICAL, Band.MONO)


def unit_customers(engine: Engine, as_of: dt.date, rules: KeyClients) -> pd.DataFrame:
    """Net sales of each customer in each unit over the last 12 months.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    as_of : date
        First day not analysed.
    rules : KeyClients
        Unit columns.

    Returns
    -------
    DataFrame
        unit_column, unit, customer_id, net_sales; unit columns that the data lack have no row.

    Examples
    --------
    >>> with Engine() as engine:
    ...     engine.view("order_lines", "SELECT '1' AS customer_id, 5.0 AS net_sales, DATE '2025-06-01' AS ordered_on, "
    ...         "'Ana' AS manager, NULL AS department, 'MK' AS country, NULL AS region, NULL AS channel")
    ...     unit_customers(engine, dt.date(2026, 1, 1), KeyClients()).unit.tolist()
    ['MK', 'Ana']
    """
    units = accounts.unit_customers(engine, as_of, rules.units)
    return units[units.unit_column.isin(rules.units)].drop(columns="last_line_on").reset_index(drop=True)


def unassigned_sales(engine: Engine, as_of: dt.date) -> pd.DataFrame:
    """Money of the last 12 months without a customer, and of customers without a value of each unit column.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    as_of : date
        First day not analysed.

    Returns
    -------
    DataFrame
        Indexed by what is missing: net_sales, all_net_sales; without a row when the window has no line.

    Examples
    --------
    >>> with Engine() as engine:
    ...     engine.view("order_lines", "SELECT NULL AS customer_id, 5.0 AS net_sales, DATE '2025-06-01' AS ordered_on, "
    ...         "'Ana' AS manager, NULL AS department, 'MK' AS country, NULL AS region, NULL AS channel")
    ...     float(unassigned_sales(engine, dt.date(2026, 1, 1)).net_sales["customer"])
    5.0
    """
    engine.materialise(
        "unassigned_sales", statement(__file__, "unassigned_sales"), from_on=add_months(as_of, -12), as_of=as_of
    )
    found: pd.DataFrame = engine.frame("unassigned_sales").set_index("missing").astype("float64")
    return found


def classify_dependence(largest: int, base: int, n: int, bands: Bands) -> Band:
    """Band of a unit's largest share; lower edges are exclusive, decided in integers.

    At exactly 30 % the band is still "watch"; a single customer or a share of at least 90 % is mono-client.

    Parameters
    ----------
    largest, base : int
        Net sales of the largest customer and of all customers above 0, in ten-thousandths; base above 0.
    n : int
        Customers above 0.
    bands : Bands
        Edges.

    Notes
    -----
    Article C: act from 20–30 % on, worse above 40 %, critical above 50 %.

    Examples
    --------
    >>> [classify_dependence(share, 100, 12, Bands()).value for share in (20, 21, 30, 31, 41, 51, 89, 90)]
    ['none', 'watch', 'watch', 'high', 'severe', 'critical', 'critical', 'mono']
    >>> classify_dependence(100, 100, 1, Bands()).value
    'mono'
    """
    return Band(bands_of(np.array([largest]), np.array([base]), np.array([n]), bands)[0])


def bands_of(
    largest: npt.NDArray[np.int64], base: npt.NDArray[np.int64], n: npt.NDArray[np.int64], bands: Bands
) -> npt.NDArray[np.str_]:
    """Bands of many units at once, each as `classify_dependence` gives it.

    Examples
    --------
    >>> bands_of(np.array([30, 31, 7]), np.array([100, 100, 7]), np.array([9, 9, 1]), Bands()).tolist()
    ['watch', 'high', 'mono']
    """
    falling = (Band.CRITICAL, Band.SEVERE, Band.HIGH, Band.WATCH)
    is_mono = (n == 1) | money.exceeds(largest, base, bands.mono, inclusive=True)
    above = [money.exceeds(largest, base, getattr(bands, band.value)) for band in falling]
    return np.select([is_mono, *above], [band.value for band in (Band.MONO, *falling)], Band.NONE.value)


def extra_sales_needed(largest: float, base: float, target_share: float) -> float:
    """Sales from others with which the largest client's share falls to the target: max(0, R1/t − R).

    Article C: the answer to dependence is to enlarge the base, not to shrink the customer. Rounded to the
    ten-thousandth of the currency unit, so that 0 is 0.

    Parameters
    ----------
    largest, base : float
        Net sales R1 of the largest customer and R of all customers above 0.
    target_share : float
        Share t to fall to, above 0.

    Examples
    --------
    >>> extra_sales_needed(40.0, 100.0, 0.20)
    100.0
    """
    return max(0.0, round(largest / target_share - base, 4))


def unit_dependence(units: pd.DataFrame, names: pd.Series, rules: KeyClients) -> pd.DataFrame:
    """Largest client, its share and band for every unit; no share and no band without a customer above 0.

    Parameters
    ----------
    units : DataFrame
        unit_column, unit, customer_id, net_sales of one window.
    names : Series
        Name by customer id.
    rules : KeyClients
        Bands, small units, target share.

    Returns
    -------
    DataFrame
        Columns of ``dependence`` without band_before.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["1", "2"], "net_sales": [3.0, 1.0]})
    >>> units = sales.assign(unit_column="manager", unit="Ana")
    >>> unit_dependence(units, pd.Series({"1": "Ada", "2": "Bo"}), KeyClients()).band.tolist()
    ['critical']
    """
    rows = [
        {"unit_column": column, "unit": unit} | _largest_of(column, part, names, rules)
        for (column, unit), part in units.groupby(["unit_column", "unit"], sort=True)
    ]
    return pd.DataFrame(rows, columns=[name for name in DEPENDENCE.names if name != "band_before"])


def _largest_of(column: Hashable, part: pd.DataFrame, names: pd.Series, rules: KeyClients) -> dict[str, object]:
    sales = money.exact(part.net_sales)
    n, base = int((sales > 0).sum()), int(sales[sales > 0].sum(dtype=object))
    if not n:
        return {"n": 0, "is_small": True, "net_sales": 0.0, "key_clients": 0, "extra_sales_needed": 0.0}
    largest = int(sales.max())
    customer = part.customer_id[sales == largest].min()
    is_key = is_key_in_company if column == UnitColumn.COMPANY else is_key_in_unit
    return {
        "n": n,
        "is_small": n < rules.small_unit,
        "net_sales": money.units(base),
        "largest_customer_id": customer,
        "largest_customer_name": names.get(customer),
        "largest_share": largest / base,
        "band": classify_dependence(largest, base, n, rules.bands).value,
        "key_clients": int(is_key(part.net_sales, rules.min_share).sum()),
        "extra_sales_needed": extra_sales_needed(money.units(largest), money.units(base), rules.target_share),
    }


def with_company(units: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Units and the company as one more unit with the level "company".

    Examples
    --------
    >>> units = pd.DataFrame({"unit_column": ["manager"], "unit": ["Ana"], "customer_id": ["1"], "net_sales": [5.0]})
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "net_sales_12m": [5.0, 7.0]})
    >>> with_company(units, facts).unit_column.tolist()
    ['company', 'company', 'manager']
    """
    company = pd.DataFrame(
        {
            "unit_column": UnitColumn.COMPANY.value,
            "unit": "",
            "customer_id": facts.customer_id,
            "net_sales": facts.net_sales_12m,
        }
    )
    return pd.concat([company[money.exact(company.net_sales) != 0], units], ignore_index=True)


def dependence(
    units: pd.DataFrame,
    units_before: pd.DataFrame | None,
    facts: pd.DataFrame,
    facts_before: pd.DataFrame,
    unassigned: pd.DataFrame,
    rules: KeyClients,
) -> Finding:
    """Say which units depend on one client, and how badly.

    Sentence and tile speak of the larger units; small ones stand in the table with their mark, the company in its row.

    Parameters
    ----------
    units, units_before : DataFrame
        `unit_customers` at both dates (None where the data do not reach back).
    facts, facts_before : DataFrame
        ``customer_facts`` at both dates.
    unassigned : DataFrame
        `unassigned_sales` at the reference date.
    rules : KeyClients
        Bands and marks.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "net_sales_12m": [31.0, 69.0]})
    >>> units = facts.assign(unit_column="manager", unit="Ana", net_sales=facts.net_sales_12m)
    >>> found = dependence(units, None, facts, facts, pd.DataFrame({"net_sales": []}), KeyClients(units=("manager",)))
    >>> found.numbers["manager.over_half"], found.table.extra_sales_needed.tolist()
    (1, [245.0, 245.0])
    """
    names = facts.set_index("customer_id").customer_name
    now = unit_dependence(with_company(units, facts), names, rules)
    before = None if units_before is None else unit_dependence(with_company(units_before, facts_before), names, rules)
    table = _ordered(_with_band_before(now, before), rules)
    return Finding(
        "dependence",
        say("How dependent are the units?"),
        _dependence_sentence(table, rules),
        DEPENDENCE.conform(table.assign(unit=table.unit.where(table.unit_column != UnitColumn.COMPANY))),
        _dependence_numbers(table),
        sub=say(
            "Largest client's share of the unit's net sales, last 12 months. Small: n below {small:count}. "
            "Extra sales: from others, so that the largest falls to {target:share0}.",
            small=rules.small_unit,
            target=rules.target_share,
        ),
        base=say("Base: customers with net sales above 0 in the unit; the unit is the value on the order line."),
        show=(
            "unit",
            "unit_column",
            "n",
            "is_small",
            "net_sales",
            "largest_customer_name",
            "largest_share",
            Show("band", chip=True, strong=(Band.SEVERE, Band.CRITICAL, Band.MONO)),
            "band_before",
            "key_clients",
            "extra_sales_needed",
        ),
        sortable=len(table) >= 24,
        drawing="dependence_bands" if table.largest_share.notna().any() else None,
        limits=rules.bands.model_dump(),
        none=say("No unit has sales in the last 12 months."),
        caveats=[*_enlarge_caveat(table, rules), *_unnamed_caveat(units, unassigned, rules)],
    )


def _with_band_before(now: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    if before is None:
        return now.assign(band_before=None)
    bands = before[["unit_column", "unit", "band"]].rename(columns={"band": "band_before"})
    return now.merge(bands, on=["unit_column", "unit"], how="left")


def _ordered(table: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    levels = {name: place for place, name in enumerate([UnitColumn.COMPANY.value, *rules.units])}
    placed = table.assign(level=table.unit_column.map(levels), largest_share=table.largest_share.astype("float64"))
    return placed.sort_values(["level", "largest_share", "unit"], ascending=[True, False, True], ignore_index=True)


def _dependence_sentence(table: pd.DataFrame, rules: KeyClients) -> Message:
    units = table[table.unit_column != UnitColumn.COMPANY]
    larger = units[~units.is_small.astype("bool")]
    if units.empty:
        return say("The data name no manager, department or other unit.")
    if larger.empty:
        return say("All units are small (n below {small:count}), so none is judged.", small=rules.small_unit)
    exposed = larger[larger.band.isin(EXPOSED)]
    exposed = exposed.assign(hangs=exposed.largest_share * exposed.net_sales).sort_values(
        ["hangs", "unit"], ascending=[False, True]
    )
    if exposed.empty:
        return say_n(
            "The only larger unit does not depend on one client for more than {limit:share0}.",
            "None of {n:count} larger units depends on one client for more than {limit:share0}.",
            count="n",
            n=len(larger),
            limit=rules.bands.high,
        )
    return _exposed_sentence(exposed, len(larger), rules)


def _exposed_sentence(exposed: pd.DataFrame, larger: int, rules: KeyClients) -> Message:
    worst = exposed.iloc[0]
    if larger == 1:
        return say(
            "The only larger unit, {unit}, depends on {client} for {share:share}.",
            unit=worst.unit,
            client=worst.largest_customer_name,
            share=worst.largest_share,
        )
    return say_n(
        "{n:count} of {m:count} larger units depends on one client for more than {limit:share0}: {unit} on {client} "
        "for {share:share}.",
        "{n:count} of {m:count} larger units depend on one client for more than {limit:share0}, with most money "
        "{unit}: {client} brings {share:share}.",
        count="n",
        n=len(exposed),
        m=larger,
        limit=rules.bands.high,
        unit=worst.unit,
        client=worst.largest_customer_name,
        share=worst.largest_share,
    )


def _dependence_numbers(table: pd.DataFrame) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for column, part in table[table.unit_column != UnitColumn.COMPANY].groupby("unit_column"):
        is_mono = part.band == Band.MONO
        numbers |= {
            f"{column}.units": len(part),
            f"{column}.small": int(part.is_small.sum()),
            f"{column}.key_pairs": int(part.key_clients.sum()),
            f"{column}.mono": int(is_mono.sum()),
            f"{column}.over_half": int(((part.largest_share > HALF) & ~is_mono).sum()),
        }
    return numbers


def _enlarge_caveat(table: pd.DataFrame, rules: KeyClients) -> list[Caveat]:
    """Article C: the answer to dependence is a larger base, not a smaller client."""
    is_large = (table.unit_column == UnitColumn.COMPANY) | ~table.is_small.astype("bool")
    short = table[is_large & (table.extra_sales_needed > 0)]
    if short.empty:
        return []
    parts = [
        say(
            "{unit}: {money:money}",
            unit=UnitColumn.COMPANY if row.unit_column == UnitColumn.COMPANY else row.unit,
            money=row.extra_sales_needed,
        )
        for row in short.sort_values(["extra_sales_needed", "unit"], ascending=[False, True])
        .head(MOST_NAMED)
        .itertuples()
    ]
    text = say_n(
        "In {n:count} unit the largest client falls to {target:share0} only when others buy more in a year: "
        "{parts:names}.",
        "In {n:count} units the largest client falls to {target:share0} only when others buy more in a year, most of "
        "all {parts:names}.",
        count="n",
        n=len(short),
        target=rules.target_share,
        parts=parts,
    )
    return [Caveat(say("Enlarge the base, not shrink the client"), text)]


def _unnamed_caveat(units: pd.DataFrame, unassigned: pd.DataFrame, rules: KeyClients) -> list[Caveat]:
    known = set(units.unit_column.unique())
    parts = [
        say("{column}: {money:money}", column=UnitColumn(column), money=unassigned.net_sales[column])
        for column in rules.units
        if column in known and column in unassigned.index and unassigned.net_sales[column]
    ]
    if not parts:
        return []
    text = say(
        "Net sales of the last 12 months on lines that name no unit, and so count in none: {parts:names}.", parts=parts
    )
    return [Caveat(say("Sales without a unit"), text, Weight.GREEN)]


def group_dependence(facts: pd.DataFrame, keys: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say how far the company depends on groups: all key clients together, parent groups, industries.

    A parent group decides as one, so the bands of a single client apply to its share of the last 12 months; key
    clients and industries have shares and no band. Parent groups with several customers above 0 and a share above
    `min_share`, and all industries with such customers. Absent when nobody is above 0.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    keys : DataFrame
        ``key_list``.
    rules : KeyClients
        Bands and key rule.

    Notes
    -----
    Article C speaks of dependence on a client or a group of clients; article D of key clients with up to 55 % of the
    turnover, leaving open whether one or all.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2", "3"], "parent_id": ["H", "H", "3"], "industry": "Hotels",
    ...     "customer_name": ["Ada", "Bo", "Cy"], "net_sales_12m": [15.0, 20.0, 65.0]})
    >>> found = group_dependence(facts, facts.tail(1), KeyClients())
    >>> found.table[["kind", "share", "band"]].values.tolist()
    [['key_clients', 0.65, nan], ['parent', 0.35, 'high'], ['industry', 1.0, nan]]
    """
    is_positive = money.exact(facts.net_sales_12m) > 0
    positive = facts[is_positive].assign(exact=money.exact(facts.net_sales_12m[is_positive]))
    base = int(positive.exact.to_numpy().sum(dtype=object))
    names = client_names(facts)
    groups = [
        _grouped(positive[positive.customer_id.isin(keys.customer_id)].assign(group=""), GroupKind.KEY_CLIENTS),
        _grouped(positive.assign(group=positive.parent_id), GroupKind.PARENT),
        _grouped(positive.assign(group=positive.industry), GroupKind.INDUSTRY),
    ]
    found = pd.concat(groups, ignore_index=True)
    is_listed = (found.kind != GroupKind.PARENT) | (
        (found.customers > 1) & money.exceeds(found.exact.to_numpy(), max(base, 1), rules.min_share)
    )
    found = found[is_listed].reset_index(drop=True)
    table = found.assign(
        name=[_group_name(kind, group, names) for kind, group in zip(found.kind, found.group, strict=True)],
        net_sales=found.exact / money.SCALE,
        share=found.exact / max(base, 1),
        band=[
            classify_dependence(exact, base, 2, rules.bands).value if kind == GroupKind.PARENT else None
            for kind, exact in zip(found.kind, found.exact.tolist(), strict=True)
        ],
    )
    return Finding(
        "group_dependence",
        say("How dependent is the company on groups of clients?"),
        _group_sentence(table),
        GROUP_DEPENDENCE.conform(table),
        {"key_clients_share": float(table.share[table.kind == GroupKind.KEY_CLIENTS].sum())} if base else {},
        sub=say(
            "Share of net sales, last 12 months; parent groups have the band of a single client: several customers "
            "with together more than {limit:share0}. Articles say that key clients may bring up to 55 %; it "
            "is a claim, not a limit.",
            limit=rules.min_share,
        ),
        base=say("Base: customers with net sales above 0 in the last 12 months (n {n:count}).", n=len(positive)),
        show=(
            "name",
            Show("kind", chip=True),
            "customers",
            "net_sales",
            "share",
            Show("band", chip=True, strong=(Band.SEVERE, Band.CRITICAL, Band.MONO)),
        ),
        none=say("There is no key client, and the source names no parent groups and industries."),
        absent=None if base else say("Nobody has net sales above 0 in the last 12 months."),
    )


def _grouped(customers: pd.DataFrame, kind: GroupKind) -> pd.DataFrame:
    sums = customers.groupby("group", dropna=True).agg(customers=("exact", "size"), exact=("exact", "sum"))
    ordered = sums.reset_index().sort_values(["exact", "group"], ascending=[False, True])
    return ordered.assign(kind=kind.value).astype({"group": "str", "exact": "int64"})


def _group_name(kind: str, group: str, names: pd.Series) -> str | None:
    if kind == GroupKind.KEY_CLIENTS:
        return None
    return str(names.get(group, group)) if kind == GroupKind.PARENT else group


def _group_sentence(table: pd.DataFrame) -> Message:
    keys = table[table.kind == GroupKind.KEY_CLIENTS]
    others = table[table.kind != GroupKind.KEY_CLIENTS].sort_values(["share", "name"], ascending=[False, True])
    if keys.empty and others.empty:
        return say("No group of clients can be added up.")
    if keys.empty:
        return say(
            "The largest group, {name}, brings {share:share}.", name=others.name.iloc[0], share=others.share.iloc[0]
        )
    if others.empty:
        return say_n(
            "{n:count} key client brings {share:share} of net sales.",
            "All {n:count} key clients together bring {share:share} of net sales.",
            count="n",
            n=int(keys.customers.iloc[0]),
            share=keys.share.iloc[0],
        )
    return say_n(
        "{n:count} key client brings {share:share} of net sales; the largest group otherwise, {name}, {other:share}.",
        "All {n:count} key clients together bring {share:share} of net sales; the largest group otherwise, {name}, "
        "{other:share}.",
        count="n",
        n=int(keys.customers.iloc[0]),
        share=keys.share.iloc[0],
        name=others.name.iloc[0],
        other=others.share.iloc[0],
    )


def dependence_tile(found: Finding, has_before: bool) -> Tile:
    """Larger units that depend on one client beyond the band "watch", mono-client units included.

    Parameters
    ----------
    found : Finding
        Result of `dependence`.
    has_before : bool
        Whether the comparison date was measured.

    Examples
    --------
    >>> nothing = Finding("dependence", say("?"), say("!"), DEPENDENCE.empty(), limits=Bands().model_dump())
    >>> dependence_tile(nothing, False).value is None
    True
    """
    units = found.table[found.table.unit_column != UnitColumn.COMPANY]
    larger = units[~units.is_small]
    name = say("Dependent units")
    definition = say(
        "Managers, departments and other units whose largest client brings more than {limit:share0} of their net "
        "sales; small units are left out.",
        limit=found.limits["high"],
    )
    size = say(
        "larger units: {n:count}; small ones apart: {small:count}",
        n=len(larger),
        small=int(units.is_small.sum()),
    )
    if larger.empty:
        return Tile(name, None, size, definition, "dependent_units", absent=found.sentence)
    change = None
    if has_before:
        before = int(larger.band_before.isin(EXPOSED).sum())
        change = say("{before:count} of the same units at the comparison date", before=before)
    now = int(larger.band.isin(EXPOSED).sum())
    return Tile(name, say("{n:count}", n=now), size, definition, "dependent_units", change, table="dependence")
