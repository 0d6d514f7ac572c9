"""How dangerously the company and its units depend on their largest clients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.accounts import PLACE
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.key_list import KeyList
from kam_analysis.facts.shares import above_share, above_unit_share
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, say, say_n
from kam_analysis.key_clients.key_accounts import NOBODY
from kam_analysis.params import Bands, KeyClients
from kam_analysis.tables import DEPENDENCE, Table, finds
from kam_analysis.vocabulary import Band, Labelled, UnitColumn


class GroupKind(Labelled):
    """What customers have in common who are added up as a group."""

    KEY_CLIENTS = "key_clients", say("all key accounts")
    INDUSTRY = "industry", say("industry")


GROUP_DEPENDENCE = Table(
    "group_dependence",
    "one group of customers",
    (
        col.member("kind", say("Group"), "What they have in common.", GroupKind),
        col.NAME("Industry; missing for all key accounts.", absent=say("all key accounts")),
        col.count("customers", say("Number"), "Key accounts or customers with net sales above 0.", low=1),
        col.NET_SALES("Of these, last 12 months."),
        col.SHARE("Of the net sales of all accounts above 0.", nullable=False),
    ),
    ("kind", "name"),
)


HALF = 0.5
MOST_NAMED = 3
OF_BEFORE = ("band_before", "share_before")
EXPOSED = (Band.HIGH, Band.SEVERE, Band.CRITICAL, Band.MONO)


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


def unit_dependence(now: KeyList, rules: KeyClients) -> pd.DataFrame:
    """Largest account, its share and band for the company and every unit; no share and no band without one above 0.

    Parameters
    ----------
    now : KeyList
        At one date.
    rules : KeyClients
        Bands, small units, target share.

    Returns
    -------
    DataFrame
        Columns of ``dependence`` without those of the comparison date; "" is the unit of the company.
    """
    company = now.accounts.assign(
        unit_column=UnitColumn.COMPANY.value, unit="", exact=money.exact(now.accounts.net_sales_12m)
    )
    rows = pd.concat([company[company.exact != 0], now.units])[[*PLACE, "account_id", "exact"]]
    names = now.accounts.set_index("account_id").account_name
    found = [
        {"unit_column": column, "unit": unit} | _largest_of(column, part, names, rules)
        for (column, unit), part in rows.groupby(PLACE, sort=True)
    ]
    return pd.DataFrame(found, columns=[name for name in DEPENDENCE.names if name not in OF_BEFORE])


def _largest_of(column: Hashable, part: pd.DataFrame, names: pd.Series, rules: KeyClients) -> dict[str, object]:
    sales = part.exact.to_numpy()
    n, base = int((sales > 0).sum()), int(sales[sales > 0].sum(dtype=object))
    if not n:
        return {"n": 0, "is_small": True, "net_sales": 0.0, "key_clients": 0, "extra_sales_needed": 0.0}
    largest = int(sales.max())
    account = part.account_id[sales == largest].min()
    whole, size = np.full(len(sales), base), np.full(len(sales), n)
    is_key = (
        above_share(sales, base, rules.min_share)
        if column == UnitColumn.COMPANY
        else above_unit_share(sales, whole, size, rules.min_share)
    )
    return {
        "n": n,
        "is_small": n < rules.small_unit,
        "net_sales": money.units(base),
        "largest_account_id": account,
        "largest_account_name": names[account],
        "largest_share": largest / base,
        "band": classify_dependence(largest, base, n, rules.bands).value,
        "key_clients": int(is_key.sum()),
        "extra_sales_needed": extra_sales_needed(money.units(largest), money.units(base), rules.target_share),
    }


@finds(DEPENDENCE)
def dependence(now: KeyList, before: KeyList | None, unassigned: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say which units depend on one account, and how badly.

    Sentence and tile speak of the larger units; small ones stand in the table with their mark, the company in its row.

    Parameters
    ----------
    now, before : KeyList
        At both dates (None where the data do not reach back).
    unassigned : DataFrame
        `unassigned_sales` at the reference date.
    rules : KeyClients
        Bands and marks.
    """
    then = None if before is None else unit_dependence(before, rules)
    table = _ordered(_with_band_before(unit_dependence(now, rules), then), rules)
    is_measured = bool(table.largest_share.notna().any())
    return Finding(
        "dependence",
        say("How dependent are the units?"),
        _dependence_sentence(table, rules),
        DEPENDENCE.conform(table.assign(unit=table.unit.where(table.unit_column != UnitColumn.COMPANY))),
        _dependence_numbers(table),
        sub=say(
            "Largest account's share of the unit's net sales, last 12 months. Hollow: n below {small:count}.",
            small=rules.small_unit,
        ),
        base=say("Base: accounts with net sales above 0 in the unit; the unit is the value on the order line."),
        show=() if is_measured else ("unit", "n", "net_sales"),
        drawing="key_clients.dependence_bands" if is_measured else None,
        limits=rules.bands.model_dump(),
        none=say("No unit has sales in the last 12 months."),
        caveats=[*_enlarge_caveat(table, rules), *_unnamed_caveat(now.units, unassigned, rules)],
    )


