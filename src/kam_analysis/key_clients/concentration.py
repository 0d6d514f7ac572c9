"""How concentrated sales are, over customers and parent groups, now and over the last months."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.shares import customer_shares, is_key_in_company
from kam_analysis.findings import Caveat, Finding, Message, Tile, Weight, say, say_n
from kam_analysis.key_clients.shares import (
    Concentration,
    client_names,
    concentration_of,
    largest_first,
    parent_net_sales,
    rolling_concentration,
    without_largest,
)
from kam_analysis.params import Abc, KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class Subject(Labelled):
    """Whose shares are measured, over which window."""

    CUSTOMERS_ALL = "customers_all", say("customers, all history")
    CUSTOMERS_12M = "customers_12m", say("customers, last 12 months")
    PARENTS_12M = "parents_12m", say("parent groups, last 12 months")


_N_POSITIVE = col.count("n_positive", say("n"))

CONCENTRATION = Table(
    "concentration",
    "one subject and window",
    (
        col.member("subject", say("Whose shares"), "Customers or parent groups, and the window.", Subject),
        col.flag("is_without_largest", say("Without the largest"), "Whether the largest subject is left out."),
        _N_POSITIVE("Subjects with net sales above 0."),
        col.money("net_sales", say("Base"), "Their net sales.", low=0),
        *(
            col.share(name, label, meaning, nullable=True)
            for name, label, meaning in (
                ("cr1", say("Largest"), "Share of the largest."),
                ("cr5", say("Five largest"), "Share of the five largest."),
                ("cr20", say("Twenty largest"), "Share of the twenty largest."),
                ("top20pct_share", say("Top 20 %"), "Share of the largest fifth, (n+4) div 5 subjects."),
                ("hhi", say("HHI"), "Sum of squared shares."),
            )
        ),
        col.ratio("gini", say("Gini"), "0 all equal, 1 one has all.", nullable=True, low=0, high=1),
        col.number("effective_customers", say("Effective number"), "1 / HHI.", nullable=True, low=1),
    ),
    ("subject", "is_without_largest"),
)

CONCENTRATION_CURVE = Table(
    "concentration_curve",
    "one customer with net sales above 0 in the last 12 months, largest first",
    (
        col.RANK("1 is the largest."),
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.NET_SALES_12M,
        col.SHARE("Of the base.", nullable=False),
        col.share("cumulated_share", say("Cumulated"), "Of this and all larger customers."),
    ),
    ("rank",),
)

CONCENTRATION_TREND = Table(
    "concentration_trend",
    "one month end",
    (
        col.MONTH("Last month of the window."),
        col.WINDOW_MONTHS,
        _N_POSITIVE("Customers with net sales above 0 in the window."),
        col.share("cr1", say("Largest"), "Share of the largest.", nullable=True),
        col.share("cr5", say("Five largest"), "Share of the five largest.", nullable=True),
    ),
    ("month",),
)


SHORT_WINDOW_MONTHS = 3
LONG_WINDOW_MONTHS = 12
SHOWN_MONTHS = 13
PREFIXES = {
    "company": Subject.CUSTOMERS_ALL,
    "company_12m": Subject.CUSTOMERS_12M,
    "parents_12m": Subject.PARENTS_12M,
}
NOBODY = say("Nobody has net sales above 0 in the last 12 months.")
ONLY_ONE = say("One customer brings all net sales of the last 12 months.")


@finds(CONCENTRATION)
def concentration(facts: pd.DataFrame, unassigned: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say how concentrated sales are, over all history and the last 12 months, and by parent group.

    CR_k is the sum of the k largest shares, HHI = Σ share², effective number = 1 / HHI. Beside each figure stands the
    same without its largest customer. Without a customer above 0 every share is None with the reason
    ``no_positive_sales``.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    unassigned : DataFrame
        `unassigned_sales` at the same date.
    rules : KeyClients
        Key rule, which is applied to parent groups too, and bands.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "parent_id": ["1", "2"],
    ...                       "net_sales": [30.0, 10.0], "net_sales_12m": [30.0, 10.0]})
    >>> concentration(facts, pd.DataFrame({"net_sales": [], "all_net_sales": []}), KeyClients()).numbers["company.cr1"]
    0.75
    """
    parents = parent_net_sales(facts)
    sales = {
        Subject.CUSTOMERS_ALL: facts.net_sales,
        Subject.CUSTOMERS_12M: facts.net_sales_12m,
        Subject.PARENTS_12M: parents,
    }
    measured = {subject: concentration_of(money_of) for subject, money_of in sales.items()}
    rest = {subject: concentration_of(without_largest(money_of)) for subject, money_of in sales.items()}
    rows = [
        {"subject": subject.value, "is_without_largest": is_rest} | vars(found[subject])
        for subject in sales
        for is_rest, found in ((False, measured), (True, rest))
    ]
    year = measured[Subject.CUSTOMERS_12M]
    keys = parents[is_key_in_company(parents, rules.min_share)]
    return Finding(
        "concentration",
        say("How concentrated are sales?"),
        _concentration_sentence(year),
        CONCENTRATION.conform(pd.DataFrame(rows)),
        _concentration_numbers(measured)
        | _concentration_numbers(rest, "without_largest.")
        | {"parent_keys": len(keys)},
        sub=say(
            "HHI: sum of the squared shares. Effective number: so many equal customers would be as concentrated "
            "(1 / HHI). Gini: 0 all equal, 1 one has all."
        ),
        base=say("Base: customers with net sales above 0 in the window; below each row the same without its largest."),
        show=("subject", "is_without_largest", "n_positive", "net_sales", "cr1", "cr5", "cr20", "top20pct_share", "hhi",
              "effective_customers", "gini"),
        caveats=[*_whole_base_caveat(year, unassigned), *_parent_caveats(facts, measured, parents, rules)],
    )  # fmt: skip


