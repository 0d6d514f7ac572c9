"""How dangerously the company and its units depend on their largest clients."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, say, say_n
from kam_analysis.key_clients.shares import (
    Concentration,
    concentration_of,
    customer_shares,
    is_key_in_company,
    is_key_in_unit,
    rolling_concentration,
)
from kam_analysis.key_clients.tables import (
    CONCENTRATION,
    CONCENTRATION_CURVE,
    CONCENTRATION_TREND,
    DEPENDENCE,
    UNIT_KEYS,
    Subject,
    UnitColumn,
)
from kam_analysis.params import Bands, KeyClients
from kam_analysis.vocabulary import Band

SHORT_WINDOW_MONTHS = 3
LONG_WINDOW_MONTHS = 12
SHOWN_MONTHS = 12


def unit_customers(engine: Engine, as_of: dt.date, rules: KeyClients) -> pd.DataFrame:
    """Net sales and margin of each customer in each unit over the last 12 months.

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
        unit_column, unit, customer_id, net_sales, margin; unit columns that the data lack have no row.
    """
    engine.materialise(
        "unit_customers",
        statement(__file__, "unit_customers"),
        from_on=add_months(as_of, -12),
        as_of=as_of,
        units=list(rules.units),
    )
    return engine.frame("unit_customers").astype({"net_sales": "float64", "margin": "float64"})


def unassigned_sales(engine: Engine, as_of: dt.date) -> pd.DataFrame:
    """Money of the last 12 months without a customer, and of customers without a value of each unit column.

    Returns
    -------
    DataFrame
        Indexed by what is missing: net_sales, all_net_sales.
    """
    engine.materialise(
        "unassigned_sales", statement(__file__, "unassigned_sales"), from_on=add_months(as_of, -12), as_of=as_of
    )
    return engine.frame("unassigned_sales").set_index("missing").astype("float64")


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

    Examples
    --------
    >>> [classify_dependence(share, 100, 12, Bands()).value for share in (20, 21, 30, 31, 41, 51, 89, 90)]
    ['none', 'watch', 'watch', 'high', 'severe', 'critical', 'critical', 'mono']
    >>> classify_dependence(100, 100, 1, Bands()).value
    'mono'
    """
    part = np.array([largest])
    if n == 1 or money.exceeds(part, base, bands.mono, inclusive=True)[0]:
        return Band.MONO
    for band, edge in ((Band.CRITICAL, bands.critical), (Band.SEVERE, bands.severe), (Band.HIGH, bands.high), (Band.WATCH, bands.watch)):
        if money.exceeds(part, base, edge)[0]:
            return band
    return Band.NONE


def extra_sales_needed(largest: float, base: float, target_share: float) -> float:
    """Sales from others with which the largest client's share falls to the target: max(0, R1/t − R).

    Article C: the answer to dependence is to enlarge the base, not to shrink the customer.

    Examples
    --------
    >>> extra_sales_needed(40.0, 100.0, 0.20)
    100.0
    """
    return max(0.0, largest / target_share - base)


def unit_dependence(units: pd.DataFrame, names: pd.Series, rules: KeyClients) -> pd.DataFrame:
    """Largest client, its share and band for every unit.

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
    """
    rows = []
    for (column, unit), part in units.groupby(["unit_column", "unit"], sort=True):
        part = part.sort_values("customer_id")
        sales = money.exact(part.net_sales)
        positive = sales[sales > 0]
        n, base = len(positive), int(positive.sum(dtype=object))
        place = int(np.argmax(sales)) if n else -1
        largest = int(sales[place]) if n else 0
        customer = part.customer_id.iloc[place] if n else None
        is_key = is_key_in_company if column == UnitColumn.COMPANY else is_key_in_unit
        rows.append(
            {
                "unit_column": column,
                "unit": unit,
                "n": n,
                "is_small": n < rules.small_unit,
                "net_sales": money.units(base),
                "largest_customer_id": customer,
                "largest_customer_name": names.get(customer) if n else None,
                "largest_share": largest / base if n else np.nan,
                "band": classify_dependence(largest, base, n, rules.bands).value if n else None,
                "key_clients": int(is_key(part.net_sales, rules.min_share).sum()) if n else 0,
                "extra_sales_needed": extra_sales_needed(money.units(largest), money.units(base), rules.target_share),
            }
        )
    return pd.DataFrame(rows, columns=[name for name in DEPENDENCE.names if name != "band_before"])