def _with_band_before(now: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    if before is None:
        return now.assign(**dict.fromkeys(OF_BEFORE))
    bands = before[["unit_column", "unit", "band", "largest_share"]].set_axis(
        ["unit_column", "unit", *OF_BEFORE], axis=1
    )
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
            client=worst.largest_account_name,
            share=worst.largest_share,
        )
    return say_n(
        "{n:count} of {m:count} larger units depends on one client for more than {limit:share0}: {unit} on {client} "
        "for {share:share}.",
        "{n:count} of {m:count} larger units depend on one client for more than {limit:share0}; the largest is "
        "{unit}, {share:share} from {client}.",
        count="n",
        n=len(exposed),
        m=larger,
        limit=rules.bands.high,
        unit=worst.unit,
        client=worst.largest_account_name,
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
    return [Caveat(say("Grow the other clients, do not shrink this one"), text)]


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


@finds(GROUP_DEPENDENCE)
def group_dependence(facts: pd.DataFrame, now: KeyList) -> Finding:
    """Say how far the company depends on groups: all key accounts together, and industries.

    Absent when nobody is above 0.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``, for the industries.
    now : KeyList
        At the reference date.

    Notes
    -----
    Article C speaks of dependence on a client or a group of clients; article D of key clients with up to 55 % of the
    turnover, leaving open whether one or all.
    """
    accounts = now.accounts.assign(exact=money.exact(now.accounts.net_sales_12m))
    accounts = accounts[accounts.exact > 0]
    base = int(accounts.exact.to_numpy().sum(dtype=object))
    customers = facts.assign(exact=money.exact(facts.net_sales_12m))
    groups = [
        _grouped(accounts[accounts.account_id.isin(now.keys.account_id)].assign(group=""), GroupKind.KEY_CLIENTS),
        _grouped(customers[customers.exact > 0].assign(group=customers.industry), GroupKind.INDUSTRY),
    ]
    found = pd.concat(groups, ignore_index=True)
    table = GROUP_DEPENDENCE.conform(
        found.assign(
            name=found.group.where(found.kind != GroupKind.KEY_CLIENTS),
            net_sales=found.exact / money.SCALE,
            share=np.minimum(1.0, found.exact / max(base, 1)),
        )
    )
    return Finding(
        "group_dependence",
        say("How dependent is the company on groups of clients?"),
        _group_sentence(table),
        table,
        {"key_clients_share": float(table.share[table.kind == GroupKind.KEY_CLIENTS].sum())} if base else {},
        sub=say("Share of net sales, last 12 months. Articles say that key clients may bring up to 55 %: a claim."),
        base=say("Accounts with net sales above 0 in the last 12 months: {n:count}.", n=now.n),
        show=("name", Show("kind", chip=True), "customers", "net_sales", "share"),
        none=say("There is no key client, and the source names no industries."),
        absent=None if base else NOBODY,
    )


def _grouped(rows: pd.DataFrame, kind: GroupKind) -> pd.DataFrame:
    sums = rows.groupby("group", dropna=True).agg(customers=("exact", "size"), exact=("exact", "sum"))
    ordered = sums.reset_index().sort_values(["exact", "group"], ascending=[False, True])
    return ordered.assign(kind=kind.value).astype({"group": "str", "exact": "int64"})


def _group_sentence(table: pd.DataFrame) -> Message:
    keys = table[table.kind == GroupKind.KEY_CLIENTS]
    others = table[table.kind != GroupKind.KEY_CLIENTS].sort_values(["share", "name"], ascending=[False, True])
    if keys.empty and others.empty:
        return say("No group of clients can be added up.")
    if others.empty:
        return say("The key accounts bring {share:share} of net sales.", share=keys.share.iloc[0])
    name, other = others.name.iloc[0], others.share.iloc[0]
    if keys.empty:
        return say("The largest industry, {name:value}, brings {share:share}.", name=name, share=other)
    return say(
        "The key accounts bring {share:share} of net sales; the largest industry, {name:value}, {other:share}.",
        share=keys.share.iloc[0],
        name=name,
        other=other,
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
        "Managers, departments and other units whose largest account brings more than {limit:share0} of their net "
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
