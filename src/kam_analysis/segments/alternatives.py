"""Class A by other values and windows than those in use."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.classes import classes_by_sum
from kam_analysis.findings import Finding, Show, absent_numbers, say
from kam_analysis.money import exact
from kam_analysis.params import Abc
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import AbcClass, Labelled


class ClassedValue(Labelled):
    """What the classes of value cumulate."""

    NET_SALES = "net_sales", say("net sales")
    MARGIN = "margin", say("margin")


class ClassedWindow(Labelled):
    """Over which time the classes of value cumulate."""

    OWN = "own", say("as in the parameters")
    ALL = "all", say("all history")
    YEAR = "year", say("last 12 months")


VALUE_ALTERNATIVES = Table(
    "value_alternatives",
    "one way to make the classes of value",
    (
        col.member("value", say("By"), "What is cumulated.", ClassedValue),
        col.member("window", say("Window"), "All history or 12 months.", ClassedWindow),
        col.CUSTOMERS("With a known value."),
        col.count("a_customers", say("In A"), "Customers of class A."),
        col.share("a_share", say("A, share"), "Of the customers with a value.", nullable=True),
        col.count("same_a", say("In A here too"), "In A by the way in use as well."),
        col.count("n_customers", say("In N"), "Worth nothing or less."),
        col.IS_USED,
    ),
    ("value", "window"),
)


@finds(VALUE_ALTERNATIVES)
def value_alternatives(abc: pd.DataFrame, facts: pd.DataFrame, rules: Abc) -> Finding:
    """What class A would hold by margin, or over 12 months, instead of the way in use.

    Parameters
    ----------
    abc : DataFrame
        From `with_classes`: the way in use.
    facts : DataFrame
        Contract ``customer_facts``.
    rules : Abc
        Value, window and limits; the limits hold for every way.

    Returns
    -------
    Finding
        Table ``value_alternatives``, the way in use first; by margin only where a line has a cost. Numbers abc.same_a,
        the smallest share of A that another way keeps in A.

    Notes
    -----
    Customers with no line in the last 12 months are worth 0 there. Source: definitions, ABC.
    """
    leaders = set(abc.loc[abc["abc"] == AbcClass.A.value, "customer_id"])
    own = (ClassedValue(rules.value), ClassedWindow.OWN if rules.window_months not in (None, 12) else _window(rules))
    ways = {
        (ClassedValue.NET_SALES, ClassedWindow.ALL): "net_sales",
        (ClassedValue.MARGIN, ClassedWindow.ALL): "margin",
        (ClassedValue.NET_SALES, ClassedWindow.YEAR): "net_sales_12m",
        (ClassedValue.MARGIN, ClassedWindow.YEAR): "margin_12m",
    }
    rows = [_alternative(own, abc["customer_id"], abc["abc"], leaders, is_used=True)]
    ordered = facts.sort_values("customer_id", ignore_index=True)
    for way, column in ways.items():
        known = ordered[ordered[column].notna()]
        if way != own and len(known):
            classes = pd.Series(classes_by_sum(exact(known[column]), rules), known.index)
            rows.append(_alternative(way, known["customer_id"], classes, leaders))
    table = VALUE_ALTERNATIVES.conform(pd.DataFrame(rows))
    least = int(table["same_a"].min())
    measured = {"abc.same_a": least / len(leaders)} if leaders else absent_numbers(["abc.same_a"], "nobody is in A")
    return Finding(
        VALUE_ALTERNATIVES.name,
        question=say("Would other measures of value give the same class A?"),
        sentence=say(
            "Customers in class A: {n:count}; every other way keeps at least {least:count}",
            n=len(leaders),
            least=least,
        ),
        table=table,
        numbers=measured,
        sub=say("Class A with the same limits by other values and windows; how many of it are in A here too"),
        base=say("Customers with a class of value: {n:count}", n=int(abc["abc"].notna().sum())),
        show=(
            "value",
            "window",
            "customers",
            "a_customers",
            "a_share",
            Show("same_a", bar=True),
            "n_customers",
            "is_used",
        ),
        absent=None if leaders else say("Nobody is in class A."),
    )


def _window(rules: Abc) -> ClassedWindow:
    return ClassedWindow.ALL if rules.window_months is None else ClassedWindow.YEAR


def _alternative(
    way: tuple[ClassedValue, ClassedWindow],
    customers: pd.Series,
    classes: pd.Series,
    leaders: set[str],
    is_used: bool = False,
) -> dict[str, object]:
    in_a, n = classes == AbcClass.A.value, int(classes.notna().sum())
    return {
        "value": way[0].value,
        "window": way[1].value,
        "customers": n,
        "a_customers": int(in_a.sum()),
        "a_share": int(in_a.sum()) / n if n else None,
        "same_a": len(leaders & set(customers[in_a])),
        "n_customers": int((classes == AbcClass.N.value).sum()),
        "is_used": is_used,
    }