def _concentration_numbers(measured: Mapping[Subject, Concentration], of: str = "") -> dict[str, object]:
    numbers: dict[str, object] = {}
    for prefix, subject in PREFIXES.items():
        for name, value in vars(measured[subject]).items():
            if name != "net_sales":
                numbers[f"{prefix}.{of}{name}"] = value
            if value is None:
                numbers[f"{prefix}.{of}{name}_absent"] = "no_positive_sales"
    return numbers


def _concentration_sentence(year: Concentration) -> Message:
    if year.cr1 is None:
        return NOBODY
    if year.n_positive == 1:
        return ONLY_ONE
    return say_n(
        "The largest fifth, {m:count} of {n:count} customers, brings {share:share} of net sales.",
        "The largest fifth, {m:count} of {n:count} customers, brings {share:share} of net sales; the largest alone "
        "{cr1:share}.",
        count="m",
        m=(year.n_positive + 4) // 5,
        n=year.n_positive,
        share=year.top20pct_share,
        cr1=year.cr1,
    )


def _whole_base_caveat(year: Concentration, unassigned: pd.DataFrame) -> list[Caveat]:
    if "customer" not in unassigned.index or year.cr1 is None or year.cr5 is None:
        return []
    nobody, everything = unassigned.net_sales["customer"], unassigned.all_net_sales["customer"]
    head = say("Sales that belong to nobody")
    if not money.exact([nobody])[0]:
        return []
    if everything <= 0:
        return [Caveat(head, say("{money:money} of the last 12 months name no customer.", money=nobody))]
    text = say(
        "{money:money} of the last 12 months name no customer. Of all net sales the largest customer has "
        "{cr1:share}, the five largest {cr5:share}.",
        money=nobody,
        cr1=year.cr1 * year.net_sales / everything,
        cr5=year.cr5 * year.net_sales / everything,
    )
    return [Caveat(head, text)]


