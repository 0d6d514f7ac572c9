"""Whose account a customer belongs to, and what every comparison of accounts says about them."""

from __future__ import annotations

import pandas as pd

from kam_analysis import money
from kam_analysis.engine import Engine
from kam_analysis.facts.account_chances import account_chances, loss_share_of
from kam_analysis.facts.accounts import accounts, unit_customers
from kam_analysis.facts.calendar import Calendar

TRAITS = ["industry", "size", "region"]


def growth_accounts(
    lines: Engine,
    facts: pd.DataFrame,
    chances: pd.DataFrame,
    summary: pd.DataFrame,
    assessment: pd.DataFrame,
    calendar: Calendar,
    stopped_from: float,
) -> pd.DataFrame:
    """Give every account its name, owner, traits, potential and whether it has stopped, and leave them in the engine.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``; afterwards also ``account_of`` (customer_id, account_id) and ``account_traits``
        (account_id, industry, size, region).
    facts, chances, summary, assessment : DataFrame
        ``customer_facts``, ``customer_chances``, ``chance_summary``, ``assessment``.
    calendar : Calendar
        At the reference date.
    stopped_from : float
        An account with at least this lost chance has stopped.

    Returns
    -------
    DataFrame
        ``accounts`` with industry, size and region of the member with the most net sales of 12 months, potential (the
        analyst's possible purchases of a year, summed over the members that have one) and is_stopped; also an account
        without an order for so long that it has no lost chance has stopped.
    """
    table = accounts(facts, unit_customers(lines, calendar.as_of, [])).set_index("account_id")
    account_of = facts.set_index("customer_id")["parent_id"]
    largest = facts.sort_values(["net_sales_12m", "customer_id"], ascending=[False, True]).drop_duplicates("parent_id")
    traits = largest.set_index("parent_id")[TRAITS]
    chance = account_chances(chances, account_of, loss_share_of(summary), stopped_from)
    lines.put("account_of", account_of.rename("account_id").reset_index())
    lines.put("account_traits", traits.rename_axis("account_id").reset_index())
    return (
        table.join(traits)
        .assign(
            potential=_potential(assessment, account_of),
            is_stopped=chance["is_stopped"].reindex(table.index).astype("boolean").fillna(True).astype("bool"),
        )
        .reset_index()
    )


def _potential(assessment: pd.DataFrame, account_of: pd.Series) -> pd.Series:
    rated = assessment.dropna(subset=["potential"])
    exact = pd.Series(money.exact(rated["potential"]), rated["customer_id"].map(account_of))
    return exact.groupby(level=0).sum() / money.SCALE
