"""Effort against value: who gets too much attention, who too little."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.classes import class_limits
from kam_analysis.findings import Finding, Message, Show, say
from kam_analysis.key_clients.serve import contact_costs
from kam_analysis.params import Abc, KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import AbcClass, Labelled


class Effort(Labelled):
    """Effort against value."""

    TOO_LITTLE = "too_little", say("too little attention")
    TOO_MUCH = "too_much", say("too much attention")
    BALANCED = "balanced", say("in proportion")


_ABC = col.member("abc", say("Class"), "Class A, B, C or N of segments.abc.", AbcClass)
_EFFORT_SHARE = col.share("effort_share", say("Share of effort"), "Of all contacts or their cost.")
_VALUE_SHARE = col.share("value_share", say("Share of value"), "Of all margin or net sales above 0.")

EFFORT_BY_CLASS = Table(
    "effort_by_class",
    "one class of customers by net sales of the last 12 months",
    (
        _ABC,
        col.CUSTOMERS("With a contact or value."),
        col.CONTACTS,
        col.number("per_customer", say("Per customer"), "Contacts over customers.", nullable=True, low=0),
        _EFFORT_SHARE,
        _VALUE_SHARE,
    ),
    ("abc",),
)

EFFORT_MISMATCH = Table(
    "effort_mismatch",
    "one customer whose effort is out of proportion to the value",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.member("verdict", say("Verdict"), "Too little or too much attention.", Effort),
        _ABC(nullable=True),
        col.CONTACTS,
        _EFFORT_SHARE,
        _VALUE_SHARE,
    ),
    ("customer_id",),
)


OUT_OF_PROPORTION = 2
MOST_SHOWN = 5
NO_CONTACTS = say(
    "The source holds no contacts with customers. Orders are value, not effort, and stand for nothing here."
)


def effort_of(
    facts: pd.DataFrame, classes: pd.Series, interactions: pd.DataFrame, calendar: Calendar, rules: KeyClients
) -> pd.DataFrame:
    """Effort, value and verdict of every customer with either, in the last 12 months.

    Effort is the cost of the contacts, or their number when more than a tenth of them have neither cost nor rate. Value
    is the margin, or the net sales when the source holds no cost; at or below 0 it counts as 0. The yardstick is the
    typical customer of class A, the median of their efforts: effort need not grow with the money, so nobody gets too
    little for being large. Too little: class A with less than half of it. Too much: class B, C or N with more than it.
    With a typical effort of 0 nobody gets too much or too little.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    classes : Series
        From `customer_classes`.
    interactions : DataFrame
        ``interactions``.
    calendar : Calendar
        The last 12 months.
    rules : KeyClients
        ``serve_rates``.

    Returns
    -------
    DataFrame
        customer_id, customer_name, abc, contacts, effort and value (ten-thousandths), effort_share, value_share,
        verdict.

    Examples
    --------
    >>> import datetime as dt
    >>> facts = pd.DataFrame({"customer_id": ["1", "2", "3"], "customer_name": ["Ada", "Bo", "Cy"],
    ...     "net_sales_12m": [80.0, 10.0, 10.0], "margin_12m": np.nan})
    >>> seen = pd.DataFrame({"customer_id": ["1", "2", "2", "2"], "type": "visit", "cost": np.nan,
    ...     "date": pd.Timestamp("2025-06-01")})
    >>> calendar = Calendar(dt.date(2023, 1, 1), dt.date(2026, 1, 1))
    >>> effort_of(facts, pd.Series("A", facts.customer_id), seen, calendar, KeyClients()).verdict.tolist()  # median 1
    ['balanced', 'balanced', 'too_little']
    """
    contacts = _contacts(facts, interactions, calendar, rules)
    is_priced = _is_by_cost(contacts)
    worth = facts.margin_12m.fillna(0) if facts.margin_12m.notna().any() else facts.net_sales_12m
    table = pd.DataFrame(
        {
            "customer_id": facts.customer_id.to_numpy(),
            "customer_name": facts.customer_name.to_numpy(),
            "abc": classes.reindex(facts.customer_id).to_numpy(),
            "contacts": contacts.contacts.to_numpy(dtype=np.int64),
            "effort": money.exact(contacts.cost if is_priced else contacts.contacts),
            "value": np.maximum(money.exact(worth), 0),
        }
    )
    table = table[(table.effort > 0) | (table.value > 0)].reset_index(drop=True)
    all_effort, all_value = (int(table[column].to_numpy().sum(dtype=object)) for column in ("effort", "value"))
    is_large, typical = (table.abc == AbcClass.A).to_numpy(), typical_effort(table)
    little, much = OUT_OF_PROPORTION * table.effort < typical, (table.effort > typical) & (typical > 0)
    verdict = np.select(
        [is_large & little, ~is_large & much], [Effort.TOO_LITTLE.value, Effort.TOO_MUCH.value], Effort.BALANCED.value
    )
    return table.assign(
        effort_share=table.effort / max(all_effort, 1), value_share=table.value / max(all_value, 1), verdict=verdict
    )


def typical_effort(table: pd.DataFrame) -> float:
    """Median effort of the customers of class A; 0 without one.

    Parameters
    ----------
    table : DataFrame
        abc and effort.

    Examples
    --------
    >>> typical_effort(pd.DataFrame({"abc": list("AAAC"), "effort": [1, 5, 2, 9]}))
    2.0
    """
    efforts = table.effort[table.abc == AbcClass.A]
    return float(efforts.median()) if len(efforts) else 0.0


def _contacts(facts: pd.DataFrame, interactions: pd.DataFrame, calendar: Calendar, rules: KeyClients) -> pd.DataFrame:
    return contact_costs(interactions, calendar, rules).reindex(facts.customer_id, fill_value=0)


def _is_by_cost(contacts: pd.DataFrame) -> bool:
    return 10 * contacts.unpriced.sum() <= contacts.contacts.sum() and bool((contacts.cost > 0).any())


@finds(EFFORT_BY_CLASS)
def effort_by_class(
    facts: pd.DataFrame,
    classes: pd.Series,
    interactions: pd.DataFrame,
    calendar: Calendar,
    rules: KeyClients,
    abc: Abc,
) -> Finding:
    """Say whether the effort goes where the value is, by class A, B, C.

    Absent without a contact in the last 12 months.

    Parameters
    ----------
    facts, classes, interactions, calendar, rules
        As in `effort_of`.
    abc : Abc
        Limits of the classes.

    Notes
    -----
    Article C: to treat a client of 300 roubles and one of 3 million alike is the first mistake.
    """
    question = say("Does the effort go where the value is?")
    table = effort_of(facts, classes, interactions, calendar, rules)
    if not table.effort.any():
        return Finding("effort_by_class", question, NO_CONTACTS, EFFORT_BY_CLASS.empty(), absent=NO_CONTACTS)
    sums = table.groupby("abc").agg(
        customers=("abc", "size"),
        contacts=("contacts", "sum"),
        effort_share=("effort_share", "sum"),
        value_share=("value_share", "sum"),
    )
    sums = sums.reindex([str(member) for member in AbcClass], fill_value=0)
    shares = sums[["effort_share", "value_share"]].clip(0, 1)
    by_class = sums.assign(
        effort_share=shares.effort_share,
        value_share=shares.value_share,
        per_customer=sums.contacts / sums.customers.where(sums.customers > 0),
    )
    verdicts = table.verdict.value_counts()
    return Finding(
        "effort_by_class",
        question,
        _class_sentence(by_class),
        EFFORT_BY_CLASS.conform(by_class.reset_index()),
        {
            "customers_with_too_much_effort": int(verdicts.get(Effort.TOO_MUCH, 0)),
            "customers_with_too_little_effort": int(verdicts.get(Effort.TOO_LITTLE, 0)),
        },
        sub=_measures(facts, interactions, calendar, rules, abc),
        base=say("Base: customers with a contact or value in the last 12 months, n {n:count}.", n=len(table)),
        show=(
            "abc",
            "customers",
            "contacts",
            "per_customer",
            Show("effort_share", bar=True),
            Show("value_share", bar=True),
        ),
    )


def _measures(
    facts: pd.DataFrame, interactions: pd.DataFrame, calendar: Calendar, rules: KeyClients, abc: Abc
) -> Message:
    is_by_cost = _is_by_cost(_contacts(facts, interactions, calendar, rules))
    return say(
        "{effort}; {value}. 12 months. {classes}",
        effort=say("Effort: what the contacts cost") if is_by_cost else say("Effort: number of contacts"),
        value=say("value: margin") if facts.margin_12m.notna().any() else say("value: net sales"),
        classes=class_limits(abc),
    )


def _class_sentence(by_class: pd.DataFrame) -> Message:
    top, rest = by_class.loc[AbcClass.A.value], by_class.loc[[AbcClass.C.value, AbcClass.N.value]].sum()
    return say(
        "Class A brings {value:share0} of the value and gets {effort:share0} of the effort; C and N get {rest:share0}.",
        value=top.value_share,
        effort=top.effort_share,
        rest=min(1.0, rest.effort_share),
    )


@finds(EFFORT_MISMATCH)
def effort_mismatch(
    facts: pd.DataFrame, classes: pd.Series, interactions: pd.DataFrame, calendar: Calendar, rules: KeyClients
) -> Finding:
    """List who gets too much or too little effort beside a typical class A customer, the five of most money each.

    Nothing is shown without a contact in the last 12 months: `effort_by_class` says so.

    Parameters
    ----------
    facts, classes, interactions, calendar, rules
        As in `effort_of`.
    """
    question = say("Who gets too much attention, who too little?")
    table = effort_of(facts, classes, interactions, calendar, rules)
    if not table.effort.any():
        return Finding("effort_mismatch", question, NO_CONTACTS, EFFORT_MISMATCH.empty())
    wide = table[table.verdict != Effort.BALANCED]
    size = wide.value.where(wide.verdict == Effort.TOO_LITTLE, wide.effort)
    ordered = wide.assign(size=size).sort_values(["verdict", "size", "customer_id"], ascending=[True, False, True])
    listed = ordered.groupby("verdict").head(MOST_SHOWN)
    counts = table.verdict.value_counts()
    return Finding(
        "effort_mismatch",
        question,
        say(
            "{little:count} customers of class A get less than half the attention of a typical one; {much:count} "
            "others get more than a typical class A customer.",
            much=int(counts.get(Effort.TOO_MUCH, 0)),
            little=int(counts.get(Effort.TOO_LITTLE, 0)),
        ),
        EFFORT_MISMATCH.conform(listed),
        sub=say("The {most:count} of most value with too little, and of most effort with too much.", most=MOST_SHOWN),
        base=say("Effort and value as in the table by class."),
        show=(
            "customer_name",
            Show("verdict", chip=True, strong=(Effort.TOO_LITTLE,)),
            "abc",
            "contacts",
            "effort_share",
            "value_share",
        ),
        none=say("Nobody stands out from a typical class A customer."),
    )