def _parent_caveats(
    facts: pd.DataFrame, measured: Mapping[Subject, Concentration], parents: pd.Series, rules: KeyClients
) -> list[Caveat]:
    if (facts.parent_id == facts.customer_id).all():
        return [
            Caveat(
                say("Concentration may be understated"),
                say("The source names no parent groups, so a holding may count as several customers."),
            )
        ]
    return [*_key_group_caveat(facts, parents, rules), *_largest_group_caveat(measured, rules)]


def _key_group_caveat(facts: pd.DataFrame, parents: pd.Series, rules: KeyClients) -> list[Caveat]:
    members = (
        facts[money.exact(facts.net_sales_12m) > 0].groupby("parent_id").size().reindex(parents.index, fill_value=0)
    )
    keys = parents[is_key_in_company(parents, rules.min_share) & (members > 1)].sort_values(
        ascending=False, kind="stable"
    )
    if keys.empty:
        return []
    names = client_names(facts)
    text = say_n(
        "{n:count} parent group of several customers brings more than {limit:share0} of net sales: {names:names}, "
        "{share:share}.",
        "{n:count} parent groups of several customers bring more than {limit:share0} of net sales each: {names:names}, "
        "together {share:share}.",
        count="n",
        n=len(keys),
        limit=rules.min_share,
        names=[names.get(parent, parent) for parent in keys.index],
        share=float(customer_shares(parents)[keys.index].sum()),
    )
    return [Caveat(say("Key as a parent group"), text)]


def _largest_group_caveat(measured: Mapping[Subject, Concentration], rules: KeyClients) -> list[Caveat]:
    single, grouped = measured[Subject.CUSTOMERS_12M].cr1, measured[Subject.PARENTS_12M].cr1
    if single is None or grouped is None or grouped <= single:
        return []
    text = say(
        "The largest parent group brings {group:share}, the largest single customer {single:share}.",
        group=grouped,
        single=single,
    )
    weight = Weight.RED if grouped > rules.bands.watch >= single else Weight.AMBER
    return [Caveat(say("Parent groups weigh more"), text, weight)]


@finds(CONCENTRATION_CURVE)
def concentration_curve(facts: pd.DataFrame, abc: Abc) -> Finding:
    """Draw Pareto and Lorenz: cumulated share of sales of the last 12 months, largest customer first.

    Absent when nobody has net sales above 0.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    abc : Abc
        The two limits that the drawing marks.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "net_sales_12m": [10.0, 30.0]})
    >>> concentration_curve(facts, Abc()).table.cumulated_share.tolist()
    [0.75, 1.0]
    """
    positive = largest_first(facts)
    sales = money.exact(positive.net_sales_12m)
    found = concentration_of(positive.net_sales_12m)
    base = int(sales.sum(dtype=object))
    cumulated = np.cumsum(sales)
    table = CONCENTRATION_CURVE.conform(
        positive.assign(
            rank=np.arange(1, len(positive) + 1), share=sales / max(base, 1), cumulated_share=cumulated / max(base, 1)
        )
    )
    return Finding(
        "concentration_curve",
        say("What share do the largest bring?"),
        _half_sentence(int((2 * cumulated < base).sum()) + 1, len(positive)) if base else NOBODY,
        table,
        {"gini": found.gini, "top20pct_share": found.top20pct_share} if base else {},
        sub=say("Cumulated share of net sales, last 12 months."),
        base=say("Base: {net:money} of customers above 0 (n {n:count}).", net=found.net_sales, n=found.n_positive),
        drawing="key_clients.pareto_lorenz",
        limits={"a_until": abc.a_until, "b_until": abc.b_until},
        is_wide=True,
        absent=None if base else NOBODY,
    )


def _half_sentence(customers: int, n: int) -> Message:
    if n == 1:
        return ONLY_ONE
    return say_n(
        "The largest of {n:count} customers brings half of net sales or more.",
        "The {k:count} largest of {n:count} customers bring half of net sales.",
        count="k",
        k=customers,
        n=n,
    )