def with_company(units: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Units and the company as one more unit with the level "company"."""
    company = pd.DataFrame(
        {
            "unit_column": UnitColumn.COMPANY.value,
            "unit": "",
            "customer_id": facts.customer_id,
            "net_sales": facts.net_sales_12m,
            "margin": facts.margin_12m,
        }
    )
    return pd.concat([company[money.exact(company.net_sales) != 0], units], ignore_index=True)


def dependence(
    units: pd.DataFrame,
    units_before: pd.DataFrame | None,
    facts: pd.DataFrame,
    facts_before: pd.DataFrame,
    rules: KeyClients,
) -> Finding:
    """Say which units depend on one client, and how badly.

    Parameters
    ----------
    units, units_before : DataFrame
        `unit_customers` at both dates (None where the data do not reach back).
    facts, facts_before : DataFrame
        ``customer_facts`` at both dates.
    rules : KeyClients
        Bands and marks.
    """
    names = facts.set_index("customer_id").customer_name
    table = unit_dependence(with_company(units, facts), names, rules).set_index(["unit_column", "unit"])
    before = pd.Series(dtype="str")
    if units_before is not None:
        old = unit_dependence(with_company(units_before, facts_before), names, rules)
        before = old.set_index(["unit_column", "unit"]).band
    table["band_before"] = before.reindex(table.index).to_numpy() if len(before) else None
    levels = [UnitColumn.COMPANY.value, *rules.units]
    table = table.reset_index()
    table = table.assign(level=table.unit_column.map({name: n for n, name in enumerate(levels)})).sort_values(
        ["level", "largest_share", "unit"], ascending=[True, False, True]
    )
    table = DEPENDENCE.conform(table)
    return Finding(
        "dependence",
        say("How dependent are the units?"),
        _dependence_sentence(table),
        table,
        _dependence_numbers(table),
        sub=say(
            "Largest client's share of the unit's net sales, last 12 months. Small: fewer than {small:count} customers. Extra sales: "
            "from others, so that the largest falls to {target:share0}.",
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
            Show("largest_share", bar=True),
            Show("band", chip=True, strong=(Band.SEVERE, Band.CRITICAL, Band.MONO)),
            "band_before",
            "key_clients",
            "extra_sales_needed",
        ),
        sortable=len(table) >= 24,
        drawing="dependence_bands",
        limits=rules.bands.model_dump(),
        none=say("No unit has sales in the last 12 months."),
    )


def _dependence_sentence(table: pd.DataFrame) -> Message:
    units = table[table.unit_column != UnitColumn.COMPANY]
    exposed = units[units.band.isin([Band.HIGH, Band.SEVERE, Band.CRITICAL]) & ~units.is_small]
    if units.empty:
        return say("The data name no manager, department or other unit.")
    if exposed.empty:
        return say_n(
            "The unit depends on no client for more than 30 %, small and mono-client units apart.",
            "None of {n:count} units depends on one client for more than 30 %, small and mono-client units apart.",
            count="n",
            n=len(units),
        )
    worst = exposed.sort_values(["largest_share", "unit"], ascending=[False, True]).iloc[0]
    return say_n(
        "{n:count} of {m:count} units depends on one client for more than 30 %: {unit} on {client} for {share:share}.",
        "{n:count} of {m:count} units depend on one client for more than 30 %, most of all {unit}: {client} brings {share:share}.",
        count="n",
        n=len(exposed),
        m=len(units),
        unit=worst.unit,
        client=worst.largest_customer_name,
        share=worst.largest_share,
    )


def _dependence_numbers(table: pd.DataFrame) -> dict[str, int]:
    numbers = {}
    for column, part in table[table.unit_column != UnitColumn.COMPANY].groupby("unit_column"):
        is_mono = part.band == Band.MONO
        numbers |= {
            f"{column}.units": len(part),
            f"{column}.small": int(part.is_small.sum()),
            f"{column}.key_pairs": int(part.key_clients.sum()),
            f"{column}.mono": int(is_mono.sum()),
            f"{column}.over_half": int((part.band == Band.CRITICAL).sum()),
        }
    return numbers


def unit_keys(units: pd.DataFrame, facts: pd.DataFrame, rules: KeyClients) -> Finding:
    """List the clients that are key in a department, for a manager or in another unit.

    Parameters
    ----------
    units : DataFrame
        `unit_customers`.
    facts : DataFrame
        ``customer_facts``.
    rules : KeyClients
        Key rule.
    """
    parts = []
    for _, part in units.groupby(["unit_column", "unit"], sort=True):
        is_key = is_key_in_unit(part.net_sales, rules.min_share)
        parts.append(part.assign(share=customer_shares(part.net_sales), n=int((money.exact(part.net_sales) > 0).sum()))[is_key])
    found = pd.concat(parts) if parts else units.assign(share=0.0, n=1)
    names = facts.set_index("customer_id").customer_name
    table = UNIT_KEYS.conform(
        found.assign(customer_name=found.customer_id.map(names)).sort_values(
            ["unit_column", "unit", "share", "customer_id"], ascending=[True, True, False, True]
        )
    )
    return Finding(
        "unit_keys",
        say("Who is key where?"),
        say(
            "{pairs:count} times a client is key in a unit; {clients:count} clients are key somewhere.",
            pairs=len(table),
            clients=int(table.customer_id.nunique()),
        ),
        table,
        {"unit_key_pairs": len(table)},
        sub=say("Key in a unit: more than {limit:share0} of it, and more than twice the equal share (or half).", limit=rules.min_share),
        base=say("Base: customers with net sales above 0 in the unit, last 12 months; n beside each."),
        show=("customer_name", "unit_column", "unit", "n", "net_sales", Show("share", bar=True)),
        sortable=len(table) >= 24,
        none=say("No client is key in any unit."),
    )


def concentration(facts: pd.DataFrame, unassigned: pd.DataFrame) -> Finding:
    """Say how concentrated sales are, over all history and the last 12 months, and by parent group.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    unassigned : DataFrame
        `unassigned_sales` at the same date.
    """
    parents = (
        facts.assign(exact=money.exact(facts.net_sales_12m)).groupby("parent_id").exact.sum() / money.SCALE
    )
    measured = {
        Subject.CUSTOMERS_ALL: concentration_of(facts.net_sales),
        Subject.CUSTOMERS_12M: concentration_of(facts.net_sales_12m),
        Subject.PARENTS_12M: concentration_of(parents),
    }
    table = CONCENTRATION.conform(pd.DataFrame([{"subject": subject.value} | vars(found) for subject, found in measured.items()]))
    numbers: dict[str, object] = {}
    for prefix, subject in (("company", Subject.CUSTOMERS_ALL), ("company_12m", Subject.CUSTOMERS_12M), ("parents_12m", Subject.PARENTS_12M)):
        for name, value in vars(measured[subject]).items():
            if name != "net_sales":
                numbers[f"{prefix}.{name}"] = value
                if value is None:
                    numbers[f"{prefix}.{name}_absent"] = "no_positive_sales"
    year = measured[Subject.CUSTOMERS_12M]
    return Finding(
        "concentration",
        say("How concentrated are sales?"),
        _concentration_sentence(year),
        table,
        numbers,
        sub=say("Effective number: so many equal customers would be as concentrated (1 / HHI)."),
        base=say("Base: customers with net sales above 0 in the window."),
        show=("subject", "n_positive", "net_sales", "cr1", "cr5", "cr20", "top20pct_share", "effective_customers", "gini"),
        caveats=[*_whole_base_caveat(year, unassigned), *_parent_caveat(facts, measured)],
    )


def _concentration_sentence(year: Concentration) -> Message:
    if year.top20pct_share is None:
        return say("Nobody has net sales above 0 in the last 12 months.")
    return say(
        "A fifth of {n:count} customers brings {share:share0} of net sales; the largest brings {cr1:share}.",
        n=year.n_positive,
        share=year.top20pct_share,
        cr1=year.cr1,
    )


def _whole_base_caveat(year: Concentration, unassigned: pd.DataFrame) -> list[Caveat]:
    if "customer" not in unassigned.index or year.cr1 is None:
        return []
    nobody = unassigned.net_sales["customer"]
    if nobody <= 0:
        return []
    largest = year.cr1 * year.net_sales
    return [
        Caveat(
            say("Sales that belong to nobody"),
            say(
                "{money:money} of the last 12 months name no customer. Of all net sales the largest customer has {share:share}.",
                money=nobody,
                share=largest / (year.net_sales + nobody),
            ),
        )
    ]


def _parent_caveat(facts: pd.DataFrame, measured: dict[Subject, Concentration]) -> list[Caveat]:
    single, grouped = measured[Subject.CUSTOMERS_12M], measured[Subject.PARENTS_12M]
    if (facts.parent_id == facts.customer_id).all():
        return [
            Caveat(
                say("Concentration may be understated"),
                say("The source names no parent groups, so a holding may stand here as several customers."),
            )
        ]
    if single.cr1 is None or grouped.cr1 is None or grouped.cr1 <= single.cr1:
        return []
    return [
        Caveat(
            say("Parent groups weigh more"),
            say(
                "The largest parent group brings {group:share}, the largest single customer {single:share}.",
                group=grouped.cr1,
                single=single.cr1,
            ),
            Weight.RED if grouped.cr1 > 0.2 >= single.cr1 else Weight.AMBER,
        )
    ]


def concentration_curve(facts: pd.DataFrame) -> Finding:
    """Draw Pareto and Lorenz: cumulated share of sales, largest customer first.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    """
    positive = facts[money.exact(facts.net_sales_12m) > 0].sort_values(["net_sales_12m", "customer_id"], ascending=[False, True])
    sales = money.exact(positive.net_sales_12m)
    base = int(sales.sum(dtype=object))
    table = CONCENTRATION_CURVE.conform(
        positive.assign(
            rank=np.arange(1, len(positive) + 1),
            share=sales / base if base else [],
            cumulated_share=np.cumsum(sales) / base if base else [],
        )
    )
    found = concentration_of(positive.net_sales_12m)
    return Finding(
        "concentration_curve",
        say("What share do the largest bring?"),
        _concentration_sentence(found),
        table,
        {"gini": found.gini, "top20pct_share": found.top20pct_share} if base else {},
        sub=say("Cumulated share of net sales, last 12 months. A, B, C: customers up to 80 %, 95 % and 100 %."),
        base=say("Base: {net:money} of {n:count} customers above 0.", net=found.net_sales, n=found.n_positive),
        drawing="pareto_lorenz",
        is_wide=True,
        absent=None if base else say("Nobody has net sales above 0 in the last 12 months."),
    )


def concentration_trend(months: pd.DataFrame, calendar: Calendar, rules: KeyClients) -> Finding:
    """Show how the largest shares moved: over rolling 12 months at each month end, or 3 where the data are short.

    Parameters
    ----------
    months : DataFrame
        ``customer_months``.
    calendar : Calendar
        Window of the data.
    rules : KeyClients
        Edge of the band "watch".
    """
    complete = [pd.Timestamp(month) for month in calendar.complete_months]
    window = LONG_WINDOW_MONTHS if len(complete) >= LONG_WINDOW_MONTHS + SHORT_WINDOW_MONTHS else SHORT_WINDOW_MONTHS
    shown = complete[-(SHOWN_MONTHS + window - 1) :]
    table = CONCENTRATION_TREND.conform(rolling_concentration(months, shown, window))
    measured = table.dropna(subset="cr1")
    question = say("Does the dependence grow?")
    if len(measured) < 2:
        return Finding(
            "concentration_trend",
            question,
            say("The trend of the largest shares cannot be shown yet."),
            table,
            absent=say("It needs at least {n:count} complete months.", n=SHORT_WINDOW_MONTHS + 1),
        )
    first, last = measured.iloc[0], measured.iloc[-1]
    return Finding(
        "concentration_trend",
        question,
        say(
            "The largest client's share went from {then:share} to {now:share} between {first:month} and {last:month}.",
            then=first.cr1,
            now=last.cr1,
            first=first.month,
            last=last.month,
        ),
        table,
        sub=say("Share of net sales over {n:count} months, by last month.", n=window),
        base=say("Base: identified customers above 0, {low:count} to {high:count} per point.", low=int(measured.n_positive.min()), high=int(measured.n_positive.max())),
        drawing="concentration_trend",
        limits={"watch": rules.bands.watch},
        on_index=True,
    )


def largest_tile(now: Finding, before: Concentration | None) -> Tile:
    """Share of the largest client over the last 12 months.

    Parameters
    ----------
    now : Finding
        Result of `concentration`.
    before : Concentration or None
        The last 12 months at the comparison date.
    """
    cr1, cr5 = now.numbers["company_12m.cr1"], now.numbers["company_12m.cr5"]
    n = now.numbers["company_12m.n_positive"]
    name = say("Largest customer")
    definition = say(
        "Net sales of the largest customer in the last 12 months, divided by those of all customers above 0. Limit to start "
        "acting: 20 %."
    )
    if cr1 is None:
        return Tile(name, None, say("n {n:count}", n=0), definition, "largest_customer", absent=say("Nobody is above 0."))
    size = say("n {n:count}; five largest {cr5:share}", n=n, cr5=cr5)
    value = say("{cr1:share}", cr1=cr1)
    if before is None or before.cr1 is None:
        return Tile(name, value, size, definition, "largest_customer", table="concentration")
    change = say("{points:points} from {before:share}", points=cr1 - before.cr1, before=before.cr1)
    return Tile(name, value, size, definition, "largest_customer", change, cr1 > before.cr1, "concentration")


def dependence_tile(found: Finding, has_before: bool) -> Tile:
    """Units that depend on one client for more than 30 %, small and mono-client units apart.

    Parameters
    ----------
    found : Finding
        Result of `dependence`.
    has_before : bool
        Whether the comparison date was measured.
    """
    units = found.table[(found.table.unit_column != UnitColumn.COMPANY) & ~found.table.is_small]
    exposed = [Band.HIGH, Band.SEVERE, Band.CRITICAL]
    now, before = int(units.band.isin(exposed).sum()), int(units.band_before.isin(exposed).sum())
    name = say("Dependent units")
    definition = say("Managers, departments and other units whose largest client brings more than 30 % of their net sales.")
    size = say("of {n:count} units with enough customers; {small:count} small ones apart", n=len(units), small=int(found.table.is_small.sum()))
    if units.empty:
        return Tile(name, None, size, definition, "dependent_units", absent=say("No unit has enough customers."))
    change = say("{before:count} at the comparison date", before=before) if has_before else None
    return Tile(name, say("{n:count}", n=now), size, definition, "dependent_units", change, table="dependence")
