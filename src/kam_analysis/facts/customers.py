"""Measures per customer that several rooms need, at any reference date."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.lifetime_value import formula_ltv
from kam_analysis.facts.rhythm import rhythm
from kam_analysis.params import Facts
from kam_analysis.tables import Table

MONEY_PLACES = 4
TABLES = ("customer_orders", "customer_months", "customer_life_months", "customer_units", "customer_sums")


def sum_lines(engine: Engine) -> None:
    """Make ``order_days`` and ``customer_products`` from ``order_lines``, for the tables of every reference date.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    """
    for name in ("order_days", "customer_products"):
        engine.materialise(name, statement(__file__, name))


def make_customer_tables(engine: Engine, as_of: dt.date, suffix: str = "") -> None:
    """Make ``customer_orders``, ``customer_months``, ``customer_life_months`` and ``customer_sums``, with `suffix`.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``, its sums (`sum_lines`) and ``customers``.
    as_of : date
        First day not analysed: later lines do not exist for these tables.
    suffix : str
        Appended to the names of the tables, so that two reference dates stand side by side.
    """
    names = {name: name + suffix for name in TABLES}
    dates = {"as_of": as_of, "year_ago": add_months(as_of, -12), "two_years_ago": add_months(as_of, -24)}
    for name, made in names.items():
        engine.materialise(made, statement(__file__, name, names), **dates)


def order_values(engine: Engine, suffix: str = "") -> pd.DataFrame:
    """Give day and net sales of every order of ``customer_orders`` with the number of its customer, sorted."""
    names = {name: name + suffix for name in ("customer_orders", "customer_sums")}
    engine.view(f"order_values{suffix}", statement(__file__, "order_values", names))
    return engine.frame(f"order_values{suffix}")


def customer_facts(
    sums: pd.DataFrame, orders: pd.DataFrame, as_of: dt.date, rules: Facts, table: Table
) -> pd.DataFrame:
    """Complete the sums per customer by rhythm and formula lifetime value; one row per customer.

    Parameters
    ----------
    sums : DataFrame
        ``customer_sums`` at the reference date.
    orders : DataFrame
        Customer, day and net sales of every order until the reference date, as from `order_values`.
    as_of : date
        The reference date.
    rules : Facts
        Assumed margin, silence that ends a life, cap of lifetimes.
    table : Table
        Contract of the result (``customer_facts`` or ``customer_facts_before``).
    """
    facts = sums.sort_values("customer_id", ignore_index=True)
    measured = rhythm(facts.order_days, facts.tenure_days - facts.recency_days, facts.recency_days)
    return table.conform(
        facts.assign(
            gap_survival_probability=measured.gap_survival_probability,
            formula_ltv=formula_ltv(facts, orders, as_of, rules),
        )
    )


def facts_at(engine: Engine, on: dt.date, rules: Facts) -> pd.DataFrame:
    """Give the sums and the lifetime value of every customer at any date, made from the lines before it.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines`` and ``customers``.
    on : date
        First day not looked at.
    rules : Facts
        Assumed margin, silence that ends a life, cap of lifetimes.

    Returns
    -------
    DataFrame
        ``customer_facts`` without the chance that comes from a fit (`gap_survival_probability`).
    """
    sum_lines(engine)
    make_customer_tables(engine, on, "_at")
    facts = engine.frame("customer_sums_at").sort_values("customer_id", ignore_index=True)
    return facts.assign(formula_ltv=formula_ltv(facts, order_values(engine, "_at"), on, rules).round(MONEY_PLACES))