@finds(CONCENTRATION_TREND)
def concentration_trend(months: pd.DataFrame, calendar: Calendar) -> Finding:
    """Show how the largest shares moved: over rolling 12 months at each month end, or 3 where the data are short.

    Absent with fewer than two windows of complete months.

    Parameters
    ----------
    months : DataFrame
        ``customer_months``.
    calendar : Calendar
        Window of the data.

    Examples
    --------
    >>> import datetime as dt
    >>> starts = pd.date_range("2024-01-01", periods=4, freq="MS")
    >>> months = pd.DataFrame({"customer_id": "1", "month": starts, "net_sales": 10.0})
    >>> calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 5, 1))
    >>> concentration_trend(months, calendar).table.cr1.tolist()
    [1.0, 1.0]
    """
    complete = [pd.Timestamp(month) for month in calendar.complete_months]
    is_long = len(complete) >= LONG_WINDOW_MONTHS + SHORT_WINDOW_MONTHS
    window = LONG_WINDOW_MONTHS if is_long else SHORT_WINDOW_MONTHS
    table = CONCENTRATION_TREND.conform(rolling_concentration(months, complete[-(SHOWN_MONTHS + window - 1) :], window))
    measured = table.dropna(subset="cr1")
    question = say("Does the dependence grow?")
    if len(measured) < 2:
        return Finding(
            "concentration_trend",
            question,
            say("The trend of the largest shares cannot be shown yet."),
            table,
            absent=say("It needs at least {n:count} complete months with sales.", n=SHORT_WINDOW_MONTHS + 1),
        )
    return Finding(
        "concentration_trend",
        question,
        _trend_sentence(measured),
        table,
        sub=say("Share of net sales over {n:count} months, by last month.", n=window),
        base=say(
            "Base: identified customers above 0, {low:count} to {high:count} per point.",
            low=int(measured.n_positive.min()),
            high=int(measured.n_positive.max()),
        ),
        on_index=True,
    )


def _trend_sentence(measured: pd.DataFrame) -> Message:
    first, last = measured.iloc[0], measured.iloc[-1]
    if round(first.cr1, 3) == round(last.cr1, 3):
        return say(
            "The largest client's share in {last:month} is that of {first:month}: {now:share}.",
            now=last.cr1,
            first=first.month,
            last=last.month,
        )
    return say(
        "The largest client's share went from {then:share} to {now:share} between {first:month} and {last:month}.",
        then=first.cr1,
        now=last.cr1,
        first=first.month,
        last=last.month,
    )


def largest_tile(now: Finding, before: Concentration | None, rules: KeyClients) -> Tile:
    """Share of the largest client over the last 12 months; not measurable when nobody is above 0.

    Parameters
    ----------
    now : Finding
        Result of `concentration`.
    before : Concentration or None
        The last 12 months at the comparison date.
    rules : KeyClients
        Edge of the band "watch".

    Examples
    --------
    >>> nobody = Finding("concentration", say("?"), say("!"), CONCENTRATION.empty(),
    ...                  {"company_12m.cr1": None, "company_12m.cr5": None, "company_12m.n_positive": 0})
    >>> largest_tile(nobody, None, KeyClients()).value is None
    True
    """
    cr1, cr5 = now.numbers["company_12m.cr1"], now.numbers["company_12m.cr5"]
    n = now.numbers["company_12m.n_positive"]
    name = say("Largest customer")
    definition = say(
        "Net sales of the largest customer in the last 12 months, divided by those of all customers above 0. Limit "
        "to start acting: {limit:share0}.",
        limit=rules.bands.watch,
    )
    if cr1 is None:
        return Tile(name, None, say("n {n:count}", n=0), definition, "largest_customer", absent=NOBODY)
    size = say("n {n:count}; five largest {cr5:share}", n=n, cr5=cr5)
    value = say("{cr1:share}", cr1=cr1)
    if before is None or before.cr1 is None:
        return Tile(name, value, size, definition, "largest_customer", table="concentration")
    change = say("{change:points} from {before:share}", change=cr1 - before.cr1, before=before.cr1)
    return Tile(name, value, size, definition, "largest_customer", change, cr1 > before.cr1, "concentration")
