"""Accounts: customers of one parent group are one account, at any reference date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pandas as pd

from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.shares import customer_shares
from kam_analysis.tables import ACCOUNTS
from kam_analysis.vocabulary import UnitColumn

HELD_BY = (UnitColumn.MANAGER.value, UnitColumn.DEPARTMENT.value)
PLACE = ["unit_column", "unit"]


def unit_customers(engine: Engine, on: dt.date, units: Collection[str]) -> pd.DataFrame:
    """Net sales of each customer in each unit over the 12 months before a date, by the unit value on the line.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    on : date
        First day not looked at.
    units : collection of str
        Unit columns; manager and department are always among them, because they say who holds an account.

    Returns
    -------
    DataFrame
        unit_column, unit, customer_id, net_sales, last_line_on; unit columns that the data lack have no row.

    Examples
    --------
    >>> with Engine() as engine:
    ...     engine.view("order_lines", "SELECT '1' AS customer_id, 5.0 AS net_sales, DATE '2025-06-01' AS ordered_on, "
    ...         "'Ana' AS manager, NULL AS department, 'MK' AS country, NULL AS region, NULL AS channel")
    ...     unit_customers(engine, dt.date(2026, 1, 1), ["country"]).unit.tolist()
    ['MK', 'Ana']
    """
    engine.materialise(
        "unit_customers",
        statement(__file__, "unit_customers"),
        from_on=add_months(on, -12),
        as_of=on,
        units=sorted({*units, *HELD_BY}),
    )
    return engine.frame("unit_customers").astype({"net_sales": "float64"})


def accounts(facts: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Add customers up to accounts: a parent group is one account, a customer without one its own.

    Money is summed exactly over all members, negative ones too, and orders are summed. The name is that of the member
    with the most net sales of 12 months. Manager and department are those with most of the account's net sales of 12
    months (ties by the latest line, then by name), else the named member's own.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``; `parent_id` is the account.
    units : DataFrame
        `unit_customers` at the same date.

    Returns
    -------
    DataFrame
        ``accounts``, by account id.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2", "3"], "customer_name": ["Ada", "Bo", "Cy"],
    ...     "parent_id": ["H", "H", "3"], "manager": None, "department": None, "net_sales_12m": [15.0, 20.1, -1.0],
    ...     "net_sales_before": 0.0, "orders_12m": [1, 2, 0], "margin_12m": [3.0, None, None], "formula_ltv": None,
    ...     "margin_base_12m": [15.0, 0.0, 0.0], "recency_days": [9.0, 5.0, None]})
    >>> units = pd.DataFrame({"unit_column": ["manager", "manager"], "unit": ["Eva", "Ivo"], "customer_id": ["1", "2"],
    ...     "net_sales": [15.0, 20.1], "last_line_on": pd.Timestamp("2025-06-01")})
    >>> accounts(facts, units)[["account_name", "members", "manager", "managers", "net_sales_12m"]].values.tolist()
    [['Cy', 1, nan, 0, -1.0], ['Bo', 2, 'Ivo', 2, 35.1]]
    """
    ordered = _largest_first(facts)
    grouped = ordered.groupby("parent_id")
    table = pd.DataFrame(
        {
            "account_name": account_names(facts),
            "members": grouped.size(),
            "orders_12m": grouped.orders_12m.sum(),
            "recency_days": grouped.recency_days.min(),
            "formula_ltv": grouped.formula_ltv.sum(min_count=1),
            **{name: _exact_sum(ordered, name) for name in ("net_sales_12m", "net_sales_before", "margin_base_12m")},
            "margin_12m": _exact_sum(ordered[ordered.margin_12m.notna()], "margin_12m"),
        }
    )
    table = table.assign(share_12m=customer_shares(table.net_sales_12m))
    for column in HELD_BY:
        held = unit_accounts(units[units.unit_column == column], facts).drop_duplicates("account_id")
        own = grouped[column].nth(0)
        own.index = ordered.parent_id[own.index]
        table[column] = held.set_index("account_id").unit.reindex(table.index).fillna(own.reindex(table.index))
    counts = units[units.unit_column == UnitColumn.MANAGER].customer_id.map(facts.set_index("customer_id").parent_id)
    sellers = units.unit.reindex(counts.index).groupby(counts).nunique()
    table["managers"] = sellers.reindex(table.index, fill_value=0)
    return ACCOUNTS.conform(table.sort_index().reset_index(names="account_id"))


def account_names(facts: pd.DataFrame) -> pd.Series:
    """Name of every account: that of the member with the most net sales of 12 months, ties by customer id.

    Examples
    --------
    >>> account_names(pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "parent_id": ["H", "H"],
    ...     "net_sales_12m": [5.0, 6.0]})).to_dict()
    {'H': 'Bo'}
    """
    return _largest_first(facts).groupby("parent_id")["customer_name"].first()


def _largest_first(facts: pd.DataFrame) -> pd.DataFrame:
    return facts.sort_values(["net_sales_12m", "customer_id"], ascending=[False, True])


def unit_accounts(units: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Net sales of each account in each unit, exactly summed over its members.

    Parameters
    ----------
    units : DataFrame
        `unit_customers`.
    facts : DataFrame
        ``customer_facts``.

    Returns
    -------
    DataFrame
        unit_column, unit, account_id, exact (ten-thousandths), last_line_on; the largest unit of an account first,
        ties by the latest line, then by name.
    """
    rows = units.assign(
        account_id=units.customer_id.map(facts.set_index("customer_id").parent_id), exact=money.exact(units.net_sales)
    )
    sums = rows.groupby([*PLACE, "account_id"], as_index=False).agg(
        exact=("exact", "sum"), last_line_on=("last_line_on", "max")
    )
    return sums.sort_values(
        ["exact", "last_line_on", *PLACE, "account_id"], ascending=[False, False, True, True, True], ignore_index=True
    )


def _exact_sum(rows: pd.DataFrame, column: str) -> pd.Series:
    exact = pd.Series(money.exact(rows[column]), index=rows.index)
    return exact.groupby(rows.parent_id).sum() / money.SCALE
